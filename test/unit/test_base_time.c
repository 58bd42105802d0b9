/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_base_time.c - days, instants and their text, whatever TZ says.
 */
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

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

static int32_t
day(const char *s)
{
    int32_t out;

    assert_true(time_read_day(s, &out));
    return out;
}

static int64_t
at(const char *s)
{
    int64_t out;

    assert_true(time_read(s, false, &out));
    return out;
}

static void
days_agree_with_the_calendar(void **state)
{
    int32_t d = day("0001-01-01"), last = day("9999-12-31");
    int year = 1, month = 1, dom = 0, y, m, n, weekday = 0;

    (void)state;
    assert_int_equal(time_day_of(1970, 1, 1), 0);
    assert_int_equal(time_day_of(2000, 3, 1), 11017);
    assert_int_equal(time_weekday(0), 4);
    assert_int_equal(time_weekday(day("2026-11-21")), 6);
    for (; d <= last; d++) {
        time_split(d, &y, &m, &n);
        if (!((y == year && m == month && n == dom + 1) ||
              (y == year && m == month + 1 && n == 1 && dom >= 28) ||
              (y == year + 1 && m == 1 && n == 1 && month == 12 && dom == 31)))
            fail_msg("%d-%d-%d is followed by %d-%d-%d", year, month, dom, y, m, n);
        if (time_day_of(y, m, n) != d)
            fail_msg("%d-%d-%d does not come back", y, m, n);
        if (weekday && time_weekday(d) != weekday % 7 + 1)
            fail_msg("%d-%d-%d breaks the week", y, m, n);
        weekday = time_weekday(d);
        year = y, month = m, dom = n;
    }
}

static void
days_that_do_not_exist_are_refused(void **state)
{
    static const char *const bad[] = {
        "2026-02-29",  "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10",
        "2026-01-00",  "2026-1-01",  "26-01-01",   "2026/01/01", "2026-01-011",
        "2026-01-01 ", "",           "2026-01",    "-026-01-01", "2026-01-01T00:00:00Z"};
    int32_t kept = 5;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(time_read_day(bad[i], &kept));
    assert_false(time_read_day(NULL, &kept));
    assert_int_equal(kept, 5);
    assert_string_equal(time_day_text(arena, day("2024-02-29")), "2024-02-29");
    assert_string_equal(time_day_text(arena, day("2000-02-29")), "2000-02-29");
}

static void
instants_are_read_with_their_offset(void **state)
{
    int64_t noon = INT64_C(1795233000123); /* 2026-11-21T03:50:00.123Z */

    (void)state;
    assert_int_equal(at("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(at("2026-11-21T03:50:00.123Z"), noon);
    assert_int_equal(at("2026-11-21T11:50:00.123+08:00"), noon);
    assert_int_equal(at("2026-11-20T22:20:00.1239-05:30"), noon);
    assert_int_equal(at("2026-11-21t03:50:00.12z"), noon - 3);
    assert_int_equal(at("2026-11-21T03:50Z"), noon - 123);
    assert_int_equal(at("2026-11-21T03:50-00:00"), noon - 123);
    assert_int_equal(at("1969-12-31T23:59:59.999Z"), -1);
    assert_string_equal(time_text(arena, noon), "2026-11-21T11:50:00.123+08:00");
    assert_string_equal(time_text(arena, -1), "1970-01-01T07:59:59.999+08:00");
    assert_int_equal(at(time_text(arena, noon)), noon);
}

static void
other_forms_of_instants_are_refused(void **state)
{
    static const char *const bad[] = {
        "2026-11-21T09:30:00",       "2026-11-21 09:30:00Z",      "2026-11-21T24:00:00Z",
        "2026-11-21T09:60:00Z",      "2026-11-21T09:30:60Z",      "2026-11-21T09:30:00.Z",
        "2026-11-21T09:30:00,5Z",    "2026-11-21T09:30:00+0800",  "2026-11-21T09:30:00+08",
        "2026-11-21T09:30:00+24:00", "2026-11-21T09:30:00+08:60", "2026-11-21T09:30:00ZZ",
        "2026-02-30T09:30:00Z",      "2026-11-21T9:30:00Z",       "2026-11-21T",
        "2026-11-21T09:30:00Z ",     "2026-11-21T09:30.5Z",       "20261121T093000Z"};
    int64_t kept = 5;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(time_read(bad[i], false, &kept));
    assert_false(time_read(NULL, true, &kept));
    assert_int_equal(kept, 5);
}

static void
a_bare_date_is_that_day_in_shanghai(void **state)
{
    int64_t first, last;

    (void)state;
    assert_true(time_read("2026-11-21", false, &first));
    assert_true(time_read("2026-11-21", true, &last));
    assert_int_equal(first, at("2026-11-20T16:00:00Z"));
    assert_int_equal(last, at("2026-11-21T15:59:59.999Z"));
    assert_int_equal(time_day(first), day("2026-11-21"));
    assert_int_equal(time_day(last), day("2026-11-21"));
    assert_int_equal(time_day(first - 1), day("2026-11-20"));
    assert_int_equal(time_day(last + 1), day("2026-11-22"));
    assert_int_equal(time_day(-TIME_ZONE - 1), -1);
    assert_int_equal(time_day(-TIME_ZONE), 0);
    assert_int_equal(time_day_start(time_day(first)), first);
    assert_int_equal(time_day_end(time_day(first)), last);
}

static void
the_zone_of_the_process_changes_nothing(void **state)
{
    int64_t before = at("2026-07-01");

    (void)state;
    assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
    tzset();
    assert_int_equal(at("2026-07-01"), before);
    assert_string_equal(time_text(arena, before), "2026-07-01T00:00:00.000+08:00");
    assert_int_equal(unsetenv("TZ"), 0);
    tzset();
}

static void
months_end_where_they_are_shorter(void **state)
{
    (void)state;
    assert_int_equal(time_add_months(day("2026-01-31"), 1), day("2026-02-28"));
    assert_int_equal(time_add_months(day("2024-01-31"), 1), day("2024-02-29"));
    assert_int_equal(time_add_months(day("2026-03-31"), -1), day("2026-02-28"));
    assert_int_equal(time_add_months(day("2026-11-21"), 12), day("2027-11-21"));
    assert_int_equal(time_add_months(day("2026-11-21"), 2), day("2027-01-21"));
    assert_int_equal(time_add_months(day("2026-01-15"), -13), day("2024-12-15"));
    assert_int_equal(time_add_months(day("2024-02-29"), 48), day("2028-02-29"));
}

static void
clocks_move_forward(void **state)
{
    int64_t before = time_monotonic_us();

    (void)state;
    assert_true(time_system() > at("2026-01-01"));
    assert_true(time_monotonic_us() >= before);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_agree_with_the_calendar),
        cmocka_unit_test(days_that_do_not_exist_are_refused),
        cmocka_unit_test(instants_are_read_with_their_offset),
        cmocka_unit_test(other_forms_of_instants_are_refused),
        cmocka_unit_test(a_bare_date_is_that_day_in_shanghai),
        cmocka_unit_test(the_zone_of_the_process_changes_nothing),
        cmocka_unit_test(months_end_where_they_are_shorter),
        cmocka_unit_test(clocks_move_forward),
    };

    return cmocka_run_group_tests_name("base time", tests, begin, end);
}
