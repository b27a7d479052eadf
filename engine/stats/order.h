/* Order: sorting, ranks, selection and quantiles of doubles, and sums that do not lose digits. No
 * value may be NaN (callers refuse it first). */
#ifndef HAN_STATS_ORDER_H
#define HAN_STATS_ORDER_H

#include "base/config.h"

/* Ascending, in place; O(n log n) whatever the input. */
void han__order_sort(double *x, size_t n);
/* Rearranges x so that x[k] is what sorting would put there, smaller or equal values before it,
 * larger or equal ones after; returns x[k]. k < n. Expected O(n), many equal values included. */
double han__order_select(double *x, size_t n, size_t k);
/* Quantile q in [0, 1] by linear interpolation between order statistics (definition 7 of Hyndman
 * and Fan, 1996: R's default and NumPy's). Rearranges x; n > 0. */
double han__order_quantile(double *x, size_t n, double q);
/* Does element a come after element b? A strict order, for han__order_by. */
typedef bool (*han__order_after)(const void *ud, size_t a, size_t b);
/* Fills index[0..n) with 0..n-1 in the order that `after` gives; O(n log n). */
void han__order_by(han__order_after after, const void *ud, size_t *index, size_t n);
/* The order of `key`, ascending; equal keys stay in their old order. */
void han__order_index(const double *key, size_t *index, size_t n);

/* Sum with a running correction (Neumaier, 1974): error independent of n in practice. */
double han__order_sum(const double *x, size_t n);

#endif
