/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/decimal.c - exact decimal numbers.
 *
 * Knows: 128-bit integers scaled by a power of ten, rounding half to even.
 * Does not know: units of measure, thresholds, JSON.
 */
#include "base/decimal.h"

#include "base/fault.h"
#include "base/inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX      18
#define DIGITS_MAX      38
#define QUOTIENT_PLACES 12
#define TEXT_ROOM       48 /* sign, 38 digits, point, leading zeros, end */

static unsigned __int128
magnitude(__int128 units)
{
    return units < 0 ? -(unsigned __int128)units : (unsigned __int128)units;
}

static unsigned __int128
ten_to(int power)
{
    unsigned __int128 value = 1;

    must(power >= 0 && power <= DIGITS_MAX);
    while (power-- > 0)
        value *= 10;
    return value;
}

/* Fills `out` unless the magnitude needs more than 38 digits. */
static bool
bounded(bool negative, unsigned __int128 units, int places, struct decimal *out)
{
    if (units >= ten_to(DIGITS_MAX))
        return false;
    while (places > 0 && units % 10 == 0) {
        units /= 10;
        places--;
    }
    out->units = negative ? -(__int128)units : (__int128)units;
    out->places = places;
    return true;
}

static struct decimal
stripped(struct decimal d)
{
    must(bounded(d.units < 0, magnitude(d.units), d.places, &d));
    return d;
}

bool
decimal_read(const char *s, struct decimal *out)
{
    unsigned __int128 units = 0;
    bool negative, pointed = false;
    int digits = 0, places = 0;

    if (!s)
        return false;
    negative = *s == '-';
    s += negative;
    if (*s == '.')
        return false;
    for (; *s; s++) {
        if (*s == '.' && !pointed) {
            pointed = true;
            continue;
        }
        if (*s < '0' || *s > '9' || ++digits > DIGITS_MAX)
            return false;
        units = units * 10 + (unsigned)(*s - '0');
        places += pointed;
    }
    if (digits == 0 || (pointed && places == 0) || places > PLACES_MAX)
        return false;
    out->units = negative ? -(__int128)units : (__int128)units;
    out->places = places;
    return true;
}

struct decimal
decimal_of(int64_t whole)
{
    struct decimal d = {whole, 0};

    return d;
}

/* The mantissa's digits of `form` (d.ddde±dd) without point and trailing zeros. */
static void
mantissa(const char *form, char digits[DECIMAL_DIGITS_ROOM])
{
    size_t n = 0;

    for (; *form && *form != 'e'; form++)
        if (*form >= '0' && *form <= '9' && n < DECIMAL_DIGITS_ROOM - 1)
            digits[n++] = *form;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    digits[n] = '\0';
}

/* `form` with its last digit raised by one; false where that carries out of the first digit. */
static bool
raise(char *form)
{
    char *p = strchr(form, 'e');

    while (p-- > form) {
        if (*p == '.')
            continue;
        if (*p != '9') {
            (*p)++;
            return true;
        }
        *p = '0';
    }
    return false;
}

/*
 * The nearest text of n digits is tried for growing n, then its upper neighbour: below a power of
 * two the reals lie closer together, so the nearest may miss where the neighbour reads back.
 */
void
decimal_digits(double value, char digits[DECIMAL_DIGITS_ROOM], int *point)
{
    char form[32];
    int n;

    value = fabs(value);
    must(isfinite(value) && value > 0);
    /* A normal real keeps 15 digits: if fewer read back, the 15 end in zeros. */
    for (n = fpclassify(value) == FP_NORMAL ? 15 : 1; n <= 17; n++) {
        snprintf(form, sizeof form, "%.*e", n - 1, value);
        if (!(strtod(form, NULL) < value) && !(strtod(form, NULL) > value))
            break;
        if (n < 17 && raise(form) && !(strtod(form, NULL) < value) && !(strtod(form, NULL) > value))
            break;
    }
    mantissa(form, digits);
    *point = (int)strtol(strchr(form, 'e') + 1, NULL, 10) + 1;
}

bool
decimal_of_real(double value, struct decimal *out)
{
    char digits[DECIMAL_DIGITS_ROOM];
    unsigned __int128 units = 0;
    int point, count, i;

    if (!isfinite(value))
        return false;
    if (fpclassify(value) == FP_ZERO) {
        *out = decimal_of(0);
        return true;
    }
    decimal_digits(value, digits, &point);
    count = (int)strlen(digits);
    if (point > DIGITS_MAX || count - point > PLACES_MAX)
        return false;
    for (i = 0; i < count; i++)
        units = units * 10 + (unsigned)(digits[i] - '0');
    if (point > count)
        return bounded(value < 0, units * ten_to(point - count), 0, out);
    return bounded(value < 0, units, count - point, out);
}

static int
order(__int128 a, __int128 b)
{
    return (a > b) - (a < b);
}

int
decimal_compare(struct decimal a, struct decimal b)
{
    __int128 one_a = (__int128)ten_to(a.places), one_b = (__int128)ten_to(b.places);
    int whole = order(a.units / one_a, b.units / one_b);

    /* Both parts carry the sign of the number, so the fractions decide where the wholes agree. */
    if (whole != 0)
        return whole;
    return order(a.units % one_a * (__int128)ten_to(PLACES_MAX - a.places),
                 b.units % one_b * (__int128)ten_to(PLACES_MAX - b.places));
}

/* The same value with more places; false where it would overflow. */
static bool
scaled(struct decimal d, int places, __int128 *units)
{
    return !__builtin_mul_overflow(d.units, (__int128)ten_to(places - d.places), units);
}

/* Both in the units of the finer one. */
static bool
aligned(struct decimal a, struct decimal b, __int128 *x, __int128 *y, int *places)
{
    a = stripped(a);
    b = stripped(b);
    *places = a.places > b.places ? a.places : b.places;
    return scaled(a, *places, x) && scaled(b, *places, y);
}

bool
decimal_add(struct decimal a, struct decimal b, struct decimal *out)
{
    __int128 x, y, sum;
    int places;

    if (!aligned(a, b, &x, &y, &places) || __builtin_add_overflow(x, y, &sum))
        return false;
    return bounded(sum < 0, magnitude(sum), places, out);
}

bool
decimal_subtract(struct decimal a, struct decimal b, struct decimal *out)
{
    b.units = -b.units;
    return decimal_add(a, b, out);
}

/* The quotient's rounding: up above the half, and at the half where the quotient is odd. */
static bool
rounds_up(unsigned __int128 quotient, unsigned __int128 rest, unsigned __int128 divisor)
{
    unsigned __int128 other = divisor - rest;

    return rest > other || (rest == other && quotient % 2 == 1);
}

bool
decimal_multiply(struct decimal a, struct decimal b, struct decimal *out)
{
    unsigned __int128 product, divisor;
    bool negative = (a.units < 0) != (b.units < 0);
    int places;

    a = stripped(a);
    b = stripped(b);
    places = a.places + b.places;
    if (__builtin_mul_overflow(magnitude(a.units), magnitude(b.units), &product))
        return false;
    if (places > PLACES_MAX) {
        divisor = ten_to(places - PLACES_MAX);
        product = product / divisor + rounds_up(product / divisor, product % divisor, divisor);
        places = PLACES_MAX;
    }
    return bounded(negative, product, places, out);
}

bool
decimal_divide(struct decimal a, struct decimal b, struct decimal *out)
{
    unsigned __int128 quotient, rest, divisor;
    bool negative = (a.units < 0) != (b.units < 0);
    int shift;

    a = stripped(a);
    b = stripped(b);
    divisor = magnitude(b.units);
    if (divisor == 0)
        return false;
    shift = QUOTIENT_PLACES + b.places - a.places;
    for (; shift < 0; shift++) {
        /* A divisor beyond 128 bits is more than twice any dividend: the quotient rounds to 0. */
        if (__builtin_mul_overflow(divisor, 10u, &divisor)) {
            *out = decimal_of(0);
            return true;
        }
    }
    quotient = magnitude(a.units) / divisor;
    rest = magnitude(a.units) % divisor;
    for (; shift > 0; shift--) {
        if (__builtin_mul_overflow(rest, 10u, &rest) ||
            __builtin_mul_overflow(quotient, 10u, &quotient) ||
            __builtin_add_overflow(quotient, rest / divisor, &quotient))
            return false;
        rest %= divisor;
    }
    return bounded(negative, quotient + rounds_up(quotient, rest, divisor), QUOTIENT_PLACES, out);
}

bool
decimal_modulo(struct decimal a, struct decimal b, struct decimal *out)
{
    __int128 x, y, rest;
    int places;

    if (b.units == 0 || !aligned(a, b, &x, &y, &places))
        return false;
    rest = x % y;
    return bounded(rest < 0, magnitude(rest), places, out);
}

bool
decimal_is_whole(struct decimal a)
{
    return stripped(a).places == 0;
}

static void
spell(struct decimal d, char out[TEXT_ROOM])
{
    char digits[DIGITS_MAX + 2], *to = out;
    unsigned __int128 left;
    int n = 0;

    d = stripped(d);
    for (left = magnitude(d.units); left > 0 || n <= d.places; left /= 10)
        digits[n++] = (char)('0' + (int)(left % 10));
    if (d.units < 0)
        *to++ = '-';
    while (n > 0) {
        *to++ = digits[--n];
        if (n > 0 && n == d.places)
            *to++ = '.';
    }
    *to = '\0';
}

double
decimal_real(struct decimal a)
{
    char form[TEXT_ROOM];

    spell(a, form);
    return strtod(form, NULL);
}

const char *
decimal_text(struct arena *a, struct decimal d)
{
    char form[TEXT_ROOM];

    spell(d, form);
    return arena_text(a, form);
}

struct decimal
decimal_round(struct decimal d, int places)
{
    unsigned __int128 divisor, quotient, units = magnitude(d.units);
    struct decimal rounded = d;

    must(places >= 0);
    if (d.places <= places)
        return d;
    divisor = ten_to(d.places - places);
    quotient = units / divisor;
    quotient += rounds_up(quotient, units % divisor, divisor);
    rounded.units = d.units < 0 ? -(__int128)quotient : (__int128)quotient;
    rounded.places = places;
    return rounded;
}
