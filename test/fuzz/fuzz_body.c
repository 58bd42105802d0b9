/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/fuzz/fuzz_body.c - the body of a creation, checked against each carried definition, under libFuzzer.
 *
 * The first byte chooses the definition, the rest is what a stranger sends as its fields. What passes
 * holds only fields that the step asks for.
 */
#include "base/embed.h"
#include "kind/kind.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct task carried;
static struct kind *kinds[64];
static size_t n_kinds;

static const char *
part(void *who, const char *name, size_t *len)
{
    const struct embed_file *file =
        embed_find(arena_format(carried.arena, "definitions/parts/%s.json", name));

    (void)who;
    if (!file)
        return NULL;
    *len = file->len;
    return (const char *)file->bytes;
}

static void
load_carried(void)
{
    const struct kind_files files = {part, NULL};

    task_init(&carried, 0, 1);
    for (const struct embed_file *f = embed_from("definitions/"); f && text_starts(f->path, "definitions/");
         f = f + 1 < embed_files + embed_files_len ? f + 1 : NULL)
        if (!strchr(f->path + strlen("definitions/"), '/') && strstr(f->path, ".json"))
            must(!kind_load(&carried, (const char *)f->bytes, f->len, &files, &kinds[n_kinds++]));
    must(n_kinds > 0);
}

static const struct kind_step *
creating(const struct kind *k)
{
    for (size_t i = 0; i < k->n_steps; i++)
        if (k->steps[i].creates)
            return &k->steps[i];
    must(false);
    return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct kind *k;
    struct checked checked;
    struct json *sent;
    struct task t;

    if (!n_kinds)
        load_carried();
    if (!len)
        return 0;
    k = kinds[bytes[0] % n_kinds];
    task_init(&t, 0, 1);
    if (!json_read(&t, (const char *)bytes + 1, len - 1, &sent)) {
        if (kind_check(&t, k, creating(k), NULL, sent, &checked))
            must(t.fault.n_items > 0);
        else
            must(json_is(checked.fields, JSON_OBJECT));
    }
    task_release(&t);
    return 0;
}
