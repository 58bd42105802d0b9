/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kind_logic.c - the published JSONLogic suites: every case of an operator that we have gives
 * what the suite wants, or is one of test/cases/logic-apart.json and gives what that file says.
 */
#include "base/decimal.h"
#include "kind_sample.h"
#include "suite.h"

static struct task task;

static int
begin(void **state)
{
    (void)state;
    task_init(&task, 0, 1);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    task_release(&task);
    return 0;
}

/* A path of the data; the empty one is the data whole. */
static struct json *
read_data(void *who, struct task *t, const char *path)
{
    struct json *at = who;
    while (at && *path) {
        size_t len = strcspn(path, ".");
        const char *name = arena_copy(t->arena, path, len);
        path += path[len] ? len + 1 : len;
        at = json_is(at, JSON_ARRAY) ? json_at(at, strtoul(name, NULL, 10)) : json_get(at, name);
    }
    return at;
}

/* Every object of one member in a rule names an operator that we have. */
static bool
is_ours(const struct json *rule, const struct json *operators)
{
    if (json_is(rule, JSON_OBJECT) && json_count(rule) == 1) {
        bool known = false;
        for (size_t i = 0; !known && i < json_count(operators); i++)
            known = strcmp(json_text(json_at(operators, i)), rule->object.at[0].name) == 0;
        if (!known)
            return false;
    }
    for (size_t i = 0; i < json_count(rule); i++)
        if (!is_ours(json_is(rule, JSON_ARRAY) ? json_at(rule, i) : rule->object.at[i].value,
                     operators))
            return false;
    return true;
}

static bool
as_decimal(const struct json *v, struct decimal *out)
{
    if (json_is(v, JSON_INTEGER))
        *out = decimal_of(v->integer);
    else if (json_is(v, JSON_REAL))
        return decimal_of_real(v->real, out);
    else
        return json_text(v) && decimal_read(json_text(v), out);
    return true;
}

/* Results that are not whole are decimal texts here and reals in the suite. */
static bool
agree(const struct json *want, const struct json *got)
{
    struct decimal a, b;
    if (json_is(want, JSON_INTEGER) || json_is(want, JSON_REAL))
        return as_decimal(want, &a) && as_decimal(got, &b) && decimal_compare(a, b) == 0;
    if (!json_is(want, JSON_ARRAY) || !json_is(got, JSON_ARRAY))
        return json_equal(want, got);
    bool same = json_count(want) == json_count(got);
    for (size_t i = 0; same && i < json_count(want); i++)
        same = agree(json_at(want, i), json_at(got, i));
    return same;
}

/* What is said of the case at `place` in this file of the suite, or NULL: [place, case, ours, why]. */
static const struct json *
apart_of(const struct json *listed, size_t place)
{
    for (size_t i = 0; i < json_count(listed); i++)
        if (json_integer(json_at(json_at(listed, i), 0), -1) == (int64_t)place)
            return json_at(listed, i);
    return NULL;
}

/* A sound definition whose step asks this rule too is refused for the rule's own missing arguments. */
static bool
is_refused(struct json *rule)
{
    struct json *file = sample_json(&task, repair);
    struct json *step = json_at(json_get(file, "steps"), 3);
    struct kind *k = NULL;
    json_set(task.arena, step, "if", rule);
    bool told = false;
    fault_clear(&task);
    (void)load_json(&task, file, &k);
    for (unsigned i = 0; i < task.fault.n_items; i++)
        told |= text_starts(task.fault.items[i].pointer, "/steps/3/if") &&
                (strstr(task.fault.items[i].en, "argument") || strstr(task.fault.items[i].en, "two sides") ||
                 strstr(task.fault.items[i].en, "for each item"));
    fault_clear(&task);
    return told;
}

struct tally {
    size_t ran, apart, wrong;
};

/* One case. A wrong one is printed as the line that would list it. */
static void
judge(const char *file, size_t place, const struct json *c, const struct json *listed,
      struct tally *tally)
{
    struct kind_env env = {.read = read_data, .who = json_get(c, "data")};
    struct json *got = kind_eval(&task, &env, json_get(c, "rule"));
    bool same = json_get(c, "result") && agree(json_get(c, "result"), got);
    const struct json *apart = apart_of(listed, place);
    bool loads = apart && strcmp(json_text(json_at(apart, 3)), "arguments") == 0
                 && !is_refused(json_get(c, "rule"));
    tally->ran++;
    tally->apart += apart != NULL;
    if (loads)
        print_error("%s: %s loads\n", file, json_string(task.arena, json_get(c, "rule")));
    tally->wrong += loads;
    if (!apart && same)
        return;
    if (apart && !same && json_equal(json_at(apart, 2), got)
        && text_equal(json_text(json_at(apart, 1)), json_text_of(c, "description")))
        return;
    tally->wrong++;
    print_error("%s: [%zu, %s, %s, \"\"]: %s over %s wants %s%s\n", file, place,
                json_string(task.arena, json_get(c, "description")), json_string(task.arena, got),
                json_string(task.arena, json_get(c, "rule")),
                json_string(task.arena, json_get(c, "data")),
                json_get(c, "result") ? json_string(task.arena, json_get(c, "result")) : "an error",
                apart ? "; listed otherwise in test/cases/logic-apart.json" : "");
}

static void
published_cases_hold_but_for_the_listed(void **state)
{
    (void)state;
    struct json *apart = json_of_file(&task, ZHIBEN_SOURCE "/test/cases/logic-apart.json");
    struct json *files = suite_file(&task, "json-logic/suites/index.json");
    assert_non_null(apart);
    if (!files)
        return;
    struct tally all = {0};
    size_t listed = 0;
    for (size_t i = 0; i < json_count(files); i++) {
        const char *name = json_text(json_at(files, i));
        const struct json *own = json_get(json_get(apart, "cases"), name);
        struct json *cases =
            suite_file(&task, arena_format(task.arena, "json-logic/suites/%s", name));
        struct tally tally = {0};
        listed += json_count(own);
        for (size_t j = 0, place = 0; j < json_count(cases); j++) {
            const struct json *c = json_at(cases, j);
            if (!json_is(c, JSON_OBJECT))
                continue;
            if (is_ours(json_get(c, "rule"), json_get(apart, "operators")))
                judge(name, place, c, own, &tally);
            place++;
        }
        all.ran += tally.ran, all.apart += tally.apart, all.wrong += tally.wrong;
    }
    print_message("json-logic: %zu ran, %zu apart as listed, %zu wrong\n", all.ran, all.apart,
                  all.wrong);
    assert_int_equal(all.wrong, 0);
    assert_int_equal(all.apart, listed);
    assert_true(all.ran >= 940);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(published_cases_hold_but_for_the_listed, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
