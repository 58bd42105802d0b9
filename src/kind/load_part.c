/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_part.c - `use`: parts put into a definition before anything else is read.
 *
 * Knows: at the top a part's lists are joined to mine; in a list a part's items stand in the place
 * of the item that names it. A part has no parameters, so that no macro language begins.
 * Does not know: what the words mean.
 */
#include "kind/inside.h"
#include <string.h>

/* Parts that use parts: deeper than this is a circle. */
#define PART_DEPTH 4

static const struct json *expand(struct load *l, const char *at, const struct json *v, int depth);

static void
remember(struct load *l, const struct json *item, const char *pointer)
{
    if (l->n_origins == l->origins_room) {
        size_t room = l->origins_room ? l->origins_room * 2 : 64;
        struct load_origin *more = load_new(l, struct load_origin, room);
        if (l->n_origins)
            memcpy(more, l->origins, l->n_origins * sizeof *more);
        l->origins = more;
        l->origins_room = room;
    }
    l->origins[l->n_origins++] = (struct load_origin){item, pointer};
}

static const struct json *
read_part(struct load *l, const char *at, const char *name, int depth)
{
    size_t len = 0;
    const char *bytes = NULL;
    if (!load_is_name(name)) {
        refuse(l, at, "部件名只用小写字母、数字和下划线 | A part's name has lower-case letters, "
                      "digits and underscores only: %s", name);
        return NULL;
    }
    if (depth >= PART_DEPTH) {
        refuse(l, at, "部件“%s”套用过深或成环 | Parts use parts too deeply or in a circle: %s", name,
               name);
        return NULL;
    }
    if (l->files && l->files->part)
        bytes = l->files->part(l->files->who, name, &len);
    if (!bytes) {
        refuse(l, at, "没有部件 parts/%s.json | There is no part parts/%s.json", name, name);
        return NULL;
    }
    struct json *part;
    if (json_read(l->t, bytes, len, &part) != FAULT_NONE) {
        refuse(l, at, "部件 parts/%s.json 不是合规 JSON | The part parts/%s.json is not sound JSON",
               name, name);
        return NULL;
    }
    return expand(l, arena_format(l->arena, "parts/%s.json#", name), part, depth + 1);
}

/* The names that `use` gives: one text or a list of texts. */
static const char **
used(struct load *l, const char *at, const struct json *use, size_t *n)
{
    if (json_text(use)) {
        const char **one = load_new(l, const char *, 1);
        one[0] = json_text(use);
        *n = 1;
        return one;
    }
    if (json_is(use, JSON_ARRAY))
        return load_names(l, at, use, n);
    refuse(l, at, "use 写部件名或其列表 | Write the name of a part, or a list of names");
    *n = 0;
    return NULL;
}

static bool
is_use(const struct json *item)
{
    return json_is(item, JSON_OBJECT) && json_count(item) == 1 && json_get(item, "use");
}

static void
put_in(struct load *l, const char *at, const struct json *item, struct json *into, int depth)
{
    const char *here = json_pointer(l->arena, at, "use");
    size_t n;
    const char **names = used(l, here, json_get(item, "use"), &n);
    for (size_t i = 0; i < n; i++) {
        const struct json *part = read_part(l, here, names[i], depth);
        if (part && !json_is(part, JSON_ARRAY)) {
            refuse(l, here, "列表中的部件须是列表 | A part used in a list must be a list itself");
            continue;
        }
        const char *file = arena_format(l->arena, "parts/%s.json#", names[i]);
        for (size_t j = 0; j < json_count(part); j++) {
            /* A copy: one part used twice has two items with origins of their own. */
            struct json *copy = json_shallow(l->arena, json_at(part, j));
            remember(l, copy, json_pointer_index(l->arena, file, j));
            json_push(l->arena, into, copy);
        }
    }
}

static const struct json *
expand(struct load *l, const char *at, const struct json *v, int depth)
{
    if (json_is(v, JSON_ARRAY)) {
        struct json *out = json_array(l->arena);
        bool moved = false;
        for (size_t i = 0; i < v->array.n; i++) {
            const char *here = json_pointer_index(l->arena, at, i);
            if (is_use(v->array.at[i])) {
                put_in(l, here, v->array.at[i], out, depth);
                moved = true;
                continue;
            }
            struct json *item = json_shallow(l->arena, expand(l, here, v->array.at[i], depth));
            if (moved)
                remember(l, item, here);
            json_push(l->arena, out, item);
        }
        return out;
    }
    if (!json_is(v, JSON_OBJECT))
        return v;
    struct json *out = json_object(l->arena);
    for (size_t i = 0; i < v->object.n; i++) {
        const char *name = v->object.at[i].name;
        const struct json *value =
            expand(l, json_pointer(l->arena, at, name), v->object.at[i].value, depth);
        json_set(l->arena, out, name, json_shallow(l->arena, value));
    }
    return out;
}

static void join(struct load *l, const char *at, const char *file, struct json *mine,
                 const struct json *part);

static void
join_member(struct load *l, const char *at, const char *file, struct json *mine, const char *name,
            struct json *value)
{
    struct json *have = json_get(mine, name);
    const char *inside = json_pointer(l->arena, file, name);
    if (!have) {
        json_set(l->arena, mine, name, value);
        for (size_t i = 0; json_is(value, JSON_ARRAY) && i < json_count(value); i++)
            remember(l, json_at(value, i), json_pointer_index(l->arena, inside, i));
    } else if (json_is(have, JSON_ARRAY) && json_is(value, JSON_ARRAY)) {
        for (size_t i = 0; i < json_count(value); i++) {
            remember(l, json_at(value, i), json_pointer_index(l->arena, inside, i));
            json_push(l->arena, have, json_at(value, i));
        }
    } else if (json_is(have, JSON_OBJECT) && json_is(value, JSON_OBJECT)) {
        join(l, at, inside, have, value);
    } else {
        refuse(l, at, "“%s”在部件 %s 中又写了一次 | “%s” is written again in the part %s", name,
               inside, name, inside);
    }
}

static void
join(struct load *l, const char *at, const char *file, struct json *mine, const struct json *part)
{
    for (size_t i = 0; i < part->object.n; i++)
        join_member(l, at, file, mine, part->object.at[i].name, part->object.at[i].value);
}

struct json *
load_parts(struct load *l, const struct json *file)
{
    const struct json *use = json_get(file, "use");
    struct json *rest = json_shallow(l->arena, file);
    json_set(l->arena, rest, "use", NULL);
    struct json *out = json_shallow(l->arena, expand(l, "", rest, 0));
    size_t n = 0;
    const char **names = use ? used(l, "/use", use, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        const struct json *part = read_part(l, "/use", names[i], 0);
        if (part && !json_is(part, JSON_OBJECT))
            refuse(l, "/use", "顶层部件须是对象 | A part used at the top must be an object");
        else if (part)
            join(l, "/use", arena_format(l->arena, "parts/%s.json#", names[i]), out, part);
    }
    return out;
}
