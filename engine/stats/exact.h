/* Tests and intervals for counts: the exact sign test, McNemar's exact test, Tango's score interval
 * for a paired difference of proportions, Clopper-Pearson and Wilson intervals of one proportion.
 * No random numbers and no memory: pure functions of the counts. All counts are at most
 * HAN__COUNT_MAX in sum. */
#ifndef HAN_STATS_EXACT_H
#define HAN_STATS_EXACT_H

#include "base/error.h"
#include "stats/units.h"

typedef struct han__interval {
    double estimate;
    double low;
    double high;
} han__interval;

/* Two-sided exact sign test (Arbuthnott, 1710; Conover, "Practical nonparametric statistics", 1999,
 * 3.4): twice the smaller binomial tail at 1/2, at most 1; ties say nothing and are dropped. Only
 * ties: p = 1. HAN_INVALID when all three counts are 0 or their sum is too large. */
int han__sign_test(uint64_t wins, uint64_t losses, uint64_t ties, double *p,
                   han_error *err) HAN__MUST_USE;

/* Counts of units whose mean is above, below and within rounding (HAN__SAME times the magnitude)
 * of 0. */
void han__sign_counts(const han__units *units, uint64_t *wins, uint64_t *losses, uint64_t *ties);

/* Exact McNemar test (McNemar, 1947; exact form: Mosteller, 1952) for n pairs of two-valued
 * outcomes of which `only_a` succeeded under a alone and `only_b` under b alone: the sign test of
 * these two. HAN_INVALID when n is 0, too large, or less than only_a + only_b. */
int han__mcnemar_test(uint64_t only_a, uint64_t only_b, uint64_t n, double *p,
                      han_error *err) HAN__MUST_USE;

/* Score interval for P(a) - P(b) of paired two-valued outcomes: Tango, "Equivalence test and
 * confidence interval for the difference in proportions for the paired-sample design", Statistics
 * in Medicine 17 (1998), 891-908: the differences that the score test of its
 * restricted maximum likelihood keeps at two-sided level alpha. HAN_INVALID as above, or alpha
 * outside (0, 1). */
int han__tango_interval(uint64_t only_a, uint64_t only_b, uint64_t n, double alpha,
                        han__interval *out, han_error *err) HAN__MUST_USE;

/* Tango's score statistic of the null "P(a) - P(b) = delta", delta in [-1, 1]; normal for large n.
 * Decreasing in delta; infinite where the null is impossible. */
double han__tango_score(uint64_t only_a, uint64_t only_b, uint64_t n, double delta);

/* Interval for one proportion whose coverage is at least 1 - alpha (Clopper and Pearson, 1934), by
 * beta quantiles. HAN_INVALID when n is 0 or too large, hits > n, or alpha outside (0, 1). */
int han__clopper_interval(uint64_t hits, uint64_t n, double alpha, han__interval *out,
                          han_error *err) HAN__MUST_USE;
/* Score interval for one proportion (Wilson, 1927), without a correction for continuity. */
int han__wilson_interval(uint64_t hits, uint64_t n, double alpha, han__interval *out,
                         han_error *err) HAN__MUST_USE;

#endif
