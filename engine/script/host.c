/* The scheduler's round: ready fibers first, then one batch of each run, then the loop. A slice
 * ends between two of these, or inside a script by the hook. */
#include "base/config.h"
#include "script/host.h"

#include "loop/loop.h"
#include "script/scribe.h"

#define BATCH        64 /* turns of one run in a round */
#define SLICE_US     5000
#define IDLE_MS      200
#define WALL_LOOK_MS 50 /* how late a wall limit may be noticed */

static bool run_fibers(han__host *host, uint64_t end)
{
    bool moved = false;
    while (han__fiber_run_ready(host)) {
        moved = true;
        if (han__clock_mono_ns(host->clock) >= end) break;
    }
    return moved;
}

static bool run_trees(han__host *host, uint64_t end)
{
    bool moved = false;
    for (han__run *run = host->runs, *next; run; run = next) {
        next = run->next;
        for (int i = 0; i < BATCH && han__run_step(run); i++) moved = true;
        if (han__clock_mono_ns(host->clock) >= end) break;
    }
    return moved;
}

/* Once a slice, so that rows of many turns share a transaction; a run that needs its rows durable
 * before that puts them itself. */
static void put_journals(const han__host *host)
{
    for (const han__run *run = host->runs; run; run = run->next)
        if (run->scribe) han__scribe_put(run->scribe);
}

int han__host_step(han__host *host, uint64_t max_us)
{
    uint64_t end = han__clock_mono_ns(host->clock) + max_us * 1000;
    int more = 1;
    host->slice_end_ns = end;
    do {
        bool moved = run_fibers(host, end);
        if (run_trees(host, end)) moved = true;
        int rc = han__loop_step(host->loop, 0);
        more = moved || rc > 0 || host->ready_first;
    } while (more && han__clock_mono_ns(host->clock) < end);
    host->slice_end_ns = 0;
    put_journals(host);
    return more;
}

int han__host_timeout_ms(const han__host *host)
{
    int timeout = han__loop_timeout_ms(host->loop);
    if (host->ready_first) return 0;
    for (const han__run *run = host->runs; run; run = run->next)
        if (run->wall_ns && !run->told_end && (timeout < 0 || timeout > WALL_LOOK_MS))
            timeout = WALL_LOOK_MS;
    return timeout;
}

void han__host_drive(han__host *host, bool (*going)(void *ud), void *ud)
{
    while (going(ud)) {
        if (han__host_step(host, SLICE_US)) continue;
        int timeout = han__host_timeout_ms(host);
        if (!going(ud)) break;
        if (timeout < 0 || timeout > IDLE_MS) timeout = IDLE_MS;
        if (han__loop_run_once(host->loop, (uint32_t)timeout) < 0) break;
    }
}
