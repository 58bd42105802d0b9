/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/pattern.c - regular expressions of the schema word `pattern`.
 *
 * Knows: their syntax, and how to match without ever going back (Thompson's construction).
 * Does not know: what a pattern is for.
 */
#include "kind/pattern.h"

#include "base/text.h"
#include <stdint.h>
#include <string.h>

#define CODES_MAX 4096 /* steps of one pattern after {m,n} is written out: 40 M steps for a text   \
                        */
#define RANGES_MAX 16384
#define NEST_MAX   8 /* brackets in brackets: reading again doubles with each */
#define LAST_POINT 0x10FFFF

enum code_sort { CODE_RANGES, CODE_START, CODE_END, CODE_SPLIT, CODE_JUMP, CODE_DONE };

struct code {
    enum code_sort sort;
    bool negated; /* CODE_RANGES */
    int a, b;     /* targets; or first range and number of ranges */
};

struct range {
    uint32_t low, high;
};

struct program {
    struct arena *arena;
    struct code *codes;
    struct range *ranges;
    int n_codes, room_codes, n_ranges, room_ranges, nest;
    const char *at;
    bool bad;
};

static const struct range digits[] = {{'0', '9'}};
static const struct range words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct range spaces[] = {
    {9, 13},          {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
static const struct range line_ends[] = {{10, 10}, {13, 13}, {0x2028, 0x2029}};

/* `at` with room for one more than `n`. */
static void *
grow(struct arena *a, void *at, int n, int *room, size_t size)
{
    if (n < *room)
        return at;
    *room = *room ? *room * 2 : 32;
    void *more = arena_alloc(a, (size_t)*room * size);
    return n > 0 ? memcpy(more, at, (size_t)n * size) : more;
}

static int
emit(struct program *p, enum code_sort sort, int a, int b)
{
    if (p->n_codes == CODES_MAX) {
        p->bad = true;
        return 0;
    }
    p->codes = grow(p->arena, p->codes, p->n_codes, &p->room_codes, sizeof *p->codes);
    p->codes[p->n_codes] = (struct code){.sort = sort, .a = a, .b = b};
    return p->n_codes++;
}

static void
add_range(struct program *p, uint32_t low, uint32_t high)
{
    if (p->n_ranges == RANGES_MAX || low > high) {
        p->bad = true;
        return;
    }
    p->ranges = grow(p->arena, p->ranges, p->n_ranges, &p->room_ranges, sizeof *p->ranges);
    p->ranges[p->n_ranges++] = (struct range){low, high};
}

static void
add_ranges(struct program *p, const struct range *list, size_t n, bool negated)
{
    uint32_t from = 0;
    for (size_t i = 0; i < n; i++) {
        if (!negated)
            add_range(p, list[i].low, list[i].high);
        else if (list[i].low > from)
            add_range(p, from, list[i].low - 1);
        from = list[i].high + 1;
    }
    if (negated)
        add_range(p, from, LAST_POINT);
}

/* \d \w \s and their opposites; false where the letter is none of them. */
static bool
add_class(struct program *p, char letter)
{
    switch (letter) {
    case 'd':
    case 'D': add_ranges(p, digits, 1, letter == 'D'); return true;
    case 'w':
    case 'W': add_ranges(p, words, 4, letter == 'W'); return true;
    case 's':
    case 'S': add_ranges(p, spaces, 10, letter == 'S'); return true;
    default: return false;
    }
}

static uint32_t
read_hex(struct program *p, int least, int most)
{
    uint32_t value = 0;
    int n = 0;
    for (; n < most; n++, p->at++) {
        char c = *p->at;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            break;
        value = value * 16 + (uint32_t)digit;
    }
    if (n < least || value > LAST_POINT)
        p->bad = true;
    return value;
}

static uint32_t
read_unicode(struct program *p)
{
    if (*p->at != '{')
        return read_hex(p, 4, 4);
    p->at++;
    uint32_t value = read_hex(p, 1, 6);
    if (*p->at != '}')
        p->bad = true;
    else
        p->at++;
    return value;
}

/* What stands after a backslash, where it is one character. */
static uint32_t
read_escape(struct program *p)
{
    char c = *p->at;
    if (!c) {
        p->bad = true;
        return 0;
    }
    p->at++;
    switch (c) {
    case 't': return '\t';
    case 'n': return '\n';
    case 'r': return '\r';
    case 'f': return '\f';
    case 'v': return '\v';
    case 'u': return read_unicode(p);
    case 'c':
        if ((*p->at >= 'a' && *p->at <= 'z') || (*p->at >= 'A' && *p->at <= 'Z'))
            return (uint32_t)(*p->at++ & 31);
        p->bad = true;
        return 0;
    default:
        if (!strchr("^$\\.*+?()[]{}|/-", c))
            p->bad = true;
        return (unsigned char)c;
    }
}

static void
read_set(struct program *p)
{
    p->at++;
    bool negated = *p->at == '^';
    p->at += negated;
    int first = p->n_ranges;
    while (*p->at && *p->at != ']' && !p->bad) {
        if (*p->at == '\\' && add_class(p, p->at[1])) {
            p->at += 2;
            continue;
        }
        uint32_t low = text_next(&p->at);
        if (low == '\\')
            low = read_escape(p);
        uint32_t high = low;
        if (p->at[0] == '-' && p->at[1] && p->at[1] != ']') {
            p->at++;
            high = text_next(&p->at);
            if (high == '\\')
                high = read_escape(p);
        }
        add_range(p, low, high);
    }
    if (*p->at != ']')
        p->bad = true;
    else
        p->at++;
    int set = emit(p, CODE_RANGES, first, p->n_ranges - first);
    p->codes[set].negated = negated;
}

static void read_choice(struct program *p);

static void
read_group(struct program *p)
{
    p->at++;
    if (p->at[0] == '?' && p->at[1] == ':')
        p->at += 2;
    else if (p->at[0] == '?')
        p->bad = true;
    if (++p->nest > NEST_MAX)
        p->bad = true;
    if (!p->bad)
        read_choice(p);
    p->nest--;
    if (*p->at != ')')
        p->bad = true;
    else
        p->at++;
}

static void
read_atom(struct program *p)
{
    int first = p->n_ranges;
    switch (*p->at) {
    case '(': read_group(p); return;
    case '[': read_set(p); return;
    case '^':
        p->at++;
        emit(p, CODE_START, 0, 0);
        return;
    case '$':
        p->at++;
        emit(p, CODE_END, 0, 0);
        return;
    case '*':
    case '+':
    case '?':
    case '{':
    case '}':
    case ']': p->bad = true; return;
    case '.':
        p->at++;
        add_ranges(p, line_ends, 3, true);
        break;
    case '\\':
        if (add_class(p, p->at[1])) {
            p->at += 2;
        } else {
            p->at++;
            uint32_t point = read_escape(p);
            add_range(p, point, point);
        }
        break;
    default: {
        uint32_t point = text_next(&p->at);
        add_range(p, point, point);
    }
    }
    emit(p, CODE_RANGES, first, p->n_ranges - first);
}

static int
read_count(const char **s)
{
    int n = 0;
    if (**s < '0' || **s > '9')
        return -1;
    for (; **s >= '0' && **s <= '9'; ++*s)
        n = n > CODES_MAX ? n : n * 10 + (**s - '0');
    return n;
}

/* `most` -1: no end. False where there is no quantifier or it does not read. */
static bool
read_quantifier(struct program *p, const char **s, int *least, int *most)
{
    switch (**s) {
    case '*':
        *least = 0, *most = -1;
        ++*s;
        break;
    case '+':
        *least = 1, *most = -1;
        ++*s;
        break;
    case '?':
        *least = 0, *most = 1;
        ++*s;
        break;
    case '{':
        ++*s;
        *least = *most = read_count(s);
        if (**s == ',') {
            ++*s;
            *most = **s == '}' ? -1 : read_count(s);
            if (*most == -1 && **s != '}')
                p->bad = true;
        }
        if (*least < 0 || (*most >= 0 && *most < *least) || **s != '}')
            p->bad = true;
        else
            ++*s;
        break;
    default: return false;
    }
    if (**s == '?')
        ++*s;
    return !p->bad;
}

/* An atom is written out once for each time it may stand there, by reading it again. */
static void
read_piece(struct program *p)
{
    const char *atom = p->at;
    int codes = p->n_codes, ranges = p->n_ranges, least = 1, most = 1;
    read_atom(p);
    const char *end = p->at;
    if (!p->bad)
        read_quantifier(p, &end, &least, &most);
    if (least == 0)
        p->n_codes = codes, p->n_ranges = ranges;
    for (int i = 1; i < least && !p->bad; i++) {
        p->at = atom;
        read_atom(p);
    }
    if (most < 0 && !p->bad) {
        int split = emit(p, CODE_SPLIT, p->n_codes + 1, 0);
        p->at = atom;
        read_atom(p);
        emit(p, CODE_JUMP, split, 0);
        p->codes[split].b = p->n_codes;
    }
    for (int i = least; i < most && !p->bad; i++) {
        int split = emit(p, CODE_SPLIT, p->n_codes + 1, 0);
        p->at = atom;
        read_atom(p);
        p->codes[split].b = p->n_codes;
    }
    p->at = end;
}

static void
read_choice(struct program *p)
{
    /* Each alternative is entered by its own split and leaves by a jump to a common end. */
    int leave = -1;
    for (;;) {
        int split = emit(p, CODE_SPLIT, p->n_codes + 1, 0);
        while (*p->at && *p->at != '|' && *p->at != ')' && !p->bad)
            read_piece(p);
        leave = emit(p, CODE_JUMP, leave, 0);
        p->codes[split].b = p->n_codes;
        if (p->bad || *p->at != '|')
            break;
        p->at++;
    }
    /* The last split's second way leads nowhere: a jump onto itself is never followed. */
    int nowhere = emit(p, CODE_JUMP, p->n_codes, 0);
    while (leave >= 0 && !p->bad) {
        int next = p->codes[leave].a;
        p->codes[leave].a = nowhere + 1;
        leave = next;
    }
}

static bool
compile(struct arena *a, const char *pattern, struct program *p)
{
    *p = (struct program){.arena = a, .at = pattern};
    read_choice(p);
    emit(p, CODE_DONE, 0, 0);
    return !p->bad && !*p->at;
}

/* ---- matching ---- */

struct walk {
    const struct program *p;
    int *now, *next, *stack;
    uint32_t *seen; /* the round in which a step was last entered */
    int n_now, n_next;
    uint32_t round;
    bool at_start, at_end, done;
};

static void
enter(struct walk *w, int *list, int *n, int first)
{
    int depth = 0;
    w->stack[depth++] = first;
    while (depth > 0) {
        int i = w->stack[--depth];
        if (w->seen[i] == w->round)
            continue;
        w->seen[i] = w->round;
        const struct code *c = &w->p->codes[i];
        switch (c->sort) {
        case CODE_RANGES: list[(*n)++] = i; break;
        case CODE_DONE: w->done = true; break;
        case CODE_JUMP: w->stack[depth++] = c->a; break;
        case CODE_SPLIT:
            w->stack[depth++] = c->b;
            w->stack[depth++] = c->a;
            break;
        case CODE_START:
        case CODE_END:
            if (c->sort == CODE_START ? w->at_start : w->at_end)
                w->stack[depth++] = i + 1;
        }
    }
}

static bool
takes(const struct program *p, const struct code *c, uint32_t point)
{
    for (int i = c->a; i < c->a + c->b; i++)
        if (point >= p->ranges[i].low && point <= p->ranges[i].high)
            return !c->negated;
    return c->negated;
}

static bool
matches(struct arena *a, const struct program *p, const char *text)
{
    size_t n = (size_t)p->n_codes;
    struct walk w = {.p = p, .round = 1, .at_start = true, .at_end = !*text};
    w.now = arena_alloc(a, n * sizeof *w.now);
    w.next = arena_alloc(a, n * sizeof *w.next);
    w.stack = arena_alloc(a, (2 * n + 2) * sizeof *w.stack);
    w.seen = arena_alloc(a, n * sizeof *w.seen);
    enter(&w, w.now, &w.n_now, 0);
    while (!w.done && *text) {
        uint32_t point = text_next(&text);
        w.at_start = false;
        w.at_end = !*text;
        w.round++;
        w.n_next = 0;
        for (int i = 0; i < w.n_now; i++)
            if (takes(p, &p->codes[w.now[i]], point))
                enter(&w, w.next, &w.n_next, w.now[i] + 1);
        enter(&w, w.next, &w.n_next, 0);
        int *swap = w.now;
        w.now = w.next;
        w.next = swap;
        w.n_now = w.n_next;
    }
    return w.done;
}

/* An arena of its own: an array of many texts would otherwise keep one program for each. */
bool
kind_pattern_reads(const char *pattern)
{
    struct arena *scratch = arena_new();
    struct program p;
    bool reads = compile(scratch, pattern, &p);
    arena_free(scratch);
    return reads;
}

bool
kind_pattern_matches(const char *pattern, const char *text)
{
    struct arena *scratch = arena_new();
    struct program p;
    bool holds = compile(scratch, pattern, &p) && matches(scratch, &p, text);
    arena_free(scratch);
    return holds;
}
