/* SPDX-License-Identifier: Apache-2.0 */
/*
 * city.h - a small city in a store of its own, for tests of the rooms above the chain.
 *
 * One store is made for a test program (places below 320200, the carried definitions, units and
 * people of two counties) and copied for each test. Texts of JSON are written with ' for ", so that
 * they stay readable in C. The time is given; it begins on Monday 2026-11-23, 09:00 in Shanghai.
 */
#ifndef TEST_CITY_H
#define TEST_CITY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <png.h>

#include "base/time.h"
#include "desk/desk.h"

#define CITY_START    INT64_C(1795395600000) /* 2026-11-23T09:00:00+08:00 */
#define CITY_DAY_FROM 19000                  /* every post is held since 2022 */

/* Who is in it. Numbers are the same in every copy. */
struct city_people {
    int64_t county, town, town2, county2, city; /* places */
    int64_t office, bureau, housing, township, township2, firm, workshop, shop, firm2;
    int64_t office2, bureau2, city_office, city_bureau; /* units */
    int64_t officer, bureau_person, head, clerk, township_person, grid, safety, boss, worker,
        keeper;
    int64_t township2_person, housing_person, safety2, boss2, clerk2, officer2, city_clerk, leader;
    int64_t auditor, mate; /* persons */
};

struct city {
    struct task t;
    struct desk *desk;
    char url[200];
    int64_t now;
    char last[40];     /* id of the record made last */
    struct json *body; /* the last answer */
    int revision;
    const char *key;   /* Idempotency-Key of the next request */
    const char *match; /* If-Match of the next step; NULL: the revision it is at */
    bool no_match;
    const char *post, *comment;
};

static struct city_people city_who;
static char city_base[160];
static int city_copies;

#define CITY_OK(call) city_ok(&c->t, (call), #call, __FILE__, __LINE__)

static inline void
city_ok(struct task *t, enum fault_code rc, const char *what, const char *file, int line)
{
    if (rc) {
        for (unsigned i = 0; i < t->fault.n_items; i++)
            print_error("%s %s | %s\n", t->fault.items[i].pointer ? t->fault.items[i].pointer : "-",
                        t->fault.items[i].zh, t->fault.items[i].en);
        print_error("%s: %s\n", fault_name(rc), what);
        _fail(file, line);
    }
}

/* ---- making it ---- */

static inline int64_t
city_unit(struct org_write *w, const char *sort, const char *name, int64_t place, int line,
          int64_t parent)
{
    struct arena *a = w->task->arena;
    struct org_unit u = {.sort = sort,
                         .name = name,
                         .initials = "",
                         .place = place,
                         .line = line,
                         .parent = parent,
                         .headcount = 98};

    u.powers = json_array(a);
    if (strcmp(sort, "department") == 0)
        json_push(a, u.powers, json_str(a, "inspection"));
    if (strcmp(sort, "enterprise") == 0)
        u.industry = "21";
    city_ok(w->task, org_state_unit(w, &u), name, __FILE__, __LINE__);
    return u.id;
}

static inline int64_t
city_post(struct org_write *w, int64_t person, int64_t unit, const char *role, int64_t from,
          int64_t to)
{
    struct org_post post = {
        .person = person, .unit = unit, .role = role, .from_day = from, .to_day = to};

    city_ok(w->task, org_state_post(w, &post), role, __FILE__, __LINE__);
    return post.id;
}

static inline int64_t
city_person(struct org_write *w, const char *name, int64_t unit, const char *role)
{
    struct arena *a = w->task->arena;
    struct org_person p = {.name = name, .certificates = json_array(a)};
    struct json *o = json_object(a);

    json_set_str(a, o, "kind", "law_enforcement");
    json_set_str(a, o, "until", "2030-01-01");
    json_push(a, p.certificates, o);
    city_ok(w->task, org_state_person(w, &p), name, __FILE__, __LINE__);
    (void)city_post(w, p.id, unit, role, CITY_DAY_FROM, 0);
    return p.id;
}

static inline int64_t
city_place(struct task *t, struct store *s, const char *code)
{
    struct org_place p;
    bool found = false;

    city_ok(t, org_place_by_code(t, s, code, &p, &found), code, __FILE__, __LINE__);
    assert_true(found);
    return p.id;
}

static const struct org_actor city_operator = {.sort = ORG_OPERATOR, .account = "operator"};

static inline enum fault_code
city_fill_county(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    struct city_people *p = who;
    struct org_unit shop = {.sort = "enterprise",
                            .name = "一人五金店",
                            .initials = "",
                            .line = 1,
                            .headcount = 1,
                            .one_person = true,
                            .industry = "33"};

    p->county = city_place(t, s, "320205");
    p->town = city_place(t, s, "320205001000");
    p->town2 = city_place(t, s, "320205002000");
    p->city = city_place(t, s, "320200");
    p->county2 = city_place(t, s, "320206");
    p->office = city_unit(&w, "office", "区安委办", p->county, 0, 0);
    p->bureau = city_unit(&w, "department", "区应急局", p->county, 1, 0);
    p->housing = city_unit(&w, "department", "区住建局", p->county, 2, 0);
    p->township = city_unit(&w, "township", "东亭街道应急办", p->town, 0, 0);
    p->township2 = city_unit(&w, "township", "安镇街道应急办", p->town2, 0, 0);
    p->firm = city_unit(&w, "enterprise", "珩佑家具有限公司", p->town, 1, 0);
    p->workshop = city_unit(&w, "workshop", "抛光车间", p->town, 1, p->firm);
    shop.place = p->town;
    city_ok(t, org_state_unit(&w, &shop), "shop", __FILE__, __LINE__);
    p->shop = shop.id;
    p->officer = city_person(&w, "柏澄", p->bureau, "inspector");
    p->bureau_person = city_person(&w, "祝聿", p->bureau, "inspector");
    p->head = city_person(&w, "狄岚", p->bureau, "head");
    p->clerk = city_person(&w, "阎枞", p->office, "office");
    p->leader = city_person(&w, "谷樵", p->office, "leader");
    p->township_person = city_person(&w, "尤霁", p->township, "township");
    p->grid = city_person(&w, "滕洵", p->township, "grid");
    p->township2_person = city_person(&w, "鲍砥", p->township2, "township");
    p->housing_person = city_person(&w, "桑韫", p->housing, "inspector");
    p->safety = city_person(&w, "钱砚禾", p->firm, "safety_officer");
    p->boss = city_person(&w, "宗屹川", p->firm, "person_in_charge");
    p->worker = city_person(&w, "柯牧", p->workshop, "worker");
    p->mate = city_person(&w, "冼禾", p->firm, "worker");
    p->keeper = city_person(&w, "裘朔", p->shop, "person_in_charge");
    p->auditor = city_person(&w, "言缜", p->office, "auditor");
    return t->fault.code;
}

static inline enum fault_code
city_fill_second(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    struct city_people *p = who;
    int64_t town = city_place(t, s, "320206001000");

    p->office2 = city_unit(&w, "office", "惠山安委办", p->county2, 0, 0);
    p->bureau2 = city_unit(&w, "department", "惠山应急局", p->county2, 1, 0);
    p->firm2 = city_unit(&w, "enterprise", "澄川机械有限公司", town, 1, 0);
    p->clerk2 = city_person(&w, "聂岸", p->office2, "office");
    p->officer2 = city_person(&w, "单弋", p->bureau2, "inspector");
    p->safety2 = city_person(&w, "车玮", p->firm2, "safety_officer");
    p->boss2 = city_person(&w, "奚原", p->firm2, "person_in_charge");
    return t->fault.code;
}

static inline enum fault_code
city_fill_above(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct org_write w = {t, s, tip, &city_operator};
    struct city_people *p = who;

    p->city_office = city_unit(&w, "office", "市安委办", p->city, 0, 0);
    p->city_bureau = city_unit(&w, "department", "市应急局", p->city, 1, 0);
    p->city_clerk = city_person(&w, "温洛", p->city_office, "office");
    return t->fault.code;
}

static inline int64_t
city_stream(struct task *t, const char *code)
{
    int64_t stream = 0;

    city_ok(t, org_stream_of_code(t, code, &stream), code, __FILE__, __LINE__);
    return stream;
}

static inline void
city_copy_file(const char *from, const char *to)
{
    static char block[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t n;

    assert_non_null(in);
    assert_non_null(out);
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        assert_int_equal(fwrite(block, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static inline const char *
city_file(struct task *t, const char *path, size_t *n)
{
    char *bytes = arena_alloc(t->arena, 300000);
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    *n = fread(bytes, 1, 299999, f);
    fclose(f);
    return bytes;
}

static inline void
city_adopt(struct task *t, struct desk *d, const char *name, const char *bytes, size_t len)
{
    struct json *out;

    city_ok(t, desk_adopt(t, d, &(struct desk_file){name, bytes, len}, 1, &out), name, __FILE__, __LINE__);
    city_ok(t, desk_reload(t, d), "desk_reload", __FILE__, __LINE__);
}

static inline void
city_adopt_file(struct task *t, struct desk *d, const char *path, const char *name)
{
    size_t n;
    const char *bytes = city_file(t, path, &n);

    city_adopt(t, d, name, bytes, n);
}

/* Two definitions that name each other, in one event group: neither can come first. */
static inline enum fault_code
city_adopt_pair(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    static const char *const files[] = {"test/definitions/opinion.json",
                                        "test/definitions/approval.json"};

    (void)who;
    for (size_t i = 0; i < 2; i++) {
        size_t n;
        const char *bytes = city_file(t, files[i], &n);
        struct kind *k;

        city_ok(t, kind_load(t, bytes, n, NULL, &k), files[i], __FILE__, __LINE__);
        city_ok(t, record_adopt_kind(t, s, tip, &city_operator, k), files[i], __FILE__, __LINE__);
    }
    return FAULT_NONE;
}

static inline void
city_make_base(void)
{
    static const char *const kinds[] = {"task", "inspection", "suggestion"};
    struct task t;
    struct desk *d;
    int64_t stream;
    char folder[] = "/tmp/zhiben-test-XXXXXX";
    char url[200];

    assert_non_null(mkdtemp(folder));
    snprintf(city_base, sizeof city_base, "%s/base.db", folder);
    snprintf(url, sizeof url, "sqlite:%s", city_base);
    task_init(&t, CITY_START - 3 * TIME_DAY, 7);
    city_ok(&t, desk_make_store(&t, url, "320200", true), "desk_make_store", __FILE__, __LINE__);
    city_ok(&t, desk_open(&t, &(struct desk_options){.url = url, .goes_on = true}, &d), "desk_open",
            __FILE__, __LINE__);
    city_ok(&t, store_begin(&t, desk_store(d)), "begin", __FILE__, __LINE__);
    city_ok(&t, store_mark_making(&t, desk_store(d), STORE_WHOLE), "whole", __FILE__, __LINE__);
    city_ok(&t, store_commit(&t, desk_store(d)), "commit", __FILE__, __LINE__);
    city_ok(&t, desk_write(&t, d, city_stream(&t, "320205"), city_fill_county, &city_who), "county",
            __FILE__, __LINE__);
    city_ok(&t, desk_write(&t, d, city_stream(&t, "320206"), city_fill_second, &city_who), "second",
            __FILE__, __LINE__);
    city_ok(&t, desk_write(&t, d, city_stream(&t, "320200"), city_fill_above, &city_who), "above",
            __FILE__, __LINE__);
    stream = city_stream(&t, "320200");
    city_ok(&t, desk_write(&t, d, stream, city_adopt_pair, NULL), "pair", __FILE__, __LINE__);
    city_ok(&t, desk_reload(&t, d), "desk_reload", __FILE__, __LINE__);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char name[40], path[80];

        snprintf(name, sizeof name, "%s.json", kinds[i]);
        snprintf(path, sizeof path, "test/definitions/%s", name);
        city_adopt_file(&t, d, path, name);
    }
    desk_close(d);
    task_release(&t);
}

static inline struct city *
city_open(void)
{
    struct city *c = calloc(1, sizeof *c);
    char path[200], key[240], base_key[200];

    assert_non_null(c);
    if (!city_base[0])
        city_make_base();
    snprintf(path, sizeof path, "%s.%d", city_base, ++city_copies);
    snprintf(c->url, sizeof c->url, "sqlite:%.180s", path);
    snprintf(key, sizeof key, "%s.key", path);
    snprintf(base_key, sizeof base_key, "%s.key", city_base);
    city_copy_file(city_base, path);
    city_copy_file(base_key, key);
    task_init(&c->t, CITY_START, 11);
    c->now = CITY_START;
    CITY_OK(desk_open(&c->t, &(struct desk_options){.url = c->url}, &c->desk));
    return c;
}

static inline void
city_remove(const char *path)
{
    char command[400];

    snprintf(command, sizeof command, "rm -rf '%s' '%s.key' '%s.lock' '%s.files' '%s-wal' '%s-shm'",
             path, path, path, path, path, path);
    assert_int_equal(system(command), 0);
}

static inline void
city_close(struct city *c)
{
    desk_close(c->desk);
    task_release(&c->t);
    city_remove(c->url + 7);
    free(c);
}

/* For the group's teardown. */
static inline int
city_end(void **state)
{
    char command[200];

    (void)state;
    if (city_base[0]) {
        *strrchr(city_base, '/') = 0;
        snprintf(command, sizeof command, "rm -rf '%s'", city_base);
        return system(command);
    }
    return 0;
}

static inline int
city_setup(void **state)
{
    *state = city_open();
    return 0;
}

static inline int
city_teardown(void **state)
{
    city_close(*state);
    return 0;
}

/* ---- asking it ---- */

static inline struct store *
city_store(struct city *c)
{
    return desk_store(c->desk);
}

/* Every request has its own time: a minute after the last, unless the test sets it. */
static inline void
city_tick_on(struct city *c, int64_t ms)
{
    c->now += ms;
    c->t.now = c->now;
}

static inline void
city_at(struct city *c, const char *instant)
{
    assert_true(time_read(instant, false, &c->now));
    c->t.now = c->now;
}

static inline struct json *
city_json(struct task *t, const char *text)
{
    char *copy = arena_text(t->arena, text);
    struct json *out = NULL;

    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    city_ok(t, json_read(t, copy, strlen(copy), &out), text, __FILE__, __LINE__);
    return out;
}

static inline struct json *
city_fields(struct city *c, const char *format, ...)
{
    char text[6000];
    va_list args;

    va_start(args, format);
    assert_true(vsnprintf(text, sizeof text, format, args) < (int)sizeof text);
    va_end(args);
    return city_json(&c->t, text);
}

static inline struct desk_caller
city_caller_in(struct task *t, struct store *s, int64_t person)
{
    struct desk_caller out;
    struct org_post *posts;

    memset(&out, 0, sizeof out);
    city_ok(t, org_scope(t, s, person, &out.scope), "org_scope", __FILE__, __LINE__);
    city_ok(t, org_posts(t, s, person, 0, &posts, &out.n_posts), "org_posts", __FILE__, __LINE__);
    out.posts = posts;
    out.person = person;
    out.account = arena_format(t->arena, "a%lld", (long long)person);
    return out;
}

static inline struct desk_caller
city_caller(struct city *c, int64_t person)
{
    struct desk_caller out = city_caller_in(&c->t, city_store(c), person);

    out.post = c->post;
    return out;
}

static inline struct desk_request
city_request(struct city *c, const char *body)
{
    struct desk_request q = {.key = c->key, .fingerprint = body, .fingerprint_len = strlen(body)};

    c->key = NULL;
    return q;
}

static inline void
city_keep(struct city *c, enum fault_code rc, const struct desk_answer *answer)
{
    c->body = rc ? NULL : answer->body;
    c->revision = rc ? 0 : answer->revision;
    if (!rc && answer->id)
        snprintf(c->last, sizeof c->last, "%s", answer->id);
    c->comment = NULL;
    c->match = NULL;
    c->no_match = false;
}

/* `place` is a division code. The fault is left in c->t. */
static inline enum fault_code
city_create(struct city *c, int64_t person, const char *kind, const char *place,
            struct json *fields)
{
    struct arena *a = c->t.arena;
    struct json *o = json_object(a);
    struct desk_answer answer = {0};
    struct desk_caller caller;
    struct desk_request q;
    const char *body;
    enum fault_code rc;

    fault_clear(&c->t);
    caller = city_caller(c, person);
    json_set_str(a, o, "kind", kind);
    json_set_str(a, o, "place", place);
    json_set(a, o, "fields", fields);
    if (c->comment)
        json_set_str(a, o, "comment", c->comment);
    body = json_string(a, o);
    q = city_request(c, body);
    rc = desk_create(&c->t, c->desk, city_store(c), &caller, &q, body, strlen(body), &answer);
    city_keep(c, rc, &answer);
    city_tick_on(c, TIME_MINUTE);
    return rc;
}

static inline bool
city_read(struct city *c, const char *id, struct record *out)
{
    int64_t stream, rid;
    bool found = false;

    fault_clear(&c->t);
    assert_true(record_id_read(id, &stream, &rid));
    CITY_OK(record_open(&c->t, city_store(c), desk_world(c->desk), stream, rid, out, &found));
    return found;
}

static inline const char *
city_state(struct city *c, const char *id)
{
    struct record r;

    assert_true(city_read(c, id, &r));
    return kind_state_at(r.kind, r.state)->name;
}

static inline enum fault_code
city_step(struct city *c, int64_t person, const char *id, const char *step, struct json *fields)
{
    struct arena *a = c->t.arena;
    struct json *o = json_object(a);
    struct desk_answer answer = {0};
    struct desk_caller caller;
    struct desk_request q;
    struct record r;
    const char *body;
    enum fault_code rc;

    if (!c->match && !c->no_match && city_read(c, id, &r))
        c->match = arena_format(a, "\"%d\"", r.rev);
    fault_clear(&c->t);
    caller = city_caller(c, person);
    if (fields)
        json_set(a, o, "fields", fields);
    if (c->comment)
        json_set_str(a, o, "comment", c->comment);
    body = json_string(a, o);
    q = city_request(c, body);
    q.if_match = c->match;
    rc = desk_step(&c->t, c->desk, city_store(c), &caller, &q, id, step, body, strlen(body),
                   &answer);
    city_keep(c, rc, &answer);
    city_tick_on(c, TIME_MINUTE);
    return rc;
}

#define CITY_CREATE(person, kind, place, fields)                                                   \
    CITY_OK(city_create(c, person, kind, place, fields))
#define CITY_STEP(person, id, step, fields) CITY_OK(city_step(c, person, id, step, fields))
#define CITY_REFUSED(code, call)            assert_int_equal((call), (code))

/* Whether the last refusal points at this place of the input. */
static inline bool
city_points(struct city *c, const char *pointer)
{
    for (unsigned i = 0; i < c->t.fault.n_items; i++)
        if (c->t.fault.items[i].pointer && strcmp(c->t.fault.items[i].pointer, pointer) == 0)
            return true;
    return false;
}

/* A picture of its own, sent by the person; its digest. */
static inline const char *
city_photo(struct city *c, int64_t person, unsigned shade)
{
    unsigned char pixels[300];
    static char bytes[5000];
    png_image image;
    png_alloc_size_t n = sizeof bytes;
    struct desk_caller caller = city_caller(c, person);
    struct desk_request request = {.key = NULL};
    struct json *out = NULL;

    for (unsigned i = 0; i < sizeof pixels; i++)
        pixels[i] = (unsigned char)(i * 7 + shade);
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = image.height = 10;
    image.format = PNG_FORMAT_RGB;
    assert_true(png_image_write_to_memory(&image, bytes, &n, 0, pixels, 0, NULL));
    CITY_OK(desk_file_put(&c->t, c->desk, city_store(c), &caller, &request, bytes, n, &out));
    return json_text_of(out, "digest");
}

/* ---- a query string ---- */

struct city_filter {
    const char *names[16], *values[16];
    size_t n;
};

static inline const char *
city_filter_get(void *who, const char *name)
{
    struct city_filter *f = who;

    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->names[i], name) == 0)
            return f->values[i];
    return NULL;
}

static inline const char *
city_filter_name(void *who, size_t i)
{
    struct city_filter *f = who;

    return i < f->n ? f->names[i] : NULL;
}

/* "kind=hazard&limit=5"; values hold no & and no =. */
static inline void
city_filter(struct task *t, const char *text, struct city_filter *f)
{
    char *at = arena_text(t->arena, text), *next, *value;

    memset(f, 0, sizeof *f);
    for (; at && *at; at = next) {
        next = strchr(at, '&');
        if (next)
            *next++ = 0;
        value = strchr(at, '=');
        assert_non_null(value);
        *value++ = 0;
        f->names[f->n] = at;
        f->values[f->n++] = value;
    }
}

static inline struct json *
city_list(struct city *c, int64_t person, const char *filter)
{
    struct city_filter f;
    struct desk_query q = {city_filter_get, city_filter_name, &f};
    struct desk_caller caller;
    struct json *out = NULL, *items;

    fault_clear(&c->t);
    caller = city_caller(c, person);
    city_filter(&c->t, filter, &f);
    CITY_OK(desk_records(&c->t, c->desk, city_store(c), &caller, &q, &out));
    items = json_get(out, "items");
    for (size_t i = 0; i < json_count(items); i++)
        items->array.at[i] = (struct json *)(uintptr_t)json_opened(&c->t, json_at(items, i));
    return out;
}

static inline int64_t
city_count(struct city *c, int64_t person, const char *filter)
{
    struct json *list = city_list(c, person, filter);
    int64_t total = json_int_of(list, "total", -1);

    if (!json_text_of(list, "next"))
        assert_int_equal(total, json_count(json_get(list, "items")));
    return total;
}

static inline bool
city_lists(struct city *c, int64_t person, const char *filter, const char *id)
{
    const struct json *items = json_get(city_list(c, person, filter), "items");

    for (size_t i = 0; i < json_count(items); i++)
        if (strcmp(json_text_of(json_at(items, i), "id"), id) == 0)
            return true;
    return false;
}

static inline enum fault_code
city_figure_ask(struct city *c, int64_t person, const char *figure, const char *query,
                struct json **out)
{
    struct city_filter f;
    struct desk_query q = {city_filter_get, city_filter_name, &f};
    struct desk_caller caller;
    const char *text;
    enum fault_code rc;

    fault_clear(&c->t);
    caller = city_caller(c, person);
    city_filter(&c->t, query, &f);
    rc = desk_figure(&c->t, c->desk, city_store(c), &caller, figure, &q, out);
    /* Its cells are written already; they are read as a client reads them. */
    text = rc ? NULL : json_string(c->t.arena, *out);
    return rc ? rc : json_read(&c->t, text, strlen(text), out);
}

/* The sum of the cells answered. */
static inline int64_t
city_figure(struct city *c, int64_t person, const char *figure, const char *query)
{
    struct json *out = NULL;
    int64_t sum = 0;

    CITY_OK(city_figure_ask(c, person, figure, query, &out));
    for (size_t i = 0; i < json_count(json_get(out, "cells")); i++)
        sum += json_int_of(json_at(json_get(out, "cells"), i), "value", 0);
    return sum;
}

static inline struct json *
city_record(struct city *c, int64_t person, const char *id, const char *as_of)
{
    struct desk_answer answer = {0};
    struct desk_caller caller;

    fault_clear(&c->t);
    caller = city_caller(c, person);
    if (desk_record(&c->t, c->desk, city_store(c), &caller, id, as_of, &answer))
        return NULL;
    return answer.body;
}

static inline struct desk_tick_report
city_clock(struct city *c)
{
    struct desk_tick_report report;

    fault_clear(&c->t);
    CITY_OK(desk_tick(&c->t, c->desk, &report));
    return report;
}

/* Everything an auditor asks at the end: the log, the figures, the rows made again. */
static inline void
city_proves(struct city *c)
{
    struct desk_verdict verdict;
    const char *differs = NULL;
    int64_t events;

    fault_clear(&c->t);
    CITY_OK(desk_verify(&c->t, c->desk, true, &verdict));
    if (verdict.wrong)
        fail_msg("verify: %s", verdict.wrong);
    CITY_OK(desk_rebuild(&c->t, c->desk, &events, &differs));
    if (differs)
        fail_msg("rebuild: %s", differs);
}

/* ---- hazards, the most used kind ---- */

#define CITY_TOWN "320205001000"

/* A general hazard ordered at once by the inspector, to be rectified in `days`. */
static inline const char *
city_hazard(struct city *c, int days)
{
    int32_t today = time_day(c->now);
    struct arena *a = c->t.arena;

    CITY_CREATE(
        city_who.officer, "hazard", CITY_TOWN,
        city_fields(c,
                    "{'enterprise':'u%lld','source':'inspector','found_on':'%s','level':'general',"
                    "'description':'配电箱无门，导线未穿管','owner_person':'p%lld',"
                    "'measures':'更换箱门，导线穿管','deadline':'%s'}",
                    (long long)city_who.firm, time_day_text(a, today), (long long)city_who.safety,
                    time_day_text(a, today + days)));
    return arena_text(c->t.arena, c->last);
}

/* A hazard the firm found itself, ordered at once. */
static inline const char *
city_own_hazard(struct city *c, int64_t finder, int64_t owner_person, int days)
{
    int32_t today = time_day(c->now);
    struct arena *a = c->t.arena;

    CITY_CREATE(
        finder, "hazard", CITY_TOWN,
        city_fields(c,
                    "{'enterprise':'u%lld','source':'self','found_on':'%s','level':'general',"
                    "'description':'砂轮机无防护罩','owner_person':'p%lld',"
                    "'measures':'装防护罩','deadline':'%s'}",
                    (long long)city_who.firm, time_day_text(a, today), (long long)owner_person,
                    time_day_text(a, today + days)));
    return arena_text(c->t.arena, c->last);
}

static inline void
city_apply(struct city *c, int64_t person, const char *id)
{
    const char *photo = city_photo(c, person, 3);

    CITY_STEP(person, id, "apply",
              city_fields(c, "{'result':'已整改','after_photos':['%s']}", photo));
}

#endif
