--- han.blocks.property: what may be demanded of a block beyond its examples. Templates are matched against these: a
-- property is proposed where all of them have it, and enough of them could have shown that it does not hold. It is
-- then tested on arguments that are near those of the examples, and a failure is made small.
--
-- A property of examples is a guess about the function: it can be wrong, and how often it is, is measured
-- (docs/zoom.md). Arguments for which the block raises say nothing: a guess knows no precondition. Properties are plain
-- data, { kind=, of = block, ... }, so a plan may also bring its own.

local shapes = require "han.blocks.shapes"
local value = require "han.value"

local M = {}

M.CASES = 40   -- arguments that a property is tested on
M.ROUNDS = 12  -- steps of shrinking

local equal = value.equal

local function arity(list)
  local n = 0
  for key in pairs(list) do
    if math.type(key) == "integer" and key > n then n = key end
  end
  return n
end

-- The examples that end with values.
local function answered(block)
  local list = {}
  for _, example in ipairs(block.examples) do
    if example.want then list[#list + 1] = example end
  end
  return list
end

-- ---- templates ----

-- Each: propose(examples, block, plan) gives a list of properties without kind and of; holds(property, args, values,
-- more) says whether a result has one; call names the wrapper that is called beside the block, if any.
local templates, order = {}, {}

local function template(kind, entry)
  templates[kind] = entry
  order[#order + 1] = kind
end

template("shape", {
  propose = function(examples)
    if #examples < 3 then return {} end
    local list, most = {}, 0
    for _, example in ipairs(examples) do most = math.max(most, arity(example.want)) end
    for i = 1, most do
      local shape
      for _, example in ipairs(examples) do
        local one = shapes.of(example.want[i])
        shape = shape and shapes.join(shape, one) or one
      end
      if shapes.says(shape) then list[#list + 1] = { result = i, shape = shape } end
    end
    return list
  end,
  holds = function(p, _, values) return shapes.fits(values[p.result], p.shape) end,
})

-- Pairs (result, argument) for which `test` holds in every example, and `could` counts those that might have failed it.
local function pairs_of(examples, least, test, could)
  local list = {}
  local results, args = 0, 0
  for _, example in ipairs(examples) do
    results, args = math.max(results, arity(example.want)), math.max(args, arity(example.args))
  end
  for i = 1, results do
    for k = 1, args do
      local all, seen = true, {}
      for _, example in ipairs(examples) do
        all = all and test(example.want[i], example.args[k])
        local sign = all and could(example.want[i], example.args[k])
        if sign ~= nil and sign ~= false then seen[sign] = true end
      end
      local count = 0
      for _ in pairs(seen) do count = count + 1 end
      if all and count >= least then list[#list + 1] = { result = i, arg = k } end
    end
  end
  return list
end

local function is_sequence(x, y)
  return type(x) == type(y) and (type(x) == "string" or type(x) == "table" and shapes.of(x).kind == "list"
    and shapes.of(y).kind == "list")
end

template("length", {
  propose = function(examples)
    return pairs_of(examples, 3, function(r, a) return is_sequence(r, a) and #r == #a end, function(r) return #r end)
  end,
  holds = function(p, args, values)
    local r, a = values[p.result], args[p.arg]
    return is_sequence(r, a) and #r == #a
  end,
})

local function is_list(x) return type(x) == "table" and shapes.of(x).kind == "list" end

local function is_subsequence(r, a)
  if not is_list(r) or not is_list(a) then return false end
  local at = 1
  for _, item in ipairs(r) do
    while at <= #a and not equal(a[at], item) do at = at + 1 end
    if at > #a then return false end
    at = at + 1
  end
  return true
end

template("order", {
  propose = function(examples)
    return pairs_of(examples, 2, is_subsequence, function(r) return #r >= 2 and #r end)
  end,
  holds = function(p, args, values) return is_subsequence(values[p.result], args[p.arg]) end,
})

local function is_sorted(r)
  if not is_list(r) then return false end
  for i = 2, #r do
    local a, b = r[i - 1], r[i]
    if type(a) ~= type(b) or type(a) ~= "number" and type(a) ~= "string" or b < a then return false end
  end
  return true
end

template("sorted", {
  propose = function(examples)
    return pairs_of(examples, 2, is_sorted, function(r) return #r >= 3 and r[1] ~= r[#r] and #r end)
  end,
  holds = function(p, _, values) return is_sorted(values[p.result]) end,
})

local bounds = {
  at_least = function(r, a) return type(r) == "number" and type(a) == "number" and r >= a end,
  at_most = function(r, a) return type(r) == "number" and type(a) == "number" and r <= a end,
  within = function(r, a)
    if type(r) ~= "number" or not is_list(a) or #a == 0 then return false end
    local low, high = math.huge, -math.huge
    for _, x in ipairs(a) do
      if type(x) ~= "number" then return false end
      low, high = math.min(low, x), math.max(high, x)
    end
    return r >= low and r <= high
  end,
}

template("bounds", {
  propose = function(examples)
    local list = {}
    for _, name in ipairs { "at_least", "at_most", "within" } do
      for _, p in ipairs(pairs_of(examples, 4, bounds[name], function(r) return r end)) do
        p.bound = name
        list[#list + 1] = p
      end
    end
    return list
  end,
  holds = function(p, args, values)
    local a = args[p.arg]
    if p.bound == "within" and (not is_list(a) or #a == 0) then return true end
    return bounds[p.bound](values[p.result], a)
  end,
})

-- Chains in the examples: an answer that is asked again, and answered with itself.
template("idempotent", {
  propose = function(examples)
    local chains, contrary = 0, false
    for _, one in ipairs(examples) do
      for _, two in ipairs(examples) do
        if arity(two.args) == 1 and arity(one.want) == 1 and equal(two.args[1], one.want[1]) then
          if not equal(two.want[1], one.want[1]) then contrary = true end
          if not equal(one.args[1], one.want[1]) then chains = chains + 1 end
        end
      end
    end
    return chains >= 2 and not contrary and { {} } or {}
  end,
  call = function(p) return "twice", p.of end,
  holds = function(_, _, values, more) return more.ok and equal(more.values, values) end,
})

-- Another block whose examples undo those of this one.
template("inverse", {
  propose = function(examples, block, plan)
    local list = {}
    for _, other in ipairs(plan.blocks) do
      local undone, contrary = 0, false
      for _, one in ipairs(other.name ~= block.name and examples or {}) do
        for _, two in ipairs(answered(other)) do
          if equal(two.args, one.want) then
            if equal(two.want, one.args) then undone = undone + 1 else contrary = true end
          end
        end
      end
      if undone >= 2 and not contrary then list[#list + 1] = { by = other.name } end
    end
    return list
  end,
  call = function(p) return "then", p.of, p.by end,
  holds = function(_, args, _, more) return more.ok and equal(more.values, args) end,
})

template("deterministic", {
  propose = function(examples, block)
    if block.stateful or #examples == 0 then return {} end
    for i, one in ipairs(examples) do
      for k = 1, i - 1 do
        if equal(one.args, examples[k].args) and not equal(one.want, examples[k].want) then return {} end
      end
    end
    return { {} }
  end,
  call = function(p) return "again", p.of end,
  holds = function(_, _, values, more) return more.ok and equal(more.values, values) end,
})

template("unchanged", {
  propose = function(examples)
    local list, most = {}, 0
    for _, example in ipairs(examples) do most = math.max(most, arity(example.args)) end
    for k = 1, most do
      for _, example in ipairs(examples) do
        if type(example.args[k]) == "table" then
          list[#list + 1] = { arg = k }
          break
        end
      end
    end
    return list
  end,
  call = function(p) return "args", p.of end,
  holds = function(p, args, _, more) return not more.ok or equal(more.values[p.arg], args[p.arg]) end,
})

M.KINDS = order

--- The properties that the examples of a block have in common.
---@param plan table see han.blocks
---@param block table of the plan; block.stateful = true where its answers may depend on what was asked before
---@param without table|nil set of kinds that are not proposed
---@return table[] { kind=, of=, ... }
function M.propose(plan, block, without)
  local list, examples = {}, answered(block)
  for _, kind in ipairs(order) do
    if not (without and without[kind]) then
      for _, p in ipairs(templates[kind].propose(examples, block, plan)) do
        p.kind, p.of = kind, block.name
        list[#list + 1] = p
      end
    end
  end
  return list
end

-- ---- the program that is asked ----

local wrappers = {
  twice = "function(...) return module[%q](module[%q](...)) end",
  again = "function(...) module[%q](copy(...)) return module[%q](...) end",
  args = "function(...) module[%q](...) return ... end",
  ["then"] = "function(...) return module[%q](module[%q](...)) end",
}

local COPY = [[
local function copied(x)
  if type(x) ~= "table" then return x end
  local out = {}
  for k, v in pairs(x) do out[k] = copied(v) end
  return out
end
local function copy(...)
  local list = { n = select("#", ...), ... }
  for i = 1, list.n do list[i] = copied(list[i]) end
  return table.unpack(list, 1, list.n)
end
]]

local function wrapper_of(property)
  local call = templates[property.kind].call
  if not call then return nil end
  local how, name, by = call(property)
  local text = wrappers[how]
  if how == "then" then return ("then %s %s"):format(name, by), text:format(by, name) end
  if how == "args" then return "args " .. name, text:format(name) end
  return how .. " " .. name, text:format(name, name)
end

--- The text with the calls that properties need beside the functions of the program. Lines stay where they were.
function M.wrap(text, properties)
  local parts, seen = {}, {}
  for _, property in ipairs(properties) do
    local name, code = wrapper_of(property)
    if name and not seen[name] then
      parts[#parts + 1], seen[name] = ("out[%q] = %s"):format(name, code), true
    end
  end
  return "local module = (function(...) " .. text .. "\nend)(...)\n" .. COPY
    .. "local out = {}\nfor name, f in pairs(module) do out[name] = f end\n" .. table.concat(parts, "\n")
    .. "\nreturn out\n"
end

-- ---- cases ----

--- Arguments near those of the examples that end with values.
function M.cases(block, n, random)
  local examples, list = answered(block), {}
  if #examples == 0 then return list end
  for i = 1, n do
    local args = shapes.copy(examples[(i - 1) % #examples + 1].args)
    if i > #examples then
      for _ = 1, random(2) do
        local k, pool = random(math.max(1, arity(args))), {}
        for _, example in ipairs(examples) do pool[#pool + 1] = example.args[k] end
        if args[k] ~= nil then args[k] = shapes.change(args[k], random, pool) end
      end
    end
    list[i] = args
  end
  return list
end

-- One evaluation of many cases: rows of the block itself, and of the wrapper.
local function ask(spec, property, cases)
  local extra, calls = wrapper_of(property), {}
  for _, args in ipairs(cases) do
    calls[#calls + 1] = { fn = property.of, args = args, instructions = spec.instructions }
    if extra then calls[#calls + 1] = { fn = extra, args = args, instructions = spec.instructions } end
  end
  local result, why, code = spec.evaluate { code = spec.code, name = spec.name, calls = calls, limits = spec.limits }
  if not result then return nil, why, code end
  local rows, step = {}, extra and 2 or 1
  for i in ipairs(cases) do
    local at = (i - 1) * step + 1
    rows[i] = { own = result.calls[at] or { ok = false }, more = extra and (result.calls[at + 1] or { ok = false }) }
  end
  return rows
end

-- true: it holds; false: it does not; nil: the block did not answer, so nothing is said.
local function judge(property, args, row)
  if not row.own.ok then return nil end
  return templates[property.kind].holds(property, args, row.own.values, row.more) and true or false
end

local function all_smaller(args)
  local list = {}
  for k = 1, arity(args) do
    for _, less in ipairs(shapes.smaller(args[k])) do
      local other = shapes.copy(args)
      other[k] = less
      list[#list + 1] = other
      if #list >= M.CASES then return list end
    end
  end
  return list
end

local function shrink(spec, property, args)
  for _ = 1, M.ROUNDS do
    local list = all_smaller(args)
    local rows = #list > 0 and ask(spec, property, list)
    local found
    for i, row in ipairs(rows or {}) do
      if judge(property, list[i], row) == false then
        found = list[i]
        break
      end
    end
    if not found then break end
    args = found
  end
  return args
end

local function run_one(spec, property, cases)
  local rows, why, code = ask(spec, property, cases)
  if not rows then return nil, why, code end
  local out = { property = property, holds = true, tested = 0, silent = 0 }
  for i, row in ipairs(rows) do
    local good = judge(property, cases[i], row)
    if good == nil then out.silent = out.silent + 1 else out.tested = out.tested + 1 end
    if good == false and out.holds then out.holds, out.args = false, cases[i] end
  end
  if out.args and spec.shrink ~= false then out.args = shrink(spec, property, out.args) end
  return out
end

--- Tests properties of a block on a text.
---@param text string
---@param plan table
---@param block table of the plan
---@param properties table[]
---@param options table { evaluate = han.eval.lua or what stands for it, random=, cases = M.CASES, shrink = true }
---@return table[]|nil { property=, holds=, tested=, silent = cases that raised, args = smallest that fails } for each,
-- or nil, message, CODE when the evaluation itself failed
function M.test(text, plan, block, properties, options)
  local cases = M.cases(block, options.cases or M.CASES, options.random)
  local spec = { evaluate = options.evaluate, code = M.wrap(text, properties), name = plan.name, limits = plan.limits,
    shrink = options.shrink }
  local list = {}
  for i, property in ipairs(properties) do
    local row, why, code = run_one(spec, property, cases)
    if not row then return nil, why, code end
    list[i] = row
  end
  return list
end

return M
