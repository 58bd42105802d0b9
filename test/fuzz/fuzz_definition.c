/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/fuzz/fuzz_definition.c - kind_load and what is made of a definition, under libFuzzer.
 *
 * A definition is refused with at least one pointer, or it loads, and then every step has a schema and
 * the whole can be described and checked as a catalogue of its own.
 */
#include "base/embed.h"
#include "kind/kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char *
part(void *who, const char *name, size_t *len)
{
    struct task *t = who;
    const struct embed_file *file =
        embed_find(arena_format(t->arena, "definitions/parts/%s.json", name));

    if (!file)
        return NULL;
    *len = file->len;
    return (const char *)file->bytes;
}

static void
use(struct task *t, struct kind *k)
{
    struct kind_catalog *all = kind_catalog_new(t->arena);

    must(kind_describe(t, k));
    for (size_t i = 0; i < k->n_steps; i++)
        must(kind_step_schema(t, k, &k->steps[i]));
    must(!kind_catalog_add(t, all, k));
    if (kind_catalog_check(t, all))
        must(t->fault.n_items > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct task t;
    struct kind_files files = {part, &t};
    struct kind *k;

    task_init(&t, 0, 1);
    if (kind_load(&t, (const char *)bytes, len, &files, &k))
        must(t.fault.n_items > 0 && t.fault.items[0].pointer);
    else
        use(&t, k);
    task_release(&t);
    return 0;
}
