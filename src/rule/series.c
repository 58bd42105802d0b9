/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule/series.c - change, turning points and rebounds of a series of numbers.
 *
 * Knows: a period without a number is missing, and nothing is said where one is needed.
 * Does not know: what the numbers count, how long a period is.
 */
#include "rule/rule.h"

static bool
known(const struct rule_point *p, size_t n, size_t i, size_t back)
{
    return i < n && back <= i && p[i].known && p[i - back].known;
}

bool
rule_change(const struct rule_point *p, size_t n, size_t i, size_t back, struct rule_change *out)
{
    struct decimal hundred, share;

    *out = (struct rule_change){0};
    if (!back || !known(p, n, i, back) ||
        !decimal_subtract(p[i].value, p[i - back].value, &out->change))
        return false;
    out->previous = p[i - back].value;
    /* Of nothing, and of a number below nothing, there is no percentage. */
    if (decimal_compare(out->previous, decimal_of(0)) > 0 &&
        decimal_multiply(out->change, decimal_of(100), &hundred) &&
        decimal_divide(hundred, out->previous, &share)) {
        out->percent = decimal_round(share, 1);
        out->has_percent = true;
    }
    return true;
}

/* -1, 0, 1: the way from one point to the next. */
static int
way(const struct rule_point *p, size_t from)
{
    return decimal_compare(p[from + 1].value, p[from].value);
}

enum rule_turn
rule_turn_at(const struct rule_point *p, size_t n, size_t i)
{
    size_t before = i;
    int in, out;

    if (!i || i + 1 >= n || !p[i].known || !p[i + 1].known)
        return RULE_NO_TURN;
    out = way(p, i);
    /* A level stretch belongs to the way that led to it: its last period turns. */
    do {
        if (!before || !p[before - 1].known)
            return RULE_NO_TURN;
        in = way(p, --before);
    } while (!in);
    if (!out || (in > 0) == (out > 0))
        return RULE_NO_TURN;
    return out < 0 ? RULE_PEAK : RULE_TROUGH;
}

bool
rule_rebound(const struct rule_point *p, size_t n, size_t i, size_t back)
{
    struct rule_change now, before;

    return rule_change(p, n, i, back, &now) && decimal_compare(now.change, decimal_of(0)) > 0 &&
           rule_change(p, n, i - back, back, &before) && decimal_compare(before.change, decimal_of(0)) < 0;
}

bool
rule_above_average(const struct rule_point *p, size_t n, size_t i, size_t of)
{
    struct decimal sum = decimal_of(0), scaled;

    if (!of || i >= n || of > i || !p[i].known)
        return false;
    for (size_t k = i - of; k < i; k++)
        if (!p[k].known || !decimal_add(sum, p[k].value, &sum))
            return false;
    return decimal_multiply(p[i].value, decimal_of((int64_t)of), &scaled) && decimal_compare(scaled, sum) > 0;
}
