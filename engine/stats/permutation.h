/* The paired permutation test: under exchangeable arms the sign of every group's difference is a
 * coin toss, so all 2^groups sign patterns are equally likely (Fisher, "The design of experiments",
 * 1935, section 21; Pitman, 1937). */
#ifndef HAN_STATS_PERMUTATION_H
#define HAN_STATS_PERMUTATION_H

#include "stats/units.h"

#define HAN__PERMUTATION_EXACT_MAX 20 /* groups with a difference; 2^20 patterns are enumerated */

typedef struct han__permutation_result {
    double mean; /* of the sample as given */
    double p;    /* two-sided: share of patterns whose |sum| reaches the observed one */
    size_t rows;
    size_t groups;
    bool exact;         /* every pattern was counted; no randomness in p */
    uint64_t resamples; /* patterns looked at */
} han__permutation_result;

/* Exact up to HAN__PERMUTATION_EXACT_MAX groups that differ; above that `resamples` (0: 10,000)
 * random patterns and p = (b + 1) / (resamples + 1), which is valid at any number of them (Phipson
 * and Smyth, 2010). Sums within rounding of the observed one count as reaching it. No difference
 * anywhere: p = 1. HAN_INVALID: what han__units_init refuses, resamples outside 100 to 1,000,000.
 * HAN_LIMIT: groups times resamples above 2^36. HAN_NOMEM. */
int han__permutation_test(han__mem *mem, const han__sample *sample, uint64_t seed,
                          uint32_t resamples, han__permutation_result *out,
                          han_error *err) HAN__MUST_USE;

#endif
