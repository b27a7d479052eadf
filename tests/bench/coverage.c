/* How often an interval of 95 % holds the truth. Intervals of a mean (bootstrap, percentile and
 * BCa, and one that forgets the groups) by simulation, where the true mean is known; those of
 * counts (Wilson, Clopper-Pearson, Tango) by summing the probability of every outcome whose
 * interval holds the truth, so without chance; the confidence sequence by simulation, where one
 * miss at any time counts. Usage: coverage [SIMULATIONS [RESAMPLES]]; deterministic. Only intervals
 * that promise their coverage at every n have a goal. */
#include "base/config.h"

#include "base/rng.h"
#include "stats/bootstrap.h"
#include "stats/exact.h"
#include "stats/sequential.h"

#include <math.h>
#include <stdio.h>

#define ALPHA 0.05
#define N_MAX 100
#define ROWS  4 /* of a group, where differences are grouped */

enum { NORMAL, HEAVY, LEFT, RIGHT, TIES, GROUPED, SHAPES };
static const char *const shape_name[] = {"normal",     "heavy tails", "tail left",
                                         "tail right", "tie-heavy",   "grouped"};
static const size_t sizes[] = {6, 10, 20, 40, 100};

typedef struct lab {
    han__mem mem;
    han__rng rng;
    uint32_t resamples;
    uint64_t boots; /* a fresh seed for every bootstrap */
} lab;

static void check(int rc, const han_error *err)
{
    if (!rc) return;
    fprintf(stderr, "coverage: %s\n", err->message);
    exit(1);
}

static double normal(lab *l)
{
    double u = 1.0 - han__rng_unit(&l->rng), v = han__rng_unit(&l->rng);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

/* ---- intervals of a mean ---- */

/* A paired difference. Its mean is 0, but 0.0875 where most are ties. */
static double difference(lab *l, int shape)
{
    switch (shape) {
    case HEAVY:
        return exp(1.5 * normal(l)) - exp(1.5 * normal(l));
    case LEFT:
        return exp(0.5) - exp(normal(l));
    case RIGHT:
        return exp(normal(l)) - exp(0.5);
    case TIES: {
        static const double steps[] = {-0.5, -0.25, 0.25, 0.5, 0.75, 1.0};
        return han__rng_unit(&l->rng) < 0.7 ? 0.0 : steps[(size_t)(6.0 * han__rng_unit(&l->rng))];
    }
    default:
        return normal(l);
    }
}

static double truth(int shape)
{
    return shape == TIES ? 0.3 * 1.75 / 6.0 : 0.0;
}

typedef struct data {
    double x[N_MAX * ROWS];
    uint32_t group[N_MAX * ROWS];
    size_t rows, groups;
} data;

static void play(lab *l, int shape, size_t n, data *d)
{
    size_t rows = shape == GROUPED ? ROWS : 1;
    d->rows = n * rows;
    d->groups = n;
    for (size_t g = 0; g < n; g++) {
        double shared = shape == GROUPED ? normal(l) : 0.0;
        for (size_t i = g * rows; i < (g + 1) * rows; i++) {
            d->group[i] = (uint32_t)g;
            d->x[i] = difference(l, shape) + shared;
        }
    }
}

/* A constant sample has no acceleration, and its interval is a point: it misses. */
static bool is_constant(const data *d)
{
    for (size_t i = 1; i < d->rows; i++)
        if (d->x[i] < d->x[0] || d->x[i] > d->x[0]) return false;
    return true;
}

static bool holds(lab *l, const data *d, double mean, int method, bool by_group)
{
    han_error err;
    han__boot_result r;
    han__boot_options o = {.seed = l->boots++, .resamples = l->resamples, .method = method};
    han__sample s = {.a = d->x, .n = d->rows};
    if (is_constant(d)) return d->x[0] <= mean && d->x[0] >= mean;
    if (by_group) {
        s.group = d->group;
        s.groups = d->groups;
    }
    han__error_clear(&err);
    check(han__bootstrap_mean(&l->mem, &s, &o, &r, &err), &err);
    return r.low <= mean && mean <= r.high;
}

static void means(lab *l, uint32_t simulations)
{
    static data d;
    printf("# coverage of 95 %% intervals of a mean, %u simulations of %u resamples; no goal: the "
           "bootstrap promises it for many groups only\n",
           simulations, l->resamples);
    printf("# %-12s %4s %10s %8s %11s\n", "differences", "n", "percentile", "bca", "rows as n");
    for (int shape = 0; shape < SHAPES; shape++)
        for (size_t k = 0; k < HAN__COUNT(sizes); k++) {
            double hit[3] = {0};
            for (uint32_t i = 0; i < simulations; i++) {
                double mean = truth(shape);
                play(l, shape, sizes[k], &d);
                hit[0] += holds(l, &d, mean, HAN__BOOT_PERCENTILE, true);
                hit[1] += holds(l, &d, mean, HAN__BOOT_BCA, true);
                hit[2] += holds(l, &d, mean, HAN__BOOT_PERCENTILE, false);
            }
            printf("# %-12s %4zu %10.3f %8.3f %11.3f\n", shape_name[shape], sizes[k],
                   hit[0] / simulations, hit[1] / simulations, hit[2] / simulations);
        }
}

/* ---- intervals of counts ---- */

static double log_choose(size_t n, size_t k)
{
    return lgamma((double)n + 1.0) - lgamma((double)k + 1.0) - lgamma((double)(n - k) + 1.0);
}

typedef int interval_of(uint64_t hits, uint64_t n, double alpha, han__interval *out,
                        han_error *err);

/* The probability of all outcomes whose interval holds the rate. */
static double covers_rate(interval_of *method, size_t n, double rate)
{
    double sum = 0.0;
    han_error err;
    for (size_t k = 0; k <= n; k++) {
        han__interval i;
        han__error_clear(&err);
        check(method(k, n, ALPHA, &i, &err), &err);
        if (i.low <= rate && rate <= i.high)
            sum += exp(log_choose(n, k) + (double)k * log(rate) + (double)(n - k) * log1p(-rate));
    }
    return sum;
}

static double covers_difference(size_t n, double only_a, double only_b)
{
    double sum = 0.0;
    han_error err;
    for (size_t a = 0; a <= n; a++)
        for (size_t b = 0; a + b <= n; b++) {
            han__interval i;
            han__error_clear(&err);
            check(han__tango_interval(a, b, n, ALPHA, &i, &err), &err);
            if (i.low <= only_a - only_b && only_a - only_b <= i.high)
                sum += exp(log_choose(n, a) + log_choose(n - a, b) + (double)a * log(only_a) +
                           (double)b * log(only_b) + (double)(n - a - b) * log1p(-only_a - only_b));
        }
    return sum;
}

static void row(const char *what, size_t n, double ours, double least)
{
    printf("row=coverage-%s-n%zu ours=%.4f limit=%.4f unit=share ratio=%.3f goal=\"coverage >= the "
           "limit\" met=%s\n",
           what, n, ours, least, ours / least, ours >= least ? "yes" : "no");
}

static void rates(void)
{
    enum { GRID = 199 };
    double least[HAN__COUNT(sizes)];
    printf("# coverage of one rate: mean and least over %d rates from 0.005 to 0.995, exact\n"
           "# %4s %14s %14s\n",
           GRID, "n", "wilson", "clopper");
    for (size_t k = 0; k < HAN__COUNT(sizes); k++) {
        interval_of *const methods[] = {han__wilson_interval, han__clopper_interval};
        double mean[2] = {0}, low[2] = {1.0, 1.0};
        for (int r = 1; r <= GRID; r++)
            for (int m = 0; m < 2; m++) {
                double c = covers_rate(methods[m], sizes[k], r / (GRID + 1.0));
                mean[m] += c / GRID;
                low[m] = fmin(low[m], c);
            }
        printf("# %4zu   %.3f  %.3f   %.3f  %.3f\n", sizes[k], mean[0], low[0], mean[1], low[1]);
        least[k] = low[1];
    }
    for (size_t k = 0; k < HAN__COUNT(sizes); k++) row("clopper", sizes[k], least[k], 1.0 - ALPHA);
}

static void differences(void)
{
    static const double cells[][2] = {
        {0.05, 0.05}, {0.2, 0.2}, {0.1, 0.02}, {0.3, 0.1}, {0.6, 0.05}};
    printf("# coverage of Tango's interval by the shares of pairs that a or b won alone, exact; no "
           "goal\n# %4s",
           "n");
    for (size_t c = 0; c < HAN__COUNT(cells); c++) printf("  %.2f/%.2f", cells[c][0], cells[c][1]);
    for (size_t k = 0; k < HAN__COUNT(sizes); k++) {
        printf("\n# %4zu", sizes[k]);
        for (size_t c = 0; c < HAN__COUNT(cells); c++)
            printf("  %9.3f", covers_difference(sizes[k], cells[c][0], cells[c][1]));
    }
    printf("\n");
}

/* ---- valid at any time ---- */

/* Differences of bounded scores, each with its mean in `mean`. */
static double bounded(lab *l, int kind, double *mean)
{
    double u = han__rng_unit(&l->rng);
    switch (kind) {
    case 0: /* a wins alone 0.3, b 0.1 */
        *mean = 0.2;
        return u < 0.3 ? 1.0 : u < 0.4 ? -1.0 : 0.0;
    case 1:
        *mean = truth(TIES);
        return difference(l, TIES);
    case 2: /* mostly small gains, rare total losses */
        *mean = 0.0;
        return u < 0.1 ? -0.9 : 0.1;
    default:
        *mean = 0.0;
        return u - han__rng_unit(&l->rng);
    }
}

static void sequences(lab *l, uint32_t simulations)
{
    static const char *const names[] = {"two-valued", "tie-heavy", "tail-left", "smooth"};
    double least = 1.0 - ALPHA - 3.0 * sqrt(ALPHA * (1.0 - ALPHA) / simulations);
    printf("# the confidence sequence: held the mean at each of %d looks, %u simulations\n", N_MAX,
           simulations);
    for (int kind = 0; kind < 4; kind++) {
        double held = 0.0, x[N_MAX], mean = 0.0, low, high;
        for (uint32_t i = 0; i < simulations; i++) {
            han_error err;
            han__eprocess_options o = {.alpha = ALPHA};
            for (size_t k = 0; k < N_MAX; k++) x[k] = bounded(l, kind, &mean);
            han__error_clear(&err);
            check(han__eprocess_interval(&l->mem, &o, x, N_MAX, &low, &high, &err), &err);
            held += low <= mean && mean <= high; /* it only shrinks: what it lost stays lost */
        }
        row(names[kind], N_MAX, held / simulations, least);
    }
}

int main(int argc, char **argv)
{
    static lab l;
    long simulations = argc > 1 ? strtol(argv[1], NULL, 10) : 2000,
         resamples = argc > 2 ? strtol(argv[2], NULL, 10) : 2000;
    if (simulations < 10 || simulations > 1000000 || resamples < HAN__RESAMPLES_MIN ||
        resamples > HAN__RESAMPLES_MAX) {
        fprintf(stderr, "usage: coverage [SIMULATIONS [RESAMPLES]]\n");
        return 2;
    }
    han__mem_init(&l.mem, NULL, NULL);
    han__rng_init(&l.rng, 2026, 9);
    l.resamples = (uint32_t)resamples;
    means(&l, (uint32_t)simulations);
    rates();
    differences();
    sequences(&l, (uint32_t)simulations);
    return 0;
}
