-- usage: lua5.4 tests/lua/support/check_programs.lua [PROGRAM...]   (from the project's root)
-- Prints what is wrong with base programs, one line each, and the size and cost of every one.
local eval = require "tests.lua.support.eval_local"
local value = require "tests.lua.support.value_local"
local random = require "tests.lua.support.random_local"
local dir = require("tests.lua.support.dir_loader").new "scripts/adapters/repair"
local catalog, draw = dir "catalog", dir "draw"

local bad = 0
for _, name in ipairs(#arg > 0 and arg or catalog.names(dir)) do
  local program = catalog.load(dir, name)
  for seed = 1, 3 do
    for _, problem in ipairs(catalog.problems(program, draw, random.options(seed).stream, eval.lua, value.equal)) do
      print(problem)
      bad = bad + 1
    end
  end
  local calls = catalog.hidden_calls(program, draw, random.options(1).stream, eval.lua)
  local errors, most = 0, 0
  for _, call in ipairs(calls) do
    if call.want_error then errors = errors + 1 end
    most = math.max(most, call.reference)
  end
  local _, lines = program.source:gsub("\n", "")
  print(("%-14s %3d lines %d functions %3d public %3d hidden (%d errors), dearest call %d"):format(name, lines,
    #program.blocks, #catalog.public_calls(program), #calls, errors, most))
end
os.exit(bad == 0 and 0 or 1)
