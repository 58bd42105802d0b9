/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_org.c - who there is in the demonstration city: organs, townships, people, accounts.
 *
 * Knows: `org` of demo/script.json, people of demo/wuxi.json.
 * Does not know: enterprises (demo_firm.c) and what anybody does.
 */
#include "desk/demo.h"
#include <stdlib.h>
#include <string.h>

static const struct org_actor the_operator = {.sort = ORG_OPERATOR, .account = "operator"};

const char *
demo_name(const struct demo *x, struct random *r)
{
    const struct json *names = json_get(x->city, "names");
    const struct json *last = json_get(names, "surnames"), *first = json_get(names, "given");

    r->count++;
    return arena_format(
        x->task->arena, "%s%s",
        json_text(json_at(last, demo_mix(r->seed, r->count) % json_count(last))),
        json_text(json_at(first, demo_mix(r->seed, r->count + 77) % json_count(first))));
}

/* ---- one unit with its posts ---- */

struct staffing {
    struct demo *x;
    struct org_write w;
    struct random random;
    const char *code;       /* division code people of demo/wuxi.json are given with */
    const char *department; /* part of the name of a department, or NULL */
    const struct json *certificate;
};

/* A person of the list who belongs here and was not yet placed; the first one. */
static struct json *
listed_person(const struct staffing *s, const char *role)
{
    const struct json *people = json_get(s->x->city, "people");

    for (size_t i = 0; i < json_count(people); i++) {
        struct json *p = json_at(people, i);

        if (json_get(p, "placed") || !text_equal(json_text_of(p, "role"), role) ||
            strncmp(json_text_of(p, "place"), s->code, 6) != 0)
            continue;
        if (s->department && !strstr(json_text_of(p, "unit"), s->department))
            continue;
        json_set_bool(s->x->task->arena, p, "placed", true);
        return p;
    }
    return NULL;
}

static struct json *
certificates(struct staffing *s)
{
    struct arena *a = s->w.task->arena;
    struct json *one = json_object(a);
    int y, m, d;

    time_split(s->x->until, &y, &m, &d);
    json_set_str(a, one, "kind", json_text_of(s->certificate, "kind"));
    s->random.count++;
    json_set_str(a, one, "number",
                 arena_format(a, "%s%06d", json_text_of(s->certificate, "prefix"),
                              (int)(demo_mix(s->random.seed, s->random.count) % DEMO_MILLION)));
    json_set_str(a, one, "until",
                 arena_format(a, "%d-12-31", y + (int)json_int_of(s->certificate, "years", 1)));
    return json_push(a, json_array(a), one);
}

static enum fault_code
make_person(struct staffing *s, int64_t unit, const struct json *post)
{
    const char *role = json_text_of(post, "role");
    const struct json *listed = listed_person(s, role);
    const char *account = json_text_of(listed, "account");
    struct org_person p = {.name =
                               listed ? json_text_of(listed, "name") : demo_name(s->x, &s->random)};
    struct org_post o = {.unit = unit, .role = role, .from_day = time_day(s->w.task->now)};
    enum fault_code rc;

    if (json_is_true(json_get(post, "certified")))
        p.certificates = certificates(s);
    rc = org_state_person(&s->w, &p);
    o.person = p.id;
    if (!rc)
        rc = org_state_post(&s->w, &o);
    if (!rc && account)
        rc = org_account_make(s->w.task, s->w.store, account, p.id, s->x->password);
    return rc;
}

static enum fault_code
make_posts(struct staffing *s, int64_t unit, const struct json *posts)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(posts) && !rc; i++)
        for (int64_t k = json_int_of(json_at(posts, i), "n", 1); k > 0 && !rc; k--)
            rc = make_person(s, unit, json_at(posts, i));
    return rc;
}

static enum fault_code
make_unit(struct staffing *s, const struct json *spec, const struct org_place *place,
          const char *line)
{
    struct arena *a = s->w.task->arena;
    struct org_unit u = {.sort = json_text_of(spec, "sort"),
                         .place = place->id,
                         .from_day = time_day(s->w.task->now)};
    enum fault_code rc;

    u.name =
        arena_format(a, "%s%s", place->name, line ? s->department : json_text_of(spec, "name"));
    u.line = line ? desk_line_number(s->x->desk, line) : 0;
    u.powers = json_get(spec, "powers");
    rc = org_state_unit(&s->w, &u);
    return rc ? rc : make_posts(s, u.id, json_get(spec, "posts"));
}

static const char *
department_of(const struct demo *x, const char *line)
{
    const struct record_standard *lines = record_world_standard(x->desk->world, "lines");
    const struct json *rows = lines ? json_get(lines->body, "rows") : NULL;

    for (size_t i = 0; i < json_count(rows); i++)
        if (text_equal(json_text_of(json_at(rows, i), "key"), line))
            return json_text_of(json_at(rows, i), "department");
    return line;
}

/* ---- the units of one place ---- */

struct placing {
    struct demo *x;
    const char *level, *code;
    const struct org_place *places; /* of that level, in one stream */
    size_t n;
};

static enum fault_code
make_one(struct staffing *s, const struct json *spec, const struct org_place *place)
{
    const struct json *lines = json_get(spec, "lines");
    enum fault_code rc = FAULT_NONE;

    s->department = NULL;
    if (!lines)
        return make_unit(s, spec, place, NULL);
    for (size_t i = 0; i < json_count(lines) && !rc; i++) {
        s->department = department_of(s->x, json_text(json_at(lines, i)));
        rc = make_unit(s, spec, place, json_text(json_at(lines, i)));
    }
    return rc;
}

static enum fault_code
run_placing(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct placing *p = who;
    const struct json *specs = json_get(json_get(p->x->script, "org"), "units");
    struct staffing staff = {.x = p->x, .w = {t, s, tip, &the_operator}, .code = p->code};
    enum fault_code rc = FAULT_NONE;

    staff.certificate = json_get(json_get(p->x->script, "org"), "certificate");
    staff.random.seed = demo_mix(p->x->seed, (uint64_t)tip->stream * 31 + (uint64_t)p->level[0]);
    for (size_t k = 0; k < p->n && !rc; k++)
        for (size_t i = 0; i < json_count(specs) && !rc; i++)
            if (text_equal(json_text_of(json_at(specs, i), "at"), p->level))
                rc = make_one(&staff, json_at(specs, i), &p->places[k]);
    return rc;
}

/* Towns and streets; development zones are no government of their own. */
static enum fault_code
townships_of(struct demo *x, int64_t district, size_t want, struct org_place *out, size_t *n)
{
    struct org_place *all;
    size_t count;
    enum fault_code rc = org_places(x->task, x->desk->writer, district, NULL, 200, &all, &count);

    *n = 0;
    for (size_t i = 0; i < count && *n < want && !rc; i++)
        if (all[i].level == ORG_TOWNSHIP && all[i].code[6] < '4')
            out[(*n)++] = all[i];
    return rc;
}

static enum fault_code
place_level(struct demo *x, const char *level, const char *code, const struct org_place *places,
            size_t n)
{
    struct placing p = {x, level, code, places, n};

    return n ? desk_write(x->task, x->desk, places[0].stream, run_placing, &p) : FAULT_NONE;
}

enum fault_code
demo_org_make(struct demo *x)
{
    const struct json *districts = json_get(x->city, "districts");
    const char *code = json_text_of(x->city, "city");
    struct org_place place, towns[16];
    size_t want = (size_t)json_int_of(demo_scale(x), "townships", 2), n;
    bool found;
    enum fault_code rc = org_place_by_code(
        x->task, x->desk->writer, arena_format(x->task->arena, "%s000000", code), &place, &found);

    if (!rc && found)
        rc = place_level(x, "city", code, &place, 1);
    for (size_t i = 0; i < json_count(districts) && !rc; i++) {
        code = json_text_of(json_at(districts, i), "code");
        rc = org_place_by_code(x->task, x->desk->writer,
                               arena_format(x->task->arena, "%s000000", code), &place, &found);
        if (!rc && !found)
            rc = fault(x->task, FAULT_STORE, NULL, "库中没有 %s | the store has no place %s", code,
                       code);
        if (!rc)
            rc = place_level(x, "district", code, &place, 1);
        if (!rc)
            rc = townships_of(x, place.id, want < 16 ? want : 16, towns, &n);
        if (!rc)
            rc = place_level(x, "township", code, towns, n);
    }
    return rc;
}

/* ---- everybody, read from the store ---- */

#define UNITS_MOST 20000

static const struct json *
pattern_of(const struct demo *x, const struct org_unit *u)
{
    const struct json *patterns = json_get(x->city, "patterns"), *alike = NULL;
    const struct json *named = json_get(json_get(x->script, "register"), "named");
    int64_t number = 0;

    for (size_t i = 0; i < json_count(named); i++)
        if (text_equal(json_text_of(json_at(named, i), "name"), u->name))
            number = json_int_of(json_at(named, i), "pattern", 0);
    for (size_t i = 0; i < json_count(patterns); i++) {
        const struct json *p = json_at(patterns, i), *trades = json_get(p, "trades");

        if (number && json_int_of(p, "n", 0) == number)
            return p;
        if (number || !text_equal(json_text_of(p, "industry"), u->industry))
            continue;
        if (!alike)
            alike = p;
        for (size_t k = 0; k < json_count(trades); k++)
            if (strstr(u->name, json_text(json_at(trades, k))))
                return p;
    }
    return alike;
}

static enum fault_code
load_people(struct demo *x, struct demo_unit *u, size_t at)
{
    struct task *t = x->task;
    struct org_post *posts;
    size_t n;
    enum fault_code rc = org_posts(t, x->desk->writer, 0, u->id, &posts, &n);

    u->first = x->n_people;
    for (size_t i = 0; i < n && !rc; i++) {
        struct demo_person *p = &x->people[x->n_people];
        struct org_person who;
        bool found;

        if (x->n_people == UNITS_MOST)
            break;
        p->person = posts[i].person;
        p->post = posts[i].id;
        p->unit = at;
        p->role = posts[i].role;
        rc = store_one_text(t, x->desk->writer, &p->account,
                            "SELECT account FROM org_account WHERE person = ?", "i", p->person);
        if (!rc && !p->account)
            p->account = org_id_text(t->arena, 'p', p->person);
        if (!rc)
            rc = org_person(t, x->desk->writer, p->person, &who, &found);
        p->certified = !rc && found && json_count(who.certificates) > 0;
        x->n_people++;
        u->n++;
    }
    return rc;
}

enum fault_code
demo_supervised(struct task *t, struct store *s, struct demo_unit *u)
{
    int64_t lead[2];
    size_t n = 0;
    enum fault_code rc = org_supervisors(t, s, u->id, lead, 2, &n);

    u->supervisor = n ? lead[0] : u->office;
    u->other = n > 1 ? lead[1] : 0;
    return rc;
}

int64_t
demo_organ(const struct demo *x, const struct demo_unit *firm, const char *line)
{
    int number = desk_line_number(x->desk, line);

    for (size_t i = 0; i < x->n_units; i++)
        if (x->units[i].stream == firm->stream && x->units[i].line == number &&
            !x->units[i].pattern)
            return x->units[i].id;
    return 0;
}

static enum fault_code
load_unit(struct demo *x, const struct org_unit *from, struct demo_unit *u, size_t at)
{
    struct task *t = x->task;
    struct org_place place;
    bool found;
    enum fault_code rc = org_place(t, x->desk->writer, from->place, &place, &found);

    memset(u, 0, sizeof *u);
    u->id = from->id;
    u->place = from->place;
    u->stream = place.stream;
    u->sort = from->sort;
    u->name = from->name;
    u->code = arena_text(t->arena, place.code);
    u->line = from->line;
    u->one_person = from->one_person;
    if (!rc)
        rc = org_office(t, x->desk->writer, from->place, &u->office);
    if (!rc && from->profile) {
        u->pattern = pattern_of(x, from);
        rc = demo_supervised(t, x->desk->writer, u);
        if (!rc)
            rc = org_upper(t, x->desk->writer, from->id, &u->township);
    }
    return rc ? rc : load_people(x, u, at);
}

enum fault_code
demo_org_load(struct demo *x)
{
    struct scope all;
    struct org_unit *units;
    size_t n;
    enum fault_code rc = org_scope_operator(x->task, x->desk->writer, &all);

    if (!rc)
        rc = org_units(x->task, x->desk->writer, &all, 0, NULL, UNITS_MOST, &units, &n);
    if (rc)
        return rc;
    x->units = arena_alloc(x->task->arena, (n + 1) * sizeof *x->units);
    x->people = arena_alloc(x->task->arena, UNITS_MOST * sizeof *x->people);
    x->n_units = n;
    x->n_people = 0;
    for (size_t i = 0; i < n && !rc; i++)
        rc = load_unit(x, &units[i], &x->units[i], i);
    return rc;
}

/* org_units answers in order of ids. */
struct demo_unit *
demo_unit(const struct demo *x, int64_t id)
{
    size_t low = 0, high = x->n_units;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (x->units[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < x->n_units && x->units[low].id == id ? &x->units[low] : NULL;
}

struct demo_unit *
demo_firm_of(const struct demo *x, const struct record *r)
{
    const char *field = json_text_of(json_get(x->script, "firm_field"), r->kind->name);
    const char *id = field ? json_text_of(r->fields, field) : NULL;

    return demo_unit(x, id ? org_id_read(id, 'u') : r->unit);
}

static bool
among(int64_t id, const int64_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == id)
            return true;
    return false;
}

static bool
has_role(const struct json *roles, const char *role)
{
    for (size_t i = 0; i < json_count(roles); i++)
        if (text_equal(json_text(json_at(roles, i)), role))
            return true;
    return json_count(roles) == 0;
}

const struct demo_person *
demo_one_of(const struct demo *x, const struct demo_unit *u, const struct json *roles,
            const int64_t *but, size_t n_but, uint64_t draw)
{
    size_t fit[64], n = 0;

    if (!u)
        return NULL;
    for (size_t i = u->first; i < u->first + u->n && n < 64; i++)
        if (has_role(roles, x->people[i].role) && !among(x->people[i].person, but, n_but))
            fit[n++] = i;
    return n ? &x->people[fit[draw % n]] : NULL;
}

void
demo_actor(const struct demo *x, const struct demo_person *p, struct org_actor *out)
{
    memset(out, 0, sizeof *out);
    out->sort = ORG_PERSON;
    out->person = p->person;
    out->post = p->post;
    out->unit = x->units[p->unit].id;
    out->place = x->units[p->unit].place;
    out->role = p->role;
    out->account = p->account;
}
