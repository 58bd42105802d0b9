/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/read.c - a figure at a node and at the places below it: sums, cells of single days where a
 * question needs them, and what is not yet folded, in one snapshot.
 *
 * Every day is counted by the tree of that day (ADR 0009): a place that moved counts below each place
 * for the days on which it lay there.
 *
 * Knows: which sums and which days make up an answer.
 * Does not know: how cells are added up (rollup/board.c).
 */
#include "rollup/inside.h"
#include <stdlib.h>
#include <string.h>

#define NODES_AT_ONCE 64 /* marks of one statement: a city's townships are two of them */

static const struct days no_days = {1, 0};
static const struct days every_day = {0, ROLLUP_LAST};

/* ---- scope ---- */

enum fault_code
reading_scope(struct task *t, struct store *s, const struct scope *c, const struct rollup_question *q, int *line)
{
    bool sees = c->everything;

    *line = q->line;
    for (size_t i = 0; i < c->n_areas && !sees; i++) {
        bool covers;
        enum fault_code rc = org_covers(t, s, c->areas[i].place, q->place, &covers);

        if (rc)
            return rc;
        if (!covers)
            continue;
        if (!c->areas[i].line) {
            *line = q->line;
            sees = true;
        } else if (!q->line || q->line == c->areas[i].line) {
            *line = c->areas[i].line;
            sees = true;
        }
    }
    return sees ? FAULT_NONE : fault(t, FAULT_ABSENT, NULL, "没有找到 | not found");
}

/* ---- the plan ---- */

static int32_t
month_of(int32_t day)
{
    return rollup_period_start(day, ROLLUP_MONTH);
}

/*
 * A stock at the end of a day: the months before its month, and the days since. One that counts by a
 * date is asked for its whole at a moment; the date chooses among its rows.
 */
static struct plan
plan_stock(const struct rollup_question *q, bool dated)
{
    struct plan p = {no_days, {no_days, no_days}};
    int32_t last = dated ? 0 : q->to, month;

    if (q->as_of && (!last || q->as_of < last))
        last = q->as_of;
    if (q->period == ROLLUP_DAY && !dated) {
        int32_t begin = q->from ? month_of(q->from) : 0;

        p.spans = (struct days){1, begin - 1};
        p.days[0] = (struct days){begin, last ? last : ROLLUP_LAST};
    } else if (!last) {
        p.spans = q->period == ROLLUP_WHOLE || dated ? (struct days){0, 0} : (struct days){1, ROLLUP_LAST};
    } else {
        month = month_of(last + 1);
        p.spans = (struct days){1, month - 1};
        p.days[0] = (struct days){month, last};
    }
    return p;
}

/* A flow of some days: the months that lie wholly within them, and the days at both ends. */
static struct plan
plan_flow(const struct rollup_question *q)
{
    struct plan p = {no_days, {no_days, no_days}};
    int32_t from = q->from ? q->from : 1, to = q->to ? q->to : ROLLUP_LAST;
    int32_t first = month_of(from) == from ? from : rollup_period_add(month_of(from), ROLLUP_MONTH, 1);
    int32_t after = to < ROLLUP_LAST ? month_of(to + 1) : ROLLUP_LAST;

    if (!q->from)
        first = 1;
    if (q->as_of || q->period == ROLLUP_DAY || first >= after) {
        p.days[0] = (struct days){from, to};
        return p;
    }
    p.spans = (struct days){first, after - 1};
    p.days[0] = (struct days){from, first - 1};
    if (to < ROLLUP_LAST)
        p.days[1] = (struct days){after, to};
    return p;
}

/* ---- sums ---- */

static int
by_place(const void *key, const void *row)
{
    int64_t place = *(const int64_t *)key;
    const struct row *r = row;

    return (place > r->at.place) - (place < r->at.place);
}

/* Rows but the first are in the order of their places. */
static uint32_t
place_of(const struct reading *x, int64_t place)
{
    const struct row *r;

    if (place == x->rows[0].at.place)
        return 0;
    r = bsearch(&place, x->rows + 1, x->n - 1, sizeof *x->rows, by_place);
    must(r);
    return r->place;
}

/* The same text for every number of nodes: those that are missing are a node that never was. */
static enum fault_code
read_sums_of(struct reading *x, const int64_t *nodes, size_t n)
{
    struct store_value v[NODES_AT_ONCE + 4] = {
        {.letter = 's', .bytes = x->board.figure->name, .len = strlen(x->board.figure->name)},
        {.letter = 'i', .integer = x->line ? x->line : x->q->by_line ? 0 : ROLLUP_EVERY_LINE},
        {.letter = 'i', .integer = x->plan.spans.from},
        {.letter = 'i', .integer = x->plan.spans.to},
    };
    struct text sql;
    struct rows r;
    int64_t last = -1;
    uint32_t place = 0;
    size_t marks = n > 1 ? NODES_AT_ONCE : 1;
    enum fault_code rc;

    text_init(&sql, x->t->arena);
    text_printf(&sql,
                "SELECT node, line, span, dims, amount FROM rollup_sum WHERE figure = ? AND line %s ? AND span "
                "BETWEEN ? AND ? AND node IN (",
                x->q->by_line && !x->line ? ">=" : "=");
    for (size_t i = 0; i < marks; i++) {
        text_puts(&sql, i ? ", ?" : "?");
        v[4 + i] = (struct store_value){.letter = 'i', .integer = i < n ? nodes[i] : -1};
    }
    text_puts(&sql, ") AND amount <> 0");
    rc = store_query_values(x->t, x->s, &r, text_string(&sql), v, marks + 4);
    if (rc)
        return rc;
    while (store_next(x->t, &r)) {
        int64_t node = store_int(&r, 0);
        int32_t span = (int32_t)store_int(&r, 2);

        if (node != last)
            place = place_of(x, node);
        last = node;
        board_add(&x->board, place, store_text(x->t, &r, 3), store_int(&r, 1), span, span, store_int(&r, 4));
    }
    return store_end(x->t, &r);
}

static enum fault_code
read_sums(struct reading *x)
{
    int64_t nodes[NODES_AT_ONCE];
    size_t n = 0;
    enum fault_code rc = FAULT_NONE;

    if (x->plan.spans.from > x->plan.spans.to)
        return FAULT_NONE;
    for (size_t i = 0; i < x->n && !rc; i++) {
        if (x->rows[i].sums)
            nodes[n++] = x->rows[i].at.place;
        if (n == NODES_AT_ONCE || (n && (i == 0 || i + 1 == x->n))) {
            rc = read_sums_of(x, nodes, n);
            n = 0;
        }
    }
    return rc;
}

/* ---- single days ---- */

/*
 * What a place adds to a row during the days on which it lay below it. A stock comes along with its
 * place and leaves with it: what was counted before the first day is added on it, and taken back the
 * day after the last. A flow belongs to whom the place belonged when it was recorded. `within` are the
 * days that the sums do not hold.
 */
static void
add_days(struct reading *x, uint32_t place, const struct org_span *lay, struct days within, const char *dims,
         int64_t line, int32_t period, int64_t recorded, int64_t amount)
{
    bool stock = x->board.figure->stock;
    int64_t day = recorded < lay->from ? lay->from : recorded;

    if (recorded > lay->to || (!stock && recorded < lay->from) || (x->line && line != x->line))
        return;
    if (!stock) {
        if (period >= within.from && period <= within.to)
            board_add(&x->board, place, dims, line, period, (int32_t)recorded, amount);
        return;
    }
    if (day >= within.from && day <= within.to)
        board_add(&x->board, place, dims, line, 0, (int32_t)day, amount);
    day = lay->to + 1;
    if (lay->to < ORG_ALWAYS && day >= within.from && day <= within.to)
        board_add(&x->board, place, dims, line, 0, (int32_t)day, -amount);
}

static enum fault_code
read_cells(struct reading *x, uint32_t place, const struct org_span *lay, struct days within)
{
    bool stock = x->board.figure->stock, always = lay->from == 0 && lay->to >= ORG_ALWAYS;
    int64_t first = stock && always ? within.from : stock ? 0 : lay->from;
    int64_t last = stock && within.to < lay->to ? within.to : lay->to;
    struct rows r;
    enum fault_code rc;

    if (within.from > within.to)
        return FAULT_NONE;
    rc = store_query(x->t, x->s, &r,
                     "SELECT line, dims, period, recorded_on, amount FROM rollup_cell WHERE node = ? AND "
                     "figure = ? AND period BETWEEN ? AND ? AND recorded_on BETWEEN ? AND ?",
                     "isiiii", lay->place, x->board.figure->name, stock ? INT64_C(0) : (int64_t)within.from,
                     stock ? INT64_C(0) : (int64_t)within.to, first, last);
    if (rc)
        return rc;
    while (store_next(x->t, &r))
        add_days(x, place, lay, within, store_text(x->t, &r, 1), store_int(&r, 0), (int32_t)store_int(&r, 2),
                 store_int(&r, 3), store_int(&r, 4));
    return store_end(x->t, &r);
}

/* The places whose cells make up a row, each for its days. */
static enum fault_code
places_of(struct reading *x, const struct row *row, struct org_span **out, size_t *n)
{
    const struct org_span itself = {row->at.place, 0, ORG_ALWAYS};
    size_t kept = 0;
    enum fault_code rc;

    if (row->sums) {
        rc = rollup_reach(x->t, x->s, "node", row->at.place, out, n);
        if (!rc && *n == 0) {
            *out = arena_alloc(x->t->arena, sizeof **out);
            (*out)[(*n)++] = itself;
        }
        return rc;
    }
    rc = org_spans(x->t, x->s, row->at.place, out, n);
    for (size_t i = 0; i < *n && !rc; i++) {
        struct org_span one = (*out)[i];

        one.from = one.from > row->at.from ? one.from : row->at.from;
        one.to = one.to < row->at.to ? one.to : row->at.to;
        if (one.from <= one.to)
            (*out)[kept++] = one;
    }
    *n = kept;
    return rc;
}

static enum fault_code
read_days(struct reading *x, const struct row *row)
{
    bool sums = row->sums;
    struct org_span *places;
    size_t n;
    enum fault_code rc = FAULT_NONE;

    if (sums && x->plan.days[0].from > x->plan.days[0].to && x->plan.days[1].from > x->plan.days[1].to)
        return FAULT_NONE;
    rc = places_of(x, row, &places, &n);
    for (size_t i = 0; i < n && !rc; i++) {
        rc = read_cells(x, row->place, &places[i], sums ? x->plan.days[0] : every_day);
        if (!rc && sums)
            rc = read_cells(x, row->place, &places[i], x->plan.days[1]);
    }
    return rc;
}

/* ---- what is not folded yet ---- */

static int
by_target(const void *a, const void *b)
{
    const struct target *x = a, *y = b;

    return (x->lay.place > y->lay.place) - (x->lay.place < y->lay.place);
}

enum fault_code
reading_targets(struct reading *x, struct target **out, size_t *n)
{
    size_t room = x->n + 16;
    struct target *list = arena_alloc(x->t->arena, room * sizeof *list);
    enum fault_code rc = FAULT_NONE;

    *n = 0;
    for (size_t i = 0; i < x->n && !rc; i++) {
        struct org_span *places;
        size_t n_places = 0;

        rc = places_of(x, &x->rows[i], &places, &n_places);
        if (*n + n_places > room) {
            struct target *more = arena_alloc(x->t->arena, (room + n_places) * 2 * sizeof *more);

            memcpy(more, list, *n * sizeof *list);
            list = more;
            room = (room + n_places) * 2;
        }
        for (size_t k = 0; k < n_places && !rc; k++)
            list[(*n)++] = (struct target){places[k], x->rows[i].place};
    }
    qsort(list, *n, sizeof *list, by_target);
    *out = list;
    return rc;
}

void
reading_add(struct reading *x, const struct target *list, size_t n, const struct tally_row *change)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (list[middle].lay.place < change->node)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < n && list[low].lay.place == change->node; low++)
        add_days(x, list[low].place, &list[low].lay, every_day, change->dims, change->line, change->a, change->b,
                 change->amount);
}

static enum fault_code
read_deltas(struct reading *x)
{
    struct target *list = NULL;
    struct rows r;
    const char *last = NULL;
    struct json *nodes = NULL;
    struct tally_row change;
    size_t n = 0;
    enum fault_code rc = store_query(x->t, x->s, &r,
                                     "SELECT line, dims, period, recorded_on, amount, nodes FROM rollup_delta "
                                     "WHERE figure = ?",
                                     "s", x->board.figure->name);

    if (rc)
        return rc;
    while (!rc && store_next(x->t, &r)) {
        const char *text = store_text(x->t, &r, 5);

        if (!list)
            rc = reading_targets(x, &list, &n);
        if (!rc && !text_equal(text, last))
            rc = json_read(x->t, text, strlen(text), &nodes);
        last = text;
        change = (struct tally_row){.line = store_int(&r, 0),
                                    .dims = store_text(x->t, &r, 1),
                                    .a = (int32_t)store_int(&r, 2),
                                    .b = (int32_t)store_int(&r, 3),
                                    .amount = store_int(&r, 4)};
        for (size_t i = 0; !rc && i < json_count(nodes); i++) {
            change.node = json_integer(json_at(nodes, i), 0);
            reading_add(x, list, n, &change);
        }
    }
    return store_end(x->t, &r) ? x->t->fault.code : rc;
}

/* ---- the rows of the answer ---- */

/* Above the county only what the folding keeps a sum of has one. */
static enum fault_code
check_kept(struct reading *x)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < x->n && !rc; i++) {
        int64_t one;
        bool found;

        if (!x->rows[i].sums || x->rows[i].at.level >= ORG_COUNTY)
            continue;
        rc = store_one_int(x->t, x->s, &one, &found, "SELECT 1 FROM rollup_reach WHERE node = ? LIMIT 1", "i",
                           x->rows[i].at.place);
        x->rows[i].sums = found;
    }
    return rc;
}

enum fault_code
reading_rows(struct reading *x)
{
    struct org_row *below = NULL;
    struct org_place p;
    struct rollup_board *b = x->board.out;
    size_t n = 0;
    bool found, fresh;
    enum fault_code rc = org_place(x->t, x->s, x->q->place, &p, &found);

    if (!rc && !found)
        rc = fault(x->t, FAULT_ABSENT, NULL, "没有找到 | not found");
    if (!rc && x->q->by_place)
        rc = org_below(x->t, x->s, x->q->place, x->q->place_level, &below, &n);
    if (!rc)
        rc = rollup_tree_fresh(x->t, x->s, &fresh);
    if (rc)
        return rc;
    x->n = n + 1;
    x->rows = arena_alloc(x->t->arena, x->n * sizeof *x->rows);
    b->places = arena_alloc(x->t->arena, x->n * sizeof *b->places);
    b->n_places = x->n;
    x->rows[0].at = (struct org_row){p.id, 0, ORG_ALWAYS, p.level, p.code, p.name};
    for (size_t i = 0; i < n; i++)
        x->rows[i + 1].at = below[i];
    for (size_t i = 0; i < x->n; i++) {
        const struct org_row *at = &x->rows[i].at;

        x->rows[i].sums = fresh && at->from == 0 && at->to >= ORG_ALWAYS;
        x->rows[i].place = i > 1 && at->place == x->rows[i - 1].at.place ? x->rows[i - 1].place : (uint32_t)i;
        b->places[i].code = at->code;
        b->places[i].name = at->name;
    }
    return check_kept(x);
}

static enum fault_code
read_side(struct reading *x, const struct kind_figure *f, bool of)
{
    enum fault_code rc;

    x->board.figure = f;
    x->board.of = of;
    x->plan = f->stock ? plan_stock(x->q, f->from != NULL) : plan_flow(x->q);
    rc = read_sums(x);
    for (size_t i = 0; i < x->n && !rc; i++)
        rc = read_days(x, &x->rows[i]);
    if (!rc)
        rc = read_deltas(x);
    return rc;
}

/* A stock's periods are its value at their ends; one that counts by a date is counted in each. */
static bool
runs_on(const struct kind_figure *f)
{
    return f->stock && !f->from;
}

enum fault_code
rollup_read(struct task *t, struct store *s, const struct scope *c, const struct rollup_question *q,
            struct rollup_board *out)
{
    struct rollup_question *all = arena_alloc(t->arena, sizeof *all);
    struct reading x = {.t = t, .s = s, .q = all, .board = {.t = t, .q = all, .out = out}};
    bool ratio = q->figure->agg == AGG_RATIO, runs;
    const struct kind_figure *f = ratio ? kind_figure(q->kind, q->figure->a) : q->figure;
    const struct kind_figure *of = ratio ? kind_figure(q->kind, q->figure->b) : NULL;
    enum fault_code rc = reading_scope(t, s, c, q, &x.line);

    memset(out, 0, sizeof *out);
    out->q = q;
    *all = *q;
    if (q->compare)
        all->from = 0; /* what came before the first period is needed to compare it */
    if (!rc)
        rc = reading_rows(&x);
    if (!rc)
        rc = read_side(&x, f, false);
    if (!rc && of)
        rc = read_side(&x, of, true);
    if (rc)
        return rc;
    if (q->by_place)
        board_keep_own(&x.board);
    board_sort(&x.board);
    runs = q->period != ROLLUP_WHOLE && (runs_on(f) || (of && runs_on(of)));
    if (runs)
        board_accumulate(&x.board, runs_on(f), of && runs_on(of));
    board_trim(&x.board, runs);
    if (q->compare)
        rollup_compare(&x.board, q->from ? rollup_period_start(q->from, q->period) : 0);
    return FAULT_NONE;
}
