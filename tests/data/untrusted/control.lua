-- What catches, switches, loads and refuses, as text; the same in this process and in a runner.
local r = {}
local function p(...) r[#r+1] = { n = select("#", ...), pcall(...) } end
local function str(v) return type(v)=="table" and v or tostring(v) end
local out = {}
local function add(...) local t = table.pack(...) for i = 1, t.n do out[#out+1] = tostring(t[i]) end out[#out+1] = "|" end
add(pcall(coroutine.wrap(function() error("x") end)))
add(pcall(function() coroutine.wrap(function() error("x") end)() end))
add(pcall(function() coroutine.wrap(function() error({}) end)() end))
add(pcall(function() coroutine.wrap(function() error("y", 0) end)() end))
add(pcall(function() local w = coroutine.wrap(function() end) w() w() end))
add(coroutine.resume(coroutine.running()))
add(pcall(coroutine.close, coroutine.running()))
add(pcall(coroutine.close, 7))
add(pcall(coroutine.resume, 7))
add(pcall(coroutine.create, 7))
add(pcall(coroutine.wrap, 7))
add(pcall(coroutine.status, 7))
add(coroutine.status(coroutine.create(print)), coroutine.isyieldable())
add(select(2, coroutine.running()))
local co = coroutine.create(function() local t <close> = setmetatable({}, {__close=function(_, e) error("closing " .. tostring(e)) end}) coroutine.yield(1) end)
add(coroutine.resume(co)) add(coroutine.close(co)) add(coroutine.status(co)) add(coroutine.resume(co)) add(coroutine.close(co))
add(load("return 1")()) add(load("x = = 1")) add(load("x = = 1", "name")) add(load("x = = 1", "=name")) add(load("x = = 1", "@name")) add(pcall(load, function() return nil end)) add(pcall(load, 7)) add(load("error('in loaded')") and pcall(load("error('in loaded')", "=c")))
add(pcall(load("return ...", "c", "t", {}), 5)) add(load("\27Lua")) add(load("return x", "c", "b")) add(load("return x", "c", "zz"))
add(pcall(setmetatable, {}, {__gc=1})) add(pcall(setmetatable, {}, {__mode="k"})) add(pcall(setmetatable, 1, {})) add(pcall(setmetatable, {})) add(pcall(setmetatable, {}, 1)) add(pcall(setmetatable, setmetatable({}, {__metatable=1}), {}))
add(getmetatable("")) add(pcall(getmetatable)) add(_VERSION, _G == _ENV)
add(xpcall(error, function(e) return "h" .. tostring(e) end, "q")) add(pcall(xpcall, error)) add(pcall(xpcall)) add(pcall(pcall))
add(xpcall(error, function(e) error("again") end, "q"))
local function try(f, ...) add(xpcall(f, function(m) return "<" .. tostring(m) .. ">" end, ...)) end
try(function(...) coroutine.wrap(function() coroutine.yield() end)() return ... end, 1, nil, 3)
try(error) try(error, "m", 0) try(function() local x = nil + 1 end) try(select, 0)
return out
