/* Module han.fiber (harness): fibers as values. fiber.spawn(fn, ...) starts one beside the caller,
 * fiber.join(f) waits for its end and gives its results, or raises its error. fiber.signal() is
 * something that one fiber waits for: signal:wait() gives the value of signal:send(value), which
 * may have come before. */
#include "base/config.h"
#include "script/fiber.h"

#include <lauxlib.h>

#define FIBER_TYPE  "han.fiber"
#define SIGNAL_TYPE "han.signal"

typedef struct handle {
    han__fiber *fiber; /* NULL once it ended */
    han__wait wait;    /* of the one who joins */
    int self;          /* keeps the handle while the fiber lives */
    int results;       /* reference to a table {ok, n, ...}; LUA_NOREF before the end */
} handle;

struct packing {
    handle *h;
    lua_State *co;
    int status, count;
};

/* Moves a fiber's results into a table in the registry; its error becomes one value. */
static int pack_results(lua_State *L)
{
    struct packing *p = lua_touserdata(L, 1);
    int count = p->status == LUA_OK ? p->count : 1;
    lua_createtable(L, count, 2);
    luaL_checkstack(L, count + 2, "results");
    lua_xmove(p->co, L, count);
    for (int i = count; i > 0; i--) lua_rawseti(L, 2, i);
    lua_pushboolean(L, p->status == LUA_OK);
    lua_setfield(L, 2, "ok");
    lua_pushinteger(L, count);
    lua_setfield(L, 2, "n");
    p->h->results = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static int push_results(lua_State *L, void *ud)
{
    handle *h = ud;
    lua_rawgeti(L, LUA_REGISTRYINDEX, h->results);
    int table = lua_gettop(L);
    lua_getfield(L, table, "ok");
    bool ok = lua_toboolean(L, -1);
    lua_getfield(L, table, "n");
    int n = (int)lua_tointeger(L, -1);
    luaL_checkstack(L, n, "results");
    for (int i = 1; i <= n; i++) lua_rawgeti(L, table, i);
    return ok ? n : lua_error(L);
}

static void on_end(han__fiber *fiber, lua_State *co, int status, int results)
{
    handle *h = fiber->owner;
    lua_State *L = fiber->state->L;
    struct packing p = {h, co, status, results};
    h->fiber = NULL;
    lua_pushcfunction(L, pack_results);
    lua_pushlightuserdata(L, &p);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) lua_pop(L, 1);
    luaL_unref(L, LUA_REGISTRYINDEX, h->self);
    h->self = LUA_NOREF;
    han__wait_finish(&h->wait, push_results, h);
}

static int fiber_spawn(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    int args = lua_gettop(L) - 1;
    handle *h = lua_newuserdatauv(L, sizeof(*h), 0);
    *h = (handle){.self = LUA_NOREF, .results = LUA_NOREF};
    luaL_setmetatable(L, FIBER_TYPE);
    lua_pushvalue(L, -1);
    h->self = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_insert(L, 1);
    h->fiber = han__fiber_new(han__state_of(L), L, args, on_end, h);
    if (!h->fiber) {
        luaL_unref(L, LUA_REGISTRYINDEX, h->self);
        return luaL_error(L, "no memory for a fiber");
    }
    han__fiber_ready(h->fiber);
    return 1;
}

static int fiber_join(lua_State *L)
{
    handle *h = luaL_checkudata(L, 1, FIBER_TYPE);
    if (h->results != LUA_NOREF) return push_results(L, h);
    if (!h->fiber) return luaL_error(L, "this fiber was stopped");
    if (h->wait.fiber) return luaL_error(L, "another fiber waits for this one");
    han__fiber_wait(L, &h->wait);
    return lua_yield(L, 0);
}

/* Ends it without results; who joins it waits no longer and gets an error. */
static int fiber_stop(lua_State *L)
{
    handle *h = luaL_checkudata(L, 1, FIBER_TYPE);
    if (!h->fiber) return 0;
    if (h->fiber == han__state_of(L)->current) return luaL_error(L, "a fiber cannot stop itself");
    han__fiber_kill(h->fiber);
    h->fiber = NULL;
    luaL_unref(L, LUA_REGISTRYINDEX, h->self);
    h->self = LUA_NOREF;
    return 0;
}

static int fiber_gc(lua_State *L)
{
    handle *h = luaL_checkudata(L, 1, FIBER_TYPE);
    luaL_unref(L, LUA_REGISTRYINDEX, h->results);
    h->results = LUA_NOREF;
    return 0;
}

/* ---- signals ---- */

typedef struct signal_ {
    han__wait wait;
    int value; /* reference; LUA_NOREF before it was sent */
    int self;  /* keeps it while a fiber waits */
} signal_;

static int push_value(lua_State *L, void *ud)
{
    signal_ *s = ud;
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->value);
    return 1;
}

static void drop_self(signal_ *s, lua_State *L)
{
    luaL_unref(L, LUA_REGISTRYINDEX, s->self);
    s->self = LUA_NOREF;
}

static void signal_left(han__wait *wait)
{
    signal_ *s = (signal_ *)((char *)wait - offsetof(signal_, wait));
    drop_self(s, wait->ud);
}

static int signal_new(lua_State *L)
{
    signal_ *s = lua_newuserdatauv(L, sizeof(*s), 0);
    *s = (signal_){.value = LUA_NOREF, .self = LUA_NOREF};
    s->wait.on_cancel = signal_left;
    s->wait.ud = han__state_of(L)->L;
    luaL_setmetatable(L, SIGNAL_TYPE);
    return 1;
}

static int signal_wait(lua_State *L)
{
    signal_ *s = luaL_checkudata(L, 1, SIGNAL_TYPE);
    if (s->value != LUA_NOREF) return push_value(L, s);
    if (s->wait.fiber) return luaL_error(L, "another fiber waits for this signal");
    if (!han__state_of(L)->current || !lua_isyieldable(L)) return luaL_error(L, "cannot wait here");
    lua_pushvalue(L, 1);
    s->self = luaL_ref(L, LUA_REGISTRYINDEX);
    han__fiber_wait(L, &s->wait);
    return lua_yield(L, 0);
}

/* Once; a second one is ignored and gives false. */
static int signal_send(lua_State *L)
{
    signal_ *s = luaL_checkudata(L, 1, SIGNAL_TYPE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    bool first = s->value == LUA_NOREF;
    if (first) {
        s->value = luaL_ref(L, LUA_REGISTRYINDEX);
        if (s->wait.fiber) {
            han__wait_finish(&s->wait, push_value, s);
            drop_self(s, L);
        }
    }
    lua_pushboolean(L, first);
    return 1;
}

static int signal_gc(lua_State *L)
{
    signal_ *s = luaL_checkudata(L, 1, SIGNAL_TYPE);
    luaL_unref(L, LUA_REGISTRYINDEX, s->value);
    s->value = LUA_NOREF;
    return 0;
}

static void make_signals(lua_State *L)
{
    static const luaL_Reg methods[] = {{"wait", signal_wait}, {"send", signal_send}, {NULL, NULL}};
    luaL_newmetatable(L, SIGNAL_TYPE);
    lua_pushcfunction(L, signal_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

int han__open_fiber(lua_State *L);

int han__open_fiber(lua_State *L)
{
    static const luaL_Reg functions[] = {{"spawn", fiber_spawn},
                                         {"join", fiber_join},
                                         {"stop", fiber_stop},
                                         {"signal", signal_new},
                                         {NULL, NULL}};
    make_signals(L);
    luaL_newmetatable(L, FIBER_TYPE);
    lua_pushcfunction(L, fiber_gc);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
