/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/feed.c - what changed, in the order of the log, and where a reader stands in it.
 *
 * A place in the log tells how much happened that the reader may not see, and positions are for
 * auditors (contract). So the cursor is sealed: masked by a digest of the store's key, bound to the
 * account, another text each time.
 *
 * Knows: the log's order, the key beside the store.
 * Does not know: what a reader may see (record judges each row).
 */
#include "desk/inside.h"
#include <string.h>

#define FEED_ROWS 2000 /* looked at for one answer */
#define SEAL_LEN 8

struct cursor {
    uint8_t salt[SEAL_LEN], place[SEAL_LEN], mark[SEAL_LEN];
};

/* The first bytes of a digest that only who holds the store's key can make. */
static void
seal(const struct desk *d, const char *use, const char *account, const void *bytes, size_t len,
     uint8_t out[SEAL_LEN])
{
    const struct hash_part parts[] = {{d->key.secret, sizeof d->key.secret},
                                      {use, strlen(use) + 1},
                                      {account ? account : "", account ? strlen(account) + 1 : 1},
                                      {bytes, len}};
    uint8_t digest[HASH_LEN];

    hash_parts(HASH_SHA256, parts, sizeof parts / sizeof *parts, digest);
    memcpy(out, digest, SEAL_LEN);
}

static void
mask(const struct desk *d, const char *account, struct cursor *x)
{
    uint8_t over[SEAL_LEN];

    seal(d, "feed place", account, x->salt, sizeof x->salt, over);
    for (size_t i = 0; i < SEAL_LEN; i++)
        x->place[i] ^= over[i];
}

const char *
desk_cursor_write(struct task *t, const struct desk *d, const char *account, int64_t pos)
{
    const int64_t drawn[] = {pos, t->now};
    struct cursor x;

    memcpy(x.place, &pos, sizeof x.place);
    seal(d, "feed salt", account, drawn, sizeof drawn, x.salt);
    mask(d, account, &x);
    seal(d, "feed mark", account, &x, offsetof(struct cursor, mark), x.mark);
    return hash_base64(t->arena, (const uint8_t *)&x, sizeof x);
}

bool
desk_cursor_read(struct task *t, const struct desk *d, const char *account, const char *text, int64_t *pos)
{
    struct cursor x;
    uint8_t *bytes, mark[SEAL_LEN];
    size_t len;

    if (!hash_unbase64(t->arena, text, &bytes, &len) || len != sizeof x)
        return false;
    memcpy(&x, bytes, sizeof x);
    seal(d, "feed mark", account, &x, offsetof(struct cursor, mark), mark);
    if (!hash_equal(mark, x.mark, sizeof mark))
        return false;
    mask(d, account, &x);
    memcpy(pos, x.place, sizeof *pos);
    return true;
}

enum fault_code
desk_feed(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
          const char *after, struct json **out)
{
    struct arena *a = t->arena;
    struct json *o = json_object(a), *list = json_array(a);
    struct chain_row row;
    struct rows rows;
    int64_t pos = 0, last;
    size_t seen = 0;
    enum fault_code rc;

    if (after && *after && !desk_cursor_read(t, d, c->account, after, &pos))
        return desk_refuse(t, "after", "游标无效", "the cursor is no cursor of the feed");
    last = pos;
    rc = chain_open_feed(t, s, &rows, pos, FEED_ROWS);
    if (rc)
        return rc;
    while (json_count(list) < LIMIT_PAGE && chain_next(t, &rows, &row)) {
        struct record r;
        struct record_view view = {0};
        bool found = false;
        struct json *one;

        last = row.pos;
        seen++;
        if (!row.rid)
            continue;
        rc = record_open(t, s, d->world, row.stream, row.rid, &r, &found);
        if (rc)
            break;
        if (found)
            record_view(t, &c->scope, &r, &view);
        if (!view.sees)
            continue;
        one = json_object(a);
        json_set_str(a, one, "record", record_id(a, row.stream, row.rid));
        json_set(a, one, "kind", json_get(row.body, "kind"));
        json_set(a, one, "step", json_get(row.body, "step"));
        json_set(a, one, "to", json_get(row.body, "to"));
        json_set_int(a, one, "seq", row.rev);
        json_set(a, one, "at", desk_instant(a, row.at));
        json_push(a, list, one);
    }
    if (store_end(t, &rows) || rc)
        return t->fault.code;
    json_set(a, o, "items", list);
    json_set_str(a, o, "next", desk_cursor_write(t, d, c->account, last));
    json_set_bool(a, o, "more", seen >= FEED_ROWS || json_count(list) >= LIMIT_PAGE);
    *out = o;
    return FAULT_NONE;
}
