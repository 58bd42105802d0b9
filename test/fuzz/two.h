/* SPDX-License-Identifier: Apache-2.0 */
/*
 * two.h - an input of two JSON values: the first line, and the rest.
 */
#ifndef FUZZ_TWO_H
#define FUZZ_TWO_H

#include "base/json.h"

#include <string.h>

static inline bool
read_two(struct task *t, const uint8_t *bytes, size_t len, struct json **first, struct json **second)
{
    const uint8_t *end = len ? memchr(bytes, '\n', len) : NULL;
    size_t n = end ? (size_t)(end - bytes) : len;

    return end && !json_read(t, (const char *)bytes, n, first) &&
           !json_read(t, (const char *)end + 1, len - n - 1, second);
}

#endif
