/* SPDX-License-Identifier: Apache-2.0 */
/* test_desk_import.c - rows of many at once: every bad one is told, the good ones are taken, or
 * none. */
#include "city.h"

#define T (&c->t)
#define W city_who

static const char *
rows(struct city *c, const char *second)
{
    struct arena *a = c->t.arena;

    return arena_format(
        a,
        "{\"place\":\"" CITY_TOWN "\",\"fields\":{\"enterprise\":\"u%lld\",\"topic\":\"equipment\","
        "\"idea\":\"加一盏灯\"}}\n%s\n"
        "{\"place\":\"" CITY_TOWN "\",\"fields\":{\"enterprise\":\"u%lld\",\"topic\":\"process\","
        "\"idea\":\"换一把椅子\"}}\n",
        (long long)W.firm, second, (long long)W.firm);
}

static struct json *
import(struct city *c, int64_t person, const char *kind, const char *bytes, bool all)
{
    struct desk_caller caller;
    struct desk_rows in = {
        .kind = kind, .bytes = bytes, .len = strlen(bytes), .all_or_nothing = all};
    struct json *out = NULL;

    fault_clear(T);
    caller = city_caller(c, person);
    CITY_OK(desk_import(T, c->desk, city_store(c), &caller, &in, &out));
    city_tick_on(c, TIME_MINUTE);
    return out;
}

static void
good_rows_are_taken_and_bad_ones_told(void **state)
{
    struct city *c = *state;
    const char *bad =
        arena_format(c->t.arena,
                     "{\"place\":\"" CITY_TOWN "\",\"fields\":{\"enterprise\":\"u%lld\",\"topic\":"
                     "\"nonsense\",\"idea\":\"好\"}}",
                     (long long)W.firm);
    struct json *out = import(c, W.safety, "suggestion", rows(c, bad), false);
    const struct json *errors = json_get(out, "errors");
    bool topic = false, idea = false;

    assert_int_equal(json_int_of(out, "rows", 0), 3);
    assert_int_equal(json_int_of(out, "taken", 0), 2);
    assert_int_equal(json_int_of(out, "refused", 0), 1);
    for (size_t i = 0; i < json_count(errors); i++) {
        assert_int_equal(json_int_of(json_at(errors, i), "row", 0), 2);
        topic = topic || text_equal(json_text_of(json_at(errors, i), "pointer"), "/fields/topic");
        idea = idea || text_equal(json_text_of(json_at(errors, i), "pointer"), "/fields/idea");
    }
    assert_true(topic && idea);
    assert_int_equal(city_count(c, W.clerk, "kind=suggestion"), 2);
    assert_int_equal(city_figure(c, W.clerk, "suggestion_proposed", "place=320205"), 2);
    city_proves(c);
}

static void
errors_stand_in_the_order_of_the_file(void **state)
{
    struct city *c = *state;
    struct json *out = import(
        c, W.safety, "suggestion",
        rows(c, "{\"place\":\"" CITY_TOWN "\",\"fields\":{}}\nnonsense\n"
                "{\"place\":\"" CITY_TOWN "\",\"fields\":{},\"extra\":1}"),
        false);
    const struct json *errors = json_get(out, "errors");
    int64_t last = 0;

    assert_int_equal(json_int_of(out, "refused", 0), 3);
    for (size_t i = 0; i < json_count(errors); i++) {
        int64_t row = json_int_of(json_at(errors, i), "row", 0);

        assert_true(row >= last);
        last = row;
    }
    assert_int_equal(last, 4);
    assert_string_equal(json_text_of(json_at(errors, json_count(errors) - 1), "pointer"), "/extra");
}

static void
all_or_nothing_takes_nothing_where_one_is_bad(void **state)
{
    struct city *c = *state;
    struct json *out = import(c, W.safety, "suggestion",
                              rows(c, "{\"place\":\"" CITY_TOWN "\",\"fields\":{}}"), true);

    assert_int_equal(json_int_of(out, "taken", -1), 0);
    assert_true(json_count(json_get(out, "errors")) >= 1);
    assert_int_equal(city_count(c, W.clerk, "kind=suggestion"), 0);
    out = import(c, W.safety, "suggestion", rows(c, ""), true);
    assert_int_equal(json_int_of(out, "taken", 0), 2);
    assert_int_equal(city_count(c, W.clerk, "kind=suggestion"), 2);
    city_proves(c);
}

static void
an_import_gives_no_more_right_than_a_page(void **state)
{
    struct city *c = *state;
    struct desk_caller caller = city_caller(c, W.auditor);
    const char *bytes = rows(c, "");
    struct desk_rows in = {.kind = "suggestion", .bytes = bytes, .len = strlen(bytes)};
    struct json *out = NULL;
    enum fault_code rc = desk_import(T, c->desk, city_store(c), &caller, &in, &out);

    if (!rc)
        assert_int_equal(json_int_of(out, "taken", -1), 0);
    /* Another firm's worker: each row is refused like a place that never was. */
    out = import(c, W.safety2, "suggestion", bytes, false);
    assert_int_equal(json_int_of(out, "taken", -1), 0);
    assert_int_equal(json_int_of(out, "refused", -1), 2);
    assert_int_equal(city_count(c, W.clerk, "kind=suggestion"), 0);
    city_proves(c);
}

static void
rows_that_are_no_json_are_told_by_their_number(void **state)
{
    struct city *c = *state;
    struct json *out = import(c, W.safety, "suggestion", rows(c, "{\"place\": nonsense"), false);

    assert_int_equal(json_int_of(out, "taken", 0), 2);
    assert_int_equal(json_int_of(json_at(json_get(out, "errors"), 0), "row", 0), 2);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(good_rows_are_taken_and_bad_ones_told),
        CASE(errors_stand_in_the_order_of_the_file),
        CASE(all_or_nothing_takes_nothing_where_one_is_bad),
        CASE(an_import_gives_no_more_right_than_a_page),
        CASE(rows_that_are_no_json_are_told_by_their_number),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
