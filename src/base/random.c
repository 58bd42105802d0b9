/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/random.c - bytes from the system, or from a seed for demonstrations.
 *
 * Knows: getrandom, SHA-256 in counter mode.
 * Does not know: what the bytes are for.
 */
#include "base/random.h"

#include "base/fault.h"
#include "base/hash.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static void
system_bytes(uint8_t *out, size_t len)
{
    ssize_t got;

    while (len > 0) {
        got = getrandom(out, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        must(got > 0);
        out += got;
        len -= (size_t)got;
    }
}

static void
put_64(uint8_t *out, uint64_t value)
{
    int i;

    for (i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (56 - 8 * i));
}

void
random_bytes(struct random *r, void *out, size_t len)
{
    uint8_t counter[16], block[HASH_LEN], *to = out;
    size_t part;

    if (r->seed == 0) {
        system_bytes(to, len);
        return;
    }
    put_64(counter, r->seed);
    while (len > 0) {
        put_64(counter + 8, r->count++);
        hash_bytes(HASH_SHA256, counter, sizeof counter, block);
        part = len < sizeof block ? len : sizeof block;
        memcpy(to, block, part);
        to += part;
        len -= part;
    }
}

uint64_t
random_below(struct random *r, uint64_t below)
{
    uint64_t value, uneven;
    uint8_t drawn[8];
    int i;

    must(below >= 1);
    /* 2^64 mod below: the lowest values are drawn again, so that every rest is equally likely. */
    uneven = (0 - below) % below;
    do {
        random_bytes(r, drawn, sizeof drawn);
        for (value = 0, i = 0; i < 8; i++)
            value = value << 8 | drawn[i];
    } while (value < uneven);
    return value % below;
}
