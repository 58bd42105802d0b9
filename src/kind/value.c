/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/value.c - what one value is to JSONLogic.
 *
 * Knows: JavaScript's conversions and comparisons, over exact decimals.
 * Does not know: operators, paths, fields.
 */
#include "kind/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX INT64_C(9007199254740991) /* 2^53-1: beyond it JavaScript rounds */

bool
kind_value_true(struct kind_value v)
{
    struct decimal d;
    switch (v.json->type) {
    case JSON_NULL:
    case JSON_FALSE: return false;
    case JSON_INTEGER: return v.json->integer != 0;
    case JSON_REAL: return v.json->real != 0;
    case JSON_STRING:
        if (v.exact && decimal_read(v.json->string.bytes, &d))
            return d.units != 0;
        return v.json->string.len > 0;
    case JSON_ARRAY: return v.json->array.n > 0;
    default: return true;
    }
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Texts of numbers that decimal_read does not take: ".5", "5.", "+5", "1e3". */
static bool
read_loose(const char *s, struct decimal *out)
{
    bool digit = false;
    for (const char *c = s; *c; c++) {
        digit |= is_digit(*c);
        if (!is_digit(*c) && !strchr("+-.eE", *c))
            return false;
    }
    char *end;
    double real = digit ? strtod(s, &end) : NAN;
    return digit && !*end && isfinite(real) && decimal_of_real(real, out);
}

static bool
read_text(struct arena *a, const char *s, struct decimal *out)
{
    if (decimal_read(s, out))
        return true;
    s += strspn(s, " \t\r\n\f\v");
    size_t len = strlen(s);
    while (len > 0 && strchr(" \t\r\n\f\v", s[len - 1]))
        len--;
    if (len == 0) {
        *out = decimal_of(0);
        return true;
    }
    if (len > 64)
        return false;
    const char *trimmed = arena_copy(a, s, len);
    return decimal_read(trimmed, out) || read_loose(trimmed, out);
}

bool
kind_value_number(struct arena *a, struct kind_value v, struct decimal *out)
{
    switch (v.json->type) {
    case JSON_NULL:
    case JSON_FALSE: *out = decimal_of(0); return true;
    case JSON_TRUE: *out = decimal_of(1); return true;
    case JSON_INTEGER: *out = decimal_of(v.json->integer); return true;
    case JSON_REAL: return decimal_of_real(v.json->real, out);
    case JSON_STRING: return read_text(a, v.json->string.bytes, out);
    case JSON_ARRAY: return read_text(a, kind_value_text(a, v.json), out);
    default: return false;
    }
}

bool
kind_value_operand(struct kind_value v, struct decimal *out)
{
    switch (v.json->type) {
    case JSON_INTEGER: *out = decimal_of(v.json->integer); return true;
    case JSON_REAL: return decimal_of_real(v.json->real, out);
    case JSON_STRING:
        return decimal_read(v.json->string.bytes, out) || read_loose(v.json->string.bytes, out);
    default: return false;
    }
}

static void
add_text(struct text *x, const struct json *v, bool inside)
{
    struct decimal d;
    switch (v->type) {
    case JSON_NULL:
        if (!inside)
            text_puts(x, "null");
        break;
    case JSON_FALSE: text_puts(x, "false"); break;
    case JSON_TRUE: text_puts(x, "true"); break;
    case JSON_INTEGER: text_printf(x, "%lld", (long long)v->integer); break;
    case JSON_REAL:
        if (decimal_of_real(v->real, &d))
            text_puts(x, decimal_text(x->arena, d));
        else
            text_printf(x, "%.17g", v->real);
        break;
    case JSON_STRING: text_add(x, v->string.bytes, v->string.len); break;
    case JSON_ARRAY:
        for (size_t i = 0; i < v->array.n; i++) {
            if (i > 0)
                text_char(x, ',');
            add_text(x, v->array.at[i], true);
        }
        break;
    default: text_puts(x, "[object Object]");
    }
}

const char *
kind_value_text(struct arena *a, const struct json *v)
{
    if (v->type == JSON_STRING)
        return v->string.bytes;
    struct text x;
    text_init(&x, a);
    add_text(&x, v, false);
    return text_string(&x);
}

static bool
is_number(struct kind_value v)
{
    return v.json->type == JSON_INTEGER || v.json->type == JSON_REAL ||
           (v.json->type == JSON_STRING && v.exact);
}

static bool
is_compound(const struct json *v)
{
    return v->type == JSON_ARRAY || v->type == JSON_OBJECT;
}

bool
kind_value_same(struct kind_value x, struct kind_value y)
{
    struct decimal a, b;
    if (is_number(x) && is_number(y) && kind_value_operand(x, &a) && kind_value_operand(y, &b))
        return decimal_compare(a, b) == 0;
    return json_equal(x.json, y.json);
}

bool
kind_value_equal(struct arena *a, struct kind_value x, struct kind_value y)
{
    struct decimal m, n;
    if (json_is_null(x.json) || json_is_null(y.json))
        return json_is_null(x.json) && json_is_null(y.json);
    if (is_compound(x.json) && is_compound(y.json))
        return json_equal(x.json, y.json);
    bool text = !x.exact && !y.exact;
    if (text && json_is(x.json, JSON_STRING) && json_is(y.json, JSON_STRING))
        return json_equal(x.json, y.json);
    /* JavaScript compares a text with an array or object by their texts. */
    if ((json_is(x.json, JSON_STRING) && is_compound(y.json)) ||
        (json_is(y.json, JSON_STRING) && is_compound(x.json)))
        return strcmp(kind_value_text(a, x.json), kind_value_text(a, y.json)) == 0;
    if (kind_value_number(a, x, &m) && kind_value_number(a, y, &n))
        return decimal_compare(m, n) == 0;
    /* Too large for a decimal: the same value is still equal to itself. */
    return json_equal(x.json, y.json);
}

int
kind_value_order(struct arena *a, struct kind_value x, struct kind_value y)
{
    struct decimal m, n;
    bool x_text = is_compound(x.json) || (json_is(x.json, JSON_STRING) && !x.exact);
    bool y_text = is_compound(y.json) || (json_is(y.json, JSON_STRING) && !y.exact);
    if (x_text && y_text) {
        int order = strcmp(kind_value_text(a, x.json), kind_value_text(a, y.json));
        return (order > 0) - (order < 0);
    }
    if (!kind_value_number(a, x, &m) || !kind_value_number(a, y, &n))
        return KIND_VALUE_APART;
    int order = decimal_compare(m, n);
    return (order > 0) - (order < 0);
}

struct kind_value
kind_value_of(struct arena *a, struct decimal d)
{
    if (decimal_is_whole(d) && decimal_compare(d, decimal_of(WHOLE_MAX)) <= 0 &&
        decimal_compare(d, decimal_of(-WHOLE_MAX)) >= 0) {
        __int128 units = d.units;
        for (int i = 0; i < d.places; i++)
            units /= 10;
        return (struct kind_value){json_int(a, (int64_t)units), true};
    }
    return (struct kind_value){json_str(a, decimal_text(a, d)), true};
}
