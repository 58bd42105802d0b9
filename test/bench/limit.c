/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench/limit.c - the limit: a bare server that writes and reads the same rows and does nothing else.
 *
 *   bench_limit serve DB STREAM:RID STREAM:RID                   prints its port
 *   bench_limit loop  DB STREAM:RID STREAM:RID COUNT GROUP       the same writes without HTTP
 *   bench_limit flush FILE COUNT                                 what a flush of the disk costs
 *
 * DB is a copy of a store of the product. The first record was made by one creation, the second by
 * the like creation and one step: the rows they left are written again under new ids. Per creation:
 * the record, one event, the same visibility rows (those by due among them); per step the update,
 * one event, the moved visibility rows. A page is read by an index made for exactly its query
 * (limit_page), a board from a table that holds nothing but its cells (limit_board).
 *
 * Does: one thread, epoll, one commit for all that is ready, WAL with synchronous FULL.
 * Does not: sign-in, checks, chain, clocks, idempotency, figures, search.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define ROOM (1 << 20)
#define COLUMNS 40
#define ROWS 512

struct rows {
    int n, width;
    sqlite3_value *at[ROWS][COLUMNS];
};

/* What one write leaves. */
struct left {
    struct rows record, event, vis, due;
};

static sqlite3 *db;
static struct left created, stepped;
static sqlite3_int64 stream, next_rid, next_seq;
static unsigned long calls;
static bool writing;

enum { BEGIN, COMMIT, RECORD, UPDATE, EVENT, VIS, DUE, VIS_GONE, DUE_GONE, PAGE, BOARD, STATEMENTS };
static sqlite3_stmt *prepared[STATEMENTS];
static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [RECORD] = "INSERT INTO record_now VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [UPDATE] = "UPDATE record_now SET rev=?3, kind=?4, version=?5, place=?7, line=?8, lines=?9, unit=?10, "
               "desk=?11, state=?12, level=?13, cycle=?14, due=?16, closed=?17, sealed=?18, title=?19, "
               "fields=?20, private=?21, clocks=?22, parties=?23, seq=?24 WHERE stream=?1 AND rid=?2",
    [EVENT] = "INSERT INTO chain_event (stream, seq, rid, rev, at, state, level, line, place, unit, sealed, "
              "body, digest) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [VIS] = "INSERT INTO record_vis (key, facet, rid, stream, line) VALUES (?,?,?,?,?)",
    [DUE] = "INSERT INTO record_due_vis (key, facet, due, rid, stream) VALUES (?,?,?,?,?)",
    [VIS_GONE] = "DELETE FROM record_vis WHERE key=? AND facet=? AND rid=? AND stream=?",
    [DUE_GONE] = "DELETE FROM record_due_vis WHERE key=? AND facet=? AND due=? AND rid=? AND stream=?",
    [PAGE] = "SELECT n.number, n.title, n.state, n.level, n.born, n.due, n.place, n.unit, n.desk, n.fields "
             "FROM limit_page p JOIN record_now n ON n.rid = p.rid AND n.stream = p.stream WHERE p.query = ? "
             "ORDER BY p.rid DESC LIMIT 20",
    [BOARD] = "SELECT cell, n FROM limit_board WHERE board = ? ORDER BY cell",
};

static void
stop(const char *why)
{
    fprintf(stderr, "bench_limit: %s: %s\n", why, db ? sqlite3_errmsg(db) : strerror(errno));
    exit(1);
}

static double
now_us(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- what is written again ---- */

static void
copy_rows(struct rows *out, const char *sql, sqlite3_int64 rid)
{
    sqlite3_stmt *q;

    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
        stop(sql);
    sqlite3_bind_int64(q, 1, rid);
    sqlite3_bind_int64(q, 2, stream);
    out->width = sqlite3_column_count(q);
    while (out->n < ROWS && sqlite3_step(q) == SQLITE_ROW) {
        for (int i = 0; i < out->width; i++)
            out->at[out->n][i] = sqlite3_value_dup(sqlite3_column_value(q, i));
        out->n++;
    }
    sqlite3_finalize(q);
}

static void
copy_left(struct left *l, const char *id)
{
    char *colon;
    sqlite3_int64 rid;

    stream = strtoll(id, &colon, 10);
    rid = strtoll(colon + 1, NULL, 10);
    /* A number is unique: the rows written again go without, which costs its index as much. */
    copy_rows(&l->record,
              "SELECT stream, rid, rev, kind, version, NULL, place, line, lines, unit, desk, state, level, "
              "cycle, born, due, closed, sealed, title, fields, private, clocks, parties, seq FROM record_now "
              "WHERE rid = ? AND stream = ?",
              rid);
    copy_rows(&l->event,
              "SELECT stream, seq, rid, rev, at, state, level, line, place, unit, sealed, body, digest FROM "
              "chain_event WHERE rid = ? AND stream = ? ORDER BY rev DESC LIMIT 1",
              rid);
    copy_rows(&l->vis, "SELECT key, facet, rid, stream, line FROM record_vis WHERE rid = ? AND stream = ?", rid);
    copy_rows(&l->due, "SELECT key, facet, due, rid, stream FROM record_due_vis WHERE rid = ? AND stream = ?",
              rid);
    if (l->record.n != 1 || l->event.n != 1 || !l->vis.n)
        stop("the record to write again is not there");
}

static sqlite3_int64
number(const char *sql)
{
    sqlite3_stmt *q;
    sqlite3_int64 n;

    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
        stop(sql);
    sqlite3_bind_int64(q, 1, stream);
    if (sqlite3_step(q) != SQLITE_ROW)
        stop(sql);
    n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return n;
}

static void
open_store(char **argv)
{
    if (sqlite3_open_v2(argv[0], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        sqlite3_exec(db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000; PRAGMA "
                     "temp_store=MEMORY; PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=16000; PRAGMA "
                     "mmap_size=1073741824; CREATE TABLE IF NOT EXISTS limit_page (query INTEGER, rid BIGINT, "
                     "stream INTEGER, PRIMARY KEY (query, rid, stream)) WITHOUT ROWID; CREATE TABLE IF NOT "
                     "EXISTS limit_board (board INTEGER, cell TEXT, n BIGINT, PRIMARY KEY (board, cell)) "
                     "WITHOUT ROWID;",
                     NULL, NULL, NULL) != SQLITE_OK)
        stop(argv[0]);
    copy_left(&created, argv[1]);
    copy_left(&stepped, argv[2]);
    next_rid = number("SELECT max(rid) + 1000 FROM record_now WHERE ? IS NOT NULL");
    next_seq = number("SELECT max(seq) + 1 FROM chain_event WHERE stream = ?");
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &prepared[i], NULL) != SQLITE_OK)
            stop(texts[i]);
}

/* ---- writing ---- */

/* Binds a row that was copied, other integers at up to two places, and runs. */
static void
run(int which, const struct rows *r, int row, int at, sqlite3_int64 value, int at2, sqlite3_int64 value2)
{
    sqlite3_stmt *q = prepared[which];
    int n = sqlite3_bind_parameter_count(q);

    for (int i = 0; i < n && r; i++)
        sqlite3_bind_value(q, i + 1, r->at[row][i]);
    if (at)
        sqlite3_bind_int64(q, at, value);
    if (at2)
        sqlite3_bind_int64(q, at2, value2);
    calls++;
    if (sqlite3_step(q) != SQLITE_DONE)
        stop(texts[which]);
    sqlite3_reset(q);
}

static void
begin(void)
{
    if (!writing)
        run(BEGIN, NULL, 0, 0, 0, 0, 0);
    writing = true;
}

static void
commit(void)
{
    if (writing)
        run(COMMIT, NULL, 0, 0, 0, 0, 0);
    writing = false;
}

static void
write_event(const struct left *l, sqlite3_int64 rid)
{
    run(EVENT, &l->event, 0, 3, rid, 2, next_seq++);
}

static void
write_visible(const struct left *l, sqlite3_int64 rid)
{
    for (int i = 0; i < l->vis.n; i++)
        run(VIS, &l->vis, i, 3, rid, 0, 0);
    for (int i = 0; i < l->due.n; i++)
        run(DUE, &l->due, i, 4, rid, 0, 0);
}

static sqlite3_int64
create(void)
{
    sqlite3_int64 rid = next_rid;

    next_rid += 64;
    begin();
    run(RECORD, &created.record, 0, 2, rid, 24, next_seq);
    write_event(&created, rid);
    write_visible(&created, rid);
    return rid;
}

static void
step(sqlite3_int64 rid)
{
    begin();
    run(UPDATE, &stepped.record, 0, 2, rid, 24, next_seq);
    write_event(&stepped, rid);
    for (int i = 0; i < created.vis.n; i++)
        run(VIS_GONE, &created.vis, i, 3, rid, 0, 0);
    for (int i = 0; i < created.due.n; i++)
        run(DUE_GONE, &created.due, i, 4, rid, 0, 0);
    write_visible(&stepped, rid);
}

/* ---- without HTTP ---- */

static void
report(const char *name, size_t count, double began, double cpu, unsigned long called)
{
    double spent = now_us(CLOCK_MONOTONIC) - began;

    printf("\"%s\":{\"us\":%.2f,\"cpu_us\":%.2f,\"calls\":%.2f,\"calls_per_s\":%.0f}", name, spent / (double)count,
           (now_us(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)count, (double)called / (double)count,
           (double)called * 1e6 / spent);
}

static void
loop(size_t count, size_t group)
{
    sqlite3_int64 *rids = calloc(count, sizeof *rids);
    double began = now_us(CLOCK_MONOTONIC), cpu = now_us(CLOCK_PROCESS_CPUTIME_ID);

    if (!rids)
        stop("memory");
    calls = 0;
    for (size_t i = 0; i < count; i++) {
        rids[i] = create();
        if ((i + 1) % group == 0)
            commit();
    }
    commit();
    printf("{");
    report("create", count, began, cpu, calls);
    began = now_us(CLOCK_MONOTONIC), cpu = now_us(CLOCK_PROCESS_CPUTIME_ID);
    calls = 0;
    for (size_t i = 0; i < count; i++) {
        step(rids[i]);
        if ((i + 1) % group == 0)
            commit();
    }
    commit();
    printf(",");
    report("step", count, began, cpu, calls);
    printf("}\n");
    free(rids);
}

static int
order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void
flush(const char *path, size_t count)
{
    char page[4096] = {0};
    double *each = calloc(count, sizeof *each);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || !each)
        stop(path);
    for (size_t i = 0; i < count; i++) {
        double began = now_us(CLOCK_MONOTONIC);

        if (write(fd, page, sizeof page) != (ssize_t)sizeof page || fdatasync(fd) != 0)
            stop(path);
        each[i] = now_us(CLOCK_MONOTONIC) - began;
    }
    qsort(each, count, sizeof *each, order);
    printf("{\"median_us\":%.1f,\"p99_us\":%.1f}\n", each[count / 2], each[count * 99 / 100]);
    close(fd);
    unlink(path);
    free(each);
}

/* ---- with HTTP ---- */

struct client {
    int fd;
    size_t have, said;
    char *in, *out;
};

static void
say(struct client *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    c->said += (size_t)vsnprintf(c->out + c->said, ROOM - c->said, format, args);
    va_end(args);
}

static void
answer_read(struct client *c, int which, sqlite3_int64 query)
{
    sqlite3_stmt *q = prepared[which];
    char digits[16];
    size_t head, body;
    int n = 0;

    say(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ");
    head = c->said;
    say(c, "000000000\r\n\r\n");
    body = c->said;
    say(c, "{\"items\":[");
    sqlite3_bind_int64(q, 1, query);
    while (sqlite3_step(q) == SQLITE_ROW) {
        say(c, n++ ? ",{" : "{");
        for (int i = 0; i < sqlite3_column_count(q); i++) {
            const char *text = (const char *)sqlite3_column_text(q, i);
            bool bare = sqlite3_column_type(q, i) == SQLITE_INTEGER || (text && (*text == '{' || *text == '['));

            say(c, "%s\"%s\":%s%s%s", i ? "," : "", sqlite3_column_name(q, i), !text || bare ? "" : "\"",
                text ? text : "null", !text || bare ? "" : "\"");
        }
        say(c, "}");
    }
    sqlite3_reset(q);
    say(c, "]}");
    snprintf(digits, sizeof digits, "%09zu", c->said - body);
    memcpy(c->out + head, digits, 9);
}

static void
answer_write(struct client *c, int status, sqlite3_int64 rid, const struct left *l)
{
    const char *fields = (const char *)sqlite3_value_text(l->record.at[0][19]);

    say(c, "HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nLocation: /step/%lld\r\nETag: \"1\"\r\n"
           "Content-Length: %zu\r\n\r\n%s",
        status, (long long)rid, strlen(fields), fields);
}

/* Takes one whole request where there is one. */
static void
serve_one(struct client *c)
{
    char *body, *length;
    size_t whole;

    c->in[c->have] = '\0';
    body = strstr(c->in, "\r\n\r\n");
    if (!body)
        return;
    length = strcasestr(c->in, "content-length:");
    whole = (size_t)(body + 4 - c->in) + (length && length < body ? strtoul(length + 15, NULL, 10) : 0);
    if (c->have < whole)
        return;
    if (strncmp(c->in, "POST /create", 12) == 0) {
        answer_write(c, 201, create(), &created);
    } else if (strncmp(c->in, "POST /step/", 11) == 0) {
        sqlite3_int64 rid = strtoll(c->in + 11, NULL, 10);

        step(rid);
        answer_write(c, 200, rid, &stepped);
    } else if (strncmp(c->in, "GET /page/", 10) == 0) {
        answer_read(c, PAGE, strtoll(c->in + 10, NULL, 10));
    } else {
        answer_read(c, BOARD, strtoll(c->in + strlen("GET /board/"), NULL, 10));
    }
    c->have = 0;
}

static bool
hear(struct client *c)
{
    ssize_t n = read(c->fd, c->in + c->have, ROOM - 1 - c->have);

    if (n <= 0) {
        close(c->fd);
        free(c->in);
        free(c->out);
        free(c);
        return false;
    }
    c->have += (size_t)n;
    serve_one(c);
    return true;
}

static void
speak(struct client *c)
{
    size_t sent = 0;

    while (sent < c->said) {
        ssize_t n = write(c->fd, c->out + sent, c->said - sent);

        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    c->said = 0;
}

static void
admit(int poll, int listener)
{
    struct client *c = calloc(1, sizeof *c);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    int one = 1;

    c->fd = accept(listener, NULL, NULL);
    c->in = malloc(ROOM);
    c->out = malloc(ROOM);
    if (c->fd < 0 || !c->in || !c->out || epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &e) != 0)
        stop("accept");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void
serve(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    int poll = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM, 0);
    struct epoll_event e = {.events = EPOLLIN}, ready[64];

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &len) != 0 ||
        epoll_ctl(poll, EPOLL_CTL_ADD, listener, &e) != 0)
        stop("listen");
    printf("http://127.0.0.1:%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        struct client *heard[64];
        int n = epoll_wait(poll, ready, 64, -1), n_heard = 0;

        for (int i = 0; i < n; i++) {
            if (!ready[i].data.ptr)
                admit(poll, listener);
            else if (hear(ready[i].data.ptr))
                heard[n_heard++] = ready[i].data.ptr;
        }
        commit();
        for (int i = 0; i < n_heard; i++)
            speak(heard[i]);
    }
}

int
main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "flush") == 0) {
        flush(argv[2], strtoul(argv[3], NULL, 10));
    } else if (argc == 7 && strcmp(argv[1], "loop") == 0) {
        open_store(argv + 2);
        loop(strtoul(argv[5], NULL, 10), strtoul(argv[6], NULL, 10));
    } else if (argc == 5 && strcmp(argv[1], "serve") == 0) {
        open_store(argv + 2);
        serve();
    } else {
        stop("usage: bench_limit serve|loop|flush …");
    }
    return 0;
}
