/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/opened.c - whether a record is counted in a cell, and how often: its own events say so.
 *
 * A record's changes go the way that every change goes into a board of one cell, so that a list and its
 * figure cannot differ: the tree of each day, late entries and days are told by the same code.
 *
 * Knows: what of a row tells already that its events need not be read.
 * Does not know: which records come into question, nor who may see them.
 */
#include "rollup/inside.h"
#include <string.h>

#define STREAMS_MOST 64 /* whose first event of the time is remembered */

struct rollup_opened {
    struct task *t;
    struct store *s;
    const struct rollup_opening *o;
    struct reading x;
    struct target *targets;
    size_t n_targets;
    const char *mark; /* how an event names the figure */
    struct {
        int64_t stream, seq;
    } since[STREAMS_MOST];
    size_t n_since;
    struct {
        int64_t stream, rid, times;
    } *told; /* those that were looked at */
    size_t n_told, next;
    size_t judged;
};

/* ---- the cell ---- */

static bool
is_asked(const struct rollup_opening *o, const struct rollup_board *b, const struct rollup_cell *c)
{
    if (!text_equal(b->places[c->place].code, o->row ? o->row : b->places[0].code) || (o->no_line && c->line))
        return false;
    for (size_t i = 0; i < o->question.n_by; i++)
        if (!text_equal(json_text_of(b->dims[c->dims].value, o->question.by[i]), o->is[i]))
            return false;
    return true;
}

static int64_t
value_of(const struct rollup_opening *o, const struct rollup_board *b)
{
    int64_t sum = 0;

    for (size_t i = 0; i < b->n; i++)
        sum += is_asked(o, b, &b->cells[i]) ? b->cells[i].value : 0;
    return sum;
}

enum fault_code
rollup_open(struct task *t, struct store *s, const struct scope *c, const struct rollup_opening *o,
            struct rollup_opened **out, int64_t *value)
{
    struct rollup_opened *x = arena_alloc(t->arena, sizeof *x);
    struct rollup_board board, *rows = arena_alloc(t->arena, sizeof *rows);
    enum fault_code rc = rollup_read(t, s, c, &o->question, &board);

    must(o->question.figure->agg != AGG_RATIO && o->question.period == ROLLUP_WHOLE);
    x->t = t;
    x->s = s;
    x->o = o;
    x->mark = arena_format(t->arena, "\"figure\":\"%s\"", o->question.figure->name);
    x->x = (struct reading){.t = t, .s = s, .q = &o->question, .board = {.t = t, .q = &o->question, .out = rows}};
    x->x.board.figure = o->question.figure;
    if (!rc)
        rc = reading_scope(t, s, c, &o->question, &x->x.line);
    if (!rc)
        rc = reading_rows(&x->x);
    if (!rc)
        rc = reading_targets(&x->x, &x->targets, &x->n_targets);
    *value = rc ? 0 : value_of(o, &board);
    *out = x;
    return rc;
}

/* ---- what a row tells ---- */

static const struct json *
conjunct(const struct json *condition, size_t i)
{
    const struct json *all = json_get(condition, "and");

    if (all)
        return json_at(all, i);
    return i ? NULL : condition;
}

/* Whether an expression reads nothing but values that a record's row holds, as they were when it was counted. */
static bool
reads_row(const struct kind *k, const struct json *e)
{
    static const char *const plain[] = {"==", "!=", "!", "!!", "and", "or", "in"};
    const struct json *of;

    if (json_is(e, JSON_ARRAY)) {
        for (size_t i = 0; i < json_count(e); i++)
            if (!reads_row(k, json_at(e, i)))
                return false;
        return true;
    }
    if (!json_is(e, JSON_OBJECT))
        return true;
    of = json_get(e, "var");
    if (of) {
        const struct kind_field *f = json_text(of) ? kind_field(k, json_text(of)) : NULL;

        return f && !f->kept_total && !f->private_value;
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if ((of = json_get(e, plain[i])) != NULL)
            return reads_row(k, of);
    return false;
}

static struct json *
read_row(void *who, struct task *t, const char *path)
{
    const struct record *r = who;

    (void)t;
    return json_get(r->fields, path);
}

/* A stock of this moment is what its records hold now: a row that does not fit need not be looked into. */
static bool
row_may_count(struct task *t, const struct kind_figure *f, const struct record *r)
{
    const struct kind_env env = {.kind = r->kind, .read = read_row, .who = (void *)(uintptr_t)r};
    const struct json *one;

    if (!f || r->sealed || !kind_in(f->in, r->state))
        return false;
    for (size_t i = 0; r->fields && (one = conjunct(f->condition, i)) != NULL; i++)
        if (reads_row(r->kind, one) && !kind_true(kind_eval(t, &env, one)))
            return false;
    return true;
}

const char *
rollup_level_of(const struct kind_figure *f)
{
    const struct json *one;

    for (size_t i = 0; (one = conjunct(f->condition, i)) != NULL; i++) {
        const struct json *two = json_get(one, "==");

        if (text_equal(json_text_of(json_at(two, 0), "var"), "level") && json_text(json_at(two, 1)))
            return json_text(json_at(two, 1));
    }
    return NULL;
}

/* What was written before the time asked for counts in it nowhere. */
static enum fault_code
first_since(struct rollup_opened *x, int64_t stream, int64_t *seq)
{
    size_t i = 0;
    enum fault_code rc;

    *seq = 1;
    while (i < x->n_since && x->since[i].stream != stream)
        i++;
    if (i == STREAMS_MOST)
        return FAULT_NONE;
    if (i == x->n_since) {
        rc = chain_since(x->t, x->s, stream, time_day_start(x->o->question.from), &x->since[i].seq);
        if (rc)
            return rc;
        x->since[x->n_since++].stream = stream;
    }
    *seq = x->since[i].seq;
    return FAULT_NONE;
}

static enum fault_code
may_count(struct rollup_opened *x, struct task *own, const struct record *r, bool *may)
{
    const struct rollup_question *q = &x->o->question;
    int64_t seq = 0;
    enum fault_code rc = FAULT_NONE;

    *may = true;
    if (x->o->now)
        *may = row_may_count(own, kind_figure(r->kind, q->figure->name), r);
    else if (!q->figure->stock && !x->o->by_date && q->from && !r->today) {
        rc = first_since(x, r->stream, &seq);
        *may = r->seq >= seq;
    }
    return rc;
}

/* ---- what its events tell ---- */

/* The changes that an event states; nothing is made of what else it holds. */
static enum fault_code
changes_of(struct task *t, const struct chain_row *row, struct json **out)
{
    static const char *const names[] = {"figures"};
    const char *at = arena_copy(t->arena, row->bytes, row->bytes_len);
    struct json_slice name, value;
    struct json *outcome = NULL;
    enum fault_code rc = FAULT_NONE;

    while (!outcome && !rc && json_next_member(&at, &name, &value))
        if (name.len == strlen("outcome") && memcmp(name.at, "outcome", name.len) == 0)
            rc = json_pick(t, value.at, names, 1, NULL, &outcome);
    *out = json_get(outcome, "figures");
    return rc;
}

static enum fault_code
add_event(struct rollup_opened *x, struct reading *one, const struct chain_row *row)
{
    struct task *t = one->t;
    struct json *list = NULL;
    enum fault_code rc = FAULT_NONE;

    if (!memmem(row->bytes, row->bytes_len, x->mark, strlen(x->mark)))
        return rc;
    rc = changes_of(t, row, &list);
    for (size_t i = 0; i < json_count(list) && !rc; i++) {
        const struct json *c = json_at(list, i), *nodes = json_get(c, "nodes");
        struct tally_row change = {.figure = x->o->question.figure->name,
                                   .line = json_int_of(c, "line", 0),
                                   .amount = json_int_of(c, "amount", 0),
                                   .a = (int32_t)json_int_of(c, "period", 0),
                                   .b = time_day(row->at)};
        struct text dims;

        if (!text_equal(json_text_of(c, "figure"), change.figure))
            continue;
        text_init(&dims, t->arena);
        rc = json_canonical(t, json_get(c, "dims"), false, &dims);
        change.dims = text_string(&dims);
        for (size_t k = 0; k < json_count(nodes) && !rc; k++) {
            change.node = json_integer(json_at(nodes, k), 0);
            reading_add(one, x->targets, x->n_targets, &change);
        }
    }
    return rc;
}

/* A board of that cell for one record; in `own`. */
struct one {
    struct reading reading;
    struct rollup_board board;
};

static void
begin_one(struct rollup_opened *x, struct task *own, struct one *one)
{
    one->board = (struct rollup_board){.q = &x->o->question, .places = x->x.board.out->places,
                                       .n_places = x->x.board.out->n_places};
    one->reading = x->x;
    one->reading.t = own;
    one->reading.board.t = own;
    one->reading.board.out = &one->board;
}

static int64_t
end_one(struct rollup_opened *x, struct one *one)
{
    if (x->o->question.by_place)
        board_keep_own(&one->reading.board);
    x->judged++;
    return value_of(x->o, &one->board);
}

/* What was read in a task of its own; the first fault stays with the request. */
static enum fault_code
end_own(struct rollup_opened *x, struct task *own)
{
    enum fault_code rc = FAULT_NONE;

    x->t->store_calls += own->store_calls;
    if (own->fault.code)
        rc = fault(x->t, own->fault.code, NULL, "%s | %s", own->fault.items[0].zh, own->fault.items[0].en);
    task_release(own);
    return rc;
}

/* ---- many at once ---- */

static size_t
place_of(const struct chain_record_at *at, size_t n, const struct chain_row *row, size_t *next)
{
    /* Mostly they come as they were asked for. */
    for (size_t i = 0; i < n; i++) {
        size_t k = (*next + i) % n;

        if (at[k].rid == row->rid && at[k].stream == row->stream) {
            *next = k;
            return k;
        }
    }
    return n;
}

static enum fault_code
look_some(struct rollup_opened *x, struct task *own, const struct chain_record_at *at, size_t n)
{
    struct one *ones = arena_alloc(own->arena, n * sizeof *ones);
    struct rows rows;
    struct chain_row row;
    size_t next = 0;
    enum fault_code rc;

    for (size_t i = 0; i < n; i++)
        begin_one(x, own, &ones[i]);
    rc = chain_open_records(own, x->s, &rows, at, n);
    if (rc)
        return rc;
    while (!rc && chain_next_written(own, &rows, &row)) {
        size_t k = place_of(at, n, &row, &next);

        if (k < n)
            rc = add_event(x, &ones[k].reading, &row);
    }
    rc = store_end(own, &rows) ? own->fault.code : rc;
    for (size_t i = 0; i < n && !rc; i++) {
        x->told[x->n_told].stream = at[i].stream;
        x->told[x->n_told].rid = at[i].rid;
        x->told[x->n_told++].times = end_one(x, &ones[i]);
    }
    return rc;
}

void
rollup_look(struct rollup_opened *x, const struct record *const *list, size_t n)
{
    struct task own;
    struct chain_record_at *at;
    size_t asked = 0;
    enum fault_code rc = FAULT_NONE;

    task_init(&own, x->t->now, 1);
    at = arena_alloc(own.arena, n * sizeof *at);
    x->told = arena_alloc(x->t->arena, n * sizeof *x->told);
    x->n_told = x->next = 0;
    for (size_t i = 0; i < n && !rc; i++) {
        bool may = false;

        rc = may_count(x, &own, list[i], &may);
        if (may)
            at[asked++] = (struct chain_record_at){list[i]->stream, list[i]->rid};
    }
    for (size_t i = 0; i < asked && !rc; i += STORE_LIST_MAX)
        rc = look_some(x, &own, at + i, asked - i < STORE_LIST_MAX ? asked - i : STORE_LIST_MAX);
    (void)end_own(x, &own);
}

/* ---- one ---- */

static bool
was_told(struct rollup_opened *x, const struct record *r, int64_t *times)
{
    for (size_t i = 0; i < x->n_told; i++) {
        size_t k = (x->next + i) % x->n_told;

        if (x->told[k].rid == r->rid && x->told[k].stream == r->stream) {
            *times = x->told[k].times;
            x->next = k;
            return true;
        }
    }
    return false;
}

static enum fault_code
count_events(struct rollup_opened *x, struct task *own, const struct record *r, int64_t *times)
{
    struct one one;
    struct rows rows;
    struct chain_row row;
    enum fault_code rc = chain_open_record(own, x->s, &rows, r->stream, r->rid);

    begin_one(x, own, &one);
    while (!rc && chain_next_written(own, &rows, &row))
        rc = add_event(x, &one.reading, &row);
    if (store_end(own, &rows) && !rc)
        rc = own->fault.code;
    *times = rc ? 0 : end_one(x, &one);
    return rc;
}

enum fault_code
rollup_counts(struct rollup_opened *x, const struct record *r, int64_t *times)
{
    struct task own;
    bool may = false;
    enum fault_code rc;

    *times = 0;
    if (x->t->fault.code || was_told(x, r, times))
        return x->t->fault.code;
    task_init(&own, x->t->now, 1);
    rc = may_count(x, &own, r, &may);
    if (!rc && may)
        rc = count_events(x, &own, r, times);
    return end_own(x, &own) ? x->t->fault.code : rc;
}

size_t
rollup_judged(const struct rollup_opened *x)
{
    return x->judged;
}
