/* SPDX-License-Identifier: Apache-2.0 */
/* test_record_act.c - counted acts of the hazard, order of checks, first answers, nobody ends what
 * he owed. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

/* ---- test/definitions/acts/hazard.json ---- */

static int64_t
person_of(const char *account)
{
    const struct {
        const char *account;
        int64_t person;
    } list[] = {{"officer", W.officer}, {"bureau", W.bureau_person},     {"firm", W.safety},
                {"boss", W.boss},       {"township", W.township_person}, {"grid", W.grid},
                {"shop", W.keeper}};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(list[i].account, account) == 0)
            return list[i].person;
    fail_msg("no account %s", account);
    return 0;
}

static struct json *
filled_text(struct city *c, const char *text)
{
    struct arena *a = c->t.arena;
    const char *dot = strchr(text, '.');

    if (text[0] != '@')
        return json_str(a, text);
    if (text_starts(text, "@today"))
        return json_str(a, time_day_text(a, time_day(c->now) + atoi(text + 6)));
    if (strcmp(text, "@photo") == 0)
        return json_str(a, city_photo(c, W.safety, 1));
    if (strcmp(text, "@photo2") == 0)
        return json_str(a, city_photo(c, W.safety, 2));
    if (strcmp(text, "@paper") == 0)
        return json_str(a, city_photo(c, W.safety, 9));
    if (dot)
        return json_str(a, org_id_text(a, 'u', text_starts(text, "@shop") ? W.shop : W.firm));
    return json_str(a, org_id_text(a, 'p', person_of(text + 1)));
}

static struct json *
filled(struct city *c, const struct json *v)
{
    struct arena *a = c->t.arena;
    struct json *out;

    if (json_is(v, JSON_OBJECT)) {
        out = json_object(a);
        for (size_t i = 0; i < v->object.n; i++)
            json_set(a, out, v->object.at[i].name, filled(c, v->object.at[i].value));
        return out;
    }
    if (json_is(v, JSON_ARRAY)) {
        out = json_array(a);
        for (size_t i = 0; i < json_count(v); i++)
            json_push(a, out, filled(c, json_at(v, i)));
        return out;
    }
    return json_is(v, JSON_STRING) ? filled_text(c, json_text(v)) : (struct json *)(uintptr_t)v;
}

/* Photographs are usable by who sent them: everybody in the test has sent these. */
static void
send_photos(struct city *c, int64_t person)
{
    for (unsigned shade = 1; shade < 10; shade++)
        if (shade < 3 || shade == 9)
            (void)city_photo(c, person, shade);
}

static enum fault_code
act(struct city *c, const struct json *one, const char *id)
{
    int64_t person = person_of(json_text_of(one, "as"));
    struct json *fields;

    send_photos(c, person);
    fields = filled(c, json_get(one, "fields"));
    if (json_text_of(one, "create"))
        return city_create(c, person, json_text_of(one, "create"), CITY_TOWN, fields);
    return city_step(c, person, id, json_text_of(one, "step"), fields);
}

/* Makes the first `n` acts of a case and compares the states; the record's id. */
static const char *
play(struct city *c, const struct json *one, size_t n)
{
    const struct json *acts = json_get(one, "acts"), *states = json_get(one, "states");
    const char *id = NULL;

    for (size_t i = 0; i < n; i++) {
        enum fault_code rc = act(c, json_at(acts, i), id);

        if (rc) {
            for (unsigned k = 0; k < c->t.fault.n_items; k++)
                print_error("%s %s\n", c->t.fault.items[k].pointer, c->t.fault.items[k].en);
            fail_msg("%s: act %zu is refused (%s)", json_text_of(one, "case"), i + 1,
                     fault_name(rc));
        }
        id = arena_text(c->t.arena, c->last);
        if (strcmp(city_state(c, id), json_text(json_at(states, i))) != 0)
            fail_msg("%s: after act %zu it is %s", json_text_of(one, "case"), i + 1,
                     city_state(c, id));
    }
    return id;
}

static struct json *
acts_file(struct city *c)
{
    size_t n;
    const char *bytes = city_file(T, "test/definitions/acts/hazard.json", &n);
    struct json *out;

    CITY_OK(json_read(T, bytes, n, &out));
    return out;
}

static void
counted_acts_of_the_hazard(void **state)
{
    struct city *c = *state;
    const struct json *cases = json_get(acts_file(c), "cases");

    assert_int_equal(json_count(cases), 8);
    for (size_t i = 0; i < json_count(cases); i++) {
        const struct json *one = json_at(cases, i);
        size_t n = json_count(json_get(one, "acts"));

        assert_int_equal(n, json_int_of(one, "counted", 0));
        (void)play(c, one, n);
    }
    assert_int_equal(city_figure(c, W.clerk, "hazard_closed", "place=320205"), json_count(cases));
    /* Those mended on the spot are counted apart. */
    assert_int_equal(city_figure(c, W.clerk, "hazard_on_spot", "place=320205"), 3);
    assert_int_equal(city_figure(c, W.clerk, "hazard_closed_timed", "place=320205"),
                     json_count(cases) - 3);
    city_proves(c);
}

static enum fault_code
fault_of_status(int64_t status)
{
    return status == 403   ? FAULT_RIGHT
           : status == 404 ? FAULT_ABSENT
           : status == 409 ? FAULT_STATE
           : status == 422 ? FAULT_INPUT
                           : FAULT_NONE;
}

static const struct json *
case_named(const struct json *cases, const char *name, size_t len)
{
    for (size_t i = 0; i < json_count(cases); i++)
        if (strlen(json_text_of(json_at(cases, i), "case")) == len &&
            strncmp(json_text_of(json_at(cases, i), "case"), name, len) == 0)
            return json_at(cases, i);
    fail_msg("no case %s", name);
    return NULL;
}

static int64_t
events(struct city *c)
{
    int64_t n = 0;
    bool found;

    CITY_OK(store_one_int(T, S, &n, &found, "SELECT count(*) FROM chain_event", ""));
    return n;
}

static void
refused_acts_leave_nothing_behind(void **state)
{
    struct city *c = *state;
    const struct json *file = acts_file(c), *refusals = json_get(file, "refusals");

    for (size_t i = 0; i < json_count(refusals); i++) {
        const struct json *one = json_at(refusals, i);
        const char *after = json_text_of(one, "after"), *at = strchr(after, '@'), *id = NULL;
        enum fault_code want = fault_of_status(json_int_of(one, "status", 0)), rc;
        int64_t before;

        if (at)
            id = play(c, case_named(json_get(file, "cases"), after, (size_t)(at - after)),
                      (size_t)atoi(at + 1));
        send_photos(c, person_of(json_text_of(json_get(one, "act"), "as")));
        before = events(c);
        rc = act(c, json_get(one, "act"), id);
        if (rc != want)
            fail_msg("%s: %s, not %s", json_text_of(one, "refused"), fault_name(rc),
                     fault_name(want));
        assert_true(c->t.fault.n_items >= 1);
        fault_clear(T);
        assert_int_equal(events(c), before);
    }
    city_proves(c);
}

/* ---- order of checks: 404, idempotency, 428, 412, 409, 403, 422 ---- */

static void
each_check_comes_before_the_next(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    struct json *bad = city_fields(c, "{'result':5}");

    /* 404: another county's inspector, whatever else is wrong. */
    c->no_match = true;
    CITY_REFUSED(FAULT_ABSENT, city_step(c, W.officer2, id, "apply", bad));
    c->no_match = true;
    CITY_REFUSED(FAULT_ABSENT, city_step(c, W.officer, id, "no_such_step", bad));
    c->no_match = true;
    CITY_REFUSED(FAULT_ABSENT, city_step(c, W.officer, id, "create", bad));
    CITY_REFUSED(FAULT_ABSENT, city_step(c, W.officer, "00000000000000ZZ", "apply", bad));
    /* 428 before the wrong state, right and fields. */
    c->no_match = true;
    CITY_REFUSED(FAULT_CONDITION, city_step(c, W.boss, id, "verify", bad));
    /* 412 before the same. */
    c->match = "\"99\"";
    CITY_REFUSED(FAULT_REVISION, city_step(c, W.boss, id, "verify", bad));
    c->match = "*";
    CITY_REFUSED(FAULT_REVISION, city_step(c, W.boss, id, "verify", bad));
    /* 409 before right and fields. */
    CITY_REFUSED(FAULT_STATE, city_step(c, W.boss, id, "verify", bad));
    /* 403 before fields. */
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.officer, id, "apply", bad));
    /* 422 last. */
    CITY_REFUSED(FAULT_INPUT, city_step(c, W.safety, id, "apply", bad));
    assert_true(city_points(c, "/fields/result"));
    assert_string_equal(city_state(c, id), "rectifying");
}

static void
a_field_the_step_does_not_ask_is_refused_at_its_name(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10), *photo = city_photo(c, W.safety, 4);

    CITY_REFUSED(FAULT_INPUT,
                 city_step(c, W.safety, id, "apply",
                           city_fields(c, "{'result':'好了','after_photos':['%s'],'level':'major'}",
                                       photo)));
    assert_true(city_points(c, "/fields/level"));
    CITY_REFUSED(
        FAULT_INPUT,
        city_step(c, W.safety, id, "apply",
                  city_fields(c, "{'result':'好了','after_photos':['%s'],'nonsense':1}", photo)));
    assert_true(city_points(c, "/fields/nonsense"));
}

static void
a_condition_that_fails_names_the_fields_it_compares(void **state)
{
    struct city *c = *state;

    CITY_REFUSED(
        FAULT_INPUT,
        city_create(
            c, W.officer, "hazard", CITY_TOWN,
            city_fields(c,
                        "{'enterprise':'u%lld','source':'inspector','found_on':'2026-11-23',"
                        "'level':'general','description':'配电箱无门','owner_person':'p%lld',"
                        "'measures':'更换箱门','deadline':'2026-11-20'}",
                        (long long)W.firm, (long long)W.safety)));
    assert_true(city_points(c, "/fields/deadline"));
    assert_false(city_points(c, "/fields/enterprise"));
    CITY_REFUSED(
        FAULT_INPUT,
        city_create(
            c, W.officer, "hazard", CITY_TOWN,
            city_fields(c,
                        "{'enterprise':'u%lld','source':'inspector','found_on':'2026-11-23',"
                        "'level':'major','description':'配电箱无门'}",
                        (long long)W.firm)));
    assert_true(city_points(c, "/fields/clause"));
    assert_int_equal(c->t.fault.n_items, 1);
}

/* Values that are sent cannot widen the right that is asked before them. */
static void
a_sent_field_gives_no_right(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);

    city_apply(c, W.safety, id);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.township_person, id, "verify",
                                        city_fields(c, "{'opinion':'合格','orderer':'u%lld'}",
                                                    (long long)W.township)));
    assert_string_equal(city_state(c, id), "applied");
}

static void
a_place_or_unit_out_of_scope_is_like_one_that_never_was(void **state)
{
    struct city *c = *state;
    const char *day = time_day_text(c->t.arena, time_day(c->now));
    const char *never, *hidden;

    CITY_REFUSED(FAULT_INPUT, city_create(c, W.officer, "hazard", "320206001000",
                                          city_fields(c,
                                                      "{'enterprise':'u%lld','source':'inspector',"
                                                      "'found_on':'%s','description':'无防护罩'}",
                                                      (long long)W.firm, day)));
    hidden = arena_text(c->t.arena, c->t.fault.items[0].en);
    assert_true(city_points(c, "/place"));
    CITY_REFUSED(FAULT_INPUT,
                 city_create(c, W.officer, "hazard", "990206001000", city_fields(c, "{}")));
    assert_string_equal(hidden, c->t.fault.items[0].en);
    CITY_REFUSED(FAULT_INPUT, city_create(c, W.officer, "hazard", CITY_TOWN,
                                          city_fields(c,
                                                      "{'enterprise':'u%lld','source':'inspector',"
                                                      "'found_on':'%s','description':'无防护罩'}",
                                                      (long long)W.firm2, day)));
    assert_true(city_points(c, "/fields/enterprise"));
    hidden = arena_text(c->t.arena, c->t.fault.items[0].en);
    CITY_REFUSED(FAULT_INPUT,
                 city_create(c, W.officer, "hazard", CITY_TOWN,
                             city_fields(c,
                                         "{'enterprise':'u999999999','source':'inspector',"
                                         "'found_on':'%s','description':'无防护罩'}",
                                         day)));
    never = c->t.fault.items[0].en;
    assert_string_equal(hidden, never);
}

static void
a_kind_no_post_may_create_is_a_matter_of_right(void **state)
{
    struct city *c = *state;

    CITY_REFUSED(FAULT_RIGHT,
                 city_create(c, W.auditor, "hazard", CITY_TOWN, city_fields(c, "{'x':1}")));
    CITY_REFUSED(FAULT_RIGHT, city_create(c, W.grid, "suggestion", "990000", city_fields(c, "{}")));
    CITY_REFUSED(FAULT_RIGHT, city_create(c, W.safety, "opinion", CITY_TOWN, city_fields(c, "{}")));
    CITY_REFUSED(FAULT_INPUT,
                 city_create(c, W.safety, "no_such_kind", CITY_TOWN, city_fields(c, "{}")));
    assert_true(city_points(c, "/kind"));
}

/* ---- first answers again ---- */

static void
a_repeated_creation_gives_the_first_answer_and_one_record(void **state)
{
    struct city *c = *state;
    const char *day = time_day_text(c->t.arena, time_day(c->now));
    struct json *fields =
        city_fields(c, "{'enterprise':'u%lld','topic':'equipment','idea':'加一盏灯，夜里看得清'}",
                    (long long)W.firm);
    const char *first, *answer;
    int64_t before;

    (void)day;
    c->key = "k-1";
    CITY_CREATE(W.worker, "suggestion", CITY_TOWN,
                city_fields(c, "{'enterprise':'u%lld','topic':'equipment','idea':'换一把椅子'}",
                            (long long)W.workshop));
    c->key = "k-1";
    CITY_CREATE(W.safety, "suggestion", CITY_TOWN, fields); /* another account: another key */
    first = arena_text(c->t.arena, c->last);
    answer = json_string(c->t.arena, c->body);
    before = events(c);
    city_tick_on(c, 3 * TIME_DAY);
    c->key = "k-1";
    CITY_CREATE(W.safety, "suggestion", CITY_TOWN, fields);
    assert_string_equal(c->last, first);
    assert_string_equal(json_string(c->t.arena, c->body), answer);
    assert_int_equal(events(c), before);
    c->key = "k-1";
    CITY_REFUSED(
        FAULT_INPUT,
        city_create(c, W.safety, "suggestion", CITY_TOWN,
                    city_fields(c, "{'enterprise':'u%lld','topic':'equipment','idea':'别的主意'}",
                                (long long)W.firm)));
    assert_true(city_points(c, "/Idempotency-Key"));
}

static enum fault_code
change_role(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    struct org_post *posts;
    int32_t day = time_day(t->now);
    size_t n;

    (void)who;
    city_ok(t, org_posts(t, s, W.safety, 0, &posts, &n), "org_posts", __FILE__, __LINE__);
    posts[0].to_day = day - 1;
    city_ok(t, org_state_post(&w, &posts[0]), "the post ends", __FILE__, __LINE__);
    (void)city_post(&w, W.safety, W.firm, "landlord", day, 0);
    return FAULT_NONE;
}

/* Order of checks: the key is looked up before the right. */
static void
a_repeated_creation_is_answered_though_the_right_has_gone(void **state)
{
    struct city *c = *state;
    struct json *fields =
        city_fields(c, "{'enterprise':'u%lld','topic':'equipment','idea':'加一盏灯，夜里看得清'}",
                    (long long)W.firm);
    const char *first;
    int64_t before;

    c->key = "role-1";
    CITY_CREATE(W.safety, "suggestion", CITY_TOWN, fields);
    first = arena_text(c->t.arena, c->last);
    CITY_OK(desk_write(&c->t, c->desk, city_stream(&c->t, "320205"), change_role, NULL));
    before = events(c);
    CITY_REFUSED(FAULT_RIGHT, city_create(c, W.safety, "suggestion", CITY_TOWN, fields));
    c->key = "role-1";
    CITY_CREATE(W.safety, "suggestion", CITY_TOWN, fields);
    assert_string_equal(c->last, first);
    assert_int_equal(events(c), before);
    c->key = "role-1";
    CITY_REFUSED(FAULT_INPUT, city_create(c, W.safety, "suggestion", CITY_TOWN, NULL));
    assert_true(city_points(c, "/Idempotency-Key"));
    /* Without a key his right comes before what is wrong with the request. */
    CITY_REFUSED(FAULT_RIGHT, city_create(c, W.safety, "suggestion", "320206", fields));
}

static void
a_repeated_step_gives_the_first_answer_though_it_has_gone_on(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10), *photo = city_photo(c, W.safety, 4), *answer;
    struct json *fields = city_fields(c, "{'result':'已整改','after_photos':['%s']}", photo);
    int revision;
    int64_t before;

    c->key = "step-1";
    CITY_STEP(W.safety, id, "apply", fields);
    answer = json_string(c->t.arena, c->body);
    revision = c->revision;
    CITY_STEP(W.officer, id, "verify", city_fields(c, "{'opinion':'现场核对合格'}"));
    before = events(c);
    /* The key is honoured before If-Match: the same request, its old revision and all. */
    c->key = "step-1";
    c->match = "\"1\"";
    CITY_STEP(W.safety, id, "apply", fields);
    assert_int_equal(c->revision, revision);
    assert_string_equal(json_string(c->t.arena, c->body), answer);
    assert_string_equal(json_text_of(c->body, "state"), "applied");
    assert_int_equal(events(c), before);
    assert_string_equal(city_state(c, id), "closed");
}

static void
a_refusal_is_not_remembered_under_a_key(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10), *photo = city_photo(c, W.safety, 4);

    c->key = "again";
    CITY_REFUSED(FAULT_INPUT,
                 city_step(c, W.safety, id, "apply", city_fields(c, "{'result':'好'}")));
    c->key = "again";
    CITY_STEP(W.safety, id, "apply",
              city_fields(c, "{'result':'已整改','after_photos':['%s']}", photo));
    assert_string_equal(city_state(c, id), "applied");
}

static void
a_key_is_forgotten_after_its_days(void **state)
{
    struct city *c = *state;
    struct json *fields = city_fields(
        c, "{'enterprise':'u%lld','topic':'equipment','idea':'加一盏灯'}", (long long)W.firm);
    const char *first;

    c->key = "old";
    CITY_CREATE(W.safety, "suggestion", CITY_TOWN, fields);
    first = arena_text(c->t.arena, c->last);
    city_tick_on(c, (LIMIT_KEY_DAYS - 1) * TIME_DAY);
    c->key = "old";
    CITY_CREATE(W.safety, "suggestion", CITY_TOWN, fields);
    assert_string_equal(c->last, first);
    city_tick_on(c, 2 * TIME_DAY);
    c->key = "old";
    CITY_CREATE(W.safety, "suggestion", CITY_TOWN, fields);
    assert_string_not_equal(c->last, first);
}

/* ---- nobody ends what he owed ---- */

static enum fault_code
give_post(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};

    return org_state_post(&w, who);
}

static int64_t
hold(struct city *c, int64_t person, int64_t unit, const char *role, int64_t from, int64_t to)
{
    struct org_post post = {
        .person = person, .unit = unit, .role = role, .from_day = from, .to_day = to};

    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), give_post, &post));
    return post.id;
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

static void
nobody_of_the_unit_that_owed_ends_it(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    struct json *opinion = city_fields(c, "{'opinion':'合格合格'}");

    city_apply(c, W.safety, id);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.safety, id, "verify", opinion));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.boss, id, "verify", opinion));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.safety, id, "verify_inside", opinion));
    CITY_STEP(W.bureau_person, id, "verify", opinion);
}

/* A second post at the bureau does not make him another person. */
static void
nor_in_a_second_post(void **state)
{
    struct city *c = *state;
    const char *id;
    int64_t post;

    post = hold(c, W.safety, W.bureau, "inspector", CITY_DAY_FROM, 0);
    id = city_hazard(c, 10);
    c->post = org_id_text(c->t.arena, 'o', post);
    city_tick_on(c, 0);
    c->post = NULL;
    {
        struct org_post *posts;
        size_t n;

        CITY_OK(org_posts(T, S, W.safety, 0, &posts, &n));
        for (size_t i = 0; i < n; i++)
            if (posts[i].unit == W.firm)
                c->post = org_id_text(c->t.arena, 'o', posts[i].id);
    }
    city_apply(c, W.safety, id);
    c->post = org_id_text(c->t.arena, 'o', post);
    CITY_REFUSED(FAULT_RIGHT,
                 city_step(c, W.safety, id, "verify", city_fields(c, "{'opinion':'合格合格'}")));
    c->post = NULL;
    assert_string_equal(city_state(c, id), "applied");
}

/* Somebody else of the firm who also holds a post at the bureau: his unit owed it. */
static void
nor_a_colleague_by_his_post_elsewhere(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    int64_t post = hold(c, W.boss, W.bureau, "inspector", CITY_DAY_FROM, 0);

    city_apply(c, W.safety, id);
    c->post = org_id_text(c->t.arena, 'o', post);
    CITY_REFUSED(FAULT_RIGHT,
                 city_step(c, W.boss, id, "verify", city_fields(c, "{'opinion':'合格合格'}")));
    c->post = NULL;
}

/* The person named responsible leaves the firm for the bureau: he owed it all the same. */
static void
nor_after_he_has_changed_sides(void **state)
{
    struct city *c = *state;
    const char *id;

    CITY_CREATE(
        W.officer, "hazard", CITY_TOWN,
        city_fields(c,
                    "{'enterprise':'u%lld','source':'inspector','found_on':'%s','level':'general',"
                    "'description':'配电箱无门','owner_person':'p%lld','measures':'更换箱门','"
                    "deadline':'%s'}",
                    (long long)W.firm, time_day_text(c->t.arena, time_day(c->now)),
                    (long long)W.boss, time_day_text(c->t.arena, time_day(c->now) + 9)));
    id = arena_text(c->t.arena, c->last);
    city_apply(c, W.safety, id);
    city_tick_on(c, TIME_DAY);
    leave(c, W.boss, W.firm);
    (void)hold(c, W.boss, W.bureau, "inspector", time_day(c->now), 0);
    CITY_REFUSED(FAULT_RIGHT,
                 city_step(c, W.boss, id, "verify", city_fields(c, "{'opinion':'合格合格'}")));
    assert_string_equal(city_state(c, id), "applied");
    CITY_STEP(W.bureau_person, id, "verify", city_fields(c, "{'opinion':'合格合格'}"));
}

static void
who_reported_it_done_does_not_verify_it_from_the_other_side(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);

    city_apply(c, W.safety, id);
    city_tick_on(c, TIME_DAY);
    leave(c, W.safety, W.firm);
    (void)hold(c, W.safety, W.bureau, "inspector", time_day(c->now), 0);
    CITY_REFUSED(FAULT_RIGHT,
                 city_step(c, W.safety, id, "verify", city_fields(c, "{'opinion':'合格合格'}")));
}

/* Self-found and general: another person inside, neither responsible nor who reported it. */
static void
inside_the_enterprise_it_is_another_person(void **state)
{
    struct city *c = *state;
    const char *id = city_own_hazard(c, W.boss, W.safety, 9);

    city_apply(c, W.boss, id);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.safety, id, "verify_inside", NULL)); /* responsible */
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.boss, id, "verify_inside", NULL));   /* reported it */
    CITY_STEP(W.mate, id, "verify_inside", NULL);
    assert_string_equal(city_state(c, id), "closed");
    city_proves(c);
}

/* After the responsible person was replaced, the first one still owed it. */
static void
a_former_responsible_person_still_owed_it(void **state)
{
    struct city *c = *state;
    const char *id = city_own_hazard(c, W.safety, W.safety, 9);
    enum fault_code rc = city_step(
        c, W.boss, id, "assign",
        city_fields(c, "{'owner_person':'p%lld','reason':'岗位调整'}", (long long)W.boss));

    if (rc)
        print_message("assign: %s %s\n", fault_name(rc), c->t.fault.items[0].en);
    assert_int_equal(rc, FAULT_NONE);
    city_apply(c, W.boss, id);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.safety, id, "verify_inside", NULL));
    CITY_STEP(W.mate, id, "verify_inside", NULL);
}

/* Ended any other way is ended too. */
static void
no_other_way_out_is_open_to_who_owed_it(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    static const char *const steps[] = {"void", "merge", "move_out", "look", "settle", "moved_out"};

    (void)hold(c, W.boss, W.office, "office", CITY_DAY_FROM, 0);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        enum fault_code rc =
            city_step(c, W.boss, id, steps[i], city_fields(c, "{'reason':'不属实不属实'}"));

        assert_true(rc == FAULT_RIGHT || rc == FAULT_STATE || rc == FAULT_ABSENT ||
                    rc == FAULT_INPUT);
        assert_string_equal(city_state(c, id), "rectifying");
    }
    c->post = NULL;
}

/* ---- rule's own steps, and things that must hold of every open record ---- */

static void
every_open_record_has_an_owner_a_desk_and_a_clock(void **state)
{
    struct city *c = *state;
    struct record r;
    const char *id = city_hazard(c, 10);

    for (int round = 0; round < 2; round++) {
        assert_true(city_read(c, id, &r));
        assert_true(r.unit != 0);
        assert_int_equal(
            json_count(json_get(r.desk, "units")) + json_count(json_get(r.desk, "persons")) > 0, 1);
        assert_true(json_count(r.clocks) > 0);
        assert_true(r.due != 0);
        if (!round)
            city_apply(c, W.safety, id);
    }
    /* Owner and desk are two things. */
    assert_int_equal(r.unit, W.firm);
    assert_int_equal(json_integer(json_at(json_get(r.desk, "units"), 0), 0), W.bureau);
    CITY_STEP(W.officer, id, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    assert_true(city_read(c, id, &r));
    assert_int_equal(json_count(json_get(r.desk, "units")), 0);
    assert_int_equal(r.due, 0);
    assert_true(r.closed != 0);
}

static void
numbers_count_up_without_gaps_though_some_are_refused(void **state)
{
    struct city *c = *state;
    struct record r;

    for (int i = 1; i <= 3; i++) {
        const char *id = city_hazard(c, 10);

        CITY_REFUSED(FAULT_INPUT,
                     city_create(c, W.officer, "hazard", CITY_TOWN,
                                 city_fields(c,
                                             "{'enterprise':'u%lld','source':'inspector',"
                                             "'found_on':'2027-01-01','description':'无防护罩'}",
                                             (long long)W.firm)));
        assert_true(city_read(c, id, &r));
        assert_string_equal(r.number, arena_format(c->t.arena, "320205-YH-2026-%06d", i));
    }
}

static void
private_values_stand_in_no_event(void **state)
{
    static const char *const words[] = {"更换箱门，导线穿管", "已整改", "核对无误批注", "钱砚禾",
                                        "现场核对合格"};
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    struct record r;
    struct rows rows;
    struct chain_row row;
    int seen = 0;

    city_apply(c, W.safety, id);
    c->comment = "核对无误批注";
    CITY_STEP(W.officer, id, "verify", city_fields(c, "{'opinion':'现场核对合格'}"));
    assert_true(city_read(c, id, &r));
    assert_string_equal(json_text_of(r.fields, "measures"), words[0]);
    assert_string_equal(json_text_of(r.fields, "opinion"), words[4]);
    CITY_OK(chain_open_stream(T, S, &rows, r.stream, 1, 10000));
    while (chain_next(T, &rows, &row))
        for (size_t i = 0; i < sizeof words / sizeof *words; i++, seen++)
            if (memmem(row.bytes, row.bytes_len, words[i], strlen(words[i])))
                fail_msg("event %lld holds %s", (long long)row.seq, words[i]);
    CITY_OK(store_end(T, &rows));
    assert_true(seen > 20);
}

/* A closed record opened again is open: no day of closing, a cycle more. */
static enum fault_code
run_reopen(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct city *c = who;
    const struct org_actor rule = {.sort = ORG_RULE};
    struct json *body = json_object(t->arena);
    struct record_act a;
    enum fault_code rc;

    json_set_str(t->arena, body, "step", "reopen");
    json_set_str(t->arena, body, "record", c->last);
    json_set(t->arena, body, "fields", city_json(t, "{'recurrence':'recurred'}"));
    record_act_begin(&a, t, s, desk_world(c->desk), tip, &rule, NULL);
    rc = record_deliver(&a, "promise:test:1", body);
    for (size_t i = 0; i < a.n_made && !rc; i++)
        rc = rollup_project(t, s, a.made[i].body, a.made[i].seq);
    return rc;
}

static void
a_record_opened_again_is_not_closed(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    struct record r;

    city_apply(c, W.safety, id);
    CITY_STEP(W.officer, id, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), run_reopen, c));
    assert_true(city_read(c, id, &r));
    assert_string_equal(city_state(c, id), "registered");
    assert_int_equal(r.cycle, 2);
    assert_int_equal(r.closed, 0);
    assert_true(r.due != 0);
    /* The same promise again changes nothing. */
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), run_reopen, c));
    assert_true(city_read(c, id, &r));
    assert_int_equal(r.cycle, 2);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=320205"), 1);
    assert_int_equal(city_figure(c, W.clerk, "hazard_recurred", "place=320205"), 1);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(counted_acts_of_the_hazard),
        CASE(refused_acts_leave_nothing_behind),
        CASE(each_check_comes_before_the_next),
        CASE(a_field_the_step_does_not_ask_is_refused_at_its_name),
        CASE(a_condition_that_fails_names_the_fields_it_compares),
        CASE(a_sent_field_gives_no_right),
        CASE(a_place_or_unit_out_of_scope_is_like_one_that_never_was),
        CASE(a_kind_no_post_may_create_is_a_matter_of_right),
        CASE(a_repeated_creation_gives_the_first_answer_and_one_record),
        CASE(a_repeated_creation_is_answered_though_the_right_has_gone),
        CASE(a_repeated_step_gives_the_first_answer_though_it_has_gone_on),
        CASE(a_refusal_is_not_remembered_under_a_key),
        CASE(a_key_is_forgotten_after_its_days),
        CASE(nobody_of_the_unit_that_owed_ends_it),
        CASE(nor_in_a_second_post),
        CASE(nor_a_colleague_by_his_post_elsewhere),
        CASE(nor_after_he_has_changed_sides),
        CASE(who_reported_it_done_does_not_verify_it_from_the_other_side),
        CASE(inside_the_enterprise_it_is_another_person),
        CASE(a_former_responsible_person_still_owed_it),
        CASE(no_other_way_out_is_open_to_who_owed_it),
        CASE(every_open_record_has_an_owner_a_desk_and_a_clock),
        CASE(numbers_count_up_without_gaps_though_some_are_refused),
        CASE(private_values_stand_in_no_event),
        CASE(a_record_opened_again_is_not_closed),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
