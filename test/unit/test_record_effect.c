/* SPDX-License-Identifier: Apache-2.0 */
/* test_record_effect.c - effects, promises across streams, sets, totals, silence, draws. */
#include "city.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who

static int64_t
number(struct city *c, const char *sql)
{
    int64_t n = 0;
    bool found;

    fault_clear(T);
    CITY_OK(store_one_int(T, S, &n, &found, sql, ""));
    return n;
}

/* The newest record of a kind; its id. */
static const char *
newest(struct city *c, int64_t person, const char *kind, size_t i)
{
    const struct json *items =
        json_get(city_list(c, person, arena_format(c->t.arena, "kind=%s&limit=50", kind)), "items");

    assert_true(json_count(items) > i);
    return json_text_of(json_at(items, i), "id");
}

/* ---- raised in the same stream: one transaction ---- */

static const char *
major(struct city *c)
{
    CITY_CREATE(
        W.officer, "hazard", CITY_TOWN,
        city_fields(
            c,
            "{'enterprise':'u%lld','source':'inspector','found_on':'%s','level':'major',"
            "'clause':'GM-FC-03','description':'除尘系统未设泄爆装置','owner_person':'p%lld',"
            "'measures':'加装泄爆片','deadline':'%s','interim':'stop_use'}",
            (long long)W.firm, time_day_text(c->t.arena, time_day(c->now)), (long long)W.boss,
            time_day_text(c->t.arena, time_day(c->now) + 5)));
    return arena_text(c->t.arena, c->last);
}

static void
a_major_hazard_proposes_a_listing_with_it(void **state)
{
    struct city *c = *state;
    const char *id = major(c), *listing;

    assert_string_equal(city_state(c, id), "planning");
    assert_int_equal(city_count(c, W.clerk, "kind=listing"), 1);
    listing = newest(c, W.clerk, "listing", 0);
    assert_string_equal(
        json_text_of(json_get(city_record(c, W.clerk, listing, NULL), "fields"), "subject"), id);
    assert_int_equal(number(c, "SELECT count(*) FROM chain_promise"), 0);
    city_proves(c);
}

static void
an_overdue_major_hazard_climbs_the_ladder(void **state)
{
    struct city *c = *state;
    const char *id = major(c);
    int64_t letters;

    city_tick_on(c, 8 * TIME_DAY);
    (void)city_clock(c);
    letters = city_count(c, W.clerk, "kind=letter");
    assert_true(letters >= 1);
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.clerk, "kind=letter"), letters);
    city_tick_on(c, 40 * TIME_DAY);
    (void)city_clock(c);
    assert_true(city_count(c, W.clerk, "kind=letter") >=
                5); /* notice, demand, interview, circular, clue */
    assert_int_equal(number(c, "SELECT count(*) FROM desk_aside"), 0);
    assert_non_null(id);
    city_proves(c);
}

/* ---- another stream: a promise ---- */

static const char splitting[] =
    "{'splits':["
    "{'name':'东亭街道排查','unit':'u%lld','weight':4,'due_on':'2026-12-20','marker':'签字清单一'},"
    "{'name':'安镇街道排查','unit':'u%lld','weight':6,'due_on':'2026-12-20','marker':'签字清单二'}]"
    "}";

/* Assigned by the city to the county's office; kept in the city's stream or in the county's. */
static const char *
city_task(struct city *c, const char *place)
{
    CITY_CREATE(
        W.city_clerk, "task", place,
        city_fields(c,
                    "{'type':'task','name':'粉尘涉爆企业排查','unit':'u%lld','marker':'清单和照片',"
                    "'weight':10,'due_on':'2026-12-31'}",
                    (long long)W.office));
    return arena_text(c->t.arena, c->last);
}

static int64_t
delivered(struct city *c)
{
    return city_clock(c).delivered;
}

static void
a_part_in_another_stream_is_promised_and_kept_once(void **state)
{
    struct city *c = *state;
    const char *id = city_task(c, "320200");
    struct rows r;
    struct chain_row row;
    int named = 0;

    CITY_STEP(W.clerk, id, "sign", NULL);
    CITY_STEP(W.clerk, id, "decompose",
              city_fields(c, splitting, (long long)W.township, (long long)W.township2));
    /* Each part is named in the event and waits; nothing is written to the county's stream by this
     * step. */
    assert_int_equal(city_count(c, W.clerk, "kind=task"), 1);
    assert_int_equal(number(c, "SELECT count(*) FROM chain_promise"), 2);
    assert_int_equal(delivered(c), 2);
    assert_int_equal(number(c, "SELECT count(*) FROM chain_promise"), 0);
    assert_int_equal(city_count(c, W.clerk, "kind=task"), 3);
    assert_int_equal(city_count(c, W.township2_person, "kind=task"), 1);
    assert_int_equal(delivered(c), 0);
    CITY_OK(chain_open_stream(T, S, &r, city_stream(T, "320205"), 1, 10000));
    while (chain_next(T, &r, &row))
        named += row.name && strncmp(row.name, "promise:", 8) == 0;
    CITY_OK(store_end(T, &r));
    assert_int_equal(named, 2);
    city_proves(c);
}

/* The whole follows its parts from another stream: by promise, soon. */
static void
a_total_across_streams_follows(void **state)
{
    struct city *c = *state;
    const char *id = city_task(c, "320200"), *part;

    CITY_STEP(W.clerk, id, "sign", NULL);
    CITY_STEP(W.clerk, id, "decompose",
              city_fields(c, splitting, (long long)W.township, (long long)W.township2));
    (void)city_clock(c);
    part = newest(c, W.township_person, "task", 0);
    CITY_STEP(W.township_person, part, "sign", NULL);
    CITY_STEP(
        W.township_person, part, "claim",
        city_fields(c, "{'evidence':['%s'],'said':'已排查'}", city_photo(c, W.township_person, 4)));
    CITY_STEP(W.clerk, part, "verify", NULL);
    (void)city_clock(c);
    assert_string_equal(
        json_text_of(json_get(city_record(c, W.city_clerk, id, NULL), "fields"), "progress"),
        "0.4");
    city_proves(c);
}

/* Delivered and not yet struck off: the second delivery finds the name and changes nothing. */
static void
a_promise_that_is_delivered_twice_acts_once(void **state)
{
    struct city *c = *state;
    const char *id = city_task(c, "320200");
    struct chain_promised list[4];
    size_t n;

    CITY_STEP(W.clerk, id, "sign", NULL);
    CITY_STEP(W.clerk, id, "decompose",
              city_fields(c, splitting, (long long)W.township, (long long)W.township2));
    CITY_OK(chain_promises_due(T, S, c->now, list, 4, &n));
    assert_int_equal(n, 2);
    assert_int_equal(delivered(c), 2);
    CITY_OK(chain_promise(T, S, list[0].stream, list[0].seq, list[0].n, list[0].to_stream,
                          list[0].body));
    assert_int_equal(delivered(c), 1);
    assert_int_equal(city_count(c, W.clerk, "kind=task"), 3);
    assert_int_equal(number(c, "SELECT count(*) FROM chain_promise"), 0);
    city_proves(c);
}

/* The log is hashed for ever: what is private may not stand in it on its way to another county. */
static void
a_promise_carries_no_private_value_into_the_log(void **state)
{
    struct city *c = *state;
    const char *id = city_task(c, "320200");
    struct record r;
    struct rows rows;
    struct chain_row row;

    CITY_STEP(W.clerk, id, "sign", NULL);
    CITY_STEP(W.clerk, id, "decompose",
              city_fields(c, splitting, (long long)W.township, (long long)W.township2));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2; i++) {
            CITY_OK(chain_open_stream(T, S, &rows, city_stream(T, i ? "320200" : "320205"), 1, 10000));
            while (chain_next(T, &rows, &row))
                if (memmem(row.bytes, row.bytes_len, "签字清单", strlen("签字清单")))
                    fail_msg("event %lld holds a private value", (long long)row.seq);
            CITY_OK(store_end(T, &rows));
        }
        (void)city_clock(c);
    }
    assert_true(city_read(c, newest(c, W.township2_person, "task", 0), &r));
    assert_string_equal(json_text_of(r.fields, "marker"), "签字清单二");
}

/* What the other side cannot take becomes an open matter where it came from; nothing is undone. */
static void
a_promise_that_is_refused_becomes_an_open_matter(void **state)
{
    struct city *c = *state;
    struct json *body = json_object(c->t.arena);
    int64_t before = city_count(c, W.clerk, "kind=matter");
    const char *id = city_hazard(c, 10);

    json_set_str(c->t.arena, body, "step", "no_such_step");
    json_set_str(c->t.arena, body, "record", id);
    CITY_OK(chain_promise(T, S, city_stream(T, "320206"), 1, 0, city_stream(T, "320205"), body));
    (void)city_clock(c);
    assert_int_equal(number(c, "SELECT count(*) FROM chain_promise"), 0);
    assert_int_equal(city_count(c, W.clerk, "kind=matter"), before);
    assert_int_equal(city_count(c, W.clerk2, "kind=matter"), 1);
    (void)city_clock(c);
    assert_int_equal(city_count(c, W.clerk2, "kind=matter"), 1);
    assert_string_equal(city_state(c, id), "rectifying");
    city_proves(c);
}

/* ---- totals ---- */

static void
totals_follow_the_tree(void **state)
{
    struct city *c = *state;
    const char *id = city_task(c, "320205"), *part;
    struct json *fields;

    CITY_STEP(W.clerk, id, "sign", NULL);
    CITY_STEP(W.clerk, id, "decompose",
              city_fields(c, splitting, (long long)W.township, (long long)W.township2));
    fields = json_get(city_record(c, W.city_clerk, id, NULL), "fields");
    assert_string_equal(json_text_of(fields, "progress"), "0");
    part = city_lists(c, W.township_person, "kind=task", newest(c, W.township_person, "task", 0))
               ? newest(c, W.township_person, "task", 0)
               : NULL;
    assert_non_null(part);
    CITY_STEP(W.township_person, part, "sign", NULL);
    CITY_STEP(
        W.township_person, part, "claim",
        city_fields(c, "{'evidence':['%s'],'said':'已排查'}", city_photo(c, W.township_person, 4)));
    CITY_STEP(W.clerk, part, "verify", NULL);
    fields = json_get(city_record(c, W.city_clerk, id, NULL), "fields");
    assert_string_equal(json_text_of(fields, "progress"), "0.4");
    /* The whole is not claimed while a part is open. */
    CITY_REFUSED(FAULT_INPUT, city_step(c, W.clerk, id, "claim",
                                        city_fields(c, "{'evidence':['%s'],'said':'完成'}",
                                                    city_photo(c, W.clerk, 5))));
    city_proves(c);
}

static void
weights_must_add_up(void **state)
{
    struct city *c = *state;
    const char *id = city_task(c, "320205");

    CITY_STEP(W.clerk, id, "sign", NULL);
    CITY_REFUSED(
        FAULT_INPUT,
        city_step(c, W.clerk, id, "decompose",
                  city_fields(c,
                              "{'splits':[{'name':'东亭街道排查','unit':'u%lld','weight':9,"
                              "'due_on':'2026-12-20','marker':'签字清单'}]}",
                              (long long)W.township)));
    assert_int_equal(city_count(c, W.clerk, "kind=task"), 1);
    /* Who raised it verifies; who owed it does not. */
    CITY_STEP(W.clerk, id, "claim",
              city_fields(c, "{'evidence':['%s'],'said':'完成'}", city_photo(c, W.clerk, 5)));
    CITY_REFUSED(FAULT_RIGHT, city_step(c, W.clerk, id, "verify", NULL));
    CITY_STEP(W.city_clerk, id, "verify", NULL);
}

/* ---- participants side by side ---- */

static const char *
approval(struct city *c, const char *silence)
{
    const char *paper = city_photo(c, W.clerk, 5), *id;

    CITY_CREATE(W.clerk, "approval", CITY_TOWN,
                city_fields(c,
                            "{'applicant':'u%lld','name':'扩建油漆房','file':['%s'],'departments':["
                            "'u%lld','u%lld']}",
                            (long long)W.firm, paper, (long long)W.bureau, (long long)W.housing));
    id = arena_text(c->t.arena, c->last);
    CITY_STEP(W.clerk, id, "send",
              city_fields(c, "{'answer_by':'2026-11-27','silence':'%s'}", silence));
    assert_int_equal(city_count(c, W.clerk, "kind=opinion"), 2);
    return id;
}

static const char *
opinion_of(struct city *c, int64_t person)
{
    assert_int_equal(city_count(c, person, "kind=opinion"), 1);
    return newest(c, person, "opinion", 0);
}

static void
the_last_answer_decides_in_the_same_transaction(void **state)
{
    struct city *c = *state;
    const char *id = approval(c, "escalate");

    CITY_STEP(W.officer, opinion_of(c, W.officer), "answer", city_fields(c, "{'answer':'agree'}"));
    assert_string_equal(city_state(c, id), "collecting");
    CITY_STEP(W.housing_person, opinion_of(c, W.housing_person), "answer",
              city_fields(c, "{'answer':'agree'}"));
    assert_string_equal(city_state(c, id), "passed");
    city_proves(c);
}

static void
one_veto_stops_it(void **state)
{
    struct city *c = *state;
    const char *id = approval(c, "escalate");

    CITY_REFUSED(FAULT_INPUT, city_step(c, W.officer, opinion_of(c, W.officer), "answer",
                                        city_fields(c, "{'answer':'veto'}")));
    assert_true(city_points(c, "/fields/grounds"));
    CITY_STEP(W.officer, opinion_of(c, W.officer), "answer",
              city_fields(c, "{'answer':'veto','grounds':'防火间距不足'}"));
    assert_string_equal(city_state(c, id), "vetoed");
}

static void
silence_is_a_step_of_the_clock(void **state)
{
    struct city *c = *state;
    const char *id = approval(c, "agree"), *silent = opinion_of(c, W.housing_person);

    CITY_STEP(W.officer, opinion_of(c, W.officer), "answer", city_fields(c, "{'answer':'agree'}"));
    city_at(c, "2026-11-28T00:00:01+08:00");
    (void)city_clock(c);
    assert_string_equal(city_state(c, silent), "silent");
    assert_string_equal(city_state(c, id), "passed");
    assert_int_equal(city_figure(c, W.clerk, "opinion_silent", "place=320205"), 1);
    city_proves(c);
}

static void
where_law_wants_an_answer_silence_is_none(void **state)
{
    struct city *c = *state;
    const char *id = approval(c, "escalate"), *silent = opinion_of(c, W.housing_person);

    city_at(c, "2026-12-28T00:00:01+08:00");
    (void)city_clock(c);
    assert_string_equal(city_state(c, silent), "asked");
    assert_string_equal(city_state(c, id), "collecting");
}

/* An opinion that is asked is seen by who answers and who asks; the other department sees it
 * answered. */
static void
an_opinion_is_sealed_until_it_is_answered(void **state)
{
    struct city *c = *state;
    const char *of_bureau;

    (void)approval(c, "escalate");
    of_bureau = opinion_of(c, W.officer);
    assert_null(city_record(c, W.housing_person, of_bureau, NULL));
    assert_null(city_record(c, W.city_clerk, of_bureau, NULL));
    assert_non_null(city_record(c, W.clerk, of_bureau, NULL));
    CITY_STEP(W.officer, of_bureau, "answer", city_fields(c, "{'answer':'agree'}"));
    assert_non_null(city_record(c, W.city_clerk, of_bureau, NULL));
    assert_null(city_record(c, W.housing_person, of_bureau, NULL));
}

/* ---- a draw anybody can repeat: sha256(seed ‖ id), the first of that order ---- */

struct lot {
    uint8_t digest[HASH_LEN];
    const char *id;
};

static int
by_digest(const void *a, const void *b)
{
    return memcmp(((const struct lot *)a)->digest, ((const struct lot *)b)->digest, HASH_LEN);
}

static void
a_draw_can_be_repeated_by_anybody(void **state)
{
    static const char seed[] = "2026-12-01 双色球 03 09 17";
    static const char share[] = "{\"place\":\"320205\",\"edition\":\"1\",\"tables\":{\"draw\":{"
                                "\"rows\":[{\"purpose\":\"lookback\",\"share\":\"0.3\"}]}}}";
    struct city *c = *state;
    struct lot lots[13];
    const char *id;
    const struct json *items;
    size_t n = sizeof lots / sizeof *lots;

    for (size_t i = 0; i < n; i++) {
        lots[i].id = city_hazard(c, 5);
        city_apply(c, W.safety, lots[i].id);
        CITY_STEP(W.officer, lots[i].id, "verify", city_fields(c, "{'opinion':'合格合格'}"));
        {
            struct hash_part parts[] = {{seed, strlen(seed)}, {lots[i].id, 16}};

            hash_parts(HASH_SHA256, parts, 2, lots[i].digest);
        }
    }
    (void)city_hazard(c, 5); /* still open: not among them */
    city_adopt(T, c->desk, "320205.json", share, strlen(share));
    CITY_CREATE(
        W.clerk, "round", "320205",
        city_fields(c,
                    "{'purpose':'lookback','begins':'2026-11-01','ends':'2026-12-01',"
                    "'seed_source':'十二月一日开奖号码'}"));
    id = arena_text(c->t.arena, c->last);
    CITY_REFUSED(FAULT_INPUT,
                 city_step(c, W.clerk, id, "draw", city_fields(c, "{'seed':'%s'}", seed)));
    city_at(c, "2026-12-01T09:00:00+08:00");
    CITY_STEP(W.clerk, id, "draw", city_fields(c, "{'seed':'%s'}", seed));
    qsort(lots, n, sizeof *lots, by_digest);
    items = json_get(city_list(c, W.clerk, "kind=lookback&limit=50"), "items");
    assert_int_equal(json_count(items), 4); /* three tenths of thirteen, rounded up */
    for (size_t i = 0; i < 4; i++) {
        bool drawn = false;

        for (size_t k = 0; k < 4; k++)
            if (text_equal(json_text_of(json_get(json_at(items, k), "fields"), "subject"),
                           lots[i].id))
                drawn = true;
        assert_true(drawn);
    }
    city_proves(c);
}

/* ---- notices ---- */

static void
notices_reach_the_parties_and_nobody_else(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);
    const struct {
        int64_t person;
        size_t n;
    } cases[] = {
        {W.safety, 2}, {W.boss, 1}, {W.officer2, 0}, {W.township_person, 0}, {W.keeper, 0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct desk_caller caller = city_caller(c, cases[i].person);
        struct json *out;

        CITY_OK(desk_notices(T, c->desk, S, &caller, &out));
        if (json_count(json_get(out, "items")) != cases[i].n)
            fail_msg("person %zu: %zu", i, json_count(json_get(out, "items")));
    }
    assert_non_null(id);
}

/* ---- a rung that cannot fire ---- */

/* The local table without one row. */
static void
adopt_without(struct city *c, const char *row)
{
    size_t n;
    const char *bytes = city_file(T, "standards/local/320200.json", &n);
    struct json *file, *kept = json_array(c->t.arena), *rows;

    CITY_OK(json_read(T, bytes, n, &file));
    rows = json_get(file, "durations");
    for (size_t i = 0; i < json_count(rows); i++)
        if (!strstr(json_string(c->t.arena, json_at(rows, i)),
                    arena_format(c->t.arena, "\"%s\"", row)))
            json_push(c->t.arena, kept, json_at(rows, i));
    assert_int_equal(json_count(kept) + 1, json_count(rows));
    json_set(c->t.arena, file, "durations", kept);
    json_set_str(c->t.arena, file, "edition", "without");
    bytes = json_string(c->t.arena, file);
    city_adopt(T, c->desk, "320200.json", bytes, strlen(bytes));
}

static void
a_rung_that_fails_is_set_aside_and_holds_up_nobody(void **state)
{
    struct city *c = *state;
    const char *bad = city_hazard(c, 60), *good = city_hazard(c, 20);
    struct desk_tick_report report;
    struct record r;

    CITY_STEP(
        W.officer, bad, "hand",
        city_fields(c, "{'receiver':'u%lld','reason':'属地管辖更合适'}", (long long)W.township));
    /* Not received in time it goes back to be judged, for which no table gives a limit any more. */
    adopt_without(c, "LOCAL-judge");
    city_tick_on(c, 30 * TIME_DAY);
    report = city_clock(c);
    assert_true(report.aside >= 1);
    assert_string_equal(city_state(c, bad), "handing");
    assert_true(city_read(c, good, &r));
    assert_non_null(json_text_of(r.fields, "overdue_on"));
    assert_int_equal(city_count(c, W.clerk, "kind=matter"), 0);
    for (int i = 0; i < 2; i++) {
        city_tick_on(c, TIME_MINUTE);
        report = city_clock(c);
        assert_int_equal(report.aside, 1);
    }
    assert_int_equal(city_count(c, W.clerk, "kind=matter"), 1);
    city_tick_on(c, TIME_MINUTE);
    report = city_clock(c);
    assert_int_equal(report.aside, 0);
    assert_int_equal(city_count(c, W.clerk, "kind=matter"), 1);
    city_proves(c);
}

/* ---- the anchors of counties stand in the city's stream ---- */

static void
the_city_keeps_the_anchors_of_its_counties(void **state)
{
    struct city *c = *state;
    struct desk_verdict verdict;

    (void)city_hazard(c, 10);
    city_tick_on(c, TIME_DAY);
    (void)city_hazard(c, 10);
    (void)city_clock(c);
    assert_true(number(c, "SELECT count(*) FROM chain_event WHERE name LIKE 'anchors:%'") >= 1);
    CITY_OK(desk_verify(T, c->desk, true, &verdict));
    assert_null(verdict.wrong);
    CITY_OK(store_run(T, S, NULL, "DELETE FROM chain_day WHERE stream = ?", "i",
                      city_stream(T, "320205")));
    CITY_OK(desk_verify(T, c->desk, false, &verdict));
    assert_non_null(verdict.wrong);
    /* Not a trace of the county is left: its city remembers. */
    CITY_OK(store_run(T, S, NULL, "DELETE FROM chain_event WHERE stream = ?", "i",
                      city_stream(T, "320205")));
    CITY_OK(store_run(T, S, NULL, "DELETE FROM chain_head WHERE stream = ?", "i",
                      city_stream(T, "320205")));
    CITY_OK(desk_verify(T, c->desk, false, &verdict));
    assert_non_null(verdict.wrong);
}

/* ---- a row that cannot be read ---- */

static enum fault_code
spoil_row(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    (void)tip;
    return store_run(t, s, NULL, "UPDATE record_now SET fields = '{' WHERE rid = ?", "i", *(int64_t *)who);
}

static void
a_row_that_cannot_be_read_holds_up_no_search(void **state)
{
    struct city *c = *state;
    const char *spoilt = city_hazard(c, 10), *sound = city_hazard(c, 12), *differs = NULL;
    struct desk_tick_report report;
    int64_t stream, rid, events;

    assert_true(record_id_read(spoilt, &stream, &rid));
    CITY_OK(desk_write(T, c->desk, stream, spoil_row, &rid));
    report = city_clock(c);
    assert_true(report.indexed >= 2);
    assert_int_equal(number(c, "SELECT count(*) FROM desk_aside WHERE name LIKE 'search:%'"), 1);
    assert_int_equal(city_count(c, W.clerk, "kind=matter"), 1);
    /* Told once; the next tick has nothing left, and what is sound is found. */
    city_tick_on(c, TIME_MINUTE);
    report = city_clock(c);
    assert_int_equal(number(c, "SELECT count(*) FROM record_search_wait"), 0);
    assert_int_equal(city_count(c, W.clerk, "kind=matter"), 1);
    /* A rebuild makes the row again from the log, and its text is indexed. */
    CITY_OK(desk_rebuild(T, c->desk, &events, &differs));
    assert_string_equal(differs, "record_now (3 → 3)");
    (void)city_clock(c);
    assert_true(city_lists(c, W.clerk, "kind=hazard&q=配电", spoilt));
    assert_true(city_lists(c, W.clerk, "kind=hazard&q=配电", sound));
    city_proves(c);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_major_hazard_proposes_a_listing_with_it),
        CASE(an_overdue_major_hazard_climbs_the_ladder),
        CASE(a_part_in_another_stream_is_promised_and_kept_once),
        CASE(a_total_across_streams_follows),
        CASE(a_promise_that_is_delivered_twice_acts_once),
        CASE(a_promise_carries_no_private_value_into_the_log),
        CASE(a_promise_that_is_refused_becomes_an_open_matter),
        CASE(totals_follow_the_tree),
        CASE(weights_must_add_up),
        CASE(the_last_answer_decides_in_the_same_transaction),
        CASE(one_veto_stops_it),
        CASE(silence_is_a_step_of_the_clock),
        CASE(where_law_wants_an_answer_silence_is_none),
        CASE(an_opinion_is_sealed_until_it_is_answered),
        CASE(a_draw_can_be_repeated_by_anybody),
        CASE(notices_reach_the_parties_and_nobody_else),
        CASE(a_rung_that_fails_is_set_aside_and_holds_up_nobody),
        CASE(a_row_that_cannot_be_read_holds_up_no_search),
        CASE(the_city_keeps_the_anchors_of_its_counties),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
