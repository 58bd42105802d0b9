/* SPDX-License-Identifier: Apache-2.0 */
/* test_record_clock.c - clocks start, hold, move, repeat and end; each rung fires once, late or
 * not. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static int64_t
instant(const char *text)
{
    int64_t at = 0;

    assert_true(time_read(text, false, &at));
    return at;
}

static struct json *
clock_of(struct city *c, const char *id, const char *name)
{
    struct record r;

    assert_true(city_read(c, id, &r));
    return json_get(r.clocks, name);
}

static int64_t
due_of(struct city *c, const char *id, const char *name)
{
    return json_int_of(clock_of(c, id, name), "due", 0);
}

/* How often the record's history names this step. */
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

static int64_t
number(struct city *c, const char *sql)
{
    int64_t n = 0;
    bool found;

    fault_clear(T);
    CITY_OK(store_one_int(T, S, &n, &found, sql, ""));
    return n;
}

static const char *
task(struct city *c, int64_t unit, const char *due_on)
{
    CITY_CREATE(
        W.clerk, "task", CITY_TOWN,
        city_fields(
            c,
            "{'type':'task','name':'烟花爆竹零售点排查','unit':'u%lld','marker':'逐户签字的清单',"
            "'weight':10,'due_on':'%s'}",
            (long long)unit, due_on));
    return arena_text(c->t.arena, c->last);
}

/* ---- from a date ---- */

static void
a_deadline_lasts_until_its_midnight(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);

    assert_int_equal(due_of(c, id, "rectify"), time_day_end(time_day(CITY_START) + 10));
    city_at(c, "2026-12-03T23:59:59+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "go_overdue"), 0);
    city_at(c, "2026-12-04T00:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "go_overdue"), 1);
}

static void
each_rung_fires_once_in_its_time(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10); /* to 2026-12-03 */

    city_at(c, "2026-11-30T23:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 0);
    city_at(c, "2026-12-01T00:00:01+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 1);
    for (int i = 0; i < 3; i++)
        (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 1);
    city_at(c, "2026-12-20T09:00:00+08:00");
    (void)city_clock(c);
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 1);
    assert_int_equal(times(c, id, "go_overdue"), 1);
    assert_int_equal(times(c, id, "call_recheck"), 1);
    assert_int_equal(city_figure(c, W.clerk, "hazard_overdue", "place=320205"), 1);
    assert_int_equal(city_figure(c, W.clerk, "hazard_went_overdue", "place=320205"), 1);
    city_proves(c);
}

/* A rung that somebody hands in again by hand is known by its name. */
static enum fault_code
fire_again(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct city *c = who;
    const struct org_actor clock = {.sort = ORG_CLOCK};
    struct record_act act;
    struct record r;
    int64_t stream, rid;
    bool found;
    enum fault_code rc;

    assert_true(record_id_read(c->last, &stream, &rid));
    rc = record_open(t, s, desk_world(c->desk), stream, rid, &r, &found);
    if (rc)
        return rc;
    record_act_begin(&act, t, s, desk_world(c->desk), tip, &clock, NULL);
    return record_fire(&act, &r, "rectify", 1, 0, time_day_end(time_day(CITY_START) + 7));
}

static void
a_rung_named_already_changes_nothing(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    int64_t before;

    city_at(c, "2026-12-01T00:00:01+08:00");
    (void)city_clock(c);
    before = number(c, "SELECT count(*) FROM chain_event");
    snprintf(c->last, sizeof c->last, "%s", id);
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), fire_again, c));
    assert_int_equal(number(c, "SELECT count(*) FROM chain_event"), before);
}

/* ---- hold and resume ---- */

static void
a_clock_is_held_while_others_verify(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    int64_t due = due_of(c, id, "rectify");

    city_at(c, "2026-11-28T09:00:00+08:00");
    city_apply(c, W.safety, id);
    assert_int_equal(json_int_of(clock_of(c, id, "rectify"), "held", 0),
                     instant("2026-11-28T09:00:00+08:00"));
    assert_true(due_of(c, id, "verify") != 0 || due_of(c, id, "review") != 0);
    city_at(c, "2026-12-08T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 0);
    assert_int_equal(times(c, id, "go_overdue"), 0);
    CITY_STEP(W.officer, id, "return", city_fields(c, "{'reason':'接地线没有接'}"));
    assert_int_equal(due_of(c, id, "rectify"), due + 10 * TIME_DAY);
    assert_null(json_get(clock_of(c, id, "rectify"), "held"));
    /* The rungs moved along. */
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 0);
    city_at(c, "2026-12-11T00:00:01+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 1);
    assert_int_equal(times(c, id, "go_overdue"), 0);
    city_at(c, "2026-12-14T00:00:01+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "go_overdue"), 1);
}

static void
a_clock_ends_with_the_work(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);

    city_apply(c, W.safety, id);
    CITY_STEP(W.officer, id, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    assert_int_equal(due_of(c, id, "rectify"), 0);
    assert_int_equal(
        number(c, "SELECT count(*) FROM record_due WHERE rid = (SELECT max(rid) FROM record_now "
                  "WHERE kind = 2)"),
        0);
    city_at(c, "2027-03-01T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "go_overdue"), 0);
}

static void
late_or_in_time_is_told_by_the_clock(void **state)
{
    struct city *c = *state;
    const char *in_time = city_hazard(c, 10), *late = city_hazard(c, 2);

    city_apply(c, W.safety, in_time);
    CITY_STEP(W.officer, in_time, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    city_at(c, "2026-12-01T09:00:00+08:00");
    (void)city_clock(c);
    city_apply(c, W.safety, late);
    CITY_STEP(W.officer, late, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    assert_int_equal(city_figure(c, W.clerk, "hazard_closed_timed", "place=320205"), 2);
    assert_int_equal(city_figure(c, W.clerk, "hazard_closed_on_time", "place=320205"), 1);
}

/* ---- move ---- */

static void
an_extension_moves_the_clock_and_both_dates_stay(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10); /* to 2026-12-03 */

    city_at(c, "2026-12-01T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 1);
    CITY_STEP(W.safety, id, "ask_extension",
              city_fields(c, "{'extension_until':'2026-12-10','extension_reason':'配件未到货'}"));
    assert_true(due_of(c, id, "extension") != 0);
    CITY_STEP(W.officer, id, "extend",
              city_fields(c, "{'deadline':'2026-12-10','reason':'配件未到货'}"));
    assert_int_equal(due_of(c, id, "extension"), 0);
    assert_int_equal(due_of(c, id, "rectify"),
                     time_day_end(time_day(instant("2026-12-10T00:00:00+08:00"))));
    city_at(c, "2026-12-05T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "go_overdue"), 0);
    city_at(c, "2026-12-08T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 2); /* a date that moved reminds anew */
    city_at(c, "2026-12-12T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "go_overdue"), 1);
    city_proves(c);
}

/* ---- repeat, and an outage ---- */

static void
a_repeating_clock_goes_on_from_its_last_due(void **state)
{
    struct city *c = *state;
    const char *id = task(c, W.township, "2027-06-30");
    int64_t first;

    CITY_STEP(W.township_person, id, "sign", NULL);
    first = due_of(c, id, "monthly");
    assert_int_equal(time_day(first), time_day(CITY_START) + 30); /* 2026-12-23 */
    city_at(c, "2026-12-24T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(time_day(due_of(c, id, "monthly")),
                     time_day(CITY_START) + 61); /* 2027-01-23 */
    assert_int_equal(times(c, id, "monthly:0"), 1);
    (void)city_clock(c);
    assert_int_equal(times(c, id, "monthly:0"), 1);
}

static void
after_an_outage_every_round_fires_and_in_order(void **state)
{
    struct city *c = *state;
    const char *first = task(c, W.township, "2027-06-30"),
               *second = task(c, W.township, "2027-03-15");
    struct rows r;
    struct chain_row row;
    int64_t last = 0;
    int fired = 0;

    CITY_STEP(W.township_person, first, "sign", NULL);
    CITY_STEP(W.township_person, second, "sign", NULL);
    city_at(c, "2027-04-01T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, first, "monthly:0"), 4);
    assert_int_equal(times(c, second, "due:1"), 1);
    CITY_OK(chain_open_stream(T, S, &r, city_stream(T, "320205"), 1, 10000));
    while (chain_next(T, &r, &row)) {
        int64_t due = json_int_of(row.body, "due_at", 0);

        if (!due)
            continue;
        fired++;
        assert_true(due <= row.at);
        if (due < last)
            fail_msg("a rung due at %s fires after one due at %s", time_text(c->t.arena, due),
                     time_text(c->t.arena, last));
        last = due;
    }
    CITY_OK(store_end(T, &r));
    assert_true(fired >= 8);
    city_proves(c);
}

/* A tick in every hour and one tick at the end come to the same states. */
static void
an_outage_ends_where_a_running_clock_would(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 3);

    city_at(c, "2026-12-20T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "remind"), 1);
    assert_int_equal(times(c, id, "go_overdue"), 1);
    assert_int_equal(times(c, id, "call_recheck"), 1);
    assert_int_equal(number(c, "SELECT count(*) FROM record_due WHERE due <= 1797728400000"), 0);
}

/* ---- the process's zone is nobody's ---- */

static void
the_zone_of_the_process_changes_nothing(void **state)
{
    static const char *const zones[] = {"UTC", "America/New_York", "Pacific/Kiritimati",
                                        "Asia/Shanghai"};
    struct city *c = *state;
    int64_t due = 0;

    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        const char *id;

        assert_int_equal(setenv("TZ", zones[i], 1), 0);
        tzset();
        city_at(c, "2026-11-25T00:30:00+08:00");
        id = city_hazard(c, 10);
        if (due)
            assert_int_equal(due_of(c, id, "rectify"), due);
        due = due_of(c, id, "rectify");
        assert_string_equal(json_text_of(c->body, "created_at"), "2026-11-25T00:30:00.000+08:00");
    }
    unsetenv("TZ");
    tzset();
}

/* ---- working days, and a year without a calendar ---- */

static const char *
with_year(struct city *c, const char *year)
{
    size_t n;
    const char *bytes = city_file(T, "standards/calendar.json", &n);
    struct json *file, *years;

    CITY_OK(json_read(T, bytes, n, &file));
    years = json_get(file, "years");
    json_set_str(c->t.arena, file, "edition", "test 2027");
    json_set(c->t.arena, years, "2027", city_json(T, year));
    return json_string(c->t.arena, file);
}

static void
a_year_without_a_calendar_is_provisional_until_it_is_adopted(void **state)
{
    struct city *c = *state;
    const char *id, *calendar;
    int64_t round;

    city_at(c, "2026-12-29T10:00:00+08:00"); /* a Tuesday */
    id = task(c, W.township, "2027-06-30");
    /* Five working days by weekends alone: 30, 31, Jan 1, 4, 5. */
    assert_true(json_is_true(json_get(clock_of(c, id, "sign"), "provisional")));
    assert_string_equal(time_text(c->t.arena, due_of(c, id, "sign")),
                        "2027-01-05T23:59:59.999+08:00");
    round = json_int_of(clock_of(c, id, "sign"), "round", 0);
    assert_non_null(
        json_get(json_at(json_get(city_record(c, W.clerk, id, NULL), "clocks"), 0), "provisional"));
    calendar = with_year(
        c, "{'holidays':['2027-01-01','2027-01-02','2027-01-03','2027-01-04'],'workdays':[]}");
    city_adopt(T, c->desk, "calendar.json", calendar, strlen(calendar));
    assert_false(json_is_true(json_get(clock_of(c, id, "sign"), "provisional")));
    assert_string_equal(time_text(c->t.arena, due_of(c, id, "sign")),
                        "2027-01-07T23:59:59.999+08:00");
    assert_true(json_int_of(clock_of(c, id, "sign"), "round", 0) >= round);
    assert_int_equal(
        number(c, "SELECT count(*) FROM record_due WHERE clock = 'sign' AND due = 1799337599999"),
        1);
    city_at(c, "2027-01-06T10:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "sign:0"), 0);
    city_at(c, "2027-01-08T00:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "sign:0"), 1);
    city_proves(c);
}

static void
a_rung_that_fired_stays_fired_when_the_calendar_comes(void **state)
{
    struct city *c = *state;
    const char *id, *calendar;

    city_at(c, "2026-12-29T10:00:00+08:00");
    id = task(c, W.township, "2027-06-30");
    city_at(c, "2027-01-06T00:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "sign:0"), 1);
    calendar = with_year(c, "{'holidays':['2027-01-01','2027-01-04'],'workdays':[]}");
    city_adopt(T, c->desk, "calendar.json", calendar, strlen(calendar));
    city_at(c, "2027-01-09T11:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "sign:0"), 1);
    city_proves(c);
}

/* Working days skip the holidays of a year that has its calendar: 2026-10-01 to 07 and its 调休. */
static void
working_days_follow_the_state_councils_calendar(void **state)
{
    struct city *c = *state;
    const char *id;

    /* Nothing is born before the store: look forward to the New Year's Day of 2027 by the past's
     * rules. */
    city_at(c, "2026-11-27T10:00:00+08:00"); /* Friday */
    id = task(c, W.township, "2027-06-30");
    assert_string_equal(time_text(c->t.arena, due_of(c, id, "sign")),
                        "2026-12-04T23:59:59.999+08:00");
    assert_null(json_get(clock_of(c, id, "sign"), "provisional"));
}

static const char loan[] =
    "{'kind':'loan','version':1,'title':'借用 | "
    "Loan','fields':{'required':['enterprise'],'properties':{"
    "'enterprise':{'title':'单位 | Unit','type':'string','x-field':'unit','x-index':true}}},"
    "'states':[{'state':'out','title':'借出 | Out'},{'state':'waiting','title':'中止 | Waiting'},"
    "{'state':'back','title':'归还 | Back','final':true}],"
    "'steps':[{'step':'create','title':'借 | Lend','from':[],'to':'out','who':[{'role':['office'],"
    "'is':'above:enterprise'}],'ask':['enterprise!'],'set':{'owner':{'var':'enterprise'}}},"
    "{'step':'wait','title':'中止 | "
    "Wait','from':['out'],'to':'waiting','who':[{'role':['office']}]},"
    "{'step':'go_on','title':'恢复 | Go "
    "on','from':['waiting'],'to':'out','who':[{'role':['office']}]},"
    "{'step':'bring','title':'还 | "
    "Bring','from':['out'],'to':'back','apart':[],'who':[{'role':['office']}]}],"
    "'clocks':[{'clock':'term','title':'期限 | "
    "Term','in':['out'],'hold':['waiting'],'from':'enter',"
    "'after':'5wd','do':[{'after':'0d','notify':['owner']}]}],"
    "'show':[{'to':'list','fields':['enterprise']}]}";

static const char *
lend(struct city *c)
{
    CITY_CREATE(W.clerk, "loan", CITY_TOWN,
                city_fields(c, "{'enterprise':'u%lld'}", (long long)W.firm));
    return arena_text(c->t.arena, c->last);
}

/* What was held stays held, and the time it was held is not lost, when the calendar comes. */
static void
time_held_is_kept_when_the_calendar_comes(void **state)
{
    struct city *c = *state;
    const char *text = json_string(c->t.arena, city_json(T, loan)), *id, *held, *calendar;

    city_adopt(T, c->desk, "loan.json", text, strlen(text));
    city_at(c, "2026-12-28T09:00:00+08:00"); /* a Monday */
    id = lend(c);
    held = lend(c);
    assert_true(json_is_true(json_get(clock_of(c, id, "term"), "provisional")));
    city_at(c, "2026-12-29T09:00:00+08:00");
    CITY_STEP(W.clerk, id, "wait", NULL);
    CITY_STEP(W.clerk, held, "wait", NULL);
    city_at(c, "2026-12-30T09:00:00+08:00");
    CITY_STEP(W.clerk, id, "go_on", NULL);
    /* By weekends: 29, 30, 31, Jan 1, 4; and the day it was held. */
    assert_string_equal(time_text(c->t.arena, due_of(c, id, "term")),
                        "2027-01-05T23:59:59.999+08:00");
    calendar = with_year(c, "{'holidays':['2027-01-01','2027-01-04'],'workdays':[]}");
    city_adopt(T, c->desk, "calendar.json", calendar, strlen(calendar));
    assert_string_equal(time_text(c->t.arena, due_of(c, id, "term")),
                        "2027-01-07T23:59:59.999+08:00");
    assert_false(json_is_true(json_get(clock_of(c, held, "term"), "provisional")));
    assert_non_null(json_get(clock_of(c, held, "term"), "held"));
    assert_int_equal(number(c, "SELECT count(*) FROM record_due WHERE clock = 'term'"), 1);
    city_at(c, "2026-12-31T09:00:00+08:00");
    CITY_STEP(W.clerk, held, "go_on", NULL);
    assert_string_equal(time_text(c->t.arena, due_of(c, held, "term")),
                        "2027-01-08T23:58:59.999+08:00");
    city_proves(c);
}

/* ---- a limit that no local table gives ---- */

static void
a_step_whose_limit_is_missing_names_the_table(void **state)
{
    struct city *c = *state;
    size_t n;
    const char *bytes = city_file(T, "standards/local/320200.json", &n), *without;
    struct json *file, *durations;

    CITY_OK(json_read(T, bytes, n, &file));
    durations = json_get(file, "durations");
    if (!durations)
        durations = json_get(json_get(file, "tables"), "durations");
    without = NULL;
    if (json_is(durations, JSON_OBJECT)) {
        json_set(c->t.arena, durations, "LOCAL-judge", NULL);
    } else {
        struct json *rows = json_get(durations, "rows") ? json_get(durations, "rows") : durations;
        struct json *kept = json_array(c->t.arena);

        for (size_t i = 0; i < json_count(rows); i++) {
            const struct json *row = json_at(rows, i);
            const char *text = json_string(c->t.arena, row);

            if (!strstr(text, "LOCAL-judge\""))
                json_push(c->t.arena, kept, json_at(rows, i));
        }
        assert_int_equal(json_count(kept) + 1, json_count(rows));
        if (json_get(durations, "rows"))
            json_set(c->t.arena, durations, "rows", kept);
        else
            json_set(c->t.arena, file, "durations", kept);
    }
    json_set_str(c->t.arena, file, "edition", "without");
    without = json_string(c->t.arena, file);
    city_adopt(T, c->desk, "320200.json", without, strlen(without));
    CITY_REFUSED(
        FAULT_INPUT,
        city_create(c, W.grid, "hazard", CITY_TOWN,
                    city_fields(c,
                                "{'enterprise':'u%lld','source':'grid','found_on':'2026-11-23',"
                                "'description':'疏散门上锁'}",
                                (long long)W.firm)));
    assert_non_null(strstr(c->t.fault.items[0].en, "LOCAL-judge"));
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_deadline_lasts_until_its_midnight),
        CASE(each_rung_fires_once_in_its_time),
        CASE(a_rung_named_already_changes_nothing),
        CASE(a_clock_is_held_while_others_verify),
        CASE(a_clock_ends_with_the_work),
        CASE(late_or_in_time_is_told_by_the_clock),
        CASE(an_extension_moves_the_clock_and_both_dates_stay),
        CASE(a_repeating_clock_goes_on_from_its_last_due),
        CASE(after_an_outage_every_round_fires_and_in_order),
        CASE(an_outage_ends_where_a_running_clock_would),
        CASE(the_zone_of_the_process_changes_nothing),
        CASE(a_year_without_a_calendar_is_provisional_until_it_is_adopted),
        CASE(a_rung_that_fired_stays_fired_when_the_calendar_comes),
        CASE(time_held_is_kept_when_the_calendar_comes),
        CASE(working_days_follow_the_state_councils_calendar),
        CASE(a_step_whose_limit_is_missing_names_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
