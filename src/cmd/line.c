/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/line.c - words of a command line, read strictly; what commands say; what they open.
 *
 * Knows: options, values, exits, one line on standard error.
 * Does not know: any command.
 */
#include "cmd/cmd.h"

#include "base/time.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- saying ---- */

static void
say(struct cmd_line *l, const char *format, va_list args)
{
    struct arena *a = arena_new();
    char *whole = NULL, *line;

    if (vasprintf(&whole, format, args) < 0)
        abort();
    line = arena_text(a, text_half(a, whole, l->english));
    free(whole);
    for (char *c = line; *c; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    fprintf(stderr, "zhiben%s%s: %s\n", l->cmd ? " " : "", l->cmd ? l->cmd->name : "", line);
    arena_free(a);
}

int
cmd_wrong(struct cmd_line *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(l, format, args);
    va_end(args);
    return 2;
}

void
cmd_say(struct cmd_line *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(l, format, args);
    va_end(args);
}

int
cmd_fail(struct cmd_line *l, const struct task *t, enum fault_code code)
{
    const struct fault *f = &t->fault;
    const struct fault_item *item = f->n_items ? &f->items[0] : NULL;
    const char *at = item && item->pointer ? item->pointer : "";

    if (!item)
        cmd_say(l, "未能完成（%s） | it failed (%s)", fault_name(code), fault_name(code));
    else if (f->n_items > 1)
        cmd_say(l, "%s%s%s（另有 %u 处） | %s%s%s (and %u more)", at, *at ? "：" : "", item->zh,
                f->n_items - 1, at, *at ? ": " : "", item->en, f->n_items - 1);
    else
        cmd_say(l, "%s%s%s | %s%s%s", at, *at ? "：" : "", item->zh, at, *at ? ": " : "", item->en);
    return code == FAULT_INPUT || code == FAULT_SIZE || code == FAULT_CONDITION ? 2 : 1;
}

int
cmd_end_output(struct cmd_line *l, int exit_code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    cmd_say(l, "无法写到标准输出：%s | cannot write to standard output: %s", strerror(errno),
            strerror(errno));
    return 1;
}

int
cmd_print(struct cmd_line *l, const struct json *value, int exit_code)
{
    struct arena *a = arena_new();

    printf("%s\n", json_string(a, value));
    arena_free(a);
    return cmd_end_output(l, exit_code);
}

/* ---- reading words ---- */

static const struct cmd_option *
find(const struct cmd_option *options, const char *word, size_t len)
{
    for (; options->name; options++)
        if (strlen(options->name) == len && strncmp(options->name, word, len) == 0)
            return options;
    return NULL;
}

static int
read_option(struct cmd_line *l, const struct cmd_option *options, int *i)
{
    const char *word = l->words[*i];
    size_t len = strcspn(word, "=");
    const struct cmd_option *o = find(options, word, len);
    const char *value = word[len] ? word + len + 1 : NULL;

    if (!o)
        return cmd_wrong(l, "没有这个选项：%.*s | unknown option: %.*s", (int)len, word, (int)len,
                         word);
    if ((o->flag && *o->flag) || (o->value && *o->value))
        return cmd_wrong(l, "选项重复：%s | option given twice: %s", o->name, o->name);
    if (o->flag && value)
        return cmd_wrong(l, "选项 %s 不带值 | option %s takes no value", o->name, o->name);
    if (o->flag) {
        *o->flag = true;
        return 0;
    }
    if (!value && *i + 1 < l->n)
        value = l->words[++*i];
    if (!value)
        return cmd_wrong(l, "选项 %s 缺少值 | option %s needs a value", o->name, o->name);
    *o->value = value;
    return 0;
}

int
cmd_read(struct cmd_line *l, const struct cmd_option *options, const char **words, size_t room,
         size_t *n)
{
    *n = 0;
    for (int i = 0; i < l->n; i++) {
        const char *word = l->words[i];

        if (!text_is_utf8(word, strlen(word)))
            return cmd_wrong(l, "第 %d 个词不是 UTF-8 | word %d is not UTF-8", i + 1, i + 1);
        if (word[0] == '-' && word[1]) {
            if (read_option(l, options, &i))
                return 2;
        } else if (*n >= room) {
            return cmd_wrong(l, "多余的词：%s | a word too many: %s", word, word);
        } else {
            words[(*n)++] = word;
        }
    }
    return 0;
}

int
cmd_need(struct cmd_line *l, const char *option, const char *value)
{
    if (value)
        return 0;
    return cmd_wrong(l, "缺少 %s | %s is missing", option, option);
}

int
cmd_number(struct cmd_line *l, const char *option, const char *value, uint64_t *out)
{
    char *end;

    errno = 0;
    if (*value && strspn(value, "0123456789") == strlen(value)) {
        *out = strtoull(value, &end, 10);
        if (!errno)
            return 0;
    }
    return cmd_wrong(l, "%s 须为数字：%s | %s is a whole number, not %s", option, value, option,
                     value);
}

int
cmd_day(struct cmd_line *l, const char *option, const char *value, int32_t *out)
{
    if (time_read_day(value, out))
        return 0;
    return cmd_wrong(l, "%s 须为日期，如 2026-11-21，而不是 %s | %s is a date as 2026-11-21, not %s",
                     option, value, option, value);
}

int
cmd_task(struct cmd_line *l, const char *now, struct task *t)
{
    int64_t at;

    if (!now)
        at = time_system();
    else if (!time_read(now, false, &at))
        return cmd_wrong(l,
                         "--now 须为带时区的时间，如 2026-11-21T09:30:00+08:00，而不是 %s | --now is a time "
                         "with its offset as 2026-11-21T09:30:00+08:00, not %s",
                         now, now);
    task_init(t, at, 0);
    return 0;
}

/* ---- opening ---- */

enum fault_code
cmd_file(struct task *t, const char *path, size_t max, const char **bytes, size_t *len)
{
    FILE *f = fopen(path, "rbe");
    struct text all;
    char part[65536];
    size_t n;
    bool failed;

    if (!f)
        return fault(t, FAULT_INPUT, path, "无法打开：%s | cannot be opened: %s", strerror(errno),
                     strerror(errno));
    text_init(&all, t->arena);
    while (all.len <= max && (n = fread(part, 1, sizeof part, f)) > 0)
        text_add(&all, part, n);
    failed = ferror(f) != 0;
    (void)fclose(f);
    if (failed)
        return fault(t, FAULT_INPUT, path, "无法读取：%s | cannot be read: %s", strerror(errno),
                     strerror(errno));
    if (all.len > max)
        return fault(t, FAULT_SIZE, path, "文件超过 %zu 字节 | the file is over %zu bytes", max, max);
    *bytes = text_string(&all);
    *len = all.len;
    return FAULT_NONE;
}

enum fault_code
cmd_desk(struct task *t, const char *url, bool read_only, struct desk **out)
{
    struct desk_options o = {.url = url, .read_only = read_only};

    return desk_open(t, &o, out);
}

void
cmd_clock(struct cmd_line *l, struct task *t, const struct desk *d)
{
    const char *newest = time_text(t->arena, desk_newest(d));

    if (t->now < desk_newest(d))
        cmd_say(l,
                "时钟早于最后一件事（%s），请校准；此前的新事按那时记 | the clock is behind the newest event "
                "(%s): set it right; until then events carry that time",
                newest, newest);
}

enum fault_code
cmd_caller(struct task *t, struct desk *d, struct store *s, const char *as,
           struct desk_caller *out)
{
    return as ? desk_caller_account(t, d, s, as, out) : desk_caller_operator(t, d, s, out);
}
