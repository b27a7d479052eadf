-- What is lost when one property template is left out: the broken blocks of properties_spec, one for each template, all
-- of which pass their examples, tested with all templates and with all but one. Prints a table; deterministic.
-- Usage: lua5.4 tests/bench/templates.lua      from the root of the tree

package.path = "./?.lua;" .. package.path
table.insert(package.searchers, 2, function(name)
  local file = name:match "^han%.(.+)$"
  return file and loadfile("engine/lua/" .. file:gsub("%.", "/") .. ".lua") or nil
end)
package.loaded["han.value"] = require "tests.lua.support.value_local"
local broken_blocks = require "tests.lua.support.broken_blocks"
local property = require "han.blocks.property"

local ready = {}
for _, kind in ipairs(property.KINDS) do
  local plan, right, broken = broken_blocks.prepare(broken_blocks.CASES[kind])
  assert(broken_blocks.passes_examples(broken, plan) and not next((broken_blocks.caught(property, right, plan))), kind)
  ready[#ready + 1] = { kind = kind, plan = plan, broken = broken }
end

-- How many broken blocks are caught, and the kinds of those that are not.
local function count(without)
  local n, missed = 0, {}
  for _, case in ipairs(ready) do
    if next((broken_blocks.caught(property, case.broken, case.plan, without))) then
      n = n + 1
    else
      missed[#missed + 1] = case.kind
    end
  end
  return n, #missed > 0 and table.concat(missed, ", ") or "none"
end

print "| left out | caught | missed: the block broken for |\n|---|---|---|"
print(("| nothing | %d of %d | %s |"):format((count()), #ready, (select(2, count()))))
for _, kind in ipairs(property.KINDS) do
  local n, missed = count { [kind] = true }
  print(("| `%s` | %d of %d | %s |"):format(kind, n, #ready, missed))
end
local all = {}
for _, kind in ipairs(property.KINDS) do all[kind] = true end
print(("| all | %d of %d | every one |"):format((count(all)), #ready))
