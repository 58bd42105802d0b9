/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/lent.c - sight that a record lends of others while its state lasts: rows made and read.
 *
 * Knows: to which unit or person, by which record, under which audience key.
 * Does not know: which records under that key are lent; record tests them by the body.
 */
#include "org/inside.h"
#include <stdlib.h>
#include <string.h>

static enum fault_code
add_rule(struct task *t, struct store *s, int64_t stream, int64_t rid, int64_t n,
         const struct json *rule)
{
    const struct json *to = json_get(rule, "to");
    struct text body;
    enum fault_code rc;

    text_init(&body, t->arena);
    rc = json_canonical(t, json_get(rule, "body"), false, &body);
    for (size_t i = 0; i < json_count(to) && !rc; i++)
        rc = store_run(t, s, NULL,
                       "INSERT INTO org_lent (party, stream, rid, n, key, body) VALUES (?, ?, ?, ?, ?, ?) ON "
                       "CONFLICT DO NOTHING",
                       "iiiiis", (int64_t)strtoll(json_text(json_at(to, i)), NULL, 10), stream, rid, n,
                       (int64_t)strtoll(json_text_of(rule, "key"), NULL, 10), text_string(&body));
    return rc;
}

enum fault_code
org_lend(struct task *t, struct store *s, int64_t stream, int64_t rid, const struct json *list)
{
    enum fault_code rc =
        store_run(t, s, NULL, "DELETE FROM org_lent WHERE stream = ? AND rid = ?", "ii", stream, rid);

    for (size_t i = 0; i < json_count(list) && !rc; i++)
        rc = add_rule(t, s, stream, rid, (int64_t)i, json_at(list, i));
    return rc;
}

/* One statement whatever his keys are: a stranger costs what anybody costs. */
enum fault_code
org_lent(struct task *t, struct store *s, struct scope *c)
{
    struct store_value keys[LIMIT_KEYS];
    int64_t parties[LIMIT_KEYS] = {0};
    struct rows r;
    size_t n = 0, room = 4;
    enum fault_code rc;

    c->n_lent = 0;
    for (size_t i = 0; i < c->n_keys; i++)
        if (c->keys[i] >> 60 != ORG_KEY_PLACE)
            parties[n++] = c->keys[i];
    room = n > room ? LIMIT_KEYS : room;
    for (size_t i = 0; i < room; i++)
        keys[i] = (struct store_value){.letter = 'i', .integer = parties[i]};
    if (store_still(t, s, 'l', parties, sizeof parties, NULL))
        return FAULT_NONE;
    rc = store_query_values(t, s, &r,
                            room == LIMIT_KEYS
                                ? "SELECT stream, rid, key, body FROM org_lent WHERE party IN (?, ?, ?, ?, ?, ?, "
                                  "?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ORDER BY rid DESC, stream, n"
                                : "SELECT stream, rid, key, body FROM org_lent WHERE party IN (?, ?, ?, ?) ORDER "
                                  "BY rid DESC, stream, n",
                            keys, room);
    if (rc)
        return rc;
    while (c->n_lent < LIMIT_LENT && store_next(t, &r)) {
        struct org_lent *x = &c->lent[c->n_lent];
        const char *body = store_text(t, &r, 3);

        x->stream = store_int(&r, 0);
        x->rid = store_int(&r, 1);
        x->key = store_int(&r, 2);
        if (json_read(t, body, strlen(body), &x->body))
            break;
        c->n_lent++;
    }
    rc = store_end(t, &r);
    if (!rc && !c->n_lent)
        store_still_keep(s, 'l', parties, sizeof parties, "", 0, false);
    return rc;
}
