/* Owns the reading of time: the machine's clocks, or a number that a test moves. */
#include "base/config.h"

#include <assert.h>
#include <time.h>

#include "base/clock.h"

static uint64_t read_ns(clockid_t id)
{
    struct timespec now = {0, 0};
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void han__clock_init(han__clock *clock)
{
    clock->is_virtual = false;
    clock->virtual_ns = 0;
}

void han__clock_init_virtual(han__clock *clock, uint64_t ns)
{
    clock->is_virtual = true;
    clock->virtual_ns = ns;
}

void han__clock_advance(han__clock *clock, uint64_t ns)
{
    assert(clock->is_virtual);
    clock->virtual_ns = ns > UINT64_MAX - clock->virtual_ns ? UINT64_MAX : clock->virtual_ns + ns;
}

uint64_t han__clock_mono_ns(const han__clock *clock)
{
    return clock->is_virtual ? clock->virtual_ns : read_ns(CLOCK_MONOTONIC);
}

uint64_t han__clock_wall_ms(const han__clock *clock)
{
    return (clock->is_virtual ? clock->virtual_ns : read_ns(CLOCK_REALTIME)) / 1000000u;
}

uint64_t han__clock_thread_cpu_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}
