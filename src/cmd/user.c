/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/user.c - accounts of people: add, password, link, close.
 *
 * A password comes by standard input alone: a command line can be read by everyone on the machine.
 *
 * Knows: words of the command.
 * Does not know: how accounts are kept.
 */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#define PASSWORD_MOST 256
#define OWN_URL "http://127.0.0.1:8080" /* where serve listens unless told otherwise */

struct asked {
    const char *db, *now, *action, *url;
    struct desk_user user;
    bool from_stdin;
    char password[PASSWORD_MOST];
};

static int
read_password(struct cmd_line *l, struct asked *q)
{
    size_t len;

    if (!q->from_stdin)
        return cmd_wrong(l, "缺少 --password-stdin | --password-stdin is missing");
    if (!fgets(q->password, sizeof q->password, stdin))
        return cmd_wrong(l, "标准输入里没有密码 | there is no password on standard input");
    len = strcspn(q->password, "\r\n");
    if (!q->password[len] && !feof(stdin))
        return cmd_wrong(l, "密码太长 | the password is too long");
    q->password[len] = '\0';
    q->user.password = q->password;
    return 0;
}

/* The token stands behind the #, which no browser sends and no log keeps. */
struct json *
cmd_link(struct task *t, const char *url, const struct json *link)
{
    struct json *out = json_object(t->arena);
    size_t len = strlen(url ? url : OWN_URL);

    if (url && len && url[len - 1] == '/')
        len--;
    if (json_get(link, "account"))
        json_set(t->arena, out, "account", json_get(link, "account"));
    json_set_str(t->arena, out, "link",
                 arena_format(t->arena, "%.*s/first-day#%s", (int)len, url ? url : OWN_URL,
                              json_text_of(link, "token")));
    return json_set(t->arena, out, "expires_at", json_get(link, "expires_at"));
}

static int
check_asked(struct cmd_line *l, struct asked *q)
{
    bool adds = text_equal(q->action, "add"), closes = text_equal(q->action, "close");

    if (text_equal(q->action, "link")) {
        if (q->user.name || q->user.unit || q->user.role || q->from_stdin)
            return cmd_wrong(l, "link 只用 --account 和 --url | link takes --account and --url alone");
        return cmd_need(l, "--db", q->db);
    }
    if (!adds && !closes && !text_equal(q->action, "password"))
        return cmd_wrong(l, "请写 add、password、link 或 close | say add, password, link or close");
    if (q->url)
        return cmd_wrong(l, "--url 只用于 link | --url goes with link");
    if (cmd_need(l, "--db", q->db) || cmd_need(l, "--account", q->user.account))
        return 2;
    if (!adds && (q->user.name || q->user.unit || q->user.role))
        return cmd_wrong(l, "--name、--unit、--role 只用于 add | --name, --unit and --role go with add");
    if (adds && (cmd_need(l, "--name", q->user.name) || cmd_need(l, "--unit", q->user.unit) ||
                 cmd_need(l, "--role", q->user.role)))
        return 2;
    if (closes && q->from_stdin)
        return cmd_wrong(l, "close 不用密码 | close takes no password");
    return closes ? 0 : read_password(l, q);
}

static enum fault_code
act(struct task *t, struct desk *d, const struct asked *q, struct json **out)
{
    enum fault_code rc;

    if (text_equal(q->action, "add"))
        return desk_user_add(t, d, &q->user, out);
    if (text_equal(q->action, "link")) {
        rc = desk_link_make(t, d, q->user.account, out);
        if (!rc)
            *out = cmd_link(t, q->url, *out);
        return rc;
    }
    if (text_equal(q->action, "password"))
        rc = desk_user_password(t, d, q->user.account, q->user.password);
    else
        rc = desk_user_close(t, d, q->user.account);
    *out = json_set_str(t->arena, json_object(t->arena), "account", q->user.account);
    return rc;
}

int
cmd_user(struct cmd_line *l)
{
    struct asked q = {0};
    const struct cmd_option options[] = {{"--db", &q.db, NULL},
                                         {"--account", &q.user.account, NULL},
                                         {"--name", &q.user.name, NULL},
                                         {"--unit", &q.user.unit, NULL},
                                         {"--role", &q.user.role, NULL},
                                         {"--password-stdin", NULL, &q.from_stdin},
                                         {"--url", &q.url, NULL},
                                         {"--now", &q.now, NULL},
                                         {0}};
    struct json *out = NULL;
    struct desk *d;
    struct task t;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, &q.action, 1, &n) || check_asked(l, &q) || cmd_task(l, q.now, &t))
        return 2;
    rc = cmd_desk(&t, q.db, false, &d);
    if (!rc) {
        rc = act(&t, d, &q, &out);
        desk_close(d);
    }
    status = rc ? cmd_fail(l, &t, rc) : cmd_print(l, out, 0);
    task_release(&t);
    return status;
}
