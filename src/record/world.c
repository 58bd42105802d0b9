/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/world.c - adopted definitions and standards, read once and replaced whole.
 *
 * Knows: record_definition, record_standard, and the events that adopt.
 * Does not know: files; who adopts reads them.
 */
#include "record/inside.h"
#include <string.h>

static enum fault_code
read_kinds(struct task *t, struct store *s, struct record_world *w)
{
    struct rows r;
    enum fault_code rc = store_query(
        t, s, &r, "SELECT id, body FROM record_definition ORDER BY kind, version", "");

    if (rc)
        return rc;
    while (store_next(t, &r)) {
        const char *body = store_text(t, &r, 1);
        struct kind *k;

        rc = kind_load(t, body, strlen(body), NULL, &k);
        if (rc)
            break;
        k->id = (int)store_int(&r, 0);
        rc = kind_catalog_add(t, w->catalog, k);
        if (rc)
            break;
    }
    return store_end(t, &r);
}

static enum fault_code
read_standards(struct task *t, struct store *s, struct record_world *w)
{
    struct rows r;
    size_t room = 256;
    enum fault_code rc =
        store_query(t, s, &r, "SELECT name, place, edition, body FROM record_standard ORDER BY name, place", "");

    if (rc)
        return rc;
    w->standards = arena_alloc(t->arena, room * sizeof *w->standards);
    while (w->n_standards < room && store_next(t, &r)) {
        struct record_standard *x = &w->standards[w->n_standards];
        const char *body = store_text(t, &r, 3);

        x->name = store_text(t, &r, 0);
        x->place = store_int(&r, 1);
        x->edition = store_text(t, &r, 2);
        if (json_read(t, body, strlen(body), &x->body))
            break;
        w->n_standards++;
    }
    return store_end(t, &r);
}

static enum fault_code
read_generation(struct task *t, struct store *s, int64_t *generation)
{
    bool found;

    return store_one_int(t, s, generation, &found,
                         "SELECT n FROM org_generation WHERE what = 'definitions'", "");
}

enum fault_code
record_world_stale(struct task *t, struct store *s, const struct record_world *w, bool *stale)
{
    int64_t now = 0;
    enum fault_code rc = read_generation(t, s, &now);

    *stale = now != w->generation;
    return rc;
}

enum fault_code
record_world_read(struct task *t, struct store *s, struct record_world **out)
{
    struct task own;
    struct record_world *w;
    const struct record_standard *x;
    enum fault_code rc;

    task_init(&own, t->now, 1);
    w = arena_alloc(own.arena, sizeof *w);
    w->arena = own.arena;
    w->catalog = kind_catalog_new(own.arena);
    rc = read_generation(&own, s, &w->generation);
    if (!rc)
        rc = read_kinds(&own, s, w);
    if (!rc)
        rc = read_standards(&own, s, w);
    if (!rc && (x = record_world_standard(w, "calendar")))
        rc = rule_calendar_read(&own, x->body, &w->calendar);
    if ((x = record_world_standard(w, "limits")))
        w->limits = x->body;
    if (!rc && !w->calendar)
        rc = rule_calendar_read(&own, json_object(own.arena), &w->calendar);
    if (rc) {
        for (unsigned i = 0; i < own.fault.n_items; i++)
            (void)fault(t, rc, own.fault.items[i].pointer, "%s | %s", own.fault.items[i].zh,
                        own.fault.items[i].en);
        task_release(&own);
        return rc;
    }
    t->store_calls += own.store_calls;
    *out = w;
    return FAULT_NONE;
}

void
record_world_free(struct record_world *w)
{
    if (w)
        arena_free(w->arena);
}

const struct record_standard *
record_world_standard(const struct record_world *w, const char *name)
{
    for (size_t i = 0; i < w->n_standards; i++)
        if (text_equal(w->standards[i].name, name) && !w->standards[i].place)
            return &w->standards[i];
    return NULL;
}

/* ---- rows of a table ---- */

const struct json *
record_world_rows(const struct record_world *w, const char *table)
{
    const struct record_standard *x = table ? record_world_standard(w, table) : NULL;
    const struct json *rows = x ? json_get(x->body, "rows") : NULL;

    return rows || !x ? rows : json_get(x->body, "divisions");
}

const char *
record_row_id(const struct json *row)
{
    const char *id = json_text_of(row, "id");

    if (!id)
        id = json_text_of(row, "key");
    return id ? id : json_text_of(row, "code");
}

const char *
record_row_title(const struct json *row)
{
    const char *title = json_text_of(row, "title");

    if (!title)
        title = json_text_of(row, "zh");
    return title ? title : json_text_of(row, "name");
}

const struct json *
record_world_row(const struct record_world *w, const char *table, const char *id)
{
    const struct json *rows = record_world_rows(w, table);

    for (size_t i = 0; id && i < json_count(rows); i++)
        if (text_equal(record_row_id(json_at(rows, i)), id))
            return json_at(rows, i);
    return NULL;
}

/* ---- adoption ---- */

static enum fault_code
adopt(struct task *t, struct store *s, struct chain_tip *tip, const struct org_actor *by,
      const char *step, struct json *outcome)
{
    struct json *body = json_object(t->arena);
    struct chain_event e = {.body = body};
    enum fault_code rc;

    json_set_str(t->arena, body, "kind", "definition");
    json_set_str(t->arena, body, "step", step);
    json_set_int(t->arena, body, "actor", by->person);
    json_set_int(t->arena, body, "post", by->post);
    json_set_int(t->arena, body, "unit", by->unit);
    json_set(t->arena, body, "outcome", outcome);
    rc = chain_append(t, s, tip, &e);
    return rc ? rc : record_project(t, s, body, e.seq);
}

/* Facets of both versions stand in one index: a number means one state and one level. */
static enum fault_code
check_numbers(struct task *t, struct store *s, const struct kind *k)
{
    const char *body = NULL;
    struct kind *old;
    enum fault_code rc = store_one_text(
        t, s, &body, "SELECT body FROM record_definition WHERE kind = ? ORDER BY version DESC LIMIT 1", "s",
        k->name);

    if (rc || !body)
        return rc;
    rc = kind_load(t, body, strlen(body), NULL, &old);
    for (size_t i = 0; !rc && i < old->n_states; i++) {
        const struct kind_state *now = kind_state_at(k, old->states[i].number);

        if (!now || !text_equal(now->name, old->states[i].name))
            rc = fault(t, FAULT_INPUT, "/states",
                       "新版本须保留旧状态的次序，新状态加在其后：%s | a new version keeps the order of the old "
                       "states and adds new ones after them: %s",
                       old->states[i].name, old->states[i].name);
    }
    for (size_t i = 0; !rc && i < old->n_levels; i++)
        if (i >= k->n_levels || !text_equal(k->levels[i], old->levels[i]))
            rc = fault(t, FAULT_INPUT, "/fields/properties/level",
                       "新版本须保留旧等级的次序 | a new version keeps the order of the old levels");
    return rc;
}

enum fault_code
record_adopt_kind(struct task *t, struct store *s, struct chain_tip *tip, const struct org_actor *by,
                  const struct kind *k)
{
    struct json *o = json_object(t->arena);
    const char *digest = NULL;
    int64_t id = 0;
    bool found;
    enum fault_code rc = store_one_text(
        t, s, &digest, "SELECT digest FROM record_definition WHERE kind = ? AND version = ?", "si", k->name,
        (int64_t)k->version);

    if (rc)
        return rc;
    if (digest && strcmp(digest, k->digest) == 0)
        return FAULT_NONE;
    if (digest)
        return fault(t, FAULT_INPUT, "/version",
                     "%s 第 %d 版已采用且内容不同；改动须增加版本号 | %s version %d is adopted already with other "
                     "bytes; a change needs the next version",
                     k->name, k->version, k->name, k->version);
    rc = check_numbers(t, s, k);
    if (rc)
        return rc;
    rc = store_one_int(t, s, &id, &found, "SELECT min(id) FROM record_definition WHERE kind = ?", "s",
                       k->name);
    if (!rc && !found) {
        rc = store_one_int(t, s, &id, &found, "SELECT max(id) FROM record_definition", "");
        id = found ? id + 1 : 1;
    }
    if (rc)
        return rc;
    json_set_str(t->arena, o, "adopted", k->name);
    json_set_int(t->arena, o, "version", k->version);
    json_set_int(t->arena, o, "id", id);
    json_set_str(t->arena, o, "digest", k->digest);
    /* As text: the order in which the file names its fields is the order of forms. */
    json_set_str(t->arena, o, "source", json_string(t->arena, k->source));
    return adopt(t, s, tip, by, "adopt", o);
}

enum fault_code
record_adopt_standard(struct task *t, struct store *s, struct chain_tip *tip, const struct org_actor *by,
                      const char *name, int64_t place, const char *edition, const struct json *body)
{
    struct json *o = json_object(t->arena);

    json_set_str(t->arena, o, "adopted", name);
    json_set_int(t->arena, o, "for", place);
    json_set_str(t->arena, o, "edition", edition ? edition : "");
    json_set_str(t->arena, o, "source", json_string(t->arena, body));
    return adopt(t, s, tip, by, "adopt_standard", o);
}
