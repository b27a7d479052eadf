/* Model calls as the engine makes them (han.model.call in a harness state: gate, key-free endpoint,
 * retries, stream, usage), WIDTH at once until CALLS are done. Prints "calls seconds".
 * Usage: rooms_calls PORT MODEL WIDTH CALLS */
#include "base/config.h"

#include "loop/loop.h"
#include "model/http.h"
#include "script/host.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

static const char program[] =
    "local port, name, width, calls = ...\n"
    "local calling, endpoints = require 'han.model.call', require 'han.model.endpoint'\n"
    "local dialect, fiber = require 'han.model.dialect', require 'han.fiber'\n"
    "local endpoint = assert(endpoints.read(('http://127.0.0.1:%s/v1#%s'):format(port, name),\n"
    "  { HAN_MODEL_PARALLEL = width }))\n"
    "local client = assert(calling.open(endpoint))\n"
    "local left, good = math.tointeger(calls), 0\n"
    "local function worker()\n"
    "  while left > 0 do\n"
    "    left = left - 1\n"
    "    local body = dialect.write(endpoint, { max_tokens = 100,\n"
    "      messages = { { role = 'user', text = 'Say hello, in a few words, to whoever reads "
    "this.' } } })\n"
    "    local answer = assert(client:ask(body, { seconds = 60, id = 'b' }))\n"
    "    if answer.ok and answer.usage.output == 7 then good = good + 1 end\n"
    "  end\n"
    "end\n"
    "local fibers = {}\n"
    "for i = 1, math.tointeger(width) do fibers[i] = fiber.spawn(worker) end\n"
    "for _, one in ipairs(fibers) do fiber.join(one) end\n"
    "return good";

typedef struct bench {
    han__mem mem;
    han__clock clock;
    han__log log;
    han__host host;
    char **args;
    bool ended;
    long good;
} bench;

static void on_end(han__fiber *fiber, lua_State *co, int status, int results)
{
    bench *b = fiber->owner;
    b->ended = true;
    if (status == LUA_OK && results == 1)
        b->good = (long)lua_tointeger(co, -1);
    else
        fprintf(stderr, "%s\n", lua_tostring(co, -1));
}

static int start(lua_State *L)
{
    bench *b = lua_touserdata(L, 1);
    if (luaL_loadstring(L, program) != LUA_OK) return lua_error(L);
    for (int i = 0; i < 4; i++) {
        lua_pushstring(L, b->args[i]);
        if (i >= 2) lua_tostring(L, -1);
    }
    han__fiber *fiber = han__fiber_new(b->host.harness, L, 4, on_end, b);
    if (!fiber) return luaL_error(L, "no memory");
    han__fiber_ready(fiber);
    return 0;
}

static bool going(void *ud)
{
    return !((bench *)ud)->ended;
}

int main(int argc, char **argv)
{
    bench b = {0};
    han_error err = {0};
    if (argc != 5) return 2;
    b.args = argv + 1;
    han__mem_init(&b.mem, NULL, NULL);
    han__clock_init(&b.clock);
    han__log_init(&b.log, NULL, NULL, HAN__LOG_INFO);
    b.host = (han__host){.mem = &b.mem, .clock = &b.clock, .log = &b.log, .calls_models = true};
    if (han__loop_create(&b.host.loop, &b.mem, &b.clock, &err) ||
        han__state_open_harness(&b.host, &b.host.harness, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    uint64_t from = han__clock_mono_ns(&b.clock);
    lua_State *L = b.host.harness->L;
    lua_pushcfunction(L, start);
    lua_pushlightuserdata(L, &b);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        return 1;
    }
    han__host_drive(&b.host, going, &b);
    double seconds = (double)(han__clock_mono_ns(&b.clock) - from) / 1e9;
    printf("%ld %.3f\n", b.good, seconds);
    han__state_close(b.host.harness);
    han__http_close(b.host.http);
    han__loop_close(b.host.loop);
    return b.good == strtol(argv[4], NULL, 10) ? 0 : 1;
}
