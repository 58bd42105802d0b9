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

static struct judged
judge(struct record_act *act, struct record *now, const struct kind_step *step)
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

static enum fault_code
check_right(struct judged *j, enum record_by by, const struct kind_step *step)
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

static void
merge(struct arena *a, struct json *into, const struct json *from)
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
static enum fault_code
check_condition(struct judged *j, const struct kind_step *step)
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

/* ---- what the step sets ---- */

static enum fault_code
set_owner(struct judged *j, const struct json *v)
{
    int64_t unit = org_id_read(json_text(v), 'u');

    if (!json_is_null(v) && !unit)
        return fault(j->task, FAULT_INPUT, "/owner", "责任单位不存在 | there is no such responsible unit");
    if (unit)
        j->now->unit = unit;
    return FAULT_NONE;
}

static enum fault_code
set_place(struct judged *j, const struct json *v)
{
    struct org_place p;
    bool found = false;
    enum fault_code rc = json_text(v) ? org_place_by_code(j->task, j->store, json_text(v), &p, &found)
                                      : FAULT_NONE;

    if (!rc && found)
        j->now->place = p.id;
    return rc;
}

static bool
is_column(const struct kind *k, const char *name, const char *column)
{
    return strcmp(name, column) == 0 && !kind_field(k, name);
}

/* All values are read before any is written. */
static enum fault_code
apply_set(struct judged *j, const struct kind_step *step, struct json *given)
{
    struct arena *a = j->task->arena;
    struct json *values[LIMIT_FIELDS];
    enum fault_code rc = FAULT_NONE;

    must(step->n_set <= LIMIT_FIELDS);
    for (size_t i = 0; i < step->n_set; i++)
        values[i] = record_eval(j, step->set[i].value);
    for (size_t i = 0; i < step->n_set && !rc; i++) {
        const char *name = step->set[i].name;

        if (is_column(j->now->kind, name, "owner"))
            rc = set_owner(j, values[i]);
        else if (is_column(j->now->kind, name, "place"))
            rc = set_place(j, values[i]);
        else {
            json_set(a, given, name, values[i] ? values[i] : json_null(a));
            json_set(a, j->now->fields, name, json_is_null(values[i]) ? NULL : values[i]);
        }
    }
    return rc;
}

/* Own computed fields are stored; those that read totals or today are made at reading. */
static void
compute(struct judged *j, struct json *given)
{
    struct arena *a = j->task->arena;

    for (size_t i = 0; i < j->now->kind->n_fields; i++) {
        const struct kind_field *f = &j->now->kind->fields[i];
        struct json *v, *had = json_get(j->now->fields, f->name);

        if (!f->computed || f->kept_total)
            continue;
        v = record_read_path(j, j->task, f->name);
        if (json_is_null(v) ? !had : json_equal(v, had))
            continue;
        json_set(a, given, f->name, json_is_null(v) ? json_null(a) : v);
        json_set(a, j->now->fields, f->name, json_is_null(v) ? NULL : v);
    }
}

/* ---- who did, who owed ---- */

static void
add_number(struct arena *a, struct json *list, int64_t n)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (json_integer(json_at(list, i), 0) == n)
            return;
    if (n)
        json_push(a, list, json_int(a, n));
}

static struct json *
copy_list(struct arena *a, const struct json *list)
{
    struct json *out = json_array(a);

    for (size_t i = 0; i < json_count(list); i++)
        json_push(a, out, json_at(list, i));
    return out;
}

static void
add_named(struct judged *j, struct json *persons)
{
    for (size_t i = 0; i < j->now->kind->n_fields; i++) {
        const struct kind_field *f = &j->now->kind->fields[i];

        if (json_is_true(json_get(f->schema, "x-owes")))
            add_number(j->task->arena, persons,
                       org_id_read(json_text(json_get(j->now->fields, f->name)), 'p'));
    }
}

/* Who reported it done: a step that some `apart` names by person, made for the owner. */
static enum fault_code
reports_done(struct judged *j, const struct record *before, bool *does)
{
    const struct kind *k = j->now->kind;
    bool named = false;

    *does = false;
    for (size_t i = 0; i < k->n_steps; i++)
        for (size_t n = 0; n < k->steps[i].n_apart; n++)
            if (k->steps[i].apart[n]->sort == PARTY_DID && k->steps[i].apart[n]->person &&
                text_equal(k->steps[i].apart[n]->name, j->step->name))
                named = true;
    if (!named || j->actor->sort != ORG_PERSON)
        return FAULT_NONE;
    return org_unit_within(j->task, j->store, j->actor->unit, before->unit, does);
}

static enum fault_code
note_parties(struct judged *j, const struct record *before)
{
    struct arena *a = j->task->arena;
    struct json *p = j->now->parties ? json_shallow(a, j->now->parties) : json_object(a);
    struct json *did = json_get(p, "did") ? json_shallow(a, json_get(p, "did")) : json_object(a);
    struct json *owed = copy_list(a, json_get(p, "owed")), *persons = copy_list(a, json_get(p, "persons"));
    struct json *who = json_object(a);
    bool reported = false;
    enum fault_code rc = FAULT_NONE;

    json_set_int(a, who, "unit", j->actor->unit);
    json_set_int(a, who, "person", j->actor->person);
    json_set_int(a, who, "post", j->actor->post);
    json_set_int(a, who, "at", j->task->now);
    json_set(a, did, j->step->name, who);
    if (before)
        rc = reports_done(j, before, &reported);
    if (reported)
        add_number(a, persons, j->actor->person);
    add_number(a, owed, before ? before->unit : 0);
    add_number(a, owed, j->now->unit);
    add_named(j, persons);
    json_set(a, p, "did", did);
    json_set(a, p, "owed", owed);
    json_set(a, p, "persons", persons);
    j->now->parties = p;
    return rc;
}

/* ---- lines, number, title ---- */

static enum fault_code
set_lines(struct judged *j)
{
    struct arena *a = j->task->arena;
    struct org_unit u;
    bool found = false;
    enum fault_code rc = FAULT_NONE;

    if (j->now->unit)
        rc = org_unit(j->task, j->store, j->now->unit, &u, &found);
    j->now->line = found ? u.line : 0;
    j->now->lines = json_array(a);
    if (found && u.line)
        json_push(a, j->now->lines, json_int(a, u.line));
    for (size_t i = 0; found && i < json_count(u.lines); i++)
        json_push(a, j->now->lines, json_at(u.lines, i));
    return rc;
}

/* A field's value in the number; # would be taken for the serial. */
static enum fault_code
put_slot(struct judged *j, const char *slot, struct text *series)
{
    const char *name = arena_copy(j->task->arena, slot, strcspn(slot, "}"));
    const struct kind_field *f = kind_field(j->now->kind, name);
    const struct json *v = json_get(j->now->fields, name);

    if (json_is_null(v))
        return fault(j->task, FAULT_INPUT, json_pointer(j->task->arena, "/fields", name),
                     "编号要用“%s”，请填写 | the number needs “%s”", text_half(j->task->arena, f->title, false),
                     text_half(j->task->arena, f->title, true));
    for (const char *at = json_text(v) ? json_text(v) : json_string(j->task->arena, v); *at; at++)
        text_char(series, *at == '#' ? '-' : *at);
    return FAULT_NONE;
}

static enum fault_code
give_number(struct judged *j, struct stated *what)
{
    struct arena *a = j->task->arena;
    struct text series, number;
    struct org_place p;
    int64_t of, last = 0;
    int year, month, dom, width = 6;
    bool found;
    const char *at = j->now->kind->number_pattern;
    /* Of the place its stream stands for: a series is counted in one stream, wherever the record lies. */
    enum fault_code rc = org_stream_place(j->task, j->store, j->now->stream, &of);

    if (!rc)
        rc = org_place(j->task, j->store, of, &p, &found);
    if (rc)
        return rc;
    time_split(time_day(j->task->now), &year, &month, &dom);
    text_init(&series, a);
    while (*at) {
        if (text_starts(at, "{place}"))
            text_printf(&series, "%.6s", p.code);
        else if (text_starts(at, "{year}"))
            text_printf(&series, "%d", year);
        else if (text_starts(at, "{month}"))
            text_printf(&series, "%02d", month);
        else if (text_starts(at, "{day}"))
            text_printf(&series, "%02d", dom);
        else if (text_starts(at, "{line}"))
            text_printf(&series, "%02d", j->now->line);
        else if (text_starts(at, "{serial:"))
            width = at[8] - '0', text_puts(&series, "#");
        else if (*at == '{') {
            rc = put_slot(j, at + 1, &series);
            if (rc)
                return rc;
        } else {
            text_char(&series, *at++);
            continue;
        }
        at = strchr(at, '}') + 1;
    }
    what->series = text_string(&series);
    rc = store_one_int(j->task, j->store, &last, &found,
                       "SELECT n FROM record_serial WHERE stream = ? AND series = ?", "is",
                       j->act->tip->stream, what->series);
    what->serial = found ? last + 1 : 1;
    text_init(&number, a);
    for (at = what->series; *at; at++) {
        if (*at == '#')
            text_printf(&number, "%0*lld", width, (long long)what->serial);
        else
            text_char(&number, *at);
    }
    j->now->number = text_string(&number);
    return rc;
}

/* The first public text that search knows, else nothing: a private value never enters an index. */
static void
set_title(struct judged *j)
{
    for (size_t i = 0; i < j->now->kind->n_fields; i++) {
        const struct kind_field *f = &j->now->kind->fields[i];
        const char *text = json_text(json_get(j->now->fields, f->name));

        if (json_is_true(json_get(f->schema, "x-search")) && !f->private_value && text) {
            j->now->title = text;
            return;
        }
    }
}

/* What an old ledger carries in has its number from its birth, as what people record. */
static bool
gives_number(const struct kind *k, const struct kind_step *step)
{
    const struct kind_step *named = kind_step(k, k->number_step);

    return named && (named == step || (named->creates && step->creates));
}

/* ---- the step itself ---- */

static enum fault_code
move(struct judged *j, const struct record *before, struct json *given, struct stated *what)
{
    const struct kind *k = j->now->kind;
    const struct kind_state *old = before ? kind_state_at(k, before->state) : NULL;
    bool reopened = false;
    enum fault_code rc = before ? FAULT_NONE : record_profile(j, given);

    if (!rc)
        rc = apply_set(j, j->step, given);

    if (rc)
        return rc;
    if (j->step->to)
        j->now->state = j->step->to;
    if (old && old->final && !kind_state_at(k, j->now->state)->final) {
        j->now->cycle++;
        j->now->closed = 0;
        reopened = true;
    }
    if ((!old || !old->final) && kind_state_at(k, j->now->state)->final)
        j->now->closed = j->task->now;
    if (before)
        rc = record_profile(j, given);
    if (rc)
        return rc;
    if (kind_field(k, "level"))
        j->now->level = kind_level_number(k, json_text(json_get(j->now->fields, "level")));
    rc = set_lines(j);
    if (!rc)
        rc = note_parties(j, before);
    if (rc)
        return rc;
    compute(j, given);
    set_title(j);
    rc = record_desk(j);
    if (!rc)
        rc = record_clocks(j, before ? before->state : 0, reopened);
    if (!rc && !j->now->number && gives_number(k, j->step))
        rc = give_number(j, what);
    return rc ? rc : record_audience(j);
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

static enum fault_code
finish(struct judged *j, const struct record *before, struct json *given, const char *comment)
{
    struct stated what = {.step = j->step->name, .given = given, .comment = comment};
    struct planned *plans;
    size_t n_plans;
    enum fault_code rc = move(j, before, given, &what);

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

static enum fault_code
check_comment(struct task *t, const char *comment)
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
    struct judged j = judge(act, r, step);
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
    rc = check_right(&j, by, step);
    merge(t->arena, r->fields, sent);
    if (!rc)
        rc = check_comment(t, comment);
    if (!rc)
        rc = kind_check(t, r->kind, step, before.fields, sent, &checked);
    act->owner = before.unit;
    if (!rc && by == BY_PERSON)
        rc = record_check_refs(act, &checked);
    act->owner = 0;
    if (!rc)
        rc = check_condition(&j, step);
    if (!rc) {
        r->rev++;
        rc = finish(&j, &before, json_shallow(t->arena, checked.fields), comment);
    }
    if (rc) {
        *r = before;
        return rc;
    }
    return FAULT_NONE;
}

static enum fault_code
new_rid(struct record_act *act, int64_t *rid)
{
    struct task *t = act->task;
    int64_t ms = t->now - RECORD_EPOCH, next = json_int_of(act->carried, "nth", 0);
    bool found = true;
    enum fault_code rc = FAULT_NONE;

    if (ms < 0)
        return fault(t, FAULT_INPUT, "--now", "时间早于 2020 年 | the time lies before 2020");
    while (found && !rc) {
        int64_t there;

        /* Rows of an old ledger are born in the order in which they stand there. */
        if (next)
            *rid = ms << 22 | (next & ((INT64_C(1) << 22) - 1));
        else
            *rid = ms << 22 | (int64_t)random_below(&t->random, UINT64_C(1) << 22);
        next = 0;
        /* An event is never older than what it bears: none of this millisecond, nothing born in it. */
        if (act->tip->at < t->now)
            return FAULT_NONE;
        rc = store_one_int(t, act->store, &there, &found,
                           "SELECT rev FROM record_now WHERE rid = ? AND stream = ?", "ii", *rid,
                           act->tip->stream);
    }
    return rc;
}

/* Who raised it is known before its fields are set. */
static struct json *
raised_by(struct record_act *act)
{
    struct arena *a = act->task->arena;
    struct json *who = json_object(a), *parties = json_object(a);

    json_set_int(a, who, "unit", act->actor.unit);
    json_set_int(a, who, "person", act->actor.person);
    json_set_int(a, who, "post", act->actor.post);
    json_set_int(a, who, "at", act->task->now);
    return json_set(a, parties, "raiser", who);
}

/* The act it comes in by is no field that a row could give. */
static struct json *
note_carrier(struct record_act *act, const struct kind *k, struct json *into)
{
    const struct kind_field *f = act->carrier ? kind_carried_by(k, act->carrier) : NULL;

    if (f)
        json_set(act->task->arena, into, f->name, json_get(act->carried, "record"));
    return into;
}

struct judged
record_unborn(struct record_act *act, const struct kind *k, const struct kind_step *step, int64_t place,
              const struct json *sent)
{
    struct task *t = act->task;
    struct record *r = arena_alloc(t->arena, sizeof *r);

    r->stream = act->tip->stream;
    r->kind = k;
    r->version = k->version;
    r->place = place;
    r->cycle = 1;
    r->rev = 1;
    r->state = step->to;
    r->fields = json_object(t->arena);
    r->private_at = json_object(t->arena);
    r->clocks = json_object(t->arena);
    r->parties = raised_by(act);
    r->lines = json_array(t->arena);
    merge(t->arena, r->fields, sent);
    note_carrier(act, k, r->fields);
    return judge(act, r, step);
}

/* State, right and fields of what is to be born. */
static enum fault_code
check_unborn(struct judged *j, enum record_by by, const struct json *sent, const char *comment,
             struct checked *checked)
{
    struct record_act *act = j->act;
    struct task *t = act->task;
    bool lacks, checks = by == BY_PERSON || by == BY_CARRY;
    enum fault_code rc = checks ? record_check_named(act, j->now->kind, sent) : FAULT_NONE;

    if (!rc)
        rc = check_right(j, by, j->step);
    if (!rc)
        rc = check_comment(t, comment);
    lacks = rc == FAULT_RIGHT && checks && record_guard_lacks(j, j->step);
    if (lacks) {
        fault_clear(t);
        rc = FAULT_NONE;
    }
    if (!rc)
        rc = kind_check(t, j->now->kind, j->step, NULL, sent, checked);
    must(rc || !lacks);
    if (!rc && checks)
        rc = record_check_refs(act, checked);
    return rc ? rc : check_condition(j, j->step);
}

enum fault_code
record_create_with(struct record_act *act, enum record_by by, const struct kind *k,
                   const struct kind_step *step, int64_t place, const struct json *sent,
                   const char *comment, struct record *out)
{
    struct task *t = act->task;
    const struct json *given = sent ? sent : json_object(t->arena);
    struct judged j = record_unborn(act, k, step, place, given);
    struct record *r = j.now;
    struct checked checked;
    enum fault_code rc;

    if (++act->n_records > LIMIT_EFFECT_RECORDS + 1)
        return fault(t, FAULT_INPUT, NULL, "一步至多产生 %d 件记录 | one step may raise at most %d records",
                     LIMIT_EFFECT_RECORDS, LIMIT_EFFECT_RECORDS);
    rc = check_unborn(&j, by, given, comment, &checked);
    if (!rc)
        rc = new_rid(act, &r->rid);
    if (rc)
        return rc;
    r->born = t->now;
    rc = finish(&j, NULL, note_carrier(act, k, json_shallow(t->arena, checked.fields)), comment);
    if (!rc && !act->dry)
        rc = record_settle(act, r);
    if (!rc)
        *out = *r;
    return rc;
}

enum fault_code
record_create_by(struct record_act *act, enum record_by by, const struct kind *k, int64_t place,
                 const struct json *sent, const char *comment, struct record *out)
{
    return record_create_with(act, by, k, kind_create_step(k), place, sent, comment, out);
}

enum fault_code
record_create(struct record_act *act, const struct kind *k, int64_t place, const struct json *sent,
              const char *comment, struct record *out)
{
    return record_create_by(act, BY_PERSON, k, place, sent, comment, out);
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
    struct judged j = judge(act, &copy, step);
    enum fault_code rc = check_state(act->task, r, step);

    j.old_fields = r->fields;
    if (!rc)
        rc = check_right(&j, BY_PERSON, step);
    if (!rc && !could_hold(&j, step->condition))
        rc = fault(act->task, FAULT_STATE, "/step",
                   "现在不具备办理“%s”的条件 | the condition of “%s” does not hold now",
                   text_half(act->task->arena, step->title, false),
                   text_half(act->task->arena, step->title, true));
    return rc;
}

/* Whether a post of that role could ever make the creating step: relations are asked with its fields. */
enum fault_code
record_may_create(struct record_act *act, const struct kind *k, bool *may)
{
    const struct kind_step *step = kind_create_step(k);

    *may = false;
    for (size_t i = 0; i < step->n_who && !*may; i++) {
        const struct kind_who *w = &step->who[i];

        if (w->is == IS_RULE || w->is == IS_CLOCK || w->is == IS_PUBLIC)
            continue;
        *may = w->n_roles == 0;
        for (size_t r = 0; r < w->n_roles; r++)
            if (text_equal(w->roles[r], act->actor.role))
                *may = true;
    }
    return FAULT_NONE;
}
