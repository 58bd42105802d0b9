/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rule_local.c - dated rows: the nearest place that has one holds, law stands above it.
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
static struct rule_tables tables;

static const char CITY[] =
    "{'place':'320200','edition':'city 1','tables':{'verifier':{'columns':['level','one','way'],"
    "'rows':[{'level':'major','way':'supervisor','from':'2024-01-01','to':'2025-12-31'},"
    "{'level':'major','way':'orderer','from':'2026-01-01','to':null,'edition':'city 2'},"
    "{'level':'general','one':true,'way':'look'}]},'ladder':{'rows':["
    "{'key':'remind','after':'-3d','to':'2026-06-30'},{'key':'remind','after':'-5d','from':'2026-07-01'},"
    "{'key':'circular','after':'none'},{'key':'odd','after':'soon'}]}},"
    "'durations':[{'id':'LOCAL-judge','value':'1wd','from':'2026-01-01','to':null},"
    "{'id':'SD-open','value':'20d'},{'id':'SD-fixed','value':'99d'}]}";

static const char NATION[] =
    "{'place':'000000','edition':'nation 1','tables':{'verifier':{'columns':['way'],"
    "'rows':[{'way':'anyone'}]},'other':{'rows':[{'a':1}]},"
    "'ladder':{'rows':[{'key':'circular','after':'22d'},{'key':'odd','after':'1d'}]}},"
    "'durations':[{'id':'LOCAL-judge','value':'3wd'},{'id':'LOCAL-odd','value':'soon'}]}";

static const char LIMITS[] =
    "{'edition':'limits 1','rows':[{'id':'SD-fixed','value':10,'unit':'day'},"
    "{'id':'SD-text','value':9,'unit':'day','duration':'90min'},"
    "{'id':'SD-open','value':null,'unit':'configurable','duration':null},"
    "{'id':'SD-none','value':null},{'id':'SD-percent','value':3,'unit':'percent_per_day'},"
    "{'id':'SD-dated','value':1,'unit':'month','to':'2025-12-31'},"
    "{'id':'SD-dated','value':2,'unit':'month','from':'2026-01-01'}]}";

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

static int
begin(void **state)
{
    (void)state;
    task_init(&task, 0, 1);
    tables.files = arena_alloc(task.arena, 2 * sizeof *tables.files);
    tables.files[0] = parse(CITY);
    tables.files[1] = parse(NATION);
    tables.n = 2;
    tables.limits = parse(LIMITS);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    task_release(&task);
    return 0;
}

static int32_t
day(const char *text)
{
    int32_t out = 0;
    assert_true(time_read_day(text, &out));
    return out;
}

/* The duration as text, NULL where no row holds. */
static const char *
limit(const char *id, const char *on, const char **edition)
{
    struct rule_duration d;
    *edition = "untouched";
    return rule_limit(&tables, id, day(on), &d, edition) ? rule_duration_text(task.arena, d) : NULL;
}

static void
the_nearest_row_in_force_holds(void **state)
{
    (void)state;
    const char *edition;
    assert_string_equal(limit("LOCAL-judge", "2026-01-01", &edition), "1wd");
    assert_string_equal(edition, "city 1");
    assert_string_equal(limit("LOCAL-judge", "2025-12-31", &edition), "3wd");
    assert_string_equal(edition, "nation 1");
    assert_null(limit("LOCAL-absent", "2026-01-01", &edition));
    assert_string_equal(edition, "untouched");
    assert_null(limit("LOCAL-odd", "2026-01-01", &edition));
}

static void
law_stands_above_a_place(void **state)
{
    (void)state;
    const char *edition;
    assert_string_equal(limit("SD-fixed", "2026-01-01", &edition), "10d");
    assert_string_equal(edition, "limits 1");
    assert_string_equal(limit("SD-text", "2026-01-01", &edition), "90min");
    /* No number in law: the place's, else nothing. */
    assert_string_equal(limit("SD-open", "2026-01-01", &edition), "20d");
    assert_string_equal(edition, "city 1");
    assert_null(limit("SD-none", "2026-01-01", &edition));
    assert_null(limit("SD-percent", "2026-01-01", &edition));
    assert_string_equal(limit("SD-dated", "2025-12-31", &edition), "1mo");
    assert_string_equal(limit("SD-dated", "2026-01-01", &edition), "2mo");
}

static void
a_rung_is_a_row_of_a_ladder(void **state)
{
    (void)state;
    const char *edition;
    assert_string_equal(limit("LOCAL-ladder.remind", "2026-06-30", &edition), "-3d");
    assert_string_equal(limit("LOCAL-ladder.remind", "2026-07-01", &edition), "-5d");
    assert_string_equal(edition, "city 1");
    /* Said to be none, a rung is none, whatever a place above has. */
    assert_string_equal(limit("LOCAL-ladder.circular", "2026-07-01", &edition), "none");
    assert_string_equal(limit("LOCAL-ladder.odd", "2026-07-01", &edition), "1d");
    assert_string_equal(edition, "nation 1");
    assert_null(limit("LOCAL-ladder.absent", "2026-07-01", &edition));
    assert_null(limit("LOCAL-absent.remind", "2026-07-01", &edition));
    assert_null(limit("SD-ladder.remind", "2026-07-01", &edition));
}

static const char *
way(const char *give, const char *on, const char **edition)
{
    return json_text_of(rule_local_row(&tables, "verifier", day(on), parse(give), edition), "way");
}

static void
rows_match_by_their_columns(void **state)
{
    (void)state;
    const char *edition;
    assert_string_equal(way("{'level':'major','one':true}", "2025-12-31", &edition), "supervisor");
    assert_string_equal(edition, "city 1");
    assert_string_equal(way("{'level':'major','one':true}", "2026-01-01", &edition), "orderer");
    assert_string_equal(edition, "city 2");
    assert_string_equal(way("{'level':'general','one':true}", "2026-01-01", &edition), "look");
    assert_string_equal(way("{'level':'general','one':false}", "2026-01-01", &edition), "anyone");
    assert_string_equal(edition, "nation 1");
    assert_string_equal(way("{'level':'major'}", "2023-01-01", &edition), "anyone");
    assert_null(rule_local_row(&tables, "absent", day("2026-01-01"), parse("{}"), &edition));
    assert_null(rule_local_row(&tables, "other", day("2026-01-01"), parse("{'a':2}"), NULL));
    assert_non_null(rule_local_row(&tables, "other", day("2026-01-01"), parse("{'a':1}"), NULL));
}

static void
shipped_limits_read(void **state)
{
    (void)state;
    const char *edition;
    struct json *limits = json_of_file(&task, ZHIBEN_SOURCE "/standards/limits.json");
    assert_non_null(limits);
    tables.limits = limits;
    assert_string_equal(limit("SD-report-unit", "2026-11-21", &edition), "60min");
    assert_string_equal(limit("SD-order-review", "2026-11-21", &edition), "10d");
    const struct json *rows = json_get(limits, "rows");
    size_t numbers = 0;
    for (size_t i = 0; i < json_count(rows); i++) {
        struct rule_duration d;
        const char *text = json_text_of(json_at(rows, i), "duration");
        assert_true(!text || rule_duration_read(text, &d));
        numbers += text != NULL;
    }
    assert_true(numbers >= 50);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_nearest_row_in_force_holds, begin, end),
        cmocka_unit_test_setup_teardown(law_stands_above_a_place, begin, end),
        cmocka_unit_test_setup_teardown(a_rung_is_a_row_of_a_ladder, begin, end),
        cmocka_unit_test_setup_teardown(rows_match_by_their_columns, begin, end),
        cmocka_unit_test_setup_teardown(shipped_limits_read, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
