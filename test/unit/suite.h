/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite.h - one file of other people's test material, from $ZHIBEN_SUITES or ../shared/suites.
 *
 * Nothing of it is committed here. Where it is absent the answer is NULL and one line says so.
 */
#ifndef TEST_SUITE_H
#define TEST_SUITE_H

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

#ifndef ZHIBEN_SOURCE
#define ZHIBEN_SOURCE "."
#endif

#define SUITE_FILE_MAX (1024 * 1024)

static inline struct json *
json_of_file(struct task *t, const char *path)
{
    struct json *out = NULL;
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *bytes = arena_alloc(t->arena, SUITE_FILE_MAX);
    size_t len = fread(bytes, 1, SUITE_FILE_MAX, f);
    fclose(f);
    return json_read(t, bytes, len, &out) == FAULT_NONE ? out : NULL;
}

/* Where the material lies, or would lie. */
static inline const char *
suite_path(struct task *t, const char *path)
{
    const char *folder = getenv("ZHIBEN_SUITES");
    return arena_format(t->arena, "%s/%s", folder ? folder : ZHIBEN_SOURCE "/../shared/suites", path);
}

static inline struct json *
suite_file(struct task *t, const char *path)
{
    const char *whole = suite_path(t, path);
    struct json *out = json_of_file(t, whole);
    if (!out)
        printf("suite absent, not run: %s\n", whole);
    return out;
}

#endif
