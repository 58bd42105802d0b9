/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_sight.c - changes to who sees a record, by the state it is in.
 *
 * Knows: the four forms: only, never, to with fields, to with over.
 * Does not know: who that is for one record (org), and the default, which is unwritten.
 */
#include "kind/inside.h"

static void
read_fields(struct load *l, const char *at, const struct json *value, struct kind_sight *s)
{
    const struct json *fields = load_list(l, at, value, "fields");
    const char *here = json_pointer(l->arena, at, "fields");
    bool public = false;
    for (size_t i = 0; i < s->n_to; i++)
        public |= s->to[i]->sort == PARTY_PUBLIC;
    s->fields = load_names(l, here, fields, &s->n_fields);
    for (size_t i = 0; i < s->n_fields; i++) {
        const struct kind_field *f = kind_field(l->k, s->fields[i]);
        if (!f && !load_is_column(s->fields[i]) && !text_equal(s->fields[i], "title"))
            refuse(l, load_item(l, here, fields, i), "没有字段“%s” | There is no field “%s”",
                   s->fields[i], s->fields[i]);
        if (f && f->seal && public)
            refuse(l, load_item(l, here, fields, i), "封存的字段不能向公众公开 | A sealed field cannot be "
                                                     "shown to the public");
    }
    if (public && !s->n_fields)
        refuse(l, here, "向公众公开须逐项写明字段 | What the public sees is named field by field");
}

/* What covers all that is lent, so that stored keys find it: a place, or the owner. */
static bool
covers(const struct kind_where *w)
{
    return (text_equal(w->field, "place") && (w->op == OP_UNDER || w->op == OP_EQ))
           || (text_equal(w->field, "owner") && w->op == OP_EQ);
}

/* A record is tested by what stands in its row. */
static void
check_lent_line(struct load *l, const char *at, const struct kind_where *w)
{
    bool place = text_equal(w->field, "place");
    if (w->op == OP_WITHIN || w->op == OP_DRAW || text_equal(w->field, "desk")
        || (place && w->op != OP_UNDER && w->op != OP_EQ) || (w->op == OP_UNDER && !place))
        refuse(l, at, "借出的集合不能用 within、draw、desk；place 只用 = 和 under | A lent set takes no "
                      "within, no draw and no desk; place takes = and under, and under stands with "
                      "place alone");
}

static void
check_lent_set(struct load *l, const char *at, const struct kind_set *set)
{
    bool covered = false;
    if (set->sort != SET_KIND) {
        refuse(l, at, "借出的须是一类记录 {\"from\":KIND,\"where\":…} | What is lent are records of a kind: "
                      "{\"from\":KIND,\"where\":…}");
        return;
    }
    for (size_t i = 0; i < set->n_where; i++) {
        covered |= covers(&set->where[i]);
        check_lent_line(l, json_pointer_index(l->arena, json_pointer(l->arena, at, "where"), i),
                        &set->where[i]);
    }
    load_stated_values(l, at, set);
    if (!covered)
        refuse(l, at, "借出的集合须定下地方（place under 或 =）或责任单位（owner =） | A lent set fixes a place "
                      "(place, under or =) or the owner (owner, =)");
}

static void
read_lent(struct load *l, const char *at, const struct json *value, struct kind_sight *s)
{
    const struct json *over = json_get(value, "over");
    s->roles = load_names(l, json_pointer(l->arena, at, "role"), load_list(l, at, value, "role"),
                          &s->n_roles);
    if (over)
        s->over = load_set(l, json_pointer(l->arena, at, "over"), over, false);
    if (s->over)
        check_lent_set(l, json_pointer(l->arena, at, "over"), s->over);
    if (over && !s->n_roles)
        refuse(l, json_pointer(l->arena, at, "role"), "借给谁什么岗位须写明 | Say which role is lent");
    if (!over && s->n_roles)
        refuse(l, json_pointer(l->arena, at, "role"), "role 只与 over 同用 | role stands with over "
                                                      "only");
    if (over && !json_get(value, "in"))
        refuse(l, json_pointer(l->arena, at, "in"), "借出的视野须写明状态 | Lent sight must name its states");
}

static void
load_rule(struct load *l, const char *at, const struct json *value, struct kind_sight *s)
{
    if (!load_words(l, at, value, "in to only never fields over role"))
        return;
    const struct json *in = load_in(l, at, value);
    s->in = in ? load_states_of(l, json_pointer(l->arena, at, "in"), in) : ~(kind_states)0;
    s->only = load_who(l, json_pointer(l->arena, at, "only"), load_list(l, at, value, "only"),
                       &s->n_only);
    s->never = load_parties(l, json_pointer(l->arena, at, "never"),
                            load_list(l, at, value, "never"), NULL, &s->n_never);
    s->to = load_parties(l, json_pointer(l->arena, at, "to"), load_list(l, at, value, "to"), NULL,
                         &s->n_to);
    int forms = (json_get(value, "only") != NULL) + (json_get(value, "never") != NULL)
                + (json_get(value, "to") != NULL);
    if (forms == 1 && !s->n_only && !s->n_never && !s->n_to)
        refuse(l, at, "须写是谁 | Say who");
    if (forms != 1)
        refuse(l, at, "须是 only、never、to 之一 | Exactly one of only, never, to");
    for (size_t i = 0; i < s->n_only; i++)
        if (s->only[i].is == IS_PUBLIC || s->only[i].is == IS_CLOCK || s->only[i].is == IS_RULE)
            refuse(l, json_pointer_index(l->arena, json_pointer(l->arena, at, "only"), i),
                   "只有人和单位可以看 | Only people and units look");
    read_fields(l, at, value, s);
    read_lent(l, at, value, s);
    for (size_t i = 0; s->over && i < s->n_to; i++)
        if (s->to[i] && s->to[i]->sort == PARTY_PUBLIC)
            refuse(l, json_pointer(l->arena, at, "to"), "不能把别的记录借给公众 | Other records are not lent "
                                                        "to the public");
    if (json_get(value, "to") && !s->n_fields && !s->over)
        refuse(l, at, "须写给他们看哪些字段 fields，或哪些记录 over | Say which fields they see, or which "
                      "records with over");
}

void
load_sight(struct load *l)
{
    const struct json *sight = load_list(l, "", l->file, "sight");
    struct kind_sight *out = load_new(l, struct kind_sight, json_count(sight));
    for (size_t i = 0; i < json_count(sight); i++)
        load_rule(l, load_item(l, "/sight", sight, i), json_at(sight, i), &out[i]);
    l->k->sight = out;
    l->k->n_sight = json_count(sight);
}
