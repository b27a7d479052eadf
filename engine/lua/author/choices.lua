-- han.author.choices: what the decisions of train runs teach. A strategy that decides by scope:choose leaves what it
-- chose on record with its propensity; here the options of a point get weights by what the attempt after each choice
-- gained. Plain values, for params that a strategy hands to `choose`, gated with the program that reads them.
local M = {}

M.STRENGTH = 4  -- choices' worth of doubt
M.FACTOR = 4    -- most that a weight is moved by

-- The attempts of a row in the order of their spawning, as verdicts' shares of correct checks.
local function corrects(row)
  local list, out = table.move(row.attempts, 1, #row.attempts, 1, {}), {}
  table.sort(list, function(a, b) return (a.ordinal or 0) < (b.ordinal or 0) end)
  for i, attempt in ipairs(list) do out[i] = attempt.verdict and attempt.verdict.correct or 0.0 end
  return out
end

-- The k-th choice at a point is the k-th attempt's; it gains what that is better by than all before.
local function choices_of(row, point, add)
  local correct, best, k = corrects(row), nil, 0
  for _, decision in ipairs(row.decisions or {}) do
    if decision.point == point and decision.options then
      k = k + 1
      local now = correct[k]
      if not now then return end
      if best then add(decision.options[decision.chosen], math.max(0.0, now - best), decision.propensity or 1) end
      best = math.max(best or 0.0, now)
    end
  end
end

--- { weights = { option = weight around 1 }, decisions = how many they rest on, effective = their effective number };
--- nil when there are none, or none gained. An option's worth is the self-normalized mean of its gains, weighted by
--- 1/propensity (SNIPS: Swaminathan and Joachims, 2015), drawn to the mean of all by STRENGTH choices.
---@param evidence table as han.firewall.evidence makes it
function M.learn(evidence, point)
  local sums, total, n = {}, { gain = 0.0, weight = 0.0, square = 0.0 }, 0
  for _, row in ipairs(evidence.rows) do
    choices_of(row, point, function(option, gain, propensity)
      local one = sums[option] or { gain = 0.0, weight = 0.0, n = 0 }
      local weight = 1 / math.max(propensity, 0.01)
      sums[option], n = one, n + 1
      one.gain, one.weight, one.n = one.gain + weight * gain, one.weight + weight, one.n + 1
      total.gain, total.weight = total.gain + weight * gain, total.weight + weight
      total.square = total.square + weight * weight
    end)
  end
  if total.gain <= 0 then return nil end -- nothing was gained by any, so none is better
  local mean, weights = total.gain / total.weight, {}
  for option, one in pairs(sums) do
    local worth = (one.gain / one.weight * one.n + mean * M.STRENGTH) / (one.n + M.STRENGTH)
    weights[option] = tonumber(("%.3g"):format(math.max(1 / M.FACTOR, math.min(M.FACTOR, worth / mean)))) + 0.0
  end
  return { weights = weights, decisions = n, effective = total.weight ^ 2 / total.square }
end

return M
