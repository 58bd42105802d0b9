/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kind_load.c - what a sound definition becomes.
 */
#include "kind_sample.h"

#include <dirent.h>

static void
test_head_and_digest(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    struct kind *k = load_sound(t, file);
    assert_string_equal(k->name, "repair");
    assert_int_equal(k->version, 1);
    assert_int_equal(strlen(k->digest), 64);
    struct kind *again = load_sound(t, sample_json(t, repair));
    assert_string_equal(k->digest, again->digest);
    spoil(t, file, "/title", "'整改项 | Repair'");
    assert_string_not_equal(k->digest, load_sound(t, file)->digest);
}

static void
test_fields(void **state)
{
    struct task *t = *state;
    struct kind *k = load_sound(t, sample_json(t, repair));
    const struct kind_field *unit = kind_field(k, "enterprise");
    assert_string_equal(unit->names, "unit");
    assert_true(unit->indexed && unit->required && !unit->private_value);
    assert_int_equal(unit->index, 0);
    assert_int_equal(kind_field(k, "found_on")->type, FIELD_DATE);
    assert_int_equal(kind_field(k, "found_on")->index, 1);
    assert_int_equal(kind_field(k, "description")->index, -1);
    assert_int_equal(kind_field(k, "money")->type, FIELD_DECIMAL);
    assert_string_equal(kind_field(k, "photos")->names, "file");
    assert_int_equal(kind_field(k, "parent")->n_kinds, 1);
    assert_string_equal(kind_field(k, "parent")->kinds[0], "repair");
    assert_non_null(kind_field(k, "twice")->computed);
    assert_false(kind_field(k, "twice")->kept_total);
    assert_int_equal(k->n_levels, 2);
    assert_int_equal(kind_level_number(k, "major"), 2);
    assert_int_equal(kind_level_number(k, "none"), 0);
}

static void
test_free_text_is_private_unless_marked(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    spoil(t, file, "/fields/properties/reason/x-public", "true");
    spoil(t, file, "/fields/properties/notes",
          "{'title':'记录 | Notes','type':'array','items':{'type':'string'}}");
    spoil(t, file, "/fields/properties/times/x-private", "'personal'");
    spoil(t, file, "/fields/properties/twice/x-value", "1");
    struct kind *k = load_sound(t, file);
    assert_true(kind_field(k, "description")->private_value);
    assert_false(kind_field(k, "reason")->private_value);
    assert_true(kind_field(k, "notes")->private_value);
    assert_true(kind_field(k, "times")->private_value);
    assert_string_equal(kind_field(k, "sealed")->seal, "reporter");
    assert_false(kind_field(k, "photos")->private_value);
    assert_false(kind_field(k, "level")->private_value);
    assert_false(kind_field(k, "parts")->private_value);
}

static void
test_states_steps_and_guards(void **state)
{
    struct task *t = *state;
    struct kind *k = load_sound(t, sample_json(t, repair));
    const struct kind_step *create = kind_create_step(k), *verify = kind_step(k, "verify");
    assert_int_equal(kind_state(k, "applied")->number, 2);
    assert_true(kind_state(k, "closed")->final);
    assert_int_equal(kind_state(k, "open")->n_desk, 2);
    assert_int_equal(kind_state(k, "open")->desk[1].party->sort, PARTY_OFFICE);
    assert_int_equal(kind_state(k, "open")->desk[1].party->inner->sort, PARTY_PLACE);
    assert_true(create->creates && create->by_rule && !create->automatic);
    assert_int_equal(create->to, 1);
    assert_int_equal(create->who[0].is, IS_SUPERVISES);
    assert_string_equal(create->who[0].roles[0], "inspector");
    assert_string_equal(create->who[0].party->name, "enterprise");
    assert_true(create->ask[0].now && !create->ask[3].now);
    assert_int_equal(kind_step(k, "apply")->who[0].is, IS_SAME);
    assert_int_equal(verify->n_apart, 2);
    assert_true(verify->apart[1]->person);
    assert_int_equal(verify->apart[1]->sort, PARTY_DID);
    assert_string_equal(verify->apart[1]->name, "apply");
    assert_true(kind_in(verify->from, 2) && !kind_in(verify->from, 1));
    assert_int_equal(kind_facet(2, 1), 33);
}

static void
test_automatic_step(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    spoil(t, file, "/steps/4/if", "{'>':[{'var':'times'},3]}");
    assert_true(kind_step(load_sound(t, file), "reopen")->automatic);
    spoil(t, file, "/steps/3/who/-", "{'is':'rule'}");
    assert_false(kind_step(load_sound(t, file), "verify")->automatic);
}

static void
test_clocks(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    spoil(t, file, "/clocks/0/if", "{'==':[{'var':'level'},'major']}");
    spoil(t, file, "/clocks/-",
          "{'clock':'monthly','title':'月报 | Monthly','in':['open'],'hold':['applied'],"
          "'from':'deadline','after':'every "
          "1mo','do':[{'after':'LOCAL-remind','notify':['owner']}]}");
    struct kind *k = load_sound(t, file);
    const struct kind_clock *c = kind_clock(k, "repair"), *m = kind_clock(k, "monthly");
    assert_int_equal(c->from, CLOCK_ENTER);
    assert_int_equal(c->after.n, 5);
    assert_int_equal(c->after.unit, RULE_WORKDAY);
    assert_non_null(c->condition);
    assert_int_equal(c->rungs[0].after.n, -2);
    assert_int_equal(c->rungs[0].sort, EFFECT_NOTIFY);
    assert_string_equal(kind_clock(k, "verify")->after_row, "SD-order-review");
    assert_int_equal(kind_clock(k, "verify")->from, CLOCK_STEP);
    assert_true(m->repeats && m->from == CLOCK_FIELD && kind_in(m->hold, 2));
    assert_string_equal(m->rungs[0].after_row, "LOCAL-remind");
}

static void
test_sets(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    spoil(t, file, "/totals/tree", "{'over':'repair.parent*','agg':'max:deadline'}");
    spoil(t, file, "/totals/near",
          "{'over':{'from':'repair','where':[['enterprise','=',{'var':'enterprise'}],"
          "['found_on','within','90d'],['id','draw',['0.1','times']]]},'agg':'count'}");
    spoil(t, file, "/steps/1/do/-",
          "{'raise':'repair','over':'parts','set':{'enterprise':{'var':'item.unit'},"
          "'found_on':{'var':'today'},'description':{'var':'description'}}}");
    struct kind *k = load_sound(t, file);
    const struct kind_set *near = kind_total(k, "near")->over;
    assert_int_equal(kind_total(k, "below")->over->sort, SET_LINKED);
    assert_string_equal(kind_total(k, "below")->over->field, "parent");
    assert_int_equal(kind_total(k, "below")->over->n_states, 2);
    assert_int_equal(kind_total(k, "tree")->over->sort, SET_TREE);
    assert_int_equal(kind_total(k, "tree")->agg, AGG_MAX);
    assert_int_equal(near->sort, SET_KIND);
    assert_int_equal(near->where[1].op, OP_WITHIN);
    assert_int_equal(near->where[2].op, OP_DRAW);
    assert_int_equal(kind_step(k, "apply")->effects[1].over->sort, SET_ITEMS);
    assert_int_equal(kind_step(k, "reopen")->effects[0].over->sort, SET_RECORD);
}

static void
test_kept_values_are_told_from_own_ones(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    spoil(t, file, "/fields/properties/left",
          "{'title':'余 | Left','type':'integer','x-value':{'+':[{'var':'total.below'},1]}}");
    spoil(t, file, "/fields/properties/more",
          "{'title':'多 | More','type':'integer','x-value':{'+':[{'var':'left'},1]}}");
    spoil(t, file, "/fields/properties/grade",
          "{'title':'级 | Grade','type':'string','x-value':{'rule':'grade','on':'found_on',"
          "'give':{'times':'times'},'take':'grade'}}");
    struct kind *k = load_sound(t, file);
    assert_true(kind_field(k, "left")->kept_total);
    assert_true(kind_field(k, "more")->kept_total);
    assert_false(kind_field(k, "grade")->kept_total);
}

static void
test_parts_are_put_in(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    const char *plain = load_sound(t, file)->digest;
    spoil(t, file, "/clocks/0/do/-", "{'use':'rungs'}");
    spoil(t, file, "/use", "'whole'");
    struct kind *k = load_sound(t, file);
    assert_int_equal(kind_clock(k, "repair")->n_rungs, 4);
    assert_string_equal(kind_clock(k, "repair")->rungs[2].pointer, "parts/rungs.json#/0");
    assert_non_null(kind_total(k, "also"));
    assert_int_equal(k->n_show, 3);
    assert_null(json_get(k->source, "use"));
    assert_string_not_equal(k->digest, plain);
}

static void
test_parties_in_conditions_read_back(void **state)
{
    struct task *t = *state;
    struct kind *k = load_sound(t, sample_json(t, repair));
    const struct kind_party *p = kind_party_read(t->arena, k, "upper:did:apply");
    assert_int_equal(p->sort, PARTY_UPPER);
    assert_int_equal(p->inner->sort, PARTY_DID);
    p = kind_party_read(t->arena, k, "parent.owner");
    assert_int_equal(p->sort, PARTY_LINK);
    assert_string_equal(p->name, "parent");
    assert_int_equal(p->inner->sort, PARTY_OWNER);
    p = kind_party_read(t->arena, k, "raiser.place");
    assert_int_equal(p->sort, PARTY_LINK);
    assert_string_equal(p->name, "raiser");
    assert_null(kind_party_read(t->arena, k, "nobody"));
    assert_null(kind_party_read(t->arena, k, "description"));
}

static void
test_sight_takes_who_and_parties(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    spoil(t, file, "/sight/-", "{'in':['applied'],'only':['holder','enterprise','did:create',"
                               "{'role':['leader'],'is':'same:raiser'}]}");
    spoil(t, file, "/sight/-", "{'never':['enterprise',{'is':'person:holder'}]}");
    struct kind *k = load_sound(t, file);
    assert_int_equal(k->sight[1].only[0].is, IS_PERSON);
    assert_int_equal(k->sight[1].only[1].is, IS_SAME);
    assert_int_equal(k->sight[1].only[2].party->sort, PARTY_DID);
    assert_true(kind_in(k->sight[1].in, 2) && !kind_in(k->sight[1].in, 1));
    assert_true(k->sight[2].never[1]->person);
    assert_true(kind_in(k->sight[2].in, 1));
}

static void
test_description_for_pages(void **state)
{
    struct task *t = *state;
    struct kind *k = load_sound(t, sample_json(t, repair));
    struct json *d = kind_describe(t, k);
    struct json *fields = json_get(json_get(d, "fields"), "properties");
    assert_string_equal(json_text_of(json_get(d, "title"), "en"), "Repair");
    assert_string_equal(json_text_of(json_get(fields, "enterprise"), "x-from"), "/api/v1/units");
    assert_string_equal(json_text_of(json_get(fields, "parent"), "x-from"),
                        "/api/v1/records?kind=repair");
    assert_string_equal(json_text_of(json_get(json_get(fields, "level"), "title"), "zh"), "等级");
    assert_string_equal(
        json_text_of(json_get(json_get(json_get(fields, "level"), "x-titles"), "major"), "en"),
        "Major");
    assert_int_equal(json_count(json_get(d, "steps")), 5);
    assert_int_equal(json_count(json_get(json_at(json_get(d, "steps"), 0), "from")), 0);
    assert_string_equal(json_text_of(json_at(json_get(d, "steps"), 0), "to"), "open");
    struct json *rate = json_at(json_get(d, "figures"), 2);
    assert_string_equal(json_text(json_at(json_get(rate, "dimensions"), 3)), "level");
    assert_string_equal(json_text_of(kind_value_title(t->arena, kind_field(k, "level"), "general"),
                                     "zh"), "一般");
    assert_string_equal(json_text_of(kind_value_title(t->arena, kind_field(k, "level"), "x"), "zh"),
                        "x");
    /* What is described is a copy: the definition itself keeps its texts. */
    assert_string_equal(json_text_of(k->source, "title"), k->title);
    assert_string_equal(json_text_of(kind_field(k, "level")->schema, "title"), "等级 | Level");
}

static void
test_step_schema_in_order_of_ask(void **state)
{
    struct task *t = *state;
    struct kind *k = load_sound(t, sample_json(t, repair));
    struct json *s = kind_step_schema(t, k, kind_step(k, "return"));
    const struct json *properties = json_get(s, "properties");
    assert_int_equal(json_count(properties), 2);
    assert_string_equal(properties->object.at[0].name, "reason");
    assert_string_equal(properties->object.at[1].name, "deadline");
    assert_int_equal(json_count(json_get(s, "required")), 2);
    assert_true(json_is(json_get(s, "additionalProperties"), JSON_FALSE));
}

/* ---- the definitions that ship ---- */

static const char *
file_bytes(struct task *t, const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *bytes = arena_alloc(t->arena, LIMIT_DEFINITION + 1);
    *len = fread(bytes, 1, LIMIT_DEFINITION, f);
    fclose(f);
    return bytes;
}

static const char *
shipped_part(void *who, const char *name, size_t *len)
{
    struct task *t = who;
    return file_bytes(t, arena_format(t->arena, "definitions/parts/%s.json", name), len);
}

static size_t
add_folder(struct task *t, struct kind_catalog *c, const char *folder)
{
    const struct kind_files files = {shipped_part, t};
    DIR *dir = opendir(folder);
    size_t n = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t len, name = strlen(entry->d_name);
        if (name < 6 || strcmp(entry->d_name + name - 5, ".json") != 0)
            continue;
        const char *path = arena_format(t->arena, "%s/%s", folder, entry->d_name);
        const char *bytes = file_bytes(t, path, &len);
        struct kind *k = NULL;
        enum fault_code code = kind_load(t, bytes, len, &files, &k);
        for (unsigned i = 0; i < t->fault.n_items; i++)
            print_message("%s %s: %s\n", path, t->fault.items[i].pointer, t->fault.items[i].en);
        assert_int_equal(code, FAULT_NONE);
        assert_string_equal(arena_format(t->arena, "%s.json", k->name), entry->d_name);
        if (!kind_find(c, k->name, k->version))
            assert_int_equal(kind_catalog_add(t, c, k), FAULT_NONE);
        n++;
    }
    closedir(dir);
    return n;
}

static void
test_shipped_definitions_hold_together(void **state)
{
    struct task *t = *state;
    struct kind_catalog *c = kind_catalog_new(t->arena);
    assert_true(add_folder(t, c, "definitions") >= 3);
    enum fault_code code = kind_catalog_check(t, c);
    for (unsigned i = 0; i < t->fault.n_items; i++)
        print_message("%s: %s\n", t->fault.items[i].pointer, t->fault.items[i].en);
    assert_int_equal(code, FAULT_NONE);
    const char *svg = kind_catalog_graph(t, c);
    assert_non_null(strstr(svg, "<svg"));
    assert_non_null(strstr(svg, "id=\"hazard\""));
}

static void
test_test_definitions_hold_together_with_them(void **state)
{
    struct task *t = *state;
    struct kind_catalog *c = kind_catalog_new(t->arena);
    assert_true(add_folder(t, c, "definitions") > 0);
    assert_true(add_folder(t, c, "test/definitions") > 0);
    enum fault_code code = kind_catalog_check(t, c);
    for (unsigned i = 0; i < t->fault.n_items; i++)
        print_message("%s: %s\n", t->fault.items[i].pointer, t->fault.items[i].en);
    assert_int_equal(code, FAULT_NONE);
}

static void
test_catalog_finds_versions(void **state)
{
    struct task *t = *state;
    struct kind_catalog *c = kind_catalog_new(t->arena);
    struct json *file = sample_json(t, repair);
    struct kind *first = load_sound(t, file);
    spoil(t, file, "/version", "2");
    struct kind *second = load_sound(t, file);
    first->id = second->id = 5;
    assert_int_equal(kind_catalog_add(t, c, first), FAULT_NONE);
    assert_int_equal(kind_catalog_add(t, c, second), FAULT_NONE);
    assert_ptr_equal(kind_find(c, "repair", 0), second);
    assert_ptr_equal(kind_find(c, "repair", 1), first);
    assert_null(kind_find(c, "repair", 3));
    assert_ptr_equal(kind_find_id(c, 5), second);
    assert_int_equal(kind_catalog_count(c), 1);
    assert_ptr_equal(kind_catalog_at(c, 0), second);
    assert_int_equal(kind_catalog_check(t, c), FAULT_NONE);
    assert_int_equal(kind_catalog_add(t, c, first), FAULT_INPUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, task_begin, task_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_head_and_digest),
        TEST(test_fields),
        TEST(test_free_text_is_private_unless_marked),
        TEST(test_states_steps_and_guards),
        TEST(test_automatic_step),
        TEST(test_clocks),
        TEST(test_sets),
        TEST(test_kept_values_are_told_from_own_ones),
        TEST(test_parts_are_put_in),
        TEST(test_parties_in_conditions_read_back),
        TEST(test_sight_takes_who_and_parties),
        TEST(test_description_for_pages),
        TEST(test_step_schema_in_order_of_ask),
        TEST(test_shipped_definitions_hold_together),
        TEST(test_test_definitions_hold_together_with_them),
        TEST(test_catalog_finds_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
