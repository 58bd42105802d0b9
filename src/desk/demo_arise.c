/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_arise.c - what arises on a day at whom: the year's traffic, and the stories.
 *
 * Knows: `arises`, `stories`, `apart` and `keeps` of the script.
 * Does not know: how anything is made of it (demo_do.c).
 */
#include "desk/demo.h"

static void
arise_at(struct demo *x, const struct json *how, size_t unit, int32_t day, int64_t busy, size_t n)
{
    uint64_t base = demo_mix(demo_mix(x->seed + 2, (uint64_t)x->units[unit].id),
                             (uint64_t)day * 64 + (uint64_t)n);
    int64_t rate = demo_share(json_text_of(how, "a_year"), 0) / 250;
    struct demo_entry e = {.live = SIZE_MAX, .unit = unit, .stamp = (unsigned)n, .arises = how};

    rate = rate * busy / DEMO_MILLION * json_int_of(demo_scale(x), "percent", 100) / 100;
    for (int k = 0; rate > 0; k++, rate -= DEMO_MILLION) {
        if ((int64_t)(demo_mix(base, (uint64_t)k) % DEMO_MILLION) >= rate)
            continue;
        e.at = demo_window(json_get(how, "hours"), day, demo_mix(base, (uint64_t)k + 100));
        demo_push(x, x->units[unit].stream, &e);
    }
}

static bool
arises_here(const struct demo *x, const struct json *how, const struct demo_unit *u)
{
    const struct json *alone = json_get(how, "alone"), *only = json_get(how, "only");
    const struct json *sort = json_get(how, "sort"), *at = json_get(how, "at");
    const struct json *pattern = json_get(how, "pattern"), *except = json_get(how, "except");

    if (!u->n || u->gone || (only && !demo_named(only, u->name)) ||
        demo_named(json_get(how, "but"), u->name))
        return false;
    if (sort)
        return demo_named(sort, u->sort);
    if (!u->pattern || (!only && demo_named(json_get(x->script, "apart"), u->name)))
        return false;
    if (at && !text_starts(u->code, json_text(at)))
        return false;
    if (pattern && !demo_numbered(pattern, json_int_of(u->pattern, "n", 0)))
        return false;
    if (except && arises_here(x, except, u))
        return false;
    return !alone || json_is_true(alone) == u->one_person;
}

/* What comes once a quarter comes on its first working day. */
static bool
begins_quarter(const struct demo *x, int32_t day)
{
    int y, m, d;
    int32_t first;

    time_split(day, &y, &m, &d);
    first = time_day_of(y, (m - 1) / 3 * 3 + 1, 1);
    while (!rule_is_workday(x->desk->world->calendar, first))
        first++;
    return day == first;
}

static void
arise_once(struct demo *x, const struct json *how, size_t unit, int32_t day, size_t n)
{
    struct demo_entry e = {.live = SIZE_MAX, .unit = unit, .stamp = (unsigned)n, .arises = how};

    e.at = demo_window(json_get(how, "hours"), day,
                       demo_mix(x->seed + n, (uint64_t)x->units[unit].id));
    demo_push(x, x->units[unit].stream, &e);
}

/*
 * A story told "times" times: evenly spread from `from_ago` to `to_ago`, on working days, at one
 * of its units after another.
 */
static void
tell_times(struct demo *x, const struct json *one, int32_t day, size_t n)
{
    int64_t times = json_int_of(one, "times", 0), from = json_int_of(one, "from_ago", 0);
    int64_t span = from - json_int_of(one, "to_ago", 0);
    size_t fit = 0, *units = arena_alloc(x->task->arena, x->n_units * sizeof *units);

    if (x->anchor - day > from || !rule_is_workday(x->desk->world->calendar, day))
        return;
    for (size_t u = 0; u < x->n_units; u++)
        if (arises_here(x, one, &x->units[u]))
            units[fit++] = u;
    for (int64_t k = 0; k < times && fit; k++)
        if (demo_workday(x, x->anchor - (int32_t)(from - span * k / times)) == day)
            arise_once(x, one, units[(size_t)k % fit], day, n + (size_t)k * 64);
}

/* Stories lie a number of days before the day a new city is caught up to. */
static void
tell_stories(struct demo *x, int32_t day)
{
    const struct json *all = json_get(x->script, "stories");

    for (size_t i = 0; i < json_count(all) && x->anchor; i++) {
        const struct json *one = json_at(all, i);

        if (json_get(one, "times"))
            tell_times(x, one, day, 1000 + i);
        if (x->anchor - day != json_int_of(one, "ago", -1))
            continue;
        for (size_t u = 0; u < x->n_units; u++)
            if (arises_here(x, one, &x->units[u]))
                arise_once(x, one, u, day, 1000 + i);
    }
}

void
demo_arise(struct demo *x, int32_t day)
{
    const struct json *all = json_get(x->script, "arises");
    int64_t busy = demo_busy(x, day);

    tell_stories(x, day);
    for (size_t i = 0; i < json_count(all) && busy; i++) {
        const struct json *how = json_at(all, i);
        bool once = json_get(how, "each") != NULL;

        for (size_t u = 0; u < x->n_units && (!once || begins_quarter(x, day)); u++)
            if (!arises_here(x, how, &x->units[u]))
                continue;
            else if (once)
                arise_once(x, how, u, day, i);
            else
                arise_at(x, how, u, day, busy, i);
    }
}

/* What a story tells is drawn nowhere at its enterprise. */
void
demo_keep_stories(struct demo *x)
{
    const struct json *keeps = json_get(x->script, "keeps");
    const struct json *shelf = json_get(x->hazards, "hazards");

    for (size_t i = 0; i < json_count(keeps); i++)
        for (size_t u = 0; u < x->n_units; u++)
            for (size_t k = 0; k < json_count(shelf); k++)
                if (demo_named(json_get(json_at(keeps, i), "firm"), x->units[u].name) &&
                    demo_numbered(json_get(json_at(keeps, i), "n"),
                                  json_int_of(json_at(shelf, k), "n", 0)))
                    demo_tell(x, u, json_at(shelf, k));
}
