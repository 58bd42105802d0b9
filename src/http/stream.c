/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/stream.c - an answer that goes on: bytes that anybody puts, and the peer gets as he reads.
 *
 * No thread belongs to it. A connection without bytes is suspended; who puts some resumes it, and its
 * epoll thread sends them. Two hold it: who made it, and the answer. A peer who closes while nothing is
 * sent is found in the reaper's rounds; one who takes nothing is ended by the time-out of libmicrohttpd
 * where bytes wait for him, and by the kernel's where they have left and are not acknowledged.
 *
 * Knows: bytes that wait, suspending, the end from either side, how many connections may be used so.
 * Does not know: what the bytes say, how many may wait.
 */
#include "http/inside.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define SOCKET_ROOM  32768 /* of the kernel's buffer: what waits, waits where it is counted */
#define BLOCK        1024
#define POLLED       256   /* sockets looked at in one call */

struct http_stream {
    pthread_mutex_t lock;
    unsigned held;
    struct http_server *server;
    struct MHD_Connection *mhd; /* of its answer; NULL: not sent yet */
    int fd;
    struct http_stream *next, **at; /* under the server's streams_lock */
    bool suspended;         /* until bytes come */
    bool ended, left, gone; /* no more is put; the peer has closed; the answer is over */
    char *bytes;
    size_t from, len, room;
};

struct http_stream *
http_answer_stream(struct http_answer *a)
{
    struct http_server *s = a->server;
    struct http_stream *x = calloc(1, sizeof *x);
    bool full;

    must(x != NULL && s != NULL && !a->stream);
    pthread_mutex_init(&x->lock, NULL);
    x->held = 2;
    x->fd = -1;
    x->server = s;
    pthread_mutex_lock(&s->streams_lock);
    full = s->n_streams >= s->table_len / 8 * 5;
    if (!full) {
        s->n_streams++;
        x->next = s->streams;
        x->at = &s->streams;
        if (x->next)
            x->next->at = &x->next;
        s->streams = x;
    }
    pthread_mutex_unlock(&s->streams_lock);
    if (full) {
        pthread_mutex_destroy(&x->lock);
        free(x);
        return NULL;
    }
    return a->stream = x;
}

static void
let_go(struct http_stream *x)
{
    bool last;

    pthread_mutex_lock(&x->lock);
    last = --x->held == 0;
    pthread_mutex_unlock(&x->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&x->lock);
    free(x->bytes);
    free(x);
}

/* Under its lock. */
static void
wake(struct http_stream *x)
{
    if (!x->suspended || x->gone)
        return;
    x->suspended = false;
    MHD_resume_connection(x->mhd);
}

static void
make_room(struct http_stream *x, size_t len)
{
    char *grown;

    if (x->from + x->len + len <= x->room)
        return;
    if (x->len && x->from)
        memmove(x->bytes, x->bytes + x->from, x->len);
    x->from = 0;
    if (x->len + len <= x->room)
        return;
    while (x->room < x->len + len)
        x->room = x->room ? 2 * x->room : 256;
    grown = realloc(x->bytes, x->room);
    must(grown != NULL);
    x->bytes = grown;
}

static bool
is_there(const struct http_stream *x)
{
    return !x->gone && !x->left && !x->ended;
}

bool
http_stream_put(struct http_stream *x, const char *bytes, size_t len)
{
    bool there;

    pthread_mutex_lock(&x->lock);
    there = is_there(x);
    if (there) {
        make_room(x, len);
        memcpy(x->bytes + x->from + x->len, bytes, len);
        x->len += len;
        wake(x);
    }
    pthread_mutex_unlock(&x->lock);
    return there;
}

size_t
http_stream_waiting(struct http_stream *x)
{
    size_t len;

    pthread_mutex_lock(&x->lock);
    len = x->len;
    pthread_mutex_unlock(&x->lock);
    return len;
}

bool
http_stream_there(struct http_stream *x)
{
    bool there;

    pthread_mutex_lock(&x->lock);
    there = is_there(x);
    pthread_mutex_unlock(&x->lock);
    return there;
}

/* `left`: nobody reads what waits. */
static void
end(struct http_stream *x, bool left)
{
    pthread_mutex_lock(&x->lock);
    x->ended = true;
    x->left = x->left || left;
    wake(x);
    pthread_mutex_unlock(&x->lock);
}

void
http_stream_end(struct http_stream *x)
{
    end(x, false);
    let_go(x);
}

/* On the connection's epoll thread. */
static ssize_t
give(void *who, uint64_t pos, char *out, size_t room)
{
    struct http_stream *x = who;
    ssize_t given = 0;
    size_t n;

    (void)pos;
    pthread_mutex_lock(&x->lock);
    n = x->len < room ? x->len : room;
    if (x->left) {
        given = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (n) {
        memcpy(out, x->bytes + x->from, n);
        x->from += n;
        x->len -= n;
        given = (ssize_t)n;
    } else if (x->ended) {
        given = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        x->suspended = true;
        MHD_suspend_connection(x->mhd);
    }
    /* An idle one holds no bytes. */
    if (!x->len) {
        free(x->bytes);
        x->bytes = NULL;
        x->from = x->room = 0;
    }
    pthread_mutex_unlock(&x->lock);
    return given;
}

/* The answer is over, whoever ended it; its socket is still open. */
static void
answered(void *who)
{
    struct http_stream *x = who;
    struct http_server *s = x->server;

    pthread_mutex_lock(&s->streams_lock);
    *x->at = x->next;
    if (x->next)
        x->next->at = x->at;
    s->n_streams--;
    pthread_mutex_unlock(&s->streams_lock);
    pthread_mutex_lock(&x->lock);
    x->gone = true;
    pthread_mutex_unlock(&x->lock);
    let_go(x);
}

void
http_stream_drop(struct http_answer *a)
{
    if (a->stream)
        answered(a->stream);
    a->stream = NULL;
}

struct MHD_Response *
http_stream_response(struct http_connection *c, struct http_stream *x)
{
    struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, give, x, answered);
    unsigned silence_ms = (unsigned)(c->server->bounds.header_us / 1000);
    int room = SOCKET_ROOM;

    if (!r) {
        answered(x);
        return NULL;
    }
    (void)setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms, sizeof silence_ms);
    x->mhd = c->mhd;
    pthread_mutex_lock(&c->server->streams_lock);
    x->fd = c->fd;
    pthread_mutex_unlock(&c->server->streams_lock);
    return r;
}

/* Under streams_lock: a listed one with a socket has it open. */
static void
look_at(struct pollfd *sockets, struct http_stream **streams, nfds_t n)
{
    if (!n || poll(sockets, n, 0) <= 0)
        return;
    for (nfds_t i = 0; i < n; i++)
        if (sockets[i].revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL))
            end(streams[i], true);
}

void
http_streams_look(struct http_server *s)
{
    struct pollfd sockets[POLLED];
    struct http_stream *streams[POLLED];
    nfds_t n = 0;

    pthread_mutex_lock(&s->streams_lock);
    for (struct http_stream *x = s->streams; x; x = x->next) {
        if (x->fd < 0)
            continue;
        sockets[n] = (struct pollfd){.fd = x->fd, .events = POLLRDHUP};
        streams[n++] = x;
        if (n == POLLED) {
            look_at(sockets, streams, n);
            n = 0;
        }
    }
    look_at(sockets, streams, n);
    pthread_mutex_unlock(&s->streams_lock);
}

void
http_streams_end(struct http_server *s)
{
    pthread_mutex_lock(&s->streams_lock);
    for (struct http_stream *x = s->streams; x; x = x->next)
        end(x, false);
    pthread_mutex_unlock(&s->streams_lock);
}
