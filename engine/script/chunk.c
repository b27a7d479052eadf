/* Owns nothing: the one rule, in process and in a runner, for what a program's chunk returned. */
#include "base/config.h"

#include "script/chunk.h"

static int act_called(lua_State *L, int status, lua_KContext ctx)
{
    HAN__UNUSED(L);
    HAN__UNUSED(status);
    HAN__UNUSED(ctx);
    return 1;
}

int han__chunk_called(lua_State *L, int status, lua_KContext task)
{
    HAN__UNUSED(status);
    if (lua_type(L, -1) != LUA_TTABLE) return 1;
    lua_pushliteral(L, "act");
    if (lua_rawget(L, -2) != LUA_TFUNCTION) {
        lua_pop(L, 1);
        return 1;
    }
    lua_pushvalue(L, (int)task);
    lua_pushvalue(L, (int)task + 1);
    lua_callk(L, 2, 1, 0, act_called);
    return 1;
}
