/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/inside.h - what the files of this room share.
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "store/store.h"

#define STORE_STATEMENTS 512 /* cached statements of a connection; the list has about 300 texts */

/* The store's words for {serial}, {bytes} and {packed} put into a script. In `t`. */
const char *
store_schema_text(struct task *t, const char *sql);

/* Creates the schema of a new store, or compares and migrates an old one. */
MUST_USE enum fault_code
store_schema_make(struct task *t, struct store *s);
MUST_USE enum fault_code
store_schema_check(struct task *t, struct store *s, bool may_migrate);

#endif
