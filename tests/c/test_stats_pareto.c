/* stats/pareto: against peeling fronts off by comparing every pair, for one to four objectives with
 * ties and equal points, and a crowding example worked by hand. Also stats/order, which it sorts
 * by. */
#include "base/config.h"

#include "stats/order.h"
#include "stats/pareto.h"
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

static bool beats(const han__points *p, size_t a, size_t b)
{
    bool some = false;
    for (size_t k = 0; k < p->m; k++) {
        double x = p->values[a * p->m + k], y = p->values[b * p->m + k];
        if (p->minimize && p->minimize[k]) {
            double t = x;
            x = y;
            y = t;
        }
        if (x < y) return false;
        some = some || x > y;
    }
    return some;
}

static void peel(const han__points *p, uint32_t *rank)
{
    size_t left = p->n;
    for (size_t i = 0; i < p->n; i++) rank[i] = 0;
    for (uint32_t front = 1; left > 0; front++) {
        for (size_t i = 0; i < p->n; i++) {
            bool beaten = false;
            if (rank[i] != 0) continue;
            for (size_t j = 0; j < p->n; j++)
                if ((rank[j] == 0 || rank[j] == front) && beats(p, j, i)) beaten = true;
            if (beaten) continue;
            rank[i] = front;
            left--;
        }
    }
}

TEST(agrees_with_peeling)
{
    han__rng rng;
    han__rng_init(&rng, 12, 0);
    for (int round = 0; round < 200; round++) {
        double values[N * 4];
        bool minimize[4];
        size_t n = 1 + han__rng_below(&rng, N), m = 1 + han__rng_below(&rng, 4);
        uint64_t grid = 2 + han__rng_below(&rng, 30);
        for (size_t i = 0; i < n * m; i++) values[i] = (double)han__rng_below(&rng, grid);
        for (size_t k = 0; k < m; k++) minimize[k] = han__rng_below(&rng, 2) == 0;
        han__points p = {values, n, m, round % 3 ? minimize : NULL};
        uint32_t rank[N], want[N];
        assert_int_equal(han__pareto_rank(&mem, &p, rank, NULL), HAN_OK);
        peel(&p, want);
        assert_memory_equal(rank, want, n * sizeof *rank);
    }
}

TEST(crowding_by_hand)
{
    const double values[] = {0, 10, 1, 6, 4, 4, 9, 1, 10, 0, 1, 1};
    han__points p = {values, 6, 2, NULL};
    uint32_t rank[6];
    double crowding[6];
    assert_int_equal(han__pareto_rank(&mem, &p, rank, NULL), HAN_OK);
    for (int i = 0; i < 5; i++) assert_int_equal(rank[i], 1);
    assert_int_equal(rank[5], 2);
    assert_int_equal(han__pareto_crowding(&mem, &p, rank, crowding, NULL), HAN_OK);
    assert_true(isinf(crowding[0]) && isinf(crowding[4]));
    NEAR(crowding[1], 4.0 / 10 + 6.0 / 10, 1e-14);
    NEAR(crowding[2], 8.0 / 10 + 5.0 / 10, 1e-14);
    NEAR(crowding[3], 6.0 / 10 + 4.0 / 10, 1e-14);
    assert_true(crowding[5] == 0.0); /* alone on its front: no extent */
}

TEST(pareto_refuses)
{
    const double bad[] = {1, 2, 3, NAN};
    uint32_t rank[2] = {7, 7};
    han__points p = {bad, 2, 2, NULL};
    REFUSES(han__pareto_rank(&mem, &p, rank, err), HAN_INVALID, "point 2: objective 2");
    p.n = 0;
    REFUSES(han__pareto_rank(&mem, &p, rank, err), HAN_INVALID, "no points");
    p = (han__points){bad, 1, HAN__PARETO_OBJECTIVES_MAX + 1, NULL};
    REFUSES(han__pareto_rank(&mem, &p, rank, err), HAN_INVALID, "objectives");
    p = (han__points){bad, HAN__PARETO_MANY_MAX + 1, 3, NULL};
    REFUSES(han__pareto_rank(&mem, &p, rank, err), HAN_LIMIT, "points");
    assert_true(rank[0] == 7);
}

static bool rank_and_crowd(void)
{
    static const double values[] = {1, 2, 2, 1};
    han__points p = {values, 2, 2, NULL};
    uint32_t rank[2];
    double crowding[2];
    return han__pareto_rank(&mem, &p, rank, NULL) == HAN_OK &&
           han__pareto_crowding(&mem, &p, rank, crowding, NULL) == HAN_OK;
}

TEST(survives_no_memory)
{
    SWEEP_ALLOCATIONS(&mem, rank_and_crowd());
}

/* A million points with two objectives end in time: n log n. */
TEST(a_million_points_work)
{
    size_t n = 1000000;
    double *values = han__mem_alloc(&mem, n * 2 * sizeof *values);
    uint32_t *rank = han__mem_alloc(&mem, n * sizeof *rank);
    assert_true(values && rank);
    for (size_t i = 0; i < n; i++) {
        values[2 * i] = (double)i;
        values[2 * i + 1] = -(double)(i / 2); /* pairs share it: the later one dominates */
    }
    han__points p = {values, n, 2, NULL};
    assert_int_equal(han__pareto_rank(&mem, &p, rank, NULL), HAN_OK);
    for (size_t i = 0; i < n; i += 999) assert_int_equal(rank[i], i % 2 ? 1 : 2);
    han__mem_free(&mem, values, n * 2 * sizeof *values);
    han__mem_free(&mem, rank, n * sizeof *rank);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Few and many distinct values, sorted and reversed input, sizes around the cut-over. */
TEST(order_matches_qsort)
{
    han__rng rng;
    han__rng_init(&rng, 13, 0);
    for (int round = 0; round < 400; round++) {
        double x[300], sorted[300], copy[300];
        size_t n = 1 + han__rng_below(&rng, 300), index[300];
        uint64_t grid = round % 4 == 0 ? 2 : round % 4 == 1 ? 1000000 : 20;
        for (size_t i = 0; i < n; i++) x[i] = (double)han__rng_below(&rng, grid);
        if (round % 8 > 5) qsort(x, n, sizeof *x, compare);
        memcpy(sorted, x, sizeof x);
        memcpy(copy, x, sizeof x);
        qsort(sorted, n, sizeof *x, compare);
        han__order_sort(copy, n);
        assert_memory_equal(copy, sorted, n * sizeof *x);
        han__order_index(x, index, n);
        for (size_t i = 0; i < n; i++) {
            assert_true(x[index[i]] == sorted[i]);
            if (i > 0 && sorted[i] == sorted[i - 1]) assert_true(index[i] > index[i - 1]);
        }
        size_t k = han__rng_below(&rng, n);
        memcpy(copy, x, sizeof x);
        assert_true(han__order_select(copy, n, k) == sorted[k]);
        for (size_t i = 0; i < n; i++)
            assert_true(i < k ? copy[i] <= sorted[k] : copy[i] >= sorted[k]);
    }
}

static void select_everywhere(const double *x, const double *sorted, size_t n)
{
    static double copy[5000];
    const size_t at[] = {0, 1, n / 40, n / 2, n - n / 40 - 1, n - 1};
    for (size_t i = 0; i < HAN__COUNT(at); i++) {
        memcpy(copy, x, n * sizeof *x);
        assert_true(han__order_select(copy, n, at[i]) == sorted[at[i]]);
    }
}

/* Sizes at which selection samples its pivot: random, few values, sorted, sawtooth. */
TEST(select_matches_qsort_at_size)
{
    static double x[5000], sorted[5000];
    han__rng rng;
    han__rng_init(&rng, 14, 0);
    for (int round = 0; round < 40; round++) {
        size_t n = 400 + han__rng_below(&rng, 4600);
        for (size_t i = 0; i < n; i++) {
            if (round % 4 == 0)
                x[i] = han__rng_unit(&rng);
            else if (round % 4 == 1)
                x[i] = (double)han__rng_below(&rng, 3);
            else
                x[i] = (double)(round % 4 == 2 ? i : i % (n / 41));
        }
        memcpy(sorted, x, sizeof x);
        qsort(sorted, n, sizeof *x, compare);
        select_everywhere(x, sorted, n);
    }
}

/* R: quantile(c(3,1,4,1,5,9,2,6), c(.1,.33,.9)). */
TEST(quantiles_match_r)
{
    static const double at[] = {0, 0.1, 0.33, 0.9, 1}, want[] = {1, 1, 2.31, 6.9, 9};
    for (size_t i = 0; i < HAN__COUNT(at); i++) {
        double x[] = {3, 1, 4, 1, 5, 9, 2, 6};
        NEAR(han__order_quantile(x, 8, at[i]), want[i], 1e-14);
    }
}

TEST(sums_keep_their_digits)
{
    double x[2002];
    x[0] = 1e16;
    x[2001] = -1e16;
    for (int i = 1; i < 2001; i++) x[i] = 0.1;
    NEAR(han__order_sum(x, 2002), 200.0, 1e-13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agrees_with_peeling, setup, nothing_left),
        cmocka_unit_test_setup_teardown(crowding_by_hand, setup, nothing_left),
        cmocka_unit_test_setup_teardown(pareto_refuses, setup, nothing_left),
        cmocka_unit_test_setup_teardown(survives_no_memory, setup, nothing_left),
        cmocka_unit_test_setup_teardown(a_million_points_work, setup, nothing_left),
        cmocka_unit_test(order_matches_qsort),
        cmocka_unit_test(select_matches_qsort_at_size),
        cmocka_unit_test(quantiles_match_r),
        cmocka_unit_test(sums_keep_their_digits),
    };
    return cmocka_run_group_tests_name("stats_pareto", tests, NULL, NULL);
}
