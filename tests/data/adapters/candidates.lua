-- A family for the specs of the author's pipeline: each task is a candidate program, and its worker, in the harness
-- of a job, sends it through the pipeline with the real evaluator and the real runner. What comes out is the
-- artifact, as JSON. `--set file=FILE`: a Lua file that returns { what=, champion=, game=, list = { texts } }.
local han = require "han"
local json = require "han.json"
local pipeline = require "han.author.pipeline"

local function tasks(_, n, _, options)
  local text = assert(require("han.sys").read_file(options.file, 1 << 20))
  local given, list = assert(load(text, "=candidates", "t", {}))(), {}
  for i = 1, math.min(n, #given.list) do
    list[i] = { id = ("c%d"):format(i), group = ("c%d"):format(i), private = {}, meta = {},
      public = { artifact = given.list[i], what = given.what, champion = given.champion, game = given.game } }
  end
  return list
end

local function pass(ctx)
  local public = ctx.public
  local p = pipeline.new { what = public.what, champion = public.champion, game = public.game, eval = ctx.eval }
  return json.encode(p:check(ctx.artifact))
end

local function fine() return { pass = true, correct = 1.0, raw = {} } end

return han.adapter {
  name = "candidates",
  tasks = tasks,
  worker = { backend = "pipeline", name = "pipeline", limits = { shots = 1 } },
  backends = { pipeline = pass },
  budget = { shots = 1 },
  verify = han.check { kind = "verifier", spec = {}, run = fine },
  judge = han.check { kind = "judge", spec = {}, run = fine },
}
