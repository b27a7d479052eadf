/* Owns the one way in which a buffer becomes a Lua string: the copy is made in a protected call, so
 * that the buffer is released before an error goes on. */
#include "base/config.h"

#include "script/push.h"

static int push_bytes(lua_State *L)
{
    const han__buf *buf = lua_touserdata(L, 1);
    lua_pushlstring(L, buf->data ? (const char *)buf->data : "", buf->len);
    return 1;
}

int han__push_text(lua_State *L, han__buf *buf)
{
    lua_pushcfunction(L, push_bytes);
    lua_pushlightuserdata(L, buf);
    int rc = lua_pcall(L, 1, 1, 0);
    han__buf_release(buf);
    return rc == LUA_OK ? 1 : lua_error(L);
}

void han__push_mem(lua_State *L, han__mem *mem)
{
    void *ud;
    lua_Alloc fn = lua_getallocf(L, &ud);
    han__mem_init(mem, fn, ud);
}
