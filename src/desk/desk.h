/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/desk.h - one function for each thing that can be asked: who asks, one transaction, one answer.
 *
 * The idea: doors (api, cmd) know protocols; desk knows who is asking, opens the one transaction the
 * request needs, calls the rooms below and renders the answer as JSON. Reads run on the caller's own
 * connection. Writes wait in one queue a stream; a writer takes at most LIMIT_GROUP of one stream,
 * one commit, then wakes each waiter by itself; savepoints only where one was refused late.
 *
 * Invariants: memory changes only after the commit returns; a refused write leaves nothing behind and
 * never touches its neighbours; every read is scoped by the caller's keys.
 *
 * Life cycle: desk_open → requests → desk_close. A server has one desk with a writer thread; a command
 * has one whose writes run in the calling thread.
 */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include "record/record.h"
#include "rollup/rollup.h"

struct desk;

struct desk_options {
    const char *url;
    bool serve;                 /* a writer thread and the clock; else writes run in the caller */
    bool read_only;             /* no writer at all: beside a serving process */
    bool goes_on;               /* with a store that is not whole yet: desk_demo_city */
    int64_t (*now)(void *who);  /* for the clock and background work of a serving desk */
    void *who;
};

MUST_USE enum fault_code
desk_open(struct task *t, const struct desk_options *o, struct desk **out);
void
desk_close(struct desk *d);
const struct record_world *
desk_world(const struct desk *d);
const char *
desk_url(const struct desk *d);
/* The writing connection, for commands alone. */
struct store *
desk_store(struct desk *d);
/* The time of the newest event when the store was opened; 0: none. */
int64_t
desk_newest(const struct desk *d);
bool
desk_is_demo(const struct desk *d);

/* CPU of the clocks, of folding and of indexing since it was opened: what no answer waits for. */
int64_t
desk_background_us(const struct desk *d);
/* Reads adopted definitions and standards again, after adopting. Commands alone. */
MUST_USE enum fault_code
desk_reload(struct task *t, struct desk *d);

/* ---- a connection of one's own for reading: a worker of a server, a command that only reads ---- */
MUST_USE enum fault_code
desk_reader_open(struct task *t, const struct desk *d, struct store **out);
void
desk_reader_close(struct store *s);
/* One snapshot for all that a reading request asks, until it is let go. */
MUST_USE enum fault_code
desk_reader_hold(struct task *t, struct desk *d, struct store *s);
void
desk_reader_let_go(struct store *s);
/* FAULT_NONE where the store answers. */
MUST_USE enum fault_code
desk_reader_answers(struct task *t, struct store *s);

/* ---- who asks ---- */

struct desk_caller {
    const char *account;
    int64_t person;
    struct scope scope;
    const struct org_post *posts;
    size_t n_posts;
    const char *post;           /* Zhiben-Post as sent, or NULL */
    const char *address;
    bool english;
    int64_t expires_at;         /* of his token; 0: not said */
    struct desk_known *known;   /* what his worker knows; NULL: nothing */
};

/* FAULT_SIGN_IN without a valid token or session. */
MUST_USE enum fault_code
desk_caller(struct task *t, struct desk *d, struct store *s, const char *token, struct desk_caller *out);
/*
 * The same before a write, by a worker that remembers its callers while nothing they rest on changes:
 * one desk_known a worker.
 */
struct desk_known;
struct desk_known *desk_known_new(void);
void desk_known_free(struct desk_known *k);
MUST_USE enum fault_code
desk_caller_known(struct task *t, struct desk *d, struct store *s, struct desk_known *k, const char *token,
                  struct desk_caller *out);
/* A person's own caller, for commands (--as ACCOUNT). */
MUST_USE enum fault_code
desk_caller_account(struct task *t, struct desk *d, struct store *s, const char *account,
                    struct desk_caller *out);
/* The operator at the machine: everything that is not sealed; named so in the log. */
MUST_USE enum fault_code
desk_caller_operator(struct task *t, struct desk *d, struct store *s, struct desk_caller *out);

/* {"token","expires_at"}; `sort` token (30 days) or session (12 hours). */
MUST_USE enum fault_code
desk_sign_in(struct task *t, struct desk *d, struct store *s, const char *account, const char *password,
             const char *address, const char *sort, struct json **out);
MUST_USE enum fault_code
desk_sign_out(struct task *t, struct desk *d, const char *token);

/* ---- answers ---- */

struct desk_answer {
    struct json *body;
    const char *id;             /* of a record made */
    int revision;               /* ETag; 0: none */
    bool created;               /* 201 */
};

/* ---- asking ---- */
MUST_USE enum fault_code
desk_me(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out);
MUST_USE enum fault_code
desk_people(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const char *unit, const char *q, struct json **out);
/*
 * Rolls, in pages of `limit` (0: 50) after `cursor`. Sign-ins and grants (`sort`: post, tie, lent) are an
 * auditor's, accounts a system administrator's: of the place of his post and below. Refused to others.
 */
MUST_USE enum fault_code
desk_sign_ins(struct task *t, struct store *s, const struct desk_caller *c, const char *account,
              const char *limit, const char *cursor, struct json **out);
MUST_USE enum fault_code
desk_grants(struct task *t, struct store *s, const struct desk_caller *c, const char *sort, const char *limit,
            const char *cursor, struct json **out);
MUST_USE enum fault_code
desk_accounts(struct task *t, struct store *s, const struct desk_caller *c, const char *q, const char *limit,
              const char *cursor, struct json **out);
MUST_USE enum fault_code
desk_places(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const char *parent, const char *q, struct json **out);
MUST_USE enum fault_code
desk_place(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *code,
           struct json **out);
MUST_USE enum fault_code
desk_units(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
           const char *place, const char *q, struct json **out);
MUST_USE enum fault_code
desk_unit(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
          struct json **out);
MUST_USE enum fault_code
desk_kinds(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out);
MUST_USE enum fault_code
desk_kind(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *kind,
          int version, struct json **out);
/* Rows of an adopted table: items with id, title, verified, in force on the day. */
MUST_USE enum fault_code
desk_codes(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
           const char *table, const char *q, struct json **out);

/* Filters of a list, by name, as they stand in a query string. */
struct desk_query {
    const char *(*get)(void *who, const char *name);
    /* Every name, for filters on indexed fields; NULL ends. */
    const char *(*name)(void *who, size_t i);
    void *who;
};
MUST_USE enum fault_code
desk_records(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
             const struct desk_query *q, struct json **out);
MUST_USE enum fault_code
desk_record(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
            const char *as_of, struct desk_answer *out);
MUST_USE enum fault_code
desk_events(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
            struct json **out);
MUST_USE enum fault_code
desk_steps(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
           struct json **out);
MUST_USE enum fault_code
desk_proof(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
           struct json **out);
MUST_USE enum fault_code
desk_figures(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out);
MUST_USE enum fault_code
desk_figure(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const char *figure, const struct desk_query *q, struct json **out);
/* Series adopted from files, for everybody; one of them compared. FAULT_ABSENT where there is none. */
MUST_USE enum fault_code desk_series_list(struct task *t, struct desk *d, struct json **out);
MUST_USE enum fault_code
desk_series(struct task *t, struct desk *d, const char *name, struct json **out);
MUST_USE enum fault_code
desk_feed(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
          const char *after, struct json **out);
/*
 * Where what is live is written to; called by the desk's own thread, by that of whoever opens a stream, and
 * beside each other: nothing of it may wait.
 */
struct desk_sink {
    void *to;
    bool (*put)(void *to, const char *bytes, size_t len); /* copies; false: nobody reads any more */
    size_t (*waiting)(void *to);                          /* bytes not yet sent */
    bool (*there)(void *to);                              /* false: nobody reads any more */
    void (*end)(void *to);                                /* the last call */
};
/*
 * Server-sent events of what the caller may see, from now on or after the feed's cursor `after` (NULL:
 * now): record, gone, notice; resync where he must read anew; bye when his token has ended. FAULT_BUSY
 * at LIMIT_LIVE or LIMIT_LIVE_ACCOUNT: nothing was called. Of a serving desk alone.
 */
MUST_USE enum fault_code
desk_live_open(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
               const char *token, const char *after, const struct desk_sink *sink);
MUST_USE enum fault_code
desk_notices(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out);
/* What `public` sight rules show: {"items":[…]}. No caller. */
MUST_USE enum fault_code
desk_plates(struct task *t, struct desk *d, struct store *s, struct json **out);
/* Rows of a list, paged at a fixed position; `write` is given one record at a time, with names. */
MUST_USE enum fault_code
desk_export(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const struct desk_query *q, const char *format,
            void (*write)(void *who, const char *bytes, size_t len), void *who);

/* ---- acting ---- */

struct desk_request {
    const char *key;            /* Idempotency-Key, or NULL */
    const char *fingerprint;    /* method, path and body, for the key */
    size_t fingerprint_len;
    const char *if_match;       /* as sent, or NULL */
};
/* `body` as sent: {"kind","place","fields","comment"?}. */
MUST_USE enum fault_code
desk_create(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const struct desk_request *q, const char *body, size_t len, struct desk_answer *out);
MUST_USE enum fault_code
desk_step(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
          const struct desk_request *q, const char *id, const char *step, const char *body, size_t len,
          struct desk_answer *out);
MUST_USE enum fault_code
desk_file_put(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
              const struct desk_request *q, const char *bytes, size_t len, struct json **out);
MUST_USE enum fault_code
desk_file_get(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
              const char *digest, const char **bytes, size_t *len, const char **media_type);

/* ---- many at once ---- */

struct desk_rows {
    const char *kind;
    const char *bytes;          /* one JSON object a line: {"place","fields","comment"?} */
    size_t len;
    bool all_or_nothing;        /* one transaction, committed only when every row holds */
};
/*
 * Creates a record of each row as the caller would, rows of one stream in one commit, all or nothing in one
 * commit whatever their streams. For commands: the desk does not serve. Every bad row is
 * in `out`: {"rows","taken","refused","errors":[{"row","pointer","detail"}]}. FAULT_INPUT for no such kind.
 */
MUST_USE enum fault_code
desk_import(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const struct desk_rows *rows, struct json **out);

/* ---- an old ledger (ADR 0011) ---- */

struct desk_carry_file {
    const char *kind; /* what its rows become */
    const char *bytes;
    size_t len;
    int64_t sheet;
};
/*
 * Reads the head of a workbook or CSV and keeps the file as the caller's attachment: {"file","act",
 * "sheets","sheet","heading_row","rows","columns":[{"column","heading","samples","field"}],"fields"}; the
 * field of a column is a guess by its heading.
 */
MUST_USE enum fault_code
desk_carry_read(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                const struct desk_carry_file *in, struct json **out);
/*
 * Checks every row as it would come in and writes none: {"kind","place","file","sheet","heading_row",
 * "columns":{"3":FIELD},"constants":{FIELD:value}} → {"rows","good","bad","steps","years","units",
 * "pieces","bad_file","errors"}. Pieces and the workbook of bad rows are the caller's attachments.
 */
MUST_USE enum fault_code
desk_carry_check(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                 const struct json *in, struct json **out);
/* What the pieces of an act hold, counted anew: {"rows","steps","years","units"}. */
MUST_USE enum fault_code
desk_carry_report(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
                  struct json **out);

/* Tables that are no record's kind. */
#define DESK_UNITS "unit"
#define DESK_PEOPLE "person"

/*
 * A table (XLSX, CSV) of organs, people or records of a kind, brought in behind the answer by who keeps
 * units and people at a place: every row tried first, then the good ones taken, or none. The same table
 * again changes nothing. `out`: {"id"}. FAULT_RIGHT, FAULT_INPUT at /kind, FAULT_BUSY.
 */
struct desk_table {
    const char *kind, *bytes;
    size_t len;
    bool all_or_none;
};
MUST_USE enum fault_code
desk_import_begin(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                  const struct desk_table *in, struct json **out);
/*
 * {"id","kind","mode","state","done","total","taken","unchanged","refused","detail","report","at"}: of the
 * caller's own alone. States: running ending done halted failed interrupted (its process ended).
 */
MUST_USE enum fault_code
desk_import_look(struct task *t, struct store *s, const struct desk_caller *c, const char *id, struct json **out);
MUST_USE enum fault_code
desk_import_list(struct task *t, struct store *s, const struct desk_caller *c, struct json **out);
/* Rows that were not taken, as XLSX, with the reason beside. */
MUST_USE enum fault_code
desk_import_report(struct task *t, struct store *s, const struct desk_caller *c, const char *id,
                   const char **bytes, size_t *len);
/* Ends it after the group under way; what was taken stays. */
MUST_USE enum fault_code
desk_import_cancel(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *id,
                   struct json **out);
/* The empty table, its drop-downs filled from what there is now. */
MUST_USE enum fault_code
desk_template(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *kind,
              const char **bytes, size_t *len);

/* ---- time ---- */

struct desk_tick_report {
    int64_t fired, delivered, folded, indexed, anchored, aside;
};
/* Everything due up to t->now, in order of the due instants, as the running server would. */
MUST_USE enum fault_code
desk_tick(struct task *t, struct desk *d, struct desk_tick_report *out);

/* ---- proving ---- */

struct desk_verdict {
    int64_t streams, events, cells;
    const char *wrong;          /* NULL: all holds */
};
MUST_USE enum fault_code
desk_verify(struct task *t, struct desk *d, bool figures, struct desk_verdict *out);
/* Makes every derived table again; `differs` names those that came out other than they were, or is NULL. */
MUST_USE enum fault_code
desk_rebuild(struct task *t, struct desk *d, int64_t *events, const char **differs);

/* ---- keeping a second copy ---- */

struct desk_copy {
    int64_t rows, files, bytes; /* rows of kept tables; attachments; bytes of the archive */
    struct desk_verdict verdict; /* of the store restored from it */
};
/*
 * Writes every kept row and attachment as of one moment into a new archive at `to`, while a server may
 * write; then proves it by restoring: a store made from it beside it has its log verified, its derived
 * tables made and its figures recounted, and is thrown away. Only a proven archive gets the name `to`.
 * FAULT_INPUT where `to` exists. The signing key is not in it: see desk_key_copy.
 */
MUST_USE enum fault_code
desk_backup(struct task *t, struct desk *d, const char *to, struct desk_copy *out);
/*
 * A new store at `url` from an archive, its key already beside it; proven in the same way. FAULT_INPUT
 * where the archive is newer than this binary, cut or changed. The caller removes what a failure leaves.
 */
MUST_USE enum fault_code
desk_restore(struct task *t, const char *url, const char *from, struct desk_copy *out);
/* The key of a store (or one kept beside an archive) copied beside another name: 32 bytes, mode 0600. */
MUST_USE enum fault_code
desk_key_copy(struct task *t, const char *from, const char *to);

/* ---- organs of a new district, added by the operator ---- */

struct desk_organ {
    const char *sort, *name, *place; /* place: division code */
    const char *line;                /* key of standards/lines.json; a department has one */
    bool inspects;                   /* 行政检查: has inspection power */
};
/* {"unit"}. FAULT_INPUT at the option. */
MUST_USE enum fault_code
desk_organ_add(struct task *t, struct desk *d, const struct desk_organ *o, struct json **out);

/* ---- people with an account, added by the operator ---- */

struct desk_user {
    const char *account, *name, *role, *password;
    const char *unit;           /* id */
};
/* A new person with one post and an account; {"person","post"}. FAULT_STATE where the account is taken. */
MUST_USE enum fault_code
desk_user_add(struct task *t, struct desk *d, const struct desk_user *u, struct json **out);
/* A new password. FAULT_ABSENT without such an account. */
MUST_USE enum fault_code
desk_user_password(struct task *t, struct desk *d, const char *account, const char *password);
/* Ends its posts by events and its password: nobody signs in by it, and its tokens see nothing. */
MUST_USE enum fault_code
desk_user_close(struct task *t, struct desk *d, const char *account);

/* ---- single-use links: the first office, and accounts without a password ---- */

/* {"token","expires_at"} of the first office (account NULL; FAULT_STATE once there is an account), or of an account. */
MUST_USE enum fault_code
desk_link_make(struct task *t, struct desk *d, const char *account, struct json **out);
/* {"for":"office"|"account","account","name","place","place_name","level","expires_at"}. FAULT_STATE at /token. */
MUST_USE enum fault_code
desk_link_look(struct task *t, struct desk *d, struct store *s, const char *token, struct json **out);
/*
 * Links for every account without a password at or below the caller's place, each told here alone:
 * {"items":[{"account","name","unit_name","token","expires_at"}]}. One made before is gone. FAULT_RIGHT.
 */
MUST_USE enum fault_code
desk_links_hand_out(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out);
struct desk_link_use {
    const char *token, *password;
    const char *office, *name, *account, *place; /* of the first office alone; place may be NULL */
};
/* `*account` may sign in with the password from now on. FAULT_INPUT at a member, FAULT_STATE at /token. */
MUST_USE enum fault_code
desk_link_use(struct task *t, struct desk *d, struct store *s, const struct desk_link_use *in,
              const char **account);

/* ---- a place's first days ---- */

/* {"place","place_name","units","objects","people","waiting","rules","tables":[{"kind","title"}]}. FAULT_RIGHT. */
MUST_USE enum fault_code
desk_setup(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out);
/* The suggested local tables as they would be the place's own from today on; adopted: FAULT_STATE where it has some. */
MUST_USE enum fault_code
desk_rules_suggested(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out);
MUST_USE enum fault_code
desk_rules_adopt(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out);

/* ---- making a store ---- */

/* Runs one piece of writing on a stream as the operator, committed when it returns FAULT_NONE. */
MUST_USE enum fault_code
desk_write(struct task *t, struct desk *d, int64_t stream,
           enum fault_code (*run)(void *who, struct task *t, struct store *s, struct chain_tip *tip),
           void *who);
/*
 * A new store: places below a division code, the carried definitions, calendar, limits, tables. A
 * demonstration is not whole, and opened by nobody but who goes on, before desk_demo_city has filled it.
 */
MUST_USE enum fault_code
desk_make_store(struct task *t, const char *url, const char *places, bool demo);
/* Whether the store's making died before its first event: it says nothing to anybody and may be made anew. */
bool
desk_making_died(const char *url);
/* Takes away what a command has just made in vain; the files beside it are the command's. */
void
desk_unmake(const char *url);
/* Adopts definitions, calendars and local tables: all of them or none, checked together. An answer each. */
struct desk_file {
    const char *name, *bytes; /* name: without its folder */
    size_t len;
};
MUST_USE enum fault_code
desk_adopt(struct task *t, struct desk *d, const struct desk_file *files, size_t n, struct json **out);
/* Reads and checks every carried definition, with those of a folder in place of same-named ones. */
MUST_USE enum fault_code
desk_read_definitions(struct task *t, const char *folder, struct kind_catalog **out);

/* Whether the carried edition of division codes has this one. */
bool desk_division_holds(struct task *t, const char *code);

/* Dated changes of places, from the day of t->now on (ADR 0009). Run again, each goes on where it stopped. */
MUST_USE enum fault_code
desk_place_rename(struct task *t, struct desk *d, const char *code, const char *name);

struct desk_place_change {
    const char *code, *to;
    bool merges;     /* into another of its level, and is no place of its own any more; else it moves below `to` */
    bool ends_posts; /* posts at organs that end are not held on at those that take over */
};
struct desk_place_report {
    int64_t records, units, posts; /* taken along, or ended */
};
MUST_USE enum fault_code
desk_place_move(struct task *t, struct desk *d, const struct desk_place_change *how,
                struct desk_place_report *out);
/* Open work a person owes by name goes to another. */
MUST_USE enum fault_code
desk_hand_over(struct task *t, struct desk *d, int64_t from, int64_t to, int64_t *moved);

struct desk_demo {
    uint64_t seed;
    const char *password;
    bool small;
    int32_t until;              /* day up to which the city is caught up */
};
/*
 * Fills a new store with the demonstration city through the same functions a person's request takes, and says
 * that it is whole. Nothing of it is durable before that.
 */
MUST_USE enum fault_code
desk_demo_city(struct task *t, struct desk *d, const struct desk_demo *o,
               void (*progress)(void *who, const char *line), void *who);
/* Lets a demonstration city live on up to a day. */
MUST_USE enum fault_code
desk_simulate(struct task *t, struct desk *d, uint64_t seed, int32_t until,
              void (*progress)(void *who, const char *line), void *who);

#endif
