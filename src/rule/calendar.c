/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule/calendar.c - working days of the State Council's yearly notices.
 *
 * Knows: which days a notice declares off or working, and which years have a notice.
 * Does not know: where the file lies, what day it is, which clocks count by it.
 */
#include "rule/rule.h"

#include "base/text.h"
#include "base/time.h"
#include <stdlib.h>
#include <string.h>

#define YEAR_FIRST 1949
#define YEAR_LAST  2999

struct calendar_day {
    int32_t day;
    int year; /* of the notice that declares it: a notice may reach into December before */
    bool works;
};

struct rule_calendar {
    const char *edition;
    struct calendar_day *days; /* by day */
    size_t n_days;
    int *years; /* ascending */
    size_t n_years;
};

static int
compare_day(const void *a, const void *b)
{
    const struct calendar_day *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

static int
compare_year(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool
read_year(const char *s, int *out)
{
    if (strlen(s) != 4 || strspn(s, "0123456789") != 4)
        return false;
    int year = (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0');
    if (year < YEAR_FIRST || year > YEAR_LAST)
        return false;
    *out = year;
    return true;
}

MUST_USE static enum fault_code
read_days(struct task *t, struct rule_calendar *c, const struct json *list, int year, bool works,
          const char *pointer)
{
    if (!json_is(list, JSON_ARRAY))
        return fault(
            t, FAULT_INPUT, pointer,
            "请写成日期数组，没有就写 [] | write an array of dates, [] where there is none");
    for (size_t i = 0; i < json_count(list); i++) {
        const char *s = json_text(json_at(list, i));
        int32_t day;
        if (!s || !time_read_day(s, &day))
            return fault(
                t, FAULT_INPUT, json_pointer_index(t->arena, pointer, i),
                "请写存在的日期，形如 2026-01-01 | write a date that exists, as 2026-01-01");
        int y, m, d;
        time_split(day, &y, &m, &d);
        if (y < year - 1 || y > year + 1)
            return fault(t, FAULT_INPUT, json_pointer_index(t->arena, pointer, i),
                         "这一天不属于 %d 年的安排，请移到它的年份 | this day is no part of the "
                         "notice for %d: move it to its year",
                         year, year);
        c->days[c->n_days++] = (struct calendar_day){day, year, works};
    }
    return FAULT_NONE;
}

/* Room for everything a file can hold is known before it is read: the strings in it. */
static size_t
count_days(const struct json *years)
{
    size_t n = 0;
    for (size_t i = 0; i < json_count(years); i++) {
        const struct json *year = years->object.at[i].value;
        n += json_count(json_get(year, "holidays")) + json_count(json_get(year, "workdays"));
    }
    return n;
}

MUST_USE static enum fault_code
read_years(struct task *t, struct rule_calendar *c, const struct json *years)
{
    for (size_t i = 0; i < json_count(years); i++) {
        const struct json_member *m = &years->object.at[i];
        const char *at = json_pointer(t->arena, "/years", m->name);
        int year;
        if (!read_year(m->name, &year))
            return fault(t, FAULT_INPUT, at,
                         "请把年份写成四位数字 | write the year with four digits");
        enum fault_code code = read_days(t, c, json_get(m->value, "holidays"), year, false,
                                         json_pointer(t->arena, at, "holidays"));
        if (code == FAULT_NONE)
            code = read_days(t, c, json_get(m->value, "workdays"), year, true,
                             json_pointer(t->arena, at, "workdays"));
        if (code != FAULT_NONE)
            return code;
        c->years[c->n_years++] = year;
    }
    return FAULT_NONE;
}

static bool
has_year(const struct rule_calendar *c, int year)
{
    return c->n_years > 0 && bsearch(&year, c->years, c->n_years, sizeof *c->years, compare_year);
}

/* The years of `base` that `c` does not bring itself. */
static void
keep_years(struct rule_calendar *c, const struct rule_calendar *base)
{
    size_t own = c->n_years;
    qsort(c->years, own, sizeof *c->years, compare_year);
    struct rule_calendar fresh = {.years = c->years, .n_years = own};
    for (size_t i = 0; i < base->n_days; i++)
        if (!has_year(&fresh, base->days[i].year))
            c->days[c->n_days++] = base->days[i];
    for (size_t i = 0; i < base->n_years; i++)
        if (!has_year(&fresh, base->years[i]))
            c->years[c->n_years++] = base->years[i];
}

enum fault_code
rule_calendar_join(struct task *t, const struct rule_calendar *base, const struct json *file,
                   struct rule_calendar **out)
{
    const struct json *years = json_get(file, "years");
    const char *edition = json_text_of(file, "edition");
    if (!edition || !*edition)
        return fault(t, FAULT_INPUT, "/edition",
                     "请写明版本，例如通知文号 | name the edition, such as the notice's number");
    if (!json_is(years, JSON_OBJECT) || json_count(years) == 0)
        return fault(t, FAULT_INPUT, "/years",
                     "请给出至少一年的安排 | give the days of at least one year");
    static const struct rule_calendar none = {0};
    if (!base)
        base = &none;
    struct rule_calendar *c = arena_alloc(t->arena, sizeof *c);
    c->edition = arena_text(t->arena, edition);
    c->days = arena_alloc(t->arena, (count_days(years) + base->n_days + 1) * sizeof *c->days);
    c->years = arena_alloc(t->arena, (json_count(years) + base->n_years) * sizeof *c->years);
    enum fault_code code = read_years(t, c, years);
    if (code != FAULT_NONE)
        return code;
    keep_years(c, base);
    qsort(c->years, c->n_years, sizeof *c->years, compare_year);
    qsort(c->days, c->n_days, sizeof *c->days, compare_day);
    for (size_t i = 1; i < c->n_days; i++)
        if (c->days[i - 1].day == c->days[i].day)
            return fault(
                t, FAULT_INPUT, "/years", "%s 写了两次，请只留一处 | %s stands twice: keep one",
                time_day_text(t->arena, c->days[i].day), time_day_text(t->arena, c->days[i].day));
    *out = c;
    return FAULT_NONE;
}

enum fault_code
rule_calendar_read(struct task *t, const struct json *file, struct rule_calendar **out)
{
    return rule_calendar_join(t, NULL, file, out);
}

const char *
rule_calendar_edition(const struct rule_calendar *c)
{
    return c->edition;
}

bool
rule_calendar_holds(const struct rule_calendar *c, int year)
{
    return has_year(c, year);
}

bool
rule_is_workday(const struct rule_calendar *c, int32_t day)
{
    struct calendar_day key = {.day = day};
    const struct calendar_day *declared =
        c->n_days > 0 ? bsearch(&key, c->days, c->n_days, sizeof key, compare_day) : NULL;
    if (declared)
        return declared->works;
    return time_weekday(day) <= 5;
}

int32_t
rule_workday_add(const struct rule_calendar *c, int32_t day, int n, bool *provisional)
{
    int step = n < 0 ? -1 : 1, left = n < 0 ? -n : n, y, m, d, seen = 0;
    while (left > 0) {
        day += step;
        time_split(day, &y, &m, &d);
        if (y != seen && provisional && !has_year(c, y))
            *provisional = true;
        seen = y;
        if (rule_is_workday(c, day))
            left--;
    }
    return day;
}
