/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/picture.h - private to the room: whole pictures only.
 */
#ifndef RECORD_PICTURE_H
#define RECORD_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes all of it; false where it is cut, damaged, no such picture or above LIMIT_PIXELS. */
bool
record_picture_holds(const char *media_type, const char *bytes, size_t len, int *width, int *height);

#endif
