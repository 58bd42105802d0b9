/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/find.c - lists: audience keys merged in order of birth, of due, or by search.
 *
 * Knows: a page is found through stored keys alone; everything else is tested on the few rows read.
 * Does not know: how a caller got his keys; org made them.
 */
#include "base/hash.h"
#include "record/inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_MAX 20000 /* rows one list may test before it answers what it has */
#define BATCH 256
#define SORT_MAX 10000 /* contract: another indexed field only below this */

struct branch {
    int64_t key;
    int facet;  /* BRANCH_LEFT: what had the key once */
    bool exact; /* what has the key lies where the filter asks, on the line it asks for */
};

#define BRANCH_LEFT (-1)
#define UNIT_KEYS_MOST 16 /* units under whose keys one record lies: owner, raiser, desk, and those above them */

struct candidate {
    int64_t due, rid, stream;
    bool exact;
};

struct finding {
    struct task *t;
    struct store *s;
    const struct record_world *w;
    const struct scope *c;
    const struct record_filter *f;
    struct branch *branches;
    size_t n_branches, room;
    bool by_due;
};

/* ---- branches ---- */

bool
record_listed(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; at && *at;) {
        size_t n = strcspn(at, ",");

        if (n == len && memcmp(at, word, n) == 0)
            return true;
        at += n + (at[n] == ',');
    }
    return false;
}

static bool
facet_fits(const struct finding *x, const struct kind *k, int facet)
{
    const struct kind_state *state = kind_state_at(k, facet >> 4);
    int level = facet & 15;

    if (!state || (x->f->open_only && state->final))
        return false;
    if (x->f->as_of)
        return true;
    if (x->f->states && !record_listed(x->f->states, state->name))
        return false;
    if (x->f->levels &&
        (!level || (size_t)level > k->n_levels || !record_listed(x->f->levels, k->levels[level - 1])))
        return false;
    return true;
}

static void
add_branch(struct finding *x, int64_t key, int facet, bool exact)
{
    if (x->n_branches == x->room) {
        size_t room = x->room ? x->room * 2 : 64;
        struct branch *list = arena_alloc(x->t->arena, room * sizeof *list);

        if (x->n_branches)
            memcpy(list, x->branches, x->n_branches * sizeof *list);
        x->branches = list;
        x->room = room;
    }
    x->branches[x->n_branches++] = (struct branch){key, facet, exact};
}

/* The facets in use under a key: one seek each, in one statement. */
static enum fault_code
add_facets(struct finding *x, int64_t key, const struct kind *k, bool exact)
{
    struct rows r;
    enum fault_code rc =
        store_query(x->t, x->s, &r,
                    "WITH RECURSIVE used(facet) AS (SELECT (SELECT min(facet) FROM record_vis WHERE key = ?) "
                    "UNION ALL SELECT (SELECT min(v.facet) FROM record_vis v WHERE v.key = ? AND v.facet > "
                    "used.facet) FROM used WHERE used.facet IS NOT NULL) SELECT facet FROM used WHERE facet "
                    "IS NOT NULL",
                    "ii", key, key);

    if (rc)
        return rc;
    while (store_next(x->t, &r))
        if (facet_fits(x, k, (int)store_int(&r, 0)))
            add_branch(x, key, (int)store_int(&r, 0), exact);
    return store_end(x->t, &r);
}

/*
 * A caller's key, narrowed to the place and line asked for; 0 where they do not meet. By the tree of
 * today: he sees what he may see today.
 */
static enum fault_code
narrow(struct finding *x, int64_t key, int64_t *out, bool *exact)
{
    int64_t number = (key >> 24) & ((INT64_C(1) << 36) - 1);
    int line = (int)(key >> 12) & 4095;
    int asked = x->f->as_of ? 0 : x->f->line; /* keys hold the lines of today */
    struct org_place p;
    bool covers, found;
    enum fault_code rc;

    *out = key;
    *exact = !x->f->place && !asked;
    if (key >> 60 != ORG_KEY_PLACE)
        return FAULT_NONE;
    if (x->f->own) {
        *out = 0;
        return FAULT_NONE;
    }
    if (!x->f->place && (line || !asked)) {
        *exact = !asked || line == asked;
        return FAULT_NONE;
    }
    covers = true;
    rc = x->f->place ? org_covers(x->t, x->s, number, x->f->place, &covers) : FAULT_NONE;
    if (rc)
        return rc;
    if (covers) {
        rc = org_place(x->t, x->s, x->f->place ? x->f->place : number, &p, &found);
        if (rc || !found)
            return rc;
        if (p.level <= ORG_COUNTY && !line)
            line = asked;
        *exact = p.level <= ORG_COUNTY ? !asked || line == asked : !line && !asked;
        *out = org_key(ORG_KEY_PLACE, p.id, p.level <= ORG_COUNTY ? line : 0, 0);
        return rc;
    }
    rc = org_covers(x->t, x->s, x->f->place, number, &covers);
    *exact = covers && (!asked || line == asked);
    if (!covers)
        *out = 0;
    return rc;
}

static const struct kind *
kind_asked(const struct finding *x, int id)
{
    size_t n = x->f->n_kinds ? x->f->n_kinds : kind_catalog_count(x->w->catalog);

    for (size_t i = 0; i < n; i++) {
        const struct kind *k = x->f->n_kinds ? x->f->kinds[i] : kind_catalog_at(x->w->catalog, i);

        if (k->id == id)
            return k;
    }
    return NULL;
}

/* What a lent rule covers is walked like a key of his own; each row is tested by the rule. */
static enum fault_code
add_lent(struct finding *x, int64_t lent)
{
    const struct kind *k = kind_asked(x, (int)(lent & 4095));
    int64_t key = 0;
    bool exact;
    enum fault_code rc = k ? narrow(x, lent, &key, &exact) : FAULT_NONE;

    return rc || !key ? rc : add_facets(x, org_key_kind(key, k->id), k, false);
}

static enum fault_code
make_branches(struct finding *x)
{
    size_t n_kinds = x->f->n_kinds ? x->f->n_kinds : kind_catalog_count(x->w->catalog);
    enum fault_code rc = FAULT_NONE;

    for (size_t i = 0; i < x->c->n_keys && !rc; i++) {
        int64_t key;
        bool exact;

        rc = narrow(x, x->c->keys[i], &key, &exact);
        for (size_t k = 0; k < n_kinds && key && !rc; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            rc = add_facets(x, org_key_kind(key, kind->id), kind, exact);
        }
    }
    for (size_t i = 0; i < x->c->n_lent && !x->f->own && !rc; i++)
        rc = add_lent(x, x->c->lent[i].key);
    for (size_t i = 0; i < x->c->n_tied && !x->f->own && !rc; i++)
        for (size_t k = 0; k < n_kinds && !rc; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            rc = add_facets(x, org_key(ORG_KEY_UNIT, x->c->tied[i], 0, kind->id), kind, false);
        }
    /* As of a past day, a place also held what has left it since. */
    for (size_t k = 0; k < n_kinds && x->f->as_of && x->f->place && !x->by_due && !rc; k++)
        add_branch(x,
                   org_key(ORG_KEY_PLACE, x->f->place, 0,
                           (x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k))->id),
                   BRANCH_LEFT, false);
    return rc;
}

/* ---- candidates ---- */

static int
newest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->rid != y->rid)
        return x->rid < y->rid ? 1 : -1;
    return (x->stream < y->stream) - (x->stream > y->stream);
}

static int
due_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->due != y->due)
        return x->due > y->due ? 1 : -1;
    if (x->rid != y->rid)
        return x->rid > y->rid ? 1 : -1;
    return (x->stream > y->stream) - (x->stream < y->stream);
}

/* One compound statement: each branch is walked in order and merged, nothing is sorted. */
static enum fault_code
read_chunk(struct finding *x, size_t from, size_t to, const struct candidate *after, size_t want,
           struct candidate *out, size_t *n)
{
    static const char by_birth[] = "SELECT rid, stream, 0, %d FROM record_vis WHERE key = ? AND facet = ? AND "
                                   "(rid, stream) < (?, ?)";
    static const char by_due[] = "SELECT rid, stream, due, %d FROM record_due_vis WHERE key = ? AND facet = ? "
                                 "AND (due, rid, stream) > (?, ?, ?)";
    static const char left[] = "SELECT rid, stream, 0, 0 FROM record_left WHERE key = ? AND (rid, stream) < (?, ?)";
    struct store_value *v = arena_alloc(x->t->arena, (5 * (to - from) + 1) * sizeof *v);
    struct text sql;
    struct rows r;
    size_t at = 0;
    enum fault_code rc;

    text_init(&sql, x->t->arena);
    for (size_t i = from; i < to; i++) {
        text_puts(&sql, i == from ? "" : " UNION ALL ");
        if (x->branches[i].facet == BRANCH_LEFT)
            text_puts(&sql, left);
        else
            text_printf(&sql, x->by_due ? by_due : by_birth, x->branches[i].exact);
        v[at++] = (struct store_value){.letter = 'i', .integer = x->branches[i].key};
        if (x->branches[i].facet != BRANCH_LEFT)
            v[at++] = (struct store_value){.letter = 'i', .integer = x->branches[i].facet};
        if (x->by_due)
            v[at++] = (struct store_value){.letter = 'i', .integer = after->due};
        v[at++] = (struct store_value){.letter = 'i', .integer = after->rid};
        v[at++] = (struct store_value){.letter = 'i', .integer = after->stream};
    }
    text_puts(&sql, x->by_due ? " ORDER BY 3, 1, 2 LIMIT ?" : " ORDER BY 1 DESC, 2 DESC LIMIT ?");
    v[at++] = (struct store_value){.letter = 'i', .integer = (int64_t)want};
    rc = store_query_values(x->t, x->s, &r, text_string(&sql), v, at);
    if (rc)
        return rc;
    while (store_next(x->t, &r)) {
        out[*n].rid = store_int(&r, 0);
        out[*n].stream = store_int(&r, 1);
        out[*n].due = store_int(&r, 2);
        out[(*n)++].exact = store_int(&r, 3) != 0;
    }
    return store_end(x->t, &r);
}

/* A record under several keys comes once; one exact key is enough. */
static size_t
once_each(struct candidate *list, size_t n, size_t want)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (kept && list[kept - 1].rid == list[i].rid && list[kept - 1].stream == list[i].stream)
            list[kept - 1].exact |= list[i].exact;
        else if (kept == want)
            break;
        else
            list[kept++] = list[i];
    }
    return kept;
}

/* The next distinct candidates after a place in the order. */
static enum fault_code
next_candidates(struct finding *x, const struct candidate *after, size_t want, struct candidate **out,
                size_t *n)
{
    size_t chunks = (x->n_branches + LIMIT_BRANCHES - 1) / LIMIT_BRANCHES;
    /* Equal rows of several keys stand together: asking for as many times more as there are keys is enough. */
    size_t keys = x->c->n_keys + x->c->n_lent + (x->c->n_tied ? UNIT_KEYS_MOST : 0) +
                  (x->f->as_of && x->f->place);
    size_t each = want * (keys ? keys : 1);
    struct candidate *list = arena_alloc(x->t->arena, (chunks * each + 1) * sizeof *list);
    enum fault_code rc = FAULT_NONE;

    *n = 0;
    for (size_t i = 0; i < x->n_branches && !rc; i += LIMIT_BRANCHES) {
        size_t to = i + LIMIT_BRANCHES < x->n_branches ? i + LIMIT_BRANCHES : x->n_branches;

        rc = read_chunk(x, i, to, after, each, list, n);
    }
    qsort(list, *n, sizeof *list, x->by_due ? due_first : newest_first);
    *n = once_each(list, *n, want);
    *out = list;
    return rc;
}

/* ---- search: tokens of the text and of the caller's keys, and what is not indexed yet ---- */

static const char *
key_tokens(struct finding *x)
{
    struct text out;
    size_t n_kinds = x->f->n_kinds ? x->f->n_kinds : kind_catalog_count(x->w->catalog);

    text_init(&out, x->t->arena);
    for (size_t i = 0; i < x->c->n_keys; i++)
        for (size_t k = 0; k < n_kinds; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            text_printf(&out, " k%llx",
                        (unsigned long long)org_key_kind(x->c->keys[i], kind->id));
        }
    for (size_t i = 0; i < x->c->n_lent; i++)
        if (kind_asked(x, (int)(x->c->lent[i].key & 4095)))
            text_printf(&out, " k%llx", (unsigned long long)x->c->lent[i].key);
    for (size_t i = 0; i < x->c->n_tied; i++)
        for (size_t k = 0; k < n_kinds; k++) {
            const struct kind *kind =
                x->f->n_kinds ? x->f->kinds[k] : kind_catalog_at(x->w->catalog, k);

            text_printf(&out, " k%llx",
                        (unsigned long long)org_key(ORG_KEY_UNIT, x->c->tied[i], 0, kind->id));
        }
    return text_string(&out);
}

/* What has changed since it was indexed: both lists are newest first. */
static void
distrust(struct candidate *list, size_t indexed, size_t n)
{
    for (size_t i = 0, k = indexed; i < indexed && k < n;) {
        int order = newest_first(&list[i], &list[k]);

        if (!order)
            list[i].exact = false;
        i += order <= 0;
        k += order >= 0;
    }
}

/* What was asked is one pair or one character: a record that has the token has the text. The index
 * knows no order among several tokens, nor what stands between words. */
static bool
is_one_token(const char *tokens, const char *asked)
{
    return *tokens == ' ' && (unsigned char)tokens[1] >= 0x80 && strcmp(tokens + 1, asked) == 0;
}

static enum fault_code
search_candidates(struct finding *x, const struct candidate *after, size_t want, struct candidate **out,
                  size_t *n)
{
    const char *tokens = store_search_tokens(x->t, x->f->q, true);
    bool exact = is_one_token(tokens, x->f->q) && !x->f->place && !x->f->line && !x->f->states &&
                 !x->f->levels && !x->f->open_only && !x->f->own && !x->c->n_lent;
    struct candidate *list = arena_alloc(x->t->arena, (want + 2001) * sizeof *list);
    struct rows r;
    size_t indexed;
    enum fault_code rc = FAULT_NONE;

    *n = 0;
    if (!strlen(tokens) || !(x->c->n_keys + x->c->n_tied)) {
        *out = list;
        return FAULT_NONE;
    }
    rc = store_search_find(x->t, x->s, &r, tokens, key_tokens(x), after->rid, (int64_t)want);
    if (rc)
        return rc;
    while (*n < want && store_next(x->t, &r)) {
        list[*n].rid = store_int(&r, 0);
        list[*n].stream = store_int(&r, 1);
        list[(*n)++].exact = exact;
    }
    rc = store_end(x->t, &r);
    indexed = *n;
    if (!rc)
        rc = store_query(x->t, x->s, &r,
                         "SELECT rid, stream FROM record_search_wait WHERE rid < ? ORDER BY rid DESC LIMIT 2000",
                         "i", after->rid);
    if (rc)
        return rc;
    while (store_next(x->t, &r)) {
        list[*n].rid = store_int(&r, 0);
        list[(*n)++].stream = store_int(&r, 1);
    }
    rc = store_end(x->t, &r);
    distrust(list, indexed, *n);
    qsort(list, *n, sizeof *list, newest_first);
    *n = once_each(list, *n, want);
    *out = list;
    return rc;
}

/* ---- tests on a row ---- */

static bool
names_number(const struct json *list, int64_t n)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (json_integer(json_at(list, i), 0) == n)
            return true;
    return false;
}

static bool
fields_fit(const struct finding *x, const struct record *r)
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
            fits = text_equal(json_text(have) ? json_text(have) : json_string(x->t->arena, have), text);
        if (!fits)
            return false;
    }
    return true;
}

static bool
place_fits(struct finding *x, const struct record *r)
{
    bool covers = false;

    if (!x->f->place)
        return true;
    return !org_covers_on(x->t, x->s, x->f->place, r->place, x->f->as_of ? time_day(x->f->as_of) : 0,
                          &covers) &&
           covers;
}

static bool
text_fits(struct finding *x, const struct record *r)
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

static bool
row_fits(struct finding *x, const struct record *r)
{
    const struct record_filter *f = x->f;
    int facet = kind_facet(r->state, r->level);
    struct record_view view;
    bool of_kind = f->n_kinds == 0;
    struct record_filter plain = *f;
    struct finding tested = *x;

    for (size_t i = 0; i < f->n_kinds; i++)
        if (f->kinds[i]->id == r->kind->id)
            of_kind = true;
    plain.as_of = 0;
    tested.f = &plain;
    if (!of_kind || !facet_fits(&tested, r->kind, facet))
        return false;
    if ((f->line && !names_number(r->lines, f->line)) || (f->unit && r->unit != f->unit) ||
        (f->desk_unit && !names_number(json_get(r->desk, "units"), f->desk_unit)) ||
        (f->desk_person && !names_number(json_get(r->desk, "persons"), f->desk_person)) ||
        (f->due_before && (!r->due || r->due >= f->due_before)))
        return false;
    record_view(x->t, x->c, r, &view);
    if (!view.sees || (!view.whole && (f->fields || f->q)))
        return false;
    return fields_fit(x, r) && place_fits(x, r) && text_fits(x, r) && (!f->fits || f->fits(f->who, r));
}

static enum fault_code
load_candidate(struct finding *x, const struct candidate *c, struct record *out, bool *fits)
{
    bool found;
    enum fault_code rc = x->f->as_of ? record_open_as_of(x->t, x->s, x->w, c->stream, c->rid,
                                                         x->f->as_of, out, &found)
                         : x->f->rows_only
                               ? record_open_row(x->t, x->s, x->w, c->stream, c->rid, out, &found)
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

/* ---- cursors: the place in the order, bound to the filter and the keys ---- */

static const char *
filter_digest(struct finding *x)
{
    const struct record_filter *f = x->f;
    struct text all;
    uint8_t digest[HASH_LEN];

    text_init(&all, x->t->arena);
    for (size_t i = 0; i < f->n_kinds; i++)
        text_printf(&all, "%d,", f->kinds[i]->id);
    text_printf(&all, "|%s|%s|%lld|%lld|%lld|%lld|%d|%lld|%s|%s|%lld|%s|%d%d", f->states ? f->states : "",
                f->levels ? f->levels : "", (long long)f->place, (long long)f->unit,
                (long long)f->desk_unit, (long long)f->desk_person, f->line, (long long)f->due_before,
                f->q ? f->q : "", f->sort ? f->sort : "", (long long)f->as_of,
                f->fields ? json_string(x->t->arena, f->fields) : "", f->own, f->open_only);
    for (size_t i = 0; i < x->c->n_keys; i++)
        text_printf(&all, "|%llx", (unsigned long long)x->c->keys[i]);
    for (size_t i = 0; i < x->c->n_lent; i++)
        text_printf(&all, "|%llx:%lld", (unsigned long long)x->c->lent[i].key,
                    (long long)x->c->lent[i].rid);
    for (size_t i = 0; i < x->c->n_tied; i++)
        text_printf(&all, "|t%llx", (unsigned long long)x->c->tied[i]);
    hash_bytes(HASH_SHA256, text_string(&all), all.len, digest);
    return hash_hex(x->t->arena, digest, 8);
}

static const char *
write_cursor(struct finding *x, const struct candidate *c)
{
    const char *plain = arena_format(x->t->arena, "%s|%lld|%lld|%lld", filter_digest(x), (long long)c->due,
                                     (long long)c->rid, (long long)c->stream);

    return hash_base64(x->t->arena, (const uint8_t *)plain, strlen(plain));
}

static enum fault_code
read_cursor(struct finding *x, struct candidate *out)
{
    uint8_t *bytes;
    size_t len;
    char digest[17];
    long long due, rid, stream;

    out->due = INT64_MIN;
    out->rid = x->by_due ? INT64_MIN : INT64_MAX;
    out->stream = x->by_due ? INT64_MIN : INT64_MAX;
    if (x->f->as_of && !x->by_due)
        out->rid = ((x->f->as_of - RECORD_EPOCH) << 22) + (1 << 22);
    if (!x->f->cursor)
        return FAULT_NONE;
    if (!hash_unbase64(x->t->arena, x->f->cursor, &bytes, &len) ||
        sscanf(arena_copy(x->t->arena, (const char *)bytes, len), "%16[0-9a-f]|%lld|%lld|%lld", digest, &due,
               &rid, &stream) != 4 ||
        strcmp(digest, filter_digest(x)) != 0)
        return fault(x->t, FAULT_INPUT, "/cursor",
                     "游标与筛选条件不符，请从第一页开始 | the cursor belongs to another filter; begin at the first page");
    out->due = due;
    out->rid = rid;
    out->stream = stream;
    return FAULT_NONE;
}

/* ---- walking ---- */

static enum fault_code
next_batch(struct finding *x, const struct candidate *after, size_t want, struct candidate **list, size_t *n)
{
    return x->f->q ? search_candidates(x, after, want, list, n)
                   : next_candidates(x, after, want, list, n);
}

static enum fault_code
walk_page(struct finding *x, struct record_page *out)
{
    struct candidate at, last = {0};
    size_t scanned = 0, limit = (size_t)x->f->limit;
    bool more = true;
    enum fault_code rc = read_cursor(x, &at);

    out->items = arena_alloc(x->t->arena, (limit + 1) * sizeof *out->items);
    while (!rc && more && scanned < SCAN_MAX) {
        struct candidate *list;
        size_t n;

        rc = next_batch(x, &at, limit + 1 > BATCH ? limit + 1 : x->f->fits || x->f->unit || x->f->fields
                                                                    ? BATCH
                                                                    : limit + 1,
                        &list, &n);
        more = n > 0;
        for (size_t i = 0; i < n && !rc; i++, scanned++) {
            struct record r;
            bool fits;

            rc = load_candidate(x, &list[i], &r, &fits);
            if (rc)
                break;
            if (fits && out->n == limit) {
                out->next = write_cursor(x, &last);
                return FAULT_NONE;
            }
            if (fits)
                out->items[out->n++] = r;
            at = last = list[i];
        }
    }
    if (!rc && scanned >= SCAN_MAX && more)
        out->next = write_cursor(x, &last);
    return rc;
}

/* A party that must never see a record may hold keys to its place: such rows are counted one by one. */
static bool
bars_some(const struct finding *x)
{
    size_t n = x->f->n_kinds ? x->f->n_kinds : kind_catalog_count(x->w->catalog);

    for (size_t i = 0; i < n; i++) {
        const struct kind *k = x->f->n_kinds ? x->f->kinds[i] : kind_catalog_at(x->w->catalog, i);

        for (size_t s = 0; s < k->n_sight; s++)
            if (k->sight[s].n_never)
                return true;
    }
    return false;
}

/* Whether a row has to be read to know that it fits; a key says kind, state, level and, where exact, place and line. */
static bool
tests_rows(const struct finding *x)
{
    const struct record_filter *f = x->f;

    /* As of a day, what was born by then counts; only its state, level and place have to be looked up. */
    return f->unit || f->desk_unit || f->desk_person || f->due_before || f->fields || f->fits ||
           (f->as_of && (f->q || f->states || f->levels || f->open_only || f->place || f->line)) ||
           x->c->n_lent || x->c->n_tied || bars_some(x);
}

/* A total reads the private values of no row, unless a filter asks for one. */
static bool
asks_private(const struct finding *x)
{
    for (size_t k = 0; k < x->f->n_kinds; k++)
        for (size_t i = 0; x->f->fields && i < x->f->fields->object.n; i++) {
            const struct kind_field *field = kind_field(x->f->kinds[k], x->f->fields->object.at[i].name);

            if (field && field->private_value)
                return true;
        }
    return x->f->fields && !x->f->n_kinds;
}

/* More than is ever counted stand under one key: no other key has to be merged to say so. */
static enum fault_code
one_key_has_more(struct finding *x, const struct candidate *at, bool *more)
{
    int64_t counted = 0, base = 0, n;
    bool found;
    enum fault_code rc = FAULT_NONE;

    *more = false;
    for (size_t i = 0; i < x->n_branches && !*more && !rc; i++) {
        const struct branch *b = &x->branches[i];

        if (!b->exact)
            continue;
        if (org_key_kind(b->key, 0) != base)
            counted = 0;
        base = org_key_kind(b->key, 0);
        rc = x->by_due
                 ? store_one_int(x->t, x->s, &n, &found,
                                 "SELECT count(*) FROM (SELECT 1 FROM record_due_vis WHERE key = ? AND facet = ? "
                                 "LIMIT ?) AS counted",
                                 "iii", b->key, (int64_t)b->facet, LIMIT_TOTAL + 1 - counted)
                 : store_one_int(x->t, x->s, &n, &found,
                                 "SELECT count(*) FROM (SELECT 1 FROM record_vis WHERE key = ? AND facet = ? AND "
                                 "(rid, stream) < (?, ?) LIMIT ?) AS counted",
                                 "iiiii", b->key, (int64_t)b->facet, at->rid, at->stream,
                                 LIMIT_TOTAL + 1 - counted);
        counted += rc ? 0 : n;
        *more = counted > LIMIT_TOTAL;
    }
    return rc;
}

/* Rows that are only counted die with their batch: five thousand of them are tens of megabytes. */
static enum fault_code
count_batch(struct finding *x, const struct candidate *list, size_t n, bool every, int64_t *total)
{
    struct finding y = *x;
    struct task own;
    enum fault_code rc = FAULT_NONE;

    task_init(&own, x->t->now, 1);
    org_remember(&own, x->s);
    y.t = &own;
    for (size_t i = 0; i < n && !rc; i++) {
        struct record r;
        bool fits = true;

        if (every || !list[i].exact)
            rc = load_candidate(&y, &list[i], &r, &fits);
        *total += fits;
    }
    x->t->store_calls += own.store_calls;
    if (rc)
        rc = fault(x->t, rc, NULL, "%s | %s", own.fault.items[0].zh, own.fault.items[0].en);
    task_release(&own);
    return rc;
}

/* Exactly up to the contract's 1,000, then "1000+". */
static enum fault_code
count_total(struct finding *x, struct record_page *out)
{
    struct candidate at, *list;
    size_t n, scanned = 0;
    struct record_filter first = *x->f;
    struct finding from_start = *x;
    bool every = tests_rows(x);
    enum fault_code rc;

    first.cursor = NULL;
    first.rows_only = !asks_private(x);
    from_start.f = &first;
    rc = read_cursor(&from_start, &at);
    if (!rc && !every && !x->f->q)
        rc = one_key_has_more(&from_start, &at, &out->more_than_total);
    if (rc || out->more_than_total) {
        out->total = LIMIT_TOTAL;
        return rc;
    }
    while (!rc && out->total <= LIMIT_TOTAL && scanned < SCAN_MAX / 4) {
        rc = next_batch(&from_start, &at, every ? BATCH : LIMIT_TOTAL + 1, &list, &n);
        if (rc || !n)
            return rc;
        at = list[n - 1];
        scanned += n;
        rc = count_batch(&from_start, list, n, every, &out->total);
        if (!every && n <= LIMIT_TOTAL)
            return rc;
    }
    out->more_than_total = !rc;
    if (out->total > LIMIT_TOTAL)
        out->total = LIMIT_TOTAL;
    return rc;
}

/* ---- another indexed field, below 10,000 records ---- */

struct sorted {
    struct record record;
    struct candidate candidate;
    const char *value;
    int sign;
};

static int
by_value(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    int order = strcmp(x->value, y->value) * x->sign;

    return order ? order : newest_first(&x->candidate, &y->candidate);
}

/* The record the cursor stands on may have left the list: its place in the order is still known. */
static enum fault_code
find_after(struct finding *x, const struct candidate *after, const char *name, const struct sorted *all,
           size_t n, size_t *from)
{
    struct sorted last = {.candidate = *after, .sign = x->f->sort[0] == '-' ? -1 : 1};
    const struct json *v;
    bool found;
    enum fault_code rc = record_open(x->t, x->s, x->w, after->stream, after->rid, &last.record, &found);

    if (rc || !found)
        return rc;
    v = json_get(last.record.fields, name);
    last.value = json_text(v) ? json_text(v) : v ? json_string(x->t->arena, v) : "";
    while (*from < n && by_value(&all[*from], &last) <= 0)
        ++*from;
    return FAULT_NONE;
}

static enum fault_code
sort_page(struct finding *x, struct record_page *out)
{
    const char *name = x->f->sort[0] == '-' ? x->f->sort + 1 : x->f->sort;
    struct candidate at, after, *list;
    struct sorted *all;
    struct record_filter first = *x->f;
    size_t n, kept = 0, i = 0;
    bool turned = x->f->cursor != NULL;
    enum fault_code rc = read_cursor(x, &after);

    first.cursor = NULL;
    x->f = &first;
    if (!rc)
        rc = read_cursor(x, &at);
    if (!rc)
        rc = next_batch(x, &at, SORT_MAX + 1, &list, &n);
    if (!rc && n > SORT_MAX)
        return fault(x->t, FAULT_INPUT, "/sort",
                     "超过 %d 件时只能按时间或期限排序；请先缩小范围 | above %d records sort by newest or due; narrow "
                     "the filter first",
                     SORT_MAX, SORT_MAX);
    if (rc)
        return rc;
    all = arena_alloc(x->t->arena, (n + 1) * sizeof *all);
    for (size_t k = 0; k < n && !rc; k++) {
        bool fits;
        const struct json *v;

        rc = load_candidate(x, &list[k], &all[kept].record, &fits);
        if (rc || !fits)
            continue;
        v = json_get(all[kept].record.fields, name);
        all[kept].candidate = list[k];
        all[kept].sign = x->f->sort[0] == '-' ? -1 : 1;
        all[kept++].value = json_text(v) ? json_text(v) : v ? json_string(x->t->arena, v) : "";
    }
    qsort(all, kept, sizeof *all, by_value);
    out->total = (int64_t)kept;
    if (!rc && turned)
        rc = find_after(x, &after, name, all, kept, &i);
    out->items = arena_alloc(x->t->arena, ((size_t)x->f->limit + 1) * sizeof *out->items);
    for (; i < kept && out->n < (size_t)x->f->limit; i++)
        out->items[out->n++] = all[i].record;
    if (i < kept && i)
        out->next = write_cursor(x, &all[i - 1].candidate);
    return rc;
}

static enum fault_code
check_sort(struct finding *x, bool *other)
{
    const char *sort = x->f->sort, *name;

    *other = false;
    x->by_due = text_equal(sort, "due");
    if (!sort || x->by_due || text_equal(sort, "newest"))
        return FAULT_NONE;
    name = sort[0] == '-' ? sort + 1 : sort;
    *other = true;
    for (size_t i = 0; i < x->f->n_kinds; i++) {
        const struct kind_field *field = kind_field(x->f->kinds[i], name);

        if (field && field->indexed)
            return FAULT_NONE;
    }
    return fault(x->t, FAULT_INPUT, "/sort",
                 "只能按 newest、due 或本类记录的索引字段排序 | sort by newest, due or an indexed field of the kind");
}

enum fault_code
record_find(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
            const struct record_filter *f, struct record_page *out)
{
    struct finding x = {.t = t, .s = s, .w = w, .c = c, .f = f};
    bool other;
    enum fault_code rc = check_sort(&x, &other);

    memset(out, 0, sizeof *out);
    if (!rc && !f->q)
        rc = make_branches(&x);
    if (rc)
        return rc;
    if (other)
        return sort_page(&x, out);
    rc = walk_page(&x, out);
    if (rc || f->rows_only)
        return rc;
    if (!f->cursor && !out->next)
        out->total = (int64_t)out->n;
    else if (f->uncounted)
        out->more_than_total = true;
    else
        rc = count_total(&x, out);
    return rc;
}

enum fault_code
record_count(struct task *t, struct store *s, const struct record_world *w, const struct scope *c,
             const struct record_filter *f, struct record_page *out)
{
    struct finding x = {.t = t, .s = s, .w = w, .c = c, .f = f};
    bool other;
    enum fault_code rc = check_sort(&x, &other);

    if (!rc && !f->q)
        rc = make_branches(&x);
    out->total = 0;
    out->more_than_total = false;
    return rc ? rc : count_total(&x, out);
}
