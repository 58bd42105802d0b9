/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/migrate.c - taking a record from the version it obeys to a newer one, by a stated rule.
 *
 * The newer definition says from which versions, under what condition, which old state becomes which
 * new one, and which fields are set. What has no mapping stays under its old version.
 */
#include "record/inside.h"
#include <string.h>

static const struct kind_migrate *
rule_for(struct judged *j, const struct kind *to)
{
    for (size_t i = 0; i < to->n_migrate; i++)
        for (size_t k = 0; k < to->migrate[i].n_from; k++)
            if (to->migrate[i].from[k] == j->now->version &&
                record_holds(j, to->migrate[i].condition))
                return &to->migrate[i];
    return NULL;
}

/* The state of the new version: as mapped, or the one of the same name. */
static const struct kind_state *
new_state(const struct kind_migrate *m, const struct kind *from, const struct kind *to, int state)
{
    const struct kind_state *old = kind_state_at(from, state);
    const char *mapped = old ? json_text_of(m->to, old->name) : NULL;

    return old ? kind_state(to, mapped ? mapped : old->name) : NULL;
}

static void
set_values(struct judged *j, const struct kind_migrate *m, struct json *given)
{
    struct arena *a = j->task->arena;

    for (size_t i = 0; i < m->n_set; i++) {
        struct json *v = record_eval(j, m->set[i].value);

        json_set(a, given, m->set[i].name, v ? v : json_null(a));
        json_set(a, j->now->fields, m->set[i].name, json_is_null(v) ? NULL : v);
    }
}

/* Values of fields the new version no longer has stay in the log and leave the row. */
static void
drop_gone(struct judged *j, const struct kind *from, const struct kind *to, struct json *given)
{
    struct arena *a = j->task->arena;

    for (size_t i = 0; i < from->n_fields; i++)
        if (!kind_field(to, from->fields[i].name) && json_get(j->now->fields, from->fields[i].name)) {
            json_set(a, given, from->fields[i].name, json_null(a));
            json_set(a, j->now->fields, from->fields[i].name, NULL);
        }
}

enum fault_code
record_migrate(struct record_act *act, struct record *r, const struct kind *to, bool *moved)
{
    struct task *t = act->task;
    struct record before = *r;
    struct judged j = {.act = act, .task = t, .store = act->store, .world = act->world, .now = r,
                       .old_fields = r->fields, .actor = &act->actor};
    const struct kind *from = r->kind;
    const struct kind_migrate *m = rule_for(&j, to);
    const struct kind_state *state = m ? new_state(m, from, to, r->state) : NULL;
    struct stated what = {.step = "migrate", .given = json_object(t->arena),
                          .notices = json_array(t->arena), .figures = json_array(t->arena)};
    const char *level = r->level ? from->levels[r->level - 1] : NULL;
    enum fault_code rc;

    *moved = false;
    if (!state)
        return FAULT_NONE;
    r->fields = json_shallow(t->arena, r->fields);
    drop_gone(&j, from, to, (struct json *)(uintptr_t)what.given);
    r->kind = to;
    r->version = to->version;
    r->state = state->number;
    r->level = kind_level_number(to, level);
    r->rev++;
    set_values(&j, m, (struct json *)(uintptr_t)what.given);
    rc = record_desk(&j);
    if (!rc)
        rc = record_clocks(&j, kind_state(to, kind_state_at(from, before.state)->name)
                                   ? kind_state(to, kind_state_at(from, before.state)->name)->number
                                   : 0,
                           false);
    if (!rc)
        rc = record_audience(&j);
    if (rc)
        return rc;
    what.figures = record_moved_figures(&j, &before);
    *moved = true;
    return record_state(&j, &before, &what);
}
