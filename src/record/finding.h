/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/finding.h - what the files of a list share: a list while it is found.
 *
 * The way of a page: record_branches says which keys and facets are walked, record_batch gives the next
 * candidates in order (record_candidates by keys, record_hunt by search), record_load reads and tests a
 * row, and the cursor is the place of the last one.
 */
#ifndef RECORD_FINDING_H
#define RECORD_FINDING_H

#include "record/inside.h"

#define RECORD_SCAN_MAX 20000 /* rows one list may test before it answers what it has */
#define RECORD_BATCH 256

#define RECORD_ALSO 2 /* the line he answers for, and the line asked for */

struct record_branch {
    int64_t key;
    int facet;  /* RECORD_BRANCH_LEFT: what had the key once */
    bool exact; /* what has the key lies where the filter asks, on the line it asks for */
    int64_t also[RECORD_ALSO]; /* keys of place and line that it must have besides; 0: none */
};

#define RECORD_BRANCH_LEFT (-1)

struct record_candidate {
    int64_t due, rid, stream;
    bool exact;
};

struct record_finding {
    struct task *t;
    struct store *s;
    const struct record_world *w;
    const struct scope *c;
    const struct record_filter *f;
    struct record_branch *branches;
    size_t n_branches, room;
    bool by_due;
    bool by_index; /* fields are looked up in their index; else rows are tested for them */
    enum { RECORD_UNDECIDED, RECORD_BY_KEYS, RECORD_BY_FIELD } walks; /* which of the two is walked then */
};

/* Whether what has the facet may be what the filter asks for. */
bool record_facet_fits(const struct record_finding *x, const struct kind *k, int facet);
/* The kind of this number, where the filter asks for it; else NULL. */
const struct kind *record_kind_asked(const struct record_finding *x, int id);
MUST_USE enum fault_code record_branches(struct record_finding *x);
/* Whether what has left the place is walked too. */
bool record_walks_left(const struct record_finding *x);

/*
 * A branch as a query, from a place in the order on: " FROM … WHERE …" behind whatever is selected, and its
 * parameters, at most record_branch_width of them.
 */
void record_branch_text(const struct record_finding *x, const struct record_branch *b, struct text *sql);
size_t record_branch_bind(const struct record_finding *x, const struct record_branch *b,
                          const struct record_candidate *after, struct store_value *v);
size_t record_branch_width(const struct record_finding *x);

/* Whether the index of a field is walked from here on, because fewer records have the value than the keys. */
MUST_USE enum fault_code record_decide(struct record_finding *x, const struct record_candidate *after);
/* The next that have the first of the values asked for; every row is tested then. */
MUST_USE enum fault_code
record_by_field(struct record_finding *x, const struct record_candidate *after, size_t want,
                struct record_candidate **out, size_t *n);

int record_newest_first(const void *a, const void *b);
/* A record under several keys comes once; one exact key is enough. */
size_t record_once_each(struct record_candidate *list, size_t n, size_t want);
/* The next distinct candidates after a place in the order. */
MUST_USE enum fault_code
record_candidates(struct record_finding *x, const struct record_candidate *after, size_t want,
                  struct record_candidate **out, size_t *n);
MUST_USE enum fault_code
record_hunt(struct record_finding *x, const struct record_candidate *after, size_t want,
            struct record_candidate **out, size_t *n);
/* Whichever of the two the filter needs. */
MUST_USE enum fault_code
record_batch(struct record_finding *x, const struct record_candidate *after, size_t want,
             struct record_candidate **list, size_t *n);

/* Reads rows and tests them; those of a page have private values only where a filter asks for one. */
MUST_USE enum fault_code
record_load_all(struct record_finding *x, const struct record_candidate *list, size_t n, struct record *out,
                bool *fits);
/* Whether a filter tests a private value; else a total reads those of no row. */
bool record_asks_private(const struct record_finding *x);
MUST_USE enum fault_code
record_load(struct record_finding *x, const struct record_candidate *c, struct record *out, bool *fits);

/* The filter and the keys as one text: what a cursor is bound to, and a total remembered by. */
const char *record_filter_text(struct record_finding *x, size_t *len);
const char *record_cursor_write(struct record_finding *x, const struct record_candidate *c);
MUST_USE enum fault_code record_cursor_read(struct record_finding *x, struct record_candidate *out);

/* The total as it was counted, where nothing was committed since. */
bool record_total_known(struct record_finding *x, struct record_page *out);
MUST_USE enum fault_code record_count_total(struct record_finding *x, struct record_page *out);
MUST_USE enum fault_code record_sort_page(struct record_finding *x, struct record_page *out);

#endif
