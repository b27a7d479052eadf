/* The one dispatch, the table of verbs, and the random numbers that come through it. */
#include "base/config.h"
#include "script/door.h"

#include "base/hash.h"
#include "base/rng.h"

#include <lauxlib.h>

const han__verb han__verbs[] = {
    {"spawn", true, 100, han__verb_spawn},      {"next", true, 1000, han__verb_next},
    {"each", true, 1000, han__verb_each},       {"send", true, 1000, han__verb_send},
    {"stop", true, 1000, han__verb_stop},       {"view", false, 100, han__verb_view},
    {"budget", false, 100, han__verb_budget},   {"ask", true, 1000, han__verb_ask},
    {"notify", true, 1000, han__verb_notify},   {"choose", true, 1000, han__verb_choose},
    {"observe", true, 1000, han__verb_observe}, {"best", true, 1000, han__verb_best},
    {"submit", true, 100000, han__verb_submit}, {"exec", true, 100000, han__verb_exec},
    {"clock", false, 10, han__verb_clock},      {"random", false, 10, han__verb_random},
    {"tool", false, 100, han__verb_tool},       {NULL, false, 0, NULL},
};

static int wrong_scope(lua_State *L, const han__node *node)
{
    char id[512];
    han__node_id(node, id, sizeof(id));
    return luaL_error(
        L,
        "this scope belongs to %s, which is not the agent that runs now; use the scope "
        "given to this agent",
        id);
}

static int not_the_running_one(lua_State *L)
{
    const han__scope *scope = luaL_checkudata(L, 1, HAN__SCOPE_TYPE);
    han_error err = {0};
    if (scope->node && scope->node->outcome == HAN__LIVE) return wrong_scope(L, scope->node);
    han__error_set(&err, HAN_SCOPE_CLOSED, "this scope has ended");
    return han__fail(L, &err);
}

static int dispatch(lua_State *L)
{
    const han__verb *verb = &han__verbs[lua_tointeger(L, lua_upvalueindex(HAN__UP_VERB))];
    han__run *run = han__state_of(L)->run;
    const void *given = lua_touserdata(L, 1);
    if (given && given == han__agent_scope(run)) { /* nothing else has its address */
        run->state->steps += verb->steps;
        return verb->live(L, run, han__tree_running(run->tree));
    }
    return not_the_running_one(L);
}

static int scope_tostring(lua_State *L)
{
    han__scope *scope = luaL_checkudata(L, 1, HAN__SCOPE_TYPE);
    char id[512] = "ended";
    if (scope->node) han__node_id(scope->node, id, sizeof(id));
    lua_pushfstring(L, "scope(%s)", id);
    return 1;
}

void han__door_install(lua_State *L)
{
    luaL_newmetatable(L, HAN__SCOPE_TYPE);
    lua_newtable(L);
    for (int i = 0; han__verbs[i].name; i++) {
        han__agent_push_upvalues(L, i);
        lua_pushcclosure(L, dispatch, HAN__UP_OWN - 1);
        lua_setfield(L, -2, han__verbs[i].name);
    }
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, scope_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "scope");
    lua_setfield(L, -2, "__metatable");
    han__state_of(L)->scope_meta = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ---- random numbers ---- */

uint64_t han__door_draw(han__node *node)
{
    char id[512];
    uint64_t seed = han__tree_seed(node->tree), draw = node->draws++;
    uint64_t stream = han__hash64(id, han__node_id(node, id, sizeof(id)), 0);
    uint32_t counter[4] = {(uint32_t)draw, (uint32_t)(draw >> 32), (uint32_t)stream,
                           (uint32_t)(stream >> 32)};
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)}, out[4];
    han__philox4x32(counter, key, out);
    return out[0] | (uint64_t)out[1] << 32;
}

double han__door_unit(han__node *node)
{
    return (double)(han__door_draw(node) >> 11) * 0x1.0p-53;
}

uint64_t han__door_below(han__node *node, uint64_t bound)
{
    uint64_t reject = (0 - bound) % bound; /* 2^64 mod bound: words below it would bias the rest */
    uint64_t word;
    do word = han__door_draw(node);
    while (word < reject);
    return word % bound;
}
