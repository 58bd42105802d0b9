/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/pages.c - the pages the binary carries.
 *
 * Parts under web/assets/ carry a digest in their name and never change; everything else is asked
 * for again with the digest as ETag. A path that is no file of the pages is a place inside them
 * (history routing): the first page answers it.
 *
 * Knows: embedded files under web/, media types.
 * Does not know: what the pages do.
 */
#include "api/inside.h"
#include "base/embed.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_PAGE "web/index.html"

struct page {
    const struct embed_file *file;
    const char *etag;
};

struct api_pages {
    struct arena *arena;
    struct page *at;
    size_t n;
};

struct api_pages *
api_pages_new(void)
{
    const struct embed_file *first = embed_from("web/"), *end = embed_files + embed_files_len, *f;
    struct api_pages *p = calloc(1, sizeof *p);
    uint8_t digest[HASH_LEN];

    must(p != NULL);
    p->arena = arena_new();
    for (f = first; f && f < end && text_starts(f->path, "web/"); f++)
        p->n++;
    p->at = arena_alloc(p->arena, (p->n + 1) * sizeof *p->at);
    for (size_t i = 0; i < p->n; i++) {
        p->at[i].file = &first[i];
        hash_bytes(HASH_SHA256, first[i].bytes, first[i].len, digest);
        p->at[i].etag = arena_format(p->arena, "\"%s\"", hash_hex(p->arena, digest, 16));
    }
    return p;
}

void
api_pages_free(struct api_pages *p)
{
    if (!p)
        return;
    arena_free(p->arena);
    free(p);
}

static const struct page *
find(const struct api_pages *p, const char *path)
{
    size_t low = 0, high = p->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(p->at[mid].file->path, path);

        if (order == 0)
            return &p->at[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static const char *
type_of(const char *path)
{
    static const struct {
        const char *end, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".ttf", "font/ttf"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(dot, types[i].end) == 0)
            return types[i].type;
    return "application/octet-stream";
}

static void
send_page(struct api_call *c, const struct page *page, const char *cache)
{
    struct http_answer *a = c->answer;

    http_answer_header(a, "ETag", page->etag);
    http_answer_header(a, "Cache-Control", cache);
    if (text_equal(http_header(c->request, "if-none-match"), page->etag)) {
        a->status = 304;
        return;
    }
    a->status = 200;
    a->type = type_of(page->file->path);
    a->body = page->file->bytes;
    a->body_len = page->file->len;
}

static const struct page *
asked(struct api_call *c)
{
    return find(c->api->pages, arena_format(c->task->arena, "web%s", c->request->path));
}

enum fault_code
api_asset(struct api_call *c)
{
    const struct page *page = asked(c);

    if (!page)
        return FAULT_ABSENT;
    send_page(c, page, "public, max-age=31536000, immutable");
    return FAULT_NONE;
}

enum fault_code
api_page(struct api_call *c)
{
    const char *accept = http_header(c->request, "accept");
    const struct page *page = asked(c);
    bool takes_html = strcmp(c->request->path, "/") == 0 || (accept && strstr(accept, "text/html"));

    if (!page && takes_html)
        page = find(c->api->pages, FIRST_PAGE);
    if (!page)
        return FAULT_ABSENT;
    send_page(c, page, "no-cache");
    return FAULT_NONE;
}
