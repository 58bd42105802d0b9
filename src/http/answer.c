/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/answer.c - answers on their way out, and the refusals this room makes itself.
 *
 * Every answer carries its request id and the headers of a site that loads nothing from elsewhere;
 * one that an answer sets itself is not added a second time. Refusals are RFC 9457 problems in the
 * language the caller asks for.
 *
 * Knows: headers, problem documents, MHD_Response.
 * Does not know: routes, faults of other rooms.
 */
#include "http/inside.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>
#include <time.h>

/* Style attributes are the only thing inline: Element Plus writes some. */
static const struct http_pair safety[] = {
    {"Content-Security-Policy",
     "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
     "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "same-origin"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
};
#define SAFETY_LEN (sizeof safety / sizeof safety[0])

const struct http_refusal http_bad_path = {
    400, "请求有误", "Bad Request",
    "网址的路径不可用：%XX 转义不完整、不是 UTF-8，或含有控制字符、“.”“..”段或转义的斜杠。",
    "The path is not usable: a broken %XX escape, not UTF-8, or a control character, a dot "
    "segment or an escaped slash in it."};
const struct http_refusal http_bad_query = {
    400, "请求有误", "Bad Request",
    "网址的查询部分不可用：%XX 转义不完整、不是 UTF-8，或参数超过 64 个。",
    "The query is not usable: a broken %XX escape, not UTF-8, or more than 64 parameters."};
const struct http_refusal http_bad_header = {
    400, "请求有误", "Bad Request", "请求头不可用：不是 UTF-8，或请求体长度有两种说法。",
    "A header is not usable: not UTF-8, or the length of the body is said in two ways."};
const struct http_refusal http_long_url = {
    414, "网址太长", "URI Too Long", "网址最多 8192 个字节。", "A URL has at most 8192 bytes."};
const struct http_refusal http_long_headers = {
    431, "请求头太长", "Request Header Fields Too Large",
    "请求头合计最多 16384 个字节；请清除本站的 Cookie 后再试。",
    "The headers of a request have at most 16384 bytes; please clear the cookies of this site and try again."};
const struct http_refusal http_long_body = {413, "内容太大", "Content Too Large",
                                            "请求体超过此处允许的大小。",
                                            "The body is larger than this path takes."};
const struct http_refusal http_full = {503, "服务繁忙", "Service Unavailable",
                                       "排队的请求已满，请一秒后重试。",
                                       "The queue is full; please try again in a second."};
const struct http_refusal http_stopping = {
    503, "服务正在停止", "Service Unavailable", "服务正在停止或重启，请稍后重试。",
    "The service is stopping or starting anew; please try again."};
const struct http_refusal http_broken = {
    500, "服务内部错误", "Internal Server Error", "回答不合 HTTP 的规则，未发出。请联系管理员。",
    "The answer broke a rule of HTTP and was not sent. Please call the operator."};

void
http_answer_header(struct http_answer *a, const char *name, const char *value)
{
    must(a->n_headers < sizeof a->headers / sizeof a->headers[0]);
    a->headers[a->n_headers].name = name;
    a->headers[a->n_headers].value = value;
    a->n_headers++;
}

static bool
is_set(const struct http_answer *a, const char *name)
{
    size_t i;

    for (i = 0; i < a->n_headers; i++)
        if (strcasecmp(a->headers[i].name, name) == 0)
            return true;
    return false;
}

/* NULL where a header cannot be sent, as with a line break in it. */
static struct MHD_Response *
respond(struct http_connection *c, const struct http_answer *a)
{
    struct MHD_Response *r;
    bool sound = a->status >= 200 && a->status <= 599;
    size_t i;

    /* Copied by libmicrohttpd, so that a slow reader holds the answer and not the whole task. */
    if (a->stream)
        r = http_stream_response(c, a->stream);
    else
        r = MHD_create_response_from_buffer(a->body ? a->body_len : 0, (void *)(uintptr_t)a->body,
                                            a->body && a->body_len ? MHD_RESPMEM_MUST_COPY
                                                                   : MHD_RESPMEM_PERSISTENT);
    if (!r)
        return NULL;
    if (a->type)
        sound = sound && MHD_add_response_header(r, "Content-Type", a->type) == MHD_YES;
    for (i = 0; i < a->n_headers; i++)
        sound =
            sound && MHD_add_response_header(r, a->headers[i].name, a->headers[i].value) == MHD_YES;
    for (i = 0; i < SAFETY_LEN; i++)
        if (!is_set(a, safety[i].name))
            sound = sound && MHD_add_response_header(r, safety[i].name, safety[i].value) == MHD_YES;
    sound = sound && MHD_add_response_header(r, "X-Request-Id", c->id) == MHD_YES;
    if (sound)
        return r;
    MHD_destroy_response(r);
    return NULL;
}

void
http_answer_make(struct http_connection *c, const struct http_answer *a)
{
    c->response = respond(c, a);
    c->status = (unsigned)a->status;
    if (!c->response)
        http_answer_refusal(c, &http_broken);
}

static void
refusal_answer(struct http_connection *c, const struct http_refusal *why, struct http_answer *a)
{
    bool english = http_wants_english(&c->request);

    memset(a, 0, sizeof *a);
    a->status = why->status;
    a->type = "application/problem+json";
    a->body = arena_format(c->task.arena,
                           "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,"
                           "\"detail\":\"%s\",\"errors\":[]}\n",
                           english ? why->title_en : why->title_zh, why->status,
                           english ? why->detail_en : why->detail_zh);
    a->body_len = strlen(a->body);
    http_answer_header(a, "Cache-Control", "no-store");
    http_answer_header(a, "Content-Language", english ? "en" : "zh-CN");
    if (why->status == 503)
        http_answer_header(a, "Retry-After", "1");
    if (why == &http_stopping)
        http_answer_header(a, "Connection", "close");
}

void
http_answer_refusal(struct http_connection *c, const struct http_refusal *why)
{
    struct http_answer a;

    refusal_answer(c, why, &a);
    c->response = respond(c, &a);
    c->status = (unsigned)why->status;
}

void
http_refuse_at_once(struct http_connection *c, const struct http_refusal *why)
{
    time_t now = (time_t)(c->server->options.now(c->server->options.who) / 1000);
    struct http_answer a;
    struct text out;
    struct tm at;
    char date[64];
    size_t i;

    refusal_answer(c, why, &a);
    gmtime_r(&now, &at);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &at);
    text_init(&out, c->task.arena);
    text_printf(&out, "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: close\r\n", why->status,
                MHD_get_reason_phrase_for((unsigned)why->status), date);
    for (i = 0; i < a.n_headers; i++)
        if (strcmp(a.headers[i].name, "Connection") != 0)
            text_printf(&out, "%s: %s\r\n", a.headers[i].name, a.headers[i].value);
    for (i = 0; i < SAFETY_LEN; i++)
        text_printf(&out, "%s: %s\r\n", safety[i].name, safety[i].value);
    text_printf(&out, "X-Request-Id: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", c->id,
                a.type, a.body_len);
    text_add(&out, a.body, a.body_len);
    /* Between two answers the socket's buffer is empty, so that this fits. A peer that has gone
     * needs no reason. */
    (void)!send(c->fd, out.bytes, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(c->fd, SHUT_WR);
    c->refused = true;
    http_watch_enter(c, HTTP_LINGER);
}
