/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_record_visit.c - visits: who inspects, who approves, what is signed, and look-backs after them.
 */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static enum fault_code
give_person(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};

    return org_state_person(&w, who);
}

static enum fault_code
give_post(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};

    return org_state_post(&w, who);
}

static enum fault_code
give_unit(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};

    return org_state_unit(&w, who);
}

static void
hold(struct city *c, int64_t person, int64_t unit, const char *role, int32_t from)
{
    struct org_post post = {.person = person, .unit = unit, .role = role, .from_day = from};

    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), give_post, &post));
}

static void
leave(struct city *c, int64_t person, int64_t unit)
{
    struct org_post *posts;
    size_t n;

    CITY_OK(org_posts(T, S, person, 0, &posts, &n));
    for (size_t i = 0; i < n; i++)
        if (posts[i].unit == unit) {
            posts[i].to_day = time_day(c->now) - 1;
            CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), give_post, &posts[i]));
        }
}

/* An inspector of the bureau whose certificate of that kind lasts until a day; NULL: no certificate. */
static int64_t
inspector(struct city *c, const char *kind, const char *until)
{
    struct arena *a = c->t.arena;
    struct org_person p = {.name = "费曜", .certificates = json_array(a)};

    if (kind) {
        struct json *one = json_object(a);

        json_set_str(a, one, "kind", kind);
        json_set_str(a, one, "until", until);
        json_push(a, p.certificates, one);
    }
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), give_person, &p));
    hold(c, p.id, W.bureau, "inspector", CITY_DAY_FROM);
    return p.id;
}

/* An inspection on a day by the officer and, where given, a second and a third. */
static enum fault_code
plan(struct city *c, const char *on, int64_t second, int64_t third)
{
    struct arena *a = c->t.arena;
    const char *more = second ? arena_format(a, ",'p%lld'", (long long)second) : "";

    if (third)
        more = arena_format(a, "%s,'p%lld'", more, (long long)third);
    return city_create(c, W.officer, "visit", CITY_TOWN,
                       city_fields(c,
                                   "{'mode':'inspection','enterprise':'u%lld','on':'%s','lead':'p%lld',"
                                   "'team':['p%lld'%s],'list_used':'粉尘涉爆检查表'}",
                                   (long long)W.firm, on, (long long)W.officer, (long long)W.officer,
                                   more));
}

static const char *
planned(struct city *c)
{
    CITY_OK(plan(c, "2026-11-24", W.bureau_person, 0));
    return arena_text(c->t.arena, c->last);
}

static void
two_certified_officers_inspect(void **state)
{
    struct city *c = *state;
    int64_t bare = inspector(c, NULL, NULL), other = inspector(c, "safety_engineer", "2030-01-01");
    int64_t expired = inspector(c, "law_enforcement", "2026-11-30");

    CITY_REFUSED(FAULT_INPUT, plan(c, "2026-11-24", 0, 0)); /* one officer */
    assert_true(city_points(c, "/fields/team"));
    CITY_REFUSED(FAULT_INPUT, plan(c, "2026-11-24", W.officer, 0)); /* the same twice */
    assert_true(city_points(c, "/fields/team/1"));
    CITY_REFUSED(FAULT_INPUT, plan(c, "2026-11-24", bare, 0));
    assert_true(city_points(c, "/fields/team"));
    CITY_REFUSED(FAULT_INPUT, plan(c, "2026-11-24", W.bureau_person, bare));
    CITY_REFUSED(FAULT_INPUT, plan(c, "2026-11-24", other, 0)); /* another certificate is none */
    CITY_REFUSED(FAULT_INPUT, plan(c, "2026-12-01", expired, 0));
    assert_true(city_points(c, "/fields/team"));
    CITY_OK(plan(c, "2026-11-30", expired, 0));
    assert_string_equal(city_state(c, c->last), "planned");
}

/* The day that counts is that of the visit, also where it was put off. */
static void
a_certificate_is_asked_again_on_the_day(void **state)
{
    struct city *c = *state;
    int64_t expired = inspector(c, "law_enforcement", "2026-11-30");
    const char *id, *signed_by = city_photo(c, W.officer, 4);

    CITY_OK(plan(c, "2026-11-30", expired, 0));
    id = arena_text(c->t.arena, c->last);
    CITY_STEP(W.head, id, "approve", NULL);
    city_at(c, "2026-12-01T15:00:00+08:00");
    CITY_REFUSED(FAULT_INPUT,
                 city_step(c, W.officer, id, "record",
                           city_fields(c, "{'result':'nothing_found','on':'2026-12-01','signed':'%s'}",
                                       signed_by)));
    assert_string_equal(city_state(c, id), "approved");
    CITY_STEP(W.officer, id, "record",
              city_fields(c, "{'result':'nothing_found','on':'2026-11-30','signed':'%s'}", signed_by));
    assert_string_equal(city_state(c, id), "closed");
    city_proves(c);
}

static void
only_a_unit_with_inspection_power_inspects(void **state)
{
    struct city *c = *state;
    struct org_unit u;
    bool found;

    CITY_OK(org_unit(T, S, W.bureau, &u, &found));
    u.powers = json_array(c->t.arena);
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), give_unit, &u));
    CITY_REFUSED(FAULT_INPUT, plan(c, "2026-11-24", W.bureau_person, 0));
    /* A grid worker looks; he never inspects. */
    CITY_REFUSED(FAULT_RIGHT,
                 city_create(c, W.grid, "visit", CITY_TOWN,
                             city_fields(c,
                                         "{'mode':'inspection','enterprise':'u%lld','on':'2026-11-24',"
                                         "'lead':'p%lld','team':['p%lld','p%lld']}",
                                         (long long)W.firm, (long long)W.grid, (long long)W.grid,
                                         (long long)W.township_person)));
}

static void
a_head_who_is_neither_of_them_approves_before_it_begins(void **state)
{
    struct city *c = *state;
    const char *id = planned(c);
    struct json *found = city_fields(c, "{'result':'nothing_found'}");

    CITY_REFUSED(FAULT_STATE, city_step(c, W.officer, id, "record", found));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.officer, id, "approve", NULL));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.bureau_person, id, "approve", NULL));
    CITY_STEP(W.head, id, "approve", NULL);
    CITY_OK(plan(c, "2026-11-24", W.head, 0));
    id = arena_text(c->t.arena, c->last);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.head, id, "approve", NULL));
}

/* What only a head can do next lies on his desk, and on nobody else's of the bureau. */
static void
an_approval_waits_on_the_heads_desk(void **state)
{
    struct city *c = *state;
    const char *id = planned(c);

    assert_true(city_lists(c, W.head, "mine=owe", id));
    assert_false(city_lists(c, W.officer, "mine=owe", id));
    assert_false(city_lists(c, W.bureau_person, "mine=owe", id));
    CITY_STEP(W.head, id, "approve", NULL);
    assert_true(city_lists(c, W.officer, "mine=owe", id));
    /* A patrol that is planned waits for who planned it. */
    CITY_CREATE(W.grid, "visit", CITY_TOWN,
                city_fields(c, "{'mode':'patrol','enterprise':'u%lld','on':'2026-11-25'}",
                            (long long)W.firm));
    assert_true(city_lists(c, W.grid, "mine=owe", c->last));
    city_proves(c);
}

static const char *
emergency(struct city *c)
{
    const char *photo = city_photo(c, W.officer, 4);

    CITY_CREATE(W.officer, "visit", CITY_TOWN,
                city_fields(c,
                            "{'mode':'inspection','enterprise':'u%lld','on':'2026-11-23','lead':'p%lld',"
                            "'team':['p%lld','p%lld'],'urgent':true,'urgent_reason':'群众举报正在冒烟',"
                            "'result':'nothing_found','signed':'%s'}",
                            (long long)W.firm, (long long)W.officer, (long long)W.officer,
                            (long long)W.bureau_person, photo));
    return arena_text(c->t.arena, c->last);
}

static void
an_emergency_is_approved_within_a_day_or_becomes_a_matter(void **state)
{
    struct city *c = *state;
    const char *one = emergency(c), *two = emergency(c);

    CITY_REFUSED(FAULT_INPUT,
                 city_create(c, W.officer, "visit", CITY_TOWN,
                             city_fields(c,
                                         "{'mode':'inspection','enterprise':'u%lld','on':'2026-11-23',"
                                         "'lead':'p%lld','team':['p%lld','p%lld'],'urgent':true}",
                                         (long long)W.firm, (long long)W.officer, (long long)W.officer,
                                         (long long)W.bureau_person)));
    assert_true(city_points(c, "/fields/urgent_reason"));
    assert_string_equal(city_state(c, one), "recorded_urgent");
    assert_true(city_lists(c, W.head, "mine=owe", one));
    assert_false(city_lists(c, W.officer, "mine=owe", one));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.officer, one, "approve_recorded", NULL));
    city_tick_on(c, TIME_DAY - TIME_HOUR);
    CITY_STEP(W.head, one, "approve_recorded", NULL);
    assert_string_equal(city_state(c, one), "closed");
    city_tick_on(c, 2 * TIME_HOUR);
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.clerk, "kind=matter"), 1);
    CITY_STEP(W.head, two, "approve_recorded", NULL);
    city_proves(c);
}

static void
a_record_is_signed_or_says_why_not(void **state)
{
    struct city *c = *state;
    const char *id = planned(c);

    CITY_STEP(W.head, id, "approve", NULL);
    city_at(c, "2026-11-24T15:00:00+08:00");
    CITY_REFUSED(FAULT_INPUT, city_step(c, W.officer, id, "record",
                                        city_fields(c, "{'result':'nothing_found'}")));
    assert_true(city_points(c, "/fields/signed"));
    CITY_REFUSED(FAULT_INPUT,
                 city_step(c, W.officer, id, "record",
                           city_fields(c, "{'result':'nothing_found','signature_refused':true}")));
    assert_true(city_points(c, "/fields/refused_why"));
    CITY_STEP(W.officer, id, "record",
              city_fields(c, "{'result':'nothing_found','signature_refused':true,"
                             "'refused_why':'负责人称须请示总部'}"));
    /* Nothing found leaves a trace. */
    assert_int_equal(city_figure(c, W.clerk, "visit_made", "place=320205"), 1);
    assert_int_equal(city_figure(c, W.clerk, "visit_nothing_found", "place=320205"), 1);
}

static void
findings_inherit_and_the_visit_waits_for_them(void **state)
{
    struct city *c = *state;
    const char *id = planned(c), *photo = city_photo(c, W.officer, 4), *hazard;
    struct record r;

    CITY_STEP(W.head, id, "approve", NULL);
    city_at(c, "2026-11-24T15:00:00+08:00");
    CITY_STEP(W.officer, id, "record",
              city_fields(c,
                          "{'result':'found','signed':'%s','findings':[{'description':'配电箱无门',"
                          "'level':'general','owner_person':'p%lld','measures':'更换箱门',"
                          "'deadline':'2026-12-01'}]}",
                          photo, (long long)W.safety));
    assert_string_equal(city_state(c, id), "following");
    hazard = json_text_of(
        json_at(json_get(city_list(c, W.clerk, "kind=hazard&limit=5"), "items"), 0), "id");
    assert_true(city_read(c, hazard, &r));
    assert_string_equal(json_text_of(r.fields, "visit"), id);
    assert_string_equal(json_text_of(r.fields, "found_on"), "2026-11-24");
    assert_string_equal(json_text_of(r.fields, "source"), "inspector");
    assert_string_equal(city_state(c, hazard), "rectifying");
    city_apply(c, W.safety, hazard);
    CITY_STEP(W.bureau_person, hazard, "verify", city_fields(c, "{'opinion':'箱门已更换'}"));
    assert_string_equal(city_state(c, id), "closed");
    city_proves(c);
}

static enum fault_code
own_check(struct city *c, int64_t person, const char *more)
{
    return city_create(c, person, "visit", CITY_TOWN,
                       city_fields(c,
                                   "{'mode':'self','enterprise':'u%lld','on':'2026-11-23',"
                                   "'led_by_head':true,'result':'nothing_found'%s}",
                                   (long long)W.firm, more));
}

static void
only_the_person_in_charge_leads_as_head(void **state)
{
    struct city *c = *state;

    CITY_REFUSED(FAULT_INPUT, own_check(c, W.safety, ""));
    assert_true(city_points(c, "/fields/led_by_head"));
    CITY_OK(own_check(c, W.boss, ""));
    CITY_OK(own_check(c, W.safety, arena_format(c->t.arena, ",'lead':'p%lld'", (long long)W.boss)));
    assert_int_equal(
        city_figure(c, W.clerk, "visit_made", "place=320205&led_by_head=true"), 2);
}

static void
a_lookback_visit_names_what_it_answers(void **state)
{
    struct city *c = *state;

    CITY_REFUSED(FAULT_INPUT,
                 city_create(c, W.officer, "visit", CITY_TOWN,
                             city_fields(c, "{'mode':'lookback','enterprise':'u%lld','on':'2026-11-23'}",
                                         (long long)W.firm)));
}

/* ---- look-backs ---- */

static enum fault_code
give_city_person(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};

    *(int64_t *)who = city_person(&w, "晏衡", city_who.city_bureau, "inspector");
    return FAULT_NONE;
}

/* A look-back of a closed hazard whose verifier was the county's bureau: the city's looks. */
static const char *
lookback(struct city *c, const char *hazard)
{
    CITY_CREATE(W.clerk, "lookback", "320205",
                city_fields(c, "{'subject':'%s','reason_for':'arranged','verifier':'u%lld'}", hazard,
                            (long long)W.bureau));
    return arena_text(c->t.arena, c->last);
}

static void
who_was_responsible_cannot_look_back_from_another_post(void **state)
{
    struct city *c = *state;
    const char *hazard = city_hazard(c, 10), *id, *step[] = {"hold", "recur", "unmask", "find_same"};
    int64_t fresh = 0;

    /* First the safety officer was responsible, then the head of the firm. */
    CITY_STEP(W.boss, hazard, "assign",
              city_fields(c, "{'owner_person':'p%lld','reason':'岗位调整'}", (long long)W.boss));
    city_apply(c, W.boss, hazard);
    CITY_STEP(W.bureau_person, hazard, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    city_tick_on(c, TIME_DAY);
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320200"), give_city_person, &fresh));
    leave(c, W.safety, W.firm);
    leave(c, W.bureau_person, W.bureau);
    hold(c, W.safety, W.city_bureau, "inspector", time_day(c->now));
    hold(c, W.bureau_person, W.city_bureau, "inspector", time_day(c->now));
    id = lookback(c, hazard);
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        const char *photo = city_photo(c, W.safety, 5), *other = city_photo(c, W.bureau_person, 6);

        /* He owed it once. */
        CITY_REFUSED(FAULT_RIGHT,
                     city_step(c, W.safety, id, step[i],
                               city_fields(c, "{'photos':['%s'],'opinion':'现场仍完好'}", photo)));
        /* He closed it. */
        CITY_REFUSED(FAULT_RIGHT,
                     city_step(c, W.bureau_person, id, step[i],
                               city_fields(c, "{'photos':['%s'],'opinion':'现场仍完好'}", other)));
        assert_string_equal(city_state(c, id), "due");
    }
    CITY_STEP(fresh, id, "hold",
              city_fields(c, "{'photos':['%s'],'opinion':'现场仍完好'}", city_photo(c, fresh, 7)));
    assert_string_equal(city_state(c, id), "held");
    city_proves(c);
}

/* 未真正整改 opens a new cycle one level up and counts against owner and verifier. */
static void
never_mended_opens_a_cycle_one_level_up(void **state)
{
    struct city *c = *state;
    const char *hazard = city_hazard(c, 10), *id;
    int64_t fresh = 0;
    struct record r;

    city_apply(c, W.safety, hazard);
    CITY_STEP(W.bureau_person, hazard, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320200"), give_city_person, &fresh));
    id = lookback(c, hazard);
    CITY_STEP(fresh, id, "unmask",
              city_fields(c, "{'photos':['%s'],'opinion':'从来没有整改'}", city_photo(c, fresh, 7)));
    assert_string_equal(city_state(c, hazard), "registered");
    assert_true(city_read(c, hazard, &r));
    assert_int_equal(r.cycle, 2);
    assert_int_equal(r.unit, W.firm);
    assert_string_equal(json_text_of(r.fields, "level"), "general");
    assert_int_equal(org_id_read(json_text_of(r.fields, "handler"), 'u'), W.city_bureau);
    assert_int_equal(city_figure(c, W.clerk, "lookback_never_mended", "place=320205"), 1);
    assert_int_equal(city_figure(c, W.clerk, "lookback_never_mended",
                                 arena_format(c->t.arena, "place=320205&verifier=u%lld",
                                              (long long)W.bureau)),
                     1);
    assert_int_equal(city_figure(c, W.clerk, "lookback_never_mended",
                                 arena_format(c->t.arena, "place=320205&enterprise=u%lld",
                                              (long long)W.firm)),
                     1);
    city_proves(c);
}

/* 反弹 is held against the measure, not against who verified; same kind, new, is another record. */
static void
a_recurrence_counts_against_the_measure(void **state)
{
    struct city *c = *state;
    const char *hazard = city_hazard(c, 10), *id, *other;
    int64_t fresh = 0;
    struct record r;

    city_apply(c, W.safety, hazard);
    CITY_STEP(W.bureau_person, hazard, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320200"), give_city_person, &fresh));
    id = lookback(c, hazard);
    other = lookback(c, hazard);
    CITY_STEP(fresh, other, "find_same",
              city_fields(c, "{'photos':['%s'],'opinion':'另一处配电箱无门'}", city_photo(c, fresh, 7)));
    assert_string_equal(city_state(c, hazard), "closed");
    CITY_STEP(fresh, id, "recur",
              city_fields(c, "{'photos':['%s'],'opinion':'箱门又被拆下'}", city_photo(c, fresh, 7)));
    assert_string_equal(city_state(c, hazard), "registered");
    assert_true(city_read(c, hazard, &r));
    assert_int_equal(org_id_read(json_text_of(r.fields, "handler"), 'u'), W.city_bureau);
    assert_int_equal(city_figure(c, W.clerk, "lookback_measure_failed", "place=320205"), 1);
    assert_int_equal(city_figure(c, W.clerk, "lookback_never_mended", "place=320205"), 0);
    assert_int_equal(city_count(c, W.clerk, arena_format(c->t.arena, "kind=hazard&same_kind_as=%s",
                                                         hazard)) > 0,
                     1);
    city_proves(c);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(two_certified_officers_inspect),
        CASE(a_certificate_is_asked_again_on_the_day),
        CASE(only_a_unit_with_inspection_power_inspects),
        CASE(a_head_who_is_neither_of_them_approves_before_it_begins),
        CASE(an_approval_waits_on_the_heads_desk),
        CASE(an_emergency_is_approved_within_a_day_or_becomes_a_matter),
        CASE(a_record_is_signed_or_says_why_not),
        CASE(findings_inherit_and_the_visit_waits_for_them),
        CASE(only_the_person_in_charge_leads_as_head),
        CASE(a_lookback_visit_names_what_it_answers),
        CASE(who_was_responsible_cannot_look_back_from_another_post),
        CASE(never_mended_opens_a_cycle_one_level_up),
        CASE(a_recurrence_counts_against_the_measure),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
