/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/hash.c - digests, signatures, passwords and their text forms.
 *
 * Knows: OpenSSL's EVP face, libargon2, hex, Crockford base32, base64url.
 * Does not know: what is hashed, where keys are kept.
 */
#include "base/hash.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#define SALT_LEN        16
#define PASSWORD_KIB    19456 /* OWASP: 19 MiB with 2 passes, 1 lane */
#define PASSWORD_PASSES 2
#define PASSWORD_LANES  1
#define PASSWORD_ROOM   128 /* the encoded text takes 97 */

static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256, *sm3;

/* Fetching costs more than a short digest, and the result is shared by all threads. */
static void
fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    sm3 = EVP_MD_fetch(NULL, "SM3", NULL);
    must(sha256 && sm3);
}

void
hash_parts(enum hash_name name, const struct hash_part *parts, size_t n, uint8_t out[HASH_LEN])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned len = 0;
    size_t i;

    must(pthread_once(&fetched, fetch) == 0);
    must(name == HASH_SHA256 || name == HASH_SM3);
    must(ctx && EVP_DigestInit_ex(ctx, name == HASH_SM3 ? sm3 : sha256, NULL) == 1);
    for (i = 0; i < n; i++)
        must(EVP_DigestUpdate(ctx, parts[i].bytes, parts[i].len) == 1);
    must(EVP_DigestFinal_ex(ctx, out, &len) == 1 && len == HASH_LEN);
    EVP_MD_CTX_free(ctx);
}

void
hash_bytes(enum hash_name name, const void *bytes, size_t len, uint8_t out[HASH_LEN])
{
    struct hash_part part = {bytes, len};

    hash_parts(name, &part, 1, out);
}

const char *
hash_label(enum hash_name name)
{
    return name == HASH_SM3 ? "sm3" : "sha256";
}

bool
hash_named(const char *label, enum hash_name *out)
{
    if (!label)
        return false;
    if (strcmp(label, "sha256") == 0)
        *out = HASH_SHA256;
    else if (strcmp(label, "sm3") == 0)
        *out = HASH_SM3;
    else
        return false;
    return true;
}

const char *
hash_hex(struct arena *a, const uint8_t *bytes, size_t len)
{
    static const char digit[] = "0123456789abcdef";
    char *hex = arena_alloc(a, len * 2 + 1);
    size_t i;

    for (i = 0; i < len; i++) {
        hex[2 * i] = digit[bytes[i] >> 4];
        hex[2 * i + 1] = digit[bytes[i] & 0x0F];
    }
    return hex;
}

/* The place of `c` in an alphabet, -1 where it is not in it. */
static int
letter_value(const char *alphabet, char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;

    return at ? (int)(at - alphabet) : -1;
}

bool
hash_unhex(const char *s, uint8_t *out, size_t len)
{
    static const char digit[] = "0123456789abcdef";
    size_t i;

    if (!s || strlen(s) != len * 2 || strspn(s, digit) != len * 2)
        return false;
    for (i = 0; i < len; i++)
        out[i] = (uint8_t)(letter_value(digit, s[2 * i]) << 4 | letter_value(digit, s[2 * i + 1]));
    return true;
}

static const char base32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const char *
hash_base32(struct arena *a, uint64_t value, int width)
{
    char *s;
    int i;

    must(width > 0 && width <= 64 && (width >= 13 || value >> (5 * width) == 0));
    s = arena_alloc(a, (size_t)width + 1);
    for (i = width - 1; i >= 0; i--, value >>= 5)
        s[i] = base32[value & 31];
    return s;
}

bool
hash_unbase32(const char *s, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    size_t i;
    int digit;

    if (!s || len == 0)
        return false;
    for (i = 0; i < len; i++) {
        digit = letter_value(base32, s[i]);
        if (digit < 0 || value >> 59)
            return false;
        value = value << 5 | (uint64_t)digit;
    }
    *out = value;
    return true;
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const char *
hash_base64(struct arena *a, const uint8_t *bytes, size_t len)
{
    char *s = arena_alloc(a, len / 3 * 4 + 5), *to = s;
    uint32_t held = 0;
    unsigned bits = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        held = held << 8 | bytes[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *to++ = base64[held >> (bits - 6) & 63];
    }
    if (bits > 0)
        *to++ = base64[held << (6 - bits) & 63];
    return s;
}

bool
hash_unbase64(struct arena *a, const char *s, uint8_t **out, size_t *len)
{
    size_t n = s ? strlen(s) : 0, i;
    uint8_t *bytes, *to;
    uint32_t held = 0;
    unsigned bits = 0;
    int digit;

    if (!s || n % 4 == 1)
        return false;
    bytes = to = arena_alloc(a, n / 4 * 3 + 3);
    for (i = 0; i < n; i++) {
        digit = letter_value(base64, s[i]);
        if (digit < 0)
            return false;
        held = held << 6 | (uint32_t)digit;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *to++ = (uint8_t)(held >> bits);
        }
    }
    /* One text for one value: the bits left over must be zero. */
    if (held & ((1u << bits) - 1))
        return false;
    *out = bytes;
    *len = (size_t)(to - bytes);
    return true;
}

void
hash_key_make(const uint8_t seed[HASH_KEY_LEN], struct hash_key *out)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, HASH_KEY_LEN);
    size_t len = HASH_KEY_LEN;

    must(key);
    memcpy(out->secret, seed, HASH_KEY_LEN);
    must(EVP_PKEY_get_raw_public_key(key, out->public_key, &len) == 1 && len == HASH_KEY_LEN);
    out->signer = key;
}

void
hash_key_end(struct hash_key *key)
{
    EVP_PKEY_free(key->signer);
    key->signer = NULL;
}

void
hash_sign(const struct hash_key *key, const void *bytes, size_t len,
          uint8_t out[HASH_SIGNATURE_LEN])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t out_len = HASH_SIGNATURE_LEN;

    must(ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->signer) == 1);
    must(EVP_DigestSign(ctx, out, &out_len, bytes, len) == 1 && out_len == HASH_SIGNATURE_LEN);
    EVP_MD_CTX_free(ctx);
}

bool
hash_signature_holds(const uint8_t public_key[HASH_KEY_LEN], const void *bytes, size_t len,
                     const uint8_t signature[HASH_SIGNATURE_LEN])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, HASH_KEY_LEN);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool holds;

    must(key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1);
    holds = EVP_DigestVerify(ctx, signature, HASH_SIGNATURE_LEN, bytes, len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return holds;
}

const char *
hash_password(struct task *t, const char *password)
{
    char *encoded = arena_alloc(t->arena, PASSWORD_ROOM);
    uint8_t salt[SALT_LEN];

    random_bytes(&t->random, salt, sizeof salt);
    must(argon2id_hash_encoded(PASSWORD_PASSES, PASSWORD_KIB, PASSWORD_LANES, password,
                               strlen(password), salt, sizeof salt, HASH_LEN, encoded,
                               PASSWORD_ROOM) == ARGON2_OK);
    return encoded;
}

bool
hash_password_holds(const char *encoded, const char *password)
{
    int rc;

    if (!encoded || !password)
        return false;
    rc = argon2id_verify(encoded, password, strlen(password));
    /* Exhausted memory must not count as a wrong password. */
    must(rc != ARGON2_MEMORY_ALLOCATION_ERROR);
    return rc == ARGON2_OK;
}

bool
hash_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}
