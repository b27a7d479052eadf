--- han stats: one method of the statistics room on data from standard input.

local json = require "han.json"
local problem = require "han.cli.problem"
local shape = require "han.shape"
local stats = require "han.stats"

local M = {
  name = "stats",
  summary = "One statistical method on JSON or CSV from standard input.",
  about = "Apply one statistical method to data from standard input: a JSON object of the method's arguments, or CSV "
    .. "whose first line names columns, each of which becomes a list. Extra arguments are given as NAME=VALUE. "
    .. "docs/statistics.md lists methods and arguments.",
  examples = {
    "echo '{\"wins\": 9, \"losses\": 2}' | han stats sign",
    "han stats paired seed=1 < scores.csv     # columns a, b, groups",
  },
}

local INPUT_MAX = 64 << 20

local function methods()
  local names = {}
  for name, fn in pairs(stats) do
    if type(fn) == "function" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

function M.options(parser)
  parser:argument("method", "One of: " .. table.concat(methods(), ", ") .. "."):argname("METHOD")
  parser:argument("given", "Arguments beside the data."):argname("NAME=VALUE"):args("*")
end

-- Words that tonumber does not read; the methods refuse them with their place.
local odd = { nan = 0 / 0, inf = math.huge, infinity = math.huge }

local function scalar(text)
  local sign, word = text:lower():match("^([+-]?)(%a+)$")
  if odd[word] then return sign == "-" and -odd[word] or odd[word] end
  if text:find("^%-?%d+$") then return math.tointeger(tonumber(text)) or tonumber(text) end
  return tonumber(text) or text
end

-- Fields of a line of CSV: quoted ones may hold commas and doubled quotes.
local function split_line(line, number)
  local fields, at = {}, 1
  while true do
    local field, after
    if line:sub(at, at) == '"' then
      field, after = line:match('^"(.-)"()%f[,%z]', at)
      while field and select(2, field:gsub('"', "")) % 2 == 1 do
        local more, later = line:match('^(.-)"()%f[,%z]', after)
        if not more then field = nil break end
        field, after = field .. '"' .. more, later
      end
      if not field then problem.usage("standard input, line %d: a quoted field is not closed", number) end
      field = field:gsub('""', '"')
    else
      field, after = line:match("^([^,]*)()", at)
      field = field:match("^%s*(.-)%s*$")
    end
    fields[#fields + 1] = field
    if line:sub(after, after) ~= "," then return fields end
    at = after + 1
  end
end

local function read_csv(text)
  local columns, data, number = nil, {}, 0
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    line = line:gsub("\r$", "")
    if line:find("%S") then
      local fields = split_line(line, number)
      if not columns then
        columns = fields
        for _, name in ipairs(columns) do
          if data[name] then problem.usage("standard input, line %d: two columns are called '%s'", number, name) end
          data[name] = {}
        end
      else
        if #fields ~= #columns then
          problem.usage("standard input, line %d: %d fields, the first line names %d columns", number, #fields,
            #columns)
        end
        for i, name in ipairs(columns) do table.insert(data[name], scalar(fields[i])) end
      end
    end
  end
  if not columns then problem.usage("standard input is empty; give JSON or CSV, see han stats --help") end
  return data
end

local function read_input(given)
  local text = io.stdin:read(INPUT_MAX + 1) or ""
  if #text > INPUT_MAX then problem.usage("standard input is longer than %d bytes", INPUT_MAX) end
  local data
  if text:find("^%s*{") then
    local why, code
    data, why, code = json.decode(text, { null = "nil" })
    if not data then problem.raise(code, "standard input: " .. why) end
  elseif text:find("^%s*%[") then
    problem.usage("standard input is a JSON list; give an object that names the argument, as in {\"p\": [...]}")
  elseif text:find("%S") or #given == 0 then
    data = read_csv(text)
  else
    data = {}
  end
  return data
end

function M.run(options, ui)
  local method = stats[options.method]
  if type(method) ~= "function" then
    problem.usage("there is no method '%s'%s", options.method, shape.hint(options.method, methods()))
  end
  local data = read_input(options.given)
  for _, word in ipairs(options.given) do
    local name, text = word:match("^([%w_]+)=(.*)$")
    if not name then problem.usage("'%s' is not NAME=VALUE", word) end
    data[name] = scalar(text)
  end
  local ok, result, why, code = pcall(method, data)
  if not ok then problem.usage("%s: %s", options.method, (tostring(result):gsub("^[^\n]-:%d+: ", ""))) end
  if result == nil then problem.raise(code, ("%s: %s"):format(options.method, why)) end
  result.schema, result.stats = 1, options.method
  ui:object(result)
  if not ui.json then ui:out("%s", (json.encode(result, { pretty = true, precision = 6 }))) end
  return 0
end

return M
