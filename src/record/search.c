/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/search.c - what search knows of a record, its index, and the links to it.
 *
 * Knows: number, title, unit and the fields marked for search; nothing private.
 */
#include "record/inside.h"
#include <stdlib.h>
#include <string.h>

const char *
record_search_text(struct task *t, struct store *s, const struct record *r)
{
    struct text x;
    struct org_unit u;
    bool found;

    text_init(&x, t->arena);
    text_printf(&x, "%s\n%s\n", r->number ? r->number : "", r->title ? r->title : "");
    if (r->unit && !org_unit(t, s, r->unit, &u, &found) && found)
        text_printf(&x, "%s\n", u.name);
    for (size_t i = 0; i < r->kind->n_fields; i++) {
        const struct kind_field *f = &r->kind->fields[i];
        const char *v = json_text(json_get(r->fields, f->name));

        if (v && !f->private_value && json_is_true(json_get(f->schema, "x-search")))
            text_printf(&x, "%s\n", v);
    }
    return text_string(&x);
}

enum fault_code
record_links(struct task *t, struct store *s, const char *id, struct record_link **out, size_t *n)
{
    struct rows r;
    size_t room = 200;
    enum fault_code rc = store_query(
        t, s, &r,
        "SELECT stream, rid, kind, field FROM record_link WHERE target = ? ORDER BY rid LIMIT 200", "s", id);

    *out = arena_alloc(t->arena, room * sizeof **out);
    *n = 0;
    if (rc)
        return rc;
    while (*n < room && store_next(t, &r)) {
        (*out)[*n].stream = store_int(&r, 0);
        (*out)[*n].rid = store_int(&r, 1);
        (*out)[*n].kind = (int)store_int(&r, 2);
        (*out)[(*n)++].field = store_text(t, &r, 3);
    }
    return store_end(t, &r);
}

static enum fault_code
index_one(struct task *t, struct store *s, const struct record_world *w, int64_t rid, int64_t stream)
{
    struct record r;
    struct text tokens;
    bool found;
    enum fault_code rc = record_open(t, s, w, stream, rid, &r, &found);

    if (rc || !found)
        return rc;
    text_init(&tokens, t->arena);
    text_puts(&tokens, store_search_tokens(t, record_search_text(t, s, &r), false));
    for (size_t i = 0; i < json_count(json_get(r.parties, "keys")); i++) {
        const char *key = json_text(json_at(json_get(r.parties, "keys"), i));

        if (key)
            text_printf(&tokens, " k%llx",
                        (unsigned long long)org_key_kind(strtoll(key, NULL, 10), r.kind->id));
    }
    return store_search_put(t, s, rid, stream, text_string(&tokens));
}

/* A row that cannot be read is told and passed over: the texts behind it do not wait for it. */
static enum fault_code
index_or_tell(struct task *t, struct store *s, const struct record_world *w, const struct member *m,
              struct record_unread *unread, size_t *n)
{
    enum fault_code rc = index_one(t, s, w, m->rid, m->stream);

    if ((rc == FAULT_STORE || rc == FAULT_INPUT) && !t->store_broke) {
        unread[*n].stream = m->stream;
        unread[*n].rid = m->rid;
        unread[(*n)++].why = t->fault.n_items ? arena_text(t->arena, t->fault.items[0].zh) : "";
        fault_clear(t);
        rc = FAULT_NONE;
    }
    return rc ? rc
              : store_run(t, s, NULL, "DELETE FROM record_search_wait WHERE rid = ? AND stream = ?", "ii",
                          m->rid, m->stream);
}

enum fault_code
record_search_index(struct task *t, struct store *s, const struct record_world *w, int64_t limit,
                    int64_t *done, struct record_unread *unread, size_t *n_unread)
{
    struct rows r;
    struct member *list = arena_alloc(t->arena, ((size_t)limit + 1) * sizeof *list);
    size_t n = 0;
    enum fault_code rc =
        store_query(t, s, &r, "SELECT rid, stream FROM record_search_wait ORDER BY rid LIMIT ?", "i", limit);

    if (rc)
        return rc;
    while (n < (size_t)limit && store_next(t, &r)) {
        list[n].rid = store_int(&r, 0);
        list[n++].stream = store_int(&r, 1);
    }
    rc = store_end(t, &r);
    *n_unread = 0;
    for (size_t i = 0; i < n && !rc; i++)
        rc = index_or_tell(t, s, w, &list[i], unread, n_unread);
    *done = (int64_t)n;
    return rc;
}
