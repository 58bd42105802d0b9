/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/fit.c - whether a row read is one the list asks for.
 *
 * Knows: every filter as a test on a row, and that the caller sees it.
 * Does not know: how the row was found.
 */
#include "record/finding.h"
#include <string.h>

static bool
names_number(const struct json *list, int64_t n)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (json_integer(json_at(list, i), 0) == n)
            return true;
    return false;
}

static bool
fields_fit(const struct record_finding *x, const struct record *r)
{
    const struct json *want = x->f->fields;

    for (size_t i = 0; want && i < want->object.n; i++) {
        const struct json *have = json_get(r->fields, want->object.at[i].name);
        const char *text = json_text(want->object.at[i].value);
        bool fits = false;

        for (size_t k = 0; json_is(have, JSON_ARRAY) && k < json_count(have); k++)
            if (text_equal(json_text(json_at(have, k)), text))
                fits = true;
        if (!fits && have && !json_is(have, JSON_ARRAY))
            fits = text_equal(json_text(have) ? json_text(have) : json_string(x->t->arena, have),
                              text);
        if (!fits)
            return false;
    }
    return true;
}

static bool
place_fits(struct record_finding *x, const struct record *r)
{
    bool covers = false;

    if (!x->f->place || x->f->opens)
        return true;
    return !org_covers_on(x->t, x->s, x->f->place, r->place,
                          x->f->as_of ? time_day(x->f->as_of) : 0, &covers) &&
           covers;
}

static bool
text_fits(struct record_finding *x, const struct record *r)
{
    const char *all, *word;

    if (!x->f->q)
        return true;
    all = store_search_folded(x->t, record_search_text(x->t, x->s, r));
    word = store_search_folded(x->t, x->f->q);
    for (size_t len; *word; word += len) {
        word += strspn(word, " \t\r\n");
        len = strcspn(word, " \t\r\n");
        if (!strstr(all, arena_copy(x->t->arena, word, len)))
            return false;
    }
    return true;
}

/* What the reader sees of it stays with the row that is shown. */
static bool
row_fits(struct record_finding *x, struct record *r)
{
    const struct record_filter *f = x->f;
    int facet = kind_facet(r->state, r->level);
    struct record_view *view;
    bool of_kind = f->n_kinds == 0;
    struct record_filter plain = *f;
    struct record_finding tested = *x;

    for (size_t i = 0; i < f->n_kinds; i++)
        if (f->kinds[i]->id == r->kind->id)
            of_kind = true;
    plain.as_of = 0;
    tested.f = &plain;
    if (!of_kind || !record_facet_fits(&tested, r->kind, facet))
        return false;
    if ((f->line && !names_number(r->lines, f->line)) || (f->unit && r->unit != f->unit) ||
        (f->desk_unit && !names_number(json_get(r->desk, "units"), f->desk_unit)) ||
        (f->desk_person && !names_number(json_get(r->desk, "persons"), f->desk_person)) ||
        (f->due_before && (!r->due || r->due >= f->due_before)))
        return false;
    view = arena_alloc(x->t->arena, sizeof *view);
    record_view(x->t, x->c, r, view);
    if (!view->sees || (!view->whole && (f->fields || f->q)))
        return false;
    r->seen = view;
    r->seen_by = x->c;
    return fields_fit(x, r) && place_fits(x, r) && text_fits(x, r) &&
           (!f->fits || f->fits(f->who, r));
}

/* What of a row the list's tests read besides what it shows. */
static unsigned
parts_read(const struct record_finding *x)
{
    const struct record_filter *f = x->f;

    return (f->fields || f->fits || f->q || x->c->n_lent ? RECORD_FIELDS : 0) | (f->fits ? RECORD_PARTIES : 0);
}

static enum fault_code
load_now(struct record_finding *x, const struct record_candidate *list, size_t n, struct record *out, bool *fits)
{
    struct record_at *at = arena_alloc(x->t->arena, n * sizeof *at);
    struct record **there = arena_alloc(x->t->arena, n * sizeof *there);
    size_t found = 0;
    enum fault_code rc;

    for (size_t i = 0; i < n; i++)
        at[i] = (struct record_at){list[i].stream, list[i].rid};
    rc = record_open_all(x->t, x->s, x->w, at, n, parts_read(x), out, fits);
    for (size_t i = 0; i < n && !rc; i++)
        if (fits[i])
            there[found++] = &out[i];
    if (!rc && !x->f->rows_only && record_asks_private(x))
        rc = record_read_privates(x->t, x->s, there, found);
    if (!rc && x->f->rows && found)
        x->f->rows(x->f->who, (const struct record *const *)there, found);
    for (size_t i = 0; i < n && !rc; i++)
        fits[i] = fits[i] && row_fits(x, &out[i]);
    return rc;
}

enum fault_code
record_load_all(struct record_finding *x, const struct record_candidate *list, size_t n, struct record *out,
                bool *fits)
{
    enum fault_code rc = FAULT_NONE;

    if (n && !x->f->as_of)
        return load_now(x, list, n, out, fits);
    for (size_t i = 0; i < n && !rc; i++)
        rc = record_load(x, &list[i], &out[i], &fits[i]);
    return rc;
}

enum fault_code
record_load(struct record_finding *x, const struct record_candidate *c, struct record *out,
            bool *fits)
{
    bool found;
    enum fault_code rc =
        x->f->as_of
            ? record_open_as_of(x->t, x->s, x->w, c->stream, c->rid, x->f->as_of, out, &found)
        : x->f->rows_only ? record_open_row(x->t, x->s, x->w, c->stream, c->rid, out, &found)
                          : record_open(x->t, x->s, x->w, c->stream, c->rid, out, &found);

    if (rc)
        return rc;
    if (found && x->f->as_of) {
        /* You see what you may see today, as it was then. */
        struct record *today = arena_alloc(x->t->arena, sizeof *today);
        bool there;

        rc = record_open_row(x->t, x->s, x->w, c->stream, c->rid, today, &there);
        if (rc)
            return rc;
        out->parties = today->parties;
        out->today = today;
    }
    *fits = found && row_fits(x, out);
    return FAULT_NONE;
}
