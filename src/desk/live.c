/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/live.c - live push: connections, from their opening to their end, and the thread that serves them.
 *
 * Knows: who is there, when to look, how many there may be.
 * Does not know: what changed and who may see it (live_look.c); sockets.
 */
#include "desk/live.h"
#include <stdlib.h>
#include <string.h>

struct live *
desk_live_new(struct desk *d)
{
    struct live *l = calloc(1, sizeof *l);
    pthread_condattr_t steady;

    must(l != NULL);
    l->desk = d;
    l->rights = -1;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&l->woken, &steady);
    pthread_condattr_destroy(&steady);
    return l;
}

static void
list_free(struct client *c)
{
    for (struct client *next; c; c = next) {
        next = c->next;
        c->sink.end(c->sink.to);
        memset(c->token, 0, sizeof c->token);
        free(c->tied);
        free(c);
    }
}

void
desk_live_free(struct live *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    pthread_cond_signal(&l->woken);
    pthread_mutex_unlock(&l->lock);
    if (l->runs)
        pthread_join(l->thread, NULL);
    list_free(l->fresh);
    list_free(l->clients);
    free(l->audience);
    if (l->store)
        store_close(l->store);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->woken);
    free(l);
}

void
desk_live_wake(struct live *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->moved = true;
    if (l->n)
        pthread_cond_signal(&l->woken);
    pthread_mutex_unlock(&l->lock);
}

/* ---- the thread ---- */

/* Under the lock. Who stands too far behind by now reads anew. */
static void
welcome(struct live *l)
{
    for (struct client *c; (c = l->fresh);) {
        l->fresh = c->next;
        if (!l->clients)
            l->pos = c->pos;
        if (l->pos - c->pos > LIVE_ROWS) {
            c->stale = true;
            c->pos = l->pos;
        }
        c->next = l->clients;
        l->clients = c;
        l->restless = l->audience_stale = true;
    }
}

/* Under the lock. */
static struct client *
take_over(struct live *l)
{
    struct client *over = NULL;

    for (struct client **at = &l->clients, *c; (c = *at);) {
        if (!c->over) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        c->next = over;
        over = c;
        l->n--;
        l->audience_stale = true;
    }
    return over;
}

/* A store that does not answer for a round: they come again, here or at another server, and miss nothing. */
static void
end_where_failing(struct live *l, bool failed)
{
    int64_t now_us = time_monotonic_us();

    if (!failed)
        l->failing_since = 0;
    else if (!l->failing_since)
        l->failing_since = now_us;
    else if (now_us - l->failing_since > LIVE_ROUND * LIVE_TICK_US)
        for (struct client *c = l->clients; c; c = c->next)
            c->over = true;
}

static enum fault_code
look_once(struct live *l, bool *more)
{
    struct look k = {.tick = time_monotonic_us() >= l->tick_at};
    struct task t;
    enum fault_code rc;

    task_init(&t, l->desk->now(l->desk->who), 0);
    k.task = &t;
    rc = l->store ? FAULT_NONE : desk_reader_open(&t, l->desk, &l->store);
    if (!rc)
        rc = live_look(l, &k);
    *more = k.more;
    task_release(&t);
    if (k.tick && !rc) {
        l->tick++;
        l->tick_at = time_monotonic_us() + LIVE_TICK_US;
    }
    return rc;
}

bool
live_turn(struct live *l)
{
    struct client *over;
    bool more = false, failed;

    pthread_mutex_lock(&l->lock);
    welcome(l);
    l->moved = false;
    pthread_mutex_unlock(&l->lock);
    failed = l->clients && look_once(l, &more);
    end_where_failing(l, failed);
    pthread_mutex_lock(&l->lock);
    l->moved = l->moved || more;
    over = take_over(l);
    pthread_mutex_unlock(&l->lock);
    list_free(over);
    return !failed;
}

/* Under the lock: until somebody commits here, may have elsewhere, or the tick is due. */
static void
rest(struct live *l, bool failed)
{
    while (!l->stopping && (failed || (!l->fresh && !l->moved) || !l->n)) {
        int64_t now_us = time_monotonic_us(), until = l->tick_at;
        struct timespec at;

        if (!l->n) {
            pthread_cond_wait(&l->woken, &l->lock);
            continue;
        }
        if (failed || store_shared(l->store))
            until = failed || now_us + LIVE_POLL_US < until ? now_us + LIVE_POLL_US : until;
        at = (struct timespec){.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
        if (pthread_cond_timedwait(&l->woken, &l->lock, &at) != 0)
            return;
    }
}

static void *
live_loop(void *who)
{
    struct live *l = who;
    bool well;

    pthread_mutex_lock(&l->lock);
    while (!l->stopping) {
        pthread_mutex_unlock(&l->lock);
        well = live_turn(l);
        pthread_mutex_lock(&l->lock);
        rest(l, !well);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* ---- opening ---- */

/* Under the lock. Whom nobody reads any more counts no longer. */
static size_t
of_account(const struct client *c, const char *account)
{
    size_t n = 0;

    for (; c; c = c->next)
        n += strcmp(c->account, account) == 0 && c->sink.there(c->sink.to);
    return n;
}

/* Under the lock. */
static enum fault_code
start(struct live *l, struct task *t)
{
    if (!l->runs)
        l->runs = pthread_create(&l->thread, NULL, live_loop, l) == 0;
    return l->runs ? FAULT_NONE
                   : fault(t, FAULT_BUSY, NULL, "系统不允许再建线程 | the system allows no more threads");
}

static enum fault_code
join(struct live *l, struct task *t, struct client *c, const struct text *hello)
{
    enum fault_code rc;

    pthread_mutex_lock(&l->lock);
    if (l->n >= LIMIT_LIVE || of_account(l->fresh, c->account) + of_account(l->clients, c->account) >=
                                  LIMIT_LIVE_ACCOUNT)
        rc = fault(t, FAULT_BUSY, NULL,
                   "实时连接太多（每个账号最多 %d 个）；请关闭不用的页面再试 | too many live streams (at most %d of an "
                   "account); close pages you do not need and try again",
                   LIMIT_LIVE_ACCOUNT, LIMIT_LIVE_ACCOUNT);
    else
        rc = start(l, t);
    if (!rc) {
        (void)c->sink.put(c->sink.to, hello->bytes, hello->len);
        c->turn = l->turns++ % LIVE_ROUND;
        c->next = l->fresh;
        l->fresh = c;
        l->n++;
        pthread_cond_signal(&l->woken);
    }
    pthread_mutex_unlock(&l->lock);
    return rc;
}

/* Where he goes on; false: not from where he says, but from now. */
static bool
place_of(struct task *t, const struct desk *d, const char *account, const char *after, int64_t present,
         int64_t *pos)
{
    *pos = present;
    if (!after || !*after)
        return true;
    if (desk_cursor_read(t, d, account, after, pos) && *pos <= present && present - *pos <= LIVE_ROWS)
        return true;
    *pos = present;
    return false;
}

enum fault_code
desk_live_open(struct task *t, struct desk *d, struct store *s, const struct desk_caller *caller,
               const char *token, const char *after, const struct desk_sink *sink)
{
    struct client *c;
    struct text hello;
    int64_t present = 0, pos;
    bool found, known;
    enum fault_code rc = store_one_int(t, s, &present, &found, "SELECT max(pos) FROM chain_event", "");

    must(d->live != NULL);
    if (rc)
        return rc;
    known = place_of(t, d, caller->account, after, present, &pos);
    c = calloc(1, sizeof *c);
    must(c != NULL && strlen(caller->account) < sizeof c->account && strlen(token) < sizeof c->token);
    memcpy(c->account, caller->account, strlen(caller->account));
    memcpy(c->token, token, strlen(token));
    c->sink = *sink;
    c->lent = live_mark_of_lent(&caller->scope);
    live_keep_scope(c, &caller->scope);
    c->pos = pos;
    c->generation = -1;
    c->fresh = true;
    text_init(&hello, t->arena);
    text_printf(&hello, "retry: 3000\n%sid: %s\n\n", known ? "" : LIVE_RESYNC,
                desk_cursor_write(t, d, caller->account, pos));
    rc = join(d->live, t, c, &hello);
    if (rc) {
        free(c->tied);
        free(c);
    }
    return rc;
}
