/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/look.c - finding things by name inside a loaded kind.
 *
 * Knows: names are unique in their list, lists are short, so a walk is enough.
 * Does not know: where the kind came from.
 */
#include "kind/kind.h"
#include <string.h>

const struct kind_field *
kind_field(const struct kind *k, const char *name)
{
    for (size_t i = 0; name && i < k->n_fields; i++)
        if (k->fields[i].name[0] == name[0] && strcmp(k->fields[i].name, name) == 0)
            return &k->fields[i];
    return NULL;
}

const struct kind_step *
kind_step(const struct kind *k, const char *name)
{
    for (size_t i = 0; name && i < k->n_steps; i++)
        if (text_equal(k->steps[i].name, name))
            return &k->steps[i];
    return NULL;
}

const struct kind_state *
kind_state(const struct kind *k, const char *name)
{
    for (size_t i = 0; name && i < k->n_states; i++)
        if (text_equal(k->states[i].name, name))
            return &k->states[i];
    return NULL;
}

const struct kind_state *
kind_state_at(const struct kind *k, int number)
{
    return number >= 1 && (size_t)number <= k->n_states ? &k->states[number - 1] : NULL;
}

const struct kind_clock *
kind_clock(const struct kind *k, const char *name)
{
    for (size_t i = 0; name && i < k->n_clocks; i++)
        if (text_equal(k->clocks[i].name, name))
            return &k->clocks[i];
    return NULL;
}

const struct kind_figure *
kind_figure(const struct kind *k, const char *name)
{
    for (size_t i = 0; name && i < k->n_figures; i++)
        if (text_equal(k->figures[i].name, name))
            return &k->figures[i];
    return NULL;
}

const struct kind_total *
kind_total(const struct kind *k, const char *name)
{
    for (size_t i = 0; name && i < k->n_totals; i++)
        if (text_equal(k->totals[i].name, name))
            return &k->totals[i];
    return NULL;
}

const struct kind_step *
kind_create_step(const struct kind *k)
{
    for (size_t i = 0; i < k->n_steps; i++)
        if (k->steps[i].creates && !k->steps[i].by_carry)
            return &k->steps[i];
    return NULL;
}

static bool
is_carried(const struct kind *k)
{
    for (size_t i = 0; i < k->n_steps; i++)
        if (k->steps[i].creates && k->steps[i].by_carry)
            return true;
    return false;
}

const struct kind_field *
kind_carried_by(const struct kind *k, const struct kind *act)
{
    for (size_t i = 0; act->carries && is_carried(k) && i < k->n_fields; i++)
        for (size_t j = 0; j < k->fields[i].n_kinds; j++)
            if (k->fields[i].type == FIELD_TEXT && text_equal(k->fields[i].kinds[j], act->name))
                return &k->fields[i];
    return NULL;
}

const struct kind_field *
kind_carry_order(const struct kind *k)
{
    for (size_t i = 0; i < k->n_steps; i++)
        for (size_t j = 0; k->steps[i].creates && k->steps[i].by_carry && j < k->steps[i].n_ask; j++)
            if (k->steps[i].ask[j].now && k->steps[i].ask[j].field->type == FIELD_DATE)
                return k->steps[i].ask[j].field;
    return NULL;
}

int
kind_level_number(const struct kind *k, const char *level)
{
    for (size_t i = 0; level && i < k->n_levels; i++)
        if (text_equal(k->levels[i], level))
            return (int)i + 1;
    return 0;
}

bool
kind_in(kind_states set, int state)
{
    return state >= 0 && state < 64 && (set >> state & 1);
}

int
kind_facet(int state, int level)
{
    return state << 4 | level;
}
