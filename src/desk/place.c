/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/place.c - dated changes of the tree: a place renamed, moved, merged into another.
 *
 * History is not rewritten: the change is an event; records below are taken along by events of
 * their own, in pieces; past days keep what was shown then.
 */
#include "desk/inside.h"
#include <string.h>

struct changing {
    struct org_place place, to;
    const char *name;
    enum { CHANGE_NAME, CHANGE_PARENT, CHANGE_MERGE } how;
};

static const struct org_actor operator_actor = {.sort = ORG_OPERATOR, .account = "operator"};

static enum fault_code
find(struct task *t, struct desk *d, const char *code, const char *pointer, struct org_place *out)
{
    bool found;
    enum fault_code rc = org_place_by_code(t, d->writer, code, out, &found);

    if (!rc && (!found || out->to_day))
        rc = fault(t, FAULT_INPUT, pointer, "没有这个地区：%s | there is no place %s", code, code);
    return rc;
}

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

static enum fault_code
merge_children(struct org_write *w, const struct changing *x)
{
    struct org_place *below;
    size_t n;
    enum fault_code rc = org_places(w->task, w->store, x->place.id, NULL, 10000, &below, &n);

    for (size_t i = 0; i < n && !rc; i++) {
        below[i].parent = x->to.id;
        if (below[i].level > ORG_COUNTY)
            below[i].stream = x->to.stream;
        rc = org_state_place(w, &below[i]);
        if (!rc)
            rc = move_below(w, below[i].id, x->to.stream);
    }
    return rc;
}

static enum fault_code
run_change(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct changing *x = who;
    struct org_write w = {t, s, tip, &operator_actor};
    struct org_place p = x->place;
    enum fault_code rc;

    if (x->how == CHANGE_NAME) {
        p.name = x->name;
        p.from_day = time_day(t->now);
        return org_state_place(&w, &p);
    }
    if (x->how == CHANGE_PARENT) {
        p.parent = x->to.id;
        p.from_day = time_day(t->now);
        if (p.level > ORG_COUNTY)
            p.stream = x->to.stream;
        rc = org_state_place(&w, &p);
        return rc ? rc : move_below(&w, p.id, p.stream);
    }
    rc = merge_children(&w, x);
    p.to_day = time_day(t->now);
    return rc ? rc : org_state_place(&w, &p);
}

/* Units at a merged place lie at the one it went into. */
static enum fault_code
move_units(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct changing *x = who;
    struct org_write w = {t, s, tip, &operator_actor};
    struct rows r;
    int64_t ids[1000];
    size_t n = 0;
    enum fault_code rc = store_query(t, s, &r, "SELECT id FROM org_unit WHERE place = ? ORDER BY id", "i",
                                     x->place.id);

    if (rc)
        return rc;
    while (n < 1000 && store_next(t, &r))
        ids[n++] = store_int(&r, 0);
    rc = store_end(t, &r);
    for (size_t i = 0; i < n && !rc; i++) {
        struct org_unit u;
        bool found;

        rc = org_unit(t, s, ids[i], &u, &found);
        u.place = x->to.id;
        if (!rc && found)
            rc = org_state_unit(&w, &u);
    }
    return rc;
}

static enum fault_code
relocate(const void *how, struct record_act *act, struct record *r, bool *changed)
{
    const struct changing *x = how;

    *changed = true;
    return record_relocate(act, r,
                           x->how == CHANGE_MERGE && r->place == x->place.id ? x->to.id : r->place);
}

static enum fault_code
take_records(struct task *t, struct desk *d, const struct changing *x, int64_t *moved)
{
    struct rows r;
    int64_t root = x->how == CHANGE_MERGE ? x->to.id : x->place.id;
    enum fault_code rc = store_query(t, d->writer, &r,
                                     "WITH RECURSIVE below(id) AS (SELECT ? UNION ALL SELECT p.id FROM "
                                     "org_place p JOIN below b ON p.parent = b.id) SELECT stream, rid FROM "
                                     "record_now WHERE place IN (SELECT id FROM below) OR place = ? ORDER BY "
                                     "stream, rid",
                                     "ii", root, x->place.id);

    return rc ? rc : desk_revisit_all(t, d, &r, relocate, x, moved);
}

static enum fault_code
change(struct task *t, struct desk *d, struct changing *x, int64_t *moved)
{
    int64_t stream;
    enum fault_code rc = desk_first_stream(t, d->writer, &stream);

    *moved = 0;
    if (!rc)
        rc = desk_write(t, d, stream, run_change, x);
    if (!rc && x->how == CHANGE_MERGE)
        rc = desk_write(t, d, x->to.stream, move_units, x);
    return rc || x->how == CHANGE_NAME ? rc : take_records(t, d, x, moved);
}

enum fault_code
desk_place_rename(struct task *t, struct desk *d, const char *code, const char *name)
{
    struct changing x = {.how = CHANGE_NAME, .name = name};
    int64_t moved;
    enum fault_code rc = find(t, d, code, "CODE", &x.place);

    if (!rc && (!*name || text_length(name) > LIMIT_NAME))
        rc = fault(t, FAULT_INPUT, "NAME", "名称为 1 到 %d 字 | a name has 1 to %d characters", LIMIT_NAME,
                   LIMIT_NAME);
    return rc ? rc : change(t, d, &x, &moved);
}

enum fault_code
desk_place_move(struct task *t, struct desk *d, const char *code, const char *to, bool merge,
                int64_t *moved)
{
    struct changing x = {.how = merge ? CHANGE_MERGE : CHANGE_PARENT};
    bool inside = false;
    enum fault_code rc = find(t, d, code, "CODE", &x.place);

    if (!rc)
        rc = find(t, d, to, "--to", &x.to);
    if (!rc)
        rc = org_covers(t, d->writer, x.place.id, x.to.id, &inside);
    if (!rc && inside)
        rc = fault(t, FAULT_INPUT, "--to", "一个地区不能并入或移到自己之下 | a place cannot go into itself");
    if (!rc && (merge ? x.to.level != x.place.level : x.to.level >= x.place.level))
        rc = fault(t, FAULT_INPUT, "--to",
                   merge ? "只能并入同级地区 | a place is merged into one of its level"
                         : "只能移到上级地区之下 | a place moves below one of a higher level");
    if (!rc && x.place.level <= ORG_COUNTY)
        rc = fault(t, FAULT_INPUT, "CODE",
                   "县级及以上地区的合并和移动尚不支持 | counties and places above them cannot be merged or moved "
                   "yet");
    return rc ? rc : change(t, d, &x, moved);
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
