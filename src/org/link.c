/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/link.c - single-use links: the first office of a new store, and accounts that have no password yet.
 *
 * A link's token is random, told once, kept by its SHA-256 among the tokens and gone with its use.
 *
 * Knows: org_token (sorts link and first), accounts without a password.
 * Does not know: the address that leads here.
 */
#include "org/inside.h"
#include <string.h>

static void
digest_of(const char *token, uint8_t out[HASH_LEN])
{
    hash_bytes(HASH_SHA256, token, strlen(token), out);
}

static enum fault_code
gone(struct task *t)
{
    return fault(t, FAULT_STATE, "/token",
                 "这个链接已用过、已过期或不完整；请向发给您的人再要一个 | this link was used, has expired or is not "
                 "whole; ask whoever gave it to you for another");
}

enum fault_code
org_account_open(struct task *t, struct store *s, const char *account, int64_t person)
{
    size_t len = strspn(account, ORG_ACCOUNT_LETTERS);

    if (!len || account[len] || len > ORG_ACCOUNT_MOST)
        return org_account_refuse(t);
    return store_run(t, s, NULL,
                     "INSERT INTO org_account (account, person, password, made_at) VALUES (?, ?, '', ?)",
                     "sii", account, person, t->now);
}

enum fault_code
org_link_make(struct task *t, struct store *s, const char *account, const char **token, int64_t *expires_at)
{
    enum fault_code rc = store_run(t, s, NULL,
                                   "DELETE FROM org_token WHERE account = ? AND sort IN ('link', 'first')",
                                   "s", account ? account : "");

    return rc ? rc
              : org_token_make(t, s, account ? account : "", account ? "link" : "first",
                               account ? ORG_LINK_HOURS : ORG_FIRST_HOURS, token, expires_at);
}

enum fault_code
org_link_look(struct task *t, struct store *s, const char *token, struct org_link *out)
{
    uint8_t digest[HASH_LEN];
    struct rows r;
    bool found;
    enum fault_code rc;

    digest_of(token, digest);
    memset(out, 0, sizeof *out);
    rc = store_query(t, s, &r,
                     "SELECT k.account, k.expires_at, a.person FROM org_token k LEFT JOIN org_account a ON "
                     "a.account = k.account AND a.closed_at IS NULL WHERE k.digest = ? AND k.expires_at > ? "
                     "AND k.sort IN ('link', 'first')",
                     "bi", (const void *)digest, (size_t)HASH_LEN, t->now);
    if (rc)
        return rc;
    found = store_next(t, &r);
    if (found) {
        out->account = store_text(t, &r, 0);
        out->expires_at = store_int(&r, 1);
        out->person = store_int(&r, 2);
        out->first = !*out->account;
    }
    rc = store_end(t, &r);
    return rc || (found && (out->first || out->person)) ? rc : gone(t);
}

enum fault_code
org_link_use(struct task *t, struct store *s, const char *token, struct org_link *out)
{
    uint8_t digest[HASH_LEN];
    int64_t changed = 0;
    enum fault_code rc = org_link_look(t, s, token, out);

    if (rc)
        return rc;
    digest_of(token, digest);
    rc = store_run(t, s, &changed, "DELETE FROM org_token WHERE digest = ?", "b", (const void *)digest,
                   (size_t)HASH_LEN);
    return rc || changed ? rc : gone(t);
}
