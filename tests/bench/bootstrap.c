/* The paired bootstrap beside a plain loop that does no more than it must: one random word for two
 * indices, one running sum, selection of the two ends; no groups, strata, checks or p-value.
 * Usage: bootstrap ours|bca|limit ROWS RESAMPLES [REPEATS]
 * Prints mean, low and high of the last repeat; tools/bench.sh counts and times it. */
#include "base/config.h"

#include "stats/bootstrap.h"

#include <math.h>
#include <stdio.h>

/* The data of every contestant, bootstrap_scipy.py included. */
static void fill(double *a, double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        a[i] = 0.5 + 0.5 * sin((double)(i + 1));
        b[i] = 0.45 + 0.5 * sin(1.7 * (double)(i + 1));
    }
}

static double limit_select(double *x, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        double pivot = x[(low + high) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (x[i] < pivot) i++;
            while (x[j] > pivot) j--;
            if (i > j) break;
            double t = x[i];
            x[i++] = x[j];
            x[j] = t;
            if (j == 0) break;
            j--;
            if (i > j) break;
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            break;
    }
    return x[k];
}

static void limit(const double *a, const double *b, size_t n, uint32_t resamples, double out[3])
{
    static double d[1 << 20], means[HAN__RESAMPLES_MAX];
    double total = 0.0;
    uint64_t state = 1;
    for (size_t i = 0; i < n; i++) total += d[i] = a[i] - b[i];
    for (uint32_t r = 0; r < resamples; r++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i += 2) {
            uint64_t z = state += 0x9E3779B97F4A7C15u;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
            z ^= z >> 31;
            sum += d[(z & 0xffffffffu) * n >> 32];
            if (i + 1 < n) sum += d[(z >> 32) * n >> 32];
        }
        means[r] = sum / (double)n;
    }
    out[0] = total / (double)n;
    out[1] = limit_select(means, resamples, (size_t)(0.025 * resamples));
    out[2] = limit_select(means, resamples, (size_t)(0.975 * resamples));
}

static int ours(const double *a, const double *b, size_t n, uint32_t resamples, int method,
                double out[3])
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    han__sample sample = {.a = a, .b = b, .n = n};
    han__boot_options options = {.seed = 1, .resamples = resamples, .method = method};
    han__boot_result r;
    han_error err;
    han__error_clear(&err);
    if (han__bootstrap_mean(&mem, &sample, &options, &r, &err)) {
        fprintf(stderr, "bootstrap: %s\n", err.message);
        return 1;
    }
    out[0] = r.mean;
    out[1] = r.low;
    out[2] = r.high;
    return 0;
}

int main(int argc, char **argv)
{
    static double a[1 << 20], b[1 << 20];
    double out[3] = {0};
    long rows = argc > 3 ? strtol(argv[2], NULL, 10) : 0,
         resamples = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
    long repeats = argc > 4 ? strtol(argv[4], NULL, 10) : 1;
    if (rows < 2 || rows > 1 << 20 || resamples < 100 || resamples > HAN__RESAMPLES_MAX) {
        fprintf(stderr, "usage: bootstrap ours|bca|limit ROWS RESAMPLES [REPEATS]\n");
        return 2;
    }
    fill(a, b, (size_t)rows);
    for (long i = 0; i < repeats; i++) {
        int failed = 0;
        if (strcmp(argv[1], "limit") == 0)
            limit(a, b, (size_t)rows, (uint32_t)resamples, out);
        else
            failed =
                ours(a, b, (size_t)rows, (uint32_t)resamples, strcmp(argv[1], "bca") == 0, out);
        if (failed) return failed;
    }
    printf("%.9f %.9f %.9f\n", out[0], out[1], out[2]);
    return 0;
}
