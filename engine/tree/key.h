/* Keys of a run: which keyed work was begun, with what digest, and what it gave. */
#ifndef HAN_TREE_KEY_H
#define HAN_TREE_KEY_H

#include "base/error.h"
#include "base/mem.h"

enum han__key_state {
    HAN__KEY_NEW,
    HAN__KEY_LIVE,
    HAN__KEY_DONE,
    HAN__KEY_DOWN,
    HAN__KEY_IN_DOUBT /* nobody knows whether its work was done */
};

/* One key with what is known of its work; owned by the table. */
typedef struct han__key {
    struct han__key *next; /* in its bucket */
    uint64_t digest;       /* of agent and task */
    int state;
    bool has_verdict; /* what its result is: see han__backend */
    uint8_t *result;  /* encoded result of a done one; NULL when it gave nothing */
    size_t result_len;
    size_t len;
    char text[];
} han__key;

/* A hash table of keys by their text; size is a power of two or 0. */
typedef struct han__keys {
    han__mem *mem;
    han__key **buckets;
    size_t size, count;
} han__keys;

/* Empty; mem must outlive it. */
void han__keys_init(han__keys *keys, han__mem *mem);
/* Frees all keys with their results. */
void han__keys_release(han__keys *keys);

/* May work with this key and digest begin? HAN_OK (the caller asks han__keys_add next, or it is
 * down and runs again), HAN_DUPLICATE_KEY while live, HAN_KEY_CONFLICT under another digest,
 * HAN_IN_DOUBT, HAN_SETTLED when done: *found->result is its result. *found is NULL when the key is
 * new. */
int han__keys_check(const han__keys *keys, const char *text, uint64_t digest, han__key **found,
                    han_error *err);
/* Enters the key as new, or finds the one there. NULL when out of memory. */
han__key *han__keys_add(han__keys *keys, const char *text, uint64_t digest);
/* The work is done with this result (copied); without memory for it the key counts as down. */
void han__key_done(han__keys *keys, han__key *key, const void *result, size_t len);

#endif
