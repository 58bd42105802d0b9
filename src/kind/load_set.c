/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_set.c - sets and the totals over them.
 *
 * Knows: the one form of a set, its `where`, the aggregates; that a kept total (over links) changes
 * by deltas and so may look at stored fields under literal conditions only (question 2).
 * Does not know: fields and states of other kinds; kind_catalog_check looks them up.
 */
#include "kind/inside.h"
#include <string.h>

static const char *const ops[] = {"=", "!=", "<", "<=", ">", ">=", "in", "has", "under", "within",
                                  "missing", "draw"};

static bool
read_op(const char *text, enum kind_op *op)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (text_equal(ops[i], text)) {
            *op = (enum kind_op)i;
            return true;
        }
    return false;
}

/* A share "0.1" or a number of members, and the field that holds the seed. */
static void
check_draw(struct load *l, const char *at, const struct json *value)
{
    const char *seed = json_text(json_at(value, 1));
    if (!seed)
        seed = json_text_of(json_at(value, 1), "var");
    if (json_count(value) != 2 || !kind_field(l->k, seed))
        refuse(l, at, "draw 的值写成 [比例或个数, 种子字段] | Write the value of draw as [share or number, "
                      "seed field]");
}

static void
check_value(struct load *l, const char *at, const struct kind_where *w, bool kept)
{
    const struct load_scope scope = {.use = USE_GUARD};
    const char *path = json_text_of(w->value, "var"), *row;
    struct rule_duration d;
    if (json_is(w->value, JSON_OBJECT)) {
        if (!path || json_count(w->value) != 1)
            refuse(l, at, "值须是字面值或 {\"var\":…} | A value is a literal or {\"var\":…}");
        else if (kept)
            refuse(l, at, "保存的合计只能用字面值作条件 | A kept total takes literal conditions only: it "
                          "changes by deltas");
        else
            load_path(l, at, path, &scope, NULL);
    } else if (w->op == OP_IN && !json_is(w->value, JSON_ARRAY)) {
        refuse(l, at, "in 须给列表 | in needs a list");
    } else if (w->op == OP_WITHIN
               && !(json_text(w->value) && load_after(json_text(w->value), &d, &row) && !row)) {
        refuse(l, at, "within 须给时长，如 90d | within needs a duration such as 90d");
    } else if (w->op == OP_MISSING && !json_is(w->value, JSON_TRUE)
               && !json_is(w->value, JSON_FALSE)) {
        refuse(l, at, "missing 须给 true 或 false | missing needs true or false");
    } else if (w->op == OP_DRAW) {
        check_draw(l, at, w->value);
    }
}

static void
load_where_line(struct load *l, const char *at, const struct json *line, struct kind_where *w,
                bool kept)
{
    const char *field = json_text(json_at(line, 0)), *op = json_text(json_at(line, 1));
    *w = (struct kind_where){.field = field, .value = json_at(line, 2)};
    /* ["draw","0.1",{"var":"seed"}] says the same as ["id","draw",["0.1","seed"]]. */
    if (text_equal(field, "draw") && json_count(line) == 3) {
        struct json *value = json_array(l->arena);
        json_push(l->arena, value, json_at(line, 1));
        const char *seed = json_text_of(json_at(line, 2), "var");
        json_push(l->arena, value, seed ? json_str(l->arena, seed) : json_at(line, 2));
        *w = (struct kind_where){.field = "id", .op = OP_DRAW, .value = value};
    } else if (!field || json_count(line) != 3 || !json_is(line, JSON_ARRAY)) {
        refuse(l, at, "条件写成 [字段, 算符, 值] | Write a condition as [field, op, value]");
        return;
    } else if (!read_op(op, &w->op)) {
        refuse(l, json_pointer_index(l->arena, at, 1),
               "不认识的算符“%s”；可用 = != < <= > >= in has under within missing draw | Unknown op “%s”; "
               "use = != < <= > >= in has under within missing draw", op ? op : "?", op ? op : "?");
        return;
    }
    check_value(l, json_pointer_index(l->arena, at, 2), w, kept);
}

static void
load_where(struct load *l, const char *at, const struct json *object, struct kind_set *set,
           bool kept)
{
    const struct json *lines = load_list(l, at, object, "where");
    const char *here = json_pointer(l->arena, at, "where");
    struct kind_where *where = load_new(l, struct kind_where, json_count(lines));
    for (size_t i = 0; i < json_count(lines); i++)
        load_where_line(l, load_item(l, here, lines, i), json_at(lines, i), &where[i], kept);
    set->where = where;
    set->n_where = json_count(lines);
    const struct json *item = load_item_schema(l, set);
    for (size_t i = 0; item && i < set->n_where; i++)
        if (where[i].field && !json_get(json_get(item, "properties"), where[i].field))
            refuse(l, load_item(l, here, lines, i), "列表项里没有“%s” | An item of the list holds no "
                   "“%s”", where[i].field, where[i].field);
}

static bool
read_field_set(const struct kind_field *f, struct kind_set *set)
{
    static const char *const units[] = {"unit", "person", "post", "place"};
    set->field = f->name;
    if (text_equal(f->names, "find")) {
        set->sort = SET_FIND;
        return true;
    }
    if (text_equal(f->names, "record")) {
        set->sort = SET_RECORD;
        return true;
    }
    for (size_t i = 0; i < 4; i++)
        if (text_equal(f->names, units[i])) {
            set->sort = SET_UNITS;
            return true;
        }
    set->sort = SET_ITEMS;
    return f->type == FIELD_ARRAY;
}

static bool
read_link(struct load *l, const char *text, struct kind_set *set)
{
    const char *dot = strchr(text, '.');
    size_t n = strlen(dot + 1);
    bool tree = n && dot[n] == '*';
    set->sort = tree ? SET_TREE : SET_LINKED;
    set->kind = arena_copy(l->arena, text, (size_t)(dot - text));
    set->field = arena_copy(l->arena, dot + 1, tree ? n - 1 : n);
    return load_is_name(set->kind) && load_is_name(set->field);
}

/* `narrowed`: written as an object with `where` or `in`, which a single unit has no use for. */
static bool
read_source(struct load *l, const char *at, const char *text, bool narrowed, bool object,
            struct kind_set *set)
{
    const struct kind_field *f = kind_field(l->k, text);
    bool known;
    set->text = text;
    if (strchr(text, '.'))
        known = read_link(l, text, set);
    else if (text_equal(text, "places")) {
        set->sort = SET_PLACES;
        known = true;
    } else if (f && !(narrowed && f->type != FIELD_ARRAY && !text_equal(f->names, "record")
                      && !text_equal(f->names, "find"))) {
        known = read_field_set(f, set);
    } else {
        set->sort = SET_KIND;
        set->kind = text;
        known = object && load_is_name(text);
    }
    if (!known)
        refuse(l, at, "不是集合“%s”：可用列表字段、记录字段、KIND.FIELD、KIND.FIELD*、places，或 "
                      "{\"from\":…,\"where\":…} | “%s” is no set: use a list or record field, "
                      "KIND.FIELD, KIND.FIELD*, places, or {\"from\":…,\"where\":…}", text, text);
    return known;
}

const struct kind_set *
load_set(struct load *l, const char *at, const struct json *value, bool total)
{
    struct kind_set *set = load_new(l, struct kind_set, 1);
    if (json_text(value))
        return read_source(l, at, json_text(value), false, false, set) ? set : NULL;
    if (!load_words(l, at, value, "from in where"))
        return NULL;
    const char *from = json_text_of(value, "from"), *here = json_pointer(l->arena, at, "from");
    if (!from) {
        refuse(l, here, "缺少 from | from is missing");
        return NULL;
    }
    if (!read_source(l, here, from, json_get(value, "where") || json_get(value, "in"), true, set))
        return NULL;
    const struct json *in = load_in(l, at, value);
    set->states = load_names(l, json_pointer(l->arena, at, "in"), in, &set->n_states);
    if (set->sort == SET_FIND && (in || json_get(value, "where")))
        refuse(l, at, "查询字段的条件写在查询里 | A query holds its own conditions: no in and no where around "
                      "a field of type find");
    load_where(l, at, value, set, total && (set->sort == SET_LINKED || set->sort == SET_TREE));
    if (set->sort == SET_KIND && !set->n_where)
        refuse(l, here, "按类取记录须用地方、单位或人员收窄 | A kind without a link must be narrowed by a "
                        "where on place, a unit or a person");
    return set;
}

void
load_stated_values(struct load *l, const char *at, const struct kind_set *set)
{
    const struct load_scope scope = {.use = USE_VALUE};
    for (size_t i = 0; i < set->n_where; i++) {
        const char *path = json_text_of(set->where[i].value, "var");
        const char *here = json_pointer_index(l->arena, json_pointer(l->arena, at, "where"), i);
        if (path)
            load_path(l, json_pointer_index(l->arena, here, 2), path, &scope, NULL);
    }
}

const struct kind_set *
load_query(struct load *l, const char *at, const struct json *value)
{
    struct kind_set *set = load_new(l, struct kind_set, 1);
    if (!load_words(l, at, value, "from in where"))
        return NULL;
    set->sort = SET_KIND;
    set->kind = set->text = json_text_of(value, "from");
    if (!load_is_name(set->kind)) {
        refuse(l, json_pointer(l->arena, at, "from"), "须写查询哪一类 | Say which kind is asked");
        return NULL;
    }
    set->states = load_names(l, json_pointer(l->arena, at, "in"), load_in(l, at, value),
                             &set->n_states);
    load_where(l, at, value, set, false);
    load_stated_values(l, at, set);
    if (!set->n_where)
        refuse(l, json_pointer(l->arena, at, "where"), "查询须用地方、单位或人员收窄 | A query must fix a place, "
                                                       "a unit or a person");
    return set;
}

/* ---- totals ---- */

bool
load_agg(const char *text, enum kind_agg *agg, const char **rest)
{
    static const struct {
        const char *word;
        enum kind_agg agg;
    } aggs[] = {{"count", AGG_COUNT}, {"sum:", AGG_SUM},   {"min:", AGG_MIN},
                {"max:", AGG_MAX},    {"latest:", AGG_LATEST}, {"any", AGG_ANY},
                {"all", AGG_ALL},     {"none", AGG_NONE},  {"ratio:", AGG_RATIO}};
    *rest = NULL;
    for (size_t i = 0; text && i < sizeof aggs / sizeof *aggs; i++) {
        size_t n = strlen(aggs[i].word);
        bool named = aggs[i].word[n - 1] == ':';
        if (named ? !text_starts(text, aggs[i].word) : !text_equal(text, aggs[i].word))
            continue;
        *agg = aggs[i].agg;
        *rest = named ? text + n : NULL;
        return !named || text[n];
    }
    return false;
}

static void
load_total(struct load *l, const char *at, struct kind_total *x, const struct json *value)
{
    const char *rest, *agg = json_text_of(value, "agg"), *here = json_pointer(l->arena, at, "agg");
    if (!load_words(l, at, value, "over agg title"))
        return;
    load_title(l, at, value, false);
    if (!load_agg(agg, &x->agg, &rest)) {
        refuse(l, here, "不认识的合计方式；可用 count sum:F min:F max:F latest:F any all none ratio:A/B | "
                        "Unknown aggregate; use count sum:F min:F max:F latest:F any all none "
                        "ratio:A/B");
        return;
    }
    if (x->agg == AGG_RATIO) {
        const char *slash = strchr(rest, '/');
        x->a = slash ? arena_copy(l->arena, rest, (size_t)(slash - rest)) : rest;
        x->b = slash ? slash + 1 : NULL;
        if (!slash || json_get(value, "over"))
            refuse(l, here, "比率写成 ratio:A/B，不带 over | Write ratio:A/B, without over");
        return;
    }
    x->field = rest;
    here = json_pointer(l->arena, at, "over");
    x->over = load_set(l, here, json_get(value, "over"), true);
    if (x->over && (x->over->sort == SET_ITEMS || x->over->sort == SET_UNITS
                    || x->over->sort == SET_PLACES))
        refuse(l, here, "合计只对记录；本记录的列表用 reduce 计算 | A total is over records; use reduce for a "
                        "list of this record");
    if (x->over && (x->agg == AGG_ANY || x->agg == AGG_ALL || x->agg == AGG_NONE)
        && x->over->sort != SET_FIND && !x->over->n_where && !x->over->n_states)
        refuse(l, here, "any、all、none 须有条件 | any, all and none need a where");
    if (x->over && x->agg == AGG_ALL
        && (x->over->sort == SET_KIND || x->over->sort == SET_FIND))
        refuse(l, here, "all 只用于链接：查询的条件已选出成员；可用 none 加相反的条件 | all is asked of links: the "
                        "conditions of a query choose its members; use none with the opposite");
}

void
load_totals(struct load *l)
{
    const struct json *totals = json_get(l->file, "totals");
    if (!totals)
        return;
    if (!json_is(totals, JSON_OBJECT)) {
        refuse(l, "/totals", "须是对象：名称 → {over, agg} | An object: name → {over, agg}");
        return;
    }
    l->k->totals = l->totals = load_new(l, struct kind_total, totals->object.n);
    for (size_t i = 0; i < totals->object.n; i++) {
        l->totals[i].name = totals->object.at[i].name;
        if (!load_is_name(l->totals[i].name))
            refuse(l, json_pointer(l->arena, "/totals", l->totals[i].name),
                   "合计的名称只用小写字母、数字和下划线 | A total's name has lower-case letters, digits and "
                   "underscores");
    }
    l->k->n_totals = totals->object.n;
    for (size_t i = 0; i < totals->object.n; i++)
        load_total(l, json_pointer(l->arena, "/totals", l->totals[i].name), &l->totals[i],
                   totals->object.at[i].value);
    for (size_t i = 0; i < l->k->n_totals; i++)
        if (l->totals[i].agg == AGG_RATIO
            && (!kind_total(l->k, l->totals[i].a) || !kind_total(l->k, l->totals[i].b)))
            refuse(l, arena_format(l->arena, "/totals/%s/agg", l->totals[i].name),
                   "比率的两项须是本定义的合计 | Both sides of a ratio are totals of this definition");
}
