/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/sqlite.c - the embedded default.
 *
 * Knows: SQLite, its pragmas, its result codes, the lock file.
 * Does not know: any table but the search index.
 */
#include "store/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct cached {
    char *sql;
    sqlite3_stmt *statement;
    bool busy;  /* somebody reads its rows */
    bool loose; /* in no cache: ends with its use */
    bool watched;
    uint64_t used;
};

#define ADDRESSES 2048 /* of statements' texts; a power of two */
#define PROBES 16

/* Texts are mostly literals, so where one stands says which it is before its letters are looked at. */
struct sqlite {
    struct store base;
    sqlite3 *db;
    int lock;
    uint64_t uses;
    struct cached cache[STORE_STATEMENTS];
    struct cached *by_address[ADDRESSES];
};

/* The engine's own store: base is its first member. */
static struct sqlite *
own(const struct store *s)
{
    return (struct sqlite *)(uintptr_t)s;
}

static const struct store_word words[] = {
    {"{serial}", "INTEGER PRIMARY KEY"},
    {"{bytes}", "BLOB"},
    {"{packed}", "WITHOUT ROWID"},
    {"{search_by_rid}",
     "INSERT INTO store_search (store_search) VALUES ('delete-all');"
     "CREATE TABLE store_search_in_order (n INTEGER PRIMARY KEY, rid BIGINT NOT NULL, stream INTEGER NOT NULL, "
     "tokens TEXT NOT NULL, UNIQUE (rid, stream));"
     "INSERT INTO store_search_in_order SELECT w.rid + (SELECT count(*) FROM store_search_row b WHERE b.rid = w.rid "
     "AND b.stream < w.stream), w.rid, w.stream, w.tokens FROM store_search_row w ORDER BY w.rid, w.stream;"
     "DROP TABLE store_search_row;"
     "ALTER TABLE store_search_in_order RENAME TO store_search_row;"
     "INSERT INTO store_search (rowid, tokens) SELECT n, tokens FROM store_search_row ORDER BY n;"},
    {"{if_packed}", ""},
    {"{end_if}", ""},
    {0},
};

/* ---- faults ---- */

/* A quota or a limit on files refuses a write like a full disk does, by another code. */
static bool
is_full(const struct sqlite *s, int rc)
{
    return (rc & 0xff) == SQLITE_FULL ||
           (s && s->db && sqlite3_extended_errcode(s->db) == SQLITE_IOERR_WRITE);
}

static enum fault_code
refuse(struct task *t, struct sqlite *s, int rc, const char *sql)
{
    const char *why = s && s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc);

    t->store_broke = t->store_broke || (rc & 0xff) != SQLITE_CONSTRAINT;
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
take_lock(struct task *t, struct sqlite *s)
{
    const char *path = arena_format(t->arena, "%s.lock", s->base.beside);

    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0)
        return fault(t, FAULT_STORE, path, "无法建立锁文件：%s | cannot make the lock file: %s",
                     strerror(errno), strerror(errno));
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
        return fault(t, FAULT_BUSY, s->base.beside,
                     "另一个进程正在使用此库（zhiben serve 或其他写命令）；请先停止它 | another process is using "
                     "this store (zhiben serve or another writing command); stop it first");
    return FAULT_NONE;
}

static enum fault_code
set_pragmas(struct task *t, struct sqlite *s)
{
    char *error = NULL;
    int rc;
    const char *sql = s->base.mode == STORE_READ
                          ? "PRAGMA cache_size=-4000; PRAGMA temp_store=MEMORY;"
                            "PRAGMA mmap_size=1073741824;"
                          : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
                            "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;"
                            "PRAGMA wal_autocheckpoint=16000; PRAGMA mmap_size=1073741824;";

    sqlite3_busy_timeout(s->db, 5000);
    rc = sqlite3_exec(s->db, sql, NULL, NULL, &error);
    sqlite3_free(error);
    if (rc != SQLITE_OK)
        return refuse(t, s, rc, sql);
    return FAULT_NONE;
}

static const char *log_door; /* how who writes opens its file; NULL: as the library does */

/* Counting the library's memory takes one lock of the process at every allocation of every thread. */
static void
set_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    log_door = store_sqlite_log();
}

static enum fault_code
open_file(struct task *t, struct sqlite *s)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    int flags = SQLITE_OPEN_NOMUTEX |
                (s->base.mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    struct stat st;
    bool there = stat(s->base.beside, &st) == 0;
    int rc;

    pthread_once(&once, set_library);
    if (s->base.mode == STORE_CREATE && there && st.st_size > 0)
        return fault(t, FAULT_INPUT, s->base.beside,
                     "库已存在，未改动 | the store exists already and was not touched");
    if (s->base.mode != STORE_CREATE && !there)
        return fault(t, FAULT_INPUT, s->base.beside,
                     "没有这个库；先用 zhiben init 建立 | no such store; make it with zhiben init");
    if (s->base.mode == STORE_CREATE)
        flags |= SQLITE_OPEN_CREATE;
    rc = sqlite3_open_v2(s->base.beside, &s->db, flags, s->base.mode == STORE_READ ? NULL : log_door);
    if (rc != SQLITE_OK)
        return refuse(t, s, rc, s->base.beside);
    return set_pragmas(t, s);
}

static enum fault_code
beside(struct task *t, const char *url, const char **path)
{
    if (!url[strlen("sqlite:")])
        return fault(t, FAULT_INPUT, "--db", "库的地址写作 sqlite:路径 | write the store as sqlite:PATH");
    *path = url + strlen("sqlite:");
    return FAULT_NONE;
}

static void
close_store(struct store *base)
{
    struct sqlite *s = own(base);

    for (size_t i = 0; i < STORE_STATEMENTS; i++) {
        sqlite3_finalize(s->cache[i].statement);
        free(s->cache[i].sql);
    }
    sqlite3_close(s->db);
    if (s->lock >= 0)
        close(s->lock);
    free(base->beside);
    free(s);
}

static enum fault_code
open_store(struct task *t, const char *url, enum store_mode mode, struct store **out)
{
    const char *path = NULL;
    struct sqlite *s;
    enum fault_code rc = beside(t, url, &path);

    if (rc)
        return rc;
    s = calloc(1, sizeof *s);
    must(s != NULL);
    s->base.engine = &store_sqlite;
    s->base.beside = s->base.name = strdup(path);
    s->base.mode = mode;
    s->lock = -1;
    rc = mode == STORE_READ ? FAULT_NONE : take_lock(t, s);
    if (!rc)
        rc = open_file(t, s);
    if (rc) {
        close_store(&s->base);
        return rc;
    }
    *out = &s->base;
    return FAULT_NONE;
}

/* Its files are all there is, and whoever made them takes them away. */
static enum fault_code
unmake(struct task *t, const char *url)
{
    (void)t;
    (void)url;
    return FAULT_NONE;
}

/* ---- statements ---- */

static void
drop(struct cached *c)
{
    sqlite3_finalize(c->statement);
    free(c->sql);
    memset(c, 0, sizeof *c);
}

static struct cached **
address_slot(struct sqlite *s, const char *sql)
{
    return &s->by_address[((uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 53];
}

static bool
holds(const struct cached *c, const char *sql)
{
    return c && c->sql && strcmp(c->sql, sql) == 0;
}

/* By its letters: the statement itself, else the place of the one longest unused. */
static struct cached *
find_text(struct sqlite *s, const char *sql)
{
    struct cached *oldest = NULL;
    size_t at = store_slot(sql);

    for (size_t i = 0; i < PROBES; i++) {
        struct cached *x = &s->cache[(at + i) % STORE_STATEMENTS];

        if (holds(x, sql))
            return x;
        if (!x->busy && (!oldest || x->used < oldest->used))
            oldest = x;
    }
    return oldest;
}

/* A statement in use (a query within a query of the same text) is prepared anew and not kept. */
static enum fault_code
prepare(struct task *t, struct sqlite *s, const char *sql, struct cached **out)
{
    struct cached **known = address_slot(s, sql), *c = *known;
    sqlite3_stmt *statement;
    int rc;

    if (!holds(c, sql))
        c = find_text(s, sql);
    if (!holds(c, sql) || c->busy) {
        rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
        if (rc != SQLITE_OK)
            return refuse(t, s, rc, sql);
        if (!c || c->busy) {
            c = calloc(1, sizeof *c);
            must(c != NULL);
            c->loose = true;
        } else {
            drop(c);
        }
        c->sql = strdup(sql);
        c->statement = statement;
        c->watched = store_is_watched(&s->base, sql);
    }
    if (!c->loose)
        *known = c;
    c->busy = true;
    c->used = ++s->uses;
    *out = c;
    return FAULT_NONE;
}

static void
give_back(struct cached *c)
{
    sqlite3_reset(c->statement);
    sqlite3_clear_bindings(c->statement);
    c->busy = false;
    if (c->loose) {
        drop(c);
        free(c);
    }
}

static sqlite3_stmt *
statement_of(const struct rows *r)
{
    return ((const struct cached *)r->statement)->statement;
}

/* `life`: whether the bytes stay where they are until the statement ends. */
static int
bind_one(sqlite3_stmt *q, int i, const struct store_value *v, sqlite3_destructor_type life)
{
    switch (v->letter) {
    case 'i':
        return sqlite3_bind_int64(q, i, v->integer);
    case 's': /* NULL binds null */
        return sqlite3_bind_text(q, i, v->bytes, -1, life);
    case 'b':
        return sqlite3_bind_blob64(q, i, v->bytes, v->len, life);
    default:
        must(v->letter == 'n');
        return sqlite3_bind_null(q, i);
    }
}

/* A statement ready to be stepped through; a value that could not be bound would be null. */
static enum fault_code
prepare_bound(struct task *t, struct sqlite *s, const char *sql, const struct store_value *values, size_t n,
              sqlite3_destructor_type life, struct cached **out)
{
    enum fault_code rc = prepare(t, s, sql, out);

    for (size_t i = 0; i < n && !rc; i++) {
        int bound = bind_one((*out)->statement, (int)i + 1, &values[i], life);

        if (bound != SQLITE_OK) {
            rc = refuse(t, s, bound, sql);
            give_back(*out);
        }
    }
    return rc;
}

static enum fault_code
run(struct task *t, struct store *base, int64_t *changed, const char *sql,
    const struct store_value *values, size_t n)
{
    struct sqlite *s = own(base);
    struct cached *q;
    enum fault_code rc = prepare_bound(t, s, sql, values, n, SQLITE_STATIC, &q);
    int step;

    if (rc)
        return rc;
    do
        step = sqlite3_step(q->statement);
    while (step == SQLITE_ROW);
    if (step != SQLITE_DONE)
        rc = refuse(t, s, step, sql);
    else if (changed)
        *changed = sqlite3_changes64(s->db);
    base->watched += q->watched;
    give_back(q);
    return rc;
}

static enum fault_code
run_rows(struct task *t, struct store *base, const char *sql, const struct store_value *values,
         size_t width, size_t rows)
{
    struct sqlite *s = own(base);
    struct cached *q;
    enum fault_code rc = prepare(t, s, sql, &q);

    if (rc)
        return rc;
    for (size_t k = 0; k < rows && !rc; k++) {
        int step;

        for (size_t i = 0; i < width && !rc; i++) {
            int bound = bind_one(q->statement, (int)i + 1, &values[k * width + i], SQLITE_STATIC);

            if (bound != SQLITE_OK)
                rc = refuse(t, s, bound, sql);
        }
        if (rc)
            break;
        step = sqlite3_step(q->statement);
        if (step != SQLITE_DONE)
            rc = refuse(t, s, step, sql);
        sqlite3_reset(q->statement);
    }
    base->watched += q->watched;
    give_back(q);
    return rc;
}

static enum fault_code
query(struct task *t, struct store *s, struct rows *r, const char *sql,
      const struct store_value *values, size_t n)
{
    struct cached *q;
    enum fault_code rc = prepare_bound(t, own(s), sql, values, n, SQLITE_TRANSIENT, &q);

    if (!rc)
        r->statement = q;
    return rc;
}

static enum fault_code
walk(struct task *t, struct store *s, struct rows *r, const char *sql)
{
    return query(t, s, r, sql, NULL, 0);
}

static void
end(struct rows *r)
{
    give_back(r->statement);
}

static bool
next(struct task *t, struct rows *r)
{
    int step = sqlite3_step(statement_of(r));

    if (step == SQLITE_ROW)
        return true;
    if (step != SQLITE_DONE)
        (void)refuse(t, own(r->store), step, sqlite3_sql(statement_of(r)));
    end(r);
    r->statement = NULL;
    return false;
}

static int64_t
column_int(const struct rows *r, int column)
{
    return sqlite3_column_int64(statement_of(r), column);
}

static bool
column_null(const struct rows *r, int column)
{
    return sqlite3_column_type(statement_of(r), column) == SQLITE_NULL;
}

static const char *
column_text(struct task *t, const struct rows *r, int column, size_t *len)
{
    const void *bytes = sqlite3_column_blob(statement_of(r), column);

    *len = (size_t)sqlite3_column_bytes(statement_of(r), column);
    if (!bytes && column_null(r, column))
        return NULL;
    return arena_copy(t->arena, bytes ? bytes : "", *len);
}

static int
width(const struct rows *r)
{
    return sqlite3_column_count(statement_of(r));
}

static const char *
column_name(const struct rows *r, int column)
{
    return sqlite3_column_name(statement_of(r), column);
}

static void
cell(const struct rows *r, int column, struct store_raw *out)
{
    switch (sqlite3_column_type(statement_of(r), column)) {
    case SQLITE_INTEGER:
        out->letter = 'i';
        break;
    case SQLITE_TEXT:
        out->letter = 's';
        break;
    case SQLITE_BLOB:
        out->letter = 'b';
        break;
    default:
        out->letter = 'n';
    }
    out->bytes = sqlite3_column_blob(statement_of(r), column);
    out->len = (size_t)sqlite3_column_bytes(statement_of(r), column);
}

static enum fault_code
script(struct task *t, struct store *s, const char *sql)
{
    char *error = NULL;
    int rc = sqlite3_exec(own(s)->db, sql, NULL, NULL, &error);

    sqlite3_free(error);
    return rc == SQLITE_OK ? FAULT_NONE : refuse(t, own(s), rc, sql);
}

/* ---- transactions ---- */

static void
rollback(struct store *s)
{
    struct task own_task;

    if (sqlite3_get_autocommit(own(s)->db))
        return;
    task_init(&own_task, 0, 1);
    (void)!run(&own_task, s, NULL, "ROLLBACK", NULL, 0);
    task_release(&own_task);
}

static enum fault_code
begin(struct task *t, struct store *s, bool read)
{
    rollback(s); /* one that could not be ended when memory gave out */
    return run(t, s, NULL, read ? "BEGIN" : "BEGIN IMMEDIATE", NULL, 0);
}

/* There is one writer: every row is its own. */
static enum fault_code
lock_row(struct task *t, struct store *s, const char *table, const char *column, int64_t value)
{
    (void)t, (void)s, (void)table, (void)column, (void)value;
    return FAULT_NONE;
}

static enum fault_code
point(struct task *t, struct store *s, enum store_point what, int depth)
{
    static const char *const texts[] = {"SAVEPOINT s%d", "RELEASE s%d", "ROLLBACK TO s%d"};
    char sql[32];
    enum fault_code rc;

    snprintf(sql, sizeof sql, texts[what], depth);
    rc = run(t, s, NULL, sql, NULL, 0);
    return rc || what != STORE_POINT_UNDO ? rc : point(t, s, STORE_POINT_RELEASE, depth);
}

/* Other connections alone move it, and one that only reads never commits. */
static enum fault_code
moment(struct task *t, struct store *s, bool *known, int64_t *out)
{
    return store_one_int(t, s, out, known, "PRAGMA data_version", "");
}

static enum fault_code
commit(struct task *t, struct store *s)
{
    return run(t, s, NULL, "COMMIT", NULL, 0);
}

static bool
alive(const struct store *s)
{
    return !sqlite3_get_autocommit(own(s)->db);
}

/* The file answers for itself: a commit is there or it is not. */
static bool
in_doubt(const struct store *s)
{
    (void)s;
    return false;
}

/* ---- filling ---- */

static enum fault_code
fill_end(struct task *t, struct store *s)
{
    int fd;
    enum fault_code rc =
        script(t, s, "PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(TRUNCATE);");

    if (rc)
        return rc;
    fd = open(s->beside, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        rc = fault(t, FAULT_STORE, s->name, "无法写入磁盘：%s | cannot write through to the disk: %s",
                   strerror(errno), strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}

static enum fault_code
fill(struct task *t, struct store *s, bool begins)
{
    return begins ? script(t, s, "PRAGMA synchronous=OFF;") : fill_end(t, s);
}

/* ---- search ---- */

#define SAME_RID 64 /* records of one instant and one random number, each in another stream */

/* The index is walked in the order of its row numbers: a record's is its rid, or the next one free. */
static enum fault_code
search_place(struct task *t, struct store *s, int64_t rid, int64_t *n)
{
    bool taken = true;
    enum fault_code rc = FAULT_NONE;

    for (int64_t i = 0; taken && i < SAME_RID && !rc; i++) {
        *n = rid + i;
        rc = store_one_int(t, s, n, &taken, "SELECT n FROM store_search_row WHERE n = ?", "i", *n);
    }
    return rc;
}

static enum fault_code
search_put(struct task *t, struct store *s, int64_t rid, int64_t stream, const char *tokens)
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
    rc = search_place(t, s, rid, &n);
    if (!rc)
        rc = store_run(t, s, NULL, "INSERT INTO store_search_row (n, rid, stream, tokens) VALUES (?, ?, ?, ?)",
                       "iiis", n, rid, stream, tokens);
    if (!rc)
        /* Values, no query: what may write several rows is a savepoint, and each writes the index out. */
        rc = store_run(t, s, NULL, "INSERT INTO store_search (rowid, tokens) VALUES (?, ?)", "is", n, tokens);
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

static enum fault_code
search_find(struct task *t, struct store *s, struct rows *r, const char *all, const char *any,
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
                       "SELECT w.rid, w.stream FROM store_search f CROSS JOIN store_search_row w ON w.n = "
                       "f.rowid WHERE store_search MATCH ? AND f.rowid < ? AND w.rid < ? ORDER BY f.rowid "
                       "DESC LIMIT ?",
                       "siii", text_string(&x), before > INT64_MAX - SAME_RID ? before : before + SAME_RID,
                       before, limit);
}

static enum fault_code
search_clear(struct task *t, struct store *s)
{
    return script(t, s,
                  "INSERT INTO store_search (store_search) VALUES ('delete-all');"
                  "DELETE FROM store_search_row;");
}

const struct store_engine store_sqlite = {
    .words = words,
    .search_sql = "sql/search.sql",
    .beside = beside,
    .open = open_store,
    .close = close_store,
    .unmake = unmake,
    .script = script,
    .run = run,
    .run_rows = run_rows,
    .query = query,
    .walk = walk,
    .next = next,
    .end = end,
    .column_int = column_int,
    .column_null = column_null,
    .column_text = column_text,
    .width = width,
    .column_name = column_name,
    .cell = cell,
    .begin = begin,
    .moment = moment,
    .lock_row = lock_row,
    .point = point,
    .commit = commit,
    .rollback = rollback,
    .alive = alive,
    .in_doubt = in_doubt,
    .fill = fill,
    .search_put = search_put,
    .search_find = search_find,
    .search_clear = search_clear,
};
