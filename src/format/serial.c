/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/serial.c - what a number of a sheet means under its style: a number, a day, a time of day.
 *
 * ECMA-376 part 1, 18.8.30 (number formats) and 18.17.4.1 (dates). The 1900 system counts a 29th of
 * February 1900 that never was: serials below 60 are one day further on, 60 itself is no day.
 *
 * Knows: serials, format codes, the built-in ones of Chinese and Japanese programs.
 * Does not know: XML, cells' places.
 */
#include "base/decimal.h"
#include "base/time.h"
#include "format/inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_1900 25569 /* serial of 1970-01-01 */
#define EPOCH_1904 24107
#define SERIAL_MAX 2958465 /* 9999-12-31 */

enum serial_style
serial_builtin(long id)
{
    if ((id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
        (id >= 50 && id <= 54) || id == 57 || id == 58)
        return SERIAL_DATE;
    if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) || id == 55 ||
        id == 56)
        return SERIAL_TIME;
    return SERIAL_NUMBER;
}

/* Past what is shown as it stands: "quoted", \c, _c, *c, [colour or locale]; elapsed [h] counts. */
static const char *
skip_literal(const char *c, bool *elapsed)
{
    const char *end;

    if (*c == '"') {
        end = strchr(c + 1, '"');
        return end ? end + 1 : c + strlen(c);
    }
    if (*c == '\\' || *c == '_' || *c == '*')
        return c[1] ? c + 2 : c + 1;
    if (*c == '[') {
        if (strchr("hHmMsS", c[1]) && c[1])
            *elapsed = true;
        end = strchr(c, ']');
        return end ? end + 1 : c + strlen(c);
    }
    return c;
}

/* Letters of a date decide; the first section holds. "m" is a month unless hours or seconds are there. */
enum serial_style
serial_code(const char *code)
{
    bool day = false, clock = false, month = false, digits = false, elapsed = false, era = false;
    const char *c = code, *next;

    while (*c && *c != ';') {
        if ((next = skip_literal(c, &elapsed)) != c) {
            c = next;
            continue;
        }
        if (strncasecmp(c, "general", 7) == 0)
            return SERIAL_NUMBER;
        day |= strchr("yYdD", *c) != NULL;
        month |= strchr("mM", *c) != NULL;
        clock |= strchr("hHsS", *c) != NULL;
        era |= *c == 'e';
        digits |= strchr("0#?", *c) != NULL;
        c++;
    }
    if (elapsed)
        return SERIAL_NUMBER;
    if (day || (month && !clock) || (era && !digits))
        return SERIAL_DATE;
    return clock ? SERIAL_TIME : SERIAL_NUMBER;
}

/* A serial of the style; false where it is out of what the style can mean. */
static bool
serial_day(struct arena *a, double value, enum serial_style style, bool since_1904,
           struct format_cell *out)
{
    double whole = floor(value);
    long second = lround((value - whole) * 86400);
    int year, month, dom;

    if (value < 0 || value > SERIAL_MAX)
        return false;
    if (second == 86400) {
        whole++;
        second = 0;
    }
    if (style == SERIAL_TIME && whole == 0) {
        out->type = FORMAT_TIME;
        out->text = arena_format(a, "%02ld:%02ld:%02ld", second / 3600, second / 60 % 60, second % 60);
        return true;
    }
    if (!since_1904 && (whole == 0 || whole == 60))
        return false;
    out->type = FORMAT_DATE;
    out->day = (int32_t)whole - (since_1904 ? EPOCH_1904 : EPOCH_1900);
    if (!since_1904 && whole < 60)
        out->day++;
    time_split(out->day, &year, &month, &dom);
    out->text = second ? arena_format(a, "%04d-%02d-%02dT%02ld:%02ld:%02ld", year, month, dom,
                                      second / 3600, second / 60 % 60, second % 60)
                       : arena_format(a, "%04d-%02d-%02d", year, month, dom);
    return true;
}

bool
serial_cell(struct arena *a, const char *value, enum serial_style style, bool since_1904,
            struct format_cell *out)
{
    struct decimal exact;
    char *end, shown[40];
    double number = strtod(value, &end);

    if (end == value || *end || !isfinite(number))
        return false;
    if (style != SERIAL_NUMBER && serial_day(a, number, style, since_1904, out))
        return true;
    /* 15 digits are what the program shows; 0.1+0.2 is 0.3 there. */
    snprintf(shown, sizeof shown, "%.15g", number);
    out->type = FORMAT_NUMBER;
    out->text = decimal_of_real(strtod(shown, NULL), &exact) ? decimal_text(a, exact)
                                                              : arena_text(a, shown);
    return true;
}
