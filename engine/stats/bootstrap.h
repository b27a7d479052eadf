/* Bootstrap intervals of a mean: of paired differences, or of one arm's score. What is resampled is
 * the group, never the row inside it: whole groups are drawn with replacement, inside each stratum
 * as many as it has (Davison and Hinkley, "Bootstrap methods and their application", 1997, 3.8 and
 * 3.2). Deterministic in the seed; no result depends on earlier calls.
 *
 * The estimate is (sum of sums) / (sum of weights) over the drawn groups: with HAN__WEIGHT_ROWS the
 * mean over rows (a ratio, its denominator resampled too), with HAN__WEIGHT_GROUPS the mean of
 * group means; with groups of one size both are the same. Under strata the drawn groups are pooled
 * in the same way. */
#ifndef HAN_STATS_BOOTSTRAP_H
#define HAN_STATS_BOOTSTRAP_H

#include "stats/units.h"

#define HAN__RESAMPLES_DEFAULT 10000
#define HAN__RESAMPLES_MIN     100
#define HAN__RESAMPLES_MAX     1000000
#define HAN__DRAWS_MAX         ((uint64_t)1 << 36) /* groups times resamples: about a minute */

enum {
    HAN__BOOT_PERCENTILE, /* Efron (1979); Efron and Tibshirani (1993) chapter 13 */
    HAN__BOOT_BCA         /* Efron (1987); Efron and Tibshirani (1993) 14.9, 14.10 and 14.15;
                             acceleration of strata: Davison and Hinkley (1997) 5.3.2 */
};

typedef struct han__boot_options {
    uint64_t seed;
    uint32_t resamples; /* 0: HAN__RESAMPLES_DEFAULT */
    int method;
    double alpha; /* two-sided; 0: 0.05, a 95 % interval */
} han__boot_options;

typedef struct han__boot_result {
    double mean; /* of the sample as given */
    double low;  /* ends of the interval: */
    double high; /* quantiles of the resampled means, definition 7 */
    double se;   /* standard deviation of the resampled means */
    double p; /* two-sided, of a mean of 0: the least alpha whose interval leaves 0 out (Efron and
                 Tibshirani (1993) 15.4), at least 2 / (resamples + 1) and at
                 least 2^(1 - groups), what a sign pattern can say; 1 without a width */
    size_t rows;
    size_t groups;
    uint32_t resamples;
    double alpha;
    bool zero_width; /* all groups have the same mean: the interval is a point and proves nothing */
} han__boot_result;

/* HAN_INVALID with the reason (all that han__units_init refuses; fewer than two groups in a
 * stratum; alpha outside (0, 1); resamples outside their limits; BCa of a constant sample, which
 * has no acceleration), HAN_LIMIT when groups times resamples exceed HAN__DRAWS_MAX, HAN_NOMEM. */
int han__bootstrap_mean(han__mem *mem, const han__sample *sample, const han__boot_options *options,
                        han__boot_result *out, han_error *err) HAN__MUST_USE;

/* The resampled means themselves, in the order drawn: means[0..resamples). For oracles and plots.
 */
int han__bootstrap_means(const han__units *units, uint64_t seed, uint32_t resamples, double *means,
                         han_error *err) HAN__MUST_USE;

#endif
