/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/known.c - who writes again: what a worker knows of callers while nothing they rest on has changed.
 *
 * Who sends one write after the other is asked each time who he is, which posts he holds and what he may
 * see, in a snapshot that every commit makes stale. All of it rests on org's tables alone, and the desk
 * counts the transactions that touch one of those: while the count, read before the snapshot it was
 * asked in, and the day stand still, the answer stands. A revoked token is refused as soon as the
 * revoking has been answered. Where other processes write the same store, org's own generation stands
 * for the count: one statement asks whether the token is held, where the generation stands and whether
 * anything is lent.
 *
 * Knows: tokens by their digest, a worker's own memory, streams that have been seen.
 * Does not know: what a right is.
 */
#include "desk/inside.h"
#include <stdlib.h>
#include <string.h>

#define CALLERS 64
#define STREAMS 64
#define PLACES 4

struct known_place {
    char code[16];
    int64_t place, stream;
};

struct known_caller {
    struct arena *arena; /* NULL: nobody */
    uint8_t token[HASH_LEN];
    uint64_t moment;
    int32_t day;
    struct desk_caller caller;
    struct known_place places[PLACES];
    size_t n_places;
};

struct desk_known {
    struct known_caller callers[CALLERS];
    struct known_caller *now; /* who asks at the moment */
    int64_t streams[STREAMS];
    size_t n_streams;
};

struct desk_known *
desk_known_new(void)
{
    struct desk_known *k = calloc(1, sizeof *k);

    must(k != NULL);
    return k;
}

void
desk_known_free(struct desk_known *k)
{
    for (size_t i = 0; k && i < CALLERS; i++)
        arena_free(k->callers[i].arena);
    free(k);
}

/* Everything he points to lives as long as he is known. */
static void
copy_caller(struct arena *a, const struct desk_caller *from, struct desk_caller *to)
{
    struct org_post *posts = arena_alloc(a, (from->n_posts + 1) * sizeof *posts);

    *to = *from;
    to->account = arena_text(a, from->account);
    for (size_t i = 0; i < from->n_posts; i++) {
        posts[i] = from->posts[i];
        posts[i].role = arena_text(a, from->posts[i].role);
    }
    to->posts = posts;
    if (from->scope.n_tied)
        to->scope.tied = (const int64_t *)(const void *)arena_copy(
            a, (const char *)from->scope.tied, from->scope.n_tied * sizeof *from->scope.tied);
}

/* Sight that is lent hangs on values of another's memory: such a caller is asked each time. */
static enum fault_code
make_known(struct task *t, struct desk *d, struct store *s, const char *token, uint64_t moment,
           struct known_caller *c)
{
    struct desk_caller caller;
    enum fault_code rc;

    arena_free(c->arena);
    c->arena = NULL;
    c->n_places = 0;
    c->moment = moment;
    c->day = time_day(t->now);
    rc = desk_caller(t, d, s, token, &caller);
    if (rc)
        return rc;
    c->caller = caller;
    if (caller.scope.n_lent || !caller.expires_at)
        return FAULT_NONE;
    c->arena = arena_new();
    copy_caller(c->arena, &caller, &c->caller);
    return FAULT_NONE;
}

/* What a caller must be as old as. */
static enum fault_code
moment_of(struct task *t, struct desk *d, struct store *s, const char *token, const struct known_caller *c,
          uint64_t *moment)
{
    struct org_still still;
    enum fault_code rc;

    if (!store_shared(s)) {
        *moment = atomic_load(&d->rights);
        return FAULT_NONE;
    }
    rc = org_token_still(t, s, token, c->arena ? &c->caller.scope : NULL, &still);
    /* Nobody is known from no moment: he is asked in full, and refused there. */
    *moment = still.held && !still.lent ? (uint64_t)still.generation : UINT64_MAX;
    return rc;
}

enum fault_code
desk_caller_known(struct task *t, struct desk *d, struct store *s, struct desk_known *k, const char *token,
                  struct desk_caller *out)
{
    uint8_t digest[HASH_LEN];
    struct known_caller *c;
    uint64_t moment;
    enum fault_code rc;

    k->now = NULL;
    if (!token || !*token || strlen(token) > 100 || !d->serve)
        return desk_caller(t, d, s, token, out);
    hash_bytes(HASH_SHA256, token, strlen(token), digest);
    c = &k->callers[digest[0] % CALLERS];
    if (c->arena && memcmp(c->token, digest, HASH_LEN) != 0) {
        arena_free(c->arena);
        c->arena = NULL;
    }
    rc = moment_of(t, d, s, token, c, &moment);
    if (rc)
        return rc;
    if (!c->arena || c->moment != moment || moment == UINT64_MAX || c->day != time_day(t->now) || c->caller.expires_at <= t->now) {
        memcpy(c->token, digest, HASH_LEN);
        rc = make_known(t, d, s, token, moment, c);
    }
    if (rc)
        return rc;
    *out = c->caller;
    out->known = k;
    k->now = c->arena ? c : NULL;
    return FAULT_NONE;
}

bool
desk_known_place(const struct desk_caller *c, const char *code, int64_t *place, int64_t *stream)
{
    const struct known_caller *now = c->known ? c->known->now : NULL;

    for (size_t i = 0; now && code && i < now->n_places; i++)
        if (text_equal(now->places[i].code, code)) {
            *place = now->places[i].place;
            *stream = now->places[i].stream;
            return true;
        }
    return false;
}

void
desk_know_place(const struct desk_caller *c, const char *code, int64_t place, int64_t stream)
{
    struct known_caller *now = c->known ? c->known->now : NULL;
    struct known_place *x;

    if (!now || strlen(code) >= sizeof x->code)
        return;
    x = &now->places[now->n_places < PLACES ? now->n_places++ : 0];
    memcpy(x->code, code, strlen(code) + 1);
    x->place = place;
    x->stream = stream;
}

/* A stream once there is there for ever. */
enum fault_code
desk_stream_there(struct task *t, struct store *s, const struct desk_caller *c, int64_t stream, bool *there)
{
    struct desk_known *k = c->known;
    int64_t seq;
    enum fault_code rc;

    *there = true;
    for (size_t i = 0; k && i < k->n_streams; i++)
        if (k->streams[i] == stream)
            return FAULT_NONE;
    rc = store_one_int(t, s, &seq, there, "SELECT seq FROM chain_head WHERE stream = ?", "i", stream);
    if (!rc && *there && k && k->n_streams < STREAMS)
        k->streams[k->n_streams++] = stream;
    return rc;
}
