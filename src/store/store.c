/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/store.c - the one face before the engines.
 *
 * Knows: parameters by letters, single values, savepoints, which engine an address names.
 * Does not know: any engine's calls or words.
 */
#include "base/hash.h"
#include "store/inside.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PARAMETERS 64

/* ---- opening ---- */

static const struct store_engine *
engine_of(const char *url)
{
    if (url && text_starts(url, "sqlite:"))
        return &store_sqlite;
    if (url && (text_starts(url, "postgresql://") || text_starts(url, "postgres://")))
        return &store_postgres;
    return NULL;
}

static enum fault_code
no_engine(struct task *t)
{
    return fault(t, FAULT_INPUT, "--db",
                 "库的地址写作 sqlite:路径 或 postgresql://…?folder=目录 | write the store as sqlite:PATH or "
                 "postgresql://…?folder=FOLDER");
}

enum fault_code
store_beside(struct task *t, const char *url, const char **path)
{
    const struct store_engine *e = engine_of(url);

    return e ? e->beside(t, url, path) : no_engine(t);
}

static enum fault_code
make_schema(struct task *t, struct store *s)
{
    enum fault_code rc = store_begin(t, s);

    if (!rc)
        rc = store_schema_make(t, s);
    return rc ? rc : store_commit(t, s);
}

enum fault_code
store_open(struct task *t, const char *url, enum store_mode mode, struct store **out)
{
    const struct store_engine *e = engine_of(url);
    bool goes_on = mode == STORE_GO_ON;
    struct store *s;
    enum fault_code rc;

    if (!e)
        return no_engine(t);
    mode = goes_on ? STORE_WRITE : mode;
    rc = e->open(t, url, mode, &s);
    if (rc)
        return rc;
    rc = mode == STORE_CREATE ? make_schema(t, s) : store_schema_check(t, s, mode == STORE_WRITE);
    if (!rc && !goes_on)
        rc = store_check_whole(t, s);
    if (rc) {
        store_close(s);
        return rc;
    }
    *out = s;
    return FAULT_NONE;
}

enum fault_code
store_unmake(struct task *t, const char *url)
{
    const struct store_engine *e = engine_of(url);

    return e ? e->unmake(t, url) : no_engine(t);
}

void
store_close(struct store *s)
{
    if (!s)
        return;
    store_still_end(s);
    store_bulk_drop(s);
    s->engine->close(s);
}

const char *
store_path(const struct store *s)
{
    return s->beside;
}

bool
store_shared(const struct store *s)
{
    return s->engine == &store_postgres;
}

/* ---- statements ---- */

size_t
store_slot(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (const char *c = text; *c; c++)
        h = (h ^ (unsigned char)*c) * UINT64_C(1099511628211);
    return (size_t)(h % STORE_STATEMENTS);
}

static size_t
gather(const char *letters, va_list args, struct store_value *values)
{
    size_t n = 0;

    for (; letters[n]; n++) {
        struct store_value *v = &values[n];

        must(n < PARAMETERS);
        memset(v, 0, sizeof *v);
        v->letter = letters[n];
        if (v->letter == 'i') {
            v->integer = va_arg(args, int64_t);
        } else if (v->letter == 's') {
            v->bytes = va_arg(args, const char *);
        } else if (v->letter == 'b') {
            v->bytes = va_arg(args, const void *);
            v->len = va_arg(args, size_t);
        }
    }
    return n;
}

/* A failure ended the transaction: a statement more would be one by itself. */
enum fault_code
store_check_alive(struct task *t, const struct store *s)
{
    must(!s->bulk);
    if (!s->in_transaction || s->engine->alive(s))
        return FAULT_NONE;
    t->store_broke = true;
    return fault(t, FAULT_STORE, NULL, "事务已被中止 | the transaction was ended by a failure");
}

enum fault_code
store_run_values(struct task *t, struct store *s, int64_t *changed, const char *sql,
                 const struct store_value *values, size_t n)
{
    enum fault_code rc = store_check_alive(t, s);

    t->store_calls++;
    s->touched++;
    return rc ? rc : s->engine->run(t, s, changed, sql, values, n);
}

enum fault_code
store_run_rows(struct task *t, struct store *s, const char *sql, const struct store_value *values,
               size_t width, size_t rows)
{
    enum fault_code rc = store_check_alive(t, s);

    must(rows <= STORE_ROWS);
    if (rc || !rows)
        return rc;
    t->store_calls++;
    s->touched++;
    return s->engine->run_rows(t, s, sql, values, width, rows);
}

enum fault_code
store_query_values(struct task *t, struct store *s, struct rows *r, const char *sql,
                   const struct store_value *values, size_t n)
{
    enum fault_code rc = store_check_alive(t, s);

    t->store_calls++;
    r->store = s;
    r->statement = NULL;
    if (!rc)
        rc = s->engine->query(t, s, r, sql, values, n);
    s->touched += rc != FAULT_NONE;
    return rc;
}

enum fault_code
store_run(struct task *t, struct store *s, int64_t *changed, const char *sql, const char *letters, ...)
{
    struct store_value values[PARAMETERS];
    va_list args;
    size_t n;

    va_start(args, letters);
    n = gather(letters, args, values);
    va_end(args);
    return store_run_values(t, s, changed, sql, values, n);
}

enum fault_code
store_query(struct task *t, struct store *s, struct rows *r, const char *sql, const char *letters, ...)
{
    struct store_value values[PARAMETERS];
    va_list args;
    size_t n;

    va_start(args, letters);
    n = gather(letters, args, values);
    va_end(args);
    return store_query_values(t, s, r, sql, values, n);
}

bool
store_next(struct task *t, struct rows *r)
{
    bool more = r->statement && r->store->engine->next(t, r);

    /* Refused half-way, or at least with a fault at hand: rather once too often than not. */
    r->store->touched += !more && t->fault.code;
    return more;
}

enum fault_code
store_end(struct task *t, struct rows *r)
{
    if (r->statement)
        r->store->engine->end(r);
    r->statement = NULL;
    return t->fault.code;
}

int64_t
store_int(const struct rows *r, int column)
{
    return r->store->engine->column_int(r, column);
}

bool
store_null(const struct rows *r, int column)
{
    return r->store->engine->column_null(r, column);
}

const char *
store_text(struct task *t, const struct rows *r, int column)
{
    size_t len;

    return r->store->engine->column_text(t, r, column, &len);
}

const void *
store_bytes(struct task *t, const struct rows *r, int column, size_t *len)
{
    const char *bytes = r->store->engine->column_text(t, r, column, len);

    return bytes ? bytes : arena_text(t->arena, "");
}

int
store_width(const struct rows *r)
{
    return r->store->engine->width(r);
}

const char *
store_column(const struct rows *r, int column)
{
    return r->store->engine->column_name(r, column);
}

void
store_cell(struct task *t, const struct rows *r, int column, struct store_value *out)
{
    struct store_raw raw;

    r->store->engine->cell(r, column, &raw);
    memset(out, 0, sizeof *out);
    out->letter = raw.letter;
    if (raw.letter == 'i')
        out->integer = store_int(r, column);
    else if (raw.letter == 's')
        out->bytes = store_text(t, r, column);
    else if (raw.letter == 'b')
        out->bytes = store_bytes(t, r, column, &out->len);
}

enum fault_code
store_one_int(struct task *t, struct store *s, int64_t *value, bool *found, const char *sql,
              const char *letters, ...)
{
    struct store_value values[PARAMETERS];
    struct rows r;
    va_list args;
    enum fault_code rc;
    size_t n;

    va_start(args, letters);
    n = gather(letters, args, values);
    va_end(args);
    rc = store_query_values(t, s, &r, sql, values, n);
    if (rc)
        return rc;
    *found = store_next(t, &r) && !store_null(&r, 0);
    if (*found)
        *value = store_int(&r, 0);
    return store_end(t, &r);
}

enum fault_code
store_one_text(struct task *t, struct store *s, const char **value, const char *sql,
               const char *letters, ...)
{
    struct store_value values[PARAMETERS];
    struct rows r;
    va_list args;
    enum fault_code rc;
    size_t n;

    va_start(args, letters);
    n = gather(letters, args, values);
    va_end(args);
    *value = NULL;
    rc = store_query_values(t, s, &r, sql, values, n);
    if (rc)
        return rc;
    if (store_next(t, &r))
        *value = store_text(t, &r, 0);
    return store_end(t, &r);
}

enum fault_code
store_script(struct task *t, struct store *s, const char *sql)
{
    t->store_calls++;
    s->touched++;
    s->watched++;
    return s->engine->script(t, s, sql);
}

/* ---- transactions ---- */

static enum fault_code
look_still(struct task *t, struct store *s)
{
    bool known = false;
    int64_t moment = 0;
    enum fault_code rc = s->engine->moment(t, s, &known, &moment);

    store_still_begin(s, known && !rc, moment);
    return rc;
}

static enum fault_code
begin(struct task *t, struct store *s, bool read)
{
    enum fault_code rc;

    t->store_calls++;
    t->store_broke = false;
    s->depth = 0;
    s->transactions++;
    rc = s->engine->begin(t, s, read);
    s->in_transaction = !rc;
    s->is_still = false;
    return rc || !read || s->mode != STORE_READ ? rc : look_still(t, s);
}

enum fault_code
store_begin(struct task *t, struct store *s)
{
    return begin(t, s, false);
}

enum fault_code
store_begin_read(struct task *t, struct store *s)
{
    return begin(t, s, true);
}

enum fault_code
store_lock_row(struct task *t, struct store *s, const char *table, const char *column, int64_t value)
{
    return s->engine->lock_row(t, s, table, column, value);
}

enum fault_code
store_commit(struct task *t, struct store *s)
{
    enum fault_code rc;

    t->store_calls++;
    if (t->store_broke)
        return fault(t, FAULT_STORE, NULL, "有一条语句失败，未提交 | a statement failed; nothing is committed");
    rc = s->engine->commit(t, s);
    if (rc)
        return rc;
    s->in_transaction = false;
    s->depth = 0;
    return FAULT_NONE;
}

void
store_rollback(struct store *s)
{
    store_bulk_drop(s);
    s->engine->rollback(s);
    s->in_transaction = false;
    s->depth = 0;
}

bool
store_alive(const struct store *s)
{
    return s->in_transaction && s->engine->alive(s);
}

uint64_t
store_transaction(const struct store *s)
{
    return s->transactions;
}

void
store_watch(struct store *s, const char *prefix)
{
    s->watch = prefix;
}

uint64_t
store_watched(const struct store *s)
{
    return s->watched;
}

/* Read from the text of the statement: the table stands behind its verb. */
bool
store_is_watched(const struct store *s, const char *sql)
{
    static const char *const verbs[] = {"INSERT INTO ", "DELETE FROM ", "UPDATE "};
    static const char *const harmless[] = {"SELECT ", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT ", "RELEASE "};

    if (!s->watch)
        return false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (text_starts(sql, verbs[i]))
            return text_starts(sql + strlen(verbs[i]), s->watch);
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (text_starts(sql, harmless[i]))
            return false;
    return true;
}

uint64_t
store_touched(const struct store *s)
{
    return s->touched;
}

bool
store_in_doubt(const struct store *s)
{
    return s->engine->in_doubt(s);
}

enum fault_code
store_savepoint(struct task *t, struct store *s)
{
    enum fault_code rc = store_check_alive(t, s);

    t->store_calls++;
    return rc ? rc : s->engine->point(t, s, STORE_POINT_SET, s->depth++);
}

enum fault_code
store_release(struct task *t, struct store *s)
{
    must(s->depth > 0);
    t->store_calls++;
    return s->engine->point(t, s, STORE_POINT_RELEASE, --s->depth);
}

enum fault_code
store_undo(struct task *t, struct store *s)
{
    must(s->depth > 0);
    t->store_calls++;
    return s->engine->point(t, s, STORE_POINT_UNDO, --s->depth);
}

enum fault_code
store_fill_begin(struct task *t, struct store *s)
{
    return s->engine->fill(t, s, true);
}

enum fault_code
store_fill_end(struct task *t, struct store *s)
{
    return s->engine->fill(t, s, false);
}

/* ---- search ---- */

enum fault_code
store_search_put(struct task *t, struct store *s, int64_t rid, int64_t stream, const char *tokens)
{
    s->touched++;
    return s->engine->search_put(t, s, rid, stream, tokens);
}

enum fault_code
store_search_find(struct task *t, struct store *s, struct rows *r, const char *all, const char *any,
                  int64_t before, int64_t limit)
{
    return s->engine->search_find(t, s, r, all, any, before, limit);
}

/* ---- whole tables ---- */

enum fault_code
store_clear(struct task *t, struct store *s, const char *names)
{
    enum fault_code rc = FAULT_NONE;

    while (*names && !rc) {
        size_t len = strcspn(names, " ");

        if (len == 12 && strncmp(names, "store_search", len) == 0)
            rc = s->engine->search_clear(t, s);
        else
            rc = store_script(t, s, arena_format(t->arena, "DELETE FROM %.*s", (int)len, names));
        names += len;
        while (*names == ' ')
            names++;
    }
    return rc;
}

static void
add_row(const struct rows *r, int columns, struct text *line, uint8_t hash[32])
{
    struct hash_part parts[2];

    line->len = 0;
    for (int i = 0; i < columns; i++) {
        struct store_raw c;

        r->store->engine->cell(r, i, &c);
        text_printf(line, "%c:%zu:", c.letter, c.len);
        if (c.len)
            text_add(line, c.bytes, c.len);
    }
    parts[0].bytes = hash, parts[0].len = 32;
    parts[1].bytes = line->bytes, parts[1].len = line->len;
    hash_parts(HASH_SHA256, parts, 2, hash);
}

enum fault_code
store_table_digest(struct task *t, struct store *s, const char *table, uint8_t out[32], int64_t *rows)
{
    struct text order, line;
    struct rows r;
    uint8_t hash[32] = {0};
    int columns;
    enum fault_code rc = store_query(
        t, s, &r, arena_format(t->arena, "SELECT * FROM %s LIMIT 0", table), "");

    if (rc)
        return rc;
    columns = s->engine->width(&r);
    rc = store_end(t, &r);
    text_init(&order, t->arena);
    text_printf(&order, "SELECT * FROM %s ORDER BY 1", table);
    for (int i = 2; i <= columns; i++)
        text_printf(&order, ", %d", i);
    r.store = s;
    r.statement = NULL;
    t->store_calls++;
    if (!rc)
        rc = s->engine->walk(t, s, &r, text_string(&order));
    if (rc)
        return rc;
    *rows = 0;
    text_init(&line, t->arena);
    while (store_next(t, &r)) {
        add_row(&r, columns, &line, hash);
        ++*rows;
    }
    memcpy(out, hash, 32);
    return store_end(t, &r);
}
