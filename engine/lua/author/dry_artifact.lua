-- han.author.dry_artifact: a decision program is called on a few arguments in a process of its own, under small
-- limits. It must give a number (game.gives: another type), in time, and not fail on all of them. What it gives is its
-- behaviour: by the family's own words (game.behaviour), or how its results lie to one another.
local probe = require "han.author.probe"

local M = {}

M.LIMITS = { instructions = 20000, memory = 16 << 20, output = 64 << 10, wall = 10.0 }

-- Arguments from nothing to all of what makes sense, spread over the parameters.
local function samples_of(game)
  local list, params = {}, #game.params
  for i = 0, 7 do
    local args = {}
    for k = 1, params do args[k] = math.floor(game.constant * ((i * k * 5 + k) % 8) / 7 + 0.5) + 0.0 end
    list[#list + 1] = args
  end
  return list
end

local function verdict(result, n, wanted)
  local numbers, why, line = 0, nil, nil
  if result.class ~= "ok" and #result.calls == 0 then
    return nil, ("%s: %s"):format(result.class, tostring(result.message)), result.line
  end
  for i = 1, n do
    local row = result.calls[i]
    if not row then return nil, ("%s: the process ended at call %d"):format(result.class, i) end
    if not row.ok and row.class:find "^limit" then return nil, row.class .. ": " .. tostring(row.message), row.line end
    local value = row.ok and row.values[1]
    if row.ok and type(value) ~= wanted then return nil, ("gives a %s, not a %s"):format(type(value), wanted) end
    if value and value == value then numbers = numbers + 1
    else why, line = row.ok and "is not a number (NaN)" or row.message, row.line end
  end
  if numbers == 0 then return nil, ("gives no %s on any sample: %s"):format(wanted, tostring(why)), line end
  return true
end

-- The first result of every call, false where there is none.
local function values_of(result, n)
  local values = {}
  for i = 1, n do
    local row = result.calls[i]
    values[i] = row.ok and row.values[1] or false
  end
  return values
end

--- { ok=, reason=, where=, spend = { evals=, shots = 0 }, behaviour = { [trait] = 0..1 or a text } }; options: eval,
-- game (samples = lists of arguments; behaviour = function(values of the samples, false where a call failed); gives =
-- the type of the first result, where it is no program of numbers; all optional).
function M.run(text, options)
  local evaluate = options.eval or require("han.eval").lua
  local samples, calls = options.game.samples or samples_of(options.game), {}
  for i, args in ipairs(samples) do calls[i] = { fn = "candidate", args = args } end
  local result, message = evaluate { code = "return { candidate = " .. text .. "\n}", name = "candidate", calls = calls,
    limits = M.LIMITS }
  local spend = { evals = 1, shots = 0 }
  if not result then return { ok = false, reason = "could not be run: " .. tostring(message), spend = spend } end
  local ok, why, line = verdict(result, #calls, options.game.gives or "number")
  if not ok then return { ok = false, reason = why, where = line and { line = line } or nil, spend = spend } end
  return { ok = true, spend = spend, behaviour = (options.game.behaviour or probe.order)(values_of(result, #calls)) }
end

return M
