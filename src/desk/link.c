/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/link.c - single-use links: made, looked at, used.
 *
 * The first one makes the first office of a new store and the person who keeps it; every other one lets
 * a person choose the password of an account that has none. Passwords are in no file and no message.
 *
 * Knows: that the office is a unit of the deployment's topmost place.
 * Does not know: how a token is kept.
 */
#include "desk/inside.h"
#include <string.h>

struct linking {
    const char *account; /* NULL: the first office */
    const char *token;
    int64_t expires_at;
};

static enum fault_code
make(void *who, struct task *t, struct store *s)
{
    struct linking *x = who;
    int64_t person = 0;
    bool found = false;
    enum fault_code rc =
        x->account ? store_one_int(t, s, &person, &found,
                                   "SELECT person FROM org_account WHERE account = ? AND closed_at IS NULL",
                                   "s", x->account)
                   : store_one_int(t, s, &person, &found, "SELECT person FROM org_account LIMIT 1", "");

    if (!rc && x->account && !found)
        rc = fault(t, FAULT_ABSENT, "/account", "没有这个账号：%s | there is no account %s", x->account,
                   x->account);
    if (!rc && !x->account && found)
        rc = fault(t, FAULT_STATE, NULL,
                   "本库已有账号，首日链接不再发放；请让管理员发放个人链接 | the store has accounts already: the first "
                   "day's link is not made again; ask its administrator for a link of your own");
    return rc ? rc : org_link_make(t, s, x->account, &x->token, &x->expires_at);
}

enum fault_code
desk_link_make(struct task *t, struct desk *d, const char *account, struct json **out)
{
    struct linking x = {.account = account};
    enum fault_code rc = desk_plain(t, d, make, &x);

    if (rc)
        return rc;
    *out = json_object(t->arena);
    if (account)
        json_set_str(t->arena, *out, "account", account);
    json_set_str(t->arena, *out, "token", x.token);
    json_set(t->arena, *out, "expires_at", desk_instant(t->arena, x.expires_at));
    return FAULT_NONE;
}

static enum fault_code
set_place(struct task *t, struct store *s, struct json *o)
{
    struct org_place top;
    int64_t id;
    bool found = false;
    enum fault_code rc = org_top(t, s, &id);

    if (!rc)
        rc = org_place(t, s, id, &top, &found);
    if (rc || !found)
        return rc;
    json_set_str(t->arena, o, "place", top.code);
    json_set_str(t->arena, o, "place_name", top.name);
    json_set_int(t->arena, o, "level", top.level);
    return FAULT_NONE;
}

enum fault_code
desk_link_look(struct task *t, struct desk *d, struct store *s, const char *token, struct json **out)
{
    struct json *o = json_object(t->arena);
    struct org_person p = {0};
    struct org_link link;
    bool found = false;
    enum fault_code rc = org_link_look(t, s, token, &link);

    (void)d;
    if (!rc && !link.first)
        rc = org_person(t, s, link.person, &p, &found);
    if (!rc)
        rc = set_place(t, s, o);
    if (rc)
        return rc;
    json_set_str(t->arena, o, "for", link.first ? "office" : "account");
    json_set_str(t->arena, o, "account", link.first ? NULL : link.account);
    json_set_str(t->arena, o, "name", found ? p.name : NULL);
    json_set(t->arena, o, "expires_at", desk_instant(t->arena, link.expires_at));
    *out = o;
    return FAULT_NONE;
}

/* ---- using ---- */

struct using {
    const struct desk_link_use *use;
    struct org_link link;
    int64_t place; /* of the first office */
};

static enum fault_code
check_name(struct task *t, const char *pointer, const char *name)
{
    if (name && *name && text_length(name) <= LIMIT_NAME)
        return FAULT_NONE;
    return fault(t, FAULT_INPUT, pointer, "请填写，至多 %d 个字 | give it, at most %d characters", LIMIT_NAME,
                 LIMIT_NAME);
}

static enum fault_code
make_office(struct using *x, struct task *t, struct store *s, struct chain_tip *tip)
{
    const struct org_actor by = {.sort = ORG_OPERATOR, .account = "operator"};
    struct org_write w = {t, s, tip, &by};
    struct org_unit unit = {.sort = "office", .name = x->use->office, .place = x->place,
                            .from_day = time_day(t->now)};
    struct org_person person = {.name = x->use->name};
    struct org_post post = {.role = "office", .from_day = unit.from_day};
    int64_t other;
    bool taken = false;
    enum fault_code rc = store_one_int(t, s, &other, &taken, "SELECT person FROM org_account WHERE account = ?", "s",
                                       x->use->account);

    /* The link was made when there was none, and lasts for days. */
    if (!rc && taken)
        rc = fault(t, FAULT_INPUT, "/account", "账号已有人用：%s | the account %s is taken", x->use->account,
                   x->use->account);
    unit.powers = json_array(t->arena);
    if (!rc)
        rc = org_state_unit(&w, &unit);
    if (!rc)
        rc = org_state_person(&w, &person);
    post.unit = unit.id;
    post.person = person.id;
    if (!rc)
        rc = org_state_post(&w, &post);
    return rc ? rc : org_account_make(t, s, x->use->account, person.id, x->use->password);
}

static enum fault_code
use(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct using *x = who;
    enum fault_code rc = org_link_use(t, s, x->use->token, &x->link);

    if (!rc && x->link.first)
        return make_office(x, t, s, tip);
    if (!rc)
        rc = org_account_make(t, s, x->link.account, x->link.person, x->use->password);
    return rc ? rc : org_tokens_end(t, s, x->link.account);
}

/* The place of the first office: the deployment's own, or one below it that is named. */
static enum fault_code
find_place(struct using *x, struct task *t, struct store *s, int64_t *stream)
{
    struct org_place p = {0};
    int64_t top;
    bool found = false;
    enum fault_code rc = org_top(t, s, &top);

    if (!rc && x->use->place)
        rc = org_place_by_code(t, s, x->use->place, &p, &found);
    else if (!rc)
        rc = org_place(t, s, top, &p, &found);
    if (!rc && (!found || p.to_day))
        rc = fault(t, FAULT_INPUT, "/place", "没有这个地区 | there is no such place");
    x->place = p.id;
    *stream = p.stream;
    return rc;
}

enum fault_code
desk_link_use(struct task *t, struct desk *d, struct store *s, const struct desk_link_use *in,
              const char **account)
{
    struct using x = {.use = in};
    int64_t stream = 1;
    enum fault_code rc = org_link_look(t, s, in->token, &x.link);

    if (!rc && x.link.first) {
        rc = check_name(t, "/office", in->office);
        if (!rc)
            rc = check_name(t, "/name", in->name);
        if (!rc && !in->account)
            rc = fault(t, FAULT_INPUT, "/account", "请填写账号 | give an account");
        if (!rc)
            rc = find_place(&x, t, s, &stream);
    }
    if (!rc)
        rc = desk_submit(t, d, stream, use, &x);
    if (!rc)
        *account = x.link.first ? in->account : x.link.account;
    return rc;
}
