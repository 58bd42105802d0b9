/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/xlsx_sheet.c - the rows of one sheet, pulled one at a time out of its XML.
 *
 * A sheet's own claim of its size (its dimension) is not read: WPS writes A1:XFD1048576 over ten rows.
 *
 * Knows: rows, cells, their types and references (ECMA-376 part 1, 18.3.1).
 * Does not know: other parts than its own.
 */
#include "base/time.h"
#include "format/inside.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_OF_A_SHEET 16384 /* XFD */
#define ROWS_OF_A_SHEET 1048576

struct xlsx_reader {
    struct xlsx_book *book;
    struct part *part;
    struct task *t; /* of the call under way */
    struct row_builder row;
    unsigned row_number, column;
    bool in_row, row_whole, done, in_value, phonetic;
    unsigned elements; /* cells of the row under way, empty ones too */
    char type[12];     /* of the cell under way */
    long style;
    struct text value;
};

/* "C12" → column and row; false where it is no reference. */
static bool
read_reference(const char *s, unsigned *column, unsigned *row)
{
    unsigned letters = 0, digits = 0;

    for (; *s >= 'A' && *s <= 'Z' && letters <= COLUMNS_OF_A_SHEET; s++)
        letters = letters * 26 + (unsigned)(*s - 'A' + 1);
    for (; *s >= '0' && *s <= '9' && digits <= ROWS_OF_A_SHEET; s++)
        digits = digits * 10 + (unsigned)(*s - '0');
    if (*s || !letters || letters > COLUMNS_OF_A_SHEET || !digits || digits > ROWS_OF_A_SHEET)
        return false;
    *column = letters - 1;
    *row = digits;
    return true;
}

static void
refuse(struct xlsx_reader *r)
{
    (void)format_broken(r->t, r->book->sheets ? "sheet" : "");
    part_refuse(r->part);
}

static void
begin_row(struct xlsx_reader *r, const char **attributes)
{
    const char *number = part_attribute(attributes, "r");
    long n = number ? strtol(number, NULL, 10) : (long)r->row_number + 1;

    if (r->in_row || n < 1 || n > ROWS_OF_A_SHEET) {
        refuse(r);
        return;
    }
    r->row_number = (unsigned)n;
    r->in_row = true;
    r->column = 0;
    r->elements = 0;
    row_begin(&r->row, r->row_number);
}

static void
begin_cell(struct xlsx_reader *r, const char **attributes)
{
    const char *at = part_attribute(attributes, "r"), *type = part_attribute(attributes, "t");
    const char *style = part_attribute(attributes, "s");
    unsigned row = r->row_number;

    if ((at && !read_reference(at, &r->column, &row)) || ++r->elements > COLUMNS_OF_A_SHEET) {
        refuse(r);
        return;
    }
    r->type[0] = '\0';
    if (type && strlen(type) < sizeof r->type)
        memcpy(r->type, type, strlen(type) + 1);
    r->style = style ? strtol(style, NULL, 10) : 0;
    text_init(&r->value, r->row.arena);
}

static void
sheet_begin(void *state, const char *name, const char **attributes)
{
    struct xlsx_reader *r = state;

    if (strcmp(name, "row") == 0)
        begin_row(r, attributes);
    else if (r->in_row && strcmp(name, "c") == 0)
        begin_cell(r, attributes);
    else if (strcmp(name, "rPh") == 0)
        r->phonetic = true;
    r->in_value = r->in_row && (strcmp(name, "v") == 0 || (strcmp(name, "t") == 0 && !r->phonetic));
}

static void
sheet_text(void *state, const char *bytes, int len)
{
    struct xlsx_reader *r = state;

    if (!r->in_value || !r->value.arena)
        return;
    if (r->value.len + (size_t)len > LIMIT_SHEET_TEXT) {
        (void)format_too_much(r->t, "单元格字节", "bytes of a cell", LIMIT_SHEET_TEXT);
        part_refuse(r->part);
        return;
    }
    text_add(&r->value, bytes, (size_t)len);
}

static enum serial_style
style_of(const struct xlsx_reader *r)
{
    if (r->style < 0 || (size_t)r->style >= r->book->n_styles)
        return SERIAL_NUMBER;
    return r->book->styles[r->style];
}

/* t="d": an ISO 8601 date, which Excel may write in strict workbooks. */
static void
iso_cell(struct arena *a, const char *value, struct format_cell *cell)
{
    char day[11] = "";

    if (strlen(value) >= 10)
        memcpy(day, value, 10);
    if (!time_read_day(day, &cell->day))
        return;
    cell->type = FORMAT_DATE;
    cell->text = strlen(value) >= 19 && strncmp(value + 11, "00:00:00", 8) != 0
                     ? arena_format(a, "%.19s", value)
                     : day;
    if (cell->text == day)
        cell->text = arena_text(a, day);
}

/* False where the cell is empty or points outside. */
static bool
read_cell(struct xlsx_reader *r, struct format_cell *cell)
{
    struct arena *a = r->row.arena;
    const char *value = text_string(&r->value);
    char *end;
    long at;

    *cell = (struct format_cell){.column = r->column, .type = FORMAT_TEXT, .text = ""};
    if (r->value.len == 0)
        return false;
    if (strcmp(r->type, "s") == 0) {
        at = strtol(value, &end, 10);
        if (*end || at < 0 || (size_t)at >= r->book->n_strings) {
            refuse(r);
            return false;
        }
        cell->text = r->book->strings[at];
    } else if (strcmp(r->type, "str") == 0 || strcmp(r->type, "inlineStr") == 0) {
        cell->text = xlsx_plain(a, value, r->value.len);
    } else if (strcmp(r->type, "b") == 0) {
        cell->type = FORMAT_TRUTH;
        cell->text = strcmp(value, "1") == 0 || strcmp(value, "true") == 0 ? "true" : "false";
    } else if (strcmp(r->type, "e") == 0) {
        cell->type = FORMAT_ERROR;
        cell->text = xlsx_plain(a, value, r->value.len);
    } else if (strcmp(r->type, "d") == 0) {
        cell->text = xlsx_plain(a, value, r->value.len);
        iso_cell(a, value, cell);
    } else if (!serial_cell(a, value, style_of(r), r->book->since_1904, cell)) {
        cell->text = xlsx_plain(a, value, r->value.len);
    }
    return true;
}

static void
sheet_end(void *state, const char *name)
{
    struct xlsx_reader *r = state;
    struct format_cell cell;

    r->in_value = false;
    if (strcmp(name, "rPh") == 0)
        r->phonetic = false;
    if (!r->in_row)
        return;
    if (strcmp(name, "c") == 0) {
        if (r->value.arena && read_cell(r, &cell) && row_add(r->t, &r->row, &cell) != FAULT_NONE)
            part_refuse(r->part);
        r->value.arena = NULL;
        r->column++;
    } else if (strcmp(name, "row") == 0) {
        r->in_row = false;
        /* Rows that say nothing are passed without a stop. */
        if (r->row.n > 0) {
            r->row_whole = true;
            part_pause(r->part);
        }
    }
}

enum fault_code
xlsx_reader_open(struct task *t, struct xlsx_book *book, size_t sheet, struct xlsx_reader **out)
{
    static const struct part_handlers handlers = {sheet_begin, sheet_end, sheet_text};
    struct xlsx_reader *r = calloc(1, sizeof *r);
    enum fault_code code;

    must(r);
    r->book = book;
    row_init(&r->row);
    code = part_open(t, book->package, book->sheets[sheet].path, &handlers, r, &r->part);
    if (code != FAULT_NONE) {
        free(r);
        return code;
    }
    *out = r;
    return FAULT_NONE;
}

enum fault_code
xlsx_reader_next(struct task *t, struct xlsx_reader *r, const struct format_row **out)
{
    enum fault_code code;

    *out = NULL;
    r->t = t;
    r->row_whole = false;
    if (r->done)
        return FAULT_NONE;
    if ((code = part_read(t, r->part, &r->done)) != FAULT_NONE)
        return code;
    return r->row_whole ? row_end(t, &r->row, out) : FAULT_NONE;
}

void
xlsx_reader_close(struct xlsx_reader *r)
{
    if (!r)
        return;
    part_close(r->part);
    row_release(&r->row);
    free(r);
}
