--- han.patch.diff: unified diffs of one file, made and applied with fuzz 0. A diff comes from whoever wrote it and is
-- read as hostile: every way in which it could mean something else than its lines has a refusal with a name.
--
-- apply(text, diff, name) -> the new text, or nil, message, CODE:
--   TOO_MANY_HUNKS, TOO_LARGE   more than M.HUNKS hunks, more than M.BYTES bytes
--   NO_NEWLINE    it ends without a newline, as when it was cut off; or it changes whether the file does
--   LINE_ENDS     its lines end otherwise than those of the text (CRLF)
--   PATH          it names another file than `name` (a/ and b/ before it are left out), several, none that was there
--                 before, or does more to one than to change lines: rename, delete, mode, binary
--   MALFORMED     it is no unified diff, or its counts of lines are wrong
--   OVERLAP       hunks overlap or go back
--   CONTEXT       what it says stands there does not
--   EMPTY         it changes nothing

local lines = require "han.improve.diff"

local M = {}

M.HUNKS = 200
M.BYTES = 1 << 20
M.AROUND = 3 -- lines of context in a diff that is made

local ANNOUNCED = { "diff %-%-git ", "index %x+%.%.%x+" }
local MORE = { "rename ", "copy ", "similarity ", "dissimilarity ", "new file", "deleted file", "old mode", "new mode",
  "GIT binary", "Binary files" }

-- Lines with what ends them.
local function split(text)
  local list = {}
  for line in text:gmatch "[^\n]*\n" do list[#list + 1] = line end
  local rest = text:match "[^\n]*$"
  if rest ~= "" then list[#list + 1] = rest end
  return list
end

-- ---- making one ----

-- Runs of changes with context: { first, last } in the list of steps.
local function runs_of(steps)
  local runs = {}
  for i, step in ipairs(steps) do
    if step[1] ~= " " then
      local last = runs[#runs]
      if last and i - last[2] <= 2 * M.AROUND then last[2] = i else runs[#runs + 1] = { i, i } end
    end
  end
  return runs
end

local function place(at, count)
  if count == 1 then return tostring(at) end
  return ("%d,%d"):format(count == 0 and at - 1 or at, count)
end

local function put_line(out, step)
  local text = step[2]
  out[#out + 1] = step[1] .. text .. (text:sub(-1) == "\n" and "" or "\n\\ No newline at end of file\n")
end

-- What two lists of lines have in common at their ends is left to no algorithm.
local function steps_of(a, b)
  local head, tail = 0, 0
  while head < #a and head < #b and a[head + 1] == b[head + 1] do head = head + 1 end
  while tail < #a - head and tail < #b - head and a[#a - tail] == b[#b - tail] do tail = tail + 1 end
  local steps = {}
  for i = 1, head do steps[i] = { " ", a[i] } end
  local middle = lines.steps(table.move(a, head + 1, #a - tail, 1, {}), table.move(b, head + 1, #b - tail, 1, {}))
  table.move(middle, 1, #middle, #steps + 1, steps)
  for i = #a - tail + 1, #a do steps[#steps + 1] = { " ", a[i] } end
  return steps
end

local function count(steps, first, last, sign)
  local n = 0
  for i = first, last do
    if steps[i][1] ~= sign then n = n + 1 end
  end
  return n
end

--- The unified diff from one text to another; empty when they are the same.
function M.make(old, new, name)
  local steps = steps_of(split(old), split(new))
  local out, done, at_old, at_new = {}, 0, 1, 1
  for _, run in ipairs(runs_of(steps)) do
    local first, last = math.max(1, run[1] - M.AROUND), math.min(#steps, run[2] + M.AROUND)
    at_old, at_new = at_old + count(steps, done + 1, first - 1, "+"), at_new + count(steps, done + 1, first - 1, "-")
    local of_old, of_new = count(steps, first, last, "+"), count(steps, first, last, "-")
    out[#out + 1] = ("@@ -%s +%s @@\n"):format(place(at_old, of_old), place(at_new, of_new))
    for i = first, last do put_line(out, steps[i]) end
    done, at_old, at_new = last, at_old + of_old, at_new + of_new
  end
  if #out == 0 then return "" end
  return ("--- a/%s\n+++ b/%s\n"):format(name, name) .. table.concat(out)
end

-- ---- reading one ----

local function refuse(code, format, ...) error({ code = code, message = format:format(...) }, 0) end

local function check_size(diff)
  local hunks = 0
  for _ in ("\n" .. diff):gmatch "\n@@ " do
    hunks = hunks + 1
    if hunks > M.HUNKS then refuse("TOO_MANY_HUNKS", "it has more than %d hunks", M.HUNKS) end
  end
  if #diff > M.BYTES then refuse("TOO_LARGE", "it has more than %d bytes", M.BYTES) end
  if diff == "" then refuse("EMPTY", "it is empty") end
  if diff:sub(-1) ~= "\n" then refuse("NO_NEWLINE", "it does not end with a newline; was it cut off?") end
  if diff:find("\0", 1, true) then refuse("MALFORMED", "it holds a zero byte") end
end

local function starts_with(line, list)
  for _, pattern in ipairs(list) do
    if line:find("^" .. pattern) then return true end
  end
  return false
end

-- "--- a/name\ttime" -> name
local function named(line)
  local name = line:sub(5):match "^[^\t\r\n]*"
  return (name:gsub("^[ab]/", "", 1))
end

local function check_name(line, name, number)
  local found = named(line)
  if found ~= name then
    refuse("PATH", "line %d names '%s'; only '%s' may be changed", number, found:sub(1, 200), name)
  end
end

-- The head: up to the first hunk, its line.
local function read_head(list, name)
  local at = 1
  while list[at] and not list[at]:find "^%-%-%- " do
    if starts_with(list[at], MORE) then refuse("PATH", "line %d does more than change lines", at) end
    if not starts_with(list[at], ANNOUNCED) then
      refuse("MALFORMED", "line %d is no part of a unified diff; it begins with '--- a/%s'", at, name)
    end
    at = at + 1
  end
  if not list[at] then refuse("MALFORMED", "it has no '--- a/%s'", name) end
  check_name(list[at], name, at)
  if not (list[at + 1] or ""):find "^%+%+%+ " then refuse("MALFORMED", "line %d must be '+++ b/%s'", at + 1, name) end
  check_name(list[at + 1], name, at + 1)
  if not list[at + 2] then refuse("EMPTY", "it has no hunk") end
  return at + 2
end

local function read_range(text)
  local first, rows = text:match "^(%d+),(%d+)$"
  if not first then first, rows = text:match "^%d+$", "1" end
  if not first or #first > 9 or #rows > 9 then return nil end
  return math.tointeger(tonumber(first)), math.tointeger(tonumber(rows))
end

-- One hunk from its head on: { first=, old = lines, new = lines }, and the line behind it.
local function read_hunk(list, at)
  local a, b = list[at]:match "^@@ %-(%S+) %+(%S+) @@"
  local first, of_old = read_range(a or "")
  local first_new, of_new = read_range(b or "")
  if not first or not first_new then
    if list[at]:find "^%-%-%- " or starts_with(list[at], ANNOUNCED) or starts_with(list[at], MORE) then
      refuse("PATH", "line %d begins another file", at)
    end
    refuse("MALFORMED", "line %d is no head of a hunk, '@@ -1,3 +1,4 @@'", at)
  end
  local hunk = { first = of_old == 0 and first + 1 or first, first_new = of_new == 0 and first_new + 1 or first_new,
    old = {}, new = {}, line = at }
  local changed, last = false, nil
  at = at + 1
  while list[at] and (#hunk.old < of_old or #hunk.new < of_new or list[at]:find "^\\") do
    local sign, text = list[at]:sub(1, 1), list[at]:sub(2)
    if sign == "\\" then
      for _, side in ipairs(last or {}) do side[#side] = side[#side]:gsub("\r?\n$", "") end
      last = nil
    elseif sign == " " or sign == "-" or sign == "+" then
      last = sign == " " and { hunk.old, hunk.new } or { sign == "-" and hunk.old or hunk.new }
      for _, side in ipairs(last) do side[#side + 1] = text end
      changed = changed or sign ~= " "
    else
      refuse("MALFORMED", "line %d begins with none of ' ', '-', '+'", at)
    end
    at = at + 1
  end
  if #hunk.old ~= of_old or #hunk.new ~= of_new then
    refuse("MALFORMED", "the hunk of line %d has other counts of lines than it says", hunk.line)
  end
  if not changed then refuse("EMPTY", "the hunk of line %d changes nothing", hunk.line) end
  return hunk, at
end

local function read(list, name)
  local at, hunks = read_head(list, name), {}
  while list[at] do
    hunks[#hunks + 1], at = read_hunk(list, at)
  end
  return hunks
end

-- ---- applying ----

-- How the lines of a text end: "\r\n" everywhere, nowhere, or mixed (nil).
local function ending_of(text)
  local _, all = text:gsub("\n", "")
  local _, crlf = text:gsub("\r\n", "")
  if crlf == 0 and not text:find("\r", 1, true) then return "\n" end
  return crlf == all and "\r\n" or nil
end

local function check_ends(text, diff, hunks)
  local ending = ending_of(text)
  if ending == "\n" and diff:find("\r", 1, true) then
    refuse("LINE_ENDS", "it has carriage returns, and the lines of the file end without")
  end
  for _, hunk in ipairs(hunks) do
    for _, line in ipairs(ending == "\r\n" and hunk.new or {}) do
      if line:sub(-1) == "\n" and line:sub(-2) ~= "\r\n" then
        refuse("LINE_ENDS", "the hunk of line %d ends a line without a carriage return, as the file has", hunk.line)
      end
    end
  end
end

local function check_hunk(list, hunk, shift)
  for i, line in ipairs(hunk.old) do
    local here = list[hunk.first + i - 1]
    if here ~= line then
      if here and here:gsub("\r?\n$", "") == line:gsub("\r?\n$", "") and here:sub(-1) ~= line:sub(-1) then
        refuse("NO_NEWLINE", "the hunk of line %d is wrong about the newline at the end of the file", hunk.line)
      end
      refuse("CONTEXT", "line %d of the file is not what the hunk of line %d says: %s", hunk.first + i - 1, hunk.line,
        (line:gsub("\r?\n$", ""):sub(1, 200)))
    end
  end
  if hunk.first_new ~= hunk.first + shift then
    refuse("MALFORMED", "the hunk of line %d would not begin where it says", hunk.line)
  end
end

local function apply(text, diff, name)
  check_size(diff)
  local hunks, list = read(split(diff), name), split(text)
  check_ends(text, diff, hunks)
  local out, at, shift = {}, 1, 0
  for _, hunk in ipairs(hunks) do
    if hunk.first < at then refuse("OVERLAP", "the hunk of line %d lies in one before it", hunk.line) end
    if hunk.first > #list + 1 then refuse("CONTEXT", "the hunk of line %d begins behind the end", hunk.line) end
    check_hunk(list, hunk, shift)
    table.move(list, at, hunk.first - 1, #out + 1, out)
    table.move(hunk.new, 1, #hunk.new, #out + 1, out)
    at, shift = hunk.first + #hunk.old, shift + #hunk.new - #hunk.old
  end
  table.move(list, at, #list, #out + 1, out)
  local new = table.concat(out)
  if (new:sub(-1) == "\n") ~= (text:sub(-1) == "\n") then
    refuse("NO_NEWLINE", "the end of the file must stay as it is, %s a newline",
      text:sub(-1) == "\n" and "with" or "without")
  end
  if new == text then refuse("EMPTY", "it changes nothing") end
  return new
end

--- Applies a diff to a text; see the head of this file.
function M.apply(text, diff, name)
  local ok, result = pcall(apply, text, diff, name)
  if ok then return result end
  if type(result) ~= "table" or not result.code then error(result, 0) end
  return nil, "the diff is refused: " .. result.message, result.code
end

return M
