/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/record.h - the life of a record: born, moved by steps, timed by clocks, found again.
 *
 * The idea: one kernel runs every mechanism. A step is judged once, here, under the definition the
 * record obeys; its whole outcome (state, owner, desk, audience, clocks, derived fields, effects,
 * figure changes) is written into one event; every row is then copied from that event. Replay never
 * judges: record_project reads the event and nothing else.
 *
 * Invariants: every open record has one owner, one desk, a state of its definition, and a running
 * clock or the state's stated reason. A write passes through kind_check (struct checked) and the
 * guards of its step; who owed the work is kept in `parties` and never forgotten. A record's stream
 * is where it was born. An act writes one stream; effects elsewhere are promises.
 *
 * Life cycle: record_act_begin → record_create | record_step | record_fire | record_deliver →
 * the caller hands act->made to rollup and desk → chain_seal → commit. Any fault: the savepoint is
 * undone and nothing of the act remains.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "chain/chain.h"
#include "kind/kind.h"
#include "org/org.h"
#include "store/store.h"

/* ---- what all acts read: adopted definitions and standards, immutable, replaced whole ---- */

struct record_standard {
    const char *name, *edition;
    int64_t place; /* 0: everywhere */
    struct json *body;
};

struct record_world {
    struct arena *arena; /* holds all of it */
    struct kind_catalog *catalog;
    struct rule_calendar *calendar;
    struct json *limits;
    struct record_standard *standards;
    size_t n_standards;
    int64_t generation;
};

/* Reads everything adopted in the store into a new world with an arena of its own. */
MUST_USE enum fault_code
record_world_read(struct task *t, struct store *s, struct record_world **out);
/* Whether something was adopted since this world was read, by whatever process. */
MUST_USE enum fault_code
record_world_stale(struct task *t, struct store *s, const struct record_world *w, bool *stale);
void
record_world_free(struct record_world *w);
/* The adopted standard, its place nearest to (and above) `place`; NULL where none. */
const struct record_standard *
record_world_standard(const struct record_world *w, const char *name);

/* The rows of an adopted table, and the id and title of one row. */
const struct json *
record_world_rows(const struct record_world *w, const char *table);
const char *
record_row_id(const struct json *row);
const char *
record_row_title(const struct json *row);
/* The row of this id; NULL where there is none. */
const struct json *
record_world_row(const struct record_world *w, const char *table, const char *id);

/*
 * Adopts a definition or a standard by an event; the world must be read again. A new version keeps
 * the numbers of the states and levels it takes over (new ones come after them): audience rows of
 * both versions are read together. FAULT_INPUT at /version, /states, /fields/properties/level.
 */
MUST_USE enum fault_code
record_adopt_kind(struct task *t, struct store *s, struct chain_tip *tip, const struct org_actor *by,
                  const struct kind *k);
MUST_USE enum fault_code
record_adopt_standard(struct task *t, struct store *s, struct chain_tip *tip, const struct org_actor *by,
                      const char *name, int64_t place, const char *edition, const struct json *body);

/* ---- a record ---- */

struct record {
    int64_t stream, rid;
    int rev, version, cycle, line, level, state;
    const struct kind *kind;
    const char *number, *title;
    int64_t place, unit, born, due, closed, seq; /* 0: none */
    bool sealed;
    struct json *lines;   /* every supervising line */
    struct json *desk;    /* {"units":[…],"persons":[…],"roles":[…]}; roles: of whom there */
    struct json *fields;  /* public values, and private ones once record_open has read them; NULL: see written */
    const char *written;  /* the same as JSON text, where record_open_all has read it; else NULL */
    struct json *private_at; /* {"field":seq} */
    struct json *clocks;  /* {"clock":{"round","due","rungs":[[i,at]],"on","row","provisional","held","late","from"}} */
    struct json *parties; /* {"raiser","did","owed","persons","keys","part","never","above","reach","lent"} */
    const struct record *today; /* read as of a past day: as it is now, by which it is seen; else NULL */
    const struct record_view *seen; /* by `seen_by`, where a list has asked already; else NULL */
    const struct scope *seen_by;
};

const char *record_id(struct arena *a, int64_t stream, int64_t rid); /* 16 characters */
bool record_id_read(const char *id, int64_t *stream, int64_t *rid);

/* The record as it is now, private values read. `*found` false where there is none. */
MUST_USE enum fault_code
record_open(struct task *t, struct store *s, const struct record_world *w, int64_t stream, int64_t rid,
            struct record *out, bool *found);
/* The same without private values: enough to tell whether somebody may see it, in one statement. */
MUST_USE enum fault_code
record_open_row(struct task *t, struct store *s, const struct record_world *w, int64_t stream,
                int64_t rid, struct record *out, bool *found);
/* Reads the private values into its fields. */
MUST_USE enum fault_code
record_read_private(struct task *t, struct store *s, struct record *r);
/*
 * Many at once, each as record_open_row reads it, in one statement for each 256. What a list does not ask
 * for is not made into values: without RECORD_FIELDS their values are `written` alone, without
 * RECORD_PARTIES `parties` holds what record_view reads, its keys as they are written, and `clocks` is NULL.
 */
enum record_parts { RECORD_FIELDS = 1, RECORD_PARTIES = 2 };
struct record_at {
    int64_t stream, rid;
};
MUST_USE enum fault_code
record_open_all(struct task *t, struct store *s, const struct record_world *w, const struct record_at *at,
                size_t n, unsigned parts, struct record *out, bool *found);
/* The same of what names them and of what record_view reads, where nothing lent asks for more: nothing else is filled. */
MUST_USE enum fault_code
record_open_named(struct task *t, struct store *s, const struct record_world *w, const struct record_at *at,
                  size_t n, struct record *out, bool *found);
/* Their private values read, in one statement for each 256, into fields and written as far as there are. */
MUST_USE enum fault_code
record_read_privates(struct task *t, struct store *s, struct record *const *list, size_t n);

/* As it was at the end of `at`: folded from its events. */
MUST_USE enum fault_code
record_open_as_of(struct task *t, struct store *s, const struct record_world *w, int64_t stream,
                  int64_t rid, int64_t at, struct record *out, bool *found);

/* As it was after revision `rev`: the first answer to a repeated request. */
MUST_USE enum fault_code
record_open_rev(struct task *t, struct store *s, const struct record_world *w, int64_t stream,
                int64_t rid, int64_t rev, struct record *out, bool *found);

/* What a caller may see of it: everything, some fields, or nothing. */
struct record_view {
    bool sees, whole;
    const char **fields; /* opened by name: all there is where not whole, else the sealed ones */
    size_t n_fields;
};
void record_view(struct task *t, const struct scope *c, const struct record *r, struct record_view *out);
/* Whether the view opens a field. A sealed one (x-private) opens only by a sight rule that names it. */
bool record_shows(const struct record_view *v, const struct record *r, const char *name);
bool record_shows_field(const struct record_view *v, const struct kind_field *f);

/* A computed field that reads totals, today or other records is made at reading. In `t`. */
struct json *
record_field(struct task *t, struct store *s, const struct record_world *w, const struct record *r,
             const char *name);

/* ---- acting ---- */

struct record_made {
    const struct json *body;
    int64_t seq, rid;
    bool sealed;
};

struct record_act {
    struct task *task;
    struct store *store;
    const struct record_world *world;
    struct chain_tip *tip;
    struct org_actor actor;
    const struct scope *scope; /* whose references are checked; NULL for clock and rule */
    int depth, n_records;
    struct record_made *made;
    size_t n_made, room_made;
    struct record_tried *tried; /* automatic steps made already */
    size_t n_tried, room_tried;
    const struct kind *kind;    /* whose payload's references are checked */
    int64_t owner;              /* of the record a step is made on: may be named by who works on it */
    const char *cause;          /* name of the promise or rung that is being delivered */
    struct json *editions;      /* TABLE@EDITION of what a place or the law decided; NULL: none yet */
    struct json *lent;          /* {"by","role"}: the lent role a step is made in; NULL: his own */
    struct json *carried;       /* {"record","row","with"}: the act a row of an old ledger comes in by; else NULL */
    const struct kind *carrier; /* the kind of that act */
    bool dry;                   /* judged from first to last, and nothing written */
};

void
record_act_begin(struct record_act *act, struct task *t, struct store *s, const struct record_world *w,
                 struct chain_tip *tip, const struct org_actor *actor, const struct scope *scope);

/* A new record at `place` by the kind's creating step, then whatever rule's steps follow. */
MUST_USE enum fault_code
record_create(struct record_act *act, const struct kind *k, int64_t place, const struct json *sent,
              const char *comment, struct record *out);

/* One step by the actor. `sent` may be NULL: none. */
MUST_USE enum fault_code
record_step(struct record_act *act, struct record *r, const struct kind_step *step,
            const struct json *sent, const char *comment);

/* ---- an old ledger, carried in by the act of two people (kind->carries) ---- */

#define RECORD_PIECE 1024 /* rows of one sealed piece */

/*
 * The next group of rows of the act: each born as a record of its own in the name of the two who
 * prepared and confirmed it; one that cannot come in is undone and noted. Promises the group after it.
 * Nothing happens where the act is not, or no more, in a state that takes rows.
 */
MUST_USE enum fault_code
record_carry(struct record_act *act, struct record *r);
/*
 * Judges one row from first to last as it would come in at `place` by an act of the kind `carrier`, and
 * writes nothing: for a reading connection. `what` is the creating step it would take. FAULT_INPUT at /fields/….
 */
MUST_USE enum fault_code
record_carry_try(struct record_act *act, const struct kind *carrier, const struct kind *k, int64_t place,
                 const struct json *fields, const struct kind_step **what);

/* A rung that is due: its effects, once, by the clock. */
MUST_USE enum fault_code
record_fire(struct record_act *act, struct record *r, const char *clock, int round, int rung,
            int64_t due);

/* A promise from another stream. */
MUST_USE enum fault_code
record_deliver(struct record_act *act, const char *name, const struct json *body);

/*
 * Makes running clocks again by the calendar and the tables as they are known now, each by the rows
 * of the day it was set: a year that came later, a table adopted late. What has fired stays fired.
 */
MUST_USE enum fault_code
record_recalculate(struct record_act *act, struct record *r, bool *changed);

/* Takes the record to a newer version by that version's stated rule; `*moved` false: it stays. */
MUST_USE enum fault_code
record_migrate(struct record_act *act, struct record *r, const struct kind *to, bool *moved);

/* A place that went into another, and its organs: each with the one that takes over what is open. */
struct record_move {
    int64_t from, to;              /* places; 0: the tree above the record changed */
    const int64_t *ended, *takes;  /* units */
    size_t n_units;
};

/*
 * The tree above the record changed, or it lay where now nothing lies: place, open work of organs that
 * ended, desk, audience and stocks follow, then whatever rule's steps have become true. `*changed`
 * false: nothing had to follow, and no event was written.
 */
MUST_USE enum fault_code
record_relocate(struct record_act *act, struct record *r, const struct record_move *move, bool *changed);

/* What a person owed by name goes to another; both stay in who ever owed. */
MUST_USE enum fault_code
record_hand_over(struct record_act *act, struct record *r, int64_t from, int64_t to, bool *changed);

/*
 * Whether the actor may make the step on the record now, before he gives its fields: state, guards
 * and apart. Reasons are left in task->fault (FAULT_STATE, FAULT_RIGHT); nothing is written.
 */
MUST_USE enum fault_code
record_may(struct record_act *act, const struct record *r, const struct kind_step *step);
MUST_USE enum fault_code
record_may_create(struct record_act *act, const struct kind *k, bool *may);

/* ---- projection ---- */

/* Makes the rows of any event this room owns: records, definitions, standards. */
MUST_USE enum fault_code
record_project(struct task *t, struct store *s, const struct json *body, int64_t seq);
/* Kept tables with their keys; the bytes of attachments lie beside the store. */
#define RECORD_KEPT "record_file(digest) record_file_from(digest,account) "
#define RECORD_DERIVED                                                                              \
    "record_definition record_standard record_now record_vis record_left record_due_vis record_link " \
    "record_field record_due record_serial record_file_ref record_search_wait"

/* ---- finding ---- */

struct record_filter {
    const struct kind **kinds; /* none: all */
    size_t n_kinds;
    const char *states, *levels; /* names joined by commas; NULL: any */
    int64_t place, unit, desk_unit, desk_person;
    int line;                  /* 0: any */
    int64_t due_before;        /* 0: none */
    const char *q;
    const char *sort;          /* newest | due | FIELD | -FIELD */
    int limit;
    int64_t as_of;             /* 0: now */
    const char *cursor;
    struct json *fields;       /* {"field":"value"}: indexed fields */
    bool own;       /* only what names his units or himself: owner, raiser, desk */
    bool open_only; /* not in a final state */
    bool rows_only; /* private values are not read, and no total is counted */
    bool uncounted; /* the total is left to record_count: a figure may tell it */
    /* A last test of the caller's own; NULL: none. */
    bool (*fits)(void *who, const struct record *r);
    void *who;
    /* What that test asks, where it stands for place, state and level too: what has left the place comes as well. */
    const char *opens;
    int64_t born_before; /* an instant; 0: none */
    int64_t most;        /* so many fit in all, where it is known: the walk ends with the last; 0: not known */
    void (*rows)(void *who, const struct record *const *list, size_t n); /* these are tested next; NULL: it need not know */
    bool (*tired)(void *who); /* the test has worked enough for one page; NULL: it never does */
};

struct record_page {
    struct record *items;
    size_t n;
    const char *next;
    int64_t total;
    bool more_than_total; /* "1000+" */
};

MUST_USE enum fault_code
record_find(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
            const struct record_filter *f, struct record_page *out);
/* The total of a page that record_find left uncounted and did not read whole. */
MUST_USE enum fault_code
record_count(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
             const struct record_filter *f, struct record_page *out);

/* Whether a word stands in a list joined by commas, as filters are written. */
bool
record_listed(const char *list, const char *word);

/* Records that name this one in a record field. */
struct record_link {
    int64_t stream, rid;
    int kind;
    const char *field;
};
MUST_USE enum fault_code
record_links(struct task *t, struct store *s, const char *id, struct record_link **out, size_t *n);

/* A record whose row could not be read, in the task that tried it. */
struct record_unread {
    int64_t stream, rid;
    const char *why;
};
/*
 * Indexes up to `limit` records whose text waits; in a write transaction of its own. Those that
 * cannot be read are named in `unread` (room for `limit`) and wait no longer.
 */
MUST_USE enum fault_code
record_search_index(struct task *t, struct store *s, const struct record_world *w, int64_t limit,
                    int64_t *done, struct record_unread *unread, size_t *n_unread);

/* ---- clocks that are due ---- */

struct record_rung {
    int64_t stream, rid, due;
    const char *clock;
    int round, rung;
};
/* The earliest rungs due at or before `until`, in order of their instants. */
MUST_USE enum fault_code
record_rungs_due(struct task *t, struct store *s, int64_t until, struct record_rung *out, size_t room,
                 size_t *n);

/* ---- attachments ---- */

/* Checks size, type and picture; keeps the bytes beside the store; answers the same for known bytes. */
struct record_upload {
    const char *digest, *media_type;
    int64_t size;
    int width, height; /* 0: no picture */
    struct json *flags;
};
MUST_USE enum fault_code
record_file_check(struct task *t, const char *bytes, size_t len, struct record_upload *out);
MUST_USE enum fault_code
record_file_keep(struct task *t, struct store *s, const char *account, const char *bytes, size_t len,
                 const struct record_upload *u);
/* The bytes behind a digest, whoever asks; and bytes put back behind theirs. For backup and restore. */
MUST_USE enum fault_code
record_file_bytes(struct task *t, struct store *s, const char *digest, const char **bytes, size_t *len);
MUST_USE enum fault_code
record_file_return(struct task *t, struct store *s, const char *digest, const char *bytes, size_t len);
/* The bytes, where the caller may read a record that names them or has sent them himself. */
MUST_USE enum fault_code
record_file_read(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
                 const char *account, const char *digest, const char **bytes, size_t *len,
                 const char **media_type);

#endif
