/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/opened.c - a figure's cell opened: the list of the records that it counts.
 *
 * Knows: the query's words, which are the board's; which rows come into question; what of the cell this
 * caller is shown.
 * Does not know: when a record is counted (rollup), how a list is walked (record).
 */
#include "desk/inside.h"
#include <string.h>

struct counted {
    int64_t stream, rid, times;
};

struct desk_opened {
    struct task *t;
    struct rollup_opening o;
    struct rollup_opened *opened;
    const char *place; /* code of it */
    int64_t then;      /* its records are shown as they were; 0: as they are */
    int64_t value;
    int64_t seen; /* what those found so far add to it */
    size_t judged; /* before this walk */
    struct counted *several; /* counted more than once */
    size_t n_several, room;
};

/* ---- the test ---- */

static void
remember(struct desk_opened *x, const struct record *r, int64_t times)
{
    if (x->n_several == x->room) {
        size_t room = x->room ? x->room * 2 : 32;
        struct counted *more = arena_alloc(x->t->arena, room * sizeof *more);

        if (x->n_several)
            memcpy(more, x->several, x->n_several * sizeof *more);
        x->several = more;
        x->room = room;
    }
    x->several[x->n_several++] = (struct counted){r->stream, r->rid, times};
}

/* A fault stays with the request's task; whoever walked asks it. */
static bool
is_counted(void *who, const struct record *r)
{
    struct desk_opened *x = who;
    int64_t times;

    if (rollup_counts(x->opened, r, &times) || !times)
        return false;
    x->seen += times;
    if (times != 1)
        remember(x, r, times);
    return true;
}

static void
look_at(void *who, const struct record *const *list, size_t n)
{
    struct desk_opened *x = who;

    rollup_look(x->opened, list, n);
}

static bool
is_tired(void *who)
{
    const struct desk_opened *x = who;

    return rollup_judged(x->opened) - x->judged >= LIMIT_OPENED;
}

/* ---- the question ---- */

static bool
is_word(const char *list, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = list; (at = strstr(at, name)) != NULL; at += len)
        if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
            return true;
    return false;
}

/* What the cell is told by, besides its place and days: dimensions, and what it has not. */
static enum fault_code
read_told(struct task *t, const struct desk_query *in, struct desk_opened *x)
{
    struct rollup_question *q = &x->o.question;
    const char *without = in->get(in->who, "without"), *name;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; in->name && (name = in->name(in->who, i)); i++) {
        const char *value = in->get(in->who, name);

        if (!value || !*value || is_word("kind figure place row line from to as_of without sort limit cursor", name))
            continue;
        if (!desk_has_dimension(q, name) || q->n_by == 4)
            return desk_refuse(t, name, "这个指标的单元格没有此项", "a cell of this figure is not told by that");
        x->o.is[q->n_by] = value;
        q->by[q->n_by++] = name;
    }
    for (; without && *without && !rc; without += strcspn(without, ","), without += *without == ',') {
        name = arena_copy(t->arena, without, strcspn(without, ","));
        if (q->n_by == 4 || desk_read_by(t, name, q))
            rc = desk_refuse(t, "without", "这个指标没有此维度", "the figure has no such dimension");
    }
    x->o.no_line = q->by_line;
    return rc;
}

/* The place of the cell: the one asked for, or that of a row below it, for the days on which it lay there. */
static enum fault_code
read_row(struct task *t, struct store *s, const char *row, struct desk_opened *x, struct record_filter *f)
{
    struct rollup_question *q = &x->o.question;
    struct org_place p;
    bool found;
    enum fault_code rc = row && *row ? org_place_by_code(t, s, row, &p, &found) : org_place(t, s, q->place, &p, &found);

    if (!rc && (!found || (row && *row && q->by_place)))
        rc = desk_refuse(t, "row", "没有这一行", "there is no such row");
    if (rc)
        return rc;
    if (row && *row) {
        q->by_place = true;
        q->place_level = p.level;
        x->o.row = p.code;
    }
    x->place = p.code;
    f->place = p.id;
    return FAULT_NONE;
}

/* By what any version of the figure counts, for the rows that obey an earlier one. */
static bool
some_version_dated(struct desk *d, const struct rollup_question *q)
{
    for (int v = q->kind->version; v >= 1; v--) {
        const struct kind *k = kind_find(d->world->catalog, q->kind->name, v);
        const struct kind_figure *f = k ? kind_figure(k, q->figure->name) : NULL;

        if (f && f->from)
            return true;
    }
    return false;
}

/* A stock of this moment is what its records are now: their states, and the level where one is told. */
static void
narrow_now(struct task *t, struct desk *d, const struct desk_opened *x, struct record_filter *f)
{
    const struct rollup_question *q = &x->o.question;
    const char *level = rollup_level_of(q->figure);
    struct text states;

    text_init(&states, t->arena);
    for (int v = q->kind->version; v >= 1; v--) {
        const struct kind *k = kind_find(d->world->catalog, q->kind->name, v);
        const struct kind_figure *one = k ? kind_figure(k, q->figure->name) : NULL;

        for (size_t i = 0; one && i < k->n_states; i++)
            if (kind_in(one->in, k->states[i].number))
                text_printf(&states, "%s%s", states.len ? "," : "", k->states[i].name);
        if (one && !text_equal(rollup_level_of(one), level))
            level = NULL;
    }
    f->states = text_string(&states);
    f->levels = level;
    for (size_t i = 0; i < q->n_by; i++)
        if (text_equal(q->by[i], "level") && x->o.is[i])
            f->levels = x->o.is[i];
    f->line = q->line;
}

/* The rows that come into question. */
static void
narrow(struct task *t, struct desk *d, struct desk_opened *x, struct record_filter *f)
{
    const struct rollup_question *q = &x->o.question;
    bool dated = some_version_dated(d, q);
    int32_t last = q->figure->stock && dated ? 0 : q->to;

    if (q->as_of && (!last || q->as_of < last))
        last = q->as_of;
    x->o.by_date = dated;
    x->o.now = q->figure->stock && (!last || last >= time_day(t->now));
    if (x->o.now)
        narrow_now(t, d, x, f);
    /* What was born later had no step on that day. */
    if (last && (q->figure->stock || !dated))
        f->born_before = time_day_start(last + 1);
}

/* The cell as a text: what a cursor is bound to. */
static const char *
cell_text(struct task *t, const struct desk_opened *x)
{
    const struct rollup_question *q = &x->o.question;
    struct text out;

    text_init(&out, t->arena);
    text_printf(&out, "%s|%lld|%d|%d|%d|%d|%d|%d|%d", q->figure->name, (long long)q->place, q->line, q->from,
                q->to, q->as_of, x->o.no_line, q->by_place, q->place_level);
    for (size_t i = 0; i < q->n_by; i++)
        text_printf(&out, "|%s=%s", q->by[i], x->o.is[i] ? x->o.is[i] : "");
    return text_string(&out);
}

static enum fault_code
check_figure(struct task *t, const struct desk_query *in, const struct rollup_question *q)
{
    const char *kind = in->get(in->who, "kind");

    if (!q->figure)
        return desk_refuse(t, "figure", "没有这个指标", "there is no such figure");
    if (kind && *kind && !text_equal(kind, q->kind->name))
        return desk_refuse(t, "figure", "这个指标不数这种记录", "the figure does not count records of this kind");
    if (q->figure->agg == AGG_RATIO)
        return desk_refuse(t, "figure",
                           arena_format(t->arena, "比率本身不数记录；请打开 %s 或 %s", q->figure->a, q->figure->b),
                           arena_format(t->arena, "a ratio counts no records of its own; open %s or %s",
                                        q->figure->a, q->figure->b));
    return FAULT_NONE;
}

/* By due, ended records are left out: only a stock that counts none of them can be sorted so. */
static enum fault_code
check_sort(struct task *t, const struct desk_query *in, const struct desk_opened *x)
{
    const struct kind *k = x->o.question.kind;
    bool open = x->o.now;

    for (size_t i = 0; i < k->n_states; i++)
        open = open && !(k->states[i].final && kind_in(x->o.question.figure->in, k->states[i].number));
    if (open || !text_equal(in->get(in->who, "sort"), "due"))
        return FAULT_NONE;
    return desk_refuse(t, "sort", "这个指标也数已办结的，不能按期限排序",
                       "the figure counts ended records too, which have no due to sort by");
}

enum fault_code
desk_open_figure(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                 const struct desk_query *in, struct record_filter *f)
{
    struct desk_opened *x = arena_alloc(t->arena, sizeof *x);
    struct rollup_question *q = &x->o.question;
    const char *line = in->get(in->who, "line"), *as_of = in->get(in->who, "as_of");
    enum fault_code rc;

    q->figure = desk_find_figure(d, in->get(in->who, "figure"), &q->kind);
    rc = check_figure(t, in, q);
    if (!rc)
        rc = desk_figure_place(t, s, c, in->get(in->who, "place"), &q->place);
    if (!rc)
        rc = desk_read_days(t, in, q);
    if (!rc && line && *line && (q->line = desk_line_number(d, line)) < 0)
        rc = desk_refuse(t, "line", "没有这个条线", "there is no such line");
    if (!rc)
        rc = read_told(t, in, x);
    if (!rc)
        rc = read_row(t, s, in->get(in->who, "row"), x, f);
    if (rc)
        return rc;
    x->t = t;
    f->kinds = arena_alloc(t->arena, sizeof *f->kinds);
    f->kinds[f->n_kinds++] = q->kind;
    narrow(t, d, x, f);
    rc = check_sort(t, in, x);
    if (!rc)
        rc = rollup_open(t, s, &c->scope, &x->o, &x->opened, &x->value);
    x->then = as_of && *as_of ? time_day_end(q->as_of) : 0;
    f->fits = is_counted;
    f->rows = look_at;
    f->tired = is_tired;
    f->who = x;
    f->opens = cell_text(t, x);
    f->most = q->figure->agg == AGG_COUNT ? x->value : 0;
    return rc;
}

/* ---- the answer ---- */

/* He sees what he may see today, as it was then. */
static enum fault_code
open_then(struct task *t, struct desk *d, struct store *s, int64_t then, struct record *r)
{
    struct record *today = arena_alloc(t->arena, sizeof *today);
    bool found;
    enum fault_code rc;

    *today = *r;
    rc = record_open_as_of(t, s, d->world, today->stream, today->rid, then, r, &found);
    if (rc || !found) {
        *r = *today;
        return rc;
    }
    r->parties = today->parties;
    r->today = today;
    return rc;
}

static struct desk_opened *
opened_of(const struct record_filter *f)
{
    return f->fits == is_counted ? f->who : NULL;
}

bool
desk_opens_nothing(const struct record_filter *f)
{
    const struct desk_opened *x = opened_of(f);

    return x && x->o.question.figure->agg == AGG_COUNT && !x->value;
}

/* Whether he sees every record at the place on the line: an area of his covers it, and no rule bars anybody. */
static enum fault_code
sees_all(struct task *t, struct store *s, const struct desk_caller *c, const struct rollup_question *q, bool *all)
{
    enum fault_code rc = FAULT_NONE;

    *all = false;
    for (size_t i = 0; i < q->kind->n_sight; i++)
        if (q->kind->sight[i].n_only || q->kind->sight[i].n_never)
            return FAULT_NONE;
    for (size_t i = 0; i < c->scope.n_areas && !rc && !*all; i++)
        if (!c->scope.areas[i].line)
            rc = org_covers(t, s, c->scope.areas[i].place, q->place, all);
    return rc;
}

enum fault_code
desk_opened_total(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                  const struct record_filter *f, struct record_page *page, bool *whole)
{
    struct desk_opened *x = opened_of(f);
    const struct rollup_question *q = &x->o.question;
    bool all;
    enum fault_code rc;

    *whole = !page->more_than_total;
    if (*whole)
        return t->fault.code;
    rc = sees_all(t, s, c, q, &all);
    /* Many are not counted anew for every page: he sees them all, or all but what has moved away since. */
    if (!rc && all && q->figure->agg == AGG_COUNT && (x->o.now || x->value > LIMIT_TOTAL)) {
        x->seen = page->total = x->value;
        page->more_than_total = false;
        *whole = x->o.now;
        return t->fault.code;
    }
    x->seen = 0;
    x->judged = rollup_judged(x->opened);
    if (!rc)
        rc = record_count(t, s, d->world, &c->scope, f, page);
    *whole = !page->more_than_total;
    if (!*whole && all && q->figure->agg == AGG_COUNT) {
        page->total = x->value;
        page->more_than_total = false;
    }
    return rc ? rc : t->fault.code;
}

enum fault_code
desk_opened_then(struct task *t, struct desk *d, struct store *s, const struct record_filter *f,
                 struct record_page *page, int32_t *day)
{
    const struct desk_opened *x = opened_of(f);
    enum fault_code rc = FAULT_NONE;

    if (!x || !x->then)
        return rc;
    *day = time_day(x->then);
    for (size_t i = 0; i < page->n && !rc; i++)
        rc = open_then(t, d, s, x->then, &page->items[i]);
    return rc;
}

struct json *
desk_opened_json(struct desk_render *r, const struct record_filter *f, bool whole)
{
    const struct desk_opened *x = opened_of(f);
    const struct rollup_question *q = &x->o.question;
    struct arena *a = r->task->arena;
    struct json *o = json_object(a);

    json_set_str(a, o, "figure", q->figure->name);
    json_set(a, o, "title", kind_title(a, q->figure->title));
    json_set(a, o, "rule", kind_figure_rule(r->task, q->kind, q->figure));
    json_set_str(a, o, "place", x->place);
    if (q->line)
        json_set(a, o, "line_title", desk_line_title(a, r->desk, q->line));
    json_set_int(a, o, "value", x->value);
    json_set(a, o, "beyond", whole ? json_int(a, x->value - x->seen) : json_null(a));
    desk_name_id(r, x->place);
    return o;
}

int64_t
desk_opened_times(const struct record_filter *f, const struct record *r)
{
    const struct desk_opened *x = opened_of(f);

    for (size_t i = 0; i < x->n_several; i++)
        if (x->several[i].rid == r->rid && x->several[i].stream == r->stream)
            return x->several[i].times;
    return 1;
}
