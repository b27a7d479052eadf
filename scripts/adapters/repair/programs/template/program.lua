-- Text templates: {{name}}, {{name|filter}}, {{#list}}...{{/list}} and {{^name}}...{{/name}} over plain data.
local M = {}

-- A template as tokens { kind = "text" | "field" | "open" | "not" | "close", value, filters }.
function M.tokens(template)
  local list, at = {}, 1
  while at <= #template do
    local open = template:find("{{", at, true)
    if open ~= at then
      list[#list + 1] = { kind = "text", value = template:sub(at, (open or 0) - 1) }
    end
    if not open then
      break
    end
    local close = template:find("}}", open, true)
    if not close then
      error("tag without an end at " .. open, 0)
    end
    local mark, path, rest = template:sub(open + 2, close - 1):match("^%s*([#^/]?)([%w.]+)(.-)%s*$")
    if not path or (rest ~= "" and (mark ~= "" or not rest:find("^|[%w|]+$"))) then
      error("bad tag at " .. open, 0)
    end
    local token = { kind = "field", value = path }
    if mark == "#" then
      token.kind = "open"
    elseif mark == "^" then
      token.kind = "not"
    elseif mark == "/" then
      token.kind = "close"
    else
      token.filters = {}
      for name in rest:gmatch("%w+") do
        token.filters[#token.filters + 1] = name
      end
    end
    list[#list + 1] = token
    at = close + 2
  end
  return list
end

-- The value at a path in the innermost of some scopes that knows its first step; "." is the scope itself.
function M.lookup(scopes, path)
  if path == "." then
    return scopes[#scopes]
  end
  local first, rest = path:match("^(%w+)%.?(.*)$")
  for depth = #scopes, 1, -1 do
    local scope = scopes[depth]
    if type(scope) == "table" and first and scope[first] ~= nil then
      local value = scope[first]
      for step in rest:gmatch("%w+") do
        if type(value) ~= "table" then
          return nil
        end
        value = value[step]
      end
      return value
    end
  end
  return nil
end

-- A value as text through filters by name.
function M.apply(value, filters)
  local text = value == nil and "" or tostring(value)
  for _, name in ipairs(filters) do
    if name == "upper" then
      text = text:upper()
    elseif name == "title" then
      text = text:gsub("(%a)(%w*)", function(head, tail)
        return head:upper() .. tail:lower()
      end)
    elseif name == "html" then
      text = text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;")
    elseif name == "or" then
      text = text == "" and "-" or text
    else
      error("no filter " .. name, 0)
    end
  end
  return text
end

-- Tokens as a tree: sections hold their own tokens.
function M.nest(tokens)
  local root = { body = {} }
  local stack = { root }
  for _, token in ipairs(tokens) do
    local top = stack[#stack]
    if token.kind == "open" or token.kind == "not" then
      local section = { kind = token.kind, value = token.value, body = {} }
      top.body[#top.body + 1] = section
      stack[#stack + 1] = section
    elseif token.kind == "close" then
      if top.value ~= token.value then
        error("section " .. token.value .. " is not open", 0)
      end
      stack[#stack] = nil
    else
      top.body[#top.body + 1] = token
    end
  end
  if #stack > 1 then
    error("section " .. stack[#stack].value .. " is not closed", 0)
  end
  return root.body
end

-- The text of a template with data. A section repeats for each item of a list, shows once for anything else but
-- false and nothing; an empty list counts as nothing.
function M.render(template, data)
  local function fill(body, scopes, out)
    for _, node in ipairs(body) do
      if node.kind == "text" then
        out[#out + 1] = node.value
      elseif node.kind == "field" then
        out[#out + 1] = M.apply(M.lookup(scopes, node.value), node.filters)
      else
        local value = M.lookup(scopes, node.value)
        local list = { value }
        if value == false or (type(value) == "table" and next(value) == nil) then
          list = {}
        elseif type(value) == "table" and value[1] ~= nil then
          list = value
        end
        if node.kind == "not" then
          list = #list == 0 and { scopes[#scopes] } or {}
        end
        for _, item in ipairs(list) do
          local inner = table.move(scopes, 1, #scopes, 1, {})
          inner[#inner + 1] = item
          fill(node.body, inner, out)
        end
      end
    end
    return out
  end
  return table.concat(fill(M.nest(M.tokens(template)), { data }, {}))
end

return M
