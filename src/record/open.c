/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/open.c - reading one record: now, as of a day, and what of it a caller may see.
 */
#include "base/hash.h"
#include "record/inside.h"
#include <string.h>

const char *
record_id(struct arena *a, int64_t stream, int64_t rid)
{
    char *id = arena_alloc(a, 17);

    memcpy(id, hash_base32(a, (uint64_t)stream, 3), 3);
    memcpy(id + 3, hash_base32(a, (uint64_t)rid, 13), 13);
    return id;
}

bool
record_id_read(const char *id, int64_t *stream, int64_t *rid)
{
    uint64_t s, r;

    if (!id || strlen(id) != 16 || !hash_unbase32(id, 3, &s) || !hash_unbase32(id + 3, 13, &r) ||
        r > INT64_MAX)
        return false;
    *stream = (int64_t)s;
    *rid = (int64_t)r;
    return true;
}

enum fault_code
record_read_member(struct task *t, const struct rows *r, int column, struct json **out)
{
    const char *text = store_text(t, r, column);

    return json_read(t, text ? text : "{}", text ? strlen(text) : 2, out);
}

enum fault_code
record_read_kind(struct task *t, const struct record_world *w, int kind, int version, struct record *out)
{
    memset(out, 0, sizeof *out);
    out->version = version;
    out->kind = kind_find_numbered(w->catalog, kind, version);
    if (!out->kind)
        return fault(t, FAULT_STORE, NULL, "记录的定义不在库中 | the record's definition is not adopted here");
    return FAULT_NONE;
}

enum fault_code
record_read_columns(struct task *t, const struct record_world *w, const struct rows *r, struct record *out)
{
    enum fault_code rc = record_read_kind(t, w, (int)store_int(r, 3), (int)store_int(r, 4), out);

    if (rc)
        return rc;
    out->stream = store_int(r, 0);
    out->rid = store_int(r, 1);
    out->rev = (int)store_int(r, 2);
    out->number = store_text(t, r, 5);
    out->place = store_int(r, 6);
    out->line = (int)store_int(r, 7);
    out->unit = store_int(r, 9);
    out->state = (int)store_int(r, 11);
    out->level = (int)store_int(r, 12);
    out->cycle = (int)store_int(r, 13);
    out->born = store_int(r, 14);
    out->due = store_int(r, 15);
    out->closed = store_int(r, 16);
    out->sealed = store_int(r, 17) != 0;
    out->title = store_text(t, r, 18);
    out->seq = store_int(r, 23);
    return FAULT_NONE;
}

enum fault_code
record_read_counted(struct task *t, const struct record_world *w, const struct rows *r, struct record *out)
{
    enum fault_code rc = record_read_columns(t, w, r, out);

    if (!rc)
        rc = record_read_member(t, r, 10, &out->desk);
    if (!rc)
        rc = record_read_member(t, r, 19, &out->fields);
    return rc;
}

enum fault_code
record_read_row(struct task *t, const struct record_world *w, const struct rows *r, struct record *out)
{
    enum fault_code rc = record_read_columns(t, w, r, out);

    if (!rc)
        rc = record_read_member(t, r, 8, &out->lines);
    if (!rc)
        rc = record_read_member(t, r, 10, &out->desk);
    if (!rc)
        rc = record_read_member(t, r, 19, &out->fields);
    if (!rc)
        rc = record_read_member(t, r, 20, &out->private_at);
    if (!rc)
        rc = record_read_member(t, r, 21, &out->clocks);
    if (!rc)
        rc = record_read_member(t, r, 22, &out->parties);
    return rc;
}

enum fault_code
record_read_private(struct task *t, struct store *s, struct record *r)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; r->private_at && i < r->private_at->object.n && !rc; i++) {
        const struct json_member *m = &r->private_at->object.at[i];
        struct json *value;

        rc = chain_private(t, s, r->stream, json_integer(m->value, 0), m->name, &value);
        if (!rc)
            json_set(t->arena, r->fields, m->name, value ? value : json_null(t->arena));
    }
    return rc;
}

enum fault_code
record_open_row(struct task *t, struct store *s, const struct record_world *w, int64_t stream,
                int64_t rid, struct record *out, bool *found)
{
    struct rows r;
    enum fault_code rc = store_query(
        t, s, &r, "SELECT " RECORD_COLUMNS " FROM record_now WHERE rid = ? AND stream = ?", "ii", rid, stream);

    if (rc)
        return rc;
    *found = store_next(t, &r);
    if (*found)
        rc = record_read_row(t, w, &r, out);
    return store_end(t, &r) ? t->fault.code : rc;
}

enum fault_code
record_open(struct task *t, struct store *s, const struct record_world *w, int64_t stream, int64_t rid,
            struct record *out, bool *found)
{
    enum fault_code rc = record_open_row(t, s, w, stream, rid, out, found);

    return rc || !*found ? rc : record_read_private(t, s, out);
}

/* ---- as of a past day: the events up to then, folded ---- */

static void
fold_members(struct arena *a, struct json *into, const struct json *from)
{
    for (size_t i = 0; from && from->type == JSON_OBJECT && i < from->object.n; i++) {
        const struct json_member *m = &from->object.at[i];

        json_set(a, into, m->name, m->value->type == JSON_NULL ? NULL : m->value);
    }
}

/* Takes from the outcome what it states; an outcome states what changed and always the whole of state. */
static void
fold_event(struct task *t, const struct record_world *w, const struct chain_row *row, struct record *r)
{
    const struct json *o = json_get(row->body, "outcome"), *p = json_get(row->body, "private");

    r->rev = (int)row->rev;
    r->seq = row->seq;
    r->version = (int)json_int_of(row->body, "version", r->version);
    r->kind = kind_find(w->catalog, json_text_of(row->body, "kind"), r->version);
    r->state = (int)json_int_of(o, "state_n", 0);
    r->level = (int)json_int_of(o, "level_n", 0);
    r->line = (int)json_int_of(o, "line", 0);
    r->place = json_int_of(o, "place", 0);
    r->unit = json_int_of(o, "unit", 0);
    r->cycle = (int)json_int_of(o, "cycle", 1);
    r->born = json_int_of(o, "born", r->born);
    r->closed = json_int_of(o, "closed", 0);
    r->due = json_int_of(o, "due", 0);
    r->sealed = json_is_true(json_get(o, "sealed"));
    if (json_get(o, "number"))
        r->number = json_text_of(o, "number");
    if (json_get(o, "title"))
        r->title = json_text_of(o, "title");
    if (json_get(o, "lines"))
        r->lines = json_get(o, "lines");
    if (json_get(o, "desk"))
        r->desk = json_get(o, "desk");
    if (json_get(o, "clocks"))
        r->clocks = json_get(o, "clocks");
    if (json_get(o, "parties"))
        r->parties = json_get(o, "parties");
    fold_members(t->arena, r->fields, json_get(row->body, "fields"));
    for (size_t i = 0; p && i < p->object.n; i++) {
        const struct json *gone = json_get(json_get(row->body, "fields"), p->object.at[i].name);

        if (!gone)
            json_set_int(t->arena, r->private_at, p->object.at[i].name, row->seq);
    }
    for (size_t i = 0; i < json_count(json_get(o, "cleared")); i++)
        json_set(t->arena, r->private_at, json_text(json_at(json_get(o, "cleared"), i)), NULL);
}

static enum fault_code
open_until(struct task *t, struct store *s, const struct record_world *w, int64_t stream, int64_t rid,
           int64_t at, int64_t rev, struct record *out, bool *found)
{
    struct rows r;
    struct chain_row row;
    enum fault_code rc = chain_open_record(t, s, &r, stream, rid);

    if (rc)
        return rc;
    memset(out, 0, sizeof *out);
    out->stream = stream;
    out->rid = rid;
    out->fields = json_object(t->arena);
    out->private_at = json_object(t->arena);
    out->lines = json_array(t->arena);
    out->clocks = json_object(t->arena);
    *found = false;
    while (chain_next(t, &r, &row) && row.at <= at && row.rev <= rev) {
        fold_event(t, w, &row, out);
        *found = true;
    }
    rc = store_end(t, &r);
    if (rc || !*found)
        return rc;
    return record_read_private(t, s, out);
}

enum fault_code
record_open_as_of(struct task *t, struct store *s, const struct record_world *w, int64_t stream,
                  int64_t rid, int64_t at, struct record *out, bool *found)
{
    return open_until(t, s, w, stream, rid, at, INT64_MAX, out, found);
}

enum fault_code
record_open_rev(struct task *t, struct store *s, const struct record_world *w, int64_t stream,
                int64_t rid, int64_t rev, struct record *out, bool *found)
{
    return open_until(t, s, w, stream, rid, INT64_MAX, rev, out, found);
}

/* ---- what a caller may see ---- */

/* A key as parties hold it, past its digits. */
static int64_t
key_read(const char **at)
{
    bool negative = **at == '-';
    uint64_t key = 0;

    for (*at += negative; **at >= '0' && **at <= '9'; ++*at)
        key = key * 10 + (uint64_t)(**at - '0');
    return (int64_t)(negative ? 0 - key : key);
}

static bool
is_among(int64_t key, const int64_t *keys, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (keys[k] == key)
            return true;
    return false;
}

bool
record_holds_key(const struct json *list, const int64_t *keys, size_t n)
{
    bool written = json_is(list, JSON_WRITTEN);
    const char *at = written ? list->string.bytes : NULL, *end = written ? at + list->string.len : NULL;

    while (at < end) {
        if ((*at == '-' || (*at >= '0' && *at <= '9')) && is_among(key_read(&at), keys, n))
            return true;
        at++;
    }
    for (size_t i = 0; i < json_count(list); i++) {
        const char *text = json_text(json_at(list, i));

        if (text && is_among(key_read(&text), keys, n))
            return true;
    }
    return false;
}

static bool
is_barred(const struct scope *c, const struct json *never)
{
    const struct json *units = json_get(never, "units"), *persons = json_get(never, "persons");

    for (size_t i = 0; i < json_count(persons); i++)
        if (json_integer(json_at(persons, i), 0) == c->person)
            return true;
    for (size_t i = 0; i < json_count(units); i++)
        for (size_t k = 0; k < c->n_units; k++)
            if (json_integer(json_at(units, i), 0) == c->units[k])
                return true;
    /* The bar on a unit holds for its parts. */
    for (size_t i = 0; i < json_count(units); i++)
        for (size_t k = 0; k < c->n_parts; k++)
            if (json_integer(json_at(units, i), 0) == c->parts[k])
                return true;
    return false;
}

static bool
is_lent(struct task *t, const struct scope *c, const struct record *r)
{
    for (size_t i = 0; i < c->n_lent; i++)
        if (record_is_lent(t, &c->lent[i], r->today ? r->today : r))
            return true;
    return false;
}

/* What a unit owes that has let the caller's in. Nothing sealed, and nothing it only raised. */
static bool
is_let_in(const struct scope *c, const struct record *r)
{
    const struct record *now = r->today ? r->today : r;

    return c->n_tied && !now->sealed && org_is_tied(c, now->unit);
}

void
record_view(struct task *t, const struct scope *c, const struct record *r, struct record_view *out)
{
    const struct json *part = json_get(r->parties, "part");

    if (r->seen && r->seen_by == c) {
        *out = *r->seen;
        return;
    }
    memset(out, 0, sizeof *out);
    if (is_barred(c, json_get(r->parties, "never")))
        return;
    if (record_holds_key(json_get(r->parties, "keys"), c->keys, c->n_keys) || (c->everything && !r->sealed) ||
        is_lent(t, c, r) || is_let_in(c, r))
        out->sees = out->whole = true;
    for (size_t i = 0; i < json_count(part); i++) {
        const struct json *p = json_at(part, i);
        int64_t rule = json_int_of(p, "rule", -1);

        if (!record_holds_key(json_get(p, "keys"), c->keys, c->n_keys) || rule < 0 || (size_t)rule >= r->kind->n_sight)
            continue;
        out->sees = true;
        if (!out->fields)
            out->fields = arena_alloc(t->arena, LIMIT_FIELDS * sizeof *out->fields);
        for (size_t f = 0; f < r->kind->sight[rule].n_fields && out->n_fields < LIMIT_FIELDS; f++)
            out->fields[out->n_fields++] = r->kind->sight[rule].fields[f];
    }
}

bool
record_shows_field(const struct record_view *v, const struct kind_field *f)
{
    for (size_t i = 0; i < v->n_fields; i++)
        if (strcmp(v->fields[i], f->name) == 0)
            return true;
    return v->whole && !f->seal;
}

bool
record_shows(const struct record_view *v, const struct record *r, const char *name)
{
    const struct kind_field *f = kind_field(r->kind, name);

    for (size_t i = 0; i < v->n_fields; i++)
        if (strcmp(v->fields[i], name) == 0)
            return true;
    return v->whole && !(f && f->seal);
}
