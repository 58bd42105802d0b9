/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/intake_take.c - what one row of a table does: an organ, a person with his post and account, a record.
 *
 * A row that says what is there already changes nothing: an organ is known by name and place, a person by
 * account, an object of supervision by its credit code, else by name and place.
 *
 * Knows: how each sort is recognised, stated and judged.
 * Does not know: cells, files, whole tables.
 */
#include "desk/sheet.h"
#include <string.h>

/* ---- where it belongs ---- */

static enum fault_code
place_of_unit(struct task *t, struct store *s, const struct sheet_row *row, struct org_place *p, bool *found)
{
    struct org_unit u;
    enum fault_code rc = org_unit(t, s, org_id_read(json_text_of(row->value, "unit"), 'u'), &u, found);

    return rc || !*found ? rc : org_place(t, s, u.place, p, found);
}

enum fault_code
sheet_find(struct task *t, struct store *s, const struct desk_caller *c, const struct sheet *x,
           struct sheet_row *row)
{
    bool people = text_equal(x->kind, DESK_PEOPLE), found = false, keeps = false;
    struct org_place p = {0};
    enum fault_code rc = people ? place_of_unit(t, s, row, &p, &found)
                                : org_place_by_code(t, s, json_text_of(row->value, "place"), &p, &found);

    if (!rc && found && !p.to_day)
        rc = desk_keeps(t, s, c, p.id, &keeps);
    if (!rc && !keeps)
        rc = fault(t, FAULT_INPUT, people ? "/unit" : "/place", "不在您管理的属地内 | not in a place that you keep");
    row->place = p.id;
    row->stream = p.stream;
    return rc;
}

/* ---- organs ---- */

static enum fault_code
known_unit(struct task *t, struct store *s, const char *name, int64_t place, bool organs, struct org_unit *out,
           bool *found)
{
    int64_t id = 0;
    enum fault_code rc = store_one_int(
        t, s, &id, found,
        organs ? "SELECT id FROM org_unit WHERE name = ? AND place = ? AND (to_day IS NULL OR to_day >= ?) AND "
                 "sort <> 'enterprise' ORDER BY id LIMIT 1"
               : "SELECT id FROM org_unit WHERE name = ? AND place = ? AND (to_day IS NULL OR to_day >= ?) AND "
                 "profile IS NOT NULL ORDER BY id LIMIT 1",
        "sii", name, place, (int64_t)time_day(t->now));

    return rc || !*found ? rc : org_unit(t, s, id, out, found);
}

static bool
same_unit(const struct org_unit *a, const struct org_unit *b)
{
    return text_equal(a->sort, b->sort) && a->line == b->line && json_equal(a->powers, b->powers);
}

static enum fault_code
take_unit(struct task *t, struct desk *d, struct org_write *w, struct sheet_row *row)
{
    const char *name = json_text_of(row->value, "name"), *line = json_text_of(row->value, "line");
    struct org_unit u = {.from_day = time_day(t->now)}, old;
    bool found;
    enum fault_code rc;

    if (!name || text_length(name) > LIMIT_NAME)
        return fault(t, FAULT_INPUT, "/name", "名称为 1 到 %d 字 | a name has 1 to %d characters", LIMIT_NAME, LIMIT_NAME);
    rc = known_unit(t, w->store, name, row->place, true, &old, &found);
    if (rc)
        return rc;
    if (found)
        u = old;
    u.name = name;
    u.place = row->place;
    u.sort = json_text_of(row->value, "sort");
    u.line = line ? desk_line_number(d, line) : 0;
    u.powers = json_array(t->arena);
    if (json_is_true(json_get(row->value, "inspects")))
        json_push(t->arena, u.powers, json_str(t->arena, ORG_INSPECTION));
    if (text_equal(u.sort, "department") && !line)
        return fault(t, FAULT_INPUT, "/line", "部门须写明条线 | a department names its line");
    row->unchanged = found && same_unit(&u, &old);
    return row->unchanged ? FAULT_NONE : org_state_unit(w, &u);
}

/* ---- people ---- */

static struct json *
certificates_of(struct task *t, const struct sheet_row *row)
{
    struct json *list = json_array(t->arena), *one = json_object(t->arena);

    if (!json_get(row->value, "certificate"))
        return list;
    json_set(t->arena, one, "kind", json_get(row->value, "certificate"));
    json_set(t->arena, one, "number", json_get(row->value, "number"));
    json_set(t->arena, one, "until", json_get(row->value, "until"));
    return json_push(t->arena, list, one);
}

/* Somebody whose posts all lie elsewhere is not the caller's to change. */
static enum fault_code
keeps_person(struct task *t, struct store *s, const struct desk_caller *c, int64_t person, bool *keeps)
{
    struct org_post *posts;
    size_t n;
    enum fault_code rc = org_posts(t, s, person, 0, &posts, &n);

    *keeps = !rc && n == 0;
    for (size_t i = 0; i < n && !*keeps && !rc; i++) {
        struct org_unit u;
        bool found;

        rc = org_unit(t, s, posts[i].unit, &u, &found);
        if (!rc && found)
            rc = desk_keeps(t, s, c, u.place, keeps);
    }
    return rc;
}

static enum fault_code
holds_post(struct task *t, struct store *s, int64_t person, int64_t unit, const char *role, bool *holds)
{
    struct org_post *posts;
    size_t n;
    enum fault_code rc = org_posts(t, s, person, 0, &posts, &n);

    *holds = false;
    for (size_t i = 0; i < n && !rc; i++)
        if (posts[i].unit == unit && text_equal(posts[i].role, role))
            *holds = true;
    return rc;
}

/* A row of somebody who is there: his name must agree; certificates and a further post are taken. */
static enum fault_code
take_known(struct task *t, struct org_write *w, const struct desk_caller *c, struct sheet_row *row,
           struct org_person *p, bool *certified)
{
    struct json *papers = certificates_of(t, row);
    bool found = false, keeps = false;
    enum fault_code rc = keeps_person(t, w->store, c, p->id, &keeps);

    *certified = false;
    if (!rc && keeps)
        rc = org_person(t, w->store, p->id, p, &found);
    if (rc)
        return rc;
    if (!found || !text_equal(p->name, json_text_of(row->value, "name")))
        return fault(t, FAULT_INPUT, "/account", "账号已归另一人使用，请换一个 | the account is another person's: take another");
    if (!json_count(papers) || json_equal(papers, p->certificates))
        return FAULT_NONE;
    p->certificates = papers;
    *certified = true;
    return org_state_person(w, p);
}

/* A post given to one who cannot sign in would be owed work that nobody sees. */
static enum fault_code
still_open(struct task *t, struct store *s, const char *account)
{
    int64_t at;
    bool closed;
    enum fault_code rc = store_one_int(t, s, &at, &closed,
                                       "SELECT closed_at FROM org_account WHERE account = ? AND closed_at IS NOT NULL",
                                       "s", account);

    if (rc || !closed)
        return rc;
    return fault(t, FAULT_INPUT, "/account",
                 "账号已停用，请由系统管理员重新启用，或换一个账号 | the account is closed: have the administrator open it "
                 "again, or take another");
}

static enum fault_code
take_person(struct task *t, struct org_write *w, const struct desk_caller *c, struct sheet_row *row)
{
    const char *account = json_text_of(row->value, "account"), *name = json_text_of(row->value, "name");
    struct org_person p = {.name = name, .certificates = certificates_of(t, row)};
    struct org_post post = {.unit = org_id_read(json_text_of(row->value, "unit"), 'u'),
                            .role = json_text_of(row->value, "role"), .from_day = time_day(t->now)};
    bool known, holds = false, certified = false;
    enum fault_code rc;

    if (json_get(row->value, "certificate") && !json_get(row->value, "number"))
        return fault(t, FAULT_INPUT, "/number", "填了证件种类，请填证号 | a certificate has a number");
    if (!name || text_length(name) > LIMIT_NAME)
        return fault(t, FAULT_INPUT, "/name", "姓名须为 1 到 %d 个字 | a name has 1 to %d characters", LIMIT_NAME, LIMIT_NAME);
    rc = store_one_int(t, w->store, &p.id, &known, "SELECT person FROM org_account WHERE account = ?", "s", account);
    if (!rc && known)
        rc = take_known(t, w, c, row, &p, &certified);
    if (!rc && known)
        rc = holds_post(t, w->store, p.id, post.unit, post.role, &holds);
    if (!rc && !known) {
        p.id = 0;
        rc = org_state_person(w, &p);
    }
    post.person = p.id;
    if (!rc && known && !holds)
        rc = still_open(t, w->store, account);
    if (!rc && !holds && text_equal(account, c->account))
        rc = fault(t, FAULT_INPUT, "/account",
                   "不能给自己加岗位，请由另一人导入 | nobody gives himself a post; have another bring the row in");
    if (!rc && !holds)
        rc = org_state_post(w, &post);
    if (!rc && !known)
        rc = org_account_open(t, w->store, account, p.id);
    row->unchanged = known && holds && !certified;
    return rc;
}

/* ---- records ---- */

bool
sheet_makes_unit(const struct kind *k)
{
    for (size_t i = 0; i < k->n_fields; i++)
        if (json_is_true(json_get(k->fields[i].schema, "x-makes")))
            return true;
    return false;
}

/* Known already: by its credit code anywhere, by name and place without one. */
static enum fault_code
known_object(struct task *t, struct store *s, const struct sheet_row *row, bool *known)
{
    const char *code = json_text_of(row->value, "credit_code");
    struct org_unit u;
    int64_t place = 0;
    enum fault_code rc;

    if (!code || !*code)
        return known_unit(t, s, json_text_of(row->value, "name"), row->place, false, &u, known);
    rc = store_one_int(t, s, &place, known,
                       "SELECT place FROM org_unit WHERE credit_code = ? AND (to_day IS NULL OR to_day >= ?) "
                       "ORDER BY id LIMIT 1",
                       "si", code, (int64_t)time_day(t->now));
    if (!rc && *known && place != row->place)
        rc = fault(t, FAULT_INPUT, "/credit_code",
                   "这个代码的单位已在另一属地建档 | the unit of this code is registered at another place");
    return rc;
}

static enum fault_code
take_record(struct task *t, struct desk *d, struct store *s, struct chain_tip *tip, const struct desk_caller *c,
            const struct sheet *x, struct sheet_row *row)
{
    struct json *fields = json_shallow(t->arena, row->value);
    bool known = false;
    enum fault_code rc = sheet_makes_unit(x->record) ? known_object(t, s, row, &known) : FAULT_NONE;

    row->unchanged = known;
    if (rc || known)
        return rc;
    json_set(t->arena, fields, "place", NULL);
    return desk_create_row(t, d, s, tip, c, x->record, row->place, fields, NULL);
}

enum fault_code
sheet_take(struct task *t, struct desk *d, struct store *s, struct chain_tip *tip,
           const struct desk_caller *c, const struct sheet *x, struct sheet_row *row)
{
    struct org_actor actor = {.sort = ORG_OPERATOR, .account = c->account};
    struct org_write w = {t, s, tip, &actor};
    enum fault_code rc = FAULT_NONE;

    if (x->record)
        return take_record(t, d, s, tip, c, x, row);
    for (size_t i = 0; i < c->n_posts && !rc; i++) {
        if (!desk_is_keeper(c->posts[i].role))
            continue;
        rc = desk_actor(t, s, c, &c->posts[i], &actor);
        break;
    }
    if (rc)
        return rc;
    return text_equal(x->kind, DESK_UNITS) ? take_unit(t, d, &w, row) : take_person(t, &w, c, row);
}
