/* What every C test includes after base/config.h: cmocka with the headers it needs, and the two
 * shapes that repeat in tests. */
#ifndef HAN_TESTS_TESTING_H
#define HAN_TESTS_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A test: TEST(name) { ... } */
#define TEST(name) static void name(void **state __attribute__((unused)))

/* Runs `body` with the 1st, 2nd, ... allocating call of `mem` refused, until it has succeeded with
 * no refusal in it. `body` gives true when it succeeded; after each turn the mem must hold nothing.
 */
#define SWEEP_ALLOCATIONS(mem, body)                                                               \
    do {                                                                                           \
        bool swept = false;                                                                        \
        for (uint64_t nth = 1; !swept; nth++) {                                                    \
            assert_true(nth < 10000);                                                              \
            (mem)->calls = 0;                                                                      \
            (mem)->fail_at = nth;                                                                  \
            bool succeeded = (body);                                                               \
            swept = (mem)->calls < nth;                                                            \
            assert_int_equal((mem)->live, 0);                                                      \
            if (swept) assert_true(succeeded);                                                     \
        }                                                                                          \
        (mem)->fail_at = 0;                                                                        \
    } while (0)

#endif
