/* Owns resampling of means. The inner loop is the whole cost (groups times resamples draws), so it
 * exists once per number of indices that a random word yields, unrolled by the compiler; everything
 * around it is written for reading. */
#include "base/config.h"
#include "stats/bootstrap.h"
#include "stats/draw.h"
#include "stats/order.h"
#include "stats/special.h"

#include <math.h>

#define STREAM_BOOTSTRAP 0x626f6f7473747270u
#define ALWAYS_INLINE    static inline __attribute__((always_inline))

/* Total of n draws from x[0..n). Four running sums: one would wait for itself at every addition. */
ALWAYS_INLINE double draw_sum(const double *x, uint64_t n, const unsigned digits, han__draw *draw)
{
    double sum[4] = {0.0, 0.0, 0.0, 0.0};
    uint64_t full = n / digits, rest = n % digits;
    for (uint64_t i = 0; i < full; i++) {
        uint64_t word = han__draw_word(draw);
        for (unsigned j = 0; j < digits; j++) sum[j & 3] += x[han__draw_digit(&word, n)];
    }
    if (rest > 0) {
        uint64_t word = han__draw_word(draw);
        for (uint64_t j = 0; j < rest; j++) sum[0] += x[han__draw_digit(&word, n)];
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double stratum_sum(const double *x, uint64_t n, han__draw *draw)
{
    switch (han__draw_digits(n)) {
    case 8:
        return draw_sum(x, n, 8, draw);
    case 6:
        return draw_sum(x, n, 6, draw);
    case 4:
        return draw_sum(x, n, 4, draw);
    case 3:
        return draw_sum(x, n, 3, draw);
    case 2:
        return draw_sum(x, n, 2, draw);
    default:
        return draw_sum(x, n, 1, draw);
    }
}

/* The same for units of different weight: total and weight of the same draws. */
static double stratum_pair(const double *x, const double *w, uint64_t n, double *weight,
                           han__draw *draw)
{
    unsigned digits = han__draw_digits(n), left = 0;
    double sum = 0.0, heavy = 0.0;
    uint64_t word = 0;
    for (uint64_t i = 0; i < n; i++) {
        if (left == 0) {
            word = han__draw_word(draw);
            left = digits;
        }
        uint64_t at = han__draw_digit(&word, n);
        left--;
        sum += x[at];
        heavy += w[at];
    }
    *weight += heavy;
    return sum;
}

static double resampled_mean(const han__units *u, han__draw *draw)
{
    double sum = 0.0, weight = 0.0;
    for (size_t s = 0; s < u->strata; s++) {
        size_t from = u->first[s], n = u->first[s + 1] - from;
        if (u->equal)
            sum += stratum_sum(u->sum + from, n, draw);
        else
            sum += stratum_pair(u->sum + from, u->weight + from, n, &weight, draw);
    }
    return sum / (u->equal ? u->total : weight);
}

static int check_options(const han__boot_options *o, han_error *err)
{
    if (o->method != HAN__BOOT_PERCENTILE && o->method != HAN__BOOT_BCA)
        return han__error_set(err, HAN_INVALID, "the method is neither percentile nor bca");
    if (!(o->alpha == 0.0 || (o->alpha > 0.0 && o->alpha < 1.0)))
        return han__error_set(err, HAN_INVALID, "alpha must be above 0 and below 1");
    return HAN_OK;
}

static int check_units(const han__units *u, uint32_t resamples, han_error *err)
{
    if (resamples < HAN__RESAMPLES_MIN || resamples > HAN__RESAMPLES_MAX)
        return han__error_set(err, HAN_INVALID, "resamples must be %d to %d", HAN__RESAMPLES_MIN,
                              HAN__RESAMPLES_MAX);
    if (u->n < 2)
        return han__error_set(err, HAN_INVALID,
                              "one group has no spread to resample; give at least two");
    for (size_t s = 0; s < u->strata; s++)
        if (u->first[s + 1] - u->first[s] < 2)
            return han__error_set(err, HAN_INVALID,
                                  "stratum %zu has one group; merge strata so that each has two",
                                  s + 1);
    if (u->n > HAN__DRAWS_MAX / resamples)
        return han__error_set(err, HAN_LIMIT,
                              "%zu groups times %lu resamples are too many draws; lower resamples",
                              u->n, (unsigned long)resamples);
    return HAN_OK;
}

int han__bootstrap_means(const han__units *units, uint64_t seed, uint32_t resamples, double *means,
                         han_error *err)
{
    int rc = check_units(units, resamples, err);
    if (rc) return rc;
    han__draw draw;
    han__draw_init(&draw, seed, STREAM_BOOTSTRAP);
    for (uint32_t i = 0; i < resamples; i++) means[i] = resampled_mean(units, &draw);
    return HAN_OK;
}

/* Where a value stands among the resampled means. */
typedef struct standing {
    double below; /* means below it beyond rounding */
    double same;
    double above;
} standing;

static standing stand(const double *means, size_t n, double value, double tolerance)
{
    size_t below = 0, above = 0;
    for (size_t i = 0; i < n; i++) {
        below += means[i] < value - tolerance;
        above += means[i] > value + tolerance;
    }
    return (standing){(double)below, (double)(n - below - above), (double)above};
}

/* The influence of unit k on the mean by leaving it out, the mean without it subtracted. */
static double left_out(const han__units *u, double sum, size_t k)
{
    return (sum - u->sum[k]) / (u->total - u->weight[k]);
}

/* Acceleration (E&T 14.15); over strata each one's jackknife is taken about its own mean and scaled
 * by its size (D&H 5.3.2), which for one stratum is the same formula. */
static double acceleration(const han__units *u)
{
    double cubes = 0.0, squares = 0.0, sum = han__order_sum(u->sum, u->n);
    for (size_t s = 0; s < u->strata; s++) {
        size_t from = u->first[s], to = u->first[s + 1];
        double n = (double)(to - from), mean = 0.0, scale = (n - 1.0) / n, three = 0.0, two = 0.0;
        for (size_t k = from; k < to; k++) mean += left_out(u, sum, k) / n;
        for (size_t k = from; k < to; k++) {
            double l = scale * (mean - left_out(u, sum, k));
            two += l * l;
            three += l * l * l;
        }
        squares += two;
        cubes += three;
    }
    return squares > 0.0 ? cubes / (6.0 * pow(squares, 1.5)) : 0.0;
}

typedef struct correction {
    double bias; /* z0 */
    double acceleration;
} correction;

static double corrected(const correction *c, double z)
{
    double moved = c->bias + z, shrink = 1.0 - c->acceleration * moved;
    if (shrink <= 0.0) return moved > 0.0 ? 1.0 : 0.0; /* past the pole: the end itself */
    return han__normal_cdf(c->bias + moved / shrink);
}

/* Probability under the corrected distribution at z: the inverse of `corrected` (E&T 15.4). */
static double uncorrected(const correction *c, double z)
{
    double moved = z - c->bias, grow = 1.0 + c->acceleration * moved;
    if (grow <= 0.0) return moved > 0.0 ? 1.0 : 0.0;
    return han__normal_cdf(moved / grow - c->bias);
}

static double plain_p(const standing *zero, double resamples)
{
    double tail = fmin(zero->below, zero->above) + zero->same;
    return fmin(1.0, 2.0 * (tail + 1.0) / (resamples + 1.0));
}

/* 0's place among the means, kept one resample away from both ends, read off the corrected
 * distribution. */
static double corrected_p(const standing *zero, double resamples, const correction *c)
{
    double share = (zero->below + 0.5 * zero->same) / resamples, edge = 1.0 / (resamples + 1.0);
    share = fmin(fmax(share, edge), 1.0 - edge);
    double lower = uncorrected(c, han__normal_quantile(share));
    return fmax(fmin(1.0, 2.0 * fmin(lower, 1.0 - lower)), 2.0 * edge);
}

static double spread(const double *means, size_t n)
{
    double centre = han__order_sum(means, n) / (double)n, sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (means[i] - centre) * (means[i] - centre);
    return sqrt(sum / (double)(n - 1));
}

/* No test of exchangeable arms can say less than that all signs agree: 2 of 2^groups patterns. A
 * bootstrap of three groups would. */
static double least_p(size_t groups)
{
    return groups < 64 ? ldexp(1.0, 1 - (int)groups) : 0.0;
}

static void fill_interval(const han__units *u, double *means, int method, han__boot_result *r)
{
    double n = (double)r->resamples, near = HAN__SAME * u->magnitude;
    double low = 0.5 * r->alpha, high = 1.0 - low;
    standing zero = stand(means, r->resamples, 0.0, near);
    r->se = spread(means, r->resamples);
    r->p = plain_p(&zero, n);
    if (method == HAN__BOOT_BCA) {
        standing own = stand(means, r->resamples, u->mean, near);
        double share = fmin(fmax((own.below + 0.5 * own.same) / n, 1.0 / (n + 1.0)), n / (n + 1.0));
        correction c = {han__normal_quantile(share), acceleration(u)};
        r->p = corrected_p(&zero, n, &c);
        double z = han__normal_quantile(low);
        low = corrected(&c, z);
        high = corrected(&c, -z);
    }
    r->p = fmax(r->p, least_p(u->n));
    r->low = han__order_quantile(means, r->resamples, low);
    r->high = han__order_quantile(means, r->resamples, high);
}

static int fill_result(const han__units *u, const han__boot_options *o, han__boot_result *r,
                       han_error *err)
{
    int rc = check_units(u, r->resamples, err);
    if (rc) return rc;
    if (u->constant) {
        if (o->method == HAN__BOOT_BCA)
            return han__error_set(
                err, HAN_INVALID,
                "all groups have the same mean: bca is not defined; use percentile");
        r->low = r->high = u->mean;
        r->p = 1.0;
        r->zero_width = true;
        return HAN_OK;
    }
    size_t bytes = r->resamples * sizeof(double);
    double *means = han__mem_alloc(u->mem, bytes);
    if (!means)
        return han__error_set(err, HAN_NOMEM, "no memory for %lu resamples",
                              (unsigned long)r->resamples);
    rc = han__bootstrap_means(u, o->seed, r->resamples, means, err);
    if (!rc) fill_interval(u, means, o->method, r);
    han__mem_free(u->mem, means, bytes);
    return rc;
}

int han__bootstrap_mean(han__mem *mem, const han__sample *sample, const han__boot_options *options,
                        han__boot_result *out, han_error *err)
{
    han__units u;
    int rc = check_options(options, err);
    if (!rc) rc = han__units_init(&u, mem, sample, err);
    if (rc) return rc;
    han__boot_result r = {.mean = u.mean, .rows = u.rows, .groups = u.n};
    r.resamples = options->resamples ? options->resamples : HAN__RESAMPLES_DEFAULT;
    r.alpha = options->alpha > 0.0 ? options->alpha : 0.05;
    rc = fill_result(&u, options, &r, err);
    if (!rc) *out = r;
    han__units_release(&u);
    return rc;
}
