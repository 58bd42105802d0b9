/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/intake.c - which tables there are and what their columns are: organs, people, and every kind of
 * record that a person may create.
 *
 * A kind's table is made of its creating step: what the step asks and a cell can hold. Its choices are
 * those of this moment: places and units the caller keeps, adopted code tables, roles.
 *
 * Knows: sorts of organs, roles, fields that fit into a cell.
 * Does not know: cells, files.
 */
#include "desk/sheet.h"
#include <stdlib.h>
#include <string.h>

#define PLACES_MOST 20000
#define UNITS_MOST 50000

/* ---- who keeps what ---- */

bool
desk_is_keeper(const char *role)
{
    return text_equal(role, "office") || text_equal(role, "sysadmin");
}

/* Who watches over the others is named by the operator: no office chooses its own auditor. */
static bool
watches_over(const char *role)
{
    return text_equal(role, "auditor") || text_equal(role, "sysadmin");
}

/* The places of the caller's posts that keep units and people. */
static enum fault_code
kept_places(struct task *t, struct store *s, const struct desk_caller *c, int64_t *out, size_t room, size_t *n)
{
    enum fault_code rc = FAULT_NONE;

    *n = 0;
    if (c->scope.everything) {
        rc = org_top(t, s, &out[0]);
        *n = 1;
        return rc;
    }
    for (size_t i = 0; i < c->n_posts && *n < room && !rc; i++) {
        struct org_unit u;
        bool found;

        if (!desk_is_keeper(c->posts[i].role))
            continue;
        rc = org_unit(t, s, c->posts[i].unit, &u, &found);
        if (!rc && found)
            out[(*n)++] = u.place;
    }
    return rc;
}

enum fault_code
desk_keeps(struct task *t, struct store *s, const struct desk_caller *c, int64_t place, bool *keeps)
{
    int64_t places[LIMIT_KEYS];
    size_t n;
    enum fault_code rc = kept_places(t, s, c, places, LIMIT_KEYS, &n);

    *keeps = false;
    for (size_t i = 0; i < n && !*keeps && !rc; i++)
        rc = org_covers(t, s, places[i], place, keeps);
    return rc;
}

/* ---- choices ---- */

struct choices {
    const char **values, **titles;
    size_t n, room;
};

static void
add_choice(struct arena *a, struct choices *x, const char *value, const char *title)
{
    if (x->n == x->room) {
        size_t room = x->room ? x->room * 2 : 64;
        const char **values = arena_alloc(a, room * sizeof *values), **titles = arena_alloc(a, room * sizeof *titles);

        if (x->n) {
            memcpy(values, x->values, x->n * sizeof *values);
            memcpy(titles, x->titles, x->n * sizeof *titles);
        }
        x->values = values;
        x->titles = titles;
        x->room = room;
    }
    x->values[x->n] = value;
    x->titles[x->n++] = title;
}

static void
use_choices(struct sheet_column *c, const struct choices *x)
{
    c->values = x->values;
    c->titles = x->titles;
    c->n = x->n;
}

struct making {
    struct task *task;
    struct desk *desk;
    struct store *store;
    const struct desk_caller *caller;
    struct sheet *sheet;
    struct choices places, units;
};

static enum fault_code
add_place(struct making *m, const struct org_place *p, int deepest)
{
    struct task *t = m->task;
    struct org_place *below;
    size_t n = 0;
    enum fault_code rc = FAULT_NONE;

    if (m->places.n >= PLACES_MOST)
        return FAULT_NONE;
    add_choice(t->arena, &m->places, p->code, arena_format(t->arena, "%s %s", p->code, p->name));
    if (p->level < deepest)
        rc = org_places(t, m->store, p->id, NULL, PLACES_MOST, &below, &n);
    for (size_t i = 0; i < n && !rc; i++)
        rc = add_place(m, &below[i], deepest);
    return rc;
}

/* Down to the villages of a county; above it to the counties' townships. */
static enum fault_code
list_places(struct making *m)
{
    int64_t ids[LIMIT_KEYS];
    size_t n;
    enum fault_code rc = kept_places(m->task, m->store, m->caller, ids, LIMIT_KEYS, &n);

    for (size_t i = 0; i < n && !rc; i++) {
        struct org_place p;
        bool found;

        rc = org_place(m->task, m->store, ids[i], &p, &found);
        if (!rc && found)
            rc = add_place(m, &p, p.level >= ORG_COUNTY ? ORG_VILLAGE : p.level == ORG_CITY ? ORG_TOWNSHIP : ORG_COUNTY);
    }
    if (!rc && !n)
        rc = fault(m->task, FAULT_RIGHT, "/post",
                   "导入由安委办或系统管理员办理 | tables are brought in by the safety commission office or the "
                   "system administrator");
    return rc;
}

static enum fault_code
list_units(struct making *m)
{
    struct task *t = m->task;
    struct rows r;
    enum fault_code rc =
        store_query(t, m->store, &r,
                    "SELECT u.id, u.name, p.code, p.name, u.place FROM org_unit u JOIN org_place p ON p.id = u.place "
                    "WHERE u.to_day IS NULL OR u.to_day >= ? ORDER BY u.sort DESC, u.id LIMIT ?",
                    "ii", (int64_t)time_day(t->now), (int64_t)UNITS_MOST);
    struct choices all = {0};
    int64_t *places = arena_alloc(t->arena, UNITS_MOST * sizeof *places);

    if (rc)
        return rc;
    while (store_next(t, &r)) {
        places[all.n] = store_int(&r, 4);
        add_choice(t->arena, &all, org_id_text(t->arena, 'u', store_int(&r, 0)),
                   arena_format(t->arena, "%s（%s）", store_text(t, &r, 1), store_text(t, &r, 3)));
    }
    rc = store_end(t, &r);
    for (size_t i = 0; i < all.n && !rc; i++) {
        bool keeps = false;

        rc = desk_keeps(t, m->store, m->caller, places[i], &keeps);
        if (keeps)
            add_choice(t->arena, &m->units, all.values[i], all.titles[i]);
    }
    return rc;
}

/* ---- columns ---- */

static struct sheet_column *
add_column(struct making *m, const char *name, const char *title, enum sheet_type type, bool required)
{
    struct sheet_column *c;

    must(m->sheet->n < SHEET_COLUMNS);
    c = &m->sheet->columns[m->sheet->n++];
    *c = (struct sheet_column){.name = name, .title = title, .type = type, .required = required};
    return c;
}

static void
add_place_column(struct making *m)
{
    struct sheet_column *c = add_column(m, "place", "属地 | Place", SHEET_CHOICE, true);

    c->note = "可填代码或名称 | its code or its name";
    use_choices(c, &m->places);
}

static struct json *
line_rows(const struct desk *d)
{
    const struct record_standard *x = record_world_standard(d->world, "lines");

    return x ? json_get(x->body, "rows") : NULL;
}

static void
make_units(struct making *m)
{
    static const char *const sorts[][2] = {
        {"department", "部门 | Department"},      {"township", "乡镇（街道）机构 | Township office"},
        {"office", "安委办 | Safety commission office"}, {"government", "政府 | Government"},
        {"agency", "服务机构 | Service agency"},  {"group", "督导组 | Supervision group"}};
    struct arena *a = m->task->arena;
    const struct json *lines = line_rows(m->desk);
    struct choices x = {0}, y = {0};
    struct sheet_column *c;

    m->sheet->title = "机关单位 | Organs";
    add_column(m, "name", "单位名称 | Name", SHEET_TEXT, true);
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++)
        add_choice(a, &x, sorts[i][0], sorts[i][1]);
    use_choices(add_column(m, "sort", "单位种类 | Sort", SHEET_CHOICE, true), &x);
    add_place_column(m);
    c = add_column(m, "line", "条线 | Line", SHEET_CHOICE, false);
    c->note = "部门必填 | a department has one";
    for (size_t i = 0; i < json_count(lines); i++) {
        const struct json *row = json_at(lines, i);

        add_choice(a, &y, json_text_of(row, "key"),
                   arena_format(a, "%s | %s", json_text_of(row, "zh"), json_text_of(row, "en")));
    }
    use_choices(c, &y);
    c = add_column(m, "inspects", "有行政检查权 | May inspect", SHEET_TRUTH, false);
    c->note = "有行政检查（执法）职权的单位填“是” | yes for a unit with power of inspection";
}

static void
make_people(struct making *m)
{
    static const char *const papers[][2] = {
        {"law_enforcement", "行政执法证 | Law enforcement certificate"},
        {"safety_assessment", "安全生产考核合格证 | Safety assessment certificate"},
        {"special_operation", "特种作业操作证 | Special operation certificate"}};
    struct arena *a = m->task->arena;
    struct choices x = {0}, y = {0};
    struct sheet_column *c;
    const char *role;

    m->sheet->title = "人员 | People";
    add_column(m, "name", "姓名 | Name", SHEET_TEXT, true);
    c = add_column(m, "account", "账号 | Account", SHEET_PLAIN, true);
    c->note = "小写字母、数字和 . _ -，每人一个；表里不写密码，导入后发放一次性链接，由本人设定 | lower-case letters, "
              "digits and . _ -, one a person; no password stands in the table: each gets a single-use link";
    c = add_column(m, "unit", "单位 | Unit", SHEET_CHOICE, true);
    c->note = "先导入单位和监管对象 | bring in units and objects of supervision first";
    use_choices(c, &m->units);
    for (size_t i = 0; (role = desk_role_at(i)); i++) {
        const struct json *title = desk_role_title(a, role);

        if (watches_over(role))
            continue;
        add_choice(a, &x, role, arena_format(a, "%s | %s", json_text_of(title, "zh"), json_text_of(title, "en")));
    }
    use_choices(add_column(m, "role", "岗位 | Role", SHEET_CHOICE, true), &x);
    for (size_t i = 0; i < sizeof papers / sizeof *papers; i++)
        add_choice(a, &y, papers[i][0], papers[i][1]);
    use_choices(add_column(m, "certificate", "证件种类 | Certificate", SHEET_CHOICE, false), &y);
    c = add_column(m, "number", "证号 | Number", SHEET_PLAIN, false);
    c->note = "执法人员必填：无有效执法证不能实施检查 | an inspector needs one in force";
    add_column(m, "until", "有效期至 | Valid until", SHEET_DATE, false);
}

/* ---- columns of a kind ---- */

static void
add_codes(struct making *m, const struct kind_field *f, struct sheet_column *c)
{
    const struct json *rows = record_world_rows(m->desk->world, f->table);
    struct arena *a = m->task->arena;
    struct choices x = {0};

    for (size_t i = 0; i < json_count(rows); i++) {
        const char *id = record_row_id(json_at(rows, i)), *title = record_row_title(json_at(rows, i));

        if (id)
            add_choice(a, &x, id, arena_format(a, "%s %s", id, title ? title : ""));
    }
    use_choices(c, &x);
}

static void
add_words(struct making *m, const struct kind_field *f, const struct json *list, struct sheet_column *c)
{
    struct arena *a = m->task->arena;
    struct choices x = {0};

    for (size_t i = 0; i < json_count(list); i++) {
        const char *value = json_text(json_at(list, i));
        const struct json *title = value ? kind_value_title(a, f, value) : NULL;

        if (value)
            add_choice(a, &x, value, arena_format(a, "%s | %s", json_text_of(title, "zh"), json_text_of(title, "en")));
    }
    use_choices(c, &x);
}

/* Whether one cell can hold it; sets how. */
static bool
fits_cell(const struct kind_field *f, enum sheet_type *type)
{
    const struct json *list = json_get(f->schema, "enum"), *of = json_get(json_get(f->schema, "items"), "enum");
    bool many = f->type == FIELD_ARRAY;

    if (f->computed || f->type == FIELD_OBJECT || f->type == FIELD_TIME || (many && !f->table && !of))
        return false;
    if (f->table || list || of)
        *type = many ? SHEET_CHOICES : SHEET_CHOICE;
    else if (text_equal(f->names, "unit"))
        *type = SHEET_CHOICE;
    else if (text_equal(f->names, "person"))
        *type = SHEET_PERSON;
    else if (f->names && f->type != FIELD_DECIMAL)
        return false;
    else if (f->type == FIELD_TEXT)
        *type = json_get(f->schema, "pattern") ? SHEET_PLAIN : SHEET_TEXT;
    else
        *type = f->type == FIELD_INTEGER   ? SHEET_WHOLE
                : f->type == FIELD_BOOLEAN ? SHEET_TRUTH
                : f->type == FIELD_DATE    ? SHEET_DATE
                                           : SHEET_DECIMAL;
    return true;
}

static void
make_record(struct making *m, const struct kind *k)
{
    const struct kind_step *step = kind_create_step(k);

    m->sheet->title = k->title;
    m->sheet->record = k;
    add_place_column(m);
    for (size_t i = 0; step && i < step->n_ask && m->sheet->n < SHEET_COLUMNS; i++) {
        const struct kind_field *f = step->ask[i].field;
        const struct json *list = json_get(f->schema, "enum");
        struct sheet_column *c;
        enum sheet_type type;

        if (!fits_cell(f, &type) || !f->title)
            continue;
        c = add_column(m, f->name, f->title, type, step->ask[i].now);
        if (f->table)
            add_codes(m, f, c);
        else if (list)
            add_words(m, f, list, c);
        else if (type == SHEET_CHOICES)
            add_words(m, f, json_get(json_get(f->schema, "items"), "enum"), c);
        else if (type == SHEET_CHOICE)
            use_choices(c, &m->units);
        else if (type == SHEET_PERSON)
            c->note = "填账号 | an account";
    }
}

static bool
any_post_creates(struct making *m, const struct kind *k)
{
    for (size_t i = 0; i < m->caller->n_posts; i++) {
        const struct org_actor actor = {.sort = ORG_PERSON, .role = m->caller->posts[i].role};
        struct record_act act = {.task = m->task, .actor = actor};
        bool may = false;

        if (!record_may_create(&act, k, &may) && may)
            return true;
    }
    return m->caller->scope.everything;
}

enum fault_code
sheet_make(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, const char *kind,
           struct sheet **out)
{
    struct making m = {.task = t, .desk = d, .store = s, .caller = c};
    const struct kind *k = kind_find(d->world->catalog, kind, 0);
    enum fault_code rc;

    m.sheet = arena_alloc(t->arena, sizeof *m.sheet);
    m.sheet->kind = arena_text(t->arena, kind);
    rc = list_places(&m);
    if (!rc && !text_equal(kind, DESK_UNITS))
        rc = list_units(&m);
    if (rc)
        return rc;
    if (text_equal(kind, DESK_UNITS))
        make_units(&m);
    else if (text_equal(kind, DESK_PEOPLE))
        make_people(&m);
    else if (k && kind_create_step(k) && any_post_creates(&m, k))
        make_record(&m, k);
    else
        return fault(t, FAULT_INPUT, "/kind", "没有这种表格，或者您的岗位不能登记 | there is no such table, or your post may not "
                                              "create it");
    *out = m.sheet;
    return FAULT_NONE;
}
