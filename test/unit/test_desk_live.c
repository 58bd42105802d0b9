/* SPDX-License-Identifier: Apache-2.0 */
/* test_desk_live.c - live push without its thread, look by look: a reader who never drains, what leaves
 * somebody's sight, rights that change, sight that is lent, what is sealed, going on after a cut. */
#include "city.h"
#include "desk/live.h"

#define S city_store(c)
#define T (&c->t)
#define W city_who
#define L (c->desk->live)

#define OTHER_TOWN "320205002000"

/* A reader with a buffer before him that he empties or does not; static in each test, for it outlives it. */
struct reader {
    char *text;
    size_t len, waiting;
    bool drains, gone, ended;
    char account[40];
    const char *token;
};

static bool
reader_put(void *to, const char *bytes, size_t len)
{
    struct reader *r = to;

    if (r->gone)
        return false;
    r->text = realloc(r->text, r->len + len + 1);
    assert_non_null(r->text);
    memcpy(r->text + r->len, bytes, len);
    r->len += len;
    r->text[r->len] = 0;
    r->waiting = r->drains ? 0 : r->waiting + len;
    return true;
}

static size_t
reader_waiting(void *to)
{
    return ((struct reader *)to)->waiting;
}

static bool
reader_there(void *to)
{
    return !((struct reader *)to)->gone;
}

static void
reader_end(void *to)
{
    ((struct reader *)to)->ended = true;
}

static int64_t
city_now(void *who)
{
    return ((struct city *)who)->now;
}

/* The test takes the turns of the thread itself. */
static int
setup(void **state)
{
    struct city *c = city_open();

    city_adopt_file(T, c->desk, "test/definitions/taskforce.json", "taskforce.json");
    c->desk->now = city_now;
    c->desk->who = c;
    L = desk_live_new(c->desk);
    L->runs = true;
    *state = c;
    return 0;
}

static int
teardown(void **state)
{
    struct city *c = *state;

    L->runs = false;
    desk_live_free(L);
    L = NULL;
    city_close(c);
    return 0;
}

static enum fault_code
sign_in(void *who, struct task *t, struct store *s)
{
    struct reader *r = who;
    int64_t expires_at;

    return org_token_make(t, s, r->account, "token", 24, &r->token, &expires_at);
}

struct made {
    const char *account;
    int64_t person;
};

static enum fault_code
make_account(void *who, struct task *t, struct store *s)
{
    struct made *m = who;

    return org_account_make(t, s, m->account, m->person, "一个足够长的口令 2026");
}

static enum fault_code
try_open(struct city *c, int64_t person, const char *after, struct reader *r)
{
    const struct desk_sink sink = {r, reader_put, reader_waiting, reader_there, reader_end};
    struct desk_caller caller = city_caller(c, person);
    struct made m = {caller.account, person};
    int64_t there = 0;
    bool found;

    memset(r, 0, sizeof *r);
    r->drains = true;
    snprintf(r->account, sizeof r->account, "%s", caller.account);
    CITY_OK(store_one_int(T, S, &there, &found, "SELECT person FROM org_account WHERE account = ?", "s", caller.account));
    if (!found)
        CITY_OK(desk_plain(T, c->desk, make_account, &m));
    CITY_OK(desk_plain(T, c->desk, sign_in, r));
    caller = city_caller(c, person);
    return desk_live_open(T, c->desk, S, &caller, r->token, after, &sink);
}

static void
open_live(struct city *c, int64_t person, const char *after, struct reader *r)
{
    CITY_OK(try_open(c, person, after, r));
}

/* A second later, so that everybody may be asked again. */
static void
turn(struct city *c)
{
    L->asked_at = 0;
    do
        assert_true(live_turn(L));
    while (L->moved);
}

/* What has come since, and forgets it. */
static const char *
heard(struct city *c, struct reader *r)
{
    const char *text;

    turn(c);
    text = arena_text(c->t.arena, r->text ? r->text : "");
    r->len = 0;
    if (r->text)
        r->text[0] = 0;
    return text;
}

static size_t
times(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

static const char *
event(struct city *c, const char *name, const char *id)
{
    return arena_format(c->t.arena, "event: %s\ndata: {\"id\":\"%s\"", name, id);
}

/* The last place he was told. */
static const char *
place_in(struct city *c, const char *text)
{
    const char *at = text, *last = NULL;

    while ((at = strstr(at, "id: "))) {
        last = at + 4;
        at = last;
    }
    assert_non_null(last);
    return arena_format(c->t.arena, "%.*s", (int)strcspn(last, "\n"), last);
}

static void
reader_free(struct reader *r)
{
    free(r->text);
    r->text = NULL;
    r->gone = true;
}

static const char *
own_hazard(struct city *c)
{
    return city_own_hazard(c, W.safety, W.boss, 10);
}

static const char *
hazard_at(struct city *c, const char *place)
{
    int32_t today = time_day(c->now);

    CITY_CREATE(W.officer, "hazard", place,
                city_fields(c,
                            "{'enterprise':'u%lld','source':'inspector','found_on':'%s',"
                            "'level':'general','description':'除尘器无泄爆','owner_person':'p%lld',"
                            "'measures':'加装泄爆片','deadline':'%s'}",
                            (long long)W.firm, time_day_text(c->t.arena, today), (long long)W.safety,
                            time_day_text(c->t.arena, today + 10)));
    return arena_text(c->t.arena, c->last);
}

/* ---- a reader who never drains ---- */

static void
who_never_drains_is_bounded_and_told_once_to_read_anew(void **state)
{
    struct city *c = *state;
    static struct reader slow, quick, back;
    const char *last, *place;
    size_t len;
    int rounds = 0;

    open_live(c, W.safety, NULL, &slow);
    open_live(c, W.safety, NULL, &quick);
    slow.drains = false;
    while (!times(slow.text ? slow.text : "", "resync")) {
        assert_true(rounds++ < 1000);
        last = own_hazard(c);
        assert_int_equal(times(heard(c, &quick), event(c, "record", last)), 1);
    }
    /* All that waits is what fits, and the one word behind it. */
    len = slow.len;
    assert_true(len > LIMIT_LIVE_QUEUE / 2 && len <= LIMIT_LIVE_QUEUE + 200);
    for (int i = 0; i < 5; i++) {
        last = own_hazard(c);
        L->tick_at = 0;
        assert_int_equal(times(heard(c, &quick), event(c, "record", last)), 1);
    }
    assert_int_equal(slow.len, len);
    assert_int_equal(times(slow.text, "resync"), 1);
    assert_false(slow.ended);
    place = place_in(c, slow.text);
    /* He reads on: what comes from now on he is told, and where he was lost he may go on. */
    slow.waiting = 0;
    slow.drains = true;
    (void)heard(c, &slow);
    last = own_hazard(c);
    assert_int_equal(times(heard(c, &slow), event(c, "record", last)), 1);
    open_live(c, W.safety, place, &back);
    place = heard(c, &back);
    assert_int_equal(times(place, "event: record"), 6);
    assert_int_equal(times(place, event(c, "record", last)), 1);
    reader_free(&slow);
    reader_free(&quick);
    reader_free(&back);
}

static void
a_look_larger_than_all_that_may_wait_is_one_word(void **state)
{
    struct city *c = *state;
    static struct reader slow;

    open_live(c, W.safety, NULL, &slow);
    (void)heard(c, &slow);
    slow.waiting = LIMIT_LIVE_QUEUE - 20;
    slow.drains = false;
    (void)own_hazard(c);
    turn(c);
    assert_int_equal(times(slow.text, "event: record"), 0);
    assert_int_equal(times(slow.text, "resync"), 1);
    reader_free(&slow);
}

static void
who_has_gone_leaves_at_the_next_tick(void **state)
{
    struct city *c = *state;
    static struct reader held[LIMIT_LIVE_ACCOUNT], more;

    for (size_t i = 0; i < LIMIT_LIVE_ACCOUNT; i++)
        open_live(c, W.safety, NULL, &held[i]);
    CITY_REFUSED(FAULT_BUSY, try_open(c, W.safety, NULL, &more));
    assert_null(more.text);
    fault_clear(T);
    turn(c);
    held[3].gone = true;
    /* His place is free at once; he himself is let go a tick later. */
    open_live(c, W.safety, NULL, &more);
    L->tick_at = 0;
    turn(c);
    assert_true(held[3].ended);
    assert_int_equal(L->n, LIMIT_LIVE_ACCOUNT);
    for (size_t i = 0; i < LIMIT_LIVE_ACCOUNT; i++)
        reader_free(&held[i]);
    reader_free(&more);
}

/* ---- going on ---- */

static void
who_comes_back_misses_nothing_and_hears_nothing_twice(void **state)
{
    struct city *c = *state;
    static struct reader first, again, other, late;
    const char *seen, *missed, *place, *text;

    open_live(c, W.safety, NULL, &first);
    turn(c);
    seen = own_hazard(c);
    text = heard(c, &first);
    assert_int_equal(times(text, event(c, "record", seen)), 1);
    place = place_in(c, text);
    first.gone = true;
    missed = own_hazard(c);
    /* One who comes now stands before him in the log, in the same look. */
    open_live(c, W.safety, NULL, &late);
    open_live(c, W.safety, place, &again);
    text = heard(c, &again);
    assert_int_equal(times(text, event(c, "record", missed)), 1);
    assert_int_equal(times(text, event(c, "record", seen)), 0);
    assert_int_equal(times(text, "resync"), 0);
    assert_int_equal(times(heard(c, &late), "event:"), 0);
    /* From the place he was told then, nothing is new. */
    place = place_in(c, text);
    reader_free(&again);
    open_live(c, W.safety, place, &again);
    assert_int_equal(times(heard(c, &again), "event:"), 0);
    /* A place is his alone. */
    open_live(c, W.boss, place, &other);
    assert_int_equal(times(heard(c, &other), "resync"), 1);
    reader_free(&first);
    reader_free(&again);
    reader_free(&late);
    reader_free(&other);
}

static void
who_is_too_far_behind_reads_anew(void **state)
{
    struct city *c = *state;
    static struct reader first, again;
    const char *place;

    open_live(c, W.safety, NULL, &first);
    turn(c);
    place = desk_cursor_write(T, c->desk, first.account, L->pos - LIVE_ROWS - 1);
    open_live(c, W.safety, place, &again);
    assert_int_equal(times(heard(c, &again), "resync"), 1);
    reader_free(&first);
    reader_free(&again);
}

/* ---- what leaves his sight ---- */

static const char *
taskforce(struct city *c)
{
    CITY_CREATE(W.city_clerk, "taskforce", "320205",
                city_fields(c,
                            "{'name':'粉尘专项','lead':'u%lld','area':'" CITY_TOWN "',"
                            "'members':['u%lld'],'seconded':['p%lld'],'ends_on':'2026-12-20'}",
                            (long long)W.bureau, (long long)W.housing, (long long)W.officer2));
    return arena_text(c->t.arena, c->last);
}

static void
what_leaves_his_sight_is_gone(void **state)
{
    struct city *c = *state;
    const char *born, *text, *force = taskforce(c);
    static struct reader member, officer, away;

    open_live(c, W.housing_person, NULL, &member);
    open_live(c, W.officer, NULL, &officer);
    born = hazard_at(c, CITY_TOWN);
    text = heard(c, &member);
    assert_int_equal(times(text, event(c, "record", born)), 1);
    assert_int_equal(times(heard(c, &officer), event(c, "record", born)), 1);
    city_apply(c, W.safety, born);
    CITY_STEP(W.officer, born, "verify", city_fields(c, "{'opinion':'复查合格'}"));
    /* Lent to the member while it was being rectified; to the officer it is closed and there. */
    assert_int_equal(times(heard(c, &member), event(c, "gone", born)), 1);
    assert_int_equal(times(heard(c, &officer), event(c, "record", born)), 1);
    assert_int_equal(times(heard(c, &officer), "gone"), 0);
    /* Who was away meanwhile is told when he comes. */
    open_live(c, W.housing_person, place_in(c, text), &away);
    text = heard(c, &away);
    assert_int_equal(times(text, event(c, "gone", born)), 1);
    assert_int_equal(times(text, event(c, "record", born)), 0);
    /* The task force lets the member go: its own record is gone for him too, and nothing more comes. */
    CITY_STEP(W.city_clerk, force, "change",
              city_fields(c, "{'members':['u%lld'],'reason':'换一个成员单位'}", (long long)W.office2));
    assert_int_equal(times(heard(c, &member), event(c, "gone", force)), 1);
    (void)hazard_at(c, CITY_TOWN);
    assert_int_equal(times(heard(c, &member), "event: record"), 0);
    reader_free(&member);
    reader_free(&officer);
    reader_free(&away);
}

static void
sight_that_is_lent_and_taken_back_is_told(void **state)
{
    struct city *c = *state;
    static struct reader lent, stranger;
    const char *force, *born, *text;

    open_live(c, W.officer2, NULL, &lent);
    open_live(c, W.clerk2, NULL, &stranger);
    (void)hazard_at(c, CITY_TOWN);
    assert_int_equal(times(heard(c, &lent), "event:"), 0);
    force = taskforce(c);
    text = heard(c, &lent);
    assert_int_equal(times(text, "resync"), 1);
    assert_int_equal(times(text, event(c, "record", force)), 1);
    born = hazard_at(c, CITY_TOWN);
    assert_int_equal(times(heard(c, &lent), event(c, "record", born)), 1);
    (void)hazard_at(c, OTHER_TOWN);
    assert_int_equal(times(heard(c, &lent), "event:"), 0);
    CITY_STEP(W.officer, force, "dissolve", NULL);
    assert_int_equal(times(heard(c, &lent), "resync"), 1);
    (void)hazard_at(c, CITY_TOWN);
    assert_int_equal(times(heard(c, &lent), "event:"), 0);
    assert_int_equal(times(heard(c, &stranger), "event:"), 0);
    reader_free(&lent);
    reader_free(&stranger);
}

/* ---- rights that change ---- */

static enum fault_code
end_post(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    struct org_post *post = who;

    post->to_day = time_day(t->now) - 1;
    return org_state_post(&w, post);
}

static void
a_post_that_ends_ends_what_is_told(void **state)
{
    struct city *c = *state;
    struct desk_caller caller = city_caller(c, W.officer);
    struct org_post post = caller.posts[0];
    static struct reader officer;
    const char *text;

    open_live(c, W.officer, NULL, &officer);
    (void)heard(c, &officer);
    CITY_OK(desk_write(T, c->desk, org_id_stream(post.id), end_post, &post));
    (void)own_hazard(c);
    text = heard(c, &officer);
    assert_int_equal(times(text, "resync"), 1);
    assert_int_equal(times(text, "event: record"), 0);
    (void)own_hazard(c);
    assert_int_equal(times(heard(c, &officer), "event:"), 0);
    assert_false(officer.ended);
    reader_free(&officer);
}

static void
a_token_that_ends_ends_the_stream(void **state)
{
    struct city *c = *state;
    static struct reader out, closed, changed, stays, late;

    open_live(c, W.safety, NULL, &out);
    open_live(c, W.mate, NULL, &closed);
    open_live(c, W.clerk, NULL, &changed);
    open_live(c, W.safety, NULL, &stays);
    turn(c);
    CITY_OK(desk_sign_out(T, c->desk, out.token));
    turn(c);
    assert_true(out.ended);
    assert_int_equal(times(out.text, "event: bye"), 1);
    assert_false(closed.ended || changed.ended || stays.ended);
    CITY_OK(desk_user_close(T, c->desk, closed.account));
    turn(c);
    assert_true(closed.ended && times(closed.text, "event: bye") == 1);
    CITY_OK(desk_user_password(T, c->desk, changed.account, "另一个足够长的口令 2026"));
    turn(c);
    assert_true(changed.ended && times(changed.text, "event: bye") == 1);
    assert_false(stays.ended);
    /* A token ends with its hours too, without anybody's doing. */
    (void)heard(c, &stays);
    city_tick_on(c, 25 * INT64_C(3600000));
    (void)own_hazard(c);
    turn(c);
    assert_true(stays.ended);
    assert_int_equal(times(stays.text, "event: record"), 0);
    /* Ended between the question who he is and the first look. */
    open_live(c, W.safety, NULL, &late);
    CITY_OK(desk_sign_out(T, c->desk, late.token));
    (void)own_hazard(c);
    turn(c);
    assert_true(late.ended);
    assert_int_equal(times(late.text, "event: record"), 0);
    reader_free(&out);
    reader_free(&closed);
    reader_free(&changed);
    reader_free(&stays);
    reader_free(&late);
}

/* ---- what is sealed, and what an event says ---- */

static void
nothing_is_said_of_what_is_sealed(void **state)
{
    struct city *c = *state;
    static struct reader mate, clerk, safety;
    const char *id, *text, *said;

    open_live(c, W.bureau_person, NULL, &mate);
    open_live(c, W.clerk, NULL, &clerk);
    open_live(c, W.safety, NULL, &safety);
    CITY_CREATE(W.officer, "inspection", "320205",
                city_fields(c,
                            "{'mode':'covert','targets':['u%lld'],'team':['p%lld','p%lld'],'lead':'p%lld',"
                            "'on':'2026-11-26'}",
                            (long long)W.firm, (long long)W.officer, (long long)W.bureau_person,
                            (long long)W.officer));
    id = arena_text(c->t.arena, c->last);
    CITY_STEP(W.head, id, "approve", NULL);
    assert_int_equal(times(heard(c, &mate), "event:"), 0);
    assert_int_equal(times(heard(c, &clerk), "event:"), 0);
    assert_int_equal(times(heard(c, &safety), "event:"), 0);
    CITY_STEP(W.officer, id, "arrive",
              city_fields(c, "{'target':'u%lld','position':{'lon':'120.355','lat':'31.589'}}",
                          (long long)W.firm));
    /* To those who may see it from now on, and nothing of what was before. */
    said = arena_format(c->t.arena, "%s,\"kind\":\"inspection\",\"revision\":%d,\"state\":\"arrived\"}\n\n",
                        event(c, "record", id), c->revision);
    assert_int_equal(times(heard(c, &clerk), said), 1);
    text = heard(c, &safety);
    assert_int_equal(times(text, said), 1);
    assert_int_equal(times(text, "event: record"), 1);
    reader_free(&mate);
    reader_free(&clerk);
    reader_free(&safety);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_never_drains_is_bounded_and_told_once_to_read_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(a_look_larger_than_all_that_may_wait_is_one_word, setup, teardown),
        cmocka_unit_test_setup_teardown(who_has_gone_leaves_at_the_next_tick, setup, teardown),
        cmocka_unit_test_setup_teardown(who_comes_back_misses_nothing_and_hears_nothing_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_too_far_behind_reads_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(what_leaves_his_sight_is_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(sight_that_is_lent_and_taken_back_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_post_that_ends_ends_what_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_that_ends_ends_the_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_said_of_what_is_sealed, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
