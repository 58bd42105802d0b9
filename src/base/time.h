/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/time.h - dates and instants as arithmetic. Never reads a clock, never asks TZ.
 *
 * An instant is milliseconds since 1970-01-01T00:00:00Z. A day is the number of days since
 * 1970-01-01 in Asia/Shanghai, which is UTC+8 without summer time for every day the product handles
 * (the years 1940–1991 had some; they do not occur).
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

#define TIME_MINUTE INT64_C(60000)
#define TIME_HOUR INT64_C(3600000)
#define TIME_DAY INT64_C(86400000)
#define TIME_ZONE (8 * TIME_HOUR)

int32_t time_day(int64_t at);           /* the day an instant falls on in Asia/Shanghai */
int64_t time_day_start(int32_t day);    /* its first instant */
int64_t time_day_end(int32_t day);      /* its last millisecond */
int32_t time_day_of(int year, int month, int dom);
void time_split(int32_t day, int *year, int *month, int *dom);
int time_weekday(int32_t day);          /* 1 Monday … 7 Sunday */
int32_t time_add_months(int32_t day, int months); /* the last day where the month is shorter */

/* "2026-11-21" → day; refuses days that do not exist. */
bool time_read_day(const char *s, int32_t *day);
/* RFC 3339 with offset or Z → instant; a bare date is its start, or its end with `end`. */
bool time_read(const char *s, bool end, int64_t *at);
/* "2026-11-21" and "2026-11-21T09:30:00.000+08:00" (always +08:00, milliseconds). In `a`. */
const char *time_day_text(struct arena *a, int32_t day);
const char *time_text(struct arena *a, int64_t at);

/* The one place that asks the system's clock; called by cmd only. */
int64_t time_system(void);
/* Monotonic microseconds, for durations in logs. */
int64_t time_monotonic_us(void);

#endif
