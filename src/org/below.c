/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/below.c - the places of one level below a node, as rows of a board: code, name and their days.
 *
 * Knows: a place that lay below the node for some days has those days, and one that changed its parent
 * below the node has all of them.
 * Does not know: what is shown beside them.
 */
#include "org/inside.h"
#include <stdlib.h>
#include <string.h>

struct below {
    struct task *t;
    struct store *s;
    struct org_row *list;
    size_t n, room;
    int level;
};

static void
add(struct below *x, const struct org_row *row)
{
    if (x->n == x->room) {
        size_t room = x->room ? x->room * 2 : 64;
        struct org_row *list = arena_alloc(x->t->arena, room * sizeof *list);

        if (x->n)
            memcpy(list, x->list, x->n * sizeof *list);
        x->list = list;
        x->room = room;
    }
    x->list[x->n++] = *row;
}

/* Children of one place during `of`: as they are, and as they were before they changed. */
static enum fault_code
read_children(struct below *x, const struct org_row *of)
{
    static const char *const sql[] = {
        "SELECT id, level, from_day, NULL, code, name FROM org_place WHERE parent = ? AND level > ?",
        "SELECT o.id, o.level, o.from_day, o.to_day, p.code, p.name FROM org_place_past o JOIN org_place p ON "
        "p.id = o.id WHERE o.parent = ? AND o.level > ?",
    };
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < 2 && !rc; i++) {
        struct rows r;

        rc = store_query(x->t, x->s, &r, sql[i], "ii", of->place, (int64_t)of->level);
        if (rc)
            return rc;
        while (store_next(x->t, &r)) {
            struct org_row row = {.place = store_int(&r, 0),
                                  .level = (int)store_int(&r, 1),
                                  .from = store_int(&r, 2),
                                  .to = store_null(&r, 3) ? ORG_ALWAYS : store_int(&r, 3),
                                  .code = store_text(x->t, &r, 4),
                                  .name = store_text(x->t, &r, 5)};

            row.from = row.from > of->from ? row.from : of->from;
            row.to = row.to < of->to ? row.to : of->to;
            if (row.from <= row.to)
                add(x, &row);
        }
        rc = store_end(x->t, &r);
    }
    return rc;
}

static int
by_place(const void *a, const void *b)
{
    const struct org_row *x = a, *y = b;
    int order = (x->place > y->place) - (x->place < y->place);

    return order ? order : (x->from > y->from) - (x->from < y->from);
}

/* Days of the same place that follow one another are one row. */
static void
join(struct below *x)
{
    size_t kept = 0;

    if (x->n)
        qsort(x->list, x->n, sizeof *x->list, by_place);
    for (size_t i = 0; i < x->n; i++) {
        struct org_row *last = kept ? &x->list[kept - 1] : NULL;

        if (last && last->place == x->list[i].place && last->to + 1 >= x->list[i].from)
            last->to = last->to > x->list[i].to ? last->to : x->list[i].to;
        else
            x->list[kept++] = x->list[i];
    }
    x->n = kept;
}

/* One step down: places of the level asked for stay, those above it give way to their children. */
static enum fault_code
descend(struct below *x, bool *done)
{
    struct below next = {.t = x->t, .s = x->s, .level = x->level};
    enum fault_code rc = FAULT_NONE;

    *done = true;
    for (size_t i = 0; i < x->n && !rc; i++)
        if (x->list[i].level >= x->level) {
            if (x->list[i].level == x->level)
                add(&next, &x->list[i]);
        } else {
            *done = false;
            rc = read_children(&next, &x->list[i]);
        }
    *x = next;
    if (!rc && x->n > ORG_ROWS_MOST)
        rc = fault(x->t, FAULT_INPUT, "by",
                   "下级地区多于 %d 个；请按上一级地区查看 | more than %d places; ask for the level above, or a "
                   "place below",
                   ORG_ROWS_MOST, ORG_ROWS_MOST);
    return rc;
}

enum fault_code
org_below(struct task *t, struct store *s, int64_t node, int level, struct org_row **out, size_t *n)
{
    struct below x = {.t = t, .s = s, .level = level};
    struct org_place p;
    bool found, done = level == 0;
    enum fault_code rc = org_place(t, s, node, &p, &found);

    if (!rc && found)
        rc = read_children(&x, &(struct org_row){.place = node, .level = p.level, .to = ORG_ALWAYS});
    while (!rc && !done)
        rc = descend(&x, &done);
    if (!rc)
        join(&x);
    *out = x.list;
    *n = x.n;
    return rc;
}
