-- han.author.probe: what tells decision programs apart. A family's probe is a fixed list of calls, drawn from a stream
-- of its own that no task has, in situations: in each the program does one of a few things, and where that lies between
-- the two ends, in the mean over the situation, is one trait of its behaviour. Owns the stream and the means, no state.
local M = {}

--- A stream of numbers for a probe, equal everywhere: random(n) -> 1..n, random() -> [0, 1) (Lehmer, 1951).
---@param seed integer
function M.stream(seed)
  local state = seed
  return function(n)
    state = state * 48271 % 2147483647
    return n and state % n + 1 or state / 2147483647
  end
end

--- The behaviour of what was seen: { [trait] = mean, or "none" where nothing of a situation could be read }.
-- seen: list of { trait =, at = 0..1 or nil }, of every state one.
function M.behaviour(seen)
  local sums, counts, behaviour = {}, {}, {}
  for _, one in ipairs(seen) do
    behaviour[one.trait] = "none"
    if one.at then
      sums[one.trait] = (sums[one.trait] or 0) + one.at
      counts[one.trait] = (counts[one.trait] or 0) + 1
    end
  end
  for trait, sum in pairs(sums) do behaviour[trait] = sum / counts[trait] end
  return behaviour
end

--- The behaviour of a program of which no family says what it does: how each of its results lies to the one before.
-- Two programs that rank the samples alike are the same to whoever takes the first of a ranking.
function M.order(values)
  local steps = {}
  for i = 2, #values do
    local a, b = values[i - 1], values[i]
    if type(a) == "number" and type(b) == "number" then
      steps[#steps + 1] = a < b and "<" or a > b and ">" or a == b and "=" or "?"
    else
      steps[#steps + 1] = a == b and "=" or "/"
    end
  end
  return { order = table.concat(steps) }
end

return M
