/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/reader.c - connections of their own for those who only read.
 *
 * Knows: that a reader never waits for the writer.
 * Does not know: what is read.
 */
#include "desk/inside.h"

enum fault_code
desk_reader_open(struct task *t, const struct desk *d, struct store **out)
{
    return store_open(t, d->url, STORE_READ, out);
}

void
desk_reader_close(struct store *s)
{
    store_close(s);
}

enum fault_code
desk_reader_answers(struct task *t, struct store *s)
{
    int64_t one;
    bool found;

    return store_one_int(t, s, &one, &found, "SELECT 1", "");
}

enum fault_code
desk_reader_hold(struct task *t, struct desk *d, struct store *s)
{
    enum fault_code rc = store_begin_read(t, s);

    return rc ? rc : desk_look_again(t, d, s);
}

void
desk_reader_let_go(struct store *s)
{
    store_rollback(s);
}
