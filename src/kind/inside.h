/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/inside.h - what the files of this room share while one definition is read.
 *
 * A struct load lives during one kind_load. Every refusal goes through refuse(), so that one run
 * reports as many as a fault holds. Pointers are built while walking: load_item() answers the
 * pointer of a list's item in the file as its author wrote it, also where a part was put in.
 */
#ifndef KIND_INSIDE_H
#define KIND_INSIDE_H

#include "kind/kind.h"

/* An item that a part brought, or that a part before it moved. */
struct load_origin {
    const struct json *item;
    const char *pointer;
};

struct load {
    struct task *t;
    struct arena *arena;
    const struct kind_files *files;
    struct json *file; /* parts put in */
    struct kind *k;
    struct load_origin *origins;
    size_t n_origins, origins_room;
    unsigned refused;
    /* the same arrays as in `k`, still open to writing */
    struct kind_field *fields;
    struct kind_state *states;
    struct kind_step *steps;
    struct kind_clock *clocks;
    struct kind_total *totals;
    struct kind_figure *figures;
};

#define refuse(l, pointer, ...) \
    ((l)->refused++, (void)fault((l)->t, FAULT_INPUT, (pointer), __VA_ARGS__))

#define load_new(l, type, n) ((type *)arena_alloc((l)->arena, sizeof(type) * ((n) ? (n) : 1)))

/* ---- load.c: names, titles, lists ---- */

bool load_is_name(const char *s);
/* Refuses members that `words` (separated by blanks) does not list. False where it is no object. */
bool load_words(struct load *l, const char *at, const struct json *object, const char *words);
/* A title "中文 | English" at /title; `needed` refuses its absence. NULL where there is none. */
const char *load_title(struct load *l, const char *at, const struct json *object, bool needed);
bool load_title_holds(struct load *l, const char *at, const char *title);
/* The name at `word` of `object`, refused where it is missing or ill-formed; NULL then. */
const char *load_name(struct load *l, const char *at, const struct json *object, const char *word);
const char *load_item(struct load *l, const char *at, const struct json *array, size_t i);
/* The list at `word`; absent → NULL; refused where it is no list. */
const struct json *load_list(struct load *l, const char *at, const struct json *object,
                             const char *word);
/* Texts of a list; anything else in it is refused. */
const char **load_names(struct load *l, const char *at, const struct json *array, size_t *n);
/* States named by a list, as bits. */
kind_states load_states_of(struct load *l, const char *at, const struct json *array);
/* The list at `in`; an empty one is refused: nothing would ever be in it. */
const struct json *load_in(struct load *l, const char *at, const struct json *object);
/* Columns every record has; conditions, lists and figures may read them. */
bool load_is_column(const char *name);

/* ---- load_part.c ---- */

/* Puts the parts into a copy of `file`; NULL where one was refused. */
struct json *load_parts(struct load *l, const struct json *file);

/* ---- load_schema.c ---- */

/* `top`: a field of the record itself, which may carry x-index, x-value, x-private, x-search. */
void load_schema(struct load *l, const char *at, const struct json *schema, bool top);

/* ---- load_field.c ---- */

void load_fields(struct load *l);
/* After totals and names are known: x-value, what it reads, cycles. */
void load_values(struct load *l);

/* ---- load_party.c ---- */

/* `why` is set to a title-like text where NULL is answered. `item`: inside `over`. */
const struct kind_party *load_party_text(struct arena *a, const struct kind *k, const char *text,
                                         bool item, const char **why);
const struct kind_party *load_party(struct load *l, const char *at, const struct json *value,
                                    const struct kind_set *over);
const struct kind_party *const *load_parties(struct load *l, const char *at,
                                             const struct json *array, const struct kind_set *over,
                                             size_t *n);
const struct kind_who *load_who(struct load *l, const char *at, const struct json *array,
                                size_t *n);
bool load_is_party_word(const char *text);

/* ---- load_condition.c ---- */

enum load_use {
    USE_GUARD,  /* judged once, never replayed: may read everything */
    USE_VALUE,  /* x-value: neither actor, old values nor private fields */
    USE_FIGURE, /* a figure's `if`: likewise */
    USE_FIND    /* a field of type logic: paths are of another kind */
};

struct load_scope {
    enum load_use use;
    const struct kind_set *over; /* inside `over`, or NULL */
};

enum load_type { T_ANY, T_TEXT, T_NUMBER, T_DECIMAL, T_BOOLEAN, T_ARRAY, T_OBJECT };

void load_condition(struct load *l, const char *at, const struct json *e,
                    const struct load_scope *scope);
/* The value of `if`: an expression, never a constant. */
void load_if(struct load *l, const char *at, const struct json *e, const struct load_scope *scope);
/* Whether something in the value is computed; else it is a literal. */
bool load_has_operation(const struct json *e);
enum load_type load_path(struct load *l, const char *at, const char *path,
                         const struct load_scope *scope, const struct json **values);
/* Whether the operator is JSONLogic's own. */
bool load_is_operator(const char *name);
/* The schema of one item of the array field that `over` walks, or NULL. */
const struct json *load_item_schema(const struct load *l, const struct kind_set *over);

/* ---- load_set.c ---- */

const struct kind_set *load_set(struct load *l, const char *at, const struct json *value,
                                bool total);
/* Values of `where` that are read of the record that asks: neither its actor's, nor old, nor private. */
void load_stated_values(struct load *l, const char *at, const struct kind_set *set);
/* A query that a user enters: {"from":KIND,"in","where"}; its kind is looked up by kind_query. */
const struct kind_set *load_query(struct load *l, const char *at, const struct json *value);
void load_totals(struct load *l);
bool load_agg(const char *text, enum kind_agg *agg, const char **rest);

/* ---- load_step.c ---- */

void load_state_names(struct load *l);
void load_step_names(struct load *l);
void load_states(struct load *l);
void load_steps(struct load *l);
const struct kind_effect *load_effects(struct load *l, const char *at, const struct json *array,
                                       bool timed, size_t *n);
const struct kind_assign *load_assigns(struct load *l, const char *at, const struct json *object,
                                       const struct kind_set *over, bool foreign, size_t *n);

/* ---- load_clock.c ---- */

void load_clock_names(struct load *l);
void load_clocks(struct load *l);
/* "3d", "LOCAL-x" or "SD-y"; false where it is none. */
bool load_after(const char *text, struct rule_duration *d, const char **row);

/* ---- load_figure.c ---- */

void load_figures(struct load *l);
void load_number(struct load *l);
void load_show(struct load *l);
void load_migrate(struct load *l);

/* ---- load_carry.c ---- */

void load_carries(struct load *l);
/* x-heads and x-words: headings and values as old ledgers write them. */
void load_ledger_words(struct load *l, const char *at, const struct json *schema);

/* ---- load_sight.c ---- */

void load_sight(struct load *l);

/* ---- load_whole.c: what only the whole file shows ---- */

void load_whole(struct load *l);

/* ---- catalog.c ---- */

struct kind_catalog {
    struct arena *arena;
    struct kind **kinds; /* all versions, in order of adding */
    size_t n, room;
};

/* ---- catalog_loop.c ---- */

/* Loops of steps made by rules alone (question 10 of the language); how many were refused. */
unsigned catalog_loops(struct task *t, const struct kind_catalog *c);
/* A pointer into one file among several: "hazard.json#/steps/3". */
const char *catalog_pointer(struct arena *a, const struct kind *k, const char *pointer);
/* A step effect of some kind calls this step. */
bool catalog_calls(const struct kind_catalog *c, const struct kind *k, const struct kind_step *s);
/* The set goes up a link that only the create step sets: it ends at the root. */
bool catalog_climbs(const struct kind *k, const struct kind_set *set);
bool catalog_born_link(const struct kind *k, const char *field);
/* The kinds whose records a set holds, newest versions; at most `room`. */
size_t catalog_members(const struct kind_catalog *c, const struct kind *k,
                       const struct kind_set *set, const struct kind **out, size_t room);

#endif
