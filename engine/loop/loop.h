/* The event loop of one engine: libuv behind our own nouns (timer, stream, process), stepped by a
 * host from its frame or run by a program of ours. A loop belongs to one thread; only
 * han__loop_wakeup may be called from others. No signal handler is ever installed. */
#ifndef HAN_LOOP_LOOP_H
#define HAN_LOOP_LOOP_H

#include "base/clock.h"
#include "base/mem.h"

struct uv_loop_s;
struct han__timers;

typedef struct han__loop han__loop;

/* clock NULL takes the real one; else it must outlive the loop, and timers follow it. HAN_NOMEM, or
 * HAN_IO when the system gives no descriptor. */
int han__loop_create(han__loop **out, han__mem *mem, const han__clock *clock,
                     han_error *err) HAN__MUST_USE;
/* Frees the loop (NULL is allowed). Whatever was opened on it must have been closed before:
 * asserted in debug builds. Children that were closed while they lived are waited for, at most 5
 * seconds. */
void han__loop_close(han__loop *loop);

/* Does what is ready, without waiting, and what becomes ready by that, for about max_us
 * microseconds (0: one pass). 1: more may be ready now. 0: quiet. HAN_MISUSE from inside a
 * callback. */
int han__loop_step(han__loop *loop, uint64_t max_us) HAN__MUST_USE;
/* One pass; when nothing was ready, waits up to timeout_ms for something and does it. 1: something
 * happened. 0: time is up, or it was woken early with nothing to do. HAN_MISUSE from a callback. */
int han__loop_run_once(han__loop *loop, uint32_t timeout_ms) HAN__MUST_USE;

/* For nesting in a host's loop: poll this descriptor for input, for at most han__loop_timeout_ms
 * (-1: no limit), then step. Ask for both after each step, and after starting anything. */
int han__loop_fd(const han__loop *loop);
int han__loop_timeout_ms(const han__loop *loop);
/* Whether anything is open on the loop, a timer runs, or a close has not been finished. */
bool han__loop_alive(const han__loop *loop);

/* Called on the loop's thread after one or more wakeups; owned by the caller, linked while added.
 */
typedef struct han__loop_hook {
    void (*fn)(void *ud);
    void *ud;
    struct han__loop_hook *next;
} han__loop_hook;
void han__loop_add_hook(han__loop *loop, han__loop_hook *hook);
void han__loop_remove_hook(han__loop *loop, han__loop_hook *hook); /* also from inside a hook */
/* Makes a waiting or the next run call every hook. Any thread, any signal handler; wakeups that
 * come together may count as one. */
void han__loop_wakeup(han__loop *loop);

/* What it was created with. */
han__mem *han__loop_mem(const han__loop *loop);
/* The clock that its timers follow. */
const han__clock *han__loop_clock(const han__loop *loop);

/* --- For the nouns that stand on the loop, in this room and in model/ --- */

/* For watchers of libuv; owned by the loop. */
struct uv_loop_s *han__loop_uv(han__loop *loop);
/* The active timers; owned by the loop. */
struct han__timers *han__loop_timers(han__loop *loop);
/* Say that something was started or happened: a pass that saw this is followed by another before
 * the loop calls itself quiet, since libuv tells epoll about new descriptors at its next pass only.
 * Every callback from libuv, and every start of a watcher, must say so. */
void han__loop_touch(han__loop *loop);
/* Each open thing counts once, from its creation to the end of its last callback. */
void han__loop_opened(han__loop *loop);
void han__loop_closed(han__loop *loop);
/* A child outlives its owner's close: it does not count as open, but closing the loop waits. */
void han__loop_orphaned(han__loop *loop, int change);
#define HAN__LOOP_SCRATCH_BYTES 65536u
/* Memory for one read of so many bytes, shared by all streams; valid until the next callback. */
uint8_t *han__loop_scratch(han__loop *loop);

#endif
