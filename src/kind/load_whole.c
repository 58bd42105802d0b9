/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load_whole.c - what only the whole file shows: states that hang together, clocks that end
 * what they open, secrecy that nothing undoes.
 *
 * Knows: everything in one definition. Runs when nothing else was refused.
 * Does not know: other definitions (catalog_check.c).
 */
#include "kind/inside.h"

static kind_states
bit(int state)
{
    return (kind_states)1 << state;
}

static const char *
state_at(struct load *l, size_t i)
{
    return load_item(l, "/states", json_get(l->file, "states"), i);
}

static const char *
step_at(struct load *l, size_t i)
{
    return load_item(l, "/steps", json_get(l->file, "steps"), i);
}

static const char *
clock_at(struct load *l, size_t i)
{
    return load_item(l, "/clocks", json_get(l->file, "clocks"), i);
}

/* States the record can be in right after the step. */
static kind_states
after_step(const struct kind_step *s)
{
    return s->to ? bit(s->to) : s->from;
}

/* ---- states ---- */

static void
check_creation(struct load *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->k->n_steps; i++) {
        if (l->steps[i].creates && l->steps[i].by_carry)
            continue;
        n += l->steps[i].creates;
        if (l->steps[i].creates && n > 1)
            refuse(l, step_at(l, i), "只能有一个创建步骤（from: []） | There is more than one step with "
                                     "from: []");
    }
    if (!n)
        refuse(l, "/steps", "没有创建步骤（from: []） | No step creates the record: one must have from: "
                            "[]");
}

static void
check_reach(struct load *l)
{
    kind_states reached = 0, left = 0, before;
    do {
        before = reached;
        for (size_t i = 0; i < l->k->n_steps; i++) {
            const struct kind_step *s = &l->steps[i];
            if (s->to && (s->creates || (s->from & reached)))
                reached |= bit(s->to);
        }
    } while (reached != before);
    for (size_t i = 0; i < l->k->n_steps; i++)
        if (l->steps[i].to)
            left |= l->steps[i].from & ~bit(l->steps[i].to);
    for (size_t i = 0; i < l->k->n_states; i++) {
        const struct kind_state *s = &l->states[i];
        if (!(reached & bit(s->number)))
            refuse(l, state_at(l, i), "没有步骤能到达状态“%s” | No step leads to the state “%s”", s->name,
                   s->name);
        if (!s->final && !(left & bit(s->number)))
            refuse(l, state_at(l, i), "状态“%s”没有出口，也不是终结状态 | The state “%s” is not final and "
                                      "cannot be left", s->name, s->name);
    }
    for (size_t i = 0; i < l->k->n_steps; i++)
        if (!l->steps[i].creates && !(l->steps[i].from & reached))
            refuse(l, step_at(l, i), "步骤“%s”永远轮不到 | The step “%s” can never be made",
                   l->steps[i].name, l->steps[i].name);
}

static void
check_holds(struct load *l)
{
    kind_states clocked = 0;
    for (size_t i = 0; i < l->k->n_clocks; i++)
        clocked |= l->clocks[i].in | l->clocks[i].hold;
    for (size_t i = 0; i < l->k->n_states; i++)
        if (!l->states[i].final && !l->states[i].hold && !(clocked & bit(l->states[i].number)))
            refuse(l, state_at(l, i), "状态“%s”没有时钟，也没有写明理由 hold | The state “%s” has neither a "
                                      "clock "
                                      "nor a reason in hold", l->states[i].name, l->states[i].name);
}

/* ---- steps ---- */

static bool
only_rules(const struct kind_step *s)
{
    for (size_t i = 0; i < s->n_who; i++)
        if (s->who[i].is != IS_RULE)
            return false;
    return true;
}

static void
check_final(struct load *l)
{
    for (size_t i = 0; i < l->k->n_steps; i++) {
        const struct kind_step *s = &l->steps[i];
        const struct kind_state *to = kind_state_at(l->k, s->to);
        if (to && to->final && !s->apart_given)
            refuse(l, json_pointer(l->arena, step_at(l, i), "apart"),
                   "进入终结状态须写明谁不得办理 apart；无人负有责任时写 [] | A step into a final state says who "
                   "must not make it with apart; [] where nobody owed it");
        for (size_t j = 0; j < l->k->n_states; j++)
            if (l->states[j].final && (s->from & bit(l->states[j].number)) && !only_rules(s))
                refuse(l, json_pointer(l->arena, step_at(l, i), "who"),
                       "终结状态“%s”只能由规则步骤离开 | Only a rule's step may leave the final state “%s”",
                       l->states[j].name, l->states[j].name);
    }
}

static bool
sets_what_it_reads(const struct kind_step *s)
{
    for (size_t i = 0; i < s->n_set; i++)
        if (kind_reads(s->condition, s->set[i].name))
            return true;
    return s->n_effects > 0;
}

/* Whether a rung of any clock makes this step on its own record. */
static bool
rung_calls(const struct load *l, const struct kind_step *s)
{
    for (size_t i = 0; i < l->k->n_clocks; i++)
        for (size_t j = 0; j < l->clocks[i].n_rungs; j++) {
            const struct kind_effect *e = &l->clocks[i].rungs[j];
            if (e->sort == EFFECT_STEP && !e->over && text_equal(e->name, s->name))
                return true;
        }
    return false;
}

static void
check_actors(struct load *l)
{
    for (size_t i = 0; i < l->k->n_steps; i++) {
        const struct kind_step *s = &l->steps[i];
        bool clock_only = s->by_clock;
        for (size_t j = 0; j < s->n_who; j++)
            clock_only = clock_only && s->who[j].is == IS_CLOCK;
        if (clock_only && !rung_calls(l, s))
            refuse(l, json_pointer(l->arena, step_at(l, i), "who"),
                   "只有时钟可做“%s”，但没有一级会做它 | Only a clock may make “%s”, and no rung does", s->name,
                   s->name);
        if (s->automatic && !s->creates && !s->to && !sets_what_it_reads(s))
            refuse(l, json_pointer(l->arena, step_at(l, i), "if"),
                   "自动步骤不改变状态，也不改变它的条件，会反复发生 | An automatic step that stays must set "
                   "something its if reads, or it happens again and again");
    }
}

/* A step effect without `over` is a step of this record: by the clock in a rung, else by rule. */
static void
check_own_calls(struct load *l, const struct kind_effect *effects, size_t n, bool clock,
                kind_states when)
{
    for (size_t i = 0; i < n; i++) {
        const struct kind_effect *e = &effects[i];
        const char *at = json_pointer(l->arena, e->pointer, "step");
        if (e->sort != EFFECT_STEP || e->over)
            continue;
        const struct kind_step *s = kind_step(l->k, e->name);
        if (!(clock ? s->by_clock : s->by_rule))
            refuse(l, at, "“%s”的 who 须列出 %s | The who of “%s” must list %s", s->name,
                   clock ? "clock" : "rule", s->name, clock ? "clock" : "rule");
        if (!(s->from & when))
            refuse(l, at, "那时不在“%s”可以发生的状态 | “%s” cannot be made in the states of that moment",
                   s->name, s->name);
        for (size_t j = 0; j < s->n_ask; j++) {
            bool given = !s->ask[j].now;
            for (size_t m = 0; m < e->n_set; m++)
                given |= text_equal(e->set[m].name, s->ask[j].field->name);
            if (!given)
                refuse(l, at, "“%s”必填“%s”，须在 set 中给出 | “%s” must be given “%s”: put it into set",
                       s->name, s->ask[j].field->name, s->name, s->ask[j].field->name);
        }
    }
}

static void
check_calls(struct load *l)
{
    for (size_t i = 0; i < l->k->n_steps; i++)
        check_own_calls(l, l->steps[i].effects, l->steps[i].n_effects, false,
                        after_step(&l->steps[i]));
    for (size_t i = 0; i < l->k->n_clocks; i++)
        check_own_calls(l, l->clocks[i].rungs, l->clocks[i].n_rungs, true,
                        l->clocks[i].in | l->clocks[i].hold);
}

/* Where people may create, every required field is asked for at once or set. */
static void
check_required_of(struct load *l, const struct kind_step *s)
{
    if (!s->creates || only_rules(s))
        return;
    for (size_t i = 0; i < l->k->n_fields; i++) {
        const struct kind_field *f = &l->fields[i];
        bool given = !f->required || f->computed || json_get(f->schema, "default");
        for (size_t j = 0; j < s->n_ask; j++)
            given |= s->ask[j].field == f && s->ask[j].now;
        for (size_t j = 0; j < s->n_set; j++)
            given |= text_equal(s->set[j].name, f->name);
        if (!given)
            refuse(l, json_pointer(l->arena, step_at(l, (size_t)s->index), "ask"),
                   "必填字段“%s”在创建时没有给出：写“%s!”或 set | The required field “%s” is not given at "
                   "creation: ask “%s!” or set it", f->name, f->name, f->name, f->name);
    }
}

static void
check_required(struct load *l)
{
    for (size_t i = 0; i < l->k->n_steps; i++)
        check_required_of(l, &l->steps[i]);
}

/* ---- secrecy ---- */

static kind_states
secret_states(const struct load *l)
{
    kind_states all = 0, secret = 0;
    for (size_t i = 0; i < l->k->n_states; i++)
        all |= bit(l->states[i].number);
    for (size_t i = 0; i < l->k->n_sight; i++)
        if (l->k->sight[i].n_only)
            secret |= l->k->sight[i].in & all;
    return secret;
}

/* The party whose name opens `p`: "supervisor:target" tells the supervisor about `target`. */
static const struct kind_party *
root(const struct kind_party *p)
{
    while (p->inner && p->sort != PARTY_LINK)
        p = p->inner;
    return p;
}

static bool
is_let_in(const struct load *l, const struct kind_party *p, kind_states when)
{
    const struct kind_party *r = root(p);
    if (r->sort != PARTY_FIELD && r->sort != PARTY_LINK)
        return true;
    for (size_t i = 0; i < l->k->n_sight; i++) {
        const struct kind_sight *s = &l->k->sight[i];
        for (size_t j = 0; j < s->n_only && (s->in & when); j++)
            if (s->only[j].party && text_equal(root(s->only[j].party)->name, r->name))
                return true;
    }
    return false;
}

static void
check_notices(struct load *l, const struct kind_effect *effects, size_t n, kind_states when)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < effects[i].n_parties; j++)
            if (!is_let_in(l, effects[i].parties[j], when))
                refuse(l, json_pointer(l->arena, effects[i].pointer, "notify"),
                       "此状态只有 only 中的人可见，通知“%s”会泄露 | In this state only those in “only” see the "
                       "record: a notice to “%s” would tell", effects[i].parties[j]->text,
                       effects[i].parties[j]->text);
}

static void
check_secret_figures(struct load *l, kind_states secret)
{
    const struct json *list = json_get(l->file, "figures");
    for (size_t i = 0; i < l->k->n_figures; i++) {
        const struct kind_figure *g = &l->figures[i];
        const char *at = load_item(l, "/figures", list, i);
        if (g->in & secret)
            refuse(l, json_pointer(l->arena, at, "in"),
                   "指标包含只对 only 可见的状态，数字会泄露 | The figure counts a state seen by “only”: the number "
                   "would tell");
        for (size_t j = 0; j < g->n_steps; j++)
            if (after_step(kind_step(l->k, g->steps[j])) & secret)
                refuse(l, json_pointer(l->arena, at, "step"),
                       "步骤“%s”之后的状态只对 only 可见，数字会泄露 | After “%s” the state is seen by “only”: the "
                       "number would tell", g->steps[j], g->steps[j]);
    }
}

static void
check_secrecy(struct load *l)
{
    kind_states secret = secret_states(l);
    if (!secret)
        return;
    check_secret_figures(l, secret);
    const struct kind_step *numbered = kind_step(l->k, l->k->number_step);
    if (numbered && (after_step(numbered) & secret))
        refuse(l, "/number/step", "编号时的状态只对 only 可见，号码会泄露 | The number is given in a state seen by "
                                  "“only”: the series would tell");
    for (size_t i = 0; i < l->k->n_steps; i++)
        if (after_step(&l->steps[i]) & secret)
            check_notices(l, l->steps[i].effects, l->steps[i].n_effects,
                          after_step(&l->steps[i]) & secret);
    for (size_t i = 0; i < l->k->n_clocks; i++)
        if (l->clocks[i].in & secret)
            check_notices(l, l->clocks[i].rungs, l->clocks[i].n_rungs, l->clocks[i].in & secret);
}

/* A rung that makes a step out of the state ends it. */
static bool
ends(const struct load *l, int state)
{
    for (size_t i = 0; i < l->k->n_clocks; i++)
        for (size_t j = 0; (l->clocks[i].in & bit(state)) && j < l->clocks[i].n_rungs; j++) {
            const struct kind_effect *e = &l->clocks[i].rungs[j];
            const struct kind_step *s =
                e->sort == EFFECT_STEP && !e->over ? kind_step(l->k, e->name) : NULL;
            if (s && (s->from & bit(state)) && s->to && s->to != state)
                return true;
        }
    return false;
}

static void
check_lent(struct load *l)
{
    const struct json *list = json_get(l->file, "sight");
    for (size_t i = 0; i < l->k->n_sight; i++)
        for (size_t j = 0; l->k->sight[i].over && j < l->k->n_states; j++)
            if ((l->k->sight[i].in & bit(l->states[j].number)) && !ends(l, l->states[j].number))
                refuse(l, json_pointer(l->arena, load_item(l, "/sight", list, i), "in"),
                       "状态“%s”没有到期即结束它的时钟，借出的视野不会收回 | No clock ends the state “%s”: the lent "
                       "sight would never close", l->states[j].name, l->states[j].name);
}

/* ---- clocks ---- */

static void
check_clocks(struct load *l)
{
    for (size_t i = 0; i < l->k->n_clocks; i++)
        for (size_t j = 0; j < l->k->n_states; j++)
            if (l->states[j].final
                && ((l->clocks[i].in | l->clocks[i].hold) & bit(l->states[j].number)))
                refuse(l, json_pointer(l->arena, clock_at(l, i), "in"),
                       "终结状态“%s”不能有时钟 | No clock runs in the final state “%s”",
                       l->states[j].name, l->states[j].name);
}

void
load_whole(struct load *l)
{
    check_creation(l);
    check_reach(l);
    check_holds(l);
    check_final(l);
    check_actors(l);
    check_calls(l);
    check_required(l);
    check_clocks(l);
    check_secrecy(l);
    check_lent(l);
}
