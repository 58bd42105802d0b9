/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/cmd.h - zhiben COMMAND: the process, its words and its exits.
 *
 * The idea: one file and one line of the table each. Data goes to standard output as JSON, and one
 * line for whoever stands at the machine to standard error, in Chinese where LC_ALL or LANG begins
 * with zh. This room alone reads the clock, the environment and the words of the command line.
 *
 * Invariants: exit 0 done; 1 refused, not found, or found wrong; 2 wrong usage or bad input. An
 * unknown option, one without its value, one given twice or a word too many is exit 2 and names it.
 *
 * Life cycle: cmd_main reads the words, runs one command, ends.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "desk/desk.h"

int
cmd_main(int argc, char **argv);

/* ---- for the files of this room ---- */

struct cmd_line {
    const struct cmd *cmd;
    int n;
    char **words;
    bool english;
};

struct cmd {
    const char *name;
    int (*run)(struct cmd_line *l);
    const char *usage;   /* after the name */
    const char *summary; /* "中文 | English" */
};

extern const struct cmd cmd_table[];
extern const size_t cmd_table_len;

/* An option: with a value, or a flag. A list ends with a NULL name. */
struct cmd_option {
    const char *name;
    const char **value;
    bool *flag;
};

/* Reads all words: 0, or 2 after its one line. At most `room` words that are no options. */
MUST_USE int
cmd_read(struct cmd_line *l, const struct cmd_option *options, const char **words, size_t room,
         size_t *n);

/* One line on standard error, "中文 | English" after formatting; answers 2. */
int
cmd_wrong(struct cmd_line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The fault of a task as one line; answers 2 for bad input, else 1. */
int
cmd_fail(struct cmd_line *l, const struct task *t, enum fault_code code);
/* A line on standard error that is no refusal. */
void
cmd_say(struct cmd_line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says so where this machine's clock is behind the newest event: what is written then carries the later time. */
void
cmd_clock(struct cmd_line *l, struct task *t, const struct desk *d);

/* One JSON value and a line feed on standard output; answers `exit_code`, or 1 where it cannot. */
int
cmd_print(struct cmd_line *l, const struct json *value, int exit_code);
/* Ends standard output well: answers `exit_code`, or 1 where something was lost. */
int
cmd_end_output(struct cmd_line *l, int exit_code);

/* {"link","expires_at"} of a single-use link below the address that people open (NULL: this machine's). */
struct json *
cmd_link(struct task *t, const char *url, const struct json *link);

/* A task at --now (NULL: the system's clock); 0, or 2 after its one line. */
MUST_USE int
cmd_task(struct cmd_line *l, const char *now, struct task *t);

/* Refuses a missing value; 0, or 2 after its one line. */
MUST_USE int
cmd_need(struct cmd_line *l, const char *option, const char *value);
MUST_USE int
cmd_number(struct cmd_line *l, const char *option, const char *value, uint64_t *out);
MUST_USE int
cmd_day(struct cmd_line *l, const char *option, const char *value, int32_t *out);

/* The bytes of a file, in `t`; at most `max`. FAULT_INPUT with its path. */
MUST_USE enum fault_code
cmd_file(struct task *t, const char *path, size_t max, const char **bytes, size_t *len);

/* Whether a store, or anything that lies beside one, has this path. */
bool
cmd_beside_any(struct task *t, const char *path);
/* Removes the store and what lies beside it, nothing else of a like name: what a failed making left. */
void
cmd_beside_remove(struct task *t, const char *path);

/* A desk of a command: writes run here, or it only reads. */
MUST_USE enum fault_code
cmd_desk(struct task *t, const char *url, bool read_only, struct desk **out);
/* Who asks: --as ACCOUNT, or the operator. */
MUST_USE enum fault_code
cmd_caller(struct task *t, struct desk *d, struct store *s, const char *as,
           struct desk_caller *out);

int cmd_init(struct cmd_line *l);
int cmd_serve(struct cmd_line *l);
int cmd_tick(struct cmd_line *l);
int cmd_verify(struct cmd_line *l);
int cmd_rebuild(struct cmd_line *l);
int cmd_backup(struct cmd_line *l);
int cmd_restore(struct cmd_line *l);
int cmd_export(struct cmd_line *l);
int cmd_import(struct cmd_line *l);
int cmd_adopt(struct cmd_line *l);
int cmd_user(struct cmd_line *l);
int cmd_unit(struct cmd_line *l);
int cmd_place(struct cmd_line *l);
int cmd_handover(struct cmd_line *l);
int cmd_definitions(struct cmd_line *l);
int cmd_check(struct cmd_line *l);
int cmd_simulate(struct cmd_line *l);
int cmd_statements(struct cmd_line *l);
int cmd_openapi(struct cmd_line *l);
int cmd_version(struct cmd_line *l);
int cmd_help(struct cmd_line *l);

#endif
