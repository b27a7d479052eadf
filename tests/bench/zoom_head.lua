-- repair with an improve plan that can tell a head from none: every train group shows its runs to the learner, one
-- candidate (the head that was trained on them) goes to dev, and the gate has all its groups with four tasks each.
--   han improve tests/bench/zoom_head.lua --what profile --strategy zoom --rounds 1 --n 1 --candidates 1 --set upto=2 \
--     --budget shots=14,evals=500,tokens=8000 --seed 900300
local han = require "han"
local registry = require "han.registry"

local fields = {}
for name, value in pairs(assert(registry.load("adapter", "repair"))) do fields[name] = value end
fields.improve = { what = "profile", rounds = 1, strategy = "zoom", candidates = 1, has = fields.improve.has,
  learn = { groups = 16, per = 4 }, dev = { groups = 8, per = 2 }, gate = { groups = 18, per = 4 },
  score = { groups = 1, per = 1 } }

return han.adapter(fields)
