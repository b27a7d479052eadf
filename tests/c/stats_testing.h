/* What the tests of the statistics room share: comparison to a relative tolerance, reproducible
 * samples, and a check that a refusal says why. */
#ifndef HAN_TESTS_STATS_TESTING_H
#define HAN_TESTS_STATS_TESTING_H

#include "base/error.h"
#include "base/mem.h"
#include "base/rng.h"
#include "testing.h"

#include <math.h>

/* |got - want| <= tolerance * max(|want|, tiny); prints both when it fails. */
static inline void near_to(double got, double want, double tolerance, const char *file, int line)
{
    if (fabs(got - want) <= tolerance * fmax(fabs(want), 1e-300)) return;
    print_error("%s:%d: got %.17g, want %.17g\n", file, line, got, want);
    fail();
}
#define NEAR(got, want, tolerance)   near_to((got), (want), (tolerance), __FILE__, __LINE__)
#define WITHIN(got, want, allowance) assert_true(fabs((got) - (want)) <= (allowance))

/* A standard normal draw (Box and Muller, 1958). */
static inline double draw_normal(han__rng *rng)
{
    double u = 1.0 - han__rng_unit(rng), v = han__rng_unit(rng);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

/* The call refuses with `code`, and its message contains `text`. */
#define REFUSES(call, status, text)                                                                \
    do {                                                                                           \
        han_error refusal;                                                                         \
        han__error_clear(&refusal);                                                                \
        han_error *err = &refusal;                                                                 \
        assert_int_equal((call), (status));                                                        \
        assert_int_equal(refusal.code, (status));                                                  \
        if (!strstr(refusal.message, (text))) fail_msg("the message is: %s", refusal.message);     \
    } while (0)

#endif
