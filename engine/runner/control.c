/* Owns what catches errors or switches threads: pcall, xpcall, coroutines. Each of them raises
 * again when the call was killed, and a switch takes the remaining instruction count along. */
#include "base/config.h"

#include <lauxlib.h>

#include "runner/sandbox.h"

/* ---- pcall, xpcall ---- */

/* Behind a protected call; skip: values below its results. */
static int finish_call(lua_State *L, int status, lua_KContext skip)
{
    if (han__meter_of(L)->killed != 0) return han__meter_raise(L);
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)skip;
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int guarded_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1); /* the first result, when all goes well */
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_call);
    return finish_call(L, status, 0);
}

/* The message handler given to Lua; upvalue 1 is the candidate's. In a handler that runs because of
 * a hook no hook fires, so a killed call must not come there. */
static int guarded_handler(lua_State *L)
{
    if (han__meter_of(L)->killed != 0) return 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int guarded_xpcall(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    int args = lua_gettop(L) - 2;
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_replace(L, 2);
    lua_pushvalue(L, 1);
    lua_insert(L, 3); /* function, handler, function, arguments */
    lua_pushboolean(L, 1);
    lua_insert(L, 3); /* function, handler, true, function, arguments */
    int status = lua_pcallk(L, args, LUA_MULTRET, 2, 2, finish_call);
    return finish_call(L, status, 2);
}

/* ---- coroutines ---- */

enum { ASKING = -2 };

static int guarded_resume(lua_State *L);
static int resume_wrapped(lua_State *L);

static lua_State *check_thread(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);
    if (!co) luaL_typeerror(L, 1, "thread");
    return co;
}

static int push_problem(lua_State *L, const char *text)
{
    lua_pushstring(L, text);
    return -1;
}

/* A coroutine of the candidate has had a hook since it was made. Agents of a program have one
 * during their turns only, and while they wait they belong to the engine. */
static bool is_own(lua_State *co)
{
    return lua_gethook(co) != NULL;
}

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

/* Pushes onto L the error that lua_resume left on co, and keeps its trace. A coroutine that failed
 * keeps its error as well, for whoever closes it. */
static void take_error(han__sandbox *box, lua_State *L, lua_State *co)
{
    int status = lua_status(co);
    if (status == LUA_OK || status == LUA_YIELD) {
        lua_xmove(co, L, 1); /* it was not even started */
        return;
    }
    box->trace.n = 0;
    han__trace_add(&box->trace, co, 0, box->meter.chunk);
    lua_pushvalue(co, -1);
    lua_xmove(co, L, 1);
    box->trace.error = han__trace_owner(L);
}

/* Moves the n values on top of L into co and runs it. The number of results, moved to the top of L,
 * or -1 with the error there, or ASKING: co waits for an answer of the engine, and so must L. */
static int resume(lua_State *L, lua_State *co, int n)
{
    han__sandbox *box = han__sandbox_of(L);
    int results;
    const char *problem = why_not_resume(co);
    if (problem) return push_problem(L, problem);
    if (!lua_checkstack(co, n)) return push_problem(L, "too many arguments to resume");
    lua_xmove(L, co, n);
    han__meter_switch(&box->meter, L, co);
    int status = lua_resume(co, L, n, &results);
    han__meter_switch(&box->meter, co, L);
    if (box->meter.killed != 0) {
        han__meter_stop_thread(co);
        return han__meter_raise(L);
    }
    if (status == LUA_YIELD && box->asking) {
        lua_pop(co, results);
        return ASKING;
    }
    if (status != LUA_OK && status != LUA_YIELD) {
        take_error(box, L, co);
        return -1;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(co, results);
        return push_problem(L, "too many results to resume");
    }
    lua_xmove(co, L, results);
    return results;
}

/* The verb asked inside a coroutine: its owner waits with it. */
static int pass_asking(lua_State *L, lua_KFunction then)
{
    if (lua_isyieldable(L)) return lua_yieldk(L, 0, 0, then);
    han__sandbox_of(L)->asking = false;
    return luaL_error(L, "a scope verb that waits cannot be called from here");
}

/* Behind the answer of the engine, which goes down to the coroutine at 1. */
static int resumed(lua_State *L, int status, lua_KContext ctx)
{
    HAN__UNUSED(status);
    HAN__UNUSED(ctx);
    return guarded_resume(L);
}

static int guarded_resume(lua_State *L)
{
    lua_State *co = check_thread(L);
    int results = resume(L, co, lua_gettop(L) - 1);
    if (results == ASKING) return pass_asking(L, resumed);
    lua_pushboolean(L, results >= 0);
    if (results < 0) results = 1;
    lua_insert(L, -(results + 1));
    return results + 1;
}

/* Closes the pending variables of a suspended or failed coroutine; they may run candidate code. */
static int close_thread(lua_State *L, lua_State *co)
{
    han__meter *m = han__meter_of(L);
    if (han__meter_stopped_thread(co))
        return luaL_error(L, "cannot close a coroutine that a limit has ended");
    han__meter_switch(m, L, co);
    int status = lua_resetthread(co);
    han__meter_switch(m, co, L);
    if (m->killed != 0) {
        han__meter_stop_thread(co);
        return han__meter_raise(L);
    }
    return status;
}

/* Puts the place of the caller in front of the message on top, as coroutine.wrap does. */
static void add_place(han__sandbox *box, lua_State *L)
{
    bool traced = box->trace.error == han__trace_owner(L);
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
    if (traced) box->trace.error = han__trace_owner(L);
}

static int wrapped_resumed(lua_State *L, int status, lua_KContext ctx)
{
    HAN__UNUSED(status);
    HAN__UNUSED(ctx);
    return resume_wrapped(L);
}

/* The function that coroutine.wrap gives; upvalue 1 is the coroutine. */
static int resume_wrapped(lua_State *L)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int results = resume(L, co, lua_gettop(L));
    if (results == ASKING) return pass_asking(L, wrapped_resumed);
    if (results >= 0) return results;
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD && lua_gettop(co) > 0) {
        lua_pop(L, 1); /* it failed: closing what it left open may change the error */
        status = close_thread(L, co);
        lua_xmove(co, L, 1);
    }
    if (lua_type(L, -1) == LUA_TSTRING) add_place(han__sandbox_of(L), L);
    return lua_error(L);
}

static int guarded_create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int guarded_wrap(lua_State *L)
{
    guarded_create(L);
    lua_pushcclosure(L, resume_wrapped, 1);
    return 1;
}

static int guarded_close(lua_State *L)
{
    lua_State *co = check_thread(L);
    lua_Debug ar;
    bool suspended = lua_status(co) == LUA_YIELD;
    bool runs = !suspended && lua_getstack(co, 0, &ar);
    if (co == L || (runs && lua_status(co) == LUA_OK))
        return luaL_error(L, "cannot close a %s coroutine", co == L ? "running" : "normal");
    if (!is_own(co)) return luaL_error(L, "cannot close the coroutine of an agent");
    int status = close_thread(L, co);
    lua_pushboolean(L, status == LUA_OK);
    if (status == LUA_OK) return 1;
    lua_xmove(co, L, 1);
    return 2;
}

void han__control_install(lua_State *L)
{
    static const luaL_Reg coroutines[] = {{"create", guarded_create},
                                          {"wrap", guarded_wrap},
                                          {"resume", guarded_resume},
                                          {"close", guarded_close},
                                          {NULL, NULL}};
    lua_pushcfunction(L, guarded_pcall);
    lua_setglobal(L, "pcall");
    lua_pushcfunction(L, guarded_xpcall);
    lua_setglobal(L, "xpcall");
    lua_getglobal(L, "coroutine");
    luaL_setfuncs(L, coroutines, 0);
    lua_pop(L, 1);
}
