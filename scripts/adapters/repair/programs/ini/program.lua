-- Settings files in sections: reading, typed values, references between settings, layers, and writing back.
local M = {}

-- A line as { kind = "blank" | "comment" | "section" | "pair", ... }.
function M.classify(line)
  local text = line:match("^%s*(.-)%s*$")
  if text == "" then
    return { kind = "blank" }
  end
  local mark = text:sub(1, 1)
  if mark == "#" or mark == ";" then
    return { kind = "comment", text = text:match("^[#;]+%s*(.*)$") }
  elseif mark == "[" then
    local name = text:match("^%[%s*([%w_.-]+)%s*%]$")
    if not name then
      error("bad section: " .. text, 0)
    end
    return { kind = "section", name = name:lower() }
  end
  local key, value = text:match("^([%w_-]+)%s*=%s*(.*)$")
  if not key then
    error("neither section nor pair: " .. text, 0)
  end
  local bare = value:match("^(.-)%s+[#;]")
  if bare and value:sub(1, 1) ~= '"' then
    value = bare
  end
  return { kind = "pair", key = key:lower(), value = value }
end

-- yes/no words, whole numbers, quoted text, lists in braces; anything else stays text.
function M.typed(value)
  local word = value:lower()
  if word == "yes" or word == "on" or word == "true" then
    return true
  elseif word == "no" or word == "off" or word == "false" then
    return false
  end
  if value:find("^[+-]?%d+$") then
    return math.tointeger(tonumber(value:match("^%+?(.*)$")))
  end
  local quoted = value:match('^"(.*)"$')
  if quoted then
    return quoted
  end
  local inside = value:match("^{(.*)}$")
  if not inside then
    return value
  end
  local list = {}
  for item in inside:gmatch("[^,]+") do
    local trimmed = item:gsub("^%s+", ""):gsub("%s+$", "")
    if trimmed ~= "" then
      list[#list + 1] = M.typed(trimmed)
    end
  end
  return list
end

-- section -> key -> raw value; pairs before the first section belong to "global".
function M.read(text)
  local settings, section, number = {}, "global", 0
  for line in (text .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    local entry = M.classify(line)
    if entry.kind == "section" then
      section = entry.name
      settings[section] = settings[section] or {}
    elseif entry.kind == "pair" then
      settings[section] = settings[section] or {}
      if settings[section][entry.key] then
        error("line " .. number .. ": " .. entry.key .. " is set twice", 0)
      end
      settings[section][entry.key] = entry.value
    end
  end
  return settings
end

-- The value of a setting with every ${key} or ${section.key} replaced, all the way down.
function M.resolve(settings, section, key, trail)
  trail = trail or {}
  local place = section .. "." .. key
  if trail[place] then
    error("circle at " .. place, 0)
  end
  local value = settings[section] and settings[section][key]
  if not value and settings.global then
    value = settings.global[key]
  end
  if not value then
    error("no setting " .. place, 0)
  end
  trail[place] = true
  local result = value:gsub("%${([%w_.-]+)}", function(name)
    local other, inner = name:match("^(.+)%.([^.]+)$")
    return M.resolve(settings, other or section, inner or name, trail)
  end)
  trail[place] = nil
  return result
end

-- Later layers win key by key; a value of "-" takes a setting away, an emptied section goes too.
function M.overlay(layers)
  local merged = {}
  for _, layer in ipairs(layers) do
    for section, pairs_of in pairs(layer) do
      local target = merged[section] or {}
      for key, value in pairs(pairs_of) do
        if value == "-" then
          target[key] = nil
        else
          target[key] = value
        end
      end
      merged[section] = target
    end
  end
  for section, content in pairs(merged) do
    if next(content) == nil then
      merged[section] = nil
    end
  end
  return merged
end

-- Text with sorted sections and keys, the keys of "global" first and without a heading.
function M.dump(settings)
  local names = {}
  for section in pairs(settings) do
    if section ~= "global" then
      names[#names + 1] = section
    end
  end
  table.sort(names)
  if settings.global then
    table.insert(names, 1, "global")
  end
  local out = {}
  for place, section in ipairs(names) do
    if place > 1 then
      out[#out + 1] = ""
    end
    if section ~= "global" then
      out[#out + 1] = "[" .. section .. "]"
    end
    local keys = {}
    for key in pairs(settings[section]) do
      keys[#keys + 1] = key
    end
    table.sort(keys)
    for _, key in ipairs(keys) do
      out[#out + 1] = key .. " = " .. settings[section][key]
    end
  end
  return table.concat(out, "\n")
end

-- Typed, resolved values of some texts laid over each other: section -> key -> value, and the merged text.
function M.load(texts)
  local layers = {}
  for i, text in ipairs(texts) do
    layers[i] = M.read(text)
  end
  local merged = M.overlay(layers)
  local result = {}
  for section, content in pairs(merged) do
    result[section] = {}
    for key in pairs(content) do
      result[section][key] = M.typed(M.resolve(merged, section, key))
    end
  end
  return result, M.dump(merged)
end

return M
