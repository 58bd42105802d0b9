/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/fuzz/fuzz_condition.c - kind_eval under libFuzzer.
 *
 * The input's first line is the expression, the rest the record it reads. Evaluation never fails, gives
 * the same again, and gives what can be written and read back.
 */
#include "kind/kind.h"
#include "two.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct json *
read_path(void *who, struct task *t, const char *path)
{
    struct json *at = who;

    while (at && *path) {
        size_t len = strcspn(path, ".");
        const char *name = arena_copy(t->arena, path, len);

        path += path[len] ? len + 1 : len;
        at = json_is(at, JSON_ARRAY) ? json_at(at, strtoul(name, NULL, 10)) : json_get(at, name);
    }
    return at;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct json *expression, *record, *value, *again;
    const char *names[8];
    struct text written;
    struct task t;

    task_init(&t, 0, 1);
    if (read_two(&t, bytes, len, &expression, &record)) {
        const struct kind_env env = {.read = read_path, .who = record};

        value = kind_eval(&t, &env, expression);
        must(t.fault.code == FAULT_NONE);
        must(json_equal(value, kind_eval(&t, &env, expression)));
        must(kind_missing(&t, &env, expression, names, 8) <= 8);
        text_init(&written, t.arena);
        json_write(&written, value);
        must(!json_read(&t, written.bytes, written.len, &again));
    }
    task_release(&t);
    return 0;
}
