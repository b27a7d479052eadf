-- Holds docs/types/{han,modules}.lua and the verbs of docs/scripting.md equal to what is bound: the
-- table of verbs in engine/script/door.c, the module han (engine/lua/init.lua), and the modules.
-- Usage: lua5.4 tests/check_types.lua [ROOT | --self-test]; exits 77 while there is nothing bound.
package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local source = require "source"

local function try_read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- name -> true when journaled, false when not
local function bound_verbs(root)
  local text = try_read(root .. "/engine/script/door.c")
  local body = text and source.blank_c(text, true):match("han__verbs%[%]%s*=%s*(%b{})")
  if not body then return nil end
  local verbs = {}
  for name, journaled in body:gmatch('{%s*"([%l_]+)"%s*,%s*(%l+)%s*,') do verbs[name] = journaled == "true" end
  return verbs
end

-- The names in the luaL_Reg table of a binding file.
local function registered(root, file)
  local text = try_read(root .. "/engine/script/" .. file)
  local body = text and source.blank_c(text, true):match("luaL_Reg%s+functions%[%]%s*=%s*(%b{})")
  if not body then return nil end
  local names = {}
  for name in body:gmatch('{%s*"([%l_]+)"%s*,') do names[name] = true end
  return names
end

-- Loads the module as a run would see it: only pure modules of engine/lua.
local function bound_module(root, module)
  if not try_read(root .. "/engine/lua/" .. (module == "han" and "init" or module) .. ".lua") then return nil end
  local loaded = {}
  local function require_here(name)
    if loaded[name] == nil then
      local path = name == "han" and "init" or name:gsub("^han%.", ""):gsub("%.", "/")
      local file = root .. "/engine/lua/" .. path .. ".lua"
      local env = setmetatable({}, { __index = _G })
      env.require = require_here
      loaded[name] = assert(load(assert(try_read(file), "no file " .. file), "@" .. file, "t", env))(name)
    end
    return loaded[name]
  end
  return require_here(module == "han" and "han" or "han." .. module)
end

local function function_names(module)
  local names = {}
  for name, value in pairs(module) do
    if type(value) == "function" then names[name] = true end
  end
  return names
end

-- name -> line of `function OWNER:name(` or `function OWNER.name(`
local function documented_functions(text, owner)
  local names = {}
  for number, line in ipairs(source.lines(text)) do
    local name = line:match("^function " .. owner .. "[.:]([%l_]+)%(")
    if name then names[name] = number end
  end
  return names
end

local function compare(bound, documented, what, path, breaches)
  for name in pairs(bound) do
    if not documented[name] then breaches[#breaches + 1] = ("%s: %s%s is not documented"):format(path, what, name) end
  end
  for name, line in pairs(documented) do
    if bound[name] == nil then
      breaches[#breaches + 1] = ("%s:%d: %s%s is documented and does not exist"):format(path, line, what, name)
    end
  end
end

-- docs/types/modules.lua against the modules it names.
local function check_modules(root, breaches)
  local path = "docs/types/modules.lua"
  local text = try_read(root .. "/" .. path)
  if not text then return end
  local shots = bound_module(root, "shots")
  local bound = { shots = shots and function_names(shots), json = registered(root, "bind_json.c"),
    value = registered(root, "bind_value.c"), eval = registered(root, "bind_eval.c"),
    exec = registered(root, "bind_exec.c") }
  for owner, names in pairs(bound) do
    compare(names, documented_functions(text, owner), "function " .. owner .. ".", path, breaches)
  end
end

-- Rows "| `name...` | ... | yes |" of the table of verbs: one column says whether it is journaled.
local function check_table(root, verbs, breaches)
  local path = "docs/scripting.md"
  local text = try_read(root .. "/" .. path)
  if not text then return end
  local section = ("\n" .. text):match("\n#+ [^\n]*[Vv]erbs[^\n]*\n(.*)") or text
  local rows = {}
  for row in section:gmatch("[^\n]+") do
    local cell, rest = row:match("^|%s*`([^`|]+)`[^|]*|(.*)$")
    local name = cell and cell:gsub("^scope:", ""):match("^[%l_]+")
    local columns = "|" .. (rest or "")
    local journaled = columns:match("|%s*(yes)%s*%f[|]") or columns:match("|%s*(no)%s*%f[|]")
    if name and verbs[name] ~= nil then rows[name] = journaled end
  end
  for name, journaled in pairs(verbs) do
    local want = journaled and "yes" or "no"
    if rows[name] ~= want then
      breaches[#breaches + 1] = ("%s: the table of verbs says %s of journaled '%s', it is %s"):format(
        path, rows[name] or "nothing", name, want)
    end
  end
end

local function check(root)
  local breaches = {}
  local verbs, module = bound_verbs(root), bound_module(root, "han")
  if not verbs and not module then return breaches, "nothing is bound yet", true end
  local path = "docs/types/han.lua"
  local text = try_read(root .. "/" .. path)
  if not text then return { path .. ": missing" }, "no types" end
  if verbs then
    compare(verbs, documented_functions(text, "Scope"), "scope verb ", path, breaches)
    check_table(root, verbs, breaches)
  end
  if module then
    local functions = function_names(module)
    for name, value in pairs(module) do
      if type(value) ~= "function" and not text:find("%-%-%-@class han\n.-%-%-%-@field " .. name .. " ") then
        breaches[#breaches + 1] = ("%s: field han.%s is not documented"):format(path, name)
      end
    end
    compare(functions, documented_functions(text, "han"), "function han.", path, breaches)
  end
  check_modules(root, breaches)
  table.sort(breaches)
  return breaches, (verbs and "verbs" or "no verbs") .. " and " .. (module and "module han" or "no module")
end

local door = 'const han__verb han__verbs[] = {\n  {"spawn", true, f}, {"view", false, f}, {NULL, false, NULL},\n};\n'
local types = "---@class han\n---@field version string\nlocal han = {}\nfunction han.strategy(fields) end\n"
local scope = "function Scope:spawn(a) end\nfunction Scope:view() end\n"
local init = 'local s = require "han.shape"\nreturn { version = "1", strategy = s.f }\n'
local shape = "return { f = function() end }\n"
local function tree(changed)
  local files = {
    ["engine/script/door.c"] = door, ["engine/lua/init.lua"] = init, ["engine/lua/shape.lua"] = shape,
    ["docs/types/han.lua"] = types .. scope,
    ["docs/scripting.md"] = "# x\n\n## Verbs\n| `scope:spawn(a)` | starts | yes |\n| `view()` | looks | no |\n",
  }
  for path, text in pairs(changed) do files[path] = text end
  return files
end
local fixtures = {
  { name = "equal", expect = false, files = tree {} },
  { name = "an undocumented verb", expect = "scope verb view is not documented",
    files = tree { ["docs/types/han.lua"] = types .. "function Scope:spawn(a) end\n" } },
  { name = "a verb that does not exist", expect = "han.lua:7: scope verb stop is documented and does not exist",
    files = tree { ["docs/types/han.lua"] = types .. scope .. "function Scope:stop(a) end\n" } },
  { name = "an undocumented function", expect = "function han.strategy is not documented",
    files = tree { ["docs/types/han.lua"] = "---@class han\n---@field version string\n" .. scope } },
  { name = "an undocumented field", expect = "field han.version is not documented",
    files = tree { ["docs/types/han.lua"] = "---@class han\nfunction han.strategy(fields) end\n" .. scope } },
  { name = "a module's function that does not exist", expect = "modules.lua:2: function value.f is documented",
    files = tree { ["engine/script/bind_value.c"] =
      'static const luaL_Reg functions[] = {{"equal", f},\n  {NULL, NULL}};\n',
      ["docs/types/modules.lua"] = "function value.equal(a, b) end\nfunction value.f() end\n" } },
  { name = "a module's function that is not documented", expect = "modules.lua: function value.equal is not",
    files = tree {
      ["engine/script/bind_value.c"] = 'static const luaL_Reg functions[] = {{"equal", f}, {NULL, NULL}};\n',
      ["docs/types/modules.lua"] = "-- nothing\n" } },
  { name = "a wrong row of the table", expect = "says yes of journaled 'view', it is no",
    files = tree { ["docs/scripting.md"] = "## Verbs\n| `spawn` | x | yes |\n| `view` | x | yes |\n" } },
  { name = "a missing row", expect = "says nothing of journaled 'view'",
    files = tree { ["docs/scripting.md"] = "## Verbs\n| `spawn` | x | yes |\n" } },
}

if arg[1] == "--self-test" then source.self_test(check, fixtures) end
local breaches, summary, nothing = check(arg[1] or ".")
if nothing then
  print("types: " .. summary)
  os.exit(77)
end
source.report("types", breaches, summary)
