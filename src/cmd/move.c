/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/move.c - records out of a store and into it: export, import.
 *
 * Knows: formats, filters written NAME=VALUE.
 * Does not know: what may be seen or taken.
 */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#define FILTERS_MOST 32
#define IMPORT_MOST ((size_t)256 * 1024 * 1024)

struct filters {
    struct arena *arena;
    const char *kind;
    const char *words[FILTERS_MOST + 1];
    size_t n; /* of words; the first is the kind */
};

static const char *
filter_get(void *who, const char *name)
{
    const struct filters *f = who;
    size_t len = strlen(name);

    if (strcmp(name, "kind") == 0)
        return f->kind;
    for (size_t i = 1; i < f->n; i++)
        if (strncmp(f->words[i], name, len) == 0 && f->words[i][len] == '=')
            return f->words[i] + len + 1;
    return NULL;
}

static const char *
filter_name(void *who, size_t i)
{
    const struct filters *f = who;

    if (i == 0)
        return "kind";
    return i < f->n ? arena_copy(f->arena, f->words[i], strcspn(f->words[i], "=")) : NULL;
}

struct output {
    bool failed;
};

static void
write_output(void *who, const char *bytes, size_t len)
{
    struct output *o = who;

    if (!o->failed && fwrite(bytes, 1, len, stdout) != len)
        o->failed = true;
}

static enum fault_code
export_from(struct task *t, struct cmd_line *l, struct desk *d, struct filters *f,
            const char *format, const char *as)
{
    const struct desk_query q = {.get = filter_get, .name = filter_name, .who = f};
    struct output out = {.failed = false};
    struct desk_caller caller;
    struct store *s;
    enum fault_code rc = desk_reader_open(t, d, &s);

    if (rc)
        return rc;
    rc = cmd_caller(t, d, s, as, &caller);
    if (!rc) {
        caller.english = l->english;
        rc = desk_export(t, d, s, &caller, &q, format, write_output, &out);
    }
    desk_reader_close(s);
    return rc;
}

int
cmd_export(struct cmd_line *l)
{
    const char *db = NULL, *format = NULL, *as = NULL, *now = NULL;
    const struct cmd_option options[] = {
        {"--db", &db, NULL}, {"--format", &format, NULL}, {"--as", &as, NULL},
        {"--now", &now, NULL}, {0}};
    struct filters f = {0};
    struct desk *d;
    struct task t;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, f.words, FILTERS_MOST, &f.n) || cmd_need(l, "--db", db) ||
        cmd_need(l, "KIND", f.n ? f.words[0] : NULL))
        return 2;
    f.kind = f.words[0];
    for (size_t i = 1; i < f.n; i++)
        if (!strchr(f.words[i], '='))
            return cmd_wrong(l, "筛选写作 名称=值：%s | a filter is written NAME=VALUE: %s",
                             f.words[i], f.words[i]);
    if (format && strcmp(format, "csv") != 0 && strcmp(format, "json") != 0)
        return cmd_wrong(l, "--format 为 csv 或 json，而不是 %s | --format is csv or json, not %s",
                         format, format);
    if (cmd_task(l, now, &t))
        return 2;
    f.arena = t.arena;
    rc = cmd_desk(&t, db, true, &d);
    if (!rc) {
        rc = export_from(&t, l, d, &f, format ? format : "csv", as);
        desk_close(d);
    }
    status = rc ? cmd_fail(l, &t, rc) : cmd_end_output(l, 0);
    task_release(&t);
    return status;
}

static enum fault_code
import_into(struct task *t, struct cmd_line *l, struct desk *d, struct desk_rows *rows,
            const char *as, struct json **out)
{
    struct desk_caller caller;
    enum fault_code rc = cmd_caller(t, d, desk_store(d), as, &caller);

    if (rc)
        return rc;
    caller.english = l->english;
    return desk_import(t, d, desk_store(d), &caller, rows, out);
}

int
cmd_import(struct cmd_line *l)
{
    const char *db = NULL, *as = NULL, *now = NULL, *words[2] = {NULL, NULL};
    struct desk_rows rows = {0};
    const struct cmd_option options[] = {{"--db", &db, NULL},
                                         {"--as", &as, NULL},
                                         {"--all-or-nothing", NULL, &rows.all_or_nothing},
                                         {"--now", &now, NULL},
                                         {0}};
    struct json *report = NULL;
    struct desk *d;
    struct task t;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, words, 2, &n) || cmd_need(l, "--db", db) ||
        cmd_need(l, "KIND", words[0]) || cmd_need(l, "FILE", words[1]) || cmd_task(l, now, &t))
        return 2;
    rows.kind = words[0];
    rc = cmd_file(&t, words[1], IMPORT_MOST, &rows.bytes, &rows.len);
    if (!rc)
        rc = cmd_desk(&t, db, false, &d);
    if (!rc) {
        rc = import_into(&t, l, d, &rows, as, &report);
        desk_close(d);
    }
    status = rc ? cmd_fail(l, &t, rc)
                : cmd_print(l, report, json_int_of(report, "refused", 0) ? 1 : 0);
    task_release(&t);
    return status;
}
