/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/condition.c - what a condition reads of a record, its links, its actor and the day.
 *
 * Knows: the paths of docs/definitions.md.
 * Does not know: operators; kind evaluates.
 */
#include "record/inside.h"
#include <string.h>

static struct json *read_record(struct judged *j, struct record *r, const char *path);

struct json *
record_eval(struct judged *j, const struct json *expression)
{
    const struct kind_env env = {j->now->kind, record_read_path, j};

    return kind_eval(j->task, &env, expression);
}

bool
record_holds(struct judged *j, const struct json *condition)
{
    return !condition || kind_true(record_eval(j, condition));
}

static struct json *
place_code(struct judged *j, int64_t place)
{
    struct org_place p;
    bool found;

    if (!place || org_place(j->task, j->store, place, &p, &found) || !found)
        return NULL;
    return json_str(j->task->arena, p.code);
}

/* ---- one hop through a unit ---- */

static struct json *
read_unit(struct judged *j, int64_t unit, const char *name)
{
    struct arena *a = j->task->arena;
    struct org_unit u;
    bool found;

    if (!unit || org_unit(j->task, j->store, unit, &u, &found) || !found)
        return NULL;
    if (strcmp(name, "place") == 0)
        return place_code(j, u.place);
    if (strcmp(name, "name") == 0)
        return json_str(a, u.name);
    if (strcmp(name, "headcount") == 0)
        return json_int(a, u.headcount);
    if (strcmp(name, "one_person") == 0)
        return json_bool(a, u.one_person);
    if (strcmp(name, "line") == 0)
        return json_int(a, u.line);
    if (strcmp(name, "industry") == 0)
        return json_str(a, u.industry);
    if (strcmp(name, "state") == 0)
        return json_str(a, u.state);
    if (strcmp(name, "sort") == 0)
        return json_str(a, u.sort);
    if (strcmp(name, "credit_code") == 0)
        return json_str(a, u.credit_code);
    if (strcmp(name, "powers") == 0)
        return u.powers;
    return NULL;
}

static bool
certificate_in_force(const struct json *list, int32_t day)
{
    for (size_t i = 0; i < json_count(list); i++) {
        const char *until = json_text_of(json_at(list, i), "until");
        int32_t end;

        if (!until || (time_read_day(until, &end) && end >= day))
            return true;
    }
    return false;
}

/* The last day of the certificates of a kind: "" where there is none, far ahead where one has no end. */
static const char *
certified_until(const struct json *list, const char *kind)
{
    const char *last = "";

    for (size_t i = 0; i < json_count(list); i++) {
        const char *until = json_text_of(json_at(list, i), "until");

        if (!text_equal(json_text_of(json_at(list, i), "kind"), kind))
            continue;
        if (!until)
            return "9999-12-31";
        if (strcmp(until, last) > 0)
            last = until;
    }
    return last;
}

static struct json *
read_person(struct judged *j, int64_t person, const char *name)
{
    struct arena *a = j->task->arena;
    struct org_person p;
    struct org_post *posts;
    size_t n;
    bool found;

    if (!person || org_person(j->task, j->store, person, &p, &found) || !found)
        return NULL;
    if (strcmp(name, "certified") == 0)
        return json_bool(a, certificate_in_force(p.certificates, time_day(j->task->now)));
    if (text_starts(name, "certified_until."))
        return json_str(a, certified_until(p.certificates, strchr(name, '.') + 1));
    if (org_posts(j->task, j->store, person, 0, &posts, &n) || !n)
        return NULL;
    if (strcmp(name, "unit") == 0)
        return json_str(a, org_id_text(a, 'u', posts[0].unit));
    if (strcmp(name, "role") == 0)
        return json_str(a, posts[0].role);
    return NULL;
}

/* ---- actor ---- */

static struct json *
read_actor(struct judged *j, const char *name)
{
    struct arena *a = j->task->arena;

    if (!j->actor || j->actor->sort != ORG_PERSON)
        return NULL;
    if (strcmp(name, "unit") == 0)
        return json_str(a, org_id_text(a, 'u', j->actor->unit));
    if (strcmp(name, "person") == 0)
        return json_str(a, org_id_text(a, 'p', j->actor->person));
    if (strcmp(name, "post") == 0)
        return json_str(a, org_id_text(a, 'o', j->actor->post));
    if (strcmp(name, "role") == 0)
        return json_str(a, j->actor->role);
    if (strcmp(name, "place") == 0)
        return place_code(j, j->actor->place);
    return read_unit(j, j->actor->unit, name);
}

/* ---- the columns every record has ---- */

static struct json *
instant(struct judged *j, int64_t at)
{
    return at ? json_str(j->task->arena, time_text(j->task->arena, at)) : NULL;
}

/* Conditions ask for columns by the hundred, and most names differ in their first letter. */
static bool
is(const char *name, const char *column)
{
    return name[0] == column[0] && strcmp(name, column) == 0;
}

static struct json *
read_column(struct judged *j, const struct record *r, const char *name, bool *known)
{
    struct arena *a = j->task->arena;
    const struct kind_state *state = kind_state_at(r->kind, r->state);

    *known = true;
    if (is(name, "id"))
        return json_str(a, record_id(a, r->stream, r->rid));
    if (is(name, "number"))
        return json_str(a, r->number);
    if (is(name, "state"))
        return state ? json_str(a, state->name) : NULL;
    if (is(name, "cycle"))
        return json_int(a, r->cycle);
    if (is(name, "place") && !json_get(r->fields, "place"))
        return place_code(j, r->place);
    if (is(name, "line"))
        return json_int(a, r->line);
    if (is(name, "owner"))
        return json_str(a, org_id_text(a, 'u', r->unit));
    if (is(name, "created_at"))
        return instant(j, r->born ? r->born : j->task->now);
    if (is(name, "closed_at"))
        return instant(j, r->closed);
    if (is(name, "due") && !kind_field(r->kind, "due"))
        return instant(j, r->due);
    if (is(name, "today"))
        return json_str(a, time_day_text(a, time_day(j->task->now)));
    if (is(name, "now"))
        return instant(j, j->task->now);
    *known = false;
    return NULL;
}

/* ---- computed fields ---- */

static struct json *
read_local(struct judged *j, const struct json *x)
{
    const struct json *give = json_get(x, "give");
    struct json *made = json_object(j->task->arena);
    struct json *on = record_read_path(j, j->task, json_text_of(x, "on"));
    struct rule_tables tables = record_tables(j);
    const char *table = json_text_of(give, "table"), *edition;
    int32_t day = time_day(j->task->now);
    struct json *row;

    if (json_text(on)) {
        int64_t at;

        if (time_read(json_text(on), false, &at))
            day = time_day(at);
    }
    for (size_t i = 0; give && i < give->object.n; i++) {
        const struct json_member *m = &give->object.at[i];

        if (strcmp(m->name, "table") != 0 && strcmp(m->name, "place") != 0)
            json_set(j->task->arena, made, m->name,
                     record_read_path(j, j->task, json_text(m->value)));
    }
    row = rule_local_row(&tables, table, day, made, &edition);
    if (row)
        record_note_edition(j, table, edition);
    return json_get(row, json_text_of(x, "take"));
}

static const char *
table_of(const struct kind *k, const char *field, int depth)
{
    const struct kind_field *f = kind_field(k, field);
    const char *table = NULL;

    if (!f || !f->computed || depth > 4)
        return NULL;
    if (text_equal(json_text_of(f->computed, "rule"), "local"))
        return json_text_of(json_get(f->computed, "give"), "table");
    for (size_t i = 0; i < k->n_fields && !table; i++)
        if (k->fields[i].computed && kind_reads(f->computed, k->fields[i].name))
            table = table_of(k, k->fields[i].name, depth + 1);
    return table;
}

const char *
record_table_of(const struct kind *k, const char *field)
{
    return table_of(k, field, 0);
}

static struct json *
read_computed(struct judged *j, const struct kind_field *f)
{
    if (j->depth > 16)
        return NULL;
    struct judged inner = *j;
    struct json *v;

    inner.depth++;
    if (text_equal(json_text_of(f->computed, "rule"), "local"))
        return read_local(&inner, f->computed);
    v = record_eval(&inner, f->computed);
    /* Decimals travel as text, whole ones too. */
    if (f->type == FIELD_DECIMAL && json_is(v, JSON_INTEGER))
        v = json_format(j->task->arena, "%lld", (long long)json_integer(v, 0));
    return v;
}

struct json *
record_field(struct task *t, struct store *s, const struct record_world *w, const struct record *r,
             const char *name)
{
    struct record copy = *r;
    struct judged j = {.task = t, .store = s, .world = w, .now = &copy};
    const struct kind_field *f = kind_field(r->kind, name);

    if (f && f->computed && f->kept_total)
        return read_computed(&j, f);
    return json_get(r->fields, name);
}

/* ---- hops ---- */

/* Through an array of units or persons: what is read of each, in their order. */
static struct json *
hop_all(struct judged *j, const struct json *list, const char *rest)
{
    struct json *out;

    if (!json_is(list, JSON_ARRAY))
        return NULL;
    out = json_array(j->task->arena);
    for (size_t i = 0; i < json_count(list); i++) {
        const char *id = json_text(json_at(list, i));
        struct json *v = NULL;

        if (id && org_id_read(id, 'u'))
            v = read_unit(j, org_id_read(id, 'u'), rest);
        else if (id && org_id_read(id, 'p'))
            v = read_person(j, org_id_read(id, 'p'), rest);
        json_push(j->task->arena, out, v ? v : json_null(j->task->arena));
    }
    return out;
}

static struct json *
hop(struct judged *j, const struct record *r, const char *field, const char *rest)
{
    const struct kind_field *f = kind_field(r->kind, field);
    const char *id;
    struct record *linked;
    int64_t stream, rid;
    bool found;

    if (strcmp(field, "owner") == 0)
        return read_unit(j, r->unit, rest);
    if (strcmp(field, "raiser") == 0)
        return read_unit(j, json_int_of(json_get(r->parties, "raiser"), "unit", 0), rest);
    id = json_text(json_get(r->fields, field));
    if (!id)
        return hop_all(j, json_get(r->fields, field), rest);
    if (id[0] == 'u' && org_id_read(id, 'u'))
        return read_unit(j, org_id_read(id, 'u'), rest);
    if (id[0] == 'p' && org_id_read(id, 'p'))
        return read_person(j, org_id_read(id, 'p'), rest);
    if ((f && !text_equal(f->names, "record")) || !record_id_read(id, &stream, &rid) || j->depth > 4)
        return NULL;
    linked = arena_alloc(j->task->arena, sizeof *linked);
    if (record_open(j->task, j->store, j->world, stream, rid, linked, &found) || !found)
        return NULL;
    struct judged inner = *j;

    inner.now = linked;
    inner.depth++;
    inner.old_fields = NULL;
    inner.item = NULL;
    return read_record(&inner, linked, rest);
}

static struct json *
days_until(struct judged *j, const char *name)
{
    struct json *v = read_record(j, j->now, name);
    int64_t at;

    if (!json_text(v) || !time_read(json_text(v), false, &at))
        return NULL;
    return json_int(j->task->arena, time_day(at) - time_day(j->task->now));
}

static struct json *
read_party(struct judged *j, const char *path)
{
    struct org_parties p = {0};
    struct arena *a = j->task->arena;

    if (!record_party_text(j, path, &p))
        return NULL;
    if (p.n_units)
        return json_str(a, org_id_text(a, 'u', p.units[0]));
    if (p.n_persons)
        return json_str(a, org_id_text(a, 'p', p.persons[0]));
    return p.n_places ? place_code(j, p.places[0]) : NULL;
}

static struct json *
read_record(struct judged *j, struct record *r, const char *path)
{
    const struct kind_field *f;
    const char *dot;
    struct json *v;
    bool known;

    v = read_column(j, r, path, &known);
    if (known)
        return v;
    f = kind_field(r->kind, path);
    if (f && f->computed)
        return read_computed(j, f);
    if (f || json_get(r->fields, path)) {
        v = json_get(r->fields, path);
        return v ? v : (f ? (struct json *)(uintptr_t)json_get(f->schema, "default") : NULL);
    }
    if (strcmp(path, "level") == 0)
        return r->level ? json_str(j->task->arena, r->kind->levels[r->level - 1]) : NULL;
    if (strncmp(path, "total.", 6) == 0)
        return record_total(j, path + 6);
    if (strncmp(path, "late.", 5) == 0)
        return json_int(j->task->arena, record_clock_late(j, path + 5));
    if (strncmp(path, "due.", 4) == 0)
        return instant(j, record_clock_due(j, path + 4));
    if (strchr(path, ':'))
        return read_party(j, path);
    dot = strchr(path, '.');
    if (dot)
        return hop(j, r, arena_copy(j->task->arena, path, (size_t)(dot - path)), dot + 1);
    return read_party(j, path);
}

/* Inside `over`: the item, or one hop from it ("item.unit.place"). */
static struct json *
read_item(struct judged *j, const char *rest)
{
    struct json *v = (struct json *)(uintptr_t)j->item;
    const char *id;

    while (v && *rest) {
        const char *dot = strchr(rest, '.');
        const char *name = dot ? arena_copy(j->task->arena, rest, (size_t)(dot - rest)) : rest;

        id = json_text(v);
        if (id && org_id_read(id, 'u'))
            return read_unit(j, org_id_read(id, 'u'), rest);
        v = json_get(v, name);
        rest = dot ? dot + 1 : "";
    }
    return v;
}

struct json *
record_read_path(void *judged, struct task *t, const char *path)
{
    struct judged *j = judged;

    (void)t;
    if (!path)
        return NULL;
    if (strncmp(path, "me.", 3) == 0)
        return read_actor(j, path + 3);
    if (strcmp(path, "actor") == 0)
        return read_actor(j, "unit");
    if (strncmp(path, "actor.", 6) == 0)
        return read_actor(j, path + 6);
    if (strcmp(path, "old.state") == 0)
        return j->old_state ? json_str(j->task->arena, j->old_state) : NULL;
    if (strncmp(path, "old.", 4) == 0)
        return json_get(j->old_fields, path + 4);
    if (strcmp(path, "item") == 0)
        return (struct json *)(uintptr_t)j->item;
    if (strncmp(path, "item.", 5) == 0)
        return read_item(j, path + 5);
    if (strncmp(path, "days.", 5) == 0)
        return days_until(j, path + 5);
    return read_record(j, j->now, path);
}
