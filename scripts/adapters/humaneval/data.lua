-- Reads a file in HumanEval's layout: one JSON object a line, or the same in gzip. A file comes from anywhere, so all
-- of it is checked here, and whatever is wrong is told with its line.
local json = require "han.json"
local sys = require "han.sys"

local M = {}

M.BYTES_MAX = 16 << 20   -- of the text
M.PACKED_MAX = 8 << 20   -- of a gzip file
M.LINE_MAX = 1 << 20
M.TASKS_MAX = 20000
local FIELDS = { "task_id", "prompt", "entry_point", "canonical_solution", "test" }

-- ---- the text ----

--- The text of a file, unpacked when it is gzip; nil, message, CODE.
function M.text(path)
  local text, why, code = sys.read_file(path, M.BYTES_MAX)
  if not text then return nil, why, code end
  if text:sub(1, 2) ~= "\31\139" then return text end
  if #text > M.PACKED_MAX then return nil, ("%s: more than %d bytes of gzip"):format(path, M.PACKED_MAX), "LIMIT" end
  text, why, code = sys.gunzip(text, M.BYTES_MAX)
  if not text then return nil, ("%s: %s"):format(path, why), code end
  return text
end

-- ---- one line ----

local function field_fault(row)
  for _, name in ipairs(FIELDS) do
    local value = row[name]
    if value == nil or value == json.null then return ("has no '%s'"):format(name) end
    if type(value) ~= "string" then return ("has a '%s' that is no text"):format(name) end
    if value:find("\0", 1, true) then return ("has a '%s' that holds a NUL"):format(name) end
  end
end

local function row_fault(row)
  if type(row) ~= "table" then return "is no JSON object" end
  local why = field_fault(row)
  if why then return why end
  if not row.entry_point:find("^[%a_][%w_]*$") then
    return ("has an 'entry_point' that is no name of a function: '%s'"):format(sys.escape(row.entry_point:sub(1, 60)))
  end
  if row.task_id == "" or #row.task_id > 100 or row.task_id:find("%c") then
    return "has a 'task_id' that is no name"
  end
  if not ("\n" .. row.prompt):find("\n[ \t]*def%s+" .. row.entry_point .. "%s*%(") then
    return ("has a 'prompt' that does not begin a function '%s'"):format(row.entry_point)
  end
  if not row.test:find("def%s+check%s*%(") then return "has a 'test' that defines no check(candidate)" end
end

-- The row of a line, or nil and what is wrong with it.
local function read_line(line)
  if #line > M.LINE_MAX then return nil, ("has more than %d bytes"):format(M.LINE_MAX) end
  local row, why, code = json.decode(line)
  if code then return nil, "is no JSON object: " .. (why:gsub("^JSON, ", "")) end
  why = row_fault(row)
  if why then return nil, why end
  return row
end

-- ---- all lines ----

--- The rows of a text in their order, each with its `line`; nil, "NAME:LINE: ...", "INVALID".
function M.rows(text, name)
  local rows, lines_of, number, at = {}, {}, 0, 1
  local function refuse(why) return nil, ("%s:%d: %s"):format(name, number, why), "INVALID" end
  while at <= #text do
    local stop = text:find("\n", at, true) or #text + 1
    local line = text:sub(at, stop - 1):gsub("\r$", "")
    number, at = number + 1, stop + 1
    if line:find("%S") then
      local row, why = read_line(line)
      if not row then return refuse("the line " .. why) end
      if lines_of[row.task_id] then
        return refuse(("the task_id '%s' stands in line %d already"):format(sys.escape(row.task_id),
          lines_of[row.task_id]))
      end
      if #rows == M.TASKS_MAX then return refuse(("more than %d tasks"):format(M.TASKS_MAX)) end
      lines_of[row.task_id], row.line = number, number
      rows[#rows + 1] = row
    end
  end
  if #rows == 0 then return nil, name .. ": there is no task in it", "INVALID" end
  return rows
end

--- The rows of a file.
function M.read(path)
  local text, why, code = M.text(path)
  if not text then return nil, why, code end
  return M.rows(text, path:match "[^/]*$")
end

return M
