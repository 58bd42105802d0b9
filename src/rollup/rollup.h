/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/rollup.h - figures, kept exact at every node of the tree and along every line.
 *
 * The idea: the event that changes a figure carries the change; it is stored as a delta row in the
 * same transaction and folded later by whoever holds the lease. A read is what is folded plus what is
 * not, in one snapshot, so it is exact at the next request and no row is hot.
 *
 * Folded twice. A cell keeps the period it counts and the day it was recorded, for the nodes from the
 * county down: any day can be answered from cells. Sums of them, of now and of months, at every node
 * and over every line, are what a board reads: one row a cell, whatever the number of records and
 * days. The sums stand for one state of the tree; after a change of places, and until the folding has
 * followed it, the cells are read (ADR 0012).
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
#define ROLLUP_DERIVED "rollup_delta rollup_cell rollup_sum rollup_reach rollup_tree"

/* Folds up to `limit` deltas into cells and sums, in a write transaction of its own. */
MUST_USE enum fault_code
rollup_fold(struct task *t, struct store *s, int64_t limit, int64_t *folded);

enum rollup_period { ROLLUP_WHOLE, ROLLUP_DAY, ROLLUP_MONTH, ROLLUP_QUARTER, ROLLUP_YEAR };

#define ROLLUP_EVERY_LINE (-1)

/* A series beside itself: 同比 against the same period of the year before, 环比 against the one before. */
enum rollup_against { ROLLUP_AGAINST_YEAR = 1, ROLLUP_AGAINST_PERIOD = 2 };

struct rollup_question {
    const struct kind *kind;
    const struct kind_figure *figure;
    int64_t place;
    int line;                     /* 0: every line, where the scope allows */
    const char *by[4];            /* dimensions asked for; others are summed */
    size_t n_by;
    bool by_place, by_line;       /* one row a place below; a line */
    int place_level;              /* of those places; 0: directly below */
    enum rollup_period period;
    int32_t from, to;             /* days, inclusive; 0: open */
    int32_t as_of;                /* day; 0: now */
    int compare;                  /* rollup_against; of months, quarters and years */
};

struct rollup_cell {
    uint32_t place, dims;         /* where in the board's lists */
    int line;                     /* ROLLUP_EVERY_LINE where it was not asked for */
    int32_t period;               /* its first day; 0 */
    int64_t value, of;            /* a ratio is value / of, divided when somebody looks */
    const char *beside;           /* members of its comparison, each after a comma; NULL where none was asked for */
};

struct rollup_board {
    const struct rollup_question *q;
    struct { const char *code, *name; } *places; /* the place asked for comes first */
    struct { const struct json *value; const char *members; } *dims; /* members: as they stand in an object */
    struct rollup_cell *cells; /* by place, dimensions, line and period */
    size_t n_places, n_dims, n;
};

/*
 * Every cell that was asked for; of the whole at once the one that is 0 too. FAULT_ABSENT out of
 * scope, FAULT_INPUT where there are too many places below. In `t`; `q` is kept.
 */
MUST_USE enum fault_code
rollup_read(struct task *t, struct store *s, const struct scope *c, const struct rollup_question *q,
            struct rollup_board *out);

/* ---- a cell opened into what it counts ---- */

/*
 * One cell: what `question` asks for, its dimensions told. A record is counted in it where the changes
 * that its own events state add up to anything there, by the code that adds up boards: a list of them
 * and the figure are the same, on past days and under places that changed. Its parts are kept.
 */
struct rollup_opening {
    struct rollup_question question; /* no ratio, of the whole of its time; `by` are the dimensions told */
    const char *is[4];               /* of each of them: its value; NULL: what has none */
    bool no_line;                    /* what has no line, `by_line` asked for */
    const char *row;                 /* code of a place below, `by_place` asked for; NULL: what belongs to none of them */
    bool now;                        /* a stock of this moment */
    bool by_date;                    /* a flow some version of which counts by a date, not by the day of its step */
};

struct rollup_opened;

/* The cell and its value. In `t`. Faults as rollup_read. */
MUST_USE enum fault_code
rollup_open(struct task *t, struct store *s, const struct scope *c, const struct rollup_opening *o,
            struct rollup_opened **out, int64_t *value);
/* These are asked about next: their events are read at once. A fault is kept for rollup_counts. */
void rollup_look(struct rollup_opened *x, const struct record *const *list, size_t n);
/* How often a record is counted in it; 0: it is not. Reads its events where its row does not tell. */
MUST_USE enum fault_code
rollup_counts(struct rollup_opened *x, const struct record *r, int64_t *times);
/* Of how many records events were read. */
size_t rollup_judged(const struct rollup_opened *x);
/* The one level whose records a figure counts, by its condition; NULL: not said. */
const char *rollup_level_of(const struct kind_figure *f);

/* A ratio with six places; NULL where there is nothing to divide by. In `a`. */
const char *rollup_ratio(struct arena *a, const struct rollup_cell *c);

/* The first day of the period a day lies in, and of the one `n` after it (n < 0: before). */
int32_t rollup_period_start(int32_t day, enum rollup_period p);
int32_t rollup_period_add(int32_t start, enum rollup_period p, int n);
/* The period as it is written: 2026-11-21, 2026-11, 2026-Q4, 2026. In `a`. */
const char *rollup_period_text(struct arena *a, int32_t start, enum rollup_period p);

/* ---- series that came from a file (standards/series) ---- */

/* FAULT_INPUT with a pointer where the file is no series, or its source contradicts itself. */
MUST_USE enum fault_code
rollup_series_check(struct task *t, const struct json *file);
/*
 * {"points":[{"period","label","derived","values":{LINE:{"value","year","previous","turn",…}}}]}: each
 * point compared as a figure is; a point whose period is not known has no year before it (null).
 */
struct json *
rollup_series(struct task *t, const struct json *file);

/* The scratch table of a recount; before the transaction that reads, which makes no table. */
MUST_USE enum fault_code
rollup_recount_ready(struct task *t, struct store *s);

/* Recounts every figure from the log; `*wrong` names the first cell that differs, or is NULL. */
MUST_USE enum fault_code
rollup_recount(struct task *t, struct store *s, int64_t *cells, const char **wrong);

#endif
