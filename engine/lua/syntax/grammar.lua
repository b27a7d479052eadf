--- The grammar of Lua 5.4 in LPeg, from bytes to nodes.
-- Owns token patterns, the tree's shape and the position and expectations of a syntax error. One definition is compiled
-- twice: plain, to parse; and noting, where every refused token records what was expected at the furthest offset
-- reached,
-- run only for a text the plain one refused. Rules about names and limits are scope.lua's.
local lpeg = require "lpeg"

local P, S, R, V, C, Cc, Cp, Ct = lpeg.P, lpeg.S, lpeg.R, lpeg.V, lpeg.C, lpeg.Cc, lpeg.Cp, lpeg.Ct
local M = {}

-- A level of nesting takes fewer than 16 entries of LPeg's stack and the compiler allows 198 levels; more is an
-- error, not a crash.
lpeg.setmaxstack(4096)

M.keywords = {}
local words = { "and", "break", "do", "elseif", "else", "end", "false", "for", "function", "goto", "if", "in", "local",
  "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }
for _, word in ipairs(words) do
  M.keywords[word] = true
end

---- Tokens

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

---- Nodes

local function simple(kind, length)
  return function(first)
    return { kind = kind, first = first, last = first + length - 1, parent = false }
  end
end

local function make_name(first, text)
  return { kind = "name", first = first, last = first + #text - 1, parent = false, name = text, declaration = false,
    scope = false }
end

local function make_key(first, text)
  return { kind = "key", first = first, last = first + #text - 1, parent = false, name = text }
end

local function make_number(first, text)
  return { kind = "number", first = first, last = first + #text - 1, parent = false, text = text }
end

local function make_string(first, text)
  return { kind = "string", first = first, last = first + #text - 1, parent = false, text = text }
end

local function make_paren(first, inner, stop)
  return { kind = "paren", first = first, last = stop - 1, parent = false, inner = inner }
end

-- Suffixes are made without their object; fold_suffixes gives it, from the left.
local function make_field(key)
  return { kind = "field", first = 0, last = key.last, parent = false, object = false, key = key }
end

local function make_index(key, stop)
  return { kind = "index", first = 0, last = stop - 1, parent = false, object = false, key = key }
end

local function make_call(args, stop, style)
  return { kind = "call", first = 0, last = stop and stop - 1 or args[1].last, parent = false, callee = false,
    args = args, style = style }
end

local function make_method(key, args, stop, style)
  return { kind = "method", first = 0, last = stop and stop - 1 or args[1].last, parent = false, object = false,
    key = key, args = args,
    style = style }
end

local function fold_suffixes(object, suffixes)
  if not suffixes then return object end
  local first = object.first
  for i = 1, #suffixes do
    local suffix = suffixes[i]
    suffix.first = first
    if suffix.kind == "call" then suffix.callee = object else suffix.object = object end
    object = suffix
  end
  return object
end

local function make_function(first, params, vararg, body, stop)
  return { kind = "function", first = first, last = stop - 1, parent = false, params = params, vararg = vararg,
    method = false,
    body = body, self = false }
end

local function make_pair(key, value)
  return { kind = "pair", first = key.first, last = value.last, parent = false, key = key, value = value }
end

local function make_keyed(first, key, value)
  return { kind = "keyed", first = first, last = value.last, parent = false, key = key, value = value }
end

local function make_table(first, items, stop)
  return { kind = "table", first = first, last = stop - 1, parent = false, items = items }
end

---- Precedence: the reference manual, 3.4.8. An operator binds its left operand by [1] and its right one by [2].

local priority = {
  ["or"] = { 1, 1 }, ["and"] = { 2, 2 },
  ["<"] = { 3, 3 }, [">"] = { 3, 3 }, ["<="] = { 3, 3 }, [">="] = { 3, 3 }, ["~="] = { 3, 3 }, ["=="] = { 3, 3 },
  ["|"] = { 4, 4 }, ["~"] = { 5, 5 }, ["&"] = { 6, 6 }, ["<<"] = { 7, 7 }, [">>"] = { 7, 7 }, [".."] = { 9, 8 },
  ["+"] = { 10, 10 }, ["-"] = { 10, 10 }, ["*"] = { 11, 11 }, ["/"] = { 11, 11 }, ["//"] = { 11, 11 }, ["%"] = { 11,
    11 },
  ["^"] = { 14, 13 },
}
local unary_priority = 12
M.priority, M.unary_priority = priority, unary_priority

-- The flat form of an expression: operands are nodes, an operator is two items, its offset and its text.
-- Recursion follows the compiler's, so the level it would refuse is refused here before this stack grows.
local climb
local function operand(items, at, level)
  local item = items[at]
  if type(item) ~= "number" then return item, at + 1 end
  local op = items[at + 1]
  local inner, next_at = climb(items, at + 2, unary_priority, level + 1)
  return { kind = "unop", first = item, last = inner.last, parent = false, op = op, op_first = item,
    operand = inner }, next_at
end

function climb(items, at, limit, level)
  if level > 400 then error { offset = items[at - 2], message = "chunk has too many syntax levels" } end
  local left
  left, at = operand(items, at, level)
  local op = items[at + 1]
  while op and priority[op][1] > limit do
    local op_first = items[at]
    local right, next_at = climb(items, at + 2, priority[op][2], level + 1)
    left = { kind = "binop", first = left.first, last = right.last, parent = false, op = op, op_first = op_first,
      left = left, right = right }
    at = next_at
    op = items[at + 1]
  end
  return left, at
end

local function fold_binary(first, items)
  if not items then return first end
  if #items == 3 and priority[items[2]] then
    local right = items[3]
    return { kind = "binop", first = first.first, last = right.last, parent = false, op = items[2],
      op_first = items[1], left = first,
      right = right }
  end
  items[0] = first
  return (climb(items, 0, 0, 0))
end

local function fold_unary(items)
  return (climb(items, 1, 0, 0))
end

---- Statements

local function make_block(open, list)
  local count = #list
  list.kind, list.parent, list.open, list.close = "block", false, open, 0
  list.first = count > 0 and list[1].first or open
  list.last = count > 0 and list[count].last or open - 1
  return list
end

local function make_chunk(body, stop)
  return { kind = "chunk", first = 1, last = stop - 1, parent = false, body = body }
end

local function make_local(first, names, values)
  local tail = values and values[#values] or names[#names]
  return { kind = "local", first = first, last = tail.attrib_last or tail.last, parent = false, names = names,
    values = values or {} }
end

local function make_attrib(name, attrib, stop)
  name.attrib = attrib or false
  name.attrib_last = attrib and stop - 1 or nil
  return name
end

local function make_localfunction(first, name, func)
  return { kind = "localfunction", first = first, last = func.last, parent = false, name = name, func = func }
end

local function make_funcstat(first, target, method, func)
  func.method = method and true or false
  if method then
    target = { kind = "field", first = target.first, last = method.last, parent = false, object = target, key = method }
  end
  return { kind = "funcstat", first = first, last = func.last, parent = false, target = target, func = func,
    method = func.method }
end

local function make_expression_statement(head, others, values)
  if values then
    table.insert(others, 1, head)
    return { kind = "assign", first = head.first, last = values[#values].last, parent = false, targets = others,
      values = values }
  end
  return { kind = "callstat", first = head.first, last = head.last, parent = false, call = head }
end

local function make_do(first, body, stop)
  return { kind = "do", first = first, last = stop - 1, parent = false, body = body }
end

local function make_while(first, cond, body, stop)
  return { kind = "while", first = first, last = stop - 1, parent = false, cond = cond, body = body }
end

local function make_repeat(first, body, until_first, cond)
  return { kind = "repeat", first = first, last = cond.last, parent = false, body = body, until_first = until_first,
    cond = cond }
end

local function make_clause(first, cond, body)
  return { kind = "clause", first = first, last = body.last, parent = false, cond = cond, body = body }
end

local function make_if(first, clauses, orelse, stop)
  return { kind = "if", first = first, last = stop - 1, parent = false, clauses = clauses, orelse = orelse }
end

local function make_for(first, loop, stop)
  loop.first, loop.last = first, stop - 1
  return loop
end

local function make_fornum(var, start, limit, step, body)
  return { kind = "fornum", first = 0, last = 0, parent = false, var = var, start = start, limit = limit, step = step,
    body = body }
end

local function make_forin(names, values, body)
  return { kind = "forin", first = 0, last = 0, parent = false, names = names, values = values, body = body }
end

local function make_return(first, values, stop)
  local last = stop and stop - 1 or #values > 0 and values[#values].last or first + 5
  return { kind = "return", first = first, last = last, parent = false, values = values }
end

local function make_goto(first, name)
  return { kind = "goto", first = first, last = name.last, parent = false, label = name.name }
end

local function make_label(first, name, stop)
  return { kind = "label", first = first, last = stop - 1, parent = false, label = name.name }
end

---- The grammar

-- The noting grammar's record: the furthest offset at which a token was refused, and the labels refused there.
local far, wanted, last_suffix

local function note(label)
  return P(function(_, at)
    if at > far then
      far, wanted = at, { [label] = true }
    elseif at == far then
      wanted[label] = true
    end
    return true
  end) * P(false)
end

local function build(noting)
  local function want(pattern, label)
    return noting and pattern + note(label) or pattern
  end
  local function mark(kind)
    return noting and P(function(_, at) last_suffix = kind return at end) or P(true)
  end
  local function word(text, optional)
    local pattern = P(text) * -alnum
    return optional and pattern or want(pattern, "'" .. text .. "'")
  end
  local function sym(pattern, label)
    return want(P(pattern), label or "'" .. pattern .. "'") * sp
  end
  local function plain(pattern)
    return P(pattern) * sp
  end

  local name_text = want(C(plain_name), "a name") * sp
  local name = Cp() * name_text / make_name
  local key = Cp() * name_text / make_key
  local number_node = Cp() * C(number) * sp / make_number
  local string_node = Cp() * C(string_token) * sp / make_string
  local comma = want(plain ",", "','")
  local assign = want(P "=" * -P "=", "'='") * sp
  local stop = word "end" * Cp() * sp

  local single = {}
  for _, kind in ipairs { "nil", "true", "false" } do
    single[kind] = Cp() * word(kind, true) * sp / simple(kind, #kind)
  end

  local binop = P "or" * -alnum + P "and" * -alnum + "==" + "~=" + "<=" + ">=" + "<<" + ">>" + "//" + P ".." * -P "."
    + S "+*/%^&|<>" + P "-" * -P "-" + P "~"
  local unop = P "not" * -alnum + P "-" * -P "-" + "#" + P "~" * -P "="

  local exp_list = Ct(V "exp" * (comma * V "exp") ^ 0)
  local no_list = Ct(P(true))
  local is_var = noting and P(function(_, at) return last_suffix == "var" and at end) or P(true)
  local is_call = noting and (P(function(_, at) return last_suffix == "call" and at end) + note "arguments") or P(true)
  local param_list = Ct(name * (plain "," * name) ^ 0) * (comma * P "..." * sp * Cc(true) + Cc(false))
    + no_list * (P "..." * sp * Cc(true) + Cc(false))
  local attrib_name = name * (P "<" * -S "<=" * sp * name_text * want(P ">" * -S ">=",
    "'>'") * Cp() * sp) ^ -1 / make_attrib
  local target = lpeg.Cf(name * (plain(P "." * -P ".") * key) ^ 0, function(object, field_key)
    local field = make_field(field_key)
    field.first, field.object = object.first, object
    return field
  end)
  local separator = S ",;" * sp
  local function_tail = sym "(" * param_list * want(P ")", "')'") * V "block" * stop

  return {
    chunk = shebang * V "block" * want(P(-1), "<eof>") * Cp() / make_chunk,
    string_chunk = V "block" * want(P(-1), "<eof>") * Cp() / make_chunk,
    expression = sp * V "exp" * want(P(-1), "<eof>"),
    statements = V "block" * want(P(-1), "<eof>"),
    block = Cp() * sp * Ct(V "statement" ^ 0 * V "ret" ^ -1) / make_block,

    statement = V "local_function" + V "local_" + V "if_" + V "expression_statement" + V "for_" + V "function_"
      + V "while_"
      + V "repeat_" + V "do_"
      + Cp() * word("break", true) * sp / simple("break", 5)
      + Cp() * word("goto", true) * sp * name / make_goto
      + Cp() * plain "::" * name * want(P "::", "'::'") * Cp() * sp / make_label
      + Cp() * plain ";" / simple("empty", 1)
      + (noting and note "a statement" or P(false)),
    local_function = Cp() * word("local", true) * sp * word("function",
      true) * sp * name * V "function_body" / make_localfunction,
    local_ = Cp() * word("local",
      true) * sp * Ct(attrib_name * (comma * attrib_name) ^ 0) * (assign * exp_list) ^ -1 / make_local,
    expression_statement = V "suffixed" * (is_var * Ct((comma * V "suffixed") ^ 0) * assign * exp_list + is_call)
      / make_expression_statement,
    if_ = Cp() * Ct(V "if_clause" * V "elseif_clause" ^ 0) * (word "else" * V "block" + Cc(false)) * stop / make_if,
    if_clause = Cp() * word("if", true) * sp * V "exp" * word "then" * V "block" / make_clause,
    elseif_clause = Cp() * word "elseif" * sp * V "exp" * word "then" * V "block" / make_clause,
    for_ = Cp() * word("for", true) * sp * (V "numeric" + V "generic") * stop / make_for,
    numeric = name * assign * V "exp" * comma * V "exp" * (comma * V "exp"
      + Cc(false)) * word "do" * V "block" / make_fornum,
    generic = Ct(name * (comma * name) ^ 0) * word "in" * sp * exp_list * word "do" * V "block" / make_forin,
    function_ = Cp() * word("function", true) * sp * target * (plain(P ":" * -P ":") * key
      + Cc(false)) * V "function_body"
      / make_funcstat,
    while_ = Cp() * word("while", true) * sp * V "exp" * word "do" * V "block" * stop / make_while,
    repeat_ = Cp() * word("repeat", true) * V "block" * Cp() * word "until" * sp * V "exp" / make_repeat,
    do_ = Cp() * word("do", true) * V "block" * stop / make_do,
    ret = Cp() * word("return", true) * sp * (exp_list + no_list) * (P ";" * Cp() * sp + Cc(false)) / make_return,
    function_body = Cp() * function_tail / make_function,

    exp = Ct((Cp() * C(unop) * sp) ^ 1 * V "simple" * V "binary" ^ 0) / fold_unary
      + V "simple" * Ct(V "binary" ^ 1) ^ -1 / fold_binary,
    binary = Cp() * C(binop) * sp * (Cp() * C(unop) * sp) ^ 0 * V "simple",
    simple = V "suffixed" + string_node + number_node + V "table_" + single["nil"] + single["true"] + single["false"]
      + Cp() * word("function", true) * sp * function_tail / make_function
      + Cp() * P "..." * sp / simple("vararg", 3)
      + (noting and note "an expression" or P(false)),
    suffixed = V "primary" * Ct(V "suffix" ^ 1) ^ -1 / fold_suffixes,
    primary = name * mark "var" + Cp() * plain "(" * V "exp" * want(P ")", "')'") * Cp() * sp / make_paren * mark "var",
    suffix = P "." * -P "." * sp * key / make_field * mark "var"
      + P "[" * -S "[=" * sp * V "exp" * want(P "]", "']'") * Cp() * sp / make_index * mark "var"
      + P ":" * -P ":" * sp * key * want(V "args", "arguments") / make_method * mark "call"
      + V "args" / make_call * mark "call",
    args = plain "(" * (exp_list + no_list) * want(P ")", "')'") * Cp() * sp * Cc "paren"
      + Ct(string_node) * Cc(false) * Cc "string"
      + Ct(V "table_") * Cc(false) * Cc "table",
    table_ = Cp() * plain "{" * Ct((V "item" * (separator * V "item") ^ 0 * separator ^ -1) ^ -1)
      * want(P "}", "'}'") * Cp() * sp / make_table,
    item = key * P "=" * -P "=" * sp * V "exp" / make_pair
      + Cp() * P "[" * -S "[=" * sp * V "exp" * want(plain "]", "']'") * assign * V "exp" / make_keyed
      + V "exp",
  }
end

local compiled = {}
local function grammar(start, noting)
  local id = start .. (noting and "!" or "")
  if not compiled[id] then
    local rules = build(noting)
    for _, entry in ipairs { "chunk", "string_chunk", "expression", "statements" } do
      if entry ~= start then rules[entry] = nil end
    end
    rules[1] = start
    compiled[id] = P(rules)
  end
  return compiled[id]
end

---- Errors

local function too_deep(message)
  return type(message) == "string" and message:find("overflow", 1, true) ~= nil
end

local any_token = identifier + number + string_token + symbol
local malformed = (digit + P "." * digit) * (alnum + "." + S "eEpP" * S "+-") ^ 0

-- What cannot be a token at `at`, in words; nil when a token starts there.
local function lexical(text, at)
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

local function near(text, at)
  if at > #text then return "<eof>" end
  local stop = lpeg.match(any_token, text, at) or lpeg.match(malformed, text, at) or at + 1
  local token = text:sub(at, math.min(stop - 1, at + 39))
  return "'" .. token:gsub("[%c\128-\255]", function(c) return ("\\%d"):format(c:byte()) end) .. "'"
end
M.near = near

local function expectations(labels)
  if labels["an expression"] or labels["a statement"] then labels["a name"] = nil end
  local list = {}
  for label in pairs(labels) do list[#list + 1] = label end
  table.sort(list)
  return list
end

-- Where and why the grammar refuses: { offset=, expected=, message= }, or nil when it accepts.
function M.diagnose(text, start)
  far, wanted = 0, {}
  local ok, result = pcall(lpeg.match, grammar(start, true), text)
  local at, labels = far, wanted
  far, wanted = 0, {}
  if not ok and too_deep(result) then return { offset = at, expected = {},
    message = "chunk has too many syntax levels" } end
  if not ok then return type(result) == "table" and result or error(result, 0) end
  if result then return nil end
  local wrong = lexical(text, at)
  if wrong then return { offset = at, expected = {}, message = wrong } end
  local expected = expectations(labels)
  return { offset = at, expected = expected, message = "expected " .. table.concat(expected, " or ") }
end

-- The tree of `text`, or nil and { offset=, expected=, message= }.
function M.parse(text, start)
  local ok, result = pcall(lpeg.match, grammar(start, false), text)
  if ok and result then return result end
  if not ok and type(result) == "table" then return nil, result end
  if not ok and not too_deep(result) then error(result, 0) end
  local wrong = M.diagnose(text, start)
  return nil, wrong or { offset = 1, expected = {}, message = "chunk has too many syntax levels" }
end

---- Tokens

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

-- The tokens of `text`, or nil and { offset=, message= }.
function M.tokens(text)
  local list, stop = lpeg.match(all_tokens, text)
  if stop <= #text then return nil, { offset = stop, expected = {}, message = lexical(text, stop)
    or "unexpected symbol" } end
  return list
end

return M
