/* Owns power. Both kinds are computed, not simulated; what is solved for is found by halving, so
 * that the three answers (power, groups, effect) always agree with each other. */
#include "base/config.h"
#include "stats/power.h"
#include "stats/special.h"

#include <math.h>

static bool is_share(double x)
{
    return x >= 0.0 && x <= 1.0;
}

static int check_plan(const han__power_plan *p, han_error *err)
{
    if (!(p->alpha > 0.0 && p->alpha < 1.0))
        return han__error_set(err, HAN_INVALID, "alpha must be above 0 and below 1");
    if (p->kind == HAN__POWER_PAIRS) {
        if (is_share(p->only_a) && is_share(p->only_b) && p->only_a + p->only_b <= 1.0 + 1e-12)
            return HAN_OK;
        return han__error_set(err, HAN_INVALID,
                              "only_a and only_b are probabilities with a sum of at most 1");
    }
    if (!isfinite(p->delta) || !(p->sd > 0.0 && isfinite(p->sd)))
        return han__error_set(err, HAN_INVALID, "delta must be finite and sd above 0");
    if (!(p->rows >= 1.0 && p->rows <= 1e9) || !is_share(p->icc))
        return han__error_set(err, HAN_INVALID, "rows must be 1 or more, icc 0 to 1");
    return HAN_OK;
}

static int check_n(const han__power_plan *p, uint64_t n, han_error *err)
{
    if (n < (p->kind == HAN__POWER_MEAN ? 2 : 1) || n > HAN__POWER_N_MAX)
        return han__error_set(err, HAN_INVALID, "n must be 2 to %u groups (1 for pairs)",
                              HAN__POWER_N_MAX);
    return HAN_OK;
}

static double mean_power(const han__power_plan *p, uint64_t n)
{
    double groups = (double)n, sd = p->sd * sqrt((1.0 + (p->rows - 1.0) * p->icc) / p->rows);
    double shift = fabs(p->delta) / sd * sqrt(groups),
           cut = han__student_quantile(1.0 - 0.5 * p->alpha, groups - 1.0);
    if (shift > 1e6) return 1.0;
    return fmin(1.0, han__student_noncentral_tail(cut, groups - 1.0, shift) +
                         han__student_noncentral_tail(cut, groups - 1.0, -shift));
}

/* One past the largest count of losses at which d discordant pairs reject (0: none does), given
 * that of d - 1, which it exceeds by one at most. */
static uint64_t rejecting_losses(uint64_t d, double alpha, uint64_t start)
{
    uint64_t c = start;
    while (2 * c + 1 <= d && 2.0 * han__binomial_cdf(c, d, 0.5) <= alpha) c++;
    return c;
}

/* Start of the walk: the same by halving. */
static uint64_t first_rejecting(uint64_t d, double alpha)
{
    uint64_t low = 0, high = (d + 1) / 2;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (2.0 * han__binomial_cdf(middle, d, 0.5) <= alpha)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double pairs_power(const han__power_plan *p, uint64_t n)
{
    double both = fmin(1.0, p->only_a + p->only_b), sum = 0.0;
    if (both <= 0.0) return 0.0;
    double win = fmin(1.0, p->only_a / both), centre = (double)n * both;
    double reach = 9.0 * sqrt((double)n * both * (1.0 - both)) + 40.0; /* beyond: less than 1e-15 */
    uint64_t from = centre > reach ? (uint64_t)(centre - reach) : 0;
    uint64_t to = centre + reach < (double)n ? (uint64_t)(centre + reach) : n;
    uint64_t c = first_rejecting(from, p->alpha);
    for (uint64_t d = from; d <= to; d++) {
        c = rejecting_losses(d, p->alpha, c);
        if (c == 0) continue;
        double rejected = han__binomial_cdf(c - 1, d, win) + han__binomial_tail(d - c + 1, d, win);
        sum += han__binomial_pmf(d, n, both) * rejected;
    }
    return fmin(1.0, sum);
}

static double power_at(const han__power_plan *p, uint64_t n)
{
    return p->kind == HAN__POWER_MEAN ? mean_power(p, n) : pairs_power(p, n);
}

int han__power_of(const han__power_plan *plan, uint64_t n, double *power, han_error *err)
{
    int rc = check_plan(plan, err);
    if (!rc) rc = check_n(plan, n, err);
    if (!rc) *power = power_at(plan, n);
    return rc;
}

static int check_goal(double power, han_error *err)
{
    if (power > 0.0 && power < 1.0) return HAN_OK;
    return han__error_set(err, HAN_INVALID, "the power asked for must be above 0 and below 1");
}

int han__power_groups(const han__power_plan *plan, double power, uint64_t *n, han_error *err)
{
    int rc = check_plan(plan, err);
    if (!rc) rc = check_goal(power, err);
    if (rc) return rc;
    if (plan->kind == HAN__POWER_MEAN ? plan->delta == 0.0 : plan->only_a == plan->only_b)
        return han__error_set(err, HAN_INVALID, "there is no difference to find");
    uint64_t low = 1, high = 2;
    while (power_at(plan, high) < power) {
        if (high == HAN__POWER_N_MAX)
            return han__error_set(err, HAN_LIMIT, "%u groups do not reach this power",
                                  HAN__POWER_N_MAX);
        low = high;
        high = high > HAN__POWER_N_MAX / 2 ? HAN__POWER_N_MAX : 2 * high;
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (power_at(plan, middle) < power)
            low = middle;
        else
            high = middle;
    }
    *n = high;
    return HAN_OK;
}

/* The plan with an effect of a share of the largest one. */
static han__power_plan with_effect(const han__power_plan *plan, double effect)
{
    han__power_plan p = *plan;
    double both = plan->only_a + plan->only_b;
    p.delta = effect;
    p.only_a = 0.5 * (both + effect);
    p.only_b = fmax(0.0, 0.5 * (both - effect));
    return p;
}

static double power_with(const han__power_plan *plan, uint64_t n, double effect)
{
    han__power_plan p = with_effect(plan, effect);
    return power_at(&p, n);
}

int han__power_effect(const han__power_plan *plan, uint64_t n, double power, double *effect,
                      han_error *err)
{
    han__power_plan start = *plan;
    start.delta = 0.0;
    int rc = check_plan(&start, err);
    if (!rc) rc = check_n(plan, n, err);
    if (!rc) rc = check_goal(power, err);
    if (rc) return rc;
    bool pairs = plan->kind == HAN__POWER_PAIRS;
    double low = 0.0, high = pairs ? plan->only_a + plan->only_b : plan->sd;
    while (power_with(&start, n, high) < power) {
        if (pairs || high > 1e9 * plan->sd)
            return han__error_set(
                err, HAN_LIMIT,
                "%llu groups cannot find even the largest difference with this power",
                (unsigned long long)n);
        high *= 2.0;
    }
    for (int step = 0; step < 60 && high - low > 1e-12 * high; step++) {
        double middle = 0.5 * (low + high);
        if (power_with(&start, n, middle) < power)
            low = middle;
        else
            high = middle;
    }
    *effect = high;
    return HAN_OK;
}
