/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kind_catalog.c - what is refused when all definitions are looked at together.
 *
 * Two kinds: `repair`, and `look`, whose records name a repair.
 */
#include "kind_sample.h"

static const char *const look =
    "{'kind':'look','version':1,'title':'复查 | Look',"
    "'fields':{'required':['subject'],'properties':{"
    "'subject':{'title':'对象 | Subject','type':'string','x-field':'record:repair',"
    "'x-index':true},"
    "'weight':{'title':'权重 | Weight','type':'integer','default':1},"
    "'open_now':{'title':'在办 | Open','type':'integer','x-value':{'var':'subject.total.below'}},"
    "'note':{'title':'说明 | Note','type':'string'}}},"
    "'states':[{'state':'due','title':'待查 | Due'},"
    "{'state':'held','title':'未反弹 | Held','final':true},"
    "{'state':'failed','title':'反弹 | Failed','final':true}],"
    "'steps':[{'step':'create','title':'安排 | Arrange','from':[],'to':'due',"
    "'who':[{'is':'rule'}],'ask':['subject!'],'set':{'owner':{'var':'subject.owner'}}},"
    "{'step':'hold','title':'未反弹 | Held','from':['due'],'to':'held','who':['owner'],"
    "'apart':['subject.owed']},"
    "{'step':'fail','title':'反弹 | Failed','from':['due'],'to':'failed','who':['owner'],"
    "'apart':['subject.owed'],'do':[{'step':'reopen','over':'subject'}]}],"
    "'clocks':[{'clock':'look','title':'复查 | To look','in':['due'],'from':'enter','after':'90d',"
    "'do':[{'after':'0d','notify':['owner']}]}],"
    "'figures':[{'figure':'look_failed','title':'反弹 | Failed','step':['fail'],'agg':'count'}]}";

/* `repair` with its verification raising a look. */
static struct json *
first_file(struct task *t)
{
    struct json *file = sample_json(t, repair);
    spoil(t, file, "/steps/3/do", "[{'raise':'look','set':{'subject':{'var':'id'}}}]");
    spoil(t, file, "/totals/tree", "{'over':'repair.parent*','agg':'count'}");
    return file;
}

static enum fault_code
together(struct task *t, const struct json *a, const struct json *b)
{
    struct kind_catalog *c = kind_catalog_new(t->arena);
    assert_int_equal(kind_catalog_add(t, c, load_sound(t, a)), FAULT_NONE);
    assert_int_equal(kind_catalog_add(t, c, load_sound(t, b)), FAULT_NONE);
    return kind_catalog_check(t, c);
}

/* Spoils one place of `repair` (with `second` false) or of `look`. */
static void
refuses(struct task *t, bool second, const char *pointer, const char *value, const char *at,
        const char *words)
{
    struct json *a = first_file(t), *b = sample_json(t, look);
    spoil(t, second ? b : a, pointer, value);
    assert_int_equal(together(t, a, b), FAULT_INPUT);
    assert_refused(t, at, words);
}

#define REFUSES(name, second, pointer, value, at, words)                                          \
    static void test_##name(void **state)                                                         \
    {                                                                                             \
        refuses(*state, second, pointer, value, at, words);                                       \
    }

REFUSES(link_to_no_kind, true, "/fields/properties/subject/x-field", "'record:repair|ship'",
        "look.json#/fields/properties/subject/x-field", "no kind “ship”")
REFUSES(raise_of_no_kind, false, "/steps/3/do/0/raise", "'ship'", "repair.json#/steps/3/do/0/raise",
        "no kind “ship”")
REFUSES(raise_without_a_required_field, false, "/steps/3/do/0/set", NULL,
        "repair.json#/steps/3/do/0", "needs “subject”")
REFUSES(raise_that_sets_no_field, false, "/steps/3/do/0/set/colour", "1",
        "repair.json#/steps/3/do/0/set/colour", "no field “colour”")
REFUSES(raise_that_sets_what_the_field_does_not_take, false, "/steps/3/do/0/set/weight", "'much'",
        "repair.json#/steps/3/do/0/set/weight", "")
REFUSES(raise_not_open_to_rules, true, "/steps/0/who/0", "'owner'",
        "repair.json#/steps/3/do/0/raise", "does not list rule")
REFUSES(call_of_no_step, true, "/steps/2/do/0/step", "'gone'", "look.json#/steps/2/do/0/step",
        "no step “gone”")
REFUSES(call_of_a_step_not_open_to_rules, true, "/steps/2/do/0/step", "'apply'",
        "look.json#/steps/2/do/0/step", "does not list rule")
REFUSES(call_that_leaves_a_field_that_must_be_given, true, "/steps/2/do/0/step", "'apply'",
        "look.json#/steps/2/do/0/step", "must be given “photos”")
REFUSES(rule_step_that_nothing_calls, true, "/steps/-",
        "{'step':'idle','title':'空 | Idle','from':['due'],'who':[{'is':'rule'}]}",
        "look.json#/steps/3", "it never happens")
REFUSES(where_on_an_unindexed_field, false, "/totals/looks",
        "{'over':{'from':'look.subject','where':[['weight','>',1]]},'agg':'count'}",
        "repair.json#/totals/looks/over/where/0", "marked x-index")
REFUSES(query_with_neither_place_unit_nor_person, false, "/totals/looks",
        "{'over':{'from':'look','where':[['state','=','due']]},'agg':'count'}",
        "repair.json#/totals/looks/over", "fixes a place, a unit or a person")
REFUSES(total_over_a_link_that_is_none, false, "/totals/looks",
        "{'over':'look.note','agg':'count'}", "repair.json#/totals/looks/over", "no record field")
REFUSES(total_in_no_state, false, "/totals/looks",
        "{'over':{'from':'look.subject','in':['gone']},'agg':'count'}",
        "repair.json#/totals/looks/over/in", "no state “gone”")
REFUSES(kept_total_over_a_computed_field, false, "/totals/looks",
        "{'over':'look.subject','agg':'sum:open_now'}", "repair.json#/totals/looks/agg",
        "a quotient has no delta")
REFUSES(total_over_a_private_field, false, "/totals/looks",
        "{'over':'look.subject','agg':'latest:note'}", "repair.json#/totals/looks/agg", "private")
REFUSES(total_of_no_field, false, "/totals/looks", "{'over':'look.subject','agg':'sum:colour'}",
        "repair.json#/totals/looks/agg", "no field “colour”")
REFUSES(tree_of_a_link_that_moves, false, "/steps/1/ask/-", "'parent'",
        "repair.json#/totals/tree/over", "is a tree")
REFUSES(path_through_a_link_that_leads_nowhere, true, "/steps/1/if",
        "{'==':[{'var':'subject.colour'},'red']}", "look.json#/steps/1/if/==/0/var",
        "none of the linked kinds")
REFUSES(party_of_a_linked_record_that_is_none, true, "/steps/1/apart/0", "'subject.description'",
        "look.json#/steps/1/apart/0", "none of the linked kinds")
REFUSES(x_value_that_reads_a_private_field_of_a_link, true, "/fields/properties/open_now/x-value",
        "{'var':'subject.description'}", "look.json#/fields/properties/open_now/x-value/var",
        "private")
REFUSES(figure_of_two_kinds, true, "/figures/0/figure", "'repair_open'",
        "repair.json#/figures/0/figure", "already")

static void
test_sound_pair_holds(void **state)
{
    struct task *t = *state;
    assert_int_equal(together(t, first_file(t), sample_json(t, look)), FAULT_NONE);
}

static void
test_second_kind_open_to_the_public(void **state)
{
    struct task *t = *state;
    struct json *a = first_file(t), *b = sample_json(t, look);
    spoil(t, a, "/steps/0/who/-", "{'is':'public'}");
    assert_int_equal(together(t, a, b), FAULT_NONE);
    spoil(t, b, "/steps/0/who/-", "{'is':'public'}");
    assert_int_equal(together(t, a, b), FAULT_INPUT);
    assert_refused(t, "repair.json#/steps", "Only one kind");
}

/* ---- loops of rules ---- */

static void
test_loop_in_one_definition(void **state)
{
    struct task *t = *state;
    struct json *a = first_file(t), *b = sample_json(t, look);
    spoil(t, a, "/steps/-", "{'step':'there','title':'去 | There','from':['open'],'to':'applied',"
                            "'who':[{'is':'rule'}],'if':{'>':[{'var':'times'},1]}}");
    assert_int_equal(together(t, a, b), FAULT_NONE);
    spoil(t, a, "/steps/-", "{'step':'back','title':'回 | Back','from':['applied'],'to':'open',"
                            "'who':[{'is':'rule'}],'if':{'>':[{'var':'times'},2]}}");
    assert_int_equal(together(t, a, b), FAULT_INPUT);
    assert_refused(t, "repair.json#/steps/5/if", "in a ring");
    assert_refused(t, "repair.json#/steps/6/if", "in a ring");
}

static void
test_loop_through_two_definitions(void **state)
{
    struct task *t = *state;
    struct json *a = first_file(t), *b = sample_json(t, look);
    /* reopening raises a look, which reopens as soon as it is there */
    spoil(t, a, "/steps/4/do", "[{'raise':'look','set':{'subject':{'var':'id'}}}]");
    assert_int_equal(together(t, a, b), FAULT_NONE);
    spoil(t, b, "/steps/2/who", "[{'is':'rule'}]");
    spoil(t, b, "/steps/2/if", "{'>':[{'var':'weight'},0]}");
    assert_int_equal(together(t, a, b), FAULT_INPUT);
    assert_refused(t, "repair.json#/steps/4/do/0", "in a ring");
}

static void
test_loop_that_climbs_a_link_of_birth_is_let_through(void **state)
{
    struct task *t = *state;
    struct json *a = first_file(t), *b = sample_json(t, look);
    /* repair.reopen re-opens its parent: sound while only `create` sets the parent */
    spoil(t, a, "/totals/tree", NULL);
    assert_int_equal(together(t, a, b), FAULT_NONE);
    spoil(t, a, "/steps/1/ask/-", "'parent'");
    assert_int_equal(together(t, a, b), FAULT_INPUT);
    assert_refused(t, "repair.json#/steps/4/do/0", "in a ring");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, task_begin, task_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sound_pair_holds),
        TEST(test_link_to_no_kind),
        TEST(test_raise_of_no_kind),
        TEST(test_raise_without_a_required_field),
        TEST(test_raise_that_sets_no_field),
        TEST(test_raise_that_sets_what_the_field_does_not_take),
        TEST(test_raise_not_open_to_rules),
        TEST(test_call_of_no_step),
        TEST(test_call_of_a_step_not_open_to_rules),
        TEST(test_call_that_leaves_a_field_that_must_be_given),
        TEST(test_rule_step_that_nothing_calls),
        TEST(test_where_on_an_unindexed_field),
        TEST(test_query_with_neither_place_unit_nor_person),
        TEST(test_total_over_a_link_that_is_none),
        TEST(test_total_in_no_state),
        TEST(test_kept_total_over_a_computed_field),
        TEST(test_total_over_a_private_field),
        TEST(test_total_of_no_field),
        TEST(test_tree_of_a_link_that_moves),
        TEST(test_path_through_a_link_that_leads_nowhere),
        TEST(test_party_of_a_linked_record_that_is_none),
        TEST(test_x_value_that_reads_a_private_field_of_a_link),
        TEST(test_figure_of_two_kinds),
        TEST(test_second_kind_open_to_the_public),
        TEST(test_loop_in_one_definition),
        TEST(test_loop_through_two_definitions),
        TEST(test_loop_that_climbs_a_link_of_birth_is_let_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
