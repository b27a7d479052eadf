--- The grammar of Lua 5.4 in LPeg, from bytes to nodes.
-- One definition is compiled twice: plain, to parse; and noting, where every refused token records what was expected at
-- the furthest offset reached, run only for a text the plain one refused. Rules about names and limits are scope.lua's.
--
-- LPeg allows 200 nested captures, fewer than Lua's own nesting needs. So the grammar captures one flat list, in
-- postfix order: values, and functions that take their operands from a stack and leave a node there; run() makes the
-- tree of it.
local lpeg = require "lpeg"
local lexer = require "han.syntax.lexer"
local make = require "han.syntax.make"

local P, S, V, C, Cc, Cp, Ct = lpeg.P, lpeg.S, lpeg.V, lpeg.C, lpeg.Cc, lpeg.Cp, lpeg.Ct
local alnum, sp = lexer.alnum, lexer.sp
local M = {}

-- A level of nesting takes at most 10 entries of LPeg's stack and the compiler allows 198 levels; a text that needs
-- more than this is refused, in C memory that does not grow.
lpeg.setmaxstack(4096)

---- The stack

local mark = {}

-- A pattern that replaces the `count` values on top of the stack by build(values...).
local builders = {
  function(build)
    return function(stack, top)
      stack[top] = build(stack[top])
      return top
    end
  end,
  function(build)
    return function(stack, top)
      stack[top - 1] = build(stack[top - 1], stack[top])
      return top - 1
    end
  end,
  function(build)
    return function(stack, top)
      stack[top - 2] = build(stack[top - 2], stack[top - 1], stack[top])
      return top - 2
    end
  end,
  function(build)
    return function(stack, top)
      stack[top - 3] = build(stack[top - 3], stack[top - 2], stack[top - 1], stack[top])
      return top - 3
    end
  end,
  function(build)
    return function(stack, top)
      stack[top - 4] = build(stack[top - 4], stack[top - 3], stack[top - 2], stack[top - 1], stack[top])
      return top - 4
    end
  end,
}
local function reduce(count, build)
  return Cc(builders[count](build))
end

-- Replaces the values above the last mark, and the mark, by the list of them.
local function gather(stack, top)
  local first = top
  while stack[first] ~= mark do first = first - 1 end
  stack[first] = table.move(stack, first + 1, top, 1, {})
  return first
end

local function list(pattern)
  return Cc(mark) * pattern * Cc(gather)
end

-- The stack keeps what was popped until it is overwritten; it lives no longer than the parse.
local function run(program)
  local stack, top = {}, 0
  for i = 1, #program do
    local item = program[i]
    if type(item) == "function" then
      top = item(stack, top)
    else
      top = top + 1
      stack[top] = item
    end
  end
  return stack[top]
end

---- The rules

-- The noting grammar's record: the furthest offset at which a token was refused, the labels refused there, and whether
-- the last suffixed expression ended as a call.
local far, wanted, last_suffix = 0, {}, ""

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

-- Rules that both grammars share take `t`, the token patterns of one of them.
local function tokens(noting)
  local t = {}
  function t.want(pattern, label)
    return noting and pattern + note(label) or P(pattern)
  end
  -- A keyword; `word` is expected by name, `maybe` only opens an alternative. No space follows: blocks start there.
  function t.maybe(text)
    return P(text) * -alnum
  end
  function t.word(text)
    return t.want(t.maybe(text), "'" .. text .. "'")
  end
  function t.last(kind)
    return noting and P(function(_, at)
      last_suffix = kind
      return at
    end) or P(true)
  end
  function t.fallback(label)
    return noting and note(label) or P(false)
  end
  function t.when(kind, ...)
    if not noting then return P(true) end
    local pattern = P(function(_, at) return last_suffix == kind and at end)
    for _, label in ipairs { ... } do pattern = pattern + note(label) end
    return pattern
  end
  local name_text = t.want(C(lexer.plain_name), "a name") * sp
  t.name_text = name_text
  t.name = Cp() * name_text / make.name
  t.key = Cp() * name_text / make.key
  t.comma = t.want(P ",", "','") * sp
  t.assign = t.want(P "=" * -P "=", "'='") * sp
  t.close = t.want(P ")", "')'")
  t.stop = t.word "end" * Cp() * sp
  t.values = list(V "exp" * (t.comma * V "exp") ^ 0)
  t.none = list(P(true))
  return t
end

local binop = P "or" * -alnum + P "and" * -alnum + "==" + "~=" + "<=" + ">=" + "<<" + ">>" + "//" + P ".." * -P "."
  + S "+*/%^&|<>" + P "-" * -P "-" + P "~"
local unop = P "not" * -alnum + P "-" * -P "-" + "#" + P "~" * -P "="
local dot, colon, bracket = P "." * -P ".", P ":" * -P ":", P "[" * -S "[="

local function expression_rules(t, rules)
  local unary = Cp() * C(unop) * sp
  local function constant(kind)
    return Cp() * t.maybe(kind) * sp / make.simple(kind, #kind)
  end
  rules.exp = list(unary ^ 1 * V "simple" * V "binary" ^ 0) * reduce(1, make.fold_unary)
    + V "simple" * (list(V "binary" ^ 1) * reduce(2, make.fold_binary)) ^ -1
  rules.binary = Cp() * C(binop) * sp * unary ^ 0 * V "simple"
  rules.simple = V "suffixed" + V "string" + Cp() * C(lexer.number) * sp / make.number + V "table"
    + constant "nil" + constant "true" + constant "false"
    + Cp() * t.maybe "function" * sp * V "function_tail"
    + Cp() * P "..." * sp / make.simple("vararg", 3)
    + t.fallback "an expression"
  rules.string = Cp() * C(lexer.string) * sp / make.string
  rules.suffixed = V "primary" * V "suffix" ^ 0
  rules.primary = t.name * t.last "variable"
    + Cp() * P "(" * sp * V "exp" * t.close * Cp() * sp * reduce(3, make.paren) * t.last "variable"
  rules.suffix = dot * sp * t.key * reduce(2, make.field) * t.last "variable"
    + bracket * sp * V "exp" * t.want(P "]", "']'") * Cp() * sp * reduce(3, make.index) * t.last "variable"
    + colon * sp * t.key * t.want(V "args", "arguments") * reduce(5, make.method) * t.last "call"
    + V "args" * reduce(4, make.call) * t.last "call"
  rules.args = P "(" * sp * (t.values + t.none) * t.close * Cp() * sp * Cc "paren"
    + list(V "string") * Cc(false) * Cc "string"
    + list(V "table") * Cc(false) * Cc "table"
  local separator = t.want(S ",;", "','") * sp
  rules.table = Cp() * P "{" * sp * list((V "item" * (separator * V "item") ^ 0 * separator ^ -1) ^ -1)
    * t.want(P "}", "'}'") * Cp() * sp * reduce(3, make.table)
  rules.item = t.key * P "=" * -P "=" * sp * V "exp" * reduce(2, make.pair)
    + Cp() * bracket * sp * V "exp" * t.want(P "]", "']'") * sp * t.assign * V "exp" * reduce(3, make.keyed)
    + V "exp"
end

local function function_rules(t, rules)
  local dots = P "..." * sp * Cc(true)
  local params = list(t.name * (P "," * sp * t.name) ^ 0) * (t.comma * dots + Cc(false)) + t.none * (dots + Cc(false))
  -- On the stack before: the offset where the function node begins.
  rules.function_tail = t.want(P "(", "'('") * sp * params * t.close * V "block" * t.stop * reduce(5, make["function"])
  rules.function_body = Cp() * V "function_tail"
  rules.local_function = Cp() * t.maybe "local" * sp * t.maybe "function" * sp * t.name * V "function_body"
    * reduce(3, make.localfunction)
  rules.function_ = Cp() * t.maybe "function" * sp * t.name * (dot * sp * t.key * reduce(2, make.field)) ^ 0
    * (colon * sp * t.key + Cc(false)) * V "function_body" * reduce(4, make.funcstat)
end

local function block_rules(t, rules)
  rules.block = Cp() * sp * list(V "statement" ^ 0 * V "ret" ^ -1) * reduce(2, make.block)
  rules.if_ = Cp() * list(V "if_clause" * V "elseif_clause" ^ 0) * (t.word "else" * V "block" + Cc(false)) * t.stop
    * reduce(4, make["if"])
  rules.if_clause = Cp() * t.maybe "if" * sp * V "exp" * t.word "then" * V "block" * reduce(3, make.clause)
  rules.elseif_clause = Cp() * t.word "elseif" * sp * V "exp" * t.word "then" * V "block" * reduce(3, make.clause)
  rules.for_ = Cp() * t.maybe "for" * sp * (V "numeric" + V "generic") * t.stop * reduce(3, make["for"])
  rules.numeric = t.name * t.assign * V "exp" * t.comma * V "exp" * (t.comma * V "exp" + Cc(false)) * t.word "do"
    * V "block" * reduce(5, make.fornum)
  rules.generic = list(t.name * (t.comma * t.name) ^ 0) * t.word "in" * sp * t.values * t.word "do" * V "block"
    * reduce(3, make.forin)
  rules.while_ = Cp() * t.maybe "while" * sp * V "exp" * t.word "do" * V "block" * t.stop * reduce(4, make["while"])
  rules.repeat_ = Cp() * t.maybe "repeat" * V "block" * Cp() * t.word "until" * sp * V "exp" * reduce(4, make["repeat"])
  rules.do_ = Cp() * t.maybe "do" * V "block" * t.stop * reduce(3, make["do"])
end

local function statement_rules(t, rules)
  rules.statement = V "local_function" + V "local_" + V "if_" + V "variable_or_call" + V "for_" + V "function_"
    + V "while_" + V "repeat_" + V "do_"
    + Cp() * t.maybe "break" * sp / make.simple("break", 5)
    + Cp() * t.maybe "goto" * sp * t.name * reduce(2, make["goto"])
    + Cp() * P "::" * sp * t.name * t.want(P "::", "'::'") * Cp() * sp * reduce(3, make.label)
    + Cp() * P ";" * sp / make.simple("empty", 1)
    + t.fallback "a statement"
  local attrib = P "<" * -S "<=" * sp * t.name_text * t.want(P ">" * -S ">=", "'>'") * Cp() * sp
    * reduce(3, make.attrib)
  local declared = t.name * attrib ^ -1
  rules.local_ = Cp() * t.maybe "local" * sp * list(declared * (t.comma * declared) ^ 0)
    * (t.assign * t.values + Cc(false)) * reduce(3, make["local"])
  -- In the plain grammar any expression may stand here; scope refuses those that are no call.
  rules.variable_or_call = V "suffixed"
    * (t.when "variable" * list((t.comma * V "suffixed") ^ 0) * t.assign * t.values * reduce(3, make.assign)
      + t.when("call", "arguments") * reduce(1, make.callstat))
  rules.ret = Cp() * t.maybe "return" * sp * (t.values + t.none) * (P ";" * Cp() * sp + Cc(false))
    * reduce(3, make["return"])
end

-- The entry points: a file, a string as load() takes it, and fragments.
local function entries(t)
  local eof = t.want(P(-1), "<eof>")
  return {
    chunk = lexer.shebang * V "block" * eof * Cp() * reduce(2, make.chunk),
    string_chunk = V "block" * eof * Cp() * reduce(2, make.chunk),
    expression = sp * V "exp" * eof,
    statements = V "block" * eof,
  }
end

local compiled = {}
local function grammar(start, noting)
  local id = start .. (noting and "!" or "")
  if not compiled[id] then
    local t = tokens(noting)
    local rules = { "start", start = entries(t)[start] }
    expression_rules(t, rules)
    function_rules(t, rules)
    block_rules(t, rules)
    statement_rules(t, rules)
    compiled[id] = Ct(P(rules))
  end
  return compiled[id]
end

---- Parsing and its errors

local function too_deep(message)
  return type(message) == "string" and message:find("stack overflow", 1, true) ~= nil
end

local function expectations(labels)
  if labels["an expression"] or labels["a statement"] then labels["a name"] = nil end
  local sorted = {}
  for label in pairs(labels) do sorted[#sorted + 1] = label end
  table.sort(sorted)
  return sorted
end

-- Where and why the grammar refuses: { offset=, expected=, message= }, or nil when it accepts.
function M.diagnose(text, start)
  far, wanted = 0, {}
  local ok, result = pcall(lpeg.match, grammar(start, true), text)
  local at, labels = far, wanted
  far, wanted = 0, {}
  if not ok and too_deep(result) then
    return { offset = at, expected = {}, message = "chunk has too many syntax levels" }
  end
  if not ok then error(result, 0) end
  if result then return nil end
  local wrong = lexer.fault(text, at)
  if wrong then return { offset = at, expected = {}, message = wrong } end
  local expected = expectations(labels)
  return { offset = at, expected = expected, message = "expected " .. table.concat(expected, " or ") }
end

-- The tree of `text`, or nil and { offset=, expected=, message= }.
function M.parse(text, start)
  local ok, program = pcall(lpeg.match, grammar(start, false), text)
  if not ok and not too_deep(program) then error(program, 0) end
  if not ok or not program then
    local wrong = M.diagnose(text, start)
    return nil, wrong or { offset = 1, expected = {}, message = "chunk has too many syntax levels" }
  end
  local built, root = pcall(run, program)
  if built then return root end
  if type(root) == "table" then return nil, root end
  error(root, 0)
end

return M
