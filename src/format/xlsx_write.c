/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/xlsx_write.c - a workbook written row by row: titles, a frozen header, drop-downs from a hidden
 * sheet, true dates and numbers, marks and comments at cells that are to be mended.
 *
 * libxlsxwriter keeps one row in memory; the finished file is made in memory that has no name on disk.
 *
 * Knows: libxlsxwriter.
 * Does not know: what a column means.
 */
#include "base/time.h"
#include "format/inside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define CHOICES_NAME "代码表"
#define SERIAL_OF_1970 25569
#define WIDTH_MAX 60
#define NUMBER_DIGITS 15 /* what a cell of numbers keeps; longer ones are written as texts */

struct choices {
    const char *const *items;
    size_t n;
};

struct format_book {
    struct task *t;
    int file;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *title, *header, *required, *date, *text, *bad, *bad_date;
    lxw_row_t row;
    unsigned sheets;
    struct choices *choices;
    size_t n_choices;
    bool failed;
};

static lxw_format *
new_format(struct format_book *b, const char *number, bool bold, lxw_color_t fill)
{
    lxw_format *f = workbook_add_format(b->book);

    must(f);
    if (number)
        format_set_num_format(f, number);
    if (bold)
        format_set_bold(f);
    if (fill) {
        format_set_pattern(f, LXW_PATTERN_SOLID);
        format_set_bg_color(f, fill);
    }
    format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    format_set_text_wrap(f);
    return f;
}

enum fault_code
format_book_open(struct task *t, struct format_book **out)
{
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .use_zip64 = LXW_FALSE};
    lxw_doc_properties properties = {.author = "Zhiben", .created = (time_t)(t->now / 1000)};
    struct format_book *b = calloc(1, sizeof *b);

    must(b);
    b->t = t;
    b->file = memfd_create("sheet", MFD_CLOEXEC);
    if (b->file >= 0)
        b->book = workbook_new_opt(arena_format(t->arena, "/proc/self/fd/%d", b->file), &options);
    if (!b->book) {
        format_book_drop(b);
        return fault(t, FAULT_STORE, NULL, "没有内存来生成工作簿 | no memory to make a workbook in");
    }
    workbook_set_properties(b->book, &properties);
    b->title = new_format(b, NULL, true, 0);
    format_set_text_wrap(b->title);
    b->header = new_format(b, NULL, true, 0xE8EEF7);
    b->required = new_format(b, NULL, true, 0xFCE4D6);
    b->date = new_format(b, "yyyy-mm-dd", false, 0);
    b->text = new_format(b, "@", false, 0);
    b->bad = new_format(b, "@", false, 0xFFD9D9);
    b->bad_date = new_format(b, "yyyy-mm-dd", false, 0xFFD9D9);
    *out = b;
    return FAULT_NONE;
}

void
format_book_drop(struct format_book *b)
{
    if (!b)
        return;
    /* The library has no way to give a book up but to finish it. */
    if (b->book)
        (void)workbook_close(b->book);
    if (b->file >= 0)
        close(b->file);
    free(b);
}

static void
check(struct format_book *b, lxw_error error)
{
    if (error != LXW_NO_ERROR && error != LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED)
        b->failed = true;
}

/* A character of Chinese takes two of the width. */
static unsigned
width_of(const struct format_column *c)
{
    const char *at = c->title;
    unsigned width = 4;
    uint32_t code;

    if (c->width)
        return c->width < WIDTH_MAX ? c->width : WIDTH_MAX;
    while ((code = text_next(&at)))
        width += code > 0x2e80 ? 2 : 1;
    if (c->type == FORMAT_DATE && width < 12)
        width = 12;
    return width < WIDTH_MAX ? width : WIDTH_MAX;
}

/*
 * Makes the validation added last a list by formula. Added as one, libxlsxwriter 1.1.4 copies the
 * formula twice and loses a copy; a list by value it copies once and frees.
 */
static void
point_to_choices(struct format_book *b, const char *formula)
{
    lxw_data_val_obj *at, *last = NULL;

    STAILQ_FOREACH (at, b->sheet->data_validations, list_pointers)
        last = at;
    must(last);
    free(last->value_formula);
    last->value_formula = strdup(formula);
    must(last->value_formula);
    last->validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
}

/* The drop-down's list stands in a column of the hidden sheet, which is written last. */
static void
add_drop_down(struct format_book *b, const struct format_column *c, lxw_col_t at, unsigned rows)
{
    char column[16] = {0}, *placeholder[] = {(char *)"-", NULL};
    lxw_data_validation rule = {.validate = LXW_VALIDATION_TYPE_LIST,
                                .value_list = placeholder,
                                .ignore_blank = LXW_VALIDATION_ON,
                                .show_input = LXW_VALIDATION_ON,
                                .show_error = LXW_VALIDATION_ON,
                                .error_type = LXW_VALIDATION_ERROR_TYPE_STOP,
                                .dropdown = LXW_VALIDATION_ON,
                                .error_title = (char *)"请从列表中选择",
                                .error_message = (char *)"请从下拉列表中选择 | choose from the list"};
    struct choices *grown;
    lxw_error error;

    grown = arena_alloc(b->t->arena, (b->n_choices + 1) * sizeof *grown);
    if (b->n_choices)
        memcpy(grown, b->choices, b->n_choices * sizeof *grown);
    grown[b->n_choices] = (struct choices){c->choices, c->n_choices};
    b->choices = grown;
    lxw_col_to_name(column, (lxw_col_t)b->n_choices++, 1);
    error = worksheet_data_validation_range(b->sheet, b->row, at, b->row + rows - 1, at, &rule);
    check(b, error);
    if (error == LXW_NO_ERROR)
        point_to_choices(b, arena_format(b->t->arena, "'" CHOICES_NAME "'!%s$1:%s$%zu", column, column,
                                         c->n_choices));
}

static void
write_note(struct format_book *b, lxw_col_t column, const char *note)
{
    lxw_comment_options options = {.author = (char *)"Zhiben", .width = 260, .height = 110};

    if (note && *note)
        check(b, worksheet_write_comment_opt(b->sheet, b->row, column, note, &options));
}

static void
write_header(struct format_book *b, const struct format_sheet *s)
{
    size_t i;

    for (i = 0; i < s->n_columns; i++) {
        const struct format_column *c = &s->columns[i];
        const char *title = c->required ? arena_format(b->t->arena, "%s *", c->title) : c->title;

        check(b, worksheet_set_column(b->sheet, (lxw_col_t)i, (lxw_col_t)i, width_of(c),
                                      c->type == FORMAT_DATE   ? b->date
                                      : c->type == FORMAT_TEXT ? b->text
                                                               : NULL));
        check(b, worksheet_write_string(b->sheet, b->row, (lxw_col_t)i, title,
                                        c->required ? b->required : b->header));
        write_note(b, (lxw_col_t)i, c->note);
    }
    b->row++;
    worksheet_freeze_panes(b->sheet, b->row, 0);
}

void
format_book_sheet(struct format_book *b, const struct format_sheet *s)
{
    size_t i;

    b->sheet = workbook_add_worksheet(b->book, s->name);
    b->row = 0;
    if (!b->sheet) {
        b->failed = true;
        return;
    }
    b->sheets++;
    for (i = 0; i < s->n_titles; i++)
        check(b, worksheet_write_string(b->sheet, b->row++, 0, s->titles[i], NULL));
    write_header(b, s);
    for (i = 0; s->rows_to_fill && i < s->n_columns; i++) {
        if (s->columns[i].n_choices)
            add_drop_down(b, &s->columns[i], (lxw_col_t)i, s->rows_to_fill);
    }
}

static bool
is_short_number(const char *text)
{
    size_t digits = 0;
    const char *c;

    for (c = text; *c; c++)
        digits += *c >= '0' && *c <= '9';
    return digits > 0 && digits <= NUMBER_DIGITS;
}

static void
write_cell(struct format_book *b, const struct format_cell *c)
{
    lxw_col_t at = (lxw_col_t)c->column;
    const char *text = c->text ? c->text : "";

    if (c->type == FORMAT_DATE && c->day + SERIAL_OF_1970 > 60 && !strchr(text, 'T'))
        check(b, worksheet_write_number(b->sheet, b->row, at, c->day + SERIAL_OF_1970,
                                        c->bad ? b->bad_date : b->date));
    else if (c->type == FORMAT_NUMBER && is_short_number(text))
        check(b, worksheet_write_number(b->sheet, b->row, at, strtod(text, NULL),
                                        c->bad ? b->bad : NULL));
    else if (*text)
        check(b, worksheet_write_string(b->sheet, b->row, at, text, c->bad ? b->bad : b->text));
    else if (c->bad)
        check(b, worksheet_write_blank(b->sheet, b->row, at, b->bad));
    write_note(b, at, c->note);
}

void
format_book_row(struct format_book *b, const struct format_cell *cells, size_t n)
{
    size_t i;

    if (!b->sheet)
        return;
    for (i = 0; i < n; i++)
        write_cell(b, &cells[i]);
    b->row++;
}

static void
write_choices(struct format_book *b)
{
    lxw_worksheet *sheet;
    size_t row, i;
    bool any = true;

    if (b->n_choices == 0)
        return;
    if (!(sheet = workbook_add_worksheet(b->book, CHOICES_NAME))) {
        b->failed = true;
        return;
    }
    for (row = 0; any; row++) {
        any = false;
        for (i = 0; i < b->n_choices; i++) {
            if (row >= b->choices[i].n)
                continue;
            any = true;
            check(b, worksheet_write_string(sheet, (lxw_row_t)row, (lxw_col_t)i,
                                            b->choices[i].items[row], NULL));
        }
    }
    worksheet_hide(sheet);
}

enum fault_code
format_book_end(struct task *t, struct format_book *b, const char **bytes, size_t *len)
{
    lxw_error error;
    struct stat stat;
    char *out = NULL;
    ssize_t n = -1;

    if (!b->failed)
        write_choices(b);
    error = workbook_close(b->book);
    b->book = NULL;
    if (!b->failed && error == LXW_NO_ERROR && fstat(b->file, &stat) == 0) {
        out = arena_alloc(t->arena, (size_t)stat.st_size + 1);
        n = pread(b->file, out, (size_t)stat.st_size, 0);
    }
    b->failed = n < 0 || n != stat.st_size;
    if (!b->failed) {
        *bytes = out;
        *len = (size_t)n;
    }
    error = b->failed;
    format_book_drop(b);
    return error ? fault(t, FAULT_STORE, NULL,
                         "工作簿没有写成（临时目录满了？） | the workbook could not be written (is the "
                         "folder for temporary files full?)")
                 : FAULT_NONE;
}
