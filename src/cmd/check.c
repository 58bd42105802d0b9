/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/check.c - codes and working days, checked without a store.
 *
 * Knows: what is asked and how the answer is said.
 * Does not know: how a code is checked.
 */
#include "cmd/cmd.h"

#include "base/embed.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

static int
say_valid(struct cmd_line *l, struct arena *a, const char *normalized, const char *why)
{
    struct json *o = json_object(a);

    json_set_bool(a, o, "valid", normalized != NULL);
    json_set_str(a, o, "normalized", normalized);
    json_set_str(a, o, "reason", normalized ? NULL : text_half(a, why, l->english));
    return cmd_print(l, o, normalized ? 0 : 1);
}

/* Lower-case letters and blanks around are mended; nothing else is. */
static const char *
tidy(struct arena *a, const char *code)
{
    size_t len;
    char *out;

    code += strspn(code, " ");
    out = arena_text(a, code);
    for (len = strlen(out); len && out[len - 1] == ' '; len--)
        out[len - 1] = '\0';
    for (char *c = out; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return out;
}

static int
check_credit_code(struct cmd_line *l, struct task *t, const char *code)
{
    const char *why = "", *normal = tidy(t->arena, code);
    bool holds = rule_credit_code_holds(normal, &why);

    return say_valid(l, t->arena, holds ? normal : NULL, why);
}

static int
check_division(struct cmd_line *l, struct task *t, const char *code)
{
    const char *why = "";
    char whole[13];
    bool holds = rule_division_code(tidy(t->arena, code), whole, &why);

    if (holds && !desk_division_holds(t, whole)) {
        holds = false;
        why = "写法正确，但本程序所带的区划里没有 | well written, but not among the divisions this binary carries";
    }
    return say_valid(l, t->arena, holds ? whole : NULL, why);
}

static enum fault_code
carried_calendar(struct task *t, struct rule_calendar **out)
{
    const struct embed_file *f = embed_find("standards/calendar.json");
    struct json *file;
    enum fault_code rc;

    must(f != NULL);
    rc = json_read(t, (const char *)f->bytes, f->len, &file);
    return rc ? rc : rule_calendar_read(t, file, out);
}

static int
check_workday(struct cmd_line *l, struct task *t, const char *date, const char *count)
{
    struct rule_calendar *calendar;
    struct json *o = json_object(t->arena);
    bool provisional = false, back = count && *count == '-';
    uint64_t n = 0;
    int32_t day, after;
    int year, month, dom;
    enum fault_code rc;

    if (cmd_day(l, "DATE", date, &day) ||
        (count && cmd_number(l, "N", count + (back || *count == '+'), &n)))
        return 2;
    if (n > 10000)
        return cmd_wrong(l, "N 至多 10000 | N is at most 10000");
    rc = carried_calendar(t, &calendar);
    if (rc)
        return cmd_fail(l, t, rc);
    time_split(day, &year, &month, &dom);
    provisional = !rule_calendar_holds(calendar, year);
    json_set_str(t->arena, o, "date", time_day_text(t->arena, day));
    json_set_bool(t->arena, o, "workday", rule_is_workday(calendar, day));
    if (count) {
        after = rule_workday_add(calendar, day, back ? -(int)n : (int)n, &provisional);
        json_set_str(t->arena, o, "after", time_day_text(t->arena, after));
    }
    json_set_bool(t->arena, o, "provisional", provisional);
    json_set_str(t->arena, o, "edition", rule_calendar_edition(calendar));
    return cmd_print(l, o, count || rule_is_workday(calendar, day) ? 0 : 1);
}

int
cmd_check(struct cmd_line *l)
{
    static const struct cmd_option none[] = {{0}};
    const char *words[3] = {NULL, NULL, NULL};
    struct task t;
    size_t n;
    int status;

    /* A number before the day is written -5: it is a word here, no option. */
    if (l->n == 3 && l->words[2][0] == '-' && strspn(l->words[2] + 1, "0123456789")) {
        words[2] = l->words[2];
        l->n = 2;
    }
    if (cmd_read(l, none, words, words[2] ? 2 : 3, &n) || cmd_need(l, "WHAT", words[0]) ||
        cmd_need(l, text_equal(words[0], "workday") ? "DATE" : "CODE", words[1]))
        return 2;
    if (words[2] && !text_equal(words[0], "workday"))
        return cmd_wrong(l, "多余的词：%s | a word too many: %s", words[2], words[2]);
    if (cmd_task(l, NULL, &t))
        return 2;
    if (text_equal(words[0], "credit-code"))
        status = check_credit_code(l, &t, words[1]);
    else if (text_equal(words[0], "division"))
        status = check_division(l, &t, words[1]);
    else if (text_equal(words[0], "workday"))
        status = check_workday(l, &t, words[1], words[2]);
    else
        status = cmd_wrong(l,
                           "不会核对 %s，可写 credit-code、division、workday | cannot check %s; say "
                           "credit-code, division or workday",
                           words[0], words[0]);
    task_release(&t);
    return status;
}
