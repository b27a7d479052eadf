/* The live driver of the verbs. Each function reads its arguments (bad ones throw at the caller's
 * line), asks the tree, and pushes the answer; refusals are nil, message, CODE. */
#include "base/config.h"
#include "script/door.h"

#include "base/hash.h"
#include "script/scripts.h"
#include "script/service.h"
#include "value/value.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>

#define REFUSED_STEPS 50 /* what a refused spawn counts as, beyond the verb */

/* ---- spawn ---- */

enum { ARG_AGENT = 2, ARG_TASK = 3, ARG_OPTIONS = 4 };

static const char *option_text(lua_State *L, const char *field)
{
    const char *text = NULL;
    lua_getfield(L, ARG_OPTIONS, field);
    if (!lua_isnil(L, -1)) {
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "bad option '%s' of spawn: string expected, got %s", field,
                       luaL_typename(L, -1));
        text = lua_tostring(L, -1);
    }
    lua_pop(L, 1); /* the options table keeps it alive */
    return text;
}

static void check_options(lua_State *L)
{
    static const char *const known[] = {"budget", "label", "key", "steer", "from", NULL};
    luaL_checktype(L, ARG_OPTIONS, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, ARG_OPTIONS); lua_pop(L, 1)) {
        int i = 0;
        if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "spawn takes named options only");
        while (known[i] && strcmp(known[i], lua_tostring(L, -2)) != 0) i++;
        if (!known[i])
            luaL_error(L, "spawn has no option '%s'; it takes budget, label, key, steer, from",
                       lua_tostring(L, -2));
    }
}

/* Reads a table of amounts at field `name` of idx; false when it is absent. */
static bool read_amounts(lua_State *L, han__run *run, int idx, const char *name,
                         han__amount *amount, uint8_t *mask)
{
    han_error err = {0};
    memset(amount, 0, sizeof(*amount));
    *mask = 0;
    if (lua_isnoneornil(L, idx)) return false;
    if (lua_getfield(L, idx, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    if (!lua_istable(L, -1)) luaL_error(L, "%s must be a table such as {evals = 100}", name);
    if (han__run_amount(run, L, lua_gettop(L), amount, mask, &err)) han__throw(L, &err);
    lua_pop(L, 1);
    return true;
}

/* A profile's limits are its ceiling; budget= may only lower them. */
static void read_ceiling(lua_State *L, han__run *run, bool profile, han__amount *ceiling)
{
    han__amount limits;
    uint8_t asked, limited;
    bool has_budget = read_amounts(L, run, ARG_OPTIONS, "budget", ceiling, &asked);
    if (!profile) return;
    bool has_limits = read_amounts(L, run, ARG_AGENT, "limits", &limits, &limited);
    if (!has_budget && has_limits) *ceiling = limits;
    if (!has_budget || !has_limits) return;
    for (int i = 0; i < HAN__CHANNELS; i++)
        if (!((asked >> i) & 1) || limits.v[i] < ceiling->v[i]) ceiling->v[i] = limits.v[i];
}

/* Replaces the name at ARG_AGENT by the strategy's table; false when there is none. */
static bool load_named(lua_State *L, han__run *run, han_error *err)
{
    char path[HAN__PATH_MAX];
    const char *name = lua_tostring(L, ARG_AGENT);
    han__buf text;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "han.agents");
    if (lua_getfield(L, -1, name) != LUA_TNIL) {
        lua_replace(L, ARG_AGENT);
        lua_pop(L, 1);
        return true;
    }
    lua_pop(L, 1);
    han__buf_init(&text, run->host->mem, HAN__SCRIPT_BYTES_MAX);
    int rc = han__script_find(run->host, "strategies", name, path, sizeof(path), err);
    if (rc == HAN_OK) rc = han__script_read(path, &text, err);
    const char *base = strrchr(path, '/');
    if (rc == HAN_OK)
        rc = han__run_load(L, (const char *)text.data, text.len, base ? base + 1 : path, err);
    han__buf_release(&text);
    if (rc != HAN_OK) return false;
    lua_call(L, 0, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, name);
    lua_replace(L, ARG_AGENT);
    lua_pop(L, 1);
    return true;
}

enum agent_kind { AGENT_LUA, AGENT_PROFILE, AGENT_UNKNOWN };

/* What stands at ARG_AGENT: leaves the function to call on top of the stack for AGENT_LUA. */
static int resolve(lua_State *L, han__run *run, const char **label, han_error *err)
{
    if (lua_type(L, ARG_AGENT) == LUA_TFUNCTION) {
        lua_pushvalue(L, ARG_AGENT);
        return AGENT_LUA;
    }
    if (lua_type(L, ARG_AGENT) == LUA_TSTRING) {
        if (!*label) *label = lua_tostring(L, ARG_AGENT);
        lua_pushvalue(L, ARG_AGENT); /* keeps the label's text alive */
        if (!load_named(L, run, err)) return AGENT_UNKNOWN;
    }
    if (!lua_istable(L, ARG_AGENT))
        luaL_error(L,
                   "spawn: an agent is a function, a table with act, a name or a profile; got %s",
                   luaL_typename(L, ARG_AGENT));
    if (lua_getfield(L, ARG_AGENT, "act") == LUA_TFUNCTION) {
        if (!*label && lua_getfield(L, ARG_AGENT, "name") == LUA_TSTRING) {
            *label = lua_tostring(L, -1);
            lua_insert(L, -2);
        }
        return AGENT_LUA;
    }
    lua_pop(L, 1);
    if (lua_getfield(L, ARG_AGENT, "backend") == LUA_TSTRING) return AGENT_PROFILE;
    return luaL_error(L, "spawn: this table is neither an agent (act) nor a profile (backend)");
}

/* Copies the task; nothing given is an empty table. */
static void push_task(lua_State *L, han_error *err)
{
    int type = lua_type(L, ARG_TASK);
    if (type == LUA_TNIL)
        lua_newtable(L);
    else if (type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TBOOLEAN)
        lua_pushvalue(L, ARG_TASK);
    else if (han__value_copy_here(L, ARG_TASK, "task", err))
        han__throw(L, err);
}

static uint64_t digest_of(lua_State *L, han__run *run, const char *label)
{
    han__buf bytes;
    han_error err = {0};
    han__buf_init(&bytes, run->host->mem, HAN__VALUE_BYTES_MAX);
    int rc = han__value_encode(L, ARG_TASK, "task", &bytes, &err);
    uint64_t digest = han__hash64(label ? label : "", label ? strlen(label) : 0, 1);
    digest = han__hash64(bytes.data, bytes.len, digest);
    han__buf_release(&bytes);
    if (rc != HAN_OK) han__throw(L, &err);
    return digest;
}

/* The journal holds the task, too. */
static void note_task(lua_State *L, han__run *run, han__spawn *spec)
{
    han_error err = {0};
    if (lua_isnil(L, ARG_TASK)) return;
    han__buf_reset(&run->scratch);
    if (han__value_encode(L, ARG_TASK, "task", &run->scratch, &err)) han__throw(L, &err);
    spec->bytes = run->scratch.data;
    spec->len = run->scratch.len;
}

static int refused(lua_State *L, han__node *node, const han__spawn *spec, han_error *err)
{
    const han__pool *pool = han__node_pool(node);
    bool nothing = node->parent != NULL;
    for (int i = 0; i < HAN__CHANNELS; i++)
        if (pool->total.v[i] != 0) nothing = false;
    if (err->code == HAN_BUDGET_EXHAUSTED && nothing && spec) {
        size_t len = strlen(err->message);
        snprintf(err->message + len, sizeof(err->message) - len,
                 "; this agent was spawned without a budget: give this child budget=");
    }
    return han__fail(L, err);
}

static int push_child(lua_State *L, const han__node *child)
{
    char id[512];
    lua_pushlstring(L, id, han__node_id(child, id, sizeof(id)));
    return 1;
}

/* Pushes the id that the node's next child will have. A node that spawns often spawns again: its
 * own id is kept beside. */
static void push_next_id(lua_State *L, han__run *run, const han__node *node)
{
    char digits[12], *end = digits + sizeof(digits), *at = end;
    uint32_t n = node->spawned + 1;
    if (run->prefix_of != node->entry.serial) {
        run->prefix_len = han__node_id(node, run->prefix, sizeof(run->prefix));
        run->prefix_of = node->entry.serial;
    }
    if (run->prefix_len > sizeof(run->prefix) - 32) { /* it will be cut as the child's is */
        char id[512];
        const han__node child = {.parent = (han__node *)(uintptr_t)node, .ordinal = n};
        lua_pushlstring(L, id, han__node_id(&child, id, sizeof(id)));
        return;
    }
    do *--at = (char)('0' + n % 10);
    while (n /= 10);
    *--at = '/';
    memcpy(run->prefix + run->prefix_len, at, (size_t)(end - at));
    lua_pushlstring(L, run->prefix, run->prefix_len + (size_t)(end - at));
}

static int spawn_keyed(lua_State *L, han__node *node, const han__spawn *spec)
{
    han_error err = {0};
    han__node *child;
    han__spawn again = {.backend = &han__keyed_backend,
                        .label = spec->label,
                        .work = (void *)(uintptr_t)han__tree_key(node->tree, spec->key)};
    if (han__node_spawn(node, &again, &child, &err)) return refused(L, node, NULL, &err);
    return push_child(L, child);
}

int han__verb_spawn(lua_State *L, han__run *run, han__node *node)
{
    han_error err;
    han__node *child;
    han__spawn spec = {0};
    uint32_t slot = 0;
    han__error_clear(&err);
    if (lua_gettop(L) > ARG_OPTIONS)
        return luaL_error(L, "spawn takes an agent, a task and options");
    lua_settop(L, ARG_OPTIONS);
    bool options = !lua_isnil(L, ARG_OPTIONS);
    if (options) {
        check_options(L);
        spec.label = option_text(L, "label");
        spec.key = option_text(L, "key");
    }
    int kind = resolve(L, run, &spec.label, &err);
    if (kind == AGENT_UNKNOWN) {
        if (err.code != HAN_UNKNOWN) return han__throw(L, &err);
        err.code = HAN_UNKNOWN_AGENT;
        han__node_refuse(node, err.code, err.message);
        return han__fail(L, &err);
    }
    if (options || kind == AGENT_PROFILE)
        read_ceiling(L, run, kind == AGENT_PROFILE, &spec.ceiling);
    if (spec.key) spec.key_digest = digest_of(L, run, spec.label);
    if (run->scribe) note_task(L, run, &spec);
    if (kind == AGENT_PROFILE) {
        spec.backend = &han__work_backend;
        int rc =
            han__work_new(run, L, ARG_AGENT, ARG_TASK, options ? ARG_OPTIONS : 0, &spec.work, &err);
        if (rc == HAN_INVALID) return han__throw(L, &err);
        if (rc != HAN_OK) {
            han__node_refuse(node, rc, err.message);
            return han__fail(L, &err);
        }
    } else {
        push_task(L, &err);
        spec.backend = &han__agent_backend;
        spec.work_size = sizeof(han__agent);
        slot = han__tree_next_slot(run->tree);
        push_next_id(L, run, node);
        lua_copy(L, -1, ARG_AGENT);
        han__agent_keep(L, lua_upvalueindex(HAN__UP_SLOTS), slot);
    }
    int rc = han__node_spawn(node, &spec, &child, &err);
    run->state->steps = rc == HAN_OK ? 0 : run->state->steps + REFUSED_STEPS;
    if (rc == HAN_OK && kind == AGENT_LUA) {
        lua_settop(L, ARG_AGENT); /* the id was put there */
        return 1;
    }
    if (rc == HAN_OK) return push_child(L, child);
    if (kind == AGENT_PROFILE)
        han__work_drop(run, spec.work);
    else
        han__agent_forget(run->state, slot);
    return rc == HAN_SETTLED ? spawn_keyed(L, node, &spec) : refused(L, node, &spec, &err);
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
