/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rule_calendar.c - working days by the State Council's notices, joining years, refusals.
 */
#include "base/json.h"
#include "base/time.h"
#include "rule/rule.h"
#include "suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct task task;

static int
begin(void **state)
{
    (void)state;
    task_init(&task, 0, 1);
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
parse(const char *text)
{
    struct json *out = NULL;
    char *bytes = arena_text(task.arena, text);
    for (char *c = bytes; *c; c++)
        if (*c == '\'')
            *c = '"';
    assert_int_equal(json_read(&task, bytes, strlen(bytes), &out), FAULT_NONE);
    return out;
}

static int32_t
day(const char *text)
{
    int32_t out = 0;
    assert_true(time_read_day(text, &out));
    return out;
}

static struct rule_calendar *
shipped(void)
{
    struct rule_calendar *c = NULL;
    struct json *file = json_of_file(&task, ZHIBEN_SOURCE "/standards/calendar.json");
    assert_non_null(file);
    assert_int_equal(rule_calendar_read(&task, file, &c), FAULT_NONE);
    return c;
}

static void
days_of(const struct rule_calendar *c, const char *from, int n, const char *to, bool provisional)
{
    bool told = false;
    const char *got = time_day_text(task.arena, rule_workday_add(c, day(from), n, &told));
    if (strcmp(got, to) != 0)
        print_error("%d working days from %s\n", n, from);
    assert_string_equal(got, to);
    assert_int_equal(told, provisional);
}

static void
notices_stand_above_weekends(void **state)
{
    (void)state;
    const struct rule_calendar *c = shipped();
    assert_false(rule_is_workday(c, day("2026-10-01"))); /* Thursday, National Day */
    assert_true(rule_is_workday(c, day("2026-10-10")));  /* Saturday, worked for it */
    assert_false(rule_is_workday(c, day("2026-10-11"))); /* Sunday */
    assert_true(rule_is_workday(c, day("2026-10-12")));
    assert_true(rule_is_workday(c, day("2026-11-20")));
    assert_false(rule_is_workday(c, day("2026-11-21")));
    assert_true(rule_calendar_holds(c, 2026));
    assert_false(rule_calendar_holds(c, 2027));
    assert_true(strlen(rule_calendar_edition(c)) > 0);
}

static void
working_days_are_counted(void **state)
{
    (void)state;
    const struct rule_calendar *c = shipped();
    days_of(c, "2026-09-30", 1, "2026-10-08", false); /* the day itself is not counted */
    days_of(c, "2026-10-08", 3, "2026-10-12", false); /* over the worked Saturday */
    days_of(c, "2026-10-12", -3, "2026-10-08", false);
    days_of(c, "2026-10-08", -1, "2026-09-30", false);
    days_of(c, "2026-10-03", 0, "2026-10-03", false);
    days_of(c, "2026-11-21", 29, "2026-12-31", false);
}

static void
a_year_without_notice_is_provisional(void **state)
{
    (void)state;
    const struct rule_calendar *c = shipped();
    days_of(c, "2026-11-21", 30, "2027-01-01", true);
    struct rule_calendar *next = NULL;
    struct json *file = parse("{'edition':'演示 2027','years':{'2027':{'holidays':['2027-01-01',"
                              "'2027-01-02','2027-01-03'],'workdays':['2026-12-27']}}}");
    assert_int_equal(rule_calendar_join(&task, c, file, &next), FAULT_NONE);
    days_of(next, "2026-11-21", 30, "2026-12-31", false);
    days_of(next, "2026-11-21", 31, "2027-01-04", false);
    assert_string_equal(rule_calendar_edition(next), "演示 2027");
    /* The calendar joined onto stays as it was. */
    days_of(c, "2026-11-21", 30, "2027-01-01", true);
    assert_false(rule_calendar_holds(c, 2027));
    /* The years before are kept, and an amended year replaces all its days. */
    assert_false(rule_is_workday(next, day("2026-10-01")));
    file = parse("{'edition':'e','years':{'2027':{'holidays':[],'workdays':[]}}}");
    assert_int_equal(rule_calendar_join(&task, next, file, &next), FAULT_NONE);
    assert_true(rule_is_workday(next, day("2027-01-01")));
    assert_false(rule_is_workday(next, day("2026-12-27")));
}

static void
refused(const char *file, const char *pointer)
{
    struct rule_calendar *c = NULL;
    fault_clear(&task);
    assert_int_equal(rule_calendar_read(&task, parse(file), &c), FAULT_INPUT);
    assert_string_equal(task.fault.items[0].pointer, pointer);
    assert_null(c);
}

static void
bad_files_are_refused_in_place(void **state)
{
    (void)state;
    refused("{}", "/edition");
    refused("{'edition':'e','years':{}}", "/years");
    refused("{'edition':'e','years':{'26':{'holidays':[],'workdays':[]}}}", "/years/26");
    refused("{'edition':'e','years':{'2026':{'workdays':[]}}}", "/years/2026/holidays");
    refused("{'edition':'e','years':{'2026':{'holidays':['2026-02-29'],'workdays':[]}}}",
            "/years/2026/holidays/0");
    refused(
        "{'edition':'e','years':{'2026':{'holidays':[],'workdays':['2026-01-04','2023-01-01']}}}",
        "/years/2026/workdays/1");
    refused(
        "{'edition':'e','years':{'2026':{'holidays':['2026-01-04'],'workdays':['2026-01-04']}}}",
        "/years");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(notices_stand_above_weekends, begin, end),
        cmocka_unit_test_setup_teardown(working_days_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(a_year_without_notice_is_provisional, begin, end),
        cmocka_unit_test_setup_teardown(bad_files_are_refused_in_place, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
