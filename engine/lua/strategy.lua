--- han.strategy: what a strategy file returns.
-- A strategy is a controller: `act(task, scope)` decides what is tried, steered and stopped below its
-- scope. The parts `steer`, `topology` and `stop` are functions of their own, so that each can be
-- replaced or learnt alone; act may use them.

local shape = require "han.shape"

local M = {}

local rules = {
  name = { type = "string", need = true, test = shape.is_name, note = "the name it is known by, as in --arms" },
  intent = { type = "string", test = shape.is_line },
  params = { type = "table", test = shape.is_plain },
  act = { type = "function", need = true, note = "function(task, scope)" },
  steer = { type = "function" },
  topology = { type = "function" },
  stop = { type = "function" },
}

--- Checks the fields and returns the same table, marked. Throws when a field is wrong.
function M.new(fields)
  local why = shape.fault(fields, rules, "han.strategy")
  if why then shape.refuse(why) end
  return shape.mark(fields, "strategy")
end

--- What is wrong with a value as a strategy, or nil.
function M.fault(value) return shape.file_fault(value, "strategy") end

M.fields = shape.sorted_names(rules)
M.needed = shape.needed_names(rules)

return M
