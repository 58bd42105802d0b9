/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/live_look.c - one look at the log: what changed, who may know, what he is told.
 *
 * Knows: audience keys before and after a change, what lends sight, what a slow reader is owed.
 * Does not know: threads; sockets; what a right is.
 */
#include "desk/live.h"
#include <stdlib.h>
#include <string.h>

struct happened {
    struct happened *next;
    int64_t pos, rev, at;
    const struct json *notices;
};

struct change {
    struct change *next;
    int64_t stream, rid;
    struct happened *first, *last;
    struct record before, now;
    bool was, is;
};

static void
touch(struct live *l, struct look *k, struct client *c)
{
    if (c->touched == l->look)
        return;
    c->touched = l->look;
    text_init(&c->out, k->task->arena);
    c->next_touched = k->touched;
    k->touched = c;
}

/* ---- who he is now ---- */

static bool
same_list(const int64_t *a, size_t n, const int64_t *b, size_t m)
{
    return n == m && (!n || memcmp(a, b, n * sizeof *a) == 0);
}

static bool
same_scope(const struct scope *a, const struct scope *b)
{
    return same_list(a->keys, a->n_keys, b->keys, b->n_keys) &&
           same_list(a->units, a->n_units, b->units, b->n_units) &&
           same_list(a->parts, a->n_parts, b->parts, b->n_parts) &&
           same_list(a->tied, a->n_tied, b->tied, b->n_tied);
}

void
live_keep_scope(struct client *c, const struct scope *from)
{
    int64_t *tied = NULL;

    if (from->n_tied) {
        tied = malloc(from->n_tied * sizeof *tied);
        must(tied != NULL);
        memcpy(tied, from->tied, from->n_tied * sizeof *tied);
    }
    free(c->tied);
    c->scope = *from;
    c->scope.tied = c->tied = tied;
    c->scope.n_lent = 0;
}

uint64_t
live_mark_of_lent(const struct scope *c)
{
    uint64_t mark = c->n_lent;

    for (size_t i = 0; i < c->n_lent; i++)
        mark = mark * 31 + (uint64_t)c->lent[i].rid + (uint64_t)c->lent[i].key;
    return mark;
}

static enum fault_code
read_scope(struct live *l, struct task *t, struct client *c, int64_t generation)
{
    struct desk_caller caller;
    enum fault_code rc = desk_caller(t, l->desk, l->store, c->token, &caller);

    if (rc == FAULT_SIGN_IN) {
        fault_clear(t);
        c->over = c->bye = true;
    }
    if (rc || c->over)
        return t->fault.code;
    if (!same_scope(&c->scope, &caller.scope))
        c->stale = l->audience_stale = true;
    live_keep_scope(c, &caller.scope);
    c->generation = generation;
    c->day = time_day(t->now);
    return FAULT_NONE;
}

/* Once a look: whether his token is held, and what he may see. */
static enum fault_code
look_at(struct live *l, struct look *k, struct client *c)
{
    struct task *t = k->task;
    struct org_still still;
    enum fault_code rc;

    if (c->looked == l->look || c->over)
        return FAULT_NONE;
    rc = org_token_still(t, l->store, c->token, &c->scope, &still);
    if (rc)
        return rc;
    c->looked = l->look;
    c->scope.n_lent = 0;
    if (!still.held) {
        c->over = c->bye = true;
        touch(l, k, c);
        return FAULT_NONE;
    }
    if (still.generation != c->generation || c->day != time_day(t->now)) {
        still.lent = true;
        rc = read_scope(l, t, c, still.generation);
    }
    if (!rc && still.lent && !c->over)
        rc = org_lent(t, l->store, &c->scope);
    if (rc)
        return rc;
    if (live_mark_of_lent(&c->scope) != c->lent) {
        c->lent = live_mark_of_lent(&c->scope);
        c->stale = l->audience_stale = true;
    }
    if (c->stale || c->over)
        touch(l, k, c);
    return FAULT_NONE;
}

/*
 * Whom nobody has asked yet; whose turn it is; and everybody where rights have moved, but so that it
 * takes a fifth of the thread's time at most: who is told anything is asked before in any case.
 */
static enum fault_code
ask_around(struct live *l, struct look *k)
{
    int64_t moment = 0, began = time_monotonic_us(), ended;
    bool all;
    enum fault_code rc = org_rights_moment(k->task, l->store, &moment);

    all = moment != l->rights && began >= l->asked_at;
    if (rc || (!all && !k->tick && !l->restless))
        return rc;
    for (struct client *c = l->clients; c && !rc; c = c->next) {
        c->beat = c->beat || (k->tick && c->turn == l->tick % LIVE_ROUND);
        c->over = c->over || (k->tick && !c->sink.there(c->sink.to));
        if (c->fresh && c->pos < k->from)
            k->from = c->pos;
        if (c->beat || c->fresh || c->over || c->stale)
            touch(l, k, c);
        if (all || c->beat || c->generation < 0)
            rc = look_at(l, k, c);
    }
    if (rc || !all)
        return rc;
    ended = time_monotonic_us();
    l->rights = moment;
    l->asked_at = ended + 4 * (ended - began);
    return FAULT_NONE;
}

/* ---- who is to be asked about a change ---- */

#define EVERYTHING INT64_C(0)

static int
by_key(const void *a, const void *b)
{
    const struct audience *x = a, *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

static void
add_audience(struct live *l, int64_t key, struct client *c)
{
    if (l->n_audience == l->audience_room) {
        l->audience_room = l->audience_room ? 2 * l->audience_room : 64;
        l->audience = realloc(l->audience, l->audience_room * sizeof *l->audience);
        must(l->audience != NULL);
    }
    l->audience[l->n_audience++] = (struct audience){key, c};
}

static void
sort_audience(struct live *l)
{
    if (!l->audience_stale)
        return;
    l->n_audience = 0;
    for (struct client *c = l->clients; c; c = c->next) {
        for (size_t i = 0; i < c->scope.n_keys; i++)
            add_audience(l, c->scope.keys[i], c);
        /* What lends, and what a unit owes that has let him in, is told by no key of his. */
        if (c->lent || c->scope.n_tied)
            add_audience(l, EVERYTHING, c);
    }
    if (l->n_audience)
        qsort(l->audience, l->n_audience, sizeof *l->audience, by_key);
    l->audience_stale = false;
}

static size_t
first_of(const struct live *l, int64_t key)
{
    size_t from = 0, to = l->n_audience;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (l->audience[middle].key < key)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* ---- what happened ---- */

static void
add_event(struct look *k, const struct chain_row *row)
{
    struct arena *a = k->task->arena;
    struct change *x = k->changes;
    struct happened *h = arena_alloc(a, sizeof *h);

    h->pos = row->pos;
    h->rev = row->rev;
    h->at = row->at;
    h->notices = json_get(json_get(row->body, "outcome"), "notices");
    while (x && (x->rid != row->rid || x->stream != row->stream))
        x = x->next;
    if (x) {
        x->last = x->last->next = h;
        return;
    }
    x = arena_alloc(a, sizeof *x);
    x->stream = row->stream;
    x->rid = row->rid;
    x->first = x->last = h;
    *k->end = x;
    k->end = &x->next;
    k->n++;
}

static enum fault_code
read_log(struct live *l, struct look *k)
{
    struct rows rows;
    struct chain_row row;
    size_t seen = 0;
    enum fault_code rc = chain_open_feed(k->task, l->store, &rows, k->from, LIVE_ROWS);

    if (rc)
        return rc;
    for (; chain_next(k->task, &rows, &row); seen++) {
        if (row.pos > k->last)
            k->last = row.pos;
        if (row.rid)
            add_event(k, &row);
    }
    k->more = seen == LIVE_ROWS;
    return store_end(k->task, &rows);
}

/* Of sealed ones nothing is said. What a record was is judged by the rights of today. */
static enum fault_code
read_before(struct live *l, struct look *k, const struct change *x, int64_t rev, struct record *out, bool *was)
{
    enum fault_code rc = FAULT_NONE;

    *was = false;
    if (rev > 0)
        rc = record_open_rev(k->task, l->store, l->desk->world, x->stream, x->rid, rev, out, was);
    *was = !rc && *was && out->kind;
    return rc;
}

static enum fault_code
read_records(struct live *l, struct look *k)
{
    struct arena *a = k->task->arena;
    struct record_at *at = arena_alloc(a, k->n * sizeof *at);
    struct record *now = arena_alloc(a, k->n * sizeof *now);
    bool *found = arena_alloc(a, k->n * sizeof *found);
    size_t i = 0;
    enum fault_code rc;

    for (const struct change *x = k->changes; x; x = x->next)
        at[i++] = (struct record_at){x->stream, x->rid};
    rc = record_open_all(k->task, l->store, l->desk->world, at, k->n, RECORD_FIELDS | RECORD_PARTIES, now,
                         found);
    i = 0;
    for (struct change *x = k->changes; x && !rc; x = x->next, i++) {
        x->is = found[i] && !now[i].sealed;
        x->now = now[i];
        if (x->is)
            rc = read_before(l, k, x, x->first->rev - 1, &x->before, &x->was);
    }
    return rc;
}

/* ---- what is said of it ---- */

static bool
sees(struct task *t, const struct client *c, const struct record *r)
{
    struct record_view view;

    record_view(t, &c->scope, r, &view);
    return view.sees;
}

static void
write_event(struct text *out, const char *name, struct arena *a, const struct json *body)
{
    text_printf(out, "event: %s\ndata: %s\n\n", name, json_string(a, body));
}

static bool
is_for(struct arena *a, const struct client *c, const char *party)
{
    if (text_equal(party, org_id_text(a, 'p', c->scope.person)))
        return true;
    for (size_t i = 0; i < c->scope.n_units; i++)
        if (text_equal(party, org_id_text(a, 'u', c->scope.units[i])))
            return true;
    return false;
}

static void
write_notice(struct look *k, struct client *c, const struct change *x, const struct happened *h,
             const struct json *one)
{
    struct arena *a = k->task->arena;
    const struct json *to = json_get(one, "to");
    struct json *o;
    bool mine = false;

    for (size_t p = 0; p < json_count(to); p++)
        mine = mine || is_for(a, c, json_text(json_at(to, p)));
    if (!mine)
        return;
    o = json_object(a);
    json_set(a, o, "at", desk_instant(a, h->at));
    json_set_str(a, o, "record", record_id(a, x->stream, x->rid));
    json_set_str(a, o, "number", x->now.number);
    json_set(a, o, "words", kind_title(a, json_text_of(one, "words")));
    write_event(&c->out, "notice", a, o);
}

static void
write_record(struct look *k, struct client *c, const struct change *x, const struct happened *from)
{
    struct arena *a = k->task->arena;
    struct json *o = json_object(a);
    const struct kind_state *state = kind_state_at(x->now.kind, x->now.state);

    json_set_str(a, o, "id", record_id(a, x->stream, x->rid));
    json_set_str(a, o, "kind", x->now.kind->name);
    json_set_int(a, o, "revision", x->now.rev);
    json_set_str(a, o, "state", state ? state->name : NULL);
    write_event(&c->out, "record", a, o);
    for (const struct happened *h = from; h; h = h->next)
        for (size_t i = 0; i < json_count(h->notices); i++)
            write_notice(k, c, x, h, json_at(h->notices, i));
}

/* As it was where he stands: who has come in the middle of a change knows a part of it already. */
static enum fault_code
saw_before(struct live *l, struct look *k, const struct client *c, const struct change *x,
           const struct happened *from, bool *saw)
{
    struct record own;
    bool was = x->was;
    enum fault_code rc = FAULT_NONE;

    if (from != x->first)
        rc = read_before(l, k, x, from->rev - 1, &own, &was);
    *saw = !rc && was && sees(k->task, c, from != x->first ? &own : &x->before);
    return rc;
}

/* One who may have to know. */
static enum fault_code
tell_change(struct live *l, struct look *k, struct client *c, const struct change *x)
{
    const struct happened *from = x->first;
    struct json *o;
    bool saw;
    enum fault_code rc;

    if (c->asked == l->change || c->over)
        return FAULT_NONE;
    c->asked = l->change;
    while (from && from->pos <= (c->fresh ? c->pos : l->pos))
        from = from->next;
    rc = from ? look_at(l, k, c) : FAULT_NONE;
    if (rc || !from || c->over)
        return rc;
    touch(l, k, c);
    if (sees(k->task, c, &x->now)) {
        write_record(k, c, x, from);
        return FAULT_NONE;
    }
    rc = saw_before(l, k, c, x, from, &saw);
    if (rc || !saw)
        return rc;
    o = json_object(k->task->arena);
    json_set_str(k->task->arena, o, "id", record_id(k->task->arena, x->stream, x->rid));
    write_event(&c->out, "gone", k->task->arena, o);
    return FAULT_NONE;
}

static enum fault_code
tell_key(struct live *l, struct look *k, int64_t key, const struct change *x)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = first_of(l, key); i < l->n_audience && l->audience[i].key == key && !rc; i++)
        rc = tell_change(l, k, l->audience[i].client, x);
    return rc;
}

static enum fault_code
tell_keys(struct live *l, struct look *k, const struct json *keys, const struct change *x)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(keys) && !rc; i++) {
        const char *key = json_text(json_at(keys, i));

        rc = key ? tell_key(l, k, strtoll(key, NULL, 10), x) : FAULT_NONE;
    }
    return rc;
}

/* Its audience; to whom it lends sight of others, too, for what they may see has changed. */
static enum fault_code
tell_parties(struct live *l, struct look *k, const struct json *parties, const struct change *x)
{
    static const char *const lists[][2] = {{"part", "keys"}, {"lent", "to"}};
    enum fault_code rc = tell_keys(l, k, json_get(parties, "keys"), x);

    for (size_t n = 0; n < 2; n++) {
        const struct json *list = json_get(parties, lists[n][0]);

        for (size_t i = 0; i < json_count(list) && !rc; i++)
            rc = tell_keys(l, k, json_get(json_at(list, i), lists[n][1]), x);
    }
    return rc;
}

static enum fault_code
tell_everybody(struct live *l, struct look *k)
{
    enum fault_code rc = FAULT_NONE;

    for (const struct change *x = k->changes; x && !rc; x = x->next) {
        l->change++;
        if (!x->is)
            continue;
        rc = tell_parties(l, k, x->now.parties, x);
        if (!rc && x->was)
            rc = tell_parties(l, k, x->before.parties, x);
        if (!rc)
            rc = tell_key(l, k, EVERYTHING, x);
    }
    return rc;
}

/* ---- what was found leaves ---- */

/* Whole or not at all; the place behind it, so that what is cut in the middle comes again. */
static void
put(struct live *l, struct look *k, struct client *c, int64_t pos)
{
    struct text x;
    size_t waiting = c->sink.waiting(c->sink.to);

    if (c->lost && waiting)
        return;
    c->lost = waiting + c->out.len > LIMIT_LIVE_QUEUE;
    text_init(&x, k->task->arena);
    if (c->lost)
        text_puts(&x, LIVE_RESYNC);
    else
        text_add(&x, c->out.bytes, c->out.len);
    text_printf(&x, "id: %s\n\n", desk_cursor_write(k->task, l->desk, c->account, pos));
    if (!c->sink.put(c->sink.to, x.bytes, x.len))
        c->over = true;
}

static void
deliver(struct live *l, struct look *k, struct client *c)
{
    int64_t pos = c->fresh && c->pos > k->last ? c->pos : k->last;

    if (c->over) {
        if (c->bye)
            (void)c->sink.put(c->sink.to, LIVE_BYE, sizeof LIVE_BYE - 1);
        return;
    }
    if (c->stale)
        text_puts(&c->out, LIVE_RESYNC);
    if (c->beat)
        text_puts(&c->out, ":\n");
    if (c->out.len)
        put(l, k, c, pos);
    c->stale = c->beat = false;
    c->fresh = c->fresh && c->pos > k->last;
}

static enum fault_code
hear(struct live *l, struct look *k)
{
    enum fault_code rc = desk_reader_hold(k->task, l->desk, l->store);

    if (!rc)
        rc = ask_around(l, k);
    if (rc)
        return rc;
    sort_audience(l);
    rc = read_log(l, k);
    if (!rc && k->n)
        rc = read_records(l, k);
    return rc ? rc : tell_everybody(l, k);
}

enum fault_code
live_look(struct live *l, struct look *k)
{
    enum fault_code rc;

    l->look++;
    k->end = &k->changes;
    k->from = k->last = l->pos;
    rc = hear(l, k);
    desk_reader_let_go(l->store);
    if (!rc)
        rc = k->task->fault.code;
    for (struct client *c = k->touched; c; c = c->next_touched) {
        if (!rc || c->over)
            deliver(l, k, c);
        c->scope.n_lent = 0;
        memset(&c->out, 0, sizeof c->out);
    }
    l->restless = rc != FAULT_NONE;
    if (!rc)
        l->pos = k->last;
    return rc;
}
