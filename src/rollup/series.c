/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/series.c - a series that came from a file: checked when it is adopted, compared when it is read.
 *
 * Knows: standards/README.md's form of a series; that points whose period is not known stand in order
 * and are set against nothing but the point before them, which is said.
 * Does not know: where the file came from.
 */
#include "rollup/inside.h"
#include "rule/rule.h"
#include <stdio.h>
#include <string.h>

#define POINTS_MOST 1200
#define LINES_MOST 16

/* "2024" to a number of years, "2024-03" of months; -1: not known. */
static int64_t
number_of(const char *period, const char *text)
{
    int32_t day;
    int year, month, dom;
    char whole[16];

    if (!text || strlen(text) > 7)
        return -1;
    snprintf(whole, sizeof whole, "%s%s", text, strlen(text) == 4 ? "-01-01" : "-01");
    if (!time_read_day(whole, &day) || (strlen(text) == 4) != text_equal(period, "year"))
        return -1;
    time_split(day, &year, &month, &dom);
    return text_equal(period, "year") ? year : year * 12 + month - 1;
}

static enum fault_code
refuse(struct task *t, const char *pointer, const char *why)
{
    return fault(t, FAULT_INPUT, pointer, "%s", why);
}

static enum fault_code
check_points(struct task *t, const struct json *file)
{
    const struct json *points = json_get(file, "points"), *lines = json_get(file, "lines");
    int64_t last = -1;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(points) && !rc; i++) {
        const struct json *p = json_at(points, i);
        const char *at = json_pointer_index(t->arena, "/points", i), *text = json_text_of(p, "period");
        int64_t number = number_of(json_text_of(file, "period"), text);

        if (text && number < 0)
            rc = refuse(t, at, "时期应写作 2024 或 2024-03，未知的写 null | write the period as 2024 or 2024-03, null where it is not known");
        else if (number >= 0 && number <= last)
            rc = refuse(t, at, "时期须由早到晚 | periods go from the earliest to the latest");
        else if (!text && !json_text_of(p, "label"))
            rc = refuse(t, at, "时期未知的须写 label | a point without its period needs a label");
        last = number >= 0 ? number : last;
        for (size_t k = 0; k < json_count(lines) && !rc; k++) {
            const char *name = json_text_of(json_at(lines, k), "line"), *value = json_text_of(p, name);
            struct decimal d;

            if (value && !decimal_read(value, &d))
                rc = refuse(t, json_pointer(t->arena, at, name), "数值写作文本，如 \"8155\" | numbers are written as text");
        }
    }
    return rc;
}

/* What the source says of a change must follow from its own numbers. */
static enum fault_code
check_stated(struct task *t, const struct json *file)
{
    const struct json *list = json_get(file, "stated"), *points = json_get(file, "points");
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(list) && !rc; i++) {
        const struct json *s = json_at(list, i);
        const char *line = json_text_of(s, "line");
        struct decimal from, to, stated, change;

        if (!decimal_read(json_text_of(json_at(points, (size_t)json_int_of(s, "from", 0)), line), &from) ||
            !decimal_read(json_text_of(json_at(points, (size_t)json_int_of(s, "to", 0)), line), &to) ||
            !decimal_read(json_text_of(s, "change"), &stated) || !decimal_subtract(to, from, &change) ||
            decimal_compare(change, stated) != 0)
            rc = refuse(t, json_pointer_index(t->arena, "/stated", i),
                        "来源所述的变化与其数值不符 | the change the source states does not follow from its numbers");
    }
    return rc;
}

enum fault_code
rollup_series_check(struct task *t, const struct json *file)
{
    const char *period = json_text_of(file, "period"), *confidence = json_text_of(file, "confidence");
    enum fault_code rc;

    if (!json_text_of(file, "series") || !json_text_of(file, "title") || !json_text_of(file, "source"))
        return refuse(t, "", "数列须有 series、title、source | a series has series, title and source");
    if (!text_equal(period, "year") && !text_equal(period, "month"))
        return refuse(t, "/period", "period 应为 year 或 month | period is year or month");
    if (!text_equal(confidence, "high") && !text_equal(confidence, "low") && !text_equal(confidence, "memory"))
        return refuse(t, "/confidence", "confidence 应为 high、low 或 memory | confidence is high, low or memory");
    if (!json_count(json_get(file, "lines")) || json_count(json_get(file, "lines")) > LINES_MOST ||
        json_count(json_get(file, "points")) > POINTS_MOST)
        return refuse(t, "/points", "数列须有 1 至 16 条线、至多 1200 个时期 | a series has 1 to 16 lines and at most 1200 periods");
    rc = check_points(t, file);
    return rc ? rc : check_stated(t, file);
}

/* ---- reading ---- */

/* The points of one line, each at its period; those in between are missing. Unknown periods follow in order. */
struct laid {
    struct rule_point *points;
    size_t *of, n; /* of: where a point of the file stands */
    bool known;
};

static void
lay(struct task *t, const struct json *file, const char *line, struct laid *x)
{
    const struct json *points = json_get(file, "points");
    const char *period = json_text_of(file, "period");
    size_t n = json_count(points);
    int64_t first = n ? number_of(period, json_text_of(json_at(points, 0), "period")) : -1;

    x->known = true;
    for (size_t i = 0; i < n; i++)
        x->known = x->known && number_of(period, json_text_of(json_at(points, i), "period")) >= 0;
    x->of = arena_alloc(t->arena, (n + 1) * sizeof *x->of);
    x->n = n && x->known
               ? (size_t)(number_of(period, json_text_of(json_at(points, n - 1), "period")) - first) + 1
               : n;
    x->points = arena_alloc(t->arena, (x->n + 1) * sizeof *x->points);
    for (size_t i = 0; i < n; i++) {
        const struct json *p = json_at(points, i);
        size_t at = x->known ? (size_t)(number_of(period, json_text_of(p, "period")) - first) : i;

        x->of[i] = at;
        x->points[at].known = json_text_of(p, line) && decimal_read(json_text_of(p, line), &x->points[at].value);
    }
}

static struct json *
change_json(struct arena *a, const struct laid *x, size_t at, size_t back)
{
    struct rule_change c;
    struct json *o;

    if (!rule_change(x->points, x->n, at, back, &c))
        return json_null(a);
    o = json_object(a);
    json_set_str(a, o, "value", decimal_text(a, c.previous));
    json_set_str(a, o, "change", decimal_text(a, c.change));
    if (c.has_percent)
        json_set_str(a, o, "percent", decimal_text(a, c.percent));
    return o;
}

/* Without its period a point has no year before it: only what it is beside the point before is told. */
static struct json *
value_json(struct arena *a, const struct laid *x, size_t at, bool years)
{
    struct json *o = json_object(a);
    size_t year = years ? 1 : 12;
    enum rule_turn turn = rule_turn_at(x->points, x->n, at);

    json_set(a, o, "value", x->points[at].known ? json_str(a, decimal_text(a, x->points[at].value)) : json_null(a));
    json_set(a, o, "year", x->known ? change_json(a, x, at, year) : json_null(a));
    json_set(a, o, "previous", x->known ? change_json(a, x, at, 1) : json_null(a));
    if (!x->known)
        json_set(a, o, "point_before", change_json(a, x, at, 1));
    if (turn != RULE_NO_TURN)
        json_set_str(a, o, "turn", turn == RULE_PEAK ? "peak" : "trough");
    if (x->known && rule_rebound(x->points, x->n, at, year))
        json_set_bool(a, o, "rebound", true);
    if (x->known && rule_above_average(x->points, x->n, at, 3))
        json_set_bool(a, o, "above_average", true);
    return o;
}

struct json *
rollup_series(struct task *t, const struct json *file)
{
    struct arena *a = t->arena;
    const struct json *lines = json_get(file, "lines"), *points = json_get(file, "points");
    struct json *out = json_object(a), *list = json_array(a);
    struct laid *laid = arena_alloc(a, (json_count(lines) + 1) * sizeof *laid);

    for (size_t k = 0; k < json_count(lines); k++)
        lay(t, file, json_text_of(json_at(lines, k), "line"), &laid[k]);
    for (size_t i = 0; i < json_count(points); i++) {
        const struct json *p = json_at(points, i);
        struct json *o = json_object(a), *values = json_object(a);

        json_set(a, o, "period", json_get(p, "period") ? json_get(p, "period") : json_null(a));
        if (json_text_of(p, "label"))
            json_set(a, o, "label", kind_title(a, json_text_of(p, "label")));
        if (json_is_true(json_get(p, "derived")))
            json_set_bool(a, o, "derived", true);
        for (size_t k = 0; k < json_count(lines); k++)
            json_set(a, values, json_text_of(json_at(lines, k), "line"),
                     value_json(a, &laid[k], laid[k].of[i], text_equal(json_text_of(file, "period"), "year")));
        json_set(a, o, "values", values);
        json_push(a, list, o);
    }
    json_set(a, out, "points", list);
    return out;
}
