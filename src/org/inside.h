/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/inside.h - what the files of this room share.
 */
#ifndef ORG_INSIDE_H
#define ORG_INSIDE_H

#include "base/json.h"
#include "base/time.h"
#include "org/org.h"

/* An id below 2^36: the stream it was drawn in, then a serial. */
#define ORG_SERIAL_BITS 22

/* One line of the carried edition: id, code, parent, level, name, initials. Not terminated. */
struct org_line {
    const char *part[6];
    size_t len[6];
};

/* False where this binary carries no places. */
bool org_edition(struct task *t, const char **edition, const char **digest);
/* The next line; NULL begins; answers NULL at the end. */
const char *org_edition_next(const char *at, struct org_line *line);
int64_t org_line_number(const struct org_line *line, int part);

/* Rows kept since org_remember, by a letter for what they are and an id. A row of NULL was not there. */
bool org_memo_get(const struct task *t, const struct store *s, char what, int64_t id, const void **row);
/* Where what a row points at is kept, so that it lives as long as the row. */
struct arena *org_memo_arena(const struct task *t, const struct store *s);
void org_memo_put(struct task *t, const struct store *s, char what, int64_t id, const void *row, size_t len);

/* org_generation_moved without what this task remembers of org: it still holds. */
MUST_USE enum fault_code org_count_moved(struct task *t, struct store *s, const char *what);

/* A pattern for LIKE … ESCAPE '!' that finds `q` anywhere in a text. */
const char *org_inside_of(struct task *t, const char *q);

/* The rows of the tree below `root_code` (12 digits), and of the places above it. */
MUST_USE enum fault_code org_load_places(struct task *t, struct store *s, const char *root_code);

/* What an account is written with. */
#define ORG_ACCOUNT_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789._-"
#define ORG_ACCOUNT_MOST 40
enum fault_code org_account_refuse(struct task *t);

#define ORG_LINK_HOURS (14 * 24) /* handed out on paper */
#define ORG_FIRST_HOURS (3 * 24)

#endif
