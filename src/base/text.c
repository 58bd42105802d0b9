/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/text.c - growing text in an arena, and UTF-8.
 *
 * Knows: bytes, code points, the bar between the two languages of a title.
 * Does not know: JSON, faults, where text comes from.
 */
#include "base/text.h"

#include "base/fault.h"
#include "base/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_FIRST_ROOM 128

void
text_init(struct text *x, struct arena *a)
{
    memset(x, 0, sizeof *x);
    x->arena = a;
}

static void
text_grow(struct text *x, size_t more)
{
    size_t need = x->len + more + 1, room = x->room ? x->room : TEXT_FIRST_ROOM;
    char *grown;

    must(more < SIZE_MAX / 4);
    while (room < need)
        room *= 2;
    grown = arena_room(x->arena, room);
    if (x->len > 0)
        memcpy(grown, x->bytes, x->len);
    grown[x->len] = '\0';
    x->bytes = grown;
    x->room = room;
}

/* Room for `more` bytes and the zero after them. Mostly there is. */
static inline void
text_reserve(struct text *x, size_t more)
{
    if (more >= x->room - x->len)
        text_grow(x, more);
}

void
text_add(struct text *x, const char *bytes, size_t len)
{
    text_reserve(x, len);
    if (len > 0)
        memcpy(x->bytes + x->len, bytes, len);
    x->len += len;
    x->bytes[x->len] = '\0';
}

void
text_puts(struct text *x, const char *s)
{
    text_add(x, s, strlen(s));
}

void
text_char(struct text *x, char c)
{
    text_reserve(x, 1);
    x->bytes[x->len++] = c;
    x->bytes[x->len] = '\0';
}

void
text_integer(struct text *x, int64_t value)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        *--at = '-';
    text_add(x, at, (size_t)(digits + sizeof digits - at));
}

void
text_printf(struct text *x, const char *format, ...)
{
    va_list args, again;
    int len;

    /* Mostly there is room, and once is enough. */
    text_reserve(x, 31);
    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(x->bytes + x->len, x->room - x->len, format, args);
    va_end(args);
    must(len >= 0);
    if (x->len + (size_t)len + 1 > x->room) {
        text_reserve(x, (size_t)len);
        must(vsnprintf(x->bytes + x->len, (size_t)len + 1, format, again) == len);
    }
    va_end(again);
    x->len += (size_t)len;
}

const char *
text_string(struct text *x)
{
    return x->bytes ? x->bytes : "";
}

/* Unicode 15, table 3-7: the second byte's range depends on the first. */
size_t
text_sequence(const unsigned char *s, size_t left)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t i, len;

    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    len = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (left < len)
        return 0;
    if (s[0] == 0xE0)
        low = 0xA0;
    else if (s[0] == 0xED)
        high = 0x9F;
    else if (s[0] == 0xF0)
        low = 0x90;
    else if (s[0] == 0xF4)
        high = 0x8F;
    if (s[1] < low || s[1] > high)
        return 0;
    for (i = 2; i < len; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

/* Of three bytes from U+1000, which ideographs are; none of those whose second byte is bounded. */
static bool
is_plain_three(const unsigned char *s)
{
    return (s[0] & 0xF0) == 0xE0 && s[0] != 0xE0 && s[0] != 0xED && (s[1] & 0xC0) == 0x80 &&
           (s[2] & 0xC0) == 0x80;
}

bool
text_is_utf8(const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t i = 0, step;
    uint64_t eight;

    while (i < len) {
        for (; i + sizeof eight <= len; i += sizeof eight) {
            memcpy(&eight, s + i, sizeof eight);
            if (eight & UINT64_C(0x8080808080808080))
                break;
        }
        while (i < len && s[i] < 0x80)
            i++;
        while (i + 3 <= len && is_plain_three(s + i))
            i += 3;
        if (i == len)
            break;
        step = text_sequence(s + i, len - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

size_t
text_length(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        if (((unsigned char)*s & 0xC0) != 0x80)
            n++;
    return n;
}

uint32_t
text_next(const char **at)
{
    const unsigned char *s = (const unsigned char *)*at;
    uint32_t point = s[0];
    size_t i, len;

    if (point == 0)
        return 0;
    len = point < 0x80 ? 1 : point < 0xE0 ? 2 : point < 0xF0 ? 3 : 4;
    if (len > 1)
        point &= 0x7Fu >> len;
    for (i = 1; i < len; i++)
        point = point << 6 | (s[i] & 0x3Fu);
    *at += len;
    return point;
}

bool
text_equal(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    /* Most differ in their first byte. */
    return a[0] == b[0] && strcmp(a, b) == 0;
}

bool
text_starts(const char *s, const char *with)
{
    return s && with && strncmp(s, with, strlen(with)) == 0;
}

/*
 * The bar between the halves. A value quoted in both halves may itself hold bars; the one between
 * the halves is then the middle one.
 */
static const char *
middle_bar(const char *title)
{
    const char *p, *bar = NULL;
    size_t n = 0, wanted;

    for (p = strchr(title, '|'); p; p = strchr(p + 1, '|'))
        n++;
    wanted = n % 2 ? n / 2 + 1 : n > 0;
    for (p = title; wanted > 0; wanted--, p = bar + 1)
        bar = strchr(p, '|');
    return bar;
}

const char *
text_half(struct arena *a, const char *title, bool english)
{
    const char *from = title, *to, *bar;

    if (!title)
        return NULL;
    to = title + strlen(title);
    bar = middle_bar(title);
    if (bar && english)
        from = bar + 1;
    else if (bar)
        to = bar;
    while (from < to && *from == ' ')
        from++;
    while (to > from && to[-1] == ' ')
        to--;
    return arena_copy(a, from, (size_t)(to - from));
}
