/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/still.c - what a connection has found out while nothing was committed since.
 *
 * A page asks again what the page before has asked: who signs in by this token, which facets are in use
 * under this key, whether there are more than a thousand. While the store has not changed by one byte,
 * the answer is the same; at the first commit, by whatever process, all of it is forgotten.
 *
 * Some answers last longer, for whoever asks can tell from the count of events whether they still hold.
 *
 * Knows: bytes under keys of bytes, of one connection that only reads, inside its snapshot.
 * Does not know: what they mean.
 */
#include "store/inside.h"
#include <stdlib.h>
#include <string.h>

#define ROOM 256                        /* slots; a power of two */
#define BYTES_MOST ((size_t)128 * 1024) /* of one connection; above it everything is forgotten */

struct still {
    struct still *next;
    char what;
    bool lasting;
    size_t key_len, len;
    _Alignas(max_align_t) unsigned char bytes[]; /* the value, then the key */
};

struct store_still {
    int64_t moment;
    size_t held;
    struct still *slots[ROOM];
};

static void
take_out(struct store_still *all, struct still **at)
{
    struct still *gone = *at;

    *at = gone->next;
    all->held -= sizeof *gone + gone->len + gone->key_len;
    free(gone);
}

static void
forget(struct store_still *all, bool lasting)
{
    for (size_t i = 0; i < ROOM; i++)
        for (struct still **at = &all->slots[i]; *at;)
            if (lasting || !(*at)->lasting)
                take_out(all, at);
            else
                at = &(*at)->next;
}

void
store_still_begin(struct store *s, bool known, int64_t moment)
{
    if (!s->still && known)
        s->still = calloc(1, sizeof *s->still);
    if (s->still && (!known || s->still->moment != moment || s->still->held > BYTES_MOST))
        forget(s->still, !known || s->still->held > BYTES_MOST);
    if (s->still)
        s->still->moment = moment;
    s->is_still = known && s->still;
}

void
store_keep(struct store *s, void *kept, void (*drop)(void *kept))
{
    s->kept = kept;
    s->drop_kept = drop;
}

void *
store_kept(const struct store *s)
{
    return s->kept;
}

void
store_still_end(struct store *s)
{
    if (s->kept)
        s->drop_kept(s->kept);
    s->kept = NULL;
    if (s->still)
        forget(s->still, true);
    free(s->still);
    s->still = NULL;
}

static struct still **
slot(const struct store *s, char what, const void *key, size_t key_len)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ (unsigned char)what;
    struct still **at;

    for (size_t i = 0; i < key_len; i++)
        h = (h ^ ((const unsigned char *)key)[i]) * UINT64_C(1099511628211);
    at = &s->still->slots[(h ^ h >> 32) & (ROOM - 1)];
    while (*at && ((*at)->what != what || (*at)->key_len != key_len ||
                   memcmp((*at)->bytes + (*at)->len, key, key_len) != 0))
        at = &(*at)->next;
    return at;
}

const void *
store_still(struct task *t, const struct store *s, char what, const void *key, size_t key_len, size_t *len)
{
    struct still *found;

    if (!s->is_still || !s->in_transaction)
        return NULL;
    found = *slot(s, what, key, key_len);
    t->store_calls += found != NULL;
    if (found && len)
        *len = found->len;
    return found ? found->bytes : NULL;
}

bool
store_keeps_still(const struct store *s)
{
    return s->is_still && s->in_transaction;
}

void
store_still_keep(struct store *s, char what, const void *key, size_t key_len, const void *bytes, size_t len,
                 bool lasting)
{
    struct still **at, *made;

    if (!s->is_still || !s->in_transaction || s->still->held > BYTES_MOST)
        return;
    at = slot(s, what, key, key_len);
    if (*at)
        take_out(s->still, at);
    made = malloc(sizeof *made + len + key_len);
    if (!made)
        return;
    made->next = *at;
    made->lasting = lasting;
    made->what = what;
    made->key_len = key_len;
    made->len = len;
    if (len)
        memcpy(made->bytes, bytes, len);
    memcpy(made->bytes + len, key, key_len);
    *at = made;
    s->still->held += sizeof *made + len + key_len;
}
