--- han.experiment: a rule, written down before the first rollout. It says which measure decides, between which arms, on
-- how many groups of which split, at which alpha, and how errors are controlled:
--   "bh"        the family of contrasts is shown together and corrected by Benjamini-Hochberg
--   "spend"     candidates come one after another on a line; alpha is spent over them
--   "eprocess"  one pool is read group by group, valid at any look
-- The store keeps it; what ran is compared with it (M.mismatch).

local shape = require "han.shape"

local M = {}

local controls = { bh = true, spend = true, eprocess = true }
local splits = { train = true, dev = true, gate = true, final = true }

local function one_of(set)
  return function(value)
    if set[value] then return nil end
    return ("must be one of %s, got %s"):format(table.concat(shape.sorted_names(set), ", "), shape.show(value))
  end
end

local function is_probability(value)
  if value > 0 and value < 1 then return nil end
  return "must be above 0 and below 1, got " .. shape.show(value)
end

local function is_count(value)
  if math.type(value) == "integer" and value >= 1 then return nil end
  return "must be a whole number from 1, got " .. shape.show(value)
end

local function are_arms(value)
  if #value == 0 then return "must name an arm" end
  local seen = {}
  for i, name in ipairs(value) do
    if type(name) ~= "string" then return ("has an entry %d that is not a name"):format(i) end
    if seen[name] then return ("names %s twice"):format(shape.show(name)) end
    seen[name] = true
  end
  return nil
end

local rules = {
  primary = { type = "string", need = true, test = shape.is_name, note = "the measure of the score that decides" },
  arms = { type = "table", need = true, test = are_arms, note = "names; the first is the one the others are held to" },
  family = { type = "number", test = is_count },
  alpha = { type = "number", test = is_probability },
  n = { type = "number", need = true, test = is_count, note = "groups" },
  holdout = { type = "string", test = one_of(splits), note = "the split it reads" },
  control = { type = "string", test = one_of(controls) },
  adapter = { type = "string" },
  line = { type = "string" },
  seed = { type = "number" },
  threshold = { type = "number" },
  margins = { type = "table", test = shape.is_plain },
  budget = { type = "table", test = shape.is_plain },
}

--- Checks the fields and returns the same table, marked; family is the number of contrasts, alpha 0.05, holdout "dev"
-- and control "bh" when absent. Throws when a field is wrong.
function M.new(fields)
  local why = shape.fault(fields, rules, "han.experiment")
  if why then shape.refuse(why) end
  fields.family = fields.family or math.max(1, #fields.arms - 1)
  fields.alpha, fields.holdout = fields.alpha or 0.05, fields.holdout or "dev"
  fields.control = fields.control or "bh"
  return shape.mark(fields, "experiment")
end

--- What is wrong with a value as an experiment, or nil.
function M.fault(value) return shape.file_fault(value, "experiment") end

local compared = { "adapter", "primary", "alpha", "family", "holdout", "control", "line", "seed", "threshold" }

local function names(list) return table.concat(list or {}, ", ") end

--- The first way in which what ran (or is asked for) differs from what was registered, in words, or nil. A field that
-- the rule leaves out may be anything.
---@param rule table as registered
---@param ran table {adapter, primary, arms, n, alpha, ...}
---@param verb string|nil "ran" when absent
function M.mismatch(rule, ran, verb)
  verb = verb or "ran"
  if names(rule.arms) ~= names(ran.arms) then
    return ("arms: registered %s, %s %s"):format(names(rule.arms), verb, names(ran.arms))
  end
  if rule.n ~= ran.n then return ("n: registered %d groups, %s %d"):format(rule.n, verb, ran.n) end
  for name, margin in pairs(ran.margins and rule.margins or {}) do
    local other = ran.margins[name]
    if margin ~= other then
      return ("margin of %s: registered %s, %s %s"):format(tostring(name), tostring(margin), verb, tostring(other))
    end
  end
  for _, field in ipairs(compared) do
    if rule[field] ~= nil and rule[field] ~= ran[field] then
      return ("%s: registered %s, %s %s"):format(field, tostring(rule[field]), verb, tostring(ran[field]))
    end
  end
  return nil
end

M.fields = shape.sorted_names(rules)
M.needed = shape.needed_names(rules)

return M
