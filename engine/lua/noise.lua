--- han.noise: how far a judge agrees with itself. The harness judges every kept output twice; here the two judgements
-- are compared, and what is said of many cells is summed up. Pure.
--
-- The first judgement counts. The second is carried as `score.again`: { same = true }, or { same = false, by =
-- { measure = difference } }, or { same = false, reason = } when it could not be made.

local M = {}

local measures = { "correct", "fast", "secure" } -- `cheap` is the harness's own

--- The second judgement held against the first, in the words of `score.again`.
---@param first table a score
---@param second table a score
function M.compare(first, second)
  local by = {}
  for _, name in ipairs(measures) do
    local x, y = first[name], second[name]
    if x ~= y then by[name] = x and y and math.abs(x - y) or 1.0 end -- measured once and not again: all of it
  end
  if first.pass ~= second.pass then by.pass = 1.0 end
  if next(by) == nil then return { same = true } end
  return { same = false, by = by }
end

local function add(sum, again)
  sum.outputs = sum.outputs + 1
  if again.same then return end
  sum.differ = sum.differ + 1
  for name, difference in pairs(again.by or {}) do
    sum.most = sum.most or {}
    sum.most[name] = math.max(sum.most[name] or 0.0, difference)
  end
end

--- { outputs = judged twice, differ = of these judged differently, most = { measure = largest difference } or nil } of
-- the records of cells; nil when nothing was judged twice.
---@param records table[]
function M.judge(records)
  local sum = { outputs = 0, differ = 0 }
  for _, record in ipairs(records) do
    local score = record.score
    local again = type(score) == "table" and score.again
    if type(again) == "table" then add(sum, again) end
  end
  return sum.outputs > 0 and sum or nil
end

local function largest(most)
  local parts = {}
  for _, name in ipairs { "pass", "correct", "fast", "secure" } do
    if most[name] then
      parts[#parts + 1] = name == "pass" and "pass or not" or ("%s by up to %.3f"):format(name, most[name])
    end
  end
  return table.concat(parts, ", ")
end

--- The sentence under a table for a judge that always agreed with itself, or nil.
---@param judge table|nil as M.judge gives it
function M.praise(judge)
  if not judge or judge.differ > 0 then return nil end
  return ("the judge was asked twice about %d outputs and agreed with itself each time"):format(judge.outputs)
end

--- The sentence that is printed under every table: of a judge that disagrees with itself, or nil.
---@param judge table|nil as M.judge gives it
function M.flag(judge)
  if not judge or judge.differ == 0 then return nil end
  return ("the judge disagrees with itself: %d of %d outputs that it judged twice came out differently%s"):format(
    judge.differ, judge.outputs, judge.most and " (" .. largest(judge.most) .. ")" or "")
end

return M
