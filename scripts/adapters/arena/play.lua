-- Plays matches: with any bot by the views it is given, or with a priority of the frame straight from the world. Gives
-- what our units did as a text, one digit for each living unit of ours and tick. Also run beside the candidate.
local dir = ...
local rules, views = dir "rules", dir "views"

local M = {}

local ACTION = {}
for i, name in ipairs(rules.NAMES) do ACTION[name] = i end

local function opponents(world, actions, hunter)
  for number = rules.TEAM + 1, 2 * rules.TEAM do
    if world.units[number].hp > 0 then actions[number] = views.choose(world, number, hunter) end
  end
end

-- Our actions by a rule, and the world after the match.
local function match(level, hunter, decide)
  local world, log = rules.new(level), {}
  repeat
    local actions = {}
    for number = 1, rules.TEAM do
      if world.units[number].hp > 0 then
        actions[number] = decide(world, number)
        log[#log + 1] = actions[number]
      end
    end
    opponents(world, actions, hunter)
    rules.step(world, actions)
  until rules.over(world)
  return world, table.concat(log)
end

--- With a priority over the features.
function M.fast(level, hunter, priority)
  return match(level, hunter, function(world, number) return views.choose(world, number, priority) end)
end

--- With a bot. What is no action is to wait; a memory that is no table is an empty one.
function M.literal(level, hunter, bot)
  local memories = {}
  return match(level, hunter, function(world, number)
    local action, memory = bot(views.view(world, number), memories[number] or {})
    memories[number] = type(memory) == "table" and memory or nil
    return ACTION[action] or 5
  end)
end

--- Plays a log again: the world after it; nil, message when it is not one of this level.
function M.again(level, hunter, log)
  local at, short = 0, false
  local world = match(level, hunter, function()
    at = at + 1
    local action = log:byte(at)
    if not action or action < 49 or action > 53 then
      short = true
      return 5
    end
    return action - 48
  end)
  if short or at ~= #log then return nil, "what the units did is not a match of this level" end
  return world
end

return M
