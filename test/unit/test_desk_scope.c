/* SPDX-License-Identifier: Apache-2.0 */
/* test_desk_scope.c - who may name and see what, asked from both sides: the one let in and the stranger. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static const struct json *
unit_list(struct city *c, int64_t person, const char *place, const char *q)
{
    struct desk_caller caller;
    struct json *out = NULL;

    fault_clear(T);
    caller = city_caller(c, person);
    CITY_OK(desk_units(T, c->desk, S, &caller, place, q, &out));
    return json_get(out, "items");
}

static bool
offers_unit(struct city *c, int64_t person, const char *place, const char *q, int64_t unit)
{
    const struct json *items = unit_list(c, person, place, q);
    const char *id = org_id_text(T->arena, 'u', unit);

    for (size_t i = 0; i < json_count(items); i++)
        if (text_equal(json_text_of(json_at(items, i), "id"), id))
            return true;
    return false;
}

static bool
opens_unit(struct city *c, int64_t person, int64_t unit)
{
    struct desk_caller caller;
    struct json *out = NULL;
    enum fault_code rc;

    fault_clear(T);
    caller = city_caller(c, person);
    rc = desk_unit(T, c->desk, S, &caller, org_id_text(T->arena, 'u', unit), &out);
    assert_true(rc == FAULT_NONE || rc == FAULT_ABSENT);
    fault_clear(T);
    return rc == FAULT_NONE;
}

static const struct json *
people_list(struct city *c, int64_t person, int64_t unit)
{
    struct desk_caller caller;
    struct json *out = NULL;

    fault_clear(T);
    caller = city_caller(c, person);
    CITY_OK(desk_people(T, c->desk, S, &caller, org_id_text(T->arena, 'u', unit), NULL, &out));
    return json_get(out, "items");
}

static size_t
people_of(struct city *c, int64_t person, int64_t unit)
{
    return json_count(people_list(c, person, unit));
}

/* ---- organs are public by name ---- */

static enum fault_code
apply_for(struct city *c, int64_t person, int64_t department)
{
    const char *paper;

    fault_clear(T);
    paper = city_photo(c, person, 5);
    return city_create(c, person, "approval", CITY_TOWN,
                       city_fields(c,
                                   "{'applicant':'u%lld','name':'扩建油漆房','file':['%s'],'departments':["
                                   "'u%lld']}",
                                   (long long)W.firm, paper, (long long)department));
}

static void
a_firm_names_the_departments_of_its_approval(void **state)
{
    struct city *c = *state;

    assert_true(offers_unit(c, W.safety, NULL, NULL, W.bureau));
    assert_true(offers_unit(c, W.safety, NULL, "住建", W.housing));
    assert_true(offers_unit(c, W.safety, "320206", NULL, W.bureau2));
    assert_true(opens_unit(c, W.safety, W.bureau2));
    CITY_OK(apply_for(c, W.safety, W.bureau));
    CITY_OK(apply_for(c, W.safety, W.housing));
    city_proves(c);
}

static void
an_enterprise_outside_the_scope_is_no_unit_that_ever_was(void **state)
{
    struct city *c = *state;
    const char *other;

    assert_false(offers_unit(c, W.safety, NULL, NULL, W.firm2));
    assert_false(offers_unit(c, W.safety, NULL, "澄川", W.firm2));
    assert_false(offers_unit(c, W.safety, "320206", NULL, W.firm2));
    assert_false(opens_unit(c, W.safety, W.firm2));
    CITY_REFUSED(FAULT_INPUT, apply_for(c, W.safety, W.firm2));
    assert_true(city_points(c, "/fields/departments/0"));
    other = arena_text(T->arena, T->fault.items[0].zh);
    CITY_REFUSED(FAULT_INPUT, apply_for(c, W.safety, 4398046511103));
    assert_true(city_points(c, "/fields/departments/0"));
    assert_string_equal(other, T->fault.items[0].zh);
    fault_clear(T);
}

/* That its name may stand in a field opens nothing of it. */
static void
naming_an_organ_opens_neither_its_people_nor_its_work(void **state)
{
    struct city *c = *state;
    const char *id;

    CITY_CREATE(W.clerk2, "matter", "320206", city_fields(c, "{'ground':'other','about':'别县自己的事项'}"));
    id = arena_text(T->arena, c->last);
    assert_int_equal(people_of(c, W.safety, W.office2), 0);
    assert_int_equal(people_of(c, W.safety, W.bureau), 0);
    assert_null(city_record(c, W.safety, id, NULL));
    assert_int_equal(city_count(c, W.safety, arena_format(T->arena, "unit=u%lld", (long long)W.office2)), 0);
    assert_int_equal(city_count(c, W.clerk, "kind=matter"), 0);
    CITY_REFUSED(FAULT_INPUT,
                 city_create(c, W.safety, "hazard", CITY_TOWN,
                             city_fields(c,
                                         "{'enterprise':'u%lld','source':'self','found_on':'2026-11-23',"
                                         "'level':'general','description':'砂轮机无防护罩',"
                                         "'owner_person':'p%lld','measures':'装防护罩',"
                                         "'deadline':'2026-12-20'}",
                                         (long long)W.firm, (long long)W.officer2)));
    assert_true(city_points(c, "/fields/owner_person"));
    fault_clear(T);
}

static void
a_clerk_gives_a_part_to_another_county(void **state)
{
    struct city *c = *state;
    const char *id;

    CITY_CREATE(W.city_clerk, "task", "320205",
                city_fields(c,
                            "{'type':'task','name':'粉尘涉爆企业排查','unit':'u%lld','marker':'清单和照片',"
                            "'weight':10,'due_on':'2026-12-31'}",
                            (long long)W.office));
    id = arena_text(T->arena, c->last);
    CITY_STEP(W.clerk, id, "sign", NULL);
    CITY_REFUSED(FAULT_INPUT,
                 city_step(c, W.clerk, id, "decompose",
                           city_fields(c,
                                       "{'splits':[{'name':'惠山粉尘排查','unit':'u%lld','weight':10,"
                                       "'due_on':'2026-12-20','marker':'清单和照片'}]}",
                                       (long long)W.firm2)));
    assert_true(city_points(c, "/fields/splits/0/unit"));
    CITY_STEP(W.clerk, id, "decompose",
              city_fields(c,
                          "{'splits':[{'name':'惠山粉尘排查','unit':'u%lld','weight':10,"
                          "'due_on':'2026-12-20','marker':'清单和照片'}]}",
                          (long long)W.bureau2));
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.officer2, "kind=task"), 1);
    city_proves(c);
}

/* ---- landlords and advisers: let in from day to day ---- */

struct hall {
    int64_t agency, expert, tenant;
    const char *profile, *hazard;
};

static enum fault_code
found_agency(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    struct hall *h = who;

    h->agency = city_unit(&w, "agency", "同泽安全技术服务中心", W.county2, 0, 0);
    h->expert = city_person(&w, "蔺知", h->agency, "expert");
    return FAULT_NONE;
}

/* A tenant of the firm since the 24th until the 30th, advised by an agency of another county on those days. */
static struct hall
open_hall(struct city *c)
{
    struct hall h = {0};
    struct record r;

    CITY_OK(desk_write(T, c->desk, city_stream(T, "320206"), found_agency, &h));
    CITY_CREATE(W.township_person, "enterprise", CITY_TOWN,
                city_fields(c,
                            "{'name':'租户五金加工店','industry':'33','headcount':6,'landlord':'u%lld',"
                            "'landlord_from':'2026-11-24','landlord_to':'2026-11-30','advisers':[{'unit':'u%lld',"
                            "'as':'agency','from':'2026-11-24','to':'2026-11-30'}]}",
                            (long long)W.firm, (long long)h.agency));
    h.profile = arena_text(T->arena, c->last);
    assert_true(city_read(c, h.profile, &r));
    h.tenant = r.unit;
    CITY_CREATE(W.grid, "hazard", CITY_TOWN,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'grid','found_on':'2026-11-23',"
                            "'description':'租户疏散通道堆物'}",
                            (long long)h.tenant));
    h.hazard = arena_text(T->arena, c->last);
    (void)city_clock(c);
    return h;
}

static void
sees_the_tenant(struct city *c, const struct hall *h, int64_t person, bool sees)
{
    assert_int_equal(city_lists(c, person, "kind=hazard", h->hazard), sees);
    assert_int_equal(city_lists(c, person, "limit=1&sort=due", h->hazard) ||
                         city_lists(c, person, "kind=hazard&place=" CITY_TOWN, h->hazard),
                     sees);
    assert_int_equal(city_lists(c, person, "q=疏散通道堆物", h->hazard), sees);
    assert_int_equal(city_lists(c, person, "q=租户五金", h->profile), sees);
    assert_int_equal(city_lists(c, person, "kind=enterprise", h->profile), sees);
    assert_int_equal(city_record(c, person, h->hazard, NULL) != NULL, sees);
    assert_int_equal(opens_unit(c, person, h->tenant), sees);
    assert_int_equal(offers_unit(c, person, NULL, "租户", h->tenant), sees);
    assert_int_equal(offers_unit(c, person, NULL, NULL, h->tenant), sees);
    assert_int_equal(people_of(c, person, h->tenant), 0);
    assert_int_equal(
        city_lists(c, person, arena_format(T->arena, "kind=hazard&unit=u%lld", (long long)h->tenant), h->hazard),
        sees);
}

static void
a_landlord_sees_what_its_tenants_owe_while_they_are_tenants(void **state)
{
    struct city *c = *state;
    struct hall h = open_hall(c);
    const int64_t strangers[] = {W.mate, W.worker, W.keeper, W.safety2, W.boss2, W.officer2, W.clerk2};
    static const struct {
        const char *at;
        bool sees;
    } days[] = {{"2026-11-23T23:59:00+08:00", false},
                {"2026-11-24T00:00:00+08:00", true},
                {"2026-11-30T23:59:00+08:00", true},
                {"2026-12-01T00:00:00+08:00", false}};

    for (size_t d = 0; d < sizeof days / sizeof *days; d++) {
        city_at(c, days[d].at);
        sees_the_tenant(c, &h, W.safety, days[d].sees);
        sees_the_tenant(c, &h, W.boss, days[d].sees);
        for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
            sees_the_tenant(c, &h, strangers[i], false);
    }
    city_proves(c);
}

static enum fault_code
advise(struct city *c, const struct hall *h, int64_t unit)
{
    return city_create(c, h->expert, "hazard", CITY_TOWN,
                       city_fields(c,
                                   "{'enterprise':'u%lld','source':'agency','found_on':'2026-11-23',"
                                   "'description':'建议增设防爆电器'}",
                                   (long long)unit));
}

static void
an_adviser_writes_to_who_invited_it_and_to_nobody_else(void **state)
{
    struct city *c = *state;
    struct hall h = open_hall(c);
    const char *words, *mine;

    CITY_REFUSED(FAULT_INPUT, advise(c, &h, h.tenant)); /* not yet */
    city_at(c, "2026-11-25T10:00:00+08:00");
    sees_the_tenant(c, &h, h.expert, true);
    CITY_OK(advise(c, &h, h.tenant));
    mine = arena_text(T->arena, c->last);
    CITY_REFUSED(FAULT_INPUT, advise(c, &h, W.firm));
    assert_true(city_points(c, "/fields/enterprise"));
    words = arena_text(T->arena, T->fault.items[0].zh);
    CITY_REFUSED(FAULT_INPUT, advise(c, &h, 4398046511103));
    assert_true(city_points(c, "/fields/enterprise"));
    assert_string_equal(words, T->fault.items[0].zh);
    /* It advises: no step of the tenant's or of an organ is open to it. */
    CITY_REFUSED(FAULT_RIGHT, city_step(c, h.expert, h.hazard, "judge", city_fields(c, "{'level':'general'}")));
    assert_true(city_lists(c, W.township_person, "kind=hazard", mine));
    city_at(c, "2026-12-02T10:00:00+08:00");
    sees_the_tenant(c, &h, h.expert, false);
    CITY_REFUSED(FAULT_INPUT, advise(c, &h, h.tenant));
    assert_non_null(city_record(c, h.expert, mine, NULL)); /* what it wrote is still its own */
    assert_int_equal(city_count(c, h.expert, "kind=hazard"), 1);
    city_proves(c);
}

static void
a_tie_ends_when_the_profile_says_so(void **state)
{
    struct city *c = *state;
    struct hall h = open_hall(c);

    city_at(c, "2026-11-25T10:00:00+08:00");
    sees_the_tenant(c, &h, W.safety, true);
    CITY_STEP(W.township_person, h.profile, "update", city_fields(c, "{'advisers':[]}"));
    sees_the_tenant(c, &h, h.expert, false);
    sees_the_tenant(c, &h, W.safety, true);
    CITY_STEP(W.township_person, h.profile, "update", city_fields(c, "{'landlord_to':'2026-11-24'}"));
    sees_the_tenant(c, &h, W.safety, false);
    city_proves(c);
}

/* What a tenant only raised, or has on its desk, is not the landlord's. */
static void
a_tie_opens_nothing_but_what_the_unit_owes(void **state)
{
    struct city *c = *state;
    struct hall h = open_hall(c);
    const char *own = city_hazard(c, 20);

    city_at(c, "2026-11-25T10:00:00+08:00");
    assert_null(city_record(c, h.expert, own, NULL));
    assert_int_equal(city_count(c, h.expert, "kind=hazard"), 1);
    assert_int_equal(json_count(json_get(city_list(c, h.expert, "mine=owe"), "items")), 0);
    assert_int_equal(json_count(json_get(city_list(c, W.safety, "mine=owe"), "items")), 1);
    assert_int_equal(city_count(c, h.expert, "kind=hazard&as_of=2026-11-23"), 1);
}

struct park {
    int64_t tenants[400];
};

static enum fault_code
fill_park(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    const struct org_tie tie = {.other = W.firm, .sort = "landlord"};
    struct park *p = who;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < 400 && !rc; i++) {
        p->tenants[i] = city_unit(&w, "enterprise", "园区租户", W.town, 1, 0);
        rc = org_state_ties(&w, p->tenants[i], &tie, 1);
    }
    return rc;
}

/* More tenants than a scope has keys: every one of them is there, in lists, searches and on every page. */
static void
a_landlord_of_a_whole_park_misses_none(void **state)
{
    struct city *c = *state;
    struct park p;
    struct json *page;
    int seen = 0;

    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), fill_park, &p));
    for (size_t i = 0; i < 400; i += 40)
        CITY_CREATE(W.grid, "hazard", CITY_TOWN,
                    city_fields(c,
                                "{'enterprise':'u%lld','source':'grid','found_on':'2026-11-23',"
                                "'description':'园区消防通道堵塞'}",
                                (long long)p.tenants[i]));
    assert_int_equal(city_count(c, W.boss, "kind=hazard"), 10);
    assert_int_equal(city_count(c, W.boss, "kind=hazard&q=消防通道"), 10);
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.boss, "kind=hazard&q=消防通道"), 10);
    assert_int_equal(city_count(c, W.mate, "kind=hazard"), 0);
    for (page = city_list(c, W.boss, "limit=3&sort=due");; seen += (int)json_count(json_get(page, "items")),
        page = city_list(c, W.boss, arena_format(T->arena, "limit=3&sort=due&cursor=%s", json_text_of(page, "next"))))
        if (!json_text_of(page, "next"))
            break;
    assert_int_equal(seen + (int)json_count(json_get(page, "items")), 10);
    city_proves(c);
}

/* ---- parts of an enterprise ---- */

static void
who_works_in_a_workshop_sees_what_the_enterprise_owes(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 20);
    const struct json *people;

    assert_true(city_lists(c, W.worker, "kind=hazard", id));
    assert_non_null(city_record(c, W.worker, id, NULL));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.worker, id, "apply",
                                        city_fields(c, "{'result':'已整改','after_photos':['%s']}",
                                                    city_photo(c, W.worker, 3))));
    CITY_CREATE(W.worker, "hazard", CITY_TOWN,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'self','found_on':'2026-11-23',"
                            "'description':'抛光机吸尘管破损'}",
                            (long long)W.firm));
    assert_true(city_lists(c, W.safety, "kind=hazard", c->last));
    assert_false(city_lists(c, W.worker, "mine=owe", id)); /* it is not on his list of things to do */
    /* He finds his own papers; those of others are not his to read. */
    people = people_list(c, W.mate, W.firm);
    assert_true(json_count(people) >= 3);
    for (size_t i = 0; i < json_count(people); i++)
        assert_int_equal(json_count(json_get(json_at(people, i), "certificates")) > 0,
                         text_equal(json_text_of(json_at(people, i), "id"), org_id_text(T->arena, 'p', W.mate)));
    people = people_list(c, W.safety, W.firm);
    assert_true(json_count(json_get(json_at(people, 0), "certificates")) > 0);
    assert_int_equal(city_count(c, W.worker, arena_format(T->arena, "unit=u%lld", (long long)W.shop)), 0);
    assert_false(opens_unit(c, W.worker, W.shop));
    city_proves(c);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_firm_names_the_departments_of_its_approval),
        CASE(an_enterprise_outside_the_scope_is_no_unit_that_ever_was),
        CASE(naming_an_organ_opens_neither_its_people_nor_its_work),
        CASE(a_clerk_gives_a_part_to_another_county),
        CASE(a_landlord_sees_what_its_tenants_owe_while_they_are_tenants),
        CASE(an_adviser_writes_to_who_invited_it_and_to_nobody_else),
        CASE(a_tie_ends_when_the_profile_says_so),
        CASE(a_tie_opens_nothing_but_what_the_unit_owes),
        CASE(a_landlord_of_a_whole_park_misses_none),
        CASE(who_works_in_a_workshop_sees_what_the_enterprise_owes),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
