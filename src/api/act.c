/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/act.c - routes that write records: a new one, one step.
 *
 * Knows: Location and ETag.
 * Does not know: whether the caller may.
 */
#include "api/inside.h"

static void
send_answer(struct api_call *c, const struct desk_answer *out)
{
    api_json(c, out->created ? 201 : 200, out->body);
    if (out->created && out->id)
        http_answer_header(c->answer, "Location",
                           arena_format(c->task->arena, API_ROOT "/records/%s", out->id));
    api_etag(c, out->revision);
}

enum fault_code
api_record_post(struct api_call *c)
{
    struct desk_request q;
    struct desk_answer out = {0};
    enum fault_code rc = api_write_headers(c, &q);

    if (!rc)
        rc = desk_create(c->task, c->desk, c->store, &c->caller, &q, c->request->body,
                         c->request->body_len, &out);
    if (!rc)
        send_answer(c, &out);
    return rc;
}

enum fault_code
api_step_post(struct api_call *c)
{
    struct desk_request q;
    struct desk_answer out = {0};
    enum fault_code rc = api_write_headers(c, &q);

    if (!rc)
        rc = desk_step(c->task, c->desk, c->store, &c->caller, &q, c->params[0], c->params[1],
                       c->request->body, c->request->body_len, &out);
    if (!rc)
        send_answer(c, &out);
    return rc;
}
