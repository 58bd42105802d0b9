/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/place.c - dated changes of the tree: a place renamed, moved, merged into another.
 *
 * History is not rewritten (ADR 0009): the change is an event; what lies below is taken along by events
 * of its own, in pieces; past days keep what was shown then. Interrupted, the same command goes on where
 * it stopped. What changes hands with a place: desk/succeed.c.
 */
#include "desk/inside.h"
#include <string.h>

enum change_how { CHANGE_NAME, CHANGE_PARENT, CHANGE_MERGE };

struct changing {
    struct org_place place, to;
    const char *name;
    enum change_how how;
    int64_t day;
};

static const struct org_actor operator_actor = {.sort = ORG_OPERATOR, .account = "operator"};

/* ---- the tree ---- */

/* Places below take the stream of where they lie now; what was born stays where it was. */
static enum fault_code
move_below(struct org_write *w, int64_t parent, int64_t stream)
{
    struct org_place *below;
    size_t n;
    enum fault_code rc = org_places(w->task, w->store, parent, NULL, 10000, &below, &n);

    for (size_t i = 0; i < n && !rc; i++) {
        if (below[i].stream == stream || below[i].level <= ORG_COUNTY)
            continue;
        below[i].stream = stream;
        rc = org_state_place(w, &below[i]);
        if (!rc)
            rc = move_below(w, below[i].id, stream);
    }
    return rc;
}

/* Below another place from that day on. A county and what lies above one keeps its own stream. */
static enum fault_code
put_below(struct org_write *w, struct org_place p, const struct org_place *to, int64_t day)
{
    enum fault_code rc;

    p.parent = to->id;
    p.from_day = day;
    if (p.level > ORG_COUNTY)
        p.stream = to->stream;
    rc = org_state_place(w, &p);
    return rc ? rc : move_below(w, p.id, p.stream);
}

/* Everything below goes to the other place, then the place itself ends and is part of it. */
static enum fault_code
merge(struct org_write *w, const struct changing *x)
{
    struct org_place *below, p = x->place;
    size_t n;
    enum fault_code rc = org_places(w->task, w->store, p.id, NULL, 10000, &below, &n);

    for (size_t i = 0; i < n && !rc; i++)
        rc = put_below(w, below[i], &x->to, x->day);
    p.parent = x->to.id;
    p.from_day = x->day;
    p.to_day = x->day - 1;
    return rc ? rc : org_state_place(w, &p);
}

static enum fault_code
run_change(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct changing *x = who;
    struct org_write w = {t, s, tip, &operator_actor};
    struct org_place p = x->place;

    if (x->how == CHANGE_MERGE)
        return merge(&w, x);
    if (x->how == CHANGE_PARENT)
        return put_below(&w, p, &x->to, x->day);
    p.name = x->name;
    p.initials = org_initials(t, x->name);
    p.from_day = x->day;
    return org_state_place(&w, &p);
}

/* ---- what lies there ---- */

static enum fault_code
relocate(const void *how, struct record_act *act, struct record *r, bool *changed)
{
    return record_relocate(act, r, how, changed);
}

struct asking {
    struct task *t;
    struct text sql;
    struct store_value v[8 + 3 * DESK_TAKEN_MAX];
    size_t n;
};

static void
ask_number(struct asking *x, int64_t number)
{
    must(x->n < sizeof x->v / sizeof *x->v);
    x->v[x->n++] = (struct store_value){.letter = 'i', .integer = number};
}

/* Records under one audience key, of whatever kind. */
static void
ask_key(struct asking *x, enum org_key_sort sort, int64_t number)
{
    text_puts(&x->sql, " UNION SELECT stream, rid FROM record_vis WHERE key >= ? AND key <= ?");
    ask_number(x, org_key(sort, number, 0, 0));
    ask_number(x, org_key_kind(org_key(sort, number, 0, 0), 4095));
}

/*
 * Whatever holds the place's key or is sealed below it; and wherever it lies, what names an organ that
 * ended with it.
 */
static enum fault_code
take_records(struct task *t, struct desk *d, const struct changing *x, const struct record_move *move,
             int64_t *moved)
{
    struct asking q = {.t = t};
    struct rows r;
    enum fault_code rc;

    text_init(&q.sql, t->arena);
    text_puts(&q.sql, "WITH RECURSIVE below(id) AS (SELECT id FROM org_place WHERE id = ? OR id = ? UNION "
                      "SELECT p.id FROM org_place p JOIN below b ON p.parent = b.id) SELECT stream, rid "
                      "FROM record_now WHERE sealed = 1 AND place IN (SELECT id FROM below)");
    ask_number(&q, x->place.id);
    ask_number(&q, x->how == CHANGE_MERGE ? x->to.id : x->place.id);
    ask_key(&q, ORG_KEY_PLACE, x->place.id);
    for (size_t i = 0; i < move->n_units; i++) {
        ask_key(&q, ORG_KEY_UNIT, move->ended[i]);
        text_puts(&q.sql, " UNION SELECT stream, rid FROM record_field WHERE value = ?");
        q.v[q.n++] = (struct store_value){.letter = 's', .bytes = org_id_text(t->arena, 'u', move->ended[i])};
    }
    text_puts(&q.sql, " ORDER BY 1, 2");
    rc = store_query_values(t, d->writer, &r, text_string(&q.sql), q.v, q.n);
    return rc ? rc : desk_revisit_all(t, d, &r, relocate, move, moved);
}

/* ---- the commands ---- */

/* The tree in one event group, then units and posts, then record by record. */
static enum fault_code
change(struct task *t, struct desk *d, struct changing *x, bool done, bool end_posts,
       struct desk_place_report *out)
{
    struct record_move move = {0};
    int64_t stream;
    enum fault_code rc = desk_first_stream(t, d->writer, &stream);

    memset(out, 0, sizeof *out);
    if (!rc && !done)
        rc = desk_write(t, d, stream, run_change, x);
    if (rc || x->how == CHANGE_NAME)
        return rc;
    if (x->how == CHANGE_MERGE)
        rc = desk_succeed(t, d, &x->place, &x->to, end_posts, &move, out);
    return rc ? rc : take_records(t, d, x, &move, &out->records);
}

static enum fault_code
find(struct task *t, struct desk *d, const char *code, const char *pointer, struct org_place *out)
{
    bool found;
    enum fault_code rc = org_place_by_code(t, d->writer, code, out, &found);

    if (!rc && !found)
        rc = fault(t, FAULT_INPUT, pointer, "没有这个地区：%s | there is no place %s", code, code);
    return rc;
}

static enum fault_code
check_living(struct task *t, const struct org_place *p, const char *pointer)
{
    if (!p->to_day)
        return FAULT_NONE;
    return fault(t, FAULT_INPUT, pointer, "%s 已于 %s 后撤销 | %s ended with %s", p->name,
                 time_day_text(t->arena, (int32_t)p->to_day), p->name,
                 time_day_text(t->arena, (int32_t)p->to_day));
}

bool
desk_division_holds(struct task *t, const char *code)
{
    return org_edition_holds(t, code);
}

enum fault_code
desk_place_rename(struct task *t, struct desk *d, const char *code, const char *name)
{
    struct changing x = {.how = CHANGE_NAME, .name = name, .day = time_day(t->now)};
    struct desk_place_report report;
    enum fault_code rc = find(t, d, code, "CODE", &x.place);

    if (!rc)
        rc = check_living(t, &x.place, "CODE");
    if (!rc && (!*name || text_length(name) > LIMIT_NAME))
        rc = fault(t, FAULT_INPUT, "NAME", "名称为 1 到 %d 字 | a name has 1 to %d characters", LIMIT_NAME,
                   LIMIT_NAME);
    return rc ? rc : change(t, d, &x, false, false, &report);
}

/* Both lie in this deployment, below its topmost place, and neither inside the other. */
static enum fault_code
check_ends(struct task *t, struct desk *d, const struct changing *x)
{
    int64_t top;
    bool inside = false, known = false;
    enum fault_code rc = org_top(t, d->writer, &top);

    if (!rc)
        rc = org_covers(t, d->writer, x->place.id, x->to.id, &inside);
    if (!rc && inside)
        return fault(t, FAULT_INPUT, "--to", "一个地区不能并入或移到自己之下 | a place cannot go into itself");
    if (!rc)
        rc = org_covers(t, d->writer, top, x->place.id, &known);
    if (!rc && (!known || x->place.id == top))
        return fault(t, FAULT_INPUT, "CODE",
                     "本库最上一级地区及其上级不能调整 | the topmost place of this store, and what lies above "
                     "it, stay");
    if (!rc)
        rc = org_covers(t, d->writer, top, x->to.id, &known);
    if (!rc && !known)
        return fault(t, FAULT_INPUT, "--to",
                     "目标地区不在本库管辖之内 | the place to go to is not below this store's topmost place");
    return rc;
}

static enum fault_code
check_levels(struct task *t, const struct changing *x)
{
    bool merges = x->how == CHANGE_MERGE;

    if (merges ? x->to.level == x->place.level : x->to.level < x->place.level)
        return FAULT_NONE;
    return fault(t, FAULT_INPUT, "--to",
                 merges ? "只能并入同级地区 | a place is merged into one of its level"
                        : "只能移到上级地区之下 | a place moves below one of a higher level");
}

enum fault_code
desk_place_move(struct task *t, struct desk *d, const struct desk_place_change *how,
                struct desk_place_report *out)
{
    struct changing x = {.how = how->merges ? CHANGE_MERGE : CHANGE_PARENT, .day = time_day(t->now)};
    bool done = false;
    enum fault_code rc = find(t, d, how->code, "CODE", &x.place);

    if (!rc)
        rc = find(t, d, how->to, "--to", &x.to);
    if (!rc)
        rc = check_living(t, &x.to, "--to");
    /* The same again: the tree is as it should be, and what was not taken along yet is. */
    if (!rc)
        done = x.place.parent == x.to.id && how->merges == (x.place.to_day != 0);
    if (!rc && !done)
        rc = check_living(t, &x.place, "CODE");
    if (!rc && !done)
        rc = check_levels(t, &x);
    if (!rc)
        rc = check_ends(t, d, &x);
    return rc ? rc : change(t, d, &x, done, how->ends_posts, out);
}

/* ---- posts ---- */

struct handing {
    int64_t from, to;
};

static enum fault_code
hand_over(const void *how, struct record_act *act, struct record *r, bool *changed)
{
    const struct handing *x = how;

    return record_hand_over(act, r, x->from, x->to, changed);
}

enum fault_code
desk_hand_over(struct task *t, struct desk *d, int64_t from, int64_t to, int64_t *moved)
{
    struct handing x = {from, to};
    struct rows r;
    const char *text = org_id_text(t->arena, 'p', from);
    enum fault_code rc = store_query(t, d->writer, &r,
                                     "SELECT DISTINCT f.stream, f.rid FROM record_field f JOIN record_due_vis "
                                     "v ON v.rid = f.rid AND v.stream = f.stream WHERE f.value = ? ORDER BY "
                                     "f.stream, f.rid",
                                     "s", text);

    *moved = 0;
    return rc ? rc : desk_revisit_all(t, d, &r, hand_over, &x, moved);
}
