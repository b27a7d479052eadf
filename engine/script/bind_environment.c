/* Module han.environment: calls of runs to their host, in one table of slots for the process. */
#include "base/config.h"
#include "script/bind_environment.h"

#include "script/bind_json.h"
#include "script/family.h"
#include "script/program.h"
#include "script/service.h"
#include "value/value.h"

#include <lauxlib.h>

#define SLOT_BITS 20
#define SLOTS_MAX (1u << SLOT_BITS)
#define NAMES_MAX 256

#define WORLD_TYPE "han.world"

enum kind { KIND_TOOL, KIND_WORK, KIND_CHECK, KIND_OBSERVE, KIND_GRANT, KIND_JUDGE };

struct han__environment {
    han__host *host;
    han_environment given; /* its texts are not kept */
    bool capped;           /* dollars are declared */
    int services;
    /* of the world of a cell */
    void (*judge)(void *world, han_call call, const char *artifact);
    void (*leave)(void *world);
    bool gone;
};

typedef struct call {
    han__wait wait;
    han__environment *env;
    han__node *node; /* that pays for it; NULL: nobody does */
    uint64_t id;
    han__buf answer; /* encoded; empty: nothing */
    han_error err;   /* of one that was refused */
    bool answered;   /* before its fiber began to wait */
    bool waiting;
} call;

/* Calls by slot: a call's number is its serial and its slot. */
struct han__calls {
    call **slots; /* NULL: free */
    size_t cap, used, next;
    uint64_t serial;
};

/* ---- the table ---- */

static bool grow(han__host *host, struct han__calls *calls)
{
    size_t was = calls->cap;
    if (han__mem_grow(host->mem, (void **)&calls->slots, &calls->cap, was + 1, sizeof(call *),
                      SLOTS_MAX) != HAN_OK)
        return false;
    memset(calls->slots + was, 0, (calls->cap - was) * sizeof(call *));
    calls->next = was;
    return true;
}

static struct han__calls *table_of(han__host *host)
{
    if (!host->calls) host->calls = han__mem_zalloc(host->mem, 1, sizeof(struct han__calls));
    return host->calls;
}

static call *call_new(han__environment *env, han__node *node)
{
    han__host *host = env->host;
    struct han__calls *calls = table_of(host);
    if (!calls || (calls->used == calls->cap && !grow(host, calls))) return NULL;
    call *c = han__mem_zalloc(host->mem, 1, sizeof(*c));
    if (!c) return NULL;
    size_t slot = calls->next;
    while (calls->slots[slot]) slot = (slot + 1) % calls->cap;
    calls->slots[slot] = c;
    calls->next = (slot + 1) % calls->cap;
    calls->used++;
    c->env = env;
    c->node = node;
    c->id = ++calls->serial << SLOT_BITS | slot;
    han__buf_init(&c->answer, host->mem, HAN__VALUE_BYTES_MAX);
    return c;
}

static void call_free(han__host *host, call *c)
{
    host->calls->slots[c->id & (SLOTS_MAX - 1)] = NULL;
    host->calls->used--;
    han__buf_release(&c->answer);
    han__mem_free(host->mem, c, sizeof(*c));
}

/* The open call with this number, or NULL. */
static call *find(han__host *host, uint64_t id)
{
    size_t slot = id & (SLOTS_MAX - 1);
    if (!host->calls || slot >= host->calls->cap) return NULL;
    call *c = host->calls->slots[slot];
    return c && c->id == id && !c->answered ? c : NULL;
}

void han__environment_release(han__host *host)
{
    struct han__calls *calls = host->calls;
    if (!calls) return;
    for (size_t i = 0; i < calls->cap; i++)
        if (calls->slots[i]) call_free(host, calls->slots[i]);
    han__mem_free(host->mem, calls->slots, calls->cap * sizeof(call *));
    han__mem_free(host->mem, calls, sizeof(*calls));
    host->calls = NULL;
}

/* ---- a call, from harness Lua ---- */

static void cancelled(han__wait *wait)
{
    call *c = wait->ud;
    const han_environment *given = &c->env->given;
    c->answered = true; /* the host may try to answer from inside its function */
    if (given->cancelled) given->cancelled(given->ud, c->id);
    call_free(c->env->host, c);
}

/* On the stack of the waiting fiber: the value, or nil, message, CODE. */
static int push_answer(lua_State *L, void *ud)
{
    const call *c = ud;
    han_error err = {0};
    size_t used;
    if (c->err.code) return han__fail(L, &c->err);
    if (c->answer.len == 0) {
        lua_pushnil(L);
        return 1;
    }
    if (han__value_decode(L, c->answer.data, c->answer.len, &used, &err))
        return han__throw(L, &err);
    return 1;
}

static void ask_host(call *c, int kind, const char *name, const char *json)
{
    const han_environment *given = &c->env->given;
    if (kind == KIND_TOOL)
        given->tool(given->ud, c->id, name, json);
    else if (kind == KIND_WORK)
        given->work(given->ud, c->id, name, json);
    else if (kind == KIND_CHECK)
        given->check(given->ud, c->id, json);
    else if (kind == KIND_OBSERVE)
        given->observe(given->ud, c->id, json);
    else if (kind == KIND_JUDGE)
        c->env->judge(given->ud, c->id, json);
    else
        given->grant(given->ud, c->id, name, json);
}

/* call(environment, ctx or nil, kind, name, value): what the host answers. */
static int environment_call(lua_State *L)
{
    static const char *const kinds[] = {"tool", "work", "check", "observe", "grant", "judge", NULL};
    han__environment *env = lua_touserdata(L, 1);
    han__node *node = lua_isnil(L, 2) ? NULL : han__work_node(L, 2);
    if (env->gone) return luaL_error(L, "the world of this cell is gone");
    int kind = luaL_checkoption(L, 3, NULL, kinds);
    const char *name = luaL_optstring(L, 4, "");
    han_error err = {0};
    han__buf json;
    han__buf_init(&json, env->host->mem, HAN__JSON_BYTES_MAX);
    int rc = han__json_encode(L, 5, &json, &err);
    const char *text = rc == HAN_OK ? han__buf_cstr(&json) : NULL;
    call *c = text ? call_new(env, node) : NULL;
    if (!c) {
        han__buf_release(&json);
        han__error_set(&err, HAN_NOMEM, "no memory for a call to the host");
        return rc == HAN_INVALID ? han__fail(L, &err) : han__throw(L, &err);
    }
    ask_host(c, kind, name, text);
    han__buf_release(&json);
    if (c->answered) {
        int results = push_answer(L, c); /* may raise: then the call goes with the table */
        call_free(env->host, c);
        return results;
    }
    c->wait.ud = c;
    c->wait.on_cancel = cancelled;
    c->waiting = true;
    han__fiber_wait(L, &c->wait);
    return lua_yield(L, 0);
}

/* ---- worlds ---- */

static int world_leave(lua_State *L)
{
    han__environment *env = luaL_checkudata(L, 1, WORLD_TYPE);
    if (env->gone) return 0;
    env->gone = true; /* its runs are closed, so no call of it is open */
    if (env->leave) env->leave(env->given.ud);
    return 0;
}

/* enter(family, task): the environment of one cell, left when it is closed or collected; or nil,
 * message, CODE. */
static int environment_enter(lua_State *L)
{
    const han__family *family = lua_touserdata(L, 1);
    han_error err = {0};
    han__buf json;
    han__environment *env = lua_newuserdatauv(L, sizeof(*env), 0);
    *env = (han__environment){.host = family->host,
                              .given = family->environment,
                              .services = LUA_NOREF,
                              .judge = family->given.judge,
                              .leave = family->given.leave,
                              .gone = true};
    luaL_setmetatable(L, WORLD_TYPE);
    han__buf_init(&json, family->host->mem, HAN__JSON_BYTES_MAX);
    int rc = han__json_encode(L, 2, &json, &err);
    const char *text = rc == HAN_OK ? han__buf_cstr(&json) : NULL;
    if (text && family->given.enter) env->given.ud = family->given.enter(family->given.ud, text);
    han__buf_release(&json);
    if (!text) {
        han__error_set(&err, HAN_NOMEM, "no memory for a world");
        return han__fail(L, &err);
    }
    if (family->given.enter && !env->given.ud) {
        han__error_set(&err, HAN_PEER, "the host made no world for a cell");
        return han__fail(L, &err);
    }
    env->gone = false;
    return 1;
}

int han__open_environment(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"call", environment_call}, {"enter", environment_enter}, {NULL, NULL}};
    static const luaL_Reg methods[] = {
        {"__gc", world_leave}, {"__close", world_leave}, {NULL, NULL}};
    luaL_newmetatable(L, WORLD_TYPE);
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}

/* ---- the host's side ---- */

struct reading {
    call *call;
    const char *text;
    han_error *err;
    int rc;
};

static int read_answer(lua_State *L)
{
    struct reading *r = lua_touserdata(L, 1);
    r->rc = han__json_push(L, r->text, strlen(r->text), r->err);
    if (r->rc == HAN_OK) r->rc = han__value_encode(L, -1, "answer", &r->call->answer, r->err);
    return 0;
}

static int read_spend(lua_State *L)
{
    struct reading *r = lua_touserdata(L, 1);
    han__run *run = han__run_of(r->call->node);
    han__amount amount;
    uint8_t mask;
    r->rc = han__budget_push(L, r->text, r->err);
    if (r->rc == HAN_OK) r->rc = han__run_amount(run, L, lua_gettop(L), &amount, &mask, r->err);
    if (r->rc == HAN_OK) r->rc = han__node_meter(r->call->node, &amount, r->err);
    return 0;
}

static int reading(han__host *host, lua_CFunction fn, struct reading *r)
{
    lua_State *L = host->harness->L;
    int top = lua_gettop(L);
    lua_pushcfunction(L, fn);
    lua_pushlightuserdata(L, r);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) r->rc = han__state_error(L, HAN_NOMEM, r->err);
    lua_settop(L, top);
    return r->rc;
}

static void finish(call *c)
{
    c->answered = true;
    if (!c->waiting) return; /* the call itself is on the stack and sees it */
    han__state_received(han__run_of(c->node)->state);
    han__wait_finish(&c->wait, push_answer, c);
    call_free(c->env->host, c);
}

static int not_open(han_error *err)
{
    return han__error_set(err, HAN_SETTLED,
                          "this call is not open: it was answered, or its run needs it no more");
}

int han__environment_answer(han__host *host, uint64_t id, const char *json, han_error *err)
{
    call *c = find(host, id);
    struct reading r = {c, json, err, HAN_OK};
    if (!c) return not_open(err);
    if (json && reading(host, read_answer, &r) != HAN_OK) return r.rc;
    finish(c);
    return HAN_OK;
}

int han__environment_refuse(han__host *host, uint64_t id, int status, const char *message)
{
    call *c = find(host, id);
    if (!c) return HAN_SETTLED;
    han__error_set(&c->err, status, "%s", message ? message : han_status_text(status));
    finish(c);
    return HAN_OK;
}

int han__environment_charge(han__host *host, uint64_t id, const char *spend, han_error *err)
{
    call *c = find(host, id);
    struct reading r = {c, spend, err, HAN_OK};
    if (!c) return not_open(err);
    if (!c->node)
        return han__error_set(err, HAN_INVALID, "nobody pays for a check or a judge of a bench");
    return reading(host, read_spend, &r);
}

/* ---- life ---- */

int han__environment_check(const han_environment *given, han_error *err)
{
    if (given->size != sizeof(*given))
        return han__error_set(err, HAN_INVALID,
                              "han_environment.size must be sizeof(han_environment)");
    if ((given->tools != NULL) != (given->tool != NULL))
        return han__error_set(err, HAN_INVALID, "tools and tool go together");
    if ((given->backends != NULL) != (given->work != NULL))
        return han__error_set(err, HAN_INVALID, "backends and work go together");
    return HAN_OK;
}

static int push_names(lua_State *L, const char *const *names)
{
    lua_newtable(L);
    for (int i = 0; names && names[i]; i++) {
        if (i == NAMES_MAX) return luaL_error(L, "more than %d names", NAMES_MAX);
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

static void set_text(lua_State *L, const char *name, const char *text)
{
    if (text) lua_pushstring(L, text), lua_setfield(L, -2, name);
}

static void set_bool(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

void han__environment_push(lua_State *L, const han_environment *given, bool capped)
{
    lua_newtable(L);
    push_names(L, given->tools);
    lua_setfield(L, -2, "tools");
    push_names(L, given->backends);
    lua_setfield(L, -2, "backends");
    set_bool(L, "check", given->check != NULL);
    set_bool(L, "observe", given->observe != NULL);
    set_bool(L, "grant", given->grant != NULL);
    set_bool(L, "capped", capped);
    set_text(L, "model", given->model);
    set_text(L, "key", given->key);
    set_text(L, "price", given->price);
}

/* require("han.embed").services(environment, offer) */
static int make_services(lua_State *L)
{
    han__environment *env = lua_touserdata(L, 1);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "han.embed");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "services");
    lua_pushlightuserdata(L, env);
    han__environment_push(L, &env->given, env->capped);
    lua_call(L, 2, 1);
    env->services = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int han__environment_open(han__host *host, const han_environment *given, bool capped,
                          han__environment **out, int *services, han_error *err)
{
    lua_State *L = host->harness->L;
    if (han__environment_check(given, err) != HAN_OK) return HAN_INVALID;
    han__environment *env = han__mem_zalloc(host->mem, 1, sizeof(*env));
    if (!env) return han__error_set(err, HAN_NOMEM, "no memory for an environment");
    env->host = host;
    env->given = *given;
    env->capped = capped;
    env->services = LUA_NOREF;
    lua_pushcfunction(L, make_services);
    lua_pushlightuserdata(L, env);
    int status = lua_pcall(L, 1, 0, 0);
    if (status != LUA_OK) {
        int rc = han__state_error(L, status == LUA_ERRMEM ? HAN_NOMEM : HAN_INVALID, err);
        han__environment_close(env);
        return rc;
    }
    env->given.tools = env->given.backends = NULL;
    env->given.model = env->given.key = env->given.price = NULL;
    *services = env->services;
    *out = env;
    return HAN_OK;
}

void han__environment_close(han__environment *env)
{
    if (!env) return;
    luaL_unref(env->host->harness->L, LUA_REGISTRYINDEX, env->services);
    han__mem_free(env->host->mem, env, sizeof(*env));
}
