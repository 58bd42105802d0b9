/* SPDX-License-Identifier: Apache-2.0 */
/* test_store.c - pragmas, savepoints, a full disk, the log, one writer, schema numbers, search tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

struct bench {
    struct task t;
    struct store *s;
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

static int
setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);

    snprintf(b->folder, sizeof b->folder, "/tmp/zhiben-test-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->url, sizeof b->url, "sqlite:%s/a.db", b->folder);
    task_init(&b->t, 1795395600000, 3);
    OK(store_open(&b->t, b->url, STORE_CREATE, &b->s));
    *state = b;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *b = *state;
    char command[100];

    store_close(b->s);
    task_release(&b->t);
    snprintf(command, sizeof command, "rm -rf '%s'", b->folder);
    free(b);
    return system(command);
}

static int64_t
number(struct bench *b, const char *sql)
{
    int64_t n = -1;
    bool found;

    fault_clear(&b->t);
    OK(store_one_int(&b->t, b->s, &n, &found, sql, ""));
    return n;
}

static const char *
words(struct bench *b, const char *sql)
{
    const char *text = NULL;

    fault_clear(&b->t);
    OK(store_one_text(&b->t, b->s, &text, sql, ""));
    return text;
}

/* ---- what a commit promises ---- */

static void
a_writer_is_durable_and_forgets_what_is_erased(void **state)
{
    struct bench *b = *state;

    assert_string_equal(words(b, "PRAGMA journal_mode"), "wal");
    assert_int_equal(number(b, "PRAGMA synchronous"), 2);
    assert_int_equal(number(b, "PRAGMA secure_delete"), 1);
}

static void
a_reader_cannot_write_and_sees_one_snapshot(void **state)
{
    struct bench *b = *state;
    struct store *reader;
    int64_t n;
    bool found;

    OK(store_open(&b->t, b->url, STORE_READ, &reader));
    OK(store_begin_read(&b->t, reader));
    OK(store_one_int(&b->t, reader, &n, &found, "SELECT count(*) FROM desk_aside", ""));
    OK(store_begin(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('x', 1, 1)", ""));
    OK(store_commit(&b->t, b->s));
    OK(store_one_int(&b->t, reader, &n, &found, "SELECT count(*) FROM desk_aside", ""));
    assert_int_equal(n, 0);
    OK(store_commit(&b->t, reader));
    OK(store_one_int(&b->t, reader, &n, &found, "SELECT count(*) FROM desk_aside", ""));
    assert_int_equal(n, 1);
    assert_int_not_equal(store_run(&b->t, reader, NULL, "DELETE FROM desk_aside", ""), FAULT_NONE);
    store_close(reader);
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 1);
}

static void
savepoints_nest_and_undo_only_their_own(void **state)
{
    struct bench *b = *state;

    OK(store_begin(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('outer', 1, 1)", ""));
    OK(store_savepoint(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('first', 1, 1)", ""));
    OK(store_savepoint(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('second', 1, 1)", ""));
    OK(store_undo(&b->t, b->s));
    OK(store_release(&b->t, b->s));
    OK(store_savepoint(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('third', 1, 1)", ""));
    OK(store_undo(&b->t, b->s));
    assert_true(store_alive(b->s));
    OK(store_commit(&b->t, b->s));
    assert_false(store_alive(b->s));
    assert_string_equal(
        words(b, "SELECT group_concat(name, ' ') FROM (SELECT name FROM desk_aside ORDER BY "
                 "name)"),
        "first outer");
}

static void
a_rollback_leaves_nothing(void **state)
{
    struct bench *b = *state;

    OK(store_begin(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('x', 1, 1)", ""));
    store_rollback(b->s);
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 0);
}

static void
a_unique_key_that_is_hit_is_a_matter_of_state(void **state)
{
    struct bench *b = *state;

    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('x', 1, 1)", ""));
    assert_int_equal(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('x', 2, 2)", ""),
                     FAULT_STATE);
    assert_int_equal(b->t.fault.code, FAULT_STATE);
    assert_int_equal(number(b, "SELECT tries FROM desk_aside WHERE name = 'x'"), 1);
}

static void
wrong_sql_is_the_stores_fault_and_the_statement_can_be_tried_again(void **state)
{
    struct bench *b = *state;

    assert_int_equal(store_run(&b->t, b->s, NULL, "SELEKT 1", ""), FAULT_STORE);
    assert_int_equal(number(b, "SELECT 1"), 1);
}

/* Null, empty and bytes with zeros come back as they went. */
static void
parameters_are_bound_and_not_pasted(void **state)
{
    struct bench *b = *state;
    struct rows r;
    const char bytes[] = "a\0b';--";
    size_t len;

    OK(store_run(&b->t, b->s, NULL,
                 "INSERT INTO desk_key (stream, account, key, fingerprint, rid, rev, status, day) "
                 "VALUES (?, ?, "
                 "?, ?, ?, ?, ?, ?)",
                 "issbniii", INT64_C(1), "'; DROP TABLE desk_key; --", "", (const void *)bytes,
                 sizeof bytes - 1, INT64_C(2), INT64_MIN, INT64_MAX));
    OK(store_query(&b->t, b->s, &r,
                   "SELECT account, key, fingerprint, rid, status, day FROM desk_key", ""));
    assert_true(store_next(&b->t, &r));
    assert_string_equal(store_text(&b->t, &r, 0), "'; DROP TABLE desk_key; --");
    assert_string_equal(store_text(&b->t, &r, 1), "");
    assert_memory_equal(store_bytes(&b->t, &r, 2, &len), bytes, sizeof bytes - 1);
    assert_int_equal(len, sizeof bytes - 1);
    assert_true(store_null(&r, 3));
    assert_true(store_int(&r, 4) == INT64_MIN);
    assert_true(store_int(&r, 5) == INT64_MAX);
    assert_false(store_next(&b->t, &r));
    OK(store_end(&b->t, &r));
}

/* The same text open twice: the inner walk does not disturb the outer one. */
static void
a_query_within_a_query_of_the_same_text(void **state)
{
    struct bench *b = *state;
    struct rows outer, inner;
    int pairs = 0;

    OK(store_script(&b->t, b->s,
                    "INSERT INTO desk_aside VALUES ('a', 1, 1), ('b', 1, 1), ('c', 1, 1);"));
    OK(store_query(&b->t, b->s, &outer, "SELECT name FROM desk_aside ORDER BY name", ""));
    while (store_next(&b->t, &outer)) {
        OK(store_query(&b->t, b->s, &inner, "SELECT name FROM desk_aside ORDER BY name", ""));
        while (store_next(&b->t, &inner))
            pairs++;
        OK(store_end(&b->t, &inner));
    }
    OK(store_end(&b->t, &outer));
    assert_int_equal(pairs, 9);
}

/* More texts than the cache has room for: the earliest still answer. */
static void
more_statements_than_the_cache_holds(void **state)
{
    struct bench *b = *state;

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 2000; i++)
            assert_int_equal(number(b, arena_format(b->t.arena, "SELECT %d", i)), i);
}

/* ---- a full disk ---- */

static void
fill_up(struct bench *b)
{
    OK(store_script(&b->t, b->s,
                    arena_format(b->t.arena, "PRAGMA max_page_count=%lld",
                                 (long long)number(b, "PRAGMA page_count") + 4)));
}

/*
 * SQLite may end the whole transaction when the disk is full. Whoever runs a group must see that,
 * take nothing for written, and be able to run the innocent again.
 */
static void
a_full_disk_in_one_savepoint_leaves_nothing_half_written(void **state)
{
    struct bench *b = *state;
    char *much = arena_alloc(b->t.arena, 100000);
    enum fault_code rc;

    memset(much, 'x', 99999);
    fill_up(b);
    OK(store_begin(&b->t, b->s));
    OK(store_savepoint(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('innocent', 1, 1)", ""));
    OK(store_release(&b->t, b->s));
    OK(store_savepoint(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('guilty', 1, 1)", ""));
    rc = store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES (?, 1, 1)", "s", much);
    assert_int_equal(rc, FAULT_BUSY);
    assert_non_null(strstr(b->t.fault.items[0].en, "disk is full"));
    fault_clear(&b->t);
    if (store_alive(b->s)) {
        OK(store_undo(&b->t, b->s));
        OK(store_commit(&b->t, b->s));
    } else {
        store_rollback(b->s);
        OK(store_begin(&b->t, b->s));
        OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('innocent', 1, 1)", ""));
        OK(store_commit(&b->t, b->s));
    }
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 1);
    assert_string_equal(words(b, "SELECT name FROM desk_aside"), "innocent");
    assert_string_equal(words(b, "PRAGMA integrity_check"), "ok");
}

static void
after_a_full_disk_the_store_writes_again(void **state)
{
    struct bench *b = *state;
    char *much = arena_alloc(b->t.arena, 100000);

    memset(much, 'x', 99999);
    fill_up(b);
    assert_int_equal(
        store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES (?, 1, 1)", "s", much),
        FAULT_BUSY);
    fault_clear(&b->t);
    OK(store_script(&b->t, b->s, "PRAGMA max_page_count=100000"));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES (?, 1, 1)", "s", much));
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 1);
}

/* ---- the log in long pieces ---- */

/* 30 MB: more than the writer remembers, so that the log is written before the commit. */
#define MUCH                                                                                         \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO "     \
    "desk_aside SELECT i || hex(zeroblob(50000)), 1, 1 FROM n"

static void
a_transaction_longer_than_memory_is_read_while_it_lasts_and_seen_when_it_ends(void **state)
{
    struct bench *b = *state;
    struct store *reader, *writer = b->s;
    struct bench other = *b;

    OK(store_open(&b->t, b->url, STORE_READ, &reader));
    other.s = reader;
    OK(store_begin(&b->t, writer));
    OK(store_run(&b->t, writer, NULL, MUCH, ""));
    assert_int_equal(number(b, "SELECT sum(length(name)) FROM desk_aside"), 30000792);
    assert_int_equal(number(&other, "SELECT count(*) FROM desk_aside"), 0);
    store_rollback(writer);
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 0);
    OK(store_begin(&b->t, writer));
    OK(store_run(&b->t, writer, NULL, MUCH, ""));
    OK(store_commit(&b->t, writer));
    assert_int_equal(number(&other, "SELECT sum(length(name)) FROM desk_aside"), 30000792);
    assert_string_equal(words(&other, "PRAGMA integrity_check"), "ok");
    store_close(reader);
}

/* A limit on files cuts the log in the middle of a transaction. */
static void
what_did_not_come_into_the_log_is_never_committed(void **state)
{
    struct bench *b = *state;
    struct rlimit whole, few;

    (void)signal(SIGXFSZ, SIG_IGN);
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('before', 1, 1)", ""));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
    few = whole;
    few.rlim_cur = 5000000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
    OK(store_begin(&b->t, b->s));
    assert_int_not_equal(store_run(&b->t, b->s, NULL, MUCH, ""), FAULT_NONE);
    assert_int_not_equal(store_commit(&b->t, b->s), FAULT_NONE);
    store_rollback(b->s);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 1);
    b->t.store_broke = false;
    OK(store_begin(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('after', 1, 1)", ""));
    OK(store_commit(&b->t, b->s));
    store_close(b->s);
    OK(store_open(&b->t, b->url, STORE_WRITE, &b->s));
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside WHERE name IN ('before', 'after')"), 2);
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 2);
    assert_string_equal(words(b, "PRAGMA integrity_check"), "ok");
}

/* ---- one writer, one file, one schema ---- */

static void
a_second_writer_is_refused_in_one_line_that_names_the_store(void **state)
{
    struct bench *b = *state;
    struct store *second = NULL;

    assert_int_equal(store_open(&b->t, b->url, STORE_WRITE, &second), FAULT_BUSY);
    assert_null(second);
    assert_int_equal(b->t.fault.n_items, 1);
    assert_string_equal(b->t.fault.items[0].pointer, b->url + 7);
    assert_null(strchr(b->t.fault.items[0].en, '\n'));
    fault_clear(&b->t);
    store_close(b->s);
    OK(store_open(&b->t, b->url, STORE_WRITE, &b->s));
}

static void
a_new_store_never_takes_an_old_ones_place(void **state)
{
    struct bench *b = *state;
    struct store *second = NULL;

    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('x', 1, 1)", ""));
    store_close(b->s);
    b->s = NULL;
    assert_int_equal(store_open(&b->t, b->url, STORE_CREATE, &second), FAULT_INPUT);
    fault_clear(&b->t);
    OK(store_open(&b->t, b->url, STORE_WRITE, &b->s));
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 1);
}

static void
what_is_no_store_is_refused(void **state)
{
    struct bench *b = *state;
    struct store *s = NULL;
    const char *path = arena_format(b->t.arena, "%s/other.db", b->folder);
    const char *url = arena_format(b->t.arena, "sqlite:%s", path);
    FILE *f;

    assert_int_equal(store_open(&b->t, url, STORE_READ, &s), FAULT_INPUT);
    fault_clear(&b->t);
    assert_int_equal(store_open(&b->t, url, STORE_WRITE, &s), FAULT_INPUT);
    fault_clear(&b->t);
    assert_int_not_equal(access(path, F_OK), 0);
    f = fopen(path, "w");
    fputs("this is a letter, not a store; it is long enough to be taken for one if nobody looks",
          f);
    fclose(f);
    assert_int_not_equal(store_open(&b->t, url, STORE_WRITE, &s), FAULT_NONE);
    fault_clear(&b->t);
    assert_int_equal(store_open(&b->t, "postgres://x", STORE_WRITE, &s), FAULT_INPUT);
    fault_clear(&b->t);
    assert_int_equal(store_open(&b->t, "sqlite:", STORE_WRITE, &s), FAULT_INPUT);
    assert_null(s);
}

static void
a_newer_store_is_refused_and_not_touched(void **state)
{
    struct bench *b = *state;
    struct store *s = NULL;

    OK(store_run(&b->t, b->s, NULL, "UPDATE store_meta SET value = ? WHERE name = 'schema'", "s",
                 arena_format(b->t.arena, "%d", STORE_SCHEMA + 1)));
    store_close(b->s);
    b->s = NULL;
    assert_int_equal(store_open(&b->t, b->url, STORE_WRITE, &s), FAULT_INPUT);
    assert_int_equal(b->t.fault.n_items, 1);
    assert_non_null(strstr(b->t.fault.items[0].en, "newer"));
    fault_clear(&b->t);
    assert_int_equal(store_open(&b->t, b->url, STORE_READ, &s), FAULT_INPUT);
    assert_null(s);
}

/* ---- search ---- */

static const char *
indexed(struct bench *b, const char *text)
{
    return store_search_tokens(&b->t, text, false);
}

static const char *
asked(struct bench *b, const char *text)
{
    return store_search_tokens(&b->t, text, true);
}

static void
tokens_of_chinese_are_characters_and_pairs(void **state)
{
    struct bench *b = *state;

    assert_string_equal(indexed(b, "砂轮机"), " 砂 轮 砂轮 机 轮机");
    assert_string_equal(asked(b, "砂轮"), " 砂轮");
    assert_string_equal(asked(b, "砂轮机"), " 砂轮 轮机");
    assert_string_equal(asked(b, "砂"), " 砂");
}

static void
words_and_numbers_are_folded(void **state)
{
    struct bench *b = *state;

    assert_string_equal(indexed(b, "GM-FC-08"), " gm fc 08");
    assert_string_equal(indexed(b, "ＡＢＣ１２"), " abc12");
    assert_string_equal(asked(b, "第3车间 Ｂ区"), " 第 3 车间 b 区");
}

static void
punctuation_is_no_token_and_no_operator(void **state)
{
    struct bench *b = *state;

    assert_string_equal(asked(b, "\"*:^()—，。！"), "");
    assert_string_equal(asked(b, "a\" OR \"b"), " a or b");
}

static int
found(struct bench *b, const char *query, const char *any)
{
    struct rows r;
    int n = 0;

    OK(store_search_find(&b->t, b->s, &r, asked(b, query), any, INT64_MAX, 100));
    while (store_next(&b->t, &r))
        n++;
    OK(store_end(&b->t, &r));
    return n;
}

static void
put(struct bench *b, int64_t rid, const char *text, const char *keys)
{
    OK(store_search_put(&b->t, b->s, rid, 5,
                        arena_format(b->t.arena, "%s %s", indexed(b, text), keys)));
}

static void
search_finds_two_characters_words_and_full_width(void **state)
{
    struct bench *b = *state;

    put(b, 1, "砂轮机无防护罩", "k1");
    put(b, 2, "轮班记录缺失，砂箱", "k1");
    put(b, 3, "Ｂ区 LNG 储罐", "k2");
    assert_int_equal(found(b, "砂轮", NULL), 1);
    assert_int_equal(found(b, "轮", NULL), 2);
    assert_int_equal(found(b, "lng", NULL), 1);
    assert_int_equal(found(b, "b区", NULL), 1);
    assert_int_equal(found(b, "LN", NULL), 0);
    assert_int_equal(found(b, "防护 砂轮", NULL), 1);
}

static void
search_stays_within_the_keys(void **state)
{
    struct bench *b = *state;

    put(b, 1, "储罐泄漏", "k1 k9");
    put(b, 2, "储罐泄漏", "k2");
    assert_int_equal(found(b, "储罐", "k1"), 1);
    assert_int_equal(found(b, "储罐", "k1 k2"), 2);
    assert_int_equal(found(b, "储罐", "k3"), 0);
}

static void
a_text_that_changed_is_found_by_its_new_words_alone(void **state)
{
    struct bench *b = *state;

    put(b, 1, "储罐泄漏", "k1");
    put(b, 1, "管道破裂", "k1");
    assert_int_equal(found(b, "储罐", NULL), 0);
    assert_int_equal(found(b, "管道", NULL), 1);
    OK(store_search_put(&b->t, b->s, 1, 5, NULL));
    assert_int_equal(found(b, "管道", NULL), 0);
}

static void
search_pages_newest_first(void **state)
{
    struct bench *b = *state;
    struct rows r;

    for (int i = 1; i <= 5; i++)
        put(b, i, "储罐", "k1");
    OK(store_search_find(&b->t, b->s, &r, " 储罐", "k1", 4, 2));
    assert_true(store_next(&b->t, &r));
    assert_int_equal(store_int(&r, 0), 3);
    assert_true(store_next(&b->t, &r));
    assert_int_equal(store_int(&r, 0), 2);
    assert_false(store_next(&b->t, &r));
    OK(store_end(&b->t, &r));
}

/* ---- digests of tables ---- */

static void
a_digest_tells_tables_apart_by_any_value(void **state)
{
    struct bench *b = *state;
    uint8_t first[32], again[32], other[32];
    int64_t rows;

    OK(store_script(&b->t, b->s, "INSERT INTO desk_aside VALUES ('a', 1, 1), ('b', 2, 2)"));
    OK(store_table_digest(&b->t, b->s, "desk_aside", first, &rows));
    assert_int_equal(rows, 2);
    OK(store_script(
        &b->t, b->s,
        "DELETE FROM desk_aside; INSERT INTO desk_aside VALUES ('b', 2, 2), ('a', 1, 1)"));
    OK(store_table_digest(&b->t, b->s, "desk_aside", again, &rows));
    assert_memory_equal(first, again, 32);
    OK(store_script(&b->t, b->s, "UPDATE desk_aside SET at = 3 WHERE name = 'b'"));
    OK(store_table_digest(&b->t, b->s, "desk_aside", other, &rows));
    assert_memory_not_equal(first, other, 32);
}

/* ---- failures ---- */

static void
a_transaction_with_a_failed_statement_is_not_committed(void **state)
{
    struct bench *b = *state;
    int64_t n;
    bool found;

    OK(store_begin(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('one', 1, 1)", ""));
    assert_int_equal(store_one_int(&b->t, b->s, &n, &found, "SELECT n FROM never_was", ""), FAULT_STORE);
    /* Who passes over it and finds nothing does not know that there is nothing. */
    assert_int_equal(fault(&b->t, FAULT_ABSENT, NULL, "没有 | none"), FAULT_STORE);
    fault_clear(&b->t);
    assert_int_equal(store_commit(&b->t, b->s), FAULT_STORE);
    store_rollback(b->s);
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 0);
    OK(store_begin(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "INSERT INTO desk_aside VALUES ('two', 1, 1)", ""));
    OK(store_commit(&b->t, b->s));
    assert_int_equal(number(b, "SELECT count(*) FROM desk_aside"), 1);
}

static void
rows_in_bulk_are_there_after_a_commit_and_none_after_one_is_refused(void **state)
{
    struct bench *b = *state;
    static const char *const columns[] = {"name", "value"};
    struct store_value v[] = {{.letter = 's', .bytes = "many-1"}, {.letter = 's', .bytes = "one"}};

    OK(store_begin(&b->t, b->s));
    OK(store_bulk_begin(&b->t, b->s, "store_meta", columns, 2));
    OK(store_bulk_row(&b->t, b->s, v));
    v[0].bytes = "many-2";
    OK(store_bulk_row(&b->t, b->s, v));
    OK(store_bulk_end(&b->t, b->s));
    OK(store_commit(&b->t, b->s));
    assert_int_equal(number(b, "SELECT count(*) FROM store_meta WHERE name LIKE 'many-%'"), 2);
    OK(store_begin(&b->t, b->s));
    OK(store_bulk_begin(&b->t, b->s, "store_meta", columns, 2));
    v[0].bytes = "many-3";
    OK(store_bulk_row(&b->t, b->s, v));
    v[0].bytes = "many-1";
    assert_int_equal(store_bulk_row(&b->t, b->s, v), FAULT_STATE);
    store_rollback(b->s);
    assert_int_equal(number(b, "SELECT count(*) FROM store_meta WHERE name LIKE 'many-%'"), 2);
    OK(store_begin(&b->t, b->s));
    OK(store_run(&b->t, b->s, NULL, "DELETE FROM store_meta WHERE name LIKE 'many-%'", ""));
    OK(store_commit(&b->t, b->s));
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(rows_in_bulk_are_there_after_a_commit_and_none_after_one_is_refused),
        CASE(a_writer_is_durable_and_forgets_what_is_erased),
        CASE(a_reader_cannot_write_and_sees_one_snapshot),
        CASE(savepoints_nest_and_undo_only_their_own),
        CASE(a_rollback_leaves_nothing),
        CASE(a_unique_key_that_is_hit_is_a_matter_of_state),
        CASE(wrong_sql_is_the_stores_fault_and_the_statement_can_be_tried_again),
        CASE(parameters_are_bound_and_not_pasted),
        CASE(a_query_within_a_query_of_the_same_text),
        CASE(more_statements_than_the_cache_holds),
        CASE(a_full_disk_in_one_savepoint_leaves_nothing_half_written),
        CASE(after_a_full_disk_the_store_writes_again),
        CASE(a_transaction_longer_than_memory_is_read_while_it_lasts_and_seen_when_it_ends),
        CASE(what_did_not_come_into_the_log_is_never_committed),
        CASE(a_second_writer_is_refused_in_one_line_that_names_the_store),
        CASE(a_new_store_never_takes_an_old_ones_place),
        CASE(what_is_no_store_is_refused),
        CASE(a_newer_store_is_refused_and_not_touched),
        CASE(tokens_of_chinese_are_characters_and_pairs),
        CASE(words_and_numbers_are_folded),
        CASE(punctuation_is_no_token_and_no_operator),
        CASE(search_finds_two_characters_words_and_full_width),
        CASE(search_stays_within_the_keys),
        CASE(a_text_that_changed_is_found_by_its_new_words_alone),
        CASE(search_pages_newest_first),
        CASE(a_digest_tells_tables_apart_by_any_value),
        CASE(a_transaction_with_a_failed_statement_is_not_committed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
