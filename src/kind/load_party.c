/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_party.c - parties and relations as a definition writes them.
 *
 * Knows: the closed sets of both, and which fields can stand for units or persons.
 * Does not know: which unit a party is: org and record find that out for one record.
 */
#include "kind/inside.h"
#include <string.h>

static const struct {
    const char *word;
    enum kind_party_sort sort;
} words[] = {{"owner", PARTY_OWNER}, {"raiser", PARTY_RAISER}, {"desk", PARTY_DESK},
             {"actor", PARTY_ACTOR}, {"owed", PARTY_OWED},     {"place", PARTY_PLACE},
             {"public", PARTY_PUBLIC}};

static const struct {
    const char *prefix;
    enum kind_party_sort sort;
} over[] = {{"office:", PARTY_OFFICE},           {"upper:", PARTY_UPPER},
            {"supervisor:", PARTY_SUPERVISOR},   {"supervisors:", PARTY_SUPERVISORS},
            {"team:", PARTY_TEAM},               {"at:", PARTY_AT},
            {"did:", PARTY_DID}};

bool
load_is_party_word(const char *text)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(words[i].word, text))
            return true;
    return false;
}

static const struct kind_party *
made(struct arena *a, enum kind_party_sort sort, const char *name, const struct kind_party *inner,
     const char *text)
{
    struct kind_party *p = arena_alloc(a, sizeof *p);
    *p = (struct kind_party){.sort = sort, .name = name, .inner = inner, .text = text};
    return p;
}

static bool
names_party(const struct kind_field *f)
{
    return text_equal(f->names, "unit") || text_equal(f->names, "person")
           || text_equal(f->names, "post") || text_equal(f->names, "place");
}

/* A text whose values are levels of places. */
static bool
gives_level(const struct kind_field *f)
{
    static const char *const levels[] = {"nation", "province", "city", "county", "township",
                                         "village"};
    const struct json *values = f ? json_get(f->schema, "enum") : NULL;
    for (size_t i = 0; i < json_count(values); i++) {
        bool known = false;
        for (size_t j = 0; j < sizeof levels / sizeof *levels; j++)
            known |= text_equal(levels[j], json_text(json_at(values, i)));
        if (!known)
            return false;
    }
    return f && f->type == FIELD_TEXT && (json_count(values) || f->computed);
}

/*
 * `k` NULL: the party is one of a linked record, whose fields and steps are not at hand; any name
 * is taken for a field, and kind_catalog_check looks it up.
 */
static const struct kind_party *
parse(struct arena *a, const struct kind *k, const char *text, bool item, const char **why);

static const struct kind_party *
parse_dotted(struct arena *a, const struct kind *k, const char *text, const char *dot, bool item,
             const char **why)
{
    const char *name = arena_copy(a, text, (size_t)(dot - text));
    const struct kind_field *f = k ? kind_field(k, name) : NULL;
    bool word = text_equal(name, "raiser") || text_equal(name, "owner")
                || text_equal(name, "actor");
    if (word && !text_equal(dot + 1, "place")) {
        *why = "此处点号后只能是 place | Only .place may follow here";
        return NULL;
    }
    if (!word && k && !f && !(item && text_equal(name, "item"))) {
        *why = "点号前须是字段名 | A field must stand before the dot";
        return NULL;
    }
    if (f && !text_equal(f->names, "record") && !names_party(f)) {
        *why = "点号前的字段须指向记录、单位或人 | The field before the dot must name a record, a unit or "
               "a person";
        return NULL;
    }
    const struct kind_party *inner = parse(a, NULL, dot + 1, false, why);
    return inner ? made(a, PARTY_LINK, name, inner, text) : NULL;
}

static const struct kind_party *
parse_name(struct arena *a, const struct kind *k, const char *text, bool item, const char **why)
{
    const char *dot = strchr(text, '.');
    if (dot)
        return parse_dotted(a, k, text, dot, item, why);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(words[i].word, text))
            return made(a, words[i].sort, NULL, NULL, text);
    if (item && text_equal(text, "item"))
        return made(a, PARTY_FIELD, "item", NULL, text);
    const struct kind_field *f = k ? kind_field(k, text) : NULL;
    if (!k && load_is_name(text))
        return made(a, PARTY_FIELD, text, NULL, text);
    if (!f) {
        *why = "没有这样的主体：可用 owner raiser desk actor owed place public、单位或人员字段、did:步骤、"
               "office: upper: supervisor: supervisors: at: team: | There is no such party; use "
               "owner "
               "raiser desk actor owed place public, a unit or person field, did:STEP, office: "
               "upper: supervisor: supervisors: at: team:";
        return NULL;
    }
    if (!names_party(f)) {
        *why = "此字段不指向单位、人员、岗位或地方 | This field names no unit, person, post or place";
        return NULL;
    }
    return made(a, PARTY_FIELD, f->name, NULL, text);
}

static const struct kind_party *
parse(struct arena *a, const struct kind *k, const char *text, bool item, const char **why)
{
    for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
        if (!text_starts(text, over[i].prefix))
            continue;
        const char *rest = text + strlen(over[i].prefix);
        if (over[i].sort == PARTY_DID) {
            if (load_is_name(rest) && (!k || kind_step(k, rest)))
                return made(a, PARTY_DID, rest, NULL, text);
            *why = "did: 之后须是本类的步骤 | A step of this kind must follow did:";
            return NULL;
        }
        if (over[i].sort == PARTY_AT) {
            if (load_is_name(rest) && (!k || gives_level(kind_field(k, rest))))
                return made(a, PARTY_AT, rest, NULL, text);
            *why = "at: 之后须是给出层级的字段：选项只能是 nation province city county township village，或是计算"
                   "字段 | A field that gives a level must follow at: its enum holds nothing but "
                   "nation province city county township village, or it is computed";
            return NULL;
        }
        const struct kind_party *inner = parse(a, k, rest, item, why);
        if (inner && inner->sort == PARTY_PUBLIC) {
            *why = "public 不是单位 | public is no unit";
            return NULL;
        }
        return inner ? made(a, over[i].sort, NULL, inner, text) : NULL;
    }
    return parse_name(a, k, text, item, why);
}

const struct kind_party *
load_party_text(struct arena *a, const struct kind *k, const char *text, bool item,
                const char **why)
{
    if (!text_starts(text, "person:"))
        return parse(a, k, text, item, why);
    const struct kind_party *p = parse(a, k, text + 7, item, why);
    if (!p)
        return NULL;
    struct kind_party *person = arena_alloc(a, sizeof *person);
    *person = *p;
    person->person = true;
    person->text = text;
    return person;
}

const struct kind_party *
kind_party_read(struct arena *a, const struct kind *k, const char *text)
{
    const char *why;
    return load_party_text(a, k, arena_text(a, text), true, &why);
}

/* {"is":"same:P"} or {"is":"person:P"} without a role say a party where parties are listed. */
static const char *
party_of_who(const struct json *value, struct arena *a)
{
    const char *is = json_text_of(value, "is");
    if (!is || json_count(value) != 1)
        return NULL;
    if (text_starts(is, "same:"))
        return is + 5;
    return text_starts(is, "person:") ? arena_text(a, is) : NULL;
}

const struct kind_party *
load_party(struct load *l, const char *at, const struct json *value, const struct kind_set *set)
{
    const char *why = NULL, *text = json_text(value);
    if (!text && json_is(value, JSON_OBJECT))
        text = party_of_who(value, l->arena);
    if (!text) {
        refuse(l, at, "这里须是主体：写成文本，或 {\"is\":\"same:…\"}、{\"is\":\"person:…\"} | A party belongs "
                      "here, as a text, or {\"is\":\"same:…\"} or {\"is\":\"person:…\"}");
        return NULL;
    }
    const struct kind_party *p = load_party_text(l->arena, l->k, text, set != NULL, &why);
    if (!p)
        refuse(l, at, "“%s”：%s [%s]", text, why, text);
    return p;
}

const struct kind_party *const *
load_parties(struct load *l, const char *at, const struct json *array, const struct kind_set *set,
             size_t *n)
{
    size_t count = json_count(array);
    const struct kind_party **out = load_new(l, const struct kind_party *, count);
    *n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct kind_party *p =
            load_party(l, load_item(l, at, array, i), json_at(array, i), set);
        if (p)
            out[(*n)++] = p;
    }
    return out;
}

/* ---- who ---- */

static const struct {
    const char *prefix;
    enum kind_relation is;
} relations[] = {{"same:", IS_SAME},     {"under:", IS_UNDER}, {"above:", IS_ABOVE},
                 {"supervises:", IS_SUPERVISES}, {"office:", IS_OFFICE}, {"upper:", IS_UPPER},
                 {"person:", IS_PERSON}, {"did:", IS_DID}};

static void
read_relation(struct load *l, const char *at, const char *is, struct kind_who *w)
{
    const char *why = NULL;
    if (text_equal(is, "public") || text_equal(is, "clock") || text_equal(is, "rule")
        || text_equal(is, "carry")) {
        w->is = *is == 'p' ? IS_PUBLIC : is[1] == 'l' ? IS_CLOCK : *is == 'r' ? IS_RULE : IS_CARRY;
        if (w->n_roles)
            refuse(l, at, "“%s”没有岗位 | “%s” holds no post: leave role out", is, is);
        return;
    }
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++) {
        if (!text_starts(is, relations[i].prefix))
            continue;
        const char *rest = is + strlen(relations[i].prefix);
        w->is = relations[i].is;
        if (w->is == IS_DID) {
            w->step = rest;
            if (!kind_step(l->k, rest))
                refuse(l, at, "没有步骤“%s” | There is no step “%s”", rest, rest);
            return;
        }
        w->party = load_party_text(l->arena, l->k, rest, false, &why);
        if (!w->party)
            refuse(l, at, "“%s”：%s [%s]", rest, why, rest);
        return;
    }
    refuse(l, at, "不认识的关系“%s”；可用 same: under: above: supervises: office: upper: person: did: "
                  "public "
                  "clock rule carry | Unknown relation “%s”; use same: under: above: supervises: office: "
                  "upper: person: did: public clock rule carry", is, is);
}

/* A plain party: the unit it is, or the person a person's field names. */
static void
read_plain(struct load *l, const char *at, const struct json *value, struct kind_who *w)
{
    const struct kind_party *p = load_party(l, at, value, NULL);
    const struct kind_field *f = p && p->sort == PARTY_FIELD ? kind_field(l->k, p->name) : NULL;
    w->is = IS_SAME;
    w->party = p;
    if (p && p->sort == PARTY_PUBLIC) {
        w->is = IS_PUBLIC;
        w->party = NULL;
    } else if (p && (p->person || (f && (text_equal(f->names, "person")
                                         || text_equal(f->names, "post"))))) {
        w->is = IS_PERSON;
    }
}

const struct kind_who *
load_who(struct load *l, const char *at, const struct json *array, size_t *n)
{
    const struct load_scope scope = {.use = USE_GUARD};
    size_t count = json_count(array);
    struct kind_who *out = load_new(l, struct kind_who, count);
    *n = count;
    for (size_t i = 0; i < count; i++) {
        const struct json *value = json_at(array, i);
        const char *here = load_item(l, at, array, i);
        struct kind_who *w = &out[i];
        if (json_text(value)) {
            read_plain(l, here, value, w);
            continue;
        }
        if (!load_words(l, here, value, "role is if"))
            continue;
        const struct json *roles = load_list(l, here, value, "role");
        const char *is = json_text_of(value, "is");
        w->roles = load_names(l, json_pointer(l->arena, here, "role"), roles, &w->n_roles);
        if (roles && !w->n_roles)
            refuse(l, json_pointer(l->arena, here, "role"), "须写岗位，或不写 role | Name the posts, or "
                                                            "leave role out");
        for (size_t j = 0; j < w->n_roles; j++)
            if (!load_is_name(w->roles[j]))
                refuse(l, load_item(l, json_pointer(l->arena, here, "role"), roles, j),
                       "岗位名只用小写字母、数字和下划线 | A role has lower-case letters, digits and "
                       "underscores");
        w->condition = json_get(value, "if");
        if (w->condition)
            load_if(l, json_pointer(l->arena, here, "if"), w->condition, &scope);
        if (is)
            read_relation(l, json_pointer(l->arena, here, "is"), is, w);
        else if (json_get(value, "is") || !w->n_roles)
            refuse(l, here, "须写岗位 role 或关系 is | Say a role, or a relation with is");
    }
    return out;
}
