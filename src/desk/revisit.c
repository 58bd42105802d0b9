/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/revisit.c - records looked at again because something under them changed: a calendar, a
 * definition, the tree of places, the holder of a post.
 *
 * Each in a transaction of its own: interrupted, it goes on where it stopped when it is run again.
 */
#include "desk/inside.h"
#include <string.h>

#define REVISIT_MAX 1000000

struct revisit {
    struct desk *desk;
    desk_revisit run;
    const void *how;
    int64_t stream, rid;
    bool changed;
};

static enum fault_code
run_one(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct revisit *x = who;
    const struct org_actor rule = {.sort = ORG_RULE};
    struct record_act act;
    struct record r;
    bool found;
    enum fault_code rc = record_open(t, s, x->desk->world, x->stream, x->rid, &r, &found);

    if (rc || !found)
        return rc;
    record_act_begin(&act, t, s, x->desk->world, tip, &rule, NULL);
    rc = x->run(x->how, &act, &r, &x->changed);
    return rc ? rc : desk_project_made(t, s, &act);
}

static enum fault_code
read_list(struct task *t, struct rows *r, struct revisit **out, size_t *n)
{
    struct revisit *list = NULL;
    size_t room = 0;

    *n = 0;
    while (*n < REVISIT_MAX && store_next(t, r)) {
        if (*n == room) {
            struct revisit *more = arena_alloc(t->arena, (room ? room * 2 : 256) * sizeof *more);

            if (*n)
                memcpy(more, list, *n * sizeof *more);
            room = room ? room * 2 : 256;
            list = more;
        }
        list[*n].stream = store_int(r, 0);
        list[(*n)++].rid = store_int(r, 1);
    }
    *out = list;
    return store_end(t, r);
}

enum fault_code
desk_revisit_all(struct task *t, struct desk *d, struct rows *r, desk_revisit run, const void *how,
                 int64_t *changed)
{
    struct revisit *list;
    size_t n;
    enum fault_code rc = read_list(t, r, &list, &n);

    for (size_t i = 0; i < n && !rc; i++) {
        struct task own;

        task_init(&own, t->now, 1);
        list[i].desk = d;
        list[i].run = run;
        list[i].how = how;
        rc = desk_inline(&own, d, list[i].stream, run_one, &list[i]);
        *changed += list[i].changed;
        if (rc)
            rc = desk_pass_fault(t, &own);
        task_release(&own);
    }
    return rc;
}
