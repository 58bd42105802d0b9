/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/kind.h - definitions of mechanisms, compiled; conditions, evaluated; payloads, checked.
 *
 * The idea: a mechanism is one JSON file (docs/definitions.md is its reference). This room reads it,
 * refuses whatever could go wrong later with a pointer into the file, and answers every question
 * that the file alone can answer. It is pure: no store, no clock, no tree. Where a condition needs
 * something outside (a linked record, a total, the actor), it asks through `struct kind_env`.
 *
 * Invariants: a `struct kind` is immutable and lives as long as its catalog. `struct checked` is
 * made here alone: nothing reaches a record that did not pass kind_check. Names inside a kind are
 * unique; states are numbered from 1 in file order (facets hold six bits), levels from 1 in the
 * order of the `level` field's enum (0: no level).
 *
 * Life cycle: kind_load each file (parts through a callback) → kind_catalog_add → kind_catalog_check
 * over all of them together → use. A new version is a new struct kind beside the old one.
 */
#ifndef KIND_KIND_H
#define KIND_KIND_H

#include "base/json.h"
#include "base/limit.h"
#include "base/task.h"
#include "rule/rule.h"
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t kind_states; /* bit n: state number n */

/* ---- parties: any name that leads to units or persons (closed set) ---- */

enum kind_party_sort {
    PARTY_OWNER,       /* owner */
    PARTY_RAISER,      /* raiser */
    PARTY_DESK,        /* desk */
    PARTY_ACTOR,       /* actor */
    PARTY_FIELD,       /* a unit, person, post or place field of the record, or an array of them */
    PARTY_LINK,        /* FIELD.PARTY: `name` the record field (or unit field with inner place), `inner` the party there */
    PARTY_DID,         /* did:STEP */
    PARTY_OWED,        /* owed: every unit that ever owned; person:owed: every person named responsible or who reported done */
    PARTY_OFFICE,      /* office:P */
    PARTY_UPPER,       /* upper:P */
    PARTY_SUPERVISOR,  /* supervisor:P */
    PARTY_SUPERVISORS, /* supervisors:P */
    PARTY_AT,          /* at:FIELD */
    PARTY_TEAM,        /* team:P */
    PARTY_PLACE,       /* place: the record's own */
    PARTY_PUBLIC       /* public */
};

struct kind_party {
    enum kind_party_sort sort;
    bool person;              /* "person:" before it: compare the person only */
    const char *name;         /* field, step */
    const struct kind_party *inner;
    const char *text;         /* as written */
};

/* ---- guards ---- */

enum kind_relation {
    IS_ANY,        /* no `is`: role alone */
    IS_SAME, IS_UNDER, IS_ABOVE, IS_SUPERVISES, IS_OFFICE, IS_UPPER, IS_PERSON, IS_DID,
    IS_PUBLIC, IS_CLOCK, IS_RULE,
    IS_CARRY       /* rows of an old ledger, carried in by the act of two people */
};

struct kind_who {
    const char **roles; /* none: any */
    size_t n_roles;
    enum kind_relation is;
    const struct kind_party *party; /* NULL for IS_ANY, IS_PUBLIC, IS_CLOCK, IS_RULE, IS_CARRY, IS_DID (step) */
    const char *step;               /* IS_DID */
    const struct json *condition;   /* `if`, or NULL */
};

/* ---- sets ---- */

enum kind_set_sort {
    SET_ITEMS,    /* array field of this record: each item */
    SET_RECORD,   /* record field (or array of them) */
    SET_UNITS,    /* unit, person, post or place field, or array of them */
    SET_LINKED,   /* KIND.FIELD: records of KIND whose FIELD is me */
    SET_TREE,     /* KIND.FIELD*: all below me */
    SET_KIND,     /* records of a kind */
    SET_PLACES,   /* child places of my place */
    SET_FIND      /* a field of type find */
};

enum kind_op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_HAS, OP_UNDER, OP_WITHIN, OP_MISSING, OP_DRAW };

struct kind_where {
    const char *field;
    enum kind_op op;
    const struct json *value; /* literal or {"var":…} */
};

struct kind_set {
    enum kind_set_sort sort;
    const char *field; /* own field, or the link field of `kind` */
    const char *kind;  /* SET_LINKED, SET_TREE, SET_KIND */
    const char **states; /* `in`, names of the members' kind; none: any */
    size_t n_states;
    const struct kind_where *where;
    size_t n_where;
    const char *text;
};

/* ---- effects ---- */

enum kind_effect_sort { EFFECT_RAISE, EFFECT_STEP, EFFECT_NOTIFY };

struct kind_assign {
    const char *name;
    const struct json *value; /* JSONLogic; a literal stands for itself */
};

struct kind_effect {
    enum kind_effect_sort sort;
    const char *name;                /* the kind raised, the step made */
    const struct kind_set *over;     /* NULL: once (raise, notify); a step effect names its target */
    const struct json *condition;
    const struct kind_assign *set;
    size_t n_set;
    const struct kind_party *const *parties; /* notify */
    size_t n_parties;
    const char *title;               /* a rung's own name; NULL without */
    bool timed;                      /* a rung of a clock: `after` below */
    struct rule_duration after;
    const char *after_row;           /* LOCAL-… or SD-… instead of `after` */
    const char *pointer;             /* into the file, for messages and the graph */
};

/* ---- fields ---- */

enum kind_field_type { FIELD_TEXT, FIELD_INTEGER, FIELD_BOOLEAN, FIELD_DATE, FIELD_TIME, FIELD_DECIMAL, FIELD_ARRAY, FIELD_OBJECT };

struct kind_field {
    const char *name, *title;
    enum kind_field_type type;       /* money and decimal are FIELD_DECIMAL */
    const struct json *schema;       /* as in the expanded file */
    const char *names;               /* x-field: "unit" "person" "post" "place" "file" "record" "money" "decimal" "find" "logic" "figure" "duration" "edition" "code", or NULL; of items for arrays */
    const char **kinds;              /* record:KIND|KIND */
    size_t n_kinds;
    const char *table;               /* code:TABLE */
    bool indexed;
    bool private_value;              /* kept outside the hashed bytes: text that no mark makes public, or x-private */
    const char *seal;                /* x-private's text, or NULL */
    const struct json *computed;     /* x-value, or NULL */
    bool kept_total;                 /* computed, and reads totals, today or other records: made at reading */
    bool required;                   /* in the file's `required` */
    int index;                       /* among indexed fields, from 0; -1 */
};

struct kind_state {
    const char *name, *title;
    int number; /* from 1 */
    bool final;
    const char *hold; /* the stated reason why no clock runs, or NULL */
    bool desk_given;
    const struct kind_who *desk;  /* IS_SAME or IS_PERSON of a party; roles: of whom at that unit */
    size_t n_desk;
};

struct kind_ask {
    const struct kind_field *field;
    bool now; /* `!`: must be given */
};

/* `refused`: where the condition holds, the step is refused with these words. */
struct kind_refusal {
    const struct json *condition;
    const char *says;
};

struct kind_step {
    const char *name, *title;
    bool creates;       /* from: [] */
    kind_states from;
    int to;             /* state number; 0: stays */
    const struct kind_who *who;
    size_t n_who;
    bool by_rule, by_clock, by_public; /* some alternative says so */
    bool by_carry;      /* every alternative says so: rows of an old ledger alone */
    bool automatic;     /* a rule's step with an `if` and nobody else: tried after every step */
    const struct kind_party *const *apart;
    size_t n_apart;
    bool apart_given;
    const struct json *condition;
    const struct kind_refusal *refusals;
    size_t n_refusals;
    const struct kind_ask *ask;
    size_t n_ask;
    const struct kind_assign *set;
    size_t n_set;
    const struct kind_effect *effects; /* `do` */
    size_t n_effects;
    int index; /* in file order, from 0 */
};

enum kind_clock_from { CLOCK_ENTER, CLOCK_FIELD, CLOCK_STEP };

struct kind_clock {
    const char *name, *title;
    kind_states in, hold;
    enum kind_clock_from from;
    const char *from_name;           /* field or step */
    bool after_given;                /* else the field it counts from is the due itself */
    struct rule_duration after;
    const char *after_row;           /* LOCAL-…, SD-… */
    const char *after_field;         /* a field of type duration */
    bool repeats;                    /* every … */
    const struct json *condition;    /* `if`: the clock starts only where it holds; NULL: always */
    const struct kind_effect *rungs; /* in order of `after` as written */
    size_t n_rungs;
    int index;
};

enum kind_agg { AGG_COUNT, AGG_SUM, AGG_MIN, AGG_MAX, AGG_LATEST, AGG_ANY, AGG_ALL, AGG_NONE, AGG_RATIO };

struct kind_total {
    const char *name;
    const struct kind_set *over;
    enum kind_agg agg;
    const char *field;    /* sum min max latest */
    const char *a, *b;    /* ratio of two totals */
};

struct kind_figure {
    const char *name, *title;
    const char *rule;             /* what it counts, in words; NULL: as its states or steps say */
    enum kind_agg agg;            /* count, sum, ratio */
    const char *field;            /* sum */
    const char *a, *b;            /* ratio of two figures of the same definition */
    bool stock;                   /* `in`: how many are now; else a flow of `step` */
    kind_states in;
    const char **steps;
    size_t n_steps;
    const struct kind_field *const *by;  /* "level" and "state" are allowed as names: see by_names */
    const char **by_names;
    size_t n_by;
    const struct json *condition;
    /*
     * Date field whose day is counted; NULL: the day of the step. Of a stock: it counts by that day,
     * which moves with the field, and a record without one is not counted. Its day is a dimension
     * of its cells, of a name that no field has.
     */
    const char *from;
};
#define KIND_FIGURE_DAY "@day"

struct kind_sight {
    kind_states in; /* all ones where the file says nothing */
    const struct kind_who *only;  /* a bare party P stands as {"is":"same:P"}, a person as person:P */
    size_t n_only;
    const struct kind_party *const *never;
    size_t n_never;
    const struct kind_party *const *to;
    size_t n_to;
    const char **fields;
    size_t n_fields;
    const struct kind_set *over;
    const char **roles;
    size_t n_roles;
};

struct kind_show {
    const char *to, *title;
    const char **fields;
    size_t n_fields;
    const char **signs; /* a paper's lines to sign; none: the page's own */
    size_t n_signs;
    const char *by;     /* the unit a paper is of: a field of mine, or `owner`; NULL: not said */
    const char **says;  /* what a paper says in every case: basis, remedies */
    size_t n_says;
    const struct json *condition;
};

/*
 * A kind whose records are the act by which an old ledger comes in (`carries`): which kind it is, the
 * sealed pieces that hold its rows, how far it is, what was left out, and who the two people are.
 */
struct kind_carries {
    const struct kind_field *into;    /* text: the kind its rows become */
    const struct kind_field *rows;    /* list of {"file","rows"}: pieces in their order */
    const struct kind_field *taken;   /* integer: rows that have had their turn */
    const struct kind_field *refused; /* integer: of them, those that could not come in */
    const struct kind_field *left;    /* list of {"row","why"}: the first of those */
    const struct kind_step *prepared, *confirmed; /* whose makers the two people are */
    const struct kind_step *step;     /* open to `carry`: takes the next group */
};

struct kind_migrate {
    const int *from; /* versions */
    size_t n_from;
    const struct json *condition;
    const struct json *to; /* {"old state":"new state"} or NULL */
    const struct kind_assign *set;
    size_t n_set;
};

struct kind {
    const char *name, *title;
    int version;
    const char *digest;          /* hex SHA-256 of the canonical expanded file */
    const struct json *source;   /* expanded: parts put in */
    const struct kind_field *fields;
    size_t n_fields;
    const struct kind_state *states; /* states[number-1] */
    size_t n_states;
    const struct kind_step *steps;
    size_t n_steps;
    const struct kind_clock *clocks;
    size_t n_clocks;
    const struct kind_total *totals;
    size_t n_totals;
    const struct kind_figure *figures;
    size_t n_figures;
    const struct kind_sight *sight;
    size_t n_sight;
    const struct kind_show *show;
    size_t n_show;
    const struct kind_carries *carries; /* NULL: it carries nothing in */
    const struct kind_migrate *migrate;
    size_t n_migrate;
    const char *number_step, *number_pattern; /* NULL without numbers */
    const char **levels;         /* values of the field `level` */
    size_t n_levels;
    int id;                      /* number of the kind's name in this store (1…4095), set at adoption */
};

/* ---- loading ---- */

struct kind_files {
    /* Bytes of definitions/parts/NAME.json, or NULL. */
    const char *(*part)(void *who, const char *name, size_t *len);
    void *who;
};

/*
 * Reads one definition; the result lives in `t`'s arena. Every refusal of "Refused at load" that one
 * file can show is reported, FAULT_INPUT, each with a JSON Pointer into the file and what to do.
 */
MUST_USE enum fault_code
kind_load(struct task *t, const char *bytes, size_t len, const struct kind_files *files,
          struct kind **out);

struct kind_catalog;

struct kind_catalog *kind_catalog_new(struct arena *a);
/* Adds a kind; the same name and version twice is FAULT_INPUT. */
MUST_USE enum fault_code kind_catalog_add(struct task *t, struct kind_catalog *c, struct kind *k);
/* Version 0: the newest. NULL where there is none. */
const struct kind *kind_find(const struct kind_catalog *c, const char *name, int version);
const struct kind *kind_find_id(const struct kind_catalog *c, int id);
/* That version of the kind of this number; NULL where there is none. */
const struct kind *kind_find_numbered(const struct kind_catalog *c, int id, int version);
/* The newest version of each kind, in order of id then name. */
size_t kind_catalog_count(const struct kind_catalog *c);
const struct kind *kind_catalog_at(const struct kind_catalog *c, size_t i);
/* What only all files together can show: raised kinds, links, loops of rules, steps called by effects. */
MUST_USE enum fault_code kind_catalog_check(struct task *t, const struct kind_catalog *c);
/* How mechanisms feed each other, as SVG text. */
const char *kind_catalog_graph(struct task *t, const struct kind_catalog *c);

/* ---- looking inside ---- */

const struct kind_field *kind_field(const struct kind *k, const char *name);
const struct kind_step *kind_step(const struct kind *k, const char *name);
const struct kind_state *kind_state(const struct kind *k, const char *name);
const struct kind_state *kind_state_at(const struct kind *k, int number);
const struct kind_clock *kind_clock(const struct kind *k, const char *name);
const struct kind_figure *kind_figure(const struct kind *k, const char *name);
/* What a figure counts, {"zh","en"}: its own words, or those its states, steps and sides make. */
struct json *kind_figure_rule(struct task *t, const struct kind *k, const struct kind_figure *f);
const struct kind_total *kind_total(const struct kind *k, const char *name);
/* The step by which people and rules create; those that carry an old ledger's rows in stand beside it. */
const struct kind_step *kind_create_step(const struct kind *k);
/* The field of a carried record that names the act it came in by; NULL: nothing of `act` becomes `k`. */
const struct kind_field *kind_carried_by(const struct kind *k, const struct kind *act);
/* The first date that a carrying step demands: by it the rows of an old ledger are put in order. */
const struct kind_field *kind_carry_order(const struct kind *k);
int kind_level_number(const struct kind *k, const char *level); /* 0: none */
/*
 * The party that a path of a condition names ("owner", "upper:did:order", "subject.owner"), in `a`;
 * NULL where the text is none. What kind_load accepted in a condition always reads back here.
 */
const struct kind_party *kind_party_read(struct arena *a, const struct kind *k, const char *text);
bool kind_in(kind_states set, int state);
int kind_facet(int state, int level); /* state << 4 | level */

/* ---- conditions ---- */

/*
 * What a condition can read beyond literals. `read` answers a path ("level", "old.deadline",
 * "total.open", "subject.level", "me.unit", "days.deadline", "late.rectify", "item.weight" …) or NULL.
 * The type of a path (decimal or not) is told by kind_path_is_decimal of the environment's kind.
 */
struct kind_env {
    const struct kind *kind; /* may be NULL: no declared decimals */
    struct json *(*read)(void *who, struct task *t, const char *path);
    void *who;
};

/*
 * The value of a JSONLogic expression. Own operators only; exact decimal arithmetic: whole results
 * are integers, others decimal strings. Never fails: what cannot be computed is null (division by
 * zero, a missing path). Pure apart from env->read. Result in `t`.
 */
struct json *kind_eval(struct task *t, const struct kind_env *env, const struct json *expression);
bool kind_true(const struct json *value); /* JSONLogic truth */
/* Names listed by {"missing":[…]} and {"missing_some":…} inside `expression` that are missing now. */
size_t kind_missing(struct task *t, const struct kind_env *env, const struct json *expression,
                    const char **names, size_t room);
/* Whether the expression reads a path that begins with `prefix` ("today", "total.", …). */
bool kind_reads(const struct json *expression, const char *prefix);

/* ---- payloads ---- */

/* A stated thing that must exist, be of that sort, and be visible to who names it: org's question. */
struct kind_ref {
    const char *pointer; /* "/fields/enterprise" */
    const struct kind_field *field;
    const char *names;   /* sort */
    const char *table;   /* of a code, by the mark where it stands: a row's own, or the field's */
    const char *id;
    const struct json *value; /* of a query ("find"): kind_query asks about it */
};

struct checked {
    const struct kind *kind;
    const struct kind_step *step;
    const struct json *fields; /* only those given, each by its schema */
    const struct kind_ref *refs;
    size_t n_refs;
};

/*
 * Checks what was sent for a step: an object, no unknown field, each by its schema, every `!` field
 * given: now, or earlier (`have` are the record's fields, NULL on creation) where it is a fact that
 * stands; words and evidence (free text, files, lists, objects) are given with the act. Reports
 * every problem at "/fields/…". FAULT_INPUT.
 */
MUST_USE enum fault_code
kind_check(struct task *t, const struct kind *k, const struct kind_step *step,
           const struct json *have, const struct json *sent, struct checked *out);

/*
 * A query that stands in a field of type find, as a set of the kind it names: checked by the code
 * that checks sets of definitions, against the definitions adopted now. Totals of `k` over the field
 * must find what they add up there. FAULT_INPUT at `pointer`; the set lives in `t`.
 */
MUST_USE enum fault_code
kind_query(struct task *t, const struct kind_catalog *c, const struct kind *k, const char *field,
           const char *pointer, const struct json *value, const struct kind_set **out);

/*
 * One value against a schema of the stated subset; faults are added at `pointer`. Public for the
 * published test suite and for fields that carry a query.
 */
bool kind_schema_holds(struct task *t, const struct json *schema, const struct json *value,
                       const char *pointer);

/* ---- what pages and the API make of it ---- */

/* GET /kinds/KIND: titles as {"zh","en"}, fields with x-from, x-titles and x-chips. */
struct json *kind_describe(struct task *t, const struct kind *k);
/* The JSON Schema of one step's `ask`: `!` becomes required. */
struct json *kind_step_schema(struct task *t, const struct kind *k, const struct kind_step *s);
/* {"zh","en"} of "中文 | English". */
struct json *kind_title(struct arena *a, const char *title);
/* {"zh","en"} of an enum value: from `x-titles` in the field's schema, else the value itself. */
struct json *kind_value_title(struct arena *a, const struct kind_field *f, const char *value);

#endif
