/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/json_written.c - going through JSON that this house wrote, without making values of it.
 *
 * A page shows most of what its rows hold just as it lies there: the bytes are looked through once,
 * and copied. What is written well is taken for granted here; anything else ends the walk early.
 *
 * Knows: where a value ends.
 * Does not know: what a value means, what is well-formed UTF-8.
 */
#include "base/inside.h"
#include "base/json.h"
#include <string.h>

/* Past a string that begins at `at`, or NULL. A quote ends it unless an odd number of backslashes stands before. */
static const char *
past_string(const char *at)
{
    const char *end = strchr(at + 1, '"'), *slash;

    while (end && end[-1] == '\\') {
        for (slash = end; slash[-1] == '\\';)
            slash--;
        if ((end - slash) % 2 == 0)
            break;
        end = strchr(end + 1, '"');
    }
    return end ? end + 1 : NULL;
}

static const char *
past_value(const char *at)
{
    int depth = 0;

    do {
        if (*at == '"') {
            at = past_string(at);
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            depth--;
            at++;
        } else if (*at == ',' || *at == ':') {
            at++;
        } else {
            size_t n = strcspn(at, ",:{}[]\"");

            at = n ? at + n : NULL;
        }
    } while (at && *at && depth > 0);
    return depth ? NULL : at;
}

bool
json_next_member(const char **at, struct json_slice *name, struct json_slice *value)
{
    const char *p = *at, *end;

    if (!p || (*p != '{' && *p != ',') || p[1] != '"')
        return false;
    end = past_string(++p);
    if (!end || *end != ':')
        return false;
    name->at = p + 1;
    name->len = (size_t)(end - p) - 2;
    p = end + 1;
    end = past_value(p);
    if (!end)
        return false;
    value->at = p;
    value->len = (size_t)(end - p);
    *at = end;
    return true;
}

bool
json_next_string(struct json_slice *rest, struct json_slice *string)
{
    const char *end = rest->at + rest->len;

    while (rest->len) {
        const char *from = memchr(rest->at, '"', rest->len), *to = from ? past_string(from) : NULL;

        if (!to || to > end)
            break;
        rest->at = to;
        rest->len = (size_t)(end - to);
        if (rest->len && *to == ':')
            continue;
        string->at = from + 1;
        string->len = (size_t)(to - from) - 2;
        return true;
    }
    rest->len = 0;
    return false;
}

enum fault_code
json_pick(struct task *t, const char *written, const char *const *names, size_t n, const char *unread,
          struct json **out)
{
    struct json_slice name, value;
    const char *at = written;
    size_t next = 0;
    enum fault_code rc = FAULT_NONE;

    *out = json_object(t->arena);
    /* Both lists are in order: what comes behind the last of them is not looked at. */
    while (!rc && next < n && json_next_member(&at, &name, &value)) {
        struct json *v;
        int order = -1;

        while (next < n && (order = strncmp(names[next], name.at, name.len)) < 0)
            next++;
        if (next == n || order > 0 || names[next][name.len])
            continue;
        if (names[next] == unread)
            v = json_written(t->arena, value.at, value.len);
        else
            rc = json_read(t, value.at, value.len, &v);
        if (!rc)
            json_append(t->arena, *out, names[next++], v);
    }
    return rc;
}

const struct json *
json_opened(struct task *t, const struct json *value)
{
    struct json *made = NULL;

    if (!json_is(value, JSON_WRITTEN))
        return value;
    return json_read(t, value->string.bytes, value->string.len, &made) ? NULL : made;
}
