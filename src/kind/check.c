/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/check.c - what was sent for a step, checked against its `ask`; every problem at its pointer.
 *
 * Knows: `!` means now. A fact that stands (a unit, a date, a level, a number) also counts where
 * the record has it already; words and evidence (free text, files, lists, objects) belong to the
 * act and are given with it, so that no old reason serves a new refusal.
 * Does not know: whether a named unit, person or record exists: the references go out as questions.
 */
#include "kind/inside.h"
#include "base/decimal.h"
#include <string.h>

struct payload {
    struct task *t;
    const struct kind *k;
    const struct kind_step *step;
    struct kind_ref *refs;
    size_t n_refs, room;
    unsigned refused;
};

#define deny(p, pointer, ...) \
    ((p)->refused++, (void)fault((p)->t, FAULT_INPUT, (pointer), __VA_ARGS__))

static void
add_ref(struct payload *p, const char *at, const struct kind_field *f, const char *mark,
        const char *id)
{
    if (p->n_refs == p->room) {
        size_t room = p->room ? p->room * 2 : 16;
        struct kind_ref *more = arena_alloc(p->t->arena, room * sizeof *more);
        if (p->n_refs)
            memcpy(more, p->refs, p->n_refs * sizeof *more);
        p->refs = more;
        p->room = room;
    }
    p->refs[p->n_refs++] = (struct kind_ref){
        .pointer = at,
        .field = f,
        .names = text_starts(mark, "record:") ? "record" : text_starts(mark, "code:") ? "code" : mark,
        .table = text_starts(mark, "code:") ? mark + strlen("code:") : f->table,
        .id = id,
    };
}

/* ---- field marks ---- */

/* That it is a decimal, its schema has said. */
static void
check_money(struct payload *p, const char *at, const char *text)
{
    struct decimal d;
    if (decimal_read(text, &d) && (d.units < 0 || decimal_compare(d, decimal_round(d, 2)) != 0))
        deny(p, at, "金额不为负，至多两位小数 | Money isn't negative and has at most two decimal places");
}

/* A query that a user enters, by the code that checks sets; its kind is looked up by kind_query. */
static void
check_find(struct payload *p, const char *at, const struct kind_field *f, const struct json *v)
{
    struct load l = {.t = p->t, .arena = p->t->arena, .k = (struct kind *)(uintptr_t)p->k};
    const struct kind_set *set = load_query(&l, at, v);
    p->refused += l.refused;
    if (set && !l.refused) {
        add_ref(p, at, f, "find", NULL);
        p->refs[p->n_refs - 1].value = v;
    }
}

/* A formula that a user enters, by the code that checks conditions of definitions. */
static void
check_logic(struct payload *p, const char *at, const struct json *v)
{
    struct load l = {.t = p->t, .arena = p->t->arena, .k = (struct kind *)(uintptr_t)p->k};
    const struct load_scope scope = {.use = USE_FIND};
    load_condition(&l, at, v, &scope);
    p->refused += l.refused;
}

static void
check_mark(struct payload *p, const char *at, const struct kind_field *f, const char *mark,
           const struct json *v)
{
    struct rule_duration d;
    const char *text = json_text(v);
    if (text_equal(mark, "find") && json_is(v, JSON_OBJECT)) {
        check_find(p, at, f, v);
    } else if (text_equal(mark, "logic") && json_is(v, JSON_OBJECT)) {
        check_logic(p, at, v);
    } else if (!text) {
        return;
    } else if (text_equal(mark, "money")) {
        check_money(p, at, text);
    } else if (text_equal(mark, "duration")) {
        if (!rule_duration_read(text, &d) || d.n <= 0)
            deny(p, at, "时长须向前走，如 10d | The duration must lead forward, such as 10d");
    } else if (text_equal(mark, "decimal")) {
        return;
    } else if (text_equal(mark, "figure")) {
        if (!load_is_name(text))
            deny(p, at, "须是指标的名称 | The name of a figure belongs here");
    } else {
        add_ref(p, at, f, mark, text);
    }
}

/* The marks of a value and of everything inside it, by the field's schema. */
static void
walk(struct payload *p, const char *at, const struct kind_field *f, const struct json *schema,
     const struct json *v)
{
    const char *mark = json_text_of(schema, "x-field");
    const struct json *items = json_get(schema, "items");
    const struct json *properties = json_get(schema, "properties");
    if (mark)
        check_mark(p, at, f, mark, v);
    for (size_t i = 0; items && json_is(v, JSON_ARRAY) && i < v->array.n; i++)
        walk(p, json_pointer_index(p->t->arena, at, i), f, items, v->array.at[i]);
    for (size_t i = 0; properties && json_is(v, JSON_OBJECT) && i < v->object.n; i++) {
        const struct json *inner = json_get(properties, v->object.at[i].name);
        if (inner)
            walk(p, json_pointer(p->t->arena, at, v->object.at[i].name), f, inner,
                 v->object.at[i].value);
    }
}

/* ---- the payload ---- */

static const struct kind_ask *
asked(const struct kind_step *s, const char *name)
{
    for (size_t i = 0; i < s->n_ask; i++)
        if (text_equal(s->ask[i].field->name, name))
            return &s->ask[i];
    return NULL;
}

static bool
is_empty(const struct json *v)
{
    return json_is_null(v) || (json_is(v, JSON_STRING) && !v->string.len)
           || (json_is(v, JSON_ARRAY) && !v->array.n);
}

/* Words and evidence belong to one act. */
static bool
is_of_the_act(const struct kind_field *f)
{
    return f->private_value || f->type == FIELD_ARRAY || f->type == FIELD_OBJECT
           || text_equal(f->names, "file");
}

static void
check_given(struct payload *p, const struct json *have, const struct json *sent)
{
    for (size_t i = 0; i < p->step->n_ask; i++) {
        const struct kind_field *f = p->step->ask[i].field;
        const struct json *v = json_get(sent, f->name);
        bool stands = !v && !is_of_the_act(f) && !is_empty(json_get(have, f->name));
        if (p->step->ask[i].now && is_empty(v) && !stands)
            deny(p, json_pointer(p->t->arena, "/fields", f->name), "须填写“%s” | “%s” must be given",
                 text_half(p->t->arena, f->title, false), text_half(p->t->arena, f->title, true));
    }
}

static void
check_sent(struct payload *p, const struct json *sent, struct json *fields)
{
    for (size_t i = 0; i < sent->object.n; i++) {
        const char *name = sent->object.at[i].name;
        const struct json *v = sent->object.at[i].value;
        const struct kind_ask *ask = asked(p->step, name);
        const char *at = json_pointer(p->t->arena, "/fields", name);
        if (!ask) {
            deny(p, at, "此步骤不收字段“%s” | This step takes no field “%s”", name, name);
            continue;
        }
        /* Nothing for a field that must be given is reported once, as missing. */
        if (ask->now && is_empty(v))
            continue;
        if (!kind_schema_holds(p->t, ask->field->schema, v, at)) {
            p->refused++;
            continue;
        }
        walk(p, at, ask->field, ask->field->schema, v);
        json_set(p->t->arena, fields, name, json_shallow(p->t->arena, v));
    }
}

enum fault_code
kind_check(struct task *t, const struct kind *k, const struct kind_step *step,
           const struct json *have, const struct json *sent, struct checked *out)
{
    struct payload p = {.t = t, .k = k, .step = step};
    struct json *fields = json_object(t->arena), *nothing = json_object(t->arena);
    if (!sent)
        sent = nothing;
    if (!json_is(sent, JSON_OBJECT))
        return fault(t, FAULT_INPUT, "/fields", "fields 须是对象 | fields must be an object");
    check_sent(&p, sent, fields);
    check_given(&p, have, sent);
    if (p.refused)
        return FAULT_INPUT;
    *out = (struct checked){k, step, fields, p.refs, p.n_refs};
    return FAULT_NONE;
}
