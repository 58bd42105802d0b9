/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/store.h - SQL behind one face.
 *
 * The idea: a store is opened once a thread for reading and once for writing; statements are cached
 * by their text; parameters are bound, never pasted. SQL is written in the part SQLite and PostgreSQL
 * share: `?` marks numbered by position, ON CONFLICT, RETURNING, common table expressions. Nothing
 * that belongs to one engine leaves this room.
 *
 * Invariants: one writer at a time. On SQLite the server holds an exclusive lock file beside the store
 * and a second writer is refused with one line; on PostgreSQL processes take turns, a transaction each.
 * SQLite's WAL with synchronous FULL, PostgreSQL's synchronous commit: an answered commit survives
 * kill -9 and power loss. After any error inside a transaction `store_alive` says whether the
 * transaction still lives (SQLITE_FULL, IOERR and NOMEM may have ended it, savepoints and all). After a
 * refused statement nothing more is asked of its transaction before store_undo or store_rollback; on
 * PostgreSQL the refusal of a statement whose count nobody asked for may be that of a later one.
 *
 * Life cycle: store_open → (store_begin → statements → store_commit | store_rollback)* → store_close.
 * Reads outside a transaction see the last commit; store_begin_read gives one snapshot to several.
 *
 * Parameter letters, one for each `?`: i int64_t · s const char * (NULL is SQL null) ·
 * b const void *, size_t (bytes) · n nothing: SQL null.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/json.h"
#include "base/task.h"
#include <stdbool.h>
#include <stdint.h>

struct store;

struct rows {
    struct store *store;
    void *statement;
};

enum store_mode { STORE_READ, STORE_WRITE, STORE_CREATE, STORE_GO_ON };

/*
 * `url` is "sqlite:PATH" or "postgresql://…?folder=FOLDER". STORE_CREATE makes a new, empty store and refuses an existing one; the
 * others refuse a missing one. STORE_WRITE and STORE_CREATE take SQLite's lock file. A store newer than
 * this binary is refused in one line; an older one is migrated by STORE_WRITE (numbered migrations,
 * each in a transaction) and refused for STORE_READ with the hint to start the server or a writer.
 * STORE_GO_ON is STORE_WRITE for who puts a store together that is not whole yet (store_mark_making).
 * FAULT_INPUT wrong url or missing file; FAULT_BUSY locked by a server (names what to do);
 * FAULT_STORE otherwise. `*out` is closed by store_close; it belongs to one thread at a time.
 */
MUST_USE enum fault_code
store_open(struct task *t, const char *url, enum store_mode mode, struct store **out);

void
store_close(struct store *s);

/* Where keys and attachments lie: a path to which ".key", ".files" and ".lock" are added. */
const char *
store_path(const struct store *s);
/* The same from an address alone; FAULT_INPUT says how an address is written. In `t` or in `url`. */
MUST_USE enum fault_code
store_beside(struct task *t, const char *url, const char **path);

/* Takes away a store that STORE_CREATE has just made; files beside it are whose who made them. */
MUST_USE enum fault_code
store_unmake(struct task *t, const char *url);

/* What the room above keeps beside a connection; `drop` frees what is kept when it is closed. */
void
store_keep(struct store *s, void *kept, void (*drop)(void *kept));
void *
store_kept(const struct store *s);

/* True where other processes may write the same store: what is cached is asked for again. */
bool
store_shared(const struct store *s);

/* Applies the given SQL script (several statements). Used with sql/ files and derived tables. */
MUST_USE enum fault_code
store_script(struct task *t, struct store *s, const char *sql);

MUST_USE enum fault_code store_begin(struct task *t, struct store *s);      /* write */
MUST_USE enum fault_code store_begin_read(struct task *t, struct store *s); /* one snapshot */
/* Refused after a statement of the task failed, whether or not anybody looked: what it was asked for is not known. */
MUST_USE enum fault_code store_commit(struct task *t, struct store *s);
void store_rollback(struct store *s);
bool store_alive(const struct store *s); /* inside a transaction that still lives */

/* Which transaction this is, counted since the store was opened. */
uint64_t store_transaction(const struct store *s);

/*
 * Moves with every statement that may change something and with every refusal: where it stands as it
 * stood, nothing was done since and the transaction goes on as it was.
 */
uint64_t store_touched(const struct store *s);

/* Counts from now on the statements that may have changed a table whose name begins so. */
void store_watch(struct store *s, const char *prefix);
uint64_t store_watched(const struct store *s);

/*
 * What a connection that only reads has found out inside its snapshots while nobody has committed
 * anything: bytes under a letter and a key of bytes; NULL where nothing is known. They live until the
 * snapshot ends. It may be forgotten at any time, and is at the first commit of whatever process. What is
 * known counts as the statement it stands for: no count of store calls tells what others have asked.
 */
const void *
store_still(struct task *t, const struct store *s, char what, const void *key, size_t key_len, size_t *len);
/* `lasting`: kept beyond commits, for who asks can tell by something else whether it still holds. */
void
store_still_keep(struct store *s, char what, const void *key, size_t key_len, const void *bytes, size_t len,
                 bool lasting);
/* Whether anything is kept here and now. */
bool
store_keeps_still(const struct store *s);

/*
 * After a commit that failed: it may have been done all the same, for the connection may have broken
 * before the answer. Whoever wrote looks for what it wrote, in a new transaction that takes the same
 * lock first.
 */
bool store_in_doubt(const struct store *s);

/* Holds a row against other processes until the transaction ends; no such row, nothing held. */
MUST_USE enum fault_code
store_lock_row(struct task *t, struct store *s, const char *table, const char *column, int64_t value);

/* Savepoints nest; `undo` rolls back to the last one and releases it. */
MUST_USE enum fault_code store_savepoint(struct task *t, struct store *s);
MUST_USE enum fault_code store_release(struct task *t, struct store *s);
MUST_USE enum fault_code store_undo(struct task *t, struct store *s);

/* Runs a statement that answers no rows. `changed` may be NULL. A unique key hit is FAULT_STATE. */
MUST_USE enum fault_code
store_run(struct task *t, struct store *s, int64_t *changed, const char *sql, const char *letters, ...);

/* Opens a query; read with store_next until it answers false, or store_end early. */
MUST_USE enum fault_code
store_query(struct task *t, struct store *s, struct rows *r, const char *sql, const char *letters, ...);

/* The same with parameters in an array, for statements built at run time. */
struct store_value {
    char letter; /* i s b n */
    int64_t integer;
    const void *bytes; /* s: zero-terminated */
    size_t len;
};
MUST_USE enum fault_code
store_query_values(struct task *t, struct store *s, struct rows *r, const char *sql,
                   const struct store_value *values, size_t n);
MUST_USE enum fault_code
store_run_values(struct task *t, struct store *s, int64_t *changed, const char *sql,
                 const struct store_value *values, size_t n);

/*
 * A statement that asks for a list: VALUES of `rows` rows of `width` parameters between two texts. Ask for
 * store_list_room(n) rows and give the last ones again or values that match nothing: few texts are prepared.
 */
#define STORE_LIST_MAX 256
size_t
store_list_room(size_t n);
const char *
store_list_text(struct task *t, const char *before, size_t rows, size_t width, const char *after);

/*
 * The same statement, which answers no rows, for each of several rows of `width` values. What repeats is
 * the one pair of parentheses behind VALUES; no two rows may touch the same row of the table. At most
 * STORE_ROWS at once.
 */
#define STORE_ROWS 64
MUST_USE enum fault_code
store_run_rows(struct task *t, struct store *s, const char *sql, const struct store_value *values,
               size_t width, size_t rows);

/*
 * Many rows of the same columns into one table, as they come: on SQLite an insert for each, on PostgreSQL
 * COPY, so that no row is waited for. One at a time on a store, inside a write transaction, and nothing
 * else is asked of the store between begin and end. `table` and `columns` are names of ours, copied; a
 * row's values are used before the call returns. A row may be refused by its own call, by a later one or
 * by the end (FAULT_STATE for a key that is there already), and with it all of them: nothing of the
 * table is kept without an end that answers FAULT_NONE and a commit. After any fault store_rollback, which
 * gives up what is open.
 */
#define STORE_COLUMNS 32
MUST_USE enum fault_code
store_bulk_begin(struct task *t, struct store *s, const char *table, const char *const *columns, size_t n);
MUST_USE enum fault_code
store_bulk_row(struct task *t, struct store *s, const struct store_value *values);
MUST_USE enum fault_code store_bulk_end(struct task *t, struct store *s);

/* True while there is a row. A failure half-way answers false and fills task->fault: ask store_end. */
bool store_next(struct task *t, struct rows *r);
/* Ends the query; the fault of the walk, if any. Safe to call twice. */
MUST_USE enum fault_code store_end(struct task *t, struct rows *r);

int64_t store_int(const struct rows *r, int column);
bool store_null(const struct rows *r, int column);
const char *store_text(struct task *t, const struct rows *r, int column);        /* in `t`; NULL for null */
const void *store_bytes(struct task *t, const struct rows *r, int column, size_t *len); /* in `t` */

/* The same for whole rows of a table that the caller does not know: columns by number, their names and values. */
int store_width(const struct rows *r);
const char *store_column(const struct rows *r, int column); /* lives as long as the query */
void store_cell(struct task *t, const struct rows *r, int column, struct store_value *out); /* in `t` */

/* One value of one row: FAULT_NONE with *found false where there is no row. */
MUST_USE enum fault_code
store_one_int(struct task *t, struct store *s, int64_t *value, bool *found, const char *sql,
              const char *letters, ...);
MUST_USE enum fault_code
store_one_text(struct task *t, struct store *s, const char **value, const char *sql,
               const char *letters, ...); /* NULL where there is no row or it is null */

/*
 * Full-text search of Chinese: single characters and overlapping pairs, Latin words and digits
 * folded to lower case. The tokens of a text, separated by spaces, as the index stores them
 * (`query` false) and as a query asks them (pairs where there are any, else the character). Pure; in `t`.
 */
const char *
store_search_tokens(struct task *t, const char *text, bool query);

/* A text as search compares it: full-width letters, digits and spaces as plain ones, letters small. In `t`. */
const char *
store_search_folded(struct task *t, const char *text);

/* Puts or replaces the tokens of one record; NULL removes it. Inside a write transaction. */
MUST_USE enum fault_code
store_search_put(struct task *t, struct store *s, int64_t rid, int64_t stream, const char *tokens);

/*
 * Records (rid, stream) that hold every token of `all` and at least one of `any` (each a list
 * separated by spaces; `any` may be NULL), rid below `before`, newest first, at most `limit`.
 */
MUST_USE enum fault_code
store_search_find(struct task *t, struct store *s, struct rows *r, const char *all, const char *any,
                  int64_t before, int64_t limit);

/* Drops all rows of every table in `names` (space separated) inside the open transaction. */
MUST_USE enum fault_code
store_clear(struct task *t, struct store *s, const char *names);

/* A digest of every row of a table in the order of its columns: two equal tables, equal digests. */
MUST_USE enum fault_code
store_table_digest(struct task *t, struct store *s, const char *table, uint8_t out[32], int64_t *rows);

/*
 * Filling a store that nobody has been told of yet: between begin and end nothing is durable, and a
 * crash leaves a file to throw away. The end writes all of it through to the disk.
 */
MUST_USE enum fault_code store_fill_begin(struct task *t, struct store *s);
MUST_USE enum fault_code store_fill_end(struct task *t, struct store *s);

/* A mark of the store itself ("demonstration"); NULL where it was never set. */
MUST_USE enum fault_code store_mark(struct task *t, struct store *s, const char *name, const char **value);
MUST_USE enum fault_code store_mark_set(struct task *t, struct store *s, const char *name,
                                        const char *value);

/*
 * A store that is being put together over several transactions is refused by store_open, in one line that
 * says which of the two it is, until it is said to be whole: a process that died in between leaves nothing
 * that is taken for a store. Inside a write transaction; STORE_WHOLE after store_fill_end, so that a store
 * is never said to be whole before its rows are on the disk.
 */
enum store_making { STORE_WHOLE, STORE_RESTORING, STORE_FILLING };
MUST_USE enum fault_code store_mark_making(struct task *t, struct store *s, enum store_making making);

/* Kept schema number of this binary. */
#define STORE_SCHEMA 8

#endif
