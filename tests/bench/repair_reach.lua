-- usage: lua5.4 tests/bench/repair_reach.lua [--faults 60] [--seed 1]
-- Faults whose reference text no sequence of the worker's edits can give back, on train programs: the text
-- holds a token that stands nowhere in the faulty program and that no operator of the worker can write. It
-- is a bound on giving back the reference, by construction; another text may be as right, and a fault
-- outside the bound may still need more edits than a budget buys.
package.path = "./?.lua;" .. package.path
dofile "tests/lua/helper.lua"
local engine = require "tests.lua.support.engine_local"
local random = require "tests.lua.support.random_local"
local syntax = require "han.syntax"

local options = { faults = "60", seed = "1" }
for i = 1, #arg, 2 do options[arg[i]:sub(3)] = arg[i + 1] end
for name, text in pairs(options) do options[name] = math.tointeger(tonumber(text)) end

local _, dir = engine.adapter()
local catalog, draw, inject, splits = dir "catalog", dir "draw", dir "inject", dir "splits"
local roll = random.new("reach/" .. options.seed)

-- What the operators of han.worker.operators and the expressions of han.worker.material write by
-- themselves. A member of an operator family becomes any other one (operator_swap), and + can be made.
local WRITTEN = {}
for word in ([[if then else end do return break and or not nil true false error ipairs pairs tonumber
  tostring math max min floor ceil ( ) { } [ ] , = . # + - * // % < <= > >= == ~= "" 0 1]]):gmatch "%S+" do
  WRITTEN[word] = true
end
local BITS = { "&", "|", "~", "<<", ">>" }

local function tokens_of(text)
  local list = {}
  for _, token in ipairs(syntax.tokens(text)) do
    if token.kind ~= "space" and token.kind ~= "comment" then list[#list + 1] = text:sub(token.first, token.last) end
  end
  return list
end

local function token_set(text)
  local set = {}
  for _, token in ipairs(tokens_of(text)) do set[token] = true end
  return set
end

local function writable(token, has)
  if WRITTEN[token] or has[token] then return true end
  if math.tointeger(tonumber(token)) and not token:find "^[\"'%[]" then return true end -- number_step
  for _, bit in ipairs(BITS) do
    if token == bit then
      for _, other in ipairs(BITS) do if has[other] then return true end end
    end
  end
  return false
end

-- The texts that want_error patterns of the public examples ask for: guard_error writes them.
local function error_texts(program)
  local list = {}
  for _, block in ipairs(program.blocks) do
    for _, example in ipairs(block.examples) do
      if example.want_error then list[#list + 1] = example.want_error:gsub("%%(%p)", "%1"):gsub("[%^%$]", "") end
    end
  end
  return table.concat(list, "\n")
end

-- The first token of the reference that cannot be written from the faulty text, or nil.
local function missing(source, faulty, errors)
  local has = token_set(faulty)
  for _, text in ipairs(tokens_of(source)) do
    local bare = text:match "^[\"'](.*)[\"']$"
    if not writable(text, has) and not (bare and bare ~= "" and errors:find(bare, 1, true)) then return text end
  end
  return nil
end

local programs = {}
for _, name in ipairs(splits.groups.train) do
  local program = catalog.load(dir, name)
  program.errors = error_texts(program)
  programs[#programs + 1] = program
end

local function faults_of(kind)
  local list = {}
  for _, program in ipairs(programs) do
    for _, site in ipairs(inject.sites(program.source, { kind })[kind]) do
      local text = inject.apply(program.source, site)
      if text then list[#list + 1] = { program = program, text = text } end
    end
  end
  return draw.new(roll).shuffle(list)
end

local function by_hand()
  local list = {}
  for _, program in ipairs(programs) do
    for _, bug in ipairs(program.bugs) do
      local first, last = program.source:find(bug.find, 1, true)
      list[#list + 1] = { program = program,
        text = program.source:sub(1, first - 1) .. bug.replace .. program.source:sub(last + 1) }
    end
  end
  return list
end

-- Prints one line; the share out of reach.
local function report(name, list, share)
  local lost, examples = 0, {}
  local n = math.min(#list, options.faults)
  for i = 1, n do
    local token = missing(list[i].program.source, list[i].text, list[i].program.errors)
    if token then
      lost = lost + 1
      if #examples < 4 then examples[#examples + 1] = token end
    end
  end
  print(("%-28s %s  out of reach %2d of %2d  %s"):format(name, share, lost, n, table.concat(examples, " ")))
  return n > 0 and lost / n or 0
end

local weighted, weights = 0, 0
for _, kind in ipairs(inject.KINDS) do
  local share = inject.SHARES[kind]
  weighted = weighted + share * report(kind, faults_of(kind), ("share %5.2f"):format(share))
  weights = weights + share
end
print(("injected, weighted by share: %.1f %%"):format(100 * weighted / weights))
print(("written by hand: %.1f %%"):format(100 * report("written by hand", by_hand(), "           ")))
