/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain/tree.c - the RFC 6962 tree over the digests of a stream.
 *
 * Knows: full subtrees of heights 1 and up are kept, leaves are made from the events.
 * Does not know: what an event says.
 */
#include "chain/inside.h"
#include <string.h>

void
chain_leaf(const uint8_t digest[HASH_LEN], uint8_t out[HASH_LEN])
{
    static const uint8_t mark = 0;
    struct hash_part parts[] = {{&mark, 1}, {digest, HASH_LEN}};

    hash_parts(HASH_SHA256, parts, 2, out);
}

void
chain_join(const uint8_t left[HASH_LEN], const uint8_t right[HASH_LEN], uint8_t out[HASH_LEN])
{
    static const uint8_t mark = 1;
    struct hash_part parts[] = {{&mark, 1}, {left, HASH_LEN}, {right, HASH_LEN}};

    hash_parts(HASH_SHA256, parts, 3, out);
}

enum fault_code
chain_tree_node(struct task *t, struct store *s, int64_t stream, int height, int64_t n,
                uint8_t out[HASH_LEN])
{
    struct rows r;
    size_t len = 0;
    const void *bytes = NULL;
    enum fault_code rc;

    rc = height == 0
             ? store_query(t, s, &r, "SELECT digest FROM chain_event WHERE stream = ? AND seq = ?", "ii",
                           stream, n + 1)
             : store_query(t, s, &r,
                           "SELECT hash FROM chain_node WHERE stream = ? AND height = ? AND n = ?", "iii",
                           stream, (int64_t)height, n);
    if (rc)
        return rc;
    if (store_next(t, &r))
        bytes = store_bytes(t, &r, 0, &len);
    rc = store_end(t, &r);
    if (rc)
        return rc;
    if (!bytes || len != HASH_LEN)
        return fault(t, FAULT_PROOF, NULL,
                     "流 %lld 的树缺少节点 (%d, %lld) | the tree of stream %lld lacks node (%d, %lld)",
                     (long long)stream, height, (long long)n, (long long)stream, height, (long long)n);
    if (height == 0)
        chain_leaf(bytes, out);
    else
        memcpy(out, bytes, HASH_LEN);
    return FAULT_NONE;
}

/* Reads the edge where nobody remembers it; the last leaf is the tip's own digest. */
static enum fault_code
know_peaks(struct task *t, struct store *s, struct chain_tip *tip)
{
    enum fault_code rc = FAULT_NONE;

    if (tip->known)
        return FAULT_NONE;
    if (tip->seq & 1)
        chain_leaf(tip->digest, tip->peaks[0]);
    for (int height = 1; tip->seq >> height && !rc; height++)
        if ((tip->seq >> height) & 1)
            rc = chain_tree_node(t, s, tip->stream, height, (tip->seq >> height) - 1, tip->peaks[height]);
    tip->known = !rc;
    return rc;
}

enum fault_code
chain_tree_add(struct task *t, struct store *s, struct chain_tip *tip, const uint8_t digest[HASH_LEN])
{
    uint8_t right[HASH_LEN];
    int64_t n = tip->seq;
    int height = 0;
    enum fault_code rc = know_peaks(t, s, tip);

    chain_leaf(digest, right);
    while ((n & 1) && !rc) {
        chain_join(tip->peaks[height], right, right);
        n >>= 1;
        height++;
        rc = store_run(t, s, NULL,
                       "INSERT INTO chain_node (stream, height, n, hash) VALUES (?, ?, ?, ?)", "iiib",
                       tip->stream, (int64_t)height, n, (const void *)right, (size_t)HASH_LEN);
    }
    must(height < CHAIN_HEIGHTS);
    memcpy(tip->peaks[height], right, HASH_LEN);
    return rc;
}

enum fault_code
chain_tip_root(struct task *t, struct store *s, struct chain_tip *tip, uint8_t out[HASH_LEN])
{
    bool any = false;
    enum fault_code rc = know_peaks(t, s, tip);

    memset(out, 0, HASH_LEN);
    for (int height = 0; tip->seq >> height && !rc; height++) {
        if (!((tip->seq >> height) & 1))
            continue;
        if (any)
            chain_join(tip->peaks[height], out, out);
        else
            memcpy(out, tip->peaks[height], HASH_LEN);
        any = true;
    }
    return rc;
}

void
chain_recall(struct chain_tip *tip, const struct chain_tip *earlier)
{
    if (!earlier->known || earlier->stream != tip->stream || earlier->seq != tip->seq ||
        memcmp(earlier->digest, tip->digest, HASH_LEN) != 0)
        return;
    memcpy(tip->peaks, earlier->peaks, sizeof tip->peaks);
    tip->known = true;
}

enum fault_code
chain_tree_root(struct task *t, struct store *s, int64_t stream, int64_t size, uint8_t out[HASH_LEN])
{
    uint8_t peak[HASH_LEN];
    bool any = false;
    enum fault_code rc;

    memset(out, 0, HASH_LEN);
    for (int height = 0; size >> height; height++) {
        if (!((size >> height) & 1))
            continue;
        rc = chain_tree_node(t, s, stream, height, (size >> height) - 1, peak);
        if (rc)
            return rc;
        if (any)
            chain_join(peak, out, out);
        else
            memcpy(out, peak, HASH_LEN);
        any = true;
    }
    return FAULT_NONE;
}

const char *
chain_statement(struct task *t, int64_t stream, int64_t day, int64_t seq, const uint8_t *digest,
                const uint8_t *root, int64_t at)
{
    const char *head = day < 0 ? "zhiben head 1" : "zhiben day 1";

    return arena_format(t->arena, "%s\n%lld\n%lld\n%lld\n%s\n%s\n%lld\n", head, (long long)stream,
                        (long long)day, (long long)seq, hash_hex(t->arena, digest, HASH_LEN),
                        hash_hex(t->arena, root, HASH_LEN), (long long)at);
}
