/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault/door.c - makes the calls of a process to its store fail, without the process knowing.
 *
 * Loaded before the process (LD_PRELOAD); stands before the calls by which the release binary reaches
 * SQLite, libpq and the disk. It counts those that the file named by FAULT_DOOR asks for, and those
 * numbered from `from` to `until` fail: a call of SQLite answers `code`, with `ends` after its
 * transaction was rolled back as SQLite does when memory or the disk gives out; a statement to
 * PostgreSQL is put in place by one that is refused with the SQLSTATE `code`, with `ends` the
 * connection is cut before it; a file's call fails with the errno `code`. Without the file nothing
 * is counted.
 *
 * Knows: the calls' shapes.
 * Does not know: what the process does with them.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATEMENT = 1, PREPARE = 2, BIND = 4, WRITE = 8, FLUSH = 16, ANSWER = 32, NAME = 64 };

struct door {
    _Atomic uint32_t what, from, until, code, ends, calls, failed;
};

static struct door *door;
static _Thread_local bool inside; /* SQLite's own calls of itself are its own affair */

__attribute__((constructor)) static void
map_door(void)
{
    const char *path = getenv("FAULT_DOOR");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at;

    if (fd < 0)
        return;
    at = mmap(NULL, sizeof *door, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED)
        door = at;
}

/* Whether this call is one that fails. */
static bool
fails(uint32_t what)
{
    uint32_t n;

    if (!door || !(door->what & what) || (inside && what < WRITE))
        return false;
    n = atomic_fetch_add(&door->calls, 1) + 1;
    if (n < door->from || n > door->until)
        return false;
    atomic_fetch_add(&door->failed, 1);
    return true;
}

static void *
real(const char *name)
{
    void *at = dlsym(RTLD_NEXT, name);

    if (!at)
        abort();
    return at;
}

#define REAL(type, name, ...) \
    static type (*call)(__VA_ARGS__); \
    if (!call) \
        *(void **)&call = real(name)

/* ---- SQLite ---- */

int sqlite3_step(void *statement);
int sqlite3_exec(void *db, const char *sql, void *row, void *who, char **error);
int sqlite3_prepare_v3(void *db, const char *sql, int len, unsigned flags, void **out, const char **tail);
int sqlite3_bind_int64(void *statement, int i, long long value);
int sqlite3_bind_text(void *statement, int i, const char *text, int len, void (*done)(void *));
int sqlite3_bind_blob64(void *statement, int i, const void *bytes, uint64_t len, void (*done)(void *));

static void
roll_back(void *db)
{
    REAL(int, "sqlite3_exec", void *, const char *, void *, void *, void *);

    inside = true;
    (void)call(db, "ROLLBACK", NULL, NULL, NULL);
    inside = false;
}

static int
refused(void *db)
{
    if (door->ends)
        roll_back(db);
    return (int)door->code;
}

static void *
db_of(void *statement)
{
    REAL(void *, "sqlite3_db_handle", void *);

    return call(statement);
}

int
sqlite3_step(void *statement)
{
    REAL(int, "sqlite3_step", void *);
    bool before = inside;
    int rc;

    if (fails(STATEMENT))
        return refused(db_of(statement));
    inside = true;
    rc = call(statement);
    inside = before;
    return rc;
}

/* A script fails as a whole: a step refused inside it would be passed over, as SQLite asks the statement why. */
int
sqlite3_exec(void *db, const char *sql, void *row, void *who, char **error)
{
    REAL(int, "sqlite3_exec", void *, const char *, void *, void *, char **);
    bool before = inside;
    int rc;

    if (fails(STATEMENT))
        return refused(db);
    inside = true;
    rc = call(db, sql, row, who, error);
    inside = before;
    return rc;
}

int
sqlite3_prepare_v3(void *db, const char *sql, int len, unsigned flags, void **out, const char **tail)
{
    REAL(int, "sqlite3_prepare_v3", void *, const char *, int, unsigned, void **, const char **);

    bool before = inside;
    int rc;

    if (fails(PREPARE)) {
        *out = NULL;
        return refused(db);
    }
    inside = true;
    rc = call(db, sql, len, flags, out, tail);
    inside = before;
    return rc;
}

/* What SQLite does where no memory is left for a value: it stays null. */
#define NO_MEMORY 7

int
sqlite3_bind_int64(void *statement, int i, long long value)
{
    REAL(int, "sqlite3_bind_int64", void *, int, long long);

    return fails(BIND) ? NO_MEMORY : call(statement, i, value);
}

int
sqlite3_bind_text(void *statement, int i, const char *text, int len, void (*done)(void *))
{
    REAL(int, "sqlite3_bind_text", void *, int, const char *, int, void (*)(void *));

    return fails(BIND) ? NO_MEMORY : call(statement, i, text, len, done);
}

int
sqlite3_bind_blob64(void *statement, int i, const void *bytes, uint64_t len, void (*done)(void *))
{
    REAL(int, "sqlite3_bind_blob64", void *, int, const void *, uint64_t, void (*)(void *));

    return fails(BIND) ? NO_MEMORY : call(statement, i, bytes, len, done);
}

/* ---- libpq ---- */

int PQsendQueryPrepared(void *conn, const char *name, int n, const char *const *values, const int *lens,
                        const int *formats, int format);
int PQsendPrepare(void *conn, const char *name, const char *sql, int n, const unsigned *types);
void *PQgetResult(void *conn);

static void
cut(void *conn)
{
    REAL(int, "PQsocket", const void *);
    int fd = call(conn);

    if (fd >= 0)
        (void)shutdown(fd, SHUT_RDWR);
}

/* A statement that the server refuses, with one answer as the one it stands for has. */
static int
send_refused(void *conn)
{
    char sql[96];
    REAL(int, "PQsendQueryParams", void *, const char *, int, const unsigned *, const char *const *,
         const int *, const int *, int);

    snprintf(sql, sizeof sql, "DO $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = '%05u'; END $$",
             (unsigned)door->code);
    return call(conn, sql, 0, NULL, NULL, NULL, NULL, 1);
}

int
PQsendQueryPrepared(void *conn, const char *name, int n, const char *const *values, const int *lens,
                    const int *formats, int format)
{
    REAL(int, "PQsendQueryPrepared", void *, const char *, int, const char *const *, const int *,
         const int *, int);

    if (fails(STATEMENT)) {
        if (!door->ends)
            return send_refused(conn);
        cut(conn);
    }
    return call(conn, name, n, values, lens, formats, format);
}

int
PQsendPrepare(void *conn, const char *name, const char *sql, int n, const unsigned *types)
{
    REAL(int, "PQsendPrepare", void *, const char *, const char *, int, const unsigned *);

    if (fails(PREPARE)) {
        if (!door->ends)
            return send_refused(conn);
        cut(conn);
    }
    return call(conn, name, sql, n, types);
}

/* The question went out, the answer never comes. */
void *
PQgetResult(void *conn)
{
    REAL(void *, "PQgetResult", void *);

    if (fails(ANSWER))
        cut(conn);
    return call(conn);
}

/* ---- files ---- */

static bool
is_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static int
no(void)
{
    errno = (int)door->code;
    return -1;
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
    REAL(ssize_t, "write", int, const void *, size_t);

    return door && door->what & WRITE && is_file(fd) && fails(WRITE) ? no() : call(fd, bytes, len);
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);

    return fails(WRITE) ? no() : call(fd, bytes, len, at);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);

    return fails(WRITE) ? no() : call(fd, bytes, len, at);
}

int
fsync(int fd)
{
    REAL(int, "fsync", int);

    return fails(FLUSH) ? no() : call(fd);
}

int
fdatasync(int fd)
{
    REAL(int, "fdatasync", int);

    return fails(FLUSH) ? no() : call(fd);
}

int
rename(const char *from, const char *to)
{
    REAL(int, "rename", const char *, const char *);

    return fails(NAME) ? no() : call(from, to);
}
