/* For tests of what stands on the loop: counting descriptors, and turning the loop until a
 * condition holds. */
#ifndef HAN_TESTS_LOOPING_H
#define HAN_TESTS_LOOPING_H

#include <dirent.h>

#include "loop/loop.h"
#include "testing.h"

/* Turns the loop until `condition`; fails the test after a minute of turns in which nothing came.
 */
#define TURN_UNTIL(loop, condition)                                                                \
    do {                                                                                           \
        int idle = 0;                                                                              \
        while (!(condition)) {                                                                     \
            int happened = han__loop_run_once((loop), 500);                                        \
            assert_true(happened >= 0);                                                            \
            idle = happened ? 0 : idle + 1;                                                        \
            if (idle > 120) fail_msg("never came: %s", #condition);                                \
        }                                                                                          \
    } while (0)

/* Open descriptors of this process. */
static inline int count_descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir)) count++;
    closedir(dir);
    return count - 3; /* ".", "..", and the one that reads */
}

#endif
