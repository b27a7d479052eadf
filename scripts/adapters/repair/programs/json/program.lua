-- JSON text to a tree of tagged nodes and back: { kind = "null" | "bool" | "number" | "text" | "list" | "map" }.
-- A list holds items; a map holds keys and, beside them, values, in the order of the text.
local M = {}

local LETTERS = { ['"'] = '"', ["\\"] = "\\", ["\n"] = "n", ["\t"] = "t", ["\r"] = "r" }
local MEANS = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", n = "\n", t = "\t", r = "\r" }

function M.quote(text)
  local out = {}
  for at = 1, #text do
    local char = text:sub(at, at)
    if LETTERS[char] then
      char = "\\" .. LETTERS[char]
    elseif char:byte() < 32 then
      char = string.format("\\u%04x", char:byte())
    end
    out[at] = char
  end
  return '"' .. table.concat(out) .. '"'
end

-- The text of a quoted string that starts at an index, and the index after it.
function M.unquote(text, at)
  if text:sub(at, at) ~= '"' then
    error("no string at " .. at, 0)
  end
  local parts = {}
  at = at + 1
  while true do
    local char = text:sub(at, at)
    if char == "" then
      error("string without an end", 0)
    elseif char == '"' then
      return table.concat(parts), at + 1
    elseif char == "\\" then
      local letter = text:sub(at + 1, at + 1)
      if letter == "u" then
        local digits = text:match("^%x%x%x%x", at + 2)
        if not digits then
          error("bad escape at " .. at, 0)
        end
        char = utf8.char(tonumber(digits, 16))
        at = at + 4
      else
        char = MEANS[letter]
        if not char then
          error("bad escape at " .. at, 0)
        end
      end
      at = at + 1
    end
    parts[#parts + 1] = char
    at = at + 1
  end
end

-- A number is an integer where it has neither a point nor an exponent.
function M.read_number(text, at)
  local whole = text:match("^%-?%d+", at)
  if not whole or whole:find("^%-?0%d") then
    error("bad number at " .. at, 0)
  end
  local stop = at + #whole
  local fraction = text:match("^%.%d+", stop) or ""
  local exponent = text:match("^[eE][+-]?%d+", stop + #fraction) or ""
  stop = stop + #fraction + #exponent
  if fraction == "" and exponent == "" then
    return math.tointeger(tonumber(whole)), stop
  end
  return tonumber(whole .. fraction .. exponent), stop
end

local function skip(text, at)
  return text:match("^%s*()", at)
end

local read_value

-- Items up to a closing mark, each read by a function that gives the index after it.
local function read_items(text, at, close, read)
  at = skip(text, at)
  if text:sub(at, at) == close then
    return at + 1
  end
  while true do
    at = skip(text, read(skip(text, at)))
    local mark = text:sub(at, at)
    at = at + 1
    if mark == close then
      return at
    elseif mark ~= "," then
      error("no " .. close .. " at " .. at - 1, 0)
    end
  end
end

function read_value(text, at)
  local first = text:sub(at, at)
  if first == '"' then
    local content, after = M.unquote(text, at)
    return { kind = "text", value = content }, after
  elseif first == "[" then
    local node = { kind = "list", items = {} }
    return node, read_items(text, at + 1, "]", function(from)
      local item, after = read_value(text, from)
      table.insert(node.items, item)
      return after
    end)
  elseif first == "{" then
    local node = { kind = "map", keys = {}, values = {} }
    return node, read_items(text, at + 1, "}", function(from)
      local key, after = M.unquote(text, from)
      after = skip(text, after)
      if text:sub(after, after) ~= ":" then
        error("no colon at " .. after, 0)
      end
      local item, stop = read_value(text, skip(text, after + 1))
      table.insert(node.keys, key)
      table.insert(node.values, item)
      return stop
    end)
  end
  local word = text:match("^%a+", at)
  if word == "null" then
    return { kind = "null" }, at + 4
  elseif word == "true" or word == "false" then
    return { kind = "bool", value = word == "true" }, at + #word
  end
  local number, after = M.read_number(text, at)
  return { kind = "number", value = number }, after
end

function M.parse(text)
  local node, after = read_value(text, skip(text, 1))
  after = skip(text, after)
  if after <= #text then
    error("text after the value at " .. after, 0)
  end
  return node
end

-- Compact text. Later values of a key that comes twice win, in the place of the first.
function M.write(node)
  if node.kind == "null" then
    return "null"
  elseif node.kind == "text" then
    return M.quote(node.value)
  elseif node.kind == "list" then
    local out = {}
    for _, item in ipairs(node.items) do
      out[#out + 1] = M.write(item)
    end
    return "[" .. table.concat(out, ",") .. "]"
  elseif node.kind == "map" then
    local out, place = {}, {}
    for i, key in ipairs(node.keys) do
      place[key] = place[key] or #out + 1
      out[place[key]] = M.quote(key) .. ":" .. M.write(node.values[i])
    end
    return "{" .. table.concat(out, ",") .. "}"
  end
  return tostring(node.value)
end

-- The node at a path such as "a/2/b": names in maps, places in lists; nil where there is none.
function M.at_path(node, path)
  for step in path:gmatch("[^/]+") do
    local found
    if node.kind == "list" then
      found = node.items[math.tointeger(tonumber(step))]
    elseif node.kind == "map" then
      for i, key in ipairs(node.keys) do
        if key == step then
          found = node.values[i]
        end
      end
    end
    if not found then
      return nil
    end
    node = found
  end
  return node
end

-- Picks the node at a path out of a text; how deep it nests and its compact text.
function M.extract(text, path)
  local node = M.at_path(M.parse(text), path)
  if not node then
    error("nothing at " .. path, 0)
  end
  local function depth(part)
    local most = 0
    for _, inner in ipairs(part.items or part.values or {}) do
      most = math.max(most, depth(inner))
    end
    if part.items or part.values then
      most = most + 1
    end
    return most
  end
  return M.write(node), depth(node)
end

return M
