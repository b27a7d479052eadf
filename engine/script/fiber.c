/* Fibers: starting, resuming, waiting, killing, and the pool of coroutines. Nothing here may raise
 * outside a protected call: what can run out of memory runs inside lua_pcall or inside the fiber.
 */
#include "base/config.h"
#include "script/fiber.h"

#include <lauxlib.h>

#define IDLE_MIN                                                                                   \
    256 /* finished fibers that are kept whatever is in use; more, up to that number               \
         */

/* ---- lists ---- */

static void link_fiber(han__fiber *fiber)
{
    han__state *state = fiber->state;
    fiber->before = NULL;
    fiber->after = state->fibers;
    if (state->fibers) state->fibers->before = fiber;
    state->fibers = fiber;
    state->in_use++;
}

static void unlink_fiber(han__fiber *fiber)
{
    if (fiber->before)
        fiber->before->after = fiber->after;
    else
        fiber->state->fibers = fiber->after;
    fiber->state->in_use--;
    if (fiber->after) fiber->after->before = fiber->before;
    fiber->before = fiber->after = NULL;
}

static void drop_ready(han__fiber *fiber)
{
    han__host *host = fiber->state->host;
    han__fiber *before = NULL;
    if (!fiber->ready) return;
    for (han__fiber *f = host->ready_first; f; before = f, f = f->next) {
        if (f != fiber) continue;
        if (before)
            before->next = f->next;
        else
            host->ready_first = f->next;
        if (host->ready_last == f) host->ready_last = before;
        break;
    }
    fiber->ready = false;
    fiber->next = NULL;
}

/* ---- making ---- */

/* Gives the fiber behind the light pointer a new coroutine. */
static int new_thread(lua_State *L)
{
    han__fiber *fiber = lua_touserdata(L, 1);
    fiber->co = lua_newthread(L);
    lua_rawgeti(fiber->co, LUA_REGISTRYINDEX, fiber->state->slots);
    fiber->co_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

/* Calls a light C function with one light pointer, protected; true when it did not raise. */
static bool guarded(lua_State *L, lua_CFunction fn, void *arg)
{
    if (!lua_checkstack(L, 4)) return false;
    lua_pushcfunction(L, fn);
    lua_pushlightuserdata(L, arg);
    if (lua_pcall(L, 1, 0, 0) == LUA_OK) return true;
    lua_pop(L, 1);
    return false;
}

static han__fiber *take_fiber(han__state *state)
{
    han__fiber *fiber = state->idle;
    if (fiber) {
        state->idle = fiber->next;
        state->idling--;
        fiber->next = NULL;
        return fiber;
    }
    fiber = han__slab_alloc(&state->slab, sizeof(*fiber));
    if (!fiber) return NULL;
    *fiber = (han__fiber){.state = state};
    if (!guarded(state->L, new_thread, fiber)) {
        han__slab_free(&state->slab, fiber, sizeof(*fiber));
        return NULL;
    }
    return fiber;
}

/* Its coroutine can be used again, or is left to the collector when many others can. */
static void recycle(han__fiber *fiber)
{
    han__state *state = fiber->state;
    unlink_fiber(fiber);
    drop_ready(fiber);
    if (state->idling >= IDLE_MIN && state->idling >= state->in_use) {
        luaL_unref(state->L, LUA_REGISTRYINDEX, fiber->co_ref);
        han__slab_free(&state->slab, fiber, sizeof(*fiber));
        return;
    }
    fiber->wait = NULL;
    fiber->args = 0;
    fiber->running = fiber->dead = false;
    fiber->next = state->idle;
    state->idle = fiber;
    state->idling++;
}

/* Stops the coroutine for good and makes it as new. */
static void reset(han__fiber *fiber)
{
    lua_resetthread(fiber->co);
    lua_settop(fiber->co, 0);
    lua_rawgeti(fiber->co, LUA_REGISTRYINDEX, fiber->state->slots);
}

han__fiber *han__fiber_make(han__state *state, han__fiber_end end, void *owner)
{
    han__fiber *fiber = take_fiber(state);
    if (!fiber) return NULL;
    fiber->end = end;
    fiber->failing = NULL;
    fiber->owner = owner;
    fiber->base = 1;
    link_fiber(fiber);
    return fiber;
}

han__fiber *han__fiber_new(han__state *state, lua_State *from, int args, han__fiber_end end,
                           void *owner)
{
    han__fiber *fiber = han__fiber_make(state, end, owner);
    if (!fiber || !lua_checkstack(fiber->co, args + 1)) {
        lua_pop(from, args + 1);
        if (fiber) recycle(fiber);
        return NULL;
    }
    lua_xmove(from, fiber->co, args + 1);
    fiber->args = args;
    return fiber;
}

/* ---- running ---- */

void han__fiber_ready(han__fiber *fiber)
{
    han__host *host = fiber->state->host;
    if (fiber->ready) return;
    fiber->ready = true;
    fiber->next = NULL;
    if (host->ready_last)
        host->ready_last->next = fiber;
    else
        host->ready_first = fiber;
    host->ready_last = fiber;
}

bool han__fiber_run_ready(han__host *host)
{
    han__fiber *fiber = host->ready_first;
    if (!fiber) return false;
    drop_ready(fiber);
    han__fiber_resume(fiber);
    return true;
}

static void finish(han__fiber *fiber, int status, int results)
{
    fiber->end(fiber, fiber->co, status, results);
    if (status == LUA_OK)
        lua_settop(fiber->co, 1);
    else
        reset(fiber);
    recycle(fiber);
}

/* The coroutine is stopped for good: its end is an error whose text is the state's doom. */
static void finish_doomed(han__fiber *fiber)
{
    lua_State *co = fiber->co;
    fiber->end(fiber, co, LUA_ERRRUN, 0);
    fiber->state->doom_code = 0;
    reset(fiber);
    recycle(fiber);
}

void han__fiber_resume(han__fiber *fiber)
{
    han__state *state = fiber->state;
    han__fiber *outer = state->current;
    int results = 0, args = fiber->args;
    fiber->args = 0;
    fiber->running = true;
    state->current = fiber;
    state->engine_yield = false;
    int status = lua_resume(fiber->co, state->L, args, &results);
    state->current = outer;
    fiber->running = false;
    if (fiber->dead) {
        reset(fiber);
        recycle(fiber);
    } else if (state->doom_code) {
        finish_doomed(fiber);
    } else if (status != LUA_YIELD) {
        finish(fiber, status, status == LUA_OK ? results - fiber->base : 0);
    } else if (!state->engine_yield) {
        han__state_doom(state, HAN_SCRIPT,
                        "coroutine.yield outside a coroutine of the script's own");
        finish_doomed(fiber);
    } else if (state->preempted) {
        state->preempted = false;
        lua_pop(fiber->co, results);
        han__fiber_ready(fiber);
    } else {
        lua_pop(fiber->co, results);
    }
}

static void cancel_wait(han__fiber *fiber)
{
    han__wait *wait = fiber->wait;
    fiber->wait = NULL;
    if (!wait) return;
    wait->fiber = NULL;
    if (wait->on_cancel) wait->on_cancel(wait);
}

void han__fiber_kill(han__fiber *fiber)
{
    cancel_wait(fiber);
    drop_ready(fiber);
    if (fiber->running) {
        fiber->dead = true;
        return;
    }
    reset(fiber);
    recycle(fiber);
}

void han__fibers_release(han__state *state)
{
    while (state->fibers) han__fiber_kill(state->fibers);
    while (state->idle) {
        han__fiber *fiber = state->idle;
        state->idle = fiber->next;
        state->idling--;
        han__slab_free(&state->slab, fiber, sizeof(*fiber));
    }
}

/* ---- waiting ---- */

void han__fiber_wait(lua_State *L, han__wait *wait)
{
    han__state *state = han__state_of(L);
    if (!state->current || !lua_isyieldable(L))
        luaL_error(L, "this call has to wait, and cannot wait here");
    wait->fiber = state->current;
    state->current->wait = wait;
    state->engine_yield = true;
}

struct pushing {
    int (*push)(lua_State *L, void *ud);
    void *ud;
};

static int call_push(lua_State *L)
{
    struct pushing *p = lua_touserdata(L, 1);
    lua_settop(L, 0);
    return p->push(L, p->ud);
}

/* The fiber ends with the error on top of the state's main thread. */
static void fail_fiber(han__fiber *fiber)
{
    lua_State *L = fiber->state->L;
    if (fiber->failing) fiber->failing(fiber);
    lua_resetthread(fiber->co);
    lua_settop(fiber->co, 0);
    lua_xmove(L, fiber->co, 1);
    finish(fiber, LUA_ERRRUN, 0);
}

void han__wait_finish_here(han__wait *wait, int results)
{
    han__fiber *fiber = wait->fiber;
    if (!fiber) return;
    wait->fiber = NULL;
    fiber->wait = NULL;
    fiber->args = results;
    han__fiber_ready(fiber);
}

void han__wait_finish(han__wait *wait, int (*push)(lua_State *L, void *ud), void *ud)
{
    han__fiber *fiber = wait->fiber;
    struct pushing p = {push, ud};
    if (!fiber) return;
    lua_State *L = fiber->state->L;
    int base = lua_gettop(L);
    lua_pushcfunction(L, call_push);
    lua_pushlightuserdata(L, &p);
    int status = lua_pcall(L, 1, LUA_MULTRET, 0);
    int results = lua_gettop(L) - base;
    if (status == LUA_OK && lua_checkstack(fiber->co, results + 1)) {
        lua_xmove(L, fiber->co, results);
        han__wait_finish_here(wait, results);
        return;
    }
    lua_settop(L, base + 1);
    wait->fiber = NULL;
    fiber->wait = NULL;
    fail_fiber(fiber);
}
