/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/import.c - tables in and out, and a place's first days.
 *
 * Knows: multipart bodies, the media type of a workbook.
 * Does not know: columns, rows.
 */
#include "api/inside.h"

#include <string.h>

#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

static const struct http_part *
part_named(const struct http_part *parts, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(parts[i].name, name) == 0)
            return &parts[i];
    return NULL;
}

static const char *
text_of(struct api_call *c, const struct http_part *part)
{
    return part && part->len < 100 ? arena_copy(c->task->arena, part->bytes, part->len) : "";
}

enum fault_code
api_import_post(struct api_call *c)
{
    const struct http_part *parts, *file;
    struct desk_table table = {0};
    const char *mode;
    struct json *out;
    size_t n;
    enum fault_code rc = http_multipart(c->task, c->request, &parts, &n);

    if (rc)
        return rc;
    file = part_named(parts, n, "file");
    mode = text_of(c, part_named(parts, n, "mode"));
    table.kind = text_of(c, part_named(parts, n, "kind"));
    table.all_or_none = strcmp(mode, "all") == 0;
    if (!file || !file->len)
        return fault(c->task, FAULT_INPUT, "/file", "表单里没有文件 | the form has no file");
    if (*mode && strcmp(mode, "all") != 0 && strcmp(mode, "good") != 0)
        return fault(c->task, FAULT_INPUT, "/mode", "mode 为 good 或 all | mode is good or all");
    table.bytes = file->bytes;
    table.len = file->len;
    rc = desk_import_begin(c->task, c->desk, c->store, &c->caller, &table, &out);
    if (rc)
        return rc;
    api_json(c, 202, out);
    http_answer_header(c->answer, "Location",
                       arena_format(c->task->arena, API_ROOT "/imports/%s", json_text_of(out, "id")));
    return FAULT_NONE;
}

enum fault_code
api_imports(struct api_call *c)
{
    struct json *out;
    enum fault_code rc = desk_import_list(c->task, c->store, &c->caller, &out);

    if (!rc)
        api_json(c, 200, out);
    return rc;
}

enum fault_code
api_import(struct api_call *c)
{
    struct json *out;
    enum fault_code rc = desk_import_look(c->task, c->store, &c->caller, c->params[0], &out);

    if (!rc)
        api_json(c, 200, out);
    return rc;
}

enum fault_code
api_import_cancel(struct api_call *c)
{
    struct json *out;
    enum fault_code rc = desk_import_cancel(c->task, c->desk, c->store, &c->caller, c->params[0], &out);

    if (!rc)
        api_json(c, 200, out);
    return rc;
}

static void
send_workbook(struct api_call *c, const char *name, const char *bytes, size_t len)
{
    c->answer->status = 200;
    c->answer->type = XLSX;
    c->answer->body = bytes;
    c->answer->body_len = len;
    http_answer_header(c->answer, "Cache-Control", "no-store");
    http_answer_header(c->answer, "Content-Disposition",
                       arena_format(c->task->arena, "attachment; filename=\"%s.xlsx\"", name));
}

enum fault_code
api_import_report(struct api_call *c)
{
    const char *bytes;
    size_t len;
    enum fault_code rc = desk_import_report(c->task, c->store, &c->caller, c->params[0], &bytes, &len);

    if (!rc)
        send_workbook(c, "zhiben-to-mend", bytes, len);
    return rc;
}

enum fault_code
api_template(struct api_call *c)
{
    const char *bytes;
    size_t len;
    enum fault_code rc = desk_template(c->task, c->desk, c->store, &c->caller, c->params[0], &bytes, &len);

    if (!rc)
        send_workbook(c, arena_format(c->task->arena, "zhiben-%s", c->params[0]), bytes, len);
    return rc;
}

enum fault_code
api_setup(struct api_call *c)
{
    struct json *out;
    enum fault_code rc = desk_setup(c->task, c->desk, c->store, &c->caller, &out);

    if (!rc)
        api_json(c, 200, out);
    return rc;
}

enum fault_code
api_rules(struct api_call *c)
{
    struct json *out;
    enum fault_code rc = desk_rules_suggested(c->task, c->desk, c->store, &c->caller, &out);

    if (!rc)
        api_json(c, 200, out);
    return rc;
}

enum fault_code
api_rules_adopt(struct api_call *c)
{
    struct json *out;
    enum fault_code rc = desk_rules_adopt(c->task, c->desk, c->store, &c->caller, &out);

    if (!rc)
        api_json(c, 200, out);
    return rc;
}

enum fault_code
api_links_hand_out(struct api_call *c)
{
    struct json *out;
    enum fault_code rc = desk_links_hand_out(c->task, c->desk, c->store, &c->caller, &out);

    if (!rc)
        api_json(c, 200, out);
    return rc;
}
