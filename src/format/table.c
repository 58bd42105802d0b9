/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/table.c - which kind of table the bytes are, and its rows.
 *
 * Knows: first bytes of files, both readers.
 * Does not know: XML, commas.
 */
#include "format/inside.h"

#include <stdlib.h>
#include <string.h>

struct format_table {
    struct arena *arena; /* the book */
    struct package *package;
    struct xlsx_book *book;
    struct xlsx_reader *sheet;
    struct csv_reader *csv;
};

struct first_bytes {
    const char *bytes;
    size_t len;
    const char *words;
};

/* Files that people do send, each with what to do. */
static enum fault_code
check_first_bytes(struct task *t, const char *bytes, size_t len)
{
    static const struct first_bytes known[] = {
        {"\xd0\xcf\x11\xe0", 4,
         "这是旧格式（.xls、.et）或加密的工作簿：请在表格软件里去掉密码并另存为 .xlsx | "
         "this is an old (.xls, .et) or a locked workbook: remove the password and save it as .xlsx"},
        {"MZ", 2, "这是程序，不是表格 | this is a program, not a table"},
        {"\x7f" "ELF", 4, "这是程序，不是表格 | this is a program, not a table"},
        {"%PDF", 4, "这是 PDF：请上传 .xlsx 或 .csv | this is a PDF: send .xlsx or .csv"},
        {"\xff\xd8\xff", 3, "这是图片：请上传 .xlsx 或 .csv | this is a picture: send .xlsx or .csv"},
        {"\x89PNG", 4, "这是图片：请上传 .xlsx 或 .csv | this is a picture: send .xlsx or .csv"},
        {"Rar!", 4, "这是压缩包：请解压后上传里面的表格 | this is an archive: unpack it and send the table"},
        {"7z\xbc\xaf", 4,
         "这是压缩包：请解压后上传里面的表格 | this is an archive: unpack it and send the table"},
    };
    size_t i;

    if (len == 0)
        return fault(t, FAULT_INPUT, "/file", "文件是空的 | the file is empty");
    if (len > LIMIT_UPLOAD)
        return format_too_much(t, "文件兆字节", "megabytes of a file", LIMIT_UPLOAD >> 20);
    for (i = 0; i < sizeof known / sizeof *known; i++) {
        if (len >= known[i].len && memcmp(bytes, known[i].bytes, known[i].len) == 0)
            return fault(t, FAULT_INPUT, "/file", "%s", known[i].words);
    }
    return FAULT_NONE;
}

static enum fault_code
open_book(struct task *t, struct format_table *x, const char *bytes, size_t len)
{
    enum fault_code code = package_open(t, bytes, len, &x->package);

    if (code == FAULT_NONE)
        code = xlsx_book_read(t, x->package, x->arena, &x->book);
    return code != FAULT_NONE ? code : xlsx_reader_open(t, x->book, 0, &x->sheet);
}

enum fault_code
format_open(struct task *t, const char *bytes, size_t len, struct format_table **out)
{
    enum fault_code code = check_first_bytes(t, bytes, len);
    struct format_table *x;

    if (code != FAULT_NONE)
        return code;
    x = calloc(1, sizeof *x);
    must(x);
    x->arena = arena_new();
    if (len >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
        code = open_book(t, x, bytes, len);
    else
        code = csv_open(t, bytes, len, &x->csv);
    if (code != FAULT_NONE) {
        format_close(x);
        return code;
    }
    *out = x;
    return FAULT_NONE;
}

size_t
format_sheets(const struct format_table *x)
{
    return x->book ? x->book->n_sheets : 1;
}

const char *
format_sheet_name(const struct format_table *x, size_t i)
{
    return x->book && i < x->book->n_sheets ? x->book->sheets[i].name : "";
}

enum fault_code
format_select(struct task *t, struct format_table *x, size_t i)
{
    struct xlsx_reader *sheet;
    enum fault_code code;

    must(i < format_sheets(x));
    if (!x->book) {
        csv_rewind(x->csv);
        return FAULT_NONE;
    }
    if ((code = xlsx_reader_open(t, x->book, i, &sheet)) != FAULT_NONE)
        return code;
    xlsx_reader_close(x->sheet);
    x->sheet = sheet;
    return FAULT_NONE;
}

enum fault_code
format_next(struct task *t, struct format_table *x, const struct format_row **out)
{
    return x->book ? xlsx_reader_next(t, x->sheet, out) : csv_next(t, x->csv, out);
}

void
format_close(struct format_table *x)
{
    if (!x)
        return;
    xlsx_reader_close(x->sheet);
    csv_close(x->csv);
    package_close(x->package);
    arena_free(x->arena);
    free(x);
}
