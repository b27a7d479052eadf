-- han.syntax: the cases that have a name. The compiler as a judge over many texts is in syntax_corpus_spec.lua.
local syntax = require "han.syntax"
local generator = require "tests.lua.support.program_gen"

local SAMPLE = [[
local M = {}
local limit = 10

local function helper(a, b)
  return a + b
end

function M.add(x, y)
  local z = helper(x, y)
  if z > limit then return limit end
  return z
end

function M:go(n)
  return self:stop(n), M.add(n, 1)
end

function M:stop(n) print(n) count = (count or 0) + 1 end

M.twice = function(f, ...) return f(f(...)) end
local t = { each = function(list) for _, v in ipairs(list) do print(v) end end }
return M, t, (function() return limit end)()
]]

local function parse(text)
  return assert(syntax.parse(text))
end

local function text_of(tree, nodes)
  local list = {}
  for i, node in ipairs(nodes) do list[i] = syntax.print(tree, node) end
  return list
end

describe("syntax.parse", function()
  it("prints back what it read", function()
    local text = "#!/bin/lua\n-- hello\nlocal x <const> = 0x7fp-1 -- tail\nreturn function(...) goto e ::e:: end;\n"
    assert.equal(text, syntax.print(parse(text)))
  end)

  it("refuses a shebang line when it is told that the text is for load()", function()
    assert.truthy(syntax.parse("#!x\nreturn 1"))
    assert.is_nil((syntax.parse("#!x\nreturn 1", "t", { shebang = false })))
  end)

  it("refuses more than it has memory for", function()
    local tree, message, code = syntax.parse((" "):rep(syntax.MAX_BYTES + 1))
    assert.is_nil(tree)
    assert.equal("chunk:1:1: more than 4194304 bytes near ' '", message)
    assert.is_nil((syntax.tokens((" "):rep(syntax.MAX_BYTES + 1))))
    assert.equal("SYNTAX", code)
  end)

  it("throws for bad arguments", function()
    assert.has_error(function() syntax.parse(12) end)
    assert.has_error(function() syntax.parse("x=1", {}) end)
    assert.has_error(function() syntax.hash(parse("x=1").root, { names = "other" }) end)
    assert.has_error(function() syntax.value(parse("x=1").root) end)
  end)

  it("gives every node its parent and its span", function()
    local tree = parse "local a = b.c[1]:m(2).d"
    local field = syntax.find(tree, "field")[1]
    assert.equal("b.c[1]:m(2).d", syntax.print(tree, field))
    assert.equal("local", field.parent.kind)
    assert.equal("method", field.object.kind)
    assert.same({ "b.c[1]", "m", "2" }, text_of(tree, syntax.children(field.object)))
  end)

  it("binds operators as the manual says", function()
    local tree = parse "x = not a == b ^ -c ^ d .. e .. f or g and h"
    local top = syntax.find(tree, "binop")[1]
    assert.equal("or", top.op)
    assert.equal("not a == b ^ -c ^ d .. e .. f", syntax.print(tree, top.left))
    assert.equal("b ^ -c ^ d", syntax.print(tree, top.left.right.left))
    assert.equal("e .. f", syntax.print(tree, top.left.right.right))
    assert.equal("-c ^ d", syntax.print(tree, top.left.right.left.right))
    assert.equal("or", tree.text:sub(top.op_first, top.op_first + 1))
  end)
end)

describe("a syntax error", function()
  local cases = {
    { "x = = 2", 1, 5, "expected an expression near '='" },
    { "\nlocal 1", 2, 7, "expected a name near '1'" },
    { "foo bar", 1, 5, "expected ',' or '=' or arguments near 'bar'" },
    { "if x the", 1, 6, "expected 'then' near 'the'" },
    { "f(1 2)", 1, 5, "expected ')' or ',' near '2'" },
    { "x = {1 2}", 1, 8, "expected ',' or '}' near '2'" },
    { "for i = 1 do", 1, 11, "expected ',' near 'do'" },
    { "return 1 2", 1, 10, "expected ',' or <eof> near '2'" },
    { "while x do", 1, 11, "expected 'end' or a statement near <eof>" },
    { "x = 3x", 1, 5, "malformed number near '3x'" },
    { "x = 'abc", 1, 5, "unfinished string near ''abc'" },
    { "x = 'a\\q'", 1, 5, "invalid escape sequence near ''a\\q''" },
    { "x = [==[ ]]", 1, 5, "unfinished long string near '[==[ ]]'" },
    { "x = 1 --[[ ]", 1, 7, "unfinished long comment near '--[[ ]'" },
    { "x = a[=1]", 1, 6, "invalid long string delimiter near '[=1]'" },
    { "x = @", 1, 5, "unexpected symbol near '@'" },
    { "x = \1", 1, 5, "unexpected symbol near '\\1'" },
    { "f() = 1", 1, 1, "cannot assign to this expression near 'f'" },
    { "goto x", 1, 1, "no visible label 'x' for goto near 'goto'" },
    { "break", 1, 1, "break outside a loop near 'break'" },
    { "::a:: do ::a:: end", 1, 10, "label 'a' already defined near '::'" },
    { "do goto l end local x ::l:: f()", 1, 4, "goto 'l' jumps into the scope of a local near 'goto'" },
    { "repeat goto c local x ::c:: until x", 1, 8, "goto 'c' jumps into the scope of a local near 'goto'" },
    { "local x <const> = 1 x = 2", 1, 21, "attempt to assign to const variable 'x' near 'x'" },
    { "local x <close> = 1; function x() end", 1, 31, "attempt to assign to const variable 'x' near 'x'" },
    { "local x <other> = 1", 1, 7, "unknown attribute 'other' near 'x'" },
    { "local a <close>, b <close> = 1", 1, 1, "multiple to-be-closed variables in local list near 'local'" },
    { "return function() return ... end", 1, 26, "cannot use '...' outside a vararg function near '...'" },
  }
  for _, case in ipairs(cases) do
    it("of " .. case[1]:gsub("%c", "?") .. " has its place", function()
      local tree, message, code, detail = syntax.parse(case[1], "n")
      assert.is_nil(tree)
      assert.equal(("n:%d:%d: %s"):format(case[2], case[3], case[4]), message)
      assert.equal("SYNTAX", code)
      assert.same({ case[2], case[3] }, { detail.line, detail.column })
    end)
  end

  it("lists what was expected", function()
    local _, _, _, detail = syntax.parse("if a then b() ")
    assert.same({ "'else'", "'elseif'", "'end'", "a statement" }, detail.expected)
    assert.equal(15, detail.offset)
    assert.equal("<eof>", detail.near)
  end)

  it("accepts what only looks wrong", function()
    for _, text in ipairs { "do goto l local x ::l:: end", "do goto l; local x; ::l:: ; ::m:: end",
      "goto l; do ::l:: end ::l::",
      "do ::l:: end ::l::", "local x <close>", "f{}'a'[[b]]:m'c'.x = 1", "local function f() return ... end" } do
      local want = load(text) ~= nil
      assert.equal(want, syntax.parse(text) ~= nil, text)
    end
  end)
end)

describe("positions", function()
  it("count \\n, \\r, \\r\\n and \\n\\r as one line each", function()
    local tree = parse "a=1\nb=2\rc=3\r\nd=4\n\re=5\n\nf=6"
    local lines = {}
    for i, node in ipairs(tree.root.body) do lines[i] = { syntax.position(tree, node.first) } end
    assert.same({ { 1, 1 }, { 2, 1 }, { 3, 1 }, { 4, 1 }, { 5, 1 }, { 7, 1 } }, lines)
    assert.equal(7, syntax.line_count(tree))
    assert.equal(5, syntax.line_offset(tree, 2))
    assert.is_nil(syntax.line_offset(tree, 8))
    assert.same({ 1, 4 }, { syntax.position(tree, 4) })
  end)
end)

describe("syntax.tokens", function()
  it("covers every byte, in order, by kind", function()
    local text = "#!x\nlocal a=0x1F ..'s'--c\n"
    local list, kinds = assert(syntax.tokens(text)), {}
    local at = 1
    for i, token in ipairs(list) do
      assert.equal(at, token.first)
      at, kinds[i] = token.last + 1, token.kind
    end
    assert.equal(#text + 1, at)
    assert.same({ "shebang", "space", "keyword", "space", "name", "symbol" }, table.move(kinds, 1, 6, 1, {}))
  end)

  it("refuses what is no token", function()
    local list, message, code = syntax.tokens "a = 1 ?"
    assert.is_nil(list)
    assert.equal("tokens:1:7: unexpected symbol near '?'", message)
    assert.equal("SYNTAX", code)
  end)
end)

describe("syntax.normal", function()
  it("is equal for other layout and comments, and for nothing else", function()
    assert.equal(syntax.normal "x=a+b--c\nreturn'y'", syntax.normal "#!l\nx = a --[[d]] + b\n\nreturn 'y'")
    assert.are_not.equal(syntax.normal "x=a b()", syntax.normal "x=ab()")
    assert.are_not.equal(syntax.normal "x='a b'", syntax.normal "x='a  b'")
    assert.are_not.equal(syntax.normal "x=- -a", syntax.normal "x=a")
    assert.is_nil((syntax.normal "x = 'a"))
  end)

  it("reads as the same program", function()
    for seed = 1, 100 do
      local text = generator.program(seed)
      assert.is_true(syntax.same(parse(text).root, parse(assert(syntax.normal(text))).root))
    end
  end)
end)

describe("syntax.value", function()
  it("is the compiler's, for every literal of generated programs", function()
    local count = 0
    for seed = 1, 200 do
      local tree = parse(generator.program(seed))
      for _, node in ipairs(syntax.find(tree, { number = true, string = true, ["true"] = true, ["false"] = true })) do
        local want, got = load("return " .. syntax.print(tree, node))(), syntax.value(node)
        assert.is_true(want == got and math.type(want) == math.type(got), syntax.print(tree, node))
        count = count + 1
      end
    end
    assert.is_true(count > 1000)
  end)

  it("knows every escape and both forms of long lines", function()
    for _, text in ipairs { [["\a\b\f\n\r\t\v\\\"\'\x7f\0\12\255"]], [['\u{0}\u{7F}\u{80}\u{7FFFFFFF}\z   x']],
      "'a\\\r\nb\\\n\rc\\\rd'",
      "[[\r\na\n\rb\rc\n]]", "[==[]]]=]]==]", "0xffffffffffffffffff", "9223372036854775808", "0x.8p1", "1e1" } do
      local value = syntax.value(assert(syntax.parse_expression(text)).root)
      assert.equal(load("return " .. text)(), value)
    end
  end)
end)

describe("walks", function()
  it("go through all nodes in source order and leave after the children", function()
    local tree = parse "local a, b = f(1), { x = 2, [3] = 4, 5 }"
    local entered, left = {}, {}
    syntax.walk(tree.root, function(node) entered[#entered + 1] = node.kind end,
      function(node) left[#left + 1] = node.kind end)
    assert.same({ "chunk", "block", "local", "name", "name", "call", "name", "number", "table", "pair", "key", "number",
      "keyed", "number", "number", "number" }, entered)
    assert.equal("chunk", left[#left])
    assert.equal("name", left[1])
    assert.equal(#entered, #left)
  end)

  it("skip children on request, and still leave", function()
    local entered, left = 0, 0
    syntax.walk(parse("f(g(h()))").root, function(node)
      entered = entered + 1
      return node.kind ~= "call"
    end, function() left = left + 1 end)
    assert.same({ 4, 4 }, { entered, left })
  end)

  it("find the innermost node and the statement around it", function()
    local tree = parse(SAMPLE)
    local at = SAMPLE:find("z > limit", 1, true)
    local node = syntax.node_at(tree, at, at + 8)
    assert.equal("binop", node.kind)
    local statement, block, index = syntax.statement_of(node)
    assert.equal("if", statement.kind)
    assert.equal(statement, block[index])
    assert.is_nil(syntax.statement_of(tree.root))
    assert.is_nil(syntax.node_at(tree, #SAMPLE + 5))
    assert.is_true(syntax.is_statement(statement) and syntax.is_expression(node)
      and not syntax.is_expression(statement))
    assert.is_false(syntax.is_expression(syntax.find(tree, "local")[1].names[1]))
  end)
end)

describe("syntax.functions", function()
  local tree = parse(SAMPLE)

  it("names, spans and nests them", function()
    local rows = {}
    for i, entry in ipairs(syntax.functions(tree)) do
      rows[i] = table.concat({ entry.name, entry.kind, table.concat(entry.params, ","), tostring(entry.vararg),
        entry.line,
        entry.last_line, tostring(entry.parent), entry.depth }, " ")
    end
    assert.same({ "main main  true 1 23 nil 0", "helper local a,b false 4 6 1 1", "M.add field x,y false 8 12 1 1",
      "M:go method self,n false 14 16 1 1", "M:stop method self,n false 18 18 1 1", "M.twice field f true 20 20 1 1",
      "each field list false 21 21 1 1", "anonymous@22 anonymous  false 22 22 1 1" }, rows)
  end)

  it("are found by name, by line and by offset", function()
    local add = syntax.function_named(tree, "M.add")
    assert.equal("function M.add", SAMPLE:sub(add.first, add.first + 13))
    assert.equal(add, syntax.function_on_line(tree, 10))
    assert.equal(add, syntax.function_at(tree, (SAMPLE:find("return z", 1, true))))
    assert.equal("main", syntax.function_on_line(tree, 2).name)
    assert.is_nil(syntax.function_named(tree, "M.missing"))
    assert.is_nil(syntax.function_on_line(tree, 99))
  end)

  it("nest to any depth", function()
    local inner = parse "function a() local function b() return function() end end end"
    local depths = {}
    for i, entry in ipairs(syntax.functions(inner)) do depths[i] = entry.name .. entry.depth
      .. tostring(entry.parent) end
    assert.same({ "main0nil", "a11", "b22", "anonymous@133" }, depths)
  end)
end)

describe("names", function()
  it("visible at an offset are the innermost ones, with their scope", function()
    local text = "local a, b = 1 local function f(a, c) local d = a; do local e end return a + b + c + d end local g"
    local tree = parse(text)
    local seen = {}
    for i, visible in ipairs(syntax.names_at(tree, text:find("a + b", 1, true))) do
      seen[i] = visible.name .. " " .. visible.scope .. " " .. visible.declaration.declares
    end
    assert.same({ "d local local", "c local param", "a local param", "f upvalue function", "b upvalue local" }, seen)
  end)

  it("begin after the statement that declares them, and last to the end of repeat's condition", function()
    local tree = parse "local x = x repeat local y = x until y > x print(y)"
    local scopes = {}
    for i, use in ipairs(tree.uses) do scopes[i] = use.name .. " " .. use.scope end
    assert.same({ "x global", "x local", "y local", "x local", "print global", "y global" }, scopes)
  end)

  it("that are global are counted by reads and writes", function()
    local list = {}
    for i, entry in ipairs(syntax.globals(parse(SAMPLE))) do list[i] = { entry.name, entry.reads, entry.writes } end
    assert.same({ { "count", 1, 1 }, { "ipairs", 1, 0 }, { "print", 2, 0 } }, list)
  end)

  it("have self in methods", function()
    local tree = parse "function M:f() return self end"
    assert.equal("local", tree.uses[2].scope)
    assert.is_true(tree.uses[2].declaration.implicit)
  end)
end)

describe("syntax.callgraph", function()
  it("follows locals, fields and self, and says what it cannot know", function()
    local tree = parse(SAMPLE)
    local entries, edges = syntax.functions(tree), {}
    for i, edge in ipairs(syntax.callgraph(tree)) do
      edges[i] = entries[edge.from].name .. " -> " .. edge.name .. (edge.to and "!" .. entries[edge.to].name or "")
    end
    assert.same({ "M.add -> helper!helper", "M:go -> M:stop!M:stop", "M:go -> M.add!M.add", "M:stop -> print",
      "M.twice -> f",
      "M.twice -> f", "each -> ipairs", "each -> print", "main -> ?" }, edges)
  end)

  it("trusts no local that is assigned again", function()
    local tree = parse "local function f() end f() f = g"
    assert.is_nil(syntax.callgraph(tree)[1].to)
  end)
end)

describe("edits", function()
  it("combine by offset in any order", function()
    assert.equal("AxbYZd", syntax.edit("abcd", { { first = 3, last = 3, text = "YZ" }, { first = 1, last = 1,
      text = "A" },
      { first = 2, last = 1, text = "x" } }))
    assert.equal("12cd", syntax.edit("abcd", { { first = 1, last = 2, text = "2" }, { first = 1, last = 0,
      text = "1" } }))
    assert.equal("ab12", syntax.edit("ab", { { first = 3, last = 2, text = "1" }, { first = 3, last = 2,
      text = "2" } }))
    assert.equal("ab", syntax.edit("ab", {}))
  end)

  it("refuse overlaps and places outside the text", function()
    local text, message, code = syntax.edit("abcd", { { first = 1, last = 2, text = "" }, { first = 2, last = 3,
      text = "" } })
    assert.is_nil(text)
    assert.equal("edit 2 overlaps another", message)
    assert.equal("EDIT", code)
    assert.is_nil((syntax.edit("abcd", { { first = 1, last = 4, text = "" }, { first = 3, last = 2, text = "x" } })))
    assert.is_nil((syntax.edit("abcd", { { first = 4, last = 5, text = "" } })))
    assert.is_nil((syntax.edit("abcd", { { first = 0, last = 1, text = "" } })))
    assert.has_error(function() syntax.edit("abcd", { { first = 1, text = "" } }) end)
  end)

  it("keep tokens apart", function()
    local tree = parse "return(a)or(-b)"
    local parens = syntax.find(tree, "paren")
    assert.equal("return x or y", syntax.edit(tree.text, { syntax.replace(tree, parens[1], "x"),
      syntax.replace(tree, parens[2], "y") }))
    local minus = parse "x=-(a)"
    assert.equal("x=- -1", syntax.edit(minus.text, { syntax.replace(minus, syntax.find(minus, "paren")[1], "-1") }))
  end)

  it("enclose an operator that would bind to its surroundings", function()
    local cases = { { "x = a * b", "c + d", "x = a * (c + d)" }, { "x = a + b", "c * d", "x = a + c * d" },
      { "x = a - b", "c - d",
      "x = a - (c - d)" }, { "x = -b", "c ^ d", "x = -c ^ d" }, { "x = -b", "c + d", "x = -(c + d)" }, { "x = a ^ b",
        "-c",
      "x = a ^ (-c)" }, { "x = f(b)", "c or d", "x = f(c or d)" }, { "x = b.y", "'s'", "x = ('s').y" }, { "x = b()",
        "c.d", "x = c.d()" } }
    for _, case in ipairs(cases) do
      local tree = parse(case[1])
      local node = syntax.node_at(tree, (case[1]:find("b", 1, true)))
      local text = syntax.enclose(node, assert(syntax.parse_expression(case[2])))
      assert.equal(case[3], syntax.edit(case[1], { syntax.replace(tree, node, text) }))
    end
  end)

  it("remove a statement with its line, or alone", function()
    local tree = parse "a = 1\n  b = 2;  \r\nc = 3 d = 4"
    local function without(i)
      local body = {}
      for _, node in ipairs(tree.root.body) do
        if node.kind ~= "empty" then body[#body + 1] = node end
      end
      return syntax.edit(tree.text, { syntax.remove(tree, body[i]) })
    end
    assert.equal("a = 1\nc = 3 d = 4", without(2))
    assert.equal("a = 1\n  b = 2;  \r\n d = 4", without(3))
    local tight = parse "do(f)()end"
    assert.equal("do end", syntax.edit(tight.text, { syntax.remove(tight, tight.root.body[1].body[1]) }))
  end)

  it("insert statements indented as their neighbours", function()
    local tree = parse "function f()\n  a()\n  b()\nend\nif x then end"
    local body = tree.root.body[1].func.body
    local function with(block, index, text)
      return syntax.edit(tree.text, { syntax.insert(tree, block, index, text) })
    end
    assert.equal("function f()\n  x()\n  y()\n  a()\n  b()\nend\nif x then end", with(body, 1, "x()\ny()"))
    assert.equal("function f()\n  a()\n  b()\n  x()\nend\nif x then end", with(body, 3, "x()"))
    assert.equal("function f()\n  a()\n  b()\nend\nif x then\n  x() end", with(tree.root.body[2].clauses[1].body, 1,
      "x()"))
    assert.has_error(function() with(body, 4, "x()") end)
  end)

  it("insert into any block of generated programs, and what comes out parses", function()
    for seed = 1, 60 do
      local tree = parse(generator.program(seed))
      for _, block in ipairs(syntax.find(tree, "block")) do
        local text = assert(syntax.edit(tree.text, { syntax.insert(tree, block, 1, "local inserted = {1}") }))
        local other = assert(syntax.parse(text))
        assert.equal(#syntax.find(tree, "local") + 1, #syntax.find(other, "local"))
      end
    end
  end)

  it("remove any plain statement of generated programs, and what comes out parses", function()
    for seed = 1, 60 do
      local tree = parse(generator.program(seed))
      for _, node in ipairs(syntax.find(tree, { assign = true, callstat = true, ["do"] = true })) do
        local text = assert(syntax.edit(tree.text, { syntax.remove(tree, node) }))
        assert.truthy(syntax.parse(text))
      end
    end
  end)
end)

describe("fragments", function()
  it("are expressions and statements by themselves", function()
    local expression = assert(syntax.parse_expression " a + ... ")
    assert.equal("binop", expression.root.kind)
    assert.equal("a + ...", syntax.print(expression, expression.root))
    local statements = assert(syntax.parse_statements "break goto out x = ...")
    assert.equal(3, #statements.root)
    assert.equal("block", statements.root.kind)
  end)

  it("leave only their own level open", function()
    assert.is_nil((syntax.parse_statements "function f() break end"))
    assert.is_nil((syntax.parse_statements "function f() goto out end"))
    assert.is_nil((syntax.parse_expression "function() return ... end"))
  end)

  it("are refused with a place", function()
    local tree, message, code = syntax.parse_expression "a +"
    assert.is_nil(tree)
    assert.equal("expression:1:4: expected an expression near <eof>", message)
    assert.equal("SYNTAX", code)
    assert.is_nil((syntax.parse_expression "a = 1"))
    assert.is_nil((syntax.parse_statements "end"))
  end)
end)

describe("syntax.hash and syntax.same", function()
  local function hash(text, options)
    return syntax.hash(parse(text).root, options)
  end
  local function same(a, b, options)
    local equal = syntax.same(parse(a).root, parse(b).root, options)
    assert.equal(equal, hash(a, options) == hash(b, options))
    return equal
  end

  it("look at structure, not at layout", function()
    assert.is_true(same("x=1 f'a'", "x = 0x1; -- note\nf(\"\\97\");"))
    assert.is_false(same("x=1", "x=1.0"))
    assert.is_false(same("f(a)(b)", "f(a,b)"))
    assert.is_false(same("x=(f())", "x=f()"))
    assert.is_false(same("x=a-b-c", "x=a-(b-c)"))
    assert.is_false(same("x='1'", "x=1"))
    assert.is_false(same("local a <const> = 1", "local a = 1"))
    assert.is_false(same("for i=1,2 do end", "for i=1,2,1 do end"))
    assert.is_false(same("if a then else end", "if a then end"))
    assert.is_false(same("function f(...) end", "function f() end"))
    assert.equal(32, #hash "x=1")
  end)

  it("see through renaming and other constants when they are told to", function()
    local one = "local function add(a, b) local sum = a + b * 2 return string.rep('x', sum) end"
    local renamed = "local function plus(x, y) local total = x + y * 7 return string.rep('yy', total) end"
    local swapped = "local function plus(x, y) local total = y + x * 7 return string.rep('yy', total) end"
    local alpha = { names = "alpha", constants = "erase" }
    assert.is_false(same(one, renamed))
    assert.is_true(same(one, renamed, alpha))
    assert.is_false(same(one, swapped, alpha))
    assert.is_true(same(one, swapped, { names = "erase", constants = "erase" }))
    assert.is_false(same("x = y", "a = b", alpha))
    assert.is_true(same("x = y", "a = b", { names = "rename" }))
    assert.is_false(same("x = y", "a = a", { names = "rename" }))
    assert.is_true(same("goto a ::a::", "goto b ::b::", alpha))
  end)

  it("differ for different programs", function()
    local seen, count = {}, 0
    for seed = 1, 300 do
      local key = hash(generator.program(seed))
      if not seen[key] then count = count + 1 end
      seen[key] = true
    end
    assert.is_true(count >= 290)
  end)
end)

describe("syntax.diff", function()
  local function diff(old_text, new_text)
    local old, new = parse(old_text), parse(new_text)
    local rows = {}
    for _, entry in ipairs(syntax.diff(old, new)) do
      for _, change in ipairs(entry.changes) do
        rows[#rows + 1] = table.concat({ entry.fn, entry.status, change.op, change.old and syntax.print(old,
          change.old) or "",
          change.new and syntax.print(new, change.new) or "" }, "|")
      end
    end
    return rows
  end

  it("is empty for the same program in another layout", function()
    assert.same({}, diff(SAMPLE, "-- note\n" .. SAMPLE:gsub("\n", "\n\n")))
    assert.same({}, diff(SAMPLE, SAMPLE))
  end)

  it("says which function changed, and which node", function()
    assert.same({ "M.add|changed|changed|z > limit|z >= limit" }, diff(SAMPLE, (SAMPLE:gsub("z > limit",
      "z >= limit"))))
    assert.same({ "helper|changed|added||if not a then return b end" }, diff(SAMPLE, (SAMPLE:gsub("return a %+ b",
      "if not a then return b end return a + b"))))
    assert.same({ "M:stop|changed|removed|print(n)|" }, diff(SAMPLE, (SAMPLE:gsub("print%(n%) ", ""))))
    assert.same({ "main|changed|changed|10|11" }, diff(SAMPLE, (SAMPLE:gsub("limit = 10", "limit = 11"))))
    assert.same({ "M.add|changed|changed|x|y" }, diff(SAMPLE, (SAMPLE:gsub("helper%(x, y%)", "helper(y, y)"))))
  end)

  it("counts a function that came or went for itself only", function()
    assert.same({ "M.more|added|added||() end" }, diff(SAMPLE, (SAMPLE:gsub("local t =",
      "function M.more() end local t ="))))
    assert.same({ "helper|removed|removed|(a, b)\n  return a + b\nend|" }, diff(SAMPLE,
      (SAMPLE:gsub("local function helper.-end\n", ""))))
  end)

  it("sees parameters as the function's own", function()
    assert.same({ "helper|changed|added||c" }, diff(SAMPLE, (SAMPLE:gsub("helper%(a, b%)", "helper(a, b, c)"))))
  end)

  it("keeps what stayed between two lists", function()
    assert.same({ "main|changed|removed|b()|", "main|changed|added||e()" }, diff("a() b() c() d()", "a() c() e() d()"))
    assert.same({ "main|changed|changed|2|3" }, diff("x = { 1, 2, f() }", "x = { 1, 3, f() }"))
  end)
end)
