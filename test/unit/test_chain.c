/* SPDX-License-Identifier: Apache-2.0 */
/* test_chain.c - whatever is changed in the log is found, and named; proofs hold against the root.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "chain/chain.h"

#define NOW    INT64_C(1795395600000)
#define EVENTS 11

struct bench {
    struct task t;
    struct store *s;
    struct hash_key key;
    char folder[60], url[100];
};

static void
ok(struct bench *b, enum fault_code rc, int line)
{
    if (rc)
        print_error("line %d: %s %s\n", line, fault_name(rc),
                    b->t.fault.n_items ? b->t.fault.items[0].en : "");
    assert_int_equal(rc, FAULT_NONE);
}
#define OK(call) ok(b, (call), __LINE__)

static enum fault_code
append(struct bench *b, struct chain_tip *tip, int64_t rid, int64_t rev, const char *name,
       const char *secret)
{
    struct arena *a = b->t.arena;
    struct json *body = json_object(a), *o = json_object(a);
    struct chain_secret one = {"measures", secret ? json_str(a, secret) : NULL};
    struct chain_event e = {.rid = rid,
                            .rev = rev,
                            .state = 2,
                            .level = 1,
                            .line = 3,
                            .place = 165088,
                            .unit = 77,
                            .name = name,
                            .body = body,
                            .secrets = &one,
                            .n_secrets = secret ? 1 : 0};

    json_set_str(a, body, "kind", "hazard");
    json_set_int(a, body, "rev", rev);
    json_set_int(a, o, "state_n", 2);
    json_set_int(a, o, "level_n", 1);
    json_set_int(a, o, "line", 3);
    json_set_int(a, o, "place", 165088);
    json_set_int(a, o, "unit", 77);
    json_set(a, body, "outcome", o);
    if (rid)
        json_set_str(a, body, "record",
                     arena_format(a, "%s%s", hash_base32(a, (uint64_t)tip->stream, 3),
                                  hash_base32(a, (uint64_t)rid, 13)));
    return chain_append(&b->t, b->s, tip, &e);
}

/* A group: begin, some events, seal, commit. */
static void
write_events(struct bench *b, int64_t stream, int64_t rid, int n)
{
    struct chain_tip tip;

    OK(store_begin(&b->t, b->s));
    OK(chain_begin(&b->t, b->s, stream, &tip));
    for (int i = 1; i <= n; i++) {
        OK(append(b, &tip, rid, i, NULL, i % 2 ? "更换箱门" : NULL));
        b->t.now += TIME_HOUR;
    }
    OK(chain_seal(&b->t, b->s, &b->key, &tip));
    OK(store_commit(&b->t, b->s));
}

static int
setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    uint8_t seed[HASH_KEY_LEN] = {1, 2, 3};
    int64_t made;

    snprintf(b->folder, sizeof b->folder, "/tmp/zhiben-test-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->url, sizeof b->url, "sqlite:%s/a.db", b->folder);
    task_init(&b->t, NOW, 3);
    hash_key_make(seed, &b->key);
    OK(store_open(&b->t, b->url, STORE_CREATE, &b->s));
    write_events(b, 5, 1000, 7);
    write_events(b, 6, 2000, 3);
    b->t.now += TIME_DAY;
    write_events(b, 5, 1001, EVENTS - 7);
    OK(store_begin(&b->t, b->s));
    OK(chain_anchor_days(&b->t, b->s, &b->key, 5, &made));
    assert_int_equal(made, 1);
    OK(store_commit(&b->t, b->s));
    *state = b;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *b = *state;
    char command[100];

    store_close(b->s);
    hash_key_end(&b->key);
    task_release(&b->t);
    snprintf(command, sizeof command, "rm -rf '%s'", b->folder);
    free(b);
    return system(command);
}

static const char *
verify(struct bench *b)
{
    struct chain_report report;

    fault_clear(&b->t);
    OK(chain_verify(&b->t, b->s, b->key.public_key, &report));
    return report.wrong;
}

static void
tamper(struct bench *b, const char *sql)
{
    fault_clear(&b->t);
    OK(store_script(&b->t, b->s, sql));
}

/* The report names the stream and the event. */
static void
assert_named(struct bench *b, int stream, int seq)
{
    const char *wrong = verify(b);
    const char *want = arena_format(b->t.arena, "event %d", seq);
    const char *at;
    char next;

    if (!wrong)
        fail_msg("nothing was found to be wrong");
    if (!strstr(wrong, arena_format(b->t.arena, "stream %d", stream)))
        fail_msg("the report names another stream: %s", wrong);
    at = strstr(wrong, want);
    next = at ? at[strlen(want)] : 0;
    if (!at || (next >= '0' && next <= '9'))
        fail_msg("the report does not name event %d: %s", seq, wrong);
}

/* ---- it is green when nobody touched it ---- */

static void
a_log_nobody_touched_holds(void **state)
{
    struct bench *b = *state;
    struct chain_report report;

    OK(chain_verify(&b->t, b->s, b->key.public_key, &report));
    assert_null(report.wrong);
    assert_int_equal(report.streams, 2);
    assert_int_equal(report.events, EVENTS + 3);
}

static void
an_erased_private_value_leaves_the_log_whole(void **state)
{
    struct bench *b = *state;
    struct json *value;

    OK(chain_private(&b->t, b->s, 5, 3, "measures", &value));
    assert_string_equal(json_text(value), "更换箱门");
    tamper(b, "DELETE FROM chain_private WHERE stream = 5 AND seq = 3");
    assert_null(verify(b));
    OK(chain_private(&b->t, b->s, 5, 3, "measures", &value));
    assert_null(value);
}

static void
private_values_stand_in_no_hashed_bytes(void **state)
{
    struct bench *b = *state;
    struct rows r;
    struct chain_row row;
    int digests = 0;

    OK(chain_open_stream(&b->t, b->s, &r, 5, 1, 10000));
    while (chain_next(&b->t, &r, &row)) {
        assert_null(memmem(row.bytes, row.bytes_len, "更换", strlen("更换")));
        digests += json_get(row.body, "private") != NULL;
    }
    OK(store_end(&b->t, &r));
    assert_int_equal(digests, 6);
}

/* Equal values have unequal digests: each has a salt of its own. */
static void
equal_private_values_cannot_be_told_by_their_digests(void **state)
{
    struct bench *b = *state;
    struct rows r;
    struct chain_row row;
    const char *first = NULL;

    OK(chain_open_stream(&b->t, b->s, &r, 5, 1, 10000));
    while (chain_next(&b->t, &r, &row)) {
        const char *digest = json_text_of(json_get(row.body, "private"), "measures");

        if (first && digest)
            assert_string_not_equal(first, digest);
        first = digest ? digest : first;
    }
    OK(store_end(&b->t, &r));
    assert_non_null(first);
}

/* ---- each way of touching it ---- */

static void
a_byte_of_a_body_is_found(void **state)
{
    tamper(*state, "UPDATE chain_event SET body = CAST(replace(CAST(body AS TEXT), '\"hazard\"', "
                   "'\"hazarb\"') "
                   "AS BLOB) WHERE stream = 5 AND seq = 4");
    assert_named(*state, 5, 4);
}

/* Body and digest changed together: the tree and the next event remember what stood there. */
static void
forge(struct bench *b, int seq)
{
    struct rows r;
    const void *bytes;
    char *forged;
    size_t len;
    uint8_t digest[HASH_LEN];

    OK(store_query(&b->t, b->s, &r, "SELECT body FROM chain_event WHERE stream = 5 AND seq = ?",
                   "i", (int64_t)seq));
    assert_true(store_next(&b->t, &r));
    bytes = store_bytes(&b->t, &r, 0, &len);
    OK(store_end(&b->t, &r));
    forged = arena_copy(b->t.arena, bytes, len);
    memcpy(strstr(forged, "hazard"), "hazarb", 6);
    hash_bytes(HASH_SHA256, forged, len, digest);
    OK(store_run(&b->t, b->s, NULL,
                 "UPDATE chain_event SET body = ?, digest = ? WHERE stream = 5 AND seq = ?", "bbi",
                 (const void *)forged, len, (const void *)digest, (size_t)HASH_LEN, (int64_t)seq));
}

static void
a_forged_event_is_found_in_the_tree(void **state)
{
    forge(*state, 4);
    assert_named(*state, 5, 4);
}

static void
a_forged_event_is_found_at_the_next(void **state)
{
    forge(*state, 5);
    assert_named(*state, 5, 6);
}

static void
a_removed_event_is_found(void **state)
{
    tamper(*state, "DELETE FROM chain_event WHERE stream = 5 AND seq = 6");
    assert_named(*state, 5, 6);
}

static void
a_removed_event_whose_gap_was_closed_is_found(void **state)
{
    tamper(*state, "DELETE FROM chain_event WHERE stream = 5 AND seq = 6;"
                   "UPDATE chain_event SET seq = seq - 1 WHERE stream = 5 AND seq > 6;");
    assert_named(*state, 5, 6);
}

static void
an_inserted_event_is_found(void **state)
{
    tamper(*state,
           "UPDATE chain_event SET seq = seq + 1000 WHERE stream = 5 AND seq > 4;"
           "UPDATE chain_event SET seq = seq - 999 WHERE stream = 5 AND seq > 1000;"
           "INSERT INTO chain_event (stream, seq, rid, rev, at, state, level, line, place, unit, "
           "sealed, name, body, digest) SELECT 5, 5, 4242, 1, at, state, level, line, place, unit, "
           "sealed, name, body, digest FROM chain_event WHERE stream = 5 AND seq = 4;");
    assert_named(*state, 5, 5);
}

static void
swapped_events_are_found(void **state)
{
    tamper(*state, "UPDATE chain_event SET seq = -1 WHERE stream = 5 AND seq = 3;"
                   "UPDATE chain_event SET seq = 3 WHERE stream = 5 AND seq = 4;"
                   "UPDATE chain_event SET seq = 4 WHERE stream = 5 AND seq = -1;");
    assert_named(*state, 5, 3);
}

static void
a_cut_tail_is_found(void **state)
{
    tamper(*state, "DELETE FROM chain_event WHERE stream = 5 AND seq > 9");
    assert_named(*state, 5, EVENTS);
}

/* The head of an earlier day put back over a cut tail: the anchor reaches further. */
static void
a_tail_cut_below_the_anchor_is_found(void **state)
{
    tamper(*state, "DELETE FROM chain_event WHERE stream = 5 AND seq > 5;"
                   "UPDATE chain_head SET seq = 5 WHERE stream = 5;");
    assert_non_null(verify(*state));
}

static void
a_stream_that_was_emptied_is_found(void **state)
{
    tamper(*state, "DELETE FROM chain_event WHERE stream = 6");
    assert_named(*state, 6, 3);
}

static void
events_of_a_stream_whose_head_was_removed_are_found(void **state)
{
    tamper(*state, "DELETE FROM chain_head WHERE stream = 6");
    assert_non_null(verify(*state));
}

static void
a_stream_removed_whole_but_for_its_anchor_is_found(void **state)
{
    tamper(*state,
           "DELETE FROM chain_event WHERE stream = 5; DELETE FROM chain_head WHERE stream = 5;"
           "DELETE FROM chain_private WHERE stream = 5;");
    assert_non_null(verify(*state));
}

static void
an_edited_head_is_found(void **state)
{
    static const char *const edits[] = {
        "UPDATE chain_head SET seq = seq + 1 WHERE stream = 5",
        "UPDATE chain_head SET at = at + 1 WHERE stream = 5",
        "UPDATE chain_head SET digest = zeroblob(32) WHERE stream = 5",
        "UPDATE chain_head SET root = zeroblob(32) WHERE stream = 5",
        "UPDATE chain_head SET signature = zeroblob(64) WHERE stream = 5",
        "UPDATE chain_head SET signature = x'' WHERE stream = 5",
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        OK(store_begin(&b->t, b->s));
        tamper(b, edits[i]);
        if (!verify(b))
            fail_msg("not found: %s", edits[i]);
        store_rollback(b->s);
        assert_null(verify(b));
    }
}

static void
another_key_signs_nothing(void **state)
{
    struct bench *b = *state;
    struct chain_report report;
    struct hash_key other;
    uint8_t seed[HASH_KEY_LEN] = {9};

    hash_key_make(seed, &other);
    OK(chain_verify(&b->t, b->s, other.public_key, &report));
    hash_key_end(&other);
    assert_non_null(report.wrong);
}

static void
a_private_value_that_was_changed_is_found(void **state)
{
    static const char *const edits[] = {
        "UPDATE chain_private SET value = '\"更换柜门\"' WHERE stream = 5 AND seq = 3",
        "UPDATE chain_private SET salt = zeroblob(16) WHERE stream = 5 AND seq = 3",
        "UPDATE chain_private SET field = 'result' WHERE stream = 5 AND seq = 3",
        "INSERT INTO chain_private VALUES (5, 3, 'result', zeroblob(16), '\"好\"')",
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        OK(store_begin(&b->t, b->s));
        tamper(b, edits[i]);
        assert_named(b, 5, 3);
        store_rollback(b->s);
    }
    assert_null(verify(b));
}

/* Columns repeat what the bytes say: an edit of either is found. */
static void
every_column_that_repeats_the_bytes_is_compared(void **state)
{
    static const char *const columns[] = {"rid = 4242",  "rid = NULL",     "rev = rev + 100",
                                          "at = at + 1", "state = 3",      "level = 0",
                                          "line = 4",    "place = 165087", "unit = 78",
                                          "sealed = 1",  "name = 'forged'"};
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        OK(store_begin(&b->t, b->s));
        tamper(b, arena_format(b->t.arena, "UPDATE chain_event SET %s WHERE stream = 5 AND seq = 7",
                               columns[i]));
        if (!verify(b))
            fail_msg("not found: %s", columns[i]);
        assert_named(b, 5, 7);
        store_rollback(b->s);
    }
    assert_null(verify(b));
}

static void
an_edited_anchor_is_found(void **state)
{
    static const char *const edits[] = {
        "UPDATE chain_day SET day = day - 1",
        "UPDATE chain_day SET at = at + 1",
        "UPDATE chain_day SET seq = seq - 1",
        "UPDATE chain_day SET seq = seq + 1",
        "UPDATE chain_day SET seq = -1",
        "UPDATE chain_day SET seq = 100",
        "UPDATE chain_day SET root = zeroblob(32)",
        "UPDATE chain_day SET digest = zeroblob(32)",
        "UPDATE chain_day SET signature = zeroblob(64)",
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        OK(store_begin(&b->t, b->s));
        tamper(b, arena_format(b->t.arena, "%s WHERE stream = 5", edits[i]));
        if (!verify(b))
            fail_msg("not found: %s", edits[i]);
        store_rollback(b->s);
        assert_null(verify(b));
    }
}

static void
a_removed_anchor_is_missed_once_a_later_one_stands(void **state)
{
    struct bench *b = *state;
    int64_t made;

    b->t.now += TIME_DAY;
    OK(chain_anchor_days(&b->t, b->s, &b->key, 5, &made));
    assert_int_equal(made, 1);
    assert_null(verify(b));
    tamper(b, "DELETE FROM chain_day WHERE stream = 5 AND seq = 7");
    assert_named(b, 5, 7);
}

/* Proofs are made of these: a wrong node would make a wrong proof. */
static void
an_edited_node_of_the_tree_is_found(void **state)
{
    struct bench *b = *state;

    tamper(b,
           "UPDATE chain_node SET hash = zeroblob(32) WHERE stream = 5 AND height = 1 AND n = 1");
    assert_non_null(verify(b));
}

static void
a_removed_node_of_the_tree_is_found(void **state)
{
    struct bench *b = *state;

    tamper(b, "DELETE FROM chain_node WHERE stream = 5 AND height = 2 AND n = 0");
    assert_non_null(verify(b));
}

/* ---- writing ---- */

static void
time_never_runs_backwards_in_a_stream(void **state)
{
    struct bench *b = *state;
    int64_t latest = b->t.now, last = 0;
    struct rows r;
    struct chain_row row;

    b->t.now = latest - 30 * TIME_DAY;
    write_events(b, 5, 3000, 2);
    OK(chain_open_stream(&b->t, b->s, &r, 5, 1, 10000));
    while (chain_next(&b->t, &r, &row)) {
        assert_true(row.at >= last);
        assert_int_equal(row.at, json_int_of(row.body, "at", 0));
        last = row.at;
    }
    OK(store_end(&b->t, &r));
    assert_true(last >= latest - TIME_HOUR);
    assert_null(verify(b));
}

static void
a_name_acts_once_in_its_stream(void **state)
{
    struct bench *b = *state;
    struct chain_tip tip;
    bool there;

    OK(store_begin(&b->t, b->s));
    OK(chain_begin(&b->t, b->s, 5, &tip));
    OK(append(b, &tip, 4000, 1, "clock:x:1:0", NULL));
    OK(store_savepoint(&b->t, b->s));
    assert_int_equal(append(b, &tip, 4000, 2, "clock:x:1:0", NULL), FAULT_STATE);
    fault_clear(&b->t);
    OK(store_undo(&b->t, b->s));
    OK(chain_seal(&b->t, b->s, &b->key, &tip));
    OK(store_commit(&b->t, b->s));
    OK(chain_has(&b->t, b->s, 5, "clock:x:1:0", &there));
    assert_true(there);
    OK(chain_has(&b->t, b->s, 6, "clock:x:1:0", &there));
    assert_false(there);
    assert_null(verify(b));
}

static void
a_group_that_was_undone_leaves_no_trace(void **state)
{
    struct bench *b = *state;
    struct chain_tip tip;

    OK(store_begin(&b->t, b->s));
    OK(chain_begin(&b->t, b->s, 5, &tip));
    OK(append(b, &tip, 4000, 1, NULL, "保密"));
    OK(chain_seal(&b->t, b->s, &b->key, &tip));
    store_rollback(b->s);
    assert_null(verify(b));
    write_events(b, 5, 4000, 3);
    assert_null(verify(b));
}

static void
numbers_that_are_not_whole_are_refused_at_their_place(void **state)
{
    struct bench *b = *state;
    struct json *body = json_object(b->t.arena);
    struct chain_event e = {.body = body};
    struct chain_tip tip;

    json_set(b->t.arena, body, "share", json_real(b->t.arena, 0.5));
    OK(store_begin(&b->t, b->s));
    OK(chain_begin(&b->t, b->s, 5, &tip));
    assert_int_equal(chain_append(&b->t, b->s, &tip, &e), FAULT_INPUT);
    assert_string_equal(b->t.fault.items[0].pointer, "/share");
    store_rollback(b->s);
    assert_null(verify(b));
}

/* ---- proofs: recomputed here from RFC 6962 alone ---- */

static void
join(const uint8_t *left, const uint8_t *right, uint8_t out[HASH_LEN])
{
    struct hash_part parts[] = {{"\1", 1}, {left, HASH_LEN}, {right, HASH_LEN}};

    hash_parts(HASH_SHA256, parts, 3, out);
}

/* RFC 9162 section 2.1.3.2. */
static bool
inclusion_holds(const struct json *proof, const uint8_t root[HASH_LEN])
{
    uint8_t digest[HASH_LEN], hash[HASH_LEN], other[HASH_LEN];
    struct hash_part leaf[] = {{"\0", 1}, {digest, HASH_LEN}};
    uint64_t fn = (uint64_t)json_int_of(proof, "seq", 0) - 1;
    uint64_t sn = (uint64_t)json_int_of(json_get(proof, "head"), "size", 0) - 1;
    const struct json *path = json_get(proof, "path");

    if (!hash_unhex(json_text_of(proof, "digest"), digest, HASH_LEN))
        return false;
    hash_parts(HASH_SHA256, leaf, 2, hash);
    for (size_t i = 0; i < json_count(path); i++) {
        if (!sn || !hash_unhex(json_text(json_at(path, i)), other, HASH_LEN))
            return false;
        if ((fn & 1) || fn == sn) {
            join(other, hash, hash);
            while (!(fn & 1) && fn) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            join(hash, other, hash);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(hash, root, HASH_LEN) == 0;
}

static void
every_event_is_proved_against_the_signed_root(void **state)
{
    struct bench *b = *state;

    for (int extra = 0; extra < 6; extra++) {
        int64_t size = EVENTS + extra;

        for (int64_t seq = 1; seq <= size; seq++) {
            struct json *proof;
            uint8_t root[HASH_LEN];

            OK(chain_proof(&b->t, b->s, 5, seq, &proof));
            assert_int_equal(json_int_of(json_get(proof, "head"), "size", 0), size);
            assert_true(hash_unhex(json_text_of(json_get(proof, "head"), "root"), root, HASH_LEN));
            assert_true(inclusion_holds(proof, root));
            root[0] ^= 1;
            assert_false(inclusion_holds(proof, root));
        }
        write_events(b, 5, 5000 + extra, 1);
    }
}

static void
no_proof_of_what_is_not_there(void **state)
{
    struct bench *b = *state;
    struct json *proof;

    assert_int_equal(chain_proof(&b->t, b->s, 5, EVENTS + 1, &proof), FAULT_ABSENT);
    fault_clear(&b->t);
    assert_int_equal(chain_proof(&b->t, b->s, 5, 0, &proof), FAULT_ABSENT);
    fault_clear(&b->t);
    assert_int_equal(chain_proof(&b->t, b->s, 99, 1, &proof), FAULT_ABSENT);
}

/* ---- anchors ---- */

static void
every_day_with_events_has_one_anchor_when_it_is_over(void **state)
{
    struct bench *b = *state;
    int64_t made, n;
    bool found;

    OK(chain_anchor_days(&b->t, b->s, &b->key, 5, &made));
    assert_int_equal(made, 0);
    b->t.now += TIME_DAY;
    OK(chain_anchor_days(&b->t, b->s, &b->key, 5, &made));
    assert_int_equal(made, 1);
    OK(chain_anchor_days(&b->t, b->s, &b->key, 6, &made));
    assert_int_equal(made, 1);
    OK(store_one_int(&b->t, b->s, &n, &found, "SELECT max(seq) FROM chain_day WHERE stream = 5",
                     ""));
    assert_int_equal(n, EVENTS);
    assert_null(verify(b));
}

/* ---- promises ---- */

static void
promises_wait_in_order_until_they_are_kept(void **state)
{
    struct bench *b = *state;
    struct chain_promised list[4];
    struct json *body = json_object(b->t.arena);
    size_t n;

    json_set_str(b->t.arena, body, "raise", "letter");
    OK(chain_promise(&b->t, b->s, 5, 9, 1, 6, body));
    OK(chain_promise(&b->t, b->s, 5, 9, 0, 6, body));
    OK(chain_promise(&b->t, b->s, 5, 8, 0, 7, body));
    OK(chain_promises_due(&b->t, b->s, b->t.now - 1, list, 4, &n));
    assert_int_equal(n, 0);
    OK(chain_promises_due(&b->t, b->s, b->t.now, list, 4, &n));
    assert_int_equal(n, 3);
    assert_int_equal(list[0].seq, 8);
    assert_int_equal(list[1].n, 0);
    assert_string_equal(chain_promise_name(&b->t, &list[2]), "promise:5:9:1");
    assert_string_equal(json_text_of(list[2].body, "raise"), "letter");
    OK(chain_promise_kept(&b->t, b->s, &list[0]));
    OK(chain_promise_later(&b->t, b->s, &list[1], b->t.now + 1000));
    OK(chain_promises_due(&b->t, b->s, b->t.now, list, 4, &n));
    assert_int_equal(n, 1);
    OK(chain_promises_due(&b->t, b->s, b->t.now + 1000, list, 4, &n));
    assert_int_equal(n, 2);
    assert_int_equal(list[0].tries, 1);
}

/* ---- the feed ---- */

static void
the_feed_leaves_sealed_events_out(void **state)
{
    struct bench *b = *state;
    struct rows r;
    struct chain_row row;
    int64_t last = 0;
    int n = 0;

    tamper(b, "UPDATE chain_event SET sealed = 1 WHERE stream = 6");
    OK(chain_open_feed(&b->t, b->s, &r, 0, 100));
    while (chain_next(&b->t, &r, &row)) {
        assert_true(row.pos > last);
        assert_int_equal(row.stream, 5);
        last = row.pos;
        n++;
    }
    OK(store_end(&b->t, &r));
    assert_int_equal(n, EVENTS);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_log_nobody_touched_holds),
        CASE(an_erased_private_value_leaves_the_log_whole),
        CASE(private_values_stand_in_no_hashed_bytes),
        CASE(equal_private_values_cannot_be_told_by_their_digests),
        CASE(a_byte_of_a_body_is_found),
        CASE(a_forged_event_is_found_in_the_tree),
        CASE(a_forged_event_is_found_at_the_next),
        CASE(a_removed_event_is_found),
        CASE(a_removed_event_whose_gap_was_closed_is_found),
        CASE(an_inserted_event_is_found),
        CASE(swapped_events_are_found),
        CASE(a_cut_tail_is_found),
        CASE(a_tail_cut_below_the_anchor_is_found),
        CASE(a_stream_that_was_emptied_is_found),
        CASE(events_of_a_stream_whose_head_was_removed_are_found),
        CASE(a_stream_removed_whole_but_for_its_anchor_is_found),
        CASE(an_edited_head_is_found),
        CASE(another_key_signs_nothing),
        CASE(a_private_value_that_was_changed_is_found),
        CASE(every_column_that_repeats_the_bytes_is_compared),
        CASE(an_edited_anchor_is_found),
        CASE(a_removed_anchor_is_missed_once_a_later_one_stands),
        CASE(an_edited_node_of_the_tree_is_found),
        CASE(a_removed_node_of_the_tree_is_found),
        CASE(time_never_runs_backwards_in_a_stream),
        CASE(a_name_acts_once_in_its_stream),
        CASE(a_group_that_was_undone_leaves_no_trace),
        CASE(numbers_that_are_not_whole_are_refused_at_their_place),
        CASE(every_event_is_proved_against_the_signed_root),
        CASE(no_proof_of_what_is_not_there),
        CASE(every_day_with_events_has_one_anchor_when_it_is_over),
        CASE(promises_wait_in_order_until_they_are_kept),
        CASE(the_feed_leaves_sealed_events_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
