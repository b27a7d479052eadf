-- What a generator of test inputs draws from: a callable with the few shapes that base programs need.
-- draw(n) is 1..n, draw() is [0, 1).
local M = {}

function M.new(random)
  local draw = setmetatable({}, { __call = function(_, n) return random(n) end })

  function draw.int(lo, hi) return lo + random(hi - lo + 1) - 1 end

  function draw.chance(p) return random() < p end

  function draw.pick(list) return list[random(#list)] end

  function draw.list(lo, hi, item)
    local result = {}
    for i = 1, draw.int(lo, hi) do result[i] = item(i) end
    return result
  end

  -- A string of lo..hi characters out of alphabet.
  function draw.word(alphabet, lo, hi)
    local parts = {}
    for i = 1, draw.int(lo, hi) do
      local at = random(#alphabet)
      parts[i] = alphabet:sub(at, at)
    end
    return table.concat(parts)
  end

  function draw.shuffle(list)
    local result = table.move(list, 1, #list, 1, {})
    for i = #result, 2, -1 do
      local j = random(i)
      result[i], result[j] = result[j], result[i]
    end
    return result
  end

  return draw
end

return M
