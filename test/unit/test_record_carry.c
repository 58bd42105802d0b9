/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_record_carry.c - an old ledger comes in as history: two people, once for each place, its
 * closures never as verified here, its open rows with an owner and a fresh clock.
 */
#include "city.h"

#include "base/hash.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

/* ---- a ledger that was checked ---- */

static enum fault_code
add_post(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};

    (void)who;
    (void)city_post(&w, W.leader, W.office, "office", CITY_DAY_FROM, 0);
    (void)city_post(&w, W.clerk, W.office, "leader", CITY_DAY_FROM, 0);
    return t->fault.code;
}

struct keeping {
    const char *account, *bytes, *type;
    struct record_upload upload;
};

static enum fault_code
keep(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct keeping *k = who;
    uint8_t digest[HASH_LEN];

    (void)tip;
    hash_bytes(HASH_SHA256, k->bytes, strlen(k->bytes), digest);
    k->upload.digest = hash_hex(t->arena, digest, HASH_LEN);
    k->upload.media_type = k->type;
    k->upload.size = (int64_t)strlen(k->bytes);
    k->upload.flags = json_array(t->arena);
    return record_file_keep(t, s, k->account, k->bytes, strlen(k->bytes), &k->upload);
}

static const char *
piece(struct city *c, int64_t person, const char *lines)
{
    struct keeping k = {.type = "application/x-ndjson"};
    char *bytes = arena_text(c->t.arena, lines);

    for (char *at = bytes; *at; at++)
        if (*at == '\'')
            *at = '"';
    fault_clear(T);
    k.account = city_caller(c, person).account;
    k.bytes = bytes;
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), keep, &k));
    return k.upload.digest;
}

static const char *
closed_row(struct city *c, int row, const char *found, const char *closed)
{
    return arena_format(c->t.arena,
                        "{'row':%d,'fields':{'enterprise':'u%lld','found_on':'%s','description':'配电箱缺门第%d号',"
                        "'ledger_state':'done','ledger_closed_on':'%s','level':'general',"
                        "'source':'inspector','ledger_number':'旧-%d'}}\n",
                        row, (long long)W.firm, found, row, closed, row);
}

static const char *
open_row(struct city *c, int row, const char *found, const char *more)
{
    return arena_format(c->t.arena,
                        "{'row':%d,'fields':{'enterprise':'u%lld','found_on':'%s','description':'疏散通道堆物第%d处',"
                        "'ledger_state':'open','ledger_deadline':'2025-03-01'%s}}\n",
                        row, (long long)W.firm, found, row, more);
}

static enum fault_code
prepare(struct city *c, int64_t person, const char *lines, int rows)
{
    const char *digest = piece(c, person, lines);

    return city_create(c, person, "old_ledger", "320205",
                       city_fields(c, "{'into':'hazard','files':['%s'],'rows':[{'file':'%s','rows':%d}]}", digest,
                                   digest, rows));
}

#define OPINION city_json(T, "{'opinion':'与旧台账原件核对一致'}")

static struct city *
with_posts(struct city *c)
{
    CITY_OK(desk_write(T, c->desk, city_stream(T, "320205"), add_post, NULL));
    return c;
}

static const char *
first_of(struct city *c, const char *filter)
{
    const struct json *items = json_get(city_list(c, W.clerk, filter), "items");

    assert_true(json_count(items) > 0);
    return json_text_of(json_at(items, 0), "id");
}

/* ---- what comes in ---- */

static void
closures_of_the_old_ledger_are_never_verified_here(void **state)
{
    struct city *c = with_posts(*state);
    const char *act, *id;
    struct record r;
    struct json *shown;

    CITY_OK(prepare(c, W.clerk,
                    arena_format(c->t.arena, "%s%s", closed_row(c, 3, "2024-05-06", "2024-06-01"),
                                 closed_row(c, 4, "2025-01-02", "2025-02-03")),
                    2));
    act = arena_text(c->t.arena, c->last);
    CITY_STEP(W.leader, act, "confirm", OPINION);
    assert_string_equal(city_state(c, act), "running");
    city_clock(c);
    assert_string_equal(city_state(c, act), "came_in");
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=carried_in"), 2);
    /* Filtered by the act, found by its old number, owned by the enterprise, at the enterprise's place. */
    assert_int_equal(city_count(c, W.clerk, arena_format(c->t.arena, "kind=hazard&ledger=%s", act)), 2);
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&q=旧-4"), 1);
    id = first_of(c, "kind=hazard&state=carried_in&q=旧-4");
    assert_true(city_read(c, id, &r));
    assert_int_equal(r.unit, W.firm);
    assert_int_equal(r.place, W.town);
    assert_non_null(r.number);
    /* Closed in this log on the day it came in; the day of the old ledger stands in its own field. */
    assert_true(r.closed >= CITY_START);
    assert_string_equal(json_text_of(r.fields, "ledger_closed_on"), "2025-02-03");
    shown = city_record(c, W.clerk, id, NULL);
    assert_string_equal(json_text_of(shown, "state"), "carried_in");
    /* Counted apart, and nowhere else. */
    assert_int_equal(city_figure(c, W.clerk, "hazard_carried", "place=320205"), 2);
    assert_int_equal(
        city_figure(c, W.clerk, "hazard_carried", "place=320205&from=2024-05-01&to=2024-05-31"), 1);
    assert_int_equal(city_figure(c, W.clerk, "hazard_closed", "place=320205"), 0);
    assert_int_equal(city_figure(c, W.clerk, "hazard_found", "place=320205"), 0);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=320205"), 0);
    city_proves(c);
}

static void
open_rows_get_an_owner_a_desk_and_a_fresh_clock(void **state)
{
    struct city *c = with_posts(*state);
    const char *act, *id;
    struct record r;

    CITY_OK(prepare(c, W.clerk,
                    arena_format(c->t.arena, "%s%s", open_row(c, 2, "2019-01-05", ",'level':'general'"),
                                 open_row(c, 3, "2024-01-06", "")),
                    2));
    act = arena_text(c->t.arena, c->last);
    CITY_STEP(W.leader, act, "confirm", OPINION);
    city_clock(c);
    id = first_of(c, "kind=hazard&state=registered");
    assert_true(city_read(c, id, &r));
    assert_int_equal(r.unit, W.firm);
    assert_true(json_count(json_get(r.desk, "units")) > 0);
    assert_true(json_int_of(json_get(r.clocks, "order"), "due", 0) > c->now);
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=found"), 1);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=320205"), 2);
    assert_int_equal(city_figure(c, W.clerk, "hazard_carried", "place=320205"), 2);
    /* From here on it lives as any other. */
    CITY_STEP(W.officer, id, "order",
              city_fields(c, "{'owner_person':'p%lld','measures':'清空通道并划线','deadline':'2026-12-10'}",
                          (long long)W.safety));
    assert_string_equal(city_state(c, id), "rectifying");
    /* Who verifies it follows from the tables of the day it came in: on the day it was found there were none. */
    assert_true(city_read(c, id, &r));
    assert_string_equal(json_text_of(r.fields, "way"), "orderer");
    city_proves(c);
}

static void
the_log_says_who_and_from_where(void **state)
{
    struct city *c = with_posts(*state);
    const char *act, *id;
    struct rows rows;
    struct chain_row row;
    struct record r;

    CITY_OK(prepare(c, W.clerk, closed_row(c, 17, "2024-05-06", "2024-06-01"), 1));
    act = arena_text(c->t.arena, c->last);
    CITY_STEP(W.leader, act, "confirm", OPINION);
    city_clock(c);
    id = first_of(c, "kind=hazard&state=carried_in");
    assert_true(city_read(c, id, &r));
    CITY_OK(chain_open_record(T, S, &rows, r.stream, r.rid));
    assert_true(chain_next(T, &rows, &row));
    assert_string_equal(json_text_of(row.body, "by"), "carry");
    assert_int_equal(json_int_of(row.body, "actor", 0), W.leader);
    assert_string_equal(json_text_of(json_get(row.body, "carried"), "record"), act);
    assert_int_equal(json_int_of(json_get(row.body, "carried"), "row", 0), 17);
    assert_int_equal(json_int_of(json_get(row.body, "carried"), "with", 0), W.clerk);
    /* Transaction time is the day it came in: the log never says it was there before. */
    assert_true(row.at >= CITY_START);
    assert_false(chain_next(T, &rows, &row));
    CITY_OK(store_end(T, &rows));
    assert_null(city_record(c, W.clerk, id, "2024-12-31"));
}

/* ---- two people, once for each place ---- */

static void
the_same_person_is_refused_in_any_post(void **state)
{
    struct city *c = with_posts(*state);
    const char *act;
    struct org_post *posts;
    size_t n;

    CITY_OK(prepare(c, W.clerk, closed_row(c, 2, "2024-05-06", "2024-06-01"), 1));
    act = arena_text(c->t.arena, c->last);
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.clerk, act, "confirm", OPINION));
    fault_clear(T);
    CITY_OK(org_posts(T, S, W.clerk, 0, &posts, &n));
    for (size_t i = 0; i < n; i++) {
        c->post = org_id_text(c->t.arena, 'o', posts[i].id);
        CITY_REFUSED(FAULT_RIGHT, city_step(c, W.clerk, act, "confirm", OPINION));
    }
    c->post = NULL;
    /* Who added rows is one of the first two hands as well. */
    CITY_STEP(W.leader, act, "add_rows",
              city_fields(c, "{'files':['%s'],'rows':[{'file':'%s','rows':1}]}",
                          piece(c, W.leader, closed_row(c, 3, "2024-05-07", "2024-06-02")),
                          piece(c, W.leader, closed_row(c, 3, "2024-05-07", "2024-06-02"))));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.leader, act, "confirm", OPINION));
    /* Nor does it pass when somebody adds more after him. */
    CITY_STEP(W.clerk, act, "add_rows",
              city_fields(c, "{'files':['%s'],'rows':[{'file':'%s','rows':1}]}",
                          piece(c, W.clerk, closed_row(c, 4, "2024-05-08", "2024-06-03")),
                          piece(c, W.clerk, closed_row(c, 4, "2024-05-08", "2024-06-03"))));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.leader, act, "confirm", OPINION));
    assert_int_equal(city_count(c, W.clerk, "kind=hazard"), 0);
    /* Nobody makes a carrying step by hand, on the act or as a row. */
    CITY_REFUSED(FAULT_ABSENT, city_step(c, W.leader, act, "carry_done", NULL));
}

static void
a_second_ledger_of_the_place_is_refused(void **state)
{
    struct city *c = with_posts(*state);
    const char *lines = closed_row(c, 2, "2024-05-06", "2024-06-01"), *act;

    CITY_OK(prepare(c, W.clerk, lines, 1));
    CITY_REFUSED(FAULT_INPUT, prepare(c, W.leader, lines, 1));
    assert_non_null(strstr(c->t.fault.items[0].zh, "只迁入一次"));
    /* Withdrawn before it was confirmed: as if it never was. */
    CITY_STEP(W.clerk, c->last, "withdraw", city_json(T, "{'reason':'文件选错了'}"));
    CITY_OK(prepare(c, W.clerk, lines, 1));
    act = arena_text(c->t.arena, c->last);
    CITY_STEP(W.leader, act, "confirm", OPINION);
    city_clock(c);
    CITY_REFUSED(FAULT_INPUT, prepare(c, W.clerk, lines, 1));
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=carried_in"), 1);
}

/* ---- groups ---- */

/* 150 rows are three groups; one row turned bad after it was checked and is told, the others come in. */
static void
rows_come_in_by_groups_and_what_cannot_is_told(void **state)
{
    struct city *c = with_posts(*state);
    struct text lines;
    struct record r;
    const char *act;

    text_init(&lines, c->t.arena);
    for (int i = 0; i < 150; i++)
        text_puts(&lines, i == 70 ? closed_row(c, i, "2024-05-06", "2024-05-01")
                                  : closed_row(c, i, "2024-05-06", "2024-06-01"));
    CITY_OK(prepare(c, W.clerk, text_string(&lines), 150));
    act = arena_text(c->t.arena, c->last);
    CITY_STEP(W.leader, act, "confirm", OPINION);
    city_clock(c);
    assert_true(city_read(c, act, &r));
    assert_string_equal(kind_state_at(r.kind, r.state)->name, "came_in");
    assert_int_equal(json_int_of(r.fields, "taken", 0), 150);
    assert_int_equal(json_int_of(r.fields, "refused", 0), 1);
    assert_int_equal(json_int_of(json_at(json_get(r.fields, "left"), 0), "row", 0), 70);
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=carried_in"), 149);
    /* Born in the order of the file. */
    assert_int_equal(city_figure(c, W.clerk, "hazard_carried", "place=320205"), 149);
    city_proves(c);
}

static void
a_ledger_of_which_nothing_came_in_may_be_tried_again(void **state)
{
    struct city *c = with_posts(*state);

    CITY_OK(prepare(c, W.clerk, closed_row(c, 2, "2024-05-06", "2024-05-01"), 1));
    CITY_STEP(W.leader, c->last, "confirm", OPINION);
    city_clock(c);
    assert_string_equal(city_state(c, c->last), "failed");
    CITY_OK(prepare(c, W.clerk, closed_row(c, 2, "2024-05-06", "2024-06-01"), 1));
}

/* What two people confirmed are so many rows: a piece that holds more gives no more. */
static void
a_piece_gives_no_more_rows_than_the_act_says(void **state)
{
    struct city *c = with_posts(*state);
    struct text lines;
    struct record r;
    const char *act;

    text_init(&lines, c->t.arena);
    for (int i = 0; i < 5; i++)
        text_puts(&lines, closed_row(c, i, "2024-05-06", "2024-06-01"));
    CITY_OK(prepare(c, W.clerk, text_string(&lines), 3));
    act = arena_text(c->t.arena, c->last);
    CITY_STEP(W.leader, act, "confirm", OPINION);
    city_clock(c);
    assert_true(city_read(c, act, &r));
    assert_int_equal(json_int_of(r.fields, "taken", 0), 3);
    assert_int_equal(city_count(c, W.clerk, "kind=hazard&state=carried_in"), 3);
}

static void
what_lies_elsewhere_does_not_come_in(void **state)
{
    struct city *c = with_posts(*state);
    const char *line =
        arena_format(c->t.arena,
                     "{'row':2,'fields':{'enterprise':'u%lld','found_on':'2024-05-06','description':'外区的隐患',"
                     "'ledger_state':'done'}}\n",
                     (long long)W.firm2);

    CITY_OK(prepare(c, W.clerk, line, 1));
    CITY_STEP(W.leader, c->last, "confirm", OPINION);
    city_clock(c);
    assert_string_equal(city_state(c, c->last), "failed");
    assert_int_equal(city_count(c, W.clerk2, "kind=hazard"), 0);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(closures_of_the_old_ledger_are_never_verified_here),
        CASE(open_rows_get_an_owner_a_desk_and_a_fresh_clock),
        CASE(the_log_says_who_and_from_where),
        CASE(the_same_person_is_refused_in_any_post),
        CASE(a_second_ledger_of_the_place_is_refused),
        CASE(rows_come_in_by_groups_and_what_cannot_is_told),
        CASE(a_piece_gives_no_more_rows_than_the_act_says),
        CASE(a_ledger_of_which_nothing_came_in_may_be_tried_again),
        CASE(what_lies_elsewhere_does_not_come_in),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
