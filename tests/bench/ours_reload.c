/* Loading a strategy again as a run does it: the file is read, checked and compiled in the run's
 * state; beside limit_reload, which only compiles. Usage: ours_reload FILE ROUNDS; prints the
 * fastest and the middle round in microseconds. */
#include "base/config.h"
#include "script/run.h"

#include "script/scripts.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS 10000

static double took[ROUNDS];

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int reload(lua_State *L, han__mem *mem, const char *path, han_error *err)
{
    han__buf text;
    han__buf_init(&text, mem, HAN__SCRIPT_BYTES_MAX);
    int rc = han__script_read(path, &text, err);
    if (rc == HAN_OK) rc = han__run_load(L, (const char *)text.data, text.len, "file.lua", err);
    han__buf_release(&text);
    lua_settop(L, 0);
    return rc;
}

int main(int argc, char **argv)
{
    long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    han_error err = {0};
    han__mem mem;
    han__clock clock;
    han__log log;
    han__state *state = NULL;
    if (rounds < 1 || rounds > ROUNDS) {
        fputs("usage: ours_reload FILE ROUNDS\n", stderr);
        return 2;
    }
    han__mem_init(&mem, NULL, NULL);
    han__clock_init(&clock);
    han__log_init(&log, NULL, NULL, 0);
    han__host host = {.mem = &mem, .clock = &clock, .log = &log};
    int rc = han__state_open_run(&host, NULL, 0, 0, &state, &err);
    for (long i = 0; rc == HAN_OK && i < rounds; i++) {
        double from = cpu_us();
        rc = reload(state->L, &mem, argv[1], &err);
        took[i] = cpu_us() - from;
    }
    if (state) han__state_close(state);
    if (rc != HAN_OK) {
        fprintf(stderr, "ours_reload: %s\n", err.message);
        return 1;
    }
    qsort(took, (size_t)rounds, sizeof *took, ascending);
    printf("fastest_us=%.1f median_us=%.1f\n", took[0], took[rounds / 2]);
    return 0;
}
