--- han.failure.python_tools: what pytest and plain Python print, as a list of failures (see han.failure).

local words = require "han.failure.words"

local M = {}

local TITLE_MAX = 500 -- bytes of a line that begins a part

local function lines_of(text)
  local list = {}
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do list[#list + 1] = line end
  return list
end

-- Whether a line of source raises on purpose.
local function raises(source) return source ~= nil and source:find "^%s*raise[%s(]" ~= nil or source == "raise" end

-- Whether a line of tests waits for an error: `with pytest.raises(...)`, `assertRaises`, `fails(lambda: ...)`.
local function waits(source)
  local line = (source or ""):lower()
  return line:find("raises", 1, true) ~= nil or line:find "^%s*%w*fails?%w*%(" ~= nil
end

-- What an exception is: its name and message, the line that raised it, whether the tests waited for an error.
local function raised(name, message, source, in_artifact, waited)
  local base = name:match "[^.]*$"
  if words.python_form[base] then return { kind = "load" } end
  if base == "Failed" then return { kind = message:find "DID NOT RAISE" and "no_error" or "assertion" } end
  if base == "AssertionError" and not in_artifact then
    if message:find "^Regex pattern did not match" then return { kind = "other_error" } end
    local got, want = words.comparison((message:gsub("^assert ", "")):match "^[^\n]*")
    if not got then got, want = words.comparison((message:gsub("^assert ", "")):match "^[^\n]*", " is ") end
    if message:find "^assert " and got then return { kind = "values", got = got, want = want } end
    got, want = words.comparison((message:gsub("^%a+ differ: ", "")):match "^[^\n]*", " != ") -- unittest
    if got then return { kind = "values", got = got, want = want } end
    local kind
    kind, want, got = words.assertion(message)
    return { kind = kind or "assertion", want = want, got = got }
  end
  if waited then return { kind = "other_error" } end
  if raises(source) or in_artifact and not words.python_own[base] then return { kind = "deliberate" } end
  return { kind = words.python_own[base] and "raised" or "deliberate" }
end

-- ---- plain Python ----

-- File "x.py", line 3, in f: the frames of the last traceback, outermost first, each with its line of source.
local function read_traceback(list, first)
  local frames, at = {}, first
  while list[at] do
    local file, line, fn = list[at]:match '^  File "([^"]*)", line (%d+), in (.*)$'
    if not file then file, line = list[at]:match '^  File "([^"]*)", line (%d+)$' end
    if file then
      frames[#frames + 1] = { file = words.base(file), line = math.tointeger(tonumber(line)), fn = fn,
        source = list[at + 1] and list[at + 1]:match "^    (.*)$" }
    elseif not list[at]:find "^%s" and list[at] ~= "" then
      break
    end
    at = at + 1
  end
  return frames, at
end

local function without_source(frames)
  local trace = {}
  for i = #frames, 1, -1 do
    trace[#trace + 1] = { file = frames[i].file, line = frames[i].line, fn = frames[i].fn }
  end
  return trace
end

local function from_traceback(frames, message, about)
  local name, said = message:match "^([%w_.]+): ?(.*)$"
  name, said = name or message:match "^[%w_.]+", said or ""
  local last, waited = frames[#frames], false
  for _, frame in ipairs(frames) do
    waited = waited or frame.file ~= about.file and (waits(frame.source) or waits((frame.fn or "") .. "("))
  end
  local failure = raised(name or "", said, last and last.source, last ~= nil and last.file == about.file, waited)
  failure.message, failure.trace = message, without_source(frames)
  return failure
end

function M.python(text, about)
  local list = lines_of(text)
  for i = #list, 1, -1 do
    if list[i]:find "^Traceback %(most recent call last%):" then
      local frames, at = read_traceback(list, i + 1)
      local message = {}
      for k = at, #list do
        if list[k] ~= "" then message[#message + 1] = list[k] end
      end
      if not message[1] then return {} end
      return { from_traceback(frames, table.concat(message, "\n"), about) }
    end
    if list[i]:find '^  File "[^"]*", line %d+$' and not text:find "Traceback" then
      local frames, at = read_traceback(list, i)
      if list[at] then return { from_traceback(frames, list[at], about) } end
    end
  end
  return {}
end

-- ---- unittest ----

-- Parts that begin with a line of =, a title "FAIL: test (where)" and a line of -, and end with a line of - or =.
function M.unittest(text, about)
  local list, failures = lines_of(text), {}
  for i, line in ipairs(list) do
    local title = line:find "^=+$" and list[i + 1] and list[i + 1]:match "^%u+: (.*)$"
    if title and list[i + 2] and list[i + 2]:find "^%-+$" then
      local stop = i + 3
      while list[stop] and not list[stop]:find "^[=-]+$" do stop = stop + 1 end
      local failure = M.python(table.concat(list, "\n", i + 3, stop - 1), about)[1]
      if failure then
        failure.test = title
        failures[#failures + 1] = failure
      end
    end
  end
  return failures
end

-- ---- pytest ----

-- The E lines of a section as one text, without the arrow.
local function said_by(section)
  local out = {}
  for _, line in ipairs(section) do
    local said = line:match "^E%s%s%s(.*)$"
    if said then out[#out + 1] = said end
  end
  return out
end

-- The parts of one failure: places "file.py:35: ..." with the source line that > points at, outermost first.
local function frames_of(section)
  local frames, source, before = {}, nil, nil
  for i, line in ipairs(section) do
    local pointed = line:match "^>%s*(.*)$"
    if pointed then source, before = pointed, section[i - 1] end
    local file, at, rest = line:match "^([^%s:]+):(%d+): ?(.*)$"
    if file and not line:find "^E" then
      local under = section[i + 1] and section[i + 1]:match "^    (%S.*)$"
      frames[#frames + 1] = { file = words.base(file), line = math.tointeger(tonumber(at)), source = source or under,
        before = before, fn = rest:match "^in (.*)$" }
      source, before = nil, nil
    end
  end
  return frames
end

local function from_section(section, test, about)
  local said, frames = said_by(section), frames_of(section)
  if not said[1] then return nil end
  local at, waited = 1, false
  -- the place of an error of form comes first
  while said[at] and (said[at]:find "^%s" or said[at] == "") do at = at + 1 end
  local first = (said[at] or said[1]):gsub("^%s+", "")
  local name, message = first:match "^([%w_.]+): ?(.*)$"
  if not name or first:find "^assert " then name, message = "AssertionError", first end
  for _, frame in ipairs(frames) do
    waited = waited or frame.file ~= about.file and (waits(frame.before) or waits(frame.source))
  end
  local last = frames[#frames]
  local failure = raised(name, message, last and last.source, last ~= nil and last.file == about.file, waited)
  failure.test, failure.message, failure.trace = test, table.concat(said, "\n"), without_source(frames)
  return failure
end

function M.pytest(text, about)
  local failures, section, test = {}, nil, nil
  local function close()
    if section then failures[#failures + 1] = from_section(section, test, about) end
    section = nil
  end
  for _, line in ipairs(lines_of(text)) do
    local short = #line <= TITLE_MAX
    local title = short and line:match "^_+ (%S.-) _+$"
    if title and not title:find "^_[ _]*$" then
      close()
      section, test = {}, title
    elseif short and line:find "^=+ .* =+$" then
      close()
    elseif section then
      section[#section + 1] = line
    end
  end
  close()
  return failures
end

return M
