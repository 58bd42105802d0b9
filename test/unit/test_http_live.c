/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/unit/test_http_live.c - the http room over real sockets: what a client that is regular,
 * greedy, slow, broken or gone gets, and how the server ends.
 */
#include "http_service.h"

#include <stdio.h>

#define CLIENTS 64

static void
get_is_answered_with_the_safety_headers(void **state)
{
    const char *got;

    (void)state;
    start(2, &http_bounds_usual);
    got = ask("GET /a/%E7%81%AB?q=1+2 HTTP/1.1\r\nHost: x\r\nX-Test: y\r\n\r\n");
    assert_has(got, "HTTP/1.1 200 OK\r\n");
    assert_has(got, "\r\nX-Request-Id: ");
    assert_has(got, "\r\nX-Content-Type-Options: nosniff\r\n");
    assert_has(got, "\r\nContent-Security-Policy: default-src 'self';");
    assert_has(got, "\r\n\r\nGET /a/火 q=1 2 h=y body=0:");
    got = ask("GET /own HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(got, "\r\ncontent-security-policy: sandbox\r\n");
    assert_null(strstr(got, "default-src"));
    assert_has(ask("GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
               "HTTP/1.1 204 No Content\r\n");
    stop();
    assert_int_equal(service.left, 2);
}

static void
kept_connection_carries_bodies_and_refusals(void **state)
{
    int fd;

    (void)state;
    start(1, &http_bounds_usual);
    fd = dial();
    say_text(fd, "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe");
    say_text(fd, "llo");
    assert_has(hear(fd), "POST /p q=(null) h=(null) body=5:hello");
    say_text(fd, "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(hear(fd), "HTTP/1.1 400 Bad Request\r\n");
    say_text(fd, "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    assert_has(hear(fd), "POST /c q=(null) h=(null) body=5:abcde");
    say_text(fd, "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                 "Expect: 100-continue\r\n\r\n");
    assert_has(hear(fd), "HTTP/1.1 100 Continue\r\n\r\n");
    say_text(fd, "hi");
    assert_has(hear(fd), "POST /e q=(null) h=(null) body=2:hi");
    say_text(fd, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(hear(fd), "GET /1 ");
    assert_has(hear(fd), "GET /2 ");
    close(fd);
    stop();
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
    struct text all;
    char path[32];
    int fd, i;

    (void)state;
    start(2, &http_bounds_usual);
    text_init(&all, task.arena);
    for (i = 0; i < 64; i++)
        text_printf(&all, "GET /%d HTTP/1.1\r\nHost: x\r\n\r\n", i);
    fd = dial();
    say_text(fd, text_string(&all));
    for (i = 0; i < 64; i++) {
        snprintf(path, sizeof path, "GET /%d ", i);
        assert_has(hear(fd), path);
    }
    close(fd);
    stop();
}

static void
bad_targets_are_400(void **state)
{
    const char *got;

    (void)state;
    start(1, &http_bounds_usual);
    got = ask("GET /%4 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(got, "HTTP/1.1 400 Bad Request\r\n");
    assert_has(got, "\r\nContent-Type: application/problem+json\r\n");
    assert_has(got, "\"title\":\"请求有误\",\"status\":400,");
    assert_has(ask("GET /\xff HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n\r\n"),
               "\"title\":\"Bad Request\"");
    assert_has(ask("GET /?a=%80 HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 400 ");
    assert_has(ask("GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 400 ");
    assert_has(ask("GET / HTTP/1.1\r\nHost: x\r\nX-Test: \xff\r\n\r\n"), "HTTP/1.1 400 ");
    assert_int_equal(served(), 0);
    stop();
}

static void
long_targets_are_414(void **state)
{
    struct text target;
    int i;

    (void)state;
    start(1, &http_bounds_usual);
    text_init(&target, task.arena);
    text_puts(&target, "GET /");
    for (i = 0; i < LIMIT_URL; i++)
        text_char(&target, 'a');
    text_puts(&target, " HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(ask(text_string(&target)), "HTTP/1.1 414 URI Too Long\r\n");
    stop();
}

/* A header of `len` bytes beside the two others. */
static const char *
ask_with_header(int len)
{
    struct text head;
    int i;

    text_init(&head, task.arena);
    text_puts(&head, "GET / HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\nCookie: ");
    for (i = 0; i < len; i++)
        text_char(&head, 'a');
    text_puts(&head, "\r\n\r\n");
    return ask(text_string(&head));
}

static void
long_headers_are_431(void **state)
{
    const char *got;

    (void)state;
    start(1, &http_bounds_usual);
    assert_has(ask_with_header(LIMIT_HEADERS - 64), "HTTP/1.1 200 OK\r\n");
    got = ask_with_header(LIMIT_HEADERS + 1);
    assert_has(got, "HTTP/1.1 431 Request Header Fields Too Large\r\n");
    assert_has(got, "\r\nContent-Type: application/problem+json\r\n");
    assert_has(got, "\"status\":431,");
    assert_has(ask_with_header(5 * LIMIT_HEADERS / 4), "\r\nContent-Type: application/problem+json\r\n");
    assert_int_equal(served(), 1);
    stop();
}

static void
announced_too_long_is_413_before_a_byte_of_it(void **state)
{
    const char *got;
    int fd;

    (void)state;
    start(1, &http_bounds_usual);
    fd = dial();
    say_text(fd, "POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483648\r\n\r\n");
    got = hear(fd);
    assert_has(got, "HTTP/1.1 413 Content Too Large\r\n");
    assert_has(got, "\r\nConnection: close\r\n");
    assert_has(got, "\r\nX-Request-Id: ");
    assert_has(got, "\"status\":413,\"detail\":\"请求体超过此处允许的大小。\"");
    assert_closed(fd);
    got = ask("PUT /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n"
              "Accept-Language: en-GB\r\nExpect: 100-continue\r\n\r\n");
    assert_has(got, "The body is larger than this path takes.");
    assert_null(strstr(got, "100 Continue"));
    assert_int_equal(served(), 0);
    stop();
}

/* The client that sends it all and only then reads must still find the reason. */
static void
refused_body_is_read_dry(void **state)
{
    char *body;
    int fd;

    (void)state;
    start(1, &http_bounds_usual);
    body = test_malloc(900000);
    memset(body, 'x', 900000);
    fd = dial();
    say_text(fd, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n");
    assert_true(say(fd, body, 900000));
    assert_has(hear(fd), "HTTP/1.1 413 ");
    assert_closed(fd);
    test_free(body);
    stop();
}

static void
chunks_too_many_are_413_by_count(void **state)
{
    char chunk[106];
    int fd, i;

    (void)state;
    start(1, &http_bounds_usual);
    memset(chunk, 'x', sizeof chunk);
    memcpy(chunk, "64\r\n", 4);
    memcpy(chunk + 104, "\r\n", 2);
    fd = dial();
    say_text(fd, "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (i = 0; i < 11; i++)
        assert_true(say(fd, chunk, sizeof chunk));
    assert_has(hear(fd), "HTTP/1.1 413 ");
    /* It does not read for ever either. */
    for (i = 0; i < 1000000 && say(fd, chunk, sizeof chunk); i++)
        continue;
    assert_true(i < 1000000);
    close(fd);
    assert_int_equal(served(), 0);
    stop();
}

static void
two_lengths_are_400_and_the_end(void **state)
{
    const char *got;

    (void)state;
    start(1, &http_bounds_usual);
    got = ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n"
              "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(got, "HTTP/1.1 400 ");
    assert_has(got, "\r\nConnection: close\r\n");
    assert_int_equal(served(), 0);
    stop();
}

static void
bodies_together_have_a_maximum(void **state)
{
    struct http_bounds bounds = http_bounds_usual;
    const char *got;
    char *body;
    int fd;

    (void)state;
    bounds.bodies = 100000;
    start(1, &bounds);
    body = test_malloc(200000);
    memset(body, 'x', 200000);
    fd = dial();
    say_text(fd, "POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n");
    assert_true(say(fd, body, 200000));
    got = hear(fd);
    assert_has(got, "HTTP/1.1 503 ");
    assert_has(got, "\r\nRetry-After: 1\r\n");
    assert_closed(fd);
    assert_has(ask("POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"),
               "body=3:abc");
    await(&server->bodies_len, 0);
    test_free(body);
    stop();
}

static void
peers_that_leave_early_leave_nothing_behind(void **state)
{
    struct http_bounds bounds = http_bounds_usual;
    int fd;

    (void)state;
    /* When the last bytes and the end come together, libmicrohttpd misses the end; the reaper's
     * next look at the pace does not. */
    bounds.pace_us = 200000;
    start(1, &bounds);
    fd = dial();
    say_text(fd, "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf");
    close(fd);
    fd = dial();
    say_text(fd, "GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    await(&server->n_running, 1);
    close(fd);
    fd = dial();
    say_text(fd, "GET /long HTTP/1.1\r\nHost: x\r\n\r\n");
    await(&server->n_waiting, 1);
    close(fd);
    open_gate();
    await(&server->n_open, 0);
    assert_has(ask("GET /after HTTP/1.1\r\nHost: x\r\n\r\n"), "GET /after ");
    await(&server->bodies_len, 0);
    stop();
}

static void
slow_headers_and_bodies_are_ended(void **state)
{
    struct http_bounds bounds = http_bounds_usual;
    int64_t before;
    int fd;

    (void)state;
    bounds.header_us = bounds.pace_us = 200000;
    start(1, &bounds);
    before = time_monotonic_us();
    fd = dial();
    say_text(fd, "GET /x HTTP/1.1\r\nHost:");
    assert_closed(fd);
    assert_true(time_monotonic_us() - before >= 200000);
    fd = dial();
    say_text(fd, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(hear(fd), "GET /x ");
    say_text(fd, "GET /second");
    assert_closed(fd);
    fd = dial();
    say_text(fd, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nslow");
    assert_closed(fd);
    assert_int_equal(served(), 1);
    stop();
}

static void
full_queue_is_503(void **state)
{
    struct http_bounds bounds = http_bounds_usual;
    int fds[3];
    size_t i;
    const char *got;

    (void)state;
    bounds.queue = 2;
    start(1, &bounds);
    for (i = 0; i < 3; i++) {
        fds[i] = dial();
        say_text(fds[i], "GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
        await(i == 0 ? &server->n_running : &server->n_waiting, i == 0 ? 1 : i);
    }
    got = ask("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(got, "HTTP/1.1 503 Service Unavailable\r\n");
    assert_has(got, "\r\nRetry-After: 1\r\n");
    open_gate();
    for (i = 0; i < 3; i++) {
        assert_has(hear(fds[i]), "GET /gate ");
        close(fds[i]);
    }
    assert_has(ask("GET /later HTTP/1.1\r\nHost: x\r\n\r\n"), "GET /later ");
    stop();
}

static void
answer_with_a_torn_header_is_500(void **state)
{
    const char *got;

    (void)state;
    start(1, &http_bounds_usual);
    got = ask("GET /torn HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n\r\n");
    assert_has(got, "HTTP/1.1 500 ");
    assert_has(got, "The answer broke a rule of HTTP");
    assert_null(strstr(got, "X-Torn"));
    stop();
}

static void
sixty_four_at_once_get_their_own_answers(void **state)
{
    const char *got;
    char request[128], wanted[64];
    int fds[CLIENTS], round, i;

    (void)state;
    start(4, &http_bounds_usual);
    for (i = 0; i < CLIENTS; i++)
        fds[i] = dial();
    for (round = 0; round < 8; round++) {
        for (i = 0; i < CLIENTS; i++) {
            snprintf(request, sizeof request,
                     "POST /n/%d?q=%d HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n%04d", i,
                     round, i);
            say_text(fds[i], request);
        }
        for (i = 0; i < CLIENTS; i++) {
            snprintf(wanted, sizeof wanted, "POST /n/%d q=%d h=(null) body=4:%04d", i, round, i);
            got = hear(fds[i]);
            assert_has(got, wanted);
        }
    }
    for (i = 0; i < CLIENTS; i++)
        close(fds[i]);
    assert_int_equal(served(), CLIENTS * 8);
    stop();
}

static void *
stop_beside(void *arg)
{
    http_stop(arg);
    return NULL;
}

static void
stop_finishes_what_is_running(void **state)
{
    const char *got;
    pthread_t stopper;
    int running, waiting, kept, fd;

    (void)state;
    start(1, &http_bounds_usual);
    kept = dial();
    say_text(kept, "GET /before HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_has(hear(kept), "GET /before ");
    running = dial();
    say_text(running, "GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    await(&server->n_running, 1);
    waiting = dial();
    say_text(waiting, "GET /long HTTP/1.1\r\nHost: x\r\n\r\n");
    await(&server->n_waiting, 1);
    assert_int_equal(pthread_create(&stopper, NULL, stop_beside, server), 0);
    while (!http_queue_is_stopping(server))
        sched_yield();
    say_text(kept, "GET /too/late HTTP/1.1\r\nHost: x\r\n\r\n");
    got = hear(kept);
    assert_has(got, "HTTP/1.1 503 ");
    assert_has(got, "\r\nConnection: close\r\n");
    fd = dial();
    assert_closed(fd);
    open_gate();
    assert_has(hear(running), "GET /gate ");
    got = hear(waiting);
    assert_has(got, "\r\nContent-Length: 8388608\r\n");
    assert_true(strlen(got) > 8388608);
    pthread_join(stopper, NULL);
    assert_int_equal(service.left, 1);
    close(kept);
    close(running);
    close(waiting);
    task_release(&task);
}

static enum fault_code
try_start(const char *listen_at)
{
    struct http_options o = {.listen = listen_at,
                             .workers = 3,
                             .serve = serve,
                             .enter = enter,
                             .leave = leave,
                             .now = noon,
                             .who = &service};
    struct http_server *second = NULL;
    enum fault_code rc;

    fault_clear(&task);
    rc = http_start(&task, &o, &second);
    if (!rc)
        http_stop(second);
    else
        assert_null(second);
    return rc;
}

static void
start_says_why_it_cannot(void **state)
{
    static const char *const bad[] = {"",       "8080",        "127.0.0.1",       "127.0.0.1:",
                                      ":8080",  "127.0.0.1:x", "127.0.0.1:99999", "host.example:1",
                                      "::1:80", "[::1:80",     "192.0.2.1:0"};
    size_t i;

    (void)state;
    start(1, &http_bounds_usual);
    assert_int_equal(try_start(strchr(http_address(server), '1')), FAULT_BUSY);
    assert_has(task.fault.items[0].en, "is taken by another program");
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (try_start(bad[i]) != FAULT_INPUT)
            fail_msg("%s was taken", bad[i]);
    assert_int_equal(try_start("localhost:0"), FAULT_NONE);
    service.entered = service.left = 0;
    service.refuse_worker_at = 2;
    assert_int_equal(try_start("127.0.0.1:0"), FAULT_STORE);
    assert_int_equal(service.entered, 2);
    assert_int_equal(service.left, 1);
    service.refuse_worker_at = 0;
    service.entered = 1; /* the server of this test */
    service.left = 0;
    stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get_is_answered_with_the_safety_headers),
        cmocka_unit_test(kept_connection_carries_bodies_and_refusals),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(bad_targets_are_400),
        cmocka_unit_test(long_targets_are_414),
        cmocka_unit_test(long_headers_are_431),
        cmocka_unit_test(announced_too_long_is_413_before_a_byte_of_it),
        cmocka_unit_test(refused_body_is_read_dry),
        cmocka_unit_test(chunks_too_many_are_413_by_count),
        cmocka_unit_test(two_lengths_are_400_and_the_end),
        cmocka_unit_test(bodies_together_have_a_maximum),
        cmocka_unit_test(peers_that_leave_early_leave_nothing_behind),
        cmocka_unit_test(slow_headers_and_bodies_are_ended),
        cmocka_unit_test(full_queue_is_503),
        cmocka_unit_test(answer_with_a_torn_header_is_500),
        cmocka_unit_test(sixty_four_at_once_get_their_own_answers),
        cmocka_unit_test(stop_finishes_what_is_running),
        cmocka_unit_test(start_says_why_it_cannot),
    };

    return cmocka_run_group_tests_name("http live", tests, NULL, NULL);
}
