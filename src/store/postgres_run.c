/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/postgres_run.c - statements through libpq's pipeline, and their rows.
 *
 * Knows: prepared statements, what is under way, binary values, cursors.
 * Does not know: any table.
 */
#include "base/text.h"
#include "store/postgres.h"
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 2000 /* of one statement: 200 branches of a list have 5 each */
#define WALK_ROWS "1000"

struct answer {
    PGresult *rows;
    int at;
    bool walks;
};

/* ---- preparing ---- */

static Oid
type_of(char letter)
{
    return letter == 'i' ? TYPE_INT8 : letter == 's' ? TYPE_TEXT : letter == 'b' ? TYPE_BYTES : 0;
}

static void
drop(struct postgres *s, struct prepared *p)
{
    (void)s;
    free(p->key);
    memset(p, 0, sizeof *p);
}

void
store_postgres_forget(struct postgres *s)
{
    for (size_t i = 0; i < STORE_STATEMENTS; i++)
        drop(s, &s->cache[i]);
    s->n = 0;
}

static void
push(struct postgres *s, struct prepared *made, const char *sql)
{
    must(s->n < sizeof s->queue / sizeof *s->queue);
    s->queue[s->n].made = made;
    s->queue[s->n++].sql = sql;
}

static bool
holds(const struct prepared *p, const char *letters, const char *sql)
{
    size_t n = strlen(letters);

    return p && p->key && strncmp(p->key, letters, n) == 0 && p->key[n] == '\n' &&
           strcmp(p->key + n + 1, sql) == 0;
}

/* Where the text stands says which statement it is before its letters are looked at, as in sqlite.c. */
static struct prepared **
address_slot(struct postgres *s, const char *sql)
{
    return &s->by_address[((uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 53];
}

/* The place of a statement, or the one it may have: a free one, else that of the one longest unused. */
static struct prepared *
place_of(struct postgres *s, const char *letters, const char *sql)
{
    size_t at = store_slot(sql);
    struct prepared *oldest = NULL;

    for (size_t i = 0; i < 16; i++) {
        struct prepared *p = &s->cache[(at + i) % STORE_STATEMENTS];

        if (holds(p, letters, sql))
            return p;
        if (!oldest || (p->key ? p->used : 0) < (oldest->key ? oldest->used : 0))
            oldest = p;
    }
    return oldest;
}

static enum fault_code
prepare(struct task *t, struct postgres *s, const char *sql, const struct store_value *values, size_t n,
        struct prepared **out)
{
    Oid types[PARAMETERS_MAX];
    char letters[PARAMETERS_MAX + 1];
    struct prepared **known = address_slot(s, sql), *p = *known;

    for (size_t i = 0; i < n; i++) {
        types[i] = type_of(values[i].letter);
        letters[i] = values[i].letter;
    }
    letters[n] = 0;
    if (!holds(p, letters, sql))
        p = place_of(s, letters, sql);
    *out = *known = p;
    p->used = ++s->uses;
    if (holds(p, letters, sql))
        return FAULT_NONE;
    if (p->key) {
        const char *close = arena_format(t->arena, "DEALLOCATE %s", p->name);

        if (!PQsendQueryParams(s->conn, close, 0, NULL, NULL, NULL, NULL, 1))
            return store_postgres_refuse(t, s, NULL, sql);
        push(s, NULL, "DEALLOCATE");
        drop(s, p);
    }
    p->key = strdup(arena_format(t->arena, "%s\n%s", letters, sql));
    p->used = s->uses;
    must(p->key != NULL);
    snprintf(p->name, sizeof p->name, "s%llu", (unsigned long long)++s->names);
    if (!PQsendPrepare(s->conn, p->name, store_postgres_text(t, sql), (int)n, types)) {
        drop(s, p);
        return store_postgres_refuse(t, s, NULL, sql);
    }
    push(s, p, strchr(p->key, '\n') + 1);
    return FAULT_NONE;
}

enum fault_code
store_postgres_begun(struct task *t, struct postgres *s)
{
    if (!s->owes_begin)
        return FAULT_NONE;
    s->owes_begin = false;
    return store_postgres_send(t, s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, 0);
}

enum fault_code
store_postgres_send(struct task *t, struct postgres *s, const char *sql,
                    const struct store_value *values, size_t n)
{
    const char *bytes[PARAMETERS_MAX];
    int lens[PARAMETERS_MAX], formats[PARAMETERS_MAX];
    uint64_t *integers = arena_alloc(t->arena, (n + 1) * sizeof *integers);
    struct prepared *p;
    enum fault_code rc;

    must(n <= PARAMETERS_MAX);
    rc = store_postgres_begun(t, s);
    if (rc)
        return rc;
    rc = prepare(t, s, sql, values, n, &p);
    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++) {
        const struct store_value *v = &values[i];

        bytes[i] = v->bytes;
        lens[i] = (int)v->len;
        formats[i] = v->letter != 's';
        if (v->letter == 'i') {
            integers[i] = htobe64((uint64_t)v->integer);
            bytes[i] = (const char *)&integers[i];
            lens[i] = sizeof integers[i];
        }
        must(v->letter != 'n' || !v->bytes);
    }
    if (!PQsendQueryPrepared(s->conn, p->name, (int)n, bytes, lens, formats, 1))
        return store_postgres_refuse(t, s, NULL, sql);
    push(s, NULL, strchr(p->key, '\n') + 1);
    return FAULT_NONE;
}

/* ---- waiting ---- */

static bool
is_good(const PGresult *answer)
{
    ExecStatusType status = PQresultStatus(answer);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* One answer: the first refusal is the fault, what follows it was never tried. */
static void
take_answer(struct task *t, struct postgres *s, PGresult *answer, const struct under_way *of,
            enum fault_code *rc, PGresult **last)
{
    bool good = is_good(answer);

    if (!good && of && of->made)
        drop(s, of->made);
    if (!good && !*rc)
        *rc = store_postgres_refuse(t, s, answer, of ? of->sql : NULL);
    if (good && last) {
        PQclear(*last);
        *last = answer;
    } else {
        PQclear(answer);
    }
}

enum fault_code
store_postgres_wait(struct task *t, struct postgres *s, PGresult **last)
{
    enum fault_code rc = FAULT_NONE;
    size_t at = 0;
    int silent = 0;

    if (last)
        *last = NULL;
    if (!PQpipelineSync(s->conn))
        rc = store_postgres_refuse(t, s, NULL, NULL);
    while (!rc || PQstatus(s->conn) == CONNECTION_OK) {
        PGresult *answer = PQgetResult(s->conn);
        bool ends = answer && PQresultStatus(answer) == PGRES_PIPELINE_SYNC;

        if (!answer && PQstatus(s->conn) != CONNECTION_OK) {
            rc = rc ? rc : store_postgres_refuse(t, s, NULL, NULL);
            break;
        }
        if (ends) {
            PQclear(answer);
            break;
        }
        if (answer) {
            take_answer(t, s, answer, at < s->n ? &s->queue[at] : NULL, &rc, last);
            at++;
        }
        silent = answer ? 0 : silent + 1;
        must(silent < 8);
    }
    s->n = 0;
    if (rc && last) {
        PQclear(*last);
        *last = NULL;
    }
    return rc;
}

/* ---- running ---- */

enum fault_code
store_postgres_run(struct task *t, struct store *base, int64_t *changed, const char *sql,
                   const struct store_value *values, size_t n)
{
    struct postgres *s = (struct postgres *)base;
    PGresult *answer = NULL;
    enum fault_code rc = base->in_transaction ? FAULT_NONE : store_postgres_ready(t, s);

    if (!rc)
        rc = store_postgres_send(t, s, sql, values, n);
    if (rc || (base->in_transaction && !changed && s->n < PIPELINE))
        return rc;
    rc = store_postgres_wait(t, s, &answer);
    if (!rc && changed)
        *changed = strtoll(PQcmdTuples(answer), NULL, 10);
    PQclear(answer);
    return rc;
}

/* One statement: its parentheses are written as often as there are rows. */
enum fault_code
store_postgres_run_rows(struct task *t, struct store *base, const char *sql, const struct store_value *values,
                        size_t width, size_t rows)
{
    const char *row = strstr(sql, "VALUES ("), *end;
    struct text x;

    must(row != NULL);
    row += strlen("VALUES ");
    end = strchr(row, ')');
    must(end != NULL);
    text_init(&x, t->arena);
    text_add(&x, sql, (size_t)(row - sql));
    for (size_t i = 0; i < rows; i++) {
        text_puts(&x, i ? ", " : "");
        text_add(&x, row, (size_t)(end + 1 - row));
    }
    text_puts(&x, end + 1);
    return store_postgres_run(t, base, NULL, text_string(&x), values, width * rows);
}

static struct answer *
answer_new(PGresult *rows, bool walks)
{
    struct answer *a = malloc(sizeof *a);

    must(a != NULL);
    *a = (struct answer){rows, -1, walks};
    return a;
}

enum fault_code
store_postgres_query(struct task *t, struct store *base, struct rows *r, const char *sql,
                     const struct store_value *values, size_t n)
{
    struct postgres *s = (struct postgres *)base;
    PGresult *rows = NULL;
    enum fault_code rc = base->in_transaction ? FAULT_NONE : store_postgres_ready(t, s);

    if (!rc)
        rc = store_postgres_send(t, s, sql, values, n);
    if (!rc)
        rc = store_postgres_wait(t, s, &rows);
    if (!rc)
        r->statement = answer_new(rows, false);
    return rc;
}

static enum fault_code
fetch(struct task *t, struct postgres *s, PGresult **rows)
{
    enum fault_code rc = store_postgres_send(t, s, "FETCH " WALK_ROWS " FROM walk", NULL, 0);

    return rc ? rc : store_postgres_wait(t, s, rows);
}

/* One at a time on a connection. */
enum fault_code
store_postgres_walk(struct task *t, struct store *base, struct rows *r, const char *sql)
{
    struct postgres *s = (struct postgres *)base;
    PGresult *rows = NULL;
    enum fault_code rc;

    must(base->in_transaction);
    rc = store_postgres_run(t, base, NULL,
                            arena_format(t->arena, "DECLARE walk NO SCROLL CURSOR FOR %s", sql), NULL, 0);
    if (!rc)
        rc = fetch(t, s, &rows);
    if (!rc)
        r->statement = answer_new(rows, true);
    return rc;
}

void
store_postgres_end(struct rows *r)
{
    struct answer *a = r->statement;

    if (a->walks) {
        struct task own;

        task_init(&own, 0, 1);
        (void)!store_postgres_run(&own, r->store, NULL, "CLOSE walk", NULL, 0);
        task_release(&own);
    }
    PQclear(a->rows);
    free(a);
}

bool
store_postgres_next(struct task *t, struct rows *r)
{
    struct answer *a = r->statement;

    if (++a->at < PQntuples(a->rows))
        return true;
    if (a->walks && PQntuples(a->rows) > 0) {
        PGresult *more = NULL;

        if (!fetch(t, (struct postgres *)r->store, &more)) {
            PQclear(a->rows);
            a->rows = more;
            a->at = 0;
            if (PQntuples(more) > 0)
                return true;
        }
    }
    store_postgres_end(r);
    r->statement = NULL;
    return false;
}

/* ---- values ---- */

static int64_t
binary_int(Oid type, const char *bytes)
{
    uint64_t wide;
    uint32_t word;
    uint16_t half;

    switch (type) {
    case TYPE_BOOL:
        return *bytes != 0;
    case TYPE_INT2:
        memcpy(&half, bytes, sizeof half);
        return (int16_t)be16toh(half);
    case TYPE_INT4:
        memcpy(&word, bytes, sizeof word);
        return (int32_t)be32toh(word);
    case TYPE_INT8:
        memcpy(&wide, bytes, sizeof wide);
        return (int64_t)be64toh(wide);
    default:
        return strtoll(bytes, NULL, 10);
    }
}

static bool
is_integer(Oid type)
{
    return type == TYPE_BOOL || type == TYPE_INT2 || type == TYPE_INT4 || type == TYPE_INT8;
}

/* Every other type is sent as its bytes; numeric is none of them, so no statement may answer one. */
static void
check_type(const struct answer *a, int column)
{
    must(PQftype(a->rows, column) != 1700);
}

int64_t
store_postgres_int(const struct rows *r, int column)
{
    const struct answer *a = r->statement;

    check_type(a, column);
    if (PQgetisnull(a->rows, a->at, column))
        return 0;
    return binary_int(PQftype(a->rows, column), PQgetvalue(a->rows, a->at, column));
}

bool
store_postgres_null(const struct rows *r, int column)
{
    const struct answer *a = r->statement;

    return PQgetisnull(a->rows, a->at, column);
}

const char *
store_postgres_column(struct task *t, const struct rows *r, int column, size_t *len)
{
    const struct answer *a = r->statement;
    const char *bytes = PQgetvalue(a->rows, a->at, column);

    check_type(a, column);
    *len = 0;
    if (PQgetisnull(a->rows, a->at, column))
        return NULL;
    if (is_integer(PQftype(a->rows, column))) {
        const char *digits = arena_format(t->arena, "%lld",
                                          (long long)binary_int(PQftype(a->rows, column), bytes));

        *len = strlen(digits);
        return digits;
    }
    *len = (size_t)PQgetlength(a->rows, a->at, column);
    return arena_copy(t->arena, bytes, *len);
}

int
store_postgres_width(const struct rows *r)
{
    return PQnfields(((const struct answer *)r->statement)->rows);
}

const char *
store_postgres_name(const struct rows *r, int column)
{
    return PQfname(((const struct answer *)r->statement)->rows, column);
}

static char
letter_of(Oid type)
{
    return is_integer(type) ? 'i' : type == TYPE_BYTES ? 'b' : 's';
}

void
store_postgres_cell(const struct rows *r, int column, struct store_raw *out)
{
    const struct answer *a = r->statement;

    out->letter = PQgetisnull(a->rows, a->at, column) ? 'n' : letter_of(PQftype(a->rows, column));
    out->bytes = PQgetvalue(a->rows, a->at, column);
    out->len = (size_t)PQgetlength(a->rows, a->at, column);
}
