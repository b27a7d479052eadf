/* Pareto fronts: which candidates no other beats in every objective, front by front, and how
 * crowded each stands on its front. */
#ifndef HAN_STATS_PARETO_H
#define HAN_STATS_PARETO_H

#include "base/error.h"
#include "base/mem.h"

#define HAN__PARETO_OBJECTIVES_MAX 64
#define HAN__PARETO_POINTS_MAX     ((size_t)1 << 24) /* with one or two objectives */
#define HAN__PARETO_MANY_MAX       ((size_t)1 << 15) /* with three or more: the work may be quadratic */

/* Points as rows of `values` (n times m, row by row); objective k is better when larger, or when
 * smaller where minimize[k] (NULL: larger everywhere). */
typedef struct han__points {
    const double *values;
    size_t n;
    size_t m;
    const bool *minimize;
} han__points;

/* rank[i]: the front of point i, 1 for those that no point dominates, 2 for those that only front 1
 * dominates, and so on. A point dominates another when it is nowhere worse and somewhere better;
 * equal points share a front. Non-dominated sorting of Deb et al. (2002) by the efficient method of
 * Zhang et al. (2015, ENS with binary search). HAN_INVALID: n or m is 0, m above its maximum, NaN
 * or infinity. HAN_LIMIT: more points than the maximum. HAN_NOMEM. */
int han__pareto_rank(han__mem *mem, const han__points *points, uint32_t *rank,
                     han_error *err) HAN__MUST_USE;

/* crowding[i]: the sum over objectives of the distance between the neighbours of point i on its
 * front, as a share of the front's extent in that objective; infinite at both ends of an objective
 * (Deb et al., 2002, section III.B). Objectives in which a front has no extent are left out. */
int han__pareto_crowding(han__mem *mem, const han__points *points, const uint32_t *rank,
                         double *crowding, han_error *err) HAN__MUST_USE;

#endif
