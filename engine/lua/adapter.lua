--- han.adapter: what an adapter file returns. A benchmark is an adapter: its tasks, the worker that
-- attempts them, the verifier that runs may see, the judge that they may not, and the lenses.

local check = require "han.check"
local shape = require "han.shape"

local M = {}

local function is_check(kind)
  return function(value) return check.fault(value, kind) end
end

local function are_lenses(value)
  for name, lens in next, value do
    if type(name) ~= "string" or shape.is_name(name) then
      return "must map names to lenses, got the key " .. shape.show(name)
    end
    local why = check.fault(lens, "lens")
    if why then return ("has the lens '%s', which %s"):format(name, why) end
  end
  return nil
end

local worker_rules = {
  backend = { type = "string", need = true, note = "who attempts a task, as in \"search\"" },
  limits = { type = "table", test = shape.is_budget },
}

-- A profile is open data: beside backend and limits it holds what the backend reads.
local function is_profile(value)
  for name, rule in pairs(worker_rules) do
    local field = value[name]
    if field == nil and rule.need then return ("has no '%s' (%s)"):format(name, rule.note) end
    if field ~= nil and type(field) ~= rule.type then
      return ("has a '%s' that must be a %s, got %s"):format(name, rule.type, shape.show(field))
    end
    local why = field ~= nil and rule.test and rule.test(field)
    if why then return ("has a '%s' that %s"):format(name, why) end
  end
  return shape.is_plain(value)
end

local function is_trust(value)
  if value == "split" or value == "weak" then return nil end
  return "must be 'split' (judged in another process) or 'weak', got " .. shape.show(value)
end

-- Workers of the adapter's own: backend name -> function(ctx) -> artifact, as han.worker.run.
local function are_backends(value)
  for name, body in next, value do
    if type(name) ~= "string" or shape.is_name(name) then
      return "must map names to functions, got the key " .. shape.show(name)
    end
    if type(body) ~= "function" then return ("has the backend '%s', which is not a function"):format(name) end
  end
  return nil
end

local improve_kinds = { strategy = true, profile = true, artifact = true }

-- What may be learnt; the rest is defaults of han.improve.plan and is checked where it is used.
local function is_improve(value)
  if value.what ~= nil and not improve_kinds[value.what] then
    return "has a 'what' that must be strategy, profile or artifact, got " .. shape.show(value.what)
  end
  if value.game ~= nil and type(value.game) ~= "function" then return "has a 'game' that is not a function" end
  for i, line in ipairs(value.lines or {}) do
    if type(line) ~= "table" or type(line.name) ~= "string" or shape.is_name(line.name) then
      return ("has a line %d without a name"):format(i)
    end
  end
  return nil
end

local rules = {
  name = { type = "string", need = true, test = shape.is_name, note = "the name it is known by" },
  intent = { type = "string", test = shape.is_line },
  tasks = { type = "function", need = true, note = "function(split, n, seed, options) -> list of tasks" },
  worker = { type = "table", need = true, test = is_profile, note = "the profile of its worker" },
  budget = { type = "table", test = shape.is_budget },
  verify = { type = "table", need = true, test = is_check("verifier"), note = "a verifier made by han.check" },
  judge = { type = "table", need = true, test = is_check("judge"), note = "a judge made by han.check" },
  lenses = { type = "table", test = are_lenses },
  backends = { type = "table", test = are_backends },
  primary = { type = "string", test = shape.is_name, note = "the verdict's field that keep-best compares" },
  reference = { type = "table" },
  improve = { type = "table", test = is_improve, note = "what han improve does on it (han.improve.plan)" },
  options = { type = "table", test = shape.is_plain },
  trust = { type = "string", test = is_trust },
}

--- Checks the fields and returns the same table, marked; `lenses`, `options`, `trust` get their
--- defaults ({}, {}, "split"). Throws when a field is wrong.
function M.new(fields)
  local why = shape.fault(fields, rules, "han.adapter")
  if why then shape.refuse(why) end
  fields.lenses = fields.lenses or {}
  fields.options = fields.options or {}
  fields.trust = fields.trust or "split"
  return shape.mark(fields, "adapter")
end

--- What is wrong with a value as an adapter, or nil.
function M.fault(value) return shape.file_fault(value, "adapter") end

local task_rules = {
  id = { type = "string", need = true, note = "unique in the adapter" },
  group = { type = "string", need = true, note = "what it shares its fate with: its base program" },
  public = { type = "table", need = true, test = shape.is_plain, note = "what a run may see" },
  private = { type = "table", test = shape.is_plain },
  meta = { type = "table", test = shape.is_plain },
}

--- What is wrong with a list as returned by tasks(), or nil.
function M.tasks_fault(list, what)
  if type(list) ~= "table" then return ("%s must be a list of tasks, got %s"):format(what, shape.show(list)) end
  local seen = {}
  for i, task in ipairs(list) do
    local where = ("%s[%d]"):format(what, i)
    local why = shape.fault(task, task_rules, where)
    if why then return why end
    local other = seen[task.id]
    if other then return ("%s and [%d] have the same id %s"):format(where, other, shape.show(task.id)) end
    seen[task.id] = i
  end
  return nil
end

--- What is wrong with what tasks() gives beside its list, what of the data became no task (a sentence each), or nil.
function M.left_out_fault(list)
  if list == nil then return nil end
  if type(list) ~= "table" then return "what is left out must be a list, got " .. shape.show(list) end
  for i, line in ipairs(list) do
    local why = type(line) ~= "string" and "must be a text" or shape.is_line(line)
    if why then return ("what is left out [%d] %s"):format(i, why) end
  end
  return nil
end

M.fields = shape.sorted_names(rules)
M.needed = shape.needed_names(rules)

return M
