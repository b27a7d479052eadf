/* Owns effect sizes. They describe; none of them tests anything. */
#include "base/config.h"
#include "stats/effect.h"
#include "stats/order.h"

#include <math.h>

int han__effect_dz(const han__units *units, double *out, han_error *err)
{
    double n = (double)units->n, mean = 0.0, squares = 0.0;
    if (units->n < 2 || units->constant)
        return han__error_set(err, HAN_INVALID,
                              "dz needs two groups whose differences are not all equal");
    for (size_t k = 0; k < units->n; k++) mean += units->sum[k] / units->weight[k] / n;
    for (size_t k = 0; k < units->n; k++) {
        double d = units->sum[k] / units->weight[k] - mean;
        squares += d * d;
    }
    *out = mean / sqrt(squares / (n - 1.0));
    return HAN_OK;
}

/* How many of sorted x[0..n) are below v, and how many are not above it. */
static size_t rank_of(const double *x, size_t n, double v, bool with_equal)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x[middle] < v || (with_equal && x[middle] == v))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int han__effect_cliff(han__mem *mem, const double *a, size_t n, const double *b, size_t m,
                      double *out, han_error *err)
{
    if (n == 0 || m == 0 || n > HAN__ROWS_MAX || m > HAN__ROWS_MAX)
        return han__error_set(err, HAN_INVALID,
                              "Cliff's delta needs two samples of 1 to 2^27 values");
    int rc = han__values_check(a, n, "a", err);
    if (!rc) rc = han__values_check(b, m, "b", err);
    if (rc) return rc;
    double *sorted = han__mem_alloc(mem, m * sizeof *sorted);
    if (!sorted) return han__error_set(err, HAN_NOMEM, "no memory for %zu values", m);
    memcpy(sorted, b, m * sizeof *sorted);
    han__order_sort(sorted, m);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        size_t below = rank_of(sorted, m, a[i], false), above = m - rank_of(sorted, m, a[i], true);
        sum += (double)below - (double)above;
    }
    han__mem_free(mem, sorted, m * sizeof *sorted);
    *out = sum / (double)n / (double)m;
    return HAN_OK;
}

/* Sum of the signed mid-ranks of |d|, and of the ranks alone, of d[0..n) without zeros. */
static void signed_ranks(const double *d, const double *size, const size_t *index, size_t n,
                         double near, double *balance, double *total)
{
    *balance = *total = 0.0;
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && size[index[end]] - size[index[i]] <= near) end++;
        double rank = 0.5 * (double)(i + 1 + end); /* mean of ranks i + 1 .. end */
        for (; i < end; i++) {
            *balance += d[index[i]] > 0.0 ? rank : -rank;
            *total += rank;
        }
    }
}

int han__effect_rank_biserial(const han__units *units, double *out, han_error *err)
{
    size_t bytes = units->n * sizeof(double), n = 0;
    double near = HAN__SAME * units->magnitude, balance, total;
    double *d = han__mem_alloc(units->mem, bytes), *size = han__mem_alloc(units->mem, bytes);
    size_t *index = han__mem_zalloc(units->mem, units->n, sizeof *index);
    int rc = HAN_OK;
    if (!d || !size || !index) {
        rc = han__error_set(err, HAN_NOMEM, "no memory for %zu groups", units->n);
    } else {
        for (size_t k = 0; k < units->n; k++) {
            double mean = units->sum[k] / units->weight[k];
            if (fabs(mean) <= near) continue;
            d[n] = mean;
            size[n++] = fabs(mean);
        }
        if (n == 0)
            rc = han__error_set(err, HAN_INVALID,
                                "every group is tied: there are no ranks to compare");
    }
    if (!rc) {
        han__order_index(size, index, n);
        signed_ranks(d, size, index, n, near, &balance, &total);
        *out = balance / total;
    }
    if (d) han__mem_free(units->mem, d, bytes);
    if (size) han__mem_free(units->mem, size, bytes);
    if (index) han__mem_free(units->mem, index, units->n * sizeof *index);
    return rc;
}
