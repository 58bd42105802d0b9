/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/cmd.c - the table of commands, and what to do with a wrong one.
 *
 * Knows: names, usages, the language of whoever stands at the machine.
 * Does not know: what a command does.
 */
#include "cmd/cmd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const struct cmd cmd_table[] = {
    {"init", cmd_init,
     "--db URL (--demo wuxi --password SECRET [--seed N] [--scale small|city] "
     "[--until DATE] | --places all|CODE [--url URL]) [--now TIME]",
     "建库 | make a store"},
    {"serve", cmd_serve, "--db URL [--listen HOST:PORT] [--workers N]",
     "提供服务 | serve pages and interface"},
    {"tick", cmd_tick, "--db URL [--now TIME]",
     "办理到期事项 | do everything due up to a time"},
    {"adopt", cmd_adopt, "--db URL FILE... [--now TIME]",
     "采用定义或本地表 | adopt definitions and local tables"},
    {"user", cmd_user,
     "add --db URL --account A --name N --unit ID --role ROLE --password-stdin | password --db URL "
     "--account A --password-stdin | link --db URL [--account A] [--url URL] | close --db URL --account A",
     "人员账号 | accounts of people"},
    {"unit", cmd_unit,
     "add --db URL --sort SORT --name N --place CODE [--line KEY] [--inspects] [--now TIME]",
     "机关单位 | organs of a district"},
    {"handover", cmd_handover, "--db URL --from ACCOUNT --to ACCOUNT [--now TIME]",
     "未办结事项移交他人 | open work goes to another person"},
    {"place", cmd_place,
     "rename CODE NAME --db URL | move CODE --to CODE --db URL | merge CODE --to CODE [--end-posts] "
     "--db URL [--now TIME]",
     "地区更名、调整、合并 | rename, move or merge a place"},
    {"definitions", cmd_definitions, "check [DIR] | graph [DIR]",
     "检查定义、画出关系 | check definitions, draw how they feed each other"},
    {"import", cmd_import, "KIND FILE --db URL [--as ACCOUNT] [--all-or-nothing] [--now TIME]",
     "导入，每行一个 JSON | records from lines of JSON"},
    {"export", cmd_export,
     "KIND [NAME=VALUE...] --db URL [--format csv|json] [--as ACCOUNT] [--now TIME]",
     "导出台账 | records as a file"},
    {"check", cmd_check, "credit-code CODE | division CODE | workday DATE [N]",
     "核对代码与工作日 | check codes and working days"},
    {"verify", cmd_verify, "--db URL [--figures]", "核验日志与统计 | prove the log and the figures"},
    {"rebuild", cmd_rebuild, "--db URL", "由日志重建 | make derived tables again from the log"},
    {"backup", cmd_backup, "--db URL --to FILE [--now TIME]",
     "备份，并恢复一次以证其可用 | a backup, proven by restoring it"},
    {"restore", cmd_restore, "--db URL --from FILE [--key FILE]", "由备份恢复 | a store from a backup"},
    {"simulate", cmd_simulate, "--db URL --until DATE [--seed N] [--now TIME]",
     "演示城市继续运行 | let a demonstration city live on"},
    {"statements", cmd_statements, "[--db URL]", "列出会用到的每条语句 | every statement it may send"},
    {"openapi", cmd_openapi, "", "接口说明 | the description of the interface"},
    {"version", cmd_version, "", "版本 | the version"},
    {"help", cmd_help, "[COMMAND]", "用法 | usage"},
};
const size_t cmd_table_len = sizeof cmd_table / sizeof cmd_table[0];

static bool
speaks_english(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);

        if (value && *value)
            return !text_starts(value, "zh");
    }
    return true;
}

static const struct cmd *
find(const char *name)
{
    for (size_t i = 0; i < cmd_table_len; i++)
        if (strcmp(cmd_table[i].name, name) == 0)
            return &cmd_table[i];
    return NULL;
}

static void
print_one(struct cmd_line *l, struct arena *a, const struct cmd *cmd)
{
    printf("  zhiben %s %s\n      %s\n", cmd->name, cmd->usage,
           text_half(a, cmd->summary, l->english));
}

int
cmd_help(struct cmd_line *l)
{
    static const struct cmd_option none[] = {{0}};
    const char *word = NULL;
    struct arena *a;
    size_t n;

    if (cmd_read(l, none, &word, 1, &n))
        return 2;
    if (n && !find(word))
        return cmd_wrong(l, "没有这个命令：%s | no such command: %s", word, word);
    a = arena_new();
    printf(l->english ? "Zhiben %s. Usage:\n" : "治本 %s。用法：\n", ZHIBEN_VERSION);
    for (size_t i = 0; i < cmd_table_len; i++)
        if (!n || find(word) == &cmd_table[i])
            print_one(l, a, &cmd_table[i]);
    arena_free(a);
    return cmd_end_output(l, 0);
}

int
cmd_version(struct cmd_line *l)
{
    static const struct cmd_option none[] = {{0}};
    size_t n;

    if (cmd_read(l, none, NULL, 0, &n))
        return 2;
    printf("zhiben %s\n", ZHIBEN_VERSION);
    return cmd_end_output(l, 0);
}

int
cmd_main(int argc, char **argv)
{
    struct cmd_line l = {.english = speaks_english()};
    const char *name = argc > 1 ? argv[1] : NULL;

    arena_process_begin();
    /* A store holds names and telephones: nobody else of the machine reads it or what lies beside it. */
    (void)umask(S_IRWXG | S_IRWXO);
    /* A reader who has gone is a failed write, not an end without a word. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (!name)
        return cmd_wrong(&l, "请给出命令，见 zhiben help | name a command; see zhiben help");
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    l.cmd = find(name);
    if (!l.cmd)
        return cmd_wrong(&l, "没有这个命令：%s，见 zhiben help | no such command: %s; see zhiben help",
                         name, name);
    l.n = argc - 2;
    l.words = argv + 2;
    return l.cmd->run(&l);
}
