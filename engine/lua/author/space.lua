-- han.author.space: which numbers of a worker's profile may move, and how far. By backend of the worker: "search"
-- (han.worker) and "decision" (han.worker.decision). A path is a list of names joined by dots; weights are all names
-- below `weights`.
local M = {}

local function share(least, most) return { kind = "share", least = least, most = most } end
local function scale(least, most) return { kind = "scale", least = least, most = most } end
local function count(least, most) return { kind = "count", least = least, most = most } end
local function one_of(...) return { kind = "choice", options = { ... } } end

M.search = {
  ["mix.uniform"] = share(0.02, 1.0), ["mix.ochiai"] = share(0.0, 1.0), ["mix.steer"] = share(0.0, 1.0),
  ["mix.sharpness"] = scale(0.3, 5.0), floor = scale(0.01, 0.5), loyalty = share(0.0, 1.0), probe = count(1, 8),
  accept = one_of("better", "equal"), patience = one_of(false, 20, 40, 80, 160),
}
M.decision = {
  slack = scale(0.05, 2.0), seeds = count(4, 96), fresh = share(0.0, 0.5), floor = scale(0.05, 1.0),
}
M.WEIGHT = scale(0.1, 20.0)      -- of an operator
M.TEMPLATES = 24                 -- in one profile
M.CERTIFIED = 64

--- The defaults of a backend as a fresh table of what may move.
function M.defaults(backend)
  local source = backend == "decision" and require("han.worker.decision").DEFAULTS or require("han.worker").DEFAULTS
  local function copy(item)
    if type(item) ~= "table" then return item end
    local out = {}
    for key, inner in pairs(item) do out[key] = copy(inner) end
    return out
  end
  local defaults = { weights = copy(source.weights) }
  for path in pairs(M[backend]) do
    local name = path:match "^[^.]+"
    defaults[name] = copy(source[name])
  end
  return defaults
end

--- All paths of a profile with their rules, sorted: { { path = { names }, rule = } ... }.
function M.paths(backend)
  local names, list = {}, {}
  for path in pairs(M[backend]) do names[#names + 1] = path end
  table.sort(names)
  for _, path in ipairs(names) do
    local parts = {}
    for part in path:gmatch "[^.]+" do parts[#parts + 1] = part end
    list[#list + 1] = { path = parts, rule = M[backend][path] }
  end
  return list
end

local function weight_paths(weights, path, list)
  local names = {}
  for name in pairs(weights) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local inner = table.move(path, 1, #path, 1, {})
    inner[#inner + 1] = name
    if type(weights[name]) == "table" then weight_paths(weights[name], inner, list)
    else list[#list + 1] = { path = inner, rule = M.WEIGHT } end
  end
  return list
end

--- The paths of the operators' weights of a profile.
function M.weight_paths(profile) return weight_paths(profile.weights or {}, { "weights" }, {}) end

local function drawn_number(rule, random)
  if rule.kind == "count" then return rule.least + random(rule.most - rule.least + 1) - 1 end
  if rule.kind == "share" then return rule.least + (rule.most - rule.least) * random() end
  return rule.least * (rule.most / rule.least) ^ random()
end

local function rounded(value)
  if math.type(value) == "integer" then return value end
  return tonumber(("%.4g"):format(value)) + 0.0
end

--- A value of a rule from nothing.
function M.draw(rule, random)
  if rule.kind == "choice" then return rule.options[random(#rule.options)] end
  return rounded(drawn_number(rule, random))
end

--- A value near another one.
function M.move(rule, value, random)
  if rule.kind == "choice" then return M.draw(rule, random) end
  if type(value) ~= "number" then value = M.draw(rule, random) end
  local sign = random(2) == 1 and 1 or -1
  if rule.kind == "count" then value = math.tointeger(value) + sign * random(2)
  elseif rule.kind == "share" then value = value + sign * 0.25 * random()
  else value = value * math.exp(sign * random()) end
  value = math.max(rule.least, math.min(rule.most, value))
  return rounded(value)
end

--- What is wrong with a value, or nil.
function M.fault(rule, value)
  if rule.kind == "choice" then
    for _, option in ipairs(rule.options) do if option == value then return nil end end
    return "is none of the options"
  end
  if type(value) ~= "number" then return "is no number" end
  if rule.kind == "count" and math.type(value) ~= "integer" then return "is no whole number" end
  if not (value >= rule.least and value <= rule.most) then
    return ("is not between %g and %g"):format(rule.least, rule.most)
  end
end

return M
