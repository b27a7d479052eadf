-- The page of han report, without a browser: what it says, what it escapes, what it draws. The browser has a spec of
-- its own (report_browser_spec.lua).
-- luacheck: no max line length

local dkjson = require "dkjson"
local fakes = dofile "tests/lua/support/fakes.lua"

local modules = { "han.sys", "han.json", "han.stats", "han.report", "han.report_data", "han.report_marks", "han.report_page", "han.report_parts",
  "han.vectors", "han.contrast" }

describe("han.report_page", function()
  local page, data, marks, parts

  before_each(function()
    for _, name in ipairs(modules) do package.loaded[name] = nil end
    package.loaded["han.sys"] = fakes.sys
    package.loaded["han.json"] = { encode = dkjson.encode, array = function(t) return t end }
    package.loaded["han.stats"] = {}
    page, data, marks = require "han.report_page", require "han.report_data", require "han.report_marks"
    parts = require "han.report_parts"
  end)
  after_each(function() for _, name in ipairs(modules) do package.loaded[name] = nil end end)

  local function record(task, arm, correct, more)
    local r = { cell = "toy/" .. task .. "/" .. arm .. "/0", task = task, group = "g" .. task, arm = arm, infra = false,
      over = false, score = { correct = correct, pass = correct == 1 }, spend = { evals = 10, shots = 2 },
      budget = { evals = 40, shots = 4 }, shots = { { evals = 6, shots = 1 }, { evals = 4, shots = 1 } } }
    for key, value in pairs(more or {}) do r[key] = value end
    return r
  end

  local function model(arm, more)
    local records = { record("1", "sample", 0.25), record("1", arm, 0.75, more), record("2", "sample", 0.5), record("2", arm, 0.5) }
    local function row(name, mean)
      return { name = name, n = 2, groups = 2, solved = 0, score = { mean = mean, ci = { mean - 0.1, mean + 0.1 } },
        budget = { evals = 40, shots = 4 }, spend = { evals = 20 }, spend_max = { evals = 10 }, over = 0 }
    end
    return {
      run = { id = "20260131-101500-4fd2ab" }, began = "2026-01-31", ended = true, counts = { tasks = 2, unfinished = 0 },
      records = records, command = "han bench toy", page_command = "han report", version = "0.1.0",
      object = { schema = 1, adapter = "toy", seed = 7, split = "dev", trust = "split", sandbox = "none",
        arms = { row("sample", 0.375), row(arm, 0.625) }, excluded = {},
        contrasts = { { arm = arm, against = "sample", n = 2, groups = 2, wins = 1, ties = 1, losses = 0, lift = 0.25,
          ci = { -0.1, 0.6 }, q = 0.5, claim = "no credible difference between " .. arm .. " and sample" } } },
    }
  end

  local function has(text, part) assert.is_truthy(text:find(part, 1, true), "not in the page: " .. part) end
  local function lacks(text, part) assert.is_falsy(text:find(part, 1, true), "in the page: " .. part) end
  local function count(text, part) return select(2, text:gsub((part:gsub("%p", "%%%0")), "")) end

  it("says what the bench found", function()
    local text = page.render(model("refine"))
    has(text, "<p>no credible difference between refine and sample.</p>")
    has(text, "Made with sandbox none and trust split: shown, but no evidence for a gate.")
    has(text, "2 tasks in 2 groups")
    has(text, "<title>refine: 0.625, 95 % CI 0.525 to 0.725</title>")
    has(text, "<title>refine: +0.250, 95 % CI -0.100 to +0.600</title>")
    has(text, "<title>1 (g1): 0.750 against 0.250, +0.500</title>")
    has(text, "refine against sample: 1 wins, 1 ties, 0 losses")
    has(text, '<meter min="0" max="1" value="0.2500"')
    has(text, "<p>No cell was excluded.</p>")
    has(text, "<code>han bench toy</code>")
    assert.equal(3, count(text, '<circle class="dot"'))
    for _, id in ipairs { "scores", "contrasts", "tasks", "spend", "budget", "pareto", "excluded", "made" } do
      has(text, '<section id="' .. id .. '"')
      has(text, '<a href="#' .. id .. '">')
    end
  end)

  it("asks the network for nothing, and lets only its own scripts run", function()
    local text = page.render(model("refine"))
    local policy = text:match('Content%-Security%-Policy" content="([^"]+)"')
    has(policy, "default-src 'none'")
    lacks(policy, "unsafe")
    lacks(policy, "http")
    local scripts = 0
    for script in text:gmatch("<script>(.-)</script>") do
      scripts = scripts + 1
      has(policy, parts.policy_digest(script))
    end
    assert.equal(2, scripts)
    has(policy:match("style%-src (.*)"), parts.policy_digest(text:match("<style>(.-)</style>")))
    for _, part in ipairs { " src=", "<link", "@import", "url(", "<img", "<iframe", ' href="h', " onclick", ' style="' } do
      lacks(text:gsub("<script>.-</script>", ""):gsub("<!%-%-.-%-%->", ""), part)
    end
    has(text, "Copyright (c) 2022 Leon Sorokin")
  end)

  it("writes digests as a policy does", function()
    -- printf 'alert(1)' | openssl dgst -sha256 -binary | openssl base64
    assert.equal("'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='", parts.policy_digest("alert(1)"))
  end)

  it("takes no text from outside as markup", function()
    local evil = "</script><script>alert('x')</script><!--<img src=x onerror=alert(1)>\"&\27[31m"
    local m = model(evil)
    m.object.excluded = { { cell = evil, reason = evil } }
    m.object.adapter, m.command, m.page_command, m.run.id, m.began = evil, evil, evil, evil, evil
    m.object.split, m.object.trust, m.object.sandbox, m.version = evil, evil, evil, evil
    for _, r in ipairs(m.records) do r.group = evil end
    local text = page.render(m)
    lacks(text, evil)
    lacks(text, "<script>alert")
    lacks(text, "<img")
    lacks(text, "\27")
    assert.equal(3, count(text, "<script"))
    has(text, "&lt;img src=x onerror=alert(1)&gt;")
    has(text, "\\u003c/script\\u003e")
    local block = text:match('id="data">(.-)</script>')
    lacks(block, "<")
    assert.equal(evil, dkjson.decode(block).arms[2].name)
  end)

  it("shows the field's own measures beside the score", function()
    local m = model("refine")
    m.object.reference = { measures = { "excess" }, lines = { "best <known>: 1.5" } }
    for i, arm in ipairs(m.object.arms) do arm.measures = { { name = "excess", mean = i / 4, ci = { 0, 1 } } } end
    local text = page.render(m)
    has(text, '<th scope="row">refine</th><td class="n">0.5000 (0.0000 to 1.0000)</td>')
    has(text, "<p class=\"soft\">best &lt;known&gt;: 1.5</p>")
  end)

  it("shows vectors side by side, and one number only by weights", function()
    local m = model("refine")
    m.object.arms[2].vector = { correct = { mean = 0.625 }, fast = { mean = 0.5, ci = { 0.25, 0.75 }, n = 2 } }
    m.object.arms[2].pareto = { rank = 2 }
    m.object.objectives = { { objective = "fast", arm = "refine", against = "sample", lift = 0.125, ci = { -0.5, 0.5 }, q = 0.25, n = 2 } }
    local text = page.render(m)
    has(text, '<td class="n">0.500 (0.250 to 0.750)</td><td class="n">-</td><td class="n">-</td><td>rank 2</td>')
    has(text, '<td>refine − sample</td><td class="n">+0.125</td>')
    assert.equal("fast", dkjson.decode(text:match('id="data">(.-)</script>')).measures[2].key)
    lacks(text, "One number by")
    m.object.weighted = { weights = { correct = 1.0, fast = 0.2 }, arms = { { name = "refine", mean = 0.5, ci = { 0, 1 }, n = 2 } } }
    has(page.render(m), "One number by the weights correct=1, fast=0.2")
  end)

  it("starts the scatter with the spend that tells the arms apart, and gives an arm one colour everywhere", function()
    local m = model("refine")
    for _, r in ipairs(m.records) do
      r.spend = { evals = r.arm == "refine" and 12 or 10, shots = r.arm == "refine" and 4 or 1 }
    end
    local text = page.render(m)
    local measures = dkjson.decode(text:match('id="data">(.-)</script>')).measures
    local chosen = text:match('<select id="scatter%-x">.-<option value="(%d+)" selected')
    assert.equal("spend_shots", measures[tonumber(chosen) + 1].key)
    assert.equal(1, count(text, '<g class="mark a0">'))
    assert.equal(2, count(text, '<g class="mark a1">')) -- its score and its contrast
    has(text, ".a1 { --mark: var(--arm1); }")
    for _, r in ipairs(m.records) do r.spend.shots = 1 end
    chosen = page.render(m):match('<select id="scatter%-x">.-<option value="(%d+)" selected')
    assert.equal("spend_evals", measures[tonumber(chosen) + 1].key)
  end)

  it("says under which rule it ran, and what differs from it", function()
    local m = model("refine")
    lacks(page.render(m), "Under the rule")
    m.object.experiment = { id = "20260131-<b>", digest = ("ab"):rep(32), control = "bh" }
    has(page.render(m), '<p class="soft">Under the rule registered as <code>20260131-&lt;b&gt;</code> (abababababab) before '
      .. "the first run; errors controlled by bh.</p>")
    m.object.experiment.mismatch = "n: registered 8 groups, ran <4>"
    has(page.render(m), '<p class="trust">Under the rule')
    has(page.render(m), "What ran is not what was registered: n: registered 8 groups, ran &lt;4&gt;.")
  end)

  it("names what was left out", function()
    local m = model("refine")
    m.object.excluded, m.counts.unfinished = { { cell = "toy/3/refine/0", reason = "job: died" } }, 4
    local text = page.render(m)
    has(text, '<tr><th scope="row">toy/3/refine/0</th><td>job: died</td></tr>')
    has(text, "4 tasks were not finished by every arm")
  end)

  it("stands without contrasts, scores, ceilings or shots", function()
    local m = model("refine")
    m.object.contrasts, m.records = {}, {}
    m.object.arms[1].score, m.object.arms[2].score.ci = {}, nil
    local text = page.render(m)
    has(text, "Nothing is compared here: no claim.")
    has(text, "No ceiling was declared, or no shot was made.")
    has(text, "<title>refine: 0.625, no interval</title>")
  end)

  it("keeps spend that was not measured apart from zero", function()
    local m = model("refine", { spend = { shots = 2 }, budget = { shots = 4 } })
    has(page.render(m), "10 (unknown in 1)")
    assert.same({ spent = 10, most = 10, cells = 2, unknown = 1 }, data.spend(data.tasks(m.records, { "sample", "refine" }), "refine", "evals"))
  end)

  describe("the numbers", function()
    local arms = { "sample", "refine" }

    it("leave out tasks that are not whole", function()
      local records = model("refine").records
      records[2].infra = true
      records[5], records[6] = record("3", "sample", 1), record("4", "other", 1)
      assert.same({ tasks = 1, unfinished = 1 }, data.counts(records, arms))
      assert.equal("2", data.tasks(records, arms)[1].task)
    end)

    it("burn down from ceilings to what was spent", function()
      local records = model("refine", { shots = { { evals = 40, shots = 1 } } }).records
      local burn = data.burn(data.tasks(records, arms), arms, "evals")
      assert.equal(2, burn.shots)
      assert.same({ arm = "sample", spent = { 0, 0.15, 0.25 }, reserved = { 1, 0.85, 0 } }, burn.curves[1])
      assert.same({ arm = "refine", spent = { 0, 0.575, 0.625 }, reserved = { 1, 0.425, 0 } }, burn.curves[2])
      records[1].budget = {}
      assert.is_nil(data.burn(data.tasks(records, arms), arms, "evals"))
      assert.is_nil(data.burn({}, arms, "evals"))
    end)

    it("order differences from win to loss", function()
      local list = data.differences(data.tasks(model("refine").records, arms), "refine", "sample")
      assert.same({ { 0.5, "1" }, { 0.0, "2" } }, { { list[1].d, list[1].task }, { list[2].d, list[2].task } })
    end)
  end)

  it("of a bench that was killed is made from the cells it left", function()
    for _, name in ipairs { "han.cli.report", "han.cli.recorder", "han.cli.show", "han.value", "han" } do
      package.loaded[name] = nil
    end
    package.loaded["han.value"], package.loaded["han"], package.loaded["han.cli.journal"] = {}, { version = "0" }, {}
    package.loaded["han.stats"].mean_ci = function() return nil end
    package.loaded["han.stats"].paired = function() return nil end
    package.loaded["han.stats"].sign = function() return nil end
    local command = require "han.cli.report"
    local records = model("refine").records
    records[1].trust, records[1].sandbox = "weak", "none"
    local run = { adapter = "toy", seed = 7, split = "dev" }
    local object = command.object_of(nil, run, records, { "sample", "refine" }, nil)
    assert.same({ "toy", 7, "dev", "weak", "none" }, { object.adapter, object.seed, object.split, object.trust, object.sandbox })
    assert.same({ "refine", 2, 1 }, { object.arms[2].name, object.arms[2].n, object.contrasts[1].wins })
    package.loaded["han.json"].decode = function(text) return { text = text } end
    local db = { content = function(_, digest) return digest == "d" and "printed" end }
    assert.same({ text = "printed" }, command.object_of(db, run, records, { "sample", "refine" }, "d"))
    for _, name in ipairs { "han.cli.report", "han.cli.recorder", "han.cli.show", "han.cli.journal", "han.value", "han" } do
      package.loaded[name] = nil
    end
  end)

  it("draws bars in their direction and names cut between characters", function()
    local text = marks.bars({ { task = "a", group = "g", a = 1, b = 0, d = 1 }, { task = "b", group = "g", a = 0, b = 0.5, d = -0.5 },
      { task = "c", group = "g", a = 0, b = 0, d = 0 } }, "t")
    has(text, '<rect class="win" x="50.00" y="10.00" width="24.00" height="50.00">')
    has(text, 'class="loss"')
    has(text, 'y="60.00" width="24.00" height="25.00"')
    has(text, 'class="tie"')
    text = marks.intervals({ { name = ("ä"):rep(40), mean = 0.5 } }, "t", false)
    has(text, ">" .. ("ä"):rep(25) .. "…<")
    assert.is_truthy(utf8.len(text))
  end)
end)
