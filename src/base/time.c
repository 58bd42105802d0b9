/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/time.c - dates and instants as arithmetic.
 *
 * Knows: the Gregorian calendar, RFC 3339, UTC+8.
 * Does not know: working days, TZ, and (but for the two functions at the end) the clock.
 */
#include "base/time.h"

#include "base/fault.h"

#include <string.h>
#include <time.h>

#define DAYS_OF_ERA  INT64_C(146097) /* 400 Gregorian years */
#define DAYS_TO_1970 719468          /* from 1 March of year 0 */

/* Quotient and rest that go down, also below zero. */
static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t
floor_mod(int64_t a, int64_t b)
{
    return a - floor_div(a, b) * b;
}

int32_t
time_day(int64_t at)
{
    /* Divided first, so that no instant overflows. */
    int64_t day = floor_div(at, TIME_DAY);

    return (int32_t)(day + (floor_mod(at, TIME_DAY) + TIME_ZONE >= TIME_DAY));
}

int64_t
time_day_start(int32_t day)
{
    return day * TIME_DAY - TIME_ZONE;
}

int64_t
time_day_end(int32_t day)
{
    return time_day_start(day) + TIME_DAY - 1;
}

/* Years are counted from March, so that a leap day is the last of its year. */
int32_t
time_day_of(int year, int month, int dom)
{
    int64_t y = (int64_t)year - (month <= 2), era = floor_div(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + dom - 1;
    int64_t day = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

    return (int32_t)(era * DAYS_OF_ERA + day - DAYS_TO_1970);
}

void
time_split(int32_t day, int *year, int *month, int *dom)
{
    int64_t since = (int64_t)day + DAYS_TO_1970, era = floor_div(since, DAYS_OF_ERA);
    int64_t in = since - era * DAYS_OF_ERA;
    int64_t of_era = (in - in / 1460 + in / 36524 - in / 146096) / 365;
    int64_t of_year = in - (of_era * 365 + of_era / 4 - of_era / 100);
    int64_t march_month = (5 * of_year + 2) / 153;

    *dom = (int)(of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = (int)(era * 400 + of_era + (*month <= 2));
}

int
time_weekday(int32_t day)
{
    /* Day 0 was a Thursday. */
    return (int)floor_mod((int64_t)day + 3, 7) + 1;
}

static int
month_len(int year, int month)
{
    static const int len[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return len[month - 1] + (month == 2 && leap);
}

int32_t
time_add_months(int32_t day, int months)
{
    int year, month, dom, last;
    int64_t count;

    time_split(day, &year, &month, &dom);
    count = (int64_t)year * 12 + month - 1 + months;
    year = (int)floor_div(count, 12);
    month = (int)floor_mod(count, 12) + 1;
    last = month_len(year, month);
    return time_day_of(year, month, dom < last ? dom : last);
}

/* Exactly `n` digits at *s, which moves past them. */
static bool
digits(const char **s, int n, int *out)
{
    int value = 0;

    for (; n > 0; n--, (*s)++) {
        if (**s < '0' || **s > '9')
            return false;
        value = value * 10 + (**s - '0');
    }
    *out = value;
    return true;
}

static bool
letter(const char **s, char c)
{
    if (**s != c)
        return false;
    (*s)++;
    return true;
}

static bool
read_date(const char **s, int32_t *day)
{
    int year, month, dom;

    if (!digits(s, 4, &year) || !letter(s, '-') || !digits(s, 2, &month) || !letter(s, '-') ||
        !digits(s, 2, &dom))
        return false;
    if (month < 1 || month > 12 || dom < 1 || dom > month_len(year, month))
        return false;
    *day = time_day_of(year, month, dom);
    return true;
}

/* ":ss" and ".fff…", both of which may be missing; further digits than three are cut. */
static bool
read_seconds(const char **s, int64_t *ms)
{
    int second, weight = 100;

    *ms = 0;
    if (!letter(s, ':'))
        return true;
    /* RFC 3339 5.7: second 60 exists only where a leap second was announced; none is handled. */
    if (!digits(s, 2, &second) || second > 59)
        return false;
    *ms = second * INT64_C(1000);
    if (!letter(s, '.'))
        return true;
    if (**s < '0' || **s > '9')
        return false;
    for (; **s >= '0' && **s <= '9'; (*s)++, weight /= 10)
        *ms += (**s - '0') * weight;
    return true;
}

static bool
read_offset(const char **s, int64_t *offset)
{
    int hour, minute, sign;

    if (letter(s, 'Z') || letter(s, 'z')) {
        *offset = 0;
        return true;
    }
    sign = **s == '-' ? -1 : 1;
    if (!letter(s, '+') && !letter(s, '-'))
        return false;
    if (!digits(s, 2, &hour) || !letter(s, ':') || !digits(s, 2, &minute) || hour > 23 ||
        minute > 59)
        return false;
    *offset = sign * (hour * TIME_HOUR + minute * TIME_MINUTE);
    return true;
}

bool
time_read_day(const char *s, int32_t *day)
{
    int32_t read;

    if (!s || !read_date(&s, &read) || *s)
        return false;
    *day = read;
    return true;
}

bool
time_read(const char *s, bool end, int64_t *at)
{
    int32_t day;
    int hour, minute;
    int64_t ms, offset;

    if (!s || !read_date(&s, &day))
        return false;
    if (!*s) {
        *at = end ? time_day_end(day) : time_day_start(day);
        return true;
    }
    if (!letter(&s, 'T') && !letter(&s, 't'))
        return false;
    if (!digits(&s, 2, &hour) || !letter(&s, ':') || !digits(&s, 2, &minute) || hour > 23 ||
        minute > 59)
        return false;
    if (!read_seconds(&s, &ms) || !read_offset(&s, &offset) || *s)
        return false;
    *at = day * TIME_DAY + hour * TIME_HOUR + minute * TIME_MINUTE + ms - offset;
    return true;
}

const char *
time_day_text(struct arena *a, int32_t day)
{
    int year, month, dom;

    time_split(day, &year, &month, &dom);
    return arena_format(a, "%04d-%02d-%02d", year, month, dom);
}

/* Every answer holds dozens of instants: they are not worth a format each. */
static void
put_digits(char *at, int n, int64_t value)
{
    while (n--) {
        at[n] = (char)('0' + value % 10);
        value /= 10;
    }
}

const char *
time_text(struct arena *a, int64_t at)
{
    int32_t day = time_day(at);
    int64_t ms = at - time_day_start(day);
    int year, month, dom;

    char *out = arena_copy(a, "0000-00-00T00:00:00.000+08:00", 29);

    time_split(day, &year, &month, &dom);
    if (year < 0 || year > 9999)
        return arena_format(a, "%04d-%02d-%02dT%02d:%02d:%02d.%03d+08:00", year, month, dom,
                            (int)(ms / TIME_HOUR), (int)(ms / TIME_MINUTE % 60), (int)(ms / 1000 % 60),
                            (int)(ms % 1000));
    put_digits(out, 4, year);
    put_digits(out + 5, 2, month);
    put_digits(out + 8, 2, dom);
    put_digits(out + 11, 2, ms / TIME_HOUR);
    put_digits(out + 14, 2, ms / TIME_MINUTE % 60);
    put_digits(out + 17, 2, ms / 1000 % 60);
    put_digits(out + 20, 3, ms % 1000);
    return out;
}

int64_t
time_system(void)
{
    struct timespec now;

    must(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

int64_t
time_monotonic_us(void)
{
    struct timespec now;

    must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}
