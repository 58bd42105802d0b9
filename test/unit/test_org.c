/* SPDX-License-Identifier: Apache-2.0 */
/* test_org.c - the dated tree, who stands above whom, who may see what, people with several posts.
 */
#include "city.h"

#define S city_store(c)
#define T (&c->t)

static struct org_place
place(struct city *c, const char *code)
{
    struct org_place p = {0};
    bool found;

    CITY_OK(org_place_by_code(T, S, code, &p, &found));
    assert_true(found);
    return p;
}

/* Runs one piece of stating on the county's stream. */
struct stating {
    enum fault_code (*run)(struct org_write *w, void *who);
    void *who;
};

static enum fault_code
run_stating(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct stating *x = who;
    struct org_write w = {t, s, tip, &city_operator};

    return x->run(&w, x->who);
}

static void
state_it(struct city *c, enum fault_code (*run)(struct org_write *, void *), void *who)
{
    struct stating x = {run, who};

    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), run_stating, &x));
}

static enum fault_code
state_post(struct org_write *w, void *who)
{
    return org_state_post(w, who);
}

static enum fault_code
state_unit(struct org_write *w, void *who)
{
    return org_state_unit(w, who);
}

static enum fault_code
state_place(struct org_write *w, void *who)
{
    return org_state_place(w, who);
}

static int64_t
add_post(struct city *c, int64_t person, int64_t unit, const char *role, int from, int to)
{
    int32_t today = time_day(c->now);
    struct org_post post = {.person = person,
                            .unit = unit,
                            .role = role,
                            .from_day = today + from,
                            .to_day = to ? today + to : 0};

    state_it(c, state_post, &post);
    return post.id;
}

static struct scope
scope_of(struct city *c, int64_t person)
{
    struct scope s;

    CITY_OK(org_scope(T, S, person, &s));
    return s;
}

static bool
has_key(const struct scope *s, int64_t key)
{
    for (size_t i = 0; i < s->n_keys; i++)
        if (s->keys[i] == key)
            return true;
    return false;
}

/* ---- ids ---- */

static void
ids_are_read_strictly(void **state)
{
    (void)state;
    assert_int_equal(org_id_read("u5", 'u'), 5);
    assert_int_equal(org_id_read("u5", 'p'), 0);
    assert_int_equal(org_id_read("u05", 'u'), 0);
    assert_int_equal(org_id_read("u-5", 'u'), 0);
    assert_int_equal(org_id_read("u5x", 'u'), 0);
    assert_int_equal(org_id_read("u", 'u'), 0);
    assert_int_equal(org_id_read("u99999999999999", 'u'), 0);
    assert_int_equal(org_id_read(NULL, 'u'), 0);
}

/* ---- places ---- */

static void
the_tree_from_village_to_nation(void **state)
{
    struct city *c = *state;
    struct org_place town = place(c, "320205001000");
    int64_t ids[ORG_DEPTH], county;
    size_t n;

    assert_int_equal(town.level, ORG_TOWNSHIP);
    CITY_OK(org_above(T, S, town.id, ids, &n));
    assert_int_equal(n, 5);
    assert_int_equal(ids[0], town.id);
    assert_int_equal(ids[1], city_who.county);
    assert_int_equal(ids[2], city_who.city);
    assert_int_equal(ids[4], place(c, "000000000000").id);
    CITY_OK(org_county(T, S, town.id, &county));
    assert_int_equal(county, city_who.county);
    CITY_OK(org_county(T, S, city_who.city, &county));
    assert_int_equal(county, city_who.city);
    assert_true(town.stream == place(c, "320205").stream);
    assert_true(place(c, "320206").stream != town.stream);
    assert_true(place(c, "320200").stream != town.stream);
}

static void
covering_is_downwards_only(void **state)
{
    struct city *c = *state;
    const struct {
        int64_t node, place;
        bool covers;
    } cases[] = {{city_who.city, city_who.town, true},
                 {city_who.county, city_who.town, true},
                 {city_who.town, city_who.town, true},
                 {city_who.town, city_who.county, false},
                 {city_who.county2, city_who.town, false},
                 {city_who.town2, city_who.town, false},
                 {0, city_who.town, false}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool covers;

        CITY_OK(org_covers(T, S, cases[i].node, cases[i].place, &covers));
        assert_int_equal(covers, cases[i].covers);
    }
}

static void
codes_are_read_in_any_of_their_lengths(void **state)
{
    struct city *c = *state;
    struct org_place p;
    bool found;

    assert_true(place(c, "320205").id == place(c, "320205000000").id);
    CITY_OK(org_place_by_code(T, S, "999999", &p, &found));
    assert_false(found);
    CITY_OK(org_place_by_code(T, S, "32020500' OR 1", &p, &found));
    assert_false(found);
    CITY_OK(org_place_by_code(T, S, "3", &p, &found));
    assert_false(found);
    CITY_OK(org_place_by_code(T, S, "32020500000000000000", &p, &found));
    assert_false(found);
}

static void
places_are_found_by_name_initials_and_code(void **state)
{
    struct city *c = *state;
    struct org_place *list;
    size_t n;

    CITY_OK(org_places(T, S, city_who.county, NULL, 500, &list, &n));
    assert_true(n >= 8);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i].parent, city_who.county);
    CITY_OK(org_places(T, S, 0, "东亭", 500, &list, &n));
    assert_true(n >= 1);
    assert_int_equal(list[0].id, city_who.town);
    CITY_OK(org_places(T, S, 0, "320206", 500, &list, &n));
    assert_int_equal(list[0].id, city_who.county2);
    CITY_OK(org_places(T, S, 0, "xsq", 500, &list, &n));
    assert_true(n >= 1);
    CITY_OK(org_places(T, S, 0, "没有的地方", 500, &list, &n));
    assert_int_equal(n, 0);
}

/* A merged township keeps its row and its days; the new one stands beside it. */
static void
a_merged_township_keeps_its_history(void **state)
{
    struct city *c = *state;
    int32_t today = time_day(c->now);
    struct org_place old = place(c, "320205102000"), *list, now;
    size_t n, still = 0;
    bool found;

    old.to_day = today - 1;
    state_it(c, state_place, &old);
    CITY_OK(org_place(T, S, old.id, &now, &found));
    assert_true(found);
    assert_int_equal(now.to_day, today - 1);
    CITY_OK(org_places(T, S, city_who.county, NULL, 500, &list, &n));
    for (size_t i = 0; i < n; i++)
        still += list[i].id == old.id;
    assert_int_equal(still, 0);
    city_proves(c);
}

static void
nodes_that_add_up_to_a_place(void **state)
{
    struct city *c = *state;
    struct org_span *spans;
    size_t n;

    CITY_OK(org_spans(T, S, city_who.town, &spans, &n));
    assert_int_equal(n, 1);
    CITY_OK(org_spans(T, S, city_who.city, &spans, &n));
    assert_int_equal(n, 8); /* the city and its seven counties */
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(spans[i].from, 0);
        assert_int_equal(spans[i].to, ORG_ALWAYS);
    }
}

/* ---- units ---- */

static void
offices_and_uppers(void **state)
{
    struct city *c = *state;
    int64_t unit;

    CITY_OK(org_office(T, S, city_who.town, &unit));
    assert_int_equal(unit, city_who.office);
    CITY_OK(org_office(T, S, city_who.county2, &unit));
    assert_int_equal(unit, city_who.office2);
    CITY_OK(org_office(T, S, city_who.city, &unit));
    assert_int_equal(unit, city_who.city_office);
    CITY_OK(org_office(T, S, place(c, "320281").id, &unit));
    assert_int_equal(unit, city_who.city_office); /* a county without one: the city's */

    CITY_OK(org_upper(T, S, city_who.firm, &unit));
    assert_int_equal(unit, city_who.township);
    CITY_OK(org_upper(T, S, city_who.workshop, &unit));
    assert_int_equal(unit, city_who.firm);
    CITY_OK(org_upper(T, S, city_who.township, &unit));
    assert_int_equal(unit, city_who.office);
    CITY_OK(org_upper(T, S, city_who.bureau, &unit));
    assert_int_equal(unit, city_who.city_bureau); /* the like unit one level up */
    CITY_OK(org_upper(T, S, city_who.housing, &unit));
    assert_int_equal(unit, city_who.office); /* the city has no housing bureau here */
    CITY_OK(org_upper(T, S, city_who.office, &unit));
    assert_int_equal(unit, city_who.city_office);
    CITY_OK(org_upper(T, S, city_who.city_office, &unit));
    assert_int_equal(unit, 0);
}

static void
supervisors_follow_line_and_territory(void **state)
{
    struct city *c = *state;
    struct org_unit u;
    int64_t list[ORG_DEPTH];
    size_t n;
    bool found;

    CITY_OK(org_supervisors(T, S, city_who.firm, list, ORG_DEPTH, &n));
    assert_int_equal(n, 1);
    assert_int_equal(list[0], city_who.bureau);
    CITY_OK(org_supervisors(T, S, city_who.firm2, list, ORG_DEPTH, &n));
    assert_int_equal(list[0], city_who.bureau2);
    CITY_OK(org_unit(T, S, city_who.firm, &u, &found));
    u.lines = json_array(T->arena);
    json_push(T->arena, u.lines, json_int(T->arena, 2));
    state_it(c, state_unit, &u);
    CITY_OK(org_supervisors(T, S, city_who.firm, list, ORG_DEPTH, &n));
    assert_int_equal(n, 2);
    assert_int_equal(list[0], city_who.bureau); /* the lead one first */
    assert_int_equal(list[1], city_who.housing);
}

static bool
is(struct city *c, int64_t person, enum org_relation relation, int64_t unit)
{
    struct org_post *posts;
    struct org_actor actor = {.sort = ORG_PERSON, .person = person};
    struct org_parties p = {0};
    size_t n;
    bool holds;

    CITY_OK(org_posts(T, S, person, 0, &posts, &n));
    assert_true(n >= 1);
    actor.unit = posts[0].unit;
    actor.role = posts[0].role;
    org_add_unit(&p, unit);
    CITY_OK(org_is(T, S, &actor, relation, &p, &holds));
    return holds;
}

static void
relations_between_units(void **state)
{
    struct city *c = *state;
    const struct {
        int64_t person;
        enum org_relation relation;
        int64_t unit;
        bool holds;
    } cases[] = {
        {city_who.safety, ORG_SAME, city_who.firm, true},
        {city_who.worker, ORG_SAME, city_who.firm, false},
        {city_who.worker, ORG_UNDER, city_who.firm, true},
        {city_who.safety, ORG_UNDER, city_who.workshop, false},
        {city_who.safety, ORG_ABOVE, city_who.workshop, true},
        {city_who.safety, ORG_ABOVE, city_who.firm, false},
        {city_who.township_person, ORG_ABOVE, city_who.firm, true},
        {city_who.township2_person, ORG_ABOVE, city_who.firm, false},
        {city_who.clerk, ORG_ABOVE, city_who.firm, true},
        {city_who.clerk2, ORG_ABOVE, city_who.firm, false},
        {city_who.city_clerk, ORG_ABOVE, city_who.firm, true},
        {city_who.housing_person, ORG_ABOVE, city_who.firm, false}, /* another line */
        {city_who.officer, ORG_ABOVE, city_who.firm, true},
        {city_who.officer, ORG_SUPERVISES, city_who.firm, true},
        {city_who.housing_person, ORG_SUPERVISES, city_who.firm, false},
        {city_who.officer2, ORG_SUPERVISES, city_who.firm, false},
        {city_who.clerk, ORG_OFFICE_OF, city_who.firm, true},
        {city_who.clerk2, ORG_OFFICE_OF, city_who.firm, false},
        {city_who.city_clerk, ORG_OFFICE_OF, city_who.firm, false},
        {city_who.city_clerk, ORG_UPPER_OF, city_who.office, true},
        {city_who.township_person, ORG_UPPER_OF, city_who.firm, true},
        {city_who.officer, ORG_UPPER_OF, city_who.firm, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (is(c, cases[i].person, cases[i].relation, cases[i].unit) != cases[i].holds)
            fail_msg("case %zu", i);
}

static void
clock_and_rule_stand_in_no_relation(void **state)
{
    struct city *c = *state;
    const struct org_actor clock = {.sort = ORG_CLOCK, .unit = city_who.firm};
    struct org_parties p = {0};
    bool holds = true;

    org_add_unit(&p, city_who.firm);
    CITY_OK(org_is(T, S, &clock, ORG_SAME, &p, &holds));
    assert_false(holds);
}

/* ---- scope ---- */

static void
each_role_has_its_keys(void **state)
{
    struct city *c = *state;
    const struct {
        int64_t person, place;
        int line;
        int64_t unit;
    } cases[] = {
        {city_who.clerk, city_who.county, 0, city_who.office},
        {city_who.leader, city_who.county, 0, city_who.office},
        {city_who.city_clerk, city_who.city, 0, city_who.city_office},
        {city_who.township_person, city_who.town, 0, city_who.township},
        {city_who.grid, city_who.town, 0, city_who.township},
        {city_who.officer, city_who.county, 1, city_who.bureau},
        {city_who.head, city_who.county, 1, city_who.bureau},
        {city_who.housing_person, city_who.county, 2, city_who.housing},
        {city_who.safety, 0, 0, city_who.firm},
        {city_who.boss, 0, 0, city_who.firm},
        {city_who.worker, 0, 0, city_who.workshop},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scope s = scope_of(c, cases[i].person);

        assert_int_equal(s.n_areas, cases[i].place ? 1 : 0);
        assert_int_equal(s.n_keys, cases[i].place || cases[i].unit == city_who.workshop ? 3 : 2);
        assert_true(has_key(&s, org_key(ORG_KEY_UNIT, cases[i].unit, 0, 0)));
        assert_true(has_key(&s, org_key(ORG_KEY_PERSON, cases[i].person, 0, 0)));
        if (cases[i].place)
            assert_true(has_key(&s, org_key(ORG_KEY_PLACE, cases[i].place, cases[i].line, 0)));
        assert_false(s.everything);
        assert_int_equal(s.n_tied, 0);
        assert_int_equal(s.n_parts, cases[i].unit == city_who.workshop);
    }
}

static void
an_auditor_has_no_key_to_content(void **state)
{
    struct city *c = *state;
    struct scope s = scope_of(c, city_who.auditor);

    assert_true(s.auditor);
    assert_int_equal(s.n_keys, 0);
    assert_int_equal(s.n_areas, 0);
}

static void
keys_of_different_sorts_never_meet(void **state)
{
    (void)state;
    assert_true(org_key(ORG_KEY_PLACE, 7, 0, 3) != org_key(ORG_KEY_UNIT, 7, 0, 3));
    assert_true(org_key(ORG_KEY_PLACE, 7, 1, 3) != org_key(ORG_KEY_PLACE, 7, 0, 3));
    assert_true(org_key(ORG_KEY_PLACE, 7, 1, 3) ==
                org_key_kind(org_key(ORG_KEY_PLACE, 7, 1, 9), 3));
    assert_true(org_key(ORG_KEY_GRANT, (INT64_C(1) << 36) - 1, 4095, 4095) > 0);
}

static void
places_and_units_seen_by_whom(void **state)
{
    struct city *c = *state;
    struct scope township = scope_of(c, city_who.township_person),
                 safety = scope_of(c, city_who.safety);
    struct scope housing = scope_of(c, city_who.housing_person);
    struct org_unit *list;
    size_t n;
    bool sees;

    CITY_OK(org_sees_place(T, S, &township, city_who.town, &sees));
    assert_true(sees);
    CITY_OK(org_sees_place(T, S, &township, city_who.town2, &sees));
    assert_false(sees);
    CITY_OK(org_sees_place(T, S, &township, city_who.county, &sees));
    assert_false(sees);
    CITY_OK(org_sees_place(T, S, &safety, city_who.town, &sees));
    assert_true(sees);
    CITY_OK(org_units(T, S, &safety, 0, NULL, 100, &list, &n));
    assert_int_equal(n, 11); /* the firm and its workshop, then every organ, those of its county first */
    assert_int_equal(list[0].id, city_who.firm);
    assert_int_equal(list[1].id, city_who.workshop);
    for (size_t i = 2; i < n; i++)
        assert_true(org_is_organ(&list[i]));
    assert_int_equal(list[9].id, city_who.office2);
    assert_int_equal(list[10].id, city_who.bureau2);
    CITY_OK(org_units(T, S, &township, 0, "珩佑", 100, &list, &n));
    assert_int_equal(n, 1);
    CITY_OK(org_units(T, S, &township, 0, "澄川", 100, &list, &n));
    assert_int_equal(n, 0);
    CITY_OK(org_units(T, S, &housing, 0, "珩佑", 100, &list, &n));
    assert_int_equal(n, 0);
}

static void
people_are_found_within_scope(void **state)
{
    struct city *c = *state;
    struct scope safety = scope_of(c, city_who.safety),
                 township = scope_of(c, city_who.township_person);
    struct org_person *list;
    size_t n;

    CITY_OK(org_people(T, S, &safety, city_who.firm, NULL, 100, &list, &n));
    assert_int_equal(n, 3);
    CITY_OK(org_people(T, S, &safety, city_who.firm2, NULL, 100, &list, &n));
    assert_int_equal(n, 0);
    CITY_OK(org_people(T, S, &township, 0, "宗屹", 100, &list, &n));
    assert_int_equal(n, 1);
    assert_string_equal(list[0].name, "宗屹川");
}

/* ---- several posts, dated ---- */

static void
a_person_with_several_posts_has_the_keys_of_all(void **state)
{
    struct city *c = *state;
    struct scope s;

    (void)add_post(c, city_who.grid, city_who.township2, "grid", -10, 0);
    s = scope_of(c, city_who.grid);
    assert_int_equal(s.n_areas, 2);
    assert_int_equal(s.n_units, 2);
    assert_true(has_key(&s, org_key(ORG_KEY_PLACE, city_who.town, 0, 0)));
    assert_true(has_key(&s, org_key(ORG_KEY_PLACE, city_who.town2, 0, 0)));
    assert_true(has_key(&s, org_key(ORG_KEY_UNIT, city_who.township2, 0, 0)));
}

static void
a_post_holds_from_its_first_day_to_its_last(void **state)
{
    struct city *c = *state;
    struct org_post *posts;
    size_t n;

    (void)add_post(c, city_who.grid, city_who.township2, "grid", 2, 4);
    for (int day = 0; day < 7; day++) {
        c->t.now = c->now + day * TIME_DAY;
        CITY_OK(org_posts(T, S, city_who.grid, 0, &posts, &n));
        assert_int_equal(n, day >= 2 && day <= 4 ? 2 : 1);
    }
    /* The last day lasts until its midnight in Shanghai. */
    c->t.now = time_day_end(time_day(c->now) + 4);
    CITY_OK(org_posts(T, S, city_who.grid, 0, &posts, &n));
    assert_int_equal(n, 2);
    c->t.now++;
    CITY_OK(org_posts(T, S, city_who.grid, 0, &posts, &n));
    assert_int_equal(n, 1);
}

static void
who_has_left_every_post_sees_nothing(void **state)
{
    struct city *c = *state;
    struct org_post *posts;
    struct scope s;
    size_t n;

    CITY_OK(org_posts(T, S, city_who.clerk, 0, &posts, &n));
    posts[0].to_day = time_day(c->now) - 1;
    state_it(c, state_post, &posts[0]);
    s = scope_of(c, city_who.clerk);
    assert_int_equal(s.n_keys, 0);
    assert_int_equal(s.n_areas, 0);
}

/* More posts than the small set of keys: nothing is written past it. */
static void
more_posts_than_keys_stay_within_bounds(void **state)
{
    struct city *c = *state;
    struct scope s;

    for (int i = 0; i < 20; i++) {
        struct org_unit u = {.sort = "workshop",
                             .name = "车间",
                             .initials = "",
                             .place = city_who.town,
                             .parent = city_who.firm};

        state_it(c, state_unit, &u);
        (void)add_post(c, city_who.worker, u.id, "worker", -1, 0);
    }
    s = scope_of(c, city_who.worker);
    assert_int_equal(s.n_keys, LIMIT_KEYS);
    assert_true(has_key(&s, org_key(ORG_KEY_PERSON, city_who.worker, 0, 0)));
}

static void
a_unit_within_a_unit_ends_at_a_loop(void **state)
{
    struct city *c = *state;
    struct org_unit u;
    bool found, within;

    CITY_OK(org_unit_within(T, S, city_who.workshop, city_who.firm, &within));
    assert_true(within);
    CITY_OK(org_unit_within(T, S, city_who.firm, city_who.workshop, &within));
    assert_false(within);
    CITY_OK(org_unit(T, S, city_who.firm, &u, &found));
    u.parent = city_who.workshop;
    state_it(c, state_unit, &u);
    CITY_OK(org_unit_within(T, S, city_who.workshop, city_who.office, &within));
    assert_false(within);
}

/* ---- names are private, rows follow from the log ---- */

static void
names_of_people_stand_in_no_event(void **state)
{
    struct city *c = *state;
    struct org_person p;
    struct rows r;
    struct chain_row row;
    bool found;

    CITY_OK(org_person(T, S, city_who.safety, &p, &found));
    assert_string_equal(p.name, "钱砚禾");
    CITY_OK(chain_open_stream(T, S, &r, city_stream(T, "320205"), 1, 10000));
    while (chain_next(T, &r, &row))
        assert_null(memmem(row.bytes, row.bytes_len, "钱砚禾", strlen("钱砚禾")));
    CITY_OK(store_end(T, &r));
    city_proves(c);
}

static void
accounts_are_signed_in_by_password_alone(void **state)
{
    struct city *c = *state;
    struct org_session session;
    const char *token;
    int64_t expires;

    CITY_OK(store_begin(T, S));
    CITY_OK(org_account_make(T, S, "qian", city_who.safety, "correct horse"));
    CITY_OK(store_commit(T, S));
    CITY_OK(org_sign_in(T, S, "qian", "correct horse", "10.0.0.1", &session));
    assert_int_equal(session.person, city_who.safety);
    assert_int_equal(org_sign_in(T, S, "qian", "wrong horse", "10.0.0.1", &session), FAULT_SIGN_IN);
    fault_clear(T);
    assert_int_equal(org_sign_in(T, S, "nobody", "correct horse", "10.0.0.1", &session),
                     FAULT_SIGN_IN);
    fault_clear(T);
    CITY_OK(store_begin(T, S));
    CITY_OK(org_token_make(T, S, "qian", "session", 12, &token, &expires));
    CITY_OK(store_commit(T, S));
    assert_int_equal(expires, T->now + 12 * TIME_HOUR);
    CITY_OK(org_token_check(T, S, token, &session));
    assert_string_equal(session.account, "qian");
    T->now = expires + 1;
    assert_int_equal(org_token_check(T, S, token, &session), FAULT_SIGN_IN);
    fault_clear(T);
    T->now = c->now;
    CITY_OK(org_token_end(T, S, token));
    assert_int_equal(org_token_check(T, S, token, &session), FAULT_SIGN_IN);
}

static void
a_pair_that_guesses_is_slowed_and_another_address_is_not(void **state)
{
    struct city *c = *state;
    struct org_session session;

    CITY_OK(store_begin(T, S));
    CITY_OK(org_account_make(T, S, "qian", city_who.safety, "correct horse"));
    for (int i = 0; i < LIMIT_TRIES; i++)
        CITY_OK(org_sign_in_note(T, S, "qian", "10.0.0.1", false));
    CITY_OK(store_commit(T, S));
    assert_int_equal(org_sign_in(T, S, "qian", "correct horse", "10.0.0.1", &session), FAULT_BUSY);
    fault_clear(T);
    CITY_OK(org_sign_in(T, S, "qian", "correct horse", "10.0.0.2", &session));
    T->now += 2 * TIME_HOUR;
    CITY_OK(org_sign_in(T, S, "qian", "correct horse", "10.0.0.1", &session));
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_read_strictly),
        CASE(the_tree_from_village_to_nation),
        CASE(covering_is_downwards_only),
        CASE(codes_are_read_in_any_of_their_lengths),
        CASE(places_are_found_by_name_initials_and_code),
        CASE(a_merged_township_keeps_its_history),
        CASE(nodes_that_add_up_to_a_place),
        CASE(offices_and_uppers),
        CASE(supervisors_follow_line_and_territory),
        CASE(relations_between_units),
        CASE(clock_and_rule_stand_in_no_relation),
        CASE(each_role_has_its_keys),
        CASE(an_auditor_has_no_key_to_content),
        cmocka_unit_test(keys_of_different_sorts_never_meet),
        CASE(places_and_units_seen_by_whom),
        CASE(people_are_found_within_scope),
        CASE(a_person_with_several_posts_has_the_keys_of_all),
        CASE(a_post_holds_from_its_first_day_to_its_last),
        CASE(who_has_left_every_post_sees_nothing),
        CASE(more_posts_than_keys_stay_within_bounds),
        CASE(a_unit_within_a_unit_ends_at_a_loop),
        CASE(names_of_people_stand_in_no_event),
        CASE(accounts_are_signed_in_by_password_alone),
        CASE(a_pair_that_guesses_is_slowed_and_another_address_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
