--- han.cli.ui: what a command prints. Results go to standard output, everything else to standard error;
-- colour and the live line only where a person looks; untrusted text only through `safe`.

local json = require "han.json"
local sys = require "han.sys"

local M = {}

local codes = { bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

local function coloured(fd)
  local no_color, term = sys.env("NO_COLOR"), sys.env("TERM")
  return sys.isatty(fd) and (no_color == nil or no_color == "") and term ~= "dumb"
end

--- Text of unknown origin, made safe for a terminal and for one line.
function M.safe(text)
  return (sys.escape(tostring(text)):gsub("[\n\t]", { ["\n"] = "\\n", ["\t"] = "\\t" }))
end

--- Text of unknown origin that may have several lines.
function M.safe_lines(text)
  return sys.escape(tostring(text))
end

local methods = { safe = M.safe, safe_lines = M.safe_lines }
local ui_meta = { __index = methods }

--- A printer. `json_mode`: standard output is kept for one JSON object.
function M.new(json_mode)
  return setmetatable({
    json = json_mode or false, colour = { coloured(1), coloured(2) }, live = false,
    is_terminal = sys.isatty(2),
  }, ui_meta)
end

--- A line of the result, formatted; nothing in JSON mode.
function methods:out(format, ...)
  if self.json then return end
  self:clear()
  io.stdout:write(select("#", ...) > 0 and format:format(...) or format, "\n")
end

--- A line to standard error.
function methods:note(format, ...)
  self:clear()
  io.stdout:flush()
  io.stderr:write(select("#", ...) > 0 and format:format(...) or format, "\n")
end

--- One JSON object on standard output, in JSON mode only. Floats are exact, with as few digits as that takes.
function methods:object(value)
  if not self.json then return end
  local text, why = json.encode(value, { lossy = true })
  if not text then error("cannot write the result as JSON: " .. why, 0) end
  io.stdout:write(text, "\n")
end

--- Text as it is on standard output, in any mode.
function methods:raw(text) -- luacheck: no self
  io.stdout:write(text)
end

function methods:paint(name, text)
  if not self.colour[1] then return text end
  return ("\27[%sm%s\27[0m"):format(codes[name], text)
end

function methods:paint_note(name, text)
  if not self.colour[2] then return text end
  return ("\27[%sm%s\27[0m"):format(codes[name], text)
end

--- Replaces the live line (terminals only).
function methods:line(text)
  if not self.is_terminal then return end
  local width = sys.width() or 80
  if #text >= width then text = text:sub(1, width - 1) end
  io.stderr:write("\r", text, "\27[K")
  io.stderr:flush()
  self.live = true
end

--- Takes the live line away, so that a whole line can be printed.
function methods:clear()
  if not self.live then return end
  io.stderr:write("\r\27[K")
  self.live = false
end

local function visible_length(text)
  local plain = text:gsub("\27%[%d*m", "")
  return utf8.len(plain) or #plain
end

--- Prints rows (lists of strings) in columns; `right` = set of the columns aligned to the right.
function methods:table(rows, right)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, visible_length(cell)) end
  end
  for _, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      local pad = (" "):rep(widths[i] - visible_length(cell))
      cells[i] = right and right[i] and pad .. cell or cell .. pad
    end
    self:out("%s", (table.concat(cells, "  "):gsub("%s+$", "")))
  end
end

return M
