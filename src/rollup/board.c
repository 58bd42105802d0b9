/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/board.c - rows added up into the cells that were asked for.
 *
 * Knows: which day of a row counts, what of its dimensions was asked for, how a stock runs through
 * time. A board of thousands of cells is one pass over its rows: cells are found by their numbers.
 * Does not know: where rows come from.
 */
#include "rollup/inside.h"
#include <stdlib.h>
#include <string.h>

/* ---- dimensions: texts to numbers ---- */

static size_t
text_slot(const char *s, size_t n_slots)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return (size_t)(h ^ h >> 29) & (n_slots - 1);
}

/* The asked part of a row's dimensions, in the order asked for; and its day, where it has one. */
static const struct json *
asked_of(struct board *x, const char *text, int32_t *day)
{
    struct json *all = NULL, *out = json_object(x->t->arena);

    if (!json_read(x->t, text, strlen(text), &all))
        for (size_t i = 0; i < x->q->n_by; i++) {
            struct json *v = json_get(all, x->q->by[i]);

            if (v)
                json_set(x->t->arena, out, x->q->by[i], v);
        }
    if (!json_text_of(all, KIND_FIGURE_DAY) || !time_read_day(json_text_of(all, KIND_FIGURE_DAY), day))
        *day = 0;
    return out;
}

static uint32_t
intern(struct board *x, const struct json *value)
{
    struct rollup_board *b = x->out;
    const char *text = json_string(x->t->arena, value);
    size_t len = strlen(text);

    text = arena_copy(x->t->arena, text + 1, len - 2);
    for (uint32_t i = 0; i < b->n_dims; i++)
        if (strcmp(b->dims[i].members, text) == 0)
            return i;
    if (b->n_dims == x->room_dims) {
        size_t room = x->room_dims ? x->room_dims * 2 : 64;
        void *more = arena_alloc(x->t->arena, room * sizeof *b->dims);

        if (b->n_dims)
            memcpy(more, b->dims, b->n_dims * sizeof *b->dims);
        b->dims = more;
        x->room_dims = room;
    }
    b->dims[b->n_dims].value = value;
    b->dims[b->n_dims].members = text;
    return (uint32_t)b->n_dims++;
}

static void
grow_known(struct board *x)
{
    size_t room = x->room_known ? x->room_known * 2 : 64;
    struct board_dims *more = arena_alloc(x->t->arena, room * sizeof *more);

    if (x->n_known)
        memcpy(more, x->known, x->n_known * sizeof *more);
    x->known = more;
    x->room_known = room;
    x->n_dims_slots = room * 2;
    x->dims_slots = arena_alloc(x->t->arena, x->n_dims_slots * sizeof *x->dims_slots);
    for (size_t i = 0; i < x->n_known; i++) {
        size_t at = text_slot(x->known[i].text, x->n_dims_slots);

        while (x->dims_slots[at])
            at = (at + 1) & (x->n_dims_slots - 1);
        x->dims_slots[at] = (uint32_t)i + 1;
    }
}

static const struct board_dims *
dims_known(struct board *x, const char *text)
{
    struct board_dims *one;
    size_t at;

    if (x->n_known == x->room_known)
        grow_known(x);
    for (at = text_slot(text, x->n_dims_slots); x->dims_slots[at]; at = (at + 1) & (x->n_dims_slots - 1))
        if (strcmp(x->known[x->dims_slots[at] - 1].text, text) == 0)
            return &x->known[x->dims_slots[at] - 1];
    one = &x->known[x->n_known++];
    one->text = arena_text(x->t->arena, text);
    one->asked = intern(x, asked_of(x, text, &one->day));
    x->dims_slots[at] = (uint32_t)x->n_known;
    return one;
}

/* ---- cells ---- */

static size_t
cell_slot(const struct board *x, const struct rollup_cell *c)
{
    uint64_t h = (uint64_t)c->place << 32 | c->dims;

    h = (h * UINT64_C(0x9e3779b97f4a7c15)) ^ ((uint64_t)(uint32_t)c->line << 32 | (uint32_t)c->period);
    return (size_t)(h * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (x->n_slots - 1);
}

static bool
same_series(const struct rollup_cell *a, const struct rollup_cell *b)
{
    return a->place == b->place && a->dims == b->dims && a->line == b->line;
}

static void
grow_cells(struct board *x)
{
    size_t room = x->room ? x->room * 2 : 128;
    struct rollup_cell *more = arena_alloc(x->t->arena, room * sizeof *more);

    if (x->out->n)
        memcpy(more, x->out->cells, x->out->n * sizeof *more);
    x->out->cells = more;
    x->room = room;
    x->n_slots = room * 2;
    x->slots = arena_alloc(x->t->arena, x->n_slots * sizeof *x->slots);
    for (size_t i = 0; i < x->out->n; i++) {
        size_t at = cell_slot(x, &more[i]);

        while (x->slots[at])
            at = (at + 1) & (x->n_slots - 1);
        x->slots[at] = (uint32_t)i + 1;
    }
}

/* The cell of a key, made where there is none. */
static struct rollup_cell *
cell_at(struct board *x, const struct rollup_cell *key)
{
    size_t at;

    if (x->out->n == x->room)
        grow_cells(x);
    for (at = cell_slot(x, key); x->slots[at]; at = (at + 1) & (x->n_slots - 1)) {
        struct rollup_cell *c = &x->out->cells[x->slots[at] - 1];

        if (same_series(c, key) && c->period == key->period)
            return c;
    }
    x->out->cells[x->out->n++] = *key;
    x->slots[at] = (uint32_t)x->out->n;
    return &x->out->cells[x->out->n - 1];
}

/*
 * A stock that counts by a date is counted in the period of that date, up to today where no end was
 * asked for: what is due tomorrow is not due.
 */
static bool
is_due(const struct board *x, int32_t day)
{
    const struct rollup_question *q = x->q;
    int32_t to = q->to ? q->to : q->as_of ? q->as_of : time_day(x->t->now);

    return day >= q->from && day <= to;
}

/* A flow is counted in the period of its day; a stock changes on the day it was recorded. */
void
board_add(struct board *x, uint32_t place, const char *dims, int64_t line, int32_t period, int32_t recorded,
          int64_t amount)
{
    const struct rollup_question *q = x->q;
    struct rollup_cell key = {.place = place}, *c;
    const struct board_dims *known;
    int32_t day = x->figure->stock ? recorded : period;

    if (q->as_of && recorded > q->as_of)
        return;
    known = dims_known(x, dims);
    if (x->figure->stock && x->figure->from) {
        day = known->day;
        if (!is_due(x, day))
            return;
    }
    if (q->to && day > q->to)
        return;
    if (!x->figure->stock && q->from && day < q->from)
        return;
    if (x->figure->stock && q->period != ROLLUP_WHOLE && q->from && day < q->from)
        day = q->from;
    key.dims = known->asked;
    key.line = q->by_line ? (int)line : ROLLUP_EVERY_LINE;
    key.period = q->period == ROLLUP_WHOLE ? 0 : rollup_period_start(day, q->period);
    c = cell_at(x, &key);
    *(x->of ? &c->of : &c->value) += amount;
}

void
board_keep_own(struct board *x)
{
    size_t n = x->out->n;

    for (size_t i = 0; i < n; i++) {
        const struct rollup_cell of = x->out->cells[i];
        struct rollup_cell key = of, *own;

        if (!of.place)
            continue;
        key.place = 0;
        key.value = key.of = 0;
        own = cell_at(x, &key);
        own->value -= of.value;
        own->of -= of.of;
    }
}

void
board_trim(struct board *x, bool runs)
{
    const struct rollup_question *q = x->q;
    struct rollup_board *b = x->out;
    bool alone = !q->n_by && !q->by_place && !q->by_line, whole = q->period == ROLLUP_WHOLE;
    size_t kept = 0;

    for (size_t i = 0; i < b->n; i++) {
        const struct rollup_cell *c = &b->cells[i];

        if (c->value || c->of || (runs && (c->place || !q->by_place)))
            b->cells[kept++] = *c;
    }
    b->n = kept;
    if (kept || !alone || !whole || q->figure->agg == AGG_RATIO)
        return;
    b->cells = arena_alloc(x->t->arena, sizeof *b->cells);
    b->cells[0] = (struct rollup_cell){.dims = dims_known(x, "{}")->asked, .line = ROLLUP_EVERY_LINE};
    b->n = 1;
}

/* ---- order ---- */

/* The place of a cell in the answer: place, dimensions, line, period, as one number. */
struct order {
    uint64_t key;
    size_t cell;
};

static uint64_t
key_of(const struct rollup_cell *c)
{
    return (uint64_t)c->place << 52 | (uint64_t)c->dims << 32 | (uint64_t)(c->line + 1) << 24 |
           (uint32_t)c->period;
}

static int
by_key(const void *a, const void *b)
{
    const struct order *x = a, *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

/* The numbers of dimensions follow the order of their texts, so that an answer does not tell what was folded. */
static void
order_dims(struct board *x)
{
    struct rollup_board *b = x->out;
    uint32_t *rank = arena_alloc(x->t->arena, (b->n_dims + 1) * sizeof *rank);
    void *room = arena_alloc(x->t->arena, (b->n_dims + 1) * sizeof *b->dims);

    for (size_t i = 0; i < b->n_dims; i++)
        for (size_t k = 0; k < b->n_dims; k++)
            rank[i] += strcmp(b->dims[k].members, b->dims[i].members) < 0;
    memcpy(room, b->dims, b->n_dims * sizeof *b->dims);
    for (size_t i = 0; i < b->n_dims; i++)
        memcpy(&b->dims[rank[i]], (char *)room + i * sizeof *b->dims, sizeof *b->dims);
    for (size_t i = 0; i < b->n; i++)
        b->cells[i].dims = rank[b->cells[i].dims];
}

void
board_sort(struct board *x)
{
    struct rollup_board *b = x->out;
    struct order *list = arena_alloc(x->t->arena, (b->n + 1) * sizeof *list);
    struct rollup_cell *sorted;
    bool done = true;

    if (b->n_dims)
        order_dims(x);
    for (size_t i = 0; i < b->n; i++) {
        list[i] = (struct order){key_of(&b->cells[i]), i};
        done = done && (!i || list[i - 1].key < list[i].key);
    }
    /* Most often they were read in this order. */
    if (done)
        return;
    qsort(list, b->n, sizeof *list, by_key);
    sorted = arena_alloc(x->t->arena, x->room * sizeof *sorted);
    for (size_t i = 0; i < b->n; i++)
        sorted[i] = b->cells[list[i].cell];
    b->cells = sorted;
}

/* ---- stocks by period ---- */

void
board_accumulate(struct board *x, bool value, bool of)
{
    const struct rollup_question *q = x->q;
    struct rollup_cell *old = x->out->cells;
    size_t n = x->out->n;
    int32_t last = q->to ? q->to : q->as_of ? q->as_of : time_day(x->t->now);

    x->out->cells = NULL;
    x->out->n = x->room = 0;
    for (size_t i = 0; i < n;) {
        struct rollup_cell sum = old[i];
        size_t k = i;

        sum.value = sum.of = 0;
        for (; sum.period <= last; sum.period = rollup_period_add(sum.period, q->period, 1)) {
            sum.value = value ? sum.value : 0;
            sum.of = of ? sum.of : 0;
            for (; k < n && same_series(&old[i], &old[k]) && old[k].period == sum.period; k++) {
                sum.value += old[k].value;
                sum.of += old[k].of;
            }
            if (x->out->n == x->room)
                grow_cells(x);
            x->out->cells[x->out->n++] = sum;
        }
        while (k < n && same_series(&old[i], &old[k]))
            k++;
        i = k;
    }
}
