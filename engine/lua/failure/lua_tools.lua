--- han.failure.lua_tools: what busted and plain Lua print, as a list of failures (see han.failure).

local words = require "han.failure.words"

local M = {}

local function lines_of(text)
  local list = {}
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do list[#list + 1] = line end
  return list
end

-- "file:3: in function 'money.total'" of a traceback.
local function frame(line)
  local file, at, what = line:match "^%s+(%S.-):(%d+): in (.*)$"
  if not file then return nil end
  return { file = words.base(file), line = math.tointeger(tonumber(at)), fn = what:match "'([^']*)'" }
end

-- What an error's message is, by whoever raised it: about the artifact's file.
local function raised(message, about)
  if message:find("error loading module", 1, true) or message:find("module '[^']*' not found") then
    local file, line = message:match "\n%s*(%S-):(%d+): "
    return { kind = "load", message = message, trace = file and { { file = words.base(file),
      line = math.tointeger(tonumber(line)) } } or {} }
  end
  local file, line, rest = words.placed(message)
  local here = file and { { file = words.base(file), line = line } } or {}
  if not file then
    return { kind = words.is_lua_own(message) and "raised" or "deliberate", message = message, trace = here }
  end
  if words.is_lua_own(rest) then return { kind = "raised", message = rest, trace = here } end
  if words.base(file) == about.file then return { kind = "deliberate", message = rest, trace = here } end
  local kind, want, got = words.assertion(rest)
  return { kind = kind or "assertion", message = rest, want = want, got = got, trace = here }
end

-- ---- plain Lua ----

function M.lua(text, about)
  local list = lines_of(text)
  for i, line in ipairs(list) do
    local message = line:match "^lua[%d.]*: (.*)$" or line:match "^luajit: (.*)$"
    if message then
      local at = i + 1
      while list[at] and not list[at]:find "^stack traceback:" do
        message, at = message .. "\n" .. list[at], at + 1
      end
      local failure = raised(message, about)
      if failure.kind == "load" and not failure.trace[1] then failure.trace = {} end
      for k = at + 1, #list do failure.trace[#failure.trace + 1] = frame(list[k]) end
      return { failure }
    end
  end
  return {}
end

-- ---- busted ----

local function value_after(list, head)
  for i, line in ipairs(list) do
    if line == head then
      local out = {}
      for k = i + 1, #list do
        if list[k] == "Expected:" or list[k] == "" then break end
        out[#out + 1] = list[k]
      end
      return table.concat(out, "\n")
    end
  end
end

-- "(string) 'x'" -> "string", "'x'"; of a table what is in it.
local function typed(text)
  local kind, rest = text:match "^%((%a+)[^)]*%)%s*(.*)$"
  return kind, rest
end

-- "Failure": an assertion of luassert, or any message.
local function assertion(list, about)
  local message = table.concat(list, "\n")
  local file, line = words.placed(list[1] or "")
  local failure = { message = message, trace = file and { { file = words.base(file), line = line } } or {} }
  local caught = value_after(list, "Caught:")
  if caught then
    failure.kind = caught:find("(no error)", 1, true) and "no_error" or "other_error"
    failure.got = failure.kind == "other_error" and caught or nil
    return failure
  end
  local got, want = value_after(list, "Passed in:"), value_after(list, "Expected:")
  if not got or not want then return raised(message, about) end
  failure.kind = "values"
  failure.got_type, failure.got = typed(got)
  failure.want_type, failure.want = typed(want)
  return failure
end

-- "Failure -> file @ 10" or "Error -> ..."; the test's name and the message follow.
function M.busted(text, about)
  local list, failures, at = lines_of(text), {}, 1
  while at <= #list do
    local what, file, line = list[at]:match "^(%a+) %-> (%S+) @ (%d+)$"
    if what == "Failure" or what == "Error" then
      local body, stop = {}, at + 2
      while list[stop] and not (list[stop] == "" and (not list[stop + 1] or list[stop + 1]:find "^%a+ %-> "))
        and not list[stop]:find "^%a+ %-> %S+ @ %d+$" do
        body[#body + 1] = list[stop]
        stop = stop + 1
      end
      local failure = what == "Failure" and assertion(body, about) or raised(table.concat(body, "\n"), about)
      failure.test, failure.test_file, failure.test_line = list[at + 1], words.base(file), tonumber(line)
      failures[#failures + 1] = failure
      at = stop
    else
      at = at + 1
    end
  end
  return failures
end

return M
