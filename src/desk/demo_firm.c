/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_firm.c - the enterprises of the demonstration city, registered by their townships.
 *
 * Knows: the 25 patterns of demo/wuxi.json, `register` of demo/script.json.
 * Does not know: the kind an enterprise is registered as; the script names it.
 */
#include "desk/demo.h"
#include <stdio.h>
#include <string.h>

static const struct org_actor the_operator = {.sort = ORG_OPERATOR, .account = "operator"};

struct firm {
    const struct json *pattern, *extra; /* extra: a firm the contract or a story names */
    const char *name, *code;
    int64_t headcount;
    bool one_person;
    int town; /* -1: drawn */
};

struct founding {
    struct demo *x;
    const struct json *district;
    const struct firm *firms;
    size_t n;
    struct random random;
    /* in the transaction */
    struct org_write w;
    int64_t landlord, landlord_place, tenants; /* tenants: how many more it takes */
};

/* ---- names and codes ---- */

static const char *
pick(struct random *r, const struct json *list)
{
    r->count++;
    return json_count(list)
               ? json_text(json_at(list, demo_mix(r->seed, r->count) % json_count(list)))
               : "";
}

static const char *
firm_name(struct demo *x, struct random *r, const struct json *pattern, const struct json *district)
{
    const struct json *names = json_get(x->city, "names");
    struct json *taken = json_get(x->city, "taken");
    const char *kind = json_text_of(pattern, "kind"), *name = "";
    bool shop = text_equal(kind, "individual"), site = text_equal(kind, "project");

    for (int tries = 0; tries < 400; tries++) {
        const char *word = pick(r, json_get(names, "words"));

        if (tries > 40)
            word = arena_format(x->task->arena, "%s%s", word, pick(r, json_get(names, "given")));
        name = arena_format(
            x->task->arena, "%s%s%s%s%s", json_text_of(district, shop ? "name" : "prefix"), word,
            pick(r, json_get(pattern, "trades")), pick(r, json_get(pattern, "forms")),
            site ? pick(r, json_get(names, "projects")) : "");
        if (!json_get(taken, name))
            break;
    }
    json_set_bool(x->task->arena, taken, name, true);
    return name;
}

static const char *
credit_code(struct demo *x, struct random *r, const struct json *pattern, const char *district)
{
    const struct json *heads = json_get(json_get(x->city, "names"), "credit_code");
    const char *head = json_text_of(heads, json_text_of(pattern, "kind"));
    const char *first;

    r->count++;
    first = arena_format(x->task->arena, "%.2s%.6sMA%07d", head ? head : "91", district,
                         (int)(demo_mix(r->seed, r->count) % 10000000));
    return arena_format(x->task->arena, "%s%c", first, rule_credit_code_check(first));
}

/* ---- one firm: its record makes the unit, then its people ---- */

static struct json *
with_number(struct arena *a, struct json *form, const char *name, const struct firm *f)
{
    const struct json *p = f->pattern, *own = json_get(f->extra, name);
    struct json *v = own ? (struct json *)(uintptr_t)own : json_get(p, name);

    return json_set(a, form, name, v);
}

static struct json *
firm_form(struct founding *f, const struct firm *firm, const struct demo_unit *town)
{
    struct demo *x = f->x;
    struct arena *a = f->w.task->arena;
    const struct json *how = json_get(x->script, "register");
    struct json *form = json_shallow(a, json_get(how, "fields"));
    const struct json *own = json_get(firm->extra, "labels");

    json_set_str(a, form, "name", firm->name);
    json_set_str(a, form, "credit_code",
                 credit_code(x, &f->random, firm->pattern, json_text_of(f->district, "code")));
    with_number(a, form, "industry", firm);
    json_set_int(a, form, "headcount", firm->headcount);
    json_set_bool(a, form, "one_person", firm->one_person);
    json_set(a, form, "above_scale", json_get(firm->pattern, "above_scale"));
    json_set(a, form, "class", json_get(firm->pattern, "class"));
    json_set(a, form, "type",
             json_get(json_get(how, "types"), json_text_of(firm->pattern, "kind")));
    json_set(a, form, "labels",
             own ? (struct json *)(uintptr_t)own : json_get(firm->pattern, "labels"));
    json_set_str(a, form, "address",
                 arena_format(a, "%s%s%d 号（虚构）", town->name,
                              pick(&f->random, json_get(how, "roads")),
                              (int)(demo_draw(&f->random) % 299) + 1));
    json_set_str(a, form, "phone",
                 arena_format(a, "%s%04d", json_text_of(json_get(x->city, "names"), "phone_prefix"),
                              (int)(demo_draw(&f->random) % 10000)));
    return form;
}

static enum fault_code
firm_people(struct founding *f, const struct firm *firm, int64_t unit)
{
    const struct json *how = json_get(f->x->script, "register");
    const struct json *posts = json_get(how, firm->one_person ? "alone" : "posts");
    const struct json *accounts = json_get(firm->extra, "accounts");
    struct task *t = f->w.task;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(posts) && !rc; i++) {
        const char *role = json_text(json_at(posts, i));
        const char *account = json_text_of(accounts, role);
        struct org_person p = {0};
        struct org_post o = {.unit = unit, .role = role, .from_day = time_day(t->now)};
        const struct json *people = json_get(f->x->city, "people");

        for (size_t k = 0; k < json_count(people); k++)
            if (account && text_equal(json_text_of(json_at(people, k), "account"), account))
                p.name = json_text_of(json_at(people, k), "name");
        if (!p.name)
            p.name = demo_name(f->x, &f->random);
        rc = org_state_person(&f->w, &p);
        o.person = p.id;
        if (!rc)
            rc = org_state_post(&f->w, &o);
        if (!rc && account)
            rc = org_account_make(t, f->w.store, account, p.id, f->x->password);
    }
    return rc;
}

static bool
has_label(const struct json *pattern, const char *label)
{
    const struct json *labels = json_get(pattern, "labels");

    for (size_t i = 0; i < json_count(labels); i++)
        if (text_equal(json_text(json_at(labels, i)), label))
            return true;
    return false;
}

static const struct demo_unit *
town_of(struct founding *f, const struct firm *firm, bool tenant)
{
    const struct demo *x = f->x;
    const struct demo_unit *towns[32];
    size_t n = 0;

    for (size_t i = 0; i < x->n_units && n < 32; i++)
        if (x->units[i].stream == f->w.tip->stream &&
            text_equal(x->units[i].sort, json_text_of(json_get(x->script, "register"), "by")))
            towns[n++] = &x->units[i];
    for (size_t i = 0; i < n && tenant; i++)
        if (towns[i]->place == f->landlord_place)
            return towns[i];
    return !n ? NULL
              : towns[firm->town >= 0 ? (size_t)firm->town % n : (size_t)demo_draw(&f->random) % n];
}

static enum fault_code
found_one(struct founding *f, const struct firm *firm)
{
    struct demo *x = f->x;
    struct task *t = f->w.task;
    const struct json *how = json_get(x->script, "register");
    const struct kind *k = kind_find(x->desk->world->catalog, json_text_of(how, "makes"), 0);
    bool tenant = f->landlord && f->tenants > 0 && firm->town < 0 &&
                  has_label(firm->pattern, json_text_of(how, "tenant_label"));
    const struct demo_unit *town = town_of(f, firm, tenant);
    const struct demo_person *by =
        demo_one_of(x, town, json_get(how, "roles"), NULL, 0, (uint64_t)demo_draw(&f->random));
    struct json *form;
    struct record_act act;
    struct org_actor actor;
    struct scope scope;
    struct record made;
    enum fault_code rc;

    if (!k || !by)
        return fault(t, FAULT_STORE, NULL,
                     "脚本 register 不完整 | `register` of the script is not whole");
    form = firm_form(f, firm, town);
    if (tenant) {
        json_set_str(t->arena, form, "landlord", org_id_text(t->arena, 'u', f->landlord));
        f->tenants--;
    }
    demo_actor(x, by, &actor);
    rc = org_scope(t, f->w.store, by->person, &scope);
    if (rc)
        return rc;
    record_act_begin(&act, t, f->w.store, x->desk->world, f->w.tip, &actor, &scope);
    rc = record_create(&act, k, town->place, form, NULL, &made);
    if (!rc)
        rc = desk_project_made(t, f->w.store, &act);
    if (rc)
        return rc;
    if (has_label(firm->pattern, json_text_of(how, "landlord_label"))) {
        f->landlord = made.unit;
        f->landlord_place = town->place;
        f->tenants = json_int_of(firm->extra, "tenants", json_int_of(how, "tenants", 14));
    }
    return firm_people(f, firm, made.unit);
}

static enum fault_code
run_founding(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct founding *f = who;
    enum fault_code rc = FAULT_NONE;

    f->w = (struct org_write){t, s, tip, &the_operator};
    for (size_t i = 0; i < f->n && !rc; i++) {
        t->now += TIME_MINUTE;
        rc = found_one(f, &f->firms[i]);
    }
    return rc;
}

/* ---- which firms a district has ---- */

static int64_t
between(struct random *r, const struct json *range)
{
    int64_t low = json_integer(json_at(range, 0), 5), high = json_integer(json_at(range, 1), 50);

    return low + demo_draw(r) % (high - low + 1);
}

static void
add_firm(struct founding *f, struct firm *list, size_t *n, const struct json *pattern,
         const struct json *extra)
{
    struct firm *one = &list[(*n)++];

    memset(one, 0, sizeof *one);
    one->pattern = pattern;
    one->extra = extra;
    one->town = extra ? (int)json_int_of(extra, "town", -1) : -1;
    one->headcount = extra && json_get(extra, "headcount")
                         ? json_int_of(extra, "headcount", 10)
                         : between(&f->random, json_get(pattern, "headcount_range"));
    one->one_person = one->headcount == 1;
    one->name = json_text_of(extra, "name");
    if (!one->name)
        one->name = firm_name(f->x, &f->random, pattern, f->district);
}

static const struct json *
pattern_number(const struct demo *x, int64_t n)
{
    const struct json *patterns = json_get(x->city, "patterns");

    for (size_t i = 0; i < json_count(patterns); i++)
        if (json_int_of(json_at(patterns, i), "n", 0) == n)
            return json_at(patterns, i);
    return json_at(patterns, 0);
}

/* Some belong to the whole city only. */
static bool
at_scale(const struct demo *x, const struct json *named)
{
    const char *scale = json_text_of(named, "scale");

    return !scale || text_equal(scale, x->scale);
}

/* Named ones first, then every pattern's share of the scale; what is rounded off is carried on. */
static size_t
list_firms(struct founding *f, struct firm *list, int64_t *carried)
{
    struct demo *x = f->x;
    const struct json *named = json_get(json_get(x->script, "register"), "named");
    const struct json *patterns = json_get(x->city, "patterns");
    const char *code = json_text_of(f->district, "code");
    int64_t of = json_int_of(json_get(x->city, "totals"), "enterprises", 400);
    int64_t want = json_int_of(demo_scale(x), "enterprises", of), given[64] = {0};
    size_t n = 0;

    for (size_t i = 0; i < json_count(named); i++) {
        const struct json *one = json_at(named, i);
        int64_t pattern = json_int_of(one, "pattern", 1);

        if (!text_equal(json_text_of(one, "district"), code) || !at_scale(x, one))
            continue;
        if (!json_get(one, "ago"))
            add_firm(f, list, &n, pattern_number(x, pattern), one);
        given[pattern % 64]++;
    }
    for (size_t i = 0; i < json_count(patterns); i++) {
        const struct json *p = json_at(patterns, i);
        int64_t count = json_int_of(json_get(p, "counts"), code, 0);

        *carried += count * want - given[json_int_of(p, "n", 0) % 64] * of;
        while (*carried >= of) {
            add_firm(f, list, &n, p, NULL);
            *carried -= of;
        }
    }
    return n;
}

static enum fault_code
found_firms(struct demo *x, struct founding *f)
{
    struct org_place place;
    bool found;
    enum fault_code rc = org_place_by_code(
        x->task, x->desk->writer,
        arena_format(x->task->arena, "%s000000", json_text_of(f->district, "code")), &place,
        &found);

    f->x = x;
    return rc ? rc : desk_write(x->task, x->desk, place.stream, run_founding, f);
}

enum fault_code
demo_firms_make(struct demo *x)
{
    const struct json *districts = json_get(x->city, "districts");
    const struct json *named = json_get(json_get(x->script, "register"), "named");
    struct json *taken = json_object(x->task->arena);
    struct firm *list = arena_alloc(x->task->arena, 1000 * sizeof *list);
    int64_t carried = 0;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(named); i++)
        json_set_bool(x->task->arena, taken, json_text_of(json_at(named, i), "name"), true);
    json_set(x->task->arena, (struct json *)(uintptr_t)x->city, "taken", taken);
    for (size_t i = 0; i < json_count(districts) && !rc; i++) {
        struct founding f = {.x = x, .district = json_at(districts, i), .firms = list};

        f.random.seed = demo_mix(x->seed, i + 1000);
        f.n = list_firms(&f, list, &carried);
        rc = found_firms(x, &f);
        x->task->now = time_day_start(x->from) + 8 * TIME_HOUR;
    }
    return rc;
}

/* One that was on nobody's list until that day, with the landlord it rents from. */
static enum fault_code
found_late(struct demo *x, const struct json *extra, const struct json *district)
{
    struct firm one = {.pattern = pattern_number(x, json_int_of(extra, "pattern", 1)),
                       .extra = extra,
                       .name = json_text_of(extra, "name"),
                       .headcount = json_int_of(extra, "headcount", 10),
                       .town = -1};
    struct founding f = {.district = district, .firms = &one, .n = 1, .tenants = 1};

    f.random.seed = demo_mix(x->seed, (uint64_t)json_int_of(extra, "ago", 0) + 2000);
    for (size_t i = 0; i < x->n_units; i++)
        if (text_equal(x->units[i].name, json_text_of(extra, "landlord"))) {
            f.landlord = x->units[i].id;
            f.landlord_place = x->units[i].place;
        }
    return found_firms(x, &f);
}

enum fault_code
demo_firms_late(struct demo *x, int32_t day)
{
    const struct json *districts = json_get(x->city, "districts");
    const struct json *named = json_get(json_get(x->script, "register"), "named");
    bool any = false;
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < json_count(named) && x->anchor && !rc; i++) {
        const struct json *one = json_at(named, i);

        if (json_int_of(one, "ago", -1) != x->anchor - day || !at_scale(x, one))
            continue;
        for (size_t k = 0; k < json_count(districts) && !rc; k++)
            if (text_equal(json_text_of(one, "district"),
                           json_text_of(json_at(districts, k), "code")))
                rc = found_late(x, one, json_at(districts, k));
        any = true;
    }
    return rc || !any ? rc : demo_org_load(x);
}
