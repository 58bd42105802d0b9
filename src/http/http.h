/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/http.h - sockets, requests, answers. Knows no route.
 *
 * The idea: epoll threads of libmicrohttpd parse and collect; a request whose last byte has come is
 * suspended and given to a pool of workers, each of which serves it from first to last without
 * callbacks and wakes the connection with the answer. Nothing that waits (store, argon2, pictures)
 * runs on an epoll thread.
 *
 * Invariants: every request has a maximum (LIMIT_BODY, or what `limit` says for its path before the
 * first byte of the body is kept), a deadline for its header and a least pace for its body (1 kB/s
 * averaged over 10 s). A full queue answers 503 with Retry-After. Every answer carries
 * X-Request-Id, and the safety headers of a site that loads nothing from elsewhere, unless it sets
 * one itself.
 *
 * What never reaches a worker: a target with a broken %XX, not UTF-8, with a control character, a
 * dot segment or an escaped slash (400); a header that is not UTF-8, or a body whose length is said
 * twice (400); a target over LIMIT_URL (414); a body over its limit, refused by its announced
 * length at once and by count when chunked (413); a full queue, or more than 256 MB of bodies at
 * once (503). The room answers these itself with RFC 9457 problems, in Chinese, or in English where
 * Accept-Language begins with it. What libmicrohttpd cannot parse at all it refuses in HTML.
 *
 * Life cycle: http_start → requests → http_stop (refuses what is new, finishes what is running).
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/task.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_pair {
    const char *name, *value;
};

struct http_request {
    const char *method, *path;         /* path decoded of %XX per segment, well-formed UTF-8 */
    const struct http_pair *query;     /* decoded, in order; without U+0000 */
    size_t n_query;
    const struct http_pair *headers;   /* names in lower case; values well-formed UTF-8 */
    size_t n_headers;
    const char *body;                  /* never NULL; a zero follows it */
    size_t body_len;
    /*
     * The peer of the socket, without port. Behind a proxy that is the proxy: whoever knows which
     * proxies are configured reads the forwarded address from the headers.
     */
    const char *address;
    const char *id;                    /* request id */
    int64_t started_us;                /* monotonic */
};

/* HEAD reaches the worker as HEAD and is answered as GET would be; the body is then not sent. */
struct http_answer {
    int status;                        /* 200…599 */
    const char *type;                  /* Content-Type; NULL with no body */
    const void *body;                  /* copied when the worker's function returns, as all here */
    size_t body_len;
    struct http_pair headers[16];
    size_t n_headers;
    struct http_stream *stream;        /* instead of a body: http_answer_stream */
    struct http_server *server;        /* whose answer it is; set when it is handed out */
};

struct http_server;

struct http_options {
    const char *listen;                /* "127.0.0.1:8080"; port 0 takes a free one */
    unsigned workers;
    /*
     * Called on a worker, with a fresh task (arena, now, request). `state` is the worker's own
     * (below). What lives in the task is gone when the answer was copied. A header that cannot be
     * sent, as one with a line break, turns the answer into 500.
     */
    void (*serve)(void *who, void *state, struct task *t, const struct http_request *q,
                  struct http_answer *a);
    /*
     * The greatest body this path takes, in bytes; more is 413 before it is read. NULL: LIMIT_BODY.
     * Called on an epoll thread: must be quick and safe beside itself.
     */
    size_t (*limit)(void *who, const char *method, const char *path);
    /*
     * Made once a worker (its store connection), by the thread that calls http_start; NULL refuses
     * to start. `leave` undoes it in http_stop, or in an http_start that fails. Both may be NULL.
     */
    void *(*enter)(void *who);
    void (*leave)(void *who, void *state);
    int64_t (*now)(void *who);         /* called on any thread */
    void *who;
};

/*
 * `o` is copied, `o->who` is kept. Threads made here take no signals. FAULT_INPUT: bad address
 * (numeric, [IPv6] or localhost); FAULT_BUSY: the port is taken (named), or no thread is left;
 * FAULT_STORE: `enter` refused.
 */
MUST_USE enum fault_code
http_start(struct task *t, const struct http_options *o, struct http_server **out);

/* The address in use: "http://127.0.0.1:8080". */
const char *
http_address(const struct http_server *s);

/*
 * Refuses what is new with 503, serves every request that was complete, gives answers 5 s to leave,
 * then ends the threads and frees the server. Not from a worker. NULL is allowed.
 */
void
http_stop(struct http_server *s);

/* ---- looking into a request: the first of that name, NULL where there is none ---- */
const char *http_header(const struct http_request *q, const char *lower_name);
const char *http_query(const struct http_request *q, const char *name);
const char *http_cookie(struct task *t, const struct http_request *q, const char *name);

/* One part of a multipart/form-data body. */
struct http_part {
    const char *name, *file_name, *type;
    const char *bytes;
    size_t len;
};
/*
 * FAULT_INPUT for another media type, a broken body or more than 32 parts. `bytes` point into the
 * body; texts are in `t`: `name` is never empty, `file_name` (NULL without one) has no folders and
 * may be empty, `type` is what the part says, else text/plain.
 */
MUST_USE enum fault_code
http_multipart(struct task *t, const struct http_request *q, const struct http_part **parts,
               size_t *n);

/* Adds one; a name may come twice. At most 16, more is our mistake. */
void
http_answer_header(struct http_answer *a, const char *name, const char *value);

/* ---- answers that go on: bytes put by any thread, sent as the peer reads ---- */

/*
 * The body of `a` is what is put from now on. Held by its maker until http_stream_end, which lets what
 * waits still leave; http_stop ends every one. A handler that refuses after all calls http_stream_drop
 * before it fills the answer otherwise. NULL where five eighths of the connections that this process may
 * have are streams already: the rest is for answers that end. A peer that closes is noticed within two
 * seconds, one that vanishes or takes nothing within 75 (what waits for it is never sent).
 */
struct http_stream *
http_answer_stream(struct http_answer *a);
void
http_stream_drop(struct http_answer *a);
/* Copies the bytes; false: the peer has gone or the server stops. The caller bounds what waits. Never waits. */
bool
http_stream_put(struct http_stream *x, const char *bytes, size_t len);
size_t
http_stream_waiting(struct http_stream *x);
/* False once the peer has gone or the server stops. */
bool
http_stream_there(struct http_stream *x);
void
http_stream_end(struct http_stream *x);

#endif
