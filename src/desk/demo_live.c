/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_live.c - days of the demonstration city, in order of time.
 *
 * Knows: open records and the plan for each; one heap of what comes next for each stream; the
 * clock runs at the beginning of every day.
 * Does not know: which rule answers (demo_rule.c), what arises (demo_arise.c), how anything is done
 * (demo_do.c).
 */
#include "desk/demo.h"
#include <string.h>

/* ---- heap of one stream: earliest first ---- */

struct demo_stream *
demo_stream(struct demo *x, int64_t stream)
{
    for (size_t i = 0; i < x->n_streams; i++)
        if (x->streams[i].stream == stream)
            return &x->streams[i];
    return NULL;
}

static bool
before(const struct demo_entry *a, const struct demo_entry *b)
{
    if (a->at != b->at)
        return a->at < b->at;
    if (a->live != b->live)
        return a->live < b->live;
    return a->unit != b->unit ? a->unit < b->unit : a->stamp < b->stamp;
}

void
demo_push(struct demo *x, int64_t stream, const struct demo_entry *e)
{
    struct demo_stream *s = demo_stream(x, stream);
    size_t i;

    if (!s)
        return;
    if (s->n == s->room) {
        size_t room = s->room ? s->room * 2 : 256;
        struct demo_entry *heap = arena_alloc(x->task->arena, room * sizeof *heap);

        if (s->n)
            memcpy(heap, s->heap, s->n * sizeof *heap);
        s->heap = heap;
        s->room = room;
    }
    for (i = s->n++; i && before(e, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = *e;
}

static struct demo_entry
pop(struct demo_stream *s)
{
    struct demo_entry first = s->heap[0], last = s->heap[--s->n];
    size_t i = 0;

    while (2 * i + 1 < s->n) {
        size_t child = 2 * i + 1;

        if (child + 1 < s->n && before(&s->heap[child + 1], &s->heap[child]))
            child++;
        if (!before(&s->heap[child], &last))
            break;
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = last;
    return first;
}

/* ---- open records ---- */

static size_t
slot_of(const struct demo *x, int64_t stream, int64_t rid)
{
    size_t i = (size_t)demo_mix((uint64_t)stream, (uint64_t)rid) & (x->n_index - 1);

    while (x->index[i] &&
           (x->lives[x->index[i] - 1].rid != rid || x->lives[x->index[i] - 1].stream != stream))
        i = (i + 1) & (x->n_index - 1);
    return i;
}

static void
grow(struct demo *x)
{
    size_t room = x->room_lives ? x->room_lives * 2 : 4096;
    struct demo_live *lives = arena_alloc(x->task->arena, room * sizeof *lives);

    if (x->n_lives)
        memcpy(lives, x->lives, x->n_lives * sizeof *lives);
    x->lives = lives;
    x->room_lives = room;
    x->n_index = room * 4;
    x->index = arena_alloc(x->task->arena, x->n_index * sizeof *x->index);
    for (size_t i = 0; i < x->n_lives; i++)
        x->index[slot_of(x, lives[i].stream, lives[i].rid)] = (uint32_t)i + 1;
}

static struct demo_live *
live_of(struct demo *x, int64_t stream, int64_t rid)
{
    size_t slot;

    if (x->n_lives == x->room_lives)
        grow(x);
    slot = slot_of(x, stream, rid);
    if (!x->index[slot]) {
        struct demo_live *l = &x->lives[x->n_lives++];

        memset(l, 0, sizeof *l);
        l->stream = stream;
        l->rid = rid;
        x->index[slot] = (uint32_t)x->n_lives;
    }
    return &x->lives[x->index[slot] - 1];
}

/* ---- what comes next for a record ---- */

/* What should have been done before this run began is done in its first weeks. */
static int64_t
caught_up(const struct demo *x, const struct demo_live *l)
{
    uint64_t draw = demo_mix(demo_mix(x->seed + 3, (uint64_t)l->rid), (uint64_t)l->last_at);

    return demo_office_hours(x,
                             time_day_start(x->from) + (int64_t)(draw % (uint64_t)(20 * TIME_DAY)),
                             demo_mix(draw, 5));
}

static enum fault_code
plan(struct demo *x, struct task *t, struct store *s, struct demo_live *l)
{
    struct record r;
    struct demo_entry e = {.unit = 0};
    bool found;
    enum fault_code rc = record_open(t, s, x->desk->world, l->stream, l->rid, &r, &found);

    l->stamp++;
    if (rc || !found)
        return rc;
    l->plan = demo_rule_for(x, &r, l);
    if (!json_text_of(l->plan, "does")) {
        l->plan = NULL;
        return FAULT_NONE;
    }
    l->plan_at = demo_time_of(x, l->plan, &r, l);
    if (l->plan_at < time_day_start(x->from))
        l->plan_at = caught_up(x, l);
    e.at = l->plan_at;
    e.live = (size_t)(l - x->lives);
    e.stamp = l->stamp;
    demo_push(x, l->stream, &e);
    return FAULT_NONE;
}

enum fault_code
demo_plan_other(struct demo *x, struct task *t, struct store *s, struct demo_live *l,
                const char *kind)
{
    const struct json *rules = json_get(json_get(x->script, "answers"), kind);
    const char *retry = json_text_of(l->plan, "retry");

    l->last_at = t->now + demo_span(retry);
    if (retry)
        return plan(x, t, s, l);
    while (l->first < json_count(rules) && json_at(rules, l->first) != l->plan)
        l->first++;
    l->first++;
    return plan(x, t, s, l);
}

enum fault_code
demo_plan_event(struct demo *x, struct task *t, struct store *s, const struct json *body,
                int64_t seq, bool now)
{
    const char *to = json_text_of(body, "to"), *from = json_text_of(body, "from");
    const struct json *outcome = json_get(body, "outcome");
    struct demo_live *l;
    int64_t stream, rid;

    if (!to || !record_id_read(json_text_of(body, "record"), &stream, &rid))
        return FAULT_NONE;
    l = live_of(x, stream, rid);
    if (seq <= l->seq)
        return FAULT_NONE;
    l->seq = seq;
    l->last_at = json_int_of(body, "at", 0);
    if (!text_equal(from, to) || !l->state) {
        l->state = arena_text(x->task->arena, to);
        l->entered_at = l->last_at;
    }
    l->plan = NULL;
    l->first = 0;
    l->stamp++;
    if (!json_is_true(json_get(outcome, "open"))) {
        struct demo_unit *gone = demo_unit(x, json_int_of(outcome, "unit", 0));
        const struct json *registers = json_get(json_get(x->script, "register"), "makes");

        if (gone && text_equal(json_text_of(body, "kind"), json_text(registers)))
            gone->gone = true;
        l->state = NULL;
        return FAULT_NONE;
    }
    return now ? plan(x, t, s, l) : FAULT_NONE;
}

/* ---- what the clock and other streams did: the feed ---- */

static enum fault_code
read_feed(struct demo *x, bool now)
{
    size_t n = 500;
    enum fault_code rc = FAULT_NONE;

    while (n == 500 && !rc) {
        struct task own;
        struct rows r;
        struct chain_row row;

        task_init(&own, x->task->now, x->seed);
        n = 0;
        rc = chain_open_feed(&own, x->desk->writer, &r, x->pos, 500);
        while (!rc && chain_next(&own, &r, &row)) {
            x->pos = row.pos;
            n++;
            rc = demo_plan_event(x, &own, x->desk->writer, row.body, row.seq, now);
        }
        if (!rc)
            rc = store_end(&own, &r);
        if (rc)
            rc = desk_pass_fault(x->task, &own);
        task_release(&own);
    }
    return rc;
}

static enum fault_code
skip_feed(struct demo *x)
{
    bool found;

    return store_one_int(x->task, x->desk->writer, &x->pos, &found,
                         "SELECT max(pos) FROM chain_event", "");
}

enum fault_code
demo_live_load(struct demo *x)
{
    int64_t *streams;
    size_t n;
    enum fault_code rc = chain_streams(x->task, x->desk->writer, &streams, &n);

    if (rc)
        return rc;
    x->streams = arena_alloc(x->task->arena, n * sizeof *x->streams);
    for (size_t i = 0; i < n; i++)
        x->streams[x->n_streams++].stream = streams[i];
    grow(x);
    demo_keep_stories(x);
    rc = read_feed(x, false);
    for (size_t i = 0; i < x->n_lives && !rc; i++) {
        struct task own;

        if (!x->lives[i].state)
            continue;
        task_init(&own, x->task->now, x->seed);
        rc = plan(x, &own, x->desk->writer, &x->lives[i]);
        if (rc)
            rc = desk_pass_fault(x->task, &own);
        task_release(&own);
    }
    return rc;
}

/* ---- a day ---- */

struct stream_day {
    struct demo *x;
    struct demo_stream *stream;
    int64_t end;
};

/* All of one stream's day in one transaction; each act in memory and a savepoint of its own. */
static enum fault_code
run_stream(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct stream_day *d = who;
    struct demo *x = d->x;
    enum fault_code rc = FAULT_NONE;

    while (d->stream->n && d->stream->heap[0].at < d->end && !rc) {
        struct demo_entry e = pop(d->stream);
        struct task own;

        if (!e.arises && x->lives[e.live].stamp != e.stamp)
            continue;
        /* What fell due before this run began is done on its first day. */
        if (e.at < d->end - TIME_DAY)
            e.at = d->end - 16 * TIME_HOUR;
        if (e.at <= tip->at)
            e.at = tip->at + 1000;
        task_init(&own, e.at,
                  demo_mix(demo_mix(x->seed, (uint64_t)tip->stream), (uint64_t)tip->seq) | 1);
        rc = demo_do(x, &own, s, tip, &e);
        if (rc)
            rc = desk_pass_fault(t, &own);
        task_release(&own);
    }
    return rc;
}

static enum fault_code
tick(struct demo *x)
{
    struct task own;
    struct desk_tick_report report;
    enum fault_code rc;

    task_init(&own, x->task->now, demo_mix(x->seed, (uint64_t)x->task->now) | 1);
    rc = desk_tick(&own, x->desk, &report);
    x->n_fired += report.fired;
    if (rc)
        rc = desk_pass_fault(x->task, &own);
    task_release(&own);
    return rc ? rc : read_feed(x, true);
}

static enum fault_code
one_day(struct demo *x, int32_t day)
{
    enum fault_code rc;

    x->task->now = time_day_start(day);
    rc = tick(x);
    if (!rc) {
        x->task->now += 8 * TIME_HOUR;
        rc = demo_firms_late(x, day);
        x->task->now = time_day_start(day);
    }
    if (!rc)
        rc = read_feed(x, true);
    demo_arise(x, day);
    for (size_t i = 0; i < x->n_streams && !rc; i++) {
        struct stream_day d = {x, &x->streams[i], time_day_start(day + 1)};
        struct task own;

        if (!x->streams[i].n || x->streams[i].heap[0].at >= d.end)
            continue;
        task_init(&own, x->task->now, demo_mix(x->seed, (uint64_t)day) | 1);
        rc = desk_write(&own, x->desk, x->streams[i].stream, run_stream, &d);
        if (rc)
            rc = desk_pass_fault(x->task, &own);
        task_release(&own);
    }
    return rc ? rc : skip_feed(x);
}

enum fault_code
demo_live_days(struct demo *x, int32_t from, int32_t until)
{
    enum fault_code rc = FAULT_NONE;

    for (int32_t day = from; day < until && !rc; day++) {
        int y, m, d;

        rc = one_day(x, day);
        time_split(day, &y, &m, &d);
        if (d == 1)
            demo_count(x, arena_format(x->task->arena, "%d-%02d", y, m));
    }
    x->task->now = time_day_start(until);
    return rc ? rc : tick(x);
}
