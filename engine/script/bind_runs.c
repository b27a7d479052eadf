/* Module han.runs (harness): starting runs in this process and waiting for their end. */
#include "base/config.h"
#include "script/run.h"

#include "base/hash.h"
#include "base/rng.h"
#include "script/agent.h"
#include "script/bind_store.h"
#include "script/push.h"
#include "script/record.h"
#include "script/scribe.h"
#include "value/value.h"

#include <lauxlib.h>
#include <stdio.h>

#define RUN_TYPE     "han.run"
#define LOAD_SECONDS 5

typedef struct handle {
    han__run *run; /* NULL once closed */
    han__record *record;
    han__wait wait;
    int services; /* reference in the harness state */
    int db;       /* the same: the store of its journal */
    int *db_users;
    han__wait rows; /* of who takes the rows of a journal without a store */
    bool rows_wanted;
} handle;

/* ---- outcome ---- */

static const char *const statuses[] = {"live", "done", "down", "question"};

static void set_text(lua_State *L, const char *field, const char *text)
{
    if (!text || !text[0]) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

static void push_result(lua_State *L, const han__run *run)
{
    han_error err = {0};
    size_t used;
    if (run->result.len == 0) return;
    if (han__value_decode(L, run->result.data, run->result.len, &used, &err))
        luaL_error(L, "%s", err.message);
    lua_setfield(L, -2, "result");
}

/* What the journal has against it overrides how it ended. */
static bool push_stopped(lua_State *L, const han__run *run)
{
    const han_error *failure = run->scribe ? han__scribe_failure(run->scribe) : NULL;
    if (!failure) return false;
    set_text(L, "status", "down");
    set_text(L, "code", han_status_name(failure->code));
    set_text(L, "message", failure->message);
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "stopped");
    lua_pushnil(L);
    lua_setfield(L, -2, "result");
    return true;
}

static void push_failure(lua_State *L, const han__node *root)
{
    if (root->outcome != HAN__DOWN) return;
    set_text(L, "code", han_status_name(root->code));
    set_text(L, "message", root->reason ? root->reason : han_status_text(root->code));
    set_text(L, "where", root->where);
    lua_pushboolean(L, root->infra);
    lua_setfield(L, -2, "infra");
}

static int push_outcome(lua_State *L, void *ud)
{
    handle *h = ud;
    han__run *run = h->run;
    const han__node *root = han__tree_root(run->tree);
    han__amount spend = han__node_spend(root);
    lua_createtable(L, 0, 10);
    set_text(L, "status", statuses[root->outcome]);
    push_result(L, run);
    if (!push_stopped(L, run)) push_failure(L, root);
    if (run->scribe) {
        lua_pushinteger(L, (lua_Integer)han__scribe_replayed(run->scribe));
        lua_setfield(L, -2, "replayed");
    }
    han__run_push_amount(run, L, &spend);
    lua_setfield(L, -2, "spend");
    lua_pushboolean(L, root->over);
    lua_setfield(L, -2, "over");
    lua_pushinteger(L, han__tree_best(run->tree));
    lua_setfield(L, -2, "best");
    lua_pushinteger(L, (lua_Integer)han__tree_spawned(run->tree));
    lua_setfield(L, -2, "spawned");
    lua_pushnumber(L, (double)(run->ended_ns - run->started_ns) / 1e9);
    lua_setfield(L, -2, "seconds");
    if (h->record) {
        han__record_push_nodes(h->record, L);
        lua_setfield(L, -2, "nodes");
        han__record_push_decisions(h->record, L);
        lua_setfield(L, -2, "decisions");
        lua_pushinteger(L, (lua_Integer)han__record_dropped(h->record));
        lua_setfield(L, -2, "nodes_dropped");
    }
    return 1;
}

static void on_end(han__run *run, void *ud)
{
    handle *h = ud;
    HAN__UNUSED(run);
    han__wait_finish(&h->wait, push_outcome, h);
}

/* ---- start ---- */

static const char *text_option(lua_State *L, const char *field, size_t *len)
{
    if (lua_getfield(L, 1, field) != LUA_TSTRING)
        luaL_error(L, "runs: %s must be a string, got %s", field, luaL_typename(L, -1));
    const char *text = lua_tolstring(L, -1, len);
    lua_pop(L, 1);
    return text;
}

static lua_Integer integer_option(lua_State *L, const char *field, lua_Integer least,
                                  lua_Integer most)
{
    int exact = 0;
    if (lua_getfield(L, 1, field) == LUA_TNIL) {
        lua_pop(L, 1);
        return 0;
    }
    lua_Integer n = lua_tointegerx(L, -1, &exact);
    if (!exact || n < least || n > most)
        luaL_error(L, "runs: %s must be a whole number from %d to %d", field, (int)least,
                   (int)most);
    lua_pop(L, 1);
    return n;
}

static void read_names(lua_State *L, han__run_options *options)
{
    int used = 0;
    if (lua_getfield(L, 1, "budget") != LUA_TTABLE) {
        lua_pop(L, 1);
        return;
    }
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        if (!name[0] || han__channel_find(name) >= 0) continue;
        if (used == HAN__NAMED_CHANNELS || strlen(name) >= sizeof(options->named[0]))
            luaL_error(L, "runs: at most 3 named resources of at most 31 letters each");
        snprintf(options->named[used++], sizeof(options->named[0]), "%s", name);
    }
    lua_pop(L, 1);
}

static void read_budget(lua_State *L, han__run_options *options)
{
    han__run names = {0};
    uint8_t declared = 0;
    han_error err = {0};
    read_names(L, options);
    memcpy(names.named, options->named, sizeof(names.named));
    if (lua_getfield(L, 1, "budget") != LUA_TNIL) {
        if (!lua_istable(L, -1)) luaL_error(L, "runs: budget must be a table");
        if (han__run_amount(&names, L, lua_gettop(L), &options->ceiling, &declared, &err))
            han__throw(L, &err);
    }
    lua_pop(L, 1);
    options->undeclared = (uint8_t)~declared;
}

static void read_wall(lua_State *L, han__run_options *options)
{
    if (lua_getfield(L, 1, "wall") != LUA_TNIL) {
        double wall = luaL_checknumber(L, -1);
        if (!(wall > 0 && wall < 1e9)) luaL_error(L, "runs: wall must be positive seconds");
        options->wall_ns = (uint64_t)(wall * 1e9);
    }
    lua_pop(L, 1);
}

static void read_options(lua_State *L, han__run_options *options)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    options->source = text_option(L, "source", &options->source_len);
    options->name = text_option(L, "chunkname", NULL);
    options->max_depth = (uint32_t)integer_option(L, "max_depth", 1, 100000);
    options->max_live = (uint32_t)integer_option(L, "max_live", 1, 100000000);
    options->max_steps = (uint64_t)integer_option(L, "max_steps", 1, INT64_MAX);
    options->max_bytes = (size_t)integer_option(L, "max_bytes", 1 << 20, INT64_MAX);
    lua_getfield(L, 1, "untrusted");
    options->untrusted = lua_toboolean(L, -1);
    lua_getfield(L, 1, "live");
    options->live = lua_toboolean(L, -1);
    lua_pop(L, 1);
    lua_getfield(L, 1, "seed");
    options->seed = (uint64_t)luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    read_budget(L, options);
    read_wall(L, options);
}

static int open_run(lua_State *L, han__run_options *options, han__run **run, han_error *err)
{
    han__buf task;
    han__host *host = han__state_of(L)->host;
    han__buf_init(&task, host->mem, HAN__VALUE_BYTES_MAX);
    lua_getfield(L, 1, "task");
    int rc = lua_isnil(L, -1) ? HAN_OK : han__value_encode(L, -1, "task", &task, err);
    lua_pop(L, 1);
    if (task.len > 0) {
        options->task = task.data;
        options->task_len = task.len;
    }
    if (rc == HAN_OK) rc = han__run_open(host, options, run, err);
    han__buf_release(&task);
    return rc;
}

/* The run goes: by its handle, or with the engine while the handle still waits to be collected. */
static void on_close(void *ud)
{
    handle *h = ud;
    if (h->record) han__record_close(h->record);
    h->record = NULL;
    h->run = NULL;
    if (h->db_users) --*h->db_users;
    h->db_users = NULL;
}

static int runs_start(lua_State *L)
{
    han__run_options options = {.services = LUA_NOREF};
    han_error err = {0};
    read_options(L, &options);
    handle *h = lua_newuserdatauv(L, sizeof(*h), 0);
    *h = (handle){.services = LUA_NOREF, .db = LUA_NOREF};
    luaL_setmetatable(L, RUN_TYPE);
    if (lua_getfield(L, 1, "services") == LUA_TTABLE)
        options.services = h->services = luaL_ref(L, LUA_REGISTRYINDEX);
    else
        lua_pop(L, 1);
    if (open_run(L, &options, &h->run, &err)) return han__fail(L, &err);
    h->run->on_end = on_end;
    h->run->on_end_ud = h;
    h->run->on_close = on_close;
    h->run->on_close_ud = h;
    h->wait.ud = h->rows.ud = h;
    lua_getfield(L, 1, "record");
    if (lua_toboolean(L, -1) && han__record_open(h->run, &h->record))
        return luaL_error(L, "no memory for a record");
    lua_pop(L, 1);
    return 1;
}

static handle *check_run(lua_State *L)
{
    handle *h = luaL_checkudata(L, 1, RUN_TYPE);
    if (!h->run) luaL_error(L, "this run is closed");
    return h;
}

static const char *text_field(lua_State *L, const char *name)
{
    lua_getfield(L, 2, name);
    const char *text = luaL_checkstring(L, -1);
    lua_pop(L, 1); /* the table keeps it alive */
    return text;
}

/* Rows of a journal without a store, for who sends them: bytes, the place of the last one, and the
 * milliseconds used of a wall limit. */
static int push_rows(lua_State *L, void *ud)
{
    handle *h = ud;
    han__buf rows;
    h->rows_wanted = false;
    uint64_t last = h->run && h->run->scribe ? han__scribe_take(h->run->scribe, &rows) : 0;
    if (!last) return 0;
    int pushed = han__push_text(L, &rows);
    lua_pushinteger(L, (lua_Integer)last);
    if (h->run->wall_ns)
        lua_pushinteger(L, (lua_Integer)han__run_used_ms(h->run));
    else
        lua_pushnil(L);
    return pushed + 2;
}

static void on_rows_wanted(void *ud)
{
    handle *h = ud;
    h->rows_wanted = true;
    if (h->rows.fiber) han__wait_finish(&h->rows, push_rows, h);
}

/* Where the rows go: to the store of a handle, or to whoever asks for them. */
static void read_place(lua_State *L, handle *h, han__scribe_options *options)
{
    if (lua_getfield(L, 2, "db") == LUA_TNIL) {
        options->wanted = on_rows_wanted;
        options->ud = h;
        lua_getfield(L, 2, "past");
        options->past = luaL_optlstring(L, -1, NULL, &options->past_len);
        lua_getfield(L, 2, "used_ms");
        options->used_ms = (uint64_t)luaL_optinteger(L, -1, 0);
        return;
    }
    options->bench = text_field(L, "run");
    options->cell = text_field(L, "cell");
    lua_getfield(L, 2, "resume");
    options->resume = lua_toboolean(L, -1);
    lua_getfield(L, 2, "db");
    options->store = han__db_lend(L, lua_gettop(L), &h->db_users);
    ++*h->db_users;
    h->db = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* journal { db=, run=, cell=, about=, resume= }: before its first turn, so before anything waits.
 * true; or nil, message, CODE, and then the run is to be closed. journal { about=, past=, used_ms=
 * }: in a job; rows() gives what is to be stored, durable(place) says that it is. */
static int run_journal(lua_State *L)
{
    handle *h = check_run(L);
    han_error err = {0};
    han__buf begin;
    han__scribe_options options = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    if (h->db_users || h->run->scribe) return luaL_error(L, "this run has a journal");
    read_place(L, h, &options);
    lua_getfield(L, 2, "about");
    han__buf_init(&begin, h->run->host->mem, HAN__VALUE_BYTES_MAX);
    int rc = han__value_encode(L, lua_gettop(L), "about", &begin, &err);
    options.begin = begin.data;
    options.begin_len = begin.len;
    if (rc == HAN_OK) rc = han__scribe_open(h->run, &options, &err);
    han__buf_release(&begin);
    if (rc != HAN_OK) return han__fail(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

static int run_wait(lua_State *L)
{
    handle *h = check_run(L);
    if (h->run->told_end) return push_outcome(L, h);
    if (h->wait.fiber) return luaL_error(L, "somebody waits for this run already");
    han__fiber_wait(L, &h->wait);
    return lua_yield(L, 0);
}

/* rows(): the next packed rows and the place of the last one; waits for them. */
static int run_rows(lua_State *L)
{
    handle *h = check_run(L);
    if (h->rows.fiber) return luaL_error(L, "somebody takes the rows already");
    if (h->rows_wanted) {
        int pushed = push_rows(L, h);
        if (pushed) return pushed;
    }
    han__fiber_wait(L, &h->rows);
    return lua_yield(L, 0);
}

static int run_durable(lua_State *L)
{
    handle *h = luaL_checkudata(L, 1, RUN_TYPE);
    lua_Integer place = luaL_checkinteger(L, 2);
    if (h->run && h->run->scribe && place > 0) han__scribe_durable(h->run->scribe, (uint64_t)place);
    return 0;
}

static int run_cancel(lua_State *L)
{
    check_run(L)->run->cancel = true;
    return 0;
}

static int run_close(lua_State *L)
{
    handle *h = luaL_checkudata(L, 1, RUN_TYPE);
    if (h->run) han__run_close(h->run);
    luaL_unref(L, LUA_REGISTRYINDEX, h->services);
    h->services = LUA_NOREF;
    luaL_unref(L, LUA_REGISTRYINDEX, h->db);
    h->db = LUA_NOREF;
    return 0;
}

/* ---- inspect: is this program a strategy? ---- */

static int describe(lua_State *L)
{
    lua_State *H = lua_touserdata(L, 2);
    static const char *const fields[] = {"name", "intent"};
    bool is_strategy = false;
    lua_settop(L, 1);
    if (lua_istable(L, 1)) is_strategy = lua_getfield(L, 1, "act") == LUA_TFUNCTION;
    lua_settop(L, 1);
    lua_pushboolean(H, is_strategy);
    lua_setfield(H, -2, "strategy");
    for (int i = 0; is_strategy && i < 2; i++) {
        if (lua_getfield(L, 1, fields[i]) == LUA_TSTRING)
            set_text(H, fields[i], lua_tostring(L, -1));
        lua_settop(L, 1);
    }
    if (is_strategy && lua_getfield(L, 1, "params") == LUA_TTABLE) {
        han_error err = {0};
        if (han__value_copy(L, 2, "params", H, &err)) return luaL_error(L, "%s", err.message);
        lua_setfield(H, -2, "params");
    }
    return 0;
}

static int failed(lua_State *L, han__state *state, int code, han_error *err)
{
    if (state->doom_code)
        han__error_at(err, state->doom_code, state->doom_where[0] ? state->doom_where : NULL,
                      "loading took longer than %d seconds; nothing may run "
                      "at load, only inside act",
                      LOAD_SECONDS);
    else if (!err->code)
        han__state_error(state->L, code, err);
    han__state_close(state);
    han__fail(L, err);
    lua_pushstring(L, err->where);
    return 4;
}

static int make_thread(lua_State *L)
{
    lua_newthread(L);
    return 1;
}

/* Runs the chunk as a coroutine, so that the hook can stop it whatever it catches. */
static int run_chunk(han__state *state, const char *source, size_t len, const char *name,
                     han_error *err)
{
    int results = 0;
    lua_pushcfunction(state->L, make_thread);
    if (lua_pcall(state->L, 0, 1, 0) != LUA_OK) return HAN_NOMEM;
    lua_State *co = lua_tothread(state->L, -1);
    int rc = han__run_load(co, source, len, name, err);
    if (rc != HAN_OK) return rc;
    int status;
    do { /* the end of the host's slice is not the end of the chunk */
        state->preempted = state->engine_yield = false;
        status = lua_resume(co, NULL, 0, &results);
    } while (status == LUA_YIELD && state->preempted && !state->doom_code);
    if (status == LUA_YIELD && !state->doom_code)
        return han__error_set(err, HAN_SCRIPT, "%s: a script may not yield while it is loaded",
                              name);
    if (status == LUA_OK) lua_settop(co, results > 0 ? 1 : 0);
    if (state->doom_code) {
        han__where(co, err->where, sizeof(err->where));
        return HAN_LIMIT;
    }
    lua_xmove(co, state->L, lua_gettop(co) > 0 ? 1 : 0);
    return status == LUA_OK ? HAN_OK : HAN_SCRIPT;
}

/* inspect(source, chunkname): what the program is; nil, message, CODE, where when it fails. */
static int runs_inspect(lua_State *L)
{
    size_t len;
    han_error err = {0};
    han__state *state = NULL;
    han__host *host = han__state_of(L)->host;
    const char *source = luaL_checklstring(L, 1, &len);
    const char *name = luaL_checkstring(L, 2);
    lua_settop(L, 2);
    if (han__state_open_run(host, NULL, (size_t)256 << 20, 0, &state, &err))
        return han__fail(L, &err);
    state->deadline_ns = han__clock_mono_ns(host->clock) + LOAD_SECONDS * 1000000000ull;
    int rc = run_chunk(state, source, len, name, &err);
    if (rc != HAN_OK) return failed(L, state, rc, &err);
    lua_newtable(L);
    lua_pushcfunction(state->L, describe);
    if (lua_gettop(state->L) > 2)
        lua_insert(state->L, -2);
    else
        lua_pushnil(state->L);
    lua_pushlightuserdata(state->L, L);
    if (lua_pcall(state->L, 2, 0, 0) != LUA_OK) return failed(L, state, HAN_SCRIPT, &err);
    han__state_close(state);
    lua_settop(L, 3);
    return 1;
}

/* ---- random streams of the harness ---- */

/* derive(seed, label, number): H(seed, label, number) as an integer. */
static int runs_derive(lua_State *L)
{
    uint64_t seed = (uint64_t)luaL_checkinteger(L, 1);
    uint64_t number = (uint64_t)luaL_optinteger(L, 3, 0);
    lua_pushinteger(L, (lua_Integer)han__rng_derive(seed, luaL_checkstring(L, 2), number));
    return 1;
}

/* random() in [0, 1), random(n) in 1..n; upvalue 1 is the generator. */
static int stream_draw(lua_State *L)
{
    han__rng *rng = lua_touserdata(L, lua_upvalueindex(1));
    if (lua_isnoneornil(L, 1)) {
        lua_pushnumber(L, han__rng_unit(rng));
        return 1;
    }
    lua_Integer n = luaL_checkinteger(L, 1);
    luaL_argcheck(L, n > 0, 1, "must be positive");
    lua_pushinteger(L, (lua_Integer)han__rng_below(rng, (uint64_t)n) + 1);
    return 1;
}

/* stream(seed, label): a random function of its own for this label. */
static int runs_stream(lua_State *L)
{
    uint64_t seed = (uint64_t)luaL_checkinteger(L, 1);
    size_t len;
    const char *label = luaL_checklstring(L, 2, &len);
    han__rng *rng = lua_newuserdatauv(L, sizeof(*rng), 0);
    han__rng_init(rng, seed, han__hash64(label, len, 0));
    lua_pushcclosure(L, stream_draw, 1);
    return 1;
}

int han__open_runs(lua_State *L);

int han__open_runs(lua_State *L)
{
    static const luaL_Reg methods[] = {{"wait", run_wait},
                                       {"journal", run_journal},
                                       {"rows", run_rows},
                                       {"durable", run_durable},
                                       {"cancel", run_cancel},
                                       {"close", run_close},
                                       {NULL, NULL}};
    static const luaL_Reg functions[] = {{"start", runs_start},
                                         {"inspect", runs_inspect},
                                         {"derive", runs_derive},
                                         {"stream", runs_stream},
                                         {NULL, NULL}};
    luaL_newmetatable(L, RUN_TYPE);
    lua_pushcfunction(L, run_close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, run_close);
    lua_setfield(L, -2, "__close");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
