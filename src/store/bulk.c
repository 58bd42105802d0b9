/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/bulk.c - many rows into one table: the engine's own way, else an insert for each.
 *
 * Knows: the order of begin, rows and end.
 * Does not know: any engine's calls or words.
 */
#include "store/inside.h"
#include <stdlib.h>
#include <string.h>

static const char *
names_of(struct task *t, const char *const *columns, size_t n)
{
    struct text x;

    text_init(&x, t->arena);
    for (size_t i = 0; i < n; i++)
        text_printf(&x, "%s%s", i ? ", " : "", columns[i]);
    return text_string(&x);
}

static const char *
insert_of(struct task *t, const char *table, const char *names, size_t n)
{
    struct text x;

    text_init(&x, t->arena);
    text_printf(&x, "INSERT INTO %s (%s) VALUES (", table, names);
    for (size_t i = 0; i < n; i++)
        text_puts(&x, i ? ", ?" : "?");
    text_puts(&x, ")");
    return text_string(&x);
}

enum fault_code
store_bulk_begin(struct task *t, struct store *s, const char *table, const char *const *columns, size_t n)
{
    const char *names = names_of(t, columns, n);
    enum fault_code rc = store_check_alive(t, s);

    must(s->in_transaction && n && n <= STORE_COLUMNS);
    t->store_calls++;
    s->touched++;
    s->watched++;
    if (!rc && s->engine->copy_begin)
        rc = s->engine->copy_begin(t, s, table, names, n);
    if (rc)
        return rc;
    s->bulk = strdup(insert_of(t, table, names, n));
    must(s->bulk != NULL);
    s->bulk_columns = n;
    return FAULT_NONE;
}

enum fault_code
store_bulk_row(struct task *t, struct store *s, const struct store_value *values)
{
    must(s->bulk != NULL);
    t->store_calls++;
    s->touched++;
    return s->engine->copy_row ? s->engine->copy_row(t, s, values, s->bulk_columns)
                               : s->engine->run(t, s, NULL, s->bulk, values, s->bulk_columns);
}

enum fault_code
store_bulk_end(struct task *t, struct store *s)
{
    must(s->bulk != NULL);
    store_bulk_drop(s);
    return s->engine->copy_end ? s->engine->copy_end(t, s) : FAULT_NONE;
}

void
store_bulk_drop(struct store *s)
{
    free(s->bulk);
    s->bulk = NULL;
}
