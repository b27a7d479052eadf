--- han.zoom.plan: a program's blocks, their contracts and their assembly as a planner says them. What a model answers
-- is read here, and refused with a reason where it is malformed, speaks of what is not there, or of what it may not
-- know; what is good becomes a task whose blocks are those of the plan. Pure; nothing of a plan is run here.
--
-- A plan is { blocks = { { name=, signature=, pre=, post=, examples = { { args=, want= or want_error= } ... } } ... },
-- assembly = { name=, calls = { { caller, callee } ... } } }; only blocks and their names must be there.

local json = require "han.json"

local M = {}

M.BYTES = 64 << 10 -- of a plan as JSON
M.BLOCKS = 64
M.EXAMPLES = 16    -- of one block
M.CALLS = 256
M.TEXT = 400       -- bytes of a signature, a condition, a text of an error

local FIELDS = {
  plan = { blocks = true, assembly = true },
  block = { name = true, signature = true, pre = true, post = true, examples = true },
  example = { args = true, want = true, want_error = true },
  assembly = { name = true, calls = true },
}

-- What ends the reading from any depth, as the words that the planner is told.
local function refuse(format, ...) error({ refused = format:format(...) }, 0) end

local function check_fields(value, kind, what)
  if type(value) ~= "table" then refuse("%s is no object", what) end
  for name in pairs(value) do
    if not FIELDS[kind][name] then refuse("%s has a field %q that no plan has", what, tostring(name):sub(1, 40)) end
  end
end

-- A list of at most `most` entries, without holes.
local function check_list(value, most, what)
  if type(value) ~= "table" then refuse("%s is no list", what) end
  local n = 0
  for key in pairs(value) do
    if math.type(key) ~= "integer" then refuse("%s is no list", what) end
    n = n + 1
  end
  if n ~= #value then refuse("%s has a null in it", what) end
  if n > most then refuse("%s has %d entries, more than %d", what, n, most) end
  return value
end

-- ---- texts ----

-- Its words go into other questions: they may neither end what is quoted there nor lead out of the program.
local OUTSIDE = { "%.%.[/\\]", "^~?/[%w_.]", "[%s\"'(=:,]~?/[%w_.]", "%a:[/\\]" }
local UNKNOWN = { "hidden", "holdout", "judge" }

local function check_text(value, what)
  if value == nil then return end
  if type(value) ~= "string" or #value > M.TEXT then refuse("%s is no text of at most %d bytes", what, M.TEXT) end
  if value:find "%c" or value:find("```", 1, true) or value:lower():find "</?data>" then
    refuse("%s is not one plain line", what)
  end
  for _, pattern in ipairs(OUTSIDE) do
    if value:find(pattern) then refuse("%s names a path; a plan speaks of the program alone", what) end
  end
  for _, word in ipairs(UNKNOWN) do
    if value:lower():find("%f[%w]" .. word .. "%f[%W]") then
      refuse("%s speaks of '%s'; a plan speaks of the program alone", what, word)
    end
  end
end

-- ---- examples ----

-- An example must not say otherwise than a test that is known to hold.
local function check_against(example, name, tests, what)
  local equal = require("han.value").equal -- only where a plan is read
  for _, test in ipairs(tests) do
    if test.fn == name and equal(test.args, example.args) then
      if (test.want == nil) ~= (example.want == nil) or test.want and not equal(test.want, example.want) then
        refuse("%s contradicts a test of the task with the same arguments", what)
      end
    end
  end
end

local function check_examples(block, tests)
  for k, example in ipairs(check_list(block.examples or {}, M.EXAMPLES, "examples of " .. block.name)) do
    local what = ("example %d of %s"):format(k, block.name)
    check_fields(example, "example", what)
    check_list(example.args, M.EXAMPLES, "args of " .. what)
    if (example.want == nil) == (example.want_error == nil) then refuse("%s needs want or want_error", what) end
    if example.want then check_list(example.want, M.EXAMPLES, "want of " .. what) end
    check_text(example.want_error, "want_error of " .. what)
    if example.want_error and not pcall(string.find, "", example.want_error) then
      refuse("want_error of %s is no Lua pattern", what)
    end
    check_against(example, block.name, tests, what)
  end
end

-- ---- blocks and their assembly ----

local function check_blocks(plan, known)
  local names = {}
  for i, block in ipairs(check_list(plan.blocks, M.BLOCKS, "blocks")) do
    check_fields(block, "block", "block " .. i)
    local name = block.name
    if type(name) ~= "string" or not name:find "^[%a_][%w_]*$" then refuse("block %d has no name of a function", i) end
    if not known.functions[name] then refuse("there is no function '%s' in the program", name:sub(1, 40)) end
    if names[name] then refuse("two blocks are called '%s'", name) end
    names[name] = true
    for _, field in ipairs { "signature", "pre", "post" } do check_text(block[field], field .. " of " .. name) end
    check_examples(block, known.tests)
  end
  for _, test in ipairs(known.tests) do
    if not names[test.fn] then refuse("there is no block '%s', which tests of the task call", test.fn) end
  end
  return names
end

local function check_assembly(assembly, names)
  if assembly == nil then return end
  check_fields(assembly, "assembly", "assembly")
  if assembly.name ~= nil and not names[assembly.name] then refuse("assembly.name is no block") end
  for i, call in ipairs(check_list(assembly.calls or {}, M.CALLS, "assembly.calls")) do
    if type(call) ~= "table" or #call ~= 2 or not (names[call[1]] and names[call[2]]) then
      refuse("call %d of the assembly is no pair of blocks", i)
    end
  end
end

local function json_of(reply)
  local found
  for block in ("\n" .. reply):gmatch "\n[ \t]*```json[ \t]*\n(.-)\n[ \t]*```" do found = block end
  if not found then refuse("the reply has no fenced block of json") end
  if #found > M.BYTES then refuse("the plan has %d bytes, more than %d", #found, M.BYTES) end
  local plan, why = json.decode(found)
  if type(plan) ~= "table" then refuse("the plan is no JSON object: %s", tostring(why):sub(1, 120)) end
  return plan
end

--- The plan in a planner's reply, or nil and why it is refused, for the planner to read.
---@param reply string
---@param known table { functions = { name = true } of the program, tests = the task's public tests }
---@return table|nil plan
---@return string|nil reason
function M.read(reply, known)
  local ok, found = pcall(function()
    local plan = json_of(reply)
    check_fields(plan, "plan", "the plan")
    check_assembly(plan.assembly, check_blocks(plan, known))
    return plan
  end)
  if ok then return found end
  if type(found) == "table" and found.refused then return nil, found.refused end
  error(found, 0)
end

-- ---- a task by a plan ----

-- { fn = true } of the functions that tests call: the others are no targets, for nothing would say how they do.
local function tested(tests)
  local out = {}
  for _, test in ipairs(tests) do out[test.fn] = true end
  return out
end

--- The task with the blocks of a plan, and { name = block } of its contracts.
---@param task table
---@param plan table
---@return table task
---@return table contracts
function M.task_of(task, plan)
  local out, contracts, has, calls = {}, {}, tested(task.tests), {}
  local assembly = plan.assembly or {}
  for name, item in pairs(task) do out[name] = item end
  for _, pair in ipairs(assembly.calls or {}) do
    calls[pair[1]] = calls[pair[1]] or {}
    table.insert(calls[pair[1]], pair[2])
  end
  out.blocks = {}
  for _, block in ipairs(plan.blocks) do
    contracts[block.name] = block
    if has[block.name] then
      table.insert(out.blocks, { name = block.name, signature = block.signature, calls = calls[block.name] or {},
        assembly = block.name == assembly.name or nil })
    end
  end
  return out, contracts
end

--- What a shot at functions is told of their contracts: a finding for each that has one.
---@param contracts table
---@param names string[]
---@return table[] findings
function M.findings(contracts, names)
  local list = {}
  for _, name in ipairs(names) do
    local block, parts = contracts[name] or {}, {}
    parts[#parts + 1] = block.signature
    if block.pre then parts[#parts + 1] = "it may ask that " .. block.pre end
    if block.post then parts[#parts + 1] = "it must give that " .. block.post end
    if #parts > 0 then
      list[#list + 1] = { origin = "agent", lens = "contract", text = name .. ": " .. table.concat(parts, "; ") }
    end
  end
  return list
end

--- The examples of functions as tests.
function M.tests(contracts, names)
  local list = {}
  for _, name in ipairs(names) do
    for _, example in ipairs(contracts[name] and contracts[name].examples or {}) do
      list[#list + 1] = { fn = name, args = example.args, want = example.want, want_error = example.want_error }
    end
  end
  return list
end

return M
