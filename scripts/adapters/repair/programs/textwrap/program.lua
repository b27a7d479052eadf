-- Plain text layout: words, greedy lines, alignment, justification, boxes and columns.
local M = {}

function M.words(text)
  local list = {}
  for word in text:gmatch("%S+") do
    list[#list + 1] = word
  end
  return list
end

-- Greedy filling; a word longer than the width is cut into pieces of the width.
function M.fill(words, width)
  if width < 1 then
    error("width must be at least 1", 0)
  end
  local lines, line = {}, ""
  local function flush()
    if line ~= "" then
      lines[#lines + 1] = line
      line = ""
    end
  end
  for _, word in ipairs(words) do
    while #word > width do
      flush()
      lines[#lines + 1] = word:sub(1, width)
      word = word:sub(width + 1)
    end
    if line == "" then
      line = word
    elseif #line + 1 + #word <= width then
      line = line .. " " .. word
    else
      flush()
      line = word
    end
  end
  flush()
  return lines
end

function M.align(line, width, how)
  local room = width - #line
  if room <= 0 then
    return line
  end
  if how == "left" then
    return line .. (" "):rep(room)
  elseif how == "right" then
    return (" "):rep(room) .. line
  elseif how == "center" then
    local before = room // 2
    return (" "):rep(before) .. line .. (" "):rep(room - before)
  end
  error("unknown alignment " .. tostring(how), 0)
end

-- Spreads the spaces of a line so that it is exactly as wide as asked; extra ones go to the left gaps.
function M.justify(line, width)
  local words, letters = {}, 0
  for word in line:gmatch("%S+") do
    words[#words + 1] = word
    letters = letters + #word
  end
  local gaps = #words - 1
  if gaps < 1 or letters + gaps > width then
    return line
  end
  local spaces = width - letters
  local each, extra = spaces // gaps, spaces % gaps
  local parts = {}
  for i, word in ipairs(words) do
    parts[#parts + 1] = word
    if i <= gaps then
      local n = each
      if i <= extra then
        n = n + 1
      end
      parts[#parts + 1] = (" "):rep(n)
    end
  end
  return table.concat(parts)
end

function M.boxed(lines, title)
  local width = #title
  for _, line in ipairs(lines) do
    if #line > width then
      width = #line
    end
  end
  local rows = { "+" .. ("-"):rep(width + 2) .. "+" }
  if title ~= "" then
    rows[#rows + 1] = "| " .. M.align(title, width, "center") .. " |"
    rows[#rows + 1] = "|" .. ("="):rep(width + 2) .. "|"
  end
  for _, line in ipairs(lines) do
    rows[#rows + 1] = "| " .. M.align(line, width, "left") .. " |"
  end
  rows[#rows + 1] = rows[1]
  return rows
end

-- Lays items out in columns, down first, two spaces between columns.
function M.columns(items, count)
  if count < 1 then
    error("at least one column", 0)
  end
  local height = (#items + count - 1) // count
  local rows = {}
  for row = 1, height do
    local cells = {}
    for column = 1, count do
      local item = items[(column - 1) * height + row]
      if item then
        local widest = 0
        for k = (column - 1) * height + 1, math.min(column * height, #items) do
          widest = math.max(widest, #items[k])
        end
        cells[column] = item .. (" "):rep(widest - #item)
      end
    end
    rows[row] = table.concat(cells, "  "):gsub("%s+$", "")
  end
  return rows
end

-- Paragraphs are parted by empty lines; all lines of one but its last are justified.
function M.layout(text, width)
  local result = {}
  for paragraph in (text .. "\n\n"):gmatch("(.-)\n\n+") do
    local lines = M.fill(M.words(paragraph), width)
    if #lines > 0 and #result > 0 then
      result[#result + 1] = ""
    end
    for i, line in ipairs(lines) do
      if i < #lines then
        line = M.justify(line, width)
      end
      result[#result + 1] = line
    end
  end
  return result
end

return M
