-- Loaded by busted before the specs: engine Lua is found in the source tree, and a spec or an engine
-- file that touches an undeclared global fails.
--
-- require "han" is engine/lua/init.lua, han.X is engine/lua/X.lua (or X/init.lua), han.a.b is
-- engine/lua/a/b.lua and han.cli.X is engine/cli/X.lua: the same names as in the program; han.a.b_js is the
-- text of engine/lua/a/b.js (css, txt likewise).

local function engine_path(module)
  if module == "han" then return { "engine/lua/init.lua" } end
  local rest = module:match("^han%.([%w_.]+)$")
  if not rest then return {} end
  local path = rest:gsub("%.", "/")
  local command = path:match("^cli/(.+)$")
  if command then return { "engine/cli/" .. command .. ".lua" } end
  local paths = { "engine/lua/" .. path .. ".lua", "engine/lua/" .. path .. "/init.lua" }
  local stem, kind = path:match("^(.*)_(%l+)$")
  if kind == "js" or kind == "css" or kind == "txt" then paths[3] = "engine/lua/" .. stem .. "." .. kind end
  return paths
end

table.insert(package.searchers, 2, function(module)
  local tried = {}
  for _, path in ipairs(engine_path(module)) do
    local file = io.open(path, "rb")
    if file then
      local text = file:read("a")
      file:close()
      -- The chunk name is the one that the program gives it, so that messages look the same.
      if not path:find("%.lua$") then return function() return text end, path end
      local chunk, why = load(text, "@" .. path, "t")
      if not chunk then error(why, 0) end
      return chunk, path
    end
    tried[#tried + 1] = "no file '" .. path .. "'"
  end
  return #tried > 0 and table.concat(tried, "\n\t") or nil
end)

-- The engine's JSON is C; a spec that runs without the program has one in Lua in its place, or its own.
package.preload["han.json"] = function()
  local dkjson = require "dkjson"
  return { null = dkjson.null, encode = dkjson.encode, decode = dkjson.decode, array = function(list) return list end }
end

-- Strict globals: busted gives every spec an environment of its own that falls back to _G, so both
-- a write and a read of an unknown name in engine code end here.
setmetatable(_G, {
  __newindex = function(_, name)
    error("assignment to the undeclared global '" .. tostring(name) .. "'", 2)
  end,
  __index = function(_, name)
    error("the global '" .. tostring(name) .. "' is not declared", 2)
  end,
})
