/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_do.c - one act of one simulated person, through the functions a request takes.
 *
 * Knows: parties by the words of the script; a refusal is counted, undone and passed over.
 * Does not know: kinds, steps, states.
 */
#include "desk/demo.h"
#include <string.h>

/* ---- who ---- */

static int64_t
unit_named(const struct demo *x, const char *name, const struct demo_unit *firm,
           const struct record *r)
{
    const struct json *value;

    if (firm && text_equal(name, "supervisor"))
        return firm->supervisor;
    if (firm && text_equal(name, "township"))
        return firm->township;
    if (firm && text_equal(name, "office"))
        return firm->office;
    if (firm && text_equal(name, "firm"))
        return firm->id;
    for (size_t i = 0; text_starts(name, "sort:") && i < x->n_units; i++)
        if (text_equal(x->units[i].sort, name + strlen("sort:")))
            return x->units[i].id;
    for (size_t i = 0; text_starts(name, "named:") && i < x->n_units; i++)
        if (text_equal(x->units[i].name, name + strlen("named:")))
            return x->units[i].id;
    if (firm && text_starts(name, "organ:"))
        return demo_organ(x, firm, name + strlen("organ:"));
    if (!r)
        return 0;
    if (text_equal(name, "owner"))
        return r->unit;
    if (text_equal(name, "desk"))
        return json_integer(json_at(json_get(r->desk, "units"), 0), 0);
    value = json_get(r->fields, name);
    return json_text(value) ? org_id_read(json_text(value), 'u') : 0;
}

/* Persons who may not be chosen: fields of the record, who did a step, who ever owed it. */
static size_t
barred(const struct json *names, const struct record *r, int64_t *out, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; r && i < json_count(names); i++) {
        const char *name = json_text(json_at(names, i));
        const struct json *value = json_get(r->fields, name);
        const struct json *did = json_get(json_get(r->parties, "did"), name);
        const struct json *owed = json_get(r->parties, name);

        if (json_text(value) && n < room)
            out[n++] = org_id_read(json_text(value), 'p');
        if (did && n < room)
            out[n++] = json_int_of(did, "person", 0);
        for (size_t k = 0; k < json_count(owed) && json_is(owed, JSON_ARRAY) && n < room; k++)
            out[n++] = json_integer(json_at(owed, k), 0);
    }
    return n;
}

static const struct demo_person *
person_of(const struct demo *x, int64_t person)
{
    for (size_t i = 0; person && i < x->n_people; i++)
        if (x->people[i].person == person)
            return &x->people[i];
    return NULL;
}

static const struct demo_person *
who_acts(const struct demo *x, const struct json *by, const struct demo_unit *firm,
         const struct record *r, uint64_t draw)
{
    const struct json *places = json_get(by, "unit"), *roles = json_get(by, "roles");
    const char *person = json_text_of(by, "person");
    int64_t but[24];
    size_t n = barred(json_get(by, "not"), r, but, 24);

    if (json_get(by, "nth"))
        draw = (uint64_t)json_int_of(by, "nth", 0);
    if (person && r) {
        const struct json *did = json_get(json_get(r->parties, "did"), person);
        const struct json *v = json_get(r->fields, person);
        const struct demo_person *p =
            person_of(x, did ? json_int_of(did, "person", 0) : org_id_read(json_text(v), 'p'));

        if (p)
            return p;
    }
    for (size_t i = 0; i < (json_text(places) ? 1 : json_count(places)); i++) {
        const char *name = json_text(places) ? json_text(places) : json_text(json_at(places, i));
        const struct demo_unit *u = demo_unit(x, unit_named(x, name, firm, r));
        const struct demo_person *p = demo_one_of(x, u, roles, but, n, draw);

        if (p)
            return p;
    }
    return NULL;
}

/* ---- refusals ---- */

static void
count_refusal(struct demo *x, const struct task *t, const char *kind, const char *step)
{
    const struct fault_item *item = t->fault.n_items ? &t->fault.items[0] : NULL;
    const char *what =
        arena_format(x->task->arena, "%s/%s: %s %s %s", kind, step, fault_name(t->fault.code),
                     item ? item->pointer : "", item ? item->en : "");

    x->n_no++;
    for (size_t i = 0; i < x->n_refused; i++)
        if (strcmp(x->refused[i].what, what) == 0) {
            x->refused[i].n++;
            return;
        }
    if (x->n_refused < sizeof x->refused / sizeof *x->refused) {
        x->refused[x->n_refused].what = what;
        x->refused[x->n_refused++].n = 1;
    }
}

/* ---- doing ---- */

struct doing {
    struct demo *x;
    struct demo_scene scene;
    struct chain_tip *tip;
    struct record_act act;
    struct scope scope;
};

static enum fault_code
begin(struct doing *d, const struct demo_person *by)
{
    struct task *t = d->scene.task;
    struct org_actor actor;
    enum fault_code rc = org_scope(t, d->scene.store, by->person, &d->scope);

    demo_actor(d->x, by, &actor);
    d->scene.me = by;
    d->scene.scope = &d->scope;
    record_act_begin(&d->act, t, d->scene.store, d->x->desk->world, d->tip, &actor, &d->scope);
    return rc;
}

/* What was made is remembered only after its savepoint is released. */
static enum fault_code
settle(struct doing *d, enum fault_code rc, const struct chain_tip *was, const char *kind,
       const char *step, bool *refused)
{
    struct task *t = d->scene.task;
    struct store *s = d->scene.store;
    struct task fresh;

    if (!rc)
        rc = desk_project_made(t, s, &d->act);
    if (!rc)
        rc = store_release(t, s);
    if (!rc) {
        for (size_t i = 0; i < d->act.n_made && !rc; i++)
            rc = demo_plan_event(d->x, t, s, d->act.made[i].body, d->act.made[i].seq, true);
        return rc;
    }
    if (rc == FAULT_STORE || rc == FAULT_PROOF || rc == FAULT_BUSY || !store_alive(s))
        return rc;
    *refused = true;
    if (step)
        count_refusal(d->x, t, kind, step);
    *d->tip = *was;
    task_init(&fresh, t->now, 1);
    rc = store_undo(&fresh, s);
    task_release(&fresh);
    fault_clear(t);
    return rc;
}

static struct json *
joined(struct arena *a, const struct json *base, const struct json *more)
{
    struct json *out = base ? json_shallow(a, base) : json_object(a);

    for (size_t i = 0; more && i < more->object.n; i++)
        json_set(a, out, more->object.at[i].name, more->object.at[i].value);
    return out;
}

static const struct json *
chosen(struct demo_scene *s, const struct json *list)
{
    int64_t at = demo_draw(&s->random);

    for (size_t i = 0; i < json_count(list); i++) {
        at -= demo_share(json_text_of(json_at(list, i), "share"), DEMO_MILLION);
        if (at < 0)
            return json_get(json_at(list, i), "fields");
    }
    return NULL;
}

static enum fault_code
create(struct doing *d, const struct demo_entry *e)
{
    struct demo *x = d->x;
    struct task *t = d->scene.task;
    const char *name = json_text_of(e->arises, "makes");
    const struct kind *k = kind_find(x->desk->world->catalog, name, 0);
    const struct demo_unit *firm = &x->units[e->unit];
    const struct demo_person *by =
        who_acts(x, json_get(e->arises, "by"), firm, NULL, (uint64_t)demo_draw(&d->scene.random));
    struct chain_tip was = *d->tip;
    struct json *fields;
    struct record made;
    bool refused = false;
    enum fault_code rc;

    if (!k || !by)
        return FAULT_NONE;
    rc = begin(d, by);
    if (!rc)
        rc = store_savepoint(t, d->scene.store);
    if (rc)
        return rc;
    if (json_get(e->arises, "finding")) {
        const struct json *how =
            json_get(json_get(x->script, "findings"), json_text_of(e->arises, "finding"));

        demo_draw_finding(&d->scene, how);
    }
    fields = demo_fill(&d->scene, joined(t->arena, json_get(e->arises, "fields"),
                                         chosen(&d->scene, json_get(e->arises, "either"))));
    rc = t->fault.code;
    if (!rc)
        rc = record_create(&d->act, k, firm->place, fields, NULL, &made);
    x->n_arisen++;
    return settle(d, rc, &was, name, json_text_of(e->arises, "name"), &refused);
}

static enum fault_code
step(struct doing *d, struct demo_live *l)
{
    struct demo *x = d->x;
    struct task *t = d->scene.task;
    struct chain_tip was = *d->tip;
    const char *name = json_text_of(l->plan, "does");
    const struct kind_step *does;
    const struct demo_person *by;
    const struct demo_unit *firm;
    struct json *fields;
    struct record r;
    bool found, lacks, refused = false;
    enum fault_code rc =
        record_open(t, d->scene.store, x->desk->world, l->stream, l->rid, &r, &found);

    if (rc || !found)
        return rc;
    firm = demo_firm_of(x, &r);
    does = kind_step(r.kind, name);
    by = who_acts(x, json_get(l->plan, "by"), firm, &r, (uint64_t)demo_draw(&d->scene.random));
    if (!does || !by || !firm)
        return demo_plan_other(x, t, d->scene.store, l, r.kind->name);
    d->scene.unit = (size_t)(firm - x->units);
    d->scene.record = &r;
    d->scene.finding = demo_sentence(x, &r);
    d->scene.grave = json_text_of(d->scene.finding, "clause") != NULL;
    rc = begin(d, by);
    if (!rc)
        rc = store_savepoint(t, d->scene.store);
    if (rc)
        return rc;
    fields = demo_fill(&d->scene, joined(t->arena, json_get(l->plan, "fields"),
                                         chosen(&d->scene, json_get(l->plan, "either"))));
    rc = t->fault.code;
    lacks = json_text_of(l->plan, "needs") && !json_get(fields, json_text_of(l->plan, "needs"));
    if (!rc)
        rc = lacks ? FAULT_INPUT : record_step(&d->act, &r, does, fields, NULL);
    x->n_acts += !rc;
    rc = settle(d, rc, &was, r.kind->name, lacks || json_get(l->plan, "retry") ? NULL : name,
                &refused);
    if (!rc && text_equal(r.kind->name, json_text_of(json_get(x->script, "register"), "makes")))
        rc = demo_supervised(t, d->scene.store, &x->units[d->scene.unit]);
    return rc || !refused ? rc : demo_plan_other(x, t, d->scene.store, l, r.kind->name);
}

enum fault_code
demo_do(struct demo *x, struct task *t, struct store *s, struct chain_tip *tip,
        const struct demo_entry *e)
{
    struct doing d = {.x = x, .tip = tip};

    d.scene.x = x;
    d.scene.task = t;
    d.scene.store = s;
    d.scene.random.seed = demo_mix(demo_mix(x->seed, (uint64_t)tip->stream), (uint64_t)e->at);
    if (e->arises) {
        d.scene.unit = e->unit;
        return create(&d, e);
    }
    if (!x->lives[e->live].plan)
        return FAULT_NONE;
    return step(&d, &x->lives[e->live]);
}
