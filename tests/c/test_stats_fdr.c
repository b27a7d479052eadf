/* stats/fdr: R's p.adjust values, the rules that the adjusted values stand for written out
 * literally, and the sums of the online sequences. */
#include "base/config.h"

#include "stats/fdr.h"
#include "stats_testing.h"

static int setup(void **state)
{
    static han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    *state = &mem;
    return 0;
}

static const double family[] = {0.01, 0.04, 0.03, 0.005, 0.5, 0.5};

static void matches_p_adjust(void **state)
{
    static const double bh[] = {0.03, 0.06, 0.06, 0.03, 0.5, 0.5};
    static const double holm[] = {0.05, 0.12, 0.12, 0.03, 1, 1};
    double q[6];
    assert_int_equal(han__fdr_bh(*state, family, 6, q, NULL), HAN_OK);
    for (int i = 0; i < 6; i++) NEAR(q[i], bh[i], 1e-14);
    assert_int_equal(han__fdr_holm(*state, family, 6, q, NULL), HAN_OK);
    for (int i = 0; i < 6; i++) NEAR(q[i], holm[i], 1e-14);
}

/* Step-up and step-down as their papers state them: how many are rejected at alpha. */
static size_t bh_rejects(const double *sorted, size_t m, double alpha)
{
    size_t k = m;
    while (k > 0 && sorted[k - 1] > alpha * (double)k / (double)m) k--;
    return k;
}

static size_t holm_rejects(const double *sorted, size_t m, double alpha)
{
    size_t k = 0;
    while (k < m && sorted[k] <= alpha / (double)(m - k)) k++;
    return k;
}

static size_t ebh_rejects(const double *falling, size_t m, double alpha)
{
    size_t k = m;
    while (k > 0 && falling[k - 1] < (double)m / (alpha * (double)k)) k--;
    return k;
}

static size_t at_most(const double *q, size_t m, double alpha)
{
    size_t count = 0;
    for (size_t i = 0; i < m; i++) count += q[i] <= alpha;
    return count;
}

static void agrees_with_the_rules(void **state)
{
    han__rng rng;
    han__rng_init(&rng, 11, 0);
    for (int round = 0; round < 300; round++) {
        double p[40], e[40], q[40], level = 0.01 + 0.3 * han__rng_unit(&rng), rise = 0.0,
                                    fall = 90.0;
        size_t m = 1 + han__rng_below(&rng, 40);
        for (size_t i = 0; i < m; i++) {
            rise += (1.0 - rise) * han__rng_unit(&rng) * 0.05;
            fall *= 1.0 - 0.2 * han__rng_unit(&rng);
            p[i] = rise;
            e[i] = fall;
        }
        assert_int_equal(han__fdr_bh(*state, p, m, q, NULL), HAN_OK);
        assert_int_equal(at_most(q, m, level), bh_rejects(p, m, level));
        assert_int_equal(han__fdr_holm(*state, p, m, q, NULL), HAN_OK);
        assert_int_equal(at_most(q, m, level), holm_rejects(p, m, level));
        assert_int_equal(han__fdr_ebh(*state, e, m, q, NULL), HAN_OK);
        assert_int_equal(at_most(q, m, level), ebh_rejects(e, m, level));
    }
}

static void works_in_place_and_on_edges(void **state)
{
    double x[] = {1.0, 0.0}, e[] = {0.0, INFINITY, 3.0};
    assert_int_equal(han__fdr_bh(*state, x, 2, x, NULL), HAN_OK);
    assert_true(x[0] == 1.0 && x[1] == 0.0);
    assert_int_equal(han__fdr_ebh(*state, e, 3, e, NULL), HAN_OK);
    assert_true(e[0] == 1.0 && e[1] == 0.0 && e[2] == 0.5);
}

static void refuses_bad_families(void **state)
{
    double q[2] = {7, 7};
    const double high[] = {0.5, 1.5}, nan[] = {NAN, 0.5}, low[] = {-1, 2};
    REFUSES(han__fdr_bh(*state, high, 0, q, err), HAN_INVALID, "empty");
    REFUSES(han__fdr_bh(*state, high, 2, q, err), HAN_INVALID, "p[2] is out of its range");
    REFUSES(han__fdr_holm(*state, nan, 2, q, err), HAN_INVALID, "p[1] is not a number");
    REFUSES(han__fdr_ebh(*state, low, 2, q, err), HAN_INVALID, "e[1]");
    REFUSES(han__fdr_bh(*state, high, HAN__FAMILY_MAX + 1, q, err), HAN_INVALID, "limit");
    assert_true(q[0] == 7 && q[1] == 7);
}

static bool all_three(han__mem *mem)
{
    double q[6];
    return han__fdr_bh(mem, family, 6, q, NULL) == HAN_OK &&
           han__fdr_holm(mem, family, 6, q, NULL) == HAN_OK &&
           han__fdr_ebh(mem, family, 6, q, NULL) == HAN_OK;
}

static void survives_no_memory(void **state)
{
    han__mem *mem = *state;
    SWEEP_ALLOCATIONS(mem, all_three(mem));
    mem->fail_at = 1;
    mem->calls = 0;
    double q[6];
    REFUSES(han__fdr_bh(mem, family, 6, q, err), HAN_NOMEM, "memory");
    mem->fail_at = 0;
}

TEST(spending_sums_to_alpha)
{
    double sum = 0.0;
    for (uint64_t i = 1; i <= 100000; i++) sum += han__spend_level(0.05, i);
    assert_true(sum < 0.05);
    NEAR(sum, 0.05, 1e-4);
    NEAR(han__spend_level(0.05, 1), 0.0303963550927013, 1e-12);
    assert_true(isnan(han__spend_level(0.05, 0)) && isnan(han__spend_level(1.0, 1)));
}

/* The sequence sums to at most 1 (no rejections: the levels spend at most the starting wealth), and
 * the first rejection earns alpha / 2, later ones alpha. */
TEST(lord_spends_what_it_has)
{
    static bool none[5000];
    double sum = 0.0, level;
    for (uint64_t i = 1; i <= 5000; i++) {
        assert_int_equal(han__lord_level(0.05, none, i, &level, NULL), HAN_OK);
        sum += level;
    }
    NEAR(sum, 0.0092113286, 1e-8); /* of 0.025: the rest is for the tests after these */
    double first, base;
    bool one[3] = {true, true, false};
    assert_int_equal(han__lord_level(0.05, none, 1, &base, NULL), HAN_OK);
    assert_int_equal(han__lord_level(0.05, none, 2, &level, NULL), HAN_OK);
    assert_int_equal(han__lord_level(0.05, one, 2, &first, NULL), HAN_OK);
    NEAR(first - level, base, 1e-12); /* gamma_1 (alpha - wealth), wealth = alpha / 2 */
    double none_third, both_third, one_third;
    bool only_first[2] = {true, false};
    assert_int_equal(han__lord_level(0.05, none, 3, &none_third, NULL), HAN_OK);
    assert_int_equal(han__lord_level(0.05, only_first, 3, &one_third, NULL), HAN_OK);
    assert_int_equal(han__lord_level(0.05, one, 3, &both_third, NULL), HAN_OK);
    NEAR(one_third - none_third, level, 1e-12);      /* gamma_2 (alpha - wealth) */
    NEAR(both_third - one_third, 2.0 * base, 1e-12); /* gamma_1 alpha */
}

TEST(lord_refuses)
{
    double level = 7;
    bool none[1] = {false};
    REFUSES(han__lord_level(0, none, 1, &level, err), HAN_INVALID, "alpha");
    REFUSES(han__lord_level(0.05, none, 0, &level, err), HAN_INVALID, "index");
    assert_true(level == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_p_adjust),
        cmocka_unit_test(agrees_with_the_rules),
        cmocka_unit_test(works_in_place_and_on_edges),
        cmocka_unit_test(refuses_bad_families),
        cmocka_unit_test(survives_no_memory),
        cmocka_unit_test(spending_sums_to_alpha),
        cmocka_unit_test(lord_spends_what_it_has),
        cmocka_unit_test(lord_refuses),
    };
    return cmocka_run_group_tests_name("stats_fdr", tests, setup, NULL);
}
