/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/search.c - tokens of Chinese text: characters, overlapping pairs, words.
 *
 * Knows: which code points are ideographs, letters and digits.
 * Does not know: records, keys, any engine.
 */
#include "base/text.h"
#include "store/store.h"
#include <string.h>

static bool
is_ideograph(uint32_t c)
{
    return (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff);
}

static bool
is_word(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Full-width letters and digits count as the plain ones (GB/T 1988 against GB 18030 input). */
static uint32_t
folded(uint32_t c)
{
    if (c == 0x3000)
        c = ' ';
    if (c >= 0xff01 && c <= 0xff5e)
        c -= 0xfee0;
    if (c >= 'A' && c <= 'Z')
        c += 32;
    return c;
}

const char *
store_search_folded(struct task *t, const char *text)
{
    struct text x;

    text_init(&x, t->arena);
    while (*text) {
        const char *start = text;
        uint32_t plain = text_next(&text), c = folded(plain);

        if (c == plain)
            text_add(&x, start, (size_t)(text - start));
        else
            text_char(&x, (char)c);
    }
    return text_string(&x);
}

/* What stands before the place we are at, in a run of ideographs. */
struct run {
    const char *previous;
    size_t len;
    bool paired;
};

/* A run of one ideograph has no pair: a query asks for the character itself. */
static void
end_run(struct text *x, struct run *run, bool query)
{
    if (query && run->previous && !run->paired)
        text_printf(x, " %.*s", (int)run->len, run->previous);
    memset(run, 0, sizeof *run);
}

static void
add_ideograph(struct text *x, struct run *run, const char *start, size_t len, bool query)
{
    if (!query) {
        text_char(x, ' ');
        text_add(x, start, len);
    }
    if (run->previous) {
        text_char(x, ' ');
        text_add(x, run->previous, run->len);
        text_add(x, start, len);
        run->paired = true;
    }
    run->previous = start;
    run->len = len;
}

const char *
store_search_tokens(struct task *t, const char *text, bool query)
{
    struct text x;
    struct run run = {0};
    const char *at = text;
    bool in_word = false;

    text_init(&x, t->arena);
    while (*at) {
        const char *start = at;
        uint32_t c = folded(text_next(&at));

        if (is_ideograph(c)) {
            add_ideograph(&x, &run, start, (size_t)(at - start), query);
            in_word = false;
            continue;
        }
        end_run(&x, &run, query);
        if (is_word(c)) {
            if (!in_word)
                text_char(&x, ' ');
            text_char(&x, (char)c);
        }
        in_word = is_word(c);
    }
    end_run(&x, &run, query);
    return text_string(&x);
}
