/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/place.c - dated changes of places, and open work that goes to another holder.
 *
 * Knows: rename, move, merge; --from and --to.
 * Does not know: what a change takes along; desk does.
 */
#include "cmd/cmd.h"

#include <string.h>

static enum fault_code
change(struct task *t, struct desk *d, const char *const *words, size_t n, const char *to,
       int64_t *moved)
{
    if (strcmp(words[0], "rename") == 0 && n == 3)
        return desk_place_rename(t, d, words[1], words[2]);
    return desk_place_move(t, d, words[1], to, strcmp(words[0], "merge") == 0, moved);
}

static bool
is_change(const char *const *words, size_t n, const char *to)
{
    if (!n)
        return false;
    if (strcmp(words[0], "rename") == 0)
        return n == 3 && !to;
    return n == 2 && to && (strcmp(words[0], "move") == 0 || strcmp(words[0], "merge") == 0);
}

int
cmd_place(struct cmd_line *l)
{
    const char *db = NULL, *now = NULL, *to = NULL, *words[3];
    const struct cmd_option options[] = {
        {"--db", &db, NULL}, {"--to", &to, NULL}, {"--now", &now, NULL}, {0}};
    struct desk *d = NULL;
    struct json *out;
    struct task t;
    size_t n;
    int64_t moved = 0;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, words, 3, &n) || cmd_need(l, "--db", db))
        return 2;
    if (!is_change(words, n, to))
        return cmd_wrong(l, "用法：zhiben place %s | usage: zhiben place %s", l->cmd->usage, l->cmd->usage);
    if (cmd_task(l, now, &t))
        return 2;
    rc = cmd_desk(&t, db, false, &d);
    if (!rc)
        rc = change(&t, d, words, n, to, &moved);
    if (rc) {
        status = cmd_fail(l, &t, rc);
    } else {
        out = json_object(t.arena);
        json_set_str(t.arena, out, words[0], words[1]);
        json_set_int(t.arena, out, "records", moved);
        status = cmd_print(l, out, 0);
    }
    desk_close(d);
    task_release(&t);
    return status;
}

static enum fault_code
person_of(struct task *t, struct desk *d, const char *account, int64_t *person)
{
    struct desk_caller c;
    enum fault_code rc = desk_caller_account(t, d, desk_store(d), account, &c);

    *person = c.person;
    return rc;
}

int
cmd_handover(struct cmd_line *l)
{
    const char *db = NULL, *now = NULL, *from = NULL, *to = NULL;
    const struct cmd_option options[] = {{"--db", &db, NULL},
                                         {"--from", &from, NULL},
                                         {"--to", &to, NULL},
                                         {"--now", &now, NULL},
                                         {0}};
    struct desk *d = NULL;
    struct task t;
    size_t n;
    int64_t giver = 0, taker = 0, moved = 0;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || cmd_need(l, "--db", db) ||
        cmd_need(l, "--from", from) || cmd_need(l, "--to", to) || cmd_task(l, now, &t))
        return 2;
    rc = cmd_desk(&t, db, false, &d);
    if (!rc)
        rc = person_of(&t, d, from, &giver);
    if (!rc)
        rc = person_of(&t, d, to, &taker);
    if (!rc)
        rc = desk_hand_over(&t, d, giver, taker, &moved);
    status = rc ? cmd_fail(l, &t, rc)
                : cmd_print(l, json_set_int(t.arena, json_object(t.arena), "records", moved), 0);
    desk_close(d);
    task_release(&t);
    return status;
}
