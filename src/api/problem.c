/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/problem.c - a fault as an RFC 9457 problem; the only file with status numbers for faults.
 *
 * Knows: fault codes, statuses, the reader's language.
 * Does not know: why something was refused.
 */
#include "api/inside.h"

#include <string.h>
#include <strings.h>

struct problem {
    enum fault_code code;
    int status;
    const char *title;
    bool told; /* the items say why; otherwise the detail below is all that is said */
    const char *detail;
};

static const struct problem problems[] = {
    {FAULT_INPUT, 422, "内容需要改正 | Unprocessable Content", true,
     "请按指出之处改正。 | Please mend what is pointed out."},
    {FAULT_SIGN_IN, 401, "需要登录 | Unauthorized", true,
     "请先登录。 | Please sign in first."},
    {FAULT_RIGHT, 403, "无权办理 | Forbidden", true,
     "您的岗位不能办理此事。 | None of your posts may do this."},
    {FAULT_ABSENT, 404, "没有找到 | Not Found", false,
     "没有这个内容，或不在您的权限范围内。 | There is no such thing, or it is not within your scope."},
    {FAULT_STATE, 409, "现在不能办理 | Conflict", true,
     "记录现在的状态不能办理这一步。 | The record's state does not allow this now."},
    {FAULT_REVISION, 412, "内容已被他人更新 | Precondition Failed", true,
     "您读取之后内容已经变化，请刷新后再办。 | It changed since you read it; read it again."},
    {FAULT_CONDITION, 428, "缺少版本 | Precondition Required", true,
     "请在 If-Match 中给出您读到的 ETag。 | Give the ETag you read in If-Match."},
    {FAULT_SIZE, 413, "内容太大 | Content Too Large", true,
     "超过了允许的大小。 | It is larger than what is allowed."},
    {FAULT_BUSY, 503, "服务繁忙 | Service Unavailable", true,
     "请稍后重试。 | Please try again in a moment."},
    {FAULT_STORE, 500, "服务内部错误 | Internal Server Error", false, NULL},
    {FAULT_PROOF, 500, "服务内部错误 | Internal Server Error", false, NULL},
};

bool
api_wants_english(const struct http_request *q)
{
    const char *language = http_header(q, "accept-language");

    return language && strncasecmp(language, "en", 2) == 0;
}

static const char *
half(struct api_call *c, const char *both)
{
    return text_half(c->task->arena, both, c->english);
}

static void
send_problem(struct api_call *c, int status, struct json *doc)
{
    struct http_answer *a = c->answer;

    http_stream_drop(a);
    memset(a, 0, sizeof *a);
    a->status = status;
    a->type = "application/problem+json";
    a->body = json_string(c->task->arena, doc);
    a->body_len = strlen(a->body);
    http_answer_header(a, "Cache-Control", "no-store");
    http_answer_header(a, "Content-Language", c->english ? "en" : "zh-CN");
    http_answer_header(a, "Vary", "Accept-Language");
}

static struct json *
document(struct api_call *c, const char *type, const char *title, int status, const char *detail,
         struct json *errors)
{
    struct arena *a = c->task->arena;
    struct json *doc = json_object(a);

    json_set_str(a, doc, "type", type);
    json_set_str(a, doc, "title", title);
    json_set_int(a, doc, "status", status);
    json_set_str(a, doc, "detail", detail);
    return json_set(a, doc, "errors", errors);
}

static struct json *
errors_of(struct api_call *c)
{
    struct arena *a = c->task->arena;
    const struct fault *f = &c->task->fault;
    struct json *errors = json_array(a);
    unsigned i;

    for (i = 0; i < f->n_items; i++) {
        struct json *item = json_object(a);

        json_set_str(a, item, "pointer", f->items[i].pointer ? f->items[i].pointer : "");
        json_set_str(a, item, "detail", c->english ? f->items[i].en : f->items[i].zh);
        json_push(a, errors, item);
    }
    return errors;
}

static const char *
detail_of(struct api_call *c, const struct problem *p)
{
    const struct fault *f = &c->task->fault;

    if (!p->detail)
        return arena_format(c->task->arena,
                            c->english ? "Please call the operator and name the request %s."
                                       : "请联系管理员，并告知请求号 %s。",
                            c->request->id);
    if (!p->told || f->code != p->code || !f->n_items)
        return half(c, p->detail);
    if (f->n_items == 1)
        return c->english ? f->items[0].en : f->items[0].zh;
    return arena_format(c->task->arena, c->english ? "%u places need mending." : "有 %u 处需要改正。",
                        f->n_items);
}

void
api_problem(struct api_call *c, enum fault_code code)
{
    const struct problem *p = &problems[sizeof problems / sizeof problems[0] - 1];
    const struct fault *f = &c->task->fault;
    bool told;
    size_t i;

    for (i = 0; i < sizeof problems / sizeof problems[0]; i++)
        if (problems[i].code == code)
            p = &problems[i];
    if (p->status >= 500)
        c->why = f->n_items ? f->items[0].en : fault_name(code);
    told = p->told && f->code == p->code;
    send_problem(c, p->status,
                 document(c, arena_format(c->task->arena, "urn:zhiben:%s", fault_name(p->code)),
                          half(c, p->title), p->status, detail_of(c, p),
                          told ? errors_of(c) : json_array(c->task->arena)));
    if (p->code == FAULT_SIGN_IN)
        http_answer_header(c->answer, "WWW-Authenticate", "Bearer");
    if (p->code == FAULT_BUSY)
        http_answer_header(c->answer, "Retry-After", "1");
}

void
api_refuse(struct api_call *c, int status, const char *title, const char *detail)
{
    send_problem(c, status,
                 document(c, "about:blank", half(c, title), status, half(c, detail),
                          json_array(c->task->arena)));
}
