/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/said.c - names and titles, each looked up once an answer.
 *
 * Knows: what an id looks like; a page names the same unit, state and line twenty times.
 * Does not know: where in an answer a name stands.
 */
#include "desk/inside.h"
#include <stdlib.h>
#include <string.h>

#define ID_MOST 16 /* characters of the longest id: a record's */
#define TITLES 64
#define LINES 64
#define KINDS 8
#define FIRST_ROOM 128

struct id {
    uint64_t part[2];
};

struct desk_said {
    struct id *ids; /* open addressing; none is all zeroes */
    size_t n_ids, room;
    struct record_at *records; /* whose names wait */
    size_t n_records, room_records;
    struct {
        const void *of; /* the title, or a line's row */
        const char *written;
    } titles[TITLES];
    size_t n_titles;
    const struct json *lines[LINES];
    bool sought[LINES];
    struct {
        const struct kind *kind;
        const struct kind_field **sorted;
    } kinds[KINDS];
    size_t n_kinds;
};

static struct desk_said *
said(struct desk_render *x)
{
    if (!x->said)
        x->said = arena_alloc(x->task->arena, sizeof *x->said);
    return x->said;
}

/* ---- ids ---- */

static struct id *
slot(struct id *ids, size_t room, const struct id *id)
{
    size_t at = (size_t)((id->part[0] * UINT64_C(0x9e3779b97f4a7c15) ^ id->part[1] * UINT64_C(0xff51afd7ed558ccd)) >>
                         32) &
                (room - 1);

    while ((ids[at].part[0] || ids[at].part[1]) &&
           (ids[at].part[0] != id->part[0] || ids[at].part[1] != id->part[1]))
        at = (at + 1) & (room - 1);
    return &ids[at];
}

static void
grow(struct desk_render *x, struct desk_said *s)
{
    size_t room = s->room ? s->room * 2 : FIRST_ROOM;
    struct id *ids = arena_alloc(x->task->arena, room * sizeof *ids);

    for (size_t i = 0; i < s->room; i++)
        if (s->ids[i].part[0] || s->ids[i].part[1])
            *slot(ids, room, &s->ids[i]) = s->ids[i];
    s->ids = ids;
    s->room = room;
}

/* Whether it is met for the first time in this answer. */
static bool
is_first(struct desk_render *x, const char *text, size_t len)
{
    struct desk_said *s = said(x);
    struct id id = {{0, 0}};
    struct id *at;

    memcpy(id.part, text, len);
    if (2 * (s->n_ids + 1) > s->room)
        grow(x, s);
    at = slot(s->ids, s->room, &id);
    if (at->part[0] || at->part[1])
        return false;
    *at = id;
    s->n_ids++;
    return true;
}

/* ---- names ---- */

static const char *
record_name(struct desk_render *x, const struct record *r)
{
    struct record_view view = {0};

    record_view(x->task, &x->caller->scope, r, &view);
    if (!view.sees)
        return NULL;
    if (r->title && r->number)
        return arena_format(x->task->arena, "%s %s", r->number, r->title);
    return r->number ? r->number : r->title;
}

static void
wait_for_record(struct desk_render *x, const char *id)
{
    struct desk_said *s = said(x);
    int64_t stream, rid;

    if (!record_id_read(id, &stream, &rid))
        return;
    if (s->n_records == s->room_records) {
        size_t room = s->room_records ? s->room_records * 2 : 32;
        struct record_at *list = arena_alloc(x->task->arena, room * sizeof *list);

        if (s->n_records)
            memcpy(list, s->records, s->n_records * sizeof *list);
        s->records = list;
        s->room_records = room;
    }
    s->records[s->n_records++] = (struct record_at){stream, rid};
}

static const char *
name_of(struct desk_render *x, const char *id)
{
    struct org_unit u;
    struct org_person p;
    struct org_post post;
    struct org_place place;
    bool found = false;

    if (org_id_read(id, 'u'))
        return !org_unit(x->task, x->store, org_id_read(id, 'u'), &u, &found) && found ? u.name : NULL;
    if (org_id_read(id, 'p'))
        return !org_person(x->task, x->store, org_id_read(id, 'p'), &p, &found) && found ? p.name : NULL;
    if (org_id_read(id, 'o')) {
        if (org_post(x->task, x->store, org_id_read(id, 'o'), &post, &found) || !found)
            return NULL;
        return name_of(x, org_id_text(x->task->arena, 'p', post.person));
    }
    if (strlen(id) == 12 && strspn(id, "0123456789") == 12)
        return !org_place_by_code(x->task, x->store, id, &place, &found) && found ? place.name : NULL;
    if (strlen(id) == ID_MOST)
        wait_for_record(x, id);
    return NULL;
}

static void
name_text(struct desk_render *x, const char *text, size_t len)
{
    char id[ID_MOST + 1];
    const char *name;

    if (!len || len > ID_MOST || !is_first(x, text, len))
        return;
    memcpy(id, text, len);
    id[len] = '\0';
    name = name_of(x, id);
    if (name)
        json_set_str(x->task->arena, x->names, id, name);
}

void
desk_name_id(struct desk_render *x, const char *id)
{
    name_text(x, id, strlen(id));
}

static void
name_value(struct desk_render *x, const struct json *value)
{
    if (json_is(value, JSON_STRING))
        name_text(x, value->string.bytes, value->string.len);
    else if (json_is(value, JSON_WRITTEN))
        desk_name_written(x, (struct json_slice){value->string.bytes, value->string.len});
    for (size_t i = 0; json_is(value, JSON_ARRAY) && i < json_count(value); i++)
        name_value(x, json_at(value, i));
    for (size_t i = 0; json_is(value, JSON_OBJECT) && i < json_count(value); i++)
        name_value(x, value->object.at[i].value);
}

void
desk_name(struct desk_render *x, const struct json *value)
{
    name_value(x, value);
    desk_names_end(x);
}

void
desk_name_written(struct desk_render *x, struct json_slice value)
{
    struct json_slice text;

    /* Mostly it is one string, which nobody need look for. */
    if (value.len >= 2 && *value.at == '"') {
        name_text(x, value.at + 1, value.len - 2);
        return;
    }
    while (json_next_string(&value, &text))
        name_text(x, text.at, text.len);
}

void
desk_name_codes(struct desk_render *x, const char *table, struct json_slice value)
{
    struct json_slice text;

    while (json_next_string(&value, &text)) {
        const char *id = arena_copy(x->task->arena, text.at, text.len);
        const struct json *row;

        if (json_get(x->names, id))
            continue;
        row = record_world_row(x->desk->world, table, id);
        if (row)
            json_set_str(x->task->arena, x->names, id, record_row_title(row));
    }
}

void
desk_names_end(struct desk_render *x)
{
    struct arena *a = x->task->arena;
    struct desk_said *s = x->said;
    size_t n = s ? s->n_records : 0;
    struct record *rows;
    bool *found;
    bool by_name = !(x->caller && x->caller->scope.n_lent);

    if (!n)
        return;
    s->n_records = 0;
    rows = arena_alloc(a, n * sizeof *rows);
    found = arena_alloc(a, n * sizeof *found);
    /* Whether something is lent may hang on any field. */
    if (by_name ? record_open_named(x->task, x->store, x->desk->world, s->records, n, rows, found)
                : record_open_all(x->task, x->store, x->desk->world, s->records, n, RECORD_FIELDS, rows, found))
        return;
    for (size_t i = 0; i < n; i++) {
        const char *name = found[i] ? record_name(x, &rows[i]) : NULL;

        if (name)
            json_set_str(a, x->names, record_id(a, s->records[i].stream, s->records[i].rid), name);
    }
}

/* ---- titles, lines, fields ---- */

static const char *
keep_title(struct desk_said *s, const void *of, const char *written)
{
    if (s->n_titles < TITLES) {
        s->titles[s->n_titles].of = of;
        s->titles[s->n_titles++].written = written;
    }
    return written;
}

static const char *
kept_title(const struct desk_said *s, const void *of)
{
    for (size_t i = 0; i < s->n_titles; i++)
        if (s->titles[i].of == of)
            return s->titles[i].written;
    return NULL;
}

const char *
desk_title_written(struct desk_render *x, const char *title)
{
    struct desk_said *s = said(x);
    const char *written = kept_title(s, title);

    return written ? written : keep_title(s, title, json_string(x->task->arena, kind_title(x->task->arena, title)));
}

const struct json *
desk_line_of(struct desk_render *x, int line)
{
    struct desk_said *s = said(x);

    if (line <= 0 || line >= LINES)
        return desk_line_row(x->desk, line);
    if (!s->sought[line])
        s->lines[line] = desk_line_row(x->desk, line);
    s->sought[line] = true;
    return s->lines[line];
}

const char *
desk_line_written(struct desk_render *x, const struct json *row)
{
    struct desk_said *s = said(x);
    struct json *o;

    if (kept_title(s, row))
        return kept_title(s, row);
    o = json_object(x->task->arena);
    json_set_str(x->task->arena, o, "zh", json_text_of(row, "zh"));
    json_set_str(x->task->arena, o, "en", json_text_of(row, "en"));
    return keep_title(s, row, json_string(x->task->arena, o));
}

static int
by_name(const void *a, const void *b)
{
    const struct kind_field *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static const struct kind_field **
sorted_fields(struct desk_render *x, const struct kind *k)
{
    struct desk_said *s = said(x);
    const struct kind_field **list;

    for (size_t i = 0; i < s->n_kinds; i++)
        if (s->kinds[i].kind == k)
            return s->kinds[i].sorted;
    list = arena_alloc(x->task->arena, (k->n_fields + 1) * sizeof *list);
    for (size_t i = 0; i < k->n_fields; i++)
        list[i] = &k->fields[i];
    qsort(list, k->n_fields, sizeof *list, by_name);
    if (s->n_kinds < KINDS) {
        s->kinds[s->n_kinds].kind = k;
        s->kinds[s->n_kinds++].sorted = list;
    }
    return list;
}

/* In the order of a row, so that an answer is the same bytes whether it is of a row or of what was just made. */
struct json *
desk_fields_in_order(struct desk_render *x, const struct kind *k, const struct json *fields)
{
    const struct kind_field **list = sorted_fields(x, k);
    struct json *out = json_object(x->task->arena);

    for (size_t i = 0; i < k->n_fields; i++) {
        struct json *value = json_get(fields, list[i]->name);

        if (value)
            json_set(x->task->arena, out, list[i]->name, value);
    }
    return out;
}

static int
against(struct json_slice name, const char *field)
{
    int order = (unsigned char)*name.at - (unsigned char)*field;

    if (!order)
        order = strncmp(name.at, field, name.len);
    return order ? order : field[name.len] ? -1 : 0;
}

const struct kind_field *
desk_field_of(struct desk_render *x, const struct kind *k, struct json_slice name, size_t *next)
{
    const struct kind_field **list = sorted_fields(x, k);
    size_t low = 0, high = k->n_fields;

    /* Rows hold their names in order: mostly it is one of the next. */
    while (*next < k->n_fields && against(name, list[*next]->name) > 0)
        ++*next;
    if (*next < k->n_fields && against(name, list[*next]->name) == 0)
        return list[(*next)++];
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = against(name, list[middle]->name);

        if (!order)
            return list[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
