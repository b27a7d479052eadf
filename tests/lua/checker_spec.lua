-- han.checker below the command: the order of the cases, the classes of a verdict, values as they are shown; over
-- an evaluator that each test scripts.
-- luacheck: no max line length

local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"
local value_local = require "tests.lua.support.value_local"

local fake = {
  ["han.json"] = { null = dkjson.null, decode = function(text) return (dkjson.decode(text, 1, dkjson.null)) end },
  ["han.value"] = { equal = value_local.equal, encode = function(v) return assert(value_local.copy(v)) end },
  ["han.sys"] = setmetatable({ nonce = function() return ("0123456789abcdef"):rep(2) end }, { __index = fakes.sys }),
}

local function with_fakes(f)
  local before, names = {}, { "han.checker", "han.checker.cases" }
  for name in pairs(fake) do names[#names + 1] = name end
  for _, name in ipairs(names) do before[name], package.loaded[name] = package.loaded[name], fake[name] end
  local results = table.pack(pcall(f))
  for _, name in ipairs(names) do package.loaded[name] = before[name] end
  assert(results[1], results[2])
  return table.unpack(results, 2)
end

local checker, cases = with_fakes(function() return require "han.checker", require "han.checker.cases" end)
local show = require "han.checker.show"

local function list(text) return assert(cases.read(text, "calls", "c.json")) end

-- A verdict over n cases of f() that want 1; `answer(k)` is what the k-th evaluation gives.
local function verdict(n, answer, more)
  local k, requests = 0, {}
  local spec = { lang = "lua", code = "text", name = "dir/f.lua", seed = 1, cases = list("[" .. ('{"call":"f","args":[1],"want":1},'):rep(n):sub(1, -2) .. "]"),
    evaluate = function(request)
      k = k + 1
      requests[k] = request
      return answer(k)
    end }
  for key, item in pairs(more or {}) do spec[key] = item end
  return requests, checker.check(spec)
end

local function gave(...)
  return { class = "ok", calls = { { ok = true, values = { ... }, n = select("#", ...) } } }
end

describe("han.checker", function()
  it("asks one case each, and never hands out what is wanted", function()
    local requests, result = verdict(3, function() return gave(1) end)
    assert.same({ "pass", true, 3, 3, "split", "none" }, { result.class, result.pass, result.passed, result.total, result.trust, result.sandbox })
    assert.equal(3, #requests)
    for _, request in ipairs(requests) do
      assert.same({ { fn = "f", args = { 1, n = 1 } } }, request.calls)
      assert.equal("f.lua", request.name)
    end
  end)

  it("carries the level that the evaluations ran at", function()
    local _, result = verdict(1, function()
      local answer = gave(1)
      answer.sandbox = "strong"
      return answer
    end)
    assert.equal("strong", result.sandbox)
  end)

  it("tells what ended a candidate before what it got wrong", function()
    local function class_with(odd)
      local _, result = verdict(4, function(k) return k == 2 and odd or gave(k == 3 and 2 or 1) end)
      return result.class, result.passed
    end
    assert.same({ "fail", 2 }, { class_with(gave(7)) })
    assert.same({ "fail", 2 }, { class_with { class = "ok", calls = { { ok = false, class = "value", message = "x" } } } })
    assert.same({ "fail", 2 }, { class_with { class = "ok", calls = { { ok = false, class = "runtime", message = "x" } } } })
    assert.same({ "crash", 2 }, { class_with { class = "crash", calls = {} } })
    assert.same({ "crash", 2 }, { class_with { class = "ok", calls = {} } })
    assert.same({ "crash", 2 }, { class_with { class = "ok", calls = { gave(1).calls[1], gave(1).calls[1] } } })
    assert.same({ "limit:time", 2 }, { class_with { class = "limit:time", calls = { gave(1).calls[1] } } })
    assert.same({ "limit:memory", 2 }, { class_with { class = "ok", calls = { { ok = false, class = "limit:memory" } } } })
  end)

  it("loads once when it cannot be loaded", function()
    local requests, result = verdict(5, function() return { class = "format", message = "f.lua:1: no", line = 1, calls = {} } end)
    assert.same({ 1, "format", 0, "f.lua:1: no", 1 }, { #requests, result.class, result.passed, result.message, result.line })
  end)

  it("gives no verdict when the fork server failed", function()
    local _, result, why, code = verdict(2, function() return nil, "gone", "PEER" end)
    assert.same({ nil, "gone", "PEER" }, { result, why, code })
  end)

  it("refuses cases that are no plain values and languages that it does not know", function()
    assert.has_error(function() checker.check { lang = "cobol", cases = {} } end, "han.checker: no language 'cobol'")
    local result, why, code = checker.check { lang = "lua", cases = list('[{"call":"f","want":{"$set":[1]}}]') }
    assert.same({ nil, "case 1: $set has no meaning for Lua; there is $bytes", "INVALID" }, { result, why, code })
  end)

  it("orders by the seed: a permutation, another for another seed", function()
    local seen = {}
    for seed = 1, 20 do
      local order = checker.order(40, seed)
      seen[table.concat(order, " ")] = true
      local sorted = table.move(order, 1, #order, 1, {})
      table.sort(sorted)
      for i = 1, 40 do assert.equal(i, sorted[i]) end
      assert.same(order, checker.order(40, seed))
    end
    local n = 0
    for _ in pairs(seen) do n = n + 1 end
    assert.equal(20, n)
    assert.equal(0x0123456789ab, checker.fresh_seed())
  end)

  it("shows values short and on one line", function()
    assert.equal('{1, 2.5, "a\\nb\\xff", {[7] = 1.0, x = true, ["y z"] = 0.1}}', show.value { 1, 2.5, "a\nb\xff", { x = true, ["y z"] = 0.1, [7] = 1.0 } })
    assert.equal("1, nil, 3", show.list { 1, nil, 3, n = 3 })
    assert.is_true(#show.value(("x"):rep(1e6)) < 200)
    local wide = {}
    for i = 1, 1e5 do wide[i] = i end
    assert.is_true(#show.value(wide) < 200)
  end)
end)
