-- Matches of a candidate, played beside it in the evaluator. What comes back for a verdict or a score is what its units
-- did and nothing else: the match is played again here, and the score is of that.
local dir = ...
local syntax = require "han.syntax"
local bots, play, program = dir "bots", dir "play", dir "program"

local M = {}

M.RACE = 2 -- levels that a search races on

local DRIVER = [[
local M = {}

-- How long its units lived, and how many of the opponent's did: what tells ways to play apart.
local function trait_of(log, world)
  local _, theirs = rules.strength(world)
  return 0.5 * #log / (rules.TEAM * rules.TICKS) + 0.5 * theirs / (rules.TEAM * rules.HP)
end

function M.play(which, number)
  local _, log = play.literal(levels[number], hunter, programs[which].bot)
  return log
end

function M.play_fast(which, number)
  local _, log = play.fast(levels[number], hunter, programs[which].priority)
  return log
end

function M.trial(which, race, bound)
  local early, lost, hash, trait, priority = 1, 0, 0, 0, programs[which].priority
  for i = 1, #levels do
    local world, log = play.fast(levels[i], hunter, priority)
    lost = lost + 1 - rules.score(world)
    if i <= race then
      for k = 1, #log do hash = hash * 31 + log:byte(k) end
      trait = trait + trait_of(log, world) / race
    end
    if i == race and (known[hash] or lost / race > bound) then return lost / race, trait, hash, false end
    if i == race then early = lost / race end
  end
  return early, trait, hash, lost / #levels
end

return M
]]

-- The names of the frozen environment, so that nothing can be left in it for another unit or tick.
local function frozen()
  local lines = { "local function freeze(t)",
    "  return setmetatable({}, { __index = t, __metatable = false,",
    "    __newindex = function() error('the libraries cannot be changed', 2) end })", "end",
    "local arithmetic = {}", "for name, f in pairs(math) do arithmetic[name] = f end",
    "arithmetic.random, arithmetic.randomseed = nil, nil", -- by a shared chance units could tell each other things
    "local frozen = {" }
  for _, name in ipairs(program.GLOBALS) do
    local library = name == "math" or name == "string" or name == "table" or name == "utf8"
    local value = name == "math" and "arithmetic" or name
    lines[#lines + 1] = ("  %s = %s,"):format(name, library and ("freeze(%s)"):format(value) or value)
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n")
end

--- The part of the chunk that is the same for every bot.
function M.prelude(levels)
  local lines = { "local rules, views, play" }
  for _, name in ipairs { "rules", "views", "play" } do
    local part = "%s = (function(...)\n%s\nend)(function(name) return name == 'rules' and rules or views end)"
    lines[#lines + 1] = part:format(name, dir.read(name .. ".lua"))
  end
  lines[#lines + 1] = "local levels = {"
  for _, level in ipairs(levels) do lines[#lines + 1] = ("  %q,"):format(level) end
  lines[#lines + 1] = "}"
  lines[#lines + 1] = frozen()
  local params = table.concat(bots.PARAMS, ", ")
  lines[#lines + 1] = ("local hunter = function(%s) return %s end"):format(params, bots.HUNTER)
  return table.concat(lines, "\n")
end

--- The chunk of some bots; those of the frame also bring their priority, unless plain is set.
function M.chunk(prelude, texts, known, plain)
  local lines = { prelude, "local known = {}", "local programs = {}" }
  for _, hash in ipairs(known or {}) do lines[#lines + 1] = ("known[%d] = true"):format(hash) end
  local params = table.concat(bots.PARAMS, ", ")
  lines[#lines + 1] = "do local _ENV <const> = frozen"
  for i, bot in ipairs(texts) do
    local expression = not plain and bots.expression(bot)
    lines[#lines + 1] = ("programs[%d] = { bot = %s\n, priority = %s }"):format(i, bot,
      expression and ("function(%s) return %s\nend"):format(params, expression) or "false")
  end
  lines[#lines + 1] = "end"
  lines[#lines + 1] = DRIVER
  return table.concat(lines, "\n")
end

M.INSTRUCTIONS = 40000000 -- of one match

local text = ("return function(%s) return %s end"):format(table.concat(bots.PARAMS, ", "), bots.HUNTER)
local hunter = load(text, "=hunter", "t", {})()
M.hunter = hunter

local function world_of(level, row, result)
  if not row then return nil, result.class ~= "ok" and result.class or "crash", result.message end
  if not row.ok then return nil, row.class, row.message end
  local log = row.values[1]
  if type(log) ~= "string" then return nil, "value", "no log of a match" end
  local world, why = play.again(level, hunter, log)
  return world, "value", why
end

--- Plays every level with one bot: the worlds after the matches and the instructions used; nil, class, message when the
-- bot failed; nil, message, CODE, true when it could not be evaluated. fast: a bot of the frame by its priority.
function M.run(evaluate, bot, levels, fast)
  local calls, worlds, spent = {}, {}, 0
  local expression = fast and bots.expression(bot)
  fast = expression and syntax.parse_expression(expression, "priority") and true or false -- one expression, no more
  for i = 1, #levels do
    calls[i] = { fn = fast and "play_fast" or "play", args = { 1, i }, instructions = M.INSTRUCTIONS }
  end
  local result, message, code = evaluate { code = M.chunk(M.prelude(levels), { bot }, nil, not fast), name = "bot",
    calls = calls, limits = { memory = 128 << 20, output = 4 << 20, wall = 120 } }
  if not result then return nil, message, code, true end
  for i, level in ipairs(levels) do
    local world, class, why = world_of(level, result.calls[i], result)
    if not world then return nil, class, why end
    worlds[i] = world
    spent = spent + (result.calls[i].instructions or 0)
  end
  return worlds, spent
end

--- Trials of a search: see decision.lua. Losses are 1 - score.
function M.trials(evaluate, texts, levels, prelude, bound, known)
  local calls, rows = {}, {}
  for i = 1, #texts do
    calls[i] = { fn = "trial", args = { i, M.RACE, bound }, instructions = M.INSTRUCTIONS * #levels }
  end
  local result, message, code = evaluate { code = M.chunk(prelude, texts, known), name = "bot", calls = calls,
    limits = { memory = 128 << 20, output = 4 << 20, wall = 120 } }
  if not result then return nil, message, code end
  for i = 1, #texts do
    local row = result.calls[i]
    if not row or not row.ok then
      rows[i] = { failed = row and row.class or result.class }
    else
      rows[i] = { early = row.values[1], trait = math.max(0.0, math.min(1.0, row.values[2])), digest = row.values[3],
        value = row.values[4] or nil }
    end
  end
  return rows
end

return M
