/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_base_json.c - reading strictly, building, equality, the canonical bytes.
 *
 * The published canonicalization data is read from $ZHIBEN_SUITES or ../shared/suites beside the
 * source; where it is absent the test says so and proves nothing about it.
 */
#include "base/json.h"
#include "base/limit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef ZHIBEN_SOURCE
#define ZHIBEN_SOURCE "."
#endif

static struct task task;

static int
begin(void **state)
{
    (void)state;
    task_init(&task, 0, 7);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    task_release(&task);
    return 0;
}

static struct json *
read(const char *s)
{
    struct json *out = NULL;

    if (json_read(&task, s, strlen(s), &out) != FAULT_NONE)
        fail_msg("refused: %s: %s", s, task.fault.items[0].en);
    return out;
}

static const char *
canonical(const struct json *value, bool reals)
{
    struct text out;

    text_init(&out, task.arena);
    assert_int_equal(json_canonical(&task, value, reals, &out), FAULT_NONE);
    return text_string(&out);
}

static const struct {
    const char *bytes, *en; /* how the English message begins */
} refused[] = {
    {"", "Line 1, column"},
    {"  ", "Line 1, column"},
    {"{\"a\":1", "Line 1, column 6: the JSON ends too early"},
    {"[1]\n x", "Line 2, column 2: text follows"},
    {"{\"a\":1,\n\"a\":2}", "Line 2, column 3: a key occurs twice"},
    {"[\n \"治\xFF\"]", "Line 2, column 4: not well-formed UTF-8"},
    {"\"\xED\xA0\x80\"", "Line 1, column 2: not well-formed UTF-8"},
    {"\"\xE6\xB2", "Line 1, column 2: not well-formed UTF-8"},
    {"\"\\ud800\"", "Line 1, column"},
    {"{\"a\\u0000\":1}", "Line 1, column 10: a key must not hold U+0000"},
    {"[9223372036854775808]", "Line 1, column 20: a number is out of range"},
    {"[1e999]", "Line 1, column 6: a number is out of range"},
    {"[01]", "Line 1, column"},
    {"[1,]", "Line 1, column"},
    {"{'a':1}", "Line 1, column"},
    {"[NaN]", "Line 1, column"},
    {"[1] // x", "Line 1, column"},
    {"\"a\nb\"", "Line 1, column"},
    {"\xEF\xBB\xBF[]", "Line 1, column"},
};

static void
refusals_name_line_and_column(void **state)
{
    struct json *kept = NULL;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof refused / sizeof *refused; i++) {
        fault_clear(&task);
        assert_int_equal(json_read(&task, refused[i].bytes, strlen(refused[i].bytes), &kept),
                         FAULT_INPUT);
        assert_null(kept);
        assert_int_equal(task.fault.n_items, 1);
        assert_string_equal(task.fault.items[0].pointer, "");
        if (!text_starts(task.fault.items[0].en, refused[i].en))
            fail_msg("%s: %s", refused[i].bytes, task.fault.items[0].en);
        assert_true(text_starts(task.fault.items[0].zh, "第 "));
    }
    assert_int_equal(json_read(&task, "[1]\0", 4, &kept), FAULT_INPUT);
    assert_int_equal(json_read(&task, NULL, 0, &kept), FAULT_INPUT);
    fault_clear(&task);
}

static void
depth_ends_at_its_limit(void **state)
{
    char deep[2 * LIMIT_JSON_DEPTH + 3];
    struct json *out = NULL;
    size_t n = LIMIT_JSON_DEPTH;

    (void)state;
    memset(deep, '[', n);
    memset(deep + n, ']', n);
    assert_int_equal(json_read(&task, deep, 2 * n, &out), FAULT_NONE);
    n++;
    memset(deep, '[', n);
    memset(deep + n, ']', n);
    assert_int_equal(json_read(&task, deep, 2 * n, &out), FAULT_INPUT);
    assert_string_equal(task.fault.items[0].en, "Line 1, column 65: nested too deeply");
    fault_clear(&task);
    /* Brackets in strings are no depth, also behind an escaped quotation mark. */
    memset(deep, '[', n * 2);
    memcpy(deep, "[\"\\\"", 4);
    memcpy(deep + n * 2 - 2, "\"]", 2);
    assert_int_equal(json_read(&task, deep, n * 2, &out), FAULT_NONE);
}

static void
numbers_are_integers_where_they_are_whole(void **state)
{
    struct json *v = read("[1.0, 1e2, -0.0, 9007199254740991.0, 9007199254740992.0, 0.5, "
                          "9223372036854775807, -9223372036854775808, 1e-400]");
    static const enum json_type types[] = {JSON_INTEGER, JSON_INTEGER, JSON_INTEGER,
                                           JSON_INTEGER, JSON_REAL,    JSON_REAL,
                                           JSON_INTEGER, JSON_INTEGER, JSON_INTEGER};
    size_t i;

    (void)state;
    for (i = 0; i < json_count(v); i++)
        assert_int_equal(json_at(v, i)->type, types[i]);
    assert_int_equal(json_integer(json_at(v, 1), 0), 100);
    assert_int_equal(json_integer(json_at(v, 3), 0), INT64_C(9007199254740991));
    assert_int_equal(json_integer(json_at(v, 5), -7), -7);
    assert_true(json_integer(json_at(v, 7), 0) == INT64_MIN);
    assert_true(json_is_null(json_real(task.arena, NAN)));
}

/* What we write ourselves is read in one pass; spaced out, the same text is read by the library. */
static void
plain_bytes_read_like_spaced_ones(void **state)
{
    static const char *const texts[][2] = {
        {"{}", " {}"},
        {"[]", "[ ]"},
        {"0", "0 "},
        {"-7", " -7"},
        {"999999999999999999", " 999999999999999999"},
        {"\"隐患\\n\\\"\\\\\"", " \"隐患\\n\\\"\\\\\""},
        {"{\"a\":[1,true,false,null,\"\"],\"b\":{\"c\":\"d\"},\"é\":-12}",
         "{ \"a\" : [1, true, false, null, \"\"], \"b\": {\"c\": \"d\"}, \"é\": -12}"},
    };
    static const char *const never[] = {
        "{\"a\":1,\"a\":2}", "{\"a\":1,}", "[1,]", "[1", "01", "-", "1x", "{\"a\"}", "{a:1}", "\"\\x\"",
        "\"a\nb\"", "\"a", "truth", "nul", "[1]]", "\"\xff\"", "",
    };
    struct json *plain, *spaced;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(json_read(&task, texts[i][0], strlen(texts[i][0]), &plain), FAULT_NONE);
        assert_int_equal(json_read(&task, texts[i][1], strlen(texts[i][1]), &spaced), FAULT_NONE);
        assert_true(json_equal(plain, spaced));
    }
    for (i = 0; i < sizeof never / sizeof *never; i++) {
        assert_int_equal(json_read(&task, never[i], strlen(never[i]), &plain), FAULT_INPUT);
        fault_clear(&task);
    }
    assert_int_equal(json_read(&task, "{\"b\":1,\"a\":2}", 13, &plain), FAULT_NONE);
    assert_string_equal(plain->object.at[0].name, "b");
}

static void
members_keep_their_order_and_texts_their_nul(void **state)
{
    struct json *v = read("{\"b\":\"x\\u0000y\",\"a\":[true,false,null],\"\":{}}");

    (void)state;
    assert_string_equal(json_string(task.arena, v),
                        "{\"b\":\"x\\u0000y\",\"a\":[true,false,null],\"\":{}}");
    assert_int_equal(json_get(v, "b")->string.len, 3);
    assert_string_equal(
        json_string(task.arena, read("\"\\b\\t\\n\\f\\r\\\"\\\\\\/\\u001f\x7F治\"")),
        "\"\\b\\t\\n\\f\\r\\\"\\\\/\\u001f\x7F治\"");
    assert_string_equal(json_string(task.arena, NULL), "null");
    v = read("[1e20,9007199254740992.0,1e21,-0.25]");
    assert_string_equal(json_string(task.arena, v),
                        "[100000000000000000000.0,9007199254740992.0,1e+21,-0.25]");
    assert_true(json_equal(v, read(json_string(task.arena, v))));
}

static void
looking_at_nothing_answers_nothing(void **state)
{
    struct json *v = read("{\"n\":5,\"s\":\"x\",\"l\":[1],\"t\":true,\"z\":null}");

    (void)state;
    assert_null(json_get(NULL, "a"));
    assert_null(json_get(v, NULL));
    assert_null(json_get(json_get(v, "absent"), "deeper"));
    assert_null(json_get(json_get(v, "n"), "x"));
    assert_null(json_at(v, 0));
    assert_null(json_at(json_get(v, "l"), 1));
    assert_null(json_text(json_get(v, "n")));
    assert_string_equal(json_text_of(v, "s"), "x");
    assert_int_equal(json_int_of(v, "n", 0), 5);
    assert_int_equal(json_int_of(v, "s", -1), -1);
    assert_int_equal(json_count(NULL), 0);
    assert_int_equal(json_count(v), 5);
    assert_int_equal(json_count(json_get(v, "s")), 0);
    assert_true(json_is_true(json_get(v, "t")));
    assert_false(json_is_true(NULL));
    assert_true(json_is_null(NULL));
    assert_true(json_is_null(json_get(v, "z")));
    assert_false(json_is(NULL, JSON_NULL));
}

static void
values_are_built_in_place(void **state)
{
    struct arena *a = task.arena;
    struct json *o = json_object(a), *l = json_array(a), *copy;
    char name[] = "a";
    int i;

    (void)state;
    json_set_int(a, o, name, 1);
    name[0] = 'b';
    json_set_str(a, o, name, "text");
    json_set_str(a, o, "none", NULL);
    json_set_bool(a, json_set(a, o, "list", l), "yes", true);
    for (i = 0; i < 20; i++)
        json_push(a, l, json_int(a, i));
    assert_int_equal(json_count(json_get(o, "list")), 20);
    assert_int_equal(json_integer(json_at(l, 19), -1), 19);
    copy = json_shallow(a, o);
    json_set(a, copy, "list", NULL);
    json_set(a, copy, "absent", NULL);
    json_set_int(a, copy, "a", 2);
    assert_string_equal(json_string(a, copy),
                        "{\"a\":2,\"b\":\"text\",\"none\":null,\"yes\":true}");
    assert_int_equal(json_int_of(o, "a", 0), 1);
    assert_int_equal(json_count(o), 5);
    json_push(a, json_shallow(a, l), json_null(a));
    assert_int_equal(json_count(l), 20);
    assert_string_equal(json_text(json_format(a, "%d-%s", 3, "x")), "3-x");
    assert_int_equal(json_strn(a, "a\0b", 3)->string.len, 3);
}

static void
equality_is_by_value(void **state)
{
    static const char *const same[][2] = {{"1", "1.0"},
                                          {"0", "-0.0"},
                                          {"{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}"},
                                          {"\"\\u6cbb\"", "\"治\""},
                                          {"9007199254740992", "9007199254740992.0"},
                                          {"0.5", "5e-1"}};
    static const char *const different[][2] = {{"1", "\"1\""},
                                               {"1", "true"},
                                               {"null", "false"},
                                               {"[1,2]", "[2,1]"},
                                               {"[1]", "[1,2]"},
                                               {"[1,2]", "[1]"},
                                               {"{\"a\":1}", "{\"a\":1,\"b\":1}"},
                                               {"{\"a\":1}", "{\"b\":1}"},
                                               {"{\"a\":null}", "{\"b\":null}"},
                                               {"\"a\"", "\"a\\u0000\""},
                                               {"9007199254740993", "9007199254740992.0"},
                                               {"9223372036854775807", "9223372036854775808.0"},
                                               {"0.5", "0.25"}};
    struct json *x = json_object(task.arena), *y = json_object(task.arena);
    char name[16];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof same / sizeof *same; i++)
        if (!json_equal(read(same[i][0]), read(same[i][1])))
            fail_msg("%s and %s", same[i][0], same[i][1]);
    for (i = 0; i < sizeof different / sizeof *different; i++)
        if (json_equal(read(different[i][0]), read(different[i][1])))
            fail_msg("%s and %s", different[i][0], different[i][1]);
    assert_true(json_equal(NULL, NULL));
    assert_false(json_equal(NULL, x));
    for (i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "m%zu", i);
        json_set_int(task.arena, x, name, (int64_t)i);
        snprintf(name, sizeof name, "m%zu", 499 - i);
        json_set_int(task.arena, y, name, (int64_t)(499 - i));
    }
    assert_true(json_equal(x, y));
    json_set_int(task.arena, y, "m250", 0);
    assert_false(json_equal(x, y));
}

static void
canonical_keys_go_by_utf16(void **state)
{
    struct json *v = read("{\"\\uffee\":1,\"\\ud83d\\ude00\":2,\"\\ue000\":3,\"\\ud7ff\":4,\"b\":5,"
                          "\"a\":{\"d\":[ ],\"c\":\"\\u000f/\"},\"\":6,\"aa\":7,\"\\u0080\":8}");

    (void)state;
    assert_string_equal(
        canonical(v, false),
        "{\"\":6,\"a\":{\"c\":\"\\u000f/\",\"d\":[]},\"aa\":7,\"b\":5,\"\xC2\x80\":8,"
        "\"\xED\x9F\xBF\":4,\"\xF0\x9F\x98\x80\":2,\"\xEE\x80\x80\":3,"
        "\"\xEF\xBF\xAE\":1}");
}

static void
canonical_bytes_refuse_what_is_no_integer(void **state)
{
    static const char *const rows[][2] = {{"{\"a\":[1,{\"b/c~\":0.5}]}", "/a/1/b~1c~0"},
                                          {"1.5", ""},
                                          {"[9007199254740992]", "/0"},
                                          {"[-9007199254740992]", "/0"},
                                          {"{\"\":1e300}", "/"}};
    struct text out;
    size_t i;

    (void)state;
    text_init(&out, task.arena);
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        fault_clear(&task);
        assert_int_equal(json_canonical(&task, read(rows[i][0]), false, &out), FAULT_INPUT);
        assert_string_equal(task.fault.items[0].pointer, rows[i][1]);
        assert_int_equal(out.len, 0);
    }
    fault_clear(&task);
    assert_int_equal(json_canonical(&task, json_str(task.arena, "\xFF"), false, &out), FAULT_INPUT);
    fault_clear(&task);
    assert_string_equal(canonical(read("[9007199254740991,-9007199254740991]"), false),
                        "[9007199254740991,-9007199254740991]");
    assert_string_equal(json_pointer_index(task.arena, "/a", 12), "/a/12");
}

static void
reals_are_written_as_ecmascript_does(void **state)
{
    /* RFC 8785 appendix B, and the neighbours of powers of two. */
    static const struct {
        uint64_t bits;
        const char *expected;
    } rows[] = {
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
        {0x3d30000000000000, "5.684341886080802e-14"},
        {0x3fb999999999999a, "0.1"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        double value;

        memcpy(&value, &rows[i].bits, sizeof value);
        assert_string_equal(canonical(json_real(task.arena, value), true), rows[i].expected);
    }
}

/* The bytes of a file in the arena; NULL where it cannot be opened. */
static const char *
file_bytes(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    struct text x;
    char part[4096];
    size_t got;

    if (!f)
        return NULL;
    text_init(&x, task.arena);
    while ((got = fread(part, 1, sizeof part, f)) > 0)
        text_add(&x, part, got);
    assert_int_equal(fclose(f), 0);
    *len = x.len;
    return text_string(&x);
}

/* As events are written: whole numbers alone. Where the data has a fraction, it is refused by name. */
static void
writes_without_fractions(const struct json *value, const char *fraction, const char *expected,
                         size_t expected_len)
{
    struct text out;
    enum fault_code code;

    text_init(&out, task.arena);
    fault_clear(&task);
    code = json_canonical(&task, value, false, &out);
    if (fraction) {
        assert_int_equal(code, FAULT_INPUT);
        assert_string_equal(task.fault.items[0].pointer, fraction);
        assert_int_equal(out.len, 0);
    } else {
        assert_int_equal(code, FAULT_NONE);
        assert_int_equal(out.len, expected_len);
        assert_memory_equal(text_string(&out), expected, expected_len);
    }
    fault_clear(&task);
}

static void
published_canonicalization_data(void **state)
{
    static const char *const names[] = {"arrays",  "french", "structures",
                                        "unicode", "values", "weird"};
    static const char *const fractions[] = {NULL, NULL, NULL, NULL, "/numbers/0", NULL};
    const char *folder = getenv("ZHIBEN_SUITES"), *in, *expected;
    size_t i, in_len, expected_len;
    struct json *value;
    struct text out;

    (void)state;
    folder = arena_format(task.arena, "%s/json-canonicalization/testdata",
                          folder ? folder : ZHIBEN_SOURCE "/../shared/suites");
    if (!file_bytes(arena_format(task.arena, "%s/input/arrays.json", folder), &in_len)) {
        print_message("json-canonicalization suite absent, not run: %s\n", folder);
        return;
    }
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        in = file_bytes(arena_format(task.arena, "%s/input/%s.json", folder, names[i]), &in_len);
        expected = file_bytes(arena_format(task.arena, "%s/output/%s.json", folder, names[i]),
                              &expected_len);
        assert_non_null(in);
        assert_non_null(expected);
        assert_int_equal(json_read(&task, in, in_len, &value), FAULT_NONE);
        text_init(&out, task.arena);
        assert_int_equal(json_canonical(&task, value, true, &out), FAULT_NONE);
        while (expected_len > 0 && expected[expected_len - 1] == '\n')
            expected_len--;
        assert_int_equal(out.len, expected_len);
        assert_memory_equal(text_string(&out), expected, expected_len);
        writes_without_fractions(value, fractions[i], expected, expected_len);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_name_line_and_column),
        cmocka_unit_test(depth_ends_at_its_limit),
        cmocka_unit_test(numbers_are_integers_where_they_are_whole),
        cmocka_unit_test(plain_bytes_read_like_spaced_ones),
        cmocka_unit_test(members_keep_their_order_and_texts_their_nul),
        cmocka_unit_test(looking_at_nothing_answers_nothing),
        cmocka_unit_test(values_are_built_in_place),
        cmocka_unit_test(equality_is_by_value),
        cmocka_unit_test(canonical_keys_go_by_utf16),
        cmocka_unit_test(canonical_bytes_refuse_what_is_no_integer),
        cmocka_unit_test(reals_are_written_as_ecmascript_does),
        cmocka_unit_test(published_canonicalization_data),
    };

    return cmocka_run_group_tests_name("base json", tests, begin, end);
}
