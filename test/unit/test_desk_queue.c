/* SPDX-License-Identifier: Apache-2.0 */
/* test_desk_queue.c - writes of many at once: groups, a refused one among them, a dead transaction.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "city.h"
#include "desk/inside.h"

#define W       city_who
#define THREADS 8
#define ROUNDS  6

static _Atomic int64_t clock_ms;

static int64_t
now_of(void *who)
{
    (void)who;
    return clock_ms;
}

static void
serve(struct city *c)
{
    const struct desk_options o = {.url = c->url, .serve = true, .now = now_of};

    desk_close(c->desk);
    clock_ms = c->now;
    CITY_OK(desk_open(&c->t, &o, &c->desk));
}

/* Alone again, to look at what was written. */
static void
stop(struct city *c)
{
    desk_close(c->desk);
    CITY_OK(desk_open(&c->t, &(struct desk_options){.url = c->url}, &c->desk));
}

static int64_t
number(struct city *c, const char *sql)
{
    int64_t n = 0;
    bool found;

    fault_clear(&c->t);
    CITY_OK(store_one_int(&c->t, desk_store(c->desk), &n, &found, sql, ""));
    return n;
}

/* ---- eight at once, each with refusals among its writes ---- */

struct worker {
    struct desk *desk;
    int number, made, refused, wrong;
    struct task t;
    struct store *s;
    char id[20];
    int revision;
};

static enum fault_code
create(struct worker *w, int64_t person, const char *found_on, const char *deadline)
{
    struct task *t = &w->t;
    struct desk_caller caller;
    struct desk_answer answer = {0};
    const char *body =
        arena_format(t->arena,
                     "{\"kind\":\"hazard\",\"place\":\"" CITY_TOWN
                     "\",\"fields\":{\"enterprise\":\"u%lld\",\"source\":"
                     "\"inspector\",\"found_on\":\"%s\",\"level\":\"general\",\"description\":\"第 "
                     "%d 组的隐患\","
                     "\"owner_person\":\"p%lld\",\"measures\":\"更换箱门\",\"deadline\":\"%s\"}}",
                     (long long)W.firm, found_on, w->number, (long long)W.safety, deadline);
    struct desk_request q = {.fingerprint = body, .fingerprint_len = strlen(body)};
    enum fault_code rc;

    fault_clear(t);
    t->now = clock_ms;
    caller = city_caller_in(t, w->s, person);
    rc = desk_create(t, w->desk, w->s, &caller, &q, body, strlen(body), &answer);
    if (!rc) {
        snprintf(w->id, sizeof w->id, "%s", answer.id);
        w->revision = answer.revision;
    }
    return rc;
}

static enum fault_code
step(struct worker *w, int64_t person, const char *name, const char *fields, int revision)
{
    struct task *t = &w->t;
    struct desk_caller caller;
    struct desk_answer answer = {0};
    const char *body = arena_format(t->arena, "{\"fields\":%s}", fields);
    struct desk_request q = {.fingerprint = body, .fingerprint_len = strlen(body)};
    enum fault_code rc;

    q.if_match = arena_format(t->arena, "\"%d\"", revision);
    fault_clear(t);
    t->now = clock_ms;
    caller = city_caller_in(t, w->s, person);
    rc = desk_step(t, w->desk, w->s, &caller, &q, w->id, name, body, strlen(body), &answer);
    if (!rc)
        w->revision = answer.revision;
    return rc;
}

static void
expect(struct worker *w, enum fault_code rc, enum fault_code want)
{
    if (rc != want) {
        print_error("thread %d: %s, not %s: %s\n", w->number, fault_name(rc), fault_name(want),
                    w->t.fault.n_items ? w->t.fault.items[0].en : "");
        w->wrong++;
    }
    if (want)
        w->refused++;
    else
        w->made++;
}

static void *
work(void *who)
{
    struct worker *w = who;

    for (int i = 0; i < ROUNDS; i++) {
        expect(w, create(w, W.officer, "2026-11-23", "2026-12-10"), FAULT_NONE);
        expect(w, create(w, W.officer, "2026-11-23", "2026-11-20"), FAULT_INPUT);
        expect(w,
               step(w, W.safety, "ask_extension",
                    "{\"extension_until\":\"2026-12-20\",\"extension_reason\":\"配件未到货\"}",
                    w->revision),
               FAULT_NONE);
        expect(w,
               step(w, W.officer, "extend", "{\"deadline\":\"2026-12-20\",\"reason\":\"情况属实\"}",
                    1),
               FAULT_REVISION);
        expect(w,
               step(w, W.safety, "extend", "{\"deadline\":\"2026-12-20\",\"reason\":\"情况属实\"}",
                    w->revision),
               FAULT_RIGHT);
        expect(w,
               step(w, W.officer, "extend", "{\"deadline\":\"2026-12-20\",\"reason\":\"情况属实\"}",
                    w->revision),
               FAULT_NONE);
        expect(w, step(w, W.officer, "verify", "{\"opinion\":\"合格合格\"}", w->revision),
               FAULT_STATE);
        expect(w, step(w, W.head, "void", "{\"reason\":\"系误报，不成立\"}", w->revision),
               FAULT_NONE);
    }
    return NULL;
}

static void
eight_write_at_once_and_the_refused_touch_nobody(void **state)
{
    struct city *c = *state;
    struct worker workers[THREADS];
    pthread_t threads[THREADS];

    serve(c);
    memset(workers, 0, sizeof workers);
    for (int i = 0; i < THREADS; i++) {
        workers[i].desk = c->desk;
        workers[i].number = i;
        task_init(&workers[i].t, CITY_START, (uint64_t)i + 1);
        CITY_OK(desk_reader_open(&c->t, c->desk, &workers[i].s));
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(workers[i].wrong, 0);
        assert_int_equal(workers[i].made, 4 * ROUNDS);
        assert_int_equal(workers[i].refused, 4 * ROUNDS);
        desk_reader_close(workers[i].s);
        task_release(&workers[i].t);
    }
    stop(c);
    assert_int_equal(number(c, "SELECT count(*) FROM record_now WHERE kind = 2"), THREADS * ROUNDS);
    assert_int_equal(number(c, "SELECT count(DISTINCT number) FROM record_now WHERE kind = 2"),
                     THREADS * ROUNDS);
    assert_int_equal(number(c, "SELECT n FROM record_serial WHERE series LIKE '%YH%'"),
                     THREADS * ROUNDS);
    assert_int_equal(city_figure(c, W.clerk, "hazard_void", "place=320205"), THREADS * ROUNDS);
    assert_int_equal(city_figure(c, W.clerk, "hazard_extended", "place=320205"), THREADS * ROUNDS);
    assert_int_equal(city_figure(c, W.clerk, "hazard_open", "place=320205"), 0);
    city_proves(c);
}

/* ---- one group on purpose: the writer is held until everybody waits ---- */

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool entered, open;
};

static enum fault_code
wait_at(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct gate *g = who;

    (void)t, (void)s, (void)tip;
    pthread_mutex_lock(&g->lock);
    g->entered = true;
    pthread_cond_broadcast(&g->moved);
    while (!g->open)
        pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
    return FAULT_NONE;
}

struct job {
    struct desk *desk;
    int64_t stream;
    desk_run run;
    void *who;
    enum fault_code rc;
    char words[200];
    pthread_t thread;
};

static void *
submit(void *who)
{
    struct job *j = who;
    struct task t;

    task_init(&t, clock_ms, 5);
    j->rc = desk_write(&t, j->desk, j->stream, j->run, j->who);
    snprintf(j->words, sizeof j->words, "%s", t.fault.n_items ? t.fault.items[0].en : "");
    task_release(&t);
    return NULL;
}

/* The jobs wait in their order behind the gate, so they are one group. */
static void
run_as_one_group(struct city *c, struct job *jobs, size_t n)
{
    static struct gate gate;
    struct job holding = {
        .desk = c->desk, .stream = city_stream(&c->t, "320205"), .run = wait_at, .who = &gate};

    memset(&gate, 0, sizeof gate);
    pthread_mutex_init(&gate.lock, NULL);
    pthread_cond_init(&gate.moved, NULL);
    assert_int_equal(pthread_create(&holding.thread, NULL, submit, &holding), 0);
    pthread_mutex_lock(&gate.lock);
    while (!gate.entered)
        pthread_cond_wait(&gate.moved, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    for (size_t i = 0; i < n; i++) {
        size_t waiting = 0;

        jobs[i].desk = c->desk;
        jobs[i].stream = holding.stream;
        assert_int_equal(pthread_create(&jobs[i].thread, NULL, submit, &jobs[i]), 0);
        while (waiting != i + 1) {
            pthread_mutex_lock(&c->desk->lock);
            waiting = c->desk->waiting;
            pthread_mutex_unlock(&c->desk->lock);
            sched_yield();
        }
    }
    pthread_mutex_lock(&gate.lock);
    gate.open = true;
    pthread_cond_broadcast(&gate.moved);
    pthread_mutex_unlock(&gate.lock);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pthread_join(jobs[i].thread, NULL), 0);
    assert_int_equal(pthread_join(holding.thread, NULL), 0);
    assert_int_equal(holding.rc, FAULT_NONE);
    pthread_mutex_destroy(&gate.lock);
    pthread_cond_destroy(&gate.moved);
}

/* Writes a unit of this name, which is an event and a row. */
static enum fault_code
write_unit(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    struct org_unit u = {.sort = "group", .name = who, .initials = "", .place = W.county};

    return org_state_unit(&w, &u);
}

static enum fault_code
write_and_refuse(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    enum fault_code rc = write_unit(who, t, s, tip);

    return rc ? rc : fault(t, FAULT_INPUT, "/fields/x", "不行 | not so");
}

/* The disk fills while this one writes; it is cleared before the others are tried again. */
static enum fault_code
write_on_a_full_disk(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    char *much = arena_alloc(t->arena, 400000);
    int64_t pages;
    bool found;
    enum fault_code rc = write_unit(who, t, s, tip);

    memset(much, 'x', 399999);
    if (!rc)
        rc = store_one_int(t, s, &pages, &found, "PRAGMA page_count", "");
    if (!rc)
        rc = store_script(
            t, s, arena_format(t->arena, "PRAGMA max_page_count=%lld", (long long)pages + 2));
    if (!rc)
        rc = store_run(t, s, NULL, "INSERT INTO desk_aside VALUES (?, 1, 1)", "s", much);
    {
        struct task own;

        task_init(&own, t->now, 1);
        assert_int_equal(store_script(&own, s, "PRAGMA max_page_count=1000000"), FAULT_NONE);
        task_release(&own);
    }
    return rc;
}

/* What SQLite does on some full disks and I/O errors: the whole transaction is gone, savepoints and
 * all. */
static enum fault_code
write_and_lose_the_transaction(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    enum fault_code rc = write_unit(who, t, s, tip);

    if (!rc)
        rc = store_script(t, s, "ROLLBACK");
    return rc ? rc : fault(t, FAULT_BUSY, NULL, "磁盘已满 | the disk is full");
}

/* A question that fails, and nobody looks: what was written after it rests on nothing. */
static enum fault_code
ask_in_vain_and_write(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    int64_t n;
    bool found;

    (void)!store_one_int(t, s, &n, &found, "SELECT n FROM org_never_was", "");
    return write_unit(who, t, s, tip);
}

/* Refused before it wrote anything, by a failure that took the whole transaction along. */
static enum fault_code
lose_the_transaction_by_asking(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct task own;
    int64_t n;
    bool found;

    (void)who, (void)tip;
    task_init(&own, t->now, 1);
    assert_int_equal(store_one_int(&own, s, &n, &found, "ROLLBACK", ""), FAULT_NONE);
    task_release(&own);
    return store_one_int(t, s, &n, &found, "SELECT n FROM org_never_was", "");
}

static void
assert_group(struct city *c, desk_run guilty, enum fault_code want)
{
    static char names[6][20] = {"一号", "二号", "三号", "四号", "五号", "六号"};
    struct job jobs[6] = {0};

    serve(c);
    for (size_t i = 0; i < 6; i++) {
        jobs[i].run = i == 3 ? guilty : write_unit;
        jobs[i].who = names[i];
    }
    run_as_one_group(c, jobs, 6);
    for (size_t i = 0; i < 6; i++)
        if (jobs[i].rc != (i == 3 ? want : FAULT_NONE))
            fail_msg("job %zu: %s %s", i, fault_name(jobs[i].rc), jobs[i].words);
    stop(c);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(
            number(c, arena_format(c->t.arena, "SELECT count(*) FROM org_unit WHERE name = '%s'",
                                   names[i])),
            i != 3);
    city_proves(c);
}

static void
a_refused_write_in_the_middle_of_a_group(void **state)
{
    assert_group(*state, write_and_refuse, FAULT_INPUT);
}

static void
a_full_disk_in_the_middle_of_a_group(void **state)
{
    assert_group(*state, write_on_a_full_disk, FAULT_BUSY);
}

static void
a_dead_transaction_in_the_middle_of_a_group(void **state)
{
    assert_group(*state, write_and_lose_the_transaction, FAULT_BUSY);
}

static void
a_failed_statement_in_the_middle_of_a_group_is_not_passed_over(void **state)
{
    assert_group(*state, ask_in_vain_and_write, FAULT_STORE);
}

static void
a_transaction_lost_before_the_write_in_the_middle_of_a_group(void **state)
{
    assert_group(*state, lose_the_transaction_by_asking, FAULT_STORE);
}

/* How often each of a group ran, and what the third found under the name of the unit in hand. */
static struct {
    int runs;
    int64_t unit;
    char name[40];
} seen;

static enum fault_code
refuse_at_once(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    (void)who, (void)s, (void)tip;
    return fault(t, FAULT_RIGHT, "/step", "无权 | no right");
}

static enum fault_code
write_and_count(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    seen.runs++;
    return write_unit(who, t, s, tip);
}

static void
a_write_refused_before_it_wrote_makes_nobody_run_again(void **state)
{
    struct city *c = *state;
    struct job jobs[3] = {
        {.run = write_and_count, .who = "甲"}, {.run = refuse_at_once}, {.run = write_and_count, .who = "乙"}};

    memset(&seen, 0, sizeof seen);
    serve(c);
    run_as_one_group(c, jobs, 3);
    stop(c);
    assert_int_equal(jobs[1].rc, FAULT_RIGHT);
    assert_int_equal(seen.runs, 2);
    assert_int_equal(number(c, "SELECT count(*) FROM org_unit WHERE name IN ('甲', '乙')"), 2);
    city_proves(c);
}

/* Renames a unit that the writer remembers, reads it, and is refused. */
static enum fault_code
rename_read_and_refuse(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    struct org_unit u;
    bool found;
    enum fault_code rc = org_unit(t, s, seen.unit, &u, &found);

    u.name = who;
    if (!rc)
        rc = org_state_unit(&w, &u);
    if (!rc)
        rc = org_unit(t, s, seen.unit, &u, &found);
    return rc ? rc : fault(t, FAULT_INPUT, "/fields/x", "不行 | not so");
}

static enum fault_code
read_name(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_unit u;
    bool found;
    enum fault_code rc = org_unit(t, s, seen.unit, &u, &found);

    (void)who, (void)tip;
    snprintf(seen.name, sizeof seen.name, "%s", u.name);
    return rc;
}

static void
what_a_refused_write_has_read_is_remembered_by_nobody(void **state)
{
    struct city *c = *state;
    struct job jobs[4] = {{.run = read_name},
                          {.run = rename_read_and_refuse, .who = "改名"},
                          {.run = write_unit, .who = "丙"},
                          {.run = read_name}};

    memset(&seen, 0, sizeof seen);
    seen.unit = number(c, "SELECT min(id) FROM org_unit");
    serve(c);
    run_as_one_group(c, jobs, 4);
    assert_int_equal(jobs[1].rc, FAULT_INPUT);
    assert_string_not_equal(seen.name, "改名");
    jobs[3].rc = FAULT_STORE;
    run_as_one_group(c, &jobs[3], 1);
    assert_int_equal(jobs[3].rc, FAULT_NONE);
    assert_string_not_equal(seen.name, "改名");
    stop(c);
    city_proves(c);
}

/* Each stream has its own groups; none overtakes another within its stream. */
static enum fault_code
write_second(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    struct org_unit u = {.sort = "group", .name = who, .initials = "", .place = W.county2};

    return org_state_unit(&w, &u);
}

static void
two_streams_wait_beside_each_other(void **state)
{
    struct city *c = *state;
    struct job jobs[40];
    static char names[40][8];

    serve(c);
    memset(jobs, 0, sizeof jobs);
    for (size_t i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "g%zu", i);
        jobs[i].desk = c->desk;
        jobs[i].stream = city_stream(&c->t, i % 2 ? "320206" : "320205");
        jobs[i].run = i % 2 ? write_second : write_unit;
        jobs[i].who = names[i];
        assert_int_equal(pthread_create(&jobs[i].thread, NULL, submit, &jobs[i]), 0);
    }
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(pthread_join(jobs[i].thread, NULL), 0);
        assert_int_equal(jobs[i].rc, FAULT_NONE);
    }
    stop(c);
    assert_int_equal(number(c, "SELECT count(DISTINCT name) FROM org_unit WHERE sort = 'group'"),
                     40);
    city_proves(c);
}

/* A request repeated while the first still waits: one record, the same answer twice. */
struct twin {
    struct worker w;
    enum fault_code rc;
    const char *body;
    pthread_t thread;
};

static void *
ask_twice(void *who)
{
    struct twin *x = who;
    struct desk_caller caller = city_caller_in(&x->w.t, x->w.s, W.safety);
    struct desk_answer answer = {0};
    struct desk_request q = {
        .key = "same", .fingerprint = x->body, .fingerprint_len = strlen(x->body)};

    x->rc = desk_create(&x->w.t, x->w.desk, x->w.s, &caller, &q, x->body, strlen(x->body), &answer);
    if (!x->rc)
        snprintf(x->w.id, sizeof x->w.id, "%s", answer.id);
    return NULL;
}

static void
a_request_sent_twice_at_once_makes_one_record(void **state)
{
    struct city *c = *state;
    struct twin twins[6];
    const char *body =
        arena_format(c->t.arena,
                     "{\"kind\":\"suggestion\",\"place\":\"" CITY_TOWN "\",\"fields\":{"
                     "\"enterprise\":\"u%lld\",\"topic\":\"equipment\",\"idea\":\"加一盏灯\"}}",
                     (long long)W.firm);

    serve(c);
    memset(twins, 0, sizeof twins);
    for (int i = 0; i < 6; i++) {
        twins[i].w.desk = c->desk;
        twins[i].body = body;
        task_init(&twins[i].w.t, CITY_START, (uint64_t)i + 1);
        CITY_OK(desk_reader_open(&c->t, c->desk, &twins[i].w.s));
    }
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&twins[i].thread, NULL, ask_twice, &twins[i]), 0);
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_join(twins[i].thread, NULL), 0);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(twins[i].rc, FAULT_NONE);
        assert_string_equal(twins[i].w.id, twins[0].w.id);
        desk_reader_close(twins[i].w.s);
        task_release(&twins[i].w.t);
    }
    stop(c);
    assert_int_equal(number(c, "SELECT count(*) FROM record_now"), 1);
    city_proves(c);
}

/* ---- clocks fire in a serving process, once ---- */

static void
a_serving_desk_fires_its_clocks_by_itself(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 3);
    struct record r;
    struct task t;
    struct store *s;
    bool late = false;

    serve(c);
    CITY_OK(desk_reader_open(&c->t, c->desk, &s));
    clock_ms = c->now + 10 * TIME_DAY;
    task_init(&t, clock_ms, 3);
    for (int i = 0; i < 400 && !late; i++) {
        int64_t stream, rid;
        bool found;

        assert_true(record_id_read(id, &stream, &rid));
        city_ok(&t, record_open(&t, s, desk_world(c->desk), stream, rid, &r, &found), "open",
                __FILE__, __LINE__);
        late = json_text_of(r.fields, "overdue_on") != NULL;
        if (!late)
            usleep(10000);
    }
    task_release(&t);
    desk_reader_close(s);
    assert_true(late);
    stop(c);
    c->t.now = c->now = clock_ms;
    (void)city_clock(c);
    assert_int_equal(city_figure(c, W.clerk, "hazard_went_overdue", "place=320205"), 1);
    city_proves(c);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, city_setup, city_teardown)
    const struct CMUnitTest tests[] = {
        CASE(eight_write_at_once_and_the_refused_touch_nobody),
        CASE(a_refused_write_in_the_middle_of_a_group),
        CASE(a_full_disk_in_the_middle_of_a_group),
        CASE(a_dead_transaction_in_the_middle_of_a_group),
        CASE(a_failed_statement_in_the_middle_of_a_group_is_not_passed_over),
        CASE(a_transaction_lost_before_the_write_in_the_middle_of_a_group),
        CASE(a_write_refused_before_it_wrote_makes_nobody_run_again),
        CASE(what_a_refused_write_has_read_is_remembered_by_nobody),
        CASE(two_streams_wait_beside_each_other),
        CASE(a_request_sent_twice_at_once_makes_one_record),
        CASE(a_serving_desk_fires_its_clocks_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
