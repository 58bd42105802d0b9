/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_format_write.c - workbooks that are written, and files that are refused.
 */
#include "format/format.h"
#include "format/inside.h"
#include "workbook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(x) (sizeof(x) / sizeof *(x))

static struct task task;

static int
setup(void **state)
{
    (void)state;
    task_init(&task, INT64_C(1764547200000), 1);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    task_release(&task);
    return 0;
}

/* One part's text out of a finished workbook. */
static const char *
part_of(const char *bytes, size_t len, const char *path)
{
    zip_t *zip = zip_open_from_source(zip_source_buffer_create(bytes, len, 0, NULL), ZIP_RDONLY, NULL);
    char *out = arena_alloc(task.arena, 1 << 20);
    zip_file_t *file;

    assert_non_null(zip);
    file = zip_fopen(zip, path, 0);
    assert_non_null(file);
    assert_true(zip_fread(file, out, (1 << 20) - 1) > 0);
    zip_fclose(file);
    zip_discard(zip);
    return out;
}

static const char *
make_book(size_t *len)
{
    static const char *const lines[] = {"矿山", "危险化学品", "消防"};
    static const char *const titles[] = {"单位名单", "请勿改动表头"};
    static const struct format_column columns[] = {
        {.title = "名称", .required = true, .note = "营业执照上的名称"},
        {.title = "行业", .choices = lines, .n_choices = COUNT(lines)},
        {.title = "日期", .type = FORMAT_DATE},
        {.title = "人数", .type = FORMAT_NUMBER},
    };
    static const struct format_column words[] = {{.title = "怎么填", .width = 80}};
    static const struct format_sheet sheets[] = {
        {"单位", titles, 2, columns, COUNT(columns), 500},
        {"说明", NULL, 0, words, 1, 0},
    };
    static const struct format_cell cells[] = {
        {.column = 0, .type = FORMAT_TEXT, .text = "=HYPERLINK(\"http://x\")", .bad = true, .note = "不是名称"},
        {.column = 2, .type = FORMAT_DATE, .text = "2026-01-01", .day = 20454},
        {.column = 3, .type = FORMAT_NUMBER, .text = "12.5"},
    };
    static const struct format_cell long_number[] = {
        {.column = 0, .type = FORMAT_TEXT, .text = "+86"},
        {.column = 3, .type = FORMAT_NUMBER, .text = "1234567890123456789"},
    };
    static const struct format_cell words_cell = {.type = FORMAT_TEXT, .text = "带 * 的必填"};
    struct format_book *book;
    const char *bytes = NULL;

    assert_int_equal(format_book_open(&task, &book), FAULT_NONE);
    format_book_sheet(book, &sheets[0]);
    format_book_row(book, cells, COUNT(cells));
    format_book_row(book, long_number, COUNT(long_number));
    format_book_sheet(book, &sheets[1]);
    format_book_row(book, &words_cell, 1);
    assert_int_equal(format_book_end(&task, book, &bytes, len), FAULT_NONE);
    return bytes;
}

static void
what_is_written_reads_back(void **state)
{
    struct format_table *table;
    size_t len;
    const char *bytes = make_book(&len);

    (void)state;
    assert_int_equal(format_open(&task, bytes, len, &table), FAULT_NONE);
    /* The hidden sheet of choices is none of them. */
    assert_int_equal(format_sheets(table), 2);
    assert_string_equal(format_sheet_name(table, 0), "单位");
    assert_string_equal(workbook_rows(&task, table),
                        "1: A=单位名单\n2: A=请勿改动表头\n3: A=名称 * B=行业 C=日期 D=人数\n"
                        "4: A==HYPERLINK(\"http://x\") C@=2026-01-01 D#=12.5\n"
                        "5: A=+86 D=1234567890123456789\n");
    assert_int_equal(format_select(&task, table, 1), FAULT_NONE);
    assert_string_equal(workbook_rows(&task, table), "1: A=怎么填\n2: A=带 * 的必填\n");
    format_close(table);
}

static void
a_template_has_its_drop_downs_and_no_formulas(void **state)
{
    size_t len, again;
    const char *bytes = make_book(&len), *sheet = part_of(bytes, len, "xl/worksheets/sheet1.xml");
    const char *second;

    (void)state;
    assert_non_null(strstr(sheet, "<formula1>'代码表'!$A$1:$A$3</formula1>"));
    assert_non_null(strstr(sheet, "sqref=\"B4:B503\""));
    assert_non_null(strstr(sheet, "topLeftCell=\"A4\""));
    assert_null(strstr(sheet, "<f>"));
    assert_non_null(strstr(part_of(bytes, len, "xl/worksheets/sheet3.xml"), "危险化学品"));
    assert_non_null(strstr(part_of(bytes, len, "xl/workbook.xml"), "state=\"hidden\""));
    assert_non_null(strstr(part_of(bytes, len, "xl/comments1.xml"), "不是名称"));
    /* The same input makes the same document, whatever the clock says. */
    assert_non_null(strstr(part_of(bytes, len, "docProps/core.xml"), "2025-12-01T00:00:00Z"));
    second = make_book(&again);
    assert_string_equal(part_of(second, again, "docProps/core.xml"),
                        part_of(bytes, len, "docProps/core.xml"));
}

static void
a_book_may_be_given_up(void **state)
{
    struct format_book *book;

    (void)state;
    assert_int_equal(format_book_open(&task, &book), FAULT_NONE);
    format_book_drop(book);
    format_book_drop(NULL);
}

/* ---- refusals: quick, and saying what to do ---- */

static enum fault_code
refusal(const char *bytes, size_t len, const char *words)
{
    struct format_table *table = NULL;
    const struct format_row *row;
    enum fault_code code = format_open(&task, bytes, len, &table);

    while (code == FAULT_NONE && !(code = format_next(&task, table, &row)) && row)
        ;
    format_close(table);
    assert_int_not_equal(code, FAULT_NONE);
    assert_int_equal(task.fault.code, code);
    assert_string_equal(task.fault.items[0].pointer, "/file");
    assert_non_null(strstr(task.fault.items[0].en, words));
    fault_clear(&task);
    return code;
}

static void
other_files_are_named_for_what_they_are(void **state)
{
    static const struct workbook_part document[] = {{"word/document.xml", "<a/>", 0}};
    const char *bytes;
    size_t len;

    (void)state;
    assert_int_equal(refusal("", 0, "empty"), FAULT_INPUT);
    assert_int_equal(refusal("MZ\x90\0\3", 5, "program"), FAULT_INPUT);
    assert_int_equal(refusal("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "old"), FAULT_INPUT);
    assert_int_equal(refusal("%PDF-1.7", 8, "PDF"), FAULT_INPUT);
    assert_int_equal(refusal("\xff\xd8\xff\xe0", 4, "picture"), FAULT_INPUT);
    assert_int_equal(refusal("a,b\0c", 5, "no table"), FAULT_INPUT);
    assert_int_equal(refusal("\xff\xff\x80\x80", 4, "no table"), FAULT_INPUT);
    assert_int_equal(refusal("PK\3\4 and then nothing", 21, "broken"), FAULT_INPUT);
    bytes = workbook_of(&task, document, 1, &len);
    assert_int_equal(refusal(bytes, len, "no Excel workbook"), FAULT_INPUT);
    bytes = make_book(&len);
    assert_int_equal(refusal(bytes, len / 2, "broken"), FAULT_INPUT);
}

static enum fault_code
refused_sheet(const char *sheet, size_t len, const char *words)
{
    const struct workbook_part parts[] = {
        WORKBOOK_ROOT, WORKBOOK_ONE_SHEET, {"xl/worksheets/sheet1.xml", sheet, len}};
    size_t size;
    const char *bytes = workbook_of(&task, parts, COUNT(parts), &size);

    return refusal(bytes, size, words);
}

static void
a_bomb_is_refused(void **state)
{
    size_t len = (size_t)LIMIT_SHEET_UNPACKED + 4096;
    char *spaces = malloc(len);
    const struct workbook_part parts[] = {
        WORKBOOK_ROOT, WORKBOOK_ONE_SHEET, {"xl/worksheets/sheet1.xml", spaces, len}};
    const char *packed;
    char *at;
    size_t size, n;

    (void)state;
    assert_non_null(spaces);
    memset(spaces, ' ', len);
    memcpy(spaces, "<a>", 3);
    packed = workbook_of(&task, parts, COUNT(parts), &size);
    assert_true(size < 1024 * 1024);
    assert_int_equal(refusal(packed, size, "megabytes unpacked"), FAULT_SIZE);

    /* The same, claiming three bytes: found out while it is read. */
    for (at = (char *)packed, n = size; n > 46; at++, n--) {
        if (memcmp(at, "PK\1\2", 4) == 0 && memcmp(at + 46, "xl/worksheets", 13) == 0)
            memcpy(at + 24, "\3\0\0\0", 4);
        if (memcmp(at, "PK\3\4", 4) == 0 && memcmp(at + 30, "xl/worksheets", 13) == 0)
            memcpy(at + 22, "\3\0\0\0", 4);
    }
    (void)refusal(packed, size, "");
    free(spaces);
}

/* A central directory that says 10 GB needs no reading. */
static void
a_claim_of_ten_gigabytes_is_refused(void **state)
{
    size_t len, n;
    char *bytes = (char *)make_book(&len), *at;

    (void)state;
    for (at = bytes, n = len; n > 46; at++, n--) {
        if (memcmp(at, "PK\1\2", 4) == 0)
            memcpy(at + 24, "\xfe\xff\xff\xff", 4);
    }
    assert_int_equal(refusal(bytes, len, "megabytes unpacked"), FAULT_SIZE);
}

static void
columns_without_end_are_refused(void **state)
{
    struct text sheet, line;
    unsigned i;

    (void)state;
    text_init(&sheet, task.arena);
    text_puts(&sheet, "<a><sheetData><row>");
    for (i = 0; i < 1048576; i++)
        text_puts(&sheet, "<c/>");
    text_puts(&sheet, "</row></sheetData></a>");
    assert_int_equal(refused_sheet(sheet.bytes, sheet.len, "broken"), FAULT_INPUT);
    assert_int_equal(refused_sheet("<a><row><c r=\"XFE1\"><v>1</v></c></row></a>", 0, "broken"), FAULT_INPUT);
    assert_int_equal(refused_sheet("<a><row><c r=\"IW1\"><v>1</v></c></row></a>", 0, "columns"), FAULT_SIZE);
    assert_int_equal(refused_sheet("<a><row r=\"1048577\"/></a>", 0, "broken"), FAULT_INPUT);

    text_init(&line, task.arena);
    for (i = 0; i < 1048576; i++)
        text_char(&line, ',');
    assert_int_equal(refusal(line.bytes, line.len, "columns"), FAULT_SIZE);
}

static void
a_text_without_end_is_refused(void **state)
{
    char *cell = arena_alloc(task.arena, LIMIT_SHEET_TEXT + 64);

    (void)state;
    strcpy(cell, "<a><row><c><v>");
    memset(cell + strlen(cell), 'x', LIMIT_SHEET_TEXT + 2);
    assert_int_equal(refused_sheet(cell, 0, "bytes of a cell"), FAULT_SIZE);
    assert_int_equal(refusal(cell, strlen(cell), "bytes of a cell"), FAULT_SIZE);
}

static void
entities_and_broken_parts_are_refused(void **state)
{
    (void)state;
    refused_sheet("<!DOCTYPE a [<!ENTITY b \"ha\">]><a><row><c><v>&b;</v></c></row></a>", 0, "broken");
    refused_sheet("<a><row><c t=\"s\"><v>7</v></c></row></a>", 0, "broken");
    refused_sheet("<a><row>", 0, "broken");
    refused_sheet("not xml", 0, "broken");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_reads_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_template_has_its_drop_downs_and_no_formulas, setup, teardown),
        cmocka_unit_test_setup_teardown(a_book_may_be_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(other_files_are_named_for_what_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bomb_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_claim_of_ten_gigabytes_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(columns_without_end_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_without_end_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(entities_and_broken_parts_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
