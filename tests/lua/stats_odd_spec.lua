-- Every method of han.stats on data that is empty, one row, constant, NaN, infinite, unpaired or a million rows: the
-- right answer, or a refusal that names the cause. A method without an entry here fails the first test.
-- luacheck: no max line length

local build = os.getenv "HAN_BUILD" or "build"
local stats = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))()
local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)
local NAN, INF, MILLION = 0 / 0, math.huge, 1000000

local function same(value, n)
  local list = {}
  for i = 1, n do list[i] = value end
  return list
end

local function rows(n) -- 0 and 1 in turns
  local list = {}
  for i = 1, n do list[i] = i % 2 end
  return list
end

-- From one list to the arguments of a method.
local function two(x) return { a = x, b = same(0, #x), resamples = 100 } end
local function one(x) return { x = x, resamples = 100 } end
local function points(x)
  local list = {}
  for i, value in ipairs(x) do list[i] = { value, i } end
  return { points = list }
end

local EMPTY, SPREAD = "the sample is empty", "one group has no spread"
local A_NAN, A_INF, X_NAN, X_INF = "a[2] is not a number", "a[2] is infinite", "x[2] is not a number", "x[2] is infinite"
local UNPAIRED = "unpaired: a has 2 values and b has 1"
local WHOLE = "must be a whole number of 0 or more"

-- What is asked of each method on lists: a refusal's words, or a check of the answer.
local on_lists = {
  sign = { two, empty = EMPTY, row = { p = 1.0, wins = 1 }, constant = { p = 0.125, wins = 4 }, nan = A_NAN, inf = A_INF,
    million = { wins = 500000, ties = 500000, p = 0.0 } },
  mcnemar = { two, empty = "there are no pairs", row = { p = 1.0 }, constant = { p = 0.125 }, nan = "row 2 is not 0 or 1",
    inf = "row 2 is not 0 or 1", million = { only_a = 500000, p = 0.0 } },
  tango = { two, empty = "there are no pairs", row = { mean = 1.0 }, constant = { mean = 1.0 }, nan = "row 2 is not 0 or 1",
    inf = "row 2 is not 0 or 1", million = { mean = 0.5 } },
  paired = { two, empty = EMPTY, row = SPREAD, constant = { mean = 1.0, zero_width = true, p = 1.0 }, nan = A_NAN, inf = A_INF,
    million = { mean = 0.5, groups = MILLION } },
  mean_ci = { one, empty = EMPTY, row = SPREAD, constant = { mean = 1.0, zero_width = true, se = 0.0 }, nan = X_NAN, inf = X_INF,
    million = { mean = 0.5, groups = MILLION } },
  permutation = { one, empty = EMPTY, row = { p = 1.0, exact = true }, constant = { p = 0.125, exact = true }, nan = X_NAN, inf = X_INF,
    million = { mean = 0.5, exact = false, p = 1 / 101 } },
  effect = { two, empty = EMPTY, row = { cliff = 1.0 }, constant = { cliff = 1.0, rank_biserial = 1.0 }, nan = A_NAN, inf = A_INF,
    million = { cliff = 0.5, rank_biserial = 1.0 } },
  eprocess = { one, empty = EMPTY, row = { e_greater = 1.5, p = 1.0 }, constant = { n = 4, e_greater = 1.5 ^ 4, p_less = 1.0 }, nan = X_NAN, inf = X_INF,
    million = { n = MILLION, p_greater = 0.0 } },
  bh = { function(x) return { p = x } end, empty = "the family is empty", row = { q = { 1.0 } }, constant = { q = { 1.0, 1.0, 1.0, 1.0 } },
    nan = "p[2] is not a number", inf = "p[2] is out of its range", million = {} },
  holm = { function(x) return { p = x } end, empty = "the family is empty", row = { q = { 1.0 } }, constant = { q = { 1.0, 1.0, 1.0, 1.0 } },
    nan = "p[2] is not a number", inf = "p[2] is out of its range", million = {} },
  -- an infinite e-value is one: the null is impossible
  ebh = { function(x) return { e = x } end, empty = "the family is empty", row = { q = { 1.0 } }, constant = { q = { 1.0, 1.0, 1.0, 1.0 } },
    nan = "e[2] is not a number", inf = { q = { 1.0, 0.0, 1.0 } }, million = {} },
  pareto = { points, empty = "there are no points", row = { rank = { 1 }, front = { 1 } }, constant = { rank = { 4, 3, 2, 1 } },
    nan = "point 2: objective 1 is not a finite number", inf = "point 2: objective 1 is not a finite number", million = { front = { MILLION - 1, MILLION } } },
}

-- Methods on counts: arguments and what comes of them.
local on_counts = {
  wilson = { { { hits = 0, n = 0 }, "n is 0" }, { { hits = 1, n = 1 }, { mean = 1.0 } }, { { hits = 3, n = 2 }, "more hits than trials" },
    { { hits = NAN, n = 2 }, WHOLE }, { { hits = INF, n = 2 }, WHOLE }, { { hits = MILLION, n = 2 * MILLION }, { mean = 0.5 } } },
  clopper = { { { hits = 0, n = 0 }, "n is 0" }, { { hits = 0, n = 1 }, { ci = { 0.0, 0.975 } } }, { { hits = 3, n = 2 }, "more hits than trials" },
    { { hits = NAN, n = 2 }, WHOLE }, { { hits = INF, n = 2 }, WHOLE }, { { hits = MILLION, n = 2 * MILLION }, { mean = 0.5 } } },
  sign = { { { wins = 0, losses = 0 }, "the sign test is empty" }, { { wins = NAN, losses = 1 }, WHOLE }, { { wins = INF, losses = 1 }, WHOLE },
    { { wins = MILLION, losses = MILLION }, { p = 1.0 } } },
  mcnemar = { { { only_a = 0, only_b = 0, n = 5 }, { p = 1.0 } }, { { only_a = NAN, only_b = 0, n = 5 }, WHOLE }, { { only_a = MILLION, only_b = MILLION }, { p = 1.0 } } },
  tango = { { { only_a = 0, only_b = 0, n = 0 }, "there are no pairs" }, { { only_a = 3, only_b = 0, n = 2 }, "more discordant pairs than pairs" },
    { { only_a = 0, only_b = 0, n = 5 }, { mean = 0.0 } }, { { only_a = MILLION, only_b = 0, n = MILLION }, { mean = 1.0 } } },
  spend = { { { index = 0 }, "index >= 1" }, { { index = 1, alpha = NAN }, "alpha above 0" }, { { index = INF }, WHOLE },
    { { index = MILLION, alpha = 0.05 }, { level = 0.05 * 6 / (math.pi ^ 2 * 1e12) } } },
  lord = { { { rejected = {} }, { level = 0.0013703849004581 } }, { { rejected = same(false, MILLION) }, {} }, { { rejected = {}, alpha = NAN }, "alpha" },
    { { rejected = {}, alpha = INF }, "alpha" } },
  power = { { {}, "power needs n, or a difference" }, { { n = 1, delta = 1 }, "2 to 1000000 groups" }, { { n = 20, delta = NAN }, "delta must be finite" },
    { { n = 20, delta = INF }, "delta must be finite" }, { { n = 20, delta = 1, sd = 0 }, "sd above 0" }, { { delta = 0 }, "there is no difference to find" },
    { { n = MILLION, delta = 0.01 }, { power = 1.0 } }, { { kind = "sign", only_a = NAN, only_b = 0, n = 5 }, "are probabilities" } },
  beta = { { { wins = 0, losses = 0 }, { mean = 0.5 } }, { { wins = NAN, losses = 0 }, "successes and failures" }, { { wins = INF, losses = 0 }, "successes and failures" },
    { { wins = 0, losses = 0, prior_a = 0 }, "the prior's a and b" }, { { wins = MILLION, losses = MILLION }, { median = 0.5 } } },
}

local function near(want, got, where)
  if type(want) == "number" and type(got) == "number" then
    assert.is_true(math.abs(want - got) <= 1e-12 * math.max(1, math.abs(want)), ("%s: want %.17g, got %.17g"):format(where, want, got))
  elseif type(want) == "table" and type(got) == "table" then
    assert.equal(#want, #got, where)
    for i in ipairs(want) do near(want[i], got[i], where) end
  else
    assert.equal(want, got, where)
  end
end

local function expect(where, want, result, message, code)
  if type(want) == "string" then
    assert.is_nil(result, where)
    assert.is_truthy(message:find(want, 1, true), where .. ": " .. message)
    assert.equal("INVALID", code)
  else
    assert.is_truthy(result, where .. ": " .. tostring(message))
    for field, value in pairs(want) do near(value, result[field], where .. "." .. field) end
  end
end

describe("odd data", function()
  it("is asked of every method", function()
    for name in pairs(stats) do assert.is_truthy(on_lists[name] or on_counts[name], name) end
  end)

  for kind, data in pairs { empty = {}, row = { 1 }, constant = { 1, 1, 1, 1 }, nan = { 1, NAN, 0 }, inf = { 1, INF, 0 }, million = rows(MILLION) } do
    it("of the kind " .. kind .. " is answered or refused by name", function()
      for name, entry in pairs(on_lists) do expect(name .. " " .. kind, entry[kind], stats[name](entry[1](data))) end
    end)
  end

  it("of lists that do not pair is refused by name", function()
    for name, entry in pairs(on_lists) do
      if entry[1] == two or entry[1] == one and name ~= "mean_ci" then
        expect(name, UNPAIRED, stats[name] { a = { 1, 0 }, b = { 1 }, resamples = 100 })
      end
    end
    expect("groups", "groups has 1 labels for 2 rows", stats.paired { a = { 1, 2 }, b = { 1, 2 }, groups = { 1 } })
    expect("minimize", "minimize has", stats.pareto { points = { { 1 } }, minimize = { true, false } })
    expect("points", "point 2 has another number of objectives", stats.pareto { points = { { 1, 2 }, { 1 } } })
  end)

  it("as counts is answered or refused by name", function()
    for name, entries in pairs(on_counts) do
      for i, entry in ipairs(entries) do expect(name .. " " .. i, entry[2], stats[name](entry[1])) end
    end
  end)

  it("too large for a double is refused by name", function()
    expect("sum", "too large for a double", stats.mean_ci { x = { 1e308, 1e308, -1e308 } })
    expect("difference", "row 1: a - b is too large", stats.paired { a = { 1e308, 1 }, b = { -1e308, 1 } })
  end)
end)

describe("odd input of han stats", function()
  local folder, remove
  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function refused(words, input, why)
    local r = cli.run(folder, "stats --json " .. words, { input = input })
    assert.equal(2, r.status, words .. ": " .. r.out)
    assert.is_truthy(dkjson.decode(r.out).error.message:find(why, 1, true), r.out)
  end

  case("is refused by what is wrong with it", function()
    refused("sign", "", "standard input is empty")
    refused("sign", "a,b\n", "the sample is empty")
    refused("sign", "a,b\n1,nan\n2,3\n", "b[1] is not a number")
    refused("sign", "a,b\n1,2\n2,-Inf\n", "b[2] is infinite")
    refused("sign", "a,b\n1,x\n", "field 'b': value 1 is a string")
    refused("sign", "a,a,b\n1,2,3\n", "two columns are called 'a'")
    refused("sign", "a,b\n1\n", "1 fields, the first line names 2 columns")
    refused("sign", '{"wins":1,"wins":2,"losses":0}', "duplicate object key")
    refused("sign", '{"a":[1,null],"b":[1,2]}', "null inside an array")
    refused("sign", '{"a":[1,1e999],"b":[1,2]}', "real number overflow")
    refused("sign", '{"a":[1,NaN],"b":[1,2]}', "invalid token")
    refused("bh", "[0.1]", "give an object that names the argument")
    refused("frob", "{}", "no method 'frob'")
  end)
end)
