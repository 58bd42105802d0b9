/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/tick.c - everything due up to a time, as the running server would do it; and a demonstration
 * city that lives on.
 *
 * Knows: --now, --until.
 * Does not know: what is due.
 */
#include "cmd/cmd.h"

#include "base/time.h"

static struct json *
report_json(struct arena *a, const struct desk_tick_report *r)
{
    struct json *o = json_object(a);

    json_set_int(a, o, "fired", r->fired);
    json_set_int(a, o, "delivered", r->delivered);
    json_set_int(a, o, "folded", r->folded);
    json_set_int(a, o, "indexed", r->indexed);
    json_set_int(a, o, "anchored", r->anchored);
    return json_set_int(a, o, "aside", r->aside);
}

int
cmd_tick(struct cmd_line *l)
{
    const char *db = NULL, *now = NULL;
    const struct cmd_option options[] = {{"--db", &db, NULL}, {"--now", &now, NULL}, {0}};
    struct desk_tick_report report = {0};
    struct desk *d;
    struct task t;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || cmd_need(l, "--db", db) || cmd_task(l, now, &t))
        return 2;
    rc = cmd_desk(&t, db, false, &d);
    if (!rc) {
        cmd_clock(l, &t, d);
        rc = desk_tick(&t, d, &report);
        desk_close(d);
    }
    status = rc ? cmd_fail(l, &t, rc) : cmd_print(l, report_json(t.arena, &report), 0);
    task_release(&t);
    return status;
}

static void
progress(void *who, const char *line)
{
    cmd_say(who, "%s", line);
}

int
cmd_simulate(struct cmd_line *l)
{
    const char *db = NULL, *now = NULL, *until = NULL, *seed = "1";
    const char *given = NULL;
    const struct cmd_option options[] = {{"--db", &db, NULL},
                                         {"--now", &now, NULL},
                                         {"--until", &until, NULL},
                                         {"--seed", &given, NULL},
                                         {0}};
    uint64_t number;
    int32_t day;
    struct desk *d;
    struct task t;
    size_t n;
    int status = 0;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || cmd_need(l, "--db", db) ||
        cmd_need(l, "--until", until) || cmd_day(l, "--until", until, &day) ||
        cmd_number(l, "--seed", given ? given : seed, &number) || cmd_task(l, now, &t))
        return 2;
    rc = cmd_desk(&t, db, false, &d);
    if (!rc) {
        if (!desk_is_demo(d))
            rc = fault(&t, FAULT_STATE, NULL,
                       "这不是演示库 | this is no demonstration store");
        else
            rc = desk_simulate(&t, d, number, day, progress, l);
        desk_close(d);
    }
    if (rc)
        status = cmd_fail(l, &t, rc);
    task_release(&t);
    return status;
}
