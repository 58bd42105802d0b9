/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule/rule.h - national standards as pure functions.
 *
 * The idea: what a standard says is computed here from inputs and tables that are passed in, and
 * from nothing else. No clock, no store, no state. Every result names the edition it was made by.
 *
 * Invariants: a calendar knows which years it holds; a day in a year it does not hold is counted by
 * weekends alone and the result says so (provisional).
 */
#ifndef RULE_RULE_H
#define RULE_RULE_H

#include "base/decimal.h"
#include "base/json.h"
#include "base/task.h"
#include <stdbool.h>
#include <stdint.h>

/* ---- working days: State Council holiday notices, one a year (国务院办公厅放假安排) ---- */

struct rule_calendar;

/* From standards/calendar.json. Lives in `t`'s arena. FAULT_INPUT with a pointer. */
MUST_USE enum fault_code
rule_calendar_read(struct task *t, const struct json *file, struct rule_calendar **out);

const char *
rule_calendar_edition(const struct rule_calendar *c);

/* A calendar that also holds the years of `file` (adopting a new year): `base` is not changed. */
MUST_USE enum fault_code
rule_calendar_join(struct task *t, const struct rule_calendar *base, const struct json *file,
                   struct rule_calendar **out);

bool rule_calendar_holds(const struct rule_calendar *c, int year);
bool rule_is_workday(const struct rule_calendar *c, int32_t day);
/* The day n working days after (n<0: before) `day`; `*provisional` is set where a year was missing. */
int32_t rule_workday_add(const struct rule_calendar *c, int32_t day, int n, bool *provisional);

/*
 * ---- durations: 30min 2h 10d 15wd 3mo 1q 1y, negative for "before"; 1qe: to the end of the next
 * quarter ----
 */

/* RULE_NEVER is what a place says of a rung that it does not have: it is read from tables alone. */
enum rule_unit {
    RULE_MINUTE, RULE_HOUR, RULE_DAY, RULE_WORKDAY, RULE_MONTH, RULE_QUARTER, RULE_YEAR, RULE_QUARTER_END, RULE_NEVER
};

struct rule_duration {
    int n;
    enum rule_unit unit;
};

bool rule_duration_read(const char *s, struct rule_duration *out);
const char *rule_duration_text(struct arena *a, struct rule_duration d);

/*
 * The instant `d` from `at`. Minutes and hours are exact; days, working days, months, quarters and
 * years end with the last millisecond of their day in Asia/Shanghai when `from_day` (the count starts
 * from a date), else keep the time of day. 民法典 (2020) art. 201: the first day is not counted.
 */
int64_t rule_duration_add(const struct rule_calendar *c, int64_t at, struct rule_duration d,
                          bool *provisional);

/* ---- identifiers ---- */

/* GB 32100-2015: 18 characters, check by ISO 7064 MOD 31-3. `*why` "中文 | English" where it fails. */
bool rule_credit_code_holds(const char *code, const char **why);
/* The check character of the first 17; 0 where one is not of the alphabet. */
char rule_credit_code_check(const char *first17);
/* GB/T 2260 and 统计用区划代码: 2, 4, 6, 9 or 12 digits → 12 digits; false where it is no such code. */
bool rule_division_code(const char *code, char out12[13], const char **why);

/* ---- dated rows: limits (SD-…), local tables and durations (LOCAL-…) ---- */

/*
 * Rows of one file of limits or local tables in force on `day`. Files are passed nearest first (the
 * record's own place, then each place above, the nation last); the nearest that has the row holds.
 */
struct rule_tables {
    struct json **files; /* as standards/local/CODE.json, nearest first */
    size_t n;
    struct json *limits; /* standards/limits.json */
};

/*
 * LOCAL-NAME or SD-name → duration, of `durations`; LOCAL-TABLE.KEY → column `after` of the row of
 * that table whose `key` is KEY, RULE_NEVER where it says "none". False where no row holds: the step
 * is refused naming the row.
 */
bool rule_limit(const struct rule_tables *x, const char *id, int32_t day, struct rule_duration *out,
                const char **edition);

/*
 * The row of local table `name` in force on `day` whose columns equal every member of `give`
 * (a column absent from the row matches anything). NULL where none.
 */
struct json *rule_local_row(const struct rule_tables *x, const char *name, int32_t day,
                            const struct json *give, const char **edition);

/* ---- series: 同比 环比 拐点 反弹 (docs/figures.md says the rules in words) ---- */

/* One period of a series, oldest first; not known: missing, which is not 0. */
struct rule_point {
    bool known;
    struct decimal value;
};

struct rule_change {
    struct decimal previous, change, percent; /* percent: of a previous number above 0, one place, half-even */
    bool has_percent;
};

/* Period `i` against the one `back` before it; false where either is missing. */
bool rule_change(const struct rule_point *p, size_t n, size_t i, size_t back, struct rule_change *out);

/*
 * 拐点: the way to `i` (the last that was not level) and the way from it differ. PEAK: it rose and
 * falls from here; TROUGH: it fell and rises. A missing period on either side: none.
 */
enum rule_turn { RULE_NO_TURN, RULE_PEAK, RULE_TROUGH };
enum rule_turn rule_turn_at(const struct rule_point *p, size_t n, size_t i);

/* 反弹: `i` rose against the one `back` before it, which had fallen against its own. */
bool rule_rebound(const struct rule_point *p, size_t n, size_t i, size_t back);
/* Above the mean of the `of` periods before it; false where one of them is missing. */
bool rule_above_average(const struct rule_point *p, size_t n, size_t i, size_t of);

#endif
