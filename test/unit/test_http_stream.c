/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/unit/test_http_stream.c - answers that go on, over real sockets: what is put arrives, who goes is
 * noticed, who does not read waits for nobody's account, how many there may be, the end of the server.
 */
#include "http_service.h"

#define GET_STREAM "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"

/* A stream that is open on both sides; its socket. */
static int
open_one(struct http_stream **x)
{
    int fd = dial();
    unsigned n;

    pthread_mutex_lock(&service.lock);
    n = service.n_streams;
    pthread_mutex_unlock(&service.lock);
    say_text(fd, GET_STREAM);
    assert_has(hear(fd), "HTTP/1.1 200 OK\r\n");
    pthread_mutex_lock(&service.lock);
    assert_int_equal(service.n_streams, n + 1);
    *x = service.streams[n];
    pthread_mutex_unlock(&service.lock);
    return fd;
}

static void
put_text(struct http_stream *x, const char *text)
{
    assert_true(http_stream_put(x, text, strlen(text)));
}

/* Everything until the server closes. */
static const char *
rest(int fd)
{
    struct text in;
    char piece[4096];
    ssize_t n;

    text_init(&in, task.arena);
    while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
        text_add(&in, piece, (size_t)n);
    assert_int_equal(n, 0);
    return text_string(&in);
}

static size_t
n_streams(void)
{
    size_t n;

    pthread_mutex_lock(&server->streams_lock);
    n = server->n_streams;
    pthread_mutex_unlock(&server->streams_lock);
    return n;
}

/* The rounds of the reaper are a second apart. */
static void
await_streams(size_t n)
{
    int64_t until = time_monotonic_us() + PATIENCE_S * INT64_C(1000000);

    while (n_streams() != n) {
        assert_true(time_monotonic_us() < until);
        sched_yield();
    }
}

static void
what_is_put_arrives_and_the_end_lets_it_leave(void **state)
{
    struct http_stream *x;
    const char *got;
    int fd;

    (void)state;
    start(1, &http_bounds_usual);
    fd = open_one(&x);
    put_text(x, "one");
    put_text(x, "two");
    assert_true(http_stream_there(x));
    http_stream_end(x);
    say_text(fd, "GET /after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    got = rest(fd);
    /* Chunks, whole, then the next answer of the same connection. */
    assert_has(got, "one");
    assert_has(got, "two");
    assert_has(got, "\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n");
    assert_has(got, "GET /after ");
    close(fd);
    stop();
}

static void
who_closes_is_noticed_while_nothing_is_put(void **state)
{
    struct http_stream *x, *y;
    int fd, other;

    (void)state;
    start(1, &http_bounds_usual);
    fd = open_one(&x);
    other = open_one(&y);
    close(fd);
    await_streams(1);
    assert_false(http_stream_there(x));
    assert_false(http_stream_put(x, "x", 1));
    assert_true(http_stream_there(y));
    http_stream_end(x);
    http_stream_end(y);
    close(other);
    stop();
}

/* More than any socket buffers: what is put is counted, and nobody waits for him. */
static void
who_does_not_read_waits_for_nobody(void **state)
{
    static char block[65536];
    struct http_stream *x;
    int fd, small = 4096;

    (void)state;
    start(1, &http_bounds_usual);
    fd = open_one(&x);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 64; i++)
        assert_true(http_stream_put(x, block, sizeof block));
    assert_has(ask("GET /others HTTP/1.1\r\nHost: x\r\n\r\n"), "GET /others ");
    assert_true(http_stream_waiting(x) > sizeof block);
    close(fd);
    await_streams(0);
    http_stream_end(x);
    stop();
}

static void
a_part_of_the_connections_is_left_for_answers_that_end(void **state)
{
    struct http_stream *x[5], *again;
    int fd[5], last;

    (void)state;
    start(1, &http_bounds_usual);
    server->table_len = 8;
    for (int i = 0; i < 5; i++)
        fd[i] = open_one(&x[i]);
    assert_has(ask(GET_STREAM), "HTTP/1.1 503 ");
    assert_has(ask("GET /others HTTP/1.1\r\nHost: x\r\n\r\n"), "GET /others ");
    close(fd[2]);
    await_streams(4);
    last = open_one(&again);
    for (int i = 0; i < 5; i++) {
        http_stream_end(x[i]);
        if (i != 2)
            close(fd[i]);
    }
    http_stream_end(again);
    close(last);
    stop();
}

static void
a_server_that_stops_ends_every_one(void **state)
{
    struct http_stream *idle, *full;
    int fd, other;

    (void)state;
    start(1, &http_bounds_usual);
    fd = open_one(&idle);
    other = open_one(&full);
    put_text(full, "last words");
    stop();
    /* Whoever made them holds them still, and finds nobody there. */
    assert_false(http_stream_put(idle, "x", 1));
    assert_false(http_stream_there(full));
    http_stream_end(idle);
    http_stream_end(full);
    close(fd);
    close(other);
}

/* The header alone: nobody reads it, and it is let go at once. */
static void
head_opens_nothing(void **state)
{
    int fd;

    (void)state;
    start(1, &http_bounds_usual);
    fd = dial();
    say_text(fd, "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(hear(fd), "HTTP/1.1 200 OK\r\n");
    await_streams(0);
    assert_false(http_stream_there(service.streams[0]));
    http_stream_end(service.streams[0]);
    close(fd);
    stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_arrives_and_the_end_lets_it_leave),
        cmocka_unit_test(who_closes_is_noticed_while_nothing_is_put),
        cmocka_unit_test(who_does_not_read_waits_for_nobody),
        cmocka_unit_test(a_part_of_the_connections_is_left_for_answers_that_end),
        cmocka_unit_test(a_server_that_stops_ends_every_one),
        cmocka_unit_test(head_opens_nothing),
    };

    return cmocka_run_group_tests_name("http stream", tests, NULL, NULL);
}
