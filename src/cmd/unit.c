/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/unit.c - an organ of a new district.
 *
 * Knows: the words of the command line.
 * Does not know: what a unit is.
 */
#include "cmd/cmd.h"

int
cmd_unit(struct cmd_line *l)
{
    const char *db = NULL, *now = NULL, *word = NULL;
    struct desk_organ o = {0};
    const struct cmd_option options[] = {{"--db", &db, NULL},
                                         {"--sort", &o.sort, NULL},
                                         {"--name", &o.name, NULL},
                                         {"--place", &o.place, NULL},
                                         {"--line", &o.line, NULL},
                                         {"--inspects", NULL, &o.inspects},
                                         {"--now", &now, NULL},
                                         {0}};
    struct json *out = NULL;
    struct desk *d = NULL;
    struct task t;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, &word, 1, &n))
        return 2;
    if (!text_equal(word, "add"))
        return cmd_wrong(l, "请写 add | say add");
    if (cmd_need(l, "--db", db) || cmd_need(l, "--sort", o.sort) || cmd_need(l, "--name", o.name) ||
        cmd_need(l, "--place", o.place) || cmd_task(l, now, &t))
        return 2;
    rc = cmd_desk(&t, db, false, &d);
    if (!rc)
        rc = desk_organ_add(&t, d, &o, &out);
    status = rc ? cmd_fail(l, &t, rc) : cmd_print(l, out, 0);
    desk_close(d);
    task_release(&t);
    return status;
}
