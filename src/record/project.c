/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/project.c - from an event to rows. Copies; calls no rule, calendar, tree, right or clock.
 */
#include "record/inside.h"
#include <stdlib.h>
#include <string.h>

struct projection {
    struct task *t;
    struct store *s;
    const struct json *body, *o;
    int64_t stream, rid, seq;
    struct json *row; /* the row as it was, as JSON members; empty at birth */
};

static const char *
old_text(struct projection *p, const char *name)
{
    return json_text_of(p->row, name);
}

static enum fault_code
read_old(struct projection *p)
{
    static const char *const texts[] = {"number", "lines",   "desk",   "title",  "fields",
                                        "private", "clocks", "parties"};
    struct arena *a = p->t->arena;
    struct rows r;
    enum fault_code rc;

    p->row = json_object(a);
    /* What is born has no row. */
    if (json_int_of(p->body, "rev", 0) == 1)
        return FAULT_NONE;
    rc = store_query(p->t, p->s, &r,
                     "SELECT number, lines, desk, title, fields, private, clocks, parties, kind, state, "
                     "level, due, born, line FROM record_now WHERE rid = ? AND stream = ?",
                     "ii", p->rid, p->stream);

    if (rc)
        return rc;
    if (store_next(p->t, &r)) {
        for (int i = 0; i < 8; i++)
            json_set_str(a, p->row, texts[i], store_text(p->t, &r, i));
        json_set_int(a, p->row, "kind", store_int(&r, 8));
        json_set_int(a, p->row, "state", store_int(&r, 9));
        json_set_int(a, p->row, "level", store_int(&r, 10));
        json_set_int(a, p->row, "due", store_int(&r, 11));
        json_set_int(a, p->row, "born", store_int(&r, 12));
        json_set_int(a, p->row, "line", store_int(&r, 13));
    }
    return store_end(p->t, &r);
}

static enum fault_code
parse(struct projection *p, const char *name, struct json **out)
{
    const char *text = old_text(p, name);

    if (!text) {
        *out = json_object(p->t->arena);
        return FAULT_NONE;
    }
    return json_read(p->t, text, strlen(text), out);
}

/* One text for one value, whatever order its members were built in: live rows equal rebuilt ones. */
static const char *
one_text(struct projection *p, const struct json *v)
{
    struct text x;

    text_init(&x, p->t->arena);
    if (json_canonical(p->t, v, false, &x))
        return "{}";
    return text_string(&x);
}

/* What the outcome states, else what the row had. */
static const char *
kept(struct projection *p, const char *name, const char *otherwise)
{
    const struct json *v = json_get(p->o, name);

    if (v)
        return json_text(v) ? json_text(v) : one_text(p, v);
    return old_text(p, name) ? old_text(p, name) : otherwise;
}

/* ---- audience ---- */

#define KEYS_AT_ONCE 32

/* What the rows of one audience have alike. */
struct facing {
    int kind, facet;
    int64_t due, line; /* due 0: no row by due */
};

/* Rows of one table for so many keys, in one statement. */
static enum fault_code
add_keys(struct projection *p, const int64_t *keys, size_t n, const struct facing *f, bool by_due)
{
    struct store_value v[KEYS_AT_ONCE * 5];

    for (size_t i = 0; i < n; i++) {
        const int64_t row[5] = {keys[i], f->facet, by_due ? f->due : p->rid, by_due ? p->rid : p->stream,
                                by_due ? p->stream : f->line};

        for (size_t k = 0; k < 5; k++)
            v[i * 5 + k] = (struct store_value){.letter = 'i', .integer = row[k]};
    }
    return store_run_rows(p->t, p->s,
                          by_due ? "INSERT INTO record_due_vis (key, facet, due, rid, stream) VALUES (?, ?, ?, ?, "
                                   "?) ON CONFLICT DO NOTHING"
                                 : "INSERT INTO record_vis (key, facet, rid, stream, line) VALUES (?, ?, ?, ?, ?) "
                                   "ON CONFLICT DO NOTHING",
                          v, 5, n);
}

static enum fault_code
drop_keys(struct projection *p, const int64_t *keys, size_t n, const struct facing *f, bool by_due)
{
    struct store_value v[KEYS_AT_ONCE + 4];
    size_t at = 0;
    struct text sql;

    text_init(&sql, p->t->arena);
    text_printf(&sql, "DELETE FROM %s WHERE key IN (?", by_due ? "record_due_vis" : "record_vis");
    for (size_t i = 1; i < n; i++)
        text_puts(&sql, ", ?");
    text_printf(&sql, ") AND facet = ? %sAND rid = ? AND stream = ?", by_due ? "AND due = ? " : "");
    for (size_t i = 0; i < n; i++)
        v[at++] = (struct store_value){.letter = 'i', .integer = keys[i]};
    v[at++] = (struct store_value){.letter = 'i', .integer = f->facet};
    if (by_due)
        v[at++] = (struct store_value){.letter = 'i', .integer = f->due};
    v[at++] = (struct store_value){.letter = 'i', .integer = p->rid};
    v[at++] = (struct store_value){.letter = 'i', .integer = p->stream};
    return store_run_values(p->t, p->s, NULL, text_string(&sql), v, at);
}

static enum fault_code
put_keys(struct projection *p, const struct json *list, const struct facing *f, bool add)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t from = 0; from < json_count(list) && !rc; from += KEYS_AT_ONCE) {
        int64_t keys[KEYS_AT_ONCE];
        size_t n = 0;

        for (; n < KEYS_AT_ONCE && from + n < json_count(list); n++)
            keys[n] = org_key_kind(strtoll(json_text(json_at(list, from + n)), NULL, 10), f->kind);
        rc = add ? add_keys(p, keys, n, f, false) : drop_keys(p, keys, n, f, false);
        if (!rc && f->due)
            rc = add ? add_keys(p, keys, n, f, true) : drop_keys(p, keys, n, f, true);
    }
    return rc;
}

static enum fault_code
put_audience(struct projection *p, const struct json *parties, const struct facing *f, bool add)
{
    const struct json *part = json_get(parties, "part");
    enum fault_code rc = put_keys(p, json_get(parties, "keys"), f, add);

    for (size_t i = 0; i < json_count(part) && !rc; i++)
        rc = put_keys(p, json_get(json_at(part, i), "keys"), f, add);
    return rc;
}

/* What it lends of others: replaced whole, where it changed. */
static enum fault_code
move_lent(struct projection *p, const struct json *old_parties, const struct json *new_parties)
{
    const struct json *now = json_get(new_parties, "lent");

    return json_equal(json_get(old_parties, "lent"), now)
               ? FAULT_NONE
               : org_lend(p->t, p->s, p->stream, p->rid, now);
}

/* Places it no longer lies at: lists as of a past day look for it there too. */
static enum fault_code
put_left(struct projection *p, const struct json *was, const struct json *now, int kind)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(was) && !rc; i++) {
        int64_t key = strtoll(json_text(json_at(was, i)), NULL, 10);
        bool has = false;

        for (size_t k = 0; k < json_count(now); k++)
            if (text_equal(json_text(json_at(now, k)), json_text(json_at(was, i))))
                has = true;
        if (has || !org_key_is_place(key))
            continue;
        rc = store_run(p->t, p->s, NULL,
                       "INSERT INTO record_left (key, rid, stream) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                       "iii", org_key_kind(key, kind), p->rid, p->stream);
    }
    return rc;
}

/* Nodes whose own stream is another: what org keeps for those who ask about them. */
static enum fault_code
put_reach(struct projection *p, const struct json *parties)
{
    const struct json *nodes = json_get(parties, "reach");
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(nodes) && !rc; i++)
        rc = org_reach(p->t, p->s, json_integer(json_at(nodes, i), 0), p->stream);
    return rc;
}

static bool
same_audience(const struct json *a, const struct json *b)
{
    return json_equal(json_get(a, "keys"), json_get(b, "keys")) &&
           json_equal(json_get(a, "part"), json_get(b, "part"));
}

static enum fault_code
move_audience(struct projection *p, const struct json *new_parties)
{
    struct json *old_parties;
    int kind = (int)json_int_of(p->o, "kind_id", 0);
    int old_facet = kind_facet((int)json_int_of(p->row, "state", 0), (int)json_int_of(p->row, "level", 0));
    int facet = kind_facet((int)json_int_of(p->o, "state_n", 0), (int)json_int_of(p->o, "level_n", 0));
    int64_t old_due = json_int_of(p->row, "due", 0), old_line = json_int_of(p->row, "line", 0);
    int64_t due = json_is_true(json_get(p->o, "open")) ? json_int_of(p->o, "due", INT64_MAX) : 0;
    int64_t line = json_int_of(p->o, "line", 0);
    enum fault_code rc = parse(p, "parties", &old_parties);

    if (!rc)
        rc = move_lent(p, old_parties, new_parties);
    if (rc)
        return rc;
    if (old_text(p, "parties")) {
        int64_t was = old_due ? old_due : INT64_MAX;

        if (old_facet == facet && was == due && old_line == line &&
            same_audience(old_parties, new_parties))
            return FAULT_NONE;
        /* A final record has no row by due: deleting what is not there is harmless. */
        rc = put_audience(p, old_parties, &(struct facing){kind, old_facet, was, old_line}, false);
        if (!rc)
            rc = put_left(p, json_get(old_parties, "keys"), json_get(new_parties, "keys"), kind);
    }
    return rc ? rc : put_audience(p, new_parties, &(struct facing){kind, facet, due, line}, true);
}

/* ---- links, indexes, attachments ---- */

/* The members of a list, or the one value, as texts. */
static size_t
texts_of(struct projection *p, const struct json *v, const char ***out)
{
    size_t n = json_is(v, JSON_ARRAY) ? json_count(v) : v ? 1 : 0;
    const char **texts = arena_alloc(p->t->arena, (n + 1) * sizeof *texts);

    for (size_t i = 0; i < n; i++) {
        const struct json *one = json_is(v, JSON_ARRAY) ? json_at(v, i) : v;

        texts[i] = json_text(one) ? json_text(one) : json_string(p->t->arena, one);
    }
    *out = texts;
    return n;
}

static enum fault_code
drop_row(struct projection *p, const char *name, const char *text, bool links)
{
    int64_t kind = json_int_of(p->o, "kind_id", 0);

    return links ? store_run(p->t, p->s, NULL,
                             "DELETE FROM record_link WHERE target = ? AND kind = ? AND field = ? AND rid = ? AND "
                             "stream = ?",
                             "sisii", text, kind, name, p->rid, p->stream)
                 : store_run(p->t, p->s, NULL,
                             "DELETE FROM record_field WHERE kind = ? AND name = ? AND value = ? AND rid = ? AND "
                             "stream = ?",
                             "issii", kind, name, text, p->rid, p->stream);
}

/* Rows that wait to be written in one statement. */
struct waiting {
    struct store_value v[STORE_ROWS * 5];
    size_t rows;
    bool links;
};

static enum fault_code
write_waiting(struct projection *p, struct waiting *w)
{
    size_t rows = w->rows;

    w->rows = 0;
    return store_run_rows(p->t, p->s,
                          w->links ? "INSERT INTO record_link (target, kind, field, rid, stream) VALUES (?, ?, ?, ?, "
                                     "?) ON CONFLICT DO NOTHING"
                                   : "INSERT INTO record_field (kind, name, value, rid, stream) VALUES (?, ?, ?, ?, "
                                     "?) ON CONFLICT DO NOTHING",
                          w->v, 5, rows);
}

static enum fault_code
add_row(struct projection *p, struct waiting *w, const char *name, const char *text)
{
    struct store_value kind = {.letter = 'i', .integer = json_int_of(p->o, "kind_id", 0)};
    struct store_value field = {.letter = 's', .bytes = name}, value = {.letter = 's', .bytes = text};
    struct store_value *v = &w->v[w->rows++ * 5];

    v[0] = w->links ? value : kind;
    v[1] = w->links ? kind : field;
    v[2] = w->links ? field : value;
    v[3] = (struct store_value){.letter = 'i', .integer = p->rid};
    v[4] = (struct store_value){.letter = 'i', .integer = p->stream};
    return w->rows == STORE_ROWS ? write_waiting(p, w) : FAULT_NONE;
}

static enum fault_code
replace_rows(struct projection *p, const struct json *lists, const struct json *old_fields, bool links)
{
    struct waiting w;
    enum fault_code rc = FAULT_NONE;

    w.rows = 0;
    w.links = links;
    for (size_t i = 0; lists && i < lists->object.n && !rc; i++) {
        const char *name = lists->object.at[i].name, **texts;
        size_t n = texts_of(p, json_get(old_fields, name), &texts);

        for (size_t k = 0; k < n && !rc; k++)
            rc = drop_row(p, name, texts[k], links);
        n = texts_of(p, lists->object.at[i].value, &texts);
        for (size_t k = 0; k < n && !rc; k++)
            rc = add_row(p, &w, name, texts[k]);
    }
    return rc ? rc : write_waiting(p, &w);
}

static enum fault_code
put_files(struct projection *p)
{
    const struct json *files = json_get(p->o, "files");
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(files) && !rc; i++)
        rc = store_run(p->t, p->s, NULL,
                       "INSERT INTO record_file_ref (digest, rid, stream) VALUES (?, ?, ?) ON CONFLICT DO "
                       "NOTHING",
                       "sii", json_text(json_at(files, i)), p->rid, p->stream);
    return rc;
}

/* ---- rungs ---- */

#define PUT_RUNGS "INSERT INTO record_due (stream, rid, clock, round, rung, due) VALUES (?, ?, ?, ?, ?, ?)"

static enum fault_code
put_rungs(struct projection *p, const struct json *clocks)
{
    struct store_value v[STORE_ROWS * 6];
    size_t n = 0;
    enum fault_code rc = old_text(p, "clocks")
                             ? store_run(p->t, p->s, NULL, "DELETE FROM record_due WHERE stream = ? AND rid = ?",
                                         "ii", p->stream, p->rid)
                             : FAULT_NONE;

    for (size_t i = 0; clocks && i < clocks->object.n && !rc; i++) {
        const struct json *c = clocks->object.at[i].value, *rungs = json_get(c, "rungs");

        if (json_get(c, "held"))
            continue;
        for (size_t k = 0; k < json_count(rungs) && !rc; k++) {
            const struct json *rung = json_at(rungs, k);
            struct store_value *x = &v[n++ * 6];

            x[0] = (struct store_value){.letter = 'i', .integer = p->stream};
            x[1] = (struct store_value){.letter = 'i', .integer = p->rid};
            x[2] = (struct store_value){.letter = 's', .bytes = clocks->object.at[i].name};
            x[3] = (struct store_value){.letter = 'i', .integer = json_int_of(c, "round", 0)};
            x[4] = (struct store_value){.letter = 'i', .integer = json_integer(json_at(rung, 0), 0)};
            x[5] = (struct store_value){.letter = 'i', .integer = json_integer(json_at(rung, 1), 0)};
            if (n < STORE_ROWS)
                continue;
            rc = store_run_rows(p->t, p->s, PUT_RUNGS, v, 6, n);
            n = 0;
        }
    }
    return rc ? rc : store_run_rows(p->t, p->s, PUT_RUNGS, v, 6, n);
}

/* ---- the row ---- */

static struct json *
merged(struct projection *p, struct json *old)
{
    struct arena *a = p->t->arena;
    const struct json *fields = json_get(p->body, "fields");
    struct json *out = json_shallow(a, old);

    for (size_t i = 0; fields && i < fields->object.n; i++)
        json_set(a, out, fields->object.at[i].name,
                 json_is_null(fields->object.at[i].value) ? NULL : fields->object.at[i].value);
    return out;
}

static struct json *
merged_private(struct projection *p, struct json *old)
{
    struct arena *a = p->t->arena;
    const struct json *stated = json_get(p->body, "private"), *cleared = json_get(p->o, "cleared");
    struct json *out = json_shallow(a, old);

    for (size_t i = 0; stated && i < stated->object.n; i++)
        if (stated->object.at[i].name[0] != '/')
            json_set_int(a, out, stated->object.at[i].name, p->seq);
    for (size_t i = 0; i < json_count(cleared); i++)
        json_set(a, out, json_text(json_at(cleared, i)), NULL);
    return out;
}

static enum fault_code
put_row(struct projection *p, const char *fields, const char *private_at)
{
    const struct json *o = p->o;
    int64_t due = json_int_of(o, "due", 0), closed = json_int_of(o, "closed", 0);
    const struct store_value v[] = {
        {.letter = 'i', .integer = p->stream},
        {.letter = 'i', .integer = p->rid},
        {.letter = 'i', .integer = json_int_of(p->body, "rev", 0)},
        {.letter = 'i', .integer = json_int_of(o, "kind_id", 0)},
        {.letter = 'i', .integer = json_int_of(p->body, "version", 0)},
        {.letter = 's', .bytes = kept(p, "number", NULL)},
        {.letter = 'i', .integer = json_int_of(o, "place", 0)},
        {.letter = 'i', .integer = json_int_of(o, "line", 0)},
        {.letter = 's', .bytes = kept(p, "lines", "[]")},
        {.letter = 'i', .integer = json_int_of(o, "unit", 0)},
        {.letter = 's', .bytes = kept(p, "desk", "{}")},
        {.letter = 'i', .integer = json_int_of(o, "state_n", 0)},
        {.letter = 'i', .integer = json_int_of(o, "level_n", 0)},
        {.letter = 'i', .integer = json_int_of(o, "cycle", 1)},
        {.letter = 'i', .integer = json_int_of(o, "born", json_int_of(p->row, "born", 0))},
        {.letter = due ? 'i' : 'n', .integer = due},
        {.letter = closed ? 'i' : 'n', .integer = closed},
        {.letter = 'i', .integer = json_is_true(json_get(o, "sealed"))},
        {.letter = 's', .bytes = kept(p, "title", NULL)},
        {.letter = 's', .bytes = fields},
        {.letter = 's', .bytes = private_at},
        {.letter = 's', .bytes = kept(p, "clocks", "{}")},
        {.letter = 's', .bytes = kept(p, "parties", "{}")},
        {.letter = 'i', .integer = p->seq},
    };

    return store_run_values(p->t, p->s, NULL,
                            "INSERT INTO record_now (" RECORD_COLUMNS
                            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                            "ON CONFLICT (rid, stream) DO UPDATE SET rev = excluded.rev, kind = "
                            "excluded.kind, version = excluded.version, number = excluded.number, place = "
                            "excluded.place, line = excluded.line, lines = excluded.lines, unit = "
                            "excluded.unit, desk = excluded.desk, state = excluded.state, level = "
                            "excluded.level, cycle = excluded.cycle, due = excluded.due, closed = "
                            "excluded.closed, sealed = excluded.sealed, title = excluded.title, fields = "
                            "excluded.fields, private = excluded.private, clocks = excluded.clocks, parties "
                            "= excluded.parties, seq = excluded.seq",
                            v, sizeof v / sizeof *v);
}

static enum fault_code
put_serial(struct projection *p)
{
    if (!json_text_of(p->o, "series"))
        return FAULT_NONE;
    return store_run(p->t, p->s, NULL,
                     "INSERT INTO record_serial (stream, series, n) VALUES (?, ?, ?) ON CONFLICT (stream, "
                     "series) DO UPDATE SET n = excluded.n",
                     "isi", p->stream, json_text_of(p->o, "series"), json_int_of(p->o, "serial", 0));
}

static enum fault_code
project_rows(struct projection *p)
{
    struct json *old_fields, *old_private, *old_clocks, *parties;
    const char *text;
    enum fault_code rc = parse(p, "fields", &old_fields);

    if (!rc)
        rc = parse(p, "private", &old_private);
    if (rc)
        return rc;
    parties = json_get(p->o, "parties");
    if (!parties)
        rc = parse(p, "parties", &parties);
    if (!rc)
        rc = move_audience(p, parties);
    if (!rc && json_get(p->o, "parties"))
        rc = put_reach(p, parties);
    if (!rc)
        rc = replace_rows(p, json_get(p->o, "links"), old_fields, true);
    if (!rc)
        rc = replace_rows(p, json_get(p->o, "index"), old_fields, false);
    if (!rc)
        rc = put_files(p);
    if (!rc)
        rc = parse(p, "clocks", &old_clocks);
    if (!rc && json_get(p->o, "clocks") && !json_equal(json_get(p->o, "clocks"), old_clocks))
        rc = put_rungs(p, json_get(p->o, "clocks"));
    if (!rc)
        rc = put_serial(p);
    if (rc)
        return rc;
    text = one_text(p, merged(p, old_fields));
    rc = put_row(p, text, one_text(p, merged_private(p, old_private)));
    if (!rc)
        rc = store_run(p->t, p->s, NULL,
                       "INSERT INTO record_search_wait (rid, stream) VALUES (?, ?) ON CONFLICT DO NOTHING",
                       "ii", p->rid, p->stream);
    return rc;
}

/* ---- definitions and standards ---- */

static enum fault_code
project_adoption(struct task *t, struct store *s, const struct json *body)
{
    const struct json *o = json_get(body, "outcome");
    enum fault_code rc;

    if (text_equal(json_text_of(body, "step"), "adopt"))
        rc = store_run(t, s, NULL,
                       "INSERT INTO record_definition (kind, version, id, digest, body) VALUES (?, ?, ?, ?, "
                       "?) ON CONFLICT (kind, version) DO NOTHING",
                       "siiss", json_text_of(o, "adopted"), json_int_of(o, "version", 0),
                       json_int_of(o, "id", 0), json_text_of(o, "digest"),
                       json_text_of(o, "source"));
    else
        rc = store_run(t, s, NULL,
                       "INSERT INTO record_standard (name, place, edition, body) VALUES (?, ?, ?, ?) ON "
                       "CONFLICT (name, place) DO UPDATE SET edition = excluded.edition, body = excluded.body",
                       "siss", json_text_of(o, "adopted"), json_int_of(o, "for", 0),
                       json_text_of(o, "edition"), json_text_of(o, "source"));
    return rc ? rc : org_generation_moved(t, s, "definitions");
}

enum fault_code
record_project(struct task *t, struct store *s, const struct json *body, int64_t seq)
{
    struct projection p = {.t = t, .s = s, .body = body, .o = json_get(body, "outcome"), .seq = seq};
    enum fault_code rc;

    if (text_equal(json_text_of(body, "kind"), "definition"))
        return project_adoption(t, s, body);
    if (!record_id_read(json_text_of(body, "record"), &p.stream, &p.rid))
        return fault(t, FAULT_PROOF, NULL, "事件没有指明记录 | the event names no record");
    rc = read_old(&p);
    return rc ? rc : project_rows(&p);
}
