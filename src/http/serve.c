/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/serve.c - the server: its start, its end, and a request from first byte to answer.
 *
 * libmicrohttpd calls in this order, always on the connection's own epoll thread: `opened`;
 * `begun` with the target; `receive` once with the header, for every piece of the body, once at its
 * end, and once more when a worker has resumed the connection; `done`; … `closed`.
 *
 * Knows: the calls of libmicrohttpd, the maxima of a request.
 * Does not know: routes, what a worker does.
 */
#include "http/inside.h"

#include "base/time.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FIRST_BODY_ROOM ((size_t)16 * 1024)
#define FILES_KEPT      256 /* descriptors left to the store, attachments and the log */

const struct http_bounds http_bounds_usual = {
    .header_us = LIMIT_HEADER_WAIT_MS * INT64_C(1000),
    .pace_us = 10000000,
    .pace_len = 10 * 1000,
    .linger_us = LIMIT_LINGER_MS * INT64_C(1000),
    .flush_us = 5000000,
    .queue = LIMIT_QUEUE,
    .bodies = LIMIT_BODIES,
};

/* ---- one request ---- */

static void
make_id(struct http_connection *c)
{
    uint8_t drawn[HTTP_ID_LEN / 2];
    size_t i;

    random_bytes(&c->task.random, drawn, sizeof drawn);
    for (i = 0; i < sizeof drawn; i++)
        snprintf(c->id + 2 * i, 3, "%02x", drawn[i]);
}

static struct http_connection *
connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *it =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return it ? it->socket_context : NULL;
}

static void *
begun(void *cls, const char *target, struct MHD_Connection *mhd)
{
    struct http_connection *c = connection_of(mhd);

    (void)cls;
    if (!c || !target)
        return NULL;
    task_init(&c->task, 0, 0);
    c->begun = true;
    make_id(c);
    c->task.request = c->id;
    c->request.id = c->id;
    c->request.address = c->address;
    c->request.started_us = time_monotonic_us();
    if (strlen(target) > LIMIT_URL)
        c->refusal = &http_long_url;
    else
        c->uri = arena_text(c->task.arena, target);
    return c;
}

/* Why the request is refused on its header alone, or NULL. */
static const struct http_refusal *
judge(struct http_connection *c, const char *method, bool *has_body)
{
    const struct http_options *o = &c->server->options;
    struct http_request *q = &c->request;
    const struct http_refusal *why;
    bool sound, chunked;
    size_t len;

    q->method = arena_text(c->task.arena, method);
    why = http_read_headers(c->task.arena, c->mhd, q);
    *has_body = http_has_body(q, &sound, &len, &chunked);
    if (c->refusal)
        return c->refusal;
    if (why)
        return why;
    if (!sound)
        return &http_bad_header;
    why = http_read_target(c->task.arena, c->uri, q);
    if (why || !*has_body)
        return why;
    c->body_limit = o->limit ? o->limit(o->who, q->method, q->path) : LIMIT_BODY;
    return len > c->body_limit ? &http_long_body : NULL;
}

static enum MHD_Result
take_head(struct http_connection *c, const char *method)
{
    bool has_body;

    c->head_seen = true;
    c->refusal = judge(c, method, &has_body);
    if (c->refusal && has_body)
        http_refuse_at_once(c, c->refusal);
    else
        http_watch_enter(c, has_body ? HTTP_BODY : HTTP_RUN);
    return MHD_YES;
}

/*
 * Room grows with what has come, not with what was announced: to hold memory a peer has to send.
 * False when all bodies together would be too large.
 */
static bool
body_reserve(struct http_connection *c, size_t need)
{
    struct http_server *s = c->server;
    size_t room = c->body_room ? c->body_room : FIRST_BODY_ROOM;
    bool fits;
    char *grown;

    if (need <= c->body_room)
        return true;
    while (room < need)
        room *= 2;
    pthread_mutex_lock(&s->queue_lock);
    fits = s->bodies_len + (room - c->body_room) <= s->bounds.bodies;
    if (fits)
        s->bodies_len += room - c->body_room;
    pthread_mutex_unlock(&s->queue_lock);
    if (!fits)
        return false;
    grown = arena_alloc(c->task.arena, room);
    if (c->request.body_len > 0)
        memcpy(grown, c->body, c->request.body_len);
    c->body = grown;
    c->body_room = room;
    return true;
}

static enum MHD_Result
take_body(struct http_connection *c, const char *bytes, size_t len)
{
    struct http_request *q = &c->request;

    if (c->refused) {
        c->lingered += len;
        return c->lingered > LIMIT_LINGER ? MHD_NO : MHD_YES;
    }
    http_watch_count(c, len);
    if (len > c->body_limit - q->body_len) {
        http_refuse_at_once(c, &http_long_body);
    } else if (!body_reserve(c, q->body_len + len + 1)) {
        http_refuse_at_once(c, &http_full);
    } else {
        memcpy(c->body + q->body_len, bytes, len);
        q->body_len += len;
        c->body[q->body_len] = '\0';
    }
    return MHD_YES;
}

static enum MHD_Result
send_response(struct http_connection *c)
{
    enum MHD_Result sent;

    if (!c->response)
        return MHD_NO;
    if (http_queue_is_stopping(c->server))
        (void)MHD_add_response_header(c->response, "Connection", "close");
    sent = MHD_queue_response(c->mhd, c->status, c->response);
    MHD_destroy_response(c->response);
    c->response = NULL;
    return sent;
}

/* The request is complete. */
static enum MHD_Result
take_end(struct http_connection *c)
{
    if (c->refused || !c->task.arena)
        return MHD_NO; /* read dry, or served without an answer: close */
    http_watch_enter(c, HTTP_RUN);
    c->request.body = c->body ? c->body : "";
    if (!c->refusal)
        c->refusal = http_queue_admit(c);
    if (c->refusal) {
        http_answer_refusal(c, c->refusal);
        return send_response(c);
    }
    MHD_suspend_connection(c->mhd);
    http_queue_put(c);
    return MHD_YES;
}

static enum MHD_Result
receive(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
        const char *version, const char *bytes, size_t *len, void **request_cls)
{
    struct http_connection *c = *request_cls;
    size_t n = *len;

    (void)cls;
    (void)mhd;
    (void)url;
    (void)version;
    if (!c)
        return MHD_NO;
    if (!c->head_seen)
        return take_head(c, method);
    if (n > 0) {
        *len = 0;
        return take_body(c, bytes, n);
    }
    return c->response ? send_response(c) : take_end(c);
}

static void
done(void *cls, struct MHD_Connection *mhd, void **request_cls, enum MHD_RequestTerminationCode how)
{
    struct http_connection *c = *request_cls;

    (void)cls;
    (void)mhd;
    (void)how;
    *request_cls = NULL;
    if (!c || !c->begun)
        return;
    if (c->response)
        MHD_destroy_response(c->response);
    if (c->task.arena)
        task_release(&c->task);
    http_queue_leave(c);
    c->begun = c->head_seen = c->admitted = c->refused = false;
    memset(&c->request, 0, sizeof c->request);
    c->uri = NULL;
    c->body = NULL;
    c->body_room = c->body_limit = c->lingered = 0;
    c->refusal = NULL;
    c->response = NULL;
    c->status = 0;
    http_watch_enter(c, HTTP_HEADER);
}

/* ---- connections ---- */

static void
opened(struct http_server *s, struct MHD_Connection *mhd, void **socket_cls)
{
    const union MHD_ConnectionInfo *it;
    struct http_connection *c;
    int fd;

    it = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    must(it);
    fd = it->connect_fd;
    c = http_watch_open(s, mhd, fd);
    *socket_cls = c;
    if (!c || http_queue_is_stopping(s))
        shutdown(fd, SHUT_RDWR);
    it = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (c && it)
        http_peer(it->client_addr, c->address);
}

static void
changed(void *cls, struct MHD_Connection *mhd, void **socket_cls,
        enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        opened(cls, mhd, socket_cls);
    } else if (*socket_cls) {
        http_watch_close(*socket_cls);
        *socket_cls = NULL;
    }
}

/* ---- the server ---- */

/* We decode the target ourselves: libmicrohttpd would hide U+0000 and let broken escapes pass. */
static size_t
leave_escaped(void *cls, struct MHD_Connection *mhd, char *s)
{
    (void)cls;
    (void)mhd;
    return strlen(s);
}

static unsigned
connections_allowed(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY ||
        files.rlim_cur >= LIMIT_CONNECTIONS + FILES_KEPT)
        return LIMIT_CONNECTIONS;
    return files.rlim_cur > 2 * FILES_KEPT ? (unsigned)files.rlim_cur - FILES_KEPT : FILES_KEPT;
}

static enum fault_code
daemon_start(struct task *t, struct http_server *s)
{
    unsigned silence_s = (unsigned)((s->bounds.header_us + 999999) / 1000000);

    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, receive, s,
        MHD_OPTION_LISTEN_SOCKET, s->listen_fd, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)HTTP_EPOLL_THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->table_len,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_CONNECTION_MEMORY,
        /* The reaper keeps the deadlines; this one ends a peer that does not read its answer. */
        MHD_OPTION_CONNECTION_TIMEOUT, silence_s, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_URI_LOG_CALLBACK, begun, s,
        MHD_OPTION_NOTIFY_COMPLETED, done, s, MHD_OPTION_NOTIFY_CONNECTION, changed, s,
        MHD_OPTION_END);
    if (!s->daemon)
        return fault(t, FAULT_BUSY, NULL, "HTTP 服务未能启动 | the HTTP server did not start");
    return FAULT_NONE;
}

static void
locks_init(struct http_server *s)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&s->table_lock, NULL);
    pthread_mutex_init(&s->queue_lock, NULL);
    pthread_mutex_init(&s->streams_lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->queue_moved, &monotonic);
    pthread_cond_init(&s->reaper_woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static struct http_server *
server_new(const struct http_options *o, const struct http_bounds *bounds)
{
    struct arena *a = arena_new();
    struct http_server *s = arena_alloc(a, sizeof *s);

    s->arena = a;
    s->options = *o;
    s->bounds = *bounds;
    s->listen_fd = -1;
    s->table_len = connections_allowed();
    s->table = arena_alloc(a, s->table_len * sizeof *s->table);
    locks_init(s);
    return s;
}

enum fault_code
http_start_with(struct task *t, const struct http_options *o, const struct http_bounds *bounds,
                struct http_server **out)
{
    struct http_server *s = server_new(o, bounds);
    const char *address = NULL;
    enum fault_code rc;
    sigset_t all, before;

    must(o->serve && o->now);
    /* Signals are the main thread's: ours, and those of libmicrohttpd, take none. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = http_listen(t, o->listen, &s->listen_fd, &address);
    if (!rc)
        rc = http_workers_start(t, s);
    if (!rc && !http_reaper_start(s))
        rc = fault(t, FAULT_BUSY, NULL, "系统不允许再建线程 | the system allows no more threads");
    if (!rc) {
        s->address = arena_text(s->arena, address);
        rc = daemon_start(t, s);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc) {
        http_stop(s);
        return rc;
    }
    *out = s;
    return FAULT_NONE;
}

enum fault_code
http_start(struct task *t, const struct http_options *o, struct http_server **out)
{
    return http_start_with(t, o, &http_bounds_usual, out);
}

const char *
http_address(const struct http_server *s)
{
    return s->address;
}

void
http_stop(struct http_server *s)
{
    if (!s)
        return;
    http_queue_drain(s);
    if (s->daemon)
        MHD_stop_daemon(s->daemon); /* closes the listening socket too */
    else if (s->listen_fd >= 0)
        close(s->listen_fd);
    http_workers_stop(s);
    http_reaper_stop(s);
    pthread_cond_destroy(&s->queue_moved);
    pthread_cond_destroy(&s->reaper_woken);
    pthread_mutex_destroy(&s->table_lock);
    pthread_mutex_destroy(&s->queue_lock);
    pthread_mutex_destroy(&s->streams_lock);
    arena_free(s->arena);
}
