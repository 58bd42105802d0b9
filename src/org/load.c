/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/load.c - the carried edition of the division codes (GB/T 2260, 统计用区划代码).
 *
 * Knows: the form of places.txt.gz: a head line, then id, code, parent, level, name, initials.
 * Streams are numbered in the order of the file: the nation 1, then each place down to the counties.
 * Does not know: where the file comes from (tool/places.mjs).
 */
#include "base/embed.h"
#include "base/hash.h"
#include "org/inside.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char *file_text;
static size_t file_len;
static uint8_t file_digest[HASH_LEN];

/* Inflated once a process: 665,000 lines are some 30 MB, needed only while places are adopted. */
static void
inflate_file(void)
{
    const struct embed_file *f = embed_find("places.txt.gz");
    z_stream z = {0};
    size_t room = 64u * 1024 * 1024;

    if (!f)
        return;
    file_text = malloc(room);
    must(file_text != NULL);
    z.next_in = (unsigned char *)(uintptr_t)f->bytes;
    z.avail_in = (unsigned)f->len;
    z.next_out = (unsigned char *)file_text;
    z.avail_out = (unsigned)(room - 1);
    must(inflateInit2(&z, 31) == Z_OK);
    must(inflate(&z, Z_FINISH) == Z_STREAM_END);
    file_len = z.total_out;
    inflateEnd(&z);
    file_text[file_len] = '\0';
    hash_bytes(HASH_SHA256, file_text, file_len, file_digest);
}

bool
org_edition(struct task *t, const char **edition, const char **digest)
{
    const char *end;

    pthread_once(&once, inflate_file);
    if (!file_text)
        return false;
    end = strchr(file_text, '\n');
    *edition = arena_copy(t->arena, file_text, end ? (size_t)(end - file_text) : 0);
    *digest = hash_hex(t->arena, file_digest, HASH_LEN);
    return true;
}

const char *
org_edition_next(const char *at, struct org_line *line)
{
    const char *start, *end;
    size_t n = 0;

    if (!at) {
        pthread_once(&once, inflate_file);
        at = file_text ? strchr(file_text, '\n') : NULL;
        if (!at)
            return NULL;
        at++;
    }
    if (!*at)
        return NULL;
    end = strchr(at, '\n');
    if (!end)
        end = at + strlen(at);
    for (start = at; n < 6; n++) {
        const char *tab = memchr(start, '\t', (size_t)(end - start));

        line->part[n] = start;
        line->len[n] = (size_t)((tab && n < 5 ? tab : end) - start);
        if (!tab)
            break;
        start = tab + 1;
    }
    return *end ? end + 1 : end;
}

int64_t
org_line_number(const struct org_line *line, int part)
{
    return strtoll(line->part[part], NULL, 10);
}

enum fault_code
org_stream_of_code(struct task *t, const char *code, int64_t *stream)
{
    struct org_line line;
    char full[13] = "000000000000";
    size_t len = strspn(code, "0123456789");
    int64_t streams = 0;

    if (len <= 12)
        memcpy(full, code, len);
    for (const char *at = org_edition_next(NULL, &line); at; at = org_edition_next(at, &line)) {
        if (org_line_number(&line, 3) <= ORG_COUNTY)
            streams++;
        if (line.len[1] == 12 && memcmp(line.part[1], full, 12) == 0) {
            *stream = streams;
            return FAULT_NONE;
        }
    }
    return fault(t, FAULT_INPUT, "/place", "没有这个地区代码：%s | no such division code: %s", code, code);
}

bool
org_edition_holds(struct task *t, const char *code)
{
    struct org_line line;
    const char *edition, *digest;

    if (!org_edition(t, &edition, &digest))
        return true;
    for (const char *at = org_edition_next(NULL, &line); at; at = org_edition_next(at, &line))
        if (line.len[1] == strlen(code) && memcmp(line.part[1], code, line.len[1]) == 0)
            return true;
    return false;
}

/* ---- initials: what the edition spells most often ---- */

#define HAN_FIRST 0x4e00
#define HAN_LAST 0x9fff

static pthread_once_t spelled = PTHREAD_ONCE_INIT;
static char han_initial[HAN_LAST - HAN_FIRST + 1];

/* Every name of the edition stands beside its initials: each ideograph takes the letter it has most often. */
static void
learn_initials(void)
{
    uint32_t (*counts)[26] = calloc(HAN_LAST - HAN_FIRST + 1, sizeof *counts);
    struct org_line line;

    must(counts != NULL);
    for (const char *at = org_edition_next(NULL, &line); at; at = org_edition_next(at, &line)) {
        const char *name = line.part[4], *end = name + line.len[4];

        if (line.len[4] != 3 * line.len[5])
            continue; /* not ideographs alone, one letter each */
        for (size_t i = 0; name < end; i++) {
            uint32_t c = text_next(&name);
            char letter = line.part[5][i];

            if (c >= HAN_FIRST && c <= HAN_LAST && letter >= 'a' && letter <= 'z')
                counts[c - HAN_FIRST][letter - 'a']++;
        }
    }
    for (uint32_t c = 0; c <= HAN_LAST - HAN_FIRST; c++) {
        uint32_t most = 0;

        for (int l = 0; l < 26; l++)
            if (counts[c][l] > most) {
                most = counts[c][l];
                han_initial[c] = (char)('a' + l);
            }
    }
    free(counts);
}

const char *
org_initials(struct task *t, const char *name)
{
    struct text x;

    pthread_once(&spelled, learn_initials);
    text_init(&x, t->arena);
    while (*name) {
        uint32_t c = text_next(&name);

        if (c >= HAN_FIRST && c <= HAN_LAST && han_initial[c - HAN_FIRST])
            text_char(&x, han_initial[c - HAN_FIRST]);
        else if (c >= 'A' && c <= 'Z')
            text_char(&x, (char)(c + 32));
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            text_char(&x, (char)c);
    }
    return text_string(&x);
}

/* ---- projection of an adopted tree ---- */

struct loading {
    struct task *t;
    struct store *s;
    int64_t root;         /* id; 0 until met */
    int64_t n_streams;
    struct store_value *streams; /* stream and place of each that was put, for when the places are there */
    size_t n_put, room;
};

static void
keep_stream(struct loading *x, int64_t stream, int64_t place)
{
    if (x->n_put == x->room) {
        size_t room = x->room ? x->room * 2 : 64;
        struct store_value *more = arena_alloc(x->t->arena, room * 2 * sizeof *more);

        if (x->n_put)
            memcpy(more, x->streams, x->n_put * 2 * sizeof *more);
        x->streams = more;
        x->room = room;
    }
    x->streams[x->n_put * 2] = (struct store_value){.letter = 'i', .integer = stream};
    x->streams[x->n_put++ * 2 + 1] = (struct store_value){.letter = 'i', .integer = place};
}

static enum fault_code
put_streams(struct loading *x)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < x->n_put && !rc; i += STORE_ROWS)
        rc = store_run_rows(x->t, x->s, "INSERT INTO org_stream (stream, place) VALUES (?, ?)", &x->streams[i * 2],
                            2, x->n_put - i < STORE_ROWS ? x->n_put - i : STORE_ROWS);
    return rc;
}

static enum fault_code
put_line(struct loading *x, const struct org_line *line, int64_t stream)
{
    struct task batch;
    int64_t level = org_line_number(line, 3), id = org_line_number(line, 0);
    enum fault_code rc;

    task_init(&batch, x->t->now, 1);
    const struct store_value v[] = {
        {.letter = 'i', .integer = id},
        {.letter = 's', .bytes = arena_copy(batch.arena, line->part[1], line->len[1])},
        {.letter = 'i', .integer = org_line_number(line, 2)},
        {.letter = 'i', .integer = level},
        {.letter = 's', .bytes = arena_copy(batch.arena, line->part[4], line->len[4])},
        {.letter = 's', .bytes = arena_copy(batch.arena, line->part[5], line->len[5])},
        {.letter = 'i', .integer = stream},
    };

    rc = store_bulk_row(&batch, x->s, v);
    if (rc)
        rc = fault(x->t, rc, NULL, "%s | %s", batch.fault.items[0].zh, batch.fault.items[0].en);
    else if (level <= ORG_COUNTY)
        keep_stream(x, stream, id);
    task_release(&batch);
    return rc;
}

static bool
is_parent(const struct org_line *above, const struct org_line *line)
{
    return above->part[0] && org_line_number(above, 0) == org_line_number(line, 2);
}

/* The places above the root: a level may be missing (cities without counties). */
static enum fault_code
put_above(struct loading *x, const struct org_line *above, const int64_t *streams, int64_t level)
{
    const struct org_line *below = &above[level];
    enum fault_code rc = FAULT_NONE;

    for (int64_t up = level - 1; up >= 1 && !rc; up--) {
        if (!is_parent(&above[up], below))
            continue;
        rc = put_line(x, &above[up], streams[up]);
        below = &above[up];
    }
    return rc;
}

/* Every place from the root down, and those above it. */
static enum fault_code
put_places(struct loading *x, const char *root_code)
{
    struct org_line line, above[ORG_DEPTH];
    int64_t above_stream[ORG_DEPTH] = {0};
    int64_t root_level = 0, stream = 0;
    enum fault_code rc = FAULT_NONE;

    memset(above, 0, sizeof above);
    for (const char *at = org_edition_next(NULL, &line); at && !rc; at = org_edition_next(at, &line)) {
        int64_t level = org_line_number(&line, 3);

        must(level >= 1 && level <= ORG_VILLAGE);
        if (level <= ORG_COUNTY)
            stream = ++x->n_streams;
        else if (level == ORG_TOWNSHIP)
            stream = above_stream[is_parent(&above[ORG_COUNTY], &line) ? ORG_COUNTY : ORG_CITY];
        above[level] = line;
        above_stream[level] = stream;
        if (x->root && level <= root_level)
            break;
        if (!x->root && line.len[1] == 12 && memcmp(line.part[1], root_code, 12) == 0) {
            x->root = org_line_number(&line, 0);
            root_level = level;
            rc = put_above(x, above, above_stream, level);
        }
        if (!x->root || rc)
            continue;
        rc = put_line(x, &line, stream);
    }
    return rc;
}

enum fault_code
org_load_places(struct task *t, struct store *s, const char *root_code)
{
    static const char *const columns[] = {"id", "code", "parent", "level", "name", "initials", "stream"};
    struct loading x = {.t = t, .s = s};
    enum fault_code rc = store_bulk_begin(t, s, "org_place", columns, sizeof columns / sizeof *columns);

    if (!rc)
        rc = put_places(&x, root_code);
    if (!rc)
        rc = store_bulk_end(t, s);
    if (!rc)
        rc = put_streams(&x);
    if (!rc && !x.root)
        return fault(t, FAULT_INPUT, "--places", "没有这个地区代码：%s | no such division code: %s", root_code,
                     root_code);
    if (!rc)
        rc = store_run(t, s, NULL,
                       "INSERT INTO org_generation (what, n) VALUES ('top', ?) ON CONFLICT (what) DO UPDATE "
                       "SET n = excluded.n",
                       "i", x.root);
    return rc;
}
