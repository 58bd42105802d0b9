/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/sqlite_log.c - the write-ahead log written in long pieces.
 *
 * The library writes a page of the log by two calls to the system, a head of 24 bytes and the page, and a
 * commit touches dozens of pages: that was a tenth of what a write cost. Here what follows on is put
 * together and written by one call. Nothing is kept back that anybody could ask for: what is put together
 * goes to the file before anything is read, synced, measured, cut or closed, and with the frame that ends
 * a commit, whatever is synced afterwards. Before that frame no other connection looks at any of it.
 *
 * A piece that could not be written leaves a hole, and nothing may end a commit behind one: until a frame
 * begins at it or before it, as the next transaction's first does, what is written or read there is refused.
 *
 * Knows: the files of the library's own door to the system, and which head ends a commit.
 * Does not know: anything of what pages hold.
 */
#include "store/inside.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define ROOM       ((size_t)120 * 1024) /* the library's door takes less than 128 kB at once */
#define LOG_HEAD   32 /* the first bytes of the file; no page is so short */
#define FRAME_HEAD 24

/* The real file lies behind it, in the same piece of memory. */
struct log_file {
    sqlite3_file base;
    sqlite3_file *real;
    unsigned char *bytes;
    size_t len;
    sqlite3_int64 at; /* where in the file `bytes` begin */
    bool ends;        /* the page that comes next ends a commit */
    int refused;      /* why there is a hole; SQLITE_OK: there is none */
    sqlite3_int64 hole;
};

static sqlite3_vfs *under;

static struct log_file *
own(sqlite3_file *f)
{
    return (struct log_file *)(void *)f;
}

/* What failed is not tried again: a commit that was refused must not come into the file later. */
static int
write_out(struct log_file *l)
{
    size_t len = l->len;
    int rc;

    if (!len)
        return SQLITE_OK;
    l->len = 0;
    rc = l->real->pMethods->xWrite(l->real, l->bytes, (int)len, l->at);
    if (rc != SQLITE_OK) {
        l->refused = rc;
        l->hole = l->at;
    }
    return rc;
}

static int
log_close(sqlite3_file *f)
{
    struct log_file *l = own(f);
    int rc = write_out(l), closed = l->real->pMethods->xClose(l->real);

    free(l->bytes);
    l->bytes = NULL;
    return rc != SQLITE_OK ? rc : closed;
}

static int
log_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
    struct log_file *l = own(f);
    int rc = write_out(l);

    if (l->refused && at + len > l->hole)
        rc = l->refused;
    return rc != SQLITE_OK ? rc : l->real->pMethods->xRead(l->real, to, len, at);
}

/* A head says in its second word how many pages the file has when its frame ends a commit, else nothing. */
static bool
ends_commit(const unsigned char *head)
{
    return head[4] || head[5] || head[6] || head[7];
}

static int
log_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
    struct log_file *l = own(f);
    bool ends = l->ends;
    int rc = SQLITE_OK;

    if (!l->bytes)
        l->bytes = malloc(ROOM);
    if (!l->bytes)
        return SQLITE_IOERR_NOMEM;
    if (l->refused && at <= l->hole && len <= LOG_HEAD)
        l->refused = SQLITE_OK;
    if (l->refused)
        return l->refused;
    if (l->len && (at != l->at + (sqlite3_int64)l->len || l->len + (size_t)len > ROOM))
        rc = write_out(l);
    if (rc != SQLITE_OK)
        return rc;
    if ((size_t)len > ROOM)
        return l->real->pMethods->xWrite(l->real, bytes, len, at);
    if (!l->len)
        l->at = at;
    memcpy(l->bytes + l->len, bytes, (size_t)len);
    l->len += (size_t)len;
    l->ends = len == FRAME_HEAD && ends_commit(bytes);
    return ends ? write_out(l) : SQLITE_OK;
}

static int
log_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct log_file *l = own(f);
    int rc = write_out(l);

    if (size <= l->hole)
        l->refused = SQLITE_OK;
    return rc != SQLITE_OK ? rc : l->real->pMethods->xTruncate(l->real, size);
}

static int
log_sync(sqlite3_file *f, int flags)
{
    struct log_file *l = own(f);
    int rc = write_out(l);

    return rc != SQLITE_OK ? rc : l->real->pMethods->xSync(l->real, flags);
}

static int
log_size(sqlite3_file *f, sqlite3_int64 *size)
{
    struct log_file *l = own(f);
    int rc = write_out(l);

    return rc != SQLITE_OK ? rc : l->real->pMethods->xFileSize(l->real, size);
}

static int
log_lock(sqlite3_file *f, int how)
{
    return own(f)->real->pMethods->xLock(own(f)->real, how);
}

static int
log_unlock(sqlite3_file *f, int how)
{
    return own(f)->real->pMethods->xUnlock(own(f)->real, how);
}

static int
log_reserved(sqlite3_file *f, int *held)
{
    return own(f)->real->pMethods->xCheckReservedLock(own(f)->real, held);
}

static int
log_control(sqlite3_file *f, int what, void *how)
{
    return own(f)->real->pMethods->xFileControl(own(f)->real, what, how);
}

static int
log_sector(sqlite3_file *f)
{
    return own(f)->real->pMethods->xSectorSize(own(f)->real);
}

static int
log_device(sqlite3_file *f)
{
    return own(f)->real->pMethods->xDeviceCharacteristics(own(f)->real);
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_reserved,
    .xFileControl = log_control,
    .xSectorSize = log_sector,
    .xDeviceCharacteristics = log_device,
};

/* Every other file is the library's own, in the same memory. */
static int
open_any(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
    struct log_file *l = own(f);
    int rc;

    (void)v;
    if (!(flags & SQLITE_OPEN_WAL))
        return under->xOpen(under, name, f, flags, out_flags);
    memset(l, 0, sizeof *l);
    l->real = (sqlite3_file *)(void *)(l + 1);
    rc = under->xOpen(under, name, l->real, flags, out_flags);
    l->base.pMethods = l->real->pMethods ? &methods : NULL;
    return rc;
}

const char *
store_sqlite_log(void)
{
    static sqlite3_vfs v;

    under = sqlite3_vfs_find(NULL);
    if (!under)
        return NULL;
    v = *under;
    v.pNext = NULL;
    v.zName = "zhiben-log";
    v.szOsFile = under->szOsFile + (int)sizeof(struct log_file);
    v.xOpen = open_any;
    return sqlite3_vfs_register(&v, 0) == SQLITE_OK ? v.zName : NULL;
}
