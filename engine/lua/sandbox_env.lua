--- han.sandbox_env: the environment in which adapter and check files run.
-- These files are trusted, but they have no business with files, commands or chance: what a task set
-- holds must follow from its seed. So they see an allow-list, copied, and load text only.

local M = {}

local names = {
  "_VERSION", "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
  "rawlen", "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
}

local libraries = {
  math = {
    "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max",
    "maxinteger", "min", "mininteger", "modf", "pi", "rad", "sin", "sqrt", "tan", "tointeger", "type", "ult",
  },
  string = {
    "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep",
    "reverse", "sub", "unpack", "upper",
  },
  table = { "concat", "insert", "move", "pack", "remove", "sort", "unpack" },
  utf8 = { "char", "charpattern", "codepoint", "codes", "len", "offset" },
}

local instead = {
  ["math.random"] = "tasks follow from the seed that tasks() is given",
  ["math.randomseed"] = "tasks follow from the seed that tasks() is given",
  io = "the files of its folder are read with the loader that a file gets as ...",
  os = "a task set knows no time and no environment",
  dofile = "its own files are loaded with the loader that it gets as ...",
  loadfile = "its own files are loaded with the loader that it gets as ...",
}

local function is_allowed_module(name)
  return name == "han" or name == "lpeg" or (name:find("^han%.[%w_.]+$") ~= nil and not name:find("^han%.cli"))
end
M.is_allowed_module = is_allowed_module

local function allowed_require(name)
  if type(name) ~= "string" then error("require takes a module's name", 2) end
  if not is_allowed_module(name) then
    error(("the module '%s' is not for adapters and checks, which use han, han.* and lpeg; %s"):format(
      name, "its own files are loaded with the loader that it gets as ..."), 2)
  end
  return require(name)
end

local function refusing(what, prefix)
  return function(_, name)
    local full = prefix .. tostring(name)
    local why = instead[full]
    if why then error(("%s is not there in %s: %s"):format(full, what, why), 2) end
    if prefix == "" then error(("the global '%s' is not declared"):format(full), 2) end
    return nil
  end
end

local function copy_library(what, library, allowed)
  local out = {}
  for _, name in ipairs(allowed) do out[name] = _G[library][name] end
  return setmetatable(out, { __index = refusing(what, library .. ".") })
end

-- Text only, and never an environment wider than the caller's own.
local function text_load(env)
  return function(chunk, name, mode, own)
    if mode ~= nil and mode ~= "t" then return nil, "only text can be loaded" end
    return load(chunk, name, "t", own == nil and env or own)
  end
end

--- The names that are there, sorted.
function M.names()
  local list = { "_G", "load", "require" }
  table.move(names, 1, #names, #list + 1, list)
  for library in pairs(libraries) do list[#list + 1] = library end
  table.sort(list)
  return list
end

--- A fresh environment. `what` names its owner in messages ("an adapter").
function M.new(what)
  local env = {}
  for _, name in ipairs(names) do env[name] = _G[name] end
  for library, allowed in pairs(libraries) do env[library] = copy_library(what, library, allowed) end
  env._G = env
  env.require = allowed_require
  env.load = text_load(env)
  return setmetatable(env, {
    __index = refusing(what, ""),
    __newindex = function(_, name)
      error(("assignment to the undeclared global '%s'; say local"):format(tostring(name)), 2)
    end,
  })
end

return M
