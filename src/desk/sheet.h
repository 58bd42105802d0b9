/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/sheet.h - private to the room: what a table of one sort of thing looks like, and its rows.
 */
#ifndef DESK_SHEET_H
#define DESK_SHEET_H

#include "desk/inside.h"
#include "format/format.h"

enum sheet_type {
    SHEET_TEXT,
    SHEET_PLAIN,  /* a text without meaning in its width: codes, accounts */
    SHEET_WHOLE,
    SHEET_DECIMAL,
    SHEET_DATE,
    SHEET_TRUTH,
    SHEET_CHOICE, /* one of `values`, by its title */
    SHEET_CHOICES,
    SHEET_PERSON  /* by account */
};

struct sheet_column {
    const char *name;  /* member of a row's value */
    const char *title; /* "中文 | English" */
    const char *note;  /* how to fill it, "中文 | English"; may be NULL */
    bool required;
    enum sheet_type type;
    const char **values, **titles;
    size_t n;
};

#define SHEET_COLUMNS 64

/* The column of reasons; sent back, it is passed over. */
#define SHEET_REASON_ZH "未收下的原因"
#define SHEET_REASON_EN "Why it was not taken"

struct sheet {
    const char *kind;
    const char *title; /* "中文 | English" */
    const struct kind *record; /* NULL: units or people */
    struct sheet_column columns[SHEET_COLUMNS];
    size_t n;
};

struct sheet_row {
    unsigned number;
    const char *texts[SHEET_COLUMNS]; /* as sent, by column; NULL: empty */
    struct json *value;
    int64_t place, stream;
    bool refused, unchanged;
    const char *why[SHEET_COLUMNS + 1]; /* "中文 | English" by column; the last: of the whole row */
};

struct sheet_rows {
    struct sheet_row *at;
    size_t n, room;
    const char *ignored; /* titles of columns that nobody knows; NULL: none */
};

/* What the caller may bring in as `kind`; FAULT_ABSENT for what there is not, FAULT_RIGHT. In `t`. */
MUST_USE enum fault_code
sheet_make(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *kind,
           struct sheet **out);

/* Adds the refusals of a fault to a row, each at the column its pointer names. In `a`. */
void sheet_refuse(struct arena *a, const struct sheet *x, struct sheet_row *row, const struct fault *why);

/* Every row of the first sheet, converted; rows that cannot be are refused. FAULT_INPUT, FAULT_SIZE: no such table. */
MUST_USE enum fault_code
sheet_read(struct task *t, struct store *s, const struct sheet *x, const char *bytes, size_t len,
           struct sheet_rows *out);

/* An empty table to be filled; with rows, those that were refused with the reasons beside. */
MUST_USE enum fault_code
sheet_write(struct task *t, const struct sheet *x, const struct sheet_rows *refused, bool english,
            const char **bytes, size_t *len);

/* Whether a role keeps units and people; whether a kind's records make units. */
bool desk_is_keeper(const char *role);
bool sheet_makes_unit(const struct kind *k);
/* Whether the caller keeps units and people at a place: an office or administrator at or above it. */
MUST_USE enum fault_code
desk_keeps(struct task *t, struct store *s, const struct desk_caller *c, int64_t place, bool *keeps);

/* Writes one row inside a transaction of its stream; row->unchanged where it says nothing new. */
MUST_USE enum fault_code
sheet_take(struct task *t, struct desk *d, struct store *s, struct chain_tip *tip,
           const struct desk_caller *c, const struct sheet *x, struct sheet_row *row);
/* The place and stream a row belongs to, before it is written. */
MUST_USE enum fault_code
sheet_find(struct task *t, struct store *s, const struct desk_caller *c, const struct sheet *x,
           struct sheet_row *row);

#endif
