-- The bin packing family: protocol, instances, baselines, formats, what an artifact may be, verifier and judge.
local eval = require "tests.lua.support.eval_local"
local here = require "tests.lua.support.binpack_local"
local random = require "tests.lua.support.random_local"
local value = require "tests.lua.support.value_local"
local expression = require "han.worker.expression"

local adapter, dir = here.adapter()
local codec, measure, protocol, fast = dir "codec", dir "measure", dir "protocol", dir "fast"
local instances, baselines, format, program = dir "instances", dir "baselines", dir "format", dir "program"
local packing = dir "packing"

local function best_fit(_, _, after) return -after end

describe("numbers as text", function()
  it("come back, at every width, and are printable without escapes", function()
    local list = { 1, 0, codec.MAX - 1, 47, 48, 2303 }
    local text = codec.pack(list, 2)
    assert.same(list, codec.unpack(text, 2))
    assert.equal(('"%s"'):format(text), ("%q"):format(text))
    local many, roll = {}, random.new "codec"
    for i = 1, 1000 do many[i] = roll(codec.BIN_MAX) - 1 end
    assert.same(many, codec.unpack(codec.pack(many, 3), 3))
  end)

  it("refuse what does not fit and what is no such text", function()
    assert.has_error(function() codec.pack({ codec.MAX }, 2) end)
    assert.is_nil(codec.unpack("(", 2))
    assert.is_nil(codec.unpack("(z", 2))
    assert.is_nil(codec.unpack("(\0", 2))
  end)
end)

-- The protocol as it was published, with every bin there is: slow, and the measure of both others.
local function published(items, capacity, priority, aware)
  local residuals, bins, counts = {}, {}, {}
  for i = 1, #items do residuals[i] = capacity end
  for r = 0, capacity do counts[r] = 0 end
  for i, item in ipairs(items) do
    local best, chosen = nil, nil
    for bin, before in ipairs(residuals) do
      if before >= item then
        local p = aware and priority(item + 0.0, before + 0.0, before - item + 0.0,
          before < capacity and counts[before] + 0.0 or 0.0, counts[before - item] + 0.0)
          or not aware and priority(item + 0.0, before + 0.0, before - item + 0.0)
        assert(p == p)
        if best == nil or p > best then best, chosen = p, bin end
      end
    end
    local before = residuals[chosen]
    if before < capacity then counts[before] = counts[before] - 1 end
    residuals[chosen] = before - item
    counts[before - item] = counts[before - item] + 1
    bins[i] = chosen
  end
  return bins
end

describe("the literal protocol", function()
  it("packs by hand as one would by hand", function()
    local items = { 60, 50, 40, 30, 90, 10 }
    assert.same({ 1, 2, 1, 2, 3, 3 }, (protocol.pack(items, 100, best_fit)))
    local worst = function(_, _, after) return after end
    assert.same({ 1, 2, 3, 4, 5, 6 }, (protocol.pack(items, 100, worst)))
    assert.same({ 1, 2, 1, 2, 3, 2 }, (protocol.pack(items, 100, function() return 0 end)))
  end)

  it("takes the first of equal bins, and a bin that fills up exactly", function()
    assert.same({ 1, 2, 1, 2 }, (protocol.pack({ 60, 60, 40, 40 }, 100, best_fit)))
  end)

  it("gives doubles, the residuals before and after, and counts of bins in use alone", function()
    local seen = {}
    protocol.pack({ 60, 60, 30 }, 100, function(...)
      for _, x in ipairs { ... } do assert.equal("float", math.type(x)) end
      seen[#seen + 1] = { ... }
      return -(select(3, ...))
    end, true)
    assert.same({ { 60.0, 100.0, 40.0, 0.0, 0.0 }, { 60.0, 100.0, 40.0, 0.0, 1.0 }, { 30.0, 40.0, 10.0, 2.0, 0.0 },
      { 30.0, 40.0, 10.0, 2.0, 0.0 }, { 30.0, 100.0, 70.0, 0.0, 0.0 } }, seen)
  end)

  it("refuses NaN and what is no number", function()
    for _, bad in ipairs { 0 / 0, false, "1" } do
      for _, code in ipairs { protocol, fast } do
        assert.is_false((pcall(code.pack, { 1 }, 10, function() return bad end)))
        assert.is_false((pcall(code.pack, { 1, 2 }, 10, function(_, before) return before == 10 and 1 or bad end)))
        assert.is_false((pcall(code.pack, { 1, 2 }, 10, function(_, before) return before < 10 and 1 or bad end, true)))
      end
    end
  end)

  it("takes infinities as they compare", function()
    for _, code in ipairs { protocol, fast } do
      assert.same({ 1, 2 }, (code.pack({ 1, 2 }, 10, function(_, before) return before == 10 and 1 or -math.huge end)))
      assert.same({ 1, 1 }, (code.pack({ 1, 2 }, 10, function() return -math.huge end)))
    end
  end)
end)

describe("the fast evaluator", function()
  local total = here.full and 10000 or 600

  it(("agrees with the literal protocol, bin for bin, on %d random programs and instances"):format(total), function()
    local roll, raised = random.new "agree", 0
    for i = 1, total do
      local aware = roll(2) == 1
      local params = { "item", "before", "after", aware and "count_before" or nil, aware and "count_after" or nil }
      local tree = expression.grow({ params = params, constant = 150 }, "num", 4, roll)
      local text = expression.print(tree, params)
      local priority = load("return " .. text)()
      local kind = instances.ORDER[roll(2)]
      local items, capacity = instances.items(kind, 20 + roll(200), roll), instances.KINDS[kind].capacity
      local ok, bins, used = pcall(protocol.pack, items, capacity, priority, aware)
      local same, again, n, lengths = pcall(fast.pack, items, capacity, priority, aware)
      assert.equal(ok, same, text)
      if not ok then raised = raised + 1
      else
        assert.same(bins, again, text)
        assert.equal(used, n)
        assert.equal(used, measure.count(items, capacity, bins))
        local sum = 0
        for r = 0, capacity do sum = sum + lengths[r] end
        assert.equal(used, sum)
        if i % 20 == 0 then assert.same(bins, published(items, capacity, priority, aware), text) end
      end
    end
    assert.is_true(raised < total / 4)
  end)

  it("asks an elementwise program each pair once, over all instances of one capacity", function()
    local asked, cache = {}, {}
    local function priority(item, before)
      local key = item .. "/" .. before
      assert.is_nil(asked[key])
      asked[key] = true
      return before
    end
    fast.pack({ 3, 4, 3, 4, 3 }, 10, priority, false, cache)
    fast.pack({ 4, 3, 4, 3 }, 10, priority, false, cache)
  end)
end)

describe("measures", function()
  it("take the ratio of means by size, and the mean of that over sizes", function()
    local sets = { { n = 10, lower = 4 }, { n = 10, lower = 6 }, { n = 20, lower = 10 } }
    local excess, pooled, sizes = measure.excess(sets, { 5, 6, 12 })
    assert.is_true(math.abs(excess - (0.1 + 0.2) / 2) < 1e-12)
    assert.is_true(math.abs(pooled - 3 / 20) < 1e-12)
    assert.equal(10, sizes[1].n)
    assert.equal(2, sizes[1].instances)
  end)

  it("bound the bins from below by the sum of sizes", function()
    assert.equal(2, measure.lower_bound({ 50, 50, 50, 50 }, 100))
    assert.equal(3, measure.lower_bound({ 50, 50, 50, 50, 1 }, 100))
  end)

  it("count bins without trusting what is said of them", function()
    assert.equal(2, measure.count({ 60, 50, 40 }, 100, { 1, 2, 1 }))
    assert.is_nil((measure.count({ 60, 50, 40 }, 100, { 1, 1, 2 })))
    assert.is_nil((measure.count({ 60, 50, 40 }, 100, { 1, 2 })))
    assert.is_nil((measure.count({ 60, 50 }, 100, { 1, 2, 3 })))
    assert.is_nil((measure.count({ 60 }, 100, { 1.0 })))
    assert.is_nil((measure.count({ 60 }, 100, { 2 })))
    assert.is_nil((measure.count({ 60 }, 100, { 0 })))
  end)

  it("score best fit 0.5, the lower bound 1, and fall with every bin", function()
    assert.equal(0.5, measure.score(0.05, 0.05, 100))
    assert.equal(1.0, measure.score(0.0, 0.05, 100))
    assert.equal(0.0, measure.score(math.huge, 0.05, 100))
    assert.is_true(measure.score(0.051, 0.05, 100) < 0.5)
    assert.is_true(measure.score(0.9, 0.05, 100) > measure.score(0.95, 0.05, 100))
    assert.equal(0.5, measure.score(0.01, 0.0, 100))
    local score = measure.score(0.031, 0.0537, 100)
    assert.is_true(math.abs(0.0537 * (1 - score) / score - 0.031) < 1e-12)
  end)
end)

-- Mean excess of a baseline over samples of one size, and its standard error.
local function excess_of(name, kind, n, samples, label)
  local roll, list, sum = random.new(label), {}, 0
  for i = 1, samples do
    local sets = { instances.set(instances.items(kind, n, roll), instances.KINDS[kind].capacity) }
    list[i] = measure.excess(sets, baselines.bins(name, sets))
    sum = sum + list[i]
  end
  local mean, spread = sum / samples, 0
  for _, x in ipairs(list) do spread = spread + (x - mean) ^ 2 end
  return mean, math.sqrt(spread / (samples - 1) / samples), math.sqrt(spread / (samples - 1))
end

describe("baselines", function()
  -- Published means are over 20 instances (OR3) and 5 (Weibull 5k): both errors count.
  local rows = {
    { "first_fit", "uniform", 500, 20, 0.0574 }, { "best_fit", "uniform", 500, 20, 0.0537 },
    { "first_fit", "weibull", 5000, 5, 0.0423 }, { "best_fit", "weibull", 5000, 5, 0.0398 },
  }
  for _, row in ipairs(rows) do
    local title = "%s on %s of %d items is within sampling error of the published figure"
    it(title:format(row[1], row[2], row[3]), function()
      local samples = row[3] == 500 and 150 or here.full and 30 or 5
      local mean, error_of_mean, deviation = excess_of(row[1], row[2], row[3], samples, "published/" .. row[2])
      local error_of_theirs = deviation / math.sqrt(row[4])
      local distance = math.abs(mean - row[5]) / math.sqrt(error_of_mean ^ 2 + error_of_theirs ^ 2)
      assert.is_true(distance < 3, ("%.4f against %.4f: %.1f standard errors"):format(mean, row[5], distance))
    end)
  end

  it("are what their texts say", function()
    local roll = random.new "texts"
    for name, text in pairs(baselines.TEXT) do
      assert.equal(name, baselines.name_of(text))
      local sets = { instances.set(instances.items("uniform", 150, roll), 150) }
      local used = packing.run(eval.lua, text, baselines.AWARE[name] or false, sets, true)
      assert.same(baselines.bins(name, sets), used)
    end
  end)

  it("of squares choose what makes the sum of squared counts least", function()
    local roll, capacity = random.new "squares", 12
    local items = {}
    for i = 1, 60 do items[i] = roll(7) end
    local bins = fast.pack(items, capacity, load("return " .. baselines.TEXT.sum_of_squares)(), true)
    local residuals, used = {}, 0
    local function sum_with(bin, item)
      local counts, sum = {}, 0
      for b = 1, math.max(used, bin) do
        local r = (residuals[b] or capacity) - (b == bin and item or 0)
        if r > 0 and r < capacity then counts[r] = (counts[r] or 0) + 1 end
      end
      for _, n in pairs(counts) do sum = sum + n * n end
      return sum
    end
    for i, item in ipairs(items) do
      local least = math.huge
      for bin = 1, used + 1 do
        if (residuals[bin] or capacity) >= item then least = math.min(least, sum_with(bin, item)) end
      end
      assert.equal(least, sum_with(bins[i], item))
      residuals[bins[i]] = (residuals[bins[i]] or capacity) - item
      used = math.max(used, bins[i])
    end
  end)
end)

describe("the OR-Library format", function()
  local function fixture()
    local roll, lines, made = random.new "fixture", { " 2" }, {}
    for i = 1, 2 do
      local items = instances.items("uniform", 30, roll)
      made[i] = items
      lines[#lines + 1] = (" t30_%02d \n 150 30 %d"):format(i - 1, measure.lower_bound(items, 150))
      for _, item in ipairs(items) do lines[#lines + 1] = tostring(item) end
    end
    return table.concat(lines, "\n") .. "\n", made
  end

  it("is read", function()
    local text, made = fixture()
    local problems = assert(format.read(text))
    assert.equal(2, #problems)
    assert.equal("t30_01", problems[2].name)
    assert.equal(150, problems[2].capacity)
    assert.same(made[2], problems[2].items)
    assert.equal(measure.lower_bound(made[1], 150), problems[1].best)
  end)

  it("scales sizes with a decimal, as the triplets have them", function()
    local problems = assert(format.read "1\n t3 \n 100.0 3 1\n 49.9\n25.1\n25\n")
    assert.equal(1000, problems[1].capacity)
    assert.same({ 499, 251, 250 }, problems[1].items)
  end)

  it("is refused when it is something else", function()
    for _, text in ipairs { "", "x", "0", "1\n u \n 150 2 1\n 20\n", "1\n u \n 150 1 1\n 151\n",
      "1\n u \n 150 1 1\n x\n", "1\n u \n 150 1 1\n 20\n 30\n", "1\n u \n 150 1 1\n 0\n",
      "1\n u \n nan 1 1\n 20\n", "1\n u \n 150 999999999 1\n 20\n" } do
      local problems, why, code = format.read(text)
      assert.is_nil(problems, text)
      assert.equal("string", type(why))
      assert.equal("FORMAT", code)
    end
  end)

  it("makes a task whose held-out sets are the file's", function()
    local text, made = fixture()
    local list = assert(dir("tasks").of_file(text, "binpack0.txt", 1, here.options(1)))
    assert.equal(1, #list)
    assert.same(made[1], instances.unpack(list[1].private.held[1]))
    local score = adapter.judge.run(baselines.TEXT.best_fit, list[1].private)
    local used = 0
    for _, items in ipairs(made) do used = used + select(2, protocol.pack(items, 150, best_fit)) end
    local lower = measure.lower_bound(made[1], 150) + measure.lower_bound(made[2], 150)
    assert.is_true(math.abs(score.raw.excess - (used / lower - 1)) < 1e-12)
  end)
end)

describe("an artifact", function()
  local pure = {
    "function(item, before, after) return -after end",
    "function(a, b) local c <const> = a * 2 if c > b then return 1 elseif c == b then return 2 end return 0 end",
    "function(item, before, after) local s = 0 for i = 1, 3 do s = s + after ^ i end return math.min(s, math.pi) end",
    "function(item) return (item > 3 and not (item < 5)) and 1 or math.huge end -- a remark",
  }

  it("is one pure function", function()
    for _, text in ipairs(pure) do assert.is_not_nil(program.check(text, "elementwise"), text) end
  end)

  it("is nothing else", function()
    local bodies = { "x = 1 return 0", "return x", "return math.random()", "return math", "math.pi = 3 return 0",
      "item, math.pi = 1, 2 return 0", "return _ENV.x", "return #'a'", "return ('x'):rep(9)", "local t = {} return 0",
      "return (function() return 1 end)()",
      "return item & 1", "return item .. 1", "while true do end", "repeat until true return 1", "goto x ::x:: return 1",
      "for k in item do end return 1", "return item.x", "return item[1]", "local function f() return f() end return 1",
      "return print(1)", "return ...", "return string.len(1)", "local c <close> = nil return 1",
      "return programs", "return fast" }
    for _, body in ipairs(bodies) do
      local ok, why = program.check("function(item, before, after) " .. body .. " end", "elementwise")
      assert.is_nil(ok, body)
      assert.equal("string", type(why))
    end
    for _, text in ipairs { "", "1", "return 1", "function(a) return 1", "function(a) return 1 end, 2",
      "(function(a) return 1 end)",
      "function(a) return 1 end } do local x = 1 end programs[2] = {", "function(...) return 1 end",
      "function(a, b, c, d) return d end", "function(a) return " .. ("a + "):rep(2000) .. "a end" } do
      assert.is_nil((program.check(text, "elementwise")), text:sub(1, 60))
    end
    assert.is_nil((program.check(nil, "state")))
  end)

  it("may ask for counts in the state-aware league alone", function()
    local text = "function(item, before, after, count_before, count_after) return count_after end"
    assert.is_nil((program.check(text, "elementwise")))
    assert.equal(5, program.check(text, "state"))
  end)

  it("names no frozen function that the evaluator does not have", function()
    for _, name in ipairs(program.MATH) do assert.is_not_nil(math[name], name) end
  end)
end)

describe("tasks", function()
  local list = assert(adapter.tasks("train", 4, 7, here.options(7)))

  it("are the same for the same seed and others for another, and begin with the shorter list", function()
    assert.same(list, adapter.tasks("train", 4, 7, here.options(7)))
    assert.same(list[2], adapter.tasks("train", 2, 7, here.options(7))[2])
    assert.not_same(list[1].public.train, adapter.tasks("train", 4, 8, here.options(8))[1].public.train)
  end)

  it("are plain values, each a group of its own, of both kinds of instances", function()
    local groups, kinds = {}, {}
    for _, task in ipairs(list) do
      assert.is_nil(groups[task.group])
      groups[task.group], kinds[task.meta.kind] = true, true
      assert.is_not_nil((value.copy(task)))
    end
    assert.same({ uniform = true, weibull = true }, kinds)
  end)

  it("share no group and no instance between splits, nor between train and held-out", function()
    local groups, sets = {}, {}
    for _, split in ipairs { "train", "dev", "gate", "final" } do
      for _, task in ipairs(adapter.tasks(split, 4, 7, here.options(7))) do
        assert.is_nil(groups[task.group])
        groups[task.group] = true
        for _, own in ipairs { task.public.train, task.private.held } do
          for _, set in ipairs(own) do
            assert.is_nil(sets[set.items])
            sets[set.items] = true
          end
        end
      end
    end
  end)

  it("hide the held-out instances from all that a run and a worker see", function()
    local task = list[1]
    local seen = {}
    local function gather(item)
      if type(item) == "string" then seen[#seen + 1] = item
      elseif type(item) == "table" then for k, v in pairs(item) do gather(k) gather(v) end end
    end
    local requests = {}
    local spy = here.adapter()
    local ctx = here.context(task, function(request)
      requests[#requests + 1] = request
      return eval.lua(request)
    end, 30)
    spy.backends.decision(ctx)
    gather { task.public, ctx.spans, requests, task.meta, task.id }
    assert.is_true(#requests > 2)
    for _, text in ipairs(seen) do
      for _, set in ipairs(task.private.held) do assert.is_nil(text:find(set.items, 1, true)) end
    end
  end)

  it("have two leagues", function()
    local aware = adapter.tasks("train", 1, 7, here.options(7, { difficulty = 2 }))[1]
    assert.equal("state", aware.public.league)
    assert.same(aware, adapter.tasks("train", 1, 7, here.options(7, { league = "state" }))[1])
    assert.equal(aware.group, list[1].group)
    assert.not_equal(aware.id, list[1].id)
    assert.has_error(function() adapter.tasks("train", 1, 7, here.options(7, { league = "both" })) end)
  end)

  it("start with best fit and worth 0.5", function()
    for _, task in ipairs(list) do
      local verdict = adapter.verify.run(task.public.artifact, task.public)
      assert.equal(0.5, verdict.correct)
      assert.equal(task.public.best_fit, verdict.raw.excess)
      assert.is_false(verdict.pass)
      assert.equal(0.5, adapter.judge.run(task.public.artifact, task.private).correct)
    end
  end)
end)

describe("verifier and judge", function()
  local task = adapter.tasks("train", 1, 9, here.options(9))[1]

  it("give nothing to what is no program, is not pure, fails, is NaN, or never ends", function()
    for _, text in ipairs { "", "nonsense(", "function(a) x = 1 return 1 end", "function(a) return a < true end",
      "function(a) return 0 / 0 end", "function(a) return 'x' end", "function(a, b, c, d) return d end",
      "function(a) for i = 1, 1000000000 do a = a + i end return a end", "function(a) return nil end" } do
      local verdict, score = adapter.verify.run(text, task.public), adapter.judge.run(text, task.private)
      assert.equal(0, verdict.correct, text)
      assert.equal(0, score.correct, text)
      assert.is_false(score.pass)
      assert.is_not_nil(score.raw.best_fit)
    end
  end)

  it("are what the protocol gives", function()
    local text = "function(item, before, after) return after <= 2 and 1 or -after end"
    local priority = load("return " .. text)()
    local score, used = adapter.judge.run(text, task.private), {}
    for i, set in ipairs(task.private.held) do
      used[i] = select(2, protocol.pack(instances.unpack(set), set.capacity, priority))
    end
    assert.equal(measure.excess(task.private.held, used), score.raw.excess)
    assert.equal("literal", score.raw.protocol)
    assert.equal("grouped", adapter.verify.run(text, task.public).raw.protocol)
  end)

  it("judge Sum of Squares in its own league wherever it is handed in", function()
    local score = adapter.judge.run(baselines.TEXT.sum_of_squares, task.private)
    assert.equal(score.raw.sum_of_squares, score.raw.excess)
    assert.equal(0, adapter.judge.run(baselines.TEXT.sum_of_squares .. " ", task.private).correct)
  end)

  -- A child that lies: what it says is used only if it is a packing, and counted here.
  local function judged_with(change)
    local liar = here.adapter(function(request)
      local result = eval.lua(request)
      for i, row in ipairs(result.calls) do
        if row.ok then change(row, i) end
      end
      return result
    end)
    return liar.judge.run(baselines.TEXT.best_fit, task.private)
  end

  it("count the bins themselves", function()
    local all_in_one = judged_with(function(row) row.values[1] = row.values[1]:gsub("...", codec.pack({ 1 }, 3)) end)
    assert.equal(0, all_in_one.correct)
    assert.equal("value", all_in_one.raw.class)
    local short = judged_with(function(row) row.values[1] = row.values[1]:sub(4) end)
    assert.equal(0, short.correct)
    for _, junk in ipairs { "zzz", 7, true } do
      assert.equal(0, judged_with(function(row) row.values[1] = junk end).correct)
    end
    assert.equal(0.5, judged_with(function(row) row.values[2], row.n = 1, 2 end).correct)
    local cut = judged_with(function(row, i) if i == 2 then row.ok, row.class = false, "limit:time" end end)
    assert.equal(0, cut.correct)
  end)

  it("give no verdict when nothing could be evaluated", function()
    local down = here.adapter(function() return nil, "the runner is gone", "PEER" end)
    assert.same({ nil, "the runner is gone", "PEER" }, { down.verify.run(baselines.TEXT.best_fit, task.public) })
    assert.same({ nil, "the runner is gone", "PEER" }, { down.judge.run(baselines.TEXT.best_fit, task.private) })
  end)

  it("take a call that did not come back for what ended the child", function()
    local lost = here.adapter(function() return { class = "limit:time", message = "more than 5 ms", calls = {} } end)
    local score = lost.judge.run(baselines.TEXT.best_fit, task.private)
    assert.equal(0, score.correct)
    assert.equal("limit:time", score.raw.class)
  end)
end)
