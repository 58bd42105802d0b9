/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/field.c - a list by an indexed field: which of the two is walked, the keys or the field's index.
 *
 * Both stand in order of birth. Walking the keys asks the index for each record under them; walking the
 * index reads each row that has the value. Where fewer have the value than the keys, the index is walked.
 *
 * Knows: how far back so many of each reach, from the place in the order on.
 * Does not know: which rows fit; they are tested.
 */
#include "record/finding.h"
#include <stdlib.h>
#include <string.h>

#define PROBED 100   /* how far back so many reach tells how many there are */
#define ROW_COSTS 6  /* reading a row, in askings of an index */

static struct store_value
integer(int64_t value)
{
    return (struct store_value){.letter = 'i', .integer = value};
}

/* The value's rows of each kind asked for, newest first. */
static enum fault_code
open_values(struct record_finding *x, const struct record_candidate *after, size_t want, struct rows *r)
{
    const struct json_member *m = &x->f->fields->object.at[0];
    struct store_value *v = arena_alloc(x->t->arena, (5 * x->f->n_kinds + 1) * sizeof *v);
    struct text sql;
    size_t n = 0;

    text_init(&sql, x->t->arena);
    for (size_t i = 0; i < x->f->n_kinds; i++) {
        text_printf(&sql, "%sSELECT rid, stream FROM record_field WHERE kind = ? AND name = ? AND value = ? AND "
                          "(rid, stream) < (?, ?)",
                    i ? " UNION ALL " : "");
        v[n++] = integer(x->f->kinds[i]->id);
        v[n++] = (struct store_value){.letter = 's', .bytes = m->name};
        v[n++] = (struct store_value){.letter = 's', .bytes = json_text(m->value)};
        v[n++] = integer(after->rid);
        v[n++] = integer(after->stream);
    }
    text_puts(&sql, " ORDER BY 1 DESC, 2 DESC LIMIT ?");
    v[n++] = integer((int64_t)want);
    return store_query_values(x->t, x->s, r, text_string(&sql), v, n);
}

enum fault_code
record_by_field(struct record_finding *x, const struct record_candidate *after, size_t want,
                struct record_candidate **out, size_t *n)
{
    struct record_candidate *list = arena_alloc(x->t->arena, want * sizeof *list);
    struct rows r;
    enum fault_code rc = open_values(x, after, want, &r);

    *n = 0;
    *out = list;
    if (rc)
        return rc;
    while (*n < want && store_next(x->t, &r)) {
        list[*n].rid = store_int(&r, 0);
        list[(*n)++].stream = store_int(&r, 1);
    }
    return store_end(x->t, &r);
}

/* How far back from the cursor the last of so many reaches; INT64_MAX where there are not so many. */
static int64_t
reach(const struct record_candidate *after, const struct record_candidate *list, size_t n)
{
    int64_t from = after->rid == INT64_MAX && n ? list[0].rid : after->rid;

    return n < PROBED ? INT64_MAX : from - list[n - 1].rid;
}

enum fault_code
record_decide(struct record_finding *x, const struct record_candidate *after)
{
    struct record_finding keys = *x;
    struct record_candidate *list;
    int64_t by_field, by_keys;
    size_t n;
    enum fault_code rc;

    x->walks = RECORD_BY_KEYS;
    if (x->by_due || x->f->fields->object.n > 8)
        return FAULT_NONE;
    rc = record_by_field(x, after, PROBED, &list, &n);
    if (rc)
        return rc;
    by_field = reach(after, list, n);
    keys.by_index = false;
    keys.walks = RECORD_BY_KEYS;
    rc = record_candidates(&keys, after, PROBED, &list, &n);
    by_keys = reach(after, list, n);
    if (!rc && by_keys < by_field / ROW_COSTS)
        x->walks = RECORD_BY_FIELD;
    return rc;
}
