/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/backup.c - every kept row and attachment into one archive, proven by restoring it.
 *
 * Knows: which tables are kept, how a row is written as a line.
 * Does not know: what a row means, which engine holds it.
 */
#include "desk/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS_AT_ONCE 500
#define FILE_PIECE (192 * 1024)
#define KEY_COLUMNS 4

static const char kept[] = "store_meta(name) " CHAIN_KEPT ORG_KEPT RECORD_KEPT DESK_KEPT;

struct desk_kept *
desk_kept_tables(struct task *t, size_t *n)
{
    struct desk_kept *list = arena_alloc(t->arena, 64 * sizeof *list);
    const char *at = kept;

    for (*n = 0; *at; ++*n) {
        size_t table = strcspn(at, "("), key = strcspn(at + table + 1, ")");

        must(*n < 64);
        list[*n].table = arena_copy(t->arena, at, table);
        list[*n].key = arena_copy(t->arena, at + table + 1, key);
        at += table + key + 2;
        at += strspn(at, " ");
    }
    return list;
}

/* ---- rows ---- */

/* i123, sTEXT, bBASE64: whole numbers of 64 bits are more than a JSON number carries everywhere. */
static struct json *
cell_json(struct arena *a, const struct store_value *v)
{
    switch (v->letter) {
    case 'i':
        return json_format(a, "i%lld", (long long)v->integer);
    case 's':
        return json_format(a, "s%s", (const char *)v->bytes);
    case 'b':
        return json_format(a, "b%s", hash_base64(a, v->bytes, v->len));
    default:
        return json_null(a);
    }
}

struct position {
    struct store_value key[KEY_COLUMNS];
    size_t n;
    bool any;
};

/* Rows after the position, in the order of the key. */
static const char *
page_statement(struct task *t, const struct desk_kept *k, const struct position *p)
{
    static const char *const marks[] = {"", "?", "?,?", "?,?,?", "?,?,?,?"};

    if (!p->any)
        return arena_format(t->arena, "SELECT %s, * FROM %s ORDER BY %s LIMIT %d", k->key, k->table,
                            k->key, ROWS_AT_ONCE);
    return arena_format(t->arena, "SELECT %s, * FROM %s WHERE (%s) > (%s) ORDER BY %s LIMIT %d", k->key,
                        k->table, k->key, marks[p->n], k->key, ROWS_AT_ONCE);
}

static void
keep_position(struct arena *a, struct task *t, const struct rows *r, struct position *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct store_value *v = &p->key[i];

        store_cell(t, r, (int)i, v);
        if (v->letter == 's')
            v->bytes = arena_text(a, v->bytes);
        else if (v->letter == 'b')
            v->bytes = arena_copy(a, v->bytes, v->len);
    }
    p->any = true;
}

static enum fault_code
write_head(struct task *t, struct archive *a, const struct desk_kept *k, const struct rows *r, size_t from)
{
    struct json *head = json_object(t->arena), *names = json_array(t->arena);

    for (int i = (int)from; i < store_width(r); i++)
        json_push(t->arena, names, json_str(t->arena, store_column(r, i)));
    json_set_str(t->arena, head, "table", k->table);
    json_set(t->arena, head, "columns", names);
    return archive_write(t, a, head);
}

/* One page in memory of its own; `last` is kept beyond it. */
static enum fault_code
write_page(struct task *own, struct store *s, struct archive *a, const struct desk_kept *k,
           struct position *p, struct arena *beyond, int64_t *n)
{
    struct rows r;
    enum fault_code rc =
        store_query_values(own, s, &r, page_statement(own, k, p), p->key, p->any ? p->n : 0);

    *n = 0;
    if (!rc && !p->any)
        rc = write_head(own, a, k, &r, p->n);
    while (!rc && store_next(own, &r)) {
        struct json *line = json_array(own->arena);
        struct store_value v;

        for (int i = (int)p->n; i < store_width(&r); i++) {
            store_cell(own, &r, i, &v);
            json_push(own->arena, line, cell_json(own->arena, &v));
        }
        rc = archive_write(own, a, line);
        if (++*n == ROWS_AT_ONCE)
            keep_position(beyond, own, &r, p);
    }
    return rc ? rc : store_end(own, &r);
}

static enum fault_code
write_table(struct task *t, struct store *s, struct archive *a, const struct desk_kept *k, int64_t *rows)
{
    struct position p = {.n = 1};
    int64_t n = ROWS_AT_ONCE;
    enum fault_code rc = FAULT_NONE;

    for (const char *c = k->key; *c; c++)
        p.n += *c == ',';
    must(p.n <= KEY_COLUMNS);
    while (n == ROWS_AT_ONCE && !rc) {
        struct task own;

        task_init(&own, t->now, 1);
        rc = write_page(&own, s, a, k, &p, t->arena, &n);
        *rows += n;
        if (rc)
            rc = desk_pass_fault(t, &own);
        task_release(&own);
    }
    return rc;
}

/* ---- attachments ---- */

static enum fault_code
write_file(struct task *t, struct store *s, struct archive *a, const char *digest)
{
    const char *bytes;
    size_t len;
    enum fault_code rc = record_file_bytes(t, s, digest, &bytes, &len);
    struct json *head = json_object(t->arena);

    if (rc)
        return rc;
    json_set_str(t->arena, head, "file", digest);
    json_set_int(t->arena, head, "size", (int64_t)len);
    rc = archive_write(t, a, head);
    for (size_t at = 0; at < len && !rc; at += FILE_PIECE) {
        size_t n = len - at < FILE_PIECE ? len - at : FILE_PIECE;
        struct store_value v = {.letter = 'b', .bytes = bytes + at, .len = n};
        struct json *line = json_array(t->arena);

        json_push(t->arena, line, cell_json(t->arena, &v));
        rc = archive_write(t, a, line);
    }
    return rc;
}

static enum fault_code
write_files(struct task *t, struct store *s, struct archive *a, int64_t *files)
{
    const char *after = "";
    enum fault_code rc = FAULT_NONE;

    while (after && !rc) {
        const char *digest;
        struct task own;

        task_init(&own, t->now, 1);
        rc = store_one_text(&own, s, &digest,
                            "SELECT digest FROM record_file WHERE digest > ? ORDER BY digest LIMIT 1", "s",
                            after);
        if (!rc && digest)
            rc = write_file(&own, s, a, digest);
        *files += !rc && digest;
        after = digest ? arena_text(t->arena, digest) : NULL;
        if (rc)
            rc = desk_pass_fault(t, &own);
        task_release(&own);
    }
    return rc;
}

/* ---- the whole ---- */

static enum fault_code
write_all(struct task *t, struct store *s, struct archive *a, struct desk_copy *out)
{
    struct json *first = json_object(t->arena);
    size_t n;
    const struct desk_kept *list = desk_kept_tables(t, &n);
    enum fault_code rc;

    json_set_str(t->arena, first, "zhiben", "backup");
    json_set_int(t->arena, first, "v", 1);
    json_set_int(t->arena, first, "schema", STORE_SCHEMA);
    json_set(t->arena, first, "at", desk_instant(t->arena, t->now));
    rc = archive_write(t, a, first);
    for (size_t i = 0; i < n && !rc; i++)
        rc = write_table(t, s, a, &list[i], &out->rows);
    return rc ? rc : write_files(t, s, a, &out->files);
}

/* One snapshot for all of it: what was acknowledged before is in, what comes after is not. */
static enum fault_code
write_archive(struct task *t, struct store *s, const char *path, struct desk_copy *out)
{
    struct archive *a;
    enum fault_code rc = archive_make(t, path, &a);

    if (rc)
        return rc;
    rc = store_begin_read(t, s);
    if (!rc)
        rc = write_all(t, s, a, out);
    store_rollback(s);
    if (!rc)
        return archive_end(t, a);
    archive_drop(a);
    return rc;
}

static void
remove_proof(struct task *t, const char *path)
{
    static const char *const beside[] = {"", ".key", ".lock", "-wal", "-shm"};

    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        (void)unlink(arena_format(t->arena, "%s%s", path, beside[i]));
}

/* The key of the desk lies beside the proof as beside any store, for as long as it is proven. */
static enum fault_code
prove(struct task *t, struct desk *d, const char *archive, struct desk_copy *out)
{
    const char *path = arena_format(t->arena, "%s.proof", archive);
    const char *url = arena_format(t->arena, "sqlite:%s", path);
    enum fault_code rc;

    remove_proof(t, path);
    rc = desk_key_copy(t, arena_format(t->arena, "%s.key", store_path(d->writer)),
                       arena_format(t->arena, "%s.key", path));
    if (!rc)
        rc = desk_restore_rows(t, url, archive, false, &out->files);
    if (!rc)
        rc = desk_prove_restored(t, url, &out->verdict);
    remove_proof(t, path);
    return rc;
}

enum fault_code
desk_backup(struct task *t, struct desk *d, const char *to, struct desk_copy *out)
{
    const char *part = arena_format(t->arena, "%s.part", to);
    struct stat st;
    enum fault_code rc;

    memset(out, 0, sizeof *out);
    if (lstat(to, &st) == 0)
        return fault(t, FAULT_INPUT, to,
                     "已经存在，未作改动；请换一个名字 | is there already and was not touched; take another name");
    (void)unlink(part);
    rc = write_archive(t, d->writer, part, out);
    out->files = 0;
    if (!rc)
        rc = prove(t, d, part, out);
    if (!rc && stat(part, &st) == 0)
        out->bytes = st.st_size;
    if (!rc && link(part, to) != 0)
        rc = fault(t, FAULT_STORE, to, "无法命名：%s | cannot be named: %s", strerror(errno),
                   strerror(errno));
    (void)unlink(part);
    return rc;
}
