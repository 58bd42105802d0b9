/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/intake_job.c - a table brought in behind the answer: checked whole, taken in groups, told as it goes.
 *
 * Every row is tried first, group by group, each group undone; then the good ones are taken, or none where
 * one is bad and all were asked for. What is known of an import lies in desk_import: a process that ends
 * half-way leaves a row that says so, and the same file sent again changes nothing that was taken.
 *
 * Knows: groups, progress, cancelling, a thread of its own an import.
 * Does not know: what a row means (intake_take.c).
 */
#include "desk/sheet.h"
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 4
#define SILENT_MS 60000 /* no sign of life for so long: the process is gone */
#define KEPT_DAYS 30

struct job {
    struct desk *desk;
    struct task task;
    struct store *store; /* a reader of its own */
    struct desk_caller caller;
    const char *id, *account, *kind;
    char *bytes;
    size_t len;
    bool all, english;
    struct sheet *sheet;
    struct sheet_rows rows;
    struct sheet_rows slice; /* of one transaction */
    size_t done;
    int64_t taken, unchanged, refused;
    int64_t kept_taken, kept_unchanged; /* before the transaction under way */
    bool trial, cancelled;
    const char *state, *said;
    const char *report;
    size_t report_len;
};

/* ---- what is known of it ---- */

static enum fault_code
write_begin(void *who, struct task *t, struct store *s)
{
    const struct job *j = who;
    enum fault_code rc = store_run(t, s, NULL, "DELETE FROM desk_import WHERE made_at < ?", "i",
                                   t->now - KEPT_DAYS * TIME_DAY);

    return rc ? rc
              : store_run(t, s, NULL,
                          "INSERT INTO desk_import (id, account, kind, mode, state, done, total, taken, unchanged, "
                          "refused, made_at, seen_at) VALUES (?, ?, ?, ?, 'running', 0, 0, 0, 0, 0, ?, ?)",
                          "ssssii", j->id, j->account, j->kind, j->all ? "all" : "good", t->now, t->now);
}

static enum fault_code
write_progress(void *who, struct task *t, struct store *s)
{
    struct job *j = who;
    const char *state = NULL;
    enum fault_code rc = store_one_text(t, s, &state, "SELECT state FROM desk_import WHERE id = ?", "s", j->id);

    if (rc)
        return rc;
    j->cancelled = j->cancelled || text_equal(state, "ending");
    return store_run(t, s, NULL,
                     "UPDATE desk_import SET done = ?, total = ?, taken = ?, unchanged = ?, refused = ?, seen_at = ? "
                     "WHERE id = ?",
                     "iiiiiis", (int64_t)j->done, (int64_t)j->rows.n, j->taken, j->unchanged, j->refused,
                     j->task.now, j->id);
}

static enum fault_code
write_end(void *who, struct task *t, struct store *s)
{
    const struct job *j = who;

    if (!j->report)
        return store_run(t, s, NULL,
                         "UPDATE desk_import SET state = ?, said = ?, done = ?, total = ?, taken = ?, unchanged = ?, "
                         "refused = ?, seen_at = ? WHERE id = ?",
                         "ssiiiiiis", j->state, j->said, (int64_t)j->done, (int64_t)j->rows.n, j->taken,
                         j->unchanged, j->refused, t->now, j->id);
    return store_run(t, s, NULL,
                     "UPDATE desk_import SET state = ?, said = ?, done = ?, total = ?, taken = ?, unchanged = ?, "
                     "refused = ?, seen_at = ?, report = ? WHERE id = ?",
                     "ssiiiiiibs", j->state, j->said, (int64_t)j->done, (int64_t)j->rows.n, j->taken, j->unchanged,
                     j->refused, t->now, (const void *)j->report, j->report_len, j->id);
}

/* ---- rows ---- */

static enum fault_code
find_rows(struct job *j)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < j->rows.n && !rc; i++) {
        struct sheet_row *row = &j->rows.at[i];
        struct task own;

        if (row->refused) {
            j->refused++;
            continue;
        }
        task_init(&own, j->task.now, 0);
        rc = sheet_find(&own, j->store, &j->caller, j->sheet, row);
        if (rc == FAULT_INPUT) {
            sheet_refuse(j->task.arena, j->sheet, row, &own.fault);
            j->refused++;
            rc = FAULT_NONE;
        } else if (rc) {
            rc = desk_pass_fault(&j->task, &own);
        }
        task_release(&own);
    }
    return rc;
}

/* A refused row is undone and told; only a store that broke ends the walk. */
static enum fault_code
take_row(struct job *j, struct task *t, struct store *s, struct chain_tip *tip, struct sheet_row *row)
{
    struct chain_tip before = *tip;
    struct task own;
    enum fault_code rc = store_savepoint(t, s);

    if (rc)
        return rc;
    task_init(&own, t->now, 0);
    org_remember(&own, s);
    rc = sheet_take(&own, j->desk, s, tip, &j->caller, j->sheet, row);
    if (!rc) {
        j->taken += !row->unchanged;
        j->unchanged += row->unchanged;
        rc = store_release(t, s);
    } else if (rc == FAULT_STORE || rc == FAULT_BUSY || rc == FAULT_PROOF) {
        rc = desk_pass_fault(t, &own);
    } else {
        *tip = before;
        sheet_refuse(j->task.arena, j->sheet, row, &own.fault);
        j->refused++;
        rc = store_undo(t, s);
    }
    task_release(&own);
    return rc;
}

static enum fault_code
run_slice(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct job *j = who;
    enum fault_code rc = FAULT_NONE;

    /* It runs again where a neighbour in the queue is refused late: what was counted then is undone too. */
    j->taken = j->kept_taken;
    j->unchanged = j->kept_unchanged;
    /* Its rows are read in tasks of their own: what the writer has kept of org ends with the first of them. */
    org_forget(t);
    for (size_t i = 0; i < j->slice.n && !rc; i++)
        if (j->slice.at[i].stream == tip->stream && !j->slice.at[i].refused)
            rc = take_row(j, t, s, tip, &j->slice.at[i]);
    /* Any code undoes the transaction; without a fault of its own it says nothing. */
    return rc || !j->trial ? rc : FAULT_STATE;
}

/* The slice's rows of one stream after the other, each stream in a transaction. */
static enum fault_code
take_slice(struct job *j)
{
    struct task *t = &j->task;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < j->slice.n && !rc; i++) {
        bool first = !j->slice.at[i].refused;

        for (size_t k = 0; k < i && first; k++)
            first = j->slice.at[k].refused || j->slice.at[k].stream != j->slice.at[i].stream;
        if (!first)
            continue;
        j->kept_taken = j->taken;
        j->kept_unchanged = j->unchanged;
        rc = desk_submit(t, j->desk, j->slice.at[i].stream, run_slice, j);
        if (rc == FAULT_STATE && t->fault.code == FAULT_NONE)
            rc = FAULT_NONE;
    }
    return rc;
}

static enum fault_code
take_all(struct job *j, bool trial)
{
    struct task *t = &j->task;
    enum fault_code rc = FAULT_NONE;

    j->trial = trial;
    j->taken = j->unchanged = 0;
    for (size_t from = 0; from < j->rows.n && !rc && !j->cancelled; from += LIMIT_GROUP) {
        j->slice.at = j->rows.at + from;
        j->slice.n = j->rows.n - from < LIMIT_GROUP ? j->rows.n - from : LIMIT_GROUP;
        if (j->desk->now)
            t->now = j->desk->now(j->desk->who);
        rc = take_slice(j);
        if (trial)
            j->taken = j->unchanged = 0;
        else
            j->done = from + j->slice.n;
        if (!rc)
            rc = desk_plain(t, j->desk, write_progress, j);
    }
    return rc;
}

/* ---- the whole ---- */

static enum fault_code
run_rows(struct job *j)
{
    struct task *t = &j->task;
    enum fault_code rc = desk_caller_account(t, j->desk, j->store, j->account, &j->caller);

    j->caller.english = j->english;
    org_remember(t, j->store);
    if (!rc)
        rc = sheet_make(t, j->desk, j->store, &j->caller, j->kind, &j->sheet);
    if (!rc)
        rc = sheet_read(t, j->store, j->sheet, j->bytes, j->len, &j->rows);
    if (!rc)
        rc = find_rows(j);
    if (!rc)
        rc = take_all(j, true);
    if (!rc && !j->cancelled && !(j->all && j->refused))
        rc = take_all(j, false);
    return rc;
}

static void
conclude(struct job *j, enum fault_code rc)
{
    struct task *t = &j->task;
    struct text said;

    text_init(&said, t->arena);
    for (unsigned i = 0; rc && i < t->fault.n_items; i++)
        text_printf(&said, "%s%s", i ? "；" : "", j->english ? t->fault.items[i].en : t->fault.items[i].zh);
    j->state = rc ? "failed" : j->cancelled ? "halted" : "done";
    if (!rc && j->rows.ignored)
        text_printf(&said, j->english ? "Columns passed over: %s" : "未识别的列：%s", j->rows.ignored);
    j->said = said.len ? text_string(&said) : NULL;
    fault_clear(t);
    if (!rc && j->refused && sheet_write(t, j->sheet, &j->rows, j->english, &j->report, &j->report_len)) {
        j->said = j->english ? "The file with the reasons could not be made." : "未能生成带原因的表格。";
        fault_clear(t);
    }
}

static void
forget(struct job *j)
{
    struct desk *d = j->desk;

    if (j->store)
        desk_reader_close(j->store);
    task_release(&j->task);
    free(j->bytes);
    free(j);
    pthread_mutex_lock(&d->lock);
    d->imports--;
    pthread_cond_broadcast(&d->import_ended);
    pthread_mutex_unlock(&d->lock);
}

static void *
run_job(void *who)
{
    struct job *j = who;
    struct task *t = &j->task;
    enum fault_code rc = desk_reader_open(t, j->desk, &j->store);

    if (!rc)
        rc = run_rows(j);
    conclude(j, rc);
    /* A process that is ending writes nothing more: the row says then that it was interrupted. */
    (void)!desk_plain(t, j->desk, write_end, j);
    forget(j);
    return NULL;
}

static bool
has_room(struct desk *d)
{
    bool has;

    pthread_mutex_lock(&d->lock);
    has = d->imports < AT_ONCE && !d->stopping;
    d->imports += has;
    pthread_mutex_unlock(&d->lock);
    return has;
}

enum fault_code
desk_import_begin(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                  const struct desk_table *in, struct json **out)
{
    struct sheet *sheet;
    struct job *j;
    uint8_t chance[9];
    pthread_t thread;
    enum fault_code rc = sheet_make(t, d, s, c, in->kind, &sheet);

    if (rc)
        return rc;
    if (!has_room(d))
        return fault(t, FAULT_BUSY, NULL, "已有导入在进行，请等它办完 | imports are under way; wait for them to end");
    j = calloc(1, sizeof *j);
    must(j);
    task_init(&j->task, t->now, 0);
    random_bytes(&t->random, chance, sizeof chance);
    j->desk = d;
    j->id = hash_base64(j->task.arena, chance, sizeof chance);
    j->account = arena_text(j->task.arena, c->account);
    j->kind = arena_text(j->task.arena, in->kind);
    j->all = in->all_or_none;
    j->english = c->english;
    j->len = in->len;
    j->bytes = malloc(in->len + 1);
    must(j->bytes);
    memcpy(j->bytes, in->bytes, in->len);
    *out = json_set_str(t->arena, json_object(t->arena), "id", j->id);
    rc = desk_plain(t, d, write_begin, j);
    if (!rc && pthread_create(&thread, NULL, run_job, j) == 0) {
        pthread_detach(thread);
        return FAULT_NONE;
    }
    forget(j);
    return rc ? rc : fault(t, FAULT_BUSY, NULL, "系统正忙，请稍后再试 | the system is busy; try again");
}

/* ---- looking ---- */

#define LOOKED                                                                                     \
    "id, kind, mode, state, done, total, taken, unchanged, refused, said, CASE WHEN report IS NULL " \
    "THEN 0 ELSE 1 END, made_at, seen_at"

static struct json *
render(struct task *t, const struct rows *r, bool english)
{
    static const char *const counts[] = {"done", "total", "taken", "unchanged", "refused"};
    struct arena *a = t->arena;
    struct json *o = json_object(a);
    const char *state = store_text(t, r, 3), *said = store_text(t, r, 9);

    if ((text_equal(state, "running") || text_equal(state, "ending")) && t->now - store_int(r, 12) > SILENT_MS)
        state = "interrupted";
    if (text_equal(state, "interrupted")) {
        said = english ? "The server stopped half-way. What was taken stays; send the same file again."
                       : "服务中断，未办完。已收下的不受影响，请再次上传同一个文件，不会重复。";
    }
    json_set_str(a, o, "id", store_text(t, r, 0));
    json_set_str(a, o, "kind", store_text(t, r, 1));
    json_set_str(a, o, "mode", store_text(t, r, 2));
    json_set_str(a, o, "state", state);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_set_int(a, o, counts[i], store_int(r, 4 + (int)i));
    json_set_str(a, o, "detail", said);
    json_set_str(a, o, "report",
                 store_int(r, 10) ? arena_format(a, "/api/v1/imports/%s/report", store_text(t, r, 0)) : NULL);
    return json_set(a, o, "at", desk_instant(a, store_int(r, 11)));
}

enum fault_code
desk_import_list(struct task *t, struct store *s, const struct desk_caller *c, struct json **out)
{
    struct json *list = json_array(t->arena);
    struct rows r;
    enum fault_code rc = store_query(
        t, s, &r, "SELECT " LOOKED " FROM desk_import WHERE account = ? ORDER BY made_at DESC LIMIT 20", "s", c->account);

    if (rc)
        return rc;
    while (store_next(t, &r))
        json_push(t->arena, list, render(t, &r, c->english));
    *out = json_set(t->arena, json_object(t->arena), "items", list);
    return store_end(t, &r);
}

enum fault_code
desk_import_look(struct task *t, struct store *s, const struct desk_caller *c, const char *id, struct json **out)
{
    struct rows r;
    enum fault_code rc = store_query(
        t, s, &r, "SELECT " LOOKED " FROM desk_import WHERE id = ? AND account = ?", "ss", id, c->account);

    *out = NULL;
    if (rc)
        return rc;
    if (store_next(t, &r))
        *out = render(t, &r, c->english);
    rc = store_end(t, &r);
    return rc || *out ? rc : desk_absent(t);
}

enum fault_code
desk_import_report(struct task *t, struct store *s, const struct desk_caller *c, const char *id,
                   const char **bytes, size_t *len)
{
    struct rows r;
    enum fault_code rc = store_query(
        t, s, &r, "SELECT report FROM desk_import WHERE id = ? AND account = ? AND report IS NOT NULL", "ss", id, c->account);

    *bytes = NULL;
    if (rc)
        return rc;
    if (store_next(t, &r))
        *bytes = store_bytes(t, &r, 0, len);
    rc = store_end(t, &r);
    return rc || *bytes ? rc : desk_absent(t);
}

/* At the start of the one process that writes a store: what is under way there died with the one before. */
enum fault_code
desk_import_interrupted(struct task *t, struct store *s)
{
    return store_run(t, s, NULL,
                     "UPDATE desk_import SET state = 'interrupted' WHERE state IN ('running', 'ending')", "");
}

struct cancelling {
    const char *id, *account;
};

static enum fault_code
cancel(void *who, struct task *t, struct store *s)
{
    const struct cancelling *x = who;

    return store_run(t, s, NULL,
                     "UPDATE desk_import SET state = 'ending' WHERE id = ? AND account = ? AND state = 'running'",
                     "ss", x->id, x->account);
}

enum fault_code
desk_import_cancel(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
                   struct json **out)
{
    struct cancelling x = {id, c->account};
    enum fault_code rc = desk_import_look(t, s, c, id, out);

    if (!rc)
        rc = desk_plain(t, d, cancel, &x);
    return rc ? rc : desk_import_look(t, s, c, id, out);
}

enum fault_code
desk_template(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *kind,
              const char **bytes, size_t *len)
{
    struct sheet *sheet;
    enum fault_code rc = sheet_make(t, d, s, c, kind, &sheet);

    return rc ? rc : sheet_write(t, sheet, NULL, c->english, bytes, len);
}
