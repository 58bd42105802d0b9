/* SPDX-License-Identifier: Apache-2.0 */
/* test_rollup.c - figures equal a recount, at every node, along every line, on every day. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static int64_t
figure(struct city *c, const char *name, const char *query)
{
    return city_figure(c, W.clerk, name, query);
}

static const struct json *
cells(struct city *c, int64_t person, const char *name, const char *query)
{
    struct json *out = NULL;

    CITY_OK(city_figure_ask(c, person, name, query, &out));
    return json_get(out, "cells");
}

/* The value of the cell whose member is so; -1 where there is no such cell. */
static int64_t
cell(struct city *c, const char *name, const char *query, const char *member, const char *is)
{
    const struct json *list = cells(c, W.clerk, name, query);

    for (size_t i = 0; i < json_count(list); i++)
        if (text_equal(json_text_of(json_at(list, i), member), is))
            return json_int_of(json_at(list, i), "value", -2);
    return -1;
}

static void
fold(struct city *c)
{
    (void)city_clock(c);
}

static const char *
grid_hazard(struct city *c, const char *found_on)
{
    CITY_CREATE(
        W.grid, "hazard", CITY_TOWN,
        city_fields(
            c, "{'enterprise':'u%lld','source':'grid','found_on':'%s','description':'疏散门上锁'}",
            (long long)W.firm, found_on));
    return arena_text(c->t.arena, c->last);
}

/* ---- stocks ---- */

static void
a_stock_follows_every_move(void **state)
{
    struct city *c = *state;
    const char *first, *second;

    assert_int_equal(figure(c, "hazard_open", "place=320205"), 0);
    first = city_hazard(c, 10);
    second = city_hazard(c, 12);
    assert_int_equal(figure(c, "hazard_open", "place=320205"), 2);
    assert_int_equal(figure(c, "hazard_verifying", "place=320205"), 0);
    city_apply(c, W.safety, first);
    assert_int_equal(figure(c, "hazard_open", "place=320205"), 2);
    assert_int_equal(figure(c, "hazard_verifying", "place=320205"), 1);
    CITY_STEP(W.officer, first, "return", city_fields(c, "{'reason':'接地线没有接'}"));
    assert_int_equal(figure(c, "hazard_verifying", "place=320205"), 0);
    assert_int_equal(figure(c, "hazard_returned", "place=320205"), 1);
    city_apply(c, W.safety, first);
    CITY_STEP(W.officer, first, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    CITY_STEP(W.head, second, "void", city_fields(c, "{'reason':'并非隐患，系误报'}"));
    assert_int_equal(figure(c, "hazard_open", "place=320205"), 0);
    assert_int_equal(figure(c, "hazard_closed", "place=320205"), 1);
    assert_int_equal(figure(c, "hazard_void", "place=320205"), 1);
    city_proves(c);
    assert_int_equal(figure(c, "hazard_open", "place=320205"), 0);
    assert_int_equal(figure(c, "hazard_closed", "place=320205"), 1);
}

static void
a_level_that_is_judged_moves_it_to_another_cell(void **state)
{
    struct city *c = *state;
    const char *id = grid_hazard(c, "2026-11-23");
    const char *query = "place=320205&by=level";

    assert_int_equal(figure(c, "hazard_open", query), 1);
    assert_int_equal(cell(c, "hazard_open", query, "level", "general"), -1);
    CITY_STEP(W.officer, id, "judge", city_fields(c, "{'level':'general'}"));
    assert_int_equal(cell(c, "hazard_open", query, "level", "general"), 1);
    assert_int_equal(figure(c, "hazard_open", query), 1);
    fold(c);
    assert_int_equal(cell(c, "hazard_open", query, "level", "general"), 1);
    city_proves(c);
}

static void
the_same_before_and_after_folding(void **state)
{
    static const char *const queries[] = {"place=320205",
                                          "place=320205&by=level",
                                          "place=320205&by=source,level",
                                          "place=320205&by=place",
                                          "place=320205&by=line",
                                          "place=320205&period=day",
                                          "place=320205&period=month"};
    struct city *c = *state;
    const char *before[7];
    struct json *out;

    for (int i = 0; i < 5; i++)
        (void)city_hazard(c, 10 + i);
    (void)grid_hazard(c, "2026-11-20");
    for (int f = 0; f < 2; f++) {
        const char *name = f ? "hazard_found" : "hazard_open";

        for (size_t i = 0; i < 7; i++) {
            CITY_OK(city_figure_ask(c, W.clerk, name, queries[i], &out));
            before[i] = json_string(c->t.arena, json_get(out, "cells"));
        }
        if (f)
            continue;
        fold(c);
        for (size_t i = 0; i < 7; i++) {
            CITY_OK(city_figure_ask(c, W.clerk, name, queries[i], &out));
            assert_string_equal(before[i], json_string(c->t.arena, json_get(out, "cells")));
        }
    }
}

/* ---- series ---- */

static void
flows_are_counted_on_the_day_they_speak_of(void **state)
{
    struct city *c = *state;

    (void)grid_hazard(c, "2026-11-23");
    (void)grid_hazard(c, "2026-11-22");
    (void)grid_hazard(c, "2026-10-31");
    (void)grid_hazard(c, "2026-07-01");
    (void)grid_hazard(c, "2025-12-31");
    for (int folded = 0; folded < 2; folded++) {
        assert_int_equal(figure(c, "hazard_found", "place=320205"), 5);
        assert_int_equal(cell(c, "hazard_found", "place=320205&period=day", "period", "2026-11-22"),
                         1);
        assert_int_equal(cell(c, "hazard_found", "place=320205&period=month", "period", "2026-11"),
                         2);
        assert_int_equal(cell(c, "hazard_found", "place=320205&period=month", "period", "2026-10"),
                         1);
        assert_int_equal(
            cell(c, "hazard_found", "place=320205&period=quarter", "period", "2026-Q4"), 3);
        assert_int_equal(
            cell(c, "hazard_found", "place=320205&period=quarter", "period", "2026-Q3"), 1);
        assert_int_equal(cell(c, "hazard_found", "place=320205&period=year", "period", "2026"), 4);
        assert_int_equal(cell(c, "hazard_found", "place=320205&period=year", "period", "2025"), 1);
        assert_int_equal(figure(c, "hazard_found", "place=320205&from=2026-10-31&to=2026-11-22"),
                         2);
        assert_int_equal(figure(c, "hazard_found", "place=320205&from=2026-11-23&to=2026-11-23"),
                         1);
        /* Entered is another thing than found. */
        assert_int_equal(
            cell(c, "hazard_entered", "place=320205&period=day", "period", "2026-11-23"), 5);
        fold(c);
    }
}

static void
what_was_entered_late_is_not_in_an_earlier_days_answer(void **state)
{
    struct city *c = *state;

    (void)grid_hazard(c, "2026-11-22");
    city_at(c, "2026-11-26T09:00:00+08:00");
    (void)grid_hazard(c, "2026-11-22");
    for (int folded = 0; folded < 2; folded++) {
        assert_int_equal(figure(c, "hazard_found", "place=320205&as_of=2026-11-22"), 0);
        assert_int_equal(figure(c, "hazard_found", "place=320205&as_of=2026-11-23"), 1);
        assert_int_equal(figure(c, "hazard_found", "place=320205&as_of=2026-11-25"), 1);
        assert_int_equal(figure(c, "hazard_found", "place=320205&as_of=2026-11-26"), 2);
        fold(c);
    }
}

static void
stocks_at_past_days_and_at_the_end_of_each_period(void **state)
{
    struct city *c = *state;
    const char *id;

    city_at(c, "2026-11-24T09:00:00+08:00");
    id = city_hazard(c, 40);
    city_at(c, "2026-11-26T23:59:00+08:00");
    (void)city_hazard(c, 40);
    city_at(c, "2026-12-02T09:00:00+08:00");
    city_apply(c, W.safety, id);
    CITY_STEP(W.officer, id, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    city_at(c, "2026-12-04T09:00:00+08:00");
    for (int folded = 0; folded < 2; folded++) {
        static const struct {
            const char *day;
            int64_t n;
        } days[] = {{"2026-11-23", 0}, {"2026-11-24", 1}, {"2026-11-25", 1}, {"2026-11-26", 2},
                    {"2026-12-01", 2}, {"2026-12-02", 1}, {"2026-12-04", 1}};

        for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
            assert_int_equal(figure(c, "hazard_open",
                                    arena_format(c->t.arena, "place=320205&as_of=%s", days[i].day)),
                             days[i].n);
            if (days[i].n)
                assert_int_equal(
                    cell(c, "hazard_open", "place=320205&period=day", "period", days[i].day),
                    days[i].n);
        }
        assert_int_equal(cell(c, "hazard_open", "place=320205&period=month", "period", "2026-11"),
                         2);
        assert_int_equal(cell(c, "hazard_open", "place=320205&period=month", "period", "2026-12"),
                         1);
        assert_int_equal(cell(c, "hazard_open", "place=320205&period=year", "period", "2026"), 1);
        assert_int_equal(cell(c, "hazard_open",
                              "place=320205&period=day&from=2026-11-28&to=2026-11-29", "period",
                              "2026-11-28"),
                         2);
        fold(c);
    }
}

static void
a_share_is_a_division_made_when_somebody_looks(void **state)
{
    struct city *c = *state;
    const char *first = city_hazard(c, 10);
    const struct json *list;

    (void)city_hazard(c, 10);
    city_apply(c, W.safety, first);
    CITY_STEP(W.officer, first, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    list = cells(c, W.clerk, "hazard_rectified_rate", "place=320205");
    assert_int_equal(json_count(list), 1);
    assert_string_equal(json_text_of(json_at(list, 0), "value"), "0.5");
    list = cells(c, W.clerk, "hazard_on_time_rate", "place=320205");
    assert_int_equal(json_count(list), 1);
    assert_string_equal(json_text_of(json_at(list, 0), "value"), "1");
    assert_int_equal(json_count(cells(c, W.clerk2, "hazard_on_time_rate", "place=320206")), 0);
}

/* What is due counts on its deadline, which moves with an extension, and not before it has come. */
static void
what_is_due_moves_with_its_deadline(void **state)
{
    struct city *c = *state;
    const char *first = city_hazard(c, 10), *second = city_hazard(c, 40);
    const char *ahead = "place=320205&to=2027-12-31";

    assert_int_equal(figure(c, "hazard_due", "place=320205"), 0);
    assert_int_equal(figure(c, "hazard_due", ahead), 2);
    CITY_STEP(W.safety, second, "ask_extension",
              city_fields(c, "{'extension_until':'2027-02-10','extension_reason':'设备到货推迟'}"));
    CITY_STEP(W.officer, second, "extend", city_fields(c, "{'deadline':'2027-02-10','reason':'属实，同意'}"));
    city_apply(c, W.safety, first);
    CITY_STEP(W.officer, first, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    for (int folded = 0; folded < 2; folded++) {
        assert_int_equal(figure(c, "hazard_due", ahead), 2);
        assert_int_equal(cell(c, "hazard_due", "place=320205&period=month&to=2027-12-31", "period", "2027-02"), 1);
        assert_int_equal(cell(c, "hazard_due", "place=320205&period=month&to=2027-12-31", "period", "2027-01"), -1);
        assert_int_equal(figure(c, "hazard_closed_in_time", ahead), 1);
        fold(c);
    }
    city_at(c, "2026-12-20T09:00:00+08:00");
    assert_int_equal(figure(c, "hazard_due", "place=320205"), 1);
    assert_string_equal(
        json_text_of(json_at(cells(c, W.clerk, "hazard_due_rate", "place=320205"), 0), "value"), "1");
    assert_int_equal(figure(c, "hazard_due", "place=320205&as_of=2026-11-24"), 0);
    city_at(c, "2027-03-01T09:00:00+08:00");
    (void)city_clock(c);
    assert_string_equal(
        json_text_of(json_at(cells(c, W.clerk, "hazard_due_rate", "place=320205"), 0), "value"), "0.5");
    city_proves(c);
}

/* A series beside itself: missing before anything was counted, 0 where nothing was in between. */
static void
a_series_is_compared_with_what_was(void **state)
{
    static const char *const days[] = {"2025-10-05", "2025-10-06", "2025-11-05", "2026-08-03", "2026-09-02",
                                       "2026-09-03", "2026-09-04", "2026-10-07", "2026-10-08", "2026-10-09"};
    struct city *c = *state;
    const struct json *list, *september, *october, *november;

    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        (void)grid_hazard(c, days[i]);
    list = cells(c, W.clerk, "hazard_found", "place=320205&period=month&from=2026-09-01&compare=year,period");
    assert_int_equal(json_count(list), 3);
    september = json_at(list, 0);
    october = json_at(list, 1);
    november = json_at(list, 2);
    assert_string_equal(json_text_of(september, "period"), "2026-09");
    assert_true(json_is_null(json_get(september, "year")));
    assert_int_equal(json_int_of(json_get(september, "previous"), "change", 0), 2);
    assert_string_equal(json_text_of(json_get(september, "previous"), "percent"), "200");
    assert_int_equal(json_int_of(json_get(october, "year"), "value", 0), 2);
    assert_int_equal(json_int_of(json_get(october, "year"), "change", 0), 1);
    assert_string_equal(json_text_of(json_get(october, "year"), "percent"), "50");
    assert_int_equal(json_int_of(json_get(october, "previous"), "change", -9), 0);
    assert_true(json_is_true(json_get(november, "unfinished")));
    assert_true(json_is_null(json_get(november, "year")));
    assert_int_equal(json_count(cells(c, W.clerk, "hazard_found", "place=320205&period=month&compare=period")), 14);
}

/* Rows of any level below a place, added up to the same whole. */
static void
a_board_of_townships_by_state(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    const char *query = "place=320200&by=township,state,level";
    const struct json *list;

    (void)grid_hazard(c, "2026-11-20");
    city_apply(c, W.safety, id);
    for (int folded = 0; folded < 2; folded++) {
        CITY_OK(city_figure_ask(c, W.city_clerk, "hazard_by_state", query, (struct json **)(uintptr_t)&list));
        list = json_get(list, "cells");
        assert_int_equal(json_count(list), 2);
        for (size_t i = 0; i < 2; i++) {
            assert_string_equal(json_text_of(json_at(list, i), "place"), "320205001000");
            assert_int_equal(json_int_of(json_at(list, i), "value", 0), 1);
            assert_non_null(json_text_of(json_at(list, i), "state"));
        }
        fold(c);
    }
}

/* ---- place totals and line totals reconcile ---- */

static int64_t
sum(const struct json *list)
{
    int64_t n = 0;

    for (size_t i = 0; i < json_count(list); i++)
        n += json_int_of(json_at(list, i), "value", 0);
    return n;
}

static void
a_task_at(struct city *c, int64_t person, const char *place, int64_t unit)
{
    CITY_CREATE(
        person, "task", place,
        city_fields(
            c,
            "{'type':'task','name':'排查任务','unit':'u%lld','marker':'签字清单','weight':1,"
            "'due_on':'2026-12-20'}",
            (long long)unit));
}

static void
places_and_lines_add_up_to_the_whole(void **state)
{
    struct city *c = *state;

    (void)city_hazard(c, 10);
    (void)city_hazard(c, 10);
    a_task_at(c, W.clerk, CITY_TOWN, W.township);
    a_task_at(c, W.clerk, "320205002000", W.township2);
    a_task_at(c, W.clerk, "320205", W.bureau); /* of the county itself */
    a_task_at(c, W.clerk, "320205", W.housing);
    a_task_at(c, W.city_clerk, "320200", W.office); /* of the city itself */
    a_task_at(c, W.city_clerk, "320206", W.bureau2);
    for (int folded = 0; folded < 2; folded++) {
        assert_int_equal(figure(c, "task_open", "place=320205"), 4);
        assert_int_equal(city_figure(c, W.city_clerk, "task_open", "place=320200"), 6);
        assert_int_equal(city_figure(c, W.city_clerk, "task_open", "place=320206"), 1);
        assert_int_equal(city_figure(c, W.township_person, "task_open", "place=320205001000"), 1);
        assert_int_equal(sum(cells(c, W.clerk, "task_open", "place=320205&by=line")), 4);
        assert_int_equal(sum(cells(c, W.city_clerk, "task_open", "place=320200&by=line")), 6);
        assert_int_equal(sum(cells(c, W.clerk, "hazard_open", "place=320205&by=place")), 2);
        assert_int_equal(sum(cells(c, W.clerk, "task_open", "place=320205&by=place")), 4);
        assert_int_equal(sum(cells(c, W.city_clerk, "task_open", "place=320200&by=place")), 6);
        assert_int_equal(
            sum(cells(c, W.city_clerk, "task_open", "place=320200&by=place,line,type")), 6);
        assert_int_equal(cell(c, "task_open", "place=320205&by=place", "place", "320205001000"), 1);
        assert_int_equal(cell(c, "task_open", "place=320205&by=place", "place", "320205000000"), 2);
        assert_int_equal(cell(c, "hazard_open", "place=320205&by=line", "line", "emergency"), 2);
        assert_int_equal(city_figure(c, W.housing_person, "task_open", "place=320205"), 1);
        fold(c);
    }
    city_proves(c);
}

/* The figure of a place opens into exactly the records it counts. */
static void
every_figure_opens_into_its_records(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);

    (void)city_hazard(c, 10);
    (void)grid_hazard(c, "2026-11-20");
    city_apply(c, W.safety, id);
    assert_int_equal(
        figure(c, "hazard_open", "place=320205"),
        city_count(c, W.clerk,
                   "kind=hazard&place=320205&state=found,registered,planning,rectifying,"
                   "extending,disputed,appealed,applied,self_reported,drawn,held,handing"));
    assert_int_equal(
        figure(c, "hazard_verifying", "place=320205"),
        city_count(c, W.clerk, "kind=hazard&place=320205&state=applied,self_reported,drawn"));
    assert_int_equal(cell(c, "hazard_open", "place=320205&by=source", "source", "grid"),
                     city_count(c, W.clerk, "kind=hazard&place=320205&source=grid"));
}

static void
sums_add_the_field(void **state)
{
    struct city *c = *state;

    a_task_at(c, W.clerk, CITY_TOWN, W.township);
    CITY_CREATE(
        W.clerk, "task", CITY_TOWN,
        city_fields(
            c,
            "{'type':'project','name':'排查任务','unit':'u%lld','marker':'签字清单','weight':41,"
            "'due_on':'2026-12-20'}",
            (long long)W.township));
    assert_int_equal(figure(c, "task_weight", "place=320205"), 42);
    assert_int_equal(cell(c, "task_weight", "place=320205&by=type", "type", "project"), 41);
}

/* ---- the recount ---- */

static void
a_cell_that_was_changed_is_named(void **state)
{
    static const char *const edits[] = {
        "UPDATE rollup_cell SET amount = amount + 1 WHERE figure = 'hazard_open' AND node = %lld",
        "DELETE FROM rollup_cell WHERE figure = 'hazard_open' AND node = %lld",
        "UPDATE rollup_cell SET recorded_on = recorded_on - 1 WHERE figure = 'hazard_open' AND "
        "node = %lld",
        "INSERT INTO rollup_cell VALUES (%lld, 'hazard_open', 0, 20000, 7, '{}', 5)",
    };
    struct city *c = *state;
    struct desk_verdict verdict;
    const char *differs;
    int64_t events;

    (void)city_hazard(c, 10);
    fold(c);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        CITY_OK(store_script(T, S, arena_format(c->t.arena, edits[i], (long long)W.county)));
        CITY_OK(desk_verify(T, c->desk, true, &verdict));
        if (!verdict.wrong || !strstr(verdict.wrong, "hazard_open"))
            fail_msg("edit %zu: %s", i, verdict.wrong ? verdict.wrong : "nothing is wrong");
        /* Made again from the log it is right, and the rebuild says what differed. */
        CITY_OK(desk_rebuild(T, c->desk, &events, &differs));
        assert_non_null(differs);
        assert_non_null(strstr(differs, "rollup_cell"));
        CITY_OK(desk_verify(T, c->desk, true, &verdict));
        assert_null(verdict.wrong);
    }
    assert_int_equal(figure(c, "hazard_open", "place=320205"), 1);
}

static void
a_delta_that_was_lost_is_named(void **state)
{
    struct city *c = *state;
    struct desk_verdict verdict;

    (void)city_hazard(c, 10);
    CITY_OK(store_script(T, S, "DELETE FROM rollup_delta WHERE figure = 'hazard_open'"));
    CITY_OK(desk_verify(T, c->desk, true, &verdict));
    assert_non_null(verdict.wrong);
}

/* A season of everything, and the figure equals a count of the rows at each day. */
static void
a_season_recounts(void **state)
{
    struct city *c = *state;
    const char *ids[12];

    for (int i = 0; i < 12; i++) {
        city_at(c, arena_format(c->t.arena, "2026-11-%02dT08:%02d:00+08:00", 23 + i / 2, i));
        ids[i] = i % 3 == 0   ? city_own_hazard(c, W.safety, W.safety, 5)
                 : i % 3 == 1 ? city_hazard(c, 5)
                              : grid_hazard(c, "2026-11-22");
    }
    for (int i = 0; i < 12; i++) {
        city_at(c, arena_format(c->t.arena, "2026-11-30T%02d:00:00+08:00", 8 + i));
        if (i % 3 == 2) {
            if (i == 2)
                CITY_STEP(W.head, ids[i], "void", city_fields(c, "{'reason':'系误报，不成立'}"));
            continue;
        }
        if (i == 4)
            continue;
        (void)city_clock(c);
        city_apply(c, i % 3 ? W.safety : W.boss, ids[i]);
        if (i % 3 && i != 7)
            CITY_STEP(W.officer, ids[i], "verify", city_fields(c, "{'opinion':'合格合格'}"));
        else if (i == 7)
            CITY_STEP(W.officer, ids[i], "return", city_fields(c, "{'reason':'接地线没有接'}"));
        else
            CITY_STEP(W.mate, ids[i], "verify_inside", NULL);
    }
    city_at(c, "2026-12-20T08:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(figure(c, "hazard_found", "place=320205"), 12);
    assert_int_equal(
        figure(c, "hazard_open", "place=320205"),
        city_count(c, W.clerk, "kind=hazard&state=found,rectifying,applied,registered"));
    assert_int_equal(figure(c, "hazard_overdue", "place=320205"), 2);
    city_proves(c);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_stock_follows_every_move),
        CASE(a_level_that_is_judged_moves_it_to_another_cell),
        CASE(the_same_before_and_after_folding),
        CASE(flows_are_counted_on_the_day_they_speak_of),
        CASE(what_was_entered_late_is_not_in_an_earlier_days_answer),
        CASE(stocks_at_past_days_and_at_the_end_of_each_period),
        CASE(a_share_is_a_division_made_when_somebody_looks),
        CASE(what_is_due_moves_with_its_deadline),
        CASE(a_series_is_compared_with_what_was),
        CASE(a_board_of_townships_by_state),
        CASE(places_and_lines_add_up_to_the_whole),
        CASE(every_figure_opens_into_its_records),
        CASE(sums_add_the_field),
        CASE(a_cell_that_was_changed_is_named),
        CASE(a_delta_that_was_lost_is_named),
        CASE(a_season_recounts),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
