/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/carry.c - an old ledger: its headings read, its rows checked. The act itself is a record.
 *
 * Knows: the parts of the form.
 * Does not know: what a column means.
 */
#include "api/inside.h"
#include <stdlib.h>

static const char *
field_of(struct api_call *c, const struct http_part *parts, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(parts[i].name, name) && !parts[i].file_name)
            return arena_copy(c->task->arena, parts[i].bytes, parts[i].len);
    return NULL;
}

enum fault_code
api_carry_post(struct api_call *c)
{
    const struct http_part *parts;
    struct desk_carry_file in = {.kind = NULL};
    struct json *out;
    const char *sheet;
    size_t n;
    enum fault_code rc = http_multipart(c->task, c->request, &parts, &n);

    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++)
        if (parts[i].file_name && !in.bytes) {
            in.bytes = parts[i].bytes;
            in.len = parts[i].len;
        }
    if (!in.bytes)
        return fault(c->task, FAULT_INPUT, "/file", "表单里没有文件 | the form has no file");
    in.kind = field_of(c, parts, n, "kind");
    sheet = field_of(c, parts, n, "sheet");
    in.sheet = sheet ? strtoll(sheet, NULL, 10) : 0;
    rc = desk_carry_read(c->task, c->desk, c->store, &c->caller, &in, &out);
    if (!rc)
        api_json(c, 200, out);
    return rc;
}

enum fault_code
api_carry_check(struct api_call *c)
{
    struct json *in, *out;
    enum fault_code rc = api_body(c, &in);

    if (!rc)
        rc = desk_carry_check(c->task, c->desk, c->store, &c->caller, in, &out);
    if (!rc)
        api_json(c, 200, out);
    return rc;
}

enum fault_code
api_carry(struct api_call *c)
{
    struct json *out;
    enum fault_code rc = desk_carry_report(c->task, c->desk, c->store, &c->caller, c->params[0], &out);

    if (!rc)
        api_json(c, 200, out);
    return rc;
}
