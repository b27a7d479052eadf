/* stats/sequential: that the capital is a fair game (its exact mean over every path is 1), that
 * Ville's bound holds at every look, and that the interval is what its definition says. */
#include "base/config.h"

#include "stats/sequential.h"
#include "stats_testing.h"

static han__mem mem;

static int setup(void **state)
{
    (void)state;
    han__mem_init(&mem, NULL, NULL);
    return 0;
}

static han__eprocess start(double null_mean, double alpha)
{
    han__eprocess p;
    han__eprocess_options o = {.null_mean = null_mean, .alpha = alpha};
    assert_int_equal(han__eprocess_init(&p, &o, NULL), HAN_OK);
    return p;
}

/* A walk over every path of +1 and -1 whose mean is `null`: expected capital, and the probability
 * that it ever reached 1/alpha. */
typedef struct walk {
    double up, down, two;            /* expected capital at the end */
    double ever_up, ever_down, ever; /* probability of having been above the line */
} walk;

static void follow(const han__eprocess *p, int left, double probability, double null, double alpha,
                   walk *w)
{
    if (left == 0) {
        han__evidence e;
        han__eprocess_read(p, &e);
        w->up += probability * e.e_greater;
        w->down += probability * e.e_less;
        w->two += probability * e.e;
        w->ever_up += e.p_greater <= alpha ? probability : 0.0;
        w->ever_down += e.p_less <= alpha ? probability : 0.0;
        w->ever += e.p <= alpha ? probability : 0.0;
        return;
    }
    for (int x = -1; x <= 1; x += 2) {
        han__eprocess next = *p;
        assert_int_equal(han__eprocess_add(&next, x, NULL), HAN_OK);
        follow(&next, left - 1, probability * (1.0 + x * null) / 2.0, null, alpha, w);
    }
}

TEST(capital_is_a_fair_game)
{
    static const double null[] = {0.0, 0.5, -0.3};
    for (size_t i = 0; i < HAN__COUNT(null); i++) {
        walk w = {0};
        han__eprocess p = start(null[i], 0.05);
        follow(&p, 12, 1.0, null[i], 0.05, &w);
        NEAR(w.up, 1.0, 1e-12);
        NEAR(w.down, 1.0, 1e-12);
        NEAR(w.two, 1.0, 1e-12);
        assert_true(w.ever_up <= 0.05 && w.ever_down <= 0.05 && w.ever <= 0.05);
    }
}

/* Fourteen looks at level 0.2, where the bound is nearly used up: still below, and not idle. */
TEST(every_look_is_paid_for)
{
    walk w = {0};
    han__eprocess p = start(0.0, 0.2);
    follow(&p, 14, 1.0, 0.0, 0.2, &w);
    assert_true(w.ever_up <= 0.2 && w.ever_down <= 0.2 && w.ever <= 0.2);
    assert_true(w.ever_up > 0.02);
}

/* Wins alone decide within eight groups; the other side's capital falls. */
TEST(wins_are_found)
{
    han__eprocess p = start(0.0, 0.05);
    han__evidence e;
    for (int i = 0; i < 8; i++) assert_int_equal(han__eprocess_add(&p, 1.0, NULL), HAN_OK);
    han__eprocess_read(&p, &e);
    assert_true(e.p_greater <= 0.05 && e.p <= 0.1 && e.p_less == 1.0);
    assert_true(e.e_greater > 20 && e.e_less < 1 && e.n == 8);
    NEAR(e.e, 0.5 * (e.e_greater + e.e_less), 1e-12);
    for (int i = 0; i < 4000; i++) assert_int_equal(han__eprocess_add(&p, 1.0, NULL), HAN_OK);
    han__eprocess_read(&p, &e);
    assert_true(isfinite(e.e) && isfinite(e.e_greater));
}

/* p keeps the best that was seen: it does not rise again. */
TEST(p_never_rises)
{
    han__eprocess p = start(0.1, 0.05);
    han__rng rng;
    han__rng_init(&rng, 4, 0);
    double last = 1.0;
    for (int i = 0; i < 300; i++) {
        han__evidence e;
        assert_int_equal(han__eprocess_add(&p, i < 100 ? 0.9 : 2 * han__rng_unit(&rng) - 1, NULL),
                         HAN_OK);
        han__eprocess_read(&p, &e);
        assert_true(e.p_greater <= last && e.p_greater >= 0);
        last = e.p_greater;
    }
}

TEST(process_refuses)
{
    han__eprocess p = start(0.0, 0.0);
    REFUSES(han__eprocess_add(&p, 1.5, err), HAN_INVALID, "outside [-1, 1]");
    REFUSES(han__eprocess_add(&p, NAN, err), HAN_INVALID, "outside");
    assert_int_equal(p.n, 0);
    static const struct {
        han__eprocess_options o;
        const char *why;
    } bad[] = {{{.low = 1, .high = 1}, "range"},
               {{.low = 0, .high = INFINITY}, "range"},
               {{.low = 0, .high = 1, .null_mean = 0}, "null mean"},
               {{.low = 0, .high = 1, .null_mean = 1}, "null mean"},
               {{.alpha = 1}, "alpha"},
               {{.alpha = NAN}, "alpha"}};
    for (size_t i = 0; i < HAN__COUNT(bad); i++)
        REFUSES(han__eprocess_init(&p, &bad[i].o, err), HAN_INVALID, bad[i].why);
}

/* The definition on a grid: m is in when max(K+, K-)/2 against m never reached 1/alpha. */
static bool kept(const double *x, size_t n, double m, double alpha)
{
    han__eprocess_options o = {.low = 0, .high = 1, .null_mean = m, .alpha = alpha};
    han__eprocess p;
    assert_int_equal(han__eprocess_init(&p, &o, NULL), HAN_OK);
    for (size_t i = 0; i < n; i++) assert_int_equal(han__eprocess_add(&p, x[i], NULL), HAN_OK);
    return fmax(p.best_up, p.best_down) < log(2.0 / alpha);
}

TEST(interval_is_its_definition)
{
    han__rng rng;
    han__rng_init(&rng, 6, 0);
    for (int round = 0; round < 20; round++) {
        double x[150], low, high;
        size_t n = 1 + han__rng_below(&rng, 150);
        for (size_t i = 0; i < n; i++)
            x[i] = round % 2 ? (double)(han__rng_unit(&rng) < 0.8) : han__rng_unit(&rng);
        han__eprocess_options o = {.low = 0, .high = 1, .alpha = 0.1};
        assert_int_equal(han__eprocess_interval(&mem, &o, x, n, &low, &high, NULL), HAN_OK);
        for (double m = 0.005; m < 1.0; m += 0.01) {
            if (fabs(m - low) < 1e-9 || fabs(m - high) < 1e-9) continue;
            assert_int_equal(kept(x, n, m, 0.1), low < m && m < high);
        }
        assert_int_equal(mem.live, 0);
    }
}

/* Over 400 sequences of 200 observations, each looked at 200 times, the interval at the end (which
 * is the intersection of all looks) misses the mean in at most 5 % and 3 standard errors. */
TEST(interval_covers_at_all_times)
{
    han__rng rng;
    han__rng_init(&rng, 10, 0);
    int missed = 0;
    double width = 0.0;
    for (int round = 0; round < 400; round++) {
        double x[200], low, high;
        for (int i = 0; i < 200; i++) x[i] = pow(han__rng_unit(&rng), 3.0); /* skewed, mean 1/4 */
        han__eprocess_options o = {.low = 0, .high = 1};
        assert_int_equal(han__eprocess_interval(&mem, &o, x, 200, &low, &high, NULL), HAN_OK);
        missed += !(low <= 0.25 && 0.25 <= high);
        width += (high - low) / 400;
    }
    assert_true(missed <= 400 * (0.05 + 3 * sqrt(0.05 * 0.95 / 400)));
    assert_true(width < 0.25);
}

TEST(interval_refuses)
{
    double x[] = {0.5, 2}, low = 7, high;
    han__eprocess_options o = {.low = 0, .high = 1};
    REFUSES(han__eprocess_interval(&mem, &o, x, 0, &low, &high, err), HAN_INVALID,
            "no observations");
    REFUSES(han__eprocess_interval(&mem, &o, x, 2, &low, &high, err), HAN_INVALID,
            "observation 2 is 2");
    assert_int_equal(mem.live, 0);
    mem.fail_at = mem.calls + 1;
    REFUSES(han__eprocess_interval(&mem, &o, x, 1, &low, &high, err), HAN_NOMEM, "memory");
    mem.fail_at = 0;
    assert_true(low == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capital_is_a_fair_game),
        cmocka_unit_test(every_look_is_paid_for),
        cmocka_unit_test(wins_are_found),
        cmocka_unit_test(p_never_rises),
        cmocka_unit_test(process_refuses),
        cmocka_unit_test(interval_is_its_definition),
        cmocka_unit_test(interval_covers_at_all_times),
        cmocka_unit_test(interval_refuses),
    };
    return cmocka_run_group_tests_name("stats_sequential", tests, setup, NULL);
}
