/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/refs.c - a stated thing must exist, be of its sort, and be visible to who names it.
 *
 * What lies outside his scope is answered like what never was.
 */
#include "record/inside.h"
#include <string.h>

static enum fault_code
absent(struct record_act *act, const struct kind_ref *ref)
{
    return fault(act->task, FAULT_INPUT, ref->pointer, "没有这一项，请从列表中选择 | there is no such thing; "
                                                       "choose from the list");
}

/* Whoever works on a record may name its responsible unit and the people there. */
static enum fault_code
is_of_owner(struct record_act *act, const struct org_unit *u, bool *is)
{
    *is = false;
    return act->owner ? org_unit_within(act->task, act->store, u->id, act->owner, is) : FAULT_NONE;
}

/* People are named where their unit lies in his scope: that an organ is public by name opens none of them. */
static enum fault_code
sees_people(struct record_act *act, const struct org_unit *u, bool *sees)
{
    enum fault_code rc = is_of_owner(act, u, sees);

    return rc || *sees ? rc : org_sees_unit(act->task, act->store, act->scope, u, sees);
}

static enum fault_code
check_unit(struct record_act *act, const struct kind_ref *ref)
{
    struct org_unit u;
    bool found = false, sees = false;
    int64_t id = org_id_read(ref->id, 'u');
    enum fault_code rc = id ? org_unit(act->task, act->store, id, &u, &found) : FAULT_NONE;

    if (!rc && found)
        rc = is_of_owner(act, &u, &sees);
    if (!rc && found && !sees)
        rc = org_names_unit(act->task, act->store, act->scope, &u, &sees);
    if (rc)
        return rc;
    return sees && !u.to_day ? FAULT_NONE : absent(act, ref);
}

static enum fault_code
check_person(struct record_act *act, const struct kind_ref *ref)
{
    struct org_post *posts;
    size_t n = 0;
    bool sees = false;
    int64_t id = org_id_read(ref->id, 'p');
    enum fault_code rc = id ? org_posts(act->task, act->store, id, 0, &posts, &n) : FAULT_NONE;

    if (id && id == act->scope->person)
        return rc;
    for (size_t i = 0; i < n && !sees && !rc; i++) {
        struct org_unit u;
        bool found;

        rc = org_unit(act->task, act->store, posts[i].unit, &u, &found);
        if (!rc && found)
            rc = sees_people(act, &u, &sees);
    }
    if (rc)
        return rc;
    return sees ? FAULT_NONE : absent(act, ref);
}

static enum fault_code
check_record(struct record_act *act, const struct kind_ref *ref)
{
    struct record r;
    struct record_view view = {0};
    int64_t stream, rid;
    bool found = false, fits = ref->field->n_kinds == 0;
    enum fault_code rc = FAULT_NONE;

    if (record_id_read(ref->id, &stream, &rid))
        rc = record_open(act->task, act->store, act->world, stream, rid, &r, &found);
    if (!rc && found)
        record_view(act->task, act->scope, &r, &view);
    for (size_t i = 0; found && i < ref->field->n_kinds; i++)
        if (text_equal(ref->field->kinds[i], r.kind->name))
            fits = true;
    if (rc)
        return rc;
    return view.sees && fits ? FAULT_NONE : absent(act, ref);
}

static enum fault_code
check_file(struct record_act *act, const struct kind_ref *ref)
{
    const char *bytes, *type;
    size_t len;
    int64_t at;
    bool mine = false;
    enum fault_code rc = store_one_int(act->task, act->store, &at, &mine,
                                       "SELECT at FROM record_file_from WHERE digest = ? AND account = ?",
                                       "ss", ref->id, act->actor.account ? act->actor.account : "");

    if (rc || mine)
        return rc;
    rc = record_file_read(act->task, act->store, act->world, act->scope, "", ref->id, &bytes, &len, &type);
    if (rc == FAULT_ABSENT) {
        fault_clear(act->task);
        return absent(act, ref);
    }
    return rc;
}

static enum fault_code
check_code(struct record_act *act, const struct kind_ref *ref)
{
    const struct json *row = record_world_row(act->world, ref->table, ref->id);
    const char *from = json_text_of(row, "from"), *to = json_text_of(row, "to");
    const char *today = time_day_text(act->task->arena, time_day(act->task->now));

    if (!row || text_equal(json_text_of(row, "status"), "not_recorded"))
        return absent(act, ref);
    if ((from && strcmp(today, from) < 0) || (to && strcmp(today, to) > 0))
        return fault(act->task, FAULT_INPUT, ref->pointer,
                     "此条今天不在施行期内，请选现行条款 | this row is not in force today; choose one that is");
    return FAULT_NONE;
}

static enum fault_code
check_place(struct record_act *act, const struct kind_ref *ref)
{
    struct org_place p;
    bool found, sees = false;
    enum fault_code rc = org_place_by_code(act->task, act->store, ref->id, &p, &found);

    if (!rc && found && !p.to_day)
        rc = org_sees_place(act->task, act->store, act->scope, p.id, &sees);
    if (rc)
        return rc;
    return sees ? FAULT_NONE : absent(act, ref);
}

/* A query names a kind and fields that are there to be asked. */
static enum fault_code
check_query(struct record_act *act, const struct kind_ref *ref)
{
    const struct kind_set *set;

    return kind_query(act->task, act->world->catalog, act->kind, ref->field->name, ref->pointer, ref->value,
                      &set);
}

static enum fault_code
check_post(struct record_act *act, const struct kind_ref *ref)
{
    struct org_post post;
    struct org_unit u;
    bool found = false, sees = false;
    int64_t id = org_id_read(ref->id, 'o');
    enum fault_code rc = id ? org_post(act->task, act->store, id, &post, &found) : FAULT_NONE;

    if (!rc && found)
        rc = org_unit(act->task, act->store, post.unit, &u, &found);
    if (!rc && found)
        rc = org_sees_unit(act->task, act->store, act->scope, &u, &sees);
    if (rc)
        return rc;
    return sees ? FAULT_NONE : absent(act, ref);
}

enum fault_code
record_check_refs(struct record_act *act, const struct checked *c)
{
    static const struct {
        const char *names;
        enum fault_code (*check)(struct record_act *, const struct kind_ref *);
    } sorts[] = {
        {"unit", check_unit}, {"person", check_person}, {"record", check_record}, {"file", check_file},
        {"code", check_code}, {"edition", check_code},  {"place", check_place},   {"post", check_post},
        {"find", check_query},
    };

    if (!act->scope)
        return FAULT_NONE;
    act->kind = c->kind;
    for (size_t i = 0; i < c->n_refs; i++)
        for (size_t k = 0; k < sizeof sorts / sizeof *sorts; k++)
            if (text_equal(c->refs[i].names, sorts[k].names)) {
                enum fault_code rc = sorts[k].check(act, &c->refs[i]);

                if (rc && rc != FAULT_INPUT)
                    return rc;
            }
    return act->task->fault.code;
}

/* Contract: on creation a place or unit outside the caller's scope is refused at its pointer, before his right. */
enum fault_code
record_check_named(struct record_act *act, const struct kind *k, const struct json *sent)
{
    for (size_t i = 0; act->scope && json_is(sent, JSON_OBJECT) && i < sent->object.n; i++) {
        const struct kind_field *f = kind_field(k, sent->object.at[i].name);
        const char *id = json_text(sent->object.at[i].value);
        struct kind_ref ref = {json_pointer(act->task->arena, "/fields", sent->object.at[i].name), f,
                               f ? f->names : NULL, f ? f->table : NULL, id, NULL};
        enum fault_code rc = FAULT_NONE;

        if (id && text_equal(ref.names, "unit"))
            rc = check_unit(act, &ref);
        else if (id && text_equal(ref.names, "place"))
            rc = check_place(act, &ref);
        if (rc)
            return rc;
    }
    return FAULT_NONE;
}
