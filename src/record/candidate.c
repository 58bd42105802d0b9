/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/candidate.c - branches merged in order of birth or of due.
 *
 * Knows: one compound statement walks each branch in order; a record under several keys comes once.
 * Does not know: what a row holds.
 */
#include "record/finding.h"
#include <stdlib.h>
#include <string.h>

#define UNIT_KEYS_MOST                                                                             \
    16 /* units under whose keys one record lies: owner, raiser, desk, and those above them */

int
record_newest_first(const void *a, const void *b)
{
    const struct record_candidate *x = a, *y = b;

    if (x->rid != y->rid)
        return x->rid < y->rid ? 1 : -1;
    return (x->stream < y->stream) - (x->stream > y->stream);
}

static int
due_first(const void *a, const void *b)
{
    const struct record_candidate *x = a, *y = b;

    if (x->due != y->due)
        return x->due > y->due ? 1 : -1;
    if (x->rid != y->rid)
        return x->rid > y->rid ? 1 : -1;
    return (x->stream > y->stream) - (x->stream < y->stream);
}

#define PARAMETERS_MOST 1900 /* of one statement */

/* One compound statement: each branch is walked in order and merged, nothing is sorted. */
static enum fault_code
read_chunk(struct record_finding *x, size_t from, size_t to, const struct record_candidate *after,
           size_t want, size_t wanted, struct record_candidate *out, size_t *n)
{
    struct store_value *v = arena_alloc(x->t->arena, (record_branch_width(x) * (to - from) + 1) * sizeof *v);
    struct text sql;
    struct rows r;
    size_t at = 0, first = *n, distinct = 0;
    enum fault_code rc;

    text_init(&sql, x->t->arena);
    for (size_t i = from; i < to; i++) {
        const struct record_branch *b = &x->branches[i];

        text_printf(&sql, "%sSELECT v.rid, v.stream, %s, %d", i == from ? "" : " UNION ALL ",
                    x->by_due && b->facet != RECORD_BRANCH_LEFT ? "v.due" : "0", b->exact);
        record_branch_text(x, b, &sql);
        at += record_branch_bind(x, b, after, v + at);
    }
    text_puts(&sql, x->by_due ? " ORDER BY 3, 1, 2 LIMIT ?" : " ORDER BY 1 DESC, 2 DESC LIMIT ?");
    v[at++] = (struct store_value){.letter = 'i', .integer = (int64_t)want};
    rc = store_query_values(x->t, x->s, &r, text_string(&sql), v, at);
    if (rc)
        return rc;
    /* Equal rows of several keys stand together: one more than is wanted ends the last of them. */
    while (distinct <= wanted && *n < first + want && store_next(x->t, &r)) {
        struct record_candidate *c = &out[(*n)++];

        c->rid = store_int(&r, 0);
        c->stream = store_int(&r, 1);
        c->due = store_int(&r, 2);
        c->exact = store_int(&r, 3) != 0;
        distinct += *n == first + 1 || c[-1].rid != c->rid || c[-1].stream != c->stream;
    }
    return store_end(x->t, &r);
}

/* A record under several keys comes once; one exact key is enough. */
size_t
record_once_each(struct record_candidate *list, size_t n, size_t want)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (kept && list[kept - 1].rid == list[i].rid && list[kept - 1].stream == list[i].stream)
            list[kept - 1].exact |= list[i].exact;
        else if (kept == want)
            break;
        else
            list[kept++] = list[i];
    }
    return kept;
}

/* The next distinct candidates after a place in the order. */
enum fault_code
record_candidates(struct record_finding *x, const struct record_candidate *after, size_t want,
                  struct record_candidate **out, size_t *n)
{
    size_t most = PARAMETERS_MOST / record_branch_width(x);
    size_t each_chunk = most < LIMIT_BRANCHES ? most : LIMIT_BRANCHES;
    size_t chunks = (x->n_branches + each_chunk - 1) / each_chunk;
    /* Equal rows of several keys stand together: asking for as many times more as there are keys is
     * enough. */
    size_t keys = x->c->n_keys + x->c->n_lent + (x->c->n_tied ? UNIT_KEYS_MOST : 0) +
                  record_walks_left(x);
    size_t each = want * (keys ? keys : 1);
    struct record_candidate *list = arena_alloc(x->t->arena, (chunks * each + 1) * sizeof *list);
    enum fault_code rc = FAULT_NONE;

    *n = 0;
    for (size_t i = 0; i < x->n_branches && !rc; i += each_chunk) {
        size_t to = i + each_chunk < x->n_branches ? i + each_chunk : x->n_branches;

        rc = read_chunk(x, i, to, after, each, want, list, n);
    }
    qsort(list, *n, sizeof *list, x->by_due ? due_first : record_newest_first);
    *n = record_once_each(list, *n, want);
    *out = list;
    return rc;
}
