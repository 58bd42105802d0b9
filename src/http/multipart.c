/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http/multipart.c - the parts of a multipart/form-data body (RFC 7578, RFC 2046 5.1).
 *
 * One pass over the body, which is whole in memory; the bytes of a part are not copied. Strict
 * where browsers are regular: every part has a name, a body has its closing delimiter.
 *
 * Knows: boundaries, part headers, how browsers quote a file name.
 * Does not know: files, kinds, pictures.
 */
#include "http/inside.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

#define BOUNDARY_MAX    70 /* RFC 2046 5.1.1 */
#define PART_HEADER_MAX 4096

struct cursor {
    const char *at, *end;
};

static enum fault_code
broken(struct task *t, const char *zh, const char *en)
{
    return fault(t, FAULT_INPUT, NULL,
                 "表单（multipart/form-data）有误：%s | "
                 "the multipart/form-data body is broken: %s",
                 zh, en);
}

static bool
is_token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static void
skip_blank(struct cursor *x)
{
    while (x->at < x->end && (*x->at == ' ' || *x->at == '\t'))
        x->at++;
}

/*
 * A quoted string, past its opening quote. Browsers write a quote as %22 and leave backslashes
 * alone; older programs write \" and \\. NULL without a closing quote.
 */
static char *
read_quoted(struct arena *a, struct cursor *x)
{
    char *out = arena_alloc(a, (size_t)(x->end - x->at) + 1);
    size_t n = 0;

    while (x->at < x->end && *x->at != '"') {
        if (x->end - x->at >= 2 && x->at[0] == '\\' && (x->at[1] == '"' || x->at[1] == '\\')) {
            out[n++] = x->at[1];
            x->at += 2;
        } else if (x->end - x->at >= 3 && memcmp(x->at, "%22", 3) == 0) {
            out[n++] = '"';
            x->at += 3;
        } else {
            out[n++] = *x->at++;
        }
    }
    if (x->at == x->end)
        return NULL;
    x->at++;
    out[n] = '\0';
    return out;
}

/*
 * The next "; name=value" of a header: 1 found, 0 none left, -1 broken. A value that is not quoted
 * runs to the next semicolon or blank.
 */
static int
next_parameter(struct arena *a, struct cursor *x, const char **name, const char **value)
{
    const char *from;

    skip_blank(x);
    if (x->at == x->end)
        return 0;
    if (*x->at++ != ';')
        return -1;
    skip_blank(x);
    if (x->at == x->end)
        return 0;
    for (from = x->at; x->at < x->end && is_token_char(*x->at); x->at++)
        continue;
    if (x->at == from || x->at == x->end || *x->at != '=')
        return -1;
    *name = arena_copy(a, from, (size_t)(x->at - from));
    x->at++;
    if (x->at < x->end && *x->at == '"') {
        x->at++;
        *value = read_quoted(a, x);
        return *value ? 1 : -1;
    }
    for (from = x->at; x->at < x->end && !strchr("; \t", *x->at); x->at++)
        continue;
    *value = arena_copy(a, from, (size_t)(x->at - from));
    return 1;
}

/* NULL when the request is no multipart/form-data or says no usable boundary. */
static const char *
boundary_of(struct arena *a, const struct http_request *q)
{
    static const char media[] = "multipart/form-data";
    const char *type = http_header(q, "content-type"), *name, *value, *boundary = NULL;
    struct cursor x;
    int more;

    if (!type || strncasecmp(type, media, sizeof media - 1) != 0)
        return NULL;
    x.at = type + sizeof media - 1;
    x.end = type + strlen(type);
    while ((more = next_parameter(a, &x, &name, &value)) == 1)
        if (strcasecmp(name, "boundary") == 0 && !boundary)
            boundary = value;
    if (more < 0 || !boundary || !*boundary || strlen(boundary) > BOUNDARY_MAX)
        return NULL;
    return boundary;
}

static bool
is_clean(const char *s)
{
    const char *p;

    for (p = s; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return false;
    return text_is_utf8(s, strlen(s));
}

/* RFC 7578 4.2: what comes before the last slash is the sender's disk and no business of ours. */
static const char *
last_component(const char *path)
{
    const char *p, *name = path;

    for (p = path; *p; p++)
        if (*p == '/' || *p == '\\')
            name = p + 1;
    return name;
}

static enum fault_code
read_disposition(struct task *t, struct cursor x, struct http_part *part)
{
    static const char form[] = "form-data";
    const char *name, *value;
    int more;

    if ((size_t)(x.end - x.at) < sizeof form - 1 || strncasecmp(x.at, form, sizeof form - 1) != 0)
        return broken(t, "某一部分不是 form-data", "a part is not form-data");
    x.at += sizeof form - 1;
    while ((more = next_parameter(t->arena, &x, &name, &value)) == 1) {
        if (strcasecmp(name, "name") == 0)
            part->name = value;
        else if (strcasecmp(name, "filename") == 0)
            part->file_name = last_component(value);
    }
    if (more < 0 || !part->name || !*part->name)
        return broken(t, "某一部分没有名称", "a part has no name");
    if (!is_clean(part->name) || (part->file_name && !is_clean(part->file_name)))
        return broken(t, "名称或文件名不是 UTF-8，或含有控制字符",
                      "a name or file name is not UTF-8 or has control characters");
    return FAULT_NONE;
}

static bool
is_named(const struct cursor *line, const char *name, struct cursor *value)
{
    size_t len = strlen(name);

    if ((size_t)(line->end - line->at) <= len || line->at[len] != ':' ||
        strncasecmp(line->at, name, len) != 0)
        return false;
    value->at = line->at + len + 1;
    value->end = line->end;
    skip_blank(value);
    while (value->end > value->at && (value->end[-1] == ' ' || value->end[-1] == '\t'))
        value->end--;
    return true;
}

static enum fault_code
read_line(struct task *t, const struct cursor *line, struct http_part *part)
{
    struct cursor value;

    if (memchr(line->at, '\0', (size_t)(line->end - line->at)))
        return broken(t, "头部含有空字符", "a part header holds U+0000");
    if (is_named(line, "content-disposition", &value))
        return read_disposition(t, value, part);
    if (is_named(line, "content-type", &value)) {
        part->type = arena_copy(t->arena, value.at, (size_t)(value.end - value.at));
        if (!is_clean(part->type))
            return broken(t, "内容类型不可用", "a content type is not usable");
    }
    return FAULT_NONE;
}

/* The header lines of a part and the empty line after them; x then stands on its content. */
static enum fault_code
read_part_header(struct task *t, struct cursor *x, struct http_part *part)
{
    const char *limit = x->end - x->at > PART_HEADER_MAX ? x->at + PART_HEADER_MAX : x->end;
    struct cursor line;
    enum fault_code rc;

    for (;;) {
        line.at = x->at;
        line.end = memmem(x->at, (size_t)(limit - x->at), "\r\n", 2);
        if (!line.end)
            return broken(t, "某一部分的头部没有结束或太长",
                          "the header of a part does not end or is too long");
        x->at = line.end + 2;
        if (line.end == line.at)
            break;
        rc = read_line(t, &line, part);
        if (rc)
            return rc;
    }
    if (!part->name)
        return broken(t, "某一部分没有名称", "a part has no name");
    if (!part->type)
        part->type = "text/plain"; /* RFC 7578 4.4 */
    return FAULT_NONE;
}

/*
 * Behind a delimiter: x moves past the rest of its line, `last` says whether it closes the body.
 * False when other bytes follow, so that it is no delimiter.
 */
static bool
end_delimiter(struct cursor *x, bool *last)
{
    *last = x->end - x->at >= 2 && x->at[0] == '-' && x->at[1] == '-';
    if (*last)
        return true;
    skip_blank(x);
    if (x->end - x->at < 2 || x->at[0] != '\r' || x->at[1] != '\n')
        return false;
    x->at += 2;
    return true;
}

enum fault_code
http_multipart(struct task *t, const struct http_request *q, const struct http_part **parts,
               size_t *n)
{
    const char *boundary = boundary_of(t->arena, q), *delimiter, *found;
    struct http_part *made = arena_alloc(t->arena, LIMIT_PARTS * sizeof *made);
    struct cursor x = {q->body, q->body + q->body_len};
    size_t n_made = 0, len;
    enum fault_code rc;
    bool last = false;

    if (!boundary)
        return broken(t, "Content-Type 没有可用的 boundary", "Content-Type has no usable boundary");
    delimiter = arena_format(t->arena, "\r\n--%s", boundary);
    len = strlen(delimiter);
    /* The first delimiter has no line break of its own before it. */
    if (q->body_len < len - 2 || memcmp(x.at, delimiter + 2, len - 2) != 0)
        return broken(t, "不以分隔行开始", "it does not begin with the boundary");
    x.at += len - 2;
    while (end_delimiter(&x, &last) && !last) {
        if (n_made == LIMIT_PARTS)
            return broken(t, "超过 32 个部分", "it has more than 32 parts");
        rc = read_part_header(t, &x, &made[n_made]);
        if (rc)
            return rc;
        made[n_made].bytes = x.at;
        /* An empty content shares its line break with the header's end. */
        found = memmem(x.at - 2, (size_t)(x.end - x.at) + 2, delimiter, len);
        if (!found)
            return broken(t, "没有结束的分隔行", "the closing boundary is missing");
        made[n_made].len = found < x.at ? 0 : (size_t)(found - x.at);
        n_made++;
        x.at = found + len;
    }
    if (!last)
        return broken(t, "分隔行之后有多余的字符", "something follows a boundary on its line");
    *parts = made;
    *n = n_made;
    return FAULT_NONE;
}
