/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/project.c - changes stated by events into delta rows.
 *
 * Knows: an event carries what it changes, so that a row is written and none is looked for.
 * Does not know: how rows are folded into cells (rollup/fold.c).
 */
#include "base/time.h"
#include "rollup/rollup.h"

enum fault_code
rollup_project(struct task *t, struct store *s, const struct json *body, int64_t seq)
{
    const struct json *list = json_get(json_get(body, "outcome"), "figures");
    int64_t stream = json_int_of(body, "stream", 0);
    int32_t day = time_day(json_int_of(body, "at", 0));
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(list) && !rc; i++) {
        const struct json *x = json_at(list, i);
        struct text dims;

        text_init(&dims, t->arena);
        rc = json_canonical(t, json_get(x, "dims"), false, &dims);
        if (!rc)
            rc = store_run(t, s, NULL,
                           "INSERT INTO rollup_delta (stream, seq, n, figure, nodes, line, dims, period, "
                           "recorded_on, amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           "iiissisiii", stream, seq, (int64_t)i, json_text_of(x, "figure"),
                           json_string(t->arena, json_get(x, "nodes")), json_int_of(x, "line", 0),
                           text_string(&dims), json_int_of(x, "period", 0), (int64_t)day,
                           json_int_of(x, "amount", 0));
    }
    return rc;
}
