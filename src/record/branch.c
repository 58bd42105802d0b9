/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/branch.c - which keys and facets a list walks.
 *
 * Knows: a caller's keys narrowed to the place and line asked for, the facets in use under a key.
 * Does not know: how a caller got his keys; org made them.
 */
#include "record/finding.h"
#include <string.h>

bool
record_listed(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; at && *at;) {
        size_t n = strcspn(at, ",");

        if (n == len && memcmp(at, word, n) == 0)
            return true;
        at += n + (at[n] == ',');
    }
    return false;
}

bool
record_facet_fits(const struct record_finding *x, const struct kind *k, int facet)
{
    const struct kind_state *state = kind_state_at(k, facet >> 4);
    int level = facet & 15;

    if (!state || (x->f->open_only && state->final))
        return false;
    if (x->f->as_of)
        return true;
    if (x->f->states && !record_listed(x->f->states, state->name))
        return false;
    if (x->f->levels && (!level || (size_t)level > k->n_levels ||
                         !record_listed(x->f->levels, k->levels[level - 1])))
        return false;
    return true;
}

static void
add_branch(struct record_finding *x, int64_t key, int facet, bool exact)
{
    if (x->n_branches == x->room) {
        size_t room = x->room ? x->room * 2 : 64;
        struct record_branch *list = arena_alloc(x->t->arena, room * sizeof *list);

        if (x->n_branches)
            memcpy(list, x->branches, x->n_branches * sizeof *list);
        x->branches = list;
        x->room = room;
    }
    x->branches[x->n_branches++] = (struct record_branch){key, facet, exact};
}

#define FACETS_MOST 1024 /* 64 states by 16 levels */

/* One seek each, in one statement. */
static enum fault_code
read_facets(struct record_finding *x, int64_t key, int32_t *out, size_t *n)
{
    struct rows r;
    enum fault_code rc = store_query(
        x->t, x->s, &r,
        "WITH RECURSIVE used(facet) AS (SELECT (SELECT min(facet) FROM record_vis WHERE key = ?) "
        "UNION ALL SELECT (SELECT min(v.facet) FROM record_vis v WHERE v.key = ? AND v.facet > "
        "used.facet) FROM used WHERE used.facet IS NOT NULL) SELECT facet FROM used WHERE facet "
        "IS NOT NULL",
        "ii", key, key);

    *n = 0;
    if (rc)
        return rc;
    while (*n < FACETS_MOST && store_next(x->t, &r))
        out[(*n)++] = (int32_t)store_int(&r, 0);
    rc = store_end(x->t, &r);
    if (!rc)
        store_still_keep(x->s, 'f', &key, sizeof key, out, *n * sizeof *out);
    return rc;
}

/* The facets in use under a key. */
static enum fault_code
add_facets(struct record_finding *x, int64_t key, const struct kind *k, bool exact)
{
    size_t n = 0, len;
    const int32_t *facets = store_still(x->s, 'f', &key, sizeof key, &len);
    enum fault_code rc = FAULT_NONE;

    if (facets) {
        n = len / sizeof *facets;
    } else {
        int32_t *list = arena_alloc(x->t->arena, FACETS_MOST * sizeof *list);

        rc = read_facets(x, key, list, &n);
        facets = list;
    }
    for (size_t i = 0; i < n && !rc; i++)
        if (record_facet_fits(x, k, facets[i]))
            add_branch(x, key, facets[i], exact);
    return rc;
}

/*
 * A caller's key, narrowed to the place and line asked for; 0 where they do not meet. By the tree
 * of today: he sees what he may see today.
 */
static enum fault_code
narrow(struct record_finding *x, int64_t key, int64_t *out, bool *exact)
{
    int64_t number = (key >> 24) & ((INT64_C(1) << 36) - 1);
    int line = (int)(key >> 12) & 4095;
    int asked = x->f->as_of ? 0 : x->f->line; /* keys hold the lines of today */
    struct org_place p;
    bool covers, found;
    enum fault_code rc;

    *out = key;
    *exact = !x->f->place && !asked;
    if (key >> 60 != ORG_KEY_PLACE)
        return FAULT_NONE;
    if (x->f->own) {
        *out = 0;
        return FAULT_NONE;
    }
    if (!x->f->place && (line || !asked)) {
        *exact = !asked || line == asked;
        return FAULT_NONE;
    }
    covers = true;
    rc = x->f->place ? org_covers(x->t, x->s, number, x->f->place, &covers) : FAULT_NONE;
    if (rc)
        return rc;
    if (covers) {
        rc = org_place(x->t, x->s, x->f->place ? x->f->place : number, &p, &found);
        if (rc || !found)
            return rc;
        if (p.level <= ORG_COUNTY && !line)
            line = asked;
        *exact = p.level <= ORG_COUNTY ? !asked || line == asked : !line && !asked;
        *out = org_key(ORG_KEY_PLACE, p.id, p.level <= ORG_COUNTY ? line : 0, 0);
        return rc;
    }
    rc = org_covers(x->t, x->s, x->f->place, number, &covers);
    *exact = covers && (!asked || line == asked);
    if (!covers)
        *out = 0;
    return rc;
}

const struct kind *
record_kind_asked(const struct record_finding *x, int id)
{
    size_t n = x->f->n_kinds ? x->f->n_kinds : kind_catalog_count(x->w->catalog);

    for (size_t i = 0; i < n; i++) {
        const struct kind *k = x->f->n_kinds ? x->f->kinds[i] : kind_catalog_at(x->w->catalog, i);

        if (k->id == id)
            return k;
    }
    return NULL;
}

/* What a lent rule covers is walked like a key of his own; each row is tested by the rule. */
static enum fault_code
add_lent(struct record_finding *x, int64_t lent)
{
    const struct kind *k = record_kind_asked(x, (int)(lent & 4095));
    int64_t key = 0;
    bool exact;
    enum fault_code rc = k ? narrow(x, lent, &key, &exact) : FAULT_NONE;

    return rc || !key ? rc : add_facets(x, org_key_kind(key, k->id), k, false);
}

enum fault_code
record_branches(struct record_finding *x)
{
    size_t n_kinds = x->f->n_kinds ? x->f->n_kinds : kind_catalog_count(x->w->catalog);
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < x->c->n_keys && !rc; i++) {
        int64_t key;
        bool exact;

        rc = narrow(x, x->c->keys[i], &key, &exact);
        for (size_t k = 0; k < n_kinds && key && !rc; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            rc = add_facets(x, org_key_kind(key, kind->id), kind, exact);
        }
    }
    for (size_t i = 0; i < x->c->n_lent && !x->f->own && !rc; i++)
        rc = add_lent(x, x->c->lent[i].key);
    for (size_t i = 0; i < x->c->n_tied && !x->f->own && !rc; i++)
        for (size_t k = 0; k < n_kinds && !rc; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            rc = add_facets(x, org_key(ORG_KEY_UNIT, x->c->tied[i], 0, kind->id), kind, false);
        }
    /* As of a past day, a place also held what has left it since. */
    for (size_t k = 0; k < n_kinds && x->f->as_of && x->f->place && !x->by_due && !rc; k++)
        add_branch(
            x,
            org_key(ORG_KEY_PLACE, x->f->place, 0,
                    (x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k))->id),
            RECORD_BRANCH_LEFT, false);
    return rc;
}
