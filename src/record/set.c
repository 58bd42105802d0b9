/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/set.c - sets of things a record leads to, and totals over them.
 *
 * Knows: the forms of `over`, operators of `where`, the draw anybody can repeat.
 * Does not know: what is done with the members.
 */
#include "base/hash.h"
#include "base/decimal.h"
#include "record/inside.h"
#include <stdlib.h>
#include <string.h>

struct collected {
    struct judged *j;
    const struct kind_set *set;
    struct member *list;
    size_t n, room;
};

static void
collect(struct collected *c, const struct member *m)
{
    if (c->n == c->room) {
        size_t room = c->room ? c->room * 2 : 64;
        struct member *list = arena_alloc(c->j->task->arena, room * sizeof *list);

        if (c->n)
            memcpy(list, c->list, c->n * sizeof *list);
        c->list = list;
        c->room = room;
    }
    c->list[c->n++] = *m;
}

/* ---- where ---- */

static bool
compare_holds(enum kind_op op, const struct json *have, const struct json *want)
{
    const char *a = json_text(have), *b = json_text(want);
    struct decimal x, y;
    int order;

    if (op == OP_EQ)
        return json_equal(have, want);
    if (op == OP_NE)
        return !json_equal(have, want);
    if (!have || !want)
        return false;
    if (have->type == JSON_INTEGER && want->type == JSON_INTEGER)
        order = (have->integer > want->integer) - (have->integer < want->integer);
    else if (a && b && decimal_read(a, &x) && decimal_read(b, &y))
        order = decimal_compare(x, y);
    else if (a && b)
        order = strcmp(a, b);
    else
        return false;
    return op == OP_LT ? order < 0 : op == OP_LE ? order <= 0 : op == OP_GT ? order > 0 : order >= 0;
}

static bool
contains(const struct json *list, const struct json *value)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (json_equal(json_at(list, i), value))
            return true;
    return false;
}

bool
record_compares(enum kind_op op, const struct json *have, const struct json *want)
{
    switch (op) {
    case OP_IN:
        return contains(want, have);
    case OP_HAS:
        return contains(have, want);
    case OP_MISSING:
        return json_is_null(have) == json_is_true(want);
    default:
        return compare_holds(op, have, want);
    }
}

/* `within`: a duration back from now. */
static bool
is_within(struct judged *j, const struct json *have, const struct json *span)
{
    struct rule_duration d;
    int64_t at;
    bool provisional = false;

    if (!json_text(have) || !json_text(span) || !rule_duration_read(json_text(span), &d) ||
        !time_read(json_text(have), false, &at))
        return false;
    d.n = -d.n;
    return at >= rule_duration_add(j->world->calendar, j->task->now, d, &provisional) && at <= j->task->now;
}

static bool
is_under(struct judged *j, const struct record *r, const struct json *have, const struct json *want)
{
    struct org_place node, p = {.id = r->place};
    bool found, covers = false;

    if (!json_text(want) ||
        org_place_by_code(j->task, j->store, json_text(want), &node, &found) || !found)
        return false;
    if (json_text(have) &&
        (org_place_by_code(j->task, j->store, json_text(have), &p, &found) || !found))
        return false;
    return !org_covers(j->task, j->store, node.id, p.id, &covers) && covers;
}

static bool
where_holds(struct judged *member, struct judged *asker, const struct kind_where *w)
{
    struct json *have = record_read_path(member, member->task, w->field);
    struct json *want = record_eval(asker, w->value);

    switch (w->op) {
    case OP_UNDER:
        return is_under(member, member->now, text_equal(w->field, "place") ? NULL : have, want);
    case OP_WITHIN:
        return is_within(member, have, want);
    case OP_DRAW:
        return true; /* after all others: see draw */
    default:
        return record_compares(w->op, have, want);
    }
}

static bool
state_fits(const struct kind_set *set, const struct record *r)
{
    const struct kind_state *state = kind_state_at(r->kind, r->state);

    for (size_t i = 0; i < set->n_states; i++)
        if (state && text_equal(set->states[i], state->name))
            return true;
    return set->n_states == 0;
}

/* What `item.FIELD` reads of a member that is a record: its fields and the columns every record has. */
static struct json *
item_of(struct judged *j, const struct record *r)
{
    static const char *const columns[] = {"id", "number", "state", "created_at", "closed_at", "owner",
                                          "place"};
    struct json *item = json_shallow(j->task->arena, r->fields);

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (!json_get(item, columns[i]))
            json_set(j->task->arena, item, columns[i], record_read_path(j, j->task, columns[i]));
    return item;
}

static enum fault_code
collect_record(struct collected *c, int64_t stream, int64_t rid)
{
    struct judged *j = c->j, inner = *c->j;
    struct record r;
    struct member m = {.stream = stream, .rid = rid};
    bool found;
    enum fault_code rc = record_open(j->task, j->store, j->world, stream, rid, &r, &found);

    if (rc || !found || !state_fits(c->set, &r))
        return rc;
    inner.now = &r;
    inner.old_fields = NULL;
    inner.item = NULL;
    inner.depth++;
    for (size_t i = 0; i < c->set->n_where; i++)
        if (!where_holds(&inner, j, &c->set->where[i]))
            return FAULT_NONE;
    m.place = r.place;
    m.item = item_of(&inner, &r);
    collect(c, &m);
    return FAULT_NONE;
}

/* ---- the forms ---- */

static enum fault_code
collect_ids(struct collected *c, const struct json *value)
{
    int64_t stream, rid;
    enum fault_code rc = FAULT_NONE;

    if (json_is(value, JSON_ARRAY)) {
        for (size_t i = 0; i < json_count(value) && !rc; i++)
            rc = collect_ids(c, json_at(value, i));
        return rc;
    }
    if (record_id_read(json_text(value), &stream, &rid))
        return collect_record(c, stream, rid);
    return FAULT_NONE;
}

struct pair {
    int64_t stream, rid;
};

static enum fault_code
read_links(struct judged *j, const char *id, int kind, const char *field, struct pair **out, size_t *n)
{
    struct rows r;
    size_t room = 64;
    enum fault_code rc = store_query(j->task, j->store, &r,
                                     "SELECT stream, rid FROM record_link WHERE target = ? AND kind = ? AND "
                                     "field = ? ORDER BY rid",
                                     "sis", id, (int64_t)kind, field);

    *out = arena_alloc(j->task->arena, room * sizeof **out);
    *n = 0;
    if (rc)
        return rc;
    while (store_next(j->task, &r)) {
        if (*n == room) {
            struct pair *more = arena_alloc(j->task->arena, 2 * room * sizeof *more);

            memcpy(more, *out, *n * sizeof *more);
            *out = more;
            room *= 2;
        }
        (*out)[*n].stream = store_int(&r, 0);
        (*out)[(*n)++].rid = store_int(&r, 1);
    }
    return store_end(j->task, &r);
}

static enum fault_code
collect_linked(struct collected *c, const char *id, bool tree, int depth)
{
    struct judged *j = c->j;
    const struct kind *k = kind_find(j->world->catalog, c->set->kind, 0);
    struct pair *pairs;
    size_t n;
    enum fault_code rc;

    if (!k || depth > 16)
        return FAULT_NONE;
    rc = read_links(j, id, k->id, c->set->field, &pairs, &n);
    for (size_t i = 0; i < n && !rc; i++) {
        rc = collect_record(c, pairs[i].stream, pairs[i].rid);
        if (tree && !rc)
            rc = collect_linked(c, record_id(j->task->arena, pairs[i].stream, pairs[i].rid), true,
                                depth + 1);
    }
    return rc;
}

/* Records of a kind: narrowed by an equality on an indexed field where there is one. */
static enum fault_code
collect_kind(struct collected *c)
{
    struct judged *j = c->j;
    const struct kind *k = kind_find(j->world->catalog, c->set->kind, 0);
    const struct kind_where *by = NULL;
    struct rows r;
    struct pair *pairs;
    size_t n = 0, room = 100000;
    enum fault_code rc;

    if (!k)
        return FAULT_NONE;
    for (size_t i = 0; i < c->set->n_where; i++)
        if (c->set->where[i].op == OP_EQ && kind_field(k, c->set->where[i].field))
            by = &c->set->where[i];
    if (by) {
        const struct json *v = record_eval(j, by->value);

        rc = store_query(j->task, j->store, &r,
                         "SELECT stream, rid FROM record_field WHERE kind = ? AND name = ? AND value = ? "
                         "ORDER BY rid",
                         "iss", (int64_t)k->id, by->field,
                         json_text(v) ? json_text(v) : json_string(j->task->arena, v));
    } else {
        rc = store_query(j->task, j->store, &r,
                         "SELECT stream, rid FROM record_now WHERE kind = ? ORDER BY rid", "i",
                         (int64_t)k->id);
    }
    if (rc)
        return rc;
    pairs = arena_alloc(j->task->arena, room * sizeof *pairs);
    while (n < room && store_next(j->task, &r)) {
        pairs[n].stream = store_int(&r, 0);
        pairs[n++].rid = store_int(&r, 1);
    }
    rc = store_end(j->task, &r);
    for (size_t i = 0; i < n && !rc; i++)
        rc = collect_record(c, pairs[i].stream, pairs[i].rid);
    return rc;
}

static enum fault_code
collect_units(struct collected *c, const struct json *value)
{
    struct org_parties p = {0};
    enum fault_code rc = record_parties_of(c->j, value, &p);

    for (size_t i = 0; i < p.n_units && !rc; i++) {
        struct member m = {.unit = p.units[i]};

        m.item = json_str(c->j->task->arena, org_id_text(c->j->task->arena, 'u', m.unit));
        collect(c, &m);
    }
    for (size_t i = 0; i < p.n_persons && !rc; i++) {
        struct member m = {0};

        m.item = json_str(c->j->task->arena, org_id_text(c->j->task->arena, 'p', p.persons[i]));
        collect(c, &m);
    }
    return rc;
}

static enum fault_code
collect_places(struct collected *c)
{
    struct org_place *places;
    size_t n;
    enum fault_code rc =
        org_places(c->j->task, c->j->store, c->j->now->place, NULL, LIMIT_EFFECT_RECORDS, &places, &n);

    for (size_t i = 0; i < n && !rc; i++) {
        struct member m = {.place = places[i].id};

        m.item = json_str(c->j->task->arena, places[i].code);
        collect(c, &m);
    }
    return rc;
}

/* ---- draw: order by digest of seed and id, the first n; anybody can repeat it ---- */

struct drawn {
    uint8_t digest[HASH_LEN];
    struct member member;
};

static int
by_digest(const void *a, const void *b)
{
    const struct drawn *x = a, *y = b;

    return memcmp(x->digest, y->digest, HASH_LEN);
}

static void
draw(struct collected *c, const struct json *value)
{
    struct arena *a = c->j->task->arena;
    const struct json *share = record_eval(c->j, json_at(value, 0));
    const char *seed = json_text(record_eval(c->j, json_at(value, 1)));
    struct decimal part, all, made;
    struct drawn *list = arena_alloc(a, (c->n + 1) * sizeof *list);
    size_t keep = (size_t)json_integer(share, 0);

    for (size_t i = 0; i < c->n; i++) {
        const char *id = record_id(a, c->list[i].stream, c->list[i].rid);
        struct hash_part parts[] = {{seed ? seed : "", seed ? strlen(seed) : 0}, {id, strlen(id)}};

        hash_parts(HASH_SHA256, parts, 2, list[i].digest);
        list[i].member = c->list[i];
    }
    qsort(list, c->n, sizeof *list, by_digest);
    all = decimal_of((int64_t)c->n);
    if (json_text(share) && decimal_read(json_text(share), &part) && decimal_multiply(part, all, &made)) {
        struct decimal whole = decimal_round(made, 0);

        keep = (size_t)(int64_t)(decimal_compare(whole, made) < 0 ? whole.units + 1 : whole.units);
    }
    if (keep < c->n)
        c->n = keep;
    for (size_t i = 0; i < c->n; i++)
        c->list[i] = list[i].member;
}

static void
draw_of(struct collected *c)
{
    for (size_t i = 0; c->set && i < c->set->n_where; i++)
        if (c->set->where[i].op == OP_DRAW)
            draw(c, c->set->where[i].value);
}

/* The query that a field holds: what it finds for the record's owner. */
static enum fault_code
collect_find(struct judged *j, const char *field, const struct json *value, struct member **out, size_t *n)
{
    const char *pointer = json_pointer(j->task->arena, "/fields", field);
    struct collected c = {.j = j};
    struct member *list;
    size_t count = 0;
    enum fault_code rc;

    if (json_is_null(value))
        return FAULT_NONE;
    rc = kind_query(j->task, j->world->catalog, j->now->kind, field, pointer, value, &c.set);
    if (!rc)
        rc = record_query(j, c.set, &list, &count);
    for (size_t i = 0; i < count && !rc; i++)
        rc = collect_record(&c, list[i].stream, list[i].rid);
    draw_of(&c);
    *out = c.list;
    *n = c.n;
    return rc;
}

enum fault_code
record_set(struct judged *j, const struct kind_set *set, struct member **out, size_t *n)
{
    struct collected c = {.j = j, .set = set};
    const struct json *value = set->field ? json_get(j->now->fields, set->field) : NULL;
    enum fault_code rc = FAULT_NONE;

    switch (set->sort) {
    case SET_ITEMS:
        for (size_t i = 0; i < json_count(value); i++) {
            struct member m = {.item = json_at(value, i)};

            collect(&c, &m);
        }
        break;
    case SET_RECORD:
        rc = collect_ids(&c, value);
        break;
    case SET_UNITS:
        rc = collect_units(&c, value);
        break;
    case SET_LINKED:
    case SET_TREE:
        rc = collect_linked(&c, record_id(j->task->arena, j->now->stream, j->now->rid),
                            set->sort == SET_TREE, 0);
        break;
    case SET_KIND:
        rc = collect_kind(&c);
        break;
    case SET_PLACES:
        rc = collect_places(&c);
        break;
    case SET_FIND:
        rc = collect_find(j, set->field, value, &c.list, &c.n);
        break;
    }
    if (!rc)
        draw_of(&c);
    *out = c.list;
    *n = c.n;
    return rc;
}

/* ---- totals ---- */

static struct json *
member_field(struct judged *j, const struct member *m, const char *field)
{
    struct judged inner = *j;
    struct record r;
    bool found;

    if (!m->rid)
        return json_get(m->item, field);
    if (record_open(j->task, j->store, j->world, m->stream, m->rid, &r, &found) || !found)
        return NULL;
    inner.now = &r;
    inner.depth++;
    return record_read_path(&inner, j->task, field);
}

static struct json *
sum_of(struct judged *j, const struct kind_total *x, const struct member *list, size_t n)
{
    struct decimal sum = decimal_of(0);

    for (size_t i = 0; i < n; i++) {
        const struct json *v = member_field(j, &list[i], x->field);
        struct decimal d;

        if (json_text(v) ? decimal_read(json_text(v), &d) : json_is(v, JSON_INTEGER)) {
            if (!json_text(v))
                d = decimal_of(v->integer);
            if (!decimal_add(sum, d, &sum))
                return NULL;
        }
    }
    if (decimal_is_whole(sum))
        return json_int(j->task->arena, (int64_t)decimal_round(sum, 0).units);
    return json_str(j->task->arena, decimal_text(j->task->arena, sum));
}

static struct json *
extreme_of(struct judged *j, const struct kind_total *x, const struct member *list, size_t n)
{
    struct json *best = NULL;

    for (size_t i = 0; i < n; i++) {
        struct json *v = member_field(j, &list[i], x->field);

        if (!json_is_null(v) &&
            (!best || compare_holds(x->agg == AGG_MIN ? OP_LT : OP_GT, v, best)))
            best = v;
    }
    return best;
}

/* Whether every member of the links meets the conditions: as many as there are without them. */
static struct json *
all_of(struct judged *j, const struct kind_set *set, size_t n)
{
    struct kind_set whole = *set;
    struct member *list;
    size_t every = 0;

    whole.n_where = whole.n_states = 0;
    if (record_set(j, &whole, &list, &every))
        return NULL;
    return json_bool(j->task->arena, n == every);
}

struct json *
record_total(struct judged *j, const char *name)
{
    const struct kind_total *x = kind_total(j->now->kind, name);
    struct arena *a = j->task->arena;
    bool sound = !j->task->fault.code;
    struct member *list;
    size_t n;

    if (!x || j->depth > 6)
        return NULL;
    if (x->agg == AGG_RATIO) {
        struct json *parts = json_array(a), *divide = json_object(a);

        json_push(a, parts, record_total(j, x->a));
        json_push(a, parts, record_total(j, x->b));
        json_set(a, divide, "/", parts);
        return record_eval(j, divide);
    }
    if (record_set(j, x->over, &list, &n)) {
        /* A query that looks too far, or names what is no longer there, says nothing rather than stop all. */
        if (x->over->sort == SET_FIND && sound && j->task->fault.code == FAULT_INPUT)
            fault_clear(j->task);
        return NULL;
    }
    switch (x->agg) {
    case AGG_COUNT:
        return json_int(a, (int64_t)n);
    case AGG_SUM:
        return sum_of(j, x, list, n);
    case AGG_MIN:
    case AGG_MAX:
    case AGG_LATEST:
        return extreme_of(j, x, list, n);
    case AGG_ANY:
        return json_bool(a, n > 0);
    case AGG_ALL:
        return all_of(j, x->over, n);
    default:
        return json_bool(a, n == 0);
    }
}
