/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/succeed.c - who takes over when a place goes into another.
 *
 * Knows: an organ 机关 of the place ends with it where the other place has one of its sort and line, which
 * takes over; every other unit comes along. People keep their role at who takes over, by a new post from
 * that day, or lose it with the old one, as asked.
 * Does not know: records; record_relocate reads from struct record_move who stands for whom.
 */
#include "desk/inside.h"
#include <string.h>

struct succeeding {
    struct desk *desk;
    const struct org_place *place, *to;
    int64_t day;
    /* one unit or post at a time */
    struct org_unit unit;
    struct org_post post;
};

static const struct org_actor operator_actor = {.sort = ORG_OPERATOR, .account = "operator"};

static enum fault_code
state_unit(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct succeeding *x = who;
    struct org_write w = {t, s, tip, &operator_actor};

    return org_state_unit(&w, &x->unit);
}

static enum fault_code
state_post(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct succeeding *x = who;
    struct org_write w = {t, s, tip, &operator_actor};

    return org_state_post(&w, &x->post);
}

static enum fault_code
read_units(struct task *t, struct desk *d, const char *column, int64_t value, int64_t **out, size_t *n)
{
    struct rows r;
    int64_t count = 0;
    bool found;
    enum fault_code rc = store_one_int(
        t, d->writer, &count, &found,
        arena_format(t->arena, "SELECT count(*) FROM org_unit WHERE %s = ?", column), "i", value);

    *n = 0;
    *out = arena_alloc(t->arena, ((size_t)count + 1) * sizeof **out);
    if (!rc)
        rc = store_query(t, d->writer, &r,
                         arena_format(t->arena, "SELECT id FROM org_unit WHERE %s = ? ORDER BY id", column),
                         "i", value);
    if (rc)
        return rc;
    while (*n < (size_t)count && store_next(t, &r))
        (*out)[(*n)++] = store_int(&r, 0);
    return store_end(t, &r);
}

/* The organ of the same sort and line at the place it goes to; 0: none. */
static enum fault_code
like_unit(struct succeeding *x, struct task *t, const struct org_unit *u, int64_t *like)
{
    bool found;

    *like = 0;
    if (!org_is_organ(u))
        return FAULT_NONE;
    return store_one_int(t, x->desk->writer, like, &found,
                         "SELECT min(id) FROM org_unit WHERE place = ? AND sort = ? AND line = ? AND to_day IS "
                         "NULL",
                         "isi", x->to->id, u->sort, (int64_t)u->line);
}

/* ---- posts ---- */

static enum fault_code
holds_already(struct task *t, struct store *s, const struct org_post *post, int64_t unit, bool *holds)
{
    struct org_post *posts;
    size_t n;
    enum fault_code rc = org_posts(t, s, post->person, 0, &posts, &n);

    *holds = false;
    for (size_t i = 0; i < n && !rc; i++)
        if (posts[i].unit == unit && text_equal(posts[i].role, post->role))
            *holds = true;
    return rc;
}

/* The new one first: interrupted between the two, nobody stands without a post. */
static enum fault_code
move_post(struct succeeding *x, struct task *t, const struct org_post *old, int64_t to, bool end_posts)
{
    bool holds = end_posts;
    enum fault_code rc = FAULT_NONE;

    if (!end_posts)
        rc = holds_already(t, x->desk->writer, old, to, &holds);
    if (!rc && !holds) {
        x->post = (struct org_post){
            .person = old->person, .unit = to, .role = old->role, .from_day = x->day};
        rc = desk_write(t, x->desk, x->to->stream, state_post, x);
    }
    x->post = *old;
    x->post.to_day = x->day - 1;
    return rc ? rc : desk_write(t, x->desk, org_id_stream(old->id), state_post, x);
}

static enum fault_code
move_posts(struct succeeding *x, struct task *t, int64_t unit, int64_t to, bool end_posts, int64_t *moved)
{
    struct org_post *posts;
    size_t n = 1;
    enum fault_code rc = FAULT_NONE;

    while (n && !rc) {
        rc = org_posts(t, x->desk->writer, 0, unit, &posts, &n);
        for (size_t i = 0; i < n && !rc; i++) {
            rc = move_post(x, t, &posts[i], to, end_posts);
            *moved += !rc;
        }
    }
    return rc;
}

/* ---- units ---- */

/* Its parts belong to who takes over. */
static enum fault_code
move_parts(struct succeeding *x, struct task *t, int64_t unit, int64_t to)
{
    int64_t *ids;
    size_t n;
    bool found;
    enum fault_code rc = read_units(t, x->desk, "parent", unit, &ids, &n);

    for (size_t i = 0; i < n && !rc; i++) {
        rc = org_unit(t, x->desk->writer, ids[i], &x->unit, &found);
        x->unit.parent = to;
        if (!rc && found)
            rc = desk_write(t, x->desk, org_id_stream(ids[i]), state_unit, x);
    }
    return rc;
}

/* Its events stand in the stream of its birth: replayed in whatever order of streams, the last is the last. */
static enum fault_code
end_unit(struct succeeding *x, struct task *t, struct org_unit *u, int64_t like, bool end_posts,
         struct desk_place_report *out)
{
    enum fault_code rc = move_posts(x, t, u->id, like, end_posts, &out->posts);

    if (!rc)
        rc = move_parts(x, t, u->id, like);
    if (rc || u->to_day)
        return rc;
    x->unit = *u;
    x->unit.to_day = x->day - 1;
    out->units++;
    return desk_write(t, x->desk, org_id_stream(u->id), state_unit, x);
}

static enum fault_code
come_along(struct succeeding *x, struct task *t, const struct org_unit *u, struct desk_place_report *out)
{
    x->unit = *u;
    x->unit.place = x->to->id;
    out->units++;
    return desk_write(t, x->desk, org_id_stream(u->id), state_unit, x);
}

enum fault_code
desk_succeed(struct task *t, struct desk *d, const struct org_place *place, const struct org_place *to,
             bool end_posts, struct record_move *move, struct desk_place_report *out)
{
    struct succeeding x = {.desk = d, .place = place, .to = to, .day = time_day(t->now)};
    int64_t *ids, *ended = arena_alloc(t->arena, DESK_TAKEN_MAX * sizeof *ended);
    int64_t *takes = arena_alloc(t->arena, DESK_TAKEN_MAX * sizeof *takes);
    size_t n;
    enum fault_code rc = read_units(t, d, "place", place->id, &ids, &n);

    *move = (struct record_move){.from = place->id, .to = to->id, .ended = ended, .takes = takes};
    for (size_t i = 0; i < n && !rc; i++) {
        struct org_unit u;
        int64_t like = 0;
        bool found;

        rc = org_unit(t, d->writer, ids[i], &u, &found);
        if (!rc)
            rc = like_unit(&x, t, &u, &like);
        if (!rc && like && move->n_units == DESK_TAKEN_MAX)
            rc = fault(t, FAULT_INPUT, "CODE", "该地区机关超过 %d 个 | the place has more than %d organs",
                       DESK_TAKEN_MAX, DESK_TAKEN_MAX);
        if (rc)
            break;
        if (like) {
            ended[move->n_units] = u.id;
            takes[move->n_units++] = like;
            rc = end_unit(&x, t, &u, like, end_posts, out);
        } else if (!u.to_day) {
            rc = come_along(&x, t, &u, out);
        }
    }
    return rc;
}
