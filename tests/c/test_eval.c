/* Evaluation from end to end: han.eval in a harness state, exec/eval, han-runner and its children.
 * Hostile candidates must end within their limits, with their class, and leave the next evaluation
 * untouched. */
#include "base/config.h"

#include "eval_world.h"

/* ---- what an evaluation gives ---- */

TEST(values_and_types)
{
    run("local r = eval.lua{ name = 'ledger', code = [[local M = {} local n = 0\n"
        "function M.add(a, b) n = n + 1 return a + b end function M.count() return n end\n"
        "function M.all(...) return ... end function M.t() return {a = {1, 2.0}, [3] = false} end\n"
        "return M]], calls = { { fn = 'add', args = {1, 2} }, { fn = 'add', args = {1, 2.0} },\n"
        "{ fn = 'count' }, { fn = 'all', args = {nil, 'x', nil, n = 3} }, { fn = 't', args = {} "
        "},\n"
        "{ fn = 'all', args = {{}, -0.0, math.mininteger, '\\0', true} } } }\n"
        "same(r.class, 'ok') same(#r.calls, 6) same(r.message, nil)\n"
        "same(math.type(r.calls[1].values[1]), 'integer') same(r.calls[1].n, 1)\n"
        "same(math.type(r.calls[2].values[1]), 'float') same(r.calls[2].values[1], 3.0)\n"
        "same(r.calls[3].values, {2})\n" /* the module lives through all calls */
        "same(r.calls[4].n, 3) same(r.calls[4].values, {nil, 'x'})\n"
        "same(r.calls[5].values, {{a = {1, 2.0}, [3] = false}})\n"
        "same(1 / r.calls[6].values[2], -math.huge) same(r.calls[6].values[3], math.mininteger)\n"
        "same(r.calls[6].values[4], '\\0') same(r.calls[1].pass, nil) same(r.calls[1].class, nil)\n"
        "same(r.calls[1].lines, nil) same(r.calls[1].traceback, nil)");
}

TEST(errors_have_place_and_trace)
{
    run("local r = eval.lua{ name = 'ledger', code = [[local M = {}\n"
        "local function inner(x)\n"
        "  return x.y.z\n"
        "end\n"
        "function M.outer(x)\n"
        "  local v = inner(x)\n"
        "  return v\n"
        "end\n"
        "function M.thrown() error({ message = 'by table' }) end\n"
        "function M.odd() error(coroutine.create(print)) end\n"
        "function M.wrapped() local c = coroutine.wrap(function() inner({}) end) c() end\n"
        "function M.caught() pcall(inner) error('later', 0) end\n"
        "return M]], calls = { { fn = 'outer', args = {{}} }, { fn = 'thrown' }, { fn = 'odd' },\n"
        "{ fn = 'nothing' }, { fn = 'wrapped' }, { fn = 'caught' } } }\n"
        "local c = r.calls[1] same(c.ok, false) same(c.class, 'runtime') same(c.line, 3)\n"
        "same(c.message, \"ledger:3: attempt to index a nil value (field 'y')\")\n"
        "same(c.traceback, {{fn = 'inner', line = 3}, {fn = 'outer', line = 6}})\n"
        "same(c.values, nil) same(c.n, nil)\n"
        "same(r.calls[2].message, 'by table') same(r.calls[2].line, 9)\n"
        "same(r.calls[3].message, '(the error is a thread value)')\n"
        "same(r.calls[4].message, \"the module has no function 'nothing'\")\n"
        "has(r.calls[5].message, 'ledger:3:') same(r.calls[5].traceback[1].line, 3)\n"
        "same(r.calls[5].traceback[#r.calls[5].traceback], {fn = 'wrapped', line = 11})\n"
        "same(r.calls[6].message, 'later') same(r.calls[6].traceback, {{fn='caught', line=12}})");
}

TEST(code_that_does_not_load)
{
    run("local function load(code) return eval.lua{ code = code, name = 'm', "
        "calls = {{ fn = 'f' }} } end\n"
        "local r = load('local x = = 1') same(r.class, 'format') same(r.line, 1) same(#r.calls, "
        "0)\n"
        "has(r.message, \"m:1: unexpected symbol near '='\")\n"
        "r = load('return 3') same(r.class, 'format') has(r.message, 'not a table of functions')\n"
        "r = load('') same(r.class, 'format')\n"
        "r = load('\\n\\nerror \"no\"') same(r.class, 'format') same(r.line, 3)\n"
        "same(r.traceback, {{fn = 'main chunk', line = 3}})\n"
        "r = load('\\27Lua') same(r.class, 'format') has(r.message, 'binary chunk')\n"
        "r = load('while true do end') same(r.class, 'limit:instructions')\n"
        "r = load('local t = {} while true do t[#t + 1] = {t} end') same(r.class, "
        "'limit:instructions')\n"
        "r = load('local s = \"x\" while true do s = s .. s end') same(r.class, 'limit:memory')\n"
        "r = load('return setmetatable({}, {__index = function(t, k) return function() return k "
        "end end})') same(r.calls[1].values, {'f'})");
}

TEST(wants_are_compared_exactly)
{
    run("local r = eval.lua{ code = [[return { id = function(...) return ... end,\n"
        "boom = function() error('bad amount: 3') end }]], calls = {\n"
        "{ fn = 'id', args = {1}, want = {1} }, { fn = 'id', args = {1}, want = {1.0} },\n"
        "{ fn = 'id', args = {{a = {1, 2}}}, want = {{a = {1, 2}}} }, { fn = 'id', want = {} },\n"
        "{ fn = 'id', args = {1, 2}, want = {1} }, { fn = 'id', args = {1}, want = {1, 2} },\n"
        "{ fn = 'boom', want_error = 'bad amount: %d$' }, { fn = 'boom', want_error = '^x' },\n"
        "{ fn = 'id', want_error = '.' }, { fn = 'boom', want = {1} } } }\n"
        "local passed = '' for _, c in ipairs(r.calls) do passed = passed .. (c.pass and 1 or 0) "
        "end\n"
        "same(passed, '1011001000')\n"
        "r = eval.lua{ stop = 'first', code = 'return { f = function(a) return a end }', calls = "
        "{\n"
        "{ fn = 'f', args = {1}, want = {1} }, { fn = 'f', args = {1}, want = {2} }, { fn = 'f' } "
        "} }\n"
        "same(r.class, 'ok') same(#r.calls, 2) same(r.calls[2].pass, false)");
}

TEST(instructions_are_exact_and_the_same)
{
    run("local code = [[return { loop = function(n) for i = 1, n do end end,\n"
        "co = function(n) local c = coroutine.wrap(function() for i = 1, n do coroutine.yield() "
        "end "
        "end) for i = 1, n do c() end end }]]\n"
        "local function used(fn, n, limit) local c = eval.lua{ code = code, calls = {{ fn = fn, "
        "args = {n}, instructions = limit }} }.calls[1] return c.instructions, c.class end\n"
        "local a, b = used('loop', 100), used('loop', 200) same(b - a, 100)\n"
        "same(used('loop', 100), a)\n"
        "local n, c = used('loop', 100, a) same(c, nil) same(n, a)\n" /* exactly enough */
        "n, c = used('loop', 100, a - 1) same(c, 'limit:instructions') same(n, a - 1)\n"
        /* over many coroutines as well */
        "a, b = used('co', 10), used('co', 20) same(used('co', 30), 2 * b - a)\n"
        "n, c = used('co', 20, b) same(c, nil) n, c = used('co', 20, b - 1) "
        "same(c, 'limit:instructions')");
}

/* Runners differ in hash seeds and addresses; replies may not, and not in the instruction at which
 * a memory limit is hit either. */
TEST(every_runner_gives_the_same)
{
    static const char code[] =
        "local seen = ''\n"
        "for _, body in ipairs{ 'local t, out = {}, {} for i = 1, 300 do t[\"k\" .. i * 7 % 301] = "
        "i "
        "end for k, v in pairs(t) do out[#out + 1] = k .. v end return table.concat(out), "
        "tostring(t), next(t)',\n"
        "'local t = {} for i = 1, 500 do t[i] = math.random(100) end table.sort(t, function(a, b) "
        "return a % 10 < b % 10 end) return t',\n"
        "'local t = {} while true do t[#t + 1] = { \"s\" .. #t } end',\n"
        "'local s = \"\" while true do s = s .. \"0123456789\" end' } do\n"
        "local c = one(body, { memory = 1 << 20, instructions = 10000000, wall = 60 })\n"
        "seen = seen .. require('han.value').digest(c) .. ' ' .. c.instructions .. ';' end\n"
        "if first then same(seen, first) end first = seen";
    lua_State *keep = luaL_newstate();
    for (int i = 0; i < 4; i++) {
        world w;
        open_world(&w, RUNNER);
        lua_pushstring(w.host.harness->L, lua_tostring(keep, -1));
        lua_setglobal(w.host.harness->L, "first");
        start(&w, prelude, code);
        finish(&w);
        lua_getglobal(w.host.harness->L, "first");
        lua_pushstring(keep, lua_tostring(w.host.harness->L, -1));
        lua_pop(w.host.harness->L, 1);
        close_world(&w);
    }
    lua_close(keep);
}

TEST(coverage_is_per_call)
{
    run("local r = eval.lua{ coverage = true, code = [[local M = {}\n"
        "function M.f(x)\n"
        "  if x then\n"
        "    return 1\n"
        "  end\n"
        "  local c = coroutine.wrap(function()\n"
        "    return 2\n"
        "  end)\n"
        "  load('local a = 1\\n\\nlocal b = 2\\n\\n\\n')()\n"
        "  return c()\n"
        "end\n"
        "return M]], calls = {{ fn = 'f', args = {true} }, { fn = 'f', args = {false} }} }\n"
        "same(r.calls[1].lines, {3, 4}) same(r.calls[2].lines, {3, 6, 7, 8, 9, 10})");
}

/* ---- hostile candidates ---- */

TEST(loops_end)
{
    run("for _, body in ipairs{ 'while true do end', 'pcall(function() while true do end end)',\n"
        "'while true do pcall(error) end', 'xpcall(function() while true do end end, "
        "function() while true do end end)', 'xpcall(error, function() while true do end end)',\n"
        "'local c = coroutine.wrap(function() while true do end end) return pcall(c)',\n"
        "'local function f() local c = coroutine.wrap(f) pcall(c) end while true do f() end',\n"
        "'local c = coroutine.create(function() while true do end end) coroutine.resume(c) "
        "return 1',\n"
        "'table.sort({3,2,1}, function() while true do end end)',\n"
        "'return ((\"x\"):gsub(\".\", function() while true do end end))',\n"
        "'local t = setmetatable({}, {__index = function() while true do end end}) return t.x',\n"
        "'local x <close> = setmetatable({}, {__close = function() while true do end end}) "
        "error(1)',\n"
        "'local x <close> = setmetatable({}, {__close = function() while true do end end}) "
        "while true do end',\n"
        "'local c = coroutine.create(function() local x <close> = setmetatable({}, {__close = "
        "function() while true do end end}) coroutine.yield() end) coroutine.resume(c) "
        "coroutine.close(c)',\n"
        "'return tostring(setmetatable({}, {__tostring = function() while true do end end}))',\n"
        "'for k in pairs(setmetatable({}, {__pairs = function() while true do end end})) do end',\n"
        "'return setmetatable({}, {__eq = function() while true do end end}) == "
        "setmetatable({}, {})', 'load(\"while true do end\")()', 'goto a ::a:: goto a' } do\n"
        "if not body:find('goto') then local c = class('limit:instructions', body) "
        "same(c.message, 'more instructions than allowed') same(c.instructions, 20000) end end\n"
        "class('limit:instructions', '::a:: goto a')");
}

/* A coroutine that a limit ended is never called by a hook again: nothing of it may run, or a later
 * call would have instructions for nothing. */
TEST(what_a_limit_ended_stays_ended)
{
    run("local code = [[local M, co, w = {}, nil, nil\n"
        "local function closes() local n = 0 for i = 1, 1e6 do n = n + 1 end M.ran = n end\n"
        "local function body() local t <close> = setmetatable({}, {__close = closes})\n"
        "  while true do end end\n"
        "function M.kill() co = coroutine.create(body) coroutine.resume(co) end\n"
        "function M.wrap() w = coroutine.wrap(body) w() end\n"
        "function M.inner() co = coroutine.create(function() local t <close> = setmetatable({}, "
        "{__close = closes}) coroutine.wrap(body)() end) coroutine.resume(co) end\n"
        "function M.close() co = coroutine.create(function() local t <close> = setmetatable({}, "
        "{__close = body}) local u <close> = setmetatable({}, {__close = closes}) "
        "coroutine.yield() end) coroutine.resume(co) coroutine.close(co) end\n"
        "function M.memory() co = coroutine.create(function() local t <close> = setmetatable({}, "
        "{__close = closes}) local s = 'x' while true do s = s .. s end end) "
        "coroutine.resume(co) end\n"
        "function M.again() return M.ran, co and pcall(coroutine.close, co), w and pcall(w), M.ran "
        "end return M]]\n"
        "for _, fn in ipairs{'kill', 'wrap', 'inner', 'close', 'memory'} do\n"
        "local r = eval.lua{ code = code, limits = { memory = 1 << 20 }, calls = {{ fn = fn }, "
        "{ fn = 'again' }} }\n"
        "has(r.calls[1].class, 'limit:') local c = r.calls[2] same(c.ok, true)\n"
        "same(c.values[1], nil) same(c.values[4], nil) same(c.instructions < 100, true) end");
}

TEST(work_in_c_is_paid)
{
    run("for _, body in ipairs{ 'while true do (\"x\"):rep(1e6) end',\n"
        "'local s = (\"x\"):rep(1e6) while true do s:upper() end',\n"
        "'local s = (\"x\"):rep(1e6) while true do s:find(\"y\", 1, true) end',\n"
        "'local t = {} for i = 1, 3000 do t[i] = i end while true do table.insert(t, 1, 0) end',\n"
        "'local t = {} for i = 1, 1000 do t[i] = i end while true do table.sort(t) end',\n"
        "'local t = {} for i = 1, 1000 do t[i] = i end while true do table.concat(t) end',\n"
        "'local t = {} for i = 1, 1000 do t[i] = i end while true do table.move(t, 1, 1000, 2) "
        "end',\n"
        "'local s = (\"a\"):rep(30000) return s:find((\".-\"):rep(20) .. \"b\")',\n"
        "'local s = (\"a\"):rep(30000) return s:gsub(\".-b\", \"\")',\n"
        "'for w in ((\"a\"):rep(30000)):gmatch(\"a-b\") do end',\n"
        "'return (\"x\"):rep(1e15)', 'return (\"\"):rep(1e12)',  'while true do load((\"x=1 "
        "\"):rep(100)) end' } do\n"
        "class('limit:instructions', body) end");
}

TEST(memory_ends)
{
    run("local small = { memory = 1 << 20, instructions = 1000000 }\n"
        "for _, body in ipairs{ 'local t = {} while true do t[#t + 1] = {} end',\n"
        "'local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end',\n"
        "'local s = \"x\" while true do s = s .. s end',\n"
        "'local t = {} while true do local ok = pcall(string.rep, \"x\", 1 << 19) "
        "t[#t + 1] = (\"x\"):rep(1 << 19) .. #t end',\n"
        "'local t = {} for i = 1, 1e9 do t[i] = coroutine.create(print) end',\n"
        "'local function f(n) return 1 + f(n + 1) end return f(1)',\n"
        "'local s = (\"x\"):rep(1 << 18) while true do s = s:sub(2) .. \"y\" end',\n"
        "'return table.unpack({}, 1, 900000)' } do class('limit:memory', body, small) end\n"
        /* garbage is not held against anyone */
        "same(class('ok', 'for i = 1, 200 do local t = {} for j = 1, 50 do t[j] = {} end end "
        "return 1', small).values, {1})\n"
        "class('runtime', 'local function f(n) return 1 + f(n + 1) end return f(1)', "
        "{ instructions = 5000000, memory = 256 << 20 })");
}

TEST(output_ends)
{
    run("local c = class('limit:output', 'while true do print((\"x\"):rep(100)) end', "
        "{ output = 10000, instructions = 1000000 })\n"
        "class('limit:output', 'return (\"x\"):rep(2000)', { output = 1000 })\n"
        "class('limit:output', 'return (\"x\"):rep(5 << 20)', { instructions = 1000000 })\n"
        "class('limit:output', 'pcall(function() while true do print(1) end end)', "
        "{ output = 2000, instructions = 1000000 })\n"
        "same(class('ok', 'print(\"hello\", {}, nil) return 1').values, {1})");
}

TEST(what_is_not_plain)
{
    run("has(class('value', 'return print').message, 'result 1: a function is not a plain value')\n"
        "has(class('value', 'return 1, {a = {b = print}}').message, 'result 2.a.b: a function')\n"
        "has(class('value', 'return 0/0').message, 'NaN') class('value', 'local t = {} t.t = t "
        "return t')\n"
        "class('value', 'return {[{}] = 1}') class('value', 'return coroutine.create(print)')\n"
        "same(class('ok', 'return setmetatable({1}, {__index = error, __len = error, __pairs = "
        "error})').values, {{1}})");
}

TEST(nothing_leads_out)
{
    run("for _, name in ipairs{ 'os', 'io', 'debug', 'package', 'require', 'dofile', 'loadfile', "
        "'collectgarbage', 'warn', 'string.dump', 'string.format(\"%p\", {})', 'os.exit(0)', "
        "'io.write(1)', 'getmetatable(\"\").__index', 'setmetatable({}, {__gc = print})', "
        "'setmetatable({}, {__mode = \"k\"})', 'load(string.char(27) .. \"Lua\")()', "
        "'load(function() return nil end)' } do\n"
        "local c = one('local v = ' .. name .. ' if v == nil then error(\"absent\") end return "
        "1')\n"
        "same(c.ok, false) same(c.class, 'runtime') end\n"
        "same(class('ok', 'return tostring({}), tostring(print), (\"%s\"):format({})').values, "
        "{'table: #1', 'function: #2', 'table: #3'})\n"
        "same(class('ok', 'return getmetatable(\"\")').values, {false})\n"
        "same(class('ok', 'local t = {} for i = 1, 9 do t[\"k\" .. i] = i end local s = \"\" "
        "for k in pairs(t) do s = s .. k end return s').values, {'k1k2k3k4k5k6k7k8k9'})\n"
        "local a, b = class('ok', 'return math.random(1000), math.random()'), "
        "class('ok', 'return math.random(1000), math.random()') same(a.values, b.values)\n"
        "class('runtime', 'coroutine.yield(1)') class('runtime', 'error()')\n"
        "same(class('ok', 'return pcall(coroutine.resume, coroutine.running())').values, "
        "{true, false, 'cannot resume non-suspended coroutine'})\n"
        /* spoiling its own environment spoils only itself */
        "class('ok', 'pcall = nil error = nil string.rep = nil _G.table = nil _ENV = {} return "
        "1')\n"
        "same(class('ok', 'return (\"x\"):rep(2)').values, {'xx'})");
}

TEST(coroutines_as_lua_has_them)
{
    run("local function gives(body, ...) same(class('ok', body).values, {...}) end\n"
        "gives('local c = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) "
        "return b * 2 end) return c(1), c(10)', 2, 20)\n"
        "gives('local c = coroutine.create(function() error(\"x\", 0) end) local ok, e = "
        "coroutine.resume(c) return ok, e, coroutine.status(c), coroutine.resume(c)', false, 'x', "
        "'dead', false, 'cannot resume dead coroutine')\n"
        "gives('local c = coroutine.create(function() error(\"x\", 0) end) coroutine.resume(c) "
        "for i = 1, 100 do coroutine.resume(c) end return coroutine.close(c)', false, 'x')\n"
        "gives('local log = \"\" local c = coroutine.create(function() local a <close> = "
        "setmetatable({}, {__close = function() log = log .. \"closed\" end}) coroutine.yield() "
        "end) "
        "coroutine.resume(c) return coroutine.close(c), log, coroutine.status(c)', true, 'closed', "
        "'dead')\n"
        "gives('local c c = coroutine.create(function() return coroutine.resume(c) end) "
        "return select(3, coroutine.resume(c))', 'cannot resume non-suspended coroutine')\n"
        "gives('local c = coroutine.wrap(function() return pcall(function() coroutine.yield(1) "
        "error(\"e\", 0) end) end) return c(), select(2, c())', 1, 'e')\n"
        "gives('local c = coroutine.wrap(function() return select(2, xpcall(function() "
        "coroutine.yield(1) error(\"e\", 0) end, function(m) return m .. \"!\" end)) end) "
        "return c(), c()', 1, 'e!')\n"
        "gives('return xpcall(function(...) return ... end, print, 1, 2)', true, 1, 2)\n"
        "gives('return select(2, xpcall(error, function(m) return m .. \"!\" end, \"a\"))', 'a!')\n"
        "has(class('runtime', 'coroutine.wrap(function() error(\"in\") end)()').message, 'in')\n"
        "has(class('runtime', 'coroutine.close(coroutine.running())').message, 'cannot close')\n"
        "has(class('runtime', 'coroutine.resume(1)').message, 'thread expected')");
}

/* The watchdog. The calls that ended before are there. */
TEST(wall_limit)
{
    run("local r = eval.lua{ code = module('while true do end'), limits = { wall = 0.2, "
        "instructions = 1000000000 }, calls = {{ fn = 'alive' }, { fn = 'f' }} }\n"
        "same(r.class, 'limit:time') has(r.message, '200 ms') same(#r.calls, 1)\n"
        "same(class('ok', 'return 1').values, {1})");
}

/* ---- requests ---- */

TEST(bad_requests_throw)
{
    run("local f = {{ fn = 'f' }}\n"
        "fails('request must be a table', eval.lua) fails('request.code is missing', eval.lua, "
        "{})\n"
        "fails('request.calls is missing', eval.lua, { code = '' })\n"
        "fails(\"request has an unknown field 'cals'\", eval.lua, { code = '', calls = f, cals = f "
        "})\n"
        "fails('request.calls[1].fn is missing', eval.lua, { code = '', calls = {{}} })\n"
        "fails('request.calls[2].args must be a table', eval.lua, { code = '', calls = { f[1], "
        "{ fn = 'f', args = 3 } } })\n"
        "fails('list without holes', eval.lua, { code = '', calls = { f[1], x = 1 } })\n"
        "fails('request.limits.wall must be above 0', eval.lua, { code = '', calls = f, limits = "
        "{ wall = 0 } })\n"
        "fails('request.limits.memory must be between', eval.lua, { code = '', calls = f, limits = "
        "{ memory = 1 } })\n"
        "fails('must be an integer', eval.lua, { code = '', calls = f, limits = { output = 1.5 } "
        "})\n"
        "fails('can only be \"first\"', eval.lua, { code = '', calls = f, stop = true })\n"
        "fails('request.name', eval.lua, { code = '', calls = f, name = 'a:b' })\n"
        "fails('request.calls[1].args[1]: a function is not a plain value', eval.lua, { code = '', "
        "calls = {{ fn = 'f', args = { print } }} })\n"
        "fails('4 MiB', eval.lua, { code = ('x'):rep(5 << 20), calls = f })\n"
        "local hidden = setmetatable({}, { __index = { code = '', calls = f } })\n"
        "fails('request.code is missing', eval.lua, hidden)");
}

TEST(large_requests_and_replies)
{
    run("local t = {} for i = 1, 30000 do t[i] = 'value ' .. i end\n"
        "local r = eval.lua{ code = 'return { f = function(t) return t, #t end }', limits = "
        "{ output = 8 << 20, instructions = 1000000 }, calls = {{ fn = 'f', args = { t } }} }\n"
        "same(r.calls[1].values[2], 30000) same(r.calls[1].values[1][30000], 'value 30000')\n"
        "local calls = {} for i = 1, 5000 do calls[i] = { fn = 'f', args = { i } } end\n"
        "r = eval.lua{ code = 'return { f = function(i) return i * 2 end }', calls = calls }\n"
        "same(#r.calls, 5000) same(r.calls[5000].values, {10000})");
}

TEST(many_fibers_at_once)
{
    world w;
    open_world(&w, RUNNER);
    for (int i = 0; i < 20; i++)
        start(&w, prelude,
              "for i = 1, 5 do same(class('ok', 'return ' .. i).values, {i}) "
              "class('limit:instructions', 'while true do end') end");
    finish(&w);
    assert_int_equal(w.ended, 20);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_types),
        cmocka_unit_test(errors_have_place_and_trace),
        cmocka_unit_test(code_that_does_not_load),
        cmocka_unit_test(wants_are_compared_exactly),
        cmocka_unit_test(instructions_are_exact_and_the_same),
        cmocka_unit_test(every_runner_gives_the_same),
        cmocka_unit_test(coverage_is_per_call),
        cmocka_unit_test(loops_end),
        cmocka_unit_test(what_a_limit_ended_stays_ended),
        cmocka_unit_test(work_in_c_is_paid),
        cmocka_unit_test(memory_ends),
        cmocka_unit_test(output_ends),
        cmocka_unit_test(what_is_not_plain),
        cmocka_unit_test(nothing_leads_out),
        cmocka_unit_test(coroutines_as_lua_has_them),
        cmocka_unit_test(wall_limit),
        cmocka_unit_test(bad_requests_throw),
        cmocka_unit_test(large_requests_and_replies),
        cmocka_unit_test(many_fibers_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
