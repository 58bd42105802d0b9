/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/serve.c - the serving process: a desk with its writer, routes, sockets, two signals.
 *
 * Knows: the order of starting and stopping.
 * Does not know: requests.
 */
#include "cmd/cmd.h"

#include "api/api.h"
#include "base/time.h"
#include "http/http.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * A writer waits for its commit on its worker, so that as many share one fsync as there are workers:
 * 600 new records by 32 callers took 7.5 s with 4 of them, 1.4 s with 32. An idle one costs 0.6 MB.
 */
#define WORKERS_LEAST 32
#define WORKERS_MOST 128

static int64_t
system_clock(void *who)
{
    (void)who;
    return time_system();
}

/* Every thread made after this leaves both signals to the one that waits. */
static void
hold_signals(sigset_t *ends)
{
    sigemptyset(ends);
    sigaddset(ends, SIGTERM);
    sigaddset(ends, SIGINT);
    must(pthread_sigmask(SIG_BLOCK, ends, NULL) == 0);
}

static unsigned
processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN) * 4;

    return n < WORKERS_LEAST ? WORKERS_LEAST : n > WORKERS_MOST ? WORKERS_MOST : (unsigned)n;
}

static enum fault_code
run(struct task *t, struct desk *d, const char *listen, unsigned workers, const sigset_t *ends)
{
    const struct api_options routes = {.desk = d, .log = stderr, .now = system_clock};
    struct api *api = api_new(&routes);
    const struct http_options sockets = {.listen = listen,
                                         .workers = workers,
                                         .serve = api_serve,
                                         .limit = api_limit,
                                         .enter = api_enter,
                                         .leave = api_leave,
                                         .now = system_clock,
                                         .who = api};
    struct http_server *server;
    int signal_number;
    enum fault_code rc = http_start(t, &sockets, &server);

    if (!rc) {
        printf("%s\n", http_address(server));
        (void)fflush(stdout);
        (void)sigwait(ends, &signal_number);
        http_stop(server);
    }
    api_free(api);
    return rc;
}

int
cmd_serve(struct cmd_line *l)
{
    const char *db = NULL, *listen = NULL, *workers = NULL;
    const struct cmd_option options[] = {
        {"--db", &db, NULL}, {"--listen", &listen, NULL}, {"--workers", &workers, NULL}, {0}};
    uint64_t n_workers = processors();
    struct desk_options o = {.serve = true, .now = system_clock};
    struct desk *d;
    struct task t;
    sigset_t ends;
    size_t n;
    int status = 0;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || cmd_need(l, "--db", db))
        return 2;
    if (workers && cmd_number(l, "--workers", workers, &n_workers))
        return 2;
    if (!n_workers || n_workers > WORKERS_MOST)
        return cmd_wrong(l, "--workers 为 1 到 %d | --workers is 1 to %d", WORKERS_MOST,
                         WORKERS_MOST);
    if (cmd_task(l, NULL, &t))
        return 2;
    hold_signals(&ends);
    o.url = db;
    rc = desk_open(&t, &o, &d);
    if (!rc) {
        cmd_clock(l, &t, d);
        rc = run(&t, d, listen ? listen : "127.0.0.1:8080", (unsigned)n_workers, &ends);
        desk_close(d);
    }
    if (rc)
        status = cmd_fail(l, &t, rc);
    task_release(&t);
    return status;
}
