/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/metrics.c - what the server counts about itself, and whether it is well.
 *
 * Counts by route, never by path or person.
 *
 * Knows: Prometheus' text form.
 * Does not know: what is in the store.
 */
#include "api/inside.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES 6 /* 2xx is 2 */

struct counted {
    atomic_uint_least64_t requests[CLASSES], duration_us, store_calls;
};

/* One for each route and, at the end, one for what fits none. */
struct api_metrics {
    struct counted at[64];
};

struct api_metrics *
api_metrics_new(void)
{
    struct api_metrics *m = calloc(1, sizeof *m);

    must(m != NULL && api_routes_len < sizeof m->at / sizeof m->at[0]);
    return m;
}

void
api_metrics_free(struct api_metrics *m)
{
    free(m);
}

void
api_metrics_count(struct api_metrics *m, const struct api_route *route, int status,
                  int64_t duration_us, uint64_t store_calls)
{
    struct counted *x = &m->at[route ? (size_t)(route - api_routes) : api_routes_len];

    atomic_fetch_add(&x->requests[status >= 200 && status <= 599 ? status / 100 : 5], 1);
    atomic_fetch_add(&x->duration_us, duration_us > 0 ? (uint64_t)duration_us : 0);
    atomic_fetch_add(&x->store_calls, store_calls);
}

static uint64_t
requests(const struct counted *x)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < CLASSES; i++)
        sum += atomic_load(&x->requests[i]);
    return sum;
}

static const char *
labels(struct task *t, size_t i)
{
    if (i == api_routes_len)
        return "method=\"\",route=\"\"";
    return arena_format(t->arena, "method=\"%s\",route=\"%s\"", api_routes[i].method,
                        api_routes[i].pattern);
}

static void
head(struct text *out, const char *name, const char *type, const char *help)
{
    text_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

const char *
api_metrics_text(struct task *t, const struct api_metrics *m, int64_t background_us)
{
    struct text out;
    size_t i, n;

    text_init(&out, t->arena);
    head(&out, "zhiben_http_requests_total", "counter", "Requests answered.");
    for (i = 0; i <= api_routes_len; i++)
        for (n = 2; n < CLASSES; n++)
            if (atomic_load(&m->at[i].requests[n]))
                text_printf(&out, "zhiben_http_requests_total{%s,class=\"%zuxx\"} %" PRIu64 "\n",
                            labels(t, i), n, (uint64_t)atomic_load(&m->at[i].requests[n]));
    head(&out, "zhiben_http_request_duration_seconds", "summary",
         "From the last byte of the request to the answer.");
    for (i = 0; i <= api_routes_len; i++) {
        uint64_t us = atomic_load(&m->at[i].duration_us);

        if (!requests(&m->at[i]))
            continue;
        text_printf(&out,
                    "zhiben_http_request_duration_seconds_sum{%s} %" PRIu64 ".%06" PRIu64 "\n",
                    labels(t, i), us / 1000000, us % 1000000);
        text_printf(&out, "zhiben_http_request_duration_seconds_count{%s} %" PRIu64 "\n",
                    labels(t, i), requests(&m->at[i]));
    }
    head(&out, "zhiben_store_calls_total", "counter", "Statements sent to the store.");
    for (i = 0; i <= api_routes_len; i++)
        if (requests(&m->at[i]))
            text_printf(&out, "zhiben_store_calls_total{%s} %" PRIu64 "\n", labels(t, i),
                        (uint64_t)atomic_load(&m->at[i].store_calls));
    head(&out, "zhiben_background_cpu_seconds_total", "counter",
         "CPU of clocks, folding and indexing, that no answer waits for.");
    text_printf(&out, "zhiben_background_cpu_seconds_total %" PRId64 ".%06" PRId64 "\n",
                background_us / 1000000, background_us % 1000000);
    head(&out, "zhiben_version", "gauge", "1, with the version as label.");
    text_printf(&out, "zhiben_version{version=\"%s\"} 1\n", ZHIBEN_VERSION);
    return text_string(&out);
}

enum fault_code
api_metrics_get(struct api_call *c)
{
    c->answer->status = 200;
    c->answer->type = "text/plain; version=0.0.4; charset=utf-8";
    c->answer->body = api_metrics_text(c->task, c->api->metrics, desk_background_us(c->desk));
    c->answer->body_len = strlen(c->answer->body);
    http_answer_header(c->answer, "Cache-Control", "no-store");
    return FAULT_NONE;
}

static enum fault_code
well(struct api_call *c)
{
    struct json *out = json_object(c->task->arena);

    json_set_str(c->task->arena, out, "status", "ok");
    api_json(c, 200, json_set_str(c->task->arena, out, "version", ZHIBEN_VERSION));
    return FAULT_NONE;
}

enum fault_code
api_healthz(struct api_call *c)
{
    return well(c);
}

/* Ready when a read comes back. */
enum fault_code
api_readyz(struct api_call *c)
{
    if (desk_reader_answers(c->task, c->store))
        return FAULT_BUSY;
    return well(c);
}
