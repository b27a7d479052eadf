/* Runs: opening a program on a task, its turns, its end; and the names of its budget's channels. */
#include "base/config.h"
#include "script/run.h"

#include "script/bind_environment.h"

#include "script/agent.h"
#include "script/remote.h"
#include "script/scribe.h"
#include "value/value.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <stdio.h>

#define DEFAULT_BYTES ((size_t)512 << 20)
#define DEFAULT_STEPS 200000000u

int han__run_load(lua_State *L, const char *source, size_t len, const char *name, han_error *err)
{
    char chunk[128];
    snprintf(chunk, sizeof(chunk), "=%.120s", name);
    if (len >= 3 && memcmp(source, "\xEF\xBB\xBF", 3) == 0) source += 3, len -= 3;
    if (len > 0 && source[0] == '#') /* a first line for the shell: keep its end for the count */
        while (len > 0 && source[0] != '\n') source++, len--;
    int status = luaL_loadbufferx(L, source, len, chunk, "t");
    if (status == LUA_OK) return HAN_OK;
    return han__state_error(L, status == LUA_ERRSYNTAX ? HAN_SYNTAX : HAN_NOMEM, err);
}

struct opening {
    const han__run_options *options;
    han__run *run;
    han_error *err;
    int rc;
};

/* In the run's state: compiles the program, decodes the task, makes the root's work. */
static int build_root(lua_State *L)
{
    struct opening *o = lua_touserdata(L, 1);
    const han__run_options *options = o->options;
    size_t used = 0;
    if (o->run->remote)
        han__remote_push_root(L, o->run->remote);
    else
        o->rc = han__run_load(L, options->source, options->source_len, options->name, o->err);
    if (o->rc != HAN_OK) return 0;
    if (options->task)
        o->rc = han__value_decode(L, options->task, options->task_len, &used, o->err);
    else
        lua_newtable(L);
    if (o->rc != HAN_OK) return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, o->run->state->slots);
    lua_insert(L, -3);
    lua_pushliteral(L, "root");
    han__agent_keep(L, lua_gettop(L) - 3, 0); /* a tree's root has the first slot */
    return 0;
}

static int open_tree(struct opening *o)
{
    const han__run_options *options = o->options;
    han__tree_options tree = {.seed = options->seed,
                              .ceiling = options->ceiling,
                              .undeclared = options->undeclared,
                              .max_depth = options->max_depth,
                              .max_live = options->max_live,
                              .live = options->live,
                              .backend = &han__root_backend,
                              .work_size = sizeof(han__agent),
                              .owner = o->run};
    return han__tree_open(o->run->host->mem, &tree, &o->run->tree, o->err);
}

static int open_program(han__run *run, const han__run_options *options, han_error *err)
{
    struct opening o = {options, run, err, HAN_OK};
    int rc = han__state_open_run(
        run->host, run, options->max_bytes ? options->max_bytes : DEFAULT_BYTES,
        options->max_steps ? options->max_steps : DEFAULT_STEPS, &run->state, err);
    if (rc == HAN_OK && options->untrusted)
        rc = han__remote_open(run, options->name, options->source, options->source_len,
                              options->max_bytes ? options->max_bytes : DEFAULT_BYTES, &run->remote,
                              err);
    if (rc != HAN_OK) return rc;
    lua_State *L = run->state->L;
    lua_pushcfunction(L, build_root);
    lua_pushlightuserdata(L, &o);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        lua_settop(L, 0);
        return han__error_set(err, HAN_NOMEM, "no memory for a run");
    }
    return o.rc == HAN_OK ? open_tree(&o) : o.rc;
}

static void unlink_run(han__run *run)
{
    for (han__run **link = &run->host->runs; *link; link = &(*link)->next)
        if (*link == run) {
            *link = run->next;
            return;
        }
}

int han__run_open(han__host *host, const han__run_options *options, han__run **out, han_error *err)
{
    han__run *run = han__mem_zalloc(host->mem, 1, sizeof(*run));
    if (!run) return han__error_set(err, HAN_NOMEM, "no memory for a run");
    run->host = host;
    run->services = options->services;
    run->wall_ns = options->wall_ns;
    run->started_ns = run->counted_ns = han__clock_mono_ns(host->clock);
    memcpy(run->named, options->named, sizeof(run->named));
    han__buf_init(&run->result, host->mem, HAN__VALUE_BYTES_MAX);
    han__buf_init(&run->scratch, host->mem, HAN__VALUE_BYTES_MAX);
    run->name = han__mem_strdup(host->mem, options->name);
    int rc = run->name ? open_program(run, options, err)
                       : han__error_set(err, HAN_NOMEM, "no memory for a run");
    run->next = host->runs;
    host->runs = run;
    if (rc != HAN_OK) {
        han__run_close(run);
        return rc;
    }
    *out = run;
    return HAN_OK;
}

void han__run_close(han__run *run)
{
    han__host *host = run->host;
    if (run->on_close) run->on_close(run->on_close_ud);
    unlink_run(run);
    if (run->scribe) han__scribe_close(run->scribe);
    run->scribe = NULL;
    if (run->tree) {
        if (run->handing) han__event_dispose(run->tree, run->handing);
        han__tree_close(run->tree);
    }
    if (run->state) han__state_close(run->state);
    han__remote_close(run->remote);
    han__environment_close(run->environment);
    han__buf_release(&run->result);
    han__buf_release(&run->scratch);
    han__mem_strfree(host->mem, run->name);
    han__mem_free(host->mem, run, sizeof(*run));
}

bool han__run_ended(const han__run *run)
{
    return han__tree_ended(run->tree);
}

static void take_end(han__run *run)
{
    const han__node *root = han__tree_root(run->tree);
    run->told_end = true;
    run->ended_ns = han__clock_mono_ns(run->host->clock);
    if (root->outcome != HAN__DONE) han__buf_reset(&run->result);
    if (run->on_end) run->on_end(run, run->on_end_ud);
}

/* What is only met again in a journal was counted when it was lived. */
static uint64_t used_ns(const han__run *run)
{
    return han__clock_mono_ns(run->host->clock) - run->counted_ns + run->used_ns;
}

uint64_t han__run_used_ms(const han__run *run)
{
    return used_ns(run) / 1000000u;
}

/* A run that is resumed is cut where it was cut before, and else not before it has met its past. */
static bool time_is_up(han__run *run)
{
    if (!run->wall_ns) return false;
    if (!run->scribe || !han__scribe_replays(run->scribe)) return used_ns(run) > run->wall_ns;
    if (han__scribe_meets_cut(run->scribe)) return true;
    uint64_t now = han__clock_mono_ns(run->host->clock);
    run->counted_ns = now;
    if (now - run->started_ns > run->wall_ns)
        han__scribe_leave_off(run->scribe, HAN_LIMIT,
                              "its time was up before its journal was met again; resume it again");
    return false;
}

static bool limits_hit(han__run *run)
{
    if (run->cancel && run->scribe)
        han__scribe_leave_off(run->scribe, HAN_CANCELLED, "interrupted");
    bool up = time_is_up(run);
    const han_error *failure = run->scribe ? han__scribe_failure(run->scribe) : NULL;
    if (failure)
        han__tree_cancel(run->tree, failure->code, failure->message);
    else if (run->cancel)
        han__tree_cancel(run->tree, HAN_CANCELLED, "cancelled");
    else if (up)
        han__tree_cancel(run->tree, HAN_LIMIT, "limit:wall: its time is up");
    return han__tree_ended(run->tree);
}

bool han__run_step(han__run *run)
{
    bool moved = false;
    if (run->told_end) return false;
    if (!limits_hit(run)) moved = han__tree_step(run->tree) != 0;
    if (!han__tree_ended(run->tree)) return moved;
    if (run->scribe && !han__scribe_done(run->scribe)) return false;
    take_end(run);
    return true;
}

/* ---- channels by name ---- */

int han__run_channel(const han__run *run, const char *name)
{
    int channel = han__channel_find(name);
    for (int i = 0; channel < 0 && i < HAN__NAMED_CHANNELS; i++)
        if (run->named[i][0] && strcmp(run->named[i], name) == 0) channel = HAN__NAMED_0 + i;
    return channel;
}

static const char *channel_name(const han__run *run, int channel)
{
    const char *name = han__channel_name(channel);
    return name ? name : run->named[channel - HAN__NAMED_0];
}

static int one_amount(const han__run *run, lua_State *L, han__amount *amount, uint8_t *mask,
                      han_error *err)
{
    int exact = 0;
    if (lua_type(L, -2) != LUA_TSTRING)
        return han__error_set(err, HAN_INVALID, "a budget names its channels: {evals = 100}");
    const char *name = lua_tostring(L, -2);
    int channel = han__run_channel(run, name);
    if (channel < 0)
        return han__error_set(err, HAN_INVALID,
                              "no budget channel '%.40s'; there are tokens, "
                              "nano_usd, shots, turns, evals and those the run declared",
                              name);
    lua_Integer n = lua_tointegerx(L, -1, &exact);
    if (!exact || n < 0 || n > HAN__AMOUNT_MAX)
        return han__error_set(err, HAN_INVALID, "%s must be a whole number from 0 to 2^50", name);
    amount->v[channel] = n;
    *mask |= (uint8_t)(1u << channel);
    return HAN_OK;
}

int han__run_amount(const han__run *run, lua_State *L, int idx, han__amount *amount, uint8_t *mask,
                    han_error *err)
{
    int rc = HAN_OK;
    memset(amount, 0, sizeof(*amount));
    *mask = 0;
    lua_pushnil(L);
    while (rc == HAN_OK && lua_next(L, idx)) {
        rc = one_amount(run, L, amount, mask, err);
        lua_pop(L, 1);
    }
    if (rc != HAN_OK) lua_pop(L, 1);
    return rc;
}

void han__run_push_amount(const han__run *run, lua_State *L, const han__amount *amount)
{
    int channels = 0;
    if (han__amount_is_zero(amount)) {
        lua_newtable(L);
        return;
    }
    for (int i = 0; i < HAN__CHANNELS; i++) channels += amount->v[i] != 0;
    lua_createtable(L, 0, channels);
    for (int i = 0; i < HAN__CHANNELS && channels > 0; i++) {
        if (amount->v[i] == 0) continue;
        lua_pushinteger(L, amount->v[i]);
        lua_setfield(L, -2, channel_name(run, i));
    }
}
