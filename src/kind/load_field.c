/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_field.c - the fields of a kind: what each names, keeps private, computes.
 *
 * Knows: free text is private unless x-public says otherwise (its salted digest, not itself, goes
 * into the hashed bytes, so that it can be erased); a computed field is own or kept (question 2).
 * Does not know: keywords of schemas (load_schema.c), how a condition is judged.
 */
#include "kind/inside.h"
#include <string.h>

/* Names that a condition would read as something else. */
static bool
is_taken(const char *name)
{
    static const char *const taken[] = {
        "id",    "number", "state", "place", "owner", "raiser", "desk",  "created_at", "closed_at",
        "cycle", "today",  "now",   "actor", "me",    "old",    "total", "late",       "days",
        "item",  "owed",   "public", "places"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (text_equal(taken[i], name))
            return true;
    return false;
}

static const char *
type_name(const struct json *schema)
{
    const struct json *type = json_get(schema, "type");
    if (json_is(type, JSON_ARRAY))
        type = json_at(type, 0);
    if (json_text(type))
        return json_text(type);
    const struct json *sample = json_at(json_get(schema, "enum"), 0);
    if (!sample)
        sample = json_get(schema, "const");
    if (json_is(sample, JSON_STRING))
        return "string";
    if (json_is(sample, JSON_INTEGER))
        return "integer";
    if (json_is(sample, JSON_TRUE) || json_is(sample, JSON_FALSE))
        return "boolean";
    return NULL;
}

static void
read_type(struct load *l, const char *at, struct kind_field *f)
{
    const char *type = type_name(f->schema), *format = json_text_of(f->schema, "format");
    if (text_equal(type, "integer"))
        f->type = FIELD_INTEGER;
    else if (text_equal(type, "boolean"))
        f->type = FIELD_BOOLEAN;
    else if (text_equal(type, "array"))
        f->type = FIELD_ARRAY;
    else if (text_equal(type, "object"))
        f->type = FIELD_OBJECT;
    else if (!text_equal(type, "string"))
        refuse(l, at, "字段须写明类型 | A field must say its type");
    else if (text_equal(f->names, "money") || text_equal(f->names, "decimal"))
        f->type = FIELD_DECIMAL;
    else if (text_equal(format, "date"))
        f->type = FIELD_DATE;
    else if (text_equal(format, "date-time"))
        f->type = FIELD_TIME;
    else
        f->type = FIELD_TEXT;
}

/* Text that nothing closed describes, alone or anywhere inside. */
static bool
is_free_text(const struct json *schema)
{
    static const char *const closed[] = {"enum", "const", "x-field", "pattern"};
    if (json_is_true(json_get(schema, "x-public")) || json_get(schema, "x-value"))
        return false;
    for (size_t i = 0; i < 4; i++)
        if (json_get(schema, closed[i]))
            return false;
    const char *type = type_name(schema), *format = json_text_of(schema, "format");
    if (text_equal(type, "string"))
        return !text_equal(format, "date") && !text_equal(format, "date-time");
    if (json_get(schema, "items"))
        return is_free_text(json_get(schema, "items"));
    const struct json *inner = json_get(schema, "properties");
    for (size_t i = 0; json_is(inner, JSON_OBJECT) && i < inner->object.n; i++)
        if (is_free_text(inner->object.at[i].value))
            return true;
    /* A list or an object that says nothing about its inside may hold anything. */
    return (text_equal(type, "array") && !json_get(schema, "items"))
           || (text_equal(type, "object") && !inner);
}

static void
read_names(struct load *l, struct kind_field *f)
{
    const char *mark = json_text_of(f->schema, "x-field");
    const struct json *marked = f->schema;
    if (!mark && json_get(f->schema, "items")) {
        marked = json_get(f->schema, "items");
        mark = json_text_of(marked, "x-field");
    }
    f->table = json_text_of(marked, "x-table");
    if (!mark)
        return;
    if (text_starts(mark, "code:")) {
        f->names = "code";
        f->table = mark + 5;
    } else if (text_starts(mark, "record:")) {
        f->names = "record";
        char *rest = arena_text(l->arena, mark + 7);
        f->kinds = load_new(l, const char *, strlen(rest));
        for (char *save = NULL, *one = strtok_r(rest, "|", &save); one;
             one = strtok_r(NULL, "|", &save))
            f->kinds[f->n_kinds++] = one;
    } else {
        f->names = mark;
    }
}

static void
check_index(struct load *l, const char *at, const struct kind_field *f)
{
    const char *here = json_pointer(l->arena, at, "x-index");
    if (f->private_value)
        refuse(l, here, "自由文本不进索引：可标 x-public，或改用选项、代码 | Free text cannot be indexed: "
                        "mark it x-public, or use an enum or a code");
    if (f->type == FIELD_OBJECT)
        refuse(l, here, "对象不能索引 | An object cannot be indexed");
    if (f->index >= LIMIT_INDEXED)
        refuse(l, here, "索引字段最多 %d 个 | At most %d fields may be indexed", LIMIT_INDEXED,
               LIMIT_INDEXED);
}

static void
load_field(struct load *l, const char *at, const char *name, const struct json *schema,
           const struct json *required, int *indexed)
{
    struct kind_field *f = &l->fields[l->k->n_fields++];
    *f = (struct kind_field){.name = name, .schema = schema, .index = -1};
    if (!load_is_name(name) || is_taken(name))
        refuse(l, at, "“%s”不能作字段名（小写字母、数字、下划线，且不与内置名相同） | “%s” cannot name a "
                      "field: lower-case letters, digits, underscores, and no built-in name",
               name, name);
    load_schema(l, at, schema, true);
    f->title = load_title(l, at, schema, true);
    read_names(l, f);
    read_type(l, at, f);
    f->seal = json_text_of(schema, "x-private");
    f->private_value = f->seal || is_free_text(schema);
    f->computed = json_get(schema, "x-value");
    f->indexed = json_get(schema, "x-index") != NULL;
    for (size_t i = 0; i < json_count(required); i++)
        f->required |= text_equal(json_text(json_at(required, i)), name);
    if (f->indexed) {
        f->index = (*indexed)++;
        check_index(l, at, f);
    }
    if (f->computed && f->required)
        refuse(l, json_pointer(l->arena, at, "x-value"),
               "计算字段不能列为必填 | A computed field cannot be required");
}

static void
load_levels(struct load *l)
{
    const struct kind_field *f = kind_field(l->k, "level");
    if (!f)
        return;
    const struct json *values = json_get(f->schema, "enum");
    if (!values || f->type != FIELD_TEXT || json_count(values) > LIMIT_LEVELS) {
        refuse(l, "/fields/properties/level",
               "level 须是不超过 %d 个文本选项的 enum | The field level needs an enum of at most %d texts",
               LIMIT_LEVELS, LIMIT_LEVELS);
        return;
    }
    l->k->levels = load_names(l, "/fields/properties/level/enum", values, &l->k->n_levels);
}

void
load_fields(struct load *l)
{
    const struct json *fields = json_get(l->file, "fields");
    if (!fields || !load_words(l, "/fields", fields,
                               "type properties required additionalProperties title description")) {
        if (!fields)
            refuse(l, "/fields", "缺少 fields | fields is missing");
        return;
    }
    const struct json *properties = json_get(fields, "properties");
    const struct json *required = load_list(l, "/fields", fields, "required");
    if (!json_is(properties, JSON_OBJECT)) {
        refuse(l, "/fields/properties", "须是对象 | An object belongs here");
        return;
    }
    if (properties->object.n > LIMIT_FIELDS) {
        refuse(l, "/fields/properties", "字段最多 %d 个 | At most %d fields", LIMIT_FIELDS,
               LIMIT_FIELDS);
        return;
    }
    int indexed = 0;
    l->k->fields = l->fields = load_new(l, struct kind_field, properties->object.n);
    for (size_t i = 0; i < properties->object.n; i++) {
        const char *name = properties->object.at[i].name;
        load_field(l, json_pointer(l->arena, "/fields/properties", name), name,
                   properties->object.at[i].value, required, &indexed);
    }
    for (size_t i = 0; i < json_count(required); i++)
        if (!kind_field(l->k, json_text(json_at(required, i))))
            refuse(l, json_pointer_index(l->arena, "/fields/required", i),
                   "没有这个字段 | There is no such field");
    load_levels(l);
}

/* ---- x-value ---- */

static bool
is_rule(const struct json *value)
{
    return json_text_of(value, "rule") != NULL;
}

static void
load_rule(struct load *l, const char *at, const struct json *v)
{
    const struct load_scope scope = {.use = USE_VALUE};
    load_words(l, at, v, "rule on give take");
    load_name(l, at, v, "rule");
    load_name(l, at, v, "take");
    const char *on = json_text_of(v, "on"), *here = json_pointer(l->arena, at, "on");
    const struct kind_field *f = kind_field(l->k, on);
    bool dated = f ? f->type == FIELD_DATE || f->type == FIELD_TIME
                   : text_equal(on, "created_at") || text_equal(on, "today");
    if (!dated)
        refuse(l, here, "须是日期字段或 created_at | A date field or created_at belongs here");
    const struct json *give = json_get(v, "give");
    here = json_pointer(l->arena, at, "give");
    if (!json_is(give, JSON_OBJECT)) {
        refuse(l, here, "须是对象：输入名 → 字段 | An object: input → field");
        return;
    }
    for (size_t i = 0; i < give->object.n; i++) {
        const char *name = give->object.at[i].name, *path = json_text(give->object.at[i].value);
        const char *place = json_pointer(l->arena, here, name);
        /* The table of the rule "local" is named, not read. */
        if (text_equal(name, "table") && text_equal(json_text_of(v, "rule"), "local"))
            continue;
        if (path)
            load_path(l, place, path, &scope, NULL);
        else
            refuse(l, place, "须是字段的路径 | The path of a field belongs here");
    }
}

static bool
reads(const struct json *v, const char *path)
{
    if (!is_rule(v))
        return kind_reads(v, path);
    const struct json *give = json_get(v, "give");
    for (size_t i = 0; json_is(give, JSON_OBJECT) && i < give->object.n; i++)
        if (json_text(give->object.at[i].value)
            && text_starts(json_text(give->object.at[i].value), path))
            return true;
    return false;
}

/* The texts of `v` that are paths name this field, or something inside it. */
static bool
names_field(const struct json *v, const char *name)
{
    if (json_is(v, JSON_STRING)) {
        size_t n = strlen(name);
        return strncmp(v->string.bytes, name, n) == 0
               && (v->string.bytes[n] == 0 || v->string.bytes[n] == '.');
    }
    if (json_is(v, JSON_ARRAY))
        for (size_t i = 0; i < v->array.n; i++)
            if (names_field(v->array.at[i], name))
                return true;
    for (size_t i = 0; json_is(v, JSON_OBJECT) && i < v->object.n; i++)
        if (names_field(v->object.at[i].value, name))
            return true;
    return false;
}

static bool
reads_field(const struct json *v, const char *name)
{
    if (is_rule(v))
        return names_field(json_get(v, "give"), name) || names_field(json_get(v, "on"), name);
    if (json_is(v, JSON_ARRAY))
        for (size_t i = 0; i < v->array.n; i++)
            if (reads_field(v->array.at[i], name))
                return true;
    for (size_t i = 0; json_is(v, JSON_OBJECT) && i < v->object.n; i++) {
        const char *op = v->object.at[i].name;
        bool paths = text_equal(op, "var") || text_starts(op, "missing");
        if (paths ? names_field(v->object.at[i].value, name)
                  : reads_field(v->object.at[i].value, name))
            return true;
    }
    return false;
}

/* Reads a linked record through one of my record fields. */
static bool
reads_link(const struct load *l, const struct json *v)
{
    for (size_t i = 0; i < l->k->n_fields; i++)
        if (text_equal(l->fields[i].names, "record")
            && reads(v, arena_format(l->arena, "%s.", l->fields[i].name)))
            return true;
    return false;
}

static bool
is_kept(const struct load *l, const struct json *v)
{
    static const char *const moving[] = {"total.", "today", "now", "days.", "late.", "due."};
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
        if (reads(v, moving[i]))
            return true;
    /* What a rule reads elsewhere is remembered with its edition by the step that computes it. */
    return !is_rule(v) && reads_link(l, v);
}

static void
spread_kept(struct load *l)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < l->k->n_fields; i++)
            for (size_t j = 0; l->fields[i].computed && !l->fields[i].kept_total
                               && j < l->k->n_fields; j++)
                if (l->fields[j].kept_total && reads_field(l->fields[i].computed,
                                                           l->fields[j].name))
                    changed = l->fields[i].kept_total = true;
    }
}

/* Settles what needs nothing unsettled, until nothing moves: what is left stands in a circle. */
static void
refuse_circles(struct load *l)
{
    bool *settled = load_new(l, bool, l->k->n_fields), moved = true;
    while (moved) {
        moved = false;
        for (size_t i = 0; i < l->k->n_fields; i++) {
            bool waits = false;
            for (size_t j = 0; l->fields[i].computed && j < l->k->n_fields; j++)
                waits |= !settled[j] && l->fields[j].computed
                         && reads_field(l->fields[i].computed, l->fields[j].name);
            if (!settled[i] && !waits)
                moved = settled[i] = true;
        }
    }
    for (size_t i = 0; i < l->k->n_fields; i++)
        if (!settled[i])
            refuse(l, arena_format(l->arena, "/fields/properties/%s/x-value", l->fields[i].name),
                   "计算字段互相依赖成环 | Computed fields need each other in a circle");
}

void
load_values(struct load *l)
{
    const struct load_scope scope = {.use = USE_VALUE};
    for (size_t i = 0; i < l->k->n_fields; i++) {
        struct kind_field *f = &l->fields[i];
        const char *at = arena_format(l->arena, "/fields/properties/%s/x-value", f->name);
        if (!f->computed)
            continue;
        if (is_rule(f->computed))
            load_rule(l, at, f->computed);
        else
            load_condition(l, at, f->computed, &scope);
        f->kept_total = is_kept(l, f->computed);
    }
    spread_kept(l);
    refuse_circles(l);
    for (size_t i = 0; i < l->k->n_fields; i++) {
        const struct kind_field *f = &l->fields[i];
        if (f->indexed && f->kept_total)
            refuse(l, arena_format(l->arena, "/fields/properties/%s/x-index", f->name),
                   "随时变化的计算字段不存储，不能索引 | A value that moves with time or other records is "
                   "not stored and cannot be indexed");
    }
}
