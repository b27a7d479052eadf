-- Random Lua 5.4 programs that the compiler accepts, from a seed: every construct of the grammar, odd layout included.
-- Owns its random numbers, so that a seed gives the same program on every machine and in every order of tests.
local M = {}

-- A generator of random integers: xorshift64* (Vigna, 2016).
function M.random(seed)
  local state = (seed * 0x9E3779B97F4A7C15) ~ 0x2545F4914F6CDD1D
  if state == 0 then state = 1 end
  return function(n)
    state = state ~ (state >> 12)
    state = state ~ (state << 25)
    state = state ~ (state >> 27)
    return ((state * 0x2545F4914F6CDD1D) >> 33) % n + 1
  end
end

local numbers = { "0", "1", "42", "3.", ".5", "1e10", "1E-3", "0x10", "0xA.8p1", "0x.1P-2", "0xffffffffffffffffff",
  "1e400",
  "9223372036854775807", "9223372036854775808", "3.14", "0X1p4", "00012" }
local strings = { '""', "''", '"a\\n\\t\\\\"', "'it\\'s'", '"\\x41\\065\\u{48}\\u{7FFFFFFF}"', "[[long]]",
  "[==[\nlong ]] ]=]\n]==]",
  '"tail \\z\n   more"', "'line\\\nbreak'", '"\\0"', "'--[[ no comment'", '"\\255\\9x"' }
local binary = { "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or", "&", "|",
  "~", "<<",
  ">>" }
local unary = { "-", "not", "#", "~" }
local names = { "a", "b", "c", "x", "y", "value", "_", "_2", "self", "andy", "endless", "goto_", "i", "t" }
local trivia = { " ", " ", " ", "  ", "\n", "\n  ", "\t", " -- note\n", "--[[ in\nside ]]", "\r\n", "\n\r",
  "--[==[ ]] ]==]",
  " --\n", "\f", "\v", "-- [[ short\n" }

local function fuses(a, b)
  local x, y = a:sub(-1), b:sub(1, 1)
  if x:find "[%w_.]" and y:find "[%w_.]" then return true end
  return (x .. y):find "^[-=<>~/:.%[][-=<>~/:.%[]$" ~= nil
end

local G = {}
G.__index = G

function G:put(...)
  for _, token in ipairs { ... } do
    local last = self.out[#self.out]
    if last and (fuses(last, token) or self.random(3) > 1) then
      -- A comment must not grow out of a minus sign before it.
      local gap = trivia[self.random(#trivia)]
      if last:sub(-1) == "-" then gap = " " .. gap end
      self.out[#self.out + 1] = gap
    end
    self.out[#self.out + 1] = token
  end
end

function G:pick(list)
  return list[self.random(#list)]
end

function G:list(separator, most, one)
  local count = self.random(most)
  for i = 1, count do
    one(i)
    if i < count then self:put(separator) end
  end
end

function G:declare(name, const)
  self.scope[#self.scope + 1] = { name = name, const = const }
end

function G:is_const(name)
  for i = #self.scope, 1, -1 do
    if self.scope[i].name == name then return self.scope[i].const end
  end
  return false
end

function G:scoped(fn)
  local height, labels = #self.scope, self.labels
  self.labels = setmetatable({}, { __index = labels })
  fn()
  for i = #self.scope, height + 1, -1 do self.scope[i] = nil end
  self.labels = labels
end

---- Expressions

local expression = {}

function expression.number(g) g:put(g:pick(numbers)) end
function expression.string(g) g:put(g:pick(strings)) end
function expression.constant(g) g:put(g:pick { "nil", "true", "false" }) end
function expression.name(g) g:put(g:pick(names)) end
function expression.vararg(g) g:put(g.vararg and "..." or "nil") end

function expression.paren(g, depth)
  g:put("(")
  g:expression(depth - 1)
  g:put(")")
end

function expression.binary(g, depth)
  g:expression(depth - 1)
  for _ = 1, g.random(3) do
    g:put(g:pick(binary))
    g:expression(depth - 2)
  end
end

function expression.unary(g, depth)
  for _ = 1, g.random(2) do g:put(g:pick(unary)) end
  g:expression(depth - 1)
end

expression["function"] = function(g, depth)
  g:put("function")
  g:body(depth - 2, false)
end

function expression.suffixed(g, depth)
  g:suffixed(depth - 1)
end

function expression.table(g, depth)
  g:put("{")
  for _ = 1, g.random(5) - 1 do
    local form = g.random(4)
    if form == 1 then
      g:put(g:pick(names), "=")
    elseif form == 2 then
      g:put("[")
      g:expression(depth - 1)
      g:put("]", "=")
    end
    g:expression(depth - 1)
    g:put(g:pick { ",", ";" })
  end
  if g.random(2) == 1 then g:expression(depth - 1) end
  g:put("}")
end

local leaves = { "number", "string", "constant", "name", "vararg", "name" }
local inner = { "number", "string", "name", "name", "paren", "binary", "binary", "unary", "function", "suffixed",
  "suffixed", "table",
  "vararg" }

function G:expression(depth)
  expression[self:pick(depth > 0 and inner or leaves)](self, depth)
end

function G:args(depth)
  local form = self.random(6)
  if form == 1 then
    self:put(self:pick(strings))
  elseif form == 2 then
    expression.table(self, depth - 1)
  else
    self:put("(")
    if self.random(4) > 1 then self:list(",", 3, function() self:expression(depth - 1) end) end
    self:put(")")
  end
end

-- Gives "call" or "variable"; `wanted` forces the last suffix.
function G:suffixed(depth, wanted)
  local bare = true
  if self.random(6) == 1 then
    expression.paren(self, depth)
    bare = false
  else
    self.last_name = self:pick(names)
    self:put(self.last_name)
  end
  for _ = 1, self.random(3) - 1 do
    bare = false
    self:suffix(depth, self.random(4))
  end
  if wanted == "call" then self:suffix(depth, self.random(2) + 2) end
  if wanted == "variable" and (not bare or self:is_const(self.last_name)) then self:suffix(depth, self.random(2)) end
end

function G:suffix(depth, form)
  if form == 1 then
    self:put(".", self:pick(names))
  elseif form == 2 then
    self:put("[")
    self:expression(depth - 1)
    self:put("]")
  elseif form == 3 then
    self:put(":", self:pick(names))
    self:args(depth)
  else
    self:args(depth)
  end
end

function G:body(depth, method)
  local vararg, loops, labels = self.vararg, self.loops, self.labels
  self.vararg, self.loops, self.labels = false, 0, {}
  self:scoped(function()
    self:put("(")
    if method then self:declare("self") end
    local count = self.random(4) - 1
    for i = 1, count do
      local name = self:pick(names)
      self:put(name)
      self:declare(name)
      if i < count then self:put(",") end
    end
    if self.random(3) == 1 then
      if count > 0 then self:put(",") end
      self:put("...")
      self.vararg = true
    end
    self:put(")")
    self:statements(depth)
  end)
  self:put("end")
  self.vararg, self.loops, self.labels = vararg, loops, labels
end

---- Statements

local statement = {}

statement["local"] = function(g, depth)
  g:put("local")
  local list, closing = {}, false
  g:list(",", 3, function()
    local name = g:pick(names)
    g:put(name)
    local attrib = g.random(6)
    if attrib == 1 then g:put("<", "const", ">") end
    if attrib == 2 and not closing then
      g:put("<", "close", ">")
      closing = true
    else
      attrib = attrib == 1 and 1 or 3
    end
    list[#list + 1] = { name, attrib < 3 }
  end)
  if g.random(4) > 1 then
    g:put("=")
    g:list(",", 3, function() g:expression(depth) end)
  end
  for _, one in ipairs(list) do g:declare(one[1], one[2]) end
end

function statement.localfunction(g, depth)
  local name = g:pick(names)
  g:put("local", "function", name)
  g:declare(name)
  g:body(depth - 1, false)
end

statement["function"] = function(g, depth)
  local name = g:pick(names)
  g:put("function", name)
  local count = g.random(3) - 1
  if g:is_const(name) then count = count + 1 end
  for _ = 1, count do g:put(".", g:pick(names)) end
  local method = g.random(3) == 1
  if method then g:put(":", g:pick(names)) end
  g:body(depth - 1, method)
end

function statement.assign(g, depth)
  g:list(",", 3, function() g:suffixed(1, "variable") end)
  g:put("=")
  g:list(",", 3, function() g:expression(depth) end)
end

function statement.call(g, depth)
  g:suffixed(depth, "call")
end

statement["do"] = function(g, depth)
  g:put("do")
  g:block(depth - 1)
  g:put("end")
end

function G:loop(fn)
  self.loops = self.loops + 1
  fn()
  self.loops = self.loops - 1
end

statement["while"] = function(g, depth)
  g:put("while")
  g:expression(depth)
  g:put("do")
  g:loop(function() g:block(depth - 1) end)
  g:put("end")
end

statement["repeat"] = function(g, depth)
  g:put("repeat")
  g:scoped(function()
    g:loop(function() g:statements(depth - 1) end)
    g:put("until")
    g:expression(depth)
  end)
end

statement["if"] = function(g, depth)
  g:put("if")
  g:expression(depth)
  g:put("then")
  g:block(depth - 1)
  for _ = 1, g.random(3) - 1 do
    g:put("elseif")
    g:expression(depth)
    g:put("then")
    g:block(depth - 1)
  end
  if g.random(2) == 1 then
    g:put("else")
    g:block(depth - 1)
  end
  g:put("end")
end

statement["for"] = function(g, depth)
  g:put("for")
  local list = {}
  if g.random(2) == 1 then
    list[1] = g:pick(names)
    g:put(list[1], "=")
    g:expression(depth)
    g:put(",")
    g:expression(depth)
    if g.random(2) == 1 then
      g:put(",")
      g:expression(depth)
    end
  else
    g:list(",", 3, function(i)
      list[i] = g:pick(names)
      g:put(list[i])
    end)
    g:put("in")
    g:list(",", 2, function() g:expression(depth) end)
  end
  g:put("do")
  g:scoped(function()
    for _, name in ipairs(list) do g:declare(name) end
    g:loop(function() g:statements(depth - 1) end)
  end)
  g:put("end")
end

function statement.empty(g) g:put(";") end

statement["break"] = function(g)
  if g.loops > 0 then g:put("break") else g:put(";") end
end

statement["goto"] = function(g)
  g.count = g.count + 1
  local label = "l" .. g.count
  local form = g.random(3)
  if form == 1 then
    g:put("goto", label, "::", label, "::")
    g.labels[label] = true
  elseif form == 2 then
    g:put("::", label, "::")
    g.labels[label] = true
  else
    g:put("do", "goto", label, "local", "unused", ";", "::", label, "::", ";", "end")
  end
end

local statement_kinds = { "local", "local", "localfunction", "function", "assign", "assign", "call", "call", "do",
  "while", "repeat", "if",
  "if", "for", "empty", "break", "goto" }
local flat_kinds = { "local", "assign", "call", "empty", "break", "goto" }

function G:statements(depth)
  for _ = 1, self.random(4) - 1 do
    statement[self:pick(depth > 0 and statement_kinds or flat_kinds)](self, depth)
    if self.random(6) == 1 then self:put(";") end
    -- Without it a call could read the next statement's parenthesis as its arguments.
    self:put(";")
  end
  if self.random(4) == 1 then
    self:put("return")
    if self.random(3) > 1 then self:list(",", 3, function() self:expression(1) end) end
    if self.random(2) == 1 then self:put(";") end
  end
end

function G:block(depth)
  self:scoped(function() self:statements(depth) end)
end

-- A program from a seed; size is the depth of its statements (default 3).
function M.program(seed, size)
  local g = setmetatable({ random = M.random(seed), out = {}, scope = {}, labels = {}, vararg = true, loops = 0,
    count = 0 }, G)
  if g.random(20) == 1 then g.out[1] = "#!/usr/bin/env lua\n" end
  for _ = 1, g.random(3) do
    statement[g:pick(statement_kinds)](g, size or 3)
    g:put(";")
  end
  g:statements(size or 3)
  return table.concat(g.out)
end

---- Mutations

local spare = { "(", ")", "{", "}", "[", "]", ";", ",", "=", "end", "do", "then", "local", "function", "..", "...",
  "::", "<const>", "'",
  '"', "[[", "]]", "--", "--[[", "goto", "break", "return", "not", "0x", "1e", ".", ":", "~=", "//", "\0", "\\",
    "<close>", "until",
  "repeat", "if", "else", "elseif", "for", "in", "while", "nil", "and", "a", "1", "\n" }

local function token_edit(random, tokens, text)
  local parts = {}
  for i, token in ipairs(tokens) do parts[i] = text:sub(token.first, token.last) end
  if #parts == 0 then return text end
  local at, other, form = random(#parts), random(#parts), random(5)
  if form == 1 then
    parts[at] = ""
  elseif form == 2 then
    parts[at], parts[other] = parts[other], parts[at]
  elseif form == 3 then
    parts[at] = parts[at] .. " " .. parts[at]
  elseif form == 4 then
    parts[at] = parts[other]
  else
    parts[at] = spare[random(#spare)] .. " " .. parts[at]
  end
  return table.concat(parts)
end

-- A text with one to three random faults; tokens is the token list of `text` (of han.syntax) or nil for bytes only.
function M.mutate(random, text, tokens)
  if tokens and random(3) > 1 then return token_edit(random, tokens, text) end
  for _ = 1, random(3) do
    if #text == 0 then return text end
    local at, form = random(#text), random(4)
    if form == 1 then
      text = text:sub(1, at - 1) .. string.char(random(256) - 1) .. text:sub(at + 1)
    elseif form == 2 then
      text = text:sub(1, at - 1) .. text:sub(at + 1)
    elseif form == 3 then
      text = text:sub(1, at) .. spare[random(#spare)] .. text:sub(at + 1)
    else
      text = text:sub(1, at)
    end
  end
  return text
end

return M
