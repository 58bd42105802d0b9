/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/format.h - tables in files: XLSX and CSV in, XLSX out. Bytes to rows and back.
 *
 * The idea: whatever program wrote the file (Excel, WPS, LibreOffice, a script), the reader gives
 * rows of typed cells, each knowing where it stood ("C12"), so that a refusal can name the cell its
 * writer sees. The file is judged by its bytes, never by its name.
 *
 *     struct format_table *table;
 *     const struct format_row *row;
 *
 *     if ((code = format_open(t, bytes, len, &table)))
 *         return code;
 *     while (!(code = format_next(t, table, &row)) && row)
 *         ... row->cells[i], format_cell_at(row, column) ...
 *     format_close(table);
 *
 * Invariants:
 * - `bytes` stay the caller's and outlive the table. A row and its texts live until the next call;
 *   what is to be kept is copied. Memory is bounded by LIMIT_SHEET_*, whatever the file claims.
 * - Empty cells and empty rows are left out; cells stand in the order of their columns.
 * - Texts are well-formed UTF-8 without control characters other than tab and line feed. They are
 *   the writer's: spaces, full-width digits and line breaks are left to the caller.
 * - A number is its shortest decimal in the 15 digits Excel shows: "1200.5", never "1.2005E3".
 * - A cell is a date because its style is one (1900 and 1904 systems); a formula is the value that
 *   its program computed last. CSV has texts only.
 * - Written sheets hold values only: a text that begins with = + - @ stays a text.
 *
 * Does not know: what a column means, who sent the file, HTTP.
 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "base/task.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum format_type {
    FORMAT_TEXT,
    FORMAT_NUMBER,
    FORMAT_DATE,  /* "2026-11-21", with a time of day "2026-11-21T09:30:00" */
    FORMAT_TIME,  /* a time of day alone: "09:30:00" */
    FORMAT_TRUTH, /* "true", "false" */
    FORMAT_ERROR  /* what the program says of a formula that failed: "#N/A" */
};

struct format_cell {
    unsigned column; /* from 0: A */
    enum format_type type;
    const char *text; /* the value as written above; never NULL where it was read */
    int32_t day;      /* of FORMAT_DATE, days since 1970-01-01 */
    /* Written cells alone: */
    bool bad;         /* marked, as one to be mended */
    const char *note; /* a comment at the cell; may be NULL */
};

struct format_row {
    unsigned number; /* from 1, as the program shows it */
    const struct format_cell *cells;
    size_t n;
};

/* ---- reading ---- */

struct format_table;

/*
 * Judges the bytes and stands before the first row of the first sheet that is not hidden. FAULT_INPUT
 * (no table, an old or locked workbook, broken) or FAULT_SIZE (a limit), at pointer "/file", saying
 * what to do. On a fault `*out` is untouched.
 */
MUST_USE enum fault_code
format_open(struct task *t, const char *bytes, size_t len, struct format_table **out);

/* Sheets that are not hidden, in their order; a CSV has one, named "". */
size_t format_sheets(const struct format_table *x);
const char *format_sheet_name(const struct format_table *x, size_t i);

/* Stands before the first row of sheet `i`. */
MUST_USE enum fault_code
format_select(struct task *t, struct format_table *x, size_t i);

/* The next row that holds anything; NULL at the end. */
MUST_USE enum fault_code
format_next(struct task *t, struct format_table *x, const struct format_row **out);

/* NULL is allowed. */
void
format_close(struct format_table *x);

/* The cell of that column, NULL where it is empty. */
const struct format_cell *
format_cell_at(const struct format_row *row, unsigned column);

/* "C12": column from 0, row from 1. In `a`. */
const char *
format_reference(struct arena *a, unsigned column, unsigned row);

/* ---- writing ---- */

struct format_column {
    const char *title; /* one line of the header */
    const char *note;  /* a comment at the header; may be NULL */
    bool required;     /* the header is marked */
    unsigned width;    /* in Latin characters; 0: by the title */
    enum format_type type;
    const char *const *choices; /* a drop-down of these; they live until the end of the book */
    size_t n_choices;
};

struct format_sheet {
    const char *name;          /* at most 31 characters, none of []:*?/\ */
    const char *const *titles; /* lines above the header */
    size_t n_titles;
    const struct format_column *columns;
    size_t n_columns;
    unsigned rows_to_fill; /* rows below the header that the drop-downs cover: a template's */
};

struct format_book;

/* FAULT_STORE where there is no room for it. `t` and its arena outlive the book. */
MUST_USE enum fault_code
format_book_open(struct task *t, struct format_book **out);

/* Begins a sheet: its titles, its frozen header, its columns. */
void
format_book_sheet(struct format_book *b, const struct format_sheet *sheet);

/* The next row of the sheet begun last. `column` of each cell says where it goes. */
void
format_book_row(struct format_book *b, const struct format_cell *cells, size_t n);

/* The finished file, in the task's arena. The book is gone, whatever it answers. */
MUST_USE enum fault_code
format_book_end(struct task *t, struct format_book *b, const char **bytes, size_t *len);

/* Gives the book up. NULL is allowed. */
void
format_book_drop(struct format_book *b);

#endif
