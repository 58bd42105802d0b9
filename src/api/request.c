/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/request.c - what handlers read from a request and write into an answer.
 *
 * Knows: bodies, Idempotency-Key, If-Match, query strings, ETags.
 * Does not know: routes.
 */
#include "api/inside.h"

#include <string.h>
#include <strings.h>

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
is_type(const char *type, const char *want)
{
    size_t len = strlen(want);

    return strncasecmp(type, want, len) == 0 && strchr("; \t", type[len]);
}

/*
 * curl and fetch name a text they are given text/plain or a form by themselves; whoever shows a token
 * is no page of another site, so those are read as the JSON they are. With a cookie only JSON is.
 */
bool
api_takes_body(struct api_call *c)
{
    const char *type = http_header(c->request, "content-type");

    if (!c->request->body_len || !api_is_shape(c->route->takes) || !type || !*type)
        return true;
    if (is_type(type, "application/json"))
        return true;
    if (!c->by_cookie && (is_type(type, "text/plain") || is_type(type, "application/x-www-form-urlencoded")))
        return true;
    api_refuse(c, 415, "不是 JSON | Unsupported Media Type",
               "请以 Content-Type: application/json 提交。 | Send it as Content-Type: application/json.");
    return false;
}

enum fault_code
api_query_once(struct api_call *c)
{
    const struct http_request *q = c->request;

    for (size_t i = 1; i < q->n_query; i++)
        for (size_t k = 0; k < i; k++)
            if (text_equal(q->query[i].name, q->query[k].name))
                return fault(c->task, FAULT_INPUT,
                             json_pointer(c->task->arena, "", q->query[i].name),
                             "这个参数只能给一次 | this parameter is given once");
    return FAULT_NONE;
}

static bool
is_word_of(const char *list, const char *name)
{
    size_t len = strlen(name), n;

    for (; list && *list; list += n + (list[n] == ' ')) {
        n = strcspn(list, " ");
        if (n == len && strncmp(list, name, n) == 0)
            return true;
    }
    return false;
}

enum fault_code
api_query_known(struct api_call *c)
{
    const struct http_request *q = c->request;

    for (size_t i = 0; i < q->n_query; i++)
        if (!is_word_of(c->route->query, q->query[i].name))
            return fault(c->task, FAULT_INPUT, json_pointer(c->task->arena, "", q->query[i].name),
                         "没有这个参数 | there is no such parameter");
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
