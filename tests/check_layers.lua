-- Holds the floors of the house: which room may include which, which room may see which outside
-- library, and what Lua files may require. The tables below are the rule; docs/design.md draws it.
-- Usage: lua5.4 tests/check_layers.lua [ROOT | --self-test]
package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local source = require "source"

-- A room includes its own files, its friends and every lower floor. han.h only declares (statuses,
-- han_error, the public calls), so every floor may include it.
local rooms = {
  base = { floor = 0 },
  stats = { floor = 0, friends = { "base" } },
  loop = { floor = 1 },
  wire = { floor = 1 },
  value = { floor = 1 },  -- the plain-value codec and ordered iteration, for script and runner
  tree = { floor = 2 },
  store = { floor = 3 },
  exec = { floor = 3 },
  model = { floor = 3 },
  script = { floor = 4 },
  box = { floor = 5 },    -- libexec/han-box, which holds sandboxed commands
  job = { floor = 5 },    -- main of libexec/han-job
  runner = { floor = 5 }, -- main of libexec/han-runner
  module = { floor = 5 }, -- the Lua module han for other interpreters
  [""] = { floor = 5 },   -- api.c, engine.c
  cli = { floor = 6, only = { "base" } }, -- talks to the engine through han.h
}

-- Outside headers that only some rooms may see (a room's name, or a whole path).
local outside = {
  ["lua.h"] = { "value", "script", "job", "runner", "module" },
  ["lauxlib.h"] = { "value", "script", "job", "runner", "module" },
  ["lualib.h"] = { "value", "script", "job", "runner" },
  ["uv.h"] = { "loop" },
  ["sqlite3.h"] = { "store" },
  ["zstd.h"] = { "store" },
  ["zlib.h"] = { "store" },
  ["zdict.h"] = { "store" },
  ["jansson.h"] = { "script", "model" },
  ["curl/curl.h"] = { "model" },
  ["seccomp.h"] = { "box" },
  ["pthread.h"] = { "store", "base", "loop", "" },
  ["malloc.h"] = { "engine/base/mem.c" },
}
-- The tree knows no network and no file: journal and backends are tables of functions given to it.
local tree_never = { "unistd.h", "fcntl.h", "sys/socket.h", "sys/stat.h", "dirent.h" }

local function has(list, item)
  for _, one in ipairs(list or {}) do
    if one == item then return true end
  end
  return false
end

local function room_of(path)
  local first = path:match("^engine/(.-)/")
  if first then return first end
  return path:match("^engine/[%w_]+%.[ch]$") and "" or nil
end

local function label(room) return room == "" and "engine.c/api.c" or room end

local function inside_breach(own, target)
  if target == "han.h" then return nil end
  local room = target:match("^(.-)/") or ""
  if not rooms[room] then return ("no room is called '%s'; write includes from engine/"):format(room) end
  local mine, theirs = rooms[own], rooms[room]
  if room == own then return nil end
  if mine.only then
    if has(mine.only, room) then return nil end
    return ("%s may include only han.h and %s"):format(label(own), table.concat(mine.only, ", "))
  end
  if theirs.floor < mine.floor or has(mine.friends, room) then return nil end
  return ("%s (floor %d) may not include %s (floor %d)"):format(label(own), mine.floor, label(room), theirs.floor)
end

local function outside_breach(own, path, header)
  local allowed = outside[header]
  if allowed and not has(allowed, own) and not has(allowed, path) then
    return ("<%s> is for %s only"):format(header, table.concat(allowed, ", "))
  end
  if own == "tree" and has(tree_never, header) then
    return ("<%s>: the tree knows no file and no network"):format(header)
  end
end

local function check_c(root, breaches)
  local count = 0
  for _, path in ipairs(source.files(root, "engine", ".c", ".h")) do
    local own = room_of(path)
    count = count + 1
    local function breach(line, text) breaches[#breaches + 1] = ("%s:%d: %s"):format(path, line, text) end
    if not own or not rooms[own] then
      breach(1, "this folder is not a room; add it to tests/check_layers.lua with its floor")
    else
      for number, line in ipairs(source.lines(source.blank_c(source.read(root .. "/" .. path), true))) do
        local quoted = line:match('^%s*#%s*include%s*"([^"]+)"')
        local angled = line:match("^%s*#%s*include%s*<([^>]+)>")
        local why = quoted and inside_breach(own, quoted) or angled and outside_breach(own, path, angled)
        if why then breach(number, why) end
      end
    end
  end
  return count
end

-- What a Lua file may require, by where it lives; the first rule that matches the path holds.
local lua_rules = {
  { path = "^engine/cli/", may = { "^han$", "^han%.", "^argparse$" },
    text = "a command uses only han and han.* modules, and argparse" },
  { path = "^engine/lua/", may = { "^han$", "^han%.", "^lpeg$" }, never = { "^han%.cli" },
    text = "engine Lua uses han.* (never a command) and lpeg" },
  { path = "^scripts/strategies/", may = { "^han$", "^han%." }, never = { "^han%.cli" },
    text = "a strategy uses only han" },
  { path = "^scripts/", may = { "^han$", "^han%.", "^lpeg$" }, never = { "^han%.cli" }, folder = true,
    text = "scripts of one folder meet those of another by name in the registry, never by require" },
}

local function matches(list, name)
  for _, pattern in ipairs(list or {}) do
    if name:find(pattern) then return true end
  end
  return false
end

-- A file of the same folder of scripts/, asked for by its name there.
local function own_file(root, path, name)
  local folder = path:match("^scripts/[^/]+/")
  local file = folder and io.open(root .. "/" .. folder .. name:gsub("%.", "/") .. ".lua")
  if file then file:close() end
  return file ~= nil
end

local function check_lua(root, breaches)
  local count = 0
  for _, folder in ipairs { "engine", "scripts" } do
    for _, path in ipairs(source.files(root, folder, ".lua")) do
      count = count + 1
      local rule
      for _, one in ipairs(lua_rules) do
        rule = rule or path:find(one.path) and one
      end
      local text = source.blank_lua(source.read(root .. "/" .. path), true)
      for number, line in ipairs(source.lines(text)) do
        for name in line:gmatch("%f[%w_]require%s*%(?%s*[\"']([^\"']+)[\"']") do
          local good = rule and matches(rule.may, name) and not matches(rule.never, name)
            or rule and rule.folder and own_file(root, path, name)
          if not good then
            breaches[#breaches + 1] = ("%s:%d: require '%s': %s"):format(path, number, name,
              rule and rule.text or "Lua files live in engine/lua, engine/cli or scripts")
          end
        end
      end
    end
  end
  return count
end

local function check(root)
  local breaches = {}
  local c, lua = check_c(root, breaches), check_lua(root, breaches)
  return breaches, ("%d C files, %d Lua files"):format(c, lua)
end

local fixtures = {
  { name = "a clean tree", expect = false, files = {
    ["engine/api.c"] = '#include "base/config.h"\n#include "script/state.h"\n#include "store/store.h"\n',
    ["engine/base/mem.h"] = '#include "han.h"\n#include <stdlib.h>\n',
    ["engine/stats/exact.c"] = '#include "base/mem.h"\n#include "stats/exact.h"\n#include <math.h>\n',
    ["engine/tree/scope.c"] = '/* #include "script/state.h" */\n#include "base/mem.h"\n',
    ["engine/script/state.c"] = "#include <lua.h>\n",
    ["engine/lua/a.lua"] = 'local lpeg = require "lpeg"\nlocal w = require("han.worker")\n-- require "os"\n',
    ["scripts/adapters/repair/init.lua"] = 'local p = require "repair.programs"\n',
    ["scripts/adapters/repair/programs.lua"] = "return {}\n",
  } },
  { name = "upward include", expect = "engine/tree/scope.c:2: tree (floor 2) may not include script (floor 4)",
    files = { ["engine/tree/scope.c"] = '#include "base/mem.h"\n#include "script/state.h"\n' } },
  { name = "sideways include", expect = "may not include exec",
    files = { ["engine/store/store.c"] = '#include "exec/exec.h"\n' } },
  { name = "an unlisted friend", expect = "base (floor 0) may not include stats",
    files = { ["engine/base/hash.c"] = '#include "stats/exact.h"\n' } },
  { name = "engine.h is above the rooms", expect = "may not include engine.c/api.c",
    files = { ["engine/store/store.c"] = '#include "engine.h"\n' } },
  { name = "Lua outside script", expect = "<lua.h> is for value, script, job, runner, module only",
    files = { ["engine/tree/bus.c"] = "#include <lua.h>\n" } },
  { name = "SQLite outside store", expect = "<sqlite3.h> is for store only",
    files = { ["engine/script/bind_store.c"] = "#  include <sqlite3.h>\n" } },
  { name = "libuv outside loop", expect = "<uv.h> is for loop only",
    files = { ["engine/engine.c"] = "#include <uv.h>\n" } },
  { name = "a file in the tree", expect = "the tree knows no file",
    files = { ["engine/tree/bus.c"] = "#include <fcntl.h>\n" } },
  { name = "the command line reaches past han.h", expect = "may include only han.h and base",
    files = { ["engine/cli/main.c"] = '#include "han.h"\n#include "tree/scope.h"\n' } },
  { name = "malloc.h outside mem.c", expect = "<malloc.h> is for",
    files = { ["engine/base/buf.c"] = "#include <malloc.h>\n" } },
  { name = "an unknown room", expect = "not a room",
    files = { ["engine/utils/x.c"] = '#include "base/mem.h"\n' } },
  { name = "an include not written from engine/", expect = "no room is called '..'",
    files = { ["engine/tree/bus.c"] = '#include "../base/mem.h"\n' } },
  { name = "a command requires lpeg", expect = "engine/cli/x.lua:1: require 'lpeg'",
    files = { ["engine/cli/x.lua"] = 'local lpeg = require("lpeg")\n' } },
  { name = "engine Lua requires a command", expect = "never a command",
    files = { ["engine/lua/x.lua"] = "local c = require 'han.cli.bench'\n" } },
  { name = "a strategy requires an adapter", expect = "a strategy uses only han",
    files = { ["scripts/strategies/x.lua"] = 'local a = require "adapters.repair"\n' } },
  { name = "an adapter requires a check's file", expect = "never by require",
    files = { ["scripts/adapters/x.lua"] = 'local a = require "checks.cases"\n',
      ["scripts/checks/cases.lua"] = "return 1\n" } },
}

if arg[1] == "--self-test" then source.self_test(check, fixtures) end
source.report("layers", check(arg[1] or "."))
