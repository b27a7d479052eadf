-- han.model.cassette: answers that were recorded once and are given again, byte for byte, with no network and no key. A
-- question is found by the digest of dialect, model and body, so by everything that was asked; the same question asked
-- several times has its answers in order, or the one recorded for its id. Keys are in neither questions nor answers.

local json = require "han.json"
local sys = require "han.sys"

local M = {}

local VERSION = 1
local FIELDS_SHOWN = 4

local Cassette = {}
Cassette.__index = Cassette

local function digest_of(endpoint, body)
  return sys.sha256(table.concat({ endpoint.dialect, endpoint.model, body }, "\n"))
end

local function add(cassette, entry)
  local list = cassette.by_digest[entry.digest] or {}
  cassette.by_digest[entry.digest] = list
  list[#list + 1] = { entry = entry, used = false }
  cassette.entries[#cassette.entries + 1] = entry
end

local function read_line(cassette, line, number, path)
  local entry = json.decode(line)
  if type(entry) ~= "table" or entry.v ~= VERSION or type(entry.body) ~= "string" or type(entry.answer) ~= "table"
    or type(entry.model) ~= "string" or type(entry.dialect) ~= "string" then
    return nil, ("%s:%d: not a line of a cassette"):format(path, number), "CORRUPT"
  end
  entry.digest = digest_of(entry, entry.body) -- a line that somebody changed is another question
  add(cassette, entry)
  return true
end

--- Opens a file: one that is there is replayed, one that is not is recorded.
---@param path string
---@return table|nil cassette
---@return string|nil message
---@return string|nil code
function M.open(path)
  local cassette = setmetatable({ path = path, entries = {}, by_digest = {}, replays = sys.stat(path) ~= nil },
    Cassette)
  if not cassette.replays then return cassette end
  local text, why, code = sys.read_file(path)
  if not text then return nil, why, code end
  local number = 0
  for line in text:gmatch("[^\n]+") do
    number = number + 1
    local ok
    ok, why, code = read_line(cassette, line, number, path)
    if not ok then return nil, why, code end
  end
  return cassette
end

-- ---- what differs ----

-- Paths at which two values differ, as in messages[2].content.
local function differences(a, b, path, out)
  if #out >= FIELDS_SHOWN or a == b then return out end
  if type(a) ~= "table" or type(b) ~= "table" then
    out[#out + 1] = path
    return out
  end
  local names = {}
  for name in pairs(a) do names[#names + 1] = name end
  for name in pairs(b) do
    if a[name] == nil then names[#names + 1] = name end
  end
  table.sort(names, function(x, y) return tostring(x) < tostring(y) end)
  for _, name in ipairs(names) do
    local step = type(name) == "number" and ("[%d]"):format(name) or (path == "" and "" or ".") .. tostring(name)
    differences(a[name], b[name], path .. step, out)
  end
  return out
end

local function alike(a, b)
  local n, most = 0, math.min(#a, #b)
  while n < most and a:byte(n + 1) == b:byte(n + 1) do n = n + 1 end
  return n
end

-- The recorded question that is most like this one.
local function nearest(cassette, body)
  local best, most
  for _, entry in ipairs(cassette.entries) do
    local n = alike(entry.body, body)
    if not most or n > most then best, most = entry, n end
  end
  return best
end

local function miss(cassette, endpoint, body)
  local other = nearest(cassette, body)
  if not other then return ("the cassette %s is empty"):format(cassette.path) end
  local what
  if other.dialect ~= endpoint.dialect or other.model ~= endpoint.model then
    what = ("it was recorded with %s in the dialect %s"):format(other.model, other.dialect)
  else
    what = "the nearest question differs in " .. table.concat(differences(json.decode(other.body) or {},
      json.decode(body) or {}, "", {}), ", ")
  end
  return ("the cassette %s has no answer to this question; %s; delete the file to record anew"):format(cassette.path,
    what)
end

-- ---- asking ----

local function replay(cassette, endpoint, body, id)
  local list = cassette.by_digest[digest_of(endpoint, body)]
  if not list then
    local message = miss(cassette, endpoint, body)
    cassette.missed = cassette.missed or message
    return nil, message, "UNKNOWN"
  end
  local found
  for _, row in ipairs(list) do
    if not row.used and row.entry.id == id then found = row break end
  end
  for _, row in ipairs(list) do
    if found then break end
    if not row.used then found = row end
  end
  if not found then
    cassette.missed = cassette.missed or ("the cassette %s is asked more often than was recorded"):format(cassette.path)
    return nil, ("the cassette %s has %d answers to this question, and it is asked once more"):format(cassette.path,
      #list), "UNKNOWN"
  end
  found.used = true
  return found.entry.answer
end

--- The same asker with the cassette before it. asker: as han.model.connect takes it; not called when it replays.
---@param endpoint table
---@param asker function|nil
function Cassette.wrap(cassette, endpoint, asker)
  return function(body, options)
    if cassette.replays then return replay(cassette, endpoint, body, options.id) end
    local answer, why, code = asker(body, options)
    if answer then
      add(cassette, { v = VERSION, digest = digest_of(endpoint, body), dialect = endpoint.dialect,
        model = endpoint.model, id = options.id, body = body, answer = answer })
    end
    return answer, why, code
  end
end

--- Writes what was recorded, sorted by id, so that two recordings of the same answers are the same file.
---@return boolean|nil ok
---@return string|nil message
---@return string|nil code
function Cassette.save(cassette)
  if cassette.replays then return true end
  local lines = {}
  table.sort(cassette.entries, function(a, b) return a.id ~= b.id and a.id < b.id or a.digest < b.digest end)
  for i, entry in ipairs(cassette.entries) do
    local line, why, code = json.encode(entry)
    if not line then return nil, why, code end
    lines[i] = line
  end
  return sys.write_file(cassette.path, table.concat(lines, "\n") .. "\n")
end

return M
