/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_step.c - states, steps and what a step sets.
 *
 * Knows: how a step reads in the file; a step open to rules alone, with an `if`, is automatic.
 * Does not know: whether the states hang together (load_whole.c); effects (load_effect.c).
 */
#include "kind/inside.h"
#include <string.h>

/* ---- names ---- */

void
load_state_names(struct load *l)
{
    const struct json *states = load_list(l, "", l->file, "states");
    size_t n = json_count(states);
    if (!n)
        refuse(l, "/states", "须有状态 | There must be states");
    if (n > LIMIT_STATES) {
        refuse(l, "/states", "状态最多 %d 个 | At most %d states", LIMIT_STATES, LIMIT_STATES);
        return;
    }
    l->k->states = l->states = load_new(l, struct kind_state, n);
    for (size_t i = 0; i < n; i++) {
        const char *at = load_item(l, "/states", states, i);
        const char *name = load_name(l, at, json_at(states, i), "state");
        if (name && kind_state(l->k, name))
            refuse(l, json_pointer(l->arena, at, "state"), "状态“%s”写了两次 | The state “%s” stands "
                   "twice", name, name);
        l->states[i].name = name ? name : "";
        l->states[i].number = (int)i + 1;
        l->states[i].final = json_is_true(json_get(json_at(states, i), "final"));
        l->k->n_states = i + 1;
    }
}

void
load_step_names(struct load *l)
{
    const struct json *steps = load_list(l, "", l->file, "steps");
    size_t n = json_count(steps);
    if (n > LIMIT_STEPS) {
        refuse(l, "/steps", "步骤最多 %d 个 | At most %d steps", LIMIT_STEPS, LIMIT_STEPS);
        return;
    }
    l->k->steps = l->steps = load_new(l, struct kind_step, n);
    for (size_t i = 0; i < n; i++) {
        const char *at = load_item(l, "/steps", steps, i);
        const char *name = load_name(l, at, json_at(steps, i), "step");
        if (name && kind_step(l->k, name))
            refuse(l, json_pointer(l->arena, at, "step"), "步骤“%s”写了两次 | The step “%s” stands twice",
                   name, name);
        l->steps[i].name = name ? name : "";
        l->steps[i].index = (int)i;
        l->k->n_steps = i + 1;
    }
}

/* ---- states ---- */

/* Whose desk: a party, or a role at it; `if` decides by the record, for nobody acts there yet. */
static void
load_desk(struct load *l, const char *at, const struct json *value, struct kind_state *s)
{
    const struct json *list = load_list(l, at, value, "desk");
    const char *here = json_pointer(l->arena, at, "desk");
    s->desk_given = true;
    s->desk = load_who(l, here, list, &s->n_desk);
    for (size_t i = 0; i < s->n_desk; i++) {
        const struct kind_who *w = &s->desk[i];
        if ((w->is != IS_SAME && w->is != IS_PERSON) || !w->party)
            refuse(l, load_item(l, here, list, i),
                   "经办须是主体，或 {\"role\":[…],\"is\":\"same:主体\"} | A desk is a party, or "
                   "{\"role\":[…],\"is\":\"same:PARTY\"}");
        if (w->condition && (kind_reads(w->condition, "me.") || kind_reads(w->condition, "old.")))
            refuse(l, json_pointer(l->arena, load_item(l, here, list, i), "if"),
                   "经办由记录决定，不能读 me. 和 old. | The record decides whose desk it is: me. and "
                   "old. cannot be read");
    }
    if (s->final)
        refuse(l, here, "终结状态没有经办单位 | A final state has no desk");
}

void
load_states(struct load *l)
{
    const struct json *states = json_get(l->file, "states");
    for (size_t i = 0; i < l->k->n_states; i++) {
        struct kind_state *s = &l->states[i];
        const struct json *value = json_at(states, i);
        const char *at = load_item(l, "/states", states, i);
        if (!load_words(l, at, value, "state title final desk hold"))
            continue;
        s->title = load_title(l, at, value, true);
        if (json_get(value, "final") && !s->final)
            refuse(l, json_pointer(l->arena, at, "final"), "只写 true | true, or absent");
        s->hold = json_text_of(value, "hold");
        if (json_get(value, "hold"))
            load_title_holds(l, json_pointer(l->arena, at, "hold"), s->hold);
        if (json_get(value, "desk"))
            load_desk(l, at, value, s);
    }
}

/* ---- what a step asks and sets ---- */

static void
load_ask(struct load *l, const char *at, const struct json *value, struct kind_step *s)
{
    const struct json *list = load_list(l, at, value, "ask");
    const char *here = json_pointer(l->arena, at, "ask");
    struct kind_ask *ask = load_new(l, struct kind_ask, json_count(list));
    for (size_t i = 0; i < json_count(list); i++) {
        const char *text = json_text(json_at(list, i)), *item = load_item(l, here, list, i);
        size_t n = text ? strlen(text) : 0;
        bool now = n && text[n - 1] == '!';
        const struct kind_field *f =
            text ? kind_field(l->k, arena_copy(l->arena, text, now ? n - 1 : n)) : NULL;
        if (!f) {
            refuse(l, item, "没有字段“%s” | There is no field “%s”", text ? text : "?",
                   text ? text : "?");
            continue;
        }
        if (f->computed)
            refuse(l, item, "“%s”是计算字段，不能填 | “%s” is computed and cannot be asked for", f->name,
                   f->name);
        for (size_t j = 0; j < s->n_ask; j++)
            if (ask[j].field == f)
                refuse(l, item, "“%s”写了两次 | “%s” stands twice", f->name, f->name);
        ask[s->n_ask++] = (struct kind_ask){f, now};
    }
    s->ask = ask;
}

/* A literal that a step sets must be one the field takes. */
static void
check_literal(struct load *l, const char *at, const struct kind_field *f, const struct json *value)
{
    const struct json *values = json_get(f->schema, "enum");
    bool found = !values;
    for (size_t i = 0; i < json_count(values); i++)
        found |= json_equal(json_at(values, i), value);
    if (json_is_null(value))
        return; /* takes the value away */
    if (!found)
        refuse(l, at, "不在“%s”的选项之中 | Not among the values of “%s”", f->name, f->name);
    else if (!kind_schema_holds(l->t, f->schema, value, at))
        l->refused++;
}

const struct kind_assign *
load_assigns(struct load *l, const char *at, const struct json *object, const struct kind_set *over,
             bool foreign, size_t *n)
{
    const struct load_scope scope = {.use = USE_GUARD, .over = over};
    *n = 0;
    if (!object)
        return NULL;
    if (!json_is(object, JSON_OBJECT)) {
        refuse(l, at, "须是对象：字段 → 值 | An object: field → value");
        return NULL;
    }
    struct kind_assign *out = load_new(l, struct kind_assign, object->object.n);
    for (size_t i = 0; i < object->object.n; i++) {
        const char *name = object->object.at[i].name, *here = json_pointer(l->arena, at, name);
        const struct json *value = object->object.at[i].value;
        const struct kind_field *f = foreign ? NULL : kind_field(l->k, name);
        bool column = text_equal(name, "owner") || text_equal(name, "place");
        if (!foreign && !f && !column)
            refuse(l, here, "没有字段“%s” | There is no field “%s”", name, name);
        if (f && f->computed)
            refuse(l, here, "“%s”是计算字段，不能写 | “%s” is computed and cannot be set", name, name);
        if (f && !load_has_operation(value))
            check_literal(l, here, f, value);
        if (!f && column && !load_has_operation(value))
            refuse(l, here, "须从记录读出，不能写死 | Read it from the record: a fixed value fits no other "
                            "place");
        load_condition(l, here, value, &scope);
        out[(*n)++] = (struct kind_assign){name, value};
    }
    return out;
}

/* ---- steps ---- */

static void
load_actors(struct load *l, const char *at, const struct json *value, struct kind_step *s)
{
    bool others = false, carry = false, only_carry = true;
    s->who = load_who(l, json_pointer(l->arena, at, "who"), load_list(l, at, value, "who"),
                      &s->n_who);
    for (size_t i = 0; i < s->n_who; i++) {
        s->by_rule |= s->who[i].is == IS_RULE;
        s->by_clock |= s->who[i].is == IS_CLOCK;
        s->by_public |= s->who[i].is == IS_PUBLIC;
        others |= s->who[i].is != IS_RULE;
        carry |= s->who[i].is == IS_CARRY;
        only_carry = only_carry && s->who[i].is == IS_CARRY;
    }
    s->by_carry = carry && only_carry;
    if (carry && !only_carry)
        refuse(l, json_pointer(l->arena, at, "who"), "carry 须单独成步，不得与他人并列 | A step open to carry is "
                                                     "open to nobody else");
    if (!s->n_who)
        refuse(l, json_pointer(l->arena, at, "who"), "没有人可以做这一步 | Nobody may do this step");
    s->automatic = s->by_rule && !others && s->condition;
    s->apart_given = json_get(value, "apart") != NULL;
    s->apart = load_parties(l, json_pointer(l->arena, at, "apart"),
                            load_list(l, at, value, "apart"), NULL, &s->n_apart);
    if (s->by_public && !s->creates)
        refuse(l, json_pointer(l->arena, at, "who"), "公众只能做创建步骤 | The public may only make the "
                                                     "create step");
}

static void
load_course(struct load *l, const char *at, const struct json *value, struct kind_step *s)
{
    const struct json *from = load_list(l, at, value, "from");
    const char *to = json_text_of(value, "to");
    if (!from)
        refuse(l, json_pointer(l->arena, at, "from"), "缺少 from：写状态列表，创建步骤写 [] | from is "
               "missing: a list of states, [] for the step that creates");
    s->creates = from && !json_count(from);
    s->from = load_states_of(l, json_pointer(l->arena, at, "from"), from);
    if (!json_get(value, "to"))
        return;
    const struct kind_state *state = kind_state(l->k, to);
    if (state)
        s->to = state->number;
    else
        refuse(l, json_pointer(l->arena, at, "to"), "没有状态“%s” | There is no state “%s”",
               to ? to : "?", to ? to : "?");
}

/* Words of its own for what is refused: who reads “the condition does not hold” learns nothing. */
static void
load_refusals(struct load *l, const char *at, const struct json *value, struct kind_step *s)
{
    const struct load_scope scope = {.use = USE_GUARD};
    const struct json *list = load_list(l, at, value, "refused");
    const char *here = json_pointer(l->arena, at, "refused");
    struct kind_refusal *out = load_new(l, struct kind_refusal, json_count(list));
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *one = json_at(list, i);
        const char *item = load_item(l, here, list, i);
        if (!load_words(l, item, one, "if says"))
            continue;
        out[i].condition = json_get(one, "if");
        out[i].says = json_text_of(one, "says");
        load_title_holds(l, json_pointer(l->arena, item, "says"), out[i].says);
        load_if(l, json_pointer(l->arena, item, "if"), out[i].condition, &scope);
    }
    s->refusals = out;
    s->n_refusals = json_count(list);
}

static void
load_step(struct load *l, const char *at, const struct json *value, struct kind_step *s)
{
    const struct load_scope scope = {.use = USE_GUARD};
    if (!load_words(l, at, value, "step title from to who apart if refused ask set do"))
        return;
    s->title = load_title(l, at, value, true);
    s->condition = json_get(value, "if");
    load_course(l, at, value, s);
    load_actors(l, at, value, s);
    load_ask(l, at, value, s);
    if (s->condition)
        load_if(l, json_pointer(l->arena, at, "if"), s->condition, &scope);
    load_refusals(l, at, value, s);
    s->set = load_assigns(l, json_pointer(l->arena, at, "set"), json_get(value, "set"), NULL, false,
                          &s->n_set);
    s->effects = load_effects(l, json_pointer(l->arena, at, "do"), load_list(l, at, value, "do"),
                              false, &s->n_effects);
    if (s->creates && !s->to)
        refuse(l, json_pointer(l->arena, at, "to"), "创建步骤须写明进入的状态 | The step that creates must "
                                                    "say the state it begins in");
}

void
load_steps(struct load *l)
{
    const struct json *steps = json_get(l->file, "steps");
    for (size_t i = 0; i < l->k->n_steps; i++)
        load_step(l, load_item(l, "/steps", steps, i), json_at(steps, i), &l->steps[i]);
}
