/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_figure.c - figures, numbers, what pages show, and how records move between versions.
 *
 * Knows: figures stand on stored, public values; a number must not tell what is private.
 * Does not know: how figures are kept exact (rollup) or numbers given (record).
 */
#include "kind/inside.h"
#include <string.h>

/* ---- figures ---- */

static void
read_by(struct load *l, const char *at, const struct json *value, struct kind_figure *g)
{
    const struct json *by = load_list(l, at, value, "by");
    const char *here = json_pointer(l->arena, at, "by");
    g->by_names = load_names(l, here, by, &g->n_by);
    const struct kind_field **fields = load_new(l, const struct kind_field *, g->n_by);
    g->by = fields;
    if (g->n_by > 4)
        refuse(l, here, "维度最多四个 | At most four dimensions");
    for (size_t i = 0; i < g->n_by; i++) {
        const struct kind_field *f = fields[i] = kind_field(l->k, g->by_names[i]);
        const char *item = load_item(l, here, by, i);
        if (!f && text_equal(g->by_names[i], "state"))
            continue;
        if (!f)
            refuse(l, item, "没有字段“%s” | There is no field “%s”", g->by_names[i], g->by_names[i]);
        else if (f->private_value)
            refuse(l, item, "不公开的字段不能作维度 | A private field cannot be a dimension");
        else if (!f->indexed)
            refuse(l, item, "维度字段须标 x-index | A dimension must be marked x-index");
        else if (f->type == FIELD_ARRAY)
            refuse(l, item, "列表不能作维度 | A list cannot be a dimension");
    }
}

static void
read_sum(struct load *l, const char *at, const char *name, struct kind_figure *g)
{
    const struct kind_field *f = kind_field(l->k, name);
    g->field = name;
    if (!f || (f->type != FIELD_INTEGER && f->type != FIELD_DECIMAL))
        refuse(l, at, "只能合计数值字段 | Only a number can be summed");
    else if (f->private_value)
        refuse(l, at, "不能合计不公开的字段 | A private field cannot be summed");
    else if (f->kept_total)
        refuse(l, at, "不能合计随时变化的计算字段 | A value that moves by itself is not stored and cannot be "
                      "summed");
}

static void
read_measure(struct load *l, const char *at, const struct json *value, struct kind_figure *g)
{
    const char *rest, *here = json_pointer(l->arena, at, "agg");
    if (!load_agg(json_text_of(value, "agg"), &g->agg, &rest)
        || (g->agg != AGG_COUNT && g->agg != AGG_SUM && g->agg != AGG_RATIO)) {
        refuse(l, here, "指标的合计方式：count、sum:F、ratio:A/B | A figure's aggregate: count, sum:F, "
                        "ratio:A/B");
        return;
    }
    if (g->agg == AGG_SUM)
        read_sum(l, here, rest, g);
    if (g->agg != AGG_RATIO)
        return;
    const char *slash = strchr(rest, '/');
    g->a = slash ? arena_copy(l->arena, rest, (size_t)(slash - rest)) : rest;
    g->b = slash ? slash + 1 : NULL;
    const struct kind_figure *a = kind_figure(l->k, g->a), *b = kind_figure(l->k, g->b);
    if (!a || !b || a == g || b == g)
        refuse(l, here, "比率的两项须是本定义的指标 | Both sides of a ratio are figures of this definition");
    if (json_get(value, "in") || json_get(value, "step") || json_get(value, "by"))
        refuse(l, at, "比率只由两项相除，不带 in、step、by | A ratio is a division of two figures: no in, step "
                      "or by");
}

static void
read_course(struct load *l, const char *at, const struct json *value, struct kind_figure *g)
{
    const struct json *in = load_in(l, at, value), *step = json_get(value, "step");
    const char *here = json_pointer(l->arena, at, "step");
    g->stock = in != NULL;
    g->in = load_states_of(l, json_pointer(l->arena, at, "in"), in);
    if (json_text(step)) {
        struct json *one = json_array(l->arena);
        json_push(l->arena, one, json_str(l->arena, json_text(step)));
        step = one;
    }
    g->steps = load_names(l, here, step, &g->n_steps);
    for (size_t i = 0; i < g->n_steps; i++)
        if (!kind_step(l->k, g->steps[i]))
            refuse(l, load_item(l, here, step, i), "没有步骤“%s” | There is no step “%s”", g->steps[i],
                   g->steps[i]);
    if (g->agg != AGG_RATIO && (g->stock == (g->n_steps > 0)))
        refuse(l, at, "指标或者是存量（in），或者是流量（step） | A figure is a stock (in) or a flow (step)");
    g->from = json_text_of(value, "from");
    const struct kind_field *f = kind_field(l->k, g->from);
    if (g->from && (!f || (f->type != FIELD_DATE && f->type != FIELD_TIME)))
        refuse(l, json_pointer(l->arena, at, "from"), "须是日期字段 | A date field belongs here");
}

static void
load_figure(struct load *l, const char *at, const struct json *value, struct kind_figure *g)
{
    const struct load_scope scope = {.use = USE_FIGURE};
    if (!load_words(l, at, value, "figure title rule agg in step by if from"))
        return;
    g->title = load_title(l, at, value, true);
    g->rule = json_text_of(value, "rule");
    if (json_get(value, "rule") && !load_title_holds(l, json_pointer(l->arena, at, "rule"), g->rule))
        g->rule = NULL;
    read_measure(l, at, value, g);
    read_course(l, at, value, g);
    read_by(l, at, value, g);
    g->condition = json_get(value, "if");
    if (g->condition)
        load_if(l, json_pointer(l->arena, at, "if"), g->condition, &scope);
}

void
load_figures(struct load *l)
{
    const struct json *figures = load_list(l, "", l->file, "figures");
    size_t n = json_count(figures);
    l->k->figures = l->figures = load_new(l, struct kind_figure, n);
    for (size_t i = 0; i < n; i++) {
        const char *at = load_item(l, "/figures", figures, i);
        const char *name = load_name(l, at, json_at(figures, i), "figure");
        if (name && kind_figure(l->k, name))
            refuse(l, json_pointer(l->arena, at, "figure"), "指标“%s”写了两次 | The figure “%s” stands "
                   "twice", name, name);
        l->figures[i].name = name ? name : "";
        l->k->n_figures = i + 1;
    }
    for (size_t i = 0; i < n; i++)
        load_figure(l, load_item(l, "/figures", figures, i), json_at(figures, i), &l->figures[i]);
}

/* ---- numbers ---- */

static void
check_slot(struct load *l, const char *slot, size_t len, bool *serial)
{
    const char *name = arena_copy(l->arena, slot, len);
    if (text_starts(name, "serial:")) {
        *serial = name[7] >= '1' && name[7] <= '9' && !name[8];
        if (!*serial)
            refuse(l, "/number/set", "流水号写 {serial:1} 至 {serial:9} | Write {serial:1} to "
                                     "{serial:9}");
        return;
    }
    if (text_equal(name, "place") || text_equal(name, "year") || text_equal(name, "month")
        || text_equal(name, "day") || text_equal(name, "line"))
        return;
    const struct kind_field *f = kind_field(l->k, name);
    if (!f)
        refuse(l, "/number/set", "没有“{%s}” | There is no “{%s}”", name, name);
    else if (f->private_value || f->type == FIELD_ARRAY || f->type == FIELD_OBJECT)
        refuse(l, "/number/set", "编号不得含不公开的字段“%s” | A number must not hold the private field “%s”",
               name, name);
}

void
load_number(struct load *l)
{
    const struct json *number = json_get(l->file, "number");
    bool serial = false;
    if (!number || !load_words(l, "/number", number, "step set"))
        return;
    l->k->number_step = json_text_of(number, "step");
    l->k->number_pattern = json_text_of(number, "set");
    if (!kind_step(l->k, l->k->number_step))
        refuse(l, "/number/step", "没有这个步骤 | There is no such step");
    if (!l->k->number_pattern) {
        refuse(l, "/number/set", "须写编号式样，如 {place}-YH-{year}-{serial:6} | Write the pattern, "
                                 "such as "
                                 "{place}-YH-{year}-{serial:6}");
        return;
    }
    for (const char *p = l->k->number_pattern; (p = strchr(p, '{')) != NULL;) {
        const char *end = strchr(++p, '}');
        if (!end) {
            refuse(l, "/number/set", "花括号没有合上 | A brace is not closed");
            return;
        }
        check_slot(l, p, (size_t)(end - p), &serial);
        p = end;
    }
    if (!serial)
        refuse(l, "/number/set", "编号须有 {serial:N} | A number needs {serial:N}");
}

/* ---- show ---- */

/* Sentences of a paper, each "中文 | English". */
static const char **
load_sentences(struct load *l, const char *at, const struct json *value, const char *word, size_t *n)
{
    const char *here = json_pointer(l->arena, at, word);
    const struct json *list = load_list(l, at, value, word);
    const char **out = load_new(l, const char *, json_count(list));

    *n = 0;
    if (json_count(list) && !text_equal(json_text_of(value, "to"), "print"))
        refuse(l, here, "只有打印件可写这一项 | Only a paper has this word");
    for (size_t i = 0; i < json_count(list); i++) {
        const char *text = json_text(json_at(list, i));

        if (load_title_holds(l, load_item(l, here, list, i), text))
            out[(*n)++] = text;
    }
    return out;
}

static void
load_shown(struct load *l, const char *at, const struct json *value, struct kind_show *s)
{
    static const char *const where[] = {"list", "filter", "form", "card", "plate", "print", "map"};
    const struct load_scope scope = {.use = USE_GUARD};
    bool known = false;
    if (!load_words(l, at, value, "to title fields if by signs says"))
        return;
    s->to = json_text_of(value, "to");
    s->title = load_title(l, at, value, false);
    for (size_t i = 0; i < sizeof where / sizeof *where; i++)
        known |= text_equal(where[i], s->to);
    if (!known)
        refuse(l, json_pointer(l->arena, at, "to"), "可用 list filter form card plate print map | "
                                                    "Use "
                                                    "list filter form card plate print map");
    const char *here = json_pointer(l->arena, at, "fields");
    const struct json *fields = load_list(l, at, value, "fields");
    s->fields = load_names(l, here, fields, &s->n_fields);
    for (size_t i = 0; i < s->n_fields; i++) {
        const struct kind_field *f = kind_field(l->k, s->fields[i]);
        if (!f && !load_is_column(s->fields[i]) && !text_equal(s->fields[i], "title"))
            refuse(l, load_item(l, here, fields, i), "没有字段“%s” | There is no field “%s”",
                   s->fields[i], s->fields[i]);
        if (f && text_equal(s->to, "filter") && !f->indexed)
            refuse(l, load_item(l, here, fields, i), "筛选字段须标 x-index | A filter needs x-index");
        if (f && f->seal && text_equal(s->to, "plate"))
            refuse(l, load_item(l, here, fields, i), "封存的字段不能公示 | A sealed field cannot stand on a "
                                                     "public plate");
    }
    s->by = json_text_of(value, "by");
    const struct kind_field *by = kind_field(l->k, s->by);
    if (json_get(value, "by") && !(by && text_equal(by->names, "unit")) && !text_equal(s->by, "owner"))
        refuse(l, json_pointer(l->arena, at, "by"),
               "须是单位字段，或 owner | A field that names a unit belongs here, or owner");
    s->signs = load_sentences(l, at, value, "signs", &s->n_signs);
    s->says = load_sentences(l, at, value, "says", &s->n_says);
    s->condition = json_get(value, "if");
    if (s->condition)
        load_if(l, json_pointer(l->arena, at, "if"), s->condition, &scope);
}

void
load_show(struct load *l)
{
    const struct json *show = load_list(l, "", l->file, "show");
    struct kind_show *out = load_new(l, struct kind_show, json_count(show));
    for (size_t i = 0; i < json_count(show); i++)
        load_shown(l, load_item(l, "/show", show, i), json_at(show, i), &out[i]);
    l->k->show = out;
    l->k->n_show = json_count(show);
}

/* ---- migrate ---- */

static void
load_move(struct load *l, const char *at, const struct json *value, struct kind_migrate *m)
{
    const struct load_scope scope = {.use = USE_GUARD};
    if (!load_words(l, at, value, "from if to set"))
        return;
    const struct json *from = load_list(l, at, value, "from");
    const char *here = json_pointer(l->arena, at, "from");
    int *versions = load_new(l, int, json_count(from));
    for (size_t i = 0; i < json_count(from); i++) {
        versions[i] = (int)json_integer(json_at(from, i), 0);
        if (versions[i] < 1 || versions[i] >= l->k->version)
            refuse(l, load_item(l, here, from, i), "须是更早的版本号 | An earlier version belongs here");
    }
    m->from = versions;
    m->n_from = json_count(from);
    if (!m->n_from)
        refuse(l, here, "须写从哪些版本迁入 | Say from which versions records move");
    m->condition = json_get(value, "if");
    if (m->condition)
        load_if(l, json_pointer(l->arena, at, "if"), m->condition, &scope);
    m->to = json_get(value, "to");
    here = json_pointer(l->arena, at, "to");
    if (m->to && !json_is(m->to, JSON_OBJECT))
        refuse(l, here, "须是对象：旧状态 → 新状态 | An object: old state → new state");
    for (size_t i = 0; json_is(m->to, JSON_OBJECT) && i < m->to->object.n; i++)
        if (!kind_state(l->k, json_text(m->to->object.at[i].value)))
            refuse(l, json_pointer(l->arena, here, m->to->object.at[i].name),
                   "本版本没有这个状态 | This version has no such state");
    m->set = load_assigns(l, json_pointer(l->arena, at, "set"), json_get(value, "set"), NULL, false,
                          &m->n_set);
}

void
load_migrate(struct load *l)
{
    const struct json *moves = load_list(l, "", l->file, "migrate");
    struct kind_migrate *out = load_new(l, struct kind_migrate, json_count(moves));
    for (size_t i = 0; i < json_count(moves); i++)
        load_move(l, load_item(l, "/migrate", moves, i), json_at(moves, i), &out[i]);
    l->k->migrate = out;
    l->k->n_migrate = json_count(moves);
}
