/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kind_schema.c - values against schemas: the official suite within our subset, the field
 * marks, the product's own limits, patterns.
 */
#include "base/json.h"
#include "kind/kind.h"
#include "kind/pattern.h"
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

/* ---- the official suite ---- */

static bool
within_subset(const struct json *schema)
{
    static const char *const words[] = {"$schema",
                                        "$comment",
                                        "type",
                                        "enum",
                                        "const",
                                        "format",
                                        "minLength",
                                        "maxLength",
                                        "pattern",
                                        "minimum",
                                        "maximum",
                                        "multipleOf",
                                        "items",
                                        "minItems",
                                        "maxItems",
                                        "uniqueItems",
                                        "properties",
                                        "required",
                                        "additionalProperties",
                                        "if",
                                        "then",
                                        "else",
                                        "title",
                                        "description",
                                        "default"};
    for (size_t i = 0; json_is(schema, JSON_OBJECT) && i < schema->object.n; i++) {
        const struct json_member *m = &schema->object.at[i];
        bool known = false;
        for (size_t j = 0; !known && j < sizeof words / sizeof *words; j++)
            known = strcmp(words[j], m->name) == 0;
        if (!known)
            return false;
        if (strcmp(m->name, "additionalProperties") == 0 && !json_is(m->value, JSON_FALSE))
            return false;
        if (strcmp(m->name, "pattern") == 0 && !kind_pattern_reads(json_text(m->value)))
            return false;
        if (strstr("items if then else", m->name) && !within_subset(m->value))
            return false;
        for (size_t j = 0; strcmp(m->name, "properties") == 0 && j < json_count(m->value); j++)
            if (!within_subset(m->value->object.at[j].value))
                return false;
    }
    return true;
}

/*
 * Refused here whatever the schema says: U+0000 wherever it stands, and leap seconds, which an
 * instant counted in milliseconds cannot hold.
 */
static bool
never_taken(const struct json *value)
{
    if (json_is(value, JSON_STRING))
        return strlen(value->string.bytes) != value->string.len ||
               strstr(value->string.bytes, ":59:60");
    for (size_t i = 0; i < json_count(value); i++)
        if (never_taken(json_is(value, JSON_ARRAY) ? json_at(value, i) : value->object.at[i].value))
            return true;
    return false;
}

struct tally {
    size_t ran, beyond, failed;
};

static void
run_group(const struct json *group, const char *file, struct tally *tally)
{
    const struct json *schema = json_get(group, "schema"), *tests = json_get(group, "tests");
    for (size_t i = 0; i < json_count(tests); i++) {
        const struct json *test = json_at(tests, i), *value = json_get(test, "data");
        if (!within_subset(schema)) {
            tally->beyond++;
            continue;
        }
        bool want = json_is_true(json_get(test, "valid")) && !never_taken(value);
        fault_clear(&task);
        tally->ran++;
        if (kind_schema_holds(&task, schema, value, "") == want)
            continue;
        tally->failed++;
        print_error("%s: %s: %s\n", file, json_string(task.arena, schema),
                    json_string(task.arena, value));
    }
}

static void
official_suite_holds(void **state)
{
    (void)state;
    /* format.json holds that formats are annotations; here they are asserted, so the suite's
       optional files for the two formats we take stand in its place. */
    static const char *const files[] = {"additionalProperties",
                                        "boolean_schema",
                                        "const",
                                        "default",
                                        "enum",
                                        "if-then-else",
                                        "infinite-loop-detection",
                                        "items",
                                        "maxItems",
                                        "maxLength",
                                        "maximum",
                                        "minItems",
                                        "minLength",
                                        "minimum",
                                        "multipleOf",
                                        "pattern",
                                        "properties",
                                        "required",
                                        "type",
                                        "uniqueItems",
                                        "optional/no-schema",
                                        "optional/non-bmp-regex",
                                        "optional/float-overflow",
                                        "optional/ecmascript-regex",
                                        "optional/format/date",
                                        "optional/format/date-time"};
    struct tally tally = {0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path =
            arena_format(task.arena, "json-schema/tests/draft2020-12/%s.json", files[i]);
        const struct json *groups = suite_file(&task, path);
        if (!groups)
            return;
        for (size_t j = 0; j < json_count(groups); j++)
            run_group(json_at(groups, j), files[i], &tally);
    }
    print_message(
        "json-schema draft2020-12: %zu ran, %zu failed, %zu use words beyond the subset\n",
        tally.ran, tally.failed, tally.beyond);
    assert_int_equal(tally.failed, 0);
    assert_true(tally.ran >= 530);
}

/* ---- our own ---- */

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
        cmocka_unit_test_setup_teardown(official_suite_holds, begin, end),
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
