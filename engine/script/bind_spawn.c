/* The verb spawn: what an agent is, its ceiling, its key; and what it is refused for. Reads its
 * arguments (bad ones throw at the caller's line), asks the tree, pushes the child's id. */
#include "base/config.h"
#include "script/door.h"

#include "base/hash.h"
#include "script/scripts.h"
#include "script/service.h"
#include "tree/key.h"
#include "value/value.h"

#include <lauxlib.h>
#include <stdio.h>

#define REFUSED_STEPS 50 /* what a refused spawn counts as, beyond the verb */

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
    static const char *const known[] = {"budget", "label",      "key", "steer",
                                        "from",   "idempotent", NULL};
    luaL_checktype(L, ARG_OPTIONS, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, ARG_OPTIONS); lua_pop(L, 1)) {
        int i = 0;
        if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "spawn takes named options only");
        while (known[i] && strcmp(known[i], lua_tostring(L, -2)) != 0) i++;
        if (!known[i])
            luaL_error(L,
                       "spawn has no option '%s'; it takes budget, label, key, idempotent, steer, "
                       "from",
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

/* Of the work that a key stands for: label and task, and all that a profile's backend is given. */
static uint64_t digest_of(lua_State *L, han__run *run, const char *label, bool profile)
{
    static const char *const given[] = {"steer", "from"};
    han__buf bytes;
    han_error err = {0};
    han__buf_init(&bytes, run->host->mem, 4 * (size_t)HAN__VALUE_BYTES_MAX);
    int rc = han__value_encode(L, ARG_TASK, "task", &bytes, &err);
    if (rc == HAN_OK && profile) rc = han__value_encode(L, ARG_AGENT, "profile", &bytes, &err);
    for (size_t i = 0; rc == HAN_OK && profile && i < HAN__COUNT(given); i++) {
        lua_getfield(L, ARG_OPTIONS, given[i]);
        rc = han__value_encode(L, -1, given[i], &bytes, &err);
        lua_pop(L, 1);
    }
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
    const han__key *key = han__tree_key(node->tree, spec->key);
    han__spawn again = {.backend =
                            key->has_verdict ? &han__keyed_work_backend : &han__keyed_backend,
                        .label = spec->label,
                        .work = (void *)(uintptr_t)key};
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
        lua_getfield(L, ARG_OPTIONS, "idempotent");
        spec.idempotent = lua_toboolean(L, -1);
        lua_pop(L, 1);
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
    if (spec.key) spec.key_digest = digest_of(L, run, spec.label, kind == AGENT_PROFILE);
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
