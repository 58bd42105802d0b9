/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/verify.c - proving the log and the figures; making derived tables again.
 *
 * Knows: how a verdict is said.
 * Does not know: how it is found.
 */
#include "cmd/cmd.h"

#include <stdio.h>

static int
say_verdict(struct cmd_line *l, struct arena *a, const struct desk_verdict *v)
{
    struct json *o = json_object(a);

    json_set_int(a, o, "streams", v->streams);
    json_set_int(a, o, "events", v->events);
    json_set_int(a, o, "cells", v->cells);
    if (!v->wrong)
        return cmd_print(l, o, 0);
    json_set_str(a, o, "wrong", text_half(a, v->wrong, l->english));
    cmd_say(l, "%s", v->wrong);
    return cmd_print(l, o, 1);
}

int
cmd_verify(struct cmd_line *l)
{
    const char *db = NULL;
    bool figures = false;
    const struct cmd_option options[] = {{"--db", &db, NULL}, {"--figures", NULL, &figures}, {0}};
    struct desk_verdict verdict = {0};
    struct desk *d;
    struct task t;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || cmd_need(l, "--db", db) || cmd_task(l, NULL, &t))
        return 2;
    rc = cmd_desk(&t, db, true, &d);
    if (!rc) {
        rc = desk_verify(&t, d, figures, &verdict);
        desk_close(d);
    }
    status = rc ? cmd_fail(l, &t, rc) : say_verdict(l, t.arena, &verdict);
    task_release(&t);
    return status;
}

int
cmd_rebuild(struct cmd_line *l)
{
    const char *db = NULL, *differs = NULL;
    const struct cmd_option options[] = {{"--db", &db, NULL}, {0}};
    struct json *o;
    struct desk *d;
    struct task t;
    int64_t events = 0;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || cmd_need(l, "--db", db) || cmd_task(l, NULL, &t))
        return 2;
    rc = cmd_desk(&t, db, false, &d);
    if (!rc) {
        rc = desk_rebuild(&t, d, &events, &differs);
        desk_close(d);
    }
    if (rc) {
        status = cmd_fail(l, &t, rc);
    } else {
        o = json_set_int(t.arena, json_object(t.arena), "events", events);
        json_set_str(t.arena, o, "differs", differs);
        if (differs)
            cmd_say(l, "重建后不同：%s | these came out other than they were: %s", differs, differs);
        status = cmd_print(l, o, 0);
    }
    task_release(&t);
    return status;
}
