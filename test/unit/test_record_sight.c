/* SPDX-License-Identifier: Apache-2.0 */
/* test_record_sight.c - who may see what: scope, parts of a record, sealed ones, nobody else, by
 * any door. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static struct json *
events_of(struct city *c, int64_t person, const char *id)
{
    struct desk_caller caller;
    struct json *out = NULL;

    fault_clear(T);
    caller = city_caller(c, person);
    if (desk_events(T, c->desk, S, &caller, id, &out))
        return NULL;
    return out;
}

static bool
in_feed(struct city *c, int64_t person, const char *id)
{
    struct desk_caller caller = city_caller(c, person);
    const char *after = NULL;

    for (int page = 0; page < 50; page++) {
        struct json *out = NULL;

        CITY_OK(desk_feed(T, c->desk, S, &caller, after, &out));
        for (size_t i = 0; i < json_count(json_get(out, "items")); i++)
            if (strcmp(json_text_of(json_at(json_get(out, "items"), i), "record"), id) == 0)
                return true;
        after = json_text_of(out, "next");
        if (!json_is_true(json_get(out, "more")))
            return false;
    }
    return false;
}

static bool
in_notices(struct city *c, int64_t person, const char *id)
{
    struct desk_caller caller = city_caller(c, person);
    struct json *out = NULL;

    CITY_OK(desk_notices(T, c->desk, S, &caller, &out));
    for (size_t i = 0; i < json_count(json_get(out, "items")); i++)
        if (strcmp(json_text_of(json_at(json_get(out, "items"), i), "record"), id) == 0)
            return true;
    return false;
}

/* A record has a place in the feed of a caller, in his list, his search, his figure, or he is told
 * 404. */
static void
assert_seen(struct city *c, int64_t person, const char *kind, const char *q, const char *id,
            bool seen)
{
    struct arena *a = c->t.arena;
    const char *filter = arena_format(a, "kind=%s&limit=100", kind);

    assert_int_equal(city_record(c, person, id, NULL) != NULL, seen);
    assert_int_equal(events_of(c, person, id) != NULL, seen);
    assert_int_equal(city_lists(c, person, filter, id), seen);
    assert_int_equal(in_feed(c, person, id), seen);
    if (q)
        assert_int_equal(city_lists(c, person, arena_format(a, "%s&q=%s", filter, q), id), seen);
    (void)city_count(c, person, filter);
}

/* ---- territory and line ---- */

static void
a_hazard_is_seen_above_it_and_by_its_parties(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    const struct {
        int64_t person;
        bool sees;
    } cases[] = {{W.officer, true},         {W.head, true},
                 {W.clerk, true},           {W.leader, true},
                 {W.city_clerk, true},      {W.township_person, true},
                 {W.safety, true},          {W.boss, true},
                 {W.housing_person, false}, {W.township2_person, false},
                 {W.officer2, false},       {W.clerk2, false},
                 {W.safety2, false},        {W.keeper, false},
                 {W.auditor, false}};

    for (int indexed = 0; indexed < 2; indexed++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            assert_seen(c, cases[i].person, "hazard", "配电", id, cases[i].sees);
        }
        (void)city_clock(c);
    }
}

/* What lies outside is answered as what never was: the same words, the same number of store calls.
 */
static void
out_of_scope_is_like_what_never_was(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10), *words;
    char never[20];
    struct desk_caller caller = city_caller(c, W.officer2);
    struct desk_answer answer;

    snprintf(never, sizeof never, "%s", id);
    never[15] = never[15] == '0' ? '1' : '0';
    fault_clear(T);
    assert_int_equal(desk_record(T, c->desk, S, &caller, id, NULL, &answer), FAULT_ABSENT);
    words = c->t.fault.items[0].en;
    assert_int_equal(c->t.fault.n_items, 1);
    fault_clear(T);
    assert_int_equal(desk_record(T, c->desk, S, &caller, never, NULL, &answer), FAULT_ABSENT);
    assert_string_equal(words, c->t.fault.items[0].en);
    assert_null(c->t.fault.items[0].pointer);
}

static void
figures_are_given_for_places_wholly_in_scope_alone(void **state)
{
    struct city *c = *state;
    struct json *out;

    (void)city_hazard(c, 10);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=320205"), 1);
    assert_int_equal(city_figure(c, W.city_clerk, "hazard_open", "place=320200"), 1);
    assert_int_equal(city_figure(c, W.officer, "hazard_open", "place=320205"), 1);
    assert_int_equal(city_figure(c, W.housing_person, "hazard_open", "place=320205"), 0);
    assert_int_equal(city_figure_ask(c, W.township_person, "hazard_open", "place=320205", &out),
                     FAULT_ABSENT);
    assert_int_equal(city_figure_ask(c, W.clerk2, "hazard_open", "place=320205", &out),
                     FAULT_ABSENT);
    assert_int_equal(city_figure_ask(c, W.clerk, "hazard_open", "place=320200", &out),
                     FAULT_ABSENT);
    assert_int_equal(city_figure_ask(c, W.safety, "hazard_open", "place=320205", &out),
                     FAULT_ABSENT);
    assert_int_equal(city_figure_ask(c, W.auditor, "hazard_open", "place=320205", &out),
                     FAULT_ABSENT);
    assert_int_equal(city_figure_ask(c, W.clerk, "no_such_figure", "place=320205", &out),
                     FAULT_ABSENT);
}

/* ---- attachments ---- */

static void
a_photograph_is_read_through_its_record_alone(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10), *photo = city_photo(c, W.safety, 77), *bytes, *type;
    const int64_t may[] = {W.safety, W.officer, W.clerk},
                  may_not[] = {W.officer2, W.keeper, W.housing_person};
    size_t len;

    CITY_STEP(W.safety, id, "apply",
              city_fields(c, "{'result':'已整改','after_photos':['%s']}", photo));
    for (size_t i = 0; i < 3; i++) {
        struct desk_caller caller = city_caller(c, may[i]);

        CITY_OK(desk_file_get(T, c->desk, S, &caller, photo, &bytes, &len, &type));
        assert_string_equal(type, "image/png");
        caller = city_caller(c, may_not[i]);
        fault_clear(T);
        assert_int_equal(desk_file_get(T, c->desk, S, &caller, photo, &bytes, &len, &type),
                         FAULT_ABSENT);
        fault_clear(T);
    }
    /* Nor may another put it into a record of his own. */
    CITY_REFUSED(FAULT_INPUT, city_create(c, W.keeper, "suggestion", CITY_TOWN,
                                          city_fields(c,
                                                      "{'enterprise':'u%lld','topic':'equipment',"
                                                      "'idea':'加一盏灯','photos':['%s']}",
                                                      (long long)W.shop, photo)));
    assert_true(city_points(c, "/fields/photos/0"));
}

/* ---- `to`: some fields for some ---- */

static const char *
approval(struct city *c)
{
    const char *paper = city_photo(c, W.clerk, 5);

    CITY_CREATE(W.clerk, "approval", CITY_TOWN,
                city_fields(c,
                            "{'applicant':'u%lld','name':'扩建油漆房','file':['%s'],'departments':["
                            "'u%lld','u%lld']}",
                            (long long)W.firm, paper, (long long)W.bureau, (long long)W.housing));
    return arena_text(c->t.arena, c->last);
}

static void
a_party_of_some_fields_sees_those_alone(void **state)
{
    struct city *c = *state;
    const char *id = approval(c), *text;
    struct json *seen;

    CITY_STEP(W.clerk, id, "send", city_fields(c, "{'answer_by':'2026-12-20'}"));
    /* The housing bureau is asked: it is shown the application, not who else is asked or the
     * silence. */
    seen = city_record(c, W.housing_person, id, NULL);
    assert_non_null(seen);
    assert_non_null(json_get(json_get(seen, "fields"), "name"));
    assert_non_null(json_get(json_get(seen, "fields"), "answer_by"));
    assert_null(json_get(json_get(seen, "fields"), "departments"));
    assert_null(json_get(json_get(seen, "fields"), "silence"));
    text = json_string(c->t.arena, events_of(c, W.housing_person, id));
    assert_null(strstr(text, "silence"));
    assert_null(strstr(text, "departments"));
    assert_true(city_lists(c, W.housing_person, "kind=approval", id));
    /* Whole for the office. */
    assert_non_null(json_get(json_get(city_record(c, W.clerk, id, NULL), "fields"), "silence"));
    /* A filter tells nothing of a field that is not shown. */
    assert_false(city_lists(c, W.housing_person, "kind=approval&silence=escalate", id));
    assert_int_equal(city_count(c, W.housing_person, "kind=approval&silence=escalate"), 0);
    assert_true(city_lists(c, W.clerk, "kind=approval&silence=escalate", id));
}

/* ---- `only`: sealed ---- */

static const char *
covert(struct city *c)
{
    CITY_CREATE(
        W.officer, "inspection", "320205",
        city_fields(c,
                    "{'mode':'covert','targets':['u%lld'],'team':['p%lld','p%lld'],'lead':'p%lld',"
                    "'on':'2026-11-26'}",
                    (long long)W.firm, (long long)W.officer, (long long)W.bureau_person,
                    (long long)W.officer));
    return arena_text(c->t.arena, c->last);
}

static int64_t
sum_of(struct city *c, const char *sql)
{
    int64_t n = 0;
    bool found;

    CITY_OK(store_one_int(T, S, &n, &found, sql, ""));
    return n;
}

static void
a_sealed_record_is_nowhere_for_others(void **state)
{
    struct city *c = *state;
    const char *id = covert(c);
    const int64_t outside[] = {W.clerk,      W.leader,         W.township_person, W.safety, W.boss,
                               W.city_clerk, W.housing_person, W.officer2,        W.auditor};
    struct record r;

    for (int round = 0; round < 2; round++) {
        assert_true(city_read(c, id, &r));
        assert_true(r.sealed);
        assert_null(r.number);
        for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
            assert_null(city_record(c, outside[i], id, NULL));
            assert_null(events_of(c, outside[i], id));
            assert_false(city_lists(c, outside[i], "kind=inspection&limit=100", id));
            assert_int_equal(city_count(c, outside[i], "kind=inspection&limit=100"), 0);
            assert_false(in_feed(c, outside[i], id));
            assert_false(in_notices(c, outside[i], id));
        }
        assert_int_equal(city_figure(c, W.clerk, "inspection_made", "place=320205"), 0);
        assert_int_equal(
            sum_of(c, "SELECT count(*) FROM rollup_delta WHERE figure LIKE 'inspection%'"), 0);
        assert_int_equal(sum_of(c, "SELECT count(*) FROM record_serial WHERE series LIKE '%AC%'"),
                         0);
        assert_int_equal(
            sum_of(c, "SELECT count(*) FROM record_vis WHERE key >> 60 = 1 AND rid = (SELECT rid "
                      "FROM record_now WHERE sealed = 1)"),
            0);
        assert_int_equal(sum_of(c, "SELECT count(*) FROM desk_notice"), 0);
        city_at(
            c,
            "2026-12-05T09:00:00+08:00"); /* past its clock: still sealed, still told to nobody */
        (void)city_clock(c);
    }
    /* The operator at the machine sees what is not sealed. */
    {
        struct desk_caller operator_caller;
        struct desk_answer answer;

        CITY_OK(desk_caller_operator(T, c->desk, S, &operator_caller));
        assert_int_equal(desk_record(T, c->desk, S, &operator_caller, id, NULL, &answer),
                         FAULT_ABSENT);
        fault_clear(T);
    }
    city_proves(c);
}

static void
a_sealed_record_is_seen_by_its_team(void **state)
{
    struct city *c = *state;
    const char *id = covert(c);

    assert_non_null(city_record(c, W.officer, id, NULL));
    assert_non_null(city_record(c, W.bureau_person, id, NULL));
    assert_true(city_lists(c, W.bureau_person, "kind=inspection", id));
    assert_non_null(city_record(c, W.head, id, NULL)); /* leads the unit that raised it: approves */
    assert_false(in_feed(c, W.bureau_person, id));     /* a sealed event stands in no feed */
}

static void
the_step_that_opens_it_makes_it_seen(void **state)
{
    struct city *c = *state;
    const char *id = covert(c);
    struct record r;

    CITY_STEP(W.head, id, "approve", NULL);
    assert_true(city_read(c, id, &r));
    assert_true(r.sealed);
    CITY_STEP(W.officer, id, "arrive",
              city_fields(c, "{'target':'u%lld','position':{'lon':'120.355','lat':'31.589'}}",
                          (long long)W.firm));
    assert_true(city_read(c, id, &r));
    assert_false(r.sealed);
    assert_string_equal(r.number, "320205-AC-2026-000001");
    assert_non_null(city_record(c, W.clerk, id, NULL));
    assert_true(city_lists(c, W.clerk, "kind=inspection", id));
    assert_int_equal(city_count(c, W.clerk, "kind=inspection"), 1);
    assert_true(in_feed(c, W.clerk, id));
    assert_true(in_notices(c, W.safety, id));
    assert_int_equal(city_figure(c, W.clerk, "inspection_made", "place=320205"), 1);
    /* The target is shown some fields. */
    assert_non_null(json_get(json_get(city_record(c, W.safety, id, NULL), "fields"), "team"));
    assert_null(json_get(json_get(city_record(c, W.safety, id, NULL), "fields"), "targets"));
    assert_null(city_record(c, W.keeper, id, NULL));
    city_proves(c);
}

/* What was done while it was sealed is not told as a page of the feed afterwards. */
static void
opening_does_not_tell_of_the_days_before(void **state)
{
    struct city *c = *state;
    const char *id = covert(c);
    struct desk_caller caller;
    struct json *out = NULL;
    size_t told = 0;

    CITY_STEP(W.head, id, "approve", NULL);
    CITY_STEP(W.officer, id, "arrive",
              city_fields(c, "{'target':'u%lld','position':{'lon':'120.355','lat':'31.589'}}",
                          (long long)W.firm));
    caller = city_caller(c, W.clerk);
    CITY_OK(desk_feed(T, c->desk, S, &caller, NULL, &out));
    for (size_t i = 0; i < json_count(json_get(out, "items")); i++)
        told += strcmp(json_text_of(json_at(json_get(out, "items"), i), "record"), id) == 0;
    assert_int_equal(told, 1);
}

/* ---- `never` ---- */

static const char tip_off[] =
    "{'kind':'tipoff','version':1,'title':'举报线索 | Tip-off',"
    "'fields':{'required':['enterprise','words'],'properties':{"
    "'enterprise':{'title':'单位 | Unit','type':'string','x-field':'unit','x-index':true},"
    "'words':{'title':'内容 | Words','type':'string','minLength':2,'maxLength':200,'x-public':true,"
    "'x-search':true},"
    "'notice':{'title':'公告 | Notice','type':'string','maxLength':200,'x-public':true},"
    "'secret':{'title':'举报人 | Who','type':'string','maxLength':200}}},"
    "'states':[{'state':'new','title':'新 | New'},{'state':'told','title':'公布 | Told'},"
    "{'state':'done','title':'办结 | Done','final':true}],"
    "'steps':[{'step':'create','title':'登记 | Enter','from':[],'to':'new',"
    "'who':[{'role':['office','township'],'is':'above:enterprise'}],"
    "'ask':['enterprise!','words!','secret'],'set':{'owner':{'var':'office:place'}}},"
    "{'step':'tell','title':'公布 | "
    "Tell','from':['new'],'to':'told','who':[{'role':['office'],'is':'same:owner'}],"
    "'ask':['notice!']},"
    "{'step':'finish','title':'办结 | Finish','from':['told'],'to':'done','apart':[],"
    "'who':[{'role':['office'],'is':'same:owner'}]}],"
    "'clocks':[{'clock':'handle','title':'办理 | "
    "Handle','in':['new','told'],'from':'enter','after':'10d',"
    "'do':[{'after':'0d','notify':['owner']}]}],"
    "'sight':[{'never':['enterprise']},{'in':['told'],'to':['public'],'fields':['notice']}],"
    "'figures':[{'figure':'tipoff_open','title':'在办 | Open','in':['new','told'],'agg':'count'}],"
    "'show':[{'to':'list','fields':['words']}]}";

static const char *
tipoff(struct city *c, int64_t unit)
{
    struct json *file = city_json(T, tip_off);
    const char *bytes = json_string(c->t.arena, file);

    city_adopt(T, c->desk, "tipoff.json", bytes, strlen(bytes));
    CITY_CREATE(W.clerk, "tipoff", CITY_TOWN,
                city_fields(c,
                            "{'enterprise':'u%lld','words':'夜间偷开除尘旁路','secret':'门卫老周'}",
                            (long long)unit));
    return arena_text(c->t.arena, c->last);
}

static void
never_means_by_no_key_and_in_no_count(void **state)
{
    struct city *c = *state;
    const char *id = tipoff(c, W.township);

    /* The township covers the place, but the clue is about itself. */
    for (int indexed = 0; indexed < 2; indexed++) {
        assert_seen(c, W.township_person, "tipoff", "除尘", id, false);
        assert_int_equal(json_int_of(city_list(c, W.township_person, "kind=tipoff"), "total", -1),
                         0);
        assert_int_equal(json_int_of(city_list(c, W.grid, "kind=tipoff&state=new"), "total", -1),
                         0);
        assert_seen(c, W.clerk, "tipoff", "除尘", id, true);
        (void)city_clock(c);
    }
}

static void
the_public_is_shown_the_stated_fields_in_the_stated_states(void **state)
{
    struct city *c = *state;
    const char *id = tipoff(c, W.firm), *text;
    struct json *out;

    CITY_OK(desk_plates(T, c->desk, S, &out));
    assert_int_equal(json_count(json_get(out, "items")), 0);
    CITY_STEP(W.clerk, id, "tell", city_fields(c, "{'notice':'已责令整改'}"));
    CITY_OK(desk_plates(T, c->desk, S, &out));
    assert_int_equal(json_count(json_get(out, "items")), 1);
    text = json_string(c->t.arena, out);
    assert_non_null(strstr(text, "已责令整改"));
    assert_null(strstr(text, "除尘"));
    assert_null(strstr(text, "门卫"));
    CITY_STEP(W.clerk, id, "finish", NULL);
    CITY_OK(desk_plates(T, c->desk, S, &out));
    assert_int_equal(json_count(json_get(out, "items")), 0);
}

/* ---- links lead only where the reader knows ---- */

static void
links_show_what_the_reader_may_see(void **state)
{
    struct city *c = *state;
    const char *id = approval(c);
    struct json *of_office, *of_firm;

    CITY_STEP(W.clerk, id, "send", city_fields(c, "{'answer_by':'2026-12-20'}"));
    of_office = json_get(city_record(c, W.clerk, id, NULL), "links");
    of_firm = json_get(city_record(c, W.safety, id, NULL), "links");
    assert_int_equal(json_count(of_office), 2); /* the office that asks sees both opinions */
    assert_int_equal(json_count(of_firm), 0);   /* the applicant sees none that is not answered */
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_hazard_is_seen_above_it_and_by_its_parties),
        CASE(out_of_scope_is_like_what_never_was),
        CASE(figures_are_given_for_places_wholly_in_scope_alone),
        CASE(a_photograph_is_read_through_its_record_alone),
        CASE(a_party_of_some_fields_sees_those_alone),
        CASE(a_sealed_record_is_nowhere_for_others),
        CASE(a_sealed_record_is_seen_by_its_team),
        CASE(the_step_that_opens_it_makes_it_seen),
        CASE(opening_does_not_tell_of_the_days_before),
        CASE(never_means_by_no_key_and_in_no_count),
        CASE(the_public_is_shown_the_stated_fields_in_the_stated_states),
        CASE(links_show_what_the_reader_may_see),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
