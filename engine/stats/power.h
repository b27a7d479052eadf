/* Power before a rollout is paid for: how likely a real difference would be found, how many groups
 * find it, and the least difference that a number of groups finds. */
#ifndef HAN_STATS_POWER_H
#define HAN_STATS_POWER_H

#include "base/error.h"

#define HAN__POWER_N_MAX 1000000u

/* A two-sided comparison of n groups. */
typedef enum han__power_kind {
    HAN__POWER_MEAN, /* paired mean, Student's t on group differences: a stand-in for the bootstrap
                      */
    HAN__POWER_PAIRS /* two-valued or win/loss outcomes: exact McNemar, exact sign test */
} han__power_kind;

typedef struct han__power_plan {
    han__power_kind kind;
    double alpha; /* two-sided */
    /* HAN__POWER_MEAN: */
    double delta; /* mean difference */
    double sd;    /* standard deviation of one row's difference */
    double rows;  /* rows per group, >= 1 */
    double icc;   /* correlation of two rows of one group, 0 to 1 */
    /* HAN__POWER_PAIRS: */
    double only_a; /* probability that a pair goes to a alone (a win) */
    double only_b; /* ... to b alone (a loss) */
} han__power_plan;

/* Power with n groups. HAN__POWER_MEAN: noncentral t with n - 1 degrees of freedom (Cohen,
 * 1988, 2.3.5; Owen, 1968), both tails, noncentrality delta sqrt(n) / sd_g, where a group mean has
 * sd_g^2 = sd^2 (1 + (rows - 1) icc) / rows (Kish, "Survey sampling", 1965, 5.4). HAN__POWER_PAIRS:
 * exact, the conditional test's power averaged over the binomial number of discordant pairs
 * (Miettinen, 1968). HAN_INVALID: a field out of its domain, n = 0 or above HAN__POWER_N_MAX, n = 1
 * for a mean. */
int han__power_of(const han__power_plan *plan, uint64_t n, double *power,
                  han_error *err) HAN__MUST_USE;

/* The least n whose power reaches `power`, by doubling and halving. The power of an exact test is a
 * saw over n: the n given reaches it and n - 1 does not, smaller ones may by luck. HAN_INVALID as
 * above or power outside (0, 1) or no difference; HAN_LIMIT when HAN__POWER_N_MAX groups are not
 * enough. */
int han__power_groups(const han__power_plan *plan, double power, uint64_t *n,
                      han_error *err) HAN__MUST_USE;

/* The least difference (delta > 0; for pairs only_a - only_b > 0 at the plan's only_a + only_b)
 * that n groups find with `power`: the minimal detectable effect. HAN_INVALID as above; HAN_LIMIT
 * when even the largest difference is not found (all discordant pairs won). */
int han__power_effect(const han__power_plan *plan, uint64_t n, double power, double *effect,
                      han_error *err) HAN__MUST_USE;

#endif
