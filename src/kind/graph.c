/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/graph.c - how mechanisms feed each other, as one SVG.
 *
 * Knows: a kind is a box; a raised record is a full line, a step called on another record a broken
 * one. Boxes stand in columns by how far they lie from kinds that nothing raises.
 * Does not know: anything finer than kinds.
 */
#include "kind/inside.h"
#include <string.h>

#define BOX_WIDTH 168
#define BOX_HEIGHT 52
#define STEP_X 240
#define STEP_Y 84
#define MARGIN 24

struct box {
    const struct kind *kind;
    int column, row;
};

struct line {
    size_t from, to;
    bool calls; /* a step, not a raise */
};

struct drawing {
    struct arena *arena;
    const struct kind_catalog *c;
    struct box *boxes;
    size_t n_boxes;
    struct line *lines;
    size_t n_lines, room;
    int columns, rows;
};

static bool
box_of(const struct drawing *d, const char *kind, size_t *out)
{
    for (size_t i = 0; i < d->n_boxes; i++)
        if (text_equal(d->boxes[i].kind->name, kind)) {
            *out = i;
            return true;
        }
    return false;
}

static void
join(struct drawing *d, size_t from, const char *kind, bool calls)
{
    size_t to;
    if (!box_of(d, kind, &to))
        return;
    for (size_t i = 0; i < d->n_lines; i++)
        if (d->lines[i].from == from && d->lines[i].to == to && d->lines[i].calls == calls)
            return;
    if (d->n_lines == d->room) {
        size_t room = d->room ? d->room * 2 : 64;
        struct line *more = arena_alloc(d->arena, room * sizeof *more);
        if (d->n_lines)
            memcpy(more, d->lines, d->n_lines * sizeof *more);
        d->lines = more;
        d->room = room;
    }
    d->lines[d->n_lines++] = (struct line){from, to, calls};
}

static void
join_effects(struct drawing *d, size_t from, const struct kind_effect *effects, size_t n)
{
    const struct kind *members[32];
    for (size_t i = 0; i < n; i++) {
        const struct kind_effect *e = &effects[i];
        if (e->sort == EFFECT_RAISE)
            join(d, from, e->name, false);
        if (e->sort != EFFECT_STEP || !e->over)
            continue;
        size_t m = catalog_members(d->c, d->boxes[from].kind, e->over, members, 32);
        for (size_t j = 0; j < m; j++)
            join(d, from, members[j]->name, true);
    }
}

static bool
is_raised(const struct drawing *d, size_t box)
{
    for (size_t i = 0; i < d->n_lines; i++)
        if (!d->lines[i].calls && d->lines[i].to == box && d->lines[i].from != box)
            return true;
    return false;
}

/* Gives a column to every box that a placed one raises, until nothing moves. */
static void
spread(struct drawing *d)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < d->n_lines; i++) {
            const struct box *from = &d->boxes[d->lines[i].from];
            struct box *to = &d->boxes[d->lines[i].to];
            if (!d->lines[i].calls && from->column >= 0
                && (to->column < 0 || to->column > from->column + 1)) {
                to->column = from->column + 1;
                moved = true;
            }
        }
    }
}

/* First what nothing raises; a ring that nothing leads into begins at its first kind. */
static void
place_boxes(struct drawing *d)
{
    for (size_t i = 0; i < d->n_boxes; i++)
        d->boxes[i].column = is_raised(d, i) ? -1 : 0;
    spread(d);
    for (size_t i = 0; i < d->n_boxes; i++) {
        if (d->boxes[i].column >= 0)
            continue;
        d->boxes[i].column = 0;
        spread(d);
    }
    for (size_t i = 0; i < d->n_boxes; i++) {
        struct box *b = &d->boxes[i];
        for (size_t j = 0; j < i; j++)
            b->row += d->boxes[j].column == b->column;
        d->columns = b->column >= d->columns ? b->column + 1 : d->columns;
        d->rows = b->row >= d->rows ? b->row + 1 : d->rows;
    }
}

static void
put_escaped(struct text *x, const char *s)
{
    for (; *s; s++) {
        if (*s == '<')
            text_puts(x, "&lt;");
        else if (*s == '>')
            text_puts(x, "&gt;");
        else if (*s == '&')
            text_puts(x, "&amp;");
        else
            text_char(x, *s);
    }
}

static void
put_box(struct drawing *d, struct text *x, const struct box *b)
{
    int left = MARGIN + b->column * STEP_X, top = MARGIN + b->row * STEP_Y;
    text_printf(x, "<g id=\"%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" "
                   "class=\"kind\"/><text x=\"%d\" y=\"%d\" class=\"zh\">",
                b->kind->name, left, top, BOX_WIDTH, BOX_HEIGHT, left + 10, top + 22);
    put_escaped(x, text_half(d->arena, b->kind->title, false));
    text_printf(x, "</text><text x=\"%d\" y=\"%d\" class=\"en\">", left + 10, top + 40);
    put_escaped(x, text_half(d->arena, b->kind->title, true));
    text_puts(x, "</text></g>\n");
}

static void
put_line(struct drawing *d, struct text *x, const struct line *line)
{
    const struct box *a = &d->boxes[line->from], *b = &d->boxes[line->to];
    bool forward = b->column > a->column;
    int x1 = MARGIN + a->column * STEP_X + (forward ? BOX_WIDTH : 0);
    int x2 = MARGIN + b->column * STEP_X + (forward ? 0 : BOX_WIDTH);
    int y1 = MARGIN + a->row * STEP_Y + BOX_HEIGHT / 2 + (line->calls ? 8 : -4);
    int y2 = MARGIN + b->row * STEP_Y + BOX_HEIGHT / 2 + (line->calls ? 8 : -4);
    if (a->column == b->column) { /* round the right side */
        x1 = x2 = MARGIN + a->column * STEP_X + BOX_WIDTH;
        y2 += a == b ? 12 : 0;
        text_printf(x, "<path class=\"%s\" d=\"M%d %d C%d %d %d %d %d %d\"/>\n",
                    line->calls ? "step" : "raise", x1, y1, x1 + 48, y1, x2 + 48, y2, x2, y2);
        return;
    }
    int half = (x1 + x2) / 2;
    text_printf(x, "<path class=\"%s\" d=\"M%d %d C%d %d %d %d %d %d\"/>\n",
                line->calls ? "step" : "raise", x1, y1, half, y1, half, y2, x2, y2);
}

const char *
kind_catalog_graph(struct task *t, const struct kind_catalog *c)
{
    struct drawing d = {.arena = t->arena, .c = c, .n_boxes = kind_catalog_count(c)};
    struct text x;
    d.boxes = arena_alloc(t->arena, (d.n_boxes + 1) * sizeof *d.boxes);
    for (size_t i = 0; i < d.n_boxes; i++)
        d.boxes[i].kind = kind_catalog_at(c, i);
    for (size_t i = 0; i < d.n_boxes; i++) {
        const struct kind *k = d.boxes[i].kind;
        for (size_t j = 0; j < k->n_steps; j++)
            join_effects(&d, i, k->steps[j].effects, k->steps[j].n_effects);
        for (size_t j = 0; j < k->n_clocks; j++)
            join_effects(&d, i, k->clocks[j].rungs, k->clocks[j].n_rungs);
    }
    place_boxes(&d);
    text_init(&x, t->arena);
    text_printf(&x,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                "aria-label=\"机制关系 Mechanisms\">\n<style>.kind{fill:none;stroke:currentColor}"
                ".zh{font:15px sans-serif;fill:currentColor}.en{font:11px sans-serif;"
                "fill:currentColor}.raise,.step{fill:none;stroke:currentColor;"
                "marker-end:url(#arrow)}.step{stroke-dasharray:5 4}</style>\n"
                "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
                "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path "
                "d=\"M0 0 L8 4 L0 8 z\" fill=\"currentColor\"/></marker></defs>\n",
                2 * MARGIN + d.columns * STEP_X, 2 * MARGIN + d.rows * STEP_Y);
    for (size_t i = 0; i < d.n_lines; i++)
        put_line(&d, &x, &d.lines[i]);
    for (size_t i = 0; i < d.n_boxes; i++)
        put_box(&d, &x, &d.boxes[i]);
    text_puts(&x, "</svg>\n");
    return text_string(&x);
}
