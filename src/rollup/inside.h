/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollup/inside.h - what the files of this room share: amounts added up in memory, days, the tree.
 */
#ifndef ROLLUP_INSIDE_H
#define ROLLUP_INSIDE_H

#include "base/time.h"
#include "rollup/rollup.h"

#define ROLLUP_LAST INT32_MAX /* a day after every day */

/* ---- amounts under a key, each once ---- */

struct tally_row {
    const char *figure, *dims;
    int64_t node, line, amount;
    int32_t a, b; /* of a cell: period and the day it was recorded; of a sum: its span and 0 */
};

struct tally {
    struct arena *arena;
    struct tally_row *rows;
    size_t n, room;
    uint32_t *slots; /* open addressing: row + 1 */
    size_t n_slots;
};

void tally_init(struct tally *x, struct arena *a);
/* Texts are kept, not copied. */
void tally_add(struct tally *x, const struct tally_row *row);
/* The sums that a change of `amount` makes at a node: by line and over all, of now and of its month. */
void tally_sums(struct tally *x, const struct tally_row *cell, int64_t node, const struct org_span *days);
/* Adds every row by an insert of node, figure, period, recorded_on, line, dims and amount. */
MUST_USE enum fault_code
tally_store_cells(struct task *t, struct store *s, const struct tally *x, const char *sql);
/* Adds every row to a table shaped like rollup_sum. */
MUST_USE enum fault_code
tally_store_sums(struct task *t, struct store *s, const struct tally *x, const char *table);

/* ---- the tree for which the sums stand ---- */

/* Whether the sums are those of the tree as it is. */
MUST_USE enum fault_code rollup_tree_fresh(struct task *t, struct store *s, bool *fresh);
/* Makes them so: what a node is the sum of, and the sums where that changed. In a write transaction. */
MUST_USE enum fault_code rollup_tree_follow(struct task *t, struct store *s);
/* The sums of one node from its cells, added to `table`. */
MUST_USE enum fault_code
rollup_tree_sum(struct task *t, struct store *s, int64_t node, const char *table);
/* Every node that has sums. */
MUST_USE enum fault_code
rollup_tree_nodes(struct task *t, struct store *s, int64_t **nodes, size_t *n);
/* Rows of rollup_reach by one of its ends: `of` "node" or "place". `out->place` is the other end. */
MUST_USE enum fault_code
rollup_reach(struct task *t, struct store *s, const char *of, int64_t id, struct org_span **out, size_t *n);

/* ---- a board under work ---- */

struct board {
    struct task *t;
    const struct rollup_question *q;
    const struct kind_figure *figure; /* what is being read: the figure, or one side of its ratio */
    bool of;                          /* the lower side */
    struct rollup_board *out;
    size_t room, room_dims;
    uint32_t *slots, *dims_slots;
    size_t n_slots, n_dims_slots;
    struct board_dims {
        const char *text; /* as rows hold them */
        uint32_t asked;
        int32_t day;      /* of a stock that counts by a date */
    } *known;
    size_t n_known, room_known;
};

/* A change of `amount` at the `place`-th place, as far as the question asks for it. */
void board_add(struct board *x, uint32_t place, const char *dims, int64_t line, int32_t period,
               int32_t recorded, int64_t amount);
/* What belongs to no place below belongs to the place itself: the rows add up to the whole. */
void board_keep_own(struct board *x);
void board_sort(struct board *x);
/* A stock by periods, on one side or both: its value at the end of each, also where nothing changed. */
void board_accumulate(struct board *x, bool value, bool of);
/* Leaves out cells that are nothing, but where a stock runs on and for a whole that was asked for alone. */
void board_trim(struct board *x, bool runs);
/* Every series from the first period counted, its gaps filled, compared; cells from period `asked` on are kept. */
void rollup_compare(struct board *x, int32_t asked);

/* ---- a question under work ---- */

/* One row of the answer: a place, and the days on which it lay below the one asked for. */
struct row {
    struct org_row at;
    uint32_t place; /* of the board: the same for a place that lay there twice */
    bool sums;      /* rollup_sum holds it whole */
};

/* Days, both included; none where they end before they begin. */
struct days {
    int32_t from, to;
};

/*
 * What makes up an answer: sums whose span lies in `spans` (0 to 0: of now), and single days, by the day
 * that counts (a stock's recording, a flow's period).
 */
struct plan {
    struct days spans, days[2];
};

struct reading {
    struct task *t;
    struct store *s;
    struct board board;
    const struct rollup_question *q;
    int line;
    struct row *rows;
    size_t n;
    struct plan plan;
};

/* A place whose changes belong to a row. */
struct target {
    struct org_span lay;
    uint32_t place;
};

/* FAULT_ABSENT out of scope; the line that the scope leaves him. */
MUST_USE enum fault_code
reading_scope(struct task *t, struct store *s, const struct scope *c, const struct rollup_question *q, int *line);
/* The rows of the answer into `x` and its board. */
MUST_USE enum fault_code reading_rows(struct reading *x);
/* The places whose changes make up the rows, in order. */
MUST_USE enum fault_code reading_targets(struct reading *x, struct target **out, size_t *n);
/* A change that an event states at a place, wherever it belongs on the board. */
void reading_add(struct reading *x, const struct target *list, size_t n, const struct tally_row *change);

#endif
