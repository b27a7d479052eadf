/* The engine's own side of the scope rows: the same programs as limit_scope.c, run by a host and a
 * run of the script room, without the command line around them. Prints time and
 * the most memory held for each spawned node, and the longest step.
 * Usage: rooms_scope spawn N | tree DEPTH | live N | pause N */
#include "base/config.h"
#include "script/run.h"

#include "loop/loop.h"
#include "script/host.h"
#include "value/value.h"

#include <inttypes.h>
#include <lauxlib.h>
#include <stdio.h>
#include <time.h>

static const struct {
    const char *name, *source;
} programs[] = {
    {"spawn", "local n, scope = ...\n"
              "local leaf = function(t) return t.n end\n"
              "for i = 1, n do assert(scope:spawn(leaf, { n = i })) end\n"
              "local sum = 0\n"
              "for settled in scope:each() do sum = sum + settled.out end\n"
              "return sum\n"},
    {"tree", "local n, scope = ...\n"
             "local function grow(t, inner)\n"
             "  if t.depth == 0 then return 1 end\n"
             "  assert(inner:spawn(grow, { depth = t.depth - 1 }))\n"
             "  assert(inner:spawn(grow, { depth = t.depth - 1 }))\n"
             "  return inner:next().out + inner:next().out\n"
             "end\n"
             "return grow({ depth = n }, scope)\n"},
    /* every agent waits for a word of its parent; once all do, the parent gives up waiting */
    {"live",
     "local n, scope = ...\n"
     "local ids = {}\n"
     "local function leaf(t, inner) return inner:next{ kinds = { 'message' } }.message end\n"
     "for i = 1, n do ids[i] = assert(scope:spawn(leaf, { n = i })) end\n"
     "scope:next{ timeout = 1 }\n"
     "for i = 1, n do scope:send(ids[i], i) end\n"
     "local sum = 0\n"
     "for settled in scope:each() do sum = sum + settled.out end\n"
     "return sum\n"},
    {"pause", "local n, scope = ...\n"
              "local function leaf(t) return t.n end\n"
              "local function blocked(_, inner)\n"
              "  assert(inner:spawn(leaf, { n = 1 }))\n"
              "  return inner:next().out\n"
              "end\n"
              "local function churn(t)\n"
              "  local keep\n"
              "  for i = 1, t.n do keep = { i, keep and i } end\n"
              "  return keep[1]\n"
              "end\n"
              "for _ = 1, n do assert(scope:spawn(blocked, {})) end\n"
              "assert(scope:spawn(churn, { n = 40 * n }))\n"
              "local sum = 0\n"
              "for settled in scope:each() do sum = sum + settled.out end\n"
              "return sum\n"},
};

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int fail(const char *text)
{
    fprintf(stderr, "rooms_scope: %s\n", text);
    return 1;
}

static const char *program_of(const char *name)
{
    for (size_t i = 0; i < HAN__COUNT(programs); i++)
        if (strcmp(programs[i].name, name) == 0) return programs[i].source;
    return NULL;
}

static int open_run(han__host *host, const char *source, long n, han__run **run, han_error *err)
{
    han__buf task;
    han__buf_init(&task, host->mem, HAN__VALUE_BYTES_MAX);
    lua_State *L = luaL_newstate();
    if (!L) return han__error_set(err, HAN_NOMEM, "no memory");
    lua_pushinteger(L, n);
    int rc = han__value_encode(L, -1, "task", &task, err);
    lua_close(L);
    han__run_options options = {.source = source,
                                .source_len = strlen(source),
                                .name = "bench.lua",
                                .task = task.data,
                                .task_len = task.len,
                                .undeclared = 0xff,
                                .max_live = 1u << 22,
                                .max_bytes = (size_t)8 << 30,
                                .services = LUA_NOREF};
    if (rc == HAN_OK) rc = han__run_open(host, &options, run, err);
    han__buf_release(&task);
    return rc;
}

int main(int argc, char **argv)
{
    const char *source = argc == 3 ? program_of(argv[1]) : NULL;
    long n = source ? strtol(argv[2], NULL, 10) : 0;
    han_error err = {0};
    han__mem mem;
    han__clock clock;
    han__log log;
    han__run *run = NULL;
    if (!source) {
        fputs("usage: rooms_scope spawn N | tree DEPTH | live N | pause N\n", stderr);
        return 2;
    }
    han__mem_init(&mem, NULL, NULL);
    han__clock_init(&clock);
    han__log_init(&log, NULL, NULL, 0);
    han__host host = {.mem = &mem, .clock = &clock, .log = &log};
    if (han__loop_create(&host.loop, &mem, &clock, &err)) return fail(err.message);
    if (open_run(&host, source, n, &run, &err)) return fail(err.message);
    size_t before = mem.live;
    uint64_t longest = 0, start = cpu_ns();
    while (!run->told_end) {
        uint64_t from = cpu_ns();
        han__host_step(&host, 1);
        uint64_t took = cpu_ns() - from;
        if (took > longest) longest = took;
    }
    uint64_t total = cpu_ns() - start, units = han__tree_spawned(run->tree) - 1;
    const han__node *root = han__tree_root(run->tree);
    if (root->outcome != HAN__DONE) return fail(root->reason ? root->reason : "no result");
    printf("spawned=%" PRIu64 " ns_each=%.0f peak_bytes_each=%.0f longest_us=%" PRIu64 "\n", units,
           (double)total / (double)units, (double)(mem.peak - before) / (double)units,
           longest / 1000);
    han__run_close(run);
    han__loop_close(host.loop);
    return mem.live == 0 ? 0 : fail("memory is left");
}
