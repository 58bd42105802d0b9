/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/watch.c - the table of connections and the reaper that ends those which are too slow.
 *
 * The time-out of libmicrohttpd begins anew with every byte, so that one byte a minute would hold a
 * connection for ever. Here a deadline is armed at accept and after every answer, and a body has a
 * least pace. The reaper only shuts the socket down; its epoll thread then closes it.
 *
 * Knows: phases, deadlines, the table; that answers which go on are looked after in the same rounds.
 * Does not know: requests, workers.
 */
#include "http/inside.h"

#include "base/time.h"

#include <string.h>

bool
http_watch_late(struct http_watch *w, const struct http_bounds *bounds, int64_t now_us)
{
    int64_t passed = now_us - w->since_us;

    switch (w->phase) {
    case HTTP_HEADER: return passed >= bounds->header_us;
    case HTTP_LINGER: return passed >= bounds->linger_us;
    case HTTP_BODY:
        if (passed < bounds->pace_us)
            return false;
        /* A window looked at late asks for as much more. */
        if ((double)w->len * (double)bounds->pace_us < (double)bounds->pace_len * (double)passed)
            return true;
        w->since_us = now_us;
        w->len = 0;
        return false;
    case HTTP_FREE:
    case HTTP_RUN: break;
    }
    return false;
}

struct http_connection *
http_watch_open(struct http_server *s, struct MHD_Connection *mhd, int fd)
{
    struct http_connection *c;

    pthread_mutex_lock(&s->table_lock);
    c = s->free_list;
    if (c)
        s->free_list = c->next;
    else if (s->table_used < s->table_len)
        c = &s->table[s->table_used++];
    if (c) {
        memset(c, 0, sizeof *c);
        c->server = s;
        c->mhd = mhd;
        c->fd = fd;
        c->watch.phase = HTTP_HEADER;
        c->watch.since_us = time_monotonic_us();
    }
    pthread_mutex_unlock(&s->table_lock);
    return c;
}

void
http_watch_close(struct http_connection *c)
{
    struct http_server *s = c->server;

    pthread_mutex_lock(&s->table_lock);
    c->watch.phase = HTTP_FREE;
    c->fd = -1;
    c->next = s->free_list;
    s->free_list = c;
    pthread_mutex_unlock(&s->table_lock);
}

void
http_watch_enter(struct http_connection *c, enum http_phase phase)
{
    int64_t now_us = time_monotonic_us();

    pthread_mutex_lock(&c->server->table_lock);
    c->watch.phase = phase;
    c->watch.since_us = now_us;
    c->watch.len = 0;
    pthread_mutex_unlock(&c->server->table_lock);
}

void
http_watch_count(struct http_connection *c, size_t len)
{
    pthread_mutex_lock(&c->server->table_lock);
    c->watch.len += len;
    pthread_mutex_unlock(&c->server->table_lock);
}

static void
reap(struct http_server *s)
{
    int64_t now_us = time_monotonic_us();
    size_t i;

    pthread_mutex_lock(&s->table_lock);
    for (i = 0; i < s->table_used; i++)
        if (http_watch_late(&s->table[i].watch, &s->bounds, now_us))
            shutdown(s->table[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->table_lock);
}

/* A second, or less where a test has shorter bounds. */
static struct timespec
next_round(const struct http_bounds *bounds)
{
    int64_t wait_us = 1000000, shortest = bounds->header_us;
    struct timespec at;

    if (bounds->pace_us < shortest)
        shortest = bounds->pace_us;
    if (bounds->linger_us < shortest)
        shortest = bounds->linger_us;
    if (shortest / 4 < wait_us)
        wait_us = shortest / 4 + 1;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += (long)(wait_us % 1000000) * 1000;
    at.tv_sec += wait_us / 1000000 + at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

static void *
reaper_run(void *arg)
{
    struct http_server *s = arg;
    struct timespec at;
    bool ended;

    pthread_setname_np(pthread_self(), "http-reaper");
    do {
        at = next_round(&s->bounds);
        pthread_mutex_lock(&s->queue_lock);
        while (!s->ended && pthread_cond_timedwait(&s->reaper_woken, &s->queue_lock, &at) == 0)
            continue;
        ended = s->ended;
        pthread_mutex_unlock(&s->queue_lock);
        reap(s);
        http_streams_look(s);
    } while (!ended);
    return NULL;
}

bool
http_reaper_start(struct http_server *s)
{
    s->reaper_runs = pthread_create(&s->reaper, NULL, reaper_run, s) == 0;
    return s->reaper_runs;
}

void
http_reaper_stop(struct http_server *s)
{
    if (!s->reaper_runs)
        return;
    pthread_mutex_lock(&s->queue_lock);
    s->ended = true;
    pthread_cond_broadcast(&s->reaper_woken);
    pthread_mutex_unlock(&s->queue_lock);
    pthread_join(s->reaper, NULL);
    s->reaper_runs = false;
}
