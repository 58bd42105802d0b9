/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/make.c - a new store, and adopting definitions and local tables later.
 */
#include "base/embed.h"
#include "desk/inside.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- definitions: the carried ones, or those of a folder ---- */

struct folder {
    struct task *task;
    const char *path; /* NULL: carried */
};

static const char *
read_path(struct task *t, const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *bytes;
    size_t n;

    if (!f)
        return NULL;
    bytes = arena_alloc(t->arena, LIMIT_BODY + 1);
    n = fread(bytes, 1, LIMIT_BODY, f);
    fclose(f);
    *len = n;
    return bytes;
}

static const char *
find_part(void *who, const char *name, size_t *len)
{
    struct folder *f = who;
    const struct embed_file *file;
    const char *bytes = NULL;

    if (f->path)
        bytes = read_path(f->task, arena_format(f->task->arena, "%s/parts/%s.json", f->path, name), len);
    if (bytes)
        return bytes;
    file = embed_find(arena_format(f->task->arena, "definitions/parts/%s.json", name));
    if (file)
        *len = file->len;
    return file ? (const char *)file->bytes : NULL;
}

/* Faults of one file, each led by its name. */
static enum fault_code
load_one(struct task *t, struct folder *f, const char *name, const char *bytes, size_t len,
         struct kind_catalog *catalog)
{
    const struct kind_files files = {find_part, f};
    struct task own = *t;
    struct kind *k;
    enum fault_code rc;

    memset(&own.fault, 0, sizeof own.fault);
    rc = kind_load(&own, bytes, len, &files, &k);
    if (!rc && strncmp(name, k->name, strlen(k->name)) != 0)
        rc = fault(&own, FAULT_INPUT, "/kind", "文件名应为 %s.json | the file is named %s.json", k->name, k->name);
    for (unsigned i = 0; i < own.fault.n_items; i++)
        (void)fault(t, rc, arena_format(t->arena, "%s %s", name, own.fault.items[i].pointer), "%s | %s",
                    own.fault.items[i].zh, own.fault.items[i].en);
    return rc ? rc : kind_catalog_add(t, catalog, k);
}

static enum fault_code
load_carried(struct task *t, struct folder *f, struct kind_catalog *catalog)
{
    const struct embed_file *end = embed_files + embed_files_len;
    enum fault_code rc = FAULT_NONE;

    for (const struct embed_file *e = embed_from("definitions/"); e && e < end; e++) {
        const char *name = e->path + strlen("definitions/");

        if (!text_starts(e->path, "definitions/"))
            break;
        if (strchr(name, '/') || !strstr(name, ".json"))
            continue;
        if (f->path && access(arena_format(t->arena, "%s/%s", f->path, name), R_OK) == 0)
            continue;
        enum fault_code one = load_one(t, f, name, (const char *)e->bytes, e->len, catalog);

        rc = rc ? rc : one;
    }
    return rc;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum fault_code
load_folder(struct task *t, struct folder *f, struct kind_catalog *catalog)
{
    const char *names[256];
    size_t n = 0;
    DIR *dir = opendir(f->path);
    struct dirent *e;
    enum fault_code rc = FAULT_NONE;

    if (!dir)
        return fault(t, FAULT_INPUT, f->path, "打不开这个目录 | the folder cannot be opened");
    while (n < 256 && (e = readdir(dir)))
        if (strlen(e->d_name) > 5 && strcmp(e->d_name + strlen(e->d_name) - 5, ".json") == 0)
            names[n++] = arena_text(t->arena, e->d_name);
    closedir(dir);
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++) {
        size_t len;
        const char *bytes = read_path(t, arena_format(t->arena, "%s/%s", f->path, names[i]), &len);
        enum fault_code one = bytes ? load_one(t, f, names[i], bytes, len, catalog) : FAULT_NONE;

        rc = rc ? rc : one;
    }
    return rc;
}

enum fault_code
desk_read_definitions(struct task *t, const char *folder, struct kind_catalog **out)
{
    struct folder f = {t, folder};
    struct kind_catalog *catalog = kind_catalog_new(t->arena);
    enum fault_code rc = load_carried(t, &f, catalog), more = FAULT_NONE;

    if (folder)
        more = load_folder(t, &f, catalog);
    rc = rc ? rc : more;
    if (!rc)
        rc = kind_catalog_check(t, catalog);
    *out = catalog;
    return rc;
}

/* ---- standards ---- */

static const char *const tables[] = {"calendar", "limits", "lines", "labels", "industries", "major_hazard"};

static enum fault_code
read_carried(struct task *t, const char *path, struct json **out)
{
    const struct embed_file *e = embed_find(path);

    if (!e)
        return fault(t, FAULT_STORE, path, "程序内缺少文件 | this binary lacks the file");
    return json_read(t, (const char *)e->bytes, e->len, out);
}

static const char *
edition_of(const struct json *file)
{
    const char *edition = json_text_of(file, "edition");

    return edition ? edition : json_text_of(file, "source");
}

static enum fault_code
adopt_standards(struct task *t, struct store *s, struct chain_tip *tip, const struct org_actor *by)
{
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < sizeof tables / sizeof *tables && !rc; i++) {
        struct json *file;

        rc = read_carried(t, arena_format(t->arena, "standards/%s.json", tables[i]), &file);
        if (!rc)
            rc = record_adopt_standard(t, s, tip, by, tables[i], 0, edition_of(file), file);
    }
    return rc;
}

static enum fault_code
adopt_local(struct task *t, struct store *s, struct chain_tip *tip, const struct org_actor *by,
            const struct json *file)
{
    struct org_place p;
    const char *code = json_text_of(file, "place");
    bool found = false;
    enum fault_code rc = FAULT_NONE;

    if (!code || strspn(code, "0123456789") != strlen(code))
        return fault(t, FAULT_INPUT, "/place", "本地规则表须写明地区代码 | a local table names its division code");
    if (strspn(code, "0") == strlen(code)) {
        rc = org_place(t, s, 1, &p, &found);
    } else {
        rc = org_place_by_code(t, s, code, &p, &found);
    }
    if (rc)
        return rc;
    if (!found)
        return fault(t, FAULT_INPUT, "/place", "库中没有这个地区：%s | the store has no place %s", code, code);
    return record_adopt_standard(t, s, tip, by, "local", p.id, edition_of(file), file);
}

/* ---- a new store ---- */

/* A series of numbers is adopted under its own name. */
static enum fault_code
adopt_series(struct task *t, struct store *s, struct chain_tip *tip, const struct org_actor *by,
             const struct json *file)
{
    enum fault_code rc = rollup_series_check(t, file);

    return rc ? rc
              : record_adopt_standard(t, s, tip, by,
                                      arena_format(t->arena, DESK_SERIES "%s", json_text_of(file, "series")), 0,
                                      edition_of(file), file);
}

static enum fault_code
adopt_carried_series(struct task *t, struct store *s, struct chain_tip *tip, const struct org_actor *by)
{
    const struct embed_file *e = embed_from("standards/series/");
    enum fault_code rc = FAULT_NONE;

    for (; e && e < embed_files + embed_files_len && text_starts(e->path, "standards/series/") && !rc; e++) {
        struct json *file;

        rc = json_read(t, (const char *)e->bytes, e->len, &file);
        if (!rc)
            rc = adopt_series(t, s, tip, by, file);
    }
    return rc;
}

struct making {
    const char *places;
    bool demo;
};

static const struct org_actor operator_actor = {.sort = ORG_OPERATOR, .account = "operator"};

static enum fault_code
fill_store(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct making *m = who;
    struct org_write w = {t, s, tip, &operator_actor};
    struct kind_catalog *catalog;
    struct json *local;
    enum fault_code rc = org_state_places(&w, m->places);

    if (!rc)
        rc = adopt_standards(t, s, tip, &operator_actor);
    if (!rc)
        rc = desk_read_definitions(t, NULL, &catalog);
    for (size_t i = 0; !rc && i < kind_catalog_count(catalog); i++)
        rc = record_adopt_kind(t, s, tip, &operator_actor, kind_catalog_at(catalog, i));
    if (!rc)
        rc = adopt_carried_series(t, s, tip, &operator_actor);
    if (!rc)
        rc = read_carried(t, "standards/local/000000.json", &local);
    if (!rc)
        rc = adopt_local(t, s, tip, &operator_actor, local);
    if (!rc && m->demo)
        rc = read_carried(t, "standards/local/320200.json", &local);
    if (!rc && m->demo)
        rc = adopt_local(t, s, tip, &operator_actor, local);
    if (!rc && m->demo)
        rc = store_mark_set(t, s, "demonstration", "1");
    if (!rc && m->demo)
        rc = store_mark_making(t, s, STORE_FILLING);
    return rc;
}

enum fault_code
desk_fill_end(struct task *t, struct store *s)
{
    enum fault_code rc = store_fill_end(t, s);

    if (!rc)
        rc = store_begin(t, s);
    if (!rc)
        rc = store_mark_making(t, s, STORE_WHOLE);
    if (!rc)
        rc = store_commit(t, s);
    if (rc)
        store_rollback(s);
    return rc;
}

/* The fault that stands is why it was made in vain. */
void
desk_unmake(const char *url)
{
    struct task own;

    task_init(&own, 0, 1);
    (void)!store_unmake(&own, url);
    task_release(&own);
}

bool
desk_making_died(const char *url)
{
    struct task own;
    struct store *s;
    int64_t stream = 0;
    bool died = false;

    task_init(&own, 0, 1);
    if (!store_open(&own, url, STORE_WRITE, &s)) {
        died = !desk_first_stream(&own, s, &stream) && !stream;
        store_close(s);
    }
    task_release(&own);
    return died;
}

enum fault_code
desk_make_store(struct task *t, const char *url, const char *places, bool demo)
{
    struct making m = {text_equal(places, "all") ? "000000000000" : places, demo};
    struct desk d = {.url = url};
    int64_t stream;
    enum fault_code rc = org_stream_of_code(t, m.places, &stream);

    if (!rc)
        rc = store_open(t, url, STORE_CREATE, &d.writer);
    if (rc)
        return rc;
    rc = desk_key_read(t, url, true, &d.key);
    if (!rc)
        rc = desk_inline(t, &d, stream, fill_store, &m);
    org_rows_end(d.rows);
    hash_key_end(&d.key);
    store_close(d.writer);
    if (rc)
        desk_unmake(url);
    return rc;
}

/* ---- adopting later ---- */

struct adopting {
    const char *name;
    struct json *file;
    struct kind *kind;
};

static bool
is_local(const struct json *file)
{
    return json_get(file, "tables") || json_get(file, "durations");
}

static enum fault_code
run_adopt(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct adopting *x = who;

    if (x->kind)
        return record_adopt_kind(t, s, tip, &operator_actor, x->kind);
    if (is_local(x->file))
        return adopt_local(t, s, tip, &operator_actor, x->file);
    if (json_text_of(x->file, "series"))
        return adopt_series(t, s, tip, &operator_actor, x->file);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (text_equal(x->name, arena_format(t->arena, "%s.json", tables[i])))
            return record_adopt_standard(t, s, tip, &operator_actor, tables[i], 0, edition_of(x->file),
                                         x->file);
    return fault(t, FAULT_INPUT, x->name,
                 "认不出这是什么：定义须有 kind，本地规则表须有 tables | not recognised: a definition has kind, a local "
                 "table has tables");
}

static enum fault_code
recalculate(const void *how, struct record_act *act, struct record *r, bool *changed)
{
    (void)how;
    return record_recalculate(act, r, changed);
}

static enum fault_code
migrate(const void *how, struct record_act *act, struct record *r, bool *changed)
{
    return record_migrate(act, r, how, changed);
}

/*
 * A year that came into the calendar re-sets the clocks that were provisional without it; a place's
 * tables, those that stand on a row of it.
 */
static enum fault_code
recalculate_all(struct task *t, struct desk *d, bool calendar, int64_t *n)
{
    struct rows r;
    enum fault_code rc =
        calendar ? store_query(t, d->writer, &r,
                               "SELECT stream, rid FROM record_now WHERE clocks LIKE "
                               "'%\"provisional\":true%' ORDER BY stream, rid",
                               "")
                 : store_query(t, d->writer, &r,
                               "SELECT stream, rid FROM record_now WHERE clocks LIKE '%\"on\":%' "
                               "ORDER BY stream, rid",
                               "");

    return rc ? rc : desk_revisit_all(t, d, &r, recalculate, NULL, n);
}

/* Records of older versions that the new one says how to take along. */
static enum fault_code
migrate_all(struct task *t, struct desk *d, const char *name, int64_t *n)
{
    const struct kind *to = kind_find(d->world->catalog, name, 0);
    struct rows r;
    enum fault_code rc;

    if (!to || !to->n_migrate)
        return FAULT_NONE;
    rc = store_query(t, d->writer, &r,
                     "SELECT stream, rid FROM record_now WHERE kind = ? AND version < ? ORDER BY stream, rid",
                     "ii", (int64_t)to->id, (int64_t)to->version);
    return rc ? rc : desk_revisit_all(t, d, &r, migrate, to, n);
}

/* Every adopted kind, with those of the files in place of same-named ones. */
static enum fault_code
check_together(struct task *t, struct desk *d, const struct adopting *list, size_t n)
{
    struct kind_catalog *all = kind_catalog_new(t->arena);
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < kind_catalog_count(d->world->catalog) && !rc; i++) {
        const struct kind *x = kind_catalog_at(d->world->catalog, i);
        bool replaced = false;

        for (size_t k = 0; k < n; k++)
            if (list[k].kind && strcmp(x->name, list[k].kind->name) == 0)
                replaced = true;
        if (!replaced)
            rc = kind_catalog_add(t, all, (struct kind *)(uintptr_t)x);
    }
    for (size_t k = 0; k < n && !rc; k++)
        if (list[k].kind)
            rc = kind_catalog_add(t, all, list[k].kind);
    return rc ? rc : kind_catalog_check(t, all);
}

static enum fault_code
read_files(struct task *t, const struct desk_file *files, size_t n, struct adopting *list)
{
    struct folder f = {t, NULL};
    const struct kind_files parts = {find_part, &f};
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < n && !rc; i++) {
        list[i].name = files[i].name;
        rc = json_read(t, files[i].bytes, files[i].len, &list[i].file);
        if (!rc && json_get(list[i].file, "kind"))
            rc = kind_load(t, files[i].bytes, files[i].len, &parts, &list[i].kind);
    }
    return rc;
}

static enum fault_code
run_adopt_all(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct adopting *list = who;
    enum fault_code rc = FAULT_NONE;

    for (; list->name && !rc; list++)
        rc = run_adopt(list, t, s, tip);
    return rc;
}

/* What stands on what was adopted: clocks that lacked their year, records of older versions. */
static enum fault_code
take_along(struct task *t, struct desk *d, const struct adopting *x, struct json **out)
{
    struct json *o = json_object(t->arena);
    int64_t moved = 0, migrated = 0;
    bool calendar = text_equal(x->name, "calendar.json"), local = is_local(x->file) || text_equal(x->name, "limits.json");
    enum fault_code rc = calendar || local ? recalculate_all(t, d, calendar, &moved) : FAULT_NONE;

    if (!rc && x->kind)
        rc = migrate_all(t, d, x->kind->name, &migrated);
    json_set_str(t->arena, o, "adopted", x->kind ? x->kind->name : x->name);
    if (x->kind)
        json_set_int(t->arena, o, "version", x->kind->version);
    json_set_int(t->arena, o, "clocks_moved", moved);
    json_set_int(t->arena, o, "records_migrated", migrated);
    *out = o;
    return rc;
}

enum fault_code
desk_adopt(struct task *t, struct desk *d, const struct desk_file *files, size_t n, struct json **out)
{
    struct adopting *list = arena_alloc(t->arena, (n + 1) * sizeof *list);
    struct json *answers = json_array(t->arena);
    int64_t stream;
    enum fault_code rc = read_files(t, files, n, list);

    if (!rc)
        rc = check_together(t, d, list, n);
    if (!rc)
        rc = desk_first_stream(t, d->writer, &stream);
    if (!rc)
        rc = desk_submit(t, d, stream, run_adopt_all, list);
    if (!rc)
        rc = desk_reload(t, d);
    for (size_t i = 0; i < n && !rc; i++) {
        struct json *one;

        rc = take_along(t, d, &list[i], &one);
        json_push(t->arena, answers, one);
    }
    *out = answers;
    return rc;
}
