/* Owns the sign-flip test. The exact count joins two tables of half patterns, so that 2^20 patterns
 * cost one addition each and rounding does not build up from pattern to pattern. */
#include "base/config.h"
#include "stats/permutation.h"
#include "stats/bootstrap.h"
#include "stats/draw.h"
#include "stats/order.h"

#include <math.h>

#define STREAM_PERMUTATION 0x7065726d75746174u
#define HALF_PATTERNS      (1u << (HAN__PERMUTATION_EXACT_MAX / 2))

/* The differences that are not zero, and what a pattern's sum must reach. */
typedef struct flips {
    double *x;
    size_t n;
    double reach;
} flips;

/* table[pattern]: the sum of x[0..n) with the signs that the bits of the pattern say. */
static void half_sums(const double *x, unsigned n, double *table)
{
    for (unsigned pattern = 0; pattern < 1u << n; pattern++) {
        double sum = 0.0;
        for (unsigned i = 0; i < n; i++) sum += pattern >> i & 1 ? -x[i] : x[i];
        table[pattern] = sum;
    }
}

static double exact_share(const flips *f, uint64_t *patterns)
{
    double low[HALF_PATTERNS], high[HALF_PATTERNS];
    unsigned first = (unsigned)f->n / 2, second = (unsigned)f->n - first;
    uint64_t reached = 0;
    half_sums(f->x, first, low);
    half_sums(f->x + first, second, high);
    for (unsigned i = 0; i < 1u << first; i++)
        for (unsigned j = 0; j < 1u << second; j++) reached += fabs(low[i] + high[j]) >= f->reach;
    *patterns = (uint64_t)1 << f->n;
    return (double)reached / (double)*patterns;
}

static double random_sum(const flips *f, han__draw *draw)
{
    double sum = 0.0;
    for (size_t i = 0; i < f->n; i += 64) {
        uint64_t word = han__draw_word(draw);
        size_t end = f->n - i < 64 ? f->n : i + 64;
        for (size_t k = i; k < end; k++, word >>= 1) sum += word & 1 ? -f->x[k] : f->x[k];
    }
    return sum;
}

static double random_share(const flips *f, uint64_t seed, uint64_t patterns)
{
    uint64_t reached = 0;
    han__draw draw;
    han__draw_init(&draw, seed, STREAM_PERMUTATION);
    for (uint64_t i = 0; i < patterns; i++) reached += fabs(random_sum(f, &draw)) >= f->reach;
    return (double)(reached + 1) / (double)(patterns + 1);
}

/* The units' sums become the flips, in place. */
static flips take_flips(han__units *u)
{
    flips f = {u->sum, 0, 0.0};
    double sum = han__order_sum(u->sum, u->n), scale = 0.0, largest = 0.0;
    for (size_t k = 0; k < u->n; k++) largest = fmax(largest, fabs(u->sum[k]));
    for (size_t k = 0; k < u->n; k++) {
        scale += fabs(u->sum[k]);
        if (fabs(u->sum[k]) > HAN__SAME * largest) f.x[f.n++] = u->sum[k];
    }
    f.reach = fabs(sum) - HAN__SAME * scale;
    return f;
}

static int check_resamples(const han__units *u, uint32_t resamples, han_error *err)
{
    if (resamples < HAN__RESAMPLES_MIN || resamples > HAN__RESAMPLES_MAX)
        return han__error_set(err, HAN_INVALID, "resamples must be %d to %d", HAN__RESAMPLES_MIN,
                              HAN__RESAMPLES_MAX);
    if (u->n > HAN__DRAWS_MAX / resamples)
        return han__error_set(err, HAN_LIMIT,
                              "%zu groups times %lu resamples are too many draws; lower resamples",
                              u->n, (unsigned long)resamples);
    return HAN_OK;
}

int han__permutation_test(han__mem *mem, const han__sample *sample, uint64_t seed,
                          uint32_t resamples, han__permutation_result *out, han_error *err)
{
    han__units u;
    int rc = han__units_init(&u, mem, sample, err);
    if (rc) return rc;
    if (resamples == 0) resamples = HAN__RESAMPLES_DEFAULT;
    rc = check_resamples(&u, resamples, err);
    if (!rc) {
        han__permutation_result r = {
            .mean = u.mean, .rows = u.rows, .groups = u.n, .resamples = resamples};
        flips f = take_flips(&u);
        r.exact = f.n <= HAN__PERMUTATION_EXACT_MAX;
        r.p = r.exact ? exact_share(&f, &r.resamples) : random_share(&f, seed, resamples);
        *out = r;
    }
    han__units_release(&u);
    return rc;
}
