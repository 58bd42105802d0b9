/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/arena.h - memory that dies together.
 *
 * Everything made while serving one request, one import batch or one tick lives in one arena and is
 * freed in one call. Allocation never returns NULL: real exhaustion ends the process, and no
 * transaction was committed then. Clients cannot cause it, because every door has a maximum
 * (base/limit.h). An arena belongs to one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

/* Once, before the first thread: how the process gives memory back to the system. */
void
arena_process_begin(void);

struct arena *
arena_new(void);

/* Frees the arena and all it holds. NULL is allowed. */
void
arena_free(struct arena *a);

/* `len` zeroed bytes, aligned for any type. */
void *
arena_alloc(struct arena *a, size_t len);

/* The same, of no value: for whoever fills all of it at once. */
void *
arena_room(struct arena *a, size_t len);

/* A zero-terminated copy of `len` bytes. */
char *
arena_copy(struct arena *a, const char *bytes, size_t len);

char *
arena_text(struct arena *a, const char *text);

/* printf into the arena. */
char *
arena_format(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes handed out so far: the high mark that tests assert. */
size_t
arena_used(const struct arena *a);

#endif
