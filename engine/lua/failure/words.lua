--- han.failure.words: what a message of an error or an assertion says, whichever tool printed it.

local lpeg = require "lpeg"
local shown = require "han.failure.shown"

local P, R, S, C = lpeg.P, lpeg.R, lpeg.S, lpeg.C

local M = {}

-- ---- messages of the language itself ----

local function any(list)
  local pattern = P(false)
  for _, word in ipairs(list) do pattern = pattern + P(word) end
  return pattern
end

-- How Lua begins what it says itself; all else was written by somebody.
local lua_own = any { "attempt to ", "bad argument #", "stack overflow", "C stack overflow", "number has no integer",
  "string slice too long", "resulting string too large", "table overflow", "table index is ", "invalid option '",
  "malformed pattern", "malformed number near", "invalid pattern capture", "invalid capture index", "invalid use of '",
  "invalid value (", "'for' initial value", "'for' limit", "'for' step", "invalid order function", "value out of range",
  "wrong number of arguments", "too many results", "not enough memory", "string length overflow", "cannot resume",
  "pattern too complex", "missing '[' after", "number of arguments", "unfinished capture", "variable '" }

--- Whether Lua itself raised a message (without its position).
function M.is_lua_own(message) return lua_own:match(message) ~= nil end

-- What Python raises for a mistake of the program; what a program raises on purpose stands on a line with `raise`.
local python_own = {}
for word in ([[ArithmeticError AttributeError BufferError EOFError FloatingPointError ImportError IndexError
  KeyError LookupError MemoryError ModuleNotFoundError NameError NotImplementedError OSError
  OverflowError RecursionError ReferenceError RuntimeError StopIteration TypeError UnboundLocalError
  UnicodeDecodeError UnicodeEncodeError UnicodeError ValueError ZeroDivisionError FileNotFoundError
  PermissionError]]):gmatch "%S+" do python_own[word] = true end
M.python_own = python_own

M.python_form = { SyntaxError = true, IndentationError = true, TabError = true }

-- ---- what an assertion says ----

local function lower(message) return message:lower() end

local no_error = { "got none", "no error", "did not raise", "not raised", "nothing was raised", "got the value",
  "but none" }
local about_errors = { "an error", "error with", "to fail", "to raise", "to throw", "should fail", "should raise" }

local function has(message, list)
  for _, words in ipairs(list) do
    if message:find(words, 1, true) then return true end
  end
  return false
end

-- "expected V, got W", "expected V but got W": texts of both, also when they hold commas.
local function expected_got(message)
  for _, middle in ipairs { ", got ", " but got ", ", but was ", ", but it was ", ", actual " } do
    local first = message:find("expected ", 1, true) or message:find("Expected ", 1, true)
    local at, stop = message:find(middle, first or 1, true)
    if first and at then return message:sub(first + 9, at - 1):gsub("^:%s*", ""), message:sub(stop + 1) end
  end
end

local capital = R "AZ" * (R("az", "AZ", "09") + S "_.") ^ 0 * -1

--- What a failed assertion's message tells: kind, want, got. kind is "no_error" (an error was wanted and none came),
--- "other_error" (another came), "values" (want and got are texts of values), or nil when it cannot be told.
function M.assertion(message)
  local want, got = expected_got(message)
  local said = lower(message)
  local errors = has(said, about_errors) or want ~= nil and capital:match(want) ~= nil and not shown.kind(want)
  if errors or has(said, { "did not raise", "not raised" }) then
    return has(said, no_error) and "no_error" or "other_error", want, got
  end
  if want and shown.kind(want) and shown.kind(got) then return "values", want, got end
  return nil, want, got
end

-- The two sides of "A == B" at its top level, strings and brackets respected.
local open = { ["("] = 1, ["["] = 1, ["{"] = 1, [")"] = -1, ["]"] = -1, ["}"] = -1 }

--- The sides of a comparison (" == " when it is not said) that was printed with its values: got, want; or nil.
function M.comparison(text, sign)
  sign = sign or " == "
  local depth, quote, i = 0, nil, 1
  while i <= #text do
    local c = text:sub(i, i)
    if quote then
      if c == "\\" then i = i + 1 elseif c == quote then quote = nil end
    elseif c == "'" or c == '"' then quote = c
    elseif open[c] then depth = depth + open[c]
    elseif depth == 0 and text:sub(i, i + 3) == sign then return text:sub(1, i - 1), text:sub(i + 4) end
    i = i + 1
  end
  return nil
end

-- ---- places ----

local place = C((1 - S ":\n") ^ 1) * ":" * (C(R "09" ^ 1) / tonumber) * ":" * P " " ^ 0 * C(P(1) ^ 0)

--- "file:line: rest" -> file, line, rest; nil when it does not begin so.
function M.placed(text) return place:match(text) end

--- The name of a file without its folders.
function M.base(path) return path:match "[^/\\]*$" end

return M
