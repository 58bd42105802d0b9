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
    return x->f->q ? record_hunt(x, after, want, list, n)
                   : record_candidates(x, after, want, list, n);
}

static enum fault_code
walk_page(struct record_finding *x, struct record_page *out)
{
    struct record_candidate at, last = {0};
    size_t scanned = 0, limit = (size_t)x->f->limit;
    bool more = true;
    enum fault_code rc = record_cursor_read(x, &at);

    out->items = arena_alloc(x->t->arena, (limit + 1) * sizeof *out->items);
    while (!rc && more && scanned < RECORD_SCAN_MAX) {
        struct record_candidate *list;
        size_t n;

        rc = record_batch(x, &at,
                          limit + 1 > RECORD_BATCH                   ? limit + 1
                          : x->f->fits || x->f->unit || x->f->fields ? RECORD_BATCH
                                                                     : limit + 1,
                          &list, &n);
        more = n > 0;
        for (size_t i = 0; i < n && !rc; i++, scanned++) {
            struct record r;
            bool fits;

            rc = record_load(x, &list[i], &r, &fits);
            if (rc)
                break;
            if (fits && out->n == limit) {
                out->next = record_cursor_write(x, &last);
                return FAULT_NONE;
            }
            if (fits)
                out->items[out->n++] = r;
            at = last = list[i];
        }
    }
    if (!rc && scanned >= RECORD_SCAN_MAX && more)
        out->next = record_cursor_write(x, &last);
    return rc;
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

    if (!rc && !f->q)
        rc = record_branches(&x);
    out->total = 0;
    out->more_than_total = false;
    return rc ? rc : record_count_total(&x, out);
}
