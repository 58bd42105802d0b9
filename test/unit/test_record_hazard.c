/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_record_hazard.c - the other roads of a hazard: served late, handed over, held, disputed,
 * listed, entered late; docs/done/02-hazard.md names the sentence behind each case.
 */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static const struct json *
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

static const char *
field(struct city *c, const char *id, const char *name)
{
    struct record r;

    assert_true(city_read(c, id, &r));
    return json_text_of(r.fields, name);
}

static int64_t
unit_of(struct city *c, const char *id, const char *name)
{
    const char *text = field(c, id, name);

    return text ? org_id_read(text, 'u') : 0;
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

/* By the inspector, ordered at once; `more` adds fields. */
static enum fault_code
ordered(struct city *c, const char *found_on, const char *deadline, const char *more)
{
    return city_create(c, W.officer, "hazard", CITY_TOWN,
                       city_fields(c,
                                   "{'enterprise':'u%lld','source':'inspector','found_on':'%s',"
                                   "'level':'general','description':'配电箱无门，导线未穿管',"
                                   "'owner_person':'p%lld','measures':'更换箱门，导线穿管',"
                                   "'deadline':'%s'%s}",
                                   (long long)W.firm, found_on, (long long)W.safety, deadline, more));
}

static const char *
major(struct city *c)
{
    CITY_CREATE(W.officer, "hazard", CITY_TOWN,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'inspector','found_on':'2026-11-23',"
                            "'level':'major','clause':'GM-FC-03','description':'除尘系统未设泄爆装置',"
                            "'owner_person':'p%lld','measures':'加装泄爆片','deadline':'2026-12-23',"
                            "'interim':'stop_use'}",
                            (long long)W.firm, (long long)W.boss));
    return arena_text(c->t.arena, c->last);
}

static const char *
newest(struct city *c, const char *kind)
{
    const struct json *items =
        json_get(city_list(c, W.clerk, arena_format(c->t.arena, "kind=%s&limit=5", kind)), "items");

    assert_true(json_count(items) > 0);
    return json_text_of(json_at(items, 0), "id");
}

/* ---- judged by a clause that is in force ---- */

static enum fault_code
judged_by(struct city *c, const char *clause)
{
    return city_create(c, W.officer, "hazard", CITY_TOWN,
                       city_fields(c,
                                   "{'enterprise':'u%lld','source':'inspector','found_on':'2026-11-23',"
                                   "'level':'major','clause':'%s','description':'疏散通道被封堵'}",
                                   (long long)W.firm, clause));
}

static void
a_clause_out_of_force_makes_nothing_major(void **state)
{
    struct city *c = *state;

    CITY_REFUSED(FAULT_INPUT, judged_by(c, "XF17-01")); /* superseded on 2025-11-01 */
    assert_true(city_points(c, "/fields/clause"));
    CITY_REFUSED(FAULT_INPUT, judged_by(c, "no-such-clause"));
    CITY_OK(judged_by(c, "GM-FC-03"));
}

/* ---- service ---- */

static void
clocks_of_an_order_start_when_it_is_served(void **state)
{
    struct city *c = *state;
    const char *by_hand, *by_mail;

    CITY_OK(ordered(c, "2026-11-23", "2026-12-08", ",'served_how':'hand'"));
    by_hand = arena_text(c->t.arena, c->last);
    assert_string_equal(field(c, by_hand, "served_on"), "2026-11-23");
    assert_true(due_of(c, by_hand, "rectify") != 0);
    CITY_OK(ordered(c, "2026-11-23", "2026-12-08", ",'served_how':'mail'"));
    by_mail = arena_text(c->t.arena, c->last);
    assert_null(field(c, by_mail, "served_on"));
    assert_int_equal(due_of(c, by_mail, "rectify"), 0);
    assert_int_equal(due_of(c, by_mail, "government"), 0);
    assert_true(due_of(c, by_mail, "service") != 0);
    city_at(c, "2026-11-26T09:00:00+08:00");
    CITY_REFUSED(FAULT_INPUT,
                 city_step(c, W.officer, by_mail, "serve",
                           city_fields(c, "{'served_on':'2026-11-28','served_how':'mail'}")));
    CITY_STEP(W.officer, by_mail, "serve",
              city_fields(c, "{'served_on':'2026-11-26','served_how':'mail'}"));
    assert_int_equal(due_of(c, by_mail, "rectify"), due_of(c, by_hand, "rectify"));
    assert_true(due_of(c, by_mail, "government") != 0);
    city_proves(c);
}

/* ---- both clocks of an order ---- */

static void
an_extension_is_answered_and_an_application_reviewed_in_the_days_of_the_law(void **state)
{
    struct city *c = *state;
    const char *id;
    int32_t today = time_day(c->now);

    CITY_OK(ordered(c, "2026-11-23", "2026-12-08", ""));
    id = arena_text(c->t.arena, c->last);
    CITY_STEP(W.safety, id, "ask_extension",
              city_fields(c, "{'extension_until':'2026-12-18','extension_reason':'配件未到货'}"));
    assert_int_equal(time_day(due_of(c, id, "extension")), today + 5);
    assert_non_null(strstr(json_text_of(clock_of(c, id, "extension"), "row"), "SD-order-ext-answer@"));
    assert_true(due_of(c, id, "rectify") != 0); /* asking stops nothing */
    /* Whoever set the deadline grants it: neither the township nor the firm itself did. */
    CITY_REFUSED(FAULT_RIGHT,
                 city_step(c, W.township_person, id, "extend",
                           city_fields(c, "{'deadline':'2026-12-18','reason':'同意延期'}")));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.boss, id, "extend",
                                        city_fields(c, "{'deadline':'2026-12-18','reason':'同意延期'}")));
    CITY_STEP(W.officer, id, "extend", city_fields(c, "{'deadline':'2026-12-18','reason':'同意延期'}"));
    assert_string_equal(field(c, id, "deadline"), "2026-12-18");
    assert_string_equal(field(c, id, "first_deadline"), "2026-12-08");
    city_apply(c, W.safety, id);
    assert_int_equal(time_day(due_of(c, id, "review")), today + 10);
    city_proves(c);
}

/* ---- handed over ---- */

static void
until_it_is_received_the_sender_answers_and_the_firm_owes(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 20);
    struct record r;
    int64_t due = due_of(c, id, "rectify");
    struct json *to =
        city_fields(c, "{'receiver':'u%lld','reason':'属住建部门监管'}", (long long)W.housing);

    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.boss, id, "hand", to));
    CITY_STEP(W.officer, id, "hand", to);
    assert_true(city_read(c, id, &r));
    assert_int_equal(r.unit, W.firm);
    assert_int_equal(unit_of(c, id, "handler"), W.bureau);
    assert_int_equal(due_of(c, id, "rectify"), due); /* the enterprise still owes the mending */
    assert_true(city_lists(c, W.housing_person, "mine=verify", id));
    assert_false(city_lists(c, W.officer, "mine=verify", id));
    /* Not received in five working days it is back. */
    city_at(c, "2026-12-01T00:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(times(c, id, "lapse"), 1);
    assert_string_equal(city_state(c, id), "rectifying");
    assert_int_equal(unit_of(c, id, "handler"), W.bureau);
    CITY_STEP(W.officer, id, "hand", to);
    CITY_STEP(W.housing_person, id, "receive", NULL);
    assert_string_equal(city_state(c, id), "rectifying"); /* the same record goes on */
    assert_int_equal(unit_of(c, id, "handler"), W.housing);
    city_apply(c, W.safety, id);
    CITY_STEP(W.housing_person, id, "verify", city_fields(c, "{'opinion':'箱门已更换'}"));
    city_proves(c);
}

static void
it_is_moved_out_only_with_a_receipt(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 20), *paper = city_photo(c, W.officer, 8);

    CITY_REFUSED(FAULT_INPUT,
                 city_step(c, W.officer, id, "move_out",
                           city_fields(c, "{'outside_organ':'海事局','reason':'属水上交通'}")));
    assert_true(city_points(c, "/fields/receipt"));
    CITY_STEP(W.officer, id, "move_out",
              city_fields(c, "{'outside_organ':'海事局','reason':'属水上交通','receipt':'%s'}", paper));
    assert_string_equal(city_state(c, id), "moved_out");
    assert_int_equal(city_figure(c, W.clerk, "hazard_closed", "place=320205"), 0);
    assert_int_equal(city_figure(c, W.clerk, "hazard_moved_out", "place=320205"), 1);
}

/* ---- held while stopped ---- */

static void
what_is_held_is_looked_at_monthly(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 20), *photo = city_photo(c, W.officer, 4);
    int64_t due = due_of(c, id, "rectify");

    CITY_STEP(W.officer, id, "hold",
              city_fields(c,
                          "{'interim':'stop_work','interim_detail':'车间停产，断电贴封条',"
                          "'check_photos':['%s'],'reason':'企业停产'}",
                          photo));
    assert_int_equal(time_day(due_of(c, id, "monthly")), time_day(CITY_START) + 30);
    city_at(c, "2026-12-15T09:00:00+08:00");
    (void)city_clock(c);
    CITY_STEP(W.grid, id, "look_held", city_fields(c, "{'check_photos':['%s']}",
                                                   city_photo(c, W.grid, 5)));
    /* The month counts anew from the look, and nothing was missed. */
    assert_string_equal(time_day_text(c->t.arena, time_day(due_of(c, id, "monthly"))), "2027-01-15");
    assert_int_equal(json_int_of(clock_of(c, id, "monthly"), "late", 0), 0);
    assert_int_equal(times(c, id, "go_overdue"), 0);
    city_at(c, "2027-01-20T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(json_int_of(clock_of(c, id, "monthly"), "late", 0), 1);
    CITY_STEP(W.officer, id, "wake", NULL);
    assert_string_equal(city_state(c, id), "rectifying");
    assert_true(due_of(c, id, "rectify") > due + 50 * TIME_DAY);
    city_proves(c);
}

/* A unit with a profile of its own, made by its township; the profile's id. */
static const char *
registered(struct city *c, int64_t *unit)
{
    CITY_CREATE(W.township_person, "enterprise", CITY_TOWN,
                city_fields(c, "{'name':'砚窑耐火材料有限公司','industry':'21','headcount':95}"));
    *unit = unit_of(c, c->last, "unit");
    assert_true(*unit != 0);
    return arena_text(c->t.arena, c->last);
}

static void
what_is_held_wakes_when_production_resumes(void **state)
{
    struct city *c = *state;
    const char *photo = city_photo(c, W.officer, 4), *profile, *id;
    int64_t unit;

    profile = registered(c, &unit);
    CITY_CREATE(W.officer, "hazard", CITY_TOWN,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'inspector','found_on':'2026-11-23',"
                            "'level':'general','description':'皮带机无急停拉绳','owner_person':'p%lld',"
                            "'measures':'加装急停拉绳','deadline':'2026-12-08'}",
                            (long long)unit, (long long)W.safety));
    id = arena_text(c->t.arena, c->last);
    CITY_STEP(W.officer, profile, "stop", city_fields(c, "{'since':'2026-11-23'}"));
    CITY_STEP(W.officer, id, "hold",
              city_fields(c,
                          "{'interim':'stop_work','interim_detail':'停线断电贴封条',"
                          "'check_photos':['%s'],'reason':'企业停产'}",
                          photo));
    CITY_STEP(W.officer, profile, "resume", city_fields(c, "{'since':'2026-12-01'}"));
    assert_string_equal(city_state(c, id), "rectifying");
    city_proves(c);
}

/* 应查尽查: a visit that found nothing covers the object for its quarter. */
static void
nothing_found_covers_the_object(void **state)
{
    struct city *c = *state;
    const char *profile;
    int64_t unit;

    profile = registered(c, &unit);
    for (int i = 0; i < 2; i++)
        CITY_CREATE(W.grid, "visit", CITY_TOWN,
                    city_fields(c,
                                "{'mode':'patrol','enterprise':'u%lld','on':'2026-11-23',"
                                "'result':'nothing_found'}",
                                (long long)unit));
    assert_string_equal(field(c, profile, "last_visit_on"), "2026-11-23");
    assert_int_equal(city_figure(c, W.clerk, "visit_nothing_found", "place=320205"), 2);
    assert_int_equal(city_figure(c, W.clerk, "visit_covered", "place=320205"), 1);
    city_proves(c);
}

/* ---- disputed ---- */

static void
a_dispute_stops_no_clock_and_goes_up(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 20);
    int64_t due = due_of(c, id, "rectify");

    CITY_STEP(W.boss, id, "dispute", city_fields(c, "{'reason':'该处属房东管理'}"));
    assert_int_equal(due_of(c, id, "rectify"), due);
    assert_true(city_lists(c, W.clerk, "mine=verify", id));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.officer, id, "rule_on",
                                        city_fields(c, "{'reason':'仍由承租方整改'}")));
    city_at(c, "2026-12-01T00:00:00+08:00");
    (void)city_clock(c);
    assert_string_equal(city_state(c, id), "appealed");
    assert_true(city_lists(c, W.city_clerk, "mine=verify", id));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.clerk, id, "rule_above",
                                        city_fields(c, "{'reason':'仍由承租方整改'}")));
    CITY_STEP(W.city_clerk, id, "rule_above", city_fields(c, "{'reason':'仍由承租方整改'}"));
    assert_string_equal(city_state(c, id), "rectifying");
    assert_int_equal(due_of(c, id, "rectify"), due);
    city_proves(c);
}

/* ---- entered late, told to the workers ---- */

static void
back_entry_keeps_both_days(void **state)
{
    struct city *c = *state;
    const char *id;

    CITY_OK(ordered(c, "2026-10-12", "2026-12-08", ""));
    id = arena_text(c->t.arena, c->last);
    assert_string_equal(field(c, id, "found_on"), "2026-10-12");
    assert_int_equal(city_figure(c, W.clerk, "hazard_found", "place=320205&from=2026-10-01&to=2026-11-01"),
                     1);
    assert_int_equal(
        city_figure(c, W.clerk, "hazard_entered", "place=320205&from=2026-10-01&to=2026-11-01"), 0);
    assert_int_equal(
        city_figure(c, W.clerk, "hazard_entered", "place=320205&from=2026-11-01&to=2026-12-01"), 1);
    CITY_REFUSED(FAULT_INPUT, city_step(c, W.safety, id, "tell",
                                        city_fields(c, "{'told_on':'2026-12-24','told_how':'board'}")));
    CITY_STEP(W.safety, id, "tell", city_fields(c, "{'told_on':'2026-11-23','told_how':'board'}"));
    assert_string_equal(field(c, id, "told_how"), "board");
    city_proves(c);
}

/* ---- listed ---- */

static void
the_lister_lists_or_says_why_not(void **state)
{
    struct city *c = *state;
    const char *id = major(c), *listing = newest(c, "listing");

    CITY_REFUSED(FAULT_INPUT, city_step(c, W.clerk, listing, "decline", NULL));
    assert_true(city_points(c, "/fields/reason"));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.officer, listing, "decline",
                                        city_fields(c, "{'reason':'已停用整改'}")));
    CITY_STEP(W.clerk, listing, "list",
              city_fields(c, "{'matter':'除尘系统未设泄爆装置','demands':'停用并按设计加装',"
                             "'deadline':'2026-12-20'}"));
    assert_int_equal(unit_of(c, id, "listed_by"), W.office);
    assert_string_equal(field(c, id, "way"), "lister");
    /* Sixty days from service. */
    assert_int_equal(time_day(due_of(c, listing, "legal")), time_day(CITY_START) + 60);
    city_proves(c);
}

/* The enterprise's six parts, both reports and its own acceptance; then it applies. */
static void
mend_major(struct city *c, const char *id)
{
    const char *paper = city_photo(c, W.boss, 9), *photo = city_photo(c, W.boss, 3);

    CITY_STEP(W.boss, id, "plan",
              city_fields(c, "{'plan_goal':'消除粉尘爆炸条件','plan_methods':'加装泄爆片和隔爆阀',"
                             "'plan_funds':'十二万元','plan_people':'安全员牵头','plan_schedule':"
                             "'四十五日内','plan_safety':'停线封存，专人看守'}"));
    CITY_STEP(W.boss, id, "double_report",
              city_fields(c, "{'reported_organ_on':'2026-11-23','reported_workers_on':'2026-11-23'}"));
    CITY_STEP(W.boss, id, "accept",
              city_fields(c, "{'acceptance':['%s'],'acceptance_by':'外请专家三人'}", paper));
    CITY_STEP(W.boss, id, "apply",
              city_fields(c, "{'result':'已加装','after_photos':['%s']}", photo));
}

static const char *
lookback_for(struct city *c, const char *reason_for)
{
    const struct json *items = json_get(
        city_list(c, W.city_clerk,
                  arena_format(c->t.arena, "kind=lookback&reason_for=%s&limit=5", reason_for)),
        "items");

    assert_int_equal(json_count(items), 1);
    return json_text_of(json_at(items, 0), "id");
}

static void
a_major_one_is_looked_at_ninety_days_after_closure(void **state)
{
    struct city *c = *state;
    const char *id = major(c);

    CITY_STEP(W.clerk, newest(c, "listing"), "decline", city_fields(c, "{'reason':'已停用整改'}"));
    mend_major(c, id);
    CITY_STEP(W.officer, id, "verify", city_fields(c, "{'opinion':'隔爆阀动作测试合格'}"));
    assert_int_equal(time_day(due_of(c, lookback_for(c, "major"), "due")), time_day(CITY_START) + 90);
    assert_int_equal(city_count(c, W.clerk, "kind=lookback"), 1);
    city_proves(c);
}

static void
a_listed_one_is_verified_by_the_lister_and_looked_at_after_removal(void **state)
{
    struct city *c = *state;
    const char *id = major(c), *listing = newest(c, "listing"), *paper = city_photo(c, W.clerk, 8);
    struct json *plates = NULL;

    CITY_STEP(W.clerk, listing, "list",
              city_fields(c, "{'matter':'除尘系统未设泄爆装置','demands':'停用并按设计加装',"
                             "'deadline':'2026-12-20'}"));
    CITY_OK(desk_plates(T, c->desk, S, &plates));
    assert_int_equal(json_count(json_get(plates, "items")), 1);
    mend_major(c, id);
    CITY_REFUSED(FAULT_RIGHT,
                 city_step(c, W.officer, id, "verify", city_fields(c, "{'opinion':'动作测试合格'}")));
    CITY_STEP(W.boss, listing, "apply", city_fields(c, "{'progress':'整改完成'}"));
    CITY_REFUSED(FAULT_INPUT, city_step(c, W.clerk, listing, "remove",
                                        city_fields(c, "{'acceptance':['%s']}", paper)));
    CITY_STEP(W.clerk, id, "verify", city_fields(c, "{'opinion':'动作测试合格'}"));
    assert_int_equal(city_count(c, W.clerk, "kind=lookback"), 0);
    CITY_REFUSED(FAULT_INPUT, city_step(c, W.clerk, listing, "remove", NULL));
    assert_true(city_points(c, "/fields/acceptance"));
    city_at(c, "2026-12-01T09:00:00+08:00");
    CITY_STEP(W.clerk, listing, "remove", city_fields(c, "{'acceptance':['%s']}", paper));
    assert_string_equal(
        time_day_text(c->t.arena, time_day(due_of(c, lookback_for(c, "listed"), "due"))), "2027-03-01");
    CITY_OK(desk_plates(T, c->desk, S, &plates));
    assert_int_equal(json_count(json_get(plates, "items")), 0);
    city_proves(c);
}

/* ---- a ladder stayed ---- */

static void
a_named_person_stays_the_ladder_with_a_reason(void **state)
{
    struct city *c = *state;
    const char *id = major(c);
    int64_t before;

    city_at(c, "2026-12-26T09:00:00+08:00"); /* due on the 23rd: a letter of notice has gone out */
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.clerk, "kind=letter&paper=notice"), 1);
    CITY_REFUSED(FAULT_RIGHT,
                 city_step(c, W.officer, id, "stay",
                           city_fields(c, "{'stayed_until':'2027-02-10','reason':'进口件未到'}")));
    CITY_REFUSED(FAULT_INPUT,
                 city_step(c, W.leader, id, "stay", city_fields(c, "{'stayed_until':'2027-02-10'}")));
    CITY_STEP(W.leader, id, "stay",
              city_fields(c, "{'stayed_until':'2027-02-10','reason':'进口件未到'}"));
    before = city_count(c, W.clerk, "kind=letter&paper=demand");
    city_at(c, "2027-02-10T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.clerk, "kind=letter&paper=demand"), before);
    city_at(c, "2027-02-18T09:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.clerk, "kind=letter&paper=demand"), before + 1);
    /* The notice still lies open: it is not sent a second time. */
    assert_int_equal(city_count(c, W.clerk, "kind=letter&paper=notice"), 1);
    city_proves(c);
}

/* ---- reported done by a shop of one ---- */

static void
what_the_quarters_draw_chose_is_looked_at(void **state)
{
    struct city *c = *state;
    const char *ids[2], *id, *drawn, *before = city_photo(c, W.keeper, 1),
                             *after = city_photo(c, W.keeper, 2),
                             *seen = city_photo(c, W.township_person, 5);

    for (size_t i = 0; i < 2; i++) {
        CITY_CREATE(W.keeper, "hazard", CITY_TOWN,
                    city_fields(c,
                                "{'enterprise':'u%lld','source':'self','found_on':'2026-09-30',"
                                "'description':'插座松动发热','photos':['%s'],'after_photos':['%s'],"
                                "'mender':'p%lld'}",
                                (long long)W.shop, before, after, (long long)W.keeper));
        ids[i] = arena_text(c->t.arena, c->last);
    }
    CITY_CREATE(W.clerk, "round", "320205",
                city_fields(c, "{'purpose':'look','begins':'2026-10-01','ends':'2027-01-01',"
                               "'seed_source':'元月三日开奖号码'}"));
    id = arena_text(c->t.arena, c->last);
    city_at(c, "2027-01-04T09:00:00+08:00");
    CITY_STEP(W.clerk, id, "draw_looks", city_fields(c, "{'seed':'03 09 17 21'}"));
    /* A fifth of two, rounded up. */
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=drawn"), 1);
    drawn = strcmp(city_state(c, ids[0]), "drawn") == 0 ? ids[0] : ids[1];
    city_at(c, "2027-04-01T00:00:00+08:00");
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=settled"), 1);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.keeper, drawn, "look",
                                        city_fields(c, "{'check_photos':['%s']}", after)));
    CITY_STEP(W.township_person, drawn, "look",
              city_fields(c, "{'check_photos':['%s']}", seen));
    assert_string_equal(city_state(c, drawn), "closed");
    city_proves(c);
}

static void
what_no_draw_chose_settles_at_the_end_of_the_next_quarter(void **state)
{
    struct city *c = *state;
    const char *id, *before = city_photo(c, W.keeper, 1), *after = city_photo(c, W.keeper, 2);

    CITY_CREATE(W.keeper, "hazard", CITY_TOWN,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'self','found_on':'2026-11-23',"
                            "'description':'插座松动发热','photos':['%s'],'after_photos':['%s'],"
                            "'mender':'p%lld'}",
                            (long long)W.shop, before, after, (long long)W.keeper));
    id = arena_text(c->t.arena, c->last);
    assert_string_equal(city_state(c, id), "self_reported");
    assert_string_equal(field(c, id, "reported_on"), "2026-11-23");
    city_at(c, "2027-03-31T23:00:00+08:00");
    (void)city_clock(c);
    assert_string_equal(city_state(c, id), "self_reported");
    city_at(c, "2027-04-01T00:00:00+08:00");
    (void)city_clock(c);
    assert_string_equal(city_state(c, id), "settled");
    assert_int_equal(city_figure(c, W.clerk, "hazard_closed", "place=320205"), 0);
    assert_int_equal(city_figure(c, W.clerk, "hazard_settled", "place=320205"), 1);
    city_proves(c);
}

/* ---- a patrol orders nothing ---- */

static void
a_patrol_advises_and_orders_nothing(void **state)
{
    struct city *c = *state;

    CITY_REFUSED(FAULT_INPUT,
                 city_create(c, W.grid, "visit", CITY_TOWN,
                             city_fields(c,
                                         "{'mode':'patrol','enterprise':'u%lld','on':'2026-11-23',"
                                         "'result':'found','findings':[{'description':'疏散门上锁',"
                                         "'deadline':'2026-12-01'}]}",
                                         (long long)W.firm)));
    assert_true(city_points(c, "/fields/findings"));
    CITY_CREATE(W.grid, "visit", CITY_TOWN,
                city_fields(c,
                            "{'mode':'patrol','enterprise':'u%lld','on':'2026-11-23','lead':'p%lld',"
                            "'result':'found','advice':'已劝导打开','findings':[{'description':"
                            "'疏散门上锁','level':'general'}]}",
                            (long long)W.firm, (long long)W.grid));
    assert_string_equal(city_state(c, newest(c, "hazard")), "found");
    assert_int_equal(unit_of(c, newest(c, "hazard"), "handler"), W.township);
    city_proves(c);
}

/* A finding inherits who found it, and on what paper. */
static void
findings_inherit_people_and_document(void **state)
{
    struct city *c = *state;
    const char *paper = city_photo(c, W.safety, 6), *id;
    struct record r;

    CITY_CREATE(W.safety, "visit", CITY_TOWN,
                city_fields(c,
                            "{'mode':'self','enterprise':'u%lld','on':'2026-11-22','lead':'p%lld',"
                            "'paper':'%s','result':'found','findings':[{'description':'砂轮机无防护罩'}]}",
                            (long long)W.firm, (long long)W.safety, paper));
    id = newest(c, "hazard");
    assert_true(city_read(c, id, &r));
    assert_string_equal(json_text_of(r.fields, "visit_paper"), paper);
    assert_int_equal(org_id_read(json_text(json_at(json_get(r.fields, "found_by"), 0)), 'p'), W.safety);
    assert_string_equal(json_text_of(r.fields, "found_on"), "2026-11-22");
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_clause_out_of_force_makes_nothing_major),
        CASE(clocks_of_an_order_start_when_it_is_served),
        CASE(an_extension_is_answered_and_an_application_reviewed_in_the_days_of_the_law),
        CASE(until_it_is_received_the_sender_answers_and_the_firm_owes),
        CASE(it_is_moved_out_only_with_a_receipt),
        CASE(what_is_held_is_looked_at_monthly),
        CASE(what_is_held_wakes_when_production_resumes),
        CASE(nothing_found_covers_the_object),
        CASE(a_dispute_stops_no_clock_and_goes_up),
        CASE(back_entry_keeps_both_days),
        CASE(the_lister_lists_or_says_why_not),
        CASE(a_major_one_is_looked_at_ninety_days_after_closure),
        CASE(a_listed_one_is_verified_by_the_lister_and_looked_at_after_removal),
        CASE(a_named_person_stays_the_ladder_with_a_reason),
        CASE(what_the_quarters_draw_chose_is_looked_at),
        CASE(what_no_draw_chose_settles_at_the_end_of_the_next_quarter),
        CASE(a_patrol_advises_and_orders_nothing),
        CASE(findings_inherit_people_and_document),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
