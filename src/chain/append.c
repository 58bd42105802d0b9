/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain/append.c - adding events to the end of a stream, and sealing the group.
 *
 * Knows: heads, sequence numbers, canonical bytes, salts.
 * Does not know: what an event says.
 */
#include "base/time.h"
#include "chain/inside.h"
#include <string.h>

enum fault_code
chain_begin(struct task *t, struct store *s, int64_t stream, struct chain_tip *tip)
{
    struct rows r;
    size_t len;
    bool found = false;
    enum fault_code rc = store_lock_row(t, s, "chain_head", "stream", stream);

    if (!rc)
        rc = store_query(t, s, &r, "SELECT seq, at, digest FROM chain_head WHERE stream = ?", "i", stream);
    if (rc)
        return rc;
    memset(tip, 0, sizeof *tip);
    tip->stream = stream;
    if (store_next(t, &r)) {
        const void *digest = store_bytes(t, &r, 2, &len);

        found = true;
        tip->seq = store_int(&r, 0);
        tip->at = store_int(&r, 1);
        if (len == HASH_LEN)
            memcpy(tip->digest, digest, HASH_LEN);
    }
    rc = store_end(t, &r);
    if (rc || found)
        return rc;
    return store_run(t, s, NULL,
                     "INSERT INTO chain_head (stream, seq, digest, root, at, signed_by, signature) VALUES "
                     "(?, 0, ?, ?, 0, '', ?)",
                     "ibbb", stream, (const void *)tip->digest, (size_t)HASH_LEN,
                     (const void *)tip->digest, (size_t)HASH_LEN, (const void *)"", (size_t)0);
}

/* The lock first: a server that is still committing is waited for. */
enum fault_code
chain_kept(struct task *t, struct store *s, const struct chain_tip *tip, bool *kept)
{
    struct rows r;
    enum fault_code rc = store_lock_row(t, s, "chain_head", "stream", tip->stream);

    *kept = false;
    if (!rc)
        rc = store_query(t, s, &r, "SELECT digest FROM chain_event WHERE stream = ? AND seq = ?", "ii",
                         tip->stream, tip->seq);
    if (rc)
        return rc;
    if (store_next(t, &r)) {
        size_t len;
        const void *digest = store_bytes(t, &r, 0, &len);

        *kept = len == HASH_LEN && memcmp(digest, tip->digest, HASH_LEN) == 0;
    }
    return store_end(t, &r);
}

enum fault_code
chain_has(struct task *t, struct store *s, int64_t stream, const char *name, bool *there)
{
    int64_t seq;

    return store_one_int(t, s, &seq, there, "SELECT seq FROM chain_event WHERE stream = ? AND name = ?",
                         "is", stream, name);
}

/* A phone number under a known salt is 10^10 tries: every value has 128 random bits of its own. */
static enum fault_code
keep_secrets(struct task *t, struct store *s, struct chain_event *e, int64_t stream)
{
    struct json *digests;
    enum fault_code rc = FAULT_NONE;

    if (!e->n_secrets)
        return FAULT_NONE;
    digests = json_object(t->arena);
    for (size_t i = 0; i < e->n_secrets && !rc; i++) {
        uint8_t salt[16], digest[HASH_LEN];
        struct text value;
        struct hash_part parts[2];

        text_init(&value, t->arena);
        rc = json_canonical(t, e->secrets[i].value, false, &value);
        if (rc)
            break;
        random_bytes(&t->random, salt, sizeof salt);
        parts[0].bytes = salt, parts[0].len = sizeof salt;
        parts[1].bytes = text_string(&value), parts[1].len = value.len;
        hash_parts(HASH_SHA256, parts, 2, digest);
        json_set_str(t->arena, digests, e->secrets[i].field, hash_hex(t->arena, digest, HASH_LEN));
        rc = store_run(t, s, NULL,
                       "INSERT INTO chain_private (stream, seq, field, salt, value) VALUES (?, ?, ?, ?, ?)",
                       "iisbs", stream, e->seq, e->secrets[i].field, (const void *)salt, sizeof salt,
                       text_string(&value));
    }
    if (!rc)
        json_set(t->arena, e->body, "private", digests);
    return rc;
}

static enum fault_code
insert(struct task *t, struct store *s, int64_t stream, const struct chain_event *e,
       const struct text *bytes)
{
    const char of_record = e->rid ? 'i' : 'n';
    const struct store_value v[] = {
        {.letter = 'i', .integer = stream},
        {.letter = 'i', .integer = e->seq},
        {.letter = of_record, .integer = e->rid},
        {.letter = of_record, .integer = e->rev},
        {.letter = 'i', .integer = e->at},
        {.letter = 'i', .integer = e->state},
        {.letter = 'i', .integer = e->level},
        {.letter = 'i', .integer = e->line},
        {.letter = 'i', .integer = e->place},
        {.letter = 'i', .integer = e->unit},
        {.letter = 'i', .integer = e->sealed},
        {.letter = e->name ? 's' : 'n', .bytes = e->name},
        {.letter = 'b', .bytes = bytes->bytes, .len = bytes->len},
        {.letter = 'b', .bytes = e->digest, .len = HASH_LEN},
    };

    return store_run_values(t, s, NULL,
                            "INSERT INTO chain_event (stream, seq, rid, rev, at, state, level, line, place, "
                            "unit, sealed, name, body, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                            "?)",
                            v, sizeof v / sizeof *v);
}

enum fault_code
chain_append(struct task *t, struct store *s, struct chain_tip *tip, struct chain_event *e)
{
    struct arena *a = t->arena;
    struct text bytes;
    enum fault_code rc;

    e->seq = tip->seq + 1;
    e->at = t->now > tip->at ? t->now : tip->at;
    json_set_int(a, e->body, "v", 1);
    json_set_int(a, e->body, "stream", tip->stream);
    json_set_int(a, e->body, "seq", e->seq);
    json_set_int(a, e->body, "at", e->at);
    json_set_str(a, e->body, "digest_name", hash_label(HASH_SHA256));
    json_set_str(a, e->body, "previous", hash_hex(a, tip->digest, HASH_LEN));
    if (e->name)
        json_set_str(a, e->body, "name", e->name);
    rc = keep_secrets(t, s, e, tip->stream);
    if (rc)
        return rc;
    text_init(&bytes, a);
    rc = json_canonical(t, e->body, false, &bytes);
    if (rc)
        return rc;
    hash_bytes(HASH_SHA256, text_string(&bytes), bytes.len, e->digest);
    rc = insert(t, s, tip->stream, e, &bytes);
    if (!rc)
        rc = chain_tree_add(t, s, tip, e->digest);
    if (rc)
        return rc;
    tip->seq = e->seq;
    tip->at = e->at;
    memcpy(tip->digest, e->digest, HASH_LEN);
    tip->dirty = true;
    return FAULT_NONE;
}

enum fault_code
chain_seal(struct task *t, struct store *s, const struct hash_key *key, struct chain_tip *tip)
{
    uint8_t root[HASH_LEN], signature[HASH_SIGNATURE_LEN];
    const char *statement;
    enum fault_code rc;

    if (!tip->dirty)
        return FAULT_NONE;
    rc = chain_tip_root(t, s, tip, root);
    if (rc)
        return rc;
    statement = chain_statement(t, tip->stream, -1, tip->seq, tip->digest, root, tip->at);
    hash_sign(key, statement, strlen(statement), signature);
    rc = store_run(t, s, NULL,
                   "UPDATE chain_head SET seq = ?, digest = ?, root = ?, at = ?, signed_by = ?, signature "
                   "= ? WHERE stream = ?",
                   "ibbisbi", tip->seq, (const void *)tip->digest, (size_t)HASH_LEN, (const void *)root,
                   (size_t)HASH_LEN, tip->at, hash_hex(t->arena, key->public_key, HASH_KEY_LEN),
                   (const void *)signature, (size_t)HASH_SIGNATURE_LEN, tip->stream);
    if (!rc)
        tip->dirty = false;
    return rc;
}

/* ---- anchors ---- */

static enum fault_code
anchor_one(struct task *t, struct store *s, const struct hash_key *key, int64_t stream, int32_t day,
           int64_t seq)
{
    uint8_t root[HASH_LEN], signature[HASH_SIGNATURE_LEN];
    const void *digest = NULL;
    const char *statement;
    struct rows r;
    size_t len = 0;
    int64_t at = time_day_end(day);
    enum fault_code rc =
        store_query(t, s, &r, "SELECT digest FROM chain_event WHERE stream = ? AND seq = ?", "ii", stream, seq);

    if (rc)
        return rc;
    if (store_next(t, &r))
        digest = store_bytes(t, &r, 0, &len);
    rc = store_end(t, &r);
    if (!rc)
        rc = chain_tree_root(t, s, stream, seq, root);
    if (rc)
        return rc;
    must(digest && len == HASH_LEN);
    statement = chain_statement(t, stream, day, seq, digest, root, at);
    hash_sign(key, statement, strlen(statement), signature);
    return store_run(t, s, NULL,
                     "INSERT INTO chain_day (stream, day, seq, digest, root, at, signed_by, signature) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                     "iiibbisb", stream, (int64_t)day, seq, digest, len, (const void *)root,
                     (size_t)HASH_LEN, at, hash_hex(t->arena, key->public_key, HASH_KEY_LEN),
                     (const void *)signature, (size_t)HASH_SIGNATURE_LEN);
}

enum fault_code
chain_anchor_days(struct task *t, struct store *s, const struct hash_key *key, int64_t stream,
                  int64_t *made)
{
    int32_t today = time_day(t->now);
    int64_t day = INT32_MIN, seq = 0;
    bool found = false;
    enum fault_code rc = store_one_int(
        t, s, &seq, &found, "SELECT max(seq) FROM chain_day WHERE stream = ?", "i", stream);

    *made = 0;
    if (!found)
        seq = 0;
    while (!rc) {
        int64_t at = 0, last = 0;

        rc = store_one_int(t, s, &at, &found, "SELECT at FROM chain_event WHERE stream = ? AND seq = ?",
                           "ii", stream, seq + 1);
        if (rc || !found)
            break;
        day = time_day(at);
        if (day >= today)
            break;
        rc = store_one_int(t, s, &last, &found,
                           "SELECT max(seq) FROM chain_event WHERE stream = ? AND seq > ? AND at <= ?",
                           "iii", stream, seq, time_day_end((int32_t)day));
        if (!rc)
            rc = anchor_one(t, s, key, stream, (int32_t)day, last);
        seq = last;
        ++*made;
    }
    return rc;
}
