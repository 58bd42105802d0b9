/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/describe.c - what the binary says of itself: its interface, and the statements it may send.
 *
 * Knows: where both stand.
 * Does not know: SQL, any store.
 */
#include "cmd/cmd.h"

#include "api/api.h"
#include "base/embed.h"

#include <stdio.h>

int
cmd_openapi(struct cmd_line *l)
{
    static const struct cmd_option none[] = {{0}};
    struct kind_catalog *catalog;
    struct task t;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, none, NULL, 0, &n) || cmd_task(l, NULL, &t))
        return 2;
    rc = desk_read_definitions(&t, NULL, &catalog);
    status = rc ? cmd_fail(l, &t, rc) : cmd_print(l, api_openapi(&t, catalog), 0);
    task_release(&t);
    return status;
}

/* Told from the sources when the binary was built: no store is asked, though a script may name one. */
int
cmd_statements(struct cmd_line *l)
{
    const char *db = NULL;
    const struct cmd_option options[] = {{"--db", &db, NULL}, {0}};
    const struct embed_file *all = embed_find("statements.txt");
    size_t n;

    if (cmd_read(l, options, NULL, 0, &n))
        return 2;
    must(all != NULL);
    fwrite(all->bytes, 1, all->len, stdout);
    return cmd_end_output(l, 0);
}
