/* Fast random indices for resampling. The base generator (Philox) gives one 64-bit start per call
 * of a method; from it SplitMix64 (Steele, Lea, Flood, 2014) walks a counter, and each of its words
 * is read as a fraction whose leading base-n digits are the indices (Brackett-Rozinsky and Lemire,
 * 2024). With n^k <= 2^40 for k digits a word, no index is off its probability by more than one
 * part in 2^24, far below what any number of resamples that we allow can see. */
#ifndef HAN_STATS_DRAW_H
#define HAN_STATS_DRAW_H

#include "base/rng.h"

#define HAN__DRAW_DIGITS_MAX 8

__extension__ typedef unsigned __int128 han__draw_wide;

/* One stream of words; a copy goes on by itself. */
typedef struct han__draw {
    uint64_t counter; /* of SplitMix64 */
} han__draw;

/* `label` tells methods apart, so that a bootstrap and a permutation under one seed do not share
 * their numbers. */
static inline void han__draw_init(han__draw *draw, uint64_t seed, uint64_t label)
{
    han__rng rng;
    han__rng_init(&rng, seed, label);
    draw->counter = han__rng_u64(&rng);
}

/* The next 64 random bits. */
static inline uint64_t han__draw_word(han__draw *draw)
{
    uint64_t z = draw->counter += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* The next base-n digit of the fraction in *word, which keeps the rest. */
static inline uint64_t han__draw_digit(uint64_t *word, uint64_t n)
{
    han__draw_wide wide = (han__draw_wide)*word * n;
    *word = (uint64_t)wide;
    return (uint64_t)(wide >> 64);
}

/* Digits that one word may give for n: the largest k in {1, 2, 3, 4, 6, 8} with n^k <= 2^40. */
static inline unsigned han__draw_digits(uint64_t n)
{
    if (n <= 32) return 8;
    if (n <= 101) return 6;
    if (n <= 1024) return 4;
    if (n <= 10321) return 3;
    return n <= 1048576 ? 2 : 1;
}

#endif
