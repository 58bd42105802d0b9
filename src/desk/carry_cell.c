/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/carry_cell.c - what the headings and cells of an old ledger mean, in the words old ledgers use.
 *
 * Knows: dates in the shapes people write, choices by title and by the definition's x-words, units by
 * credit code or exact name.
 * Does not know: rows, files, who may; record judges what comes out.
 */
#include "base/decimal.h"
#include "desk/carry.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

static size_t
blank_at(const char *s)
{
    if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r')
        return 1;
    if (strncmp(s, "\xe3\x80\x80", 3) == 0) /* ideographic */
        return 3;
    return strncmp(s, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

const char *
carry_trim(struct arena *a, const char *text)
{
    size_t n, end = 0;

    while ((n = blank_at(text)) != 0)
        text += n;
    for (size_t i = 0; text[i]; i += n ? n : 1) {
        n = blank_at(text + i);
        if (!n)
            end = i + 1;
    }
    return arena_copy(a, text, end);
}

/* Names and headings are compared without blanks, marks of a required field and kinds of brackets. */
static const char *
plain(struct arena *a, const char *text)
{
    static const char *const alike[][2] = {{"（", "("}, {"）", ")"}, {"：", ""}, {"*", ""}, {":", ""}};
    struct text out;

    text_init(&out, a);
    while (*text) {
        size_t n = blank_at(text);

        for (size_t i = 0; i < sizeof alike / sizeof *alike && !n; i++)
            if (text_starts(text, alike[i][0])) {
                text_puts(&out, alike[i][1]);
                n = strlen(alike[i][0]);
            }
        if (!n) {
            text_char(&out, (char)toupper((unsigned char)*text));
            n = 1;
        }
        text += n;
    }
    return text_string(&out);
}

/* ---- units ---- */

static int
by_key(const void *a, const void *b)
{
    return strcmp(((const struct carry_unit *)a)->key, ((const struct carry_unit *)b)->key);
}

enum fault_code
carry_names_read(struct task *t, struct store *s, const struct scope *c, int64_t place,
                 struct carry_names *out)
{
    struct org_unit *units;
    size_t n, kept = 0;
    enum fault_code rc = org_units(t, s, c, place, NULL, LIMIT_SHEET_ROWS, &units, &n);

    if (rc)
        return rc;
    out->list = arena_alloc(t->arena, (2 * n + 1) * sizeof *out->list);
    for (size_t i = 0; i < n; i++) {
        if (units[i].parent)
            continue;
        out->list[kept++] = (struct carry_unit){plain(t->arena, units[i].name), units[i].id, false};
        if (units[i].credit_code)
            out->list[kept++] = (struct carry_unit){plain(t->arena, units[i].credit_code), units[i].id, false};
    }
    qsort(out->list, kept, sizeof *out->list, by_key);
    for (size_t i = 0; i < kept; i++) {
        if (out->n && strcmp(out->list[out->n - 1].key, out->list[i].key) == 0)
            out->list[out->n - 1].twice |= out->list[out->n - 1].unit != out->list[i].unit;
        else
            out->list[out->n++] = out->list[i];
    }
    return FAULT_NONE;
}

static struct json *
refuse(struct carry_cells *x, const struct kind_field *f, const char *words)
{
    (void)!fault(x->task, FAULT_INPUT, json_pointer(x->task->arena, "/fields", f->name), "%s", words);
    return NULL;
}

static struct json *
unit_of(struct carry_cells *x, const struct kind_field *f, const char *text)
{
    const struct carry_unit want = {.key = plain(x->task->arena, text)};
    const struct carry_unit *found =
        x->names->n ? bsearch(&want, x->names->list, x->names->n, sizeof want, by_key) : NULL;

    if (!found)
        return refuse(x, f,
                      "本地区没有这个单位：请核对名称或统一社会信用代码，或先登记该单位 | no such unit in this place: "
                      "check its name or credit code, or enter the unit first");
    if (found->twice)
        return refuse(x, f,
                      "同名单位不止一家，请改填统一社会信用代码 | several units have this name: give the credit code");
    return json_str(x->task->arena, org_id_text(x->task->arena, 'u', found->unit));
}

/* ---- choices ---- */

static bool
lists(struct arena *a, const struct json *words, const char *want)
{
    for (size_t i = 0; i < json_count(words); i++)
        if (strcmp(plain(a, json_text(json_at(words, i))), want) == 0)
            return true;
    return false;
}

static struct json *
choice_of(struct carry_cells *x, const struct kind_field *f, const char *text)
{
    struct arena *a = x->task->arena;
    const struct json *values = json_get(f->schema, "enum"), *words = json_get(f->schema, "x-words");
    const struct json *titles = json_get(f->schema, "x-titles");
    const char *want = plain(a, text);
    struct text known;

    text_init(&known, a);
    for (size_t i = 0; i < json_count(values); i++) {
        const char *value = json_text(json_at(values, i)), *title = json_text_of(titles, value);

        if (!value || !title)
            continue;
        if (strcmp(plain(a, text_half(a, title, false)), want) == 0 ||
            strcmp(plain(a, text_half(a, title, true)), want) == 0 || strcmp(plain(a, value), want) == 0 ||
            lists(a, json_get(words, value), want))
            return json_str(a, value);
        text_printf(&known, "%s%s", known.len ? "、" : "", text_half(a, title, false));
    }
    return refuse(x, f,
                  arena_format(a, "认不出这个写法，请改为：%s | not one of the known words: %s", text_string(&known),
                               text_string(&known)));
}

static struct json *
code_of(struct carry_cells *x, const struct kind_field *f, const char *text)
{
    struct arena *a = x->task->arena;
    const struct json *rows = record_world_rows(x->world, f->table);
    const char *want = plain(a, text);

    for (size_t i = 0; i < json_count(rows); i++) {
        const struct json *row = json_at(rows, i);
        const char *title = record_row_title(row);

        if (record_row_id(row) && (strcmp(plain(a, record_row_id(row)), want) == 0 ||
                                   (title && strcmp(plain(a, title), want) == 0)))
            return json_str(a, record_row_id(row));
    }
    return refuse(x, f, "代码表里没有这一项 | the code table has no such row");
}

/* ---- dates ---- */

static const char *
digits(const char *s, int least, int most, int *out)
{
    int n = 0;

    *out = 0;
    while (isdigit((unsigned char)s[n]) && n < most)
        *out = *out * 10 + (s[n++] - '0');
    return n >= least && !isdigit((unsigned char)s[n]) ? s + n : NULL;
}

static const char *
separator(const char *s, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(s, word, n) == 0)
        return s + n;
    return *s == '-' || *s == '/' || *s == '.' ? s + 1 : NULL;
}

/* 2024-03-05 2024/3/5 2024.3.5 2024年3月5日, with or without a time of day behind it; 20240305. */
static bool
split_date(const char *s, int *year, int *month, int *dom)
{
    const char *at;
    int whole, none;

    if (strlen(s) == 8 && (at = digits(s, 8, 8, &whole)) != NULL) {
        *year = whole / 10000;
        *month = whole / 100 % 100;
        *dom = whole % 100;
        return true;
    }
    at = digits(s, 4, 4, year);
    if (at)
        at = separator(at, "年");
    if (at)
        at = digits(at, 1, 2, month);
    if (at)
        at = separator(at, "月");
    if (at)
        at = digits(at, 1, 2, dom);
    if (!at)
        return false;
    if (text_starts(at, "日"))
        at += strlen("日");
    while (blank_at(at))
        at += blank_at(at);
    return !*at || *at == 'T' || (digits(at, 1, 2, &none) && strchr(at, ':'));
}

#define SERIAL_EPOCH 25569 /* 1970-01-01 in the days that Excel counts from 1899-12-30 */
#define SERIAL_FIRST 32874 /* 1990-01-01 */
#define SERIAL_LAST 73050  /* 2099-12-31 */

static struct json *
date_of(struct carry_cells *x, const struct kind_field *f, const struct format_cell *cell)
{
    struct arena *a = x->task->arena;
    const char *text = carry_trim(a, cell->text);
    int year = 0, month = 0, dom = 0;
    int32_t day;

    if (cell->type == FORMAT_DATE)
        return json_str(a, time_day_text(a, cell->day));
    if (cell->type == FORMAT_NUMBER && strlen(text) <= 5) {
        long serial = strtol(text, NULL, 10);

        if (serial >= SERIAL_FIRST && serial <= SERIAL_LAST)
            return json_str(a, time_day_text(a, (int32_t)serial - SERIAL_EPOCH));
    }
    if (!split_date(text, &year, &month, &dom))
        return refuse(x, f,
                      "看不懂这个日期：请写四位年份，如 2024-03-05、2024/3/5、2024年3月5日 | not a date: write four "
                      "digits of the year, as 2024-03-05");
    if (!time_read_day(arena_format(a, "%04d-%02d-%02d", year, month, dom), &day) || year < 1990 || year > 2099)
        return refuse(x, f, "没有这一天 | there is no such day");
    return json_str(a, time_day_text(a, day));
}

/* ---- numbers ---- */

static struct json *
amount_of(struct carry_cells *x, const struct kind_field *f, const char *text)
{
    struct arena *a = x->task->arena;
    size_t n = strspn(text, "-0123456789.");
    const char *behind = carry_trim(a, text + n);
    struct decimal d;

    if (!n || !decimal_read(arena_copy(a, text, n), &d))
        return refuse(x, f, "这里应为数字 | a number belongs here");
    if (text_equal(behind, "万元") || text_equal(behind, "万")) {
        if (!decimal_multiply(d, decimal_of(10000), &d))
            return refuse(x, f, "数字太大 | the number is too large");
    } else if (*behind && !text_equal(behind, "元")) {
        return refuse(x, f, "这里应为数字，可带“元”“万元” | a number belongs here");
    }
    if (f->type == FIELD_INTEGER)
        return decimal_is_whole(d) ? json_int(a, strtoll(decimal_text(a, d), NULL, 10))
                                   : refuse(x, f, "这里应为整数 | a whole number belongs here");
    return json_str(a, decimal_text(a, d));
}

static struct json *
truth_of(struct carry_cells *x, const struct kind_field *f, const char *text)
{
    static const char *const yes[] = {"是", "有", "√", "true", "yes", "1"};
    static const char *const no[] = {"否", "无", "×", "false", "no", "0"};

    for (size_t i = 0; i < 6; i++) {
        if (text_equal(text, yes[i]))
            return json_bool(x->task->arena, true);
        if (text_equal(text, no[i]))
            return json_bool(x->task->arena, false);
    }
    return refuse(x, f, "这里应为“是”或“否” | yes or no belongs here");
}

struct json *
carry_value(struct carry_cells *x, const struct kind_field *f, const struct format_cell *cell)
{
    const char *text = carry_trim(x->task->arena, cell->text);

    if (cell->type == FORMAT_ERROR)
        return refuse(x, f, "此格的公式出错，请改为确定的值 | the formula of this cell failed: put a value");
    if (f->type == FIELD_DATE)
        return date_of(x, f, cell);
    if (f->type == FIELD_INTEGER || f->type == FIELD_DECIMAL)
        return amount_of(x, f, text);
    if (f->type == FIELD_BOOLEAN)
        return truth_of(x, f, text);
    if (text_equal(f->names, "unit"))
        return unit_of(x, f, text);
    if (text_equal(f->names, "code"))
        return code_of(x, f, text);
    if (json_get(f->schema, "enum"))
        return choice_of(x, f, text);
    return json_str(x->task->arena, text);
}

/* ---- headings ---- */

int
carry_fits(struct arena *a, const struct kind_field *f, const char *heading)
{
    const char *want = plain(a, heading), *title = plain(a, text_half(a, f->title, false));
    const struct json *heads = json_get(f->schema, "x-heads");

    if (!*want)
        return 0;
    if (strcmp(want, title) == 0 || strcmp(want, plain(a, text_half(a, f->title, true))) == 0)
        return 1000;
    for (size_t i = 0; i < json_count(heads); i++)
        if (strcmp(plain(a, json_text(json_at(heads, i))), want) == 0)
            return 900 - (int)i;
    for (size_t i = 0; i < json_count(heads); i++)
        if (strstr(want, plain(a, json_text(json_at(heads, i)))))
            return 500 + (int)strlen(json_text(json_at(heads, i)));
    return strstr(want, title) ? 400 : 0;
}

/* ---- what rows may give ---- */

const struct kind *
carry_act_of(const struct desk *d, const struct kind *k)
{
    const struct kind_catalog *c = d->world->catalog;

    for (size_t i = 0; i < kind_catalog_count(c); i++)
        if (kind_carried_by(k, kind_catalog_at(c, i)))
            return kind_catalog_at(c, i);
    return NULL;
}

/* People, posts, places, records and files have no names of their own in a cell. */
static bool
cell_can_say(const struct kind_field *f)
{
    static const char *const known[] = {"unit", "code", "money", "decimal"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_equal(f->names, known[i]))
            return f->type != FIELD_ARRAY;
    return !f->names && f->type != FIELD_ARRAY && f->type != FIELD_OBJECT && f->type != FIELD_TIME;
}

static bool
asks(const struct kind_step *s, const struct kind_field *f, bool demanded)
{
    for (size_t i = 0; i < s->n_ask; i++)
        if (s->ask[i].field == f)
            return !demanded || s->ask[i].now;
    return false;
}

const struct kind_field **
carry_fields(struct task *t, const struct kind *k, size_t *n)
{
    const struct kind_field **out = arena_alloc(t->arena, (k->n_fields + 1) * sizeof *out);

    *n = 0;
    for (size_t i = 0; i < k->n_fields; i++) {
        bool asked = false;

        for (size_t j = 0; j < k->n_steps && !asked; j++)
            asked = k->steps[j].creates && k->steps[j].by_carry && asks(&k->steps[j], &k->fields[i], false);
        if (asked && cell_can_say(&k->fields[i]))
            out[(*n)++] = &k->fields[i];
    }
    return out;
}

bool
carry_demands(const struct kind *k, const struct kind_field *f)
{
    for (size_t j = 0; j < k->n_steps; j++)
        if (k->steps[j].creates && k->steps[j].by_carry && !asks(&k->steps[j], f, true))
            return false;
    return true;
}
