--- han.cli.progress: the one live line of long work: done/total, rate, time left, spend against budget, best so
-- far. Whole lines, one for every tenth of the work, when nobody looks.

local budget = require "han.cli.budget"

local M = {}

local function duration(seconds)
  seconds = math.ceil(seconds)
  if seconds < 60 then return ("%d s"):format(seconds) end
  if seconds < 3600 then return ("%d min %02d s"):format(seconds // 60, seconds % 60) end
  return ("%d h %02d min"):format(seconds // 3600, seconds % 3600 // 60)
end
M.duration = duration

local function short(n)
  if n < 10000 then return tostring(n) end
  if n < 10000000 then return ("%.0fk"):format(n / 1e3) end
  return ("%.0fM"):format(n / 1e6)
end

-- "evals 12k/80k (15 %)" for the first channel that has a ceiling, of all cells together.
local function spend_words(state, ceiling)
  for _, channel in ipairs(budget.channels(ceiling)) do
    if channel ~= "shots" and ceiling[channel] > 0 then
      local total = ceiling[channel] * state.total
      local spent = state.spend[channel] or 0
      return ("%s %s/%s (%d %%)"):format(channel, short(spent), short(total), spent * 100 // total)
    end
  end
  return budget.words(state.spend)
end

--- The text of the line. state: what cells.run gives on_progress; best: { arm=, mean= } or nil.
function M.words(state, ceiling, best)
  local rate = state.elapsed > 0 and state.done / state.elapsed or 0
  local left = rate > 0 and (state.total - state.done) / rate or nil
  local parts = {
    ("%d/%d"):format(state.done, state.total),
    ("%.1f/s"):format(rate),
    state.done == state.total and "in " .. duration(state.elapsed) or left and "ETA " .. duration(left) or "ETA ?",
    spend_words(state, ceiling),
  }
  if best then parts[#parts + 1] = ("best %s %.3f"):format(best.arm, best.mean) end
  return table.concat(parts, "  ")
end

local function track(sums, record)
  local score = type(record.score) == "table" and record.score.correct
  if record.infra or not score then return end
  local sum = sums[record.arm] or { total = 0.0, n = 0 }
  sum.total, sum.n = sum.total + score, sum.n + 1
  sums[record.arm] = sum
end

local function best_of(sums)
  local best
  for arm, sum in pairs(sums) do
    local mean = sum.total / sum.n
    if not best or mean > best.mean or (mean == best.mean and arm < best.arm) then best = { arm = arm, mean = mean } end
  end
  return best
end

--- A function for cells.run's on_progress. Says nothing when quiet.
function M.new(ui, quiet)
  local sums, said = {}, 0
  return function(state)
    track(sums, state.last)
    if quiet then return end
    local text = M.words(state, state.last.budget or {}, best_of(sums))
    if ui.is_terminal then return ui:line(text) end
    local tenth = state.done * 10 // state.total
    if tenth > said then
      said = tenth
      ui:note("%s", text)
    end
  end
end

return M
