/* Owns the heap of timers. It keeps its own instead of libuv's, so that a virtual clock drives it,
 * and so that a run of a hundred thousand waiting nodes costs one entry each. */
#include "base/config.h"

#include <assert.h>

#include "loop/timer.h"

#define TIMERS_MAX (1u << 24)

static bool earlier(const han__timer *a, const han__timer *b)
{
    if (a->deadline_ns != b->deadline_ns) return a->deadline_ns < b->deadline_ns;
    return a->order < b->order;
}

static void place(han__timers *timers, size_t at, han__timer *timer)
{
    timers->heap[at] = timer;
    timer->slot = at + 1;
}

static void sift_up(han__timers *timers, size_t at)
{
    han__timer *timer = timers->heap[at];
    while (at > 0 && earlier(timer, timers->heap[(at - 1) / 2])) {
        place(timers, at, timers->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(timers, at, timer);
}

static void sift_down(han__timers *timers, size_t at)
{
    han__timer *timer = timers->heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= timers->count) break;
        if (child + 1 < timers->count && earlier(timers->heap[child + 1], timers->heap[child])) {
            child++;
        }
        if (!earlier(timers->heap[child], timer)) break;
        place(timers, at, timers->heap[child]);
        at = child;
    }
    place(timers, at, timer);
}

/* After the timer at this place got another deadline. */
static void settle(han__timers *timers, size_t at)
{
    sift_up(timers, at);
    sift_down(timers, at);
}

static void settle_timer(han__timers *timers, han__timer *timer)
{
    sift_up(timers, timer->slot - 1);
    sift_down(timers, timer->slot - 1);
}

void han__timer_init(han__timer *timer, han__loop *loop, han__timer_fn fn, void *ud)
{
    memset(timer, 0, sizeof *timer);
    timer->loop = loop;
    timer->fn = fn;
    timer->ud = ud;
}

/* Room for so many timers. */
static int reserve(han__loop *loop, size_t need)
{
    han__timers *timers = han__loop_timers(loop);
    void *heap = timers->heap;
    int status = han__mem_grow(han__loop_mem(loop), &heap, &timers->cap, need,
                               sizeof timers->heap[0], TIMERS_MAX);
    timers->heap = heap;
    return status == HAN_OK ? HAN_OK : HAN_NOMEM;
}

int han__timer_keep(han__timer *timer)
{
    han__timers *timers = han__loop_timers(timer->loop);
    if (timer->kept) return HAN_OK;
    int status = reserve(timer->loop, timers->count + timers->kept + 1);
    if (status != HAN_OK) return status;
    timer->kept = true;
    timers->kept++;
    return HAN_OK;
}

void han__timer_let_go(han__timer *timer)
{
    if (timer->kept) han__loop_timers(timer->loop)->kept--;
    timer->kept = false;
}

/* Enters the timer into the heap if it is not there. */
static int enter(han__timers *timers, han__timer *timer)
{
    if (timer->slot) return HAN_OK;
    if (!timer->kept && reserve(timer->loop, timers->count + timers->kept + 1) != HAN_OK)
        return HAN_NOMEM;
    place(timers, timers->count++, timer);
    return HAN_OK;
}

static int start(han__timer *timer, uint64_t deadline_ns, uint64_t repeat_ns)
{
    han__timers *timers = han__loop_timers(timer->loop);
    int status = enter(timers, timer);
    if (status != HAN_OK) return status;
    timer->deadline_ns = deadline_ns;
    timer->repeat_ns = repeat_ns;
    timer->order = timers->order++;
    settle_timer(timers, timer);
    return HAN_OK;
}

static uint64_t later(uint64_t from, uint64_t by)
{
    return by > UINT64_MAX - 1 - from ? UINT64_MAX - 1 : from + by;
}

int han__timer_start(han__timer *timer, uint64_t after_ns, uint64_t repeat_ns)
{
    uint64_t now = han__clock_mono_ns(han__loop_clock(timer->loop));
    return start(timer, later(now, after_ns), repeat_ns);
}

int han__timer_start_at(han__timer *timer, uint64_t deadline_ns)
{
    return start(timer, deadline_ns, 0);
}

void han__timer_stop(han__timer *timer)
{
    if (!timer->slot) return;
    han__timers *timers = han__loop_timers(timer->loop);
    size_t at = timer->slot - 1;
    assert(timers->heap[at] == timer);
    timer->slot = 0;
    timers->count--;
    if (at == timers->count) return;
    place(timers, at, timers->heap[timers->count]);
    settle(timers, at);
}

bool han__timer_active(const han__timer *timer)
{
    return timer->slot != 0;
}

uint64_t han__timers_next(const han__timers *timers)
{
    return timers->count ? timers->heap[0]->deadline_ns : UINT64_MAX;
}

/* Before a due timer is called: out of the heap, or on to its next turn after now. */
static void advance(han__timers *timers, han__timer *timer, uint64_t now_ns)
{
    if (timer->repeat_ns == 0) {
        han__timer_stop(timer);
        return;
    }
    uint64_t missed = (now_ns - timer->deadline_ns) / timer->repeat_ns;
    timer->deadline_ns = later(timer->deadline_ns + missed * timer->repeat_ns, timer->repeat_ns);
    timer->order = timers->order++;
    settle_timer(timers, timer);
}

void han__timers_run(han__loop *loop, uint64_t now_ns, bool (*stop)(han__loop *loop))
{
    han__timers *timers = han__loop_timers(loop);
    uint64_t newest = timers->order;
    while (timers->count > 0 && timers->heap[0]->deadline_ns <= now_ns) {
        han__timer *timer = timers->heap[0];
        if (timer->order >= newest) break; /* started by a callback of this very turn */
        han__loop_touch(loop);
        advance(timers, timer, now_ns);
        timer->fn(timer->ud, timer); /* the timer may be gone after this */
        if (stop && stop(loop)) break;
    }
}

void han__timers_release(han__timers *timers, han__mem *mem)
{
    for (size_t i = 0; i < timers->count; i++) timers->heap[i]->slot = 0;
    han__mem_free(mem, timers->heap, timers->cap * sizeof timers->heap[0]);
    timers->heap = NULL;
    timers->count = timers->cap = timers->kept = 0;
}
