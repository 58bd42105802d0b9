/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/past.c - the tree of past days, and which streams hold what lies below a node.
 *
 * Knows: org_place says what holds now and since when, org_place_past what held before; a place that
 * was merged lies since then below the one it went into (ADR 0009).
 * Does not know: records; which of them lie where is told by their events.
 */
#include "org/inside.h"
#include <string.h>

/* ---- one place on one day ---- */

static enum fault_code
parent_on(struct task *t, struct store *s, int64_t place, int64_t day, int64_t *parent, bool *found)
{
    enum fault_code rc = FAULT_NONE;

    *found = false;
    if (day)
        rc = store_one_int(t, s, parent, found,
                           "SELECT parent FROM org_place_past WHERE id = ? AND to_day >= ? ORDER BY to_day "
                           "LIMIT 1",
                           "ii", place, day);
    if (rc || *found)
        return rc;
    return store_one_int(t, s, parent, found, "SELECT parent FROM org_place WHERE id = ?", "i", place);
}

enum fault_code
org_above_on(struct task *t, struct store *s, int64_t place, int64_t day, int64_t ids[ORG_DEPTH], size_t *n)
{
    enum fault_code rc = FAULT_NONE;

    if (!day)
        return org_above(t, s, place, ids, n);
    *n = 0;
    while (place && *n < ORG_DEPTH && !rc) {
        int64_t parent = 0;
        bool found;

        rc = parent_on(t, s, place, day, &parent, &found);
        if (rc || !found)
            break;
        ids[(*n)++] = place;
        place = parent;
    }
    return rc;
}

enum fault_code
org_covers_on(struct task *t, struct store *s, int64_t node, int64_t place, int64_t day, bool *covers)
{
    int64_t ids[ORG_DEPTH];
    size_t n;
    enum fault_code rc = org_above_on(t, s, place, day, ids, &n);

    *covers = false;
    for (size_t i = 0; i < n && !rc; i++)
        if (ids[i] == node)
            *covers = true;
    return rc;
}

enum fault_code
org_name_on(struct task *t, struct store *s, int64_t place, int64_t day, const char **name)
{
    enum fault_code rc = FAULT_NONE;

    *name = NULL;
    if (day)
        rc = store_one_text(t, s, name,
                            "SELECT name FROM org_place_past WHERE id = ? AND to_day >= ? ORDER BY to_day "
                            "LIMIT 1",
                            "ii", place, day);
    if (rc || *name)
        return rc;
    return store_one_text(t, s, name, "SELECT name FROM org_place WHERE id = ?", "i", place);
}

/* ---- spans: the days on which a place lay below another ---- */

/* A place below another for some days: now, or until it changed. */
struct edge {
    int64_t place, parent, from, to;
    int level;
};

struct edges {
    struct task *t;
    struct edge *list;
    size_t n, room;
};

static void
add_edge(struct edges *x, const struct edge *e)
{
    if (x->n == x->room) {
        size_t room = x->room ? x->room * 2 : 64;
        struct edge *list = arena_alloc(x->t->arena, room * sizeof *list);

        if (x->n)
            memcpy(list, x->list, x->n * sizeof *list);
        x->list = list;
        x->room = room;
    }
    x->list[x->n++] = *e;
}

/* Columns: id, parent, level, from_day, last day (null: none). */
static enum fault_code
read_edges(struct edges *x, struct rows *r)
{
    while (store_next(x->t, r)) {
        const struct edge e = {.place = store_int(r, 0),
                               .parent = store_int(r, 1),
                               .level = (int)store_int(r, 2),
                               .from = store_int(r, 3),
                               .to = store_null(r, 4) ? ORG_ALWAYS : store_int(r, 4)};

        add_edge(x, &e);
    }
    return store_end(x->t, r);
}

/* Every edge, past and present, of county-level places and those above them that ever changed. */
static enum fault_code
read_changed(struct edges *x, struct store *s)
{
    struct rows r;
    enum fault_code rc = store_query(x->t, s, &r,
                                     "SELECT id, parent, level, from_day, to_day FROM org_place_past WHERE "
                                     "level <= ? ORDER BY id, to_day",
                                     "i", (int64_t)ORG_COUNTY);
    size_t past;

    if (!rc)
        rc = read_edges(x, &r);
    past = x->n;
    for (size_t i = 0; i < past && !rc; i++) {
        if (i + 1 < past && x->list[i + 1].place == x->list[i].place)
            continue;
        rc = store_query(x->t, s, &r,
                         "SELECT id, parent, level, from_day, NULL FROM org_place WHERE id = ?", "i",
                         x->list[i].place);
        if (!rc)
            rc = read_edges(x, &r);
    }
    return rc;
}

struct spanning {
    struct task *t;
    struct store *s;
    struct org_span *list;
    size_t n, room;
};

static void
add_span(struct spanning *x, int64_t place, int64_t from, int64_t to)
{
    if (x->n == x->room) {
        size_t room = x->room ? x->room * 2 : 16;
        struct org_span *list = arena_alloc(x->t->arena, room * sizeof *list);

        if (x->n)
            memcpy(list, x->list, x->n * sizeof *list);
        x->list = list;
        x->room = room;
    }
    x->list[x->n++] = (struct org_span){place, from, to};
}

/* The same place below the same node for days that follow each other (it was renamed) is one span. */
static void
add_joined(struct spanning *x, int64_t place, int64_t from, int64_t to)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->list[i].place == place && x->list[i].to + 1 == from) {
            x->list[i].to = to;
            return;
        }
    add_span(x, place, from, to);
}

static bool
is_changed(const struct edges *changed, int64_t place)
{
    for (size_t i = 0; i < changed->n; i++)
        if (changed->list[i].place == place)
            return true;
    return false;
}

/* Below a node above county level: places that never changed by the tree, the others by their edges. */
static enum fault_code
spans_below(struct spanning *x, const struct edges *changed, struct org_span of, int level)
{
    struct edges still = {.t = x->t};
    struct rows r;
    enum fault_code rc = FAULT_NONE;

    add_joined(x, of.place, of.from, of.to);
    if (level < ORG_COUNTY) {
        rc = store_query(x->t, x->s, &r,
                         "SELECT id, parent, level, 0, NULL FROM org_place WHERE parent = ? AND level <= ?",
                         "ii", of.place, (int64_t)ORG_COUNTY);
        if (!rc)
            rc = read_edges(&still, &r);
    }
    for (size_t i = 0; i < still.n && !rc; i++)
        if (!is_changed(changed, still.list[i].place))
            rc = spans_below(x, changed, (struct org_span){still.list[i].place, of.from, of.to},
                             still.list[i].level);
    for (size_t i = 0; i < changed->n && !rc; i++) {
        const struct edge *e = &changed->list[i];
        struct org_span below = {e->place, e->from > of.from ? e->from : of.from,
                                 e->to < of.to ? e->to : of.to};

        if (e->parent == of.place && below.from <= below.to)
            rc = spans_below(x, changed, below, e->level);
    }
    return rc;
}

/* At county level and below: itself, and what was merged into it. */
static enum fault_code
spans_merged(struct spanning *x, struct org_span of, int level)
{
    struct edges merged = {.t = x->t};
    struct rows r;
    enum fault_code rc;

    add_joined(x, of.place, of.from, of.to);
    rc = store_query(x->t, x->s, &r,
                     "SELECT id, parent, level, from_day, NULL FROM org_place WHERE parent = ? AND to_day IS "
                     "NOT NULL AND level = ?",
                     "ii", of.place, (int64_t)level);
    if (!rc)
        rc = read_edges(&merged, &r);
    for (size_t i = 0; i < merged.n && !rc; i++) {
        const struct edge *e = &merged.list[i];

        rc = spans_merged(x, (struct org_span){e->place, e->from > of.from ? e->from : of.from, of.to},
                          level);
    }
    return rc;
}

enum fault_code
org_spans(struct task *t, struct store *s, int64_t node, struct org_span **out, size_t *n)
{
    struct spanning x = {.t = t, .s = s};
    struct edges changed = {.t = t};
    struct org_span all = {node, 0, ORG_ALWAYS};
    struct org_place p;
    bool found;
    enum fault_code rc = org_place(t, s, node, &p, &found);

    if (!rc && found && p.level >= ORG_COUNTY) {
        rc = spans_merged(&x, all, p.level);
    } else if (!rc && found) {
        rc = read_changed(&changed, s);
        if (!rc)
            rc = spans_below(&x, &changed, all, p.level);
    }
    *out = x.list;
    *n = x.n;
    return rc;
}

/* ---- streams ---- */

int64_t
org_id_stream(int64_t id)
{
    return id >> ORG_SERIAL_BITS;
}

enum fault_code
org_stream_place(struct task *t, struct store *s, int64_t stream, int64_t *place)
{
    const void *kept;
    bool found;
    enum fault_code rc;

    *place = 0;
    if (org_memo_get(t, s, 's', stream, &kept)) {
        *place = *(const int64_t *)kept;
        return FAULT_NONE;
    }
    rc = store_one_int(t, s, place, &found, "SELECT place FROM org_stream WHERE stream = ?", "i", stream);
    if (!rc)
        org_memo_put(t, s, 's', stream, place, sizeof *place);
    return rc;
}

enum fault_code
org_reach(struct task *t, struct store *s, int64_t node, int64_t stream)
{
    return store_run(t, s, NULL, "INSERT INTO org_reach (node, stream) VALUES (?, ?) ON CONFLICT DO NOTHING",
                     "ii", node, stream);
}
