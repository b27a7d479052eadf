--- han holdout: what is left of the held-out groups, by adapter and line of candidates.

local args = require "han.cli.args"
local json = require "han.json"
local ledger = require "han.ledger"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"

local M = {
  name = "holdout",
  summary = "What is left of the held-out tasks.",
  about = "What is left of the held-out groups, by adapter and line of candidates. A group is looked at once a line; "
    .. "the final split once altogether. Known are the groups of tasks that were made so far.",
  examples = { "han holdout", "han holdout --db runs.db --json" },
}

function M.options(parser)
  args.db(parser)
end

function M.run(options, ui)
  local db = recorder.open_to_read(options.db)
  local rows = problem.check(ledger.holdout(db))
  db:close()
  for _, row in ipairs(rows) do json.array(row.lines) end
  ui:object { schema = 1, holdout = json.array(rows) }
  if #rows == 0 then ui:out("no held-out group was made yet; han gate makes and spends them") end
  local printed = { { "adapter", "split", "groups", "line", "looks", "spent", "left" } }
  for _, row in ipairs(rows) do
    local start = { ui.safe(row.adapter), row.split, tostring(row.groups) }
    if #row.lines == 0 then printed[#printed + 1] = { start[1], start[2], start[3], "-", "0", "0", start[3] } end
    for _, line in ipairs(row.lines) do
      printed[#printed + 1] = { start[1], start[2], start[3], ui.safe(line.line), tostring(line.spends),
        tostring(line.spent), tostring(line.left) }
    end
  end
  if #rows > 0 then ui:table(printed, { [3] = true, [5] = true, [6] = true, [7] = true }) end
  return 0
end

return M
