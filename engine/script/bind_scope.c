/* The live driver of the verbs but spawn (bind_spawn.c). Each function reads its arguments (bad
 * ones throw at the caller's line), asks the tree, and pushes the answer; refusals are nil,
 * message, CODE. */
#include "base/config.h"
#include "script/door.h"

#include "value/value.h"

#include <lauxlib.h>
#include <math.h>

static int push_child(lua_State *L, const han__node *child)
{
    char id[512];
    lua_pushlstring(L, id, han__node_id(child, id, sizeof(id)));
    return 1;
}

/* ---- next ---- */

static void push_letter(lua_State *L, const han__letter *letter, const char *kind,
                        const char *field)
{
    han_error err = {0};
    size_t used;
    lua_createtable(L, 0, 3);
    lua_pushstring(L, kind);
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, letter->from_id);
    lua_setfield(L, -2, "node");
    if (han__value_decode(L, letter->bytes, letter->len, &used, &err)) han__throw(L, &err);
    lua_setfield(L, -2, field);
}

/* Pushes a delivered event and disposes of it, also when pushing raised the last time. */
static int push_event(lua_State *L, han__run *run, han__event *event)
{
    run->state->steps = 0;
    static const struct {
        unsigned kind;
        const char *name;
    } names[] = {{HAN__EVENT_QUESTION, "question"},
                 {HAN__EVENT_FINDING, "finding"},
                 {HAN__EVENT_MESSAGE, "message"}};
    if (run->handing) han__event_dispose(run->tree, run->handing);
    run->handing = event;
    if (han__event_node(event)) {
        han__agent_push_settled(L, run, han__event_node(event));
    } else {
        for (size_t i = 0; i < HAN__COUNT(names); i++)
            if (event->kind == names[i].kind)
                push_letter(L, han__event_letter(event), names[i].name, names[i].name);
    }
    run->handing = NULL;
    han__event_dispose(run->tree, event);
    return 1;
}

static int push_timeout(lua_State *L, const char *text)
{
    lua_pushnil(L);
    lua_pushstring(L, text);
    lua_pushliteral(L, "TIMEOUT");
    return 3;
}

static int next_woken(lua_State *L, int status, lua_KContext ctx)
{
    han__node *node = (han__node *)ctx;
    HAN__UNUSED(status);
    int why = han__agent_why(node);
    han__event *event = node->arrived;
    node->arrived = NULL;
    if (why == HAN__TURN_EVENT) return push_event(L, han__run_of(node), event);
    if (why == HAN__TURN_TIMEOUT) return push_timeout(L, "time is up");
    lua_pushnil(L);
    return 1;
}

static unsigned read_kinds(lua_State *L, int options)
{
    static const char *const names[] = {"settled", "question", "finding", "message", NULL};
    unsigned kinds = 0;
    if (lua_isnoneornil(L, options)) return HAN__EVENT_SETTLED;
    luaL_checktype(L, options, LUA_TTABLE);
    if (lua_getfield(L, options, "kinds") == LUA_TNIL) {
        lua_pop(L, 1);
        return HAN__EVENT_SETTLED;
    }
    if (!lua_istable(L, -1)) luaL_error(L, "kinds must be a list such as {'settled', 'question'}");
    for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
        const char *name = lua_tostring(L, -1);
        int bit = 0;
        while (names[bit] && (!name || strcmp(names[bit], name) != 0)) bit++;
        if (!names[bit]) luaL_error(L, "no event kind '%s'", name ? name : luaL_typename(L, -1));
        kinds |= 1u << bit;
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
    if (kinds == 0) luaL_error(L, "kinds is empty");
    return kinds;
}

static uint64_t read_timeout(lua_State *L, int options)
{
    if (lua_isnoneornil(L, options)) return 0;
    if (lua_getfield(L, options, "timeout") == LUA_TNIL) {
        lua_pop(L, 1);
        return 0;
    }
    lua_Number timeout = luaL_checknumber(L, -1);
    if (!(timeout > 0)) luaL_error(L, "timeout must be positive");
    lua_pop(L, 1);
    return timeout >= 1e15 ? (uint64_t)1e15 : (uint64_t)ceil(timeout);
}

static int wait_for(lua_State *L, han__run *run, han__node *node, unsigned kinds, uint64_t timeout);

/* The journal has what was asked for: kinds and timeout are on top. */
static int next_shown(lua_State *L, int status, lua_KContext ctx)
{
    han__node *node = (han__node *)ctx;
    unsigned kinds = (unsigned)lua_tointeger(L, -2);
    uint64_t timeout = (uint64_t)lua_tointeger(L, -1);
    HAN__UNUSED(status);
    lua_pop(L, 2);
    return wait_for(L, han__run_of(node), node, kinds, timeout);
}

static int wait_for(lua_State *L, han__run *run, han__node *node, unsigned kinds, uint64_t timeout)
{
    han__event *event;
    if (!lua_isyieldable(L)) return luaL_error(L, "next has to wait, and cannot wait here");
    int rc = han__node_wait(node, kinds, timeout, &event);
    if (rc == 1) return push_event(L, run, event);
    if (rc < 0) {
        lua_pushnil(L);
        return 1;
    }
    run->state->engine_yield = true;
    if (rc != HAN__HELD) return lua_yieldk(L, 0, (lua_KContext)node, next_woken);
    lua_pushinteger(L, (lua_Integer)kinds);
    lua_pushinteger(L, (lua_Integer)timeout);
    return lua_yieldk(L, 0, (lua_KContext)node, next_shown);
}

int han__verb_next(lua_State *L, han__run *run, han__node *node)
{
    return wait_for(L, run, node, read_kinds(L, 2), read_timeout(L, 2));
}

enum { UP_SCOPE = HAN__UP_OWN, UP_OPTIONS };

/* The iterator of each: upvalues scope, options. Goes through the door again, so that a scope that
 * ended meanwhile is noticed. */
static int each_step(lua_State *L)
{
    han__run *run = han__state_of(L)->run;
    if (lua_touserdata(L, lua_upvalueindex(UP_SCOPE)) != (const void *)han__agent_scope(run))
        return luaL_error(L, "scope:each() is used after its scope has ended or by another agent");
    lua_settop(L, 0);
    if (lua_isnil(L, lua_upvalueindex(UP_OPTIONS)))
        return wait_for(L, run, han__tree_running(run->tree), HAN__EVENT_SETTLED, 0);
    lua_pushvalue(L, lua_upvalueindex(UP_SCOPE));
    lua_pushvalue(L, lua_upvalueindex(UP_OPTIONS));
    return han__verb_next(L, run, han__tree_running(run->tree));
}

int han__verb_each(lua_State *L, han__run *run, han__node *node)
{
    HAN__UNUSED(run);
    HAN__UNUSED(node);
    lua_settop(L, 2);
    read_kinds(L, 2);
    read_timeout(L, 2);
    han__agent_push_upvalues(L, 0);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, each_step, UP_OPTIONS);
    return 1;
}

/* ---- downward ---- */

/* The live node below `node` whose id is argument 2; NULL with the failure pushed. */
static han__node *below(lua_State *L, han__node *node, int *failed)
{
    size_t len;
    han_error err = {0};
    const char *id = luaL_checklstring(L, 2, &len);
    han__node *to = han__tree_find(node->tree, id, len);
    const han__node *up = to;
    while (up && up != node) up = up->parent;
    if (to && to != node && up) return to;
    han__error_set(&err, HAN_UNKNOWN,
                   "no live node '%.60s' below this one (delivered nodes are gone)", id);
    *failed = han__fail(L, &err);
    return NULL;
}

void han__verb_encode(lua_State *L, han__run *run, int idx, const char *what, han__buf *bytes)
{
    han_error err = {0};
    han__buf_init(bytes, run->host->mem, HAN__VALUE_BYTES_MAX);
    if (han__value_encode(L, idx, what, bytes, &err) == HAN_OK) return;
    han__buf_release(bytes);
    han__throw(L, &err);
}

static int answer(lua_State *L, int rc, const han_error *err)
{
    if (rc != HAN_OK) return han__fail(L, err);
    lua_pushboolean(L, true);
    return 1;
}

int han__verb_send(lua_State *L, han__run *run, han__node *node)
{
    int failed = 0;
    han__buf bytes;
    han_error err = {0};
    lua_settop(L, 3);
    han__node *to = below(L, node, &failed);
    if (!to) return failed;
    han__verb_encode(L, run, 3, "message", &bytes);
    int rc = han__node_send(to, bytes.data, bytes.len, &err);
    han__buf_release(&bytes);
    return answer(L, rc, &err);
}

int han__verb_stop(lua_State *L, han__run *run, han__node *node)
{
    int failed = 0;
    HAN__UNUSED(run);
    han__node *child = below(L, node, &failed);
    han_error err = {0};
    if (!child) return failed;
    if (child->outcome != HAN__LIVE)
        return answer(L, han__error_set(&err, HAN_SETTLED, "the node has settled"), &err);
    han__node_stop(child, "stopped by its parent");
    lua_pushboolean(L, true);
    return 1;
}

/* ---- upward ---- */

int han__verb_notify(lua_State *L, han__run *run, han__node *node)
{
    han__buf bytes;
    han_error err = {0};
    lua_settop(L, 2);
    han__verb_encode(L, run, 2, "finding", &bytes);
    int rc = han__node_notify(node, bytes.data, bytes.len, &err);
    han__buf_release(&bytes);
    return answer(L, rc, &err);
}

static int ask_woken(lua_State *L, int status, lua_KContext ctx)
{
    han__node *node = (han__node *)ctx;
    han__run *run = han__run_of(node);
    HAN__UNUSED(status);
    han__event *event = node->arrived;
    node->arrived = NULL;
    if (han__agent_why(node) != HAN__TURN_ANSWER || !event)
        return push_timeout(L, "nobody answered: the parent waits for something else or ended");
    push_event(L, run, event);
    lua_getfield(L, -1, "message");
    return 1;
}

int han__verb_ask(lua_State *L, han__run *run, han__node *node)
{
    han__buf bytes;
    han_error err = {0};
    bool blocks_run = false;
    lua_settop(L, 3);
    if (!lua_isnil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        lua_getfield(L, 3, "urgency");
        blocks_run = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "run") == 0;
    }
    if (!lua_isyieldable(L)) return luaL_error(L, "ask has to wait, and cannot wait here");
    han__verb_encode(L, run, 2, "question", &bytes);
    int rc = han__node_ask(node, blocks_run, bytes.data, bytes.len, &err);
    han__buf_release(&bytes);
    if (rc != HAN_OK) return han__fail(L, &err);
    run->state->engine_yield = true;
    return lua_yieldk(L, 0, (lua_KContext)node, ask_woken);
}

/* ---- looking ---- */

int han__verb_view(lua_State *L, han__run *run, han__node *node)
{
    int n = 0;
    HAN__UNUSED(run);
    lua_newtable(L);
    for (const han__node *child = node->first_child; child; child = child->after) {
        lua_createtable(L, 0, 2);
        push_child(L, child);
        lua_setfield(L, -2, "node");
        if (child->label) {
            lua_pushstring(L, child->label);
            lua_setfield(L, -2, "label");
        }
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

int han__verb_budget(lua_State *L, han__run *run, han__node *node)
{
    const han__pool *pool = han__node_pool(node);
    lua_newtable(L);
    for (int i = 0; i < HAN__CHANNELS; i++) {
        const char *name = han__channel_name(i);
        if (!name) name = run->named[i - HAN__NAMED_0];
        if (!name[0] || (pool->undeclared >> i) & 1) continue;
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, pool->total.v[i]);
        lua_setfield(L, -2, "total");
        lua_pushinteger(L, pool->free.v[i]);
        lua_setfield(L, -2, "left");
        lua_setfield(L, -2, name);
    }
    return 1;
}
