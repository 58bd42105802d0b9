/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/state.c - the event of a step: the request and its whole outcome.
 *
 * Knows: docs/kept-format.md. Whatever a row will hold stands in the event, so that replay copies.
 */
#include "record/inside.h"
#include <stdlib.h>
#include <string.h>

struct writing {
    struct judged *j;
    struct json *fields, *cleared, *links, *index, *files;
    struct chain_secret *secrets;
    size_t n_secrets, room_secrets;
    struct json *promised; /* whole, for delivery */
};

static struct json *
as_list(struct arena *a, const struct json *value)
{
    struct json *list = json_array(a);

    if (json_is(value, JSON_ARRAY))
        return (struct json *)(uintptr_t)value;
    if (!json_is_null(value))
        json_push(a, list, (struct json *)(uintptr_t)value);
    return list;
}

static void
note_index(struct writing *w, const struct kind_field *f, const struct json *v)
{
    struct arena *a = w->j->task->arena;

    if (text_equal(f->names, "record"))
        json_set(a, w->links, f->name, as_list(a, v));
    if (text_equal(f->names, "file"))
        for (size_t i = 0; i < json_count(as_list(a, v)); i++)
            json_push(a, w->files, json_at(as_list(a, v), i));
    if (f->indexed)
        json_set(a, w->index, f->name, as_list(a, v));
}

/* Attachments inside rows of an array are named too: they are readable through this record. */
static void
note_inner_files(struct writing *w, const struct json *v)
{
    struct arena *a = w->j->task->arena;
    const char *text = json_text(v);

    if (text && strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64)
        json_push(a, w->files, json_str(a, text));
    for (size_t i = 0; json_is(v, JSON_ARRAY) && i < json_count(v); i++)
        note_inner_files(w, json_at(v, i));
    for (size_t i = 0; json_is(v, JSON_OBJECT) && i < json_count(v); i++)
        note_inner_files(w, v->object.at[i].value);
}

static void
write_field(struct writing *w, const char *name, const struct json *v)
{
    struct arena *a = w->j->task->arena;
    const struct kind_field *f = kind_field(w->j->now->kind, name);

    if (!f)
        return;
    note_index(w, f, v);
    if (f->type == FIELD_ARRAY && !text_equal(f->names, "file"))
        note_inner_files(w, v);
    if (!f->private_value) {
        json_set(a, w->fields, name, json_is_null(v) ? json_null(a) : (struct json *)(uintptr_t)v);
    } else if (json_is_null(v)) {
        json_push(a, w->cleared, json_str(a, name));
    } else {
        w->secrets[w->n_secrets].field = name;
        w->secrets[w->n_secrets++].value = v;
    }
}

static void
write_given(struct writing *w, const struct stated *what)
{
    struct arena *a = w->j->task->arena;
    size_t n = json_count(what->given);

    w->fields = json_object(a);
    w->cleared = json_array(a);
    w->links = json_object(a);
    w->index = json_object(a);
    w->files = json_array(a);
    w->room_secrets = n + 1;
    for (size_t i = 0; i < what->n_plans; i++)
        w->room_secrets += json_count(what->plans[i].fields);
    w->secrets = arena_alloc(a, w->room_secrets * sizeof *w->secrets);
    for (size_t i = 0; i < n; i++)
        write_field(w, what->given->object.at[i].name, what->given->object.at[i].value);
    if (what->comment && *what->comment) {
        w->secrets[w->n_secrets].field = "/comment";
        w->secrets[w->n_secrets++].value = json_str(a, what->comment);
    }
}

static void
set_some(struct arena *a, struct json *o, const char *name, struct json *list)
{
    if (json_count(list))
        json_set(a, o, name, list);
}

/* The kind a promise will act on: what it marks private stays out of the hashed bytes here too. */
static const struct kind *
promised_kind(struct judged *j, const struct planned *p)
{
    struct record r;
    bool found;

    if (p->effect->sort == EFFECT_RAISE)
        return kind_find(j->world->catalog, p->effect->name, 0);
    if (record_open_row(j->task, j->store, j->world, p->stream, p->rid, &r, &found) || !found)
        return NULL;
    return r.kind;
}

static struct json *
public_fields(struct judged *j, const struct planned *p, size_t n, struct writing *w)
{
    struct arena *a = j->task->arena;
    const struct kind *k = promised_kind(j, p);
    struct json *out = json_object(a);

    for (size_t i = 0; i < json_count(p->fields); i++) {
        const struct json_member *m = &p->fields->object.at[i];
        const struct kind_field *f = k ? kind_field(k, m->name) : NULL;

        if (f && !f->private_value) {
            json_set(a, out, m->name, m->value);
        } else if (w->n_secrets < w->room_secrets) {
            w->secrets[w->n_secrets].field = arena_format(a, "/promises/%zu/%s", n, m->name);
            w->secrets[w->n_secrets++].value = m->value;
        }
    }
    return out;
}

static struct json *
write_promises(struct judged *j, const struct stated *what, struct writing *w)
{
    struct arena *a = j->task->arena;
    struct json *list = json_array(a);

    w->promised = json_array(a);
    for (size_t i = 0; i < what->n_plans; i++) {
        struct json *whole, *stated;

        if (what->plans[i].stream == j->act->tip->stream)
            continue;
        whole = record_promise_body(j->task, j->act, &what->plans[i]);
        stated = json_shallow(a, whole);
        json_set(a, stated, "fields", public_fields(j, &what->plans[i], json_count(list), w));
        json_push(a, w->promised, whole);
        json_push(a, list, stated);
    }
    return list;
}

static struct json *
write_outcome(struct judged *j, const struct record *before, const struct stated *what,
              struct writing *w)
{
    struct arena *a = j->task->arena;
    const struct record *r = j->now;
    struct json *o = json_object(a);

    json_set_int(a, o, "state_n", r->state);
    json_set_int(a, o, "level_n", r->level);
    json_set_int(a, o, "line", r->line);
    json_set_int(a, o, "place", r->place);
    json_set_int(a, o, "unit", r->unit);
    json_set_int(a, o, "cycle", r->cycle);
    json_set_int(a, o, "kind_id", r->kind->id);
    json_set_bool(a, o, "open", !kind_state_at(r->kind, r->state)->final);
    if (r->sealed)
        json_set_bool(a, o, "sealed", true);
    if (r->closed)
        json_set_int(a, o, "closed", r->closed);
    if (r->due)
        json_set_int(a, o, "due", r->due);
    if (!before)
        json_set_int(a, o, "born", r->born);
    if (!before || !json_equal(before->lines, r->lines))
        json_set(a, o, "lines", r->lines);
    if (!before || !json_equal(before->desk, r->desk))
        json_set(a, o, "desk", r->desk);
    if (!before || !json_equal(before->clocks, r->clocks))
        json_set(a, o, "clocks", r->clocks);
    if (!before || !json_equal(before->parties, r->parties))
        json_set(a, o, "parties", r->parties);
    if (r->title && (!before || !text_equal(before->title, r->title)))
        json_set_str(a, o, "title", r->title);
    if (what->series) {
        json_set_str(a, o, "number", r->number);
        json_set_str(a, o, "series", what->series);
        json_set_int(a, o, "serial", what->serial);
    }
    set_some(a, o, "cleared", w->cleared);
    set_some(a, o, "links", w->links);
    set_some(a, o, "index", w->index);
    set_some(a, o, "files", w->files);
    set_some(a, o, "figures", what->figures);
    set_some(a, o, "notices", what->notices);
    set_some(a, o, "promises", write_promises(j, what, w));
    return o;
}

static struct json *
write_body(struct judged *j, const struct record *before, const struct stated *what,
           struct writing *w)
{
    struct arena *a = j->task->arena;
    const struct record *r = j->now;
    struct json *b = json_object(a);

    json_set_str(a, b, "kind", r->kind->name);
    json_set_int(a, b, "version", r->version);
    json_set_str(a, b, "definition", r->kind->digest);
    json_set_str(a, b, "record", record_id(a, r->stream, r->rid));
    json_set_int(a, b, "rev", r->rev);
    json_set_int(a, b, "actor", j->actor->person);
    json_set_int(a, b, "post", j->actor->post);
    json_set_int(a, b, "unit", j->actor->unit);
    if (j->actor->sort != ORG_PERSON)
        json_set_str(a, b, "by",
                     j->actor->sort == ORG_CLOCK    ? "clock"
                     : j->actor->sort == ORG_PUBLIC ? "public"
                     : j->actor->sort == ORG_RULE   ? "rule"
                     : j->actor->sort == ORG_CARRIER ? "carry"
                                                    : "operator");
    if (j->act->lent)
        json_set(a, b, "lent", j->act->lent);
    if (j->act->carried)
        json_set(a, b, "carried", j->act->carried);
    json_set_str(a, b, "step", what->step);
    if (before)
        json_set_str(a, b, "from", kind_state_at(before->kind, before->state)->name);
    json_set_str(a, b, "to", kind_state_at(r->kind, r->state)->name);
    if (what->name && what->from)
        json_set_int(a, b, "due_at", strtoll(what->from, NULL, 10));
    if (j->act->editions)
        json_set(a, b, "editions", j->act->editions);
    j->act->editions = NULL;
    json_set(a, b, "fields", w->fields);
    json_set(a, b, "outcome", write_outcome(j, before, what, w));
    return b;
}

static void
note_made(struct record_act *act, const struct record_made *m)
{
    if (act->n_made == act->room_made) {
        size_t room = act->room_made ? act->room_made * 2 : 16;
        struct record_made *list = arena_alloc(act->task->arena, room * sizeof *list);

        if (act->n_made)
            memcpy(list, act->made, act->n_made * sizeof *list);
        act->made = list;
        act->room_made = room;
    }
    act->made[act->n_made++] = *m;
}

enum fault_code
record_state(struct judged *j, const struct record *before, const struct stated *what)
{
    struct record_act *act = j->act;
    struct record *r = j->now;
    struct writing w = {.j = j};
    struct chain_event e = {.rid = r->rid, .rev = r->rev, .state = r->state, .level = r->level,
                            .line = r->line, .place = r->place, .unit = r->unit, .sealed = r->sealed};
    const struct json *promises;
    struct record_made made;
    enum fault_code rc;

    write_given(&w, what);
    e.body = write_body(j, before, what, &w);
    e.name = what->name ? what->name : act->cause;
    act->cause = NULL;
    act->lent = NULL;
    e.secrets = w.secrets;
    e.n_secrets = w.n_secrets;
    rc = chain_append(j->task, j->store, act->tip, &e);
    if (!rc)
        rc = record_project(j->task, j->store, e.body, e.seq);
    promises = w.promised;
    for (size_t i = 0; i < json_count(promises) && !rc; i++)
        rc = chain_promise(j->task, j->store, act->tip->stream, e.seq, (int64_t)i,
                           json_int_of(json_at(promises, i), "to", 0), json_at(promises, i));
    if (rc)
        return rc;
    r->seq = e.seq;
    for (size_t i = 0; i < w.n_secrets; i++)
        if (w.secrets[i].field[0] != '/')
            json_set_int(j->task->arena, r->private_at, w.secrets[i].field, e.seq);
    made.body = e.body;
    made.seq = e.seq;
    made.rid = r->rid;
    made.sealed = r->sealed;
    note_made(act, &made);
    return FAULT_NONE;
}
