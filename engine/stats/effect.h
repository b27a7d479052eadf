/* Effect sizes: how large a difference is, in units that do not depend on the score's scale. */
#ifndef HAN_STATS_EFFECT_H
#define HAN_STATS_EFFECT_H

#include "stats/units.h"

/* Cohen's dz: mean of the group differences over their standard deviation (n - 1) (Cohen,
 * 1988, 2.3.5). Every group counts once. HAN_INVALID with fewer than two groups or no spread. */
int han__effect_dz(const han__units *units, double *out, han_error *err) HAN__MUST_USE;

/* Cliff's delta (Cliff, 1993): P(a > b) - P(a < b) over all pairs of one a and one b, in [-1, 1];
 * what rows are paired with what does not matter to it. O((n + m) log m). HAN_INVALID when a list
 * is empty or holds NaN or infinity; HAN_NOMEM. */
int han__effect_cliff(han__mem *mem, const double *a, size_t n, const double *b, size_t m,
                      double *out, han_error *err) HAN__MUST_USE;

/* Matched-pairs rank-biserial correlation (Kerby, 2014, "simple difference" of Wilcoxon's rank
 * sums): (R+ - R-) / (R+ + R-) over the ranks of |difference| of the groups, ties by mid-rank,
 * zeros dropped. HAN_INVALID when every group is tied; HAN_NOMEM. */
int han__effect_rank_biserial(const han__units *units, double *out, han_error *err) HAN__MUST_USE;

#endif
