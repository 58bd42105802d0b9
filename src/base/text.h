/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/text.h - growing text in an arena, and UTF-8.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

struct text {
    struct arena *arena;
    char *bytes; /* always zero-terminated once anything was added */
    size_t len, room;
};

void
text_init(struct text *x, struct arena *a);

void
text_add(struct text *x, const char *bytes, size_t len);

void
text_puts(struct text *x, const char *s);

void
text_char(struct text *x, char c);

void
text_integer(struct text *x, int64_t value);

void
text_printf(struct text *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The finished text, never NULL. */
const char *
text_string(struct text *x);

/* Well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool
text_is_utf8(const char *bytes, size_t len);

/* Code points in a well-formed text: lengths of JSON Schema count these. */
size_t
text_length(const char *s);

/* Decodes the code point at *at and moves *at past it; 0 at the end. Needs well-formed text. */
uint32_t
text_next(const char **at);

bool
text_equal(const char *a, const char *b); /* either may be NULL: equal only if both are */

bool
text_starts(const char *s, const char *with);

/*
 * The Chinese or English half of a title "中文 | English", trimmed, in `a`; the whole where there is
 * no bar.
 */
const char *
text_half(struct arena *a, const char *title, bool english);

#endif
