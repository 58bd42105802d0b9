/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/carry.c - an old ledger becomes history: its rows, carried in by the act of two people.
 *
 * The act is a record of a kind that has `carries`. Its rows lie in sealed pieces, attachments of one
 * JSON object a line: {"row":12,"fields":{…}}. A group of them is one transaction: as many records, and
 * one step of the act that says how far it is, so that a killed server goes on where the log ends. The
 * group after it is a promise of the act to itself: other writers go between.
 *
 * Knows: whose act it is, which row comes next, what is noted of one that cannot come in.
 * Does not know: what the rows mean; a creating step open to `carry` says so.
 */
#include "record/inside.h"
#include <string.h>

#define PROMISE_CARRY 2000 /* no effect that an event names: numbered after those */
#define LEFT_TOLD 200      /* rows left out that are told one by one; the others are counted */

struct carrying {
    struct record_act *act;
    struct record *record;             /* the act */
    const struct kind_carries *how;
    const struct kind *into;
    int64_t taken, refused, with;
    struct json *left;
};

enum fault_code
record_promise_carry(struct record_act *act, const struct record *r)
{
    struct arena *a = act->task->arena;
    const struct kind_carries *how = r->kind->carries;
    struct json *body;

    if (!how || !kind_in(how->step->from, r->state))
        return FAULT_NONE;
    body = json_object(a);
    json_set_int(a, body, "to", r->stream);
    json_set_str(a, body, "carry", "rows");
    json_set_str(a, body, "record", record_id(a, r->stream, r->rid));
    return chain_promise(act->task, act->store, act->tip->stream, act->tip->seq, PROMISE_CARRY, r->stream,
                         body);
}

/* ---- one row ---- */

/* Its own creating step: the first whose `who` takes it, else the first that says what it lacks. */
static enum fault_code
choose_step(struct record_act *act, const struct kind *k, int64_t place, const struct json *fields,
            const struct kind_step **out)
{
    const struct kind_step *lacking = NULL;

    *out = NULL;
    for (size_t i = 0; i < k->n_steps && !*out; i++) {
        const struct kind_step *step = &k->steps[i];
        struct judged j;
        enum fault_code rc;

        if (!step->creates || !step->by_carry)
            continue;
        j = record_unborn(act, k, step, place, fields);
        rc = record_guard(&j, step);
        if (rc && rc != FAULT_RIGHT)
            return rc;
        fault_clear(act->task);
        if (!rc)
            *out = step;
        else if (!lacking && record_guard_lacks(&j, step))
            lacking = step;
    }
    if (!*out)
        *out = lacking;
    if (!*out)
        return fault(act->task, FAULT_INPUT, "/fields",
                     "没有适用于这一行的迁入办法 | no carrying step takes such a row");
    return FAULT_NONE;
}

/* What the act is of lies within its place: another district's ledger is not its to carry in. */
static enum fault_code
check_within(struct record_act *act, int64_t place, const struct record *made)
{
    bool covers = false;
    enum fault_code rc = org_covers(act->task, act->store, place, made->place, &covers);

    if (rc || covers)
        return rc;
    return fault(act->task, FAULT_INPUT, "/place",
                 "不在迁入的地区之内 | it lies outside the place whose ledger comes in");
}

static enum fault_code
carry_row(struct record_act *act, const struct kind *k, int64_t place, const struct json *fields,
          const struct kind_step **what)
{
    struct record made;
    enum fault_code rc = choose_step(act, k, place, fields, what);

    act->n_records = 0;
    if (!rc)
        rc = record_create_with(act, BY_CARRY, k, *what, place, fields, NULL, &made);
    return rc ? rc : check_within(act, place, &made);
}

enum fault_code
record_carry_try(struct record_act *act, const struct kind *carrier, const struct kind *k, int64_t place,
                 const struct json *fields, const struct kind_step **what)
{
    struct arena *a = act->task->arena;

    act->actor.sort = ORG_CARRIER;
    act->carrier = carrier;
    act->carried = json_object(a);
    json_set_str(a, act->carried, "record", record_id(a, act->tip->stream, 0));
    json_set_int(a, act->carried, "with", act->actor.person);
    act->dry = true;
    return carry_row(act, k, place, fields, what);
}

static bool
is_broken(enum fault_code rc)
{
    return rc == FAULT_STORE || rc == FAULT_BUSY || rc == FAULT_PROOF;
}

/* It was right when it was checked and is no more: a unit that ended since. Told, and left out. */
static void
leave_out(struct carrying *c, int64_t row)
{
    struct arena *a = c->act->task->arena;
    const struct fault_item *why = &c->act->task->fault.items[0];
    struct json *one = json_object(a);

    c->refused++;
    if (json_count(c->left) < LEFT_TOLD) {
        json_set_int(a, one, "row", row);
        json_set_str(a, one, "why", arena_format(a, "%s %s", why->pointer ? why->pointer : "", why->zh));
        json_push(a, c->left, one);
    }
    fault_clear(c->act->task);
}

static enum fault_code
take_row(struct carrying *c, const struct json *line)
{
    struct record_act *act = c->act;
    struct task *t = act->task;
    struct chain_tip before = *act->tip;
    size_t n_made = act->n_made;
    const struct kind_step *step;
    enum fault_code rc = store_savepoint(t, act->store);

    if (rc)
        return rc;
    c->taken++;
    act->carried = json_object(t->arena);
    json_set_str(t->arena, act->carried, "record", record_id(t->arena, c->record->stream, c->record->rid));
    json_set_int(t->arena, act->carried, "row", json_int_of(line, "row", 0));
    json_set_int(t->arena, act->carried, "nth", c->taken);
    json_set_int(t->arena, act->carried, "with", c->with);
    rc = carry_row(act, c->into, c->record->place, json_get(line, "fields"), &step);
    act->carried = NULL;
    if (!rc)
        return store_release(t, act->store);
    if (is_broken(rc))
        return rc;
    *act->tip = before;
    act->n_made = n_made;
    leave_out(c, json_int_of(line, "row", 0));
    return store_undo(t, act->store);
}

/* ---- the group ---- */

/* Lines of a piece from the one numbered `from` (0: the first) up to what the act says it holds, a group at most. */
static enum fault_code
read_piece(struct carrying *c, const char *digest, int64_t from, int64_t held, struct json **lines, size_t *n)
{
    struct task *t = c->act->task;
    const char *at = NULL, *end;
    size_t len = 0;
    int64_t i = 0;
    enum fault_code rc = record_file_bytes(t, c->act->store, digest, &at, &len);

    if (rc)
        return rc;
    for (end = at + len; at < end && i < held && *n < LIMIT_GROUP && !rc; i++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t width = (size_t)((stop ? stop : end) - at);

        if (i >= from && width)
            rc = json_read(t, at, width, &lines[(*n)++]);
        at += width + 1;
    }
    return rc;
}

static enum fault_code
read_group(struct carrying *c, struct json **lines, size_t *n)
{
    const struct json *pieces = json_get(c->record->fields, c->how->rows->name);
    int64_t from = c->taken;
    enum fault_code rc = FAULT_NONE;

    *n = 0;
    for (size_t i = 0; i < json_count(pieces) && *n < LIMIT_GROUP && !rc; i++) {
        const struct json *piece = json_at(pieces, i);
        int64_t held = json_int_of(piece, "rows", 0);
        size_t before = *n;

        if (from >= held) {
            from -= held;
            continue;
        }
        rc = read_piece(c, json_text_of(piece, "file") ? json_text_of(piece, "file") : "", from, held,
                        lines, n);
        /* A piece that holds fewer lines than it says would never come to its end. */
        if (!rc && *n == before)
            rc = fault(c->act->task, FAULT_STATE, NULL, "分段文件的行数与登记不符 | a piece holds fewer rows than it says");
        from = 0;
    }
    return rc;
}

/* The one who confirmed acts, in the post in which he did; the one who prepared is named beside him. */
static enum fault_code
be_carrier(struct carrying *c, struct scope *scope)
{
    struct record_act *act = c->act;
    const struct json *did = json_get(c->record->parties, "did");
    const struct json *who = json_get(did, c->how->confirmed->name);
    struct org_post post;
    struct org_unit u;
    bool found = false;
    enum fault_code rc;

    memset(&act->actor, 0, sizeof act->actor);
    act->actor.sort = ORG_CARRIER;
    act->actor.person = json_int_of(who, "person", 0);
    act->actor.post = json_int_of(who, "post", 0);
    act->actor.unit = json_int_of(who, "unit", 0);
    c->with = json_int_of(json_get(did, c->how->prepared->name), "person", 0);
    rc = org_post(act->task, act->store, act->actor.post, &post, &found);
    if (!rc && found)
        act->actor.role = post.role;
    if (!rc)
        rc = org_unit(act->task, act->store, act->actor.unit, &u, &found);
    if (!rc && found)
        act->actor.place = u.place;
    if (!rc)
        rc = org_scope(act->task, act->store, act->actor.person, scope);
    act->scope = scope;
    return rc;
}

/* How far the act is now, and what was left out. */
static enum fault_code
say_how_far(struct carrying *c, size_t had_left)
{
    struct arena *a = c->act->task->arena;
    struct json *sent = json_object(a);
    enum fault_code rc;

    json_set_int(a, sent, c->how->taken->name, c->taken);
    json_set_int(a, sent, c->how->refused->name, c->refused);
    if (json_count(c->left) != had_left)
        json_set(a, sent, c->how->left->name, c->left);
    c->act->carrier = NULL;
    rc = record_step_by(c->act, BY_CARRY, c->record, c->how->step, sent, NULL);
    if (!rc)
        rc = record_settle(c->act, c->record);
    return rc ? rc : record_promise_carry(c->act, c->record);
}

enum fault_code
record_carry(struct record_act *act, struct record *r)
{
    struct task *t = act->task;
    struct carrying c = {.act = act, .record = r, .how = r->kind->carries, .left = json_array(t->arena)};
    struct json *lines[LIMIT_GROUP];
    struct scope scope;
    const struct json *left;
    size_t n;
    enum fault_code rc;

    if (!c.how || !kind_in(c.how->step->from, r->state))
        return FAULT_NONE;
    c.taken = json_int_of(r->fields, c.how->taken->name, 0);
    c.refused = json_int_of(r->fields, c.how->refused->name, 0);
    left = json_get(r->fields, c.how->left->name);
    for (size_t i = 0; i < json_count(left); i++)
        json_push(t->arena, c.left, json_at(left, i));
    c.into = kind_find(act->world->catalog, json_text_of(r->fields, c.how->into->name), 0);
    if (!c.into || !kind_carried_by(c.into, r->kind))
        return fault(t, FAULT_STATE, NULL, "这类记录不收旧台账 | no old ledger comes into this kind of record");
    act->carrier = r->kind;
    rc = be_carrier(&c, &scope);
    if (!rc)
        rc = read_group(&c, lines, &n);
    for (size_t i = 0; !rc && i < n; i++)
        rc = take_row(&c, lines[i]);
    return rc ? rc : say_how_far(&c, json_count(left));
}
