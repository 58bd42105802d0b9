/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/hunt.c - candidates by search: tokens of the text and of the caller's keys, and what is
 * not indexed yet.
 *
 * Knows: what the index can tell by itself, and what has to be compared with the row.
 * Does not know: how tokens are made or kept; store does.
 */
#include "record/finding.h"
#include <stdlib.h>
#include <string.h>

static const char *
key_tokens(struct record_finding *x)
{
    struct text out;
    size_t n_kinds = x->f->n_kinds ? x->f->n_kinds : kind_catalog_count(x->w->catalog);

    text_init(&out, x->t->arena);
    for (size_t i = 0; i < x->c->n_keys; i++)
        for (size_t k = 0; k < n_kinds; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            text_printf(&out, " k%llx", (unsigned long long)org_key_kind(x->c->keys[i], kind->id));
        }
    for (size_t i = 0; i < x->c->n_lent; i++)
        if (record_kind_asked(x, (int)(x->c->lent[i].key & 4095)))
            text_printf(&out, " k%llx", (unsigned long long)x->c->lent[i].key);
    for (size_t i = 0; i < x->c->n_tied; i++)
        for (size_t k = 0; k < n_kinds; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            text_printf(&out, " k%llx",
                        (unsigned long long)org_key(ORG_KEY_UNIT, x->c->tied[i], 0, kind->id));
        }
    return text_string(&out);
}

/* What has changed since it was indexed: both lists are newest first. */
static void
distrust(struct record_candidate *list, size_t indexed, size_t n)
{
    for (size_t i = 0, k = indexed; i < indexed && k < n;) {
        int order = record_newest_first(&list[i], &list[k]);

        if (!order)
            list[i].exact = false;
        i += order <= 0;
        k += order >= 0;
    }
}

/* What was asked is one pair or one character: a record that has the token has the text. The index
 * knows no order among several tokens, nor what stands between words. */
static bool
is_one_token(const char *tokens, const char *asked)
{
    return *tokens == ' ' && (unsigned char)tokens[1] >= 0x80 && strcmp(tokens + 1, asked) == 0;
}

enum fault_code
record_hunt(struct record_finding *x, const struct record_candidate *after, size_t want,
            struct record_candidate **out, size_t *n)
{
    const char *tokens = store_search_tokens(x->t, x->f->q, true);
    bool exact = is_one_token(tokens, x->f->q) && !x->f->place && !x->f->line && !x->f->states &&
                 !x->f->levels && !x->f->open_only && !x->f->own && !x->c->n_lent;
    struct record_candidate *list = arena_alloc(x->t->arena, (want + 2001) * sizeof *list);
    struct rows r;
    size_t indexed;
    enum fault_code rc = FAULT_NONE;

    *n = 0;
    if (!strlen(tokens) || !(x->c->n_keys + x->c->n_tied)) {
        *out = list;
        return FAULT_NONE;
    }
    rc = store_search_find(x->t, x->s, &r, tokens, key_tokens(x), after->rid, (int64_t)want);
    if (rc)
        return rc;
    while (*n < want && store_next(x->t, &r)) {
        list[*n].rid = store_int(&r, 0);
        list[*n].stream = store_int(&r, 1);
        list[(*n)++].exact = exact;
    }
    rc = store_end(x->t, &r);
    indexed = *n;
    if (!rc)
        rc = store_query(
            x->t, x->s, &r,
            "SELECT rid, stream FROM record_search_wait WHERE rid < ? ORDER BY rid DESC LIMIT 2000",
            "i", after->rid);
    if (rc)
        return rc;
    while (store_next(x->t, &r)) {
        list[*n].rid = store_int(&r, 0);
        list[(*n)++].stream = store_int(&r, 1);
    }
    rc = store_end(x->t, &r);
    distrust(list, indexed, *n);
    qsort(list, *n, sizeof *list, record_newest_first);
    *n = record_once_each(list, *n, want);
    *out = list;
    return rc;
}
