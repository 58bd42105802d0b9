/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/restore.c - a store from an archive: kept rows copied, derived ones made again, all proven.
 *
 * Columns go by their names, so an archive of an older schema finds its place; a table or column this
 * binary does not know is refused, never dropped.
 *
 * Knows: lines of an archive.
 * Does not know: what a row means, which engine will hold it.
 */
#include "desk/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_A_COMMIT 20000

/* What is being read: a table's rows, or an attachment's pieces. */
struct reading {
    struct store *store;
    struct archive *archive;
    const char *from;
    bool keep;
    struct desk_kept *tables;
    size_t n_tables, n_columns;
    const char *table;       /* NULL: not in a table */
    const char *columns[STORE_COLUMNS];
    struct task file_task;   /* an attachment's own memory */
    struct text file;
    const char *digest;      /* NULL: not in an attachment */
    int64_t size, rows, files;
};

static enum fault_code
unknown(struct task *t, const struct reading *r, const char *what)
{
    return fault(t, FAULT_INPUT, r->from,
                 "备份里的“%.80s”本程序不认识；请用新程序恢复 | this binary does not know “%.80s” of the backup; "
                 "restore it with a newer one",
                 what, what);
}

/* ---- tables ---- */

static bool
is_column(const struct rows *r, const char *name)
{
    for (int i = 0; i < store_width(r); i++)
        if (strcmp(store_column(r, i), name) == 0)
            return true;
    return false;
}

/* Names go into a statement, so they are compared with the store's own first. */
static enum fault_code
check_columns(struct task *t, struct reading *r, const char *table, const struct json *columns)
{
    struct rows q;
    enum fault_code rc =
        store_query(t, r->store, &q, arena_format(t->arena, "SELECT * FROM %s LIMIT 0", table), "");

    r->n_columns = json_count(columns);
    if (!rc && (!r->n_columns || r->n_columns > STORE_COLUMNS))
        rc = unknown(t, r, table);
    for (size_t i = 0; i < r->n_columns && !rc; i++) {
        const char *name = json_text(json_at(columns, i));

        if (!name || !is_column(&q, name))
            rc = unknown(t, r, name ? name : table);
    }
    return rc ? rc : store_end(t, &q);
}

/* The schema's number is the new store's own, so that a row of the name may be there. */
static bool
is_meta(const struct reading *r)
{
    return strcmp(r->table, "store_meta") == 0;
}

static enum fault_code
put_row(struct task *t, struct reading *r, const struct store_value *values)
{
    const char *there = NULL;
    enum fault_code rc;

    if (!is_meta(r))
        return store_bulk_row(t, r->store, values);
    if (values[0].letter != 's' || values[1].letter != 's')
        return unknown(t, r, "cell");
    rc = store_mark(t, r->store, values[0].bytes, &there);
    return rc || there ? rc : store_mark_set(t, r->store, values[0].bytes, values[1].bytes);
}

static enum fault_code
end_table(struct task *t, struct reading *r)
{
    bool open = r->table && !is_meta(r);

    r->table = NULL;
    return open ? store_bulk_end(t, r->store) : FAULT_NONE;
}

/* A transaction of its own for so many rows: none grows with the store. */
static enum fault_code
go_on(struct task *t, struct reading *r)
{
    const char *table = r->table;
    enum fault_code rc = end_table(t, r);

    if (!rc)
        rc = store_commit(t, r->store);
    if (!rc)
        rc = store_begin(t, r->store);
    r->table = table;
    return rc || is_meta(r) ? rc : store_bulk_begin(t, r->store, r->table, r->columns, r->n_columns);
}

static enum fault_code
begin_table(struct task *t, struct reading *r, struct task *whole, const struct json *line)
{
    const char *table = json_text_of(line, "table");
    const struct json *columns = json_get(line, "columns");
    size_t i;
    enum fault_code rc;

    for (i = 0; i < r->n_tables && strcmp(r->tables[i].table, table) != 0; i++)
        continue;
    if (i == r->n_tables)
        return unknown(t, r, table);
    rc = check_columns(t, r, table, columns);
    if (rc)
        return rc;
    r->table = arena_text(whole->arena, table);
    for (i = 0; i < r->n_columns; i++)
        r->columns[i] = arena_text(whole->arena, json_text(json_at(columns, i)));
    if (is_meta(r))
        return r->n_columns == 2 && strcmp(r->columns[0], "name") == 0 ? FAULT_NONE : unknown(t, r, table);
    return store_bulk_begin(t, r->store, r->table, r->columns, r->n_columns);
}

static bool
read_cell(struct arena *a, const struct json *cell, struct store_value *v)
{
    const char *text = json_text(cell);
    uint8_t *bytes;
    char *end;

    memset(v, 0, sizeof *v);
    v->letter = 'n';
    if (json_is_null(cell))
        return true;
    if (!text || !text[0])
        return false;
    v->letter = text[0];
    errno = 0;
    switch (text[0]) {
    case 'i':
        v->integer = strtoll(text + 1, &end, 10);
        return !errno && end != text + 1 && !*end;
    case 's':
        v->bytes = text + 1;
        return strlen(text) == cell->string.len;
    case 'b':
        if (!hash_unbase64(a, text + 1, &bytes, &v->len))
            return false;
        v->bytes = bytes;
        return true;
    default:
        return false;
    }
}

static enum fault_code
take_row(struct task *t, struct reading *r, const struct json *line)
{
    struct store_value values[STORE_COLUMNS];
    enum fault_code rc;

    if (json_count(line) != r->n_columns)
        return unknown(t, r, "row");
    for (size_t i = 0; i < r->n_columns; i++)
        if (!read_cell(t->arena, json_at(line, i), &values[i]))
            return unknown(t, r, "cell");
    rc = put_row(t, r, values);
    return rc || ++r->rows % ROWS_A_COMMIT ? rc : go_on(t, r);
}

/* ---- attachments ---- */

static enum fault_code
begin_file(struct task *t, struct reading *r, const struct json *line)
{
    task_init(&r->file_task, t->now, 1);
    r->digest = arena_text(r->file_task.arena, json_text_of(line, "file"));
    r->size = json_int_of(line, "size", -1);
    text_init(&r->file, r->file_task.arena);
    return r->size < 0 || r->size > LIMIT_UPLOAD ? unknown(t, r, r->digest) : FAULT_NONE;
}

static enum fault_code
take_piece(struct task *t, struct reading *r, const struct json *line)
{
    struct store_value v;

    if (!read_cell(t->arena, json_at(line, 0), &v) || v.letter != 'b' ||
        r->file.len + v.len > (size_t)r->size)
        return unknown(t, r, r->digest);
    text_add(&r->file, v.bytes, v.len);
    return FAULT_NONE;
}

/* An attachment is whole when its bytes have the digest it goes by. */
static enum fault_code
end_file(struct task *t, struct reading *r)
{
    uint8_t digest[HASH_LEN];
    enum fault_code rc = FAULT_NONE;

    if (!r->digest)
        return FAULT_NONE;
    hash_bytes(HASH_SHA256, r->file.bytes, r->file.len, digest);
    if ((int64_t)r->file.len != r->size || !text_equal(hash_hex(t->arena, digest, HASH_LEN), r->digest))
        rc = fault(t, FAULT_INPUT, r->from, "附件 %s 与其摘要不符 | attachment %s does not have its digest",
                   r->digest, r->digest);
    else if (r->keep)
        rc = record_file_return(t, r->store, r->digest, r->file.bytes, r->file.len);
    r->files++;
    r->digest = NULL;
    task_release(&r->file_task);
    return rc;
}

/* ---- the whole ---- */

static enum fault_code
check_first(struct task *t, struct reading *r)
{
    struct json *line;
    enum fault_code rc = archive_read(t, r->archive, &line);
    int64_t schema = json_int_of(line, "schema", 0);

    if (rc)
        return rc;
    if (!text_equal(json_text_of(line, "zhiben"), "backup"))
        return fault(t, FAULT_INPUT, r->from, "这不是治本的备份 | not a backup of Zhiben");
    if (json_int_of(line, "v", 0) != 1 || schema > STORE_SCHEMA)
        return fault(t, FAULT_INPUT, r->from,
                     "备份（版本 %lld）比本程序（%d）新；请用新程序恢复 | the backup (schema %lld) is newer than this "
                     "binary (%d); restore it with a newer one",
                     (long long)schema, STORE_SCHEMA, (long long)schema, STORE_SCHEMA);
    return FAULT_NONE;
}

static enum fault_code
take_line(struct task *t, struct reading *r, struct task *whole, const struct json *line)
{
    enum fault_code rc = FAULT_NONE;

    if (json_is(line, JSON_ARRAY)) {
        if (r->digest)
            return take_piece(t, r, line);
        return r->table ? take_row(t, r, line) : unknown(t, r, "row");
    }
    rc = end_table(t, r);
    if (!rc)
        rc = end_file(t, r);
    if (rc)
        return rc;
    if (json_text_of(line, "file"))
        return begin_file(t, r, line);
    if (json_text_of(line, "table"))
        return begin_table(t, r, whole, line);
    return unknown(t, r, "line");
}

static enum fault_code
take_all(struct task *t, struct reading *r)
{
    bool more = true;
    enum fault_code rc = check_first(t, r);

    while (more && !rc) {
        struct task own;
        struct json *line = NULL;

        task_init(&own, t->now, 1);
        for (int i = 0; i < 200 && more && !rc; i++) {
            rc = archive_read(&own, r->archive, &line);
            more = line != NULL;
            if (!rc && more)
                rc = take_line(&own, r, t, line);
        }
        if (rc)
            rc = desk_pass_fault(t, &own);
        task_release(&own);
    }
    if (!rc)
        rc = end_table(t, r);
    if (!rc)
        return end_file(t, r);
    if (r->digest)
        task_release(&r->file_task);
    return rc;
}

/* Said at once, and not as an anchor that does not hold. */
static enum fault_code
check_key(struct task *t, const struct reading *r, const char *url)
{
    struct hash_key key = {0};
    const char *signer = NULL;
    enum fault_code rc = desk_key_read(t, url, false, &key);

    if (!rc)
        rc = store_one_text(t, r->store, &signer,
                            "SELECT signed_by FROM chain_head WHERE seq > 0 ORDER BY stream LIMIT 1", "");
    if (!rc && signer && !text_equal(signer, hash_hex(t->arena, key.public_key, HASH_KEY_LEN)))
        rc = fault(t, FAULT_INPUT, r->from,
                   "这把签名密钥不是签这份日志的；请给出原来的密钥 | this signing key did not sign the log of the backup; "
                   "give the one that did");
    hash_key_end(&key);
    return rc;
}

static enum fault_code
fill(struct task *t, struct reading *r, const char *url)
{
    int64_t events = 0;
    enum fault_code rc = store_fill_begin(t, r->store);

    if (!rc)
        rc = store_begin(t, r->store);
    if (!rc)
        rc = store_mark_making(t, r->store, STORE_RESTORING);
    if (!rc)
        rc = store_commit(t, r->store);
    if (!rc)
        rc = store_begin(t, r->store);
    if (!rc)
        rc = take_all(t, r);
    if (!rc)
        rc = check_key(t, r, url);
    if (!rc)
        rc = store_commit(t, r->store);
    if (!rc)
        rc = store_begin(t, r->store);
    if (!rc)
        rc = desk_replay(t, r->store, &events);
    if (!rc)
        rc = store_commit(t, r->store);
    if (rc)
        store_rollback(r->store);
    return rc ? rc : desk_fill_end(t, r->store);
}

enum fault_code
desk_restore_rows(struct task *t, const char *url, const char *from, bool keep, int64_t *files)
{
    struct reading r = {.from = from, .keep = keep};
    enum fault_code rc;

    r.tables = desk_kept_tables(t, &r.n_tables);
    rc = archive_open(t, from, &r.archive);
    if (rc)
        return rc;
    rc = store_open(t, url, STORE_CREATE, &r.store);
    if (!rc) {
        rc = fill(t, &r, url);
        store_close(r.store);
        if (rc)
            desk_unmake(url);
    }
    archive_drop(r.archive);
    *files = r.files;
    return rc;
}

enum fault_code
desk_prove_restored(struct task *t, const char *url, struct desk_verdict *out)
{
    const struct desk_options o = {.url = url, .read_only = true};
    struct desk *d;
    enum fault_code rc = desk_open(t, &o, &d);

    if (rc)
        return rc;
    rc = desk_verify(t, d, true, out);
    desk_close(d);
    if (!rc && out->wrong)
        rc = fault(t, FAULT_STORE, NULL, "%s", out->wrong);
    return rc;
}

enum fault_code
desk_restore(struct task *t, const char *url, const char *from, struct desk_copy *out)
{
    enum fault_code rc;

    memset(out, 0, sizeof *out);
    rc = desk_restore_rows(t, url, from, true, &out->files);
    if (rc)
        return rc;
    rc = desk_prove_restored(t, url, &out->verdict);
    if (rc)
        desk_unmake(url);
    return rc;
}

enum fault_code
desk_key_copy(struct task *t, const char *from, const char *to)
{
    uint8_t seed[HASH_KEY_LEN];
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    bool whole;

    if (fd < 0)
        return fault(t, FAULT_INPUT, from, "签名密钥打不开：%s | the signing key cannot be opened: %s",
                     strerror(errno), strerror(errno));
    whole = read(fd, seed, sizeof seed) == sizeof seed;
    close(fd);
    if (!whole)
        return fault(t, FAULT_STORE, from, "签名密钥不完整 | the signing key is not whole");
    fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fault(t, FAULT_INPUT, to, "签名密钥无法保存：%s | the signing key cannot be kept: %s",
                     strerror(errno), strerror(errno));
    whole = write(fd, seed, sizeof seed) == sizeof seed && fsync(fd) == 0;
    return close(fd) == 0 && whole
               ? FAULT_NONE
               : fault(t, FAULT_STORE, to, "签名密钥无法保存：%s | the signing key cannot be kept: %s",
                       strerror(errno), strerror(errno));
}
