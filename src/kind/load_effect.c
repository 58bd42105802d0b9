/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_effect.c - effects: raise, step, notify; a rung of a clock is one with `after`.
 *
 * Knows: exactly one of the three words makes an effect; only `raise` and `notify` without `over`
 * happen once for this record, a `step` without `over` is a step of this record itself.
 * Does not know: the kinds raised and the steps of other kinds (kind_catalog_check).
 */
#include "kind/inside.h"
#include <string.h>

static const char *
effect_word(const struct json *value)
{
    static const char *const words[] = {"raise", "step", "notify"};
    const char *found = NULL;
    for (size_t i = 0; i < 3; i++) {
        if (!json_get(value, words[i]))
            continue;
        if (found)
            return NULL;
        found = words[i];
    }
    return found;
}

/* "every 1mo" and row names are of clocks; a rung has a distance, or a row of limits. */
static void
read_rung(struct load *l, const char *at, const struct json *value, struct kind_effect *e)
{
    const char *after = json_text_of(value, "after");
    e->timed = true;
    e->title = load_title(l, at, value, false);
    if (!after || !load_after(after, &e->after, &e->after_row))
        refuse(l, json_pointer(l->arena, at, "after"),
               "每一级须写距到期的时长，如 -3d、0d、2wd、LOCAL-…、SD-… | A rung says its distance from the due "
               "moment: -3d, 0d, 2wd, LOCAL-…, SD-…");
}

static void
read_raise(struct load *l, const char *at, const struct json *value, struct kind_effect *e)
{
    e->sort = EFFECT_RAISE;
    e->name = load_name(l, at, value, "raise");
    e->set = load_assigns(l, json_pointer(l->arena, at, "set"), json_get(value, "set"), e->over,
                          true, &e->n_set);
}

static void
read_step(struct load *l, const char *at, const struct json *value, struct kind_effect *e)
{
    const char *here = json_pointer(l->arena, at, "step");
    e->sort = EFFECT_STEP;
    e->name = load_name(l, at, value, "step");
    e->set = load_assigns(l, json_pointer(l->arena, at, "set"), json_get(value, "set"), e->over,
                          e->over != NULL, &e->n_set);
    if (e->over && (e->over->sort == SET_ITEMS || e->over->sort == SET_UNITS
                    || e->over->sort == SET_PLACES))
        refuse(l, json_pointer(l->arena, at, "over"), "只有记录有步骤 | Only records have steps");
    if (e->over || !e->name)
        return;
    const struct kind_step *s = kind_step(l->k, e->name);
    if (!s || s->creates)
        refuse(l, here, "本类没有步骤“%s”；别的记录的步骤须写 over | This kind has no step “%s”; for other "
                        "records say over", e->name, e->name);
}

static void
read_notify(struct load *l, const char *at, const struct json *value, struct kind_effect *e)
{
    const char *here = json_pointer(l->arena, at, "notify");
    e->sort = EFFECT_NOTIFY;
    e->parties = load_parties(l, here, load_list(l, at, value, "notify"), e->over, &e->n_parties);
    if (!json_count(json_get(value, "notify")))
        refuse(l, here, "须写通知谁 | Say who is notified");
    if (json_get(value, "set"))
        refuse(l, json_pointer(l->arena, at, "set"), "通知不写字段 | A notice sets nothing");
    for (size_t i = 0; i < e->n_parties; i++)
        if (e->parties[i]->sort == PARTY_PUBLIC)
            refuse(l, here, "不能通知公众；公示用 sight | The public is not notified; use sight");
}

static void
load_effect(struct load *l, const char *at, const struct json *value, bool timed,
            struct kind_effect *e)
{
    const char *word = effect_word(value);
    e->pointer = at;
    if (!load_words(l, at, value, timed ? "raise step notify over if set after title"
                                        : "raise step notify over if set"))
        return;
    if (!word) {
        refuse(l, at, "效果须是 raise、step、notify 之一 | An effect is one of raise, step, notify");
        return;
    }
    if (json_get(value, "over"))
        e->over = load_set(l, json_pointer(l->arena, at, "over"), json_get(value, "over"), false);
    const struct load_scope scope = {.use = USE_GUARD, .over = e->over};
    e->condition = json_get(value, "if");
    if (e->condition)
        load_if(l, json_pointer(l->arena, at, "if"), e->condition, &scope);
    if (timed)
        read_rung(l, at, value, e);
    if (*word == 'r')
        read_raise(l, at, value, e);
    else if (*word == 's')
        read_step(l, at, value, e);
    else
        read_notify(l, at, value, e);
}

const struct kind_effect *
load_effects(struct load *l, const char *at, const struct json *array, bool timed, size_t *n)
{
    *n = json_count(array);
    struct kind_effect *out = load_new(l, struct kind_effect, *n);
    for (size_t i = 0; i < *n; i++)
        load_effect(l, load_item(l, at, array, i), json_at(array, i), timed, &out[i]);
    return out;
}
