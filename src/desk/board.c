/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/board.c - one figure as it was asked for: by dimensions, places, lines and periods.
 *
 * Knows: the query's words, names of what stands in the cells; cells are written as they are read,
 * for a board has thousands.
 * Does not know: how a figure is kept (rollup).
 */
#include "desk/inside.h"
#include <string.h>

/* ---- the question ---- */

static bool
counted_by(const struct kind_figure *f, const char *name)
{
    for (size_t i = 0; f && i < f->n_by; i++)
        if (text_equal(name, f->by_names[i]))
            return true;
    return false;
}

/* A ratio has the dimensions of both its sides. */
bool
desk_has_dimension(const struct rollup_question *q, const char *name)
{
    const struct kind_figure *f = q->figure;

    if (f->agg != AGG_RATIO)
        return counted_by(f, name);
    return counted_by(kind_figure(q->kind, f->a), name) && counted_by(kind_figure(q->kind, f->b), name);
}

/* place: what lies directly below; else the level whose places are the rows. */
static bool
read_level(const char *name, struct rollup_question *q)
{
    static const char *const levels[] = {
        [0] = "place", [ORG_PROVINCE] = "province", [ORG_CITY] = "city", [ORG_COUNTY] = "county",
        [ORG_TOWNSHIP] = "township", [ORG_VILLAGE] = "village",
    };

    for (int i = 0; i <= ORG_VILLAGE; i++)
        if (levels[i] && text_equal(name, levels[i])) {
            q->by_place = true;
            q->place_level = i;
            return true;
        }
    return false;
}

enum fault_code
desk_read_by(struct task *t, const char *list, struct rollup_question *q)
{
    while (list && *list) {
        size_t n = strcspn(list, ",");
        const char *name = arena_copy(t->arena, list, n);

        if (text_equal(name, "line"))
            q->by_line = true;
        else if (desk_has_dimension(q, name) && q->n_by < 4)
            q->by[q->n_by++] = name;
        else if (!read_level(name, q))
            return desk_refuse(t, "by", "这个指标没有此维度", "the figure has no such dimension");
        list += n + (list[n] == ',');
    }
    return FAULT_NONE;
}

static enum fault_code
read_period(struct task *t, const struct desk_query *in, struct rollup_question *q)
{
    static const char *const periods[] = {"", "day", "month", "quarter", "year"};
    const char *period = in->get(in->who, "period");
    bool known = !period || !*period;

    for (int i = 1; i < 5; i++)
        if (text_equal(period, periods[i])) {
            q->period = (enum rollup_period)i;
            known = true;
        }
    if (!known)
        return desk_refuse(t, "period", "period 应为 day、month、quarter 或 year", "period is day, month, quarter or year");
    return FAULT_NONE;
}

enum fault_code
desk_read_days(struct task *t, const struct desk_query *in, struct rollup_question *q)
{
    const char *from = in->get(in->who, "from"), *to = in->get(in->who, "to");
    const char *as_of = in->get(in->who, "as_of");

    if (from && *from && !time_read_day(from, &q->from))
        return desk_refuse(t, "from", "日期应写作 2026-11-21", "write the day as 2026-11-21");
    if (to && *to && !time_read_day(to, &q->to))
        return desk_refuse(t, "to", "日期应写作 2026-11-21", "write the day as 2026-11-21");
    if (q->from && q->to && q->from > q->to)
        return desk_refuse(t, "from", "from 晚于 to", "from is later than to");
    if (as_of && *as_of && !time_read_day(as_of, &q->as_of))
        return desk_refuse(t, "as_of", "日期应写作 2026-11-21", "write the day as 2026-11-21");
    return FAULT_NONE;
}

/* compare=year,period: a series beside itself, so it needs periods. */
static enum fault_code
read_compare(struct task *t, const char *list, struct rollup_question *q)
{
    while (list && *list) {
        size_t n = strcspn(list, ",");

        if (n == 4 && memcmp(list, "year", 4) == 0)
            q->compare |= ROLLUP_AGAINST_YEAR;
        else if (n == 6 && memcmp(list, "period", 6) == 0)
            q->compare |= ROLLUP_AGAINST_PERIOD;
        else
            return desk_refuse(t, "compare", "compare 应为 year（同比）、period（环比）",
                               "compare is year, period or both");
        list += n + (list[n] == ',');
    }
    if (q->compare && (q->period == ROLLUP_WHOLE || q->period == ROLLUP_DAY))
        return desk_refuse(t, "compare", "同比、环比须按月、季或年（period）", "a comparison needs period=month, quarter or year");
    return FAULT_NONE;
}

const struct kind_figure *
desk_find_figure(struct desk *d, const char *name, const struct kind **kind)
{
    for (size_t i = 0; i < kind_catalog_count(d->world->catalog); i++) {
        const struct kind *k = kind_catalog_at(d->world->catalog, i);
        const struct kind_figure *f = kind_figure(k, name);

        if (f) {
            *kind = k;
            return f;
        }
    }
    return NULL;
}

enum fault_code
desk_figure_place(struct task *t, struct store *s, const struct desk_caller *c, const char *code, int64_t *place)
{
    struct org_place p;
    bool found;
    enum fault_code rc;

    if (code && *code) {
        rc = org_place_by_code(t, s, code, &p, &found);
        if (rc || !found)
            return rc ? rc : desk_absent(t);
        *place = p.id;
        return FAULT_NONE;
    }
    if (!c->scope.n_areas)
        return desk_absent(t);
    *place = c->scope.areas[0].place;
    return FAULT_NONE;
}

/* ---- the answer ---- */

static void
write_whole(struct text *out, int64_t n)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

    do
        digits[--at] = (char)('0' + left % 10);
    while (left /= 10);
    if (n < 0)
        text_char(out, '-');
    text_add(out, digits + at, sizeof digits - at);
}

static void
write_line(struct desk_render *x, struct text *out, int line)
{
    struct arena *a = x->task->arena;

    text_puts(out, ",\"line\":");
    json_write(out, json_str(a, desk_line_key(x->desk, line)));
    text_puts(out, ",\"line_title\":");
    json_write(out, desk_line_title(a, x->desk, line));
}

/* Periods come round again with every series: each is written once. */
struct periods {
    int32_t start[64];
    const char *text[64];
};

static const char *
period_text(struct arena *a, struct periods *known, const struct rollup_cell *c, enum rollup_period p)
{
    size_t at = ((uint32_t)c->period * UINT32_C(2654435761)) >> 26;

    if (!known->text[at] || known->start[at] != c->period) {
        known->start[at] = c->period;
        known->text[at] = rollup_period_text(a, c->period, p);
    }
    return known->text[at];
}

static void
write_cell(struct desk_render *x, const struct rollup_board *b, const struct rollup_cell *c,
           struct periods *known, struct text *out)
{
    text_puts(out, "{\"place\":\"");
    text_puts(out, b->places[c->place].code);
    text_char(out, '"');
    if (b->q->by_line)
        write_line(x, out, c->line);
    if (b->q->period != ROLLUP_WHOLE) {
        text_puts(out, ",\"period\":\"");
        text_puts(out, period_text(x->task->arena, known, c, b->q->period));
        text_char(out, '"');
    }
    if (*b->dims[c->dims].members) {
        text_char(out, ',');
        text_puts(out, b->dims[c->dims].members);
    }
    text_puts(out, ",\"value\":");
    if (b->q->figure->agg == AGG_RATIO)
        json_write(out, json_str(x->task->arena, rollup_ratio(x->task->arena, c)));
    else
        write_whole(out, c->value);
    if (c->beside)
        text_puts(out, c->beside);
    text_char(out, '}');
}

static struct json *
cells_json(struct desk_render *x, const struct rollup_board *b)
{
    struct arena *a = x->task->arena;
    bool *shown = arena_alloc(a, b->n_places + 1);
    struct periods known = {0};
    struct text out;

    text_init(&out, a);
    text_char(&out, '[');
    for (size_t i = 0; i < b->n; i++) {
        const struct rollup_cell *c = &b->cells[i];

        if (i)
            text_char(&out, ',');
        write_cell(x, b, c, &known, &out);
        if (!shown[c->place])
            json_set_str(a, x->names, b->places[c->place].code, b->places[c->place].name);
        shown[c->place] = true;
    }
    text_char(&out, ']');
    for (size_t i = 0; i < b->n_dims; i++)
        desk_name(x, b->dims[i].value);
    return json_written(a, text_string(&out), out.len);
}

static enum fault_code
read_question(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
              const char *figure, const struct desk_query *in, struct rollup_question *q)
{
    const char *line = in->get(in->who, "line");
    enum fault_code rc;

    q->figure = desk_find_figure(d, figure, &q->kind);
    if (!q->figure)
        return desk_absent(t);
    rc = desk_figure_place(t, s, c, in->get(in->who, "place"), &q->place);
    if (!rc)
        rc = desk_read_by(t, in->get(in->who, "by"), q);
    if (!rc)
        rc = read_period(t, in, q);
    if (!rc)
        rc = desk_read_days(t, in, q);
    if (!rc)
        rc = read_compare(t, in->get(in->who, "compare"), q);
    if (!rc && line && *line && (q->line = desk_line_number(d, line)) < 0)
        rc = desk_refuse(t, "line", "没有这个条线", "there is no such line");
    return rc;
}

enum fault_code
desk_figure(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const char *figure, const struct desk_query *in, struct json **out)
{
    struct desk_render x = {t, d, s, c, json_object(t->arena), 0, NULL};
    struct rollup_question q = {0};
    struct rollup_board board;
    struct json *answer = json_object(t->arena);
    enum fault_code rc = read_question(t, d, s, c, figure, in, &q);

    if (!rc)
        rc = rollup_read(t, s, &c->scope, &q, &board);
    if (rc)
        return rc;
    json_set_str(t->arena, answer, "figure", q.figure->name);
    json_set(t->arena, answer, "title", kind_title(t->arena, q.figure->title));
    json_set(t->arena, answer, "rule", kind_figure_rule(t, q.kind, q.figure));
    json_set_str(t->arena, answer, "place", board.places[0].code);
    json_set_str(t->arena, answer, "boundary", "then");
    json_set_str(t->arena, answer, "unit", q.figure->agg == AGG_RATIO ? "ratio" : "count");
    json_set(t->arena, answer, "cells", cells_json(&x, &board));
    json_set(t->arena, answer, "names", x.names);
    *out = answer;
    return FAULT_NONE;
}
