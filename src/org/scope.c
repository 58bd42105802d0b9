/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/scope.c - the one place that answers "may they see, may they act, there?"
 *
 * Knows: roles, posts, relations, audience keys.
 * Does not know: records; a record's audience is a set of the same keys, written by record.
 */
#include "org/inside.h"
#include <string.h>

int64_t
org_key(enum org_key_sort sort, int64_t number, int line, int kind)
{
    must(number >= 0 && number < (INT64_C(1) << 36) && line >= 0 && line < 4096 && kind >= 0 &&
         kind < 4096);
    return (int64_t)sort << 60 | number << 24 | (int64_t)line << 12 | kind;
}

int64_t
org_key_kind(int64_t key, int kind)
{
    return (key & ~INT64_C(4095)) | kind;
}

bool
org_key_is_place(int64_t key)
{
    return key >> 60 == ORG_KEY_PLACE && !(key >> 12 & 4095);
}

static void
add_key(struct scope *c, int64_t key)
{
    for (size_t i = 0; i < c->n_keys; i++)
        if (c->keys[i] == key)
            return;
    if (c->n_keys < LIMIT_KEYS)
        c->keys[c->n_keys++] = key;
}

static void
add_area(struct scope *c, int64_t place, int line)
{
    if (c->n_areas < LIMIT_KEYS) {
        c->areas[c->n_areas].place = place;
        c->areas[c->n_areas++].line = line;
    }
    add_key(c, org_key(ORG_KEY_PLACE, place, line, 0));
}

static bool
one_of(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(word, words[i]))
            return true;
    return false;
}

/* requirements.md 2.3: who may see what. */
static void
add_post(struct scope *c, const struct org_post *post, const struct org_unit *u)
{
    static const char *const whole[] = {"office", "leader", "township", "grid", "supervision_group"};
    static const char *const by_line[] = {"inspector", "head"};

    if (text_equal(post->role, "auditor") || text_equal(post->role, "sysadmin")) {
        c->auditor |= text_equal(post->role, "auditor");
        c->sysadmin |= text_equal(post->role, "sysadmin");
        if (c->n_watches < LIMIT_KEYS)
            c->watches[c->n_watches++] = (struct org_watch){post->role, u->place};
        return;
    }
    /* His own key first: somebody with more posts than keys still finds what names himself. */
    add_key(c, org_key(ORG_KEY_PERSON, c->person, 0, 0));
    if (one_of(post->role, whole, sizeof whole / sizeof *whole))
        add_area(c, u->place, 0);
    else if (one_of(post->role, by_line, sizeof by_line / sizeof *by_line))
        add_area(c, u->place, u->line);
    if (c->n_units < LIMIT_KEYS)
        c->units[c->n_units++] = u->id;
    add_key(c, org_key(ORG_KEY_UNIT, u->id, 0, 0));
}

/* Who works in a workshop belongs to the enterprise: its hazards are told to all who work there (art. 41). */
static enum fault_code
add_enterprise(struct task *t, struct store *s, struct scope *c, int64_t unit)
{
    enum fault_code rc = FAULT_NONE;

    for (int depth = 0; unit && depth < 4 && !rc; depth++) {
        struct org_unit u;
        bool found;

        rc = org_unit(t, s, unit, &u, &found);
        if (rc || !found || !text_equal(u.sort, "enterprise"))
            break;
        if (c->n_parts < LIMIT_KEYS)
            c->parts[c->n_parts++] = u.id;
        add_key(c, org_key(ORG_KEY_UNIT, u.id, 0, 0));
        unit = u.parent;
    }
    return rc;
}

/* Who answers for safety at a unit is let in where that unit is. */
static enum fault_code
add_ties(struct task *t, struct store *s, struct scope *c, const struct org_post *post)
{
    static const char *const roles[] = {"safety_officer", "person_in_charge", "expert"};
    struct rows r;
    int64_t *list, day = time_day(t->now);
    enum fault_code rc;

    if (!one_of(post->role, roles, sizeof roles / sizeof *roles))
        return FAULT_NONE;
    rc = store_query(t, s, &r,
                     "SELECT DISTINCT unit, from_day FROM org_tie WHERE other = ? AND from_day <= ? AND (to_day "
                     "IS NULL OR to_day >= ?) ORDER BY from_day DESC, unit DESC LIMIT ?",
                     "iiii", post->unit, day, day, (int64_t)LIMIT_TIES);
    if (rc)
        return rc;
    while (c->n_tied < LIMIT_TIES && store_next(t, &r)) {
        if (!c->tied)
            c->tied = arena_alloc(t->arena, LIMIT_TIES * sizeof *c->tied);
        list = (int64_t *)(uintptr_t)c->tied;
        list[c->n_tied++] = store_int(&r, 0);
    }
    return store_end(t, &r);
}

bool
org_is_tied(const struct scope *c, int64_t unit)
{
    for (size_t i = 0; i < c->n_tied && unit; i++)
        if (c->tied[i] == unit)
            return true;
    return false;
}

static enum fault_code
make_scope(struct task *t, struct store *s, int64_t person, struct scope *out)
{
    struct org_post *posts;
    size_t n;
    enum fault_code rc = org_posts(t, s, person, 0, &posts, &n);

    memset(out, 0, sizeof *out);
    out->person = person;
    for (size_t i = 0; !rc && i < n; i++) {
        struct org_unit u;
        bool found;

        rc = org_unit(t, s, posts[i].unit, &u, &found);
        if (rc || !found)
            continue;
        add_post(out, &posts[i], &u);
        if (!out->n_units || out->units[out->n_units - 1] != u.id)
            continue; /* no post that sees what its unit owes */
        rc = add_enterprise(t, s, out, u.parent);
        if (!rc)
            rc = add_ties(t, s, out, &posts[i]);
    }
    return rc;
}

enum fault_code
org_scope(struct task *t, struct store *s, int64_t person, struct scope *out)
{
    const void *kept;
    struct arena *own;
    enum fault_code rc = FAULT_NONE;

    if (org_memo_get(t, s, 's', person, &kept)) {
        *out = *(const struct scope *)kept;
    } else {
        /* What it points at lives as long as it is kept. */
        own = t->arena;
        t->arena = org_memo_arena(t, s);
        rc = make_scope(t, s, person, out);
        t->arena = own;
        if (!rc)
            org_memo_put(t, s, 's', person, out, sizeof *out);
    }
    return rc ? rc : org_lent(t, s, out);
}

enum fault_code
org_scope_operator(struct task *t, struct store *s, struct scope *out)
{
    int64_t top;
    enum fault_code rc = org_top(t, s, &top);

    memset(out, 0, sizeof *out);
    out->everything = true;
    if (!rc)
        add_area(out, top, 0);
    return rc;
}

enum fault_code
org_sees_place(struct task *t, struct store *s, const struct scope *c, int64_t place, bool *sees)
{
    enum fault_code rc = FAULT_NONE;

    *sees = c->everything;
    for (size_t i = 0; i < c->n_areas && !*sees && !rc; i++)
        rc = org_covers(t, s, c->areas[i].place, place, sees);
    for (size_t i = 0; i < c->n_units && !*sees && !rc; i++) {
        struct org_unit u;
        bool found;

        rc = org_unit(t, s, c->units[i], &u, &found);
        if (!rc && found)
            *sees = u.place == place;
    }
    for (size_t i = 0; i < c->n_tied && !*sees && !rc; i++) {
        int64_t lies = 0;
        bool found;

        rc = store_one_int(t, s, &lies, &found, "SELECT place FROM org_unit WHERE id = ?", "i", c->tied[i]);
        *sees = !rc && found && lies == place;
    }
    return rc;
}

static bool
of_line(const struct org_unit *u, int line)
{
    if (!line || u->line == line || !text_equal(u->sort, "enterprise"))
        return true;
    for (size_t i = 0; i < json_count(u->lines); i++)
        if (json_integer(json_at(u->lines, i), 0) == line)
            return true;
    return false;
}

bool
org_is_organ(const struct org_unit *u)
{
    return text_equal(u->sort, "office") || text_equal(u->sort, "department") ||
           text_equal(u->sort, "township") || text_equal(u->sort, "government");
}

enum fault_code
org_sees_unit(struct task *t, struct store *s, const struct scope *c, const struct org_unit *u, bool *sees)
{
    enum fault_code rc = FAULT_NONE;

    *sees = c->everything || c->sysadmin;
    for (size_t i = 0; i < c->n_areas && !*sees && !rc; i++) {
        if (of_line(u, c->areas[i].line))
            rc = org_covers(t, s, c->areas[i].place, u->place, sees);
        /* Organs above an official's place are whom he reports and hands over to. */
        if (!*sees && !rc && org_is_organ(u))
            rc = org_covers(t, s, u->place, c->areas[i].place, sees);
    }
    for (size_t i = 0; i < c->n_units && !*sees && !rc; i++)
        if (u->id == c->units[i])
            *sees = true;
        else if (u->parent)
            rc = org_unit_within(t, s, u->parent, c->units[i], sees);
    return rc;
}

enum fault_code
org_names_unit(struct task *t, struct store *s, const struct scope *c, const struct org_unit *u, bool *names)
{
    *names = org_is_organ(u) || text_equal(u->sort, "agency") || org_is_tied(c, u->id);
    for (size_t i = 0; i < c->n_parts && !*names; i++)
        *names = c->parts[i] == u->id;
    return *names ? FAULT_NONE : org_sees_unit(t, s, c, u, names);
}

/* ---- relations ---- */

void
org_add_unit(struct org_parties *p, int64_t unit)
{
    if (unit && p->n_units < ORG_PARTIES)
        p->units[p->n_units++] = unit;
}

void
org_add_person(struct org_parties *p, int64_t person)
{
    if (person && p->n_persons < ORG_PARTIES)
        p->persons[p->n_persons++] = person;
}

void
org_add_place(struct org_parties *p, int64_t place)
{
    if (place && p->n_places < ORG_PARTIES)
        p->places[p->n_places++] = place;
}

/* My unit covers `unit`, by block (my place lies above its place) or by line. */
static enum fault_code
above_unit(struct task *t, struct store *s, const struct org_unit *mine, int64_t unit, bool *is)
{
    static const char *const block[] = {"office", "township", "government", "group"};
    struct org_unit u;
    bool found;
    enum fault_code rc = org_unit_within(t, s, unit, mine->id, is);

    if (!rc && *is && unit == mine->id)
        *is = false;
    if (rc || *is)
        return rc;
    rc = org_unit(t, s, unit, &u, &found);
    if (rc || !found || unit == mine->id)
        return rc;
    if (one_of(mine->sort, block, sizeof block / sizeof *block) ||
        (text_equal(mine->sort, "department") && of_line(&u, mine->line)))
        rc = org_covers(t, s, mine->place, u.place, is);
    return rc;
}

static enum fault_code
relation_to_unit(struct task *t, struct store *s, const struct org_unit *mine,
                 enum org_relation relation, int64_t unit, bool *is)
{
    int64_t found[ORG_DEPTH];
    struct org_unit u;
    size_t n;
    bool there;
    enum fault_code rc;

    switch (relation) {
    case ORG_SAME:
        *is = unit == mine->id;
        return FAULT_NONE;
    case ORG_UNDER:
        return org_unit_within(t, s, mine->id, unit, is);
    case ORG_ABOVE:
        return above_unit(t, s, mine, unit, is);
    case ORG_SUPERVISES:
        rc = org_supervisors(t, s, unit, found, ORG_DEPTH, &n);
        for (size_t i = 0; i < n && !rc; i++)
            if (found[i] == mine->id)
                *is = true;
        return rc;
    case ORG_OFFICE_OF:
        rc = org_unit(t, s, unit, &u, &there);
        if (!rc && there)
            rc = org_office(t, s, u.place, found);
        *is = !rc && there && found[0] == mine->id;
        return rc;
    case ORG_UPPER_OF:
        rc = org_upper(t, s, unit, found);
        *is = !rc && found[0] == mine->id;
        return rc;
    default:
        return FAULT_NONE;
    }
}

static enum fault_code
relation_to_place(struct task *t, struct store *s, const struct org_unit *mine,
                  enum org_relation relation, int64_t place, bool *is)
{
    int64_t office;
    enum fault_code rc = FAULT_NONE;

    if (relation == ORG_OFFICE_OF) {
        rc = org_office(t, s, place, &office);
        *is = !rc && office == mine->id;
    } else if (relation == ORG_ABOVE) {
        rc = org_covers(t, s, mine->place, place, is);
    } else if (relation == ORG_SAME || relation == ORG_UNDER) {
        rc = org_covers(t, s, place, mine->place, is);
    }
    return rc;
}

enum fault_code
org_is(struct task *t, struct store *s, const struct org_actor *actor, enum org_relation relation,
       const struct org_parties *p, bool *is)
{
    struct org_unit mine;
    bool found;
    enum fault_code rc;

    *is = false;
    if (actor->sort != ORG_PERSON)
        return FAULT_NONE;
    if (relation == ORG_IS_PERSON || relation == ORG_SAME)
        for (size_t i = 0; i < p->n_persons; i++)
            if (p->persons[i] == actor->person)
                *is = true;
    if (*is || relation == ORG_IS_PERSON)
        return FAULT_NONE;
    rc = org_unit(t, s, actor->unit, &mine, &found);
    if (rc || !found)
        return rc;
    for (size_t i = 0; i < p->n_units && !*is && !rc; i++)
        rc = relation_to_unit(t, s, &mine, relation, p->units[i], is);
    for (size_t i = 0; i < p->n_places && !*is && !rc; i++)
        rc = relation_to_place(t, s, &mine, relation, p->places[i], is);
    return rc;
}
