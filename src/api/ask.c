/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/ask.c - routes that only read: who I am, places, units, kinds, records, figures, the feed.
 *
 * Knows: which parameters go to which function of the desk.
 * Does not know: what the caller may see.
 */
#include "api/inside.h"

#include <stdlib.h>

static const char *
query(struct api_call *c, const char *name)
{
    const char *value = http_query(c->request, name);

    return value && *value ? value : NULL;
}

/* Most answers are one JSON value or a fault. */
static enum fault_code
answer(struct api_call *c, enum fault_code rc, const struct json *out)
{
    if (!rc)
        api_json(c, 200, out);
    return rc;
}

enum fault_code
api_me(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_me(c->task, c->desk, c->store, &c->caller, &out);

    return answer(c, rc, out);
}

enum fault_code
api_people(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_people(c->task, c->desk, c->store, &c->caller, query(c, "unit"),
                                     query(c, "q"), &out);

    return answer(c, rc, out);
}

enum fault_code
api_sign_ins(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_sign_ins(c->task, c->store, &c->caller, query(c, "account"), query(c, "limit"),
                                       query(c, "cursor"), &out);

    return answer(c, rc, out);
}

enum fault_code
api_grants(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_grants(c->task, c->store, &c->caller, query(c, "sort"), query(c, "limit"),
                                     query(c, "cursor"), &out);

    return answer(c, rc, out);
}

enum fault_code
api_accounts(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_accounts(c->task, c->store, &c->caller, query(c, "q"), query(c, "limit"),
                                       query(c, "cursor"), &out);

    return answer(c, rc, out);
}

enum fault_code
api_places(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_places(c->task, c->desk, c->store, &c->caller, query(c, "parent"),
                                     query(c, "q"), &out);

    return answer(c, rc, out);
}

enum fault_code
api_place(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc =
        desk_place(c->task, c->desk, c->store, &c->caller, c->params[0], &out);

    return answer(c, rc, out);
}

enum fault_code
api_units(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_units(c->task, c->desk, c->store, &c->caller, query(c, "place"),
                                    query(c, "q"), &out);

    return answer(c, rc, out);
}

enum fault_code
api_unit(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_unit(c->task, c->desk, c->store, &c->caller, c->params[0], &out);

    return answer(c, rc, out);
}

enum fault_code
api_kinds(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_kinds(c->task, c->desk, c->store, &c->caller, &out);

    return answer(c, rc, out);
}

enum fault_code
api_kind(struct api_call *c)
{
    const char *text = query(c, "version");
    struct json *out = NULL;
    long version = 0;
    char *end;
    enum fault_code rc;

    if (text) {
        version = *text >= '1' && *text <= '9' ? strtol(text, &end, 10) : 0;
        if (version < 1 || version > 1000000 || *end)
            return fault(c->task, FAULT_INPUT, "/version",
                         "版本须为正整数 | a version is a whole number from 1");
    }
    rc = desk_kind(c->task, c->desk, c->store, &c->caller, c->params[0], (int)version, &out);
    return answer(c, rc, out);
}

enum fault_code
api_codes(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_codes(c->task, c->desk, c->store, &c->caller, c->params[0],
                                    query(c, "q"), &out);

    return answer(c, rc, out);
}

enum fault_code
api_records(struct api_call *c)
{
    struct desk_query q = api_query(c);
    struct json *out = NULL;
    enum fault_code rc = desk_records(c->task, c->desk, c->store, &c->caller, &q, &out);

    return answer(c, rc, out);
}

enum fault_code
api_record(struct api_call *c)
{
    struct desk_answer out = {0};
    enum fault_code rc = desk_record(c->task, c->desk, c->store, &c->caller, c->params[0],
                                     query(c, "as_of"), &out);

    if (!rc)
        rc = api_query_known(c);
    if (rc)
        return rc;
    api_json(c, 200, out.body);
    api_etag(c, out.revision);
    return FAULT_NONE;
}

enum fault_code
api_events(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc =
        desk_events(c->task, c->desk, c->store, &c->caller, c->params[0], &out);

    return answer(c, rc, out);
}

enum fault_code
api_steps(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc =
        desk_steps(c->task, c->desk, c->store, &c->caller, c->params[0], &out);

    return answer(c, rc, out);
}

enum fault_code
api_proof(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc =
        desk_proof(c->task, c->desk, c->store, &c->caller, c->params[0], &out);

    return answer(c, rc, out);
}

enum fault_code
api_figures(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_figures(c->task, c->desk, c->store, &c->caller, &out);

    return answer(c, rc, out);
}

enum fault_code
api_series_list(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_series_list(c->task, c->desk, &out);

    return answer(c, rc, out);
}

enum fault_code
api_series(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_series(c->task, c->desk, c->params[0], &out);

    return answer(c, rc, out);
}

enum fault_code
api_figure(struct api_call *c)
{
    struct desk_query q = api_query(c);
    struct json *out = NULL;
    enum fault_code rc =
        desk_figure(c->task, c->desk, c->store, &c->caller, c->params[0], &q, &out);

    if (!rc)
        rc = api_query_known(c);
    return answer(c, rc, out);
}

enum fault_code
api_feed(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc =
        desk_feed(c->task, c->desk, c->store, &c->caller, query(c, "after"), &out);

    return answer(c, rc, out);
}

static bool
live_put(void *to, const char *bytes, size_t len)
{
    return http_stream_put(to, bytes, len);
}

static size_t
live_waiting(void *to)
{
    return http_stream_waiting(to);
}

static bool
live_there(void *to)
{
    return http_stream_there(to);
}

static void
live_end(void *to)
{
    http_stream_end(to);
}

enum fault_code
api_live(struct api_call *c)
{
    struct http_stream *x = http_answer_stream(c->answer);
    const struct desk_sink sink = {
        .to = x, .put = live_put, .waiting = live_waiting, .there = live_there, .end = live_end};
    enum fault_code rc;

    if (!x)
        return fault(c->task, FAULT_BUSY, NULL,
                     "本机的实时连接已满；请稍后再试，或照常刷新页面 | this server holds as many live streams as it may; try "
                     "again later, or reload pages as before");
    rc = desk_live_open(c->task, c->desk, c->store, &c->caller, c->token,
                        http_header(c->request, "last-event-id"), &sink);

    if (rc) {
        http_stream_drop(c->answer);
        http_stream_end(x);
        return rc;
    }
    c->answer->status = 200;
    c->answer->type = "text/event-stream";
    http_answer_header(c->answer, "Cache-Control", "no-store");
    /* A proxy that collects answers would hold every event back. */
    http_answer_header(c->answer, "X-Accel-Buffering", "no");
    return FAULT_NONE;
}

enum fault_code
api_notices(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_notices(c->task, c->desk, c->store, &c->caller, &out);

    return answer(c, rc, out);
}

enum fault_code
api_plates(struct api_call *c)
{
    struct json *out = NULL;
    enum fault_code rc = desk_plates(c->task, c->desk, c->store, &out);

    return answer(c, rc, out);
}
