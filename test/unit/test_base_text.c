/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_base_text.c - memory, UTF-8, titles in two languages, faults, randomness, embedded files.
 */
#include "base/arena.h"
#include "base/embed.h"
#include "base/task.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int
begin(void **state)
{
    static struct task t;

    task_init(&t, 0, 7);
    *state = &t;
    return 0;
}

static int
end(void **state)
{
    task_release(*state);
    return 0;
}

static void
arena_hands_out_zeroed_aligned_pieces(void **state)
{
    struct task *t = *state;
    size_t sizes[] = {0, 1, 15, 16, 17, 4000, 9000, 300000, 3, 8192, 3000000, 1};
    size_t i, j, before;

    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *piece;

        before = arena_used(t->arena);
        piece = arena_alloc(t->arena, sizes[i]);
        assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
        assert_true(arena_used(t->arena) >= before + sizes[i]);
        for (j = 0; j < sizes[i]; j++)
            assert_int_equal(piece[j], 0);
        memset(piece, 0xAA, sizes[i]);
    }
    assert_string_equal(arena_format(t->arena, "%d-%s", 5, "x"), "5-x");
    assert_memory_equal(arena_copy(t->arena, "a\0b", 3), "a\0b\0", 4);
    arena_free(NULL);
}

static void
text_grows_and_is_never_null(void **state)
{
    struct task *t = *state;
    struct text x;
    int i;

    text_init(&x, t->arena);
    assert_string_equal(text_string(&x), "");
    for (i = 0; i < 1000; i++)
        text_printf(&x, "%d,", i % 10);
    assert_int_equal(x.len, 2000);
    assert_int_equal(strlen(text_string(&x)), 2000);
    text_puts(&x, "end");
    text_char(&x, '.');
    assert_string_equal(text_string(&x) + 2000, "end.");
}

static void
utf8_at_its_boundaries(void **state)
{
    static const char *const good[] = {"",
                                       "a",
                                       "\xC2\x80",
                                       "\xDF\xBF",
                                       "\xE0\xA0\x80",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xEF\xBF\xBF",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2\x41",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xE4\xB8",
                                      "\xE4\xB8\x41",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xF0\x90\x80",
                                      "\xFF"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(text_is_utf8(good[i], strlen(good[i])));
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_is_utf8(bad[i], strlen(bad[i])));
    assert_true(text_is_utf8("a\0b", 3));
}

static void
code_points_are_counted_and_decoded(void **state)
{
    const char *at = "a\xC3\xA9治\xF0\x9F\x98\x82";

    (void)state;
    assert_int_equal(text_length(at), 4);
    assert_int_equal(text_next(&at), 'a');
    assert_int_equal(text_next(&at), 0xE9);
    assert_int_equal(text_next(&at), 0x6CBB);
    assert_int_equal(text_next(&at), 0x1F602);
    assert_int_equal(text_next(&at), 0);
    assert_int_equal(text_next(&at), 0);
}

static void
titles_split_at_the_middle_bar(void **state)
{
    struct task *t = *state;

    assert_string_equal(text_half(t->arena, "隐患 | Hazard", false), "隐患");
    assert_string_equal(text_half(t->arena, "隐患 | Hazard", true), "Hazard");
    assert_string_equal(text_half(t->arena, "隐患|Hazard", true), "Hazard");
    assert_string_equal(text_half(t->arena, " 隐患 ", true), "隐患");
    assert_string_equal(text_half(t->arena, "没有 a | b | no a | b", false), "没有 a | b");
    assert_string_equal(text_half(t->arena, "没有 a | b | no a | b", true), "no a | b");
    assert_string_equal(text_half(t->arena, "|", false), "");
    assert_null(text_half(t->arena, NULL, false));
    assert_true(text_equal(NULL, NULL));
    assert_false(text_equal("", NULL));
    assert_true(text_equal("a", "a"));
    assert_true(text_starts("abc", "ab"));
    assert_true(text_starts("abc", ""));
    assert_false(text_starts("ab", "abc"));
    assert_false(text_starts(NULL, "a"));
}

static void
first_fault_wins(void **state)
{
    struct task *t = *state;
    char pointer[] = "/a";
    int i;

    assert_int_equal(fault(t, FAULT_INPUT, pointer, "须填 %s | %s is needed", "x", "x"),
                     FAULT_INPUT);
    pointer[1] = 'z';
    assert_int_equal(fault(t, FAULT_STORE, NULL, "库 | store"), FAULT_STORE);
    assert_int_equal(t->fault.code, FAULT_INPUT);
    assert_int_equal(t->fault.n_items, 1);
    assert_string_equal(t->fault.items[0].pointer, "/a");
    assert_string_equal(t->fault.items[0].zh, "须填 x");
    assert_string_equal(t->fault.items[0].en, "x is needed");
    for (i = 0; i < 2 * FAULT_ITEMS_MAX; i++)
        assert_int_equal(fault(t, FAULT_INPUT, NULL, "多 | many"), FAULT_INPUT);
    assert_int_equal(t->fault.n_items, FAULT_ITEMS_MAX);
    assert_null(t->fault.items[1].pointer);
    fault_clear(t);
    assert_int_equal(t->fault.code, FAULT_NONE);
    assert_int_equal(t->fault.n_items, 0);
    assert_string_equal(fault_name(FAULT_RIGHT), "right");
    assert_string_equal(fault_name(FAULT_NONE), "none");
}

static void
a_seed_repeats_and_the_system_does_not(void **state)
{
    struct random one = {7, 0}, two = {7, 0}, other = {8, 0}, system = {0, 0};
    unsigned char a[100], b[100];
    int seen[5] = {0}, i;

    (void)state;
    random_bytes(&one, a, sizeof a);
    random_bytes(&two, b, sizeof b);
    assert_memory_equal(a, b, sizeof a);
    random_bytes(&one, a, sizeof a);
    assert_memory_not_equal(a, b, sizeof a);
    random_bytes(&other, a, sizeof a);
    assert_memory_not_equal(a, b, sizeof a);
    random_bytes(&system, a, sizeof a);
    random_bytes(&system, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(random_below(&one, 1), 0);
    for (i = 0; i < 200; i++) {
        uint64_t drawn = random_below(&one, 5);

        assert_true(drawn < 5);
        seen[drawn]++;
    }
    for (i = 0; i < 5; i++)
        assert_true(seen[i] > 10);
}

static void
embedded_files_are_found_by_path(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < embed_files_len; i++) {
        assert_ptr_equal(embed_find(embed_files[i].path), &embed_files[i]);
        if (i > 0)
            assert_true(strcmp(embed_files[i - 1].path, embed_files[i].path) < 0);
    }
    assert_null(embed_find("no/such/file"));
    assert_null(embed_find(""));
    assert_null(embed_from("\xFF"));
    assert_true(embed_files_len == 0 || embed_from("") == &embed_files[0]);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arena_hands_out_zeroed_aligned_pieces, begin, end),
        cmocka_unit_test_setup_teardown(text_grows_and_is_never_null, begin, end),
        cmocka_unit_test(utf8_at_its_boundaries),
        cmocka_unit_test(code_points_are_counted_and_decoded),
        cmocka_unit_test_setup_teardown(titles_split_at_the_middle_bar, begin, end),
        cmocka_unit_test_setup_teardown(first_fault_wins, begin, end),
        cmocka_unit_test(a_seed_repeats_and_the_system_does_not),
        cmocka_unit_test(embedded_files_are_found_by_path),
    };

    return cmocka_run_group_tests_name("base text", tests, NULL, NULL);
}
