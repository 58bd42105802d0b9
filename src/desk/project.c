/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/project.c - the rows of any event, live and in a rebuild: org, record, rollup, notices.
 */
#include "desk/inside.h"
#include <string.h>

static enum fault_code
put_notices(struct task *t, struct store *s, const struct json *body, int64_t seq)
{
    const struct json *list = json_get(json_get(body, "outcome"), "notices");
    int64_t stream, rid, n = 0;
    enum fault_code rc = FAULT_NONE;

    if (!list || !record_id_read(json_text_of(body, "record"), &stream, &rid))
        return FAULT_NONE;
    for (size_t i = 0; i < json_count(list) && !rc; i++) {
        const struct json *one = json_at(list, i), *to = json_get(one, "to");

        for (size_t k = 0; k < json_count(to) && !rc; k++)
            rc = store_run(t, s, NULL,
                           "INSERT INTO desk_notice (party, at, stream, seq, n, rid, words) VALUES (?, ?, ?, "
                           "?, ?, ?, ?) ON CONFLICT DO NOTHING",
                           "siiiiis", json_text(json_at(to, k)), json_int_of(body, "at", 0), stream, seq, n++,
                           rid, json_text_of(one, "words"));
    }
    return rc;
}

/* What record has not made itself: figures and notices. */
static enum fault_code
project_rest(struct task *t, struct store *s, const struct json *body, int64_t seq)
{
    enum fault_code rc = rollup_project(t, s, body, seq);

    return rc ? rc : put_notices(t, s, body, seq);
}

enum fault_code
desk_project_made(struct task *t, struct store *s, const struct record_act *act)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < act->n_made && !rc; i++)
        rc = project_rest(t, s, act->made[i].body, act->made[i].seq);
    return rc;
}

enum fault_code
desk_project(struct task *t, struct store *s, const struct json *body, int64_t seq)
{
    const char *kind = json_text_of(body, "kind");
    struct json *name = NULL;
    enum fault_code rc;

    if (text_equal(kind, "anchor"))
        return FAULT_NONE;
    if (text_equal(kind, "org")) {
        if (json_get(json_get(body, "private"), "name")) {
            rc = chain_private(t, s, json_int_of(body, "stream", 0), seq, "name", &name);
            if (rc)
                return rc;
        }
        return org_project(t, s, body, json_text(name));
    }
    rc = record_project(t, s, body, seq);
    return rc ? rc : project_rest(t, s, body, seq);
}
