/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/request.c - what handlers read from a request and write into an answer.
 *
 * Knows: bodies, Idempotency-Key, If-Match, query strings, ETags.
 * Does not know: routes.
 */
#include "api/inside.h"

#include <string.h>

void
api_json(struct api_call *c, int status, const struct json *body)
{
    struct http_answer *a = c->answer;
    struct text out;

    text_init(&out, c->task->arena);
    json_write(&out, body);
    a->status = status;
    a->type = "application/json";
    a->body = text_string(&out);
    a->body_len = out.len;
    http_answer_header(a, "Cache-Control", "no-store");
}

void
api_etag(struct api_call *c, int revision)
{
    if (revision > 0)
        http_answer_header(c->answer, "ETag", arena_format(c->task->arena, "\"%d\"", revision));
}

enum fault_code
api_body(struct api_call *c, struct json **out)
{
    struct json *body;
    enum fault_code rc = json_read(c->task, c->request->body, c->request->body_len, &body);

    if (rc)
        return rc;
    if (!json_is(body, JSON_OBJECT))
        return fault(c->task, FAULT_INPUT, "", "须为 JSON 对象 | a JSON object is needed");
    *out = body;
    return FAULT_NONE;
}

static bool
is_printable(const char *s)
{
    for (; *s; s++)
        if (*s < 0x21 || *s > 0x7e)
            return false;
    return true;
}

enum fault_code
api_write_headers(struct api_call *c, struct desk_request *out)
{
    const struct http_request *q = c->request;
    const char *key = http_header(q, "idempotency-key");
    struct text print;

    if (key && (!*key || strlen(key) > LIMIT_KEY_LEN || !is_printable(key)))
        return fault(c->task, FAULT_INPUT, "/Idempotency-Key",
                     "Idempotency-Key 须为 1 到 %d 个可见 ASCII 字符 | Idempotency-Key has 1 to %d "
                     "visible ASCII characters",
                     LIMIT_KEY_LEN, LIMIT_KEY_LEN);
    memset(out, 0, sizeof *out);
    out->key = key;
    out->if_match = http_header(q, "if-match");
    if (key) {
        text_init(&print, c->task->arena);
        text_printf(&print, "%s %s\n", q->method, q->path);
        text_add(&print, q->body, q->body_len);
        out->fingerprint = text_string(&print);
        out->fingerprint_len = print.len;
    }
    return FAULT_NONE;
}

static bool
is_own(const char *name)
{
    return strcmp(name, "format") == 0;
}

static const char *
query_get(void *who, const char *name)
{
    const struct api_call *c = who;

    return is_own(name) ? NULL : http_query(c->request, name);
}

static const char *
query_name(void *who, size_t i)
{
    const struct api_call *c = who;
    size_t at, n = 0;

    for (at = 0; at < c->request->n_query; at++) {
        if (is_own(c->request->query[at].name))
            continue;
        if (n++ == i)
            return c->request->query[at].name;
    }
    return NULL;
}

struct desk_query
api_query(struct api_call *c)
{
    return (struct desk_query){.get = query_get, .name = query_name, .who = c};
}
