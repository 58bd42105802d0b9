/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule/duration.c - 30min 2h 10d 15wd 3mo 1q 1y 1qe: reading, writing, adding.
 *
 * Knows: how a term is counted (民法典 2020 arts. 201-202: the day it starts from is not counted,
 * and its last day ends at 24:00).
 * Does not know: which clock asks, or when it stands still.
 */
#include "rule/rule.h"

#include "base/time.h"
#include <string.h>

static const struct {
    const char *text;
    int most; /* a hundred years of each: beyond it somebody mistyped */
} units[] = {
    [RULE_MINUTE] = {"min", 52596000}, [RULE_HOUR] = {"h", 876600}, [RULE_DAY] = {"d", 36525},
    [RULE_WORKDAY] = {"wd", 26000},    [RULE_MONTH] = {"mo", 1200}, [RULE_QUARTER] = {"q", 400},
    [RULE_YEAR] = {"y", 100},      [RULE_QUARTER_END] = {"qe", 400},
};

bool
rule_duration_read(const char *s, struct rule_duration *out)
{
    if (!s)
        return false;
    bool negative = *s == '-';
    s += negative;
    size_t digits = strspn(s, "0123456789");
    /* One spelling for one duration: it is shown, hashed and compared as text. */
    if (digits == 0 || digits > 8 || (s[0] == '0' && (digits > 1 || negative)))
        return false;
    int n = 0;
    for (size_t i = 0; i < digits; i++)
        n = n * 10 + (s[i] - '0');
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        if (strcmp(s + digits, units[u].text) != 0)
            continue;
        if (n > units[u].most || (u == RULE_QUARTER_END && (negative || n == 0)))
            return false;
        *out = (struct rule_duration){negative ? -n : n, (enum rule_unit)u};
        return true;
    }
    return false;
}

const char *
rule_duration_text(struct arena *a, struct rule_duration d)
{
    if (d.unit == RULE_NEVER)
        return "none";
    return arena_format(a, "%d%s", d.n, units[d.unit].text);
}

/* The last day of the n-th quarter after the one of `day`. */
static int32_t
quarter_end(int32_t day, int n)
{
    int year, month, dom;
    time_split(day, &year, &month, &dom);
    return time_add_months(day - (dom - 1), 3 * (n + 1) - (month - 1) % 3) - 1;
}

static int32_t
day_after(const struct rule_calendar *c, int32_t day, struct rule_duration d, bool *provisional)
{
    switch (d.unit) {
    case RULE_WORKDAY: return rule_workday_add(c, day, d.n, provisional);
    case RULE_MONTH: return time_add_months(day, d.n);
    case RULE_QUARTER: return time_add_months(day, d.n * 3);
    case RULE_YEAR: return time_add_months(day, d.n * 12);
    case RULE_QUARTER_END: return quarter_end(day, d.n);
    default: return day + d.n;
    }
}

int64_t
rule_duration_add(const struct rule_calendar *c, int64_t at, struct rule_duration d,
                  bool *provisional)
{
    if (d.n == 0)
        return at;
    if (d.unit == RULE_MINUTE)
        return at + d.n * TIME_MINUTE;
    if (d.unit == RULE_HOUR)
        return at + d.n * TIME_HOUR;
    int32_t day = time_day(at);
    int32_t last = day_after(c, day, d, provisional);
    /* A term ends with its last day; a warning before one keeps its time, so that it is not later.
     */
    return d.n > 0 ? time_day_end(last) : time_day_start(last) + (at - time_day_start(day));
}
