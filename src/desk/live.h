/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/live.h - what the two files of live push share: the connections, and one look at the log.
 *
 * The idea: one thread of the process reads the log on from where it stands, in a snapshot of its own:
 * woken by a commit here, and every LIVE_POLL_US where other processes write the same store (nothing is
 * sent from within a write). What happened to a record between two looks is one change: as it was
 * before, as it is now. Whoever holds one of its audience keys before or after is asked the whole
 * question, by the rows in memory; before he is told anything his token is looked for in that snapshot,
 * and his scope read anew where org has changed. A look is told whole or not at all: one that fails is
 * taken again from the same place.
 *
 * Who touches what: `fresh`, `n`, `moved`, `stopping` and the links of `clients` are under `lock`;
 * everything else is the thread's. Under the lock nothing waits: neither a store nor a socket.
 */
#ifndef DESK_LIVE_H
#define DESK_LIVE_H

#include "base/text.h"
#include "desk/inside.h"

#define LIVE_POLL_US  INT64_C(200000)
#define LIVE_TICK_US  INT64_C(1000000)  /* whoever has gone is let go, and a part of the others is asked */
#define LIVE_ROUND    20                /* ticks in which everybody has had his beat */
#define LIVE_ROWS     1000              /* events of one look; who has missed more reads anew */
#define LIVE_RESYNC   "event: resync\ndata: {}\n\n"
#define LIVE_BYE      "event: bye\ndata: {}\n\n"

struct client {
    struct client *next, *next_touched;
    struct desk_sink sink;
    char account[101], token[101];
    struct scope scope; /* `tied` is its own; the bodies of `lent` are the look's */
    int64_t *tied;
    int64_t pos;        /* of a fresh one: told up to here. The others stand where the room stands */
    int64_t generation; /* of org, as its scope was read; -1: to be read again */
    int32_t day;
    unsigned turn;      /* its part of the round */
    uint64_t looked;    /* the look in which he was last asked who he is */
    uint64_t asked;     /* the change he was last asked about */
    uint64_t touched;   /* the look that has something for him */
    uint64_t lent;      /* a mark of what is lent to him */
    bool fresh, beat;
    bool lost;          /* had too much waiting, and was told so */
    bool stale;         /* to be told to read anew */
    bool over, bye;     /* to be let go; because his token has ended */
    struct text out;    /* of the look that touched him */
};

struct audience { /* who holds a key; key 0: who is asked about everything */
    int64_t key;
    struct client *client;
};

struct live {
    struct desk *desk;
    struct store *store;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    pthread_t thread;
    bool runs, stopping, moved;
    struct client *fresh, *clients;
    size_t n;
    unsigned turns;             /* given out */
    int64_t pos;                /* everybody but the fresh has been told up to here */
    int64_t rights;             /* org_rights_moment, as everybody was last asked */
    int64_t tick_at, asked_at;  /* the next tick; from when on everybody may be asked again */
    int64_t failing_since;      /* 0: the last look went well */
    unsigned tick;
    uint64_t look, change;      /* counted */
    struct audience *audience;  /* by key */
    size_t n_audience, audience_room;
    bool audience_stale;
    bool restless;              /* somebody is fresh, or was not told what he was to be */
};

/* What is heard in one look; dies with its task. */
struct look {
    struct task *task;
    struct change *changes, **end;
    struct client *touched;
    size_t n;
    int64_t from, last; /* places: behind this one, up to that one */
    bool more, tick;
};

/* One look, from the snapshot to what is put. A fault: nothing was told, everybody stands where he stood. */
MUST_USE enum fault_code live_look(struct live *l, struct look *k);

/* What the thread does again and again: whoever is fresh comes in, one look, whoever is over leaves. False: it failed. */
bool live_turn(struct live *l);

/* Copies what a scope points to, but for what is lent, which is read anew in every look. */
void live_keep_scope(struct client *c, const struct scope *from);
uint64_t live_mark_of_lent(const struct scope *c);

#endif
