-- The sandbox level through the commands: strong unless another is named, in force in every verdict, never stepped
-- down from, and what a gate needs to promote.

local json = require "dkjson"
local fakes = dofile "tests/lua/support/fakes.lua"
local cli = dofile "tests/lua/support/cli.lua"

local it_runs = cli.needs_program(it, pending)
local root = fakes.shell("pwd"):gsub("\n", "")
local split = root .. "/tests/data/adapters/split.lua"
local hint = root .. "/tests/data/strategies/hint.lua"
local required = { "kernel", "close_range", "seccomp", "bubblewrap", "uid-drop", "user-namespaces", "pid-namespaces",
  "ipc-namespaces", "mount-namespaces", "net-namespaces", "uts-namespaces" }

-- Whether boxes of that level work here; asked of the program itself.
local function works(level)
  local r = cli.run("/tmp", "doctor --sandbox " .. level)
  if r.status ~= 0 then io.stderr:write(("NOT TESTED: %s"):format(r.err)) end
  return r.status == 0
end

local has_strong = cli.is_built and works "strong"
local has_landlock = cli.is_built and works "landlock"
local function it_at(available, level)
  if available then return it_runs end
  return function(name) return pending(("%s (no sandbox of level %s here)"):format(name, level)) end
end
local it_boxed, it_landlocked = it_at(has_strong, "strong"), it_at(has_landlock, "landlock")

describe("the sandbox level", function()
  local folder

  before_each(function() folder = fakes.shell("mktemp -d"):gsub("\n", "") end)
  after_each(function() os.execute("rm -rf " .. folder) end)

  local function exists(name)
    local file = io.open(folder .. "/" .. name)
    if file then file:close() end
    return file ~= nil
  end

  local function query(sql)
    return json.decode(cli.run(folder, ("corpus query --json %q"):format(sql)).out).rows
  end

  it_boxed("is strong when nobody names one, and stands in every verdict", function()
    local r = cli.run(folder, "bench repair --arms sample --n 1 --budget shots=1,evals=30 --json --quiet",
      { before = "env -u HAN_SANDBOX" })
    assert.equal(0, r.status, r.err)
    assert.equal("strong", json.decode(r.out).sandbox)
    assert.is_nil(r.err:find("warning: sandbox", 1, true))
    assert.same({ { sandbox = "strong", n = 2 } }, query "select sandbox, count(*) n from cell group by sandbox")
  end)

  it_boxed("strong is what a gate promotes with, from the first cell to the exit status", function()
    local words = ("gate %s --against hand_in --adapter %s --groups 12 --n 30 --json --quiet"):format(hint, split)
    local r = cli.run(folder, words, { before = "env -u HAN_SANDBOX" })
    local object = json.decode(r.out)
    assert.equal("promote", object.decision, r.out .. r.err)
    assert.equal(0, r.status)
    assert.is_true(object.lift > 0.2 and object.ci[1] > 0, r.out)
    assert.same({ { sandbox = "strong", split = "gate", n = 24 } },
      query "select sandbox, split, count(*) n from cell group by 1, 2")
    -- the same two the other way round: never
    words = ("gate hand_in --against %s --adapter %s --groups 12 --n 60 --json --quiet"):format(hint, split)
    r = cli.run(folder, words)
    assert.equal(1, r.status)
    assert.equal("hold", json.decode(r.out).decision, r.out)
  end)

  it_runs("none is said aloud, recorded, and refused by a gate before anything is spent", function()
    for before, option in pairs { ["env HAN_SANDBOX=none"] = "", ["env HAN_SANDBOX=strong"] = "--sandbox none" } do
      local r = cli.run(folder, ("bench %s --arms hand_in --n 1 --json --quiet %s"):format(split, option),
        { before = before })
      assert.equal(0, r.status, r.err)
      assert.truthy(r.err:find("warning: sandbox none", 1, true), r.err)
      assert.equal("none", json.decode(r.out).sandbox)
      r = cli.run(folder, ("gate %s --against hand_in --adapter %s --groups 12 --n 30 --json --quiet %s"):format(hint,
        split, option), { before = before })
      assert.equal(1, r.status, r.err)
      assert.equal("refused", json.decode(r.out).decision)
      assert.truthy(json.decode(r.out).reason:find("sandbox none", 1, true), r.out)
    end
    assert.same({ { sandbox = "none" } }, query "select distinct sandbox from cell")
    assert.same({ { n = 0 } }, query "select count(*) n from holdout_spend")
  end)

  -- The family split with another text in a place of its file.
  local function family(from, to)
    local text = fakes.sys.read_file(split)
    local at, stop = text:find(from, 1, true)
    assert(at and fakes.sys.write_file(folder .. "/family.lua", text:sub(1, at - 1) .. to .. text:sub(stop + 1)))
  end
  local judged = "return score(artifact, private.target)"
  local function judge(with) family(judged, "local s = score(artifact, private.target) " .. with .. " return s") end

  it_runs("a verdict keeps the weaker of what its check says and what the family is", function()
    local function seen(words)
      os.execute("rm -f " .. folder .. "/han.db*")
      local r = cli.run(folder, "bench ./family.lua --arms hand_in --n 1 --json --quiet " .. (words or ""))
      assert.equal(0, r.status, r.err)
      local object = json.decode(r.out)
      local rows = query "select distinct trust, sandbox from cell"
      assert.same({ { trust = object.trust, sandbox = object.sandbox } }, rows)
      return object.trust, object.sandbox
    end
    local _, level = (function() judge "" return seen() end)()
    judge "s.trust = 'weak'"
    assert.same({ "weak", level }, { seen() })
    judge "s.sandbox = 'none'"
    assert.same({ "split", "none" }, { seen() })
    judge "s.trust, s.sandbox = 'perfect', 'titanium'" -- unknown words are no better than the weakest
    assert.same({ "weak", "none" }, { seen() })
    judge "s.trust, s.sandbox = 'split', 'strong'"      -- and none makes it stronger
    assert.same({ "split", level }, { seen() })
    assert.same({ "split", "none" }, { seen "--sandbox none" })
    family('name = "split",', 'name = "split", trust = "weak",')
    assert.same({ "weak", level }, { seen() })
    family("return score(artifact, public.hint)", "local v = score(artifact, public.hint) v.trust = 'weak' return v")
    assert.same({ "weak", level }, { seen() })          -- a verdict chose what the judge was shown
  end)

  it_boxed("no gate takes what was made with trust weak", function()
    local words = ("gate %s --against hand_in --adapter ./family.lua --groups 12 --n 30 --json --quiet"):format(hint)
    family('name = "split",', 'name = "split", trust = "weak",')
    local r = cli.run(folder, words)
    local object = json.decode(r.out)
    assert.same({ 1, "refused" }, { r.status, object.decision })
    assert.matches("trust weak; only verdicts made in another process count. Nothing was spent", object.reason, 1, true)
    assert.same({ { n = 0 } }, query "select count(*) n from cell")
    judge "s.trust = 'weak'" -- here it shows when the first cell is judged
    r = cli.run(folder, words)
    object = json.decode(r.out)
    assert.same({ 1, "refused" }, { r.status, object.decision })
    assert.matches("was judged with trust weak", object.reason, 1, true)
  end)

  it_landlocked("landlock is in force when it is named", function()
    local r = cli.run(folder, "bench repair --arms sample --n 1 --budget shots=1,evals=30 --json --quiet "
      .. "--sandbox landlock")
    assert.equal(0, r.status, r.err)
    assert.equal("landlock", json.decode(r.out).sandbox)
    assert.same({ { sandbox = "landlock" } }, query "select distinct sandbox from cell")
  end)

  it_runs("a machine that lacks something for it is told what, with status 78 and nothing stored", function()
    local commands = { "bench " .. split .. " --arms hand_in --n 1 --quiet", "bench repair --screen --n 1 --quiet",
      ("gate %s --against hand_in --adapter %s --quiet"):format(hint, split),
      ("script %s --adapter %s --quiet"):format(hint, split), "doctor --sandbox strong" }
    for i, name in ipairs(required) do
      local command = commands[(i - 1) % #commands + 1]
      local r = cli.run(folder, command, { before = "env -u HAN_SANDBOX HAN_PROBE_FAIL=" .. name })
      assert.equal(78, r.status, name .. ": " .. r.err)
      assert.equal("", r.out)
      assert.truthy(r.err:find("^han: no sandbox of level strong here: [^\n]+; [^\n]+\n$"), r.err)
      if has_strong then assert.truthy(r.err:find(": " .. name .. ": ", 1, true), r.err) end
      assert.is_false(exists "han.db")
    end
  end)

  it_runs("a level that there is none of is a usage error", function()
    for before, words in pairs { ["env"] = "--sandbox weak", ["env HAN_SANDBOX=Strong"] = "" } do
      local r = cli.run(folder, ("bench %s --arms hand_in --n 1 %s"):format(split, words), { before = before })
      assert.equal(2, r.status)
      assert.truthy(r.err:find("strong, landlock or none", 1, true), r.err)
    end
    assert.equal(2, cli.run(folder, "doctor --sandbox weak").status)
  end)
end)

describe("han doctor", function()
  it_boxed("proves the level with a canary, and shows what it needs", function()
    local r = cli.run("/tmp", "doctor --json")
    assert.equal(0, r.status, r.out)
    local rows = {}
    for _, row in ipairs(json.decode(r.out).rows) do rows[row.name] = row end
    for _, name in ipairs(required) do assert.equal("ok", rows[name].state, name) end
    assert.truthy(rows.sandbox.text:find("^strong: "), rows.sandbox.text)
  end)

  it_runs("says what is missing and how to mend it", function()
    for _, name in ipairs(required) do
      local r = cli.run("/tmp", "doctor --json", { before = "env HAN_PROBE_FAIL=" .. name })
      assert.equal(78, r.status)
      local rows = {}
      for _, row in ipairs(json.decode(r.out).rows) do rows[row.name] = row end
      assert.equal("missing", rows[name].state)
      assert.truthy(#rows[name].fix > 0)
      assert.equal("missing", rows.sandbox.state)
    end
  end)
end)
