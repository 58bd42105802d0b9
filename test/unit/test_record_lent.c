/* SPDX-License-Identifier: Apache-2.0 */
/* test_record_lent.c - sight of other records, lent by a task force while it is active: what enters
 * and leaves the set, the role that is lent, what stays closed, and the end. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

#define OTHER_TOWN "320205002000"

static int
setup(void **state)
{
    struct city *c = city_open();

    city_adopt_file(T, c->desk, "test/definitions/taskforce.json", "taskforce.json");
    *state = c;
    return 0;
}

/* The bureau leads in the town; housing reads, an inspector of the other district is seconded. */
static const char *
taskforce(struct city *c)
{
    CITY_CREATE(W.city_clerk, "taskforce", "320205",
                city_fields(c,
                            "{'name':'粉尘专项','lead':'u%lld','area':'" CITY_TOWN "',"
                            "'members':['u%lld'],'seconded':['p%lld'],'ends_on':'2026-12-20'}",
                            (long long)W.bureau, (long long)W.housing, (long long)W.officer2));
    return arena_text(c->t.arena, c->last);
}

static const char *
hazard_at(struct city *c, const char *place)
{
    int32_t today = time_day(c->now);

    CITY_CREATE(W.officer, "hazard", place,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'inspector','found_on':'%s',"
                            "'level':'general','description':'除尘器无泄爆','owner_person':'p%lld',"
                            "'measures':'加装泄爆片','deadline':'%s'}",
                            (long long)W.firm, time_day_text(c->t.arena, today), (long long)W.safety,
                            time_day_text(c->t.arena, today + 10)));
    return arena_text(c->t.arena, c->last);
}

static bool
in_feed(struct city *c, int64_t person, const char *id)
{
    struct desk_caller caller = city_caller(c, person);
    const char *after = NULL;
    bool more = true, there = false;

    while (more && !there) {
        struct json *out = NULL;

        CITY_OK(desk_feed(T, c->desk, S, &caller, after, &out));
        for (size_t i = 0; i < json_count(json_get(out, "items")); i++)
            there |= strcmp(json_text_of(json_at(json_get(out, "items"), i), "record"), id) == 0;
        after = json_text_of(out, "next");
        more = json_is_true(json_get(out, "more"));
    }
    return there;
}

static void
assert_seen(struct city *c, int64_t person, const char *kind, const char *id, bool seen)
{
    struct arena *a = c->t.arena;
    struct desk_caller caller;
    struct json *events = NULL;

    assert_int_equal(city_record(c, person, id, NULL) != NULL, seen);
    fault_clear(T);
    caller = city_caller(c, person);
    assert_int_equal(desk_events(T, c->desk, S, &caller, id, &events), seen ? FAULT_NONE : FAULT_ABSENT);
    fault_clear(T);
    assert_int_equal(city_lists(c, person, arena_format(a, "kind=%s&limit=100", kind), id), seen);
    if (!seen || !json_is_true(json_get(city_record(c, person, id, NULL), "final")))
        assert_int_equal(city_lists(c, person, arena_format(a, "kind=%s&sort=due&limit=100", kind), id),
                         seen);
    assert_int_equal(city_lists(c, person, arena_format(a, "kind=%s&place=320205&limit=100", kind), id),
                     seen);
    assert_int_equal(in_feed(c, person, id), seen);
    (void)city_count(c, person, arena_format(a, "kind=%s&limit=100", kind));
}

static void
what_is_lent_is_seen_by_every_door(void **state)
{
    struct city *c = *state;
    const char *inside = hazard_at(c, CITY_TOWN), *outside = hazard_at(c, OTHER_TOWN);

    assert_seen(c, W.officer2, "hazard", inside, false);
    (void)taskforce(c);
    for (int indexed = 0; indexed < 2; indexed++) {
        assert_seen(c, W.officer2, "hazard", inside, true);
        assert_seen(c, W.officer2, "hazard", outside, false);
        assert_true(city_lists(c, W.officer2, "kind=hazard&q=泄爆", inside));
        assert_true(city_lists(c, W.officer2, "q=泄爆", inside));
        assert_false(city_lists(c, W.officer2, "kind=hazard&q=泄爆", outside));
        assert_int_equal(city_count(c, W.officer2, "kind=hazard"), 1);
        /* Nothing is lent to his colleague, nor to the office of his district. */
        assert_seen(c, W.clerk2, "hazard", inside, false);
        /* Who sees it anyhow sees it once. */
        assert_int_equal(city_count(c, W.officer, "kind=hazard"), 2);
        (void)city_clock(c);
    }
    /* A list of what is his own, and a figure, hold nothing that is lent. */
    assert_false(city_lists(c, W.officer2, "mine=lapse", inside));
    assert_int_equal(city_figure(c, W.officer2, "hazard_open", "place=320206"), 0);
    city_proves(c);
}

static void
what_enters_and_leaves_the_set_follows(void **state)
{
    struct city *c = *state;
    const char *force = taskforce(c), *born = hazard_at(c, CITY_TOWN), *found;

    /* Born after the task force: lent. Housing reads those being rectified, by their state. */
    assert_seen(c, W.officer2, "hazard", born, true);
    assert_seen(c, W.housing_person, "hazard", born, true);
    CITY_CREATE(W.officer, "hazard", CITY_TOWN,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'inspector','found_on':'2026-11-21',"
                            "'description':'尚未判定的一件'}",
                            (long long)W.firm));
    found = arena_text(c->t.arena, c->last);
    assert_seen(c, W.officer2, "hazard", found, true);
    assert_seen(c, W.housing_person, "hazard", found, false);
    /* It leaves housing's set with its state, by a step of somebody else. */
    city_apply(c, W.safety, born);
    assert_seen(c, W.housing_person, "hazard", born, true);
    CITY_STEP(W.officer, born, "verify", city_fields(c, "{'opinion':'复查合格'}"));
    assert_seen(c, W.housing_person, "hazard", born, false);
    assert_seen(c, W.officer2, "hazard", born, true);
    /* The area moves: so does what is lent. */
    CITY_STEP(W.city_clerk, force, "change",
              city_fields(c, "{'area':'" OTHER_TOWN "','reason':'重点移到安镇'}"));
    assert_seen(c, W.officer2, "hazard", born, false);
    assert_seen(c, W.officer2, "hazard", hazard_at(c, OTHER_TOWN), true);
    city_proves(c);
}

static void
the_clock_ends_it(void **state)
{
    struct city *c = *state;
    const char *force = taskforce(c), *id = hazard_at(c, CITY_TOWN);
    struct json *then;

    assert_seen(c, W.officer2, "hazard", id, true);
    city_at(c, "2026-12-21T09:00:00+08:00");
    assert_true(city_clock(c).fired > 0);
    assert_string_equal(city_state(c, force), "handing_over");
    assert_seen(c, W.officer2, "hazard", id, false);
    CITY_REFUSED(FAULT_ABSENT, city_step(c, W.officer2, id, "control_now",
                                         city_fields(c, "{'interim':'isolate'}")));
    /* One sees of a past day what one may see today: nothing. */
    assert_null(city_record(c, W.officer2, id, "2026-12-01"));
    then = city_list(c, W.officer2, "kind=hazard&as_of=2026-12-01");
    assert_int_equal(json_count(json_get(then, "items")), 0);
    city_proves(c);
}

static void
a_past_day_shows_what_is_lent_today(void **state)
{
    struct city *c = *state;
    const char *id = hazard_at(c, CITY_TOWN);

    city_at(c, "2026-11-24T09:00:00+08:00");
    city_apply(c, W.safety, id);
    city_at(c, "2026-11-25T09:00:00+08:00");
    (void)taskforce(c);
    /* Lent today by its state of today, shown as it was then. */
    assert_string_equal(json_text_of(city_record(c, W.housing_person, id, "2026-11-23"), "state"),
                        "rectifying");
    assert_true(city_lists(c, W.housing_person, "kind=hazard&as_of=2026-11-23", id));
}

/* ---- the role ---- */

static void
a_lent_role_handles_and_never_judges(void **state)
{
    struct city *c = *state;
    const char *id;
    const struct json *event = NULL;
    struct chain_row row;
    struct rows r;
    int64_t stream, rid;

    (void)taskforce(c);
    id = hazard_at(c, CITY_TOWN);
    CITY_STEP(W.officer2, id, "control_now", city_fields(c, "{'interim':'isolate'}"));
    assert_true(record_id_read(id, &stream, &rid));
    CITY_OK(chain_open_record(T, S, &r, stream, rid));
    while (chain_next(T, &r, &row))
        event = row.body;
    CITY_OK(store_end(T, &r));
    assert_string_equal(json_text_of(json_get(event, "lent"), "role"), "inspector");
    assert_int_equal(json_int_of(event, "unit", 0), W.bureau2);
    /* Verifying, handing back, voiding: not in a lent role. */
    city_apply(c, W.safety, id);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.officer2, id, "verify", city_fields(c, "{'opinion':'合格'}")));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.officer2, id, "return", city_fields(c, "{'reason':'不合格，退回'}")));
    /* Nor does it make records there, nor serve who only reads. */
    CITY_REFUSED(FAULT_INPUT, city_create(c, W.officer2, "hazard", CITY_TOWN,
                                          city_fields(c,
                                                      "{'enterprise':'u%lld','source':'inspector',"
                                                      "'found_on':'2026-11-21','description':'越区登记'}",
                                                      (long long)W.firm)));
    id = hazard_at(c, CITY_TOWN);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.housing_person, id, "control_now",
                                        city_fields(c, "{'interim':'isolate'}")));
    city_proves(c);
}

/* Somebody of the firm itself may be seconded; he owes the hazard and handles it in no lent role. */
static void
who_owes_it_has_no_lent_role(void **state)
{
    struct city *c = *state;
    const char *id;

    CITY_CREATE(W.city_clerk, "taskforce", "320205",
                city_fields(c,
                            "{'name':'粉尘专项','lead':'u%lld','area':'" CITY_TOWN "',"
                            "'members':['u%lld'],'seconded':['p%lld'],'ends_on':'2026-12-20'}",
                            (long long)W.bureau, (long long)W.housing, (long long)W.mate));
    CITY_CREATE(W.officer, "hazard", CITY_TOWN,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'inspector','found_on':'2026-11-21',"
                            "'description':'尚未判定的一件'}",
                            (long long)W.firm));
    id = arena_text(c->t.arena, c->last);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.mate, id, "judge", city_fields(c, "{'level':'general'}")));
}

/* ---- what stays closed ---- */

static void
a_sealed_record_is_not_lent(void **state)
{
    struct city *c = *state;
    const char *id;

    CITY_CREATE(W.officer, "inspection", "320205",
                city_fields(c,
                            "{'mode':'covert','targets':['u%lld'],'team':['p%lld','p%lld'],"
                            "'lead':'p%lld','on':'2026-11-26'}",
                            (long long)W.firm, (long long)W.officer, (long long)W.bureau_person,
                            (long long)W.officer));
    id = arena_text(c->t.arena, c->last);
    CITY_CREATE(W.city_clerk, "taskforce", "320205",
                city_fields(c,
                            "{'name':'全区专班','lead':'u%lld','area':'320205000000',"
                            "'members':['u%lld'],'seconded':['p%lld'],'ends_on':'2026-12-20'}",
                            (long long)W.bureau, (long long)W.housing, (long long)W.officer2));
    assert_seen(c, W.officer2, "inspection", id, false);
    assert_int_equal(city_count(c, W.officer2, "kind=inspection"), 0);
    CITY_STEP(W.head, id, "approve", NULL);
    assert_seen(c, W.officer2, "inspection", id, false);
    CITY_STEP(W.officer, id, "arrive",
              city_fields(c, "{'target':'u%lld','position':{'lon':'120.355','lat':'31.589'}}",
                          (long long)W.firm));
    assert_seen(c, W.officer2, "inspection", id, true);
    city_proves(c);
}

/* A kind whose records bar somebody, and a task force that lends them to him. */
static const char tip_off[] =
    "{'kind':'tipoff','version':1,'title':'举报线索 | Tip-off',"
    "'fields':{'required':['about'],'properties':{"
    "'about':{'title':'单位 | Unit','type':'string','x-field':'unit','x-index':true}}},"
    "'states':[{'state':'new','title':'新 | New'},{'state':'done','title':'办结 | Done','final':true}],"
    "'steps':[{'step':'create','title':'登记 | Enter','from':[],'to':'new',"
    "'who':[{'role':['office'],'is':'above:about'}],'ask':['about!'],"
    "'set':{'owner':{'var':'office:place'}}},"
    "{'step':'finish','title':'办结 | Finish','from':['new'],'to':'done','apart':[],"
    "'who':[{'role':['office'],'is':'same:owner'}]}],"
    "'clocks':[{'clock':'handle','title':'办理 | Handle','in':['new'],'from':'enter','after':'10d',"
    "'do':[{'after':'0d','notify':['owner']}]}],"
    "'sight':[{'never':['about']}],'show':[{'to':'list','fields':['about']}]}";

static const char lender[] =
    "{'kind':'lender','version':1,'title':'借阅 | Lender',"
    "'fields':{'required':['to_whom','of_whom','until'],'properties':{"
    "'to_whom':{'title':'借给 | To','type':'string','x-field':'unit','x-index':true},"
    "'of_whom':{'title':'责任单位 | Of','type':'string','x-field':'unit','x-index':true},"
    "'until':{'title':'至 | Until','type':'string','format':'date'}}},"
    "'states':[{'state':'open','title':'开 | Open'},{'state':'over','title':'完 | Over','final':true}],"
    "'steps':[{'step':'create','title':'借出 | Lend','from':[],'to':'open',"
    "'who':[{'role':['office'],'is':'office:place'}],'ask':['to_whom!','of_whom!','until!'],"
    "'set':{'owner':{'var':'office:place'}}},"
    "{'step':'shut','title':'收回 | Shut','from':['open'],'to':'over','apart':[],'who':[{'is':'clock'}]}],"
    "'clocks':[{'clock':'end','title':'到期 | End','in':['open'],'from':'until',"
    "'do':[{'after':'0d','step':'shut'}]}],"
    "'sight':[{'in':['open'],'to':['to_whom'],'role':['reader'],'over':{'from':'tipoff',"
    "'where':[['owner','=',{'var':'of_whom'}]]}}],'show':[{'to':'list','fields':['until']}]}";

static const char *
tip_about(struct city *c, int64_t unit)
{
    CITY_CREATE(W.clerk, "tipoff", CITY_TOWN, city_fields(c, "{'about':'u%lld'}", (long long)unit));
    return arena_text(c->t.arena, c->last);
}

static void
never_outranks_what_is_lent(void **state)
{
    struct city *c = *state;
    const char *bytes = json_string(c->t.arena, city_json(T, tip_off)), *of_shop, *of_firm;

    city_adopt(T, c->desk, "tipoff.json", bytes, strlen(bytes));
    bytes = json_string(c->t.arena, city_json(T, lender));
    city_adopt(T, c->desk, "lender.json", bytes, strlen(bytes));
    of_shop = tip_about(c, W.shop);
    of_firm = tip_about(c, W.firm);
    CITY_CREATE(W.clerk, "lender", "320205",
                city_fields(c, "{'to_whom':'u%lld','of_whom':'u%lld','until':'2026-12-20'}",
                            (long long)W.firm, (long long)W.office));
    assert_seen(c, W.safety, "tipoff", of_shop, true);
    assert_seen(c, W.safety, "tipoff", of_firm, false);
    assert_int_equal(city_count(c, W.safety, "kind=tipoff"), 1);
    city_proves(c);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_is_lent_is_seen_by_every_door),
        CASE(what_enters_and_leaves_the_set_follows),
        CASE(the_clock_ends_it),
        CASE(a_past_day_shows_what_is_lent_today),
        CASE(a_lent_role_handles_and_never_judges),
        CASE(who_owes_it_has_no_lent_role),
        CASE(a_sealed_record_is_not_lent),
        CASE(never_outranks_what_is_lent),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
