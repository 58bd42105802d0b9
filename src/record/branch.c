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
add_branch(struct record_finding *x, const struct record_branch *b)
{
    if (x->n_branches == x->room) {
        size_t room = x->room ? x->room * 2 : 64;
        struct record_branch *list = arena_alloc(x->t->arena, room * sizeof *list);

        if (x->n_branches)
            memcpy(list, x->branches, x->n_branches * sizeof *list);
        x->branches = list;
        x->room = room;
    }
    x->branches[x->n_branches++] = *b;
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
        store_still_keep(x->s, 'f', &key, sizeof key, out, *n * sizeof *out, false);
    return rc;
}

/* The branch for each facet in use under its key. A party's key may open a part of a record alone: values
 * in an index are for who sees all of it. */
static enum fault_code
add_facets(struct record_finding *x, struct record_branch b, const struct kind *k)
{
    int64_t key = org_key_kind(b.key, k->id);
    size_t n = 0, len;
    const int32_t *facets = store_still(x->t, x->s, 'f', &key, sizeof key, &len);
    enum fault_code rc = FAULT_NONE;

    if (facets) {
        n = len / sizeof *facets;
    } else {
        int32_t *list = arena_alloc(x->t->arena, FACETS_MOST * sizeof *list);

        rc = read_facets(x, key, list, &n);
        facets = list;
    }
    b.key = key;
    b.exact = b.exact && !(x->by_index && key >> 60 != ORG_KEY_PLACE);
    for (size_t i = 0; i < RECORD_ALSO; i++)
        b.also[i] = b.also[i] ? org_key_kind(b.also[i], k->id) : 0;
    for (size_t i = 0; i < n && !rc; i++) {
        b.facet = facets[i];
        if (record_facet_fits(x, k, b.facet))
            add_branch(x, &b);
    }
    return rc;
}

/* The key that every record at or below the place on the line has: lines are in keys down to the county. */
static enum fault_code
key_of_line(struct record_finding *x, int64_t place, int line, int64_t *key)
{
    int64_t county = 0, top = 0;
    bool reached = false;
    enum fault_code rc = org_county(x->t, x->s, place, &county);

    *key = 0;
    if (!rc)
        rc = org_top(x->t, x->s, &top);
    if (!rc)
        rc = org_covers(x->t, x->s, top, county, &reached);
    if (!rc && reached)
        *key = org_key(ORG_KEY_PLACE, county, line, 0);
    return rc;
}

/* The keys of a place: with the line where keys have one, else with a second key that has it. */
static enum fault_code
at_place(struct record_finding *x, int64_t place, int64_t own, int line, int asked, struct record_branch *b)
{
    struct org_place p;
    size_t n = 0;
    bool found;
    enum fault_code rc = org_place(x->t, x->s, place, &p, &found);

    if (rc || !found)
        return rc;
    b->exact = true;
    if (p.level <= ORG_COUNTY) {
        b->key = org_key(ORG_KEY_PLACE, p.id, line ? line : asked, 0);
        if (line && asked && line != asked)
            b->also[n++] = org_key(ORG_KEY_PLACE, p.id, asked, 0);
        return rc;
    }
    b->key = org_key(ORG_KEY_PLACE, p.id, 0, 0);
    if (line)
        b->also[n++] = own;
    if (!asked || asked == line)
        return rc;
    rc = key_of_line(x, place, asked, &b->also[n]);
    b->exact = b->also[n] != 0;
    return rc;
}

/*
 * A caller's key, narrowed to the place and line asked for; b->key 0 where they do not meet. By the tree
 * of today: he sees what he may see today.
 */
static enum fault_code
narrow(struct record_finding *x, int64_t key, struct record_branch *b)
{
    int64_t number = (key >> 24) & ((INT64_C(1) << 36) - 1);
    int line = (int)(key >> 12) & 4095;
    int asked = x->f->as_of ? 0 : x->f->line; /* keys hold the lines of today */
    bool covers = true, below = true;
    enum fault_code rc = FAULT_NONE;

    memset(b, 0, sizeof *b);
    b->key = key;
    b->exact = !x->f->place && !asked;
    if (key >> 60 != ORG_KEY_PLACE)
        return FAULT_NONE;
    if (x->f->own) {
        b->key = 0;
        return FAULT_NONE;
    }
    if (!x->f->place && !asked)
        return FAULT_NONE;
    if (x->f->place)
        rc = org_covers(x->t, x->s, number, x->f->place, &covers);
    if (!rc && !covers)
        rc = org_covers(x->t, x->s, x->f->place, number, &below);
    if (rc)
        return rc;
    if (!below) {
        b->key = 0;
        return FAULT_NONE;
    }
    if (!covers && !asked) {
        b->exact = true;
        return FAULT_NONE;
    }
    return at_place(x, covers && x->f->place ? x->f->place : number, key, line, asked, b);
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
    struct record_branch b = {0};
    enum fault_code rc = k ? narrow(x, lent, &b) : FAULT_NONE;

    b.exact = false;
    memset(b.also, 0, sizeof b.also);
    return rc || !b.key ? rc : add_facets(x, b, k);
}

bool
record_walks_left(const struct record_finding *x)
{
    return (x->f->as_of || x->f->opens) && x->f->place && !x->by_due;
}

enum fault_code
record_branches(struct record_finding *x)
{
    size_t n_kinds = x->f->n_kinds ? x->f->n_kinds : kind_catalog_count(x->w->catalog);
    enum fault_code rc = FAULT_NONE;

    x->by_index = x->f->fields && x->f->n_kinds && !x->f->as_of && !record_asks_private(x);
    for (size_t i = 0; i < x->c->n_keys && !rc; i++) {
        struct record_branch b;

        rc = narrow(x, x->c->keys[i], &b);
        for (size_t k = 0; k < n_kinds && b.key && !rc; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            rc = add_facets(x, b, kind);
        }
    }
    for (size_t i = 0; i < x->c->n_lent && !x->f->own && !rc; i++)
        rc = add_lent(x, x->c->lent[i].key);
    for (size_t i = 0; i < x->c->n_tied && !x->f->own && !rc; i++)
        for (size_t k = 0; k < n_kinds && !rc; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            rc = add_facets(x, (struct record_branch){.key = org_key(ORG_KEY_UNIT, x->c->tied[i], 0, 0)}, kind);
        }
    /* As of a past day, a place also held what has left it since; a figure of it still counts that. */
    for (size_t k = 0; k < n_kinds && record_walks_left(x) && !rc; k++) {
        const struct kind *kind = x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);
        struct record_branch b = {.key = org_key(ORG_KEY_PLACE, x->f->place, 0, kind->id),
                                  .facet = RECORD_BRANCH_LEFT};

        add_branch(x, &b);
    }
    return rc;
}

/* ---- as a query ---- */

size_t
record_branch_width(const struct record_finding *x)
{
    return 5 + 2 * RECORD_ALSO + (x->by_index ? 3 * x->f->fields->object.n : 0);
}

void
record_branch_text(const struct record_finding *x, const struct record_branch *b, struct text *sql)
{
    static const char also[] = "EXISTS (SELECT 1 FROM record_vis a WHERE a.key = ? AND a.facet = v.facet AND "
                               "a.rid = v.rid AND a.stream = v.stream)";

    if (b->facet == RECORD_BRANCH_LEFT) {
        text_puts(sql, " FROM record_left v WHERE v.key = ? AND (v.rid, v.stream) < (?, ?)");
        return;
    }
    text_puts(sql, x->by_due ? " FROM record_due_vis v WHERE v.key = ? AND v.facet = ? AND (v.due, v.rid, "
                               "v.stream) > (?, ?, ?)"
                             : " FROM record_vis v WHERE v.key = ? AND v.facet = ? AND (v.rid, v.stream) < (?, ?)");
    for (size_t i = 0; i < RECORD_ALSO && b->also[i]; i++)
        /* The row says the lead line: the other key is only asked where it is another. */
        text_printf(sql, x->by_due ? " AND %s" : " AND (v.line = ? OR %s)", also);
    for (size_t i = 0; x->by_index && i < x->f->fields->object.n; i++)
        text_puts(sql, " AND EXISTS (SELECT 1 FROM record_field d WHERE d.kind = ? AND d.name = ? AND d.value = ? "
                       "AND d.rid = v.rid AND d.stream = v.stream)");
}

static struct store_value
integer(int64_t value)
{
    return (struct store_value){.letter = 'i', .integer = value};
}

size_t
record_branch_bind(const struct record_finding *x, const struct record_branch *b,
                   const struct record_candidate *after, struct store_value *v)
{
    size_t n = 0;

    v[n++] = integer(b->key);
    if (b->facet != RECORD_BRANCH_LEFT)
        v[n++] = integer(b->facet);
    if (x->by_due)
        v[n++] = integer(after->due);
    v[n++] = integer(after->rid);
    v[n++] = integer(after->stream);
    for (size_t i = 0; i < RECORD_ALSO && b->also[i]; i++) {
        if (!x->by_due)
            v[n++] = integer(b->also[i] >> 12 & 4095);
        v[n++] = integer(b->also[i]);
    }
    for (size_t i = 0; x->by_index && b->facet != RECORD_BRANCH_LEFT && i < x->f->fields->object.n; i++) {
        v[n++] = integer(b->key & 4095);
        v[n++] = (struct store_value){.letter = 's', .bytes = x->f->fields->object.at[i].name};
        v[n++] = (struct store_value){.letter = 's', .bytes = json_text(x->f->fields->object.at[i].value)};
    }
    return n;
}
