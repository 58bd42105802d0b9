/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/carry.h - what the files that read an old ledger share: columns, cells, rows.
 */
#ifndef DESK_CARRY_H
#define DESK_CARRY_H

#include "desk/inside.h"
#include "format/format.h"

#define CARRY_COLUMNS LIMIT_SHEET_COLUMNS
#define CARRY_MEDIA_XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

/* Units of the place by credit code and by name: twice the same name names nobody. */
struct carry_unit {
    const char *key;
    int64_t unit;
    bool twice;
};

struct carry_names {
    struct carry_unit *list; /* in order of the key */
    size_t n;
};

MUST_USE enum fault_code
carry_names_read(struct task *t, struct store *s, const struct scope *c, int64_t place,
                 struct carry_names *out);

/* The kind whose records are the act for `k`, or NULL. */
const struct kind *carry_act_of(const struct desk *d, const struct kind *k);
/* Fields that rows of `k` may give: what its carrying steps ask and a cell can say. In `t`. */
const struct kind_field **carry_fields(struct task *t, const struct kind *k, size_t *n);
/* Whether every carrying step demands it. */
bool carry_demands(const struct kind *k, const struct kind_field *f);
/* How well a heading fits a field: 0 not at all. */
int carry_fits(struct arena *a, const struct kind_field *f, const char *heading);

/* Without blanks at both ends; full-width blanks too. In `a`. */
const char *carry_trim(struct arena *a, const char *text);

struct carry_cells {
    struct task *task;
    const struct record_world *world;
    const struct carry_names *names;
};

/*
 * What a cell says as a value of the field. NULL with the fault of `x->task` at /fields/NAME where it
 * says nothing the field could hold: dates with two digits of a year, units nobody knows, other words.
 */
struct json *
carry_value(struct carry_cells *x, const struct kind_field *f, const struct format_cell *cell);

/* Bytes kept as an attachment of the caller. In `t`. */
MUST_USE enum fault_code
carry_keep(struct task *t, struct desk *d, const struct desk_caller *c, const char *media_type,
           const char *bytes, size_t len, const char **digest);

/* The sheet of that number, standing before the row after `heading_row`. */
MUST_USE enum fault_code
carry_open(struct task *t, const char *bytes, size_t len, int64_t sheet, struct format_table **out);

/* ---- a check under way ---- */

struct carry_why {
    unsigned column;
    const char *why;
};

struct carry_bad {
    struct format_row row; /* copied */
    struct carry_why *cells;
    size_t n_cells;
};

struct carry_good {
    const char *line, *date;
    size_t len;
    unsigned number;
    int step;
    const char *unit;
};

struct carry_check {
    struct task *task;
    struct desk *desk;
    struct store *store;
    const struct desk_caller *caller;
    const struct kind *kind, *act;
    const struct kind_field *order, *unit;
    struct org_place place;
    struct org_actor actor;
    const struct kind_field *columns[CARRY_COLUMNS];
    const char *headings[CARRY_COLUMNS];
    size_t n_columns; /* one more than the last that has a heading */
    const struct json *constants;
    unsigned heading_row;
    struct carry_names names;
    struct carry_good *good;
    struct carry_bad *bad;
    size_t n_good, room_good, n_bad, room_bad;
    struct json *told;
};

/* Rows that hold, in the order of their date, then of the file. */
void carry_order(struct carry_check *x);
/* Puts them into pieces, kept as attachments of the caller: "pieces" of the answer. */
MUST_USE enum fault_code carry_seal(struct carry_check *x, struct json *out);
/* Rows as they were sent, under their own headings, each cell with its reason: "bad_file" of the answer. */
MUST_USE enum fault_code carry_bad_file(struct carry_check *x, struct json *out);
/* The counts, by step and by year. */
void carry_summarize(struct carry_check *x, struct json *out);

#endif
