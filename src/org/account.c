/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/account.c - passwords, tokens, and slowing whoever guesses.
 *
 * Knows: org_account, org_token, org_try: kept tables, never in the log.
 */
#include "org/inside.h"
#include <string.h>

enum fault_code
org_account_refuse(struct task *t)
{
    return fault(t, FAULT_INPUT, "/account",
                 "账号只能用小写字母、数字和 . _ -，至多 40 个 | an account is lower-case letters, digits "
                 "and . _ -, at most 40");
}

enum fault_code
org_account_make(struct task *t, struct store *s, const char *account, int64_t person,
                 const char *password)
{
    size_t len = strspn(account, ORG_ACCOUNT_LETTERS);

    if (!len || account[len] || len > ORG_ACCOUNT_MOST)
        return org_account_refuse(t);
    if (text_length(password) < 8 || strlen(password) > 200)
        return fault(t, FAULT_INPUT, "/password",
                     "密码须为 8 到 200 个字符 | a password has 8 to 200 characters");
    return store_run(t, s, NULL,
                     "INSERT INTO org_account (account, person, password, made_at) VALUES (?, ?, ?, ?) ON "
                     "CONFLICT (account) DO UPDATE SET person = excluded.person, password = "
                     "excluded.password, closed_at = NULL",
                     "sisi", account, person, hash_password(t, password), t->now);
}

static enum fault_code
slowed(struct task *t, struct store *s, const char *account, const char *address)
{
    struct rows r;
    int64_t tries = 0, until = 0;
    enum fault_code rc = store_query(
        t, s, &r, "SELECT tries, until FROM org_try WHERE account = ? AND address = ?", "ss", account, address);

    if (rc)
        return rc;
    if (store_next(t, &r)) {
        tries = store_int(&r, 0);
        until = store_int(&r, 1);
    }
    rc = store_end(t, &r);
    if (!rc && tries >= LIMIT_TRIES && until > t->now)
        return fault(t, FAULT_BUSY, NULL,
                     "登录失败次数过多，请一小时后再试 | too many failed sign-ins; try again in an hour");
    return rc;
}

enum fault_code
org_sign_in(struct task *t, struct store *s, const char *account, const char *password,
            const char *address, struct org_session *out)
{
    /* An unknown account costs the same as a known one: its answer time tells nothing. */
    static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    struct rows r;
    const char *encoded = NULL;
    int64_t person = 0;
    bool holds;
    enum fault_code rc = slowed(t, s, account, address);

    if (rc)
        return rc;
    rc = store_query(t, s, &r,
                     "SELECT password, person FROM org_account WHERE account = ? AND closed_at IS NULL", "s",
                     account);
    if (rc)
        return rc;
    if (store_next(t, &r)) {
        encoded = store_text(t, &r, 0);
        person = store_int(&r, 1);
    }
    rc = store_end(t, &r);
    if (rc)
        return rc;
    /* One that waits for its link has no password: it is answered like one that is not there. */
    if (encoded && !*encoded)
        encoded = NULL;
    holds = hash_password_holds(encoded ? encoded : nobody, password);
    if (!encoded || !holds)
        return fault(t, FAULT_SIGN_IN, NULL, "账号或密码不对 | wrong account or password");
    out->account = arena_text(t->arena, account);
    out->person = person;
    return FAULT_NONE;
}

enum fault_code
org_sign_in_note(struct task *t, struct store *s, const char *account, const char *address, bool held)
{
    if (held)
        return store_run(t, s, NULL, "DELETE FROM org_try WHERE account = ? AND address = ?", "ss", account,
                         address);
    return store_run(t, s, NULL,
                     "INSERT INTO org_try (account, address, tries, until) VALUES (?, ?, 1, ?) ON CONFLICT "
                     "(account, address) DO UPDATE SET tries = CASE WHEN org_try.until < ? THEN 1 ELSE "
                     "org_try.tries + 1 END, until = excluded.until",
                     "ssii", account, address, t->now + TIME_HOUR, t->now);
}

static void
digest_of(const char *token, uint8_t out[HASH_LEN])
{
    hash_bytes(HASH_SHA256, token, strlen(token), out);
}

enum fault_code
org_token_make(struct task *t, struct store *s, const char *account, const char *sort, int hours,
               const char **token, int64_t *expires_at)
{
    uint8_t bytes[32], digest[HASH_LEN];
    enum fault_code rc;

    random_bytes(&t->random, bytes, sizeof bytes);
    *token = hash_base64(t->arena, bytes, sizeof bytes);
    *expires_at = t->now + hours * TIME_HOUR;
    digest_of(*token, digest);
    rc = store_run(t, s, NULL, "DELETE FROM org_token WHERE expires_at < ?", "i", t->now);
    if (rc)
        return rc;
    return store_run(t, s, NULL,
                     "INSERT INTO org_token (digest, account, sort, made_at, expires_at) VALUES (?, ?, ?, ?, ?)",
                     "bssii", (const void *)digest, (size_t)HASH_LEN, account, sort, t->now, *expires_at);
}

/* A token that was held a moment ago: whose, and until when. */
struct held {
    int64_t person, expires_at;
    char account[104];
};

static bool
is_held(struct task *t, const struct store *s, const uint8_t digest[HASH_LEN], struct org_session *out)
{
    const struct held *h = store_still(t, s, 'a', digest, HASH_LEN, NULL);

    if (!h || h->expires_at <= t->now)
        return false;
    out->account = arena_text(t->arena, h->account);
    out->person = h->person;
    out->expires_at = h->expires_at;
    return true;
}

static void
keep_held(struct store *s, const uint8_t digest[HASH_LEN], const struct org_session *o)
{
    struct held h = {.person = o->person, .expires_at = o->expires_at};
    size_t len = strlen(o->account);

    if (len >= sizeof h.account)
        return;
    memcpy(h.account, o->account, len);
    store_still_keep(s, 'a', digest, HASH_LEN, &h, sizeof h, false);
}

enum fault_code
org_token_check(struct task *t, struct store *s, const char *token, struct org_session *out)
{
    uint8_t digest[HASH_LEN];
    struct rows r;
    bool found;
    enum fault_code rc;

    digest_of(token, digest);
    if (is_held(t, s, digest, out))
        return FAULT_NONE;
    rc = store_query(t, s, &r,
                     "SELECT a.account, a.person, k.expires_at FROM org_token k JOIN org_account a ON a.account = "
                     "k.account WHERE k.digest = ? AND k.expires_at > ? AND a.closed_at IS NULL AND k.sort <> 'link'",
                     "bi", (const void *)digest, (size_t)HASH_LEN, t->now);
    if (rc)
        return rc;
    found = store_next(t, &r);
    if (found) {
        out->account = store_text(t, &r, 0);
        out->person = store_int(&r, 1);
        out->expires_at = store_int(&r, 2);
    }
    rc = store_end(t, &r);
    if (!rc && !found)
        return fault(t, FAULT_SIGN_IN, NULL, "请先登录 | sign in first");
    if (!rc)
        keep_held(s, digest, out);
    return rc;
}

enum fault_code
org_token_still(struct task *t, struct store *s, const char *token, const struct scope *c,
                struct org_still *out)
{
    struct store_value v[LIMIT_KEYS + 2];
    uint8_t digest[HASH_LEN];
    struct rows r;
    enum fault_code rc;

    for (size_t i = 0; i < LIMIT_KEYS; i++)
        v[i] = (struct store_value){.letter = 'i', .integer = c && i < c->n_keys ? c->keys[i] : 0};
    digest_of(token, digest);
    v[LIMIT_KEYS] = (struct store_value){.letter = 'b', .bytes = digest, .len = HASH_LEN};
    v[LIMIT_KEYS + 1] = (struct store_value){.letter = 'i', .integer = t->now};
    memset(out, 0, sizeof *out);
    rc = store_query_values(t, s, &r,
                            "SELECT (SELECT n FROM org_generation WHERE what = 'org'), (SELECT count(*) FROM (SELECT 1 "
                            "FROM org_lent WHERE party IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) LIMIT 1) l) "
                            "FROM org_token k JOIN org_account a ON a.account = k.account WHERE k.digest = ? AND "
                            "k.expires_at > ? AND a.closed_at IS NULL",
                            v, LIMIT_KEYS + 2);
    if (rc)
        return rc;
    out->held = store_next(t, &r);
    if (out->held) {
        out->generation = store_int(&r, 0);
        out->lent = store_int(&r, 1) != 0;
    }
    return store_end(t, &r);
}

enum fault_code
org_token_end(struct task *t, struct store *s, const char *token)
{
    uint8_t digest[HASH_LEN];
    enum fault_code rc;

    digest_of(token, digest);
    rc = store_run(t, s, NULL, "DELETE FROM org_token WHERE digest = ?", "b", (const void *)digest,
                   (size_t)HASH_LEN);
    return rc ? rc : org_count_moved(t, s, "token");
}

enum fault_code
org_tokens_end(struct task *t, struct store *s, const char *account)
{
    enum fault_code rc = store_run(t, s, NULL, "DELETE FROM org_token WHERE account = ?", "s", account);

    return rc ? rc : org_count_moved(t, s, "token");
}

enum fault_code
org_rights_moment(struct task *t, struct store *s, int64_t *moment)
{
    bool found;

    return store_one_int(t, s, moment, &found,
                         "SELECT coalesce((SELECT n FROM org_generation WHERE what = 'org'), 0) + coalesce((SELECT n "
                         "FROM org_generation WHERE what = 'token'), 0)",
                         "");
}

enum fault_code
org_account_close(struct task *t, struct store *s, const char *account)
{
    enum fault_code rc =
        store_run(t, s, NULL, "UPDATE org_account SET closed_at = ? WHERE account = ?", "is", t->now, account);

    return rc ? rc : org_tokens_end(t, s, account);
}
