/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/postgres_text.c - statements and addresses of ours in PostgreSQL's words.
 *
 * Knows: $1 for ?, ILIKE without an escape for SQLite's LIKE, the `folder` of an address.
 * Does not know: connections, tables.
 */
#include "base/text.h"
#include "store/inside.h"
#include <ctype.h>
#include <string.h>

/* A literal in single quotes, as it stands. */
static const char *
copy_literal(struct text *x, const char *at)
{
    const char *end = strchr(at + 1, '\'');

    must(end != NULL);
    text_add(x, at, (size_t)(end - at) + 1);
    return end + 1;
}

static bool
is_word_at(const char *sql, const char *at, const char *word)
{
    size_t len = strlen(word);

    return strncmp(at, word, len) == 0 && (at == sql || !isalnum((unsigned char)at[-1])) &&
           !isalnum((unsigned char)at[len]) && at[len] != '_';
}

/*
 * SQLite's LIKE does not tell a from A and knows no escape but the one it is given; in the collation C
 * neither does ILIKE with its own escape taken away.
 */
const char *
store_postgres_text(struct task *t, const char *sql)
{
    const char *start = sql;
    struct text x;
    int n = 0;
    bool like = false;

    text_init(&x, t->arena);
    while (*sql) {
        bool operand = *sql == '\'' || *sql == '?';

        if (*sql == '\'') {
            sql = copy_literal(&x, sql);
        } else if (*sql == '?') {
            text_printf(&x, "$%d", ++n);
            sql++;
        } else if (is_word_at(start, sql, "LIKE")) {
            text_puts(&x, "ILIKE");
            sql += strlen("LIKE");
            like = true;
        } else {
            text_char(&x, *sql++);
        }
        if (like && operand) {
            if (!text_starts(sql + strspn(sql, " "), "ESCAPE"))
                text_puts(&x, " ESCAPE ''");
            like = false;
        }
    }
    return text_string(&x);
}

static int
nibble(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* %XX as in every address. */
static const char *
decoded(struct task *t, const char *s, size_t len)
{
    struct text x;

    text_init(&x, t->arena);
    for (size_t i = 0; i < len; i++)
        if (s[i] == '%' && i + 2 < len && isxdigit((unsigned char)s[i + 1]) &&
            isxdigit((unsigned char)s[i + 2])) {
            text_char(&x, (char)(nibble(s[i + 1]) * 16 + nibble(s[i + 2])));
            i += 2;
        } else {
            text_char(&x, s[i]);
        }
    return text_string(&x);
}

const char *
store_postgres_folder(struct task *t, const char *url, const char **rest)
{
    static const char name[] = "folder=";
    const char *at = strchr(url, '?'), *folder = NULL;
    struct text x;
    bool first = true;

    text_init(&x, t->arena);
    text_add(&x, url, at ? (size_t)(at - url) : strlen(url));
    while (at && *at) {
        size_t len = strcspn(++at, "&");

        if (len > strlen(name) && strncmp(at, name, strlen(name)) == 0) {
            folder = decoded(t, at + strlen(name), len - strlen(name));
        } else if (len) {
            text_char(&x, first ? '?' : '&');
            text_add(&x, at, len);
            first = false;
        }
        at += len;
    }
    *rest = text_string(&x);
    return folder;
}
