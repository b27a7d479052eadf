/* stats/power and stats/posterior: R's power.t.test, direct double sums, and that power, groups and
 * effect agree with each other. */
#include "base/config.h"

#include "stats/exact.h"
#include "stats/posterior.h"
#include "stats/power.h"
#include "stats/special.h"
#include "stats_testing.h"

static double power_of(const han__power_plan *plan, uint64_t n)
{
    double power = NAN;
    han_error err;
    han__error_clear(&err);
    if (han__power_of(plan, n, &power, &err)) fail_msg("%s", err.message);
    return power;
}

static han__power_plan mean_plan(double delta, double sd)
{
    return (han__power_plan){
        .kind = HAN__POWER_MEAN, .alpha = 0.05, .delta = delta, .sd = sd, .rows = 1};
}

TEST(mean_matches_r)
{
    han__power_plan plan = mean_plan(0.5, 1);
    NEAR(power_of(&plan, 30), 0.753964715743852, 1e-8);
    plan = mean_plan(-1, 1.2);
    plan.alpha = 0.01;
    NEAR(power_of(&plan, 6), 0.12825457820883, 1e-7);
    plan = mean_plan(0.3, 1);
    uint64_t n;
    assert_int_equal(han__power_groups(&plan, 0.9, &n, NULL), HAN_OK);
    assert_int_equal(n, 119); /* 118.69 */
    double effect;
    assert_int_equal(han__power_effect(&plan, 20, 0.8, &effect, NULL), HAN_OK);
    NEAR(effect, 0.660441654622837, 1e-6);
}

TEST(no_difference_gives_alpha)
{
    han__power_plan plan = mean_plan(0, 1);
    NEAR(power_of(&plan, 12), 0.05, 1e-8);
    NEAR(power_of(&plan, 2), 0.05, 1e-6);
}

/* Ten rows of a group that always agree are one row; ten that know nothing of each other are ten.
 */
TEST(groups_count_by_their_correlation)
{
    han__power_plan one = mean_plan(0.4, 1), many = one;
    many.rows = 10;
    many.icc = 1;
    NEAR(power_of(&many, 25), power_of(&one, 25), 1e-12);
    many.icc = 0;
    one.sd = 1 / sqrt(10);
    NEAR(power_of(&many, 25), power_of(&one, 25), 1e-12);
}

static double direct_pairs(const han__power_plan *p, uint64_t n)
{
    double sum = 0.0;
    for (uint64_t a = 0; a <= n; a++) {
        for (uint64_t b = 0; a + b <= n; b++) {
            double pvalue;
            assert_int_equal(han__mcnemar_test(a, b, n, &pvalue, NULL), HAN_OK);
            if (pvalue > p->alpha) continue;
            double rest = 1.0 - p->only_a - p->only_b;
            double ways = lgamma((double)n + 1) - lgamma((double)a + 1) - lgamma((double)b + 1) -
                          lgamma((double)(n - a - b) + 1);
            sum += exp(ways) * pow(p->only_a, (double)a) * pow(p->only_b, (double)b) *
                   pow(rest, (double)(n - a - b));
        }
    }
    return sum;
}

TEST(pairs_match_direct_sums)
{
    static const han__power_plan plans[] = {
        {.kind = HAN__POWER_PAIRS, .alpha = 0.05, .only_a = 0.3, .only_b = 0.1},
        {.kind = HAN__POWER_PAIRS, .alpha = 0.2, .only_a = 0.05, .only_b = 0.4},
        {.kind = HAN__POWER_PAIRS, .alpha = 0.05, .only_a = 0.7, .only_b = 0.3},
        {.kind = HAN__POWER_PAIRS, .alpha = 0.05, .only_a = 0.2, .only_b = 0.2},
        {.kind = HAN__POWER_PAIRS, .alpha = 0.05, .only_a = 0.5, .only_b = 0},
    };
    for (size_t i = 0; i < HAN__COUNT(plans); i++)
        for (uint64_t n = 1; n <= 60; n += n < 12 ? 1 : 12)
            WITHIN(power_of(&plans[i], n), direct_pairs(&plans[i], n), 1e-11);
}

/* The window of the sum at large n: power 1 far from the null, below alpha at it. */
TEST(pairs_at_large_n)
{
    han__power_plan plan = {.kind = HAN__POWER_PAIRS, .alpha = 0.05, .only_a = 0.2, .only_b = 0.18};
    NEAR(power_of(&plan, 200000), 1.0, 1e-9);
    plan.only_b = 0.2;
    double level = power_of(&plan, 200000);
    assert_true(level < 0.05 && level > 0.045);
    plan.only_a = plan.only_b = 0;
    assert_true(power_of(&plan, 50) == 0.0);
}

TEST(groups_and_effect_agree_with_power)
{
    han__power_plan pairs = {.kind = HAN__POWER_PAIRS, .alpha = 0.05, .only_a = 0.3, .only_b = 0.1};
    han__power_plan mean = mean_plan(0.37, 1.1);
    const han__power_plan *plans[] = {&pairs, &mean};
    for (int i = 0; i < 2; i++) {
        uint64_t n;
        double effect;
        assert_int_equal(han__power_groups(plans[i], 0.8, &n, NULL), HAN_OK);
        assert_true(power_of(plans[i], n) >= 0.8 && power_of(plans[i], n - 1) < 0.8);
        assert_int_equal(han__power_effect(plans[i], 64, 0.8, &effect, NULL), HAN_OK);
        han__power_plan at = *plans[i];
        at.delta = effect;
        at.only_a = 0.5 * (0.4 + effect);
        at.only_b = 0.5 * (0.4 - effect);
        WITHIN(power_of(&at, 64), 0.8, 1e-6);
    }
}

TEST(power_refuses)
{
    double x = 7;
    uint64_t n;
    han__power_plan plan = mean_plan(0.5, 1), bad = plan;
    REFUSES(han__power_of(&plan, 1, &x, err), HAN_INVALID, "n must be");
    REFUSES(han__power_of(&plan, HAN__POWER_N_MAX + 1, &x, err), HAN_INVALID, "n must be");
    bad.alpha = 1;
    REFUSES(han__power_of(&bad, 10, &x, err), HAN_INVALID, "alpha");
    bad = mean_plan(NAN, 1);
    REFUSES(han__power_of(&bad, 10, &x, err), HAN_INVALID, "delta");
    bad = mean_plan(1, 0);
    REFUSES(han__power_of(&bad, 10, &x, err), HAN_INVALID, "sd");
    bad = plan;
    bad.icc = 2;
    REFUSES(han__power_of(&bad, 10, &x, err), HAN_INVALID, "icc");
    bad = (han__power_plan){.kind = HAN__POWER_PAIRS, .alpha = 0.05, .only_a = 0.7, .only_b = 0.4};
    REFUSES(han__power_of(&bad, 10, &x, err), HAN_INVALID, "probabilities");
    bad.only_a = bad.only_b = 0.2;
    REFUSES(han__power_groups(&bad, 0.8, &n, err), HAN_INVALID, "no difference");
    REFUSES(han__power_groups(&plan, 1.0, &n, err), HAN_INVALID, "power asked for");
    bad.only_a = 0.20001;
    REFUSES(han__power_groups(&bad, 0.9, &n, err), HAN_LIMIT, "do not reach");
    REFUSES(han__power_effect(&bad, 5, 0.8, &x, err), HAN_LIMIT, "largest");
    assert_true(x == 7);
}

TEST(posterior_matches_reference)
{
    han__posterior p;
    assert_int_equal(han__posterior_beta(8, 3, 0.5, 0.5, 0.05, &p, NULL), HAN_OK);
    NEAR(p.mean, 8.5 / 12, 1e-15);
    NEAR(p.sd, sqrt(8.5 * 3.5 / 144 / 13), 1e-14);
    NEAR(p.low, 0.4349045194982143, 1e-12);
    NEAR(han__beta_cdf(p.median, 8.5, 3.5), 0.5, 1e-13);
    NEAR(han__beta_cdf(p.high, 8.5, 3.5), 0.975, 1e-13);
}

/* P(X > Y) for whole shapes by the sum over X's upper tails. */
TEST(greater_matches_closed_form)
{
    han__posterior x, y;
    for (int a = 1; a <= 9; a += 4) {
        for (int b = 1; b <= 9; b += 4) {
            assert_int_equal(han__posterior_beta(a, 2, 1, 1, 0.05, &x, NULL), HAN_OK);
            assert_int_equal(han__posterior_beta(b, 4, 1, 1, 0.05, &y, NULL), HAN_OK);
            double sum = 0.0; /* Evan Miller's sum, by lgamma */
            for (int i = 0; i < a + 1; i++)
                sum += exp(lgamma(y.a + i) + lgamma(y.b + x.b) - lgamma(y.a + i + y.b + x.b) -
                           log(x.b + i) - (lgamma(1.0 + i) + lgamma(x.b) - lgamma(1.0 + i + x.b)) -
                           (lgamma(y.a) + lgamma(y.b) - lgamma(y.a + y.b)));
            WITHIN(han__posterior_greater(&x, &y), sum, 1e-7);
        }
    }
    WITHIN(han__posterior_greater(&x, &x), 0.5, 1e-7);
}

TEST(posterior_refuses)
{
    han__posterior p = {.a = 7};
    REFUSES(han__posterior_beta(-1, 0, 1, 1, 0.05, &p, err), HAN_INVALID, "successes");
    REFUSES(han__posterior_beta(NAN, 0, 1, 1, 0.05, &p, err), HAN_INVALID, "successes");
    REFUSES(han__posterior_beta(1, INFINITY, 1, 1, 0.05, &p, err), HAN_INVALID, "failures");
    REFUSES(han__posterior_beta(1, 0, 0, 1, 0.05, &p, err), HAN_INVALID, "prior");
    REFUSES(han__posterior_beta(1, 0, 1, 1, 0, &p, err), HAN_INVALID, "alpha");
    assert_true(p.a == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_matches_r),
        cmocka_unit_test(no_difference_gives_alpha),
        cmocka_unit_test(groups_count_by_their_correlation),
        cmocka_unit_test(pairs_match_direct_sums),
        cmocka_unit_test(pairs_at_large_n),
        cmocka_unit_test(groups_and_effect_agree_with_power),
        cmocka_unit_test(power_refuses),
        cmocka_unit_test(posterior_matches_reference),
        cmocka_unit_test(greater_matches_closed_form),
        cmocka_unit_test(posterior_refuses),
    };
    return cmocka_run_group_tests_name("stats_power", tests, NULL, NULL);
}
