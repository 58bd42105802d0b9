/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/inside.h - what the files of this room share: the desk itself, its queue, rendering.
 */
#ifndef DESK_INSIDE_H
#define DESK_INSIDE_H

#include "base/hash.h"
#include "base/time.h"
#include "desk/desk.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

struct desk_job;
typedef enum fault_code (*desk_run)(void *who, struct task *t, struct store *s, struct chain_tip *tip);

struct desk_job {
    struct desk_job *next;
    int64_t stream;
    desk_run run;
    void *who;
    struct task *task;
    enum fault_code rc;
    sem_t wake;
};

struct desk_past {
    struct desk_past *next;
    struct record_world *world;
};

struct desk {
    struct arena *arena;
    const char *url;
    bool serve, read_only, demo;
    int64_t newest;             /* the time of the newest event when it was opened */
    int64_t (*now)(void *who);
    void *who;
    struct record_world *world;
    struct desk_past *past;     /* worlds that others may still be reading in */
    struct hash_key key;
    struct store *writer;       /* NULL where read_only */
    uint64_t watched;           /* of org's tables, as of the last commit */
    _Atomic uint64_t rights;    /* moves before a write is answered that has touched one of them */
    struct org_rows *rows;      /* what the writer remembers of org */
    struct chain_tip tips[16];  /* where it left streams, for the edge of their trees */
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct desk_job *first, **last;
    size_t waiting;
    bool stopping, asleep;      /* the writer waits for work */
    pthread_t thread;
    const char *holder;         /* of leases */
    int32_t anchored_day, keys_day; /* the day up to which each is done */
    bool unfinished;            /* promises are left that others, or clocks, went before */
    _Atomic int64_t background_us; /* CPU of desk_idle so far */
    unsigned imports;           /* under way, each in a thread of its own */
    pthread_cond_t import_ended;
    struct live *live;          /* of a serving desk */
};

/* ---- live.c: one thread that tells the connections what changed; there is none before the first ---- */
struct live *desk_live_new(struct desk *d);
void desk_live_free(struct live *l);
/* Somebody has committed. NULL is allowed. */
void desk_live_wake(struct live *l);

/* ---- feed.c: a place in the log, sealed for one account ---- */
const char *desk_cursor_write(struct task *t, const struct desk *d, const char *account, int64_t pos);
bool desk_cursor_read(struct task *t, const struct desk *d, const char *account, const char *text, int64_t *pos);

/* Puts a job on the queue of its stream and waits for its commit; inline where nobody serves. */
MUST_USE enum fault_code
desk_submit(struct task *t, struct desk *d, int64_t stream, desk_run run, void *who);
/* The same, and what the write has read of org stays the task's, for its answer: org_let_go ends it. */
MUST_USE enum fault_code
desk_submit_for_answer(struct task *t, struct desk *d, int64_t stream, desk_run run, void *who);
/* One transaction of the caller's own on the writing connection; commands and the writer's thread. */
MUST_USE enum fault_code
desk_inline(struct task *t, struct desk *d, int64_t stream, desk_run run, void *who);
/*
 * `run` for each of the streams in turn, all in one transaction: any code but FAULT_NONE undoes all of them.
 * Commands alone: it is as long as what it writes, and nobody writes meanwhile.
 */
MUST_USE enum fault_code
desk_together(struct task *t, struct desk *d, const int64_t *streams, size_t n, desk_run run, void *who);
/* A write of kept rows that are no events (tokens, leases, folding): no stream is locked. */
MUST_USE enum fault_code
desk_plain(struct task *t, struct desk *d, enum fault_code (*run)(void *, struct task *, struct store *),
           void *who);
/* The same in the thread that holds the writing connection already. */
MUST_USE enum fault_code
desk_plain_here(struct task *t, struct desk *d,
                enum fault_code (*run)(void *, struct task *, struct store *), void *who);
/* Reads what was adopted by another process, where there may be one. */
MUST_USE enum fault_code
desk_look_again(struct task *t, struct desk *d, struct store *s);
/* Idempotency keys that have served their days. */
MUST_USE enum fault_code desk_keys_end(struct task *t, struct store *s);
/* Background work while no write waits. Called by the writer's thread. */
void desk_idle(struct desk *d);
/* The lease of the clocks ends with who held it. */
void desk_release(struct desk *d);
/* Promises that are due, each in a transaction of its own. */
MUST_USE enum fault_code
desk_deliver_all(struct task *t, struct desk *d, int64_t *delivered);

/* Rows this room owns, and those of rollup, for every event of an act. */
MUST_USE enum fault_code
desk_project_made(struct task *t, struct store *s, const struct record_act *act);
MUST_USE enum fault_code
desk_project(struct task *t, struct store *s, const struct json *body, int64_t seq);
#define DESK_DERIVED "desk_notice"
/* Kept tables with their keys. Left out of a backup: leases (desk_lease), imports (desk_import). */
#define DESK_KEPT "desk_key(stream,account,key) desk_aside(name) "

/* Every derived row made again from the log of a store whose derived tables are empty. */
/* Everything through to the disk, then whole. */
MUST_USE enum fault_code desk_fill_end(struct task *t, struct store *s);
MUST_USE enum fault_code desk_replay(struct task *t, struct store *s, int64_t *events);

/* ---- an archive: lines of JSON, packed; what a backup is written as ---- */
struct archive;
/* A new file, refused where one is; FAULT_BUSY on a full disk. Closed by archive_end or archive_drop. */
MUST_USE enum fault_code archive_make(struct task *t, const char *path, struct archive **out);
MUST_USE enum fault_code archive_write(struct task *t, struct archive *a, const struct json *line);
/* Writes the last line, which seals all before it, and everything through to the disk. */
MUST_USE enum fault_code archive_end(struct task *t, struct archive *a);
MUST_USE enum fault_code archive_open(struct task *t, const char *path, struct archive **out);
/* The next line in `t`, NULL after the last; FAULT_INPUT where it is cut, changed or no archive. */
MUST_USE enum fault_code archive_read(struct task *t, struct archive *a, struct json **line);
void archive_drop(struct archive *a);

/* One kept table and the columns of its key. */
struct desk_kept {
    const char *table, *key;
};
/* Every table of a backup, in the order in which it is written. In `t`. */
struct desk_kept *desk_kept_tables(struct task *t, size_t *n);
/* A store of kept rows alone at `url`, from an archive; attachments are compared and, with `keep`, put back. */
MUST_USE enum fault_code
desk_restore_rows(struct task *t, const char *url, const char *from, bool keep, int64_t *files);
/* The log of a restored store verified, its figures recounted; FAULT_STORE with the first that is wrong. */
MUST_USE enum fault_code
desk_prove_restored(struct task *t, const char *url, struct desk_verdict *out);

/* The stream that adopted the places and definitions. */
MUST_USE enum fault_code desk_first_stream(struct task *t, struct store *s, int64_t *stream);
/* Looks again at each record of a query (stream, rid), in a transaction of its own. */
typedef enum fault_code (*desk_revisit)(const void *how, struct record_act *act, struct record *r,
                                        bool *changed);
MUST_USE enum fault_code
desk_revisit_all(struct task *t, struct desk *d, struct rows *r, desk_revisit run, const void *how,
                 int64_t *changed);
/* Units of a place that went into another: organs end where a like one takes over, the others come along. */
#define DESK_TAKEN_MAX 200 /* organs that end with one place */
MUST_USE enum fault_code
desk_succeed(struct task *t, struct desk *d, const struct org_place *place, const struct org_place *to,
             bool end_posts, struct record_move *move, struct desk_place_report *out);
/* Keys beside the store, made with it. */
MUST_USE enum fault_code desk_key_read(struct task *t, const char *url, bool make, struct hash_key *out);

#define DESK_SERIES "series/" /* the standards that are series are named so */

/* ---- rendering ---- */
struct desk_render {
    struct task *task;
    struct desk *desk;
    struct store *store;
    const struct desk_caller *caller;
    struct json *names; /* {"u5":"…"} */
    int64_t day;        /* places are called as on that day; 0: as now */
    struct desk_said *said; /* what this answer has made already; NULL: nothing yet */
};
/* A record as the contract shows it, cut to what the caller may see. */
struct json *desk_record_json(struct desk_render *x, const struct record *r, bool whole);
/* The same as the text it is sent as; names of records wait for desk_names_end. */
void desk_record_write(struct desk_render *x, const struct record *r, bool whole, struct text *out);
/* The name of a unit, person, place or record id, added to names. */
void desk_name(struct desk_render *x, const struct json *value);
/* The same for every id inside a value that is written already. */
void desk_name_written(struct desk_render *x, struct json_slice value);
/* Titles of a table's rows, for the codes inside a written value. */
void desk_name_codes(struct desk_render *x, const char *table, struct json_slice value);
/* Looks the records up whose names have waited, in one statement. */
void desk_names_end(struct desk_render *x);
/* A title "中文 | English" as the text of {"zh","en"}, made once an answer; NULL: null. */
const char *desk_title_written(struct desk_render *x, const char *title);
/* The row of a line, looked for once an answer; NULL where there is none. */
const struct json *desk_line_of(struct desk_render *x, int line);
/* A kind's field by its name, as a slice; looked for in order, which `next` (0 at first) remembers. */
const struct kind_field *
desk_field_of(struct desk_render *x, const struct kind *k, struct json_slice name, size_t *next);
/* What was just made, in the order of a row. */
struct json *
desk_fields_in_order(struct desk_render *x, const struct kind *k, const struct json *fields);
void desk_name_id(struct desk_render *x, const char *id);
const struct json *desk_line_row(const struct desk *d, int line);
const char *desk_line_written(struct desk_render *x, const struct json *row);
const char *desk_line_key(const struct desk *d, int line);
int desk_line_number(const struct desk *d, const char *key);
struct json *desk_line_title(struct arena *a, const struct desk *d, int line);
struct json *desk_instant(struct arena *a, int64_t at);
/* A post with the words for its role, its unit and its place. */
struct json *desk_post_json(struct task *t, struct store *s, const struct org_post *post);

/* The post an act is made in; FAULT_INPUT at /post, FAULT_RIGHT, or whatever `may` answers. */
typedef enum fault_code (*desk_may)(void *who, struct task *t, const struct org_actor *actor);
MUST_USE enum fault_code
desk_post(struct task *t, struct store *s, const struct desk_caller *c, desk_may may, void *who,
          struct org_actor *out);
MUST_USE enum fault_code
desk_actor(struct task *t, struct store *s, const struct desk_caller *c, const struct org_post *post,
           struct org_actor *out);

/* Where a code was found to lie for this caller; what is found is told. */
bool desk_known_place(const struct desk_caller *c, const char *code, int64_t *place, int64_t *stream);
void desk_know_place(const struct desk_caller *c, const char *code, int64_t place, int64_t stream);
MUST_USE enum fault_code
desk_stream_there(struct task *t, struct store *s, const struct desk_caller *c, int64_t stream, bool *there);

/* A record the caller may see; FAULT_ABSENT with the one body otherwise. */
MUST_USE enum fault_code
desk_find_record(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                 const char *id, struct record *out, struct record_view *view);
enum fault_code desk_absent(struct task *t);

/* FAULT_INPUT at one parameter of a query. */
enum fault_code desk_refuse(struct task *t, const char *name, const char *zh, const char *en);

/* A filter from a query string. */
MUST_USE enum fault_code
desk_filter(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const struct desk_query *q, struct record_filter *out);

/* The filter of a to-do list: owe, verify, lapse, raised. */
MUST_USE enum fault_code
desk_filter_mine(struct task *t, const struct desk_caller *c, const char *mine, struct record_filter *f);
/* How many stand on each of the three lists of the home page, in one walk: {"owe","verify","lapse"}. */
MUST_USE enum fault_code
desk_home_counts(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                 struct json *out);
/* Replaces "1000+" by the exact total where one figure covers the filter and the caller's scope. */
MUST_USE enum fault_code
desk_exact_total(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                 const struct record_filter *f, struct record_page *page);

/* ---- a figure as it is asked for, and opened ---- */

const struct kind_figure *desk_find_figure(struct desk *d, const char *name, const struct kind **kind);
bool desk_has_dimension(const struct rollup_question *q, const char *name);
/* Dimensions, line and places joined by commas; from, to and as_of: refused each at its own name. */
MUST_USE enum fault_code desk_read_by(struct task *t, const char *list, struct rollup_question *q);
MUST_USE enum fault_code
desk_read_days(struct task *t, const struct desk_query *in, struct rollup_question *q);
/* The place of a code; without one the widest the caller may see. FAULT_ABSENT. */
MUST_USE enum fault_code
desk_figure_place(struct task *t, struct store *s, const struct desk_caller *c, const char *code, int64_t *place);
/*
 * The filter of the records that a figure's cell counts. The cell belongs to who sees the figure there
 * (FAULT_ABSENT), the list shows what a list shows him.
 */
MUST_USE enum fault_code
desk_open_figure(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                 const struct desk_query *in, struct record_filter *f);
/* Of such a filter: a cell of nothing, which no record has to be asked about. */
bool desk_opens_nothing(const struct record_filter *f);
/* The total of its page; `whole`: how much the cell counts beyond what he sees is known. */
MUST_USE enum fault_code
desk_opened_total(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                  const struct record_filter *f, struct record_page *page, bool *whole);
/* The records of a page as they were on the day that `as_of` names, and that day; nothing where it names none. */
MUST_USE enum fault_code
desk_opened_then(struct task *t, struct desk *d, struct store *s, const struct record_filter *f,
                 struct record_page *page, int32_t *day);
/* {"figure","title","rule","place","value","beyond"}, and how often a record of the page is counted. */
struct json *desk_opened_json(struct desk_render *r, const struct record_filter *f, bool whole);
int64_t desk_opened_times(const struct record_filter *f, const struct record *r);

struct json *desk_role_title(struct arena *a, const char *role);

/* Fills a task's fault from another's, for batches with a task of their own. */
enum fault_code desk_pass_fault(struct task *t, const struct task *from);

/* One record of many, as the caller would create it, inside a transaction of its stream. */
MUST_USE enum fault_code
desk_create_row(struct task *t, struct desk *d, struct store *s, struct chain_tip *tip,
                const struct desk_caller *c, const struct kind *k, int64_t place, const struct json *fields,
                const char *comment);
MUST_USE enum fault_code desk_import_interrupted(struct task *t, struct store *s);
/* The closed list of roles, one after the other; NULL at its end. */
const char *desk_role_at(size_t i);

#endif
