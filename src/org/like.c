/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org/like.c - the like unit at another level: who does at the city what the bureau does here.
 *
 * Knows: levels of places, sorts and lines of units.
 * Does not know: why a level is asked for; a field of a record names it.
 */
#include "org/inside.h"

static const char *const levels[] = {"", "nation", "province", "city", "county", "township", "village"};

int
org_level_read(const char *text)
{
    for (int i = ORG_NATION; i <= ORG_VILLAGE; i++)
        if (text_equal(levels[i], text))
            return i;
    return 0;
}

static enum fault_code
find_at(struct task *t, struct store *s, int64_t place, const char *sort, int line, int64_t *unit)
{
    bool found;
    enum fault_code rc = store_one_int(t, s, unit, &found,
                                       "SELECT min(id) FROM org_unit WHERE place = ? AND sort = ? AND (line "
                                       "= ? OR ? < 0) AND to_day IS NULL",
                                       "isii", place, sort, (int64_t)line, (int64_t)line);

    if (rc || !found)
        *unit = 0;
    return rc;
}

/* The place at that level, among it and those above it; 0 where it lies above the level itself. */
static enum fault_code
place_at(struct task *t, struct store *s, int64_t place, int level, int64_t *out)
{
    int64_t ids[ORG_DEPTH];
    size_t n;
    enum fault_code rc = org_above(t, s, place, ids, &n);

    *out = 0;
    for (size_t i = 0; i < n && !*out && !rc; i++) {
        struct org_place p;
        bool found;

        rc = org_place(t, s, ids[i], &p, &found);
        if (!rc && found && p.level == level)
            *out = p.id;
    }
    return rc;
}

/* What is like a unit: a department by its line; of who is supervised, the department of its line. */
static const char *
like_sort(const struct org_unit *u, int level, int *line)
{
    *line = -1;
    if (level >= ORG_TOWNSHIP)
        return "township";
    if (text_equal(u->sort, "office") || text_equal(u->sort, "government") || text_equal(u->sort, "group"))
        return u->sort;
    *line = u->line;
    return "department";
}

enum fault_code
org_like(struct task *t, struct store *s, int64_t unit, int64_t place, int level, int64_t *out)
{
    static const char *const otherwise[] = {"office", "government"};
    struct org_unit u;
    const char *sort;
    int64_t at = 0;
    int line;
    bool found;
    enum fault_code rc = org_unit(t, s, unit, &u, &found);

    *out = 0;
    if (rc || !found || level < ORG_NATION || level > ORG_VILLAGE)
        return rc;
    rc = place_at(t, s, place, level, &at);
    if (rc || !at)
        return rc;
    sort = like_sort(&u, level, &line);
    rc = find_at(t, s, at, sort, line, out);
    for (size_t i = 0; i < 2 && !*out && !rc; i++)
        rc = find_at(t, s, at, otherwise[i], -1, out);
    return rc;
}
