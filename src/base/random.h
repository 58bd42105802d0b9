/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/random.h - randomness that is passed in.
 *
 * From the system, or, for demonstration stores and simulation only, from a seed: then the same
 * seed gives the same bytes (SHA-256 in counter mode).
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t seed; /* 0: from the system */
    uint64_t count;
};

void
random_bytes(struct random *r, void *out, size_t len);

/* 0 … below-1, without bias; below ≥ 1. */
uint64_t
random_below(struct random *r, uint64_t below);

#endif
