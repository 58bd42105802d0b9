/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/create.c - a record is born: its number of birth, who raised it, its creating step judged.
 *
 * Knows: the checks of record/act.c, in the order in which a creation meets them.
 * Does not know: what the step makes of it (record/outcome.c).
 */
#include "record/inside.h"
#include <string.h>

static enum fault_code
new_rid(struct record_act *act, int64_t *rid)
{
    struct task *t = act->task;
    int64_t ms = t->now - RECORD_EPOCH, next = json_int_of(act->carried, "nth", 0);
    bool found = true;
    enum fault_code rc = FAULT_NONE;

    if (ms < 0)
        return fault(t, FAULT_INPUT, "--now", "时间早于 2020 年 | the time lies before 2020");
    while (found && !rc) {
        int64_t there;

        /* Rows of an old ledger are born in the order in which they stand there. */
        if (next)
            *rid = ms << 22 | (next & ((INT64_C(1) << 22) - 1));
        else
            *rid = ms << 22 | (int64_t)random_below(&t->random, UINT64_C(1) << 22);
        next = 0;
        /* An event is never older than what it bears: none of this millisecond, nothing born in it. */
        if (act->tip->at < t->now)
            return FAULT_NONE;
        rc = store_one_int(t, act->store, &there, &found,
                           "SELECT rev FROM record_now WHERE rid = ? AND stream = ?", "ii", *rid,
                           act->tip->stream);
    }
    return rc;
}

/* Who raised it is known before its fields are set. */
static struct json *
raised_by(struct record_act *act)
{
    struct arena *a = act->task->arena;
    struct json *who = json_object(a), *parties = json_object(a);

    json_set_int(a, who, "unit", act->actor.unit);
    json_set_int(a, who, "person", act->actor.person);
    json_set_int(a, who, "post", act->actor.post);
    json_set_int(a, who, "at", act->task->now);
    return json_set(a, parties, "raiser", who);
}

/* The act it comes in by is no field that a row could give. */
static struct json *
note_carrier(struct record_act *act, const struct kind *k, struct json *into)
{
    const struct kind_field *f = act->carrier ? kind_carried_by(k, act->carrier) : NULL;

    if (f)
        json_set(act->task->arena, into, f->name, json_get(act->carried, "record"));
    return into;
}

struct judged
record_unborn(struct record_act *act, const struct kind *k, const struct kind_step *step, int64_t place,
              const struct json *sent)
{
    struct task *t = act->task;
    struct record *r = arena_alloc(t->arena, sizeof *r);

    r->stream = act->tip->stream;
    r->kind = k;
    r->version = k->version;
    r->place = place;
    r->cycle = 1;
    r->rev = 1;
    r->state = step->to;
    r->fields = json_object(t->arena);
    r->private_at = json_object(t->arena);
    r->clocks = json_object(t->arena);
    r->parties = raised_by(act);
    r->lines = json_array(t->arena);
    record_overlay(t->arena, r->fields, sent);
    note_carrier(act, k, r->fields);
    return record_judge(act, r, step);
}

/* State, right and fields of what is to be born. */
static enum fault_code
check_unborn(struct judged *j, enum record_by by, const struct json *sent, const char *comment,
             struct checked *checked)
{
    struct record_act *act = j->act;
    struct task *t = act->task;
    bool lacks, checks = by == BY_PERSON || by == BY_CARRY;
    enum fault_code rc = checks ? record_check_named(act, j->now->kind, sent) : FAULT_NONE;

    if (!rc)
        rc = record_check_right(j, by, j->step);
    if (!rc)
        rc = record_check_comment(t, comment);
    lacks = rc == FAULT_RIGHT && checks && record_guard_lacks(j, j->step);
    if (lacks) {
        fault_clear(t);
        rc = FAULT_NONE;
    }
    if (!rc)
        rc = kind_check(t, j->now->kind, j->step, NULL, sent, checked);
    must(rc || !lacks);
    if (!rc && checks)
        rc = record_check_refs(act, checked);
    return rc ? rc : record_check_condition(j, j->step);
}

enum fault_code
record_create_with(struct record_act *act, enum record_by by, const struct kind *k,
                   const struct kind_step *step, int64_t place, const struct json *sent,
                   const char *comment, struct record *out)
{
    struct task *t = act->task;
    const struct json *given = sent ? sent : json_object(t->arena);
    struct judged j = record_unborn(act, k, step, place, given);
    struct record *r = j.now;
    struct checked checked;
    enum fault_code rc;

    if (++act->n_records > LIMIT_EFFECT_RECORDS + 1)
        return fault(t, FAULT_INPUT, NULL, "一步至多产生 %d 件记录 | one step may raise at most %d records",
                     LIMIT_EFFECT_RECORDS, LIMIT_EFFECT_RECORDS);
    rc = check_unborn(&j, by, given, comment, &checked);
    if (!rc)
        rc = new_rid(act, &r->rid);
    if (rc)
        return rc;
    r->born = t->now;
    rc = record_conclude(&j, NULL, note_carrier(act, k, json_shallow(t->arena, checked.fields)), comment);
    if (!rc && !act->dry)
        rc = record_settle(act, r);
    if (!rc)
        *out = *r;
    return rc;
}

enum fault_code
record_create_by(struct record_act *act, enum record_by by, const struct kind *k, int64_t place,
                 const struct json *sent, const char *comment, struct record *out)
{
    return record_create_with(act, by, k, kind_create_step(k), place, sent, comment, out);
}

enum fault_code
record_create(struct record_act *act, const struct kind *k, int64_t place, const struct json *sent,
              const char *comment, struct record *out)
{
    return record_create_by(act, BY_PERSON, k, place, sent, comment, out);
}

/* Whether a post of that role could ever make the creating step: relations are asked with its fields. */
enum fault_code
record_may_create(struct record_act *act, const struct kind *k, bool *may)
{
    const struct kind_step *step = kind_create_step(k);

    *may = false;
    for (size_t i = 0; i < step->n_who && !*may; i++) {
        const struct kind_who *w = &step->who[i];

        if (w->is == IS_RULE || w->is == IS_CLOCK || w->is == IS_PUBLIC)
            continue;
        *may = w->n_roles == 0;
        for (size_t r = 0; r < w->n_roles; r++)
            if (text_equal(w->roles[r], act->actor.role))
                *may = true;
    }
    return FAULT_NONE;
}
