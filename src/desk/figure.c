/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/figure.c - kinds and figures: what there is to record and to count.
 */
#include "desk/inside.h"
#include <string.h>

/* ---- kinds ---- */

static bool
may_create(struct task *t, const struct desk_caller *c, const struct kind *k)
{
    for (size_t i = 0; i < c->n_posts; i++) {
        struct record_act act = {.task = t, .actor = {.sort = ORG_PERSON, .role = c->posts[i].role}};
        bool may = false;

        if (!record_may_create(&act, k, &may) && may)
            return true;
    }
    return false;
}

static bool
role_fits(const struct desk_caller *c, const struct kind_who *w)
{
    for (size_t i = 0; i < w->n_roles; i++)
        for (size_t j = 0; j < c->n_posts; j++)
            if (text_equal(w->roles[i], c->posts[j].role))
                return true;
    return w->n_roles == 0;
}

/* What the caller's roles may enter: one condition for each alternative of the guard that fits. */
static struct json *
may_enter(struct task *t, const struct desk_caller *c, const struct kind_step *step)
{
    struct json *list = json_array(t->arena);

    for (size_t i = 0; i < step->n_who; i++) {
        const struct kind_who *w = &step->who[i];
        struct json *one = json_object(t->arena);

        if (w->is == IS_RULE || w->is == IS_CLOCK || !role_fits(c, w))
            continue;
        if (w->condition)
            json_set(t->arena, one, "if", json_shallow(t->arena, w->condition));
        if (w->is == IS_SAME && w->party->sort == PARTY_FIELD)
            json_set_str(t->arena, one, "same", w->party->name);
        json_push(t->arena, list, one);
    }
    return list;
}

/* The creating step as a form needs it: what it asks, its condition, what the caller may enter. */
static void
add_create_form(struct task *t, const struct desk_caller *c, const struct kind *k, struct json *o)
{
    const struct kind_step *step = kind_create_step(k);

    json_set(t->arena, o, "fields", kind_step_schema(t, k, step));
    if (step->condition)
        json_set(t->arena, o, "if", json_shallow(t->arena, step->condition));
    json_set(t->arena, o, "may", may_enter(t, c, step));
}

static struct json *
kind_json(struct task *t, const struct desk_caller *c, const struct kind *k)
{
    struct json *o = kind_describe(t, k);
    const struct json *steps = json_get(o, "steps");

    json_set_bool(t->arena, o, "can_create", may_create(t, c, k));
    for (size_t i = 0; i < json_count(steps); i++)
        if (text_equal(json_text_of(json_at(steps, i), "step"), kind_create_step(k)->name))
            add_create_form(t, c, k, json_at(steps, i));
    return o;
}

enum fault_code
desk_kinds(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out)
{
    struct json *list = json_array(t->arena);

    (void)s;
    for (size_t i = 0; i < kind_catalog_count(d->world->catalog); i++)
        json_push(t->arena, list, kind_json(t, c, kind_catalog_at(d->world->catalog, i)));
    *out = json_set(t->arena, json_object(t->arena), "items", list);
    return FAULT_NONE;
}

enum fault_code
desk_kind(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *kind,
          int version, struct json **out)
{
    const struct kind *k = kind_find(d->world->catalog, kind, version);

    (void)s;
    if (!k)
        return desk_absent(t);
    *out = kind_json(t, c, k);
    return FAULT_NONE;
}

/* ---- figures ---- */

/* The states whose records a stock counts, all of them: what a list needs to show the same ones. */
static struct json *
states_json(struct arena *a, const struct kind *k, const struct kind_figure *f)
{
    struct json *list = json_array(a);

    for (size_t i = 0; i < k->n_states; i++)
        if (kind_in(f->in, (int)i + 1))
            json_push(a, list, json_str(a, k->states[i].name));
    return list;
}

static struct json *
figure_json(struct arena *a, const struct kind *k, const struct kind_figure *f)
{
    struct json *o = json_object(a), *dims = json_array(a);

    json_set_str(a, o, "figure", f->name);
    json_set(a, o, "title", kind_title(a, f->title));
    json_set_str(a, o, "kind", k->name);
    json_set(a, o, "kind_title", kind_title(a, k->title));
    json_set_str(a, o, "sort", f->agg == AGG_RATIO ? "ratio" : f->stock ? "stock" : "flow");
    if (f->stock && !f->condition)
        json_set(a, o, "in", states_json(a, k, f));
    json_push(a, dims, json_str(a, "place"));
    json_push(a, dims, json_str(a, "line"));
    for (size_t i = 0; i < f->n_by; i++)
        json_push(a, dims, json_str(a, f->by_names[i]));
    json_set(a, o, "dimensions", dims);
    return o;
}

enum fault_code
desk_figures(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out)
{
    struct json *list = json_array(t->arena);

    (void)s;
    (void)c;
    for (size_t i = 0; i < kind_catalog_count(d->world->catalog); i++) {
        const struct kind *k = kind_catalog_at(d->world->catalog, i);

        for (size_t n = 0; n < k->n_figures; n++)
            json_push(t->arena, list, figure_json(t->arena, k, &k->figures[n]));
    }
    *out = json_set(t->arena, json_object(t->arena), "items", list);
    return FAULT_NONE;
}

static enum fault_code
read_by(struct task *t, const char *list, struct rollup_question *q)
{
    while (list && *list) {
        size_t n = strcspn(list, ",");
        const char *name = arena_copy(t->arena, list, n);
        bool known = false;

        for (size_t i = 0; i < q->figure->n_by; i++)
            if (text_equal(name, q->figure->by_names[i]))
                known = true;
        if (text_equal(name, "place"))
            q->by_place = true;
        else if (text_equal(name, "line"))
            q->by_line = true;
        else if ((!known && q->figure->agg != AGG_RATIO) || q->n_by == 4)
            return desk_refuse(t, "by", "这个指标没有此维度", "the figure has no such dimension");
        else
            q->by[q->n_by++] = name;
        list += n + (list[n] == ',');
    }
    return FAULT_NONE;
}

static enum fault_code
read_days(struct task *t, const struct desk_query *in, struct rollup_question *q)
{
    static const char *const periods[] = {"", "day", "month", "quarter", "year"};
    const char *period = in->get(in->who, "period"), *from = in->get(in->who, "from");
    const char *to = in->get(in->who, "to"), *as_of = in->get(in->who, "as_of");
    bool known = !period || !*period;

    for (int i = 1; i < 5; i++)
        if (text_equal(period, periods[i])) {
            q->period = (enum rollup_period)i;
            known = true;
        }
    if (!known)
        return desk_refuse(t, "period", "period 应为 day、month、quarter 或 year", "period is day, month, quarter or year");
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

static const struct kind_figure *
find_figure(struct desk *d, const char *name, const struct kind **kind)
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

/* Without a place: the widest the caller may see. */
static enum fault_code
default_place(struct task *t, struct store *s, const struct desk_caller *c, const char *code, int64_t *place)
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

/* Lines as keys, names of what stands in the cells. */
static void
dress(struct desk_render *x, const struct rollup_question *q, struct json *o)
{
    const struct json *cells = json_get(o, "cells");
    struct arena *a = x->task->arena;

    for (size_t i = 0; i < json_count(cells); i++) {
        struct json *cell = json_at(cells, i);

        desk_name(x, cell);
        if (q->by_line) {
            int line = (int)json_int_of(cell, "line", 0);

            json_set_str(a, cell, "line", desk_line_key(x->desk, line));
            json_set(a, cell, "line_title", desk_line_title(a, x->desk, line));
        }
    }
    json_set(a, o, "names", x->names);
}

enum fault_code
desk_figure(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const char *figure, const struct desk_query *in, struct json **out)
{
    struct desk_render x = {t, d, s, c, json_object(t->arena), 0};
    struct rollup_question q = {0};
    const char *line = in->get(in->who, "line");
    enum fault_code rc;

    q.figure = find_figure(d, figure, &q.kind);
    if (!q.figure)
        return desk_absent(t);
    rc = default_place(t, s, c, in->get(in->who, "place"), &q.place);
    if (!rc)
        rc = read_by(t, in->get(in->who, "by"), &q);
    if (!rc)
        rc = read_days(t, in, &q);
    if (!rc && line && *line && (q.line = desk_line_number(d, line)) < 0)
        rc = desk_refuse(t, "line", "没有这个条线", "there is no such line");
    if (!rc)
        rc = rollup_read(t, s, d->world, &c->scope, &q, out);
    if (rc)
        return rc;
    json_set(t->arena, *out, "title", kind_title(t->arena, q.figure->title));
    dress(&x, &q, *out);
    return FAULT_NONE;
}
