-- A family for the specs of the author's pipeline: each task is a candidate program, and the verifier, in the
-- harness of a job, sends it through the pipeline with the real evaluator and the real runner. What comes
-- out stands in the verdict. `--set file=FILE`: a Lua file that returns { what=, champion=, game=, list = { texts } }.
local han = require "han"
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

local function verify(artifact, public)
  local p = pipeline.new { what = public.what, champion = public.champion, game = public.game }
  local result = p:check(artifact)
  return { pass = true, correct = result.ok and 1.0 or 0.0, raw = { result = result } }
end

return han.adapter {
  name = "candidates",
  tasks = tasks,
  worker = { backend = "none", name = "none", limits = { shots = 1 } },
  backends = { none = function(ctx) return ctx.artifact end },
  budget = { shots = 1 },
  verify = han.check { kind = "verifier", spec = {}, run = verify },
  judge = han.check { kind = "judge", spec = {}, run = function() return { pass = true, correct = 1.0, raw = {} } end },
}
