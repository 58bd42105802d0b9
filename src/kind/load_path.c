/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_path.c - what a path of a condition can be, and the type of what it reads.
 *
 * Knows: own fields, the columns of every record, me. old. total. late. due. days. item., parties,
 * one hop through a field that names something.
 * Does not know: fields of linked kinds: those paths are looked up by kind_catalog_check.
 */
#include "kind/inside.h"
#include <string.h>

static enum load_type
field_type(const struct kind_field *f, const struct json **values)
{
    *values = json_get(f->schema, "enum");
    switch (f->type) {
    case FIELD_INTEGER:
        return T_NUMBER;
    case FIELD_BOOLEAN:
        return T_BOOLEAN;
    case FIELD_DECIMAL:
        return T_DECIMAL;
    case FIELD_ARRAY:
        return T_ARRAY;
    case FIELD_OBJECT:
        return T_OBJECT;
    case FIELD_TEXT:
        return f->computed ? T_ANY : T_TEXT;
    case FIELD_DATE:
    case FIELD_TIME:
        return T_TEXT;
    }
    return T_ANY;
}

static enum load_type
schema_type(const struct json *schema, const struct json **values)
{
    const char *type = json_text_of(schema, "type"), *mark = json_text_of(schema, "x-field");
    *values = json_get(schema, "enum");
    if (text_equal(mark, "decimal") || text_equal(mark, "money"))
        return T_DECIMAL;
    if (text_equal(type, "integer"))
        return T_NUMBER;
    if (text_equal(type, "boolean"))
        return T_BOOLEAN;
    if (text_equal(type, "string"))
        return T_TEXT;
    if (text_equal(type, "array"))
        return T_ARRAY;
    return text_equal(type, "object") ? T_OBJECT : T_ANY;
}

static bool
is_reference(const char *names)
{
    return text_equal(names, "record") || text_equal(names, "unit") || text_equal(names, "post")
           || text_equal(names, "person") || text_equal(names, "place");
}

/* Walks into an object or a list of the record by its schema; NULL where the path leads nowhere. */
static const struct json *
walk(const struct json *schema, const char *rest, struct arena *a)
{
    while (schema && rest) {
        const char *dot = strchr(rest, '.');
        const char *name = dot ? arena_copy(a, rest, (size_t)(dot - rest)) : rest;
        if (json_get(schema, "items") && strspn(name, "0123456789") == strlen(name))
            schema = json_get(schema, "items");
        else if (is_reference(json_text_of(schema, "x-field"))
                 || text_starts(json_text_of(schema, "x-field") ? json_text_of(schema, "x-field")
                                                                : "", "record:"))
            return schema; /* a hop: what lies behind it is not ours */
        else
            schema = json_get(json_get(schema, "properties"), name);
        rest = dot ? dot + 1 : NULL;
    }
    return schema;
}

static void
guard_private(struct load *l, const char *at, const struct kind_field *f,
              const struct load_scope *scope)
{
    if (f->private_value && (scope->use == USE_VALUE || scope->use == USE_FIGURE))
        refuse(l, at, "此处不得读取不公开的字段“%s”：可改用选项、代码或标 x-public | The private field “%s” "
                      "must not be read here: use an enum, a code, or mark it x-public",
               f->name, f->name);
}

static enum load_type
own_path(struct load *l, const char *at, const struct kind_field *f, const char *rest,
         const struct load_scope *scope, const struct json **values)
{
    guard_private(l, at, f, scope);
    if (!rest)
        return field_type(f, values);
    *values = NULL;
    if (f->type != FIELD_ARRAY && is_reference(f->names))
        return T_ANY;
    if (f->type == FIELD_ARRAY && (*rest < '0' || *rest > '9')
        && (text_equal(f->names, "unit") || text_equal(f->names, "person")))
        return T_ANY; /* the list of what is read of each */
    if ((f->type == FIELD_OBJECT && f->names))
        return T_ANY; /* the inside of a query or a formula */
    const struct json *inner = walk(f->schema, rest, l->arena);
    if (!inner) {
        refuse(l, at, "字段“%s”里没有“%s” | The field “%s” holds no “%s”", f->name, rest, f->name,
               rest);
        return T_ANY;
    }
    if (json_text_of(inner, "x-field") && is_reference(json_text_of(inner, "x-field")))
        return T_ANY;
    return schema_type(inner, values);
}

const struct json *
load_item_schema(const struct load *l, const struct kind_set *over)
{
    if (!over || over->sort != SET_ITEMS)
        return NULL;
    const struct kind_field *f = kind_field(l->k, over->field);
    return f ? json_get(f->schema, "items") : NULL;
}

static enum load_type
item_path(struct load *l, const char *at, const char *rest, const struct load_scope *scope,
          const struct json **values)
{
    *values = NULL;
    if (!scope->over) {
        refuse(l, at, "item 只能用在 over 之内 | item can be read only inside over");
        return T_ANY;
    }
    const struct json *schema = load_item_schema(l, scope->over);
    if (!schema)
        return T_ANY;
    if (!rest)
        return schema_type(schema, values);
    const struct json *inner = walk(schema, rest, l->arena);
    if (inner)
        return inner == schema || strchr(rest, '.') ? T_ANY : schema_type(inner, values);
    refuse(l, at, "列表项里没有“%s” | An item of the list holds no “%s”", rest, rest);
    return T_ANY;
}

static bool
clock_named(const struct load *l, const char *name)
{
    return kind_clock(l->k, name) != NULL;
}

static enum load_type
total_path(struct load *l, const char *at, const char *rest)
{
    const struct kind_total *x = kind_total(l->k, rest);
    if (!x) {
        refuse(l, at, "没有合计“%s” | There is no total “%s”", rest, rest);
        return T_ANY;
    }
    if (x->agg == AGG_ANY || x->agg == AGG_ALL || x->agg == AGG_NONE)
        return T_BOOLEAN;
    return x->agg == AGG_COUNT || x->agg == AGG_SUM || x->agg == AGG_RATIO ? T_NUMBER : T_ANY;
}

static enum load_type
days_path(struct load *l, const char *at, const char *rest)
{
    const struct kind_field *f = kind_field(l->k, rest);
    bool dated = f ? f->type == FIELD_DATE || f->type == FIELD_TIME
                   : text_equal(rest, "created_at") || text_equal(rest, "closed_at")
                         || text_equal(rest, "due");
    if (!dated)
        refuse(l, at, "days. 之后须是日期字段 | A date field must follow days.");
    return T_NUMBER;
}

static enum load_type
old_path(struct load *l, const char *at, const char *rest, const struct load_scope *scope,
         const struct json **values)
{
    const char *dot = strchr(rest, '.');
    const struct kind_field *f =
        kind_field(l->k, dot ? arena_copy(l->arena, rest, (size_t)(dot - rest)) : rest);
    if (scope->use != USE_GUARD)
        refuse(l, at, "old. 只能用在步骤里 | old. can be read only in a step");
    if (f)
        return own_path(l, at, f, dot ? dot + 1 : NULL, scope, values);
    if (!load_is_column(rest))
        refuse(l, at, "没有字段“%s” | There is no field “%s”", rest, rest);
    return T_ANY;
}

/* "me.unit", "total.open", …: true where the first name is one of ours. */
static bool
prefixed_path(struct load *l, const char *at, const char *first, const char *rest,
              const struct load_scope *scope, enum load_type *type, const struct json **values)
{
    *type = T_ANY;
    if (text_equal(first, "me")) {
        if (scope->use == USE_VALUE || scope->use == USE_FIGURE)
            refuse(l, at, "此处没有操作者 | Nobody acts here: me. cannot be read");
        if (!text_equal(rest, "unit") && !text_equal(rest, "person") && !text_equal(rest, "role")
            && !text_equal(rest, "place") && !text_equal(rest, "post"))
            refuse(l, at, "可用 me.unit me.person me.post me.role me.place | Use me.unit me.person "
                          "me.post me.role me.place");
    } else if (text_equal(first, "total")) {
        *type = total_path(l, at, rest);
    } else if (text_equal(first, "days")) {
        *type = days_path(l, at, rest);
    } else if (text_equal(first, "old")) {
        *type = old_path(l, at, rest, scope, values);
    } else if (text_equal(first, "item")) {
        *type = item_path(l, at, rest, scope, values);
    } else if (text_equal(first, "late") || (text_equal(first, "due") && clock_named(l, rest))) {
        *type = *first == 'l' ? T_NUMBER : T_TEXT;
        if (!clock_named(l, rest))
            refuse(l, at, "没有时钟“%s” | There is no clock “%s”", rest, rest);
    } else {
        return false;
    }
    return true;
}

static enum load_type
plain_path(struct load *l, const char *at, const char *path, const struct load_scope *scope,
           const struct json **values)
{
    const struct kind_field *f = kind_field(l->k, path);
    if (f)
        return own_path(l, at, f, NULL, scope, values);
    if (text_equal(path, "item"))
        return item_path(l, at, NULL, scope, values);
    if (text_equal(path, "cycle"))
        return T_NUMBER;
    if (text_equal(path, "state")) {
        struct json *names = json_array(l->arena);
        for (size_t i = 0; i < l->k->n_states; i++)
            json_push(l->arena, names, json_str(l->arena, l->k->states[i].name));
        *values = names;
        return T_TEXT;
    }
    if (load_is_column(path) || load_is_party_word(path) || text_equal(path, "today")
        || text_equal(path, "now"))
        return T_TEXT;
    refuse(l, at, "没有“%s”：它不是字段，也不是每条记录都有的列 | There is no “%s”: neither a field nor a "
                  "column of every record", path, path);
    return T_ANY;
}

enum load_type
load_path(struct load *l, const char *at, const char *path, const struct load_scope *scope,
          const struct json **values)
{
    const struct json *none, **out = values ? values : &none;
    enum load_type type;
    *out = NULL;
    if (scope->use == USE_FIND)
        return T_ANY;
    if (!*path || path[strlen(path) - 1] == '.' || *path == '.' || strstr(path, "..")) {
        refuse(l, at, "“%s”不是路径 | “%s” is no path", path, path);
        return T_ANY;
    }
    if (strchr(path, ':')) {
        const char *why = NULL;
        if (!load_party_text(l->arena, l->k, path, scope->over != NULL, &why))
            refuse(l, at, "“%s”：%s [%s]", path, why, path);
        return T_TEXT;
    }
    const char *dot = strchr(path, '.');
    if (!dot)
        return plain_path(l, at, path, scope, out);
    const char *first = arena_copy(l->arena, path, (size_t)(dot - path));
    if (prefixed_path(l, at, first, dot + 1, scope, &type, out))
        return type;
    const struct kind_field *f = kind_field(l->k, first);
    if (f)
        return own_path(l, at, f, dot + 1, scope, out);
    if (!text_equal(first, "raiser") && !text_equal(first, "owner") && !text_equal(first, "actor")
        && !text_equal(first, "desk"))
        refuse(l, at, "没有“%s”，“%s”读不到 | There is no “%s”: “%s” leads nowhere", first, path, first,
               path);
    return T_ANY;
}
