-- usage: han bench tests/bench/author.lua --arms sample --n 1 --set part=pipeline|evals,count=N, then
--   han corpus query "SELECT content(output) ..." (tools/bench.sh row author). A family whose worker measures authors:
-- "pipeline": candidate strategies through parse, lint, audit and dry run, a minute; "evals": decision programs
-- proposed, evaluated each in a process of its own, and learnt from, a second, with the first and the last thousand.
local han = require "han"
local author = require "han.author"
local eval = require "han.eval"
local parts = require "han.author.parts"
local pipeline = require "han.author.pipeline"
local sys = require "han.sys"

local GAME = { params = { "item", "before", "after" }, constant = 100 }
local CHAMPION = parts.compose { steer = "lens", topology = "best", stop = "never", act = "serial" }

local function rate(n, seconds) return math.floor(n / seconds) end

local parts_of = {}

function parts_of.pipeline(ctx, count)
  local a = author.new { what = "strategy", backend = "search", random = ctx.random }
  local p = pipeline.new { what = "strategy", champion = CHAMPION }
  local started, passed, n = sys.mono(), 0, 0
  while n < count do
    local list = a:propose({ champion = { text = CHAMPION } }, math.min(20, count - n))
    local good, bad = p:filter(list)
    local outcomes = {}
    for i, one in ipairs(good) do
      outcomes[i] = { candidate = one.digest, value = ctx.random(), behaviour = one.behaviour }
    end
    for _, one in ipairs(bad) do outcomes[#outcomes + 1] = { candidate = one.digest, refused = one.refused } end
    a:learn(outcomes)
    n, passed = n + #list, passed + #good
  end
  return ("rate=%d passed=%d of=%d"):format(rate(60 * n, sys.mono() - started), passed, n)
end

-- How far a program is from a table of wanted numbers, in a process of its own.
local function measured(text)
  local calls = {}
  for i = 1, 16 do calls[i] = { fn = "f", args = { i + 0.0, 3.0 * i, 2.0 * i } } end
  local result = assert(eval.lua { code = "return { f = " .. text .. "\n}", name = "candidate", calls = calls,
    limits = { instructions = 20000 } })
  local sum = 0.0
  for i, row in ipairs(result.calls) do
    if not row.ok then return { refused = row.class } end
    sum = sum + math.abs(row.values[1] - (i > 7 and 100 - i or i * i))
  end
  return { value = sum / 16, behaviour = { trait = math.min(0.99, sum / 1e4) } }
end

function parts_of.evals(ctx, count)
  local a = author.new { what = "artifact", backend = "search", random = ctx.random }
  local marks, n = { [0] = sys.mono() }, 0
  local result = assert(a:evolve { input = { game = GAME }, evals = count, batch = 20, evaluate = function(texts)
    local rows = {}
    for i, text in ipairs(texts) do
      rows[i] = measured(text)
      n = n + 1
      if n % 1000 == 0 then marks[n // 1000] = sys.mono() end
    end
    return rows
  end })
  local k = #marks
  return ("rate=%d first=%d last=%d evals=%d best=%g"):format(rate(n, sys.mono() - marks[0]),
    rate(1000, marks[1] - marks[0]), rate(1000, marks[k] - marks[k - 1]), result.evals, result.best[1].value)
end

local function fine() return { pass = true, correct = 1.0, raw = {} } end

return han.adapter {
  name = "author_rate",
  tasks = function(_, _, _, options)
    return { { id = "t", group = "t", private = {}, meta = {},
      public = { artifact = "", part = options.part, count = math.tointeger(tonumber(options.count)) } } }
  end,
  worker = { backend = "rate", name = "rate", limits = { shots = 1 } },
  backends = { rate = function(ctx) return parts_of[ctx.public.part](ctx, ctx.public.count) end },
  budget = { shots = 1 },
  verify = han.check { kind = "verifier", spec = {}, run = fine },
  judge = han.check { kind = "judge", spec = {}, run = fine },
}
