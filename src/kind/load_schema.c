/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_schema.c - the JSON Schema of a field: which keywords and marks may stand in it.
 *
 * Knows: the stated subset of draft 2020-12, the field marks, titles of enum values.
 * Does not know: what a value is worth; schema.c judges values.
 */
#include "kind/inside.h"
#include "kind/pattern.h"
#include <string.h>

#define SCHEMA_WORDS                                                                          \
    "type enum const format minLength maxLength pattern minimum maximum multipleOf items "     \
    "minItems maxItems uniqueItems properties required additionalProperties if then else "     \
    "title description default x-field x-value x-index x-private x-public x-titles x-search "  \
    "x-chips x-table x-owes x-makes x-heads x-words"

static bool
is_one_of(const char *words, const char *text)
{
    size_t n = text ? strlen(text) : 0;
    for (const char *at = words; n && (at = strstr(at, text)) != NULL; at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0))
            return true;
    return false;
}

static void
check_type(struct load *l, const char *at, const struct json *type)
{
    const char *here = json_pointer(l->arena, at, "type");
    bool many = json_is(type, JSON_ARRAY);
    for (size_t i = 0; i < (many ? json_count(type) : 1); i++) {
        const char *name = json_text(many ? json_at(type, i) : type);
        if (text_equal(name, "number"))
            refuse(l, here, "小数以文本传送：用 \"type\":\"string\",\"x-field\":\"decimal\" | Decimals "
                            "travel as text: use type string with x-field decimal");
        else if (!is_one_of("string integer boolean array object null", name))
            refuse(l, here, "不认识的类型“%s” | Unknown type “%s”", name ? name : "?",
                   name ? name : "?");
    }
}

static void
check_sizes(struct load *l, const char *at, const struct json *schema)
{
    static const char *const sizes[] = {"minLength", "maxLength", "minItems", "maxItems"};
    static const char *const bounds[] = {"minimum", "maximum", "multipleOf"};
    for (size_t i = 0; i < 4; i++) {
        const struct json *v = json_get(schema, sizes[i]);
        if (v && json_integer(v, -1) < 0)
            refuse(l, json_pointer(l->arena, at, sizes[i]),
                   "须是不小于零的整数 | An integer from zero belongs here");
    }
    for (size_t i = 0; i < 3; i++) {
        const struct json *v = json_get(schema, bounds[i]);
        if (v && !json_is(v, JSON_INTEGER) && !json_is(v, JSON_REAL))
            refuse(l, json_pointer(l->arena, at, bounds[i]), "须是数 | A number belongs here");
    }
    for (size_t i = 0; i < 2; i++) {
        const char *low = sizes[i * 2], *high = sizes[i * 2 + 1];
        if (json_get(schema, high)
            && json_int_of(schema, low, 0) > json_int_of(schema, high, INT64_MAX))
            refuse(l, json_pointer(l->arena, at, high),
                   "上限小于下限，没有值能通过 | The maximum lies below the minimum: no value passes");
    }
}

static void
check_format(struct load *l, const char *at, const struct json *schema)
{
    const struct json *format = json_get(schema, "format");
    const struct json *pattern = json_get(schema, "pattern");
    const struct json *more = json_get(schema, "additionalProperties");
    if (format && !is_one_of("date date-time", json_text(format)))
        refuse(l, json_pointer(l->arena, at, "format"), "不认识的格式，可用 date、date-time，其他用 pattern | "
                                                        "Unknown format: use date or date-time, for "
                                                        "others a pattern");
    if (pattern && !(json_text(pattern) && kind_pattern_reads(json_text(pattern))))
        refuse(l, json_pointer(l->arena, at, "pattern"),
               "不是可用的正则表达式：不支持断言、反向引用、\\b、\\p{…} | Not a pattern that is read here: no "
               "assertions, back references, \\b or \\p{…}");
    if (more && !json_is(more, JSON_FALSE))
        refuse(l, json_pointer(l->arena, at, "additionalProperties"),
               "只能是 false：不认识的字段一律拒绝 | Only false: unknown fields are always refused");
    if (json_get(schema, "title"))
        load_title_holds(l, json_pointer(l->arena, at, "title"), json_text_of(schema, "title"));
}

/* Every text value that people choose has its name in both languages. */
static void
check_enum(struct load *l, const char *at, const struct json *schema)
{
    const struct json *values = json_get(schema, "enum");
    const struct json *titles = json_get(schema, "x-titles");
    const char *here = json_pointer(l->arena, at, "x-titles");
    if (values && (!json_is(values, JSON_ARRAY) || !json_count(values)))
        refuse(l, json_pointer(l->arena, at, "enum"), "须是不空的列表 | A list that isn't empty");
    for (size_t i = 0; i < json_count(values); i++) {
        const char *value = json_text(json_at(values, i));
        const char *title = value ? json_text_of(titles, value) : NULL;
        if (value && !title)
            refuse(l, here, "选项“%s”没有中英文名称 | The value “%s” has no title in x-titles", value,
                   value);
        else if (value)
            load_title_holds(l, json_pointer(l->arena, here, value), title);
        for (size_t j = 0; j < i; j++)
            if (json_equal(json_at(values, i), json_at(values, j)))
                refuse(l, json_pointer(l->arena, at, "enum"), "同一选项写了两次 | A value stands "
                                                              "twice");
    }
    for (size_t i = 0; json_is(titles, JSON_OBJECT) && i < titles->object.n; i++) {
        bool found = false;
        for (size_t j = 0; j < json_count(values); j++)
            found |= text_equal(json_text(json_at(values, j)), titles->object.at[i].name);
        if (!found)
            refuse(l, json_pointer(l->arena, here, titles->object.at[i].name),
                   "这个名称没有对应的选项 | This title belongs to no value of enum");
    }
}

static void
check_field_mark(struct load *l, const char *at, const struct json *schema)
{
    const struct json *mark = json_get(schema, "x-field");
    const char *here = json_pointer(l->arena, at, "x-field");
    const char *text = json_text(mark), *type = json_text_of(schema, "type");
    if (!mark)
        return;
    if (!type && json_get(schema, "type")) /* ["string","null"] */
        type = json_text(json_at(json_get(schema, "type"), 0));
    bool known = is_one_of("unit person post place file money decimal find logic figure duration "
                           "edition", text);
    if (text && text_starts(text, "record:")) {
        known = text[7] != 0;
        for (const char *p = text + 7; *p && known; p++)
            known = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_'
                    || (*p == '|' && p[1] && p[1] != '|' && p > text + 7);
    }
    if (text && text_starts(text, "code:"))
        known = load_is_name(text + 5);
    if (!known) {
        refuse(l, here, "不认识的 x-field：可用 unit person post place file record:类|类 money decimal "
                        "find logic figure duration edition code:表 | Unknown x-field; use unit "
                        "person "
                        "post place file record:KIND|KIND money decimal find logic figure duration "
                        "edition code:TABLE");
        return;
    }
    const char *wanted = is_one_of("find logic", text) ? "object" : "string";
    if (text_equal(type, "array"))
        refuse(l, here, "列表字段的 x-field 写在 items 里 | For a list, x-field stands in items");
    else if (type && !text_equal(type, wanted))
        refuse(l, here, "x-field “%s”的类型须是 %s | x-field “%s” needs type %s", text, wanted, text,
               wanted);
}

static void
check_marks(struct load *l, const char *at, const struct json *schema)
{
    static const char *const flags[] = {"x-index", "x-public", "x-search", "x-owes", "x-makes"};
    const struct json *chips = json_get(schema, "x-chips");
    const struct json *seal = json_get(schema, "x-private");
    const struct json *table = json_get(schema, "x-table");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (json_get(schema, flags[i]) && !json_is_true(json_get(schema, flags[i])))
            refuse(l, json_pointer(l->arena, at, flags[i]), "这个标记只写 true | This mark is true, "
                                                            "or absent");
    if (json_get(schema, "x-owes") && !text_equal(json_text_of(schema, "x-field"), "person"))
        refuse(l, json_pointer(l->arena, at, "x-owes"),
               "只用于人员字段 | Only for a field that names a person");
    if (json_get(schema, "x-makes") && !text_equal(json_text_of(schema, "x-field"), "unit"))
        refuse(l, json_pointer(l->arena, at, "x-makes"),
               "只用于单位字段 | Only for a field that names a unit");
    if (seal && !load_is_name(json_text(seal)))
        refuse(l, json_pointer(l->arena, at, "x-private"),
               "写封存的名称，或 personal | Write the name of a seal, or “personal”");
    if (table && !load_is_name(json_text(table)))
        refuse(l, json_pointer(l->arena, at, "x-table"), "须是代码表的名称 | The name of a code table");
    for (size_t i = 0; i < json_count(chips); i++)
        if (!json_is(json_at(chips, i), JSON_INTEGER))
            refuse(l, json_pointer(l->arena, at, "x-chips"), "须是天数的列表 | A list of days");
    if (chips && !text_equal(json_text_of(schema, "format"), "date"))
        refuse(l, json_pointer(l->arena, at, "x-chips"),
               "只用于日期字段 | Only for a field with format date");
    if (json_get(schema, "x-search") && seal)
        refuse(l, json_pointer(l->arena, at, "x-search"), "封存的字段不可检索 | A sealed field cannot "
                                                          "be searched");
    if (json_get(schema, "x-public") && seal)
        refuse(l, json_pointer(l->arena, at, "x-public"), "字段不能既封存又公开 | A field is sealed or "
                                                          "public, not both");
}

void
load_schema(struct load *l, const char *at, const struct json *schema, bool top)
{
    static const char *const inner[] = {"items", "if", "then", "else"};
    static const char *const own[] = {"x-index", "x-value", "x-private", "x-search",
                                      "x-owes",  "x-makes", "x-heads",   "x-words"};
    if (!load_words(l, at, schema, SCHEMA_WORDS))
        return;
    if (json_get(schema, "type"))
        check_type(l, at, json_get(schema, "type"));
    check_sizes(l, at, schema);
    check_format(l, at, schema);
    check_enum(l, at, schema);
    check_field_mark(l, at, schema);
    check_marks(l, at, schema);
    load_ledger_words(l, at, schema);
    for (size_t i = 0; !top && i < sizeof own / sizeof *own; i++)
        if (json_get(schema, own[i]))
            refuse(l, json_pointer(l->arena, at, own[i]),
                   "“%s”只用于顶层字段 | “%s” stands only on a field of the record itself", own[i],
                   own[i]);
    for (size_t i = 0; i < 4; i++)
        if (json_get(schema, inner[i]))
            load_schema(l, json_pointer(l->arena, at, inner[i]), json_get(schema, inner[i]), false);
    const struct json *properties = json_get(schema, "properties");
    const char *here = json_pointer(l->arena, at, "properties");
    for (size_t i = 0; json_is(properties, JSON_OBJECT) && i < properties->object.n; i++)
        load_schema(l, json_pointer(l->arena, here, properties->object.at[i].name),
                    properties->object.at[i].value, false);
    const struct json *required = load_list(l, at, schema, "required");
    for (size_t i = 0; i < json_count(required); i++) {
        const char *name = json_text(json_at(required, i));
        if (!name || (properties && !json_get(properties, name)))
            refuse(l, json_pointer_index(l->arena, json_pointer(l->arena, at, "required"), i),
                   "没有字段“%s” | There is no field “%s”", name ? name : "?", name ? name : "?");
    }
}
