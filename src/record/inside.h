/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/inside.h - what the files of this room share: a step while it is being judged.
 */
#ifndef RECORD_INSIDE_H
#define RECORD_INSIDE_H

#include "base/time.h"
#include "record/record.h"

/* Milliseconds since 2020-01-01T00:00:00Z are the upper 41 bits of a rid. */
#define RECORD_EPOCH INT64_C(1577836800000)

struct record_tried {
    int64_t rid;
    int step;
};

/* A step while it is judged: the record as it would be, what it was, and who acts. */
struct judged {
    struct record_act *act; /* NULL while a field is only read */
    struct task *task;
    struct store *store;
    const struct record_world *world;
    struct record *now;
    const struct json *old_fields; /* NULL at creation */
    const char *old_state;
    const struct json *item;       /* inside `over` */
    const struct kind_step *step;
    const struct org_actor *actor;
    bool no_desk;                  /* nobody of the state's list qualifies: the office has it */
    int depth;
};

struct json *record_read_path(void *judged, struct task *t, const char *path);
struct json *record_eval(struct judged *j, const struct json *expression);
bool record_holds(struct judged *j, const struct json *condition);

MUST_USE enum fault_code
record_party(struct judged *j, const struct kind_party *p, struct org_parties *out);
/* A party written as text inside a condition ("supervisor:enterprise"); false where it is none. */
bool record_party_text(struct judged *j, const char *text, struct org_parties *out);
/* The units and persons a JSON value names ("u5", "p7", a place code, or an array of them). */
MUST_USE enum fault_code
record_parties_of(struct judged *j, const struct json *value, struct org_parties *out);

struct json *record_numbers(struct arena *a, const int64_t *list, size_t n);

MUST_USE enum fault_code record_guard(struct judged *j, const struct kind_step *step);
/*
 * Whether the guard of a creating step asks a field that has to be given and is not: then what lacks is
 * said, and no right refused that the field might give.
 */
bool record_guard_lacks(struct judged *j, const struct kind_step *step);
MUST_USE enum fault_code record_apart(struct judged *j, const struct kind_step *step);
/* Whether a unit could make a step out of the record's state: for the desk. */
MUST_USE enum fault_code record_could_act(struct judged *j, int64_t unit, bool *could);
MUST_USE enum fault_code record_desk(struct judged *j);
/* Audience keys, parts and bars after the step, into now->parties and now->sealed. */
MUST_USE enum fault_code record_audience(struct judged *j);

/* Clocks after a step into now->clocks; figure changes as JSON. */
MUST_USE enum fault_code record_clocks(struct judged *j, int old_state, bool cycle_changed);
void record_due_of(struct record *r);
int64_t record_clock_late(struct judged *j, const char *clock);
int64_t record_clock_due(struct judged *j, const char *clock);
struct rule_tables record_tables(struct judged *j);
/* A LOCAL-… or SD-… row at the record's place on a day. */
bool record_limit(struct judged *j, const char *row, int32_t day, struct rule_duration *out,
                  const char **edition);

/* The event being judged remembers the edition of each table it stands on. */
void record_note_edition(struct judged *j, const char *table, const char *edition);
/* The local table a computed field takes its value from, itself or through others; NULL: none. */
const char *record_table_of(const struct kind *k, const char *field);

struct json *record_figures(struct judged *j, const struct record *before, const char *step);

/* Stocks of a record whose definition changed under it: what the old one counted is taken back. */
struct json *record_moved_figures(struct judged *j, const struct record *before);

/* What search knows of a record: number, title, unit and the fields marked for it; nothing private. */
const char *record_search_text(struct task *t, struct store *s, const struct record *r);

/* Sets and totals. Members: records (stream, rid), items, or units. */
struct member {
    int64_t stream, rid;      /* a record */
    struct record *record;    /* its row, where it is only counted */
    const struct json *item;  /* an item of an array, or what effects read of a record */
    int64_t unit;
    int64_t place;
};
MUST_USE enum fault_code
record_set(struct judged *j, const struct kind_set *set, struct member **out, size_t *n);
/* Candidates of a query entered by a user, within what the record's owner covers; `where` is set's. */
MUST_USE enum fault_code
record_query(struct judged *j, const struct kind_set *set, struct member **out, size_t *n);
struct json *record_total(struct judged *j, const char *name);
/* One condition on a value, by what both say alone: not under, within or draw. */
bool record_compares(enum kind_op op, const struct json *have, const struct json *want);

/* What the record lends from now on by its sight rules, into `parties`. */
MUST_USE enum fault_code record_lends(struct judged *j, struct json *parties);
/* Whether this lends the record, as the scope's rule says. */
bool record_is_lent(struct task *t, const struct org_lent *x, const struct record *r);
/* A step that a lent role may make: noted in the act, which writes it into the event. */
MUST_USE enum fault_code record_guard_lent(struct judged *j, const struct kind_step *step, bool *may);
/* One alternative of `who` without its condition: the role and the relation of an actor. */
MUST_USE enum fault_code
record_stands(struct judged *j, const struct kind_who *w, const struct org_actor *actor, bool *stands);

/* Effects, planned before the event is written. */
struct planned {
    const struct kind_effect *effect;
    int64_t stream;           /* where it acts */
    int64_t place;            /* of a raised record */
    int64_t rid;              /* of a stepped record */
    struct json *fields;
    struct json *owner;       /* raise: set owner */
    const char *row;          /* of an item of a list: where it stands, "/fields/findings/3"; else NULL */
};
MUST_USE enum fault_code
record_plan(struct judged *j, const struct kind_effect *effects, size_t n, struct planned **plans,
            size_t *n_plans, struct json **notices);
MUST_USE enum fault_code
record_carry_out(struct record_act *act, const struct planned *plans, size_t n);
/* One more effect: the open matter that nobody of the desk's list may act. */
MUST_USE enum fault_code
record_plan_matter(struct judged *j, struct planned **plans, size_t *n);
struct json *record_promise_body(struct task *t, const struct record_act *act, const struct planned *p);

/* Inner ways of acting: `by` says who is asked by the guards. */
enum record_by { BY_PERSON, BY_RULE, BY_CLOCK, BY_CARRY };
MUST_USE enum fault_code
record_create_by(struct record_act *act, enum record_by by, const struct kind *k, int64_t place,
                 const struct json *sent, const char *comment, struct record *out);
/* The same by another creating step: of a kind that has one for rows of an old ledger. */
MUST_USE enum fault_code
record_create_with(struct record_act *act, enum record_by by, const struct kind *k,
                   const struct kind_step *step, int64_t place, const struct json *sent,
                   const char *comment, struct record *out);
/* The record takes rows now: a promise to itself that the next group comes in. */
MUST_USE enum fault_code record_promise_carry(struct record_act *act, const struct record *r);
/* A creating step and a record not yet born, as the guards of that step read them. */
struct judged record_unborn(struct record_act *act, const struct kind *k, const struct kind_step *step,
                            int64_t place, const struct json *sent);
MUST_USE enum fault_code
record_step_by(struct record_act *act, enum record_by by, struct record *r,
               const struct kind_step *step, const struct json *sent, const char *comment);
/* Rule's steps of the record that have become true, then those of the records it names. */
MUST_USE enum fault_code record_settle(struct record_act *act, struct record *r);

/* The checks of a step, in the order in which they are made, and what ends it: its event and effects. */
struct judged record_judge(struct record_act *act, struct record *now, const struct kind_step *step);
MUST_USE enum fault_code
record_check_right(struct judged *j, enum record_by by, const struct kind_step *step);
MUST_USE enum fault_code record_check_comment(struct task *t, const char *comment);
MUST_USE enum fault_code record_check_condition(struct judged *j, const struct kind_step *step);
MUST_USE enum fault_code
record_conclude(struct judged *j, const struct record *before, struct json *given, const char *comment);
/* What is sent laid over what is there; null takes away. */
void record_overlay(struct arena *a, struct json *into, const struct json *from);

/* The unit a profile stands for (x-makes): made at creation, kept in step afterwards. */
MUST_USE enum fault_code record_profile(struct judged *j, struct json *given);

/* Appends the event and makes its rows. */
struct stated {
    const char *step;                  /* name written into the event */
    const struct json *given;          /* fields sent and set by this step */
    const char *comment;
    const struct planned *plans;
    size_t n_plans;
    struct json *notices, *figures;
    const char *name;                  /* of a rung or promise */
    const char *from;
    const char *series;
    int64_t serial;
};
/* The record as the step leaves it: `given` gains what the step sets, `what` its number. */
MUST_USE enum fault_code
record_outcome(struct judged *j, const struct record *before, struct json *given, struct stated *what);
MUST_USE enum fault_code
record_state(struct judged *j, const struct record *before, const struct stated *what);

MUST_USE enum fault_code
record_check_refs(struct record_act *act, const struct checked *c);
MUST_USE enum fault_code
record_check_named(struct record_act *act, const struct kind *k, const struct json *sent);

/* A record's row; private values are read with it. */
#define RECORD_COLUMNS                                                                              \
    "stream, rid, rev, kind, version, number, place, line, lines, unit, desk, state, level, cycle, " \
    "born, due, closed, sealed, title, fields, private, clocks, parties, seq"
/* Whether a list of `parties`, made into values or as it is written, has one of these keys. */
bool
record_holds_key(const struct json *list, const int64_t *keys, size_t n);
/* Empties the record; its definition by the numbers of its row. */
MUST_USE enum fault_code
record_read_kind(struct task *t, const struct record_world *w, int kind, int version, struct record *out);
/* The columns that are no JSON. */
MUST_USE enum fault_code
record_read_columns(struct task *t, const struct record_world *w, const struct rows *r, struct record *out);
MUST_USE enum fault_code
record_read_member(struct task *t, const struct rows *r, int column, struct json **out);
MUST_USE enum fault_code
record_read_row(struct task *t, const struct record_world *w, const struct rows *r, struct record *out);
/* The same, without what a total never reads: lines, clocks, parties, where private values are. */
MUST_USE enum fault_code
record_read_counted(struct task *t, const struct record_world *w, const struct rows *r, struct record *out);

#endif
