/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/render.c - a record as people and programs read it, cut to what the caller may see.
 *
 * Knows: the contract's shape of a record; that no bare id stands where a name belongs.
 */
#include "desk/inside.h"
#include <stdlib.h>
#include <string.h>

struct json *
desk_instant(struct arena *a, int64_t at)
{
    return at ? json_str(a, time_text(a, at)) : json_null(a);
}

/* ---- lines 条 ---- */

const struct json *
desk_line_row(const struct desk *d, int number)
{
    const struct json *rows = record_world_rows(d->world, "lines");

    for (size_t i = 0; i < json_count(rows); i++)
        if (json_int_of(json_at(rows, i), "number", 0) == number)
            return json_at(rows, i);
    return NULL;
}

const char *
desk_line_key(const struct desk *d, int line)
{
    return line ? json_text_of(desk_line_row(d, line), "key") : NULL;
}

int
desk_line_number(const struct desk *d, const char *key)
{
    int number = (int)strtol(key, NULL, 10);

    return number ? number : (int)json_int_of(record_world_row(d->world, "lines", key), "number", -1);
}

struct json *
desk_line_title(struct arena *a, const struct desk *d, int line)
{
    const struct json *row = desk_line_row(d, line);
    struct json *o;

    if (!line || !row)
        return json_null(a);
    o = json_object(a);
    json_set_str(a, o, "zh", json_text_of(row, "zh"));
    json_set_str(a, o, "en", json_text_of(row, "en"));
    return o;
}

/* ---- members ---- */

static void
put_name(struct text *o, const char *name)
{
    text_puts(o, o->bytes[o->len - 1] == '{' ? "\"" : ",\"");
    text_puts(o, name);
    text_puts(o, "\":");
}

static void
put_text(struct text *o, const char *name, const char *text)
{
    put_name(o, name);
    json_write_text(o, text);
}

static void
put_integer(struct text *o, const char *name, int64_t value)
{
    put_name(o, name);
    text_integer(o, value);
}

static void
put_bool(struct text *o, const char *name, bool value)
{
    put_name(o, name);
    text_puts(o, value ? "true" : "false");
}

static void
put_written(struct text *o, const char *name, const char *written)
{
    put_name(o, name);
    text_puts(o, written);
}

static void
put_instant(struct desk_render *x, struct text *o, const char *name, int64_t at)
{
    put_text(o, name, at ? time_text(x->task->arena, at) : NULL);
}

/* ---- fields ---- */

static void
put_field(struct desk_render *x, const struct kind_field *f, struct json_slice value, struct text *o)
{
    put_name(o, f->name);
    text_add(o, value.at, value.len);
    if (text_equal(f->names, "code") || text_equal(f->names, "edition"))
        desk_name_codes(x, f->table, value);
    else
        desk_name_written(x, value);
}

/* What only reading makes: it reads totals, today or other records. */
static void
put_made(struct desk_render *x, const struct record *r, const struct record_view *v, struct text *o)
{
    struct record whole = *r;

    for (size_t i = 0; i < r->kind->n_fields; i++) {
        const struct kind_field *f = &r->kind->fields[i];
        const struct json *value;
        const char *written;

        if (!f->computed || !f->kept_total || !record_shows(v, r, f->name))
            continue;
        if (!whole.fields && json_read(x->task, r->written, strlen(r->written), &whole.fields))
            return;
        value = record_field(x->task, x->store, x->desk->world, &whole, f->name);
        if (!value)
            continue;
        written = json_string(x->task->arena, value);
        put_field(x, f, (struct json_slice){written, strlen(written)}, o);
    }
}

/* The values as they lie in the row, each asked for by its field: what is no field of the kind is not shown. */
static void
put_fields(struct desk_render *x, const struct record *r, const struct record_view *v, struct text *o)
{
    const char *at = r->fields ? json_string(x->task->arena, desk_fields_in_order(x, r->kind, r->fields)) : r->written;
    bool *shown = arena_alloc(x->task->arena, r->kind->n_fields * sizeof *shown);
    struct json_slice name, value;
    size_t next = 0;

    put_name(o, "fields");
    text_char(o, '{');
    while (json_next_member(&at, &name, &value)) {
        const struct kind_field *f = desk_field_of(x, r->kind, name, &next);
        size_t i = f ? (size_t)(f - r->kind->fields) : 0;

        if (!f || shown[i] || (f->computed && f->kept_total) || !record_shows_field(v, f))
            continue;
        shown[i] = true;
        put_field(x, f, value, o);
    }
    put_made(x, r, v, o);
    text_char(o, '}');
}

/* ---- a record ---- */

static void
put_ids(struct desk_render *x, const struct json *desk, struct text *o)
{
    static const struct {
        const char *name;
        char letter;
    } lists[] = {{"units", 'u'}, {"persons", 'p'}};
    struct arena *a = x->task->arena;
    const char *first = NULL;
    struct text all;

    text_init(&all, a);
    text_char(&all, '[');
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < json_count(json_get(desk, lists[k].name)); i++) {
            const char *id =
                org_id_text(a, lists[k].letter, json_integer(json_at(json_get(desk, lists[k].name), i), 0));

            if (first)
                text_char(&all, ',');
            first = first ? first : id;
            json_write_text(&all, id);
        }
    text_char(&all, ']');
    put_text(o, "desk", first);
    put_written(o, "desks", text_string(&all));
    desk_name_written(x, (struct json_slice){all.bytes, all.len});
}

static void
put_clocks(struct desk_render *x, const struct record *r, struct text *o)
{
    put_name(o, "clocks");
    text_char(o, '[');
    for (size_t i = 0; i < r->kind->n_clocks; i++) {
        const struct json *c = json_get(r->clocks, r->kind->clocks[i].name);
        int64_t due = json_int_of(c, "due", 0), held = json_int_of(c, "held", 0);

        if (!due)
            continue;
        text_puts(o, o->bytes[o->len - 1] == '[' ? "{" : ",{");
        put_text(o, "clock", r->kind->clocks[i].name);
        put_written(o, "title", desk_title_written(x, r->kind->clocks[i].title));
        put_instant(x, o, "due", due);
        put_bool(o, "late", due < (held ? held : x->task->now));
        put_bool(o, "held", held != 0);
        put_bool(o, "provisional", json_is_true(json_get(c, "provisional")));
        put_text(o, "basis", json_text_of(c, "row"));
        text_char(o, '}');
    }
    text_char(o, ']');
}

static void
put_lines(struct desk_render *x, const struct record *r, struct text *o)
{
    const struct json *lead = r->line ? desk_line_of(x, r->line) : NULL;

    put_text(o, "line", json_text_of(lead, "key"));
    put_written(o, "line_title", lead ? desk_line_written(x, lead) : "null");
    put_name(o, "lines");
    text_char(o, '[');
    for (size_t i = 0; i < json_count(r->lines); i++) {
        int line = (int)json_integer(json_at(r->lines, i), 0);
        const char *key = line ? json_text_of(desk_line_of(x, line), "key") : NULL;

        if (!key)
            continue;
        if (o->bytes[o->len - 1] != '[')
            text_char(o, ',');
        json_write_text(o, key);
    }
    text_char(o, ']');
}

static void
put_place(struct desk_render *x, const struct record *r, struct text *o)
{
    struct org_place p;
    bool found;

    if (org_place(x->task, x->store, r->place, &p, &found) || !found)
        return;
    if (x->day && org_name_on(x->task, x->store, p.id, x->day, &p.name))
        return;
    put_text(o, "place", p.code);
    json_set_str(x->task->arena, x->names, p.code, p.name);
}

static const char *
level_title(struct desk_render *x, const struct kind_field *level, const char *name)
{
    const struct json *titles = json_get(level->schema, "x-titles");
    const char *title = json_text_of(titles, name);

    return title ? desk_title_written(x, title)
                 : json_string(x->task->arena, kind_value_title(x->task->arena, level, name));
}

static void
put_titles(struct desk_render *x, const struct record *r, struct text *o)
{
    const struct kind_state *state = kind_state_at(r->kind, r->state);
    const struct kind_field *level = r->level ? kind_field(r->kind, "level") : NULL;
    const char *name = r->level ? r->kind->levels[r->level - 1] : NULL;

    put_text(o, "state", state ? state->name : NULL);
    put_written(o, "state_title", state ? desk_title_written(x, state->title) : "null");
    put_bool(o, "final", state && state->final);
    put_text(o, "level", name);
    put_written(o, "level_title", level && name ? level_title(x, level, name) : "null");
    put_written(o, "kind_title", desk_title_written(x, r->kind->title));
    if (state && state->hold)
        put_written(o, "hold", desk_title_written(x, state->hold));
}

/* A record without a searchable public text shows the first text of its card the reader may see. */
static const char *
title_of(struct desk_render *x, const struct record *r, const struct record_view *v)
{
    struct json *fields = r->fields;

    if (r->title)
        return r->title;
    if (!fields && json_read(x->task, r->written, strlen(r->written), &fields))
        return NULL;
    desk_names_end(x);
    for (size_t i = 0; i < r->kind->n_show; i++)
        for (size_t k = 0; text_equal(r->kind->show[i].to, "card") && k < r->kind->show[i].n_fields; k++) {
            const struct kind_field *f = kind_field(r->kind, r->kind->show[i].fields[k]);
            const char *text = f && record_shows_field(v, f) ? json_text(json_get(fields, f->name)) : NULL;

            if (text && json_text_of(x->names, text))
                return json_text_of(x->names, text);
            if (text && f->type == FIELD_TEXT && !json_get(f->schema, "enum"))
                return text;
        }
    return text_half(x->task->arena, r->kind->title, x->caller && x->caller->english);
}

void
desk_record_write(struct desk_render *x, const struct record *r, bool whole, struct text *o)
{
    struct arena *a = x->task->arena;
    struct record_view view = {.sees = true, .whole = true};
    const char *owner = org_id_text(a, 'u', r->unit);

    if (x->caller)
        record_view(x->task, &x->caller->scope, r, &view);
    text_char(o, '{');
    put_text(o, "id", record_id(a, r->stream, r->rid));
    put_text(o, "number", r->number);
    put_text(o, "kind", r->kind->name);
    put_integer(o, "version", r->version);
    put_place(x, r, o);
    put_lines(x, r, o);
    put_text(o, "responsible_unit", owner);
    if (owner)
        desk_name_id(x, owner);
    put_ids(x, r->desk, o);
    put_titles(x, r, o);
    put_integer(o, "cycle", r->cycle);
    put_instant(x, o, "due", r->due);
    put_fields(x, r, &view, o);
    put_text(o, "title", title_of(x, r, &view));
    put_integer(o, "revision", r->rev);
    put_instant(x, o, "created_at", r->born);
    put_instant(x, o, "closed_at", r->closed);
    if (whole)
        put_clocks(x, r, o);
    text_char(o, '}');
}

struct json *
desk_record_json(struct desk_render *x, const struct record *r, bool whole)
{
    struct json *o = NULL;
    struct text text;

    text_init(&text, x->task->arena);
    desk_record_write(x, r, whole, &text);
    desk_names_end(x);
    /* What we wrote is read again: a task that has failed already says why. */
    return json_read(x->task, text.bytes, text.len, &o) ? json_object(x->task->arena) : o;
}
