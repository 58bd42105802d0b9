/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule/local.c - dated rows: legal limits and the tables a place has decided.
 *
 * Knows: which row is in force on a day, and that the nearest place that has one holds.
 * Does not know: which places lie above which (files come in order), or what a row is for.
 */
#include "rule/rule.h"

#include "base/text.h"
#include "base/time.h"
#include <string.h>

/* Names of tables, with the byte that ends them. */
#define RULE_NAME 65

/* `from` and `to` are whole days, both in force; absent or null is open. */
static bool
in_force(const struct json *row, int32_t day)
{
    int32_t edge;
    const char *from = json_text_of(row, "from"), *to = json_text_of(row, "to");
    if (from && (!time_read_day(from, &edge) || day < edge))
        return false;
    return !to || (time_read_day(to, &edge) && day <= edge);
}

static const char *
edition_of(const struct json *row, const struct json *file)
{
    const char *own = json_text_of(row, "edition");
    return own ? own : json_text_of(file, "edition");
}

/* The row's duration as text, or value and unit in words. A row without a number has none. */
static bool
duration_of(struct json *row, struct rule_duration *out)
{
    static const char *const words[] = {
        [RULE_MINUTE] = "minute",   [RULE_HOUR] = "hour",   [RULE_DAY] = "day",
        [RULE_WORKDAY] = "workday", [RULE_MONTH] = "month", [RULE_QUARTER] = "quarter",
        [RULE_YEAR] = "year",
    };
    const char *text = json_text_of(row, "duration");
    if (!text)
        text = json_text_of(row, "value");
    if (text)
        return rule_duration_read(text, out);
    const char *unit = json_text_of(row, "unit");
    int64_t n = json_int_of(row, "value", 0);
    if (!unit || n <= 0 || n > 100000)
        return false;
    for (size_t u = 0; u < sizeof words / sizeof *words; u++) {
        if (strcmp(unit, words[u]) == 0) {
            *out = (struct rule_duration){(int)n, (enum rule_unit)u};
            return true;
        }
    }
    return false;
}

static bool
limit_in(const struct json *file, const char *list, const char *id, int32_t day,
         struct rule_duration *out, const char **edition)
{
    const struct json *rows = json_get(file, list);
    for (size_t i = 0; i < json_count(rows); i++) {
        struct json *row = json_at(rows, i);
        if (!text_equal(json_text_of(row, "id"), id) || !in_force(row, day))
            continue;
        if (!duration_of(row, out))
            continue;
        if (edition)
            *edition = edition_of(row, file);
        return true;
    }
    return false;
}

/* The rung of a ladder that a place has, or says it has not. */
static bool
rung_of(const struct rule_tables *x, const char *table, const char *key, int32_t day,
        struct rule_duration *out, const char **edition)
{
    for (size_t i = 0; i < x->n; i++) {
        const struct json *rows =
            json_get(json_get(json_get(x->files[i], "tables"), table), "rows");
        for (size_t j = 0; j < json_count(rows); j++) {
            const struct json *row = json_at(rows, j);
            const char *after = json_text_of(row, "after");
            if (!text_equal(json_text_of(row, "key"), key) || !in_force(row, day))
                continue;
            if (text_equal(after, "none"))
                *out = (struct rule_duration){0, RULE_NEVER};
            else if (!rule_duration_read(after, out))
                continue;
            if (edition)
                *edition = edition_of(row, x->files[i]);
            return true;
        }
    }
    return false;
}

static bool
table_and_key(const char *id, char table[RULE_NAME], const char **key)
{
    const char *name = text_starts(id, "LOCAL-") ? id + strlen("LOCAL-") : "";
    const char *dot = strchr(name, '.');
    if (!dot || (size_t)(dot - name) >= RULE_NAME)
        return false;
    memcpy(table, name, (size_t)(dot - name));
    table[dot - name] = 0;
    *key = dot + 1;
    return true;
}

bool
rule_limit(const struct rule_tables *x, const char *id, int32_t day, struct rule_duration *out,
           const char **edition)
{
    char table[RULE_NAME];
    const char *key;
    if (table_and_key(id, table, &key))
        return rung_of(x, table, key, day, out, edition);
    /* A number set by law stands above a place's; a place sets the number where the law has none.
     */
    if (limit_in(x->limits, "rows", id, day, out, edition))
        return true;
    for (size_t i = 0; i < x->n; i++)
        if (limit_in(x->files[i], "durations", id, day, out, edition))
            return true;
    return false;
}

static bool
row_matches(const struct json *row, const struct json *give)
{
    for (size_t i = 0; give && i < give->object.n; i++) {
        const struct json *cell = json_get(row, give->object.at[i].name);
        if (!json_is_null(cell) && !json_equal(cell, give->object.at[i].value))
            return false;
    }
    return true;
}

struct json *
rule_local_row(const struct rule_tables *x, const char *name, int32_t day, const struct json *give,
               const char **edition)
{
    if (give && !json_is(give, JSON_OBJECT))
        return NULL;
    for (size_t i = 0; i < x->n; i++) {
        const struct json *table = json_get(json_get(x->files[i], "tables"), name);
        const struct json *rows = json_get(table, "rows");
        for (size_t j = 0; j < json_count(rows); j++) {
            struct json *row = json_at(rows, j);
            if (!json_is(row, JSON_OBJECT) || !in_force(row, day) || !row_matches(row, give))
                continue;
            if (edition)
                *edition = edition_of(row, x->files[i]);
            return row;
        }
    }
    return NULL;
}
