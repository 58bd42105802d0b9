/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/backup.c - a second copy of a store, and a store from it.
 *
 * The key goes beside the archive as it lies beside a store: whoever keeps both in one place keeps the
 * proof and the means to forge it together, so the answer names it.
 *
 * Knows: names of files.
 * Does not know: what an archive holds.
 */
#include "cmd/cmd.h"
#include "store/store.h"

#include <unistd.h>

static int
say_copy(struct cmd_line *l, struct arena *a, const struct desk_copy *c, const char *key)
{
    struct json *o = json_object(a);

    if (c->rows)
        json_set_int(a, o, "rows", c->rows);
    if (c->bytes)
        json_set_int(a, o, "bytes", c->bytes);
    json_set_int(a, o, "files", c->files);
    json_set_int(a, o, "streams", c->verdict.streams);
    json_set_int(a, o, "events", c->verdict.events);
    json_set_int(a, o, "cells", c->verdict.cells);
    json_set_str(a, o, "key", key);
    return cmd_print(l, o, 0);
}

static enum fault_code
backup(struct task *t, const char *db, const char *to, const char *key, struct desk_copy *copy)
{
    struct desk *d;
    enum fault_code rc = cmd_desk(t, db, true, &d);

    if (rc)
        return rc;
    rc = desk_key_copy(t, arena_format(t->arena, "%s.key", store_path(desk_store(d))), key);
    if (!rc) {
        rc = desk_backup(t, d, to, copy);
        if (rc)
            (void)unlink(key);
    }
    desk_close(d);
    return rc;
}

int
cmd_backup(struct cmd_line *l)
{
    const char *db = NULL, *to = NULL, *now = NULL, *key;
    const struct cmd_option options[] = {{"--db", &db, NULL}, {"--to", &to, NULL}, {"--now", &now, NULL}, {0}};
    struct desk_copy copy = {0};
    struct task t;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || cmd_need(l, "--db", db) || cmd_need(l, "--to", to) ||
        cmd_task(l, now, &t))
        return 2;
    key = arena_format(t.arena, "%s.key", to);
    rc = backup(&t, db, to, key, &copy);
    status = rc ? cmd_fail(l, &t, rc) : say_copy(l, t.arena, &copy, key);
    task_release(&t);
    return status;
}

static enum fault_code
restore(struct task *t, const char *db, const char *from, const char *key, struct desk_copy *copy)
{
    const char *path = NULL;
    enum fault_code rc = store_beside(t, db, &path);

    if (rc)
        return rc;
    if (cmd_beside_any(t, path))
        return fault(t, FAULT_STATE, path, "已经存在，未作改动 | is there already; nothing was changed");
    rc = desk_key_copy(t, key, arena_format(t->arena, "%s.key", path));
    if (!rc)
        rc = desk_restore(t, db, from, copy);
    if (rc)
        cmd_beside_remove(t, path);
    return rc;
}

int
cmd_restore(struct cmd_line *l)
{
    const char *db = NULL, *from = NULL, *key = NULL;
    const struct cmd_option options[] = {{"--db", &db, NULL}, {"--from", &from, NULL}, {"--key", &key, NULL}, {0}};
    struct desk_copy copy = {0};
    struct task t;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || cmd_need(l, "--db", db) || cmd_need(l, "--from", from))
        return 2;
    if (cmd_task(l, NULL, &t))
        return 2;
    if (!key)
        key = arena_format(t.arena, "%s.key", from);
    rc = restore(&t, db, from, key, &copy);
    status = rc ? cmd_fail(l, &t, rc) : say_copy(l, t.arena, &copy, NULL);
    task_release(&t);
    return status;
}
