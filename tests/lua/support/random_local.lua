-- A small seeded generator (splitmix64) with the call shape of a scope's random: random() in [0, 1),
-- random(n) in 1..n, random(lo, hi). For specs and benches without the engine.
local M = {}

local function seed_of(label)
  local h = 0xcbf29ce484222325 -- FNV-1a, 64 bit (Fowler, Noll, Vo)
  for i = 1, #label do h = (h ~ label:byte(i)) * 0x100000001b3 end
  return h
end

function M.new(label)
  local state = seed_of(tostring(label))
  local function word()
    state = state + 0x9e3779b97f4a7c15
    local z = state
    z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
    z = (z ~ (z >> 27)) * 0x94d049bb133111eb
    return z ~ (z >> 31)
  end
  return function(lo, hi)
    if not lo then return (word() >> 11) * (1.0 / (1 << 53)) end
    if not hi then lo, hi = 1, lo end
    return lo + (word() >> 1) % (hi - lo + 1)
  end
end

-- options for an adapter's tasks(): one stream per label below the seed.
function M.options(seed)
  local function stream(label) return M.new(seed .. "/" .. label) end
  return { random = stream "root", stream = stream }
end

return M
