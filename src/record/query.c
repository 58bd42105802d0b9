/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/query.c - the records that a query names: a field of type find, entered by a user.
 *
 * Knows: a query finds what its record's owner covers and nothing else: an organ its place, a
 * department its line there, an enterprise what names it; nothing sealed, nothing that bars the owner.
 * Rows are found by the narrowest audience key the query fixes, never by a scan of the kind.
 * Does not know: the forms of `where`; set tests each row.
 */
#include "record/inside.h"
#include <stdlib.h>
#include <string.h>

struct covered {
    int64_t key, unit;
    int line;
};

static bool
names(const struct json *list, int64_t n)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (json_integer(json_at(list, i), 0) == n)
            return true;
    return false;
}

static bool
is_covered(const struct covered *by, const struct record *r)
{
    const struct json *keys = json_get(r->parties, "keys");
    bool has = false;

    for (size_t i = 0; i < json_count(keys) && !has; i++) {
        const char *text = json_text(json_at(keys, i));

        has = text && strtoll(text, NULL, 10) == by->key;
    }
    return has && !r->sealed && (!by->line || names(r->lines, by->line)) &&
           !names(json_get(json_get(r->parties, "never"), "units"), by->unit);
}

/* The key that the query itself fixes where that is narrower than what the owner covers. */
static enum fault_code
narrowest(struct judged *j, const struct kind_set *set, int64_t *key)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < set->n_where && !rc; i++) {
        const struct kind_where *w = &set->where[i];
        const char *value = json_text(record_eval(j, w->value));
        struct org_place p;
        bool found = false;

        if (text_equal(w->field, "owner") && w->op == OP_EQ) {
            *key = org_key(ORG_KEY_UNIT, org_id_read(value, 'u'), 0, 0);
        } else if (text_equal(w->field, "place") && (w->op == OP_EQ || w->op == OP_UNDER) &&
                   *key >> 60 == ORG_KEY_PLACE && value) {
            rc = org_place_by_code(j->task, j->store, value, &p, &found);
            *key = org_key(ORG_KEY_PLACE, !rc && found ? p.id : 0, 0, 0);
        }
    }
    return rc;
}

static enum fault_code
read_rows(struct judged *j, int64_t key, struct member *list, size_t *n)
{
    struct rows r;
    enum fault_code rc =
        store_query(j->task, j->store, &r,
                    "SELECT DISTINCT rid, stream FROM record_vis WHERE key = ? ORDER BY rid, stream LIMIT ?",
                    "ii", key, (int64_t)LIMIT_QUERIED + 1);

    *n = 0;
    if (rc)
        return rc;
    while (store_next(j->task, &r)) {
        list[*n].rid = store_int(&r, 0);
        list[(*n)++].stream = store_int(&r, 1);
    }
    rc = store_end(j->task, &r);
    if (!rc && *n > LIMIT_QUERIED)
        rc = fault(j->task, FAULT_INPUT, NULL,
                   "查询涉及超过 %d 件记录；请缩小范围 | the query looks at more than %d records; narrow it",
                   LIMIT_QUERIED, LIMIT_QUERIED);
    return rc;
}

enum fault_code
record_query(struct judged *j, const struct kind_set *set, struct member **out, size_t *n)
{
    const struct kind *k = kind_find(j->world->catalog, set->kind, 0);
    struct covered by = {.unit = j->now->unit};
    struct member *list = arena_alloc(j->task->arena, (LIMIT_QUERIED + 1) * sizeof *list);
    size_t seen = 0;
    int64_t key;
    enum fault_code rc = org_cover(j->task, j->store, j->now->unit, &by.key, &by.line);

    *out = list;
    *n = 0;
    key = by.key;
    if (!rc && key)
        rc = narrowest(j, set, &key);
    if (!rc && k && key)
        rc = read_rows(j, org_key_kind(key, k->id), list, &seen);
    for (size_t i = 0; i < seen && !rc; i++) {
        struct record r;
        bool found;

        rc = record_open_row(j->task, j->store, j->world, list[i].stream, list[i].rid, &r, &found);
        if (!rc && found && is_covered(&by, &r))
            list[(*n)++] = list[i];
    }
    return rc;
}
