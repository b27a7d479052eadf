/* The public face: argument checks, JSON at the border, and the life of public runs. */
#include "base/config.h"
#include "engine.h"

#include "loop/loop.h"
#include "script/bind_json.h"
#include "script/host.h"
#include "script/value.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#define WAIT_SLICE_US 5000

int han_open(const han_options *options, han_engine **out, han_error *err)
{
    han__error_clear(err);
    if (!options || options->size != sizeof(*options) || !out)
        return han__error_set(err, HAN_INVALID, "han_options.size must be sizeof(han_options)");
    return han__engine_open(options, out, err);
}

void han_close(han_engine *engine)
{
    if (engine && !engine->stepping) han__engine_close(engine);
}

/* ---- starting a program ---- */

/* "shots=4,evals=1000" into {shots = 4, evals = 1000} on top of L. */
static int push_budget(lua_State *L, const char *text, han_error *err)
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
    if (p->rc == HAN_OK) p->rc = push_budget(L, p->program->budget, p->err);
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

static struct han_run *new_run(han_engine *engine)
{
    struct han_run *run = han__mem_zalloc(&engine->mem, 1, sizeof(*run));
    if (!run) return NULL;
    run->engine = engine;
    han__buf_init(&run->json, &engine->mem, HAN__JSON_BYTES_MAX);
    run->next = engine->runs;
    engine->runs = run;
    return run;
}

static int check_program(const han_program *program, han_error *err)
{
    if (!program || program->size != sizeof(*program))
        return han__error_set(err, HAN_INVALID, "han_program.size must be sizeof(han_program)");
    if (!program->source || !program->name)
        return han__error_set(err, HAN_INVALID, "a program needs source and name");
    if (!(program->wall >= 0 && program->wall < 1e9))
        return han__error_set(err, HAN_INVALID, "wall must be seconds, 0 or more");
    return HAN_OK;
}

static int open_program(han_engine *engine, const han_program *program, struct han_run *run,
                        han_error *err)
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
                                .max_steps = program->max_steps,
                                .max_bytes = program->max_bytes,
                                .services = LUA_NOREF};
    struct preparing p = {program, &options, &task, err, HAN_OK};
    han__buf_init(&task, &engine->mem, HAN__VALUE_BYTES_MAX);
    int rc = guarded(engine->host.harness->L, prepare, &p, &p.rc, err);
    options.task = task.data;
    options.task_len = task.len;
    if (rc == HAN_OK) rc = han__run_open(&engine->host, &options, &run->run, err);
    han__buf_release(&task);
    return rc;
}

int han_start(han_engine *engine, const han_program *program, han_run **out, han_error *err)
{
    han__error_clear(err);
    if (!engine || !out) return han__error_set(err, HAN_INVALID, "no engine");
    int rc = check_program(program, err);
    if (rc != HAN_OK) return rc;
    struct han_run *run = new_run(engine);
    if (!run) return han__error_set(err, HAN_NOMEM, "no memory for a run");
    rc = open_program(engine, program, run, err);
    if (rc != HAN_OK) {
        han_release(run);
        return rc;
    }
    *out = run;
    return HAN_OK;
}

/* ---- commands ---- */

static void command_end(han__fiber *fiber, lua_State *co, int status, int results)
{
    struct han_run *run = fiber->owner;
    run->command = NULL;
    run->ended = true;
    if (status != LUA_OK) {
        run->exit_code = 70;
        han__error_set(&run->error, HAN_INTERNAL, "%s",
                       lua_type(co, -1) == LUA_TSTRING ? lua_tostring(co, -1) : "internal error");
        return;
    }
    run->exit_code = results > 0 ? (int)lua_tointeger(co, -results) : 0;
}

struct commanding {
    struct han_run *run;
    int argc;
    const char *const *argv;
    int rc;
};

static int start_command(lua_State *L)
{
    struct commanding *c = lua_touserdata(L, 1);
    luaL_loadstring(L, "return require('han.cli.main')(...)");
    lua_createtable(L, c->argc, 0);
    for (int i = 0; i < c->argc; i++) {
        lua_pushstring(L, c->argv[i]);
        lua_rawseti(L, -2, i + 1);
    }
    c->run->command = han__fiber_new(c->run->engine->host.harness, L, 1, command_end, c->run);
    if (!c->run->command) return luaL_error(L, "no memory for a command");
    han__fiber_ready(c->run->command);
    return 0;
}

int han_command(han_engine *engine, int argc, const char *const *argv, han_run **out,
                han_error *err)
{
    han__error_clear(err);
    if (!engine || !out || argc < 0) return han__error_set(err, HAN_INVALID, "no engine");
    for (struct han_run *r = engine->runs; r; r = r->next)
        if (r->command) return han__error_set(err, HAN_MISUSE, "a command runs already");
    struct han_run *run = new_run(engine);
    if (!run) return han__error_set(err, HAN_NOMEM, "no memory for a command");
    run->is_command = true;
    struct commanding c = {run, argc, argv, HAN_OK};
    int rc = guarded(engine->host.harness->L, start_command, &c, &c.rc, err);
    if (rc != HAN_OK) {
        han_release(run);
        return rc;
    }
    *out = run;
    return HAN_OK;
}

/* ---- turning ---- */

int han_step(han_engine *engine, uint64_t max_us)
{
    if (!engine || engine->stepping) return HAN_MISUSE;
    engine->stepping = true;
    han__engine_attend(engine);
    int rc = han__host_step(&engine->host, max_us);
    engine->stepping = false;
    return rc;
}

int han_wait(han_engine *engine, uint32_t timeout_ms)
{
    int rc = han_step(engine, WAIT_SLICE_US);
    if (rc != 0) return rc;
    int limit = han__host_timeout_ms(&engine->host);
    if (limit >= 0 && (uint32_t)limit < timeout_ms) timeout_ms = (uint32_t)limit;
    engine->stepping = true;
    rc = han__loop_run_once(engine->host.loop, timeout_ms);
    engine->stepping = false;
    return rc < 0 ? rc : 1;
}

int han_fd(const han_engine *engine)
{
    return han__loop_fd(engine->host.loop);
}
int han_timeout(const han_engine *engine)
{
    return han__host_timeout_ms(&engine->host);
}
void han_wakeup(han_engine *engine)
{
    han__loop_wakeup(engine->host.loop);
}

/* ---- results ---- */

int han_done(const han_run *run)
{
    return run->run ? run->run->told_end : run->ended;
}

struct rendering {
    struct han_run *run;
    int rc;
};

static int render(lua_State *L)
{
    struct rendering *r = lua_touserdata(L, 1);
    const han__buf *bytes = &r->run->run->result;
    size_t used;
    r->rc = han__value_decode(L, bytes->data, bytes->len, &used, &r->run->error);
    if (r->rc == HAN_OK) r->rc = han__json_encode(L, -1, &r->run->json, &r->run->error);
    return 0;
}

static int render_result(struct han_run *run)
{
    struct rendering r = {run, HAN_OK};
    if (run->json.len > 0) return HAN_OK;
    if (!run->run || run->run->result.len == 0) return han__buf_text(&run->json, "null");
    return guarded(run->engine->host.harness->L, render, &r, &r.rc, &run->error);
}

static void fill_spend(han_result *result, const han__node *root)
{
    han__amount spend = han__node_spend(root);
    result->tokens = spend.v[HAN__TOKENS];
    result->nano_usd = spend.v[HAN__NANO_USD];
    result->shots = spend.v[HAN__SHOTS];
    result->turns = spend.v[HAN__TURNS];
    result->evals = spend.v[HAN__EVALS];
    result->over = root->over;
}

int han_get_result(han_run *run, han_result *result)
{
    memset(result, 0, sizeof(*result));
    if (!han_done(run)) return HAN_MISUSE;
    int rc = render_result(run);
    result->json = han__buf_cstr(&run->json);
    if (!result->json) rc = HAN_NOMEM;
    result->exit_code = run->exit_code;
    if (run->run) {
        const han__node *root = han__tree_root(run->run->tree);
        fill_spend(result, root);
        if (root->outcome == HAN__DOWN)
            han__error_at(&run->error, root->code, root->where, "%s",
                          root->reason ? root->reason : han_status_text(root->code));
    }
    result->error = run->error;
    result->status = run->error.code;
    return rc;
}

void han_cancel(han_run *run)
{
    run->cancel++;
    han_wakeup(run->engine);
}

void han_release(han_run *run)
{
    if (!run || run->engine->stepping) return;
    han_engine *engine = run->engine;
    for (struct han_run **link = &engine->runs; *link; link = &(*link)->next)
        if (*link == run) {
            *link = run->next;
            break;
        }
    if (run->command) han__fiber_kill(run->command);
    if (run->run) han__run_close(run->run);
    han__buf_release(&run->json);
    han__mem_free(&engine->mem, run, sizeof(*run));
}
