/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/org.h - who and where: places 块, lines 条, units, people, posts, accounts, rights.
 *
 * The idea: everything sits in one dated tree of places; a unit belongs to a place and may belong to
 * a line; a person acts through a post (a role at a unit, from day to day). Who supervises an
 * enterprise follows from its place and its industry (三管三必须, 安全生产法 2021 art. 3). What a
 * caller may see is a small set of audience keys made here alone (`struct scope`); whether he may
 * act is asked here alone (`org_is`).
 *
 * Invariants: all of it but accounts and tokens follows from events of kind "org" in the log. Ids
 * are numbers below 2^36: place ids are depth-first numbers of the adopted edition; unit, person and
 * post ids are stream × 2^22 + serial. In JSON a unit is "u5", a person "p5", a post "o5", a place its
 * 12-digit code.
 *
 * Life cycle: org_state_* makes an event and its rows inside a write transaction; org_project makes the
 * rows again from the event (rebuild).
 */
#ifndef ORG_ORG_H
#define ORG_ORG_H

#include "base/limit.h"
#include "chain/chain.h"
#include "store/store.h"

enum org_level { ORG_NATION = 1, ORG_PROVINCE, ORG_CITY, ORG_COUNTY, ORG_TOWNSHIP, ORG_VILLAGE };

#define ORG_DEPTH 8

struct scope;

struct org_place {
    int64_t id, parent, stream;
    int level;
    const char *code, *name, *initials;
    int64_t from_day, to_day; /* 0: open. One that ended lies below the place it went into */
};

/* A power of an organ, as definitions read it: it may make administrative inspections. */
#define ORG_INSPECTION "inspection"

struct org_unit {
    int64_t id, place, parent, landlord;
    int line;
    const char *sort, *name, *initials, *credit_code, *industry, *state, *profile;
    int headcount;
    bool one_person;
    struct json *lines, *powers;
    int64_t from_day, to_day;
};

struct org_person {
    int64_t id;
    const char *name; /* NULL where erased */
    struct json *certificates;
};

struct org_post {
    int64_t id, person, unit;
    const char *role;
    int64_t from_day, to_day;
};

/*
 * Who acts. The clock, the rule, the public and the operator have no person. The carrier is who confirmed
 * that an old ledger comes in: he stands for every row of it, with whoever prepared it.
 */
enum org_actor_sort { ORG_PERSON, ORG_CLOCK, ORG_RULE, ORG_PUBLIC, ORG_OPERATOR, ORG_CARRIER };

struct org_actor {
    enum org_actor_sort sort;
    int64_t person, post, unit, place;
    const char *role, *account;
};

/* ---- what a task has read ---- */
/*
 * From here on places, units, people and posts read through `s` are kept for the task and not asked
 * for again: inside one transaction or snapshot. It ends with the transaction, with org_let_go and
 * with every write of org made in this task, which is what org_forget says.
 */
void org_remember(struct task *t, const struct store *s);
/*
 * The same in a snapshot of a connection that only reads, with what the requests before it have read
 * while no event of org was written and the day has not ended: the generation is read in this snapshot.
 */
MUST_USE enum fault_code org_recall(struct task *t, struct store *s);
void org_let_go(struct task *t);
void org_forget(struct task *t);
/* The generation of org that what is kept was read in; -1 where it is kept for this task alone. */
int64_t org_generation(const struct task *t);

/*
 * What the one who writes has read, kept from transaction to transaction while org's tables stay as
 * they are. Asked for anew inside each write transaction; `*rows` is NULL at first. After a rollback
 * it is org_rows_undone. A task that remembers with them holds them until org_let_go.
 */
struct org_rows;
MUST_USE enum fault_code
org_rows_now(struct task *t, struct store *s, struct org_rows **rows);
void org_rows_undone(struct org_rows *r);
void org_rows_end(struct org_rows *r);
void org_remember_with(struct task *t, const struct store *s, struct org_rows *rows);
/*
 * What was read in the transaction before stands for this one too: one request goes on, or the answer
 * of a write calls things as the write did. What was not read is read through `s`.
 */
void org_remember_still(struct task *t, const struct store *s);

/* ---- ids in JSON ---- */
const char *org_id_text(struct arena *a, char letter, int64_t id);
int64_t org_id_read(const char *text, char letter); /* 0 where it is none */

/* ---- places ---- */
MUST_USE enum fault_code
org_place(struct task *t, struct store *s, int64_t id, struct org_place *out, bool *found);
MUST_USE enum fault_code
org_place_by_code(struct task *t, struct store *s, const char *code, struct org_place *out, bool *found);
/* Itself first, then each place above it, the nation last. */
MUST_USE enum fault_code
org_above(struct task *t, struct store *s, int64_t place, int64_t ids[ORG_DEPTH], size_t *n);
MUST_USE enum fault_code
org_covers(struct task *t, struct store *s, int64_t node, int64_t place, bool *covers);
/* Its county-level place, or itself where it lies above one. */
MUST_USE enum fault_code
org_county(struct task *t, struct store *s, int64_t place, int64_t *county);
/* Children of a place, or places whose name, code or initials begin with `q`; at most `limit`. */
MUST_USE enum fault_code
org_places(struct task *t, struct store *s, int64_t parent, const char *q, int64_t limit,
           struct org_place **out, size_t *n);

/* ---- the tree of past days (ADR 0009) ---- */

/* As org_above and org_covers, by the tree as it was at the end of a day; 0: now. */
MUST_USE enum fault_code
org_above_on(struct task *t, struct store *s, int64_t place, int64_t day, int64_t ids[ORG_DEPTH],
             size_t *n);
MUST_USE enum fault_code
org_covers_on(struct task *t, struct store *s, int64_t node, int64_t place, int64_t day, bool *covers);
/* What a place was called at the end of a day. In `t`. */
MUST_USE enum fault_code
org_name_on(struct task *t, struct store *s, int64_t place, int64_t day, const char **name);

/* Days, both included, on which a place lay at or below another. */
struct org_span {
    int64_t place, from, to;
};
#define ORG_ALWAYS INT64_C(1000000) /* a day after every day */

/*
 * The nodes whose cells add up to `node`, each with its days: county-level places and those above
 * them that lie or lay below it; at county level and below the node itself; and at every level what
 * was merged into it.
 */
MUST_USE enum fault_code
org_spans(struct task *t, struct store *s, int64_t node, struct org_span **out, size_t *n);

/* A place below a node, with the days on which it lay there; what was merged into one is no place below it. */
struct org_row {
    int64_t place, from, to;
    int level;
    const char *code, *name;
};
#define ORG_ROWS_MOST 2000
/* Places of `level` below `node`, 0: directly below it; in the order of their ids. FAULT_INPUT where too many. */
MUST_USE enum fault_code
org_below(struct task *t, struct store *s, int64_t node, int level, struct org_row **out, size_t *n);

/* ---- streams ---- */

/* The place a stream stands for. */
MUST_USE enum fault_code
org_stream_place(struct task *t, struct store *s, int64_t stream, int64_t *place);
/* A record of `stream` lies at or below `node`, whose own stream is another. At record's call, from an event. */
MUST_USE enum fault_code
org_reach(struct task *t, struct store *s, int64_t node, int64_t stream);
/* The stream in which a unit, person or post was born: all its events are there, whatever became of its place. */
int64_t org_id_stream(int64_t id);
/* The place itself, or the one it went into and is part of now. */
MUST_USE enum fault_code
org_place_living(struct task *t, struct store *s, int64_t place, struct org_place *out, bool *found);
/* The topmost place of this deployment. */
MUST_USE enum fault_code
org_top(struct task *t, struct store *s, int64_t *place);

/* ---- units, people, posts ---- */
MUST_USE enum fault_code
org_unit(struct task *t, struct store *s, int64_t id, struct org_unit *out, bool *found);
MUST_USE enum fault_code
org_person(struct task *t, struct store *s, int64_t id, struct org_person *out, bool *found);
MUST_USE enum fault_code
org_post(struct task *t, struct store *s, int64_t id, struct org_post *out, bool *found);
/* Posts of a person, or at a unit (the other 0), in force on the day of t->now. */
MUST_USE enum fault_code
org_posts(struct task *t, struct store *s, int64_t person, int64_t unit, struct org_post **out, size_t *n);
/* Unit `a` is `b` or lies below it by parent. */
MUST_USE enum fault_code
org_unit_within(struct task *t, struct store *s, int64_t a, int64_t b, bool *within);

/*
 * Dated relations between units. A landlord 出租方 answers for the safety of the whole hall (安全生产法
 * art. 49), an expert, agency or insurer's engineer advises whom invited him: while the relation is in
 * force, those who answer for safety at `other` may name `unit` and see what it owes, and nothing else.
 */
struct org_tie {
    int64_t other;
    const char *sort; /* landlord, or as what it was invited */
    int64_t from_day, to_day; /* 0: open */
};
/* Whether a unit has let the caller's in today. */
bool org_is_tied(const struct scope *c, int64_t unit);

/* Whether a unit is an organ 机关 of a place: a government, an office, a department, a township's office. */
bool org_is_organ(const struct org_unit *u);

/* The safety commission office 安委办 of the county-level place of `place`, or of it; 0: none. */
MUST_USE enum fault_code
org_office(struct task *t, struct store *s, int64_t place, int64_t *unit);
/* The like unit one level up; of an enterprise its township, then that one's upper; 0 at the top. */
MUST_USE enum fault_code
org_upper(struct task *t, struct store *s, int64_t unit, int64_t *upper);
/* "county" → ORG_COUNTY; 0 where the text names no level. */
int org_level_read(const char *text);
/* The unit like `unit` (its sort, a department its line) at the place of that level above `place`; else the office there; 0: none. */
MUST_USE enum fault_code
org_like(struct task *t, struct store *s, int64_t unit, int64_t place, int level, int64_t *out);
/* What it covers: an organ its place (a department: those of `line` there, 0: every line), others what names them. */
MUST_USE enum fault_code
org_cover(struct task *t, struct store *s, int64_t unit, int64_t *key, int *line);
/* Supervising units by place and line, the lead one first. */
MUST_USE enum fault_code
org_supervisors(struct task *t, struct store *s, int64_t unit, int64_t *out, size_t room, size_t *n);

/* ---- parties and relations ---- */
#define ORG_PARTIES 64

struct org_parties {
    int64_t units[ORG_PARTIES], persons[ORG_PARTIES], places[ORG_PARTIES];
    size_t n_units, n_persons, n_places;
    bool everyone; /* the public */
};

void org_add_unit(struct org_parties *p, int64_t unit);
void org_add_person(struct org_parties *p, int64_t person);
void org_add_place(struct org_parties *p, int64_t place);

enum org_relation { ORG_SAME, ORG_UNDER, ORG_ABOVE, ORG_SUPERVISES, ORG_OFFICE_OF, ORG_UPPER_OF, ORG_IS_PERSON };

/* Whether the actor stands in this relation to one of the parties, by the dated tree now. */
MUST_USE enum fault_code
org_is(struct task *t, struct store *s, const struct org_actor *actor, enum org_relation relation,
       const struct org_parties *p, bool *is);

/* ---- scope ---- */

struct org_area {
    int64_t place;
    int line; /* 0: every line */
};

/* Sight that a record lends of others while its state lasts. The body is record's: it alone reads it. */
struct org_lent {
    int64_t stream, rid; /* the record that lends */
    int64_t key;         /* every record lent has it; the kind within */
    struct json *body;
};

/* An auditor or a system administrator watches over the place of his post and what lies below it. */
struct org_watch {
    const char *role;
    int64_t place;
};

struct scope {
    int64_t person;
    int64_t keys[LIMIT_KEYS]; /* without the kind: org_key_kind adds it */
    size_t n_keys;
    struct org_area areas[LIMIT_KEYS];
    size_t n_areas;
    int64_t units[LIMIT_KEYS]; /* whose posts he holds */
    size_t n_units;
    struct org_lent lent[LIMIT_LENT];
    size_t n_lent;
    int64_t parts[LIMIT_KEYS]; /* enterprises of which such a unit is a part */
    size_t n_parts;
    const int64_t *tied; /* units that let his in today: tenants, who invited them. What they owe, and no more */
    size_t n_tied;
    bool auditor, sysadmin;
    struct org_watch watches[LIMIT_KEYS]; /* where he is either */
    size_t n_watches;
    bool everything; /* the operator at the machine */
};

enum org_key_sort { ORG_KEY_PLACE = 1, ORG_KEY_UNIT, ORG_KEY_PERSON, ORG_KEY_GRANT };

int64_t org_key(enum org_key_sort sort, int64_t number, int line, int kind);
int64_t org_key_kind(int64_t key, int kind);
/* The key of a place with every line. */
bool org_key_is_place(int64_t key);

/* The scope of a person through all his posts. */
MUST_USE enum fault_code
org_scope(struct task *t, struct store *s, int64_t person, struct scope *out);
/* What is lent to the units and the person of a scope, read anew into it. */
MUST_USE enum fault_code
org_lent(struct task *t, struct store *s, struct scope *c);
/*
 * A record lends from now on what `list` says and nothing else: [{"to":[party keys],"key","body"}],
 * keys as decimal text. At record's call, from an event.
 */
MUST_USE enum fault_code
org_lend(struct task *t, struct store *s, int64_t stream, int64_t rid, const struct json *list);
/* The operator's: everything at the top place. */
MUST_USE enum fault_code
org_scope_operator(struct task *t, struct store *s, struct scope *out);
MUST_USE enum fault_code
org_sees_place(struct task *t, struct store *s, const struct scope *c, int64_t place, bool *sees);
MUST_USE enum fault_code
org_sees_unit(struct task *t, struct store *s, const struct scope *c, const struct org_unit *u, bool *sees);
/*
 * Whether he may name a unit in a field, and read its name: whatever he sees, the enterprise his unit is a
 * part of, what has let his in, and every organ and service agency, for they are public by name. Who
 * works there and what they owe is another matter.
 */
MUST_USE enum fault_code
org_names_unit(struct task *t, struct store *s, const struct scope *c, const struct org_unit *u, bool *names);
/*
 * Units he may name whose name, credit code or initials match; `place` and `q` may be 0 and NULL. Those he
 * sees come first, then organs of his own county and those above it, then the others.
 */
MUST_USE enum fault_code
org_units(struct task *t, struct store *s, const struct scope *c, int64_t place, const char *q,
          int64_t limit, struct org_unit **out, size_t *n);
/* People with a post at a unit in scope; `q`: a part of the name, or initials of its pinyin. */
MUST_USE enum fault_code
org_people(struct task *t, struct store *s, const struct scope *c, int64_t unit, const char *q,
           int64_t limit, struct org_person **out, size_t *n);

/* ---- accounts ---- */
MUST_USE enum fault_code
org_account_make(struct task *t, struct store *s, const char *account, int64_t person,
                 const char *password);
struct org_session {
    const char *account;
    int64_t person;
    int64_t expires_at; /* by a token; 0: not said */
};
/*
 * Checks a password outside any transaction; `made` is what org_account_note must write then.
 * FAULT_SIGN_IN with one text for every reason; FAULT_BUSY where the pair is slowed.
 */
MUST_USE enum fault_code
org_sign_in(struct task *t, struct store *s, const char *account, const char *password,
            const char *address, struct org_session *out);
/* After org_sign_in, in a write transaction: counts a failure, or clears them. */
MUST_USE enum fault_code
org_sign_in_note(struct task *t, struct store *s, const char *account, const char *address, bool held);
/* A random token, kept by its SHA-256; lives `hours`. */
MUST_USE enum fault_code
org_token_make(struct task *t, struct store *s, const char *account, const char *sort, int hours,
               const char **token, int64_t *expires_at);
MUST_USE enum fault_code
org_token_check(struct task *t, struct store *s, const char *token, struct org_session *out);
/*
 * In one statement, whether what was found out about a token's holder may still stand: that it is held,
 * the generation of org's tables, and whether anything is lent to one of the keys of `c` (NULL: none).
 */
struct org_still {
    bool held, lent;
    int64_t generation;
};
MUST_USE enum fault_code
org_token_still(struct task *t, struct store *s, const char *token, const struct scope *c,
                struct org_still *out);
/* Moves with everything that rights rest on but sight that is lent, and with tokens that are ended; for whom nobody asks. */
MUST_USE enum fault_code
org_rights_moment(struct task *t, struct store *s, int64_t *moment);
MUST_USE enum fault_code
org_token_end(struct task *t, struct store *s, const char *token);

/* Every token and session of an account ends: its password changed, or it was closed. */
MUST_USE enum fault_code
org_tokens_end(struct task *t, struct store *s, const char *account);
/* Nobody signs in with it any more; what was done with it stays. */
MUST_USE enum fault_code
org_account_close(struct task *t, struct store *s, const char *account);

/* ---- rolls: what an auditor and a system administrator read ---- */

#define ORG_ROLL_READ 500 /* rows read for a page: one that shows none still says where to go on */

struct org_sign_in {
    int64_t n, at, person;
    const char *account, *address, *sort;
    bool held;
};
/* A sign-in to an account that there is, held or refused; what is older than LIMIT_SIGN_IN_DAYS goes. */
MUST_USE enum fault_code
org_sign_in_keep(struct task *t, struct store *s, const char *account, const char *address, const char *sort,
                 bool held);
/* Those of people an auditor watches over, newest first, below number `before` (0: all); `next`: 0 at the end. */
MUST_USE enum fault_code
org_sign_ins(struct task *t, struct store *s, const struct scope *c, const char *account, int64_t before,
             size_t limit, struct org_sign_in **out, size_t *n, int64_t *next);

/* A post is a role at a unit, a tie lets one unit in at another, lent sight is a record's while its state lasts. */
enum org_grant_sort { ORG_GRANT_POST, ORG_GRANT_TIE, ORG_GRANT_LENT };
struct org_grant {
    enum org_grant_sort sort;
    int64_t id, unit, person, other; /* a post's id; 0 where there is none */
    const char *as;                  /* the role; as what it is let in */
    int64_t from_day, to_day;        /* 0: open */
    int64_t stream, rid;             /* the record that lends */
};
/* What was given in places an auditor watches over, newest first, after `skip`; `next`: 0 at the end. */
MUST_USE enum fault_code
org_grants(struct task *t, struct store *s, const struct scope *c, enum org_grant_sort sort, int64_t skip,
           size_t limit, struct org_grant **out, size_t *n, int64_t *next);

struct org_account {
    const char *account;
    int64_t person, made_at, closed_at, signed_in_at; /* 0: still open; never, or not for LIMIT_SIGN_IN_DAYS */
};
/* Accounts of people a system administrator watches over, by name; `q`: a part of account or name. */
MUST_USE enum fault_code
org_accounts(struct task *t, struct store *s, const struct scope *c, const char *q, const char *after, size_t limit,
             struct org_account **out, size_t *n, const char **next);

/* ---- single-use links ---- */

/* An account without a password: nobody signs in by it before its link was used. FAULT_STATE where it is taken. */
MUST_USE enum fault_code
org_account_open(struct task *t, struct store *s, const char *account, int64_t person);
/* A new link of an account, or of the first office (NULL); one made before is gone. Its token is told here alone. */
MUST_USE enum fault_code
org_link_make(struct task *t, struct store *s, const char *account, const char **token, int64_t *expires_at);
struct org_link {
    bool first; /* makes the first office; else sets the password of `account` */
    const char *account;
    int64_t person, expires_at;
};
/* FAULT_STATE at /token where it was used, has expired or never was. */
MUST_USE enum fault_code
org_link_look(struct task *t, struct store *s, const char *token, struct org_link *out);
/* The same, and the link is gone when the transaction is committed. */
MUST_USE enum fault_code
org_link_use(struct task *t, struct store *s, const char *token, struct org_link *out);

/* ---- stating: events of kind "org" ---- */

struct org_write {
    struct task *task;
    struct store *store;
    struct chain_tip *tip;
    const struct org_actor *actor;
};

/* Adopts the tree of places below `root_code` (and the places above it) from the carried edition. */
MUST_USE enum fault_code
org_state_places(struct org_write *w, const char *root_code);
/* Streams and their places from the carried edition, before any event can be written. */
MUST_USE enum fault_code
org_stream_of_code(struct task *t, const char *code, int64_t *stream);
/* A unit; `u->id` 0 draws one. Name and the rest are public. */
MUST_USE enum fault_code
org_state_unit(struct org_write *w, struct org_unit *u);
/* A person; the name is a private value. */
MUST_USE enum fault_code
org_state_person(struct org_write *w, struct org_person *p);
MUST_USE enum fault_code
org_state_post(struct org_write *w, struct org_post *p);
/* All the ties of a unit from now on, instead of those it had. */
MUST_USE enum fault_code
org_state_ties(struct org_write *w, int64_t unit, const struct org_tie *ties, size_t n);
/* A dated change of a place: a new row, or an end of the old one. */
MUST_USE enum fault_code
org_state_place(struct org_write *w, const struct org_place *p);

/* Whether the carried edition has a 12-digit code; true where this binary carries none. */
bool org_edition_holds(struct task *t, const char *code);

/* Pinyin initials of a name, as the carried edition spells its characters; others are left out. In `t`. */
const char *org_initials(struct task *t, const char *name);

/* Makes the rows of an event of kind "org" (name: its private name, or NULL). */
MUST_USE enum fault_code
org_project(struct task *t, struct store *s, const struct json *body, const char *name);

/* What is cached of `what` ("org", "tree" (its places), "definitions") is stale now. */
MUST_USE enum fault_code
org_generation_moved(struct task *t, struct store *s, const char *what);

/* Kept tables with their keys. Left out of a backup: tokens and failed tries (org_token, org_try). */
#define ORG_KEPT "org_account(account) org_sign_in(n) "

/* Names of the tables that org_project writes, space separated. */
#define ORG_DERIVED "org_place org_place_past org_stream org_reach org_unit org_person org_post org_tie org_lent org_generation"

#endif
