/* Fibers: the coroutines in which all Lua of the engine runs. A fiber may wait: a C function calls
 * han__fiber_wait and yields, and whoever fulfils the wait calls han__wait_finish later. Coroutines
 * of finished fibers are used again (nine times cheaper than new ones). */
#ifndef HAN_SCRIPT_FIBER_H
#define HAN_SCRIPT_FIBER_H

#include "script/state.h"

typedef struct han__fiber han__fiber;

/* A fiber has ended. status LUA_OK: its results are the `results` top values of co; else the error
 * message is on top. Called once, never for a killed fiber. The fiber is reused afterwards. */
typedef void (*han__fiber_end)(han__fiber *fiber, lua_State *co, int status, int results);

struct han__fiber {
    han__fiber *next;           /* in the ready list or the idle list */
    han__fiber *before, *after; /* among the fibers in use of its state */
    han__state *state;
    lua_State *co;
    int co_ref;
    int args; /* values on co that the next resume passes */
    int base; /* values on co below its function: the state's slots first */
    bool ready;
    bool running;
    bool dead;              /* killed while running: is dropped when it comes back */
    struct han__wait *wait; /* what it waits for; NULL: it does not */
    han__fiber_end end;
    /* It is about to end with an error from outside: what stands on co may be collected from here
     * on. NULL: nobody cares. */
    void (*failing)(han__fiber *fiber);
    void *owner;
};

/* What a fiber waits for; embedded in the request of whoever will fulfil it. */
typedef struct han__wait {
    void *fiber;                           /* NULL once finished or cancelled */
    void (*on_cancel)(struct han__wait *); /* the fiber was killed: drop the request; may be NULL */
    void *ud;
} han__wait;

/* A fiber on whose coroutine nothing stands but the state's slots (at 1). The caller pushes a
 * function and arguments there and sets `args`, and `base` when it pushed more below them. NULL
 * when out of memory. */
han__fiber *han__fiber_make(han__state *state, han__fiber_end end, void *owner);
/* A fiber that will call the function with the `args` arguments on top of `from` (which may be the
 * state's main thread or any of its coroutines); they are popped. It does not run yet: see
 * han__fiber_ready and han__fiber_resume. NULL when out of memory (values are popped all the same).
 */
han__fiber *han__fiber_new(han__state *state, lua_State *from, int args, han__fiber_end end,
                           void *owner);
/* Puts the fiber behind the other ready ones. */
void han__fiber_ready(han__fiber *fiber);
/* Runs it now until it waits, ends or its slice is over. Not from inside another fiber of the same
 * state. */
void han__fiber_resume(han__fiber *fiber);
/* Ends it without a result; its to-be-closed variables are closed. Its end function is not called.
 */
void han__fiber_kill(han__fiber *fiber);
/* Runs the first ready fiber of the host; false when there is none. */
bool han__fiber_run_ready(han__host *host);

/* Kills all fibers of a state and frees them, the idle ones too: before its Lua state is closed. */
void han__fibers_release(han__state *state);

/* In a C function called by a fiber: it now waits. Then `return lua_yield(L, 0);`. Raises when L is
 * not in a fiber. */
void han__fiber_wait(lua_State *L, han__wait *wait);
/* Results are pushed by `push` onto the fiber's coroutine (it returns their count and may raise:
 * then the fiber sees that error), and the fiber is ready. Once; a finished or cancelled wait is
 * ignored. */
void han__wait_finish(han__wait *wait, int (*push)(lua_State *L, void *ud), void *ud);
/* The wait is over without results being pushed by anyone: `results` of them are on the coroutine.
 */
void han__wait_finish_here(han__wait *wait, int results);

#endif
