-- Whether two base programs share a function: by the hash of its tree with every identifier and every
-- constant erased, so that a renamed copy is still a copy. Small helpers below SMALLEST nodes are not
-- compared: two comparators are not a job in common.
local syntax = require "han.syntax"

local M = {}

M.SMALLEST = 25

local function size(node)
  local count = 0
  syntax.walk(node, function() count = count + 1 end)
  return count
end

-- programs: list of { name, source }. A list of { "a.M.f", "b.M.g" }, empty when nothing is shared.
function M.clashes(programs)
  local owners, clashes = {}, {}
  for _, program in ipairs(programs) do
    local tree = assert(syntax.parse(program.source, program.name))
    for _, entry in ipairs(syntax.functions(tree)) do
      if entry.depth > 0 and size(entry.node) >= M.SMALLEST then
        local hash = syntax.hash(entry.node, { constants = "erase", names = "erase" })
        local place = program.name .. "." .. entry.name
        local owner = owners[hash]
        if owner and owner.program ~= program.name then clashes[#clashes + 1] = { owner.place, place } end
        owners[hash] = owner or { program = program.name, place = place }
      end
    end
  end
  return clashes
end

return M
