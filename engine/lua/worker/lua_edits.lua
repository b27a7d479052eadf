--- han.worker.lua_edits: edits of a Lua text, one after the other, drawn from the operators and templates of the
-- built-in worker by weight; lines that failures tell of are drawn more often. A source of han.worker.trials.

local choose = require "han.worker.choose"
local fixes = require "han.worker.fixes"
local locate = require "han.worker.locate"
local material = require "han.worker.material"
local slips = require "han.worker.slips"
local syntax = require "han.syntax"
local template = require "han.worker.template"

local DRAWS, FLOOR = 400, 0.01 -- draws in a row that come to nothing, before the source is dry
local MIX = { uniform = 0.25, ochiai = 0.75 }

-- The lines of the failures, as rows of a coverage.
local function chances_of(menu, lines)
  local spectrum, failed = locate.spectrum { { pass = false, lines = lines } }
  return locate.chances(menu, spectrum, failed, nil, MIX)
end

return function(base, about)
  local menu = locate.within(locate.menu(base.tree, choose.KINDS), about.places)
  if #menu == 0 then return function() return nil end end
  local known = fixes[about.class or "LOGIC"] or fixes.LOGIC
  local all, extra = material.new(base.tree, about.random), template.operator(known.templates)
  local chances = chances_of(menu, (base.raw.failure or {}).lines or {})
  local weights = about.tight and known.tight or slips[about.class] or slips.LOGIC
  for _, text in ipairs(about.words) do all.strings[#all.strings + 1] = ("%q"):format(text) end
  return function()
    for _ = 1, DRAWS do
      local row = menu[locate.draw(chances, about.random)]
      local entry, nodes = choose.operator(choose.options(row, extra), weights, FLOOR, about.random)
      local node = nodes[about.random(#nodes)]
      local want = #about.words > 0 and all:pick(about.words):gsub("%p", "%%%0") or nil
      local edit = entry.make(all, node, { test = { want_error = want } })
      local text = edit and syntax.edit(base.text, { edit })
      if text and text ~= base.text and load(text, "=candidate", "t", {}) then
        return { text = text, op = entry.name, fn = row.fn, line = row.line, edit = edit }
      end
    end
    return nil
  end
end
