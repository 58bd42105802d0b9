/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/catalog_loop.c - steps that set off steps, followed to the end.
 *
 * Knows: a step made by a rule leads to its effects and to automatic steps, of its own record and
 * of records that total over it. A ring of these without a person or a clock would never end. It
 * does end where every turn climbs a link that is set at birth only, and nothing in it goes down: there
 * are only so many records above one. A step that stays in its state leads to no automatic step:
 * each happens at most once a transaction.
 * Does not know: whether the conditions could all hold at once; it takes them as true.
 */
#include "kind/inside.h"

enum way { WAY_SAME, WAY_CLIMB, WAY_FALL };

struct edge {
    size_t from, to;
    enum way way;
    const char *pointer;
};

struct rules {
    struct task *t;
    const struct kind_catalog *c;
    size_t *first; /* number of the first step of kind i */
    size_t n_nodes;
    struct edge *edges;
    size_t n_edges, room;
};

static size_t
kind_index(const struct rules *r, const struct kind *k)
{
    for (size_t i = 0; i < r->c->n; i++)
        if (r->c->kinds[i] == k)
            return i;
    must(false);
    return 0;
}

static size_t
node(const struct rules *r, const struct kind *k, const struct kind_step *s)
{
    return r->first[kind_index(r, k)] + (size_t)s->index;
}

static void
add(struct rules *r, size_t from, size_t to, enum way way, const char *pointer)
{
    if (r->n_edges == r->room) {
        size_t room = r->room ? r->room * 2 : 256;
        struct edge *more = arena_alloc(r->t->arena, room * sizeof *more);
        for (size_t i = 0; i < r->n_edges; i++)
            more[i] = r->edges[i];
        r->edges = more;
        r->room = room;
    }
    r->edges[r->n_edges++] = (struct edge){from, to, way, pointer};
}

static void
follow_effects(struct rules *r, const struct kind *k, const struct kind_step *s)
{
    const struct kind *members[32];
    for (size_t i = 0; i < s->n_effects; i++) {
        const struct kind_effect *e = &s->effects[i];
        const char *at = catalog_pointer(r->t->arena, k, e->pointer);
        const struct kind *raised = e->sort == EFFECT_RAISE ? kind_find(r->c, e->name, 0) : NULL;
        const struct kind_step *create = raised ? kind_create_step(raised) : NULL;
        if (create)
            add(r, node(r, k, s), node(r, raised, create), WAY_FALL, at);
        if (e->sort != EFFECT_STEP)
            continue;
        const struct kind_step *own = e->over ? NULL : kind_step(k, e->name);
        if (own)
            add(r, node(r, k, s), node(r, k, own), WAY_SAME, at);
        size_t n = e->over ? catalog_members(r->c, k, e->over, members, 32) : 0;
        for (size_t j = 0; j < n; j++) {
            const struct kind_step *called = kind_step(members[j], e->name);
            if (called)
                add(r, node(r, k, s), node(r, members[j], called),
                    catalog_climbs(k, e->over) ? WAY_CLIMB : WAY_FALL, at);
        }
    }
}

/* Automatic steps of the record itself, once it has moved to another state. */
static void
follow_state(struct rules *r, const struct kind *k, const struct kind_step *s)
{
    for (size_t i = 0; s->to && i < k->n_steps; i++)
        if (k->steps[i].automatic && kind_in(k->steps[i].from, s->to))
            add(r, node(r, k, s), node(r, k, &k->steps[i]), WAY_SAME,
                catalog_pointer(r->t->arena, k,
                                arena_format(r->t->arena, "/steps/%d/if", k->steps[i].index)));
}

/* Automatic steps of `p` whose condition reads a total over the records of `k`. */
static void
follow_totals(struct rules *r, const struct kind *p, const struct kind *k)
{
    for (size_t i = 0; i < p->n_steps; i++) {
        if (!p->steps[i].automatic || p->steps[i].creates)
            continue;
        for (size_t j = 0; j < p->n_totals; j++) {
            const struct kind_set *over = p->totals[j].over;
            bool links = over && (over->sort == SET_LINKED || over->sort == SET_TREE)
                         && text_equal(over->kind, k->name);
            if (!links || !kind_reads(p->steps[i].condition,
                                      arena_format(r->t->arena, "total.%s", p->totals[j].name)))
                continue;
            for (size_t m = 0; m < k->n_steps; m++)
                if (k->steps[m].to)
                    add(r, node(r, k, &k->steps[m]), node(r, p, &p->steps[i]),
                        catalog_born_link(k, over->field) ? WAY_CLIMB : WAY_FALL,
                        catalog_pointer(r->t->arena, p,
                                        arena_format(r->t->arena, "/steps/%zu/if", i)));
        }
    }
}

/* Whether `from` leads to `to`; with `same`, over one record's edges alone. */
static bool
leads(const struct rules *r, size_t from, size_t to, bool same)
{
    bool *seen = arena_alloc(r->t->arena, r->n_nodes + 1);
    size_t *todo = arena_alloc(r->t->arena, (r->n_nodes + 1) * sizeof *todo), n = 0;
    todo[n++] = from;
    seen[from] = true;
    while (n) {
        size_t at = todo[--n];
        if (at == to)
            return true;
        for (size_t i = 0; i < r->n_edges; i++) {
            const struct edge *e = &r->edges[i];
            if (e->from == at && !seen[e->to] && (!same || e->way == WAY_SAME)) {
                seen[e->to] = true;
                todo[n++] = e->to;
            }
        }
    }
    return false;
}

unsigned
catalog_loops(struct task *t, const struct kind_catalog *c)
{
    struct rules r = {.t = t, .c = c};
    unsigned refused = 0;
    r.first = arena_alloc(t->arena, (c->n + 1) * sizeof *r.first);
    for (size_t i = 0; i < c->n; i++) {
        r.first[i] = r.n_nodes;
        r.n_nodes += c->kinds[i]->n_steps;
    }
    size_t kinds = kind_catalog_count(c);
    for (size_t i = 0; i < kinds; i++) {
        const struct kind *k = kind_catalog_at(c, i);
        for (size_t j = 0; j < k->n_steps; j++) {
            follow_effects(&r, k, &k->steps[j]);
            follow_state(&r, k, &k->steps[j]);
        }
        for (size_t j = 0; j < kinds; j++)
            follow_totals(&r, kind_catalog_at(c, j), k);
    }
    for (size_t i = 0; i < r.n_edges; i++) {
        const struct edge *e = &r.edges[i];
        if (e->way == WAY_CLIMB || !leads(&r, e->to, e->from, e->way == WAY_SAME))
            continue;
        refused++;
        (void)fault(t, FAULT_INPUT, e->pointer,
                    "规则引出规则，转成环：其中须有人或时钟 | Rules set off rules in a ring: a person or a clock "
                    "must stand in it");
    }
    return refused;
}
