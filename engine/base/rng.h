/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11):
 * a counter-based generator, so that draw n of stream s under seed k is a pure function of
 * (k, s, n), whatever ran before. */
#ifndef HAN_BASE_RNG_H
#define HAN_BASE_RNG_H

#include "base/config.h"

/* The bare block function: 128-bit counter, 64-bit key. */
void han__philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

typedef struct han__rng {
    uint64_t seed;   /* key: the run's seed */
    uint64_t stream; /* high half of the counter: hash of the node path */
    uint64_t draw;   /* number of 64-bit words drawn so far */
    uint32_t block[4];
    bool have_second; /* block[2..3] not used yet */
} han__rng;

/* At draw 0 of the stream. */
void han__rng_init(han__rng *rng, uint64_t seed, uint64_t stream);
/* The next word is draw number `draw` of the stream, as if all before it had been drawn. */
void han__rng_seek(han__rng *rng, uint64_t draw);
/* The next 64-bit word. */
uint64_t han__rng_u64(han__rng *rng);
/* Uniform in [0, bound), without bias (rejection, so it may use several draws). Bounds 0 and 1
 * give 0 and use no draw. */
uint64_t han__rng_below(han__rng *rng, uint64_t bound);
/* Uniform in [0, 1) with 53 bits. */
double han__rng_unit(han__rng *rng);
/* The first 8 bytes (little-endian) of SHA-256 over the fields, each preceded by its length as
 * u64 little-endian: the run seed H(bench seed, task id, replicate). */
uint64_t han__rng_derive(uint64_t seed, const char *label, uint64_t number);

#endif
