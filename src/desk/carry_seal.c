/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/carry_seal.c - what a check of an old ledger leaves: sealed pieces, a workbook of what does not
 * hold, and the counts by which two people judge it.
 *
 * Knows: pieces are in the order of the rows' dates; a bad row comes back under its own headings.
 * Does not know: how a row was judged (carry.c).
 */
#include "desk/carry.h"
#include <stdlib.h>
#include <string.h>

#define WHY_TITLE "未通过原因 Why"

/* ---- what holds ---- */

static int
by_date(const void *a, const void *b)
{
    const struct carry_good *x = a, *y = b;
    int order = strcmp(x->date, y->date);

    return order ? order : x->number < y->number ? -1 : x->number > y->number;
}

void
carry_order(struct carry_check *x)
{
    qsort(x->good, x->n_good, sizeof *x->good, by_date);
}

enum fault_code
carry_seal(struct carry_check *x, struct json *out)
{
    struct arena *a = x->task->arena;
    struct json *pieces = json_array(a);
    enum fault_code rc = FAULT_NONE;

    carry_order(x);
    for (size_t i = 0; i < x->n_good && !rc; i += RECORD_PIECE) {
        size_t n = x->n_good - i < RECORD_PIECE ? x->n_good - i : RECORD_PIECE;
        struct json *one = json_object(a);
        struct text bytes;
        const char *digest;

        text_init(&bytes, a);
        for (size_t k = i; k < i + n; k++)
            text_add(&bytes, x->good[k].line, x->good[k].len);
        rc = carry_keep(x->task, x->desk, x->caller, "application/x-ndjson", text_string(&bytes), bytes.len,
                        &digest);
        json_set_str(a, one, "file", digest);
        json_set_int(a, one, "rows", (int64_t)n);
        json_push(a, pieces, one);
    }
    json_set(a, out, "pieces", pieces);
    return rc;
}

static struct json *
steps_json(struct carry_check *x)
{
    struct arena *a = x->task->arena;
    struct json *out = json_array(a);

    for (size_t s = 0; s < x->kind->n_steps; s++) {
        const struct kind_step *step = &x->kind->steps[s];
        const struct kind_state *to = kind_state_at(x->kind, step->to);
        struct json *one = json_object(a);
        int64_t n = 0;

        for (size_t i = 0; i < x->n_good; i++)
            n += x->good[i].step == step->index;
        if (!step->creates || !step->by_carry)
            continue;
        json_set_str(a, one, "step", step->name);
        json_set(a, one, "title", kind_title(a, step->title));
        json_set(a, one, "state", kind_title(a, to->title));
        json_set_bool(a, one, "final", to->final);
        json_set_int(a, one, "rows", n);
        json_push(a, out, one);
    }
    return out;
}

/* Rows are in order of their date here. */
static struct json *
years_json(struct carry_check *x)
{
    struct arena *a = x->task->arena;
    struct json *out = json_array(a);

    for (size_t i = 0, k; i < x->n_good; i = k) {
        struct json *one = json_object(a);

        for (k = i; k < x->n_good && strncmp(x->good[i].date, x->good[k].date, 4) == 0;)
            k++;
        json_set_str(a, one, "year", arena_format(a, "%.4s", x->good[i].date));
        json_set_int(a, one, "rows", (int64_t)(k - i));
        json_push(a, out, one);
    }
    return out;
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int64_t
count_units(struct carry_check *x)
{
    const char **units = arena_alloc(x->task->arena, (x->n_good + 1) * sizeof *units);
    int64_t n = 0;

    for (size_t i = 0; i < x->n_good; i++)
        units[i] = x->good[i].unit;
    qsort(units, x->n_good, sizeof *units, by_text);
    for (size_t i = 0; i < x->n_good; i++)
        n += *units[i] && (!i || strcmp(units[i], units[i - 1]) != 0);
    return n;
}

/* ---- what does not ---- */

static const char *
whole_why(struct arena *a, const struct carry_bad *bad)
{
    struct text out;

    text_init(&out, a);
    for (size_t i = 0; i < bad->n_cells; i++)
        text_printf(&out, "%s%s", out.len ? "；" : "", bad->cells[i].why);
    return text_string(&out);
}

static void
write_bad(struct carry_check *x, struct format_book *book, const struct carry_bad *bad, unsigned columns)
{
    struct format_cell *cells = arena_alloc(x->task->arena, (bad->row.n + 1 + bad->n_cells) * sizeof *cells);
    size_t n = 0;

    for (size_t i = 0; i < bad->row.n; i++) {
        if (bad->row.cells[i].column >= columns)
            continue;
        cells[n] = bad->row.cells[i];
        for (size_t k = 0; k < bad->n_cells; k++)
            if (bad->cells[k].column == cells[n].column) {
                cells[n].bad = true;
                cells[n].note = bad->cells[k].why;
            }
        n++;
    }
    cells[n++] = (struct format_cell){.column = columns, .type = FORMAT_TEXT, .bad = true,
                                      .text = whole_why(x->task->arena, bad)};
    format_book_row(book, cells, n);
}

/* The rows as they were sent, under their own headings: mended, they can be read the same way again. */
enum fault_code
carry_bad_file(struct carry_check *x, struct json *out)
{
    struct task *t = x->task;
    unsigned n = (unsigned)x->n_columns;
    struct format_column *columns = arena_alloc(t->arena, (n + 1) * sizeof *columns);
    struct format_sheet sheet = {.name = "未通过", .columns = columns, .n_columns = n + 1};
    struct format_book *book;
    const char *bytes, *digest = NULL;
    size_t len;
    enum fault_code rc = x->n_bad ? format_book_open(t, &book) : FAULT_NONE;

    json_set(t->arena, out, "bad_file", json_null(t->arena));
    if (rc || !x->n_bad)
        return rc;
    for (unsigned i = 0; i < n; i++)
        columns[i] = (struct format_column){.title = x->headings[i] ? x->headings[i] : ""};
    columns[n] = (struct format_column){.title = WHY_TITLE, .width = 60};
    format_book_sheet(book, &sheet);
    for (size_t i = 0; i < x->n_bad; i++)
        write_bad(x, book, &x->bad[i], n);
    rc = format_book_end(t, book, &bytes, &len);
    if (!rc)
        rc = carry_keep(t, x->desk, x->caller, CARRY_MEDIA_XLSX, bytes, len, &digest);
    if (!rc)
        json_set_str(t->arena, out, "bad_file", digest);
    return rc;
}

/* ---- the counts ---- */

void
carry_summarize(struct carry_check *x, struct json *out)
{
    struct arena *a = x->task->arena;

    json_set_str(a, out, "act", x->act->name);
    json_set_int(a, out, "rows", (int64_t)(x->n_good + x->n_bad));
    json_set_int(a, out, "good", (int64_t)x->n_good);
    json_set_int(a, out, "bad", (int64_t)x->n_bad);
    json_set(a, out, "steps", steps_json(x));
    json_set(a, out, "years", years_json(x));
    json_set_int(a, out, "units", count_units(x));
}
