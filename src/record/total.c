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
    return f->unit || f->desk_unit || f->desk_person || f->due_before ||
           (f->fields && !(x->by_index && x->walks != RECORD_BY_FIELD)) || f->fits ||
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

static enum fault_code
count_branch(struct record_finding *x, const struct record_branch *b, const struct record_candidate *at,
             int64_t most, int64_t *n)
{
    struct store_value *v = arena_alloc(x->t->arena, (record_branch_width(x) + 1) * sizeof *v);
    struct text sql;
    struct rows r;
    size_t bound;
    enum fault_code rc;

    text_init(&sql, x->t->arena);
    text_puts(&sql, "SELECT count(*) FROM (SELECT 1");
    record_branch_text(x, b, &sql);
    text_puts(&sql, " LIMIT ?) AS counted");
    bound = record_branch_bind(x, b, at, v);
    v[bound++] = (struct store_value){.letter = 'i', .integer = most};
    rc = store_query_values(x->t, x->s, &r, text_string(&sql), v, bound);
    *n = !rc && store_next(x->t, &r) ? store_int(&r, 0) : 0;
    return rc ? rc : store_end(x->t, &r);
}

/* So many stand under one key alone, counted up to `most`: no other key has to be merged to say "1000+". */
static enum fault_code
count_one_key(struct record_finding *x, const struct record_candidate *at, int64_t most, int64_t *counted)
{
    int64_t base = 0, n;
    enum fault_code rc = FAULT_NONE;

    *counted = 0;
    for (size_t i = 0; i < x->n_branches && *counted < most && !rc; i++) {
        const struct record_branch *b = &x->branches[i];

        if (!b->exact)
            continue;
        if (org_key_kind(b->key, 0) != base && *counted > LIMIT_TOTAL)
            break;
        if (org_key_kind(b->key, 0) != base)
            *counted = 0;
        base = org_key_kind(b->key, 0);
        rc = count_branch(x, b, at, most - *counted, &n);
        *counted += rc ? 0 : n;
    }
    return rc;
}

/* Rows that are only counted die with their batch: five thousand of them are tens of megabytes. */
static enum fault_code
count_batch(struct record_finding *x, const struct record_candidate *list, size_t n, bool every,
            int64_t *total)
{
    struct record_finding y = *x;
    struct record_candidate *tested;
    struct record *rows;
    struct task own;
    size_t asked = 0;
    bool *fits;
    enum fault_code rc;

    task_init(&own, x->t->now, 1);
    own.memo = x->t->memo; /* what it reads of org lies where the memo does */
    y.t = &own;
    tested = arena_alloc(own.arena, n * sizeof *tested);
    rows = arena_alloc(own.arena, n * sizeof *rows);
    fits = arena_alloc(own.arena, n * sizeof *fits);
    for (size_t i = 0; i < n; i++)
        if (every || !list[i].exact)
            tested[asked++] = list[i];
    *total += (int64_t)(n - asked);
    rc = record_load_all(&y, tested, asked, rows, fits);
    for (size_t i = 0; i < asked && !rc; i++)
        *total += fits[i];
    x->t->store_calls += own.store_calls;
    if (rc)
        rc = fault(x->t, rc, NULL, "%s | %s", own.fault.items[0].zh, own.fault.items[0].en);
    task_release(&own);
    return rc;
}

/*
 * What was counted, and when. While no event is written it holds; "1000+" holds longer, for an event moves
 * one record: of so many more than 1,000, as many may have gone as there were events since.
 */
struct counted {
    int64_t total, surplus, events;
    bool more;
};

/* Whose it is, of what, by which tree and definitions; two of the same keys may be barred from different records. */
static const char *
counted_by(struct record_finding *x, size_t *len)
{
    const char *filter = record_filter_text(x, len);
    struct text key;

    text_init(&key, x->t->arena);
    text_printf(&key, "%lld|%d|%lld|%lld|", (long long)x->c->person, x->c->everything,
                (long long)org_generation(x->t), (long long)x->w->generation);
    text_add(&key, filter, *len);
    *len = key.len;
    return text_string(&key);
}

/* Sight that is lent and what a caller of ours tests may change for all records at once. */
static bool
is_kept(const struct record_finding *x)
{
    return store_keeps_still(x->s) && !x->f->fits && !x->c->n_lent && org_generation(x->t) >= 0;
}

bool
record_total_known(struct record_finding *x, struct record_page *out)
{
    size_t len = 0;
    const char *key = is_kept(x) ? counted_by(x, &len) : NULL;
    const struct counted *c = key ? store_still(x->t, x->s, 'n', key, len, NULL) : NULL;
    int64_t events;

    if (c && c->surplus && (chain_count(x->t, x->s, &events) || events - c->events > c->surplus))
        c = NULL;
    if (c) {
        out->total = c->total;
        out->more_than_total = c->more;
    }
    return c != NULL;
}

#define SURPLUS 1000 /* counted beyond what is told, so that it need not be counted again after each event */

/* Exactly up to the contract's 1,000, then "1000+". */
static enum fault_code
count(struct record_finding *x, struct record_page *out, int64_t *surplus)
{
    struct record_candidate at, *list;
    struct record_filter first = *x->f;
    struct record_finding from_start = *x;
    int64_t under_one = 0;
    size_t n, scanned = 0;
    bool every;
    enum fault_code rc;

    first.cursor = NULL;
    first.rows_only = !record_asks_private(x);
    from_start.f = &first;
    rc = record_cursor_read(&from_start, &at);
    if (!rc && x->by_index && !x->f->q)
        rc = record_decide(&from_start, &at);
    every = tests_rows(&from_start);
    if (!rc && !every && !x->f->q)
        rc = count_one_key(&from_start, &at, LIMIT_TOTAL + 1 + (is_kept(x) ? SURPLUS : 0), &under_one);
    out->more_than_total = under_one > LIMIT_TOTAL;
    *surplus = out->more_than_total ? under_one - LIMIT_TOTAL - 1 : 0;
    if (rc || out->more_than_total) {
        out->total = LIMIT_TOTAL;
        return rc;
    }
    while (!rc && out->total <= LIMIT_TOTAL && scanned < RECORD_SCAN_MAX / 4 &&
           !(x->f->tired && x->f->tired(x->f->who))) {
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
    rc = count(x, out, &c.surplus);
    if (!rc && is_kept(x) && c.surplus)
        rc = chain_count(x->t, x->s, &c.events);
    if (rc || !is_kept(x))
        return rc;
    c.total = out->total;
    c.more = out->more_than_total;
    key = counted_by(x, &len);
    store_still_keep(x->s, 'n', key, len, &c, sizeof c, c.surplus > 0);
    return rc;
}
