-- The C host of examples/arena: it plays by the rules of the family (scripts/adapters/arena), and no bot stops it.
local fakes = dofile "tests/lua/support/fakes.lua"
local random = require "tests.lua.support.random_local"
local expression = require "han.worker.expression"
local json = require "dkjson"

local dir = require("tests.lua.support.dir_loader").new "scripts/adapters/arena"
local rules, play, bots, levels, matches = dir "rules", dir "play", dir "bots", dir "levels", dir "matches"
local host = (os.getenv "HAN_BUILD" or "build") .. "/examples/arena"
local full = os.getenv "HAN_FULL" == "1"

local folder, remove

local function file(name, text)
  local path = folder .. "/" .. name
  fakes.sys.write_file(path, text)
  return path
end

-- Runs the host: its lines of JSON decoded, its status, what it said.
local function arena(words, seconds)
  local out, err = folder .. "/out", folder .. "/err"
  local _, _, status = os.execute(("timeout -s KILL %d %s %s > %s 2> %s < /dev/null"):format(seconds or 60, host, words,
    out, err))
  local lines = {}
  for line in fakes.sys.read_file(out):gmatch("[^\n]+") do lines[#lines + 1] = json.decode(line) or line end
  return lines, status, fakes.sys.read_file(err)
end

local hunter = "--against examples/arena/bots/hunter.lua"

describe("the C host of the arena", function()
  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  it("plays every match as the rules of the family do", function()
    local roll = random.new "host"
    local texts = { bots.BASELINES.hunter, bots.BASELINES.idle }
    for _, name in ipairs { "hunter", "runner" } do
      texts[#texts + 1] = fakes.sys.read_file("examples/arena/bots/" .. name .. ".lua")
    end
    for _ = 1, full and 100 or 4 do
      local tree = expression.grow({ params = bots.PARAMS, constant = 20 }, "num", 4, roll)
      texts[#texts + 1] = expression.print(tree, bots.PARAMS, bots.FRAME)
    end
    local played = 0
    for i, text in ipairs(texts) do
      local level = levels.draw(levels.ORDER[i % 3 + 1], roll)
      local bot = assert(load(text:match "^function" and "return " .. text or text, "=bot"))()
      local fine, world, log = pcall(play.literal, level, matches.hunter, bot)
      if fine then -- a bot that fails has no match in the family; the host's goes on without it
        local words = "--headless --matches 1 --level %s --bot %s %s"
        local list, status, err = arena(words:format(file("level", level), file("bot.lua", text), hunter))
        assert.equal(0, status, err)
        local ours, theirs = rules.strength(world)
        local got = list[1]
        assert.is_true(math.abs(rules.score(world) - got.score) < 1e-6)
        got.score = nil
        assert.same({ ticks = world.tick, ours = ours, theirs = theirs, violations = world.violations, log = log }, got,
          text)
        played = played + 1
      end
    end
    assert.is_true(played >= 3 + (full and 50 or 1))
  end)

  it("gives the same matches to the same seed, whatever goes on beside them", function()
    local alone = arena("--headless --matches 4 --seed 7 --bot examples/arena/bots/runner.lua " .. hunter)
    local again = arena("--headless --matches 4 --seed 7 --bot examples/arena/bots/runner.lua " .. hunter)
    assert.equal(4, #alone)
    assert.same(alone, again)
    local beside = arena("--headless --arenas 4 --matches 4 --seed 7 --bot examples/arena/bots/runner.lua " .. hunter)
    assert.equal(4, #beside)
  end)

  it("lets a bot live as long as its host ticks", function()
    -- a run that receives nothing ends before these 480 ticks do
    local busy = file("bot.lua", "return function(view, memory)\n  for i = 1, 8000 do memory.n = i end\n"
      .. "  return 'wait', memory\nend")
    local got, status, err = arena(("--headless --matches 8 --seed 3 --bot %s %s"):format(busy, hunter))
    assert.equal(0, status, err)
    assert.equal(8, #got)
    assert.equal("", err)
  end)

  local bad = {
    { "raises", "function(view, memory)\n  return view.nothing.here\nend", "SCRIPT", "bot.lua:2" },
    { "never ends", "function(view, memory)\n  while true do end\nend", "LIMIT", "bot.lua:2" },
    { "takes all memory", "function(view, memory)\n  local t = {}\n  while true do t[#t + 1] = {} end\nend", "LIMIT",
      "" },
    { "is no function", "return 42", "SCRIPT", "" },
    { "gives nonsense", "function(view, memory) return 99, 'x' end" },
  }
  for _, case in ipairs(bad) do
    it("goes on beside a bot that " .. case[1], function()
      local got, status, err = arena(("--headless --matches 2 --bot %s %s"):format(file("bot.lua", case[2]), hunter))
      assert.equal(0, status, err)
      assert.equal(2, #got)
      assert.matches("^5+$", got[1].log)
      local _, told = err:gsub("is out: " .. (case[3] or "none") .. "[^\n]*" .. (case[4] or ""), "")
      assert.equal(case[3] and 3 or 0, told, err)
    end)
  end

  it("draws a frame for each tick, and waits for nobody", function()
    local slow = file("bot.lua", "return function()\n  for i = 1, 300000 do local t = {} end\n  return 'east', {}\nend")
    local _, status, err = arena(("--rate 1000 --matches 1 --bot %s %s"):format(slow, hunter))
    assert.equal(0, status, err)
    local text = fakes.sys.read_file(folder .. "/out")
    local _, frames = text:gsub("tick [ %d]%d ", "")
    local last = tonumber(text:match(".*late (%d+)"))
    assert.is_true(frames >= 1 and frames <= rules.TICKS)
    assert.is_true(last > 0, text:sub(-60))
  end)

  it("says what is wrong with its arguments", function()
    local wrong = { ["--level " .. file("short", "...\n")] = "no level",
      ["--bot /nowhere.lua"] = "cannot read /nowhere.lua",
      ["--arenas 0"] = "usage", ["--bench x"] = "usage", ["--seed"] = "usage",
      ["--headless --bot " .. file("syntax.lua", "function(")] = "syntax.lua:" }
    for words, message in pairs(wrong) do
      local _, status, err = arena(words)
      assert.is_true(status == 1 or status == 2, words)
      assert.is_truthy(err:find(message, 1, true), words .. ": " .. err)
    end
  end)
end)
