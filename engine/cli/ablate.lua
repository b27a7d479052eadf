--- han ablate: which level of learning helps, alone and together: steering within a run, what was learnt across rounds,
-- and an author that learns its own ways.

local ablate = require "han.ablate"
local improve = require "han.cli.improve"
local print_of = require "han.cli.ablate_print"

local M = {
  name = "ablate",
  summary = "Switch the levels of learning on and off and measure each, alone and together.",
  about = "Switch the levels of learning on and off and measure each, alone and together, on the same fresh tasks "
    .. "under the same budget: within (steered in flight, or blind attempts), cross (what was learnt across rounds, or "
    .. "what it began with) and meta (an author that learned its own operators and parameters, or one that did not). "
    .. "Every contrast is corrected over the grid (Benjamini-Hochberg). Exit status 0 when it ran, whatever came out.",
  examples = {
    "han ablate binpack",
    "han ablate binpack --rounds 2 --n 12 --seed 7 --jobs 2 -o ablate.html",
    "han ablate repair --what strategy --json",
  },
}

function M.options(parser)
  improve.declare(parser, { rounds = "Rounds of learning before the grid is measured (default the adapter's).",
    n = "Groups on which the grid is measured, a line (default the adapter's).",
    candidates = "Candidates a round, line and author (default the adapter's).",
    strategy = "The controller that learning runs with (default the adapter's).",
    budget = "Ceiling of one cell of the grid, as for bench.",
    db = "Where every attempt, candidate and author is stored." })
end

local OWN = { kind = "ablate", plan = ablate.plan, fault = ablate.fault, run = ablate.run, print = print_of }

function M.run(options, ui) return improve.experiment(OWN, options, ui) end

--- See han.cli.improve.
function M.resume(db, found, options, ui) return improve.resume(db, found, options, ui, OWN) end

return M
