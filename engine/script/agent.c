/* The backends whose work is Lua in the run's own state. An agent's function is the body of its
 * coroutine. What runs outside a coroutine or a protected call here only moves values between
 * places that exist: it reads and replaces values of the slots table, which cannot raise. */
#include "base/config.h"
#include "script/agent.h"
#include "script/chunk.h"

#include "value/value.h"
#include "tree/key.h"

#include <lauxlib.h>
#include <stdio.h>

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
        how.code = state->slab.starved ? HAN_NOMEM : HAN_LIMIT;
        if (state->slab.starved)
            snprintf(text, sizeof(text),
                     "out of memory: the allocator refused more, and this "
                     "run was below its own limit");
        else
            snprintf(text, sizeof(text), "out of memory: this run may use %zu bytes of Lua memory",
                     state->slab.held_max);
    } else {
        snprintf(text, sizeof(text), "%s", error_text(co));
        if (state->remote_where[0]) memcpy(where, state->remote_where, sizeof(where));
        han__place_of(text, where, sizeof(where));
    }
    state->remote_where[0] = '\0';
    han__node_settle(node, &how);
}

/* ---- a fiber's life ---- */

static han__agent *work_of(const han__node *node)
{
    return node->work;
}

static lua_Integer fn_slot(uint32_t slot)
{
    return 3 * (lua_Integer)slot + 1;
}
static lua_Integer value_slot(uint32_t slot)
{
    return 3 * (lua_Integer)slot + 2;
}
static lua_Integer id_slot(uint32_t slot)
{
    return 3 * (lua_Integer)slot + 3;
}

/* A script that kept its scope finds it ended. */
static void end_scope(han__agent *a)
{
    if (a->scope) a->scope->node = NULL;
    a->scope = NULL;
}

/* Keeps the first of the results on top as the node's: scalars as they are, tables as copies. */
static int keep_result(han__node *node, lua_State *co, int results, han__buf *encoded,
                       han_error *err)
{
    lua_settop(co, lua_gettop(co) - results + (results > 0));
    if (results == 0 || lua_isnil(co, -1)) return HAN_OK;
    if (node->key || !node->parent || han__run_of(node)->scribe) {
        int rc = han__value_encode(co, -1, "result", encoded, err);
        if (rc != HAN_OK) return rc;
    }
    int type = lua_type(co, -1);
    if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN) {
        int rc = han__value_copy(co, -1, "result", co, err);
        if (rc != HAN_OK) return rc;
    }
    work_of(node)->scalar = type == LUA_TNUMBER || type == LUA_TBOOLEAN;
    lua_rawseti(co, 1, value_slot(node->slot)); /* in the task's place: nothing is allocated */
    node->result = 1;
    return HAN_OK;
}

/* Where the agent whose result is refused is defined: its last line is no longer known. */
static void where_defined(const han__node *node, lua_State *co, char *out, size_t cap)
{
    lua_Debug ar;
    out[0] = '\0';
    lua_rawgeti(co, 1, fn_slot(node->slot));
    if (lua_isfunction(co, -1)) {
        lua_getinfo(co, ">S", &ar);
        int line = ar.linedefined > 0 ? ar.linedefined : 1; /* a main chunk has none */
        if (!is_ours(ar.source)) snprintf(out, cap, "%.80s:%d", ar.short_src, line);
    } else {
        lua_pop(co, 1);
    }
}

static void settle_result(han__node *node, lua_State *co, int results)
{
    char where[112], text[400];
    han_error err;
    han__run *run = han__run_of(node);
    han__buf *encoded = node->parent ? &run->scratch : &run->result;
    han__settle how = {.outcome = HAN__DONE};
    han__error_clear(&err);
    han__buf_reset(encoded);
    if (keep_result(node, co, results, encoded, &err) != HAN_OK) {
        where_defined(node, co, where, sizeof(where));
        snprintf(text, sizeof(text), "%s%s%.*s", where, where[0] ? ": " : "",
                 (int)(sizeof(text) - sizeof(where) - 3), err.message);
        how =
            (han__settle){.outcome = HAN__DOWN, .code = HAN_SCRIPT, .reason = text, .where = where};
    }
    how.bytes = encoded->data;
    how.len = encoded->len;
    han__node_settle(node, &how);
}

static void on_end(han__fiber *fiber, lua_State *co, int status, int results)
{
    han__node *node = fiber->owner;
    han__agent *a = work_of(node);
    a->fiber = NULL;
    end_scope(a);
    if (status == LUA_OK)
        settle_result(node, co, results);
    else
        settle_error(node, fiber->state, co, status);
}

/* The scope stands on the coroutine that is about to be taken back. */
static void on_failing(han__fiber *fiber)
{
    end_scope(work_of(fiber->owner));
}

/* ---- starting ---- */

/* Pushes the scope of a node onto a coroutine that does not run; false when out of memory. */
static bool give_scope(lua_State *co, han__node *node)
{
    han__run *run = han__run_of(node);
    if (!han__state_unguarded(run->state)) return false;
    han__scope *scope = lua_newuserdatauv(co, sizeof(*scope), 0);
    run->state->unguarded = false;
    scope->node = node;
    scope->run = run;
    lua_rawgeti(co, LUA_REGISTRYINDEX, run->state->scope_meta);
    lua_setmetatable(co, -2);
    work_of(node)->scope = scope;
    return true;
}

/* Can the function at the top see a second argument? Agents of one function often come one after
 * the other: the answer for the last one is remembered, with the function itself. */
static bool takes_scope(lua_State *co, han__state *state, han__agent *a)
{
    lua_Debug ar;
    const void *fn = lua_topointer(co, -1);
    a->shared = fn && fn == state->last_fn;
    if (a->shared) return state->last_takes_scope;
    lua_pushvalue(co, -1);
    lua_getinfo(co, ">u", &ar);
    lua_pushvalue(co, -1);
    lua_rawseti(co, 1, 0); /* there since the table was made: nothing is allocated */
    state->last_fn = fn;
    state->last_takes_scope = ar.nparams > 1 || ar.isvararg;
    return state->last_takes_scope;
}

/* act(task, scope); the scope also stands below it, so that it lives as long as the coroutine. */
static bool push_call(han__fiber *fiber, han__node *node)
{
    lua_State *co = fiber->co;
    lua_rawgeti(co, 1, fn_slot(node->slot));
    fiber->args = 1;
    if (takes_scope(co, fiber->state, work_of(node))) {
        if (!give_scope(co, node)) return false;
        lua_insert(co, 2);
        fiber->base = fiber->args = 2;
    }
    lua_rawgeti(co, 1, value_slot(node->slot));
    if (fiber->args == 2) lua_pushvalue(co, 2);
    return true;
}

/* The body of the root's fiber: program, task, scope. */
static int root_main(lua_State *L)
{
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_callk(L, 2, 1, 2, han__chunk_called);
    return han__chunk_called(L, LUA_OK, 2);
}

static bool push_root_call(han__fiber *fiber, han__node *node)
{
    lua_State *co = fiber->co;
    if (!give_scope(co, node)) return false;
    lua_pushcfunction(co, root_main);
    lua_rawgeti(co, 1, fn_slot(node->slot));
    lua_rawgeti(co, 1, value_slot(node->slot));
    lua_pushvalue(co, 2);
    fiber->base = 2;
    fiber->args = 3;
    return true;
}

static void start(han__node *node, bool (*push)(han__fiber *fiber, han__node *node))
{
    static const han__settle no_memory = {
        .outcome = HAN__DOWN, .code = HAN_NOMEM, .reason = "no memory for a coroutine"};
    han__state *state = han__run_of(node)->state;
    han__agent *a = work_of(node);
    han__fiber *fiber = han__fiber_make(state, on_end, node);
    if (fiber) fiber->failing = on_failing;
    if (fiber && !push(fiber, node)) {
        end_scope(a);
        han__fiber_kill(fiber);
        fiber = NULL;
    }
    if (!fiber) {
        han__node_settle(node, &no_memory);
        return;
    }
    a->fiber = fiber;
    state->steps = 0;
    han__fiber_resume(fiber);
}

static void agent_turn(han__node *node, int why)
{
    work_of(node)->why = why;
    if (why == HAN__TURN_START)
        start(node, push_call);
    else
        han__fiber_resume(work_of(node)->fiber);
}

static void root_turn(han__node *node, int why)
{
    work_of(node)->why = why;
    if (why == HAN__TURN_START)
        start(node, push_root_call);
    else
        han__fiber_resume(work_of(node)->fiber);
}

int han__agent_why(const han__node *node)
{
    return work_of(node)->why;
}

static void agent_cancel(han__node *node)
{
    han__agent *a = work_of(node);
    end_scope(a);
    if (a->fiber) han__fiber_kill(a->fiber);
    a->fiber = NULL;
}

static void agent_release(han__node *node)
{
    han__agent *a = work_of(node);
    end_scope(a);
    /* what is small or shared anyway may stay until the slot is used again */
    if (a->shared && a->scalar) return;
    han__agent_forget(han__run_of(node)->state, node->slot);
}

const han__backend han__agent_backend = {"lua",      true,         false,
                                         agent_turn, agent_cancel, agent_release};
const han__backend han__root_backend = {"lua", true, false, root_turn, agent_cancel, agent_release};

void han__agent_keep(lua_State *L, int slots, uint32_t slot)
{
    lua_rawseti(L, slots, id_slot(slot));
    lua_rawseti(L, slots, value_slot(slot));
    lua_rawseti(L, slots, fn_slot(slot));
}

void han__agent_forget(han__state *state, uint32_t slot)
{
    lua_State *L = state->L;
    lua_rawgeti(L, LUA_REGISTRYINDEX, state->slots);
    lua_pushboolean(L, 0);
    lua_rawseti(L, -2, fn_slot(slot));
    lua_pushboolean(L, 0);
    lua_rawseti(L, -2, value_slot(slot));
    lua_pushboolean(L, 0);
    lua_rawseti(L, -2, id_slot(slot));
    lua_pop(L, 1);
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
const han__backend han__keyed_work_backend = {"keyed",    false, true,
                                              keyed_turn, NULL,  keyed_release};

/* ---- what the parent sees ---- */

static void set_text(lua_State *L, const char *field, const char *text)
{
    if (!text) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

static void push_done(lua_State *L, const han__node *node)
{
    if (!node->result) return;
    if (node->backend == &han__agent_backend) {
        lua_pushvalue(L, lua_upvalueindex(HAN__UP_OUT));
        lua_rawgeti(L, lua_upvalueindex(HAN__UP_SLOTS), value_slot(node->slot));
        lua_rawset(L, -3);
        return;
    }
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

/* Fields that the table will have, so that it is made once. */
static int fields_of(const han__node *node)
{
    if (node->outcome != HAN__DONE) return 8;
    return 3 + (node->result != 0) + (node->label != NULL) + 2 * node->backend->has_verdict;
}

static void push_id(lua_State *L, const han__node *node)
{
    char id[512];
    if (node->backend == &han__agent_backend)
        lua_rawgeti(L, lua_upvalueindex(HAN__UP_SLOTS), id_slot(node->slot));
    else
        lua_pushlstring(L, id, han__node_id(node, id, sizeof(id)));
}

void han__agent_push_settled(lua_State *L, han__run *run, han__node *node)
{
    static const char *const kinds[] = {"live", "done", "down", "question"};
    lua_createtable(L, 0, fields_of(node));
    lua_pushvalue(L, lua_upvalueindex(HAN__UP_KIND));
    if (node->outcome == HAN__DONE)
        lua_pushvalue(L, lua_upvalueindex(HAN__UP_DONE));
    else
        lua_pushstring(L, kinds[node->outcome]);
    lua_rawset(L, -3);
    lua_pushvalue(L, lua_upvalueindex(HAN__UP_NODE));
    push_id(L, node);
    lua_rawset(L, -3);
    if (node->label) {
        lua_pushvalue(L, lua_upvalueindex(HAN__UP_LABEL));
        lua_pushstring(L, node->label);
        lua_rawset(L, -3);
    }
    if (node->outcome == HAN__DONE)
        push_done(L, node);
    else
        push_down(L, node);
    if (node->over) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "over");
    }
    lua_pushvalue(L, lua_upvalueindex(HAN__UP_SPEND));
    han__run_push_amount(run, L, &node->pool.committed);
    lua_rawset(L, -3);
}

void han__agent_push_upvalues(lua_State *L, int verb)
{
    static const char *const names[] = {"kind", "node", "label", "out", "spend", "done"};
    lua_pushinteger(L, verb);
    lua_rawgeti(L, LUA_REGISTRYINDEX, han__state_of(L)->slots);
    for (size_t i = 0; i < HAN__COUNT(names); i++) lua_pushstring(L, names[i]);
}
