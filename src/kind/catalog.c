/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/catalog.c - the kinds in use together, every version of each.
 *
 * Knows: finding a kind by name, version or number. Versions are few and kinds some dozens, so
 * lists are walked.
 * Does not know: whether they fit together (catalog_check.c), or which version a record obeys.
 */
#include "kind/inside.h"
#include <stdlib.h>
#include <string.h>

struct kind_catalog *
kind_catalog_new(struct arena *a)
{
    struct kind_catalog *c = arena_alloc(a, sizeof *c);
    c->arena = a;
    return c;
}

enum fault_code
kind_catalog_add(struct task *t, struct kind_catalog *c, struct kind *k)
{
    for (size_t i = 0; i < c->n; i++)
        if (text_equal(c->kinds[i]->name, k->name) && c->kinds[i]->version == k->version)
            return fault(t, FAULT_INPUT, "/version",
                         "“%s”第 %d 版已经有了：内容一改，版本号加一 | Version %d of “%s” is there already: "
                         "a change of bytes needs a new version", k->name, k->version, k->version,
                         k->name);
    if (c->n == c->room) {
        size_t room = c->room ? c->room * 2 : 32;
        struct kind **more = arena_alloc(c->arena, room * sizeof *more);
        if (c->n)
            memcpy(more, c->kinds, c->n * sizeof *more);
        c->kinds = more;
        c->room = room;
    }
    c->kinds[c->n++] = k;
    return FAULT_NONE;
}

const struct kind *
kind_find(const struct kind_catalog *c, const char *name, int version)
{
    const struct kind *found = NULL;
    for (size_t i = 0; name && i < c->n; i++) {
        const struct kind *k = c->kinds[i];
        if (text_equal(k->name, name) && (version ? k->version == version
                                                  : !found || k->version > found->version))
            found = k;
    }
    return found;
}

const struct kind *
kind_find_id(const struct kind_catalog *c, int id)
{
    const struct kind *found = NULL;
    for (size_t i = 0; id > 0 && i < c->n; i++)
        if (c->kinds[i]->id == id && (!found || c->kinds[i]->version > found->version))
            found = c->kinds[i];
    return found;
}

const struct kind *
kind_find_numbered(const struct kind_catalog *c, int id, int version)
{
    for (size_t i = 0; id > 0 && i < c->n; i++)
        if (c->kinds[i]->id == id && c->kinds[i]->version == version)
            return c->kinds[i];
    return NULL;
}

static bool
is_newest(const struct kind_catalog *c, const struct kind *k)
{
    return kind_find(c, k->name, 0) == k;
}

size_t
kind_catalog_count(const struct kind_catalog *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += is_newest(c, c->kinds[i]);
    return n;
}

static bool
comes_before(const struct kind *a, const struct kind *b)
{
    return a->id != b->id ? a->id < b->id : strcmp(a->name, b->name) < 0;
}

const struct kind *
kind_catalog_at(const struct kind_catalog *c, size_t i)
{
    for (size_t j = 0; j < c->n; j++) {
        if (!is_newest(c, c->kinds[j]))
            continue;
        size_t before = 0;
        for (size_t m = 0; m < c->n; m++)
            before += is_newest(c, c->kinds[m]) && comes_before(c->kinds[m], c->kinds[j]);
        if (before == i)
            return c->kinds[j];
    }
    return NULL;
}

/* ---- for the checks ---- */

const char *
catalog_pointer(struct arena *a, const struct kind *k, const char *pointer)
{
    if (text_starts(pointer, "parts/"))
        return arena_format(a, "%s (%s.json)", pointer, k->name);
    return arena_format(a, "%s.json#%s", k->name, pointer);
}

size_t
catalog_members(const struct kind_catalog *c, const struct kind *k, const struct kind_set *set,
                const struct kind **out, size_t room)
{
    size_t n = 0;
    if (set->sort == SET_LINKED || set->sort == SET_TREE || set->sort == SET_KIND) {
        out[0] = kind_find(c, set->kind, 0);
        return out[0] != NULL;
    }
    const struct kind_field *f = set->sort == SET_RECORD ? kind_field(k, set->field) : NULL;
    for (size_t i = 0; f && i < f->n_kinds && n < room; i++)
        if ((out[n] = kind_find(c, f->kinds[i], 0)) != NULL)
            n++;
    return n;
}

static bool
list_calls(const struct kind_catalog *c, const struct kind *from, const struct kind_effect *effects,
           size_t n, const struct kind *k, const struct kind_step *s)
{
    const struct kind *members[32];
    for (size_t i = 0; i < n; i++) {
        const struct kind_effect *e = &effects[i];
        if (e->sort == EFFECT_RAISE && s->creates && text_equal(e->name, k->name))
            return true;
        if (e->sort != EFFECT_STEP || !text_equal(e->name, s->name))
            continue;
        if (!e->over && from == k)
            return true;
        if (e->over && e->over->sort == SET_FIND)
            return true;
        size_t m = e->over ? catalog_members(c, from, e->over, members, 32) : 0;
        for (size_t j = 0; j < m; j++)
            if (members[j] == k)
                return true;
    }
    return false;
}

bool
catalog_calls(const struct kind_catalog *c, const struct kind *k, const struct kind_step *s)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct kind *from = c->kinds[i];
        if (!is_newest(c, from))
            continue;
        for (size_t j = 0; j < from->n_steps; j++)
            if (list_calls(c, from, from->steps[j].effects, from->steps[j].n_effects, k, s))
                return true;
        for (size_t j = 0; j < from->n_clocks; j++)
            if (list_calls(c, from, from->clocks[j].rungs, from->clocks[j].n_rungs, k, s))
                return true;
    }
    return false;
}
