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
    const char *dot = strchr(row, '.');

    if (!rule_limit(&tables, row, day, out, edition))
        return false;
    if (dot)
        row = arena_copy(j->task->arena, row + strlen("LOCAL-"),
                         (size_t)(dot - row) - strlen("LOCAL-"));
    record_note_edition(j, row, *edition);
    return true;
}

void
record_note_edition(struct judged *j, const char *table, const char *edition)
{
    const char *text;

    if (!j->act || !edition)
        return;
    text = arena_format(j->task->arena, "%s@%s", table, edition);
    if (!j->act->editions)
        j->act->editions = json_array(j->task->arena);
    for (size_t i = 0; i < json_count(j->act->editions); i++)
        if (text_equal(json_text(json_at(j->act->editions, i)), text))
            return;
    json_push(j->task->arena, j->act->editions, json_str(j->task->arena, text));
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

/*
 * The day whose rows hold: the one on which this round of the clock was set. A row that comes later
 * does not move what runs; one that is adopted late moves what was set since its day.
 */
static int32_t
day_of(struct judged *j, const struct json *e)
{
    return (int32_t)json_int_of(e, "on", time_day(j->task->now));
}

/* How long the clock runs. A clock, unlike a rung, is never left out by a place. */
static bool
span_of(struct judged *j, const struct kind_clock *c, int32_t day, struct rule_duration *d,
        const char **row)
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
    if (!record_limit(j, c->after_row, day, d, &edition) || d->unit == RULE_NEVER)
        return false;
    *row = arena_format(j->task->arena, "%s@%s", c->after_row, edition ? edition : "");
    return true;
}

static enum fault_code
refuse_span(struct judged *j, const char *row)
{
    return fault(j->task, FAULT_INPUT, "/clocks",
                 "本地没有规定期限“%s”，请先由本地规则表设定 | no local table gives “%s” here; set that row "
                 "first",
                 row, row);
}

static enum fault_code
rungs_of(struct judged *j, const struct kind_clock *c, int32_t day, int64_t due, bool *provisional,
         struct json **out)
{
    struct arena *a = j->task->arena;

    *out = json_array(a);
    for (size_t i = 0; i < c->n_rungs; i++) {
        struct rule_duration d = c->rungs[i].after;
        struct json *pair = json_array(a);
        const char *edition;

        if (c->rungs[i].after_row &&
            !record_limit(j, c->rungs[i].after_row, day, &d, &edition))
            return refuse_span(j, c->rungs[i].after_row);
        if (d.unit == RULE_NEVER)
            continue;
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
    int32_t on = day_of(j, e);
    struct json *rungs;
    enum fault_code rc;

    if (c->after_given) {
        if (!span_of(j, c, on, &d, &row))
            return refuse_span(j, c->after_field ? record_table_of(j->now->kind, c->after_field)
                                                 : c->after_row);
        due = rule_duration_add(j->world->calendar, base, d, &provisional);
        if (day && d.unit != RULE_MINUTE && d.unit != RULE_HOUR)
            due = time_day_end(time_day(due));
    }
    rc = rungs_of(j, c, on, due, &provisional, &rungs);
    if (rc)
        return rc;
    json_set_int(a, e, "base", base);
    json_set_int(a, e, "on", on);
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
    json_set(a, e, "on", NULL);
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
    json_set(a, e, "on", NULL);
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
    int32_t today = time_day(j->task->now);

    for (size_t i = 0; i < json_count(json_get(e, "rungs")); i++)
        if (json_integer(json_at(json_at(json_get(e, "rungs"), i), 0), -1) != rung)
            json_push(a, rungs, json_at(json_get(e, "rungs"), i));
    json_set(a, e, "rungs", rungs);
    if (rung != RUNG_AGAIN || !span_of(j, c, today, &d, &row))
        return FAULT_NONE;
    due = rule_duration_add(j->world->calendar, due, d, &provisional);
    json_set_int(a, e, "round", json_int_of(e, "round", 0) + 1);
    json_set_int(a, e, "late", json_int_of(e, "late", 0) + 1);
    json_set_int(a, e, "again", json_int_of(e, "due", 0));
    json_set_int(a, e, "due", due);
    json_set_int(a, e, "on", today);
    json_set(a, e, "row", row ? json_str(a, row) : NULL);
    enum fault_code rc = rungs_of(j, c, today, due, &provisional, &rungs);

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

/* ---- a calendar or a local table that came later ---- */

static bool
stands_among(const struct json *rungs, const struct json *rung)
{
    for (size_t i = 0; i < json_count(rungs); i++)
        if (json_equal(json_at(json_at(rungs, i), 0), json_at(rung, 0)))
            return true;
    return false;
}

/* Rungs that have fired stay fired; one the place did not have then waits for the next round. */
static struct json *
still_to_fire(struct arena *a, const struct json *made, const struct json *old)
{
    struct json *left = json_array(a);

    for (size_t i = 0; i < json_count(made); i++)
        if (stands_among(old, json_at(made, i)))
            json_push(a, left, json_at(made, i));
    return left;
}

/* The entry as today's calendar and tables would have made it on its day; NULL: as it stands. */
static enum fault_code
made_again(struct judged *j, const struct kind_clock *c, const struct json *old, struct json **out)
{
    struct arena *a = j->task->arena;
    struct json *e = json_shallow(a, old);
    int64_t base = json_int_of(old, "base", 0);
    enum fault_code rc;

    *out = NULL;
    /* A later round of a repeating clock counts from the due before it. */
    rc = set_due(j, c, e, json_int_of(old, "again", base), c->from == CLOCK_FIELD);
    if (rc)
        return rc;
    json_set_int(a, e, "base", base);
    json_set(a, e, "again", json_get(old, "again"));
    put_off(a, e, json_int_of(old, "pause", 0));
    json_set(a, e, "rungs", still_to_fire(a, json_get(e, "rungs"), json_get(old, "rungs")));
    if (!json_equal(json_get(e, "rungs"), json_get(old, "rungs")) ||
        !json_equal(json_get(e, "due"), json_get(old, "due")) ||
        json_is_true(json_get(e, "provisional")) != json_is_true(json_get(old, "provisional")))
        *out = e;
    return FAULT_NONE;
}


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
        struct json *old = json_get(clocks, c->name), *e = NULL;
        bool provisional = json_is_true(json_get(old, "provisional"));

        if (!json_int_of(old, "due", 0) || (!provisional && !json_get(old, "on")))
            continue;
        /* Where no row holds any more, what runs keeps the row it was set by. */
        if (made_again(&j, c, old, &e))
            fault_clear(t);
        if (!e)
            continue;
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
