/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/sqlite.c - the embedded default.
 *
 * Knows: SQLite, its pragmas, its result codes, the lock file.
 * Does not know: any table but store_meta.
 */
#include "base/hash.h"
#include "store/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct cached {
    char *sql;
    sqlite3_stmt *statement;
    bool busy;
};

struct store {
    sqlite3 *db;
    char *path;
    int lock;
    enum store_mode mode;
    int depth; /* of savepoints */
    bool in_transaction;
    struct cached cache[STORE_STATEMENTS];
};

/* ---- faults ---- */

/* A quota or a limit on files refuses a write like a full disk does, by another code. */
static bool
is_full(const struct store *s, int rc)
{
    return (rc & 0xff) == SQLITE_FULL ||
           (s && s->db && sqlite3_extended_errcode(s->db) == SQLITE_IOERR_WRITE);
}

static enum fault_code
refuse(struct task *t, struct store *s, int rc, const char *sql)
{
    const char *why = s && s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc);

    if (is_full(s, rc))
        return fault(t, FAULT_BUSY, NULL,
                     "磁盘已满或写不进去，未写入任何内容；请清理或检查磁盘 | the disk is full or takes no write, "
                     "nothing was written; free some space or check it");
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return fault(t, FAULT_STATE, NULL, "与已有的数据冲突 | conflicts with what is there: %s", why);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fault(t, FAULT_BUSY, NULL,
                     "库正忙，请稍后再试 | the store is busy; try again in a moment");
    default:
        return fault(t, FAULT_STORE, NULL, "库出错：%s | the store failed: %s (%d) %.80s", why, why, rc,
                     sql ? sql : "");
    }
}

/* ---- opening ---- */

static enum fault_code
take_lock(struct task *t, struct store *s)
{
    const char *path = arena_format(t->arena, "%s.lock", s->path);

    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0)
        return fault(t, FAULT_STORE, path, "无法建立锁文件：%s | cannot make the lock file: %s",
                     strerror(errno), strerror(errno));
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
        return fault(t, FAULT_BUSY, s->path,
                     "另一个进程正在使用此库（zhiben serve 或其他写命令）；请先停止它 | another process is using "
                     "this store (zhiben serve or another writing command); stop it first");
    return FAULT_NONE;
}

static enum fault_code
set_pragmas(struct task *t, struct store *s)
{
    char *error = NULL;
    const char *sql = s->mode == STORE_READ
                          ? "PRAGMA cache_size=-4000; PRAGMA temp_store=MEMORY;"
                            "PRAGMA mmap_size=1073741824;"
                          : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000;"
                            "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;"
                            "PRAGMA wal_autocheckpoint=16000; PRAGMA mmap_size=1073741824;";

    sqlite3_busy_timeout(s->db, 5000);
    if (sqlite3_exec(s->db, sql, NULL, NULL, &error) != SQLITE_OK) {
        sqlite3_free(error);
        return refuse(t, s, sqlite3_errcode(s->db), sql);
    }
    return FAULT_NONE;
}

static enum fault_code
open_file(struct task *t, struct store *s)
{
    int flags = SQLITE_OPEN_NOMUTEX |
                (s->mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    struct stat st;
    bool there = stat(s->path, &st) == 0;
    int rc;

    if (s->mode == STORE_CREATE && there && st.st_size > 0)
        return fault(t, FAULT_INPUT, s->path,
                     "库已存在，未改动 | the store exists already and was not touched");
    if (s->mode != STORE_CREATE && !there)
        return fault(t, FAULT_INPUT, s->path,
                     "没有这个库；先用 zhiben init 建立 | no such store; make it with zhiben init");
    if (s->mode == STORE_CREATE)
        flags |= SQLITE_OPEN_CREATE;
    rc = sqlite3_open_v2(s->path, &s->db, flags, NULL);
    if (rc != SQLITE_OK)
        return refuse(t, s, rc, s->path);
    return set_pragmas(t, s);
}

enum fault_code
store_open(struct task *t, const char *url, enum store_mode mode, struct store **out)
{
    struct store *s;
    enum fault_code rc;

    if (!url || !text_starts(url, "sqlite:") || !url[7])
        return fault(t, FAULT_INPUT, "--db",
                     "库的地址写作 sqlite:路径 | write the store as sqlite:PATH");
    s = calloc(1, sizeof *s);
    must(s != NULL);
    s->path = strdup(url + 7);
    s->lock = -1;
    s->mode = mode;
    rc = mode == STORE_READ ? FAULT_NONE : take_lock(t, s);
    if (!rc)
        rc = open_file(t, s);
    if (!rc && mode == STORE_CREATE) {
        rc = store_begin(t, s);
        if (!rc)
            rc = store_schema_make(t, s);
        if (!rc)
            rc = store_commit(t, s);
    } else if (!rc) {
        rc = store_schema_check(t, s, mode == STORE_WRITE);
    }
    if (rc) {
        store_close(s);
        return rc;
    }
    *out = s;
    return FAULT_NONE;
}

void
store_close(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < STORE_STATEMENTS; i++) {
        sqlite3_finalize(s->cache[i].statement);
        free(s->cache[i].sql);
    }
    sqlite3_close(s->db);
    if (s->lock >= 0)
        close(s->lock);
    free(s->path);
    free(s);
}

const char *
store_path(const struct store *s)
{
    return s->path;
}

/* ---- statements ---- */

static size_t
slot_of(const char *sql)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (const char *c = sql; *c; c++)
        h = (h ^ (unsigned char)*c) * UINT64_C(1099511628211);
    return (size_t)(h % STORE_STATEMENTS);
}

static void
drop(struct cached *c)
{
    sqlite3_finalize(c->statement);
    free(c->sql);
    memset(c, 0, sizeof *c);
}

/* A statement in use (a query within a query of the same text) is prepared anew and not kept. */
static enum fault_code
prepare(struct task *t, struct store *s, const char *sql, sqlite3_stmt **out)
{
    struct cached *c = NULL;
    size_t at = slot_of(sql);
    int rc;

    t->store_calls++;
    for (size_t i = 0; i < 4; i++) {
        struct cached *x = &s->cache[(at + i) % STORE_STATEMENTS];

        if (x->sql && strcmp(x->sql, sql) == 0) {
            if (x->busy)
                break;
            x->busy = true;
            *out = x->statement;
            return FAULT_NONE;
        }
        if (!c && (!x->sql || !x->busy))
            c = x;
    }
    rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    if (rc != SQLITE_OK)
        return refuse(t, s, rc, sql);
    if (c) {
        drop(c);
        c->sql = strdup(sql);
        c->statement = *out;
        c->busy = true;
    }
    return FAULT_NONE;
}

static void
give_back(struct store *s, sqlite3_stmt *statement)
{
    const char *sql = sqlite3_sql(statement);
    size_t at = slot_of(sql);

    for (size_t i = 0; i < 4; i++) {
        struct cached *x = &s->cache[(at + i) % STORE_STATEMENTS];

        if (x->statement == statement) {
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
            x->busy = false;
            return;
        }
    }
    sqlite3_finalize(statement);
}

static void
bind_one(sqlite3_stmt *q, int i, const struct store_value *v)
{
    switch (v->letter) {
    case 'i':
        sqlite3_bind_int64(q, i, v->integer);
        break;
    case 's':
        if (v->bytes)
            sqlite3_bind_text(q, i, v->bytes, -1, SQLITE_TRANSIENT);
        break;
    case 'b':
        if (v->bytes)
            sqlite3_bind_blob64(q, i, v->bytes, v->len, SQLITE_TRANSIENT);
        break;
    default:
        must(v->letter == 'n');
    }
}

static size_t
gather(const char *letters, va_list args, struct store_value *values)
{
    size_t n = 0;

    for (; letters[n]; n++) {
        struct store_value *v = &values[n];

        must(n < 64);
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

enum fault_code
store_run_values(struct task *t, struct store *s, int64_t *changed, const char *sql,
                 const struct store_value *values, size_t n)
{
    sqlite3_stmt *q;
    enum fault_code rc = prepare(t, s, sql, &q);
    int step;

    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++)
        bind_one(q, (int)i + 1, &values[i]);
    do
        step = sqlite3_step(q);
    while (step == SQLITE_ROW);
    if (step != SQLITE_DONE)
        rc = refuse(t, s, step, sql);
    else if (changed)
        *changed = sqlite3_changes64(s->db);
    give_back(s, q);
    return rc;
}

enum fault_code
store_query_values(struct task *t, struct store *s, struct rows *r, const char *sql,
                   const struct store_value *values, size_t n)
{
    sqlite3_stmt *q;
    enum fault_code rc = prepare(t, s, sql, &q);

    r->store = s;
    r->statement = NULL;
    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++)
        bind_one(q, (int)i + 1, &values[i]);
    r->statement = q;
    return FAULT_NONE;
}

enum fault_code
store_run(struct task *t, struct store *s, int64_t *changed, const char *sql, const char *letters, ...)
{
    struct store_value values[64];
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
    struct store_value values[64];
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
    int step;

    if (!r->statement)
        return false;
    step = sqlite3_step(r->statement);
    if (step == SQLITE_ROW)
        return true;
    if (step != SQLITE_DONE)
        (void)refuse(t, r->store, step, sqlite3_sql(r->statement));
    give_back(r->store, r->statement);
    r->statement = NULL;
    return false;
}

enum fault_code
store_end(struct task *t, struct rows *r)
{
    if (r->statement)
        give_back(r->store, r->statement);
    r->statement = NULL;
    return t->fault.code;
}

int64_t
store_int(const struct rows *r, int column)
{
    return sqlite3_column_int64(r->statement, column);
}

bool
store_null(const struct rows *r, int column)
{
    return sqlite3_column_type(r->statement, column) == SQLITE_NULL;
}

const char *
store_text(struct task *t, const struct rows *r, int column)
{
    const char *s = (const char *)sqlite3_column_text(r->statement, column);

    if (!s)
        return NULL;
    return arena_copy(t->arena, s, (size_t)sqlite3_column_bytes(r->statement, column));
}

const void *
store_bytes(struct task *t, const struct rows *r, int column, size_t *len)
{
    const void *b = sqlite3_column_blob(r->statement, column);
    size_t n = (size_t)sqlite3_column_bytes(r->statement, column);

    *len = n;
    return arena_copy(t->arena, b ? b : "", n);
}

int
store_width(const struct rows *r)
{
    return sqlite3_column_count(r->statement);
}

const char *
store_column(const struct rows *r, int column)
{
    return sqlite3_column_name(r->statement, column);
}

void
store_cell(struct task *t, const struct rows *r, int column, struct store_value *out)
{
    memset(out, 0, sizeof *out);
    switch (sqlite3_column_type(r->statement, column)) {
    case SQLITE_INTEGER:
        out->letter = 'i';
        out->integer = store_int(r, column);
        break;
    case SQLITE_TEXT:
        out->letter = 's';
        out->bytes = store_text(t, r, column);
        break;
    case SQLITE_BLOB:
        out->letter = 'b';
        out->bytes = store_bytes(t, r, column, &out->len);
        break;
    default:
        out->letter = 'n';
    }
}

enum fault_code
store_one_int(struct task *t, struct store *s, int64_t *value, bool *found, const char *sql,
              const char *letters, ...)
{
    struct store_value values[64];
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
    struct store_value values[64];
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
    char *error = NULL;

    t->store_calls++;
    if (sqlite3_exec(s->db, sql, NULL, NULL, &error) != SQLITE_OK) {
        sqlite3_free(error);
        return refuse(t, s, sqlite3_extended_errcode(s->db), sql);
    }
    return FAULT_NONE;
}

/* ---- transactions ---- */

enum fault_code
store_begin(struct task *t, struct store *s)
{
    enum fault_code rc = store_run(t, s, NULL, "BEGIN IMMEDIATE", "");

    s->depth = 0;
    s->in_transaction = !rc;
    return rc;
}

enum fault_code
store_begin_read(struct task *t, struct store *s)
{
    enum fault_code rc = store_run(t, s, NULL, "BEGIN", "");

    s->depth = 0;
    s->in_transaction = !rc;
    return rc;
}

enum fault_code
store_commit(struct task *t, struct store *s)
{
    enum fault_code rc = store_run(t, s, NULL, "COMMIT", "");

    if (rc)
        return rc;
    s->in_transaction = false;
    s->depth = 0;
    return FAULT_NONE;
}

void
store_rollback(struct store *s)
{
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->in_transaction = false;
    s->depth = 0;
}

bool
store_alive(const struct store *s)
{
    return s->in_transaction && !sqlite3_get_autocommit(s->db);
}

enum fault_code
store_savepoint(struct task *t, struct store *s)
{
    char sql[32];

    snprintf(sql, sizeof sql, "SAVEPOINT s%d", s->depth++);
    return store_run(t, s, NULL, sql, "");
}

enum fault_code
store_release(struct task *t, struct store *s)
{
    char sql[32];

    must(s->depth > 0);
    snprintf(sql, sizeof sql, "RELEASE s%d", --s->depth);
    return store_run(t, s, NULL, sql, "");
}

enum fault_code
store_undo(struct task *t, struct store *s)
{
    char sql[32];
    enum fault_code rc;

    must(s->depth > 0);
    snprintf(sql, sizeof sql, "ROLLBACK TO s%d", --s->depth);
    rc = store_run(t, s, NULL, sql, "");
    snprintf(sql, sizeof sql, "RELEASE s%d", s->depth);
    return rc ? rc : store_run(t, s, NULL, sql, "");
}

/* ---- filling ---- */

enum fault_code
store_fill_begin(struct task *t, struct store *s)
{
    return store_script(t, s, "PRAGMA synchronous=OFF;");
}

enum fault_code
store_fill_end(struct task *t, struct store *s)
{
    int fd;
    enum fault_code rc =
        store_script(t, s, "PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(TRUNCATE);");

    if (rc)
        return rc;
    fd = open(s->path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        rc = fault(t, FAULT_STORE, s->path, "无法写入磁盘：%s | cannot write through to the disk: %s",
                   strerror(errno), strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}

/* ---- search ---- */

enum fault_code
store_search_put(struct task *t, struct store *s, int64_t rid, int64_t stream, const char *tokens)
{
    struct rows r;
    const char *old = NULL;
    int64_t n = 0;
    enum fault_code rc = store_query(
        t, s, &r, "SELECT n, tokens FROM store_search_row WHERE rid = ? AND stream = ?", "ii", rid, stream);

    if (rc)
        return rc;
    if (store_next(t, &r)) {
        n = store_int(&r, 0);
        old = store_text(t, &r, 1);
    }
    rc = store_end(t, &r);
    if (rc || (old && tokens && strcmp(old, tokens) == 0))
        return rc;
    if (old) {
        rc = store_run(t, s, NULL,
                       "INSERT INTO store_search (store_search, rowid, tokens) VALUES ('delete', ?, ?)",
                       "is", n, old);
        if (!rc)
            rc = store_run(t, s, NULL, "DELETE FROM store_search_row WHERE n = ?", "i", n);
    }
    if (rc || !tokens)
        return rc;
    rc = store_run(t, s, NULL, "INSERT INTO store_search_row (rid, stream, tokens) VALUES (?, ?, ?)",
                   "iis", rid, stream, tokens);
    if (!rc)
        rc = store_run(t, s, NULL,
                       "INSERT INTO store_search (rowid, tokens) SELECT n, tokens FROM store_search_row "
                       "WHERE rid = ? AND stream = ?",
                       "ii", rid, stream);
    return rc;
}

/* Tokens are quoted one by one: nothing a person types becomes an operator. */
static void
add_terms(struct text *x, const char *list, const char *join)
{
    bool first = true;

    while (*list) {
        size_t len = strcspn(list, " ");

        if (len) {
            text_puts(x, first ? "" : join);
            text_char(x, '"');
            text_add(x, list, len);
            text_char(x, '"');
            first = false;
        }
        list += len;
        while (*list == ' ')
            list++;
    }
}

enum fault_code
store_search_find(struct task *t, struct store *s, struct rows *r, const char *all, const char *any,
                  int64_t before, int64_t limit)
{
    struct text x;

    text_init(&x, t->arena);
    add_terms(&x, all, " AND ");
    if (any) {
        text_puts(&x, " AND (");
        add_terms(&x, any, " OR ");
        text_puts(&x, ")");
    }
    return store_query(t, s, r,
                       "SELECT w.rid, w.stream FROM store_search f JOIN store_search_row w ON w.n = "
                       "f.rowid WHERE store_search MATCH ? AND w.rid < ? ORDER BY w.rid DESC LIMIT ?",
                       "sii", text_string(&x), before, limit);
}

/* ---- whole tables ---- */

enum fault_code
store_clear(struct task *t, struct store *s, const char *names)
{
    enum fault_code rc = FAULT_NONE;

    while (*names && !rc) {
        size_t len = strcspn(names, " ");

        if (strncmp(names, "store_search", len) == 0 && len == 12)
            rc = store_script(t, s,
                              "INSERT INTO store_search (store_search) VALUES ('delete-all');"
                              "DELETE FROM store_search_row;");
        else
            rc = store_script(t, s, arena_format(t->arena, "DELETE FROM %.*s", (int)len, names));
        names += len;
        while (*names == ' ')
            names++;
    }
    return rc;
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
    columns = sqlite3_column_count(r.statement);
    rc = store_end(t, &r);
    text_init(&order, t->arena);
    text_printf(&order, "SELECT * FROM %s ORDER BY 1", table);
    for (int i = 2; i <= columns; i++)
        text_printf(&order, ", %d", i);
    if (!rc)
        rc = store_query(t, s, &r, text_string(&order), "");
    if (rc)
        return rc;
    *rows = 0;
    text_init(&line, t->arena);
    while (store_next(t, &r)) {
        struct hash_part parts[2];

        line.len = 0;
        for (int i = 0; i < columns; i++) {
            const void *b = sqlite3_column_blob(r.statement, i);
            int n = sqlite3_column_bytes(r.statement, i);

            text_printf(&line, "%d:%d:", sqlite3_column_type(r.statement, i), n);
            if (b)
                text_add(&line, b, (size_t)n);
        }
        parts[0].bytes = hash, parts[0].len = 32;
        parts[1].bytes = line.bytes, parts[1].len = line.len;
        hash_parts(HASH_SHA256, parts, 2, hash);
        ++*rows;
    }
    memcpy(out, hash, 32);
    return store_end(t, &r);
}

const char **
store_statements(struct task *t, const struct store *s, size_t *n)
{
    const char **list = arena_alloc(t->arena, STORE_STATEMENTS * sizeof *list);

    *n = 0;
    for (size_t i = 0; i < STORE_STATEMENTS; i++)
        if (s->cache[i].sql)
            list[(*n)++] = arena_text(t->arena, s->cache[i].sql);
    return list;
}
