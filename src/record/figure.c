/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/figure.c - what a step changes in the figures, stated in its event.
 *
 * A stock counts how many are in certain states now: what was counted before is taken back, what is
 * counted after is added; one that counts by a date moves with it. A flow counts steps on their day. A sealed record changes nothing until
 * the step that opens it.
 */
#include "record/inside.h"
#include <string.h>

/* The day a figure counts by, of a stored date or instant; false where there is none. */
static bool
day_of(struct judged *j, const struct kind_figure *f, int32_t *day)
{
    const char *text = json_text(record_read_path(j, j->task, f->from));
    int64_t at;

    if (!text || !time_read(text, false, &at))
        return false;
    *day = time_day(at);
    return true;
}

static struct json *
dimensions(struct judged *j, const struct kind_figure *f)
{
    struct arena *a = j->task->arena;
    struct json *dims = json_object(a);
    int32_t day;

    for (size_t i = 0; i < f->n_by; i++) {
        struct json *v = record_read_path(j, j->task, f->by_names[i]);

        if (!json_is_null(v))
            json_set(a, dims, f->by_names[i],
                     json_text(v) ? v : json_str(a, json_string(a, v)));
    }
    if (f->stock && f->from && day_of(j, f, &day))
        json_set_str(a, dims, KIND_FIGURE_DAY, time_day_text(a, day));
    return dims;
}

static int64_t
amount_of(struct judged *j, const struct kind_figure *f)
{
    if (f->agg != AGG_SUM)
        return 1;
    return json_integer(record_read_path(j, j->task, f->field), 0);
}

static void
add_change(struct judged *j, struct json *list, const struct kind_figure *f, const struct json *dims,
           int64_t period, int64_t amount)
{
    struct arena *a = j->task->arena;
    struct json *one = json_object(a);

    if (!amount)
        return;
    json_set_str(a, one, "figure", f->name);
    json_set(a, one, "dims", (struct json *)(uintptr_t)dims);
    json_set_int(a, one, "period", period);
    json_set_int(a, one, "amount", amount);
    json_set(a, one, "nodes", json_get(j->now->parties, "above"));
    json_set_int(a, one, "line", j->now->line);
    json_push(a, list, one);
}

static bool
counts(struct judged *j, const struct kind_figure *f)
{
    int32_t day;

    return !j->now->sealed && kind_in(f->in, j->now->state) && (!f->from || day_of(j, f, &day)) &&
           record_holds(j, f->condition);
}

/* One way to write a stock of a record: everything that tells which cell it is in. */
static const char *
cell_of(struct judged *j, const struct json *dims, int64_t amount)
{
    struct arena *a = j->task->arena;

    return arena_format(a, "%s|%s|%d|%lld", json_string(a, dims),
                        json_string(a, json_get(j->now->parties, "above")), j->now->line,
                        (long long)amount);
}

static void
stock(struct judged *j, const struct record *before, const struct kind_figure *f, struct json *list)
{
    struct record copy;
    struct judged was = *j;
    const struct json *old_dims = NULL, *new_dims = NULL;
    int64_t old_amount = 0, new_amount = 0;

    if (before) {
        copy = *before;
        was.now = &copy;
        if (counts(&was, f)) {
            old_dims = dimensions(&was, f);
            old_amount = amount_of(&was, f);
        }
    }
    if (counts(j, f)) {
        new_dims = dimensions(j, f);
        new_amount = amount_of(j, f);
    }
    if (old_dims && new_dims &&
        strcmp(cell_of(&was, old_dims, old_amount), cell_of(j, new_dims, new_amount)) == 0)
        return;
    if (old_dims)
        add_change(&was, list, f, old_dims, 0, -old_amount);
    if (new_dims)
        add_change(j, list, f, new_dims, 0, new_amount);
}

static void
flow(struct judged *j, const char *step, const struct kind_figure *f, struct json *list)
{
    int32_t day = time_day(j->task->now);

    for (size_t i = 0; i < f->n_steps; i++) {

        if (!text_equal(f->steps[i], step) || j->now->sealed || !record_holds(j, f->condition))
            continue;
        if (f->from)
            (void)day_of(j, f, &day);
        add_change(j, list, f, dimensions(j, f), day, amount_of(j, f));
        return;
    }
}

struct json *
record_figures(struct judged *j, const struct record *before, const char *step)
{
    struct json *list = json_array(j->task->arena);
    const struct kind *k = j->now->kind;

    for (size_t i = 0; i < k->n_figures; i++) {
        const struct kind_figure *f = &k->figures[i];

        if (f->agg == AGG_RATIO)
            continue;
        if (f->stock)
            stock(j, before, f, list);
        else
            flow(j, step, f, list);
    }
    return list;
}

struct json *
record_moved_figures(struct judged *j, const struct record *before)
{
    struct json *list = json_array(j->task->arena);
    struct record copy = *before;
    struct judged was = *j;

    was.now = &copy;
    for (size_t i = 0; i < before->kind->n_figures; i++) {
        const struct kind_figure *f = &before->kind->figures[i];

        if (f->agg != AGG_RATIO && f->stock && counts(&was, f))
            add_change(&was, list, f, dimensions(&was, f), 0, -amount_of(&was, f));
    }
    for (size_t i = 0; i < j->now->kind->n_figures; i++) {
        const struct kind_figure *f = &j->now->kind->figures[i];

        if (f->agg != AGG_RATIO && f->stock && counts(j, f))
            add_change(j, list, f, dimensions(j, f), 0, amount_of(j, f));
    }
    return list;
}
