/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/pattern.h - regular expressions of the schema word `pattern`, over code points.
 *
 * The idea: the part of ECMAScript's syntax (with its `u` flag) that forms use, matched by walking
 * all alternatives at once: time is length of text × length of pattern, whatever either holds.
 * Taken: literals . ^ $ | ( ) (?: ) [ ] \d \D \w \W \s \S \t \n \r \f \v \0 \cX \uXXXX \u{X}
 * * + ? {m} {m,} {m,n} and their lazy forms. Refused: look-around, back-references, \b, \p.
 * Internal to the room.
 */
#ifndef KIND_PATTERN_H
#define KIND_PATTERN_H

#include <stdbool.h>

/* Whether the pattern is within the syntax above and not too large: asked at load. */
bool kind_pattern_reads(const char *pattern);

/* Whether some part of `text` matches; false for a pattern that does not read. */
bool kind_pattern_matches(const char *pattern, const char *text);

#endif
