/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/embed.c - looking up the files the binary carries.
 *
 * Knows: that the generated table is sorted by path, by bytes.
 * Does not know: what the files are.
 */
#include "base/embed.h"

#include <string.h>

/* Index of the first file whose path is not below `path`. */
static size_t
first_at(const char *path)
{
    size_t low = 0, high = embed_files_len, middle;

    while (low < high) {
        middle = low + (high - low) / 2;
        if (strcmp(embed_files[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct embed_file *
embed_from(const char *path)
{
    size_t i = first_at(path);

    return i < embed_files_len ? &embed_files[i] : NULL;
}

const struct embed_file *
embed_find(const char *path)
{
    const struct embed_file *f = embed_from(path);

    return f && strcmp(f->path, path) == 0 ? f : NULL;
}
