/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/tree.c - which nodes are sums of others, and their sums when that changes.
 *
 * Cells are kept from the county down, as events name them; a node above, and one that another was
 * merged into, is the sum of the places in rollup_reach, each for its days (ADR 0009). The sums of
 * such a node are kept by the folding and made anew where its places have changed.
 */
#include "rollup/inside.h"
#include <stdlib.h>
#include <string.h>

enum fault_code
rollup_tree_fresh(struct task *t, struct store *s, bool *fresh)
{
    int64_t same = 0;
    bool found;
    enum fault_code rc = store_one_int(t, s, &same, &found,
                                       "SELECT 1 FROM rollup_tree WHERE tree = coalesce((SELECT n FROM "
                                       "org_generation WHERE what = 'tree'), 0)",
                                       "");

    *fresh = found && same;
    return rc;
}

/* ---- lists ---- */

static enum fault_code
read_ids(struct task *t, struct store *s, const char *sql, const struct store_value *v, size_t n_v,
         int64_t **out, size_t *n)
{
    size_t room = 64;
    int64_t *list = arena_alloc(t->arena, room * sizeof *list);
    struct rows r;
    enum fault_code rc = store_query_values(t, s, &r, sql, v, n_v);

    *n = 0;
    if (rc)
        return rc;
    while (store_next(t, &r)) {
        if (*n == room) {
            int64_t *more = arena_alloc(t->arena, room * 2 * sizeof *more);

            memcpy(more, list, room * sizeof *list);
            list = more;
            room *= 2;
        }
        list[(*n)++] = store_int(&r, 0);
    }
    *out = list;
    return store_end(t, &r);
}

enum fault_code
rollup_tree_nodes(struct task *t, struct store *s, int64_t **nodes, size_t *n)
{
    return read_ids(t, s, "SELECT node FROM rollup_cell UNION SELECT node FROM rollup_reach ORDER BY 1", NULL,
                    0, nodes, n);
}

enum fault_code
rollup_reach(struct task *t, struct store *s, const char *of, int64_t id, struct org_span **out, size_t *n)
{
    size_t room = 16;
    struct org_span *list = arena_alloc(t->arena, room * sizeof *list);
    struct rows r;
    enum fault_code rc =
        store_query(t, s, &r,
                    text_equal(of, "node")
                        ? "SELECT place, from_day, to_day FROM rollup_reach WHERE node = ? ORDER BY 1, 2"
                        : "SELECT node, from_day, to_day FROM rollup_reach WHERE place = ? ORDER BY 1, 2",
                    "i", id);

    *n = 0;
    if (rc)
        return rc;
    while (store_next(t, &r)) {
        if (*n == room) {
            struct org_span *more = arena_alloc(t->arena, room * 2 * sizeof *more);

            memcpy(more, list, room * sizeof *list);
            list = more;
            room *= 2;
        }
        list[(*n)++] = (struct org_span){store_int(&r, 0), store_int(&r, 1), store_int(&r, 2)};
    }
    *out = list;
    return store_end(t, &r);
}

/*
 * Above the county: what lies below the topmost place of this store, what lies above it, and what a
 * county once belonged to. At county level and below: what another place went into.
 */
static enum fault_code
read_compound(struct task *t, struct store *s, int64_t **out, size_t *n)
{
    const struct store_value county = {.letter = 'i', .integer = ORG_COUNTY};
    const struct store_value v[] = {county, county};

    return read_ids(t, s,
                    "WITH RECURSIVE up (id) AS (SELECT n FROM org_generation WHERE what = 'top' UNION SELECT "
                    "p.parent FROM up JOIN org_place p ON p.id = up.id WHERE p.parent > 0), down (id) AS (SELECT "
                    "n FROM org_generation WHERE what = 'top' UNION SELECT p.id FROM down JOIN org_place p ON "
                    "p.parent = down.id AND p.level < ?) SELECT id FROM up UNION SELECT id FROM down UNION "
                    "SELECT parent FROM org_place_past WHERE level <= ? AND parent > 0 UNION SELECT p.parent "
                    "FROM org_place_past o JOIN org_place p ON p.id = o.id WHERE p.to_day IS NOT NULL",
                    v, 2, out, n);
}

/* ---- sums of one node ---- */

/* Cells of a place by its days; each place in memory of its own. */
static enum fault_code
sum_place(struct task *t, struct store *s, int64_t node, const struct org_span *days, const char *table)
{
    struct task own;
    struct tally sums;
    struct rows r;
    enum fault_code rc;

    task_init(&own, t->now, 1);
    tally_init(&sums, own.arena);
    rc = store_query(&own, s, &r,
                     "SELECT figure, period, recorded_on, line, dims, amount FROM rollup_cell WHERE node = ?",
                     "i", days->place);
    while (!rc && store_next(&own, &r)) {
        const struct tally_row cell = {.figure = store_text(&own, &r, 0),
                                       .dims = store_text(&own, &r, 4),
                                       .line = store_int(&r, 3),
                                       .a = (int32_t)store_int(&r, 1),
                                       .b = (int32_t)store_int(&r, 2),
                                       .amount = store_int(&r, 5)};

        tally_sums(&sums, &cell, node, days);
    }
    if (!rc)
        rc = store_end(&own, &r);
    if (!rc)
        rc = tally_store_sums(&own, s, &sums, table);
    if (rc)
        rc = fault(t, rc, NULL, "%s | %s", own.fault.items[0].zh, own.fault.items[0].en);
    task_release(&own);
    return rc;
}

enum fault_code
rollup_tree_sum(struct task *t, struct store *s, int64_t node, const char *table)
{
    const struct org_span itself = {node, 0, ORG_ALWAYS};
    struct org_span *reach;
    size_t n;
    enum fault_code rc = rollup_reach(t, s, "node", node, &reach, &n);

    if (!rc)
        rc = sum_place(t, s, node, &itself, table);
    for (size_t i = 0; i < n && !rc; i++)
        if (reach[i].place != node)
            rc = sum_place(t, s, node, &reach[i], table);
    return rc;
}

/* ---- following the tree ---- */

static bool
same_spans(const struct org_span *a, size_t n, const struct org_span *b, size_t m)
{
    for (size_t i = 0; i < n && n == m; i++)
        if (a[i].place != b[i].place || a[i].from != b[i].from || a[i].to != b[i].to)
            return false;
    return n == m;
}

static int
by_place(const void *a, const void *b)
{
    const struct org_span *x = a, *y = b;
    int order = (x->place > y->place) - (x->place < y->place);

    return order ? order : (x->from > y->from) - (x->from < y->from);
}

/* A row for itself says that the sums of a node above the county are kept. */
static enum fault_code
follow_node(struct task *t, struct store *s, int64_t node, bool anew)
{
    struct org_span *now, *kept;
    size_t n, n_kept;
    enum fault_code rc = org_spans(t, s, node, &now, &n);

    if (!rc)
        rc = rollup_reach(t, s, "node", node, &kept, &n_kept);
    if (rc)
        return rc;
    if (n)
        qsort(now, n, sizeof *now, by_place);
    if (same_spans(now, n, kept, n_kept) && !anew)
        return FAULT_NONE;
    rc = store_run(t, s, NULL, "DELETE FROM rollup_reach WHERE node = ?", "i", node);
    for (size_t i = 0; i < n && !rc; i++)
        rc = store_run(t, s, NULL,
                       "INSERT INTO rollup_reach (node, place, from_day, to_day) VALUES (?, ?, ?, ?)", "iiii",
                       node, now[i].place, now[i].from, now[i].to);
    if (rc || anew)
        return rc;
    rc = store_run(t, s, NULL, "DELETE FROM rollup_sum WHERE node = ?", "i", node);
    return rc ? rc : rollup_tree_sum(t, s, node, "rollup_sum");
}

/* Sums that were never made: those of every node that has cells, and of those above. */
static enum fault_code
sum_all(struct task *t, struct store *s)
{
    int64_t *nodes;
    size_t n;
    enum fault_code rc = store_clear(t, s, "rollup_sum");

    if (!rc)
        rc = rollup_tree_nodes(t, s, &nodes, &n);
    for (size_t i = 0; i < n && !rc; i++)
        rc = rollup_tree_sum(t, s, nodes[i], "rollup_sum");
    return rc;
}

enum fault_code
rollup_tree_follow(struct task *t, struct store *s)
{
    int64_t *nodes, known = 0;
    size_t n;
    bool fresh, found;
    enum fault_code rc = rollup_tree_fresh(t, s, &fresh);

    if (rc || fresh)
        return rc;
    rc = store_one_int(t, s, &known, &found, "SELECT tree FROM rollup_tree", "");
    if (!rc)
        rc = read_compound(t, s, &nodes, &n);
    for (size_t i = 0; i < n && !rc; i++)
        rc = follow_node(t, s, nodes[i], !found);
    if (!rc && !found)
        rc = sum_all(t, s);
    return rc ? rc
              : store_run(t, s, NULL,
                          "INSERT INTO rollup_tree (one, tree) VALUES (1, coalesce((SELECT n FROM "
                          "org_generation WHERE what = 'tree'), 0)) ON CONFLICT (one) DO UPDATE SET tree = "
                          "excluded.tree",
                          "");
}
