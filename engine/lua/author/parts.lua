-- han.author.parts: what strategies are put together from. A controller has four parts, each a function of its own
-- that can be swapped alone: steer (what the next attempt is told: f(trace)), topology (where it starts), stop (when
-- a line of attempts is given up) and act (how attempts are driven). Here are the menus of each as Lua text, the file
-- that they make, and how a file is read back as parts. Nothing in here is run.
local syntax = require "han.syntax"

local M = {}

M.ORDER = { "steer", "topology", "stop", "act" }

-- The memory of a line: best = its best verdict (-1 before the first), last = that of the last attempt, idle = attempts
-- without a better one, length = attempts so far, artifact = its best text, steer = what the next one is told.
M.HEADS = {
  steer = "local function steer(memory, settled, scope)",
  topology = "local function topology(memory, scope, n)",
  stop = "local function stop(memory, settled, scope)",
  act = "local function act(task, scope)",
}

-- ---- f(trace): from nothing to an agent of its own ----

M.steer = {
  none = [[
  return nil]],
  fixed = [[
  return { { origin = "agent", lens = "fixed", text = "look at conditions and bounds first", weight = 0.5 } }]],
  lens = [[
  return scope:observe(settled)]],
  report = [[
  local findings = scope:observe(settled) or {}
  table.sort(findings, function(a, b) return (a.weight or 0) > (b.weight or 0) end)
  local report = {}
  for i = 1, math.min(params.top, #findings) do report[i] = findings[i] end
  return report]],
  driver = [[
  memory.seen = memory.seen or {}
  memory.seen[#memory.seen + 1] = scope:observe(settled) or {}
  local analyst = scope:spawn(function(seen)
    local places, told = {}, {}
    for _, findings in ipairs(seen) do
      for _, finding in ipairs(findings) do
        local key = finding.where and finding.lens .. (finding.where.fn or "") .. (finding.where.line or "")
          or finding.text
        if places[key] then
          places[key].weight = places[key].weight + (finding.weight or 0.5)
        else
          places[key] = { origin = finding.origin, lens = finding.lens, text = finding.text, where = finding.where,
            weight = finding.weight or 0.5 }
          told[#told + 1] = places[key]
        end
      end
    end
    return told
  end, memory.seen, { label = "analyst" })
  local answer = analyst and scope:next()
  return answer and answer.out]],
}

-- ---- where an attempt starts: nil is the task's own artifact ----

M.topology = {
  independent = [[
  return nil]],
  line = [[
  return memory.artifact]],
  best = [[
  return scope:best()]],
  explore = [[
  if n <= params.explore then return nil end
  return scope:best()]],
  alternate = [[
  if n % params.period == 0 then return memory.artifact end
  return scope:best()]],
  governor = [[
  memory.skills = memory.skills or { best = params.skill_best, line = params.skill_line, fresh = params.skill_fresh }
  if memory.skill and memory.last then
    local gain = memory.idle == 0 and params.reward or 0.0
    memory.skills[memory.skill] = 0.8 * memory.skills[memory.skill] + 0.2 * (0.2 + gain)
  end
  local skills = memory.skills
  memory.skill = scope:choose("skill", { "best", "line", "fresh" }, { idle = memory.idle, length = memory.length },
    { skills.best, skills.line, skills.fresh })
  if memory.skill == "fresh" then return nil end
  return memory.skill == "best" and scope:best() or memory.artifact]],
}

-- ---- when a line is given up: "fresh" begins another one, "end" ends the run ----

M.stop = {
  never = [[
  return nil]],
  patience = [[
  if memory.idle >= params.patience then return "fresh" end]],
  decline = [[
  if memory.last < memory.best - params.drop then return "fresh" end]],
  length = [[
  if memory.length >= params.length then return "fresh" end]],
  luby = [[
  local i = memory.lines + 1
  local k = 1
  while (1 << k) - 1 < i do k = k + 1 end
  while i ~= (1 << k) - 1 do
    i = i - (1 << (k - 1)) + 1
    k = 1
    while (1 << k) - 1 < i do k = k + 1 end
  end
  if memory.length >= 1 << (k - 1) then return "fresh" end]],
}

-- ---- how attempts are driven ----

local BEGIN = [[
  local memory = { best = -1, last = -1, idle = 0, length = 0, lines = 0 }
  local n = 0
]]

local TAKE = [[
    local correct = settled.verdict and settled.verdict.correct or 0
    memory.last, memory.length = correct, memory.length + 1
    if settled.verdict and settled.verdict.pass then return scope:best() end
    if correct > memory.best and settled.kind == "done" then
      memory.best, memory.idle, memory.artifact = correct, 0, settled.out
    else
      memory.idle = memory.idle + 1
    end
    memory.steer = steer(memory, settled, scope)
    local verdict = stop(memory, settled, scope)
    if verdict == "end" then break end
    if verdict == "fresh" then
      memory = { best = -1, last = -1, idle = 0, length = 0, lines = memory.lines + 1 }
    end
]]

M.act = {
  serial = BEGIN .. [[
  while true do
    n = n + 1
    local worker = scope:spawn(task.worker, task, { steer = memory.steer, from = topology(memory, scope, n) })
    if not worker then break end
    local settled = scope:next()
]] .. TAKE .. [[
  end
  return scope:best()]],
  batch = BEGIN .. [[
  while true do
    local live, settled = 0, nil
    for _ = 1, params.width do
      n = n + 1
      local worker = scope:spawn(task.worker, task, { steer = memory.steer, from = topology(memory, scope, n) })
      if worker then live = live + 1 end
    end
    if live == 0 then break end
    for _ = 1, live do
      local one = scope:next()
      local better = one.verdict and settled and settled.verdict and one.verdict.correct > settled.verdict.correct
      if not settled or better then settled = one end
    end
]] .. TAKE .. [[
  end
  return scope:best()]],
}

-- Params that parts read: default, least, most. Whole defaults stay whole.
M.PARAMS = {
  top = { 3, 1, 8 }, explore = { 3, 1, 8 }, period = { 3, 2, 6 }, reward = { 1.0, 0.2, 5.0 }, patience = { 2, 1, 6 },
  drop = { 0.1, 0.0, 0.5 }, length = { 3, 1, 8 }, width = { 2, 2, 6 },
  skill_best = { 1.0, 0.25, 4.0 }, skill_line = { 1.0, 0.25, 4.0 }, skill_fresh = { 1.0, 0.25, 4.0 },
}

-- ---- a file ----

local function params_text(params)
  local names, items = {}, {}
  for name in pairs(params) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    local value = params[name]
    items[i] = ("%s = %s"):format(name, math.type(value) == "float" and ("%.3g"):format(value) or tostring(value))
  end
  return #items == 0 and "{}" or "{ " .. table.concat(items, ", ") .. " }"
end

local shapes = {} -- by part: the shape of each entry of its menu, filled when first asked for

-- Constants may differ. What a part reads from around it (params, other parts) counts by name.
local function shape_of(text)
  local tree = syntax.parse(text, "part")
  return tree and syntax.hash(tree.root, { names = "alpha", constants = "erase" })
end

--- What the function of a part is called in an intent: its name in the menu, "own" when it is none of them.
function M.name_of(part, text)
  if not shapes[part] then
    local known = {}
    for name in pairs(M[part]) do known[shape_of(M.source(part, name))] = name end
    shapes[part] = known
  end
  return shapes[part][shape_of(text)] or "own"
end

local function described(functions)
  local words = {}
  for i, part in ipairs(M.ORDER) do words[i] = part .. " " .. M.name_of(part, functions[part]) end
  return table.concat(words, ", ")
end

--- The functions of a file's parts by name: { steer = entry of syntax.functions, ... }.
function M.functions(tree)
  local found = {}
  for _, part in ipairs(M.ORDER) do
    local entry = syntax.function_named(tree, part)
    if entry and entry.node.parent.kind == "localfunction" then found[part] = entry end
  end
  return found
end

local FILE = [[
-- Written by an author: %s.
local han = require "han"

local params = %s

%s
return han.strategy {
  name = "authored",
  intent = "%s",
  params = params,
  steer = steer,
  topology = topology,
  stop = stop,
  act = act,
}
]]

-- The names of params that a text reads.
local function params_of(texts, held)
  local params = {}
  for name in table.concat(texts, "\n"):gmatch "params%.([%a_][%w_]*)" do
    local rule = M.PARAMS[name]
    if held and held[name] ~= nil then params[name] = held[name] elseif rule then params[name] = rule[1] else
      params[name] = 1
    end
  end
  return params
end

--- A file of four functions, each a whole `local function ... end`. held: values of params, over the defaults.
function M.file(functions, held)
  local texts = {}
  for i, part in ipairs(M.ORDER) do texts[i] = functions[part] .. "\n" end
  local intent = described(functions)
  return FILE:format(intent, params_text(params_of(texts, held)), table.concat(texts, "\n"), intent)
end

--- The whole function of a menu's entry.
function M.source(part, name) return M.HEADS[part] .. "\n" .. M[part][name] .. "\nend" end

--- A file put together from menus: names = { steer =, topology =, stop =, act = }.
function M.compose(names, held)
  local functions = {}
  for _, part in ipairs(M.ORDER) do functions[part] = M.source(part, names[part]) end
  return M.file(functions, held)
end

--- The parts of a file as texts and the values of its params: functions, params; nil when it has not all four.
function M.split(tree)
  local found, functions, params = M.functions(tree), {}, {}
  for _, part in ipairs(M.ORDER) do
    if not found[part] then return nil end
    functions[part] = tree.text:sub(found[part].first, found[part].last)
  end
  for _, statement in ipairs(tree.root.body) do
    if statement.kind == "local" and statement.names[1].name == "params" and statement.values[1]
      and statement.values[1].kind == "table" then
      for _, item in ipairs(statement.values[1].items) do
        if item.kind == "pair" and item.value.kind == "number" then params[item.key.name] = syntax.value(item.value) end
      end
    end
  end
  return functions, params
end

--- "steer lens, topology best, stop never, act serial" of a file; nil when it has not all four parts. What an authored
--- file must say as its intent.
function M.describe(tree)
  local functions = M.split(tree)
  return functions and described(functions)
end

--- Points of `choose` whose options have a weight each among the params, as PREFIX_OPTION.
M.POINTS = { skill = "skill_" }

--- The sorted names of a menu.
function M.menu(part)
  local names = {}
  for name in pairs(M[part]) do names[#names + 1] = name end
  table.sort(names)
  return names
end

return M
