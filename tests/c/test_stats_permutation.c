/* stats/permutation and stats/effect: against brute force over every sign pattern, every pair and
 * every rank, with ties, zeros and groups. */
#include "base/config.h"

#include "stats/effect.h"
#include "stats/permutation.h"
#include "stats_testing.h"

static han__mem mem;

static int setup(void **state)
{
    (void)state;
    han__mem_init(&mem, NULL, NULL);
    return 0;
}

static int nothing_left(void **state)
{
    (void)state;
    return mem.live == 0 ? 0 : -1;
}

static han__permutation_result test(const han__sample *s, uint64_t seed, uint32_t resamples)
{
    han__permutation_result r;
    han_error err;
    han__error_clear(&err);
    if (han__permutation_test(&mem, s, seed, resamples, &r, &err)) fail_msg("%s", err.message);
    return r;
}

TEST(matches_scipy)
{
    const double a[] = {1.2, 3.4, 2.2, 5.1, 0.3, 4.4, 2.9},
                 b[] = {1.0, 2.1, 2.9, 3.3, 0.1, 3.9, 1.0};
    han__sample s = {.a = a, .b = b, .n = 7};
    han__permutation_result r = test(&s, 1, 0);
    assert_true(r.exact && r.resamples == 128);
    NEAR(r.p, 0.125, 1e-15);
}

static double brute_force(const double *d, unsigned n)
{
    double observed = 0.0;
    uint64_t reached = 0;
    for (unsigned i = 0; i < n; i++) observed += d[i];
    for (uint64_t pattern = 0; pattern < (uint64_t)1 << n; pattern++) {
        double sum = 0.0;
        for (unsigned i = 0; i < n; i++) sum += pattern >> i & 1 ? d[i] : -d[i];
        reached += fabs(sum) >= fabs(observed) - 1e-9;
    }
    return (double)reached / (double)((uint64_t)1 << n);
}

/* Whole numbers in tenths: many patterns tie with the observed one, off by rounding only. */
TEST(agrees_with_brute_force)
{
    han__rng rng;
    han__rng_init(&rng, 5, 0);
    for (unsigned round = 0; round < 60; round++) {
        double d[14];
        unsigned n = 1 + (unsigned)han__rng_below(&rng, 14);
        for (unsigned i = 0; i < n; i++)
            d[i] = ((double)han__rng_below(&rng, 9) - 3.0) / (round % 2 ? 10.0 : 1.0);
        han__sample s = {.a = d, .n = n};
        han__permutation_result r = test(&s, 1, 0);
        assert_true(r.exact);
        NEAR(r.p, brute_force(d, n), 1e-14);
    }
}

/* 21 groups are drawn at random, 20 are counted; both say the same within chance. */
TEST(random_patterns_agree_with_all)
{
    double d[21];
    han__rng rng;
    han__rng_init(&rng, 8, 0);
    for (int i = 0; i < 21; i++) d[i] = draw_normal(&rng) + 0.45;
    han__sample s = {.a = d, .n = 20};
    han__permutation_result all = test(&s, 1, 0);
    assert_true(all.exact && all.resamples == 1 << 20);
    d[20] = d[19];
    s.n = 21;
    han__permutation_result some = test(&s, 3, 200000), again = test(&s, 3, 200000);
    assert_true(!some.exact && some.p == again.p);
    double want = brute_force(d, 21);
    WITHIN(some.p, want, 5 * sqrt(want / 200000));
    assert_true(test(&s, 4, 200000).p != some.p);
}

/* Zeros say nothing: 30 groups of which 8 differ are exact. */
TEST(zeros_are_dropped)
{
    double d[30] = {0};
    for (int i = 0; i < 8; i++) d[3 * i] = i - 2.5;
    han__sample s = {.a = d, .n = 30};
    han__permutation_result r = test(&s, 1, 0);
    assert_true(r.exact && r.resamples == 256 && r.groups == 30);
    double kept[8];
    for (int i = 0; i < 8; i++) kept[i] = i - 2.5;
    NEAR(r.p, brute_force(kept, 8), 1e-15);
    memset(d, 0, sizeof d);
    assert_true(test(&s, 1, 0).p == 1.0);
}

/* The rows of a group flip together. */
TEST(groups_flip_whole)
{
    const double a[] = {3, 1, 2, 4, 1, 0}, b[] = {1, 1, 1, 1, 2, 1};
    const uint32_t group[] = {0, 0, 1, 1, 2, 2};
    han__sample s = {.a = a, .b = b, .n = 6, .group = group, .groups = 3};
    const double sums[] = {2, 4, -2};
    NEAR(test(&s, 1, 0).p, brute_force(sums, 3), 1e-15);
    assert_true(test(&s, 1, 0).resamples == 8);
}

TEST(permutation_refuses)
{
    const double d[] = {1, NAN};
    han__sample bad = {.a = d, .n = 2}, good = {.a = d, .n = 1}, empty = {0};
    han__permutation_result r;
    REFUSES(han__permutation_test(&mem, &bad, 1, 0, &r, err), HAN_INVALID, "x[2]");
    REFUSES(han__permutation_test(&mem, &empty, 1, 0, &r, err), HAN_INVALID, "empty");
    REFUSES(han__permutation_test(&mem, &good, 1, 7, &r, err), HAN_INVALID, "resamples");
    assert_true(test(&good, 1, 0).p == 1.0); /* one pair: both patterns reach it */
}

static bool permute(void)
{
    static const double d[] = {1, 2, 3};
    han__sample s = {.a = d, .n = 3};
    han__permutation_result r;
    return han__permutation_test(&mem, &s, 1, 0, &r, NULL) == HAN_OK;
}

static double cliff(const double *a, size_t n, const double *b, size_t m)
{
    double out = NAN;
    assert_int_equal(han__effect_cliff(&mem, a, n, b, m, &out, NULL), HAN_OK);
    return out;
}

static void units_of(const double *d, size_t n, han__units *u)
{
    han__sample s = {.a = d, .n = n};
    assert_int_equal(han__units_init(u, &mem, &s, NULL), HAN_OK);
}

TEST(effects_by_hand)
{
    const double a[] = {1, 2, 3}, b[] = {1, 1, 4}, d[] = {0.5, -1, 2, 2, 0, -0.5};
    NEAR(cliff(a, 3, b, 3), 1.0 / 9, 1e-14); /* -1, +1 and +1 by row */
    han__units u;
    units_of(d, 6, &u);
    double dz, r;
    assert_int_equal(han__effect_dz(&u, &dz, NULL), HAN_OK);
    NEAR(dz, 0.5 / 1.2649110640673518, 1e-14);
    /* ranks of 0.5 0.5 1 2 2: 1.5 1.5 3 4.5 4.5; + is 1.5 + 9, - is 1.5 + 3 */
    assert_int_equal(han__effect_rank_biserial(&u, &r, NULL), HAN_OK);
    NEAR(r, (10.5 - 4.5) / 15, 1e-14);
    han__units_release(&u);
}

TEST(cliff_agrees_with_all_pairs)
{
    han__rng rng;
    han__rng_init(&rng, 21, 0);
    for (int round = 0; round < 50; round++) {
        double a[30], b[30], sum = 0.0;
        size_t n = 1 + han__rng_below(&rng, 30), m = 1 + han__rng_below(&rng, 30);
        for (size_t i = 0; i < n; i++) a[i] = (double)han__rng_below(&rng, 7);
        for (size_t i = 0; i < m; i++) b[i] = (double)han__rng_below(&rng, 7);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < m; j++) sum += (a[i] > b[j]) - (a[i] < b[j]);
        WITHIN(cliff(a, n, b, m), sum / (double)(n * m), 1e-14);
    }
}

TEST(effects_refuse)
{
    const double same[] = {2, 2, 2}, zero[] = {0, 0};
    double out = 7;
    han__units u;
    units_of(same, 3, &u);
    REFUSES(han__effect_dz(&u, &out, err), HAN_INVALID, "not all equal");
    han__units_release(&u);
    units_of(zero, 2, &u);
    REFUSES(han__effect_rank_biserial(&u, &out, err), HAN_INVALID, "tied");
    han__units_release(&u);
    const double bad[] = {INFINITY};
    REFUSES(han__effect_cliff(&mem, bad, 1, zero, 2, &out, err), HAN_INVALID, "a[1] is infinite");
    REFUSES(han__effect_cliff(&mem, zero, 2, bad, 0, &out, err), HAN_INVALID, "two samples");
    assert_true(out == 7);
}

static bool both_effects(void)
{
    static const double d[] = {1, -2, 3};
    han__sample s = {.a = d, .n = 3};
    han__units u;
    double out;
    if (han__units_init(&u, &mem, &s, NULL)) return false;
    bool done = han__effect_rank_biserial(&u, &out, NULL) == HAN_OK;
    han__units_release(&u);
    return done && han__effect_cliff(&mem, d, 3, d, 3, &out, NULL) == HAN_OK;
}

TEST(survives_no_memory)
{
    SWEEP_ALLOCATIONS(&mem, permute());
    SWEEP_ALLOCATIONS(&mem, both_effects());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(matches_scipy, setup, nothing_left),
        cmocka_unit_test_setup_teardown(agrees_with_brute_force, setup, nothing_left),
        cmocka_unit_test_setup_teardown(random_patterns_agree_with_all, setup, nothing_left),
        cmocka_unit_test_setup_teardown(zeros_are_dropped, setup, nothing_left),
        cmocka_unit_test_setup_teardown(groups_flip_whole, setup, nothing_left),
        cmocka_unit_test_setup_teardown(permutation_refuses, setup, nothing_left),
        cmocka_unit_test_setup_teardown(effects_by_hand, setup, nothing_left),
        cmocka_unit_test_setup_teardown(cliff_agrees_with_all_pairs, setup, nothing_left),
        cmocka_unit_test_setup_teardown(effects_refuse, setup, nothing_left),
        cmocka_unit_test_setup_teardown(survives_no_memory, setup, nothing_left),
    };
    return cmocka_run_group_tests_name("stats_permutation", tests, NULL, NULL);
}
