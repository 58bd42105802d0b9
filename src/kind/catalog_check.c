/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/catalog_check.c - what only all definitions together can show.
 *
 * Knows: links, raised kinds, called steps, sets and totals over other kinds, paths through links.
 * Pointers are "hazard.json#/steps/3/do/0". Only the newest version of each kind is looked at: the
 * older ones passed when they were adopted.
 * Does not know: loops of rules (catalog_loop.c).
 */
#include "kind/inside.h"
#include <string.h>

#define MEMBERS 32 /* kinds one record field may name */

struct look {
    struct task *t;
    const struct kind_catalog *c;
    const struct kind *k;
    bool entered; /* by a user: pointers are into what he sent */
    unsigned refused;
};

#define object_to(x, pointer, ...)                                                               \
    ((x)->refused++, (void)fault((x)->t, FAULT_INPUT,                                            \
                                 (x)->entered ? (pointer)                                        \
                                              : catalog_pointer((x)->t->arena, (x)->k, (pointer)), \
                                 __VA_ARGS__))

static const char *
under(struct look *x, const char *pointer, const char *token)
{
    return json_pointer(x->t->arena, pointer, token);
}

/* ---- links ---- */

static void
check_links(struct look *x)
{
    for (size_t i = 0; i < x->k->n_fields; i++)
        for (size_t j = 0; j < x->k->fields[i].n_kinds; j++)
            if (!kind_find(x->c, x->k->fields[i].kinds[j], 0))
                object_to(x, arena_format(x->t->arena, "/fields/properties/%s/x-field",
                                          x->k->fields[i].name),
                          "没有类“%s” | There is no kind “%s”", x->k->fields[i].kinds[j],
                          x->k->fields[i].kinds[j]);
}

/* A link that only the create step sets makes a tree, and it stays one. */
static bool
set_at_birth(const struct kind *k, const char *field)
{
    for (size_t i = 0; i < k->n_steps; i++) {
        for (size_t j = 0; !k->steps[i].creates && j < k->steps[i].n_ask; j++)
            if (text_equal(k->steps[i].ask[j].field->name, field))
                return false;
        for (size_t j = 0; !k->steps[i].creates && j < k->steps[i].n_set; j++)
            if (text_equal(k->steps[i].set[j].name, field))
                return false;
    }
    return true;
}

bool
catalog_climbs(const struct kind *k, const struct kind_set *set)
{
    const struct kind_field *f = set->sort == SET_RECORD ? kind_field(k, set->field) : NULL;
    return f && f->type != FIELD_ARRAY && set_at_birth(k, f->name);
}

bool
catalog_born_link(const struct kind *k, const char *field)
{
    const struct kind_field *f = kind_field(k, field);
    return f && f->type != FIELD_ARRAY && text_equal(f->names, "record") && set_at_birth(k, field);
}

/* ---- sets ---- */

static bool
is_narrow(const struct kind *k, const struct kind_set *set)
{
    for (size_t i = 0; i < set->n_where; i++) {
        const char *name = set->where[i].field;
        const struct kind_field *f = kind_field(k, name);
        if (text_equal(name, "place") || text_equal(name, "owner"))
            return true;
        if (f && (text_equal(f->names, "unit") || text_equal(f->names, "person")
                  || text_equal(f->names, "post") || text_equal(f->names, "place")
                  || text_equal(f->names, "record")))
            return true;
    }
    return false;
}

static void
check_members(struct look *x, const char *at, const struct kind_set *set,
              const struct kind *const *members, size_t n)
{
    for (size_t i = 0; i < set->n_states; i++) {
        bool found = false;
        for (size_t j = 0; j < n; j++)
            found |= kind_state(members[j], set->states[i]) != NULL;
        if (!found)
            object_to(x, under(x, at, "in"), "“%s”没有状态“%s” | “%s” has no state “%s”", set->text,
                      set->states[i], set->text, set->states[i]);
    }
    for (size_t i = 0; i < set->n_where; i++) {
        const char *name = set->where[i].field;
        bool indexed = load_is_column(name) && !text_equal(name, "raiser")
                       && !text_equal(name, "cycle");
        for (size_t j = 0; j < n; j++) {
            const struct kind_field *f = kind_field(members[j], name);
            indexed |= f && f->indexed;
        }
        if (!indexed)
            object_to(x, json_pointer_index(x->t->arena, under(x, at, "where"), i),
                      "“%s”没有标 x-index 的字段“%s” | “%s” has no field “%s” marked x-index", set->text,
                      name, set->text, name);
    }
}

static void
check_set(struct look *x, const char *at, const struct kind_set *set)
{
    const struct kind *members[MEMBERS];
    size_t n = catalog_members(x->c, x->k, set, members, MEMBERS);
    if (set->sort == SET_LINKED || set->sort == SET_TREE) {
        const struct kind_field *f = n ? kind_field(members[0], set->field) : NULL;
        bool mine = false;
        for (size_t i = 0; f && i < f->n_kinds; i++)
            mine |= text_equal(f->kinds[i], x->k->name);
        if (!mine)
            object_to(x, at, "“%s”不是指向本类的记录字段 | “%s” is no record field of that kind that names "
                             "this "
                             "kind", set->text, set->text);
        else if (!f->indexed)
            object_to(x, at, "“%s”须标 x-index | “%s” must be marked x-index", set->text, set->text);
        else if (set->sort == SET_TREE && !set_at_birth(members[0], set->field))
            object_to(x, at, "“%s”：只有创建时写定的链接才成树 | “%s”: only a link that the create step alone "
                             "sets is a tree", set->text, set->text);
    }
    if (set->sort == SET_KIND && !n)
        object_to(x, at, "没有字段或类“%s” | There is no field or kind “%s”", set->text, set->text);
    if (set->sort == SET_KIND && n && !is_narrow(members[0], set))
        object_to(x, at, "按类查询须用地方、单位或人员收窄 | A query over a kind fixes a place, a unit or a "
                         "person in its where");
    if (n)
        check_members(x, at, set, members, n);
}

/* ---- effects ---- */

static bool
is_set(const struct kind_assign *set, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (text_equal(set[i].name, name))
            return true;
    return false;
}

static void
check_names(struct look *x, const struct kind_effect *e, const struct kind *to)
{
    const char *at = under(x, e->pointer, "set");
    for (size_t i = 0; i < e->n_set; i++) {
        const char *name = e->set[i].name;
        const struct kind_field *f = kind_field(to, name);
        if (text_equal(name, "owner") || text_equal(name, "place"))
            continue;
        if (!f || f->computed) {
            object_to(x, under(x, at, name), "“%s”没有可写的字段“%s” | “%s” has no field “%s” to set",
                      to->name, name, to->name, name);
            continue;
        }
        if (!load_has_operation(e->set[i].value) && !json_is_null(e->set[i].value)
            && !kind_schema_holds(x->t, f->schema, e->set[i].value,
                                  catalog_pointer(x->t->arena, x->k, under(x, at, name))))
            x->refused++;
    }
}

static void
check_raise(struct look *x, const struct kind_effect *e)
{
    const struct kind *to = kind_find(x->c, e->name, 0);
    const char *at = under(x, e->pointer, "raise");
    const struct kind_step *create = to ? kind_create_step(to) : NULL;
    if (!create) {
        object_to(x, at, "没有类“%s” | There is no kind “%s”", e->name, e->name);
        return;
    }
    if (!create->by_rule)
        object_to(x, at, "“%s”的创建步骤没有列出 rule | The create step of “%s” does not list rule", e->name,
                  e->name);
    check_names(x, e, to);
    for (size_t i = 0; i < to->n_fields; i++) {
        const struct kind_field *f = &to->fields[i];
        bool asked = false;
        for (size_t j = 0; j < create->n_ask; j++)
            asked |= create->ask[j].field == f && create->ask[j].now;
        if ((f->required || asked) && !f->computed && !json_get(f->schema, "default")
            && !is_set(e->set, e->n_set, f->name)
            && !is_set(create->set, create->n_set, f->name))
            object_to(x, e->pointer, "“%s”必填“%s”，这里没有给出 | “%s” needs “%s”, which is not set here",
                      e->name, f->name, e->name, f->name);
    }
}

static void
check_call(struct look *x, const struct kind_effect *e)
{
    const struct kind *members[MEMBERS];
    const char *at = under(x, e->pointer, "step");
    size_t n = e->over ? catalog_members(x->c, x->k, e->over, members, MEMBERS) : 0;
    for (size_t i = 0; i < n; i++) {
        const struct kind_step *s = kind_step(members[i], e->name);
        if (!s || s->creates) {
            object_to(x, at, "“%s”没有步骤“%s” | “%s” has no step “%s”", members[i]->name, e->name,
                      members[i]->name, e->name);
            continue;
        }
        if (!s->by_rule)
            object_to(x, at, "“%s”的步骤“%s”没有列出 rule | The step “%s” of “%s” does not list rule",
                      members[i]->name, e->name, e->name, members[i]->name);
        check_names(x, e, members[i]);
        for (size_t j = 0; j < s->n_ask; j++)
            if (s->ask[j].now && !is_set(e->set, e->n_set, s->ask[j].field->name))
                object_to(x, at, "“%s”必填“%s”，这里没有给出 | “%s” must be given “%s”, which is not set "
                                 "here",
                          e->name, s->ask[j].field->name, e->name, s->ask[j].field->name);
    }
}

static void
check_effects(struct look *x, const struct kind_effect *effects, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct kind_effect *e = &effects[i];
        if (e->over)
            check_set(x, under(x, e->pointer, "over"), e->over);
        if (e->sort == EFFECT_RAISE)
            check_raise(x, e);
        else if (e->sort == EFFECT_STEP)
            check_call(x, e);
    }
}

/* ---- totals ---- */

static void
check_totals(struct look *x)
{
    const struct kind *members[MEMBERS];
    for (size_t i = 0; i < x->k->n_totals; i++) {
        const struct kind_total *total = &x->k->totals[i];
        const char *at = arena_format(x->t->arena, "/totals/%s", total->name);
        if (!total->over)
            continue;
        check_set(x, under(x, at, "over"), total->over);
        size_t n = catalog_members(x->c, x->k, total->over, members, MEMBERS);
        for (size_t j = 0; total->field && j < n; j++) {
            const struct kind_field *f = kind_field(members[j], total->field);
            bool column = text_equal(total->field, "due") || text_equal(total->field, "created_at")
                          || text_equal(total->field, "closed_at");
            bool sums = total->agg == AGG_SUM;
            at = under(x, arena_format(x->t->arena, "/totals/%s", total->name), "agg");
            if (!f && !(column && !sums))
                object_to(x, at, "“%s”没有字段“%s” | “%s” has no field “%s”", members[j]->name,
                          total->field, members[j]->name, total->field);
            else if (f && f->kept_total)
                object_to(x, at, "不能合计随时变化的计算字段“%s” | A total over the computed field “%s” is "
                                 "refused: a quotient has no delta", f->name, f->name);
            else if (f && f->private_value)
                object_to(x, at, "不能合计不公开的字段“%s” | The private field “%s” cannot be totalled",
                          f->name, f->name);
            else if (f && sums && f->type != FIELD_INTEGER && f->type != FIELD_DECIMAL)
                object_to(x, at, "只能合计数值字段 | Only a number can be summed");
        }
    }
}

/* ---- paths through links ---- */

/* What can follow the name of a record field. */
static bool
reads_in(const struct kind *k, const char *rest, struct arena *a)
{
    const char *dot = strchr(rest, '.'), *why;
    const char *first = dot ? arena_copy(a, rest, (size_t)(dot - rest)) : rest;
    if (kind_field(k, first))
        return true;
    if (dot && text_equal(first, "total"))
        return kind_total(k, dot + 1) != NULL;
    if (dot && (text_equal(first, "late") || text_equal(first, "due")))
        return kind_clock(k, dot + 1) != NULL;
    if (dot && text_equal(first, "days"))
        return kind_field(k, dot + 1) != NULL;
    return (!dot && load_is_column(first)) || load_party_text(a, k, rest, false, &why) != NULL;
}

static void
check_path(struct look *x, const char *at, const char *path)
{
    const char *dot = strchr(path, '.');
    if (strchr(path, ':') && (!dot || strchr(path, ':') < dot))
        return;
    const struct kind_field *f =
        dot ? kind_field(x->k, arena_copy(x->t->arena, path, (size_t)(dot - path))) : NULL;
    if (!f || !f->n_kinds || f->type == FIELD_ARRAY)
        return;
    for (size_t i = 0; i < f->n_kinds; i++) {
        const struct kind *k = kind_find(x->c, f->kinds[i], 0);
        if (!k || reads_in(k, dot + 1, x->t->arena))
            return;
    }
    object_to(x, at, "“%s”：所指各类都没有“%s” | “%s”: none of the linked kinds has “%s”", path, dot + 1,
              path, dot + 1);
}

static void
check_private_path(struct look *x, const char *at, const char *path)
{
    const char *dot = strchr(path, '.');
    const struct kind_field *f =
        dot ? kind_field(x->k, arena_copy(x->t->arena, path, (size_t)(dot - path))) : NULL;
    for (size_t i = 0; f && i < f->n_kinds; i++) {
        const struct kind *k = kind_find(x->c, f->kinds[i], 0);
        const struct kind_field *there = k ? kind_field(k, dot + 1) : NULL;
        if (there && there->private_value)
            object_to(x, at, "计算字段不得读取“%s”：它在“%s”中不公开 | A computed field must not read “%s”: it is "
                             "private in “%s”", path, k->name, path, k->name);
    }
}

static void
walk_paths(struct look *x, const char *at, const struct json *v, bool public)
{
    for (size_t i = 0; json_is(v, JSON_ARRAY) && i < v->array.n; i++)
        walk_paths(x, json_pointer_index(x->t->arena, at, i), v->array.at[i], public);
    for (size_t i = 0; json_is(v, JSON_OBJECT) && i < v->object.n; i++) {
        const char *name = v->object.at[i].name, *here = under(x, at, name);
        const struct json *value = v->object.at[i].value;
        const char *path = text_equal(name, "var") ? json_text(value) : NULL;
        if (text_equal(name, "var") && json_is(value, JSON_ARRAY))
            path = json_text(json_at(value, 0));
        if (path) {
            check_path(x, here, path);
            if (public)
                check_private_path(x, here, path);
        }
        walk_paths(x, here, value, public || text_equal(name, "x-value"));
    }
}

/* ---- parties of linked records ---- */

static void
check_party(struct look *x, const char *at, const struct kind_party *p)
{
    while (p && p->sort != PARTY_LINK)
        p = p->inner;
    if (!p)
        return;
    const struct kind_field *f = kind_field(x->k, p->name);
    if (!f || !f->n_kinds)
        return;
    const char *rest = p->inner->text;
    for (size_t i = 0; i < f->n_kinds; i++) {
        const struct kind *k = kind_find(x->c, f->kinds[i], 0);
        const char *why;
        if (!k || load_party_text(x->t->arena, k, rest, false, &why))
            return;
    }
    object_to(x, at, "“%s”：所指各类都没有主体“%s” | “%s”: none of the linked kinds has the party “%s”",
              p->text,
              rest, p->text, rest);
}

static void
check_parties(struct look *x)
{
    const struct kind *k = x->k;
    for (size_t i = 0; i < k->n_states; i++)
        for (size_t j = 0; j < k->states[i].n_desk; j++)
            check_party(x, arena_format(x->t->arena, "/states/%zu/desk/%zu", i, j),
                        k->states[i].desk[j].party);
    for (size_t i = 0; i < k->n_steps; i++) {
        const struct kind_step *s = &k->steps[i];
        for (size_t j = 0; j < s->n_who; j++)
            check_party(x, arena_format(x->t->arena, "/steps/%zu/who/%zu", i, j), s->who[j].party);
        for (size_t j = 0; j < s->n_apart; j++)
            check_party(x, arena_format(x->t->arena, "/steps/%zu/apart/%zu", i, j), s->apart[j]);
        for (size_t j = 0; j < s->n_effects; j++)
            for (size_t m = 0; m < s->effects[j].n_parties; m++)
                check_party(x, under(x, s->effects[j].pointer, "notify"),
                            s->effects[j].parties[m]);
    }
    for (size_t i = 0; i < k->n_sight; i++) {
        const struct kind_sight *s = &k->sight[i];
        for (size_t j = 0; j < s->n_to; j++)
            check_party(x, arena_format(x->t->arena, "/sight/%zu/to/%zu", i, j), s->to[j]);
        for (size_t j = 0; j < s->n_never; j++)
            check_party(x, arena_format(x->t->arena, "/sight/%zu/never/%zu", i, j), s->never[j]);
        for (size_t j = 0; j < s->n_only; j++)
            check_party(x, arena_format(x->t->arena, "/sight/%zu/only/%zu", i, j),
                        s->only[j].party);
    }
}

/* ---- one of each ---- */

static void
check_steps_called(struct look *x)
{
    for (size_t i = 0; i < x->k->n_steps; i++) {
        const struct kind_step *s = &x->k->steps[i];
        bool rules_alone = s->n_who > 0;
        for (size_t j = 0; j < s->n_who; j++)
            rules_alone = rules_alone && s->who[j].is == IS_RULE;
        if (rules_alone && !s->condition && !catalog_calls(x->c, x->k, s))
            object_to(x, arena_format(x->t->arena, "/steps/%zu", i),
                      "规则步骤“%s”没有 if，也没有效果调用它，永远不会发生 | The rule's step “%s” has no if and no "
                      "effect calls it: it never happens", s->name, s->name);
    }
}

/* A row that comes in names the act it came in by: without that nobody could tell it apart. */
static void
check_carried(struct look *x)
{
    for (size_t i = 0; i < x->k->n_steps; i++) {
        bool named = false;
        if (!x->k->steps[i].creates || !x->k->steps[i].by_carry)
            continue;
        for (size_t j = 0; j < kind_catalog_count(x->c); j++)
            named |= kind_carried_by(x->k, kind_catalog_at(x->c, j)) != NULL;
        if (!named)
            object_to(x, arena_format(x->t->arena, "/steps/%zu/who", i),
                      "没有字段指向迁入它的记录（x-field record:类，该类有 carries） | No field names the act it comes "
                      "in by: x-field record:KIND, of a kind that has carries");
        if (!kind_carry_order(x->k))
            object_to(x, arena_format(x->t->arena, "/steps/%zu/ask", i),
                      "迁入的步骤须有一个必填的日期（字段!） | A step that carries in must demand a date (FIELD!)");
    }
}

static void
check_unique(struct look *x, size_t mine)
{
    for (size_t i = 0; i < mine; i++) {
        const struct kind *other = kind_catalog_at(x->c, i);
        const struct kind_step *a = kind_create_step(other), *b = kind_create_step(x->k);
        if (a->by_public && b->by_public)
            object_to(x, "/steps", "公众只能向一类记录报送，“%s”已经开放 | Only one kind may be open to the "
                                   "public; "
                                   "“%s” is", other->name, other->name);
        for (size_t j = 0; j < x->k->n_figures; j++)
            if (kind_figure(other, x->k->figures[j].name))
                object_to(x, arena_format(x->t->arena, "/figures/%zu/figure", j),
                          "指标“%s”已属于“%s” | The figure “%s” belongs to “%s” already",
                          x->k->figures[j].name, other->name, x->k->figures[j].name, other->name);
    }
}

enum fault_code
kind_catalog_check(struct task *t, const struct kind_catalog *c)
{
    struct look x = {.t = t, .c = c};
    for (size_t i = 0; i < kind_catalog_count(c); i++) {
        x.k = kind_catalog_at(c, i);
        check_links(&x);
        check_totals(&x);
        for (size_t j = 0; j < x.k->n_steps; j++)
            check_effects(&x, x.k->steps[j].effects, x.k->steps[j].n_effects);
        for (size_t j = 0; j < x.k->n_clocks; j++)
            check_effects(&x, x.k->clocks[j].rungs, x.k->clocks[j].n_rungs);
        for (size_t j = 0; j < x.k->n_sight; j++)
            if (x.k->sight[j].over)
                check_set(&x, arena_format(t->arena, "/sight/%zu/over", j), x.k->sight[j].over);
        walk_paths(&x, "", x.k->source, false);
        check_parties(&x);
        check_steps_called(&x);
        check_carried(&x);
        check_unique(&x, i);
    }
    unsigned loops = catalog_loops(t, c);
    return x.refused || loops ? FAULT_INPUT : FAULT_NONE;
}

/* ---- queries that users enter ---- */

/* Over a query totals are asked of indexed fields alone: nothing private, nothing that moves by itself. */
static bool
adds_up(const struct kind_total *total, const struct kind *of)
{
    const struct kind_field *f = kind_field(of, total->field);
    bool number = f && (f->type == FIELD_INTEGER || f->type == FIELD_DECIMAL);
    if (!total->field)
        return true;
    if (!f)
        return total->agg != AGG_SUM
               && (text_equal(total->field, "due") || text_equal(total->field, "created_at")
                   || text_equal(total->field, "closed_at"));
    return f->indexed && !f->private_value && (total->agg != AGG_SUM || number);
}

static void
check_query_totals(struct look *x, const char *at, const char *field, const struct kind *of)
{
    for (size_t i = 0; i < x->k->n_totals; i++) {
        const struct kind_total *total = &x->k->totals[i];
        if (!total->over || total->over->sort != SET_FIND
            || !text_equal(total->over->field, field) || adds_up(total, of))
            continue;
        object_to(x, under(x, at, "from"), "“%s”没有可供合计、标 x-index 的“%s” | “%s” has no “%s” marked "
                                           "x-index for the total to read",
                  of->name, total->field, of->name, total->field);
    }
}

enum fault_code
kind_query(struct task *t, const struct kind_catalog *c, const struct kind *k, const char *field,
           const char *pointer, const struct json *value, const struct kind_set **out)
{
    struct load l = {.t = t, .arena = t->arena, .k = (struct kind *)(uintptr_t)k};
    struct look x = {.t = t, .c = c, .k = k, .entered = true};
    const struct kind_set *set = load_query(&l, pointer, value);
    if (set)
        check_set(&x, pointer, set);
    if (set && kind_find(c, set->kind, 0))
        check_query_totals(&x, pointer, field, kind_find(c, set->kind, 0));
    if (!set || l.refused || x.refused)
        return FAULT_INPUT;
    *out = set;
    return FAULT_NONE;
}
