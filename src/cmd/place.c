/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/place.c - dated changes of places, and open work that goes to another holder.
 *
 * Knows: rename, move, merge; --to and --end-posts; --from and --to of what is handed over.
 * Does not know: what a change takes along; desk does.
 */
#include "cmd/cmd.h"

#include <string.h>

struct asked {
    const char *words[3], *to;
    bool end_posts;
    size_t n;
};

static bool
is_change(const struct asked *q)
{
    if (!q->n)
        return false;
    if (strcmp(q->words[0], "rename") == 0)
        return q->n == 3 && !q->to && !q->end_posts;
    if (strcmp(q->words[0], "move") == 0)
        return q->n == 2 && q->to && !q->end_posts;
    return q->n == 2 && q->to && strcmp(q->words[0], "merge") == 0;
}

static enum fault_code
change(struct task *t, struct desk *d, const struct asked *q, struct desk_place_report *out)
{
    const struct desk_place_change how = {.code = q->words[1],
                                          .to = q->to,
                                          .merges = strcmp(q->words[0], "merge") == 0,
                                          .ends_posts = q->end_posts};

    if (strcmp(q->words[0], "rename") == 0)
        return desk_place_rename(t, d, q->words[1], q->words[2]);
    return desk_place_move(t, d, &how, out);
}

int
cmd_place(struct cmd_line *l)
{
    struct asked q = {.n = 0};
    const char *db = NULL, *now = NULL;
    const struct cmd_option options[] = {{"--db", &db, NULL},
                                         {"--to", &q.to, NULL},
                                         {"--end-posts", NULL, &q.end_posts},
                                         {"--now", &now, NULL},
                                         {0}};
    struct desk_place_report report = {0};
    struct desk *d = NULL;
    struct json *out;
    struct task t;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, q.words, 3, &q.n) || cmd_need(l, "--db", db))
        return 2;
    if (!is_change(&q))
        return cmd_wrong(l, "用法：zhiben place %s | usage: zhiben place %s", l->cmd->usage, l->cmd->usage);
    if (cmd_task(l, now, &t))
        return 2;
    rc = cmd_desk(&t, db, false, &d);
    if (!rc)
        rc = change(&t, d, &q, &report);
    if (rc) {
        status = cmd_fail(l, &t, rc);
    } else {
        out = json_object(t.arena);
        json_set_str(t.arena, out, q.words[0], q.words[1]);
        json_set_int(t.arena, out, "records", report.records);
        json_set_int(t.arena, out, "units", report.units);
        json_set_int(t.arena, out, "posts", report.posts);
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
