/* Owns math.random and math.randomseed of candidate code: the generator of the engine, begun anew
 * before each call, so that a call gives the same in every process and whatever ran before it. */
#include "base/config.h"

#include <lauxlib.h>
#include <string.h>

#include "runner/sandbox.h"

/* Uniform in [low, high]. */
static lua_Integer between(han__rng *rng, lua_Integer low, lua_Integer high)
{
    uint64_t span = (uint64_t)high - (uint64_t)low;
    uint64_t draw = span == UINT64_MAX ? han__rng_u64(rng) : han__rng_below(rng, span + 1);
    return (lua_Integer)((uint64_t)low + draw);
}

static int draw_random(lua_State *L)
{
    han__rng *rng = &han__sandbox_of(L)->rng;
    lua_Integer low = 1;
    lua_Integer high;
    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, han__rng_unit(rng));
        return 1;
    case 1:
        high = luaL_checkinteger(L, 1);
        if (high == 0) {
            lua_pushinteger(L, (lua_Integer)han__rng_u64(rng));
            return 1;
        }
        break;
    case 2:
        low = luaL_checkinteger(L, 1);
        high = luaL_checkinteger(L, 2);
        break;
    default:
        return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
    lua_pushinteger(L, between(rng, low, high));
    return 1;
}

static uint64_t seed_from(lua_State *L, int idx)
{
    uint64_t bits = 0;
    lua_Integer integer;
    lua_Number number = luaL_optnumber(L, idx, 0);
    if (lua_isnoneornil(L, idx)) return 0;
    if (lua_numbertointeger(number, &integer) && (lua_Number)integer == number)
        return (uint64_t)integer;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* Without arguments Lua would take the time: here it begins the one sequence again. */
static int seed_random(lua_State *L)
{
    han__rng_init(&han__sandbox_of(L)->rng, seed_from(L, 1), seed_from(L, 2));
    return 0;
}

void han__random_install(lua_State *L)
{
    lua_getglobal(L, "math");
    lua_pushcfunction(L, draw_random);
    lua_setfield(L, -2, "random");
    lua_pushcfunction(L, seed_random);
    lua_setfield(L, -2, "randomseed");
    lua_pop(L, 1);
}
