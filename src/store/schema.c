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

static const struct {
    const char *word, *text;
} words[] = {
    {"{serial}", "INTEGER PRIMARY KEY"},
    {"{bytes}", "BLOB"},
    {"{packed}", "WITHOUT ROWID"},
};

const char *
store_schema_text(struct task *t, const char *sql)
{
    struct text x;

    text_init(&x, t->arena);
    while (*sql) {
        size_t i;

        for (i = 0; i < sizeof words / sizeof *words; i++)
            if (text_starts(sql, words[i].word))
                break;
        if (i < sizeof words / sizeof *words) {
            text_puts(&x, words[i].text);
            sql += strlen(words[i].word);
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
                        store_schema_text(t, arena_copy(t->arena, (const char *)file->bytes,
                                                        file->len)));
}

enum fault_code
store_schema_make(struct task *t, struct store *s)
{
    enum fault_code rc = run_file(t, s, "sql/kept.sql");

    if (!rc)
        rc = run_file(t, s, "sql/derived.sql");
    if (!rc)
        rc = run_file(t, s, "sql/search.sql");
    if (!rc)
        rc = store_run(t, s, NULL, "INSERT INTO store_meta (name, value) VALUES ('schema', ?)", "s",
                       arena_format(t->arena, "%d", STORE_SCHEMA));
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
            rc = run_file(t, s, arena_format(t->arena, "sql/migrate/%04d.sql", n));
        if (!rc)
            rc = store_run(t, s, NULL, "UPDATE store_meta SET value = ? WHERE name = 'schema'", "s",
                           arena_format(t->arena, "%d", n));
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
    const char *found = NULL;
    enum fault_code rc =
        store_one_text(t, s, &found, "SELECT value FROM store_meta WHERE name = 'schema'", "");
    int number;

    if (rc || !found) {
        fault_clear(t);
        return fault(t, FAULT_INPUT, store_path(s),
                     "这不是治本的库；请检查路径 | not a Zhiben store; check the path");
    }
    number = (int)strtol(found, NULL, 10);
    if (number > STORE_SCHEMA)
        return fault(t, FAULT_INPUT, store_path(s),
                     "库的版本 %d 比本程序（%d）新；请用新程序打开 | the store (schema %d) is newer than this "
                     "binary (%d); open it with a newer binary",
                     number, STORE_SCHEMA, number, STORE_SCHEMA);
    if (number == STORE_SCHEMA)
        return FAULT_NONE;
    if (!may_migrate)
        return fault(t, FAULT_INPUT, store_path(s),
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
