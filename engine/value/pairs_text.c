/* Owns ordinals of objects, and the forms of tostring and string.format that print them where Lua
 * prints addresses. */
#include "base/config.h"

#include <lauxlib.h>
#include <string.h>

#include "value/pairs.h"

/* The registry holds, under the address of this, a table from object to ordinal with weak keys; its
 * entry 0 is the last ordinal given. */
static const char ordinals_key = 0;

static void push_ordinals(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &ordinals_key) == LUA_TTABLE) return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &ordinals_key);
}

uint64_t han__pairs_ordinal(lua_State *L, int idx, bool give)
{
    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 6, NULL);
    push_ordinals(L);
    lua_pushvalue(L, idx);
    lua_rawget(L, -2);
    lua_Integer ordinal = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (ordinal == 0 && give) {
        lua_rawgeti(L, -1, 0);
        ordinal = lua_tointeger(L, -1) + 1;
        lua_pop(L, 1);
        lua_pushvalue(L, idx);
        lua_pushinteger(L, ordinal);
        lua_rawset(L, -3);
        lua_pushinteger(L, ordinal);
        lua_rawseti(L, -2, 0);
    }
    lua_pop(L, 1);
    return (uint64_t)ordinal;
}

static void push_object(lua_State *L, int idx)
{
    uint64_t ordinal = han__pairs_ordinal(L, idx, true);
    bool named = luaL_getmetafield(L, idx, "__name") == LUA_TSTRING;
    const char *kind = named ? lua_tostring(L, -1) : luaL_typename(L, idx);
    lua_pushfstring(L, "%s: #%I", kind, (LUAI_UACINT)ordinal);
}

const char *han__pairs_tostring(lua_State *L, int idx, size_t *len)
{
    idx = lua_absindex(L, idx);
    int top = lua_gettop(L);
    int type = lua_type(L, idx);
    luaL_checkstack(L, 6, NULL);
    if (luaL_callmeta(L, idx, "__tostring")) {
        if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
    } else if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER ||
               type == LUA_TSTRING) {
        luaL_tolstring(L, idx, NULL);
    } else {
        push_object(L, idx);
    }
    if (lua_gettop(L) > top + 1) lua_copy(L, -1, top + 1);
    lua_settop(L, top + 1);
    return lua_tolstring(L, -1, len);
}

/* Behind the '%' of a conversion: its letter, or the end. */
static const char *conversion_letter(const char *at, const char *end)
{
    while (at < end && *at != '\0' && strchr("-+ #0123456789.", *at) != NULL) at++;
    return at;
}

/* Makes argument arg fit for the conversion. Wrong types are refused here, because string.format,
 * called from C, could not say its name. */
static void prepare(lua_State *L, int arg, char letter)
{
    if (letter == 'p') luaL_error(L, "'%%p' would show an address, which differs from run to run");
    luaL_checkany(L, arg);
    if (strchr("diocxX", letter) != NULL) {
        luaL_checkinteger(L, arg);
    } else if (strchr("aAeEfFgG", letter) != NULL) {
        luaL_checknumber(L, arg);
    } else if (letter == 's' && lua_type(L, arg) != LUA_TSTRING) {
        han__pairs_tostring(L, arg, NULL);
        lua_replace(L, arg);
    }
}

int han__pairs_format(lua_State *L)
{
    size_t len;
    const char *format = luaL_checklstring(L, 1, &len);
    const char *end = format + len;
    int arg = 1;
    int top = lua_gettop(L);
    for (const char *at = format; at < end; at++) {
        if (*at != '%') continue;
        at = conversion_letter(at + 1, end);
        if (at == end || *at == '\0') break; /* string.format itself says what is wrong */
        if (*at != '%') prepare(L, ++arg, *at);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, top, 1);
    return 1;
}
