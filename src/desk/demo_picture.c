/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_picture.c - the stock of drawn pictures that stand for photographs.
 *
 * Knows: PNG as zlib and CRC make it; which part of the stock serves which purpose.
 * Does not know: what is drawn (demo_paint.c), what a picture is evidence of.
 */
#include "desk/demo.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void
put_32(char *out, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (char)(v >> (24 - 8 * i) & 255);
}

static void
put_chunk(struct text *out, const char *type, const char *bytes, size_t len)
{
    char number[4];
    uLong crc = crc32(crc32(0, (const Bytef *)type, 4), (const Bytef *)bytes, (uInt)len);

    put_32(number, (uint32_t)len);
    text_add(out, number, 4);
    text_add(out, type, 4);
    text_add(out, bytes, len);
    put_32(number, (uint32_t)crc);
    text_add(out, number, 4);
}

static void
make_picture(struct arena *a, enum demo_purpose purpose, uint64_t seed, int variant,
             const char *stamp, struct text *out)
{
    size_t n = (size_t)(DEMO_WIDTH + 1) * DEMO_HEIGHT;
    uint8_t *pixels = arena_alloc(a, n), colours[48];
    uLongf len = compressBound(n);
    char *packed = arena_alloc(a, len), head[13] = {0};

    demo_paint(pixels, purpose, seed, variant, stamp);
    demo_palette(colours, seed, variant);
    must(compress2((Bytef *)packed, &len, pixels, n, 1) == Z_OK);
    put_32(head, DEMO_WIDTH);
    put_32(head + 4, DEMO_HEIGHT);
    head[8] = 8; /* bits a pixel */
    head[9] = 3; /* by the palette */
    text_init(out, a);
    text_add(out, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(out, "IHDR", head, sizeof head);
    put_chunk(out, "PLTE", (const char *)colours, sizeof colours);
    put_chunk(out, "IDAT", packed, len);
    put_chunk(out, "IEND", "", 0);
}

enum fault_code
demo_pictures(struct demo *x)
{
    struct task *t = x->task;
    enum fault_code rc = FAULT_NONE;

    x->n_pictures = (size_t)json_int_of(demo_scale(x), "pictures", 60);
    x->pictures = arena_alloc(t->arena, x->n_pictures * sizeof *x->pictures);
    x->picture_bytes = arena_alloc(t->arena, x->n_pictures * sizeof *x->picture_bytes);
    for (size_t i = 0; i < x->n_pictures && !rc; i++) {
        struct text bytes;

        make_picture(t->arena, (enum demo_purpose)(i * DEMO_PURPOSES / x->n_pictures),
                     demo_mix(x->seed, i), 0, NULL, &bytes);
        x->picture_bytes[i] = bytes.bytes;
        rc = record_file_check(t, bytes.bytes, bytes.len, &x->pictures[i]);
    }
    return rc;
}

static const char *const purposes[DEMO_PURPOSES] = {"before", "after", "check", "paper"};

static enum demo_purpose
purpose_of(const char *word)
{
    for (int i = 0; i < DEMO_PURPOSES; i++)
        if (text_starts(word, purposes[i]))
            return (enum demo_purpose)i;
    return DEMO_PAPER;
}

/*
 * "=after3~2@-24d": picture 3 after, taken a second time from a step aside, with the day 24 days
 * ago written into it. The stories of repeated photographs.
 */
static const char *
certain_picture(struct demo_scene *s, const char *word)
{
    struct task *t = s->task;
    enum demo_purpose purpose = purpose_of(word);
    const char *number = word + strcspn(word, "0123456789"), *aside = strchr(word, '~');
    const char *day = strchr(word, '@'), *stamp = NULL;
    struct record_upload made;
    struct text bytes;

    if (day)
        stamp =
            time_day_text(t->arena, time_day(t->now) + (int32_t)(demo_span(day + 1) / TIME_DAY));
    make_picture(t->arena, purpose, demo_mix(s->x->seed + 9, strtoul(number, NULL, 10)),
                 aside ? (int)strtol(aside + 1, NULL, 10) : 0, stamp, &bytes);
    if (record_file_check(t, bytes.bytes, bytes.len, &made) ||
        record_file_keep(t, s->store, s->me->account, bytes.bytes, bytes.len, &made))
        return NULL;
    return made.digest;
}

/* Each purpose has a part of the stock of its own: a picture before never serves as one after. */
const char *
demo_picture(struct demo_scene *s, const char *purpose)
{
    const struct demo *x = s->x;
    size_t n = x->n_pictures / DEMO_PURPOSES;
    size_t at = purpose_of(purpose) * n + (size_t)demo_draw(&s->random) % n;

    if (*purpose == '=')
        return certain_picture(s, purpose + 1);
    if (record_file_keep(s->task, s->store, s->me->account, x->picture_bytes[at],
                         (size_t)x->pictures[at].size, &x->pictures[at]))
        return NULL;
    return x->pictures[at].digest;
}
