--- han check: one file of candidate code against its cases, from outside of it; or, with weak trust, under a test
-- framework.

local args = require "han.cli.args"
local cases = require "han.checker.cases"
local checker = require "han.checker"
local han = require "han"
local host = require "han.host"
local json = require "han.json"
local level = require "han.cli.level"
local problem = require "han.cli.problem"
local shape = require "han.shape"
local sys = require "han.sys"
local weak = require "han.checker.weak"

local M = {
  name = "check",
  summary = "Check candidate code against cases, from outside of it.",
  about = "Run a file that is not trusted and compare what it gives with what the cases want. It is asked one case at "
    .. "a time and never sees what is wanted. Of a Lua file (it returns a table) and of a Python file functions are "
    .. "called: [{\"call\":\"add\",\"args\":[1,2],\"want\":3}, ...]; values are compared with their types, so 1 and "
    .. "1.0 differ. Programs and C files read and print: [{\"stdin\":\"1 2\\n\",\"want_stdout\":\"3\\n\"}, ...]. "
    .. "Exit status 0 only when every case passed.",
  examples = {
    "han check add.lua --lang lua --cases cases.json",
    "han check sum.c --cases programs.json --limits time=1,memory=64M",
    "han check add.py --tests test_add.py --framework unittest --count 3",
  },
}

local CODE_BYTES_MAX = 1 << 20
local PROGRAM_BYTES_MAX = 16 << 20
local langs = { "c", "lua", "program", "python" }

function M.options(parser)
  parser:argument("file", "The candidate."):argname("FILE")
  parser:option("--lang", "What the file is: lua, python, c, or program for anything that can be executed (default: by "
    .. "its name)."):argname("LANG")
  parser:option("--cases", "What it is asked and what is wanted."):argname("CASES.json")
  parser:option("--seed", "Seed of the order of the cases (default: a fresh one; it is printed)."):argname("S")
  parser:option("--limits", "Of each case: time in seconds, memory, output and disk in bytes (K, M, G), procs; for Lua "
    .. "instructions in place of disk and procs (default "
    .. "time=4,memory=256M,output=1M,disk=64M,procs=32,instructions=400000000)."):argname("LIST")
  parser:option("--tests", "In place of cases: a file of tests, run by a framework in the candidate's own process. "
    .. "Such a verdict is weak, because the candidate could forge it."):argname("FILE")
  parser:option("--framework", "Which: busted, pytest, unittest, or lua and python for a script of "
    .. "tests, which is one test."):argname("NAME")
  parser:option("--count", "How many tests there are; all must have run and passed."):argname("N")
  args.sandbox(parser)
end

-- ---- reading ----

local by_name = { lua = "lua", py = "python", c = "c" }

local function one_of(word, list, option)
  for _, known in ipairs(list) do
    if known == word then return word end
  end
  problem.usage("--%s: there is no '%s'%s", option, word, shape.hint(word, list))
end

local function read_lang(options)
  local lang = options.lang or by_name[options.file:match("%.(%w+)$") or ""]
  if not lang then
    problem.usage("--lang is missing: the name of %s does not tell what it is; one of %s", options.file,
      table.concat(langs, ", "))
  end
  return one_of(lang, langs, "lang")
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
  disk = { read = bytes, min = 1 << 20, max = 1 << 30, want = "bytes from 1M to 1G", boxed = true },
  procs = { read = whole, min = 1, max = 1024, want = "a whole number from 1 to 1024", boxed = true },
  instructions = { read = whole, min = 1, max = 1000000000, want = "a whole number from 1 to 1000000000",
    boxed = false },
}

local function read_limit(word, lang)
  local name, given = word:match("^(%l+)=(%S+)$")
  local rule = limits[name]
  if not name then problem.usage("--limits: '%s' is not NAME=VALUE, as in time=2,memory=64M", word) end
  if not rule then
    problem.usage("--limits: there is no limit '%s'%s", name, shape.hint(name, shape.sorted_names(limits)))
  end
  if rule.boxed ~= nil and rule.boxed == (lang == "lua") then
    problem.usage("--limits: there is no limit on %s for %s", name, lang)
  end
  local value = rule.read(given)
  if not value or value < rule.min or value > rule.max then
    problem.usage("--limits: %s must be %s, got '%s'", name, rule.want, given)
  end
  return name, value
end

local function read_limits(options, lang)
  local result = {}
  for _, word in ipairs(options.limits and args.list(options.limits, "limits") or {}) do
    local name, value = read_limit(word, lang)
    if result[name] then problem.usage("--limits: %s is given twice", name) end
    result[name] = value
  end
  return result
end

M.read_limits = read_limits

local function read_cases(options, lang)
  local text = problem.check(sys.read_file(options.cases, cases.BYTES_MAX))
  return problem.check(cases.read(text, checker.kinds[lang], options.cases))
end

local function enter_level(options)
  local named = args.level(options)
  level.set(named)
  return named
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

local function print_cases(options, ui, result)
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

local function where(options, row) return row.line and ("%s:%d"):format(options.file, row.line) or nil end

local function object_of(options, lang, result)
  local list = {}
  for i, row in ipairs(result.cases) do
    list[i] = { case = i, class = row.class, pass = row.class == "pass", call = row.call, got = row.got,
      want = row.want, message = row.message, where = where(options, row) }
  end
  return { schema = 1, file = options.file, lang = lang, class = result.class, pass = result.pass,
    passed = result.passed, total = result.total, seed = result.seed, trust = result.trust, sandbox = result.sandbox,
    message = result.message, where = where(options, result), cases = json.array(list), version = han.version }
end

-- ---- the two ways ----

local function check_cases(options, ui)
  if options.framework or options.count then problem.usage("--framework and --count are for --tests") end
  if not options.cases then problem.usage("--cases is missing; see han check --help") end
  local lang = read_lang(options)
  local spec = { lang = lang, name = options.file, limits = read_limits(options, lang),
    seed = args.integer(options, "seed", nil, 0, math.maxinteger) or checker.fresh_seed(),
    stopped = host.interrupted }
  spec.code = problem.check(sys.read_file(options.file, lang == "program" and PROGRAM_BYTES_MAX or CODE_BYTES_MAX))
  spec.cases = read_cases(options, lang)
  local named = enter_level(options)
  local result, why, code = checker.check(spec)
  if not result then problem.raise(code, code == "INVALID" and ("%s: %s"):format(options.cases, why) or why) end
  if lang ~= "lua" then level.warn(named, "the candidate ran", ui) end -- Lua runs behind more, see docs/security.md
  print_cases(options, ui, result)
  ui:object(object_of(options, lang, result))
  return result.pass
end

local function print_weak(options, ui, result)
  if not result.pass then
    for line in ui.safe_lines(result.output):gmatch "[^\n]+" do ui:out("  | %s", line) end -- not to be taken for ours
  end
  if result.message then ui:out("%s", ui.safe(result.message)) end
  ui:out("%s  %d of %d tests  %s  (sandbox %s)", ui:paint(result.pass and "yellow" or "red", result.class),
    result.passed, result.total, ui.safe(options.file), result.sandbox)
  ui:out("Made with trust weak: the candidate's own process says so. Shown, but no evidence for a gate.")
end

local function base_name(path) return path:match("[^/]*$") end

local function check_tests(options, ui)
  if options.cases then problem.usage("--cases and --tests cannot both be given") end
  if not options.framework then problem.usage("--framework is missing: %s", table.concat(weak.names, ", ")) end
  if not options.count then problem.usage("--count is missing: how many tests are there?") end
  local spec = { framework = one_of(options.framework, weak.names, "framework"), name = base_name(options.file),
    tests_name = base_name(options.tests), count = args.integer(options, "count", nil, 1, 1000000),
    limits = read_limits(options, "program") }
  local fault = weak.fault(spec.framework, spec.name, spec.tests_name)
  if fault then problem.usage("--tests: %s", fault) end
  spec.code = problem.check(sys.read_file(options.file, CODE_BYTES_MAX))
  spec.tests = problem.check(sys.read_file(options.tests, CODE_BYTES_MAX))
  local named = enter_level(options)
  local result = problem.check(weak.check(spec))
  level.warn(named, "the candidate ran", ui)
  print_weak(options, ui, result)
  ui:object { schema = 1, file = options.file, framework = spec.framework, class = result.class, pass = result.pass,
    passed = result.passed, total = result.total, trust = result.trust, sandbox = result.sandbox,
    message = result.message, version = han.version }
  return result.pass
end

function M.run(options, ui)
  local pass = (options.tests and check_tests or check_cases)(options, ui)
  return pass and 0 or 1
end

return M
