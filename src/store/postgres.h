/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/postgres.h - what the files of the PostgreSQL engine share: the connection and its pipeline.
 *
 * Statements are sent in libpq's pipeline mode. One that answers no rows and whose count nobody asked
 * for waits in the pipeline: its refusal, if any, is the fault of the next statement that is waited
 * for, in the same savepoint at the latest. So a step of thirty statements waits for a third of them.
 */
#ifndef STORE_POSTGRES_H
#define STORE_POSTGRES_H

#include "store/inside.h"
#include <libpq-fe.h>

#define PIPELINE 64 /* statements under way: their answers fit a socket's buffer many times over */

/* Types by their numbers in PostgreSQL's catalogue, the same in every server. */
enum store_postgres_type {
    TYPE_BOOL = 16,
    TYPE_BYTES = 17,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25
};

struct prepared {
    char *key; /* parameter letters, a line end, the text */
    char name[16];
    uint64_t used;
};

#define ADDRESSES 2048 /* of statements' texts; a power of two */

struct under_way {
    struct prepared *made; /* a preparation: of this statement */
    const char *sql;       /* for messages */
};

struct postgres {
    struct store base;
    char *url;
    PGconn *conn;
    bool doubt, filling;
    bool owes_begin; /* of a snapshot: sent with its first question */
    uint64_t names; /* of prepared statements, ever */
    uint64_t uses;
    struct prepared cache[STORE_STATEMENTS];
    struct prepared *by_address[ADDRESSES];
    struct under_way queue[PIPELINE * 2 + 2];
    size_t n;
    struct store_postgres_copy *copy; /* rows on their way into one table; NULL: none */
};

/* The fault of an answer, or of the connection where `answer` is NULL. */
enum fault_code
store_postgres_refuse(struct task *t, struct postgres *s, const PGresult *answer, const char *sql);

/* Puts a statement, prepared once, into the pipeline. */
MUST_USE enum fault_code
store_postgres_send(struct task *t, struct postgres *s, const char *sql,
                    const struct store_value *values, size_t n);

/* Sends the beginning of a snapshot that was promised and not yet needed. */
MUST_USE enum fault_code
store_postgres_begun(struct task *t, struct postgres *s);

/* Waits for all that is under way; the answer of the last one is the caller's to clear. */
MUST_USE enum fault_code
store_postgres_wait(struct task *t, struct postgres *s, PGresult **last);

/* Forgets what was prepared: a new connection knows nothing. */
void
store_postgres_forget(struct postgres *s);

MUST_USE enum fault_code
store_postgres_run(struct task *t, struct store *base, int64_t *changed, const char *sql,
                   const struct store_value *values, size_t n);
MUST_USE enum fault_code
store_postgres_run_rows(struct task *t, struct store *base, const char *sql, const struct store_value *values,
                        size_t width, size_t rows);
MUST_USE enum fault_code
store_postgres_query(struct task *t, struct store *base, struct rows *r, const char *sql,
                     const struct store_value *values, size_t n);
MUST_USE enum fault_code
store_postgres_walk(struct task *t, struct store *base, struct rows *r, const char *sql);
bool store_postgres_next(struct task *t, struct rows *r);
void store_postgres_end(struct rows *r);
int64_t store_postgres_int(const struct rows *r, int column);
bool store_postgres_null(const struct rows *r, int column);
const char *store_postgres_column(struct task *t, const struct rows *r, int column, size_t *len);
int store_postgres_width(const struct rows *r);
const char *store_postgres_name(const struct rows *r, int column);
void store_postgres_cell(const struct rows *r, int column, struct store_raw *out);

/* postgres_copy.c: rows in bulk. */
MUST_USE enum fault_code
store_postgres_copy_begin(struct task *t, struct store *base, const char *table, const char *columns, size_t n);
MUST_USE enum fault_code
store_postgres_copy_row(struct task *t, struct store *base, const struct store_value *values, size_t n);
MUST_USE enum fault_code
store_postgres_copy_end(struct task *t, struct store *base);
/* Ends a copy that nobody finishes; what came of it is refused, and the transaction with it. */
void
store_postgres_copy_drop(struct postgres *s);

/* Sees to a connection that answers before a transaction or a statement of its own begins. */
MUST_USE enum fault_code
store_postgres_ready(struct task *t, struct postgres *s);

#endif
