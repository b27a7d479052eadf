/* Timers on the loop's clock, which may be virtual: then they run in the first step after the clock
 * was advanced far enough. Timers of one deadline run in the order in which they were started. */
#ifndef HAN_LOOP_TIMER_H
#define HAN_LOOP_TIMER_H

#include "loop/loop.h"

#define HAN__MS(n) ((uint64_t)(n)*1000000u) /* milliseconds in nanoseconds */

typedef struct han__timer han__timer;
/* May start or stop any timer, this one too, and may free the memory that holds it once it is
 * stopped; a one-shot timer is stopped before it is called. */
typedef void (*han__timer_fn)(void *ud, han__timer *timer);

/* Embedded in its owner, who does not look inside; must stay where it is while it is active. */
struct han__timer {
    han__loop *loop;
    han__timer_fn fn;
    void *ud;
    uint64_t deadline_ns;
    uint64_t repeat_ns;
    uint64_t order;
    size_t slot; /* 1 + place in the heap; 0: not active */
    bool kept;   /* a place in the heap is kept for it */
};

/* Gives it what to call; it is not active yet. */
void han__timer_init(han__timer *timer, han__loop *loop, han__timer_fn fn, void *ud);
/* Runs after_ns from now, then every repeat_ns (0: once); starts anew when it was active. Turns
 * that were missed are dropped, the rhythm is kept. HAN_OK, or HAN_NOMEM with the timer as it was.
 */
int han__timer_start(han__timer *timer, uint64_t after_ns, uint64_t repeat_ns) HAN__MUST_USE;
/* Keeps a place for a timer until it is let go: starting it cannot fail in between. HAN_OK,
 * HAN_NOMEM. */
int han__timer_keep(han__timer *timer) HAN__MUST_USE;
void han__timer_let_go(han__timer *timer); /* any number of times; does not stop it */
/* Once, at this reading of the loop's clock. */
int han__timer_start_at(han__timer *timer, uint64_t deadline_ns) HAN__MUST_USE;
void han__timer_stop(han__timer *timer); /* any number of times */
bool han__timer_active(const han__timer *timer);

/* --- For loop.c: the heap of active timers --- */

typedef struct han__timers {
    han__timer **heap; /* the least (deadline, order) first */
    size_t count;
    size_t cap;
    size_t kept;    /* places that are kept, whether or not their timers are in the heap */
    uint64_t order; /* number of starts so far */
} han__timers;

/* The earliest deadline, UINT64_MAX when there is none. */
uint64_t han__timers_next(const han__timers *timers);
/* Runs what is due at now_ns and was started before this call, until `stop` (may be NULL) says so.
 */
void han__timers_run(han__loop *loop, uint64_t now_ns, bool (*stop)(han__loop *loop));
void han__timers_release(han__timers *timers, han__mem *mem);

#endif
