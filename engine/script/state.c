/* Lua states: making them, the environment of a run, require, the instruction hook, and errors. */
#include "base/config.h"
#include "script/state.h"

#include "script/agent.h"
#include "script/bindings.h"
#include "script/door.h"
#include "script/fiber.h"
#include "value/pairs.h"
#include "script/service.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

#define IDLE_FACTOR  5    /* a run that spends nothing may do this many times steps_max */
#define HOOK_COUNT   1000 /* VM instructions between two looks at the clock */
#define MESSAGE_KEEP 300

/* Slots that the collector visits for each one allocated. Lua's own 100 does in one step what a
 * host would wait 2 ms for with 10,000 agents alive; with 25 a cycle still ends before the memory
 * has grown by a twentieth. */
#define COLLECTOR_PACE 25
#define COLLECTOR_REST 300 /* percent: what was left of the last cycle, grown to it, begins one */

/* ---- memory ---- */

/* Outside a protected call an error would end the process: there the reserve comes in. */
static __attribute__((noinline)) void *last_resort(han__state *state, size_t size)
{
    void *block = state->reserve;
    if (!state->unguarded || !block || size > HAN__RESERVE) return NULL;
    state->reserve = NULL;
    return han__slab_trim(&state->slab, block, HAN__RESERVE, size);
}

static void *allocate(void *ud, void *ptr, size_t old, size_t size)
{
    han__slab *slab = &((han__state *)ud)->slab;
    if (!ptr) { /* `old` is its kind */
        void *block = size > 0 ? han__slab_alloc(slab, size) : NULL;
        return block || size == 0 ? block : last_resort(ud, size);
    }
    if (size > 0) return han__slab_resize(slab, ptr, old, size);
    han__slab_free(slab, ptr, old);
    return NULL;
}

bool han__state_unguarded(han__state *state)
{
    if (!state->reserve) state->reserve = han__slab_alloc(&state->slab, HAN__RESERVE);
    state->unguarded = state->reserve != NULL;
    return state->unguarded;
}

/* ---- stopping a script ---- */

void han__state_doom(han__state *state, int code, const char *message)
{
    if (state->doom_code) return;
    state->doom_code = code;
    state->doom_where[0] = '\0';
    snprintf(state->doom, sizeof(state->doom), "%.*s", MESSAGE_KEEP, message);
}

static int stop(lua_State *L, han__state *state)
{
    state->engine_yield = true;
    if (lua_isyieldable(L)) return lua_yield(L, 0);
    return luaL_error(L, "%s", state->doom);
}

/* Evals, tokens and shots of the whole run, as far as they have been reconciled. */
static int64_t spend_of(const han__state *state)
{
    if (!state->run || !state->run->tree) return 0;
    const han__amount spend = han__node_spend(han__tree_root(state->run->tree));
    return spend.v[HAN__EVALS] + spend.v[HAN__TOKENS] + spend.v[HAN__SHOTS] + spend.v[HAN__TURNS];
}

/* A loop that gets nowhere, and one that places free children for ever. */
void han__state_count(han__state *state, uint64_t instructions)
{
    char text[200];
    int64_t spent = spend_of(state);
    state->steps += instructions;
    state->idle_steps = spent == state->spent ? state->idle_steps + instructions : 0;
    state->spent = spent;
    if (state->steps_max == 0) return;
    if (state->steps > state->steps_max)
        snprintf(
            text, sizeof(text),
            "ran %llu instructions (a refused or empty verb counts as many) without placing or "
            "receiving anything; a loop that does not end?",
            (unsigned long long)state->steps);
    else if (state->idle_steps / IDLE_FACTOR > state->steps_max)
        snprintf(text, sizeof(text),
                 "ran %llu instructions without spending anything; a loop that does not end?",
                 (unsigned long long)state->idle_steps);
    else
        return;
    han__state_doom(state, HAN_LIMIT, text);
}

void han__state_received(han__state *state)
{
    state->steps = state->idle_steps = 0;
}

static void check_limits(lua_State *L, han__state *state)
{
    han__state_count(state, HOOK_COUNT);
    uint64_t now = state->deadline_ns || state->host->slice_end_ns
                       ? han__clock_mono_ns(state->host->clock)
                       : 0;
    if (state->deadline_ns && now > state->deadline_ns)
        han__state_doom(state, HAN_LIMIT, "time is up");
    if (state->doom_code) {
        /* now: a coroutine that has yielded in its hook shows the instruction before */
        if (!state->doom_where[0]) han__where(L, state->doom_where, sizeof(state->doom_where));
        stop(L, state);
    } else if (state->host->slice_end_ns && now > state->host->slice_end_ns && lua_isyieldable(L)) {
        state->preempted = state->engine_yield = true;
        lua_yield(L, 0);
    }
}

static void hook(lua_State *L, lua_Debug *ar)
{
    HAN__UNUSED(ar);
    check_limits(L, han__state_of(L));
}

/* ---- the script's own coroutines ---- */

/* That of coroutines that a script made: by it they are told from those of agents, which belong to
 * the engine, even while they wait. */
static void hook_own(lua_State *L, lua_Debug *ar)
{
    hook(L, ar);
}

static bool is_own(lua_State *co)
{
    return lua_gethook(co) == hook_own;
}

/* An engine yield inside a coroutine of the script goes through to the fiber; what comes back goes
 * down again. Any other end of the inner resume is handled by `done`. */
static int relay(lua_State *L, lua_State *co, int args, bool wrapped);

static int relayed(lua_State *L, int status, lua_KContext ctx)
{
    lua_State *co = lua_tothread(L, 1);
    int args = lua_gettop(L) - 1;
    HAN__UNUSED(status);
    if (!lua_checkstack(co, args)) return luaL_error(L, "too many values for a coroutine");
    lua_xmove(L, co, args);
    return relay(L, co, args, ctx != 0);
}

static int pass_results(lua_State *L, lua_State *co, int results, bool wrapped)
{
    if (!lua_checkstack(L, results + 1)) return luaL_error(L, "too many results of a coroutine");
    if (!wrapped) lua_pushboolean(L, 1);
    lua_xmove(co, L, results);
    return results + !wrapped;
}

static int pass_error(lua_State *L, lua_State *co, bool wrapped)
{
    if (!wrapped) {
        lua_pushboolean(L, 0);
        lua_xmove(co, L, 1);
        return 2;
    }
    int status = lua_resetthread(co); /* closing what it left open may change the error */
    HAN__UNUSED(status);
    lua_xmove(co, L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int relay(lua_State *L, lua_State *co, int args, bool wrapped)
{
    han__state *state = han__state_of(L);
    int results = 0;
    int status = lua_resume(co, L, args, &results);
    if (status == LUA_YIELD && state->engine_yield) {
        lua_pop(co, results);
        if (lua_isyieldable(L)) return lua_yieldk(L, 0, wrapped, relayed);
        return luaL_error(L, "a scope verb that waits cannot be called from here");
    }
    if (state->doom_code) return stop(L, state);
    if (status == LUA_OK || status == LUA_YIELD) return pass_results(L, co, results, wrapped);
    return pass_error(L, co, wrapped);
}

/* NULL: it can be resumed. */
static const char *why_not_resume(lua_State *co)
{
    lua_Debug ar;
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD) return "cannot resume dead coroutine";
    if (status == LUA_OK && lua_getstack(co, 0, &ar))
        return "cannot resume non-suspended coroutine";
    if (!is_own(co)) return "cannot resume the coroutine of an agent";
    return status == LUA_OK && lua_gettop(co) == 0 ? "cannot resume dead coroutine" : NULL;
}

static int start_relay(lua_State *L, lua_State *co, int args, bool wrapped)
{
    const char *problem = why_not_resume(co);
    if (problem) {
        if (wrapped) return luaL_error(L, "%s", problem);
        lua_pushboolean(L, 0);
        lua_pushstring(L, problem);
        return 2;
    }
    if (!lua_checkstack(co, args)) return luaL_error(L, "too many arguments to resume");
    lua_xmove(L, co, args);
    return relay(L, co, args, wrapped);
}

static int co_resume(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTHREAD);
    return start_relay(L, lua_tothread(L, 1), lua_gettop(L) - 1, false);
}

static int co_wrapped(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    return start_relay(L, lua_tothread(L, 1), lua_gettop(L) - 1, true);
}

static int co_create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_sethook(co, hook_own, LUA_MASKCOUNT, HOOK_COUNT);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int co_wrap(lua_State *L)
{
    co_create(L);
    lua_pushcclosure(L, co_wrapped, 1);
    return 1;
}

static int co_close(lua_State *L)
{
    lua_Debug ar;
    luaL_checktype(L, 1, LUA_TTHREAD);
    lua_State *co = lua_tothread(L, 1);
    if (co == L) return luaL_error(L, "cannot close a running coroutine");
    if (lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar))
        return luaL_error(L, "cannot close a normal coroutine");
    if (!is_own(co)) return luaL_error(L, "cannot close the coroutine of an agent");
    int status = lua_resetthread(co);
    lua_pushboolean(L, status == LUA_OK);
    if (status == LUA_OK) return 1;
    lua_xmove(co, L, 1);
    return 2;
}

/* ---- xpcall ---- */

/* The message handler given to Lua; upvalue 1 is the script's. What the hook raises comes here with
 * hooks switched off, where a loop would never end. */
static int run_handler(lua_State *L)
{
    if (han__state_of(L)->doom_code) return 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int xpcall_ended(lua_State *L, int status, lua_KContext below)
{
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)below;
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int run_xpcall(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    int args = lua_gettop(L) - 2;
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, run_handler, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_insert(L, 3);
    lua_pushvalue(L, 1);
    lua_insert(L, 4); /* function, handler, true, function, arguments */
    int status = lua_pcallk(L, args, LUA_MULTRET, 2, 2, xpcall_ended);
    return xpcall_ended(L, status, 2);
}

/* ---- the environment of a run ---- */

static int run_print(lua_State *L)
{
    luaL_Buffer b;
    int n = lua_gettop(L);
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        if (i > 1) luaL_addchar(&b, '\t');
        han__pairs_tostring(L, i, NULL);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    han__log_write(han__state_of(L)->host->log, HAN__LOG_INFO, "%s", lua_tostring(L, -1));
    return 0;
}

/* load(text, name, "t", env): text chunks only, and functions that give text. */
static int run_load(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *name = luaL_optstring(L, 2, "=(load)");
    bool has_env = !lua_isnone(L, 4);
    if (luaL_loadbufferx(L, text, len, name, "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_env) {
        lua_pushvalue(L, 4);
        lua_setupvalue(L, -2, 1);
    }
    return 1;
}

static han__node *running_node(lua_State *L)
{
    han__run *run = han__state_of(L)->run;
    han__node *node = run && run->tree ? han__tree_running(run->tree) : NULL;
    if (!node) luaL_error(L, "random numbers belong to an agent; none runs now");
    return node;
}

static int run_random(lua_State *L)
{
    han__node *node = running_node(L);
    lua_pushnil(L);
    lua_insert(L, 1); /* stands where a scope would */
    return han__verb_random(L, han__run_of(node), node);
}

static int run_setmetatable(lua_State *L)
{
    static const char *const refused[] = {"__gc", "__mode"};
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    for (int i = 0; i < 2 && lua_istable(L, 2); i++) {
        lua_pushstring(L, refused[i]);
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "%s is not available here: it depends on the collector",
                              refused[i]);
        lua_pop(L, 1);
    }
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static void remove_fields(lua_State *L, const char *library, const char *const *names)
{
    if (library)
        lua_getglobal(L, library);
    else
        lua_pushglobaltable(L);
    for (; *names; names++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *names);
    }
    lua_pop(L, 1);
}

static void set_fields(lua_State *L, const char *library, const luaL_Reg *functions)
{
    if (library)
        lua_getglobal(L, library);
    else
        lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}

static void open_allowed(lua_State *L)
{
    static const luaL_Reg libraries[] = {{"_G", luaopen_base},
                                         {LUA_COLIBNAME, luaopen_coroutine},
                                         {LUA_TABLIBNAME, luaopen_table},
                                         {LUA_STRLIBNAME, luaopen_string},
                                         {LUA_MATHLIBNAME, luaopen_math},
                                         {LUA_UTF8LIBNAME, luaopen_utf8},
                                         {NULL, NULL}};
    static const char *const base[] = {"dofile", "loadfile", "collectgarbage", "warn", NULL};
    static const char *const string[] = {"dump", NULL};
    static const char *const math[] = {"randomseed", NULL};
    static const luaL_Reg base_ours[] = {{"print", run_print},
                                         {"load", run_load},
                                         {"xpcall", run_xpcall},
                                         {"setmetatable", run_setmetatable},
                                         {"require", han__require_in_run},
                                         {NULL, NULL}};
    static const luaL_Reg math_ours[] = {{"random", run_random}, {NULL, NULL}};
    static const luaL_Reg co_ours[] = {{"create", co_create},
                                       {"wrap", co_wrap},
                                       {"resume", co_resume},
                                       {"close", co_close},
                                       {NULL, NULL}};
    for (const luaL_Reg *lib = libraries; lib->func; lib++) {
        luaL_requiref(L, lib->name, lib->func, 1);
        lua_pop(L, 1);
    }
    /* with it messages would name functions by where they were put, in no certain order */
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    remove_fields(L, NULL, base);
    remove_fields(L, "string", string);
    remove_fields(L, "math", math);
    set_fields(L, NULL, base_ours);
    set_fields(L, "math", math_ours);
    set_fields(L, "coroutine", co_ours);
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

static int open_run(lua_State *L)
{
    open_allowed(L);
    han__pairs_install(L);
    han__door_install(L);
    lua_gc(L, LUA_GCINC, COLLECTOR_REST, COLLECTOR_PACE, 0);
    lua_sethook(L, hook, LUA_MASKCOUNT, HOOK_COUNT);
    return 0;
}

static int open_harness(lua_State *L)
{
    luaL_openlibs(L);
    han__pairs_install(L);
    han__service_install(L);
    han__bindings_install(L);
    return 0;
}

/* ---- life ---- */

static int panic(lua_State *L)
{
    HAN__UNUSED(L);
    return 0; /* unreachable by design: every entry is protected; Lua then aborts */
}

/* What every state has, then what its kind has. */
static int open_state(lua_State *L)
{
    const lua_CFunction *opener = lua_touserdata(L, 1);
    lua_settop(L, 0);
    lua_newtable(L);
    lua_pushboolean(L, 0);
    lua_rawseti(L, -2, 0);
    han__state_of(L)->slots = luaL_ref(L, LUA_REGISTRYINDEX);
    return (*opener)(L);
}

static int make(han__host *host, struct han__run *run, size_t bytes_max, uint64_t steps_max,
                lua_CFunction opener, han__state **out, han_error *err)
{
    han__state *state = han__mem_zalloc(host->mem, 1, sizeof(*state));
    if (!state) return han__error_set(err, HAN_NOMEM, "no memory for a Lua state");
    state->host = host;
    state->run = run;
    state->slots = LUA_NOREF;
    state->steps_max = steps_max;
    han__slab_init(&state->slab, host->mem, bytes_max);
    state->L = lua_newstate(allocate, state);
    if (!state->L) {
        han__slab_release(&state->slab);
        han__mem_free(host->mem, state, sizeof(*state));
        return han__error_set(err, HAN_NOMEM, "no memory for a Lua state");
    }
    lua_atpanic(state->L, panic);
    *(han__state **)lua_getextraspace(state->L) = state;
    lua_pushcfunction(state->L, open_state);
    lua_pushlightuserdata(state->L, &opener);
    if (lua_pcall(state->L, 1, 0, 0) != LUA_OK) {
        han__state_error(state->L, HAN_NOMEM, err);
        han__state_close(state);
        return HAN_NOMEM;
    }
    *out = state;
    return HAN_OK;
}

int han__state_open_harness(han__host *host, han__state **out, han_error *err)
{
    return make(host, NULL, 0, 0, open_harness, out, err);
}

int han__state_open_run(han__host *host, struct han__run *run, size_t bytes_max, uint64_t steps_max,
                        han__state **out, han_error *err)
{
    return make(host, run, bytes_max, steps_max, open_run, out, err);
}

void han__state_close(han__state *state)
{
    han__mem *mem = state->host->mem;
    han__fibers_release(state);
    /* what has no finalizer goes with the memory: object by object would take a tenth of a run */
    if (!state->run || state->finalizers || !han__slab_drops()) {
        lua_close(state->L);
        han__slab_free(&state->slab, state->reserve, HAN__RESERVE);
    }
    han__slab_release(&state->slab);
    han__mem_free(mem, state, sizeof(*state));
}

/* ---- errors ---- */

int han__state_error(lua_State *L, int code, han_error *err)
{
    char where[112];
    const char *text =
        lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error without text";
    bool placed = han__place_of(text, where, sizeof(where));
    han__error_at(err, code, placed ? where : NULL, "%s", text);
    lua_pop(L, 1);
    return code;
}
