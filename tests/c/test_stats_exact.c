/* stats/exact: published and reference values, the counts' edges, and each interval against the
 * property that defines it. */
#include "base/config.h"

#include "stats/exact.h"
#include "stats/special.h"
#include "stats_testing.h"

static double sign(uint64_t wins, uint64_t losses)
{
    double p = NAN;
    assert_int_equal(han__sign_test(wins, losses, 0, &p, NULL), HAN_OK);
    return p;
}

TEST(sign_matches_reference)
{
    NEAR(sign(8, 2), 0.109375, 1e-14);
    NEAR(sign(6, 0), 0.03125, 1e-14);
    NEAR(sign(0, 7), 0.015625, 1e-14);
    NEAR(sign(60, 40), 0.05688793364098088, 1e-12);
    NEAR(sign(520, 480), 0.2174482932041409, 1e-12);
    assert_true(sign(10, 10) == 1.0 && sign(5, 4) == 1.0);
}

/* Small counts are sums of whole numbers; they meet the general way at every table. */
TEST(small_counts_have_no_rounding)
{
    assert_true(sign(8, 2) == 0.109375 && sign(6, 0) == 0.03125 && sign(5, 4) == 1.0);
    for (uint64_t n = 1; n <= 60; n++)
        for (uint64_t k = 0; 2 * k + 1 < n; k++)
            NEAR(sign(k, n - k), 2.0 * han__binomial_cdf(k, n, 0.5), 1e-12);
}

/* The smallest number of groups that an all-win sign test needs is that of the design: 6. */
TEST(six_groups_are_the_least)
{
    assert_true(sign(5, 0) > 0.05);
    assert_true(sign(6, 0) <= 0.05);
    assert_true(sign(8, 0) <= 0.05 / 5 && sign(7, 0) > 0.05 / 5);
}

TEST(sign_drops_ties_and_refuses_nothing)
{
    double p = 7.0;
    assert_int_equal(han__sign_test(0, 0, 12, &p, NULL), HAN_OK);
    assert_true(p == 1.0);
    assert_int_equal(han__sign_test(8, 2, 1000, &p, NULL), HAN_OK);
    NEAR(p, 0.109375, 1e-14);
    p = 7.0;
    REFUSES(han__sign_test(0, 0, 0, &p, err), HAN_INVALID, "empty");
    REFUSES(han__sign_test(HAN__COUNT_MAX, 1, 0, &p, err), HAN_INVALID, "2^40");
    assert_true(p == 7.0);
}

TEST(sign_counts_by_group)
{
    const double a[] = {1, 1, 0.1 + 0.2, 0, 2, 1}, b[] = {0, 0, 0.3, 1, 1, 1};
    const uint32_t group[] = {0, 0, 1, 2, 2, 3};
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    han__sample sample = {.a = a, .b = b, .n = 6, .group = group, .groups = 4};
    han__units units;
    assert_int_equal(han__units_init(&units, &mem, &sample, NULL), HAN_OK);
    uint64_t wins, losses, ties;
    han__sign_counts(&units, &wins, &losses, &ties);
    assert_int_equal(wins, 1);   /* the two rows of group 0 are one win */
    assert_int_equal(losses, 0); /* -1 and +1 of group 2 cancel */
    assert_int_equal(ties, 3);   /* and 0.1 + 0.2 is 0.3 */
    han__units_release(&units);
}

TEST(mcnemar_is_the_sign_test_of_discordant_pairs)
{
    double p;
    assert_int_equal(han__mcnemar_test(8, 2, 40, &p, NULL), HAN_OK);
    NEAR(p, 0.109375, 1e-14);
    assert_int_equal(han__mcnemar_test(0, 0, 40, &p, NULL), HAN_OK);
    assert_true(p == 1.0);
    REFUSES(han__mcnemar_test(3, 2, 4, &p, err), HAN_INVALID, "discordant");
    REFUSES(han__mcnemar_test(0, 0, 0, &p, err), HAN_INVALID, "no pairs");
    REFUSES(han__mcnemar_test(UINT64_MAX, 2, 5, &p, err), HAN_INVALID, "2^40");
}

/* From a root-solve in R with the restricted maximum found numerically (tests/stats/agree.R). */
TEST(tango_matches_reference)
{
    static const struct {
        uint64_t a, b, n;
        double low, high;
    } cases[] = {
        {7, 2, 20, -0.0486348015614082, 0.5070543266587747},
        {12, 3, 32, 0.0480632909376003, 0.4862453814568149},
        {0, 0, 10, -0.277532799862889, 0.277532799862889},
        {1, 0, 44, -0.0593932311166258, 0.1180770969821332},
        {5, 5, 10, -0.526813818974872, 0.526813818974872},
        {9, 5, 100, -0.0369678250345737, 0.1212662781324877},
    };
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        han__interval t;
        assert_int_equal(han__tango_interval(cases[i].a, cases[i].b, cases[i].n, 0.05, &t, NULL),
                         HAN_OK);
        WITHIN(t.low, cases[i].low, 1e-11);
        WITHIN(t.high, cases[i].high, 1e-11);
    }
}

/* For every small table: the ends are where the score crosses z, swapping arms mirrors the
 * interval, and the score falls with delta. */
TEST(tango_on_every_small_table)
{
    double z = han__normal_quantile(0.975);
    for (uint64_t n = 1; n <= 12; n++) {
        for (uint64_t a = 0; a <= n; a++) {
            for (uint64_t b = 0; a + b <= n; b++) {
                han__interval t, m;
                assert_int_equal(han__tango_interval(a, b, n, 0.05, &t, NULL), HAN_OK);
                assert_int_equal(han__tango_interval(b, a, n, 0.05, &m, NULL), HAN_OK);
                assert_true(t.low <= t.estimate && t.estimate <= t.high);
                WITHIN(t.low, -m.high, 1e-12);
                if (t.low > -1.0) NEAR(han__tango_score(a, b, n, t.low), z, 1e-6);
                if (t.high < 1.0) NEAR(han__tango_score(a, b, n, t.high), -z, 1e-6);
                double last = INFINITY;
                for (double d = -1.0; d <= 1.0; d += 1.0 / 64) {
                    double score = han__tango_score(a, b, n, d);
                    assert_true(score <= last + 1e-9);
                    last = score;
                }
            }
        }
    }
}

TEST(tango_refuses)
{
    han__interval t = {7, 7, 7};
    REFUSES(han__tango_interval(1, 1, 1, 0.05, &t, err), HAN_INVALID, "discordant");
    REFUSES(han__tango_interval(1, 0, 1, 0.0, &t, err), HAN_INVALID, "alpha");
    REFUSES(han__tango_interval(1, 0, 1, NAN, &t, err), HAN_INVALID, "alpha");
    assert_true(t.estimate == 7);
}

TEST(proportion_matches_reference)
{
    static const struct {
        uint64_t hits, n;
        double clopper[2], wilson[2];
    } cases[] = {
        {8, 10, {0.4439045376923585, 0.9747892736731665}, {0.4901624715366418, 0.9433178485456248}},
        {0, 10, {0, 0.30849710781876294}, {0, 0.27753279986288926}},
        {10, 10, {0.6915028921812371, 1}, {0.7224672001371109, 1}},
        {37,
         100,
         {0.2755665796145391, 0.4723516405516859},
         {0.28182360534324535, 0.4677947041905709}},
    };
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        han__interval c, w;
        assert_int_equal(han__clopper_interval(cases[i].hits, cases[i].n, 0.05, &c, NULL), HAN_OK);
        assert_int_equal(han__wilson_interval(cases[i].hits, cases[i].n, 0.05, &w, NULL), HAN_OK);
        NEAR(c.low, cases[i].clopper[0], 1e-12);
        NEAR(c.high, cases[i].clopper[1], 1e-12);
        NEAR(w.low, cases[i].wilson[0], 1e-12);
        NEAR(w.high, cases[i].wilson[1], 1e-12);
    }
}

/* Clopper-Pearson covers at least 95 % at every p, by direct summation. */
TEST(clopper_covers)
{
    for (uint64_t n = 1; n <= 25; n += 6) {
        for (double p = 0.01; p < 1.0; p += 0.03) {
            double covered = 0.0;
            for (uint64_t k = 0; k <= n; k++) {
                han__interval c;
                assert_int_equal(han__clopper_interval(k, n, 0.05, &c, NULL), HAN_OK);
                if (c.low <= p && p <= c.high) covered += han__binomial_pmf(k, n, p);
            }
            assert_true(covered >= 0.95 - 1e-12);
        }
    }
}

TEST(proportion_refuses)
{
    han__interval c;
    REFUSES(han__clopper_interval(0, 0, 0.05, &c, err), HAN_INVALID, "n is 0");
    REFUSES(han__clopper_interval(3, 2, 0.05, &c, err), HAN_INVALID, "more hits");
    REFUSES(han__wilson_interval(1, 2, 1.0, &c, err), HAN_INVALID, "alpha");
    REFUSES(han__wilson_interval(1, HAN__COUNT_MAX + 1, 0.1, &c, err), HAN_INVALID, "2^40");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_matches_reference),
        cmocka_unit_test(small_counts_have_no_rounding),
        cmocka_unit_test(six_groups_are_the_least),
        cmocka_unit_test(sign_drops_ties_and_refuses_nothing),
        cmocka_unit_test(sign_counts_by_group),
        cmocka_unit_test(mcnemar_is_the_sign_test_of_discordant_pairs),
        cmocka_unit_test(tango_matches_reference),
        cmocka_unit_test(tango_on_every_small_table),
        cmocka_unit_test(tango_refuses),
        cmocka_unit_test(proportion_matches_reference),
        cmocka_unit_test(clopper_covers),
        cmocka_unit_test(proportion_refuses),
    };
    return cmocka_run_group_tests_name("stats_exact", tests, NULL, NULL);
}
