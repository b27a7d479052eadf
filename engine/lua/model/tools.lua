-- han.model.tools: what a worker with tools lets a model do besides answering. A tool is { name=, description=,
-- parameters = JSON schema, run = function(arguments, their text) -> text for the model, ends }; `ends` is true when
-- the conversation is over. A bench of tools belongs to one shot and keeps the best program that went through it: the
-- most that passed, the earlier on ties.
--
-- Every check of a program is metered as an evaluation before it is made. Lua programs with public tests are run on
-- those; all others go through the adapter's own verifier (ctx.check).

local diff = require "han.patch.diff"
local json = require "han.json"
local outcome = require "han.worker.outcome"
local search = require "han.worker"
local surfaces = require "han.mcp.surface"

local M = {}

M.FAILING = 8        -- told at most
local SHOWN = 400    -- bytes of one

local Bench = {}
Bench.__index = Bench

local function infra(message) return { code = "PEER", message = message } end

local function short(text) return #text > SHOWN and text:sub(1, SHOWN) .. "..." or text end
M.short = short

-- ---- one program ----

--- How a program does, when it may still be checked: { passed= (to compare by), counted = { passed, of } or nil, pass=,
--- failing = texts, message=, rows = of public tests, or raw = of a verdict }.
---@param ctx table
---@param program string
---@param show_test fun(test: table): string
---@return table|nil found
function M.look(ctx, program, show_test)
  if ctx.public.tests then
    local seen, why, code = search.look(ctx, program)
    if not seen and code == "BUDGET_EXHAUSTED" then return nil end
    if not seen then error(infra(why), 0) end
    local found = { passed = seen.passed, counted = { seen.passed, #seen.rows }, pass = seen.passed == #seen.rows,
      rows = seen.rows, failing = {} }
    for _, row in ipairs(seen.rows) do
      if not row.pass then found.failing[#found.failing + 1] = show_test(row.test) end
    end
    return found
  end
  local verdict, _, code = ctx.check(program)
  if not verdict then return code ~= "BUDGET_EXHAUSTED" and error(infra "the check could not be made", 0) or nil end
  local raw = verdict.raw or {}
  local found = { passed = verdict.pass and 1 or verdict.correct or 0, pass = verdict.pass,
    counted = raw.total and raw.passed and { raw.passed, raw.total }, failing = raw.failing or {},
    message = raw.message, raw = raw }
  if raw.failure then outcome.tell(ctx, verdict) end
  ctx.span { kind = "check", pass = verdict.pass, correct = verdict.correct, failing = found.failing,
    message = raw.message }
  return found
end

--- What fails, a line each: the first few, none too long.
---@param found table as Bench:check gives it
---@return string
function M.failing_text(found)
  local lines = {}
  for i = 1, math.min(#found.failing, M.FAILING) do lines[i] = short(found.failing[i]) end
  if found.message then lines[#lines + 1] = short(found.message) end
  return table.concat(lines, "\n")
end

local function told(found)
  if found.pass then return "it passes everything that can be checked here" end
  local counted = found.counted
  local head = counted and counted[2] > 1 and ("%d of %d tests pass; these fail:"):format(counted[1], counted[2])
    or "it does not pass:"
  return head .. "\n" .. M.failing_text(found)
end

--- Checks a program for the model: text, and what was found; keeps the best.
---@param program string
---@return string text
---@return table|nil found
function Bench:check(program)
  local found = M.look(self.ctx, program, self.show_test)
  if not found then return "no more checks are allowed; give your answer" end
  if not self.best or found.passed > self.passed then self.best, self.passed = program, found.passed end
  self.current = program
  return told(found), found
end

-- ---- the tools ----

-- A tool with one parameter, a text; run: what it does with that.
local function text_tool(name, parameter, description, run)
  return { name = name, description = description,
    parameters = { type = "object", properties = { [parameter] = { type = "string" } },
      required = json.array { parameter }, additionalProperties = false },
    run = function(given)
      local text = given[parameter]
      if type(text) ~= "string" then return ("%s takes { \"%s\": text }"):format(name, parameter) end
      return run(text)
    end }
end

local function run_check(bench)
  return text_tool("run_check", "program", "Runs a complete program on the public tests.", function(program)
    return (bench:check(program))
  end)
end

local function patch(bench)
  return text_tool("patch", "diff", "Changes the program that was checked last (at first yours) by a unified diff of "
    .. "one file, and runs the public tests. Lines of context must be just as they stand there.", function(given)
    local text, why, code = diff.apply(bench.current, given, bench.ctx.public.name or "program")
    if not text then return ("refused, nothing was changed (%s): %s"):format(tostring(code), why) end
    return (bench:check(text))
  end)
end

local function submit(bench)
  return text_tool("submit", "program", "Submits a complete program. It is verified, and the best of all that you "
    .. "submit counts; the first that passes ends the task.", function(program)
    local text, found = bench:check(program)
    return text, found ~= nil and found.pass
  end)
end

-- The environments: what surrounds a task, as tools.
local environments = {}

--- The programs may be checked and patched before one is the answer.
function environments.checks(bench)
  bench.directives[1] = "tools"
  return { run_check(bench), patch(bench) }
end

--- The task is over with a submission that passes; what is said beside counts for nothing.
function environments.verifier(bench)
  bench.submits, bench.directives[1] = true, "submit"
  return { submit(bench) }
end

--- The tools of an MCP server (han.mcp.surface), and those of "checks" where anything can be checked.
function environments.mcp(bench)
  local list, taken = M.checkable(bench.ctx) and environments.checks(bench) or {}, {}
  for _, tool in ipairs(list) do taken[tool.name] = true end
  bench.directives[#bench.directives + 1] = "mcp"
  bench.surface = surfaces.open(bench.ctx, taken)
  return table.move(bench.surface.tools, 1, #bench.surface.tools, #list + 1, list)
end

M.ENVIRONMENTS = { "checks", "verifier", "mcp" }

--- Is there anything that a program could be checked by?
function M.checkable(ctx) return ctx.public.tests ~= nil or ctx.check ~= nil end

--- What checks programs for a shot, without tools. show_test: function(test) -> text of a public test.
---@param ctx table what a worker gets
---@param show_test fun(test: table): string
---@return table bench { best = }
function M.checker(ctx, show_test)
  return setmetatable({ ctx = ctx, show_test = show_test, current = ctx.artifact, passed = 0, tools = {},
    directives = {} }, Bench)
end

--- The tools of a shot, by the environment of its profile; to be closed at its end (<close>).
---@param ctx table what a worker gets
---@param show_test fun(test: table): string
---@return table bench { tools =, directives = names of what a model is told of them, best =, submits = bool }
function M.open(ctx, show_test)
  local bench = M.checker(ctx, show_test)
  bench.tools = environments[ctx.profile.environment or "checks"](bench)
  return bench
end

function Bench.__close(bench)
  if bench.surface then bench.surface:close() end
end

--- What a request says of the tools.
function Bench:described()
  local list = {}
  for i, tool in ipairs(self.tools) do
    list[i] = { name = tool.name, description = tool.description, parameters = tool.parameters }
  end
  return list
end

--- Runs the call of a model: text for it, and whether the conversation is over.
---@param call table { name =, arguments = JSON text }
---@return string text
---@return boolean|nil ends
function Bench:call(call)
  for _, tool in ipairs(self.tools) do
    if tool.name == call.name then
      local text = call.arguments or ""
      local given = json.decode(text)
      return tool.run(type(given) == "table" and given or {}, text)
    end
  end
  return ("there is no tool '%s'"):format(short(tostring(call.name)))
end

return M
