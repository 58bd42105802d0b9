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
    bool counts; /* for a total: rows are enough */
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

/* What stands in its row, a computed field as it was stored; a column every record has is made. */
static struct json *
stored_value(struct judged *member, const char *field)
{
    struct json *v = kind_field(member->now->kind, field) ? json_get(member->now->fields, field) : NULL;

    return v ? v : record_read_path(member, member->task, field);
}

static bool
where_holds(struct judged *member, struct judged *asker, const struct kind_where *w)
{
    struct json *have = stored_value(member, w->field);
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
names_state(const struct kind_set *set, const struct kind_state *state)
{
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

/* A row that may be a member. Its private values and `item` are for effects; totals read neither. */
static enum fault_code
collect_row(struct collected *c, struct record *r)
{
    struct judged *j = c->j, inner = *c->j;
    struct member m = {.stream = r->stream, .rid = r->rid, .place = r->place};
    enum fault_code rc;

    if (!names_state(c->set, kind_state_at(r->kind, r->state)))
        return FAULT_NONE;
    inner.now = r;
    inner.old_fields = NULL;
    inner.item = NULL;
    inner.depth++;
    for (size_t i = 0; i < c->set->n_where; i++)
        if (!where_holds(&inner, j, &c->set->where[i]))
            return FAULT_NONE;
    if (c->counts) {
        m.record = r;
    } else {
        rc = record_read_private(j->task, j->store, r);
        if (rc)
            return rc;
        m.item = item_of(&inner, r);
    }
    collect(c, &m);
    return FAULT_NONE;
}

static enum fault_code
collect_record(struct collected *c, int64_t stream, int64_t rid)
{
    struct judged *j = c->j;
    struct record *r = arena_alloc(j->task->arena, sizeof *r);
    bool found;
    enum fault_code rc = record_open_row(j->task, j->store, j->world, stream, rid, r, &found);

    return rc || !found ? rc : collect_row(c, r);
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

/* The rows of all that name it, in one statement, in order of birth. */
static enum fault_code
read_linked(struct collected *c, const char *id, int kind, struct record **out, size_t *n)
{
    struct judged *j = c->j;
    struct rows rows;
    size_t room = 64;
    enum fault_code rc = store_query(j->task, j->store, &rows,
                                     "SELECT " RECORD_COLUMNS
                                     " FROM record_now WHERE (rid, stream) IN (SELECT rid, stream FROM "
                                     "record_link WHERE target = ? AND kind = ? AND field = ?) ORDER BY rid",
                                     "sis", id, (int64_t)kind, c->set->field);

    *out = arena_alloc(j->task->arena, room * sizeof **out);
    *n = 0;
    if (rc)
        return rc;
    while (!rc && store_next(j->task, &rows)) {
        if (*n == room) {
            struct record *more = arena_alloc(j->task->arena, 2 * room * sizeof *more);

            memcpy(more, *out, *n * sizeof *more);
            *out = more;
            room *= 2;
        }
        rc = c->counts ? record_read_counted(j->task, j->world, &rows, &(*out)[(*n)++])
                       : record_read_row(j->task, j->world, &rows, &(*out)[(*n)++]);
    }
    return store_end(j->task, &rows) ? j->task->fault.code : rc;
}

static enum fault_code
collect_linked(struct collected *c, const char *id, bool tree, int depth)
{
    struct judged *j = c->j;
    const struct kind *k = kind_find(j->world->catalog, c->set->kind, 0);
    struct record *list;
    size_t n;
    enum fault_code rc;

    if (!k || depth > 16)
        return FAULT_NONE;
    rc = read_linked(c, id, k->id, &list, &n);
    for (size_t i = 0; i < n && !rc; i++) {
        const char *child = record_id(j->task->arena, list[i].stream, list[i].rid);

        rc = collect_row(c, &list[i]);
        if (tree && !rc)
            rc = collect_linked(c, child, true, depth + 1);
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
collect_find(struct judged *j, const char *field, const struct json *value, bool counts, struct member **out,
             size_t *n)
{
    const char *pointer = json_pointer(j->task->arena, "/fields", field);
    struct collected c = {.j = j, .counts = counts};
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

static enum fault_code
collect_set(struct judged *j, const struct kind_set *set, bool counts, struct member **out, size_t *n)
{
    struct collected c = {.j = j, .set = set, .counts = counts};
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
        rc = collect_find(j, set->field, value, counts, &c.list, &c.n);
        break;
    }
    if (!rc)
        draw_of(&c);
    *out = c.list;
    *n = c.n;
    return rc;
}

enum fault_code
record_set(struct judged *j, const struct kind_set *set, struct member **out, size_t *n)
{
    return collect_set(j, set, false, out, n);
}

/* ---- totals ---- */

static struct json *
member_field(struct judged *j, const struct member *m, const char *field)
{
    struct judged inner = *j;

    if (!m->record)
        return json_get(m->item, field);
    inner.now = m->record;
    inner.depth++;
    return stored_value(&inner, field);
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
    if (collect_set(j, &whole, true, &list, &every))
        return NULL;
    return json_bool(j->task->arena, n == every);
}

/* How many are linked, by their states alone: one statement that opens no record. */
static bool
counts_states(const struct kind_total *x)
{
    return x->over->sort == SET_LINKED && !x->over->n_where &&
           (x->agg == AGG_COUNT || x->agg == AGG_ANY || x->agg == AGG_NONE || x->agg == AGG_ALL);
}

static struct json *
count_states(struct judged *j, const struct kind_total *x)
{
    const struct kind *k = kind_find(j->world->catalog, x->over->kind, 0);
    const char *id = record_id(j->task->arena, j->now->stream, j->now->rid);
    struct rows r;
    int64_t n = 0, every = 0;

    if (!k || store_query(j->task, j->store, &r,
                          "SELECT n.state, count(*) FROM record_link l JOIN record_now n ON n.rid = l.rid AND "
                          "n.stream = l.stream WHERE l.target = ? AND l.kind = ? AND l.field = ? GROUP BY "
                          "n.state",
                          "sis", id, (int64_t)k->id, x->over->field))
        return NULL;
    while (store_next(j->task, &r)) {
        every += store_int(&r, 1);
        if (names_state(x->over, kind_state_at(k, (int)store_int(&r, 0))))
            n += store_int(&r, 1);
    }
    if (store_end(j->task, &r))
        return NULL;
    if (x->agg == AGG_COUNT)
        return json_int(j->task->arena, n);
    return json_bool(j->task->arena, x->agg == AGG_ANY ? n > 0 : n == (x->agg == AGG_ALL ? every : 0));
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
    if (counts_states(x))
        return count_states(j, x);
    if (collect_set(j, x->over, true, &list, &n)) {
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
