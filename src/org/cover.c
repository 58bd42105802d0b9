/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/cover.c - what a unit covers, as an audience key: what a query entered for it may count.
 *
 * Knows: sorts of units: an organ covers its place, a department its line there, others themselves.
 * Does not know: records, nor who asks.
 */
#include "org/inside.h"

enum fault_code
org_cover(struct task *t, struct store *s, int64_t unit, int64_t *key, int *line)
{
    static const char *const organs[] = {"government", "office", "department", "township", "group"};
    struct org_unit u;
    bool found, organ = false;
    enum fault_code rc = org_unit(t, s, unit, &u, &found);

    *key = 0;
    *line = 0;
    if (rc || !found)
        return rc;
    for (size_t i = 0; i < sizeof organs / sizeof *organs; i++)
        organ |= text_equal(organs[i], u.sort);
    *key = organ ? org_key(ORG_KEY_PLACE, u.place, 0, 0) : org_key(ORG_KEY_UNIT, unit, 0, 0);
    if (text_equal(u.sort, "department"))
        *line = u.line;
    return FAULT_NONE;
}
