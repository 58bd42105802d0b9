/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rule_duration.c - durations: one spelling, the ends of terms, months of unlike length.
 */
#include "base/json.h"
#include "base/time.h"
#include "rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct task task;
static struct rule_calendar *calendar;

static int
begin(void **state)
{
    (void)state;
    const char *file = "{\"edition\":\"e\",\"years\":{\"2026\":{\"holidays\":[\"2026-10-01\","
                       "\"2026-10-02\",\"2026-10-05\"],\"workdays\":[\"2026-10-10\"]}}}";
    struct json *parsed;
    task_init(&task, 0, 1);
    assert_int_equal(json_read(&task, file, strlen(file), &parsed), FAULT_NONE);
    assert_int_equal(rule_calendar_read(&task, parsed, &calendar), FAULT_NONE);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    task_release(&task);
    return 0;
}

static void
texts_have_one_spelling(void **state)
{
    (void)state;
    static const char *const good[] = {"30min", "2h",  "10d", "15wd", "3mo",    "1q",
                                       "1y",    "-3d", "0d",  "-1wd", "36525d", "100y", "1qe"};
    static const char *const bad[] = {
        "",     "d",      "10", "10 d", "+3d",  "03d",    "-0d",  "1.5h",
        "3D",   "10days", "1m", "- 3d", "101y", "36526d", "--3d", "99999999999999999999d",
        "1wdx", " 1d", "0qe", "-1qe", "none"};
    struct rule_duration d;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(rule_duration_read(good[i], &d));
        assert_string_equal(rule_duration_text(task.arena, d), good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(rule_duration_read(bad[i], &d));
    assert_false(rule_duration_read(NULL, &d));
    assert_true(rule_duration_read("15wd", &d));
    assert_int_equal(d.n, 15);
    assert_int_equal(d.unit, RULE_WORKDAY);
}

static void
adds(const char *from, const char *duration, const char *to, bool provisional)
{
    struct rule_duration d;
    int64_t at;
    bool told = false;
    assert_true(rule_duration_read(duration, &d));
    assert_true(time_read(from, true, &at));
    const char *got = time_text(task.arena, rule_duration_add(calendar, at, d, &told));
    if (strcmp(got, to) != 0)
        print_error("%s from %s\n", duration, from);
    assert_string_equal(got, to);
    assert_int_equal(told, provisional);
}

static void
minutes_and_hours_are_exact(void **state)
{
    (void)state;
    adds("2026-11-21T09:30:00+08:00", "30min", "2026-11-21T10:00:00.000+08:00", false);
    adds("2026-11-21T23:30:00+08:00", "2h", "2026-11-22T01:30:00.000+08:00", false);
    adds("2026-11-21T09:30:00+08:00", "-90min", "2026-11-21T08:00:00.000+08:00", false);
}

static void
terms_end_with_their_last_day(void **state)
{
    (void)state;
    adds("2026-11-21T09:30:00+08:00", "10d", "2026-12-01T23:59:59.999+08:00", false);
    /* 00:30 in Shanghai is the day before in UTC. */
    adds("2026-11-21T00:30:00+08:00", "1d", "2026-11-22T23:59:59.999+08:00", false);
    adds("2026-09-30T09:30:00+08:00", "1wd", "2026-10-06T23:59:59.999+08:00", false);
    adds("2026-10-09T09:30:00+08:00", "1wd", "2026-10-10T23:59:59.999+08:00", false);
    adds("2026-12-31T09:30:00+08:00", "1wd", "2027-01-01T23:59:59.999+08:00", true);
    adds("2026-11-21", "1d", "2026-11-22T23:59:59.999+08:00", false);
}

static void
months_end_where_they_are_shorter(void **state)
{
    (void)state;
    adds("2027-01-31T08:00:00+08:00", "1mo", "2027-02-28T23:59:59.999+08:00", false);
    adds("2026-11-30T08:00:00+08:00", "1q", "2027-02-28T23:59:59.999+08:00", false);
    adds("2028-02-29T08:00:00+08:00", "1y", "2029-02-28T23:59:59.999+08:00", false);
    adds("2026-11-21T08:00:00+08:00", "3mo", "2027-02-21T23:59:59.999+08:00", false);
}

static void
before_keeps_the_time_of_day(void **state)
{
    (void)state;
    adds("2026-11-21", "-3d", "2026-11-18T23:59:59.999+08:00", false);
    adds("2026-11-21T14:00:00+08:00", "-3d", "2026-11-18T14:00:00.000+08:00", false);
    adds("2026-10-06T14:00:00+08:00", "-1wd", "2026-09-30T14:00:00.000+08:00", false);
    adds("2026-11-21T14:00:00+08:00", "0d", "2026-11-21T14:00:00.000+08:00", false);
}

static void
a_term_of_quarters_ends_with_the_last_of_them(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"2026-02-15T10:00:00+08:00", "1qe", "2026-06-30T23:59:59.999+08:00"},
        {"2026-03-31T23:00:00+08:00", "1qe", "2026-06-30T23:59:59.999+08:00"},
        {"2026-04-01T00:00:00+08:00", "1qe", "2026-09-30T23:59:59.999+08:00"},
        {"2026-11-23T09:00:00+08:00", "1qe", "2027-03-31T23:59:59.999+08:00"},
        {"2026-12-31T09:00:00+08:00", "2qe", "2027-06-30T23:59:59.999+08:00"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rule_duration d;
        bool provisional = false;
        int64_t at;
        assert_true(time_read(cases[i][0], false, &at));
        assert_true(rule_duration_read(cases[i][1], &d));
        assert_string_equal(
            time_text(task.arena, rule_duration_add(calendar, at, d, &provisional)), cases[i][2]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts_have_one_spelling, begin, end),
        cmocka_unit_test_setup_teardown(minutes_and_hours_are_exact, begin, end),
        cmocka_unit_test_setup_teardown(terms_end_with_their_last_day, begin, end),
        cmocka_unit_test_setup_teardown(months_end_where_they_are_shorter, begin, end),
        cmocka_unit_test_setup_teardown(before_keeps_the_time_of_day, begin, end),
        cmocka_unit_test_setup_teardown(a_term_of_quarters_ends_with_the_last_of_them, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
