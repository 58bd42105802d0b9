/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/total.c - the total beside a page: exactly up to 1,000, then "1000+".
 *
 * Knows: when keys alone can be counted, and when rows have to be tested.
 * Does not know: figures; desk asks them first.
 */
#include "record/finding.h"
#include <string.h>

/* A party that must never see a record may hold keys to its place: such rows are counted one by
 * one. */
static bool
bars_some(const struct record_finding *x)
{
    size_t n = x->f->n_kinds ? x->f->n_kinds : kind_catalog_count(x->w->catalog);

    for (size_t i = 0; i < n; i++) {
        const struct kind *k = x->f->n_kinds ? x->f->kinds[i] : kind_catalog_at(x->w->catalog, i);

        for (size_t s = 0; s < k->n_sight; s++)
            if (k->sight[s].n_never)
                return true;
    }
    return false;
}

/* Whether a row has to be read to know that it fits; a key says kind, state, level and, where
 * exact, place and line. */
static bool
tests_rows(const struct record_finding *x)
{
    const struct record_filter *f = x->f;

    /* As of a day, what was born by then counts; only its state, level and place have to be looked
     * up. */
    return f->unit || f->desk_unit || f->desk_person || f->due_before || f->fields || f->fits ||
           (f->as_of && (f->q || f->states || f->levels || f->open_only || f->place || f->line)) ||
           x->c->n_lent || x->c->n_tied || bars_some(x);
}

/* A total reads the private values of no row, unless a filter asks for one. */
bool
record_asks_private(const struct record_finding *x)
{
    for (size_t k = 0; k < x->f->n_kinds; k++)
        for (size_t i = 0; x->f->fields && i < x->f->fields->object.n; i++) {
            const struct kind_field *field =
                kind_field(x->f->kinds[k], x->f->fields->object.at[i].name);

            if (field && field->private_value)
                return true;
        }
    return x->f->fields && !x->f->n_kinds;
}

/* More than is ever counted stand under one key: no other key has to be merged to say so. */
static enum fault_code
one_key_has_more(struct record_finding *x, const struct record_candidate *at, bool *more)
{
    int64_t counted = 0, base = 0, n;
    bool found;
    enum fault_code rc = FAULT_NONE;

    *more = false;
    for (size_t i = 0; i < x->n_branches && !*more && !rc; i++) {
        const struct record_branch *b = &x->branches[i];

        if (!b->exact)
            continue;
        if (org_key_kind(b->key, 0) != base)
            counted = 0;
        base = org_key_kind(b->key, 0);
        rc = x->by_due ? store_one_int(x->t, x->s, &n, &found,
                                       "SELECT count(*) FROM (SELECT 1 FROM record_due_vis WHERE "
                                       "key = ? AND facet = ? "
                                       "LIMIT ?) AS counted",
                                       "iii", b->key, (int64_t)b->facet, LIMIT_TOTAL + 1 - counted)
                       : store_one_int(x->t, x->s, &n, &found,
                                       "SELECT count(*) FROM (SELECT 1 FROM record_vis WHERE key = "
                                       "? AND facet = ? AND "
                                       "(rid, stream) < (?, ?) LIMIT ?) AS counted",
                                       "iiiii", b->key, (int64_t)b->facet, at->rid, at->stream,
                                       LIMIT_TOTAL + 1 - counted);
        counted += rc ? 0 : n;
        *more = counted > LIMIT_TOTAL;
    }
    return rc;
}

/* Rows that are only counted die with their batch: five thousand of them are tens of megabytes. */
static enum fault_code
count_batch(struct record_finding *x, const struct record_candidate *list, size_t n, bool every,
            int64_t *total)
{
    struct record_finding y = *x;
    struct task own;
    enum fault_code rc = FAULT_NONE;

    task_init(&own, x->t->now, 1);
    own.memo = x->t->memo; /* what it reads of org lies where the memo does */
    y.t = &own;
    for (size_t i = 0; i < n && !rc; i++) {
        struct record r;
        bool fits = true;

        if (every || !list[i].exact)
            rc = record_load(&y, &list[i], &r, &fits);
        *total += fits;
    }
    x->t->store_calls += own.store_calls;
    if (rc)
        rc = fault(x->t, rc, NULL, "%s | %s", own.fault.items[0].zh, own.fault.items[0].en);
    task_release(&own);
    return rc;
}

struct counted {
    int64_t total;
    bool more;
};

/* Whose it is and of what: two callers of the same keys may still be barred from different records. */
static const char *
counted_by(struct record_finding *x, size_t *len)
{
    const char *filter = record_filter_text(x, len);
    struct text key;

    text_init(&key, x->t->arena);
    text_integer(&key, x->c->person);
    text_puts(&key, x->c->everything ? "!" : "|");
    text_add(&key, filter, *len);
    *len = key.len;
    return text_string(&key);
}

bool
record_total_known(struct record_finding *x, struct record_page *out)
{
    size_t len = 0;
    const char *key = x->f->fits ? NULL : counted_by(x, &len);
    const struct counted *c = key ? store_still(x->s, 'n', key, len, NULL) : NULL;


    if (c) {
        out->total = c->total;
        out->more_than_total = c->more;
    }
    return c != NULL;
}

/* Exactly up to the contract's 1,000, then "1000+". */
static enum fault_code
count(struct record_finding *x, struct record_page *out)
{
    struct record_candidate at, *list;
    size_t n, scanned = 0;
    struct record_filter first = *x->f;
    struct record_finding from_start = *x;
    bool every = tests_rows(x);
    enum fault_code rc;

    first.cursor = NULL;
    first.rows_only = !record_asks_private(x);
    from_start.f = &first;
    rc = record_cursor_read(&from_start, &at);
    if (!rc && !every && !x->f->q)
        rc = one_key_has_more(&from_start, &at, &out->more_than_total);
    if (rc || out->more_than_total) {
        out->total = LIMIT_TOTAL;
        return rc;
    }
    while (!rc && out->total <= LIMIT_TOTAL && scanned < RECORD_SCAN_MAX / 4) {
        rc = record_batch(&from_start, &at, every ? RECORD_BATCH : LIMIT_TOTAL + 1, &list, &n);
        if (rc || !n)
            return rc;
        at = list[n - 1];
        scanned += n;
        rc = count_batch(&from_start, list, n, every, &out->total);
        if (!every && n <= LIMIT_TOTAL)
            return rc;
    }
    out->more_than_total = !rc;
    if (out->total > LIMIT_TOTAL)
        out->total = LIMIT_TOTAL;
    return rc;
}

enum fault_code
record_count_total(struct record_finding *x, struct record_page *out)
{
    struct counted c = {0};
    const char *key;
    size_t len;
    enum fault_code rc;

    if (record_total_known(x, out))
        return FAULT_NONE;
    rc = count(x, out);
    if (rc || x->f->fits)
        return rc;
    c.total = out->total;
    c.more = out->more_than_total;
    key = counted_by(x, &len);
    store_still_keep(x->s, 'n', key, len, &c, sizeof c);
    return rc;
}
