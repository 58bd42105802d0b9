/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/inside.h - what the files of this room share and no other room sees.
 */
#ifndef BASE_INSIDE_H
#define BASE_INSIDE_H

#include "base/json.h"
#include "base/text.h"

/* Bytes of the well-formed UTF-8 sequence at `s`, 0 where it is not one; `left` ≥ 1. */
size_t text_sequence(const unsigned char *s, size_t left);

#define DECIMAL_DIGITS_ROOM 18

/*
 * The shortest digits that read back as `value` (finite, not zero, sign ignored): the value is
 * 0.DIGITS × 10^point. The first and the last digit are not 0.
 */
void decimal_digits(double value, char digits[DECIMAL_DIGITS_ROOM], int *point);

/* JSON of the form we write ourselves, in `a`; NULL: it is not so plain, and the library judges it. */
struct json *json_read_plain(struct arena *a, const char *bytes, size_t len);

/* Appends without looking for the name: the caller knows that it is new. `name` is kept. */
void json_append(struct arena *a, struct json *object, const char *name, struct json *value);

/* A JSON string with its quotes, escaped as RFC 8785 3.2.2.2 says. */
void canon_string(struct text *out, const char *bytes, size_t len);

/* A finite number as ECMAScript writes it (RFC 8785 3.2.2.3). */
void canon_real(struct text *out, double value);

#endif
