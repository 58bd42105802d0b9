/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/beside.c - a store's name and what lies beside it: is anything there, and remove what a failure left.
 *
 * Knows: the endings of the names beside a store.
 * Does not know: what the files hold.
 */
#include "cmd/cmd.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

/* Exactly these: a backup that somebody calls after its store must outlive the store's removal. */
static const char *const beside[] = {"", ".key", ".files", ".lock", "-wal", "-shm", "-journal"};

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void
cmd_beside_remove(struct task *t, const char *path)
{
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
        (void)nftw(arena_format(t->arena, "%s%s", path, beside[i]), remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

bool
cmd_beside_any(struct task *t, const char *path)
{
    struct stat st;

    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
        if (lstat(arena_format(t->arena, "%s%s", path, beside[i]), &st) == 0)
            return true;
    return false;
}
