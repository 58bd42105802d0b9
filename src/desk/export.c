/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/export.c - a list as a file: page by page, each in memory of its own.
 */
#include "desk/inside.h"
#include <string.h>

struct paging {
    const struct desk_query *inner;
    const char *cursor;
};

static const char *
get_paged(void *who, const char *name)
{
    struct paging *p = who;

    if (strcmp(name, "cursor") == 0)
        return p->cursor;
    if (strcmp(name, "limit") == 0)
        return "200";
    return p->inner->get(p->inner->who, name);
}

static const char *
name_paged(void *who, size_t i)
{
    struct paging *p = who;

    return p->inner->name ? p->inner->name(p->inner->who, i) : NULL;
}

static void
write_csv_value(struct text *x, const char *value)
{
    /* A cell that a spreadsheet would take for a formula is led by an apostrophe. */
    bool formula = value[0] && strchr("=+-@\t\r", value[0]);

    text_char(x, '"');
    if (formula)
        text_char(x, '\'');
    for (; *value; value++) {
        if (*value == '"')
            text_char(x, '"');
        text_char(x, *value);
    }
    text_char(x, '"');
}

static const char *
cell_text(struct task *t, const struct json *names, const struct json *v)
{
    const char *text = json_text(v);
    struct text list;

    if (!v || v->type == JSON_NULL)
        return "";
    if (text)
        return json_text_of(names, text) ? json_text_of(names, text) : text;
    if (v->type != JSON_ARRAY)
        return json_string(t->arena, v);
    text_init(&list, t->arena);
    for (size_t i = 0; i < json_count(v); i++)
        text_printf(&list, "%s%s", i ? "；" : "", cell_text(t, names, json_at(v, i)));
    return text_string(&list);
}

static void
csv_head(struct task *t, const struct kind *k, bool english, struct text *x)
{
    static const char *const zh[] = {"编号", "状态", "等级", "责任单位", "地区", "期限", "登记时间", "销号时间"};
    static const char *const en[] = {"Number", "State", "Level", "Responsible unit",
                                     "Place", "Due", "Created", "Closed"};

    text_puts(x, "\xef\xbb\xbf");
    for (size_t i = 0; i < 8; i++) {
        text_puts(x, i ? "," : "");
        write_csv_value(x, english ? en[i] : zh[i]);
    }
    for (size_t i = 0; i < k->n_fields; i++) {
        text_char(x, ',');
        write_csv_value(x, text_half(t->arena, k->fields[i].title, english));
    }
    text_puts(x, "\r\n");
}

static void
csv_row(struct task *t, const struct kind *k, bool english, const struct json *o, const struct json *names,
        struct text *x)
{
    static const char *const columns[] = {"number", "state_title", "level_title", "responsible_unit",
                                          "place", "due", "created_at", "closed_at"};

    for (size_t i = 0; i < 8; i++) {
        const struct json *v = json_get(o, columns[i]);

        text_puts(x, i ? "," : "");
        if (json_is(v, JSON_OBJECT))
            v = json_get(v, english ? "en" : "zh");
        write_csv_value(x, cell_text(t, names, v));
    }
    for (size_t i = 0; i < k->n_fields; i++) {
        text_char(x, ',');
        write_csv_value(x, cell_text(t, names, json_get(json_get(o, "fields"), k->fields[i].name)));
    }
    text_puts(x, "\r\n");
}

enum fault_code
desk_export(struct task *t, struct desk *d, struct store *s, const struct desk_caller *c,
            const struct desk_query *q, const char *format,
            void (*write)(void *who, const char *bytes, size_t len), void *who)
{
    struct paging paging = {q, NULL};
    const struct desk_query paged = {get_paged, name_paged, &paging};
    const struct kind *k = q->get(q->who, "kind") ? kind_find(d->world->catalog, q->get(q->who, "kind"), 0)
                                                   : NULL;
    bool csv = text_equal(format, "csv"), first = true;
    enum fault_code rc = FAULT_NONE;

    if (!csv && !text_equal(format, "json"))
        return desk_refuse(t, "format", "format 应为 csv 或 json", "format is csv or json");
    if (!k)
        return desk_refuse(t, "kind", "请指明一种记录", "name one kind of record");
    do {
        struct task page;
        struct json *o = NULL;
        struct text x;

        task_init(&page, t->now, 1);
        text_init(&x, page.arena);
        rc = desk_records(&page, d, s, c, &paged, &o);
        if (rc)
            rc = desk_pass_fault(t, &page);
        if (first && !rc && csv)
            csv_head(&page, k, c->english, &x);
        if (first && !rc && !csv)
            text_puts(&x, "[");
        for (size_t i = 0; !rc && i < json_count(json_get(o, "items")); i++) {
            const struct json *item = json_at(json_get(o, "items"), i);

            if (csv)
                csv_row(&page, k, c->english, json_opened(&page, item), json_get(o, "names"), &x);
            else {
                text_puts(&x, first && !i ? "\n" : ",\n");
                json_write(&x, item);
            }
        }
        first = first && !json_count(json_get(o, "items"));
        paging.cursor = rc || !json_text_of(o, "next") ? NULL
                                                       : arena_text(t->arena, json_text_of(o, "next"));
        if (!paging.cursor && !rc && !csv)
            text_puts(&x, "\n]\n");
        write(who, text_string(&x), x.len);
        task_release(&page);
        if (csv)
            first = false;
    } while (!rc && paging.cursor);
    return rc;
}
