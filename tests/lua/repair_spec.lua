-- The repair family: base programs, planted faults, tasks, verifier, judge, lenses, and what stays hidden.
local engine = require "tests.lua.support.engine_local"
local eval = require "tests.lua.support.eval_local"
local random = require "tests.lua.support.random_local"
local value = require "tests.lua.support.value_local"
local syntax = require "han.syntax"

local adapter, dir = engine.adapter()
local count = engine.with(function() return require("han.checker.calls").count end)
local catalog, draw, inject, splits = dir "catalog", dir "draw", dir "inject", dir "splits"
local unique, lenses, make = dir "unique", dir "lenses", dir "tasks"

-- The quick run draws once and looks at every SAMPLE-th fault site; HAN_FULL=1 draws three times and looks at all.
local FULL = os.getenv "HAN_FULL" == "1"
local SEEDS, SAMPLE = FULL and 3 or 1, FULL and 1 or 5

local programs = {}
for i, name in ipairs(catalog.names(dir)) do programs[i] = catalog.load(dir, name) end

local function by_name(name)
  for _, program in ipairs(programs) do if program.name == name then return program end end
end

local function tasks(split, n, seed, more)
  local options = random.options(seed)
  for key, item in pairs(more or {}) do options[key] = item end
  return assert(adapter.tasks(split, n, seed, options))
end

-- Every string in a plain value, keys too.
local function strings_in(item, visit)
  if type(item) == "string" then visit(item)
  elseif type(item) == "table" then
    for key, inner in pairs(item) do
      strings_in(key, visit)
      strings_in(inner, visit)
    end
  end
end

local function contains(item, needle)
  local found = false
  strings_in(item, function(text) found = found or text:find(needle, 1, true) ~= nil end)
  return found
end

describe("base programs", function()
  it("are at least sixty-two, each of its own job", function()
    local jobs = {}
    assert.is_true(#programs >= 62)
    for _, program in ipairs(programs) do
      assert.is_nil(jobs[program.job])
      jobs[program.job] = true
    end
  end)

  for _, program in ipairs(programs) do
    it(program.name .. " passes its own tests and keeps its contracts", function()
      for seed = 1, SEEDS do
        assert.same({}, catalog.problems(program, draw, random.options(seed).stream, eval.lua, value.equal))
      end
    end)

    it(program.name .. " has a size, an assembly and enough tests", function()
      local _, lines = program.source:gsub("\n", "")
      assert.is_true(lines >= 60 and lines <= 300)
      assert.is_true(#program.blocks >= 5 and #program.blocks <= 11)
      local errors = 0
      for _, block in ipairs(program.blocks) do
        assert.is_true(#block.examples >= catalog.PUBLIC)
        assert.is_true((block.hidden_n or catalog.HIDDEN) >= 20)
        for _, example in ipairs(block.examples) do if example.want_error then errors = errors + 1 end end
      end
      assert.is_true(errors > 0)
    end)
  end

  it("share no function", function()
    assert.same({}, unique.clashes(programs))
  end)

  it("would not share a renamed copy unnoticed", function()
    local source = by_name("intervals").source:gsub("range", "span"):gsub("M%.normalize", "M.tidy")
    source = source:gsub("%f[%d]1%f[%D]", "7")
    local clashes = unique.clashes { by_name "intervals", { name = "copy", source = source } }
    assert.is_true(#clashes >= 4)
  end)

  it("that broke a contract would be named", function()
    local program = catalog.load(dir, "intervals")
    program.source = program.source:gsub("range%[1%] < range%[2%]", "range[1] <= range[2]")
    local problems = catalog.problems(program, draw, random.options(1).stream, eval.lua, value.equal)
    assert.is_true(#problems > 0)
    assert.truthy(problems[1]:find("intervals.normalize", 1, true))
  end)
end)

describe("splits", function()
  it("give every program to one split and every fault kind to one side", function()
    local owner = {}
    for split, names in pairs(splits.groups) do
      for _, name in ipairs(names) do
        assert.is_nil(owner[name])
        owner[name] = split
        assert.is_not_nil(by_name(name))
      end
    end
    for _, program in ipairs(programs) do assert.is_not_nil(owner[program.name], program.name) end
    local kinds = {}
    for _, list in pairs(splits.kinds) do
      for _, kind in ipairs(list) do
        assert.is_nil(kinds[kind])
        kinds[kind] = true
        assert.is_not_nil(inject.SHARES[kind])
      end
    end
    for kind in pairs(inject.SHARES) do assert.is_true(kinds[kind]) end
  end)

  it("hold enough groups for the tests that are made on them", function()
    local least = { train = 16, dev = 6, gate = 18, final = 20 }
    for split, n in pairs(least) do assert.is_true(#splits.groups[split] >= n, split) end
    local plan_of = engine.with(function() return require "han.improve.plan" end)
    local plan = assert(plan_of.of(adapter, { seed = 1 }))
    assert.is_nil(plan_of.lacks(plan)) -- han improve repair
    plan.rounds = plan.rounds + 1
    assert.matches("and there are %d+; use fewer %-%-rounds", plan_of.lacks(plan))
  end)

  it("share kinds between train and dev alone", function()
    assert.equal(splits.kinds_of.train, splits.kinds_of.dev)
    assert.not_equal(splits.kinds_of.train, splits.kinds_of.gate)
    assert.not_equal(splits.kinds_of.gate, splits.kinds_of.final)
  end)
end)

describe("the injector", function()
  it("plants each kind somewhere, and what it plants is Lua and differs", function()
    local found = {}
    for place, program in ipairs(programs) do
      local sites = inject.sites(program.source)
      for _, kind in ipairs(inject.KINDS) do
        for i = place % SAMPLE + 1, #sites[kind], SAMPLE do
          local site = sites[kind][i]
          local text = inject.apply(program.source, site)
          if text then
            found[kind] = (found[kind] or 0) + 1
            assert.not_equal(program.source, text)
          end
        end
      end
    end
    for _, kind in ipairs(inject.KINDS) do assert.is_true((found[kind] or 0) > 0, kind) end
  end)

  local function texts_of(kind, source)
    local list = {}
    for i, site in ipairs(inject.sites(source, { kind })[kind]) do list[i] = inject.apply(source, site) or false end
    return list
  end

  it("drops one clause of a condition, either side", function()
    local source = "local function f(a, b) if a and b then return 1 end end return { f = f }"
    local list = texts_of("missing_and_clause", source)
    assert.equal(2, #list)
    assert.truthy(list[1]:find("if a then", 1, true))
    assert.truthy(list[2]:find("if b then", 1, true))
  end)

  it("drops a whole if, and the if around a body", function()
    local source = "local function f(a) local x = 1 if a then x = 2 end return x end return { f = f }"
    assert.is_nil(texts_of("missing_if", source)[1]:find("x = 2", 1, true))
    local around = texts_of("missing_if_around", source)[1]
    assert.truthy(around:find("x = 2", 1, true))
    assert.is_nil(around:find("if a", 1, true))
  end)

  it("keeps calls that raise errors out of the missing calls", function()
    assert.same({}, texts_of("missing_call", "local function f() error('x', 0) end return { f = f }"))
  end)

  it("draws kinds in proportion to their shares", function()
    local source = by_name("csv").source
    local kinds = { "missing_if", "wrong_value" }
    local sites, counts, roll = inject.sites(source, kinds), {}, random.new "shares"
    for _ = 1, 2000 do
      local kind = inject.draw(sites, kinds, roll).kind
      counts[kind] = (counts[kind] or 0) + 1
    end
    local expected = inject.SHARES.missing_if / (inject.SHARES.missing_if + inject.SHARES.wrong_value)
    assert.is_true(math.abs(counts.missing_if / 2000 - expected) < 0.04)
  end)
end)

describe("bugs written by hand", function()
  local total = 0
  for _, program in ipairs(programs) do
    local hidden
    for _, bug in ipairs(program.bugs) do
      total = total + 1
      it(program.name .. ": " .. bug.title, function()
        local text = inject.apply_hand(program.source, bug)
        assert.is_not_nil(text, "its text is not found exactly once")
        assert.is_not_nil(syntax.parse(text))
        hidden = hidden or assert(catalog.hidden_calls(program, draw, random.options(1).stream, eval.lua))
        local env = { count = count }
        local passed = make.count(env, text, program.name, hidden)
        assert.is_true(passed < #hidden, "no hidden test sees it")
      end)
    end
  end

  it("are at least sixty", function() assert.is_true(total >= 60) end)
end)

describe("tasks", function()
  local list = tasks("train", 24, 7)

  it("are the same for the same seed and others for another", function()
    local again, other = tasks("train", 24, 7), tasks("train", 24, 8)
    assert.same(list, again)
    local same = 0
    for i, task in ipairs(list) do if other[i].id == task.id then same = same + 1 end end
    assert.is_true(same < 4)
  end)

  it("begin with the shorter list", function()
    local short = tasks("train", 9, 7)
    for i, task in ipairs(short) do assert.equal(task.id, list[i].id) end
  end)

  it("are plain values, all different, of the split's groups and kinds, spread over the groups", function()
    local seen, groups, allowed, kinds = {}, {}, {}, {}
    for _, name in ipairs(splits.groups.train) do allowed[name] = true end
    for _, kind in ipairs(splits.kinds.train) do kinds[kind] = true end
    for _, task in ipairs(list) do
      assert.is_nil(seen[task.public.artifact])
      seen[task.public.artifact] = true
      groups[task.group] = (groups[task.group] or 0) + 1
      assert.is_true(allowed[task.group])
      assert.is_true(kinds[task.meta.kind] or task.meta.source == "hand")
      assert.is_not_nil((value.copy(task)))
    end
    local n = 0
    for _ in pairs(groups) do n = n + 1 end
    assert.equal(#splits.groups.train, n)
  end)

  it("hold a fault that public and hidden tests see, and a reference that passes both", function()
    for _, task in ipairs(list) do
      assert.is_true(task.meta.broken_hidden < task.meta.hidden)
      assert.is_false(adapter.verify.run(task.public.artifact, task.public).pass)
      assert.is_true(adapter.verify.run(task.private.reference, task.public).pass)
      assert.same(0.0, adapter.judge.run(task.public.artifact, task.private).correct + 0.0)
      local best = adapter.judge.run(task.private.reference, task.private)
      assert.is_true(best.pass)
      assert.equal(1.0, best.correct)
    end
  end)

  it("say how many instructions a call may use, ten times the reference and at least 2,000", function()
    for _, test in ipairs(list[1].public.tests) do
      assert.is_true(test.instructions >= 2000 and test.instructions <= 10 * catalog.MEASURE)
    end
  end)

  it("of two faults hold two, each of which a hidden test sees alone", function()
    for _, task in ipairs(tasks("train", 6, 3, { difficulty = 2 })) do
      assert.equal(2, task.meta.difficulty)
      assert.equal(2, #task.private.fault)
      for _, fault in ipairs(task.private.fault) do
        local text = inject.apply(task.private.reference, fault)
        assert.is_false(adapter.judge.run(text, task.private).pass)
      end
    end
  end)

  it("of a pair join a hand-written bug and an injected one", function()
    for _, task in ipairs(tasks("train", 4, 3, { difficulty = 2, source = "pair" })) do
      assert.equal("pair", task.meta.source)
      assert.truthy(task.meta.kind:find "^hand:")
    end
  end)

  it("may be asked for faults inside blocks or between them", function()
    for _, place in ipairs { "block", "wiring" } do
      local found = tasks("train", 4, 3, { place = place })
      assert.equal(4, #found)
      for _, task in ipairs(found) do assert.equal(place, task.meta.place) end
    end
    local options = random.options(3)
    options.place = "attic"
    local none, why, code = adapter.tasks("train", 1, 3, options)
    assert.is_nil(none)
    assert.matches("no place 'attic' of a fault; there are block and wiring", why)
    assert.equal("INVALID", code)
  end)

  it("tell wiring from what lies inside a block by the calls between functions", function()
    local text = "local M = {}\nfunction M.a(x) return x + 1 end\nfunction M.b(x) local y = 2 return M.a(x) + y end\n"
      .. "function M.run(x) return x end\nreturn M\n"
    local place = dir("inject").places(text, "run")
    local function at(found, fn)
      local first, last = text:find(found, 1, true)
      return place { fn = fn, edits = { { first = first, last = last } } }
    end
    assert.equal("block", at("x + 1", "M.a"))
    assert.equal("block", at("y = 2", "M.b"))
    assert.equal("wiring", at("M.a(x) +", "M.b"))
    assert.equal("wiring", at("return M.a(x) + y", "M.b"))
    assert.equal("wiring", at("return x end\nreturn", "M.run"))
  end)

  it("have hidden calls in an order of their own", function()
    local first, other
    for _, task in ipairs(tasks("train", 17, 3)) do
      if not first then first = task elseif task.group == first.group then other = task end
    end
    assert.equal(#first.private.tests, #other.private.tests)
    local same, calls = true, {}
    for i, call in ipairs(first.private.tests) do
      same = same and call == other.private.tests[i]
      calls[call] = true
    end
    assert.is_false(same)
    for _, call in ipairs(other.private.tests) do assert.is_true(calls[call]) end
  end)

  it("come in several difficulties in turn, so that each program has each", function()
    local seen = {}
    for i, task in ipairs(tasks("dev", 16, 3, { upto = 2 })) do
      assert.equal(i <= 8 and 1 or 2, task.meta.difficulty)
      seen[task.group] = (seen[task.group] or 0) + task.meta.difficulty
      for _, block in ipairs(task.public.blocks) do assert.equal("table", type(block.calls)) end
    end
    for _, sum in pairs(seen) do assert.equal(3, sum) end
    assert.is_nil((adapter.tasks("dev", 1, 1, { upto = 9, stream = function() end })))
    assert.is_nil((adapter.tasks("dev", 1, 1, { upto = 2, difficulty = 1, stream = function() end })))
  end)

  it("may be asked for faults that no public test sees, and are kept apart", function()
    for _, task in ipairs(tasks("train", 4, 3, { hidden_only = true })) do
      assert.is_true(task.meta.hidden_only)
      assert.is_true(adapter.verify.run(task.public.artifact, task.public).pass)
      assert.is_false(adapter.judge.run(task.public.artifact, task.private).pass)
    end
    for _, task in ipairs(list) do assert.is_false(task.meta.hidden_only) end
  end)
end)

describe("verifier and judge", function()
  local task = tasks("train", 1, 5)[1]

  it("give nothing to a text that is no Lua, no module, or no program", function()
    for _, text in ipairs { "", "return 1", "nonsense(", "return {}", "error('x')" } do
      local verdict, score = adapter.verify.run(text, task.public), adapter.judge.run(text, task.private)
      assert.is_false(verdict.pass)
      assert.equal(0, verdict.raw.passed)
      assert.is_false(score.pass)
      assert.equal(0, score.correct)
    end
  end)

  it("say what passed of the public tests of each function", function()
    for _, text in ipairs { task.public.artifact, task.private.reference, "return {}" } do
      local verdict = adapter.verify.run(text, task.public)
      local passed, total, names = 0, 0, {}
      for name, row in pairs(verdict.raw.blocks) do
        passed, total, names[#names + 1] = passed + row.passed, total + row.total, name
        assert.is_true(row.passed >= 0 and row.passed <= row.total and row.total >= catalog.PUBLIC)
      end
      assert.same({ verdict.raw.passed, verdict.raw.total, #task.public.blocks }, { passed, total, #names })
      assert.equal(total - passed, #verdict.raw.failing)
    end
    assert.is_nil(adapter.judge.run(task.public.artifact, task.private).raw.blocks) -- of hidden tests nothing
  end)

  it("give 0 to a text that is worse than the broken one, and keep the raw counts", function()
    local score = adapter.judge.run("return {}", task.private)
    assert.equal(0, score.correct)
    assert.equal(0, score.raw.passed)
    assert.is_true(score.raw.broken > 0)
  end)

  it("measure speed against the reference, and reach, beside correctness", function()
    local reference = task.private.reference
    local verdict, score = adapter.verify.run(reference, task.public), adapter.judge.run(reference, task.private)
    assert.same({ 1.0, 1.0, true }, { verdict.correct, verdict.secure, verdict.pass })
    assert.same({ 1.0, 1.0, true }, { score.correct, score.secure, score.pass })
    assert.equal(#task.public.tests, #task.public.costs)
    assert.equal(#task.private.tests, #task.private.costs)
    for _, vector in ipairs { verdict, score } do assert.is_true(vector.fast > 0.95 and vector.fast <= 1) end
    assert.is_nil(verdict.cheap) -- the harness knows, a check does not
    -- the same work with a loop around it that does nothing: correct, and slow
    local slow = reference:gsub("return M%s*$", [[
local wrapped = {}
for name, f in pairs(M) do
  wrapped[name] = type(f) == "function" and function(...) for _ = 1, 200 do end return f(...) end or f
end
return wrapped]])
    local public = value.copy(task.public)
    for _, test in ipairs(public.tests) do test.instructions = 1000000 end
    local slowed = adapter.verify.run(slow, public)
    assert.is_true(slowed.pass)
    assert.is_true(slowed.fast < verdict.fast and slowed.fast > 0)
    local reaching = adapter.verify.run("local x = pcall(function() return os.time() end)\n" .. reference, task.public)
    assert.same({ 0.0, { "process" }, 1.0 }, { reaching.secure, reaching.raw.rules, reaching.correct })
    local none = adapter.verify.run("return {}", task.public)
    assert.is_nil(none.fast) -- what fails fast is not fast
    assert.equal(1.0, none.secure)
    assert.is_nil(adapter.verify.run("nonsense(", task.public).secure)
  end)

  it("are not met by a stub that answers the public tests by heart", function()
    local parts = { "local M = {}\nlocal function same(a, b)\n"
      .. " if type(a) ~= 'table' or type(b) ~= 'table' then return a == b end\n"
      .. " for k, v in pairs(a) do if not same(v, b[k]) then return false end end\n"
      .. " for k in pairs(b) do if a[k] == nil then return false end end\n return true\nend\n" }
    local function literal(item)
      if type(item) ~= "table" then return type(item) == "string" and ("%q"):format(item) or tostring(item) end
      local rows = {}
      for k, v in pairs(item) do rows[#rows + 1] = "[" .. literal(k) .. "]=" .. literal(v) end
      return "{" .. table.concat(rows, ",") .. "}"
    end
    for _, block in ipairs(task.public.blocks) do
      parts[#parts + 1] = "function M." .. block.name .. "(...)\n local given = { ... }\n"
      for _, example in ipairs(block.examples) do
        local outcome = example.want and "return table.unpack(" .. literal(example.want) .. ")"
          or "error(" .. ("%q"):format((example.want_error:gsub("%%(%p)", "%1"):gsub("%$$", ""))) .. ", 0)"
        parts[#parts + 1] = " if same(given, " .. literal(example.args) .. ") then " .. outcome .. " end\n"
      end
      parts[#parts + 1] = "end\n"
    end
    local cheat = table.concat(parts) .. "return M"
    -- the limits alone would stop most of it; here it is given all the time it wants
    local public, private = value.copy(task.public), value.copy(task.private)
    for _, list in ipairs { public.tests, private.tests } do
      for _, test in ipairs(list) do test.instructions = 1000000 end
    end
    assert.equal(1.0, adapter.verify.run(cheat, public).correct)
    local score = adapter.judge.run(cheat, private)
    assert.is_false(score.pass)
    assert.equal(0, score.correct)
  end)

  it("are not fooled by results that only look equal", function()
    local env = { count = count }
    local function passes(code, call) return (make.count(env, code, "x", { call })) == 1 end
    local call = { fn = "f", args = {}, want = { 1 }, instructions = 2000 }
    assert.is_true(passes("return { f = function() return 1 end }", call))
    assert.is_false(passes("return { f = function() return 1.0 end }", call))
    assert.is_false(passes("return { f = function() return '1' end }", call))
    assert.is_false(passes("return { f = function() return 1, 1 end }", call))
    local liar = "return { f = function() return setmetatable({}, { __eq = function() return true end }) end }"
    assert.is_false(passes(liar, call))
    local raises = { fn = "f", args = {}, want_error = "no day 9$", instructions = 2000 }
    assert.is_true(passes("return { f = function() error('no day 9', 0) end }", raises))
    assert.is_false(passes("return { f = function() error('no day 19', 0) end }", { fn = "f", args = {},
      want_error = "^no day 9$", instructions = 2000 }))
    assert.is_false(passes("return { f = function() return 'no day 9' end }", raises))
    assert.is_false(passes("return { f = function() while true do end end }", raises))
  end)
end)

describe("what is hidden", function()
  local CANARY = "canary-7f3e91"
  local fixture_source = "local M = {}\nfunction M.double(x)\n  if type(x) == 'string' then\n    return x .. x\n  end\n"
    .. "  local y = x + x\n  return y\nend\nfunction M.both(x, y)\n  local a = M.double(x)\n  local b = M.double(y)\n"
    .. "  return a, b\nend\nreturn M\n"

  local function block(name, arity)
    local examples = {}
    for i = 1, 8 do
      examples[i] = { args = { i, i + 1 }, want = arity == 1 and { 2 * i } or { 2 * i, 2 * i + 2 } }
      if arity == 1 then examples[i].args = { i } end
    end
    return { name = name, signature = name, pre = function() return true end, post = function() return true end,
      hidden = function(rng, i)
        if i % 2 == 0 then return { CANARY .. i, CANARY } end
        return { rng.int(100, 999), 5 }
      end, examples = examples }
  end

  local function fixture()
    local parts = {
      ["programs/fixture/tests"] = { job = "fixture", brief = "doubles", blocks = { block("double", 1) },
        integration = block("both", 2) },
      splits = { groups = { train = { "fixture" } }, kinds = splits.kinds, kinds_of = splits.kinds_of },
    }
    local fake = { read = function() return fixture_source end, list = function() return { "program", "tests" } end }
    return setmetatable(fake, { __call = function(_, name) return parts[name] or dir(name) end })
  end

  local env = { dir = fixture(), catalog = catalog, draw = draw, inject = inject, splits = fixture() "splits",
    evaluate = eval.lua, count = count }
  local list = assert(make.make(env, "train", 3, random.options(1)))

  it("is in the private part, and nowhere in what a strategy or worker is given", function()
    for _, task in ipairs(list) do
      assert.is_true(contains(task.private, CANARY))
      assert.is_false(contains(task.public, CANARY))
      assert.is_false(contains(task.meta, CANARY))
      assert.is_false(contains(task.id, CANARY))
    end
  end)

  it("is not what the worker reads, sends or tells", function()
    local worker = require "han.worker"
    for _, task in ipairs(list) do
      local spans, requests = {}, {}
      local text = worker.run { artifact = task.public.artifact, public = task.public, random = random.new "w",
        profile = { trials = 60 }, meter = function() return true end, yield = function() end,
        span = function(span) spans[#spans + 1] = span end,
        eval = function(request)
          requests[#requests + 1] = { calls = request.calls, code = request.code }
          return eval.lua(request)
        end }
      assert.is_false(contains(spans, CANARY))
      assert.is_false(contains(requests, CANARY))
      assert.is_false(contains(text, CANARY))
      assert.is_true(#requests > 0)
      for _, name in ipairs { "failing", "localize", "progress" } do
        assert.is_false(contains(lenses[name](spans), CANARY))
      end
    end
  end)

  it("keeps the fault's place and kind out of the public part and the id", function()
    for _, task in ipairs(tasks("train", 8, 2)) do
      assert.is_nil(task.public.fault)
      assert.is_nil(task.public.reference)
      assert.is_nil(task.id:find(task.meta.kind, 1, true))
    end
  end)
end)

describe("lenses", function()
  local spans = {
    { kind = "coverage", passed = 3, total = 5, failing = { { fn = "f", test = 1 }, { fn = "g", test = 4 } },
      lines = { { line = 3, fn = "M.f", failed = 2, passed = 0 }, { line = 4, fn = "M.f", failed = 2, passed = 3 },
        { line = 9, fn = "M.g", failed = 1, passed = 0 } } },
    { kind = "edit", fn = "M.f", line = 4, outcome = "partial" },
    { kind = "edit", fn = "M.f", line = 4, outcome = "failed" },
  }

  it("name the functions that own failing tests", function()
    local findings = lenses.failing(spans)
    assert.equal(2, #findings)
    for _, finding in ipairs(findings) do
      assert.equal("trace", finding.origin)
      assert.equal(0.5, finding.weight)
    end
  end)

  it("rank lines by Ochiai", function()
    local findings = lenses.localize(spans)
    assert.same({ 3, 9, 4 }, { findings[1].where.line, findings[2].where.line, findings[3].where.line })
    assert.equal(1.0, findings[1].weight)
    assert.is_true(math.abs(findings[2].weight - 1 / math.sqrt(2)) < 1e-12)
    assert.is_true(math.abs(findings[3].weight - 2 / math.sqrt(2 * 5)) < 1e-12)
  end)

  it("tell where an edit turned something", function()
    local findings = lenses.progress(spans)
    assert.equal(1, #findings)
    assert.same({ fn = "M.f", line = 4 }, findings[1].where)
  end)

  it("are empty for an empty trace", function()
    for _, name in ipairs { "failing", "localize", "progress" } do assert.same({}, lenses[name]({})) end
  end)
end)
