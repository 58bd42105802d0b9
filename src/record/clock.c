/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/clock.c - clocks: start, hold, end, move, repeat; and the rungs that are due.
 *
 * Knows: recipes (from, after, edition of limit and calendar), and that outcomes are stored: the
 * instants of every rung that is still to fire stand in the event.
 * Does not know: when anybody looks; desk_tick asks for what is due.
 */
#include "record/inside.h"
#include <string.h>

/* The rung that begins the next round of a repeating clock, after all others of its moment. */
#define RUNG_AGAIN 1000

struct rule_tables
record_tables(struct judged *j)
{
    const struct record_world *w = j->world;
    struct rule_tables out = {.limits = w->limits};
    int64_t ids[ORG_DEPTH];
    size_t n;

    if (org_above(j->task, j->store, j->now->place, ids, &n))
        return out;
    out.files = arena_alloc(j->task->arena, (n + 1) * sizeof *out.files);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < w->n_standards; k++)
            if (w->standards[k].place == ids[i] && text_equal(w->standards[k].name, "local"))
                out.files[out.n++] = w->standards[k].body;
    return out;
}

bool
record_limit(struct judged *j, const char *row, int32_t day, struct rule_duration *out,
             const char **edition)
{
    struct rule_tables tables = record_tables(j);

    return rule_limit(&tables, row, day, out, edition);
}

static struct json *
clock_of(const struct record *r, const char *name)
{
    return json_get(r->clocks, name);
}

int64_t
record_clock_due(struct judged *j, const char *clock)
{
    return json_int_of(clock_of(j->now, clock), "due", 0);
}

int64_t
record_clock_late(struct judged *j, const char *clock)
{
    const struct json *c = clock_of(j->now, clock);
    int64_t due = json_int_of(c, "due", 0), held = json_int_of(c, "held", 0);

    return json_int_of(c, "late", 0) + (due && due < (held ? held : j->task->now));
}

/* Where it counts from: an instant, and whether it is a date. False: not known yet, so no clock. */
static bool
base_of(struct judged *j, const struct kind_clock *c, int64_t *at, bool *day)
{
    struct json *v;

    *day = false;
    if (c->from == CLOCK_ENTER) {
        *at = j->task->now;
        return true;
    }
    if (c->from == CLOCK_STEP) {
        *at = json_int_of(json_get(json_get(j->now->parties, "did"), c->from_name), "at", 0);
        return *at != 0;
    }
    v = record_read_path(j, j->task, c->from_name);
    if (!json_text(v) || !time_read(json_text(v), true, at))
        return false;
    *day = strlen(json_text(v)) == 10;
    return true;
}

static bool
span_of(struct judged *j, const struct kind_clock *c, struct rule_duration *d, const char **row)
{
    const char *edition = NULL;

    *row = NULL;
    if (c->after_field)
        return rule_duration_read(
            json_text(record_read_path(j, j->task, c->after_field)), d);
    if (!c->after_row) {
        *d = c->after;
        return true;
    }
    if (!record_limit(j, c->after_row, time_day(j->task->now), d, &edition))
        return false;
    *row = arena_format(j->task->arena, "%s@%s", c->after_row, edition ? edition : "");
    return true;
}

static enum fault_code
rungs_of(struct judged *j, const struct kind_clock *c, int64_t due, bool *provisional, struct json **out)
{
    struct arena *a = j->task->arena;

    *out = json_array(a);
    for (size_t i = 0; i < c->n_rungs; i++) {
        struct rule_duration d = c->rungs[i].after;
        struct json *pair = json_array(a);
        const char *edition;

        if (c->rungs[i].after_row &&
            !record_limit(j, c->rungs[i].after_row, time_day(j->task->now), &d, &edition))
            return fault(j->task, FAULT_INPUT, "/clocks",
                         "本地没有规定期限“%s”，请先由本地规则表设定 | no local table gives “%s” here; set that row "
                         "first",
                         c->rungs[i].after_row, c->rungs[i].after_row);
        json_push(a, pair, json_int(a, (int64_t)i));
        json_push(a, pair, json_int(a, rule_duration_add(j->world->calendar, due, d, provisional)));
        json_push(a, *out, pair);
    }
    if (c->repeats) {
        struct json *pair = json_array(a);

        json_push(a, pair, json_int(a, RUNG_AGAIN));
        json_push(a, pair, json_int(a, due));
        json_push(a, *out, pair);
    }
    return FAULT_NONE;
}

/* Sets the entry for a due instant; every figure of the recipe is kept with it. */
static enum fault_code
set_due(struct judged *j, const struct kind_clock *c, struct json *e, int64_t base, bool day)
{
    struct arena *a = j->task->arena;
    struct rule_duration d = {0, RULE_DAY};
    const char *row = NULL;
    bool provisional = false;
    int64_t due = base;
    struct json *rungs;
    enum fault_code rc;

    if (c->after_given) {
        if (!span_of(j, c, &d, &row))
            return fault(j->task, FAULT_INPUT, "/clocks",
                         "本地没有规定期限“%s”，请先由本地规则表设定 | no local table gives “%s” here; set that row "
                         "first",
                         c->after_row, c->after_row);
        due = rule_duration_add(j->world->calendar, base, d, &provisional);
        if (day && d.unit != RULE_MINUTE && d.unit != RULE_HOUR)
            due = time_day_end(time_day(due));
    }
    rc = rungs_of(j, c, due, &provisional, &rungs);
    if (rc)
        return rc;
    json_set_int(a, e, "base", base);
    json_set_int(a, e, "due", due);
    json_set(a, e, "again", NULL);
    json_set(a, e, "rungs", rungs);
    json_set(a, e, "row", row ? json_str(a, row) : NULL);
    json_set(a, e, "provisional", provisional ? json_bool(a, true) : NULL);
    return FAULT_NONE;
}

static void
end_clock(struct judged *j, struct json *e)
{
    struct arena *a = j->task->arena;
    int64_t due = json_int_of(e, "due", 0), held = json_int_of(e, "held", 0);

    if (due && due < (held ? held : j->task->now))
        json_set_int(a, e, "late", json_int_of(e, "late", 0) + 1);
    json_set(a, e, "due", NULL);
    json_set(a, e, "held", NULL);
    json_set(a, e, "rungs", NULL);
    json_set(a, e, "base", NULL);
    json_set(a, e, "again", NULL);
}

/* Time held is added to the due and to every rung that has not fired. */
static void
put_off(struct arena *a, struct json *e, int64_t pause)
{
    struct json *rungs = json_array(a);

    for (size_t i = 0; i < json_count(json_get(e, "rungs")); i++) {
        const struct json *old = json_at(json_get(e, "rungs"), i);
        struct json *pair = json_array(a);

        json_push(a, pair, json_at(old, 0));
        json_push(a, pair, json_int(a, json_integer(json_at(old, 1), 0) + pause));
        json_push(a, rungs, pair);
    }
    json_set(a, e, "rungs", rungs);
    json_set_int(a, e, "due", json_int_of(e, "due", 0) + pause);
}

static void
resume(struct judged *j, struct json *e)
{
    struct arena *a = j->task->arena;
    int64_t pause = j->task->now - json_int_of(e, "held", 0);

    put_off(a, e, pause);
    json_set_int(a, e, "pause", json_int_of(e, "pause", 0) + pause);
    json_set(a, e, "held", NULL);
}

static enum fault_code
run_clock(struct judged *j, const struct kind_clock *c, struct json *e, bool was_in)
{
    struct arena *a = j->task->arena;
    bool running = json_int_of(e, "due", 0) != 0;
    int64_t base;
    bool day;
    enum fault_code rc;

    if (running && json_get(e, "held"))
        resume(j, e);
    if (!running && was_in && c->from != CLOCK_FIELD && c->from != CLOCK_STEP)
        return FAULT_NONE;
    if (running && c->from == CLOCK_ENTER)
        return FAULT_NONE;
    if ((!running && !record_holds(j, c->condition)) || !base_of(j, c, &base, &day)) {
        if (running)
            end_clock(j, e);
        return FAULT_NONE;
    }
    if (running && base == json_int_of(e, "base", 0))
        return FAULT_NONE;
    /* A date that moved begins a round of its own: its rungs fire under new names. */
    json_set_int(a, e, "round", json_int_of(e, "round", 0) + 1);
    json_set(a, e, "pause", NULL);
    rc = set_due(j, c, e, base, day);
    return rc;
}

enum fault_code
record_clocks(struct judged *j, int old_state, bool cycle_changed)
{
    struct arena *a = j->task->arena;
    const struct kind *k = j->now->kind;
    struct json *clocks = json_object(a);
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < k->n_clocks && !rc; i++) {
        const struct kind_clock *c = &k->clocks[i];
        struct json *old = clock_of(j->now, c->name);
        struct json *e = old ? json_shallow(a, old) : json_object(a);

        if (cycle_changed)
            json_set(a, e, "late", NULL);
        if (kind_in(c->in, j->now->state)) {
            rc = run_clock(j, c, e, kind_in(c->in, old_state));
        } else if (kind_in(c->hold, j->now->state)) {
            if (json_int_of(e, "due", 0) && !json_get(e, "held"))
                json_set_int(a, e, "held", j->task->now);
        } else if (json_int_of(e, "due", 0)) {
            end_clock(j, e);
        }
        if (json_count(e))
            json_set(a, clocks, c->name, e);
    }
    if (rc)
        return rc;
    j->now->clocks = clocks;
    record_due_of(j->now);
    return FAULT_NONE;
}

void
record_due_of(struct record *r)
{
    r->due = 0;
    for (size_t i = 0; i < json_count(r->clocks); i++) {
        const struct json *c = r->clocks->object.at[i].value;
        int64_t due = json_int_of(c, "due", 0);

        if (due && !json_get(c, "held") && (!r->due || due < r->due))
            r->due = due;
    }
}

/* ---- firing ---- */

/* Takes the rung off the entry; the rung that repeats sets the next due. */
static enum fault_code
take_rung(struct judged *j, const struct kind_clock *c, struct json *e, int rung)
{
    struct arena *a = j->task->arena;
    struct json *rungs = json_array(a);
    struct rule_duration d;
    const char *row;
    bool provisional = false;
    int64_t due = json_int_of(e, "due", 0);

    for (size_t i = 0; i < json_count(json_get(e, "rungs")); i++)
        if (json_integer(json_at(json_at(json_get(e, "rungs"), i), 0), -1) != rung)
            json_push(a, rungs, json_at(json_get(e, "rungs"), i));
    json_set(a, e, "rungs", rungs);
    if (rung != RUNG_AGAIN || !span_of(j, c, &d, &row))
        return FAULT_NONE;
    due = rule_duration_add(j->world->calendar, due, d, &provisional);
    json_set_int(a, e, "round", json_int_of(e, "round", 0) + 1);
    json_set_int(a, e, "late", json_int_of(e, "late", 0) + 1);
    json_set_int(a, e, "again", json_int_of(e, "due", 0));
    json_set_int(a, e, "due", due);
    enum fault_code rc = rungs_of(j, c, due, &provisional, &rungs);

    if (!rc) {
        json_set(a, e, "rungs", rungs);
        json_set(a, e, "provisional", provisional ? json_bool(a, true) : NULL);
    }
    return rc;
}

static bool
still_due(const struct json *e, int round, int rung, int64_t due)
{
    const struct json *rungs = json_get(e, "rungs");

    if (json_int_of(e, "round", 0) != round || json_get(e, "held"))
        return false;
    for (size_t i = 0; i < json_count(rungs); i++)
        if (json_integer(json_at(json_at(rungs, i), 0), -1) == rung)
            return json_integer(json_at(json_at(rungs, i), 1), 0) == due;
    return false;
}

static enum fault_code
fire(struct judged *j, const struct kind_clock *c, int rung, const char *name, int64_t due)
{
    struct arena *a = j->task->arena;
    struct record before = *j->now;
    struct json *clocks = json_shallow(a, j->now->clocks);
    struct json *e = json_shallow(a, json_get(clocks, c->name));
    struct planned *plans = NULL;
    size_t n_plans = 0;
    struct stated what = {.name = name, .notices = json_array(a), .figures = json_array(a)};
    enum fault_code rc = FAULT_NONE;

    what.step = arena_format(a, "%s:%d", c->name, rung);
    what.given = json_object(a);
    if (rung < RUNG_AGAIN && (size_t)rung < c->n_rungs)
        rc = record_plan(j, &c->rungs[rung], 1, &plans, &n_plans, &what.notices);
    if (!rc)
        rc = take_rung(j, c, e, rung);
    if (rc)
        return rc;
    json_set(a, clocks, c->name, e);
    j->now->clocks = clocks;
    record_due_of(j->now);
    j->now->rev++;
    what.plans = plans;
    what.n_plans = n_plans;
    what.from = arena_format(a, "%lld", (long long)due);
    rc = record_state(j, &before, &what);
    return rc ? rc : record_carry_out(j->act, plans, n_plans);
}

enum fault_code
record_fire(struct record_act *act, struct record *r, const char *clock, int round, int rung,
            int64_t due)
{
    struct task *t = act->task;
    const struct kind_clock *c = kind_clock(r->kind, clock);
    struct judged j = {.act = act, .task = t, .store = act->store, .world = act->world, .now = r,
                       .old_fields = r->fields, .actor = &act->actor};
    const char *name = arena_format(t->arena, "clock:%s:%s:%d:%d", record_id(t->arena, r->stream, r->rid),
                                    clock, round, rung);
    bool there;
    enum fault_code rc = chain_has(t, act->store, r->stream, name, &there);

    if (rc || there || !c || !still_due(json_get(r->clocks, clock), round, rung, due))
        return rc;
    rc = fire(&j, c, rung, name, due);
    return rc ? rc : record_settle(act, r);
}

enum fault_code
record_rungs_due(struct task *t, struct store *s, int64_t until, struct record_rung *out, size_t room,
                 size_t *n)
{
    struct rows r;
    enum fault_code rc = store_query(t, s, &r,
                                     "SELECT stream, rid, clock, round, rung, due FROM record_due WHERE due "
                                     "<= ? ORDER BY due, stream, rid, clock, rung LIMIT ?",
                                     "ii", until, (int64_t)room);

    *n = 0;
    if (rc)
        return rc;
    while (*n < room && store_next(t, &r)) {
        struct record_rung *x = &out[(*n)++];

        x->stream = store_int(&r, 0);
        x->rid = store_int(&r, 1);
        x->clock = store_text(t, &r, 2);
        x->round = (int)store_int(&r, 3);
        x->rung = (int)store_int(&r, 4);
        x->due = store_int(&r, 5);
    }
    return store_end(t, &r);
}

/* ---- a calendar that came later ---- */

enum fault_code
record_recalculate(struct record_act *act, struct record *r, bool *changed)
{
    struct task *t = act->task;
    struct arena *a = t->arena;
    struct record before = *r;
    struct judged j = {.act = act, .task = t, .store = act->store, .world = act->world, .now = r,
                       .old_fields = r->fields, .actor = &act->actor};
    struct json *clocks = json_shallow(a, r->clocks);
    struct stated what = {.step = "recalculate", .given = json_object(a), .notices = json_array(a),
                          .figures = json_array(a)};

    *changed = false;
    for (size_t i = 0; i < r->kind->n_clocks; i++) {
        const struct kind_clock *c = &r->kind->clocks[i];
        struct json *old = json_get(clocks, c->name), *e;
        const struct json *fired = json_get(old, "rungs");
        enum fault_code rc;

        if (!json_is_true(json_get(old, "provisional")) || !json_int_of(old, "due", 0))
            continue;
        e = json_shallow(a, old);
        /* A later round of a repeating clock counts from the due before it. */
        rc = set_due(&j, c, e, json_int_of(old, "again", json_int_of(old, "base", 0)),
                     c->from == CLOCK_FIELD);
        if (rc)
            return rc;
        json_set(a, e, "base", json_get(old, "base"));
        json_set(a, e, "again", json_get(old, "again"));
        put_off(a, e, json_int_of(old, "pause", 0));
        /* Rungs that have fired stay fired. */
        struct json *left = json_array(a);

        for (size_t x = 0; x < json_count(json_get(e, "rungs")); x++)
            for (size_t y = 0; y < json_count(fired); y++)
                if (json_equal(json_at(json_at(json_get(e, "rungs"), x), 0),
                               json_at(json_at(fired, y), 0)))
                    json_push(a, left, json_at(json_get(e, "rungs"), x));
        json_set(a, e, "rungs", left);
        json_set(a, clocks, c->name, e);
        *changed = true;
    }
    if (!*changed)
        return FAULT_NONE;
    r->clocks = clocks;
    record_due_of(r);
    r->rev++;
    return record_state(&j, &before, &what);
}
