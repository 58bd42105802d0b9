/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/eval.h - one evaluation of a condition, shared by eval.c (operators that decide, paths,
 * scopes) and operate.c (operators that calculate). Internal to the room.
 *
 * Invariant: every evaluation costs work, and what would cost more than EVAL_WORK, or nests deeper
 * than EVAL_DEPTH, makes the whole condition null: a guard then refuses, whatever stands around it.
 */
#ifndef KIND_EVAL_H
#define KIND_EVAL_H

#include "kind/kind.h"
#include "kind/value.h"

#define EVAL_WORK  1000000 /* a formula over 200 000 items; a tenth of a second */
#define EVAL_DEPTH LIMIT_JSON_DEPTH

struct eval_scope;

struct eval {
    struct task *t;
    const struct kind_env *env;
    unsigned depth;
    size_t work;
    bool spent;
    /* kind_missing alone: names found missing so far */
    const char **names;
    size_t n_names, room;
};

/* One operator: its arguments as written (an array, or the only one bare). */
typedef struct kind_value eval_operator(struct eval *e, const struct json *args,
                                        const struct eval_scope *scope);

/* False once the work is spent. */
bool eval_spend(struct eval *e, size_t work);
struct kind_value eval_null(struct eval *e);
struct kind_value eval_bool(struct eval *e, bool value);

size_t eval_count(const struct json *args);
/* The value of argument `i`; null where there is none. */
struct kind_value eval_arg(struct eval *e, const struct json *args, size_t i,
                           const struct eval_scope *scope);

/* operate.c */
eval_operator eval_equal, eval_unequal, eval_same, eval_different;
eval_operator eval_less, eval_less_or_equal, eval_more, eval_more_or_equal;
eval_operator eval_max, eval_min, eval_add, eval_subtract, eval_multiply, eval_divide, eval_modulo;
eval_operator eval_in, eval_cat, eval_substr, eval_merge;

#endif
