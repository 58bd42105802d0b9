/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/decimal.h - exact decimal numbers, as standards write them.
 *
 * A signed 128-bit integer scaled by a power of ten (0…18 places). Text form: -?digits(.digits)?,
 * at most 38 digits in all. Arithmetic that would overflow answers false. Division keeps 12 places, half-even.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

struct decimal {
    __int128 units; /* value = units / 10^places */
    int places;
};

bool decimal_read(const char *s, struct decimal *out);
struct decimal decimal_of(int64_t whole);
bool decimal_of_real(double value, struct decimal *out); /* shortest decimal that reads back */
int decimal_compare(struct decimal a, struct decimal b); /* <0, 0, >0 */
bool decimal_add(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_divide(struct decimal a, struct decimal b, struct decimal *out); /* b ≠ 0 */
bool decimal_modulo(struct decimal a, struct decimal b, struct decimal *out); /* sign of a */
bool decimal_is_whole(struct decimal a);
double decimal_real(struct decimal a);
/* Without trailing zeros after the point: "1200.5". In `a`. */
const char *decimal_text(struct arena *a, struct decimal d);
/* Rounded half-even to `places`. */
struct decimal decimal_round(struct decimal d, int places);

#endif
