/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_clock.c - clocks: from when, how long, in which states, and their ladder of rungs.
 *
 * Knows: the written forms of `from` and `after`; a rung cannot come before its clock starts.
 * Does not know: calendars and limits; a moment is computed by record with rule's help.
 */
#include "kind/inside.h"
#include <string.h>

bool
load_after(const char *text, struct rule_duration *d, const char **row)
{
    *row = NULL;
    if (text_starts(text, "LOCAL-") || text_starts(text, "SD-")) {
        *row = text;
        const char *name = strchr(text, '-') + 1, *dot = strchr(name, '.');
        const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");
        /* LOCAL-TABLE.KEY: a row of a place's table. */
        if (dot && *text == 'L')
            return n && name + n == dot && load_is_name(dot + 1);
        return n && !name[n];
    }
    return rule_duration_read(text, d);
}

void
load_clock_names(struct load *l)
{
    const struct json *clocks = load_list(l, "", l->file, "clocks");
    size_t n = json_count(clocks);
    l->k->clocks = l->clocks = load_new(l, struct kind_clock, n);
    for (size_t i = 0; i < n; i++) {
        const char *at = load_item(l, "/clocks", clocks, i);
        const char *name = load_name(l, at, json_at(clocks, i), "clock");
        if (name && kind_clock(l->k, name))
            refuse(l, json_pointer(l->arena, at, "clock"), "时钟“%s”写了两次 | The clock “%s” stands "
                   "twice", name, name);
        l->clocks[i].name = name ? name : "";
        l->clocks[i].index = (int)i;
        l->k->n_clocks = i + 1;
    }
}

static void
read_from(struct load *l, const char *at, const char *from, struct kind_clock *c)
{
    const struct kind_field *f = kind_field(l->k, from);
    bool dated = f && (f->type == FIELD_DATE || f->type == FIELD_TIME);
    const struct kind_step *s = kind_step(l->k, from);
    c->from_name = from;
    if (text_equal(from, "enter")) {
        c->from = CLOCK_ENTER;
        c->from_name = NULL;
    } else if (dated || text_equal(from, "created_at")) {
        c->from = CLOCK_FIELD;
        if (s)
            refuse(l, at, "“%s”既是日期字段又是步骤，须改名 | “%s” is a date field and a step: rename one",
                   from, from);
    } else if (s) {
        c->from = CLOCK_STEP;
    } else {
        refuse(l, at, "from 须是 enter、日期字段或步骤 | from is “enter”, a date field or a step");
    }
}

static void
read_after(struct load *l, const char *at, const char *text, struct kind_clock *c)
{
    if (text_starts(text, "every ")) {
        c->repeats = true;
        text += strlen("every ");
        while (*text == ' ')
            text++;
    }
    c->after_given = true;
    const struct kind_field *f = kind_field(l->k, text);
    if (f && text_equal(f->names, "duration"))
        c->after_field = f->name;
    else if (!load_after(text, &c->after, &c->after_row))
        refuse(l, at, "须是时长（30min 2h 10d 15wd 3mo 1q 1y）、LOCAL-…、SD-… 或时长字段，可加 every | A duration "
                      "(30min 2h 10d 15wd 3mo 1q 1y), LOCAL-…, SD-… or a field of type duration, "
                      "with or without “every”");
    else if (!c->after_row && (c->after.n < 0 || (c->repeats && c->after.n == 0)))
        refuse(l, at, "时限须向前走 | The limit must lead forward");
}

/* Minutes, at most so many: working days may be plain days, months short. */
static int64_t
minutes(struct rule_duration d)
{
    static const int64_t of[] = {1, 60, 1440, 1440, 30 * 1440, 91 * 1440, 365 * 1440, 91 * 1440};
    return (int64_t)d.n * of[d.unit];
}

/*
 * A clock from entering or from a step starts then; a rung further back than its length never had a
 * moment. A date may lie far ahead, so a clock from a date takes any rung.
 */
static void
check_rungs(struct load *l, const struct kind_clock *c)
{
    for (size_t i = 0; i < c->n_rungs; i++) {
        const struct kind_effect *e = &c->rungs[i];
        if (c->from == CLOCK_FIELD || c->after_row || c->after_field || !c->after_given
            || e->after_row)
            continue;
        if (minutes(e->after) + minutes(c->after) < 0)
            refuse(l, json_pointer(l->arena, e->pointer, "after"),
                   "这一级在时钟开始之前 | This rung lies before the clock starts");
    }
}

static void
load_clock(struct load *l, const char *at, const struct json *value, struct kind_clock *c)
{
    const struct load_scope scope = {.use = USE_GUARD};
    if (!load_words(l, at, value, "clock title in hold from after if do"))
        return;
    c->title = load_title(l, at, value, true);
    const struct json *in = load_in(l, at, value);
    c->in = load_states_of(l, json_pointer(l->arena, at, "in"), in);
    for (size_t i = 0; !in && i < l->k->n_states; i++)
        if (!l->states[i].final)
            c->in |= (kind_states)1 << l->states[i].number;
    c->hold = load_states_of(l, json_pointer(l->arena, at, "hold"), load_list(l, at, value,
                                                                              "hold"));
    if (c->in & c->hold)
        refuse(l, json_pointer(l->arena, at, "hold"), "时钟不能在同一状态既走又停 | A clock cannot run and "
                                                      "stand still in one state");
    c->condition = json_get(value, "if");
    if (c->condition)
        load_if(l, json_pointer(l->arena, at, "if"), c->condition, &scope);
    if (json_text_of(value, "from"))
        read_from(l, json_pointer(l->arena, at, "from"), json_text_of(value, "from"), c);
    else
        refuse(l, json_pointer(l->arena, at, "from"), "缺少 from | from is missing: “enter”, a date "
                                                      "field or a step");
    if (json_text_of(value, "after"))
        read_after(l, json_pointer(l->arena, at, "after"), json_text_of(value, "after"), c);
    else if (json_get(value, "after") || c->from != CLOCK_FIELD)
        refuse(l, json_pointer(l->arena, at, "after"), "缺少时限 after | after is missing: how long "
                                                       "the "
                                                       "clock runs");
    c->rungs = load_effects(l, json_pointer(l->arena, at, "do"), load_list(l, at, value, "do"),
                            true,
                            &c->n_rungs);
    if (!c->n_rungs)
        refuse(l, json_pointer(l->arena, at, "do"), "到期须有后果 | Being late must have a consequence");
    check_rungs(l, c);
}

void
load_clocks(struct load *l)
{
    const struct json *clocks = json_get(l->file, "clocks");
    for (size_t i = 0; i < l->k->n_clocks; i++)
        load_clock(l, load_item(l, "/clocks", clocks, i), json_at(clocks, i), &l->clocks[i]);
}
