local function field(rng, lo, hi)
  local width = rng.int(lo, hi)
  return rng.list(lo, hi, function() return rng.word(rng.pick { ".*", "...*", "......*" }, width, width) end)
end

local function numbered(rows)
  local out = {}
  for r, row in ipairs(rows) do
    local line = ""
    for c = 1, #row do
      local n = 0
      for dr = -1, 1 do for dc = -1, 1 do
        if rows[r + dr] and c + dc > 0 and rows[r + dr]:sub(c + dc, c + dc) == "*" then n = n + 1 end
      end end
      line = line .. (row:sub(c, c) == "*" and "*" or n)
    end
    out[r] = line
  end
  return out
end

local function covered(rows, rng, share)
  local out = {}
  for r, row in ipairs(rows) do
    out[r] = row:gsub(".", function(char)
      if char == "*" then return rng and rng.chance(0.3) and "F" or "#" end
      return (not rng or rng.chance(share)) and "#" or char
    end)
  end
  return out
end

local function even(rows)
  for _, row in ipairs(rows) do if #row ~= #rows[1] then return false end end
  return true
end

local BOX = { "....", ".*..", "....", "...." }
local THREE = numbered(BOX)

return {
  job = "numbers, opens, flags and reasons about mine fields and plays games on them",
  brief = "A field is rows of '*' and '.'. What is seen has '#' for covered cells, 'F' for flags, digits for open "
    .. "ones and "
    .. "'*' for a mine that was opened. Opening a 0 opens all around it.",
  blocks = {
    { name = "number", signature = "number(field) -> rows of '*' and digits",
      pre = function(a) return even(a[1]) end,
      post = function(a, r) return #r[1] == #a[1] end,
      hidden = function(rng, i)
        local rows = field(rng, 1, 5)
        if i % 7 == 0 then rows[#rows + 1] = rows[1] .. "." end
        return { rows }
      end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { "." } }, want = { { "0" } } },
        { args = { { "*" } }, want = { { "*" } } },
        { args = { { "*.*" } }, want = { { "*2*" } } },
        { args = { { "*..", "...", "..*" } }, want = { { "*10", "121", "01*" } } },
        { args = { { "***", "*.*", "***" } }, want = { { "***", "*8*", "***" } } },
        { args = { BOX }, want = { { "1110", "1*10", "1110", "0000" } } },
        { args = { { "..", "..." } }, want_error = "rows of different length$" },
      } },
    { name = "open", signature = "open(numbers, seen, row, column) -> what is seen",
      pre = function(a) return a[1][a[3]] ~= nil and a[4] >= 1 and a[4] <= #a[1][a[3]] end,
      post = function(a, r) return #r[1] == #a[2] and r[1][a[3]]:sub(a[4], a[4]) ~= "#" end,
      hidden = function(rng, i)
        local numbers = numbered(field(rng, 2, 6))
        return { numbers, covered(numbers, rng, 0.9), i % 8 == 0 and rng.pick { 0, 9 } or rng(#numbers),
          i % 9 == 0 and rng.pick { 0, 9 } or rng(#numbers[1]) }
      end,
      examples = {
        { args = { THREE, covered(THREE), 1, 1 }, want = { { "1###", "####", "####", "####" } } },
        { args = { THREE, covered(THREE), 2, 2 }, want = { { "####", "#*##", "####", "####" } } },
        { args = { THREE, covered(THREE), 4, 1 }, want = { { "##10", "##10", "1110", "0000" } } },
        { args = { THREE, covered(THREE), 1, 4 }, want = { { "##10", "##10", "1110", "0000" } } },
        { args = { { "00" }, { "F#" }, 1, 2 }, want = { { "F0" } } },
        { args = { { "00" }, { "F#" }, 1, 1 }, want = { { "F#" } } },
        { args = { { "000", "000" }, { "###", "###" }, 2, 2 }, want = { { "000", "000" } } },
        { args = { THREE, covered(THREE), 5, 1 }, want_error = "outside the field$" },
        { args = { THREE, covered(THREE), 1, 0 }, want_error = "outside the field$" },
      } },
    { name = "flag", signature = "flag(seen, row, column) -> what is seen",
      pre = function() return true end,
      post = function(a, r) return #r[1] == #a[1] end,
      hidden = function(rng)
        local rows = covered(numbered(field(rng, 2, 5)), rng, 0.5)
        return { rows, rng.int(1, #rows), rng.int(1, #rows[1]) }
      end,
      examples = {
        { args = { { "##" }, 1, 1 }, want = { { "F#" } } },
        { args = { { "F#" }, 1, 1 }, want = { { "##" } } },
        { args = { { "1#" }, 1, 1 }, want = { { "1#" } } },
        { args = { { "1#", "##" }, 2, 2 }, want = { { "1#", "#F" } } },
        { args = { { "##" }, 3, 1 }, want = { { "##" } } },
        { args = { { "##" }, 1, 3 }, want = { { "##" } } },
        { args = { { "FFF" }, 1, 2 }, want = { { "F#F" } } },
        { args = { { "#*" }, 1, 2 }, want = { { "#*" } } },
      } },
    { name = "deduce", signature = "deduce(seen) -> cells that are mines, cells that are free",
      pre = function() return true end,
      post = function(a, r)
        for _, list in ipairs(r) do
          for _, cell in ipairs(list) do
            local row, column = cell:match "(%d+),(%d+)"
            if a[1][tonumber(row)]:sub(tonumber(column), tonumber(column)) ~= "#" then return false end
          end
        end
        return true
      end,
      hidden = function(rng) return { covered(numbered(field(rng, 2, 5)), rng, rng.pick { 0.1, 0.3 }) } end,
      examples = {
        { args = { { "##", "##" } }, want = { {}, {} } },
        { args = { { "1#" } }, want = { { "1,2" }, {} } },
        { args = { { "0#" } }, want = { {}, { "1,2" } } },
        { args = { { "F1#" } }, want = { {}, { "1,3" } } },
        { args = { { "#1#" } }, want = { {}, {} } },
        { args = { { "#2#" } }, want = { { "1,1", "1,3" }, {} } },
        { args = { { "###", "#8#", "###" } },
          want = { { "1,1", "1,2", "1,3", "2,1", "2,3", "3,1", "3,2", "3,3" }, {} } },
        { args = { { "F2#", "11#" } }, want = { {}, { "1,3", "2,3" } } },
      } },
    { name = "state", signature = "state(numbers, seen) -> \"won\", \"lost\" or \"open\"",
      pre = function() return true end,
      post = function(_, r) return r[1] == "won" or r[1] == "lost" or r[1] == "open" end,
      hidden = function(rng)
        local numbers = numbered(field(rng, 2, 3))
        local seen = covered(numbers, rng, rng.pick { 0, 0, 0.2, 0.5 })
        if rng.chance(0.2) then seen = numbers end
        return { numbers, seen }
      end,
      examples = {
        { args = { { "*1" }, { "##" } }, want = { "open" } },
        { args = { { "*1" }, { "#1" } }, want = { "won" } },
        { args = { { "*1" }, { "F1" } }, want = { "won" } },
        { args = { { "*1" }, { "*#" } }, want = { "lost" } },
        { args = { { "*1" }, { "FF" } }, want = { "open" } },
        { args = { { "*1", "11" }, { "#1", "1#" } }, want = { "open" } },
        { args = { { "*1", "11" }, { "*1", "11" } }, want = { "lost" } },
        { args = { { "**" }, { "##" } }, want = { "won" } },
      } },
  },
  integration = { name = "play", signature = "play(field, moves) -> state, what is seen, moves used, sure mines, "
    .. "sure free",
    pre = function(a)
      if not even(a[1]) then return false end
      local open = {}
      for r, row in ipairs(a[1]) do for c = 1, #row do open[r .. "," .. c] = row:sub(c, c) end end
      if a[3] then return false end
      for _, move in ipairs(a[2]) do
        if move[1] ~= "open" and move[1] ~= "flag" then return false end
        if move[1] == "open" and not open[move[2] .. "," .. move[3]] then return false end
        if move[1] == "open" and open[move[2] .. "," .. move[3]] == "*" then return true end
      end
      return true
    end,
    post = function(a, r) return r[3] <= #a[2] end,
    hidden = function(rng, i)
      local rows = { "......", "......", "......" }
      local r, c = rng(3), rng.int(1, 4)
      rows[r] = ("."):rep(c - 1) .. "*" .. ("."):rep(6 - c)
      local moves = rng.list(1, 4, function()
        local pick = rng(3)
        return { rng.pick { "open", "open", "flag" }, pick, pick == r and rng.pick { 5, 6 } or rng(6) }
      end)
      if rng.chance(0.2) then moves[#moves + 1] = { "open", r, c } end
      if i % 8 == 0 then table.insert(moves, 1, rng.pick { { "dig", 1, 1 }, { "open", 4, 1 }, { "open", 1, 7 } }) end
      if i == 7 then rows[2] = "..." end
      return { rows, moves }
    end,
    examples = {
      { args = { BOX, {} }, want = { "open", { "####", "####", "####", "####" }, 0, {}, {} } },
      { args = { BOX, { { "open", 4, 4 } } },
        want = { "open", { "##10", "##10", "1110", "0000" }, 1, { "2,2" }, {} } },
      { args = { BOX, { { "flag", 2, 2 }, { "open", 1, 1 } } },
        want = { "open", { "1###", "#F##", "####", "####" }, 2, {}, { "1,2", "2,1" } } },
      { args = { BOX, { { "open", 2, 2 }, { "open", 1, 1 } } },
        want = { "lost", { "####", "#*##", "####", "####" }, 1, {}, {} } },
      { args = { { "*." }, { { "open", 1, 2 }, { "open", 1, 1 } } }, want = { "won", { "#1" }, 1, { "1,1" }, {} } },
      { args = { { "...", "...", "..*" }, { { "flag", 3, 3 }, { "open", 1, 1 } } },
        want = { "won", { "000", "011", "01F" }, 2, {}, {} } },
      { args = { BOX, { { "dig", 1, 1 } } }, want_error = "no move dig$" },
      { args = { BOX, { { "open", 9, 1 } } }, want_error = "outside the field$" },
      { args = { { "..", "." }, {} }, want_error = "rows of different length$" },
    } },
}
