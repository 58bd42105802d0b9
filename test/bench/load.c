/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench/load.c - many clients from one thread, so that the client is never what is measured.
 *
 *   bench_load PORT CLIENTS COUNT REQUESTS [ANSWERS]
 *
 * REQUESTS holds whole HTTP requests, each after a line with its length; the clients take them in
 * turn, each on a kept connection, until COUNT are answered. ANSWERS gets a line for each in the
 * order of the requests: status, Location, ETag. One line of JSON tells what was measured.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROOM (1 << 20)

struct request {
    const char *bytes;
    size_t len;
};

struct answer {
    int status;
    char location[96], etag[32];
};

struct client {
    int fd;
    size_t asks, sent, have;
    double since;
    char *in;
};

static struct request *requests;
static size_t n_requests, n_answers, next_ask, done, failed, answered_bytes;
static struct answer *answers;
static double *waits;

static void
stop(const char *why)
{
    fprintf(stderr, "bench_load: %s: %s\n", why, strerror(errno));
    exit(1);
}

static double
now_us(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
read_requests(const char *path)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    char *text, *at, *end;

    if (fd < 0 || fstat(fd, &st) != 0)
        stop(path);
    text = malloc((size_t)st.st_size + 1);
    if (!text || read(fd, text, (size_t)st.st_size) != st.st_size)
        stop(path);
    close(fd);
    text[st.st_size] = '\0';
    end = text + st.st_size;
    requests = malloc(((size_t)st.st_size / 16 + 1) * sizeof *requests);
    for (at = text; at < end;) {
        size_t len = strtoul(at, &at, 10);

        requests[n_requests].bytes = at + 1;
        requests[n_requests++].len = len;
        at += 1 + len;
    }
    if (!n_requests)
        stop("no requests");
}

static void
join(struct client *c, int poll, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    int one = 1;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
        stop("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->in = malloc(ROOM);
    if (!c->in || epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &e) != 0)
        stop("epoll");
}

static void
ask(struct client *c)
{
    const struct request *q;
    size_t sent = 0;

    if (next_ask >= n_answers) {
        c->asks = n_answers;
        return;
    }
    c->asks = next_ask++;
    q = &requests[c->asks % n_requests];
    c->since = now_us(CLOCK_MONOTONIC);
    while (sent < q->len) {
        ssize_t n = write(c->fd, q->bytes + sent, q->len - sent);

        if (n <= 0)
            stop("write");
        sent += (size_t)n;
    }
}

static void
copy_header(const char *head, const char *name, char *out, size_t room)
{
    size_t len = strlen(name);

    for (const char *at = head; (at = strchr(at, '\n')) != NULL;) {
        at++;
        if (strncasecmp(at, name, len) == 0 && at[len] == ':') {
            at += len + 1 + strspn(at + len + 1, " ");
            len = strcspn(at, "\r\n");
            snprintf(out, room, "%.*s", (int)len, at);
            return;
        }
    }
}

/* True when the whole answer is there. */
static bool
take(struct client *c)
{
    struct answer *a = &answers[c->asks];
    char *body, length[32] = "0";
    size_t whole;

    c->in[c->have] = '\0';
    body = strstr(c->in, "\r\n\r\n");
    if (!body)
        return false;
    *body = '\0';
    copy_header(c->in, "content-length", length, sizeof length);
    whole = (size_t)(body + 4 - c->in) + strtoul(length, NULL, 10);
    if (c->have < whole) {
        *body = '\r';
        return false;
    }
    a->status = (int)strtol(c->in + 9, NULL, 10);
    copy_header(c->in, "location", a->location, sizeof a->location);
    copy_header(c->in, "etag", a->etag, sizeof a->etag);
    waits[done++] = now_us(CLOCK_MONOTONIC) - c->since;
    answered_bytes += whole;
    if (a->status >= 400 && !failed++)
        fprintf(stderr, "bench_load: %d %s\n", a->status, body + 4);
    c->have = 0;
    return true;
}

static void
serve(struct client *c)
{
    ssize_t n = read(c->fd, c->in + c->have, ROOM - 1 - c->have);

    if (n <= 0)
        stop("the server closed a connection");
    c->have += (size_t)n;
    if (take(c))
        ask(c);
}

static int
order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void
write_answers(const char *path)
{
    FILE *f = fopen(path, "w");

    if (!f)
        stop(path);
    for (size_t i = 0; i < n_answers; i++)
        fprintf(f, "%d %s %s\n", answers[i].status, answers[i].location[0] ? answers[i].location : "-",
                answers[i].etag[0] ? answers[i].etag : "-");
    fclose(f);
}

int
main(int argc, char **argv)
{
    struct client *clients;
    struct epoll_event ready[64];
    size_t n_clients;
    double began, spent;
    int poll = epoll_create1(0);

    if (argc < 5)
        stop("usage: bench_load PORT CLIENTS COUNT REQUESTS [ANSWERS]");
    n_clients = strtoul(argv[2], NULL, 10);
    n_answers = strtoul(argv[3], NULL, 10);
    read_requests(argv[4]);
    clients = calloc(n_clients, sizeof *clients);
    answers = calloc(n_answers + 1, sizeof *answers);
    waits = calloc(n_answers, sizeof *waits);
    for (size_t i = 0; i < n_clients; i++)
        join(&clients[i], poll, (int)strtol(argv[1], NULL, 10));
    began = now_us(CLOCK_MONOTONIC);
    for (size_t i = 0; i < n_clients; i++)
        ask(&clients[i]);
    while (done < n_answers) {
        int n = epoll_wait(poll, ready, 64, 60000);

        if (n <= 0)
            stop("no answer for a minute");
        for (int i = 0; i < n; i++)
            serve(ready[i].data.ptr);
    }
    spent = now_us(CLOCK_MONOTONIC) - began;
    qsort(waits, done, sizeof *waits, order);
    if (argc > 5)
        write_answers(argv[5]);
    printf("{\"count\":%zu,\"failed\":%zu,\"us\":%.0f,\"median_us\":%.1f,\"p99_us\":%.1f,\"bytes\":%zu,"
           "\"client_cpu_us\":%.0f}\n",
           done, failed, spent, waits[done / 2], waits[done * 99 / 100], answered_bytes / done,
           now_us(CLOCK_PROCESS_CPUTIME_ID));
    return 0;
}
