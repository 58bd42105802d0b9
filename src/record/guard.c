/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/guard.c - who may make a step, and who may not because he owed the work.
 *
 * Knows: `who`, `apart`, the desk of a state.
 * Does not know: fields; act checks them after the right is settled.
 */
#include "record/inside.h"
#include <string.h>

static const enum org_relation relations[] = {
    [IS_SAME] = ORG_SAME,         [IS_UNDER] = ORG_UNDER,       [IS_ABOVE] = ORG_ABOVE,
    [IS_SUPERVISES] = ORG_SUPERVISES, [IS_OFFICE] = ORG_OFFICE_OF, [IS_UPPER] = ORG_UPPER_OF,
    [IS_PERSON] = ORG_IS_PERSON,
};

static bool
role_fits(const struct kind_who *w, const char *role)
{
    for (size_t i = 0; i < w->n_roles; i++)
        if (text_equal(w->roles[i], role))
            return true;
    return w->n_roles == 0;
}

/* The relation alone, for an actor; roles and conditions are asked by the caller. */
static enum fault_code
relation_holds(struct judged *j, const struct kind_who *w, const struct org_actor *actor, bool *holds)
{
    struct org_parties p = {0};
    enum fault_code rc;

    *holds = false;
    if (w->is == IS_ANY) {
        *holds = actor->sort == ORG_PERSON;
        return FAULT_NONE;
    }
    if (w->is == IS_PUBLIC) {
        *holds = actor->sort == ORG_PUBLIC;
        return FAULT_NONE;
    }
    if (w->is == IS_CARRY) {
        *holds = actor->sort == ORG_CARRIER;
        return FAULT_NONE;
    }
    if (w->is == IS_CLOCK || w->is == IS_RULE)
        return FAULT_NONE;
    if (w->is == IS_DID) {
        *holds = json_int_of(json_get(json_get(j->now->parties, "did"), w->step), "unit", 0) ==
                     actor->unit &&
                 actor->unit;
        return FAULT_NONE;
    }
    rc = record_party(j, w->party, &p);
    if (rc)
        return rc;
    if (p.everyone) {
        *holds = true;
        return FAULT_NONE;
    }
    return org_is(j->task, j->store, actor, relations[w->is], &p, holds);
}

enum fault_code
record_stands(struct judged *j, const struct kind_who *w, const struct org_actor *actor, bool *stands)
{
    *stands = false;
    return w->n_roles && role_fits(w, actor->role) ? relation_holds(j, w, actor, stands) : FAULT_NONE;
}

static enum fault_code
guard_person(struct judged *j, const struct kind_step *step)
{
    bool lent = false;
    for (size_t i = 0; i < step->n_who; i++) {
        const struct kind_who *w = &step->who[i];
        bool holds;
        enum fault_code rc;

        if (!role_fits(w, j->actor->role))
            continue;
        rc = relation_holds(j, w, j->actor, &holds);
        if (rc)
            return rc;
        if (holds && record_holds(j, w->condition))
            return FAULT_NONE;
    }
    if (j->actor->sort == ORG_PERSON && (record_guard_lent(j, step, &lent) || lent))
        return j->task->fault.code;
    return fault(j->task, FAULT_RIGHT, "/step",
                 "您的岗位不能办理“%s” | your post may not make the step “%s”",
                 text_half(j->task->arena, step->title, false),
                 text_half(j->task->arena, step->title, true));
}

enum fault_code
record_guard(struct judged *j, const struct kind_step *step)
{
    if (j->actor->sort == ORG_PERSON || j->actor->sort == ORG_PUBLIC || j->actor->sort == ORG_CARRIER)
        return guard_person(j, step);
    /* The operator at the machine enters what somebody else found (import); he makes no other step. */
    if (j->actor->sort == ORG_OPERATOR && step->creates)
        return FAULT_NONE;
    if ((j->actor->sort == ORG_CLOCK && (step->by_clock || step->by_rule)) ||
        (j->actor->sort == ORG_RULE && step->by_rule))
        return FAULT_NONE;
    return fault(j->task, FAULT_RIGHT, "/step",
                 "“%s”不能由系统自动办理 | “%s” is not open to rule or clock",
                 text_half(j->task->arena, step->title, false),
                 text_half(j->task->arena, step->title, true));
}

static bool
reads_field(const struct kind_who *w, const char *name)
{
    for (const struct kind_party *p = w->party; p; p = p->inner)
        if (text_equal(p->name, name))
            return true;
    return w->condition && kind_reads(w->condition, name);
}

bool
record_guard_lacks(struct judged *j, const struct kind_step *step)
{
    for (size_t i = 0; i < step->n_ask; i++) {
        const char *name = step->ask[i].field->name;

        if (!step->ask[i].now || !json_is_null(json_get(j->now->fields, name)))
            continue;
        for (size_t k = 0; k < step->n_who; k++)
            if (role_fits(&step->who[k], j->actor->role) && reads_field(&step->who[k], name))
                return true;
    }
    return false;
}

static bool
is_among(int64_t id, const int64_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == id)
            return true;
    return false;
}

/* Why somebody is barred, as people say it. */
static const struct {
    enum kind_party_sort sort;
    bool person;
    const char *zh, *en;
} bars[] = {
    {PARTY_OWED, false, "您所在单位是（或曾是）责任单位", "your unit owes or owed this work"},
    {PARTY_OWED, true, "您是整改责任人或申报完成的人", "you owed this work or reported it done"},
    {PARTY_OWNER, false, "您所在单位是责任单位", "your unit owes this work"},
    {PARTY_DID, false, "前面的步骤由您所在单位办理", "your unit made the step before"},
    {PARTY_DID, true, "前面的步骤由您本人办理", "you made the step before yourself"},
    {PARTY_RAISER, false, "此事由您所在单位提出", "your unit raised it"},
    {PARTY_RAISER, true, "此事由您本人提出", "you raised it yourself"},
};

static enum fault_code
refuse_barred(struct judged *j, const struct kind_step *step, const struct kind_party *p)
{
    const char *zh = "您或您所在单位是当事方", *en = "you or your unit are a party to it";

    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++)
        if (bars[i].sort == p->sort && bars[i].person == p->person)
            zh = bars[i].zh, en = bars[i].en;
    return fault(j->task, FAULT_RIGHT, "/step", "“%s”须由另外的单位或人员办理：%s | “%s” needs somebody else: %s",
                 text_half(j->task->arena, step->title, false), zh,
                 text_half(j->task->arena, step->title, true), en);
}

/* Who ever owed this record, or the one it is about. */
static bool
names_owed(const struct kind_party *p)
{
    while (p->sort == PARTY_LINK && p->inner)
        p = p->inner;
    return p->sort == PARTY_OWED;
}

/* 防止自我验收: nobody who owed the work ends it, in whatever post he holds. */
static enum fault_code
barred(struct judged *j, const struct kind_party *party, bool *is)
{
    struct org_parties p = {0};
    enum fault_code rc = record_party(j, party, &p);

    *is = false;
    /* Who was named responsible owed it in person too, wherever he holds a post today. */
    if (!rc && names_owed(party) && !party->person) {
        struct kind_party persons = *party;

        persons.person = true;
        rc = record_party(j, &persons, &p);
    }
    if (rc)
        return rc;
    if (party->person || p.n_persons)
        *is = is_among(j->actor->person, p.persons, p.n_persons);
    for (size_t i = 0; i < p.n_units && !party->person && !*is && !rc; i++) {
        struct org_post *posts;
        size_t n;

        rc = org_unit_within(j->task, j->store, j->actor->unit, p.units[i], is);
        if (!rc && !*is)
            rc = org_posts(j->task, j->store, j->actor->person, 0, &posts, &n);
        for (size_t k = 0; !rc && !*is && j->actor->person && k < n; k++)
            rc = org_unit_within(j->task, j->store, posts[k].unit, p.units[i], is);
    }
    return rc;
}

/* Of the two who carry a row in, the one who prepared it owed nothing either. */
static enum fault_code
other_barred(struct judged *j, const struct kind_party *party, bool *is)
{
    struct org_actor other = *j->actor;
    struct judged as = *j;

    other.person = json_int_of(j->act->carried, "with", 0);
    as.actor = &other;
    return barred(&as, party, is);
}

enum fault_code
record_apart(struct judged *j, const struct kind_step *step)
{
    if (j->actor->sort == ORG_OPERATOR && step->n_apart)
        return refuse_barred(j, step, step->apart[0]);
    if (j->actor->sort != ORG_PERSON && j->actor->sort != ORG_CARRIER)
        return FAULT_NONE;
    for (size_t i = 0; i < step->n_apart; i++) {
        bool is;
        enum fault_code rc = barred(j, step->apart[i], &is);

        if (!rc && !is && j->actor->sort == ORG_CARRIER)
            rc = other_barred(j, step->apart[i], &is);
        if (rc)
            return rc;
        if (is)
            return refuse_barred(j, step, step->apart[i]);
    }
    return FAULT_NONE;
}

/* ---- the desk: where the next act lies ---- */

/* Somebody at the unit holds a post of one of the roles asked for. */
static enum fault_code
has_role(struct judged *j, int64_t unit, const struct kind_who *w, bool *has)
{
    struct org_post *posts;
    size_t n;
    enum fault_code rc;

    *has = w->n_roles == 0;
    if (*has)
        return FAULT_NONE;
    rc = org_posts(j->task, j->store, 0, unit, &posts, &n);
    for (size_t i = 0; i < n && !rc; i++)
        if (role_fits(w, posts[i].role))
            *has = true;
    return rc;
}

static enum fault_code
could_make(struct judged *j, const struct kind_step *step, int64_t unit, bool *could)
{
    const struct org_actor actor = {.sort = ORG_PERSON, .unit = unit};
    enum fault_code rc = FAULT_NONE;

    *could = false;
    for (size_t i = 0; i < step->n_apart && !rc; i++) {
        struct org_parties p = {0};
        bool within = false;

        if (step->apart[i]->person)
            continue;
        rc = record_party(j, step->apart[i], &p);
        for (size_t k = 0; k < p.n_units && !within && !rc; k++)
            rc = org_unit_within(j->task, j->store, unit, p.units[k], &within);
        if (within)
            return rc;
    }
    for (size_t i = 0; i < step->n_who && !*could && !rc; i++) {
        const struct kind_who *w = &step->who[i];
        bool staffed;

        if (w->condition && !kind_reads(w->condition, "me.") && !record_holds(j, w->condition))
            continue;
        rc = has_role(j, unit, w, &staffed);
        if (!rc && staffed)
            rc = relation_holds(j, w, &actor, could);
    }
    return rc;
}

enum fault_code
record_could_act(struct judged *j, int64_t unit, bool *could)
{
    const struct kind *k = j->now->kind;
    enum fault_code rc = FAULT_NONE;

    *could = false;
    for (size_t i = 0; i < k->n_steps && !*could && !rc; i++)
        if (!k->steps[i].creates && kind_in(k->steps[i].from, j->now->state) && k->steps[i].to &&
            k->steps[i].to != j->now->state)
            rc = could_make(j, &k->steps[i], unit, could);
    return rc;
}

/* Of one item of the state's list: units that could act and hold the role, and persons. */
static enum fault_code
choose_desk(struct judged *j, const struct kind_who *w, struct org_parties *chosen)
{
    struct org_parties p = {0};
    enum fault_code rc = FAULT_NONE;

    if (!record_holds(j, w->condition))
        return FAULT_NONE;
    rc = record_party(j, w->party, &p);
    for (size_t k = 0; k < p.n_units && !rc; k++) {
        bool could, staffed = false;

        rc = record_could_act(j, p.units[k], &could);
        if (!rc && could)
            rc = has_role(j, p.units[k], w, &staffed);
        if (!rc && staffed)
            org_add_unit(chosen, p.units[k]);
    }
    for (size_t k = 0; k < p.n_persons; k++)
        org_add_person(chosen, p.persons[k]);
    return rc;
}

enum fault_code
record_desk(struct judged *j)
{
    struct arena *a = j->task->arena;
    const struct kind_state *state = kind_state_at(j->now->kind, j->now->state);
    const struct kind_who *of = NULL;
    struct org_parties chosen = {0};
    struct json *desk = json_object(a), *roles = json_array(a);
    enum fault_code rc = FAULT_NONE;

    if (!state->final && !state->desk_given)
        org_add_unit(&chosen, j->now->unit);
    for (size_t i = 0; i < state->n_desk && !chosen.n_units && !chosen.n_persons && !rc; i++)
        rc = choose_desk(j, of = &state->desk[i], &chosen);
    for (size_t i = 0; of && chosen.n_units && i < of->n_roles; i++)
        json_push(a, roles, json_str(a, of->roles[i]));
    if (!rc && state->desk_given && !state->final && !chosen.n_units && !chosen.n_persons) {
        int64_t office;

        rc = org_office(j->task, j->store, j->now->place, &office);
        if (!rc)
            org_add_unit(&chosen, office);
        j->no_desk = !rc && office != 0;
    }
    json_set(a, desk, "units", record_numbers(a, chosen.units, chosen.n_units));
    json_set(a, desk, "persons", record_numbers(a, chosen.persons, chosen.n_persons));
    if (json_count(roles))
        json_set(a, desk, "roles", roles);
    if (!rc)
        j->now->desk = desk;
    return rc;
}
