-- Bracketed source text: a small scanner with strings and comments, matching, nesting, and re-indentation.
local M = {}

local CLOSER = { ["("] = ")", ["["] = "]", ["{"] = "}" }
local OPENER = { [")"] = "(", ["]"] = "[", ["}"] = "{" }

-- Marks each byte: "c" code, "s" string, "-" comment (from # to the end of the line).
function M.mask(text)
  local marks, mode, at = {}, "c", 1
  while at <= #text do
    local char = text:sub(at, at)
    if mode == "c" then
      if char == "'" then
        mode = "s"
      elseif char == "#" then
        mode = "-"
      end
      marks[at] = mode
    elseif mode == "s" then
      marks[at] = "s"
      if char == "\\" and at < #text then
        at = at + 1
        marks[at] = "s"
      elseif char == "'" then
        mode = "c"
      end
    else
      if char == "\n" then
        mode = "c"
      end
      marks[at] = mode
    end
    at = at + 1
  end
  if mode == "s" then
    error("string not closed", 0)
  end
  return table.concat(marks)
end

-- Pairs { from, to } of matching brackets in code, by place of the opening one.
function M.pairs_of(text)
  local marks, stack, list = M.mask(text), {}, {}
  for at = 1, #text do
    local char = text:sub(at, at)
    if marks:sub(at, at) == "c" then
      if CLOSER[char] then
        stack[#stack + 1] = at
      elseif OPENER[char] then
        local from = table.remove(stack)
        if not from then
          error("nothing to close at " .. at, 0)
        end
        local expected = CLOSER[text:sub(from, from)]
        if expected ~= char then
          error("expected " .. expected .. " at " .. at, 0)
        end
        list[#list + 1] = { from, at }
      end
    end
  end
  if #stack > 0 then
    error("not closed: " .. #stack, 0)
  end
  table.sort(list, function(a, b)
    return a[1] < b[1]
  end)
  return list
end

-- How deep each pair lies, and the deepest of all.
function M.depths(pairs_list)
  local result, open, deepest = {}, {}, 0
  for i, pair in ipairs(pairs_list) do
    while #open > 0 and open[#open] < pair[1] do
      table.remove(open)
    end
    open[#open + 1] = pair[2]
    result[i] = #open
    deepest = math.max(deepest, #open)
  end
  return result, deepest
end

-- The smallest pair around a place, as its index, or nil.
function M.around(pairs_list, at)
  local best
  for i, pair in ipairs(pairs_list) do
    if pair[1] <= at and at <= pair[2] then
      local size = pair[2] - pair[1]
      if not best or size < pairs_list[best][2] - pairs_list[best][1] then
        best = i
      end
    end
  end
  return best
end

-- Fewest brackets to put in so that a text of only ( and ) is balanced: how many, and one such text.
function M.mend(text)
  local out, open, added = {}, 0, 0
  for char in text:gmatch(".") do
    if char == "(" then
      open = open + 1
    elseif char == ")" then
      if open == 0 then
        out[#out + 1] = "("
        added = added + 1
      else
        open = open - 1
      end
    else
      error("only brackets, not " .. char, 0)
    end
    out[#out + 1] = char
  end
  out[#out + 1] = (")"):rep(open)
  return added + open, table.concat(out)
end

-- Indents lines by how many brackets are open at their start; a closer in front counts already.
function M.indent(text)
  M.pairs_of(text)
  local marks, depth, at, lines = M.mask(text), 0, 1, {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    local body = line:match("^%s*(.-)%s*$")
    local start = at + (#line - #line:match("^%s*(.*)$"))
    local front = depth
    if OPENER[body:sub(1, 1)] and marks:sub(start, start) == "c" then
      front = front - 1
    end
    for k = 0, #line - 1 do
      local char = text:sub(at + k, at + k)
      if marks:sub(at + k, at + k) == "c" then
        if CLOSER[char] then
          depth = depth + 1
        elseif OPENER[char] then
          depth = depth - 1
        end
      end
    end
    lines[#lines + 1] = body == "" and "" or ("  "):rep(front) .. body
    at = at + #line + 1
  end
  return lines
end

function M.outline(text)
  local list = M.pairs_of(text)
  local levels, deepest = M.depths(list)
  local rows = {}
  for i, pair in ipairs(list) do
    local inner = text:sub(pair[1] + 1, pair[2] - 1)
    if #inner > 6 then
      inner = inner:sub(1, 4) .. ".."
    end
    local parent = pair[1] > 1 and M.around(list, pair[1] - 1) or 0
    rows[i] = (". "):rep(levels[i] - 1) .. text:sub(pair[1], pair[1]) .. inner .. " in " .. (parent or 0)
  end
  return { deepest = deepest, rows = rows, lines = #M.indent(text) }
end

return M
