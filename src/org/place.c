/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/place.c - the dated tree of places 块.
 */
#include "org/inside.h"
#include <stdlib.h>
#include <string.h>

#define COLUMNS "id, parent, stream, level, code, name, initials, from_day, to_day"

static void
read_place(struct task *t, const struct rows *r, struct org_place *p)
{
    p->id = store_int(r, 0);
    p->parent = store_int(r, 1);
    p->stream = store_int(r, 2);
    p->level = (int)store_int(r, 3);
    p->code = store_text(t, r, 4);
    p->name = store_text(t, r, 5);
    p->initials = store_text(t, r, 6);
    p->from_day = store_int(r, 7);
    p->to_day = store_int(r, 8);
}

static enum fault_code
one(struct task *t, struct rows *r, struct arena *keeps, struct org_place *out, bool *found)
{
    struct task keeping = {.arena = keeps};

    *found = store_next(t, r);
    if (*found)
        read_place(&keeping, r, out);
    return store_end(t, r);
}

enum fault_code
org_place(struct task *t, struct store *s, int64_t id, struct org_place *out, bool *found)
{
    struct rows r;
    const void *kept;
    enum fault_code rc;

    if (org_memo_get(t, s, 'l', id, &kept)) {
        *found = kept != NULL;
        if (kept)
            *out = *(const struct org_place *)kept;
        return FAULT_NONE;
    }
    rc = store_query(t, s, &r, "SELECT " COLUMNS " FROM org_place WHERE id = ?", "i", id);
    if (!rc)
        rc = one(t, &r, org_memo_arena(t, s), out, found);
    if (!rc)
        org_memo_put(t, s, 'l', id, *found ? out : NULL, sizeof *out);
    return rc;
}

enum fault_code
org_place_by_code(struct task *t, struct store *s, const char *code, struct org_place *out, bool *found)
{
    struct rows r;
    char full[16] = "000000000000";
    size_t len = code ? strspn(code, "0123456789") : 0;
    const void *kept;
    enum fault_code rc;

    *found = false;
    if (!code || code[len] || len < 2 || len > 12)
        return FAULT_NONE;
    memcpy(full, code, len);
    if (org_memo_get(t, s, 'c', strtoll(full, NULL, 10), &kept)) {
        *found = kept != NULL;
        if (kept)
            *out = *(const struct org_place *)kept;
        return FAULT_NONE;
    }
    rc = store_query(t, s, &r,
                     "SELECT " COLUMNS " FROM org_place WHERE code = ? ORDER BY to_day IS NOT NULL, id DESC LIMIT 1",
                     "s", full);
    if (!rc)
        rc = one(t, &r, org_memo_arena(t, s), out, found);
    if (!rc)
        org_memo_put(t, s, 'c', strtoll(full, NULL, 10), *found ? out : NULL, sizeof *out);
    return rc;
}

enum fault_code
org_above(struct task *t, struct store *s, int64_t place, int64_t ids[ORG_DEPTH], size_t *n)
{
    *n = 0;
    while (place && *n < ORG_DEPTH) {
        struct org_place p;
        bool found;
        enum fault_code rc = org_place(t, s, place, &p, &found);

        if (rc)
            return rc;
        if (!found)
            break;
        ids[(*n)++] = place;
        place = p.parent;
    }
    return FAULT_NONE;
}

enum fault_code
org_covers(struct task *t, struct store *s, int64_t node, int64_t place, bool *covers)
{
    int64_t ids[ORG_DEPTH];
    size_t n;
    enum fault_code rc = org_above(t, s, place, ids, &n);

    *covers = false;
    for (size_t i = 0; i < n && !rc; i++)
        if (ids[i] == node)
            *covers = true;
    return rc;
}

enum fault_code
org_county(struct task *t, struct store *s, int64_t place, int64_t *county)
{
    int64_t ids[ORG_DEPTH];
    size_t n;
    enum fault_code rc = org_above(t, s, place, ids, &n);

    *county = place;
    for (size_t i = 0; i < n && !rc; i++) {
        struct org_place p;
        bool found;

        rc = org_place(t, s, ids[i], &p, &found);
        if (!rc && found && p.level <= ORG_COUNTY) {
            *county = p.id;
            break;
        }
    }
    return rc;
}

/* What was merged lies below what it went into, which may have been merged in its turn. */
enum fault_code
org_place_living(struct task *t, struct store *s, int64_t place, struct org_place *out, bool *found)
{
    enum fault_code rc = org_place(t, s, place, out, found);

    for (int depth = 0; !rc && *found && out->to_day && depth < 4 * ORG_DEPTH; depth++)
        rc = org_place(t, s, out->parent, out, found);
    return rc;
}

enum fault_code
org_places(struct task *t, struct store *s, int64_t parent, const char *q, int64_t limit,
           struct org_place **out, size_t *n)
{
    struct rows r;
    const char *to = NULL;
    enum fault_code rc;

    if (q && *q) {
        q = store_search_folded(t, q);
        to = arena_format(t->arena, "%s\xf4\x8f\xbf\xbf", q);
        rc = store_query(t, s, &r,
                         "SELECT " COLUMNS " FROM org_place WHERE to_day IS NULL AND (name >= ? AND name < ? "
                         "OR initials >= ? AND initials < ? OR code >= ? AND code < ?) ORDER BY level, id LIMIT ?",
                         "ssssssi", q, to, q, to, q, to, limit);
    } else {
        rc = store_query(t, s, &r,
                         "SELECT " COLUMNS
                         " FROM org_place WHERE parent = ? AND to_day IS NULL ORDER BY id LIMIT ?",
                         "ii", parent, limit);
    }
    if (rc)
        return rc;
    *out = arena_alloc(t->arena, ((size_t)limit + 1) * sizeof **out);
    *n = 0;
    while (*n < (size_t)limit && store_next(t, &r))
        read_place(t, &r, &(*out)[(*n)++]);
    return store_end(t, &r);
}

enum fault_code
org_top(struct task *t, struct store *s, int64_t *place)
{
    bool found;
    const void *kept;
    enum fault_code rc;

    *place = 0;
    if (org_memo_get(t, s, 't', 0, &kept)) {
        *place = *(const int64_t *)kept;
        return FAULT_NONE;
    }
    rc = store_one_int(t, s, place, &found, "SELECT n FROM org_generation WHERE what = 'top'", "");
    if (!rc)
        org_memo_put(t, s, 't', 0, place, sizeof *place);
    return rc;
}
