--- han lint: what is wrong with a script, found without running it.

local han = require "han"
local lint = require "han.lint"
local problem = require "han.cli.problem"
local sys = require "han.sys"

local M = {
  name = "lint",
  summary = "Find mistakes in a script without running it.",
  about = "Find mistakes in a script without running it: syntax, names that are not there, assignments to globals, "
    .. "missing or misspelt fields, verbs that a scope does not have.",
  examples = { "han lint mine.lua" },
}

function M.options(parser)
  parser:argument("file", "The script."):argname("FILE"):args("+")
end

function M.run(options, ui)
  local found, all = 0, {}
  for _, path in ipairs(options.file) do
    local text = problem.check(sys.read_file(path, 4 << 20))
    local list, why, code = lint.check(text, path)
    if not list then problem.raise(code, why) end
    for _, one in ipairs(list) do
      found = found + 1
      all[#all + 1] = { file = path, line = one.line, column = one.column, message = one.message }
      ui:out("%s:%d:%d: %s", ui.safe(path), one.line, one.column, ui.safe(one.message))
    end
  end
  if found == 0 then ui:out("%d file%s, nothing found", #options.file, #options.file == 1 and "" or "s") end
  ui:object { schema = 1, findings = require("han.json").array(all), version = han.version }
  return found == 0 and 0 or 1
end

return M
