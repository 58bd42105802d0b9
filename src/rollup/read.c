/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/read.c - a figure at a node: cells plus what is not yet folded, in one snapshot.
 *
 * Every day is counted by the tree of that day (ADR 0009): a place that moved counts below each place
 * for the days on which it lay there.
 */
#include "base/decimal.h"
#include "base/time.h"
#include "rollup/rollup.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cell {
    const char *place, *dims; /* dims: JSON of the dimensions asked for */
    int64_t line;
    int32_t period;           /* first day of the period; 0 */
    int64_t amount;
};

struct reading {
    struct task *t;
    struct store *s;
    const struct rollup_question *q;
    const struct kind_figure *figure;
    const char *place; /* code of the row being summed */
    int64_t node;
    int line;
    struct cell *cells;
    size_t n, room;
    size_t hit;                /* the cell that was added to last */
    const char *dims, *asked;  /* the dimensions read last, and what of them was asked for */
};

/* ---- scope ---- */

static enum fault_code
check_scope(struct task *t, struct store *s, const struct scope *c, const struct rollup_question *q,
            int *line)
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

/* ---- periods ---- */

static int32_t
period_start(int32_t day, enum rollup_period p)
{
    int year, month, dom;

    time_split(day, &year, &month, &dom);
    switch (p) {
    case ROLLUP_DAY:
        return day;
    case ROLLUP_MONTH:
        return time_day_of(year, month, 1);
    case ROLLUP_QUARTER:
        return time_day_of(year, (month - 1) / 3 * 3 + 1, 1);
    case ROLLUP_YEAR:
        return time_day_of(year, 1, 1);
    default:
        return 0;
    }
}

static const char *
period_text(struct arena *a, int32_t day, enum rollup_period p)
{
    int year, month, dom;

    time_split(day, &year, &month, &dom);
    switch (p) {
    case ROLLUP_DAY:
        return time_day_text(a, day);
    case ROLLUP_MONTH:
        return arena_format(a, "%04d-%02d", year, month);
    case ROLLUP_QUARTER:
        return arena_format(a, "%04d-Q%d", year, (month - 1) / 3 + 1);
    default:
        return arena_format(a, "%04d", year);
    }
}

/* ---- gathering ---- */

/* Rows come in the order of their dimensions: most often those of the row before. */
static const char *
asked_dims(struct reading *x, const char *dims)
{
    struct json *all = NULL, *out;

    if (text_equal(x->dims, dims))
        return x->asked;
    out = json_object(x->t->arena);
    if (json_read(x->t, dims, strlen(dims), &all))
        return "{}";
    for (size_t i = 0; i < x->q->n_by; i++) {
        struct json *v = json_get(all, x->q->by[i]);

        if (v)
            json_set(x->t->arena, out, x->q->by[i], v);
    }
    x->dims = dims;
    x->asked = json_string(x->t->arena, out);
    return x->asked;
}

static bool
is_cell(const struct reading *x, const struct cell *c, const char *dims, int64_t line, int32_t period)
{
    return c->line == line && c->period == period && c->place == x->place &&
           (c->dims == dims || strcmp(c->dims, dims) == 0);
}

static void
add_amount(struct reading *x, const char *dims, int64_t line, int32_t period, int64_t amount)
{
    struct cell *c;

    if (!x->q->by_line)
        line = -1;
    if (x->hit < x->n && is_cell(x, &x->cells[x->hit], dims, line, period)) {
        x->cells[x->hit].amount += amount;
        return;
    }
    for (x->hit = 0; x->hit < x->n; x->hit++)
        if (is_cell(x, &x->cells[x->hit], dims, line, period)) {
            x->cells[x->hit].amount += amount;
            return;
        }
    if (x->n == x->room) {
        size_t room = x->room ? x->room * 2 : 64;
        struct cell *more = arena_alloc(x->t->arena, room * sizeof *more);

        if (x->n)
            memcpy(more, x->cells, x->n * sizeof *more);
        x->cells = more;
        x->room = room;
    }
    c = &x->cells[x->n++];
    c->place = x->place;
    c->dims = dims;
    c->line = line;
    c->period = period;
    c->amount = amount;
}

/* A flow is counted in the period of its day; a stock changes on the day it was recorded. */
static void
add_row(struct reading *x, const char *dims, int64_t line, int32_t period, int32_t recorded, int64_t amount)
{
    int32_t day = x->figure->stock ? recorded : period;

    if ((x->line && line != x->line) || (x->q->as_of && recorded > x->q->as_of))
        return;
    if (x->q->to && day > x->q->to)
        return;
    if (!x->figure->stock && x->q->from && day < x->q->from)
        return;
    if (x->figure->stock && x->q->period != ROLLUP_WHOLE && x->q->from && day < x->q->from)
        day = x->q->from;
    add_amount(x, asked_dims(x, dims), line,
               x->q->period == ROLLUP_WHOLE ? 0 : period_start(day, x->q->period), amount);
}

/*
 * What a node adds to another during the days on which it lay below it. A stock comes along with its
 * place and leaves with it: what was counted before the first day is added on it, and taken back the day
 * after the last. A flow belongs to whom the place belonged when it was recorded.
 */
static void
add_days(struct reading *x, const struct org_span *days, const char *dims, int64_t line, int32_t period,
         int64_t recorded, int64_t amount)
{
    if (recorded > days->to || (!x->figure->stock && recorded < days->from))
        return;
    add_row(x, dims, line, period, (int32_t)(recorded < days->from ? days->from : recorded), amount);
    if (x->figure->stock && days->to < ORG_ALWAYS)
        add_row(x, dims, line, period, (int32_t)days->to + 1, -amount);
}

static enum fault_code
read_cells(struct reading *x, const struct org_span *days)
{
    struct rows r;
    enum fault_code rc = store_query(x->t, x->s, &r,
                                     "SELECT line, dims, period, recorded_on, amount FROM rollup_cell WHERE "
                                     "figure = ? AND node = ?",
                                     "si", x->figure->name, days->place);

    if (rc)
        return rc;
    while (store_next(x->t, &r))
        add_days(x, days, store_text(x->t, &r, 1), store_int(&r, 0), (int32_t)store_int(&r, 2),
                 store_int(&r, 3), store_int(&r, 4));
    return store_end(x->t, &r);
}

static enum fault_code
read_deltas(struct reading *x, const struct org_span *spans, size_t n)
{
    struct rows r;
    enum fault_code rc = store_query(x->t, x->s, &r,
                                     "SELECT line, dims, period, recorded_on, amount, nodes FROM rollup_delta "
                                     "WHERE figure = ?",
                                     "s", x->figure->name);

    if (rc)
        return rc;
    while (store_next(x->t, &r)) {
        const char *text = store_text(x->t, &r, 5);
        struct json *list;

        if (json_read(x->t, text, strlen(text), &list))
            break;
        for (size_t i = 0; i < json_count(list); i++)
            for (size_t k = 0; k < n; k++)
                if (json_integer(json_at(list, i), 0) == spans[k].place)
                    add_days(x, &spans[k], store_text(x->t, &r, 1), store_int(&r, 0),
                             (int32_t)store_int(&r, 2), store_int(&r, 3), store_int(&r, 4));
    }
    return store_end(x->t, &r);
}

/* A node and whatever adds up to it, as far as its days reach. */
static enum fault_code
read_node(struct reading *x, const struct org_span *days)
{
    struct org_span *spans;
    size_t n, kept = 0;
    struct org_place p;
    bool found;
    enum fault_code rc = org_place(x->t, x->s, days->place, &p, &found);

    if (rc || !found)
        return rc;
    x->place = p.code;
    rc = org_spans(x->t, x->s, days->place, &spans, &n);
    for (size_t i = 0; i < n && !rc; i++) {
        struct org_span *one = &spans[kept];

        *one = spans[i];
        one->from = one->from > days->from ? one->from : days->from;
        one->to = one->to < days->to ? one->to : days->to;
        if (one->from > one->to)
            continue;
        kept++;
        rc = read_cells(x, one);
    }
    return rc ? rc : read_deltas(x, spans, kept);
}

/* What belongs to no child belongs to the place itself: the rows add up to the whole. */
static void
keep_own(struct reading *x, const char *own)
{
    size_t n = x->n, kept = 0;

    x->place = own;
    for (size_t i = 0; i < n; i++)
        if (x->cells[i].place != own)
            add_amount(x, x->cells[i].dims, x->cells[i].line, x->cells[i].period, -x->cells[i].amount);
    for (size_t i = 0; i < x->n; i++)
        if (x->cells[i].place != own || x->cells[i].amount)
            x->cells[kept++] = x->cells[i];
    x->n = kept;
}

static enum fault_code
read_all(struct reading *x)
{
    const struct org_span whole = {x->q->place, 0, ORG_ALWAYS};
    struct org_span *children;
    const char *own;
    size_t n;
    enum fault_code rc;

    rc = read_node(x, &whole);
    if (rc || !x->q->by_place)
        return rc;
    own = x->place;
    rc = org_children(x->t, x->s, x->q->place, &children, &n);
    for (size_t i = 0; i < n && !rc; i++)
        rc = read_node(x, &children[i]);
    if (!rc)
        keep_own(x, own);
    return rc;
}

/* ---- stocks by period: the value at the end of each ---- */

static int
by_series(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    int order = strcmp(x->place, y->place);

    if (!order)
        order = strcmp(x->dims, y->dims);
    if (!order)
        order = (x->line > y->line) - (x->line < y->line);
    return order ? order : (x->period > y->period) - (x->period < y->period);
}

static bool
same_series(const struct cell *a, const struct cell *b)
{
    return strcmp(a->place, b->place) == 0 && strcmp(a->dims, b->dims) == 0 && a->line == b->line;
}

static int32_t
next_period(int32_t day, enum rollup_period p)
{
    switch (p) {
    case ROLLUP_DAY:
        return day + 1;
    case ROLLUP_MONTH:
        return time_add_months(day, 1);
    case ROLLUP_QUARTER:
        return time_add_months(day, 3);
    default:
        return time_add_months(day, 12);
    }
}

/* Sums up along the time of each series and fills the periods in which nothing changed. */
static void
accumulate(struct reading *x)
{
    struct cell *old = x->cells;
    size_t n = x->n;
    int32_t last = x->q->to ? x->q->to : x->q->as_of ? x->q->as_of : time_day(x->t->now);

    x->cells = NULL;
    x->n = x->room = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t sum = 0;
        size_t k = i;
        int32_t at = old[i].period;
        const char *place = old[i].place;

        while (at <= last) {
            while (k < n && same_series(&old[i], &old[k]) && old[k].period == at)
                sum += old[k++].amount;
            x->place = place;
            add_amount(x, old[i].dims, old[i].line, at, sum);
            at = next_period(at, x->q->period);
        }
        while (i + 1 < n && same_series(&old[i], &old[i + 1]))
            i++;
    }
}

/* ---- answers ---- */

static struct json *
cell_json(struct reading *x, const struct cell *c)
{
    struct arena *a = x->t->arena;
    struct json *o = json_object(a), *dims = NULL;

    json_set_str(a, o, "place", c->place);
    if (x->q->by_line)
        json_set_int(a, o, "line", c->line);
    if (x->q->period != ROLLUP_WHOLE)
        json_set_str(a, o, "period", period_text(a, c->period, x->q->period));
    if (!json_read(x->t, c->dims, strlen(c->dims), &dims))
        for (size_t i = 0; i < dims->object.n; i++)
            json_set(a, o, dims->object.at[i].name, dims->object.at[i].value);
    return o;
}

static enum fault_code
count_figure(struct task *t, struct store *s, const struct rollup_question *q,
             const struct kind_figure *f, int line, struct reading *x)
{
    enum fault_code rc;

    memset(x, 0, sizeof *x);
    x->t = t;
    x->s = s;
    x->q = q;
    x->figure = f;
    x->line = line;
    rc = read_all(x);
    if (x->n)
        qsort(x->cells, x->n, sizeof *x->cells, by_series);
    if (!rc && f->stock && q->period != ROLLUP_WHOLE)
        accumulate(x);
    return rc;
}

/* A percentage is a division made when somebody looks; nothing to divide by is "no value". */
static enum fault_code
ratio(struct task *t, struct store *s, const struct rollup_question *q, int line, struct json *cells)
{
    struct reading a, b;
    enum fault_code rc = count_figure(t, s, q, kind_figure(q->kind, q->figure->a), line, &a);

    if (!rc)
        rc = count_figure(t, s, q, kind_figure(q->kind, q->figure->b), line, &b);
    for (size_t i = 0; !rc && i < b.n; i++) {
        struct json *o = cell_json(&b, &b.cells[i]);
        int64_t over = 0;
        struct decimal quotient;

        for (size_t k = 0; k < a.n; k++)
            if (same_series(&a.cells[k], &b.cells[i]) && a.cells[k].period == b.cells[i].period)
                over = a.cells[k].amount;
        if (b.cells[i].amount &&
            decimal_divide(decimal_of(over), decimal_of(b.cells[i].amount), &quotient))
            json_set_str(t->arena, o, "value", decimal_text(t->arena, decimal_round(quotient, 6)));
        else
            json_set(t->arena, o, "value", json_null(t->arena));
        json_push(t->arena, cells, o);
    }
    return rc;
}

enum fault_code
rollup_read(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
            const struct rollup_question *q, struct json **out)
{
    struct json *answer = json_object(t->arena), *cells = json_array(t->arena);
    struct reading x;
    int line;
    enum fault_code rc = check_scope(t, s, c, q, &line);

    (void)w;
    if (rc)
        return rc;
    if (q->figure->agg == AGG_RATIO) {
        rc = ratio(t, s, q, line, cells);
    } else {
        rc = count_figure(t, s, q, q->figure, line, &x);
        for (size_t i = 0; !rc && i < x.n; i++) {
            struct json *o = cell_json(&x, &x.cells[i]);

            if (!x.cells[i].amount && q->period == ROLLUP_WHOLE && (q->n_by || q->by_place || q->by_line))
                continue;
            json_set_int(t->arena, o, "value", x.cells[i].amount);
            json_push(t->arena, cells, o);
        }
        if (!rc && !json_count(cells) && !q->n_by && !q->by_place && !q->by_line &&
            q->period == ROLLUP_WHOLE) {
            struct json *o = json_object(t->arena);

            json_set_str(t->arena, o, "place", x.place);
            json_set_int(t->arena, o, "value", 0);
            json_push(t->arena, cells, o);
        }
    }
    json_set_str(t->arena, answer, "figure", q->figure->name);
    json_set_str(t->arena, answer, "boundary", "then");
    json_set_str(t->arena, answer, "unit", q->figure->agg == AGG_RATIO ? "ratio" : "count");
    json_set(t->arena, answer, "cells", cells);
    if (!rc)
        *out = answer;
    return rc;
}
