/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/list.c - lists, to-do lists, notices, plates.
 */
#include "desk/inside.h"
#include <stdio.h>
#include <string.h>

/* ---- filters ---- */

/* He holds a post at the unit, of one of the desk's roles where it names some. */
static bool
is_held(const struct desk_caller *c, int64_t unit, const struct json *roles)
{
    for (size_t i = 0; i < c->n_posts; i++)
        for (size_t k = 0; c->posts[i].unit == unit && k < json_count(roles); k++)
            if (text_equal(json_text(json_at(roles, k)), c->posts[i].role))
                return true;
    return !json_count(roles);
}

static bool
is_mine(const struct json *desk, const struct desk_caller *c)
{
    const struct json *units = json_get(desk, "units"), *persons = json_get(desk, "persons");
    const struct json *roles = json_get(desk, "roles");

    for (size_t i = 0; i < json_count(persons); i++)
        if (json_integer(json_at(persons, i), 0) == c->person)
            return true;
    for (size_t i = 0; i < json_count(units); i++)
        for (size_t k = 0; k < c->scope.n_units; k++)
            if (json_integer(json_at(units, i), 0) == c->scope.units[k] &&
                is_held(c, c->scope.units[k], roles))
                return true;
    return false;
}

static bool
owes(const struct desk_caller *c, const struct record *r)
{
    for (size_t k = 0; k < c->scope.n_units; k++)
        if (c->scope.units[k] == r->unit)
            return true;
    return false;
}

/* What only waits, by its state's own stated reason, is nobody's act now. */
static bool
waits(const struct record *r)
{
    const struct kind_state *state = kind_state_at(r->kind, r->state);

    return state && state->hold;
}

static bool
fits_owe(void *who, const struct record *r)
{
    return owes(who, r) && is_mine(r->desk, who) && !waits(r);
}

static bool
fits_verify(void *who, const struct record *r)
{
    return !owes(who, r) && is_mine(r->desk, who) && !waits(r);
}

static bool
fits_lapse(void *who, const struct record *r)
{
    return owes(who, r) || is_mine(r->desk, who);
}

static bool
fits_raised(void *who, const struct record *r)
{
    const struct desk_caller *c = who;

    return json_int_of(json_get(r->parties, "raiser"), "person", 0) == c->person;
}

enum fault_code
desk_filter_mine(struct task *t, const struct desk_caller *c, const char *mine, struct record_filter *f)
{
    static const struct {
        const char *word;
        bool (*fits)(void *, const struct record *);
    } lists[] = {{"owe", fits_owe}, {"verify", fits_verify}, {"lapse", fits_lapse}, {"raised", fits_raised}};

    memset(f, 0, sizeof *f);
    f->limit = 1;
    f->own = true;
    f->who = (void *)(uintptr_t)c;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (text_equal(mine, lists[i].word))
            f->fits = lists[i].fits;
    if (!f->fits)
        return fault(t, FAULT_INPUT, "/mine", "mine 应为 owe、verify、lapse 或 raised | mine is owe, verify, "
                                              "lapse or raised");
    f->open_only = f->fits != fits_raised;
    if (f->open_only)
        f->sort = "due";
    if (f->fits == fits_lapse)
        f->due_before = time_day_start(time_day(t->now) + 8);
    return FAULT_NONE;
}

/* A list longer than this says so on its own page. */
#define HOME_MOST LIMIT_TOTAL

enum fault_code
desk_home_counts(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
                 struct json *out)
{
    static const char *const lists[] = {"owe", "verify", "lapse"};
    struct record_filter f = {.limit = LIMIT_PAGE, .own = true, .open_only = true, .rows_only = true,
                              .sort = "due"};
    int64_t counts[3] = {0, 0, 0}, week = time_day_start(time_day(t->now) + 8), seen = 0;
    struct record_page page = {0};
    enum fault_code rc = FAULT_NONE;

    do {
        f.cursor = page.next;
        rc = record_find(t, s, d->world, &c->scope, &f, &page);
        for (size_t i = 0; !rc && i < page.n; i++) {
            const struct record *r = &page.items[i];
            bool mine = is_mine(r->desk, c), owed = owes(c, r);

            counts[0] += mine && owed;
            counts[1] += mine && !owed;
            counts[2] += (mine || owed) && r->due && r->due < week;
        }
        seen += (int64_t)page.n;
    } while (!rc && page.next && seen < HOME_MOST);
    for (int i = 0; i < 3; i++)
        json_set_int(t->arena, out, lists[i], counts[i]);
    return rc;
}

enum fault_code
desk_refuse(struct task *t, const char *name, const char *zh, const char *en)
{
    return fault(t, FAULT_INPUT, json_pointer(t->arena, "", name), "%s | %s", zh, en);
}

static enum fault_code
read_kinds(struct task *t, struct desk *d, const char *list, struct record_filter *f)
{
    f->kinds = arena_alloc(t->arena, 64 * sizeof *f->kinds);
    while (list && *list && f->n_kinds < 64) {
        size_t n = strcspn(list, ",");
        const struct kind *k = kind_find(d->world->catalog, arena_copy(t->arena, list, n), 0);

        if (!k)
            return desk_refuse(t, "kind", "没有这种记录", "there is no such kind of record");
        f->kinds[f->n_kinds++] = k;
        list += n + (list[n] == ',');
    }
    return FAULT_NONE;
}

static bool
is_reserved(const char *name)
{
    static const char *const words[] = {"kind", "place", "line", "unit", "desk", "state", "level",
                                        "due_before", "q", "sort", "limit", "cursor", "as_of", "mine",
                                        "format", "figure", "from", "to", "row", "without"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return false;
}

/* Filters on indexed fields, each by its own name; a name no asked kind indexes is refused. */
static enum fault_code
read_fields(struct task *t, const struct desk_query *q, struct record_filter *f)
{
    const char *name;

    for (size_t i = 0; q->name && (name = q->name(q->who, i)); i++) {
        const char *value = q->get(q->who, name);
        bool known = false;

        if (is_reserved(name) || !value || !*value)
            continue;
        for (size_t k = 0; k < f->n_kinds; k++) {
            const struct kind_field *x = kind_field(f->kinds[k], name);

            if (x && x->indexed)
                known = true;
        }
        if (!known)
            return desk_refuse(t, name, "不能按此项筛选", "this is no filter of the list");
        if (!f->fields)
            f->fields = json_object(t->arena);
        json_set_str(t->arena, f->fields, name, value);
    }
    return FAULT_NONE;
}

static enum fault_code
read_places(struct task *t, struct desk *d, struct store *s, const struct desk_query *q,
            struct record_filter *f)
{
    const char *place = q->get(q->who, "place"), *line = q->get(q->who, "line");
    const char *unit = q->get(q->who, "unit"), *desk = q->get(q->who, "desk");
    struct org_place p;
    bool found;
    enum fault_code rc = FAULT_NONE;

    if (place && *place) {
        rc = org_place_by_code(t, s, place, &p, &found);
        if (!rc && !found)
            return desk_refuse(t, "place", "没有这个地区", "there is no such place");
        f->place = p.id;
    }
    if (line && *line) {
        f->line = desk_line_number(d, line);
        if (f->line < 0)
            return desk_refuse(t, "line", "没有这个条线", "there is no such line");
    }
    if (unit && *unit && !(f->unit = org_id_read(unit, 'u')))
        return desk_refuse(t, "unit", "没有这个单位", "there is no such unit");
    if (desk && *desk) {
        f->desk_unit = org_id_read(desk, 'u');
        f->desk_person = org_id_read(desk, 'p');
        if (!f->desk_unit && !f->desk_person)
            return desk_refuse(t, "desk", "desk 应为单位或人员", "desk names a unit or a person");
    }
    return rc;
}

#define PAGE_USUAL 20

/* A bare day as a limit is the whole of it: what lapses at its end lapses before the next begins. */
static bool
read_limit(const char *text, int64_t *at)
{
    int32_t day;

    if (!time_read_day(text, &day))
        return time_read(text, false, at);
    *at = time_day_start(day + 1);
    return true;
}

static bool
read_page_length(const char *text, int *out)
{
    *out = text && *text ? 0 : PAGE_USUAL;
    for (; text && *text; text++) {
        if (*text < '0' || *text > '9' || *out > LIMIT_PAGE)
            return false;
        *out = *out * 10 + (*text - '0');
    }
    return *out >= 1 && *out <= LIMIT_PAGE;
}

static bool
knows_state(const struct kind *k, const char *name)
{
    return kind_state(k, name) != NULL;
}

static bool
knows_level(const struct kind *k, const char *name)
{
    return kind_level_number(k, name) > 0;
}

/* A mistyped word would answer with an empty list: every word is one of the asked kinds, of any version. */
static enum fault_code
read_words(struct task *t, struct desk *d, const struct desk_query *q, const char *name,
           const struct record_filter *f, bool (*knows)(const struct kind *, const char *), const char **out)
{
    const struct kind_catalog *catalog = d->world->catalog;
    const char *list = q->get(q->who, name);

    *out = list && *list ? list : NULL;
    while (list && *list) {
        size_t n = strcspn(list, ",");
        const char *word = arena_copy(t->arena, list, n);
        bool known = false;

        for (size_t i = 0; i < kind_catalog_count(catalog) && !known; i++) {
            const struct kind *k = kind_catalog_at(catalog, i);
            bool asked = !f->n_kinds;

            for (size_t a = 0; a < f->n_kinds; a++)
                asked = asked || f->kinds[a]->id == k->id;
            for (int v = k->version; asked && v >= 1 && !known; v--)
                known = kind_find(catalog, k->name, v) && knows(kind_find(catalog, k->name, v), word);
        }
        if (!known)
            return desk_refuse(t, name, arena_format(t->arena, "没有“%s”", word),
                               arena_format(t->arena, "there is no “%s”", word));
        list += n + (list[n] == ',');
    }
    return FAULT_NONE;
}

static enum fault_code
read_page(struct task *t, const struct desk_query *q, struct record_filter *f)
{
    if (!read_page_length(q->get(q->who, "limit"), &f->limit))
        return desk_refuse(t, "limit", "limit 应为 1 到 200", "limit is 1 to 200");
    if (q->get(q->who, "sort") && *q->get(q->who, "sort"))
        f->sort = q->get(q->who, "sort");
    if (text_equal(f->sort, "due"))
        f->open_only = true;
    f->cursor = q->get(q->who, "cursor") && *q->get(q->who, "cursor") ? q->get(q->who, "cursor") : NULL;
    return FAULT_NONE;
}

/* What tells a cell belongs to no list of its own. */
static enum fault_code
refuse_cell(struct task *t, const struct desk_query *q)
{
    static const char *const words[] = {"from", "to", "row", "without"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (q->get(q->who, words[i]) && *q->get(q->who, words[i]))
            return desk_refuse(t, words[i], "此项只与 figure 同用", "this goes with figure alone");
    return FAULT_NONE;
}

static enum fault_code
read_times(struct task *t, const struct desk_query *q, struct record_filter *f)
{
    const char *due = q->get(q->who, "due_before"), *as_of = q->get(q->who, "as_of");

    if (due && *due && !read_limit(due, &f->due_before))
        return desk_refuse(t, "due_before", "日期应写作 2026-11-21", "write the day as 2026-11-21");
    if (as_of && *as_of && !time_read(as_of, true, &f->as_of))
        return desk_refuse(t, "as_of", "日期应写作 2026-11-21", "write the day as 2026-11-21");
    return FAULT_NONE;
}

enum fault_code
desk_filter(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const struct desk_query *q, struct record_filter *f)
{
    const char *mine = q->get(q->who, "mine"), *figure = q->get(q->who, "figure");
    const char *text = q->get(q->who, "q");
    enum fault_code rc;

    memset(f, 0, sizeof *f);
    if (figure && *figure) {
        rc = desk_open_figure(t, d, s, c, q, f);
        return rc ? rc : read_page(t, q, f);
    }
    rc = refuse_cell(t, q);
    if (!rc && mine && *mine)
        rc = desk_filter_mine(t, c, mine, f);
    if (!rc)
        rc = read_kinds(t, d, q->get(q->who, "kind"), f);
    if (!rc)
        rc = read_fields(t, q, f);
    if (!rc)
        rc = read_places(t, d, s, q, f);
    if (!rc)
        rc = read_words(t, d, q, "state", f, knows_state, &f->states);
    if (!rc)
        rc = read_words(t, d, q, "level", f, knows_level, &f->levels);
    if (!rc)
        rc = read_page(t, q, f);
    if (!rc)
        rc = read_times(t, q, f);
    if (rc)
        return rc;
    if (text && *text) {
        if (text_length(text) > LIMIT_QUERY)
            return desk_refuse(t, "q", "搜索词过长", "the search is too long");
        f->q = text;
    }
    return FAULT_NONE;
}

/* ---- pages ---- */

/* A record that a figure counts more than once says how often. */
static void
put_item(struct desk_render *x, const struct record_filter *f, const struct record *r, struct text *one)
{
    int64_t times = f->opens ? desk_opened_times(f, r) : 1;

    desk_record_write(x, r, false, one);
    if (times != 1) {
        must(one->bytes[one->len - 1] == '}');
        one->len--;
        text_printf(one, ",\"times\":%lld}", (long long)times);
    }
}

/* Written one behind the other, a zero between: a text of its own each would grow each by itself. */
static struct json *
items_of(struct desk_render *x, const struct record_filter *f, const struct record_page *page)
{
    struct arena *a = x->task->arena;
    struct json *list = json_array(a);
    size_t *ends = arena_alloc(a, (page->n + 1) * sizeof *ends), from = 0;
    struct text all;

    text_init(&all, a);
    for (size_t i = 0; i < page->n; i++) {
        put_item(x, f, &page->items[i], &all);
        ends[i] = all.len;
        text_char(&all, '\0');
    }
    for (size_t i = 0; i < page->n; from = ends[i++] + 1)
        json_push(a, list, json_written(a, all.bytes + from, ends[i] - from));
    return list;
}

static enum fault_code
find_page(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct record_filter *f,
          struct record_page *page, bool *whole)
{
    enum fault_code rc;

    f->uncounted = true;
    *whole = true;
    if (desk_opens_nothing(f))
        return FAULT_NONE;
    rc = record_find(t, s, d->world, &c->scope, f, page);
    if (!rc && f->opens)
        return desk_opened_total(t, d, s, c, f, page, whole);
    if (!rc)
        rc = desk_exact_total(t, d, s, c, f, page);
    if (!rc && page->more_than_total)
        rc = record_count(t, s, d->world, &c->scope, f, page);
    return rc;
}

enum fault_code
desk_records(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
             const struct desk_query *q, struct json **out)
{
    struct arena *a = t->arena;
    struct desk_render x = {t, d, s, c, json_object(a), 0, NULL};
    struct json *o = json_object(a), *list;
    struct record_filter f;
    struct record_page page = {0};
    int32_t day;
    bool whole = true;
    enum fault_code rc = desk_filter(t, d, s, c, q, &f);

    if (!rc)
        rc = find_page(t, d, s, c, &f, &page, &whole);
    day = f.as_of ? time_day(f.as_of) : 0;
    if (!rc)
        rc = desk_opened_then(t, d, s, &f, &page, &day);
    if (rc)
        return rc;
    x.day = day;
    list = items_of(&x, &f, &page);
    if (f.opens)
        json_set(a, o, "figure", desk_opened_json(&x, &f, whole));
    desk_names_end(&x);
    json_set(a, o, "items", list);
    json_set_str(a, o, "next", page.next);
    json_set(a, o, "total",
             page.more_than_total ? json_format(a, "%d+", LIMIT_TOTAL) : json_int(a, page.total));
    json_set(a, o, "names", x.names);
    *out = o;
    return t->fault.code;
}

/* ---- notices and plates ---- */

enum fault_code
desk_notices(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c, struct json **out)
{
    struct arena *a = t->arena;
    struct json *list = json_array(a);
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i <= c->scope.n_units && !rc; i++) {
        const char *party = i < c->scope.n_units ? org_id_text(a, 'u', c->scope.units[i])
                                                 : org_id_text(a, 'p', c->person);
        struct rows rows;

        rc = store_query(t, s, &rows,
                         "SELECT at, stream, rid, words FROM desk_notice WHERE party = ? ORDER BY at DESC "
                         "LIMIT 50",
                         "s", party);
        while (!rc && store_next(t, &rows)) {
            struct json *o = json_object(a);
            struct record r;
            struct record_view view = {0};
            bool found;

            if (record_open(t, s, d->world, store_int(&rows, 1), store_int(&rows, 2), &r, &found) || !found)
                continue;
            record_view(t, &c->scope, &r, &view);
            if (!view.sees)
                continue;
            json_set(a, o, "at", desk_instant(a, store_int(&rows, 0)));
            json_set_str(a, o, "record", record_id(a, r.stream, r.rid));
            json_set_str(a, o, "number", r.number);
            json_set(a, o, "words", kind_title(a, store_text(t, &rows, 3)));
            json_push(a, list, o);
        }
        rc = store_end(t, &rows);
    }
    *out = json_set(a, json_object(a), "items", list);
    return rc;
}

/* A public sight rule shows its fields of records in its states to anybody. */
static void
add_plates(struct desk_render *x, const struct kind *k, const struct kind_sight *sight, struct json *list)
{
    struct task *t = x->task;
    struct rows rows;
    struct record r;
    bool found;

    if (store_query(t, x->store, &rows,
                    "SELECT stream, rid FROM record_now WHERE kind = ? AND sealed = 0 ORDER BY rid DESC "
                    "LIMIT 200",
                    "i", (int64_t)k->id))
        return;
    while (store_next(t, &rows)) {
        struct json *o;

        if (record_open(t, x->store, x->desk->world, store_int(&rows, 0), store_int(&rows, 1), &r,
                        &found) ||
            !found || !kind_in(sight->in, r.state))
            continue;
        o = json_object(t->arena);
        for (size_t i = 0; i < sight->n_fields; i++) {
            const char *name = sight->fields[i];
            struct json *v = strcmp(name, "number") == 0 ? json_str(t->arena, r.number)
                                                         : json_get(r.fields, name);

            if (v)
                json_set(t->arena, o, name, v);
            desk_name(x, v);
        }
        json_set_str(t->arena, o, "kind", k->name);
        json_set(t->arena, o, "kind_title", kind_title(t->arena, k->title));
        json_push(t->arena, list, o);
    }
    if (store_end(t, &rows))
        return;
}

enum fault_code
desk_plates(struct task *t, struct desk *d, struct store *s, struct json **out)
{
    struct desk_caller nobody;
    struct desk_render x = {t, d, s, &nobody, json_object(t->arena), 0, NULL};
    struct json *list = json_array(t->arena), *o = json_object(t->arena);

    memset(&nobody, 0, sizeof nobody);
    for (size_t i = 0; i < kind_catalog_count(d->world->catalog); i++) {
        const struct kind *k = kind_catalog_at(d->world->catalog, i);

        for (size_t n = 0; n < k->n_sight; n++)
            for (size_t p = 0; p < k->sight[n].n_to; p++)
                if (k->sight[n].to[p]->sort == PARTY_PUBLIC)
                    add_plates(&x, k, &k->sight[n], list);
    }
    json_set(t->arena, o, "items", list);
    json_set(t->arena, o, "names", x.names);
    *out = o;
    return t->fault.code;
}
