/* Evidence that may be looked at after every observation: an e-process for the mean of bounded
 * observations, by betting against the null with bets that are truncated so that no single
 * observation can ruin them (Waudby-Smith and Ramdas, "Estimating means of bounded random variables
 * by betting", JRSS B 86, 2024), and the confidence sequence that it inverts to.
 *
 * Observations x lie in [low, high] (a paired difference of scores in [0, 1]: [-1, 1]) and are
 * scaled to y in [0, 1], the null mean to m. Capital after t observations (their section 4): K+ =
 * prod (1 + min(l_i, c/m) (y_i - m)),   K- = prod (1 - min(l_i, c/(1-m)) (y_i - m)), with their
 * predictable plug-in bets: l_i = sqrt(2 log(2/alpha) / (v_{i-1} i log(1 + i))), where v_{i-1}
 * is the regularized variance of what came before. While the mean of each next observation given
 * the past is m, both are nonnegative martingales from 1, so P(K ever >= 1/alpha) <= alpha (Ville,
 * 1939), however often one looks and whenever one stops. */
#ifndef HAN_STATS_SEQUENTIAL_H
#define HAN_STATS_SEQUENTIAL_H

#include "base/error.h"
#include "base/mem.h"

#define HAN__EPROCESS_TRUNCATION 0.5 /* c: a bet risks at most half of the capital */

typedef struct han__eprocess_options {
    double low, high; /* range of the observations; both 0: [-1, 1] */
    double null_mean; /* in (low, high) */
    double alpha;     /* the bets are tuned to it, any level may be read off; 0: 0.05 */
} han__eprocess_options;

/* The state of one e-process: owned by the caller, plain data, a copy goes on by itself. */
typedef struct han__eprocess {
    han__eprocess_options options;
    double null_scaled;
    uint64_t n;
    double sum,
        squares; /* of the scaled observations: sum, and sum of squared misses as in the paper */
    double log_up, log_down;             /* log K+ and log K- */
    double best_up, best_down, best_two; /* the largest so far of log K+, log K-, log (K+ + K-)/2 */
} han__eprocess;

/* What may be said now. e is the capital (an e-value at every stopping time), p = 1 / (largest e so
 * far), at most 1, is valid at any time. */
typedef struct han__evidence {
    double e, p;                 /* the mean differs from null_mean: (K+ + K-) / 2 */
    double e_greater, p_greater; /* the mean is above it: K+ */
    double e_less, p_less;       /* the mean is below it: K- */
    uint64_t n;
} han__evidence;

/* HAN_INVALID: a range that is empty or not finite, null_mean outside of it, alpha outside (0, 1).
 */
int han__eprocess_init(han__eprocess *process, const han__eprocess_options *options,
                       han_error *err) HAN__MUST_USE;
/* One more observation. HAN_INVALID when it is NaN or outside the range; nothing changed. */
int han__eprocess_add(han__eprocess *process, double x, han_error *err) HAN__MUST_USE;
/* Capital beyond the range of a double is given as DBL_MAX. */
void han__eprocess_read(const han__eprocess *process, han__evidence *out);

/* The confidence sequence after x[0..n), in their order: the means m at which max(K+, K-) / 2 has
 * never reached 1 / alpha (their hedged capital process, intersected over time). It
 * covers the mean at all times at once with probability 1 - alpha. options->null_mean is not used.
 * HAN_INVALID as above, or n = 0; HAN_NOMEM. O(100 n). */
int han__eprocess_interval(han__mem *mem, const han__eprocess_options *options, const double *x,
                           size_t n, double *low, double *high, han_error *err) HAN__MUST_USE;

#endif
