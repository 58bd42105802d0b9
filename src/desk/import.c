/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/import.c - records from the rows of a file, through the same step as a person's.
 *
 * Rows are taken stream by stream, at most LIMIT_GROUP in a commit, a savepoint each. All or
 * nothing is one transaction over all streams, undone at its end where a row was refused: whatever ends the
 * process, none is there or all are.
 *
 * Knows: rows, streams, what was refused and why.
 * Does not know: who may create what (org and record judge each row).
 */
#include "desk/inside.h"
#include <string.h>

#define ERRORS_TOLD 1000

struct row {
    struct json *body;
    struct json *errors; /* why it was refused */
    size_t line;
    int64_t place, stream;
    bool refused;
};

struct walk {
    struct desk *desk;
    const struct desk_caller *caller;
    const struct kind *kind;
    struct row *rows;
    size_t n_rows;
    size_t from, until;     /* of one transaction */
    size_t streams_left;    /* of all or nothing: behind the last one it is known whether all hold */
    bool together;
    size_t told;            /* errors kept; no more than ERRORS_TOLD */
    int64_t taken, refused;
    struct arena *arena;
};

static void
refuse_row(struct walk *w, struct row *row, const struct task *why)
{
    row->refused = true;
    row->errors = json_array(w->arena);
    w->refused++;
    for (unsigned i = 0; i < why->fault.n_items && w->told < ERRORS_TOLD; i++, w->told++) {
        const struct fault_item *item = &why->fault.items[i];
        struct json *o = json_object(w->arena);

        json_set_int(w->arena, o, "row", (int64_t)row->line);
        json_set_str(w->arena, o, "pointer", item->pointer ? item->pointer : "");
        json_set_str(w->arena, o, "detail", w->caller->english ? item->en : item->zh);
        json_push(w->arena, row->errors, o);
    }
}

/* In the order of the file, whichever walk found them. */
static struct json *
errors_by_row(const struct walk *w)
{
    struct json *out = json_array(w->arena);

    for (size_t i = 0; i < w->n_rows; i++)
        for (size_t k = 0; k < json_count(w->rows[i].errors); k++)
            json_push(w->arena, out, json_at(w->rows[i].errors, k));
    return out;
}

/* ---- reading ---- */

static enum fault_code
check_members(struct task *t, const struct json *body)
{
    static const char *const names[] = {"kind", "place", "fields", "comment"};
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < body->object.n; i++) {
        const char *name = body->object.at[i].name;
        bool known = false;

        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            known = known || text_equal(name, names[k]);
        if (!known)
            rc = fault(t, FAULT_INPUT, json_pointer(t->arena, "", name),
                       "不认识这一项 | this member is not known");
    }
    if (!rc && json_get(body, "comment") && !json_text(json_get(body, "comment")))
        rc = fault(t, FAULT_INPUT, "/comment", "意见应为文字 | a comment is a text");
    return rc;
}

static enum fault_code
check_row(struct walk *w, struct task *t, struct store *s, struct row *row)
{
    const char *code = json_text_of(row->body, "place");
    struct org_place p;
    bool found = false, sees = false;
    enum fault_code rc = FAULT_NONE;

    if (!json_is(row->body, JSON_OBJECT))
        return fault(t, FAULT_INPUT, "", "应为一个 JSON 对象 | a JSON object is expected");
    rc = check_members(t, row->body);
    if (rc)
        return rc;
    if (json_get(row->body, "kind") &&
        !text_equal(json_text_of(row->body, "kind"), w->kind->name))
        return fault(t, FAULT_INPUT, "/kind", "这一行是另一种记录 | this row is of another kind");
    if (json_get(row->body, "fields") && !json_is(json_get(row->body, "fields"), JSON_OBJECT))
        return fault(t, FAULT_INPUT, "/fields", "fields 应为对象 | fields is an object");
    if (code)
        rc = org_place_by_code(t, s, code, &p, &found);
    if (!rc && found)
        rc = org_sees_place(t, s, &w->caller->scope, p.id, &sees);
    if (!rc && !sees)
        rc = fault(t, FAULT_INPUT, "/place",
                   code ? "没有这个地区 | there is no such place"
                        : "请给出地区代码 | give the place's code");
    if (rc)
        return rc;
    row->place = p.id;
    row->stream = p.stream;
    return FAULT_NONE;
}

static bool
is_blank(const char *s, size_t len)
{
    return strspn(s, " \t\r") >= len;
}

static enum fault_code
read_row(struct walk *w, struct task *t, struct store *s, const char *line, size_t len,
         struct row *row)
{
    struct task own;
    enum fault_code rc = json_read(t, line, len, &row->body);

    if (rc == FAULT_INPUT) {
        refuse_row(w, row, t);
        fault_clear(t);
        return FAULT_NONE;
    }
    if (rc)
        return rc;
    task_init(&own, t->now, 0);
    rc = check_row(w, &own, s, row);
    if (rc == FAULT_INPUT) {
        refuse_row(w, row, &own);
        rc = FAULT_NONE;
    } else if (rc) {
        rc = desk_pass_fault(t, &own);
    }
    task_release(&own);
    return rc;
}

static enum fault_code
read_rows(struct walk *w, struct task *t, struct store *s, const struct desk_rows *in)
{
    const char *at = in->bytes, *end = in->bytes + in->len;
    size_t line = 0, room = 1;
    enum fault_code rc = FAULT_NONE;

    for (const char *p = at; p < end; p++)
        room += *p == '\n';
    w->rows = arena_alloc(t->arena, room * sizeof *w->rows);
    while (at < end && !rc) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);

        line++;
        if (!is_blank(arena_copy(t->arena, at, len), len)) {
            w->rows[w->n_rows].line = line;
            rc = read_row(w, t, s, at, len, &w->rows[w->n_rows]);
            w->n_rows++;
        }
        at += len + 1;
    }
    return rc;
}

/* ---- writing ---- */

static enum fault_code
may_create(void *who, struct task *t, const struct org_actor *actor)
{
    const struct kind *k = who;
    struct record_act act = {.task = t, .actor = *actor};
    bool may;
    enum fault_code rc = record_may_create(&act, k, &may);

    if (!rc && !may)
        rc = fault(t, FAULT_RIGHT, "/kind", "您的岗位不能登记“%s” | your post may not create “%s”",
                   text_half(t->arena, k->title, false), text_half(t->arena, k->title, true));
    return rc;
}

enum fault_code
desk_create_row(struct task *t, struct desk *d, struct store *s, struct chain_tip *tip,
                const struct desk_caller *c, const struct kind *k, int64_t place, const struct json *fields,
                const char *comment)
{
    struct org_actor actor;
    struct record_act act;
    struct record made;
    enum fault_code rc = desk_post(t, s, c, may_create, (void *)(uintptr_t)k, &actor);

    if (!rc && actor.sort == ORG_PERSON)
        rc = may_create((void *)(uintptr_t)k, t, &actor);
    if (rc)
        return rc;
    record_act_begin(&act, t, s, d->world, tip, &actor, &c->scope);
    rc = record_create(&act, k, place, fields, comment, &made);
    return rc ? rc : desk_project_made(t, s, &act);
}

static enum fault_code
create(struct walk *w, struct task *t, struct store *s, struct chain_tip *tip, const struct row *row)
{
    return desk_create_row(t, w->desk, s, tip, w->caller, w->kind, row->place,
                           json_get(row->body, "fields"), json_text_of(row->body, "comment"));
}

/* A refused row is undone and told; only a store that broke ends the walk. */
static enum fault_code
take_row(struct walk *w, struct task *t, struct store *s, struct chain_tip *tip, struct row *row)
{
    struct chain_tip before = *tip;
    struct task own;
    enum fault_code rc = store_savepoint(t, s), undone;

    if (rc)
        return rc;
    task_init(&own, t->now, 0);
    rc = create(w, &own, s, tip, row);
    if (!rc && own.store_broke)
        rc = fault(&own, FAULT_STORE, NULL, "有一条语句失败 | a statement failed");
    if (!rc) {
        w->taken++;
        rc = store_release(t, s);
    } else if (rc == FAULT_STORE || rc == FAULT_BUSY || rc == FAULT_PROOF) {
        rc = desk_pass_fault(t, &own);
    } else {
        *tip = before;
        refuse_row(w, row, &own);
        undone = store_undo(t, s);
        rc = undone;
    }
    t->store_calls += own.store_calls;
    task_release(&own);
    return rc;
}

static enum fault_code
run_rows(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct walk *w = who;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = w->from; i < w->until && !rc; i++)
        if (w->rows[i].stream == tip->stream && !w->rows[i].refused)
            rc = take_row(w, t, s, tip, &w->rows[i]);
    /* Any code undoes the transaction; without a fault of its own it says nothing. */
    return rc || !w->together || --w->streams_left || !w->refused ? rc : FAULT_STATE;
}

static enum fault_code
take_stream(struct walk *w, struct task *t, int64_t stream)
{
    enum fault_code rc = FAULT_NONE;

    for (w->from = 0; w->from < w->n_rows && !rc; w->from = w->until) {
        size_t n = 0, i = w->from;

        for (; i < w->n_rows && n < LIMIT_GROUP; i++)
            n += w->rows[i].stream == stream && !w->rows[i].refused;
        w->until = i;
        if (n)
            rc = desk_write(t, w->desk, stream, run_rows, w);
    }
    return rc;
}

/* Each once, in the order of the file. */
static size_t
streams_of(const struct walk *w, int64_t *streams)
{
    size_t n = 0;

    for (size_t i = 0; i < w->n_rows; i++) {
        bool known = w->rows[i].stream == 0;

        for (size_t k = 0; k < n && !known; k++)
            known = streams[k] == w->rows[i].stream;
        if (!known)
            streams[n++] = w->rows[i].stream;
    }
    return n;
}

static enum fault_code
take_together(struct walk *w, struct task *t, const int64_t *streams, size_t n)
{
    enum fault_code rc;

    w->from = 0;
    w->until = w->n_rows;
    w->together = true;
    w->streams_left = n;
    rc = desk_together(t, w->desk, streams, n, run_rows, w);
    if (w->refused)
        w->taken = 0;
    return rc == FAULT_STATE && t->fault.code == FAULT_NONE ? FAULT_NONE : rc;
}

static enum fault_code
take_all(struct walk *w, struct task *t, bool together)
{
    int64_t *streams = arena_alloc(t->arena, (w->n_rows + 1) * sizeof *streams);
    size_t n = streams_of(w, streams);
    enum fault_code rc = FAULT_NONE;

    if (together)
        return n ? take_together(w, t, streams, n) : FAULT_NONE;
    for (size_t i = 0; i < n && !rc; i++)
        rc = take_stream(w, t, streams[i]);
    return rc;
}

enum fault_code
desk_import(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const struct desk_rows *rows, struct json **out)
{
    struct walk w = {.desk = d, .caller = c, .arena = t->arena};
    struct json *o = json_object(t->arena);
    enum fault_code rc;

    w.kind = kind_find(d->world->catalog, rows->kind, 0);
    if (!w.kind)
        return fault(t, FAULT_INPUT, "/kind", "没有这种记录：%s | there is no kind of record %s",
                     rows->kind, rows->kind);
    rc = read_rows(&w, t, s, rows);
    if (!rc)
        rc = take_all(&w, t, rows->all_or_nothing);
    if (rc)
        return rc;
    json_set_int(t->arena, o, "rows", (int64_t)w.n_rows);
    json_set_int(t->arena, o, "taken", w.taken);
    json_set_int(t->arena, o, "refused", w.refused);
    *out = json_set(t->arena, o, "errors", errors_by_row(&w));
    return FAULT_NONE;
}
