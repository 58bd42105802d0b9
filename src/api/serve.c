/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/serve.c - one request: which route, who asks, the handler, the log line.
 *
 * Knows: tokens, the session's cookie, the header that guards it, one line of log a request.
 * Does not know: any route's meaning.
 */
#include "api/inside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct api_worker {
    struct store *store;
    struct desk_known *known;
};

struct api *
api_new(const struct api_options *o)
{
    struct api *api = calloc(1, sizeof *api);

    must(api != NULL);
    api->options = *o;
    api->metrics = api_metrics_new();
    api->pages = api_pages_new();
    return api;
}

void
api_free(struct api *api)
{
    if (!api)
        return;
    api_metrics_free(api->metrics);
    api_pages_free(api->pages);
    free(api);
}

void *
api_enter(void *who)
{
    struct api *api = who;
    struct api_worker *w = calloc(1, sizeof *w);
    struct task t;

    must(w != NULL);
    task_init(&t, api->options.now(api->options.who), 0);
    if (desk_reader_open(&t, api->options.desk, &w->store)) {
        free(w);
        w = NULL;
    }
    if (w)
        w->known = desk_known_new();
    task_release(&t);
    return w;
}

void
api_leave(void *who, void *state)
{
    struct api_worker *w = state;

    (void)who;
    if (!w)
        return;
    desk_reader_close(w->store);
    desk_known_free(w->known);
    free(w);
}

size_t
api_limit(void *who, const char *method, const char *path)
{
    (void)who;
    /* The parts' own headers come on top of the file. */
    if (strcmp(method, "POST") == 0 &&
        (strcmp(path, API_ROOT "/files") == 0 || strcmp(path, API_ROOT "/carry") == 0 ||
         strcmp(path, API_ROOT "/imports") == 0))
        return LIMIT_UPLOAD + 64 * 1024;
    return LIMIT_BODY;
}

/* ---- who asks ---- */

static void
find_token(struct api_call *c)
{
    const char *header = http_header(c->request, "authorization");

    if (header) {
        /* A header that is no bearer token is never made up for by a cookie. */
        c->token = strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 : "";
        while (*c->token == ' ')
            c->token++;
        return;
    }
    c->token = http_cookie(c->task, c->request, API_COOKIE);
    c->by_cookie = c->token != NULL;
}

/* A page of another site can send the cookie's user here, never this header (CSRF). */
static bool
page_header_missing(const struct api_call *c)
{
    const char *page = http_header(c->request, "zhiben-page");

    return strcmp(c->route->method, "GET") != 0 && c->by_cookie && !text_equal(page, "1");
}

static bool
admitted(struct api_call *c)
{
    enum fault_code rc;

    if (c->route->access == API_OPEN)
        return true;
    find_token(c);
    rc = strcmp(c->route->method, "GET") == 0
             ? desk_caller(c->task, c->desk, c->store, c->token, &c->caller)
             : desk_caller_known(c->task, c->desk, c->store, c->known, c->token, &c->caller);
    if (rc) {
        api_problem(c, rc);
        return false;
    }
    c->caller.english = c->english;
    c->caller.address = c->request->address;
    c->caller.post = http_header(c->request, "zhiben-post");
    if (page_header_missing(c)) {
        api_refuse(c, 403, "缺少页面标识 | Forbidden",
                   "以会话写入须带 Zhiben-Page: 1。 | A write by session needs Zhiben-Page: 1.");
        return false;
    }
    return true;
}

static void
answer(struct api_call *c)
{
    enum fault_code rc;

    if (!admitted(c) || !api_takes_body(c))
        return;
    rc = api_query_once(c);
    if (!rc)
        rc = c->route->handle(c);
    /* What was asked of the store in vain is missing from the answer, whoever passed over it. */
    if (c->task->store_broke && rc < FAULT_BUSY)
        rc = c->task->fault.code < FAULT_BUSY ? FAULT_STORE : c->task->fault.code;
    if (rc)
        api_problem(c, rc);
}

static void
run(struct api_call *c)
{
    const char *allow;
    enum fault_code rc;

    c->route = api_find(c->task, c->request->method, c->request->path, c->params, &allow);
    if (!c->route && allow) {
        api_refuse(c, 405, "方法不可用 | Method Not Allowed",
                   "此网址不接受这个方法，可用的见 Allow。 | This path does not take this method; see "
                   "Allow.");
        http_answer_header(c->answer, "Allow", allow);
        return;
    }
    if (!c->route) {
        api_problem(c, FAULT_ABSENT);
        return;
    }
    if (strcmp(c->route->method, "GET") != 0) {
        answer(c);
        return;
    }
    /* Lists, figures and names of one answer come from one moment. */
    rc = desk_reader_hold(c->task, c->desk, c->store);
    if (rc)
        api_problem(c, rc);
    else
        answer(c);
    desk_reader_let_go(c->store);
}

/* ---- the log ---- */

static const char *
known_method(const char *method)
{
    static const char *const methods[] = {"GET",   "HEAD",    "POST",  "PUT",
                                          "PATCH", "DELETE", "OPTIONS"};
    size_t i;

    for (i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i], method) == 0)
            return methods[i];
    return "other";
}

static void
write_log(const struct api_call *c, int64_t duration_us)
{
    struct arena *a = c->task->arena;
    struct json *line = json_object(a);
    const char *text;

    json_set_str(a, line, "at", time_text(a, c->task->now));
    json_set_str(a, line, "request", c->request->id);
    json_set_str(a, line, "method", known_method(c->request->method));
    json_set_str(a, line, "route", c->route ? c->route->pattern : NULL);
    json_set_int(a, line, "status", c->answer->status);
    json_set_int(a, line, "duration_us", duration_us);
    json_set_int(a, line, "store_calls", (int64_t)c->task->store_calls);
    json_set_int(a, line, "bytes", (int64_t)c->answer->body_len);
    if (c->why)
        json_set_str(a, line, "why", c->why);
    text = arena_format(a, "%s\n", json_string(a, line));
    /* One call, past the stream and its lock: lines never mix, and no worker waits for another's. */
    (void)!write(fileno(c->api->options.log), text, strlen(text));
}

void
api_serve(void *who, void *state, struct task *t, const struct http_request *q,
          struct http_answer *a)
{
    struct api *api = who;
    struct api_worker *w = state;
    struct api_call c = {.task = t,
                         .api = api,
                         .desk = api->options.desk,
                         .store = w->store,
                         .known = w->known,
                         .request = q,
                         .answer = a,
                         .english = api_wants_english(q)};
    int64_t duration_us;

    run(&c);
    duration_us = time_monotonic_us() - q->started_us;
    api_metrics_count(api->metrics, c.route, a->status, duration_us, t->store_calls);
    if (api->options.log)
        write_log(&c, duration_us);
}
