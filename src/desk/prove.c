/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/prove.c - an auditor doubts: verify the log, recount the figures, make every row again.
 */
#include "desk/inside.h"
#include <string.h>

/* Order as in the rooms: what is read by another is made before it. */
static const char derived[] = ORG_DERIVED " " RECORD_DERIVED " " ROLLUP_DERIVED " " DESK_DERIVED
                                          " store_search";

static enum fault_code
verify(struct task *t, struct desk *d, bool figures, struct desk_verdict *out)
{
    struct chain_report report;
    enum fault_code rc = chain_verify(t, d->writer, d->key.public_key, &report);

    if (rc)
        return rc;
    out->streams = report.streams;
    out->events = report.events;
    out->wrong = report.wrong;
    if (figures && !out->wrong)
        rc = rollup_recount(t, d->writer, &out->cells, &out->wrong);
    return rc;
}

/* In one snapshot: a server may write meanwhile. */
enum fault_code
desk_verify(struct task *t, struct desk *d, bool figures, struct desk_verdict *out)
{
    enum fault_code rc = figures ? rollup_recount_ready(t, d->writer) : FAULT_NONE;

    memset(out, 0, sizeof *out);
    if (!rc)
        rc = store_begin_read(t, d->writer);
    if (!rc)
        rc = verify(t, d, figures, out);
    store_rollback(d->writer);
    return rc;
}

/* ---- rebuild ---- */

struct snapshot {
    const char *table;
    uint8_t digest[HASH_LEN];
    int64_t rows;
};

/* Not compared: counters that only tell caches to look again, and what waits to be folded or indexed. */
static bool
is_compared(const char *table)
{
    static const char *const left_out[] = {"org_generation", "rollup_delta", "rollup_tree",
                                           "record_search_wait", "store_search"};

    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (strcmp(table, left_out[i]) == 0)
            return false;
    return true;
}

static enum fault_code
take_snapshot(struct task *t, struct store *s, struct snapshot *list, size_t *n)
{
    enum fault_code rc = FAULT_NONE;

    *n = 0;
    for (const char *at = derived; *at && !rc;) {
        size_t len = strcspn(at, " ");
        const char *table = arena_copy(t->arena, at, len);

        at += len + (at[len] == ' ');
        if (!is_compared(table))
            continue;
        list[*n].table = table;
        rc = store_table_digest(t, s, table, list[*n].digest, &list[*n].rows);
        ++*n;
    }
    return rc;
}

static enum fault_code
replay_stream(struct task *t, struct store *s, int64_t stream, int64_t *events)
{
    int64_t from = 1;
    bool more = true;
    enum fault_code rc = FAULT_NONE;

    while (more && !rc) {
        struct task batch;
        struct rows r;
        struct chain_row rows[200];
        size_t n = 0;

        task_init(&batch, t->now, 1);
        rc = chain_open_stream(&batch, s, &r, stream, from, 200);
        while (!rc && n < 200 && chain_next(&batch, &r, &rows[n]))
            n++;
        if (!rc)
            rc = store_end(&batch, &r);
        for (size_t i = 0; i < n && !rc; i++)
            rc = desk_project(&batch, s, rows[i].body, rows[i].seq);
        more = n == 200;
        from += (int64_t)n;
        *events += (int64_t)n;
        if (rc)
            rc = desk_pass_fault(t, &batch);
        task_release(&batch);
    }
    return rc;
}

/* The stream that adopts places and definitions first: others read its rows. */
enum fault_code
desk_first_stream(struct task *t, struct store *s, int64_t *stream)
{
    bool found;

    return store_one_int(t, s, stream, &found, "SELECT stream FROM chain_event ORDER BY pos LIMIT 1", "");
}

enum fault_code
desk_replay(struct task *t, struct store *s, int64_t *events)
{
    int64_t *streams = NULL, first = 0;
    size_t n = 0;
    int64_t folded = 1;
    enum fault_code rc = desk_first_stream(t, s, &first);

    if (!rc)
        rc = chain_streams(t, s, &streams, &n);
    if (!rc)
        rc = replay_stream(t, s, first, events);
    for (size_t i = 0; i < n && !rc; i++)
        if (streams[i] != first)
            rc = replay_stream(t, s, streams[i], events);
    while (!rc && folded)
        rc = rollup_fold(t, s, 2000, &folded);
    return rc;
}

static const char *
differences(struct task *t, const struct snapshot *a, const struct snapshot *b, size_t n)
{
    struct text x;
    bool any = false;

    text_init(&x, t->arena);
    for (size_t i = 0; i < n; i++)
        if (a[i].rows != b[i].rows || memcmp(a[i].digest, b[i].digest, HASH_LEN) != 0) {
            text_printf(&x, "%s%s (%lld → %lld)", any ? ", " : "", a[i].table, (long long)a[i].rows,
                        (long long)b[i].rows);
            any = true;
        }
    return any ? text_string(&x) : NULL;
}

enum fault_code
desk_rebuild(struct task *t, struct desk *d, int64_t *events, const char **differs)
{
    struct snapshot before[32], after[32];
    int64_t folded = 1;
    size_t n;
    enum fault_code rc = store_begin(t, d->writer);

    *events = 0;
    *differs = NULL;
    if (rc)
        return rc;
    while (!rc && folded)
        rc = rollup_fold(t, d->writer, 2000, &folded);
    if (!rc)
        rc = take_snapshot(t, d->writer, before, &n);
    if (!rc)
        rc = store_clear(t, d->writer, derived);
    if (!rc)
        rc = desk_replay(t, d->writer, events);
    if (!rc)
        rc = take_snapshot(t, d->writer, after, &n);
    if (!rc)
        rc = store_commit(t, d->writer);
    if (rc) {
        store_rollback(d->writer);
        return rc;
    }
    *differs = differences(t, before, after, n);
    return FAULT_NONE;
}
