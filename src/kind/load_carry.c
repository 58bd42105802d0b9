/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_carry.c - how an old ledger comes in: the act of two people, and the words old ledgers use.
 *
 * Knows: `carries` of the kind whose records are that act; x-heads and x-words of the fields that
 * rows give.
 * Does not know: the kind that the rows become (kind_catalog_check looks it up).
 */
#include "kind/inside.h"
#include <string.h>

static const struct kind_field *
carry_field(struct load *l, const struct json *value, const char *word, enum kind_field_type type)
{
    const char *name = json_text_of(value, word), *at = json_pointer(l->arena, "/carries", word);
    const struct kind_field *f = name ? kind_field(l->k, name) : NULL;
    if (!f)
        refuse(l, at, "没有字段“%s” | There is no field “%s”", name ? name : "?", name ? name : "?");
    else if (f->type != type || f->computed)
        refuse(l, at, "“%s”的类型不合：into 是文本，rows、left 是列表，taken、refused 是整数 | “%s” is of another "
                      "type: into is a text, rows and left are lists, taken and refused integers",
               name, name);
    else
        return f;
    return NULL;
}

/* {"file","rows"}: a sealed piece and how many rows it holds; {"row","why"}: one that was left out. */
static void
check_items(struct load *l, const struct kind_field *f, const char *word, const char *text,
            const char *number)
{
    const struct json *inside = f ? json_get(json_get(f->schema, "items"), "properties") : NULL;
    const char *at = json_pointer(l->arena, "/carries", word);
    if (f && (!text_equal(json_text_of(json_get(inside, text), "type"), "string")
              || !text_equal(json_text_of(json_get(inside, number), "type"), "integer")))
        refuse(l, at, "“%s”的每一项须有文本 %s 和整数 %s | Each item of “%s” has a text %s and an integer %s",
               f->name, text, number, f->name, text, number);
    if (f && f->private_value)
        refuse(l, at, "“%s”须公开（x-public 或 x-field）：它写进日志 | “%s” stands in the log: mark what it "
                      "holds x-public or x-field", f->name, f->name);
}

static const struct kind_step *
carry_step(struct load *l, const char *at, const char *name)
{
    const struct kind_step *s = name ? kind_step(l->k, name) : NULL;
    if (!s)
        refuse(l, at, "没有步骤“%s” | There is no step “%s”", name ? name : "?", name ? name : "?");
    return s;
}

/* Nobody confirms what he prepared, in whatever post. */
static void
check_two(struct load *l, const struct kind_carries *c)
{
    bool apart = false;
    for (size_t i = 0; c->confirmed && i < c->confirmed->n_apart; i++)
        apart |= c->confirmed->apart[i]->sort == PARTY_DID && c->confirmed->apart[i]->person
                 && text_equal(c->confirmed->apart[i]->name, c->prepared ? c->prepared->name : "");
    if (c->prepared && c->confirmed && !apart)
        refuse(l, "/carries/by", "“%s”的 apart 须写 person:did:%s：两个人才能迁入 | The apart of “%s” must say "
                                 "person:did:%s: it takes two people",
               c->confirmed->name, c->prepared->name, c->confirmed->name, c->prepared->name);
}

static void
check_taking(struct load *l, const struct kind_carries *c)
{
    static const char *const words[] = {"taken", "refused", "left"};
    const struct kind_field *fields[] = {c->taken, c->refused, c->left};
    if (!c->step)
        return;
    if (!c->step->by_carry || c->step->creates || c->step->to)
        refuse(l, "/carries/step", "“%s”须只对 carry 开放，不改变状态 | “%s” must be open to carry alone and "
                                   "stay in its state", c->step->name, c->step->name);
    for (size_t i = 0; i < 3; i++) {
        bool asked = false;
        for (size_t j = 0; j < c->step->n_ask; j++)
            asked |= c->step->ask[j].field == fields[i];
        if (!asked)
            refuse(l, json_pointer(l->arena, "/carries", words[i]),
                   "“%s”的 ask 须列出此字段 | The ask of “%s” must list this field", c->step->name,
                   c->step->name);
    }
}

void
load_carries(struct load *l)
{
    const struct json *value = json_get(l->file, "carries"), *by = json_get(value, "by");
    struct kind_carries *c = load_new(l, struct kind_carries, 1);
    for (size_t i = 0; i < l->k->n_steps; i++)
        if (l->steps[i].by_carry && !l->steps[i].creates
            && !text_equal(json_text_of(value, "step"), l->steps[i].name))
            refuse(l, load_item(l, "/steps", json_get(l->file, "steps"), i),
                   "只有 carries.step 所指的步骤和创建步骤可对 carry 开放 | Only the step that carries.step names, "
                   "and steps that create, may be open to carry");
    if (!value || !load_words(l, "/carries", value, "into rows taken refused left by step"))
        return;
    if (json_count(load_list(l, "/carries", value, "by")) != 2)
        refuse(l, "/carries/by", "须写两个步骤：谁准备，谁确认 | Two steps: who prepares, who confirms");
    *c = (struct kind_carries){
        .into = carry_field(l, value, "into", FIELD_TEXT),
        .rows = carry_field(l, value, "rows", FIELD_ARRAY),
        .taken = carry_field(l, value, "taken", FIELD_INTEGER),
        .refused = carry_field(l, value, "refused", FIELD_INTEGER),
        .left = carry_field(l, value, "left", FIELD_ARRAY),
        .prepared = carry_step(l, "/carries/by/0", json_text(json_at(by, 0))),
        .confirmed = carry_step(l, "/carries/by/1", json_text(json_at(by, 1))),
        .step = carry_step(l, "/carries/step", json_text_of(value, "step")),
    };
    check_items(l, c->rows, "rows", "file", "rows");
    check_items(l, c->left, "left", "why", "row");
    check_two(l, c);
    check_taking(l, c);
    l->k->carries = c;
}

/* ---- the words of old ledgers ---- */

static void
check_texts(struct load *l, const char *at, const struct json *list)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (!json_text(json_at(list, i)) || !*json_text(json_at(list, i)))
            refuse(l, json_pointer_index(l->arena, at, i), "须是文本 | A text belongs here");
    if (!json_is(list, JSON_ARRAY) || !json_count(list))
        refuse(l, at, "须是不空的列表 | A list that isn't empty");
}

void
load_ledger_words(struct load *l, const char *at, const struct json *schema)
{
    const struct json *heads = json_get(schema, "x-heads"), *words = json_get(schema, "x-words");
    const char *here = json_pointer(l->arena, at, "x-words");
    if (heads)
        check_texts(l, json_pointer(l->arena, at, "x-heads"), heads);
    if (words && !json_is(words, JSON_OBJECT)) {
        refuse(l, here, "须是对象：选项 → 旧台账的写法 | An object: value → how old ledgers write it");
        return;
    }
    for (size_t i = 0; words && i < words->object.n; i++) {
        const char *value = words->object.at[i].name, *item = json_pointer(l->arena, here, value);
        check_texts(l, item, words->object.at[i].value);
        if (!json_get(json_get(schema, "x-titles"), value))
            refuse(l, item, "选项中没有“%s” | The enum has no value “%s”", value, value);
    }
}
