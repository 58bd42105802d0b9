/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_rule.c - which rule of the script answers a record in its state, and when.
 *
 * Knows: the words of `when`, `share`, `from`, `after` and `before`, told in demo/README.md.
 * Does not know: what the rule then does (demo_do.c).
 */
#include "desk/demo.h"

/* A word, or one of a list of words. */
bool
demo_named(const struct json *list, const char *word)
{
    for (size_t i = 0; word && i < json_count(list); i++)
        if (text_equal(json_text(json_at(list, i)), word))
            return true;
    return word && text_equal(json_text(list), word);
}

bool
demo_numbered(const struct json *list, int64_t n)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (json_integer(json_at(list, i), -1) == n)
            return true;
    return json_integer(list, -1) == n;
}

static bool
value_fits(const struct json *want, const struct json *have)
{
    if (json_is_null(want))
        return json_is_null(have);
    if (text_equal(json_text(want), "*"))
        return !json_is_null(have);
    if (json_is(want, JSON_ARRAY)) {
        for (size_t i = 0; i < json_count(want); i++)
            if (value_fits(json_at(want, i), have))
                return true;
        return false;
    }
    return !json_is_null(have) && json_equal(want, have);
}

static bool
due_after(const struct record *r, int64_t at)
{
    const char *date = json_text_of(r->fields, "deadline");
    int32_t day;

    return date && time_read_day(date, &day) && time_day_start(day) > at;
}

/* Words that are no fields: whose record it is, what was done to it before. */
static bool
special_fits(const struct demo *x, const char *name, const struct json *want,
             const struct record *r, const struct demo_live *l)
{
    const struct demo_unit *firm = demo_firm_of(x, r), *owner = demo_unit(x, r->unit);
    const struct json *did = json_get(r->parties, "did");

    if (text_equal(name, "@alone"))
        return (owner && owner->one_person) == json_is_true(want);
    if (text_equal(name, "@cycle"))
        return r->cycle >= json_integer(want, 1);
    if (text_equal(name, "@firm"))
        return firm && demo_named(want, firm->name);
    if (text_equal(name, "@pattern"))
        return firm && demo_numbered(want, json_int_of(firm->pattern, "n", 0));
    if (text_equal(name, "@last"))
        return x->anchor && l->entered_at >= time_day_start(x->anchor) - demo_span(json_text(want));
    if (text_equal(name, "@due"))
        return due_after(r, l->entered_at + demo_span(json_text(want)));
    if (text_equal(name, "@grave"))
        return (json_text_of(demo_sentence(x, r), "clause") != NULL) == json_is_true(want);
    if (text_equal(name, "@other"))
        return (firm && firm->other) == json_is_true(want);
    if (text_equal(name, "@did"))
        return json_get(did, json_text(want)) != NULL;
    if (text_equal(name, "@never"))
        return json_get(did, json_text(want)) == NULL;
    return !json_equal(json_get(r->fields, json_text(json_at(want, 0))),
                       json_get(r->fields, json_text(json_at(want, 1)))); /* @differ */
}

static bool
when_holds(const struct demo *x, const struct json *when, const struct record *r,
           const struct demo_live *l)
{
    for (size_t i = 0; when && i < when->object.n; i++) {
        const char *name = when->object.at[i].name;
        const struct json *want = when->object.at[i].value;

        if (*name == '@' ? !special_fits(x, name, want, r, l)
                         : !value_fits(want, json_get(r->fields, name)))
            return false;
    }
    return true;
}

const struct json *
demo_rule_for(const struct demo *x, const struct record *r, const struct demo_live *l)
{
    const struct json *rules = json_get(json_get(x->script, "answers"), r->kind->name);
    int64_t rare = json_int_of(demo_scale(x), "rare", 100);

    for (size_t i = l->first; i < json_count(rules); i++) {
        const struct json *rule = json_at(rules, i);
        const char *share = json_text_of(rule, "share");
        uint64_t draw;

        if (!value_fits(json_get(rule, "in"), json_str(x->task->arena, l->state)))
            continue;
        if (!when_holds(x, json_get(rule, "when"), r, l))
            continue;
        draw = demo_mix(demo_mix(x->seed, (uint64_t)r->rid), (uint64_t)l->entered_at + i);
        if (share && (int64_t)(draw % DEMO_MILLION) >=
                         demo_share(share, DEMO_MILLION) *
                             (json_is_true(json_get(rule, "rare")) ? rare : 100) / 100)
            continue;
        return rule;
    }
    return NULL;
}

/* Who keeps a date comes on the last working day before it, were it in the evening of the order. */
static int64_t
last_hours(const struct demo *x, int32_t day, int64_t least, uint64_t draw)
{
    int64_t at;

    while (!rule_is_workday(x->desk->world->calendar, day) && time_day_start(day) > least)
        day--;
    at = time_day_start(day) + 8 * TIME_HOUR + 30 * TIME_MINUTE +
         (int64_t)(draw % (uint64_t)(8 * TIME_HOUR));
    return at < least ? least : at;
}

/* From the day a field names, from the entry into the state, or from the last act. */
int64_t
demo_time_of(const struct demo *x, const struct json *rule, const struct record *r,
             const struct demo_live *l)
{
    uint64_t draw = demo_mix(demo_mix(x->seed + 1, (uint64_t)r->rid), (uint64_t)l->last_at);
    const char *from = json_text_of(rule, "from"), *date;
    int64_t least = l->last_at + 5 * TIME_MINUTE, at = l->entered_at;
    int32_t day;

    date = from ? json_text(json_get(r->fields, from)) : NULL;
    if (text_equal(from, "last"))
        at = l->last_at;
    else if (text_equal(from, "last_day") && x->anchor)
        at = time_day_start(x->anchor);
    else if (date && time_read_day(date, &day))
        at = time_day_start(day) + 17 * TIME_HOUR;
    at += demo_quantile(json_get(rule, "after"), (int64_t)(draw % DEMO_MILLION));
    if (at < least)
        at = least + (int64_t)(draw % (uint64_t)(3 * TIME_HOUR));
    if (!json_is_true(json_get(rule, "any_hour")))
        at = demo_office_hours(x, at, demo_mix(draw, 5));
    date = json_text(json_get(r->fields, json_text_of(rule, "before")));
    if (date && time_read_day(date, &day) && time_day(at) > day)
        at = last_hours(x, day, least, draw);
    return at;
}
