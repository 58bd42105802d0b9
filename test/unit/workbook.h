/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workbook.h - workbooks made part by part, as the programs of the field write them.
 */
#ifndef TEST_WORKBOOK_H
#define TEST_WORKBOOK_H

#include "base/text.h"
#include "format/format.h"

#include <string.h>
#include <zip.h>

struct workbook_part {
    const char *path, *bytes;
    size_t len; /* 0: the text's own */
};

#define WORKBOOK_ROOT                                                                              \
    {"_rels/.rels",                                                                                \
     "<?xml version=\"1.0\"?><Relationships "                                                      \
     "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship "       \
     "Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"     \
     "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",                              \
     0}
#define WORKBOOK_TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
#define WORKBOOK_ONE_SHEET                                                                         \
    {"xl/workbook.xml",                                                                            \
     "<workbook xmlns:r=\"x\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/>"        \
     "</sheets></workbook>",                                                                       \
     0},                                                                                           \
    {                                                                                              \
        "xl/_rels/workbook.xml.rels",                                                              \
            "<Relationships><Relationship Id=\"rId1\" Type=\"" WORKBOOK_TYPE                       \
            "\" Target=\"worksheets/sheet1.xml\"/></Relationships>",                               \
            0                                                                                      \
    }

/* The zip of the parts, in the task's arena. */
static inline const char *
workbook_of(struct task *t, const struct workbook_part *parts, size_t n, size_t *len)
{
    zip_source_t *into = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = zip_open_from_source(into, ZIP_TRUNCATE, NULL);
    char *out;
    size_t i;

    must(zip);
    zip_source_keep(into);
    for (i = 0; i < n; i++) {
        size_t size = parts[i].len ? parts[i].len : strlen(parts[i].bytes);
        zip_source_t *from = zip_source_buffer(zip, parts[i].bytes, size, 0);

        must(zip_file_add(zip, parts[i].path, from, ZIP_FL_ENC_UTF_8) >= 0);
    }
    must(zip_close(zip) == 0);
    must(zip_source_open(into) == 0);
    must(zip_source_seek(into, 0, SEEK_END) == 0);
    *len = (size_t)zip_source_tell(into);
    out = arena_alloc(t->arena, *len + 1);
    must(zip_source_seek(into, 0, SEEK_SET) == 0);
    must(zip_source_read(into, out, *len) == (zip_int64_t)*len);
    zip_source_close(into);
    zip_source_free(into);
    return out;
}

/* All rows of the sheet the table stands in, one a line: "3: A=text C#=12 D@=2026-01-02". */
static inline const char *
workbook_rows(struct task *t, struct format_table *table)
{
    static const char marks[][3] = {"=", "#=", "@=", "~=", "?=", "!="};
    const struct format_row *row;
    struct text out;
    size_t i;

    text_init(&out, t->arena);
    while (format_next(t, table, &row) == FAULT_NONE && row) {
        text_printf(&out, "%u:", row->number);
        for (i = 0; i < row->n; i++) {
            const struct format_cell *c = &row->cells[i];
            const char *at = format_reference(t->arena, c->column, 0);

            text_printf(&out, " %.*s%s%s", (int)strlen(at) - 1, at, marks[c->type], c->text);
        }
        text_char(&out, '\n');
    }
    return text_string(&out);
}

#endif
