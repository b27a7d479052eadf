-- Web addresses: taking them apart, dots in paths, percent signs, queries, resolving relative ones, one form for all.
local M = {}

local PORTS = { http = 80, https = 443, ftp = 21 }

-- { scheme, host, port, path, query, fragment }; what is not there is absent, the path may be "".
function M.parse(text)
  local url, rest = {}, text
  rest, url.fragment = rest:match("^([^#]*)#?(.*)$")
  if not text:find("#", 1, true) then
    url.fragment = nil
  end
  local before, query = rest:match("^([^?]*)%?(.*)$")
  url.query = query
  rest = before or rest
  local scheme, after = rest:match("^(%a[%w+.-]*):(.*)$")
  if scheme then
    url.scheme, rest = scheme:lower(), after
  end
  local authority, path = rest:match("^//([^/]*)(.*)$")
  if authority then
    local host, port = authority:match("^([%w.-]+):?(%d*)$")
    if not host or (authority:sub(-1) == ":") then
      error("bad host: " .. authority, 0)
    end
    url.host, rest = host:lower(), path
    if port ~= "" then
      url.port = math.tointeger(tonumber(port))
      if url.port > 65535 then
        error("no port " .. port, 0)
      end
    end
  end
  url.path = rest
  return url
end

-- A path without "." and ".." steps; ".." at the top is dropped.
function M.squeeze(path)
  local out = {}
  for step in path:gmatch("[^/]+") do
    if step == ".." then
      out[#out] = nil
    elseif step ~= "." then
      out[#out + 1] = step
    end
  end
  local text = table.concat(out, "/")
  if path:sub(1, 1) == "/" then
    text = "/" .. text
  end
  if #out > 0 and (path:sub(-1) == "/" or path:find("/%.%.?$")) then
    text = text .. "/"
  end
  return text
end

-- Percent signs read back; refused where two hexadecimal digits are missing.
function M.decode(text)
  local at = text:gsub("%%%x%x", "___"):find("%", 1, true)
  if at then
    error("bad percent sign at " .. at, 0)
  end
  return (text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

-- A query as a list of { name, value }, sorted by name; equal names keep their order, "+" is a blank.
function M.query(text)
  local list = {}
  for part in text:gmatch("[^&]+") do
    local name, value = part:gsub("%+", " "):match("^([^=]*)=?(.*)$")
    local entry = { M.decode(name), M.decode(value) }
    local at = #list + 1
    while at > 1 and list[at - 1][1] > entry[1] do
      at = at - 1
    end
    table.insert(list, at, entry)
  end
  return list
end

-- An address in one form: no default port, no empty parts, dots squeezed, the query sorted; relative ones are
-- resolved against a base.
function M.normal(text, base)
  local url, from = M.parse(text), M.parse(base)
  if not from.scheme or not from.host then
    error("base is not complete", 0)
  end
  local path = url.path
  if not url.scheme and not url.host then
    if path == "" then
      path = from.path
      url.query = url.query or from.query
    elseif path:sub(1, 1) ~= "/" then
      path = (from.path:match("^(.*/)") or "/") .. path
    end
    url.host, url.port = from.host, from.port
  end
  local scheme = url.scheme or from.scheme
  if not url.host then
    return scheme .. ":" .. path
  end
  if path == "" then
    path = "/"
  end
  local out = scheme .. "://" .. url.host
  if url.port and url.port ~= PORTS[scheme] then
    out = out .. ":" .. url.port
  end
  out = out .. M.squeeze(path)
  local parts = {}
  for i, entry in ipairs(M.query(url.query or "")) do
    parts[i] = entry[1] .. "=" .. entry[2]
  end
  if #parts > 0 then
    out = out .. "?" .. table.concat(parts, "&")
  end
  if url.fragment and url.fragment ~= "" then
    out = out .. "#" .. url.fragment
  end
  return out
end

return M
