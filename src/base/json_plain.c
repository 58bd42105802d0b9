/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/json_plain.c - JSON as this house writes it, read in one pass.
 *
 * Every row and event holds canonical bytes (base/canon.c): no spaces, names in order and so never
 * twice, whole numbers, few escapes. They are read far more often than anything else. Whatever is
 * not so plain is not judged here: the answer is NULL and base/json.c asks the library, which alone
 * refuses.
 *
 * Knows: the grammar of the plain part, well-formed UTF-8, the depth.
 * Does not know: jansson, what a fault is.
 */
#include "base/inside.h"
#include "base/json.h"
#include "base/limit.h"
#include <string.h>

#define DIGITS 18 /* fit an int64_t whatever they are */

/* The bytes are a copy of our own: a string ends where its closing quote stood, and is copied no more. */
struct plain {
    struct arena *arena;
    char *at;
    const char *end;
    int depth;
};

static struct json *read_value(struct plain *p);

static bool
takes(struct plain *p, char c)
{
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

/* The character a short escape stands for; 0: another escape. */
static char
escaped(char letter)
{
    static const char letters[] = "btnfr\"\\", stands[] = "\b\t\n\f\r\"\\";
    const char *found = letter ? strchr(letters, letter) : NULL;

    return found ? stands[found - letters] : 0;
}

/* Where the string ends and whether it is as long as what it stands for; NULL: not plain. */
static char *
string_end(const struct plain *p, bool *as_is)
{
    char *at = p->at;

    *as_is = true;
    while (at < p->end && *at != '"') {
        unsigned char c = (unsigned char)*at;
        size_t step = 1;

        if (c < 0x20)
            return NULL;
        if (c >= 0x80)
            step = text_sequence((const unsigned char *)at, (size_t)(p->end - at));
        if (c == '\\') {
            *as_is = false;
            step = at + 1 < p->end && escaped(at[1]) ? 2 : 0;
        }
        if (!step)
            return NULL;
        at += step;
    }
    return at < p->end ? at : NULL;
}

static char *
read_string(struct plain *p, size_t *len)
{
    bool as_is;
    char *end = takes(p, '"') ? string_end(p, &as_is) : NULL;
    char *out = p->at;
    size_t n = 0;

    if (!end)
        return NULL;
    n = (size_t)(end - p->at);
    if (!as_is) {
        n = 0;
        for (const char *at = p->at; at < end; at++)
            out[n++] = *at == '\\' ? escaped(*++at) : *at;
    }
    out[n] = '\0';
    p->at = end + 1;
    *len = n;
    return out;
}

static struct json *
read_text(struct plain *p)
{
    size_t len;
    char *text = read_string(p, &len);
    struct json *v;

    if (!text)
        return NULL;
    v = json_null(p->arena);
    v->type = JSON_STRING;
    v->string.bytes = text;
    v->string.len = len;
    return v;
}

static bool
at_digit(const struct plain *p)
{
    return p->at < p->end && *p->at >= '0' && *p->at <= '9';
}

static struct json *
read_number(struct plain *p)
{
    bool negative = takes(p, '-');
    const char *first = p->at;
    int64_t value = 0;

    while (at_digit(p) && p->at - first < DIGITS)
        value = value * 10 + (*p->at++ - '0');
    if (p->at == first || at_digit(p) || (*first == '0' && (p->at - first > 1 || negative)))
        return NULL;
    if (p->at < p->end && (*p->at == '.' || *p->at == 'e' || *p->at == 'E'))
        return NULL;
    return json_int(p->arena, negative ? -value : value);
}

static struct json *
read_word(struct plain *p)
{
    static const char *const words[] = {"true", "false", "null"};

    for (int i = 0; i < 3; i++) {
        size_t len = strlen(words[i]);

        if ((size_t)(p->end - p->at) >= len && memcmp(p->at, words[i], len) == 0) {
            p->at += len;
            return i == 2 ? json_null(p->arena) : json_bool(p->arena, i == 0);
        }
    }
    return NULL;
}

static struct json *
read_array(struct plain *p)
{
    struct json *list = json_array(p->arena);

    if (takes(p, ']'))
        return list;
    do {
        struct json *v = read_value(p);

        if (!v)
            return NULL;
        json_push(p->arena, list, v);
    } while (takes(p, ','));
    return takes(p, ']') ? list : NULL;
}

#define LOOKED_FOR 32 /* members among which a name is looked for one by one */

/* Names that rise from one to the next need not be looked for among the others. */
static bool
is_new(const struct json *object, const char *name, bool *rises)
{
    size_t n = object->object.n;

    *rises = *rises && (!n || strcmp(object->object.at[n - 1].name, name) < 0);
    return *rises || (n < LOOKED_FOR && !json_get(object, name));
}

static struct json *
read_object(struct plain *p)
{
    struct json *object = json_object(p->arena);
    bool rises = true;

    if (takes(p, '}'))
        return object;
    do {
        size_t len;
        const char *name = read_string(p, &len);
        struct json *v = name && takes(p, ':') ? read_value(p) : NULL;

        if (!v || strlen(name) != len || !is_new(object, name, &rises))
            return NULL;
        json_append(p->arena, object, name, v);
    } while (takes(p, ','));
    return takes(p, '}') ? object : NULL;
}

static struct json *
read_value(struct plain *p)
{
    struct json *v = NULL;

    if (p->at == p->end || p->depth >= LIMIT_JSON_DEPTH)
        return NULL;
    p->depth++;
    switch (*p->at) {
    case '"':
        v = read_text(p);
        break;
    case '[':
        p->at++;
        v = read_array(p);
        break;
    case '{':
        p->at++;
        v = read_object(p);
        break;
    case 't':
    case 'f':
    case 'n':
        v = read_word(p);
        break;
    default:
        v = read_number(p);
    }
    p->depth--;
    return v;
}

struct json *
json_read_plain(struct arena *a, const char *bytes, size_t len)
{
    char *own = arena_copy(a, bytes, len);
    struct plain p = {a, own, own + len, 0};
    struct json *v = read_value(&p);

    return p.at == p.end ? v : NULL;
}
