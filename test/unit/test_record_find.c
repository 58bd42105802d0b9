/* SPDX-License-Identifier: Apache-2.0 */
/* test_record_find.c - lists, pages while rows are added, search, past days. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static const char *
suggestion(struct city *c, int64_t person, const char *idea, const char *topic)
{
    int64_t unit = person == W.keeper ? W.shop : W.firm;

    CITY_CREATE(person, "suggestion", CITY_TOWN,
                city_fields(c, "{'enterprise':'u%lld','topic':'%s','idea':'%s'}", (long long)unit,
                            topic, idea));
    return arena_text(c->t.arena, c->last);
}

/* Walks all pages, calling between two of them; every id once, in `seen`. */
struct walk {
    const char *ids[400];
    size_t n, pages;
};

static void
walk_from(struct city *c, int64_t person, const char *filter, const char *next,
          void (*between)(struct city *), struct walk *w)
{
    memset(w, 0, sizeof *w);
    do {
        struct json *list = city_list(
            c, person, next ? arena_format(c->t.arena, "%s&cursor=%s", filter, next) : filter);
        const struct json *items = json_get(list, "items");

        for (size_t i = 0; i < json_count(items); i++) {
            const char *id = json_text_of(json_at(items, i), "id");

            for (size_t k = 0; k < w->n; k++)
                if (strcmp(w->ids[k], id) == 0)
                    fail_msg("page %zu shows %s again", w->pages + 1, id);
            assert_true(w->n < 400);
            w->ids[w->n++] = id;
        }
        next = json_text_of(list, "next");
        w->pages++;
        assert_true(w->pages < 100);
        if (between && next)
            between(c);
    } while (next);
}

static void
walk(struct city *c, int64_t person, const char *filter, void (*between)(struct city *),
     struct walk *w)
{
    walk_from(c, person, filter, NULL, between, w);
}

static bool
walked(const struct walk *w, const char *id)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->ids[i], id) == 0)
            return true;
    return false;
}

static void
one_more(struct city *c)
{
    (void)suggestion(c, W.safety, "又一条建议", "process");
}

static void
pages_stay_right_while_rows_are_added(void **state)
{
    struct city *c = *state;
    const char *ids[11];
    struct walk w;

    for (int i = 0; i < 11; i++)
        ids[i] = suggestion(c, i % 2 ? W.safety : W.boss, "加一盏灯", "equipment");
    walk(c, W.clerk, "kind=suggestion&limit=3", one_more, &w);
    assert_int_equal(w.n, 11);
    assert_int_equal(w.pages, 4);
    for (int i = 0; i < 11; i++)
        assert_string_equal(w.ids[i],
                            ids[10 - i]); /* newest first, those added meanwhile not at all */
    walk(c, W.clerk, "kind=suggestion&limit=5&sort=newest", NULL, &w);
    assert_int_equal(w.n, 14);
}

static void
pages_by_due_stay_right(void **state)
{
    struct city *c = *state;
    const char *last = NULL;
    struct walk w;

    for (int i = 0; i < 7; i++)
        last = city_hazard(c, 20 - 2 * i);
    walk(c, W.clerk, "kind=hazard&limit=2&sort=due", NULL, &w);
    assert_int_equal(w.n, 7);
    assert_string_equal(w.ids[0], last);
}

static void
pages_by_a_field_stay_right(void **state)
{
    static const char *const topics[] = {"equipment", "process", "training", "management"};
    struct city *c = *state;
    struct walk up, down;

    for (int i = 0; i < 9; i++)
        (void)suggestion(c, W.safety, "加一盏灯", topics[i % 4]);
    walk(c, W.clerk, "kind=suggestion&limit=2&sort=topic", NULL, &up);
    walk(c, W.clerk, "kind=suggestion&limit=2&sort=-topic", NULL, &down);
    assert_int_equal(up.n, 9);
    assert_int_equal(down.n, 9);
    for (size_t i = 1; i < 9; i++) {
        struct record a, b;

        assert_true(city_read(c, up.ids[i - 1], &a));
        assert_true(city_read(c, up.ids[i], &b));
        assert_true(strcmp(json_text_of(a.fields, "topic"), json_text_of(b.fields, "topic")) <= 0);
    }
}

/* The record the cursor stands on has left the list: the next page goes on, the first does not come
 * again. */
static void
a_record_that_left_the_list_does_not_begin_it_anew(void **state)
{
    struct city *c = *state;
    const char *ids[6], *next, *shown;
    struct json *list;
    struct walk w;

    for (int i = 0; i < 6; i++)
        ids[i] = suggestion(c, W.safety, "加一盏灯", "equipment");
    for (int by_field = 0; by_field < 2; by_field++) {
        const char *filter = by_field ? "kind=suggestion&state=proposed&limit=2&sort=topic"
                                      : "kind=suggestion&state=proposed&limit=2";

        list = city_list(c, W.clerk, filter);
        next = json_text_of(list, "next");
        shown = json_text_of(json_at(json_get(list, "items"), 1), "id");
        CITY_STEP(W.boss, shown, "decline", city_fields(c, "{'answer':'暂不采纳'}"));
        walk_from(c, W.clerk, filter, next, NULL, &w);
        assert_false(walked(&w, json_text_of(json_at(json_get(list, "items"), 0), "id")));
        assert_int_equal(w.n, by_field ? 3 : 4);
    }
    assert_non_null(ids[0]);
}

static void
a_cursor_belongs_to_its_filter_and_its_reader(void **state)
{
    struct city *c = *state;
    struct city_filter f;
    struct desk_query q = {city_filter_get, city_filter_name, &f};
    struct desk_caller caller;
    const char *next;
    struct json *out;

    for (int i = 0; i < 4; i++)
        (void)suggestion(c, W.safety, "加一盏灯", "equipment");
    next = json_text_of(city_list(c, W.clerk, "kind=suggestion&limit=2"), "next");
    assert_non_null(next);
    caller = city_caller(c, W.clerk);
    city_filter(
        T, arena_format(c->t.arena, "kind=suggestion&limit=2&topic=process&cursor=%s", next), &f);
    assert_int_equal(desk_records(T, c->desk, S, &caller, &q, &out), FAULT_INPUT);
    assert_true(city_points(c, "/cursor"));
    fault_clear(T);
    caller = city_caller(c, W.township_person);
    city_filter(T, arena_format(c->t.arena, "kind=suggestion&limit=2&cursor=%s", next), &f);
    assert_int_equal(desk_records(T, c->desk, S, &caller, &q, &out), FAULT_INPUT);
    fault_clear(T);
    city_filter(T, "kind=suggestion&limit=2&cursor=nonsense", &f);
    assert_int_equal(desk_records(T, c->desk, S, &caller, &q, &out), FAULT_INPUT);
}

/* ---- filters ---- */

static void
filters_narrow_and_totals_agree(void **state)
{
    struct city *c = *state;
    const char *hazard = city_hazard(c, 5), *later = city_hazard(c, 30);

    (void)suggestion(c, W.safety, "加一盏灯", "equipment");
    (void)suggestion(c, W.keeper, "换一把椅子", "process");
    city_apply(c, W.safety, later);
    const struct {
        const char *filter;
        int64_t n;
    } cases[] = {
        {"kind=hazard", 2},
        {"kind=hazard,suggestion", 4},
        {"kind=hazard&state=rectifying", 1},
        {"kind=hazard&state=rectifying,applied", 2},
        {"kind=hazard&state=closed", 0},
        {"kind=hazard&level=general", 2},
        {"kind=hazard&level=major", 0},
        {"kind=hazard&place=320205001000", 2},
        {"kind=hazard&place=320205002000", 0},
        {"kind=hazard&place=320206", 0},
        {"kind=hazard&line=emergency", 2},
        {"kind=hazard&line=housing", 0},
        {"kind=hazard&source=inspector", 2},
        {"kind=hazard&source=self", 0},
        {"kind=hazard&due_before=2026-11-30", 1},
        {"kind=hazard&state=found,closed&level=", 0},
        {"kind=suggestion&topic=process", 1},
        {"kind=suggestion&q=椅子", 1},
        {"kind=hazard,suggestion&q=配电", 2},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (city_count(c, W.clerk, cases[i].filter) != cases[i].n)
            fail_msg("%s: %lld", cases[i].filter,
                     (long long)city_count(c, W.clerk, cases[i].filter));
    assert_int_equal(city_count(c, W.clerk,
                                arena_format(c->t.arena, "kind=hazard,suggestion&unit=u%lld",
                                             (long long)W.shop)),
                     1);
    assert_int_equal(
        city_count(c, W.clerk,
                   arena_format(c->t.arena, "kind=hazard&desk=u%lld", (long long)W.bureau)),
        1);
    assert_int_equal(city_count(c, W.safety, "mine=owe&kind=hazard"), 1);
    assert_true(city_lists(c, W.safety, "mine=owe&kind=hazard", hazard));
    assert_int_equal(city_count(c, W.officer, "mine=verify&kind=hazard"), 1);
    assert_true(city_lists(c, W.officer, "mine=verify&kind=hazard", later));
    assert_int_equal(city_count(c, W.officer, "mine=raised&kind=hazard"), 2);
    assert_int_equal(city_count(c, W.boss, "mine=raised&kind=hazard"), 0);
}

static void
wrong_filters_are_refused_at_their_name(void **state)
{
    static const struct {
        const char *filter, *pointer;
    } cases[] = {{"kind=nonsense", "/kind"},
                 {"kind=hazard&limit=0", "/limit"},
                 {"kind=hazard&limit=201", "/limit"},
                 {"kind=hazard&limit=x", "/limit"},
                 {"kind=hazard&limit=4294967297", "/limit"},
                 {"kind=hazard&limit=+5", "/limit"},
                 {"kind=hazard&state=close", "/state"},
                 {"kind=hazard&state=closed,nonsense", "/state"},
                 {"state=nonsense", "/state"},
                 {"kind=hazard&level=huge", "/level"},
                 {"kind=hazard&measures=x", "/measures"},
                 {"kind=hazard&nonsense=x", "/nonsense"},
                 {"kind=hazard&due_before=soon", "/due_before"},
                 {"kind=hazard&as_of=2026-13-01", "/as_of"},
                 {"kind=hazard&sort=measures", "/sort"},
                 {"kind=hazard&line=nonsense", "/line"},
                 {"kind=hazard&unit=x", "/unit"},
                 {"kind=hazard&desk=x", "/desk"},
                 {"kind=hazard&mine=x", "/mine"},
                 {"kind=hazard&place=99", "/place"}};
    struct city *c = *state;
    struct city_filter f;
    struct desk_query q = {city_filter_get, city_filter_name, &f};
    struct desk_caller caller = city_caller(c, W.clerk);
    struct json *out;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fault_clear(T);
        city_filter(T, cases[i].filter, &f);
        if (desk_records(T, c->desk, S, &caller, &q, &out) != FAULT_INPUT)
            fail_msg("taken: %s", cases[i].filter);
        assert_true(city_points(c, cases[i].pointer));
    }
}

/* ---- search ---- */

static void
search_finds_the_same_before_and_after_indexing(void **state)
{
    struct city *c = *state;

    (void)suggestion(c, W.safety, "在３号砂轮机加ＡＢＣ护罩", "equipment");
    (void)suggestion(c, W.safety, "给 LNG storage 挂牌", "process");
    const struct {
        const char *q;
        int64_t n;
    } cases[] = {{"砂轮", 1},     {"砂", 1},   {"砂轮机", 1}, {"轮砂", 0},   {"3号", 1},
                 {"３号", 1},     {"abc", 1},  {"ＡＢＣ", 1}, {"lng", 1},    {"LNG", 1},
                 {"挂牌 LNG", 1}, {"护罩", 1}, {"\"*", 0},    {"不存在", 0}, {"珩佑", 2}};

    for (int indexed = 0; indexed < 2; indexed++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            const char *filter = arena_format(c->t.arena, "kind=suggestion&q=%s", cases[i].q);
            int64_t n = city_count(c, W.clerk, filter);

            if (n != cases[i].n)
                fail_msg("%s, %s: %lld", cases[i].q, indexed ? "indexed" : "waiting", (long long)n);
        }
        (void)city_clock(c);
    }
    assert_int_equal(city_count(c, W.township2_person, "kind=suggestion&q=砂轮"), 0);
    assert_int_equal(city_count(c, W.clerk2, "kind=suggestion&q=LNG"), 0);
}

static void
search_knows_no_private_value(void **state)
{
    struct city *c = *state;

    (void)city_hazard(c, 10);
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&q=更换"), 0); /* measures are private */
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&q=配电"), 1);
}

/* ---- past days ---- */

static void
a_past_day_shows_what_was_shown_on_it(void **state)
{
    struct city *c = *state;
    const char *id, *first_measures;
    struct json *then, *shown;

    city_at(c, "2026-11-24T09:00:00+08:00");
    id = city_hazard(c, 10);
    shown = json_get(city_record(c, W.clerk, id, NULL), "fields");
    first_measures =
        json_text_of(json_get(city_record(c, W.clerk, id, NULL), "fields"), "measures");
    city_at(c, "2026-11-26T09:00:00+08:00");
    city_apply(c, W.safety, id);
    city_at(c, "2026-11-28T09:00:00+08:00");
    CITY_STEP(W.officer, id, "verify", city_fields(c, "{'opinion':'合格合格'}"));

    assert_null(city_record(c, W.clerk, id, "2026-11-23"));
    then = city_record(c, W.clerk, id, "2026-11-24");
    assert_string_equal(json_text_of(then, "state"), "rectifying");
    assert_true(json_equal(json_get(then, "fields"), shown));
    assert_string_equal(json_text_of(json_get(then, "fields"), "measures"), first_measures);
    assert_true(json_is_null(json_get(then, "closed_at")));
    assert_string_equal(json_text_of(city_record(c, W.clerk, id, "2026-11-25"), "state"),
                        "rectifying");
    then = city_record(c, W.clerk, id, "2026-11-26");
    assert_string_equal(json_text_of(then, "state"), "applied");
    assert_null(json_get(json_get(then, "fields"), "opinion"));
    assert_string_equal(json_text_of(city_record(c, W.clerk, id, "2026-11-28"), "state"), "closed");
    /* The same from other chairs: whoever sees nothing today sees nothing then. */
    assert_null(city_record(c, W.clerk2, id, "2026-11-26"));
}

static void
lists_of_a_past_day(void **state)
{
    struct city *c = *state;
    const char *first, *second;

    city_at(c, "2026-11-24T09:00:00+08:00");
    first = city_hazard(c, 10);
    city_at(c, "2026-11-26T09:00:00+08:00");
    second = city_hazard(c, 10);
    city_apply(c, W.safety, first);
    city_at(c, "2026-11-28T09:00:00+08:00");
    CITY_STEP(W.officer, first, "verify", city_fields(c, "{'opinion':'合格合格'}"));
    city_at(c, "2026-11-29T09:00:00+08:00");
    (void)city_hazard(c, 10);
    for (int indexed = 0; indexed < 2; indexed++) {
        assert_int_equal(city_count(c, W.clerk, "kind=hazard&as_of=2026-11-23"), 0);
        assert_int_equal(city_count(c, W.clerk, "kind=hazard&as_of=2026-11-24"), 1);
        assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=rectifying&as_of=2026-11-24"),
                         1);
        assert_true(city_lists(c, W.clerk, "kind=hazard&state=rectifying&as_of=2026-11-24", first));
        assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=applied&as_of=2026-11-26"), 1);
        assert_true(
            city_lists(c, W.clerk, "kind=hazard&state=rectifying&as_of=2026-11-26", second));
        assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=closed&as_of=2026-11-27"), 0);
        assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=closed&as_of=2026-11-28"), 1);
        assert_int_equal(city_count(c, W.clerk, "kind=hazard&as_of=2026-11-28"), 2);
        assert_int_equal(city_count(c, W.clerk, "kind=hazard"), 3);
        (void)city_clock(c);
    }
}

/* A list of a past day counts what the stock figure of that day says. */
static void
a_past_list_and_a_past_stock_agree(void **state)
{
    struct city *c = *state;

    for (int i = 0; i < 4; i++) {
        city_at(c, arena_format(c->t.arena, "2026-11-%02dT09:00:00+08:00", 24 + i));
        const char *id = city_hazard(c, 20);

        if (i % 2) {
            city_apply(c, W.safety, id);
            CITY_STEP(W.officer, id, "verify", city_fields(c, "{'opinion':'合格合格'}"));
        }
    }
    for (int day = 23; day < 29; day++) {
        const char *text = arena_format(c->t.arena, "2026-11-%02d", day);
        int64_t open = city_count(
            c, W.clerk,
            arena_format(c->t.arena, "kind=hazard&state=rectifying,applied&as_of=%s", text));

        assert_int_equal(open,
                         city_figure(c, W.clerk, "hazard_open",
                                     arena_format(c->t.arena, "place=320205&as_of=%s", text)));
    }
}

/* ---- exports are the list, page after page ---- */

struct gather {
    size_t lines;
    struct text all;
};

static void
gather(void *who, const char *bytes, size_t len)
{
    struct gather *g = who;

    text_add(&g->all, bytes, len);
    for (size_t i = 0; i < len; i++)
        g->lines += bytes[i] == '\n';
}

static void
an_export_holds_every_row_once(void **state)
{
    struct city *c = *state;
    struct city_filter f;
    struct desk_query q = {city_filter_get, city_filter_name, &f};
    struct desk_caller caller = city_caller(c, W.clerk);
    struct gather g = {0};
    struct json *rows;

    for (int i = 0; i < 205; i++) {
        c->key = NULL;
        (void)suggestion(c, W.safety, i ? "加一盏灯" : "=HYPERLINK(1),\\\"引号\\\"", "equipment");
    }
    city_filter(T, "kind=suggestion", &f);
    text_init(&g.all, c->t.arena);
    CITY_OK(desk_export(T, c->desk, S, &caller, &q, "csv", gather, &g));
    assert_int_equal(g.lines, 206);
    assert_memory_equal(text_string(&g.all), "\xef\xbb\xbf", 3);
    assert_non_null(strstr(text_string(&g.all), "\"'=HYPERLINK(1),\"\"引号\"\"\""));
    text_init(&g.all, c->t.arena);
    CITY_OK(desk_export(T, c->desk, S, &caller, &q, "json", gather, &g));
    CITY_OK(json_read(T, text_string(&g.all), g.all.len, &rows));
    assert_int_equal(json_count(rows), 205);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(pages_stay_right_while_rows_are_added),
        CASE(pages_by_due_stay_right),
        CASE(pages_by_a_field_stay_right),
        CASE(a_record_that_left_the_list_does_not_begin_it_anew),
        CASE(a_cursor_belongs_to_its_filter_and_its_reader),
        CASE(filters_narrow_and_totals_agree),
        CASE(wrong_filters_are_refused_at_their_name),
        CASE(search_finds_the_same_before_and_after_indexing),
        CASE(search_knows_no_private_value),
        CASE(a_past_day_shows_what_was_shown_on_it),
        CASE(lists_of_a_past_day),
        CASE(a_past_list_and_a_past_stock_agree),
        CASE(an_export_holds_every_row_once),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
