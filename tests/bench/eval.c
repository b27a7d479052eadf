/* Sandboxed evaluation: a small Lua module with 16 calls, evaluated N times one after the other
 * through exec/eval and han-runner. Usage: eval RUNNER [N [LEVEL]], LEVEL as in `strong`.
 * Counts CPU seconds of everything that takes part (this process, the runner, its children), so
 * that other work on the machine does not matter; a rate is then evaluations per second and core.
 * Prints those of all, of the first and of the last thousand, and those per second of wall time. */
#include "base/config.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "exec/eval.h"
#include "exec/eval_wire.h"
#include "value/value.h"

static const char request[] =
    "local calls = {}\n"
    "for i = 1, 16 do calls[i] = { fn = i % 2 == 0 and 'total' or 'add', "
    "args = { 'account' .. i % 4, i } } end\n"
    "return { name = 'ledger', calls = calls, limits = { instructions = 20000 }, code = [[\n"
    "local M = {}\n"
    "local accounts = {}\n"
    "local function check(amount)\n"
    "  if type(amount) ~= 'number' then error('amount must be a number') end\n"
    "  if amount < 0 then error('amount must not be negative') end\n"
    "  return amount\n"
    "end\n"
    "function M.add(name, amount)\n"
    "  local entries = accounts[name] or {}\n"
    "  accounts[name] = entries\n"
    "  entries[#entries + 1] = check(amount)\n"
    "  return #entries\n"
    "end\n"
    "function M.total(name)\n"
    "  local sum = 0\n"
    "  for _, amount in ipairs(accounts[name] or {}) do sum = sum + amount end\n"
    "  return { name = name, sum = sum }\n"
    "end\n"
    "return M]] }";

typedef struct bench {
    han__mem mem;
    han__buf request;
    han__loop *loop;
    han__launcher *launcher;
    han__eval *eval;
    long sent, answered, total;
    double marks[4]; /* CPU seconds at the start, after 1,000, before the last 1,000, at the end */
} bench;

static double own_cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* The first child of a process; itself when it has none. In a box the runner is bubblewrap's child.
 */
static int64_t child_of(int64_t pid)
{
    char path[80];
    long long child = 0;
    snprintf(path, sizeof path, "/proc/%lld/task/%lld/children", (long long)pid, (long long)pid);
    FILE *f = fopen(path, "r");
    if (!f) return pid;
    if (fscanf(f, "%lld", &child) != 1) child = 0;
    fclose(f);
    return child > 0 ? child : pid;
}

/* User and system time of a process and of the children it has waited for. */
static double cpu_of(int64_t pid)
{
    char path[64];
    char line[1024];
    unsigned long t[4] = {0};
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    size_t n = fread(line, 1, sizeof line - 1, f);
    fclose(f);
    line[n] = '\0';
    char *at = strrchr(line, ')');
    if (!at || sscanf(at + 1, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu %lu %lu", &t[0],
                      &t[1], &t[2], &t[3]) != 4)
        return 0;
    return (double)(t[0] + t[1] + t[2] + t[3]) / (double)sysconf(_SC_CLK_TCK);
}

static int64_t runner_of(const bench *b)
{
    int64_t pid = han__eval_pid(b->eval);
    return han__launcher_level(b->launcher) == HAN__LEVEL_STRONG ? child_of(pid) : pid;
}

static void send_next(bench *b);

static void on_reply(void *ud, int status, const uint8_t *reply, size_t len, const han_error *err)
{
    bench *b = ud;
    if (status != HAN_OK || len < 16 * 20 || reply[0] != HAN__CLASS_OK) {
        fprintf(stderr, "an evaluation failed: %s\n", err ? err->message : "wrong reply");
        exit(1);
    }
    b->answered++;
    int mark = b->answered == 1000 ? 1 : b->answered == b->total - 1000 ? 2 : 0;
    if (mark) b->marks[mark] = own_cpu() + cpu_of(runner_of(b));
    send_next(b);
}

static void send_next(bench *b)
{
    han_error err = {0};
    uint64_t ticket;
    if (b->sent == b->total) return;
    b->sent++;
    if (han__eval_send(b->eval, b->request.data, b->request.len, 2000, on_reply, b, &ticket,
                       &err) != HAN_OK) {
        fprintf(stderr, "cannot send: %s\n", err.message);
        exit(1);
    }
}

static void build_request(bench *b)
{
    han_error err = {0};
    lua_State *L = luaL_newstate();
    if (!L || luaL_dostring(L, request) ||
        han__value_encode(L, -1, "request", &b->request, &err) != HAN_OK)
        exit(1);
    lua_close(L);
}

static double evaluate_all(bench *b)
{
    han__clock clock;
    han__clock_init(&clock);
    uint64_t start = han__clock_mono_ns(&clock);
    b->marks[0] = own_cpu();
    send_next(b);
    send_next(b);
    while (b->answered < b->total)
        if (han__loop_run_once(b->loop, 1000) < 0) exit(1);
    b->marks[3] = own_cpu() + cpu_of(runner_of(b));
    return (double)(han__clock_mono_ns(&clock) - start) / 1e9;
}

int main(int argc, char **argv)
{
    bench b = {.total = argc > 2 ? strtol(argv[2], NULL, 10) : 10000};
    han_error err = {0};
    int level = han__level_of(argc > 3 ? argv[3] : "strong");
    if (argc < 2 || b.total < 3000 || level < 0) {
        fprintf(stderr, "usage: eval RUNNER [N, at least 3000 [LEVEL]]\n");
        return 2;
    }
    han__mem_init(&b.mem, NULL, NULL);
    han__buf_init(&b.request, &b.mem, HAN__VALUE_BYTES_MAX);
    build_request(&b);
    if (han__loop_create(&b.loop, &b.mem, NULL, &err) != HAN_OK ||
        han__launcher_open(&b.launcher, b.loop, &b.mem, argv[1], &err) != HAN_OK ||
        han__launcher_set(b.launcher, level, &err) != HAN_OK ||
        han__eval_open(&b.eval, b.loop, &b.mem, b.launcher, &err) != HAN_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    double wall = evaluate_all(&b);
    printf("evaluations=%ld calls=16 rate=%.0f first=%.0f last=%.0f wall=%.0f\n", b.total,
           (double)b.total / (b.marks[3] - b.marks[0]), 1000 / (b.marks[1] - b.marks[0]),
           1000 / (b.marks[3] - b.marks[2]), (double)b.total / wall);
    han__eval_close(b.eval);
    han__launcher_close(b.launcher);
    han__loop_close(b.loop);
    han__buf_release(&b.request);
    return 0;
}
