/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kind_eval.c - conditions: the original JSONLogic suite, exact decimals, scopes, refusals.
 */
#include "base/decimal.h"
#include "base/json.h"
#include "kind/kind.h"
#include "suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

/* Quotes are written as ' in the cases below. */
static struct json *
parse(const char *text)
{
    struct json *out = NULL;
    char *bytes = arena_text(task.arena, text);
    for (char *c = bytes; *c; c++)
        if (*c == '\'')
            *c = '"';
    assert_int_equal(json_read(&task, bytes, strlen(bytes), &out), FAULT_NONE);
    return out;
}

static struct json *
read_object(void *who, struct task *t, const char *path)
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

static const struct kind_field fields[] = {
    {.name = "loss", .type = FIELD_DECIMAL, .names = "decimal"},
    {.name = "limit", .type = FIELD_DECIMAL, .names = "money"},
    {.name = "code", .type = FIELD_TEXT},
    {.name = "parts", .type = FIELD_ARRAY},
};

static struct json *
eval_in(const struct kind *k, const char *expression, const char *record)
{
    struct kind_env env = {.kind = k, .read = read_object, .who = parse(record)};
    return kind_eval(&task, &env, parse(expression));
}

static void
gives(const char *expression, const char *record, const char *expected)
{
    static const struct kind kind = {.name = "probe", .fields = fields, .n_fields = 3};
    const char *got = json_string(task.arena, eval_in(&kind, expression, record));
    const char *want = json_string(task.arena, parse(expected));
    if (strcmp(got, want) != 0)
        print_error("%s over %s\n", expression, record);
    assert_string_equal(got, want);
}

static bool
is_number(const struct json *v)
{
    return json_is(v, JSON_INTEGER) || json_is(v, JSON_REAL);
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
    if (is_number(want))
        return as_decimal(want, &a) && as_decimal(got, &b) && decimal_compare(a, b) == 0;
    if (!json_is(want, JSON_ARRAY) || !json_is(got, JSON_ARRAY))
        return json_equal(want, got);
    bool same = json_count(want) == json_count(got);
    for (size_t i = 0; same && i < json_count(want); i++)
        same = agree(json_at(want, i), json_at(got, i));
    return same;
}

/* How many cases of a file ran; none may fail. */
static size_t
all_hold(const char *name, struct json *cases)
{
    size_t ran = 0, failed = 0;
    for (size_t i = 0; i < json_count(cases); i++) {
        struct json *c = json_at(cases, i);
        if (!json_is(c, JSON_OBJECT))
            continue;
        struct kind_env env = {.read = read_object, .who = json_get(c, "data")};
        struct json *got = kind_eval(&task, &env, json_get(c, "rule"));
        ran++;
        if (agree(json_get(c, "result"), got))
            continue;
        failed++;
        print_error("%s over %s: %s\n", json_string(task.arena, json_get(c, "rule")),
                    json_string(task.arena, json_get(c, "data")), json_string(task.arena, got));
    }
    print_message("%s: %zu ran, %zu failed\n", name, ran, failed);
    assert_int_equal(failed, 0);
    return ran;
}

static void
original_suite_holds(void **state)
{
    (void)state;
    struct json *cases = suite_file(&task, "json-logic/suites/compatible.json");
    if (cases)
        assert_true(all_hold("json-logic compatible.json", cases) >= 270);
}

/* The pages read the same file with their own evaluator: web/src/base/logic.test.ts. */
static void
the_pages_and_the_server_agree(void **state)
{
    (void)state;
    struct json *cases = json_of_file(&task, ZHIBEN_SOURCE "/test/cases/conditions.json");
    assert_true(all_hold("conditions.json", cases) >= 30);
}

static void
decimals_compare_as_numbers(void **state)
{
    (void)state;
    const char *record = "{'loss':'1200.5','limit':'900','code':'1200.5','other':'900'}";
    gives("{'>=':[{'var':'loss'},{'var':'limit'}]}", record, "true");
    /* The same digits in fields that are text compare by characters. */
    gives("{'>=':[{'var':'code'},{'var':'other'}]}", record, "false");
    gives("{'<':[{'var':'loss'},1200.51]}", record, "true");
    gives("{'==':[{'var':'loss'},'1200.50']}", record, "true");
    gives("{'===':[{'var':'loss'},{'+':['1200','0.5']}]}", record, "true");
    gives("{'==':[{'var':'code'},'1200.50']}", record, "false");
    gives("{'>':[{'var':'old.loss'},{'var':'limit'}]}", "{'old':{'loss':'1000'},'limit':'999'}",
          "true");
    gives("{'<':[{'var':'total.a'},{'var':'total.b'}]}", "{'total':{'a':'9.5','b':'10.5'}}",
          "true");
    gives("{'!':{'var':'loss'}}", "{'loss':'0.00'}", "true");
    gives("{'in':[{'var':'loss'},['1200.5000']]}", record, "true");
    gives("{'<':[{'/':[1,3]},{'/':[10,3]}]}", "{}", "true");
}

static void
arithmetic_is_exact(void **state)
{
    (void)state;
    gives("{'+':[0.1,0.2]}", "{}", "'0.3'");
    gives("{'==':[{'+':[0.1,0.2]},0.3]}", "{}", "true");
    gives("{'+':['0.1','0.9']}", "{}", "1");
    gives("{'*':['1.10',3]}", "{}", "'3.3'");
    gives("{'/':[1,3]}", "{}", "'0.333333333333'");
    gives("{'-':['5.5','2']}", "{}", "'3.5'");
    gives("{'%':['5.5','2']}", "{}", "'1.5'");
    gives("{'max':['9.5','10.25']}", "{}", "'10.25'");
    gives("{'+':[9007199254740991,1]}", "{}", "'9007199254740992'");
}

static void
what_cannot_be_computed_is_null(void **state)
{
    (void)state;
    gives("{'/':[1,0]}", "{}", "null");
    gives("{'%':[1,0]}", "{}", "null");
    gives("{'+':[{'var':'absent'},1]}", "{}", "null");
    gives("{'-':[{'var':'absent'},1]}", "{}", "null");
    gives("{'max':[{'var':'absent'},1]}", "{}", "null");
    gives("{'+':['apple',1]}", "{}", "null");
    gives("{'*':['99999999999999999999999999999999999999','99']}", "{}", "null");
    gives("{'log':'apple'}", "{}", "null");
    gives("{'var':'a.b.c'}", "{'a':7}", "null");
    gives("{'substr':[]}", "{}", "'null'");
}

static void
dates_and_between(void **state)
{
    (void)state;
    const char *record = "{'deadline':'2026-12-01','old':{'deadline':'2026-11-21'}}";
    gives("{'>':[{'var':'deadline'},{'var':'old.deadline'}]}", record, "true");
    gives("{'<=':['2026-01-01',{'var':'deadline'},'2026-12-01']}", record, "true");
    gives("{'<':['2026-01-01',{'var':'deadline'},'2026-12-01']}", record, "false");
    gives("{'>=':[3,2,2]}", record, "true");
    gives("{'>':[3,2,2]}", record, "false");
}

static void
as_javascript_otherwise(void **state)
{
    (void)state;
    gives("{'==':[null,0]}", "{}", "false");
    gives("{'==':[null,false]}", "{}", "false");
    gives("{'==':[{'var':'absent'},null]}", "{}", "true");
    gives("{'==':[true,1]}", "{}", "true");
    gives("{'==':['',0]}", "{}", "true");
    gives("{'==':['1e2',100]}", "{}", "true");
    gives("{'<':['apple',1]}", "{}", "false");
    gives("{'>=':['apple',1]}", "{}", "false");
    gives("{'==':[[1,2],'1,2']}", "{}", "true");
    gives("{'==':[[1,2],[1,2]]}", "{}", "true");
    gives("{'cat':['安全',1,null,[2,3],true]}", "{}", "'安全12,3true'");
    gives("{'substr':['安全生产',2]}", "{}", "'生产'");
    gives("{'substr':['安全生产',0,-3]}", "{}", "'安'");
    gives("{'substr':['安全生产',-9,99]}", "{}", "'安全生产'");
    gives("{'in':['全生','安全生产']}", "{}", "true");
}

static void
items_are_all_a_scope_reads(void **state)
{
    (void)state;
    const char *record = "{'parts':[{'weight':'0.25'},{'weight':'0.75'}],'level':'major'}";
    gives("{'reduce':[{'var':'parts'},{'+':[{'var':'accumulator'},{'var':'current.weight'}]},0]}",
          record, "1");
    gives("{'map':[{'var':'parts'},{'var':'level'}]}", record, "[null,null]");
    gives("{'filter':[{'var':'parts'},{'>':[{'var':'weight'},0.5]}]}", record,
          "[{'weight':'0.75'}]");
    gives("{'map':[[1,2],{'map':[[3,4],{'var':''}]}]}", record, "[[3,4],[3,4]]");
    gives("{'reduce':[[1,2],{'var':'other'},0]}", record, "null");
}

static void
items_of_a_field_keep_its_types(void **state)
{
    (void)state;
    struct kind_field array = {.name = "parts",
                               .type = FIELD_ARRAY,
                               .schema =
                                   parse("{'items':{'properties':{'low':{'x-field':'decimal'},"
                                         "'high':{'x-field':'money'},'name':{'type':'string'}}}}")};
    struct kind kind = {.name = "probe", .fields = &array, .n_fields = 1};
    const char *record = "{'parts':[{'low':'9','high':'10','name':'9','other':'10'}]}";
    const char *numbers = "{'all':[{'var':'parts'},{'<':[{'var':'low'},{'var':'high'}]}]}";
    const char *texts = "{'all':[{'var':'parts'},{'<':[{'var':'name'},{'var':'other'}]}]}";
    assert_true(kind_true(eval_in(&kind, numbers, record)));
    assert_false(kind_true(eval_in(&kind, texts, record)));
    assert_true(
        kind_true(eval_in(&kind, "{'<':[{'var':'parts.0.low'},{'var':'parts.0.high'}]}", record)));
    assert_true(kind_true(eval_in(
        &kind,
        "{'reduce':[{'var':'parts'},{'<':[{'var':'current.low'},{'var':'current.high'}]},0]}",
        record)));
}

static void
literals_stay(void **state)
{
    (void)state;
    gives("{'unknown':[1,2]}", "{}", "{'unknown':[1,2]}");
    gives("{'var':'a','cat':'b'}", "{'a':1}", "{'var':'a','cat':'b'}");
    gives("[{'var':'a'},{'from':{'var':'a'}}]", "{'a':1}", "[1,{'from':{'var':'a'}}]");
}

static size_t
missing_in(const char *expression, const char *record, const char **names, size_t room)
{
    struct kind_env env = {.read = read_object, .who = parse(record)};
    return kind_missing(&task, &env, parse(expression), names, room);
}

static void
missing_names_are_listed(void **state)
{
    (void)state;
    const char *names[4];
    const char *guard =
        "{'and':[{'!':{'missing':['a','b']}},{'!':{'missing':['b','c']}},"
        "{'if':[{'==':[{'var':'level'},'major']},{'!':{'missing':['money']}},true]}]}";
    assert_int_equal(missing_in(guard, "{'a':1}", names, 4), 2);
    assert_string_equal(names[0], "b");
    assert_string_equal(names[1], "c");
    /* A branch that is not taken asks for nothing. */
    assert_int_equal(missing_in(guard, "{'a':1,'b':1,'c':1,'level':'general'}", names, 4), 0);
    assert_int_equal(missing_in(guard, "{'a':1,'b':1,'c':1,'level':'major'}", names, 4), 1);
    assert_string_equal(names[0], "money");
    assert_int_equal(missing_in(guard, "{'level':'major'}", names, 2), 2);
    assert_int_equal(missing_in("{'missing_some':[1,['a','b']]}", "{}", names, 4), 2);
    assert_int_equal(missing_in("{'missing_some':[1,['a','b']]}", "{'b':''}", names, 4), 2);
    assert_int_equal(missing_in("{'missing_some':[1,['a','b']]}", "{'b':0}", names, 4), 0);
}

static void
what_is_read_is_known(void **state)
{
    (void)state;
    assert_true(kind_reads(parse("{'>':[{'var':['total.open',0]},1]}"), "total."));
    assert_true(kind_reads(parse("{'and':[true,{'!':{'missing':['total.open']}}]}"), "total."));
    assert_true(kind_reads(parse("{'missing_some':[1,['a','today']]}"), "today"));
    assert_true(kind_reads(parse("[1,{'var':'today'}]"), "today"));
    assert_true(kind_reads(parse("{'var':['a',{'var':'today'}]}"), "today"));
    assert_true(kind_reads(parse("{'var':{'if':[{'var':'a'},'today','b']}}"), "today"));
    assert_false(kind_reads(parse("{'==':[{'var':'a'},'today']}"), "today"));
    assert_false(kind_reads(parse("{'map':[{'var':'a'},{'var':'today'}]}"), "today"));
    assert_true(kind_reads(parse("{'map':[{'var':'today'},1]}"), "today"));
    assert_false(kind_reads(parse("{'one':1,'var':'today'}"), "today"));
    assert_false(kind_reads(NULL, "today"));
}

static void
too_much_work_is_null(void **state)
{
    (void)state;
    struct json *many = json_array(task.arena), *record = json_object(task.arena);
    for (int i = 0; i < 3000; i++)
        json_push(task.arena, many, json_int(task.arena, i));
    json_set(task.arena, record, "many", many);
    struct kind_env env = {.read = read_object, .who = record};
    /* Each text of the sum is copied again: 3000² characters. Negated, so that giving up shows. */
    struct json *e =
        parse("{'!':{'==':['x',{'reduce':[{'var':'many'},{'cat':[{'var':'accumulator'},"
              "{'var':'current'}]},'']}]}}");
    assert_true(json_is_null(kind_eval(&task, &env, e)));
    assert_false(kind_true(kind_eval(&task, &env, e)));
    struct json *deep = json_bool(task.arena, true);
    for (int i = 0; i < 2 * LIMIT_JSON_DEPTH; i++)
        deep = json_set(task.arena, json_object(task.arena), "!", deep);
    assert_true(json_is_null(kind_eval(&task, &env, deep)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(original_suite_holds, begin, end),
        cmocka_unit_test_setup_teardown(the_pages_and_the_server_agree, begin, end),
        cmocka_unit_test_setup_teardown(decimals_compare_as_numbers, begin, end),
        cmocka_unit_test_setup_teardown(arithmetic_is_exact, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_computed_is_null, begin, end),
        cmocka_unit_test_setup_teardown(dates_and_between, begin, end),
        cmocka_unit_test_setup_teardown(as_javascript_otherwise, begin, end),
        cmocka_unit_test_setup_teardown(items_are_all_a_scope_reads, begin, end),
        cmocka_unit_test_setup_teardown(items_of_a_field_keep_its_types, begin, end),
        cmocka_unit_test_setup_teardown(literals_stay, begin, end),
        cmocka_unit_test_setup_teardown(missing_names_are_listed, begin, end),
        cmocka_unit_test_setup_teardown(what_is_read_is_known, begin, end),
        cmocka_unit_test_setup_teardown(too_much_work_is_null, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
