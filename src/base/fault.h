/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/fault.h - what went wrong, said once.
 *
 * The code says what the caller can do about it. A function that fails returns a code other than
 * FAULT_NONE, leaves its outputs untouched, and the first fault of a task fills task->fault; later
 * ones on the way out do not overwrite it. Nobody prints: the door (api, cmd) renders it, once.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#define MUST_USE __attribute__((warn_unused_result))

enum fault_code {
    FAULT_NONE = 0,
    FAULT_INPUT,     /* mend the input (422; on a command line exit 2) */
    FAULT_SIGN_IN,   /* say who you are (401) */
    FAULT_RIGHT,     /* this actor may not do this here (403) */
    FAULT_ABSENT,    /* no such thing, or not visible to this actor: the same body (404) */
    FAULT_STATE,     /* not possible in the state it is in now (409) */
    FAULT_REVISION,  /* somebody changed it since you read it (412) */
    FAULT_CONDITION, /* say which revision you mean: If-Match is missing (428) */
    FAULT_SIZE,      /* over a maximum of base/limit.h (413) */
    /* From here on nothing is wrong with what was asked: fault() answers the first of these. */
    FAULT_BUSY,      /* try again: lock, lost race, full queue, full disk (503) */
    FAULT_STORE,     /* the store refused or broke: call the operator (500) */
    FAULT_PROOF      /* a hash or signature does not match: call the auditor (500; exit 1) */
};

struct fault_item {
    const char *pointer; /* JSON Pointer into the input, or a path as a person writes it */
    const char *zh, *en;
};

/* At most this many items are kept: a form shows them all at once, an attacker gains nothing. */
#define FAULT_ITEMS_MAX 32

struct fault {
    enum fault_code code;
    struct fault_item items[FAULT_ITEMS_MAX];
    unsigned n_items;
};

/* A name for logs: "input", "right", … */
const char *
fault_name(enum fault_code code);

/* Our own mistake: says where and aborts. Never for input, never for I/O. */
#define must(cond) ((cond) ? (void)0 : fault_abort(#cond, __FILE__, __LINE__))

_Noreturn void
fault_abort(const char *what, const char *file, int line);

#endif
