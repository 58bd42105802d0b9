/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/eval.c - conditions, evaluated: JSONLogic over what kind_env reads.
 *
 * Knows: JSONLogic's operators, scopes of items, which paths of a kind are decimals.
 * Does not know: where a path's value comes from, nor what a condition is for.
 */
#include "kind/eval.h"

#include <stdlib.h>
#include <string.h>

/* Inside map, filter, all, some, none the item is all there is to read; NULL is the record. */
struct eval_scope {
    struct json *item;
    const struct json *schema; /* of the item, where it comes from a declared field; or NULL */
    const struct kind_value *accumulator; /* reduce */
};

static struct kind_value evaluate(struct eval *e, const struct json *x,
                                  const struct eval_scope *scope);

bool
eval_spend(struct eval *e, size_t work)
{
    if (work > EVAL_WORK - e->work) {
        e->work = EVAL_WORK;
        e->spent = true;
        return false;
    }
    e->work += work;
    return true;
}

struct kind_value
eval_null(struct eval *e)
{
    return (struct kind_value){json_null(e->t->arena), false};
}

struct kind_value
eval_bool(struct eval *e, bool value)
{
    return (struct kind_value){json_bool(e->t->arena, value), false};
}

size_t
eval_count(const struct json *args)
{
    return json_is(args, JSON_ARRAY) ? json_count(args) : 1;
}

struct kind_value
eval_arg(struct eval *e, const struct json *args, size_t i, const struct eval_scope *scope)
{
    if (!json_is(args, JSON_ARRAY))
        return i == 0 ? evaluate(e, args, scope) : eval_null(e);
    const struct json *arg = json_at(args, i);
    return arg ? evaluate(e, arg, scope) : eval_null(e);
}

/* ---- paths ---- */

/* The first name of a path of own fields, and what follows its dot. */
static const struct kind_field *
own_field(const struct kind *k, const char *path, const char **rest)
{
    if (text_starts(path, "old."))
        path += 4;
    size_t len = strcspn(path, ".");
    *rest = path[len] ? path + len + 1 : path + len;
    for (size_t i = 0; k && i < k->n_fields; i++)
        if (strlen(k->fields[i].name) == len && memcmp(k->fields[i].name, path, len) == 0)
            return &k->fields[i];
    return NULL;
}

/* The schema a path leads to through objects and arrays, or NULL. */
static const struct json *
schema_at(struct arena *a, const struct json *schema, const char *path)
{
    while (schema && *path) {
        size_t len = strcspn(path, ".");
        const char *name = arena_copy(a, path, len);
        path += path[len] ? len + 1 : len;
        const struct json *items = json_get(schema, "items");
        schema = items && strspn(name, "0123456789") == len
                     ? items
                     : json_get(json_get(schema, "properties"), name);
    }
    return schema;
}

static bool
schema_is_decimal(const struct json *schema)
{
    const char *mark = json_text_of(schema, "x-field");
    return text_equal(mark, "decimal") || text_equal(mark, "money");
}

static bool
path_is_decimal(struct eval *e, const char *path, const struct json *value)
{
    const char *rest;
    const struct kind_field *f = own_field(e->env->kind, path, &rest);
    if (f && !*rest)
        return f->type == FIELD_DECIMAL;
    if (f && schema_is_decimal(schema_at(e->t->arena, f->schema, rest)))
        return true;
    /* A total of decimals is one; the earliest of dates, a total too, does not read as one. */
    struct decimal d;
    const char *text = json_text(value);
    return text && (text_starts(path, "total.") || strstr(path, ".total.")) &&
           decimal_read(text, &d);
}

static struct json *
walk(struct arena *a, struct json *at, const char *path)
{
    while (at && *path) {
        size_t len = strcspn(path, ".");
        const char *name = arena_copy(a, path, len);
        path += path[len] ? len + 1 : len;
        if (json_is(at, JSON_OBJECT))
            at = json_get(at, name);
        else if (json_is(at, JSON_ARRAY) && len > 0 && len < 8 && strspn(name, "0123456789") == len)
            at = json_at(at, (size_t)strtoul(name, NULL, 10));
        else
            at = NULL;
    }
    return at;
}

static struct kind_value
read_item(struct eval *e, const char *path, const struct eval_scope *scope)
{
    const char *rest = path;
    if (scope->accumulator) {
        if (strcmp(path, "accumulator") == 0)
            return *scope->accumulator;
        if (text_starts(path, "accumulator."))
            return (struct kind_value){
                walk(e->t->arena, scope->accumulator->json, path + strlen("accumulator.")), false};
        if (strcmp(path, "current") != 0 && !text_starts(path, "current."))
            return (struct kind_value){NULL, false};
        rest = path[strlen("current")] ? path + strlen("current.") : "";
    }
    struct json *value = walk(e->t->arena, scope->item, rest);
    return (struct kind_value){value,
                               schema_is_decimal(schema_at(e->t->arena, scope->schema, rest))};
}

static struct kind_value
read_path(struct eval *e, const char *path, const struct eval_scope *scope)
{
    if (scope)
        return read_item(e, path, scope);
    struct json *value = e->env->read ? e->env->read(e->env->who, e->t, path) : NULL;
    return (struct kind_value){value, value && path_is_decimal(e, path, value)};
}

static struct kind_value
eval_var(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    struct kind_value name = eval_arg(e, args, 0, scope);
    const char *path = json_is_null(name.json) ? "" : kind_value_text(e->t->arena, name.json);
    struct kind_value value = read_path(e, path, scope);
    if (json_is_null(value.json))
        return eval_count(args) > 1 ? eval_arg(e, args, 1, scope) : eval_null(e);
    return value;
}

/* ---- missing ---- */

static void
note_missing(struct eval *e, const char *name)
{
    for (size_t i = 0; i < e->n_names; i++)
        if (strcmp(e->names[i], name) == 0)
            return;
    if (e->n_names < e->room)
        e->names[e->n_names++] = name;
}

static struct json *
missing_of(struct eval *e, const struct json *names, const struct eval_scope *scope)
{
    struct json *gone = json_array(e->t->arena);
    for (size_t i = 0; i < json_count(names) && eval_spend(e, 1); i++) {
        struct json *name = json_at(names, i);
        struct json *value = read_path(e, kind_value_text(e->t->arena, name), scope).json;
        if (json_is_null(value) || (json_is(value, JSON_STRING) && value->string.len == 0))
            json_push(e->t->arena, gone, name);
    }
    return gone;
}

static struct kind_value
report_missing(struct eval *e, struct json *gone)
{
    for (size_t i = 0; e->names && i < json_count(gone); i++)
        note_missing(e, kind_value_text(e->t->arena, json_at(gone, i)));
    return (struct kind_value){gone, false};
}

static struct kind_value
eval_missing(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    struct json *first = eval_arg(e, args, 0, scope).json;
    if (json_is(first, JSON_ARRAY))
        return report_missing(e, missing_of(e, first, scope));
    struct json *names = json_array(e->t->arena);
    for (size_t i = 0; i < eval_count(args); i++)
        json_push(e->t->arena, names, i == 0 ? first : eval_arg(e, args, i, scope).json);
    return report_missing(e, missing_of(e, names, scope));
}

static struct kind_value
eval_missing_some(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    int64_t need = json_integer(eval_arg(e, args, 0, scope).json, 1);
    struct json *names = eval_arg(e, args, 1, scope).json;
    if (!json_is(names, JSON_ARRAY))
        return (struct kind_value){json_array(e->t->arena), false};
    struct json *gone = missing_of(e, names, scope);
    if ((int64_t)(json_count(names) - json_count(gone)) >= need)
        return (struct kind_value){json_array(e->t->arena), false};
    return report_missing(e, gone);
}

/* ---- deciding ---- */

static struct kind_value
eval_if(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    size_t n = eval_count(args), i = 0;
    for (; i + 1 < n; i += 2)
        if (kind_value_true(eval_arg(e, args, i, scope)))
            return eval_arg(e, args, i + 1, scope);
    return i < n ? eval_arg(e, args, i, scope) : eval_null(e);
}

/* The first argument whose truth is `stop`, else the last; false of none. */
static struct kind_value
first_that(struct eval *e, const struct json *args, const struct eval_scope *scope, bool stop)
{
    struct kind_value value = eval_bool(e, false);
    for (size_t i = 0; i < eval_count(args); i++) {
        value = eval_arg(e, args, i, scope);
        if (kind_value_true(value) != stop)
            continue;
        /* Whoever collects missing names wants those of all parts of an "and" at once. */
        for (size_t j = i + 1; e->names && !stop && j < eval_count(args); j++)
            (void)eval_arg(e, args, j, scope);
        break;
    }
    return value;
}

static struct kind_value
eval_and(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return first_that(e, args, scope, false);
}

static struct kind_value
eval_or(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return first_that(e, args, scope, true);
}

static struct kind_value
eval_not(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return eval_bool(e, !kind_value_true(eval_arg(e, args, 0, scope)));
}

static struct kind_value
eval_truth(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return eval_bool(e, kind_value_true(eval_arg(e, args, 0, scope)));
}

static struct kind_value
eval_log(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    (void)args, (void)scope; /* a condition is pure: it writes nowhere */
    return eval_null(e);
}

/* ---- over items ---- */

/* The array of the first argument, NULL where it is none, and the schema of its items if declared.
 */
static struct json *
items_of(struct eval *e, const struct json *args, const struct eval_scope *scope,
         const struct json **schema)
{
    const struct json *first = json_is(args, JSON_ARRAY) ? json_at(args, 0) : args;
    const struct json *name = json_get(first, "var");
    const char *path = json_text(json_is(name, JSON_ARRAY) ? json_at(name, 0) : name);
    *schema = NULL;
    if (path && scope && !scope->accumulator) {
        *schema = json_get(schema_at(e->t->arena, scope->schema, path), "items");
    } else if (path && !scope) {
        const char *rest;
        const struct kind_field *f = own_field(e->env->kind, path, &rest);
        *schema = f ? json_get(schema_at(e->t->arena, f->schema, rest), "items") : NULL;
    }
    struct json *items = eval_arg(e, args, 0, scope).json;
    return json_is(items, JSON_ARRAY) ? items : NULL;
}

static struct kind_value
on_item(struct eval *e, const struct json *args, struct json *item, const struct json *schema)
{
    struct eval_scope inner = {.item = item, .schema = schema};
    return eval_arg(e, args, 1, &inner);
}

static struct kind_value
eval_map(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    const struct json *schema;
    struct json *items = items_of(e, args, scope, &schema), *out = json_array(e->t->arena);
    for (size_t i = 0; i < json_count(items) && eval_spend(e, 1); i++)
        json_push(e->t->arena, out, on_item(e, args, json_at(items, i), schema).json);
    return (struct kind_value){out, false};
}

static struct kind_value
eval_filter(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    const struct json *schema;
    struct json *items = items_of(e, args, scope, &schema), *out = json_array(e->t->arena);
    for (size_t i = 0; i < json_count(items) && eval_spend(e, 1); i++)
        if (kind_value_true(on_item(e, args, json_at(items, i), schema)))
            json_push(e->t->arena, out, json_at(items, i));
    return (struct kind_value){out, false};
}

static struct kind_value
eval_reduce(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    const struct json *schema;
    struct json *items = items_of(e, args, scope, &schema);
    struct kind_value sum = eval_arg(e, args, 2, scope);
    for (size_t i = 0; i < json_count(items) && eval_spend(e, 1); i++) {
        struct kind_value before = sum;
        struct eval_scope inner = {json_at(items, i), schema, &before};
        sum = eval_arg(e, args, 1, &inner);
    }
    return sum;
}

/* How many items satisfy the second argument, stopping at the first whose truth is `stop`. */
static bool
meets(struct eval *e, const struct json *args, const struct eval_scope *scope, bool stop, size_t *n)
{
    const struct json *schema;
    struct json *items = items_of(e, args, scope, &schema);
    *n = json_count(items);
    for (size_t i = 0; i < *n && eval_spend(e, 1); i++)
        if (kind_value_true(on_item(e, args, json_at(items, i), schema)) == stop)
            return true;
    return false;
}

static struct kind_value
eval_all(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    size_t n;
    bool failed = meets(e, args, scope, false, &n);
    return eval_bool(e, !failed && n > 0); /* JSONLogic: of nothing, not all */
}

static struct kind_value
eval_some(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    size_t n;
    return eval_bool(e, meets(e, args, scope, true, &n));
}

static struct kind_value
eval_none(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    size_t n;
    return eval_bool(e, !meets(e, args, scope, true, &n));
}

/* ---- the table ---- */

static const struct {
    const char *name;
    eval_operator *run;
    bool scoped; /* its second argument reads items */
} operators[] = {
    {"var", eval_var, false},
    {"missing", eval_missing, false},
    {"missing_some", eval_missing_some, false},
    {"if", eval_if, false},
    {"?:", eval_if, false},
    {"==", eval_equal, false},
    {"===", eval_same, false},
    {"!=", eval_unequal, false},
    {"!==", eval_different, false},
    {"!", eval_not, false},
    {"!!", eval_truth, false},
    {"or", eval_or, false},
    {"and", eval_and, false},
    {">", eval_more, false},
    {">=", eval_more_or_equal, false},
    {"<", eval_less, false},
    {"<=", eval_less_or_equal, false},
    {"max", eval_max, false},
    {"min", eval_min, false},
    {"+", eval_add, false},
    {"-", eval_subtract, false},
    {"*", eval_multiply, false},
    {"/", eval_divide, false},
    {"%", eval_modulo, false},
    {"map", eval_map, true},
    {"reduce", eval_reduce, true},
    {"filter", eval_filter, true},
    {"all", eval_all, true},
    {"none", eval_none, true},
    {"some", eval_some, true},
    {"merge", eval_merge, false},
    {"in", eval_in, false},
    {"cat", eval_cat, false},
    {"substr", eval_substr, false},
    {"log", eval_log, false},
};

#define N_OPERATORS (sizeof operators / sizeof *operators)

/* Index into the table, or -1: an object of one member that names an operator. */
static int
operator_of(const struct json *x)
{
    if (!json_is(x, JSON_OBJECT) || json_count(x) != 1)
        return -1;
    for (size_t i = 0; i < N_OPERATORS; i++)
        if (operators[i].name[0] == x->object.at[0].name[0] &&
            strcmp(operators[i].name, x->object.at[0].name) == 0)
            return (int)i;
    return -1;
}

static struct kind_value
evaluate(struct eval *e, const struct json *x, const struct eval_scope *scope)
{
    int op = operator_of(x);
    if (op < 0 && !json_is(x, JSON_ARRAY)) {
        struct kind_value literal = {.exact = false};
        memcpy(&literal.json, &x, sizeof x); /* values are immutable: sharing drops the const */
        return literal;
    }
    if (e->depth >= EVAL_DEPTH || !eval_spend(e, 1)) {
        e->spent = true;
        return eval_null(e);
    }
    e->depth++;
    struct kind_value value = {.json = NULL};
    if (op >= 0) {
        value = operators[op].run(e, x->object.at[0].value, scope);
    } else {
        value.json = json_array(e->t->arena);
        for (size_t i = 0; i < json_count(x); i++)
            json_push(e->t->arena, value.json, evaluate(e, json_at(x, i), scope).json);
    }
    e->depth--;
    return value;
}

struct json *
kind_eval(struct task *t, const struct kind_env *env, const struct json *expression)
{
    struct eval e = {.t = t, .env = env};
    if (!expression)
        return json_null(t->arena);
    struct kind_value value = evaluate(&e, expression, NULL);
    return e.spent ? json_null(t->arena) : value.json;
}

bool
kind_true(const struct json *value)
{
    struct kind_value v = {.exact = false};
    if (!value)
        return false;
    memcpy(&v.json, &value, sizeof value);
    return kind_value_true(v);
}

size_t
kind_missing(struct task *t, const struct kind_env *env, const struct json *expression,
             const char **names, size_t room)
{
    struct eval e = {.t = t, .env = env, .names = names, .room = room};
    if (!expression || room == 0)
        return 0;
    (void)evaluate(&e, expression, NULL);
    return e.n_names;
}

/* Any text in the arguments of var or missing may become the path. */
static bool
names_path(const struct json *x, const char *prefix)
{
    if (json_is(x, JSON_STRING))
        return text_starts(x->string.bytes, prefix);
    for (size_t i = 0; i < json_count(x); i++)
        if (names_path(json_is(x, JSON_ARRAY) ? json_at(x, i) : x->object.at[i].value, prefix))
            return true;
    return false;
}

bool
kind_reads(const struct json *expression, const char *prefix)
{
    int op = operator_of(expression);
    if (op < 0 && !json_is(expression, JSON_ARRAY))
        return false;
    const struct json *args = op < 0 ? expression : expression->object.at[0].value;
    const char *name = op < 0 ? "" : operators[op].name;
    bool var = strcmp(name, "var") == 0;
    if (strncmp(name, "missing", 7) == 0 && names_path(args, prefix))
        return true;
    if (var && names_path(json_is(args, JSON_ARRAY) ? json_at(args, 0) : args, prefix))
        return true;
    if (!json_is(args, JSON_ARRAY))
        return kind_reads(args, prefix);
    for (size_t i = 0; i < json_count(args); i++)
        if (!(op >= 0 && operators[op].scoped && i == 1) && kind_reads(json_at(args, i), prefix))
            return true;
    return false;
}
