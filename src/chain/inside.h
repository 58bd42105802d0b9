/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain/inside.h - the tree and the signed statements, shared by append, verify and proof.
 */
#ifndef CHAIN_INSIDE_H
#define CHAIN_INSIDE_H

#include "chain/chain.h"

/* RFC 6962 section 2.1: a leaf is H(0x00 ‖ digest), a node H(0x01 ‖ left ‖ right). */
void chain_leaf(const uint8_t digest[HASH_LEN], uint8_t out[HASH_LEN]);
void chain_join(const uint8_t left[HASH_LEN], const uint8_t right[HASH_LEN], uint8_t out[HASH_LEN]);

/* Adds the node rows that the leaf after the tip's completes, and moves the peaks; seq is the caller's. */
MUST_USE enum fault_code
chain_tree_add(struct task *t, struct store *s, struct chain_tip *tip, const uint8_t digest[HASH_LEN]);

/* The root over all events up to the tip's. */
MUST_USE enum fault_code
chain_tip_root(struct task *t, struct store *s, struct chain_tip *tip, uint8_t out[HASH_LEN]);

/* The root over the first `size` leaves. */
MUST_USE enum fault_code
chain_tree_root(struct task *t, struct store *s, int64_t stream, int64_t size, uint8_t out[HASH_LEN]);

/* The hash of the full subtree (height, n); height 0 from the event itself. */
MUST_USE enum fault_code
chain_tree_node(struct task *t, struct store *s, int64_t stream, int height, int64_t n,
                uint8_t out[HASH_LEN]);

/* The bytes that are signed for a head (day -1) or an anchor. In `t`. */
const char *
chain_statement(struct task *t, int64_t stream, int64_t day, int64_t seq, const uint8_t *digest,
                const uint8_t *root, int64_t at);

#endif
