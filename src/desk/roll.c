/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/roll.c - rolls: sign-ins and grants for an auditor, accounts for a system administrator.
 *
 * Knows: who reads which roll, how one of its lines is written, pages.
 * Does not know: which lines somebody watches over (org); any record: lent sight names the record that
 * lends by its id, which is a position and no content.
 */
#include "desk/inside.h"
#include <stdlib.h>
#include <string.h>

#define USUAL_PAGE 50

static enum fault_code
is_for(struct task *t, bool holds, const char *zh, const char *en)
{
    if (holds)
        return FAULT_NONE;
    return fault(t, FAULT_RIGHT, NULL, "这份名册只有%s能看 | only %s reads this roll", zh, en);
}

/* A whole number of at most nine digits, `least` or more; `otherwise` where nothing is asked. */
static enum fault_code
whole(struct task *t, const char *text, const char *pointer, int64_t least, int64_t most, int64_t otherwise,
      int64_t *out)
{
    size_t len = text ? strspn(text, "0123456789") : 0;

    *out = text ? strtoll(text, NULL, 10) : otherwise;
    if (text && (!len || text[len] || len > 18 || *out < least || *out > most))
        return fault(t, FAULT_INPUT, pointer, "须为 %lld 到 %lld 的整数 | a whole number from %lld to %lld",
                     (long long)least, (long long)most, (long long)least, (long long)most);
    return FAULT_NONE;
}

static enum fault_code
page(struct task *t, const char *limit, const char *cursor, int64_t *n, int64_t *at)
{
    enum fault_code rc = whole(t, limit, "/limit", 1, LIMIT_PAGE, USUAL_PAGE, n);

    if (rc || !cursor)
        return *at = 0, rc;
    return whole(t, cursor, "/cursor", 1, INT64_MAX, 0, at);
}

static struct json *
roll(struct task *t, struct json *list, const char *next)
{
    struct json *o = json_set(t->arena, json_object(t->arena), "items", list);

    json_set_str(t->arena, o, "next", next);
    return o;
}

static const char *
number(struct task *t, int64_t n)
{
    return n ? arena_format(t->arena, "%lld", (long long)n) : NULL;
}

static void
add_person(struct task *t, struct store *s, struct json *o, int64_t id)
{
    struct org_person p;
    bool found = false;

    if (id && org_person(t, s, id, &p, &found))
        return;
    json_set_str(t->arena, o, "person", id ? org_id_text(t->arena, 'p', id) : NULL);
    json_set_str(t->arena, o, "name", found ? p.name : NULL);
}

static void
add_unit(struct task *t, struct store *s, struct json *o, const char *member, int64_t id)
{
    struct org_unit u;
    bool found = false;

    if (id && org_unit(t, s, id, &u, &found))
        return;
    json_set_str(t->arena, o, member, id ? org_id_text(t->arena, 'u', id) : NULL);
    json_set_str(t->arena, o, arena_format(t->arena, "%s_name", member), found ? u.name : NULL);
}

static void
add_day(struct task *t, struct json *o, const char *member, int64_t day)
{
    json_set_str(t->arena, o, member, day ? time_day_text(t->arena, (int32_t)day) : NULL);
}

enum fault_code
desk_sign_ins(struct task *t, struct store *s, const struct desk_caller *c, const char *account,
              const char *limit, const char *cursor, struct json **out)
{
    struct json *list = json_array(t->arena);
    struct org_sign_in *found;
    int64_t most, before, next = 0;
    size_t n = 0;
    enum fault_code rc = is_for(t, c->scope.auditor, "审计员", "an auditor");

    if (!rc)
        rc = page(t, limit, cursor, &most, &before);
    if (!rc)
        rc = org_sign_ins(t, s, &c->scope, account, before, (size_t)most, &found, &n, &next);
    for (size_t i = 0; i < n && !rc; i++) {
        struct json *o = json_object(t->arena);

        json_push(t->arena, list, o);
        json_set(t->arena, o, "at", desk_instant(t->arena, found[i].at));
        json_set_str(t->arena, o, "account", found[i].account);
        add_person(t, s, o, found[i].person);
        json_set_str(t->arena, o, "address", found[i].address);
        json_set_str(t->arena, o, "sort", found[i].sort);
        json_set_bool(t->arena, o, "held", found[i].held);
    }
    *out = roll(t, list, number(t, next));
    return rc ? rc : t->fault.code;
}

static struct json *
grant_json(struct task *t, struct store *s, const struct org_grant *g)
{
    static const char *const sorts[] = {"post", "tie", "lent"};
    struct json *o = json_object(t->arena);

    json_set_str(t->arena, o, "grant", sorts[g->sort]);
    add_unit(t, s, o, "unit", g->unit);
    add_person(t, s, o, g->person);
    if (g->sort == ORG_GRANT_POST) {
        json_set_str(t->arena, o, "role", g->as);
        json_set(t->arena, o, "title", desk_role_title(t->arena, g->as));
    } else if (g->sort == ORG_GRANT_TIE) {
        add_unit(t, s, o, "other", g->other);
        json_set_str(t->arena, o, "as", g->as);
    } else {
        json_set_str(t->arena, o, "lender", record_id(t->arena, g->stream, g->rid));
    }
    add_day(t, o, "from", g->from_day);
    add_day(t, o, "to", g->to_day);
    return o;
}

enum fault_code
desk_grants(struct task *t, struct store *s, const struct desk_caller *c, const char *sort, const char *limit,
            const char *cursor, struct json **out)
{
    struct json *list = json_array(t->arena);
    enum org_grant_sort which = text_equal(sort, "tie")    ? ORG_GRANT_TIE
                                : text_equal(sort, "lent") ? ORG_GRANT_LENT
                                                           : ORG_GRANT_POST;
    struct org_grant *found;
    int64_t most, skip, next = 0;
    size_t n = 0;
    enum fault_code rc = is_for(t, c->scope.auditor, "审计员", "an auditor");

    if (!rc && sort && which == ORG_GRANT_POST && !text_equal(sort, "post"))
        rc = fault(t, FAULT_INPUT, "/sort", "可用 post、tie、lent | use post, tie or lent");
    if (!rc)
        rc = page(t, limit, cursor, &most, &skip);
    if (!rc)
        rc = org_grants(t, s, &c->scope, which, skip, (size_t)most, &found, &n, &next);
    for (size_t i = 0; i < n && !rc; i++)
        json_push(t->arena, list, grant_json(t, s, &found[i]));
    *out = roll(t, list, number(t, next));
    return rc ? rc : t->fault.code;
}

enum fault_code
desk_accounts(struct task *t, struct store *s, const struct desk_caller *c, const char *q, const char *limit,
              const char *cursor, struct json **out)
{
    struct json *list = json_array(t->arena);
    struct org_account *found;
    const char *next = NULL;
    int64_t most;
    size_t n = 0;
    enum fault_code rc = is_for(t, c->scope.sysadmin, "系统管理员", "a system administrator");

    if (!rc)
        rc = whole(t, limit, "/limit", 1, LIMIT_PAGE, USUAL_PAGE, &most);
    if (!rc)
        rc = org_accounts(t, s, &c->scope, q, cursor, (size_t)most, &found, &n, &next);
    for (size_t i = 0; i < n && !rc; i++) {
        struct json *o = json_object(t->arena), *posts = json_array(t->arena);
        struct org_post *held;
        size_t m = 0;

        json_push(t->arena, list, o);
        rc = org_posts(t, s, found[i].person, 0, &held, &m);
        for (size_t k = 0; k < m && !rc; k++)
            json_push(t->arena, posts, desk_post_json(t, s, &held[k]));
        json_set_str(t->arena, o, "account", found[i].account);
        add_person(t, s, o, found[i].person);
        json_set(t->arena, o, "posts", posts);
        json_set(t->arena, o, "made_at", desk_instant(t->arena, found[i].made_at));
        json_set(t->arena, o, "closed_at", desk_instant(t->arena, found[i].closed_at));
        json_set(t->arena, o, "signed_in_at", desk_instant(t->arena, found[i].signed_in_at));
    }
    *out = roll(t, list, next);
    return rc ? rc : t->fault.code;
}
