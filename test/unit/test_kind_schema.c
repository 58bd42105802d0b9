/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kind_schema.c - values against schemas: the field marks, the product's own limits, patterns.
 * The official suite stands in test_kind_official.c.
 */
#include "base/json.h"
#include "kind/kind.h"
#include "kind/pattern.h"
#include "base/limit.h"

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

static bool
holds(const char *schema, const char *value)
{
    fault_clear(&task);
    bool yes = kind_schema_holds(&task, parse(schema), parse(value), "/fields/x");
    assert_int_equal(yes, task.fault.code == FAULT_NONE);
    return yes;
}

static const char *
pointer_at(unsigned i)
{
    assert_true(i < task.fault.n_items);
    assert_int_equal(task.fault.code, FAULT_INPUT);
    assert_true(*task.fault.items[i].zh && *task.fault.items[i].en);
    return task.fault.items[i].pointer;
}

static void
texts_keep_the_limits(void **state)
{
    (void)state;
    fault_clear(&task);
    struct json *nul = json_strn(task.arena, "a\0b", 3);
    assert_false(kind_schema_holds(&task, parse("{'type':'string'}"), nul, "/fields/x"));
    assert_non_null(strstr(task.fault.items[0].en, "U+0000"));
    struct json *object = json_set(task.arena, json_object(task.arena), "deep", nul);
    fault_clear(&task);
    assert_false(kind_schema_holds(&task, parse("{}"), object, "/fields/x"));
    assert_string_equal(pointer_at(0), "/fields/x/deep");

    struct text x;
    text_init(&x, task.arena);
    for (int i = 0; i < LIMIT_TEXT; i++)
        text_puts(&x, "安");
    fault_clear(&task);
    assert_true(kind_schema_holds(&task, parse("{}"), json_str(task.arena, text_string(&x)), ""));
    text_puts(&x, "全");
    struct json *longer = json_str(task.arena, text_string(&x));
    assert_false(kind_schema_holds(&task, parse("{}"), longer, ""));
    fault_clear(&task);
    assert_true(kind_schema_holds(&task, parse("{'maxLength':20000}"), longer, ""));
}

static void
marks_have_a_form(void **state)
{
    (void)state;
    const char *money = "{'type':'string','x-field':'money','minimum':0,'maximum':1000.5}";
    assert_true(holds(money, "'1000.50'"));
    assert_false(holds(money, "'1000.51'"));
    assert_false(holds(money, "'-0.01'"));
    assert_false(holds(money, "'1,000'"));
    assert_false(holds(money, "'1e2'"));
    assert_false(holds(money, "'.5'"));
    assert_false(holds(money, "''"));
    assert_false(holds(money, "12"));
    assert_true(holds("{'x-field':'decimal'}", "'-12.25'"));
    assert_true(holds("{'type':'string','x-field':'unit'}", "'U0000000000001'"));
    assert_false(holds("{'type':'string','x-field':'unit'}", "''"));
    assert_false(holds("{'type':'string','x-field':'record:hazard|task'}", "''"));
    assert_false(holds("{'x-field':'person'}",
                       "'01234567890123456789012345678901234567890123456789012345678901234'"));
    assert_true(holds("{'x-field':'code:lines'}", "'coal'"));
    assert_true(holds("{'x-field':'duration'}", "'15wd'"));
    assert_false(holds("{'x-field':'duration'}", "'15 days'"));
    /* Of arrays, the mark stands on the items. */
    const char *photos = "{'type':'array','maxItems':2,'items':{'type':'string','x-field':'file'}}";
    assert_false(holds(photos, "['F1','']"));
    assert_string_equal(pointer_at(0), "/fields/x/1");
    assert_true(holds("{'x-index':true,'x-private':'personal','x-unknown':{'a':1}}", "'any'"));
}

static void
every_problem_is_reported(void **state)
{
    (void)state;
    const char *schema = "{'type':'object','additionalProperties':false,'required':['a','b'],"
                         "'properties':{'a':{'type':'integer'},'b':{'type':'string','minLength':2},"
                         "'c/d':{'enum':['x','y']},'e':{'type':'array','uniqueItems':true}}}";
    assert_false(holds(schema, "{'b':'1','c/d':'z','e':[1,2,1.0],'f':0}"));
    assert_int_equal(task.fault.n_items, 5);
    assert_string_equal(pointer_at(0), "/fields/x/a");
    assert_string_equal(pointer_at(1), "/fields/x/b");
    assert_string_equal(pointer_at(2), "/fields/x/c~1d");
    assert_string_equal(pointer_at(3), "/fields/x/e/2");
    assert_string_equal(pointer_at(4), "/fields/x/f");
    assert_true(holds(schema, "{'a':1,'b':'12','c/d':'x','e':[1,'1',[1],{'a':1},{'a':2}]}"));
    /* Plain semantics: members are refused only where the schema is closed. */
    assert_true(holds("{'type':'object','properties':{}}", "{'any':1}"));
}

static void
branches_tell_only_what_they_ask(void **state)
{
    (void)state;
    const char *schema = "{'if':{'properties':{'level':{'const':'major'}},'required':['level']},"
                         "'then':{'required':['money']},'else':{'properties':{'money':false}}}";
    assert_true(holds(schema, "{'level':'major','money':'1'}"));
    assert_false(holds(schema, "{'level':'major'}"));
    assert_int_equal(task.fault.n_items, 1);
    assert_string_equal(pointer_at(0), "/fields/x/money");
    assert_true(holds(schema, "{'level':'general'}"));
    assert_false(holds(schema, "{'level':'general','money':'1'}"));
    assert_int_equal(task.fault.n_items, 1);
}

static void
many_items_are_quick(void **state)
{
    (void)state;
    struct json *many = json_array(task.arena);
    for (int i = 0; i < 100000; i++)
        json_push(task.arena, many, json_int(task.arena, i));
    struct json *schema = parse("{'uniqueItems':true,'items':{'type':'integer'}}");
    assert_true(kind_schema_holds(&task, schema, many, ""));
    json_push(task.arena, many, json_int(task.arena, 7));
    assert_false(kind_schema_holds(&task, schema, many, ""));
    assert_string_equal(pointer_at(0), "/100000");
    /* As many faults as are kept, however many there are. */
    fault_clear(&task);
    assert_false(kind_schema_holds(&task, parse("{'items':{'type':'string'}}"), many, ""));
    assert_int_equal(task.fault.n_items, FAULT_ITEMS_MAX);
}

static void
matches(const char *pattern, const char *text, bool want)
{
    if (kind_pattern_matches(pattern, text) != want)
        print_error("%s on %s\n", pattern, text);
    assert_int_equal(kind_pattern_matches(pattern, text), want);
    assert_true(kind_pattern_reads(pattern));
}

static void
patterns_match_code_points(void **state)
{
    (void)state;
    matches("^.{2}$", "安全", true);
    matches("^.{2}$", "安全生", false);
    matches("^[一-龥]{2,4}$", "安全", true);
    matches("^[一-龥]{2,4}$", "ab", false);
    matches("^\\u5b89\\u{5168}$", "安全", true);
    matches("^(\\d{3,4}-)?\\d{7,8}$", "0510-82700000", true);
    matches("^(\\d{3,4}-)?\\d{7,8}$", "0510-8270", false);
    matches("^[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+$", "a.b-c@d-e.example", true);
    matches("^[^\\d\\s]+$", "ab c", false);
    matches("^[^\\d\\s]+$", "abc", true);
    matches("^(?:a|bc|)$", "", true);
    matches("^(?:a|bc)$", "bc", true);
    matches("a|^b$|c", "xxc", true);
    matches("^(a*)*$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false);
    matches("^(a|aa)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false);
    matches("^a{0}b??c+?$", "ccc", true);
    matches("^[\\]\\\\a-]+$", "]\\a-", true);
    matches("x{2,}", "axxa", true);
    matches("", "anything", true);
}

static void
patterns_that_do_not_read(void **state)
{
    (void)state;
    static const char *const bad[] = {"(",
                                      ")",
                                      "a)",
                                      "[a",
                                      "a**",
                                      "*a",
                                      "a{2",
                                      "a{3,2}",
                                      "\\1",
                                      "(?=a)",
                                      "(?<n>a)",
                                      "\\b",
                                      "\\p{L}",
                                      "\\",
                                      "[b-a]",
                                      "a{,2}",
                                      "\\u12",
                                      "\\a",
                                      "((a{1,99}){1,99}){1,99}",
                                      "(((((((((a)))))))))"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (kind_pattern_reads(bad[i]))
            print_error("reads: %s\n", bad[i]);
        assert_false(kind_pattern_reads(bad[i]));
        assert_false(kind_pattern_matches(bad[i], "a"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts_keep_the_limits, begin, end),
        cmocka_unit_test_setup_teardown(marks_have_a_form, begin, end),
        cmocka_unit_test_setup_teardown(every_problem_is_reported, begin, end),
        cmocka_unit_test_setup_teardown(branches_tell_only_what_they_ask, begin, end),
        cmocka_unit_test_setup_teardown(many_items_are_quick, begin, end),
        cmocka_unit_test_setup_teardown(patterns_match_code_points, begin, end),
        cmocka_unit_test_setup_teardown(patterns_that_do_not_read, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
