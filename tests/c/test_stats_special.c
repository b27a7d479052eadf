/* stats/special: values from SciPy 1.10.1 and R 4.2.2, and identities that hold at any size. */
#include "base/config.h"

#include "stats/special.h"
#include "stats_testing.h"

TEST(normal_matches_reference)
{
    NEAR(han__normal_cdf(-1.96), 0.024997895148220435, 1e-14);
    NEAR(han__normal_cdf(-10), 7.61985302416047e-24, 1e-13);
    NEAR(han__normal_quantile(0.025), -1.9599639845400545, 1e-15);
    NEAR(han__normal_quantile(0.975), 1.9599639845400545, 1e-14);
    NEAR(han__normal_quantile(1e-10), -6.361340902404056, 1e-15);
    NEAR(han__normal_quantile(1e-300), -37.0470962993612, 1e-14);
    assert_true(han__normal_quantile(0.5) == 0.0);
    assert_true(isinf(han__normal_quantile(0)) && isinf(han__normal_quantile(1)));
    assert_true(isnan(han__normal_quantile(-0.1)) && isnan(han__normal_quantile(NAN)));
}

TEST(binomial_matches_reference)
{
    NEAR(han__binomial_pmf(3, 10, 0.3), 0.26682793199999977, 1e-14);
    NEAR(han__binomial_pmf(500000, 1000000, 0.5), 0.0007978843613317499, 1e-13);
    NEAR(han__binomial_cdf(400, 1000, 0.5), 1.364232078032988e-10, 1e-12);
    NEAR(han__binomial_tail(600, 1000, 0.5), 1.364232078032988e-10, 1e-12);
    NEAR(han__binomial_cdf(499000, 1000000, 0.5), 0.022804149932694757, 1e-12);
    NEAR(han__binomial_cdf(50, 100, 0.5), 0.5397946186935892, 1e-14);
}

/* Every cdf against the plain sum of products, and cdf + tail = 1. */
TEST(binomial_matches_direct_sums)
{
    for (uint64_t n = 1; n <= 40; n++) {
        for (double p = 0.05; p < 1.0; p += 0.15) {
            double sum = 0.0, term = pow(1.0 - p, (double)n);
            for (uint64_t k = 0; k <= n; k++) {
                sum += term;
                NEAR(han__binomial_pmf(k, n, p), term, 1e-11);
                NEAR(han__binomial_cdf(k, n, p), sum, 1e-11);
                NEAR(han__binomial_cdf(k, n, p) + han__binomial_tail(k + 1, n, p), 1.0, 1e-14);
                term *= (double)(n - k) / (double)(k + 1) * p / (1.0 - p);
            }
        }
    }
}

TEST(binomial_at_the_ends)
{
    assert_true(han__binomial_cdf(0, 5, 0.0) == 1.0 && han__binomial_cdf(4, 5, 1.0) == 0.0);
    assert_true(han__binomial_tail(0, 5, 0.0) == 1.0 && han__binomial_tail(1, 5, 0.0) == 0.0);
    assert_true(han__binomial_cdf(9, 5, 0.5) == 1.0 && han__binomial_tail(6, 5, 0.5) == 0.0);
    assert_true(han__binomial_pmf(5, 5, 1.0) == 1.0 && han__binomial_pmf(0, 0, 0.3) == 1.0);
    assert_true(isnan(han__binomial_pmf(6, 5, 0.5)));
    assert_true(isnan(han__binomial_cdf(1, HAN__COUNT_MAX + 1, 0.5)));
    assert_true(isnan(han__binomial_cdf(1, 5, 1.5)));
    NEAR(han__binomial_cdf(HAN__COUNT_MAX / 2, HAN__COUNT_MAX, 0.5), 0.5, 1e-5);
}

TEST(beta_matches_reference)
{
    NEAR(han__beta_cdf(0.4, 2, 3), 0.5248, 1e-14);
    NEAR(han__beta_cdf(0.1, 0.5, 0.5), 0.2048327646991335, 1e-14);
    NEAR(han__beta_cdf(0.34, 1000, 2000), 0.781215091161411, 1e-11);
    NEAR(han__beta_density(0.3, 2, 5), 2.1609, 1e-13);
    NEAR(han__beta_quantile(0.025, 8.5, 3.5), 0.4349045194982143, 1e-12);
    NEAR(han__beta_quantile(0.975, 1, 11), 0.28491415291815436, 1e-12);
    NEAR(han__beta_quantile(0.3, 0.01, 2), 1.9054084799700628e-53, 1e-9);
    NEAR(han__beta_quantile(0.1, 50000, 50001), 0.4979687025142319, 1e-12);
    assert_true(isnan(han__beta_cdf(0.5, 0, 1)) && isnan(han__beta_quantile(2, 1, 1)));
    assert_true(han__beta_cdf(-1, 2, 2) == 0.0 && han__beta_cdf(2, 2, 2) == 1.0);
}

TEST(beta_quantile_inverts_cdf)
{
    static const double shape[] = {0.2, 0.5, 1, 1.5, 7, 60, 3000};
    static const double level[] = {1e-8, 0.01, 0.3, 0.5, 0.9, 0.999};
    for (size_t i = 0; i < HAN__COUNT(shape); i++) {
        for (size_t j = 0; j < HAN__COUNT(shape); j++) {
            for (size_t k = 0; k < HAN__COUNT(level); k++) {
                double x = han__beta_quantile(level[k], shape[i], shape[j]);
                if (x < 1.0 - 1e-6) NEAR(han__beta_cdf(x, shape[i], shape[j]), level[k], 1e-8);
            }
        }
    }
}

TEST(student_matches_reference)
{
    NEAR(han__student_cdf(-2.3, 7), 0.02749554760218577, 1e-13);
    NEAR(han__student_cdf(2.3, 7), 1 - 0.02749554760218577, 1e-14);
    NEAR(han__student_quantile(0.975, 9), 2.262157162798205, 1e-14);
    NEAR(han__student_quantile(0.6, 3.5), 0.2732654540557797, 1e-12);
    NEAR(han__student_quantile(0.975, 1e6), 1.9599663568141066, 1e-11);
    NEAR(han__student_quantile(1e-9, 2), -22360.679741406886, 1e-11);
    assert_true(han__student_cdf(INFINITY, 3) == 1.0 && isnan(han__student_cdf(1, 0)));
}

TEST(noncentral_student_matches_reference)
{
    NEAR(han__student_noncentral_tail(2.262, 9, 1.5), 0.2685511845225206, 1e-9);
    NEAR(han__student_noncentral_tail(2.0, 29, 2.7), 0.7561675510783571, 1e-9);
    NEAR(han__student_noncentral_tail(12.7, 1, 3), 0.18619678199239592, 1e-9);
    NEAR(han__student_noncentral_tail(1.96, 5000, 2.8), 0.7995280576342996, 1e-9);
    NEAR(han__student_noncentral_tail(-2.2, 9, 1.5), 0.9994806745313064, 1e-9);
    /* Without noncentrality it is Student's own tail, also where the step is narrow. */
    NEAR(han__student_noncentral_tail(636.6, 1, 0), 1 - han__student_cdf(636.6, 1), 1e-7);
    NEAR(han__student_noncentral_tail(3, 1e6, 60), 1.0, 1e-12);
}

static double steep(double x, const void *ud)
{
    return 1.0 / (1.0 + exp((0.3 - x) * *(const double *)ud));
}

TEST(integration_meets_its_tolerance)
{
    double rate = 400.0;
    NEAR(han__integrate(steep, &rate, 0, 1, 1e-11), 0.7, 1e-10);
    assert_true(han__integrate(steep, &rate, 1, 1, 1e-11) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_matches_reference),
        cmocka_unit_test(binomial_matches_reference),
        cmocka_unit_test(binomial_matches_direct_sums),
        cmocka_unit_test(binomial_at_the_ends),
        cmocka_unit_test(beta_matches_reference),
        cmocka_unit_test(beta_quantile_inverts_cdf),
        cmocka_unit_test(student_matches_reference),
        cmocka_unit_test(noncentral_student_matches_reference),
        cmocka_unit_test(integration_meets_its_tolerance),
    };
    return cmocka_run_group_tests_name("stats_special", tests, NULL, NULL);
}
