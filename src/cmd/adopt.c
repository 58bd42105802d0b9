/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/adopt.c - definitions and local tables: adopted into a store, checked, drawn.
 *
 * Knows: files and folders as named on the command line.
 * Does not know: what a definition means.
 */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MOST 256
#define TABLE_MOST ((size_t)4 * 1024 * 1024)

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static enum fault_code
adopt_all(struct task *t, struct desk *d, const char *const *paths, size_t n, struct json **out)
{
    struct desk_file *files = arena_alloc(t->arena, (n + 1) * sizeof *files);
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < n && !rc; i++) {
        files[i].name = base_name(paths[i]);
        rc = cmd_file(t, paths[i], TABLE_MOST, &files[i].bytes, &files[i].len);
    }
    return rc ? rc : desk_adopt(t, d, files, n, out);
}

int
cmd_adopt(struct cmd_line *l)
{
    const char *db = NULL, *now = NULL, *words[FILES_MOST];
    const struct cmd_option options[] = {{"--db", &db, NULL}, {"--now", &now, NULL}, {0}};
    struct desk *d = NULL;
    struct json *out = NULL;
    struct task t;
    size_t n;
    int status = 0;
    enum fault_code rc;

    if (cmd_read(l, options, words, FILES_MOST, &n) || cmd_need(l, "--db", db) ||
        cmd_need(l, "FILE", n ? words[0] : NULL) || cmd_task(l, now, &t))
        return 2;
    rc = cmd_desk(&t, db, false, &d);
    if (!rc)
        rc = adopt_all(&t, d, words, n, &out);
    if (rc)
        status = cmd_fail(l, &t, rc);
    for (size_t i = 0; !rc && i < json_count(out) && !status; i++)
        status = cmd_print(l, json_at(out, i), 0);
    desk_close(d);
    task_release(&t);
    return status;
}

/* ---- definitions check | graph ---- */

/* FILE POINTER TEXT, one line each: the fault's pointer names the file first. */
static void
print_fault(struct cmd_line *l, const struct fault_item *item)
{
    printf("%s %s\n", item->pointer && *item->pointer ? item->pointer : "-",
           l->english ? item->en : item->zh);
}

static int
check_catalog(struct cmd_line *l, struct task *t, enum fault_code rc,
              const struct kind_catalog *catalog)
{
    struct json *o;

    if (rc == FAULT_INPUT) {
        for (unsigned i = 0; i < t->fault.n_items; i++)
            print_fault(l, &t->fault.items[i]);
        return cmd_end_output(l, 1);
    }
    if (rc)
        return cmd_fail(l, t, rc);
    o = json_object(t->arena);
    json_set_int(t->arena, o, "kinds", (int64_t)kind_catalog_count(catalog));
    return cmd_print(l, o, 0);
}

int
cmd_definitions(struct cmd_line *l)
{
    static const struct cmd_option none[] = {{0}};
    const char *words[2] = {NULL, NULL};
    struct kind_catalog *catalog = NULL;
    struct stat st;
    struct task t;
    size_t n;
    int status;
    bool graph;
    enum fault_code rc;

    if (cmd_read(l, none, words, 2, &n))
        return 2;
    graph = text_equal(words[0], "graph");
    if (!graph && !text_equal(words[0], "check"))
        return cmd_wrong(l, "请写 check 或 graph | say check or graph");
    if (words[1] && (stat(words[1], &st) != 0 || !S_ISDIR(st.st_mode)))
        return cmd_wrong(l, "%s 不是文件夹 | %s is no folder", words[1], words[1]);
    if (cmd_task(l, NULL, &t))
        return 2;
    rc = desk_read_definitions(&t, words[1], &catalog);
    if (rc || !graph) {
        status = check_catalog(l, &t, rc, catalog);
    } else {
        printf("%s\n", kind_catalog_graph(&t, catalog));
        status = cmd_end_output(l, 0);
    }
    task_release(&t);
    return status;
}
