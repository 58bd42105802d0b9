/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/sheet_write.c - the table to be filled, and the one that comes back with reasons.
 *
 * Knows: which widths, drop-downs and explanations help who fills it.
 * Does not know: what the rows mean.
 */
#include "desk/sheet.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_TO_FILL 2000
#define CHOICES_MOST 5000 /* a longer list helps nobody */

static const char *const truths_zh[] = {"是", "否"};
static const char *const truths_en[] = {"yes", "no"};

static void
set_choices(struct task *t, const struct sheet_column *c, bool english, struct format_column *out)
{
    const char **titles;

    if (c->type == SHEET_TRUTH) {
        out->choices = english ? truths_en : truths_zh;
        out->n_choices = 2;
    }
    if (c->type != SHEET_CHOICE || !c->n || c->n > CHOICES_MOST)
        return;
    titles = arena_alloc(t->arena, c->n * sizeof *titles);
    for (size_t i = 0; i < c->n; i++)
        titles[i] = text_half(t->arena, c->titles[i], english);
    out->choices = titles;
    out->n_choices = c->n;
}

static void
set_column(struct task *t, const struct sheet_column *c, bool english, struct format_column *out)
{
    *out = (struct format_column){.title = text_half(t->arena, c->title, english),
                                  .note = c->note ? text_half(t->arena, c->note, english) : NULL,
                                  .required = c->required};
    if (c->type == SHEET_DATE)
        out->type = FORMAT_DATE;
    else if (c->type == SHEET_WHOLE || c->type == SHEET_DECIMAL)
        out->type = FORMAT_NUMBER;
    if (c->type == SHEET_TEXT || c->type == SHEET_CHOICE || c->type == SHEET_CHOICES)
        out->width = 22;
    set_choices(t, c, english, out);
}

static const char *
how(struct task *t, const struct sheet_column *c, bool english)
{
    static const char *const words[] = {
        [SHEET_TEXT] = "文字 | words",
        [SHEET_PLAIN] = "字母、数字 | letters and digits",
        [SHEET_WHOLE] = "整数 | a whole number",
        [SHEET_DECIMAL] = "数字 | a number",
        [SHEET_DATE] = "日期，如 2026-11-21 | a date, as 2026-11-21",
        [SHEET_TRUTH] = "是、否 | yes or no",
        [SHEET_CHOICE] = "从下拉列表中选 | one of the list",
        [SHEET_CHOICES] = "可填多个，用顿号分开 | several, with 、 between",
        [SHEET_PERSON] = "账号 | an account",
    };
    struct text out;

    text_init(&out, t->arena);
    text_puts(&out, text_half(t->arena, words[c->type], english));
    if (c->note)
        text_printf(&out, english ? ". %s" : "。%s", text_half(t->arena, c->note, english));
    if (c->type == SHEET_CHOICES)
        for (size_t i = 0; i < c->n; i++)
            text_printf(&out, "%s%s", i ? "、" : english ? ": " : "：", text_half(t->arena, c->titles[i], english));
    return text_string(&out);
}

static void
write_words(struct task *t, struct format_book *b, const struct sheet *x, bool english)
{
    const struct format_column columns[] = {{.title = english ? "Column" : "列", .width = 24},
                                            {.title = english ? "Required" : "必填", .width = 10},
                                            {.title = english ? "How to fill it" : "怎么填", .width = 60}};
    const struct format_sheet sheet = {.name = english ? "How to" : "填写说明", .columns = columns, .n_columns = 3};

    format_book_sheet(b, &sheet);
    for (size_t i = 0; i < x->n; i++) {
        const struct format_cell cells[] = {
            {.column = 0, .text = text_half(t->arena, x->columns[i].title, english)},
            {.column = 1, .text = x->columns[i].required ? (english ? "yes" : "是") : ""},
            {.column = 2, .text = how(t, &x->columns[i], english)}};

        format_book_row(b, cells, 3);
    }
}

static void
write_refused(struct task *t, struct format_book *b, const struct sheet *x, const struct sheet_row *row,
              bool english)
{
    struct format_cell cells[SHEET_COLUMNS + 1];
    struct text all;

    text_init(&all, t->arena);
    for (size_t i = 0; i <= x->n; i++) {
        const char *why = row->why[i == x->n ? SHEET_COLUMNS : i];
        bool own = i < x->n;

        if (why)
            text_printf(&all, "%s%s%s%s", all.len ? (english ? "; " : "；") : "",
                        own ? text_half(t->arena, x->columns[i].title, english) : "", own ? (english ? ": " : "：") : "",
                        text_half(t->arena, why, english));
        cells[i] = (struct format_cell){.column = (unsigned)i, .type = FORMAT_TEXT};
        if (own) {
            cells[i].text = row->texts[i];
            cells[i].bad = why != NULL;
            cells[i].note = why ? text_half(t->arena, why, english) : NULL;
        }
    }
    cells[x->n].text = arena_format(t->arena, english ? "Row %u: %s" : "第 %u 行：%s", row->number, text_string(&all));
    cells[x->n].bad = true;
    format_book_row(b, cells, x->n + 1);
}

enum fault_code
sheet_write(struct task *t, const struct sheet *x, const struct sheet_rows *refused, bool english,
            const char **bytes, size_t *len)
{
    struct format_column columns[SHEET_COLUMNS + 1];
    const char *titles[] = {
        english ? "Fill in below the header; columns marked * are required. The next sheet says how."
                : "请在表头下面逐行填写；带 * 的必填。怎么填见“填写说明”。",
        english ? "Each row has its reason in the last column. Mend it here and send this file again."
                : "每行最后一列写明没有收下的原因；在本表改好后直接上传本表即可。"};
    struct format_sheet sheet = {.name = text_half(t->arena, x->title, english),
                                 .titles = refused ? titles + 1 : titles,
                                 .n_titles = 1,
                                 .columns = columns,
                                 .n_columns = x->n + (refused != NULL),
                                 .rows_to_fill = ROWS_TO_FILL};
    struct format_book *b;
    enum fault_code rc = format_book_open(t, &b);

    if (rc)
        return rc;
    for (size_t i = 0; i < x->n; i++)
        set_column(t, &x->columns[i], english, &columns[i]);
    columns[x->n] = (struct format_column){.title = english ? SHEET_REASON_EN : SHEET_REASON_ZH, .width = 60};
    format_book_sheet(b, &sheet);
    for (size_t i = 0; refused && i < refused->n; i++)
        if (refused->at[i].refused)
            write_refused(t, b, x, &refused->at[i], english);
    write_words(t, b, x, english);
    return format_book_end(t, b, bytes, len);
}
