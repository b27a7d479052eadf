/* The special functions that the tests and intervals of this room stand on: normal, binomial, beta
 * and Student distributions. Pure functions of their arguments; outside its domain each gives NaN,
 * so a caller checks its arguments first and never has to look at an error here. */
#ifndef HAN_STATS_SPECIAL_H
#define HAN_STATS_SPECIAL_H

#include "base/config.h"

/* Largest count that the binomial functions take: their cost grows with its square root. */
#define HAN__COUNT_MAX ((uint64_t)1 << 40)

/* P(Z <= x) of the standard normal, by the complementary error function: relative precision holds
 * in the lower tail. */
double han__normal_cdf(double x);
/* The x with han__normal_cdf(x) = p, p in [0, 1] (infinite at the ends): start of Abramowitz and
 * Stegun (1964) 26.2.23, then Halley steps to double precision. */
double han__normal_quantile(double p);

/* P(X = k) for X ~ Binomial(n, p), 0 <= k <= n, by the saddle-point form of Loader ("Fast and
 * accurate computation of binomial probabilities", 2000): no loss at large n. */
double han__binomial_pmf(uint64_t k, uint64_t n, double p);
/* P(X <= k); the smaller tail is summed term by term from its edge. */
double han__binomial_cdf(uint64_t k, uint64_t n, double p);
/* P(X >= k). */
double han__binomial_tail(uint64_t k, uint64_t n, double p);

/* Regularized incomplete beta I_x(a, b), a, b > 0: continued fraction NIST DLMF 8.17.22. */
double han__beta_cdf(double x, double a, double b);
/* Density of Beta(a, b) at x in (0, 1). */
double han__beta_density(double x, double a, double b);
/* The x with han__beta_cdf(x, a, b) = p: Newton steps kept inside a bracket. */
double han__beta_quantile(double p, double a, double b);

/* P(T <= t) of Student's t with df > 0 degrees of freedom, through the incomplete beta (DLMF 8.17).
 */
double han__student_cdf(double t, double df);
double han__student_quantile(double p, double df);
/* P(T > t) for the noncentral t with noncentrality delta: the normal tail integrated over the
 * distribution of the standard deviation (Owen, 1968), adaptive Simpson, absolute error < 1e-10. */
double han__student_noncentral_tail(double t, double df, double delta);

/* Integral of fn over [from, to] by adaptive Simpson to about `tolerance`, at most 20 halvings. */
double han__integrate(double (*fn)(double x, const void *ud), const void *ud, double from,
                      double to, double tolerance);

#endif
