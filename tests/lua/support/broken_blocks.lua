-- For each property template a broken block that passes its examples and that this template alone catches: what
-- properties_spec asserts and tests/bench/templates.lua prints. Not a spec.
-- luacheck: no max line length

local eval = require "tests.lua.support.eval_local"
local random = require "tests.lua.support.random_local"

local M = {}

-- Each block is given by a right body, a broken one that passes all examples, and examples.
local function ex(...) return { args = { ... } } end
M.CASES = {
  shape = { right = "function M.f(n) if n % 2 == 0 then return { n } end return { n, n } end",
    broken = "function M.f(n) if n > 3 then return { tostring(n) } end if n % 2 == 0 then return { n } end return { n, n } end",
    args = { ex(1), ex(2), ex(3) } },
  length = { right = "function M.f(l) local o = {} for i = 1, #l do o[i] = l[i] + 1 end return o end",
    broken = "function M.f(l) local o = {} for i = 1, #l do if l[i] < 7 then o[#o + 1] = l[i] + 1 end end return o end",
    args = { ex { 1 }, ex { 2, 3 }, ex { 4, 5, 6 } } },
  order = { right = "function M.f(l) local o = {} for _, x in ipairs(l) do if x % 2 == 1 then o[#o + 1] = x end end return o end",
    broken = "function M.f(l) local o = {} for _, x in ipairs(l) do if x % 2 == 1 then table.insert(o, #l > 5 and 1 or #o + 1, x) end end return o end",
    args = { ex { 1, 2, 5, 3 }, ex { 9, 7, 4, 1, 3 }, ex { 2 }, ex { 3 } } },
  sorted = { right = "function M.f(l) local o = {} for i, x in ipairs(l) do o[i] = 2 * x end table.sort(o) return o end",
    broken = "function M.f(l) local o = {} for i, x in ipairs(l) do o[i] = 2 * x end if #l < 5 then table.sort(o) end return o end",
    args = { ex { 3, 1, 2 }, ex { 9, 8, 7, 1 }, ex { 1, 5, 3 }, ex { 4 } } },
  bounds = { right = "function M.f(n, top) return n > top and top or n end",
    broken = "function M.f(n, top) if n < 50 and n > top then return top end return n end",
    args = { ex(1, 5), ex(9, 5), ex(40, 20), ex(30, 11), ex(3, 12), ex(45, 44) } },
  idempotent = { right = "function M.f(s) return (s:gsub('  +', ' ')) end",
    broken = "function M.f(s) if #s < 6 then return (s:gsub('  +', ' ')) end return (s:gsub('  ', ' ')) end",
    args = { ex "a  b", ex "a b", ex "c   d", ex "c d", ex "x" } },
  inverse = { right = "function M.f(n) return 2 * n + 1 end\nfunction M.g(n) return (n - 1) // 2 end",
    broken = "function M.f(n) return 2 * n + (n > 5 and 3 or 1) end\nfunction M.g(n) return (n - 1) // 2 end",
    args = { ex(1), ex(2), ex(4), ex(-3) }, other = { ex(3), ex(5), ex(9) } },
  deterministic = { right = "local seen = {}\nfunction M.f(n) return n * n end",
    broken = "local seen = {}\nfunction M.f(n) if n > 5 and seen[n] then return 0 end seen[n] = true return n * n end",
    args = { ex(1), ex(2), ex(3) } },
  unchanged = { right = "function M.f(l) local s = 0 for _, x in ipairs(l) do s = s + x end return s end",
    broken = "function M.f(l) local s = 0 for i, x in ipairs(l) do s = s + x if i > 3 then l[i] = 0 end end return s end",
    args = { ex { 1 }, ex { 2, 3 }, ex { 4, 4, 4 }, ex { 1, 2, 3 } } },
}

local function answers(source, fn, list)
  local calls = {}
  for i, example in ipairs(list) do calls[i] = { fn = fn, args = example.args } end
  for i, row in ipairs(eval.lua({ code = source, calls = calls }).calls) do
    list[i].want = assert(row.ok and row.values, row.message)
  end
  return { name = fn, examples = list }
end

--- The plan, the right and the broken text of a case.
function M.prepare(case)
  local right, broken = "local M = {}\n" .. case.right .. "\nreturn M\n", "local M = {}\n" .. case.broken .. "\nreturn M\n"
  local plan = { name = "case", blocks = { answers(right, "f", case.args) }, limits = { instructions = 20000 } }
  if case.other then plan.blocks[2] = answers(right, "g", case.other) end
  return plan, right, broken
end

--- { kind = true } of the properties that a text fails, and the first failure; without: kinds that are left out.
-- property: han.blocks.property.
function M.caught(property, text, plan, without)
  local block, kinds, first = plan.blocks[1], {}, nil
  local list = property.propose(plan, block, without)
  local options = { evaluate = eval.lua, random = random.new "cases", cases = 120 }
  for _, row in ipairs(property.test(text, plan, block, list, options)) do
    if not row.holds then
      kinds[row.property.kind] = true
      first = first or row
    end
  end
  return kinds, first
end

--- Whether a text meets all examples of the plan's first block.
function M.passes_examples(text, plan)
  local calls = {}
  for i, e in ipairs(plan.blocks[1].examples) do calls[i] = { fn = plan.blocks[1].name, args = e.args, want = e.want } end
  for _, row in ipairs(eval.lua({ code = text, calls = calls }).calls) do
    if not row.pass then return false end
  end
  return true
end

return M
