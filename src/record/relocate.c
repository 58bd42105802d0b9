/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/relocate.c - what the tree or a post did to a record, without a step of its definition.
 *
 * A place that was merged or moved takes its open and ended records along: their audience and their
 * stocks change, their stream never does; what an organ had in hand that ended goes to who takes over. A post that changes hands takes along what its holder owed.
 * Both are events like any other; who owed before is never forgotten.
 */
#include "record/inside.h"
#include <string.h>

static struct judged
revised(struct record_act *act, struct record *r)
{
    struct judged j = {.act = act, .task = act->task, .store = act->store, .world = act->world, .now = r,
                       .old_fields = r->fields, .actor = &act->actor};

    return j;
}

static enum fault_code
state_revision(struct judged *j, const struct record *before, const char *step, struct json *given)
{
    struct stated what = {.step = step, .given = given, .notices = json_array(j->task->arena)};

    j->now->rev++;
    what.figures = record_moved_figures(j, before);
    return record_state(j, before, &what);
}

/* ---- a place went into another, or lies elsewhere ---- */

static int64_t
taker(const struct record_move *m, int64_t unit)
{
    for (size_t i = 0; i < m->n_units; i++)
        if (m->ended[i] == unit)
            return m->takes[i];
    return 0;
}

static struct json *
taken_value(struct arena *a, const struct record_move *m, struct json *value, bool *changed)
{
    int64_t to = taker(m, org_id_read(json_text(value), 'u'));
    struct json *list;

    if (to) {
        *changed = true;
        return json_str(a, org_id_text(a, 'u', to));
    }
    if (!json_is(value, JSON_ARRAY))
        return value;
    list = json_array(a);
    for (size_t i = 0; i < json_count(value); i++)
        json_push(a, list, taken_value(a, m, json_at(value, i), changed));
    return list;
}

/* Units that the record names: who takes over stands where the organ stood that ended. */
static void
take_fields(struct judged *j, const struct record_move *m, struct json *given)
{
    struct arena *a = j->task->arena;

    for (size_t i = 0; i < j->now->kind->n_fields; i++) {
        const struct kind_field *f = &j->now->kind->fields[i];
        struct json *v = json_get(j->now->fields, f->name);
        bool changed = false;

        if (!text_equal(f->names, "unit") || !v)
            continue;
        v = taken_value(a, m, v, &changed);
        if (!changed)
            continue;
        json_set(a, given, f->name, v);
        json_set(a, j->now->fields, f->name, v);
    }
}

static struct json *
taken_doer(struct arena *a, const struct record_move *m, struct json *who)
{
    int64_t to = taker(m, json_int_of(who, "unit", 0));

    return to ? json_set_int(a, json_shallow(a, who), "unit", to) : who;
}

/* Who did what, for the guards to come; the events keep who it was. Whoever owed stays among them. */
static void
take_parties(struct judged *j, const struct record_move *m)
{
    struct arena *a = j->task->arena;
    struct json *p = json_shallow(a, j->now->parties);
    struct json *did = json_get(p, "did") ? json_shallow(a, json_get(p, "did")) : json_object(a);
    const struct json *owed = json_get(p, "owed");
    struct json *list = json_array(a);

    for (size_t i = 0; i < json_count(did); i++)
        json_set(a, did, did->object.at[i].name, taken_doer(a, m, did->object.at[i].value));
    for (size_t i = 0; i < json_count(owed); i++)
        json_push(a, list, json_at(owed, i));
    for (size_t i = 0; i < json_count(owed); i++) {
        int64_t to = taker(m, json_integer(json_at(owed, i), 0));
        bool there = false;

        for (size_t k = 0; k < json_count(list); k++)
            if (json_integer(json_at(list, k), 0) == to)
                there = true;
        if (to && !there)
            json_push(a, list, json_int(a, to));
    }
    json_set(a, p, "did", did);
    json_set(a, p, "owed", list);
    if (json_get(p, "raiser"))
        json_set(a, p, "raiser", taken_doer(a, m, json_get(p, "raiser")));
    j->now->parties = p;
}

static bool
stands_as_before(const struct record *r, const struct record *before)
{
    return r->place == before->place && r->unit == before->unit && json_equal(r->desk, before->desk) &&
           json_equal(r->fields, before->fields) && json_equal(r->parties, before->parties);
}

enum fault_code
record_relocate(struct record_act *act, struct record *r, const struct record_move *move, bool *changed)
{
    struct arena *a = act->task->arena;
    struct record before = *r;
    struct judged j = revised(act, r);
    struct json *given = json_object(a);
    struct stated what = {.step = "moved_with_place", .given = given, .notices = json_array(a)};
    struct planned *plans = NULL;
    enum fault_code rc;

    *changed = false;
    if (move->from && r->place == move->from)
        r->place = move->to;
    if (move->n_units) {
        r->fields = json_shallow(a, r->fields);
        r->unit = taker(move, r->unit) ? taker(move, r->unit) : r->unit;
        take_fields(&j, move, given);
        take_parties(&j, move);
    }
    rc = record_desk(&j);
    if (!rc)
        rc = record_audience(&j);
    if (rc || stands_as_before(r, &before))
        return rc;
    *changed = true;
    if (j.no_desk && !json_equal(r->desk, before.desk))
        rc = record_plan_matter(&j, &plans, &what.n_plans);
    if (rc)
        return rc;
    what.plans = plans;
    r->rev++;
    what.figures = record_figures(&j, &before, what.step);
    rc = record_state(&j, &before, &what);
    if (!rc)
        rc = record_carry_out(act, plans, what.n_plans);
    return rc ? rc : record_settle(act, r);
}

/* ---- a post changed hands ---- */

/* Persons named responsible, and persons at whose desk it lies. */
static bool
replace_person(struct judged *j, struct json *given, const char *from, const char *to)
{
    struct arena *a = j->task->arena;
    bool changed = false;

    for (size_t i = 0; i < j->now->kind->n_fields; i++) {
        const struct kind_field *f = &j->now->kind->fields[i];

        if (!json_is_true(json_get(f->schema, "x-owes")) ||
            !text_equal(json_text(json_get(j->now->fields, f->name)), from))
            continue;
        json_set_str(a, given, f->name, to);
        json_set_str(a, j->now->fields, f->name, to);
        changed = true;
    }
    return changed;
}

enum fault_code
record_hand_over(struct record_act *act, struct record *r, int64_t from, int64_t to, bool *changed)
{
    struct arena *a = act->task->arena;
    struct record before = *r;
    struct judged j = revised(act, r);
    struct json *given = json_object(a), *parties, *persons = json_array(a);
    enum fault_code rc;

    r->fields = json_shallow(a, r->fields);
    *changed = replace_person(&j, given, org_id_text(a, 'p', from), org_id_text(a, 'p', to));
    if (!*changed) {
        *r = before;
        return FAULT_NONE;
    }
    parties = json_shallow(a, r->parties);
    for (size_t i = 0; i < json_count(json_get(parties, "persons")); i++)
        json_push(a, persons, json_at(json_get(parties, "persons"), i));
    json_push(a, persons, json_int(a, to));
    json_set(a, parties, "persons", persons);
    r->parties = parties;
    rc = record_desk(&j);
    if (!rc)
        rc = record_audience(&j);
    return rc ? rc : state_revision(&j, &before, "hand_over", given);
}
