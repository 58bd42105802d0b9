/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/inside.h - what the files of this room share. Tests of this room may include it too.
 *
 * Who touches a connection: its epoll thread, always the same one; between suspend and resume one
 * worker instead of it; the reaper only `fd` and `watch`. `watch`, `fd` and the free list are under
 * `table_lock`, the queue and the counts under `queue_lock`; neither is held while the other or a
 * lock of libmicrohttpd is taken.
 */
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H

#include "base/limit.h"
#include "http/http.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define HTTP_EPOLL_THREADS 2
#define HTTP_ID_LEN 16

/* Seconds and sizes that a test makes short; a server has http_bounds_usual. */
struct http_bounds {
    int64_t header_us;  /* to the next full header */
    int64_t pace_us;    /* window over which the pace of a body is averaged */
    size_t pace_len;    /* least bytes in a window */
    int64_t linger_us;  /* time a refused peer has to read why */
    int64_t flush_us;   /* time answers have to leave when the server stops */
    size_t queue;       /* requests that wait for a worker */
    size_t bodies;
};

extern const struct http_bounds http_bounds_usual;

/* ---- watch.c: deadlines ---- */

enum http_phase {
    HTTP_FREE = 0,
    HTTP_HEADER, /* waiting for a full header */
    HTTP_BODY,   /* receiving a body */
    HTTP_RUN,    /* in the queue, at work, or being answered: no deadline of ours */
    HTTP_LINGER  /* refused, being read dry */
};

struct http_watch {
    enum http_phase phase;
    int64_t since_us;
    size_t len; /* bytes of the body since then */
};

/* True when the peer is too slow; a body that kept pace begins its next window. */
bool
http_watch_late(struct http_watch *w, const struct http_bounds *bounds, int64_t now_us);

/* ---- answer.c: refusals made by this room ---- */

struct http_refusal {
    int status;
    const char *title_zh, *title_en, *detail_zh, *detail_en;
};

extern const struct http_refusal http_bad_path, http_bad_query, http_bad_header, http_long_url, http_long_headers,
    http_long_body, http_full, http_stopping, http_broken;

/* ---- connections ---- */

struct http_connection {
    struct http_server *server;
    struct MHD_Connection *mhd;
    int fd;
    struct http_watch watch;
    struct http_connection *next; /* in the free list or in the queue */
    char address[INET6_ADDRSTRLEN];

    /* The request under way; all zero between two. */
    bool begun, head_seen, admitted, refused;
    struct task task; /* arena NULL once the worker is done */
    struct http_request request;
    const char *uri;
    char id[HTTP_ID_LEN + 1];
    char *body;
    size_t body_room, body_limit, lingered;
    const struct http_refusal *refusal; /* to be said at the end of a request without body */
    struct MHD_Response *response;
    unsigned status;
};

struct http_server {
    struct arena *arena;
    struct http_options options;
    struct http_bounds bounds;
    struct MHD_Daemon *daemon;
    int listen_fd;
    const char *address;

    pthread_mutex_t table_lock;
    struct http_connection *table, *free_list;
    size_t table_len, table_used;

    pthread_mutex_t queue_lock;
    pthread_cond_t queue_moved, reaper_woken;
    struct http_connection *first, *last;
    struct http_worker *idle; /* the last to have become so first */
    size_t n_waiting, n_running, n_open; /* admitted; at work; admitted and not yet answered */
    size_t bodies_len;
    bool stopping, ended;

    pthread_mutex_t streams_lock; /* held before a stream's own lock */
    struct http_stream *streams; /* whose answer is not over */
    size_t n_streams;

    struct http_worker *workers;
    unsigned n_workers;
    pthread_t reaper;
    bool reaper_runs;
};

/* As http_start, with other bounds. */
MUST_USE enum fault_code
http_start_with(struct task *t, const struct http_options *o, const struct http_bounds *bounds,
                struct http_server **out);

/* ---- listen.c ---- */

/* Opens a listening socket; `*fd` is the caller's, `*address` ("http://…") in `t`. */
MUST_USE enum fault_code
http_listen(struct task *t, const char *listen, int *fd, const char **address);

/* The peer without port, an IPv4 address behind ::ffff: as IPv4. */
void
http_peer(const struct sockaddr *peer, char out[INET6_ADDRSTRLEN]);

/* ---- watch.c: the table of connections and the reaper ---- */

/* NULL when the table is full. */
struct http_connection *
http_watch_open(struct http_server *s, struct MHD_Connection *mhd, int fd);

/* Must be called before the socket is closed, so that the reaper never meets a number used anew. */
void
http_watch_close(struct http_connection *c);

void
http_watch_enter(struct http_connection *c, enum http_phase phase);

void
http_watch_count(struct http_connection *c, size_t len);

bool
http_reaper_start(struct http_server *s);

void
http_reaper_stop(struct http_server *s);

/* ---- worker.c: the queue ---- */

/* Calls options.enter once a worker and starts the threads. */
MUST_USE enum fault_code
http_workers_start(struct task *t, struct http_server *s);

/* Ends the threads once the queue is empty, then calls options.leave. */
void
http_workers_stop(struct http_server *s);

/* NULL: the request may wait, and the caller suspends it and calls http_queue_put. */
const struct http_refusal *
http_queue_admit(struct http_connection *c);

void
http_queue_put(struct http_connection *c);

/* The answer has left, or the peer has gone. */
void
http_queue_leave(struct http_connection *c);

/* Stops admitting; returns when every admitted request was served and its answer has left. */
void
http_queue_drain(struct http_server *s);

bool
http_queue_is_stopping(struct http_server *s);

/* ---- answer.c ---- */

/* The answer as libmicrohttpd sends it; copies the body. Fills c->response and c->status. */
void
http_answer_make(struct http_connection *c, const struct http_answer *a);

void
http_answer_refusal(struct http_connection *c, const struct http_refusal *why);

/*
 * Says why on the socket at once, in the middle of a body, which libmicrohttpd has no call for;
 * what still comes is then read and dropped, since closing over unread bytes would reset the
 * connection before the peer has read the answer.
 */
void
http_refuse_at_once(struct http_connection *c, const struct http_refusal *why);

/* ---- stream.c ---- */

/* NULL: nothing was made. The response lets the stream go. */
struct MHD_Response *
http_stream_response(struct http_connection *c, struct http_stream *x);

/*
 * Ends those whose peer has closed: libmicrohttpd does not look at a suspended connection, which would
 * stay open until something is sent.
 */
void
http_streams_look(struct http_server *s);

/* So that nothing is suspended when libmicrohttpd stops. */
void
http_streams_end(struct http_server *s);

/* ---- request.c ---- */

/* NULL and q filled from the target as sent, or the refusal. */
const struct http_refusal *
http_read_target(struct arena *a, const char *target, struct http_request *q);

/* Path after %XX, in `a`; NULL when it is no path we take. */
const char *
http_decode_path(struct arena *a, const char *raw, size_t len);

/* False when it is broken or has too many pairs. */
bool
http_decode_query(struct arena *a, const char *raw, struct http_request *q);

/* NULL and q->headers filled, or the refusal. */
const struct http_refusal *
http_read_headers(struct arena *a, struct MHD_Connection *mhd, struct http_request *q);

/*
 * Whether a body follows. False in `*sound` where two readers could see two lengths: then a proxy
 * and we might disagree about where the next request begins.
 */
bool
http_has_body(const struct http_request *q, bool *sound, size_t *len, bool *chunked);

bool
http_wants_english(const struct http_request *q);

#endif
