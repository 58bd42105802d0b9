/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/tick.c - everything that happens because time passed, and background work.
 *
 * Knows: one runner by lease; a rung acts once by its name; what fails three times is set aside as
 * an open matter and holds up nobody.
 */
#include "desk/inside.h"
#include <string.h>

#define ASIDE_TRIES 3
#define RUNGS_AT_ONCE 256

static const struct org_actor the_clock = {.sort = ORG_CLOCK};

/* ---- set aside ---- */

struct aside {
    const char *name, *why;
    int64_t tries;
    int64_t place;
    struct desk *desk;
};

static enum fault_code
write_aside(void *who, struct task *t, struct store *s)
{
    struct aside *a = who;
    bool found;
    enum fault_code rc = store_run(t, s, NULL,
                                   "INSERT INTO desk_aside (name, tries, at) VALUES (?, 1, ?) ON CONFLICT "
                                   "(name) DO UPDATE SET tries = desk_aside.tries + 1, at = excluded.at",
                                   "si", a->name, t->now);

    return rc ? rc
              : store_one_int(t, s, &a->tries, &found, "SELECT tries FROM desk_aside WHERE name = ?", "s",
                              a->name);
}

/* Three refusals set it aside for good; one waits for the next tick. */
static enum fault_code
is_aside(struct task *t, struct store *s, const char *name, bool *aside)
{
    struct rows r;
    enum fault_code rc =
        store_query(t, s, &r, "SELECT tries, at FROM desk_aside WHERE name = ?", "s", name);

    if (rc)
        return rc;
    *aside = store_next(t, &r) && (store_int(&r, 0) >= ASIDE_TRIES || store_int(&r, 1) == t->now);
    return store_end(t, &r);
}

/* The kernel's own open matter: what no rule could carry out lands on the office's desk. */
static enum fault_code
raise_matter(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    const struct aside *a = who;
    const struct kind *k = kind_find(a->desk->world->catalog, "matter", 0);
    const struct org_actor rule = {.sort = ORG_RULE};
    struct json *fields = json_object(t->arena);
    struct record_act act;
    struct json *promise = json_object(t->arena);
    enum fault_code rc;

    if (!k)
        return FAULT_NONE;
    json_set_str(t->arena, fields, "ground", "refused_promise");
    json_set_str(t->arena, fields, "about", arena_format(t->arena, "%s：%s", a->name, a->why));
    json_set_str(t->arena, promise, "raise", k->name);
    json_set_int(t->arena, promise, "place", a->place);
    json_set(t->arena, promise, "fields", fields);
    record_act_begin(&act, t, s, a->desk->world, tip, &rule, NULL);
    rc = record_deliver(&act, arena_format(t->arena, "aside:%s", a->name), promise);
    return rc ? rc : desk_project_made(t, s, &act);
}

/* Noted now; from the given number of tries on it is an open matter, once. */
static enum fault_code
set_aside_after(struct task *t, struct desk *d, int64_t stream, const char *name, const char *why, int tries)
{
    struct aside a = {.name = name, .why = why, .desk = d};
    bool found;
    enum fault_code rc = desk_plain_here(t, d, write_aside, &a);

    if (rc || a.tries < tries)
        return rc;
    rc = store_one_int(t, d->writer, &a.place, &found, "SELECT place FROM org_stream WHERE stream = ?", "i",
                       stream);
    if (rc || !found)
        return rc;
    return desk_inline(t, d, stream, raise_matter, &a);
}

static enum fault_code
set_aside(struct task *t, struct desk *d, int64_t stream, const char *name, const struct task *failed)
{
    return set_aside_after(t, d, stream, name, failed->fault.n_items ? failed->fault.items[0].zh : "",
                           ASIDE_TRIES);
}

/* ---- rungs ---- */

struct firing {
    struct desk *desk;
    struct record_rung rung;
    bool made; /* an event: a rung that is not due any more makes none */
};

static enum fault_code
fire_rung(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct firing *f = who;
    struct record_act act;
    struct record r;
    bool found;
    enum fault_code rc =
        record_open(t, s, f->desk->world, f->rung.stream, f->rung.rid, &r, &found);

    if (rc || !found)
        return rc;
    record_act_begin(&act, t, s, f->desk->world, tip, &the_clock, NULL);
    rc = record_fire(&act, &r, f->rung.clock, f->rung.round, f->rung.rung, f->rung.due);
    f->made = act.n_made > 0;
    return rc ? rc : desk_project_made(t, s, &act);
}

static const char *
rung_name(struct task *t, const struct record_rung *r)
{
    return arena_format(t->arena, "%s:%s:%d:%d", record_id(t->arena, r->stream, r->rid), r->clock, r->round,
                        r->rung);
}

/* One rung in a task and transaction of its own: a failure is noted and the next is tried. */
static enum fault_code
fire_one(struct task *t, struct desk *d, const struct record_rung *rung, struct desk_tick_report *out)
{
    struct firing f = {.desk = d, .rung = *rung};
    struct task own;
    const char *name = rung_name(t, rung);
    bool aside;
    enum fault_code rc = is_aside(t, d->writer, name, &aside);

    if (rc || aside)
        return rc;
    task_init(&own, t->now, 1);
    own.random = t->random;
    rc = desk_inline(&own, d, rung->stream, fire_rung, &f);
    t->random = own.random;
    if (!rc) {
        out->fired += f.made;
    } else if (rc != FAULT_BUSY && !own.store_broke) {
        out->aside++;
        rc = set_aside(t, d, rung->stream, name, &own);
    } else {
        rc = desk_pass_fault(t, &own);
    }
    task_release(&own);
    return rc;
}

/* Whether the record that fired has a next round before the rung that follows in the list. */
static enum fault_code
set_earlier(struct task *t, struct desk *d, const struct record_rung *fired, int64_t next, bool *earlier)
{
    int64_t there;

    return store_one_int(t, d->writer, &there, earlier,
                         "SELECT 1 FROM record_due WHERE stream = ? AND rid = ? AND due < ? AND (clock <> ? OR "
                         "round <> ? OR rung <> ?) AND due >= ? LIMIT 1",
                         "iiisiii", fired->stream, fired->rid, next, fired->clock, (int64_t)fired->round,
                         (int64_t)fired->rung, fired->due);
}

static enum fault_code
fire_due(struct task *t, struct desk *d, struct desk_tick_report *out)
{
    size_t n = 0, room = RUNGS_AT_ONCE;
    struct record_rung *list = arena_alloc(t->arena, room * sizeof *list);
    bool more = true;
    enum fault_code rc = FAULT_NONE;

    while (more && !rc) {
        int64_t before = out->fired + out->aside;
        bool earlier = false;

        rc = record_rungs_due(t, d->writer, t->now, list, room, &n);
        for (size_t i = 0; i < n && !rc && !earlier; i++) {
            int64_t fired = out->fired;

            rc = fire_one(t, d, &list[i], out);
            if (!rc && i + 1 < n && out->fired != fired)
                rc = set_earlier(t, d, &list[i], list[i + 1].due, &earlier);
        }
        more = out->fired + out->aside != before;
        /* All that were read are set aside: those behind them are not held up. */
        if (!more && n == room) {
            room *= 2;
            list = arena_alloc(t->arena, room * sizeof *list);
            more = true;
        }
    }
    return rc;
}

/* ---- promises ---- */

struct delivering {
    struct desk *desk;
    const struct chain_promised *promise;
};

static enum fault_code
deliver(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct delivering *x = who;
    const struct json *body = x->promise->body;
    struct org_actor actor = {.sort = json_is_true(json_get(body, "clock")) ? ORG_CLOCK : ORG_PERSON};
    struct record_act act;
    enum fault_code rc;

    actor.person = json_int_of(body, "actor", 0);
    actor.post = json_int_of(body, "post", 0);
    actor.unit = json_int_of(body, "unit", 0);
    if (!actor.person && actor.sort == ORG_PERSON)
        actor.sort = ORG_RULE;
    record_act_begin(&act, t, s, x->desk->world, tip, &actor, NULL);
    rc = record_deliver(&act, chain_promise_name(t, x->promise), body);
    if (!rc)
        rc = desk_project_made(t, s, &act);
    return rc ? rc : chain_promise_kept(t, s, x->promise);
}

static enum fault_code
drop_promise(void *who, struct task *t, struct store *s)
{
    return chain_promise_kept(t, s, who);
}

static enum fault_code
postpone(void *who, struct task *t, struct store *s)
{
    return chain_promise_later(t, s, who, t->now);
}

static enum fault_code
deliver_one(struct task *t, struct desk *d, struct chain_promised *p, int64_t *delivered)
{
    struct delivering x = {d, p};
    struct task own;
    enum fault_code rc;

    task_init(&own, t->now, 1);
    own.random = t->random;
    rc = desk_inline(&own, d, p->to_stream, deliver, &x);
    t->random = own.random;
    if (!rc) {
        ++*delivered;
    } else if (rc != FAULT_BUSY && !own.store_broke) {
        rc = set_aside(t, d, p->stream, chain_promise_name(t, p), &own);
        if (!rc)
            rc = desk_plain_here(t, d, p->tries + 1 >= ASIDE_TRIES ? drop_promise : postpone, p);
    } else {
        rc = desk_pass_fault(t, &own);
    }
    task_release(&own);
    return rc;
}

#define DELIVER_US 1000000 /* then clocks have their turn: an old ledger is hundreds of promises */

/* Whoever waits to write goes before the next promise. */
static bool
must_stop(struct desk *d, int64_t since)
{
    bool waits;

    if (!d->serve)
        return false;
    pthread_mutex_lock(&d->lock);
    waits = d->waiting > 0 || d->stopping;
    pthread_mutex_unlock(&d->lock);
    return waits || time_monotonic_us() - since > DELIVER_US;
}

enum fault_code
desk_deliver_all(struct task *t, struct desk *d, int64_t *delivered)
{
    struct chain_promised list[64];
    size_t n = 1;
    int rounds = 0;
    int64_t since = time_monotonic_us();
    enum fault_code rc = FAULT_NONE;

    d->unfinished = false;
    while (n && !rc && rounds++ < 1000 && !d->unfinished) {
        rc = chain_promises_due(t, d->writer, t->now, list, 64, &n);
        for (size_t i = 0; i < n && !rc && !d->unfinished; i++) {
            rc = deliver_one(t, d, &list[i], delivered);
            d->unfinished = must_stop(d, since);
        }
    }
    return rc;
}

/* ---- folding, indexing, anchors ---- */

#define TEXTS_AT_ONCE 100

struct chore {
    struct desk *desk;
    int64_t done;
    struct record_unread unread[TEXTS_AT_ONCE];
    size_t n_unread;
};

static enum fault_code
fold(void *who, struct task *t, struct store *s)
{
    struct chore *c = who;

    return rollup_fold(t, s, 500, &c->done);
}

static enum fault_code
index_text(void *who, struct task *t, struct store *s)
{
    struct chore *c = who;

    return record_search_index(t, s, c->desk->world, TEXTS_AT_ONCE, &c->done, c->unread, &c->n_unread);
}

/* A row that cannot be read will not be read by trying: a matter at once, and the others go on. */
static enum fault_code
set_unread_aside(struct task *t, struct desk *d, const struct chore *c)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < c->n_unread && !rc; i++)
        rc = set_aside_after(t, d, c->unread[i].stream,
                             arena_format(t->arena, "search:%s",
                                          record_id(t->arena, c->unread[i].stream, c->unread[i].rid)),
                             c->unread[i].why, 1);
    return rc;
}

/* Runs a chore until it has nothing left; each round in memory of its own. */
static enum fault_code
run_chore(struct task *t, struct desk *d, enum fault_code (*run)(void *, struct task *, struct store *),
          int64_t *total, int rounds)
{
    struct chore c = {.desk = d, .done = 1};
    enum fault_code rc = FAULT_NONE;

    while (c.done && !rc && rounds--) {
        struct task own;

        task_init(&own, t->now, 1);
        rc = store_begin(&own, d->writer);
        if (!rc)
            rc = run(&c, &own, d->writer);
        if (!rc)
            rc = store_commit(&own, d->writer);
        if (rc) {
            store_rollback(d->writer);
            rc = desk_pass_fault(t, &own);
        } else if (c.n_unread) {
            rc = set_unread_aside(t, d, &c);
        }
        *total += c.done;
        task_release(&own);
    }
    return rc;
}

struct anchoring {
    struct desk *desk;
    int64_t made;
};

static enum fault_code
anchor(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct anchoring *a = who;

    return chain_anchor_days(t, s, &a->desk->key, tip->stream, &a->made);
}

/* The newest anchor of each child stream goes into the stream of the place above as an event. */
static enum fault_code
anchor_children(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct anchoring *a = who;
    struct json *body = json_object(t->arena), *o = json_object(t->arena), *list = json_array(t->arena);
    struct chain_event e = {.body = body};
    struct rows r;
    int32_t day = time_day(t->now) - 1;
    bool there;
    size_t len;
    enum fault_code rc;

    e.name = arena_format(t->arena, "anchors:%d", day);
    rc = chain_has(t, s, tip->stream, e.name, &there);
    if (rc || there)
        return rc;
    rc = store_query(t, s, &r,
                     "SELECT d.stream, d.day, d.seq, d.root FROM chain_day d JOIN org_stream c ON c.stream = "
                     "d.stream JOIN org_place p ON p.id = c.place JOIN org_stream u ON u.place = p.parent "
                     "WHERE u.stream = ? AND d.day = (SELECT max(day) FROM chain_day x WHERE x.stream = "
                     "d.stream) ORDER BY d.stream",
                     "i", tip->stream);
    if (rc)
        return rc;
    while (store_next(t, &r)) {
        struct json *one = json_object(t->arena);

        json_set_int(t->arena, one, "stream", store_int(&r, 0));
        json_set_int(t->arena, one, "day", store_int(&r, 1));
        json_set_int(t->arena, one, "seq", store_int(&r, 2));
        json_set_str(t->arena, one, "root", hash_hex(t->arena, store_bytes(t, &r, 3, &len), HASH_LEN));
        json_push(t->arena, list, one);
    }
    rc = store_end(t, &r);
    if (rc || !json_count(list))
        return rc;
    json_set(t->arena, o, "heads", list);
    json_set_str(t->arena, body, "kind", "anchor");
    json_set_str(t->arena, body, "step", "anchor");
    json_set(t->arena, body, "outcome", o);
    a->made++;
    return chain_append(t, s, tip, &e);
}

static enum fault_code
anchor_all(struct task *t, struct desk *d, int64_t *made)
{
    int64_t *streams;
    struct anchoring a = {d, 0};
    size_t n;
    enum fault_code rc = chain_streams(t, d->writer, &streams, &n);

    for (size_t i = 0; i < n && !rc; i++) {
        struct task own;

        task_init(&own, t->now, 1);
        a.made = 0;
        rc = desk_inline(&own, d, streams[i], anchor, &a);
        *made += a.made;
        if (rc)
            rc = desk_pass_fault(t, &own);
        task_release(&own);
    }
    for (size_t i = 0; i < n && !rc && *made; i++)
        rc = desk_inline(t, d, streams[i], anchor_children, &a);
    return rc;
}

/* ---- the tick ---- */

struct lease {
    const char *holder;
    bool held;
};

static enum fault_code
take_lease(void *who, struct task *t, struct store *s)
{
    struct lease *l = who;
    const char *holder = NULL;
    enum fault_code rc = store_run(t, s, NULL,
                                   "INSERT INTO desk_lease (name, holder, until, fence) VALUES ('clock', ?, ?, "
                                   "1) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = "
                                   "excluded.until, fence = desk_lease.fence + 1 WHERE desk_lease.holder = "
                                   "excluded.holder OR desk_lease.until < ?",
                                   "sii", l->holder, t->now + 30000, t->now);

    if (!rc)
        rc = store_one_text(t, s, &holder, "SELECT holder FROM desk_lease WHERE name = 'clock'", "");
    l->held = text_equal(holder, l->holder);
    return rc;
}

static enum fault_code
end_lease(void *who, struct task *t, struct store *s)
{
    return store_run(t, s, NULL, "UPDATE desk_lease SET until = 0 WHERE name = 'clock' AND holder = ?", "s", who);
}

/* Who takes over need not wait for the end of a lease that nobody holds any more. */
void
desk_release(struct desk *d)
{
    struct task t;

    task_init(&t, 0, 1);
    (void)!desk_plain_here(&t, d, end_lease, (void *)(uintptr_t)d->holder);
    task_release(&t);
}

static enum fault_code
end_keys(void *who, struct task *t, struct store *s)
{
    (void)who;
    return desk_keys_end(t, s);
}

enum fault_code
desk_tick(struct task *t, struct desk *d, struct desk_tick_report *out)
{
    enum fault_code rc;

    memset(out, 0, sizeof *out);
    rc = desk_deliver_all(t, d, &out->delivered);
    if (!rc)
        rc = fire_due(t, d, out);
    if (!rc)
        rc = desk_deliver_all(t, d, &out->delivered);
    if (!rc)
        rc = run_chore(t, d, fold, &out->folded, 100000);
    if (!rc)
        rc = run_chore(t, d, index_text, &out->indexed, 100000);
    if (!rc)
        rc = anchor_all(t, d, &out->anchored);
    if (!rc)
        rc = desk_plain(t, d, end_keys, NULL);
    return rc;
}

/* While nobody writes: promises at once, clocks once a second, a little folding and indexing. */
void
desk_idle(struct desk *d)
{
    struct task t;
    struct lease l = {d->holder, false};
    struct desk_tick_report report = {0};
    int64_t waiting = 0;
    bool found;

    task_init(&t, d->now(d->who), 0);
    if (!desk_deliver_all(&t, d, &report.delivered) &&
        !store_one_int(&t, d->writer, &waiting, &found,
                       "SELECT (SELECT count(*) FROM (SELECT 1 FROM record_due WHERE due <= ? LIMIT 1) a) + "
                       "(SELECT count(*) FROM (SELECT 1 FROM rollup_delta LIMIT 1) b) + (SELECT count(*) FROM "
                       "(SELECT 1 FROM record_search_wait LIMIT 1) c)",
                       "i", t.now) &&
        waiting) {
        bool held = !desk_plain_here(&t, d, take_lease, &l) && l.held;

        if (held && !fire_due(&t, d, &report) && !run_chore(&t, d, fold, &report.folded, 4))
            (void)!run_chore(&t, d, index_text, &report.indexed, 2);
    }
    if (d->anchored_day != time_day(t.now) && !t.fault.code &&
        !anchor_all(&t, d, &report.anchored))
        d->anchored_day = time_day(t.now);
    if (d->keys_day != time_day(t.now) && !t.fault.code && !desk_plain_here(&t, d, end_keys, NULL))
        d->keys_day = time_day(t.now);
    task_release(&t);
}
