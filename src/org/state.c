/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/state.c - stating places, units, people and posts as events, and making their rows.
 *
 * Knows: events of kind "org": step places | place | unit | person | post | ties.
 * Does not know: records.
 */
#include "org/inside.h"
#include <stdlib.h>
#include <string.h>

static void
set_days(struct arena *a, struct json *row, int64_t from_day, int64_t to_day)
{
    if (from_day)
        json_set_int(a, row, "from_day", from_day);
    if (to_day)
        json_set_int(a, row, "to_day", to_day);
}

static enum fault_code
state(struct org_write *w, const char *step, struct json *row, const char *name)
{
    struct task *t = w->task;
    struct arena *a = t->arena;
    struct json *body = json_object(a), *outcome = json_object(a);
    struct chain_secret secret = {"name", NULL};
    struct chain_event e = {.body = body};
    enum fault_code rc;

    json_set_str(a, body, "kind", "org");
    json_set_str(a, body, "step", step);
    json_set_int(a, body, "actor", w->actor->person);
    json_set_int(a, body, "post", w->actor->post);
    json_set_int(a, body, "unit", w->actor->unit);
    json_set(a, outcome, "row", row);
    json_set(a, body, "outcome", outcome);
    if (name) {
        secret.value = json_str(a, name);
        e.secrets = &secret;
        e.n_secrets = 1;
    }
    rc = chain_append(t, w->store, w->tip, &e);
    return rc ? rc : org_project(t, w->store, body, name);
}

/* A number no other of its sort has: the stream's own range, one after the greatest. */
static enum fault_code
draw_id(struct org_write *w, const char *table, int64_t *id)
{
    int64_t base = w->tip->stream << ORG_SERIAL_BITS, greatest = 0;
    bool found;
    enum fault_code rc = store_one_int(
        w->task, w->store, &greatest, &found,
        arena_format(w->task->arena, "SELECT max(id) FROM %s WHERE id >= ? AND id < ?", table), "ii", base,
        base + (1 << ORG_SERIAL_BITS));

    *id = found && greatest ? greatest + 1 : base + 1;
    return rc;
}

enum fault_code
org_state_places(struct org_write *w, const char *root_code)
{
    struct task *t = w->task;
    struct arena *a = t->arena;
    struct json *row = json_object(a);
    char full[13] = "000000000000";
    const char *edition, *digest;
    size_t len = strspn(root_code, "0123456789");

    if (root_code[len] || len > 12)
        return fault(t, FAULT_INPUT, "--places", "地区代码应为至多 12 位数字 | a division code is up to 12 digits");
    memcpy(full, root_code, len);
    if (!org_edition(t, &edition, &digest))
        return fault(t, FAULT_STORE, NULL, "本程序未带地区数据 | this binary carries no places");
    json_set_str(a, row, "edition", edition);
    json_set_str(a, row, "digest", digest);
    json_set_str(a, row, "root", full);
    return state(w, "places", row, NULL);
}

enum fault_code
org_state_place(struct org_write *w, const struct org_place *p)
{
    struct arena *a = w->task->arena;
    struct json *row = json_object(a);

    json_set_int(a, row, "id", p->id);
    json_set_int(a, row, "parent", p->parent);
    json_set_int(a, row, "stream", p->stream);
    json_set_int(a, row, "level", p->level);
    json_set_str(a, row, "code", p->code);
    json_set_str(a, row, "name", p->name);
    json_set_str(a, row, "initials", p->initials);
    set_days(a, row, p->from_day, p->to_day);
    return state(w, "place", row, NULL);
}

enum fault_code
org_state_unit(struct org_write *w, struct org_unit *u)
{
    struct arena *a = w->task->arena;
    struct json *row = json_object(a);
    enum fault_code rc = u->id ? FAULT_NONE : draw_id(w, "org_unit", &u->id);

    if (rc)
        return rc;
    json_set_int(a, row, "id", u->id);
    json_set_str(a, row, "sort", u->sort);
    json_set_str(a, row, "name", u->name);
    json_set_str(a, row, "initials",
                 u->initials && *u->initials ? u->initials : org_initials(w->task, u->name));
    json_set_int(a, row, "place", u->place);
    json_set_int(a, row, "line", u->line);
    json_set_int(a, row, "parent", u->parent);
    json_set_str(a, row, "credit_code", u->credit_code);
    json_set_str(a, row, "industry", u->industry);
    json_set_int(a, row, "headcount", u->headcount);
    json_set_bool(a, row, "one_person", u->one_person);
    json_set_str(a, row, "state", u->state);
    json_set(a, row, "lines", u->lines ? u->lines : json_array(a));
    json_set_int(a, row, "landlord", u->landlord);
    json_set(a, row, "powers", u->powers ? u->powers : json_array(a));
    json_set_str(a, row, "profile", u->profile);
    set_days(a, row, u->from_day, u->to_day);
    return state(w, "unit", row, NULL);
}

enum fault_code
org_state_person(struct org_write *w, struct org_person *p)
{
    struct arena *a = w->task->arena;
    struct json *row = json_object(a);
    enum fault_code rc = p->id ? FAULT_NONE : draw_id(w, "org_person", &p->id);

    if (rc)
        return rc;
    json_set_int(a, row, "id", p->id);
    json_set(a, row, "certificates", p->certificates ? p->certificates : json_array(a));
    return state(w, "person", row, p->name);
}

enum fault_code
org_state_post(struct org_write *w, struct org_post *p)
{
    struct arena *a = w->task->arena;
    struct json *row = json_object(a);
    enum fault_code rc = p->id ? FAULT_NONE : draw_id(w, "org_post", &p->id);

    if (rc)
        return rc;
    json_set_int(a, row, "id", p->id);
    json_set_int(a, row, "person", p->person);
    json_set_int(a, row, "unit", p->unit);
    json_set_str(a, row, "role", p->role);
    set_days(a, row, p->from_day, p->to_day);
    return state(w, "post", row, NULL);
}

enum fault_code
org_state_ties(struct org_write *w, int64_t unit, const struct org_tie *ties, size_t n)
{
    struct arena *a = w->task->arena;
    struct json *row = json_object(a), *list = json_array(a);

    for (size_t i = 0; i < n; i++) {
        struct json *one = json_object(a);

        json_set_int(a, one, "other", ties[i].other);
        json_set_str(a, one, "sort", ties[i].sort);
        set_days(a, one, ties[i].from_day, ties[i].to_day);
        json_push(a, list, one);
    }
    json_set_int(a, row, "id", unit);
    json_set(a, row, "ties", list);
    return state(w, "ties", row, NULL);
}

/* ---- rows from events ---- */

static struct store_value
integer(const struct json *row, const char *name, bool or_null)
{
    const struct json *v = json_get(row, name);
    struct store_value out = {.letter = 'i', .integer = json_integer(v, 0)};

    if (json_is(v, JSON_TRUE))
        out.integer = 1;
    if (or_null && !v)
        out.letter = 'n';
    return out;
}

/* One text for one value: live rows equal those of a rebuild. */
static const char *
canonical(struct task *t, const struct json *v)
{
    struct text x;

    text_init(&x, t->arena);
    return json_canonical(t, v, false, &x) ? "[]" : text_string(&x);
}

static struct store_value
string(struct task *t, const struct json *row, const char *name)
{
    const struct json *v = json_get(row, name);
    struct store_value out = {.letter = 's'};

    out.bytes = json_is(v, JSON_ARRAY) ? canonical(t, v) : json_text(v);
    if (!out.bytes)
        out.letter = 'n';
    return out;
}

static enum fault_code
project_unit(struct task *t, struct store *s, const struct json *row)
{
    const struct store_value v[] = {
        integer(row, "id", false),         string(t, row, "sort"),
        string(t, row, "name"),            string(t, row, "initials"),
        integer(row, "place", false),      integer(row, "line", false),
        integer(row, "parent", false),     string(t, row, "credit_code"),
        string(t, row, "industry"),        integer(row, "headcount", false),
        integer(row, "one_person", false), string(t, row, "state"),
        string(t, row, "lines"),           integer(row, "landlord", false),
        string(t, row, "powers"),          string(t, row, "profile"),
        integer(row, "from_day", true),    integer(row, "to_day", true),
    };

    return store_run_values(t, s, NULL,
                            "INSERT INTO org_unit (id, sort, name, initials, place, line, parent, "
                            "credit_code, industry, headcount, one_person, state, lines, landlord, powers, "
                            "profile, from_day, to_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                            "?, ?, ?) ON CONFLICT (id) DO UPDATE SET sort = excluded.sort, name = "
                            "excluded.name, initials = excluded.initials, place = excluded.place, line = "
                            "excluded.line, parent = excluded.parent, credit_code = excluded.credit_code, "
                            "industry = excluded.industry, headcount = excluded.headcount, one_person = "
                            "excluded.one_person, state = excluded.state, lines = excluded.lines, landlord "
                            "= excluded.landlord, powers = excluded.powers, profile = excluded.profile, "
                            "from_day = excluded.from_day, to_day = excluded.to_day",
                            v, sizeof v / sizeof *v);
}

/* What the place was until the day before the change; a second change on one day leaves no day between. */
static enum fault_code
keep_past(struct task *t, struct store *s, int64_t id, int64_t from_day)
{
    if (!from_day)
        return FAULT_NONE;
    return store_run(t, s, NULL,
                     "INSERT INTO org_place_past (id, to_day, from_day, parent, level, name) SELECT id, ?, "
                     "from_day, parent, level, name FROM org_place WHERE id = ? AND (from_day IS NULL OR "
                     "from_day < ?) ON CONFLICT DO NOTHING",
                     "iii", from_day - 1, id, from_day);
}

static enum fault_code
project_place(struct task *t, struct store *s, const struct json *row)
{
    const struct store_value v[] = {
        integer(row, "id", false),     string(t, row, "code"),     integer(row, "parent", false),
        integer(row, "level", false),  string(t, row, "name"),     string(t, row, "initials"),
        integer(row, "stream", false), integer(row, "from_day", true), integer(row, "to_day", true),
    };
    enum fault_code rc = keep_past(t, s, json_int_of(row, "id", 0), json_int_of(row, "from_day", 0));

    if (rc)
        return rc;
    return store_run_values(t, s, NULL,
                            "INSERT INTO org_place (id, code, parent, level, name, initials, stream, "
                            "from_day, to_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                            "SET code = excluded.code, parent = excluded.parent, level = excluded.level, "
                            "name = excluded.name, initials = excluded.initials, stream = excluded.stream, "
                            "from_day = excluded.from_day, to_day = excluded.to_day",
                            v, sizeof v / sizeof *v);
}

static enum fault_code
project_ties(struct task *t, struct store *s, const struct json *row)
{
    int64_t unit = json_int_of(row, "id", 0);
    const struct json *list = json_get(row, "ties");
    enum fault_code rc = store_run(t, s, NULL, "DELETE FROM org_tie WHERE unit = ?", "i", unit);

    for (size_t i = 0; i < json_count(list) && !rc; i++) {
        const struct json *one = json_at(list, i);
        const struct store_value v[] = {
            integer(one, "other", false), {.letter = 'i', .integer = unit}, string(t, one, "sort"),
            integer(one, "from_day", false), integer(one, "to_day", true),
        };

        rc = store_run_values(t, s, NULL,
                              "INSERT INTO org_tie (other, unit, sort, from_day, to_day) VALUES (?, ?, ?, ?, "
                              "?) ON CONFLICT (other, unit, sort, from_day) DO UPDATE SET to_day = "
                              "excluded.to_day",
                              v, sizeof v / sizeof *v);
    }
    return rc;
}

static enum fault_code
project_places(struct task *t, struct store *s, const struct json *row)
{
    const char *edition, *digest;

    if (!org_edition(t, &edition, &digest) || !text_equal(digest, json_text_of(row, "digest")))
        return fault(t, FAULT_PROOF, NULL,
                     "本程序所带的地区数据不是库所采用的版本（%s） | the places this binary carries are not the "
                     "edition the store adopted (%s)",
                     json_text_of(row, "edition"), json_text_of(row, "edition"));
    return org_load_places(t, s, json_text_of(row, "root"));
}

enum fault_code
org_project(struct task *t, struct store *s, const struct json *body, const char *name)
{
    const char *step = json_text_of(body, "step");
    const struct json *row = json_get(json_get(body, "outcome"), "row");
    enum fault_code rc;

    if (text_equal(step, "unit"))
        rc = project_unit(t, s, row);
    else if (text_equal(step, "place"))
        rc = project_place(t, s, row);
    else if (text_equal(step, "places"))
        rc = project_places(t, s, row);
    else if (text_equal(step, "ties"))
        rc = project_ties(t, s, row);
    else if (text_equal(step, "person"))
        rc = store_run(t, s, NULL,
                       "INSERT INTO org_person (id, name, certificates) VALUES (?, ?, ?) ON CONFLICT (id) DO "
                       "UPDATE SET name = excluded.name, certificates = excluded.certificates",
                       "iss", json_int_of(row, "id", 0), name,
                       canonical(t, json_get(row, "certificates")));
    else if (text_equal(step, "post"))
        rc = store_run(t, s, NULL,
                       json_get(row, "to_day")
                           ? "INSERT INTO org_post (id, person, unit, role, from_day, to_day) VALUES (?, ?, "
                             "?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET to_day = excluded.to_day"
                           : "INSERT INTO org_post (id, person, unit, role, from_day) VALUES (?, ?, ?, ?, ?) "
                             "ON CONFLICT (id) DO UPDATE SET to_day = NULL",
                       json_get(row, "to_day") ? "iiisii" : "iiisi", json_int_of(row, "id", 0),
                       json_int_of(row, "person", 0), json_int_of(row, "unit", 0),
                       json_text_of(row, "role"), json_int_of(row, "from_day", 0),
                       json_int_of(row, "to_day", 0));
    else
        return fault(t, FAULT_PROOF, NULL, "不认识的事件：org/%s | unknown event: org/%s", step, step);
    if (!rc && (text_equal(step, "place") || text_equal(step, "places")))
        rc = org_generation_moved(t, s, "tree");
    return rc ? rc : org_generation_moved(t, s, "org");
}

enum fault_code
org_generation_moved(struct task *t, struct store *s, const char *what)
{
    org_forget(t);
    return org_count_moved(t, s, what);
}

enum fault_code
org_count_moved(struct task *t, struct store *s, const char *what)
{
    return store_run(t, s, NULL,
                     "INSERT INTO org_generation (what, n) VALUES (?, 1) ON CONFLICT (what) DO UPDATE SET n "
                     "= org_generation.n + 1",
                     "s", what);
}
