/* Verbs that draw: random numbers of a node, and decisions with their propensity; and the node's
 * clock. What they answer is a function of (run seed, node path, draw number). */
#include "base/config.h"
#include "script/door.h"

#include <lauxlib.h>
#include <math.h>

#define OPTIONS_MAX 10000

int han__verb_clock(lua_State *L, han__run *run, han__node *node)
{
    HAN__UNUSED(run);
    lua_pushinteger(L, (lua_Integer)node->clock);
    return 1;
}

int han__verb_random(lua_State *L, han__run *run, han__node *node)
{
    HAN__UNUSED(run);
    if (lua_isnoneornil(L, 2)) {
        lua_pushnumber(L, han__door_unit(node));
        return 1;
    }
    lua_Integer low = 1, high = luaL_checkinteger(L, 2);
    if (!lua_isnoneornil(L, 3)) {
        low = high;
        high = luaL_checkinteger(L, 3);
    }
    luaL_argcheck(L, low <= high, 2, "the interval is empty");
    uint64_t width = (uint64_t)high - (uint64_t)low + 1;
    uint64_t word = width == 0 ? han__door_draw(node) : han__door_below(node, width);
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + word));
    return 1;
}

/* ---- decisions ---- */

/* The weights at idx as a running sum; the total. Raises for anything but finite weights >= 0. */
static double total_weight(lua_State *L, int idx, lua_Integer n)
{
    double total = 0;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, idx, i);
        double w = luaL_checknumber(L, -1);
        if (!(w >= 0) || isinf(w))
            luaL_error(L, "choose: weight %d is not a finite number >= 0", (int)i);
        total += w;
        lua_pop(L, 1);
    }
    if (!(total > 0)) luaL_error(L, "choose: all weights are zero");
    return total;
}

static lua_Integer pick(lua_State *L, han__node *node, int weights, lua_Integer n,
                        double *propensity)
{
    if (lua_isnoneornil(L, weights)) {
        *propensity = 1.0 / (double)n;
        return (lua_Integer)han__door_below(node, (uint64_t)n) + 1;
    }
    luaL_checktype(L, weights, LUA_TTABLE);
    double total = total_weight(L, weights, n), at = han__door_unit(node) * total;
    lua_Integer chosen = 0;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, weights, i);
        double w = lua_tonumber(L, -1);
        lua_pop(L, 1);
        if (w <= 0) continue;
        chosen = i;
        *propensity = w / total;
        if (at < w) break;
        at -= w;
    }
    return chosen;
}

/* The row of a decision: {point=, options=, chosen=, propensity=, features=}. */
static void tell_choice(lua_State *L, han__run *run, han__node *node, lua_Integer chosen,
                        double propensity)
{
    han__buf bytes;
    if (!han__tree_tells(run->tree)) return;
    lua_createtable(L, 0, 5);
    static const char *const fields[] = {"point", "options", "features"};
    for (int i = 0; i < 3; i++) {
        lua_pushvalue(L, 2 + i);
        lua_setfield(L, -2, fields[i]);
    }
    lua_pushinteger(L, chosen);
    lua_setfield(L, -2, "chosen");
    lua_pushnumber(L, propensity);
    lua_setfield(L, -2, "propensity");
    han__verb_encode(L, run, lua_gettop(L), "decision", &bytes);
    lua_pop(L, 1);
    han__row row = {HAN__ROW_CHOSEN, node, 0, lua_tostring(L, 2), bytes.data, bytes.len};
    han__tree_tell(run->tree, &row);
    han__buf_release(&bytes);
}

int han__verb_choose(lua_State *L, han__run *run, han__node *node)
{
    double propensity = 0;
    lua_settop(L, 5); /* scope, point, options, features, weights */
    luaL_checktype(L, 2, LUA_TSTRING);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_Integer n = luaL_len(L, 3);
    luaL_argcheck(L, n > 0 && n <= OPTIONS_MAX, 3, "1 to 10,000 options");
    lua_Integer chosen = pick(L, node, 5, n, &propensity);
    tell_choice(L, run, node, chosen, propensity);
    lua_geti(L, 3, chosen);
    lua_pushinteger(L, chosen);
    lua_pushnumber(L, propensity);
    return 3;
}
