/* Owns order statistics. Selection partitions three ways, so that resampled means of two-valued
 * outcomes (a few distinct values, thousands of copies) do not make it quadratic. */
#include "base/config.h"
#include "stats/order.h"

#include <math.h>

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

static void sift_down(double *x, size_t root, size_t n)
{
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= n) return;
        if (child + 1 < n && x[child + 1] > x[child]) child++;
        if (!(x[child] > x[root])) return;
        swap(&x[root], &x[child]);
        root = child;
    }
}

static void heap_sort(double *x, size_t n)
{
    for (size_t i = n / 2; i > 0; i--) sift_down(x, i - 1, n);
    for (size_t i = n; i > 1; i--) {
        swap(&x[0], &x[i - 1]);
        sift_down(x, 0, i - 1);
    }
}

static void insertion_sort(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double v = x[i];
        size_t j = i;
        for (; j > 0 && x[j - 1] > v; j--) x[j] = x[j - 1];
        x[j] = v;
    }
}

static double median_of_three(double a, double b, double c)
{
    if (a < b) return b < c ? b : (a < c ? c : a);
    return a < c ? a : (b < c ? c : b);
}

/* Three-way partition: x[0..*low) < pivot, [*low..*high) equal, rest greater. */
static void partition(double *x, size_t n, double pivot, size_t *low, size_t *high)
{
    size_t lt = 0, i = 0, gt = n;
    while (i < gt) {
        double v = x[i];
        if (v < pivot) {
            x[i++] = x[lt];
            x[lt++] = v;
        } else if (v > pivot) {
            x[i] = x[--gt];
            x[gt] = v;
        } else {
            i++;
        }
    }
    *low = lt;
    *high = gt;
}

static double middle_pivot(const double *x, size_t n)
{
    return median_of_three(x[0], x[n / 2], x[n - 1]);
}

/* A pivot a little beyond the k-th value, from a sample (after Floyd and Rivest, 1975): an outer
 * quantile is then found in one pass whose branches go one way, and a remainder. */
static double near_pivot(const double *x, size_t n, size_t k)
{
    enum { SAMPLE = 41, MARGIN = 2 };
    double sample[SAMPLE];
    if (n < 12 * SAMPLE) return middle_pivot(x, n);
    for (size_t i = 0; i < SAMPLE; i++) sample[i] = x[i * (n / SAMPLE)];
    insertion_sort(sample, SAMPLE);
    size_t place = (size_t)((double)k / (double)n * SAMPLE);
    if (2 * k < n)
        place += MARGIN;
    else
        place -= MARGIN;
    return sample[place];
}

static unsigned depth_limit(size_t n)
{
    unsigned depth = 8;
    for (; n > 0; n >>= 1) depth += 2;
    return depth;
}

static void sort_range(double *x, size_t n, unsigned depth)
{
    while (n > 24) {
        if (depth-- == 0) {
            heap_sort(x, n);
            return;
        }
        size_t low, high;
        partition(x, n, middle_pivot(x, n), &low, &high);
        if (low < n - high) {
            sort_range(x, low, depth);
            x += high;
            n -= high;
        } else {
            sort_range(x + high, n - high, depth);
            n = low;
        }
    }
    insertion_sort(x, n);
}

void han__order_sort(double *x, size_t n)
{
    sort_range(x, n, depth_limit(n));
}

double han__order_select(double *x, size_t n, size_t k)
{
    unsigned depth = depth_limit(n);
    double *base = x;
    size_t at = k;
    while (n > 24 && depth-- > 0) {
        size_t low, high;
        partition(x, n, near_pivot(x, n, at), &low, &high);
        if (at < low) {
            n = low;
        } else if (at < high) {
            return base[k];
        } else {
            x += high;
            n -= high;
            at -= high;
        }
    }
    if (n > 24)
        heap_sort(x, n);
    else
        insertion_sort(x, n);
    return base[k];
}

double han__order_quantile(double *x, size_t n, double q)
{
    double place = (double)(n - 1) * q, whole = floor(place);
    size_t k = (size_t)whole;
    double value = han__order_select(x, n, k), part = place - whole;
    if (!(part > 0.0) || k + 1 >= n) return value;
    double next = x[k + 1];
    for (size_t i = k + 2; i < n; i++)
        if (x[i] < next) next = x[i];
    return value + part * (next - value);
}

typedef struct order {
    han__order_after after;
    const void *ud;
    size_t *index;
} order;

static void order_sift(const order *o, size_t root, size_t n)
{
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= n) return;
        if (child + 1 < n && o->after(o->ud, o->index[child + 1], o->index[child])) child++;
        if (!o->after(o->ud, o->index[child], o->index[root])) return;
        size_t t = o->index[root];
        o->index[root] = o->index[child];
        o->index[child] = t;
        root = child;
    }
}

void han__order_by(han__order_after after, const void *ud, size_t *index, size_t n)
{
    order o = {after, ud, index};
    for (size_t i = 0; i < n; i++) index[i] = i;
    for (size_t i = n / 2; i > 0; i--) order_sift(&o, i - 1, n);
    for (size_t i = n; i > 1; i--) {
        size_t t = index[0];
        index[0] = index[i - 1];
        index[i - 1] = t;
        order_sift(&o, 0, i - 1);
    }
}

static bool key_after(const void *ud, size_t a, size_t b)
{
    const double *key = ud;
    return key[a] > key[b] || (key[a] == key[b] && a > b);
}

void han__order_index(const double *key, size_t *index, size_t n)
{
    han__order_by(key_after, key, index, n);
}

double han__order_sum(const double *x, size_t n)
{
    double sum = 0.0, lost = 0.0;
    for (size_t i = 0; i < n; i++) {
        double next = sum + x[i];
        lost += fabs(sum) >= fabs(x[i]) ? (sum - next) + x[i] : (x[i] - next) + sum;
        sum = next;
    }
    return sum + lost;
}
