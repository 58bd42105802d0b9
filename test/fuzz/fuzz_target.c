/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/fuzz/fuzz_target.c - the target and the cookies of a request under libFuzzer.
 *
 * The input is taken once as a target and once as a Cookie header. A path that is taken is
 * well-formed, begins with a slash and has no dot segment; pairs are well-formed.
 */
#include "base/text.h"
#include "http/http.h"
#include "http/inside.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct http_pair header = {"cookie", NULL};
    struct http_request q = {.headers = &header, .n_headers = 1};
    const struct http_pair *pair;
    const char *value;
    struct task t;

    task_init(&t, 0, 1);
    header.value = arena_copy(t.arena, (const char *)bytes, len);
    if (!http_read_target(t.arena, header.value, &q)) {
        must(q.path[0] == '/' && text_is_utf8(q.path, strlen(q.path)));
        must(!strstr(q.path, "/../") && !strstr(q.path, "/./"));
        must(q.n_query <= LIMIT_PAIRS);
        for (pair = q.query; pair < q.query + q.n_query; pair++) {
            must(text_is_utf8(pair->name, strlen(pair->name)));
            must(text_is_utf8(pair->value, strlen(pair->value)));
        }
    }
    value = http_cookie(&t, &q, "s");
    must(!value || (strstr(header.value, value) && !strchr(value, ';')));
    task_release(&t);
    return 0;
}
