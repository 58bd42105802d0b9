/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/carry.c - the rows of an old ledger checked before anybody confirms them, all of them.
 *
 * Each row is judged from first to last by the step it would take, on a reading connection: nothing is
 * written and nobody waits. Rows that hold are sealed, in the order of their date, into pieces that the
 * act names; those that do not come back as a workbook of their own, each cell with its reason, to be
 * mended and sent again.
 *
 * Knows: how the preparer says the columns are read; what a report counts.
 * Does not know: what a cell means (carry_cell.c), who may and what a row must be (record).
 */
#include "desk/carry.h"
#include <stdlib.h>
#include <string.h>

#define TOLD 100   /* cells of bad rows told in the answer; the workbook has them all */
#define AT_ONCE 256 /* rows judged in one memory */

/* ---- what was asked ---- */

static enum fault_code
refuse_column(struct task *t, const char *name, const char *words)
{
    return fault(t, FAULT_INPUT, json_pointer(t->arena, "/columns", name), "%s", words);
}

static const struct kind_field *
known_field(struct carry_check *x, const char *name)
{
    size_t n;
    const struct kind_field **fields = carry_fields(x->task, x->kind, &n);

    for (size_t i = 0; i < n; i++)
        if (text_equal(fields[i]->name, name))
            return fields[i];
    return NULL;
}

static enum fault_code
read_columns(struct carry_check *x, const struct json *columns)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(columns) && json_is(columns, JSON_OBJECT) && !rc; i++) {
        const char *name = columns->object.at[i].name, *field = json_text(columns->object.at[i].value);
        long column = strtol(name, NULL, 10);
        const struct kind_field *f = known_field(x, field);

        if (column < 0 || column >= CARRY_COLUMNS || strspn(name, "0123456789") != strlen(name))
            return refuse_column(x->task, name, "没有这一列 | there is no such column");
        if (!f)
            return refuse_column(x->task, name, "旧台账没有可对应的这个字段 | no row can give this field");
        for (size_t k = 0; k < CARRY_COLUMNS; k++)
            if (x->columns[k] == f && !text_equal(f->names, "unit"))
                rc = refuse_column(x->task, name, "一个字段只能对应一列 | a field is given by one column");
        x->columns[column] = f;
    }
    for (size_t i = 0; i < json_count(x->constants) && json_is(x->constants, JSON_OBJECT) && !rc; i++)
        if (!known_field(x, x->constants->object.at[i].name))
            rc = fault(x->task, FAULT_INPUT,
                       json_pointer(x->task->arena, "/constants", x->constants->object.at[i].name),
                       "旧台账没有可对应的这个字段 | no row can give this field");
    return rc;
}

static enum fault_code
may_prepare(void *who, struct task *t, const struct org_actor *actor)
{
    struct carry_check *x = who;
    struct record_act act = {.task = t, .actor = *actor};
    bool may;
    enum fault_code rc = record_may_create(&act, x->act, &may);

    if (!rc && !may)
        rc = fault(t, FAULT_RIGHT, "/post", "您的岗位不能办理“%s” | your post may not do “%s”",
                   text_half(t->arena, x->act->title, false), text_half(t->arena, x->act->title, true));
    return rc;
}

static enum fault_code
read_request(struct carry_check *x, const struct json *in)
{
    struct task *t = x->task;
    const char *kind = json_text_of(in, "kind"), *code = json_text_of(in, "place");
    bool found = false, sees = false;
    enum fault_code rc;

    x->kind = kind ? kind_find(x->desk->world->catalog, kind, 0) : NULL;
    x->act = x->kind ? carry_act_of(x->desk, x->kind) : NULL;
    if (!x->act)
        return fault(t, FAULT_INPUT, "/kind", "这类记录不收旧台账 | no old ledger comes into this kind of record");
    x->order = kind_carry_order(x->kind);
    x->heading_row = (unsigned)json_int_of(in, "heading_row", 1);
    x->constants = json_get(in, "constants");
    rc = desk_post(t, x->store, x->caller, may_prepare, x, &x->actor);
    if (!rc)
        rc = may_prepare(x, t, &x->actor);
    if (!rc && code)
        rc = org_place_by_code(t, x->store, code, &x->place, &found);
    if (!rc && found && !x->place.to_day)
        rc = org_sees_place(t, x->store, &x->caller->scope, x->place.id, &sees);
    if (!rc && !sees)
        rc = fault(t, FAULT_INPUT, "/place", "没有这个地区 | there is no such place");
    return rc ? rc : read_columns(x, json_get(in, "columns"));
}

/* ---- one row ---- */

static void
copy_cells(struct arena *a, const struct format_row *from, struct format_row *to)
{
    struct format_cell *cells = arena_alloc(a, (from->n + 1) * sizeof *cells);

    for (size_t i = 0; i < from->n; i++) {
        cells[i] = from->cells[i];
        cells[i].text = arena_text(a, from->cells[i].text);
    }
    *to = (struct format_row){from->number, cells, from->n};
}

/* The column that gives the field of a pointer "/fields/NAME…"; CARRY_COLUMNS: none does. */
static unsigned
column_of(const struct carry_check *x, const char *pointer)
{
    const char *name = pointer && text_starts(pointer, "/fields/") ? pointer + 8 : "";
    size_t len = strcspn(name, "/");

    for (unsigned i = 0; i < CARRY_COLUMNS && len; i++)
        if (x->columns[i] && strlen(x->columns[i]->name) == len && strncmp(x->columns[i]->name, name, len) == 0)
            return i;
    return CARRY_COLUMNS;
}

static const char *
why_of(struct carry_check *x, const struct fault_item *item, unsigned column)
{
    const char *name = item->pointer && text_starts(item->pointer, "/fields/") ? item->pointer + 8 : NULL;
    const struct kind_field *f = name ? kind_field(x->kind, name) : NULL;
    const char *words = x->caller->english ? item->en : item->zh;

    if (f && column == CARRY_COLUMNS)
        return arena_format(x->task->arena, "%s：%s", text_half(x->task->arena, f->title, x->caller->english),
                            words);
    return arena_text(x->task->arena, words);
}

static void
tell(struct carry_check *x, const struct format_row *row, unsigned column, const char *why)
{
    struct arena *a = x->task->arena;
    const struct format_cell *cell = column < CARRY_COLUMNS ? format_cell_at(row, column) : NULL;
    struct json *one = json_object(a);

    if (json_count(x->told) >= TOLD)
        return;
    json_set_int(a, one, "row", row->number);
    json_set_str(a, one, "cell", column < CARRY_COLUMNS ? format_reference(a, column, row->number) : NULL);
    json_set_str(a, one, "heading", column < CARRY_COLUMNS ? x->headings[column] : NULL);
    json_set_str(a, one, "value", cell ? cell->text : NULL);
    json_set_str(a, one, "detail", why);
    json_push(a, x->told, one);
}

static void
note_bad(struct carry_check *x, const struct format_row *row, const struct task *why)
{
    struct arena *a = x->task->arena;
    struct carry_bad *bad;

    if (x->n_bad == x->room_bad) {
        struct carry_bad *more = arena_alloc(a, (x->room_bad * 2 + 64) * sizeof *more);

        if (x->n_bad)
            memcpy(more, x->bad, x->n_bad * sizeof *more);
        x->room_bad = x->room_bad * 2 + 64;
        x->bad = more;
    }
    bad = &x->bad[x->n_bad++];
    copy_cells(a, row, &bad->row);
    bad->cells = arena_alloc(a, (why->fault.n_items + 1) * sizeof *bad->cells);
    bad->n_cells = 0;
    for (unsigned i = 0; i < why->fault.n_items; i++) {
        unsigned column = column_of(x, why->fault.items[i].pointer);
        const char *words = why_of(x, &why->fault.items[i], column);

        bad->cells[bad->n_cells++] = (struct carry_why){column, words};
        tell(x, row, column, words);
    }
}

static void
note_good(struct carry_check *x, const struct format_row *row, const struct json *fields,
          const struct kind_step *step)
{
    struct arena *a = x->task->arena;
    struct carry_good *good;
    struct text line;

    if (x->n_good == x->room_good) {
        struct carry_good *more = arena_alloc(a, (x->room_good * 2 + 1024) * sizeof *more);

        if (x->n_good)
            memcpy(more, x->good, x->n_good * sizeof *more);
        x->room_good = x->room_good * 2 + 1024;
        x->good = more;
    }
    good = &x->good[x->n_good++];
    text_init(&line, a);
    text_printf(&line, "{\"row\":%u,\"fields\":", row->number);
    json_write(&line, fields);
    text_puts(&line, "}\n");
    good->line = text_string(&line);
    good->len = line.len;
    good->number = row->number;
    good->date = arena_text(a, json_text_of(fields, x->order->name) ? json_text_of(fields, x->order->name) : "");
    good->unit = x->unit && json_text_of(fields, x->unit->name)
                     ? arena_text(a, json_text_of(fields, x->unit->name))
                     : "";
    good->step = step->index;
}

static struct json *
read_cell(struct carry_cells *cells, const struct kind_field *f, const struct format_cell *cell)
{
    return cell && *carry_trim(cells->task->arena, cell->text) ? carry_value(cells, f, cell) : NULL;
}

/* By its code, its name, or both: one that says nothing known is passed over, two must say the same. */
static void
read_unit(struct carry_check *x, struct carry_cells *cells, const struct kind_field *f,
          const struct format_row *row, struct json *fields)
{
    struct task *own = cells->task;
    const struct json *unit = NULL;
    bool differ = false;

    for (unsigned i = 0; i < CARRY_COLUMNS; i++) {
        struct json *v = x->columns[i] == f ? read_cell(cells, f, format_cell_at(row, i)) : NULL;

        differ = differ || (v && unit && !json_equal(v, unit));
        if (v && !unit)
            json_set(own->arena, fields, f->name, v);
        if (v)
            unit = v;
    }
    if (unit)
        fault_clear(own);
    if (differ)
        (void)!fault(own, FAULT_INPUT, json_pointer(own->arena, "/fields", f->name),
                     "名称与统一社会信用代码不是同一家 | the name and the credit code are of two units");
}

static struct json *
read_fields(struct carry_check *x, struct task *own, const struct format_row *row)
{
    struct carry_cells cells = {own, x->desk->world, &x->names};
    struct json *fields = json_object(own->arena);

    if (x->unit)
        read_unit(x, &cells, x->unit, row, fields);
    for (unsigned i = 0; i < CARRY_COLUMNS; i++) {
        struct json *v = x->columns[i] && x->columns[i] != x->unit
                             ? read_cell(&cells, x->columns[i], format_cell_at(row, i))
                             : NULL;

        if (v)
            json_set(own->arena, fields, x->columns[i]->name, v);
    }
    for (size_t i = 0; i < json_count(x->constants) && json_is(x->constants, JSON_OBJECT); i++)
        if (!json_get(fields, x->constants->object.at[i].name))
            json_set(own->arena, fields, x->constants->object.at[i].name, x->constants->object.at[i].value);
    return fields;
}

static enum fault_code
check_fields(struct carry_check *x, struct task *own, const struct format_row *row, const struct json *fields)
{
    struct chain_tip tip = {.stream = x->place.stream};
    const struct kind_step *step = NULL;
    struct record_act act;
    enum fault_code rc = own->fault.code;

    if (!rc) {
        record_act_begin(&act, own, x->store, x->desk->world, &tip, &x->actor, &x->caller->scope);
        rc = record_carry_try(&act, x->act, x->kind, x->place.id, fields, &step);
    }
    if (rc == FAULT_STORE || rc == FAULT_BUSY || rc == FAULT_PROOF)
        return desk_pass_fault(x->task, own);
    if (rc)
        note_bad(x, row, own);
    else
        note_good(x, row, fields, step);
    fault_clear(own);
    return FAULT_NONE;
}

static void
note_headings(struct carry_check *x, const struct format_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (row->cells[i].column < CARRY_COLUMNS) {
            x->headings[row->cells[i].column] = carry_trim(x->task->arena, row->cells[i].text);
            if (row->cells[i].column >= x->n_columns)
                x->n_columns = row->cells[i].column + 1;
        }
}

/* Memory of its own for every few hundred rows; what they all read is kept for as long. */
static enum fault_code
check_rows(struct carry_check *x, struct format_table *table)
{
    const struct format_row *row = NULL;
    enum fault_code rc = FAULT_NONE;
    bool more = true;

    while (more && !rc) {
        struct task own;

        task_init(&own, x->task->now, 1);
        org_remember(&own, x->store);
        for (int i = 0; i < AT_ONCE && !rc && more; i++) {
            rc = format_next(x->task, table, &row);
            more = !rc && row;
            if (more && row->number == x->heading_row)
                note_headings(x, row);
            else if (more && row->number > x->heading_row)
                rc = check_fields(x, &own, row, read_fields(x, &own, row));
        }
        task_release(&own);
    }
    return rc;
}

/* ---- the check ---- */

static void
find_unit_field(struct carry_check *x)
{
    size_t n;
    const struct kind_field **fields = carry_fields(x->task, x->kind, &n);

    for (size_t i = 0; i < n && !x->unit; i++)
        if (text_equal(fields[i]->names, "unit"))
            x->unit = fields[i];
}

static enum fault_code
check_file(struct carry_check *x, const struct json *in)
{
    struct task *t = x->task;
    const char *file = json_text_of(in, "file"), *bytes = NULL, *type;
    struct format_table *table;
    size_t len = 0;
    enum fault_code rc = desk_file_get(t, x->desk, x->store, x->caller, file ? file : "", &bytes, &len, &type);

    find_unit_field(x);
    if (!rc)
        rc = carry_names_read(t, x->store, &x->caller->scope, x->place.id, &x->names);
    if (!rc)
        rc = carry_open(t, bytes, len, json_int_of(in, "sheet", 0), &table);
    if (rc)
        return rc;
    rc = check_rows(x, table);
    format_close(table);
    return rc;
}

enum fault_code
desk_carry_check(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                 const struct json *in, struct json **out)
{
    struct carry_check *x = arena_alloc(t->arena, sizeof *x);
    enum fault_code rc = desk_reader_hold(t, d, s);

    x->task = t;
    x->desk = d;
    x->store = s;
    x->caller = c;
    x->told = json_array(t->arena);
    *out = json_object(t->arena);
    if (!rc)
        rc = read_request(x, in);
    if (!rc)
        rc = check_file(x, in);
    desk_reader_let_go(s);
    if (!rc)
        rc = carry_seal(x, *out);
    if (!rc)
        rc = carry_bad_file(x, *out);
    if (rc)
        return rc;
    carry_summarize(x, *out);
    json_set(t->arena, *out, "errors", x->told);
    return FAULT_NONE;
}

/* ---- the second person looks again ---- */

/* The line of a piece as a row without cells: what is wrong with it is told by its number. */
static enum fault_code
check_line(struct carry_check *x, struct task *own, const char *line, size_t len)
{
    struct format_row row = {0};
    struct json *body;
    enum fault_code rc = json_read(own, line, len, &body);

    if (rc)
        return desk_pass_fault(x->task, own);
    row.number = (unsigned)json_int_of(body, "row", 0);
    return check_fields(x, own, &row, json_get(body, "fields"));
}

static enum fault_code
check_piece(struct carry_check *x, const char *digest)
{
    struct task own;
    const char *at = NULL, *end;
    size_t len = 0;
    enum fault_code rc;

    task_init(&own, x->task->now, 1);
    org_remember(&own, x->store);
    rc = record_file_bytes(&own, x->store, digest, &at, &len);
    for (end = at + len; at < end && !rc;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t width = (size_t)((stop ? stop : end) - at);

        if (width)
            rc = check_line(x, &own, at, width);
        at += width + 1;
    }
    if (rc && !x->task->fault.code)
        rc = desk_pass_fault(x->task, &own);
    task_release(&own);
    return rc;
}

static enum fault_code
begin_report(struct carry_check *x, const char *id, struct record *r)
{
    struct record_view view;
    bool found;
    enum fault_code rc = desk_find_record(x->task, x->desk, x->store, x->caller, id, r, &view);

    if (!rc && (!view.whole || !r->kind->carries))
        rc = desk_absent(x->task);
    if (rc)
        return rc;
    x->act = r->kind;
    x->kind = kind_find(x->desk->world->catalog, json_text_of(r->fields, r->kind->carries->into->name), 0);
    if (!x->kind || !kind_carried_by(x->kind, x->act))
        return fault(x->task, FAULT_STATE, NULL,
                     "这类记录不收旧台账 | no old ledger comes into this kind of record");
    x->order = kind_carry_order(x->kind);
    find_unit_field(x);
    rc = org_place(x->task, x->store, r->place, &x->place, &found);
    if (!rc)
        rc = desk_post(x->task, x->store, x->caller, may_prepare, x, &x->actor);
    return rc ? rc : may_prepare(x, x->task, &x->actor);
}

enum fault_code
desk_carry_report(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
                  struct json **out)
{
    struct carry_check *x = arena_alloc(t->arena, sizeof *x);
    const struct json *pieces;
    struct record r;
    enum fault_code rc;

    x->task = t;
    x->desk = d;
    x->store = s;
    x->caller = c;
    x->told = json_array(t->arena);
    *out = json_object(t->arena);
    rc = begin_report(x, id, &r);
    pieces = rc ? NULL : json_get(r.fields, r.kind->carries->rows->name);
    for (size_t i = 0; i < json_count(pieces) && !rc; i++) {
        const char *digest = json_text_of(json_at(pieces, i), "file");

        rc = check_piece(x, digest ? digest : "");
    }
    if (rc)
        return rc;
    carry_order(x);
    carry_summarize(x, *out);
    json_set(t->arena, *out, "errors", x->told);
    return FAULT_NONE;
}
