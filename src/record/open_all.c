/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/open_all.c - reading the rows of a page at once.
 *
 * Knows: a list shows most of what a row holds just as it lies there, so that little of it is made into
 * values.
 * Does not know: which rows a page has, nor what of them is shown.
 */
#include "record/inside.h"
#include <string.h>

/* ---- rows ---- */

/* What record_view and a list's own tests read of parties. */
static const char keys[] = "keys";
static const char *const seen_by[] = {keys, "never", "part"};

static enum fault_code
read_shown(struct task *t, const struct record_world *w, const struct rows *r, unsigned parts,
           struct record *out)
{
    const char *parties = store_text(t, r, 22);
    enum fault_code rc = record_read_columns(t, w, r, out);

    if (!rc)
        rc = record_read_member(t, r, 8, &out->lines);
    if (!rc)
        rc = record_read_member(t, r, 10, &out->desk);
    if (!rc)
        rc = record_read_member(t, r, 20, &out->private_at);
    if (rc)
        return rc;
    out->written = store_text(t, r, 19);
    if (parts & RECORD_FIELDS)
        rc = record_read_member(t, r, 19, &out->fields);
    if (!rc && parts & RECORD_PARTIES)
        rc = record_read_member(t, r, 21, &out->clocks);
    if (rc)
        return rc;
    return parts & RECORD_PARTIES ? record_read_member(t, r, 22, &out->parties)
                                  : json_pick(t, parties, seen_by, 3, keys, &out->parties);
}

static size_t
place_of(const struct record_at *at, size_t n, int64_t stream, int64_t rid, size_t *next)
{
    /* Mostly they come as they were asked for. */
    for (size_t i = 0; i < n; i++) {
        size_t k = (*next + i) % n;

        if (at[k].rid == rid && at[k].stream == stream) {
            *next = (k + 1) % n;
            return k;
        }
    }
    return n;
}

#define NAMED 0x100 /* of parts: none but those of a name */
#define NAMED_COLUMNS "stream, rid, kind, version, number, unit, sealed, title, parties"
#define OF_ASKED " FROM asked JOIN record_now n ON n.rid = asked.at AND n.stream = asked.of"

static enum fault_code
read_named(struct task *t, const struct record_world *w, const struct rows *r, struct record *out)
{
    enum fault_code rc = record_read_kind(t, w, (int)store_int(r, 2), (int)store_int(r, 3), out);

    if (rc)
        return rc;
    out->stream = store_int(r, 0);
    out->rid = store_int(r, 1);
    out->number = store_text(t, r, 4);
    out->unit = store_int(r, 5);
    out->sealed = store_int(r, 6) != 0;
    out->title = store_text(t, r, 7);
    return json_pick(t, store_text(t, r, 8), seen_by, 3, keys, &out->parties);
}

static enum fault_code
open_some(struct task *t, struct store *s, const struct record_world *w, const struct record_at *at, size_t n,
          unsigned parts, struct record *out, bool *found)
{
    size_t room = store_list_room(n), next = 0;
    struct store_value *v = arena_alloc(t->arena, 2 * room * sizeof *v);
    struct rows r;
    enum fault_code rc;

    for (size_t i = 0; i < room; i++) {
        v[2 * i] = (struct store_value){.letter = 'i', .integer = i < n ? at[i].rid : -1};
        v[2 * i + 1] = (struct store_value){.letter = 'i', .integer = i < n ? at[i].stream : -1};
    }
    rc = store_query_values(t, s, &r,
                            store_list_text(t, "WITH asked(at, of) AS (VALUES ", room, 2,
                                            parts & NAMED ? ") SELECT " NAMED_COLUMNS OF_ASKED
                                                          : ") SELECT " RECORD_COLUMNS OF_ASKED),
                            v, 2 * room);
    if (rc)
        return rc;
    while (!rc && store_next(t, &r)) {
        size_t k = place_of(at, n, store_int(&r, 0), store_int(&r, 1), &next);

        if (k == n || found[k])
            continue;
        rc = parts & NAMED ? read_named(t, w, &r, &out[k]) : read_shown(t, w, &r, parts, &out[k]);
        found[k] = true;
    }
    return store_end(t, &r) ? t->fault.code : rc;
}

enum fault_code
record_open_all(struct task *t, struct store *s, const struct record_world *w, const struct record_at *at,
                size_t n, unsigned parts, struct record *out, bool *found)
{
    enum fault_code rc = FAULT_NONE;

    memset(found, 0, n * sizeof *found);
    for (size_t i = 0; i < n && !rc; i += STORE_LIST_MAX)
        rc = open_some(t, s, w, at + i, n - i < STORE_LIST_MAX ? n - i : STORE_LIST_MAX, parts, out + i,
                       found + i);
    return rc;
}

enum fault_code
record_open_named(struct task *t, struct store *s, const struct record_world *w, const struct record_at *at,
                  size_t n, struct record *out, bool *found)
{
    return record_open_all(t, s, w, at, n, NAMED, out, found);
}

/* ---- private values ---- */

/* One more member of an object that is being written. */
static void
add_written(struct text *x, const struct chain_private_at *p)
{
    text_puts(x, x->len > 1 ? ",\"" : "\"");
    text_puts(x, p->field);
    text_puts(x, "\":");
    text_puts(x, p->written ? p->written : "null");
}

/* They stand first: where a name was public once, the reader of the text takes the first. */
static enum fault_code
put_privates(struct task *t, struct record *r, const struct chain_private_at *list)
{
    size_t n = json_count(r->private_at);
    struct text x;
    enum fault_code rc = FAULT_NONE;

    if (!n)
        return FAULT_NONE;
    text_init(&x, t->arena);
    text_char(&x, '{');
    for (size_t i = 0; i < n && !rc; i++) {
        struct json *value = NULL;

        if (r->fields && list[i].written)
            rc = json_read(t, list[i].written, strlen(list[i].written), &value);
        if (!rc && r->fields)
            json_set(t->arena, r->fields, list[i].field, value ? value : json_null(t->arena));
        add_written(&x, &list[i]);
    }
    if (!r->written)
        return rc;
    if (r->written[1] != '}')
        text_char(&x, ',');
    text_puts(&x, r->written + 1);
    r->written = text_string(&x);
    return rc;
}

enum fault_code
record_read_privates(struct task *t, struct store *s, struct record *const *list, size_t n)
{
    struct chain_private_at *all;
    size_t count = 0, at = 0;
    enum fault_code rc;

    for (size_t i = 0; i < n; i++)
        count += json_count(list[i]->private_at);
    if (!count)
        return FAULT_NONE;
    all = arena_alloc(t->arena, count * sizeof *all);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < json_count(list[i]->private_at); k++, at++) {
            const struct json_member *m = &list[i]->private_at->object.at[k];

            all[at].stream = list[i]->stream;
            all[at].seq = json_integer(m->value, 0);
            all[at].field = m->name;
        }
    rc = chain_privates(t, s, all, count);
    at = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        rc = put_privates(t, list[i], &all[at]);
        at += json_count(list[i]->private_at);
    }
    return rc;
}
