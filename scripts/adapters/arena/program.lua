-- What an artifact may be: one Lua function expression of a view and a memory. It has no upvalues, and its globals are
-- frozen, so that a unit knows what it sees and what it remembered, and nothing of the others or of the match.
local syntax = require "han.syntax"

local M = {}

M.MAX_BYTES = 16384
M.GLOBALS = { "error", "ipairs", "math", "next", "pairs", "select", "string", "table", "tonumber", "tostring", "type",
  "utf8" }
local ALLOWED = {}
for _, name in ipairs(M.GLOBALS) do ALLOWED[name] = true end

--- Whether a text is a bot: true, or nil, message.
function M.check(text)
  if type(text) ~= "string" then return nil, "the bot is no text" end
  if #text > M.MAX_BYTES then return nil, ("the bot is longer than %d bytes"):format(M.MAX_BYTES) end
  local tree, why = syntax.parse_expression(text, "bot")
  if not tree then return nil, why end
  local root = tree.root
  if root.kind ~= "function" then return nil, "the bot is not one function expression" end
  if root.vararg or #root.params > 2 then return nil, "a bot takes a view and a memory" end
  for _, entry in ipairs(syntax.globals(tree)) do
    if not ALLOWED[entry.name] then return nil, ("the bot uses the global %s, which it has not"):format(entry.name) end
    if entry.writes > 0 then return nil, ("the bot writes the global %s"):format(entry.name) end
  end
  return true
end

return M
