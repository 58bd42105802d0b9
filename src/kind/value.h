/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/value.h - what one value is to JSONLogic: true or not, a number, a text, equal, less.
 *
 * The idea: as JavaScript compares, except that numbers are exact decimals. A text is a number
 * where it is `exact`: read from a field declared decimal or money, or made by arithmetic. Two
 * exact values, or one and a number, or one and a text of digits compare as numbers; two ordinary
 * texts compare by characters, which puts ISO dates in order. Arrays and objects are equal by
 * content. Internal to the room.
 */
#ifndef KIND_VALUE_H
#define KIND_VALUE_H

#include "base/decimal.h"
#include "base/json.h"

struct kind_value {
    struct json *json; /* never NULL */
    bool exact;
};

bool kind_value_true(struct kind_value v);
/* JavaScript's Number(), exactly; false for what is not a number, or too large for a decimal. */
bool kind_value_number(struct arena *a, struct kind_value v, struct decimal *out);
/* A number or a text of one: what arithmetic takes. Null, booleans and the empty text are none. */
bool kind_value_operand(struct kind_value v, struct decimal *out);
/* JavaScript's String(). */
const char *kind_value_text(struct arena *a, const struct json *v);
bool kind_value_equal(struct arena *a, struct kind_value x, struct kind_value y);
bool kind_value_same(struct kind_value x, struct kind_value y); /* === */
/* -1, 0, 1; KIND_VALUE_APART where neither is less, as with a text that is no number and a number.
 */
#define KIND_VALUE_APART 2
int kind_value_order(struct arena *a, struct kind_value x, struct kind_value y);
/* Whole numbers within ±(2^53-1) as integers, all others as decimal text; exact. */
struct kind_value kind_value_of(struct arena *a, struct decimal d);

#endif
