/* Owns the two ways in which a status goes to Lua. */
#include "base/config.h"
#include "script/state.h"

#include <lauxlib.h>

int han__throw(lua_State *L, const han_error *err)
{
    return luaL_error(L, "%s", err->message);
}

int han__fail(lua_State *L, const han_error *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->message);
    lua_pushstring(L, han_status_name(err->code));
    return 3;
}
