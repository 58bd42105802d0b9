/* SPDX-License-Identifier: Apache-2.0 */
/* test_desk_scope.c - who may name and see what, asked from both sides: the one let in and the stranger. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static const struct json *
unit_list(struct city *c, int64_t person, const char *place, const char *q)
{
    struct desk_caller caller = city_caller(c, person);
    struct json *out = NULL;

    fault_clear(T);
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
    struct desk_caller caller = city_caller(c, person);
    struct json *out = NULL;
    enum fault_code rc;

    fault_clear(T);
    rc = desk_unit(T, c->desk, S, &caller, org_id_text(T->arena, 'u', unit), &out);
    assert_true(rc == FAULT_NONE || rc == FAULT_ABSENT);
    fault_clear(T);
    return rc == FAULT_NONE;
}

static const struct json *
people_list(struct city *c, int64_t person, int64_t unit)
{
    struct desk_caller caller = city_caller(c, person);
    struct json *out = NULL;

    fault_clear(T);
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

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_firm_names_the_departments_of_its_approval),
        CASE(an_enterprise_outside_the_scope_is_no_unit_that_ever_was),
        CASE(naming_an_organ_opens_neither_its_people_nor_its_work),
        CASE(a_clerk_gives_a_part_to_another_county),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
