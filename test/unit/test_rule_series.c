/* SPDX-License-Identifier: Apache-2.0 */
/* test_rule_series.c - change, turning points and rebounds, at their boundaries. */
#include "rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOST 16

/* "3 5 - 4": a dash is a missing period. */
static size_t
series(const char *text, struct rule_point p[MOST])
{
    char word[32];
    size_t n = 0;

    for (int len; sscanf(text, " %31s%n", word, &len) == 1; text += len, n++) {
        assert_true(n < MOST);
        p[n] = (struct rule_point){0};
        p[n].known = strcmp(word, "-") != 0 && decimal_read(word, &p[n].value);
    }
    return n;
}

static void
changes(const char *text, size_t i, size_t back, const char *change, const char *percent)
{
    struct arena *a = arena_new();
    struct rule_point p[MOST];
    struct rule_change c;
    size_t n = series(text, p);

    assert_int_equal(rule_change(p, n, i, back, &c), change != NULL);
    if (change)
        assert_string_equal(decimal_text(a, c.change), change);
    assert_int_equal(c.has_percent, percent != NULL);
    if (percent)
        assert_string_equal(decimal_text(a, c.percent), percent);
    arena_free(a);
}

static void
change_is_a_difference_and_a_share_of_what_was(void **state)
{
    (void)state;
    changes("20349 19669", 1, 1, "-680", "-3.3");
    changes("19669 8155", 1, 1, "-11514", "-58.5");
    changes("4829 3402", 1, 1, "-1427", "-29.6");
    changes("8 0", 1, 1, "-8", "-100");
    changes("1 1", 1, 1, "0", "0");
    changes("0.1 0.3", 1, 1, "0.2", "200");
    changes("3 1 2", 2, 2, "-1", "-33.3");
}

static void
of_nothing_and_below_nothing_there_is_no_percentage(void **state)
{
    (void)state;
    changes("0 5", 1, 1, "5", NULL);
    changes("0 0", 1, 1, "0", NULL);
    changes("-2 3", 1, 1, "5", NULL);
    changes("2 -3", 1, 1, "-5", "-250");
}

static void
what_is_missing_is_never_guessed(void **state)
{
    (void)state;
    changes("5", 0, 1, NULL, NULL);
    changes("5", 0, 0, NULL, NULL);
    changes("- 5", 1, 1, NULL, NULL);
    changes("5 -", 1, 1, NULL, NULL);
    changes("5 - 7", 2, 1, NULL, NULL);
    changes("5 - 7", 2, 2, "2", "40");
    changes("5 7", 2, 1, NULL, NULL);
}

static enum rule_turn
turn(const char *text, size_t i)
{
    struct rule_point p[MOST];
    size_t n = series(text, p);

    return rule_turn_at(p, n, i);
}

static void
a_turning_point_is_where_the_way_changes(void **state)
{
    (void)state;
    assert_int_equal(turn("1 3 2", 1), RULE_PEAK);
    assert_int_equal(turn("3 1 2", 1), RULE_TROUGH);
    assert_int_equal(turn("1 2 3", 1), RULE_NO_TURN);
    assert_int_equal(turn("1 3 3 2", 1), RULE_NO_TURN);
    assert_int_equal(turn("1 3 3 2", 2), RULE_PEAK);
    assert_int_equal(turn("1 3 3 4", 2), RULE_NO_TURN);
    assert_int_equal(turn("2 2 2", 1), RULE_NO_TURN);
    assert_int_equal(turn("1 3 2", 0), RULE_NO_TURN);
    assert_int_equal(turn("1 3 2", 2), RULE_NO_TURN);
    assert_int_equal(turn("1", 0), RULE_NO_TURN);
    assert_int_equal(turn("1 - 3 2", 2), RULE_NO_TURN);
    assert_int_equal(turn("1 3 - 2", 1), RULE_NO_TURN);
    assert_int_equal(turn("-5 -1 -3", 1), RULE_PEAK);
    /* The series of the material: it falls from its first number, so no turn can be computed. */
    assert_int_equal(turn("20349 19669 8155", 1), RULE_NO_TURN);
}

static bool
rebounds(const char *text, size_t i, size_t back)
{
    struct rule_point p[MOST];
    size_t n = series(text, p);

    return rule_rebound(p, n, i, back);
}

static void
a_rebound_rises_after_a_fall(void **state)
{
    (void)state;
    assert_true(rebounds("5 3 4", 2, 1));
    assert_false(rebounds("3 4 5", 2, 1));
    assert_false(rebounds("5 3 3", 2, 1));
    assert_false(rebounds("5 5 6", 2, 1));
    assert_false(rebounds("- 3 4", 2, 1));
    assert_false(rebounds("3 4", 1, 1));
    assert_true(rebounds("9 8 7 6 8 7", 4, 2));
    assert_false(rebounds("9 8 7 6 7 7", 4, 2));
}

static bool
above(const char *text, size_t i, size_t of)
{
    struct rule_point p[MOST];
    size_t n = series(text, p);

    return rule_above_average(p, n, i, of);
}

static void
above_the_mean_of_the_three_before(void **state)
{
    (void)state;
    assert_true(above("1 2 3 3", 3, 3));
    assert_false(above("1 2 3 2", 3, 3));
    assert_false(above("1 - 3 9", 3, 3));
    assert_false(above("2 3 9", 2, 3));
    assert_false(above("1 2 3 -", 3, 3));
    assert_true(above("0.1 0.1 0.1 0.2", 3, 3));
    assert_false(above("0.1 0.1 0.1 0.1", 3, 3));
    assert_true(above("-3 -3 -3 -2", 3, 3));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(change_is_a_difference_and_a_share_of_what_was),
        cmocka_unit_test(of_nothing_and_below_nothing_there_is_no_percentage),
        cmocka_unit_test(what_is_missing_is_never_guessed),
        cmocka_unit_test(a_turning_point_is_where_the_way_changes),
        cmocka_unit_test(a_rebound_rises_after_a_fall),
        cmocka_unit_test(above_the_mean_of_the_three_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
