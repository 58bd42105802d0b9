/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/openapi.c - the description of the interface, written from the table of routes.
 *
 * Knows: OpenAPI 3.1, the table, the shapes, the fields of kinds.
 * Does not know: anything of its own; what is not in the table is not described.
 */
#include "api/inside.h"

#include <ctype.h>
#include <string.h>

static struct json *
reference(struct arena *a, const char *shape)
{
    return json_set_str(a, json_object(a), "$ref",
                        arena_format(a, "#/components/schemas/%s", shape));
}

/* Lower-case method and the words of the pattern: getRecordsIdSteps. */
static const char *
operation_id(struct arena *a, const struct api_route *r)
{
    const char *s = text_starts(r->pattern, API_ROOT) ? r->pattern + strlen(API_ROOT) : r->pattern;
    bool upper = true;
    struct text out;

    text_init(&out, a);
    for (const char *m = r->method; *m; m++)
        text_char(&out, (char)tolower((unsigned char)*m));
    for (; *s; s++) {
        if (!isalnum((unsigned char)*s)) {
            upper = true;
            continue;
        }
        text_char(&out, upper ? (char)toupper((unsigned char)*s) : *s);
        upper = false;
    }
    return text_string(&out);
}

/* "/records/:id" as "/records/{id}"; the names go to `names`. */
static const char *
path_of(struct arena *a, const char *pattern, struct json *names)
{
    struct text out;

    text_init(&out, a);
    while (*pattern) {
        size_t len = strcspn(pattern + 1, "/");

        if (pattern[1] == ':') {
            const char *name = arena_copy(a, pattern + 2, len - 1);

            json_push(a, names, json_str(a, name));
            text_printf(&out, "/{%s}", name);
        } else {
            text_add(&out, pattern, len + 1);
        }
        pattern += len + 1;
    }
    return text_string(&out);
}

static void
add_parameter(struct arena *a, struct json *list, const char *name, const char *in, bool required)
{
    struct json *p = json_object(a);

    json_set_str(a, p, "name", name);
    json_set_str(a, p, "in", in);
    json_set_bool(a, p, "required", required);
    json_set(a, p, "schema", json_set_str(a, json_object(a), "type", "string"));
    json_push(a, list, p);
}

static struct json *
parameters(struct arena *a, const struct api_route *r, const struct json *names)
{
    struct json *list = json_array(a);
    const char *q = r->query ? r->query : "";
    bool post = strcmp(r->method, "POST") == 0;

    for (size_t i = 0; i < json_count(names); i++)
        add_parameter(a, list, json_text(json_at(names, i)), "path", true);
    while (*q) {
        size_t len = strcspn(q, " ");

        add_parameter(a, list, arena_copy(a, q, len), "query", false);
        q += len + (q[len] == ' ');
    }
    if (r->handle == api_step_post)
        add_parameter(a, list, "If-Match", "header", true);
    if (r->handle == api_step_post || r->handle == api_record_post)
        add_parameter(a, list, "Zhiben-Post", "header", false);
    if (post && r->access == API_SIGNED)
        add_parameter(a, list, "Idempotency-Key", "header", false);
    if (r->handle == api_session_post)
        add_parameter(a, list, "Zhiben-Page", "header", true);
    return list;
}

static struct json *
content(struct arena *a, const char *what)
{
    struct json *media = json_object(a), *form;

    if (api_is_shape(what))
        return json_set(a, json_object(a), "application/json",
                        json_set(a, media, "schema", reference(a, what)));
    if (strcmp(what, "multipart/form-data") == 0) {
        form = json_object(a);
        json_set_str(a, form, "type", "object");
        json_set(a, form, "properties",
                 json_set(a, json_object(a), "file",
                          json_set_str(a, json_object(a), "contentMediaType",
                                       "application/octet-stream")));
        json_set(a, media, "schema", form);
    }
    return json_set(a, json_object(a), what, media);
}

static struct json *
responses(struct arena *a, const struct api_route *r)
{
    struct json *out = json_object(a), *good = json_object(a), *bad = json_object(a);
    struct json *media = json_object(a);

    json_set_str(a, good, "description", text_half(a, r->summary, true));
    if (r->gives)
        json_set(a, good, "content", content(a, r->gives));
    json_set(a, out, arena_format(a, "%d", r->status), good);
    json_set_str(a, bad, "description", "RFC 9457 problem");
    json_set(a, media, "schema", reference(a, "Problem"));
    json_set(a, bad, "content", json_set(a, json_object(a), "application/problem+json", media));
    return json_set(a, out, "default", bad);
}

static struct json *
security(struct arena *a)
{
    struct json *list = json_array(a);

    json_push(a, list, json_set(a, json_object(a), "token", json_array(a)));
    return json_push(a, list, json_set(a, json_object(a), "session", json_array(a)));
}

static struct json *
operation(struct arena *a, const struct api_route *r, const struct json *names)
{
    struct json *op = json_object(a), *body = json_object(a);

    json_set_str(a, op, "operationId", operation_id(a, r));
    json_set_str(a, op, "summary", text_half(a, r->summary, true));
    json_set_str(a, op, "description", text_half(a, r->summary, false));
    json_set(a, op, "parameters", parameters(a, r, names));
    if (r->takes) {
        json_set_bool(a, body, "required", true);
        json_set(a, op, "requestBody", json_set(a, body, "content", content(a, r->takes)));
    }
    json_set(a, op, "responses", responses(a, r));
    return json_set(a, op, "security", r->access == API_SIGNED ? security(a) : json_array(a));
}

static struct json *
paths(struct arena *a)
{
    struct json *out = json_object(a);

    for (size_t i = 0; i < api_routes_len; i++) {
        const struct api_route *r = &api_routes[i];
        struct json *names = json_array(a), *item;
        const char *path = path_of(a, r->pattern, names);
        char method[16] = {0};

        if (strchr(path, '*'))
            continue;
        for (size_t k = 0; r->method[k] && k < sizeof method - 1; k++)
            method[k] = (char)tolower((unsigned char)r->method[k]);
        item = json_get(out, path);
        if (!item) {
            item = json_object(a);
            json_set(a, out, path, item);
        }
        json_set(a, item, method, operation(a, r, names));
    }
    return out;
}

/* "Fields.KIND": what a record of the kind may hold, as GET /kinds/KIND gives it. */
static void
add_kinds(struct task *t, const struct kind_catalog *catalog, struct json *schemas)
{
    for (size_t i = 0; catalog && i < kind_catalog_count(catalog); i++) {
        const struct kind *k = kind_catalog_at(catalog, i);

        json_set(t->arena, schemas, arena_format(t->arena, "Fields.%s", k->name),
                 json_get(kind_describe(t, k), "fields"));
    }
}

static struct json *
security_schemes(struct arena *a)
{
    struct json *out = json_object(a), *token = json_object(a), *session = json_object(a);

    json_set_str(a, json_set_str(a, token, "type", "http"), "scheme", "bearer");
    json_set_str(a, json_set_str(a, session, "type", "apiKey"), "in", "cookie");
    json_set_str(a, session, "name", API_COOKIE);
    return json_set(a, json_set(a, out, "token", token), "session", session);
}

struct json *
api_openapi(struct task *t, const struct kind_catalog *catalog)
{
    struct arena *a = t->arena;
    struct json *out = json_object(a), *about = json_object(a), *parts = json_object(a);
    struct json *schemas = json_object(a);

    api_shapes(a, schemas);
    add_kinds(t, catalog, schemas);
    json_set_str(a, out, "openapi", "3.1.0");
    json_set_str(a, about, "title", "Zhiben 治本");
    json_set_str(a, about, "version", ZHIBEN_VERSION);
    json_set(a, out, "info", about);
    json_set(a, out, "paths", paths(a));
    json_set(a, parts, "schemas", schemas);
    json_set(a, parts, "securitySchemes", security_schemes(a));
    return json_set(a, out, "components", parts);
}

enum fault_code
api_openapi_get(struct api_call *c)
{
    api_json(c, 200, api_openapi(c->task, desk_world(c->desk)->catalog));
    return FAULT_NONE;
}
