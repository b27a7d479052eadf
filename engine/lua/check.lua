--- han.check: a verifier, a lens or a judge. One shape for all three.
--   verifier  run(artifact, public, spec)  -> verdict    steers, selects, ends a run
--   lens      run(spans, public, spec)     -> findings   steers
--   judge     run(artifact, private, spec) -> score      never enters a run
-- A verdict and a score are { pass=, correct=, raw={passed=,total=}, fast=, secure=, cheap= }, each
-- measure in [0, 1] or absent. trust= and sandbox= say how it was made; the harness never makes them stronger (weaker).
-- `run` may wait (for an evaluation).

local shape = require "han.shape"

local M = {}

local kinds = { "judge", "lens", "verifier" }

local function is_kind(value)
  for _, kind in ipairs(kinds) do
    if value == kind then return nil end
  end
  return ("must be one of %s, got %s"):format(table.concat(kinds, ", "), shape.show(value))
end

local rules = {
  kind = { type = "string", need = true, test = is_kind, note = "verifier, lens or judge" },
  spec = { type = "table", test = shape.is_plain },
  run = { type = "function", need = true, note = "function(subject, given, spec)" },
  name = { type = "string", test = shape.is_name },
  intent = { type = "string", test = shape.is_line },
}

--- Checks the fields and returns the same table, marked; `spec` is {} when absent. Throws when wrong.
function M.new(fields)
  local why = shape.fault(fields, rules, "han.check")
  if why then shape.refuse(why) end
  fields.spec = fields.spec or {}
  return shape.mark(fields, "check")
end

--- What is wrong with a value as a check of that kind (any kind when nil), or nil.
function M.fault(value, kind)
  if shape.kind(value) ~= "check" then
    return ("must be made by han.check, got %s"):format(shape.show(value))
  end
  if kind and value.kind ~= kind then
    return ("must be a check of kind '%s', got one of kind '%s'"):format(kind, value.kind)
  end
  return nil
end

-- ---- how it was made ----

local strength = { trust = { weak = 1, split = 2 }, sandbox = { none = 1, landlock = 2, strong = 3 } }

--- The weaker of two levels. field: "trust" or "sandbox"; nil counts as the other, an unknown word as the weakest.
function M.weaker(field, a, b)
  if a == nil or b == nil then return a or b end
  local of, weakest = strength[field], field == "trust" and "weak" or "none"
  a, b = of[a] and a or weakest, of[b] and b or weakest
  return of[a] < of[b] and a or b
end

local measures = { "correct", "fast", "secure", "cheap" }

--- What is wrong with a verdict or a score, or nil.
function M.measure_fault(value, what)
  if type(value) ~= "table" then return ("%s must be a table, got %s"):format(what, shape.show(value)) end
  if type(value.pass) ~= "boolean" then
    return ("%s.pass must be true or false, got %s"):format(what, shape.show(value.pass))
  end
  for _, name in ipairs(measures) do
    local m = value[name]
    if m ~= nil and (type(m) ~= "number" or not (m >= 0 and m <= 1)) then
      return ("%s.%s must be a number from 0 to 1, got %s"):format(what, name, shape.show(m))
    end
  end
  return shape.plain_fault(value, what)
end

M.fields = shape.sorted_names(rules)
M.needed = shape.needed_names(rules)

return M
