/* stats/bootstrap and stats/units: against a slow direct bootstrap with the base generator, exact
 * small cases, and every refusal that the headers name. */
#include "base/config.h"

#include "stats/bootstrap.h"
#include "stats/draw.h"
#include "stats/order.h"
#include "stats_testing.h"

#define N 60

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

static void fill(double *x, size_t n, uint64_t seed, double shift)
{
    han__rng rng;
    han__rng_init(&rng, seed, 1);
    for (size_t i = 0; i < n; i++) x[i] = draw_normal(&rng) + shift;
}

static han__boot_result boot(const han__sample *sample, const han__boot_options *options)
{
    han__boot_result r;
    han_error err;
    han__error_clear(&err);
    if (han__bootstrap_mean(&mem, sample, options, &r, &err)) fail_msg("%s", err.message);
    return r;
}

/* The definition, one step at a time: draw groups, pool their rows, average. */
static double slow_mean(const han__sample *s, han__rng *rng)
{
    double sum = 0.0, weight = 0.0;
    for (size_t k = 0; k < s->strata; k++) {
        uint32_t member[N];
        size_t members = 0;
        for (uint32_t g = 0; g < s->groups; g++) {
            bool here = false;
            for (size_t i = 0; i < s->n; i++)
                if (s->group[i] == g && s->stratum[i] == k) here = true;
            if (here) member[members++] = g;
        }
        for (size_t draw = 0; draw < members; draw++) {
            uint32_t g = member[han__rng_below(rng, members)];
            double total = 0.0, rows = 0.0;
            for (size_t i = 0; i < s->n; i++) {
                if (s->group[i] != g) continue;
                total += s->a[i] - s->b[i];
                rows += 1.0;
            }
            sum += s->weight == HAN__WEIGHT_GROUPS ? total / rows : total;
            weight += s->weight == HAN__WEIGHT_GROUPS ? 1.0 : rows;
        }
    }
    return sum / weight;
}

static void compare_with_slow(const han__sample *s)
{
    enum { R = 20000 };
    static double means[R];
    han__rng rng;
    han__rng_init(&rng, 77, 3);
    double sum = 0.0, square = 0.0;
    for (int i = 0; i < R; i++) {
        means[i] = slow_mean(s, &rng);
        sum += means[i] / R;
    }
    for (int i = 0; i < R; i++) square += (means[i] - sum) * (means[i] - sum) / (R - 1);
    double se = sqrt(square), low = han__order_quantile(means, R, 0.025);
    double high = han__order_quantile(means, R, 0.975);
    han__boot_options options = {.seed = 5, .resamples = R};
    han__boot_result r = boot(s, &options);
    /* A 2.5 % quantile of R resamples has a Monte Carlo error of about 2.7 se / sqrt(R); two of
     * them, and five deviations. */
    WITHIN(r.low, low, 5 * 1.42 * 2.7 * se / sqrt(R));
    WITHIN(r.high, high, 5 * 1.42 * 2.7 * se / sqrt(R));
    NEAR(r.se, se, 0.05);
}

/* Unequal groups in two strata, both weights. */
TEST(agrees_with_a_slow_one)
{
    double a[N], b[N];
    uint32_t group[N], stratum[N];
    fill(a, N, 1, 0.3);
    fill(b, N, 2, 0.0);
    for (uint32_t i = 0; i < N; i++) {
        group[i] = i < 24 ? i / 8 : 3 + (i - 24) % 9; /* 3 of 8 rows, 9 of 4 */
        stratum[i] = group[i] % 2;
        a[i] += 0.5 * group[i];
    }
    han__sample s = {a, b, N, group, 12, stratum, 2, HAN__WEIGHT_ROWS};
    compare_with_slow(&s);
    s.weight = HAN__WEIGHT_GROUPS;
    compare_with_slow(&s);
    memset(stratum, 0, sizeof stratum);
    s.strata = 1;
    compare_with_slow(&s);
}

TEST(rows_alone_are_groups_of_one)
{
    double a[N];
    uint32_t group[N];
    fill(a, N, 9, 0.0);
    for (uint32_t i = 0; i < N; i++) group[i] = i;
    han__sample plain = {.a = a, .n = N};
    han__sample grouped = {.a = a, .n = N, .group = group, .groups = N};
    han__boot_options options = {.seed = 4};
    han__boot_result r = boot(&plain, &options), g = boot(&grouped, &options);
    assert_true(r.low == g.low && r.high == g.high && r.p == g.p && r.groups == N);
    double sum = 0.0;
    for (int i = 0; i < N; i++) sum += a[i];
    NEAR(r.mean, sum / N, 1e-12);
}

TEST(same_seed_same_result)
{
    double a[N], b[N];
    fill(a, N, 1, 0.2);
    fill(b, N, 2, 0.0);
    han__sample s = {.a = a, .b = b, .n = N};
    for (int method = HAN__BOOT_PERCENTILE; method <= HAN__BOOT_BCA; method++) {
        han__boot_options options = {.seed = 42, .method = method};
        han__boot_result first = boot(&s, &options), again = boot(&s, &options);
        assert_true(first.low == again.low && first.high == again.high && first.p == again.p);
        options.seed = 43;
        again = boot(&s, &options);
        assert_true(first.low != again.low);
        NEAR(first.high - first.low, again.high - again.low, 0.05);
    }
}

/* Two units: the resampled mean is the lower, the middle or the upper value with odds 1:2:1, so at
 * alpha 0.6 the ends are known without luck. */
TEST(two_units_exactly)
{
    const double a[] = {1.0, 3.0};
    han__sample s = {.a = a, .n = 2};
    han__boot_options options = {.seed = 1, .alpha = 0.6};
    han__boot_result r = boot(&s, &options);
    assert_true(r.mean == 2.0 && r.low == 2.0 && r.high == 2.0 && !r.zero_width);
    options.alpha = 0.05;
    r = boot(&s, &options);
    assert_true(r.low == 1.0 && r.high == 3.0);
    assert_true(r.p == 0.5); /* no mean is at or below 0, but two groups can say no more */
}

/* Eighteen groups that all win: below 2 / (resamples + 1) nothing can be said; eight: 2^-7. */
TEST(p_has_floors)
{
    double a[18];
    for (int i = 0; i < 18; i++) a[i] = 1.0 + i;
    han__sample s = {.a = a, .n = 18};
    for (int method = HAN__BOOT_PERCENTILE; method <= HAN__BOOT_BCA; method++) {
        han__boot_options options = {.seed = 1, .method = method};
        s.n = 18;
        double p = boot(&s, &options).p, least = 2.0 / 10001;
        assert_true(method == HAN__BOOT_BCA ? p >= least && p < 2 * least : p == least);
        s.n = 8;
        assert_true(boot(&s, &options).p == 1.0 / 128);
    }
}

/* The p-value and the interval tell the same: 0 is outside just when p is below alpha. */
TEST(p_agrees_with_the_interval)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        double a[N], b[N];
        fill(a, N, seed, 0.4);
        fill(b, N, seed + 1000, 0.0);
        han__sample s = {.a = a, .b = b, .n = N};
        for (int method = HAN__BOOT_PERCENTILE; method <= HAN__BOOT_BCA; method++) {
            han__boot_options options = {.seed = seed, .method = method};
            han__boot_result r = boot(&s, &options);
            if (fabs(r.p - 0.05) < 0.002) continue;
            assert_int_equal(r.p<0.05, r.low> 0.0 || r.high < 0.0);
        }
    }
}

/* Skew to the right moves both ends of the corrected interval to the right of the percentile's. */
TEST(bca_corrects_skew)
{
    double a[N];
    fill(a, N, 3, 0.0);
    for (int i = 0; i < N; i++) a[i] = exp(1.2 * a[i]);
    han__sample s = {.a = a, .n = N};
    han__boot_options options = {.seed = 8};
    han__boot_result plain = boot(&s, &options);
    options.method = HAN__BOOT_BCA;
    han__boot_result corrected = boot(&s, &options);
    assert_true(corrected.low > plain.low && corrected.high > plain.high);
}

/* Every resample is as likely as every other: index counts over all group sizes that switch the
 * number of digits per word. */
TEST(draws_are_even)
{
    static const uint64_t size[] = {2, 7, 32, 33, 101, 102, 1000, 1024, 1025};
    for (size_t k = 0; k < HAN__COUNT(size); k++) {
        static uint32_t count[1025];
        memset(count, 0, sizeof count);
        han__draw draw;
        han__draw_init(&draw, k, 7);
        uint64_t n = size[k], rounds = 400000 / n;
        for (uint64_t i = 0; i < rounds * n;) {
            uint64_t word = han__draw_word(&draw);
            for (unsigned j = 0; j < han__draw_digits(n) && i < rounds * n; j++, i++)
                count[han__draw_digit(&word, n)]++;
        }
        double chi = 0.0, expected = (double)rounds;
        for (uint64_t i = 0; i < n; i++)
            chi += (count[i] - expected) * (count[i] - expected) / expected;
        double freedom = (double)n - 1;
        assert_true(fabs(chi - freedom) < 5 * sqrt(2 * freedom) + 5);
    }
}

/* All differences equal: a point, p = 1, and a word for who asks for BCa. */
TEST(constant_has_no_width)
{
    const double a[] = {0.4, 0.5, 0.6, 0.7}, b[] = {0.1, 0.2, 0.3, 0.4};
    han__sample s = {.a = a, .b = b, .n = 4};
    han__boot_options options = {.seed = 1};
    han__boot_result r = boot(&s, &options);
    assert_true(r.zero_width && r.low == r.high && r.p == 1.0 && r.se == 0.0);
    NEAR(r.low, 0.3, 1e-12);
    options.method = HAN__BOOT_BCA;
    REFUSES(han__bootstrap_mean(&mem, &s, &options, &r, err), HAN_INVALID, "bca is not defined");
}

static void refused_sample(const han__sample *s, const char *why)
{
    han__boot_options options = {.seed = 1};
    han__boot_result r = {.mean = 7};
    REFUSES(han__bootstrap_mean(&mem, s, &options, &r, err), HAN_INVALID, why);
    assert_true(r.mean == 7);
}

TEST(refuses_bad_samples)
{
    double a[] = {1, 2, 3, 4}, b[] = {1, 1, 2, 2};
    uint32_t group[] = {0, 0, 1, 1}, gap[] = {0, 0, 2, 2}, far[] = {0, 1, 2, 9};
    uint32_t stratum[] = {0, 1, 1, 1}, single[] = {0, 1, 1, 1};
    refused_sample(&(han__sample){.a = a}, "empty");
    refused_sample(&(han__sample){.n = 4}, "empty");
    refused_sample(&(han__sample){.a = a, .n = 1}, "one group has no spread");
    refused_sample(&(han__sample){.a = a, .n = HAN__ROWS_MAX + 1}, "above the limit");
    refused_sample(&(han__sample){.a = a, .n = 4, .weight = 9}, "weight");
    refused_sample(&(han__sample){.a = a, .n = 4, .group = gap, .groups = 3},
                   "group 2 of 3 has no row");
    refused_sample(&(han__sample){.a = a, .n = 4, .group = far, .groups = 4}, "row 4 has group 9");
    refused_sample(&(han__sample){.a = a, .n = 4, .group = group, .groups = 5}, "cannot have 5");
    refused_sample(&(han__sample){a, b, 4, group, 2, stratum, 2, 0}, "two strata");
    refused_sample(&(han__sample){.a = a, .n = 4, .stratum = single, .strata = 2},
                   "stratum 1 has one");
    b[2] = NAN;
    refused_sample(&(han__sample){.a = a, .b = b, .n = 4}, "b[3] is not a number");
    a[1] = -INFINITY;
    refused_sample(&(han__sample){.a = a, .b = b, .n = 4}, "a[2] is infinite");
    double huge[] = {1e308, 1, 2, 1e308}, low[] = {-1e308, 1, 2, 3};
    refused_sample(&(han__sample){.a = huge, .b = low, .n = 4}, "row 1");
    refused_sample(&(han__sample){.a = huge, .n = 4}, "too large");
}

TEST(refuses_bad_options)
{
    const double a[] = {1, 2, 3, 4};
    han__sample s = {.a = a, .n = 4};
    static const han__boot_options bad[] = {
        {.method = 2},  {.alpha = 1},      {.alpha = -0.1},
        {.alpha = NAN}, {.resamples = 99}, {.resamples = HAN__RESAMPLES_MAX + 1}};
    static const char *const why[] = {"method", "alpha",     "alpha",
                                      "alpha",  "resamples", "resamples"};
    for (size_t i = 0; i < HAN__COUNT(bad); i++) {
        han__boot_result r;
        REFUSES(han__bootstrap_mean(&mem, &s, &bad[i], &r, err), HAN_INVALID, why[i]);
    }
}

TEST(a_million_rows_work)
{
    size_t n = 1000000;
    double *a = han__mem_alloc(&mem, n * sizeof *a);
    assert_non_null(a);
    for (size_t i = 0; i < n; i++) a[i] = (double)(i % 1000) / 999.0;
    han__sample s = {.a = a, .n = n};
    han__boot_options options = {.seed = 1, .resamples = 100};
    han__boot_result r = boot(&s, &options);
    WITHIN(r.mean, 0.5, 1e-12);
    NEAR(r.se, 0.2889 / 1000, 0.35);
    assert_true(r.low < 0.5 && 0.5 < r.high);
    options.resamples = 200000;
    REFUSES(han__bootstrap_mean(&mem, &s, &options, &r, err), HAN_LIMIT, "lower resamples");
    han__mem_free(&mem, a, n * sizeof *a);
}

static bool stratified(void)
{
    static const double a[] = {1, 2, 3, 4, 5, 7}, b[] = {1, 1, 2, 2, 9, 1};
    static const uint32_t group[] = {0, 1, 1, 2, 3, 3}, stratum[] = {0, 0, 0, 1, 1, 1};
    han__sample s = {a, b, 6, group, 4, stratum, 2, 0};
    han__boot_options options = {.seed = 1, .method = HAN__BOOT_BCA};
    han__boot_result r;
    return han__bootstrap_mean(&mem, &s, &options, &r, NULL) == HAN_OK;
}

TEST(survives_no_memory)
{
    SWEEP_ALLOCATIONS(&mem, stratified());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agrees_with_a_slow_one, setup, nothing_left),
        cmocka_unit_test_setup_teardown(rows_alone_are_groups_of_one, setup, nothing_left),
        cmocka_unit_test_setup_teardown(same_seed_same_result, setup, nothing_left),
        cmocka_unit_test_setup_teardown(two_units_exactly, setup, nothing_left),
        cmocka_unit_test_setup_teardown(p_has_floors, setup, nothing_left),
        cmocka_unit_test_setup_teardown(p_agrees_with_the_interval, setup, nothing_left),
        cmocka_unit_test_setup_teardown(bca_corrects_skew, setup, nothing_left),
        cmocka_unit_test_setup_teardown(draws_are_even, setup, nothing_left),
        cmocka_unit_test_setup_teardown(constant_has_no_width, setup, nothing_left),
        cmocka_unit_test_setup_teardown(refuses_bad_samples, setup, nothing_left),
        cmocka_unit_test_setup_teardown(refuses_bad_options, setup, nothing_left),
        cmocka_unit_test_setup_teardown(a_million_rows_work, setup, nothing_left),
        cmocka_unit_test_setup_teardown(survives_no_memory, setup, nothing_left),
    };
    return cmocka_run_group_tests_name("stats_bootstrap", tests, NULL, NULL);
}
