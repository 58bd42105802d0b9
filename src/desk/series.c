/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/series.c - series that were adopted from files: which there are, and one of them compared.
 *
 * Knows: a series is a standard named series/NAME; what was not compared with its source is to be checked.
 * Does not know: how a series is compared (rollup).
 */
#include "desk/inside.h"
#include <string.h>

static struct json *
head_json(struct arena *a, const struct record_standard *x)
{
    struct json *o = json_object(a), *lines = json_array(a);
    const struct json *from = json_get(x->body, "lines");

    json_set_str(a, o, "series", json_text_of(x->body, "series"));
    json_set(a, o, "title", kind_title(a, json_text_of(x->body, "title")));
    json_set_str(a, o, "edition", x->edition);
    json_set(a, o, "source", kind_title(a, json_text_of(x->body, "source")));
    json_set_str(a, o, "confidence", json_text_of(x->body, "confidence"));
    json_set_bool(a, o, "to_check", !text_equal(json_text_of(x->body, "confidence"), "high"));
    json_set_str(a, o, "period", json_text_of(x->body, "period"));
    for (size_t i = 0; i < json_count(from); i++) {
        struct json *one = json_object(a);

        json_set_str(a, one, "line", json_text_of(json_at(from, i), "line"));
        json_set(a, one, "title", kind_title(a, json_text_of(json_at(from, i), "title")));
        json_set_str(a, one, "unit", json_text_of(json_at(from, i), "unit"));
        json_push(a, lines, one);
    }
    json_set(a, o, "lines", lines);
    return o;
}

enum fault_code
desk_series_list(struct task *t, struct desk *d, struct json **out)
{
    struct json *list = json_array(t->arena);

    for (size_t i = 0; i < d->world->n_standards; i++)
        if (text_starts(d->world->standards[i].name, DESK_SERIES))
            json_push(t->arena, list, head_json(t->arena, &d->world->standards[i]));
    *out = json_set(t->arena, json_object(t->arena), "items", list);
    return FAULT_NONE;
}

enum fault_code
desk_series(struct task *t, struct desk *d, const char *name, struct json **out)
{
    const struct record_standard *x =
        record_world_standard(d->world, arena_format(t->arena, DESK_SERIES "%s", name));

    if (!x)
        return desk_absent(t);
    *out = head_json(t->arena, x);
    json_set(t->arena, *out, "points", json_get(rollup_series(t, x->body), "points"));
    return FAULT_NONE;
}
