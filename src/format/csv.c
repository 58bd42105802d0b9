/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/csv.c - rows of texts between commas (RFC 4180), tabs or semicolons.
 *
 * The characters are what the bytes say: UTF-8 with or without its mark, UTF-16 with its mark (what
 * Excel calls Unicode text), else GB 18030, which is what Chinese Excel writes as .csv.
 *
 * Knows: iconv, quotes.
 * Does not know: dates, numbers.
 */
#include "format/inside.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

struct csv_reader {
    struct arena *arena; /* the whole text as UTF-8 where it was not */
    const char *text, *at, *end;
    char comma;
    unsigned line;
    struct row_builder row;
};

static enum fault_code
no_table(struct task *t)
{
    return fault(t, FAULT_INPUT, "/file",
                 "这不是表格文件：请上传 .xlsx 或 .csv（UTF-8 或 GB 18030） | "
                 "this is no table: send .xlsx or .csv (UTF-8 or GB 18030)");
}

/* At most three bytes of UTF-8 for two of the source. */
static const char *
convert(struct arena *a, const char *from, const char *bytes, size_t len, size_t *out_len)
{
    size_t room = len * 2 + 16, left = room;
    char *out = arena_alloc(a, room), *to = out, *in = (char *)bytes;
    iconv_t cd = iconv_open("UTF-8", from);
    size_t done;

    if (cd == (iconv_t)-1)
        return NULL;
    done = iconv(cd, &in, &len, &to, &left);
    iconv_close(cd);
    if (done == (size_t)-1)
        return NULL;
    *out_len = room - left;
    return out;
}

static bool
take_text(struct csv_reader *r, const char *bytes, size_t len)
{
    const unsigned char *b = (const unsigned char *)bytes;

    if (len >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff))) {
        r->text = convert(r->arena, b[0] == 0xff ? "UTF-16LE" : "UTF-16BE", bytes + 2, len - 2, &len);
    } else if (len >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0) {
        r->text = text_is_utf8(bytes + 3, len - 3) ? bytes + 3 : NULL;
        len -= 3;
    } else if (text_is_utf8(bytes, len)) {
        r->text = bytes;
    } else {
        r->text = convert(r->arena, "GB18030", bytes, len, &len);
    }
    if (!r->text || memchr(r->text, '\0', len))
        return false;
    r->end = r->text + len;
    return true;
}

/* What stands most often in the first line. */
static char
find_comma(const struct csv_reader *r)
{
    static const char kinds[] = ",\t;";
    size_t counts[3] = {0}, best = 0, i;
    const char *c;

    for (c = r->text; c < r->end && *c != '\n' && *c != '\r'; c++) {
        for (i = 0; i < 3; i++)
            counts[i] += *c == kinds[i];
    }
    for (i = 1; i < 3; i++)
        best = counts[i] > counts[best] ? i : best;
    return kinds[best];
}

enum fault_code
csv_open(struct task *t, const char *bytes, size_t len, struct csv_reader **out)
{
    struct csv_reader *r = calloc(1, sizeof *r);

    must(r);
    r->arena = arena_new();
    row_init(&r->row);
    if (!take_text(r, bytes, len)) {
        csv_close(r);
        return no_table(t);
    }
    r->comma = find_comma(r);
    csv_rewind(r);
    *out = r;
    return FAULT_NONE;
}

void
csv_rewind(struct csv_reader *r)
{
    r->at = r->text;
    r->line = 1;
    r->row.rows = 0;
}

/* Line feeds of a quoted field count as lines; control characters are dropped. */
static void
keep(struct csv_reader *r, struct text *x, char c)
{
    if (c == '\n')
        r->line++;
    if (((unsigned char)c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n')
        text_char(x, c);
}

/* One field; stands behind it, at a comma, a line's end or the end. False: too long. */
static bool
read_field(struct csv_reader *r, struct text *x)
{
    bool quoted = r->at < r->end && *r->at == '"';

    r->at += quoted;
    for (; r->at < r->end && x->len <= LIMIT_SHEET_TEXT; r->at++) {
        if (quoted && *r->at == '"') {
            if (r->at + 1 < r->end && r->at[1] == '"') {
                r->at++;
            } else {
                quoted = false;
                continue;
            }
        } else if (!quoted && (*r->at == r->comma || *r->at == '\n' || *r->at == '\r')) {
            break;
        }
        keep(r, x, *r->at);
    }
    return x->len <= LIMIT_SHEET_TEXT;
}

/* The line's fields; stands at the beginning of the next. */
static enum fault_code
read_line(struct task *t, struct csv_reader *r)
{
    struct format_cell cell = {.type = FORMAT_TEXT};
    enum fault_code code;

    for (;; r->at++, cell.column++) {
        struct text x;

        text_init(&x, r->row.arena);
        if (cell.column > 16 * LIMIT_SHEET_COLUMNS)
            return format_too_much(t, "列", "columns", LIMIT_SHEET_COLUMNS);
        if (!read_field(r, &x))
            return format_too_much(t, "单元格字节", "bytes of a cell", LIMIT_SHEET_TEXT);
        cell.text = text_string(&x);
        if ((code = row_add(t, &r->row, &cell)) != FAULT_NONE)
            return code;
        if (r->at == r->end || *r->at != r->comma)
            break;
    }
    if (r->at < r->end && *r->at == '\r')
        r->at++;
    if (r->at < r->end && *r->at == '\n')
        r->at++;
    r->line++;
    return FAULT_NONE;
}

enum fault_code
csv_next(struct task *t, struct csv_reader *r, const struct format_row **out)
{
    enum fault_code code;

    *out = NULL;
    while (r->at < r->end) {
        row_begin(&r->row, r->line);
        if ((code = read_line(t, r)) != FAULT_NONE)
            return code;
        if ((code = row_end(t, &r->row, out)) != FAULT_NONE || *out)
            return code;
    }
    return FAULT_NONE;
}

void
csv_close(struct csv_reader *r)
{
    if (!r)
        return;
    row_release(&r->row);
    arena_free(r->arena);
    free(r);
}
