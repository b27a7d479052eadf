--- han: the module that scripts require.
-- It owns no behaviour of its own: it names the constructors of what a script file may return. All of
-- it is pure, so it is the same in a run (strategies) and in the harness (adapters, checks, commands).
--
--   han.strategy { name=, intent=, params=, act= }     see han.strategy
--   han.adapter { name=, tasks=, worker=, ... }        see han.adapter
--   han.check { kind=, spec=, run= }                   see han.check
--   han.experiment { primary=, arms=, n=, ... }        see han.experiment
--   han.finding { origin=, lens=, text=, ... }         see han.finding
--   han.kind(value) -> "strategy" | "adapter" | "check" | "experiment" | nil: what a constructor made it
--   han.version

local shape = require "han.shape"

local M = {
  version = "0.1.0",
  strategy = require("han.strategy").new,
  adapter = require("han.adapter").new,
  check = require("han.check").new,
  experiment = require("han.experiment").new,
  finding = require("han.finding").new,
  kind = shape.kind,
}

return M
