/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/row.c - the row under way: cells in the order of their columns, empty ones left out.
 *
 * Knows: columns, references ("C12"), how many rows and columns are enough.
 * Does not know: XML, commas, what a cell means.
 */
#include "format/inside.h"

#include <stdlib.h>
#include <string.h>

void
row_init(struct row_builder *b)
{
    memset(b, 0, sizeof *b);
}

void
row_release(struct row_builder *b)
{
    arena_free(b->arena);
    free(b->cells);
    memset(b, 0, sizeof *b);
}

void
row_begin(struct row_builder *b, unsigned number)
{
    /* Empty rows by the hundred thousand use nothing. */
    if (!b->arena || arena_used(b->arena) > 0) {
        arena_free(b->arena);
        b->arena = arena_new();
    }
    b->n = 0;
    b->row.number = number;
}

static bool
says_nothing(const struct format_cell *cell)
{
    const char *c;

    if (cell->type != FORMAT_TEXT)
        return false;
    for (c = cell->text; *c == ' ' || *c == '\t' || *c == '\n'; c++)
        ;
    return !*c;
}

enum fault_code
row_add(struct task *t, struct row_builder *b, const struct format_cell *cell)
{
    size_t at = b->n;

    if (says_nothing(cell))
        return FAULT_NONE;
    if (cell->column >= LIMIT_SHEET_COLUMNS)
        return format_too_much(t, "列", "columns", LIMIT_SHEET_COLUMNS);
    if (b->n == b->room) {
        b->room = b->room ? b->room * 2 : 32;
        b->cells = realloc(b->cells, b->room * sizeof *b->cells);
        must(b->cells);
    }
    /* Programs write columns in order; a cell out of order is put where it belongs, the first holds. */
    while (at > 0 && b->cells[at - 1].column >= cell->column)
        at--;
    if (at < b->n && b->cells[at].column == cell->column)
        return FAULT_NONE;
    memmove(b->cells + at + 1, b->cells + at, (b->n - at) * sizeof *b->cells);
    b->cells[at] = *cell;
    b->n++;
    return FAULT_NONE;
}

enum fault_code
row_end(struct task *t, struct row_builder *b, const struct format_row **out)
{
    *out = NULL;
    if (b->n == 0)
        return FAULT_NONE;
    if (++b->rows > LIMIT_SHEET_ROWS)
        return format_too_much(t, "行", "rows", LIMIT_SHEET_ROWS);
    b->row.cells = b->cells;
    b->row.n = b->n;
    *out = &b->row;
    return FAULT_NONE;
}

const struct format_cell *
format_cell_at(const struct format_row *row, unsigned column)
{
    size_t low = 0, high = row->n;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (row->cells[middle].column < column)
            low = middle + 1;
        else
            high = middle;
    }
    return low < row->n && row->cells[low].column == column ? &row->cells[low] : NULL;
}

const char *
format_reference(struct arena *a, unsigned column, unsigned row)
{
    char letters[8], *at = letters + sizeof letters - 1;

    *at = '\0';
    for (column++; column > 0; column = (column - 1) / 26)
        *--at = (char)('A' + (column - 1) % 26);
    return arena_format(a, "%s%u", at, row);
}
