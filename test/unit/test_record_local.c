/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_record_local.c - what each place decides for itself: rungs, look-backs, shares. Two places
 * differ, a missing row is named, a new row holds from its day, and events remember the edition.
 */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

/* A file of one table for a place; ' stands for ". */
static void
adopt_table(struct city *c, const char *place, const char *edition, const char *table,
            const char *rows)
{
    struct json *file = city_fields(c, "{'place':'%s','edition':'%s','tables':{'%s':{'rows':[%s]}}}",
                                    place, edition, table, rows);
    const char *bytes = json_string(c->t.arena, file);

    fault_clear(T);
    city_adopt(T, c->desk, "table.json", bytes, strlen(bytes));
}

/* The city's own file without one table's rows. */
static void
adopt_without_table(struct city *c, const char *table)
{
    size_t n;
    const char *bytes = city_file(T, "standards/local/320200.json", &n);
    struct json *file, *one;

    fault_clear(T);
    CITY_OK(json_read(T, bytes, n, &file));
    one = json_get(json_get(file, "tables"), table);
    assert_true(json_count(json_get(one, "rows")) > 0);
    json_set(c->t.arena, one, "rows", json_array(c->t.arena));
    bytes = json_string(c->t.arena, file);
    city_adopt(T, c->desk, "320200.json", bytes, strlen(bytes));
}

static struct json *
clock_of(struct city *c, const char *id, const char *name)
{
    struct record r;

    assert_true(city_read(c, id, &r));
    return json_get(r.clocks, name);
}

/* Days from the due moment to a rung that is still to fire; -1000 where there is none. */
static int
rung_days(struct city *c, const char *id, const char *clock, int rung)
{
    const struct json *e = clock_of(c, id, clock), *rungs = json_get(e, "rungs");
    int32_t due = time_day(json_int_of(e, "due", 0));

    for (size_t i = 0; i < json_count(rungs); i++)
        if (json_integer(json_at(json_at(rungs, i), 0), -1) == rung)
            return time_day(json_integer(json_at(json_at(rungs, i), 1), 0)) - due;
    return -1000;
}

static int
times(struct city *c, const char *id, const char *step)
{
    struct rows r;
    struct chain_row row;
    int64_t stream, rid;
    int n = 0;

    assert_true(record_id_read(id, &stream, &rid));
    CITY_OK(chain_open_record(T, S, &r, stream, rid));
    while (chain_next(T, &r, &row))
        n += strcmp(json_text_of(row.body, "step"), step) == 0;
    CITY_OK(store_end(T, &r));
    return n;
}

/* Whether the first event of that step names the edition. */
static bool
remembers(struct city *c, const char *id, const char *step, const char *edition)
{
    struct rows r;
    struct chain_row row;
    int64_t stream, rid;
    bool found = false, named = false;

    assert_true(record_id_read(id, &stream, &rid));
    CITY_OK(chain_open_record(T, S, &r, stream, rid));
    while (chain_next(T, &r, &row)) {
        const struct json *list = json_get(row.body, "editions");

        if (found || strcmp(json_text_of(row.body, "step"), step) != 0)
            continue;
        found = true;
        for (size_t i = 0; i < json_count(list); i++)
            named |= text_equal(json_text(json_at(list, i)), edition);
    }
    CITY_OK(store_end(T, &r));
    assert_true(found);
    return named;
}

static const char *
hazard_of(struct city *c, int64_t officer, int64_t firm, int64_t person, const char *town,
          const char *level, int days)
{
    int32_t today = time_day(c->now);
    struct arena *a = c->t.arena;
    const bool major = strcmp(level, "major") == 0;

    CITY_CREATE(officer, "hazard", town,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'inspector','found_on':'%s','level':'%s',"
                            "'description':'除尘系统未设泄爆装置','owner_person':'p%lld',"
                            "'measures':'加装泄爆片','deadline':'%s'%s}",
                            (long long)firm, time_day_text(a, today), level, (long long)person,
                            time_day_text(a, today + days),
                            major ? ",'clause':'GM-FC-03','interim':'stop_use'" : ""));
    return arena_text(a, c->last);
}

static const char *
here(struct city *c, const char *level, int days)
{
    return hazard_of(c, W.officer, W.firm, W.safety, CITY_TOWN, level, days);
}

static const char *
there(struct city *c, const char *level, int days)
{
    return hazard_of(c, W.officer2, W.firm2, W.safety2, "320206001000", level, days);
}

static void
two_places_have_different_rungs(void **state)
{
    struct city *c = *state;
    const char *one, *two;

    adopt_table(c, "320205", "锡山 1", "ladder_enterprise",
                "{'key':'remind','after':'-5d'},{'key':'reinspect','after':'1d'}");
    adopt_table(c, "320206", "惠山 1", "ladder_government",
                "{'key':'notice','after':'2d'},{'key':'circular','after':'none'}");
    one = here(c, "general", 10);
    two = there(c, "general", 10);
    assert_int_equal(rung_days(c, one, "rectify", 0), -5);
    assert_int_equal(rung_days(c, one, "rectify", 2), 1);
    /* What the county does not decide is the city's. */
    assert_int_equal(rung_days(c, one, "rectify", 4), 5);
    assert_int_equal(rung_days(c, one, "government", 0), 1);
    assert_int_equal(rung_days(c, one, "government", 3), 22);
    assert_int_equal(rung_days(c, two, "rectify", 0), -3);
    assert_int_equal(rung_days(c, two, "rectify", 2), 3);
    assert_int_equal(rung_days(c, two, "government", 0), 2);
    /* A rung this place says it has not. */
    assert_int_equal(rung_days(c, two, "government", 3), -1000);
    city_tick_on(c, 6 * TIME_DAY);
    (void)city_clock(c);
    assert_int_equal(times(c, one, "remind"), 1);
    assert_int_equal(times(c, two, "remind"), 0);
    city_tick_on(c, 2 * TIME_DAY);
    (void)city_clock(c);
    assert_int_equal(times(c, two, "remind"), 1);
    city_proves(c);
}

static void
refused_naming(struct city *c, enum fault_code rc, const char *name)
{
    assert_int_equal(rc, FAULT_INPUT);
    if (!strstr(c->t.fault.items[0].en, name) || !strstr(c->t.fault.items[0].zh, name))
        fail_msg("%s is not named: %s", name, c->t.fault.items[0].en);
}

static enum fault_code
try_hazard(struct city *c)
{
    return city_create(c, W.grid, "hazard", CITY_TOWN,
                       city_fields(c,
                                   "{'enterprise':'u%lld','source':'grid','found_on':'2026-11-23',"
                                   "'description':'疏散门上锁'}",
                                   (long long)W.firm));
}

static enum fault_code
try_order(struct city *c, const char *id)
{
    return city_step(c, W.township_person, id, "judge",
                     city_fields(c,
                                 "{'level':'general','owner_person':'p%lld','measures':'拆除门锁',"
                                 "'deadline':'2026-12-20'}",
                                 (long long)W.safety));
}

static void
a_ladder_no_place_decided_is_refused_by_name(void **state)
{
    struct city *c = *state;
    const char *id;

    CITY_OK(try_hazard(c));
    id = arena_text(c->t.arena, c->last);
    adopt_without_table(c, "ladder_government");
    refused_naming(c, try_order(c, id), "ladder_government.notice");
    assert_string_equal(city_state(c, id), "found");
    adopt_without_table(c, "ladder_enterprise");
    refused_naming(c, try_order(c, id), "ladder_enterprise.remind");
    adopt_without_table(c, "remind");
    refused_naming(c, try_hazard(c), "LOCAL-remind.judge");
    city_proves(c);
}

static void
who_verifies_is_refused_by_name(void **state)
{
    struct city *c = *state;
    const char *id = here(c, "general", 10), *photo = city_photo(c, W.safety, 3);

    adopt_without_table(c, "verifier");
    refused_naming(c,
                   city_step(c, W.safety, id, "apply",
                             city_fields(c, "{'result':'已整改','after_photos':['%s']}", photo)),
                   "verifier");
    assert_true(city_points(c, "/fields/way"));
    assert_string_equal(city_state(c, id), "rectifying");
}

static const char *
round_at(struct city *c, int64_t clerk, const char *place)
{
    CITY_CREATE(clerk, "round", place,
                city_fields(c, "{'purpose':'lookback','begins':'2026-11-01','ends':'2026-12-01',"
                               "'seed_source':'十二月一日开奖号码'}"));
    return arena_text(c->t.arena, c->last);
}

static const char *
share_of(struct city *c, const char *id)
{
    struct record r;

    assert_true(city_read(c, id, &r));
    return json_text_of(r.fields, "share");
}

static void
the_share_drawn_is_the_places(void **state)
{
    struct city *c = *state;
    const char *one, *two;

    adopt_table(c, "320206", "惠山 2", "draw", "{'purpose':'lookback','share':'0.5'}");
    one = round_at(c, W.clerk, "320205");
    two = round_at(c, W.clerk2, "320206");
    assert_string_equal(share_of(c, one), "0.05");
    assert_string_equal(share_of(c, two), "0.5");
    assert_true(remembers(c, two, "create", "draw@惠山 2"));
    adopt_without_table(c, "draw");
    refused_naming(c,
                   city_create(c, W.clerk, "round", "320205",
                               city_fields(c, "{'purpose':'look','begins':'2026-11-01',"
                                              "'ends':'2026-12-01','seed_source':'开奖号码'}")),
                   "draw");
}

/* A look-back is arranged by the office; its days are the place's. */
static void
the_days_to_look_back_are_the_places(void **state)
{
    struct city *c = *state;
    const char *hazard = here(c, "general", 10), *id;
    int32_t today = time_day(c->now);

    adopt_table(c, "320205", "锡山 3", "lookback", "{'reason_for':'arranged','after':'30d'}");
    CITY_CREATE(W.clerk, "lookback", "320205",
                city_fields(c, "{'subject':'%s','reason_for':'arranged'}", hazard));
    id = arena_text(c->t.arena, c->last);
    assert_int_equal(time_day(json_int_of(clock_of(c, id, "due"), "due", 0)), today + 30);
    assert_true(remembers(c, id, "create", "lookback@锡山 3"));
    CITY_CREATE(W.clerk, "lookback", "320205",
                city_fields(c, "{'subject':'%s','reason_for':'major'}", hazard));
    assert_int_equal(time_day(json_int_of(clock_of(c, c->last, "due"), "due", 0)), today + 90);
    adopt_without_table(c, "lookback");
    refused_naming(c,
                   city_create(c, W.clerk, "lookback", "320205",
                               city_fields(c, "{'subject':'%s','reason_for':'major'}", hazard)),
                   "lookback");
}

static void
a_row_holds_from_its_day_on(void **state)
{
    struct city *c = *state;
    const char *before = here(c, "general", 10), *after;

    adopt_table(c, "320205", "锡山 4", "ladder_enterprise",
                "{'key':'remind','after':'-5d','from':'2026-11-26'}");
    assert_int_equal(rung_days(c, before, "rectify", 0), -3);
    assert_int_equal(rung_days(c, here(c, "general", 10), "rectify", 0), -3);
    city_at(c, "2026-11-26T09:00:00+08:00");
    after = here(c, "general", 10);
    assert_int_equal(rung_days(c, after, "rectify", 0), -5);
    assert_int_equal(rung_days(c, before, "rectify", 0), -3);
    assert_true(remembers(c, after, "order_now", "ladder_enterprise@锡山 4"));
    city_proves(c);
}

/* Adopted late, for what was set since its day: what has fired stays fired, the rest moves. */
static void
what_was_fired_stays_fired(void **state)
{
    struct city *c = *state;
    const char *id = here(c, "general", 5); /* to 2026-11-28; reminded on the 25th */

    city_at(c, "2026-11-26T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 1);
    adopt_table(c, "320205", "锡山 5", "ladder_enterprise",
                "{'key':'remind','after':'-1d','from':'2026-11-01'},"
                "{'key':'reinspect','after':'1d','from':'2026-11-01'}");
    assert_int_equal(rung_days(c, id, "rectify", 0), -1000);
    assert_int_equal(rung_days(c, id, "rectify", 2), 1);
    assert_true(remembers(c, id, "recalculate", "ladder_enterprise@锡山 5"));
    city_at(c, "2026-11-30T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 1);
    assert_int_equal(times(c, id, "call_recheck"), 1);
    city_proves(c);
}

/* A row that is gone moves nothing that runs. */
static void
what_runs_keeps_the_row_it_was_set_by(void **state)
{
    struct city *c = *state;
    const char *id = here(c, "general", 10);

    adopt_without_table(c, "ladder_enterprise");
    assert_int_equal(rung_days(c, id, "rectify", 0), -3);
    assert_int_equal(times(c, id, "recalculate"), 0);
    city_tick_on(c, 8 * TIME_DAY);
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 1);
    city_proves(c);
}

static void
events_name_the_editions_they_stand_on(void **state)
{
    struct city *c = *state;
    const char *id = here(c, "general", 10);

    assert_true(remembers(c, id, "order_now", "ladder_enterprise@演示规则 1"));
    assert_true(remembers(c, id, "order_now", "ladder_government@演示规则 1"));
    assert_true(remembers(c, id, "create", "LOCAL-judge@演示规则 1"));
    city_apply(c, W.safety, id);
    assert_true(remembers(c, id, "apply", "verifier@演示规则 1"));
    assert_true(remembers(c, id, "apply", "LOCAL-verify@演示规则 1"));
    assert_false(remembers(c, id, "apply", "ladder_enterprise@演示规则 1"));
    city_proves(c);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(two_places_have_different_rungs),
        CASE(a_ladder_no_place_decided_is_refused_by_name),
        CASE(who_verifies_is_refused_by_name),
        CASE(the_share_drawn_is_the_places),
        CASE(the_days_to_look_back_are_the_places),
        CASE(a_row_holds_from_its_day_on),
        CASE(what_was_fired_stays_fired),
        CASE(what_runs_keeps_the_row_it_was_set_by),
        CASE(events_name_the_editions_they_stand_on),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
