/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_fill.c - the words, dates, persons and pictures a simulated person fills in.
 *
 * Knows: the "$…" words of demo/script.json, listed in demo/README.md.
 * Does not know: which field means what.
 */
#include "desk/demo.h"
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

static struct json *
day_value(struct demo_scene *s, int32_t day)
{
    return json_str(s->task->arena, time_day_text(s->task->arena, day));
}

/* "3d" after the day of the record's date field, or after today. */
static struct json *
dated(struct demo_scene *s, const char *field, const char *span)
{
    int32_t day = time_day(s->task->now);
    const char *text = s->record ? json_text(json_get(s->record->fields, field)) : NULL;

    if (*field && !(text && time_read_day(text, &day)))
        return NULL;
    return day_value(s, day + (int32_t)(demo_span(span) / TIME_DAY));
}

static struct json *
person_value(struct demo_scene *s, const struct demo_person *p)
{
    return p ? json_str(s->task->arena, org_id_text(s->task->arena, 'p', p->person)) : NULL;
}

static struct json *
roles_of(struct demo_scene *s, const char *list)
{
    struct json *roles = json_array(s->task->arena);

    while (*list) {
        size_t len = strcspn(list, "|");

        json_push(s->task->arena, roles, json_strn(s->task->arena, list, len));
        list += len + (list[len] == '|');
    }
    return roles;
}

/* One of the enterprise's own people; `other` never who acts. */
static struct json *
own_person(struct demo_scene *s, const char *roles, bool other)
{
    const int64_t but[1] = {s->me->person};

    return person_value(s, demo_one_of(s->x, &s->x->units[s->unit], roles_of(s, roles), but,
                                       other ? 1 : 0, (uint64_t)demo_draw(&s->random)));
}

/* Who acts and the certified colleagues of his unit, two in all. */
static struct json *
team(struct demo_scene *s)
{
    const struct demo *x = s->x;
    const struct demo_unit *u = &x->units[s->me->unit];
    struct json *list = json_array(s->task->arena);

    json_push(s->task->arena, list, person_value(s, s->me));
    for (size_t i = u->first; i < u->first + u->n && json_count(list) < 2; i++)
        if (x->people[i].certified && x->people[i].person != s->me->person)
            json_push(s->task->arena, list, person_value(s, &x->people[i]));
    return list;
}

/* A word of demo/texts.json by its path, drawn where there are several. */
static struct json *
word(struct demo_scene *s, const char *path)
{
    const struct json *at = s->x->texts;

    while (at && *path) {
        size_t len = strcspn(path, ".");

        at = json_get(at, arena_copy(s->task->arena, path, len));
        path += len + (path[len] == '.');
    }
    if (json_is(at, JSON_ARRAY))
        at = json_count(at) ? json_at(at, (size_t)demo_draw(&s->random) % json_count(at)) : NULL;
    return json_text(at) ? json_str(s->task->arena, json_text(at)) : NULL;
}

static struct json *
photographs(struct demo_scene *s, const char *purpose)
{
    struct json *list = json_array(s->task->arena);
    const char *digest = demo_picture(s, purpose);

    return digest ? json_push(s->task->arena, list, json_str(s->task->arena, digest)) : NULL;
}

/* The days of the drawn finding, or one of the city's habits: 3, 7, 15, 30. */
static struct json *
deadline(struct demo_scene *s)
{
    const struct json *habit = json_get(s->x->counts, "deadlines");
    const struct json *days = json_get(habit, "days"), *share = json_get(habit, "share");
    int64_t n = json_int_of(s->finding, "days", 0), at = demo_draw(&s->random);

    if (s->grave)
        return day_value(s, time_day(s->task->now) + (int32_t)(n > 9 ? n : n + 14));
    n = 15;
    for (size_t i = 0; i < json_count(days); i++) {
        at -= demo_share(json_text(json_at(share, i)), 0);
        if (at < 0) {
            n = json_integer(json_at(days, i), 15);
            break;
        }
    }
    return day_value(s, time_day(s->task->now) + (int32_t)n);
}

/* The first day of a quarter: "0" this one, "-1" the one before. */
static struct json *
quarter(struct demo_scene *s, const char *which)
{
    int y, m, d;

    time_split(time_day(s->task->now), &y, &m, &d);
    return day_value(s, time_add_months(time_day_of(y, (m - 1) / 3 * 3 + 1, 1),
                                        3 * (int)strtol(which, NULL, 10)));
}

/* Another record of the same kind and unit, which it repeats. */
static struct json *
twin(struct demo_scene *s)
{
    const struct kind *kinds[1] = {s->record ? s->record->kind : NULL};
    struct record_filter f = {
        .kinds = kinds, .n_kinds = 1, .unit = s->x->units[s->unit].id, .limit = 5};
    struct record_page page;

    if (!s->record || record_find(s->task, s->store, s->x->desk->world, s->scope, &f, &page))
        return NULL;
    for (size_t i = 0; i < page.n; i++)
        if (page.items[i].rid != s->record->rid)
            return json_str(s->task->arena,
                            record_id(s->task->arena, page.items[i].stream, page.items[i].rid));
    return NULL;
}

/* ---- findings: sentences of demo/hazards.json ---- */

static bool
fits_pattern(const struct json *sentence, int64_t pattern)
{
    const struct json *list = json_get(sentence, "patterns");

    for (size_t i = 0; i < json_count(list); i++)
        if (json_integer(json_at(list, i), 0) == pattern)
            return true;
    return json_count(list) == 0;
}

void
demo_draw_finding(struct demo_scene *s, const struct json *how)
{
    static const char *const shelves[] = {"hazards", "plain"};
    const struct json *fit[512];
    int64_t pattern = json_int_of(s->x->units[s->unit].pattern, "n", 0);
    bool grave = demo_draw(&s->random) < demo_share(json_text_of(how, "grave"), 0) *
                                             json_int_of(demo_scale(s->x), "grave", 100) / 100;
    size_t n = 0;

    for (int round = 0; round < 2 && !n; round++, grave = false)
        for (size_t k = 0; k < 2; k++)
            for (size_t i = 0; i < json_count(json_get(s->x->hazards, shelves[k])); i++) {
                const struct json *one = json_at(json_get(s->x->hazards, shelves[k]), i);

                if (n < 512 && (json_text_of(one, "clause") != NULL) == grave &&
                    !json_text_of(one, "ask") && fits_pattern(one, pattern))
                    fit[n++] = one;
            }
    s->finding = n ? fit[(size_t)demo_draw(&s->random) % n] : NULL;
    s->grave = json_text_of(s->finding, "clause") != NULL;
}

const struct json *
demo_sentence(const struct demo *x, const struct record *r)
{
    static const char *const shelves[] = {"hazards", "plain"};
    const char *field = json_text_of(json_get(x->script, "sentence_field"), r->kind->name);
    const char *text = field ? json_text_of(r->fields, field) : NULL;

    for (size_t k = 0; text && k < 2; k++) {
        const struct json *shelf = json_get(x->hazards, shelves[k]);

        for (size_t i = 0; i < json_count(shelf); i++)
            if (text_equal(json_text_of(json_at(shelf, i), "description"), text))
                return json_at(shelf, i);
    }
    return NULL;
}

/* The first of the alternatives whose share is hit; the last one otherwise. */
static const struct json *
variant(struct demo_scene *s, const struct json *list)
{
    int64_t at = demo_draw(&s->random);

    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *one = json_at(list, i);

        if (s->grave && !json_is_true(json_get(one, "grave")))
            continue;
        if (!s->grave && json_is_true(json_get(one, "grave")))
            continue;
        at -= demo_share(json_text_of(one, "share"), DEMO_MILLION);
        if (at < 0)
            return json_get(one, "fields");
    }
    return NULL;
}

static int64_t
how_many(struct demo_scene *s, const struct json *counts)
{
    int64_t at = demo_draw(&s->random);

    for (size_t i = 0; i < json_count(counts); i++) {
        const struct json *c = json_at(counts, i);
        int64_t low = json_integer(json_at(c, 1), 1), high = json_integer(json_at(c, 2), 1);

        at -= demo_share(json_text(json_at(c, 0)), 0);
        if (at < 0)
            return low + demo_draw(&s->random) % (high - low + 1);
    }
    return 1;
}

static struct json *
findings(struct demo_scene *s, const char *name)
{
    const struct json *how = json_get(json_get(s->x->script, "findings"), name);
    struct json *list = json_array(s->task->arena);

    for (int64_t n = how_many(s, json_get(how, "counts")); n > 0; n--) {
        const struct json *form;
        struct json *one;

        demo_draw_finding(s, how);
        form = variant(s, json_get(how, "variants"));
        one = form ? demo_fill(s, form) : NULL;
        if (one)
            json_push(s->task->arena, list, one);
    }
    return json_count(list) ? list : NULL;
}

/* ---- the words ---- */

static struct json *
plain_word(struct demo_scene *s, const char *name)
{
    struct arena *a = s->task->arena;
    const struct demo_unit *u = &s->x->units[s->unit];

    if (text_equal(name, "today"))
        return day_value(s, time_day(s->task->now));
    if (text_equal(name, "me"))
        return person_value(s, s->me);
    if (text_equal(name, "unit"))
        return json_str(a, org_id_text(a, 'u', u->id));
    if (text_equal(name, "mine"))
        return json_str(a, org_id_text(a, 'u', s->x->units[s->me->unit].id));
    if (text_equal(name, "township"))
        return json_str(a, org_id_text(a, 'u', u->township));
    if (text_equal(name, "supervisor"))
        return json_str(a, org_id_text(a, 'u', u->supervisor));
    if (text_equal(name, "name"))
        return json_str(a, u->name);
    if (text_equal(name, "other_organ"))
        return json_str(a, org_id_text(a, 'u', u->other));
    if (text_equal(name, "team"))
        return team(s);
    if (text_equal(name, "deadline"))
        return deadline(s);
    if (text_equal(name, "twin"))
        return twin(s);
    return NULL;
}

static struct json *
value_of(struct demo_scene *s, const char *text)
{
    struct arena *a = s->task->arena;
    size_t len = strcspn(text, ":");
    const char *name = arena_copy(a, text, len), *rest = text[len] ? text + len + 1 : "";

    if (!text[len])
        return plain_word(s, name);
    if (text_equal(name, "day"))
        return dated(s, "", rest);
    if (text_equal(name, "from")) {
        size_t n = strcspn(rest, ":");

        return dated(s, arena_copy(a, rest, n), rest[n] ? rest + n + 1 : "0d");
    }
    if (text_equal(name, "person") || text_equal(name, "other"))
        return own_person(s, rest, text_equal(name, "other"));
    if (text_equal(name, "text"))
        return word(s, rest);
    if (text_equal(name, "photos"))
        return photographs(s, rest);
    if (text_equal(name, "file"))
        return json_str(a, demo_picture(s, rest));
    if (text_equal(name, "quarter"))
        return quarter(s, rest);
    if (text_equal(name, "finding"))
        return json_get(s->finding, rest);
    if (text_equal(name, "field"))
        return s->record ? json_get(s->record->fields, rest) : NULL;
    if (text_equal(name, "findings"))
        return findings(s, rest);
    return NULL;
}

/* "{name}" inside a sentence. */
static struct json *
sentence(struct demo_scene *s, const char *text)
{
    struct text out;
    const char *open;

    text_init(&out, s->task->arena);
    while ((open = strchr(text, '{')) != NULL && strchr(open, '}')) {
        size_t len = strcspn(open + 1, "}");
        const char *word_here = json_text(value_of(s, arena_copy(s->task->arena, open + 1, len)));

        text_add(&out, text, (size_t)(open - text));
        text_puts(&out, word_here ? word_here : "");
        text = open + len + 2;
    }
    text_puts(&out, text);
    return json_str(s->task->arena, text_string(&out));
}

struct json *
demo_fill(struct demo_scene *s, const struct json *form)
{
    struct arena *a = s->task->arena;
    const char *text = json_text(form);
    struct json *out;

    if (text)
        return *text == '$'        ? value_of(s, text + 1)
               : strchr(text, '{') ? sentence(s, text)
                                   : json_str(a, text);
    if (json_is(form, JSON_ARRAY)) {
        out = json_array(a);
        for (size_t i = 0; i < json_count(form); i++) {
            struct json *v = demo_fill(s, json_at(form, i));

            if (v)
                json_push(a, out, v);
        }
        return out;
    }
    if (json_is(form, JSON_OBJECT)) {
        out = json_object(a);
        for (size_t i = 0; i < json_count(form); i++) {
            struct json *v = demo_fill(s, form->object.at[i].value);

            if (!json_is_null(v))
                json_set(a, out, form->object.at[i].name, v);
        }
        return out;
    }
    return (struct json *)(uintptr_t)form;
}
