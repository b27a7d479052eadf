-- usage: lua5.4 tests/bench/repair_overlap.lua [--faults 30] [--draws 150] [--seed 1]
-- How far the injector's table and the worker's overlap, on train programs: for each kind of injected fault,
-- the share of sampled faults that one edit of the worker takes back word for word (white space aside) when
-- every operator is drawn so many times at every node near the fault, and which operators did. The rest is
-- not out of reach, since other texts may be right too; but nothing undoes it in one step by the book.
package.path = "./?.lua;" .. package.path
dofile "tests/lua/helper.lua"
local engine = require "tests.lua.support.engine_local"
local random = require "tests.lua.support.random_local"
local syntax = require "han.syntax"
local material = require "han.worker.material"
local operators = require "han.worker.operators"

local options = { faults = "30", draws = "150", seed = "1" }
for i = 1, #arg, 2 do options[arg[i]:sub(3)] = arg[i + 1] end
for name, text in pairs(options) do options[name] = math.tointeger(tonumber(text)) end
io.stdout:setvbuf "line"

local _, dir = engine.adapter()
local catalog, draw, inject, splits = dir "catalog", dir "draw", dir "inject", dir "splits"
local roll = random.new("overlap/" .. options.seed)

local function bare(text) return (text:gsub("%s+", "")) end

-- Faults of one kind over all train programs, shuffled.
local function faults_of(kind)
  local list = {}
  for _, name in ipairs(splits.groups.train) do
    local program = catalog.load(dir, name)
    for _, site in ipairs(inject.sites(program.source, { kind })[kind]) do
      local text = inject.apply(program.source, site)
      if text then list[#list + 1] = { source = program.source, text = text, line = site.line } end
    end
  end
  return draw.new(roll).shuffle(list)
end

-- The names of operators that take a fault back.
local function undone_by(fault)
  local tree, names = syntax.parse(fault.text), {}
  local stuff, wanted = material.new(tree, roll), bare(fault.source)
  local failure = { test = {} }
  syntax.walk(tree.root, function(node)
    local line = syntax.position(tree, node.first)
    local entry = syntax.function_at(tree, node.first)
    if math.abs(line - fault.line) > 1 or not entry or entry.depth == 0 then return end
    for _, operator in ipairs(operators.list) do
      for _ = 1, operator.kinds[node.kind] and not names[operator.name] and options.draws or 0 do
        local edit = operator.make(stuff, node, failure)
        local text = edit and syntax.edit(fault.text, { edit })
        if text and bare(text) == wanted then
          names[operator.name] = true
          break
        end
      end
    end
  end)
  return names
end

local total, undone = 0, 0
for _, kind in ipairs(inject.KINDS) do
  local list, by, taken = faults_of(kind), {}, 0
  for i = math.min(#list, options.faults) + 1, #list do list[i] = nil end
  for _, fault in ipairs(list) do
    local names = undone_by(fault)
    if next(names) then taken = taken + 1 end
    for name in pairs(names) do by[name] = (by[name] or 0) + 1 end
  end
  local parts = {}
  for name, count in pairs(by) do parts[#parts + 1] = name .. " " .. count end
  table.sort(parts)
  total, undone = total + #list, undone + taken
  print(("%-26s share %5.2f  undone by one edit %2d of %2d  %s"):format(kind, inject.SHARES[kind], taken, #list,
    table.concat(parts, ", ")))
end
print(("all kinds, unweighted: %d of %d = %.0f %%"):format(undone, total, 100 * undone / total))
