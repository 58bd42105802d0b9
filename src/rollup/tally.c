/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/tally.c - amounts added up in memory, and the periods they belong to.
 *
 * Knows: what a change of a day adds to the sums of a node that a place lay below for some days.
 * Does not know: where changes come from.
 */
#include "rollup/inside.h"
#include <string.h>

/* ---- periods ---- */

int32_t
rollup_period_start(int32_t day, enum rollup_period p)
{
    int year, month, dom;

    if (p == ROLLUP_DAY || p == ROLLUP_WHOLE)
        return p == ROLLUP_DAY ? day : 0;
    time_split(day, &year, &month, &dom);
    if (p == ROLLUP_MONTH)
        return day - (dom - 1);
    return time_day_of(year, p == ROLLUP_QUARTER ? (month - 1) / 3 * 3 + 1 : 1, 1);
}

int32_t
rollup_period_add(int32_t start, enum rollup_period p, int n)
{
    static const int months[] = {[ROLLUP_MONTH] = 1, [ROLLUP_QUARTER] = 3, [ROLLUP_YEAR] = 12};

    return p == ROLLUP_DAY ? start + n : time_add_months(start, n * months[p]);
}

const char *
rollup_period_text(struct arena *a, int32_t start, enum rollup_period p)
{
    int year, month, dom;

    time_split(start, &year, &month, &dom);
    switch (p) {
    case ROLLUP_DAY:
        return time_day_text(a, start);
    case ROLLUP_MONTH:
        return arena_copy(a, time_day_text(a, start), sizeof "2026-11" - 1);
    case ROLLUP_QUARTER:
        return arena_format(a, "%04d-Q%d", year, (month - 1) / 3 + 1);
    default:
        return arena_format(a, "%04d", year);
    }
}

/* ---- a tally ---- */

void
tally_init(struct tally *x, struct arena *a)
{
    memset(x, 0, sizeof *x);
    x->arena = a;
}

static uint64_t
mix(uint64_t h, uint64_t v)
{
    return (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t
mix_text(uint64_t h, const char *s)
{
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return h;
}

static size_t
first_slot(const struct tally *x, const struct tally_row *r)
{
    uint64_t h = mix_text(mix_text(UINT64_C(0xcbf29ce484222325), r->figure), r->dims);

    h = mix(mix(mix(mix(h, (uint64_t)r->node), (uint64_t)r->line), (uint32_t)r->a), (uint32_t)r->b);
    return (size_t)(h >> 20) & (x->n_slots - 1);
}

static bool
same_key(const struct tally_row *a, const struct tally_row *b)
{
    return a->node == b->node && a->line == b->line && a->a == b->a && a->b == b->b &&
           strcmp(a->figure, b->figure) == 0 && strcmp(a->dims, b->dims) == 0;
}

/* Twice the rows, the slots made anew: half of them stay free. */
static void
grow(struct tally *x)
{
    size_t room = x->room ? x->room * 2 : 128;
    struct tally_row *rows = arena_alloc(x->arena, room * sizeof *rows);

    if (x->n)
        memcpy(rows, x->rows, x->n * sizeof *rows);
    x->rows = rows;
    x->room = room;
    x->n_slots = room * 2;
    x->slots = arena_alloc(x->arena, x->n_slots * sizeof *x->slots);
    for (size_t i = 0; i < x->n; i++) {
        size_t at = first_slot(x, &x->rows[i]);

        while (x->slots[at])
            at = (at + 1) & (x->n_slots - 1);
        x->slots[at] = (uint32_t)i + 1;
    }
}

void
tally_add(struct tally *x, const struct tally_row *row)
{
    size_t at;

    if (x->n == x->room)
        grow(x);
    for (at = first_slot(x, row); x->slots[at]; at = (at + 1) & (x->n_slots - 1))
        if (same_key(&x->rows[x->slots[at] - 1], row)) {
            x->rows[x->slots[at] - 1].amount += row->amount;
            return;
        }
    x->rows[x->n++] = *row;
    x->slots[at] = (uint32_t)x->n;
}

/* ---- sums ---- */

/* A stock has a sum of now beside those of its months; a flow's months are its sum of now. */
static void
add_sum(struct tally *x, const struct tally_row *cell, int64_t node, int32_t day, int64_t amount)
{
    struct tally_row r = {.figure = cell->figure, .dims = cell->dims, .node = node, .amount = amount};

    for (int every = 0; every < 2; every++) {
        r.line = every ? ROLLUP_EVERY_LINE : cell->line;
        r.a = rollup_period_start(day, ROLLUP_MONTH);
        tally_add(x, &r);
        r.a = 0;
        if (!cell->a)
            tally_add(x, &r);
    }
}

/*
 * A stock comes along with its place and leaves with it: what was counted before the first day is
 * added on it, and taken back the day after the last. A flow belongs to whom the place belonged when
 * it was recorded.
 */
void
tally_sums(struct tally *x, const struct tally_row *cell, int64_t node, const struct org_span *days)
{
    bool stock = cell->a == 0;

    if (cell->b > days->to || (!stock && cell->b < days->from))
        return;
    if (!stock) {
        add_sum(x, cell, node, cell->a, cell->amount);
        return;
    }
    add_sum(x, cell, node, cell->b < days->from ? (int32_t)days->from : cell->b, cell->amount);
    if (days->to < ORG_ALWAYS)
        add_sum(x, cell, node, (int32_t)days->to + 1, -cell->amount);
}

/* ---- rows of a tally into the store ---- */

#define WIDTH_MAX 7

static struct store_value
number(int64_t n)
{
    return (struct store_value){.letter = 'i', .integer = n};
}

static struct store_value
words(const char *text)
{
    return (struct store_value){.letter = 's', .bytes = text};
}

/* Every row has a key of its own, so that any of them may go together. */
static enum fault_code
put_rows(struct task *t, struct store *s, const struct tally *x, const char *sql, size_t width,
         void (*row)(const struct tally_row *r, struct store_value *v))
{
    struct store_value v[STORE_ROWS * WIDTH_MAX];
    enum fault_code rc = FAULT_NONE;

    must(width <= WIDTH_MAX);
    for (size_t i = 0; i < x->n && !rc;) {
        size_t n = 0;

        while (i < x->n && n < STORE_ROWS)
            row(&x->rows[i++], &v[n++ * width]);
        rc = store_run_rows(t, s, sql, v, width, n);
    }
    return rc;
}

static void
cell_row(const struct tally_row *r, struct store_value *v)
{
    v[0] = number(r->node);
    v[1] = words(r->figure);
    v[2] = number(r->a);
    v[3] = number(r->b);
    v[4] = number(r->line);
    v[5] = words(r->dims);
    v[6] = number(r->amount);
}

enum fault_code
tally_store_cells(struct task *t, struct store *s, const struct tally *x, const char *sql)
{
    return put_rows(t, s, x, sql, 7, cell_row);
}

static void
sum_row(const struct tally_row *r, struct store_value *v)
{
    v[0] = number(r->node);
    v[1] = words(r->figure);
    v[2] = number(r->line);
    v[3] = number(r->a);
    v[4] = words(r->dims);
    v[5] = number(r->amount);
}

enum fault_code
tally_store_sums(struct task *t, struct store *s, const struct tally *x, const char *table)
{
    return put_rows(t, s, x,
                    arena_format(t->arena,
                                 "INSERT INTO %s (node, figure, line, span, dims, amount) VALUES (?, ?, ?, "
                                 "?, ?, ?) ON CONFLICT (node, figure, line, span, dims) DO UPDATE SET amount "
                                 "= %s.amount + excluded.amount",
                                 table, table),
                    6, sum_row);
}
