/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain/proof.c - that an event is in the stream whose head was signed (RFC 6962 section 2.1.1).
 */
#include "chain/inside.h"
#include <string.h>

/* The root of the leaves [from, to): a full subtree where it is one, else joined from its two halves. */
static enum fault_code
subtree(struct task *t, struct store *s, int64_t stream, int64_t from, int64_t to, uint8_t out[HASH_LEN])
{
    int64_t size = to - from, half = 1;
    uint8_t left[HASH_LEN], right[HASH_LEN];
    int height = 0;
    enum fault_code rc;

    while ((INT64_C(1) << height) < size)
        height++;
    if ((INT64_C(1) << height) == size)
        return chain_tree_node(t, s, stream, height, from >> height, out);
    while (half * 2 < size)
        half *= 2;
    rc = subtree(t, s, stream, from, from + half, left);
    if (!rc)
        rc = subtree(t, s, stream, from + half, to, right);
    if (!rc)
        chain_join(left, right, out);
    return rc;
}

static enum fault_code
path(struct task *t, struct store *s, int64_t stream, int64_t leaf, int64_t from, int64_t to,
     struct json *list)
{
    int64_t half = 1;
    uint8_t other[HASH_LEN];
    enum fault_code rc;

    if (to - from <= 1)
        return FAULT_NONE;
    while (half * 2 < to - from)
        half *= 2;
    if (leaf < from + half) {
        rc = path(t, s, stream, leaf, from, from + half, list);
        if (!rc)
            rc = subtree(t, s, stream, from + half, to, other);
    } else {
        rc = path(t, s, stream, leaf, from + half, to, list);
        if (!rc)
            rc = subtree(t, s, stream, from, from + half, other);
    }
    if (!rc)
        json_push(t->arena, list, json_str(t->arena, hash_hex(t->arena, other, HASH_LEN)));
    return rc;
}

enum fault_code
chain_proof(struct task *t, struct store *s, int64_t stream, int64_t seq, struct json **out)
{
    struct arena *a = t->arena;
    struct json *o = json_object(a), *list = json_array(a), *head = json_object(a);
    struct rows r;
    struct chain_row event;
    int64_t size = 0;
    bool found = false;
    size_t len;
    enum fault_code rc = chain_open_stream(t, s, &r, stream, seq, 1);

    if (rc)
        return rc;
    found = chain_next(t, &r, &event) && event.seq == seq;
    rc = store_end(t, &r);
    if (rc || !found)
        return rc ? rc : fault(t, FAULT_ABSENT, NULL, "没有这条事件 | no such event");
    rc = store_query(t, s, &r,
                     "SELECT seq, digest, root, at, signed_by, signature FROM chain_head WHERE stream = ?",
                     "i", stream);
    if (rc)
        return rc;
    if (store_next(t, &r)) {
        size = store_int(&r, 0);
        json_set_int(a, head, "size", size);
        json_set_str(a, head, "digest", hash_hex(a, store_bytes(t, &r, 1, &len), HASH_LEN));
        json_set_str(a, head, "root", hash_hex(a, store_bytes(t, &r, 2, &len), HASH_LEN));
        json_set_int(a, head, "at", store_int(&r, 3));
        json_set_str(a, head, "signed_by", store_text(t, &r, 4));
        json_set_str(a, head, "signature", hash_hex(a, store_bytes(t, &r, 5, &len), HASH_SIGNATURE_LEN));
    }
    rc = store_end(t, &r);
    if (!rc)
        rc = path(t, s, stream, seq - 1, 0, size, list);
    if (rc)
        return rc;
    json_set_int(a, o, "stream", stream);
    json_set_int(a, o, "seq", seq);
    json_set_str(a, o, "digest_name", "sha256");
    json_set_str(a, o, "digest", event.digest);
    json_set(a, o, "previous", json_get(event.body, "previous"));
    json_set(a, o, "path", list);
    json_set(a, o, "head", head);
    *out = o;
    return FAULT_NONE;
}
