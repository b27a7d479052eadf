/* What an untrusted program has instead of the engine's door: a scope whose verbs write a request
 * and yield to the runner's loop. What comes back is led by a key that no script can make, so a
 * coroutine that is resumed by anything else never takes a forged answer for one of the engine. */
#include "base/config.h"

#include <lauxlib.h>
#include <stdio.h>

#include "exec/eval_wire.h"
#include "exec/program_wire.h"
#include "runner/program.h"
#include "script/bind_eval.h"
#include "script/bind_json.h"
#include "script/bind_stats.h"
#include "value/pairs.h"
#include "value/value.h"
#include "wire/frame.h"

#define SCOPE_TYPE  "han.scope"
#define MODULES     "han.modules"
#define PROGRAM_KEY "han.program"

typedef struct scope {
    uint32_t agent;
    char node[512];
} scope;

static han__program *program_of(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, PROGRAM_KEY);
    han__program *program = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return program;
}

/* ---- asking ---- */

static int too_much(lua_State *L, han__program *p)
{
    p->out.len = 0;
    return luaL_error(L, "no room for this request");
}

/* The number of the function at idx: it is kept until it is called or refused. */
static lua_Integer keep_function(lua_State *L, int idx)
{
    lua_pushvalue(L, idx);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

/* Replaces a function, or a table with a function `act`, at idx by what stands for it; its number,
 * 0 for anything else. Raises for a table that already looks like that. */
static lua_Integer replace_agent(lua_State *L, int idx)
{
    lua_Integer fn = 0;
    bool is_table = lua_istable(L, idx);
    if (is_table) {
        lua_pushliteral(L, HAN__PROGRAM_FN);
        if (lua_rawget(L, idx) != LUA_TNIL)
            return luaL_error(L, "the field %s is not for scripts", HAN__PROGRAM_FN);
        lua_pop(L, 1);
        lua_getfield(L, idx, "act");
        if (lua_isfunction(L, -1)) fn = keep_function(L, lua_gettop(L));
        lua_pop(L, 1);
    } else if (lua_isfunction(L, idx)) {
        fn = keep_function(L, idx);
    }
    if (fn == 0) return 0;
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, fn);
    lua_setfield(L, -2, HAN__PROGRAM_FN);
    if (is_table) {
        lua_getfield(L, idx, HAN__PROGRAM_NAME);
        if (lua_type(L, -1) == LUA_TSTRING)
            lua_setfield(L, -2, HAN__PROGRAM_NAME);
        else
            lua_pop(L, 1);
    }
    lua_replace(L, idx);
    return fn;
}

/* Writes the request {verb, arguments first..top} and gives what encoding said. */
static int write_request(lua_State *L, han__program *p, const char *verb, int first, han_error *err)
{
    int n = lua_gettop(L) - first + 1;
    char what[48];
    han__buf_reset(&p->out);
    int rc = han__frame_begin(&p->out, HAN__PROGRAM_VERB, p->agent, &p->out_start);
    if (rc == HAN_OK) rc = han__buf_u64(&p->out, 0); /* the instructions, filled in by the loop */
    lua_pushstring(L, verb);
    if (rc == HAN_OK) rc = han__value_encode(L, -1, "verb", &p->out, err);
    lua_pop(L, 1);
    if (rc == HAN_OK) rc = han__buf_u32(&p->out, (uint32_t)n);
    for (int i = 0; rc == HAN_OK && i < n; i++) {
        snprintf(what, sizeof what, "argument %d of %s", i + 1, verb);
        if (i == 1 && strcmp(verb, "spawn") == 0) snprintf(what, sizeof what, "task");
        rc = han__value_encode(L, first + i, what, &p->out, err);
    }
    return rc;
}

static const char key; /* its address leads the answers of the engine */

/* Raises what the engine said. It called its function from where that has no name; here it may have
 * one. */
static int raise_answer(lua_State *L, const char *text)
{
    static const char gap[] = " to '?' (";
    lua_Debug ar;
    const char *unnamed = strstr(text, gap);
    if (unnamed && strncmp(text, "bad argument #", 14) == 0 && lua_getstack(L, 0, &ar) &&
        lua_getinfo(L, "n", &ar) && ar.name) {
        lua_pushlstring(L, text, (size_t)(unnamed - text));
        return luaL_error(L, "%s to '%s' (%s", lua_tostring(L, -1), ar.name,
                          unnamed + sizeof gap - 1);
    }
    return luaL_error(L, "%s", text);
}

/* Behind the yield of a verb: `base` values stood on the stack. Gives what the engine answered. */
static int answers(lua_State *L, int base)
{
    if (lua_touserdata(L, base + 1) != (const void *)&key || !lua_islightuserdata(L, base + 1))
        return luaL_error(L, "a coroutine that waits for the engine was resumed by the script");
    if (!lua_toboolean(L, base + 2)) return raise_answer(L, lua_tostring(L, base + 3));
    return lua_gettop(L) - base - 2;
}

static int answered(lua_State *L, int status, lua_KContext base)
{
    HAN__UNUSED(status);
    return answers(L, (int)base);
}

/* Asks the engine for `verb` with the arguments from `first` on; to be returned. */
static int ask(lua_State *L, const char *verb, int first, lua_KFunction then)
{
    han_error err = {0};
    han__program *p = program_of(L);
    if (!lua_isyieldable(L)) return luaL_error(L, "%s has to wait, and cannot wait here", verb);
    if (lua_gettop(L) - first + 1 > HAN__PROGRAM_ARGS_MAX)
        return luaL_error(L, "too many arguments of %s", verb);
    int rc = write_request(L, p, verb, first, &err);
    if (rc != HAN_OK && err.code == 0) return too_much(L, p);
    if (rc != HAN_OK) {
        p->out.len = 0;
        return luaL_error(L, "%s", err.message);
    }
    p->box->asking = true;
    return lua_yieldk(L, 0, lua_gettop(L), then);
}

/* ---- the scope ---- */

static int closed(lua_State *L)
{
    lua_pushnil(L);
    lua_pushliteral(L, "this scope has ended");
    lua_pushliteral(L, "SCOPE_CLOSED");
    return 3;
}

/* The scope at 1, when it is that of the running agent; else what to answer is pushed. */
static int check_scope(lua_State *L)
{
    const scope *s = luaL_checkudata(L, 1, SCOPE_TYPE);
    if (s->agent == program_of(L)->agent) return 0;
    lua_getfield(L, LUA_REGISTRYINDEX, "han.agents");
    lua_rawgeti(L, -1, s->agent);
    if (lua_isnil(L, -1)) return closed(L);
    return luaL_error(
        L,
        "this scope belongs to %s, which is not the agent that runs now; use the scope "
        "given to this agent",
        s->node);
}

static int plain_verb(lua_State *L)
{
    int n = check_scope(L);
    if (n > 0) return n;
    return ask(L, lua_tostring(L, lua_upvalueindex(1)), 2, answered);
}

/* A function that the engine refused to place will never be called. */
static int spawned(lua_State *L, int status, lua_KContext base)
{
    HAN__UNUSED(status);
    int n = answers(L, (int)base);
    if (n > 0 && lua_isnil(L, -n) && lua_istable(L, 2)) {
        lua_getfield(L, 2, HAN__PROGRAM_FN);
        if (lua_isinteger(L, -1)) luaL_unref(L, LUA_REGISTRYINDEX, (int)lua_tointeger(L, -1));
        lua_pop(L, 1);
    }
    return n;
}

static int spawn(lua_State *L)
{
    int n = check_scope(L);
    if (n > 0) return n;
    if (lua_gettop(L) < 2) lua_settop(L, 2);
    replace_agent(L, 2);
    return ask(L, "spawn", 2, spawned);
}

/* Upvalues: the scope, its options. */
static int each_step(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    if (((const scope *)lua_touserdata(L, 1))->agent != program_of(L)->agent)
        return luaL_error(L, "scope:each() is used after its scope has ended or by another agent");
    lua_pushvalue(L, lua_upvalueindex(2));
    return ask(L, "next", 2, answered);
}

static int each(lua_State *L)
{
    int n = check_scope(L);
    if (n > 0) return n;
    lua_settop(L, 2);
    lua_pushcclosure(L, each_step, 2);
    return 1;
}

static int scope_tostring(lua_State *L)
{
    const scope *s = luaL_checkudata(L, 1, SCOPE_TYPE);
    lua_pushfstring(L, "scope(%s)", s->node);
    return 1;
}

void han__scope_push(lua_State *L, uint32_t agent, const char *node, size_t len)
{
    scope *s = lua_newuserdatauv(L, sizeof *s, 0);
    s->agent = agent;
    snprintf(s->node, sizeof s->node, "%.*s", (int)(len < 500 ? len : 500), node);
    luaL_setmetatable(L, SCOPE_TYPE);
}

static void install_scope(lua_State *L)
{
    static const char *const plain[] = {"next",   "send",   "stop",    "view", "budget", "ask",
                                        "notify", "choose", "observe", "best", "submit", "clock",
                                        "random", "tool",   "exec",    NULL};
    static const luaL_Reg own[] = {{"spawn", spawn}, {"each", each}, {NULL, NULL}};
    luaL_newmetatable(L, SCOPE_TYPE);
    lua_newtable(L);
    luaL_setfuncs(L, own, 0);
    for (int i = 0; plain[i]; i++) {
        lua_pushstring(L, plain[i]);
        lua_pushcclosure(L, plain_verb, 1);
        lua_setfield(L, -2, plain[i]);
    }
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, scope_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "scope");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

/* ---- globals that need the engine ---- */

static int draw(lua_State *L)
{
    return ask(L, "random", 1, answered);
}

static int print_line(lua_State *L)
{
    han__sandbox *box = han__sandbox_of(L);
    han__program *p = program_of(L);
    luaL_Buffer b;
    int n = lua_gettop(L);
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        if (i > 1) luaL_addchar(&b, '\t');
        han__pairs_tostring(L, i, NULL);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    size_t len, start;
    const char *text = lua_tolstring(L, -1, &len);
    if (len + 1 > box->output_left) {
        han__meter_kill(&box->meter, L, HAN__CLASS_OUTPUT);
        return han__meter_raise(L);
    }
    box->output_left -= len + 1;
    han__buf_reset(&p->out);
    if (han__frame_begin(&p->out, HAN__PROGRAM_PRINT, p->agent, &start) != HAN_OK ||
        han__buf_append(&p->out, text, len) != HAN_OK || han__frame_end(&p->out, start) != HAN_OK)
        return too_much(L, p);
    han__program_send(p);
    return 0;
}

/* Keeps what the module at the top gave under its name, at 1. */
static int keep_module(lua_State *L, int status, lua_KContext ctx)
{
    HAN__UNUSED(status);
    HAN__UNUSED(ctx);
    if (lua_isnil(L, -1)) lua_pushboolean(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, MODULES);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return 1;
}

/* The engine answered with the text of the module and its chunk's name. */
static int got_module(lua_State *L, int status, lua_KContext base)
{
    size_t len;
    HAN__UNUSED(status);
    answers(L, (int)base);
    const char *text = luaL_checklstring(L, -2, &len);
    if (luaL_loadbufferx(L, text, len, luaL_checkstring(L, -1), "t") != LUA_OK) return lua_error(L);
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 1, 0, keep_module);
    return keep_module(L, LUA_OK, 0);
}

/* Opens what needs nothing of the engine and is bound to C: the same functions as in a run there.
 */
static bool open_pure(lua_State *L)
{
    static const luaL_Reg modules[] = {{"han.json", han__open_json},
                                       {"han.stats", han__open_stats},
                                       {"han.value", han__open_value}};
    for (size_t i = 0; i < HAN__COUNT(modules); i++) {
        if (strcmp(lua_tostring(L, 1), modules[i].name) != 0) continue;
        lua_pushcfunction(L, modules[i].func);
        lua_call(L, 0, 1);
        return true;
    }
    return false;
}

static int require(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, MODULES);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, -2) != LUA_TNIL) return 1;
    lua_settop(L, 1);
    if (open_pure(L)) return keep_module(L, LUA_OK, 0);
    return ask(L, "require", 1, got_module);
}

void han__verbs_install(lua_State *L, han__program *program)
{
    lua_pushlightuserdata(L, program);
    lua_setfield(L, LUA_REGISTRYINDEX, PROGRAM_KEY);
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, MODULES);
    install_scope(L);
    lua_getglobal(L, "math");
    lua_pushcfunction(L, draw);
    lua_setfield(L, -2, "random");
    lua_pushnil(L);
    lua_setfield(L, -2, "randomseed");
    lua_pop(L, 1);
    lua_pushcfunction(L, print_line);
    lua_setglobal(L, "print");
    lua_pushcfunction(L, require);
    lua_setglobal(L, "require");
}

int han__verbs_push_key(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)&key);
    return 1;
}
