--- han check: one file of candidate code against its cases, from outside of it.

local args = require "han.cli.args"
local cases = require "han.checker.cases"
local checker = require "han.checker"
local eval = require "han.eval"
local han = require "han"
local json = require "han.json"
local problem = require "han.cli.problem"
local shape = require "han.shape"
local sys = require "han.sys"

local M = {
  name = "check",
  summary = "Check candidate code against cases, from outside of it.",
  about = "Run a file that is not trusted and compare what its functions give with what the cases want. The file is "
    .. "asked one case at a time and never sees what is wanted. A Lua file returns a table of functions. Cases are a "
    .. "JSON array: [{\"call\":\"add\",\"args\":[1,2],\"want\":3}, ...]; values are compared with their types, so 1 "
    .. "and 1.0 differ. Exit status 0 only when every case passed.",
  examples = { "han check add.lua --lang lua --cases cases.json" },
}

local CODE_BYTES_MAX = 1 << 20
local langs = { "lua" }

function M.options(parser)
  parser:argument("file", "The candidate."):argname("FILE")
  parser:option("--lang", "What the file is: lua (default: by its name)."):argname("LANG")
  parser:option("--cases", "What it is asked and what is wanted."):argname("CASES.json")
  parser:option("--seed", "Seed of the order of the cases (default: a fresh one; it is printed)."):argname("S")
  parser:option("--limits", "Of each case: time in seconds, memory and output in bytes (K, M, G), instructions "
    .. "(default time=4,memory=256M,output=1M,instructions=400000000)."):argname("LIST")
  args.sandbox(parser)
end

-- ---- reading ----

local by_name = { lua = "lua" }

local function read_lang(options)
  local lang = options.lang or by_name[options.file:match("%.(%w+)$") or ""]
  if not lang then
    problem.usage("--lang is missing: the name of %s does not tell what it is; one of %s", options.file,
      table.concat(langs, ", "))
  end
  for _, known in ipairs(langs) do
    if known == lang then return lang end
  end
  problem.usage("--lang: there is no '%s'%s", lang, shape.hint(lang, langs))
end

local units = { [""] = 1, K = 1 << 10, M = 1 << 20, G = 1 << 30 }

local function bytes(text)
  local digits, unit = text:match("^(%d+)([KMG]?)B?$")
  local n = digits and #digits <= 12 and math.tointeger(tonumber(digits))
  return n and n * units[unit]
end

local function seconds(text)
  return text:find("^%d+%.?%d*$") and tonumber(text) or text:find("^%.%d+$") and tonumber(text) or nil
end

local function whole(text)
  return text:find("^%d+$") and #text <= 12 and math.tointeger(tonumber(text)) or nil
end

local limits = {
  time = { read = seconds, min = 0.001, max = 600.0, want = "seconds, more than 0 and at most 600" },
  memory = { read = bytes, min = 64 << 10, max = 1 << 30, want = "bytes from 64K to 1G" },
  output = { read = bytes, min = 0, max = 8 << 20, want = "bytes, at most 8M" },
  instructions = { read = whole, min = 1, max = 1000000000, want = "a whole number from 1 to 1000000000" },
}

local function read_limits(text)
  local result = {}
  for _, word in ipairs(text and args.list(text, "limits") or {}) do
    local name, given = word:match("^(%l+)=(%S+)$")
    local rule = limits[name]
    if not name then problem.usage("--limits: '%s' is not NAME=VALUE, as in time=2,memory=64M", word) end
    if not rule then
      problem.usage("--limits: there is no limit '%s'%s", name, shape.hint(name, shape.sorted_names(limits)))
    end
    if result[name] then problem.usage("--limits: %s is given twice", name) end
    local value = rule.read(given)
    if not value or value < rule.min or value > rule.max then
      problem.usage("--limits: %s must be %s, got '%s'", name, rule.want, given)
    end
    result[name] = value
  end
  return result
end

local function read_cases(options)
  if not options.cases then problem.usage("--cases is missing; see han check --help") end
  local text = problem.check(sys.read_file(options.cases, cases.BYTES_MAX))
  return problem.check(cases.read(text, "calls", options.cases))
end

-- ---- printing ----

local colours = { pass = "green", wrong = "yellow" }

-- "name:3: why" of the candidate as "path/name:3: why".
local function placed(options, row)
  local why = row.message
  if why then why = why:gsub("^[^:\n]+:%d+: ", "", row.line and 1 or 0) end
  if not row.line then return why end
  return ("%s:%d: %s"):format(options.file, row.line, why or row.class)
end

local function words_of(options, row)
  if row.class == "wrong" and row.got then return ("gave %s, want %s"):format(row.got, row.want) end
  if row.class == "wrong" then return ("%s, want %s"):format(placed(options, row) or "no error", row.want) end
  if row.class == "unanswered" then return "not asked, for too many cases had no answer" end
  return placed(options, row) or ""
end

local function print_result(options, ui, result)
  for i, row in ipairs(result.cases) do
    if row.class ~= "pass" and result.class ~= "format" then
      ui:out("case %d  %s  %s  %s", i, ui:paint(colours[row.class] or "red", row.class), ui.safe(row.call or ""),
        ui.safe(words_of(options, row)))
    end
  end
  if result.message then ui:out("%s", ui.safe(placed(options, result))) end
  ui:out("%s  %d of %d cases  %s  (seed %d, sandbox %s)", ui:paint(result.pass and "green" or "red", result.class),
    result.passed, result.total, ui.safe(options.file), result.seed, result.sandbox)
end

local function object_of(options, lang, result)
  local list = {}
  for i, row in ipairs(result.cases) do
    list[i] = { case = i, class = row.class, pass = row.class == "pass", call = row.call, got = row.got,
      want = row.want, message = row.message, where = row.line and ("%s:%d"):format(options.file, row.line) or nil }
  end
  return { schema = 1, file = options.file, lang = lang, class = result.class, pass = result.pass,
    passed = result.passed, total = result.total, seed = result.seed, trust = result.trust, sandbox = result.sandbox,
    message = result.message, where = result.line and ("%s:%d"):format(options.file, result.line) or nil,
    cases = json.array(list), version = han.version }
end

function M.run(options, ui)
  local lang = read_lang(options)
  local spec = { lang = lang, name = options.file, limits = read_limits(options.limits),
    seed = args.integer(options, "seed", nil, 0, math.maxinteger) or checker.fresh_seed() }
  spec.code = problem.check(sys.read_file(options.file, CODE_BYTES_MAX))
  spec.cases = read_cases(options)
  problem.check(eval.sandbox(args.level(options)))
  local result, why, code = checker.check(spec)
  if not result then problem.raise(code, code == "INVALID" and ("%s: %s"):format(options.cases, why) or why) end
  print_result(options, ui, result)
  ui:object(object_of(options, lang, result))
  return result.pass and 0 or 1
end

return M
