-- Comma-separated tables: records with quotes, types, selection, grouping, and text again.
local M = {}

-- One record to its fields. A quoted field may hold commas, and quotes written twice.
function M.fields(line)
  local list, at = {}, 1
  while true do
    if line:sub(at, at) == '"' then
      local parts = {}
      at = at + 1
      while true do
        local stop = line:find('"', at, true)
        if not stop then
          error("quote not closed", 0)
        end
        parts[#parts + 1] = line:sub(at, stop - 1)
        at = stop + 1
        if line:sub(at, at) ~= '"' then
          break
        end
        parts[#parts + 1] = '"'
        at = at + 1
      end
      list[#list + 1] = table.concat(parts)
      if at <= #line and line:sub(at, at) ~= "," then
        error("text after a quote", 0)
      end
    else
      local stop = line:find(",", at, true) or #line + 1
      local field = line:sub(at, stop - 1)
      if field:find('"', 1, true) then
        error("quote inside a field", 0)
      end
      list[#list + 1] = field:match("^%s*(.-)%s*$")
      at = stop
    end
    if at > #line then
      return list
    end
    at = at + 1
  end
end

-- Text to a value: integer, float, true, false, nil for nothing, else text.
function M.typed(text)
  if text == "" then
    return nil
  end
  if text == "true" or text == "false" then
    return text == "true"
  end
  if text:find("^[+-]?%d+$") then
    return math.tointeger(tonumber(text))
  end
  if text:find("^[+-]?%d+%.%d+$") then
    return tonumber(text) + 0.0
  end
  return text
end

-- Lines to { header = { names }, rows = { { name = value } } }.
function M.table_of(lines)
  if #lines == 0 then
    error("no header", 0)
  end
  local header, seen = M.fields(lines[1]), {}
  for _, name in ipairs(header) do
    if name == "" or seen[name] then
      error("bad column name '" .. name .. "'", 0)
    end
    seen[name] = true
  end
  local rows = {}
  for number = 2, #lines do
    if lines[number] ~= "" then
      local fields = M.fields(lines[number])
      if #fields > #header then
        error("line " .. number .. " has " .. #fields .. " fields", 0)
      end
      local row = {}
      for column, name in ipairs(header) do
        row[name] = M.typed(fields[column] or "")
      end
      rows[#rows + 1] = row
    end
  end
  return { header = header, rows = rows }
end

-- Rows where a column compares as asked ("=", "<", ">"); rows without a value never match.
function M.where(rows, column, operator, value)
  local result = {}
  for _, row in ipairs(rows) do
    local own = row[column]
    local match = false
    if own ~= nil and operator == "=" then
      match = own == value
    elseif type(own) == "number" and type(value) == "number" then
      if operator == "<" then
        match = own < value
      elseif operator == ">" then
        match = own > value
      else
        error("unknown operator " .. operator, 0)
      end
    end
    if match then
      result[#result + 1] = row
    end
  end
  return result
end

-- Count and sum of a numeric column by the text of another, sorted by that text.
function M.group(rows, by, column)
  local groups, list = {}, {}
  for _, row in ipairs(rows) do
    local key = tostring(row[by])
    local group = groups[key]
    if not group then
      group = { key = key, count = 0, sum = 0 }
      groups[key] = group
      list[#list + 1] = group
    end
    group.count = group.count + 1
    if math.type(row[column]) == "integer" then
      group.sum = group.sum + row[column]
    end
  end
  table.sort(list, function(a, b)
    return a.key < b.key
  end)
  return list
end

function M.quote(value)
  local text = value == nil and "" or tostring(value)
  if text:find('[,"\n]') or text:find("^%s") or text:find("%s$") then
    return '"' .. text:gsub('"', '""') .. '"'
  end
  return text
end

-- A question to a table: filter, group, and the answer as lines again.
function M.query(lines, question)
  local data = M.table_of(lines)
  local rows = data.rows
  if question.column then
    rows = M.where(rows, question.column, question.operator, question.value)
  end
  local out = {}
  if question.by then
    out[1] = M.quote(question.by) .. ",count," .. M.quote("sum of " .. question.sum)
    for _, group in ipairs(M.group(rows, question.by, question.sum)) do
      out[#out + 1] = M.quote(group.key) .. "," .. group.count .. "," .. group.sum
    end
    return out
  end
  local cells = {}
  for i, name in ipairs(data.header) do
    cells[i] = M.quote(name)
  end
  out[1] = table.concat(cells, ",")
  for _, row in ipairs(rows) do
    for i, name in ipairs(data.header) do
      cells[i] = M.quote(row[name])
    end
    out[#out + 1] = table.concat(cells, ",")
  end
  return out
end

return M
