/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/archive.c - the file of a backup: gzip over lines of JSON, the last of which seals the others.
 *
 * The seal is a chain of SHA-256 over the lines, so that a cut, a changed and a missing line are found
 * before anybody trusts the file; `zcat` shows it to whoever has nothing but a shell.
 *
 * Knows: gzip, lines, the seal.
 * Does not know: what a line says.
 */
#include "base/hash.h"
#include "desk/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE (64 * 1024)
/* The longest line is a piece of an attachment or an event; both are below this. */
#define LINE_MAX_LEN (4 * 1024 * 1024)

struct archive {
    gzFile gz;
    int fd;
    char *path;
    uint8_t seal[HASH_LEN];
    int64_t lines;
    bool ended;
};

static struct archive *
archive_new(const char *path)
{
    struct archive *a = calloc(1, sizeof *a);

    must(a != NULL);
    a->path = strdup(path);
    a->fd = -1;
    return a;
}

void
archive_drop(struct archive *a)
{
    if (!a)
        return;
    if (a->gz)
        (void)gzclose(a->gz);
    if (a->fd >= 0)
        (void)close(a->fd);
    free(a->path);
    free(a);
}

static void
add_to_seal(struct archive *a, const char *line, size_t len)
{
    const struct hash_part parts[] = {{a->seal, HASH_LEN}, {line, len}};

    hash_parts(HASH_SHA256, parts, 2, a->seal);
    a->lines++;
}

/* ---- writing ---- */

static enum fault_code
not_written(struct task *t, const struct archive *a)
{
    enum fault_code code = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? FAULT_BUSY : FAULT_STORE;

    return fault(t, code, a->path, "无法写入：%s | cannot be written: %s", strerror(errno), strerror(errno));
}

enum fault_code
archive_make(struct task *t, const char *path, struct archive **out)
{
    struct archive *a = archive_new(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum fault_code rc = FAULT_NONE;

    if (fd < 0) {
        rc = fault(t, FAULT_INPUT, path, "无法新建：%s | cannot be made: %s", strerror(errno),
                   strerror(errno));
        archive_drop(a);
        return rc;
    }
    a->fd = dup(fd);
    a->gz = gzdopen(fd, "wb");
    must(a->fd >= 0 && a->gz != NULL);
    (void)gzbuffer(a->gz, PIECE);
    *out = a;
    return FAULT_NONE;
}

static enum fault_code
write_line(struct task *t, struct archive *a, const struct json *line)
{
    struct text x;

    text_init(&x, t->arena);
    json_write(&x, line);
    text_char(&x, '\n');
    must(x.len < LINE_MAX_LEN);
    add_to_seal(a, x.bytes, x.len);
    if (gzwrite(a->gz, x.bytes, (unsigned)x.len) != (int)x.len)
        return not_written(t, a);
    return FAULT_NONE;
}

enum fault_code
archive_write(struct task *t, struct archive *a, const struct json *line)
{
    return write_line(t, a, line);
}

enum fault_code
archive_end(struct task *t, struct archive *a)
{
    struct json *last = json_object(t->arena);
    enum fault_code rc;
    int closed;

    json_set_int(t->arena, last, "lines", a->lines);
    json_set_str(t->arena, last, "seal", hash_hex(t->arena, a->seal, HASH_LEN));
    rc = write_line(t, a, last);
    closed = gzclose(a->gz);
    a->gz = NULL;
    if (!rc && (closed != Z_OK || fsync(a->fd) != 0))
        rc = not_written(t, a);
    archive_drop(a);
    return rc;
}

/* ---- reading ---- */

enum fault_code
archive_open(struct task *t, const char *path, struct archive **out)
{
    struct archive *a = archive_new(path);

    a->gz = gzopen(path, "rbe");
    if (!a->gz) {
        enum fault_code rc = fault(t, FAULT_INPUT, path, "无法打开：%s | cannot be opened: %s",
                                   strerror(errno), strerror(errno));

        archive_drop(a);
        return rc;
    }
    (void)gzbuffer(a->gz, PIECE);
    *out = a;
    return FAULT_NONE;
}

static enum fault_code
broken(struct task *t, const struct archive *a)
{
    return fault(t, FAULT_INPUT, a->path,
                 "备份不完整或被改动，在第 %lld 行之后；请用另一份 | the backup is cut or was changed, after line "
                 "%lld; take another one",
                 (long long)a->lines, (long long)a->lines);
}

static bool
take_line(struct archive *a, struct text *x)
{
    char piece[8192];

    while (x->len < LINE_MAX_LEN && gzgets(a->gz, piece, sizeof piece)) {
        text_puts(x, piece);
        if (x->len && x->bytes[x->len - 1] == '\n')
            return true;
    }
    return false;
}

enum fault_code
archive_read(struct task *t, struct archive *a, struct json **line)
{
    struct text x;
    const char *seal;

    *line = NULL;
    if (a->ended)
        return FAULT_NONE;
    text_init(&x, t->arena);
    if (!take_line(a, &x) || json_read(t, x.bytes, x.len - 1, line)) {
        fault_clear(t);
        return broken(t, a);
    }
    seal = json_text_of(*line, "seal");
    if (!seal) {
        add_to_seal(a, x.bytes, x.len);
        return FAULT_NONE;
    }
    a->ended = true;
    *line = NULL;
    if (!text_equal(seal, hash_hex(t->arena, a->seal, HASH_LEN)) || gzgetc(a->gz) != -1)
        return broken(t, a);
    return FAULT_NONE;
}
