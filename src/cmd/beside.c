/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/beside.c - a store's name and what lies beside it: is anything there, and remove what a failure left.
 *
 * Knows: the endings of the names beside a store.
 * Does not know: what the files hold.
 */
#include "cmd/cmd.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

/* Everything whose name is its own, or begins with it and a dot or a dash. */
void
cmd_beside_remove(struct task *t, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *folder = slash ? arena_copy(t->arena, path, (size_t)(slash - path) + 1) : "./";
    size_t len = strlen(name);
    DIR *dir = opendir(folder);
    struct dirent *e;

    if (!dir)
        return;
    while ((e = readdir(dir)) != NULL)
        if (strncmp(e->d_name, name, len) == 0 &&
            (!e->d_name[len] || e->d_name[len] == '.' || e->d_name[len] == '-'))
            (void)nftw(arena_format(t->arena, "%s%s", folder, e->d_name), remove_one, 8,
                       FTW_DEPTH | FTW_PHYS);
    (void)closedir(dir);
}

bool
cmd_beside_any(struct task *t, const char *path)
{
    static const char *const beside[] = {"", ".key", ".files", ".lock", "-wal", "-shm"};
    struct stat st;

    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
        if (lstat(arena_format(t->arena, "%s%s", path, beside[i]), &st) == 0)
            return true;
    return false;
}
