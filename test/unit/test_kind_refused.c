/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_kind_refused.c - what is refused when one definition is loaded, one test a refusal.
 *
 * Each test spoils one place of a sound definition and looks for the refusal at its pointer.
 */
#include "kind_sample.h"

struct change {
    const char *pointer, *value; /* value NULL: taken away */
};

static void
refuses(void **state, const struct change *changes, size_t n, const char *pointer,
        const char *words)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    struct kind *k = NULL;
    for (size_t i = 0; i < n; i++)
        spoil(t, file, changes[i].pointer, changes[i].value);
    assert_int_equal(load_json(t, file, &k), FAULT_INPUT);
    assert_null(k);
    assert_refused(t, pointer, words);
}

/* REFUSES(name, pointer of the refusal, what it says, what is changed…) */
#define REFUSES(name, at, words, ...)                                                             \
    static void test_##name(void **state)                                                         \
    {                                                                                             \
        const struct change changes[] = {__VA_ARGS__};                                            \
        refuses(state, changes, sizeof changes / sizeof *changes, at, words);                     \
    }


REFUSES(unknown_word, "/colour", "Unknown word",
        {"/colour", "1"})
REFUSES(unknown_word_in_a_step, "/steps/1/when", "Unknown word",
        {"/steps/1/when", "1"})
REFUSES(unknown_word_in_a_state, "/states/0/colour", "Unknown word",
        {"/states/0/colour", "1"})
REFUSES(unknown_word_in_a_rung, "/clocks/0/do/0/to", "Unknown word",
        {"/clocks/0/do/0/to", "1"})
REFUSES(unknown_mark, "/fields/properties/level/x-colour", "Unknown word",
        {"/fields/properties/level/x-colour", "1"})
REFUSES(unknown_keyword_of_schema, "/fields/properties/level/anyOf", "Unknown word",
        {"/fields/properties/level/anyOf", "[]"})
REFUSES(unknown_x_field, "/fields/properties/enterprise/x-field", "Unknown x-field",
        {"/fields/properties/enterprise/x-field", "'ship'"})
REFUSES(number_type, "/fields/properties/times/type", "Decimals travel as text",
        {"/fields/properties/times/type", "'number'"})
REFUSES(x_field_of_another_type, "/fields/properties/times/x-field", "needs type",
        {"/fields/properties/times/x-field", "'unit'"})
REFUSES(unknown_relation, "/steps/3/who/0/is", "Unknown relation",
        {"/steps/3/who/0/is", "'beside:owner'"})
REFUSES(unknown_party, "/steps/3/apart/0", "no such party",
        {"/steps/3/apart/0", "'nobody'"})
REFUSES(party_of_a_field_that_names_none, "/steps/3/apart/0", "names no unit",
        {"/steps/3/apart/0", "'level'"})
REFUSES(unknown_party_in_a_relation, "/steps/3/who/0/is", "names no unit",
        {"/steps/3/who/0/is", "'upper:level'"})
REFUSES(unknown_op, "/totals/below/over/where/0/1", "Unknown op",
        {"/totals/below/over/where", "[['level','like','major']]"})
REFUSES(unknown_operator, "/steps/3/if/log", "Unknown operator",
        {"/steps/3/if", "{'log':['x']}"})
REFUSES(unknown_verb, "/steps/1/do/0", "one of raise, step, notify",
        {"/steps/1/do/0", "{'write':'level'}"})
REFUSES(two_verbs_in_one_effect, "/steps/1/do/0", "one of raise, step, notify",
        {"/steps/1/do/0/raise", "'repair'"})
REFUSES(unknown_aggregate, "/totals/below/agg", "Unknown aggregate",
        {"/totals/below/agg", "'mean'"})
REFUSES(two_states_of_one_name, "/states/1/state", "stands twice",
        {"/states/1/state", "'open'"})
REFUSES(two_steps_of_one_name, "/steps/2/step", "stands twice",
        {"/steps/2/step", "'apply'"})
REFUSES(two_clocks_of_one_name, "/clocks/1/clock", "stands twice",
        {"/clocks/1/clock", "'repair'"})
REFUSES(two_figures_of_one_name, "/figures/1/figure", "stands twice",
        {"/figures/1/figure", "'repair_open'"})
REFUSES(field_asked_twice, "/steps/1/ask/5", "stands twice",
        {"/steps/1/ask/-", "'reason!'"})
REFUSES(name_of_no_field, "/steps/1/ask/5", "no field",
        {"/steps/1/ask/-", "'colour'"})
REFUSES(name_of_no_field_in_set, "/steps/4/set/colour", "no field",
        {"/steps/4/set/colour", "1"})
REFUSES(name_of_no_field_shown, "/show/0/fields/0", "no field",
        {"/show/0/fields/0", "'colour'"})
REFUSES(name_of_no_field_seen, "/sight/0/fields/0", "no field",
        {"/sight/0/fields/0", "'colour'"})
REFUSES(name_of_no_field_required, "/fields/required/3", "no such field",
        {"/fields/required/-", "'colour'"})
REFUSES(name_of_no_state, "/steps/1/to", "no state",
        {"/steps/1/to", "'gone'"})
REFUSES(name_of_no_state_in_a_clock, "/clocks/0/in/0", "no state",
        {"/clocks/0/in/0", "'gone'"})
REFUSES(name_of_no_step, "/number/step", "no such step",
        {"/number/step", "'gone'"})
REFUSES(name_of_no_step_in_a_party, "/steps/3/apart/1", "must follow did:",
        {"/steps/3/apart/1", "'person:did:gone'"})
REFUSES(name_of_no_clock, "/steps/3/if/>/0/var", "no clock",
        {"/steps/3/if", "{'>':[{'var':'late.gone'},0]}"})
REFUSES(name_of_no_total, "/steps/3/if/>/0/var", "no total",
        {"/steps/3/if", "{'>':[{'var':'total.gone'},0]}"})
REFUSES(path_that_cannot_exist, "/steps/3/if/==/0/var", "neither a field nor a column",
        {"/steps/3/if", "{'==':[{'var':'colour'},'red']}"})
REFUSES(path_into_a_list_that_cannot_exist, "/steps/1/do/0/set/enterprise/var", "holds no",
        {"/steps/1/do/0", "{'raise':'repair','over':'parts',"
                          "'set':{'enterprise':{'var':'item.colour'}}}"})
REFUSES(item_outside_over, "/steps/3/if/var", "only inside over",
        {"/steps/3/if", "{'var':'item.unit'}"})
REFUSES(missing_names_no_field, "/steps/3/if/!/missing/0", "neither a field nor a column",
        {"/steps/3/if", "{'!':{'missing':['colour']}}"})
REFUSES(text_compared_with_money, "/steps/3/if/>", "compared with a text",
        {"/steps/3/if", "{'>':[{'var':'money'},{'var':'level'}]}"})
REFUSES(text_compared_with_a_number, "/steps/3/if/==", "compared with a text",
        {"/steps/3/if", "{'==':[{'var':'times'},'many']}"})
REFUSES(date_compared_with_days, "/steps/3/if/<", "compared with a text",
        {"/steps/3/if", "{'<':[{'var':'deadline'},30]}"})
REFUSES(text_calculated_with, "/steps/3/if/>/0/+/0", "cannot be calculated",
        {"/steps/3/if", "{'>':[{'+':[{'var':'level'},1]},0]}"})
REFUSES(value_outside_the_enum, "/steps/3/if/==", "not among the values",
        {"/steps/3/if", "{'==':[{'var':'level'},'grave']}"})
REFUSES(state_outside_the_list, "/steps/3/if/in/1/1", "not among the values",
        {"/steps/3/if", "{'in':[{'var':'state'},['open','gone']]}"})
REFUSES(literal_outside_the_enum_set, "/steps/4/set/level", "Not among the values",
        {"/steps/4/set/level", "'grave'"})
REFUSES(literal_of_another_type_set, "/steps/4/set/times", "",
        {"/steps/4/set/times", "'many'"})
REFUSES(computed_field_set, "/steps/4/set/twice", "computed",
        {"/steps/4/set/twice", "1"})
REFUSES(computed_field_asked, "/steps/1/ask/5", "computed",
        {"/steps/1/ask/-", "'twice'"})
REFUSES(state_that_cannot_be_reached, "/states/3", "No step leads to",
        {"/states/-", "{'state':'lost','title':'失 | Lost','final':true}"})
REFUSES(state_that_cannot_be_left, "/states/3", "cannot be left",
        {"/states/-", "{'state':'stuck','title':'滞 | Stuck','hold':'无 | none'}"},
        {"/steps/2/to", "'stuck'"})
REFUSES(step_never_made, "/steps/4", "can never be made",
        {"/states/-", "{'state':'lost','title':'失 | Lost','final':true}"},
        {"/steps/4/from/0", "'lost'"})
REFUSES(state_with_neither_clock_nor_hold, "/states/1", "neither a clock nor a reason",
        {"/clocks/1/in/0", "'open'"})
REFUSES(clock_in_a_final_state, "/clocks/1/in", "No clock runs in the final state",
        {"/clocks/1/in/-", "'closed'"})
REFUSES(step_into_a_final_state_without_apart, "/steps/3/apart", "who must not make it",
        {"/steps/3/apart", NULL})
REFUSES(final_state_left_by_a_person, "/steps/4/who", "Only a rule's step",
        {"/steps/4/who/-", "'owner'"})
REFUSES(step_nobody_may_do, "/steps/2/who", "Nobody may do",
        {"/steps/2/who", NULL})
REFUSES(step_of_a_clock_that_no_rung_makes, "/steps/2/who", "no rung does",
        {"/steps/2/who", "[{'is':'clock'}]"})
REFUSES(rung_making_a_step_not_open_to_the_clock, "/clocks/0/do/2/step", "must list clock",
        {"/clocks/0/do/-", "{'after':'1d','step':'apply'}"})
REFUSES(rung_making_a_step_out_of_another_state, "/clocks/0/do/2/step", "cannot be made in the "
                                                                        "states",
        {"/steps/2/who/-", "{'is':'clock'}"},
        {"/clocks/0/do/-", "{'after':'1d','step':'return'}"})
REFUSES(no_create_step, "/steps", "No step creates",
        {"/steps/0/from/-", "'closed'"})
REFUSES(two_create_steps, "/steps/2", "more than one step",
        {"/steps/2/from", "[]"},
        {"/steps/2/to", "'open'"})
REFUSES(create_step_without_a_state, "/steps/0/to", "must say the state",
        {"/steps/0/to", NULL})
REFUSES(create_step_that_leaves_a_required_field, "/steps/0/ask", "not given at creation",
        {"/steps/0/ask/0", "'holder'"})
REFUSES(public_in_a_later_step, "/steps/1/who", "only make the create step",
        {"/steps/1/who/-", "{'is':'public'}"})
REFUSES(automatic_step_that_happens_again_and_again, "/steps/5/if", "again and again",
        {"/steps/-", "{'step':'idle','title':'空 | "
                     "Idle','from':['open'],'who':[{'is':'rule'}],'if':{"
         "'>':[{'var':'times'},1]}}"})
REFUSES(query_over_a_kind_without_where, "/totals/below/over/from", "must be narrowed",
        {"/totals/below/over", "{'from':'repair'}"})
REFUSES(kept_total_under_a_moving_condition, "/totals/below/over/where/0/2", "literal conditions "
                                                                             "only",
        {"/totals/below/over/where", "[['level','=',{'var':'level'}]]"})
REFUSES(total_over_a_list_of_the_record, "/totals/below/over", "total is over records",
        {"/totals/below/over", "'parts'"})
REFUSES(set_that_is_none, "/steps/1/do/0/over", "is no set",
        {"/steps/1/do/0", "{'raise':'repair','over':'level'}"})
REFUSES(cycle_of_x_value, "/fields/properties/twice/x-value", "in a circle",
        {"/fields/properties/thrice", "{'title':'三 | "
                                   "Thrice','type':'integer','x-value':{'+':[{'var':'twice'},1]}}"},
        {"/fields/properties/twice/x-value", "{'-':[{'var':'thrice'},1]}"})
REFUSES(x_value_that_reads_the_actor, "/fields/properties/twice/x-value/var", "Nobody acts here",
        {"/fields/properties/twice/x-value", "{'var':'me.unit'}"})
REFUSES(x_value_that_reads_a_private_field, "/fields/properties/twice/x-value/var", "must not be "
                                                                                    "read here",
        {"/fields/properties/twice/x-value", "{'var':'description'}"})
REFUSES(x_value_that_reads_a_private_field_by_a_rule, "/fields/properties/twice/x-value/give/a",
        "must not be read here",
        {"/fields/properties/twice/x-value",
         "{'rule':'r','on':'found_on','give':{'a':'reason'},'take':'x'}"})
REFUSES(moving_value_indexed, "/fields/properties/twice/x-index", "not stored",
        {"/fields/properties/twice/x-value", "{'var':'total.below'}"},
        {"/fields/properties/twice/x-index", "true"})
REFUSES(private_field_indexed, "/fields/properties/reason/x-index", "cannot be indexed",
        {"/fields/properties/reason/x-index", "true"})
REFUSES(figure_by_a_private_field, "/figures/0/by/0", "private field",
        {"/figures/0/by/0", "'reason'"})
REFUSES(figure_by_an_unindexed_field, "/figures/0/by/0", "x-index",
        {"/figures/0/by/0", "'times'"})
REFUSES(figure_if_reads_a_private_field, "/figures/0/if/==/0/var", "must not be read here",
        {"/figures/0/if", "{'==':[{'var':'reason'},'x']}"})
REFUSES(figure_that_sums_a_moving_value, "/figures/0/agg", "moves by itself",
        {"/fields/properties/twice/x-value", "{'var':'total.below'}"},
        {"/figures/0/agg", "'sum:twice'"})
REFUSES(figure_neither_stock_nor_flow, "/figures/0", "a stock (in) or a flow",
        {"/figures/0/in", NULL})
REFUSES(ratio_of_no_figures, "/figures/2/agg", "figures of this definition",
        {"/figures/2/agg", "'ratio:repair_open/gone'"})
REFUSES(number_that_tells_a_private_field, "/number/set", "private field",
        {"/number/set", "'{reason}-{serial:3}'"})
REFUSES(number_without_serial, "/number/set", "needs {serial:N}",
        {"/number/set", "'{place}-{year}'"})
#define LENDS(over) "{'in':['open'],'to':['holder'],'role':['reader'],'over':" over "}"
REFUSES(lent_sight_without_a_clock_that_ends_it, "/sight/1/in", "No clock ends",
        {"/sight/-", LENDS("{'from':'repair','where':[['place','under',{'var':'place'}]]}")})
REFUSES(lent_sight_that_fixes_no_place_nor_owner, "/sight/1/over", "fixes a place",
        {"/sight/-", LENDS("{'from':'repair','where':[['enterprise','=',{'var':'enterprise'}]]}")})
REFUSES(lent_sight_of_linked_records, "/sight/1/over", "records of a kind",
        {"/sight/-", LENDS("'repair.parent'")})
REFUSES(lent_sight_by_a_condition_that_moves, "/sight/1/over/where/1", "no within",
        {"/sight/-", LENDS("{'from':'repair','where':[['place','under',{'var':'place'}],"
                           "['found_on','within','90d']]}")})
REFUSES(lent_sight_by_a_private_value, "/sight/1/over/where/1/2", "must not be read here",
        {"/sight/-", LENDS("{'from':'repair','where':[['place','under',{'var':'place'}],"
                           "['level','=',{'var':'reason'}]]}")})
REFUSES(lent_sight_to_the_public, "/sight/1/to", "not lent to the public",
        {"/sight/-", "{'in':['open'],'to':['public'],'fields':['level'],'role':['reader'],'over':"
                     "{'from':'repair','where':[['place','under',{'var':'place'}]]}}"})
REFUSES(level_party_of_a_field_that_gives_none, "/states/0/desk/0", "gives a level",
        {"/states/0/desk/0", "'at:level'"})
#define QUERY {"/fields/properties/query", "{'title':'查询 | Query','type':'object','x-field':'find'}"}
REFUSES(conditions_around_a_query, "/totals/found/over", "holds its own conditions",
        QUERY, {"/totals/found", "{'over':{'from':'query','in':['open']},'agg':'count'}"})
REFUSES(all_of_a_query, "/totals/found/over", "asked of links",
        QUERY, {"/totals/found", "{'over':'query','agg':'all'}"})
REFUSES(public_sight_of_a_sealed_field, "/sight/1/fields/0", "cannot be shown to the public",
        {"/sight/-", "{'in':['closed'],'to':['public'],'fields':['sealed']}"})
REFUSES(sentence_of_a_paper_in_one_language, "/show/2/says/0", "in both languages",
        {"/show/-", "{'to':'print','fields':['number'],'says':['only one']}"})
REFUSES(paper_of_no_unit, "/show/2/by", "names a unit",
        {"/show/-", "{'to':'print','fields':['number'],'by':'number'}"})
REFUSES(lines_to_sign_on_a_list, "/show/2/signs", "Only a paper",
        {"/show/-", "{'to':'list','fields':['number'],'signs':['甲 | A']}"})
REFUSES(plate_of_a_sealed_field, "/show/2/fields/0", "sealed field",
        {"/show/-", "{'to':'plate','fields':['sealed']}"})
REFUSES(sight_without_its_subject, "/sight/1", "Exactly one of",
        {"/sight/-", "{'in':['closed'],'fields':['state']}"})
REFUSES(figure_in_an_only_state, "/figures/0/in", "would tell",
        {"/sight/-", "{'in':['open'],'only':['owner']}"})
REFUSES(flow_into_an_only_state, "/figures/1/step", "would tell",
        {"/sight/-", "{'in':['closed'],'only':['owner']}"})
REFUSES(number_in_an_only_state, "/number/step", "series would tell",
        {"/sight/-", "{'in':['open'],'only':['owner']}"})
REFUSES(notice_in_an_only_state, "/steps/1/do/0/notify", "would tell",
        {"/sight/-", "{'in':['applied'],'only':['owner']}"},
        {"/steps/1/do/0/notify/0", "'supervisor:enterprise'"})
REFUSES(rung_before_the_clock_starts, "/clocks/0/do/0/after", "before the clock starts",
        {"/clocks/0/do/0/after", "'-6d'"})
REFUSES(rung_without_a_distance, "/clocks/0/do/0/after", "distance from the due",
        {"/clocks/0/do/0/after", "'soon'"})
REFUSES(clock_from_nothing, "/clocks/0/from", "a date field or a step",
        {"/clocks/0/from", "'level'"})
REFUSES(clock_without_a_length, "/clocks/0/after", "how long the clock runs",
        {"/clocks/0/after", NULL})
REFUSES(clock_of_no_duration, "/clocks/0/after", "A duration",
        {"/clocks/0/after", "'five days'"})
REFUSES(clock_without_a_consequence, "/clocks/0/do", "consequence",
        {"/clocks/0/do", "[]"})
REFUSES(clock_that_runs_and_stands_still, "/clocks/0/hold", "run and stand still",
        {"/clocks/0/hold", "['open']"})
REFUSES(title_in_one_language, "/title", "both languages",
        {"/title", "'整改'"})
REFUSES(title_of_a_step_in_one_language, "/steps/1/title", "both languages",
        {"/steps/1/title", "'Apply'"})
REFUSES(field_without_title, "/fields/properties/times/title", "both languages",
        {"/fields/properties/times/title", NULL})
REFUSES(enum_without_titles, "/fields/properties/level/x-titles", "no title in x-titles",
        {"/fields/properties/level/x-titles", NULL})
REFUSES(field_named_as_a_column, "/fields/properties/owner", "cannot name a field",
        {"/fields/properties/owner", "{'title':'主 | Owner','type':'string','x-public':true}"})
REFUSES(level_without_enum, "/fields/properties/level", "needs an enum",
        {"/fields/properties/level", "{'title':'级 | Level','type':'integer'}"})
REFUSES(part_that_is_not_there, "/clocks/0/do/2/use", "no part",
        {"/clocks/0/do/-", "{'use':'gone'}"})
REFUSES(part_that_uses_itself, "parts/circle.json#/0/use", "too deeply or in a circle",
        {"/clocks/0/do/-", "{'use':'circle'}"})
REFUSES(mistake_inside_a_part, "parts/bad_rungs.json#/0/notify/0", "no such party",
        {"/clocks/0/do/-", "{'use':'bad_rungs'}"})
REFUSES(whole_part_in_a_list, "/clocks/0/do/2/use", "must be a list",
        {"/clocks/0/do/-", "{'use':'whole'}"})
REFUSES(version_missing, "/version", "from 1",
        {"/version", NULL})
REFUSES(migrate_from_a_later_version, "/migrate/0/from/0", "earlier version",
        {"/migrate", "[{'from':[1]}]"})
REFUSES(migrate_to_no_state, "/migrate/0/to/open", "no such state",
        {"/version", "2"},
        {"/migrate", "[{'from':[1],'to':{'open':'gone'}}]"})
REFUSES(condition_that_is_a_constant, "/steps/3/if", "not a constant",
        {"/steps/3/if", "true"})
REFUSES(path_that_is_none, "/steps/3/if/!/var", "is no path",
        {"/steps/3/if", "{'!':{'var':'parent.'}}"})
REFUSES(role_that_is_no_name, "/steps/0/who/0/role/0", "lower-case",
        {"/steps/0/who/0/role/0", "'Inspector'"})
REFUSES(role_that_is_nobody, "/steps/0/who/0/role", "leave role out",
        {"/steps/0/who/0/role", "[]"})
REFUSES(clock_in_no_state, "/clocks/0/in", "Name the states",
        {"/clocks/0/in", "[]"})
#define CARRIES "{'step':'carry_in','title':'迁入 | Carry in','from':[],'to':'open','who':[{'is':'carry'}"
REFUSES(carrying_step_open_to_others, "/steps/5/who", "open to nobody else",
        {"/steps/-", CARRIES ",{'is':'rule'}],'ask':['enterprise!','found_on!','description!'],"
                             "'set':{'owner':{'var':'enterprise'}}}"})
REFUSES(carrying_step_that_leaves_a_required_field, "/steps/5/ask", "not given at creation",
        {"/steps/-", CARRIES "],'ask':['enterprise!','found_on!'],'set':{'owner':{'var':'enterprise'}}}"})
REFUSES(carrying_step_that_neither_creates_nor_is_named, "/steps/1", "Only the step that carries.step",
        {"/steps/1/who", "[{'is':'carry'}]"})
REFUSES(carries_of_a_step_open_to_people, "/carries/step", "open to carry alone",
        {"/carries", "{'into':'level','rows':'parts','taken':'times','refused':'times','left':'parts',"
                     "'by':['create','verify'],'step':'apply'}"})
REFUSES(carries_confirmed_by_who_prepared, "/carries/by", "it takes two people",
        {"/carries", "{'into':'level','rows':'parts','taken':'times','refused':'times','left':'parts',"
                     "'by':['create','verify'],'step':'apply'}"})
REFUSES(carries_by_one, "/carries/by", "Two steps",
        {"/carries", "{'into':'level','rows':'parts','taken':'times','refused':'times','left':'parts',"
                     "'by':['create'],'step':'apply'}"})
REFUSES(refusal_in_one_language, "/steps/1/refused/0/says", "both languages",
        {"/steps/1/refused", "[{'if':{'==':[{'var':'level'},'major']},'says':'只有中文'}]"})
REFUSES(old_words_of_a_value_that_is_none, "/fields/properties/level/x-words/grave", "no value",
        {"/fields/properties/level/x-words", "{'grave':['较大']}"})
REFUSES(owner_written_down, "/steps/0/set/owner", "fits no other place",
        {"/steps/0/set/owner", "'U1'"})

/* ---- what one change of a place cannot show ---- */

static void
refuses_bytes(struct task *t, const char *bytes, size_t len, const char *words)
{
    struct kind *k = NULL;
    assert_int_equal(kind_load(t, bytes, len, NULL, &k), FAULT_INPUT);
    assert_null(k);
    assert_non_null(strstr(t->fault.items[0].en, words));
}

static void
test_two_fields_of_one_name(void **state)
{
    struct task *t = *state;
    struct kind *k = NULL;
    const char *text = quoted(t, "{'kind':'x','fields':{'properties':{'a':1,'a':2}}}");
    assert_int_equal(kind_load(t, text, strlen(text), NULL, &k), FAULT_INPUT);
    assert_null(k);
}

static void
test_file_that_is_no_object(void **state)
{
    refuses_bytes(*state, "[]", 2, "one object");
}

static void
test_more_than_200_kB(void **state)
{
    struct task *t = *state;
    char *bytes = arena_alloc(t->arena, LIMIT_DEFINITION + 2);
    memset(bytes, ' ', LIMIT_DEFINITION + 1);
    memcpy(bytes, "{}", 2);
    refuses_bytes(t, bytes, LIMIT_DEFINITION + 1, "over 200 kB");
}

static void
test_more_than_64_states(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    struct kind *k = NULL;
    for (int i = 0; i < LIMIT_STATES - 2; i++)
        spoil(t, file, "/states/-",
              arena_format(t->arena, "{'state':'s%d','title':'态 | State','final':true}", i));
    assert_int_equal(load_json(t, file, &k), FAULT_INPUT);
    assert_refused(t, "/states", "At most");
}

static void
test_more_than_128_steps(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    struct kind *k = NULL;
    for (int i = 0; i < LIMIT_STEPS - 4; i++)
        spoil(t, file, "/steps/-",
              arena_format(t->arena, "{'step':'s%d','title':'步 | Step','from':['open'],"
                                     "'who':['owner']}", i));
    assert_int_equal(load_json(t, file, &k), FAULT_INPUT);
    assert_refused(t, "/steps", "At most");
}

static void
test_more_than_256_fields(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    struct kind *k = NULL;
    for (int i = 0; i < LIMIT_FIELDS; i++)
        spoil(t, file, arena_format(t->arena, "/fields/properties/f%d", i),
              "{'title':'域 | Field','type':'integer'}");
    assert_int_equal(load_json(t, file, &k), FAULT_INPUT);
    assert_refused(t, "/fields/properties", "At most");
}

static void
test_more_than_24_indexed(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    struct kind *k = NULL;
    for (int i = 0; i < LIMIT_INDEXED; i++)
        spoil(t, file, arena_format(t->arena, "/fields/properties/f%d", i),
              "{'title':'域 | Field','type':'integer','x-index':true}");
    assert_int_equal(load_json(t, file, &k), FAULT_INPUT);
    assert_refused(t, "/fields/properties/f23/x-index", "At most");
}

static void
test_many_refusals_are_told_at_once(void **state)
{
    struct task *t = *state;
    struct json *file = sample_json(t, repair);
    struct kind *k = NULL;
    spoil(t, file, "/colour", "1");
    spoil(t, file, "/steps/1/to", "'gone'");
    spoil(t, file, "/show/0/fields/0", "'colour'");
    assert_int_equal(load_json(t, file, &k), FAULT_INPUT);
    assert_refused(t, "/colour", "Unknown word");
    assert_refused(t, "/steps/1/to", "no state");
    assert_refused(t, "/show/0/fields/0", "no field");
    assert_int_equal(t->fault.n_items, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, task_begin, task_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unknown_word), TEST(test_unknown_word_in_a_step),
        TEST(test_unknown_word_in_a_state), TEST(test_unknown_word_in_a_rung),
        TEST(test_unknown_mark), TEST(test_unknown_keyword_of_schema), TEST(test_unknown_x_field),
        TEST(test_number_type), TEST(test_x_field_of_another_type), TEST(test_unknown_relation),
        TEST(test_unknown_party), TEST(test_party_of_a_field_that_names_none),
        TEST(test_unknown_party_in_a_relation), TEST(test_unknown_op), TEST(test_unknown_operator),
        TEST(test_unknown_verb), TEST(test_two_verbs_in_one_effect), TEST(test_unknown_aggregate),
        TEST(test_two_states_of_one_name), TEST(test_two_steps_of_one_name),
        TEST(test_two_clocks_of_one_name), TEST(test_two_figures_of_one_name),
        TEST(test_field_asked_twice), TEST(test_name_of_no_field),
        TEST(test_name_of_no_field_in_set), TEST(test_name_of_no_field_shown),
        TEST(test_name_of_no_field_seen), TEST(test_name_of_no_field_required),
        TEST(test_name_of_no_state), TEST(test_name_of_no_state_in_a_clock),
        TEST(test_name_of_no_step), TEST(test_name_of_no_step_in_a_party),
        TEST(test_name_of_no_clock), TEST(test_name_of_no_total),
        TEST(test_path_that_cannot_exist), TEST(test_path_into_a_list_that_cannot_exist),
        TEST(test_item_outside_over), TEST(test_missing_names_no_field),
        TEST(test_text_compared_with_money), TEST(test_text_compared_with_a_number),
        TEST(test_date_compared_with_days), TEST(test_text_calculated_with),
        TEST(test_value_outside_the_enum), TEST(test_state_outside_the_list),
        TEST(test_literal_outside_the_enum_set), TEST(test_literal_of_another_type_set),
        TEST(test_computed_field_set), TEST(test_computed_field_asked),
        TEST(test_state_that_cannot_be_reached), TEST(test_state_that_cannot_be_left),
        TEST(test_step_never_made), TEST(test_state_with_neither_clock_nor_hold),
        TEST(test_clock_in_a_final_state), TEST(test_step_into_a_final_state_without_apart),
        TEST(test_final_state_left_by_a_person), TEST(test_step_nobody_may_do),
        TEST(test_step_of_a_clock_that_no_rung_makes),
        TEST(test_rung_making_a_step_not_open_to_the_clock),
        TEST(test_rung_making_a_step_out_of_another_state), TEST(test_no_create_step),
        TEST(test_two_create_steps), TEST(test_create_step_without_a_state),
        TEST(test_create_step_that_leaves_a_required_field), TEST(test_public_in_a_later_step),
        TEST(test_automatic_step_that_happens_again_and_again),
        TEST(test_query_over_a_kind_without_where), TEST(test_kept_total_under_a_moving_condition),
        TEST(test_total_over_a_list_of_the_record), TEST(test_set_that_is_none),
        TEST(test_cycle_of_x_value), TEST(test_x_value_that_reads_the_actor),
        TEST(test_x_value_that_reads_a_private_field),
        TEST(test_x_value_that_reads_a_private_field_by_a_rule), TEST(test_moving_value_indexed),
        TEST(test_private_field_indexed), TEST(test_figure_by_a_private_field),
        TEST(test_figure_by_an_unindexed_field), TEST(test_figure_if_reads_a_private_field),
        TEST(test_figure_that_sums_a_moving_value), TEST(test_figure_neither_stock_nor_flow),
        TEST(test_ratio_of_no_figures), TEST(test_number_that_tells_a_private_field),
        TEST(test_number_without_serial), TEST(test_lent_sight_without_a_clock_that_ends_it),
        TEST(test_lent_sight_that_fixes_no_place_nor_owner),
        TEST(test_lent_sight_of_linked_records),
        TEST(test_lent_sight_by_a_condition_that_moves),
        TEST(test_lent_sight_by_a_private_value),
        TEST(test_lent_sight_to_the_public),
        TEST(test_level_party_of_a_field_that_gives_none),
        TEST(test_conditions_around_a_query), TEST(test_all_of_a_query),
        TEST(test_public_sight_of_a_sealed_field), TEST(test_plate_of_a_sealed_field),
        TEST(test_sentence_of_a_paper_in_one_language), TEST(test_lines_to_sign_on_a_list), TEST(test_paper_of_no_unit),
        TEST(test_sight_without_its_subject), TEST(test_figure_in_an_only_state),
        TEST(test_flow_into_an_only_state), TEST(test_number_in_an_only_state),
        TEST(test_notice_in_an_only_state), TEST(test_rung_before_the_clock_starts),
        TEST(test_rung_without_a_distance), TEST(test_clock_from_nothing),
        TEST(test_clock_without_a_length), TEST(test_clock_of_no_duration),
        TEST(test_clock_without_a_consequence), TEST(test_clock_that_runs_and_stands_still),
        TEST(test_title_in_one_language), TEST(test_title_of_a_step_in_one_language),
        TEST(test_field_without_title), TEST(test_enum_without_titles),
        TEST(test_field_named_as_a_column), TEST(test_level_without_enum),
        TEST(test_part_that_is_not_there), TEST(test_part_that_uses_itself),
        TEST(test_mistake_inside_a_part), TEST(test_whole_part_in_a_list),
        TEST(test_version_missing), TEST(test_migrate_from_a_later_version),
        TEST(test_migrate_to_no_state), TEST(test_condition_that_is_a_constant),
        TEST(test_path_that_is_none), TEST(test_role_that_is_no_name),
        TEST(test_role_that_is_nobody), TEST(test_clock_in_no_state),
        TEST(test_carrying_step_open_to_others),
        TEST(test_carrying_step_that_leaves_a_required_field),
        TEST(test_carrying_step_that_neither_creates_nor_is_named),
        TEST(test_carries_of_a_step_open_to_people),
        TEST(test_carries_confirmed_by_who_prepared),
        TEST(test_carries_by_one),
        TEST(test_refusal_in_one_language),
        TEST(test_old_words_of_a_value_that_is_none),
        TEST(test_owner_written_down), TEST(test_two_fields_of_one_name),
        TEST(test_file_that_is_no_object), TEST(test_more_than_200_kB),
        TEST(test_more_than_64_states), TEST(test_more_than_128_steps),
        TEST(test_more_than_256_fields), TEST(test_more_than_24_indexed),
        TEST(test_many_refusals_are_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
