/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/describe.c - a kind as pages and the API read it.
 *
 * Knows: titles become {"zh","en"}, a field that names something says where its ids come from.
 * Does not know: who asks; what they may see is decided above.
 */
#include "kind/kind.h"
#include <string.h>

struct json *
kind_title(struct arena *a, const char *title)
{
    struct json *out = json_object(a);
    if (!title)
        return json_null(a);
    json_set_str(a, out, "zh", text_half(a, title, false));
    json_set_str(a, out, "en", text_half(a, title, true));
    return out;
}

struct json *
kind_value_title(struct arena *a, const struct kind_field *f, const char *value)
{
    const struct json *titles = json_get(f->schema, "x-titles");
    if (!titles)
        titles = json_get(json_get(f->schema, "items"), "x-titles");
    const char *title = value ? json_text_of(titles, value) : NULL;
    if (title)
        return kind_title(a, title);
    struct json *out = json_object(a);
    json_set_str(a, out, "zh", value);
    json_set_str(a, out, "en", value);
    return out;
}

/* ---- schemas ---- */

static const char *
route(struct arena *a, const struct json *schema)
{
    const char *mark = json_text_of(schema, "x-field"), *table = json_text_of(schema, "x-table");
    if (text_equal(mark, "unit"))
        return "/api/v1/units";
    if (text_equal(mark, "person"))
        return "/api/v1/people";
    if (text_equal(mark, "place"))
        return "/api/v1/places";
    if (mark && text_starts(mark, "code:"))
        return arena_format(a, "/api/v1/codes/%s", mark + 5);
    if (text_equal(mark, "edition") && table)
        return arena_format(a, "/api/v1/codes/%s", table);
    if (!mark || !text_starts(mark, "record:"))
        return NULL;
    char *kinds = arena_text(a, mark + 7);
    for (char *p = kinds; *p; p++)
        if (*p == '|')
            *p = ',';
    return arena_format(a, "/api/v1/records?kind=%s", kinds);
}

static struct json *described(struct arena *a, const struct json *schema);

static struct json *
described_inside(struct arena *a, const struct json *properties)
{
    struct json *out = json_object(a);
    for (size_t i = 0; json_is(properties, JSON_OBJECT) && i < properties->object.n; i++)
        json_set(a, out, properties->object.at[i].name,
                 described(a, properties->object.at[i].value));
    return out;
}

static struct json *
described(struct arena *a, const struct json *schema)
{
    struct json *out = json_shallow(a, schema);
    const struct json *titles = json_get(schema, "x-titles");
    const char *from = route(a, schema);
    if (json_text_of(schema, "title"))
        json_set(a, out, "title", kind_title(a, json_text_of(schema, "title")));
    if (json_is(titles, JSON_OBJECT)) {
        struct json *both = json_object(a);
        for (size_t i = 0; i < titles->object.n; i++)
            json_set(a, both, titles->object.at[i].name,
                     kind_title(a, json_text(titles->object.at[i].value)));
        json_set(a, out, "x-titles", both);
    }
    if (from)
        json_set_str(a, out, "x-from", from);
    if (json_get(schema, "items"))
        json_set(a, out, "items", described(a, json_get(schema, "items")));
    if (json_get(schema, "properties"))
        json_set(a, out, "properties", described_inside(a, json_get(schema, "properties")));
    return out;
}

static struct json *
describe_fields(struct arena *a, const struct kind *k)
{
    struct json *out = json_object(a), *properties = json_object(a), *required = json_array(a);
    for (size_t i = 0; i < k->n_fields; i++) {
        const struct kind_field *f = &k->fields[i];
        struct json *schema = described(a, f->schema);
        if (f->computed)
            json_set_bool(a, schema, "readOnly", true);
        json_set(a, properties, f->name, schema);
        if (f->required)
            json_push(a, required, json_str(a, f->name));
    }
    json_set_str(a, out, "type", "object");
    json_set(a, out, "properties", properties);
    json_set(a, out, "required", required);
    return json_set_bool(a, out, "additionalProperties", false);
}

struct json *
kind_step_schema(struct task *t, const struct kind *k, const struct kind_step *s)
{
    struct arena *a = t->arena;
    struct json *out = json_object(a), *properties = json_object(a), *required = json_array(a);
    must(k != NULL);
    for (size_t i = 0; i < s->n_ask; i++) {
        const struct kind_field *f = s->ask[i].field;
        json_set(a, properties, f->name, described(a, f->schema));
        if (s->ask[i].now)
            json_push(a, required, json_str(a, f->name));
    }
    json_set_str(a, out, "type", "object");
    json_set(a, out, "properties", properties);
    json_set(a, out, "required", required);
    return json_set_bool(a, out, "additionalProperties", false);
}

/* ---- lists ---- */

static struct json *
names(struct arena *a, const char *const *list, size_t n)
{
    struct json *out = json_array(a);
    for (size_t i = 0; i < n; i++)
        json_push(a, out, json_str(a, list[i]));
    return out;
}

static struct json *
describe_states(struct arena *a, const struct kind *k)
{
    struct json *out = json_array(a);
    for (size_t i = 0; i < k->n_states; i++) {
        struct json *one = json_object(a);
        json_set_str(a, one, "state", k->states[i].name);
        json_set(a, one, "title", kind_title(a, k->states[i].title));
        if (k->states[i].final)
            json_set_bool(a, one, "final", true);
        if (k->states[i].hold)
            json_set(a, one, "hold", kind_title(a, k->states[i].hold));
        json_push(a, out, one);
    }
    return out;
}

static struct json *
describe_steps(struct arena *a, const struct kind *k)
{
    struct json *out = json_array(a);
    for (size_t i = 0; i < k->n_steps; i++) {
        const struct kind_step *s = &k->steps[i];
        const struct kind_state *to = kind_state_at(k, s->to);
        struct json *one = json_object(a), *from = json_array(a);
        for (size_t j = 0; j < k->n_states; j++)
            if (kind_in(s->from, k->states[j].number))
                json_push(a, from, json_str(a, k->states[j].name));
        json_set_str(a, one, "step", s->name);
        json_set(a, one, "title", kind_title(a, s->title));
        json_set(a, one, "from", from);
        json_set(a, one, "to", json_str(a, to ? to->name : NULL));
        json_push(a, out, one);
    }
    return out;
}

static struct json *
describe_clocks(struct arena *a, const struct kind *k)
{
    struct json *out = json_array(a);
    for (size_t i = 0; i < k->n_clocks; i++) {
        struct json *one = json_object(a);
        json_set_str(a, one, "clock", k->clocks[i].name);
        json_set(a, one, "title", kind_title(a, k->clocks[i].title));
        json_push(a, out, one);
    }
    return out;
}

/* "中文、中文" or "English, English" of titles. */
static void
add_titles(struct text *out, const struct kind *k, const struct kind_figure *f, bool english)
{
    bool any = false;

    for (size_t i = 0; f->stock && i < k->n_states; i++)
        if (kind_in(f->in, k->states[i].number)) {
            text_puts(out, any ? english ? ", " : "、" : "");
            text_puts(out, text_half(out->arena, k->states[i].title, english));
            any = true;
        }
    for (size_t i = 0; i < f->n_steps; i++) {
        text_puts(out, any ? english ? ", " : "、" : "");
        text_puts(out, text_half(out->arena, kind_step(k, f->steps[i])->title, english));
        any = true;
    }
}

static const char *
rule_in_words(struct task *t, const struct kind *k, const struct kind_figure *f, bool english)
{
    const char *title = text_half(t->arena, f->rule ? f->rule : f->title, english);
    const struct kind_field *day = f->from ? kind_field(k, f->from) : NULL;
    struct text out;

    if (f->rule)
        return title;
    text_init(&out, t->arena);
    if (f->agg == AGG_RATIO) {
        text_printf(&out, "%s ÷ %s", text_half(t->arena, kind_figure(k, f->a)->title, english),
                    text_half(t->arena, kind_figure(k, f->b)->title, english));
        return text_string(&out);
    }
    text_puts(&out, f->stock ? english ? "in the states: " : "处于：" : english ? "steps made: " : "办理的步骤：");
    add_titles(&out, k, f, english);
    if (day)
        text_printf(&out, english ? "; counted on the day of: %s" : "；计入“%s”当日",
                    text_half(t->arena, day->title, english));
    if (f->agg == AGG_SUM)
        text_printf(&out, english ? "; adds up: %s" : "；合计“%s”",
                    text_half(t->arena, kind_field(k, f->field)->title, english));
    if (f->condition)
        text_puts(&out, english ? "; under the condition of its definition" : "；并符合定义所写的条件");
    return text_string(&out);
}

struct json *
kind_figure_rule(struct task *t, const struct kind *k, const struct kind_figure *f)
{
    struct json *o = json_object(t->arena);

    json_set_str(t->arena, o, "zh", rule_in_words(t, k, f, false));
    json_set_str(t->arena, o, "en", rule_in_words(t, k, f, true));
    return o;
}

static struct json *
describe_figures(struct arena *a, const struct kind *k)
{
    static const char *const always[] = {"place", "line", "day"};
    struct json *out = json_array(a);
    for (size_t i = 0; i < k->n_figures; i++) {
        const struct kind_figure *g = &k->figures[i];
        struct json *one = json_object(a), *dimensions = names(a, always, 3);
        /* A ratio can be asked by what both its sides know. */
        const struct kind_figure *of = g->agg == AGG_RATIO ? kind_figure(k, g->b) : g;
        const struct kind_figure *also = g->agg == AGG_RATIO ? kind_figure(k, g->a) : g;
        for (size_t j = 0; of && also && j < of->n_by; j++)
            for (size_t m = 0; m < also->n_by; m++)
                if (text_equal(of->by_names[j], also->by_names[m]))
                    json_push(a, dimensions, json_str(a, of->by_names[j]));
        json_set_str(a, one, "figure", g->name);
        json_set(a, one, "title", kind_title(a, g->title));
        json_set(a, one, "dimensions", dimensions);
        json_push(a, out, one);
    }
    return out;
}

static struct json *
sentences(struct arena *a, const char *const *list, size_t n)
{
    struct json *out = json_array(a);
    for (size_t i = 0; i < n; i++)
        json_push(a, out, kind_title(a, list[i]));
    return out;
}

static struct json *
describe_show(struct arena *a, const struct kind *k)
{
    struct json *out = json_array(a);
    for (size_t i = 0; i < k->n_show; i++) {
        const struct kind_show *s = &k->show[i];
        struct json *one = json_object(a);
        json_set_str(a, one, "to", s->to);
        if (s->title)
            json_set(a, one, "title", kind_title(a, s->title));
        json_set(a, one, "fields", names(a, s->fields, s->n_fields));
        if (s->condition)
            json_set(a, one, "if", json_shallow(a, s->condition));
        if (s->by)
            json_set_str(a, one, "by", s->by);
        if (s->n_signs)
            json_set(a, one, "signs", sentences(a, s->signs, s->n_signs));
        if (s->n_says)
            json_set(a, one, "says", sentences(a, s->says, s->n_says));
        json_push(a, out, one);
    }
    return out;
}

/* What a page needs to lead two people through an old ledger: steps and fields by their names. */
static struct json *
describe_carries(struct arena *a, const struct kind_carries *c)
{
    struct json *out = json_object(a);
    if (!c)
        return json_null(a);
    json_set(a, out, "by", names(a, (const char *const[]){c->prepared->name, c->confirmed->name}, 2));
    json_set_str(a, out, "into", c->into->name);
    json_set_str(a, out, "rows", c->rows->name);
    json_set_str(a, out, "taken", c->taken->name);
    json_set_str(a, out, "refused", c->refused->name);
    json_set_str(a, out, "left", c->left->name);
    return out;
}

struct json *
kind_describe(struct task *t, const struct kind *k)
{
    struct arena *a = t->arena;
    struct json *out = json_object(a);
    json_set_str(a, out, "kind", k->name);
    json_set_int(a, out, "version", k->version);
    json_set(a, out, "title", kind_title(a, k->title));
    json_set_str(a, out, "digest", k->digest);
    json_set(a, out, "fields", describe_fields(a, k));
    json_set(a, out, "states", describe_states(a, k));
    json_set(a, out, "steps", describe_steps(a, k));
    json_set(a, out, "clocks", describe_clocks(a, k));
    json_set(a, out, "figures", describe_figures(a, k));
    json_set(a, out, "show", describe_show(a, k));
    json_set(a, out, "carries", describe_carries(a, k->carries));
    if (k->number_pattern) {
        struct json *number = json_object(a);
        json_set_str(a, number, "step", k->number_step);
        json_set_str(a, number, "set", k->number_pattern);
        json_set(a, out, "number", number);
    } else {
        json_set(a, out, "number", json_null(a));
    }
    return out;
}
