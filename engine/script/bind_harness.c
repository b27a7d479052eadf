/* Verbs that the harness answers: a service of the run is called in the harness state, and the node
 * waits for it. */
#include "base/config.h"
#include "script/door.h"

#include "script/service.h"

#include <lauxlib.h>

int han__verb_observe(lua_State *L, han__run *run, han__node *node)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    if (lua_getfield(L, 2, "node") != LUA_TSTRING)
        return luaL_error(L, "observe takes what scope:next() gave");
    lua_settop(L, 2); /* the call's argument is on top */
    return han__service_call(L, run, node, "observe", 1);
}

int han__verb_best(lua_State *L, han__run *run, han__node *node)
{
    if (node->best == 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, node->best);
    return han__service_call(L, run, node, "best", 1);
}

int han__verb_submit(lua_State *L, han__run *run, han__node *node)
{
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    return han__service_call(L, run, node, "submit", 1);
}

int han__verb_exec(lua_State *L, han__run *run, han__node *node)
{
    han_error err = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    if (run->services != LUA_NOREF) return han__service_call(L, run, node, "exec", 1);
    han__error_set(&err, HAN_UNKNOWN, "this run has nobody who executes commands for it");
    return han__fail(L, &err);
}

int han__verb_tool(lua_State *L, han__run *run, han__node *node)
{
    han_error err = {0};
    luaL_checktype(L, 2, LUA_TSTRING);
    lua_settop(L, 3);
    int results = han__service_call(L, run, node, "tool", 2);
    if (results > 0) return results;
    han__error_set(&err, HAN_UNKNOWN,
                   "no tool '%.60s': tools come from the program that embeds han, and this run "
                   "has no such host",
                   lua_tostring(L, 2));
    return han__fail(L, &err);
}
