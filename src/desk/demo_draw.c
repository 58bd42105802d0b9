/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_draw.c - chance of the demonstration: shares, spans, busy days, hours.
 *
 * Knows: numbers of demo/season.json; working days of the adopted calendar.
 * Does not know: what is drawn.
 */
#include "desk/demo.h"
#include <stdlib.h>
#include <string.h>

uint64_t
demo_mix(uint64_t a, uint64_t b)
{
    uint64_t z = a + UINT64_C(0x9e3779b97f4a7c15) * (b + 1);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

int64_t
demo_draw(struct random *r)
{
    r->count++;
    return (int64_t)(demo_mix(r->seed, r->count) % DEMO_MILLION);
}

int64_t
demo_share(const char *text, int64_t otherwise)
{
    int64_t value = 0, unit = DEMO_MILLION;

    if (!text)
        return otherwise;
    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (*text - '0');
    value *= DEMO_MILLION;
    if (*text != '.')
        return value;
    for (text++; *text >= '0' && *text <= '9' && unit > 1; text++) {
        unit /= 10;
        value += (*text - '0') * unit;
    }
    return value;
}

int64_t
demo_span(const char *text)
{
    char *end;
    long long n;

    if (!text)
        return 0;
    n = strtoll(text, &end, 10);
    return n * (*end == 'd' ? TIME_DAY : *end == 'h' ? TIME_HOUR : TIME_MINUTE);
}

struct json *
demo_parts(struct arena *a, const char *list)
{
    struct json *parts = json_array(a);

    while (*list) {
        size_t len = strcspn(list, "|");

        json_push(a, parts, json_strn(a, list, len));
        list += len + (list[len] == '|');
    }
    return parts;
}

int64_t
demo_quantile(const struct json *points, int64_t at)
{
    int64_t x0 = 0, y0 = 0;

    for (size_t i = 0; i < json_count(points); i++) {
        const struct json *p = json_at(points, i);
        int64_t x1 = demo_share(json_text(json_at(p, 0)), 0),
                y1 = demo_span(json_text(json_at(p, 1)));

        if (i && at <= x1)
            return y0 + (x1 > x0 ? (y1 - y0) / 1000 * ((at - x0) * 1000 / (x1 - x0)) : 0);
        x0 = x1;
        y0 = y1;
    }
    return y0;
}

int32_t
demo_workday(const struct demo *x, int32_t day)
{
    while (!rule_is_workday(x->desk->world->calendar, day))
        day++;
    return day;
}

int64_t
demo_office_hours(const struct demo *x, int64_t at, uint64_t draw)
{
    const struct rule_calendar *c = x->desk->world->calendar;
    int32_t day = time_day(at);
    int64_t of_day = at - time_day_start(day);
    bool inside =
        of_day >= 8 * TIME_HOUR + 20 * TIME_MINUTE && of_day <= 17 * TIME_HOUR + 30 * TIME_MINUTE;

    if (inside && rule_is_workday(c, day))
        return at;
    if (!inside && of_day > 9 * TIME_HOUR)
        day++;
    day = demo_workday(x, day);
    return time_day_start(day) + 8 * TIME_HOUR + 30 * TIME_MINUTE +
           (int64_t)(draw % (uint64_t)(8 * TIME_HOUR));
}

static int64_t
weight(const struct json *text)
{
    return demo_share(json_text(text), DEMO_MILLION);
}

/* The two weeks after the Spring Festival: 复工复产. */
static int64_t
after_festival(const struct demo *x, int32_t day)
{
    const struct json *shut = json_get(x->season, "closed");
    const struct json *spans = json_get(shut, "spring_festival");

    for (size_t i = 0; i < json_count(spans); i++) {
        int32_t from, to;

        if (!time_read_day(json_text(json_at(json_at(spans, i), 0)), &from) ||
            !time_read_day(json_text(json_at(json_at(spans, i), 1)), &to))
            continue;
        if (day >= from && day <= to)
            return 0;
        if (day > to && day <= to + json_int_of(shut, "jump_days_after", 14))
            return demo_share(json_text_of(shut, "jump_factor"), DEMO_MILLION);
    }
    return DEMO_MILLION;
}

int64_t
demo_busy(const struct demo *x, int32_t day)
{
    const struct json *found = json_get(json_get(x->season, "weekday"), "found_by_weekday");
    char month[3] = "00";
    int64_t busy, of_week;
    int y, m, d, w = time_weekday(day);

    if (!rule_is_workday(x->desk->world->calendar, day))
        return 0;
    time_split(day, &y, &m, &d);
    month[0] = (char)('0' + m / 10);
    month[1] = (char)('0' + m % 10);
    busy = weight(json_get(json_get(x->season, "month_weight"), month));
    of_week = w <= 5 ? weight(json_at(found, (size_t)w - 1)) : DEMO_MILLION;
    return busy * of_week / DEMO_MILLION * after_festival(x, day) / DEMO_MILLION;
}

static int64_t
clock_of(const char *text)
{
    return text ? strtol(text, NULL, 10) * TIME_HOUR + strtol(text + 3, NULL, 10) * TIME_MINUTE : 0;
}

int64_t
demo_window(const struct json *window, int32_t day, uint64_t draw)
{
    int64_t from = clock_of(json_text(json_at(window, 0))),
            to = clock_of(json_text(json_at(window, 1)));

    return time_day_start(day) + from +
           (int64_t)(draw % (uint64_t)(to > from ? to - from : TIME_HOUR));
}
