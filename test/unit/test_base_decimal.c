/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_base_decimal.c - exact numbers: forms, order, arithmetic at its bounds.
 */
#include "base/decimal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MOST "99999999999999999999999999999999999999" /* 38 digits */

static struct arena *arena;

static int
begin(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int
end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct decimal
d(const char *s)
{
    struct decimal out;

    assert_true(decimal_read(s, &out));
    return out;
}

static void
reads_only_its_form(void **state)
{
    static const char *const good[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"-0.00", "0"},
        {"007", "7"},
        {"1200.50", "1200.5"},
        {"-3.14", "-3.14"},
        {MOST, MOST},
        {"-" MOST, "-" MOST},
        {"0.000000000000000001", "0.000000000000000001"},
        {"10", "10"},
        {"0.10", "0.1"},
        {"12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"}};
    static const char *const bad[] = {
        "",   "-",     ".",     "1.",  ".5",   "-.5", "+1", "1e3",    " 1",
        "1 ", "1,000", "1.2.3", "--1", "0x10", "NaN", "１", MOST "0", "0.0000000000000000001"};
    struct decimal kept = {42, 1};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof good / sizeof *good; i++)
        assert_string_equal(decimal_text(arena, d(good[i][0])), good[i][1]);
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(decimal_read(bad[i], &kept));
    assert_false(decimal_read(NULL, &kept));
    assert_true(kept.units == 42 && kept.places == 1);
    assert_string_equal(decimal_text(arena, decimal_of(INT64_MIN)), "-9223372036854775808");
}

static void
compares_by_value_across_scales(void **state)
{
    static const char *const rising[] = {"-" MOST,
                                         "-1200.5",
                                         "-900",
                                         "-1.000000000000000001",
                                         "-1",
                                         "-0.999999999999999999",
                                         "-0.1",
                                         "0",
                                         "0.000000000000000001",
                                         "0.1",
                                         "0.11",
                                         "1",
                                         "1.5",
                                         "900",
                                         "1200.5",
                                         "12345678901234567890.123456789012345678",
                                         MOST};
    size_t n = sizeof rising / sizeof *rising, i, j;

    (void)state;
    for (i = 0; i < n; i++)
        for (j = 0; j < n; j++)
            assert_int_equal(decimal_compare(d(rising[i]), d(rising[j])), (i > j) - (i < j));
    assert_int_equal(decimal_compare(d("1.50"), d("1.5")), 0);
    assert_int_equal(decimal_compare(d("-0"), d("0.000")), 0);
}

enum operation { ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO };

static const struct row {
    enum operation operation;
    const char *a, *b, *expected; /* NULL: refused */
} rows[] = {
    {ADD, "0.1", "0.2", "0.3"},
    {ADD, "1.50", "1.50", "3"},
    {ADD, MOST, "1", NULL},
    {ADD, "-" MOST, "-1", NULL},
    {ADD, MOST, "0.1", NULL},
    {ADD, MOST, "-1.000", "99999999999999999999999999999999999998"},
    {SUBTRACT, "1", "0.000000000000000001", "0.999999999999999999"},
    {SUBTRACT, "1", "1", "0"},
    {SUBTRACT, "-" MOST, "1", NULL},
    {MULTIPLY, "1.5", "-0.2", "-0.3"},
    {MULTIPLY, MOST, "1.000", MOST},
    {MULTIPLY, MOST, "2", NULL},
    {MULTIPLY, "10000000000000000000", "10000000000000000000", NULL},
    {MULTIPLY, "0.0000000005", "0.000000001", "0"},
    {MULTIPLY, "0.0000000015", "0.000000001", "0.000000000000000002"},
    {MULTIPLY, "-0.0000000015", "0.000000001", "-0.000000000000000002"},
    {MULTIPLY, "-1", "0", "0"},
    {DIVIDE, "1", "3", "0.333333333333"},
    {DIVIDE, "-2", "3", "-0.666666666667"},
    {DIVIDE, "1", "8", "0.125"},
    {DIVIDE, "0.0000000000005", "1", "0"},
    {DIVIDE, "0.0000000000015", "1", "0.000000000002"},
    {DIVIDE, "0.0000000000025", "1", "0.000000000002"},
    {DIVIDE, "0.0000000000025001", "1", "0.000000000003"},
    {DIVIDE, "99999999999999999999999999", "1", "99999999999999999999999999"},
    {DIVIDE, MOST, "1", NULL},
    {DIVIDE, MOST, "100000000000000000000", "1000000000000000000"},
    {DIVIDE, "0.000000000000000001", MOST, "0"},
    {DIVIDE, "1", "0.000000000000000001", "1000000000000000000"},
    {DIVIDE, "1", "0", NULL},
    {DIVIDE, "0", "-5", "0"},
    {MODULO, "7", "3", "1"},
    {MODULO, "-7", "3", "-1"},
    {MODULO, "7", "-3", "1"},
    {MODULO, "5.5", "0.25", "0"},
    {MODULO, "5.6", "0.25", "0.1"},
    {MODULO, "1", "0.0", NULL},
};

static void
arithmetic_is_exact_or_refused(void **state)
{
    static bool (*const operations[])(struct decimal, struct decimal, struct decimal *) = {
        decimal_add, decimal_subtract, decimal_multiply, decimal_divide, decimal_modulo};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct decimal out = {99, 0};
        bool done = operations[rows[i].operation](d(rows[i].a), d(rows[i].b), &out);

        if (done != (rows[i].expected != NULL))
            fail_msg("row %zu: %s and %s", i, rows[i].a, rows[i].b);
        assert_string_equal(decimal_text(arena, out), done ? rows[i].expected : "99");
    }
}

static void
rounds_half_to_even(void **state)
{
    (void)state;
    assert_string_equal(decimal_text(arena, decimal_round(d("0.5"), 0)), "0");
    assert_string_equal(decimal_text(arena, decimal_round(d("1.5"), 0)), "2");
    assert_string_equal(decimal_text(arena, decimal_round(d("-2.5"), 0)), "-2");
    assert_string_equal(decimal_text(arena, decimal_round(d("2.500001"), 0)), "3");
    assert_string_equal(decimal_text(arena, decimal_round(d("0.125"), 2)), "0.12");
    assert_string_equal(decimal_text(arena, decimal_round(d("0.135"), 2)), "0.14");
    assert_string_equal(decimal_text(arena, decimal_round(d("9.995"), 2)), "10");
    assert_string_equal(decimal_text(arena, decimal_round(d("7"), 6)), "7");
    assert_true(decimal_is_whole(d("3.000")));
    assert_false(decimal_is_whole(d("3.001")));
}

static void
reals_become_their_shortest_decimal(void **state)
{
    struct decimal out = {7, 0};

    (void)state;
    assert_true(decimal_of_real(0.1, &out));
    assert_string_equal(decimal_text(arena, out), "0.1");
    assert_true(decimal_of_real(-1200.5, &out));
    assert_string_equal(decimal_text(arena, out), "-1200.5");
    assert_true(decimal_of_real(-0.0, &out));
    assert_string_equal(decimal_text(arena, out), "0");
    assert_true(decimal_of_real(1e21, &out));
    assert_string_equal(decimal_text(arena, out), "1000000000000000000000");
    assert_true(decimal_of_real(1e-18, &out));
    assert_false(decimal_of_real(1e-19, &out));
    assert_false(decimal_of_real(1e38, &out));
    assert_false(decimal_of_real(5e-324, &out));
    assert_false(decimal_of_real(NAN, &out));
    assert_false(decimal_of_real(INFINITY, &out));
    assert_string_equal(decimal_text(arena, out), "0.000000000000000001");
    assert_true(decimal_real(d("0.1")) <= 0.1 && decimal_real(d("0.1")) >= 0.1);
    assert_true(decimal_real(d("-" MOST)) < -9.9e37);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_only_its_form),
        cmocka_unit_test(compares_by_value_across_scales),
        cmocka_unit_test(arithmetic_is_exact_or_refused),
        cmocka_unit_test(rounds_half_to_even),
        cmocka_unit_test(reals_become_their_shortest_decimal),
    };

    return cmocka_run_group_tests_name("base decimal", tests, begin, end);
}
