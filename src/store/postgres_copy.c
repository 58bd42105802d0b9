/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/postgres_copy.c - rows in bulk: COPY in PostgreSQL's binary form.
 *
 * The binary form takes a value just as its column keeps it, so the columns' types are asked for first. A
 * pipeline takes no COPY: what is under way is waited for, and the pipeline entered again behind the last row.
 *
 * Knows: the bytes of the binary form, when they are sent.
 * Does not know: any table.
 */
#include "base/text.h"
#include "store/postgres.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define SENT_AT_ONCE (128 * 1024)

struct store_postgres_copy {
    struct arena *arena; /* of the whole copy */
    const char *sql;
    enum store_postgres_type types[STORE_COLUMNS];
    char *bytes;
    size_t len, room;
};

/* ---- the bytes ---- */

static void
put(struct store_postgres_copy *c, const void *bytes, size_t len)
{
    if (c->len + len > c->room) {
        c->room = (c->len + len) * 2;
        c->bytes = realloc(c->bytes, c->room);
        must(c->bytes != NULL);
    }
    if (len)
        memcpy(c->bytes + c->len, bytes, len);
    c->len += len;
}

static void
put_16(struct store_postgres_copy *c, int16_t n)
{
    uint16_t wire = htobe16((uint16_t)n);

    put(c, &wire, sizeof wire);
}

static void
put_32(struct store_postgres_copy *c, int32_t n)
{
    uint32_t wire = htobe32((uint32_t)n);

    put(c, &wire, sizeof wire);
}

static bool
put_integer(struct store_postgres_copy *c, enum store_postgres_type type, int64_t n)
{
    uint64_t wide = htobe64((uint64_t)n);

    switch (type) {
    case TYPE_INT8:
        put_32(c, sizeof wide);
        put(c, &wide, sizeof wide);
        return true;
    case TYPE_INT4:
        put_32(c, sizeof(int32_t));
        put_32(c, (int32_t)n);
        return n >= INT32_MIN && n <= INT32_MAX;
    case TYPE_INT2:
        put_32(c, sizeof(int16_t));
        put_16(c, (int16_t)n);
        return n >= INT16_MIN && n <= INT16_MAX;
    default:
        return false;
    }
}

/* False where the column does not hold such a value. */
static bool
put_value(struct store_postgres_copy *c, enum store_postgres_type type, const struct store_value *v)
{
    size_t len = v->letter == 's' && v->bytes ? strlen(v->bytes) : v->len;

    if (v->letter == 'n' || (v->letter == 's' && !v->bytes)) {
        put_32(c, -1);
        return true;
    }
    if (v->letter == 'i')
        return put_integer(c, type, v->integer);
    if (type != (v->letter == 's' ? TYPE_TEXT : TYPE_BYTES) || len > INT32_MAX)
        return false;
    put_32(c, (int32_t)len);
    put(c, v->bytes, len);
    return true;
}

/* ---- the connection ---- */

static void
forget(struct postgres *s)
{
    arena_free(s->copy->arena);
    free(s->copy->bytes);
    free(s->copy);
    s->copy = NULL;
}

/* What the server says behind the last row, or after it refused one. */
static enum fault_code
take_end(struct task *t, struct postgres *s)
{
    enum fault_code rc = FAULT_NONE;
    PGresult *answer;

    while ((answer = PQgetResult(s->conn))) {
        ExecStatusType status = PQresultStatus(answer);

        if (status != PGRES_COMMAND_OK && !rc)
            rc = store_postgres_refuse(t, s, answer, s->copy->sql);
        PQclear(answer);
        if (status == PGRES_COPY_IN && PQputCopyEnd(s->conn, "given up") != 1)
            break;
    }
    if (!rc && PQstatus(s->conn) != CONNECTION_OK)
        rc = store_postgres_refuse(t, s, NULL, s->copy->sql);
    if (PQstatus(s->conn) == CONNECTION_OK)
        must(PQenterPipelineMode(s->conn));
    return rc;
}

static enum fault_code
send(struct task *t, struct postgres *s)
{
    size_t len = s->copy->len;

    s->copy->len = 0;
    return PQputCopyData(s->conn, s->copy->bytes, (int)len) == 1
               ? FAULT_NONE
               : store_postgres_refuse(t, s, NULL, s->copy->sql);
}

static enum fault_code
learn_types(struct task *t, struct postgres *s, const char *table, const char *columns, size_t n)
{
    PGresult *answer = NULL;
    enum fault_code rc =
        store_postgres_send(t, s, arena_format(t->arena, "SELECT %s FROM %s LIMIT 0", columns, table), NULL, 0);

    if (!rc)
        rc = store_postgres_wait(t, s, &answer);
    if (rc)
        return rc;
    must((size_t)PQnfields(answer) == n);
    for (size_t i = 0; i < n; i++)
        s->copy->types[i] = (enum store_postgres_type)PQftype(answer, (int)i);
    PQclear(answer);
    return FAULT_NONE;
}

static enum fault_code
open_copy(struct task *t, struct postgres *s)
{
    static const char head[19] = "PGCOPY\n\377\r\n"; /* a zero, flags and the length of no more head behind it */
    PGresult *answer;
    enum fault_code rc = FAULT_NONE;

    must(PQexitPipelineMode(s->conn));
    answer = PQexec(s->conn, s->copy->sql);
    if (PQresultStatus(answer) != PGRES_COPY_IN)
        rc = store_postgres_refuse(t, s, answer, s->copy->sql);
    PQclear(answer);
    if (rc && PQstatus(s->conn) == CONNECTION_OK)
        must(PQenterPipelineMode(s->conn));
    put(s->copy, head, sizeof head);
    return rc;
}

enum fault_code
store_postgres_copy_begin(struct task *t, struct store *base, const char *table, const char *columns, size_t n)
{
    struct postgres *s = (struct postgres *)base;
    enum fault_code rc;

    must(!s->copy);
    s->copy = calloc(1, sizeof *s->copy);
    must(s->copy != NULL);
    s->copy->arena = arena_new();
    s->copy->sql =
        arena_format(s->copy->arena, "COPY %s (%s) FROM STDIN (FORMAT binary)", table, columns);
    rc = learn_types(t, s, table, columns, n);
    if (!rc)
        rc = open_copy(t, s);
    if (rc)
        forget(s);
    return rc;
}

enum fault_code
store_postgres_copy_row(struct task *t, struct store *base, const struct store_value *values, size_t n)
{
    struct postgres *s = (struct postgres *)base;

    put_16(s->copy, (int16_t)n);
    for (size_t i = 0; i < n; i++)
        if (!put_value(s->copy, s->copy->types[i], &values[i])) {
            t->store_broke = true;
            return fault(t, FAULT_STORE, NULL,
                         "一列不能存这样的值 | a column does not hold such a value: %.120s", s->copy->sql);
        }
    return s->copy->len < SENT_AT_ONCE ? FAULT_NONE : send(t, s);
}

enum fault_code
store_postgres_copy_end(struct task *t, struct store *base)
{
    struct postgres *s = (struct postgres *)base;
    enum fault_code rc;

    put_16(s->copy, -1);
    rc = send(t, s);
    if (!rc && PQputCopyEnd(s->conn, NULL) != 1)
        rc = store_postgres_refuse(t, s, NULL, s->copy->sql);
    if (!rc)
        rc = take_end(t, s);
    if (!rc)
        forget(s);
    else
        store_postgres_copy_drop(s);
    return rc;
}

void
store_postgres_copy_drop(struct postgres *s)
{
    struct task own_task;

    if (!s->copy)
        return;
    task_init(&own_task, 0, 1);
    if (PQstatus(s->conn) == CONNECTION_OK && PQpipelineStatus(s->conn) == PQ_PIPELINE_OFF) {
        (void)PQputCopyEnd(s->conn, "given up");
        (void)!take_end(&own_task, s);
    }
    task_release(&own_task);
    forget(s);
}
