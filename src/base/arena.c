/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/arena.c - blocks from malloc, handed out in order and freed together.
 *
 * Blocks that come back wait in a pool of the process, up to a few megabytes: a request is made by one
 * thread and ended by another, and the C library would keep what each of them freed.
 *
 * Knows: blocks and their room; the only file that calls malloc.
 * Does not know: what the bytes hold.
 */
#include "base/arena.h"

#include "base/fault.h"

#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

/* Most requests fit one block; blocks double so that a large batch needs few. */
#define FIRST_BLOCK   ((size_t)8 * 1024)
#define LARGEST_BLOCK ((size_t)1024 * 1024)
#define SIZES         8 /* from the first to the largest, each twice the one before */
#define POOLED_MOST   ((size_t)4 * 1024 * 1024)

struct block {
    struct block *next;
    size_t used, room;
    bool clean; /* what is not used yet is zero: never lent before */
    _Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *head;
    size_t used, next_room;
};

struct arena *
arena_new(void)
{
    struct arena *a = calloc(1, sizeof *a);

    must(a);
    a->next_room = FIRST_BLOCK;
    return a;
}

/* ---- the pool ---- */

static struct {
    pthread_mutex_t lock;
    struct block *free[SIZES];
    size_t held;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Which of the sizes it has; SIZES: none, it was made for one long piece. */
static unsigned
size_of(size_t room)
{
    unsigned i = 0;

    while (i < SIZES && room != FIRST_BLOCK << i)
        i++;
    return i;
}

static struct block *
pool_take(unsigned size)
{
    struct block *b = NULL;

    if (size == SIZES)
        return NULL;
    pthread_mutex_lock(&pool.lock);
    b = pool.free[size];
    if (b) {
        pool.free[size] = b->next;
        pool.held -= b->room;
    }
    pthread_mutex_unlock(&pool.lock);
    if (b)
        ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->room);
    return b;
}

/* False where it is full. */
static bool
pool_put(struct block *b)
{
    unsigned size = size_of(b->room);
    bool fits;

    if (size == SIZES)
        return false;
    b->used = 0;
    ASAN_POISON_MEMORY_REGION(b->bytes, b->room);
    pthread_mutex_lock(&pool.lock);
    fits = pool.held + b->room <= POOLED_MOST;
    if (fits) {
        b->next = pool.free[size];
        pool.free[size] = b;
        pool.held += b->room;
    }
    pthread_mutex_unlock(&pool.lock);
    if (!fits)
        ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->room);
    return fits;
}

void
arena_process_begin(void)
{
    /* Long blocks are the system's again as soon as they are freed, and few threads have a heap of their own. */
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    (void)mallopt(M_TRIM_THRESHOLD, 256 * 1024);
    (void)mallopt(M_ARENA_MAX, 2);
}

void
arena_free(struct arena *a)
{
    struct block *b, *next;

    if (!a)
        return;
    for (b = a->head; b; b = next) {
        next = b->next;
        if (!pool_put(b))
            free(b);
    }
    free(a);
}

static struct block *
block_new(size_t room)
{
    bool pooled = size_of(room) < SIZES;
    struct block *b = pool_take(size_of(room));

    if (b)
        return b;
    /* A long piece is the system's own zero pages: what of it is never touched is never there. */
    b = pooled ? malloc(sizeof *b + room) : calloc(1, sizeof *b + room);
    must(b);
    b->next = NULL;
    b->used = 0;
    b->room = room;
    b->clean = !pooled;
    return b;
}

/* A block with `len` bytes free. A long piece gets its own, behind the head, whose rest stays. */
static struct block *
block_with(struct arena *a, size_t len)
{
    struct block *b;

    if (a->head && a->head->room - a->head->used >= len)
        return a->head;
    if (a->head && len > a->next_room / 4) {
        b = block_new(len);
        b->next = a->head->next;
        a->head->next = b;
        return b;
    }
    b = block_new(len > a->next_room ? len : a->next_room);
    if (a->next_room < LARGEST_BLOCK)
        a->next_room *= 2;
    b->next = a->head;
    a->head = b;
    return b;
}

/* The next piece, its length rounded up in `*len`; `*clean` where it is zero already. */
static void *
piece_of(struct arena *a, size_t *len, bool *clean)
{
    struct block *b;
    void *piece;

    must(*len < SIZE_MAX / 2);
    *len = (*len + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (*len == 0)
        *len = _Alignof(max_align_t);
    b = block_with(a, *len);
    piece = b->bytes + b->used;
    *clean = b->clean;
    b->used += *len;
    a->used += *len;
    return piece;
}

void *
arena_alloc(struct arena *a, size_t len)
{
    bool clean;
    void *piece = piece_of(a, &len, &clean);

    /* Each piece by itself: the rest of a block is mostly never asked for. */
    if (!clean)
        memset(piece, 0, len);
    return piece;
}

void *
arena_room(struct arena *a, size_t len)
{
    bool clean;

    return piece_of(a, &len, &clean);
}

char *
arena_copy(struct arena *a, const char *bytes, size_t len)
{
    char *copy = arena_room(a, len + 1);

    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *
arena_text(struct arena *a, const char *text)
{
    return arena_copy(a, text, strlen(text));
}

char *
arena_format(struct arena *a, const char *format, ...)
{
    va_list args, again;
    char few[256], *out;
    int len;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(few, sizeof few, format, args);
    va_end(args);
    must(len >= 0);
    out = arena_room(a, (size_t)len + 1);
    if ((size_t)len < sizeof few)
        memcpy(out, few, (size_t)len + 1);
    else
        must(vsnprintf(out, (size_t)len + 1, format, again) == len);
    va_end(again);
    return out;
}

size_t
arena_used(const struct arena *a)
{
    return a->used;
}
