/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/relocate.c - what the tree or a post did to a record, without a step of its definition.
 *
 * A place that was merged or moved takes its open and ended records along: their audience and their
 * stocks change, their stream never does. A post that changes hands takes along what its holder owed.
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

enum fault_code
record_relocate(struct record_act *act, struct record *r, int64_t place)
{
    struct record before = *r;
    struct judged j = revised(act, r);
    enum fault_code rc;

    r->place = place;
    rc = record_desk(&j);
    if (!rc)
        rc = record_audience(&j);
    if (rc)
        return rc;
    return state_revision(&j, &before, "moved_with_place", json_object(act->task->arena));
}

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
