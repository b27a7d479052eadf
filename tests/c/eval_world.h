/* For tests of evaluation: a host with a loop, an evaluation client and a harness state, and Lua
 * chunks run in fibers of it that raise when something is not as it should be. */
#ifndef HAN_TESTS_EVAL_WORLD_H
#define HAN_TESTS_EVAL_WORLD_H

#include <lauxlib.h>

#include "exec/eval.h"
#include "loop/loop.h"
#include "script/fiber.h"
#include "script/host.h"
#include "testing.h"

#define RUNNER HAN_TEST_BINARY_DIR "/libexec/han-runner"

typedef struct world {
    han__mem mem;
    han__clock clock;
    han__log log;
    han__host host;
    int ended; /* fibers that ended */
    int wanted;
    char problem[600];
} world;

static const char prelude[] =
    "local eval = require 'han.eval'\n"
    "local function text(v) if type(v) ~= 'table' then return tostring(v) end local out = {} "
    "  local keys = {} for k in pairs(v) do keys[#keys + 1] = k end "
    "  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)"
    "  for _, k in ipairs(keys) do out[#out + 1] = tostring(k) .. '=' .. text(v[k]) end"
    "  return '{' .. table.concat(out, ' ') .. '}' end\n"
    "function same(a, b) if text(a) ~= text(b) then error('got ' .. text(a) .. ', want ' .. "
    "text(b), 2)"
    " end end\n"
    "function has(s, part) if not tostring(s):find(part, 1, true) then error(tostring(s) .. "
    "' does not hold ' .. part, 2) end end\n"
    "function fails(part, f, ...) local ok, why = pcall(f, ...) same(ok, false) has(why, part) "
    "end\n"
    "function module(body) return 'local M = {}\\nfunction M.f(...)\\n' .. body .. '\\nend\\n'"
    " .. 'function M.alive() return 7 end\\nreturn M\\n' end\n"
    /* one call of a body, and a second one that must go well whatever the first did */
    "function one(body, limits) local r, why, code = eval.lua{ code = module(body), name = 'm', "
    "  calls = {{ fn = 'f', args = {} }, { fn = 'alive', args = {} }}, limits = limits }\n"
    "  if not r then error(tostring(why) .. ' ' .. tostring(code), 2) end\n"
    "  if r.class == 'ok' then same(r.calls[2].values, {7}) end return r.calls[1] or r, r end\n"
    "function class(want, body, limits) local c, r = one(body, limits)"
    "  if (c.class or 'ok') ~= want then error(('%s gave %s, not %s'):format(body, text(r), want), "
    "2)"
    "  end return c end\n";

static inline void on_end(han__fiber *fiber, lua_State *co, int status, int results)
{
    world *w = fiber->owner;
    HAN__UNUSED(results);
    w->ended++;
    if (status != LUA_OK && w->problem[0] == '\0')
        snprintf(w->problem, sizeof w->problem, "%s", luaL_tolstring(co, -1, NULL));
}

/* Fibers still run. */
static inline bool going(void *ud)
{
    world *w = ud;
    return w->ended < w->wanted;
}

/* A world whose evaluations are made by the program `runner`, without a sandbox unless the test
 * says so. */
static inline void open_world(world *w, const char *runner)
{
    han_error err = {0};
    memset(w, 0, sizeof *w);
    han__mem_init(&w->mem, NULL, NULL);
    han__clock_init(&w->clock);
    han__log_init(&w->log, NULL, NULL, 0);
    w->host = (han__host){.mem = &w->mem, .clock = &w->clock, .log = &w->log};
    assert_int_equal(han__loop_create(&w->host.loop, &w->mem, &w->clock, &err), HAN_OK);
    assert_int_equal(han__launcher_open(&w->host.launcher, w->host.loop, &w->mem, runner, &err),
                     HAN_OK);
    assert_int_equal(han__launcher_set(w->host.launcher, HAN__LEVEL_NONE, &err), HAN_OK);
    assert_int_equal(han__eval_open(&w->host.eval, w->host.loop, &w->mem, w->host.launcher, &err),
                     HAN_OK);
    assert_int_equal(han__state_open_harness(&w->host, &w->host.harness, &err), HAN_OK);
}

/* Nothing may be held afterwards. */
static inline void close_world(world *w)
{
    han__state_close(w->host.harness);
    han__eval_close(w->host.eval);
    han__launcher_close(w->host.launcher);
    han__loop_close(w->host.loop);
    assert_int_equal(w->mem.live, 0);
}

static inline han__fiber *start(world *w, const char *before, const char *code)
{
    lua_State *L = w->host.harness->L;
    lua_pushfstring(L, "%s%s", before, code);
    if (luaL_loadbuffer(L, lua_tostring(L, -1), strlen(lua_tostring(L, -1)), "=test") != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    lua_remove(L, -2);
    han__fiber *fiber = han__fiber_new(w->host.harness, L, 0, on_end, w);
    assert_non_null(fiber);
    han__fiber_ready(fiber);
    w->wanted++;
    return fiber;
}

static inline void finish(world *w)
{
    han__host_drive(&w->host, going, w);
    if (w->problem[0] != '\0') fail_msg("%s", w->problem);
}

/* One chunk behind the prelude, in a world of its own. */
static inline void run(const char *code)
{
    world w;
    open_world(&w, RUNNER);
    start(&w, prelude, code);
    finish(&w);
    assert_true(han__eval_starts(w.host.eval) <= 1);
    close_world(&w);
}

#endif
