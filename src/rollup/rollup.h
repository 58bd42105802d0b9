/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/rollup.h - figures, kept exact at every node of the tree and along every line.
 *
 * The idea: the event that changes a figure carries the change; it is stored as a delta row in the
 * same transaction and folded into cells later by whoever holds the lease. A read is cells plus what
 * is not yet folded, in one snapshot, so it is exact at the next request and no row is hot. A cell
 * keeps the period it counts and the day it was recorded: any as_of is a sum over cells up to a day.
 * Nodes from the county down have cells; a node above is the sum over its counties.
 *
 * Invariants: a figure equals a recount over the log (rollup_recount). A caller gets cells only where
 * node and line lie wholly in his scope.
 */
#ifndef ROLLUP_ROLLUP_H
#define ROLLUP_ROLLUP_H

#include "record/record.h"

/* Stores the changes an event states. Called for every event, live and in a rebuild. */
MUST_USE enum fault_code
rollup_project(struct task *t, struct store *s, const struct json *body, int64_t seq);
#define ROLLUP_DERIVED "rollup_delta rollup_cell"

/* Folds up to `limit` deltas into cells, in a write transaction of its own. */
MUST_USE enum fault_code
rollup_fold(struct task *t, struct store *s, int64_t limit, int64_t *folded);

enum rollup_period { ROLLUP_WHOLE, ROLLUP_DAY, ROLLUP_MONTH, ROLLUP_QUARTER, ROLLUP_YEAR };

struct rollup_question {
    const struct kind *kind;
    const struct kind_figure *figure;
    int64_t place;
    int line;                     /* 0: every line, where the scope allows */
    const char *by[4];            /* dimensions asked for; others are summed */
    size_t n_by;
    bool by_place, by_line;       /* one row a child place; a line */
    enum rollup_period period;
    int32_t from, to;             /* days, inclusive; 0: open */
    int32_t as_of;                /* day; 0: now */
};

/* {"cells":[{"place","line","period",dims…,"value"}],"unit":"count"|"ratio"} ; FAULT_ABSENT out of scope. */
MUST_USE enum fault_code
rollup_read(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
            const struct rollup_question *q, struct json **out);

/* The scratch table of a recount; before the transaction that reads, which makes no table. */
MUST_USE enum fault_code
rollup_recount_ready(struct task *t, struct store *s);

/* Recounts every figure from the log; `*wrong` names the first cell that differs, or is NULL. */
MUST_USE enum fault_code
rollup_recount(struct task *t, struct store *s, int64_t *cells, const char **wrong);

#endif
