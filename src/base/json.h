/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/json.h - JSON values in an arena: read strictly, walk, build, write.
 *
 * Reading wraps jansson (the only file that names it is base/json.c): bad UTF-8, duplicate keys,
 * trailing text, depth beyond LIMIT_JSON_DEPTH are refused with a place. A real that is whole and
 * within ±(2^53−1) becomes an integer; other reals are kept as JSON_REAL and refused by the canonical writer, since numbers
 * that are not whole travel as decimal strings. Members keep the order in which they were read.
 * A value is immutable once shared; building appends in place.
 * Functions that look things up take NULL for "absent" and answer NULL, so that paths chain.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/task.h"
#include "base/text.h"
#include <stdbool.h>

enum json_type {
    JSON_NULL = 0,
    JSON_FALSE,
    JSON_TRUE,
    JSON_INTEGER,
    JSON_REAL,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
    JSON_WRITTEN /* text that is JSON already: json_write copies it, nothing else looks inside */
};

struct json_member;

struct json {
    enum json_type type;
    union {
        int64_t integer;
        double real;
        struct {
            const char *bytes; /* zero-terminated; may hold U+0000 inside */
            size_t len;
        } string;
        struct {
            struct json **at;
            size_t n, room;
        } array;
        struct {
            struct json_member *at;
            size_t n, room;
        } object;
    };
};

struct json_member {
    const char *name;
    struct json *value;
};

/* FAULT_INPUT with line and column in the detail, pointer "". Result in `t`. */
MUST_USE enum fault_code
json_read(struct task *t, const char *bytes, size_t len, struct json **out);

/* Makers. Strings are copied. */
struct json *json_null(struct arena *a);
struct json *json_bool(struct arena *a, bool value);
struct json *json_int(struct arena *a, int64_t value);
struct json *json_real(struct arena *a, double value);
struct json *json_str(struct arena *a, const char *value); /* NULL makes JSON null */
struct json *json_strn(struct arena *a, const char *value, size_t len);
struct json *json_format(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct json *json_written(struct arena *a, const char *bytes, size_t len); /* not copied; a long answer's rows */
struct json *json_array(struct arena *a);
struct json *json_object(struct arena *a);

/* Appends; returns `array`. */
struct json *
json_push(struct arena *a, struct json *array, struct json *value);

/* Sets or replaces; `name` is copied; a NULL value removes the member. Returns `object`. */
struct json *
json_set(struct arena *a, struct json *object, const char *name, struct json *value);
struct json *json_set_str(struct arena *a, struct json *object, const char *name, const char *v);
struct json *json_set_int(struct arena *a, struct json *object, const char *name, int64_t v);
struct json *json_set_bool(struct arena *a, struct json *object, const char *name, bool v);

/* Copies of the outermost level only (members and items are shared). */
struct json *
json_shallow(struct arena *a, const struct json *value);

/* Looking. A NULL or wrong-typed receiver answers NULL, 0 or `otherwise`. */
struct json *json_get(const struct json *object, const char *name);
struct json *json_at(const struct json *array, size_t i);
size_t json_count(const struct json *array_or_object);
const char *json_text(const struct json *value); /* NULL unless a string */
const char *json_text_of(const struct json *object, const char *name);
int64_t json_int_of(const struct json *object, const char *name, int64_t otherwise);
int64_t json_integer(const struct json *value, int64_t otherwise);
bool json_is_true(const struct json *value);
bool json_is_null(const struct json *value); /* NULL or JSON null */
bool json_is(const struct json *value, enum json_type type);
/* Equality of values: numbers by value, objects without order. */
bool json_equal(const struct json *a, const struct json *b);

/* Writing: compact, members in their order. Appends to `out`. */
void
json_write(struct text *out, const struct json *value);

/* A string with its quotes; NULL makes null. */
void
json_write_text(struct text *out, const char *text);

const char *
json_string(struct arena *a, const struct json *value);

/*
 * What a row holds is looked through without making values of it. `*at` begins at the '{' and goes on
 * from member to member; the walk ends where they end, or where the text is not as this house writes.
 */
struct json_slice {
    const char *at;
    size_t len;
};
bool
json_next_member(const char **at, struct json_slice *name, struct json_slice *value);
/* The next string inside a written value at whatever depth, no member's name; without its quotes. */
bool
json_next_string(struct json_slice *rest, struct json_slice *string);
/*
 * An object of those members alone, out of a canonical text. `names` are kept; they stand in order, as a text's
 * do. The value of `unread`, one of them or NULL, stays text: JSON_WRITTEN, in `written`.
 */
MUST_USE enum fault_code
json_pick(struct task *t, const char *written, const char *const *names, size_t n, const char *unread,
          struct json **out);
/* A written value made into one that can be looked into; any other is itself. NULL with the fault. */
const struct json *
json_opened(struct task *t, const struct json *value);

/*
 * RFC 8785 canonical form: keys by UTF-16 units, no white space. The product's own canonical bytes
 * hold integers only; a JSON_REAL gives FAULT_INPUT at its pointer. With `reals` true (used by the
 * published test data alone) reals are written as ECMAScript writes them.
 */
MUST_USE enum fault_code
json_canonical(struct task *t, const struct json *value, bool reals, struct text *out);

/* Adds one escaped reference token to a JSON Pointer: ("/a", "b/c") → "/a/b~1c". In `a`. */
const char *
json_pointer(struct arena *a, const char *at, const char *token);
const char *
json_pointer_index(struct arena *a, const char *at, size_t i);

#endif
