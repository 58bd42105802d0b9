/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/fuzz/fuzz_json.c - json_read and json_canonical under libFuzzer.
 *
 * What is read and written reads back as the same value; canonical bytes, read and written again, are
 * the same bytes.
 */
#include "base/json.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
check_canonical(struct task *t, const struct json *value)
{
    struct text first, second;
    struct json *again;

    text_init(&first, t->arena);
    text_init(&second, t->arena);
    if (json_canonical(t, value, false, &first))
        return;
    must(!json_read(t, first.bytes, first.len, &again));
    must(!json_canonical(t, again, false, &second));
    must(first.len == second.len && memcmp(first.bytes, second.bytes, first.len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct json *value, *again;
    struct text written;
    struct task t;

    task_init(&t, 0, 1);
    if (!json_read(&t, (const char *)bytes, len, &value)) {
        text_init(&written, t.arena);
        json_write(&written, value);
        must(!json_read(&t, written.bytes, written.len, &again));
        must(json_equal(value, again));
        check_canonical(&t, value);
    }
    task_release(&t);
    return 0;
}
