/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/act.c - creating records and making steps: order of checks, idempotency, the post used.
 *
 * Order (contract): 401 and 404 before, then idempotency, 428, 412, 409, 403, 422.
 */
#include "desk/inside.h"
#include <stdlib.h>
#include <string.h>

struct acting {
    struct desk *desk;
    const struct desk_caller *caller;
    const struct desk_request *request;
    struct json *body;
    /* a creation */
    const struct kind *kind;
    int64_t place;
    /* a step */
    const char *id, *step;
    struct record record;
    struct desk_answer *out;
    bool repeated; /* the first answer again */
    const char *unread; /* a body that could not be read: told after state and right */
    size_t unread_len;
};

static enum fault_code
read_body(struct task *t, const char *body, size_t len, struct json **out)
{
    enum fault_code rc;

    if (!len) {
        *out = json_object(t->arena);
        return FAULT_NONE;
    }
    rc = json_read(t, body, len, out);
    if (!rc && (*out)->type != JSON_OBJECT)
        rc = fault(t, FAULT_INPUT, "", "应为一个 JSON 对象 | a JSON object is expected");
    return rc;
}

static enum fault_code
check_members(struct task *t, const struct json *body, const char *const *names, size_t n)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < body->object.n; i++) {
        bool known = false;

        for (size_t k = 0; k < n; k++)
            if (text_equal(body->object.at[i].name, names[k]))
                known = true;
        if (!known)
            rc = fault(t, FAULT_INPUT, json_pointer(t->arena, "", body->object.at[i].name),
                       "不认识这一项 | this member is not known");
    }
    if (!rc && json_get(body, "fields") && !json_is(json_get(body, "fields"), JSON_OBJECT))
        rc = fault(t, FAULT_INPUT, "/fields", "fields 应为对象 | fields is an object");
    if (!rc && json_get(body, "comment") && !json_text(json_get(body, "comment")))
        rc = fault(t, FAULT_INPUT, "/comment", "意见应为文字 | a comment is a text");
    return rc;
}

/* ---- idempotency ---- */

static void
fingerprint(const struct desk_request *q, uint8_t out[HASH_LEN])
{
    hash_bytes(HASH_SHA256, q->fingerprint ? q->fingerprint : "", q->fingerprint_len, out);
}

static enum fault_code
answer_again(struct acting *x, struct task *t, struct store *s, int64_t stream, int64_t rid, int64_t rev,
             bool created)
{
    bool found;
    enum fault_code rc =
        record_open_rev(t, s, x->desk->world, stream, rid, rev, &x->record, &found);

    if (rc || !found)
        return rc ? rc : desk_absent(t);
    x->repeated = true;
    x->out->created = created;
    return FAULT_NONE;
}

/* What was done under a key. */
struct kept_key {
    bool found;
    int64_t rid, rev, status;
};

/* Another body under a key that was used is refused. */
static enum fault_code
find_key(struct task *t, struct store *s, const struct desk_request *q, const char *account,
         int64_t stream, struct kept_key *out)
{
    uint8_t print[HASH_LEN];
    struct rows r;
    const void *kept = NULL;
    size_t len = 0;
    enum fault_code rc;

    memset(out, 0, sizeof *out);
    if (!q->key)
        return FAULT_NONE;
    if (!*q->key || strlen(q->key) > LIMIT_KEY_LEN)
        return fault(t, FAULT_INPUT, "/Idempotency-Key", "幂等键应为 1 到 %d 个字符 | an idempotency key has 1 to "
                                                         "%d characters",
                     LIMIT_KEY_LEN, LIMIT_KEY_LEN);
    rc = store_query(t, s, &r,
                     "SELECT fingerprint, rid, rev, status FROM desk_key WHERE stream = ? AND account = ? AND "
                     "key = ? AND day > ?",
                     "issi", stream, account, q->key, (int64_t)time_day(t->now) - LIMIT_KEY_DAYS);
    if (rc)
        return rc;
    if (store_next(t, &r)) {
        kept = store_bytes(t, &r, 0, &len);
        out->rid = store_int(&r, 1);
        out->rev = store_int(&r, 2);
        out->status = store_int(&r, 3);
    }
    rc = store_end(t, &r);
    if (rc || !kept)
        return rc;
    out->found = true;
    fingerprint(q, print);
    if (len == HASH_LEN && memcmp(kept, print, HASH_LEN) == 0)
        return FAULT_NONE;
    return fault(t, FAULT_INPUT, "/Idempotency-Key",
                 "同一个幂等键已用于另一份内容 | this idempotency key was used with another body");
}

/* Same key and body: the first answer again. */
static enum fault_code
look_up_key(struct acting *x, struct task *t, struct store *s, int64_t stream)
{
    struct kept_key kept;
    enum fault_code rc = find_key(t, s, x->request, x->caller->account, stream, &kept);

    /* Asked anew when a group died and its writes are run again one by one. */
    x->repeated = false;
    return rc || !kept.found
               ? rc
               : answer_again(x, t, s, stream, kept.rid, kept.rev, kept.status == 201);
}

static enum fault_code
keep_key(struct task *t, struct store *s, const struct desk_request *q, const char *account,
         int64_t stream, const struct kept_key *done)
{
    uint8_t print[HASH_LEN];

    if (!q->key)
        return FAULT_NONE;
    fingerprint(q, print);
    return store_run(t, s, NULL,
                     "INSERT INTO desk_key (stream, account, key, fingerprint, rid, rev, status, day) VALUES "
                     "(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, account, key) DO UPDATE SET fingerprint = "
                     "excluded.fingerprint, rid = excluded.rid, rev = excluded.rev, status = "
                     "excluded.status, day = excluded.day",
                     "issbiiii", stream, account, q->key, (const void *)print, (size_t)HASH_LEN,
                     done->rid, done->rev, done->status, (int64_t)time_day(t->now));
}

enum fault_code
desk_keys_end(struct task *t, struct store *s)
{
    return store_run(t, s, NULL, "DELETE FROM desk_key WHERE day <= ?", "i",
                     (int64_t)time_day(t->now) - LIMIT_KEY_DAYS);
}

static enum fault_code
keep_answer(struct acting *x, struct task *t, struct store *s, int64_t stream, int status)
{
    const struct kept_key done = {true, x->record.rid, x->record.rev, status};

    return keep_key(t, s, x->request, x->caller->account, stream, &done);
}

/* ---- answering ---- */

/* The record as the write left it, in the world it was written in, by the names the write has read. */
static enum fault_code
render(struct acting *x, struct task *t, struct store *s)
{
    struct desk_render view = {t, x->desk, s, x->caller, json_object(t->arena), 0, NULL};
    struct json *o;
    enum fault_code rc = store_begin_read(t, s);

    org_remember_still(t, s);
    o = rc ? NULL : desk_record_json(&view, &x->record, true);
    desk_reader_let_go(s);
    org_let_go(t);
    if (rc)
        return rc;
    json_set(t->arena, o, "names", view.names);
    x->out->body = o;
    x->out->id = record_id(t->arena, x->record.stream, x->record.rid);
    x->out->revision = x->record.rev;
    return FAULT_NONE;
}

/* ---- creation ---- */

static enum fault_code
may_create(void *who, struct task *t, const struct org_actor *actor)
{
    struct acting *x = who;
    struct record_act act = {.task = t, .actor = *actor};
    bool may;
    enum fault_code rc = record_may_create(&act, x->kind, &may);

    if (!rc && !may)
        rc = fault(t, FAULT_RIGHT, "/kind", "您的岗位不能登记“%s” | your post may not create “%s”",
                   text_half(t->arena, x->kind->title, false), text_half(t->arena, x->kind->title, true));
    return rc;
}

/* Whether any post may create the kind at all: 403 comes before 422 at the fields. */
static enum fault_code
any_post_may(struct acting *x, struct task *t)
{
    enum fault_code rc = FAULT_RIGHT;

    if (x->caller->scope.everything)
        return FAULT_NONE;
    for (size_t i = 0; i < x->caller->n_posts && rc; i++) {
        const struct org_actor actor = {.sort = ORG_PERSON, .role = x->caller->posts[i].role};

        fault_clear(t);
        rc = may_create(x, t, &actor);
    }
    if (rc && !x->caller->n_posts)
        rc = fault(t, FAULT_RIGHT, "/post", "您现在没有任何岗位 | you hold no post now");
    return rc;
}

/* What the body says wrongly is told to who may create the kind at all. */
static enum fault_code
check_creation(struct acting *x, struct task *t)
{
    static const char *const members[] = {"kind", "place", "fields", "comment"};
    enum fault_code rc = any_post_may(x, t);

    return rc ? rc : check_members(t, x->body, members, 4);
}

static enum fault_code
run_create(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct acting *x = who;
    struct record_act act;
    struct org_actor actor;
    enum fault_code rc = look_up_key(x, t, s, tip->stream);

    if (rc || x->repeated)
        return rc;
    rc = check_creation(x, t);
    if (!rc)
        rc = desk_post(t, s, x->caller, may_create, x, &actor);
    if (!rc && actor.sort == ORG_PERSON)
        rc = may_create(x, t, &actor);
    if (rc)
        return rc;
    record_act_begin(&act, t, s, x->desk->world, tip, &actor, &x->caller->scope);
    rc = record_create(&act, x->kind, x->place, json_get(x->body, "fields"),
                       json_text_of(x->body, "comment"), &x->record);
    if (!rc)
        rc = desk_project_made(t, s, &act);
    x->out->created = true;
    return rc ? rc : keep_answer(x, t, s, tip->stream, 201);
}

/* A place out of scope is answered like one that never was. */
static enum fault_code
find_place(struct acting *x, struct task *t, struct store *s, int64_t *stream)
{
    struct org_place p;
    bool found = false, sees = false;
    const char *code = json_text_of(x->body, "place");
    enum fault_code rc = code ? org_place_by_code(t, s, code, &p, &found) : FAULT_NONE;

    /* Nothing is born at a place that has ended: the one it went into is the place. */
    if (!rc && found && !p.to_day)
        rc = org_sees_place(t, s, &x->caller->scope, p.id, &sees);
    if (!rc && !sees)
        rc = fault(t, FAULT_INPUT, "/place", code ? "没有这个地区 | there is no such place"
                                                  : "请给出地区代码 | give the place's code");
    if (rc)
        return rc;
    x->place = p.id;
    *stream = p.stream;
    desk_know_place(x->caller, code, p.id, p.stream);
    return FAULT_NONE;
}

/* Asked in a snapshot where it is not known. */
static enum fault_code
place_of(struct acting *x, struct task *t, struct store *s, int64_t *stream)
{
    enum fault_code rc;

    if (desk_known_place(x->caller, json_text_of(x->body, "place"), &x->place, stream))
        return FAULT_NONE;
    rc = desk_reader_hold(t, x->desk, s);
    org_remember_still(t, s);
    if (!rc)
        rc = find_place(x, t, s, stream);
    desk_reader_let_go(s);
    return rc;
}

enum fault_code
desk_create(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const struct desk_request *q, const char *body, size_t len, struct desk_answer *out)
{
    struct acting x = {.desk = d, .caller = c, .request = q, .out = out};
    int64_t stream = 0;
    enum fault_code rc = read_body(t, body, len, &x.body);

    if (rc)
        return rc;
    x.kind = json_text_of(x.body, "kind")
                 ? kind_find(d->world->catalog, json_text_of(x.body, "kind"), 0)
                 : NULL;
    if (!x.kind)
        return fault(t, FAULT_INPUT, "/kind", "没有这种记录 | there is no such kind of record");
    rc = place_of(&x, t, s, &stream);
    if (!rc) {
        rc = desk_submit_for_answer(t, d, stream, run_create, &x);
    } else if (rc == FAULT_INPUT) {
        /* No stream can hold a key for it: his right comes next, then the other members. */
        fault_clear(t);
        rc = check_creation(&x, t);
        if (!rc)
            rc = find_place(&x, t, s, &stream);
    }
    return rc ? rc : render(&x, t, s);
}

/* ---- steps ---- */

/* The revision a strong entity tag of ours names; 0: none of ours, as a weak one or "*". */
static int64_t
tag_revision(const char *tag, size_t len)
{
    int64_t revision = 0;

    if (len < 3 || len > 12 || tag[0] != '"' || tag[len - 1] != '"' || tag[1] == '0')
        return 0;
    for (size_t i = 1; i + 1 < len; i++) {
        if (tag[i] < '0' || tag[i] > '9')
            return 0;
        revision = revision * 10 + (tag[i] - '0');
    }
    return revision;
}

/* The next tag of the list (RFC 9110 13.1.1), and what comes behind it. */
static const char *
next_tag(const char *list, size_t *len)
{
    list += strspn(list, ", \t");
    *len = strcspn(list, ",");
    while (*len && strchr(" \t", list[*len - 1]))
        (*len)--;
    return list;
}

/* A reminder that a clock sent in between changes nothing a reader has seen: no conflict. */
static enum fault_code
only_rungs_since(struct acting *x, struct task *t, struct store *s, int64_t rev, bool *only)
{
    int64_t others = 0;
    bool found;
    enum fault_code rc;

    *only = false;
    if (rev < 1 || rev >= x->record.rev)
        return FAULT_NONE;
    rc = store_one_int(t, s, &others, &found,
                       "SELECT count(*) FROM chain_event WHERE stream = ? AND rid = ? AND rev > ? AND (name "
                       "IS NULL OR name NOT LIKE 'clock:%')",
                       "iii", x->record.stream, x->record.rid, rev);
    *only = !rc && others == 0;
    return rc;
}

static enum fault_code
check_revision(struct acting *x, struct task *t, struct store *s)
{
    const char *want = x->request->if_match;
    int64_t newest = 0;
    bool only;
    size_t len;
    enum fault_code rc;

    if (!want)
        return fault(t, FAULT_CONDITION, "/If-Match",
                     "请说明依据的是第几稿（If-Match: ETag） | say which revision you read (If-Match: ETag)");
    for (want = next_tag(want, &len); *want; want = next_tag(want + len, &len)) {
        int64_t rev = tag_revision(want, len);

        if (rev == x->record.rev)
            return FAULT_NONE;
        if (rev > newest && rev < x->record.rev)
            newest = rev;
    }
    rc = only_rungs_since(x, t, s, newest, &only);
    if (!rc && !only)
        rc = fault(t, FAULT_REVISION, "/If-Match",
                   "此事已有人办理，请看过最新情况再办（现为第 %d 稿） | somebody changed it since you read it; look "
                   "again (it is at revision %d)",
                   x->record.rev, x->record.rev);
    return rc;
}

struct asking {
    struct acting *x;
    struct store *store;
    struct chain_tip *tip;
    const struct kind_step *step;
};

static enum fault_code
may_step(void *who, struct task *t, const struct org_actor *actor)
{
    struct asking *a = who;
    struct record_act act;

    record_act_begin(&act, t, a->store, a->x->desk->world, a->tip, actor, &a->x->caller->scope);
    return record_may(&act, &a->x->record, a->step);
}

static enum fault_code
read_step_body(struct task *t, const char *body, size_t len, struct json **out)
{
    static const char *const members[] = {"fields", "comment"};
    enum fault_code rc = read_body(t, body, len, out);

    return rc ? rc : check_members(t, *out, members, 2);
}

static enum fault_code
run_step(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct acting *x = who;
    struct asking ask = {x, s, tip, NULL};
    struct record_act act;
    struct org_actor actor;
    struct record_view view;
    enum fault_code rc = desk_find_record(t, x->desk, s, x->caller, x->id, &x->record, &view);

    if (rc)
        return rc;
    ask.step = kind_step(x->record.kind, x->step);
    if (!ask.step || ask.step->creates)
        return desk_absent(t);
    rc = look_up_key(x, t, s, tip->stream);
    if (rc || x->repeated)
        return rc;
    rc = check_revision(x, t, s);
    if (!rc)
        rc = desk_post(t, s, x->caller, may_step, &ask, &actor);
    if (!rc && x->unread) {
        rc = may_step(&ask, t, &actor);
        if (!rc)
            rc = read_step_body(t, x->unread, x->unread_len, &x->body);
    }
    if (rc)
        return rc;
    record_act_begin(&act, t, s, x->desk->world, tip, &actor, &x->caller->scope);
    rc = record_step(&act, &x->record, ask.step, json_get(x->body, "fields"),
                     json_text_of(x->body, "comment"));
    if (!rc)
        rc = desk_project_made(t, s, &act);
    return rc ? rc : keep_answer(x, t, s, tip->stream, 200);
}

enum fault_code
desk_step(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
          const struct desk_request *q, const char *id, const char *step, const char *body, size_t len,
          struct desk_answer *out)
{
    struct acting x = {.desk = d, .caller = c, .request = q, .out = out, .id = id, .step = step};
    int64_t stream, rid;
    bool there;
    enum fault_code rc;

    /* The rest of what is not there is found out by the one who writes, before anything else. */
    if (!record_id_read(id, &stream, &rid))
        return desk_absent(t);
    rc = desk_stream_there(t, s, c, stream, &there);
    if (rc || !there)
        return rc ? rc : desk_absent(t);
    if (read_step_body(t, body, len, &x.body)) {
        fault_clear(t);
        x.unread = body;
        x.unread_len = len;
    }
    rc = desk_submit_for_answer(t, d, stream, run_step, &x);
    return rc ? rc : render(&x, t, s);
}

/* ---- attachments ---- */

/* Keys of uploads: an attachment belongs to no stream until a record names it. */
#define KEY_FILES 0

struct keeping {
    const struct desk_request *request;
    const char *account, *bytes;
    size_t len;
    struct record_upload upload;
};

/* Kept by its digest, so that the same file under the same key has the first answer by itself. */
static enum fault_code
run_keep(void *who, struct task *t, struct store *s)
{
    const struct kept_key done = {.status = 201};
    struct keeping *k = who;
    struct kept_key kept;
    enum fault_code rc = find_key(t, s, k->request, k->account, KEY_FILES, &kept);

    if (!rc)
        rc = record_file_keep(t, s, k->account, k->bytes, k->len, &k->upload);
    return rc ? rc : keep_key(t, s, k->request, k->account, KEY_FILES, &done);
}

enum fault_code
desk_file_put(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
              const struct desk_request *q, const char *bytes, size_t len, struct json **out)
{
    struct keeping k = {.request = q, .account = c->account, .bytes = bytes, .len = len};
    struct json *o;
    enum fault_code rc = c->n_posts ? record_file_check(t, bytes, len, &k.upload)
                                    : fault(t, FAULT_RIGHT, "/post", "您现在没有任何岗位 | you hold no post now");

    (void)s;
    if (!rc)
        rc = desk_plain(t, d, run_keep, &k);
    if (rc)
        return rc;
    o = json_object(t->arena);
    json_set_str(t->arena, o, "digest", k.upload.digest);
    json_set_str(t->arena, o, "media_type", k.upload.media_type);
    json_set_int(t->arena, o, "size", k.upload.size);
    json_set(t->arena, o, "flags", k.upload.flags);
    *out = o;
    return FAULT_NONE;
}

enum fault_code
desk_file_get(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
              const char *digest, const char **bytes, size_t *len, const char **media_type)
{
    return record_file_read(t, s, d->world, &c->scope, c->account, digest, bytes, len, media_type);
}
