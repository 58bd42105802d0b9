/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/unit.c - units, people and posts as they are on the day.
 */
#include "org/inside.h"
#include <stdlib.h>
#include <string.h>

#define UNIT_COLUMNS                                                                               \
    "id, sort, name, initials, place, line, parent, credit_code, industry, headcount, one_person, " \
    "state, lines, landlord, powers, profile, from_day, to_day"

const char *
org_id_text(struct arena *a, char letter, int64_t id)
{
    struct text x;

    if (!id)
        return NULL;
    text_init(&x, a);
    text_char(&x, letter);
    text_integer(&x, id);
    return text_string(&x);
}

int64_t
org_id_read(const char *text, char letter)
{
    char *end;
    long long id;

    if (!text || text[0] != letter || text[1] < '1' || text[1] > '9' || strlen(text) > 14)
        return 0;
    id = strtoll(text + 1, &end, 10);
    return *end ? 0 : id;
}

static struct json *
read_list(struct task *t, const char *text)
{
    struct json *list = NULL;

    if (!text || json_read(t, text, strlen(text), &list))
        return json_array(t->arena);
    return list;
}

static void
read_unit(struct task *t, const struct rows *r, struct org_unit *u)
{
    u->id = store_int(r, 0);
    u->sort = store_text(t, r, 1);
    u->name = store_text(t, r, 2);
    u->initials = store_text(t, r, 3);
    u->place = store_int(r, 4);
    u->line = (int)store_int(r, 5);
    u->parent = store_int(r, 6);
    u->credit_code = store_text(t, r, 7);
    u->industry = store_text(t, r, 8);
    u->headcount = (int)store_int(r, 9);
    u->one_person = store_int(r, 10) != 0;
    u->state = store_text(t, r, 11);
    u->lines = read_list(t, store_text(t, r, 12));
    u->landlord = store_int(r, 13);
    u->powers = read_list(t, store_text(t, r, 14));
    u->profile = store_text(t, r, 15);
    u->from_day = store_int(r, 16);
    u->to_day = store_int(r, 17);
}

enum fault_code
org_unit(struct task *t, struct store *s, int64_t id, struct org_unit *out, bool *found)
{
    struct task keeping = {.arena = org_memo_arena(t, s)};
    struct rows r;
    const void *kept;
    enum fault_code rc;

    if (org_memo_get(t, s, 'u', id, &kept)) {
        *found = kept != NULL;
        if (kept)
            *out = *(const struct org_unit *)kept;
        return FAULT_NONE;
    }
    rc = store_query(t, s, &r, "SELECT " UNIT_COLUMNS " FROM org_unit WHERE id = ?", "i", id);
    if (rc)
        return rc;
    *found = store_next(t, &r);
    if (*found)
        read_unit(&keeping, &r, out);
    rc = store_end(t, &r);
    if (!rc)
        org_memo_put(t, s, 'u', id, *found ? out : NULL, sizeof *out);
    return rc;
}

static void
read_person(struct task *t, const struct rows *r, struct org_person *p)
{
    p->id = store_int(r, 0);
    p->name = store_text(t, r, 1);
    p->certificates = read_list(t, store_text(t, r, 2));
}

enum fault_code
org_person(struct task *t, struct store *s, int64_t id, struct org_person *out, bool *found)
{
    struct task keeping = {.arena = org_memo_arena(t, s)};
    struct rows r;
    const void *kept;
    enum fault_code rc;

    if (org_memo_get(t, s, 'p', id, &kept)) {
        *found = kept != NULL;
        if (kept)
            *out = *(const struct org_person *)kept;
        return FAULT_NONE;
    }
    rc = store_query(t, s, &r, "SELECT id, name, certificates FROM org_person WHERE id = ?", "i", id);
    if (rc)
        return rc;
    *found = store_next(t, &r);
    if (*found)
        read_person(&keeping, &r, out);
    rc = store_end(t, &r);
    if (!rc)
        org_memo_put(t, s, 'p', id, *found ? out : NULL, sizeof *out);
    return rc;
}

static void
read_post(struct task *t, const struct rows *r, struct org_post *p)
{
    p->id = store_int(r, 0);
    p->person = store_int(r, 1);
    p->unit = store_int(r, 2);
    p->role = store_text(t, r, 3);
    p->from_day = store_int(r, 4);
    p->to_day = store_int(r, 5);
}

enum fault_code
org_post(struct task *t, struct store *s, int64_t id, struct org_post *out, bool *found)
{
    struct rows r;
    enum fault_code rc = store_query(
        t, s, &r, "SELECT id, person, unit, role, from_day, to_day FROM org_post WHERE id = ?", "i", id);

    if (rc)
        return rc;
    *found = store_next(t, &r);
    if (*found)
        read_post(t, &r, out);
    return store_end(t, &r);
}

struct posts {
    struct org_post *list;
    size_t n;
};

enum fault_code
org_posts(struct task *t, struct store *s, int64_t person, int64_t unit, struct org_post **out, size_t *n)
{
    struct task keeping = {.arena = org_memo_arena(t, s)};
    struct rows r;
    size_t room = 64;
    int64_t day = time_day(t->now);
    const void *kept;
    enum fault_code rc;

    if (org_memo_get(t, s, person ? 'h' : 'a', person ? person : unit, &kept)) {
        const struct posts *p = kept;

        *out = p->list;
        *n = p->n;
        return FAULT_NONE;
    }
    *out = arena_alloc(keeping.arena, room * sizeof **out);
    *n = 0;
    rc = person ? store_query(t, s, &r,
                              "SELECT id, person, unit, role, from_day, to_day FROM org_post WHERE person = ? "
                              "AND from_day <= ? AND (to_day IS NULL OR to_day >= ?) ORDER BY id",
                              "iii", person, day, day)
                : store_query(t, s, &r,
                              "SELECT id, person, unit, role, from_day, to_day FROM org_post WHERE unit = ? "
                              "AND from_day <= ? AND (to_day IS NULL OR to_day >= ?) ORDER BY id",
                              "iii", unit, day, day);
    if (rc)
        return rc;
    while (*n < room && store_next(t, &r))
        read_post(&keeping, &r, &(*out)[(*n)++]);
    rc = store_end(t, &r);
    if (!rc) {
        struct posts p = {*out, *n};

        org_memo_put(t, s, person ? 'h' : 'a', person ? person : unit, &p, sizeof p);
    }
    return rc;
}

enum fault_code
org_unit_within(struct task *t, struct store *s, int64_t a, int64_t b, bool *within)
{
    *within = false;
    for (int depth = 0; a && depth < ORG_DEPTH; depth++) {
        struct org_unit u;
        bool found;
        enum fault_code rc;

        if (a == b) {
            *within = true;
            return FAULT_NONE;
        }
        rc = org_unit(t, s, a, &u, &found);
        if (rc)
            return rc;
        a = found ? u.parent : 0;
    }
    return FAULT_NONE;
}

/* What is asked for beside a place: its sort and line, in one letter and one number for the memo. */
static int64_t
asked_at(int64_t place, const char *sort, int line)
{
    return place << 24 | (int64_t)(unsigned char)sort[0] << 16 | (line < 0 ? 0xffff : line);
}

/* The unit of a sort (and line, unless -1) at a place; 0: none. */
static enum fault_code
unit_at(struct task *t, struct store *s, int64_t place, const char *sort, int line, int64_t *unit)
{
    const void *kept;
    bool found;
    enum fault_code rc;

    if (org_memo_get(t, s, 'n', asked_at(place, sort, line), &kept)) {
        *unit = *(const int64_t *)kept;
        return FAULT_NONE;
    }
    *unit = 0;
    rc = store_one_int(t, s, unit, &found,
                       "SELECT min(id) FROM org_unit WHERE place = ? AND sort = ? AND (line = ? OR ? < 0) AND "
                       "to_day IS NULL",
                       "isii", place, sort, (int64_t)line, (int64_t)line);
    if (!rc && !found)
        *unit = 0;
    if (!rc)
        org_memo_put(t, s, 'n', asked_at(place, sort, line), unit, sizeof *unit);
    return rc;
}

/* The nearest unit of a sort (and line, unless -1) at one of the places, in their order. */
static enum fault_code
nearest(struct task *t, struct store *s, const int64_t *places, size_t n, const char *sort, int line,
        int64_t *unit)
{
    *unit = 0;
    for (size_t i = 0; i < n; i++) {
        enum fault_code rc = unit_at(t, s, places[i], sort, line, unit);

        if (rc || *unit)
            return rc;
    }
    return FAULT_NONE;
}

enum fault_code
org_office(struct task *t, struct store *s, int64_t place, int64_t *unit)
{
    int64_t ids[ORG_DEPTH], county;
    size_t n;
    enum fault_code rc = org_county(t, s, place, &county);

    *unit = 0;
    if (!rc)
        rc = org_above(t, s, county, ids, &n);
    return rc ? rc : nearest(t, s, ids, n, "office", -1, unit);
}

enum fault_code
org_upper(struct task *t, struct store *s, int64_t unit, int64_t *upper)
{
    struct org_unit u;
    int64_t ids[ORG_DEPTH];
    size_t n;
    bool found;
    enum fault_code rc = org_unit(t, s, unit, &u, &found);

    *upper = 0;
    if (rc || !found)
        return rc;
    if (u.parent) {
        *upper = u.parent;
        return FAULT_NONE;
    }
    rc = org_above(t, s, u.place, ids, &n);
    if (rc || !n)
        return rc;
    if (text_equal(u.sort, "enterprise") || text_equal(u.sort, "agency")) {
        rc = nearest(t, s, ids, n, "township", -1, upper);
    } else if (text_equal(u.sort, "department")) {
        rc = nearest(t, s, ids + 1, n - 1, "department", u.line, upper);
    } else if (text_equal(u.sort, "office")) {
        rc = nearest(t, s, ids + 1, n - 1, "office", -1, upper);
        if (!rc && !*upper)
            rc = nearest(t, s, ids, n, "government", -1, upper);
        return rc;
    }
    if (!rc && !*upper)
        rc = org_office(t, s, u.place, upper);
    if (*upper == unit)
        *upper = 0;
    return rc;
}

/* 安全生产法 (2021) art. 10: by line where a department has it, by territory otherwise. */
static enum fault_code
supervisor_of_line(struct task *t, struct store *s, const int64_t *ids, size_t n, int line, int64_t *unit)
{
    enum fault_code rc = nearest(t, s, ids, n, "department", line, unit);

    if (!rc && !*unit)
        rc = nearest(t, s, ids, n, "township", line, unit);
    return rc;
}

enum fault_code
org_supervisors(struct task *t, struct store *s, int64_t unit, int64_t *out, size_t room, size_t *n)
{
    struct org_unit u;
    int64_t ids[ORG_DEPTH], found_unit;
    size_t depth;
    bool found;
    enum fault_code rc = org_unit(t, s, unit, &u, &found);

    *n = 0;
    if (rc || !found)
        return rc;
    rc = org_above(t, s, u.place, ids, &depth);
    if (!rc && u.line) {
        rc = supervisor_of_line(t, s, ids, depth, u.line, &found_unit);
        if (!rc && found_unit && *n < room)
            out[(*n)++] = found_unit;
    }
    for (size_t i = 0; i < json_count(u.lines) && !rc; i++) {
        rc = supervisor_of_line(t, s, ids, depth, (int)json_integer(json_at(u.lines, i), 0), &found_unit);
        if (!rc && found_unit && *n < room)
            out[(*n)++] = found_unit;
    }
    return rc;
}

/* ---- look-ups in scope ---- */

/* A pattern for names that hold `q`; what a person types is no pattern of its own. */
const char *
org_inside_of(struct task *t, const char *q)
{
    struct text x;

    text_init(&x, t->arena);
    text_char(&x, '%');
    for (; *q; q++) {
        if (strchr("%_!", *q))
            text_char(&x, '!');
        text_char(&x, *q);
    }
    text_char(&x, '%');
    return text_string(&x);
}

/* Of each nearness at most as many as are asked for, in order of ids. */
enum nearness { NEAR_SCOPE, NEAR_COUNTY, NEAR_NOT, NEARNESSES };

struct listing {
    const struct scope *scope;
    int64_t streams[LIMIT_KEYS], above[LIMIT_KEYS * ORG_DEPTH];
    size_t n_streams, n_above;
    struct org_unit *lists[NEARNESSES];
    size_t n[NEARNESSES];
};

/* Where the caller works: organs there and above it are those he deals with. */
static enum fault_code
find_home(struct task *t, struct store *s, struct listing *x)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < x->scope->n_units && !rc; i++) {
        struct org_unit u;
        size_t n = 0;
        bool found;

        rc = org_unit(t, s, x->scope->units[i], &u, &found);
        if (!rc && found)
            rc = org_above(t, s, u.place, &x->above[x->n_above], &n);
        x->n_above += n;
        x->streams[x->n_streams++] = org_id_stream(x->scope->units[i]);
    }
    return rc;
}

static bool
is_among(const int64_t *list, size_t n, int64_t number)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == number)
            return true;
    return false;
}

static enum fault_code
put_unit(struct task *t, struct store *s, struct listing *x, const struct org_unit *u, int64_t limit)
{
    enum nearness near = NEAR_NOT;
    bool sees, names = true;
    enum fault_code rc = org_sees_unit(t, s, x->scope, u, &sees);

    if (!rc && !sees)
        rc = org_names_unit(t, s, x->scope, u, &names);
    if (sees)
        near = NEAR_SCOPE;
    else if (is_among(x->streams, x->n_streams, org_id_stream(u->id)) ||
             is_among(x->above, x->n_above, u->place))
        near = NEAR_COUNTY;
    if (!rc && names && x->n[near] < (size_t)limit)
        x->lists[near][x->n[near]++] = *u;
    return rc;
}

static enum fault_code
open_units(struct task *t, struct store *s, struct rows *r, int64_t place, const char *q)
{
    const char *from = q ? store_search_folded(t, q) : NULL;
    const char *to = q ? arena_format(t->arena, "%s\xf4\x8f\xbf\xbf", from) : NULL;
    const char *inside = q ? org_inside_of(t, q) : NULL;

    if (place)
        return store_query(t, s, r,
                           "WITH RECURSIVE below(id) AS (SELECT ? UNION ALL SELECT p.id FROM org_place p JOIN "
                           "below b ON p.parent = b.id) SELECT " UNIT_COLUMNS
                           " FROM org_unit WHERE place IN (SELECT id FROM below) AND to_day IS NULL AND (? IS "
                           "NULL OR name LIKE ? ESCAPE '!' OR initials >= ? AND initials < ? OR credit_code = ?) "
                           "ORDER BY id",
                           "isssss", place, q, inside, from, to, q);
    if (q)
        return store_query(t, s, r,
                           "SELECT " UNIT_COLUMNS
                           " FROM org_unit WHERE to_day IS NULL AND (name LIKE ? ESCAPE '!' OR initials >= ? AND "
                           "initials < ? OR credit_code = ?) ORDER BY id",
                           "ssss", inside, from, to, q);
    return store_query(t, s, r, "SELECT " UNIT_COLUMNS " FROM org_unit WHERE to_day IS NULL ORDER BY id", "");
}

enum fault_code
org_units(struct task *t, struct store *s, const struct scope *c, int64_t place, const char *q,
          int64_t limit, struct org_unit **out, size_t *n)
{
    struct listing x = {.scope = c};
    struct rows r;
    enum fault_code rc = find_home(t, s, &x);

    for (int i = 0; i < NEARNESSES; i++)
        x.lists[i] = arena_alloc(t->arena, ((size_t)limit + 1) * sizeof **out);
    *out = x.lists[NEAR_SCOPE];
    *n = 0;
    if (!rc)
        rc = open_units(t, s, &r, place, q);
    if (rc)
        return rc;
    while (x.n[NEAR_SCOPE] < (size_t)limit && !rc && store_next(t, &r)) {
        struct org_unit u;

        read_unit(t, &r, &u);
        rc = put_unit(t, s, &x, &u, limit);
    }
    if (store_end(t, &r) || rc)
        return t->fault.code;
    *n = x.n[NEAR_SCOPE];
    for (int i = NEAR_COUNTY; i < NEARNESSES; i++)
        for (size_t k = 0; k < x.n[i] && *n < (size_t)limit; k++)
            (*out)[(*n)++] = x.lists[i][k];
    return FAULT_NONE;
}

/* By a part of the name, or by the initials of its pinyin from the first on, in any case. */
static bool
is_called(struct task *t, const struct org_person *p, const char *q)
{
    return p->name && (strstr(p->name, q) ||
                       text_starts(org_initials(t, p->name), store_search_folded(t, q)));
}

enum fault_code
org_people(struct task *t, struct store *s, const struct scope *c, int64_t unit, const char *q,
           int64_t limit, struct org_person **out, size_t *n)
{
    struct rows r;
    int64_t day = time_day(t->now);
    enum fault_code rc;

    *out = arena_alloc(t->arena, ((size_t)limit + 1) * sizeof **out);
    *n = 0;
    rc = store_query(t, s, &r,
                     "SELECT p.id, p.name, p.certificates, o.unit FROM org_post o JOIN org_person p ON p.id = "
                     "o.person WHERE (o.unit = ? OR ? = 0) AND o.from_day <= ? AND (o.to_day IS NULL OR "
                     "o.to_day >= ?) ORDER BY p.id",
                     "iiii", unit, unit, day, day);
    if (rc)
        return rc;
    while (*n < (size_t)limit && store_next(t, &r)) {
        struct org_unit u;
        bool found, sees = false;

        read_person(t, &r, &(*out)[*n]);
        if (q && !is_called(t, &(*out)[*n], q))
            continue;
        rc = org_unit(t, s, store_int(&r, 3), &u, &found);
        if (!rc && found)
            rc = org_sees_unit(t, s, c, &u, &sees);
        if (rc)
            break;
        if (sees && (!*n || (*out)[*n - 1].id != (*out)[*n].id))
            ++*n;
    }
    return store_end(t, &r);
}
