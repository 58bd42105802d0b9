/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/request.c - the target and the headers of a request, decoded and looked into.
 *
 * Knows: %XX, query pairs, cookies, which lengths of a body are sound.
 * Does not know: sockets, threads, routes.
 */
#include "http/inside.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/*
 * `len` bytes without %XX; NULL for a broken escape, U+0000 or ill-formed UTF-8. In a query `+` is
 * a space; in a path an escaped slash is refused, since it would make two segments of one.
 */
static char *
decode(struct arena *a, const char *raw, size_t len, bool in_query)
{
    char *out = arena_alloc(a, len + 1);
    size_t i, n = 0;
    int high, low;

    for (i = 0; i < len; i++) {
        char c = raw[i];

        if (c == '+' && in_query) {
            c = ' ';
        } else if (c == '%') {
            if (len - i < 3)
                return NULL;
            high = hex_digit(raw[i + 1]);
            low = hex_digit(raw[i + 2]);
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high * 16 + low);
            if (c == '/' && !in_query)
                return NULL;
            i += 2;
        }
        if (c == '\0')
            return NULL;
        out[n++] = c;
    }
    return text_is_utf8(out, n) ? out : NULL;
}

static bool
is_dots(const char *segment, size_t len)
{
    return (len == 1 && segment[0] == '.') || (len == 2 && memcmp(segment, "..", 2) == 0);
}

const char *
http_decode_path(struct arena *a, const char *raw, size_t len)
{
    const char *path, *from, *to, *p;

    if (len == 0 || raw[0] != '/' || memchr(raw, '#', len))
        return NULL;
    path = decode(a, raw, len, false);
    if (!path)
        return NULL;
    for (p = path; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return NULL;
    for (from = path + 1;; from = to + 1) {
        to = strchrnul(from, '/');
        if (is_dots(from, (size_t)(to - from)))
            return NULL;
        if (!*to)
            return path;
    }
}

bool
http_decode_query(struct arena *a, const char *raw, struct http_request *q)
{
    struct http_pair *pairs = arena_alloc(a, LIMIT_PAIRS * sizeof *pairs);
    const char *end, *equals;
    size_t n = 0;

    for (; *raw; raw = *end ? end + 1 : end) {
        end = strchrnul(raw, '&');
        if (end == raw)
            continue;
        if (n == LIMIT_PAIRS)
            return false;
        equals = memchr(raw, '=', (size_t)(end - raw));
        pairs[n].name = decode(a, raw, (size_t)((equals ? equals : end) - raw), true);
        pairs[n].value = equals ? decode(a, equals + 1, (size_t)(end - equals - 1), true) : "";
        if (!pairs[n].name || !pairs[n].value)
            return false;
        n++;
    }
    q->query = pairs;
    q->n_query = n;
    return true;
}

const struct http_refusal *
http_read_target(struct arena *a, const char *target, struct http_request *q)
{
    const char *question;

    /* RFC 9112 3.2.2: a server takes the absolute form, which proxies send. */
    if (strncasecmp(target, "http://", 7) == 0)
        target = strchrnul(target + 7, '/');
    question = strchrnul(target, '?');
    q->path = http_decode_path(a, target, (size_t)(question - target));
    if (!q->path)
        return &http_bad_path;
    if (!http_decode_query(a, *question ? question + 1 : question, q))
        return &http_bad_query;
    return NULL;
}

struct header_list {
    struct arena *arena;
    struct http_pair *pairs;
    size_t n, room, len;
    bool sound;
};

static enum MHD_Result
header_add(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value,
           size_t value_len)
{
    struct header_list *list = cls;
    char *lower;
    size_t i;

    (void)kind;
    if (!value)
        value_len = 0;
    if (list->n == list->room || !text_is_utf8(name, name_len) ||
        !text_is_utf8(value ? value : "", value_len) || (value && memchr(value, 0, value_len))) {
        list->sound = false;
        return MHD_NO;
    }
    list->len += name_len + value_len;
    lower = arena_copy(list->arena, name, name_len);
    for (i = 0; i < name_len; i++)
        lower[i] = (char)tolower((unsigned char)lower[i]);
    list->pairs[list->n].name = lower;
    list->pairs[list->n].value = arena_copy(list->arena, value ? value : "", value_len);
    list->n++;
    return MHD_YES;
}

const struct http_refusal *
http_read_headers(struct arena *a, struct MHD_Connection *mhd, struct http_request *q)
{
    int n = MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, NULL, NULL);
    struct header_list list = {.arena = a, .room = n > 0 ? (size_t)n : 0, .sound = true};

    list.pairs = arena_alloc(a, (list.room + 1) * sizeof *list.pairs);
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, header_add, &list);
    q->headers = list.pairs;
    q->n_headers = list.n;
    if (list.len > LIMIT_HEADERS)
        return &http_long_headers;
    return list.sound ? NULL : &http_bad_header;
}

static size_t
header_count(const struct http_request *q, const char *name)
{
    size_t i, n = 0;

    for (i = 0; i < q->n_headers; i++)
        n += text_equal(q->headers[i].name, name);
    return n;
}

bool
http_has_body(const struct http_request *q, bool *sound, size_t *len, bool *chunked)
{
    const char *length = http_header(q, "content-length");
    const char *coding = http_header(q, "transfer-encoding");
    char *end;

    *len = 0;
    *chunked = coding != NULL;
    *sound = header_count(q, "content-length") + header_count(q, "transfer-encoding") <= 1;
    if (coding) {
        *sound = *sound && strcasecmp(coding, "chunked") == 0;
        return true;
    }
    if (!length)
        return false;
    errno = 0;
    *len = strtoull(length, &end, 10);
    if (!isdigit((unsigned char)length[0]) || *end || errno != 0)
        *sound = false;
    return *len > 0 || !*sound;
}

bool
http_wants_english(const struct http_request *q)
{
    const char *language = http_header(q, "accept-language");

    return language && strncasecmp(language, "en", 2) == 0;
}

static const char *
pair_value(const struct http_pair *pairs, size_t n, const char *name)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (text_equal(pairs[i].name, name))
            return pairs[i].value;
    return NULL;
}

const char *
http_header(const struct http_request *q, const char *lower_name)
{
    return pair_value(q->headers, q->n_headers, lower_name);
}

const char *
http_query(const struct http_request *q, const char *name)
{
    return pair_value(q->query, q->n_query, name);
}

/* RFC 6265 5.4 in reverse: name=value; name=value. Quotes round a value are not part of it. */
static const char *
cookie_in(struct task *t, const char *cookies, const char *name)
{
    size_t name_len = strlen(name), len;
    const char *end;

    for (; *cookies; cookies = *end ? end + 1 : end) {
        end = strchrnul(cookies, ';');
        while (*cookies == ' ' || *cookies == '\t')
            cookies++;
        if (cookies >= end || (size_t)(end - cookies) <= name_len || cookies[name_len] != '=' ||
            memcmp(cookies, name, name_len) != 0)
            continue;
        cookies += name_len + 1;
        len = (size_t)(end - cookies);
        while (len > 0 && (cookies[len - 1] == ' ' || cookies[len - 1] == '\t'))
            len--;
        if (len >= 2 && cookies[0] == '"' && cookies[len - 1] == '"') {
            cookies++;
            len -= 2;
        }
        return arena_copy(t->arena, cookies, len);
    }
    return NULL;
}

const char *
http_cookie(struct task *t, const struct http_request *q, const char *name)
{
    const char *value;
    size_t i;

    for (i = 0; i < q->n_headers; i++) {
        if (!text_equal(q->headers[i].name, "cookie"))
            continue;
        value = cookie_in(t, q->headers[i].value, name);
        if (value)
            return value;
    }
    return NULL;
}
