/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule/identifier.c - unified social credit codes and division codes.
 *
 * Knows: GB 32100-2015 and the lengths of GB/T 2260 and 统计用区划代码.
 * Does not know: whether a unit or a place of that code exists.
 */
#include "rule/rule.h"

#include <string.h>

/* GB 32100-2015 table 2: digits and capitals without I O S V Z, in order of their values. */
static const char ALPHABET[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static bool
refuse(const char **why, const char *text)
{
    if (why)
        *why = text;
    return false;
}

char
rule_credit_code_check(const char *first17)
{
    /* The weights of the standard are 3^i mod 31. */
    int sum = 0, weight = 1;
    for (int i = 0; i < 17; i++) {
        const char *found = first17[i] ? strchr(ALPHABET, first17[i]) : NULL;
        if (!found)
            return 0;
        sum = (sum + (int)(found - ALPHABET) * weight) % 31;
        weight = weight * 3 % 31;
    }
    return ALPHABET[(31 - sum) % 31];
}

bool
rule_credit_code_holds(const char *code, const char **why)
{
    if (!code || strlen(code) != 18)
        return refuse(why, "统一社会信用代码为 18 位，请核对位数 | "
                           "a unified social credit code has 18 characters: count them");
    if (strspn(code, ALPHABET) != 18)
        return refuse(why, "请只用数字和大写字母，且不含 I O S V Z | "
                           "use digits and capital letters only, without I O S V Z");
    /* Characters 3-8 are the division code of the registering organ. */
    if (strspn(code + 2, "0123456789") < 6)
        return refuse(why, "第 3 至 8 位是登记机关区划码，请写数字 | "
                           "characters 3 to 8 are the registering organ's division: write digits");
    if (rule_credit_code_check(code) != code[17])
        return refuse(why, "校验码不符，请对照证照重新录入 | "
                           "the check character does not match: copy it again from the licence");
    return true;
}

/* GB/T 2260: the two digits of provinces, autonomous regions, municipalities and 特别行政区. */
static bool
is_province(const char *code)
{
    static const char *const known[] = {"11", "12", "13", "14", "15", "21", "22", "23", "31",
                                        "32", "33", "34", "35", "36", "37", "41", "42", "43",
                                        "44", "45", "46", "50", "51", "52", "53", "54", "61",
                                        "62", "63", "64", "65", "71", "81", "82"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(code, known[i], 2) == 0)
            return true;
    return false;
}

bool
rule_division_code(const char *code, char out12[13], const char **why)
{
    size_t len = code ? strlen(code) : 0;
    if (len == 0 || strspn(code, "0123456789") != len)
        return refuse(why, "区划代码只用数字 | a division code is digits only");
    if (len != 2 && len != 4 && len != 6 && len != 9 && len != 12)
        return refuse(why, "区划代码为 2、4、6、9 或 12 位，请核对位数 | "
                           "a division code has 2, 4, 6, 9 or 12 digits: count them");
    /* Neither standard has a code for the nation; all zeros is how its own rows are written. */
    bool nation = strspn(code, "0") == len;
    if (!nation && !is_province(code))
        return refuse(why, "前两位不是省级代码，请对照 GB/T 2260 | "
                           "the first two digits are no province: see GB/T 2260");
    memset(out12, '0', 12);
    memcpy(out12, code, len);
    out12[12] = '\0';
    return true;
}
