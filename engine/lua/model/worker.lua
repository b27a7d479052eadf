-- han.model.worker: workers that ask a language model (backend "model": one question a shot; "model_tools": a
-- conversation with tools). They take the same context as the built-in search worker and give the same, a text, so
-- that any strategy drives either by the profile alone.
--
-- profile (all optional): max_tokens, temperature, effort, seconds, language, turns, environment (han.model.tools),
-- tool_seconds (for one call of a tool of an MCP server),
-- patch (the rules of a ladder, han.patching: the model is asked for the smallest change, and what it answers is held
-- to them), plan (true: the model is asked for a plan of the artifact, han.zoom.plan, and the text is that plan).
-- public: what the task says. prompt: the question in the adapter's own words; without it the artifact is to be
-- repaired so that public.tests pass.

local directives = require "han.model.directives"
local endpoints = require "han.model.endpoint"
local json = require "han.json"
local model = require "han.model"
local outcome = require "han.worker.outcome"
local plans = require "han.zoom.plan"
local search = require "han.worker"
local syntax = require "han.syntax"
local tools = require "han.model.tools"

local M = {}

M.FINDINGS = 12      -- told at most
M.TESTS = 60         -- shown to a planner

local function patching(ctx)
  return ctx.profile.patch and require("han.patching").new(ctx, ctx.profile.language or ctx.public.language) or nil
end

local function infra(message) return { code = "PEER", message = message } end

-- ---- what is asked ----

local short = tools.short

local function show(value)
  if type(value) == "string" then return ("%q"):format(value):gsub("\\\n", "\\n") end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for i, item in ipairs(value) do parts[i] = show(item) end
  local names = {}
  for name in pairs(value) do
    if math.type(name) ~= "integer" or name < 1 or name > #value then names[#names + 1] = name end
  end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do parts[#parts + 1] = ("[%s] = %s"):format(show(name), show(value[name])) end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function list(values)
  local parts, last = {}, 0
  for i in pairs(values or {}) do
    if math.type(i) == "integer" and i > last then last = i end
  end
  for i = 1, last do parts[i] = show(values[i]) end
  return table.concat(parts, ", ")
end

local function show_test(test)
  local want = test.want_error and ("an error like " .. show(test.want_error)) or list(test.want)
  return short(("%s(%s) must give %s"):format(test.fn, list(test.args), want))
end

local function findings_text(steer)
  local lines = {}
  for i, finding in ipairs(steer) do
    if i > M.FINDINGS then break end
    lines[i] = short("- " .. tostring(finding.text))
  end
  return table.concat(lines, "\n")
end

local function language_of(ctx) return ctx.profile.language or ctx.public.language or "lua" end

-- The question; found: how the artifact does on what is public, or nil.
local function question(ctx, found)
  local values = { language = language_of(ctx), artifact = ctx.artifact }
  local parts = { ctx.public.prompt or directives.fill(directives.repair, values) }
  if found and found.counted then
    parts[#parts + 1] = directives.fill(directives.tests, { passed = tostring(found.counted[1]),
      total = tostring(found.counted[2]), failing = tools.failing_text(found) })
  end
  if ctx.public.prompt and ctx.artifact and ctx.artifact ~= ctx.public.artifact then
    parts[#parts + 1] = directives.fill(directives.repair, values)
  end
  if ctx.steer and #ctx.steer > 0 then
    parts[#parts + 1] = directives.fill(directives.steer, { findings = findings_text(ctx.steer) })
  end
  return table.concat(parts, "\n")
end

local function request(ctx, messages, offered)
  local profile = ctx.profile
  return { messages = messages, tools = offered, max_tokens = profile.max_tokens or endpoints.MAX_TOKENS,
    temperature = profile.temperature, effort = profile.effort, seconds = profile.seconds or endpoints.SECONDS,
    seed = profile.seeded and ctx.random(1 << 30) or nil }
end

-- ---- what is answered ----

--- The program in a reply: its last fenced block; nil when there is none.
---@param text string
---@return string|nil
function M.program_of(text)
  local found
  for block in ("\n" .. text):gmatch("\n[ \t]*```[^\n]*\n(.-)\n[ \t]*```") do found = block end
  return found and found .. "\n" or nil
end

-- What is nobody's fault settles the node as infra; what only a person can mend, too, with its name.
local function fail(answer) error(infra(answer.message), 0) end

-- Asks; nil when the budget refuses. A question that is too long for the model counts as no answer.
local function ask(ctx, messages, offered)
  local answer, why, code = model.ask(ctx, request(ctx, messages, offered))
  if not answer then
    if code == "BUDGET_EXHAUSTED" then return nil, why, code end
    error(code == "UNKNOWN" and why or infra(why), 0) -- a cassette without the answer is nobody's infra
  end
  if not answer.ok and answer.code ~= "INVALID" then fail(answer) end
  return answer
end

-- ---- with tools ----

-- Answers the calls of a turn; true when that was the end.
local function answer_calls(bench, messages, calls)
  local over = false
  for _, call in ipairs(calls) do
    local text, ends = bench:call(call)
    over = over or ends == true
    messages[#messages + 1] = { role = "tool", call_id = call.id, text = text }
  end
  return over
end

-- What a model that patches is told beside the question; nil when it may write all anew.
local function scope_text(ctx, rules)
  local given, quoted = rules.given, rules:quoted(ctx.artifact)
  local may = given.tight and given.class == "LOGIC" and directives.may.tight or directives.may[given.class]
  if not quoted or not may then return nil end
  return directives.fill(directives.patch, { class = given.class, may = may, scope = quoted,
    name = tostring(ctx.public.name) })
end

-- Whether a text breaks what passed, or nobody can say.
local function breaks(ctx, rules, seen, text)
  if not seen.raw then
    local now = search.look(ctx, text)
    return not now or rules:breaks(seen.rows, now.rows) ~= nil
  end
  local now = ctx.check(text)
  local why = now and outcome.broken(seen.raw, now.raw)
  if why then rules:refused("REGRESSION", why) end
  return not now or why ~= nil
end

-- What the answer changed, when that is allowed and breaks nothing; else the text as it was.
local function held(ctx, rules, seen, answer)
  local text = answer and rules:take(ctx.artifact, answer)
  if text and seen and breaks(ctx, rules, seen, text) then text = nil end
  rules:tell()
  return text or ctx.artifact
end

local function begin(ctx)
  local public, found = ctx.public, nil
  if public.tests and ctx.eval or public.checked and ctx.check and not public.prompt then
    found = tools.look(ctx, ctx.artifact, show_test)
  end
  return { { role = "system", text = directives.fill(directives.system, { language = language_of(ctx) }) },
    { role = "user", text = question(ctx, found) } }, found and (found.rows or found.raw) and found
end

-- Tells how the program does, which is what lenses read.
local function finish(ctx, program)
  if program and program ~= ctx.artifact and (ctx.public.tests and ctx.eval or ctx.public.checked and ctx.check) then
    tools.checker(ctx, show_test):check(program)
  end
  return program
end

-- ---- a plan ----

M.PLANS = 2 -- questions for one plan

-- What a plan may speak of: { functions = { name = true } of the program, tests = }, and their names in order.
local function known_of(ctx)
  local tree = syntax.parse(ctx.artifact, ctx.public.name)
  local known, names = { functions = {}, tests = ctx.public.tests or {} }, {}
  for _, entry in ipairs(tree and syntax.functions(tree) or {}) do
    local name = entry.depth == 1 and entry.name and entry.name:match "[%a_][%w_]*$"
    if name and not known.functions[name] then
      known.functions[name], names[#names + 1] = true, name
    end
  end
  return known, names
end

local function tests_text(tests)
  local lines = {}
  for i, test in ipairs(tests) do
    if i > M.TESTS then break end
    lines[i] = show_test(test)
  end
  return table.concat(lines, "\n")
end

-- One shot of a planner: a plan as JSON. One that is malformed is asked for once more, with the reason; nil when the
-- second is, or when the model refuses.
local function plan(ctx)
  local known, names = known_of(ctx)
  local asking = directives.fill(directives.plan, { language = language_of(ctx), artifact = ctx.artifact,
    brief = tostring(ctx.public.brief or ""), tests = tests_text(known.tests), functions = table.concat(names, ", ") })
  local messages = { { role = "system", text = directives.planner }, { role = "user", text = asking } }
  for asked = 1, M.PLANS do
    local answer = ask(ctx, messages)
    if not answer or not answer.ok or answer.stop == "refusal" then
      ctx.span { kind = "plan", asked = asked, refused = answer and "the model gave none" or "the budget is spent" }
      return nil
    end
    local found, why = plans.read(answer.text or "", known)
    ctx.span { kind = "plan", asked = asked, refused = why, blocks = found and #found.blocks or nil }
    if found then return (json.encode(found)) end
    messages[#messages + 1] = { role = "assistant", text = answer.text or "" }
    messages[#messages + 1] = { role = "user", text = directives.fill(directives.plan_again, { reason = why }) }
  end
end

--- One shot: one question, one program.
---@param ctx table
---@return string|nil artifact nil: the model refused, was cut off, or wrote none
function M.run(ctx)
  if ctx.profile.plan then return plan(ctx) end
  local messages, seen = begin(ctx)
  local rules = patching(ctx)
  local scope = rules and scope_text(ctx, rules)
  if scope then messages[2].text = messages[2].text .. "\n" .. scope end
  local answer = ask(ctx, messages)
  if rules then return held(ctx, rules, seen, answer and answer.ok and M.program_of(answer.text)) end
  return finish(ctx, answer and answer.ok and M.program_of(answer.text) or nil)
end

M.TURNS = 8

--- One shot with tools: the model may have programs checked before it answers. What it answers counts; when it does not
--- come to an answer, the best program that it had checked. In the environment "verifier" only what it submits counts.
---@param ctx table
---@return string|nil artifact
function M.run_tools(ctx)
  if ctx.profile.plan then return plan(ctx) end
  if ctx.profile.environment ~= "mcp" and not tools.checkable(ctx) then return M.run(ctx) end -- a tool for nothing
  local messages = begin(ctx)
  local bench <close> = tools.open(ctx, show_test)
  for _, name in ipairs(bench.directives) do messages[1].text = messages[1].text .. "\n" .. directives[name] end
  for _ = 1, ctx.profile.turns or M.TURNS do
    local answer = ask(ctx, messages, bench:described())
    if not answer or not answer.ok then break end
    if answer.stop ~= "tools" then
      if bench.submits then break end
      return finish(ctx, M.program_of(answer.text) or bench.best)
    end
    messages[#messages + 1] = { role = "assistant", text = answer.text, calls = answer.calls }
    if answer_calls(bench, messages, answer.calls) then break end
  end
  if bench.submits then return bench.best end
  return finish(ctx, bench.best)
end

return M
