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

static const struct json *
line_row(const struct desk *d, int number)
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
    return line ? json_text_of(line_row(d, line), "key") : NULL;
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
    const struct json *row = line_row(d, line);
    struct json *o;

    if (!line || !row)
        return json_null(a);
    o = json_object(a);
    json_set_str(a, o, "zh", json_text_of(row, "zh"));
    json_set_str(a, o, "en", json_text_of(row, "en"));
    return o;
}

/* ---- names ---- */

static const char *
name_of_record(struct desk_render *x, const char *id)
{
    struct record r;
    struct record_view view = {0};
    int64_t stream, rid;
    bool found;

    if (!record_id_read(id, &stream, &rid) ||
        record_open_row(x->task, x->store, x->desk->world, stream, rid, &r, &found) || !found)
        return NULL;
    record_view(x->task, &x->caller->scope, &r, &view);
    if (!view.sees)
        return NULL;
    if (r.title && r.number)
        return arena_format(x->task->arena, "%s %s", r.number, r.title);
    return r.number ? r.number : r.title;
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
    return strlen(id) == 16 ? name_of_record(x, id) : NULL;
}

void
desk_name(struct desk_render *x, const struct json *value)
{
    const char *id = json_text(value), *name;

    for (size_t i = 0; json_is(value, JSON_ARRAY) && i < json_count(value); i++)
        desk_name(x, json_at(value, i));
    for (size_t i = 0; json_is(value, JSON_OBJECT) && i < json_count(value); i++)
        desk_name(x, value->object.at[i].value);
    if (!id || strlen(id) > 16 || json_get(x->names, id))
        return;
    name = name_of(x, id);
    if (name)
        json_set_str(x->task->arena, x->names, id, name);
}

static void
name_code(struct desk_render *x, const struct kind_field *f, const struct json *value)
{
    const char *id = json_text(value);
    const struct json *row = record_world_row(x->desk->world, f->table, id);

    for (size_t i = 0; json_is(value, JSON_ARRAY) && i < json_count(value); i++)
        name_code(x, f, json_at(value, i));
    if (row)
        json_set_str(x->task->arena, x->names, id, record_row_title(row));
}

/* ---- fields ---- */

static struct json *
fields_json(struct desk_render *x, const struct record *r, const struct record_view *v)
{
    struct arena *a = x->task->arena;
    struct json *out = json_object(a);

    for (size_t i = 0; i < r->kind->n_fields; i++) {
        const struct kind_field *f = &r->kind->fields[i];
        struct json *value;

        if (!record_shows(v, r, f->name))
            continue;
        value = f->computed && f->kept_total
                    ? record_field(x->task, x->store, x->desk->world, r, f->name)
                    : json_get(r->fields, f->name);
        if (!value)
            continue;
        json_set(a, out, f->name, value);
        if (text_equal(f->names, "code") || text_equal(f->names, "edition"))
            name_code(x, f, value);
        else
            desk_name(x, value);
    }
    return out;
}

static struct json *
number_ids(struct desk_render *x, const struct json *desk)
{
    struct arena *a = x->task->arena;
    struct json *out = json_array(a);
    const struct json *units = json_get(desk, "units"), *persons = json_get(desk, "persons");

    for (size_t i = 0; i < json_count(units); i++)
        json_push(a, out, json_str(a, org_id_text(a, 'u', json_integer(json_at(units, i), 0))));
    for (size_t i = 0; i < json_count(persons); i++)
        json_push(a, out, json_str(a, org_id_text(a, 'p', json_integer(json_at(persons, i), 0))));
    desk_name(x, out);
    return out;
}

static struct json *
clocks_json(struct desk_render *x, const struct record *r)
{
    struct arena *a = x->task->arena;
    struct json *out = json_array(a);

    for (size_t i = 0; i < r->kind->n_clocks; i++) {
        const struct json *c = json_get(r->clocks, r->kind->clocks[i].name);
        int64_t due = json_int_of(c, "due", 0), held = json_int_of(c, "held", 0);
        struct json *o;

        if (!due)
            continue;
        o = json_object(a);
        json_set_str(a, o, "clock", r->kind->clocks[i].name);
        json_set(a, o, "title", kind_title(a, r->kind->clocks[i].title));
        json_set(a, o, "due", desk_instant(a, due));
        json_set_bool(a, o, "late", due < (held ? held : x->task->now));
        json_set_bool(a, o, "held", held != 0);
        json_set_bool(a, o, "provisional", json_is_true(json_get(c, "provisional")));
        json_set_str(a, o, "basis", json_text_of(c, "row"));
        json_push(a, out, o);
    }
    return out;
}

static struct json *
lines_json(struct desk_render *x, const struct record *r)
{
    struct arena *a = x->task->arena;
    struct json *out = json_array(a);

    for (size_t i = 0; i < json_count(r->lines); i++) {
        const char *key = desk_line_key(x->desk, (int)json_integer(json_at(r->lines, i), 0));

        if (key)
            json_push(a, out, json_str(a, key));
    }
    return out;
}

static void
set_place(struct desk_render *x, struct json *o, const struct record *r)
{
    struct org_place p;
    bool found;

    if (org_place(x->task, x->store, r->place, &p, &found) || !found)
        return;
    if (x->day && org_name_on(x->task, x->store, p.id, x->day, &p.name))
        return;
    json_set_str(x->task->arena, o, "place", p.code);
    json_set_str(x->task->arena, x->names, p.code, p.name);
}

static void
set_titles(struct desk_render *x, struct json *o, const struct record *r)
{
    struct arena *a = x->task->arena;
    const struct kind_state *state = kind_state_at(r->kind, r->state);
    const struct kind_field *level = kind_field(r->kind, "level");
    const char *name = r->level ? r->kind->levels[r->level - 1] : NULL;

    json_set_str(a, o, "state", state ? state->name : NULL);
    json_set(a, o, "state_title", state ? kind_title(a, state->title) : json_null(a));
    json_set_bool(a, o, "final", state && state->final);
    json_set_str(a, o, "level", name);
    json_set(a, o, "level_title",
             level && name ? kind_value_title(a, level, name) : json_null(a));
    json_set(a, o, "kind_title", kind_title(a, r->kind->title));
    if (state && state->hold)
        json_set(a, o, "hold", kind_title(a, state->hold));
}

/* A record without a searchable public text shows the first text of its card the reader may see. */
static const char *
title_of(struct desk_render *x, const struct record *r, const struct json *fields)
{
    if (r->title)
        return r->title;
    for (size_t i = 0; i < r->kind->n_show; i++)
        for (size_t k = 0; text_equal(r->kind->show[i].to, "card") && k < r->kind->show[i].n_fields; k++) {
            const struct kind_field *f = kind_field(r->kind, r->kind->show[i].fields[k]);
            const char *text = f ? json_text(json_get(fields, f->name)) : NULL;

            if (text && json_text_of(x->names, text))
                return json_text_of(x->names, text);
            if (text && f->type == FIELD_TEXT && !json_get(f->schema, "enum"))
                return text;
        }
    return text_half(x->task->arena, r->kind->title, x->caller && x->caller->english);
}

struct json *
desk_record_json(struct desk_render *x, const struct record *r, bool whole)
{
    struct arena *a = x->task->arena;
    struct record_view view = {.sees = true, .whole = true};
    struct json *o = json_object(a), *fields, *desks;

    if (x->caller)
        record_view(x->task, &x->caller->scope, r, &view);
    fields = fields_json(x, r, &view);
    json_set_str(a, o, "id", record_id(a, r->stream, r->rid));
    json_set_str(a, o, "number", r->number);
    json_set_str(a, o, "kind", r->kind->name);
    json_set_int(a, o, "version", r->version);
    set_place(x, o, r);
    json_set_str(a, o, "line", desk_line_key(x->desk, r->line));
    json_set(a, o, "line_title", desk_line_title(a, x->desk, r->line));
    json_set(a, o, "lines", lines_json(x, r));
    json_set_str(a, o, "responsible_unit", org_id_text(a, 'u', r->unit));
    desk_name(x, json_get(o, "responsible_unit"));
    desks = number_ids(x, r->desk);
    json_set(a, o, "desk", json_count(desks) ? json_at(desks, 0) : json_null(a));
    json_set(a, o, "desks", desks);
    set_titles(x, o, r);
    json_set_int(a, o, "cycle", r->cycle);
    json_set(a, o, "due", desk_instant(a, r->due));
    json_set_str(a, o, "title", title_of(x, r, fields));
    json_set(a, o, "fields", fields);
    json_set_int(a, o, "revision", r->rev);
    json_set(a, o, "created_at", desk_instant(a, r->born));
    json_set(a, o, "closed_at", desk_instant(a, r->closed));
    if (whole)
        json_set(a, o, "clocks", clocks_json(x, r));
    return o;
}
