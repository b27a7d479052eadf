--- han rollback: makes the champion before the champion of its line again.

local args = require "han.cli.args"
local champion = require "han.cli.champion"
local problem = require "han.cli.problem"

local M = {
  name = "rollback",
  summary = "Make the champion before the champion of a line again.",
  about = "Make the champion before the champion of a line again, or with --to one that was champion earlier. Nothing "
    .. "is deleted: the rollback is one more entry in the line's history, and another rollback goes back one further.",
  examples = { "han rollback binpack/uniform", "han rollback binpack/uniform --to 3fa91c04d2e7 --reason 'slower'" },
}

function M.options(parser)
  parser:argument("line", "A line, as han lineage lists them."):argname("LINE")
  parser:option("--to", "A former champion's digest or the beginning of one."):argname("DIGEST")
  parser:option("--reason", "Written beside it."):argname("TEXT")
  args.db(parser)
end

-- The champions that stand: what a rollback took back is not gone back to.
local function history(db, line)
  local stack = {}
  for _, row in ipairs(problem.check(db:query("SELECT lower(hex(digest)) AS digest, digest AS content, kind, how "
    .. "FROM champion WHERE line = ?1 ORDER BY id", { line }))) do
    if row.how == "rolled-back" then
      while #stack > 1 and stack[#stack].digest ~= row.digest do stack[#stack] = nil end
    else
      stack[#stack + 1] = row
    end
  end
  return stack
end

local function target(stack, options)
  if #stack == 0 then problem.raise("UNKNOWN", ("line %s has no champion"):format(options.line)) end
  if not options.to then
    if #stack == 1 then problem.raise("REFUSED", ("%s has no champion before this one"):format(options.line)) end
    return stack[#stack - 1]
  end
  for i = #stack - 1, 1, -1 do
    if stack[i].digest:sub(1, #options.to) == options.to:lower() then return stack[i] end
  end
  problem.raise("UNKNOWN", ("%s was not champion of %s before"):format(options.to, options.line))
end

function M.run(options, ui)
  local digest, before = champion.set(options, ui, "rolled-back", options.reason or "rolled back by hand",
    function(db) return target(history(db, options.line), options) end)
  ui:out("%s: the champion is %s again, it was %s", ui.safe(options.line), digest:sub(1, 12), before:sub(1, 12))
  return 0
end

return M
