-- The rule under which zoom is to be compared on held-out tasks of repair (not run yet):
--   han bench repair --split final --line zoom --experiment tests/bench/zoom_final.lua --seed 20261121 --n 200 \
--     --arms sample,flat,zoom_uniform,zoom_local_first,zoom --set upto=2 --jobs 2 \
--     --budget shots=14,evals=250,tokens=4000
-- luacheck: no max line length
-- What is asked: zoom against flat, zoom_uniform, zoom_local_first (and sample), score and solved, one family of eight
-- under Benjamini-Hochberg (`han show RUN --zoom --against zoom`).
-- The head of zoom is that of scripts/strategies/zoom.lua, learnt on train tasks.
local han = require "han"

return han.experiment {
  primary = "correct", arms = { "sample", "flat", "zoom_uniform", "zoom_local_first", "zoom" }, family = 4, alpha = 0.05,
  n = 20, holdout = "final", control = "bh", adapter = "repair", line = "zoom", seed = 20261121, threshold = 0,
  budget = { shots = 14, evals = 250, tokens = 4000 },
}
