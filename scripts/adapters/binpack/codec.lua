-- Lists of small counts as printable text, so that an instance is one short string in a task, a journal
-- and a request. Each number is `width` digits in base 48, most significant first, from the characters "("
-- to "W": none of them needs an escape in a Lua string. This file is also run beside the candidate.
local M = {}

local FIRST, BASE, STEP = 40, 48, 60
M.WIDTH = 2                                -- digits of an item size
M.MAX = BASE ^ 2 // 1 | 0                  -- sizes are below it
M.BIN_WIDTH = 3                            -- digits of a bin's number
M.BIN_MAX = BASE ^ 3 // 1 | 0

function M.pack(list, width)
  local parts, chunk = {}, {}
  for i, value in ipairs(list) do
    for digit = width, 1, -1 do
      chunk[digit] = FIRST + value % BASE
      value = value // BASE
    end
    if value ~= 0 then error(("number %d of the list has more than %d digits"):format(i, width)) end
    parts[i] = string.char(table.unpack(chunk, 1, width))
  end
  return table.concat(parts)
end

-- nil when the text is not what pack gives.
function M.unpack(text, width)
  local list, n = {}, 0
  if #text % width ~= 0 then return nil end
  for at = 1, #text, width * STEP do
    local bytes = { text:byte(at, math.min(#text, at + width * STEP - 1)) }
    for i = 1, #bytes, width do
      local value = 0
      for k = i, i + width - 1 do
        local digit = bytes[k] - FIRST
        if digit < 0 or digit >= BASE then return nil end
        value = value * BASE + digit
      end
      n = n + 1
      list[n] = value
    end
  end
  return list
end

return M
