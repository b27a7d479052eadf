/* Starting a bench of a host: its texts become a plan in the harness state, and a fiber there runs
 * the plan (han.embed.bench). */
#include "base/config.h"
#include "script/family.h"

#include "script/bind_environment.h"

#include <lauxlib.h>
#include <stdio.h>

/* The status with this name; HAN_INTERNAL for others. */
static int status_named(const char *name)
{
#define HAN__STATUS_NAMED(status, value, text)                                                     \
    if (name && strcmp(name, #status) == 0) return HAN_##status;
    HAN_STATUS_MAP(HAN__STATUS_NAMED)
#undef HAN__STATUS_NAMED
    return HAN_INTERNAL;
}

/* The error on top, { message =, code = } or a text. */
static int read_error(lua_State *L, han_error *err)
{
    int code = HAN_INTERNAL;
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "code");
        code = status_named(lua_tostring(L, -1));
        lua_getfield(L, -2, "message");
    }
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "internal error";
    return han__error_set(err, code, "%s", text);
}

static void bench_end(han__fiber *fiber, lua_State *co, int status, int results)
{
    han__command *command = fiber->owner;
    size_t len;
    command->fiber = NULL;
    command->ended = true;
    if (status != LUA_OK) {
        read_error(co, &command->error);
        return;
    }
    const char *text = results > 0 ? lua_tolstring(co, -results, &len) : NULL;
    if (!text || han__buf_append(command->text, text, len) != HAN_OK)
        han__error_set(&command->error, HAN_NOMEM, "no memory for the report of a bench");
}

struct starting {
    const han_family *given;
    han__family *family;
    han__command *command;
    han_error *err;
    int rc;
};

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

/* What han.embed.bench.plan reads. */
static int push_given(lua_State *L, struct starting *s)
{
    const han_family *given = s->given;
    lua_newtable(L);
    set_text(L, "name", given->name);
    set_text(L, "tasks", given->tasks);
    set_text(L, "worker", given->worker);
    set_text(L, "arms", given->arms);
    lua_pushinteger(L, (lua_Integer)(given->seed & INT64_MAX));
    lua_setfield(L, -2, "seed");
    lua_pushinteger(L, given->side ? given->side : 1);
    lua_setfield(L, -2, "side");
    if (given->wall > 0) {
        lua_pushnumber(L, given->wall);
        lua_setfield(L, -2, "wall");
    }
    int table = lua_gettop(L);
    int rc = han__budget_push(L, given->budget, s->err);
    lua_settop(L, table + 1);
    lua_setfield(L, table, "budget");
    return rc;
}

static int start_bench(lua_State *L)
{
    struct starting *s = lua_touserdata(L, 1);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "han.embed.bench");
    lua_call(L, 1, 1);
    int module = lua_gettop(L);
    lua_getfield(L, module, "plan");
    s->rc = push_given(L, s);
    if (s->rc != HAN_OK) return 0;
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        s->rc = read_error(L, s->err);
        return 0;
    }
    int plan = lua_gettop(L);
    lua_getfield(L, module, "run");
    lua_pushlightuserdata(L, s->family);
    han__environment_push(L, s->given->environment, false);
    lua_pushboolean(L, s->given->judge != NULL);
    lua_setfield(L, -2, "judge");
    lua_pushvalue(L, plan);
    s->command->fiber = han__fiber_new(s->family->host->harness, L, 3, bench_end, s->command);
    if (!s->command->fiber) return luaL_error(L, "no memory for a bench");
    han__fiber_ready(s->command->fiber);
    return 0;
}

static void keep(han__family *family, han__host *host, const han_family *given)
{
    family->host = host;
    family->given = *given;
    family->environment = *given->environment;
    family->given.name = family->given.tasks = family->given.worker = NULL;
    family->given.arms = family->given.budget = NULL;
    family->given.environment = NULL;
    family->environment.tools = family->environment.backends = NULL;
    family->environment.model = family->environment.key = family->environment.price = NULL;
}

int han__bench_start(han__host *host, const han_family *given, han__family *family,
                     han__command *command, han_error *err)
{
    lua_State *L = host->harness->L;
    struct starting s = {given, family, command, err, HAN_OK};
    int rc = han__environment_check(given->environment, err);
    if (rc != HAN_OK) return rc;
    keep(family, host, given);
    lua_pushcfunction(L, start_bench);
    lua_pushlightuserdata(L, &s);
    int status = lua_pcall(L, 1, 0, 0);
    if (status == LUA_OK) return s.rc;
    return han__state_error(L, status == LUA_ERRMEM ? HAN_NOMEM : HAN_INVALID, err);
}
