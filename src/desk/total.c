/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/total.c - the exact total of a long list, where one figure covers its scope and filter.
 *
 * Knows: a stock counts just the records a filter on kind, states, level, line and place asks for.
 * Does not know: how a figure is kept.
 */
#include "desk/inside.h"
#include <string.h>

static kind_states
states_asked(const struct kind *k, const struct record_filter *f)
{
    kind_states set = 0;

    for (size_t i = 0; i < k->n_states; i++) {
        bool asked = f->states ? record_listed(f->states, k->states[i].name) : true;

        if (asked && !(f->open_only && k->states[i].final))
            set |= (kind_states)1 << k->states[i].number;
    }
    return set;
}

static bool
counts_by(const struct kind_figure *figure, const char *name)
{
    for (size_t i = 0; i < figure->n_by; i++)
        if (text_equal(figure->by_names[i], name))
            return true;
    return false;
}

/* A stock that counts just the records the filter asks for. */
static const struct kind_figure *
covering_figure(const struct record_filter *f)
{
    const struct kind *k = f->n_kinds == 1 ? f->kinds[0] : NULL;

    if (!k || f->unit || f->desk_unit || f->desk_person || f->due_before || f->q || f->as_of || f->own ||
        f->fields || f->fits)
        return NULL;
    for (size_t i = 0; i < k->n_sight; i++)
        if (k->sight[i].n_only || k->sight[i].n_never)
            return NULL;
    for (size_t i = 0; i < k->n_figures; i++) {
        const struct kind_figure *x = &k->figures[i];

        if (x->stock && !x->from && x->agg == AGG_COUNT && !x->condition && x->in == states_asked(k, f) &&
            (!f->levels || counts_by(x, "level")))
            return x;
    }
    return NULL;
}

/* The whole of the filter lies in one area of the caller, so that his other keys add nothing. */
static enum fault_code
covered_place(struct task *t, struct store *s, const struct desk_caller *c, const struct record_filter *f,
              int64_t *place)
{
    int64_t top;
    enum fault_code rc = org_top(t, s, &top);

    *place = 0;
    for (size_t i = 0; i < c->scope.n_areas && !rc && !*place; i++) {
        const struct org_area *a = &c->scope.areas[i];
        bool covers = false;

        if (a->line)
            continue;
        if (f->place)
            rc = org_covers(t, s, a->place, f->place, &covers);
        else
            covers = a->place == top;
        if (covers)
            *place = f->place ? f->place : a->place;
    }
    return rc;
}

/* What a total hangs on besides the store: what is asked, and whose areas answer it. */
static const char *
total_key(struct task *t, const struct desk_caller *c, const struct record_filter *f,
          const struct rollup_question *q, size_t *len)
{
    struct text key;

    text_init(&key, t->arena);
    text_printf(&key, "%s|%d|%d|%lld|%d|%d|%s", q->figure->name, q->kind->id, q->kind->version, (long long)q->place,
                q->line, c->scope.everything, f->levels ? f->levels : "");
    for (size_t i = 0; i < c->scope.n_areas; i++)
        text_printf(&key, "|%lld,%d", (long long)c->scope.areas[i].place, (int)c->scope.areas[i].line);
    *len = key.len;
    return text_string(&key);
}

/* A total while nothing was committed since, and the statements it stands for. */
struct known_total {
    int64_t total;
    unsigned calls;
};

enum fault_code
desk_exact_total(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const struct record_filter *f, struct record_page *page)
{
    struct rollup_question q = {.figure = covering_figure(f), .line = f->line};
    const struct known_total *known;
    struct known_total made = {0};
    struct rollup_board board;
    const char *key;
    size_t len;
    enum fault_code rc;

    (void)d;
    if (!page->more_than_total || !q.figure)
        return FAULT_NONE;
    q.kind = f->kinds[0];
    if (f->levels)
        q.by[q.n_by++] = "level";
    rc = covered_place(t, s, c, f, &q.place);
    if (rc || !q.place)
        return rc;
    key = total_key(t, c, f, &q, &len);
    known = store_still(t, s, 'e', key, len, NULL);
    if (known) {
        t->store_calls += known->calls - 1;
        page->total = known->total;
        page->more_than_total = false;
        return FAULT_NONE;
    }
    made.calls = (unsigned)t->store_calls;
    rc = rollup_read(t, s, &c->scope, &q, &board);
    for (size_t i = 0; !rc && i < board.n; i++) {
        const char *level = json_text_of(board.dims[board.cells[i].dims].value, "level");

        if (!f->levels || (level && record_listed(f->levels, level)))
            made.total += board.cells[i].value;
    }
    if (!rc) {
        made.calls = (unsigned)t->store_calls - made.calls;
        store_still_keep(s, 'e', key, len, &made, sizeof made, false);
        page->total = made.total;
        page->more_than_total = false;
    }
    return rc;
}
