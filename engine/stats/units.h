/* The units of inference. Rows (tasks, replicates) that share a group rise and fall together, so
 * every test and interval of this room works on groups: this pair of files checks a sample, takes
 * paired differences and folds rows into one unit per group, ordered by stratum. */
#ifndef HAN_STATS_UNITS_H
#define HAN_STATS_UNITS_H

#include "base/error.h"
#include "base/mem.h"

#define HAN__ROWS_MAX ((size_t)1 << 27)

/* What a unit counts for in the overall mean. */
enum {
    HAN__WEIGHT_ROWS, /* by its rows: the overall mean is the mean over rows, whatever the groups */
    HAN__WEIGHT_GROUPS /* 1: the overall mean is the mean of the group means */
};

/* A sample as a caller holds it; nothing is copied or owned. */
typedef struct han__sample {
    const double *a; /* n values; the candidate's, where b is given */
    const double *b; /* n values of the same rows under the other arm, or NULL: one sample */
    size_t n;
    const uint32_t *group; /* n ids in [0, groups), each one used; NULL: every row its own group */
    size_t groups;
    const uint32_t *stratum; /* n ids in [0, strata), each one used; NULL: one stratum */
    size_t strata;
    int weight; /* HAN__WEIGHT_ROWS (0) or HAN__WEIGHT_GROUPS */
} han__sample;

/* Units in stratum order. Unit u stands for weight[u] (rows, or 1) and sum[u] is its total, so its
 * mean is sum[u] / weight[u] and the overall mean is (sum of sums) / (sum of weights). */
typedef struct han__units {
    han__mem *mem;
    size_t rows;
    size_t n;
    double *sum;
    double *weight;
    size_t *first; /* strata + 1 borders: stratum s is the units [first[s], first[s + 1]) */
    size_t strata;
    double mean;      /* the overall mean */
    double total;     /* sum of weights */
    double magnitude; /* largest |unit mean|: the scale for what counts as equal */
    bool equal;       /* all weights are the same */
    bool constant;    /* all unit means are equal: no spread to speak of */
} han__units;

/* Two means nearer than this times the magnitude are the same: they differ by rounding only. */
#define HAN__SAME 1e-12

/* Fills *out. HAN_INVALID with the reason: an empty sample, more rows than HAN__ROWS_MAX, a value
 * that is NaN or infinite (or whose difference is), an id out of range or unused, a group in two
 * strata. HAN_NOMEM. On failure *out owns nothing. */
int han__units_init(han__units *out, han__mem *mem, const han__sample *sample,
                    han_error *err) HAN__MUST_USE;
void han__units_release(han__units *units);

/* HAN_INVALID naming the first value that is NaN or infinite ("a[3] is NaN"); HAN_OK otherwise. */
int han__values_check(const double *x, size_t n, const char *what, han_error *err) HAN__MUST_USE;

#endif
