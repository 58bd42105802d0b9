/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test/fuzz/fuzz_multipart.c - http_multipart under libFuzzer.
 *
 * The input's first line is the Content-Type, the rest the body. What is taken must be what the
 * header of the room promises: named parts, clean texts, bytes inside the body.
 */
#include "base/text.h"
#include "http/http.h"
#include "http/inside.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
check_part(const struct http_part *part, const struct http_request *q)
{
    must(part->name && *part->name && part->type && part->bytes);
    must(text_is_utf8(part->name, strlen(part->name)));
    must(text_is_utf8(part->type, strlen(part->type)));
    must(part->bytes >= q->body && part->bytes <= q->body + q->body_len);
    must(part->len <= (size_t)(q->body + q->body_len - part->bytes));
    if (part->file_name) {
        must(text_is_utf8(part->file_name, strlen(part->file_name)));
        must(!strpbrk(part->file_name, "/\\\r\n"));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint8_t *end = len ? memchr(bytes, '\n', len) : NULL;
    const struct http_part *parts = NULL;
    struct http_pair header = {"content-type", NULL};
    struct http_request q = {.headers = &header, .n_headers = 1};
    struct task t;
    char *body;
    size_t i, n = 0;

    if (!end)
        return 0;
    task_init(&t, 0, 1);
    header.value = arena_copy(t.arena, (const char *)bytes, (size_t)(end - bytes));
    q.body_len = len - (size_t)(end - bytes) - 1;
    /* Its own block, without the zero a server adds, so that a read past the end is seen. */
    body = malloc(q.body_len ? q.body_len : 1);
    must(body);
    if (q.body_len > 0)
        memcpy(body, end + 1, q.body_len);
    q.body = body;
    if (http_multipart(&t, &q, &parts, &n) == FAULT_NONE) {
        must(n <= LIMIT_PARTS);
        for (i = 0; i < n; i++)
            check_part(&parts[i], &q);
    } else {
        must(!parts && t.fault.code == FAULT_INPUT && t.fault.n_items == 1);
    }
    free(body);
    task_release(&t);
    return 0;
}
