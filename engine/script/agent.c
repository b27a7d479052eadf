/* The backends whose work is Lua in the run's own state. The function, its task and its scope are
 * kept by registry references until the node is released; everything that may raise runs inside the
 * fiber. */
#include "base/config.h"
#include "script/agent.h"

#include "script/value.h"
#include "tree/key.h"

#include <lauxlib.h>
#include <stdio.h>

typedef struct agent {
    int fn, task, scope_ref;
    han__scope *scope; /* valid while scope_ref is held */
    han__fiber *fiber; /* NULL before the first turn and after the last */
    int why;           /* of the present turn */
    han__buf encoded;  /* of a keyed node's result */
} agent;

han__run *han__run_of(const han__node *node)
{
    return han__tree_owner(node->tree);
}

/* ---- where an error happened ---- */

static bool is_ours(const char *source)
{
    return strncmp(source, "=han/", 5) == 0 || strcmp(source, "=[C]") == 0;
}

void han__where(lua_State *co, char *out, size_t cap)
{
    lua_Debug ar;
    out[0] = '\0';
    for (int level = 0; level < 64 && lua_getstack(co, level, &ar); level++) {
        lua_getinfo(co, "Sl", &ar);
        if (ar.currentline <= 0 || is_ours(ar.source)) continue;
        snprintf(out, cap, "%.80s:%d", ar.short_src, ar.currentline);
        return;
    }
}

bool han__place_of(const char *message, char *out, size_t cap)
{
    const char *colon = strchr(message, ':');
    size_t len;
    if (!colon || colon == message || strncmp(message, "han/", 4) == 0) return false;
    len = (size_t)(colon - message) + 1;
    size_t digits = strspn(message + len, "0123456789");
    if (digits == 0 || message[len + digits] != ':' || len + digits >= cap) return false;
    memcpy(out, message, len + digits);
    out[len + digits] = '\0';
    return true;
}

static const char *error_text(lua_State *co)
{
    int type = lua_type(co, -1);
    if (type == LUA_TSTRING) return lua_tostring(co, -1);
    return type == LUA_TNIL ? "error(nil)" : "error with a value that is not a string";
}

static void settle_error(han__node *node, han__state *state, lua_State *co, int status)
{
    char where[112], text[400];
    han__settle how = {.outcome = HAN__DOWN, .code = HAN_SCRIPT, .reason = text, .where = where};
    han__where(co, where, sizeof(where));
    if (state->doom_code) {
        how.code = state->doom_code;
        if (state->doom_where[0]) memcpy(where, state->doom_where, sizeof(where));
        snprintf(text, sizeof(text), "%s", state->doom);
    } else if (status == LUA_ERRMEM) {
        how.code = HAN_LIMIT;
        snprintf(text, sizeof(text), "out of memory: this run may use %zu bytes of Lua memory",
                 state->bytes_max);
    } else {
        snprintf(text, sizeof(text), "%s", error_text(co));
        han__place_of(text, where, sizeof(where));
    }
    han__node_settle(node, &how);
}

/* ---- a fiber's life ---- */

static agent *work_of(han__node *node)
{
    return node->work;
}

static void on_end(han__fiber *fiber, lua_State *co, int status, int results)
{
    han__node *node = fiber->owner;
    agent *a = work_of(node);
    HAN__UNUSED(results);
    a->fiber = NULL;
    if (status != LUA_OK) {
        settle_error(node, fiber->state, co, status);
        return;
    }
    han__settle how = {.outcome = HAN__DONE, .bytes = a->encoded.data, .len = a->encoded.len};
    han__node_settle(node, &how);
}

/* Keeps the value on top as the node's result: scalars as they are, tables as copies. */
static void keep_result(lua_State *L, han__node *node)
{
    han_error err = {0};
    agent *a = work_of(node);
    if (lua_isnil(L, -1)) return;
    if ((node->key || !node->parent) && han__value_encode(L, -1, "result", &a->encoded, &err))
        luaL_error(L, "%s", err.message);
    int type = lua_type(L, -1);
    if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN)
        if (han__value_copy(L, lua_gettop(L), "result", L, &err)) luaL_error(L, "%s", err.message);
    node->result = luaL_ref(L, LUA_REGISTRYINDEX);
}

static int agent_done(lua_State *L, int status, lua_KContext ctx)
{
    HAN__UNUSED(status);
    keep_result(L, (han__node *)ctx);
    return 0;
}

static void push_scope(lua_State *L, han__node *node)
{
    agent *a = work_of(node);
    han__scope *scope = lua_newuserdatauv(L, sizeof(*scope), 0);
    scope->node = node;
    scope->run = han__run_of(node);
    luaL_setmetatable(L, HAN__SCOPE_TYPE);
    lua_pushvalue(L, -1);
    a->scope_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    a->scope = scope;
}

/* The body of an agent's fiber: act(task, scope). */
static int agent_main(lua_State *L)
{
    han__node *node = lua_touserdata(L, 1);
    agent *a = work_of(node);
    lua_rawgeti(L, LUA_REGISTRYINDEX, a->fn);
    lua_rawgeti(L, LUA_REGISTRYINDEX, a->task);
    push_scope(L, node);
    lua_callk(L, 2, 1, (lua_KContext)node, agent_done);
    return agent_done(L, LUA_OK, (lua_KContext)node);
}

/* What the program returned: a strategy (anything with act) is run, anything else is the result. */
static int root_called(lua_State *L, int status, lua_KContext ctx)
{
    han__node *node = (han__node *)ctx;
    HAN__UNUSED(status);
    if (lua_type(L, -1) == LUA_TTABLE) {
        lua_pushliteral(L, "act");
        lua_rawget(L, -2);
        if (lua_type(L, -1) == LUA_TFUNCTION) {
            lua_rawgeti(L, LUA_REGISTRYINDEX, work_of(node)->task);
            lua_rawgeti(L, LUA_REGISTRYINDEX, work_of(node)->scope_ref);
            lua_callk(L, 2, 1, ctx, agent_done);
            return agent_done(L, LUA_OK, ctx);
        }
        lua_pop(L, 1);
    }
    return agent_done(L, LUA_OK, ctx);
}

static int root_main(lua_State *L)
{
    han__node *node = lua_touserdata(L, 1);
    agent *a = work_of(node);
    lua_rawgeti(L, LUA_REGISTRYINDEX, a->fn);
    lua_rawgeti(L, LUA_REGISTRYINDEX, a->task);
    push_scope(L, node);
    lua_callk(L, 2, 1, (lua_KContext)node, root_called);
    return root_called(L, LUA_OK, (lua_KContext)node);
}

static void start(han__node *node, lua_CFunction body)
{
    han__state *state = han__run_of(node)->state;
    agent *a = work_of(node);
    static const han__settle no_memory = {
        .outcome = HAN__DOWN, .code = HAN_NOMEM, .reason = "no memory for a coroutine"};
    if (lua_checkstack(state->L, 4)) {
        lua_pushcfunction(state->L, body);
        lua_pushlightuserdata(state->L, node);
        a->fiber = han__fiber_new(state, state->L, 1, on_end, node);
    }
    if (!a->fiber) {
        han__node_settle(node, &no_memory);
        return;
    }
    state->steps = 0;
    han__fiber_resume(a->fiber);
}

static void take_turn(han__node *node, int why, lua_CFunction body)
{
    agent *a = work_of(node);
    a->why = why;
    if (why == HAN__TURN_START)
        start(node, body);
    else
        han__fiber_resume(a->fiber);
}

static void agent_turn(han__node *node, int why)
{
    take_turn(node, why, agent_main);
}
static void root_turn(han__node *node, int why)
{
    take_turn(node, why, root_main);
}

int han__agent_why(const han__node *node)
{
    return ((const agent *)node->work)->why;
}

static void agent_cancel(han__node *node)
{
    agent *a = work_of(node);
    if (a->fiber) han__fiber_kill(a->fiber);
    a->fiber = NULL;
}

static void release_refs(han__run *run, agent *a)
{
    lua_State *L = run->state->L;
    if (a->scope) a->scope->node = NULL;
    luaL_unref(L, LUA_REGISTRYINDEX, a->fn);
    luaL_unref(L, LUA_REGISTRYINDEX, a->task);
    luaL_unref(L, LUA_REGISTRYINDEX, a->scope_ref);
    han__buf_release(&a->encoded);
    han__mem_free(run->host->mem, a, sizeof(*a));
}

static void agent_release(han__node *node)
{
    han__run *run = han__run_of(node);
    if (node->result) luaL_unref(run->state->L, LUA_REGISTRYINDEX, (int)node->result);
    node->result = 0;
    if (node->work) release_refs(run, node->work);
    node->work = NULL;
}

const han__backend han__agent_backend = {"lua",      true,         false,
                                         agent_turn, agent_cancel, agent_release};
const han__backend han__root_backend = {"lua", true, false, root_turn, agent_cancel, agent_release};

void *han__agent_work(han__run *run, lua_State *L)
{
    int task = luaL_ref(L, LUA_REGISTRYINDEX); /* these may raise, so nothing is held yet */
    int fn = luaL_ref(L, LUA_REGISTRYINDEX);
    agent *a = han__mem_zalloc(run->host->mem, 1, sizeof(*a));
    if (!a) {
        luaL_unref(L, LUA_REGISTRYINDEX, task);
        luaL_unref(L, LUA_REGISTRYINDEX, fn);
        return NULL;
    }
    han__buf_init(&a->encoded, run->host->mem, HAN__VALUE_BYTES_MAX);
    a->task = task;
    a->fn = fn;
    a->scope_ref = LUA_NOREF;
    return a;
}

void han__agent_drop(han__run *run, void *work)
{
    release_refs(run, work);
}

const han__buf *han__agent_result(const han__node *node)
{
    return &((const agent *)node->work)->encoded;
}

/* ---- a committed result, given again ---- */

typedef struct keyed {
    const han__key *key;
    han__node *node;
} keyed;

static int decode_result(lua_State *L)
{
    keyed *k = lua_touserdata(L, 1);
    han_error err = {0};
    size_t used = 0;
    if (k->key->result_len == 0) return 0;
    if (han__value_decode(L, k->key->result, k->key->result_len, &used, &err))
        return luaL_error(L, "%s", err.message);
    k->node->result = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static void keyed_turn(han__node *node, int why)
{
    keyed k = {node->work, node};
    lua_State *L = han__run_of(node)->state->L;
    han__settle how = {.outcome = HAN__DONE};
    HAN__UNUSED(why);
    lua_pushcfunction(L, decode_result);
    lua_pushlightuserdata(L, &k);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        lua_pop(L, 1);
        how = (han__settle){.outcome = HAN__DOWN, .code = HAN_NOMEM, .reason = "no memory"};
    }
    han__node_settle(node, &how);
}

static void keyed_release(han__node *node)
{
    if (node->result) luaL_unref(han__run_of(node)->state->L, LUA_REGISTRYINDEX, (int)node->result);
}

const han__backend han__keyed_backend = {"keyed", false, false, keyed_turn, NULL, keyed_release};

/* ---- what the parent sees ---- */

static void set_text(lua_State *L, const char *field, const char *text)
{
    if (!text) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

static void push_done(lua_State *L, han__node *node)
{
    if (!node->result) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, (lua_Integer)node->result);
    if (node->backend->has_verdict) {
        lua_getfield(L, -1, "verdict");
        lua_setfield(L, -3, "verdict");
        lua_getfield(L, -1, "out_ref");
        lua_setfield(L, -3, "out_ref");
        lua_getfield(L, -1, "out");
        lua_remove(L, -2);
    }
    lua_setfield(L, -2, "out");
}

static void push_down(lua_State *L, const han__node *node)
{
    set_text(L, "reason", node->reason ? node->reason : han_status_text(node->code));
    set_text(L, "code", han_status_name(node->code));
    set_text(L, "where", node->where && node->where[0] ? node->where : NULL);
    lua_pushboolean(L, node->infra);
    lua_setfield(L, -2, "infra");
}

void han__agent_push_settled(lua_State *L, han__run *run, han__node *node)
{
    static const char *const kinds[] = {"live", "done", "down", "question"};
    char id[512];
    han__amount spend = han__node_spend(node);
    lua_createtable(L, 0, 4);
    lua_pushstring(L, kinds[node->outcome]);
    lua_setfield(L, -2, "kind");
    lua_pushlstring(L, id, han__node_id(node, id, sizeof(id)));
    lua_setfield(L, -2, "node");
    set_text(L, "label", node->label);
    if (node->outcome == HAN__DONE)
        push_done(L, node);
    else
        push_down(L, node);
    if (node->over) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "over");
    }
    han__run_push_amount(run, L, &spend);
    lua_setfield(L, -2, "spend");
}
