/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/find.c - lists: audience keys merged in order of birth, of due, or by search.
 *
 * Knows: a page is found through stored keys alone; everything else is tested on the few rows read.
 * Does not know: how a caller got his keys; org made them.
 */
#include "record/finding.h"
#include <string.h>

enum fault_code
record_batch(struct record_finding *x, const struct record_candidate *after, size_t want,
             struct record_candidate **list, size_t *n)
{
    enum fault_code rc = FAULT_NONE;

    if (x->f->q)
        return record_hunt(x, after, want, list, n);
    if (x->by_index && x->walks == RECORD_UNDECIDED)
        rc = record_decide(x, after);
    if (rc)
        return rc;
    return x->walks == RECORD_BY_FIELD ? record_by_field(x, after, want, list, n)
                                       : record_candidates(x, after, want, list, n);
}

/* A page while it is filled. */
struct walk {
    struct record_finding *x;
    struct record_page *out;
    struct record_candidate last; /* tested, and no page's first any more */
    size_t limit, scanned;
    int64_t left; /* so many more may fit on this page and those behind it */
    bool full;
};

/* Whether every record that fits was found: nobody looks for more. */
static bool
found_all(const struct walk *k)
{
    return k->left && (int64_t)k->out->n >= k->left;
}

static bool
ends(const struct walk *k)
{
    return k->full || found_all(k);
}

/* Reads as many as the page may still take, and one that says whether there is another. */
static enum fault_code
take_some(struct walk *k, const struct record_candidate *list, size_t n, size_t *taken)
{
    struct arena *a = k->x->t->arena;
    size_t some = k->limit + 1 < n ? k->limit + 1 : n;
    struct record *rows = arena_alloc(a, some * sizeof *rows);
    bool *fits = arena_alloc(a, some * sizeof *fits);
    enum fault_code rc = record_load_all(k->x, list, some, rows, fits);

    *taken = some;
    for (size_t i = 0; i < some && !rc && !ends(k); i++) {
        k->full = fits[i] && k->out->n == k->limit;
        if (k->full)
            break;
        if (fits[i])
            k->out->items[k->out->n++] = rows[i];
        k->last = list[i];
        k->scanned++;
    }
    return rc;
}

/* Where rows are tested, more are looked for at once than a page has. */
static size_t
batch_of(const struct record_finding *x, size_t limit)
{
    const struct record_filter *f = x->f;

    return limit < RECORD_BATCH && (f->fits || f->unit || (f->fields && !x->by_index)) ? RECORD_BATCH : limit + 1;
}

static enum fault_code
read_shown(struct record_finding *x, struct record_page *out)
{
    struct record **list = arena_alloc(x->t->arena, (out->n + 1) * sizeof *list);

    if (x->f->as_of || x->f->rows_only || record_asks_private(x))
        return FAULT_NONE;
    for (size_t i = 0; i < out->n; i++)
        list[i] = &out->items[i];
    return record_read_privates(x->t, x->s, list, out->n);
}

/* Where a page may be the last of a known number, its cursor also says how many stood before it. */
static bool
knows_most(const struct record_finding *x)
{
    return x->f->most && !x->by_due;
}

static bool
is_tired(const struct walk *k)
{
    const struct record_filter *f = k->x->f;

    return k->scanned >= RECORD_SCAN_MAX || (f->tired && f->tired(f->who));
}

static enum fault_code
walk_page(struct record_finding *x, struct record_page *out)
{
    struct walk k = {.x = x, .out = out, .limit = (size_t)x->f->limit};
    int64_t before = 0;
    bool more = true;
    enum fault_code rc = record_cursor_read(x, &k.last);

    if (knows_most(x) && x->f->cursor)
        before = k.last.due;
    if (knows_most(x))
        k.left = x->f->most - before;

    out->items = arena_alloc(x->t->arena, (k.limit + 1) * sizeof *out->items);
    while (!rc && more && !ends(&k) && !is_tired(&k)) {
        struct record_candidate *list;
        size_t n, taken;

        rc = record_batch(x, &k.last, batch_of(x, k.limit), &list, &n);
        more = n > 0;
        for (size_t i = 0; i < n && !rc && !ends(&k) && !is_tired(&k); i += taken)
            rc = take_some(&k, list + i, n - i, &taken);
    }
    if (knows_most(x))
        k.last.due = before + (int64_t)out->n;
    if (!rc && !found_all(&k) && (k.full || (is_tired(&k) && more)))
        out->next = record_cursor_write(x, &k.last);
    return rc ? rc : read_shown(x, out);
}

static enum fault_code
check_sort(struct record_finding *x, bool *other)
{
    const char *sort = x->f->sort, *name;

    *other = false;
    x->by_due = text_equal(sort, "due");
    if (!sort || x->by_due || text_equal(sort, "newest"))
        return FAULT_NONE;
    name = sort[0] == '-' ? sort + 1 : sort;
    *other = true;
    for (size_t i = 0; i < x->f->n_kinds; i++) {
        const struct kind_field *field = kind_field(x->f->kinds[i], name);

        if (field && field->indexed)
            return FAULT_NONE;
    }
    return fault(x->t, FAULT_INPUT, "/sort",
                 "只能按 newest、due 或本类记录的索引字段排序 | sort by newest, due or an indexed "
                 "field of the kind");
}

enum fault_code
record_find(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
            const struct record_filter *f, struct record_page *out)
{
    struct record_finding x = {.t = t, .s = s, .w = w, .c = c, .f = f};
    bool other;
    enum fault_code rc = check_sort(&x, &other);

    memset(out, 0, sizeof *out);
    if (!rc && !f->q)
        rc = record_branches(&x);
    if (rc)
        return rc;
    if (other)
        return record_sort_page(&x, out);
    rc = walk_page(&x, out);
    if (rc || f->rows_only)
        return rc;
    if (!f->cursor && !out->next)
        out->total = (int64_t)out->n;
    else if (f->uncounted)
        out->more_than_total = true;
    else
        rc = record_count_total(&x, out);
    return rc;
}

enum fault_code
record_count(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
             const struct record_filter *f, struct record_page *out)
{
    struct record_finding x = {.t = t, .s = s, .w = w, .c = c, .f = f};
    bool other;
    enum fault_code rc = check_sort(&x, &other);

    out->total = 0;
    out->more_than_total = false;
    if (rc || record_total_known(&x, out))
        return rc;
    if (!f->q)
        rc = record_branches(&x);
    return rc ? rc : record_count_total(&x, out);
}
