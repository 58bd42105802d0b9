/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/caller.c - who asks, through which post, with which scope.
 */
#include "desk/inside.h"
#include <string.h>

enum fault_code
desk_absent(struct task *t)
{
    if (t->fault.code < FAULT_BUSY)
        fault_clear(t);
    return fault(t, FAULT_ABSENT, NULL, "没有找到 | not found");
}

static enum fault_code
fill(struct task *t, struct store *s, const struct org_session *session, struct desk_caller *out)
{
    struct org_post *posts;
    enum fault_code rc = org_scope(t, s, session->person, &out->scope);

    if (!rc)
        rc = org_posts(t, s, session->person, 0, &posts, &out->n_posts);
    if (rc)
        return rc;
    out->account = session->account;
    out->person = session->person;
    out->posts = posts;
    out->expires_at = session->expires_at;
    return FAULT_NONE;
}

enum fault_code
desk_caller(struct task *t, struct desk *d, struct store *s, const char *token, struct desk_caller *out)
{
    struct org_session session;
    bool held = store_alive(s);
    enum fault_code rc;

    memset(out, 0, sizeof *out);
    if (!token || !*token || strlen(token) > 100)
        return fault(t, FAULT_SIGN_IN, NULL, "请先登录 | sign in first");
    rc = held ? FAULT_NONE : desk_reader_hold(t, d, s);
    if (!rc)
        rc = org_recall(t, s);
    if (!rc)
        rc = org_token_check(t, s, token, &session);
    if (!rc)
        rc = fill(t, s, &session, out);
    if (!held)
        desk_reader_let_go(s);
    return rc;
}

enum fault_code
desk_caller_account(struct task *t, struct desk *d, struct store *s, const char *account,
                    struct desk_caller *out)
{
    struct org_session session = {.account = account};
    bool found;
    enum fault_code rc = store_one_int(
        t, s, &session.person, &found,
        "SELECT person FROM org_account WHERE account = ? AND closed_at IS NULL", "s", account);

    (void)d;
    memset(out, 0, sizeof *out);
    if (rc)
        return rc;
    if (!found)
        return fault(t, FAULT_INPUT, "--as", "没有这个账号：%s | there is no account %s", account, account);
    return fill(t, s, &session, out);
}

enum fault_code
desk_caller_operator(struct task *t, struct desk *d, struct store *s, struct desk_caller *out)
{
    (void)d;
    memset(out, 0, sizeof *out);
    out->account = "operator";
    return org_scope_operator(t, s, &out->scope);
}

/* ---- posts ---- */

enum fault_code
desk_actor(struct task *t, struct store *s, const struct desk_caller *c, const struct org_post *post,
           struct org_actor *out)
{
    struct org_unit u;
    bool found;
    enum fault_code rc;

    memset(out, 0, sizeof *out);
    out->account = c->account;
    if (!post) {
        out->sort = ORG_OPERATOR;
        return FAULT_NONE;
    }
    out->sort = ORG_PERSON;
    out->person = post->person;
    out->post = post->id;
    out->unit = post->unit;
    out->role = post->role;
    rc = org_unit(t, s, post->unit, &u, &found);
    if (!rc && found)
        out->place = u.place;
    return rc;
}

static enum fault_code
stated_post(struct task *t, struct store *s, const struct desk_caller *c, struct org_actor *out)
{
    int64_t id = org_id_read(c->post, 'o');

    for (size_t i = 0; i < c->n_posts; i++)
        if (c->posts[i].id == id)
            return desk_actor(t, s, c, &c->posts[i], out);
    return fault(t, FAULT_INPUT, "/post", "您没有这个岗位 | this is no post of yours");
}

/* Several posts may: the person says which. */
static enum fault_code
ambiguous(struct task *t, const struct desk_caller *c, const bool *may)
{
    struct text list;

    text_init(&list, t->arena);
    for (size_t i = 0; i < c->n_posts; i++)
        if (may[i])
            text_printf(&list, " %s", org_id_text(t->arena, 'o', c->posts[i].id));
    return fault(t, FAULT_INPUT, "/post", "您有几个岗位都可办理，请指明：%s | several of your posts may; say which:%s",
                 text_string(&list), text_string(&list));
}

enum fault_code
desk_post(struct task *t, struct store *s, const struct desk_caller *c, desk_may may, void *who,
          struct org_actor *out)
{
    bool fits[64] = {false};
    struct org_actor first = {0};
    size_t n = 0;
    enum fault_code rc;

    if (c->post)
        return stated_post(t, s, c, out);
    if (!c->n_posts && c->scope.everything)
        return desk_actor(t, s, c, NULL, out);
    if (!c->n_posts)
        return fault(t, FAULT_RIGHT, "/post", "您现在没有任何岗位 | you hold no post now");
    if (c->n_posts == 1)
        return desk_actor(t, s, c, &c->posts[0], out);
    for (size_t i = 0; i < c->n_posts && i < 64; i++) {
        struct org_actor actor;

        rc = desk_actor(t, s, c, &c->posts[i], &actor);
        if (rc)
            return rc;
        if (!i)
            first = actor;
        rc = may(who, t, &actor);
        if (rc && rc != FAULT_RIGHT && rc != FAULT_STATE)
            return rc;
        fault_clear(t);
        if (!rc) {
            fits[i] = true;
            *out = actor;
            n++;
        }
    }
    if (n > 1)
        return ambiguous(t, c, fits);
    if (!n)
        *out = first;
    return FAULT_NONE;
}

/* ---- signing in ---- */

struct note {
    const char *account, *address, *sort;
    bool held;
    const char *token;
    int64_t expires_at;
};

static enum fault_code
write_note(void *who, struct task *t, struct store *s)
{
    struct note *n = who;
    enum fault_code rc = org_sign_in_note(t, s, n->account, n->address, n->held);

    if (!rc)
        rc = org_sign_in_keep(t, s, n->account, n->address, n->sort, n->held);
    if (!rc && n->held)
        rc = org_token_make(t, s, n->account, n->sort, text_equal(n->sort, "session") ? 12 : 24 * 30,
                            &n->token, &n->expires_at);
    return rc;
}

enum fault_code
desk_sign_in(struct task *t, struct desk *d, struct store *s, const char *account, const char *password,
             const char *address, const char *sort, struct json **out)
{
    struct org_session session;
    struct note n = {.account = account, .address = address, .sort = sort};
    struct task writing;
    struct json *o;
    enum fault_code rc, written;

    if (strlen(account) > 100 || strlen(password) > 200)
        return fault(t, FAULT_SIGN_IN, NULL, "账号或密码不对 | wrong account or password");
    rc = org_sign_in(t, s, account, password, address, &session);
    if (rc && rc != FAULT_SIGN_IN)
        return rc;
    n.held = !rc;
    task_init(&writing, t->now, 0);
    writing.random = t->random;
    written = desk_plain(&writing, d, write_note, &n);
    if (!rc && written)
        rc = desk_pass_fault(t, &writing);
    if (!rc) {
        o = json_object(t->arena);
        json_set_str(t->arena, o, "token", n.token);
        json_set(t->arena, o, "expires_at", desk_instant(t->arena, n.expires_at));
        *out = o;
    }
    task_release(&writing);
    return rc;
}

static enum fault_code
end_token(void *who, struct task *t, struct store *s)
{
    return org_token_end(t, s, who);
}

enum fault_code
desk_sign_out(struct task *t, struct desk *d, const char *token)
{
    return desk_plain(t, d, end_token, (void *)(uintptr_t)token);
}
