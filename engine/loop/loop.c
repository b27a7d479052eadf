/* Owns the uv_loop_t of an engine: its steps, its wakeup, and the count of what is open on it. */
#include "base/config.h"

#include <uv.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"
#include "loop/timer.h"

#define CLOSE_WAIT_MS 5000u
#define LOOP_FDS      6 /* epoll, a pipe and an eventfd; a pipe for the first loop of a process */

struct han__loop {
    uv_loop_t uv;
    uv_async_t wakeup;
    uv_timer_t alarm; /* bounds the wait of run_once */
    han__mem *mem;
    const han__clock *clock;
    han__clock real; /* slices are real time even where timers are virtual */
    han__timers timers;
    han__loop_hook *hooks;
    han__loop_hook *next_hook; /* while hooks run: the one after the current */
    uint8_t *scratch;
    uint64_t activity; /* counts han__loop_touch */
    uint64_t quiet_at; /* activity when a pass last saw nothing happen */
    uint64_t slice_end_ns;
    size_t open;
    int orphans;
    bool running;
};

static void on_wakeup(uv_async_t *handle)
{
    han__loop *loop = handle->data;
    han__loop_touch(loop);
    for (han__loop_hook *hook = loop->hooks; hook; hook = loop->next_hook) {
        loop->next_hook = hook->next;
        hook->fn(hook->ud);
    }
}

static void on_alarm(uv_timer_t *handle)
{
    HAN__UNUSED(handle);
}

/* Lets the next UV_RUN_ONCE wait at most this long. uv_run calls due timers before it waits, so an
 * alarm that goes off once would be gone, and the wait endless, when this thread is held up for as
 * long between here and there; hence it repeats until it is stopped. */
static void set_alarm(han__loop *loop, uint32_t ms)
{
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->alarm, on_alarm, ms, 1);
}

/* Closes what libuv still holds and turns it until all is gone. */
static void shut(uv_loop_t *uv)
{
    while (uv_loop_close(uv) == UV_EBUSY) uv_run(uv, UV_RUN_NOWAIT);
}

/* libuv 1.44 loses its epoll descriptor when uv_loop_init runs out of descriptors half-way; so see
 * first that there are as many as it takes. 0 or a negative errno. */
static int descriptors_left(void)
{
    int fds[LOOP_FDS], count = 0, failed = 0;
    while (count < LOOP_FDS && !failed) {
        fds[count] = eventfd(0, EFD_CLOEXEC);
        if (fds[count] < 0) {
            failed = -errno;
        } else {
            count++;
        }
    }
    while (count > 0) close(fds[--count]);
    return failed;
}

static int open_handles(han__loop *loop)
{
    int failed = descriptors_left();
    if (!failed) failed = uv_loop_init(&loop->uv);
    if (failed) return failed;
    failed = uv_timer_init(&loop->uv, &loop->alarm);
    if (!failed) failed = uv_async_init(&loop->uv, &loop->wakeup, on_wakeup);
    if (!failed) {
        loop->wakeup.data = loop;
        return 0;
    }
    uv_close((uv_handle_t *)&loop->alarm, NULL);
    shut(&loop->uv);
    return failed;
}

int han__loop_create(han__loop **out, han__mem *mem, const han__clock *clock, han_error *err)
{
    int status = HAN_NOMEM;
    han__loop *loop = han__mem_zalloc(mem, 1, sizeof *loop);
    if (!loop) return han__error_set(err, status, "out of memory: event loop");
    loop->mem = mem;
    han__clock_init(&loop->real);
    loop->clock = clock ? clock : &loop->real;
    loop->scratch = han__mem_alloc(mem, HAN__LOOP_SCRATCH_BYTES);
    if (!loop->scratch) {
        han__error_set(err, status, "out of memory: event loop");
        goto failed;
    }
    int failed = open_handles(loop);
    if (failed) {
        status = failed == UV_ENOMEM ? HAN_NOMEM : HAN_IO;
        han__error_set(err, status, "cannot open an event loop: %s", uv_strerror(failed));
        goto failed;
    }
    *out = loop;
    return HAN_OK;
failed:
    han__mem_free(mem, loop->scratch, HAN__LOOP_SCRATCH_BYTES);
    han__mem_free(mem, loop, sizeof *loop);
    return status;
}

/* Children that nobody waits for any more: they were killed, so this is short. */
static void await_orphans(han__loop *loop)
{
    uint64_t end = han__clock_mono_ns(&loop->real) + HAN__MS(CLOSE_WAIT_MS);
    while (loop->orphans > 0 && han__clock_mono_ns(&loop->real) < end) {
        set_alarm(loop, 50);
        uv_run(&loop->uv, UV_RUN_ONCE);
    }
}

static void close_leaked(uv_handle_t *handle, void *ud)
{
    HAN__UNUSED(ud);
    if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

void han__loop_close(han__loop *loop)
{
    if (!loop) return;
    assert(!loop->running);
    assert(loop->timers.count == 0);
    await_orphans(loop);
    uv_close((uv_handle_t *)&loop->alarm, NULL);
    uv_close((uv_handle_t *)&loop->wakeup, NULL);
    uv_run(&loop->uv, UV_RUN_NOWAIT); /* what was closed just before ends its last callback */
    assert(loop->open == 0);
    /* in a release build a leak must not hang the host: its memory is lost, its watchers end */
    uv_walk(&loop->uv, close_leaked, NULL);
    shut(&loop->uv);
    han__timers_release(&loop->timers, loop->mem);
    han__mem_free(loop->mem, loop->scratch, HAN__LOOP_SCRATCH_BYTES);
    han__mem_free(loop->mem, loop, sizeof *loop);
}

static bool slice_over(han__loop *loop)
{
    return han__clock_mono_ns(&loop->real) >= loop->slice_end_ns;
}

/* One turn without waiting; true when something happened in it. */
static bool pass(han__loop *loop, uv_run_mode mode, bool (*stop)(han__loop *loop))
{
    uint64_t before = loop->activity;
    uv_run(&loop->uv, mode);
    han__timers_run(loop, han__clock_mono_ns(loop->clock), stop);
    if (loop->activity == before) loop->quiet_at = before;
    return loop->activity != before;
}

int han__loop_step(han__loop *loop, uint64_t max_us)
{
    if (loop->running) return HAN_MISUSE;
    uint64_t now = han__clock_mono_ns(&loop->real);
    bool more;
    loop->running = true;
    loop->slice_end_ns = max_us > (UINT64_MAX - now) / 1000 ? UINT64_MAX : now + max_us * 1000;
    do {
        more = pass(loop, UV_RUN_NOWAIT, max_us ? slice_over : NULL);
    } while (more && !slice_over(loop));
    loop->running = false;
    return more;
}

/* Milliseconds until the next timer, rounded up; timeout_ms when that is sooner. On a virtual clock
 * no wait brings a deadline nearer. */
static uint32_t wait_ms(const han__loop *loop, uint32_t timeout_ms)
{
    uint64_t next = han__timers_next(&loop->timers);
    uint64_t now = han__clock_mono_ns(loop->clock);
    if (next <= now) return 0;
    if (next == UINT64_MAX || loop->clock->is_virtual) return timeout_ms;
    uint64_t ms = (next - now) / 1000000u + ((next - now) % 1000000u != 0);
    return ms < timeout_ms ? (uint32_t)ms : timeout_ms;
}

int han__loop_run_once(han__loop *loop, uint32_t timeout_ms)
{
    if (loop->running) return HAN_MISUSE;
    loop->running = true;
    bool happened = pass(loop, UV_RUN_NOWAIT, NULL);
    uint32_t wait = happened ? 0 : wait_ms(loop, timeout_ms);
    if (wait > 0) {
        set_alarm(loop, wait);
        happened = pass(loop, UV_RUN_ONCE, NULL);
        uv_timer_stop(&loop->alarm);
    }
    loop->running = false;
    return happened;
}

int han__loop_fd(const han__loop *loop)
{
    return uv_backend_fd(&loop->uv);
}

int han__loop_timeout_ms(const han__loop *loop)
{
    if (loop->activity != loop->quiet_at) return 0;
    int libuv = uv_backend_timeout(&loop->uv);
    uint32_t wait = wait_ms(loop, UINT32_MAX);
    if (libuv == 0 || wait == 0) return 0;
    if (wait == UINT32_MAX) return libuv;
    int ours = wait > INT_MAX ? INT_MAX : (int)wait;
    return libuv > 0 && libuv < ours ? libuv : ours;
}

bool han__loop_alive(const han__loop *loop)
{
    return loop->open > 0 || loop->timers.count > 0;
}

void han__loop_add_hook(han__loop *loop, han__loop_hook *hook)
{
    hook->next = loop->hooks;
    loop->hooks = hook;
}

void han__loop_remove_hook(han__loop *loop, han__loop_hook *hook)
{
    if (loop->next_hook == hook) loop->next_hook = hook->next;
    for (han__loop_hook **at = &loop->hooks; *at; at = &(*at)->next) {
        if (*at != hook) continue;
        *at = hook->next;
        return;
    }
}

void han__loop_wakeup(han__loop *loop)
{
    uv_async_send(&loop->wakeup);
}

han__mem *han__loop_mem(const han__loop *loop)
{
    return loop->mem;
}

const han__clock *han__loop_clock(const han__loop *loop)
{
    return loop->clock;
}

struct uv_loop_s *han__loop_uv(han__loop *loop)
{
    return &loop->uv;
}

struct han__timers *han__loop_timers(han__loop *loop)
{
    return &loop->timers;
}

void han__loop_touch(han__loop *loop)
{
    loop->activity++;
}

void han__loop_opened(han__loop *loop)
{
    loop->open++;
    loop->activity++;
}

void han__loop_closed(han__loop *loop)
{
    assert(loop->open > 0);
    loop->open--;
    loop->activity++;
}

void han__loop_orphaned(han__loop *loop, int change)
{
    loop->orphans += change;
    loop->activity++;
}

uint8_t *han__loop_scratch(han__loop *loop)
{
    return loop->scratch;
}
