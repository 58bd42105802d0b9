/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/file.c - attachments: content-addressed, checked, readable through a record one may see.
 *
 * Bytes lie in the folder STORE.files, named by their SHA-256; nothing in the store holds them.
 */
#include "base/hash.h"
#include "record/inside.h"
#include "record/picture.h"
#include <errno.h>
#include <stdio.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *type, *magic;
    size_t at, len;
} types[] = {
    {"image/jpeg", "\xff\xd8\xff", 0, 3},
    {"image/png", "\x89PNG\r\n\x1a\n", 0, 8},
    {"image/webp", "WEBP", 8, 4},
    {"application/pdf", "%PDF-", 0, 5},
};

static const char *
type_of(const char *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (len >= types[i].at + types[i].len &&
            memcmp(bytes + types[i].at, types[i].magic, types[i].len) == 0)
            return types[i].type;
    return NULL;
}

#define PDF_TAIL 1024 /* readers look for the end of a PDF in so many bytes */

/* The last place of `words` in `bytes`, or NULL. */
static const char *
last_of(const char *bytes, size_t len, const char *words)
{
    const char *found = NULL, *at = bytes;

    while ((at = memmem(at, len - (size_t)(at - bytes), words, strlen(words))) != NULL)
        found = at++;
    return found;
}

/*
 * Whole: `%PDF-1.7` at its beginning, and at its end `startxref`, a place within the file, `%%EOF`.
 * What is torn off in sending has lost its end; what was only given the first bytes never had one.
 */
static bool
is_whole_pdf(const char *bytes, size_t len)
{
    size_t tail = len < PDF_TAIL ? len : PDF_TAIL, n = 0;
    const char *end = last_of(bytes + len - tail, tail, "%%EOF");
    const char *mark = end ? last_of(bytes + len - tail, (size_t)(end - (bytes + len - tail)), "startxref") : NULL;
    uint64_t place = 0;

    if (len < 8 || bytes[5] < '1' || bytes[5] > '2' || bytes[6] != '.' || bytes[7] < '0' || bytes[7] > '9' || !mark)
        return false;
    for (mark += strlen("startxref"); mark < end && strchr(" \t\r\n\f", *mark); mark++)
        continue;
    for (; mark < end && *mark >= '0' && *mark <= '9' && n < 12; mark++, n++)
        place = place * 10 + (uint64_t)(*mark - '0');
    return n > 0 && place > 0 && place < len;
}

enum fault_code
record_file_check(struct task *t, const char *bytes, size_t len, struct record_upload *out)
{
    uint8_t digest[HASH_LEN];

    if (len > LIMIT_UPLOAD)
        return fault(t, FAULT_SIZE, "/file", "附件至多 %d MB | an attachment has at most %d MB",
                     LIMIT_UPLOAD >> 20, LIMIT_UPLOAD >> 20);
    memset(out, 0, sizeof *out);
    if (len > 12 && memcmp(bytes + 4, "ftyphei", 7) == 0)
        return fault(t, FAULT_INPUT, "/file",
                     "不支持 HEIC 照片；请在手机相机设置中改为“兼容性最佳”（JPEG） | HEIC is not supported; set the "
                     "phone's camera to “most compatible” (JPEG)");
    out->media_type = type_of(bytes, len);
    if (!out->media_type)
        return fault(t, FAULT_INPUT, "/file",
                     "只接受 JPEG、PNG、WebP 照片和 PDF | only JPEG, PNG, WebP pictures and PDF are taken");
    if (text_starts(out->media_type, "image/") &&
        !record_picture_holds(out->media_type, bytes, len, &out->width, &out->height))
        return fault(t, FAULT_INPUT, "/file",
                     "这不是一张完整的照片，请重新拍摄或选择 | this is not a whole picture; take or choose it again");
    if (text_equal(out->media_type, "application/pdf") && !is_whole_pdf(bytes, len))
        return fault(t, FAULT_INPUT, "/file",
                     "这不是一个完整的 PDF 文件，请重新导出后再选择 | this is not a whole PDF; export it again and "
                     "choose that");
    hash_bytes(HASH_SHA256, bytes, len, digest);
    out->digest = hash_hex(t->arena, digest, HASH_LEN);
    out->size = (int64_t)len;
    out->flags = json_array(t->arena);
    return FAULT_NONE;
}

static const char *
folder_of(struct task *t, struct store *s, const char *digest)
{
    return arena_format(t->arena, "%s.files/%.2s", store_path(s), digest);
}

static enum fault_code
failed(struct task *t, const char *path)
{
    enum fault_code code = errno == ENOSPC || errno == EDQUOT ? FAULT_BUSY : FAULT_STORE;

    return fault(t, code, path, "附件无法保存：%s | the attachment cannot be kept: %s", strerror(errno),
                 strerror(errno));
}

static bool
write_whole(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return fsync(fd) == 0;
}

/* Written beside its name and renamed: a name always has whole bytes. */
static enum fault_code
write_file(struct task *t, struct store *s, const char *digest, const char *bytes, size_t len)
{
    const char *folder = folder_of(t, s, digest);
    const char *path = arena_format(t->arena, "%s/%s", folder, digest);
    const char *fresh = arena_format(t->arena, "%s.%d", path, (int)gettid());
    struct stat st;
    bool whole;
    int fd;

    if (stat(path, &st) == 0 && (size_t)st.st_size == len)
        return FAULT_NONE;
    (void)mkdir(arena_format(t->arena, "%s.files", store_path(s)), 0700);
    (void)mkdir(folder, 0700);
    fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(t, path);
    whole = write_whole(fd, bytes, len);
    if (close(fd) != 0 || !whole || rename(fresh, path) != 0) {
        enum fault_code rc = failed(t, path);

        (void)unlink(fresh);
        return rc;
    }
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    return FAULT_NONE;
}

enum fault_code
record_file_return(struct task *t, struct store *s, const char *digest, const char *bytes, size_t len)
{
    return write_file(t, s, digest, bytes, len);
}

enum fault_code
record_file_keep(struct task *t, struct store *s, const char *account, const char *bytes, size_t len,
                 const struct record_upload *u)
{
    enum fault_code rc = write_file(t, s, u->digest, bytes, len);

    if (!rc)
        rc = store_run(t, s, NULL,
                       "INSERT INTO record_file (digest, size, media_type, width, height, account, at) VALUES "
                       "(?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING",
                       "sisiisi", u->digest, u->size, u->media_type, (int64_t)u->width, (int64_t)u->height,
                       account, t->now);
    if (!rc)
        rc = store_run(t, s, NULL,
                       "INSERT INTO record_file_from (digest, account, at) VALUES (?, ?, ?) ON CONFLICT DO "
                       "NOTHING",
                       "ssi", u->digest, account, t->now);
    return rc;
}

static enum fault_code
absent(struct task *t)
{
    return fault(t, FAULT_ABSENT, NULL, "没有找到 | not found");
}

/* A field that names it must be one the caller sees. */
static bool
names_it(const struct json *v, const char *digest)
{
    if (json_text(v))
        return text_equal(json_text(v), digest);
    for (size_t i = 0; json_is(v, JSON_ARRAY) && i < json_count(v); i++)
        if (names_it(json_at(v, i), digest))
            return true;
    for (size_t i = 0; json_is(v, JSON_OBJECT) && i < json_count(v); i++)
        if (names_it(v->object.at[i].value, digest))
            return true;
    return false;
}

static bool
sees_through(struct task *t, const struct scope *c, const struct record *r, const char *digest)
{
    struct record_view view;

    record_view(t, c, r, &view);
    for (size_t i = 0; view.sees && i < r->kind->n_fields; i++)
        if (record_shows(&view, r, r->kind->fields[i].name) &&
            names_it(json_get(r->fields, r->kind->fields[i].name), digest))
            return true;
    return false;
}

static enum fault_code
may_read(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
         const char *account, const char *digest, bool *may)
{
    struct rows r;
    int64_t pairs[64][2], at;
    size_t n = 0;
    enum fault_code rc =
        store_one_int(t, s, &at, may, "SELECT at FROM record_file_from WHERE digest = ? AND account = ?",
                      "ss", digest, account);

    if (rc || *may)
        return rc;
    rc = store_query(t, s, &r, "SELECT stream, rid FROM record_file_ref WHERE digest = ? LIMIT 64", "s",
                     digest);
    if (rc)
        return rc;
    while (n < 64 && store_next(t, &r)) {
        pairs[n][0] = store_int(&r, 0);
        pairs[n++][1] = store_int(&r, 1);
    }
    rc = store_end(t, &r);
    for (size_t i = 0; i < n && !*may && !rc; i++) {
        struct record one;
        bool found;

        rc = record_open(t, s, w, pairs[i][0], pairs[i][1], &one, &found);
        if (!rc && found)
            *may = sees_through(t, c, &one, digest);
    }
    return rc;
}

enum fault_code
record_file_bytes(struct task *t, struct store *s, const char *digest, const char **bytes, size_t *len)
{
    const char *path = arena_format(t->arena, "%s/%s", folder_of(t, s, digest), digest);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char *out;
    size_t got = 0;

    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size > LIMIT_UPLOAD) {
        if (fd >= 0)
            close(fd);
        return failed(t, digest);
    }
    out = arena_alloc(t->arena, (size_t)st.st_size + 1);
    while (got < (size_t)st.st_size) {
        ssize_t n = read(fd, out + got, (size_t)st.st_size - got);

        if (n <= 0)
            break;
        got += (size_t)n;
    }
    close(fd);
    *bytes = out;
    *len = got;
    return FAULT_NONE;
}

enum fault_code
record_file_read(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
                 const char *account, const char *digest, const char **bytes, size_t *len,
                 const char **media_type)
{
    bool may = false;
    const char *type = NULL;
    enum fault_code rc = FAULT_NONE;

    if (strlen(digest) != 64 || strspn(digest, "0123456789abcdef") != 64)
        return absent(t);
    rc = may_read(t, s, w, c, account, digest, &may);
    if (!rc && may)
        rc = store_one_text(t, s, &type, "SELECT media_type FROM record_file WHERE digest = ?", "s", digest);
    if (rc)
        return rc;
    if (!may || !type)
        return absent(t);
    *media_type = type;
    return record_file_bytes(t, s, digest, bytes, len);
}
