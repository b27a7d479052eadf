/* han.json: what is written is read back the same, what has no JSON form is refused with its path,
 * and no failed allocation leaks or raises. */
#include "base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>

#include "script/bind_json.h"
#include "script/state.h"

typedef struct world {
    han__mem mem;
    han__host host;
    han__state state;
    lua_State *L;
} world;

static void *lua_memory(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    han__mem *mem = ud;
    if (new_size > 0) return han__mem_resize(mem, ptr, ptr ? old_size : 0, new_size);
    if (ptr) han__mem_free(mem, ptr, old_size);
    return NULL;
}

static int setup(void **state)
{
    static world w;
    memset(&w, 0, sizeof w);
    han__mem_init(&w.mem, NULL, NULL);
    w.host.mem = &w.mem;
    w.state.host = &w.host;
    w.L = w.state.L = lua_newstate(lua_memory, &w.mem);
    *(han__state **)lua_getextraspace(w.L) = &w.state;
    luaL_openlibs(w.L);
    luaL_requiref(w.L, "han.json", han__open_json, 0);
    lua_setglobal(w.L, "json");
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    lua_close(w->L);
    return w->mem.live == 0 ? 0 : -1;
}

/* Runs a chunk that asserts. */
static void run(world *w, const char *chunk)
{
    if (luaL_dostring(w->L, chunk) != LUA_OK) fail_msg("%s", lua_tostring(w->L, -1));
    lua_settop(w->L, 0);
}

static void scalars_and_tables_are_written(void **state)
{
    run(*state,
        "local function is(v, want, o) local got = assert(json.encode(v, o)) assert(got == want, "
        "got) end "
        "is(1, '1') is(-9007199254740993, '-9007199254740993') is(1.0, '1.0') is(0.1, '0.1') "
        "is(1/3, '0.3333333333333333') is(1e300, '1e+300') is(-0.0, '-0.0') is(5e-324, "
        "'4.94065645841247e-324') "
        "is(1/3, '0.333333', {precision=6}) is(true, 'true') is(json.null, 'null') "
        "is('a\"b\\\\\\n\\1\\127', '\"a\\\\\"b\\\\\\\\\\\\n\\\\u0001\\\\u007f\"') "
        "is('\\u{20ac}', '\"\\u{20ac}\"') is({}, '{}') is(json.array{}, '[]') is({1,{2}}, "
        "'[1,[2]]') "
        "is({b=1,a={c=json.null},B=2}, '{\"B\":2,\"a\":{\"c\":null},\"b\":1}') "
        "is({a={1,2},b={}}, '{\\n  \"a\": [\\n    1,\\n    2\\n  ],\\n  \"b\": {}\\n}', "
        "{pretty=true}) "
        "is('\\xff', '\"\\u{fffd}\"', {lossy=true})");
}

static void what_has_no_form_is_refused_with_its_path(void **state)
{
    run(*state,
        "local function no(v, part, want) local got, why, code = json.encode(v) "
        "  assert(got == nil and code == (want or 'INVALID') and why:find(part, 1, true), why) end "
        "no({a={1,print}}, 'value.a[2]: a function') no({x=0/0}, 'value.x: NaN') no(1/0, 'value: "
        "infinity') "
        "no({1,2,x=3}, 'value: a table is a list') no({[1]=1,[3]=3}, 'is a list') no({[true]=1}, "
        "'is a list') "
        "no({1,2,nil,4,[true]=3}, 'is a list') no({['k']='\\xff'}, 'value.k: the text is not "
        "UTF-8') "
        "no({[2.5]=1}, 'is a list') no(io.stdout, 'this type') "
        "local t = {} t.t = t no(t, 'nested too deep') "
        "no(('x'):rep(17 << 20), 'longer than', 'LIMIT')");
}

static void texts_are_read(void **state)
{
    run(*state,
        "local v = assert(json.decode('{\"a\":[1,2.0,\"x\\\\u0000y\"],\"b\":null,\"c\":{}}')) "
        "assert(math.type(v.a[1]) == 'integer' and math.type(v.a[2]) == 'float' and v.a[3] == "
        "'x\\0y') "
        "assert(v.b == json.null and next(v.c) == nil) "
        "assert(json.decode('{\"b\":null}', {null='nil'}).b == nil) assert(json.decode('7') == 7) "
        "assert(json.encode(json.decode('[]')) == '[]') assert(json.encode(json.decode('{}')) == "
        "'{}')");
}

static void bad_texts_name_their_place(void **state)
{
    run(*state,
        "local function no(text, part, want, o) local v, why, code = json.decode(text, o) "
        "  assert(v == nil and code == (want or 'SYNTAX') and why:find(part, 1, true), why) end "
        "no('{\"a\":1,\\n \"a\":2}', 'line 2:') no('', 'line 1:') no('[1,]', 'line 1:') no('[1] "
        "x', 'line 1:') "
        "no('[1e999]', 'line 1:') no('99999999999999999999', 'line 1:') no('\"\\xff\"', 'line 1:') "
        "no('[1,2]', 'at most 3', 'LIMIT', {max_bytes=3}) no('[null]', 'null inside an array', "
        "'INVALID', {null='nil'}) "
        "no(('['):rep(65) .. (']'):rep(65), 'nested too deep', 'LIMIT') "
        "assert(json.decode(('['):rep(64) .. (']'):rep(64)))");
}

static void random_values_come_back_the_same(void **state)
{
    run(*state, "local seed = 1 local function rnd(n) seed = (seed * 6364136223846793005 + "
                "1442695040888963407) "
                "  return ((seed >> 33) % n) + 1 end "
                "local function make(d) local k = rnd(d > 3 and 4 or 6) "
                "  if k == 1 then return rnd(1 << 30) - (1 << 29) elseif k == 2 then return rnd(1 "
                "<< 30) / rnd(1 << 20) "
                "  elseif k == 3 then return string.char(rnd(95) + 31, rnd(95) + 31) elseif k == 4 "
                "then return rnd(2) == 1 "
                "  else local t = {} for i = 1, rnd(4) do if k == 5 then t[i] = make(d + 1) else "
                "t['k' .. rnd(9)] = make(d + 1) end end "
                "  return t end end "
                "for _ = 1, 2000 do local text = assert(json.encode({make(0)})) "
                "  assert(json.encode(assert(json.decode(text))) == text, text) end");
}

static void the_c_functions_do_not_raise(void **state)
{
    world *w = *state;
    han_error err = {0};
    const char *text = "{\"n\":1,\"gone\":null,\"list\":[true]}";
    assert_int_equal(han__json_push(w->L, text, strlen(text), &err), HAN_OK);
    assert_int_equal(lua_gettop(w->L), 1);
    han__buf buf;
    han__buf_init(&buf, &w->mem, 1000);
    assert_int_equal(han__json_encode(w->L, 1, &buf, &err), HAN_OK);
    assert_string_equal(han__buf_cstr(&buf), "{\"list\":[true],\"n\":1}");
    assert_int_equal(lua_gettop(w->L), 1);
    assert_int_equal(han__json_push(w->L, "[nul", 4, &err), HAN_SYNTAX);
    assert_int_equal(lua_gettop(w->L), 1);
    lua_pushcfunction(w->L, han__open_json);
    size_t before = buf.len;
    assert_int_equal(han__json_encode(w->L, 2, &buf, &err), HAN_INVALID);
    assert_int_equal(buf.len, before);
    assert_int_equal(lua_gettop(w->L), 2);
    han__buf_release(&buf);
}

static void every_failed_allocation_is_reported(void **state)
{
    world *w = *state;
    uint64_t failures = 0;
    const char *make =
        "doc = {} for i = 1, 40 do doc['key' .. i] = {i, i / 7, {x = ('x'):rep(i)}} end";
    run(w, make);
    lua_getglobal(w->L, "doc");
    for (int rc = HAN_NOMEM; rc != HAN_OK; failures++) {
        han_error err = {0};
        han__buf buf;
        han__buf_init(&buf, &w->mem, 1 << 20);
        w->mem.fail_at = w->mem.calls + 1 + failures;
        rc = han__json_encode(w->L, 1, &buf, &err);
        if (rc == HAN_OK) rc = han__json_push(w->L, (const char *)buf.data, buf.len, &err);
        w->mem.fail_at = 0;
        assert_int_equal(lua_gettop(w->L), rc == HAN_OK ? 2 : 1);
        if (rc != HAN_OK) assert_int_equal(rc, HAN_NOMEM);
        if (rc != HAN_OK) assert_string_equal(err.message, "out of memory in a JSON text");
        han__buf_release(&buf);
    }
    assert_true(failures > 100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(scalars_and_tables_are_written),
        TEST(what_has_no_form_is_refused_with_its_path),
        TEST(texts_are_read),
        TEST(bad_texts_name_their_place),
        TEST(random_values_come_back_the_same),
        TEST(the_c_functions_do_not_raise),
        TEST(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
