/* SPDX-License-Identifier: Apache-2.0 */
/* test_desk_place.c - places that are renamed, moved and merged: what lies there goes along, and past
 * days read as they did. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

#define MERGE_DAY "2026-11-26T09:00:00+08:00"

static struct desk_place_report
change(struct city *c, const char *code, const char *to, bool merges, bool ends_posts)
{
    const struct desk_place_change how = {
        .code = code, .to = to, .merges = merges, .ends_posts = ends_posts};
    struct desk_place_report out;

    fault_clear(T);
    CITY_OK(desk_place_move(T, c->desk, &how, &out));
    return out;
}

static enum fault_code
try_change(struct city *c, const char *code, const char *to, bool merges)
{
    const struct desk_place_change how = {.code = code, .to = to, .merges = merges};
    struct desk_place_report out;

    fault_clear(T);
    return desk_place_move(T, c->desk, &how, &out);
}

/* A hazard of the other county's firm. */
static const char *
second_hazard(struct city *c)
{
    CITY_CREATE(W.safety2, "hazard", "320206001000",
                city_fields(c,
                            "{'enterprise':'u%lld','source':'self','found_on':'2026-11-23','level':'general',"
                            "'description':'地面油污未清','owner_person':'p%lld','measures':'清理地面',"
                            "'deadline':'2026-12-20'}",
                            (long long)W.firm2, (long long)W.boss2));
    return arena_text(T->arena, c->last);
}

/* The cell of one place; -1 where there is none. */
static int64_t
cell_of(struct city *c, int64_t person, const char *figure, const char *query, const char *place)
{
    struct json *out = NULL;
    const struct json *cells;

    CITY_OK(city_figure_ask(c, person, figure, query, &out));
    cells = json_get(out, "cells");
    for (size_t i = 0; i < json_count(cells); i++)
        if (text_equal(json_text_of(json_at(cells, i), "place"), place))
            return json_int_of(json_at(cells, i), "value", -2);
    return -1;
}

static int64_t
cell_on(struct city *c, int64_t person, const char *figure, const char *query, const char *day)
{
    struct json *out = NULL;
    const struct json *cells;

    CITY_OK(city_figure_ask(c, person, figure, query, &out));
    cells = json_get(out, "cells");
    for (size_t i = 0; i < json_count(cells); i++)
        if (text_equal(json_text_of(json_at(cells, i), "period"), day))
            return json_int_of(json_at(cells, i), "value", -2);
    return -1;
}

/* Whether records of a stream lie, or have lain, at or below a place or what went into it. */
static bool
reached(struct city *c, int64_t node, int64_t stream)
{
    struct org_span *spans;
    bool found = false;
    size_t n;

    CITY_OK(org_spans(T, S, node, &spans, &n));
    for (size_t i = 0; i < n && !found; i++) {
        int64_t one;

        CITY_OK(store_one_int(T, S, &one, &found,
                              "SELECT stream FROM org_place WHERE id = ? AND stream = ? UNION SELECT stream "
                              "FROM org_reach WHERE node = ? AND stream = ?",
                              "iiii", spans[i].place, stream, spans[i].place, stream));
    }
    return found;
}

static int64_t
stream_of(struct city *c, const char *id)
{
    struct record r;

    assert_true(city_read(c, id, &r));
    return r.stream;
}

/* ---- two counties become one ---- */

struct merged {
    const char *ordered, *own, *other;
};

static struct merged
before_the_merge(struct city *c)
{
    struct merged m;

    m.ordered = city_hazard(c, 20);
    m.own = city_own_hazard(c, W.safety, W.boss, 25);
    m.other = second_hazard(c);
    (void)city_clock(c);
    city_at(c, MERGE_DAY);
    return m;
}

static void
a_merged_county_is_counted_and_listed_at_its_successor(void **state)
{
    struct city *c = *state;
    struct merged m = before_the_merge(c);
    struct desk_place_report report = change(c, "320205", "320206", true, false);
    const int64_t askers[] = {W.clerk, W.clerk2, W.city_clerk};

    assert_int_equal(report.records, 2);
    for (size_t i = 0; i < 3; i++) {
        int64_t who = askers[i];

        assert_int_equal(city_count(c, who, "kind=hazard&place=320206"), 3);
        assert_int_equal(city_count(c, who, "kind=hazard&place=" CITY_TOWN), 2);
        assert_int_equal(city_count(c, who, "kind=hazard&place=320205"), 0);
        assert_int_equal(city_count(c, who, "kind=hazard"), 3);
        assert_int_equal(city_figure(c, who, "hazard_open", "place=320206"), 3);
        assert_int_equal(city_figure(c, who, "hazard_open", "place=" CITY_TOWN), 2);
        assert_int_equal(city_figure(c, who, "hazard_open", "place=320205"), 0);
        assert_true(city_lists(c, who, "kind=hazard&q=砂轮机", m.own));
    }
    assert_int_equal(city_figure(c, W.city_clerk, "hazard_open", "place=320200"), 3);
    assert_int_equal(cell_of(c, W.city_clerk, "hazard_open", "place=320200&by=place", "320206000000"), 3);
    assert_int_equal(cell_of(c, W.city_clerk, "hazard_open", "place=320200&by=place", "320205000000"), -1);
    (void)city_clock(c);
    assert_int_equal(city_figure(c, W.city_clerk, "hazard_open", "place=320200"), 3);
    assert_int_equal(city_figure(c, W.clerk2, "hazard_open", "place=320206"), 3);
    city_proves(c);
    assert_int_equal(city_count(c, W.clerk2, "kind=hazard&place=320206"), 3);
    assert_int_equal(city_figure(c, W.clerk2, "hazard_open", "place=320206"), 3);
}

static void
before_the_change_the_old_tree_is_read(void **state)
{
    struct city *c = *state;
    struct merged m = before_the_merge(c);
    const int64_t askers[] = {W.clerk2, W.city_clerk};

    (void)change(c, "320205", "320206", true, false);
    for (size_t i = 0; i < 2; i++) {
        int64_t who = askers[i];

        assert_int_equal(city_count(c, who, "kind=hazard&place=320205&as_of=2026-11-25"), 2);
        assert_true(city_lists(c, who, "kind=hazard&place=320205&as_of=2026-11-25", m.own));
        assert_int_equal(city_count(c, who, "kind=hazard&place=320206&as_of=2026-11-25"), 1);
        assert_true(city_lists(c, who, "kind=hazard&place=320206&as_of=2026-11-25", m.other));
        assert_int_equal(city_count(c, who, "kind=hazard&place=320206&as_of=2026-11-26"), 3);
        assert_int_equal(city_count(c, who, "kind=hazard&place=320205&as_of=2026-11-26"), 0);
        assert_int_equal(city_figure(c, who, "hazard_open", "place=320205&as_of=2026-11-25"), 2);
        assert_int_equal(city_figure(c, who, "hazard_open", "place=320206&as_of=2026-11-25"), 1);
        assert_int_equal(city_figure(c, who, "hazard_open", "place=320205&as_of=2026-11-26"), 0);
        assert_int_equal(city_figure(c, who, "hazard_open", "place=320206&as_of=2026-11-26"), 3);
    }
    assert_int_equal(city_figure(c, W.city_clerk, "hazard_open", "place=320200&as_of=2026-11-25"), 3);
    assert_int_equal(
        cell_of(c, W.city_clerk, "hazard_open", "place=320200&by=place&as_of=2026-11-25", "320205000000"), 2);
    assert_int_equal(cell_on(c, W.clerk2, "hazard_open", "place=320206&period=day", "2026-11-25"), 1);
    assert_int_equal(cell_on(c, W.clerk2, "hazard_open", "place=320206&period=day", "2026-11-26"), 3);
    assert_int_equal(cell_on(c, W.city_clerk, "hazard_open", "place=320200&period=day", "2026-11-25"), 3);
    assert_int_equal(cell_on(c, W.city_clerk, "hazard_open", "place=320200&period=day", "2026-11-26"), 3);
    /* What was found there was found there, whatever became of the place. */
    assert_int_equal(city_figure(c, W.clerk2, "hazard_found", "place=320206"), 1);
    assert_int_equal(city_figure(c, W.city_clerk, "hazard_found", "place=320200"), 3);
    assert_int_equal(cell_of(c, W.city_clerk, "hazard_found", "place=320200&by=place", "320205000000"), 2);
    city_proves(c);
}

static void
records_keep_their_stream_and_births_go_to_the_successor(void **state)
{
    struct city *c = *state;
    struct merged m = before_the_merge(c);
    struct org_place town;
    bool found;
    const char *born;

    (void)change(c, "320205", "320206", true, false);
    assert_int_equal(stream_of(c, m.ordered), city_stream(T, "320205"));
    CITY_OK(org_place_by_code(T, S, CITY_TOWN, &town, &found));
    assert_int_equal(town.stream, city_stream(T, "320206"));
    born = city_own_hazard(c, W.safety, W.boss, 30);
    assert_int_equal(stream_of(c, born), city_stream(T, "320206"));
    assert_memory_equal(json_text_of(city_record(c, W.clerk2, born, NULL), "number"), "320206", 6);
    assert_true(reached(c, W.county2, city_stream(T, "320205")));
    assert_true(reached(c, W.county2, city_stream(T, "320206")));
    assert_true(reached(c, W.town, city_stream(T, "320205")));
    assert_false(reached(c, W.town, city_stream(T, "320200")));
    CITY_REFUSED(FAULT_INPUT, city_create(c, W.clerk2, "hazard", "320205",
                                          city_fields(c, "{'enterprise':'u%lld','source':'public'}",
                                                      (long long)W.firm)));
    assert_true(city_points(c, "/place"));
    assert_int_equal(city_count(c, W.clerk2, "kind=hazard&place=320206"), 4);
    assert_int_equal(city_figure(c, W.clerk2, "hazard_open", "place=320206"), 4);
    city_proves(c);
}

/* A number given after the change to a record of the old stream meets none of the new one. */
static void
numbers_of_two_streams_never_meet(void **state)
{
    struct city *c = *state;
    const char *a, *b;

    CITY_CREATE(W.clerk, "matter", "320205", city_fields(c, "{'ground':'other','about':'两个部门都说不管'}"));
    a = arena_text(T->arena, json_text_of(c->body, "number"));
    CITY_CREATE(W.clerk2, "matter", "320206", city_fields(c, "{'ground':'other','about':'两个部门都说不管'}"));
    b = arena_text(T->arena, json_text_of(c->body, "number"));
    assert_string_not_equal(a, b);
    city_at(c, MERGE_DAY);
    (void)change(c, CITY_TOWN, "320206", false, false);
    CITY_CREATE(W.township_person, "matter", CITY_TOWN,
                city_fields(c, "{'ground':'other','about':'两个部门都说不管'}"));
    assert_string_not_equal(json_text_of(c->body, "number"), b);
    assert_memory_equal(json_text_of(c->body, "number"), "320206", 6);
    city_proves(c);
}

static void
work_of_an_organ_that_ended_goes_to_who_takes_over(void **state)
{
    struct city *c = *state;
    struct merged m = before_the_merge(c);
    struct org_unit u;
    struct record r;
    bool found;

    (void)change(c, "320205", "320206", true, false);
    CITY_OK(org_unit(T, S, W.bureau, &u, &found));
    assert_int_equal(u.to_day, time_day(c->now) - 1);
    CITY_OK(org_unit(T, S, W.housing, &u, &found));
    assert_int_equal(u.to_day, 0); /* none of its line there: it comes along */
    assert_int_equal(u.place, W.county2);
    city_apply(c, W.safety, m.ordered);
    assert_true(city_read(c, m.ordered, &r));
    assert_int_equal(json_integer(json_at(json_get(r.desk, "units"), 0), 0), W.bureau2);
    CITY_STEP(W.officer2, m.ordered, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    assert_string_equal(city_state(c, m.ordered), "closed");
    assert_int_equal(city_figure(c, W.clerk2, "hazard_closed", "place=320206"), 1);
    city_proves(c);
}

/* ---- people ---- */

static void
posts_go_along_from_that_day(void **state)
{
    struct city *c = *state;
    struct merged m = before_the_merge(c);
    struct org_post *posts;
    struct desk_place_report report;
    size_t n;

    assert_int_equal(city_count(c, W.officer, "kind=hazard&place=320206"), 0);
    report = change(c, "320205", "320206", true, false);
    assert_true(report.posts >= 5);
    CITY_OK(org_posts(T, S, W.officer, 0, &posts, &n));
    assert_int_equal(n, 1);
    assert_int_equal(posts[0].unit, W.bureau2);
    assert_int_equal(posts[0].from_day, time_day(c->now));
    assert_true(city_lists(c, W.officer, "kind=hazard", m.other));
    T->now = c->now - TIME_DAY;
    CITY_OK(org_posts(T, S, W.officer, 0, &posts, &n));
    assert_int_equal(n, 1);
    assert_int_equal(posts[0].unit, W.bureau);
    T->now = c->now;
    /* A township stays a township: nothing of its people changed. */
    CITY_OK(org_posts(T, S, W.grid, 0, &posts, &n));
    assert_int_equal(posts[0].unit, W.township);
    assert_int_equal(city_count(c, W.grid, "kind=hazard"), 2);
    city_proves(c);
}

static void
posts_that_end_with_their_organ_see_nothing_any_more(void **state)
{
    struct city *c = *state;
    struct merged m = before_the_merge(c);

    assert_int_equal(city_count(c, W.clerk, "kind=hazard"), 2);
    (void)change(c, "320205", "320206", true, true);
    assert_int_equal(city_count(c, W.clerk, "kind=hazard"), 0);
    assert_null(city_record(c, W.clerk, m.ordered, NULL));
    assert_int_equal(city_count(c, W.officer, "kind=hazard"), 0);
    assert_int_equal(city_count(c, W.safety, "kind=hazard"), 2); /* a firm is no organ */
    assert_int_equal(city_count(c, W.clerk2, "kind=hazard"), 3);
    city_proves(c);
}

/* ---- cursors, and being run again ---- */

static void
a_walk_goes_on_across_the_change(void **state)
{
    struct city *c = *state;
    struct json *page;
    const char *seen[4], *cursor;

    (void)before_the_merge(c);
    page = city_list(c, W.city_clerk, "kind=hazard&limit=1");
    seen[0] = json_text_of(json_at(json_get(page, "items"), 0), "id");
    (void)change(c, "320205", "320206", true, false);
    for (int i = 1; i < 3; i++) {
        cursor = json_text_of(page, "next");
        assert_non_null(cursor);
        page = city_list(c, W.city_clerk,
                         arena_format(T->arena, "kind=hazard&limit=1&cursor=%s", cursor));
        seen[i] = json_text_of(json_at(json_get(page, "items"), 0), "id");
    }
    assert_null(json_text_of(page, "next"));
    assert_string_not_equal(seen[0], seen[1]);
    assert_string_not_equal(seen[1], seen[2]);
    assert_string_not_equal(seen[0], seen[2]);
    city_proves(c);
}

static void
run_again_it_takes_along_only_what_was_left(void **state)
{
    struct city *c = *state;
    struct desk_place_report report;

    (void)before_the_merge(c);
    (void)change(c, "320205", "320206", true, false);
    report = change(c, "320205", "320206", true, false);
    assert_int_equal(report.records, 0);
    assert_int_equal(report.units, 0);
    assert_int_equal(report.posts, 0);
    assert_int_equal(try_change(c, "320205", "320211", true), FAULT_INPUT); /* it ended elsewhere */
    assert_true(city_points(c, "CODE"));
    assert_int_equal(try_change(c, "320214", "320205", true), FAULT_INPUT); /* nothing goes into what ended */
    assert_true(city_points(c, "--to"));
    city_proves(c);
}

static void
what_cannot_be_is_refused(void **state)
{
    struct city *c = *state;
    static const struct {
        const char *code, *to, *pointer;
        bool merges;
    } cases[] = {
        {"320205", CITY_TOWN, "--to", true},         /* another level */
        {"320205", "320206", "--to", false},         /* a county does not move below a county */
        {"320205", "320205", "--to", true},          /* itself */
        {"320200", CITY_TOWN, "--to", false},        /* below itself */
        {"320205", "320000", "--to", false},         /* out of this store */
        {"320200", "320000", "CODE", false},         /* the top stays */
        {"999999", "320206", "CODE", true},
        {"320205", "999999", "--to", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (try_change(c, cases[i].code, cases[i].to, cases[i].merges) != FAULT_INPUT)
            fail_msg("case %zu is not refused", i);
        if (!city_points(c, cases[i].pointer))
            fail_msg("case %zu points elsewhere", i);
    }
    fault_clear(T);
    city_proves(c);
}

/* ---- a township goes to another county, the rest to a third ---- */

static void
a_county_split_among_others(void **state)
{
    struct city *c = *state;
    const char *first = city_hazard(c, 20), *after;
    int64_t county3 = city_place(T, S, "320211");

    (void)city_clock(c);
    city_at(c, MERGE_DAY);
    (void)change(c, CITY_TOWN, "320206", false, false);
    after = city_own_hazard(c, W.safety, W.boss, 30);
    (void)change(c, "320205", "320211", true, false);
    assert_int_equal(city_count(c, W.clerk2, "kind=hazard&place=320206"), 2);
    assert_int_equal(city_figure(c, W.clerk2, "hazard_open", "place=320206"), 2);
    assert_int_equal(city_figure(c, W.clerk2, "hazard_open", "place=" CITY_TOWN), 2);
    /* The office came along to the third county, which had none: it sees that county and no more. */
    assert_null(city_record(c, W.clerk, after, NULL));
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&place=320211"), 0);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=320211"), 0);
    assert_int_equal(city_figure(c, W.city_clerk, "hazard_open", "place=320200"), 2);
    assert_int_equal(city_figure(c, W.city_clerk, "hazard_open", "place=320205&as_of=2026-11-25"), 1);
    assert_int_equal(city_figure(c, W.clerk2, "hazard_found", "place=320206"), 1);
    assert_int_equal(city_count(c, W.city_clerk, "kind=hazard&place=320205&as_of=2026-11-25"), 1);
    assert_true(city_lists(c, W.city_clerk, "kind=hazard&place=320205&as_of=2026-11-25", first));
    assert_true(reached(c, W.county2, city_stream(T, "320205")));
    assert_true(reached(c, county3, city_stream(T, "320205"))); /* it went into it, with its stream */
    city_proves(c);
}

static void
townships_merge_and_their_grid_sees_both(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 20);
    struct record r;

    city_at(c, MERGE_DAY);
    assert_int_equal(city_count(c, W.township2_person, "kind=hazard"), 0);
    (void)change(c, CITY_TOWN, "320205002000", true, false);
    assert_true(city_read(c, id, &r));
    assert_int_equal(r.place, W.town2);
    assert_int_equal(city_count(c, W.township2_person, "kind=hazard"), 1);
    assert_int_equal(city_count(c, W.grid, "kind=hazard"), 1);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=320205002000"), 1);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=" CITY_TOWN), 0);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=320205"), 1);
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&place=" CITY_TOWN "&as_of=2026-11-25"), 1);
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&place=320205002000&as_of=2026-11-25"), 0);
    city_proves(c);
}

static void
a_sealed_record_goes_along_unseen(void **state)
{
    struct city *c = *state;
    struct record r;
    const char *id;

    CITY_CREATE(W.officer, "inspection", "320205",
                city_fields(c,
                            "{'mode':'covert','targets':['u%lld'],'team':['p%lld','p%lld'],'lead':'p%lld',"
                            "'on':'2026-12-01'}",
                            (long long)W.firm, (long long)W.officer, (long long)W.bureau_person,
                            (long long)W.officer));
    id = arena_text(T->arena, c->last);
    assert_true(city_read(c, id, &r));
    assert_true(r.sealed);
    city_at(c, MERGE_DAY);
    (void)change(c, "320205", "320206", true, false);
    assert_true(city_read(c, id, &r));
    assert_true(r.sealed);
    assert_int_equal(r.place, W.county2);
    assert_null(city_record(c, W.boss, id, NULL));
    assert_null(city_record(c, W.clerk2, id, NULL));
    city_proves(c);
}

/* ---- 监管盲区: what no line supervises stays an open matter, wherever it lies ---- */

static const char *
firm_of(struct city *c, const char *name, const char *industry)
{
    CITY_CREATE(W.township_person, "enterprise", CITY_TOWN,
                city_fields(c, "{'name':'%s','industry':'%s','headcount':6}", name, industry));
    return arena_text(T->arena, c->last);
}

static void
a_blind_spot_goes_along_and_ends_with_its_reason(void **state)
{
    struct city *c = *state;
    const char *blind = firm_of(c, "贵金属交易服务部", "90"), *seen = firm_of(c, "五金加工店", "33");
    struct record r;

    assert_int_equal(city_count(c, W.clerk, "kind=matter&state=open&ground=no_supervisor"), 1);
    assert_int_equal(city_figure(c, W.clerk, "enterprise_blind", "place=320205"), 1);
    city_at(c, MERGE_DAY);
    (void)change(c, "320205", "320206", true, false);
    assert_int_equal(city_count(c, W.clerk2, "kind=matter&state=open&ground=no_supervisor"), 1);
    assert_int_equal(city_figure(c, W.clerk2, "matter_open", "place=320206"), 1);
    assert_int_equal(city_figure(c, W.clerk2, "enterprise_blind", "place=320206"), 1);
    assert_true(city_read(c, json_text_of(json_at(json_get(city_list(c, W.clerk2, "kind=matter"), "items"), 0),
                                          "id"),
                          &r));
    assert_int_equal(r.unit, W.office2); /* who rules on it is who took over */
    CITY_STEP(W.township_person, blind, "update", city_fields(c, "{'industry':'33'}"));
    assert_int_equal(city_count(c, W.clerk2, "kind=matter&state=lifted"), 1);
    assert_int_equal(city_figure(c, W.clerk2, "enterprise_blind", "place=320206"), 0);
    CITY_STEP(W.township_person, seen, "update", city_fields(c, "{'industry':'97'}"));
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.clerk2, "kind=matter&state=open&ground=no_supervisor"), 1);
    assert_int_equal(city_figure(c, W.clerk2, "enterprise_blind", "place=320206"), 1);
    city_proves(c);
}

/* ---- names ---- */

static void
a_renamed_place_is_called_as_it_was_then(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 20), *old, *now;

    old = json_text_of(json_get(city_record(c, W.clerk, id, NULL), "names"), CITY_TOWN);
    city_at(c, MERGE_DAY);
    CITY_OK(desk_place_rename(T, c->desk, CITY_TOWN, "东亭新区街道"));
    now = json_text_of(json_get(city_record(c, W.clerk, id, NULL), "names"), CITY_TOWN);
    assert_string_equal(now, "东亭新区街道");
    assert_string_equal(
        json_text_of(json_get(city_record(c, W.clerk, id, "2026-11-25"), "names"), CITY_TOWN), old);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=320205&as_of=2026-11-25"), 1);
    assert_int_equal(cell_of(c, W.clerk, "hazard_open", "place=320205&by=place", CITY_TOWN), 1);
    city_proves(c);
}

/* ---- proofs ---- */

static void
anchors_go_on_to_the_place_above(void **state)
{
    struct city *c = *state;
    struct rows r;
    struct chain_row row;
    bool anchored = false;

    (void)before_the_merge(c);
    (void)change(c, "320205", "320206", true, false);
    city_tick_on(c, 2 * TIME_DAY);
    (void)city_clock(c);
    /* The old county's stream lives on for its records: its heads go to whom the county went into. */
    CITY_OK(chain_open_stream(T, S, &r, city_stream(T, "320206"), 1, 10000));
    while (chain_next(T, &r, &row)) {
        const struct json *heads = json_get(json_get(row.body, "outcome"), "heads");

        for (size_t i = 0; i < json_count(heads); i++)
            if (json_int_of(json_at(heads, i), "stream", 0) == city_stream(T, "320205"))
                anchored = true;
    }
    CITY_OK(store_end(T, &r));
    assert_true(anchored);
    city_proves(c);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_merged_county_is_counted_and_listed_at_its_successor),
        CASE(before_the_change_the_old_tree_is_read),
        CASE(records_keep_their_stream_and_births_go_to_the_successor),
        CASE(numbers_of_two_streams_never_meet),
        CASE(work_of_an_organ_that_ended_goes_to_who_takes_over),
        CASE(posts_go_along_from_that_day),
        CASE(posts_that_end_with_their_organ_see_nothing_any_more),
        CASE(a_walk_goes_on_across_the_change),
        CASE(run_again_it_takes_along_only_what_was_left),
        CASE(what_cannot_be_is_refused),
        CASE(a_county_split_among_others),
        CASE(townships_merge_and_their_grid_sees_both),
        CASE(a_sealed_record_goes_along_unseen),
        CASE(a_blind_spot_goes_along_and_ends_with_its_reason),
        CASE(a_renamed_place_is_called_as_it_was_then),
        CASE(anchors_go_on_to_the_place_above),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
