/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/record.c - one record: as it is, its history, the steps possible now, its proof.
 */
#include "desk/inside.h"
#include <stdlib.h>
#include <string.h>

enum fault_code
desk_find_record(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                 const char *id, struct record *out, struct record_view *view)
{
    int64_t stream, rid;
    bool found = false;
    enum fault_code rc = FAULT_NONE;

    memset(view, 0, sizeof *view);
    /* Private values are read only for who sees it: a stranger costs what a wrong id costs. */
    if (record_id_read(id, &stream, &rid))
        rc = record_open_row(t, s, d->world, stream, rid, out, &found);
    if (!rc && found)
        record_view(t, &c->scope, out, view);
    if (rc || !view->sees)
        return rc ? rc : desk_absent(t);
    return record_read_private(t, s, out);
}

static struct json *
link_json(struct desk_render *x, const struct record *r, const char *field, bool back)
{
    struct arena *a = x->task->arena;
    struct json *one = desk_record_json(x, r, false), *o = json_object(a);
    static const char *const kept[] = {"id", "number", "kind", "kind_title", "title", "state",
                                       "state_title", "level", "level_title", "due"};

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        json_set(a, o, kept[i], json_get(one, kept[i]));
    json_set_str(a, o, "field", field);
    json_set_bool(a, o, "back", back);
    return o;
}

static void
add_link(struct desk_render *x, struct json *list, int64_t stream, int64_t rid, const char *field,
         bool back)
{
    struct record r;
    struct record_view view;
    bool found;

    if (record_open(x->task, x->store, x->desk->world, stream, rid, &r, &found) || !found)
        return;
    record_view(x->task, &x->caller->scope, &r, &view);
    if (view.sees)
        json_push(x->task->arena, list, link_json(x, &r, field, back));
}

static struct json *
links_json(struct desk_render *x, const struct record *r)
{
    struct arena *a = x->task->arena;
    struct json *list = json_array(a);
    struct record_link *links;
    size_t n;
    int64_t stream, rid;

    for (size_t i = 0; i < r->kind->n_fields; i++) {
        const struct kind_field *f = &r->kind->fields[i];
        const struct json *v = json_get(r->fields, f->name);

        if (text_equal(f->names, "record") && record_id_read(json_text(v), &stream, &rid))
            add_link(x, list, stream, rid, f->name, false);
    }
    if (record_links(x->task, x->store, record_id(a, r->stream, r->rid), &links, &n))
        return list;
    for (size_t i = 0; i < n; i++)
        add_link(x, list, links[i].stream, links[i].rid, links[i].field, true);
    return list;
}

enum fault_code
desk_record(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
            const char *as_of, struct desk_answer *out)
{
    struct desk_render x = {t, d, s, c, json_object(t->arena), 0, NULL};
    struct record r, today, then;
    struct record_view view;
    int64_t at;
    bool found;
    enum fault_code rc = desk_find_record(t, d, s, c, id, &r, &view);

    if (rc)
        return rc;
    if (as_of) {
        if (!time_read(as_of, true, &at))
            return fault(t, FAULT_INPUT, "/as_of", "日期应写作 2026-11-21 | write the day as 2026-11-21");
        rc = record_open_as_of(t, s, d->world, r.stream, r.rid, at, &then, &found);
        if (rc || !found)
            return rc ? rc : desk_absent(t);
        today = r;
        then.parties = r.parties;
        then.today = &today;
        r = then;
        x.day = time_day(at);
    }
    out->body = desk_record_json(&x, &r, true);
    if (!as_of)
        json_set(t->arena, out->body, "links", links_json(&x, &r));
    json_set(t->arena, out->body, "names", x.names);
    out->revision = r.rev;
    out->id = id;
    return t->fault.code;
}

/* ---- history ---- */

/* Public values in the event, and private ones read beside it: only what the reader may see. */
static struct json *
event_fields(struct desk_render *x, const struct chain_row *row, const struct record *r,
             const struct record_view *view)
{
    struct arena *a = x->task->arena;
    const struct json *public_values = json_get(row->body, "fields");
    const struct json *digests = json_get(row->body, "private");
    struct json *out = json_object(a);

    for (size_t i = 0; public_values && i < public_values->object.n; i++)
        if (record_shows(view, r, public_values->object.at[i].name))
            json_set(a, out, public_values->object.at[i].name, public_values->object.at[i].value);
    for (size_t i = 0; digests && i < digests->object.n; i++) {
        struct json *value = NULL;
        const char *name = digests->object.at[i].name;

        if (name[0] == '/' || !record_shows(view, r, name))
            continue;
        if (!chain_private(x->task, x->store, row->stream, row->seq, name, &value))
            json_set(a, out, name, value ? value : json_null(a));
    }
    desk_name(x, out);
    return out;
}

static void
set_step_title(struct arena *a, struct json *o, const struct kind *k, const char *name)
{
    const struct kind_step *step = k ? kind_step(k, name) : NULL;
    const char *colon = strchr(name, ':');
    const struct kind_clock *clock =
        k && colon ? kind_clock(k, arena_copy(a, name, (size_t)(colon - name))) : NULL;
    size_t rung = colon ? (size_t)strtol(colon + 1, NULL, 10) : 0;

    if (step)
        json_set(a, o, "step_title", kind_title(a, step->title));
    else if (clock && rung < clock->n_rungs && clock->rungs[rung].title)
        json_set(a, o, "step_title", kind_title(a, clock->rungs[rung].title));
    else if (clock)
        json_set(a, o, "step_title", kind_title(a, clock->title));
}

static void
set_actor(struct desk_render *x, struct json *o, const struct json *body)
{
    struct arena *a = x->task->arena;
    struct org_post post;
    bool found;
    const char *person = org_id_text(a, 'p', json_int_of(body, "actor", 0));
    const char *unit = org_id_text(a, 'u', json_int_of(body, "unit", 0));

    json_set_str(a, o, "actor", person);
    json_set_str(a, o, "post", org_id_text(a, 'o', json_int_of(body, "post", 0)));
    json_set_str(a, o, "unit", unit);
    json_set(a, o, "by", json_get(body, "by"));
    desk_name(x, json_get(o, "actor"));
    desk_name(x, json_get(o, "unit"));
    json_set(a, o, "actor_name", person ? json_get(x->names, person) : json_null(a));
    json_set(a, o, "unit_name", unit ? json_get(x->names, unit) : json_null(a));
    if (json_int_of(body, "post", 0) &&
        !org_post(x->task, x->store, json_int_of(body, "post", 0), &post, &found) && found)
        json_set(a, o, "post_title", desk_role_title(a, post.role));
}

static struct json *
event_json(struct desk_render *x, const struct chain_row *row, const struct record *r,
           const struct record_view *view)
{
    struct arena *a = x->task->arena;
    struct json *o = json_object(a), *comment = NULL;
    const struct json *body = row->body;
    const struct kind *k =
        kind_find(x->desk->world->catalog, json_text_of(body, "kind"), (int)json_int_of(body, "version", 0));

    json_set_int(a, o, "seq", row->rev);
    json_set(a, o, "at", desk_instant(a, row->at));
    set_actor(x, o, body);
    json_set(a, o, "step", json_get(body, "step"));
    set_step_title(a, o, k, json_text_of(body, "step"));
    json_set(a, o, "from", json_get(body, "from") ? json_get(body, "from") : json_null(a));
    json_set(a, o, "to", json_get(body, "to"));
    if (k && kind_state(k, json_text_of(body, "to")))
        json_set(a, o, "to_title", kind_title(a, kind_state(k, json_text_of(body, "to"))->title));
    json_set(a, o, "fields", event_fields(x, row, r, view));
    if (view->whole && !chain_private(x->task, x->store, row->stream, row->seq, "/comment", &comment) &&
        comment)
        json_set(a, o, "comment", comment);
    if (json_get(body, "due_at"))
        json_set(a, o, "due_at", desk_instant(a, json_int_of(body, "due_at", 0)));
    json_set(a, o, "definition", json_get(body, "definition"));
    json_set(a, o, "edition", json_get(body, "version"));
    if (json_get(body, "editions"))
        json_set(a, o, "editions", json_get(body, "editions"));
    json_set(a, o, "digest_name", json_get(body, "digest_name"));
    json_set_str(a, o, "digest", row->digest);
    if (x->caller->scope.auditor) {
        json_set_int(a, o, "stream", row->stream);
        json_set(a, o, "previous", json_get(body, "previous"));
        json_set_int(a, o, "position", row->seq);
    }
    return o;
}

enum fault_code
desk_events(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
            struct json **out)
{
    struct desk_render x = {t, d, s, c, json_object(t->arena), 0, NULL};
    struct json *list = json_array(t->arena), *o;
    struct record r;
    struct record_view view;
    struct chain_row row;
    struct rows rows;
    enum fault_code rc = desk_find_record(t, d, s, c, id, &r, &view);

    if (!rc)
        rc = chain_open_record(t, s, &rows, r.stream, r.rid);
    if (rc)
        return rc;
    while (chain_next(t, &rows, &row))
        json_push(t->arena, list, event_json(&x, &row, &r, &view));
    rc = store_end(t, &rows);
    o = json_set(t->arena, json_object(t->arena), "items", list);
    json_set(t->arena, o, "names", x.names);
    *out = o;
    return rc;
}

/* ---- steps possible now ---- */

static void
add_reasons(struct task *asked, struct arena *a, struct json *o, bool english)
{
    struct json *reasons = json_array(a);

    for (unsigned i = 0; i < asked->fault.n_items; i++) {
        struct json *one = json_object(a);

        json_set_str(a, one, "pointer", asked->fault.items[i].pointer);
        json_set_str(a, one, "detail",
                     english ? asked->fault.items[i].en : asked->fault.items[i].zh);
        json_push(a, reasons, one);
    }
    json_set(a, o, "reasons", reasons);
}

/* Open for one of the caller's posts; the reason of the last refusal where for none. */
static enum fault_code
ask_step(struct desk_render *x, const struct record *r, const struct kind_step *step, struct json *o,
         bool *mine)
{
    struct task asked;
    bool open = false;
    enum fault_code rc = FAULT_NONE;

    *mine = false;
    for (size_t i = 0; i < x->caller->n_posts && !open && !rc; i++) {
        struct record_act act;
        struct org_actor actor;

        task_init(&asked, x->task->now, 1);
        rc = desk_actor(&asked, x->store, x->caller, &x->caller->posts[i], &actor);
        if (!rc) {
            record_act_begin(&act, &asked, x->store, x->desk->world, NULL, &actor, &x->caller->scope);
            rc = record_may(&act, r, step);
        }
        open = !rc;
        /* Barred only because he owed the work: the reason is his to know. */
        if (rc == FAULT_RIGHT && asked.fault.n_items && strstr(asked.fault.items[0].zh, "须由另外"))
            *mine = true;
        if (rc == FAULT_RIGHT || rc == FAULT_STATE) {
            add_reasons(&asked, x->task->arena, o, x->caller->english);
            rc = FAULT_NONE;
        } else if (rc) {
            rc = desk_pass_fault(x->task, &asked);
        }
        x->task->store_calls += asked.store_calls;
        task_release(&asked);
    }
    json_set_bool(x->task->arena, o, "open", open);
    if (open)
        json_set(x->task->arena, o, "reasons", json_array(x->task->arena));
    *mine = *mine || open;
    return rc;
}

enum fault_code
desk_steps(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
           struct json **out)
{
    struct desk_render x = {t, d, s, c, json_object(t->arena), 0, NULL};
    struct arena *a = t->arena;
    struct json *list = json_array(a);
    struct record r;
    struct record_view view;
    enum fault_code rc = desk_find_record(t, d, s, c, id, &r, &view);

    for (size_t i = 0; !rc && i < r.kind->n_steps; i++) {
        const struct kind_step *step = &r.kind->steps[i];
        struct json *o = json_object(a);
        const struct kind_state *to = step->to ? kind_state_at(r.kind, step->to) : NULL;
        bool mine;

        if (step->creates || !kind_in(step->from, r.state))
            continue;
        rc = ask_step(&x, &r, step, o, &mine);
        if (!mine || rc)
            continue;
        json_set_str(a, o, "step", step->name);
        json_set(a, o, "title", kind_title(a, step->title));
        json_set_str(a, o, "to", to ? to->name : kind_state_at(r.kind, r.state)->name);
        json_set(a, o, "fields", kind_step_schema(t, r.kind, step));
        if (step->condition)
            json_set(a, o, "if", json_shallow(a, step->condition));
        json_push(a, list, o);
    }
    *out = json_set(a, json_object(a), "items", list);
    return rc;
}

enum fault_code
desk_proof(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
           struct json **out)
{
    struct json *list = json_array(t->arena);
    struct record r;
    struct record_view view;
    struct chain_row row;
    struct rows rows;
    int64_t seqs[512], stream, rid;
    size_t n = 0;
    enum fault_code rc = FAULT_NONE;

    /* An auditor proves positions and digests of records whose content he never sees. */
    if (!c->scope.auditor)
        rc = desk_find_record(t, d, s, c, id, &r, &view);
    else if (!record_id_read(id, &stream, &rid))
        return desk_absent(t);
    else
        r.stream = stream, r.rid = rid;
    if (!rc)
        rc = chain_open_record(t, s, &rows, r.stream, r.rid);
    if (rc)
        return rc;
    while (n < 512 && chain_next(t, &rows, &row))
        seqs[n++] = row.seq;
    rc = store_end(t, &rows);
    if (!rc && !n)
        return desk_absent(t);
    for (size_t i = 0; i < n && !rc; i++) {
        struct json *one;

        rc = chain_proof(t, s, r.stream, seqs[i], &one);
        if (!rc)
            json_push(t->arena, list, one);
    }
    *out = json_set(t->arena, json_object(t->arena), "items", list);
    return rc;
}
