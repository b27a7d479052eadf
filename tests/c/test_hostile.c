/* Hostile Lua: every program of tests/data/hostile/lua, as a candidate and as an untrusted program.
 * The second line of each names the class it must end with in both places, and what is asked after
 * it is answered as if nothing had been. At level strong where there is one, else at none. With
 * HAN_FULL=1 once more under a short wall limit, which each then ends within, or half a second
 * behind it. */
#include "base/config.h"

#include <dirent.h>
#include <stdlib.h>
#include <time.h>

#include "eval_world.h"
#include "exec/programs.h"
#include "script/run.h"

#define FOLDER     HAN_TEST_SOURCE_DIR "/tests/data/hostile/lua"
#define SHORT_MS   300   /* the wall limit of what has to run into it */
#define LONG_MS    60000 /* of what has to end by itself, on a machine with much else to do */
#define LATE_MS    500
#define NAMES_MAX  200
#define SOURCE_MAX 65536
#define TRIES      3
#define SLOW_MS    500 /* is told */

static char names[NAMES_MAX][64];
static size_t names_len;
static bool full;
static int bad; /* cases that did not end as they say; all are told before the test fails */

#define COMPLAIN(...) (bad++, print_message("BAD: " __VA_ARGS__), print_message("\n"))

typedef struct program {
    char source[SOURCE_MAX];
    char candidate[64], script[64]; /* what it must end with: alternatives with | between */
    bool timed;                     /* the wall limit is one of them */
} program;

static bool is_one_of(const char *alternatives, const char *word)
{
    size_t len = strlen(word);
    while (*alternatives) {
        size_t n = strcspn(alternatives, "|");
        if (n == len && memcmp(alternatives, word, n) == 0) return true;
        alternatives += n + (alternatives[n] == '|');
    }
    return false;
}

static void read_program(const char *name, program *p)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", FOLDER, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(p->source, 1, sizeof p->source - 1, f);
    fclose(f);
    p->source[n] = '\0';
    const char *line = strchr(p->source, '\n');
    if (!line || sscanf(line, "\n-- candidate: %63s script: %63s", p->candidate, p->script) != 2)
        fail_msg("%s: its second line does not say what it must end with", name);
    p->timed = is_one_of(p->candidate, "limit:time");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int find_programs(void **state)
{
    HAN__UNUSED(state);
    DIR *folder = opendir(FOLDER);
    if (!folder) return -1;
    for (struct dirent *e; (e = readdir(folder)) != NULL && names_len < NAMES_MAX;)
        if (strstr(e->d_name, ".lua"))
            snprintf(names[names_len++], sizeof names[0], "%.60s", e->d_name);
    closedir(folder);
    qsort(names, names_len, sizeof names[0], by_name);
    full = getenv("HAN_FULL") != NULL;
    return names_len >= 60 ? 0 : -1;
}

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void open_strongest(world *w)
{
    open_world(w, RUNNER);
    if (han__launcher_set(w->host.launcher, HAN__LEVEL_STRONG, NULL) != HAN_OK)
        print_message("NOT TESTED: level strong\n");
    assert_int_equal(
        han__programs_open(&w->host.programs, w->host.loop, &w->mem, w->host.launcher, NULL),
        HAN_OK);
}

static void close_all(world *w)
{
    han__programs_close(w->host.programs);
    close_world(w);
}

/* ---- as candidates ---- */

static const char as_candidate[] =
    "local source, wanted, wall = ...\n"
    "local r, why = require('han.eval').lua{ name = 'hostile', calls = {{ fn = 'alive' }, { fn = "
    "'f' "
    "}}, code = 'local M = {}\\nfunction M.alive() return 7 end\\nfunction M.f(...)\\n' .. source "
    ".. "
    "'\\nend\\nreturn M\\n', limits = { wall = wall, instructions = 1000000, memory = 16 << 20, "
    "output = 1 << 16 } }\n"
    "assert(r, why)\n"
    "local call = r.calls[2] or r\n"
    "return call.ok and 'ok' or call.class, tostring(call.message), r.calls[1] and "
    "r.calls[1].values[1]\n";

typedef struct asked {
    world *w;
    char class[64], message[300];
    bool ended, alive;
} asked;

static void on_answer(han__fiber *fiber, lua_State *co, int status, int results)
{
    asked *a = fiber->owner;
    a->ended = true;
    a->alive = status == LUA_OK && results == 3 && lua_tointeger(co, -1) == 7;
    snprintf(a->class, sizeof a->class, "%s",
             status == LUA_OK && results == 3 ? lua_tostring(co, -3) : "no answer");
    snprintf(a->message, sizeof a->message, "%s",
             luaL_tolstring(co, status == LUA_OK && results == 3 ? -2 : -1, NULL));
}

static bool not_answered(void *ud)
{
    return !((asked *)ud)->ended;
}

static void ask(world *w, const char *source, long wall_ms, asked *a)
{
    lua_State *L = w->host.harness->L;
    memset(a, 0, sizeof *a);
    assert_int_equal(luaL_loadstring(L, as_candidate), LUA_OK);
    lua_pushstring(L, source);
    lua_pushnil(L);
    lua_pushnumber(L, (double)wall_ms / 1000.0);
    han__fiber *fiber = han__fiber_new(w->host.harness, L, 3, on_answer, a);
    assert_non_null(fiber);
    han__fiber_ready(fiber);
    han__host_drive(&w->host, not_answered, a);
}

/* The program ends as it says, and the next as always. How many milliseconds it took. */
static long as_a_candidate(world *w, const char *name, const program *p, long wall_ms)
{
    asked a;
    long from = now_ms();
    ask(w, p->source, wall_ms, &a);
    long took = now_ms() - from;
    bool late = wall_ms == SHORT_MS && strcmp(a.class, "limit:time") == 0;
    if (!late && !is_one_of(p->candidate, a.class))
        COMPLAIN("%s as a candidate: %s, not %s (%s)", name, a.class, p->candidate, a.message);
    ask(w, "return 7", LONG_MS, &a);
    if (strcmp(a.class, "ok") != 0 || !a.alive)
        COMPLAIN("behind %s a good candidate: %s (%s)", name, a.class, a.message);
    return took;
}

/* ---- as untrusted programs ---- */

static bool not_ended(void *ud)
{
    return !((han__run *)ud)->told_end;
}

/* Runs it; how it ended: "done" or the code, and the reason. */
static void run_program(world *w, const char *source, long wall_ms, char *how, size_t cap,
                        char *why, size_t room)
{
    han_error err = {0};
    han__run *run = NULL;
    han__run_options options = {.source = source,
                                .source_len = strlen(source),
                                .name = "hostile.lua",
                                .undeclared = 0xff,
                                .services = LUA_NOREF,
                                .wall_ns = (uint64_t)wall_ms * 1000000u,
                                .max_steps = 1000000,
                                .max_bytes = 32u << 20,
                                .untrusted = true};
    if (han__run_open(&w->host, &options, &run, &err) != HAN_OK) {
        snprintf(how, cap, "%s", han_status_name(err.code));
        snprintf(why, room, "%.200s", err.message);
        return;
    }
    han__host_drive(&w->host, not_ended, run);
    const han__node *root = han__tree_root(run->tree);
    snprintf(how, cap, "%s", root->outcome == HAN__DOWN ? han_status_name(root->code) : "done");
    snprintf(why, room, "%.200s", root->reason ? root->reason : "");
    han__run_close(run);
}

static long as_a_program(world *w, const char *name, const program *p, long wall_ms)
{
    char how[64], why[300];
    long from = now_ms();
    run_program(w, p->source, wall_ms, how, sizeof how, why, sizeof why);
    long took = now_ms() - from;
    bool late = wall_ms == SHORT_MS && strcmp(how, "LIMIT") == 0;
    if (!late && !is_one_of(p->script, how))
        COMPLAIN("%s as a program: %s, not %s (%s)", name, how, p->script, why);
    run_program(w, "return 7", LONG_MS, how, sizeof how, why, sizeof why);
    if (strcmp(how, "done") != 0) COMPLAIN("behind %s a good program: %s (%s)", name, how, why);
    return took;
}

/* ---- each of them ---- */

typedef long (*runs)(world *w, const char *name, const program *p, long wall_ms);

/* Under the short limit, with its half second; another program may have had the machine. */
static void in_time(world *w, runs as, const char *name, const program *p)
{
    long took = SHORT_MS + LATE_MS;
    for (int try = 0; try < TRIES && took >= SHORT_MS + LATE_MS; try++)
        took = as(w, name, p, SHORT_MS);
    if (took >= SHORT_MS + LATE_MS) COMPLAIN("%s took %ld ms", name, took);
}

static void run_all(world *w, runs as)
{
    static program p;
    bad = 0;
    for (size_t i = 0; i < names_len; i++) {
        read_program(names[i], &p);
        long took = as(w, names[i], &p, p.timed ? SHORT_MS : LONG_MS);
        if (took > SLOW_MS) print_message("%s: %ld ms\n", names[i], took);
        if (full) in_time(w, as, names[i], &p);
    }
    assert_int_equal(bad, 0);
}

TEST(candidates)
{
    world w;
    open_strongest(&w);
    run_all(&w, as_a_candidate);
    assert_int_equal(han__eval_starts(w.host.eval), 1);
    close_all(&w);
}

TEST(programs)
{
    world w;
    open_strongest(&w);
    run_all(&w, as_a_program);
    assert_int_equal(han__programs_starts(w.host.programs), 1);
    close_all(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candidates),
        cmocka_unit_test(programs),
    };
    return cmocka_run_group_tests(tests, find_programs, NULL);
}
