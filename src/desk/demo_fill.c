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

/* One of the enterprise's own people; `other` never who acts. */
static struct json *
own_person(struct demo_scene *s, const char *roles, bool other)
{
    const int64_t but[1] = {s->me->person};

    return person_value(s,
                        demo_one_of(s->x, &s->x->units[s->unit], demo_parts(s->task->arena, roles),
                                    but, other ? 1 : 0, (uint64_t)demo_draw(&s->random)));
}

/* Who acts and the next certified colleague of his unit. */
static struct json *
team(struct demo_scene *s)
{
    const struct demo *x = s->x;
    const struct demo_unit *u = &x->units[s->me->unit];
    size_t mine = (size_t)(s->me - x->people) - u->first;
    struct json *list = json_array(s->task->arena);

    json_push(s->task->arena, list, person_value(s, s->me));
    for (size_t i = 1; i < u->n && json_count(list) < 2; i++) {
        const struct demo_person *p = &x->people[u->first + (mine + i) % u->n];

        if (p->certified)
            json_push(s->task->arena, list, person_value(s, p));
    }
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

/*
 * The days of the drawn finding, or one of the city's habits: 3, 7, 15, 30; in the weeks of the
 * campaign's end many are given until its last days.
 */
static struct json *
deadline(struct demo_scene *s)
{
    const struct json *habit = json_get(s->x->counts, "deadlines");
    const struct json *days = json_get(habit, "days"), *share = json_get(habit, "share");
    const struct json *closing = json_get(habit, "closing");
    int32_t today = time_day(s->task->now), ago = s->x->anchor - today;
    int64_t n = json_int_of(s->finding, "days", 0), at = demo_draw(&s->random);

    if (s->grave)
        return day_value(s, today + (int32_t)(n > 9 ? n : n + 11 + at % 18));
    if (s->x->anchor && ago <= json_int_of(closing, "from_ago", 0) &&
        demo_draw(&s->random) < demo_share(json_text_of(closing, "share"), 0))
        return day_value(s, demo_workday(s->x, today + ago + 10 + (int32_t)(at % 30)));
    n = 15;
    for (size_t i = 0; i < json_count(days); i++) {
        at -= demo_share(json_text(json_at(share, i)), 0);
        if (at < 0) {
            n = json_integer(json_at(days, i), 15);
            break;
        }
    }
    return day_value(s, today + (int32_t)n);
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

static bool
titled(void *who, const struct record *r)
{
    return r->title && strstr(r->title, (const char *)who);
}

/*
 * Another record of the kind and unit, in one of the states, with the word in its title: the newest
 * who acts may see.
 */
static struct json *
newest(struct demo_scene *s, const struct kind *k, const char *states, const char *word_in_it)
{
    const struct kind *kinds[1] = {k};
    struct record_filter f = {.kinds = kinds,
                              .n_kinds = 1,
                              .states = states,
                              .unit = s->x->units[s->unit].id,
                              .limit = 5};
    struct record_page page;

    if (word_in_it) {
        f.fits = titled;
        f.who = (void *)(uintptr_t)word_in_it;
    }
    if (!k || record_find(s->task, s->store, s->x->desk->world, s->scope, &f, &page))
        return NULL;
    for (size_t i = 0; i < page.n; i++)
        if (!s->record || page.items[i].rid != s->record->rid)
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

/* What is grave is found once at an enterprise; more of it would be another story. */
static bool
told_before(const struct demo *x, size_t unit, const struct json *sentence)
{
    uint64_t key = demo_mix((uint64_t)x->units[unit].id, (uint64_t)json_int_of(sentence, "n", 0));

    for (size_t i = 0; i < x->n_told; i++)
        if (x->told[i] == key)
            return true;
    return false;
}

void
demo_tell(struct demo *x, size_t unit, const struct json *sentence)
{
    if (x->n_told < sizeof x->told / sizeof *x->told)
        x->told[x->n_told++] =
            demo_mix((uint64_t)x->units[unit].id, (uint64_t)json_int_of(sentence, "n", 0));
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
                    !json_text_of(one, "ask") && fits_pattern(one, pattern) &&
                    !(grave && told_before(s->x, s->unit, one)))
                    fit[n++] = one;
            }
    s->finding = n ? fit[(size_t)demo_draw(&s->random) % n] : NULL;
    s->grave = json_text_of(s->finding, "clause") != NULL;
    if (s->grave)
        demo_tell(s->x, s->unit, s->finding);
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
unit_value(struct demo_scene *s, int64_t unit)
{
    return unit ? json_str(s->task->arena, org_id_text(s->task->arena, 'u', unit)) : NULL;
}

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
        return unit_value(s, u->id);
    if (text_equal(name, "mine"))
        return unit_value(s, s->x->units[s->me->unit].id);
    if (text_equal(name, "township"))
        return unit_value(s, u->township);
    if (text_equal(name, "supervisor"))
        return unit_value(s, u->supervisor);
    if (text_equal(name, "name"))
        return json_str(a, u->name);
    if (text_equal(name, "other_organ"))
        return unit_value(s, u->other);
    if (text_equal(name, "team"))
        return team(s);
    if (text_equal(name, "deadline"))
        return deadline(s);
    if (text_equal(name, "twin"))
        return newest(s, s->record ? s->record->kind : NULL, NULL, NULL);
    return NULL;
}

static struct json *
one_value(struct demo_scene *s, const char *text)
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
    if (text_equal(name, "newest")) {
        struct json *parts = demo_parts(a, rest);

        return newest(s, kind_find(s->x->desk->world->catalog, json_text(json_at(parts, 0)), 0),
                      json_text(json_at(parts, 1)), json_text(json_at(parts, 2)));
    }
    if (text_equal(name, "organ"))
        return unit_value(s, demo_organ(s->x, &s->x->units[s->unit], rest));
    return NULL;
}

/* "first?second": the second where the first comes out as nothing. */
static struct json *
value_of(struct demo_scene *s, const char *text)
{
    const char *other = strchr(text, '?');
    struct json *first =
        one_value(s, other ? arena_copy(s->task->arena, text, (size_t)(other - text)) : text);

    return json_is_null(first) && other ? value_of(s, other + 1 + (other[1] == '$')) : first;
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
