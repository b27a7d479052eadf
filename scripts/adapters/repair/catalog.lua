-- The base programs as data: loads programs/NAME/{program,tests,bugs}.lua, draws hidden cases from the
-- generators with the reference's own answers, and checks that a program keeps its contracts.
local M = {}

M.HIDDEN = 24             -- hidden cases drawn for each function
M.PUBLIC = 8              -- examples each function must show at least
M.MEASURE = 2000000       -- instructions a reference may use for one call

-- dir is the loader that the adapter is called with: dir(name), dir.read(path), dir.list(folder).
function M.names(dir)
  return dir.list "programs"
end

-- { name, source, job, brief, blocks = { block... the assembly last }, bugs }
function M.load(dir, name)
  local folder = "programs/" .. name .. "/"
  local tests = dir(folder .. "tests")
  local blocks = table.move(tests.blocks, 1, #tests.blocks, 1, {})
  blocks[#blocks + 1] = tests.integration
  local bugs = {}
  for _, file in ipairs(dir.list("programs/" .. name)) do
    if file == "bugs" or file == "bugs.lua" then bugs = dir(folder .. "bugs") end
  end
  return { name = name, source = dir.read(folder .. "program.lua"), job = tests.job, brief = tests.brief,
    blocks = blocks, bugs = bugs }
end

local function call_of(block, case)
  return { fn = block.name, args = case.args, want = case.want, want_error = case.want_error }
end

-- Every example of every function, as calls with their expected outcome.
function M.public_calls(program)
  local calls = {}
  for _, block in ipairs(program.blocks) do
    for _, example in ipairs(block.examples) do calls[#calls + 1] = call_of(block, example) end
  end
  return calls
end

-- The plain part of the contracts: what a worker may read.
function M.public_blocks(program)
  local blocks = {}
  for i, block in ipairs(program.blocks) do
    local examples = {}
    for k, example in ipairs(block.examples) do
      examples[k] = { args = example.args, want = example.want, want_error = example.want_error }
    end
    blocks[i] = { name = block.name, signature = block.signature, examples = examples,
      assembly = i == #program.blocks or nil }
  end
  return blocks
end

-- Which functions each one of a text calls, by name.
function M.calls_of(text, program)
  local list, calls = {}, {}
  for i, block in ipairs(program.blocks) do list[i] = { name = block.name, examples = {} } end
  local view = require("han.blocks").view(text, { name = program.name, blocks = list })
  for _, block in ipairs(view and view.blocks or {}) do calls[block.name] = block.calls end
  return calls
end

-- A message as a pattern that matches nothing but itself, without the position in front of it.
function M.error_pattern(message)
  local text = message:gsub("^[^:\n]+:%d+: ", "")
  return (text:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0")) .. "$"
end

-- Sets want or want_error of calls from the rows of an evaluation of the reference.
function M.expect(calls, rows)
  for i, call in ipairs(calls) do
    local row = rows[i]
    if row.ok then call.want = row.values
    else call.want_error = M.error_pattern(row.message) end
    call.reference = row.instructions
  end
  return calls
end

-- Hidden inputs of a program: a list of { fn, args } drawn from stream(label) -> random.
function M.hidden_inputs(program, draw, stream)
  local calls = {}
  for _, block in ipairs(program.blocks) do
    local random = draw.new(stream("hidden/" .. program.name .. "/" .. block.name))
    for i = 1, block.hidden_n or M.HIDDEN do
      calls[#calls + 1] = { fn = block.name, args = block.hidden(random, i) }
    end
  end
  return calls
end

-- Evaluates the reference on calls (without their expectations); rows, or nil and why.
function M.reference_rows(program, calls, evaluate)
  local bare = {}
  for i, call in ipairs(calls) do bare[i] = { fn = call.fn, args = call.args } end
  local result, why, code = evaluate { code = program.source, name = program.name, calls = bare,
    limits = { instructions = M.MEASURE, memory = 64 << 20, output = 1 << 20, wall = 5 } }
  if not result then return nil, why, code end
  if result.class ~= "ok" then return nil, program.name .. ": " .. tostring(result.message), "INVALID" end
  return result.calls
end

-- The hidden tests with the reference's answers.
function M.hidden_calls(program, draw, stream, evaluate)
  local calls = M.hidden_inputs(program, draw, stream)
  local rows, why, code = M.reference_rows(program, calls, evaluate)
  if not rows then return nil, why, code end
  return M.expect(calls, rows)
end

-- Two contracts: pre is false exactly where the reference raises, and post holds wherever it returns.
local function contract_problem(block, call, row)
  if not row.ok and row.class ~= "runtime" then return "ended with " .. row.class end
  if not row.ok and row.message:find "attempt to" then return "raised by accident: " .. row.message end
  local pre = block.pre(call.args) and true or false
  if pre ~= row.ok then return pre and "pre holds, yet: " .. row.message or "pre fails, yet it returned" end
  if row.ok and not block.post(call.args, row.values) then return "post does not hold" end
end

-- Whether an example's literal expectation is what the reference does.
local function example_problem(call, row, equal)
  if call.want then
    if not row.ok then return "wants values, got: " .. row.message end
    if not equal(row.values, call.want) then return "wants other values" end
  elseif call.want_error then
    if row.ok or not row.message:find(call.want_error) then return "wants the error " .. call.want_error end
  else
    return "has no expected outcome"
  end
end

local function scan(program, calls, rows, report, equal)
  local by_name, seen = {}, {}
  for _, block in ipairs(program.blocks) do by_name[block.name] = block end
  for i, call in ipairs(calls) do
    seen[call.fn] = (seen[call.fn] or 0) + 1
    local place = ("%s.%s case %d: "):format(program.name, call.fn, seen[call.fn])
    local problem = contract_problem(by_name[call.fn], call, rows[i])
    if problem then report(place .. problem) end
    problem = equal and example_problem(call, rows[i], equal)
    if problem then report(place .. problem) end
  end
end

-- Everything a base program must hold by itself; a list of sentences, empty when it is sound.
function M.problems(program, draw, stream, evaluate, equal)
  local problems = {}
  local function report(text) problems[#problems + 1] = text end
  if type(program.job) ~= "string" or program.job == "" then report(program.name .. ": no job") end
  for _, block in ipairs(program.blocks) do
    if #block.examples < M.PUBLIC then report(program.name .. "." .. block.name .. ": fewer than 8 examples") end
  end
  local public = M.public_calls(program)
  local rows, why = M.reference_rows(program, public, evaluate)
  if not rows then return { why } end
  scan(program, public, rows, report, equal)
  local hidden = M.hidden_inputs(program, draw, stream)
  rows, why = M.reference_rows(program, hidden, evaluate)
  if not rows then return { why } end
  scan(program, hidden, rows, report)
  return problems
end

return M
