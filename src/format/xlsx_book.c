/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/xlsx_book.c - what a workbook says of all its sheets: their names and parts, the shared
 * strings, which styles are dates.
 *
 * Knows: ECMA-376 part 1 (transitional and strict) as Excel, WPS and LibreOffice write it.
 * Does not know: rows.
 */
#include "format/inside.h"

#include <stdlib.h>
#include <string.h>

struct book_reading {
    struct task *t;
    struct xlsx_book *book;
    const char *folder; /* of the part that names others */
    const char *workbook;
    struct text text; /* of the string under way */
    bool in_text, phonetic, in_styles;
    struct {
        long id;
        enum serial_style style;
    } *codes;
    size_t n_codes, room_codes;
};

/* ---- texts ---- */

static bool
is_escape(const char *c, size_t left, unsigned *code)
{
    unsigned read = 0;
    size_t i;

    if (left < 7 || c[0] != '_' || c[1] != 'x' || c[6] != '_')
        return false;
    for (i = 2; i < 6; i++) {
        const char *digits = "0123456789ABCDEF0123456789abcdef", *at = strchr(digits, c[i]);

        if (!at || !c[i])
            return false;
        read = read * 16 + (unsigned)((at - digits) % 16);
    }
    *code = read;
    return true;
}

const char *
xlsx_plain(struct arena *a, const char *bytes, size_t len)
{
    char *out = arena_alloc(a, len + 1), *to = out;
    unsigned code;
    size_t i;

    for (i = 0; i < len; i++) {
        code = (unsigned char)bytes[i];
        /* Only control characters and the bar itself are written so. */
        if (is_escape(bytes + i, len - i, &code)) {
            if (code >= 0x20 && code != '_') {
                code = '_';
            } else {
                i += 6;
            }
        }
        if (code == '\r')
            continue;
        if (code >= 0x20 || code == '\t' || code == '\n')
            *to++ = (char)code;
    }
    *to = '\0';
    return out;
}

/* ---- paths: a target beside the part that names it ---- */

static const char *
path_beside(struct arena *a, const char *folder, const char *target)
{
    const char *slash;

    if (*target == '/')
        return arena_text(a, target + 1);
    while (strncmp(target, "../", 3) == 0) {
        target += 3;
        slash = strrchr(folder, '/');
        folder = slash ? arena_copy(a, folder, (size_t)(slash - folder)) : "";
    }
    if (strncmp(target, "./", 2) == 0)
        target += 2;
    return *folder ? arena_format(a, "%s/%s", folder, target) : arena_text(a, target);
}

static const char *
folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? arena_copy(a, path, (size_t)(slash - path)) : "";
}

static const char *
relations_of(struct arena *a, const char *path)
{
    const char *folder = folder_of(a, path), *slash = strrchr(path, '/');

    return arena_format(a, "%s%s_rels/%s.rels", folder, *folder ? "/" : "", slash ? slash + 1 : path);
}

static bool
ends_with(const char *s, const char *end)
{
    size_t n = s ? strlen(s) : 0, m = strlen(end);

    return n >= m && strcmp(s + n - m, end) == 0;
}

/* ---- _rels/.rels: where the workbook is ---- */

static void
root_begin(void *state, const char *name, const char **attributes)
{
    struct book_reading *r = state;
    const char *target = part_attribute(attributes, "Target");

    if (strcmp(name, "Relationship") == 0 && target &&
        ends_with(part_attribute(attributes, "Type"), "/officeDocument"))
        r->workbook = path_beside(r->book->arena, "", target);
}

/* ---- xl/workbook.xml ---- */

static bool
is_true(const char *value)
{
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

static void
workbook_begin(void *state, const char *name, const char **attributes)
{
    struct book_reading *r = state;
    struct xlsx_book *b = r->book;
    const char *sheet = part_attribute(attributes, "name");
    const char *hidden = part_attribute(attributes, "state");
    const char *relation = NULL;
    const char **at;

    if (strcmp(name, "workbookPr") == 0)
        b->since_1904 = is_true(part_attribute(attributes, "date1904"));
    if (strcmp(name, "sheet") != 0 || !sheet || (hidden && strcmp(hidden, "visible") != 0))
        return;
    /* r:id, under whatever prefix; the plain one is called sheetId. */
    for (at = attributes; *at; at += 2) {
        if (ends_with(*at, ":id"))
            relation = at[1];
    }
    if (!relation || b->n_sheets == LIMIT_SHEETS)
        return;
    if (b->n_sheets == b->room_sheets) {
        struct xlsx_sheet *grown;

        b->room_sheets = b->room_sheets ? b->room_sheets * 2 : 8;
        grown = arena_alloc(b->arena, b->room_sheets * sizeof *grown);
        if (b->n_sheets)
            memcpy(grown, b->sheets, b->n_sheets * sizeof *grown);
        b->sheets = grown;
    }
    b->sheets[b->n_sheets++] =
        (struct xlsx_sheet){.name = xlsx_plain(b->arena, sheet, strlen(sheet)),
                            .relation = arena_text(b->arena, relation)};
}

static void
relation_begin(void *state, const char *name, const char **attributes)
{
    struct book_reading *r = state;
    const char *id = part_attribute(attributes, "Id");
    const char *type = part_attribute(attributes, "Type");
    const char *target = part_attribute(attributes, "Target");
    size_t i;

    if (strcmp(name, "Relationship") != 0 || !id || !target || !ends_with(type, "/worksheet"))
        return;
    for (i = 0; i < r->book->n_sheets; i++) {
        if (strcmp(r->book->sheets[i].relation, id) == 0)
            r->book->sheets[i].path = path_beside(r->book->arena, r->folder, target);
    }
}

/* ---- xl/sharedStrings.xml ---- */

static void
string_begin(void *state, const char *name, const char **attributes)
{
    struct book_reading *r = state;

    (void)attributes;
    if (strcmp(name, "si") == 0)
        text_init(&r->text, r->book->arena);
    if (strcmp(name, "rPh") == 0)
        r->phonetic = true;
    r->in_text = strcmp(name, "t") == 0 && !r->phonetic;
}

static void
string_text(void *state, const char *bytes, int len)
{
    struct book_reading *r = state;

    if (r->in_text && r->text.len <= LIMIT_SHEET_TEXT && r->book->bytes_strings <= LIMIT_SHEET_STRINGS)
        text_add(&r->text, bytes, (size_t)len);
}

static void
string_end(void *state, const char *name)
{
    struct book_reading *r = state;
    struct xlsx_book *b = r->book;

    r->in_text = false;
    if (strcmp(name, "rPh") == 0)
        r->phonetic = false;
    if (strcmp(name, "si") != 0)
        return;
    if (b->n_strings == b->room_strings) {
        const char **grown;

        b->room_strings = b->room_strings ? b->room_strings * 2 : 1024;
        grown = arena_alloc(b->arena, b->room_strings * sizeof *grown);
        if (b->n_strings)
            memcpy(grown, b->strings, b->n_strings * sizeof *grown);
        b->strings = grown;
    }
    b->bytes_strings += r->text.len + sizeof(char *);
    b->strings[b->n_strings++] =
        r->text.len ? xlsx_plain(b->arena, r->text.bytes, r->text.len) : "";
    r->text.bytes = NULL;
    r->text.len = r->text.room = 0;
}

/* ---- xl/styles.xml ---- */

static void
add_code(struct book_reading *r, long id, const char *code)
{
    if (r->n_codes == LIMIT_SHEET_STYLES)
        return;
    if (r->n_codes == r->room_codes) {
        void *grown;

        r->room_codes = r->room_codes ? r->room_codes * 2 : 32;
        grown = arena_alloc(r->t->arena, r->room_codes * sizeof *r->codes);
        if (r->n_codes)
            memcpy(grown, r->codes, r->n_codes * sizeof *r->codes);
        r->codes = grown;
    }
    r->codes[r->n_codes].id = id;
    r->codes[r->n_codes++].style = serial_code(code);
}

static void
add_style(struct book_reading *r, long id)
{
    struct xlsx_book *b = r->book;
    enum serial_style style = serial_builtin(id);
    size_t i;

    if (b->n_styles == LIMIT_SHEET_STYLES)
        return;
    for (i = 0; i < r->n_codes; i++) {
        if (r->codes[i].id == id)
            style = r->codes[i].style;
    }
    if (b->n_styles == b->room_styles) {
        enum serial_style *grown;

        b->room_styles = b->room_styles ? b->room_styles * 2 : 64;
        grown = arena_alloc(b->arena, b->room_styles * sizeof *grown);
        if (b->n_styles)
            memcpy(grown, b->styles, b->n_styles * sizeof *grown);
        b->styles = grown;
    }
    b->styles[b->n_styles++] = style;
}

static void
style_begin(void *state, const char *name, const char **attributes)
{
    struct book_reading *r = state;
    const char *id = part_attribute(attributes, "numFmtId");
    const char *code = part_attribute(attributes, "formatCode");

    if (strcmp(name, "cellXfs") == 0)
        r->in_styles = true;
    if (strcmp(name, "numFmt") == 0 && id && code)
        add_code(r, strtol(id, NULL, 10), code);
    if (strcmp(name, "xf") == 0 && r->in_styles)
        add_style(r, id ? strtol(id, NULL, 10) : 0);
}

static void
style_end(void *state, const char *name)
{
    struct book_reading *r = state;

    if (strcmp(name, "cellXfs") == 0)
        r->in_styles = false;
}

/* ---- the whole ---- */

/* A part that the workbook names by its type stands beside it under its usual name. */
static enum fault_code
read_beside(struct book_reading *r, const char *name, const struct part_handlers *h)
{
    return part_whole(r->t, r->book->package, path_beside(r->book->arena, r->folder, name), h, r);
}

static enum fault_code
keep_readable(struct book_reading *r)
{
    struct xlsx_book *b = r->book;
    size_t i, n = 0;

    if (b->bytes_strings > LIMIT_SHEET_STRINGS)
        return format_too_much(r->t, "文字总兆字节", "megabytes of text", LIMIT_SHEET_STRINGS >> 20);
    /* Sheets of charts and dialogues have no rows. */
    for (i = 0; i < b->n_sheets; i++) {
        if (b->sheets[i].path)
            b->sheets[n++] = b->sheets[i];
    }
    b->n_sheets = n;
    return n ? FAULT_NONE
             : fault(r->t, FAULT_INPUT, "/file",
                     "工作簿里没有可见的工作表 | the workbook has no sheet that is not hidden");
}

enum fault_code
xlsx_book_read(struct task *t, struct package *z, struct arena *a, struct xlsx_book **out)
{
    static const struct part_handlers root = {.begin = root_begin}, workbook = {.begin = workbook_begin},
                                      relations = {.begin = relation_begin},
                                      strings = {string_begin, string_end, string_text},
                                      styles = {.begin = style_begin, .end = style_end};
    struct xlsx_book *b = arena_alloc(a, sizeof *b);
    struct book_reading r = {.t = t, .book = b, .workbook = "xl/workbook.xml"};
    enum fault_code code;

    b->package = z;
    b->arena = a;
    if ((code = part_whole(t, z, "_rels/.rels", &root, &r)) != FAULT_NONE)
        return code;
    if (!package_has(z, r.workbook))
        return fault(t, FAULT_INPUT, "/file",
                     "这不是 Excel 工作簿（.xlsx）：请在表格软件里另存为 .xlsx | "
                     "this is no Excel workbook (.xlsx): save it as .xlsx in a spreadsheet program");
    r.folder = folder_of(a, r.workbook);
    if ((code = part_whole(t, z, r.workbook, &workbook, &r)) != FAULT_NONE ||
        (code = part_whole(t, z, relations_of(a, r.workbook), &relations, &r)) != FAULT_NONE ||
        (code = read_beside(&r, "styles.xml", &styles)) != FAULT_NONE ||
        (code = read_beside(&r, "sharedStrings.xml", &strings)) != FAULT_NONE ||
        (code = keep_readable(&r)) != FAULT_NONE)
        return code;
    *out = b;
    return FAULT_NONE;
}
