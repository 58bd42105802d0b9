/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain/chain.h - append-only, hash-chained streams: the truth.
 *
 * The idea: every change is an event in a stream: one stream for each county-level place and one for
 * each city, province and the nation. An event's canonical bytes (RFC 8785) are stored exactly as
 * hashed, name the digest of the event before, and hold private values only as digests H(salt ‖
 * value); salt and value lie beside, erased together. The digests of a stream are also the leaves
 * of an RFC 6962 tree. docs/kept-format.md says it in enough words to write another verifier.
 *
 * Invariants: `seq` counts from 1 without gaps; `at` never runs backwards in a stream; a transaction
 * writes one stream (an import of all or nothing alone writes several, each begun and sealed); after every group the head row is signed by a key outside the store; every day
 * that has an event has an anchor signed the same way. Appending never changes what is there.
 *
 * Life cycle of a write: chain_begin (locks and reads the head) → chain_append… → chain_seal (nodes,
 * root, signature) → commit by who began the transaction.
 */
#ifndef CHAIN_CHAIN_H
#define CHAIN_CHAIN_H

#include "base/hash.h"
#include "base/json.h"
#include "store/store.h"

#define CHAIN_HEIGHTS 48 /* of a tree */

struct chain_tip {
    int64_t stream, seq, at;
    uint8_t digest[HASH_LEN];
    bool dirty;
    bool known;                              /* the peaks are those of seq */
    uint8_t peaks[CHAIN_HEIGHTS][HASH_LEN];  /* full subtrees on the right edge, one for each bit of seq */
};

/* One private value of an event. */
struct chain_secret {
    const char *field;
    const struct json *value;
};

struct chain_event {
    /* given */
    int64_t rid, rev;              /* 0: none */
    int64_t state, level, line, place, unit;
    bool sealed;
    const char *name;              /* acts exactly once in its stream; NULL: none */
    struct json *body;             /* without v, stream, seq, at, previous, digest_name, private */
    const struct chain_secret *secrets;
    size_t n_secrets;
    /* answered */
    int64_t seq, at;
    uint8_t digest[HASH_LEN];
};

/* Locks the stream's head inside the open write transaction; makes a head for a new stream. */
MUST_USE enum fault_code
chain_begin(struct task *t, struct store *s, int64_t stream, struct chain_tip *tip);

/* Takes the edge of the tree from a tip that stood at the same event: it need not be read again. */
void
chain_recall(struct chain_tip *tip, const struct chain_tip *earlier);

/* Whether the event the tip stands at is in the log: asked when a commit's answer was lost. */
MUST_USE enum fault_code
chain_kept(struct task *t, struct store *s, const struct chain_tip *tip, bool *kept);

/*
 * Appends. Adds v, stream, seq, at, previous, digest_name and the digests of the secrets to the
 * body, which stays readable through e->body. The time is the greater of t->now and the tip's.
 * FAULT_STATE where an event of that name is there already; FAULT_INPUT where the body has a number
 * that canonical bytes refuse.
 */
MUST_USE enum fault_code
chain_append(struct task *t, struct store *s, struct chain_tip *tip, struct chain_event *e);

/* Whether an event of this name is in the stream. */
MUST_USE enum fault_code
chain_has(struct task *t, struct store *s, int64_t stream, const char *name, bool *there);

/* Updates the tree, signs the head and writes it. Before the commit, once a group. */
MUST_USE enum fault_code
chain_seal(struct task *t, struct store *s, const struct hash_key *key, struct chain_tip *tip);

/* ---- reading ---- */

struct chain_row {
    int64_t pos, stream, seq, rid, rev, at;
    bool sealed;
    const char *name;
    struct json *body;
    const char *bytes;
    size_t bytes_len;
    const char *digest; /* hex */
};

/* The time of the newest event of all streams; 0: there is none. */
MUST_USE enum fault_code
chain_newest(struct task *t, struct store *s, int64_t *at);

/* Events of one record in order; of a whole stream from `from_seq`. */
MUST_USE enum fault_code
chain_open_record(struct task *t, struct store *s, struct rows *r, int64_t stream, int64_t rid);
/* Events of up to STORE_LIST_MAX records in one statement, in no order. */
struct chain_record_at {
    int64_t stream, rid;
};
MUST_USE enum fault_code
chain_open_records(struct task *t, struct store *s, struct rows *r, const struct chain_record_at *list, size_t n);
MUST_USE enum fault_code
chain_open_stream(struct task *t, struct store *s, struct rows *r, int64_t stream, int64_t from_seq,
                  int64_t limit);
/* Events over all streams in order of writing, from pos + 1, at most `limit`; not the sealed ones. */
MUST_USE enum fault_code
chain_open_feed(struct task *t, struct store *s, struct rows *r, int64_t pos, int64_t limit);
/* The next one, its body parsed; false at the end or on a fault. */
bool chain_next(struct task *t, struct rows *r, struct chain_row *row);
/* The same with its bytes alone: `body` and `digest` are NULL. */
bool chain_next_written(struct task *t, struct rows *r, struct chain_row *row);
/* The first event of a stream at or after an instant; the number after its last where there is none. */
MUST_USE enum fault_code
chain_since(struct task *t, struct store *s, int64_t stream, int64_t at, int64_t *seq);

/* A private value of an event; NULL where it was erased. */
MUST_USE enum fault_code
chain_private(struct task *t, struct store *s, int64_t stream, int64_t seq, const char *field,
              struct json **out);

/* Many of them, in one statement for each 256: as JSON that is written already, NULL where erased. In `t`. */
struct chain_private_at {
    int64_t stream, seq;
    const char *field, *written;
};
MUST_USE enum fault_code
chain_privates(struct task *t, struct store *s, struct chain_private_at *list, size_t n);

/* Every event there is, counted: whatever changed since, changed by so many more. */
MUST_USE enum fault_code chain_count(struct task *t, struct store *s, int64_t *n);

/* All streams in order. In `t`. */
MUST_USE enum fault_code
chain_streams(struct task *t, struct store *s, int64_t **streams, size_t *n);

/* ---- promises: effects on other streams ---- */

MUST_USE enum fault_code
chain_promise(struct task *t, struct store *s, int64_t stream, int64_t seq, int64_t n,
              int64_t to_stream, const struct json *body);

struct chain_promised {
    int64_t stream, seq, n, to_stream, tries;
    struct json *body;
};
/* Up to `room` promises that are due, in order for each pair of streams. */
MUST_USE enum fault_code
chain_promises_due(struct task *t, struct store *s, int64_t now, struct chain_promised *out,
                   size_t room, size_t *n);
MUST_USE enum fault_code
chain_promise_kept(struct task *t, struct store *s, const struct chain_promised *p);
MUST_USE enum fault_code
chain_promise_later(struct task *t, struct store *s, const struct chain_promised *p, int64_t next_at);

/* The name under which the receiving stream appends. In `t`. */
const char *
chain_promise_name(struct task *t, const struct chain_promised *p);

/* ---- kept ---- */

/* Tables that a backup carries, each with its key. */
#define CHAIN_KEPT                                                                                  \
    "chain_head(stream) chain_event(pos) chain_private(stream,seq,field) "                         \
    "chain_node(stream,height,n) chain_day(stream,day) chain_promise(stream,seq,n) "

/* ---- proof ---- */

/* Anchors of every stream for days that ended before `now` and have none yet. Returns how many. */
MUST_USE enum fault_code
chain_anchor_days(struct task *t, struct store *s, const struct hash_key *key, int64_t stream,
                  int64_t *made);

struct chain_report {
    int64_t streams, events;
    const char *wrong; /* NULL: all holds; else the first event that is wrong, "中文 | English" */
};

/*
 * Reads every stream: digests of the stored bytes, order, links, repeated columns, private values,
 * tree, head and anchors. `public_key` must be the one that signed.
 */
MUST_USE enum fault_code
chain_verify(struct task *t, struct store *s, const uint8_t public_key[HASH_KEY_LEN],
             struct chain_report *out);

/* {"stream","seq","digest_name","digest","previous","leaf":{…},"path":[…],"size","root","head":{…}} */
MUST_USE enum fault_code
chain_proof(struct task *t, struct store *s, int64_t stream, int64_t seq, struct json **out);

#endif
