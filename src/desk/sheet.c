/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/sheet.c - rows of a table read into values: the header found, each cell as its column says.
 *
 * Knows: headers, how a cell becomes a value, what to say where it cannot.
 * Does not know: what is done with a row (intake.c), how a table is written (sheet_write.c).
 */
#include "desk/sheet.h"
#include "base/decimal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADER_WITHIN 20 /* rows in which the header is looked for */

/* ---- words ---- */

static bool
is_space(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == 0x3000 || c == 0xa0;
}

static void
add_code(struct text *x, uint32_t c)
{
    if (c < 0x80) {
        text_char(x, (char)c);
    } else if (c < 0x800) {
        text_char(x, (char)(0xc0 | c >> 6));
        text_char(x, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        text_char(x, (char)(0xe0 | c >> 12));
        text_char(x, (char)(0x80 | (c >> 6 & 63)));
        text_char(x, (char)(0x80 | (c & 63)));
    } else {
        text_char(x, (char)(0xf0 | c >> 18));
        text_char(x, (char)(0x80 | (c >> 12 & 63)));
        text_char(x, (char)(0x80 | (c >> 6 & 63)));
        text_char(x, (char)(0x80 | (c & 63)));
    }
}

/* Spaces at both ends gone; with `narrow` full-width letters and digits as the plain ones. */
static const char *
trimmed(struct arena *a, const char *s, bool narrow)
{
    struct text x;
    size_t end = 0;
    uint32_t c;

    text_init(&x, a);
    while ((c = text_next(&s))) {
        if (narrow && c >= 0xff01 && c <= 0xff5e)
            c -= 0xfee0;
        if (is_space(c) && x.len == 0)
            continue;
        add_code(&x, c);
        if (!is_space(c))
            end = x.len;
    }
    return arena_copy(a, text_string(&x), end);
}

/* ---- refusals ---- */

void
sheet_refuse(struct arena *a, const struct sheet *x, struct sheet_row *row, const struct fault *why)
{
    row->refused = true;
    for (unsigned i = 0; i < why->n_items; i++) {
        const char *pointer = why->items[i].pointer, *said;
        size_t at = 0, len;

        if (pointer && text_starts(pointer, "/fields"))
            pointer += strlen("/fields");
        pointer = pointer && *pointer == '/' ? pointer + 1 : "";
        len = strcspn(pointer, "/");
        while (at < x->n && (strlen(x->columns[at].name) != len || strncmp(x->columns[at].name, pointer, len)))
            at++;
        if (at == x->n)
            at = SHEET_COLUMNS;
        said = arena_format(a, "%s | %s", why->items[i].zh, why->items[i].en);
        if (!row->why[at])
            row->why[at] = said;
    }
}

static void
refuse_cell(struct task *t, struct sheet_row *row, size_t column, const char *said)
{
    row->refused = true;
    if (!row->why[column])
        row->why[column] = arena_text(t->arena, said);
}

/* ---- cells ---- */

static bool
begins(const char *title, size_t len, const char *text)
{
    return strlen(text) == len && strncmp(title, text, len) == 0;
}

/* Parts that may be written alone: of "320205001 东亭街道" either word, of "甲厂（东亭街道）" the name. */
static bool
is_part(const char *title, const char *text)
{
    const char *space = strchr(title, ' '), *open = strstr(title, "（"), *next;

    for (; open && (next = strstr(open + 1, "（")); open = next)
        ;
    if (open && begins(title, (size_t)(open - title), text))
        return true;
    return space && (strcmp(space + 1, text) == 0 || begins(title, (size_t)(space - title), text));
}

/* 320205 of 320205000000: a place's code without its zeros. */
static bool
is_short_code(const char *value, const char *text)
{
    size_t len = strlen(text);

    return len >= 6 && strspn(text, "0123456789") == len && text_starts(value, text) &&
           strspn(value + len, "0") == strlen(value + len);
}

static const char *
find_choice(struct task *t, const struct sheet_column *c, const char *text, const char **said)
{
    const char *found = NULL;
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++) {
        const char *zh = text_half(t->arena, c->titles[i], false), *en = text_half(t->arena, c->titles[i], true);

        if (strcmp(zh, text) == 0 || strcmp(en, text) == 0 || strcmp(c->values[i], text) == 0 ||
            is_short_code(c->values[i], text))
            return c->values[i];
        if (is_part(zh, text) && (!n || !text_equal(found, c->values[i]))) {
            found = c->values[i];
            n++;
        }
    }
    *said = n > 1 ? "有几个同名的，请从下拉列表中选 | several have this name: choose from the list"
                  : "不在下拉列表中，请从列表中选 | not in the list: choose from the list";
    return n == 1 ? found : NULL;
}

/* 2026-11-21, 2026/11/21, 2026.11.21, 2026年11月21日. */
static const char *
read_date(struct task *t, const struct format_cell *cell, const char *text)
{
    int year, month, dom;
    char rest = 0;
    const char *day;
    int32_t number;

    if (cell->type == FORMAT_DATE)
        return time_day_text(t->arena, cell->day);
    if (sscanf(text, "%4d%*[-/.]%2d%*[-/.]%2d%c", &year, &month, &dom, &rest) != 3 &&
        sscanf(text, "%4d年%2d月%2d日%c", &year, &month, &dom, &rest) != 3)
        return NULL;
    day = arena_format(t->arena, "%04d-%02d-%02d", year, month, dom);
    return time_read_day(day, &number) ? day : NULL;
}

static struct json *
read_truth(struct arena *a, const char *text)
{
    static const char *const yes[] = {"是", "yes", "true", "1", "√", "有"};
    static const char *const no[] = {"否", "no", "false", "0", "×", "无"};

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcasecmp(text, yes[i]) == 0)
            return json_bool(a, true);
        if (strcasecmp(text, no[i]) == 0)
            return json_bool(a, false);
    }
    return NULL;
}

/* 甲、乙，丙: each a choice. */
static struct json *
read_choices(struct task *t, const struct sheet_column *c, const char *text, const char **said)
{
    struct json *out = json_array(t->arena);
    struct text one;
    uint32_t code;

    text_init(&one, t->arena);
    do {
        code = text_next(&text);
        if (code && code != 0x3001 && code != 0xff0c && code != ',' && code != ';' && code != 0xff1b) {
            add_code(&one, code);
            continue;
        }
        if (one.len) {
            const char *value = find_choice(t, c, trimmed(t->arena, text_string(&one), false), said);

            if (!value)
                return NULL;
            json_push(t->arena, out, json_str(t->arena, value));
        }
        text_init(&one, t->arena);
    } while (code);
    return out;
}

static struct json *
read_number(struct task *t, const struct sheet_column *c, const char *text, const char **said)
{
    struct decimal d;
    bool whole = c->type == SHEET_WHOLE;

    *said = whole ? "请填整数 | give a whole number" : "请填数字 | give a number";
    if (!decimal_read(text, &d) || (whole && (!decimal_is_whole(d) || strlen(text) > 15)))
        return NULL;
    return whole ? json_int(t->arena, strtoll(decimal_text(t->arena, d), NULL, 10))
                 : json_str(t->arena, decimal_text(t->arena, d));
}

static enum fault_code
find_person(struct task *t, struct store *s, const char *account, struct json **out, const char **said)
{
    int64_t person;
    bool found;
    enum fault_code rc = store_one_int(t, s, &person, &found,
                                       "SELECT person FROM org_account WHERE account = ? AND closed_at IS NULL",
                                       "s", account);

    *said = "没有这个账号；请先导入人员 | there is no such account: bring the people in first";
    if (!rc && found)
        *out = json_str(t->arena, org_id_text(t->arena, 'p', person));
    return rc;
}

static enum fault_code
read_value(struct task *t, struct store *s, const struct sheet_column *c, const struct format_cell *cell,
           struct json **out, const char **said)
{
    const char *text = trimmed(t->arena, cell->text, c->type != SHEET_TEXT && c->type != SHEET_CHOICE &&
                                                         c->type != SHEET_CHOICES);
    const char *value;

    *out = NULL;
    *said = "";
    if (cell->type == FORMAT_ERROR) {
        *said = "公式出错，请填入值 | the formula failed: give a value";
        return FAULT_NONE;
    }
    switch (c->type) {
    case SHEET_TEXT:
    case SHEET_PLAIN: *out = json_str(t->arena, text); return FAULT_NONE;
    case SHEET_WHOLE:
    case SHEET_DECIMAL: *out = read_number(t, c, text, said); return FAULT_NONE;
    case SHEET_DATE:
        *said = "请填日期，如 2026-11-21 | give a date, as 2026-11-21";
        value = read_date(t, cell, text);
        break;
    case SHEET_TRUTH:
        *said = "请填“是”或“否” | give 是 or 否 (yes or no)";
        *out = read_truth(t->arena, text);
        return FAULT_NONE;
    case SHEET_CHOICE: value = find_choice(t, c, text, said); break;
    case SHEET_CHOICES: *out = read_choices(t, c, text, said); return FAULT_NONE;
    default: return find_person(t, s, text, out, said);
    }
    if (value)
        *out = json_str(t->arena, value);
    return FAULT_NONE;
}

/* ---- the header ---- */

struct header {
    size_t columns[LIMIT_SHEET_COLUMNS]; /* of the sheet; SHEET_COLUMNS: of none */
    unsigned width;
};

static bool
is_title(struct arena *a, const char *title, const char *text)
{
    return strcmp(text_half(a, title, false), text) == 0 || strcmp(text_half(a, title, true), text) == 0;
}

static size_t
column_of(struct task *t, const struct sheet *x, const char *text)
{
    const char *words = trimmed(t->arena, text, false);
    size_t len = strlen(words);

    while (len && (words[len - 1] == '*' || words[len - 1] == ' '))
        len--;
    words = arena_copy(t->arena, words, len);
    for (size_t i = 0; i < x->n; i++)
        if (strcmp(x->columns[i].name, words) == 0 || is_title(t->arena, x->columns[i].title, words))
            return i;
    return SHEET_COLUMNS;
}

/* Whether this row is the header: every required column is in it. Unknown titles are told. */
static bool
read_header(struct task *t, const struct sheet *x, const struct format_row *row, struct header *h,
            const char **ignored)
{
    struct text rest;
    bool has[SHEET_COLUMNS] = {false};
    size_t i;

    text_init(&rest, t->arena);
    for (i = 0; i < LIMIT_SHEET_COLUMNS; i++)
        h->columns[i] = SHEET_COLUMNS;
    for (i = 0; i < row->n; i++) {
        size_t at = column_of(t, x, row->cells[i].text);

        if (at < SHEET_COLUMNS && !has[at]) {
            has[at] = true;
            h->columns[row->cells[i].column] = at;
        } else if (!strstr(row->cells[i].text, SHEET_REASON_ZH) && !strstr(row->cells[i].text, SHEET_REASON_EN)) {
            text_printf(&rest, "%s%s", rest.len ? "、" : "", row->cells[i].text);
        }
    }
    *ignored = rest.len ? text_string(&rest) : NULL;
    for (i = 0; i < x->n; i++)
        if (x->columns[i].required && !has[i])
            return false;
    return true;
}

static enum fault_code
no_header(struct task *t, const struct sheet *x)
{
    struct text zh, en;

    text_init(&zh, t->arena);
    text_init(&en, t->arena);
    for (size_t i = 0; i < x->n; i++) {
        if (!x->columns[i].required)
            continue;
        text_printf(&zh, "%s%s", zh.len ? "、" : "", text_half(t->arena, x->columns[i].title, false));
        text_printf(&en, "%s%s", en.len ? ", " : "", text_half(t->arena, x->columns[i].title, true));
    }
    return fault(t, FAULT_INPUT, "/file",
                 "没有找到表头：前 %d 行里须有一行写着 %s；请用下载的模板填写 | no header: one of the first %d rows must "
                 "hold %s; fill in the template",
                 HEADER_WITHIN, text_string(&zh), HEADER_WITHIN, text_string(&en));
}

/* ---- rows ---- */

static struct sheet_row *
new_row(struct task *t, struct sheet_rows *rows)
{
    if (rows->n == rows->room) {
        struct sheet_row *grown;

        rows->room = rows->room ? rows->room * 2 : 256;
        grown = arena_alloc(t->arena, rows->room * sizeof *grown);
        if (rows->n)
            memcpy(grown, rows->at, rows->n * sizeof *grown);
        rows->at = grown;
    }
    return &rows->at[rows->n++];
}

static enum fault_code
read_row(struct task *t, struct store *s, const struct sheet *x, const struct header *h,
         const struct format_row *in, struct sheet_row *row)
{
    enum fault_code rc = FAULT_NONE;

    row->number = in->number;
    row->value = json_object(t->arena);
    for (size_t i = 0; i < in->n && !rc; i++) {
        size_t at = h->columns[in->cells[i].column];
        struct json *value;
        const char *said;

        if (at == SHEET_COLUMNS)
            continue;
        row->texts[at] = arena_text(t->arena, in->cells[i].text);
        rc = read_value(t, s, &x->columns[at], &in->cells[i], &value, &said);
        if (!rc && value)
            json_set(t->arena, row->value, x->columns[at].name, value);
        else if (!rc)
            refuse_cell(t, row, at, said);
    }
    for (size_t i = 0; i < x->n && !rc; i++)
        if (x->columns[i].required && !row->texts[i])
            refuse_cell(t, row, i, "必填 | required");
    return rc;
}

static bool
is_blank_row(const struct header *h, const struct format_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (h->columns[row->cells[i].column] != SHEET_COLUMNS)
            return false;
    return true;
}

enum fault_code
sheet_read(struct task *t, struct store *s, const struct sheet *x, const char *bytes, size_t len,
           struct sheet_rows *out)
{
    struct format_table *table;
    const struct format_row *row;
    struct header h;
    bool headed = false;
    int seen = 0;
    enum fault_code rc = format_open(t, bytes, len, &table);

    if (rc)
        return rc;
    memset(out, 0, sizeof *out);
    while (!(rc = format_next(t, table, &row)) && row && (headed || seen < HEADER_WITHIN)) {
        seen++;
        if (!headed)
            headed = read_header(t, x, row, &h, &out->ignored);
        else if (!is_blank_row(&h, row))
            rc = read_row(t, s, x, &h, row, new_row(t, out));
        if (rc)
            break;
    }
    format_close(table);
    if (!rc && !headed)
        rc = no_header(t, x);
    if (!rc && !out->n)
        rc = fault(t, FAULT_INPUT, "/file", "表头下面没有数据 | there are no rows below the header");
    return rc;
}
