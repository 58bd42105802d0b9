/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/task.h - one run of work: a request, an import batch, a tick.
 *
 * Carries its memory, the time it happens at, its randomness and the first fault. Time and
 * randomness are given, never fetched, so that the same input makes the same bytes.
 */
#ifndef BASE_TASK_H
#define BASE_TASK_H

#include "base/arena.h"
#include "base/fault.h"
#include "base/random.h"
#include <stdbool.h>
#include <stdint.h>

struct task {
    struct arena *arena;
    int64_t now;          /* milliseconds since 1970-01-01T00:00:00Z */
    struct random random; /* ids, salts, tokens */
    struct fault fault;
    uint64_t store_calls; /* statements sent; logged and asserted */
    bool store_broke;     /* one of them failed since the transaction began: what was read is not known */
    const char *request;  /* request id, for the log; may be NULL */
    void *memo;           /* org's: rows read in the transaction it is in; NULL: none are kept */
};

/* A task with an arena of its own; `seed` 0 takes randomness from the system. */
void
task_init(struct task *t, int64_t now, uint64_t seed);

void
task_release(struct task *t);

/*
 * Records the fault and returns `code`. The text is "中文 | English" after formatting. If a fault
 * of the same code is there already, the item is added (up to FAULT_ITEMS_MAX); one of another code
 * is kept and the new one dropped. After FAULT_BUSY, FAULT_STORE or FAULT_PROOF the answer is that one
 * and not `code`: who could not look does not know that there is nothing. `pointer` may be NULL (no
 * place in the input).
 */
enum fault_code
fault(struct task *t, enum fault_code code, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Forgets the fault, to go on after a refusal that was expected. */
void
fault_clear(struct task *t);

#endif
