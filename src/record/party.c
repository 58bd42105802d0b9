/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/party.c - from the name of a party to units and persons, by the dated tree now.
 */
#include "record/inside.h"
#include <string.h>

struct json *
record_numbers(struct arena *a, const int64_t *list, size_t n)
{
    struct json *out = json_array(a);

    for (size_t i = 0; i < n; i++)
        json_push(a, out, json_int(a, list[i]));
    return out;
}

enum fault_code
record_parties_of(struct judged *j, const struct json *value, struct org_parties *out)
{
    const char *id = json_text(value);
    struct org_place p;
    bool found;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; json_is(value, JSON_ARRAY) && i < json_count(value) && !rc; i++)
        rc = record_parties_of(j, json_at(value, i), out);
    if (rc || !id)
        return rc;
    if (org_id_read(id, 'u')) {
        org_add_unit(out, org_id_read(id, 'u'));
    } else if (org_id_read(id, 'p')) {
        org_add_person(out, org_id_read(id, 'p'));
    } else if (org_id_read(id, 'o')) {
        struct org_post post;

        rc = org_post(j->task, j->store, org_id_read(id, 'o'), &post, &found);
        if (!rc && found) {
            org_add_person(out, post.person);
            org_add_unit(out, post.unit);
        }
    } else {
        rc = org_place_by_code(j->task, j->store, id, &p, &found);
        if (!rc && found)
            org_add_place(out, p.id);
    }
    return rc;
}

static void
add_list(const struct json *units, const struct json *persons, struct org_parties *out)
{
    for (size_t i = 0; i < json_count(units); i++)
        org_add_unit(out, json_integer(json_at(units, i), 0));
    for (size_t i = 0; i < json_count(persons); i++)
        org_add_person(out, json_integer(json_at(persons, i), 0));
}

/* Who did a step last: the unit, or the person where the person is asked for. */
static void
add_doer(const struct json *did, bool person, struct org_parties *out)
{
    if (person)
        org_add_person(out, json_int_of(did, "person", 0));
    else
        org_add_unit(out, json_int_of(did, "unit", 0));
}

/* Places of parties: their own, and the places of their units. */
static enum fault_code
places_of(struct judged *j, const struct org_parties *p, struct org_parties *out)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < p->n_places; i++)
        org_add_place(out, p->places[i]);
    for (size_t i = 0; i < p->n_units && !rc; i++) {
        struct org_unit u;
        bool found;

        rc = org_unit(j->task, j->store, p->units[i], &u, &found);
        if (!rc && found)
            org_add_place(out, u.place);
    }
    return rc;
}

static enum fault_code
uppers_of(struct judged *j, const struct org_parties *p, struct org_parties *out)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < p->n_units && !rc; i++) {
        int64_t upper;

        rc = org_upper(j->task, j->store, p->units[i], &upper);
        if (!rc)
            org_add_unit(out, upper);
    }
    return rc;
}

static enum fault_code
supervisors_of(struct judged *j, const struct org_parties *p, bool all, struct org_parties *out)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < p->n_units && !rc; i++) {
        int64_t found[ORG_DEPTH];
        size_t n;

        rc = org_supervisors(j->task, j->store, p->units[i], found, ORG_DEPTH, &n);
        for (size_t k = 0; k < n && (all || k < 1) && !rc; k++)
            org_add_unit(out, found[k]);
    }
    return rc;
}

static enum fault_code
linked_party(struct judged *j, const struct kind_party *p, struct org_parties *out)
{
    struct org_parties of = {0};
    struct record linked;
    int64_t stream, rid;
    bool found;
    const char *id = json_text(json_get(j->now->fields, p->name));
    enum fault_code rc;

    if (!id || !record_id_read(id, &stream, &rid)) {
        struct kind_party whole = {.sort = PARTY_FIELD, .name = p->name};

        if (text_equal(p->name, "owner"))
            whole.sort = PARTY_OWNER;
        else if (text_equal(p->name, "raiser"))
            whole.sort = PARTY_RAISER;
        else if (text_equal(p->name, "actor"))
            whole.sort = PARTY_ACTOR;
        rc = record_party(j, &whole, &of);
        return rc ? rc : places_of(j, &of, out);
    }
    if (j->depth > 4)
        return FAULT_NONE;
    rc = record_open(j->task, j->store, j->world, stream, rid, &linked, &found);
    if (rc || !found)
        return rc;
    struct judged inner = *j;
    struct kind_party there = *p->inner;

    inner.now = &linked;
    inner.depth++;
    there.person = p->person;
    return record_party(&inner, &there, out);
}

static enum fault_code
inner_party(struct judged *j, const struct kind_party *p, struct org_parties *out)
{
    struct org_parties of = {0}, at = {0};
    enum fault_code rc = record_party(j, p->inner, &of);

    if (rc)
        return rc;
    switch (p->sort) {
    case PARTY_UPPER:
        return uppers_of(j, &of, out);
    case PARTY_SUPERVISOR:
        return supervisors_of(j, &of, false, out);
    case PARTY_SUPERVISORS:
        return supervisors_of(j, &of, true, out);
    case PARTY_OFFICE:
        rc = places_of(j, &of, &at);
        for (size_t i = 0; i < at.n_places && !rc; i++) {
            int64_t office;

            rc = org_office(j->task, j->store, at.places[i], &office);
            if (!rc)
                org_add_unit(out, office);
        }
        return rc;
    default: /* PARTY_TEAM: the people of it */
        for (size_t i = 0; i < of.n_units && !rc; i++) {
            struct org_post *posts;
            size_t n;

            rc = org_posts(j->task, j->store, 0, of.units[i], &posts, &n);
            for (size_t k = 0; k < n && !rc; k++)
                org_add_person(out, posts[k].person);
        }
        return rc;
    }
}

/* The unit like the owner, at the level that a field names. */
static enum fault_code
party_at(struct judged *j, const char *field, struct org_parties *out)
{
    const char *level = json_text(record_read_path(j, j->task, field));
    int64_t unit = 0;
    enum fault_code rc =
        org_like(j->task, j->store, j->now->unit, j->now->place, org_level_read(level), &unit);

    if (!rc)
        org_add_unit(out, unit);
    return rc;
}

enum fault_code
record_party(struct judged *j, const struct kind_party *p, struct org_parties *out)
{
    const struct json *parties = j->now->parties;
    const struct json *value;

    switch (p->sort) {
    case PARTY_OWNER:
        org_add_unit(out, j->now->unit);
        return FAULT_NONE;
    case PARTY_RAISER:
        add_doer(json_get(parties, "raiser"), p->person, out);
        return FAULT_NONE;
    case PARTY_DESK:
        add_list(json_get(j->now->desk, "units"), json_get(j->now->desk, "persons"), out);
        return FAULT_NONE;
    case PARTY_ACTOR:
        if (j->actor && p->person)
            org_add_person(out, j->actor->person);
        else if (j->actor)
            org_add_unit(out, j->actor->unit);
        return FAULT_NONE;
    case PARTY_DID:
        add_doer(json_get(json_get(parties, "did"), p->name), p->person, out);
        return FAULT_NONE;
    case PARTY_OWED:
        if (p->person)
            add_list(NULL, json_get(parties, "persons"), out);
        else
            add_list(json_get(parties, "owed"), NULL, out);
        return FAULT_NONE;
    case PARTY_PLACE:
        org_add_place(out, j->now->place);
        return FAULT_NONE;
    case PARTY_PUBLIC:
        out->everyone = true;
        return FAULT_NONE;
    case PARTY_FIELD:
        value = text_equal(p->name, "item") ? j->item : json_get(j->now->fields, p->name);
        return record_parties_of(j, value, out);
    case PARTY_LINK:
        /* Inside `over`: who the member names, or whose it is. */
        if (text_equal(p->name, "item"))
            return record_parties_of(
                j, record_read_path(j, j->task, arena_format(j->task->arena, "item.%s", p->inner->text)), out);
        return linked_party(j, p, out);
    case PARTY_AT:
        return party_at(j, p->name, out);
    default:
        return inner_party(j, p, out);
    }
}

bool
record_party_text(struct judged *j, const char *text, struct org_parties *out)
{
    const struct kind_party *p = kind_party_read(j->task->arena, j->now->kind, text);

    if (!p || record_party(j, p, out))
        return false;
    return out->n_units || out->n_persons || out->n_places;
}
