/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/sort.c - a list in the order of another indexed field, below 10,000 records.
 *
 * Knows: the values, and where the cursor stands among them.
 * Does not know: how candidates are found.
 */
#include "record/finding.h"
#include <stdlib.h>
#include <string.h>

#define SORT_MAX 10000 /* contract: another indexed field only below this */

struct sorted {
    struct record record;
    struct record_candidate candidate;
    const char *value;
    int sign;
};

static int
by_value(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    int order = strcmp(x->value, y->value) * x->sign;

    return order ? order : record_newest_first(&x->candidate, &y->candidate);
}

/* The record the cursor stands on may have left the list: its place in the order is still known. */
static enum fault_code
find_after(struct record_finding *x, const struct record_candidate *after, const char *name,
           const struct sorted *all, size_t n, size_t *from)
{
    struct sorted last = {.candidate = *after, .sign = x->f->sort[0] == '-' ? -1 : 1};
    const struct json *v;
    bool found;
    enum fault_code rc =
        record_open(x->t, x->s, x->w, after->stream, after->rid, &last.record, &found);

    if (rc || !found)
        return rc;
    v = json_get(last.record.fields, name);
    last.value = json_text(v) ? json_text(v) : v ? json_string(x->t->arena, v) : "";
    while (*from < n && by_value(&all[*from], &last) <= 0)
        ++*from;
    return FAULT_NONE;
}

enum fault_code
record_sort_page(struct record_finding *asked, struct record_page *out)
{
    struct record_finding own = *asked, *x = &own;
    const char *name = x->f->sort[0] == '-' ? x->f->sort + 1 : x->f->sort;
    struct record_candidate at, after, *list;
    struct sorted *all;
    struct record_filter first = *x->f;
    size_t n, kept = 0, i = 0;
    bool turned = x->f->cursor != NULL;
    enum fault_code rc = record_cursor_read(x, &after);

    first.cursor = NULL;
    x->f = &first;
    if (!rc)
        rc = record_cursor_read(x, &at);
    if (!rc)
        rc = record_batch(x, &at, SORT_MAX + 1, &list, &n);
    if (!rc && n > SORT_MAX)
        return fault(x->t, FAULT_INPUT, "/sort",
                     "超过 %d 件时只能按时间或期限排序；请先缩小范围 | above %d records sort by "
                     "newest or due; narrow "
                     "the filter first",
                     SORT_MAX, SORT_MAX);
    if (rc)
        return rc;
    all = arena_alloc(x->t->arena, (n + 1) * sizeof *all);
    for (size_t k = 0; k < n && !rc; k++) {
        bool fits;
        const struct json *v;

        rc = record_load(x, &list[k], &all[kept].record, &fits);
        if (rc || !fits)
            continue;
        v = json_get(all[kept].record.fields, name);
        all[kept].candidate = list[k];
        all[kept].sign = x->f->sort[0] == '-' ? -1 : 1;
        all[kept++].value = json_text(v) ? json_text(v) : v ? json_string(x->t->arena, v) : "";
    }
    qsort(all, kept, sizeof *all, by_value);
    out->total = (int64_t)kept;
    if (!rc && turned)
        rc = find_after(x, &after, name, all, kept, &i);
    out->items = arena_alloc(x->t->arena, ((size_t)x->f->limit + 1) * sizeof *out->items);
    for (; i < kept && out->n < (size_t)x->f->limit; i++)
        out->items[out->n++] = all[i].record;
    if (i < kept && i)
        out->next = record_cursor_write(x, &all[i - 1].candidate);
    return rc;
}
