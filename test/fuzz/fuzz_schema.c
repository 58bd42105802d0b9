/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/fuzz/fuzz_schema.c - kind_schema_holds under libFuzzer.
 *
 * The input's first line is the schema, the rest the value. The answer and the faults agree, and are
 * the same when asked again.
 */
#include "kind/kind.h"
#include "two.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct json *schema, *value;
    struct task t;
    bool holds;

    task_init(&t, 0, 1);
    if (read_two(&t, bytes, len, &schema, &value)) {
        holds = kind_schema_holds(&t, schema, value, "/fields/x");
        must(holds == (t.fault.code == FAULT_NONE));
        fault_clear(&t);
        must(kind_schema_holds(&t, schema, value, "/fields/x") == holds);
    }
    task_release(&t);
    return 0;
}
