/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_picture.c - drawn pictures that stand for photographs: a floor, a wall, a machine.
 *
 * Knows: PNG as zlib and CRC make it.
 * Does not know: what a picture is evidence of.
 */
#include "desk/demo.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define WIDTH  160
#define HEIGHT 120
#define LINE   (WIDTH * 3 + 1)

static void
paint(uint8_t *out, uint64_t seed)
{
    unsigned wall = (unsigned)demo_mix(seed, 1), floor = (unsigned)demo_mix(seed, 2);
    unsigned machine = (unsigned)demo_mix(seed, 3);
    int left = 12 + (int)(demo_mix(seed, 4) % 70), top = 24 + (int)(demo_mix(seed, 5) % 30);
    int wide = 30 + (int)(demo_mix(seed, 6) % 50), high = 26 + (int)(demo_mix(seed, 7) % 40);
    int horizon = 60 + (int)(demo_mix(seed, 8) % 30);

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            uint8_t *p = out + y * LINE + 1 + x * 3;
            bool inside = x >= left && x < left + wide && y >= top && y < top + high;
            unsigned base = inside ? machine : y < horizon ? wall : floor;
            int light = (y < horizon ? 40 : -20) + (x / 8) - (inside && (x + y) % 13 == 0 ? 50 : 0);

            for (int c = 0; c < 3; c++) {
                int v = 70 + (int)(base >> (8 * c) & 127) + light;

                p[c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
            }
        }
}

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
make_picture(struct arena *a, uint64_t seed, struct text *out)
{
    uint8_t *pixels = arena_alloc(a, LINE * HEIGHT);
    uLongf len = compressBound(LINE * HEIGHT);
    char *packed = arena_alloc(a, len), head[13] = {0};

    paint(pixels, seed);
    must(compress2((Bytef *)packed, &len, pixels, LINE * HEIGHT, 6) == Z_OK);
    put_32(head, WIDTH);
    put_32(head + 4, HEIGHT);
    head[8] = 8; /* bits a channel */
    head[9] = 2; /* red, green, blue */
    text_init(out, a);
    text_add(out, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(out, "IHDR", head, sizeof head);
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

        make_picture(t->arena, demo_mix(x->seed, i), &bytes);
        x->picture_bytes[i] = bytes.bytes;
        rc = record_file_check(t, bytes.bytes, bytes.len, &x->pictures[i]);
    }
    return rc;
}

/*
 * Each purpose has a part of the stock of its own: a picture before never serves as one after.
 * "=7" is always the same picture: the story of the repeated photograph.
 */
const char *
demo_picture(struct demo_scene *s, const char *purpose)
{
    const struct demo *x = s->x;
    size_t parts = 4, part = demo_mix(0, (uint64_t)purpose[0]) % parts;
    size_t n = x->n_pictures / parts, at = part * n + (size_t)demo_draw(&s->random) % n;

    if (*purpose == '=')
        at = (size_t)strtoul(purpose + 1, NULL, 10) % x->n_pictures;

    if (record_file_keep(s->task, s->store, s->me->account, x->picture_bytes[at],
                         (size_t)x->pictures[at].size, &x->pictures[at]))
        return NULL;
    return x->pictures[at].digest;
}
