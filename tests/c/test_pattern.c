/* runner/pattern, runner/strings: the same as string.find, match, gmatch and gsub of the Lua
 * library, results and errors alike, over given and random patterns; and that work is paid for. */
#include "base/config.h"

#include <lauxlib.h>
#include <lualib.h>

#include "runner/pattern.h"
#include "runner/sandbox.h"
#include "testing.h"

/* Compares theirs (the library) and ours for one subject, pattern and replacement. */
static const char prelude[] =
    "local function show(...) local out = {} for i = 1, select('#', ...) do "
    "local v = select(i, ...) out[i] = math.type(v) == 'integer' and 'i' .. v or tostring(v) end "
    "return table.concat(out, '|') end\n"
    "local function all(f, s, p) local out = {} local n = 0 for a, b, c in f(s, p) do n = n + 1 "
    "out[#out + 1] = show(a, b, c) if n > 100 then break end end return table.concat(out, ';') "
    "end\n"
    "local function clean(text) return (text:gsub(\"'%.?%w*%.?gsub'\", 'F'):gsub("
    "' in replacement string', ''):gsub(' in pattern', '')) end\n"
    "local function both(name, ...) local a, b = clean(show(pcall(theirs[name], ...))), "
    "clean(show(pcall(ours[name], ...))) if a ~= b then error(name .. '(' .. show(...) .. '): "
    "theirs ' .. a .. ', ours ' .. b, 0) end return a end\n"
    "function compare(s, p, init) both('find', s, p, init) both('match', s, p, init)\n"
    "both('gsub', s, p, '<%0>') both('gsub', s, p, '%1', 2) both('gsub', s, p, {a = 1, b = "
    "false})\n"
    "both('gsub', s, p, function(a, b) return b end)\n"
    "local a, b = clean(show(pcall(all, theirs.gmatch, s, p))), "
    "clean(show(pcall(all, ours.gmatch, s, p)))\n"
    "if a ~= b then error('gmatch(' .. s .. ', ' .. p .. '): theirs ' .. a .. ', ours ' .. b, 0) "
    "end "
    "end\n";

static const char given[] =
    "local subjects = {'', 'a', 'abc', 'hello world', 'THE (quick) fox', '  trim me  ', 'key = "
    "val',\n"
    "'f(a(b)c)d)', 'a.b.c', 'x^y$z', '2026-11-20', '\\0a\\0', 'aaaa', '[]]', 'é', 'a,b,,c'}\n"
    "for _, s in ipairs(subjects) do for _, p in ipairs{ '', '.', 'a', '^a', 'a$', '^$', '$', "
    "'%a+', "
    "'%A', '(%w+)', '(%w+) (%w+)', '^%s*(.-)%s*$', '(%w+)%s*=%s*(%w+)', '%b()', '%f[%w]%w+', "
    "'%f[%W]', '()', '()a()', '(a)(b)?', '[a-c]+', '[^a-c]', '[%a-z]', '[a-]', '[]]', '[^]]', "
    "'[a%]]', '(.)%1', '(a*(.)%w(%s*))', '-', 'a-', 'a-b', '%d+-%d+', '%', '%1', '(', ')', '(a', "
    "'a)', '[', '[a', '[%', '%b', '%bx', '%f', '%fa', '(()', '%d%', '\\0', '[\\0]', '%z', '%.', "
    "'%,', "
    "'[,]*', ',*', '(,?)', '^', '^^', '%^', '%$', 'a?b?c?', '.-', '(.-),', '%x+', '%p', '%c', "
    "'%g', "
    "'%u%l*', 'a**', 'a+-', '()()()', '%0', '(%a)%2', '[z-a]', '[%a%d]' } do\n"
    "compare(s, p) compare(s, p, 2) compare(s, p, -1) compare(s, p, 100) compare(s, p, -100) end "
    "end\n"
    "local many = ('(a)'):rep(33) compare(('a'):rep(40), many) compare(('a'):rep(40), "
    "('()'):rep(32))\n"
    "compare(('a'):rep(40), ('a?'):rep(250)) compare(('a'):rep(300), ('('):rep(3) .. 'a*')\n"
    "for _, args in ipairs{ {'a.b', '.', nil, true}, {'a.b', '.b', 2, true}, {'abc', '', 4}, "
    "{'abc', '', 5}, {12, 2}, {'a'}, {{}, 'a'} } do\n"
    "local a, b = {pcall(theirs.find, table.unpack(args, 1, 4))}, "
    "{pcall(ours.find, table.unpack(args, 1, 4))}\n"
    "assert(a[1] == b[1] and (not a[1] or (a[2] == b[2] and a[3] == b[3])), args[1]) end\n"
    "assert(select(2, ours.gsub('abc', '%w', '%%')) == 3 and ours.gsub('abc', '%w', '%%') == "
    "'%%%')\n"
    "assert(ours.gsub('abc', '()', '%1') == '1a2b3c4' and ours.gsub('abc', 'b', 7) == 'a7c')\n"
    "for _, bad in ipairs{ '%x', '%', '%2' } do assert(not pcall(ours.gsub, 'abc', '(b)', bad)) "
    "end\n"
    "assert(not pcall(ours.gsub, 'a', 'a', function() return {} end))\n"
    "assert(not pcall(ours.gsub, 'a', 'a', true) and not pcall(ours.gmatch, 'a'))\n"
    "local n = 0 for k, v in ours.gmatch('a=1, b=2', '(%w+)=(%w+)', 3) do n = n + 1 "
    "assert(k == 'b' and v == '2') end assert(n == 1)";

static const char random_ones[] =
    "math.randomseed(20261120)\n"
    "local parts = {'a', 'b', '.', '%a', '%d', '%s', '[ab]', '[^a]', '[a-c1]', '(', ')', '()', "
    "'*', "
    "'+', '-', '?', '^', '$', '%1', '%2', '%b()', '%f[a]', '%', '[', ']', ' ', '1', '%w'}\n"
    "local letters = {'a', 'b', 'c', '1', ' ', '(', ')', 'A'}\n"
    "local function pick(list, most) local out = {} for i = 1, math.random(0, most) do "
    "out[i] = list[math.random(#list)] end return table.concat(out) end\n"
    "for i = 1, 20000 do compare(pick(letters, 12), pick(parts, 7), math.random(-3, 6)) end";

static void run(const char *code)
{
    static han__sandbox box; /* no call under way: nothing is limited */
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    memset(&box, 0, sizeof box);
    *(han__meter **)lua_getextraspace(L) = &box.meter;
    luaL_openlibs(L);
    if (luaL_dostring(L, "theirs = {} for k, v in pairs(string) do theirs[k] = v end"))
        fail_msg("%s", lua_tostring(L, -1));
    han__strings_install(L);
    if (luaL_dostring(L, "ours = {} for k, v in pairs(string) do ours[k] = v end "
                         "for k, v in pairs(theirs) do string[k] = v end") ||
        luaL_dostring(L, prelude) || luaL_dostring(L, code))
        fail_msg("%s", lua_tostring(L, -1));
    lua_close(L);
}

TEST(given_patterns)
{
    run(given);
}

TEST(random_patterns)
{
    run(random_ones);
}

/* Steps bound the work exactly, and spent steps are not the pattern's fault. */
TEST(steps_run_out)
{
    han__pattern p;
    char text[2001];
    memset(text, 'a', sizeof text);
    han__pattern_init(&p, text, 2000, ".-.-.-.-b", 9, 100000);
    assert_true(han__pattern_match(&p, 0) == HAN__PATTERN_NONE);
    assert_string_equal(p.problem, "");
    assert_int_equal(p.steps, 0);
    han__pattern_init(&p, text, 2000, "a*b", 3, 100000);
    assert_true(han__pattern_match(&p, 0) == HAN__PATTERN_NONE);
    assert_null(p.problem);
    uint64_t used = 100000 - p.steps;
    han__pattern_init(&p, text, 2000, "a*b", 3, used);
    assert_true(han__pattern_match(&p, 0) == HAN__PATTERN_NONE);
    assert_null(p.problem);
    han__pattern_init(&p, text, 2000, "a*b", 3, used - 1);
    assert_true(han__pattern_match(&p, 0) == HAN__PATTERN_NONE);
    assert_non_null(p.problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_patterns),
        cmocka_unit_test(random_patterns),
        cmocka_unit_test(steps_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
