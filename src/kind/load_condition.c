/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_condition.c - a JSONLogic expression, checked before it is ever judged.
 *
 * Knows: JSONLogic's own operators, and which types cannot be compared.
 * Does not know: the value of anything; eval.c judges.
 */
#include "kind/inside.h"
#include "base/decimal.h"
#include <string.h>

/* What is known of an expression's value. */
struct typed {
    enum load_type type;
    const struct json *values;  /* closed list of texts, or NULL */
    const struct json *literal; /* written out, or NULL */
};

enum loop { LOOP_NONE, LOOP_REDUCE, LOOP_ITEM };

static struct typed check(struct load *l, const char *at, const struct json *e,
                          const struct load_scope *scope, enum loop loop);

bool
load_is_operator(const char *name)
{
    static const char *const own[] = {
        "var", "missing", "missing_some", "if",  "?:",     "==",     "===",  "!=", "!==",   "!",
        "!!",  "or",      "and",          ">",   ">=",     "<",      "<=",   "max", "min",  "+",
        "-",   "*",       "/",            "%",   "map",    "filter", "reduce", "all", "none",
        "some",
        "merge", "in",    "cat",          "substr"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (text_equal(own[i], name))
            return true;
    return false;
}

static bool
is_operation(const struct json *e)
{
    return json_is(e, JSON_OBJECT) && json_count(e) == 1;
}

/* One path, read where `loop` says: inside a loop the names are those of its item. */
static struct typed
check_path(struct load *l, const char *at, const struct json *path, const struct load_scope *scope,
           enum loop loop)
{
    struct typed x = {.type = T_ANY};
    const char *text = json_text(path);
    if (!text) {
        if (!json_is(path, JSON_INTEGER) || loop == LOOP_NONE)
            refuse(l, at, "须是写明的路径 | A path must be written out as a text");
    } else if (loop == LOOP_REDUCE) {
        if (!text_starts(text, "current") && !text_starts(text, "accumulator"))
            refuse(l, at, "reduce 之内只有 current 和 accumulator | Inside reduce there are only "
                          "current and accumulator");
    } else if (loop == LOOP_NONE) {
        x.type = load_path(l, at, text, scope, &x.values);
    }
    return x;
}

static struct typed
check_var(struct load *l, const char *at, const struct json *args, const struct load_scope *scope,
          enum loop loop)
{
    if (!json_is(args, JSON_ARRAY))
        return check_path(l, at, args, scope, loop);
    struct typed x = check_path(l, json_pointer_index(l->arena, at, 0), json_at(args, 0), scope,
                                loop);
    if (json_count(args) > 1)
        check(l, json_pointer_index(l->arena, at, 1), json_at(args, 1), scope, loop);
    return x;
}

/* {"missing":["a","b"]}, {"missing":"a"}, {"missing_some":[1,["a","b"]]} */
static void
check_missing(struct load *l, const char *at, const struct json *args,
              const struct load_scope *scope, enum loop loop)
{
    if (!json_is(args, JSON_ARRAY)) {
        check_path(l, at, args, scope, loop);
        return;
    }
    for (size_t i = 0; i < json_count(args); i++) {
        const struct json *item = json_at(args, i);
        const char *here = json_pointer_index(l->arena, at, i);
        if (json_text(item))
            check_path(l, here, item, scope, loop);
        else if (json_is(item, JSON_ARRAY))
            check_missing(l, here, item, scope, loop);
        else if (is_operation(item))
            check(l, here, item, scope, loop);
    }
}

static bool
is_number(const struct typed *x)
{
    return x->type == T_NUMBER || x->type == T_DECIMAL;
}

/* A text that no number equals; a date or an enum is such. */
static bool
is_plain_text(const struct typed *x)
{
    struct decimal d;
    return x->type == T_TEXT && !(x->literal && decimal_read(json_text(x->literal), &d));
}

static void
compare(struct load *l, const char *at, const struct typed *a, const struct typed *b)
{
    if ((is_number(a) && is_plain_text(b)) || (is_number(b) && is_plain_text(a)))
        refuse(l, at, "数不能与文本比较 | A number is compared with a text");
    else if ((a->type == T_BOOLEAN && is_plain_text(b)) || (b->type == T_BOOLEAN
                                                            && is_plain_text(a)))
        refuse(l, at, "是非不能与文本比较 | True or false is compared with a text");
    const struct typed *set = a->values ? a : b, *value = a->values ? b : a;
    if (!set->values || !value->literal || json_is_null(value->literal))
        return;
    for (size_t i = 0; i < json_count(set->values); i++)
        if (json_equal(json_at(set->values, i), value->literal))
            return;
    const char *text = json_string(l->arena, value->literal);
    refuse(l, at, "%s 不在选项之中，比较永远不成立 | %s is not among the values: the comparison never holds",
           text, text);
}

static void
check_comparison(struct load *l, const char *at, const char *op, const struct json *args,
                 const struct load_scope *scope, enum loop loop)
{
    struct typed last = {.type = T_ANY};
    size_t n = json_count(args);
    if (!json_is(args, JSON_ARRAY) || n < 2 || (n > 2 && *op != '<')) {
        refuse(l, at, "比较须有两边 | A comparison has two sides");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct typed x = check(l, json_pointer_index(l->arena, at, i), json_at(args, i), scope,
                               loop);
        if (i)
            compare(l, at, &last, &x);
        last = x;
    }
}

static void
check_in(struct load *l, const char *at, const struct json *args, const struct load_scope *scope,
         enum loop loop)
{
    struct typed x = check(l, json_pointer_index(l->arena, at, 0), json_at(args, 0), scope, loop);
    const struct json *list = json_at(args, 1);
    const char *here = json_pointer_index(l->arena, at, 1);
    if (json_count(args) != 2 || !json_is(args, JSON_ARRAY)) {
        refuse(l, at, "in 写成 [值, 列表] | Write in as [value, list]");
        return;
    }
    struct typed other = check(l, here, list, scope, loop);
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < json_count(list); i++) {
        struct typed one = {.type = T_ANY};
        if (!load_has_operation(json_at(list, i)))
            one.literal = json_at(list, i);
        if (json_text(one.literal))
            one.type = T_TEXT;
        compare(l, json_pointer_index(l->arena, here, i), &x, &one);
    }
    bool constant = other.literal && other.type != T_ARRAY && other.type != T_TEXT;
    if (is_number(&other) || other.type == T_BOOLEAN || constant)
        refuse(l, here, "in 的第二项须是列表或文本 | in looks inside a list or a text");
}

/* reduce, map, filter, all, none, some: the second argument reads the item. */
static void
check_loop(struct load *l, const char *at, const char *op, const struct json *args,
           const struct load_scope *scope, enum loop loop)
{
    enum loop inner = text_equal(op, "reduce") ? LOOP_REDUCE : LOOP_ITEM;
    size_t n = json_count(args), wanted = inner == LOOP_REDUCE ? 3 : 2;
    if (!json_is(args, JSON_ARRAY) || n != wanted) {
        refuse(l, at, "“%s”须有 %d 项 | “%s” takes %d arguments", op, (int)wanted, op, (int)wanted);
        return;
    }
    struct typed over = check(l, json_pointer_index(l->arena, at, 0), json_at(args, 0), scope,
                              loop);
    if (is_number(&over) || over.type == T_BOOLEAN || over.type == T_TEXT)
        refuse(l, json_pointer_index(l->arena, at, 0), "须是列表 | A list belongs here");
    if (json_is_null(json_at(args, 1)))
        refuse(l, json_pointer_index(l->arena, at, 1),
               "须写明对每一项算什么 | What to work out for each item belongs here");
    check(l, json_pointer_index(l->arena, at, 1), json_at(args, 1), scope, inner);
    if (wanted == 3)
        check(l, json_pointer_index(l->arena, at, 2), json_at(args, 2), scope, loop);
}

static void
check_all(struct load *l, const char *at, const char *op, const struct json *args,
          const struct load_scope *scope, enum loop loop)
{
    static const char *const several[] = {"and", "or", "if", "?:", "%"};
    bool sums = strchr("+-*/%", *op) != NULL, many = json_is(args, JSON_ARRAY);
    size_t least = *op == '%' ? 2 : text_equal(op, "merge") || text_equal(op, "cat") ? 0 : 1;
    for (size_t i = 0; !many && i < sizeof several / sizeof *several; i++)
        if (text_equal(op, several[i]))
            least = 2;
    if ((many ? json_count(args) : 1) < least)
        refuse(l, at, "“%s”缺少参数，写成列表 | “%s” lacks arguments: write them as a list", op, op);
    if (!many) {
        check(l, at, args, scope, loop);
        return;
    }
    for (size_t i = 0; i < json_count(args); i++) {
        const char *here = json_pointer_index(l->arena, at, i);
        struct typed x = check(l, here, json_at(args, i), scope, loop);
        if (sums && is_plain_text(&x))
            refuse(l, here, "文本不能计算 | A text cannot be calculated with");
    }
}

static enum load_type
result(const char *op)
{
    if (strchr("+-*/%", *op) && !op[1])
        return T_NUMBER;
    if (strchr("=!<>", *op) || text_equal(op, "in") || text_equal(op, "all")
        || text_equal(op, "some") || text_equal(op, "none"))
        return T_BOOLEAN;
    if (text_equal(op, "missing") || text_equal(op, "missing_some") || text_equal(op, "map")
        || text_equal(op, "filter") || text_equal(op, "merge"))
        return T_ARRAY;
    return T_ANY;
}

static struct typed
check_operation(struct load *l, const char *at, const struct json *e,
                const struct load_scope *scope, enum loop loop)
{
    const char *op = e->object.at[0].name;
    const struct json *args = e->object.at[0].value;
    const char *here = json_pointer(l->arena, at, op);
    if (!load_is_operator(op)) {
        refuse(l, here, "不认识的运算“%s”：只有 JSONLogic 自己的运算 | Unknown operator “%s”: there are only "
                        "JSONLogic's own", op, op);
        return (struct typed){.type = T_ANY};
    }
    if (text_equal(op, "var"))
        return check_var(l, here, args, scope, loop);
    if (text_equal(op, "missing") || text_equal(op, "missing_some"))
        check_missing(l, here, args, scope, loop);
    else if (text_equal(op, "reduce") || text_equal(op, "map") || text_equal(op, "filter")
             || text_equal(op, "all") || text_equal(op, "none") || text_equal(op, "some"))
        check_loop(l, here, op, args, scope, loop);
    else if (text_equal(op, "in"))
        check_in(l, here, args, scope, loop);
    else if (*op == '<' || *op == '>' || *op == '=' || text_starts(op, "!="))
        check_comparison(l, here, op, args, scope, loop);
    else
        check_all(l, here, op, args, scope, loop);
    return (struct typed){.type = result(op)};
}

static struct typed
check(struct load *l, const char *at, const struct json *e, const struct load_scope *scope,
      enum loop loop)
{
    struct typed x = {.type = T_ANY};
    if (is_operation(e))
        return check_operation(l, at, e, scope, loop);
    x.literal = e;
    if (json_is(e, JSON_STRING)) {
        x.type = T_TEXT;
    } else if (json_is(e, JSON_INTEGER)) {
        x.type = T_NUMBER;
    } else if (json_is(e, JSON_TRUE) || json_is(e, JSON_FALSE)) {
        x.type = T_BOOLEAN;
    } else if (json_is(e, JSON_ARRAY)) {
        x.type = T_ARRAY;
        for (size_t i = 0; i < json_count(e); i++)
            check(l, json_pointer_index(l->arena, at, i), json_at(e, i), scope, loop);
    }
    return x;
}

void
load_if(struct load *l, const char *at, const struct json *e, const struct load_scope *scope)
{
    if (!is_operation(e))
        refuse(l, at, "条件须是 JSONLogic 表达式，不能是常量 | A condition is a JSONLogic expression, not a "
                      "constant");
    else
        load_condition(l, at, e, scope);
}

bool
load_has_operation(const struct json *e)
{
    if (is_operation(e))
        return true;
    for (size_t i = 0; json_is(e, JSON_ARRAY) && i < e->array.n; i++)
        if (load_has_operation(e->array.at[i]))
            return true;
    return false;
}

void
load_condition(struct load *l, const char *at, const struct json *e,
               const struct load_scope *scope)
{
    check(l, at, e, scope, LOOP_NONE);
}
