/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/json.c - JSON values in an arena: reading, building, looking.
 *
 * Knows: jansson (the only file that does), the tree.
 * Does not know: bytes that are written (base/canon.c), schemas, what a value means.
 */

/*
 * Our names and jansson's meet in both the compiler and the linker. Here jansson's are renamed as
 * far as they collide (none of those is called), and ours are hidden, so that the library never
 * binds to them.
 */
#define JSON_NULL    JANSSON_NULL
#define JSON_FALSE   JANSSON_FALSE
#define JSON_TRUE    JANSSON_TRUE
#define JSON_INTEGER JANSSON_INTEGER
#define JSON_REAL    JANSSON_REAL
#define JSON_STRING  JANSSON_STRING
#define JSON_ARRAY   JANSSON_ARRAY
#define JSON_OBJECT  JANSSON_OBJECT
#define json_null    jansson_null
#define json_integer jansson_integer
#define json_real    jansson_real
#define json_string  jansson_string
#define json_array   jansson_array
#define json_object  jansson_object
#define json_equal   jansson_equal
#include <jansson.h>
#undef JSON_NULL
#undef JSON_FALSE
#undef JSON_TRUE
#undef JSON_INTEGER
#undef JSON_REAL
#undef JSON_STRING
#undef JSON_ARRAY
#undef JSON_OBJECT
#undef json_null
#undef json_integer
#undef json_real
#undef json_string
#undef json_array
#undef json_object
#undef json_equal
#undef json_is_true
#undef json_is_null

#pragma GCC visibility push(hidden)
#include "base/json.h"
#pragma GCC visibility pop

#include "base/inside.h"
#include "base/limit.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this many members two objects are compared by sorting: hostile input stays cheap. */
#define COMPARE_PLAINLY 32

#define WHOLE_MAX 9007199254740991.0 /* 2^53-1 */

struct place {
    size_t line, column;
};

static enum fault_code
refuse(struct task *t, struct place at, const char *zh, const char *en)
{
    return fault(t, FAULT_INPUT, "", "第 %zu 行第 %zu 列：%s | Line %zu, column %zu: %s", at.line,
                 at.column, zh, at.line, at.column, en);
}

/* Well-formed UTF-8 and bounded depth, before any memory is spent on the content. */
static enum fault_code
scan(struct task *t, const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    struct place at = {1, 1};
    bool quoted = false, escaped = false;
    size_t i, step, depth = 0;

    for (i = 0; i < len; i += step) {
        step = text_sequence(s + i, len - i);
        if (step == 0)
            return refuse(t, at, "不是有效的 UTF-8", "not well-formed UTF-8");
        if (escaped) {
            escaped = false;
        } else if (quoted) {
            escaped = s[i] == '\\';
            quoted = s[i] != '"';
        } else if (s[i] == '"') {
            quoted = true;
        } else if (s[i] == '[' || s[i] == '{') {
            if (++depth > LIMIT_JSON_DEPTH)
                return refuse(t, at, "嵌套过深", "nested too deeply");
        } else if ((s[i] == ']' || s[i] == '}') && depth > 0) {
            depth--;
        }
        at.column++;
        if (s[i] == '\n') {
            at.line++;
            at.column = 1;
        }
    }
    return FAULT_NONE;
}

static enum fault_code
refuse_parse(struct task *t, const json_error_t *error)
{
    struct place at = {error->line > 0 ? (size_t)error->line : 1,
                       error->column > 0 ? (size_t)error->column : 1};

    switch (json_error_code(error)) {
    case json_error_premature_end_of_input:
        return refuse(t, at, "JSON 不完整", "the JSON ends too early");
    case json_error_end_of_input_expected:
        return refuse(t, at, "JSON 之后还有多余内容", "text follows after the JSON value");
    case json_error_duplicate_key:
        return refuse(t, at, "同一对象中键重复", "a key occurs twice in one object");
    case json_error_numeric_overflow:
        return refuse(t, at, "数字超出范围", "a number is out of range");
    case json_error_null_byte_in_key:
        return refuse(t, at, "键中不得含有 U+0000", "a key must not hold U+0000");
    case json_error_out_of_memory: fault_abort("memory for JSON", __FILE__, __LINE__);
    default: return refuse(t, at, "不是有效的 JSON", "not valid JSON");
    }
}

static struct json *
make(struct arena *a, enum json_type type)
{
    struct json *v = arena_alloc(a, sizeof *v);

    v->type = type;
    return v;
}

void
json_append(struct arena *a, struct json *object, const char *name, struct json *value)
{
    struct json_member *grown;
    size_t n = object->object.n;

    if (n == object->object.room) {
        object->object.room = n > 0 ? n * 2 : 8;
        grown = arena_alloc(a, object->object.room * sizeof *grown);
        if (n > 0)
            memcpy(grown, object->object.at, n * sizeof *grown);
        object->object.at = grown;
    }
    object->object.at[n].name = name;
    object->object.at[n].value = value;
    object->object.n++;
}

static struct json *
convert(struct arena *a, json_t *from)
{
    struct json *v;
    json_t *child;
    void *at;
    size_t i;

    switch (json_typeof(from)) {
    case JANSSON_OBJECT:
        v = json_object(a);
        for (at = json_object_iter(from); at; at = json_object_iter_next(from, at))
            json_append(a, v, arena_text(a, json_object_iter_key(at)),
                   convert(a, json_object_iter_value(at)));
        return v;
    case JANSSON_ARRAY:
        v = json_array(a);
        json_array_foreach(from, i, child) json_push(a, v, convert(a, child));
        return v;
    case JANSSON_STRING: return json_strn(a, json_string_value(from), json_string_length(from));
    case JANSSON_INTEGER: return json_int(a, json_integer_value(from));
    case JANSSON_REAL: return json_real(a, json_real_value(from));
    case JANSSON_TRUE: return make(a, JSON_TRUE);
    case JANSSON_FALSE: return make(a, JSON_FALSE);
    case JANSSON_NULL: break;
    }
    return make(a, JSON_NULL);
}

enum fault_code
json_read(struct task *t, const char *bytes, size_t len, struct json **out)
{
    json_error_t error;
    json_t *root;
    struct json *plain = json_read_plain(t->arena, bytes, len);
    enum fault_code rc;

    if (plain) {
        *out = plain;
        return FAULT_NONE;
    }
    rc = scan(t, bytes, len);
    if (rc)
        return rc;
    root = json_loadb(len > 0 ? bytes : "", len,
                      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    if (!root)
        return refuse_parse(t, &error);
    *out = convert(t->arena, root);
    json_decref(root);
    return FAULT_NONE;
}

struct json *
json_written(struct arena *a, const char *bytes, size_t len)
{
    struct json *v = make(a, JSON_WRITTEN);

    v->string.bytes = bytes;
    v->string.len = len;
    return v;
}

struct json *
json_null(struct arena *a)
{
    return make(a, JSON_NULL);
}

struct json *
json_bool(struct arena *a, bool value)
{
    return make(a, value ? JSON_TRUE : JSON_FALSE);
}

struct json *
json_int(struct arena *a, int64_t value)
{
    struct json *v = make(a, JSON_INTEGER);

    v->integer = value;
    return v;
}

struct json *
json_real(struct arena *a, double value)
{
    struct json *v;

    if (!isfinite(value))
        return json_null(a);
    if (fabs(value) <= WHOLE_MAX && floor(value) == value)
        return json_int(a, (int64_t)value);
    v = make(a, JSON_REAL);
    v->real = value;
    return v;
}

struct json *
json_str(struct arena *a, const char *value)
{
    return value ? json_strn(a, value, strlen(value)) : json_null(a);
}

struct json *
json_strn(struct arena *a, const char *value, size_t len)
{
    struct json *v = make(a, JSON_STRING);

    v->string.bytes = arena_copy(a, value, len);
    v->string.len = len;
    return v;
}

struct json *
json_format(struct arena *a, const char *format, ...)
{
    struct json *v = make(a, JSON_STRING);
    va_list args, again;
    char *bytes;
    int len;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    must(len >= 0);
    bytes = arena_alloc(a, (size_t)len + 1);
    must(vsnprintf(bytes, (size_t)len + 1, format, again) == len);
    va_end(again);
    v->string.bytes = bytes;
    v->string.len = (size_t)len;
    return v;
}

struct json *
json_array(struct arena *a)
{
    return make(a, JSON_ARRAY);
}

struct json *
json_object(struct arena *a)
{
    return make(a, JSON_OBJECT);
}

struct json *
json_push(struct arena *a, struct json *array, struct json *value)
{
    struct json **grown;
    size_t n = array->array.n;

    must(array->type == JSON_ARRAY && value);
    if (n == array->array.room) {
        array->array.room = n > 0 ? n * 2 : 8;
        grown = arena_alloc(a, array->array.room * sizeof(struct json *));
        if (n > 0)
            memcpy(grown, array->array.at, n * sizeof(struct json *));
        array->array.at = grown;
    }
    array->array.at[n] = value;
    array->array.n++;
    return array;
}

static struct json_member *
member(const struct json *object, const char *name)
{
    size_t i;

    for (i = 0; i < object->object.n; i++)
        if (object->object.at[i].name[0] == name[0] && strcmp(object->object.at[i].name, name) == 0)
            return &object->object.at[i];
    return NULL;
}

struct json *
json_set(struct arena *a, struct json *object, const char *name, struct json *value)
{
    struct json_member *there, *end;

    must(object->type == JSON_OBJECT);
    there = member(object, name);
    if (there && value) {
        there->value = value;
    } else if (there) {
        end = object->object.at + object->object.n;
        memmove(there, there + 1, (size_t)(end - there - 1) * sizeof *there);
        object->object.n--;
    } else if (value) {
        json_append(a, object, arena_text(a, name), value);
    }
    return object;
}

struct json *
json_set_str(struct arena *a, struct json *object, const char *name, const char *v)
{
    return json_set(a, object, name, json_str(a, v));
}

struct json *
json_set_int(struct arena *a, struct json *object, const char *name, int64_t v)
{
    return json_set(a, object, name, json_int(a, v));
}

struct json *
json_set_bool(struct arena *a, struct json *object, const char *name, bool v)
{
    return json_set(a, object, name, json_bool(a, v));
}

struct json *
json_shallow(struct arena *a, const struct json *value)
{
    struct json *copy = make(a, value->type);
    size_t i;

    *copy = *value;
    if (value->type == JSON_ARRAY) {
        memset(&copy->array, 0, sizeof copy->array);
        for (i = 0; i < value->array.n; i++)
            json_push(a, copy, value->array.at[i]);
    } else if (value->type == JSON_OBJECT) {
        memset(&copy->object, 0, sizeof copy->object);
        for (i = 0; i < value->object.n; i++)
            json_append(a, copy, value->object.at[i].name, value->object.at[i].value);
    }
    return copy;
}

struct json *
json_get(const struct json *object, const char *name)
{
    struct json_member *there;

    if (!json_is(object, JSON_OBJECT) || !name)
        return NULL;
    there = member(object, name);
    return there ? there->value : NULL;
}

struct json *
json_at(const struct json *array, size_t i)
{
    return json_is(array, JSON_ARRAY) && i < array->array.n ? array->array.at[i] : NULL;
}

size_t
json_count(const struct json *array_or_object)
{
    if (json_is(array_or_object, JSON_ARRAY))
        return array_or_object->array.n;
    return json_is(array_or_object, JSON_OBJECT) ? array_or_object->object.n : 0;
}

const char *
json_text(const struct json *value)
{
    return json_is(value, JSON_STRING) ? value->string.bytes : NULL;
}

const char *
json_text_of(const struct json *object, const char *name)
{
    return json_text(json_get(object, name));
}

int64_t
json_int_of(const struct json *object, const char *name, int64_t otherwise)
{
    return json_integer(json_get(object, name), otherwise);
}

int64_t
json_integer(const struct json *value, int64_t otherwise)
{
    return json_is(value, JSON_INTEGER) ? value->integer : otherwise;
}

bool
json_is_true(const struct json *value)
{
    return json_is(value, JSON_TRUE);
}

bool
json_is_null(const struct json *value)
{
    return !value || value->type == JSON_NULL;
}

bool
json_is(const struct json *value, enum json_type type)
{
    return value && value->type == type;
}

static int
by_name(const void *a, const void *b)
{
    const struct json_member *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static const struct json_member **
sorted_members(struct arena *a, const struct json *object)
{
    const struct json_member **sorted = arena_alloc(a, object->object.n * sizeof *sorted);
    size_t i;

    for (i = 0; i < object->object.n; i++)
        sorted[i] = &object->object.at[i];
    qsort(sorted, object->object.n, sizeof *sorted, by_name);
    return sorted;
}

static bool
equal_objects(const struct json *a, const struct json *b)
{
    const struct json_member **x, **y;
    struct arena *own;
    bool equal = true;
    size_t i, n = a->object.n;

    if (n != b->object.n)
        return false;
    if (n <= COMPARE_PLAINLY) {
        for (i = 0; i < n && equal; i++)
            equal = json_equal(a->object.at[i].value, json_get(b, a->object.at[i].name));
        return equal;
    }
    own = arena_new();
    x = sorted_members(own, a);
    y = sorted_members(own, b);
    for (i = 0; i < n && equal; i++)
        equal = strcmp(x[i]->name, y[i]->name) == 0 && json_equal(x[i]->value, y[i]->value);
    arena_free(own);
    return equal;
}

/* Exactly: 2^53+1 as an integer is not the real 2^53. */
static bool
equal_number(int64_t whole, double real)
{
    return floor(real) == real && real >= -0x1p63 && real < 0x1p63 && (int64_t)real == whole;
}

bool
json_equal(const struct json *a, const struct json *b)
{
    size_t i;

    if (!a || !b)
        return a == b;
    if (a->type == JSON_INTEGER && b->type == JSON_REAL)
        return equal_number(a->integer, b->real);
    if (a->type == JSON_REAL && b->type == JSON_INTEGER)
        return equal_number(b->integer, a->real);
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case JSON_INTEGER: return a->integer == b->integer;
    case JSON_REAL: return !(a->real < b->real) && !(a->real > b->real);
    case JSON_WRITTEN:
    case JSON_STRING:
        return a->string.len == b->string.len &&
               memcmp(a->string.bytes, b->string.bytes, a->string.len) == 0;
    case JSON_ARRAY:
        for (i = 0; i < a->array.n; i++)
            if (!json_equal(a->array.at[i], json_at(b, i)))
                return false;
        return a->array.n == b->array.n;
    case JSON_OBJECT: return equal_objects(a, b);
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE: break;
    }
    return true;
}
