/* The border between a run's state and the harness state. A work node and a service call are both a
 * fiber of the harness state; the difference is who waits for it. Errors in harness code settle the
 * node as down with infra = false unless the error is a table with infra = true. */
#include "base/config.h"
#include "script/service.h"

#include "script/door.h"
#include "script/work.h"
#include "value/value.h"

#include <lauxlib.h>
#include <stdio.h>

typedef han__work_handle handle;
typedef han__work work;

static lua_State *harness_of(const han__run *run)
{
    return run->host->harness->L;
}

/* ---- protected doings on another state's main thread ---- */

struct crossing {
    han__run *run;
    lua_State *from;
    int profile, task, options;
    work *work;
    han_error *err;
    int rc;
};

static int copy_field(struct crossing *c, lua_State *H, int idx, const char *name)
{
    int rc = han__value_copy(c->from, idx, name, H, c->err);
    if (rc == HAN_OK) lua_setfield(H, -2, name);
    return rc;
}

static int copy_option(struct crossing *c, lua_State *H, const char *name)
{
    int rc = HAN_OK;
    if (!c->options) return HAN_OK;
    lua_getfield(c->from, c->options, name);
    if (!lua_isnil(c->from, -1)) rc = copy_field(c, H, lua_gettop(c->from), name);
    lua_pop(c->from, 1);
    return rc;
}

/* Pushes services[outer] (or services when NULL) field `name`; nil when it is not there. */
static void push_service(lua_State *H, const han__run *run, const char *outer, const char *name)
{
    lua_rawgeti(H, LUA_REGISTRYINDEX, run->services);
    if (outer && lua_istable(H, -1)) {
        lua_getfield(H, -1, outer);
        lua_remove(H, -2);
    }
    if (!lua_istable(H, -1)) {
        lua_pop(H, 1);
        lua_pushnil(H);
        return;
    }
    lua_getfield(H, -1, name);
    lua_remove(H, -2);
}

static int cross_work(lua_State *H)
{
    struct crossing *c = lua_touserdata(H, 1);
    lua_getfield(c->from, c->profile, "backend");
    const char *backend = lua_tostring(c->from, -1);
    push_service(H, c->run, "backends", backend);
    if (!lua_isfunction(H, -1))
        c->rc =
            han__error_set(c->err, HAN_UNKNOWN_AGENT,
                           "no backend '%.60s' here; backends of this run come from its adapter "
                           "(han script FILE --adapter NAME)",
                           backend);
    lua_pop(c->from, 1);
    if (c->rc != HAN_OK) return 0;
    lua_newtable(H);
    c->rc = copy_field(c, H, c->profile, "profile");
    if (c->rc == HAN_OK) c->rc = copy_field(c, H, c->task, "task");
    if (c->rc == HAN_OK) c->rc = copy_option(c, H, "steer");
    if (c->rc == HAN_OK) c->rc = copy_option(c, H, "from");
    if (c->rc == HAN_OK) c->work->args_ref = luaL_ref(H, LUA_REGISTRYINDEX);
    return 0;
}

int han__work_new(han__run *run, lua_State *L, int profile, int task, int options, void **out,
                  han_error *err)
{
    lua_State *H = harness_of(run);
    int top = lua_gettop(H);
    if (run->services == LUA_NOREF)
        return han__error_set(err, HAN_UNKNOWN_AGENT,
                              "profiles need a harness; run this with --adapter");
    work *w = han__mem_zalloc(run->host->mem, 1, sizeof(*w));
    if (!w) return han__error_set(err, HAN_NOMEM, "no memory for a worker");
    w->args_ref = w->handle_ref = LUA_NOREF;
    struct crossing c = {run, L, profile, task, options, w, err, HAN_OK};
    lua_pushcfunction(H, cross_work);
    lua_pushlightuserdata(H, &c);
    if (lua_pcall(H, 1, 0, 0) != LUA_OK)
        c.rc = han__error_set(err, HAN_NOMEM, "the harness is out of memory");
    lua_settop(H, top);
    if (c.rc != HAN_OK) {
        han__work_drop(run, w);
        return c.rc;
    }
    *out = w;
    return HAN_OK;
}

void han__work_drop(han__run *run, void *p)
{
    lua_State *H = harness_of(run);
    work *w = p;
    if (w->handle) w->handle->node = NULL;
    luaL_unref(H, LUA_REGISTRYINDEX, w->args_ref);
    luaL_unref(H, LUA_REGISTRYINDEX, w->handle_ref);
    han__mem_free(run->host->mem, w, sizeof(*w));
}

/* ---- the work backend ---- */

static handle *push_handle(lua_State *H, han__node *node, int *ref)
{
    handle *h = lua_newuserdatauv(H, sizeof(*h), 0);
    *h = (handle){.node = node, .run = han__run_of(node)};
    luaL_setmetatable(H, HAN__WORK_TYPE);
    lua_pushvalue(H, -1);
    *ref = luaL_ref(H, LUA_REGISTRYINDEX);
    return h;
}

struct taking {
    lua_State *from;
    han__node *node;
    work *work;
    han__settle how;
    han_error err;
    int rc;
};

/* What journal and key need of the result on top of L. The journal holds the name of the answer
 * where the harness has one, and the whole result else. */
static int note_result(lua_State *L, struct taking *t)
{
    han__run *run = han__run_of(t->node);
    han__buf *buf = &run->scratch;
    size_t named = 0;
    int rc = HAN_OK;
    han__buf_reset(buf);
    bool answer = lua_getfield(L, -1, "answer") == LUA_TSTRING;
    if (run->scribe && answer) rc = han__value_encode(L, -1, "answer", buf, &t->err);
    lua_pop(L, 1);
    named = buf->len;
    if (rc == HAN_OK && (t->node->key || (run->scribe && !answer)))
        rc = han__value_encode(L, -1, "result", buf, &t->err);
    if (rc != HAN_OK) return rc;
    t->how.bytes = buf->data;
    t->how.len = named ? named : buf->len;
    if (t->node->key) {
        t->how.given = buf->data + named;
        t->how.given_len = buf->len - named;
    }
    return HAN_OK;
}

/* In the run's state: keeps the worker's result {out=, out_ref=, verdict=} as the node's. */
static int take_result(lua_State *L)
{
    struct taking *t = lua_touserdata(L, 1);
    t->rc = han__value_copy(t->from, lua_gettop(t->from), "result", L, &t->err);
    if (t->rc == HAN_OK) t->rc = note_result(L, t);
    if (t->rc == HAN_OK) t->node->result = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

/* Reads a string field of the table on top of H. */
static void text_field(lua_State *H, const char *name, char *out, size_t cap)
{
    out[0] = '\0';
    lua_pushstring(H, name);
    lua_rawget(H, -2);
    if (lua_type(H, -1) == LUA_TSTRING) snprintf(out, cap, "%s", lua_tostring(H, -1));
    lua_pop(H, 1);
}

static const struct {
    const char *name;
    int code;
} statuses[] = {
#define STATUS(name, value, text) {#name, value},
    HAN_STATUS_MAP(STATUS)
#undef STATUS
};

static void settle_failed(han__node *node, lua_State *H)
{
    char text[400], where[112];
    han__settle how = {.outcome = HAN__DOWN, .code = HAN_SCRIPT, .reason = text, .where = where};
    han__where(H, where, sizeof(where));
    if (lua_istable(H, -1)) {
        char code[32];
        text_field(H, "message", text, sizeof(text));
        text_field(H, "code", code, sizeof(code));
        for (size_t i = 0; i < HAN__COUNT(statuses); i++)
            if (strcmp(code, statuses[i].name) == 0) how.code = statuses[i].code;
        how.infra = how.code == HAN_PEER;
    } else {
        snprintf(text, sizeof(text), "%s",
                 lua_type(H, -1) == LUA_TSTRING ? lua_tostring(H, -1) : "the worker failed");
    }
    han__node_settle(node, &how);
}

static void work_end(han__fiber *fiber, lua_State *H, int status, int results)
{
    han__node *node = fiber->owner;
    han__run *run = han__run_of(node);
    struct taking t = {H, node, node->work, {.outcome = HAN__DONE}, {0}, HAN_OK};
    t.work->fiber = NULL;
    if (status != LUA_OK) {
        settle_failed(node, H);
        return;
    }
    if (results > 0 && !lua_isnil(H, -results)) {
        lua_State *L = run->state->L;
        lua_settop(H, lua_gettop(H) - results + 1);
        lua_pushcfunction(L, take_result);
        lua_pushlightuserdata(L, &t);
        if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
            lua_pop(L, 1);
            t.rc = han__error_set(&t.err, HAN_NOMEM, "no memory for the worker's result");
        }
    }
    if (t.rc != HAN_OK)
        t.how = (han__settle){.outcome = HAN__DOWN, .code = t.rc, .reason = t.err.message};
    han__node_settle(node, &t.how);
}

/* In H: pushes backend, ctx, arguments and makes the fiber. */
static int start_work(lua_State *H)
{
    han__node *node = lua_touserdata(H, 1);
    han__run *run = han__run_of(node);
    work *w = node->work;
    lua_rawgeti(H, LUA_REGISTRYINDEX, w->args_ref);
    int args = lua_gettop(H);
    lua_getfield(H, args, "profile");
    lua_getfield(H, -1, "backend");
    push_service(H, run, "backends", lua_tostring(H, -1));
    w->handle = push_handle(H, node, &w->handle_ref);
    lua_pushvalue(H, args);
    w->fiber = han__fiber_new(run->host->harness, H, 2, work_end, node);
    if (!w->fiber) return luaL_error(H, "no memory for a fiber");
    return 0;
}

static void work_turn(han__node *node, int why)
{
    han__run *run = han__run_of(node);
    lua_State *H = harness_of(run);
    work *w = node->work;
    if (why != HAN__TURN_START) {
        han__wait_finish_here(&w->wait, 0);
        return;
    }
    lua_pushcfunction(H, start_work);
    lua_pushlightuserdata(H, node);
    if (lua_pcall(H, 1, 0, 0) != LUA_OK) {
        han__settle how = {
            .outcome = HAN__DOWN, .code = HAN_NOMEM, .reason = "no memory for a worker"};
        lua_pop(H, 1);
        han__node_settle(node, &how);
        return;
    }
    han__fiber_ready(w->fiber);
}

static void work_cancel(han__node *node)
{
    work *w = node->work;
    if (w->fiber) han__fiber_kill(w->fiber);
    w->fiber = NULL;
}

static void work_release(han__node *node)
{
    han__run *run = han__run_of(node);
    if (node->result) luaL_unref(run->state->L, LUA_REGISTRYINDEX, (int)node->result);
    node->result = 0;
    if (node->work) han__work_drop(run, node->work);
    node->work = NULL;
}

const han__backend han__work_backend = {"work", true, true, work_turn, work_cancel, work_release};

/* ---- service calls ---- */

typedef struct call {
    han__wait wait; /* of the run's fiber */
    han__run *run;
    han__node *node;
    lua_State *from; /* where the arguments lie, while starting */
    int args;
    const char *name;
    han__fiber *fiber; /* in H; NULL once it ended */
    int handle_ref;
    handle *handle;
    bool started, answered;
    int results; /* on the run's main thread, when answered before anyone waits */
    han_error err;
} call;

static void call_free(call *c)
{
    if (c->handle) c->handle->node = NULL;
    luaL_unref(harness_of(c->run), LUA_REGISTRYINDEX, c->handle_ref);
    han__mem_free(c->run->host->mem, c, sizeof(*c));
}

/* The run's fiber was killed while the harness works for it. */
static void call_cancelled(han__wait *wait)
{
    call *c = wait->ud;
    if (c->fiber) han__fiber_kill(c->fiber);
    call_free(c);
}

/* In the run's state: pushes copies of the harness fiber's results. */
static int push_results(lua_State *L, void *ud)
{
    call *c = ud;
    lua_State *H = c->from;
    if (c->err.code) {
        lua_pushboolean(L, false);
        lua_pushstring(L, c->err.message);
        return 2;
    }
    lua_pushboolean(L, true);
    for (int i = c->results; i > 0; i--)
        if (han__value_copy(H, lua_gettop(H) - i + 1, c->name, L, &c->err))
            return luaL_error(L, "%s", c->err.message);
    return c->results + 1;
}

static void call_end(han__fiber *fiber, lua_State *H, int status, int results)
{
    call *c = fiber->owner;
    c->fiber = NULL;
    c->from = H;
    c->results = results;
    c->answered = true;
    if (status != LUA_OK)
        han__error_set(&c->err, HAN_SCRIPT, "%s: %s", c->name,
                       lua_type(H, -1) == LUA_TSTRING ? lua_tostring(H, -1) : "the harness failed");
    if (!c->started) return;
    han__wait_finish(&c->wait, push_results, c);
    call_free(c);
}

static int start_call(lua_State *H)
{
    call *c = lua_touserdata(H, 1);
    push_service(H, c->run, NULL, c->name);
    if (!lua_isfunction(H, -1)) return 0;
    c->handle = push_handle(H, c->node, &c->handle_ref);
    for (int i = c->args; i > 0; i--)
        if (han__value_copy(c->from, lua_gettop(c->from) - i + 1, "argument", H, &c->err)) return 0;
    c->fiber = han__fiber_new(c->run->host->harness, H, c->args + 1, call_end, c);
    return 0;
}

static int call_answered(lua_State *L, int status, lua_KContext ctx)
{
    int base = (int)ctx;
    HAN__UNUSED(status);
    if (lua_toboolean(L, base + 1)) return lua_gettop(L) - base - 1;
    return luaL_error(L, "%s", lua_tostring(L, base + 2));
}

int han__service_call(lua_State *L, han__run *run, han__node *node, const char *name, int args)
{
    han__state *state = run->state;
    lua_State *H = run->services == LUA_NOREF ? NULL : harness_of(run);
    int base = lua_gettop(L);
    if (!H) return 0;
    call *c = han__mem_zalloc(run->host->mem, 1, sizeof(*c));
    if (!c) return luaL_error(L, "no memory for a call of the harness");
    *c = (call){
        .run = run, .node = node, .from = L, .args = args, .name = name, .handle_ref = LUA_NOREF};
    c->wait.ud = c;
    c->wait.on_cancel = call_cancelled;
    int top = lua_gettop(H);
    lua_pushcfunction(H, start_call);
    lua_pushlightuserdata(H, c);
    int status = lua_pcall(H, 1, 0, 0);
    lua_settop(H, top);
    if (status != LUA_OK || !c->fiber) {
        han_error err = c->err;
        call_free(c);
        if (status != LUA_OK) return luaL_error(L, "%s: the harness is out of memory", name);
        return err.code ? luaL_error(L, "%s", err.message) : 0;
    }
    c->started = true;
    han__fiber_wait(L, &c->wait);
    han__fiber_ready(c->fiber);
    state->engine_yield = true;
    return lua_yieldk(L, 0, (lua_KContext)base, call_answered);
}
