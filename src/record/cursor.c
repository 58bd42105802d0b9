/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/cursor.c - the place in the order, bound to the filter and the keys.
 *
 * Knows: a cursor of another filter or of other rights is refused.
 * Does not know: how a page is walked.
 */
#include "base/hash.h"
#include "record/finding.h"
#include <stdio.h>
#include <string.h>

const char *
record_filter_text(struct record_finding *x, size_t *len)
{
    const struct record_filter *f = x->f;
    struct text all;

    text_init(&all, x->t->arena);
    for (size_t i = 0; i < f->n_kinds; i++)
        text_printf(&all, "%d,", f->kinds[i]->id);
    text_printf(&all, "|%s|%s|%lld|%lld|%lld|%lld|%d|%lld|%s|%s|%lld|%s|%d%d",
                f->states ? f->states : "", f->levels ? f->levels : "", (long long)f->place,
                (long long)f->unit, (long long)f->desk_unit, (long long)f->desk_person, f->line,
                (long long)f->due_before, f->q ? f->q : "", f->sort ? f->sort : "",
                (long long)f->as_of, f->fields ? json_string(x->t->arena, f->fields) : "", f->own,
                f->open_only);
    text_printf(&all, "|%s", f->opens ? f->opens : "");
    for (size_t i = 0; i < x->c->n_keys; i++)
        text_printf(&all, "|%llx", (unsigned long long)x->c->keys[i]);
    for (size_t i = 0; i < x->c->n_lent; i++)
        text_printf(&all, "|%llx:%lld", (unsigned long long)x->c->lent[i].key,
                    (long long)x->c->lent[i].rid);
    for (size_t i = 0; i < x->c->n_tied; i++)
        text_printf(&all, "|t%llx", (unsigned long long)x->c->tied[i]);
    *len = all.len;
    return text_string(&all);
}

static const char *
filter_digest(struct record_finding *x)
{
    size_t len;
    const char *all = record_filter_text(x, &len);
    uint8_t digest[HASH_LEN];

    hash_bytes(HASH_SHA256, all, len, digest);
    return hash_hex(x->t->arena, digest, 8);
}

const char *
record_cursor_write(struct record_finding *x, const struct record_candidate *c)
{
    const char *plain = arena_format(x->t->arena, "%s|%lld|%lld|%lld", filter_digest(x),
                                     (long long)c->due, (long long)c->rid, (long long)c->stream);

    return hash_base64(x->t->arena, (const uint8_t *)plain, strlen(plain));
}

enum fault_code
record_cursor_read(struct record_finding *x, struct record_candidate *out)
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
    else if (x->f->born_before && !x->by_due)
        out->rid = (x->f->born_before - RECORD_EPOCH) << 22;
    if (!x->f->cursor)
        return FAULT_NONE;
    if (!hash_unbase64(x->t->arena, x->f->cursor, &bytes, &len) ||
        sscanf(arena_copy(x->t->arena, (const char *)bytes, len), "%16[0-9a-f]|%lld|%lld|%lld",
               digest, &due, &rid, &stream) != 4 ||
        strcmp(digest, filter_digest(x)) != 0)
        return fault(x->t, FAULT_INPUT, "/cursor",
                     "游标与筛选条件不符，请从第一页开始 | the cursor belongs to another filter; "
                     "begin at the first page");
    out->due = due;
    out->rid = rid;
    out->stream = stream;
    return FAULT_NONE;
}
