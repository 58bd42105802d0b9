/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/operate.c - the operators of a condition that calculate.
 *
 * Knows: comparison, arithmetic, texts, arrays.
 * Does not know: paths and scopes; an operator sees values only.
 */
#include "kind/eval.h"

#include <string.h>

/* ---- comparing ---- */

typedef bool alike(struct arena *a, struct kind_value x, struct kind_value y);

static bool
same(struct arena *a, struct kind_value x, struct kind_value y)
{
    (void)a;
    return kind_value_same(x, y);
}

/* Each value and the next one alike, or each unlike the next; one alone is compared with null. */
static struct kind_value
in_row(struct eval *e, const struct json *args, const struct eval_scope *scope, alike *by, bool want)
{
    size_t n = eval_count(args);
    struct kind_value x = eval_arg(e, args, 0, scope);
    for (size_t i = 1; i < (n > 2 ? n : 2); i++) {
        struct kind_value y = eval_arg(e, args, i, scope);
        if (by(e->t->arena, x, y) != want)
            return eval_bool(e, false);
        x = y;
    }
    return eval_bool(e, true);
}

struct kind_value
eval_equal(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return in_row(e, args, scope, kind_value_equal, true);
}

struct kind_value
eval_unequal(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return in_row(e, args, scope, kind_value_equal, false);
}

struct kind_value
eval_same(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return in_row(e, args, scope, same, true);
}

struct kind_value
eval_different(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return in_row(e, args, scope, same, false);
}

/* Two values, or three for "between": each pair in the order `want`, or equal where that counts. */
static struct kind_value
in_order(struct eval *e, const struct json *args, const struct eval_scope *scope, int want,
         bool or_equal)
{
    size_t n = eval_count(args) > 2 ? 3 : 2;
    struct kind_value x = eval_arg(e, args, 0, scope);
    for (size_t i = 1; i < n; i++) {
        struct kind_value y = eval_arg(e, args, i, scope);
        int order = kind_value_order(e->t->arena, x, y);
        if (order != want && !(or_equal && order == 0))
            return eval_bool(e, false);
        x = y;
    }
    return eval_bool(e, true);
}

struct kind_value
eval_less(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return in_order(e, args, scope, -1, false);
}

struct kind_value
eval_less_or_equal(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return in_order(e, args, scope, -1, true);
}

struct kind_value
eval_more(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return in_order(e, args, scope, 1, false);
}

struct kind_value
eval_more_or_equal(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return in_order(e, args, scope, 1, true);
}

/* ---- arithmetic ---- */

typedef bool combine(struct decimal a, struct decimal b, struct decimal *out);

/* All arguments combined from the first on; null where one is no number. */
static struct kind_value
combine_all(struct eval *e, const struct json *args, const struct eval_scope *scope, combine *by)
{
    struct decimal sum, next;
    size_t n = eval_count(args);
    if (n == 0 || !kind_value_operand(eval_arg(e, args, 0, scope), &sum))
        return eval_null(e);
    for (size_t i = 1; i < n; i++) {
        if (!kind_value_operand(eval_arg(e, args, i, scope), &next) || !by(sum, next, &sum))
            return eval_null(e);
    }
    return kind_value_of(e->t->arena, sum);
}

static bool
greater_of(struct decimal a, struct decimal b, struct decimal *out)
{
    *out = decimal_compare(a, b) >= 0 ? a : b;
    return true;
}

static bool
lesser_of(struct decimal a, struct decimal b, struct decimal *out)
{
    *out = decimal_compare(a, b) <= 0 ? a : b;
    return true;
}

struct kind_value
eval_max(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return combine_all(e, args, scope, greater_of);
}

struct kind_value
eval_min(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return combine_all(e, args, scope, lesser_of);
}

struct kind_value
eval_add(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    if (eval_count(args) == 0)
        return kind_value_of(e->t->arena, decimal_of(0));
    return combine_all(e, args, scope, decimal_add);
}

struct kind_value
eval_multiply(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    if (eval_count(args) == 0)
        return kind_value_of(e->t->arena, decimal_of(1));
    return combine_all(e, args, scope, decimal_multiply);
}

/* One number alone is what `of` makes of it and the number: 0 - x, 1 / x. */
static struct kind_value
combine_from(struct eval *e, const struct json *args, const struct eval_scope *scope, int64_t of,
             combine *by)
{
    struct decimal x;
    if (eval_count(args) != 1)
        return combine_all(e, args, scope, by);
    if (!kind_value_operand(eval_arg(e, args, 0, scope), &x) || !by(decimal_of(of), x, &x))
        return eval_null(e);
    return kind_value_of(e->t->arena, x);
}

static bool
divide(struct decimal a, struct decimal b, struct decimal *out)
{
    return b.units != 0 && decimal_divide(a, b, out);
}

static bool
modulo(struct decimal a, struct decimal b, struct decimal *out)
{
    return b.units != 0 && decimal_modulo(a, b, out);
}

struct kind_value
eval_subtract(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return combine_from(e, args, scope, 0, decimal_subtract);
}

struct kind_value
eval_divide(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return combine_from(e, args, scope, 1, divide);
}

struct kind_value
eval_modulo(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    return eval_count(args) < 2 ? eval_null(e) : combine_all(e, args, scope, modulo);
}

/* ---- texts and arrays ---- */

struct kind_value
eval_in(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    struct kind_value x = eval_arg(e, args, 0, scope), where = eval_arg(e, args, 1, scope);
    if (json_is(where.json, JSON_STRING))
        return eval_bool(
            e, strstr(where.json->string.bytes, kind_value_text(e->t->arena, x.json)) != NULL);
    for (size_t i = 0; json_is(where.json, JSON_ARRAY) && i < json_count(where.json); i++) {
        /* A decimal is found among decimals written otherwise: "1.50" in ["1.5"]. */
        struct kind_value item = {json_at(where.json, i), x.exact};
        if (!eval_spend(e, 1))
            break;
        if (kind_value_same(x, item))
            return eval_bool(e, true);
    }
    return eval_bool(e, false);
}

struct kind_value
eval_cat(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    struct text x;
    text_init(&x, e->t->arena);
    for (size_t i = 0; i < eval_count(args); i++) {
        struct kind_value part = eval_arg(e, args, i, scope);
        if (json_is_null(part.json))
            continue;
        const char *s = kind_value_text(e->t->arena, part.json);
        if (!eval_spend(e, strlen(s)))
            return eval_null(e);
        text_puts(&x, s);
    }
    return (struct kind_value){json_str(e->t->arena, text_string(&x)), false};
}

static int64_t
clamp(int64_t n, int64_t least, int64_t most)
{
    return n < least ? least : n > most ? most : n;
}

/* A whole argument; `otherwise` where it is absent, 0 where it is no whole number. */
static int64_t
whole_arg(struct eval *e, const struct json *args, size_t i, const struct eval_scope *scope,
          int64_t otherwise)
{
    if (i >= eval_count(args))
        return otherwise;
    return clamp(json_integer(eval_arg(e, args, i, scope).json, 0), -LIMIT_BODY, LIMIT_BODY);
}

/* Counted in code points. A negative start counts from the end, a negative length leaves that many.
 */
struct kind_value
eval_substr(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    const char *s = kind_value_text(e->t->arena, eval_arg(e, args, 0, scope).json);
    int64_t len = (int64_t)text_length(s);
    int64_t start = whole_arg(e, args, 1, scope, 0), take = whole_arg(e, args, 2, scope, len);
    start = clamp(start < 0 ? len + start : start, 0, len);
    take = clamp(take < 0 ? len - start + take : take, 0, len - start);
    if (!eval_spend(e, strlen(s)))
        return eval_null(e);
    const char *from = s;
    for (int64_t i = 0; i < start; i++)
        text_next(&from);
    const char *to = from;
    for (int64_t i = 0; i < take; i++)
        text_next(&to);
    return (struct kind_value){json_strn(e->t->arena, from, (size_t)(to - from)), false};
}

struct kind_value
eval_merge(struct eval *e, const struct json *args, const struct eval_scope *scope)
{
    struct json *all = json_array(e->t->arena);
    for (size_t i = 0; i < eval_count(args); i++) {
        struct json *part = eval_arg(e, args, i, scope).json;
        if (!json_is(part, JSON_ARRAY)) {
            json_push(e->t->arena, all, part);
            continue;
        }
        if (!eval_spend(e, json_count(part)))
            return eval_null(e);
        for (size_t j = 0; j < json_count(part); j++)
            json_push(e->t->arena, all, json_at(part, j));
    }
    return (struct kind_value){all, false};
}
