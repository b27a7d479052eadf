-- han.blocks: the view of a program at three levels, and re-testing that repeats nothing and misses nothing.
-- luacheck: no max line length

local eval = require "tests.lua.support.eval_local"
local random = require "tests.lua.support.random_local"
local syntax = require "han.syntax"
local blocks = require "han.blocks"
local depend = require "han.blocks.depend"
local engine = require "tests.lua.support.engine_local"

-- Edits of the base programs: HAN_EDITS=10000 takes some three minutes of CPU, the long form a third of it.
local FULL = os.getenv "HAN_FULL" == "1" or os.getenv "HAN_EDITS" ~= nil
local EDITS = tonumber(os.getenv "HAN_EDITS" or 3000)

local SHOP = [[
local M = {}
local LIMIT = 10
local stock = {}
local function clamp(n) return n > LIMIT and LIMIT or n end
function M.add(name, n)
  stock[name] = clamp((stock[name] or 0) + n)
  return stock[name]
end
function M.double(n) return 2 * n end
function M.names(list)
  local out = {}
  for i, word in ipairs(list) do out[i] = word:upper() end
  return out
end
function M.check(n)
  if n < 0 then error("below zero") end
  return M.double(n)
end
function M.shop(list)
  local sum = 0
  for _, name in ipairs(M.names(list)) do sum = sum + M.add(name, 4) end
  return M.double(sum)
end
return M
]]

local function plan()
  return { name = "shop", brief = "a shop", blocks = {
    { name = "add", signature = "add(name, n) -> n", examples = { { args = { "a", 3 }, want = { 3 } }, { args = { "a", 9 }, want = { 10 } } } },
    { name = "double", examples = { { args = { 4 }, want = { 8 } } } },
    { name = "names", examples = { { args = { { "a" } }, want = { { "A" } } } } },
    { name = "check", examples = { { args = { 1 }, want = { 2 } }, { args = { -1 }, want_error = "below zero$" } } },
    { name = "shop", assembly = true, examples = { { args = { { "x", "y", "x" } }, want = { 32 } } } } } }
end

local function change(text, find, replace)
  local at, to = text:find(find, 1, true)
  assert(at, find)
  return text:sub(1, at - 1) .. replace .. text:sub(to + 1)
end

describe("han.blocks", function()
  -- As in the engine: a table with several objects as keys has no order to walk it in.
  local plain_pairs = pairs
  local function strict_pairs(t)
    local objects = 0
    for key in plain_pairs(t) do
      if type(key) == "table" or type(key) == "function" then objects = objects + 1 end
    end
    if objects > 1 then error("this table has several keys that are tables or functions", 2) end
    return plain_pairs(t)
  end
  setup(function() rawset(_G, "pairs", strict_pairs) end)
  teardown(function() rawset(_G, "pairs", plain_pairs) end)

  it("sees blocks, assembly and shared state", function()
    local view = assert(blocks.view(SHOP, plan()))
    local add = view.blocks[1]
    assert.same({ "add", "add(name, n) -> n", 5, 8 }, { add.name, add.signature, add.line, add.last_line })
    assert.same({ { "clamp" }, { "stock" } }, { add.calls, add.state })
    assert.equal(SHOP:match "function M.add.-\nend", SHOP:sub(add.first, add.last))
    assert.equal("shop", view.assembly.name)
    assert.same({ { from = "add", to = "clamp" }, { from = "check", to = "double" }, { from = "shop", to = "names" },
      { from = "shop", to = "add" }, { from = "shop", to = "double" } }, view.assembly.calls)
    assert.same({ { name = "LIMIT", reads = { "clamp" }, writes = {} }, { name = "stock", reads = { "add" }, writes = { "add" } } }, (function()
        table.sort(view.assembly.shared, function(a, b) return a.name < b.name end)
        return view.assembly.shared
      end)())
    assert.is_true(blocks.view("return {}", plan()).blocks[1].missing)
    local none, why, code = blocks.view("return {", plan())
    assert.same({ nil, "SYNTAX" }, { none, code })
    assert.matches("shop:1:", why)
  end)

  it("refuses what is no plan", function()
    for words, bad in pairs {
      ["list of blocks"] = {}, ["at least one"] = { blocks = {} }, ["block 1 has no name"] = { blocks = { {} } },
      ["two blocks"] = { blocks = { { name = "a", examples = {} }, { name = "a", examples = {} } } },
      ["no examples"] = { blocks = { { name = "a" } } },
      ["needs args, and want"] = { blocks = { { name = "a", examples = { { args = {} } } } } },
      ["both a and b"] = { blocks = { { name = "a", assembly = true, examples = {} }, { name = "b", assembly = true, examples = {} } } },
    } do
      assert.is_truthy(blocks.fault(bad):find(words, 1, true), blocks.fault(bad))
      assert.has_error(function() blocks.tester(bad, eval.lua) end)
    end
  end)

  local function tester() return blocks.tester(plan(), eval.lua) end

  it("compares two texts by the suites that the edit reaches", function()
    local t = tester()
    local worse = change(SHOP, "return 2 * n", "return 3 * n")
    local r = assert(t:compare(SHOP, worse)) -- double is called by check and shop
    assert.same({ -3, { "double", "check", "shop" }, { "add", "names" } }, { r.gained, r.tested, r.skipped })
    assert.same({ 8, t.all }, { r.calls, r.all }) -- four on each text
    r = assert(t:compare(worse, SHOP))
    assert.same({ 3, 0, { "double", "check", "shop" } }, { r.gained, r.calls, r.reused })
    r = assert(t:compare(SHOP, SHOP .. "-- more"))
    assert.same({ 0, 0, 5 }, { r.gained, r.calls, #r.skipped })
    r = assert(t:compare(SHOP, "return {"))
    assert.equal(-7, r.gained)
    assert.is_nil((blocks.tester(plan(), function() return nil, "no server", "PEER" end):compare(SHOP, worse)))
  end)

  it("makes a plan of a task's tests, or of some of them", function()
    local public = { name = "x", brief = "b", limits = { memory = 1 }, tests = {
      { fn = "f", args = { 1 }, want = { 2 }, instructions = 9 }, { fn = "g", args = {}, want_error = "e" },
      { fn = "f", args = { 2 }, want = { 3 } } } }
    local p = blocks.plan_of_tests(public)
    assert.is_nil(blocks.fault(p))
    assert.same({ "f", 2, "g", 1, 9 }, { p.blocks[1].name, #p.blocks[1].examples, p.blocks[2].name, #p.blocks[2].examples, p.blocks[1].examples[1].instructions })
    p = blocks.plan_of_tests(public, { 3 })
    assert.same({ 1, { 2 } }, { #p.blocks, p.blocks[1].examples[1].args })
  end)

  it("re-tests what a change reaches, and nothing else", function()
    local t = tester()
    local first = t:test(SHOP)
    assert.same({ 7, 7, 7, { "add", "double", "names", "check", "shop" } }, { first.passed, first.total, first.calls, first.tested })
    local function after(find, replace) return t:test(change(SHOP, find, replace)) end
    local r = after("2 * n", "2 * n + 1")
    assert.same({ { "double", "check", "shop" }, { "add", "names" }, 4 }, { r.tested, r.skipped, r.calls })
    assert.same({ 2, 0, 1, 1, 0 }, { r.blocks[1].passed, r.blocks[2].passed, r.blocks[3].passed, r.blocks[4].passed, r.blocks[5].passed })
    r = t:test(SHOP) -- known from before
    assert.same({ {}, { "double", "check", "shop" }, 0, 7 }, { r.tested, r.reused, r.calls, r.passed })
    assert.same({ "add", "shop" }, after("LIMIT = 10", "LIMIT = 11").tested)
    t:test(SHOP)
    assert.same({ "names", "shop" }, after("word:upper()", "word:lower()").tested)
    t:test(SHOP)
    assert.same({}, after("local out = {}", "local out = {} -- a comment\n\n").tested) -- layout alone; no error's text is at stake
    assert.same({ "shop" }, after("return M.double(sum)", "return sum").tested)
  end)

  it("takes a change of the load for a change of everything", function()
    local t = tester()
    t:test(SHOP)
    local r = t:test(change(SHOP, "local stock = {}", "local stock = {}\nmath.huge = 1"))
    assert.equal(5, #r.tested)
    t:test(SHOP)
    r = t:test(change(SHOP, "local stock = {}", "local stock, seen = {}, _ENV"))
    assert.equal(5, #r.tested)
    t:test(SHOP)
    r = t:test(change(SHOP, "return M\n", "return setmetatable(M, {})\n"))
    assert.equal(5, #r.tested)
    r = t:test "return {"
    assert.same({ "format", 0, 7, 0 }, { r.class, r.passed, r.total, r.calls })
  end)

  it("follows values, fields and globals", function()
    local function depends(text, name, find, replace)
      local a, b = depend.new(assert(syntax.parse(text))), depend.new(assert(syntax.parse(change(text, find, replace))))
      return a:of(name).key ~= b:of(name).key
    end
    local text = "local M, N = {}, {}\nfunction N.a() return 1 end\nfunction N.b() return 2 end\nlocal all = { N.a }\n"
      .. "function M.one() return N.a() end\nfunction M.any(k) return N[k]() end\nfunction M.held() return all[1]() end\n"
      .. "function M.none() return 0 end\nlater = function() return 3 end\nfunction M.late() return later() end\nreturn M\n"
    assert.is_true(depends(text, "one", "return 1", "return 5"))
    assert.is_true(depends(text, "any", "return 2", "return 5"))
    assert.is_true(depends(text, "held", "return 1", "return 5"))
    assert.is_true(depends(text, "late", "return 3", "return 5"))
    assert.is_false(depends(text, "one", "return 0", "return 5"))
    assert.is_false(depends(text, "one", "N[k]()", "N[k]"))
    assert.is_true(depends(text, "none", "return 3", "return 5")) -- an assignment to a global acts on all
    local exported = "local function a() return 1 end\nlocal function b() return 2 end\nreturn { a = a, b = function() return b() end }"
    assert.is_true(depends(exported, "a", "return 1", "return 3"))
    assert.is_false(depends(exported, "a", "return 2", "return 3"))
    assert.is_true(depends(exported, "b", "return 2", "return 3"))
    assert.is_true(depends(exported, "b", "return b()", "return 7"))
  end)

  it("re-tests where an error's line is at stake", function()
    local p = plan()
    p.blocks[4].examples[2].want_error = ":16: below zero$" -- a test that reads the line
    local t = blocks.tester(p, eval.lua)
    assert.equal(7, t:test(SHOP).passed)
    local r = t:test("-- one line more\n" .. SHOP)
    assert.same({ { "check" }, 6 }, { r.tested, r.passed })
  end)

  -- ---- soundness ----

  -- A random edit of a program: an expression for another one of the program, a statement that goes, comes twice or
  -- moves to the top level, lines that move. What is no Lua is left in: a tester meets that too.
  local function edit_of(text, tree, roll)
    local expressions, statements = {}, {}
    syntax.walk(tree.root, function(node)
      if syntax.is_expression(node) and node.kind ~= "function" then expressions[#expressions + 1] = node end
      if syntax.is_statement(node) and node.kind ~= "return" then statements[#statements + 1] = node end
    end)
    local body = tree.root.body
    local function pick(list) return list[roll(#list)] end
    local function at_top(words) return { first = body[roll(#body)].first, last = nil, text = words .. "\n" } end
    local kind = roll(10)
    local one = kind <= 5 and pick(expressions) or pick(statements)
    local made
    if kind <= 4 then made = { first = one.first, last = one.last, text = syntax.print(tree, pick(expressions)) }
    elseif kind == 5 then made = { first = one.first, last = one.last, text = ("(%s)"):format(roll(4) - 1) }
    elseif kind == 6 then made = { first = one.first, last = one.last, text = "" }
    elseif kind == 7 then made = { first = one.first, last = one.first - 1, text = syntax.print(tree, one) .. "\n" }
    elseif kind == 8 then made = at_top(syntax.print(tree, one))
    elseif kind == 9 then made = at_top(("\n"):rep(roll(3)))
    else made = at_top(("local extra = %d"):format(roll(100))) end
    made.last = made.last or made.first - 1
    return syntax.edit(text, { made })
  end

  local function same_results(a, b)
    for i, block in ipairs(a.blocks) do
      local other = b.blocks[i]
      for k, row in ipairs(block.rows) do
        if row.pass ~= other.rows[k].pass or row.class ~= other.rows[k].class then return false, block.name .. " " .. k end
      end
    end
    return a.class == b.class and a.passed == b.passed
  end

  -- Edits a program again and again; gives how many texts the lazy tester saw otherwise than a full re-test, in results
  -- of its own or in what an edit gained.
  local function campaign(program, edits, seed)
    local p = blocks.plan_of { name = program.name, brief = program.brief, blocks = program.blocks, limits = { instructions = 20000, memory = 64 << 20 } }
    local lazy, pairwise, roll, text = blocks.tester(p, eval.lua), blocks.tester(p, eval.lua), random.new(seed), program.text
    local function full(one) return blocks.tester(p, eval.lua):test(one) end
    local calls, all, wrong, first, last = 0, 0, 0, nil, {}
    for i = 1, edits do
      local tree = syntax.parse(text)
      if not tree or i % 12 == 0 then text = program.text end
      local from = text
      text = edit_of(text, syntax.parse(text), roll) or text
      local got, want = lazy:test(text), full(text)
      calls, all = calls + got.calls, all + (want.class == "ok" and got.all or 0)
      local ok, where = same_results(got, want)
      local before = from == last.text and last.passed or full(from).passed
      if ok and pairwise:compare(from, text).gained ~= want.passed - before then ok, where = false, "gained" end
      last.text, last.passed = text, want.passed
      if not ok then
        wrong = wrong + 1
        first = first or (program.name .. " edit " .. i .. " " .. tostring(where) .. "\n" .. text)
      end
    end
    return { calls = calls, all = all, wrong = wrong, first = first }
  end

  local function programs()
    local _, dir = engine.adapter()
    local catalog, list = dir "catalog", {}
    for i, name in ipairs(catalog.names(dir)) do
      local program = catalog.load(dir, name)
      list[i] = { name = name, brief = program.brief, text = program.source, blocks = catalog.public_blocks(program) }
    end
    return list
  end

  -- Programs in which much hangs together: state, load-time work, metatables, values that carry functions and lines.
  local TANGLED = {
    { "counter", [[
local M, state, log = {}, { n = 0 }, {}
local step = 2
local function note(text) log[#log + 1] = text; return #log end
local function bump() state.n = state.n + step; return state.n end
for i = 1, 3 do log[i] = "at " .. i end
bump()
function M.next() note("next") return bump() end
function M.peek() return state.n, #log end
function M.pair() return M.next(), M.peek() end
function M.reset() state = { n = step } log = {} return state.n end
function M.safe(x) local ok, why = pcall(function() return x + state.n end) return ok, why end
return M
]], { next = { {}, {} }, peek = { {} }, pair = { {}, {} }, reset = { {} }, safe = { { 1 }, { "x" }, { {} } } } },
    { "classes", [[
local Base, Sub, M = {}, {}, {}
Base.__index = Base
function Base.new(n) return setmetatable({ n = n }, Base) end
function Base:get() return self.n end
function Base:twice() return 2 * self:get() end
Sub.__index = Sub
setmetatable(Sub, Base)
function Sub.new(n) local s = Base.new(n) return setmetatable(s, Sub) end
function Sub:get() return self.n + 1 end
local makers = { base = Base.new, sub = Sub.new }
local function make(kind, n) return (makers[kind] or error("no " .. kind))(n) end
function M.get(kind, n) return make(kind, n):get() end
function M.twice(kind, n) return make(kind, n):twice() end
function M.plain(n) return Base.new(n).n end
function M.sum(list) local sum = 0 for _, n in ipairs(list) do sum = sum + M.get("sub", n) end return sum end
return M
]], { get = { { "base", 1 }, { "sub", 1 }, { "none", 1 } }, twice = { { "base", 2 }, { "sub", 2 } }, plain = { { 3 } }, sum = { { { 1, 2 } } } } },
    { "exported", [[
local cache, factor = {}, 3
local names = { "a", "b" }
local helper
local function slow(n) cache[n] = cache[n] or n * factor return cache[n] end
helper = function(list) table.sort(list) return list end
local function size() local c = 0 for _ in pairs(cache) do c = c + 1 end return c end
local function label(i) return names[i] and names[i] .. #names or error("none", 2) end
return { slow = slow, size = size, order = function(list) return helper(list) end, label = label,
  both = function(n) return slow(n), slow(n + 1), size() end }
]], { slow = { { 2 }, { 2 } }, size = { {} }, order = { { { 3, 1, 2 } } }, label = { { 1 }, { 2 }, { 9 } }, both = { { 1 }, { 4 } } } },
  }

  -- As a program with the results that it gives now as its examples.
  local function tangled(entry)
    local list, names = {}, {}
    for name in pairs(entry[3]) do names[#names + 1] = name end
    table.sort(names)
    for i, name in ipairs(names) do
      local calls, examples = {}, {}
      for k, args in ipairs(entry[3][name]) do calls[k] = { fn = name, args = args } end
      for k, row in ipairs(eval.lua({ code = entry[2], name = entry[1], calls = calls }).calls) do
        examples[k] = { args = calls[k].args, want = row.ok and row.values or nil,
          want_error = not row.ok and row.message:gsub("%p", "%%%0") or nil }
      end
      list[i] = { name = name, examples = examples, assembly = name == "pair" or nil }
    end
    return { name = entry[1], text = entry[2], blocks = list }
  end

  local function run(list, each, seed)
    local total = { calls = 0, all = 0, wrong = 0, edits = 0 }
    for _, program in ipairs(list) do
      local r = campaign(program, each, seed .. program.name)
      total.calls, total.all, total.edits = total.calls + r.calls, total.all + r.all, total.edits + each
      total.wrong, total.first = total.wrong + r.wrong, total.first or r.first
    end
    return total
  end

  local function tell(what, total)
    if os.getenv "HAN_TELL" then
      print(("%s: %d edits, %d seen wrongly, %d of %d calls made"):format(what, total.edits, total.wrong, total.calls, total.all))
    end
  end

  it("gives what a full re-test gives, over random edits of the base programs of repair", function()
    local list, some = programs(), {}
    for i, program in ipairs(list) do if FULL or i % 4 == 0 then some[#some + 1] = program end end
    local total = run(some, FULL and math.ceil(EDITS / #some) or 6, "blocks/")
    tell("base programs", total)
    assert.equal(0, total.wrong, total.first)
    assert.is_true(total.calls < 0.8 * total.all, ("%d of %d calls"):format(total.calls, total.all))
    if FULL then assert.is_true(total.edits >= EDITS) end
  end)

  it("gives it where state, load and values tie everything together", function()
    local list = {}
    for i, entry in ipairs(TANGLED) do
      list[i] = tangled(entry)
      assert.equal(0, select(2, pcall(function() return blocks.tester(blocks.plan_of(list[i]), eval.lua):test(list[i].text) end)).total
        - blocks.tester(blocks.plan_of(list[i]), eval.lua):test(list[i].text).passed)
    end
    local total = run(list, FULL and 150 or 40, "tangled/")
    tell("tangled programs", total)
    assert.equal(0, total.wrong, total.first)
  end)

  it("would be seen to miss what a weaker rule misses", function()
    local real, list = depend.new, {}
    for i, entry in ipairs(TANGLED) do list[i] = tangled(entry) end
    finally(function() depend.new = real end)
    depend.new = function(tree) -- a block depends on its own text alone
      return { of = function(_, name)
        for _, entry in ipairs(syntax.functions(tree)) do
          if entry.name:match "[^.:]+$" == name then
            return { key = syntax.hash(entry.node), place = "", positions = false }
          end
        end
        return { key = "none", place = "", positions = false }
      end }
    end
    local total = run(list, 20, "weak/")
    tell("a weaker rule", total)
    assert.is_true(total.wrong > 10, total.wrong)
  end)

  -- ---- in the engine ----

  local cli = dofile "tests/lua/support/cli.lua"
  local fakes = dofile "tests/lua/support/fakes.lua"

  cli.needs_program(it, pending)("works for an adapter, with the engine's own evaluations", function()
    local folder, remove = fakes.folder()
    finally(remove)
    fakes.write(folder, { ["zoomed.lua"] = ([==[
      local han, eval = require "han", require "han.eval"
      local blocks, property = require "han.blocks", require "han.blocks.property"
      local SHOP = %q
      local function examples(fn, list)
        local calls = {}
        for i, args in ipairs(list) do calls[i] = { fn = fn, args = args } end
        for i, row in ipairs(assert(eval.lua { code = SHOP, calls = calls }).calls) do list[i] = { args = list[i], want = row.values } end
        return { name = fn, examples = list }
      end
      local function look(options)
        local plan = { name = "shop", limits = { instructions = 20000 }, blocks = { examples("add", { { "a", 3 } }),
          examples("double", { { 2 }, { 3 }, { 4 } }), examples("names", { { {} }, { { "a" } }, { { "b", "c" } } }) } }
        local tester, said = blocks.tester(plan, eval.lua), {}
        for _, text in ipairs { SHOP, (SHOP:gsub("2 %%* n", "2 * n + 1")), SHOP } do
          local r = assert(tester:test(text))
          said[#said + 1] = ("%%d of %%d, tested %%s"):format(r.passed, r.total, table.concat(r.tested, "+"))
        end
        local block, kinds = plan.blocks[3], {}
        local broken = SHOP:gsub("out%%[i%%] = word:upper%%(%%)", "if i < 3 then %%0 end")
        local rows = property.test(broken, plan, block, property.propose(plan, block), { evaluate = eval.lua, random = options.random })
        for _, row in ipairs(rows) do
          kinds[#kinds + 1] = row.property.kind .. (row.holds and "" or "!" .. #row.args[1])
        end
        said[#said + 1] = table.concat(kinds, " ")
        said[#said + 1] = #assert(blocks.view(SHOP, plan)).assembly.calls .. " calls"
        return table.concat(said, "; ")
      end
      local check = { run = function() return { pass = true, correct = 1.0 } end }
      local function make(kind) return han.check { kind = kind, spec = {}, run = check.run } end
      return han.adapter { name = "zoomed", worker = { backend = "search", limits = { shots = 1 } }, budget = { shots = 1 },
        tasks = function(_, _, _, options)
          return { { id = "a", group = "g", public = { artifact = look(options) }, private = {} } }
        end, verify = make "verifier", judge = make "judge" }
    ]==]):format(SHOP), ["tell.lua"] = 'return require("han").strategy { name = "tell", act = function(task) error(task.artifact, 0) end }' })
    local r = cli.run(folder, "script ./tell.lua --adapter ./zoomed.lua --n 1 --quiet --json")
    assert.is_truthy(r.out:find("7 of 7, tested add+double+names; 4 of 7, tested double; 7 of 7, tested ; "
      .. "shape length!3 deterministic unchanged; 5 calls", 1, true), r.out .. r.err)
  end)
end)
