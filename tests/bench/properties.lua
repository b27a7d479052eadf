-- What property templates are worth on the base programs of repair: how many are proposed from the examples, how many
-- of these guesses are wrong about the program itself, and how many planted faults that pass every example of every
-- block they catch, template by template. Prints rows of the bench; deterministic.
-- Usage: lua5.4 tests/bench/properties.lua [FAULTS_A_PROGRAM [CASES]]      from the root of the tree

package.path = "./?.lua;" .. package.path
table.insert(package.searchers, 2, function(name)
  local file = name:match "^han%.(.+)$"
  return file and loadfile("engine/lua/" .. file:gsub("%.", "/") .. ".lua") or nil
end)
package.loaded["han.value"] = require "tests.lua.support.value_local"
local blocks = require "han.blocks"
local engine = require "tests.lua.support.engine_local"
local eval = require "tests.lua.support.eval_local"
local property = require "han.blocks.property"
local random = require "tests.lua.support.random_local"

local each, cases = tonumber(arg[1] or 12), tonumber(arg[2] or 60)
local _, dir = engine.adapter()
local catalog, inject, splits = dir "catalog", dir "inject", dir "splits"

-- Only programs of train and dev: what is held out is not looked at.
local names = {}
for _, split in ipairs { "train", "dev" } do
  for _, name in ipairs(splits.groups[split]) do names[#names + 1] = name end
end

local count = { proposed = {}, wrong = {}, caught = {}, alone = {} }
local function add(set, kind) set[kind] = (set[kind] or 0) + 1 end

local function failing(text, plan, block, list)
  local kinds, options = {}, { evaluate = eval.lua, random = random.new(plan.name .. block.name), cases = cases,
    shrink = false }
  local bad = {}
  for i, row in ipairs(property.test(text, plan, block, list, options)) do
    if not row.holds then kinds[row.property.kind], bad[i] = true, true end
  end
  return kinds, bad
end

-- The properties of a block: all that are proposed, and those that the program itself has.
local function guesses(program, plan, block)
  local list, right = property.propose(plan, block), {}
  local _, bad = failing(program.source, plan, block, list)
  for i, p in ipairs(list) do
    add(count.proposed, p.kind)
    if bad[i] then add(count.wrong, p.kind) else right[#right + 1] = p end
  end
  return right
end

local function passes_examples(text, plan)
  local result = blocks.tester(plan, eval.lua):test(text)
  return result.class == "ok" and result.passed == result.total
end

local unseen, found, tried = 0, 0, 0
for _, name in ipairs(names) do
  local program = catalog.load(dir, name)
  local plan = blocks.plan_of { name = name, blocks = catalog.public_blocks(program),
    limits = { instructions = 20000, memory = 64 << 20 } }
  local view = blocks.view(program.source, plan)
  local right = {}
  for i, block in ipairs(plan.blocks) do
    for _, row in ipairs(view.assembly.shared) do block.stateful = block.stateful or #row.writes > 0 end
    right[i] = guesses(program, plan, block)
  end
  local kinds, roll = splits.kinds.train, random.new("faults/" .. name)
  local sites, seen = inject.sites(program.source, kinds), {}
  for _ = 1, each do
    local site = inject.draw(sites, kinds, roll)
    local text = site and inject.apply(program.source, { edits = site.edits })
    if text and not seen[text] then
      seen[text], tried = true, tried + 1
      if passes_examples(text, plan) then
        unseen = unseen + 1
        local by = {}
        for i, block in ipairs(plan.blocks) do
          for kind in pairs((failing(text, plan, block, right[i]))) do by[kind] = true end
        end
        local n, only = 0, nil
        for kind in pairs(by) do
          n, only = n + 1, kind
          add(count.caught, kind)
        end
        if n == 1 then add(count.alone, only) end
        if n > 0 then found = found + 1 end
      end
    end
  end
end

print(("# %d programs, %d faults, %d pass every example; properties that the program itself has catch %d of these")
  :format(#names, tried, unseen, found))
print("# template       proposed  wrong  caught  alone (missed when it is left out)")
for _, kind in ipairs(property.KINDS) do
  print(("# %-14s %8d %6d %7d %6d"):format(kind, count.proposed[kind] or 0, count.wrong[kind] or 0,
    count.caught[kind] or 0, count.alone[kind] or 0))
end
local proposed, wrong = 0, 0
for _, kind in ipairs(property.KINDS) do
  proposed, wrong = proposed + (count.proposed[kind] or 0), wrong + (count.wrong[kind] or 0)
end
print(('row=properties-wrong ours=%d limit=%d unit=guesses ratio=%.3f goal="none: guesses from examples" met=-')
  :format(wrong, proposed, wrong / proposed))
print(('row=properties-caught ours=%d limit=%d unit=faults ratio=%.3f goal="none: pass every example" met=-')
  :format(found, unseen, found / math.max(1, unseen)))
