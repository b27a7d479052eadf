-- Differences between two lists of lines: common lines, edit steps, hunks with context, patches forth and back.
local M = {}

-- Lengths of the longest common tails: row i, column j is for a from i on and b from j on.
function M.table_of(a, b)
  local rows = {}
  for i = #a + 1, 1, -1 do
    rows[i] = {}
    for j = #b + 1, 1, -1 do
      if i > #a or j > #b then
        rows[i][j] = 0
      elseif a[i] == b[j] then
        rows[i][j] = rows[i + 1][j + 1] + 1
      else
        rows[i][j] = math.max(rows[i + 1][j], rows[i][j + 1])
      end
    end
  end
  return rows
end

-- Steps from a to b: " x" kept, "-x" taken out, "+x" put in; what goes comes before what is new.
function M.steps(a, b)
  local rows, list, i, j = M.table_of(a, b), {}, 1, 1
  while i <= #a or j <= #b do
    if i <= #a and j <= #b and a[i] == b[j] then
      list[#list + 1] = " " .. a[i]
      i, j = i + 1, j + 1
    elseif j > #b or (i <= #a and rows[i + 1][j] >= rows[i][j + 1]) then
      list[#list + 1] = "-" .. a[i]
      i = i + 1
    else
      list[#list + 1] = "+" .. b[j]
      j = j + 1
    end
  end
  return list
end

-- Hunks { from, old, to, new, lines } with so many kept lines around each change; close ones are joined.
function M.hunks(steps, context)
  local hunks, old, new, current, quiet = {}, 1, 1, nil, 0
  for at, step in ipairs(steps) do
    local kept = step:sub(1, 1) == " "
    if not kept and not current then
      local lead = 0
      while lead < context and (steps[at - lead - 1] or "-"):sub(1, 1) == " " do
        lead = lead + 1
      end
      current = { from = old - lead, old = lead, to = new - lead, new = lead, lines = {} }
      table.move(steps, at - lead, at - 1, 1, current.lines)
      hunks[#hunks + 1] = current
    end
    quiet = kept and quiet + 1 or 0
    if step:sub(1, 1) ~= "+" then
      old = old + 1
    end
    if step:sub(1, 1) ~= "-" then
      new = new + 1
    end
    if current then
      current.lines[#current.lines + 1] = step
      if quiet > 2 * context then
        for _ = 1, quiet - context do
          table.remove(current.lines)
        end
        current.old = old - current.from - quiet + context
        current.new = new - current.to - quiet + context
        current = nil
      end
    end
  end
  if current then
    local spare = math.max(0, quiet - context)
    for _ = 1, spare do
      table.remove(current.lines)
    end
    current.old, current.new = old - current.from - spare, new - current.to - spare
  end
  return hunks
end

-- Lines changed by hunks; refused where the text is not what a hunk expects.
function M.patch(lines, hunks)
  local out, at = {}, 1
  for number, hunk in ipairs(hunks) do
    while at < hunk.from do
      out[#out + 1] = lines[at]
      at = at + 1
    end
    for _, step in ipairs(hunk.lines) do
      local mark, text = step:sub(1, 1), step:sub(2)
      if mark ~= "+" then
        if lines[at] ~= text then
          error("hunk " .. number .. " does not fit at line " .. at, 0)
        end
        at = at + 1
      end
      if mark ~= "-" then
        out[#out + 1] = text
      end
    end
  end
  return table.move(lines, at, #lines, #out + 1, out)
end

-- Merges what two made of a base: hunks of mine without context, then those of theirs where they do not touch the
-- same base lines; the merged lines and how many hunks of theirs were left out.
function M.merge(base, mine, theirs)
  local own, other, all, refused = M.hunks(M.steps(base, mine), 0), M.hunks(M.steps(base, theirs), 0), {}, 0
  for _, hunk in ipairs(own) do
    all[#all + 1] = hunk
  end
  for _, hunk in ipairs(other) do
    local free = true
    for _, known in ipairs(own) do
      if hunk.from <= known.from + known.old and known.from <= hunk.from + hunk.old then
        free = false
      end
    end
    if free then
      all[#all + 1] = hunk
    else
      refused = refused + 1
    end
  end
  table.sort(all, function(x, y)
    return x.from < y.from
  end)
  return M.patch(base, all), refused
end

return M
