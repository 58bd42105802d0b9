/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/unit/http_service.h - a service behind a real http server on a free port, and a client of
 * plain sockets, for the live tests of the http room. Included by one program at a time.
 */
#ifndef TEST_HTTP_SERVICE_H
#define TEST_HTTP_SERVICE_H

#include "base/limit.h"
#include "base/text.h"
#include "base/time.h"
#include "http/http.h"
#include "http/inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_S 20 /* a test that waits longer has failed */

/* ---- the service behind the server ---- */

static struct service {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool gate_open;
    unsigned at_gate, entered, left, served, refuse_worker_at;
    struct http_stream *streams[64]; /* of /stream, each held until a test ends it */
    unsigned n_streams;
} service = {.lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};

static inline void *
enter(void *who)
{
    struct service *s = who;

    s->entered++;
    return s->entered == s->refuse_worker_at ? NULL : s;
}

static inline void
leave(void *who, void *state)
{
    struct service *s = who;

    if (state)
        s->left++;
}

static inline int64_t
noon(void *who)
{
    (void)who;
    return INT64_C(1795233600000);
}

static inline size_t
limit(void *who, const char *method, const char *path)
{
    (void)who;
    (void)method;
    return text_starts(path, "/files") ? LIMIT_UPLOAD : 1000;
}

static inline void
wait_at_gate(struct service *s)
{
    pthread_mutex_lock(&s->lock);
    s->at_gate++;
    pthread_cond_broadcast(&s->moved);
    while (!s->gate_open)
        pthread_cond_wait(&s->moved, &s->lock);
    s->at_gate--;
    pthread_mutex_unlock(&s->lock);
}

/* An answer that goes on, or 503 where there may be no more of them. */
static inline void
open_stream(struct service *s, struct http_answer *a)
{
    struct http_stream *x = http_answer_stream(a);

    if (!x) {
        *a = (struct http_answer){.status = 503};
        return;
    }
    pthread_mutex_lock(&s->lock);
    s->streams[s->n_streams++] = x;
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
}

static inline void
serve(void *who, void *state, struct task *t, const struct http_request *q,
      struct http_answer *a)
{
    struct service *s = who;

    if (state != who || strcmp(q->address, "127.0.0.1") != 0 || t->now != noon(NULL) ||
        !text_equal(t->request, q->id))
        abort();
    if (strcmp(q->path, "/gate") == 0)
        wait_at_gate(s);
    pthread_mutex_lock(&s->lock);
    s->served++;
    pthread_mutex_unlock(&s->lock);
    a->status = 200;
    a->type = "text/plain; charset=utf-8";
    a->body = arena_format(t->arena, "%s %s q=%s h=%s body=%zu:%.8s", q->method, q->path,
                           http_query(q, "q"), http_header(q, "x-test"), q->body_len, q->body);
    a->body_len = strlen(a->body);
    if (strcmp(q->path, "/torn") == 0)
        http_answer_header(a, "X-Torn", "a\r\nb");
    if (strcmp(q->path, "/own") == 0)
        http_answer_header(a, "content-security-policy", "sandbox");
    if (strcmp(q->path, "/long") == 0) {
        a->body_len = (size_t)8 << 20;
        a->body = memset(arena_alloc(t->arena, a->body_len), 'x', a->body_len);
    }
    if (strcmp(q->path, "/none") == 0)
        *a = (struct http_answer){.status = 204};
    if (strcmp(q->path, "/stream") == 0)
        open_stream(s, a);
}

static struct task task;
static struct http_server *server;

static inline void
start(unsigned workers, const struct http_bounds *bounds)
{
    struct http_options o = {.listen = "127.0.0.1:0", .workers = workers, .serve = serve,
                             .limit = limit, .enter = enter, .leave = leave, .now = noon,
                             .who = &service};

    task_init(&task, 0, 0);
    service.gate_open = false;
    service.entered = service.left = service.served = service.at_gate = service.n_streams = 0;
    service.refuse_worker_at = 0;
    assert_int_equal(http_start_with(&task, &o, bounds, &server), FAULT_NONE);
}

static inline void
open_gate(void)
{
    pthread_mutex_lock(&service.lock);
    service.gate_open = true;
    pthread_cond_broadcast(&service.moved);
    pthread_mutex_unlock(&service.lock);
}

static inline void
stop(void)
{
    open_gate();
    http_stop(server);
    server = NULL;
    assert_int_equal(service.entered, service.left);
    task_release(&task);
}

static inline unsigned
served(void)
{
    unsigned n;

    pthread_mutex_lock(&service.lock);
    n = service.served;
    pthread_mutex_unlock(&service.lock);
    return n;
}

/* ---- a client ---- */

static inline int
dial(void)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    struct sockaddr_in to = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    to.sin_port = htons((uint16_t)atoi(strrchr(http_address(server), ':') + 1));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* False when the server has closed. */
static inline bool
say(int fd, const char *bytes, size_t len)
{
    ssize_t n;

    for (; len > 0; bytes += n, len -= (size_t)n) {
        n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
    }
    return true;
}

static inline void
say_text(int fd, const char *s)
{
    assert_true(say(fd, s, strlen(s)));
}

/*
 * One answer with its body, or what came until the end of the connection. In the task's arena.
 * The header is taken byte by byte: a larger bite could swallow the answer that follows it.
 */
static inline const char *
hear(int fd)
{
    const char *end, *length;
    struct text in;
    size_t want = SIZE_MAX, bite;
    char piece[65536];
    ssize_t n;

    text_init(&in, task.arena);
    while (in.len < want) {
        bite = want == SIZE_MAX ? 1 : want - in.len;
        n = recv(fd, piece, bite < sizeof piece ? bite : sizeof piece, 0);
        assert_false(n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
        if (n <= 0)
            break;
        text_add(&in, piece, (size_t)n);
        end = strstr(in.bytes, "\r\n\r\n");
        if (end && want == SIZE_MAX) {
            length = strcasestr(in.bytes, "\r\nContent-Length: ");
            want = (size_t)(end - in.bytes) + 4 +
                   (length && length < end ? strtoul(length + 18, NULL, 10) : 0);
        }
    }
    return text_string(&in);
}

static inline void
assert_closed(int fd)
{
    char one;

    assert_true(recv(fd, &one, 1, 0) == 0 || errno == ECONNRESET);
    close(fd);
}

static inline const char *
ask(const char *request)
{
    const char *answer;
    int fd = dial();

    say_text(fd, request);
    answer = hear(fd);
    close(fd);
    return answer;
}

#define assert_has(text, part)                                                                     \
    do {                                                                                           \
        if (!strstr(text, part))                                                                   \
            fail_msg("no \"%s\" in:\n%s", part, text);                                             \
    } while (0)

/* Until `what` waiting or running requests are in the server. */
static inline void
await(size_t *what, size_t n)
{
    int64_t until = time_monotonic_us() + PATIENCE_S * INT64_C(1000000);
    bool there;

    do {
        pthread_mutex_lock(&server->queue_lock);
        there = *what == n;
        pthread_mutex_unlock(&server->queue_lock);
        sched_yield();
    } while (!there && time_monotonic_us() < until);
    assert_true(there);
}

#endif
