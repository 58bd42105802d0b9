/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/roll.c - the rolls that two roles read: who signed in, who was given what, who may sign in.
 *
 * Knows: org_sign_in, org_account; that an auditor and a system administrator watch over the place of
 * their post and what lies below it, and over no record.
 * Does not know: how a roll is shown.
 */
#include "org/inside.h"
#include <string.h>

static enum fault_code
watches_place(struct task *t, struct store *s, const struct scope *c, const char *role, int64_t place, bool *watches)
{
    enum fault_code rc = FAULT_NONE;

    *watches = false;
    for (size_t i = 0; i < c->n_watches && !*watches && !rc; i++)
        if (text_equal(c->watches[i].role, role))
            rc = org_covers(t, s, c->watches[i].place, place, watches);
    return rc;
}

/* Where a unit lies, watched over or not. A unit that is no more is nobody's to read. */
static enum fault_code
watches_unit(struct task *t, struct store *s, const struct scope *c, const char *role, int64_t unit, bool *watches)
{
    struct org_unit u;
    bool found;
    enum fault_code rc = org_unit(t, s, unit, &u, &found);

    *watches = false;
    return rc || !found ? rc : watches_place(t, s, c, role, u.place, watches);
}

/* Somebody is watched over where he holds a post, or held one: a closed account is read as well. */
static enum fault_code
watches_person(struct task *t, struct store *s, const struct scope *c, const char *role, int64_t person,
               bool *watches)
{
    struct rows r;
    int64_t units[LIMIT_KEYS];
    size_t n = 0;
    enum fault_code rc =
        store_query(t, s, &r, "SELECT DISTINCT unit FROM org_post WHERE person = ? ORDER BY unit LIMIT ?", "ii",
                    person, (int64_t)LIMIT_KEYS);

    *watches = false;
    if (rc)
        return rc;
    while (store_next(t, &r))
        units[n++] = store_int(&r, 0);
    rc = store_end(t, &r);
    for (size_t i = 0; i < n && !*watches && !rc; i++)
        rc = watches_unit(t, s, c, role, units[i], watches);
    return rc;
}

/* ---- sign-ins ---- */

enum fault_code
org_sign_in_keep(struct task *t, struct store *s, const char *account, const char *address, const char *sort,
                 bool held)
{
    /* A name that is no account is not written down: people type their password there. */
    enum fault_code rc = store_run(t, s, NULL,
                                   "INSERT INTO org_sign_in (at, account, person, address, sort, held) SELECT ?, "
                                   "account, person, ?, ?, ? FROM org_account WHERE account = ?",
                                   "issis", t->now, address, sort, (int64_t)held, account);

    return rc ? rc
              : store_run(t, s, NULL, "DELETE FROM org_sign_in WHERE at < ?", "i",
                          t->now - LIMIT_SIGN_IN_DAYS * TIME_DAY);
}

static enum fault_code
read_sign_ins(struct task *t, struct store *s, const char *account, int64_t before, struct org_sign_in *list,
              size_t *n)
{
    struct rows r;
    enum fault_code rc =
        account ? store_query(t, s, &r,
                              "SELECT n, at, account, person, address, sort, held FROM org_sign_in WHERE n < ? AND "
                              "account = ? ORDER BY n DESC LIMIT ?",
                              "isi", before, account, (int64_t)ORG_ROLL_READ)
                : store_query(t, s, &r,
                              "SELECT n, at, account, person, address, sort, held FROM org_sign_in WHERE n < ? "
                              "ORDER BY n DESC LIMIT ?",
                              "ii", before, (int64_t)ORG_ROLL_READ);

    *n = 0;
    if (rc)
        return rc;
    while (store_next(t, &r))
        list[(*n)++] = (struct org_sign_in){.n = store_int(&r, 0),
                                            .at = store_int(&r, 1),
                                            .account = store_text(t, &r, 2),
                                            .person = store_int(&r, 3),
                                            .address = store_text(t, &r, 4),
                                            .sort = store_text(t, &r, 5),
                                            .held = store_int(&r, 6) != 0};
    return store_end(t, &r);
}

enum fault_code
org_sign_ins(struct task *t, struct store *s, const struct scope *c, const char *account, int64_t before,
             size_t limit, struct org_sign_in **out, size_t *n, int64_t *next)
{
    struct org_sign_in *read = arena_alloc(t->arena, ORG_ROLL_READ * sizeof *read);
    size_t n_read, i;
    enum fault_code rc = read_sign_ins(t, s, account, before ? before : INT64_MAX, read, &n_read);

    *out = arena_alloc(t->arena, (limit + 1) * sizeof **out);
    *n = 0;
    for (i = 0; i < n_read && *n < limit && !rc; i++) {
        bool watches;

        rc = watches_person(t, s, c, "auditor", read[i].person, &watches);
        if (!rc && watches)
            (*out)[(*n)++] = read[i];
    }
    *next = i < n_read || n_read == ORG_ROLL_READ ? read[i - 1].n : 0;
    return rc;
}

/* ---- what was given ---- */

static void
read_grant(struct task *t, const struct rows *r, enum org_grant_sort sort, struct org_grant *g)
{
    int64_t party = store_int(r, 0);

    *g = (struct org_grant){.sort = sort};
    if (sort == ORG_GRANT_LENT) {
        g->unit = party >> 60 == ORG_KEY_UNIT ? party >> 24 & ((INT64_C(1) << 36) - 1) : 0;
        g->person = party >> 60 == ORG_KEY_PERSON ? party >> 24 & ((INT64_C(1) << 36) - 1) : 0;
        g->stream = store_int(r, 1);
        g->rid = store_int(r, 2);
        return;
    }
    g->unit = party;
    g->person = sort == ORG_GRANT_POST ? store_int(r, 1) : 0;
    g->other = sort == ORG_GRANT_TIE ? store_int(r, 1) : 0;
    g->as = store_text(t, r, 2);
    g->from_day = store_int(r, 3);
    g->to_day = store_int(r, 4);
    g->id = sort == ORG_GRANT_POST ? store_int(r, 5) : 0;
}

enum fault_code
org_grants(struct task *t, struct store *s, const struct scope *c, enum org_grant_sort sort, int64_t skip,
           size_t limit, struct org_grant **out, size_t *n, int64_t *next)
{
    static const char *const from[] = {
        [ORG_GRANT_POST] = "SELECT unit, person, role, from_day, to_day, id FROM org_post ORDER BY from_day DESC, id "
                           "DESC LIMIT ? OFFSET ?",
        [ORG_GRANT_TIE] = "SELECT unit, other, sort, from_day, to_day FROM org_tie ORDER BY from_day DESC, unit, "
                          "other, sort LIMIT ? OFFSET ?",
        [ORG_GRANT_LENT] = "SELECT DISTINCT party, stream, rid FROM org_lent ORDER BY rid DESC, stream, party LIMIT "
                           "? OFFSET ?"};
    struct org_grant *read = arena_alloc(t->arena, ORG_ROLL_READ * sizeof *read);
    struct rows r;
    size_t n_read = 0, i;
    bool watches;
    enum fault_code rc = store_query(t, s, &r, from[sort], "ii", (int64_t)ORG_ROLL_READ, skip);

    *out = arena_alloc(t->arena, (limit + 1) * sizeof **out);
    *n = 0;
    if (rc)
        return rc;
    while (store_next(t, &r))
        read_grant(t, &r, sort, &read[n_read++]);
    rc = store_end(t, &r);
    for (i = 0; i < n_read && *n < limit && !rc; i++) {
        rc = read[i].unit ? watches_unit(t, s, c, "auditor", read[i].unit, &watches)
                          : watches_person(t, s, c, "auditor", read[i].person, &watches);
        if (!rc && watches)
            (*out)[(*n)++] = read[i];
    }
    *next = i < n_read || n_read == ORG_ROLL_READ ? skip + (int64_t)i : 0;
    return rc;
}

/* ---- accounts ---- */

enum fault_code
org_accounts(struct task *t, struct store *s, const struct scope *c, const char *q, const char *after, size_t limit,
             struct org_account **out, size_t *n, const char **next)
{
    struct org_account *read = arena_alloc(t->arena, ORG_ROLL_READ * sizeof *read);
    const char *like = q ? org_inside_of(t, q) : "%";
    struct rows r;
    size_t n_read = 0, i;
    enum fault_code rc =
        store_query(t, s, &r,
                    "SELECT a.account, a.person, a.made_at, a.closed_at, (SELECT max(i.at) FROM org_sign_in i WHERE "
                    "i.account = a.account AND i.held = 1) FROM org_account a LEFT JOIN org_person p ON p.id = "
                    "a.person WHERE a.account > ? AND (a.account LIKE ? ESCAPE '!' OR p.name LIKE ? ESCAPE '!') "
                    "ORDER BY a.account LIMIT ?",
                    "sssi", after ? after : "", like, like, (int64_t)ORG_ROLL_READ);

    *out = arena_alloc(t->arena, (limit + 1) * sizeof **out);
    *n = 0;
    if (rc)
        return rc;
    while (store_next(t, &r))
        read[n_read++] = (struct org_account){store_text(t, &r, 0), store_int(&r, 1), store_int(&r, 2),
                                              store_int(&r, 3), store_int(&r, 4)};
    rc = store_end(t, &r);
    for (i = 0; i < n_read && *n < limit && !rc; i++) {
        bool watches;

        rc = watches_person(t, s, c, "sysadmin", read[i].person, &watches);
        if (!rc && watches)
            (*out)[(*n)++] = read[i];
    }
    *next = i < n_read || n_read == ORG_ROLL_READ ? read[i - 1].account : NULL;
    return rc;
}
