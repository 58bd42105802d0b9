/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api/shapes.c - the named shapes of bodies, as JSON Schemas.
 *
 * A shape is written as words "name:type": s text, i whole number, n number or text, b yes or no,
 * o object, t time with offset, Name another shape, [type] an array of it; "?" after the name: may
 * be absent, "?" after the type: may be null.
 *
 * Knows: shapes as docs and callers rely on them.
 * Does not know: what a definition's fields are.
 */
#include "api/inside.h"

#include <string.h>

static const struct {
    const char *name, *members;
} shapes[] = {
    {"SignIn", "account:s password:s totp?:s"},
    {"Token", "token:s expires_at:t"},
    {"Session", "expires_at:t"},
    {"LinkLook", "token:s"},
    {"Link", "for:s account:s? name:s? place:s place_name:s level:i expires_at:t"},
    {"LinkUse", "token:s password:s office?:s name?:s account?:s place?:s"},
    {"LinkUsed", "account:s"},
    {"Links", "items:[o]"},
    {"ImportMade", "id:s"},
    {"Import", "id:s kind:s mode:s state:s done:i total:i taken:i unchanged:i refused:i detail:s? report:s? at:t"},
    {"Imports", "items:[Import]"},
    {"Setup", "place:s place_name:s units:i objects:i people:i waiting:i rules:b tables:[o]"},
    {"Rules", "place:s edition:s tables:o durations:[o]"},
    {"RulesAdopted", "edition:s"},
    {"Title", "zh:s en:s"},
    {"Post", "post:s unit:s role:s place:s?"},
    {"Me", "account:s person:s? name:s? posts:[Post]"},
    {"Person", "id:s name:s? unit:s? posts:[o] certificates:[o]"},
    {"People", "items:[Person]"},
    {"SignInKept", "at:t account:s person:s name:s? address:s sort:s held:b"},
    {"SignIns", "items:[SignInKept] next:s?"},
    {"Grant", "grant:s unit:s? unit_name:s? person:s? name:s? title?:Title role?:s other?:s other_name?:s? "
              "as?:s lender?:s from:s? to:s?"},
    {"Grants", "items:[Grant] next:s?"},
    {"Account", "account:s person:s name:s? posts:[o] made_at:t closed_at:t? signed_in_at:t?"},
    {"Accounts", "items:[Account] next:s?"},
    {"Place", "code:s name:s"},
    {"Places", "items:[Place]"},
    {"Unit", "id:s name:s place:s"},
    {"Units", "items:[Unit]"},
    {"Kind", "kind:s version:i title:Title fields:o states:[o] steps:[o] clocks:[o] figures:[o]"},
    {"Kinds", "items:[Kind]"},
    {"Code", "id:s title:Title"},
    {"Codes", "items:[Code]"},
    {"Record", "id:s number:s? kind:s place:s line:s? responsible_unit:s? desk:o? state:s level:s? "
               "cycle:i due:t? title:s? fields:o revision:i created_at:t closed_at:t? times?:i"},
    {"Records", "items:[Record] next:s? total:n figure?:o"},
    {"RecordMake", "kind:s place:s fields:o comment?:s"},
    {"StepMake", "fields?:o comment?:s"},
    {"Step", "step:s title:Title to:s? fields:o"},
    {"Steps", "items:[Step]"},
    {"Event", "seq:i at:t actor:s? post:s? unit:s? step:s? from:s? to:s? fields:o definition:s? editions?:[s] "
              "digest_name:s digest:s stream?:i previous?:s"},
    {"Events", "items:[Event]"},
    {"Proof", "items:[o]"},
    {"File", "digest:s media_type:s size:i flags:[s]"},
    {"OldLedger", "file:s act:s sheets:[s] sheet:i heading_row:i rows:i columns:[o] fields:[o]"},
    {"OldLedgerCheck", "kind:s place:s file:s sheet?:i heading_row:i columns:o constants?:o"},
    {"OldLedgerReport", "act:s rows:i good:i bad:i steps:[o] years:[o] units:i pieces?:[o] bad_file?:s? errors?:[o]"},
    {"Figure", "figure:s title:Title rule:Title sort:s dimensions:[s]"},
    {"Figures", "items:[Figure]"},
    {"Cells", "cells:[o]"},
    {"Series", "series:s title:Title edition:s source:Title confidence:s to_check:b period:s lines:[o] points?:[o]"},
    {"SeriesList", "items:[Series]"},
    {"Feed", "items:[o] next:s?"},
    {"Notices", "items:[o]"},
    {"Plates", "items:[o]"},
    {"Health", "status:s version:s"},
    {"ProblemItem", "pointer:s detail:s"},
    {"Problem", "type:s title:s status:i detail:s errors:[ProblemItem]"},
};
#define SHAPES_LEN (sizeof shapes / sizeof shapes[0])

bool
api_is_shape(const char *name)
{
    for (size_t i = 0; name && i < SHAPES_LEN; i++)
        if (strcmp(shapes[i].name, name) == 0)
            return true;
    return false;
}

static struct json *
typed(struct arena *a, const char *type, const char *format)
{
    struct json *out = json_set_str(a, json_object(a), "type", type);

    return format ? json_set_str(a, out, "format", format) : out;
}

static struct json *
type_schema(struct arena *a, const char *type, size_t len)
{
    struct json *out;

    if (type[len - 1] == '?') {
        out = json_array(a);
        json_push(a, out, type_schema(a, type, len - 1));
        json_push(a, out, typed(a, "null", NULL));
        return json_set(a, json_object(a), "anyOf", out);
    }
    if (*type == '[')
        return json_set(a, typed(a, "array", NULL), "items", type_schema(a, type + 1, len - 2));
    if (len > 1) {
        const char *name = arena_copy(a, type, len);

        must(api_is_shape(name));
        return json_set_str(a, json_object(a), "$ref",
                            arena_format(a, "#/components/schemas/%s", name));
    }
    switch (*type) {
    case 's':
        return typed(a, "string", NULL);
    case 'i':
        return typed(a, "integer", NULL);
    case 'b':
        return typed(a, "boolean", NULL);
    case 'n':
        return json_set(a, json_object(a), "type",
                        json_push(a, json_push(a, json_array(a), json_str(a, "integer")),
                                  json_str(a, "string")));
    case 't':
        return typed(a, "string", "date-time");
    default:
        return typed(a, "object", NULL);
    }
}

static struct json *
shape_schema(struct arena *a, const char *members)
{
    struct json *properties = json_object(a), *required = json_array(a), *out;

    while (*members) {
        size_t len = strcspn(members, " "), colon = strcspn(members, ":");
        bool optional = members[colon - 1] == '?';
        const char *name = arena_copy(a, members, optional ? colon - 1 : colon);

        json_set(a, properties, name, type_schema(a, members + colon + 1, len - colon - 1));
        if (!optional)
            json_push(a, required, json_str(a, name));
        members += len + (members[len] == ' ');
    }
    out = typed(a, "object", NULL);
    json_set(a, out, "properties", properties);
    return json_set(a, out, "required", required);
}

void
api_shapes(struct arena *a, struct json *schemas)
{
    for (size_t i = 0; i < SHAPES_LEN; i++)
        json_set(a, schemas, shapes[i].name, shape_schema(a, shapes[i].members));
}
