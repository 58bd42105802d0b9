/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/org.c - me, people, places, units, codes: what forms and menus are filled from.
 */
#include "desk/inside.h"
#include <string.h>

/* The closed list of roles; docs/glossary.md. */
static const struct {
    const char *role, *zh, *en;
} roles[] = {
    {"safety_officer", "安全员", "Safety officer"},
    {"person_in_charge", "主要负责人", "Person in charge"},
    {"worker", "从业人员", "Worker"},
    {"team_leader", "班组长", "Team leader"},
    {"grid", "网格员", "Grid worker"},
    {"township", "乡镇（街道）应急办", "Township emergency office"},
    {"inspector", "执法人员", "Inspector"},
    {"head", "部门负责人", "Head of department"},
    {"office", "安委办", "Safety commission office"},
    {"leader", "党政领导", "Leader"},
    {"auditor", "审计员", "Auditor"},
    {"sysadmin", "系统管理员", "System administrator"},
    {"expert", "专家", "Expert"},
    {"supervision_group", "督导组", "Supervision group"},
};

const char *
desk_role_at(size_t i)
{
    return i < sizeof roles / sizeof *roles ? roles[i].role : NULL;
}

struct json *
desk_role_title(struct arena *a, const char *role)
{
    struct json *o = json_object(a);

    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (text_equal(role, roles[i].role)) {
            json_set_str(a, o, "zh", roles[i].zh);
            json_set_str(a, o, "en", roles[i].en);
            return o;
        }
    json_set_str(a, o, "zh", role);
    json_set_str(a, o, "en", role);
    return o;
}

struct json *
desk_post_json(struct task *t, struct store *s, const struct org_post *post)
{
    struct arena *a = t->arena;
    struct json *o = json_object(a);
    struct org_unit u;
    struct org_place p;
    bool found;

    json_set_str(a, o, "post", org_id_text(a, 'o', post->id));
    json_set_str(a, o, "unit", org_id_text(a, 'u', post->unit));
    json_set_str(a, o, "role", post->role);
    json_set(a, o, "title", desk_role_title(a, post->role));
    if (org_unit(t, s, post->unit, &u, &found) || !found)
        return o;
    json_set_str(a, o, "unit_name", u.name);
    if (org_place(t, s, u.place, &p, &found) || !found)
        return o;
    json_set_str(a, o, "place", p.code);
    json_set_str(a, o, "place_name", p.name);
    return o;
}

enum fault_code
desk_me(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out)
{
    struct arena *a = t->arena;
    struct json *o = json_object(a), *posts = json_array(a), *home = json_object(a);
    struct org_person p;
    bool found;
    enum fault_code rc = org_person(t, s, c->person, &p, &found);

    if (rc)
        return rc;
    for (size_t i = 0; i < c->n_posts; i++)
        json_push(a, posts, desk_post_json(t, s, &c->posts[i]));
    json_set_str(a, o, "account", c->account);
    json_set_str(a, o, "person", org_id_text(a, 'p', c->person));
    json_set_str(a, o, "name", found ? p.name : NULL);
    json_set(a, o, "posts", posts);
    json_set_bool(a, o, "demo", d->demo);
    rc = desk_home_counts(t, d, s, c, home);
    json_set(a, o, "home", home);
    json_set_bool(a, o, "figures", c->scope.n_areas > 0);
    *out = o;
    return rc ? rc : t->fault.code;
}

static struct json *
items(struct arena *a, struct json *list)
{
    return json_set(a, json_object(a), "items", list);
}

/* Who only works somewhere reads his own certificates: personnel papers of others are not his. */
static bool
reads_papers(const struct desk_caller *c, int64_t person)
{
    if (person == c->person || !c->n_posts)
        return true;
    for (size_t i = 0; i < c->n_posts; i++)
        if (!text_equal(c->posts[i].role, "worker") && !text_equal(c->posts[i].role, "team_leader"))
            return true;
    return false;
}

enum fault_code
desk_people(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const char *unit, const char *q, struct json **out)
{
    struct arena *a = t->arena;
    struct org_person *people;
    struct json *list = json_array(a);
    size_t n;
    int64_t id = unit ? org_id_read(unit, 'u') : 0;
    enum fault_code rc = FAULT_NONE;

    (void)d;
    if (unit && !id)
        n = 0;
    else
        rc = org_people(t, s, &c->scope, id, q && *q ? q : NULL, LIMIT_PAGE, &people, &n);
    for (size_t i = 0; i < n && !rc; i++) {
        struct json *o = json_object(a), *posts = json_array(a);
        struct org_post *held;
        size_t m;

        rc = org_posts(t, s, people[i].id, 0, &held, &m);
        for (size_t k = 0; k < m && !rc; k++)
            json_push(a, posts, desk_post_json(t, s, &held[k]));
        json_set_str(a, o, "id", org_id_text(a, 'p', people[i].id));
        json_set_str(a, o, "name", people[i].name);
        json_set(a, o, "unit", json_get(json_at(posts, 0), "unit"));
        json_set(a, o, "unit_name", json_get(json_at(posts, 0), "unit_name"));
        json_set(a, o, "posts", posts);
        json_set(a, o, "certificates",
                 reads_papers(c, people[i].id) ? people[i].certificates : json_array(a));
        json_push(a, list, o);
    }
    *out = items(a, list);
    return rc;
}

/* ---- places ---- */

static struct json *
place_json(struct arena *a, const struct org_place *p)
{
    struct json *o = json_object(a);

    json_set_str(a, o, "code", p->code);
    json_set_str(a, o, "id", p->code);
    json_set_str(a, o, "name", p->name);
    json_set_int(a, o, "level", p->level);
    json_set_str(a, o, "initials", p->initials);
    return o;
}

enum fault_code
desk_places(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const char *parent, const char *q, struct json **out)
{
    struct arena *a = t->arena;
    struct json *list = json_array(a);
    struct org_place *places, top;
    size_t n = 0;
    int64_t id = 0;
    bool found = false;
    enum fault_code rc = FAULT_NONE;

    (void)d;
    (void)c;
    if (parent && *parent) {
        rc = org_place_by_code(t, s, parent, &top, &found);
        id = found ? top.id : -1;
    } else if (!q || !*q) {
        rc = org_top(t, s, &id);
        if (!rc)
            rc = org_place(t, s, id, &top, &found);
        if (!rc && found)
            json_push(a, list, place_json(a, &top));
        *out = items(a, list);
        return rc;
    }
    if (!rc)
        rc = org_places(t, s, id, q, LIMIT_PAGE, &places, &n);
    for (size_t i = 0; i < n && !rc; i++)
        json_push(a, list, place_json(a, &places[i]));
    *out = items(a, list);
    return rc;
}

enum fault_code
desk_place(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *code,
           struct json **out)
{
    struct org_place p;
    struct json *above;
    int64_t ids[ORG_DEPTH];
    size_t n;
    bool found;
    enum fault_code rc = org_place_by_code(t, s, code, &p, &found);

    (void)d;
    (void)c;
    if (rc || !found)
        return rc ? rc : desk_absent(t);
    *out = place_json(t->arena, &p);
    above = json_array(t->arena);
    rc = org_above(t, s, p.parent, ids, &n);
    for (size_t i = n; i-- > 0 && !rc;) {
        struct org_place up;

        rc = org_place(t, s, ids[i], &up, &found);
        if (!rc && found)
            json_push(t->arena, above, place_json(t->arena, &up));
    }
    json_set(t->arena, *out, "above", above);
    return rc;
}

/* ---- units ---- */

static struct json *
unit_json(struct task *t, struct desk *d, struct store *s, const struct org_unit *u, bool whole)
{
    struct arena *a = t->arena;
    struct json *o = json_object(a);
    struct org_place p;
    struct org_unit lord;
    bool found;

    json_set_str(a, o, "id", org_id_text(a, 'u', u->id));
    json_set_str(a, o, "name", u->name);
    json_set_str(a, o, "sort", u->sort);
    if (!org_place(t, s, u->place, &p, &found) && found) {
        json_set_str(a, o, "place", p.code);
        json_set_str(a, o, "place_name", p.name);
    }
    json_set_str(a, o, "line", desk_line_key(d, u->line));
    json_set(a, o, "line_title", desk_line_title(a, d, u->line));
    if (!whole)
        return o;
    json_set_str(a, o, "credit_code", u->credit_code);
    json_set_str(a, o, "industry", u->industry);
    json_set_int(a, o, "headcount", u->headcount);
    json_set_bool(a, o, "one_person", u->one_person);
    json_set_str(a, o, "state", u->state);
    json_set_str(a, o, "profile", u->profile);
    json_set_str(a, o, "parent", org_id_text(a, 'u', u->parent));
    if (u->landlord && !org_unit(t, s, u->landlord, &lord, &found) && found) {
        json_set_str(a, o, "landlord", org_id_text(a, 'u', u->landlord));
        json_set_str(a, o, "landlord_name", lord.name);
    }
    return o;
}

enum fault_code
desk_units(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
           const char *place, const char *q, struct json **out)
{
    struct arena *a = t->arena;
    struct json *list = json_array(a);
    struct org_unit *units;
    struct org_place p = {0};
    size_t n = 0;
    bool found = true;
    enum fault_code rc = FAULT_NONE;

    if (place && *place)
        rc = org_place_by_code(t, s, place, &p, &found);
    if (!rc && found)
        rc = org_units(t, s, &c->scope, p.id, q && *q ? q : NULL, LIMIT_PAGE, &units, &n);
    for (size_t i = 0; i < n && !rc; i++)
        json_push(a, list, unit_json(t, d, s, &units[i], false));
    *out = items(a, list);
    return rc;
}

enum fault_code
desk_unit(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
          struct json **out)
{
    struct org_unit u;
    int64_t number = org_id_read(id, 'u');
    bool found = false, sees = false;
    enum fault_code rc = number ? org_unit(t, s, number, &u, &found) : FAULT_NONE;

    if (!rc && found)
        rc = org_names_unit(t, s, &c->scope, &u, &sees);
    if (rc || !sees)
        return rc ? rc : desk_absent(t);
    *out = unit_json(t, d, s, &u, true);
    return FAULT_NONE;
}

/* ---- codes ---- */

static bool
in_force(const struct json *row, const char *today)
{
    const char *from = json_text_of(row, "from"), *to = json_text_of(row, "to");

    return (!from || strcmp(from, today) <= 0) && (!to || strcmp(to, today) >= 0) &&
           !text_equal(json_text_of(row, "status"), "not_recorded");
}

enum fault_code
desk_codes(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
           const char *table, const char *q, struct json **out)
{
    struct arena *a = t->arena;
    const struct json *rows = record_world_rows(d->world, table);
    const char *today = time_day_text(a, time_day(t->now));
    struct json *list = json_array(a);

    (void)s;
    (void)c;
    if (!rows)
        return desk_absent(t);
    for (size_t i = 0; i < json_count(rows) && json_count(list) < LIMIT_PAGE; i++) {
        const struct json *row = json_at(rows, i);
        const char *id = record_row_id(row), *title = record_row_title(row);
        struct json *o;

        if (!in_force(row, today) || (q && *q && !(title && strstr(title, q)) && !(id && strstr(id, q))))
            continue;
        o = json_shallow(a, row);
        json_set_str(a, o, "id", id);
        json_set_str(a, o, "name", arena_format(a, "%s %s", id, title ? title : ""));
        json_push(a, list, o);
    }
    *out = items(a, list);
    return FAULT_NONE;
}
