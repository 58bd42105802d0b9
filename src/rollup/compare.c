/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/compare.c - a series of a figure beside itself: 同比, 环比, 拐点, 反弹.
 *
 * Knows: which periods are missing (before anything was counted, and of a ratio those with nothing to
 * divide by), which is not over, and that a period without a cell in between is a true 0.
 * Does not know: the rules themselves (rule/series.c).
 */
#include "rollup/inside.h"
#include "rule/rule.h"
#include <string.h>

/* One series of a board, its periods side by side from the first that was counted. */
struct run {
    struct board *x;
    struct rollup_cell *cells;
    struct rule_point *points;
    size_t n, running; /* the first period that is not over */
};

const char *
rollup_ratio(struct arena *a, const struct rollup_cell *c)
{
    struct decimal quotient;

    if (!c->of || !decimal_divide(decimal_of(c->value), decimal_of(c->of), &quotient))
        return NULL;
    return decimal_text(a, decimal_round(quotient, 6));
}

static struct rule_point
point_of(const struct board *x, const struct rollup_cell *c)
{
    struct rule_point p = {true, decimal_of(c->value)};

    if (x->q->figure->agg == AGG_RATIO)
        p.known = c->of && decimal_divide(decimal_of(c->value), decimal_of(c->of), &p.value);
    if (p.known)
        p.value = decimal_round(p.value, 6);
    return p;
}

/* A count is a number, a ratio a text. A ratio's change is in points of itself and has no percentage. */
static void
write_number(const struct run *r, struct text *out, const char *name, struct decimal d)
{
    const char *text = decimal_text(r->x->t->arena, d);

    text_printf(out, r->x->q->figure->agg == AGG_RATIO ? "\"%s\":\"%s\"" : "\"%s\":%s", name, text);
}

static void
write_change(const struct run *r, struct text *out, const char *name, size_t i, size_t back)
{
    struct rule_change c;

    text_printf(out, ",\"%s\":", name);
    /* What is not over is not set against what is. */
    if (i >= r->running || !rule_change(r->points, r->n, i, back, &c)) {
        text_puts(out, "null");
        return;
    }
    text_char(out, '{');
    write_number(r, out, "value", c.previous);
    text_char(out, ',');
    write_number(r, out, "change", c.change);
    if (c.has_percent && r->x->q->figure->agg != AGG_RATIO)
        text_printf(out, ",\"percent\":\"%s\"", decimal_text(r->x->t->arena, c.percent));
    text_char(out, '}');
}

static void
write_beside(const struct run *r, size_t i)
{
    static const size_t a_year[] = {[ROLLUP_MONTH] = 12, [ROLLUP_QUARTER] = 4, [ROLLUP_YEAR] = 1};
    const struct rollup_question *q = r->x->q;
    size_t year = a_year[q->period], n = r->running;
    enum rule_turn turn = rule_turn_at(r->points, n, i);
    struct text out;

    text_init(&out, r->x->t->arena);
    if (q->compare & ROLLUP_AGAINST_YEAR)
        write_change(r, &out, "year", i, year);
    if (q->compare & ROLLUP_AGAINST_PERIOD)
        write_change(r, &out, "previous", i, 1);
    if (i >= r->running)
        text_puts(&out, ",\"unfinished\":true");
    if (turn != RULE_NO_TURN)
        text_printf(&out, ",\"turn\":\"%s\"", turn == RULE_PEAK ? "peak" : "trough");
    if (i < n && rule_rebound(r->points, n, i, year))
        text_puts(&out, ",\"rebound\":true");
    if (i < n && rule_above_average(r->points, n, i, 3))
        text_puts(&out, ",\"above_average\":true");
    r->cells[i].beside = text_string(&out);
}

static bool
same_series(const struct rollup_cell *a, const struct rollup_cell *b)
{
    return a->place == b->place && a->dims == b->dims && a->line == b->line;
}

static size_t
periods_between(const struct rollup_question *q, int32_t from, int32_t to)
{
    size_t n = 0;

    for (; from < to; from = rollup_period_add(from, q->period, 1))
        n++;
    return n;
}

/* The periods of one series with those in between, compared; those asked for are kept. */
static void
run_series(struct board *x, const struct rollup_cell *list, size_t n, int32_t begin, int32_t asked,
           struct rollup_board *out)
{
    const struct rollup_question *q = x->q;
    int32_t today = rollup_period_start(time_day(x->t->now), q->period);
    int32_t to = rollup_period_start(q->to ? q->to : q->as_of ? q->as_of : time_day(x->t->now), q->period);
    int32_t last = list[n - 1].period > to ? list[n - 1].period : to;
    struct run r = {.x = x, .n = periods_between(q, begin, last) + 1};
    size_t k = 0;

    r.cells = arena_alloc(x->t->arena, r.n * sizeof *r.cells);
    r.points = arena_alloc(x->t->arena, r.n * sizeof *r.points);
    r.running = today < begin ? 0 : periods_between(q, begin, today);
    r.running = r.running < r.n ? r.running : r.n;
    for (size_t i = 0; i < r.n; i++) {
        r.cells[i] = list[0];
        r.cells[i].period = rollup_period_add(begin, q->period, (int)i);
        r.cells[i].value = r.cells[i].of = 0;
        if (k < n && list[k].period == r.cells[i].period)
            r.cells[i] = list[k++];
        r.points[i] = point_of(x, &r.cells[i]);
    }
    for (size_t i = 0; i < r.n; i++)
        if (r.cells[i].period >= asked) {
            write_beside(&r, i);
            out->cells[out->n++] = r.cells[i];
        }
}

void
rollup_compare(struct board *x, int32_t asked)
{
    struct rollup_board *b = x->out, wider = *b;
    int32_t begin = b->n ? b->cells[0].period : 0, last = 0, end = time_day(x->t->now);
    size_t series = 0;

    for (size_t i = 0; i < b->n; i++) {
        begin = b->cells[i].period < begin ? b->cells[i].period : begin;
        last = b->cells[i].period > last ? b->cells[i].period : last;
        series += !i || !same_series(&b->cells[i - 1], &b->cells[i]);
    }
    if (!b->n)
        return;
    end = last > end ? last : end;
    end = x->q->to > end ? x->q->to : end;
    wider.n = 0;
    wider.cells = arena_alloc(x->t->arena, series * (periods_between(x->q, begin, end) + 2) * sizeof *wider.cells);
    for (size_t i = 0, k; i < b->n; i = k) {
        for (k = i; k < b->n && same_series(&b->cells[i], &b->cells[k]);)
            k++;
        run_series(x, &b->cells[i], k - i, begin, asked, &wider);
    }
    *b = wider;
}
