/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/effect.c - what a step sets off elsewhere: raise, step, notify.
 *
 * Effects are planned before the event is written, so that it can name them; those on the same
 * stream are carried out after it in the same transaction, the others are promises.
 */
#include "record/inside.h"
#include <string.h>

struct planning {
    struct judged *j;
    struct planned *list;
    size_t n, room;
    const char *row; /* the item of a list that is planned for, or NULL */
};

static struct planned *
new_plan(struct planning *p)
{
    if (p->n == p->room) {
        size_t room = p->room ? p->room * 2 : 16;
        struct planned *list = arena_alloc(p->j->task->arena, room * sizeof *list);

        if (p->n)
            memcpy(list, p->list, p->n * sizeof *list);
        p->list = list;
        p->room = room;
    }
    p->list[p->n].row = p->row;
    return &p->list[p->n++];
}

/* Values are those of the record that sets it off; `item` is the member of `over`. */
static struct json *
values_of(struct judged *j, const struct kind_effect *e)
{
    struct json *fields = json_object(j->task->arena);

    for (size_t i = 0; i < e->n_set; i++) {
        struct json *v = record_eval(j, e->set[i].value);

        if (!json_is_null(v))
            json_set(j->task->arena, fields, e->set[i].name, v);
    }
    return fields;
}

/* What went into another place is raised there. */
static enum fault_code
place_stream(struct judged *j, int64_t *place, int64_t *stream)
{
    struct org_place p;
    bool found;
    enum fault_code rc = org_place_living(j->task, j->store, *place, &p, &found);

    if (rc)
        return rc;
    if (!found)
        return fault(j->task, FAULT_STORE, NULL, "没有这个地区 | no such place");
    *place = p.id;
    *stream = p.stream;
    return FAULT_NONE;
}

static enum fault_code
plan_raise(struct planning *p, struct judged *j, const struct kind_effect *e)
{
    struct planned *x = new_plan(p);
    const struct json *code;
    struct org_place at;
    bool found = false;
    enum fault_code rc = FAULT_NONE;

    x->effect = e;
    x->fields = values_of(j, e);
    x->place = j->now->place;
    code = json_get(x->fields, "place");
    if (json_text(code)) {
        rc = org_place_by_code(j->task, j->store, json_text(code), &at, &found);
        if (!rc && found)
            x->place = at.id;
        json_set(j->task->arena, x->fields, "place", NULL);
    }
    return rc ? rc : place_stream(j, &x->place, &x->stream);
}

static enum fault_code
plan_step(struct planning *p, struct judged *j, const struct kind_effect *e, const struct member *m)
{
    struct planned *x = new_plan(p);

    x->effect = e;
    x->fields = values_of(j, e);
    x->stream = m ? m->stream : j->now->stream;
    x->rid = m ? m->rid : j->now->rid;
    return FAULT_NONE;
}

static enum fault_code
plan_notice(struct judged *j, const struct kind_effect *e, struct json *notices)
{
    struct arena *a = j->task->arena;
    struct org_parties to = {0};
    struct json *one = json_object(a), *names = json_array(a);
    const char *words = e->title;

    for (size_t i = 0; i < e->n_parties; i++) {
        enum fault_code rc = record_party(j, e->parties[i], &to);

        if (rc)
            return rc;
    }
    for (size_t i = 0; i < to.n_units; i++)
        json_push(a, names, json_str(a, org_id_text(a, 'u', to.units[i])));
    for (size_t i = 0; i < to.n_persons; i++)
        json_push(a, names, json_str(a, org_id_text(a, 'p', to.persons[i])));
    if (!words)
        words = j->step ? j->step->title : j->now->kind->title;
    json_set(a, one, "to", names);
    json_set_str(a, one, "words", words);
    if (json_count(names) && !j->now->sealed)
        json_push(a, notices, one);
    return FAULT_NONE;
}

static enum fault_code
plan_one(struct planning *p, struct judged *j, const struct kind_effect *e, const struct member *m,
         struct json *notices)
{
    if (!record_holds(j, e->condition))
        return FAULT_NONE;
    if (e->sort == EFFECT_RAISE)
        return plan_raise(p, j, e);
    if (e->sort == EFFECT_STEP)
        return plan_step(p, j, e, m);
    return plan_notice(j, e, notices);
}

enum fault_code
record_plan(struct judged *j, const struct kind_effect *effects, size_t n, struct planned **plans,
            size_t *n_plans, struct json **notices)
{
    struct planning p = {.j = j};
    enum fault_code rc = FAULT_NONE;

    if (!*notices)
        *notices = json_array(j->task->arena);
    for (size_t i = 0; i < n && !rc; i++) {
        const struct kind_effect *e = &effects[i];
        struct member *members;
        size_t count;

        if (!e->over) {
            rc = plan_one(&p, j, e, NULL, *notices);
            continue;
        }
        rc = record_set(j, e->over, &members, &count);
        if (!rc && count > LIMIT_EFFECT_RECORDS)
            rc = fault(j->task, FAULT_INPUT, e->pointer,
                       "一步至多涉及 %d 件记录 | one step may touch at most %d records",
                       LIMIT_EFFECT_RECORDS, LIMIT_EFFECT_RECORDS);
        for (size_t k = 0; k < count && !rc; k++) {
            struct judged inner = *j;

            inner.item = members[k].item;
            if (e->over->sort == SET_ITEMS)
                p.row = json_pointer_index(j->task->arena, json_pointer(j->task->arena, "/fields", e->over->field), k);
            rc = plan_one(&p, &inner, e, &members[k], *notices);
        }
        p.row = NULL;
    }
    *plans = p.list;
    *n_plans = p.n;
    return rc;
}

/* ---- carrying out ---- */

static enum fault_code
carry_raise(struct record_act *act, const struct planned *p)
{
    const struct kind *k = kind_find(act->world->catalog, p->effect->name, 0);
    struct record made;

    if (!k)
        return fault(act->task, FAULT_STORE, p->effect->pointer,
                     "没有采用“%s”的定义 | no definition of “%s” is adopted", p->effect->name,
                     p->effect->name);
    return record_create_by(act, act->actor.sort == ORG_CLOCK ? BY_CLOCK : BY_RULE, k, p->place, p->fields,
                            NULL, &made);
}

static enum fault_code
step_on(struct record_act *act, int64_t stream, int64_t rid, const char *name, const struct json *fields,
        const char *pointer)
{
    const struct kind_step *step;
    struct record r;
    bool found;
    enum fault_code rc = record_open(act->task, act->store, act->world, stream, rid, &r, &found);

    if (rc)
        return rc;
    step = found ? kind_step(r.kind, name) : NULL;
    if (!step)
        return fault(act->task, FAULT_STATE, pointer,
                     "所指的记录没有“%s”这一步 | the record named has no step “%s”", name, name);
    rc = record_step_by(act, act->actor.sort == ORG_CLOCK ? BY_CLOCK : BY_RULE, &r, step, fields, NULL);
    return rc ? rc : record_settle(act, &r);
}

/* The path that a field of the raised record was set from, or NULL where it was worked out. */
static const char *
set_from(const struct kind_effect *e, const char *field, size_t len)
{
    for (size_t i = 0; i < e->n_set; i++) {
        const struct json *path = json_get(e->set[i].value, "var");

        if (strlen(e->set[i].name) == len && strncmp(e->set[i].name, field, len) == 0)
            return json_text(json_is(path, JSON_ARRAY) ? json_at(path, 0) : path);
    }
    return NULL;
}

/*
 * What is refused of a record that an item of a list raised is told of that item: its own field where
 * one was taken over, a field of the record it stands in where it was that, else the row.
 */
static void
tell_of_row(struct task *t, const struct planned *p)
{
    for (unsigned i = 0; p->row && i < t->fault.n_items; i++) {
        struct fault_item *item = &t->fault.items[i];
        const char *field = item->pointer && text_starts(item->pointer, "/fields/") ? item->pointer + 8 : NULL;
        size_t len = field ? strcspn(field, "/") : 0;
        const char *from = field ? set_from(p->effect, field, len) : NULL;

        if (text_starts(from ? from : "", "item."))
            item->pointer = arena_format(t->arena, "%s%s", json_pointer(t->arena, p->row, from + 5), field + len);
        else if (from && !strchr(from, '.'))
            item->pointer = arena_format(t->arena, "%s%s", json_pointer(t->arena, "/fields", from), field + len);
        else
            item->pointer = p->row;
    }
}

enum fault_code
record_carry_out(struct record_act *act, const struct planned *plans, size_t n)
{
    enum fault_code rc = FAULT_NONE;

    if (!n)
        return FAULT_NONE;
    if (++act->depth > LIMIT_EFFECT_DEPTH)
        return fault(act->task, FAULT_INPUT, NULL,
                     "连带办理超过 %d 层 | effects run deeper than %d", LIMIT_EFFECT_DEPTH,
                     LIMIT_EFFECT_DEPTH);
    for (size_t i = 0; i < n && !rc; i++) {
        if (plans[i].stream != act->tip->stream)
            continue;
        rc = plans[i].effect->sort == EFFECT_RAISE
                 ? carry_raise(act, &plans[i])
                 : step_on(act, plans[i].stream, plans[i].rid, plans[i].effect->name, plans[i].fields,
                           plans[i].effect->pointer);
        if (rc == FAULT_INPUT)
            tell_of_row(act->task, &plans[i]);
    }
    act->depth--;
    return rc;
}

struct json *
record_promise_body(struct task *t, const struct record_act *act, const struct planned *p)
{
    struct arena *a = t->arena;
    struct json *body = json_object(a);

    json_set_int(a, body, "to", p->stream);
    json_set_int(a, body, "actor", act->actor.person);
    json_set_int(a, body, "post", act->actor.post);
    json_set_int(a, body, "unit", act->actor.unit);
    json_set_bool(a, body, "clock", act->actor.sort == ORG_CLOCK);
    json_set(a, body, "fields", p->fields);
    json_set_str(a, body, p->effect->sort == EFFECT_RAISE ? "raise" : "step", p->effect->name);
    if (p->effect->sort == EFFECT_RAISE)
        json_set_int(a, body, "place", p->place);
    else
        json_set_str(a, body, "record", record_id(a, p->stream, p->rid));
    return body;
}

enum fault_code
record_deliver(struct record_act *act, const char *name, const struct json *body)
{
    struct task *t = act->task;
    bool there;
    int64_t stream, rid;
    enum fault_code rc = chain_has(t, act->store, act->tip->stream, name, &there);

    if (rc || there)
        return rc;
    /* Looking at rules again may do nothing, and may be asked twice: only effects take the name. */
    act->cause = json_text_of(body, "try") || json_text_of(body, "carry") ? NULL : name;
    if (json_text_of(body, "raise")) {
        const struct kind *k = kind_find(act->world->catalog, json_text_of(body, "raise"), 0);
        struct record made;
        struct org_place p;

        /* Promised before the place went into another: born in the stream that was named, and lies there. */
        rc = org_place_living(t, act->store, json_int_of(body, "place", 0), &p, &there);
        if (rc)
            return rc;
        if (!k)
            return fault(t, FAULT_STATE, NULL, "没有采用“%s”的定义 | no definition of “%s” is adopted",
                         json_text_of(body, "raise"), json_text_of(body, "raise"));
        return record_create_by(act, json_is_true(json_get(body, "clock")) ? BY_CLOCK : BY_RULE, k,
                                there ? p.id : json_int_of(body, "place", 0), json_get(body, "fields"),
                                NULL, &made);
    }
    if (!record_id_read(json_text_of(body, "record"), &stream, &rid))
        return fault(t, FAULT_STATE, NULL, "承诺没有指明记录 | the promise names no record");
    if (json_text_of(body, "try")) {
        struct record r;
        bool found;

        rc = record_open(t, act->store, act->world, stream, rid, &r, &found);
        return rc || !found ? rc : record_settle(act, &r);
    }
    if (json_text_of(body, "carry")) {
        struct record r;
        bool found;

        rc = record_open(t, act->store, act->world, stream, rid, &r, &found);
        return rc || !found ? rc : record_carry(act, &r);
    }
    return step_on(act, stream, rid, json_text_of(body, "step"), json_get(body, "fields"), NULL);
}
