/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/file.c - attachments in and out, and ledgers as files.
 *
 * Knows: multipart bodies, media types, the greatest answer.
 * Does not know: what a picture is, what a row holds.
 */
#include "api/inside.h"

#include <string.h>

enum fault_code
api_file_post(struct api_call *c)
{
    const struct http_part *parts, *file = NULL;
    struct desk_request q;
    struct json *out;
    size_t n, i;
    enum fault_code rc = api_write_headers(c, &q);

    if (!rc)
        rc = http_multipart(c->task, c->request, &parts, &n);
    if (rc)
        return rc;
    for (i = 0; i < n; i++) {
        if (!parts[i].file_name)
            continue;
        if (file)
            return fault(c->task, FAULT_INPUT, "/file",
                         "一次上传一个文件 | one file at a time");
        file = &parts[i];
    }
    if (!file)
        return fault(c->task, FAULT_INPUT, "/file",
                     "表单里没有文件 | the form has no file");
    /* The boundary of a form is drawn anew each time it is sent; the file is what stays the same. */
    q.fingerprint = file->bytes;
    q.fingerprint_len = file->len;
    rc = desk_file_put(c->task, c->desk, c->store, &c->caller, &q, file->bytes, file->len, &out);
    if (rc)
        return rc;
    api_json(c, 201, out);
    if (json_text_of(out, "digest"))
        http_answer_header(
            c->answer, "Location",
            arena_format(c->task->arena, API_ROOT "/files/%s", json_text_of(out, "digest")));
    return FAULT_NONE;
}

/* Asked of the desk each time, so that a lost right ends a copy the browser kept. */
enum fault_code
api_file(struct api_call *c)
{
    struct http_answer *a = c->answer;
    const char *bytes, *type, *held = http_header(c->request, "if-none-match");
    const char *etag = arena_format(c->task->arena, "\"%s\"", c->params[0]);
    size_t len;
    enum fault_code rc = desk_file_get(c->task, c->desk, c->store, &c->caller, c->params[0],
                                       &bytes, &len, &type);

    if (rc)
        return rc;
    http_answer_header(a, "ETag", etag);
    http_answer_header(a, "Cache-Control", "private, no-cache");
    if (text_equal(held, etag)) {
        a->status = 304;
        return FAULT_NONE;
    }
    a->status = 200;
    a->type = type;
    a->body = bytes;
    a->body_len = len;
    /* What somebody sent never runs as a page of ours. */
    http_answer_header(a, "Content-Security-Policy", "default-src 'none'; sandbox");
    http_answer_header(a, "Content-Disposition",
                       text_starts(type, "image/") ? "inline" : "attachment");
    return FAULT_NONE;
}

struct collected {
    struct text out;
    bool over;
};

static void
collect(void *who, const char *bytes, size_t len)
{
    struct collected *x = who;

    if (x->over || x->out.len + len > API_EXPORT_MAX) {
        x->over = true;
        return;
    }
    text_add(&x->out, bytes, len);
}

enum fault_code
api_export(struct api_call *c)
{
    const char *format = http_query(c->request, "format");
    struct desk_query q = api_query(c);
    struct collected x = {.over = false};
    bool json;
    enum fault_code rc;

    if (!format || !*format)
        format = "csv";
    json = strcmp(format, "json") == 0;
    if (!json && strcmp(format, "csv") != 0)
        return fault(c->task, FAULT_INPUT, "/format",
                     "格式只有 csv 和 json | the formats are csv and json");
    text_init(&x.out, c->task->arena);
    rc = desk_export(c->task, c->desk, c->store, &c->caller, &q, format, collect, &x);
    if (rc)
        return rc;
    if (x.over)
        return fault(c->task, FAULT_SIZE, "",
                     "导出超过 64 MB，请用筛选缩小范围 | the export is over 64 MB; narrow it by filters");
    c->answer->status = 200;
    c->answer->type = json ? "application/json" : "text/csv; charset=utf-8";
    c->answer->body = text_string(&x.out);
    c->answer->body_len = x.out.len;
    http_answer_header(c->answer, "Cache-Control", "no-store");
    http_answer_header(c->answer, "Content-Disposition",
                       json ? "attachment; filename=\"zhiben.json\""
                            : "attachment; filename=\"zhiben.csv\"");
    return FAULT_NONE;
}
