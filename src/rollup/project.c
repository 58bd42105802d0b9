/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/project.c - changes stated by events into delta rows, delta rows into cells.
 */
#include "base/time.h"
#include "rollup/rollup.h"
#include <string.h>

enum fault_code
rollup_project(struct task *t, struct store *s, const struct json *body, int64_t seq)
{
    const struct json *list = json_get(json_get(body, "outcome"), "figures");
    int64_t stream = json_int_of(body, "stream", 0);
    int32_t day = time_day(json_int_of(body, "at", 0));
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(list) && !rc; i++) {
        const struct json *x = json_at(list, i);
        struct text dims;

        text_init(&dims, t->arena);
        rc = json_canonical(t, json_get(x, "dims"), false, &dims);
        if (!rc)
            rc = store_run(t, s, NULL,
                           "INSERT INTO rollup_delta (stream, seq, n, figure, nodes, line, dims, period, "
                           "recorded_on, amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           "iiissisiii", stream, seq, (int64_t)i, json_text_of(x, "figure"),
                           json_string(t->arena, json_get(x, "nodes")), json_int_of(x, "line", 0),
                           text_string(&dims), json_int_of(x, "period", 0), (int64_t)day,
                           json_int_of(x, "amount", 0));
    }
    return rc;
}

struct delta {
    int64_t stream, seq, n, line, period, recorded_on, amount;
    const char *figure, *nodes, *dims;
};

static enum fault_code
fold_one(struct task *t, struct store *s, const struct delta *d)
{
    struct json *nodes;
    enum fault_code rc = json_read(t, d->nodes, strlen(d->nodes), &nodes);

    for (size_t i = 0; !rc && i < json_count(nodes); i++)
        rc = store_run(t, s, NULL,
                       "INSERT INTO rollup_cell (figure, node, line, dims, period, recorded_on, amount) VALUES "
                       "(?, ?, ?, ?, ?, ?, ?) ON CONFLICT (figure, node, line, dims, period, recorded_on) DO "
                       "UPDATE SET amount = rollup_cell.amount + excluded.amount",
                       "siisiii", d->figure, json_integer(json_at(nodes, i), 0), d->line, d->dims,
                       d->period, d->recorded_on, d->amount);
    if (!rc)
        rc = store_run(t, s, NULL, "DELETE FROM rollup_delta WHERE stream = ? AND seq = ? AND n = ?", "iii",
                       d->stream, d->seq, d->n);
    return rc;
}

enum fault_code
rollup_fold(struct task *t, struct store *s, int64_t limit, int64_t *folded)
{
    struct delta *list = arena_alloc(t->arena, ((size_t)limit + 1) * sizeof *list);
    struct rows r;
    size_t n = 0;
    enum fault_code rc = store_query(t, s, &r,
                                     "SELECT stream, seq, n, figure, nodes, line, dims, period, recorded_on, "
                                     "amount FROM rollup_delta ORDER BY stream, seq, n LIMIT ?",
                                     "i", limit);

    if (rc)
        return rc;
    while (n < (size_t)limit && store_next(t, &r)) {
        struct delta *d = &list[n++];

        d->stream = store_int(&r, 0);
        d->seq = store_int(&r, 1);
        d->n = store_int(&r, 2);
        d->figure = store_text(t, &r, 3);
        d->nodes = store_text(t, &r, 4);
        d->line = store_int(&r, 5);
        d->dims = store_text(t, &r, 6);
        d->period = store_int(&r, 7);
        d->recorded_on = store_int(&r, 8);
        d->amount = store_int(&r, 9);
    }
    rc = store_end(t, &r);
    for (size_t i = 0; i < n && !rc; i++)
        rc = fold_one(t, s, &list[i]);
    *folded = (int64_t)n;
    return rc;
}
