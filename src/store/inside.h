/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/inside.h - what the files of this room share: the face of an engine.
 *
 * An engine fills a struct store_engine; its own store begins with a struct store. What both do alike
 * (parameters, single values, savepoints, the schema, digests of tables) stands in store.c and schema.c.
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "store/store.h"

#define STORE_STATEMENTS 512 /* cached statements of a connection; the list has about 300 texts */

struct store {
    const struct store_engine *engine;
    char *name;   /* in messages: never with a password */
    char *beside; /* path of the files beside it, without their endings */
    enum store_mode mode;
    int depth; /* of savepoints */
    bool in_transaction;
    void *kept;
    void (*drop_kept)(void *kept);
    struct store_still *still; /* what it has found out since the last commit of anybody; NULL: nothing */
    bool is_still;             /* the snapshot it is in knows whether anything was committed */
    uint64_t transactions; /* begun so far */
    const char *watch;     /* beginning of the names of tables that are watched; NULL: none */
    uint64_t watched;      /* statements that may have changed one of them */
    uint64_t touched;      /* statements that may have changed something, and refusals, so far */
    char *bulk;            /* the insert of the rows that are coming; NULL: none are */
    size_t bulk_columns;
};

/* A word of sql/ files and what this engine says for it. */
struct store_word {
    const char *word, *text;
};

/* One value of a row as it lies there: the letter of its kind, the engine's own bytes. */
struct store_raw {
    char letter;
    const void *bytes;
    size_t len;
};

enum store_point { STORE_POINT_SET, STORE_POINT_RELEASE, STORE_POINT_UNDO };

struct store_engine {
    const struct store_word *words; /* ends with a NULL word */
    const char *search_sql;         /* the search index's schema */
    /* The files' path from an address; FAULT_INPUT with the way it is written. */
    enum fault_code (*beside)(struct task *t, const char *url, const char **path);
    enum fault_code (*open)(struct task *t, const char *url, enum store_mode mode, struct store **out);
    void (*close)(struct store *s);
    enum fault_code (*unmake)(struct task *t, const char *url);

    enum fault_code (*script)(struct task *t, struct store *s, const char *sql);
    enum fault_code (*run)(struct task *t, struct store *s, int64_t *changed, const char *sql,
                           const struct store_value *values, size_t n);
    /* Of several rows at once. */
    enum fault_code (*run_rows)(struct task *t, struct store *s, const char *sql,
                                const struct store_value *values, size_t width, size_t rows);
    /* Rows in bulk; NULL where an insert for each is as good. */
    enum fault_code (*copy_begin)(struct task *t, struct store *s, const char *table, const char *columns,
                                  size_t n);
    enum fault_code (*copy_row)(struct task *t, struct store *s, const struct store_value *values, size_t n);
    enum fault_code (*copy_end)(struct task *t, struct store *s);
    enum fault_code (*query)(struct task *t, struct store *s, struct rows *r, const char *sql,
                             const struct store_value *values, size_t n);
    bool (*next)(struct task *t, struct rows *r);
    void (*end)(struct rows *r);
    int64_t (*column_int)(const struct rows *r, int column);
    bool (*column_null)(const struct rows *r, int column);
    /* In `t`; NULL and length 0 for null. */
    const char *(*column_text)(struct task *t, const struct rows *r, int column, size_t *len);
    int (*width)(const struct rows *r);
    const char *(*column_name)(const struct rows *r, int column);
    void (*cell)(const struct rows *r, int column, struct store_raw *out);
    /* A walk over more rows than memory should hold, inside a transaction. */
    enum fault_code (*walk)(struct task *t, struct store *s, struct rows *r, const char *sql);

    enum fault_code (*begin)(struct task *t, struct store *s, bool read);
    /* A number that another one follows once anything was committed; `*known` false: the engine cannot tell. */
    enum fault_code (*moment)(struct task *t, struct store *s, bool *known, int64_t *moment);
    enum fault_code (*lock_row)(struct task *t, struct store *s, const char *table, const char *column,
                                int64_t value);
    enum fault_code (*point)(struct task *t, struct store *s, enum store_point what, int depth);
    enum fault_code (*commit)(struct task *t, struct store *s);
    void (*rollback)(struct store *s);
    bool (*alive)(const struct store *s);
    bool (*in_doubt)(const struct store *s);
    enum fault_code (*fill)(struct task *t, struct store *s, bool begins);

    enum fault_code (*search_put)(struct task *t, struct store *s, int64_t rid, int64_t stream,
                                  const char *tokens);
    enum fault_code (*search_find)(struct task *t, struct store *s, struct rows *r, const char *all,
                                   const char *any, int64_t before, int64_t limit);
    enum fault_code (*search_clear)(struct task *t, struct store *s);
};

extern const struct store_engine store_sqlite, store_postgres;

/* The name of SQLite's door to the system by which a log is written in long pieces; NULL: there is none. */
const char *
store_sqlite_log(void);

/* A failure ended the transaction: a statement more would be one by itself. */
MUST_USE enum fault_code
store_check_alive(struct task *t, const struct store *s);

/* Forgets rows that were coming; the engine gives up its own with the transaction or the connection. */
void
store_bulk_drop(struct store *s);

/* Whether a statement changes a table that is watched. */
bool
store_is_watched(const struct store *s, const char *sql);

/* The snapshot that has begun: what was found out before still holds, or is forgotten. */
void store_still_begin(struct store *s, bool known, int64_t moment);
void store_still_end(struct store *s);

/* FNV-1a: the slot of a statement's text in a cache. */
size_t
store_slot(const char *text);

/* The engine's words put into a script. In `t`. */
const char *
store_schema_text(struct task *t, const struct store *s, const char *sql);

/* Creates the schema of a new store, or compares and migrates an old one. */
MUST_USE enum fault_code
store_schema_make(struct task *t, struct store *s);
MUST_USE enum fault_code
store_schema_check(struct task *t, struct store *s, bool may_migrate);
MUST_USE enum fault_code
store_check_whole(struct task *t, struct store *s);

/* PostgreSQL's way to write a statement of ours: $1 for ?, ILIKE for LIKE. In `t`. */
const char *
store_postgres_text(struct task *t, const char *sql);

/* "folder" of an address taken out of it; NULL where it is not there. Both in `t`. */
const char *
store_postgres_folder(struct task *t, const char *url, const char **rest);

#endif
