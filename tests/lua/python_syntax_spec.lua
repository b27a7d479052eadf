-- han.syntax.python: trees, functions, calls and edits of Python texts. Here Python parses without a box; that the box
-- is there in the program is the last test's business.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local value_local = require "tests.lua.support.value_local"

package.loaded["han.json"] = { null = {}, encode = tostring, decode = function() end } -- busted puts back what was there
package.loaded["han.sys"] = fakes.sys
package.loaded["han.value"] = value_local
local python = require "han.syntax.python"

local has_python = fakes.sys.access "/usr/bin/python3"
local execute, remove = fakes.parser()

local function parse(text) return python.parse(text, "m.py", { execute = execute }) end

local SAMPLE = [[
import os

LIMIT = 10


@os.path.cache(1)
@plain
def add(a, b=1, *rest, d: int = 3, **more) -> int:
    """Adds."""
    if a is None:
        raise TypeError("no é")
    total = f"{a.lower()} é"; other = [i for i in rest if i > 0]
    return helper(a) + b


def helper(x):
    def inner(y):
        return add(y)
    return inner(x)


class Shop(Base):
    async def go(self):
        return self.stop(lambda q: q), helper(1)

    def stop(self, f): pass
]]

describe("syntax.python", function()
  teardown(function() remove() end)
  if not has_python then
    io.stderr:write "NOT TESTED: syntax of Python; python3 is not installed\n"
    return pending "no python3 here"
  end

  local tree = assert(parse(SAMPLE))

  it("knows every definition, its place, parameters and signature", function()
    local got = {}
    for i, e in ipairs(python.functions(tree)) do
      assert.equal(i, e.index)
      got[i] = ("%s %s %d-%d %d %s"):format(e.kind, e.name, e.line, e.last_line, e.depth, e.signature or "")
    end
    assert.same({ "main main 1-26 0 ", "function add 6-13 1 (a, b=1, *rest, d: int=3, **more) -> int", "function helper 16-19 1 (x)",
      "function helper.inner 17-18 2 (y)", "class Shop 22-26 1 ", "method Shop.go 23-24 2 (self)", "anonymous Shop.go.anonymous@24 24-24 3 (q)",
      "method Shop.stop 26-26 2 (self, f)" }, { table.unpack(got, 1) })
    assert.same({ "a", "b", "rest", "d", "more" }, python.function_named(tree, "add").params)
    assert.is_true(python.function_named(tree, "add").vararg)
    assert.equal("@os.path", SAMPLE:sub(python.function_named(tree, "add").first):sub(1, 8))
    assert.equal("add", python.function_on_line(tree, 6).name)
    assert.equal("helper.inner", python.function_on_line(tree, 18).name)
    assert.equal("main", python.function_on_line(tree, 3).name)
    assert.is_nil(python.function_on_line(tree, 99))
    assert.equal("Shop.go.anonymous@24", python.function_at(tree, (SAMPLE:find("lambda", 1, true))).name)
  end)

  it("knows who calls whom", function()
    local entries, got = python.functions(tree), {}
    for i, call in ipairs(python.callgraph(tree)) do
      got[i] = ("%s>%s=%s"):format(entries[call.from].name, call.name, call.to and entries[call.to].name or "")
    end
    assert.same({ "add>os.path.cache=", "add>TypeError=", "add>a.lower=", "add>helper=helper", "helper.inner>add=add", "helper>inner=helper.inner",
      "Shop.go>self.stop=Shop.stop", "Shop.go>helper=helper" }, got)
  end)

  it("has places that are those of the text, for every node", function()
    local function text(kind, n) return python.print(tree, python.find(tree, kind)[n or 1]) end
    assert.equal('raise TypeError("no é")', text "Raise")
    assert.equal('f"{a.lower()} é"', text "JoinedStr")
    assert.equal("a is None", text "Compare")
    assert.equal("other = [i for i in rest if i > 0]", text("Assign", 3))
    local node = python.node_at(tree, (SAMPLE:find("None", 1, true)))
    assert.same({ "Constant", { "NoneType:None" } }, { node.kind, node.words })
    local statement, list, index = python.statement_of(node)
    assert.same({ "If", 2, 5, "body" }, { statement.kind, index, #list, list.role })
    assert.equal(SAMPLE, python.print(tree))
    for _, one in ipairs(tree.nodes) do
      for _, item in ipairs(one.items) do
        assert.is_true(item.role == "decorator_list" or item.first >= one.first and item.last <= one.last, item.kind)
      end
    end
  end)

  local function edited(text, f)
    local t = assert(parse(text))
    local edit = assert(f(t))
    local changed = assert(python.edit(text, { edit }))
    assert(parse(changed), changed)
    return changed
  end

  it("edits by splices", function()
    local function first(t, kind) return python.find(t, kind)[1] end
    assert.equal("def f(a):\n    return a * 2\n", edited("def f(a):\n    return a + 2\n", function(t) return python.replace(t, first(t, "BinOp"), "a * 2") end))
    assert.equal("def f(a):\n    return not a\n", edited("def f(a):\n    return(a)\n", function(t)
      return { first = first(t, "Name").first - 1, last = first(t, "Name").last + 1, text = " not a" }
    end))
    assert.equal("x = 1 if y else 2\n", edited("x = 1 if(y)else 2\n", function(t)
      local y = python.find(t, "Name")[2]
      return { first = y.first - 1, last = y.last + 1, text = " y " }
    end))
    assert.equal("x =[a ]or b\n", edited("x =[a ]or b\n", function(t) return python.replace(t, first(t, "List"), "[a ]") end))
    assert.equal("x = z or b\n", edited("x = [a]or b\n", function(t) return python.replace(t, first(t, "List"), "z") end))
    assert.equal("def f():\n    b()\n", edited("def f():\n    a()\n    b()\n", function(t) return python.remove(t, first(t, "Expr")) end))
    assert.equal("def f():\n    pass # why\n", edited("def f():\n    a() # why\n", function(t) return python.remove(t, first(t, "Expr")) end))
    assert.equal("a(); pass\n", edited("a(); b()\n", function(t) return python.remove(t, python.find(t, "Expr")[2]) end))
    assert.equal("x = 1\n", edited("@a\n@b(1)\ndef f():\n    pass\nx = 1\n", function(t) return python.remove(t, first(t, "FunctionDef")) end))
    local function put(index)
      return function(t)
        local _, list = python.statement_of(first(t, "Return"))
        return python.insert(t, list, index, "if a is None:\n    return 0")
      end
    end
    assert.equal("def f(a):\n    if a is None:\n        return 0\n    return a\n", edited("def f(a):\n    return a\n", put(1)))
    assert.equal("def f(a):\n    return a\n    if a is None:\n        return 0\n", edited("def f(a):\n    return a", put(2)))
    assert.equal("EDIT", (select(3, (function(t) return put(1)(t) end)(assert(parse "def f(a): return a\n")))))
    assert.has_error(function() python.remove(tree, python.find(tree, "Name")[1]) end, "not a statement: Name")
  end)

  it("tells structure from layout", function()
    local function root(text) return assert(parse(text)).root end
    assert.is_true(python.same(root "x = (1+2) # a\n", root "x = 1 + 2"))
    for _, other in ipairs { "x = 1 + 3", "x = 1 - 2", "y = 1 + 2", "x = 1.0 + 2", "x = True + 2", "x = '1' + 2", "x += 1 + 2", "x = 2 + 1" } do
      assert.is_false(python.same(root "x = 1 + 2", root(other)), other)
      assert.not_equal(python.hash(root "x = 1 + 2"), python.hash(root(other)))
    end
    assert.is_false(python.same(root "f(a=None)", root "f(a)"))
    assert.is_false(python.same(root "def f(a, *, b): pass", root "def f(a, b): pass"))
    assert.is_false(python.same(root "if a:\n  b\nelse:\n  c", root "if a:\n  b\n  c"))
    assert.equal(32, #python.hash(tree.root))
  end)

  it("says where a text does not parse", function()
    local nothing, message, code, detail = parse "x = 1\ndef f(:\n    pass\n"
    assert.same({ nil, "SYNTAX", 2, 7 }, { nothing, code, detail.line, detail.column })
    assert.matches("^m.py:2:7: invalid syntax", message)
    assert.equal("SYNTAX", (select(3, parse("x = 1\n\0"))))
    assert.equal("SYNTAX", (select(3, parse("x = " .. ("("):rep(300)))))
    assert.equal("SYNTAX", (select(3, parse("# coding: latin-1\nx = '\233'\n"))))
    assert.equal("SYNTAX", (select(3, parse("x = '\255'\n"))))
    assert.equal("SYNTAX", (select(3, parse(("x"):rep(python.MAX_BYTES + 1)))))
    assert.equal("SYNTAX", (select(3, parse("def f():\n\tif x:\n        y\n"))))
  end)

  it("reads odd texts: nothing, other line ends, a mark at the start, deep and long ones", function()
    assert.same({ "main" }, { python.functions(assert(parse ""))[1].name })
    local t = assert(parse "a = 1\r\nb = 2\rc = 3\n")
    assert.same({ 1, 2, 3 }, { python.find(t, "Assign")[1].line, python.find(t, "Assign")[2].line, python.find(t, "Assign")[3].line })
    assert.equal("c = 3", python.print(t, python.find(t, "Assign")[3]))
    t = assert(parse "\239\187\191é = 1; b = 2\n")
    assert.equal("b = 2", python.print(t, python.find(t, "Assign")[2]))
    assert.equal("é = 1", python.print(t, python.find(t, "Assign")[1]))
    t = assert(parse("x = " .. ("1 + "):rep(500) .. "1\n"))
    assert.equal(500, #python.find(t, "BinOp"))
    t = assert(parse("def f(): return 1\n" .. ("def g(): return f()\n"):rep(300)))
    assert.equal(300, #python.callgraph(t))
    t = assert(parse "match p:\n    case {'a': [x, *rest]} if x:\n        y = 1\nwith a as b, c: d\ntry: e\nexcept* T as q: r\n")
    assert.equal("T", python.print(t, python.find(t, "ExceptHandler")[1].items[1]))
  end)

  it("holds what it is told to the text", function()
    for _, said in ipairs { "", "1 Module root 1 5 -\n", "0 Module root 1 9 -\n", "0 Module root 0 5 -\n", "0 Module root 1 5 -\n0 Name x 1 1 -\n",
      "0 Module root 1 5 -\n7 Name x 1 1 -\n", "0 Module root 1 5 zz\n", "error nonsense\n" } do
      local nothing, message, code = python.parse("x = 1", "m", { execute = function() return { class = "pass", stdout = said } end })
      assert.same({ nil, "the parser gave no tree", "PEER" }, { nothing, message, code }, said)
    end
    assert.equal("SYNTAX", (select(3, python.parse("x", "m", { execute = function() return { class = "limit:memory" } end }))))
    assert.equal("PEER", (select(3, python.parse("x", "m", { execute = function() return { class = "sandbox-error", message = "gone" } end }))))
    assert.equal("ENVIRONMENT", (select(3, python.parse("x", "m", { execute = function() return nil, "no box", "ENVIRONMENT" end }))))
  end)

  cli.needs_program(it, pending)("parses in a box of the program", function()
    if cli.run("/tmp", "exec --sandbox strong -- true").status == 78 then return pending "no sandbox for commands here" end
    local folder, remove_folder = fakes.folder()
    finally(remove_folder)
    fakes.write(folder, { ["family.lua"] = [[
local han = require "han"
local python = require "han.syntax.python"
local function check(kind) return han.check { kind = kind, run = function()
  local tree = assert(python.parse("def f(a):\n    return open('/etc/passwd')\n", "m.py"))
  local entry = python.functions(tree)[2]
  local _, why = python.parse("def f(:\n", "m.py")
  local well = entry.name == "f" and entry.signature == "(a)" and why == "m.py:1:7: invalid syntax" and #python.callgraph(tree) == 1
  return { pass = well, correct = well and 1 or 0 }
end } end
return han.adapter { name = "family", tasks = function() return { { id = "t", group = "g", public = { artifact = "" }, private = {} } } end,
  worker = { backend = "none", limits = { shots = 1 } }, budget = { shots = 1 }, backends = { none = function() return "x" end },
  verify = check "verifier", judge = check "judge" }
]] })
    local r = cli.run(folder, "bench ./family.lua --arms sample --n 1 --quiet --json", { before = "env -u HAN_SANDBOX" })
    assert.equal(0, r.status, r.err)
    local object = require("dkjson").decode(r.out)
    assert.same({ "strong", 1 }, { object.sandbox, object.arms[1].score.mean })
  end)
end)
