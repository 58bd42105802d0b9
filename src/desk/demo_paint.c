/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk/demo_paint.c - a drawn scene that stands for a photograph: a room, a thing in it, what is
 * wrong with it or that it was put right, and the words 演示图片.
 *
 * Knows: rectangles, triangles, discs and lines in sixteen colours; four characters and ten digits
 * drawn here.
 * Does not know: PNG, and what a picture is evidence of.
 */
#include "desk/demo.h"
#include <string.h>

enum colour {
    WALL,
    FLOOR,
    FLOOR_LINE,
    BODY,
    BODY_DARK,
    BODY_LIGHT,
    INK,
    PAPER,
    YELLOW,
    RED,
    GREEN,
    BLUE,
    WOOD,
    GREY,
    SHADOW,
    SKIN
};

struct canvas {
    uint8_t *pixels; /* one byte each, a filter byte before every line */
    int dx;          /* everything stands so far to the right */
    bool wrong;      /* before: something is amiss; after: it was put right */
};

static void
dot(struct canvas *c, int x, int y, enum colour colour)
{
    x += c->dx;
    if (x >= 0 && x < DEMO_WIDTH && y >= 0 && y < DEMO_HEIGHT)
        c->pixels[y * (DEMO_WIDTH + 1) + 1 + x] = (uint8_t)colour;
}

static void
box(struct canvas *c, int x, int y, int wide, int high, enum colour colour)
{
    for (int j = y; j < y + high; j++)
        for (int i = x; i < x + wide; i++)
            dot(c, i, j, colour);
}

/* A box with a light edge above and a dark one beside. */
static void
block(struct canvas *c, int x, int y, int wide, int high, enum colour colour)
{
    box(c, x + 4, y + high - 2, wide + 6, 6, SHADOW);
    box(c, x, y, wide, high, colour);
    box(c, x, y, wide, 4, BODY_LIGHT);
    box(c, x + wide - 5, y, 5, high, BODY_DARK);
}

static void
disc(struct canvas *c, int x, int y, int radius, enum colour colour)
{
    for (int j = -radius; j <= radius; j++)
        for (int i = -radius; i <= radius; i++)
            if (i * i + j * j <= radius * radius)
                dot(c, x + i, y + j, colour);
}

/* A flat patch on the floor. */
static void
puddle(struct canvas *c, int x, int y, int wide, int high, enum colour colour)
{
    for (int j = -high; j <= high; j++)
        for (int i = -wide; i <= wide; i++)
            if (i * i * high * high + j * j * wide * wide <= wide * wide * high * high)
                dot(c, x + i, y + j, colour);
}

static void
line(struct canvas *c, int x0, int y0, int x1, int y1, int thick, enum colour colour)
{
    int dx = x1 - x0, dy = y1 - y0;
    int n = (dx < 0 ? -dx : dx) > (dy < 0 ? -dy : dy) ? (dx < 0 ? -dx : dx) : (dy < 0 ? -dy : dy);

    for (int k = 0; k <= n; k++)
        box(c, x0 + (n ? dx * k / n : 0), y0 + (n ? dy * k / n : 0), thick, thick, colour);
}

/* ---- marks ---- */

static void
warning_sign(struct canvas *c, int x, int y)
{
    for (int j = 0; j < 36; j++)
        box(c, x - j * 20 / 36, y + j, 2 * (j * 20 / 36) + 2, 1, j < 3 || j > 32 ? INK : YELLOW);
    box(c, x - 2, y + 12, 5, 12, INK);
    box(c, x - 2, y + 27, 5, 4, INK);
}

static void
tick_mark(struct canvas *c, int x, int y)
{
    disc(c, x, y, 18, GREEN);
    line(c, x - 10, y, x - 3, y + 7, 4, PAPER);
    line(c, x - 3, y + 7, x + 8, y - 8, 4, PAPER);
}

static void
glyph(struct canvas *c, const uint16_t *rows, int x, int y, int size, enum colour colour)
{
    for (int j = 0; j < 16; j++)
        for (int i = 0; i < 16; i++)
            if (rows[j] >> (15 - i) & 1)
                box(c, x + i * size, y + j * size, size, size, colour);
}

/* The words at the foot of every picture, and the day a camera would have written into it. */
static void
words(struct canvas *c, const char *stamp)
{
    static const uint16_t text[4][16] = {
        {0x4020, 0x27fe, 0x0402, 0x85fa, 0x6040, 0x27fc, 0x0444, 0x17fc, 0x2444, 0x27fc, 0x4210,
         0x4618, 0x8c0c, 0x9806, 0, 0}, /* 演 */
        {0x0000, 0x1ff8, 0x0000, 0x0000, 0x0000, 0x7ffe, 0x0180, 0x0180, 0x1998, 0x318c, 0x6186,
         0xc183, 0x0180, 0x0780, 0, 0}, /* 示 */
        {0xffff, 0x8001, 0x8401, 0x8ff1, 0x9261, 0x8181, 0x83c1, 0x8c31, 0xb18d, 0x8041, 0x8601,
         0x81c1, 0x8021, 0xffff, 0, 0}, /* 图 */
        {0x2040, 0x2040, 0x2040, 0x2040, 0x3ffe, 0x2000, 0x2000, 0x3ff0, 0x2010, 0x2010, 0x2010,
         0x6010, 0x4010, 0x8010, 0, 0}, /* 片 */
    };
    static const uint16_t digits[10] = {0x7b6f, 0x2c97, 0x73e7, 0x73cf, 0x5bc9,
                                        0x79cf, 0x79ef, 0x7292, 0x7bef, 0x7bcf};
    int x = DEMO_WIDTH - 12;

    c->dx = 0;
    box(c, 0, DEMO_HEIGHT - 36, DEMO_WIDTH, 36, INK);
    for (int k = 0; k < 4; k++)
        glyph(c, text[k], 10 + 36 * k, DEMO_HEIGHT - 32, 2, PAPER);
    for (size_t k = stamp ? strlen(stamp) : 0; k > 0; k--, x -= 12) {
        char one = stamp[k - 1];

        if (one == '-')
            box(c, x - 6, DEMO_HEIGHT - 19, 6, 3, YELLOW);
        for (int b = 0; b < 15 && one >= '0' && one <= '9'; b++)
            if (digits[one - '0'] >> (14 - b) & 1)
                box(c, x - 9 + b % 3 * 3, DEMO_HEIGHT - 25 + b / 3 * 3, 3, 3, YELLOW);
    }
}

/* ---- things, as found and as put right ---- */

static void
machine(struct canvas *c, int x, int y)
{
    block(c, x, y, 120, 76, BODY);
    box(c, x + 12, y + 14, 44, 30, PAPER);
    box(c, x + 16, y + 18, 36, 8, BLUE);
    disc(c, x + 76, y + 22, 6, GREEN);
    disc(c, x + 96, y + 22, 6, RED);
    disc(c, x + 84, y + 54, 18, GREY);
    disc(c, x + 84, y + 54, 5, INK);
    if (c->wrong) { /* the wheel turns open, its guard lies on the floor */
        box(c, x - 34, y + 70, 30, 6, YELLOW);
        puddle(c, x + 40, y + 88, 52, 6, SHADOW);
        return;
    }
    for (int k = 0; k < 5; k++)
        box(c, x + 64 + k * 10, y + 34, 4, 42, YELLOW);
    box(c, x + 62, y + 34, 46, 4, YELLOW);
}

static void
cabinet(struct canvas *c, int x, int y)
{
    block(c, x, y, 70, 90, GREY);
    if (!c->wrong) {
        box(c, x + 6, y + 8, 54, 76, BODY_LIGHT);
        box(c, x + 52, y + 44, 4, 12, INK);
        for (int j = 0; j < 16; j++)
            box(c, x + 32 - j / 2, y + 18 + j, j + 1, 1, YELLOW);
        return;
    }
    box(c, x + 6, y + 8, 54, 76, INK);
    for (int k = 0; k < 4; k++)
        box(c, x + 12, y + 16 + k * 16, 42, 8, k % 2 ? GREY : PAPER);
    line(c, x + 20, y + 30, x + 70, y + 92, 3, RED);
    line(c, x + 34, y + 46, x + 90, y + 96, 3, BLUE);
    box(c, x + 66, y + 4, 34, 84, BODY); /* the door hangs open */
    block(c, x - 40, y + 58, 34, 32, WOOD);
}

static void
cylinders(struct canvas *c, int x, int y)
{
    for (int k = 0; k < 4; k++) {
        int lean = c->wrong && k == 2 ? 14 : 0;

        box(c, x + k * 30 + lean, y + 22, 20, 70, k % 2 ? BLUE : GREEN);
        disc(c, x + k * 30 + 10 + lean, y + 22, 10, k % 2 ? BLUE : GREEN);
        box(c, x + k * 30 + 7 + lean, y + 4, 6, 12, GREY);
    }
    if (c->wrong) {
        box(c, x + 128, y + 74, 66, 18, BLUE); /* one lies on the floor */
        disc(c, x + 128, y + 83, 9, BLUE);
        return;
    }
    box(c, x - 8, y + 46, 130, 4, YELLOW);
    box(c, x - 8, y + 70, 130, 4, YELLOW);
    box(c, x - 12, y, 4, 94, GREY);
    box(c, x + 122, y, 4, 94, GREY);
}

static void
way_out(struct canvas *c, int x, int y)
{
    box(c, x, y, 64, 96, BODY_DARK);
    box(c, x + 6, y + 6, 52, 90, BODY_LIGHT);
    disc(c, x + 50, y + 54, 4, INK);
    if (c->wrong) {
        block(c, x - 26, y + 56, 50, 44, WOOD);
        block(c, x - 10, y + 26, 40, 30, WOOD);
        block(c, x + 34, y + 66, 44, 36, WOOD);
        return;
    }
    box(c, x + 8, y - 22, 48, 16, GREEN);
    line(c, x + 16, y - 14, x + 44, y - 14, 3, PAPER);
    line(c, x + 44, y - 14, x + 36, y - 20, 3, PAPER);
    line(c, x + 44, y - 14, x + 36, y - 9, 3, PAPER);
    line(c, x - 6, y + 100, x - 60, y + 150, 4, YELLOW);
    line(c, x + 70, y + 100, x + 124, y + 150, 4, YELLOW);
}

static void
tank(struct canvas *c, int x, int y)
{
    puddle(c, x + 40, y + 92, 52, 8, SHADOW);
    box(c, x, y + 10, 80, 82, BODY);
    puddle(c, x + 40, y + 10, 40, 9, BODY_LIGHT);
    box(c, x + 66, y + 10, 14, 82, BODY_DARK);
    line(c, x + 80, y + 66, x + 150, y + 66, 7, GREY);
    disc(c, x + 116, y + 56, 9, RED);
    box(c, x + 114, y + 58, 5, 12, INK);
    if (c->wrong) {
        line(c, x + 138, y + 74, x + 138, y + 100, 3, BLUE);
        puddle(c, x + 136, y + 106, 46, 9, BLUE);
        return;
    }
    box(c, x + 14, y + 36, 36, 24, PAPER);
    line(c, x + 18, y + 42, x + 44, y + 42, 2, INK);
    line(c, x + 18, y + 50, x + 38, y + 50, 2, INK);
    box(c, x - 14, y + 96, 180, 4, YELLOW);
}

static void
extinguishers(struct canvas *c, int x, int y)
{
    block(c, x, y + 34, 96, 60, RED);
    box(c, x + 6, y + 42, 80, 46, c->wrong ? INK : PAPER);
    for (int k = 0; k < (c->wrong ? 1 : 3); k++) {
        box(c, x + 14 + k * 26, y + 54, 14, 32, RED);
        disc(c, x + 21 + k * 26, y + 54, 7, RED);
        box(c, x + 18 + k * 26, y + 42, 6, 6, INK);
    }
    if (c->wrong) {
        block(c, x + 60, y + 66, 60, 36, WOOD);
        block(c, x + 112, y + 76, 40, 28, WOOD);
        return;
    }
    box(c, x - 10, y + 106, 116, 4, YELLOW);
}

/* ---- the whole ---- */

static void
room(struct canvas *c, uint64_t seed)
{
    int horizon = 118 + (int)(demo_mix(seed, 8) % 16);
    int window = 20 + (int)(demo_mix(seed, 9) % 200);

    box(c, -DEMO_WIDTH, 0, 3 * DEMO_WIDTH, horizon, WALL);
    box(c, -DEMO_WIDTH, horizon, 3 * DEMO_WIDTH, DEMO_HEIGHT - horizon, FLOOR);
    box(c, -DEMO_WIDTH, horizon, 3 * DEMO_WIDTH, 3, SHADOW);
    for (int k = -6; k < 12; k++)
        line(c, 160 + k * 34, horizon, 160 + k * 90, DEMO_HEIGHT, 1, FLOOR_LINE);
    if (demo_mix(seed, 10) % 3) {
        box(c, window, 18, 62, 44, PAPER);
        box(c, window + 3, 21, 56, 38, BLUE);
        box(c, window + 30, 21, 3, 38, PAPER);
    } else
        box(c, -DEMO_WIDTH, 26, 3 * DEMO_WIDTH, 8, GREY); /* a pipe along the wall */
}

static void
thing(struct canvas *c, uint64_t seed)
{
    static void (*const things[])(struct canvas *, int, int) = {machine, cabinet, cylinders,
                                                                way_out, tank,    extinguishers};
    int x = 56 + (int)(demo_mix(seed, 4) % 90), y = 62 + (int)(demo_mix(seed, 5) % 28);

    things[demo_mix(seed, 3) % 6](c, x, y);
}

/* Somebody with a board who looks at it. */
static void
looker(struct canvas *c, int x, int y)
{
    box(c, x - 14, y + 24, 28, 50, BLUE);
    box(c, x - 12, y + 74, 10, 40, INK);
    box(c, x + 2, y + 74, 10, 40, INK);
    disc(c, x, y + 10, 12, SKIN);
    box(c, x - 14, y - 2, 28, 8, YELLOW);
    disc(c, x, y - 2, 10, YELLOW);
    line(c, x + 10, y + 32, x + 30, y + 44, 6, BLUE);
    box(c, x + 26, y + 30, 20, 26, PAPER);
    for (int k = 0; k < 4; k++)
        box(c, x + 29, y + 34 + k * 5, 14, 2, INK);
}

static void
sheet(struct canvas *c, uint64_t seed)
{
    int x = 70 + (int)(demo_mix(seed, 4) % 40);

    box(c, 0, 0, DEMO_WIDTH, DEMO_HEIGHT, WOOD);
    box(c, x + 6, 14, 170, 190, SHADOW);
    box(c, x, 8, 170, 190, PAPER);
    box(c, x + 40, 22, 90, 10, INK);
    for (int k = 0; k < 9; k++)
        box(c, x + 16, 46 + k * 13, 90 + (int)(demo_mix(seed, 20 + (uint64_t)k) % 48), 3, GREY);
    disc(c, x + 122, 160, 24, RED);
    disc(c, x + 122, 160, 20, PAPER);
    disc(c, x + 122, 160, 7, RED);
    line(c, x + 20, 172, x + 44, 164, 2, INK);
    line(c, x + 44, 164, x + 70, 174, 2, INK);
}

void
demo_paint(uint8_t *pixels, enum demo_purpose purpose, uint64_t seed, int variant,
           const char *stamp)
{
    struct canvas c = {.pixels = pixels, .dx = variant * 2, .wrong = purpose == DEMO_BEFORE};

    memset(pixels, 0, (size_t)(DEMO_WIDTH + 1) * DEMO_HEIGHT);
    if (purpose == DEMO_PAPER)
        sheet(&c, seed);
    else {
        room(&c, seed);
        thing(&c, seed);
    }
    if (purpose == DEMO_BEFORE)
        warning_sign(&c, 288, 24);
    else if (purpose == DEMO_AFTER)
        tick_mark(&c, 286, 40);
    else if (purpose == DEMO_CHECK)
        looker(&c, 258, 66);
    words(&c, stamp);
}

/* Sixteen colours: walls, floors and machines are of many, signs are of one. */
void
demo_palette(uint8_t *rgb, uint64_t seed, int variant)
{
    static const uint32_t walls[] = {0xd9dde0, 0xe4e0d5, 0xcfd8d3, 0xd8d3de, 0xc9d3dc};
    static const uint32_t floors[] = {0x8f9497, 0x8d8f80, 0xa39a8c, 0x7f8a86, 0x9a938f};
    static const uint32_t bodies[] = {0x4f7f9f, 0x5f8f6f, 0x9f7f5f, 0x6f6f9f, 0x8f9f6f, 0x7f8f9f};
    uint32_t wall = walls[demo_mix(seed, 1) % 5], floor = floors[demo_mix(seed, 2) % 5];
    uint32_t body = bodies[demo_mix(seed, 6) % 6];
    const uint32_t all[16] = {
        wall,     floor,    floor - 0x101010, body,     body - 0x1f1f1f, body + 0x1f1f1f,
        0x23282c, 0xf6f6f0, 0xf2c21a,         0xc8342b, 0x2f8f4e,        0x3f78b0,
        0xb08a5a, 0x83898d, floor - 0x2a2a2a, 0xe0b48c};

    for (int i = 0; i < 16; i++)
        for (int k = 0; k < 3; k++) {
            int v = (int)(all[i] >> (16 - 8 * k) & 255) - variant * 3;

            rgb[i * 3 + k] = (uint8_t)(v < 0 ? 0 : v);
        }
}
