/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/profile.c - the unit a profile record stands for.
 *
 * A field marked x-makes names a unit that the creating step makes: org's event in the same stream
 * and transaction. Later steps keep the unit in step with the profile's fields and state.
 *
 * Knows: which fields of a profile are columns and ties of a unit, and the table industry → line
 * (三管三必须: 安全生产法 2021 art. 3, GB/T 4754-2017 divisions).
 */
#include "record/inside.h"
#include <string.h>

static const struct kind_field *
making_field(const struct kind *k)
{
    for (size_t i = 0; i < k->n_fields; i++)
        if (json_is_true(json_get(k->fields[i].schema, "x-makes")))
            return &k->fields[i];
    return NULL;
}

static int
line_number(const struct record_world *w, const char *key)
{
    return (int)json_int_of(record_world_row(w, "lines", key), "number", 0);
}

static bool
has_label(const struct json *labels, const char *label)
{
    for (size_t i = 0; i < json_count(labels); i++)
        if (text_equal(json_text(json_at(labels, i)), label))
            return true;
    return false;
}

/* A row with a label of the enterprise wins over the plain row of its division. */
static const struct json *
supervision_row(const struct record_world *w, const char *industry, const struct json *labels)
{
    const struct record_standard *x = record_world_standard(w, "industries");
    const struct json *rows = x ? json_get(x->body, "supervision") : NULL, *plain = NULL;

    for (size_t i = 0; industry && i < json_count(rows); i++) {
        const struct json *row = json_at(rows, i);
        const char *label = json_text_of(row, "label");

        if (strncmp(json_text_of(row, "division"), industry, 2) != 0)
            continue;
        if (label && has_label(labels, label))
            return row;
        if (!label)
            plain = row;
    }
    return plain;
}

static void
set_lines(struct judged *j, struct org_unit *u)
{
    struct arena *a = j->task->arena;
    const struct json *row = supervision_row(j->world, u->industry, json_get(j->now->fields, "labels"));
    const struct json *with = json_get(row, "with");

    u->line = row ? line_number(j->world, json_text_of(row, "lead")) : 0;
    u->lines = json_array(a);
    for (size_t i = 0; i < json_count(with); i++) {
        int number = line_number(j->world, json_text(json_at(with, i)));

        if (number)
            json_push(a, u->lines, json_int(a, number));
    }
}

static void
fill(struct judged *j, struct org_unit *u)
{
    const struct json *f = j->now->fields;
    const struct kind_state *state = kind_state_at(j->now->kind, j->now->state);

    u->name = json_text_of(f, "name");
    u->place = j->now->place;
    u->credit_code = json_text_of(f, "credit_code");
    u->industry = json_text_of(f, "industry");
    u->headcount = (int)json_int_of(f, "headcount", 0);
    u->one_person = json_is_true(json_get(f, "one_person"));
    u->landlord = org_id_read(json_text_of(f, "landlord"), 'u');
    u->state = state ? state->name : NULL;
    if (state && state->final && !u->to_day)
        u->to_day = time_day(j->task->now);
    set_lines(j, u);
}

static enum fault_code
check_credit_code(struct judged *j)
{
    const char *code = json_text_of(j->now->fields, "credit_code"), *why = NULL;

    if (!code || rule_credit_code_holds(code, &why))
        return FAULT_NONE;
    return fault(j->task, FAULT_INPUT, "/fields/credit_code", "%s", why);
}

static bool
same(const struct org_unit *a, const struct org_unit *b)
{
    return text_equal(a->name, b->name) && a->place == b->place &&
           text_equal(a->credit_code, b->credit_code) && text_equal(a->industry, b->industry) &&
           a->headcount == b->headcount && a->one_person == b->one_person &&
           a->landlord == b->landlord && text_equal(a->state, b->state) && a->line == b->line &&
           a->to_day == b->to_day;
}

/* ---- ties: who is let in, from day to day ---- */

#define TIES_MAX 32

static int64_t
day_of(const struct json *row, const char *name)
{
    const char *text = json_text_of(row, name);
    int32_t day;

    return text && time_read_day(text, &day) ? day : 0;
}

static size_t
ties_of(const struct json *fields, struct org_tie out[TIES_MAX])
{
    const struct json *invited = json_get(fields, "advisers");
    int64_t landlord = org_id_read(json_text_of(fields, "landlord"), 'u');
    size_t n = 0;

    if (landlord)
        out[n++] = (struct org_tie){landlord, "landlord", day_of(fields, "landlord_from"),
                                    day_of(fields, "landlord_to")};
    for (size_t i = 0; i < json_count(invited) && n < TIES_MAX; i++) {
        const struct json *one = json_at(invited, i);
        int64_t unit = org_id_read(json_text_of(one, "unit"), 'u');

        if (unit)
            out[n++] = (struct org_tie){unit, json_text_of(one, "as"), day_of(one, "from"),
                                        day_of(one, "to")};
    }
    return n;
}

static bool
same_ties(const struct org_tie *a, size_t n_a, const struct org_tie *b, size_t n_b)
{
    for (size_t i = 0; i < n_a && n_a == n_b; i++)
        if (a[i].other != b[i].other || !text_equal(a[i].sort, b[i].sort) ||
            a[i].from_day != b[i].from_day || a[i].to_day != b[i].to_day)
            return false;
    return n_a == n_b;
}

static enum fault_code
state_ties(struct judged *j, struct org_write *w, int64_t unit)
{
    struct org_tie now[TIES_MAX], were[TIES_MAX];
    size_t n = ties_of(j->now->fields, now);
    size_t n_were = j->old_fields ? ties_of(j->old_fields, were) : 0;

    return same_ties(now, n, were, n_were) ? FAULT_NONE : org_state_ties(w, unit, now, n);
}

enum fault_code
record_profile(struct judged *j, struct json *given)
{
    const struct kind_field *f = making_field(j->now->kind);
    struct org_write w = {j->task, j->store, j->act->tip, j->actor};
    struct org_unit u, old;
    const char *id;
    bool found = false;
    enum fault_code rc;

    if (!f)
        return FAULT_NONE;
    rc = check_credit_code(j);
    id = json_text(json_get(j->now->fields, f->name));
    memset(&u, 0, sizeof u);
    if (!rc && id)
        rc = org_unit(j->task, j->store, org_id_read(id, 'u'), &u, &found);
    if (rc)
        return rc;
    old = u;
    if (!found) {
        u.sort = "enterprise";
        u.initials = "";
        u.from_day = time_day(j->task->now);
        u.powers = json_array(j->task->arena);
    }
    fill(j, &u);
    if (!found || !same(&u, &old)) {
        u.profile = record_id(j->task->arena, j->now->stream, j->now->rid);
        rc = org_state_unit(&w, &u);
    }
    if (!rc)
        rc = state_ties(j, &w, u.id);
    if (rc || found)
        return rc;
    id = org_id_text(j->task->arena, 'u', u.id);
    json_set_str(j->task->arena, given, f->name, id);
    json_set_str(j->task->arena, j->now->fields, f->name, id);
    return FAULT_NONE;
}
