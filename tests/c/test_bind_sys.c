/* han.sys: files are read and written whole or not at all, failures are nil, message, CODE. */
#include "base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "script/bind_sys.h"
#include "script/state.h"

typedef struct world {
    han__mem mem;
    han__clock clock;
    han__host host;
    han__state state;
    lua_State *L;
    char folder[64];
} world;

static int setup(void **state)
{
    static world w;
    memset(&w, 0, sizeof w);
    han__mem_init(&w.mem, NULL, NULL);
    han__clock_init_virtual(&w.clock, 5000000000u);
    w.host.mem = &w.mem;
    w.host.clock = &w.clock;
    w.state.host = &w.host;
    w.L = w.state.L = luaL_newstate();
    *(han__state **)lua_getextraspace(w.L) = &w.state;
    luaL_openlibs(w.L);
    luaL_requiref(w.L, "han.sys", han__open_sys, 0);
    lua_setglobal(w.L, "sys");
    snprintf(w.folder, sizeof w.folder, "/tmp/han-sys-XXXXXX");
    if (!mkdtemp(w.folder)) return -1;
    lua_pushstring(w.L, w.folder);
    lua_setglobal(w.L, "dir");
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    int rc = luaL_dostring(w->L, "for _, name in ipairs(sys.list_dir(dir)) do "
                                 "os.remove(dir .. '/' .. name) end os.remove(dir)");
    lua_close(w->L);
    return rc == LUA_OK && w->mem.live == 0 ? 0 : -1;
}

/* Runs a chunk that asserts. */
static void run(world *w, const char *chunk)
{
    if (luaL_dostring(w->L, chunk) != LUA_OK) fail_msg("%s", lua_tostring(w->L, -1));
    lua_settop(w->L, 0);
}

#define NO                                                                                         \
    "local function no(want, part, got, why, code) "                                               \
    "  assert(got == nil and code == want and why:find(part, 1, true), tostring(why)) end "

static void files_are_written_and_read(void **state)
{
    run(*state, "local path = dir .. '/a.txt' assert(sys.write_file(path, 'one\\0two')) "
                "assert(sys.read_file(path) == 'one\\0two') assert(sys.write_file(path, '')) "
                "assert(sys.read_file(path) == '') local s = sys.stat(path) "
                "assert(s.kind == 'file' and s.size == 0 and math.type(s.mode) == 'integer' and "
                "s.mtime > 1e9) "
                "assert(sys.mkdir(dir .. '/sub') and sys.stat(dir .. '/sub').kind == 'directory') "
                "assert(table.concat(sys.list_dir(dir), ' ') == 'a.txt sub') "
                "assert(sys.realpath(dir .. '/sub/../a.txt') == sys.realpath(path)) "
                "assert(sys.access(path, 'r') and not sys.access(path .. 'x', 'r'))");
}

static void expected_failures_have_codes(void **state)
{
    run(*state, NO "no('UNKNOWN', 'No such file', sys.read_file(dir .. '/none')) no('UNKNOWN', 'is "
                   "a folder', sys.read_file(dir)) "
                   "no('UNKNOWN', 'No such file', sys.stat(dir .. '/none')) no('UNKNOWN', 'cannot "
                   "list', sys.list_dir(dir .. '/none')) "
                   "no('UNKNOWN', 'cannot write', sys.write_file(dir .. '/none/x', '')) no('IO', "
                   "'exists', sys.mkdir(dir)) "
                   "no('UNKNOWN', 'not a regular file', sys.read_file('/dev/null')) "
                   "assert(sys.write_file(dir .. '/a', 'x', {new=true})) no('IO', 'File exists', "
                   "sys.write_file(dir .. '/a', 'y', {new=true})) "
                   "assert(sys.read_file(dir .. '/a') == 'x') no('UNKNOWN', 'cannot find', "
                   "sys.realpath(dir .. '/none')) "
                   "assert(not pcall(sys.read_file, '')) assert(not pcall(sys.read_file, 'a\\0b')) "
                   "assert(not pcall(sys.read_file, ('x'):rep(5000)))");
}

static void the_cap_of_a_read_is_exact(void **state)
{
    run(*state,
        NO "local path, text = dir .. '/big', ('x'):rep(200000) assert(sys.write_file(path, text)) "
           "assert(#sys.read_file(path, 200000) == 200000) "
           "no('LIMIT', 'longer than 199999 bytes', sys.read_file(path, 199999)) no('LIMIT', "
           "'longer than 0', sys.read_file(path, 0)) "
           "assert(sys.write_file(path, '') and sys.read_file(path, 0) == '')");
}

static void a_write_that_fails_leaves_the_old_file(void **state)
{
    world *w = *state;
    run(w, "assert(sys.write_file(dir .. '/keep', 'old')) assert(sys.mkdir(dir .. '/wall'))");
    run(w, NO "no('IO', 'cannot write', sys.write_file(dir .. '/wall', 'new')) "
              "assert(table.concat(sys.list_dir(dir), ' ') == 'keep wall')");
    char path[128];
    snprintf(path, sizeof path, "%s/keep", w->folder);
    assert_int_equal(chmod(path, 0640), 0);
    run(w, "assert(sys.write_file(dir .. '/keep', 'new')) assert(sys.stat(dir .. '/keep').mode == "
           "tonumber('640', 8)) "
           "assert(sys.read_file(dir .. '/keep') == 'new' and #sys.list_dir(dir) == 2)");
}

static void the_process_is_described(void **state)
{
    run(*state,
        "assert(sys.mono() == 5.0) assert(sys.pid() > 0 and sys.cores() >= 1) "
        "assert(sys.isatty(-1) == false) "
        "assert(sys.env('HAN_NOT_SET') == nil and #sys.env('PATH') > 0) assert(sys.host().system "
        "== 'Linux') "
        "assert(sys.escape('a\\27[31m\\n') == 'a\\\\x1b[31m\\n') assert(sys.escape('') == '') "
        "assert(#sys.escape(('\\1'):rep(1000)) == 4000) "
        "assert(sys.sha256('abc') == "
        "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')");
}

static void every_failed_allocation_is_reported(void **state)
{
    world *w = *state;
    run(w, "for i = 1, 50 do assert(sys.write_file(dir .. '/f' .. i, ('x'):rep(i * 4000))) end");
    uint64_t failures = 0;
    for (bool done = false; !done; failures++) {
        w->mem.fail_at = w->mem.calls + 1 + failures;
        lua_settop(w->L, 0);
        int rc =
            luaL_dostring(w->L, "assert(sys.list_dir(dir)) assert(sys.read_file(dir .. '/f50')) "
                                "assert(sys.escape(('y'):rep(100)))");
        w->mem.fail_at = 0;
        done = rc == LUA_OK;
        if (!done) assert_non_null(strstr(lua_tostring(w->L, -1), "out of memory"));
        assert_int_equal(w->mem.live, 0);
    }
    assert_true(failures > 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(files_are_written_and_read), TEST(expected_failures_have_codes),
        TEST(the_cap_of_a_read_is_exact), TEST(a_write_that_fails_leaves_the_old_file),
        TEST(the_process_is_described),   TEST(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
