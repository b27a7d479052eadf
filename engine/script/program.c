/* Programs, results and commands at the border to a host: text in, text out. All Lua work is done
 * in protected calls of the harness state. */
#include "base/config.h"
#include "script/program.h"

#include "script/bind_environment.h"
#include "script/bind_json.h"
#include "value/value.h"

#include <lauxlib.h>
#include <stdlib.h>

int han__budget_push(lua_State *L, const char *text, han_error *err)
{
    lua_newtable(L);
    while (text && *text) {
        char *end;
        size_t name = strcspn(text, "=,");
        if (name == 0 || text[name] != '=')
            return han__error_set(err, HAN_INVALID, "budget: '%.40s' is not channel=amount", text);
        lua_pushlstring(L, text, name);
        long long amount = strtoll(text + name + 1, &end, 10);
        if (end == text + name + 1 || (*end && *end != ',') || amount < 0)
            return han__error_set(err, HAN_INVALID, "budget: '%.40s' is not a whole amount", text);
        lua_pushinteger(L, amount);
        lua_settable(L, -3);
        text = *end ? end + 1 : end;
    }
    return HAN_OK;
}

struct preparing {
    const han_program *program;
    han__run_options *options;
    han__buf *task;
    han_error *err;
    int rc;
};

/* In the harness state: JSON to plain bytes, the budget to amounts. */
static int prepare(lua_State *L)
{
    struct preparing *p = lua_touserdata(L, 1);
    const char *json = p->program->task ? p->program->task : "{}";
    han__run no_names = {0};
    uint8_t declared = 0;
    p->rc = han__json_push(L, json, strlen(json), p->err);
    if (p->rc == HAN_OK) p->rc = han__value_encode(L, -1, "task", p->task, p->err);
    if (p->rc == HAN_OK) p->rc = han__budget_push(L, p->program->budget, p->err);
    if (p->rc == HAN_OK)
        p->rc =
            han__run_amount(&no_names, L, lua_gettop(L), &p->options->ceiling, &declared, p->err);
    p->options->undeclared = (uint8_t)~declared;
    return 0;
}

static int guarded(lua_State *L, lua_CFunction fn, void *ud, int *rc, han_error *err)
{
    lua_pushcfunction(L, fn);
    lua_pushlightuserdata(L, ud);
    if (lua_pcall(L, 1, 0, 0) == LUA_OK) return *rc;
    return han__state_error(L, HAN_NOMEM, err);
}

int han__program_open(han__host *host, const han_program *program, han__run **out, han_error *err)
{
    han__buf task;
    han__run_options options = {.source = program->source,
                                .source_len = program->source_len ? program->source_len
                                                                  : strlen(program->source),
                                .name = program->name,
                                .seed = program->seed,
                                .wall_ns = (uint64_t)(program->wall * 1e9),
                                .max_depth = program->max_depth,
                                .max_live = program->max_live,
                                .live = program->environment != NULL, /* in the order of answers */
                                .max_steps = program->max_steps,
                                .max_bytes = program->max_bytes,
                                .services = LUA_NOREF};
    struct preparing p = {program, &options, &task, err, HAN_OK};
    han__buf_init(&task, host->mem, HAN__VALUE_BYTES_MAX);
    int rc = guarded(host->harness->L, prepare, &p, &p.rc, err);
    options.task = task.data;
    options.task_len = task.len;
    han__environment *env = NULL;
    if (rc == HAN_OK && program->environment)
        rc = han__environment_open(host, program->environment,
                                   !(options.undeclared & 1u << HAN__NANO_USD), &env,
                                   &options.services, err);
    if (rc == HAN_OK) rc = han__run_open(host, &options, out, err);
    if (rc == HAN_OK)
        (*out)->environment = env;
    else
        han__environment_close(env);
    han__buf_release(&task);
    return rc;
}

/* ---- results ---- */

struct rendering {
    const han__run *run;
    han__buf *json;
    han_error *err;
    int rc;
};

static int render(lua_State *L)
{
    struct rendering *r = lua_touserdata(L, 1);
    size_t used;
    r->rc = han__value_decode(L, r->run->result.data, r->run->result.len, &used, r->err);
    if (r->rc == HAN_OK) r->rc = han__json_encode(L, -1, r->json, r->err);
    return 0;
}

int han__program_result(const han__run *run, han__buf *json, han_error *err)
{
    struct rendering r = {run, json, err, HAN_OK};
    if (run->result.len == 0) return han__buf_text(json, "null");
    return guarded(run->host->harness->L, render, &r, &r.rc, err);
}

/* ---- commands ---- */

static void command_end(han__fiber *fiber, lua_State *co, int status, int results)
{
    han__command *command = fiber->owner;
    command->fiber = NULL;
    command->ended = true;
    if (status != LUA_OK) {
        command->exit_code = 70;
        han__error_set(&command->error, HAN_INTERNAL, "%s",
                       lua_type(co, -1) == LUA_TSTRING ? lua_tostring(co, -1) : "internal error");
        return;
    }
    command->exit_code = results > 0 ? (int)lua_tointeger(co, -results) : 0;
}

struct commanding {
    han__host *host;
    han__command *command;
    int argc;
    const char *const *argv;
    int rc;
};

static int start_command(lua_State *L)
{
    struct commanding *c = lua_touserdata(L, 1);
    if (luaL_loadstring(L, "return require('han.cli.main')(...)") != LUA_OK) return lua_error(L);
    lua_createtable(L, c->argc, 0);
    for (int i = 0; i < c->argc; i++) {
        lua_pushstring(L, c->argv[i]);
        lua_rawseti(L, -2, i + 1);
    }
    c->command->fiber = han__fiber_new(c->host->harness, L, 1, command_end, c->command);
    if (!c->command->fiber) return luaL_error(L, "no memory for a command");
    han__fiber_ready(c->command->fiber);
    return 0;
}

int han__command_start(han__host *host, int argc, const char *const *argv, han__command *command,
                       han_error *err)
{
    struct commanding c = {host, command, argc, argv, HAN_OK};
    return guarded(host->harness->L, start_command, &c, &c.rc, err);
}

void han__command_stop(han__command *command)
{
    if (command->fiber) han__fiber_kill(command->fiber);
    command->fiber = NULL;
}
