/* value/pairs: order, snapshot, next, text without addresses, sorting; as Lua chunks that raise
 * when something is not as it should be, each in a fresh state. */
#include "base/config.h"

#include <lauxlib.h>
#include <lualib.h>

#include "base/mem.h"
#include "value/pairs.h"
#include "testing.h"

static const char prelude[] =
    "function same(a, b) if a ~= b then error(('got %s, want %s'):format(tostring(a), "
    "tostring(b)), 2) end end\n"
    "function keys(t) local out = {} for k in pairs(t) do out[#out+1] = tostring(k) end "
    "return table.concat(out, ' ') end\n"
    "function fails(text, f, ...) local ok, why = pcall(f, ...) same(ok, false) "
    "if not tostring(why):find(text, 1, true) then error('message is: ' .. tostring(why), 2) end "
    "end\n";

static lua_State *open_state(void)
{
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    luaL_openlibs(L);
    han__pairs_install(L);
    assert_int_equal(lua_gettop(L), 0);
    return L;
}

static void run(const char *code)
{
    lua_State *L = open_state();
    if (luaL_dostring(L, prelude) || luaL_dostring(L, code)) fail_msg("%s", lua_tostring(L, -1));
    lua_close(L);
}

TEST(order_of_keys)
{
    run("same(keys{[true]=1,[false]=1,b=1,a=1,ab=1,[2.5]=1,[-0.5]=1,[-3]=1,[0]=1,[10]=1,'x'},"
        "'-3 0 1 10 -0.5 2.5 a ab b false true')\n"
        "same(keys{}, '') same(keys{1,2,3}, '1 2 3') same(keys{1,nil,3}, '1 3')\n"
        "same(keys{['\\xff']=1,['\\0']=1,['']=1,['a\\0b']=1,a=1}, ' \\0 a a\\0b \\xff')\n"
        "same(keys{[math.mininteger]=1,[math.maxinteger]=1,[1/0]=1,[-1/0]=1,[2^53]=1},"
        "'-9223372036854775808 9007199254740992 9223372036854775807 -inf inf')\n"
        "local t = {} for i = 1, 100 do t[(i * 37) % 101] = i end\n"
        "local last = 0 for k, v in pairs(t) do same(k, last + 1) same(t[k], v) last = k end "
        "same(last, 100)\n");
}

TEST(large_mixed_tables_are_sorted)
{
    run("local t, want = {}, {} for i = 1, 5000 do local k = ('%05d'):format((i*7919)%5000) "
        "t[k] = i want[#want+1] = k end table.sort(want) local i = 0\n"
        "for k, v in pairs(t) do i = i + 1 same(k, want[i]) same(v, t[k]) end same(i, 5000)\n"
        "i = 0 for k, v in next, t do i = i + 1 same(k, want[i]) end same(i, 5000)");
}

TEST(a_snapshot_at_the_start)
{
    run("local t = {a=1,b=2,c=3,d=4} local seen = {}\n"
        "for k, v in pairs(t) do seen[#seen+1] = k .. v t[k] = nil t.c = nil t.d = 40 t.e = 5 end\n"
        "same(table.concat(seen, ' '), 'a1 b2 d40')\n"
        "t = {1,2,3,4} local n = 0\n"
        "for i, v in pairs(t) do n = n + 1 t[#t+1] = v if i == 2 then t[3] = nil end end same(n, "
        "3)\n"
        "t = {1,2,3} n = 0 for i in pairs(t) do for j in pairs(t) do n = n + i * j end end same(n, "
        "36)\n"
        "t = {x=1,y=2} n = '' for i in pairs(t) do for j in pairs(t) do n = n .. i .. j end end\n"
        "same(n, 'xxxyyxyy')");
}

TEST(pairs_as_lua_has_it)
{
    run("local p = setmetatable({}, {__pairs = function(t) return function(_, k) "
        "if not k then return 1, 'one' end end, t, nil end})\n"
        "for k, v in pairs(p) do same(k, 1) same(v, 'one') end\n"
        "fails(\"table expected, got nil\", pairs, nil) fails('value expected', pairs)\n"
        "local co = coroutine.wrap(function() for k in pairs(setmetatable({}, {__pairs = "
        "function(t) coroutine.yield('in') return next, {z=1}, nil end})) do coroutine.yield(k) "
        "end "
        "return 'end' end)\n"
        "same(co(), 'in') same(co(), 'z') same(co(), 'end')\n"
        "local hidden = setmetatable({a=1}, {__index = error, __newindex = error, __len = error})\n"
        "same(keys(hidden), 'a') same(next(hidden), 'a')\n"
        "local f, s, c = pairs{a=1} same(c, nil) same(select('#', pairs{}), 3)");
}

TEST(next_alone)
{
    run("same(next{}, nil) same(select('#', next{}), 1)\n"
        "local k, v = next{b=2,a=1} same(k, 'a') same(v, 1)\n"
        "same(next({a=1,b=2}, 'b'), nil) k, v = next({5,6,7}, 2) same(k, 3) same(v, 7)\n"
        "k, v = next({a=1,c=3}, 'b') same(k, 'c')\n"
        "local t = {a=1,b=2,c=3,d=4} local got = ''\n"
        "local x = next(t) while x do got = got .. x t[x] = nil x = next(t, x) end "
        "same(got, 'abcd') same(next(t), nil)\n"
        "t = {a=1,b=2,c=3} got = ''\n"
        "for i in next, t do for j in next, t do got = got .. i .. j .. ' ' end end\n"
        "same(got, 'aa ab ac ba bb bc ca cb cc ')\n"
        "for i = 1, 3 do local n = 0 for _ in next, {1,2,3,a=1} do n = n + 1 end same(n, 4) end\n"
        "fails('table expected', next) fails(\"invalid key to 'next'\", next, {}, {})");
}

TEST(objects_as_keys)
{
    run("local o = {} local t = {[o]=1, a=2, 3} local list = {}\n"
        "for k in pairs(t) do list[#list+1] = k end same(list[1], 1) same(list[2], 'a') "
        "same(list[3], o)\n"
        "local p, q = {}, function() end\n"
        "fails('no order that is the same in every run', pairs, {[p]=1,[q]=2})\n"
        "fails('no order that is the same in every run', next, {[p]=1,[q]=2})\n"
        "same(next{[p]=1,[q]=2,x=3}, 'x')\n"
        "local sp, sq = tostring(q), tostring(p)\n" /* q is numbered first */
        "list = {} for k in pairs{[p]=1,[q]=2,[o]=3} do list[#list+1] = k end\n"
        "same(list[1], o) same(list[2], q) same(list[3], p)\n"
        "same(next({[p]=1,[q]=2}, q), p) same(next({[p]=1,[q]=2}, p), nil)\n"
        "same(next{[p]=1,[{}]=2,[{}]=3}, p)\n");
}

TEST(weak_tables_may_shrink)
{
    run("local t = setmetatable({}, {__mode = 'k'}) collectgarbage('generational')\n"
        "for round = 1, 20 do for i = 1, 50 do t['k' .. i] = i end t[{}] = 1\n"
        "local n = 0 for k in pairs(t) do n = n + 1 if n == 3 then collectgarbage() end end end");
}

TEST(text_without_addresses)
{
    run("local t, f = {}, function() end local a = tostring(t)\n"
        "same(a:match('^table: #%d+$'), a) same(tostring(t), a) assert(tostring({}) ~= a)\n"
        "same(tostring(f):match('^function: #%d+$'), tostring(f))\n"
        "same(tostring(coroutine.create(f)):match('^thread: #%d+$') ~= nil, true)\n"
        "same(tostring(io.stdout), tostring(io.stdout))\n" /* has __tostring */
        "same(tostring(setmetatable({}, {__name='Account'})):match('^Account: #%d+$') ~= nil, "
        "true)\n"
        "same(tostring(setmetatable({}, {__tostring=function() return 'T' end})), 'T')\n"
        "fails(\"'__tostring' must return a string\", tostring, setmetatable({}, {__tostring = "
        "function() return {} end}))\n"
        "same(tostring(nil), 'nil') same(tostring(1.0), '1.0') same(tostring('x'), 'x')\n"
        "same(tostring(true), 'true') fails('value expected', tostring)\n"
        "same(('%s|%5s|%-5s|%d|%%|%q'):format(t, 'x', true, 3, 'q'), a .. '|    x|true "
        "|3|%|\"q\"')\n"
        "same(('%5.2f %s'):format(1, f), ' 1.00 ' .. tostring(f))\n"
        "fails('would show an address', string.format, '%d %p', 1, t)\n"
        "fails('would show an address', string.format, '%-10p', t)\n"
        "fails(\"bad argument #3\", string.format, '%s %s', 1) same(('%s'):format(nil), 'nil')\n"
        "fails('invalid conversion', string.format, '%', 1) fails('invalid conv', string.format, "
        "'%5', 1)\nfails(\"bad argument #2 to 'format' (number expected\", function() "
        "return string.format('%d', 'x') end)\n"
        "fails(\"bad argument #2 to 'format'\", function() return string.format('%f', {}) end)");
}

TEST(ordinals_are_given_once)
{
    run("local first = tonumber(tostring({}):match('%d+'))\n"
        "for i = 1, 100 do same(tonumber(tostring({}):match('%d+')), first + i) "
        "collectgarbage('step') end collectgarbage()\n"
        "same(tonumber(tostring({}):match('%d+')), first + 101)");
}

TEST(sort_is_stable_and_total)
{
    run("local t = {} for i = 1, 1000 do t[i] = {key = (i * 7) % 10, i = i} end\n"
        "table.sort(t, function(a, b) return a.key < b.key end)\n"
        "for i = 2, 1000 do assert(t[i-1].key < t[i].key or (t[i-1].key == t[i].key and "
        "t[i-1].i < t[i].i)) end\n"
        "for n = 0, 40 do local s = {} for i = 1, n do s[i] = (i * 31) % 17 end table.sort(s) "
        "same(#s, n) for i = 2, n do assert(s[i-1] <= s[i]) end end\n"
        "local w = {'b','a','C'} table.sort(w) same(table.concat(w), 'Cab')\n"
        "local asked = 0 local m = {} for i = 1, 1024 do m[i] = (i * 389) % 1024 end\n"
        "table.sort(m, function() asked = asked + 1 return true end) assert(asked <= 10240)\n"
        "local sum = 0 for i = 1, 1024 do sum = sum + m[i] end same(sum, 1023 * 512)\n"
        "fails('attempt to compare', table.sort, {1, 'x'}) fails('attempt', table.sort, "
        "{1,nil,3,4})\n"
        "fails('table expected', table.sort, 1) fails('function expected', table.sort, {1,2}, 3)\n"
        "fails('boom', table.sort, {2,1}, function() error('boom') end)\n"
        "local log = {} local proxy = setmetatable({}, {__len = function() return 3 end, __index = "
        "function(_, i) return 4 - i end, __newindex = function(_, i, v) log[i] = v end})\n"
        "table.sort(proxy) same(table.concat(log), '123')");
}

/* The same chunk in states with different hash seeds and addresses gives the same text. */
TEST(states_agree)
{
    static const char code[] =
        "local t = {} for i = 1, 200 do t['key' .. i] = {i} end local out = {}\n"
        "for k, v in pairs(t) do out[#out+1] = k .. tostring(v) end\n"
        "local k = next(t) while k do out[#out+1] = k k = next(t, k) end\n"
        "return table.concat(out, '\\n')";
    char *first = NULL;
    lua_State *keep = NULL;
    for (int i = 0; i < 5; i++) {
        lua_State *L = open_state();
        if (luaL_dostring(L, code)) fail_msg("%s", lua_tostring(L, -1));
        if (!first) {
            keep = L;
            first = (char *)(uintptr_t)lua_tostring(L, -1);
            continue;
        }
        assert_string_equal(lua_tostring(L, -1), first);
        lua_close(L);
    }
    lua_close(keep);
}

static void *lua_memory(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    han__mem *mem = ud;
    if (new_size == 0) {
        if (ptr) han__mem_free(mem, ptr, old_size);
        return NULL;
    }
    return ptr ? han__mem_resize(mem, ptr, old_size, new_size) : han__mem_alloc(mem, new_size);
}

/* Out of memory raises and leaves a state that works. */
TEST(allocation_failures)
{
    static const char code[] = "local t = {} for i = 1, 40 do t['k' .. i] = i end t[{}] = 1 "
                               "local n = 0 for k in pairs(t) do n = n + 1 end "
                               "for k in next, t do n = n + 1 end "
                               "table.sort{3,2,1} local s = tostring(t) s = ('%s'):format(print) "
                               "assert(n == 82)";
    for (uint64_t nth = 1;; nth++) {
        han__mem mem;
        han__mem_init(&mem, NULL, NULL);
        lua_State *L = lua_newstate(lua_memory, &mem);
        assert_non_null(L);
        luaL_openlibs(L);
        han__pairs_install(L);
        assert_int_equal(luaL_loadstring(L, code), LUA_OK);
        lua_pushvalue(L, -1);
        mem.calls = 0;
        mem.fail_at = nth;
        int status = lua_pcall(L, 0, 0, 0);
        bool done = mem.calls < nth;
        mem.fail_at = 0;
        assert_int_equal(status, done ? LUA_OK : LUA_ERRMEM);
        lua_settop(L, 1);
        assert_int_equal(lua_pcall(L, 0, 0, 0), LUA_OK);
        lua_close(L);
        assert_int_equal(mem.live, 0);
        if (done) break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_keys),
        cmocka_unit_test(large_mixed_tables_are_sorted),
        cmocka_unit_test(a_snapshot_at_the_start),
        cmocka_unit_test(pairs_as_lua_has_it),
        cmocka_unit_test(next_alone),
        cmocka_unit_test(objects_as_keys),
        cmocka_unit_test(weak_tables_may_shrink),
        cmocka_unit_test(text_without_addresses),
        cmocka_unit_test(ordinals_are_given_once),
        cmocka_unit_test(sort_is_stable_and_total),
        cmocka_unit_test(states_agree),
        cmocka_unit_test(allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
