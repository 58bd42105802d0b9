/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain/read.c - events as they were written, and promises.
 */
#include "chain/inside.h"
#include <string.h>

#define EVENT_COLUMNS "pos, stream, seq, rid, rev, at, sealed, name, body, digest"

enum fault_code
chain_open_record(struct task *t, struct store *s, struct rows *r, int64_t stream, int64_t rid)
{
    return store_query(t, s, r,
                       "SELECT " EVENT_COLUMNS " FROM chain_event WHERE stream = ? AND rid = ? ORDER BY rev",
                       "ii", stream, rid);
}

enum fault_code
chain_open_records(struct task *t, struct store *s, struct rows *r, const struct chain_record_at *list, size_t n)
{
    size_t room = store_list_room(n);
    struct store_value *v = arena_alloc(t->arena, 2 * room * sizeof *v);

    for (size_t i = 0; i < room; i++) {
        v[2 * i] = (struct store_value){.letter = 'i', .integer = i < n ? list[i].stream : -1};
        v[2 * i + 1] = (struct store_value){.letter = 'i', .integer = i < n ? list[i].rid : -1};
    }
    return store_query_values(t, s, r,
                              store_list_text(t, "WITH asked(of, which) AS (VALUES ", room, 2,
                                              ") SELECT " EVENT_COLUMNS " FROM asked JOIN chain_event e ON "
                                              "e.stream = asked.of AND e.rid = asked.which"),
                              v, 2 * room);
}

enum fault_code
chain_open_stream(struct task *t, struct store *s, struct rows *r, int64_t stream, int64_t from_seq,
                  int64_t limit)
{
    return store_query(t, s, r,
                       "SELECT " EVENT_COLUMNS
                       " FROM chain_event WHERE stream = ? AND seq >= ? ORDER BY seq LIMIT ?",
                       "iii", stream, from_seq, limit);
}

enum fault_code
chain_open_feed(struct task *t, struct store *s, struct rows *r, int64_t pos, int64_t limit)
{
    return store_query(t, s, r,
                       "SELECT " EVENT_COLUMNS
                       " FROM chain_event WHERE pos > ? AND sealed = 0 ORDER BY pos LIMIT ?",
                       "ii", pos, limit);
}

bool
chain_next_written(struct task *t, struct rows *r, struct chain_row *row)
{
    if (!store_next(t, r))
        return false;
    row->pos = store_int(r, 0);
    row->stream = store_int(r, 1);
    row->seq = store_int(r, 2);
    row->rid = store_int(r, 3);
    row->rev = store_int(r, 4);
    row->at = store_int(r, 5);
    row->sealed = store_int(r, 6) != 0;
    row->name = store_text(t, r, 7);
    row->bytes = store_bytes(t, r, 8, &row->bytes_len);
    row->body = NULL;
    row->digest = NULL;
    return true;
}

bool
chain_next(struct task *t, struct rows *r, struct chain_row *row)
{
    const uint8_t *digest;
    size_t len;

    if (!chain_next_written(t, r, row))
        return false;
    digest = store_bytes(t, r, 9, &len);
    row->digest = hash_hex(t->arena, digest, len);
    return json_read(t, row->bytes, row->bytes_len, &row->body) == FAULT_NONE;
}

enum fault_code
chain_since(struct task *t, struct store *s, int64_t stream, int64_t at, int64_t *seq)
{
    int64_t low = 1, high = 0;
    bool found;
    enum fault_code rc =
        store_one_int(t, s, &high, &found, "SELECT seq FROM chain_head WHERE stream = ?", "i", stream);

    for (high++; low < high && !rc;) {
        int64_t middle = low + (high - low) / 2, when = 0;

        rc = store_one_int(t, s, &when, &found, "SELECT at FROM chain_event WHERE stream = ? AND seq = ?", "ii",
                           stream, middle);
        if (when < at)
            low = middle + 1;
        else
            high = middle;
    }
    *seq = low;
    return rc;
}

enum fault_code
chain_private(struct task *t, struct store *s, int64_t stream, int64_t seq, const char *field,
              struct json **out)
{
    const char *value = NULL;
    enum fault_code rc = store_one_text(
        t, s, &value, "SELECT value FROM chain_private WHERE stream = ? AND seq = ? AND field = ?", "iis",
        stream, seq, field);

    *out = NULL;
    if (rc || !value)
        return rc;
    return json_read(t, value, strlen(value), out);
}

static void
put_private(struct task *t, const struct rows *r, struct chain_private_at *list, size_t n, size_t *next)
{
    int64_t stream = store_int(r, 0), seq = store_int(r, 1);
    const char *field = store_text(t, r, 2);

    /* Mostly they come as they were asked for. */
    for (size_t i = 0; i < n; i++) {
        struct chain_private_at *x = &list[(*next + i) % n];

        if (x->stream == stream && x->seq == seq && strcmp(x->field, field) == 0) {
            *next = (*next + i + 1) % n;
            x->written = store_text(t, r, 3);
            return;
        }
    }
}

static enum fault_code
read_privates(struct task *t, struct store *s, struct chain_private_at *list, size_t n)
{
    size_t room = store_list_room(n), next = 0;
    struct store_value *v = arena_alloc(t->arena, 3 * room * sizeof *v);
    struct rows r;
    enum fault_code rc;

    for (size_t i = 0; i < room; i++) {
        const struct chain_private_at *x = &list[i < n ? i : n - 1];

        v[3 * i] = (struct store_value){.letter = 'i', .integer = x->stream};
        v[3 * i + 1] = (struct store_value){.letter = 'i', .integer = i < n ? x->seq : -1};
        v[3 * i + 2] = (struct store_value){.letter = 's', .bytes = x->field};
    }
    rc = store_query_values(t, s, &r,
                            store_list_text(t, "WITH asked(of, at, name) AS (VALUES ", room, 3,
                                            ") SELECT p.stream, p.seq, p.field, p.value FROM asked JOIN "
                                            "chain_private p ON p.stream = asked.of AND p.seq = asked.at AND "
                                            "p.field = asked.name"),
                            v, 3 * room);
    if (rc)
        return rc;
    while (store_next(t, &r))
        put_private(t, &r, list, n, &next);
    return store_end(t, &r);
}

enum fault_code
chain_privates(struct task *t, struct store *s, struct chain_private_at *list, size_t n)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < n; i++)
        list[i].written = NULL;
    for (size_t i = 0; i < n && !rc; i += STORE_LIST_MAX)
        rc = read_privates(t, s, list + i, n - i < STORE_LIST_MAX ? n - i : STORE_LIST_MAX);
    return rc;
}

enum fault_code
chain_newest(struct task *t, struct store *s, int64_t *at)
{
    bool found;

    return store_one_int(t, s, at, &found, "SELECT coalesce(max(at), 0) FROM chain_head", "");
}

enum fault_code
chain_count(struct task *t, struct store *s, int64_t *n)
{
    bool found;

    *n = 0;
    return store_one_int(t, s, n, &found, "SELECT CAST(sum(seq) AS BIGINT) FROM chain_head", "");
}

enum fault_code
chain_streams(struct task *t, struct store *s, int64_t **streams, size_t *n)
{
    struct rows r;
    int64_t count = 0;
    bool found;
    enum fault_code rc = store_one_int(t, s, &count, &found, "SELECT count(*) FROM chain_head", "");

    if (rc)
        return rc;
    *streams = arena_alloc(t->arena, ((size_t)count + 1) * sizeof **streams);
    *n = 0;
    rc = store_query(t, s, &r, "SELECT stream FROM chain_head ORDER BY stream", "");
    if (rc)
        return rc;
    while (*n < (size_t)count && store_next(t, &r))
        (*streams)[(*n)++] = store_int(&r, 0);
    return store_end(t, &r);
}

/* ---- promises ---- */

enum fault_code
chain_promise(struct task *t, struct store *s, int64_t stream, int64_t seq, int64_t n,
              int64_t to_stream, const struct json *body)
{
    return store_run(t, s, NULL,
                     "INSERT INTO chain_promise (stream, seq, n, to_stream, body, next_at) VALUES (?, ?, ?, "
                     "?, ?, ?)",
                     "iiiisi", stream, seq, n, to_stream, json_string(t->arena, body), t->now);
}

enum fault_code
chain_promises_due(struct task *t, struct store *s, int64_t now, struct chain_promised *out,
                   size_t room, size_t *n)
{
    struct rows r;
    enum fault_code rc = store_query(t, s, &r,
                                     "SELECT stream, seq, n, to_stream, tries, body FROM chain_promise "
                                     "WHERE next_at <= ? ORDER BY stream, seq, n LIMIT ?",
                                     "ii", now, (int64_t)room);

    *n = 0;
    if (rc)
        return rc;
    while (*n < room && store_next(t, &r)) {
        struct chain_promised *p = &out[*n];
        const char *body = store_text(t, &r, 5);

        p->stream = store_int(&r, 0);
        p->seq = store_int(&r, 1);
        p->n = store_int(&r, 2);
        p->to_stream = store_int(&r, 3);
        p->tries = store_int(&r, 4);
        if (json_read(t, body, strlen(body), &p->body))
            break;
        ++*n;
    }
    return store_end(t, &r);
}

enum fault_code
chain_promise_kept(struct task *t, struct store *s, const struct chain_promised *p)
{
    return store_run(t, s, NULL, "DELETE FROM chain_promise WHERE stream = ? AND seq = ? AND n = ?", "iii",
                     p->stream, p->seq, p->n);
}

enum fault_code
chain_promise_later(struct task *t, struct store *s, const struct chain_promised *p, int64_t next_at)
{
    return store_run(t, s, NULL,
                     "UPDATE chain_promise SET tries = tries + 1, next_at = ? WHERE stream = ? AND seq = ? "
                     "AND n = ?",
                     "iiii", next_at, p->stream, p->seq, p->n);
}

const char *
chain_promise_name(struct task *t, const struct chain_promised *p)
{
    return arena_format(t->arena, "promise:%lld:%lld:%lld", (long long)p->stream, (long long)p->seq,
                        (long long)p->n);
}
