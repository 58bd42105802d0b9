/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/list.c - statements that ask for a list of rows at once.
 *
 * Knows: a list is written in one of a few lengths, so that a connection prepares few statements.
 * Does not know: what is asked.
 */
#include "store/store.h"

size_t
store_list_room(size_t n)
{
    size_t room = 4;

    must(n <= STORE_LIST_MAX);
    while (room < n)
        room = room < 32 ? room * 2 : room + 32;
    return room;
}

const char *
store_list_text(struct task *t, const char *before, size_t rows, size_t width, const char *after)
{
    struct text x;

    text_init(&x, t->arena);
    text_puts(&x, before);
    for (size_t i = 0; i < rows; i++) {
        text_puts(&x, i ? ",(?" : "(?");
        for (size_t k = 1; k < width; k++)
            text_puts(&x, ",?");
        text_char(&x, ')');
    }
    text_puts(&x, after);
    return text_string(&x);
}
