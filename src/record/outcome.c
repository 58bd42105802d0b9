/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/outcome.c - what a step makes of a record: owner, place, values, parties, number, desk, clocks.
 *
 * Knows: the step was judged; everything worked out here is written into its event.
 * Does not know: who may act, effects on other records.
 */
#include "record/inside.h"
#include <string.h>

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

enum fault_code
record_outcome(struct judged *j, const struct record *before, struct json *given, struct stated *what)
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
