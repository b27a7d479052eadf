/* Owns inference from counts. The tests are exact binomial sums; Tango's interval has no closed
 * form and is found by halving a bracket, which cannot fail where its score is monotone. */
#include "base/config.h"
#include "stats/exact.h"
#include "stats/special.h"

#include <math.h>

static int check_counts(const uint64_t *counts, size_t n, const char *what, han_error *err)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (counts[i] > HAN__COUNT_MAX - sum)
            return han__error_set(err, HAN_INVALID, "the counts sum to more than 2^40");
        sum += counts[i];
    }
    if (sum == 0)
        return han__error_set(err, HAN_INVALID, "%s is empty; give at least one pair", what);
    return HAN_OK;
}

static int check_alpha(double alpha, han_error *err)
{
    if (alpha > 0.0 && alpha < 1.0) return HAN_OK;
    return han__error_set(err, HAN_INVALID, "alpha must be above 0 and below 1");
}

#define EXACT_SUM_MAX 56 /* C(56, 28) is the last middle one below 2^53 */

/* P(X <= k), X ~ Binomial(n, 1/2), without any rounding: 0.109375 is printed as that. */
static double small_half_tail(uint64_t k, uint64_t n)
{
    uint64_t ways = 1, sum = 1;
    for (uint64_t i = 0; i < k; i++) {
        ways = ways * (n - i) / (i + 1);
        sum += ways;
    }
    return ldexp((double)sum, -(int)n);
}

static double two_sided_half(uint64_t wins, uint64_t losses)
{
    uint64_t less = wins < losses ? wins : losses, more = wins + losses - less;
    if (more - less <= 1) return 1.0; /* the two tails meet: half each, or more */
    if (less + more <= EXACT_SUM_MAX) return 2.0 * small_half_tail(less, less + more);
    return fmin(1.0, 2.0 * han__binomial_cdf(less, less + more, 0.5));
}

int han__sign_test(uint64_t wins, uint64_t losses, uint64_t ties, double *p, han_error *err)
{
    uint64_t counts[3] = {wins, losses, ties};
    int rc = check_counts(counts, 3, "the sign test", err);
    if (!rc) *p = two_sided_half(wins, losses);
    return rc;
}

void han__sign_counts(const han__units *units, uint64_t *wins, uint64_t *losses, uint64_t *ties)
{
    double near = HAN__SAME * units->magnitude;
    *wins = *losses = *ties = 0;
    for (size_t k = 0; k < units->n; k++) {
        double mean = units->sum[k] / units->weight[k];
        if (mean > near)
            ++*wins;
        else if (mean < -near)
            ++*losses;
        else
            ++*ties;
    }
}

static int check_pairs(uint64_t only_a, uint64_t only_b, uint64_t n, han_error *err)
{
    uint64_t counts[2] = {only_a, only_b};
    if (n == 0) return han__error_set(err, HAN_INVALID, "there are no pairs; give at least one");
    if (n > HAN__COUNT_MAX) return han__error_set(err, HAN_INVALID, "n is above 2^40");
    if (only_a == 0 && only_b == 0) return HAN_OK;
    int rc = check_counts(counts, 2, "the table", err);
    if (!rc && only_a + only_b > n)
        rc = han__error_set(err, HAN_INVALID,
                            "more discordant pairs than pairs: only_a + only_b exceeds n");
    return rc;
}

int han__mcnemar_test(uint64_t only_a, uint64_t only_b, uint64_t n, double *p, han_error *err)
{
    int rc = check_pairs(only_a, only_b, n, err);
    if (!rc) *p = two_sided_half(only_a, only_b);
    return rc;
}

/* The restricted estimate of P(only b) under a difference of delta: the larger root of Tango's
 * quadratic 2n q^2 + B q + C, in the form that does not cancel. */
static double restricted_share(double a, double b, double n, double delta)
{
    double linear = -(a + b) + (2.0 * n - a + b) * delta, constant = -b * delta * (1.0 - delta);
    double root = sqrt(fmax(0.0, linear * linear - 8.0 * n * constant));
    if (linear > 0.0) return -2.0 * constant / (linear + root);
    return (root - linear) / (4.0 * n);
}

/* Between 0 and 1 only: a negative delta swaps the arms. */
static double score_above_zero(double a, double b, double n, double delta)
{
    double share = restricted_share(a, b, n, delta);
    double variance = n * (2.0 * share + delta * (1.0 - delta)), miss = a - b - n * delta;
    if (fabs(miss) <= 1e-15 * n) return 0.0;
    if (variance <= 0.0) return miss > 0.0 ? INFINITY : -INFINITY;
    return miss / sqrt(variance);
}

double han__tango_score(uint64_t only_a, uint64_t only_b, uint64_t n, double delta)
{
    double a = (double)only_a, b = (double)only_b;
    if (delta >= 0.0) return score_above_zero(a, b, (double)n, fmin(delta, 1.0));
    return -score_above_zero(b, a, (double)n, fmin(-delta, 1.0));
}

/* The delta between `from` (kept by the test) and `to` (an end of the range) where |score| is z. */
static double tango_end(uint64_t only_a, uint64_t only_b, uint64_t n, double z, double from,
                        double to)
{
    if (fabs(han__tango_score(only_a, only_b, n, to)) <= z) return to;
    for (int step = 0; step < 200; step++) {
        double middle = 0.5 * (from + to);
        if (middle == from || middle == to) break;
        if (fabs(han__tango_score(only_a, only_b, n, middle)) <= z)
            from = middle;
        else
            to = middle;
    }
    return 0.5 * (from + to);
}

int han__tango_interval(uint64_t only_a, uint64_t only_b, uint64_t n, double alpha,
                        han__interval *out, han_error *err)
{
    int rc = check_pairs(only_a, only_b, n, err);
    if (!rc) rc = check_alpha(alpha, err);
    if (rc) return rc;
    double z = -han__normal_quantile(0.5 * alpha);
    out->estimate = ((double)only_a - (double)only_b) / (double)n;
    out->low = tango_end(only_a, only_b, n, z, out->estimate, -1.0);
    out->high = tango_end(only_a, only_b, n, z, out->estimate, 1.0);
    return HAN_OK;
}

static int check_hits(uint64_t hits, uint64_t n, double alpha, han_error *err)
{
    if (n == 0)
        return han__error_set(err, HAN_INVALID, "n is 0; a proportion needs at least one trial");
    if (n > HAN__COUNT_MAX) return han__error_set(err, HAN_INVALID, "n is above 2^40");
    if (hits > n) return han__error_set(err, HAN_INVALID, "more hits than trials");
    return check_alpha(alpha, err);
}

int han__clopper_interval(uint64_t hits, uint64_t n, double alpha, han__interval *out,
                          han_error *err)
{
    int rc = check_hits(hits, n, alpha, err);
    if (rc) return rc;
    double x = (double)hits, rest = (double)(n - hits), tail = 0.5 * alpha;
    out->estimate = x / (double)n;
    out->low = hits == 0 ? 0.0 : han__beta_quantile(tail, x, rest + 1.0);
    out->high = hits == n ? 1.0 : han__beta_quantile(1.0 - tail, x + 1.0, rest);
    return HAN_OK;
}

int han__wilson_interval(uint64_t hits, uint64_t n, double alpha, han__interval *out,
                         han_error *err)
{
    int rc = check_hits(hits, n, alpha, err);
    if (rc) return rc;
    double z = -han__normal_quantile(0.5 * alpha), trials = (double)n, p = (double)hits / trials;
    double square = z * z / trials, centre = (p + 0.5 * square) / (1.0 + square);
    double half = z * sqrt((p * (1.0 - p) + 0.25 * square) / trials) / (1.0 + square);
    out->estimate = p;
    out->low = hits == 0 ? 0.0 : fmax(0.0, centre - half);
    out->high = hits == n ? 1.0 : fmin(1.0, centre + half);
    return HAN_OK;
}
