/* SPDX-License-Identifier: Apache-2.0 */
/* test_record_query.c - words that a goal shows: a query as the value of a field, the like unit at a
 * level, a field's value in a number, the members of a set as parties. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static int
setup(void **state)
{
    struct city *c = city_open();

    city_adopt_file(T, c->desk, "test/definitions/goal.json", "goal.json");
    *state = c;
    return 0;
}

static struct json *
fields_of(struct city *c, int64_t unit, const char *query)
{
    return city_fields(c,
                       "{'name':'隐患清零','unit':'u%lld','type':'XF','measure':%s,'target':2,"
                       "'due_on':'2026-12-31'}",
                       (long long)unit, query);
}

static const char *
goal(struct city *c, int64_t person, int64_t unit, const char *query)
{
    CITY_CREATE(person, "goal", "320205", fields_of(c, unit, query));
    return arena_text(c->t.arena, c->last);
}

/* "left" is target less what the query finds: 2 less the members. */
static int64_t
measured(struct city *c, const char *id)
{
    struct json *o = city_record(c, W.clerk, id, NULL);

    assert_non_null(o);
    return 2 - json_int_of(json_get(o, "fields"), "left", 99);
}

static const char *
hazard_of(struct city *c, int64_t person, int64_t unit, const char *place)
{
    CITY_CREATE(person, "hazard", place,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'inspector','found_on':'2026-11-21',"
                            "'description':'疏散通道堵塞'}",
                            (long long)unit));
    return arena_text(c->t.arena, c->last);
}

#define IN_COUNTY "{'from':'hazard','where':[['place','under','320205000000']]}"
#define IN_CITY   "{'from':'hazard','where':[['place','under','320200000000']]}"

static void
a_query_counts_what_it_finds_whenever_it_is_read(void **state)
{
    struct city *c = *state;
    const char *id = goal(c, W.clerk, W.office, "{'from':'hazard','in':['found','registered'],'where':"
                                                "[['place','under',{'var':'place'}],['enterprise','=','x']]}");

    assert_int_equal(measured(c, id), 0);
    id = goal(c, W.clerk, W.office, "{'from':'hazard','in':['found'],'where':[['place','under',{'var':'place'}]]}");
    assert_int_equal(measured(c, id), 0);
    (void)hazard_of(c, W.officer, W.firm, CITY_TOWN);
    assert_int_equal(measured(c, id), 1);
    CITY_REFUSED(FAULT_INPUT, city_step(c, W.city_clerk, id, "attain", NULL));
    (void)hazard_of(c, W.officer, W.shop, "320205002000");
    assert_int_equal(measured(c, id), 2);
    (void)city_hazard(c, 10); /* ordered at once: not in the state asked for */
    assert_int_equal(measured(c, id), 2);
    assert_int_equal(json_int_of(city_list(c, W.clerk, "kind=goal&type=XF"), "total", -1), 2);
    CITY_STEP(W.city_clerk, id, "attain", NULL);
    city_proves(c);
}

static void
a_query_finds_what_its_owner_covers_alone(void **state)
{
    struct city *c = *state;
    const char *office, *bureau, *housing;

    (void)hazard_of(c, W.officer, W.firm, CITY_TOWN);
    (void)hazard_of(c, W.officer, W.shop, CITY_TOWN);
    (void)hazard_of(c, W.officer2, W.firm2, "320206001000");
    office = goal(c, W.clerk, W.office, IN_CITY);
    bureau = goal(c, W.clerk, W.bureau, IN_COUNTY);
    housing = goal(c, W.clerk, W.housing, IN_COUNTY);
    assert_int_equal(measured(c, office), 2);  /* asked of the city, answered for its district */
    assert_int_equal(measured(c, bureau), 2);  /* its line */
    assert_int_equal(measured(c, housing), 0); /* of another line */
    CITY_CREATE(W.safety, "goal", CITY_TOWN, fields_of(c, W.firm, IN_COUNTY));
    assert_int_equal(measured(c, arena_text(c->t.arena, c->last)), 1); /* an enterprise counts what names it, whatever it asks */
    CITY_CREATE(W.city_clerk, "goal", "320200", fields_of(c, W.city_office, IN_CITY));
    assert_int_equal(2 - json_int_of(json_get(city_record(c, W.city_clerk, c->last, NULL), "fields"), "left", 99),
                     3);
    city_proves(c);
}

static void
a_sealed_record_is_in_no_query(void **state)
{
    struct city *c = *state;
    const char *id = goal(c, W.clerk, W.office, "{'from':'inspection','where':[['place','under','320205000000']]}");
    const char *covert;

    CITY_CREATE(W.officer, "inspection", "320205",
                city_fields(c,
                            "{'mode':'covert','targets':['u%lld'],'team':['p%lld','p%lld'],"
                            "'lead':'p%lld','on':'2026-11-26'}",
                            (long long)W.firm, (long long)W.officer, (long long)W.bureau_person,
                            (long long)W.officer));
    covert = arena_text(c->t.arena, c->last);
    assert_int_equal(measured(c, id), 0);
    CITY_STEP(W.head, covert, "approve", NULL);
    assert_int_equal(measured(c, id), 0);
    CITY_STEP(W.officer, covert, "arrive",
              city_fields(c, "{'target':'u%lld','position':{'lon':'120.355','lat':'31.589'}}",
                          (long long)W.firm));
    assert_int_equal(measured(c, id), 1);
}

/* ---- what is entered is checked like what is defined ---- */

static void
a_query_that_could_not_be_asked_is_refused_where_it_is_wrong(void **state)
{
    struct city *c = *state;
    static const struct {
        const char *query, *pointer;
    } cases[] = {
        {"{'from':'ship','where':[['place','under','320205000000']]}", "/fields/measure"},
        {"{'from':'hazard'}", "/fields/measure/where"},
        {"{'from':'hazard','where':[['level','=','major']]}", "/fields/measure"},
        {"{'from':'hazard','where':[['place','under','320205000000'],['description','=','x']]}",
         "/fields/measure/where/1"},
        {"{'from':'hazard','where':[['place','beside','320205000000']]}", "/fields/measure/where/0/1"},
        {"{'from':'hazard','in':['asleep'],'where':[['place','under','320205000000']]}",
         "/fields/measure/in"},
        {"{'from':'hazard','where':[['place','under',{'var':'never'}]]}", "/fields/measure/where/0/2"},
        {"{'from':'hazard','where':[['owner','=',{'var':'me.unit'}]]}", "/fields/measure/where/0/2"},
        {"{'from':'hazard','where':[['place','under','320205000000'],['line','=',{'var':'remark'}]]}",
         "/fields/measure/where/1/2"},
        {"{'from':'hazard','where':[['place','under','320205000000']],'over':1}", "/fields/measure/over"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CITY_REFUSED(FAULT_INPUT, city_create(c, W.clerk, "goal", "320205",
                                              fields_of(c, W.office, cases[i].query)));
        if (!city_points(c, cases[i].pointer))
            fail_msg("%s: not at %s but %s", cases[i].query, cases[i].pointer,
                     c->t.fault.items[0].pointer);
    }
}

/* ---- effects over it ---- */

static int64_t
notices_to(struct city *c, int64_t unit)
{
    int64_t n = 0;
    bool found;

    CITY_OK(store_one_int(T, S, &n, &found, "SELECT count(*) FROM desk_notice WHERE party = ?", "s",
                          org_id_text(c->t.arena, 'u', unit)));
    return n;
}

static void
effects_reach_each_member(void **state)
{
    struct city *c = *state;
    const char *id = goal(c, W.clerk, W.office, IN_COUNTY), *other;
    int64_t had;

    (void)hazard_of(c, W.officer, W.firm, CITY_TOWN);
    (void)hazard_of(c, W.officer, W.shop, CITY_TOWN);
    had = notices_to(c, W.shop);
    CITY_STEP(W.city_clerk, id, "urge", city_fields(c, "{'remark':'请抓紧'}"));
    assert_int_equal(notices_to(c, W.shop), had + 1);
    assert_int_equal(city_count(c, W.clerk, "kind=goal"), 1);
    CITY_STEP(W.city_clerk, id, "follow", NULL);
    assert_int_equal(city_count(c, W.clerk, "kind=goal"), 3);
    assert_int_equal(city_count(c, W.township_person, "kind=goal"), 2); /* at the hazards' place */
    /* A step made of each: a query over goals. */
    other = goal(c, W.clerk, W.office, "{'from':'goal','where':[['place','under','" CITY_TOWN "']]}");
    CITY_STEP(W.city_clerk, other, "press", NULL);
    for (size_t i = 0; i < 2; i++) {
        struct json *items = json_get(city_list(c, W.township_person, "kind=goal"), "items");

        assert_int_equal(json_int_of(json_get(json_at(items, i), "fields"), "urged", 0), 1);
    }
    /* What the step asked for does not know is refused whole. */
    CITY_REFUSED(FAULT_STATE, city_step(c, W.city_clerk, id, "press", NULL));
    city_proves(c);
}

/* ---- the like unit at a level, and a number with a field in it ---- */

static void
the_like_unit_at_the_level_looks(void **state)
{
    struct city *c = *state;
    const char *id = goal(c, W.clerk, W.bureau, IN_COUNTY), *office;
    struct record r;

    CITY_STEP(W.officer, id, "look", city_fields(c, "{'level':'city'}"));
    assert_true(city_read(c, id, &r));
    assert_int_equal(json_integer(json_at(json_get(r.desk, "units"), 0), 0), W.city_bureau);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.clerk, id, "confirm", city_fields(c, "{'remark':'不可'}")));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.city_clerk, id, "confirm", city_fields(c, "{'remark':'不可'}")));
    office = goal(c, W.clerk, W.office, IN_COUNTY);
    CITY_STEP(W.clerk, office, "look", city_fields(c, "{'level':'city'}"));
    CITY_STEP(W.city_clerk, office, "confirm", city_fields(c, "{'remark':'已看'}"));
    /* The record lies at the county: no township is above it, and the office of its place has it. */
    CITY_STEP(W.clerk, office, "look", city_fields(c, "{'level':'township'}"));
    assert_true(city_read(c, office, &r));
    assert_int_equal(json_integer(json_at(json_get(r.desk, "units"), 0), 0), W.office);
    CITY_CREATE(W.clerk, "goal", CITY_TOWN, fields_of(c, W.bureau, IN_COUNTY));
    id = arena_text(c->t.arena, c->last);
    CITY_STEP(W.officer, id, "look", city_fields(c, "{'level':'township'}"));
    CITY_STEP(W.township_person, id, "confirm", city_fields(c, "{'remark':'已看'}"));
    city_proves(c);
}

static void
a_number_holds_the_value_of_its_field(void **state)
{
    struct city *c = *state;
    struct record r;
    const char *id = goal(c, W.clerk, W.office, IN_COUNTY);

    assert_true(city_read(c, id, &r));
    assert_string_equal(r.number, "320205-XF-2026-001");
    CITY_CREATE(W.clerk, "goal", "320205",
                city_fields(c,
                            "{'name':'除尘','unit':'u%lld','type':'FC','measure':" IN_COUNTY
                            ",'target':2,'due_on':'2026-12-31'}",
                            (long long)W.office));
    assert_true(city_read(c, c->last, &r));
    assert_string_equal(r.number, "320205-FC-2026-001");
    id = goal(c, W.clerk, W.office, IN_COUNTY);
    assert_true(city_read(c, id, &r));
    assert_string_equal(r.number, "320205-XF-2026-002");
    city_proves(c);
}

/* ---- totals that say "all", and conditions on what is there ---- */

static const char *
part_of(struct city *c, const char *whole)
{
    CITY_CREATE(W.clerk, "goal", "320205",
                city_fields(c,
                            "{'name':'分目标','unit':'u%lld','type':'XF','measure':" IN_COUNTY
                            ",'target':1,'due_on':'2026-12-31','parent':'%s'}",
                            (long long)W.bureau, whole));
    return arena_text(c->t.arena, c->last);
}

static void
all_means_every_one_of_them(void **state)
{
    struct city *c = *state;
    const char *whole = goal(c, W.clerk, W.office, IN_COUNTY), *part[2];
    struct json *seen;

    part[0] = part_of(c, whole);
    part[1] = part_of(c, whole);
    (void)hazard_of(c, W.officer, W.firm, CITY_TOWN);
    for (size_t i = 0; i < 2; i++) {
        seen = json_get(city_record(c, W.clerk, whole, NULL), "fields");
        assert_true(json_is(json_get(seen, "parts_attained"), JSON_FALSE));
        assert_int_equal(json_int_of(seen, "parts_looked_at", -1), i);
        CITY_STEP(W.officer, part[i], "look", city_fields(c, "{'level':'county'}"));
        CITY_STEP(W.officer, part[i], "confirm", city_fields(c, "{'remark':'已看'}"));
        CITY_STEP(W.clerk, part[i], "attain", NULL);
    }
    seen = json_get(city_record(c, W.clerk, whole, NULL), "fields");
    assert_true(json_is_true(json_get(seen, "parts_attained")));
    assert_int_equal(json_int_of(seen, "parts_looked_at", -1), 2);
}

/* Statements of reading a total over links. */
static int64_t
calls_of(struct city *c, const char *whole, const char *field)
{
    struct record r;
    int64_t before;

    assert_true(city_read(c, whole, &r));
    before = T->store_calls;
    assert_non_null(record_field(T, S, desk_world(c->desk), &r, field));
    return T->store_calls - before;
}

static void
a_total_costs_as_many_statements_whatever_its_members(void **state)
{
    struct city *c = *state;
    const char *whole = goal(c, W.clerk, W.office, IN_COUNTY);

    (void)part_of(c, whole);
    assert_int_equal(calls_of(c, whole, "parts_attained"), 1);
    assert_int_equal(calls_of(c, whole, "parts_looked_at"), 1);
    for (int i = 0; i < 8; i++)
        (void)part_of(c, whole);
    assert_int_equal(calls_of(c, whole, "parts_attained"), 1);
    assert_int_equal(calls_of(c, whole, "parts_looked_at"), 1);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_query_counts_what_it_finds_whenever_it_is_read),
        CASE(a_query_finds_what_its_owner_covers_alone),
        CASE(a_sealed_record_is_in_no_query),
        CASE(a_query_that_could_not_be_asked_is_refused_where_it_is_wrong),
        CASE(effects_reach_each_member),
        CASE(the_like_unit_at_the_level_looks),
        CASE(a_number_holds_the_value_of_its_field),
        CASE(all_means_every_one_of_them),
        CASE(a_total_costs_as_many_statements_whatever_its_members),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
