-- The standard library and its errors, as text; the same in this process and in a runner.
local out = {}
local function add(...) local t = table.pack(...) for i = 1, t.n do out[#out+1] = type(t[i])=="number" and t[i] or tostring(t[i]) end out[#out+1] = "|" end
add(pcall(string.rep, "x", 1e9)) add(pcall(string.rep, "x", -1)) add(pcall(string.rep)) add(pcall(string.format, "%p", {})) add(string.format("%s %s %s", {}, print, coroutine.create(print)))
add(pcall(string.format, "%q", {})) add(string.format("%q %5.2f %d %x %s", "a\n\0\"", 3.14159, 7, 255, nil))
add(pcall(string.find, "abc", "[a")) add(pcall(string.find, "abc", "%")) add(string.find("abc", "b", 1, true)) add(string.find("a.c", ".", 1, true)) add(("x"):gsub("x", "%1")) add(pcall(string.gsub, "x", "x", "%2")) add(pcall(string.gsub, "x", "(", "a")) add(pcall(string.gsub, "x", ")", "a")) add(("hello world"):match("^(%w+) (%w+)$")) add(("abc"):gsub("", "-")) add(pcall(string.gsub, "x", "x", true)) add(pcall(string.gsub, "x", "x", function() return {} end))
add(("a,b,,c"):gsub(",", {[","]=";"})) for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do add(k, v) end add(pcall(string.gmatch, "x")) add(("x"):find("()")) add(("äö"):match("[\xc3]"))
add(pcall(string.match, "x", ("("):rep(40))) add(pcall(string.match, ("a"):rep(1000), ("a?"):rep(300) .. "b")) add(#("x"):rep(10, ","))
add(pcall(table.concat, {1, {}, 3})) add(pcall(table.insert, {1,2,3}, 9, 1)) add(pcall(table.insert, {}, 1, 2, 3)) add(pcall(table.unpack, {}, 1, 1e7)) add(pcall(table.sort, {3, "x", 1})) add(pcall(table.move, {}, 1, 2)) add(pcall(table.remove, {1,2}, 7))
add(math.type(1), math.type(1.0), math.type("1"), math.tointeger(3.0), math.tointeger("8"), math.ult(1, -1), math.maxinteger, -(0/0) ~= 0/0, pcall(function() return 7 // 0 end))
add(pcall(math.random, 0, -5)) add(pcall(math.random, 1, 2, 3)) add(math.random(5) <= 5, math.random() < 1, pcall(math.random, 1.5)) add(pcall(math.floor, {})) add(tostring(1e15), tostring(2^53), 2^63, tostring(-0.0), 1e100)
add(utf8.char(228, 8364), utf8.len("ä€"), pcall(utf8.codepoint, "\xff"), utf8.len("\xff")) for p, c in utf8.codes("aä") do add(p, c) end
add(tostring(nil), tostring(true), tonumber("0x10"), tonumber("z", 36), pcall(tonumber, "1", 99), tonumber(" 5 "), tonumber("5x"), rawlen({1,2}), rawequal("a", "a"), rawget({5}, 1), select("#", nil, nil), pcall(select, 0)) add(select(-1, 1, 2, 3))
add(pcall(error)) add(pcall(error, nil)) add(pcall(error, "m", 2)) add(pcall(assert, false)) add(pcall(assert, nil, "why")) add(pcall(assert, false, {})) add(pcall(assert)) add(pcall(next, {}, 1)) add(pcall(next, {[1]=1,a=2}, "zz")) add(pcall(ipairs)) add(pcall(pairs, nil)) add(next({}), next({5}), type(next))
local t = setmetatable({}, {__index=function(_, k) return k end, __call=function(_, a) return a end, __tostring=function() return "T" end, __name="N", __len=function() return 42 end, __concat=function(a, b) return "cc" end, __eq=function() return true end, __lt=function() return true end, __close=function() end, __pairs=function() return function(_, k) if not k then return 1, 2 end end, nil, nil end})
add(t.x, t(5), tostring(t), #t, t .. 1, t == setmetatable({}, getmetatable(t)), t < t) for k, v in pairs(t) do add(k, v) end
local m = setmetatable({}, {__name="My"}) add(m, print, coroutine.create(print), {}, m) add(pcall(function() return m + 1 end)) add(pcall(function() return #5 end)) add(pcall(function() local a; a.b = 1 end)) add(pcall(function() undefinedglobal() end)) add(pcall(function() return {} < {} end)) add(pcall(function() return ("x") + 1 end)) add(pcall(function() return 2^53 | 0.5 end)) add(pcall(function() for i = 1, 10, 0 do end end))
add(pcall(table.move, "x", 1, 2^53)) add(pcall(table.unpack, {}, 1, 1e9)) add(pcall(table.unpack, {}, 1, 999999))
add(pcall(function() math.random(1, "x") end)) add(pcall(function() math.random(2, 1) end))
return out
