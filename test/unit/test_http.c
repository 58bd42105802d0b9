/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/unit/test_http.c - what the http room reads out of bytes: targets, cookies, lengths, forms,
 * and when a peer is too slow. No socket; those are in test_http_live.c.
 */
#include "base/text.h"
#include "http/http.h"
#include "http/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct task task;

static int
setup(void **state)
{
    (void)state;
    task_init(&task, 0, 1);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    task_release(&task);
    return 0;
}

static const char *
path_of(const char *raw)
{
    return http_decode_path(task.arena, raw, strlen(raw));
}

static void
path_is_decoded_by_segment(void **state)
{
    (void)state;
    assert_string_equal(path_of("/"), "/");
    assert_string_equal(path_of("/api/v1/records/%E9%9A%90%e6%82%a3"), "/api/v1/records/隐患");
    assert_string_equal(path_of("/a+b/%2541"), "/a+b/%41");
    assert_string_equal(path_of("/...//x.y/"), "/...//x.y/");
}

static void
path_that_is_broken_is_refused(void **state)
{
    static const char *const bad[] = {"",        "a",
                                      "*",       "/%",
                                      "/%4",     "/%zz",
                                      "/%0",     "/%00",
                                      "/a%2Fb",  "/%2f",
                                      "/..",     "/a/../b",
                                      "/%2e%2E", "/.",
                                      "/./a",    "/%0A",
                                      "/%7f",    "/%ff",
                                      "/%c0%af", "/%ed%a0%80",
                                      "/%e9%9a", "/%f4%90%80%80",
                                      "/a#b"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (path_of(bad[i]))
            fail_msg("%s was taken", bad[i]);
}

static void
query_is_decoded_in_order(void **state)
{
    struct http_request q = {0};

    (void)state;
    assert_true(http_decode_query(task.arena, "q=%E7%81%AB+1&&kind=hazard&flag&q=2&=x&e=", &q));
    assert_int_equal(q.n_query, 6);
    assert_string_equal(http_query(&q, "q"), "火 1");
    assert_string_equal(http_query(&q, "kind"), "hazard");
    assert_string_equal(http_query(&q, "flag"), "");
    assert_string_equal(http_query(&q, "e"), "");
    assert_string_equal(q.query[3].value, "2");
    assert_string_equal(q.query[4].name, "");
    assert_null(http_query(&q, "absent"));
    assert_true(http_decode_query(task.arena, "a=b=c", &q));
    assert_string_equal(http_query(&q, "a"), "b=c");
    assert_true(http_decode_query(task.arena, "", &q));
    assert_int_equal(q.n_query, 0);
}

static void
query_that_is_broken_is_refused(void **state)
{
    struct http_request q = {0};
    struct text many;
    int i;

    (void)state;
    assert_false(http_decode_query(task.arena, "a=%", &q));
    assert_false(http_decode_query(task.arena, "a=%4x", &q));
    assert_false(http_decode_query(task.arena, "%80=1", &q));
    assert_false(http_decode_query(task.arena, "a=%00", &q));
    text_init(&many, task.arena);
    for (i = 0; i < LIMIT_PAIRS; i++)
        text_puts(&many, "a=1&");
    assert_true(http_decode_query(task.arena, text_string(&many), &q));
    text_puts(&many, "b=1");
    assert_false(http_decode_query(task.arena, text_string(&many), &q));
}

static void
target_may_be_absolute(void **state)
{
    struct http_request q = {0};

    (void)state;
    assert_null(http_read_target(task.arena, "HTTP://a.example:80/x?y=1", &q));
    assert_string_equal(q.path, "/x");
    assert_string_equal(http_query(&q, "y"), "1");
    assert_ptr_equal(http_read_target(task.arena, "http://a.example", &q), &http_bad_path);
    assert_ptr_equal(http_read_target(task.arena, "/x?%", &q), &http_bad_query);
}

static void
cookies_and_headers_are_found(void **state)
{
    const struct http_pair headers[] = {{"cookie", "a=1; session=\"x y\" ;ab=2; empty="},
                                        {"accept", "text/html"},
                                        {"cookie", "late=3;a=9"}};
    struct http_request q = {.headers = headers, .n_headers = 3};

    (void)state;
    assert_string_equal(http_header(&q, "accept"), "text/html");
    assert_null(http_header(&q, "Accept"));
    assert_string_equal(http_cookie(&task, &q, "a"), "1");
    assert_string_equal(http_cookie(&task, &q, "session"), "x y");
    assert_string_equal(http_cookie(&task, &q, "ab"), "2");
    assert_string_equal(http_cookie(&task, &q, "empty"), "");
    assert_string_equal(http_cookie(&task, &q, "late"), "3");
    assert_null(http_cookie(&task, &q, "b"));
    assert_null(http_cookie(&task, &q, "sess"));
}

static bool
sound_with(const struct http_pair *headers, size_t n, bool *has)
{
    struct http_request q = {.headers = headers, .n_headers = n};
    bool sound, chunked;
    size_t len;

    *has = http_has_body(&q, &sound, &len, &chunked);
    return sound;
}

static void
two_lengths_are_unsound(void **state)
{
    const struct http_pair one[] = {{"content-length", "5"}, {"transfer-encoding", "chunked"}};
    const struct http_pair twice[] = {{"content-length", "5"}, {"content-length", "5"}};
    const struct http_pair odd[] = {{"transfer-encoding", "gzip, chunked"}};
    const struct http_pair huge[] = {{"content-length", "99999999999999999999999"}};
    const struct http_pair zero[] = {{"content-length", "0"}};
    bool has;

    (void)state;
    assert_true(sound_with(one, 1, &has));
    assert_true(has);
    assert_true(sound_with(one + 1, 1, &has));
    assert_true(has);
    assert_false(sound_with(one, 2, &has));
    assert_false(sound_with(twice, 2, &has));
    assert_false(sound_with(odd, 1, &has));
    assert_false(sound_with(huge, 1, &has));
    assert_true(sound_with(zero, 1, &has));
    assert_false(has);
    assert_true(sound_with(zero, 0, &has));
    assert_false(has);
}

static void
english_only_where_asked_first(void **state)
{
    const struct http_pair header[] = {{"accept-language", "en-GB,zh;q=0.5"},
                                       {"accept-language", "zh-CN,en;q=0.9"}};
    struct http_request q = {.headers = header, .n_headers = 1};

    (void)state;
    assert_true(http_wants_english(&q));
    q.headers = header + 1;
    assert_false(http_wants_english(&q));
    q.n_headers = 0;
    assert_false(http_wants_english(&q));
}

static void
slow_peers_are_late(void **state)
{
    const struct http_bounds *usual = &http_bounds_usual;
    struct http_watch w = {.phase = HTTP_HEADER, .since_us = 1000};

    (void)state;
    assert_false(http_watch_late(&w, usual, 1000 + 74999999));
    assert_true(http_watch_late(&w, usual, 1000 + 75000000));
    w.phase = HTTP_RUN;
    assert_false(http_watch_late(&w, usual, INT64_MAX));
    w.phase = HTTP_FREE;
    assert_false(http_watch_late(&w, usual, INT64_MAX));
    w.phase = HTTP_LINGER;
    assert_true(http_watch_late(&w, usual, 1000 + 10000000));
}

static void
a_body_has_a_least_pace(void **state)
{
    struct http_watch w = {.phase = HTTP_BODY, .since_us = 0, .len = 10000};

    (void)state;
    /* 10 kB in 10 s keeps pace, and a new window begins. */
    assert_false(http_watch_late(&w, &http_bounds_usual, 10000000));
    assert_int_equal(w.since_us, 10000000);
    assert_int_equal(w.len, 0);
    assert_false(http_watch_late(&w, &http_bounds_usual, 19999999));
    w.len = 9999;
    assert_true(http_watch_late(&w, &http_bounds_usual, 20000000));
    /* Looked at after 11 s, 10 kB is too little. */
    w.len = 10000;
    assert_true(http_watch_late(&w, &http_bounds_usual, 21000000));
}

/* ---- multipart ---- */

static const char form_type[] = "multipart/form-data; boundary=b0";

static enum fault_code
read_form(const char *type, const char *body, size_t len, const struct http_part **parts, size_t *n)
{
    struct http_pair header = {"content-type", type};
    struct http_request q = {.headers = &header, .n_headers = 1, .body = body, .body_len = len};

    fault_clear(&task);
    return http_multipart(&task, &q, parts, n);
}

static enum fault_code
read_form_text(const char *type, const char *body, const struct http_part **parts, size_t *n)
{
    return read_form(type, body, strlen(body), parts, n);
}

static void
form_is_read(void **state)
{
    static const char body[] = "--b0\r\n"
                               "Content-Disposition: form-data; name=\"kind\"\r\n\r\n"
                               "hazard\r\n"
                               "--b0 \t\r\n"
                               "content-disposition:form-data;name=file; "
                               "filename=\"C:\\\\x\\\\照片 \\\"1%22.jpg\"\r\n"
                               "Content-Type: image/jpeg\r\n\r\n"
                               "\0\r\n--b\r\n--b1\r\n\r\n"
                               "--b0\r\n"
                               "Content-Disposition: form-data; name=\"none\"; filename=\"\"\r\n"
                               "\r\n\r\n"
                               "--b0--\r\nepilogue";
    const struct http_part *parts;
    size_t n;

    (void)state;
    assert_int_equal(read_form(form_type, body, sizeof body - 1, &parts, &n), FAULT_NONE);
    assert_int_equal(n, 3);
    assert_string_equal(parts[0].name, "kind");
    assert_null(parts[0].file_name);
    assert_string_equal(parts[0].type, "text/plain");
    assert_int_equal(parts[0].len, 6);
    assert_memory_equal(parts[0].bytes, "hazard", 6);
    assert_string_equal(parts[1].name, "file");
    assert_string_equal(parts[1].file_name, "照片 \"1\".jpg");
    assert_string_equal(parts[1].type, "image/jpeg");
    assert_int_equal(parts[1].len, 14);
    assert_memory_equal(parts[1].bytes, "\0\r\n--b\r\n--b1\r\n", 14);
    assert_true(parts[1].bytes > body && parts[1].bytes < body + sizeof body);
    assert_string_equal(parts[2].file_name, "");
    assert_int_equal(parts[2].len, 0);
}

static void
form_without_parts_or_with_a_quoted_boundary(void **state)
{
    const struct http_part *parts;
    size_t n = 9;

    (void)state;
    assert_int_equal(read_form_text(form_type, "--b0--", &parts, &n), FAULT_NONE);
    assert_int_equal(n, 0);
    assert_int_equal(read_form_text("Multipart/Form-Data; charset=utf-8; Boundary=\"b 0\"",
                                    "--b 0\r\nContent-Disposition: form-data; name=a\r\n\r\n"
                                    "\r\n--b 0--",
                                    &parts, &n),
                     FAULT_NONE);
    assert_int_equal(n, 1);
    assert_int_equal(parts[0].len, 0);
}

#define PART "--b0\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx"

static void
form_that_is_broken_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "--b0",
        "--b1--",
        "\r\n--b0--",
        "--b0\r\n",
        "--b0\r\n\r\nx\r\n--b0--",
        "--b0x\r\n\r\n--b0--",
        PART,
        PART "\r\n--b0",
        PART "\r\n--b0\r\n",
        PART "\r\n--b0-",
        PART "\n--b0--",
        PART "\r\n--b0 x\r\n",
        "--b0\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--b0--",
        "--b0\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--b0--",
        "--b0\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b0--",
        "--b0\r\nContent-Disposition: form-data; name=\"a\" filename=b\r\n\r\nx\r\n--b0--",
        "--b0\r\nContent-Disposition: form-data; name=\"a\"; filename=\"\xc3\"\r\n\r\n\r\n--b0--",
        "--b0\r\nContent-Disposition: form-data; name=\"a\x01\"\r\n\r\nx\r\n--b0--",
        "--b0\r\nContent-Type: text/plain\r\n\r\nx\r\n--b0--",
    };
    const struct http_part *parts = NULL;
    size_t i, n = 7;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (read_form_text(form_type, bad[i], &parts, &n) != FAULT_INPUT)
            fail_msg("body %zu was taken", i);
    assert_null(parts);
    assert_int_equal(n, 7);
    assert_non_null(task.fault.items[0].zh);
}

static void
form_type_that_is_broken_is_refused(void **state)
{
    static const char *const bad[] = {
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"b0",
        "multipart/form-datax; boundary=b0",
        "multipart/form-data; boundary="
        "0123456789012345678901234567890123456789012345678901234567890123456789x",
    };
    const struct http_part *parts;
    size_t i, n;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (read_form_text(bad[i], "--b0--", &parts, &n) != FAULT_INPUT)
            fail_msg("%s was taken", bad[i]);
}

static void
form_has_at_most_32_parts(void **state)
{
    const struct http_part *parts;
    struct text body;
    size_t n;
    int i;

    (void)state;
    text_init(&body, task.arena);
    for (i = 0; i < LIMIT_PARTS; i++)
        text_puts(&body, PART "\r\n");
    text_puts(&body, "--b0--");
    assert_int_equal(read_form_text(form_type, text_string(&body), &parts, &n), FAULT_NONE);
    assert_int_equal(n, LIMIT_PARTS);
    text_init(&body, task.arena);
    for (i = 0; i <= LIMIT_PARTS; i++)
        text_puts(&body, PART "\r\n");
    text_puts(&body, "--b0--");
    assert_int_equal(read_form_text(form_type, text_string(&body), &parts, &n), FAULT_INPUT);
}

/* Every prefix of a good body is refused, and read without a byte beyond it (the sanitizer sees).
 */
static void
form_cut_anywhere_is_refused(void **state)
{
    static const char body[] = PART "\r\n" PART "y\r\n--b0--";
    const struct http_part *parts;
    size_t len, n;
    char *copy;

    (void)state;
    for (len = 0; len < sizeof body - 1; len++) {
        copy = test_malloc(len ? len : 1);
        memcpy(copy, body, len);
        assert_int_equal(read_form(form_type, copy, len, &parts, &n), FAULT_INPUT);
        test_free(copy);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(path_is_decoded_by_segment, setup, teardown),
        cmocka_unit_test_setup_teardown(path_that_is_broken_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(query_is_decoded_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(query_that_is_broken_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(target_may_be_absolute, setup, teardown),
        cmocka_unit_test_setup_teardown(cookies_and_headers_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(two_lengths_are_unsound, setup, teardown),
        cmocka_unit_test_setup_teardown(english_only_where_asked_first, setup, teardown),
        cmocka_unit_test_setup_teardown(slow_peers_are_late, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_has_a_least_pace, setup, teardown),
        cmocka_unit_test_setup_teardown(form_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(form_without_parts_or_with_a_quoted_boundary, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(form_that_is_broken_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(form_type_that_is_broken_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(form_has_at_most_32_parts, setup, teardown),
        cmocka_unit_test_setup_teardown(form_cut_anywhere_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
