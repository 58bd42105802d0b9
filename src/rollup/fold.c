/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/fold.c - delta rows into cells and sums, many at a time.
 *
 * Knows: a batch is added up in memory first, so that a hot cell is written once for all of it.
 * Does not know: who holds the lease.
 */
#include "rollup/inside.h"
#include <string.h>

struct delta {
    int64_t stream, seq, n;
    const struct json *nodes;
    struct tally_row cell; /* without its node */
};

struct folding {
    struct task *t;
    struct store *s;
    struct tally cells, sums;
    int64_t *known; /* places whose reach was asked for in this batch */
    struct org_span **reach;
    size_t *n_reach, n_known, room;
};

static enum fault_code
read_deltas(struct folding *x, int64_t limit, struct delta *list, size_t *n)
{
    struct task *t = x->t;
    struct rows r;
    const char *last = "";
    struct json *nodes = NULL;
    enum fault_code rc = store_query(t, x->s, &r,
                                     "SELECT stream, seq, n, figure, nodes, line, dims, period, recorded_on, "
                                     "amount FROM rollup_delta ORDER BY stream, seq, n LIMIT ?",
                                     "i", limit);

    if (rc)
        return rc;
    while (!rc && *n < (size_t)limit && store_next(t, &r)) {
        struct delta *d = &list[(*n)++];
        const char *text = store_text(t, &r, 4);

        if (!text_equal(text, last))
            rc = json_read(t, text, strlen(text), &nodes);
        last = text;
        d->stream = store_int(&r, 0);
        d->seq = store_int(&r, 1);
        d->n = store_int(&r, 2);
        d->nodes = nodes;
        d->cell = (struct tally_row){.figure = store_text(t, &r, 3),
                                     .line = store_int(&r, 5),
                                     .dims = store_text(t, &r, 6),
                                     .a = (int32_t)store_int(&r, 7),
                                     .b = (int32_t)store_int(&r, 8),
                                     .amount = store_int(&r, 9)};
    }
    return store_end(t, &r) ? t->fault.code : rc;
}

/* What a place adds to besides itself; asked once a batch. */
static enum fault_code
reach_of(struct folding *x, int64_t place, struct org_span **out, size_t *n)
{
    size_t i = 0;
    enum fault_code rc;

    while (i < x->n_known && x->known[i] != place)
        i++;
    if (i == x->n_known) {
        must(i < x->room);
        rc = rollup_reach(x->t, x->s, "place", place, &x->reach[i], &x->n_reach[i]);
        if (rc)
            return rc;
        x->known[x->n_known++] = place;
    }
    *out = x->reach[i];
    *n = x->n_reach[i];
    return FAULT_NONE;
}

static enum fault_code
add_delta(struct folding *x, const struct delta *d)
{
    static const struct org_span always = {0, 0, ORG_ALWAYS};
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(d->nodes) && !rc; i++) {
        struct tally_row cell = d->cell;
        struct org_span *reach;
        size_t n = 0;

        cell.node = json_integer(json_at(d->nodes, i), 0);
        tally_add(&x->cells, &cell);
        tally_sums(&x->sums, &cell, cell.node, &always);
        rc = reach_of(x, cell.node, &reach, &n);
        for (size_t k = 0; k < n && !rc; k++)
            if (reach[k].place != cell.node)
                tally_sums(&x->sums, &cell, reach[k].place, &reach[k]);
    }
    return rc;
}

static enum fault_code
store_cells(struct folding *x)
{
    return tally_store_cells(x->t, x->s, &x->cells,
                             "INSERT INTO rollup_cell (node, figure, period, recorded_on, line, dims, amount) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (node, figure, period, recorded_on, line, "
                             "dims) DO UPDATE SET amount = rollup_cell.amount + excluded.amount");
}

static enum fault_code
fold_batch(struct folding *x, int64_t limit, size_t *n)
{
    struct delta *list = arena_alloc(x->t->arena, ((size_t)limit + 1) * sizeof *list);
    size_t nodes = 1;
    enum fault_code rc = read_deltas(x, limit, list, n);

    for (size_t i = 0; i < *n; i++)
        nodes += json_count(list[i].nodes);
    x->room = nodes;
    x->known = arena_alloc(x->t->arena, nodes * sizeof *x->known);
    x->reach = arena_alloc(x->t->arena, nodes * sizeof *x->reach);
    x->n_reach = arena_alloc(x->t->arena, nodes * sizeof *x->n_reach);
    for (size_t i = 0; i < *n && !rc; i++)
        rc = add_delta(x, &list[i]);
    if (!rc)
        rc = store_cells(x);
    if (!rc)
        rc = tally_store_sums(x->t, x->s, &x->sums, "rollup_sum");
    /* Nobody else writes meanwhile: all up to the last that was read were read. */
    if (!rc && *n)
        rc = store_run(x->t, x->s, NULL, "DELETE FROM rollup_delta WHERE (stream, seq, n) <= (?, ?, ?)", "iii",
                       list[*n - 1].stream, list[*n - 1].seq, list[*n - 1].n);
    return rc;
}

enum fault_code
rollup_fold(struct task *t, struct store *s, int64_t limit, int64_t *folded)
{
    struct folding x = {.t = t, .s = s};
    size_t n = 0;
    enum fault_code rc = rollup_tree_follow(t, s);

    tally_init(&x.cells, t->arena);
    tally_init(&x.sums, t->arena);
    if (!rc)
        rc = fold_batch(&x, limit, &n);
    *folded = (int64_t)n;
    return rc;
}
