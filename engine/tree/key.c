/* A small chained hash table; keys are never removed during a run. */
#include "base/config.h"
#include "tree/key.h"

#include "base/hash.h"

#define MAX_BUCKETS ((size_t)1 << 24)

void han__keys_init(han__keys *keys, han__mem *mem)
{
    memset(keys, 0, sizeof(*keys));
    keys->mem = mem;
}

static void key_free(han__mem *mem, han__key *key)
{
    if (key->result) han__mem_free(mem, key->result, key->result_len);
    han__mem_free(mem, key, sizeof(*key) + key->len + 1);
}

void han__keys_release(han__keys *keys)
{
    for (size_t i = 0; i < keys->size; i++)
        for (han__key *key = keys->buckets[i], *next; key; key = next) {
            next = key->next;
            key_free(keys->mem, key);
        }
    han__mem_free(keys->mem, keys->buckets, keys->size * sizeof(han__key *));
    han__keys_init(keys, keys->mem);
}

static han__key *find(const han__keys *keys, const char *text, size_t len)
{
    if (keys->size == 0) return NULL;
    han__key *key = keys->buckets[han__hash64(text, len, 0) & (keys->size - 1)];
    while (key && (key->len != len || memcmp(key->text, text, len) != 0)) key = key->next;
    return key;
}

int han__keys_check(const han__keys *keys, const char *text, uint64_t digest, han__key **found,
                    han_error *err)
{
    han__key *key = *found = find(keys, text, strlen(text));
    if (!key) return HAN_OK;
    if (key->digest != digest)
        return han__error_set(err, HAN_KEY_CONFLICT,
                              "key '%.80s' was used for another agent or task; give this work its "
                              "own key",
                              text);
    if (key->state == HAN__KEY_LIVE)
        return han__error_set(err, HAN_DUPLICATE_KEY,
                              "key '%.80s' is at work already; wait for it with scope:next()",
                              text);
    if (key->state == HAN__KEY_IN_DOUBT)
        return han__error_set(
            err, HAN_IN_DOUBT,
            "it is not known whether the work under key '%.80s' was done; spawn it "
            "with idempotent=true where doing it twice does no harm",
            text);
    return key->state == HAN__KEY_DONE ? HAN_SETTLED : HAN_OK;
}

static int grow(han__keys *keys)
{
    size_t size = keys->size ? keys->size * 2 : 16;
    if (keys->count < keys->size || size > MAX_BUCKETS) return HAN_OK;
    han__key **buckets = han__mem_zalloc(keys->mem, size, sizeof(han__key *));
    if (!buckets) return HAN_NOMEM;
    for (size_t i = 0; i < keys->size; i++)
        for (han__key *key = keys->buckets[i], *next; key; key = next) {
            size_t at = han__hash64(key->text, key->len, 0) & (size - 1);
            next = key->next;
            key->next = buckets[at];
            buckets[at] = key;
        }
    han__mem_free(keys->mem, keys->buckets, keys->size * sizeof(han__key *));
    keys->buckets = buckets;
    keys->size = size;
    return HAN_OK;
}

han__key *han__keys_add(han__keys *keys, const char *text, uint64_t digest)
{
    size_t len = strlen(text);
    han__key *key = find(keys, text, len);
    if (key) return key;
    if (grow(keys) != HAN_OK) return NULL;
    key = han__mem_zalloc(keys->mem, 1, sizeof(*key) + len + 1);
    if (!key) return NULL;
    key->digest = digest;
    key->len = len;
    memcpy(key->text, text, len);
    size_t at = han__hash64(text, len, 0) & (keys->size - 1);
    key->next = keys->buckets[at];
    keys->buckets[at] = key;
    keys->count++;
    return key;
}

void han__key_done(han__keys *keys, han__key *key, const void *result, size_t len)
{
    key->state = HAN__KEY_DONE;
    if (len == 0) return;
    key->result = han__mem_alloc(keys->mem, len);
    if (!key->result) {
        key->state = HAN__KEY_DOWN;
        return;
    }
    memcpy(key->result, result, len);
    key->result_len = len;
}
