/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/recount.c - does every cell equal a recount over the log, and every sum its cells?
 */
#include "rollup/inside.h"
#include <string.h>

/* A scratch table of this connection; the counted cells and the kept ones are compared in one query. */
enum fault_code
rollup_recount_ready(struct task *t, struct store *s)
{
    return store_script(t, s,
                        "CREATE TEMPORARY TABLE IF NOT EXISTS rollup_scratch (figure TEXT, node BIGINT, line "
                        "INTEGER, dims TEXT, period INTEGER, recorded_on INTEGER, amount BIGINT, PRIMARY KEY "
                        "(figure, node, line, dims, period, recorded_on)); DELETE FROM rollup_scratch; CREATE "
                        "TEMPORARY TABLE IF NOT EXISTS rollup_scratch_sum (node BIGINT, figure TEXT, line "
                        "INTEGER, span INTEGER, dims TEXT, amount BIGINT, PRIMARY KEY (node, figure, line, "
                        "span, dims)); DELETE FROM rollup_scratch_sum;");
}

/* Of one amount at every node. */
static void
add(struct tally *x, const struct tally_row *amount, const struct json *nodes)
{
    for (size_t i = 0; i < json_count(nodes); i++) {
        struct tally_row cell = *amount;

        cell.node = json_integer(json_at(nodes, i), 0);
        tally_add(x, &cell);
    }
}

static enum fault_code
put_counted(struct task *t, struct store *s, const struct tally *x)
{
    return tally_store_cells(t, s, x,
                             "INSERT INTO rollup_scratch (node, figure, period, recorded_on, line, dims, amount) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (figure, node, line, dims, period, "
                             "recorded_on) DO UPDATE SET amount = rollup_scratch.amount + excluded.amount");
}

static enum fault_code
count_event(struct task *t, struct tally *counted, const struct chain_row *row)
{
    const struct json *list = json_get(json_get(row->body, "outcome"), "figures");
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(list) && !rc; i++) {
        const struct json *x = json_at(list, i);
        struct text dims;

        text_init(&dims, t->arena);
        rc = json_canonical(t, json_get(x, "dims"), false, &dims);
        if (!rc)
            add(counted,
                &(struct tally_row){.figure = json_text_of(x, "figure"),
                                    .dims = text_string(&dims),
                                    .line = json_int_of(x, "line", 0),
                                    .a = (int32_t)json_int_of(x, "period", 0),
                                    .b = time_day(row->at),
                                    .amount = json_int_of(x, "amount", 0)},
                json_get(x, "nodes"));
    }
    return rc;
}

static enum fault_code
count_stream(struct task *t, struct store *s, int64_t stream)
{
    int64_t from = 1;
    bool more = true;
    enum fault_code rc = FAULT_NONE;

    while (more && !rc) {
        struct task batch;
        struct tally counted;
        struct rows r;
        struct chain_row row;
        int n = 0;

        task_init(&batch, t->now, 1);
        tally_init(&counted, batch.arena);
        rc = chain_open_stream(&batch, s, &r, stream, from, 500);
        while (!rc && n < 500 && chain_next(&batch, &r, &row)) {
            rc = count_event(&batch, &counted, &row);
            from = row.seq + 1;
            n++;
        }
        more = n == 500;
        if (store_end(&batch, &r) && !rc)
            rc = batch.fault.code;
        if (!rc)
            rc = put_counted(&batch, s, &counted);
        if (rc)
            rc = fault(t, rc, NULL, "%s | %s", batch.fault.items[0].zh, batch.fault.items[0].en);
        task_release(&batch);
    }
    return rc;
}

/* Deltas that wait are added to the kept side: together they are what a reader is answered. */
static enum fault_code
subtract_kept(struct task *t, struct store *s)
{
    struct tally waiting;
    struct rows r;
    enum fault_code rc = store_run(t, s, NULL,
                                   "INSERT INTO rollup_scratch SELECT figure, node, line, dims, period, "
                                   "recorded_on, -amount FROM rollup_cell WHERE true ON CONFLICT (figure, node, "
                                   "line, dims, period, recorded_on) DO UPDATE SET amount = "
                                   "rollup_scratch.amount + excluded.amount",
                                   "");

    tally_init(&waiting, t->arena);
    if (!rc)
        rc = store_query(t, s, &r,
                         "SELECT figure, nodes, line, dims, period, recorded_on, amount FROM rollup_delta", "");
    if (rc)
        return rc;
    while (!rc && store_next(t, &r)) {
        const char *text = store_text(t, &r, 1);
        struct json *nodes;

        rc = json_read(t, text, strlen(text), &nodes);
        if (!rc)
            add(&waiting,
                &(struct tally_row){.figure = store_text(t, &r, 0),
                                    .dims = store_text(t, &r, 3),
                                    .line = store_int(&r, 2),
                                    .a = (int32_t)store_int(&r, 4),
                                    .b = (int32_t)store_int(&r, 5),
                                    .amount = -store_int(&r, 6)},
                nodes);
    }
    rc = store_end(t, &r) ? t->fault.code : rc;
    return rc ? rc : put_counted(t, s, &waiting);
}

static const char *
wrong_cell(struct task *t, const struct rows *r)
{
    return arena_format(t->arena,
                        "指标 %s 在节点 %lld %s 与复算相差 %lld | figure %s at node %lld %s differs from a "
                        "recount by %lld",
                        store_text(t, r, 0), (long long)store_int(r, 1), store_text(t, r, 2),
                        (long long)store_int(r, 3), store_text(t, r, 0), (long long)store_int(r, 1),
                        store_text(t, r, 2), (long long)store_int(r, 3));
}

/* The first row of a query of (figure, node, dims, amount), in words. */
static enum fault_code
first_wrong(struct task *t, struct store *s, const char *sql, const char **wrong)
{
    struct rows r;
    enum fault_code rc = store_query(t, s, &r, sql, "");

    if (rc)
        return rc;
    if (store_next(t, &r))
        *wrong = wrong_cell(t, &r);
    return store_end(t, &r);
}

/* Sums that stand for another tree are read by nobody. */
static enum fault_code
compare_sums(struct task *t, struct store *s, const char **wrong)
{
    int64_t *nodes;
    size_t n = 0;
    bool fresh;
    enum fault_code rc = rollup_tree_fresh(t, s, &fresh);

    if (rc || !fresh)
        return rc;
    rc = rollup_tree_nodes(t, s, &nodes, &n);
    for (size_t i = 0; i < n && !rc; i++)
        rc = rollup_tree_sum(t, s, nodes[i], "rollup_scratch_sum");
    if (!rc)
        rc = store_run(t, s, NULL,
                       "INSERT INTO rollup_scratch_sum SELECT node, figure, line, span, dims, -amount FROM "
                       "rollup_sum WHERE true ON CONFLICT (node, figure, line, span, dims) DO UPDATE SET "
                       "amount = rollup_scratch_sum.amount + excluded.amount",
                       "");
    return rc ? rc
              : first_wrong(t, s,
                            "SELECT figure, node, dims, amount FROM rollup_scratch_sum WHERE amount <> 0 "
                            "ORDER BY figure, node LIMIT 1",
                            wrong);
}

enum fault_code
rollup_recount(struct task *t, struct store *s, int64_t *cells, const char **wrong)
{
    int64_t *streams;
    size_t n;
    bool found;
    enum fault_code rc = chain_streams(t, s, &streams, &n);

    *wrong = NULL;
    for (size_t i = 0; !rc && i < n; i++)
        rc = count_stream(t, s, streams[i]);
    if (!rc)
        rc = store_one_int(t, s, cells, &found, "SELECT count(*) FROM rollup_scratch", "");
    if (!rc)
        rc = subtract_kept(t, s);
    if (!rc)
        rc = first_wrong(t, s,
                         "SELECT figure, node, dims, amount FROM rollup_scratch WHERE amount <> 0 ORDER BY "
                         "figure, node LIMIT 1",
                         wrong);
    if (!rc && !*wrong)
        rc = compare_sums(t, s, wrong);
    return rc;
}
