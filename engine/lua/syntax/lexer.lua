--- The tokens of Lua 5.4 as LPeg patterns, the list of a text's tokens, and what is wrong where none starts.
-- The patterns follow llex.c: what it would read greedily and then refuse is refused here as well.
local lpeg = require "lpeg"

local P, S, R, Cp, Ct = lpeg.P, lpeg.S, lpeg.R, lpeg.Cp, lpeg.Ct
local M = {}

local words = { "and", "break", "do", "elseif", "else", "end", "false", "for", "function", "goto", "if", "in", "local",
  "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }
local alpha = R("az", "AZ", "__")
local alnum = R("az", "AZ", "09", "__")
local digit, hex = R "09", R("09", "af", "AF")
local newline = P "\r\n" + P "\n\r" + S "\r\n"

local reserved = P(false)
for _, word in ipairs(words) do
  reserved = reserved + P(word)
end
reserved = reserved * -alnum
local identifier = alpha * alnum ^ 0
local plain_name = identifier - reserved

-- `at` is after the first byte of an opening bracket that is known to match; gives the offset after the closing one.
local function close_long(text, at)
  local _, stop, level = text:find("^(=*)%[", at)
  local _, last = text:find("]" .. level .. "]", stop + 1, true)
  return last and last + 1 or false
end
local long_open = P "[" * P "=" ^ 0 * "["
local long_bracket = #long_open * P "[" * P(close_long)
local comment = P "--" * (long_bracket + -long_open * (1 - S "\r\n") ^ 0)
local blank = S " \t\r\n\f\v" ^ 1
local sp = (blank + comment) ^ 0

-- luac reads greedily (any hex digit, point, exponent sign, letter) and then refuses: so a valid number must end there.
local exponent = S "eE" * S "+-" ^ -1 * digit ^ 1
local binary_exponent = S "pP" * S "+-" ^ -1 * digit ^ 1
local hex_number = P "0" * S "xX" * (hex ^ 1 * (P "." * hex ^ 0) ^ -1 + P "." * hex ^ 1) * binary_exponent ^ -1
local decimal = (digit ^ 1 * (P "." * digit ^ 0) ^ -1 + P "." * digit ^ 1) * exponent ^ -1
local number = (hex_number + decimal) * -(alnum + ".")

-- \u{...} is at most 2^31 - 1 whatever the leading zeros; \ddd at most 255.
local seven_hex = hex * hex * hex * hex * hex * hex * hex
local unicode = P "u{" * #hex * P "0" ^ 0 * (R "17" * seven_hex + hex ^ -7) * "}"
local decimal_escape = (R "01" * digit * digit + P "2" * R "04" * digit + P "25" * R "05" + digit * digit ^ -1 * -digit)
local escape = P "\\" * (S "abfnrtv\\\"'" + newline + P "z" * S " \t\r\n\f\v" ^ 0 + P "x" * hex * hex
  + decimal_escape + unicode)
local function quoted(mark)
  return P(mark) * ((1 - S("\\\r\n" .. mark)) + escape) ^ 0 * mark
end
local string_token = quoted '"' + quoted "'" + long_bracket
local shebang = P "\239\187\191" ^ -1 * (P "#" * (1 - S "\n") ^ 0) ^ -1

local symbol = P "..." + ".." + "==" + "~=" + "<=" + ">=" + "//" + "::" + "<<" + ">>" + S "+-*/%^#&~|<>=(){}]:;,."
  + P "[" * -(P "=" ^ 0 * "[" + "=")

-- Two characters that, put side by side, would read as another token or start a comment or a long string.
M.fusing = {}
for pair in ("-- // == ~= <= >= << >> :: .. [[ [="):gmatch "%S+" do M.fusing[pair] = true end

M.alnum, M.sp, M.identifier, M.plain_name, M.number, M.string, M.shebang = alnum, sp, identifier, plain_name, number,
  string_token, shebang

---- Errors

local any_token = identifier + number + string_token + symbol
local malformed = (digit + P "." * digit) * (alnum + "." + S "eEpP" * S "+-") ^ 0

-- What cannot be a token at `at`, in words; nil when a token starts there.
function M.fault(text, at)
  if text:find("^%-%-%[=*%[", at) then return "unfinished long comment" end
  if at > #text or lpeg.match(any_token, text, at) then return nil end
  if text:find("^%[=*%[", at) then return "unfinished long string" end
  if text:find("^%[=", at) then return "invalid long string delimiter" end
  if lpeg.match(malformed, text, at) then return "malformed number" end
  local mark = text:match("^[\"']", at)
  if not mark then return "unexpected symbol" end
  local stop = lpeg.match(mark * ((1 - S("\\\r\n" .. mark)) + escape) ^ 0, text, at)
  return text:sub(stop, stop) == "\\" and "invalid escape sequence" or "unfinished string"
end

-- The token at `at` as messages show it: 40 bytes of it, or 20 of what does not end.
function M.near(text, at)
  if at > #text then return "<eof>" end
  local fault = M.fault(text, at)
  local stop = not fault and lpeg.match(any_token, text, at) or lpeg.match(malformed, text, at) or at + 1
  if fault and (fault:find "^unfinished" or fault:find "^invalid") then
    stop = math.min(text:find("[\r\n]", at) or #text + 1, at + 20)
  end
  local token = text:sub(at, math.min(stop - 1, at + 39))
  return "'" .. token:gsub("[%c\128-\255]", function(c) return ("\\%d"):format(c:byte()) end) .. "'"
end

---- The list

local function make_token(kind)
  return function(first, stop)
    return { kind = kind, first = first, last = stop - 1 }
  end
end

local function token(pattern, kind)
  return Cp() * pattern * Cp() / make_token(kind)
end

local one_token = token(blank, "space") + token(comment, "comment") + token(reserved, "keyword") + token(identifier,
  "name")
  + token(number, "number") + token(string_token, "string") + token(symbol, "symbol")
local all_tokens = Ct((token(P "\239\187\191" ^ -1 * P "#" * (1 - S "\n") ^ 0 + "\239\187\191",
  "shebang")) ^ -1 * one_token ^ 0) * Cp()

local function refusal(text, at)
  return nil, { offset = at, expected = {}, message = M.fault(text, at) or "unexpected symbol" }
end

-- The tokens of `text`, or nil and { offset=, message= }.
function M.tokens(text)
  local list, stop = lpeg.match(all_tokens, text)
  if stop <= #text then return nil, { offset = stop, expected = {}, message = M.fault(text, stop)
    or "unexpected symbol" } end
  return list
end

local normal_tokens = lpeg.Cs((shebang / "") * ((blank + comment) / "" + any_token / "%0\n") ^ 0) * Cp()

-- The tokens of `text` alone, one a line, or nil and { offset=, message= }.
function M.normal(text)
  local tokens, stop = lpeg.match(normal_tokens, text)
  if stop <= #text then return refusal(text, stop) end
  return tokens
end

return M
