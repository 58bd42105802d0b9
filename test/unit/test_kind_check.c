/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kind_check.c - what was sent for a step: taken, refused, and asked on.
 */
#include "kind_sample.h"


static struct kind *
sample_kind(struct task *t)
{
    struct json *file = sample_json(t, repair);
    spoil(t, file, "/fields/properties/often",
          "{'title':'频次 | How often','type':'string','x-field':'duration'}");
    spoil(t, file, "/fields/properties/query",
          "{'title':'查询 | Query','type':'object','x-field':'find'}");
    spoil(t, file, "/fields/properties/formula",
          "{'title':'公式 | Formula','type':'object','x-field':'logic'}");
    spoil(t, file, "/fields/properties/sort",
          "{'title':'类型 | Sort','type':'string','x-field':'code:sorts'}");
    spoil(t, file, "/steps/1/ask",
          "['photos!','reason','deadline','money','parts','often','query','formula','sort']");
    return load_sound(t, file);
}

static enum fault_code
check(struct task *t, struct kind *k, const char *step, const char *have, const char *fields,
      struct checked *out)
{
    return kind_check(t, k, kind_step(k, step), have ? sample_json(t, have) : NULL,
                      fields ? sample_json(t, fields) : NULL, out);
}

static const char created[] =
    "{'enterprise':'U1','found_on':'2026-11-21','description':'消防通道堵塞'}";

static void
test_what_holds_is_taken(void **state)
{
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "create", NULL, created, &out), FAULT_NONE);
    assert_ptr_equal(out.kind, k);
    assert_string_equal(out.step->name, "create");
    assert_int_equal(json_count(out.fields), 3);
    assert_int_equal(out.n_refs, 1);
    assert_string_equal(out.refs[0].pointer, "/fields/enterprise");
    assert_string_equal(out.refs[0].names, "unit");
    assert_string_equal(out.refs[0].id, "U1");
}

static void
test_every_problem_is_told(void **state)
{
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "create", NULL,
                           "{'enterprise':'U1','found_on':'2026-02-30','level':'grave',"
                           "'colour':'red'}", &out), FAULT_INPUT);
    assert_null(out.fields);
    assert_refused(t, "/fields/colour", "takes no field");
    assert_refused(t, "/fields/description", "must be given");
    assert_refused(t, "/fields/found_on", "");
    assert_refused(t, "/fields/level", "");
    assert_int_equal(t->fault.n_items, 4);
}

static void
test_field_of_another_step_is_unknown(void **state)
{
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "verify", NULL, "{'reason':'好的好的'}", &out), FAULT_INPUT);
    assert_refused(t, "/fields/reason", "takes no field");
}

static void
test_nothing_sent_is_an_empty_object(void **state)
{
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "verify", NULL, NULL, &out), FAULT_NONE);
    assert_int_equal(json_count(out.fields), 0);
    assert_int_equal(check(t, k, "verify", NULL, "[]", &out), FAULT_INPUT);
    assert_refused(t, "/fields", "must be an object");
}

static void
test_a_fact_that_stands_need_not_be_given_again(void **state)
{
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "return", "{'deadline':'2026-12-01'}", "{'reason':'照片不清'}",
                           &out), FAULT_NONE);
    assert_int_equal(check(t, k, "return", NULL, "{'reason':'照片不清'}", &out), FAULT_INPUT);
    assert_refused(t, "/fields/deadline", "must be given");
}

static void
test_words_and_evidence_belong_to_the_act(void **state)
{
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "return",
                           "{'reason':'上次的理由','deadline':'2026-12-01'}", "{}", &out),
                     FAULT_INPUT);
    assert_refused(t, "/fields/reason", "must be given");
    fault_clear(t);
    assert_int_equal(check(t, k, "apply", "{'photos':['f1']}", "{}", &out), FAULT_INPUT);
    assert_refused(t, "/fields/photos", "must be given");
}

static void
test_empty_is_not_given(void **state)
{
    static const char *const nothing[] = {"{'photos':[]}", "{'photos':null}"};
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(check(t, k, "apply", NULL, nothing[i], &out), FAULT_INPUT);
        assert_refused(t, "/fields/photos", "must be given");
        assert_int_equal(t->fault.n_items, 1);
        fault_clear(t);
    }
}

static void
test_money_and_decimals(void **state)
{
    static const char *const bad[] = {"-1", "1.005", "ten", "1e3"};
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "apply", NULL, "{'photos':['f1'],'money':'1200.50'}", &out),
                     FAULT_NONE);
    for (size_t i = 0; i < 4; i++) {
        const char *sent = arena_format(t->arena, "{'photos':['f1'],'money':'%s'}", bad[i]);
        assert_int_equal(check(t, k, "apply", NULL, sent, &out), FAULT_INPUT);
        assert_refused(t, "/fields/money", "");
        fault_clear(t);
    }
    assert_int_equal(check(t, k, "apply", NULL,
                           "{'photos':['f1'],'parts':[{'unit':'U1','cost':'1.005'},"
                           "{'unit':'U2','cost':'much'}]}", &out), FAULT_INPUT);
    assert_refused(t, "/fields/parts/1/cost", "number");
    assert_int_equal(t->fault.n_items, 1);
}

static void
test_references_inside_lists_are_asked(void **state)
{
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "apply", NULL,
                           "{'photos':['f1','f2'],'parts':[{'unit':'U7'}],'sort':'road'}", &out),
                     FAULT_NONE);
    assert_int_equal(out.n_refs, 4);
    assert_string_equal(out.refs[1].pointer, "/fields/photos/1");
    assert_string_equal(out.refs[1].names, "file");
    assert_string_equal(out.refs[2].pointer, "/fields/parts/0/unit");
    assert_string_equal(out.refs[2].field->name, "parts");
    assert_string_equal(out.refs[3].names, "code");
    assert_string_equal(out.refs[3].field->table, "sorts");
}

static void
test_durations(void **state)
{
    static const char *const bad[] = {"often", "-3d", "0d", "3"};
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "apply", NULL, "{'photos':['f1'],'often':'15wd'}", &out),
                     FAULT_NONE);
    for (size_t i = 0; i < 4; i++) {
        const char *sent = arena_format(t->arena, "{'photos':['f1'],'often':'%s'}", bad[i]);
        assert_int_equal(check(t, k, "apply", NULL, sent, &out), FAULT_INPUT);
        assert_refused(t, "/fields/often", "duration");
        fault_clear(t);
    }
}

static void
test_queries_are_checked_on_entry(void **state)
{
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "apply", NULL,
                           "{'photos':['f1'],'query':{'from':'visit','in':['closed'],"
                           "'where':[['lead','=',{'var':'holder'}]]}}", &out), FAULT_NONE);
    assert_string_equal(out.refs[out.n_refs - 1].names, "find");
    assert_non_null(out.refs[out.n_refs - 1].value);
    assert_int_equal(check(t, k, "apply", NULL,
                           "{'photos':['f1'],'query':{'from':'visit','limit':3,"
                           "'where':[['lead','=','x']]}}", &out), FAULT_INPUT);
    assert_refused(t, "/fields/query/limit", "Unknown word");
    fault_clear(t);
    assert_int_equal(check(t, k, "apply", NULL,
                           "{'photos':['f1'],'query':{'from':'visit',"
                           "'where':[['lead','like','x'],['lead'],['lead','=',{'var':'reason'}]]}}",
                           &out), FAULT_INPUT);
    assert_refused(t, "/fields/query/where/0/1", "Unknown op");
    assert_refused(t, "/fields/query/where/1", "[field, op, value]");
    assert_refused(t, "/fields/query/where/2/2", "must not be read here");
    fault_clear(t);
    assert_int_equal(check(t, k, "apply", NULL, "{'photos':['f1'],'query':{'from':'visit'}}",
                           &out), FAULT_INPUT);
    assert_refused(t, "/fields/query/where", "must fix");
}

static void
test_formulas_are_checked_on_entry(void **state)
{
    struct task *t = *state;
    struct kind *k = sample_kind(t);
    struct checked out = {0};
    assert_int_equal(check(t, k, "apply", NULL,
                           "{'photos':['f1'],'formula':{'/':[{'var':'closed'},{'var':'due'}]}}",
                           &out), FAULT_NONE);
    assert_int_equal(check(t, k, "apply", NULL,
                           "{'photos':['f1'],'formula':{'eval':['x']}}", &out), FAULT_INPUT);
    assert_refused(t, "/fields/formula/eval", "Unknown operator");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, task_begin, task_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_holds_is_taken),
        TEST(test_every_problem_is_told),
        TEST(test_field_of_another_step_is_unknown),
        TEST(test_nothing_sent_is_an_empty_object),
        TEST(test_a_fact_that_stands_need_not_be_given_again),
        TEST(test_words_and_evidence_belong_to_the_act),
        TEST(test_empty_is_not_given),
        TEST(test_money_and_decimals),
        TEST(test_references_inside_lists_are_asked),
        TEST(test_durations),
        TEST(test_queries_are_checked_on_entry),
        TEST(test_formulas_are_checked_on_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
