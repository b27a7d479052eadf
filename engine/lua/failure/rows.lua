--- han.failure.rows: the class and the owner of failures when tests are calls and no tool printed anything: from the
-- rows of an evaluation (han.eval), in the form of han.failure.

local failure = require "han.failure"
local locality = require "han.locality"
local syntax = require "han.syntax"

local M = {}

M.VOTES = 5 -- suspects that are told

--- The class of one failing test, from its row.
function M.class_of(test, row)
  if row.class == "format" then return "FORMAT" end
  if test.want_error then return "CONTRACT" end
  if not row.ok then return row.class == "value" and "CONTRACT" or "RUNTIME" end
  for i, want in pairs(test.want) do
    if type(row.values[i]) ~= type(want) then return "CONTRACT" end
  end
  return "LOGIC"
end

local function failure_of(test, row, name)
  local trace = {}
  if row.line then trace[1] = { file = name, line = row.line } end
  for _, frame in ipairs(row.traceback or {}) do
    if frame.line and frame.line > 0 then trace[#trace + 1] = { file = name, line = frame.line } end
  end
  return { class = M.class_of(test, row), fn = test.fn, test = test.fn .. "(", message = "", trace = trace }
end

-- For each function the names of all that it reaches by calls, itself left out.
local function reached(tree)
  local entries, direct, out = syntax.functions(tree), {}, {}
  for _, call in ipairs(syntax.callgraph(tree)) do
    local to = call.to
    local from = entries[call.from]
    while from.kind == "anonymous" and from.parent do from = entries[from.parent] end
    if to then
      direct[from.index] = direct[from.index] or {}
      direct[from.index][to] = true
    end
  end
  for _, entry in ipairs(entries) do
    local seen, todo = {}, { entry.index }
    while #todo > 0 do
      for to in pairs(direct[table.remove(todo)] or {}) do
        if not seen[to] then
          seen[to] = true
          todo[#todo + 1] = to
        end
      end
    end
    seen[entry.index] = nil
    out[entry.name:match "[^.:]+$"] = { entry = entry, seen = seen }
  end
  return out
end

-- What fails although nothing that it calls fails by itself: the others may fail for that only.
local function innermost(failures, tree)
  local reach, failing, out = reached(tree), {}, {}
  for _, one in ipairs(failures) do
    local row = reach[one.fn]
    if row then failing[row.entry.index] = true end
  end
  for _, one in ipairs(failures) do
    local inner = false
    for to in pairs(reach[one.fn] and reach[one.fn].seen or {}) do inner = inner or failing[to] or false end
    if not inner then out[#out + 1] = one end
  end
  return #out > 0 and out or failures
end

--- What the failing tests of a text tell: { class=, failing = their numbers, votes = functions, the most suspect
--- first }; nil when none fails. rows are in the order of the tests; tree is that of the text, nil when it does not
--- parse.
function M.read(tests, rows, failing, tree, name)
  if #failing == 0 then return nil end
  local failures = {}
  for i, k in ipairs(failing) do failures[i] = failure_of(tests[k], rows[k], name) end
  local class = tree and failure.whole(failures) or "FORMAT"
  local votes = {}
  local owner = tree and locality.owner({ class = class, failures = innermost(failures, tree) }, tree, { file = name })
    or tree and locality.owner({ class = class, failures = failures }, tree, { file = name })
  for i, vote in ipairs(owner and owner.votes or {}) do
    if i <= M.VOTES then votes[i] = vote.name end
  end
  return { class = class, failing = table.move(failing, 1, #failing, 1, {}), votes = votes }
end

return M
