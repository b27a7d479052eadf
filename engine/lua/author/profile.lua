-- han.author.profile: the writer of worker profiles (level 0): numbers of the search, operators' weights, fix templates
-- and, where runs zoom (game.zoom), the head that draws their targets, as a Lua table in a file. It moves them, mixes
-- them, and takes over what was mined from certified work and what a head learns from runs.
local data = require "han.author.data"
local mine = require "han.author.mine"
local space = require "han.author.space"
local credit = require "han.zoom.credit"
local train = require "han.zoom.train"

local M = {}

M.OPERATORS = { move = 3, weight = 4, class_weight = 1, reset = 1, crossover = 2, mined_weights = 2, mined_template = 2,
  drop_template = 0.5, head_train = 2, head_move = 2 }

local function backend_of(game) return game and game.backend or "search" end

local function copy(item)
  if type(item) ~= "table" then return item end
  local out = {}
  for key, inner in pairs(item) do out[key] = copy(inner) end
  return out
end

local function get(profile, path)
  local at = profile
  for _, name in ipairs(path) do
    if type(at) ~= "table" then return nil end
    at = at[name]
  end
  return at
end

local function put(profile, path, value)
  local at = profile
  for i = 1, #path - 1 do
    at[path[i]] = at[path[i]] or {}
    at = at[path[i]]
  end
  at[path[#path]] = value
end

function M.read(text) return data.read(text) end

function M.print(profile) return data.print(profile) end

function M.size(text) return math.min(8, #text // 1024) end

--- A profile drawn from the whole space.
function M.fresh(desk)
  local profile, random = space.defaults(backend_of(desk.game)), desk.random
  for _, row in ipairs(space.paths(backend_of(desk.game))) do put(profile, row.path, space.draw(row.rule, random)) end
  for _, row in ipairs(space.weight_paths(profile)) do put(profile, row.path, space.draw(row.rule, random)) end
  if desk.game and desk.game.zoom then profile.zoom = train.random_head(random) end
  return profile
end

-- ---- operators ----

local operators = {}

-- A profile that leaves a name out means its default.
local function whole(desk, profile)
  local full = space.defaults(backend_of(desk.game))
  for key, item in pairs(profile) do
    if key == "mix" then for name, share in pairs(item) do full.mix[name] = share end
    else full[key] = item end
  end
  return full
end

local function move_one(desk, profile, rows)
  local row = rows[desk.random(#rows)]
  put(profile, row.path, space.move(row.rule, get(profile, row.path), desk.random))
  return profile
end

function operators.move(desk, profile) return move_one(desk, profile, space.paths(backend_of(desk.game))) end

function operators.weight(desk, profile) return move_one(desk, profile, space.weight_paths(profile)) end

-- One operator in all failure classes.
function operators.class_weight(desk, profile)
  local rows = space.weight_paths(profile)
  local name = rows[desk.random(#rows)].path
  name = name[#name]
  local factor = math.exp((desk.random(2) == 1 and 1 or -1) * desk.random())
  for _, row in ipairs(rows) do
    if row.path[#row.path] == name then
      local value = get(profile, row.path) * factor
      put(profile, row.path, tonumber(("%.4g"):format(math.max(row.rule.least, math.min(row.rule.most, value)))) + 0.0)
    end
  end
  return profile
end

function operators.reset(desk, profile)
  local defaults = space.defaults(backend_of(desk.game))
  local rows = space.paths(backend_of(desk.game))
  table.move(space.weight_paths(defaults), 1, #space.weight_paths(defaults), #rows + 1, rows)
  local changed = {}
  for _, row in ipairs(rows) do
    if get(profile, row.path) ~= get(defaults, row.path) then changed[#changed + 1] = row end
  end
  if #changed == 0 then return nil end
  local row = changed[desk.random(#changed)]
  put(profile, row.path, get(defaults, row.path))
  return profile
end

-- Each part from one of two.
function operators.crossover(desk, profile)
  if #desk.pool == 0 then return nil end
  local other = desk.pool[desk.random(#desk.pool)]
  local donor = whole(desk, copy(other.tree))
  for _, row in ipairs(space.paths(backend_of(desk.game))) do
    if desk.random(2) == 1 then put(profile, row.path, get(donor, row.path)) end
  end
  for class, weights in pairs(donor.weights) do
    if desk.random(2) == 1 then profile.weights[class] = weights end
  end
  if desk.random(2) == 1 then profile.templates = donor.templates end
  return profile, other.entry.digest
end

-- A step of some length from the profile's weights to those that were mined.
function operators.mined_weights(desk, profile)
  local mined = desk.evidence and mine.weights(desk.evidence, { backend = backend_of(desk.game) })
  if not mined or mined.fixes == 0 then return nil end
  local share = desk.random(4) / 4
  for _, row in ipairs(space.weight_paths(profile)) do
    local target, own = get(mined, row.path), get(profile, row.path)
    if target then
      local value = own * (target / own) ^ share
      put(profile, row.path, tonumber(("%.4g"):format(math.max(row.rule.least, math.min(row.rule.most, value)))) + 0.0)
    end
  end
  return profile
end

function operators.mined_template(desk, profile)
  local mined = desk.evidence and backend_of(desk.game) == "search" and mine.templates(desk.evidence) or {}
  local held, rest = {}, {}
  for _, template in ipairs(profile.templates or {}) do held[template.text .. "|" .. template.kind] = true end
  for _, template in ipairs(mined) do
    if not held[template.text .. "|" .. template.kind] then rest[#rest + 1] = template end
  end
  if #rest == 0 or #(profile.templates or {}) >= space.TEMPLATES then return nil end
  profile.templates = profile.templates or {}
  for _ = 1, math.min(desk.random(4), #rest) do
    if #profile.templates < space.TEMPLATES then
      profile.templates[#profile.templates + 1] = table.remove(rest, desk.random(#rest))
    end
  end
  return profile
end

function operators.drop_template(desk, profile)
  if #(profile.templates or {}) == 0 then return nil end
  table.remove(profile.templates, desk.random(#profile.templates))
  if #profile.templates == 0 then profile.templates = nil end
  return profile
end

-- The head goes on from its own weights with what the evidence shows.
function operators.head_train(desk, profile)
  local episodes = desk.game and desk.game.zoom and desk.evidence and credit.episodes(desk.evidence) or {}
  if #episodes == 0 then return nil end
  profile.zoom = train.learn(profile.zoom, episodes, 1 + desk.random(train.PASSES))
  return profile
end

function operators.head_move(desk, profile)
  if not (desk.game and desk.game.zoom) then return nil end
  profile.zoom = train.move(profile.zoom, desk.random)
  return profile
end

function M.apply(desk, operator, profile)
  return operators[operator](desk, whole(desk, copy(profile)))
end

local function trained(evidence)
  local episodes = credit.episodes(evidence)
  if #episodes == 0 then return nil end
  local profile = space.defaults "search"
  profile.zoom = train.learn(nil, episodes)
  return data.print(profile)
end

--- What a round mined, as whole profiles to begin with: a head where runs zoomed, weights, templates, both.
function M.harvest(evidence, n)
  local list = { trained(evidence) }
  for _, text in ipairs(M.mined(evidence)) do list[#list + 1] = text end
  while #list > n do list[#list] = nil end
  return list
end

--- Those of certified work alone.
function M.mined(evidence)
  local mined, list = mine.profile(evidence, { backend = "search" }), {}
  if mined.fixes == 0 then return list end
  local base = space.defaults "search"
  local both = copy(base)
  both.weights = mined.profile.weights
  list[1] = data.print(both)
  if mined.profile.templates then
    both.templates = mined.profile.templates
    list[2] = data.print(both)
    base.templates = mined.profile.templates
    list[3] = data.print(base)
  end
  return list
end

-- ---- form ----

local function template_fault(template)
  if type(template) ~= "table" or type(template.kind) ~= "string" or type(template.text) ~= "string"
    or type(template.weight) ~= "number" then
    return "a template needs kind, text and weight"
  end
  for key in pairs(template) do
    if not mine.TEMPLATE_FIELDS[key] then return ("a template has no field '%s'"):format(tostring(key)) end
  end
  if #template.text > mine.MAX_TEXT then return "a template's text is too long" end
end

local function templates_fault(list)
  if type(list) ~= "table" or #list > space.TEMPLATES then
    return ("templates: a list of at most %d"):format(space.TEMPLATES)
  end
  for _, template in ipairs(list) do
    local why = template_fault(template)
    if why then return why end
  end
end

local function known_names(backend)
  local names = { weights = true, templates = backend == "search" or nil, zoom = backend == "search" or nil }
  for path in pairs(space[backend]) do names[path:match "^[^.]+"] = true end
  return names
end

local function shape_fault(value, model, path)
  for name, item in pairs(value) do
    local place = path == "" and tostring(name) or path .. "." .. tostring(name)
    if model[name] == nil then return ("there is no '%s' in a profile"):format(place) end
    if type(model[name]) == "table" then
      if type(item) ~= "table" then return ("'%s' is no table"):format(place) end
      local why = shape_fault(item, model[name], place)
      if why then return why end
    end
  end
end

--- What is wrong with a profile as a table of a backend ("search" or "decision"), or nil.
function M.table_fault(profile, backend)
  local known, model = known_names(backend), space.defaults(backend)
  for name, item in pairs(profile) do
    if not known[name] then return ("there is no '%s' in a profile"):format(tostring(name)) end
    if name ~= "templates" and type(model[name]) == "table" then
      if type(item) ~= "table" then return ("'%s' is no table"):format(name) end
      for class in pairs(model.weights) do -- an operator that only one class names is one of all
        if name == "weights" and type(model.weights[class]) == "table" then
          for _, other in pairs(model.weights) do
            for op, w in pairs(other) do model.weights[class][op] = model.weights[class][op] or w end
          end
          model.weights[class].template = 1
        end
      end
      local why = shape_fault(item, model[name], name)
      if why then return why end
    end
  end
  for _, row in ipairs(space.paths(backend)) do
    local value = get(profile, row.path)
    local why = value ~= nil and space.fault(row.rule, value)
    if why then return ("%s %s"):format(table.concat(row.path, "."), why) end
  end
  for _, row in ipairs(space.weight_paths(profile)) do
    local why = space.fault(row.rule, get(profile, row.path))
    if why then return ("%s %s"):format(table.concat(row.path, "."), why) end
  end
  return profile.zoom ~= nil and train.fault(profile.zoom)
    or profile.templates ~= nil and templates_fault(profile.templates) or nil
end

--- The same for a tree that is data.
function M.fault(tree, backend)
  local profile = data.of_tree(tree)
  if not profile then return "a profile is one 'return { ... }'" end
  return M.table_fault(profile, backend or "search")
end

--- The table that a worker reads, from a candidate's text; nil, message when it is none.
function M.load(text, backend)
  local profile = data.read(text)
  if not profile then return nil, "a profile is one 'return { ... }'" end
  local why = M.table_fault(profile, backend or "search")
  if why then return nil, why end
  return profile
end

--- An adapter's worker with what a profile says in place of its own; limits and backend stay.
function M.merge(worker, profile)
  local merged = {}
  for key, item in pairs(worker) do merged[key] = item end
  for key, item in pairs(profile) do merged[key] = item end
  return merged
end

return M
