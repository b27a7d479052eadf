/* The longest that one han_step keeps its host waiting while N agents are alive and another makes
 * garbage: the same work as `limit_scope pause N`. Usage: ours_pause N */
#include "han.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char program[] = "local task, scope = ...\n"
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
                              "for _ = 1, task.n do assert(scope:spawn(blocked, {})) end\n"
                              "assert(scope:spawn(churn, { n = 40 * task.n }))\n"
                              "local sum = 0\n"
                              "for settled in scope:each() do sum = sum + settled.out end\n"
                              "return sum\n";

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv)
{
    char task[64];
    long n = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    if (n < 1 || n > 1000000) {
        fputs("usage: ours_pause N\n", stderr);
        return 2;
    }
    snprintf(task, sizeof task, "{\"n\":%ld}", n);
    han_error err = {0};
    han_engine *engine = NULL;
    han_run *run = NULL;
    han_options options = {.size = sizeof options};
    han_program what = {.size = sizeof what,
                        .name = "pause.lua",
                        .source = program,
                        .task = task,
                        .max_live = 1u << 21,
                        .max_bytes = (size_t)4 << 30};
    if (han_open(&options, &engine, &err) != HAN_OK ||
        han_start(engine, &what, &run, &err) != HAN_OK) {
        fprintf(stderr, "ours_pause: %s\n", err.message);
        return 1;
    }
    uint64_t longest = 0;
    while (!han_done(run)) {
        uint64_t from = cpu_ns();
        han_step(engine, 1);
        uint64_t took = cpu_ns() - from;
        if (took > longest) longest = took;
    }
    han_result result;
    int status = han_get_result(run, &result);
    if (status == HAN_OK) status = result.status;
    if (status != HAN_OK) fprintf(stderr, "ours_pause: %s\n", result.error.message);
    printf("result=%s longest_us=%" PRIu64 "\n", status == HAN_OK ? result.json : "",
           longest / 1000);
    han_release(run);
    han_close(engine);
    return status != HAN_OK;
}
