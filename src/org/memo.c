/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/memo.c - what a task has read of places, units and posts in the transaction it is in.
 *
 * One act asks for the same unit a dozen times: for its owner, its desk, its keys, its lines. The
 * memo answers what was read through the same connection since org_remember, and nothing longer: it
 * is begun with the act and dies with the task, so no right is ever taken from an older moment.
 *
 * Knows: the task's arena, open addressing.
 * Does not know: what the rows hold.
 */
#include "org/inside.h"
#include <string.h>

#define ROOM 256 /* an act of three events knows some fifty rows; a page of two hundred records, more */

struct entry {
    char what;
    bool taken;
    int64_t id;
    const void *row; /* NULL: looked for and not there */
};

struct memo {
    const struct store *store;
    size_t n, room;
    struct entry *entries;
};

void
org_remember(struct task *t, const struct store *s)
{
    struct memo *m = arena_alloc(t->arena, sizeof *m);

    m->store = s;
    m->room = ROOM;
    m->entries = arena_alloc(t->arena, ROOM * sizeof *m->entries);
    t->memo = m;
}

void
org_forget(struct task *t)
{
    t->memo = NULL;
}

static struct entry *
slot(const struct memo *m, char what, int64_t id)
{
    uint64_t h = ((uint64_t)id * 8 + (uint64_t)what) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(h >> 32) & (m->room - 1);

    while (m->entries[at].taken && (m->entries[at].id != id || m->entries[at].what != what))
        at = (at + 1) & (m->room - 1);
    return &m->entries[at];
}

bool
org_memo_get(const struct task *t, const struct store *s, char what, int64_t id, const void **row)
{
    const struct memo *m = t->memo;
    const struct entry *e;

    if (!m || m->store != s)
        return false;
    e = slot(m, what, id);
    *row = e->row;
    return e->taken;
}

static void
grow(struct task *t, struct memo *m)
{
    struct memo wider = {m->store, m->n, m->room * 2,
                         arena_alloc(t->arena, m->room * 2 * sizeof *m->entries)};

    for (size_t i = 0; i < m->room; i++)
        if (m->entries[i].taken)
            *slot(&wider, m->entries[i].what, m->entries[i].id) = m->entries[i];
    *m = wider;
}

void
org_memo_put(struct task *t, const struct store *s, char what, int64_t id, const void *row, size_t len)
{
    struct memo *m = t->memo;
    struct entry *e;

    if (!m || m->store != s)
        return;
    if (2 * (m->n + 1) > m->room)
        grow(t, m);
    e = slot(m, what, id);
    m->n += !e->taken;
    e->taken = true;
    e->what = what;
    e->id = id;
    e->row = row ? arena_copy(t->arena, row, len) : NULL;
}
