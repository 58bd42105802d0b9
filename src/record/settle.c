/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/settle.c - rule's steps: made as soon as their condition is true, in the same transaction.
 *
 * In the order of the file, each at most once a transaction; then the same is asked of the records
 * this one names, since their totals may have changed.
 */
#include "record/inside.h"
#include <string.h>

/* Asking another stream to look at its rules is no effect an event names: numbered after those. */
#define PROMISE_TRY 1000

static bool
was_tried(const struct record_act *act, int64_t rid, int step)
{
    for (size_t i = 0; i < act->n_tried; i++)
        if (act->tried[i].rid == rid && act->tried[i].step == step)
            return true;
    return false;
}

static void
note_tried(struct record_act *act, int64_t rid, int step)
{
    if (act->n_tried == act->room_tried) {
        size_t room = act->room_tried ? act->room_tried * 2 : 32;
        struct record_tried *list = arena_alloc(act->task->arena, room * sizeof *list);

        if (act->n_tried)
            memcpy(list, act->tried, act->n_tried * sizeof *list);
        act->tried = list;
        act->room_tried = room;
    }
    act->tried[act->n_tried].rid = rid;
    act->tried[act->n_tried++].step = step;
}

/* A rule's step whose `apart` bars whoever set it off is not made: the others are asked. */
static enum fault_code
try_step(struct record_act *act, struct record *r, const struct kind_step *step, bool *made)
{
    struct judged j = {.act = act, .task = act->task, .store = act->store, .world = act->world,
                       .now = r, .step = step, .actor = &act->actor, .old_fields = r->fields};
    enum fault_code rc;

    *made = false;
    if (!step->automatic || was_tried(act, r->rid, step->index) || !kind_in(step->from, r->state) ||
        !record_holds(&j, step->condition))
        return act->task->fault.code;
    rc = record_apart(&j, step);
    if (rc == FAULT_RIGHT) {
        fault_clear(act->task);
        return FAULT_NONE;
    }
    note_tried(act, r->rid, step->index);
    if (!rc)
        rc = record_step_by(act, BY_RULE, r, step, NULL, NULL);
    *made = !rc;
    return rc;
}

static enum fault_code
settle_self(struct record_act *act, struct record *r)
{
    bool made = true;

    while (made) {
        made = false;
        for (size_t i = 0; i < r->kind->n_steps && !made; i++) {
            enum fault_code rc = try_step(act, r, &r->kind->steps[i], &made);

            if (rc)
                return rc;
        }
    }
    return FAULT_NONE;
}

static bool
has_rules(const struct kind *k)
{
    for (size_t i = 0; i < k->n_steps; i++)
        if (k->steps[i].automatic && kind_reads(k->steps[i].condition, "total."))
            return true;
    return false;
}

static enum fault_code
promise_try(struct record_act *act, int64_t stream, int64_t rid)
{
    int64_t n = 0;
    bool found;
    enum fault_code rc = store_one_int(act->task, act->store, &n, &found,
                                       "SELECT max(n) FROM chain_promise WHERE stream = ? AND seq = ?", "ii",
                                       act->tip->stream, act->tip->seq);
    struct json *body = json_object(act->task->arena);

    json_set_str(act->task->arena, body, "try", "rules");
    json_set_str(act->task->arena, body, "record", record_id(act->task->arena, stream, rid));
    if (rc)
        return rc;
    return chain_promise(act->task, act->store, act->tip->stream, act->tip->seq,
                         found && n >= PROMISE_TRY ? n + 1 : PROMISE_TRY, stream, body);
}

static enum fault_code
settle_named(struct record_act *act, const char *id)
{
    struct record named;
    int64_t stream, rid;
    bool found;
    enum fault_code rc;

    if (!record_id_read(id, &stream, &rid))
        return FAULT_NONE;
    rc = record_open(act->task, act->store, act->world, stream, rid, &named, &found);
    if (rc || !found || !has_rules(named.kind))
        return rc;
    if (stream != act->tip->stream)
        return promise_try(act, stream, rid);
    if (++act->depth > LIMIT_EFFECT_DEPTH)
        return fault(act->task, FAULT_INPUT, NULL, "连带办理超过 %d 层 | effects run deeper than %d",
                     LIMIT_EFFECT_DEPTH, LIMIT_EFFECT_DEPTH);
    rc = record_settle(act, &named);
    act->depth--;
    return rc;
}

enum fault_code
record_settle(struct record_act *act, struct record *r)
{
    enum fault_code rc = settle_self(act, r);

    for (size_t i = 0; i < r->kind->n_fields && !rc; i++) {
        const struct kind_field *f = &r->kind->fields[i];
        const struct json *v = json_get(r->fields, f->name);

        if (!text_equal(f->names, "record") || !v)
            continue;
        if (json_text(v))
            rc = settle_named(act, json_text(v));
        for (size_t k = 0; k < json_count(v) && v->type == JSON_ARRAY && !rc; k++)
            rc = settle_named(act, json_text(json_at(v, k)));
    }
    return rc;
}
