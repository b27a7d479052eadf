/* Owns Beta posteriors: a thin layer of names over the incomplete beta of special.h. */
#include "base/config.h"
#include "stats/posterior.h"
#include "stats/special.h"

#include <math.h>

#define AMOUNT_MAX 1e12

int han__posterior_beta(double successes, double failures, double prior_a, double prior_b,
                        double alpha, han__posterior *out, han_error *err)
{
    if (!(successes >= 0.0 && successes <= AMOUNT_MAX && failures >= 0.0 && failures <= AMOUNT_MAX))
        return han__error_set(err, HAN_INVALID, "successes and failures must be 0 to 1e12");
    if (!(prior_a > 0.0 && prior_a <= AMOUNT_MAX && prior_b > 0.0 && prior_b <= AMOUNT_MAX))
        return han__error_set(err, HAN_INVALID,
                              "the prior's a and b must be above 0, at most 1e12");
    if (!(alpha > 0.0 && alpha < 1.0))
        return han__error_set(err, HAN_INVALID, "alpha must be above 0 and below 1");
    double a = prior_a + successes, b = prior_b + failures, whole = a + b;
    *out = (han__posterior){.a = a, .b = b, .mean = a / whole};
    out->sd = sqrt(a / whole * (b / whole) / (whole + 1.0));
    out->low = han__beta_quantile(0.5 * alpha, a, b);
    out->median = han__beta_quantile(0.5, a, b);
    out->high = han__beta_quantile(1.0 - 0.5 * alpha, a, b);
    return HAN_OK;
}

static double below(double u, const void *ud)
{
    const han__posterior *const *pair = ud;
    return han__beta_cdf(han__beta_quantile(u, pair[0]->a, pair[0]->b), pair[1]->a, pair[1]->b);
}

double han__posterior_greater(const han__posterior *x, const han__posterior *y)
{
    const han__posterior *pair[2] = {x, y};
    return fmin(1.0, fmax(0.0, han__integrate(below, pair, 0.0, 1.0, 1e-9)));
}
