-- han ablate: the grid of the levels of learning. First with played cells and authors, so that what each level is worth
-- is known; then as a user meets it, on a toy family.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local fakes = dofile "tests/lua/support/fakes.lua"
local stream = require("tests.lua.support.random_local").new

local build = os.getenv "HAN_BUILD" or "build"
local stats = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))()
local MINE = { "han.stats", "han.contrast", "han.gate", "han.report", "han.improve", "han.improve.slope", "han.improve.summary", "han.improve.learner", "han.improve.arms", "han.improve.plan", "han.ablate" }

-- FNV-1a in place of SHA-256.
local function digest(text)
  local h = 0xcbf29ce484222325
  for i = 1, #text do h = (h ~ text:byte(i)) * 0x100000001b3 end
  return ("%016x"):format(h):rep(4)
end

local START = "function(x)\n  return x\nend\n"
local function worth(text) return tonumber(text:match "x %+ (%d+)") or 0 end

describe("han.ablate", function()
  local ablate, firewall
  setup(function()
    for _, name in ipairs(MINE) do package.loaded[name] = nil end
    package.loaded["han.stats"] = stats
    ablate, firewall = require "han.ablate", require "han.firewall"
  end)
  teardown(function() for _, name in ipairs(MINE) do package.loaded[name] = nil end end)

  local adapter = { name = "played", budget = { evals = 4 }, worker = { backend = "guess" },
    improve = { what = "artifact", start = START, strategy = "sample", candidates = 2, game = function() return {} end,
      lines = { { name = "a", options = { kind = "a" } }, { name = "b", options = { kind = "b" } } },
      learn = { groups = 2 }, dev = { groups = 4 }, gate = { groups = 12 }, score = { groups = 8, budget = { shots = 1, evals = 3 } } } }

  local function plan(more)
    local spec = { adapter = "played", seed = 3, rounds = 2 }
    for key, item in pairs(more or {}) do spec[key] = item end
    local made = assert(ablate.plan(adapter, spec))
    for i, line in ipairs(made.lines) do made.lines[i] = { name = line.name, options = line.options, start = START, game = {} } end
    return made
  end

  -- The author that learns of itself proposes what is worth twice as much.
  local function played_author(told, gains)
    return { evidence = firewall.evidence, shape = function(_, text) return text end,
      new = function(options)
        local a, round = {}, 0
        told[#told + 1] = options.settings
        function a.propose(_, input, n)
          firewall.check_author(input)
          told[#told + 1], round = input, round + 1
          local list = {}
          for i = 1, n do
            local text = ("function(x)\n  return (x + %d)\nend\n%s"):format((options.settings.learns == "all" and gains.meta or gains.cross) * round, (" "):rep(i))
            list[i] = { text = text, digest = digest(text), operator = "constant", parents = {}, shape = "s", novel = true }
          end
          return list
        end
        function a.harvest() return 0 end
        function a.learn(_, outcomes) told[#told + 1] = outcomes end
        function a.best() return {} end
        function a.lesson() return { learns = options.settings.learns } end
        return a
      end }
  end

  local function measured(seen, gains, phase)
    seen.phases[#seen.phases + 1] = phase
    local records, tasks = {}, {}
    for g = 1, phase.groups do
      local group = ("%s-%s-%d-%d"):format(phase.options.kind, phase.split, phase.seed, g)
      tasks[g] = { id = group, group = group }
      for _, arm in ipairs(phase.arms) do
        local canary = (phase.split == "gate" or phase.split == "final") and "CANARY" or ""
        local noise = stream(group .. arm.start .. arm.strategy .. (arm.replicate or 0))()
        local correct = 0.2 + 0.05 * worth(arm.start) + 0.1 * stream(group)() + 0.02 * noise + (arm.strategy == "refine" and gains.within or 0)
        records[#records + 1] = { cell = group .. "/" .. arm.name, task = group, group = group, arm = arm.name, split = phase.split,
          seed = phase.seed, replicate = arm.replicate or 0, status = "done", infra = false, over = false, trust = "split", sandbox = "strong",
          score = { correct = correct, pass = false, raw = { said = canary } }, verdict = { correct = correct, pass = false }, output = arm.start .. canary,
          spend = { evals = 3, shots = 4 }, budget = phase.budget, digests = { program = digest(arm.start .. arm.strategy), profile = "p", checks = "c", engine = "e" },
          attempts = { { spans = { { kind = "settle", text = canary } }, output = canary, spend = {} } } }
      end
    end
    return records, { trust = "split", sandbox = "strong", tasks = tasks, slice = "s", level = 0.03, position = 1 }
  end

  local function run(gains, more, broken)
    local seen, made = { phases = {}, told = {}, kept = {}, labels = {}, crowned = 0 }, plan(more)
    local env = { author = played_author(seen.told, gains), digest = digest,
      measure = function(phase)
        if broken then broken(phase) end
        return measured(seen, gains, phase)
      end,
      pipeline = function() return { filter = function(_, list) return list, {} end } end,
      random = function(label)
        seen.labels[#seen.labels + 1] = label
        return stream(label)
      end,
      keep = function(row) seen.kept[#seen.kept + 1] = row end, crown = function() seen.crowned = seen.crowned + 1 end,
      lesson = function(a) return "return { learns = \"" .. a.lesson().learns .. "\" }" end, round = function() end, say = function() end }
    return ablate.run(made, env), seen
  end

  local function by_name(list, key)
    local out = {}
    for _, row in ipairs(list) do out[row[key]] = row end
    return out
  end

  it("finds what each level is worth, alone and together", function()
    local object = run { within = 0.1, cross = 1, meta = 2 }
    local rows = by_name(object.contrasts, "name")
    local function is(name, lift) -- rounds: 2, so cross is worth 0.1 and meta as much again
      assert.is_true(math.abs(rows[name].lift - lift) < 0.02, name .. " " .. rows[name].lift)
      assert.is_true(rows[name].q <= 0.05)
      assert.matches(lift > 0 and "^helps" or "^hurts", rows[name].claim)
    end
    is("within alone", 0.1)
    is("cross alone", 0.1)
    is("within+cross", 0.2)
    is("cross+meta", 0.2)
    is("all three", 0.3)
    is("within, over the grid", 0.1)
    is("cross, over the grid", 0.1)
    is("meta, given cross", 0.1)
    assert.is_true(math.abs(rows["within x cross"].lift) < 0.02)
    assert.matches("^no credible effect", rows["within x cross"].claim)
    for _, name in ipairs { "meta alone", "within+meta" } do
      assert.is_true(rows[name].diagnostic)
      assert.is_nil(rows[name].q)
      assert.is_true(math.abs(rows[name].lift) < 0.02)
    end
    assert.equal(24, rows["within alone"].groups) -- two lines of twelve
    assert.equal(3, #object.claims)
    assert.matches("^steering in flight %(within%): helps", object.claims[1])
  end)

  it("prints nulls and harms as such, corrected over the whole grid", function()
    local object = run { within = -0.1, cross = 0, meta = 0 }
    local rows, tested = by_name(object.contrasts, "name"), 0
    assert.matches("^hurts", rows["within, over the grid"].claim)
    assert.matches("^no credible effect", rows["cross, over the grid"].claim)
    assert.matches("^no credible effect", rows["meta, given cross"].claim)
    for _, row in ipairs(object.contrasts) do if row.q then tested = tested + 1 end end
    assert.equal(#ablate.CONTRASTS, tested)
  end)

  it("gives every cell the same tasks under the same budget, more than one attempt's", function()
    local object, seen = run { within = 0.1, cross = 1, meta = 2 }
    for _, arm in ipairs(object.arms) do
      assert.same({ 24, { shots = 96, evals = 288 } }, { arm.cells, arm.budget })
    end
    local scored = seen.phases[#seen.phases]
    assert.same({ "score", "final", { shots = 4, evals = 12 } }, { scored.phase, scored.split, scored.budget })
    local arms = by_name(scored.arms, "name")
    assert.same({ "sample", "refine", START, START }, { arms.base.strategy, arms.within.strategy, arms.base.start, arms.meta.start })
    assert.same({ 0, 1, 1, 0 }, { arms.base.replicate, arms.meta.replicate, arms["within+meta"].replicate, arms["within+cross+meta"].replicate })
    assert.equal(arms.cross.start, arms["within+cross"].start)
    assert.equal(arms["cross+meta"].start, arms["within+cross+meta"].start)
    assert.is_true(worth(arms["cross+meta"].start) > worth(arms.cross.start))
  end)

  it("teaches both authors alike: same tasks, spend and random numbers; one learns of itself", function()
    local object, seen = run { within = 0, cross = 1, meta = 2 }
    assert.same(object.learning.cross.learn, object.learning.meta.learn)
    assert.equal(object.candidates.cross.candidates, object.candidates.meta.candidates)
    local counts = {}
    for _, label in ipairs(seen.labels) do counts[label] = (counts[label] or 0) + 1 end
    for label, n in pairs(counts) do assert.equal(2, n, label) end
    local learns = {}
    for _, one in ipairs(seen.told) do if one.learns then learns[one.learns] = true end end
    assert.same({ nothing = true, all = true }, learns)
    assert.equal(0, seen.crowned) -- an experiment deploys nothing
  end)

  it("shows no author what gate and grid hold, and uses fresh groups for the grid and for the author's gate", function()
    local _, seen = run { within = 0, cross = 1, meta = 2 }
    local function holds(value, word, visited)
      if type(value) == "string" then return value:find(word, 1, true) ~= nil end
      if type(value) ~= "table" or visited[value] then return false end
      visited[value] = true
      for key, item in next, value do if holds(key, word, visited) or holds(item, word, visited) then return true end end
      return false
    end
    assert.is_false(holds(seen.told, "CANARY", {}))
    assert.is_false(holds(seen.kept, "CANARY", {}))
    for _, phase in ipairs(seen.phases) do
      local last = phase.phase == "score" or phase.key:find("gate-author", 1, true)
      assert.equal(last and 3 or phase.round, phase.round)
      assert.is_true(last ~= nil and last ~= false or phase.round <= 2)
    end
  end)

  it("gates the author that learned like a program", function()
    local object, seen = run { within = 0, cross = 1, meta = 2 }
    assert.same({ "played/a@author", "promote" }, { object.authors[1].line, object.authors[1].decision })
    local row = seen.kept[#seen.kept]
    assert.same({ "played/b@author", "profile", "promoted", 'return { learns = "all" }' }, { row.line, row.kind, row.status, row.text })
    object, seen = run { within = 0, cross = 1, meta = 1 }
    assert.same({ "hold", "both authors ended with the same program" }, { object.authors[1].decision, object.authors[1].reason })
    assert.equal("gated", seen.kept[#seen.kept].status)
    object = run { within = 0, cross = 2, meta = 1 }
    assert.not_equal("promote", object.authors[1].decision)
  end)

  it("says so when no groups are left for the author's gate, and measures the grid all the same", function()
    local object, seen = run({ within = 0.1, cross = 1, meta = 2 }, nil, function(phase)
      if phase.key:find("gate-author", 1, true) then error { code = "REFUSED", message = "no group is left" } end
    end)
    assert.same({ "refused", "there are no fresh groups for it: no group is left" }, { object.authors[1].decision, object.authors[1].reason })
    assert.equal("refused", seen.kept[#seen.kept].status)
    assert.equal(24, object.arms[1].n)
    local ok, err = pcall(run, { within = 0, cross = 1, meta = 2 }, nil, function(phase)
      if phase.key:find("gate-author", 1, true) then error { code = "PEER", message = "gone" } end
    end)
    assert.same({ false, "PEER" }, { ok, err.code })
  end)

  it("switches the steering of a learnt strategy off part by part, and refuses one that has no parts", function()
    local parts, syntax = require "han.author.parts", require "han.syntax"
    local made = assert(ablate.plan({ name = "s", worker = { backend = "search" }, budget = { shots = 8 }, improve = { what = "strategy" } }, { seed = 1 }))
    assert.equal("steer=lens", made.strategy)
    assert.same({ shots = 8 }, made.score.budget)
    made.lines[1].start = "return 1"
    assert.matches("is not made of the parts", ablate.fault(made))
    made.lines[1].start = parts.compose({ steer = "driver", topology = "governor", stop = "luby", act = "batch" }, { width = 3 })
    assert.is_nil(ablate.fault(made))
    local blind = ablate.blinded(made.lines[1].start)
    assert.equal("steer none, topology independent, stop luby, act batch", parts.describe(syntax.parse(blind)))
    assert.is_truthy(blind:find("width = 3", 1, true))
  end)
end)

local probe = cli.is_built and cli.run(".", "doctor --json").out or ""
local strong = probe:find('"sandbox"') and probe:find("strong: ", 1, true) ~= nil
local function case(name, f)
  if not cli.is_built then return pending(name .. " (no program)") end
  if not strong then return pending(name .. " (no sandbox strong on this machine)") end
  return it(name, f)
end

describe("han ablate", function()
  local folder, remove
  setup(function()
    folder, remove = fakes.folder()
    fakes.write(folder, { ["flywheel.lua"] = fakes.sys.read_file "tests/data/adapters/flywheel.lua" })
  end)
  teardown(function() remove() end)
  local function han(words) return cli.run(folder, words, { seconds = 300 }) end

  local WORDS = "ablate ./flywheel.lua --n 6 --seed 900005 "
  local whole

  case("measures the grid and prints a sentence for each level", function()
    whole = han(WORDS .. "--json --jobs 2")
    assert.equal(0, whole.status, whole.err)
    local object = dkjson.decode(whole.out)
    assert.same({ 1, 8, 11, 3, "strong", "split" }, { object.schema, #object.arms, #object.contrasts, #object.claims, object.sandbox, object.trust })
    for _, arm in ipairs(object.arms) do assert.same({ 6, { shots = 24, evals = 48, tokens = 96 } }, { arm.cells, arm.budget }) end
    local shown = han(WORDS .. "--jobs 3 -o now.html --db other.db")
    assert.matches("cell +within +cross +meta +score", shown.out)
    assert.matches("within%+cross%+meta +on +on +on", shown.out)
    assert.matches("meta +off +off +on [^\n]*A/A of base", shown.out)
    assert.matches("steering in flight %(within%): ", shown.out)
    assert.matches("next: han lineage %-%-run %S+ %-%-learner cross", shown.err)
    assert.equal(whole.out, han("resume --last --json --db other.db").out) -- any number of jobs, and what it printed once more
    local line = dkjson.decode(han("lineage flywheel@author --learner meta --all --json").out)
    assert.equal("profile", line.versions[1].kind)
    local plain = dkjson.decode(han("lineage flywheel --json --db other.db").out)
    assert.equal("meta", plain.learner) -- no learner of an experiment is deployed
    assert.is_true(#plain.versions > 0)
    assert.is_truthy(line.versions[1].text:find('learns = "all"', 1, true))
  end)

  case("writes a page that needs no script and no network, then and later", function()
    local later = han "report --last -o later.html --db other.db --json"
    assert.equal(0, later.status, later.err)
    assert.equal(2, dkjson.decode(later.out).rounds)
    local page, object = fakes.sys.read_file(folder .. "/now.html"), dkjson.decode(whole.out)
    assert.equal(page:gsub("now%.html", "later.html"), fakes.sys.read_file(folder .. "/later.html"))
    assert.matches("script%-src 'none'", page)
    assert.is_nil(page:find("<script", 1, true) or page:find("http://", 1, true) or page:find("https://", 1, true))
    assert.equal(8, select(2, page:gsub('<tr><th scope="row">[%l+]+</th><td>o', "")))
    assert.equal(11, select(2, page:gsub('<tr><th scope="row">[%l +,]+</th><td class="n">[+-]', "")))
    assert.equal(19, select(2, page:gsub('<circle class="dot', "")))
    for _, row in ipairs(object.contrasts) do
      assert.is_truthy(page:find((">%s</th><td class=\"n\">%+.3f</td>"):format(row.name, row.lift), 1, true), row.name)
      if row.q then assert.is_truthy(page:find((">%.3f</td>"):format(row.q), 1, true)) end
    end
    for _, claim in ipairs(object.claims) do assert.is_truthy(page:find("<p>" .. claim .. ".</p>", 1, true), claim) end
    for _, words in ipairs { "han ablate ./flywheel.lua %-%-n 6 %-%-seed 900005", "A/A of within", "flywheel@author, meta",
      "flywheel, cross", "What learning cost", "<meter", "on groups that neither has seen" } do
      assert.matches(words, page)
    end
  end)

  case("ends like one that was never killed", function()
    local points = os.getenv "HAN_FULL" and { 2, 9, 20, 33, 50, 70, 90 } or { 20 }
    local words = WORDS .. "--json --jobs 2 --db killed.db"
    for _, cells in ipairs(points) do
      local script = ([[cd %s; env -u HAN_PATH NO_COLOR=1 %s %s > /dev/null 2>&1 & pid=$!
while kill -0 $pid 2>/dev/null; do
  n=$(%s corpus query "SELECT count(*) AS n FROM cell" --db killed.db 2>/dev/null | tail -n 1)
  [ "${n:-0}" -ge %d ] 2>/dev/null && { kill -KILL $pid; break; }
done; wait $pid]]):format(fakes.quote(folder), cli.han, words, cli.han, cells)
      local _, _, status = os.execute("timeout -s KILL 100 sh -c " .. fakes.quote(script) .. " 2> /dev/null")
      if status == 0 then break end -- it was faster than we looked
      assert.equal(137, status)
      words = "resume --last --json --jobs 2 --db killed.db"
    end
    local last = han "resume --last --json --db killed.db"
    assert.equal(0, last.status, last.err)
    assert.equal(whole.out, last.out)
  end)

  case("whose author was promoted lets improve begin with what that learnt", function()
    -- the family without a worker of use: all that is found is found by authors
    local text = fakes.sys.read_file("tests/data/adapters/flywheel.lua"):gsub('name = "flywheel"', 'name = "slow"')
      :gsub("local function guess%(ctx%)", "%0\n  if ctx then return ctx.artifact end")
    fakes.write(folder, { ["slow.lua"] = text })
    assert.matches("no author of slow has learnt", han("improve ./slow.lua --author learnt --db other.db").err)
    local r = han "ablate ./slow.lua --rounds 1 --n 6 --candidates 6 --seed 900014 --json --db slow.db"
    assert.equal(0, r.status, r.err)
    local row = dkjson.decode(r.out).authors[1]
    assert.equal("promote", row.decision, row.reason)
    assert.equal(0, han("promote slow@author " .. row.digest:sub(1, 12) .. " --db slow.db").status)
    local words = "improve ./slow.lua --rounds 1 --n 6 --candidates 6 --seed 900015 --json --db slow.db"
    local before, after = han(words), han(words .. " --author learnt")
    assert.equal(0, after.status, after.err)
    assert.not_equal(before.out, after.out)
    assert.equal(after.out, han("resume --last --json --db slow.db").out)
    assert.equal(0, #dkjson.decode(han("lineage slow --db slow.db --json").out).versions[1].parents)
  end)

  case("is one use of authors; another: what a governor chose on train tasks reaches the author of strategies", function()
    local found
    for seed = 900052, 900059 do -- whether the operator is drawn is chance
      assert.equal(0, han(("improve ./flywheel.lua --what strategy --strategy topology=governor --rounds 1 --n 6 --candidates 8 --seed %d --quiet --db governor.db"):format(seed)).status)
      local r = han "corpus query \"SELECT content(digest) AS text FROM learnt WHERE learner = 'deployed' AND operator = 'mined_choice'\" --json --db governor.db"
      found = dkjson.decode(r.out).rows[1]
      if found then break end
    end
    assert.matches("params = { reward = [%d.]+, skill_best = [%d.]+, skill_fresh = [%d.]+, skill_line = [%d.]+ }", found.text)
    assert.is_nil(found.text:find("skill_best = 1, skill_fresh = 1, skill_line = 1", 1, true))
  end)

  case("refuses what cannot be", function()
    assert.equal(2, han("ablate ./flywheel.lua --what poem").status)
    local r = han "ablate ./flywheel.lua --what strategy --strategy sample"
    assert.equal(2, r.status)
    assert.matches("sample is not made of the parts", r.err)
    r = han "ablate ./flywheel.lua --sandbox none"
    assert.equal(78, r.status)
  end)
end)
