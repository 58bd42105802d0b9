/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kind_official.c - the official JSON Schema suite, draft 2020-12, every file of it: what lies
 * within the subset of docs/definitions.md holds, and a definition that uses more is refused.
 */
#include "kind/pattern.h"
#include "kind_sample.h"
#include "suite.h"

#include <dirent.h>

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

/* ---- the subset, as docs/definitions.md states it ---- */

static bool
is_claimed(const char *keyword)
{
    static const char *const words[] = {
        "type",        "enum",     "const",    "format",   "minLength",   "maxLength",
        "pattern",     "minimum",  "maximum",  "multipleOf", "items",     "minItems",
        "maxItems",    "uniqueItems", "properties", "required", "additionalProperties",
        "if",          "then",     "else",     "title",    "description", "default",
        "$schema",     "$comment"}; /* the last two say nothing of values; a definition has neither */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], keyword) == 0)
            return true;
    return false;
}

/* Where a schema leaves the subset first, as a pointer; NULL where it does not. */
static const char *
beyond(const struct json *schema, const char *at)
{
    for (size_t i = 0; json_is(schema, JSON_OBJECT) && i < schema->object.n; i++) {
        const char *name = schema->object.at[i].name, *inside = NULL;
        const struct json *value = schema->object.at[i].value;
        const char *here = json_pointer(task.arena, at, name), *text = json_text(value);
        if (!is_claimed(name) ||
            (strcmp(name, "additionalProperties") == 0 && !json_is(value, JSON_FALSE)) ||
            (strcmp(name, "pattern") == 0 && !kind_pattern_reads(text)) ||
            (strcmp(name, "format") == 0 && strcmp(text, "date") && strcmp(text, "date-time")))
            return here;
        if (strcmp(name, "items") == 0 || strcmp(name, "if") == 0 || strcmp(name, "then") == 0 ||
            strcmp(name, "else") == 0)
            inside = beyond(value, here);
        for (size_t j = 0; !inside && strcmp(name, "properties") == 0 && j < json_count(value); j++)
            inside = beyond(value->object.at[j].value,
                            json_pointer(task.arena, here, value->object.at[j].name));
        if (inside)
            return inside;
    }
    return NULL;
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

/* ---- one schema of the suite ---- */

struct tally {
    size_t ran, failed, beyond, taken;
};

static void
run_group(const struct json *group, const char *file, struct tally *tally)
{
    const struct json *schema = json_get(group, "schema"), *tests = json_get(group, "tests");
    for (size_t i = 0; i < json_count(tests); i++) {
        const struct json *test = json_at(tests, i), *value = json_get(test, "data");
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

/* A field of this schema, in a definition that is sound otherwise, is refused right there. */
static void
refuse_group(const struct json *group, const char *file, struct tally *tally)
{
    struct json *definition = sample_json(&task, repair), *schema;
    struct json *fields = json_get(json_get(definition, "fields"), "properties");
    struct kind *k = NULL;
    bool told = false;
    schema = json_shallow(task.arena, json_get(group, "schema"));
    json_set(task.arena, schema, "$schema", NULL);
    json_set(task.arena, schema, "$comment", NULL);
    json_set(task.arena, fields, "probe", schema);
    const char *at = beyond(schema, "/fields/properties/probe");
    fault_clear(&task);
    (void)load_json(&task, definition, &k);
    for (unsigned i = 0; at && i < task.fault.n_items; i++)
        told |= strcmp(task.fault.items[i].pointer, at) == 0;
    tally->beyond++;
    if (told && !k)
        return;
    tally->taken++;
    print_error("%s: a definition may say %s\n", file, json_string(task.arena, schema));
}

static void
run_file(const char *path, struct tally *tally)
{
    const struct json *groups = suite_file(&task, path);
    assert_non_null(groups);
    for (size_t i = 0; i < json_count(groups); i++) {
        const struct json *group = json_at(groups, i);
        if (beyond(json_get(group, "schema"), ""))
            refuse_group(group, path, tally);
        else
            run_group(group, path, tally);
    }
}

/* format.json holds that formats are annotations; here they are asserted, so the suite's optional
   files for the formats we take stand in its place. bignum.json has numbers that no reader of ours
   takes: they are refused before any schema sees them. */
static bool
is_apart(const char *name)
{
    return strcmp(name, "format.json") == 0 || strcmp(name, "bignum.json") == 0;
}

static void
official_suite_holds(void **state)
{
    (void)state;
    static const char *const folders[] = {"", "/optional", "/optional/format"};
    struct tally tally = {0};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *folder =
            arena_format(task.arena, "json-schema/tests/draft2020-12%s", folders[i]);
        DIR *open = opendir(suite_path(&task, folder));
        if (!open) {
            print_message("suite absent, not run: %s\n", folder);
            return;
        }
        for (struct dirent *one; (one = readdir(open)) != NULL;)
            if (strstr(one->d_name, ".json") && !is_apart(one->d_name))
                run_file(arena_format(task.arena, "%s/%s", folder, one->d_name), &tally);
        closedir(open);
    }
    print_message("json-schema draft2020-12: %zu ran, %zu failed; of %zu schemas beyond the subset a "
                  "definition may say %zu\n",
                  tally.ran, tally.failed, tally.beyond, tally.taken);
    assert_int_equal(tally.failed, 0);
    assert_int_equal(tally.taken, 0);
    assert_true(tally.ran >= 530);
    assert_true(tally.beyond >= 300);
}

/* The same without the suite: one schema for each keyword of the draft that is not claimed. */
static void
other_keywords_are_refused(void **state)
{
    (void)state;
    static const char *const others[] = {
        "'$ref':'#'", "'$id':'x'", "'$anchor':'x'", "'$dynamicRef':'#x'", "'$dynamicAnchor':'x'",
        "'$vocabulary':{}", "'$defs':{}", "'definitions':{}", "'$schema':'x'", "'$comment':'x'",
        "'allOf':[{}]", "'anyOf':[{}]", "'oneOf':[{}]", "'not':{}", "'dependentSchemas':{}",
        "'dependentRequired':{}", "'prefixItems':[{}]", "'contains':{}", "'minContains':1",
        "'maxContains':1", "'patternProperties':{}", "'propertyNames':{}", "'unevaluatedItems':false",
        "'unevaluatedProperties':false", "'exclusiveMinimum':1", "'exclusiveMaximum':1",
        "'minProperties':1", "'maxProperties':1", "'contentEncoding':'base64'",
        "'contentMediaType':'text/plain'", "'contentSchema':{}", "'deprecated':true",
        "'readOnly':true", "'writeOnly':true", "'examples':[1]", "'format':'email'",
        "'format':'uri'", "'format':'time'", "'additionalProperties':true", "'additionalProperties':{}",
        "'pattern':'(?=a)'", "'items':[{}]", "'items':true", "'type':'number'"};
    struct tally tally = {0};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *schema = arena_format(task.arena, "{'schema':{%s}}", others[i]);
        struct json *definition = sample_json(&task, repair), *group = sample_json(&task, schema);
        struct json *fields = json_get(json_get(definition, "fields"), "properties");
        const struct json *said = json_get(group, "schema");
        struct kind *k = NULL;
        bool told = false;
        json_set(task.arena, fields, "probe", json_get(group, "schema"));
        fault_clear(&task);
        (void)load_json(&task, definition, &k);
        const char *at =
            json_pointer(task.arena, "/fields/properties/probe", said->object.at[0].name);
        for (unsigned j = 0; j < task.fault.n_items; j++)
            told |= strcmp(task.fault.items[j].pointer, at) == 0;
        tally.taken += !told || k != NULL;
        if (!told)
            print_error("a definition may say %s\n", others[i]);
    }
    assert_int_equal(tally.taken, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(official_suite_holds, begin, end),
        cmocka_unit_test_setup_teardown(other_keywords_are_refused, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
