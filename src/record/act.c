/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/act.c - one step, judged from first to last.
 *
 * Order (contract): state 409, right 403, fields 422. Nothing is written before all of it holds.
 */
#include "record/inside.h"
#include <string.h>

void
record_act_begin(struct record_act *act, struct task *t, struct store *s, const struct record_world *w,
                 struct chain_tip *tip, const struct org_actor *actor, const struct scope *scope)
{
    memset(act, 0, sizeof *act);
    act->task = t;
    act->store = s;
    act->world = w;
    act->tip = tip;
    act->actor = *actor;
    act->scope = scope;
    org_remember(t, s);
}

struct judged
record_judge(struct record_act *act, struct record *now, const struct kind_step *step)
{
    struct judged j = {.act = act, .task = act->task, .store = act->store, .world = act->world,
                       .now = now, .step = step, .actor = &act->actor};

    return j;
}

/* ---- before fields: state and right ---- */

static enum fault_code
check_state(struct task *t, const struct record *r, const struct kind_step *step)
{
    const struct kind_state *state = kind_state_at(r->kind, r->state);

    if (!step->creates && kind_in(step->from, r->state))
        return FAULT_NONE;
    return fault(t, FAULT_STATE, "/step", "现在是“%s”，不能办理“%s” | it is “%s” now; “%s” is not possible",
                 text_half(t->arena, state ? state->title : "?", false),
                 text_half(t->arena, step->title, false),
                 text_half(t->arena, state ? state->title : "?", true),
                 text_half(t->arena, step->title, true));
}

enum fault_code
record_check_right(struct judged *j, enum record_by by, const struct kind_step *step)
{
    enum fault_code rc = FAULT_NONE;

    if (by == BY_PERSON || by == BY_CARRY)
        rc = record_guard(j, step);
    else if (!step->by_rule && !(by == BY_CLOCK && step->by_clock))
        rc = fault(j->task, FAULT_RIGHT, "/step", "“%s”不能由系统自动办理 | “%s” is not open to rule or clock",
                   text_half(j->task->arena, step->title, false),
                   text_half(j->task->arena, step->title, true));
    return rc ? rc : record_apart(j, step);
}

void
record_overlay(struct arena *a, struct json *into, const struct json *from)
{
    for (size_t i = 0; from && from->type == JSON_OBJECT && i < from->object.n; i++) {
        struct json *v = from->object.at[i].value;

        json_set(a, into, from->object.at[i].name, json_is_null(v) ? NULL : v);
    }
}

/* Of several that must all hold, the first that does not: only its fields are named. */
static const struct json *
failing_part(struct judged *j, const struct json *condition)
{
    const struct json *all = json_get(condition, "and");

    for (size_t i = 0; i < json_count(all); i++)
        if (!record_holds(j, json_at(all, i)))
            return failing_part(j, json_at(all, i));
    return condition;
}

/* What is called missing by those parts that fail: nothing is asked for that the others let pass. */
static size_t
missing_of(struct judged *j, const struct json *condition, const char **names, size_t room)
{
    const struct kind_env env = {j->now->kind, record_read_path, j};
    const struct json *all = json_get(condition, "and");
    size_t n = 0;

    if (record_holds(j, condition))
        return 0;
    if (!all)
        return kind_missing(j->task, &env, condition, names, room);
    for (size_t i = 0; i < json_count(all) && n < room; i++)
        n += missing_of(j, json_at(all, i), names + n, room - n);
    return n;
}

/* A computed field is not filled in by anybody: its place has to decide, and the table is named. */
static enum fault_code
refuse_missing(struct judged *j, const struct kind_step *step, const char *name)
{
    const char *table = record_table_of(j->now->kind, name);
    const char *at = json_pointer(j->task->arena, "/fields", name);

    if (table)
        return fault(j->task, FAULT_INPUT, at,
                     "本地规则表“%s”没有适用于此的行，请先由本地设定 | the local table “%s” has no row for this "
                     "here; set it first",
                     table, table);
    return fault(j->task, FAULT_INPUT, at, "办理“%s”须填写此项 | “%s” needs this field",
                 text_half(j->task->arena, step->title, false),
                 text_half(j->task->arena, step->title, true));
}

/* What the definition has words of its own for is told in them. */
static enum fault_code
check_refusals(struct judged *j, const struct kind_step *step)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < step->n_refusals; i++)
        if (record_holds(j, step->refusals[i].condition))
            rc = fault(j->task, FAULT_INPUT, "/step", "%s | %s",
                       text_half(j->task->arena, step->refusals[i].says, false),
                       text_half(j->task->arena, step->refusals[i].says, true));
    return rc;
}

/* The step's own condition; fields it calls missing are named one by one. */
enum fault_code
record_check_condition(struct judged *j, const struct kind_step *step)
{
    const char *names[16];
    const struct json *part;
    size_t n;
    enum fault_code rc = check_refusals(j, step);

    if (rc || record_holds(j, step->condition))
        return rc;
    part = failing_part(j, step->condition);
    n = missing_of(j, step->condition, names, 16);
    for (size_t i = 0; i < n; i++)
        rc = refuse_missing(j, step, names[i]);
    for (size_t i = 0, missing = n; i < step->n_ask && !missing; i++)
        if (kind_reads(part, step->ask[i].field->name) &&
            json_get(j->now->fields, step->ask[i].field->name))
            rc = fault(j->task, FAULT_INPUT,
                       json_pointer(j->task->arena, "/fields", step->ask[i].field->name),
                       "“%s”不符合办理“%s”的条件 | “%s” does not meet the condition of “%s”",
                       text_half(j->task->arena, step->ask[i].field->title, false),
                       text_half(j->task->arena, step->title, false),
                       text_half(j->task->arena, step->ask[i].field->title, true),
                       text_half(j->task->arena, step->title, true));
    if (!rc)
        rc = fault(j->task, FAULT_INPUT, "/step", "不具备办理“%s”的条件 | the condition of “%s” does not hold",
                   text_half(j->task->arena, step->title, false),
                   text_half(j->task->arena, step->title, true));
    return rc;
}

/* What a reader of the law asks of every record: an owner, and a clock or the stated reason for none. */
static enum fault_code
check_owned(struct judged *j)
{
    const struct kind_state *state = kind_state_at(j->now->kind, j->now->state);

    if (!state->final && !j->now->unit)
        return fault(j->task, FAULT_INPUT, "/owner",
                     "“%s”没有责任单位，不能办理 | without a responsible unit “%s” is not possible",
                     text_half(j->task->arena, j->step->title, false),
                     text_half(j->task->arena, j->step->title, true));
    return FAULT_NONE;
}

/* Nobody of the desk's list exists or may act: the office has it, and an open matter says so. */
enum fault_code
record_plan_matter(struct judged *j, struct planned **plans, size_t *n)
{
    static const struct kind_effect effect = {.sort = EFFECT_RAISE, .name = "matter", .pointer = "/states"};
    struct arena *a = j->task->arena;
    const struct kind *k = kind_find(j->world->catalog, effect.name, 0);
    const struct kind_state *state = kind_state_at(j->now->kind, j->now->state);
    struct planned *list = arena_alloc(a, (*n + 1) * sizeof *list), *x = &list[*n];
    struct org_place p;
    bool found;
    enum fault_code rc;

    if (!k || k == j->now->kind)
        return FAULT_NONE;
    rc = org_place(j->task, j->store, j->now->place, &p, &found);
    if (*n)
        memcpy(list, *plans, *n * sizeof *list);
    x->effect = &effect;
    x->stream = p.stream;
    x->place = j->now->place;
    x->fields = json_object(a);
    json_set_str(a, x->fields, "ground", "no_desk");
    json_set_str(a, x->fields, "about",
                 arena_format(a, "%s %s：%s", text_half(a, j->now->kind->title, false),
                              j->now->number ? j->now->number : "", text_half(a, state->title, false)));
    *plans = list;
    ++*n;
    return rc;
}

enum fault_code
record_conclude(struct judged *j, const struct record *before, struct json *given, const char *comment)
{
    struct stated what = {.step = j->step->name, .given = given, .comment = comment};
    struct planned *plans;
    size_t n_plans;
    enum fault_code rc = record_outcome(j, before, given, &what);

    if (!rc)
        rc = check_owned(j);
    if (!rc)
        rc = record_plan(j, j->step->effects, j->step->n_effects, &plans, &n_plans, &what.notices);
    if (!rc && j->no_desk && (!before || before->state != j->now->state))
        rc = record_plan_matter(j, &plans, &n_plans);
    if (rc)
        return rc;
    what.plans = plans;
    what.n_plans = n_plans;
    what.figures = record_figures(j, before, j->step->name);
    if (j->act->dry)
        return FAULT_NONE;
    rc = record_state(j, before, &what);
    return rc ? rc : record_carry_out(j->act, plans, n_plans);
}

enum fault_code
record_check_comment(struct task *t, const char *comment)
{
    if (comment && text_length(comment) > LIMIT_COMMENT)
        return fault(t, FAULT_INPUT, "/comment", "意见至多 %d 字 | a comment has at most %d characters",
                     LIMIT_COMMENT, LIMIT_COMMENT);
    return FAULT_NONE;
}

enum fault_code
record_step_by(struct record_act *act, enum record_by by, struct record *r,
               const struct kind_step *step, const struct json *sent, const char *comment)
{
    struct task *t = act->task;
    const struct record before = *r;
    const struct kind_state *old_state = kind_state_at(r->kind, r->state);
    struct judged j = record_judge(act, r, step);
    struct checked checked;
    enum fault_code rc = check_state(t, r, step);

    if (rc)
        return rc;
    if (!sent)
        sent = json_object(t->arena);
    j.old_fields = before.fields;
    j.old_state = old_state ? old_state->name : NULL;
    r->fields = json_shallow(t->arena, before.fields);
    /* Asked of the record as it stands: nothing that is sent with a step gives the right to make it. */
    rc = record_check_right(&j, by, step);
    record_overlay(t->arena, r->fields, sent);
    if (!rc)
        rc = record_check_comment(t, comment);
    if (!rc)
        rc = kind_check(t, r->kind, step, before.fields, sent, &checked);
    act->owner = before.unit;
    if (!rc && by == BY_PERSON)
        rc = record_check_refs(act, &checked);
    act->owner = 0;
    if (!rc)
        rc = record_check_condition(&j, step);
    if (!rc) {
        r->rev++;
        rc = record_conclude(&j, &before, json_shallow(t->arena, checked.fields), comment);
    }
    if (rc) {
        *r = before;
        return rc;
    }
    return FAULT_NONE;
}

enum fault_code
record_step(struct record_act *act, struct record *r, const struct kind_step *step,
            const struct json *sent, const char *comment)
{
    enum fault_code rc = record_step_by(act, BY_PERSON, r, step, sent, comment);

    if (!rc)
        rc = record_settle(act, r);
    return rc ? rc : record_promise_carry(act, r);
}

static bool
reads_asked(struct judged *j, const struct json *condition)
{
    for (size_t i = 0; i < j->step->n_ask; i++) {
        const char *name = j->step->ask[i].field->name;

        if (kind_reads(condition, name) ||
            kind_reads(condition, arena_format(j->task->arena, "days.%s", name)))
            return true;
    }
    return false;
}

/* What of a step's condition is decided before its fields are given. */
static bool
could_hold(struct judged *j, const struct json *condition)
{
    const struct json *all = json_get(condition, "and");

    if (!condition)
        return true;
    for (size_t i = 0; i < json_count(all); i++)
        if (!could_hold(j, json_at(all, i)))
            return false;
    return all || reads_asked(j, condition) || record_holds(j, condition);
}

enum fault_code
record_may(struct record_act *act, const struct record *r, const struct kind_step *step)
{
    struct record copy = *r;
    struct judged j = record_judge(act, &copy, step);
    enum fault_code rc = check_state(act->task, r, step);

    j.old_fields = r->fields;
    if (!rc)
        rc = record_check_right(&j, BY_PERSON, step);
    if (!rc && !could_hold(&j, step->condition))
        rc = fault(act->task, FAULT_STATE, "/step",
                   "现在不具备办理“%s”的条件 | the condition of “%s” does not hold now",
                   text_half(act->task->arena, step->title, false),
                   text_half(act->task->arena, step->title, true));
    return rc;
}
