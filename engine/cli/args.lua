--- han.cli.args: reading a command line with lua-argparse, without its exits.
-- A command describes its options on an argparse parser; values stay text there and are checked by the
-- functions below, so that every message says what was wanted and what was given.

local argparse = require "argparse"
local problem = require "han.cli.problem"
local sys = require "han.sys"

local M = {}

--- A parser for the command with the options that every command has.
function M.parser(command)
  local parser = argparse("han " .. command.name, command.about or command.summary):add_help(false)
  parser:help_max_width(100):usage_max_width(100)
  command.options(parser)
  parser:flag("--json", "Print one JSON object on standard output.")
  parser:flag("-h --help", "Show this help.")
  parser:epilog("Example:\n  " .. table.concat(command.examples, "\n  "))
  return parser
end

--- The option that all commands with a store have.
function M.db(parser, text)
  parser:option("--db", text or "The store."):argname("FILE"):default("han.db")
end

--- When rows count as written. default: nil where it stays as the run began.
function M.durability(parser, default)
  parser:option("--durability", "When the journal counts as written: normal survives kill -9, full also a power cut"
    .. (default and "." or " (default as it began).")):argname("LEVEL"):choices { "normal", "full" }:default(default)
end

local LEVELS = { strong = true, landlock = true, none = true }

--- The option that all commands have which run candidate code.
function M.sandbox(parser)
  parser:option("--sandbox", "Level of the box around candidate code: strong, or landlock or none by name (default "
    .. "strong, or what HAN_SANDBOX names)."):argname("LEVEL")
end

--- The level that was asked for.
function M.level(options)
  local level, from = options.sandbox, "--sandbox"
  if level == nil then level, from = sys.env("HAN_SANDBOX"), "HAN_SANDBOX" end
  if level == nil or level == "" then return "strong" end
  if not LEVELS[level] then
    problem.usage("%s: there is no sandbox level '%s'; it is strong, landlock or none", from, level)
  end
  return level
end

local function has(argv, ...)
  for _, word in ipairs(argv) do
    if word == "--" then return false end
    for _, wanted in ipairs { ... } do
      if word == wanted then return true end
    end
  end
  return false
end
M.has = has

-- "--n -5" is a bad value of --n, not an unknown option "-5".
local function join_negative(argv)
  local out, i = {}, 1
  while i <= #argv do
    local word, after = argv[i], argv[i + 1]
    if word == "--" then return table.move(argv, i, #argv, #out + 1, out) end -- behind it nothing is ours
    if word:find("^%-%-[%a][%w-]*$") and after and after:find("^%-%.?%d") then
      out[#out + 1] = word .. "=" .. after
      i = i + 1
    else
      out[#out + 1] = word
    end
    i = i + 1
  end
  return out
end

--- The options as a table, or raises a usage problem that names the command's help.
function M.parse(command, argv)
  local parser = M.parser(command)
  if has(argv, "-h", "--help") then return nil, parser:get_help() end
  local ok, result = parser:pparse(join_negative(argv))
  if not ok then problem.usage("%s; see han %s --help", (tostring(result):gsub("\n", " ")), command.name) end
  return result
end

--- The integer of an option within its limits, or its default.
function M.integer(options, name, default, min, max)
  local text = options[name:gsub("-", "_")]
  if text == nil then return default end
  local value = text:find("^%-?%d+$") and math.tointeger(tonumber(text)) or nil
  if not value or value < min or value > max then
    problem.usage("--%s must be a whole number from %d to %d, got '%s'", name, min, max, text)
  end
  return value
end

--- The words of a list "a,b,c", none empty, none twice.
function M.list(text, name)
  local words, seen = {}, {}
  for word in (text .. ","):gmatch("([^,]*),") do
    word = word:match("^%s*(.-)%s*$")
    if word == "" then problem.usage("--%s: there is an empty name in '%s'", name, text) end
    if seen[word] then problem.usage("--%s: '%s' is given twice", name, word) end
    seen[word] = true
    words[#words + 1] = word
  end
  return words
end

--- The values of a list "a=1,b=text": whole numbers are numbers, everything else is text.
function M.settings(text, name)
  local settings = {}
  for _, word in ipairs(text and M.list(text, name) or {}) do
    local key, value = word:match("^([%a_][%w_]*)=(.+)$")
    if not key then problem.usage("--%s: '%s' is not NAME=VALUE", name, word) end
    if settings[key] ~= nil then problem.usage("--%s: '%s' is given twice", name, key) end
    settings[key] = value:find("^%-?%d+$") and math.tointeger(tonumber(value)) or value
  end
  return settings
end

return M
