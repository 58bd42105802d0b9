/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/inside.h - what the files of this room share and no other room sees.
 */
#ifndef FORMAT_INSIDE_H
#define FORMAT_INSIDE_H

#include "base/limit.h"
#include "base/text.h"
#include "format/format.h"

/* ---- archive.c: the zip file and its parts of XML ---- */

struct package;

/* Refuses what is no archive, is locked, or holds or claims more than the limits. */
MUST_USE enum fault_code
package_open(struct task *t, const char *bytes, size_t len, struct package **out);

void
package_close(struct package *z);

bool
package_has(struct package *z, const char *path);

/*
 * A part read as XML. Names come without their prefix, attributes as expat gives them. A handler
 * that wants to be asked again later calls part_pause(): part_read() returns then and goes on at the
 * next call. A handler that refuses calls part_refuse() after fault().
 */
struct part;

struct part_handlers {
    void (*begin)(void *state, const char *name, const char **attributes);
    void (*end)(void *state, const char *name);
    void (*text)(void *state, const char *bytes, int len);
};

MUST_USE enum fault_code
part_open(struct task *t, struct package *z, const char *path, const struct part_handlers *h,
          void *state, struct part **out);

/* Until the end, a pause or a fault; `*done` says whether the part is at its end. */
MUST_USE enum fault_code
part_read(struct task *t, struct part *p, bool *done);

void part_pause(struct part *p);
void part_refuse(struct part *p);
void part_close(struct part *p);

/* The whole part in one go. FAULT_NONE and nothing called where there is no such part. */
MUST_USE enum fault_code
part_whole(struct task *t, struct package *z, const char *path, const struct part_handlers *h,
           void *state);

/* An attribute by its name without prefix; NULL where absent. */
const char *
part_attribute(const char **attributes, const char *name);

/* FAULT_INPUT: the workbook is broken, as `where` (a part's name) shows. */
enum fault_code
format_broken(struct task *t, const char *where);

/* FAULT_SIZE: more than `most` of something. */
enum fault_code
format_too_much(struct task *t, const char *zh, const char *en, long most);

/* ---- serial.c: what numbers and styles mean ---- */

enum serial_style {
    SERIAL_NUMBER,
    SERIAL_DATE, /* with or without a time of day */
    SERIAL_TIME
};

enum serial_style serial_builtin(long id);
enum serial_style serial_code(const char *code);

/* The cell of a number as the file writes it; false where it is none. Texts in `a`. */
bool
serial_cell(struct arena *a, const char *value, enum serial_style style, bool since_1904,
            struct format_cell *out);

/* ---- xlsx_book.c: what the workbook says of all its sheets ---- */

struct xlsx_sheet {
    const char *name, *path, *relation;
};

struct xlsx_book {
    struct package *package;
    struct arena *arena;
    bool since_1904;
    struct xlsx_sheet *sheets; /* not hidden */
    size_t n_sheets, room_sheets;
    const char **strings;
    size_t n_strings, room_strings;
    size_t bytes_strings;
    enum serial_style *styles;
    size_t n_styles, room_styles;
};

MUST_USE enum fault_code
xlsx_book_read(struct task *t, struct package *z, struct arena *a, struct xlsx_book **out);

/* `_x000D_` and its like taken as the characters they stand for; control characters dropped. In `a`. */
const char *
xlsx_plain(struct arena *a, const char *bytes, size_t len);

/* ---- xlsx_sheet.c ---- */

struct xlsx_reader;

MUST_USE enum fault_code
xlsx_reader_open(struct task *t, struct xlsx_book *book, size_t sheet, struct xlsx_reader **out);

MUST_USE enum fault_code
xlsx_reader_next(struct task *t, struct xlsx_reader *r, const struct format_row **out);

void
xlsx_reader_close(struct xlsx_reader *r);

/* ---- csv.c ---- */

struct csv_reader;

MUST_USE enum fault_code
csv_open(struct task *t, const char *bytes, size_t len, struct csv_reader **out);

MUST_USE enum fault_code
csv_next(struct task *t, struct csv_reader *r, const struct format_row **out);

void csv_rewind(struct csv_reader *r);
void csv_close(struct csv_reader *r);

/* ---- row.c: the row under way, shared by both readers ---- */

struct row_builder {
    struct arena *arena; /* of this row; another with each */
    struct format_cell *cells;
    size_t n, room;
    struct format_row row;
    unsigned rows; /* rows given so far */
};

void row_init(struct row_builder *b);
void row_release(struct row_builder *b);
void row_begin(struct row_builder *b, unsigned number);
/* Keeps the cell where it says anything. FAULT_SIZE beyond the last column. */
MUST_USE enum fault_code
row_add(struct task *t, struct row_builder *b, const struct format_cell *cell);
/* Whether there is a row to give; FAULT_SIZE where there were too many. */
MUST_USE enum fault_code
row_end(struct task *t, struct row_builder *b, const struct format_row **out);

#endif
