/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/audience.c - who may see a record in the state it is in: keys, stored with it.
 *
 * Order of the language: never, only, then the union of the rest.
 */
#include "record/inside.h"
#include <string.h>

struct keys {
    struct arena *arena;
    struct json *list;
};

static void
add_key(struct keys *k, int64_t key)
{
    struct text digits;
    const char *text;

    text_init(&digits, k->arena);
    text_integer(&digits, key);
    text = text_string(&digits);
    for (size_t i = 0; i < json_count(k->list); i++)
        if (text_equal(json_text(json_at(k->list, i)), text))
            return;
    json_push(k->arena, k->list, json_str(k->arena, text));
}

static void
add_parties(struct keys *k, const struct org_parties *p)
{
    for (size_t i = 0; i < p->n_units; i++)
        add_key(k, org_key(ORG_KEY_UNIT, p->units[i], 0, 0));
    for (size_t i = 0; i < p->n_persons; i++)
        add_key(k, org_key(ORG_KEY_PERSON, p->persons[i], 0, 0));
}

/* A unit's superior enterprise sees what its workshop owes. */
static enum fault_code
add_unit_chain(struct judged *j, struct keys *k, int64_t unit)
{
    for (int depth = 0; unit && depth < 4; depth++) {
        struct org_unit u;
        bool found;
        enum fault_code rc;

        add_key(k, org_key(ORG_KEY_UNIT, unit, 0, 0));
        rc = org_unit(j->task, j->store, unit, &u, &found);
        if (rc)
            return rc;
        unit = found ? u.parent : 0;
    }
    return FAULT_NONE;
}

/*
 * Places above the record up to the top of this deployment, and place × line down to the county. Of
 * those whose own stream is not the record's, `reach` says so: whoever asks for what lies there must
 * ask this stream too.
 */
static enum fault_code
add_places(struct judged *j, struct keys *k, struct json *above, struct json *reach)
{
    int64_t ids[ORG_DEPTH], top;
    size_t n;
    enum fault_code rc = org_above(j->task, j->store, j->now->place, ids, &n);

    if (!rc)
        rc = org_top(j->task, j->store, &top);

    for (size_t i = 0; i < n && !rc; i++) {
        struct org_place p;
        bool found;

        rc = org_place(j->task, j->store, ids[i], &p, &found);
        if (rc || !found)
            break;
        add_key(k, org_key(ORG_KEY_PLACE, ids[i], 0, 0));
        for (size_t l = 0; l < json_count(j->now->lines) && p.level <= ORG_COUNTY; l++) {
            int line = (int)json_integer(json_at(j->now->lines, l), 0);

            if (line)
                add_key(k, org_key(ORG_KEY_PLACE, ids[i], line, 0));
        }
        if (p.level >= ORG_COUNTY || ids[i] == j->now->place)
            json_push(k->arena, above, json_int(k->arena, ids[i]));
        if (p.level >= ORG_COUNTY && p.stream != j->now->stream)
            json_push(k->arena, reach, json_int(k->arena, ids[i]));
        if (ids[i] == top)
            break;
    }
    return rc;
}

/* `only`: a party as units and persons; with a role, the people who hold it there. */
static enum fault_code
add_only(struct judged *j, struct keys *k, const struct kind_who *w)
{
    struct org_parties p = {0};
    enum fault_code rc;

    if (w->is == IS_DID)
        return add_unit_chain(j, k,
                              json_int_of(json_get(json_get(j->now->parties, "did"), w->step), "unit", 0));
    if (!w->party)
        return FAULT_NONE;
    rc = record_party(j, w->party, &p);
    if (rc || !w->n_roles) {
        add_parties(k, &p);
        return rc;
    }
    for (size_t i = 0; i < p.n_units && !rc; i++) {
        struct org_post *posts;
        size_t n;

        rc = org_posts(j->task, j->store, 0, p.units[i], &posts, &n);
        for (size_t x = 0; x < n && !rc; x++)
            for (size_t r = 0; r < w->n_roles; r++)
                if (text_equal(w->roles[r], posts[x].role))
                    add_key(k, org_key(ORG_KEY_PERSON, posts[x].person, 0, 0));
    }
    return rc;
}

static enum fault_code
read_sight(struct judged *j, struct keys *only, bool *sealed, struct org_parties *never, struct json *part)
{
    struct arena *a = j->task->arena;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < j->now->kind->n_sight && !rc; i++) {
        const struct kind_sight *s = &j->now->kind->sight[i];

        if (!kind_in(s->in, j->now->state))
            continue;
        if (s->n_only)
            *sealed = true;
        for (size_t k = 0; k < s->n_only && !rc; k++)
            rc = add_only(j, only, &s->only[k]);
        for (size_t k = 0; k < s->n_never && !rc; k++)
            rc = record_party(j, s->never[k], never);
        if (s->n_to && s->n_fields && !rc) {
            struct keys to = {a, json_array(a)};
            struct json *one = json_object(a);

            for (size_t k = 0; k < s->n_to && !rc; k++) {
                struct org_parties p = {0};

                rc = record_party(j, s->to[k], &p);
                add_parties(&to, &p);
                if (p.everyone)
                    json_set_bool(a, one, "public", true);
            }
            json_set_int(a, one, "rule", (int64_t)i);
            json_set(a, one, "keys", to.list);
            json_push(a, part, one);
        }
    }
    return rc;
}

enum fault_code
record_audience(struct judged *j)
{
    struct arena *a = j->task->arena;
    struct keys all = {a, json_array(a)}, only = {a, json_array(a)};
    struct org_parties never = {0}, desk = {0};
    struct kind_party desk_party = {.sort = PARTY_DESK};
    struct json *part = json_array(a), *above = json_array(a), *bars = json_object(a);
    struct json *reach = json_array(a);
    struct json *parties = json_shallow(a, j->now->parties);
    bool sealed = false;
    enum fault_code rc = read_sight(j, &only, &sealed, &never, part);

    if (!rc)
        rc = add_places(j, &all, above, reach);
    if (!rc)
        rc = add_unit_chain(j, &all, j->now->unit);
    if (!rc)
        rc = add_unit_chain(j, &all, json_int_of(json_get(parties, "raiser"), "unit", 0));
    if (!rc)
        rc = record_party(j, &desk_party, &desk);
    if (rc)
        return rc;
    add_parties(&all, &desk);
    json_set(a, parties, "keys", sealed ? only.list : all.list);
    json_set(a, parties, "part", sealed ? json_array(a) : part);
    json_set(a, parties, "above", above);
    json_set(a, parties, "reach", json_count(reach) ? reach : NULL);
    json_set(a, bars, "units", record_numbers(a, never.units, never.n_units));
    json_set(a, bars, "persons", record_numbers(a, never.persons, never.n_persons));
    json_set(a, parties, "never", never.n_units || never.n_persons ? bars : NULL);
    j->now->parties = parties;
    j->now->sealed = sealed;
    return record_lends(j, parties);
}
