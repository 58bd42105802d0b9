/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/session.c - signing in and out: tokens for programs, a cookie for the pages.
 *
 * Knows: the cookie and its marks.
 * Does not know: passwords (the desk does), how tokens are kept.
 */
#include "api/inside.h"

#include <string.h>
#include <strings.h>

#define SESSION_SECONDS (12 * 60 * 60)

static enum fault_code
needs_text(struct api_call *c, const struct json *body, const char *name, const char **out)
{
    const struct json *value = json_get(body, name);

    *out = json_text(value);
    if (*out && strlen(*out) == value->string.len)
        return FAULT_NONE;
    return fault(c->task, FAULT_INPUT, json_pointer(c->task->arena, "", name),
                 "须为文本 | a text is needed");
}

static enum fault_code
known_members(struct api_call *c, const struct json *body, const char *const *names, size_t n)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < body->object.n; i++) {
        const char *name = body->object.at[i].name;
        bool known = false;

        for (size_t k = 0; k < n; k++)
            known = known || text_equal(name, names[k]);
        if (!known)
            rc = fault(c->task, FAULT_INPUT, json_pointer(c->task->arena, "", name),
                       "不认识这一项 | this member is not known");
    }
    return rc;
}

static enum fault_code
sign_in(struct api_call *c, const char *sort, struct json **out)
{
    static const char *const members[] = {"account", "password", "totp"};
    const char *account, *password;
    struct json *body;
    enum fault_code rc = api_body(c, &body);

    if (!rc)
        rc = needs_text(c, body, "account", &account);
    if (!rc)
        rc = needs_text(c, body, "password", &password);
    if (!rc)
        rc = known_members(c, body, members, 3);
    if (rc)
        return rc;
    return desk_sign_in(c->task, c->desk, c->store, account, password, c->request->address, sort,
                        out);
}

enum fault_code
api_token_post(struct api_call *c)
{
    struct json *out;
    enum fault_code rc = sign_in(c, "token", &out);

    if (!rc)
        api_json(c, 201, out);
    return rc;
}

/* Strict: the browser sends it with requests of our own pages alone. */
static void
set_cookie(struct api_call *c, const char *value, int seconds)
{
    const char *proto = http_header(c->request, "x-forwarded-proto");
    bool secure = proto && strcasecmp(proto, "https") == 0;

    http_answer_header(c->answer, "Set-Cookie",
                       arena_format(c->task->arena, "%s=%s; HttpOnly; SameSite=Strict; Path=/; "
                                                    "Max-Age=%d%s",
                                    API_COOKIE, value, seconds, secure ? "; Secure" : ""));
}

enum fault_code
api_session_post(struct api_call *c)
{
    struct json *made, *out = json_object(c->task->arena);
    enum fault_code rc;

    /* Without it another site could sign its visitor in here under an account of its own. */
    if (!text_equal(http_header(c->request, "zhiben-page"), "1")) {
        api_refuse(c, 403, "缺少页面标识 | Forbidden",
                   "以会话登录须带 Zhiben-Page: 1。 | A sign-in by session needs Zhiben-Page: 1.");
        return FAULT_NONE;
    }
    rc = sign_in(c, "session", &made);
    if (rc)
        return rc;
    json_set(c->task->arena, out, "expires_at", json_get(made, "expires_at"));
    api_json(c, 201, out);
    set_cookie(c, json_text_of(made, "token"), SESSION_SECONDS);
    return FAULT_NONE;
}

/* ---- single-use links ---- */

enum fault_code
api_link_look(struct api_call *c)
{
    static const char *const members[] = {"token"};
    const char *token;
    struct json *body, *out;
    enum fault_code rc = api_body(c, &body);

    if (!rc)
        rc = needs_text(c, body, "token", &token);
    if (!rc)
        rc = known_members(c, body, members, 1);
    if (!rc)
        rc = desk_link_look(c->task, c->desk, c->store, token, &out);
    if (!rc)
        api_json(c, 200, out);
    return rc;
}

/* The token stands in the body: an address is kept by logs and by the browser. */
enum fault_code
api_link_use(struct api_call *c)
{
    static const char *const members[] = {"token", "password", "office", "name", "account", "place"};
    struct desk_link_use use = {0};
    struct json *body;
    const char *account;
    enum fault_code rc = api_body(c, &body);

    if (!rc)
        rc = needs_text(c, body, "token", &use.token);
    if (!rc)
        rc = needs_text(c, body, "password", &use.password);
    if (!rc)
        rc = known_members(c, body, members, 6);
    if (rc)
        return rc;
    use.office = json_text_of(body, "office");
    use.name = json_text_of(body, "name");
    use.account = json_text_of(body, "account");
    use.place = json_text_of(body, "place");
    rc = desk_link_use(c->task, c->desk, c->store, &use, &account);
    if (!rc)
        api_json(c, 200, json_set_str(c->task->arena, json_object(c->task->arena), "account", account));
    return rc;
}

enum fault_code
api_session_delete(struct api_call *c)
{
    enum fault_code rc = desk_sign_out(c->task, c->desk, c->token);

    if (rc)
        return rc;
    c->answer->status = 204;
    http_answer_header(c->answer, "Cache-Control", "no-store");
    set_cookie(c, "", 0);
    return FAULT_NONE;
}
