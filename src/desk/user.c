/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/user.c - people with an account, added, given a new password and closed by the operator.
 *
 * Knows: that a person and a post are events of the stream of the unit's place, an account is not.
 * Does not know: how a password is kept.
 */
#include "desk/inside.h"

static enum fault_code
find_account(struct task *t, struct store *s, const char *account, int64_t *person, bool *found)
{
    return store_one_int(t, s, person, found, "SELECT person FROM org_account WHERE account = ?",
                         "s", account);
}

static enum fault_code
stream_of_unit(struct task *t, struct store *s, int64_t unit, int64_t *stream)
{
    struct org_unit u;
    struct org_place p;
    bool found;
    enum fault_code rc = org_unit(t, s, unit, &u, &found);

    if (!rc && found)
        rc = org_place(t, s, u.place, &p, &found);
    if (rc)
        return rc;
    if (!found)
        return fault(t, FAULT_INPUT, "/unit", "没有这个单位 | there is no such unit");
    *stream = p.stream;
    return FAULT_NONE;
}

struct adding {
    const struct desk_user *user;
    int64_t unit;
    struct json *out;
};

static enum fault_code
add(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct adding *x = who;
    struct org_actor operator = {.sort = ORG_OPERATOR};
    struct org_write w = {t, s, tip, &operator};
    struct org_person person = {.name = x->user->name};
    struct org_post post = {.unit = x->unit, .role = x->user->role, .from_day = time_day(t->now)};
    enum fault_code rc = org_state_person(&w, &person);

    post.person = person.id;
    if (!rc)
        rc = org_state_post(&w, &post);
    if (!rc)
        rc = org_account_make(t, s, x->user->account, person.id, x->user->password);
    if (rc)
        return rc;
    x->out = json_object(t->arena);
    json_set_str(t->arena, x->out, "account", x->user->account);
    json_set_str(t->arena, x->out, "person", org_id_text(t->arena, 'p', person.id));
    json_set_str(t->arena, x->out, "post", org_id_text(t->arena, 'o', post.id));
    return FAULT_NONE;
}

static enum fault_code
check_user(struct task *t, struct desk *d, const struct desk_user *u)
{
    int64_t person;
    bool found;
    enum fault_code rc;

    /* A role without words of its own is none of the list. */
    if (text_equal(json_text_of(desk_role_title(t->arena, u->role), "zh"), u->role))
        return fault(t, FAULT_INPUT, "/role", "没有这种岗位：%s | there is no role %s", u->role,
                     u->role);
    if (!*u->name || text_length(u->name) > LIMIT_NAME)
        return fault(t, FAULT_INPUT, "/name", "姓名须为 1 到 %d 个字 | a name has 1 to %d characters",
                     LIMIT_NAME, LIMIT_NAME);
    rc = find_account(t, desk_store(d), u->account, &person, &found);
    if (!rc && found)
        return fault(t, FAULT_STATE, "/account", "账号已有人用：%s | the account %s is taken",
                     u->account, u->account);
    return rc;
}

enum fault_code
desk_user_add(struct task *t, struct desk *d, const struct desk_user *u, struct json **out)
{
    struct adding x = {.user = u, .unit = org_id_read(u->unit, 'u')};
    int64_t stream = 0;
    enum fault_code rc = check_user(t, d, u);

    if (!rc)
        rc = stream_of_unit(t, desk_store(d), x.unit, &stream);
    if (!rc)
        rc = desk_write(t, d, stream, add, &x);
    if (!rc)
        *out = x.out;
    return rc;
}

struct changing {
    const char *account, *password;
    int64_t person;
};

static enum fault_code
change(void *who, struct task *t, struct store *s)
{
    struct changing *x = who;

    enum fault_code rc = org_account_make(t, s, x->account, x->person, x->password);

    return rc ? rc : org_tokens_end(t, s, x->account);
}

static enum fault_code
close_account(void *who, struct task *t, struct store *s)
{
    return org_account_close(t, s, who);
}

enum fault_code
desk_user_password(struct task *t, struct desk *d, const char *account, const char *password)
{
    struct changing x = {.account = account, .password = password};
    bool found;
    enum fault_code rc = find_account(t, desk_store(d), account, &x.person, &found);

    if (!rc && !found)
        return fault(t, FAULT_ABSENT, "/account", "没有这个账号 | there is no such account");
    return rc ? rc : desk_plain(t, d, change, &x);
}

static enum fault_code
end_post(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_post *post = who;
    struct org_actor operator = {.sort = ORG_OPERATOR};
    struct org_write w = {t, s, tip, &operator};

    post->to_day = time_day(t->now) - 1;
    return org_state_post(&w, post);
}

/* Posts end with yesterday, tokens at once; what was done with the account stays. */
enum fault_code
desk_user_close(struct task *t, struct desk *d, const char *account)
{
    struct org_post *posts;
    int64_t person;
    size_t n = 0;
    bool found;
    enum fault_code rc = find_account(t, desk_store(d), account, &person, &found);

    if (!rc && !found)
        return fault(t, FAULT_ABSENT, "/account", "没有这个账号 | there is no such account");
    if (!rc)
        rc = org_posts(t, desk_store(d), person, 0, &posts, &n);
    for (size_t i = 0; i < n && !rc; i++)
        rc = desk_write(t, d, org_id_stream(posts[i].id), end_post, &posts[i]);
    return rc ? rc : desk_plain(t, d, close_account, (void *)(uintptr_t)account);
}
