/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo.h - the demonstration city: what its files share.
 *
 * The idea: demo/script.json says who exists, what arises and who does what about a record of a
 * kind in a state; these files carry it out and know no kind, step or state. Everything simulated
 * goes through record_create and record_step as a person with a post, at a time of his own, so that
 * every guard, clock and figure works as for anybody.
 *
 * Invariants: whatever is drawn is a function of the seed and of what it is drawn for: the same
 * seed and days make the same bytes. Time never runs backwards in a stream.
 *
 * Life cycle: demo_begin → (demo_org_make →) demo_org_load → demo_live_load → demo_live_days →
 * demo_end.
 */
#ifndef DESK_DEMO_H
#define DESK_DEMO_H

#include "desk/inside.h"

#define DEMO_MILLION 1000000

struct demo_unit {
    int64_t id, place, stream;
    const char *sort, *name, *code; /* code: of its place */
    int line;
    bool one_person, gone;                       /* gone: deregistered */
    const struct json *pattern;                  /* of an enterprise */
    int64_t supervisor, other, township, office; /* other: another line that supervises it too */
    size_t first, n;                             /* its people */
};

struct demo_person {
    int64_t person, post;
    size_t unit;
    const char *role, *account;
    bool certified;
};

/* A record that is open, and what will be done about it. */
struct demo_live {
    int64_t stream, rid, seq, entered_at, last_at;
    const char *state;
    int64_t plan_at;
    const struct json *plan; /* rule of the script; NULL: nobody does anything */
    size_t first;            /* rules before it were refused in this state */
    unsigned stamp;
};

/* One thing that happens in a stream: a plan about a record, or something that arises at a unit. */
struct demo_entry {
    int64_t at;
    size_t live, unit;
    unsigned stamp;
    const struct json *arises;
};

struct demo_stream {
    int64_t stream, last;
    struct demo_entry *heap;
    size_t n, room;
};

struct demo_refusal {
    const char *what;
    int64_t n;
};

struct demo {
    struct task *task; /* its arena lives as long as the run */
    struct desk *desk;
    uint64_t seed;
    const char *scale, *password;
    int32_t from, until,
        anchor; /* anchor: the day stories are counted back from; 0: none are told */
    const struct json *script, *city, *hazards, *texts, *season, *counts;
    void (*progress)(void *who, const char *line);
    void *who;
    struct demo_unit *units;
    size_t n_units;
    struct demo_person *people;
    size_t n_people;
    struct demo_stream *streams;
    size_t n_streams;
    struct demo_live *lives;
    size_t n_lives, room_lives;
    uint32_t *index; /* of lives by stream and rid; 0: free */
    size_t n_index;
    int64_t pos;         /* of the feed */
    uint64_t told[4096]; /* which grave sentence was found at which enterprise */
    size_t n_told;
    struct record_upload *pictures;
    const char **picture_bytes;
    size_t n_pictures;
    struct demo_refusal refused[64];
    size_t n_refused;
    int64_t n_acts, n_arisen, n_fired, n_no;
};

/* What is being filled in: who acts, where, about what. */
struct demo_scene {
    struct demo *x;
    struct task *task;
    struct store *store;
    struct random random;
    const struct demo_person *me;
    size_t unit;                 /* the enterprise it is about */
    const struct record *record; /* NULL where it arises */
    const struct scope *scope;   /* of who acts */
    const struct json *finding;  /* the sentence drawn from demo/hazards.json */
    bool grave;
};

MUST_USE enum fault_code demo_begin(struct demo *x);
void demo_say(struct demo *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says how much has happened so far. */
void demo_count(struct demo *x, const char *when);
const struct json *demo_scale(const struct demo *x);

/* ---- draws ---- */
uint64_t demo_mix(uint64_t a, uint64_t b);
/* 0 … DEMO_MILLION - 1 */
int64_t demo_draw(struct random *r);
/* "0.085" → 85000 */
int64_t demo_share(const char *text, int64_t otherwise);
/* "30m" "2h" "-3d" → milliseconds */
int64_t demo_span(const char *text);
/* Parts of a text between bars: "a|b" → ["a","b"]. */
struct json *demo_parts(struct arena *a, const char *list);
/* A span by quantiles [["0","1h"],["0.5","6d"],["1","30d"]], straight between the points. */
int64_t demo_quantile(const struct json *points, int64_t at);
/* The same instant, or the next one inside working hours of a working day. */
int64_t demo_office_hours(const struct demo *x, int64_t at, uint64_t draw);
/* The working day it is, or the next one. */
int32_t demo_workday(const struct demo *x, int32_t day);
/* How busy a day is, DEMO_MILLION on an average working day. */
int64_t demo_busy(const struct demo *x, int32_t day);
int64_t demo_window(const struct json *window, int32_t day, uint64_t draw);

/* ---- units and people ---- */
MUST_USE enum fault_code demo_org_make(struct demo *x);
MUST_USE enum fault_code demo_firms_make(struct demo *x);
/* Those that are registered only that many days before the last one; everybody is read again. */
MUST_USE enum fault_code demo_firms_late(struct demo *x, int32_t day);
MUST_USE enum fault_code demo_org_load(struct demo *x);
/* Who supervises an enterprise, asked again: its industry was put right. */
MUST_USE enum fault_code demo_supervised(struct task *t, struct store *s, struct demo_unit *u);
/* The department of a line in the stream of an enterprise; 0: there is none. */
int64_t demo_organ(const struct demo *x, const struct demo_unit *firm, const char *line);
struct demo_unit *demo_unit(const struct demo *x, int64_t id);
/* The unit a record is about: the field the script names for its kind, else its owner. */
struct demo_unit *demo_firm_of(const struct demo *x, const struct record *r);
/* One of the people at a unit whose role is listed and who is not among `but`; NULL where nobody
 * is. */
const struct demo_person *demo_one_of(const struct demo *x, const struct demo_unit *u,
                                      const struct json *roles, const int64_t *but, size_t n_but,
                                      uint64_t draw);
void demo_actor(const struct demo *x, const struct demo_person *p, struct org_actor *out);
/* A name of the city's stock; never a real person's. */
const char *demo_name(const struct demo *x, struct random *r);

/* ---- filling in ---- */
/* A copy of `form` with every "$…" replaced; members that come out as nothing are left out. */
struct json *demo_fill(struct demo_scene *s, const struct json *form);
/* The sentence a record was written from; NULL where it was written from none. */
const struct json *demo_sentence(const struct demo *x, const struct record *r);
void demo_draw_finding(struct demo_scene *s, const struct json *how);
/* A sentence is not drawn again at a unit. */
void demo_tell(struct demo *x, size_t unit, const struct json *sentence);

/* ---- pictures ---- */
#define DEMO_WIDTH  320
#define DEMO_HEIGHT 240

enum demo_purpose { DEMO_BEFORE, DEMO_AFTER, DEMO_CHECK, DEMO_PAPER, DEMO_PURPOSES };

/*
 * The scene of a seed into DEMO_HEIGHT lines of one filter byte and DEMO_WIDTH colours; another
 * variant of a seed is the same thing taken again from a step aside. `stamp`: "2026-07-06" or NULL.
 */
void demo_paint(uint8_t *pixels, enum demo_purpose purpose, uint64_t seed, int variant,
                const char *stamp);
/* Sixteen colours of three bytes. */
void demo_palette(uint8_t *rgb, uint64_t seed, int variant);
MUST_USE enum fault_code demo_pictures(struct demo *x);
/* A picture kept as sent by `account`; NULL after a fault of the task. */
const char *demo_picture(struct demo_scene *s, const char *purpose);

/* ---- what arises, which rule answers ---- */
/* A word, or one of a list of words; the same with numbers. */
bool demo_named(const struct json *list, const char *word);
bool demo_numbered(const struct json *list, int64_t n);
/* Pushes what arises that day. */
void demo_arise(struct demo *x, int32_t day);
/* What a story tells is drawn nowhere else at its enterprise. */
void demo_keep_stories(struct demo *x);
/* The first rule that holds for the record; NULL: nobody does anything. */
const struct json *demo_rule_for(const struct demo *x, const struct record *r,
                                 const struct demo_live *l);
int64_t demo_time_of(const struct demo *x, const struct json *rule, const struct record *r,
                     const struct demo_live *l);

/* ---- the days ---- */
MUST_USE enum fault_code demo_live_load(struct demo *x);
MUST_USE enum fault_code demo_live_days(struct demo *x, int32_t from, int32_t until);
/* Notes what the events of an act did; plans what comes next. */
MUST_USE enum fault_code demo_plan_event(struct demo *x, struct task *t, struct store *s,
                                         const struct json *body, int64_t seq, bool plan);
/* The planned rule was refused: the next one that fits. */
MUST_USE enum fault_code demo_plan_other(struct demo *x, struct task *t, struct store *s,
                                         struct demo_live *l, const char *kind);
void demo_push(struct demo *x, int64_t stream, const struct demo_entry *e);
struct demo_stream *demo_stream(struct demo *x, int64_t stream);
/* Makes the record something arises as, or does the planned step; counts a refusal and goes on. */
MUST_USE enum fault_code demo_do(struct demo *x, struct task *t, struct store *s,
                                 struct chain_tip *tip, const struct demo_entry *e);

#endif
