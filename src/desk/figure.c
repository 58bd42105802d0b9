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

/* A ratio has the dimensions that both its sides have. */
static void
add_dimensions(struct arena *a, struct json *dims, const struct kind *k, const struct kind_figure *f)
{
    const struct kind_figure *one = f->agg == AGG_RATIO ? kind_figure(k, f->b) : f;
    const struct kind_figure *other = f->agg == AGG_RATIO ? kind_figure(k, f->a) : f;

    for (size_t i = 0; i < one->n_by; i++)
        for (size_t n = 0; n < other->n_by; n++)
            if (text_equal(one->by_names[i], other->by_names[n]))
                json_push(a, dims, json_str(a, one->by_names[i]));
}

static struct json *
figure_json(struct task *t, const struct kind *k, const struct kind_figure *f)
{
    struct arena *a = t->arena;
    struct json *o = json_object(a), *dims = json_array(a);

    json_set_str(a, o, "figure", f->name);
    json_set(a, o, "title", kind_title(a, f->title));
    json_set_str(a, o, "kind", k->name);
    json_set(a, o, "kind_title", kind_title(a, k->title));
    json_set(a, o, "rule", kind_figure_rule(t, k, f));
    json_set_str(a, o, "sort", f->agg == AGG_RATIO ? "ratio" : f->stock && !f->from ? "stock" : "flow");
    if (f->stock && !f->condition && !f->from)
        json_set(a, o, "in", states_json(a, k, f));
    json_push(a, dims, json_str(a, "place"));
    json_push(a, dims, json_str(a, "line"));
    add_dimensions(a, dims, k, f);
    json_set(a, o, "dimensions", dims);
    if (f->agg == AGG_RATIO) {
        json_set_str(a, o, "a", f->a);
        json_set_str(a, o, "b", f->b);
    }
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
            json_push(t->arena, list, figure_json(t, k, &k->figures[n]));
    }
    *out = json_set(t->arena, json_object(t->arena), "items", list);
    return FAULT_NONE;
}
