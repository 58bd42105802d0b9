/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo.c - the demonstration city from its first day, and letting it live on.
 *
 * Knows: the order: organs and people, enterprises, then day after day up to the date.
 * Does not know: what people do; demo/script.json says it.
 */
#include "base/embed.h"
#include "desk/demo.h"
#include <stdarg.h>
#include <stdio.h>

void
demo_say(struct demo *x, const char *format, ...)
{
    char line[1000];
    va_list more;

    if (!x->progress)
        return;
    va_start(more, format);
    (void)vsnprintf(line, sizeof line, format, more);
    va_end(more);
    x->progress(x->who, line);
}

static enum fault_code
read_material(struct demo *x, const char *name, const struct json **out)
{
    const struct embed_file *e = embed_find(arena_format(x->task->arena, "demo/%s.json", name));
    struct json *file = NULL;
    enum fault_code rc;

    if (!e)
        return fault(x->task, FAULT_STORE, name,
                     "程序内缺少演示素材 | this binary lacks the material");
    rc = json_read(x->task, (const char *)e->bytes, e->len, &file);
    *out = file;
    return rc;
}

const struct json *
demo_scale(const struct demo *x)
{
    return json_get(json_get(x->script, "scales"), x->scale);
}

enum fault_code
demo_begin(struct demo *x)
{
    enum fault_code rc = read_material(x, "script", &x->script);

    if (!x->desk->demo)
        return fault(x->task, FAULT_INPUT, "--db", "这不是演示库 | this is no demonstration store");
    if (!rc)
        rc = read_material(x, "wuxi", &x->city);
    if (!rc)
        rc = read_material(x, "hazards", &x->hazards);
    if (!rc)
        rc = read_material(x, "texts", &x->texts);
    if (!rc)
        rc = read_material(x, "season", &x->season);
    if (!rc)
        rc = read_material(x, "counts", &x->counts);
    return rc;
}

void
demo_count(struct demo *x, const char *when)
{
    long long arisen = x->n_arisen, acts = x->n_acts, fired = x->n_fired;

    demo_say(
        x, "%s：发生 %lld 件，办理 %lld 次，到时 %lld 次 | %s: %lld arose, %lld acts, %lld clocks",
        when, arisen, acts, fired, when, arisen, acts, fired);
}

/* People try what is not theirs to do; each refusal is said, so that the script can be mended. */
static void
say_refusals(struct demo *x)
{
    for (size_t i = 0; i < x->n_refused; i++) {
        long long n = x->refused[i].n;
        const char *what = x->refused[i].what;

        demo_say(x, "被规则拒绝 %lld 次：%s | refused %lld times: %s", n, what, n, what);
    }
}

/* From what is in the store to the day; `x->from` is the first day to live. */
static enum fault_code
live_on(struct demo *x)
{
    enum fault_code rc = demo_pictures(x);

    if (!rc)
        rc = demo_org_load(x);
    if (!rc)
        rc = demo_live_load(x);
    if (!rc)
        rc = demo_live_days(x, x->from, x->until);
    if (!rc)
        demo_count(x, time_day_text(x->task->arena, x->until));
    if (!rc)
        say_refusals(x);
    return rc;
}

/* A city lives on in the size it was made with. */
static enum fault_code
find_scale(struct demo *x)
{
    int64_t n = 0;
    bool found;
    enum fault_code rc =
        store_one_int(x->task, x->desk->writer, &n, &found,
                      "SELECT count(*) FROM org_unit WHERE profile IS NOT NULL", "");

    x->scale = "small";
    if (n > 2 * json_int_of(demo_scale(x), "enterprises", 40))
        x->scale = "city";
    return rc;
}

enum fault_code
desk_demo_city(struct task *t, struct desk *d, const struct desk_demo *o,
               void (*progress)(void *who, const char *line), void *who)
{
    const struct random given = t->random;
    const int64_t now = t->now;
    struct demo x = {.task = t,
                     .desk = d,
                     .seed = o->seed,
                     .password = o->password,
                     .until = o->until,
                     .progress = progress,
                     .who = who,
                     .scale = o->small ? "small" : "city"};
    enum fault_code rc = demo_begin(&x);

    t->random = (struct random){.seed = demo_mix(o->seed, 1) | 1};
    x.from = time_add_months(o->until, -(int)json_int_of(demo_scale(&x), "months", 24));
    t->now = time_day_start(x.from) + 8 * TIME_HOUR;
    if (!rc)
        rc = store_fill_begin(t, d->writer);
    if (!rc)
        rc = demo_org_make(&x);
    if (!rc)
        rc = demo_org_load(&x);
    if (!rc)
        rc = demo_firms_make(&x);
    x.from++;
    x.anchor = o->until;
    if (!rc)
        rc = live_on(&x);
    if (!rc)
        rc = desk_fill_end(t, d->writer);
    t->now = now;
    t->random = given;
    return rc;
}

enum fault_code
desk_simulate(struct task *t, struct desk *d, uint64_t seed, int32_t until,
              void (*progress)(void *who, const char *line), void *who)
{
    const struct random given = t->random;
    const int64_t now = t->now;
    struct demo x = {
        .task = t, .desk = d, .seed = seed, .until = until, .progress = progress, .who = who};
    int64_t last = 0;
    bool found;
    enum fault_code rc = demo_begin(&x);

    if (!rc)
        rc = find_scale(&x);
    if (!rc)
        rc = store_one_int(t, d->writer, &last, &found, "SELECT max(at) FROM chain_event", "");
    if (rc)
        return rc;
    x.from = time_day(last);
    t->random = (struct random){.seed = demo_mix(seed, 2) | 1};
    t->now = time_day_start(x.from);
    rc = live_on(&x);
    t->now = now;
    t->random = given;
    return rc;
}
