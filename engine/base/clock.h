/* Time: a source of nanoseconds that tests can replace by a virtual one. */
#ifndef HAN_BASE_CLOCK_H
#define HAN_BASE_CLOCK_H

#include "base/config.h"

typedef struct han__clock {
    bool is_virtual;
    uint64_t virtual_ns;
} han__clock;

void han__clock_init(han__clock *clock);                      /* the real one */
void han__clock_init_virtual(han__clock *clock, uint64_t ns); /* stands still until advanced */
void han__clock_advance(han__clock *clock, uint64_t ns);      /* virtual clocks only */
uint64_t han__clock_mono_ns(const han__clock *clock);         /* CLOCK_MONOTONIC */
uint64_t han__clock_wall_ms(const han__clock *clock); /* since 1970, UTC; virtual: the same ns */
uint64_t han__clock_thread_cpu_ns(void);              /* CLOCK_THREAD_CPUTIME_ID */

#endif
