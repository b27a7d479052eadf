-- Works on what is broken and nothing else: the failure's class and owner decide what a shot may change, and the ladder
-- decides what comes next. A shot whose text breaks what passed is refused where it is made.
local han = require "han"
local ladder = require "han.ladder"
local shots = require "han.shots"

local params = { patience = 4, regenerate = 2 } -- patches that change nothing before all may change, before all is anew

local function copy(from)
  local out = {}
  for name, item in pairs(from) do out[name] = item end
  return out
end

-- What a text's verdict tells the ladder.
local function state_of(verdict, text)
  local raw = type(verdict.raw) == "table" and verdict.raw or {}
  local seen = raw.failure
  if type(seen) ~= "table" and not verdict.pass then
    error("this strategy reads raw.failure of a verdict, and there is none: use it with a family such as repair", 3)
  end
  return { class = seen.class, failing = seen.failing, votes = seen.votes, passed = raw.passed or 0, text = text }
end

return han.strategy {
  name = "patch",
  intent = "Freezes, classifies, localizes; patches within that scope, and escalates when nothing changes.",
  params = params,
  act = function(task, scope)
    local verdict = scope:submit(task.artifact)
    if verdict.pass then return scope:best() end
    local climb, steer, best = ladder.new(params), nil, verdict.correct
    climb:see(state_of(verdict, task.artifact))
    while true do
      local step, given = climb:step(), copy(task)
      given.worker = copy(task.worker)
      given.worker.patch = step
      local from = step.rung == "regenerate_all" and task.artifact or scope:best()
      local node, why, code = scope:spawn(given.worker, given, { steer = step.rung ~= "regenerate_all" and steer or nil,
        from = from, label = step.rung })
      if code == "BUDGET_EXHAUSTED" then break end
      if not node then error(why, 2) end
      local settled = scope:next()
      if shots.passes(settled) then break end
      steer = scope:observe(settled)
      local seen = settled.kind == "done" and settled.verdict
      if seen and seen.correct > best then
        best = seen.correct
        climb:see(state_of(seen, settled.out))
      else
        climb:see(climb.last) -- what is kept fails as before
      end
    end
    return scope:best()
  end,
}
