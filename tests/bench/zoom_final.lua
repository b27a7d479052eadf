-- The rule under which zoom is compared on held-out tasks of repair (docs/zoom.md), at difficulties 1 and 2 in turn,
-- ten tasks of each of the 20 programs of final:
--   han bench repair --split final --line zoom --experiment tests/bench/zoom_final.lua --seed 20261121 --n 200 \
--     --arms sample,flat,zoom_uniform,zoom_local_first,zoom --set upto=2 --budget shots=14,evals=500,tokens=8000
--   han show RUN --zoom --against zoom
-- What is asked: zoom against flat, zoom_uniform, zoom_local_first and sample, score and solved: one family of eight
-- under Benjamini-Hochberg, which the second command prints; beside it the calls that re-tests made and those of full
-- ones.
-- zoom draws as the head of the worker's profile says; there is none (docs/zoom.md), so it draws as zoom_uniform does.
local han = require "han"

return han.experiment {
  primary = "correct", arms = { "sample", "flat", "zoom_uniform", "zoom_local_first", "zoom" }, family = 4,
  alpha = 0.05, n = 20, holdout = "final", control = "bh", adapter = "repair", line = "zoom", seed = 20261121,
  threshold = 0, budget = { shots = 14, evals = 500, tokens = 8000 },
}
