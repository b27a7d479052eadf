/* Beta posteriors of a success probability, after successes and failures under a Beta prior (Bayes,
 * 1763; Gelman et al., "Bayesian data analysis", 2013, 2.4). */
#ifndef HAN_STATS_POSTERIOR_H
#define HAN_STATS_POSTERIOR_H

#include "base/error.h"

typedef struct han__posterior {
    double a; /* prior_a + successes */
    double b; /* prior_b + failures */
    double mean;
    double sd;
    double median;
    double low; /* equal-tailed credible interval of mass 1 - alpha */
    double high;
} han__posterior;

/* successes, failures >= 0 (they may be fractions: weights), prior_a, prior_b > 0, all at most 1e12
 * and finite; alpha in (0, 1). HAN_INVALID otherwise. */
int han__posterior_beta(double successes, double failures, double prior_a, double prior_b,
                        double alpha, han__posterior *out, han_error *err) HAN__MUST_USE;

/* P(X > Y) for independent X and Y with these posteriors: the distribution of Y averaged over the
 * quantiles of X, adaptive Simpson, absolute error about 1e-8. */
double han__posterior_greater(const han__posterior *x, const han__posterior *y);

#endif
