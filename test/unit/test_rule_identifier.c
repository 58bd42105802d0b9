/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rule_identifier.c - credit codes and division codes.
 */
#include "rule/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define EXAMPLE "91350100M000100Y43" /* the worked example of GB 32100-2015 */

static void
the_standards_example_holds(void **state)
{
    (void)state;
    const char *why = NULL;
    assert_true(rule_credit_code_holds(EXAMPLE, &why));
    assert_null(why);
    assert_true(rule_credit_code_holds(EXAMPLE, NULL));
    assert_int_equal(rule_credit_code_check(EXAMPLE), '3');
}

/* What the check character is for: one wrong character, or two changed about. */
static void
every_single_mistake_is_found(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    char code[19];
    for (size_t i = 0; i < 18; i++) {
        for (const char *c = alphabet; *c; c++) {
            strcpy(code, EXAMPLE);
            code[i] = *c;
            assert_int_equal(rule_credit_code_holds(code, NULL), EXAMPLE[i] == *c);
        }
        strcpy(code, EXAMPLE);
        if (i == 17 || code[i] == code[i + 1])
            continue;
        code[i] = EXAMPLE[i + 1];
        code[i + 1] = EXAMPLE[i];
        assert_false(rule_credit_code_holds(code, NULL));
    }
}

static void
ill_formed_codes_say_why(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "91350100M000100Y4",
                                      "91350100M000100Y433",
                                      "91350100m000100Y43",
                                      "91350100O000100Y43",
                                      "9135010AM000100Y43",
                                      "91350100M000100Y4 ",
                                      "９1350100M000100Y"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *why = NULL;
        assert_false(rule_credit_code_holds(bad[i], &why));
        assert_non_null(why);
        assert_non_null(strstr(why, " | "));
    }
    assert_false(rule_credit_code_holds(NULL, NULL));
    assert_int_equal(rule_credit_code_check("9135"), 0);
}

static void
divisions_are_twelve_digits(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"32", "320000000000"},           {"3202", "320200000000"},
        {"320205", "320205000000"},       {"320205001", "320205001000"},
        {"320205001002", "320205001002"}, {"441900003", "441900003000"},
        {"000000", "000000000000"},       {"82", "820000000000"},
    };
    static const char *const bad[] = {"",     "3",  "320",    "32020", "3202050010", "99",
                                      "0132", "10", "3202a5", "３２",  "-32020",     "320205 "};
    char out[13];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(rule_division_code(good[i][0], out, NULL));
        assert_string_equal(out, good[i][1]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *why = NULL;
        assert_false(rule_division_code(bad[i], out, &why));
        assert_non_null(why);
    }
    assert_false(rule_division_code(NULL, out, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_example_holds),
        cmocka_unit_test(every_single_mistake_is_found),
        cmocka_unit_test(ill_formed_codes_say_why),
        cmocka_unit_test(divisions_are_twelve_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
