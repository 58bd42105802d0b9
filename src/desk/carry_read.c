/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/carry_read.c - an old ledger as its file has it: sheets, headings, and what they probably mean.
 *
 * The preparer says which column is which; this only proposes. The file is kept as an attachment by its
 * digest, so that what is checked later is what was read here.
 *
 * Knows: headings may stand below a title; a field is given by one column, a unit by several.
 * Does not know: what a cell is worth (carry_cell.c), rows (carry.c).
 */
#include "base/hash.h"
#include "desk/carry.h"
#include <string.h>

#define LOOKED_AT 20 /* rows above which no heading is looked for, and samples shown */
#define SAMPLES 3

/* ---- attachments ---- */

struct keeping {
    const char *account, *bytes;
    size_t len;
    struct record_upload upload;
};

static enum fault_code
run_keep(void *who, struct task *t, struct store *s)
{
    struct keeping *k = who;

    return record_file_keep(t, s, k->account, k->bytes, k->len, &k->upload);
}

enum fault_code
carry_keep(struct task *t, struct desk *d, const struct desk_caller *c, const char *media_type,
           const char *bytes, size_t len, const char **digest)
{
    struct keeping k = {.account = c->account, .bytes = bytes, .len = len};
    uint8_t hash[HASH_LEN];

    if (len > LIMIT_UPLOAD)
        return fault(t, FAULT_SIZE, "/file", "附件至多 %d MB | an attachment has at most %d MB",
                     LIMIT_UPLOAD >> 20, LIMIT_UPLOAD >> 20);
    hash_bytes(HASH_SHA256, bytes, len, hash);
    k.upload.digest = hash_hex(t->arena, hash, HASH_LEN);
    k.upload.media_type = media_type;
    k.upload.size = (int64_t)len;
    k.upload.flags = json_array(t->arena);
    *digest = k.upload.digest;
    return desk_plain(t, d, run_keep, &k);
}

enum fault_code
carry_open(struct task *t, const char *bytes, size_t len, int64_t sheet, struct format_table **out)
{
    struct format_table *table;
    enum fault_code rc = format_open(t, bytes, len, &table);

    if (rc)
        return rc;
    if (sheet < 0 || (size_t)sheet >= format_sheets(table))
        rc = fault(t, FAULT_INPUT, "/sheet", "没有这张表 | there is no such sheet");
    else if (sheet)
        rc = format_select(t, table, (size_t)sheet);
    if (rc)
        format_close(table);
    else
        *out = table;
    return rc;
}

/* ---- headings ---- */

struct head {
    struct format_row rows[LOOKED_AT]; /* the first ones, copied */
    size_t n_rows, heading;            /* which of them is the heading */
    int64_t total;
    const struct kind_field **fields;
    size_t n_fields;
    const struct kind_field *guess[CARRY_COLUMNS];
};

static void
copy_row(struct arena *a, const struct format_row *from, struct format_row *to)
{
    struct format_cell *cells = arena_alloc(a, (from->n + 1) * sizeof *cells);

    for (size_t i = 0; i < from->n; i++) {
        cells[i] = from->cells[i];
        cells[i].text = arena_text(a, from->cells[i].text);
    }
    *to = (struct format_row){from->number, cells, from->n};
}

static enum fault_code
read_head(struct task *t, struct format_table *table, struct head *h)
{
    const struct format_row *row;
    enum fault_code rc;

    while (!(rc = format_next(t, table, &row)) && row) {
        h->total++;
        if (h->n_rows < LOOKED_AT)
            copy_row(t->arena, row, &h->rows[h->n_rows++]);
    }
    return rc;
}

static int
best_fit(struct arena *a, const struct head *h, const char *heading, const struct kind_field **field)
{
    int best = 0;

    for (size_t i = 0; i < h->n_fields; i++) {
        int fit = carry_fits(a, h->fields[i], heading);

        if (fit > best) {
            best = fit;
            *field = h->fields[i];
        }
    }
    return best;
}

/* The row with the most cells that name a field; where none does, the first of several cells. */
static void
find_heading(struct arena *a, struct head *h)
{
    size_t best = 0;

    h->heading = 0;
    while (h->heading + 1 < h->n_rows && h->rows[h->heading].n < 2)
        h->heading++;
    for (size_t i = 0; i < h->n_rows; i++) {
        size_t known = 0;

        for (size_t k = 0; k < h->rows[i].n; k++) {
            const struct kind_field *f;

            known += best_fit(a, h, h->rows[i].cells[k].text, &f) > 0;
        }
        if (known > best) {
            best = known;
            h->heading = i;
        }
    }
}

/* Every field is given by the column that fits it best; a unit by its name and by its code. */
static void
guess_columns(struct arena *a, struct head *h)
{
    const struct format_row *row = &h->rows[h->heading];

    for (size_t i = 0; i < row->n; i++) {
        const struct kind_field *f = NULL;
        int fit = best_fit(a, h, row->cells[i].text, &f);
        bool taken = false;

        for (size_t k = 0; f && k < row->n && !taken; k++)
            taken = k != i && !text_equal(f->names, "unit") &&
                    (carry_fits(a, f, row->cells[k].text) > fit ||
                     (k < i && carry_fits(a, f, row->cells[k].text) == fit));
        if (!taken && row->cells[i].column < CARRY_COLUMNS)
            h->guess[row->cells[i].column] = f;
    }
}

/* ---- the answer ---- */

static struct json *
columns_json(struct arena *a, const struct head *h)
{
    const struct format_row *row = &h->rows[h->heading];
    struct json *out = json_array(a);

    for (size_t i = 0; i < row->n; i++) {
        unsigned column = row->cells[i].column;
        struct json *one = json_object(a), *samples = json_array(a);

        for (size_t k = h->heading + 1; k < h->n_rows && json_count(samples) < SAMPLES; k++) {
            const struct format_cell *cell = format_cell_at(&h->rows[k], column);

            if (cell)
                json_push(a, samples, json_str(a, cell->text));
        }
        json_set_int(a, one, "column", column);
        json_set_str(a, one, "heading", carry_trim(a, row->cells[i].text));
        json_set(a, one, "samples", samples);
        json_set_str(a, one, "field",
                     column < CARRY_COLUMNS && h->guess[column] ? h->guess[column]->name : NULL);
        json_push(a, out, one);
    }
    return out;
}

static struct json *
fields_json(struct arena *a, const struct kind *k, const struct head *h)
{
    struct json *out = json_array(a);

    for (size_t i = 0; i < h->n_fields; i++) {
        const struct kind_field *f = h->fields[i];
        const struct json *values = json_get(f->schema, "enum");
        struct json *one = json_object(a), *choices = json_array(a);

        json_set_str(a, one, "field", f->name);
        json_set(a, one, "title", kind_title(a, f->title));
        json_set_bool(a, one, "demanded", carry_demands(k, f));
        json_set_bool(a, one, "several", text_equal(f->names, "unit"));
        for (size_t v = 0; v < json_count(values); v++) {
            struct json *choice = json_object(a);

            json_set(a, choice, "value", json_at(values, v));
            json_set(a, choice, "title", kind_value_title(a, f, json_text(json_at(values, v))));
            json_push(a, choices, choice);
        }
        if (values)
            json_set(a, one, "choices", choices);
        json_push(a, out, one);
    }
    return out;
}

static struct json *
sheets_json(struct arena *a, const struct format_table *table)
{
    struct json *out = json_array(a);

    for (size_t i = 0; i < format_sheets(table); i++)
        json_push(a, out, json_str(a, format_sheet_name(table, i)));
    return out;
}

static enum fault_code
find_kind(struct task *t, struct desk *d, const char *name, const struct kind **k, const struct kind **act)
{
    *k = name ? kind_find(d->world->catalog, name, 0) : NULL;
    *act = *k ? carry_act_of(d, *k) : NULL;
    if (*act)
        return FAULT_NONE;
    return fault(t, FAULT_INPUT, "/kind", "这类记录不收旧台账 | no old ledger comes into this kind of record");
}

enum fault_code
desk_carry_read(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                const struct desk_carry_file *in, struct json **out)
{
    struct arena *a = t->arena;
    struct head *h = arena_alloc(a, sizeof *h);
    struct format_table *table;
    const struct kind *k, *act;
    const char *digest = NULL;
    struct json *o = json_object(a), *sheets;
    enum fault_code rc = find_kind(t, d, in->kind, &k, &act);

    (void)s;
    if (!rc && !c->n_posts)
        rc = fault(t, FAULT_RIGHT, "/post", "您现在没有任何岗位 | you hold no post now");
    if (!rc)
        rc = carry_open(t, in->bytes, in->len, in->sheet, &table);
    if (rc)
        return rc;
    h->fields = carry_fields(t, k, &h->n_fields);
    rc = read_head(t, table, h);
    sheets = sheets_json(a, table);
    format_close(table);
    if (!rc && !h->n_rows)
        rc = fault(t, FAULT_INPUT, "/file", "这张表是空的 | this sheet is empty");
    if (!rc)
        rc = carry_keep(t, d, c, text_starts(in->bytes, "PK") ? CARRY_MEDIA_XLSX : "text/csv", in->bytes, in->len,
                        &digest);
    if (rc)
        return rc;
    find_heading(a, h);
    guess_columns(a, h);
    json_set_str(a, o, "file", digest);
    json_set_str(a, o, "act", act->name);
    json_set(a, o, "sheets", sheets);
    json_set_int(a, o, "sheet", in->sheet);
    json_set_int(a, o, "heading_row", h->rows[h->heading].number);
    json_set_int(a, o, "rows", h->total - (int64_t)h->heading - 1);
    json_set(a, o, "columns", columns_json(a, h));
    json_set(a, o, "fields", fields_json(a, k, h));
    *out = o;
    return FAULT_NONE;
}
