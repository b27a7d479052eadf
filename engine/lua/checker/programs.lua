--- han.checker.programs: asks a program one case at a time: a fresh process in a fresh folder for each, which reads the
-- case's stdin and is right when its stdout has the wanted bytes and its exit status is the wanted one. A program in C
-- is compiled first, in a box as well, for a compiler shows every file that it can be made to include.
--
-- The box is reached by `spec.execute`, which is han.exec.run or has its shape.

local show = require "han.checker.show"
local sys = require "han.sys"

local M = {}

local CC = "/usr/bin/gcc"
local BOXED = { "time", "memory", "output", "disk", "procs" }
local COMPILE = { time = 30.0, memory = 1 << 30, output = 1 << 20, disk = 256 << 20, procs = 32 }

-- ---- the cases ----

--- The cases as they are asked.
function M.prepare(list)
  local prepared = {}
  for i, case in ipairs(list) do
    local stdin = case.stdin or ""
    local args = {}
    for k, word in ipairs(case.args or {}) do args[k] = show.value(word, 40) end
    prepared[i] = { stdin = stdin, args = case.args or {}, want = case.want_stdout, status = case.want_status or 0,
      shown = (#args > 0 and table.concat(args, " ") .. " < " or "< ") .. show.value(stdin, 60) }
  end
  return prepared
end

-- ---- one case ----

local function limits_of(spec)
  local limits = {}
  for _, name in ipairs(BOXED) do limits[name] = spec.limits[name] end
  return limits
end
M.limits_of = limits_of

local function execute(spec, request)
  return (spec.execute or require("han.exec").run)(request)
end

local function row_of(case, answer)
  local row = { got = show.value(answer.stdout), want = show.value(case.want) }
  if answer.class ~= "pass" and answer.class ~= "fail" then
    return { class = answer.class, message = answer.message }
  end
  if answer.code ~= case.status then
    row.class, row.message = "status", ("ended with status %d, want %d"):format(answer.code, case.status)
    local said = answer.stderr and answer.stderr:match("[^\n]+")
    if said then row.message = row.message .. ": " .. said:sub(1, 200) end
  else
    row.class = answer.stdout == case.want and "pass" or "wrong"
  end
  return row
end

local function ask(spec, program, case)
  local argv = { "./program" }
  table.move(case.args, 1, #case.args, 2, argv)
  local answer, why, code = execute(spec, { argv = argv, input = case.stdin, limits = limits_of(spec),
    files = { { path = "program", bytes = program, mode = 493 } } })
  if not answer then return nil, why, code end
  if answer.class == "sandbox-error" then return nil, answer.message, "PEER" end
  return row_of(case, answer), nil, nil, answer.sandbox
end

-- ---- making the program ----

-- The first error of a compiler: its text and line.
local function first_error(text, name)
  for line in text:gmatch("[^\n]+") do
    local file, at, rest = line:match("^([^:]+):(%d+):%d*:?%s*(.*)$")
    if file == name and rest:find("error") then return rest, tonumber(at) end
  end
  return text:match("[^\n]+") or "it was not compiled"
end

--- The text of a C file as a program; or nil and the row of why there is none, with the level of its box; or nil, nil,
--- message, CODE.
local function compile(spec)
  local name = spec.name:find("^[^-].*%.c$") and spec.name or "candidate.c" -- no option of the compiler
  if not sys.access(CC, "x") then
    return nil, nil, CC .. " is not there or cannot be executed; install gcc and libc6-dev", "ENVIRONMENT"
  end
  local answer, why, code = execute(spec, {
    argv = { CC, "-std=gnu17", "-O1", "-o", "program", name, "-lm" }, collect = { "program" },
    files = { { path = name, bytes = spec.code, mode = 420 } }, limits = COMPILE,
  })
  if not answer then return nil, nil, why, code end
  if answer.class == "sandbox-error" then return nil, nil, answer.message, "PEER" end
  local output = answer.outputs[1]
  if answer.class == "pass" and output and output.bytes then return output.bytes end
  local row = { class = "format", sandbox = answer.sandbox }
  if answer.class == "fail" then row.message, row.line = first_error(answer.stderr, name)
  else row.message = "the compiler: " .. answer.class end
  return nil, row
end

local makers = {
  program = function(spec) return spec.code end,
  c = compile,
}

--- Asks all cases in the order of `queue`. Gives rows by case and { format=, sandbox= }, or nil, message, CODE.
function M.run(spec, prepared, queue, ended_max)
  local rows, about, ended = {}, {}, 0
  local program, bad, why, code = makers[spec.lang](spec)
  if why then return nil, why, code end
  if not program then return rows, { format = bad, sandbox = bad.sandbox } end
  for _, i in ipairs(queue) do
    if ended >= ended_max then break end
    if spec.stopped() then return nil, "interrupted", "CANCELLED" end
    local row
    row, why, code, about.sandbox = ask(spec, program, prepared[i])
    if not row then return nil, why, code end
    if row.class == "crash" or row.class:find("^limit:") then ended = ended + 1 end
    rows[i] = row
  end
  return rows, about
end

return M
