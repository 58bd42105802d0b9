/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/worker.c - the queue of requests that are complete, and the threads that serve them.
 *
 * Of the idle workers the one that worked last is called: what it has remembered and touched is warm, and
 * where few requests come at once few workers hold anything.
 *
 * A request counts as waiting from the moment it is admitted, and as open until its answer has
 * left: so http_stop knows when nothing is suspended any more and nothing is left to say.
 *
 * Knows: threads, counts, the worker's state.
 * Does not know: bytes of requests or answers.
 */
#include "http/inside.h"

#include <string.h>

struct http_worker {
    struct http_server *server;
    pthread_t thread;
    void *state;
    bool entered, runs;
    struct http_worker *below; /* idle, and for longer */
    pthread_cond_t wanted;
    bool called;
};

const struct http_refusal *
http_queue_admit(struct http_connection *c)
{
    struct http_server *s = c->server;
    const struct http_refusal *why = NULL;

    pthread_mutex_lock(&s->queue_lock);
    if (s->stopping) {
        why = &http_stopping;
    } else if (s->n_waiting >= s->bounds.queue) {
        why = &http_full;
    } else {
        s->n_waiting++;
        s->n_open++;
        c->admitted = true;
    }
    pthread_mutex_unlock(&s->queue_lock);
    return why;
}

/* Under the lock. NULL: all are at work, the first to be done looks for itself. */
static struct http_worker *
call_worker(struct http_server *s)
{
    struct http_worker *w = s->idle;

    if (!w)
        return NULL;
    s->idle = w->below;
    w->called = true;
    return w;
}

void
http_queue_put(struct http_connection *c)
{
    struct http_server *s = c->server;
    struct http_worker *w;

    pthread_mutex_lock(&s->queue_lock);
    c->next = NULL;
    if (s->last)
        s->last->next = c;
    else
        s->first = c;
    s->last = c;
    w = call_worker(s);
    pthread_mutex_unlock(&s->queue_lock);
    /* Behind the lock, or who is woken waits for it at once. */
    if (w)
        pthread_cond_signal(&w->wanted);
}

/* Waits; NULL when the server ends. */
static struct http_connection *
queue_take(struct http_worker *w)
{
    struct http_server *s = w->server;
    struct http_connection *c;

    pthread_mutex_lock(&s->queue_lock);
    while (!s->first && !s->ended) {
        w->called = false;
        w->below = s->idle;
        s->idle = w;
        while (!w->called)
            pthread_cond_wait(&w->wanted, &s->queue_lock);
    }
    c = s->first;
    if (c) {
        s->first = c->next;
        if (!s->first)
            s->last = NULL;
        c->next = NULL;
        s->n_waiting--;
        s->n_running++;
    }
    pthread_mutex_unlock(&s->queue_lock);
    return c;
}

void
http_queue_leave(struct http_connection *c)
{
    struct http_server *s = c->server;

    pthread_mutex_lock(&s->queue_lock);
    s->bodies_len -= c->body_room;
    if (c->admitted) {
        s->n_open--;
        pthread_cond_broadcast(&s->queue_moved);
    }
    pthread_mutex_unlock(&s->queue_lock);
}

bool
http_queue_is_stopping(struct http_server *s)
{
    bool stopping;

    pthread_mutex_lock(&s->queue_lock);
    stopping = s->stopping;
    pthread_mutex_unlock(&s->queue_lock);
    return stopping;
}

void
http_queue_drain(struct http_server *s)
{
    struct timespec until;

    pthread_mutex_lock(&s->queue_lock);
    s->stopping = true;
    while (s->n_waiting + s->n_running > 0)
        pthread_cond_wait(&s->queue_moved, &s->queue_lock);
    pthread_mutex_unlock(&s->queue_lock);
    http_streams_end(s);
    pthread_mutex_lock(&s->queue_lock);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += s->bounds.flush_us / 1000000;
    while (s->n_open > 0 && pthread_cond_timedwait(&s->queue_moved, &s->queue_lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&s->queue_lock);
}

static void
serve(struct http_worker *w, struct http_connection *c)
{
    const struct http_options *o = &w->server->options;
    struct http_answer answer;

    memset(&answer, 0, sizeof answer);
    answer.server = w->server;
    c->task.now = o->now(o->who);
    o->serve(o->who, w->state, &c->task, &c->request, &answer);
    http_answer_make(c, &answer);
    /* The request and all that was made for it: nothing of it waits for a slow reader. */
    memset(&c->request, 0, sizeof c->request);
    task_release(&c->task);
    MHD_resume_connection(c->mhd);
}

static void *
worker_run(void *arg)
{
    struct http_worker *w = arg;
    struct http_server *s = w->server;
    struct http_connection *c;

    pthread_setname_np(pthread_self(), "http-worker");
    while ((c = queue_take(w))) {
        serve(w, c);
        pthread_mutex_lock(&s->queue_lock);
        s->n_running--;
        pthread_cond_broadcast(&s->queue_moved);
        pthread_mutex_unlock(&s->queue_lock);
    }
    return NULL;
}

enum fault_code
http_workers_start(struct task *t, struct http_server *s)
{
    const struct http_options *o = &s->options;
    struct http_worker *w;
    unsigned i;

    s->n_workers = o->workers ? o->workers : 1;
    s->workers = arena_alloc(s->arena, s->n_workers * sizeof *s->workers);
    for (i = 0; i < s->n_workers; i++) {
        w = &s->workers[i];
        w->server = s;
        pthread_cond_init(&w->wanted, NULL);
        if (o->enter) {
            w->state = o->enter(o->who);
            if (!w->state)
                return fault(t, FAULT_STORE, NULL,
                             "服务线程 %u 未能打开数据库 | worker %u could not open its store",
                             i + 1, i + 1);
        }
        w->entered = true;
    }
    for (i = 0; i < s->n_workers; i++) {
        w = &s->workers[i];
        w->runs = pthread_create(&w->thread, NULL, worker_run, w) == 0;
        if (!w->runs)
            return fault(t, FAULT_BUSY, NULL,
                         "系统不允许再建线程 | the system allows no more threads");
    }
    return FAULT_NONE;
}

void
http_workers_stop(struct http_server *s)
{
    const struct http_options *o = &s->options;
    struct http_worker *w;
    unsigned i;

    pthread_mutex_lock(&s->queue_lock);
    s->ended = true;
    while ((w = call_worker(s)))
        pthread_cond_signal(&w->wanted);
    pthread_mutex_unlock(&s->queue_lock);
    for (i = 0; i < s->n_workers && s->workers; i++)
        if (s->workers[i].runs)
            pthread_join(s->workers[i].thread, NULL);
    for (i = 0; i < s->n_workers && s->workers; i++) {
        if (s->workers[i].entered && o->leave)
            o->leave(o->who, s->workers[i].state);
        if (s->workers[i].server)
            pthread_cond_destroy(&s->workers[i].wanted);
    }
}
