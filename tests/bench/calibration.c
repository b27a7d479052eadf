/* How often noise is promoted. Two arms that do not differ are compared again and again by the rule
 * of semantics.md 8 and by the naive rules beside it: "the mean is larger" and "the best of five is
 * larger". Then the rule's limits (mean zero, but not exchangeable), its power, a family of five
 * under Benjamini-Hochberg, and the sequential rule looked at after every group. Usage: calibration
 * [SIMULATIONS [RESAMPLES]]; deterministic. `calibration --decide` judges data sets from standard
 * input instead ("ROWS", then a line "GROUP A B" each), so that a spec can hold this rule equal to
 * that of han.gate. */
#include "base/config.h"

#include "base/rng.h"
#include "stats/bootstrap.h"
#include "stats/exact.h"
#include "stats/fdr.h"
#include "stats/permutation.h"
#include "stats/sequential.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ALPHA      0.05
#define N_MAX      100
#define ROWS       4 /* of a group, where outcomes are grouped */
#define CANDIDATES 5

enum {
    NORMAL,
    SKEWED,
    TWO_VALUED,
    TIE_HEAVY,
    GROUPED,
    EXCHANGEABLE,
    SKEW_LEFT = EXCHANGEABLE,
    SKEW_RIGHT,
    OUTCOMES
};

static const char *const outcome_name[] = {
    "normal", "skewed", "two-valued", "tie-heavy", "grouped", "mean-zero-left", "mean-zero-right"};
static const size_t sizes[] = {6, 10, 20, 40, 100};

typedef struct lab {
    han__mem mem;
    han__rng rng;
    uint32_t resamples;
    uint64_t boots; /* a fresh seed for every bootstrap */
} lab;

/* The champion and its challengers on the same tasks. */
typedef struct arms {
    double score[1 + CANDIDATES][N_MAX * ROWS];
    uint32_t group[N_MAX * ROWS];
    size_t rows, groups;
} arms;

static double normal(lab *l)
{
    double u = 1.0 - han__rng_unit(&l->rng), v = han__rng_unit(&l->rng);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

/* One score of one arm, on a task of this difficulty (0 to 1). */
static double score(lab *l, int outcome, double task)
{
    switch (outcome) {
    case TWO_VALUED:
        return han__rng_unit(&l->rng) < task ? 1.0 : 0.0;
    case TIE_HEAVY:
        return han__rng_unit(&l->rng) < 0.7 ? 0.5 : floor(5.0 * han__rng_unit(&l->rng)) / 4.0;
    case SKEWED:
        return task + exp(1.5 * normal(l));
    default:
        return task + normal(l);
    }
}

/* Stress: the champion's score is 0 and the challenger's has mean 0 with a long tail to one side.
 */
static double stress(lab *l, int outcome, size_t arm)
{
    if (arm == 0) return 0.0;
    double tail = exp(normal(l)) - exp(0.5);
    return outcome == SKEW_RIGHT ? tail : -tail;
}

static void play(lab *l, int outcome, size_t n, double lift, arms *x)
{
    size_t rows = outcome == GROUPED ? ROWS : 1;
    x->groups = n;
    x->rows = n * rows;
    for (size_t g = 0; g < n; g++) {
        double task = han__rng_unit(&l->rng), shared[1 + CANDIDATES] = {0};
        for (size_t arm = 0; arm <= CANDIDATES; arm++)
            shared[arm] = outcome == GROUPED ? normal(l) : 0.0;
        for (size_t i = g * rows; i < (g + 1) * rows; i++) {
            x->group[i] = (uint32_t)g;
            for (size_t arm = 0; arm <= CANDIDATES; arm++)
                x->score[arm][i] = outcome >= EXCHANGEABLE
                                       ? stress(l, outcome, arm)
                                       : score(l, outcome, task) + shared[arm] + (arm ? lift : 0.0);
        }
    }
}

static void check(int rc, const han_error *err)
{
    if (!rc) return;
    fprintf(stderr, "calibration: %s\n", err->message);
    exit(1);
}

static han__sample sample_of(const arms *x, size_t arm)
{
    return (han__sample){
        .a = x->score[arm], .b = x->score[0], .n = x->rows, .group = x->group, .groups = x->groups};
}

typedef struct verdict {
    double p; /* two-sided */
    bool promote;
} verdict;

/* The mean difference; 0 where it is the same in every row, which proves nothing. */
static double differs(const han__sample *s)
{
    double sum = 0.0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        double d = s->a[i] - s->b[i];
        sum += d;
        low = fmin(low, d);
        high = fmax(high, d);
    }
    return low < high ? sum : 0.0;
}

static verdict by_sign(lab *l, const han__sample *s)
{
    han_error err;
    han__units units;
    uint64_t wins, losses, ties;
    verdict v;
    han__error_clear(&err);
    check(han__units_init(&units, &l->mem, s, &err), &err);
    han__sign_counts(&units, &wins, &losses, &ties);
    han__units_release(&units);
    check(han__sign_test(wins, losses, ties, &v.p, &err), &err);
    v.promote = wins > losses && v.p <= ALPHA && differs(s) > 0.0;
    return v;
}

static double permutation_p(lab *l, const han__sample *s)
{
    han_error err;
    han__permutation_result r;
    han__error_clear(&err);
    check(han__permutation_test(&l->mem, s, l->boots++, l->resamples, &r, &err), &err);
    return r.p;
}

static verdict by_bootstrap(lab *l, const han__sample *s)
{
    han_error err;
    han__boot_result r;
    han__boot_options o = {.seed = l->boots++, .resamples = l->resamples, .alpha = ALPHA};
    han__error_clear(&err);
    check(han__bootstrap_mean(&l->mem, s, &o, &r, &err), &err);
    bool promote = !r.zero_width && r.low > 0.0 && permutation_p(l, s) <= ALPHA;
    return (verdict){r.p, promote};
}

static verdict by_pairs(const han__sample *s)
{
    han_error err;
    han__interval i;
    uint64_t only_a = 0, only_b = 0;
    verdict v;
    han__error_clear(&err);
    for (size_t k = 0; k < s->n; k++) {
        only_a += s->a[k] > s->b[k];
        only_b += s->a[k] < s->b[k];
    }
    check(han__tango_interval(only_a, only_b, s->n, ALPHA, &i, &err), &err);
    check(han__mcnemar_test(only_a, only_b, s->n, &v.p, &err), &err);
    v.promote = i.low > 0.0 && v.p <= ALPHA;
    return v;
}

/* semantics.md 8: two-valued by Tango with McNemar's veto; else the sign test under 20 groups, the
 * group bootstrap from 20, there with the permutation test's veto. (6 groups are met by the sizes.)
 */
static verdict decide(lab *l, bool two_valued, const han__sample *s)
{
    if (two_valued) return by_pairs(s);
    return s->groups < 20 ? by_sign(l, s) : by_bootstrap(l, s);
}

static verdict rule(lab *l, int outcome, const arms *x, size_t arm)
{
    han__sample s = sample_of(x, arm);
    return decide(l, outcome == TWO_VALUED, &s);
}

static double mean_of(const arms *x, size_t arm)
{
    double sum = 0.0;
    for (size_t i = 0; i < x->rows; i++) sum += x->score[arm][i];
    return sum / (double)x->rows;
}

typedef struct rates {
    double rule, delta, argmax;
} rates;

static rates simulate(lab *l, int outcome, size_t n, double lift, uint32_t simulations)
{
    static arms x;
    rates r = {0};
    for (uint32_t i = 0; i < simulations; i++) {
        play(l, outcome, n, lift, &x);
        double champion = mean_of(&x, 0), best = -INFINITY;
        for (size_t arm = 1; arm <= CANDIDATES; arm++) best = fmax(best, mean_of(&x, arm));
        r.rule += rule(l, outcome, &x, 1).promote;
        r.delta += mean_of(&x, 1) > champion;
        r.argmax += best > champion;
    }
    r.rule /= simulations;
    r.delta /= simulations;
    r.argmax /= simulations;
    return r;
}

static void print_row(const char *what, const char *outcome, size_t n, double rate, double most)
{
    printf("row=%s-%s-n%zu ours=%.4f limit=%.4f unit=share ratio=%.2f goal=\"false promotions <= "
           "0.05 + 3 se\" met=%s\n",
           what, outcome, n, rate, most, rate / most, rate <= most ? "yes" : "no");
}

static void calibrate(lab *l, uint32_t simulations, double most)
{
    rates r[EXCHANGEABLE][HAN__COUNT(sizes)];
    printf("# false promotions of arms that do not differ (exchangeable), alpha %.2f two-sided, %u "
           "simulations\n",
           ALPHA, simulations);
    printf("# %-16s %4s %8s %8s %8s\n", "outcome", "n", "rule", "delta>0", "argmax5");
    for (int o = 0; o < EXCHANGEABLE; o++)
        for (size_t k = 0; k < HAN__COUNT(sizes); k++) {
            r[o][k] = simulate(l, o, sizes[k], 0.0, simulations);
            printf("# %-16s %4zu %8.4f %8.4f %8.4f\n", outcome_name[o], sizes[k], r[o][k].rule,
                   r[o][k].delta, r[o][k].argmax);
        }
    for (int o = 0; o < EXCHANGEABLE; o++)
        for (size_t k = 0; k < HAN__COUNT(sizes); k++)
            print_row("calibration", outcome_name[o], sizes[k], r[o][k].rule, most);
}

static void stress_cases(lab *l, uint32_t simulations)
{
    printf("# limits of the method: mean zero, but not exchangeable (a long tail to one side); no "
           "goal\n");
    printf("# %-16s %4s %8s %8s %8s\n", "outcome", "n", "rule", "delta>0", "argmax5");
    for (int o = EXCHANGEABLE; o < OUTCOMES; o++)
        for (size_t k = 0; k < HAN__COUNT(sizes); k++) {
            rates r = simulate(l, o, sizes[k], 0.0, simulations);
            printf("# %-16s %4zu %8.4f %8.4f %8.4f\n", outcome_name[o], sizes[k], r.rule, r.delta,
                   r.argmax);
        }
}

/* Lifts in standard deviations of a difference of two normal scores. */
static void power_curves(lab *l, uint32_t simulations)
{
    static const double lift[] = {0.2, 0.4, 0.6, 0.8, 1.0};
    printf("# power of the rule: share promoted by a true lift of dz standard deviations, normal "
           "outcomes\n#  %4s",
           "n");
    for (size_t d = 0; d < HAN__COUNT(lift); d++) printf("  dz=%.1f", lift[d]);
    for (size_t k = 0; k < HAN__COUNT(sizes); k++) {
        printf("\n#  %4zu", sizes[k]);
        for (size_t d = 0; d < HAN__COUNT(lift); d++)
            printf(" %7.3f", simulate(l, NORMAL, sizes[k], lift[d] * sqrt(2.0), simulations).rule);
    }
    printf("\n");
}

/* The p-value that a family is corrected with: exact under exchangeable arms at every level, which
 * the bootstrap's own p is not far out in its tail. */
static double family_p(lab *l, int outcome, const arms *x, size_t arm, const verdict *v)
{
    han__sample s = sample_of(x, arm);
    return outcome == TWO_VALUED || x->groups < 20 ? v->p : permutation_p(l, &s);
}

static bool any_rejected(lab *l, const double *p, const bool *wanted)
{
    double q[CANDIDATES];
    bool any = false;
    han_error err;
    han__error_clear(&err);
    check(han__fdr_bh(&l->mem, p, CANDIDATES, q, &err), &err);
    for (size_t i = 0; i < CANDIDATES; i++) any = any || (wanted[i] && q[i] <= ALPHA);
    return any;
}

/* Five contrasts with one champion, shown together: the rule promotes, and q <= alpha. With the
 * permutation's p, and beside it with the bootstrap's. */
static void play_family(lab *l, int outcome, size_t n, double out[2])
{
    static arms x;
    double p[CANDIDATES], own[CANDIDATES];
    bool wanted[CANDIDATES];
    play(l, outcome, n, 0.0, &x);
    for (size_t i = 0; i < CANDIDATES; i++) {
        verdict v = rule(l, outcome, &x, i + 1);
        own[i] = v.p;
        p[i] = family_p(l, outcome, &x, i + 1, &v);
        wanted[i] = v.promote;
    }
    out[0] += any_rejected(l, p, wanted);
    out[1] += any_rejected(l, own, wanted);
}

static void families(lab *l, uint32_t simulations)
{
    double most = ALPHA + 3.0 * sqrt(ALPHA * (1.0 - ALPHA) / (double)simulations);
    printf(
        "# a family of five under Benjamini-Hochberg: any of them promoted (at least 8 groups),\n"
        "# %u simulations; permutation p, and what the bootstrap's own p would give\n",
        simulations);
    for (int o = 0; o < EXCHANGEABLE; o++)
        for (size_t k = 1; k < HAN__COUNT(sizes); k++) {
            double any[2] = {0.0, 0.0};
            for (uint32_t i = 0; i < simulations; i++) play_family(l, o, sizes[k], any);
            printf("# %-16s %4zu %8.4f %8.4f\n", outcome_name[o], sizes[k], any[0] / simulations,
                   any[1] / simulations);
            print_row("family5", outcome_name[o], sizes[k], any[0] / simulations, most);
        }
}

/* ---- looked at after every group ---- */

#define GROUPS_MIN 6 /* the floor of the gate: no look decides before it */

/* An e-process wants scores of known range: what has none is pressed into [0, 1], arm by arm, so
 * that arms that were exchangeable stay it. */
static double bounded(int outcome, double x)
{
    return outcome == TWO_VALUED || outcome == TIE_HEAVY ? fmin(fmax(x, 0.0), 1.0)
                                                         : 1.0 / (1.0 + exp(-x));
}

static double group_difference(int outcome, const arms *x, size_t g)
{
    size_t rows = x->rows / x->groups;
    double sum = 0.0;
    for (size_t i = g * rows; i < (g + 1) * rows; i++)
        sum += bounded(outcome, x->score[1][i]) - bounded(outcome, x->score[0][i]);
    return sum / (double)rows;
}

typedef struct sequel {
    size_t ours;  /* groups after which the gate's sequential rule promoted, 0: never */
    size_t naive; /* the sign test, looked at like that: what peeking does to a fixed rule */
} sequel;

static void look(const han__eprocess *process, const uint64_t count[2], double sum, size_t groups,
                 sequel *out)
{
    han__evidence e;
    double p = 1.0;
    han_error err;
    han__error_clear(&err);
    if (groups < GROUPS_MIN || sum <= 0.0) return;
    han__eprocess_read(process, &e);
    if (!out->ours && 2.0 * e.p_greater <= ALPHA) out->ours = groups;
    if (count[0] <= count[1] || out->naive) return;
    check(han__sign_test(count[0], count[1], 0, &p, &err), &err);
    if (p <= ALPHA) out->naive = groups;
}

static sequel follow(lab *l, int outcome, double lift)
{
    static arms x;
    han__eprocess process;
    han_error err;
    sequel out = {0};
    double sum = 0.0;
    uint64_t count[2] = {0};
    han__error_clear(&err);
    check(han__eprocess_init(&process, &(han__eprocess_options){.alpha = ALPHA}, &err), &err);
    play(l, outcome, N_MAX, lift, &x);
    for (size_t g = 0; g < N_MAX; g++) {
        double d = group_difference(outcome, &x, g);
        check(han__eprocess_add(&process, d, &err), &err);
        sum += d;
        count[0] += d > 0.0;
        count[1] += d < 0.0;
        look(&process, count, sum, g + 1, &out);
    }
    return out;
}

/* The sequential gate on arms that do not differ, and the sign test beside it, both looked at after
 * each of 100 groups. */
static void sequences(lab *l, uint32_t simulations, double most)
{
    double ours[EXCHANGEABLE], naive[EXCHANGEABLE];
    printf("# the sequential rule, looked at after each of %d groups: ever promoted; the sign test "
           "looked at like that\n# %-16s %8s %8s\n",
           N_MAX, "outcome", "rule", "peeking");
    for (int o = 0; o < EXCHANGEABLE; o++) {
        ours[o] = naive[o] = 0.0;
        for (uint32_t i = 0; i < simulations; i++) {
            sequel s = follow(l, o, 0.0);
            ours[o] += s.ours > 0;
            naive[o] += s.naive > 0;
        }
        printf("# %-16s %8.4f %8.4f\n", outcome_name[o], ours[o] / simulations,
               naive[o] / simulations);
    }
    for (int o = 0; o < EXCHANGEABLE; o++)
        print_row("sequential", outcome_name[o], N_MAX, ours[o] / simulations, most);
}

/* How often it promotes a true lift within 100 groups, and after how many in the mean. */
static void sequential_power(lab *l, uint32_t simulations)
{
    static const double lift[] = {0.2, 0.4, 0.6, 0.8, 1.0};
    printf("# power of the sequential rule within %d groups, normal outcomes, and the mean number "
           "of groups that it read\n",
           N_MAX);
    for (size_t d = 0; d < HAN__COUNT(lift); d++) {
        double promoted = 0.0, read = 0.0;
        for (uint32_t i = 0; i < simulations; i++) {
            sequel s = follow(l, NORMAL, lift[d] * sqrt(2.0));
            promoted += s.ours > 0;
            read += s.ours ? (double)s.ours : N_MAX;
        }
        printf("#  dz=%.1f %7.3f %6.1f\n", lift[d], promoted / simulations, read / simulations);
    }
}

/* ---- data sets from outside ---- */

static bool read_arms(arms *x)
{
    if (scanf("%zu", &x->rows) != 1 || x->rows == 0 || x->rows > HAN__COUNT(x->group)) return false;
    x->groups = 0;
    for (size_t i = 0; i < x->rows; i++) {
        if (scanf("%" SCNu32 " %lf %lf", &x->group[i], &x->score[1][i], &x->score[0][i]) != 3)
            return false;
        if (x->group[i] >= x->groups) x->groups = x->group[i] + 1;
    }
    return true;
}

static bool is_pairs(const arms *x)
{
    bool pairs = x->groups == x->rows;
    for (size_t i = 0; i < x->rows; i++)
        for (size_t arm = 0; arm < 2; arm++)
            pairs = pairs && (x->score[arm][i] == 0.0 || x->score[arm][i] == 1.0);
    return pairs;
}

/* One line per data set: 1 promoted, 0 not. Seed and resamples are the defaults of han.stats. */
static int decide_all(lab *l)
{
    static arms x;
    l->resamples = HAN__RESAMPLES_DEFAULT;
    while (read_arms(&x)) {
        han__sample s = sample_of(&x, 1);
        l->boots = 0;
        printf("%d\n", decide(l, is_pairs(&x), &s).promote);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static lab l;
    if (argc == 2 && strcmp(argv[1], "--decide") == 0) {
        han__mem_init(&l.mem, NULL, NULL);
        return decide_all(&l);
    }
    long simulations = argc > 1 ? strtol(argv[1], NULL, 10) : 4000,
         resamples = argc > 2 ? strtol(argv[2], NULL, 10) : 2000;
    if (simulations < 10 || simulations > 1000000 || resamples < HAN__RESAMPLES_MIN ||
        resamples > HAN__RESAMPLES_MAX) {
        fprintf(stderr, "usage: calibration [SIMULATIONS [RESAMPLES]]\n");
        return 2;
    }
    uint32_t n = (uint32_t)simulations;
    double most = ALPHA + 3.0 * sqrt(ALPHA * (1.0 - ALPHA) / (double)n);
    han__mem_init(&l.mem, NULL, NULL);
    han__rng_init(&l.rng, 2026, 8);
    l.resamples = (uint32_t)resamples;
    calibrate(&l, n, most);
    families(&l, n / 4);
    sequences(&l, n, most);
    stress_cases(&l, n);
    power_curves(&l, n / 4);
    sequential_power(&l, n / 4);
    return 0;
}
