/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/fault.c - recording the first fault of a task; a task's beginning and end.
 *
 * Knows: codes, the two languages of a message, the limit of items.
 * Does not know: statuses, exit codes, rendering.
 */
#include "base/fault.h"

#include "base/task.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
fault_name(enum fault_code code)
{
    switch (code) {
    case FAULT_NONE: return "none";
    case FAULT_INPUT: return "input";
    case FAULT_SIGN_IN: return "sign_in";
    case FAULT_RIGHT: return "right";
    case FAULT_ABSENT: return "absent";
    case FAULT_STATE: return "state";
    case FAULT_REVISION: return "revision";
    case FAULT_CONDITION: return "condition";
    case FAULT_SIZE: return "size";
    case FAULT_BUSY: return "busy";
    case FAULT_STORE: return "store";
    case FAULT_PROOF: return "proof";
    }
    return "unknown";
}

_Noreturn void
fault_abort(const char *what, const char *file, int line)
{
    fprintf(stderr, "zhiben: %s:%d: must hold: %s\n", file, line, what);
    abort();
}

void
task_init(struct task *t, int64_t now, uint64_t seed)
{
    memset(t, 0, sizeof *t);
    t->arena = arena_new();
    t->now = now;
    t->random.seed = seed;
}

void
task_release(struct task *t)
{
    arena_free(t->arena);
    memset(t, 0, sizeof *t);
}

static char *
format_in(struct arena *a, const char *format, va_list args)
{
    va_list again;
    char *out;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    must(len >= 0);
    out = arena_alloc(a, (size_t)len + 1);
    must(vsnprintf(out, (size_t)len + 1, format, args) == len);
    return out;
}

enum fault_code
fault(struct task *t, enum fault_code code, const char *pointer, const char *format, ...)
{
    struct fault *f = &t->fault;
    struct fault_item *item;
    const char *message;
    va_list args;

    must(code != FAULT_NONE);
    if (f->code >= FAULT_BUSY && f->code != code)
        return f->code;
    if ((f->code != FAULT_NONE && f->code != code) || f->n_items >= FAULT_ITEMS_MAX)
        return code;
    va_start(args, format);
    message = format_in(t->arena, format, args);
    va_end(args);
    f->code = code;
    item = &f->items[f->n_items++];
    item->pointer = pointer ? arena_text(t->arena, pointer) : NULL;
    item->zh = text_half(t->arena, message, false);
    item->en = text_half(t->arena, message, true);
    return code;
}

void
fault_clear(struct task *t)
{
    memset(&t->fault, 0, sizeof t->fault);
}
