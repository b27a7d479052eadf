/* Owns corrections for many looks. The three adjusted values share one walk over the ranks; the
 * online rules are plain sums, recomputed from the record of rejections so that nothing is kept. */
#include "base/config.h"
#include "stats/fdr.h"
#include "stats/order.h"

#include <math.h>

static int check_family(const double *x, size_t m, double top, const char *what, han_error *err)
{
    if (m == 0 || !x)
        return han__error_set(err, HAN_INVALID, "the family is empty; give at least one value");
    if (m > HAN__FAMILY_MAX)
        return han__error_set(err, HAN_INVALID, "%zu tests are above the limit of %zu", m,
                              HAN__FAMILY_MAX);
    for (size_t i = 0; i < m; i++)
        if (!(x[i] >= 0.0 && x[i] <= top))
            return han__error_set(err, HAN_INVALID, "%s[%zu] is %s", what, i + 1,
                                  isnan(x[i]) ? "not a number" : "out of its range");
    return HAN_OK;
}

static size_t *rank(han__mem *mem, const double *x, size_t m, han_error *err)
{
    size_t *index = han__mem_zalloc(mem, m, sizeof *index);
    if (index)
        han__order_index(x, index, m);
    else
        han__error_set(err, HAN_NOMEM, "no memory for %zu tests", m);
    return index;
}

int han__fdr_bh(han__mem *mem, const double *p, size_t m, double *q, han_error *err)
{
    int rc = check_family(p, m, 1.0, "p", err);
    if (rc) return rc;
    size_t *index = rank(mem, p, m, err);
    if (!index) return HAN_NOMEM;
    double least = 1.0;
    for (size_t k = m; k > 0; k--) {
        least = fmin(least, p[index[k - 1]] * ((double)m / (double)k));
        q[index[k - 1]] = least;
    }
    han__mem_free(mem, index, m * sizeof *index);
    return HAN_OK;
}

int han__fdr_holm(han__mem *mem, const double *p, size_t m, double *q, han_error *err)
{
    int rc = check_family(p, m, 1.0, "p", err);
    if (rc) return rc;
    size_t *index = rank(mem, p, m, err);
    if (!index) return HAN_NOMEM;
    double most = 0.0;
    for (size_t k = 0; k < m; k++) {
        most = fmax(most, fmin(1.0, p[index[k]] * (double)(m - k)));
        q[index[k]] = most;
    }
    han__mem_free(mem, index, m * sizeof *index);
    return HAN_OK;
}

int han__fdr_ebh(han__mem *mem, const double *e, size_t m, double *q, han_error *err)
{
    int rc = check_family(e, m, INFINITY, "e", err);
    if (rc) return rc;
    size_t *index = rank(mem, e, m, err);
    if (!index) return HAN_NOMEM;
    double least = 1.0;
    for (size_t k = m; k > 0; k--) { /* k-th largest e: ascending place m - k */
        size_t at = index[m - k];
        least = fmin(least, (double)m / ((double)k * e[at]));
        q[at] = least;
    }
    han__mem_free(mem, index, m * sizeof *index);
    return HAN_OK;
}

double han__spend_level(double alpha, uint64_t index)
{
    if (!(alpha > 0.0 && alpha < 1.0) || index == 0) return NAN;
    double i = (double)index;
    return alpha * 0.607927101854026628663276779258 / (i * i); /* 6 / pi^2 */
}

/* 0.0790819 is 1 / 12.645108, rounded down, of the sum over j >= 1 of log(max(j, 2)) /
 * (j exp(sqrt(log j))), so that the sequence sums to no more than 1. */
static double lord_gamma(uint64_t j)
{
    double x = (double)j;
    return 0.0790819 * log(fmax(x, 2.0)) / (x * exp(sqrt(log(x))));
}

int han__lord_level(double alpha, const bool *rejected, uint64_t index, double *level,
                    han_error *err)
{
    if (!(alpha > 0.0 && alpha < 1.0))
        return han__error_set(err, HAN_INVALID, "alpha must be above 0 and below 1");
    if (index == 0 || index > HAN__FAMILY_MAX)
        return han__error_set(err, HAN_INVALID, "the index of a test is 1 or more");
    double wealth = 0.5 * alpha, sum = lord_gamma(index) * wealth;
    bool first = true;
    for (uint64_t i = 1; i < index; i++) {
        if (!rejected[i - 1]) continue;
        sum += lord_gamma(index - i) * (first ? alpha - wealth : alpha);
        first = false;
    }
    *level = sum;
    return HAN_OK;
}
