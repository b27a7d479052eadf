/* The Lua module `han` for a plain lua5.4: an engine inside that interpreter's own process. Values
 * cross as JSON, as for any host; the engine's states are its own and not the caller's. */
#include "base/config.h"
#include "han.h"

#include "script/bind_json.h"

#include <lauxlib.h>

#define ENGINE_TYPE "han.engine"
#define RUN_TYPE    "han.run"

typedef struct engine {
    han_engine *engine; /* NULL: closed */
} engine;

typedef struct run {
    han_run *run; /* NULL: released */
} run;

/* The interpreter's allocator counts for its own values; what is encoded for the engine is ours. */
static int fail(lua_State *L, const han_error *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->message);
    lua_pushstring(L, han_status_name(err->code));
    lua_pushstring(L, err->where);
    return 4;
}

static engine *check_engine(lua_State *L)
{
    engine *e = luaL_checkudata(L, 1, ENGINE_TYPE);
    luaL_argcheck(L, e->engine, 1, "this engine is closed");
    return e;
}

static run *check_run(lua_State *L)
{
    run *r = luaL_checkudata(L, 1, RUN_TYPE);
    engine *e = lua_getiuservalue(L, 1, 1) == LUA_TUSERDATA ? lua_touserdata(L, -1) : NULL;
    lua_pop(L, 1);
    luaL_argcheck(L, e && e->engine && r->run, 1, "this run was released, or its engine closed");
    return r;
}

static const char *text_field(lua_State *L, int idx, const char *name)
{
    const char *text = NULL;
    if (lua_getfield(L, idx, name) != LUA_TNIL) {
        if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "'%s' must be a string", name);
        text = lua_tostring(L, -1);
    }
    lua_pop(L, 1); /* the table keeps it alive */
    return text;
}

static lua_Integer count_field(lua_State *L, int idx, const char *name)
{
    int exact = 1;
    lua_Integer n = 0;
    if (lua_getfield(L, idx, name) != LUA_TNIL) n = lua_tointegerx(L, -1, &exact);
    if (!exact || n < 0) luaL_error(L, "'%s' must be a whole number, 0 or more", name);
    lua_pop(L, 1);
    return n;
}

/* Pushes the JSON of the value on top, in its place. */
static int encode(lua_State *L, han_error *err)
{
    han__mem mem;
    han__buf json;
    han__mem_init(&mem, NULL, NULL);
    han__buf_init(&json, &mem, HAN__JSON_BYTES_MAX);
    int rc = han__json_encode(L, -1, &json, err);
    luaL_Buffer b;
    char *place = rc == HAN_OK ? luaL_buffinitsize(L, &b, json.len) : NULL;
    if (place) {
        memcpy(place, json.data, json.len);
        luaL_pushresultsize(&b, json.len);
        lua_replace(L, -2);
    }
    han__buf_release(&json);
    return rc;
}

/* "shots=4,evals=10" of a string as it is, of a table in the order of names. */
static const char *push_budget(lua_State *L, int idx)
{
    if (lua_getfield(L, idx, "budget") == LUA_TTABLE) {
        static const char *const channels[] = {"tokens", "nano_usd", "shots", "turns", "evals"};
        luaL_Buffer b;
        int table = lua_gettop(L);
        for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
            size_t i = 0;
            const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
            while (i < HAN__COUNT(channels) && strcmp(channels[i], name) != 0) i++;
            if (i == HAN__COUNT(channels)) luaL_error(L, "no budget channel '%s'", name);
        }
        luaL_buffinit(L, &b);
        for (size_t i = 0; i < HAN__COUNT(channels); i++) {
            if (lua_getfield(L, table, channels[i]) == LUA_TNIL) {
                lua_pop(L, 1);
                continue;
            }
            lua_Integer n = luaL_checkinteger(L, -1);
            lua_pop(L, 1);
            lua_pushfstring(L, "%s=%I,", channels[i], n);
            luaL_addvalue(&b);
        }
        luaL_pushresult(&b);
        size_t len;
        const char *all = lua_tolstring(L, -1, &len);
        lua_pushlstring(L, all, len > 0 ? len - 1 : 0);
        lua_replace(L, table);
        lua_settop(L, table);
    }
    return lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
}

/* han.open { scripts=, libexec=, data= } */
static int open_engine(lua_State *L)
{
    han_options options = {.size = sizeof(options)};
    han_error err = {0};
    if (!lua_isnoneornil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        options.scripts = text_field(L, 1, "scripts");
        options.libexec = text_field(L, 1, "libexec");
        options.data = text_field(L, 1, "data");
    }
    engine *e = lua_newuserdatauv(L, sizeof(*e), 0);
    e->engine = NULL;
    luaL_setmetatable(L, ENGINE_TYPE);
    return han_open(&options, &e->engine, &err) == HAN_OK ? 1 : fail(L, &err);
}

/* engine:start { source=, name=, task=, budget=, seed=, wall=, max_depth=, max_live= } */
static int engine_start(lua_State *L)
{
    const engine *e = check_engine(L);
    han_error err = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    han_program program = {.size = sizeof(program),
                           .source = text_field(L, 2, "source"),
                           .name = text_field(L, 2, "name"),
                           .seed = (uint64_t)count_field(L, 2, "seed"),
                           .max_depth = (uint32_t)count_field(L, 2, "max_depth"),
                           .max_live = (uint32_t)count_field(L, 2, "max_live"),
                           .max_steps = (uint64_t)count_field(L, 2, "max_steps"),
                           .max_bytes = (size_t)count_field(L, 2, "max_bytes")};
    luaL_argcheck(L, program.source, 2, "there is no 'source': the text of a program");
    if (!program.name) program.name = "program.lua";
    if (lua_getfield(L, 2, "wall") != LUA_TNIL) program.wall = luaL_checknumber(L, -1);
    program.budget = push_budget(L, 2);
    if (lua_getfield(L, 2, "task") != LUA_TNIL) {
        if (encode(L, &err) != HAN_OK) return fail(L, &err);
        program.task = lua_tostring(L, -1);
    }
    run *r = lua_newuserdatauv(L, sizeof(*r), 1);
    r->run = NULL;
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, RUN_TYPE);
    return han_start(e->engine, &program, &r->run, &err) == HAN_OK ? 1 : fail(L, &err);
}

/* engine:step(seconds): true when more is ready now. */
static int engine_step(lua_State *L)
{
    const engine *e = check_engine(L);
    lua_Number seconds = luaL_optnumber(L, 2, 0.001);
    luaL_argcheck(L, seconds >= 0 && seconds < 1e6, 2, "must be seconds");
    lua_pushboolean(L, han_step(e->engine, (uint64_t)(seconds * 1e6)) > 0);
    return 1;
}

/* engine:wait(seconds): steps, and waits while nothing is ready. */
static int engine_wait(lua_State *L)
{
    const engine *e = check_engine(L);
    lua_Number seconds = luaL_optnumber(L, 2, 1.0);
    luaL_argcheck(L, seconds >= 0 && seconds < 1e6, 2, "must be seconds");
    lua_pushboolean(L, han_wait(e->engine, (uint32_t)(seconds * 1e3)) > 0);
    return 1;
}

static int engine_close(lua_State *L)
{
    engine *e = luaL_checkudata(L, 1, ENGINE_TYPE);
    han_close(e->engine);
    e->engine = NULL;
    return 0;
}

static int run_done(lua_State *L)
{
    lua_pushboolean(L, han_done(check_run(L)->run));
    return 1;
}

static int run_cancel(lua_State *L)
{
    han_cancel(check_run(L)->run);
    return 0;
}

static void set_count(lua_State *L, const char *name, int64_t n)
{
    lua_pushinteger(L, n);
    lua_setfield(L, -2, name);
}

/* run:result(): { status=, out=, message=, where=, over=, spend={...} }; nil before its end. */
static int run_result(lua_State *L)
{
    const run *r = check_run(L);
    han_result result;
    han_error err = {0};
    if (!han_done(r->run)) return 0;
    if (han_get_result(r->run, &result) != HAN_OK) return fail(L, &result.error);
    lua_newtable(L);
    lua_pushstring(L, han_status_name(result.status));
    lua_setfield(L, -2, "status");
    if (result.status == HAN_OK && strcmp(result.json, "null") != 0) {
        if (han__json_push(L, result.json, strlen(result.json), &err)) return fail(L, &err);
        lua_setfield(L, -2, "out");
    } else if (result.status != HAN_OK) {
        lua_pushstring(L, result.error.message);
        lua_setfield(L, -2, "message");
        lua_pushstring(L, result.error.where);
        lua_setfield(L, -2, "where");
    }
    lua_pushboolean(L, result.over);
    lua_setfield(L, -2, "over");
    lua_newtable(L);
    set_count(L, "tokens", result.tokens);
    set_count(L, "nano_usd", result.nano_usd);
    set_count(L, "shots", result.shots);
    set_count(L, "turns", result.turns);
    set_count(L, "evals", result.evals);
    lua_setfield(L, -2, "spend");
    return 1;
}

/* Also when collected: the engine may be gone already, and its runs with it. */
static int run_release(lua_State *L)
{
    run *r = luaL_checkudata(L, 1, RUN_TYPE);
    const engine *e = lua_getiuservalue(L, 1, 1) == LUA_TUSERDATA ? lua_touserdata(L, -1) : NULL;
    if (e && e->engine) han_release(r->run);
    r->run = NULL;
    return 0;
}

static void make_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc)
{
    luaL_newmetatable(L, name);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 1);
}

HAN_API int luaopen_han(lua_State *L);

int luaopen_han(lua_State *L)
{
    static const luaL_Reg engine_methods[] = {{"start", engine_start},
                                              {"step", engine_step},
                                              {"wait", engine_wait},
                                              {"close", engine_close},
                                              {NULL, NULL}};
    static const luaL_Reg run_methods[] = {{"done", run_done},
                                           {"cancel", run_cancel},
                                           {"result", run_result},
                                           {"release", run_release},
                                           {NULL, NULL}};
    make_type(L, ENGINE_TYPE, engine_methods, engine_close);
    make_type(L, RUN_TYPE, run_methods, run_release);
    lua_newtable(L);
    lua_pushcfunction(L, open_engine);
    lua_setfield(L, -2, "open");
    lua_pushstring(L, han_version());
    lua_setfield(L, -2, "version");
    return 1;
}
