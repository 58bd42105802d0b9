/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/canon.c - JSON as bytes: plain, and the one canonical form that is hashed.
 *
 * Knows: RFC 8785, escapes, ECMAScript numbers, JSON Pointer.
 * Does not know: jansson, which members are hashed.
 */
#include "base/fault.h"
#include "base/inside.h"
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX INT64_C(9007199254740991) /* 2^53-1: what every reader of JSON keeps exactly */

/* True where one of eight bytes is below 0x20, a quote or a backslash; a mark in its highest bit. */
static uint64_t
needs_escape(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t quote = eight ^ (ones * '"'), slash = eight ^ (ones * '\\');

    return ((eight - ones * 0x20) | (quote - ones) | (slash - ones)) & ~eight & high;
}

/* How many bytes from here stand as they are. Eight at a time: texts are long and escapes rare. */
static size_t
plain_run(const char *bytes, size_t len)
{
    uint64_t eight;
    size_t i = 0;

    for (; i + sizeof eight <= len; i += sizeof eight) {
        memcpy(&eight, bytes + i, sizeof eight);
        if (needs_escape(eight))
            break;
    }
    for (; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c < 0x20 || c == '"' || c == '\\')
            break;
    }
    return i;
}

void
canon_string(struct text *out, const char *bytes, size_t len)
{
    static const char short_form[] = "\b\t\n\f\r\"\\", letter[] = "btnfr\"\\";
    size_t i = 0;

    text_char(out, '"');
    while (i < len) {
        size_t run = plain_run(bytes + i, len - i);
        const char *found;

        text_add(out, bytes + i, run);
        i += run;
        if (i == len)
            break;
        found = bytes[i] ? strchr(short_form, bytes[i]) : NULL;
        if (found)
            text_printf(out, "\\%c", letter[found - short_form]);
        else
            text_printf(out, "\\u%04x", (unsigned char)bytes[i]);
        i++;
    }
    text_char(out, '"');
}

/* ECMA-262 Number::toString: `point` is its n, the count of digits its k. */
void
canon_real(struct text *out, double value)
{
    char digits[DECIMAL_DIGITS_ROOM];
    int point, count;

    if (fpclassify(value) == FP_ZERO) {
        text_char(out, '0');
        return;
    }
    decimal_digits(value, digits, &point);
    count = (int)strlen(digits);
    if (value < 0)
        text_char(out, '-');
    if (count <= point && point <= 21)
        text_printf(out, "%s%.*s", digits, point - count, "000000000000000000000");
    else if (0 < point && point <= 21)
        text_printf(out, "%.*s.%s", point, digits, digits + point);
    else if (-6 < point && point <= 0)
        text_printf(out, "0.%.*s%s", -point, "000000", digits);
    else if (count == 1)
        text_printf(out, "%se%+d", digits, point - 1);
    else
        text_printf(out, "%c.%se%+d", digits[0], digits + 1, point - 1);
}

static void
write_scalar(struct text *out, const struct json *value)
{
    switch (value->type) {
    case JSON_FALSE: text_puts(out, "false"); break;
    case JSON_TRUE: text_puts(out, "true"); break;
    case JSON_INTEGER: text_integer(out, value->integer); break;
    case JSON_REAL:
        canon_real(out, value->real);
        /* Without a point it would be read as an integer, which may not hold it. */
        if (fabs(value->real) > (double)WHOLE_MAX && fabs(value->real) < 1e21)
            text_puts(out, ".0");
        break;
    case JSON_STRING: canon_string(out, value->string.bytes, value->string.len); break;
    case JSON_WRITTEN: text_add(out, value->string.bytes, value->string.len); break;
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT: text_puts(out, "null"); break;
    }
}

void
json_write(struct text *out, const struct json *value)
{
    size_t i;

    if (json_is(value, JSON_ARRAY)) {
        text_char(out, '[');
        for (i = 0; i < value->array.n; i++) {
            if (i > 0)
                text_char(out, ',');
            json_write(out, value->array.at[i]);
        }
        text_char(out, ']');
    } else if (json_is(value, JSON_OBJECT)) {
        text_char(out, '{');
        for (i = 0; i < value->object.n; i++) {
            if (i > 0)
                text_char(out, ',');
            canon_string(out, value->object.at[i].name, strlen(value->object.at[i].name));
            text_char(out, ':');
            json_write(out, value->object.at[i].value);
        }
        text_char(out, '}');
    } else if (value) {
        write_scalar(out, value);
    } else {
        text_puts(out, "null");
    }
}

void
json_write_text(struct text *out, const char *text)
{
    if (text)
        canon_string(out, text, strlen(text));
    else
        text_puts(out, "null");
}

const char *
json_string(struct arena *a, const struct json *value)
{
    struct text out;

    text_init(&out, a);
    json_write(&out, value);
    return text_string(&out);
}

/*
 * The order of UTF-16 units from UTF-8 bytes: the orders differ only where one text has U+E000 to
 * U+FFFF (lead byte EE, EF) and the other a supplementary code point (lead byte F0 to F4), whose
 * surrogates sort first.
 */
static int
utf16_rank(unsigned char c)
{
    return c == 0xEE || c == 0xEF ? c + 0x10 : c;
}

static int
by_utf16(const struct json_member *m, const struct json_member *n)
{
    const unsigned char *x = (const unsigned char *)m->name;
    const unsigned char *y = (const unsigned char *)n->name;

    while (*x && *x == *y)
        x++, y++;
    return utf16_rank(*x) - utf16_rank(*y);
}

static int
by_utf16_of(const void *a, const void *b)
{
    const struct json_member *const *m = a, *const *n = b;

    return by_utf16(*m, *n);
}

#define FEW_MEMBERS 32

/* Few members are put in their place one by one, without a call and a copy for each comparison. */
static void
sort_members(const struct json_member **list, size_t n)
{
    if (n > FEW_MEMBERS) {
        qsort(list, n, sizeof *list, by_utf16_of);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        const struct json_member *one = list[i];
        size_t at = i;

        for (; at > 0 && by_utf16(list[at - 1], one) > 0; at--)
            list[at] = list[at - 1];
        list[at] = one;
    }
}

/* The way to the value at hand, for a pointer that is only made when something is refused. */
struct step {
    const struct step *above;
    const char *name; /* NULL: an item */
    size_t index;
};

static const char *
pointer_of(struct arena *a, const struct step *at)
{
    const char *above;

    if (!at)
        return "";
    above = pointer_of(a, at->above);
    return at->name ? json_pointer(a, above, at->name) : json_pointer_index(a, above, at->index);
}

static enum fault_code canonical(struct task *t, const struct json *value, bool reals,
                                 const struct step *at, struct text *out);

static enum fault_code
canonical_text(struct task *t, const char *bytes, size_t len, const struct step *at,
               struct text *out)
{
    if (!text_is_utf8(bytes, len))
        return fault(t, FAULT_INPUT, pointer_of(t->arena, at),
                     "不是有效的 UTF-8 | Not well-formed UTF-8");
    canon_string(out, bytes, len);
    return FAULT_NONE;
}

static enum fault_code
canonical_object(struct task *t, const struct json *value, bool reals, const struct step *above,
                 struct text *out)
{
    const struct json_member **sorted;
    size_t i, n = value->object.n;
    enum fault_code rc;

    sorted = arena_alloc(t->arena, n * sizeof *sorted);
    for (i = 0; i < n; i++)
        sorted[i] = &value->object.at[i];
    sort_members(sorted, n);
    text_char(out, '{');
    for (i = 0; i < n; i++) {
        struct step at = {above, sorted[i]->name, 0};

        if (i > 0)
            text_char(out, ',');
        rc = canonical_text(t, sorted[i]->name, strlen(sorted[i]->name), &at, out);
        if (rc)
            return rc;
        text_char(out, ':');
        rc = canonical(t, sorted[i]->value, reals, &at, out);
        if (rc)
            return rc;
    }
    text_char(out, '}');
    return FAULT_NONE;
}

static enum fault_code
canonical_number(struct task *t, const struct json *value, bool reals, const struct step *at,
                 struct text *out)
{
    bool exact =
        value->type == JSON_INTEGER && value->integer <= WHOLE_MAX && value->integer >= -WHOLE_MAX;

    if (exact)
        write_scalar(out, value);
    else if (reals)
        canon_real(out, value->type == JSON_REAL ? value->real : (double)value->integer);
    else
        return fault(t, FAULT_INPUT, pointer_of(t->arena, at),
                     "须为绝对值不超过 2^53−1 的整数；小数请用字符串 | "
                     "Must be an integer within ±(2^53−1); write decimals as strings");
    return FAULT_NONE;
}

static enum fault_code
canonical(struct task *t, const struct json *value, bool reals, const struct step *above,
          struct text *out)
{
    enum fault_code rc;
    size_t i;

    switch (value->type) {
    case JSON_OBJECT: return canonical_object(t, value, reals, above, out);
    case JSON_ARRAY:
        text_char(out, '[');
        for (i = 0; i < value->array.n; i++) {
            struct step at = {above, NULL, i};

            if (i > 0)
                text_char(out, ',');
            rc = canonical(t, value->array.at[i], reals, &at, out);
            if (rc)
                return rc;
        }
        text_char(out, ']');
        return FAULT_NONE;
    case JSON_STRING: return canonical_text(t, value->string.bytes, value->string.len, above, out);
    case JSON_INTEGER:
    case JSON_REAL: return canonical_number(t, value, reals, above, out);
    case JSON_WRITTEN: must(!"no text written already has canonical bytes"); break;
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE: break;
    }
    write_scalar(out, value);
    return FAULT_NONE;
}

enum fault_code
json_canonical(struct task *t, const struct json *value, bool reals, struct text *out)
{
    struct text own;
    enum fault_code rc;

    text_init(&own, t->arena);
    rc = canonical(t, value, reals, NULL, &own);
    if (rc)
        return rc;
    text_add(out, own.bytes, own.len);
    return FAULT_NONE;
}

const char *
json_pointer(struct arena *a, const char *at, const char *token)
{
    struct text out;

    text_init(&out, a);
    text_puts(&out, at ? at : "");
    text_char(&out, '/');
    for (; *token; token++) {
        if (*token == '~')
            text_puts(&out, "~0");
        else if (*token == '/')
            text_puts(&out, "~1");
        else
            text_char(&out, *token);
    }
    return text_string(&out);
}

const char *
json_pointer_index(struct arena *a, const char *at, size_t i)
{
    return arena_format(a, "%s/%zu", at ? at : "", i);
}
