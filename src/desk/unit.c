/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/unit.c - organs of a new district: the first units, made by the operator.
 *
 * Objects of supervision are made by their profile, not here.
 */
#include "desk/inside.h"
#include <string.h>

struct adding {
    struct org_unit unit;
    int64_t stream;
};

static enum fault_code
add(void *who, struct task *t, struct store *s, struct chain_tip *tip)
{
    struct adding *x = who;
    const struct org_actor operator_actor = {.sort = ORG_OPERATOR};
    struct org_write w = {t, s, tip, &operator_actor};

    return org_state_unit(&w, &x->unit);
}

static bool
is_organ(const char *sort)
{
    static const char *const organs[] = {"government", "office", "department", "township", "agency", "group"};

    for (size_t i = 0; i < sizeof organs / sizeof *organs; i++)
        if (text_equal(sort, organs[i]))
            return true;
    return false;
}

static enum fault_code
check(struct task *t, struct desk *d, const struct desk_organ *o, struct adding *x)
{
    struct org_place p;
    bool found;
    enum fault_code rc;

    if (!is_organ(o->sort))
        return fault(t, FAULT_INPUT, "--sort",
                     "单位种类应为 government、office、department、township、agency 或 group | the sort is "
                     "government, office, department, township, agency or group");
    if (!*o->name || text_length(o->name) > LIMIT_NAME)
        return fault(t, FAULT_INPUT, "--name", "名称为 1 到 %d 字 | a name has 1 to %d characters", LIMIT_NAME,
                     LIMIT_NAME);
    rc = org_place_by_code(t, d->writer, o->place, &p, &found);
    if (!rc && !found)
        rc = fault(t, FAULT_INPUT, "--place", "没有这个地区：%s | there is no place %s", o->place, o->place);
    if (!rc && o->line && (x->unit.line = desk_line_number(d, o->line)) < 0)
        rc = fault(t, FAULT_INPUT, "--line", "没有这个条线：%s | there is no line %s", o->line, o->line);
    if (!rc && text_equal(o->sort, "department") && !o->line)
        rc = fault(t, FAULT_INPUT, "--line", "部门须写明条线 | a department names its line");
    x->unit.place = p.id;
    x->stream = p.stream;
    return rc;
}

enum fault_code
desk_organ_add(struct task *t, struct desk *d, const struct desk_organ *o, struct json **out)
{
    struct adding x = {.unit = {.sort = o->sort, .name = o->name, .from_day = time_day(t->now)}};
    enum fault_code rc = check(t, d, o, &x);

    x.unit.powers = json_array(t->arena);
    if (o->inspects)
        json_push(t->arena, x.unit.powers, json_str(t->arena, ORG_INSPECTION));
    if (!rc)
        rc = desk_write(t, d, x.stream, add, &x);
    if (!rc)
        *out = json_set_str(t->arena, json_object(t->arena), "unit", org_id_text(t->arena, 'u', x.unit.id));
    return rc;
}
