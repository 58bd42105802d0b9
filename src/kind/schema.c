/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/schema.c - one value against a JSON Schema of the stated subset.
 *
 * Knows: the keywords of JSON Schema that definitions take, and what the field marks say about the
 * form of a text. Formats are asserted. A decimal's bounds are compared as numbers.
 * Does not know: whether a named unit, person or record exists; which fields a step takes.
 */
#include "kind/kind.h"

#include "base/decimal.h"
#include "base/time.h"
#include "kind/pattern.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 200 /* bytes of an enum shown in a message */

struct check {
    struct task *t;
    bool quiet;  /* under `if`: asked, not told */
    bool inside; /* under `if`, `then`, `else`: the product's own limits were checked outside */
};

static bool check_value(struct check *c, const struct json *schema, const struct json *value,
                        const char *pointer);

/* The fault only, so that texts are formatted for those who are told; answers false. */
#define refuse(c, pointer, ...)                                                                    \
    ((c)->quiet || (c)->t->fault.n_items >= FAULT_ITEMS_MAX                                        \
         ? false                                                                                   \
         : ((void)fault((c)->t, FAULT_INPUT, (pointer), __VA_ARGS__), false))

/* ---- numbers ---- */

static bool
is_number(const struct json *v)
{
    return json_is(v, JSON_INTEGER) || json_is(v, JSON_REAL);
}

static bool
is_decimal_text(const struct json *schema, const struct json *value)
{
    const char *mark = json_text_of(schema, "x-field");
    return json_is(value, JSON_STRING) &&
           (text_equal(mark, "decimal") || text_equal(mark, "money"));
}

static bool
read_number(const struct json *v, struct decimal *out)
{
    if (json_is(v, JSON_INTEGER))
        *out = decimal_of(v->integer);
    else if (json_is(v, JSON_REAL))
        return decimal_of_real(v->real, out);
    else
        return decimal_read(json_text(v) ? json_text(v) : "", out);
    return true;
}

static double
real_of(const struct json *v)
{
    return json_is(v, JSON_INTEGER) ? (double)v->integer : json_is(v, JSON_REAL) ? v->real : 0;
}

/* Exactly; where a number is too large for a decimal, as reals. */
static int
compare_numbers(const struct json *a, const struct json *b)
{
    struct decimal x, y;
    if (read_number(a, &x) && read_number(b, &y))
        return decimal_compare(x, y);
    return (real_of(a) > real_of(b)) - (real_of(a) < real_of(b));
}

static bool
is_multiple(const struct json *v, const struct json *of)
{
    struct decimal x, y, rest;
    if (read_number(v, &x) && read_number(of, &y) && y.units != 0 && decimal_modulo(x, y, &rest))
        return rest.units == 0;
    return real_of(of) != 0 && fmod(real_of(v), real_of(of)) == 0;
}

static bool
check_number(struct check *c, const struct json *schema, const struct json *value,
             const char *pointer)
{
    const struct json *least = json_get(schema, "minimum"), *most = json_get(schema, "maximum");
    const struct json *step = json_get(schema, "multipleOf");
    bool holds = true;
    if (least && compare_numbers(value, least) < 0)
        holds = refuse(c, pointer, "请填写不小于 %s 的数 | give a number of at least %s",
                       json_string(c->t->arena, least), json_string(c->t->arena, least));
    if (most && compare_numbers(value, most) > 0)
        holds = refuse(c, pointer, "请填写不大于 %s 的数 | give a number of at most %s",
                       json_string(c->t->arena, most), json_string(c->t->arena, most));
    if (step && !is_multiple(value, step))
        holds = refuse(c, pointer, "请填写 %s 的整数倍 | give a multiple of %s",
                       json_string(c->t->arena, step), json_string(c->t->arena, step));
    return holds;
}

/* ---- texts ---- */

static bool
check_format(struct check *c, const struct json *schema, const char *text, const char *pointer)
{
    const char *format = json_text_of(schema, "format");
    int32_t day;
    int64_t at;
    if (text_equal(format, "date") && !time_read_day(text, &day))
        return refuse(c, pointer,
                      "请填写存在的日期，形如 2026-11-21 | give a date that exists, as 2026-11-21");
    /* time_read takes a bare date too; a date-time is longer than one. */
    if (text_equal(format, "date-time") && (strlen(text) <= 10 || !time_read(text, false, &at)))
        return refuse(c, pointer,
                      "请填写带时区的时间，形如 2026-11-21T09:30:00+08:00 | give a time with its "
                      "offset, as 2026-11-21T09:30:00+08:00");
    return true;
}

/* Marks whose value is an id or a name: text that is there and short. */
static bool
is_reference(const char *mark)
{
    static const char *const whole[] = {"unit", "person", "post",   "place",
                                        "file", "figure", "edition"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (text_equal(mark, whole[i]))
            return true;
    return text_starts(mark, "record:") || text_starts(mark, "code:");
}

static bool
check_mark(struct check *c, const struct json *schema, const char *text, const char *pointer)
{
    const char *mark = json_text_of(schema, "x-field");
    struct decimal number;
    struct rule_duration duration;
    if (!mark)
        return true;
    if ((strcmp(mark, "decimal") == 0 || strcmp(mark, "money") == 0) &&
        !decimal_read(text, &number))
        return refuse(
            c, pointer,
            "请填写数字，形如 1200.5，至多 38 位 | give a number as 1200.5, of at most 38 "
            "digits");
    if (strcmp(mark, "duration") == 0 && !rule_duration_read(text, &duration))
        return refuse(c, pointer,
                      "请填写期限，形如 30min 2h 10d 15wd 3mo 1q 1y 1qe | give a duration as 30min 2h "
                      "10d 15wd 3mo 1q 1y 1qe");
    if (is_reference(mark) && (!*text || text_length(text) > LIMIT_NAME))
        return refuse(c, pointer,
                      "请选择一项，其编号不超过 %d 字 | choose one; its id has at most "
                      "%d characters",
                      LIMIT_NAME, LIMIT_NAME);
    return true;
}

static bool
check_length(struct check *c, const struct json *schema, const char *text, const char *pointer)
{
    int64_t least = json_int_of(schema, "minLength", 0);
    int64_t most = json_int_of(schema, "maxLength", c->inside ? INT64_MAX : LIMIT_TEXT);
    int64_t len = (int64_t)text_length(text);
    if (len < least)
        return refuse(c, pointer, "请至少填写 %lld 个字 | write at least %lld characters",
                      (long long)least, (long long)least);
    if (len > most)
        return refuse(
            c, pointer,
            "请缩短到 %lld 个字以内，现有 %lld 个 | shorten it to %lld characters, it has "
            "%lld",
            (long long)most, (long long)len, (long long)most, (long long)len);
    return true;
}

static bool
check_text(struct check *c, const struct json *schema, const struct json *value,
           const char *pointer)
{
    const char *text = value->string.bytes;
    if (memchr(text, 0, value->string.len))
        return refuse(c, pointer,
                      "文本含空字符 U+0000，请删除后再提交 | the text holds U+0000: remove it");
    bool holds = check_length(c, schema, text, pointer);
    const char *pattern = json_text_of(schema, "pattern");
    if (pattern && holds && !kind_pattern_matches(pattern, text))
        holds = refuse(c, pointer, "请按格式填写：%s | write it in the form %s", pattern, pattern);
    if (!check_format(c, schema, text, pointer) || !check_mark(c, schema, text, pointer))
        return false;
    if (is_decimal_text(schema, value) && !check_number(c, schema, value, pointer))
        return false;
    return holds;
}

/* ---- arrays and objects ---- */

struct canonical {
    const char *bytes;
    size_t index;
};

static int
compare_canonical(const void *a, const void *b)
{
    const struct canonical *x = a, *y = b;
    int order = strcmp(x->bytes, y->bytes);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* By canonical text and sorting: an array may hold a hundred thousand items. */
static bool
check_unique(struct check *c, const struct json *value, const char *pointer)
{
    size_t n = json_count(value);
    if (n < 2)
        return true;
    struct canonical *all = arena_alloc(c->t->arena, n * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        struct text x;
        text_init(&x, c->t->arena);
        if (json_canonical(c->t, json_at(value, i), true, &x) != FAULT_NONE)
            return false;
        all[i] = (struct canonical){text_string(&x), i};
    }
    qsort(all, n, sizeof *all, compare_canonical);
    for (size_t i = 1; i < n; i++)
        if (strcmp(all[i - 1].bytes, all[i].bytes) == 0)
            return refuse(c, json_pointer_index(c->t->arena, pointer, all[i].index),
                          "与第 %zu 项重复，请删除一项 | the same as item %zu: remove one of them",
                          all[i - 1].index + 1, all[i - 1].index + 1);
    return true;
}

static bool
check_array(struct check *c, const struct json *schema, const struct json *value,
            const char *pointer)
{
    const struct json *items = json_get(schema, "items");
    int64_t n = (int64_t)json_count(value), least = json_int_of(schema, "minItems", 0);
    int64_t most = json_int_of(schema, "maxItems", INT64_MAX);
    bool holds = true;
    if (n < least)
        holds = refuse(c, pointer, "请至少给出 %lld 项 | give at least %lld items",
                       (long long)least, (long long)least);
    if (n > most)
        holds = refuse(c, pointer, "请减少到 %lld 项以内 | give at most %lld items",
                       (long long)most, (long long)most);
    for (size_t i = 0; i < json_count(value); i++)
        if (!check_value(c, items, json_at(value, i), json_pointer_index(c->t->arena, pointer, i)))
            holds = false;
    if (holds && json_is(json_get(schema, "uniqueItems"), JSON_TRUE))
        holds = check_unique(c, value, pointer);
    return holds;
}

static bool
check_object(struct check *c, const struct json *schema, const struct json *value,
             const char *pointer)
{
    const struct json *properties = json_get(schema, "properties");
    const struct json *required = json_get(schema, "required");
    bool closed = json_is(json_get(schema, "additionalProperties"), JSON_FALSE);
    bool holds = true;
    for (size_t i = 0; i < json_count(required); i++) {
        const char *name = json_text(json_at(required, i));
        if (name && !json_get(value, name))
            holds = refuse(c, json_pointer(c->t->arena, pointer, name),
                           "请填写此项 | this must be given");
    }
    for (size_t i = 0; i < json_count(value); i++) {
        const struct json_member *m = &value->object.at[i];
        const struct json *sub = json_get(properties, m->name);
        const char *at = json_pointer(c->t->arena, pointer, m->name);
        if (!sub && closed)
            holds = refuse(c, at, "没有这一项，请删除 | there is no such member: remove it");
        else if (!check_value(c, sub, m->value, at))
            holds = false;
    }
    return holds;
}

/* ---- any value ---- */

static bool
has_type(const struct json *value, const char *type)
{
    switch (value->type) {
    case JSON_NULL: return strcmp(type, "null") == 0;
    case JSON_FALSE:
    case JSON_TRUE: return strcmp(type, "boolean") == 0;
    case JSON_INTEGER: return strcmp(type, "integer") == 0 || strcmp(type, "number") == 0;
    case JSON_REAL:
        return strcmp(type, "number") == 0 ||
               (strcmp(type, "integer") == 0 && trunc(value->real) == value->real);
    case JSON_STRING: return strcmp(type, "string") == 0;
    case JSON_ARRAY: return strcmp(type, "array") == 0;
    default: return strcmp(type, "object") == 0;
    }
}

static bool
check_type(struct check *c, const struct json *type, const struct json *value, const char *pointer)
{
    static const char *const names[][3] = {
        {"string", "文本", "text"},     {"integer", "整数", "a whole number"},
        {"number", "数字", "a number"}, {"boolean", "是或否", "true or false"},
        {"array", "列表", "a list"},    {"object", "对象", "an object"},
        {"null", "空值", "null"},
    };
    if (!type)
        return true;
    bool one = json_is(type, JSON_STRING);
    for (size_t i = 0; i < (one ? 1 : json_count(type)); i++) {
        const char *name = json_text(one ? type : json_at(type, i));
        if (name && has_type(value, name))
            return true;
    }
    for (size_t i = 0; one && i < sizeof names / sizeof *names; i++)
        if (strcmp(json_text(type), names[i][0]) == 0)
            return refuse(c, pointer, "请填写%s | give %s", names[i][1], names[i][2]);
    return refuse(c, pointer, "请按类型填写：%s | give one of these types: %s",
                  json_string(c->t->arena, type), json_string(c->t->arena, type));
}

static bool
check_choice(struct check *c, const struct json *schema, const struct json *value,
             const char *pointer)
{
    const struct json *one = json_get(schema, "const"), *many = json_get(schema, "enum");
    bool decimal = is_decimal_text(schema, value);
    if (one && !json_equal(one, value) && !(decimal && compare_numbers(one, value) == 0))
        return refuse(c, pointer, "此项只能是 %s | this can only be %s",
                      json_string(c->t->arena, one), json_string(c->t->arena, one));
    if (!many)
        return true;
    for (size_t i = 0; i < json_count(many); i++)
        if (json_equal(json_at(many, i), value))
            return true;
    if (c->quiet)
        return false;
    const char *shown = json_string(c->t->arena, many);
    return strlen(shown) <= SHOWN_MAX
               ? refuse(c, pointer, "请从 %s 中选择 | choose one of %s", shown, shown)
               : refuse(c, pointer, "请从所列各项中选择 | choose one of those listed");
}

/* `if` is asked without a word; then the branch it chooses is checked like any other schema. */
static bool
check_branch(struct check *c, const struct json *schema, const struct json *value,
             const char *pointer)
{
    const struct json *condition = json_get(schema, "if");
    if (!condition)
        return true;
    struct check silent = {c->t, true, true}, inner = {c->t, c->quiet, true};
    const char *name = check_value(&silent, condition, value, pointer) ? "then" : "else";
    return check_value(&inner, json_get(schema, name), value, pointer);
}

/* A NULL schema holds whatever keeps the product's own limits. */
static bool
check_value(struct check *c, const struct json *schema, const struct json *value,
            const char *pointer)
{
    if (json_is(schema, JSON_FALSE))
        return refuse(c, pointer, "此处不能有值，请删除 | nothing may stand here: remove it");
    if (!check_type(c, json_get(schema, "type"), value, pointer))
        return false;
    bool holds = check_choice(c, schema, value, pointer);
    if (is_number(value))
        holds &= check_number(c, schema, value, pointer);
    else if (json_is(value, JSON_STRING))
        holds &= check_text(c, schema, value, pointer);
    else if (json_is(value, JSON_ARRAY))
        holds &= check_array(c, schema, value, pointer);
    else if (json_is(value, JSON_OBJECT))
        holds &= check_object(c, schema, value, pointer);
    return check_branch(c, schema, value, pointer) && holds;
}

bool
kind_schema_holds(struct task *t, const struct json *schema, const struct json *value,
                  const char *pointer)
{
    struct check c = {.t = t};
    static const struct json absent = {.type = JSON_NULL};
    return check_value(&c, schema, value ? value : &absent, pointer);
}
