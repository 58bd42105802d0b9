/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/describe.c - what the binary says of itself: its interface, and the statements reading sends.
 *
 * Knows: every question a desk can be asked.
 * Does not know: SQL.
 */
#include "cmd/cmd.h"

#include "api/api.h"

#include <stdio.h>
#include <string.h>

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

/* ---- statements ---- */

struct asker {
    struct task *task;
    struct desk *desk;
    struct store *store;
    struct desk_caller caller;
    const char *kind, *sort;
};

static const char *
ask_get(void *who, const char *name)
{
    const struct asker *x = who;

    if (strcmp(name, "kind") == 0)
        return x->kind;
    return strcmp(name, "sort") == 0 ? x->sort : NULL;
}

static const char *
ask_name(void *who, size_t i)
{
    (void)who;
    return i == 0 ? "kind" : i == 1 ? "sort" : NULL;
}

/* What is refused is refused: the statements it took to find out are what is asked for. */
static void
done(struct asker *x, enum fault_code rc)
{
    (void)rc;
    fault_clear(x->task);
}

static void
ask_one(struct asker *x, const char *id)
{
    struct task *t = x->task;
    struct desk *d = x->desk;
    struct store *s = x->store;
    struct desk_answer answer;
    struct json *out;

    done(x, desk_record(t, d, s, &x->caller, id, NULL, &answer));
    done(x, desk_record(t, d, s, &x->caller, id, "2100-01-01", &answer));
    done(x, desk_events(t, d, s, &x->caller, id, &out));
    done(x, desk_steps(t, d, s, &x->caller, id, &out));
    done(x, desk_proof(t, d, s, &x->caller, id, &out));
}

static void
ask_lists(struct asker *x)
{
    static const char *const sorts[] = {"newest", "due"};
    const struct desk_query q = {.get = ask_get, .name = ask_name, .who = x};
    const struct kind_catalog *catalog = desk_world(x->desk)->catalog;
    struct json *out = NULL;

    for (size_t i = 0; i < kind_catalog_count(catalog) * 2; i++) {
        x->kind = kind_catalog_at(catalog, i / 2)->name;
        x->sort = sorts[i % 2];
        out = NULL;
        done(x, desk_records(x->task, x->desk, x->store, &x->caller, &q, &out));
        if (json_count(json_get(out, "items")))
            ask_one(x, json_text_of(json_opened(x->task, json_at(json_get(out, "items"), 0)), "id"));
    }
    x->kind = x->sort = NULL;
    done(x, desk_records(x->task, x->desk, x->store, &x->caller, &q, &out));
    out = NULL;
    done(x, desk_figures(x->task, x->desk, x->store, &x->caller, &out));
    for (size_t i = 0; i < json_count(json_get(out, "items")); i++) {
        struct json *cells;

        done(x, desk_figure(x->task, x->desk, x->store, &x->caller,
                            json_text_of(json_at(json_get(out, "items"), i), "figure"), &q,
                            &cells));
    }
}

static void
ask_all(struct asker *x)
{
    struct task *t = x->task;
    struct desk *d = x->desk;
    struct store *s = x->store;
    struct desk_caller nobody;
    struct json *out;

    done(x, desk_caller(t, d, s, "none", &nobody));
    done(x, desk_me(t, d, s, &x->caller, &out));
    done(x, desk_people(t, d, s, &x->caller, NULL, "a", &out));
    done(x, desk_places(t, d, s, &x->caller, NULL, NULL, &out));
    done(x, desk_places(t, d, s, &x->caller, NULL, "a", &out));
    done(x, desk_units(t, d, s, &x->caller, NULL, "a", &out));
    done(x, desk_kinds(t, d, s, &x->caller, &out));
    done(x, desk_feed(t, d, s, &x->caller, NULL, &out));
    done(x, desk_notices(t, d, s, &x->caller, &out));
    done(x, desk_plates(t, d, s, &out));
    ask_lists(x);
}

static void
print_statements(struct task *t, const struct store *s)
{
    size_t n;
    const char **all = store_statements(t, s, &n);

    for (size_t i = 0; i < n; i++)
        printf("%s\n", all[i]);
}

static enum fault_code
run_statements(struct task *t, struct desk *d)
{
    struct asker x = {.task = t, .desk = d};
    enum fault_code rc = desk_reader_open(t, d, &x.store);

    if (rc)
        return rc;
    rc = desk_caller_operator(t, d, x.store, &x.caller);
    if (!rc) {
        ask_all(&x);
        print_statements(t, x.store);
        print_statements(t, desk_store(d));
    }
    desk_reader_close(x.store);
    return rc;
}

int
cmd_statements(struct cmd_line *l)
{
    const char *db = NULL;
    const struct cmd_option options[] = {{"--db", &db, NULL}, {0}};
    struct desk *d;
    struct task t;
    size_t n;
    int status;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || cmd_need(l, "--db", db) || cmd_task(l, NULL, &t))
        return 2;
    rc = cmd_desk(&t, db, true, &d);
    if (!rc) {
        rc = run_statements(&t, d);
        desk_close(d);
    }
    status = rc ? cmd_fail(l, &t, rc) : cmd_end_output(l, 0);
    task_release(&t);
    return status;
}
