/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/schema.c - the schema of a new store, and the number of an old one.
 *
 * Knows: sql/kept.sql, sql/derived.sql, sql/migrate/, the schema number of this binary.
 * Does not know: what any table means.
 */
#include "base/embed.h"
#include "store/inside.h"
#include <stdlib.h>
#include <string.h>

const char *
store_schema_text(struct task *t, const struct store *s, const char *sql)
{
    struct text x;

    text_init(&x, t->arena);
    while (*sql) {
        const struct store_word *w = s->engine->words;

        while (w->word && !text_starts(sql, w->word))
            w++;
        if (w->word) {
            text_puts(&x, w->text);
            sql += strlen(w->word);
        } else {
            text_char(&x, *sql++);
        }
    }
    return text_string(&x);
}

static enum fault_code
run_file(struct task *t, struct store *s, const char *path)
{
    const struct embed_file *file = embed_find(path);

    if (!file)
        return fault(t, FAULT_STORE, path, "程序内缺少文件 | this binary lacks the file");
    return store_script(t, s,
                        store_schema_text(t, s, arena_copy(t->arena, (const char *)file->bytes,
                                                        file->len)));
}

enum fault_code
store_schema_make(struct task *t, struct store *s)
{
    enum fault_code rc = run_file(t, s, "sql/kept.sql");

    if (!rc)
        rc = run_file(t, s, "sql/derived.sql");
    if (!rc)
        rc = run_file(t, s, s->engine->search_sql);
    if (!rc)
        rc = store_run(t, s, NULL, "INSERT INTO store_meta (name, value) VALUES ('schema', ?)", "s",
                       arena_format(t->arena, "%d", STORE_SCHEMA));
    return rc;
}

static enum fault_code
read_number(struct task *t, struct store *s, int *number)
{
    const char *found = NULL;
    enum fault_code rc =
        store_one_text(t, s, &found, "SELECT value FROM store_meta WHERE name = 'schema'", "");

    *number = found ? (int)strtol(found, NULL, 10) : 0;
    return rc;
}

/* The number is looked at again under the writers' lock: another process may have been first. */
static enum fault_code
migrate_to(struct task *t, struct store *s, int n)
{
    int number;
    enum fault_code rc = read_number(t, s, &number);

    if (rc || number >= n)
        return rc;
    rc = run_file(t, s, arena_format(t->arena, "sql/migrate/%04d.sql", n));
    if (!rc)
        rc = store_run(t, s, NULL, "UPDATE store_meta SET value = ? WHERE name = 'schema'", "s",
                       arena_format(t->arena, "%d", n));
    return rc;
}

/* Each migration is one transaction: interrupted, the store still has the number before it. */
static enum fault_code
migrate(struct task *t, struct store *s, int from)
{
    enum fault_code rc = FAULT_NONE;

    for (int n = from + 1; n <= STORE_SCHEMA && !rc; n++) {
        rc = store_begin(t, s);
        if (!rc)
            rc = migrate_to(t, s, n);
        if (!rc)
            rc = store_commit(t, s);
        if (rc)
            store_rollback(s);
    }
    return rc;
}

enum fault_code
store_schema_check(struct task *t, struct store *s, bool may_migrate)
{
    int number;
    enum fault_code rc = read_number(t, s, &number);

    if (rc || !number) {
        fault_clear(t);
        return fault(t, FAULT_INPUT, s->name,
                     "这不是治本的库；请检查路径 | not a Zhiben store; check the path");
    }
    if (number > STORE_SCHEMA)
        return fault(t, FAULT_INPUT, s->name,
                     "库的版本 %d 比本程序（%d）新；请用新程序打开 | the store (schema %d) is newer than this "
                     "binary (%d); open it with a newer binary",
                     number, STORE_SCHEMA, number, STORE_SCHEMA);
    if (number == STORE_SCHEMA)
        return FAULT_NONE;
    if (!may_migrate)
        return fault(t, FAULT_INPUT, s->name,
                     "库的版本 %d 较旧；先运行一次 zhiben serve 升级 | the store (schema %d) is older; run "
                     "zhiben serve once to upgrade it",
                     number, number);
    return migrate(t, s, number);
}

enum fault_code
store_mark(struct task *t, struct store *s, const char *name, const char **value)
{
    return store_one_text(t, s, value, "SELECT value FROM store_meta WHERE name = ?", "s", name);
}

enum fault_code
store_mark_set(struct task *t, struct store *s, const char *name, const char *value)
{
    return store_run(t, s, NULL,
                     "INSERT INTO store_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET "
                     "value = excluded.value",
                     "ss", name, value);
}

#define UNFINISHED "unfinished"

/* The first is what earlier binaries wrote. */
static const char *const makings[] = {[STORE_RESTORING] = "1", [STORE_FILLING] = "filling"};

enum fault_code
store_mark_making(struct task *t, struct store *s, enum store_making making)
{
    return making == STORE_WHOLE
               ? store_run(t, s, NULL, "DELETE FROM store_meta WHERE name = ?", "s", UNFINISHED)
               : store_mark_set(t, s, UNFINISHED, makings[making]);
}

enum fault_code
store_check_whole(struct task *t, struct store *s)
{
    const char *unfinished = NULL;
    enum fault_code rc = store_mark(t, s, UNFINISHED, &unfinished);

    if (rc || !unfinished)
        return rc;
    if (text_equal(unfinished, makings[STORE_FILLING]))
        return fault(t, FAULT_INPUT, s->name,
                     "此演示库建到一半就中断了；请删除后重新建立 | the demonstration store was not made whole; remove it "
                     "and make it again");
    return fault(t, FAULT_INPUT, s->name,
                 "此库恢复到一半就中断了；请删除后重新恢复 | the store was not restored whole; remove it and restore it "
                 "again");
}
