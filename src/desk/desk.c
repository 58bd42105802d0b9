/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/desk.c - opening a desk, and the queue of writes.
 *
 * Knows: groups of one stream, one commit, each waiter woken by itself; savepoints where one refuses late.
 * Does not know: what a write does.
 */
#include "desk/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum fault_code
desk_pass_fault(struct task *t, const struct task *from)
{
    for (unsigned i = 0; i < from->fault.n_items; i++)
        (void)fault(t, from->fault.code, from->fault.items[i].pointer, "%s | %s", from->fault.items[i].zh,
                    from->fault.items[i].en);
    return from->fault.code;
}

/* ---- keys: beside the store, never in it ---- */

enum fault_code
desk_key_read(struct task *t, const char *url, bool make, struct hash_key *out)
{
    const char *path = NULL;
    uint8_t seed[HASH_KEY_LEN];
    int fd;
    bool whole;
    enum fault_code rc = store_beside(t, url, &path);

    if (rc)
        return rc;
    path = arena_format(t->arena, "%s.key", path);
    fd = open(path, make ? O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return fault(t, FAULT_INPUT, path,
                     "库旁的签名密钥%s：%s | the signing key beside the store %s: %s",
                     make ? "无法建立" : "缺失", strerror(errno), make ? "cannot be made" : "is missing",
                     strerror(errno));
    if (make) {
        random_bytes(&t->random, seed, sizeof seed);
        whole = write(fd, seed, sizeof seed) == sizeof seed && fsync(fd) == 0;
    } else {
        whole = read(fd, seed, sizeof seed) == sizeof seed;
    }
    close(fd);
    if (!whole)
        return fault(t, FAULT_STORE, path, "签名密钥不完整 | the signing key is not whole");
    hash_key_make(seed, out);
    return FAULT_NONE;
}

/* ---- one transaction ---- */

#define SETTLE_TRIES 50 /* 0.2 s apart: a database that starts again is there within seconds */

static enum fault_code
look_for(struct desk *d, const struct chain_tip *tip, bool *kept)
{
    struct task own;
    enum fault_code rc;

    task_init(&own, 0, 1);
    store_rollback(d->writer);
    rc = store_begin(&own, d->writer);
    if (!rc)
        rc = chain_kept(&own, d->writer, tip, kept);
    store_rollback(d->writer);
    task_release(&own);
    return rc;
}

/* A commit that was not answered, or not with yes: the log itself says whether it was done. */
static enum fault_code
settle(struct task *t, struct desk *d, const struct chain_tip *tip, bool *unknown)
{
    static const struct timespec pause = {.tv_nsec = 200000000};
    bool kept = false;

    for (int i = 0; i < SETTLE_TRIES; i++) {
        if (!look_for(d, tip, &kept)) {
            if (!kept)
                return t->fault.code;
            fault_clear(t);
            return FAULT_NONE;
        }
        nanosleep(&pause, NULL);
    }
    *unknown = true;
    fault_clear(t);
    return fault(t, FAULT_BUSY, NULL,
                 "数据库断开，不知是否已写入；请用同一个 Idempotency-Key 再试 | the database went away and nobody knows "
                 "whether this was written; ask again with the same Idempotency-Key");
}

static struct chain_tip *
tip_of(struct desk *d, int64_t stream)
{
    return &d->tips[(uint64_t)stream % (sizeof d->tips / sizeof *d->tips)];
}

/* Before anybody is answered: what workers know of callers is asked for again where org has changed. */
static enum fault_code
commit(struct task *t, struct desk *d)
{
    enum fault_code rc = store_commit(t, d->writer);

    if (store_watched(d->writer) != d->watched) {
        d->watched = store_watched(d->writer);
        atomic_fetch_add(&d->rights, 1);
    }
    desk_live_wake(d->live);
    return rc;
}

static enum fault_code
finish_group(struct task *t, struct desk *d, struct chain_tip *tip, bool *unknown)
{
    bool wrote = tip->dirty;
    enum fault_code rc = chain_seal(t, d->writer, &d->key, tip);

    *unknown = false;
    if (rc)
        return rc;
    rc = commit(t, d);
    if (!rc && wrote)
        *tip_of(d, tip->stream) = *tip;
    return rc && wrote && store_in_doubt(d->writer) ? settle(t, d, tip, unknown) : rc;
}

/* What is kept of org is right for this transaction; what is undone was never read. */
static enum fault_code
begin_group(struct task *t, struct desk *d, int64_t stream, struct chain_tip *tip)
{
    enum fault_code rc = store_begin(t, d->writer);

    if (!rc)
        rc = chain_begin(t, d->writer, stream, tip);
    if (rc)
        return rc;
    chain_recall(tip, tip_of(d, stream));
    rc = desk_look_again(t, d, d->writer);
    return rc ? rc : org_rows_now(t, d->writer, &d->rows);
}

static void
undo_group(struct desk *d)
{
    org_rows_undone(d->rows);
    store_rollback(d->writer);
}

/* One stream of several in the open transaction. */
static enum fault_code
run_stream(struct task *t, struct desk *d, int64_t stream, desk_run run, void *who, struct chain_tip *tip)
{
    enum fault_code rc = chain_begin(t, d->writer, stream, tip);

    if (rc)
        return rc;
    chain_recall(tip, tip_of(d, stream));
    org_remember_with(t, d->writer, d->rows);
    rc = run(who, t, d->writer, tip);
    return rc ? rc : chain_seal(t, d->writer, &d->key, tip);
}

enum fault_code
desk_together(struct task *t, struct desk *d, const int64_t *streams, size_t n, desk_run run, void *who)
{
    struct chain_tip *tips = arena_alloc(t->arena, (n + 1) * sizeof *tips);
    bool unknown;
    enum fault_code rc = store_begin(t, d->writer);

    must(!d->serve && n);
    if (!rc)
        rc = desk_look_again(t, d, d->writer);
    if (!rc)
        rc = org_rows_now(t, d->writer, &d->rows);
    for (size_t i = 0; i < n && !rc; i++)
        rc = run_stream(t, d, streams[i], run, who, &tips[i]);
    if (!rc) {
        rc = commit(t, d);
        /* One answers for all: they are committed together. */
        if (rc && store_in_doubt(d->writer))
            rc = settle(t, d, &tips[0], &unknown);
    }
    for (size_t i = 0; i < n && !rc; i++)
        if (tips[i].dirty)
            *tip_of(d, streams[i]) = tips[i];
    if (rc)
        undo_group(d);
    org_let_go(t);
    return rc;
}

/* What was read stays the task's; the answer may need it. */
static enum fault_code
run_keeping(struct task *t, struct desk *d, int64_t stream, desk_run run, void *who)
{
    struct chain_tip tip;
    bool unknown;
    enum fault_code rc = begin_group(t, d, stream, &tip);

    if (!rc) {
        org_remember_with(t, d->writer, d->rows);
        rc = run(who, t, d->writer, &tip);
    }
    if (!rc)
        rc = finish_group(t, d, &tip, &unknown);
    if (rc) {
        undo_group(d);
        org_let_go(t);
    }
    return rc;
}

enum fault_code
desk_inline(struct task *t, struct desk *d, int64_t stream, desk_run run, void *who)
{
    enum fault_code rc = run_keeping(t, d, stream, run, who);

    org_let_go(t);
    return rc;
}

enum fault_code
desk_plain_here(struct task *t, struct desk *d,
                enum fault_code (*run)(void *, struct task *, struct store *), void *who)
{
    enum fault_code rc = store_begin(t, d->writer);

    if (rc)
        return rc;
    rc = run(who, t, d->writer);
    if (!rc)
        rc = commit(t, d);
    if (rc)
        store_rollback(d->writer);
    return rc;
}

/* ---- the group ---- */

struct group {
    struct desk *desk;
    struct desk_job *jobs[LIMIT_GROUP];
    size_t n;
};

/* A write that passed over a statement that failed has not passed. */
static void
run_job(struct group *g, struct desk_job *job, struct chain_tip *tip)
{
    struct task *t = job->task;

    org_remember_with(t, g->desk->writer, g->desk->rows);
    t->store_broke = false;
    job->rc = job->run(job->who, t, g->desk->writer, tip);
    if (!job->rc && t->store_broke)
        job->rc = fault(t, FAULT_STORE, NULL, "有一条语句失败 | a statement failed");
}

/*
 * Nearly every write either passes or is refused before it has written anything, so none has a
 * savepoint, which costs a copy of every page that is touched under it. False: one was refused after
 * it had written, or the store failed, which may have ended the transaction: the group is undone.
 */
static bool
run_bare(struct group *g, struct chain_tip *tip)
{
    struct store *s = g->desk->writer;

    for (size_t i = 0; i < g->n; i++) {
        struct desk_job *job = g->jobs[i];
        uint64_t touched = store_touched(s);

        run_job(g, job, tip);
        if (job->rc && (store_touched(s) != touched || job->task->store_broke))
            return false;
    }
    return true;
}

/* A refused write is undone and leaves its neighbours. False: the transaction is dead. */
static bool
run_apart(struct group *g, struct desk_job *job, struct chain_tip *tip)
{
    struct store *s = g->desk->writer;
    struct chain_tip before = *tip;
    struct task scratch;
    bool alive = true;

    task_init(&scratch, job->task->now, 1);
    if (store_savepoint(&scratch, s)) {
        task_release(&scratch);
        return false;
    }
    run_job(g, job, tip);
    if (job->rc) {
        *tip = before;
        org_rows_undone(g->desk->rows);
        alive = store_alive(s) && !store_undo(&scratch, s);
    } else {
        alive = !store_release(&scratch, s);
    }
    task_release(&scratch);
    return alive;
}

/* After an error that ended the transaction nothing of the group was done: the innocent run again alone. */
static void
run_alone(struct group *g, const struct desk_job *guilty)
{
    for (size_t i = 0; i < g->n; i++) {
        struct desk_job *job = g->jobs[i];

        if (job == guilty)
            continue;
        fault_clear(job->task);
        job->rc = job->stream ? run_keeping(job->task, g->desk, job->stream, job->run, job->who)
                              : FAULT_NONE;
    }
}

/* Nobody knows whether the group was written: none of it may run again. */
static void
tell_all(struct group *g, const struct task *own)
{
    for (size_t i = 0; i < g->n; i++)
        if (!g->jobs[i]->rc)
            g->jobs[i]->rc = desk_pass_fault(g->jobs[i]->task, own);
}

/* Everything of a group but its jobs has a task of its own: a fault in it is no job's. */
static void
finish(struct group *g, struct chain_tip *tip)
{
    struct task own;
    bool unknown;
    enum fault_code rc;

    task_init(&own, g->jobs[0]->task->now, 1);
    rc = finish_group(&own, g->desk, tip, &unknown);
    if (rc && unknown)
        tell_all(g, &own);
    task_release(&own);
    if (!rc)
        return;
    undo_group(g->desk);
    if (!unknown)
        run_alone(g, NULL);
}

static enum fault_code
begin(struct group *g, struct chain_tip *tip)
{
    struct task own;
    enum fault_code rc;

    task_init(&own, g->jobs[0]->task->now, 1);
    rc = begin_group(&own, g->desk, g->jobs[0]->stream, tip);
    task_release(&own);
    if (rc) {
        undo_group(g->desk);
        run_alone(g, NULL);
    }
    return rc;
}

static void
run_with_savepoints(struct group *g)
{
    struct chain_tip tip;

    for (size_t i = 0; i < g->n; i++)
        fault_clear(g->jobs[i]->task);
    if (begin(g, &tip))
        return;
    for (size_t i = 0; i < g->n; i++)
        if (!run_apart(g, g->jobs[i], &tip)) {
            undo_group(g->desk);
            run_alone(g, g->jobs[i]->rc ? g->jobs[i] : NULL);
            return;
        }
    finish(g, &tip);
}

static void
run_group(struct group *g)
{
    struct desk_job *first = g->jobs[0];
    struct chain_tip tip;

    if (g->n == 1) {
        first->rc = run_keeping(first->task, g->desk, first->stream, first->run, first->who);
        return;
    }
    if (begin(g, &tip))
        return;
    if (run_bare(g, &tip)) {
        finish(g, &tip);
        return;
    }
    undo_group(g->desk);
    run_with_savepoints(g);
}

static void
take_group(struct desk *d, struct group *g)
{
    struct desk_job **at = &d->first;

    g->desk = d;
    g->n = 0;
    while (*at && g->n < LIMIT_GROUP) {
        struct desk_job *job = *at;

        if (g->n && job->stream != g->jobs[0]->stream) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        g->jobs[g->n++] = job;
        d->waiting--;
    }
    d->last = &d->first;
    while (*d->last)
        d->last = &(*d->last)->next;
}

#define QUIET_US 5000
#define PATIENCE_US 250000

static int64_t
thread_cpu_us(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static void
work_behind(struct desk *d)
{
    int64_t before = thread_cpu_us();

    desk_idle(d);
    d->background_us += thread_cpu_us() - before;
}

int64_t
desk_background_us(const struct desk *d)
{
    return d->background_us;
}

/* Waits for a write, at most so long. */
static void
wait_for_work(struct desk *d, int64_t us)
{
    int64_t until = time_monotonic_us() + us;
    struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};

    if (d->first || d->stopping)
        return;
    d->asleep = true;
    pthread_cond_timedwait(&d->work, &d->lock, &at);
    d->asleep = false;
}

/*
 * Nobody waits. Who writes one thing after the other sends the next within QUIET: the work behind
 * lets it go first, but never longer than PATIENCE.
 */
static void
pass_time(struct desk *d, bool *wrote, int64_t *behind_at)
{
    if (*wrote && time_monotonic_us() - *behind_at < PATIENCE_US) {
        wait_for_work(d, QUIET_US);
        if (d->first || d->stopping)
            return;
    }
    pthread_mutex_unlock(&d->lock);
    work_behind(d);
    pthread_mutex_lock(&d->lock);
    *wrote = false;
    *behind_at = time_monotonic_us();
    if (!d->unfinished)
        wait_for_work(d, 1000000);
}

static void *
write_loop(void *who)
{
    struct desk *d = who;
    struct group g;
    bool wrote = false;
    int64_t behind_at = 0;

    pthread_mutex_lock(&d->lock);
    while (!d->stopping || d->first) {
        if (!d->first) {
            pass_time(d, &wrote, &behind_at);
            continue;
        }
        wrote = true;
        take_group(d, &g);
        pthread_mutex_unlock(&d->lock);
        run_group(&g);
        /* Who is woken goes on at once, and takes its job away with it. */
        for (size_t i = 0; i < g.n; i++)
            sem_post(&g.jobs[i]->wake);
        pthread_mutex_lock(&d->lock);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

enum fault_code
desk_submit_for_answer(struct task *t, struct desk *d, int64_t stream, desk_run run, void *who)
{
    struct desk_job job = {.stream = stream, .run = run, .who = who, .task = t};
    bool asleep;

    if (d->read_only)
        return fault(t, FAULT_BUSY, NULL, "此处只能查看 | this process only reads");
    if (!d->serve)
        return run_keeping(t, d, stream, run, who);
    sem_init(&job.wake, 0, 0);
    pthread_mutex_lock(&d->lock);
    if (d->waiting >= LIMIT_QUEUE || d->stopping) {
        pthread_mutex_unlock(&d->lock);
        sem_destroy(&job.wake);
        return fault(t, FAULT_BUSY, NULL, "系统正忙，请稍后再试 | too many writes are waiting; try again");
    }
    *d->last = &job;
    d->last = &job.next;
    d->waiting++;
    asleep = d->asleep;
    pthread_mutex_unlock(&d->lock);
    if (asleep)
        pthread_cond_signal(&d->work);
    while (sem_wait(&job.wake) != 0)
        ;
    sem_destroy(&job.wake);
    if (job.rc)
        org_let_go(t);
    return job.rc;
}

enum fault_code
desk_submit(struct task *t, struct desk *d, int64_t stream, desk_run run, void *who)
{
    enum fault_code rc = desk_submit_for_answer(t, d, stream, run, who);

    org_let_go(t);
    return rc;
}

struct plain {
    enum fault_code (*run)(void *, struct task *, struct store *);
    void *who;
};

static enum fault_code
run_plain(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    const struct plain *p = who;

    (void)tip;
    return p->run(p->who, t, s);
}

enum fault_code
desk_plain(struct task *t, struct desk *d, enum fault_code (*run)(void *, struct task *, struct store *),
           void *who)
{
    struct plain p = {run, who};

    if (!d->serve && !d->read_only)
        return desk_plain_here(t, d, run, who);
    /* The nation's stream is locked and not written: a head that is not dirty is not signed. */
    return desk_submit(t, d, 1, run_plain, &p);
}

enum fault_code
desk_write(struct task *t, struct desk *d, int64_t stream, desk_run run, void *who)
{
    return desk_submit(t, d, stream, run, who);
}

/* ---- opening ---- */

/* Requests under way go on in the world they began with. */
static void
put_world(struct desk *d, struct record_world *fresh)
{
    struct desk_past *past;

    pthread_mutex_lock(&d->lock);
    past = arena_alloc(d->arena, sizeof *past);
    past->world = d->world;
    past->next = d->past;
    d->past = past;
    d->world = fresh;
    pthread_mutex_unlock(&d->lock);
}

enum fault_code
desk_reload(struct task *t, struct desk *d)
{
    struct record_world *fresh;
    enum fault_code rc = record_world_read(t, d->writer, &fresh);

    if (rc)
        return rc;
    put_world(d, fresh);
    return FAULT_NONE;
}

enum fault_code
desk_look_again(struct task *t, struct desk *d, struct store *s)
{
    struct record_world *fresh;
    bool stale = false;
    enum fault_code rc = store_shared(s) && d->world ? record_world_stale(t, s, d->world, &stale)
                                                     : FAULT_NONE;

    if (rc || !stale)
        return rc;
    rc = record_world_read(t, s, &fresh);
    if (!rc)
        put_world(d, fresh);
    return rc;
}

static enum fault_code
read_settings(struct task *t, struct desk *d, struct store *s)
{
    const char *demo = NULL;
    enum fault_code rc =
        store_mark(t, s, "demonstration", &demo);

    d->demo = demo != NULL;
    if (!rc)
        rc = chain_newest(t, s, &d->newest);
    return rc ? rc : record_world_read(t, s, &d->world);
}

enum fault_code
desk_open(struct task *t, const struct desk_options *o, struct desk **out)
{
    struct arena *a = arena_new();
    struct desk *d = arena_alloc(a, sizeof *d);
    struct store *s = NULL;
    struct random chance = {0};
    uint64_t holder;
    pthread_condattr_t steady;
    enum fault_code rc;

    d->arena = a;
    d->url = arena_text(a, o->url);
    d->serve = o->serve;
    d->read_only = o->read_only;
    d->now = o->now;
    d->who = o->who;
    d->last = &d->first;
    random_bytes(&chance, &holder, sizeof holder);
    d->holder = arena_format(a, "process-%016llx", (unsigned long long)holder);
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&d->work, &steady);
    pthread_cond_init(&d->import_ended, NULL);
    rc = store_open(t, o->url, o->read_only ? STORE_READ : o->goes_on ? STORE_GO_ON : STORE_WRITE, &s);
    if (!rc)
        rc = desk_key_read(t, o->url, false, &d->key);
    if (!rc)
        rc = read_settings(t, d, s);
    if (!rc && o->serve && !store_shared(s))
        rc = desk_import_interrupted(t, s);
    if (rc) {
        store_close(s);
        hash_key_end(&d->key);
        arena_free(a);
        return rc;
    }
    d->writer = s;
    store_watch(s, "org_");
    if (o->serve)
        d->live = desk_live_new(d);
    if (o->serve)
        must(pthread_create(&d->thread, NULL, write_loop, d) == 0);
    *out = d;
    return FAULT_NONE;
}

void
desk_close(struct desk *d)
{
    if (!d)
        return;
    if (d->serve) {
        pthread_mutex_lock(&d->lock);
        d->stopping = true;
        pthread_cond_signal(&d->work);
        while (d->imports)
            pthread_cond_wait(&d->import_ended, &d->lock);
        pthread_mutex_unlock(&d->lock);
        pthread_join(d->thread, NULL);
        desk_live_free(d->live);
        d->live = NULL; /* the lease ends with a commit */
        desk_release(d);
    }
    org_rows_end(d->rows);
    hash_key_end(&d->key);
    record_world_free(d->world);
    for (struct desk_past *p = d->past; p; p = p->next)
        record_world_free(p->world);
    store_close(d->writer);
    pthread_mutex_destroy(&d->lock);
    pthread_cond_destroy(&d->work);
    pthread_cond_destroy(&d->import_ended);
    arena_free(d->arena);
}

const struct record_world *
desk_world(const struct desk *d)
{
    return d->world;
}

const char *
desk_url(const struct desk *d)
{
    return d->url;
}

struct store *
desk_store(struct desk *d)
{
    return d->writer;
}

int64_t
desk_newest(const struct desk *d)
{
    return d->newest;
}

bool
desk_is_demo(const struct desk *d)
{
    return d->demo;
}
