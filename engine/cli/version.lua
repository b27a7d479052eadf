--- han version: which han this is.

local han = require "han"

local M = { name = "version", summary = "Which han this is.", examples = { "han version --json" } }

function M.options() end

function M.run(_, ui)
  ui:object { schema = 1, version = han.version, lua = _VERSION }
  ui:out("han %s (%s)", han.version, _VERSION)
  return 0
end

return M
