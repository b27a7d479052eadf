--- The sandbox level that a command was given, in force from here on: refused where this machine has not got it, and
-- said aloud when it is none.

local eval = require "han.eval"
local problem = require "han.cli.problem"

local M = {}

--- Refuses a level that there is not. What commands need beside it is told when the first is started.
function M.set(level) problem.check(eval.sandbox(level)) end

--- Warns of none. who: what is behind it, as in "candidate code runs".
function M.warn(level, who, ui)
  if level ~= "none" then return end
  ui:note("%s", ui:paint_note("yellow", ("warning: sandbox none: %s as this user behind limits and a filter only, and "
    .. "no gate accepts what it gives"):format(who)))
end

return M
