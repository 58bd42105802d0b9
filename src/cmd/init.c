/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/init.c - a new store: the nation's tree, or the demonstration city.
 *
 * Writes only where nothing is, or a making that died before its first event; leaves nothing behind when it fails.
 *
 * Knows: the code of the demonstration's city.
 * Does not know: what a store holds.
 */
#include "cmd/cmd.h"
#include "store/store.h"

#include "base/embed.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

#define DEMO_CITY "wuxi"
#define DEMO_CODE "320200" /* GB/T 2260: 无锡市 */

struct asked {
    const char *db, *demo, *places, *seed, *password, *scale, *until, *now, *url;
    uint64_t seed_number;
    int32_t until_day;
};

/* ---- making ---- */

static void
progress(void *who, const char *line)
{
    cmd_say(who, "%s", line);
}

static enum fault_code
fill_city(struct cmd_line *l, struct task *t, const struct asked *q)
{
    struct desk_demo o = {.seed = q->seed_number,
                          .password = q->password,
                          .small = text_equal(q->scale, "small"),
                          .until = q->until_day};
    const struct desk_options unfinished = {.url = q->db, .goes_on = true};
    struct desk *d;
    enum fault_code rc = desk_open(t, &unfinished, &d);

    if (rc)
        return rc;
    rc = desk_demo_city(t, d, &o, progress, l);
    desk_close(d);
    return rc;
}

/* The accounts of the city, a line each: what a person may sign in as. */
static int
print_accounts(struct cmd_line *l, struct task *t)
{
    static const char *const shown[] = {"account", "role", "post", "unit"};
    const struct embed_file *f = embed_find("demo/" DEMO_CITY ".json");
    const struct json *people, *person;
    struct json *city;

    if (!f || json_read(t, (const char *)f->bytes, f->len, &city))
        return cmd_fail(l, t, FAULT_STORE);
    people = json_get(city, "people");
    for (size_t i = 0; i < json_count(people); i++) {
        struct json *line = json_object(t->arena);

        person = json_at(people, i);
        if (!json_text_of(person, "account"))
            continue;
        for (size_t k = 0; k < sizeof shown / sizeof shown[0]; k++)
            json_set_str(t->arena, line, shown[k], json_text_of(person, shown[k]));
        printf("%s\n", json_string(t->arena, line));
    }
    return cmd_end_output(l, 0);
}

/* The one link of a new store, for whoever makes its first office. */
static enum fault_code
print_link(struct cmd_line *l, struct task *t, const struct asked *q, int *status)
{
    struct json *link = NULL;
    struct desk *d;
    enum fault_code rc = cmd_desk(t, q->db, false, &d);

    if (rc)
        return rc;
    rc = desk_link_make(t, d, NULL, &link);
    desk_close(d);
    if (!rc)
        *status = cmd_print(l, cmd_link(t, q->url, link), 0);
    return rc;
}

static int
check_demo(struct cmd_line *l, struct asked *q)
{
    if (strcmp(q->demo, DEMO_CITY) != 0)
        return cmd_wrong(l, "没有这个演示城市：%s，只有 %s | no such demonstration city: %s; there is %s",
                         q->demo, DEMO_CITY, q->demo, DEMO_CITY);
    if (cmd_need(l, "--password", q->password))
        return 2;
    if (q->scale && strcmp(q->scale, "small") != 0 && strcmp(q->scale, "city") != 0)
        return cmd_wrong(l, "--scale 为 small 或 city，而不是 %s | --scale is small or city, not %s",
                         q->scale, q->scale);
    if (cmd_number(l, "--seed", q->seed ? q->seed : "1", &q->seed_number))
        return 2;
    if (!q->seed_number)
        return cmd_wrong(l, "--seed 从 1 起 | --seed begins at 1");
    return q->until ? cmd_day(l, "--until", q->until, &q->until_day) : 0;
}

static int
check_asked(struct cmd_line *l, struct asked *q)
{
    if (cmd_need(l, "--db", q->db))
        return 2;
    if (!q->demo == !q->places)
        return cmd_wrong(l, "--demo 与 --places 须给出一个 | give one of --demo and --places");
    if (q->demo && q->url)
        return cmd_wrong(l, "--url 只用于 --places | --url goes with --places");
    if (q->demo)
        return check_demo(l, q);
    if (q->password || q->seed || q->scale || q->until)
        return cmd_wrong(l, "--password、--seed、--scale、--until 只用于 --demo | --password, --seed, "
                            "--scale and --until go with --demo");
    return 0;
}

/* Days before the city's last one: its two years, and time to be founded. */
#define DEMO_DAYS 800

/* A demonstration alone draws its ids, salts and key from the seed: the same seed and date, the same bytes. */
static void
set_scene(struct task *t, const struct asked *q)
{
    t->random.seed = q->seed_number ? q->seed_number : 1;
    t->random.count = 0;
    t->now = time_day_start(q->until_day - DEMO_DAYS);
}

int
cmd_init(struct cmd_line *l)
{
    struct asked q = {0};
    const struct cmd_option options[] = {
        {"--db", &q.db, NULL},           {"--demo", &q.demo, NULL}, {"--places", &q.places, NULL},
        {"--seed", &q.seed, NULL},       {"--password", &q.password, NULL},
        {"--scale", &q.scale, NULL},     {"--until", &q.until, NULL},
        {"--now", &q.now, NULL},         {"--url", &q.url, NULL}, {0}};
    const char *path = NULL;
    struct task t;
    size_t n;
    int status = 0;
    enum fault_code rc;

    if (cmd_read(l, options, NULL, 0, &n) || check_asked(l, &q) || cmd_task(l, q.now, &t))
        return 2;
    if (!q.until)
        q.until_day = time_day(t.now);
    rc = store_beside(&t, q.db, &path);
    if (rc) {
        status = cmd_fail(l, &t, rc);
    } else if (cmd_beside_any(&t, path) && !desk_making_died(q.db)) {
        status = 1;
        cmd_say(l, "%s 已经存在，未作改动 | %s is there already; nothing was changed", path, path);
    } else {
        cmd_beside_remove(&t, path);
        if (q.demo)
            set_scene(&t, &q);
        rc = desk_make_store(&t, q.db, q.demo ? DEMO_CODE : q.places, q.demo != NULL);
        if (!rc && (rc = q.demo ? fill_city(l, &t, &q) : print_link(l, &t, &q, &status)) != FAULT_NONE)
            desk_unmake(q.db);
        if (rc) {
            status = cmd_fail(l, &t, rc);
            cmd_beside_remove(&t, path);
        } else if (q.demo) {
            status = print_accounts(l, &t);
        }
    }
    task_release(&t);
    return status;
}
