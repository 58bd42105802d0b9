/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/setup.c - a place's first days: how far it is, the rules it lacks, links for its people.
 *
 * Knows: what an office at a place keeps, the carried suggestion of local tables.
 * Does not know: how a step is judged by them.
 */
#include "base/embed.h"
#include "desk/sheet.h"
#include <string.h>

#define BELOW \
    "WITH RECURSIVE below (id) AS (SELECT id FROM org_place WHERE id = ? UNION ALL SELECT p.id FROM org_place p " \
    "JOIN below b ON p.parent = b.id) "
#define WAITING_MOST 2000

/* The caller's topmost place that he keeps. */
static enum fault_code
my_place(struct task *t, struct store *s, const struct desk_caller *c, struct org_place *out,
         const struct org_post **post)
{
    bool found = false;
    enum fault_code rc = FAULT_NONE;

    out->level = 0;
    for (size_t i = 0; i < c->n_posts && !rc; i++) {
        struct org_unit u;
        struct org_place p;

        if (!desk_is_keeper(c->posts[i].role))
            continue;
        rc = org_unit(t, s, c->posts[i].unit, &u, &found);
        if (!rc && found)
            rc = org_place(t, s, u.place, &p, &found);
        if (!rc && found && (!out->level || p.level < out->level)) {
            *out = p;
            *post = &c->posts[i];
        }
    }
    if (!rc && !out->level)
        rc = fault(t, FAULT_RIGHT, "/post",
                   "由安委办或系统管理员办理 | this is for the safety commission office or the system administrator");
    return rc;
}

/* ---- how far it is ---- */

static enum fault_code
set_counts(struct task *t, struct store *s, int64_t place, struct json *o)
{
    static const struct {
        const char *name, *sql;
    } counts[] = {
        {"units", BELOW "SELECT count(*) FROM org_unit u JOIN below b ON u.place = b.id WHERE u.profile IS NULL"},
        {"objects", BELOW "SELECT count(*) FROM org_unit u JOIN below b ON u.place = b.id WHERE u.profile IS NOT NULL"},
        {"people", BELOW "SELECT count(DISTINCT o.person) FROM org_post o JOIN org_unit u ON u.id = o.unit JOIN below b ON "
                         "u.place = b.id"},
        {"waiting", BELOW "SELECT count(DISTINCT a.account) FROM org_account a JOIN org_post o ON o.person = a.person "
                          "JOIN org_unit u ON u.id = o.unit JOIN below b ON u.place = b.id WHERE a.password = '' AND "
                          "a.closed_at IS NULL"},
    };
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < sizeof counts / sizeof *counts && !rc; i++) {
        int64_t n = 0;
        bool found;

        rc = store_one_int(t, s, &n, &found, counts[i].sql, "i", place);
        json_set_int(t->arena, o, counts[i].name, n);
    }
    return rc;
}

/* Whether the place, or one above it, has decided who verifies: without that nothing can be closed. */
static enum fault_code
has_tables(struct task *t, struct desk *d, struct store *s, int64_t place, bool *has)
{
    int64_t ids[ORG_DEPTH];
    size_t n;
    enum fault_code rc = org_above(t, s, place, ids, &n);

    *has = false;
    for (size_t i = 0; i < d->world->n_standards && !rc; i++) {
        const struct record_standard *x = &d->world->standards[i];

        if (!text_equal(x->name, "local") || !json_count(json_get(x->body, "durations")))
            continue;
        for (size_t k = 0; k < n; k++)
            *has = *has || ids[k] == x->place;
    }
    return rc;
}

static void
add_kind(struct arena *a, struct json *list, const char *kind, const char *title)
{
    struct json *one = json_set_str(a, json_object(a), "kind", kind);

    json_push(a, list, json_set(a, one, "title", kind_title(a, title)));
}

/* Organs first, then what is supervised, then who works where. */
static struct json *
tables_of(struct task *t, struct desk *d)
{
    struct json *list = json_array(t->arena);

    add_kind(t->arena, list, DESK_UNITS, "机关单位 | Organs");
    for (size_t i = 0; i < kind_catalog_count(d->world->catalog); i++) {
        const struct kind *k = kind_catalog_at(d->world->catalog, i);

        if (kind_find(d->world->catalog, k->name, 0) == k && sheet_makes_unit(k))
            add_kind(t->arena, list, k->name, k->title);
    }
    add_kind(t->arena, list, DESK_PEOPLE, "人员 | People");
    return list;
}

enum fault_code
desk_setup(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out)
{
    struct json *o = json_object(t->arena);
    const struct org_post *post = NULL;
    struct org_place p;
    bool has = false;
    enum fault_code rc = my_place(t, s, c, &p, &post);

    if (!rc)
        rc = set_counts(t, s, p.id, o);
    if (!rc)
        rc = has_tables(t, d, s, p.id, &has);
    if (rc)
        return rc;
    json_set_str(t->arena, o, "place", p.code);
    json_set_str(t->arena, o, "place_name", p.name);
    json_set_bool(t->arena, o, "rules", has);
    *out = json_set(t->arena, o, "tables", tables_of(t, d));
    return FAULT_NONE;
}

/* ---- the rules a place lacks ---- */

struct adopting {
    const struct desk_caller *caller;
    const struct org_post *post;
    struct org_place place;
    struct json *file;
};

static void
date_rows(struct arena *a, const struct json *rows, const char *from)
{
    for (size_t i = 0; i < json_count(rows); i++)
        json_set_str(a, json_at(rows, i), "from", from);
}

/* The carried suggestion as this place's own word from today on. */
static enum fault_code
suggest(struct task *t, const struct org_place *p, struct json **out)
{
    const struct embed_file *e = embed_find("standards/suggested.json");
    const char *today = time_day_text(t->arena, time_day(t->now));
    const struct json *tables;
    enum fault_code rc;

    if (!e)
        return fault(t, FAULT_STORE, NULL, "程序内缺少文件 | this binary lacks the file");
    rc = json_read(t, (const char *)e->bytes, e->len, out);
    if (rc)
        return rc;
    json_set_str(t->arena, *out, "place", p->code);
    json_set_str(t->arena, *out, "edition", arena_format(t->arena, "%s 起步规则 %s", p->name, today));
    date_rows(t->arena, json_get(*out, "durations"), today);
    tables = json_get(*out, "tables");
    for (size_t i = 0; json_is(tables, JSON_OBJECT) && i < tables->object.n; i++)
        date_rows(t->arena, json_get(tables->object.at[i].value, "rows"), today);
    return FAULT_NONE;
}

enum fault_code
desk_rules_suggested(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out)
{
    const struct org_post *post = NULL;
    struct org_place p;
    enum fault_code rc = my_place(t, s, c, &p, &post);

    (void)d;
    return rc ? rc : suggest(t, &p, out);
}

static enum fault_code
adopt(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct adopting *x = who;
    struct org_actor actor;
    enum fault_code rc = desk_actor(t, s, x->caller, x->post, &actor);

    return rc ? rc
              : record_adopt_standard(t, s, tip, &actor, "local", x->place.id, json_text_of(x->file, "edition"),
                                      x->file);
}

static enum fault_code
reload(void *who, struct task *t, struct store *s)
{
    (void)s;
    return desk_reload(t, who);
}

enum fault_code
desk_rules_adopt(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out)
{
    struct adopting x = {.caller = c};
    int64_t stream = 0;
    bool has = false;
    enum fault_code rc = my_place(t, s, c, &x.place, &x.post);

    if (!rc)
        rc = has_tables(t, d, s, x.place.id, &has);
    if (!rc && has)
        rc = fault(t, FAULT_STATE, NULL,
                   "本地规则已采用；修改请用 zhiben adopt | rules are in force here; change them by zhiben adopt");
    if (!rc)
        rc = suggest(t, &x.place, &x.file);
    if (!rc)
        rc = desk_first_stream(t, s, &stream);
    if (!rc)
        rc = desk_submit(t, d, stream, adopt, &x);
    if (!rc)
        rc = desk_plain(t, d, reload, d);
    if (!rc)
        *out = json_set_str(t->arena, json_object(t->arena), "edition", json_text_of(x.file, "edition"));
    return rc;
}

/* ---- links for people ---- */

struct handing {
    int64_t place;
    struct json *list;
};

/* Whoever holds a link is who it is for: nobody gets one for a post that he does not keep. */
static enum fault_code
hand_out(void *who, struct task *t, struct store *s)
{
    struct handing *x = who;
    struct arena *a = t->arena;
    int64_t today = time_day(t->now);
    struct rows r;
    enum fault_code rc = store_query(
        t, s, &r,
        BELOW "SELECT a.account, max(n.name), max(u.name) FROM org_account a JOIN org_person n ON n.id = a.person JOIN "
              "org_post o ON o.person = a.person JOIN org_unit u ON u.id = o.unit JOIN below b ON u.place = b.id WHERE "
              "a.password = '' AND a.closed_at IS NULL AND (o.to_day IS NULL OR o.to_day >= ?) AND NOT EXISTS (SELECT 1 "
              "FROM org_post e JOIN org_unit v ON v.id = e.unit WHERE e.person = a.person AND (e.to_day IS NULL OR "
              "e.to_day >= ?) AND v.place NOT IN (SELECT id FROM below)) GROUP BY a.account ORDER BY max(u.name), "
              "a.account LIMIT ?",
        "iiii", x->place, today, today, (int64_t)WAITING_MOST);

    x->list = json_array(a);
    if (rc)
        return rc;
    while (store_next(t, &r)) {
        struct json *one = json_set_str(a, json_object(a), "account", store_text(t, &r, 0));

        json_set_str(a, one, "name", store_text(t, &r, 1));
        json_push(a, x->list, json_set_str(a, one, "unit_name", store_text(t, &r, 2)));
    }
    rc = store_end(t, &r);
    for (size_t i = 0; i < json_count(x->list) && !rc; i++) {
        struct json *one = json_at(x->list, i);
        const char *token;
        int64_t expires_at;

        rc = org_link_make(t, s, json_text_of(one, "account"), &token, &expires_at);
        if (rc)
            break;
        json_set_str(a, one, "token", token);
        json_set(a, one, "expires_at", desk_instant(a, expires_at));
    }
    return rc;
}

enum fault_code
desk_links_hand_out(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out)
{
    const struct org_post *post = NULL;
    struct handing x = {0};
    struct org_place p;
    enum fault_code rc = my_place(t, s, c, &p, &post);

    x.place = p.id;
    if (!rc)
        rc = desk_plain(t, d, hand_out, &x);
    if (!rc)
        *out = json_set(t->arena, json_object(t->arena), "items", x.list);
    return rc;
}
