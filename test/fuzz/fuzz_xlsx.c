/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/fuzz/fuzz_xlsx.c - format_open and format_next under libFuzzer.
 *
 * The input is the file. Since its zip rarely survives a change, the input is read once more as the
 * one sheet of a sound workbook. What is given must be what the header of the room promises: rows and
 * columns in order and within limits, texts clean.
 */
#include "base/limit.h"
#include "format/format.h"

#include "../unit/workbook.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
check_row(struct task *t, const struct format_row *row)
{
    size_t i;
    const char *c;

    must(row->n > 0 && row->number > 0);
    for (i = 0; i < row->n; i++) {
        const struct format_cell *cell = &row->cells[i];

        must(cell->text && cell->column < LIMIT_SHEET_COLUMNS);
        must(i == 0 || cell->column > row->cells[i - 1].column);
        must(text_is_utf8(cell->text, strlen(cell->text)));
        for (c = cell->text; *c; c++)
            must((unsigned char)*c >= 0x20 || *c == '\t' || *c == '\n');
        must(format_cell_at(row, cell->column) == cell);
        must(format_reference(t->arena, cell->column, row->number));
    }
}

static void
read_all(struct task *t, const char *bytes, size_t len)
{
    struct format_table *table = NULL;
    const struct format_row *row;
    enum fault_code code = format_open(t, bytes, len, &table);

    while (code == FAULT_NONE && !(code = format_next(t, table, &row)) && row)
        check_row(t, row);
    must(code == t->fault.code);
    must(code == FAULT_NONE || code == FAULT_INPUT || code == FAULT_SIZE);
    format_close(table);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct workbook_part parts[] = {
        WORKBOOK_ROOT,
        WORKBOOK_ONE_SHEET,
        {"xl/styles.xml", "<s><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></s>", 0},
        {"xl/sharedStrings.xml", "<sst><si><t>one</t></si><si><t>two</t></si></sst>", 0},
        {"xl/worksheets/sheet1.xml", (const char *)bytes, len},
    };
    const char *book;
    struct task t;
    size_t size;

    if (len == 0)
        return 0;
    task_init(&t, 0, 1);
    read_all(&t, (const char *)bytes, len);
    task_release(&t);
    task_init(&t, 0, 1);
    book = workbook_of(&t, parts, sizeof parts / sizeof *parts, &size);
    read_all(&t, book, size);
    task_release(&t);
    return 0;
}
