/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/hash.h - digests, signatures and their text forms. Wraps OpenSSL; keys are passed in.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/task.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_LEN 32

enum hash_name { HASH_SHA256 = 1, HASH_SM3 = 2 };

struct hash_part {
    const void *bytes;
    size_t len;
};

/* Digest of the parts one after another. */
void hash_parts(enum hash_name name, const struct hash_part *parts, size_t n, uint8_t out[HASH_LEN]);
void hash_bytes(enum hash_name name, const void *bytes, size_t len, uint8_t out[HASH_LEN]);
const char *hash_label(enum hash_name name);          /* "sha256", "sm3" */
bool hash_named(const char *label, enum hash_name *out);

/* Lower-case hex in `a`; reading refuses any other length or letter. */
const char *hash_hex(struct arena *a, const uint8_t *bytes, size_t len);
bool hash_unhex(const char *s, uint8_t *out, size_t len);

/* Crockford base32, upper case, without I L O U. 13 characters hold 64 bits; used for ids. */
const char *hash_base32(struct arena *a, uint64_t value, int width);
bool hash_unbase32(const char *s, size_t len, uint64_t *out);

/* Base64url without padding, for tokens and cursors. */
const char *hash_base64(struct arena *a, const uint8_t *bytes, size_t len);
bool hash_unbase64(struct arena *a, const char *s, uint8_t **out, size_t *len);

/* Ed25519. A key pair is 32 secret bytes; the public key is derived. */
#define HASH_KEY_LEN 32
#define HASH_SIGNATURE_LEN 64
struct hash_key {
    uint8_t secret[HASH_KEY_LEN];
    uint8_t public_key[HASH_KEY_LEN];
    void *signer; /* what the library signs with: made once, for making it takes as long as a signature */
};
/* Ended by hash_key_end, once; copies share what it holds. */
void hash_key_make(const uint8_t seed[HASH_KEY_LEN], struct hash_key *out);
void hash_key_end(struct hash_key *key);
void hash_sign(const struct hash_key *key, const void *bytes, size_t len,
               uint8_t out[HASH_SIGNATURE_LEN]);
bool hash_signature_holds(const uint8_t public_key[HASH_KEY_LEN], const void *bytes, size_t len,
                          const uint8_t signature[HASH_SIGNATURE_LEN]);

/* argon2id, 19 MiB, 2 passes (OWASP's second setting): encoded text in `a`; verify is constant time. */
const char *hash_password(struct task *t, const char *password);
bool hash_password_holds(const char *encoded, const char *password);

/* Equality without telling where they differ. */
bool hash_equal(const void *a, const void *b, size_t len);

#endif
