/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/memo.c - what was read of places, units, people and posts, and need not be asked for again.
 *
 * One act asks for the same unit a dozen times: for its owner, its desk, its keys, its lines. A task's
 * memo answers what was read through the same connection in the same transaction, and nothing longer.
 * Behind it may stand the rows of the one who writes: they stay from transaction to transaction while
 * the generation of org's tables and the day stand still, and are thrown away whole when either moves,
 * when a write of org is begun, and when one is undone. Each connection that only reads has such rows
 * too, from request to request. No right is ever taken from an older moment: the generation is read in
 * the transaction or snapshot it is asked for in.
 *
 * Knows: arenas, open addressing, that a reader may still hold rows that the writer has thrown away.
 * Does not know: what the rows hold.
 */
#include "org/inside.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 64           /* an act of three events knows some fifty rows; grows */
#define ROWS_MAX 8192     /* of the writer's: some megabytes */
#define KEPT_BYTES ((size_t)512 * 1024) /* of each connection that only reads */

struct entry {
    char what;
    bool taken;
    int64_t id;
    const void *row; /* NULL: looked for and not there */
};

struct table {
    size_t n, room;
    struct entry *entries;
};

/* The writer adds; whoever renders the answer of a write reads. */
struct org_rows {
    pthread_mutex_t lock;
    struct arena *arena;
    struct table table;
    int64_t generation;
    int32_t day;
    atomic_bool stale;
    atomic_int held; /* by the writer and by each task */
};

struct memo {
    const struct store *store;
    uint64_t transaction;
    struct table table;
    struct org_rows *rows; /* NULL: none stand behind it */
    bool fills;            /* what is read goes into rows */
    bool holds;            /* rows are held by this task too */
};

/* ---- a table ---- */

static struct entry *
slot(const struct table *m, char what, int64_t id)
{
    uint64_t h = ((uint64_t)id * 8 + (uint64_t)what) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(h >> 32) & (m->room - 1);

    while (m->entries[at].taken && (m->entries[at].id != id || m->entries[at].what != what))
        at = (at + 1) & (m->room - 1);
    return &m->entries[at];
}

static bool
look_up(const struct table *m, char what, int64_t id, const void **row)
{
    const struct entry *e = m->room ? slot(m, what, id) : NULL;

    if (!e || !e->taken)
        return false;
    *row = e->row;
    return true;
}

static void
grow(struct arena *a, struct table *m)
{
    struct table wider = {m->n, m->room ? m->room * 2 : ROOM, NULL};

    wider.entries = arena_alloc(a, wider.room * sizeof *wider.entries);
    for (size_t i = 0; i < m->room; i++)
        if (m->entries[i].taken)
            *slot(&wider, m->entries[i].what, m->entries[i].id) = m->entries[i];
    *m = wider;
}

static void
put(struct arena *a, struct table *m, char what, int64_t id, const void *row, size_t len)
{
    struct entry *e;

    if (2 * (m->n + 1) > m->room)
        grow(a, m);
    e = slot(m, what, id);
    m->n += !e->taken;
    e->taken = true;
    e->what = what;
    e->id = id;
    e->row = row ? arena_copy(a, row, len) : NULL;
}

/* ---- the writer's rows ---- */

static void
let_rows_go(struct org_rows *r)
{
    if (!r || atomic_fetch_sub(&r->held, 1) > 1)
        return;
    pthread_mutex_destroy(&r->lock);
    arena_free(r->arena);
    free(r);
}

static struct org_rows *
rows_new(int64_t generation, int32_t day)
{
    struct org_rows *r = calloc(1, sizeof *r);

    must(r != NULL);
    pthread_mutex_init(&r->lock, NULL);
    r->arena = arena_new();
    r->generation = generation;
    r->day = day;
    atomic_init(&r->held, 1);
    return r;
}

enum fault_code
org_rows_now(struct task *t, struct store *s, struct org_rows **rows)
{
    int64_t generation = 0;
    int32_t day = time_day(t->now);
    struct org_rows *r = *rows;
    bool found;
    enum fault_code rc = store_one_int(t, s, &generation, &found,
                                       "SELECT n FROM org_generation WHERE what = 'org'", "");

    if (rc)
        return rc;
    if (r && !atomic_load(&r->stale) && r->generation == generation && r->day == day &&
        r->table.n < ROWS_MAX)
        return FAULT_NONE;
    let_rows_go(r);
    *rows = rows_new(generation, day);
    return FAULT_NONE;
}

void
org_rows_undone(struct org_rows *r)
{
    if (r)
        atomic_store(&r->stale, true);
}

void
org_rows_end(struct org_rows *r)
{
    let_rows_go(r);
}

/* ---- a task's memo ---- */

static struct memo *
memo_new(struct task *t, const struct store *s)
{
    struct memo *m = arena_alloc(t->arena, sizeof *m);

    m->store = s;
    m->transaction = store_transaction(s);
    return t->memo = m;
}

void
org_remember(struct task *t, const struct store *s)
{
    const struct memo *m = t->memo;

    if (m && m->store == s && m->transaction == store_transaction(s))
        return;
    org_let_go(t);
    (void)memo_new(t, s);
}

void
org_remember_with(struct task *t, const struct store *s, struct org_rows *rows)
{
    struct memo *m;

    org_let_go(t);
    m = memo_new(t, s);
    m->rows = rows;
    m->fills = m->holds = true;
    atomic_fetch_add(&rows->held, 1);
}

static void
drop(void *kept)
{
    let_rows_go(kept);
}

/* The connection's thread alone reads through it: its rows stay as long as the task is at work. */
enum fault_code
org_recall(struct task *t, struct store *s)
{
    struct org_rows *rows = store_kept(s);
    struct memo *m;
    enum fault_code rc;

    if (rows && arena_used(rows->arena) > KEPT_BYTES)
        org_rows_undone(rows);
    rc = org_rows_now(t, s, &rows);
    if (rc)
        return rc;
    store_keep(s, rows, drop);
    org_let_go(t);
    m = memo_new(t, s);
    m->rows = rows;
    m->fills = true;
    return FAULT_NONE;
}

void
org_remember_still(struct task *t, const struct store *s)
{
    struct memo *m = t->memo;

    if (!m) {
        org_remember(t, s);
        return;
    }
    m->store = s;
    m->transaction = store_transaction(s);
    m->fills = false;
}

int64_t
org_generation(const struct task *t)
{
    const struct memo *m = t->memo;

    return m && m->rows && !m->holds ? m->rows->generation : -1;
}

void
org_let_go(struct task *t)
{
    struct memo *m = t->memo;

    if (m && m->holds)
        let_rows_go(m->rows);
    t->memo = NULL;
}

void
org_forget(struct task *t)
{
    const struct memo *m = t->memo;

    if (m)
        org_rows_undone(m->rows);
    org_let_go(t);
}

static const struct memo *
memo_of(const struct task *t, const struct store *s)
{
    const struct memo *m = t->memo;

    return m && m->store == s && m->transaction == store_transaction(s) ? m : NULL;
}

/* Rows that went stale may be shown by whoever wrote before they did, and by nobody who writes. */
bool
org_memo_get(const struct task *t, const struct store *s, char what, int64_t id, const void **row)
{
    const struct memo *m = memo_of(t, s);
    bool found;

    if (!m)
        return false;
    if (look_up(&m->table, what, id, row))
        return true;
    if (!m->rows || (m->fills && atomic_load(&m->rows->stale)))
        return false;
    pthread_mutex_lock(&m->rows->lock);
    found = look_up(&m->rows->table, what, id, row);
    pthread_mutex_unlock(&m->rows->lock);
    return found;
}

static bool
fills_rows(const struct memo *m)
{
    return m->rows && m->fills && !atomic_load(&m->rows->stale);
}

struct arena *
org_memo_arena(const struct task *t, const struct store *s)
{
    const struct memo *m = memo_of(t, s);

    return m && fills_rows(m) ? m->rows->arena : t->arena;
}

void
org_memo_put(struct task *t, const struct store *s, char what, int64_t id, const void *row, size_t len)
{
    struct memo *m = t->memo;

    if (!memo_of(t, s))
        return;
    if (!fills_rows(m)) {
        put(t->arena, &m->table, what, id, row, len);
        return;
    }
    pthread_mutex_lock(&m->rows->lock);
    put(m->rows->arena, &m->rows->table, what, id, row, len);
    pthread_mutex_unlock(&m->rows->lock);
}
