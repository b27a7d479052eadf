/* Owns the random numbers of runs: Philox4x32-10 and the numbers made of its words. */
#include "base/config.h"

#include <string.h>

#include "base/hash.h"
#include "base/rng.h"

/* Multipliers and Weyl increments of the paper, section 4.3: M = D2511F53, CD9E8D57; golden ratio
 * and sqrt(3)-1. */
void han__philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4], k0 = key[0], k1 = key[1];
    memcpy(c, counter, sizeof c);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xd2511f53u * c[0];
        uint64_t p1 = (uint64_t)0xcd9e8d57u * c[2];
        c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
        c[1] = (uint32_t)p1;
        c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
        c[3] = (uint32_t)p0;
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
    memcpy(out, c, sizeof c);
}

void han__rng_init(han__rng *rng, uint64_t seed, uint64_t stream)
{
    memset(rng, 0, sizeof *rng);
    rng->seed = seed;
    rng->stream = stream;
}

void han__rng_seek(han__rng *rng, uint64_t draw)
{
    rng->draw = draw;
    rng->have_second = false;
}

/* Draw n is half n % 2 of block n / 2; the counter is (block, stream), the key is the seed. */
uint64_t han__rng_u64(han__rng *rng)
{
    bool second = rng->draw % 2 == 1;
    if (!second || !rng->have_second) {
        uint64_t block = rng->draw / 2;
        uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)rng->stream,
                               (uint32_t)(rng->stream >> 32)};
        uint32_t key[2] = {(uint32_t)rng->seed, (uint32_t)(rng->seed >> 32)};
        han__philox4x32(counter, key, rng->block);
    }
    rng->have_second = !second;
    rng->draw++;
    const uint32_t *half = rng->block + (second ? 2 : 0);
    return (uint64_t)half[1] << 32 | half[0];
}

uint64_t han__rng_below(han__rng *rng, uint64_t bound)
{
    if (bound < 2) return 0;
    /* 2^64 mod bound: the words below it are one group too many */
    uint64_t surplus = (0 - bound) % bound;
    uint64_t word;
    do {
        word = han__rng_u64(rng);
    } while (word < surplus);
    return word % bound;
}

double han__rng_unit(han__rng *rng)
{
    return (double)(han__rng_u64(rng) >> 11) * 0x1p-53;
}

static void put_u64(uint8_t out[8], uint64_t v)
{
    for (unsigned i = 0; i < 8; i++) out[i] = (uint8_t)(v >> (8 * i));
}

static void add_field(han__sha256 *h, const void *bytes, size_t len)
{
    uint8_t length[8];
    put_u64(length, len);
    han__sha256_add(h, length, sizeof length);
    han__sha256_add(h, bytes, len);
}

uint64_t han__rng_derive(uint64_t seed, const char *label, uint64_t number)
{
    han__sha256 h;
    uint8_t word[8], digest[HAN__SHA256_BYTES];
    han__sha256_init(&h);
    put_u64(word, seed);
    add_field(&h, word, sizeof word);
    add_field(&h, label, strlen(label));
    put_u64(word, number);
    add_field(&h, word, sizeof word);
    han__sha256_end(&h, digest);
    uint64_t out = 0;
    for (unsigned i = 0; i < 8; i++) out |= (uint64_t)digest[i] << (8 * i);
    return out;
}
