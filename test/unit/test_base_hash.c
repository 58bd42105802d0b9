/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_base_hash.c - digests, signatures and passwords against published values; text forms.
 */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <string.h>

#include <cmocka.h>

static struct task task;

static int
begin(void **state)
{
    (void)state;
    task_init(&task, 0, 7);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    task_release(&task);
    return 0;
}

static const char *
digest(enum hash_name name, const char *s)
{
    uint8_t out[HASH_LEN];

    hash_bytes(name, s, strlen(s), out);
    return hash_hex(task.arena, out, sizeof out);
}

static void
digests_are_the_published_ones(void **state)
{
    /* FIPS 180-4 and GB/T 32905-2016 appendix A, example 1. */
    static const struct hash_part parts[] = {{"a", 1}, {NULL, 0}, {"bc", 2}};
    uint8_t out[HASH_LEN];
    enum hash_name name = HASH_SM3;

    (void)state;
    assert_string_equal(digest(HASH_SHA256, "abc"),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(digest(HASH_SM3, "abc"),
                        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_string_equal(digest(HASH_SHA256, ""),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash_parts(HASH_SM3, parts, 3, out);
    assert_string_equal(hash_hex(task.arena, out, sizeof out), digest(HASH_SM3, "abc"));
    assert_string_equal(hash_label(HASH_SHA256), "sha256");
    assert_string_equal(hash_label(HASH_SM3), "sm3");
    assert_true(hash_named("sha256", &name));
    assert_int_equal(name, HASH_SHA256);
    assert_false(hash_named("SM3", &name));
    assert_false(hash_named("md5", &name));
    assert_false(hash_named(NULL, &name));
}

static void *
digest_often(void *wrong)
{
    uint8_t out[HASH_LEN], first[HASH_LEN];
    int i;

    hash_bytes(HASH_SM3, "abc", 3, first);
    for (i = 0; i < 500; i++) {
        hash_bytes(HASH_SM3, "abc", 3, out);
        *(bool *)wrong |= !hash_equal(out, first, sizeof out);
    }
    return NULL;
}

static void
threads_digest_at_once(void **state)
{
    pthread_t threads[4];
    bool wrong[4] = {false, false, false, false};
    int i;

    (void)state;
    for (i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, digest_often, &wrong[i]), 0);
    for (i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_false(wrong[i]);
    }
}

static void
hex_is_strict(void **state)
{
    uint8_t out[2] = {1, 2};

    (void)state;
    assert_true(hash_unhex("00ff", out, 2));
    assert_int_equal(out[1], 0xFF);
    assert_false(hash_unhex("00FF", out, 2));
    assert_false(hash_unhex("00f", out, 2));
    assert_false(hash_unhex("00ff0", out, 2));
    assert_false(hash_unhex("0g00", out, 2));
    assert_false(hash_unhex(NULL, out, 2));
    assert_int_equal(out[1], 0xFF);
}

static void
base32_holds_64_bits(void **state)
{
    static const uint64_t values[] = {0, 1, 31, 32, UINT64_C(1) << 63, UINT64_MAX};
    static const char *const bad[] = {
        "I", "L", "O", "U", "a", " 1", "-", "G000000000000", "00000000000001G000000000000"};
    uint64_t out = 5;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof values / sizeof *values; i++) {
        assert_true(hash_unbase32(hash_base32(task.arena, values[i], 13), 13, &out));
        assert_true(out == values[i]);
    }
    assert_string_equal(hash_base32(task.arena, 32, 4), "0010");
    assert_string_equal(hash_base32(task.arena, UINT64_MAX, 13), "FZZZZZZZZZZZZ");
    out = 5;
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(hash_unbase32(bad[i], strlen(bad[i]), &out));
    assert_false(hash_unbase32("", 0, &out));
    assert_int_equal(out, 5);
}

static void
base64_has_one_text_for_one_value(void **state)
{
    /* RFC 4648 section 10, without padding. */
    static const char *const rows[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},      {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"\xFB\xFF", "-_8"}};
    static const char *const bad[] = {"Z", "Zg==", "Zh", "Zm9", "Zm9v Yg", "+/8", "Zm9vY"};
    uint8_t *out = NULL;
    size_t i, len = 77;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(hash_unbase64(task.arena, bad[i], &out, &len));
    assert_false(hash_unbase64(task.arena, NULL, &out, &len));
    assert_int_equal(len, 77);
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(
            hash_base64(task.arena, (const uint8_t *)rows[i][0], strlen(rows[i][0])), rows[i][1]);
        assert_true(hash_unbase64(task.arena, rows[i][1], &out, &len));
        assert_int_equal(len, strlen(rows[i][0]));
        assert_memory_equal(out, rows[i][0], len);
    }
}

static void
signatures_are_those_of_rfc_8032(void **state)
{
    /* RFC 8032 7.1, test 1: the empty message. */
    uint8_t seed[HASH_KEY_LEN], signature[HASH_SIGNATURE_LEN];
    struct hash_key key;

    (void)state;
    assert_true(hash_unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed,
                           sizeof seed));
    hash_key_make(seed, &key);
    assert_string_equal(hash_hex(task.arena, key.public_key, sizeof key.public_key),
                        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    hash_sign(&key, "", 0, signature);
    assert_string_equal(hash_hex(task.arena, signature, sizeof signature),
                        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb882159"
                        "0a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    assert_true(hash_signature_holds(key.public_key, "", 0, signature));
    assert_false(hash_signature_holds(key.public_key, "x", 1, signature));
    signature[63] ^= 1;
    assert_false(hash_signature_holds(key.public_key, "", 0, signature));
    signature[63] ^= 1;
    key.public_key[0] ^= 1;
    assert_false(hash_signature_holds(key.public_key, "", 0, signature));
    hash_key_end(&key);
}

static void
passwords_hold_only_themselves(void **state)
{
    const char *one = hash_password(&task, "治本-2026"), *two = hash_password(&task, "治本-2026");

    (void)state;
    assert_memory_equal(one, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
    assert_string_not_equal(one, two);
    assert_true(hash_password_holds(one, "治本-2026"));
    assert_false(hash_password_holds(one, "治本-2027"));
    assert_false(hash_password_holds(one, ""));
    assert_false(hash_password_holds("", ""));
    assert_false(hash_password_holds("$argon2id$v=19$m=19456", "x"));
    assert_false(hash_password_holds(NULL, "x"));
    assert_false(hash_password_holds(one, NULL));
    assert_true(hash_equal("abc", "abc", 3));
    assert_false(hash_equal("abc", "abd", 3));
    assert_true(hash_equal("a", "b", 0));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_digest_at_once),
        cmocka_unit_test(digests_are_the_published_ones),
        cmocka_unit_test(hex_is_strict),
        cmocka_unit_test(base32_holds_64_bits),
        cmocka_unit_test(base64_has_one_text_for_one_value),
        cmocka_unit_test(signatures_are_those_of_rfc_8032),
        cmocka_unit_test(passwords_hold_only_themselves),
    };

    return cmocka_run_group_tests_name("base hash", tests, begin, end);
}
