/* Many questions at once, or one after another: Benjamini-Hochberg and Holm adjusted p-values,
 * e-BH, alpha-spending and LORD++ for candidates tested in sequence. */
#ifndef HAN_STATS_FDR_H
#define HAN_STATS_FDR_H

#include "base/error.h"
#include "base/mem.h"

#define HAN__FAMILY_MAX ((size_t)1 << 24)

/* Benjamini and Hochberg (1995): q[i] = min over ranks k >= rank(i) of m p_(k) / k, at most 1.
 * Rejecting all q <= alpha keeps the false discovery rate at alpha for independent or positively
 * dependent tests. q may be p. HAN_INVALID: m is 0 or above HAN__FAMILY_MAX, a p outside [0, 1] or
 * NaN. HAN_NOMEM. q is written on success only. */
int han__fdr_bh(han__mem *mem, const double *p, size_t m, double *q, han_error *err) HAN__MUST_USE;

/* Holm (1979): adjusted p-values that keep the family-wise error whatever the dependence:
 * max over ranks k <= rank(i) of (m - k + 1) p_(k), at most 1. Errors as above. */
int han__fdr_holm(han__mem *mem, const double *p, size_t m, double *q,
                  han_error *err) HAN__MUST_USE;

/* e-BH (Wang and Ramdas, "False discovery rate control with e-values", JRSS B 84, 2022): the k
 * largest e-values are rejected at alpha for the largest k with e_(k) >= m / (alpha k), whatever
 * the dependence. q[i] = min over ranks k >= rank(i) of m / (k e_(k)), at most 1, so that e-BH at
 * alpha rejects exactly q <= alpha. HAN_INVALID: an e below 0 or NaN (infinity is a certain
 * rejection). */
int han__fdr_ebh(han__mem *mem, const double *e, size_t m, double *q, han_error *err) HAN__MUST_USE;

/* The level at which the test number `index` (1-based) of an unending line is made when every one
 * of them must not err in all with more than alpha: alpha 6 / (pi^2 index^2), a Bonferroni series
 * (as in Foster and Stine, "alpha-investing", 2008, without earnings). Holds whatever the
 * dependence. NaN outside alpha in (0, 1), index >= 1. */
double han__spend_level(double alpha, uint64_t index);

/* LORD++ (Ramdas, Yang, Wainwright, Jordan, "Online control of the false discovery rate with
 * decaying memory", 2017, section 3) with the sequence of Javanmard and Montanari (2018), gamma_j
 * proportional to log(max(j, 2)) / (j exp(sqrt(log j))): the level for test `index`, given which
 * earlier tests rejected (rejected[0..index-1)), from starting wealth alpha / 2. For independent
 * tests; where candidates are judged on shared tasks use han__spend_level. HAN_INVALID: alpha
 * outside (0, 1), index 0 or above HAN__FAMILY_MAX. O(number of rejections). */
int han__lord_level(double alpha, const bool *rejected, uint64_t index, double *level,
                    han_error *err) HAN__MUST_USE;

#endif
