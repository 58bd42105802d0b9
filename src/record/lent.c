/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/lent.c - sight of other records, lent by a record while its state lasts (ADR 0008).
 *
 * Knows: the set of a sight rule, its values as of the lender's last step; that a record is lent as
 * long as it has the covering key and its row meets the conditions, whoever changed it; which steps
 * a lent role never makes.
 * Does not know: who a caller is; org reads what is lent to him.
 */
#include "record/inside.h"
#include <string.h>

/* ---- lending: worked out at the lender's step, stated in its event ---- */

static enum fault_code
place_id(struct judged *j, const struct json *code, int64_t *id)
{
    struct org_place p;
    bool found = false;
    enum fault_code rc =
        json_text(code) ? org_place_by_code(j->task, j->store, json_text(code), &p, &found) : FAULT_NONE;

    *id = !rc && found ? p.id : 0;
    return rc;
}

/* One condition with its value; a place as its number. `*key`: the audience key it fixes, or 0. */
static enum fault_code
state_line(struct judged *j, const struct kind_where *w, struct json *lines, int64_t *key)
{
    struct arena *a = j->task->arena;
    struct json *line = json_array(a), *value = record_eval(j, w->value);
    int64_t id = 0;
    enum fault_code rc = FAULT_NONE;

    *key = 0;
    if (text_equal(w->field, "place")) {
        rc = place_id(j, value, &id);
        value = json_int(a, id);
        *key = id ? org_key(ORG_KEY_PLACE, id, 0, 0) : 0;
    } else if (text_equal(w->field, "owner") && w->op == OP_EQ) {
        id = org_id_read(json_text(value), 'u');
        *key = id ? org_key(ORG_KEY_UNIT, id, 0, 0) : 0;
    }
    json_push(a, line, json_str(a, w->field));
    json_push(a, line, json_int(a, w->op));
    json_push(a, line, value ? value : json_null(a));
    json_push(a, lines, line);
    return rc;
}

static struct json *
state_numbers(struct judged *j, const struct kind *of, const struct kind_set *set)
{
    struct json *list = json_array(j->task->arena);

    for (size_t i = 0; i < set->n_states; i++) {
        const struct kind_state *s = kind_state(of, set->states[i]);

        if (s)
            json_push(j->task->arena, list, json_int(j->task->arena, s->number));
    }
    return list;
}

static struct json *
role_names(struct arena *a, const struct kind_sight *s)
{
    struct json *list = json_array(a);

    for (size_t i = 0; i < s->n_roles; i++)
        json_push(a, list, json_str(a, s->roles[i]));
    return list;
}

static enum fault_code
party_keys(struct judged *j, const struct kind_sight *s, struct json *keys)
{
    struct arena *a = j->task->arena;
    struct org_parties p = {0};
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < s->n_to && !rc; i++)
        rc = record_party(j, s->to[i], &p);
    for (size_t i = 0; i < p.n_units; i++)
        json_push(a, keys, json_format(a, "%lld", (long long)org_key(ORG_KEY_UNIT, p.units[i], 0, 0)));
    for (size_t i = 0; i < p.n_persons; i++)
        json_push(a, keys,
                  json_format(a, "%lld", (long long)org_key(ORG_KEY_PERSON, p.persons[i], 0, 0)));
    return rc;
}

/* A value that is not there fixes nothing, and then nothing is lent: never a wider set than written. */
static enum fault_code
lend_rule(struct judged *j, const struct kind_sight *s, struct json *list)
{
    struct arena *a = j->task->arena;
    const struct kind *of = kind_find(j->world->catalog, s->over->kind, 0);
    struct json *one = json_object(a), *body = json_object(a), *lines = json_array(a), *to = json_array(a);
    int64_t cover = 0;
    enum fault_code rc = of ? party_keys(j, s, to) : FAULT_NONE;

    for (size_t i = 0; of && i < s->over->n_where && !rc; i++) {
        int64_t key;

        rc = state_line(j, &s->over->where[i], lines, &key);
        /* The narrower key: an owner's before a place's. */
        if (key && (!cover || key >> 60 == ORG_KEY_UNIT))
            cover = key;
    }
    if (rc || !cover || !json_count(to))
        return rc;
    json_set(a, body, "states", state_numbers(j, of, s->over));
    json_set(a, body, "where", lines);
    json_set(a, body, "roles", role_names(a, s));
    json_set_int(a, body, "unit", j->now->unit);
    json_set(a, one, "to", to);
    json_set(a, one, "key", json_format(a, "%lld", (long long)org_key_kind(cover, of->id)));
    json_set(a, one, "body", body);
    json_push(a, list, one);
    return FAULT_NONE;
}

enum fault_code
record_lends(struct judged *j, struct json *parties)
{
    struct json *list = json_array(j->task->arena);
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < j->now->kind->n_sight && !rc; i++) {
        const struct kind_sight *s = &j->now->kind->sight[i];

        if (s->over && kind_in(s->in, j->now->state))
            rc = lend_rule(j, s, list);
    }
    json_set(j->task->arena, parties, "lent", json_count(list) ? list : NULL);
    return rc;
}

/* ---- is it lent: by the row alone ---- */

static struct json *
column(struct task *t, const struct record *r, const char *name)
{
    const struct kind_state *state = kind_state_at(r->kind, r->state);
    struct arena *a = t->arena;

    if (kind_field(r->kind, name))
        return json_get(r->fields, name);
    if (strcmp(name, "id") == 0)
        return json_str(a, record_id(a, r->stream, r->rid));
    if (strcmp(name, "number") == 0)
        return r->number ? json_str(a, r->number) : NULL;
    if (strcmp(name, "state") == 0)
        return state ? json_str(a, state->name) : NULL;
    if (strcmp(name, "place") == 0)
        return json_int(a, r->place);
    if (strcmp(name, "line") == 0)
        return json_int(a, r->line);
    if (strcmp(name, "owner") == 0)
        return json_str(a, org_id_text(a, 'u', r->unit));
    if (strcmp(name, "created_at") == 0)
        return json_str(a, time_text(a, r->born));
    if (strcmp(name, "closed_at") == 0)
        return r->closed ? json_str(a, time_text(a, r->closed)) : NULL;
    if (strcmp(name, "due") == 0)
        return r->due ? json_str(a, time_text(a, r->due)) : NULL;
    return NULL;
}

static bool
has_key(const struct record *r, int64_t key)
{
    return record_holds_key(json_get(r->parties, "keys"), &key, 1);
}

static bool
line_holds(struct task *t, const struct record *r, const struct json *line)
{
    const char *field = json_text(json_at(line, 0));
    enum kind_op op = (enum kind_op)json_integer(json_at(line, 1), 0);
    const struct json *want = json_at(line, 2);

    if (op == OP_UNDER)
        return has_key(r, org_key(ORG_KEY_PLACE, json_integer(want, 0), 0, 0));
    return record_compares(op, column(t, r, field), want);
}

bool
record_is_lent(struct task *t, const struct org_lent *x, const struct record *r)
{
    const struct json *states = json_get(x->body, "states"), *where = json_get(x->body, "where");
    bool of_state = json_count(states) == 0;

    if (r->sealed || r->kind->id != (int)(x->key & 4095) || !has_key(r, org_key_kind(x->key, 0)))
        return false;
    for (size_t i = 0; i < json_count(states); i++)
        of_state |= json_integer(json_at(states, i), 0) == r->state;
    for (size_t i = 0; of_state && i < json_count(where); i++)
        if (!line_holds(t, r, json_at(where, i)))
            return false;
    return of_state;
}

/* ---- handling in a lent role ---- */

/* It never judges others' work: not what ends a record, nor what somebody must be kept apart from. */
static bool
may_be_lent(const struct record *r, const struct kind_step *step)
{
    const struct kind_state *to = kind_state_at(r->kind, step->to ? step->to : r->state);

    return !step->creates && !step->n_apart && !(to && to->final);
}

/* Acts as one of the unit that lends, in the role lent; what he did stays his own unit's and post's. */
static enum fault_code
stands_lent(struct judged *j, const struct kind_step *step, const struct org_lent *x, bool *may)
{
    const struct json *roles = json_get(x->body, "roles");
    struct org_actor as = *j->actor;
    struct judged lent = *j;
    enum fault_code rc = FAULT_NONE;

    as.unit = json_int_of(x->body, "unit", 0);
    lent.actor = &as;
    for (size_t i = 0; i < json_count(roles) && !*may && !rc; i++) {
        as.role = json_text(json_at(roles, i));
        for (size_t k = 0; k < step->n_who && !*may && !rc; k++) {
            rc = record_stands(&lent, &step->who[k], &as, may);
            *may = *may && record_holds(&lent, step->who[k].condition);
        }
    }
    if (*may && !rc) {
        struct json *by = json_object(j->task->arena);

        json_set_str(j->task->arena, by, "by", record_id(j->task->arena, x->stream, x->rid));
        json_set_str(j->task->arena, by, "role", as.role);
        j->act->lent = by;
    }
    return rc;
}

/* Whoever owes or owed the work handles it as a party, in no lent role. */
static enum fault_code
owed_it(struct judged *j, bool *owed)
{
    const struct json *units = json_get(j->now->parties, "owed");
    enum fault_code rc = FAULT_NONE;

    *owed = false;
    for (size_t i = 0; i < json_count(units) && !*owed && !rc; i++)
        rc = org_unit_within(j->task, j->store, j->actor->unit, json_integer(json_at(units, i), 0), owed);
    return rc;
}

enum fault_code
record_guard_lent(struct judged *j, const struct kind_step *step, bool *may)
{
    struct scope now;
    bool owed;
    enum fault_code rc;

    *may = false;
    if (!j->act || !j->act->scope || !j->act->scope->n_lent || !may_be_lent(j->now, step))
        return FAULT_NONE;
    rc = owed_it(j, &owed);
    if (rc || owed)
        return rc;
    /* Read again where it is written: what was lent a moment ago may have ended. */
    now = *j->act->scope;
    rc = org_lent(j->task, j->store, &now);
    for (size_t i = 0; i < now.n_lent && !*may && !rc; i++)
        if (record_is_lent(j->task, &now.lent[i], j->now))
            rc = stands_lent(j, step, &now.lent[i], may);
    return rc;
}
