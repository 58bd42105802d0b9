/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain/verify.c - does the log still say what it said?
 *
 * Knows: everything docs/kept-format.md promises. Hashes what is stored and never re-serialises.
 * Does not know: whether the derived tables follow from it (desk compares a rebuild).
 */
#include "base/time.h"
#include "chain/inside.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct walk {
    struct task *t;
    struct store *s;
    const uint8_t *public_key;
    struct chain_report *out;
    int64_t stream, seq, at;
    int64_t anchors, last_anchor; /* met so far; the event the last one stands at */
    bool anchored;                /* the event we stand on has one */
    uint8_t digest[HASH_LEN];
    /* peaks of the tree as it grows: hash of each full subtree of height h */
    uint8_t peaks[63][HASH_LEN];
};

__attribute__((format(printf, 2, 3))) static void
wrong(struct walk *w, const char *format, ...)
{
    char words[512];
    va_list args;

    if (w->out->wrong)
        return;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    w->out->wrong = arena_text(w->t->arena, words);
}

/* Proofs are made of the kept nodes: each must be what the walk computes. */
static void
check_node(struct walk *w, int height, int64_t n, const uint8_t made[HASH_LEN])
{
    struct rows r;
    size_t len = 0;
    const void *kept = NULL;

    if (store_query(w->t, w->s, &r, "SELECT hash FROM chain_node WHERE stream = ? AND height = ? AND n = ?",
                    "iii", w->stream, (int64_t)height, n))
        return;
    if (store_next(w->t, &r))
        kept = store_bytes(w->t, &r, 0, &len);
    if (store_end(w->t, &r))
        return;
    if (!kept || len != HASH_LEN || memcmp(kept, made, HASH_LEN) != 0)
        wrong(w,
              "流 %lld 的树在第 %lld 条事件处的节点 (%d, %lld) 被改动 | stream %lld: the tree's node (%d, %lld) at "
              "event %lld was changed",
              (long long)w->stream, (long long)w->seq, height, (long long)n, (long long)w->stream, height,
              (long long)n, (long long)w->seq);
}

static void
grow_peaks(struct walk *w)
{
    int64_t n = w->seq - 1;
    uint8_t node[HASH_LEN];
    int height = 0;

    chain_leaf(w->digest, node);
    while ((n >> height) & 1) {
        chain_join(w->peaks[height], node, node);
        height++;
        check_node(w, height, n >> height, node);
    }
    memcpy(w->peaks[height], node, HASH_LEN);
}

static void
root_of_peaks(const struct walk *w, uint8_t out[HASH_LEN])
{
    bool any = false;

    memset(out, 0, HASH_LEN);
    for (int height = 0; w->seq >> height; height++) {
        if (!((w->seq >> height) & 1))
            continue;
        if (any)
            chain_join(w->peaks[height], out, out);
        else
            memcpy(out, w->peaks[height], HASH_LEN);
        any = true;
    }
}

/* An id ends in the number of its record, 13 letters of base32; events of no record have none. */
static int64_t
record_number(const struct json *body)
{
    const char *id = json_text_of(body, "record");
    uint64_t n = 0;

    if (!id)
        return 0;
    return strlen(id) == 16 && hash_unbase32(id + 3, 13, &n) ? (int64_t)n : -1;
}

/* The column rid and the id in the body are one thing (docs/kept-format.md: 3 + 13 base32 letters). */
static bool
names_record(const struct json *body, int64_t stream, int64_t rid)
{
    const char *id = json_text_of(body, "record");
    uint64_t of_stream, of_rid;

    if (!id)
        return rid == 0;
    return strlen(id) == 16 && hash_unbase32(id, 3, &of_stream) && hash_unbase32(id + 3, 13, &of_rid) &&
           (int64_t)of_stream == stream && (int64_t)of_rid == rid;
}

/* Which column repeats which statement of the body. */
static bool
columns_agree(struct task *t, const struct rows *r, const struct json *body)
{
    const struct json *o = json_get(body, "outcome");
    const char *name = store_text(t, r, 11);

    return names_record(body, store_int(r, 0), store_int(r, 2)) &&
           json_int_of(body, "stream", -1) == store_int(r, 0) &&
           json_int_of(body, "seq", -1) == store_int(r, 1) &&
           record_number(body) == store_int(r, 2) &&
           json_int_of(body, "rev", 0) == store_int(r, 3) &&
           json_int_of(body, "at", -1) == store_int(r, 4) &&
           json_int_of(o, "state_n", 0) == store_int(r, 5) &&
           json_int_of(o, "level_n", 0) == store_int(r, 6) &&
           json_int_of(o, "line", 0) == store_int(r, 7) &&
           json_int_of(o, "place", 0) == store_int(r, 8) &&
           json_int_of(o, "unit", 0) == store_int(r, 9) &&
           json_is_true(json_get(o, "sealed")) == (store_int(r, 10) != 0) &&
           text_equal(json_text_of(body, "name"), name);
}

static void
check_private(struct walk *w, const struct json *body)
{
    const struct json *stated = json_get(body, "private");
    struct rows r;

    if (store_query(w->t, w->s, &r,
                    "SELECT field, salt, value FROM chain_private WHERE stream = ? AND seq = ?", "ii",
                    w->stream, w->seq))
        return;
    while (store_next(w->t, &r)) {
        const char *field = store_text(w->t, &r, 0);
        size_t salt_len, value_len;
        const void *salt = store_bytes(w->t, &r, 1, &salt_len);
        const void *value = store_bytes(w->t, &r, 2, &value_len);
        struct hash_part parts[] = {{salt, salt_len}, {value, value_len}};
        uint8_t digest[HASH_LEN];

        hash_parts(HASH_SHA256, parts, 2, digest);
        if (!text_equal(json_text_of(stated, field), hash_hex(w->t->arena, digest, HASH_LEN)))
            wrong(w,
                  "流 %lld 第 %lld 条事件的非公开字段 %s 被改动 | stream %lld event %lld: the private field %s "
                  "was changed",
                  (long long)w->stream, (long long)w->seq, field, (long long)w->stream, (long long)w->seq,
                  field);
    }
    if (store_end(w->t, &r))
        return;
}

/* What the stream above keeps of its children: their anchors may not have gone or changed since. */
static void
check_children(struct walk *w, const struct json *body)
{
    const struct json *heads = json_get(json_get(body, "outcome"), "heads");

    if (!text_equal(json_text_of(body, "kind"), "anchor"))
        return;
    for (size_t i = 0; i < json_count(heads); i++) {
        const struct json *x = json_at(heads, i);
        struct rows r;
        size_t len;
        bool same = false;

        if (store_query(w->t, w->s, &r,
                        "SELECT root FROM chain_day WHERE stream = ? AND day = ? AND seq = ?", "iii",
                        json_int_of(x, "stream", 0), json_int_of(x, "day", 0), json_int_of(x, "seq", 0)))
            return;
        if (store_next(w->t, &r)) {
            const void *root = store_bytes(w->t, &r, 0, &len);

            same = text_equal(hash_hex(w->t->arena, root, len), json_text_of(x, "root"));
        }
        if (store_end(w->t, &r))
            return;
        if (!same)
            wrong(w,
                  "流 %lld 在第 %lld 条事件处的每日锚与上级流 %lld 所存不符 | stream %lld: the daily anchor at event "
                  "%lld is not the one that stream %lld above it keeps",
                  (long long)json_int_of(x, "stream", 0), (long long)json_int_of(x, "seq", 0),
                  (long long)w->stream, (long long)json_int_of(x, "stream", 0),
                  (long long)json_int_of(x, "seq", 0), (long long)w->stream);
    }
}

/* A later anchor stands, so the day before this event was over and had one. */
static void
check_day_before(struct walk *w, int64_t at)
{
    if (w->seq && !w->anchored && w->last_anchor > w->seq && time_day(at) > time_day(w->at))
        wrong(w,
              "流 %lld 在第 %lld 条事件处缺少每日锚 | stream %lld: the daily anchor at event %lld is missing",
              (long long)w->stream, (long long)w->seq, (long long)w->stream, (long long)w->seq);
}

static void
check_event(struct walk *w, const struct rows *r)
{
    size_t body_len, digest_len;
    const void *bytes = store_bytes(w->t, r, 12, &body_len);
    const void *digest = store_bytes(w->t, r, 13, &digest_len);
    uint8_t made[HASH_LEN];
    struct json *body;
    long long stream = (long long)w->stream, seq = (long long)(w->seq + 1);

    if (store_int(r, 1) != w->seq + 1) {
        wrong(w, "流 %lld 缺少第 %lld 条事件 | stream %lld: event %lld is missing", stream, seq, stream, seq);
        return;
    }
    hash_bytes(HASH_SHA256, bytes, body_len, made);
    if (digest_len != HASH_LEN || memcmp(made, digest, HASH_LEN) != 0) {
        wrong(w, "流 %lld 第 %lld 条事件的内容被改动 | stream %lld event %lld: its bytes were changed", stream,
              seq, stream, seq);
        return;
    }
    if (json_read(w->t, bytes, body_len, &body)) {
        fault_clear(w->t);
        wrong(w, "流 %lld 第 %lld 条事件不是 JSON | stream %lld event %lld is not JSON", stream, seq, stream,
              seq);
        return;
    }
    if (!text_equal(json_text_of(body, "previous"), hash_hex(w->t->arena, w->digest, HASH_LEN)) ||
        !columns_agree(w->t, r, body) || store_int(r, 4) < w->at) {
        wrong(w,
              "流 %lld 第 %lld 条事件不接在上一条之后，或与其内容不符 | stream %lld event %lld does not follow the "
              "one before it, or its columns differ from its bytes",
              stream, seq, stream, seq);
        return;
    }
    check_day_before(w, store_int(r, 4));
    memcpy(w->digest, made, HASH_LEN);
    w->seq++;
    w->at = store_int(r, 4);
    check_private(w, body);
    check_children(w, body);
    grow_peaks(w);
}

static bool
signature_holds(struct walk *w, const struct rows *r, int64_t day, int64_t seq, int64_t at, int digest_at)
{
    size_t len, root_len, signature_len;
    const uint8_t *digest = store_bytes(w->t, r, digest_at, &len);
    const uint8_t *root = store_bytes(w->t, r, digest_at + 1, &root_len);
    const uint8_t *signature = store_bytes(w->t, r, digest_at + 2, &signature_len);
    uint8_t made[HASH_LEN];
    const char *statement;

    root_of_peaks(w, made);
    if (len != HASH_LEN || root_len != HASH_LEN || signature_len != HASH_SIGNATURE_LEN ||
        memcmp(digest, w->digest, HASH_LEN) != 0 || memcmp(root, made, HASH_LEN) != 0)
        return false;
    statement = chain_statement(w->t, w->stream, day, seq, digest, root, at);
    return hash_signature_holds(w->public_key, statement, strlen(statement), signature);
}

/* Anchors are compared while the walk stands on their event, so the tree is the one they signed. */
static void
check_anchor(struct walk *w)
{
    struct rows r;

    if (store_query(w->t, w->s, &r,
                    "SELECT day, at, digest, root, signature FROM chain_day WHERE stream = ? AND seq = ?",
                    "ii", w->stream, w->seq))
        return;
    w->anchored = false;
    while (store_next(w->t, &r)) {
        w->anchored = true;
        w->anchors++;
        if (!signature_holds(w, &r, store_int(&r, 0), w->seq, store_int(&r, 1), 2))
            wrong(w,
                  "流 %lld 在第 %lld 条事件处的每日锚不成立 | stream %lld: the daily anchor at event %lld does "
                  "not hold",
                  (long long)w->stream, (long long)w->seq, (long long)w->stream, (long long)w->seq);
    }
    if (store_end(w->t, &r))
        return;
}

/* Every anchor was met on the walk: none stands at an event that is not there. */
static void
check_anchors_met(struct walk *w)
{
    int64_t n = 0;
    bool found;

    if (store_one_int(w->t, w->s, &n, &found, "SELECT count(*) FROM chain_day WHERE stream = ?", "i",
                      w->stream))
        return;
    if (n > w->anchors)
        wrong(w,
              "流 %lld 有每日锚不在任何事件处，末条为第 %lld 条事件 | stream %lld: a daily anchor stands at no event; "
              "the last is event %lld",
              (long long)w->stream, (long long)w->seq, (long long)w->stream, (long long)w->seq);
}

static void
check_head(struct walk *w)
{
    struct rows r;
    int64_t seq = 0;
    bool holds = false;

    if (store_query(w->t, w->s, &r,
                    "SELECT seq, at, digest, root, signature FROM chain_head WHERE stream = ?", "i",
                    w->stream))
        return;
    if (store_next(w->t, &r)) {
        seq = store_int(&r, 0);
        holds = seq == w->seq &&
                (seq == 0 || signature_holds(w, &r, -1, seq, store_int(&r, 1), 2));
    }
    if (store_end(w->t, &r))
        return;
    if (seq > w->seq)
        wrong(w,
              "流 %lld 的末尾被截去：应到第 %lld 条，只有 %lld 条 | stream %lld: its tail was cut at event %lld, "
              "%lld are left",
              (long long)w->stream, (long long)seq, (long long)w->seq, (long long)w->stream, (long long)seq,
              (long long)w->seq);
    else if (!holds)
        wrong(w,
              "流 %lld 的头部签名不成立（第 %lld 条事件） | stream %lld: the signature of its head (event %lld) "
              "does not hold",
              (long long)w->stream, (long long)w->seq, (long long)w->stream, (long long)w->seq);
    if (w->last_anchor > w->seq)
        wrong(w,
              "流 %lld 的末尾被截去：每日锚到第 %lld 条 | stream %lld: its tail was cut; a daily anchor reaches "
              "event %lld",
              (long long)w->stream, (long long)w->last_anchor, (long long)w->stream,
              (long long)w->last_anchor);
    check_anchors_met(w);
}

/* Each batch has an arena of its own, so that a stream of any length takes little memory. */
static enum fault_code
check_batch(struct walk *w, bool *more)
{
    struct rows r;
    int64_t count = 0;
    enum fault_code rc = store_query(
        w->t, w->s, &r,
        "SELECT stream, seq, rid, rev, at, state, level, line, place, unit, sealed, name, body, digest "
        "FROM chain_event WHERE stream = ? AND seq > ? ORDER BY seq LIMIT 1000",
        "ii", w->stream, w->seq);

    if (rc)
        return rc;
    while (!w->out->wrong && store_next(w->t, &r)) {
        check_event(w, &r);
        if (!w->out->wrong)
            check_anchor(w);
        count++;
    }
    *more = count == 1000 && !w->out->wrong;
    w->out->events += count;
    return store_end(w->t, &r);
}

/* Of events and anchors too: a stream does not vanish with the row of its head. */
static enum fault_code
all_streams(struct task *t, struct store *s, int64_t **streams, size_t *n)
{
    static const char both[] = "SELECT stream FROM chain_head UNION SELECT stream FROM chain_event UNION "
                               "SELECT stream FROM chain_day";
    struct rows r;
    int64_t count = 0;
    bool found;
    enum fault_code rc =
        store_one_int(t, s, &count, &found, arena_format(t->arena, "SELECT count(*) FROM (%s) s", both), "");

    if (!rc)
        rc = store_query(t, s, &r, arena_format(t->arena, "%s ORDER BY 1", both), "");
    if (rc)
        return rc;
    *streams = arena_alloc(t->arena, ((size_t)count + 1) * sizeof **streams);
    *n = 0;
    while (*n < (size_t)count && store_next(t, &r))
        (*streams)[(*n)++] = store_int(&r, 0);
    return store_end(t, &r);
}

/* ---- what streams say of one another ---- */

/* A stream whose head row was taken away still has its events. */
static enum fault_code
check_headless(struct task *t, struct store *s, struct chain_report *out)
{
    int64_t stream = 0;
    bool found;
    enum fault_code rc = store_one_int(t, s, &stream, &found,
                                       "SELECT stream FROM chain_event WHERE stream NOT IN (SELECT stream "
                                       "FROM chain_head) LIMIT 1",
                                       "");

    if (!rc && found)
        out->wrong = arena_format(t->arena,
                                  "流 %lld 的头部被移除（第 1 条事件起） | stream %lld: its head was removed (event "
                                  "1 on)",
                                  (long long)stream, (long long)stream);
    return rc;
}

enum fault_code
chain_verify(struct task *t, struct store *s, const uint8_t public_key[HASH_KEY_LEN],
             struct chain_report *out)
{
    int64_t *streams;
    size_t n;
    bool found;
    enum fault_code rc = all_streams(t, s, &streams, &n);

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < n && !rc && !out->wrong; i++) {
        struct walk *w = arena_alloc(t->arena, sizeof *w);
        bool more = true;

        w->s = s, w->public_key = public_key, w->out = out, w->stream = streams[i];
        rc = store_one_int(t, s, &w->last_anchor, &found,
                           "SELECT max(seq) FROM chain_day WHERE stream = ?", "i", w->stream);
        while (more && !rc) {
            struct task batch;

            task_init(&batch, t->now, 0);
            w->t = &batch;
            rc = check_batch(w, &more);
            if (!more && !rc && !out->wrong)
                check_head(w);
            if (out->wrong)
                out->wrong = arena_text(t->arena, out->wrong);
            if (rc)
                rc = fault(t, rc, NULL, "%s | %s", batch.fault.items[0].zh, batch.fault.items[0].en);
            task_release(&batch);
            if (out->wrong)
                break;
        }
        out->streams++;
    }
    if (!rc && !out->wrong)
        rc = check_headless(t, s, out);
    return rc;
}
